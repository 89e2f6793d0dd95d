/* ---- selftest_admin: who may administer whom, and whether anybody rises -----
 *
 * As selftest.sql: answers written by hand, no ambit anywhere.
 */

BEGIN;
SET LOCAL from_collapse_limit = 1;
SET LOCAL join_collapse_limit = 1;

CREATE TEMP TABLE verdict (n integer GENERATED ALWAYS AS IDENTITY, name text, expected text, got text);

CREATE FUNCTION pg_temp.expect(name text, expected text, got text) RETURNS void
	LANGUAGE sql AS $$ INSERT INTO verdict (name, expected, got) VALUES ($1, $2, $3) $$;

/* What the call of a member says.  kept: it stays done; else it is taken back.
 * ' but somebody rises', ' and nobody would': what counting says, for a call
 * that is allowed, and for one that is refused though the model takes it. */
CREATE FUNCTION pg_temp.may(caller text, c ref.call, channel text = NULL, kept boolean = false, home text = 'one') RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	held ref.claim[] := ref.claims(ref.everybody(home));
	tree ref.pair[] := ref.tree(home);
	teams ref.pair[] := ref.teams(home);
	v record;
	rose boolean;
BEGIN
	BEGIN
		SELECT * INTO v FROM ref.judge(c, home, caller, channel, held);
		IF v.outcome = '42501' AND v.other IS NULL AND ref.apply(c) LIKE 'ok%' THEN
			v.now_held := ref.claims(ref.everybody(home));
		ELSIF v.outcome NOT LIKE 'ok%' THEN
			RAISE EXCEPTION SQLSTATE 'UNDO3';
		END IF;
		rose := ref.raised(home, caller, held, v.now_held, v.handed, tree, ref.tree(home)) IS NOT NULL
			OR teams <> ref.teams(home)
				AND ref.raised_by_groups(home, caller, held, teams, ref.teams(home), tree) IS NOT NULL;
		IF v.outcome LIKE 'ok%' AND rose THEN
			v.outcome := v.outcome || ' but somebody rises';
		ELSIF v.outcome = '42501' AND NOT rose THEN
			v.outcome := v.outcome || ' and nobody would';
		END IF;
		IF NOT kept THEN
			RAISE EXCEPTION SQLSTATE 'UNDO3';
		END IF;
	EXCEPTION WHEN SQLSTATE 'UNDO3' THEN NULL;
	END;
	RETURN v.outcome;
END
$$;
CREATE FUNCTION pg_temp.c(fn text, a text = NULL, b text = NULL, c text = NULL, d text = NULL, flag boolean = NULL, instant timestamptz = NULL, data jsonb = NULL, tenant text = 'one') RETURNS ref.call
	LANGUAGE sql AS $$ SELECT ROW($1, $9, $2, $3, $4, $5, $6, $7, $8)::ref.call $$;
CREATE FUNCTION pg_temp.assign(a text, role text, location text = NULL, only_group text = NULL, only_self boolean = false, until timestamptz = NULL) RETURNS ref.call
	LANGUAGE sql AS $$ SELECT pg_temp.c('assign_role', $1, $2, $3, $4, $5, $6) $$;
/* the DBA's call */
CREATE FUNCTION pg_temp.dba(c ref.call) RETURNS void
	LANGUAGE sql AS $$ SELECT pg_temp.expect('the DBA', 'ok', split_part(ref.apply(c), ' ', 1)) $$;

/* wa.p1 is what administration needs; wa.p2 that of features and roles. */
SELECT ref.load_template('{
	"template": "firm", "visitor_role": "visitor", "features": {"f1": {}, "f2": {}, "f3": {}},
	"scopes": {"served": {"relationship": "served"}},
	"permissions": [{"key": "wa.p1"}, {"key": "wa.p2"}, {"key": "wa.p3"}, {"key": "wb.p1"}, {"key": "wb.p2"}, {"key": "wb.p3"}, {"key": "wb.p4"}],
	"roles": [
		{"role": "visitor"}, {"role": "clerk"}, {"role": "half"}, {"role": "guard"}, {"role": "wide"}, {"role": "team"}, {"role": "extra"}, {"role": "later"}, {"role": "towards"}, {"role": "small"}, {"role": "other"}, {"role": "pair"}, {"role": "base"},
		{"role": "lead"}, {"role": "limited"}, {"role": "webby"}, {"role": "boss"}, {"role": "owner", "single": true}],
	"only_targets": ["change_role"],
	"administration": {
		"assign_role": "wa.p1", "revoke_role": "wa.p1", "change_role": "wa.p1", "add_member": "wa.p1", "remove_member": "wa.p1",
		"add_to_group": "wa.p1", "remove_from_group": "wa.p1", "add_location": "wa.p1", "move_location": "wa.p1", "drop_location": "wa.p1",
		"set_member_permission": "wa.p1", "set_field_visible": "wb.p1",
		"create_role": "wa.p2", "drop_role": "wa.p2", "set_role_permission": "wa.p2", "set_role_module": "wa.p2", "set_feature": "wa.p2"},
	"cells": [
		{"role": "clerk", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "half", "permission": "wb.p2", "enabled": true, "requires": ["wb.p1"], "entries": [{"scope": "all"}]},
		{"role": "guard", "permission": "wb.p3", "enabled": false, "locked": true, "entries": [{"scope": "all"}]},
		{"role": "wide", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "team", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "extra", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all", "feature": "f1"}, {"scope": "own", "channels": ["mobile"]}]},
		{"role": "towards", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "all", "targets": ["clerk", "half"]}]},
		{"role": "small", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "own"}, {"scope": "team"}]},
		{"role": "small", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "other", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all", "feature": "f2"}]},
		{"role": "later", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all", "feature": "f1"}]},
		{"role": "pair", "permission": "wb.p3", "enabled": true, "entries": [{"scope": "own", "feature": "f3", "requires": ["wb.p1"]}]},
		{"role": "base", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "base", "permission": "wb.p3", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "lead", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "lead", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "lead", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}, {"scope": "team"}]},
		{"role": "limited", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all", "targets": ["clerk", "wide"]}]},
		{"role": "webby", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all", "channels": ["web"]}]},
		{"role": "webby", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "boss", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p2", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p3", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all", "feature": "f1"}]},
		{"role": "owner", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]}
	]}');
INSERT INTO ref.tenant VALUES ('one', 'firm'), ('two', 'firm');
INSERT INTO ref.location VALUES ('one', 'town', NULL), ('one', 'north', 'town'), ('one', 'hall', 'north'), ('one', 'south', 'town'), ('one', 'shed', 'south');
INSERT INTO ref.groups VALUES ('one', 'strings'), ('one', 'brass');
INSERT INTO ref.member VALUES
	('one', 'boss', '{"staff": "1"}'), ('one', 'lead', '{"staff": "2"}'), ('one', 'lim', '{"staff": "3"}'), ('one', 'web', '{"staff": "4"}'),
	('one', 'north', '{}'), ('one', 'own', '{}'), ('one', 'self', '{}'), ('one', 'strings', '{}'), ('one', 'soon', '{}'),
	('one', 'vic', '{"staff": "7", "client": "A1"}'), ('one', 'hal', '{"staff": 8, "client": "5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0001"}'),
	('one', 'new', '{}'), ('one', 'old', '{}'), ('two', 'boss', '{}');
INSERT INTO ref.assignment VALUES
	('one', 'boss', 'boss', NULL, NULL, false, NULL), ('two', 'boss', 'boss', NULL, NULL, false, NULL),
	('one', 'lead', 'lead', NULL, NULL, false, NULL),
	('one', 'lim', 'limited', NULL, NULL, false, NULL),
	('one', 'web', 'webby', NULL, NULL, false, NULL),
	('one', 'north', 'boss', 'north', NULL, false, NULL),
	('one', 'self', 'boss', NULL, NULL, true, NULL),
	('one', 'strings', 'boss', NULL, 'strings', false, NULL),
	('one', 'soon', 'boss', NULL, NULL, false, now() + interval '1 day'),
	('one', 'own', 'owner', NULL, NULL, false, NULL),
	('one', 'vic', 'guard', NULL, NULL, false, NULL), ('one', 'vic', 'clerk', NULL, NULL, false, NULL),
	('one', 'hal', 'half', NULL, NULL, false, NULL),
	('one', 'old', 'clerk', NULL, NULL, false, now() - interval '1 day');

/* who may call at all */
SELECT pg_temp.expect('one who holds the permission hands out what he has', 'ok', pg_temp.may('boss', pg_temp.assign('new', 'wide')));
SELECT pg_temp.expect('one who does not', '42501', pg_temp.may('hal', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('a visitor', '42501', pg_temp.may(NULL, pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('in another tenant', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('assign_role', 'boss', 'clerk', flag => false, tenant => 'two')));
SELECT pg_temp.expect('a function that is the DBA''s', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('add_group', 'wood')));
SELECT pg_temp.expect('and one that always is', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('transfer_role', 'owner', 'own', 'boss')));
SELECT pg_temp.expect('only by the channel by which he holds it', '42501 and nobody would', pg_temp.may('web', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('by web', 'ok', pg_temp.may('web', pg_temp.assign('new', 'clerk'), 'web'));
SELECT pg_temp.expect('an unknown channel is none', '42501 and nobody would', pg_temp.may('web', pg_temp.assign('new', 'clerk'), 'Web'));
SELECT pg_temp.expect('limited to himself he administers nobody', '42501 and nobody would', pg_temp.may('self', pg_temp.c('revoke_role', 'vic', 'clerk')));
INSERT INTO ref.assignment VALUES ('one', 'old', 'small', NULL, NULL, false, NULL);
SELECT pg_temp.expect('in any other scope than all he administers nobody either', '42501 and nobody would', pg_temp.may('old', pg_temp.assign('new', 'clerk')));
DELETE FROM ref.assignment WHERE role = 'small';
SELECT pg_temp.expect('a location above', '42501', pg_temp.may('north', pg_temp.assign('new', 'clerk', 'town')));
SELECT pg_temp.expect('the whole tenant', '42501', pg_temp.may('north', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('his location', 'ok', pg_temp.may('north', pg_temp.assign('new', 'clerk', 'north')));
SELECT pg_temp.expect('one below', 'ok', pg_temp.may('north', pg_temp.assign('new', 'wide', 'hall')));
SELECT pg_temp.expect('one beside', '42501', pg_temp.may('north', pg_temp.assign('new', 'clerk', 'south')));
SELECT pg_temp.expect('a member who has nothing yet is everywhere', '42501 and nobody would', pg_temp.may('north', pg_temp.c('remove_member', 'new')));
SELECT pg_temp.expect('a role that ended is somewhere, too', '42501 and nobody would', pg_temp.may('north', pg_temp.c('remove_member', 'old')));
SELECT pg_temp.expect('a new member is nowhere', 'ok', pg_temp.may('north', pg_temp.c('add_member', 'x', data => '{}')));

/* towards whom */
SELECT pg_temp.expect('towards his targets', 'ok', pg_temp.may('lim', pg_temp.c('revoke_role', 'old', 'clerk')));
SELECT pg_temp.expect('not towards others', '42501 and nobody would', pg_temp.may('lim', pg_temp.c('revoke_role', 'hal', 'half')));
SELECT pg_temp.expect('nor those who have another role besides', '42501 and nobody would', pg_temp.may('lim', pg_temp.c('revoke_role', 'vic', 'clerk')));
SELECT pg_temp.expect('a role that his targets name he may hand out without having it', 'ok', pg_temp.may('lim', pg_temp.assign('new', 'wide')));
SELECT pg_temp.expect('no other', '42501', pg_temp.may('lim', pg_temp.assign('new', 'team')));
SELECT pg_temp.expect('by a function that gives the targets alone not even one that gives nothing', '42501 and nobody would', pg_temp.may('lim', pg_temp.c('change_role', 'old', 'clerk', 'guard')));
SELECT pg_temp.expect('one of the targets', 'ok', pg_temp.may('lim', pg_temp.c('change_role', 'old', 'clerk', 'wide')));
SELECT pg_temp.expect('nor do they bind one who has no targets', 'ok', pg_temp.may('boss', pg_temp.c('change_role', 'old', 'clerk', 'guard')));
SELECT pg_temp.expect('but a role that gives nothing', 'ok', pg_temp.may('lim', pg_temp.assign('new', 'guard')));
SELECT pg_temp.expect('a location is no member', '42501 and nobody would', pg_temp.may('lim', pg_temp.c('add_location', 'x')));
SELECT pg_temp.expect('towards his group, which one is not in', '42501 and nobody would', pg_temp.may('strings', pg_temp.assign('new', 'clerk', only_group => 'strings')));
SELECT pg_temp.dba(pg_temp.c('add_to_group', 'strings', 'new'));
SELECT pg_temp.expect('who is in it', 'ok', pg_temp.may('strings', pg_temp.assign('new', 'wide', only_group => 'strings')));
SELECT pg_temp.expect('with that limit only', '42501', pg_temp.may('strings', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('not with another', '42501', pg_temp.may('strings', pg_temp.assign('new', 'clerk', only_group => 'brass')));
SELECT pg_temp.expect('a change of his role keeps no other limit either', '42501', pg_temp.may('strings', pg_temp.c('change_role', 'vic', 'clerk', 'wide')));
INSERT INTO ref.group_member VALUES ('one', 'brass', 'new');
INSERT INTO ref.assignment VALUES ('one', 'strings', 'boss', NULL, 'brass', false, NULL), ('one', 'new', 'clerk', NULL, 'strings', false, NULL);
SELECT pg_temp.expect('one of the group he changes', 'ok', pg_temp.may('strings', pg_temp.c('change_role', 'new', 'clerk', 'wide')));
INSERT INTO ref.assignment VALUES ('one', 'new', 'clerk', NULL, 'brass', false, NULL);
SELECT pg_temp.expect('two need one authority for both', '42501 and nobody would', pg_temp.may('strings', pg_temp.c('change_role', 'new', 'clerk', 'wide')));
SELECT pg_temp.expect('which has no group', 'ok', pg_temp.may('boss', pg_temp.c('change_role', 'new', 'clerk', 'wide')));
DELETE FROM ref.assignment WHERE user_id = 'new' OR user_id = 'strings' AND only_group = 'brass';
DELETE FROM ref.group_member WHERE "group" = 'brass';

/* what is handed out */
SELECT pg_temp.expect('a wider scope than he has', '42501', pg_temp.may('lead', pg_temp.assign('new', 'wide')));
SELECT pg_temp.expect('the scope that he has', 'ok', pg_temp.may('lead', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('that of his team to one of another', '42501 and nobody would', pg_temp.may('lead', pg_temp.assign('new', 'team')));
SELECT pg_temp.expect('to one of none', 'ok', pg_temp.may('lead', pg_temp.assign('old', 'team')));
SELECT pg_temp.dba(pg_temp.c('add_to_group', 'strings', 'lead'));
SELECT pg_temp.expect('to one of his own', 'ok', pg_temp.may('lead', pg_temp.assign('new', 'team')));
SELECT pg_temp.expect('by an override not even then: that is for any team', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_member_permission', 'new', 'wb.p1', 'team', flag => true)));
SELECT pg_temp.expect('nor to one of none', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_member_permission', 'old', 'wb.p1', 'team', flag => true)));
SELECT pg_temp.expect('but for himself', 'ok', pg_temp.may('lead', pg_temp.c('set_member_permission', 'lead', 'wb.p1', 'team', flag => true)));
SELECT pg_temp.expect('one who has all may', 'ok', pg_temp.may('boss', pg_temp.c('set_member_permission', 'old', 'wb.p1', 'team', flag => true)));
SELECT pg_temp.dba(pg_temp.c('remove_from_group', 'strings', 'lead'));
SELECT pg_temp.expect('to himself no more than to others', '42501', pg_temp.may('lead', pg_temp.assign('lead', 'wide')));
SELECT pg_temp.expect('limited to the member himself it is wider still', '42501', pg_temp.may('lead', pg_temp.assign('new', 'wide', only_self => true)));
SELECT pg_temp.expect('longer than his own', '42501', pg_temp.may('soon', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('infinity is longer', '42501', pg_temp.may('soon', pg_temp.assign('new', 'clerk', until => 'infinity')));
SELECT pg_temp.expect('as long as his own', 'ok', pg_temp.may('soon', pg_temp.assign('new', 'wide', until => now() + interval '1 day')));
SELECT pg_temp.expect('nor longer what gives nothing', '42501 and nobody would', pg_temp.may('soon', pg_temp.assign('new', 'guard')));
SELECT pg_temp.expect('a microsecond longer', '42501', pg_temp.may('soon', pg_temp.assign('new', 'wide', until => now() + interval '1 day 1 microsecond')));
SELECT pg_temp.expect('what has ended already gives nothing, but is not his to give', '42501 and nobody would', pg_temp.may('north', pg_temp.assign('new', 'wide', until => now() - interval '1 day')));
SELECT pg_temp.expect('what a feature that is off would give counts', '42501 and nobody would', pg_temp.may('lead', pg_temp.assign('new', 'later')));
SELECT pg_temp.expect('what he would have by the same feature he may give', 'ok', pg_temp.may('boss', pg_temp.assign('new', 'later')));
SELECT pg_temp.expect('by another he has not', '42501 and nobody would', pg_temp.may('boss', pg_temp.assign('new', 'other')));
SELECT pg_temp.expect('and what another channel gives', '42501', pg_temp.may('boss', pg_temp.assign('new', 'extra')));
SELECT pg_temp.dba(pg_temp.c('set_member_permission', 'boss', 'wb.p4', 'all', flag => true));
SELECT pg_temp.expect('held by every channel, with features or without', 'ok', pg_temp.may('boss', pg_temp.assign('new', 'extra')));
/* what he has in part: his authority is everywhere and without end */
INSERT INTO ref.member VALUES ('one', 'part', '{}');
INSERT INTO ref.assignment VALUES ('one', 'part', 'lead', NULL, NULL, false, NULL), ('one', 'part', 'wide', NULL, NULL, false, now() + interval '1 day');
SELECT pg_temp.expect('until tomorrow', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide')));
SELECT pg_temp.expect('to give until tomorrow', 'ok', pg_temp.may('part', pg_temp.assign('old', 'wide', until => now() + interval '1 day')));
UPDATE ref.assignment SET valid_until = NULL, only_self = true WHERE user_id = 'part' AND role = 'wide';
SELECT pg_temp.expect('himself', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide')));
SELECT pg_temp.expect('to give with that limit', 'ok', pg_temp.may('part', pg_temp.assign('old', 'wide', only_self => true)));
UPDATE ref.assignment SET only_self = false, only_group = 'brass' WHERE user_id = 'part' AND role = 'wide';
SELECT pg_temp.expect('in a group', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide')));
SELECT pg_temp.expect('in another', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide', only_group => 'strings')));
SELECT pg_temp.expect('to give in that group', 'ok', pg_temp.may('part', pg_temp.assign('old', 'wide', only_group => 'brass')));
UPDATE ref.assignment SET only_group = NULL, location = 'north' WHERE user_id = 'part' AND role = 'wide';
SELECT pg_temp.expect('at a place', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide')));
SELECT pg_temp.expect('above it', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide', 'town')));
SELECT pg_temp.expect('to give below it', 'ok', pg_temp.may('part', pg_temp.assign('old', 'wide', 'hall')));
UPDATE ref.assignment SET location = NULL, role = 'towards' WHERE user_id = 'part' AND role = 'wide';
SELECT pg_temp.expect('towards some', '42501', pg_temp.may('part', pg_temp.assign('old', 'wide')));
SELECT pg_temp.expect('towards these', 'ok', pg_temp.may('part', pg_temp.assign('old', 'towards')));
DELETE FROM ref.assignment WHERE user_id = 'part';
DELETE FROM ref.member WHERE user_id = 'part';

/* what a change sets free */
SELECT pg_temp.expect('hal lacks what his permission requires: to give him that is to give both', '42501', pg_temp.may('lead', pg_temp.assign('hal', 'clerk')));
SELECT pg_temp.expect('one who has both may', 'ok', pg_temp.may('boss', pg_temp.assign('hal', 'clerk')));
SELECT pg_temp.expect('targets that name the role give the role, and not what it wakes', '42501', pg_temp.may('lim', pg_temp.assign('hal', 'clerk')));
INSERT INTO ref.member_cell VALUES ('one', 'vic', 'wb.p3', true, 'all');
SELECT pg_temp.expect('to revoke a lock sets the override free that it suppressed', '42501', pg_temp.may('lead', pg_temp.c('revoke_role', 'vic', 'guard')));
SELECT pg_temp.expect('so does to change the role', '42501', pg_temp.may('lead', pg_temp.c('change_role', 'vic', 'guard', 'team')));
SELECT pg_temp.expect('one who has what it sets free may', 'ok', pg_temp.may('boss', pg_temp.c('revoke_role', 'vic', 'guard')));
SELECT pg_temp.expect('the other role may go', 'ok', pg_temp.may('lead', pg_temp.c('revoke_role', 'vic', 'clerk')));
SELECT pg_temp.dba(pg_temp.assign('old', 'guard', 'south'));
INSERT INTO ref.member_cell VALUES ('one', 'old', 'wb.p3', true, 'all');
SELECT pg_temp.expect('nor goes it further while a lock stops it', '42501 and nobody would', pg_temp.may('lead', pg_temp.assign('old', 'team', 'north')));
SELECT pg_temp.expect('below it is no further', 'ok', pg_temp.may('lead', pg_temp.assign('old', 'team', 'shed')));
SELECT pg_temp.expect('one who has it may send it there', 'ok', pg_temp.may('boss', pg_temp.assign('old', 'team', 'north')));
SELECT pg_temp.dba(pg_temp.c('revoke_role', 'old', 'guard', 'south'));
DELETE FROM ref.member_cell WHERE user_id = 'old';
INSERT INTO ref.member_cell VALUES ('one', 'new', 'wb.p3', true, 'all'), ('one', 'new', 'wb.p1', false, NULL);
SELECT pg_temp.expect('an override waits for a role to come through', '42501', pg_temp.may('lead', pg_temp.assign('new', 'clerk')));
SELECT pg_temp.expect('and is judged before it does', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_member_permission', 'new', 'wb.p3', 'own', flag => true)));
DELETE FROM ref.member_cell WHERE user_id = 'new' AND permission = 'wb.p3';
SELECT pg_temp.expect('what an override takes away is no gain', 'ok', pg_temp.may('lead', pg_temp.assign('new', 'wide')));
SELECT pg_temp.dba(pg_temp.assign('new', 'wide'));
SELECT pg_temp.expect('but to lift it is', '42501', pg_temp.may('lead', pg_temp.c('set_member_permission', 'new', 'wb.p1')));
SELECT pg_temp.expect('with less than the roles say, and that is his', 'ok', pg_temp.may('lead', pg_temp.c('set_member_permission', 'new', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.expect('the locked one refuses as ever', '55000', pg_temp.may('boss', pg_temp.c('set_member_permission', 'vic', 'wb.p3', flag => false)));
SELECT pg_temp.dba(pg_temp.c('revoke_role', 'new', 'wide'));
DELETE FROM ref.member_cell;
SELECT pg_temp.dba(pg_temp.c('set_member_permission', 'boss', 'wb.p4', 'all', flag => true));

/* the one who alone has a role */
SELECT pg_temp.expect('his role', '42501', pg_temp.may('boss', pg_temp.assign('boss', 'owner')));
SELECT pg_temp.expect('is not revoked', '42501', pg_temp.may('boss', pg_temp.c('revoke_role', 'own', 'owner')));
SELECT pg_temp.expect('nor changed', '42501', pg_temp.may('boss', pg_temp.c('change_role', 'own', 'owner', 'clerk')));
SELECT pg_temp.expect('he is not removed', '42501', pg_temp.may('boss', pg_temp.c('remove_member', 'own')));
SELECT pg_temp.expect('nor given anything', '42501 and nobody would', pg_temp.may('boss', pg_temp.assign('own', 'clerk')));
SELECT pg_temp.expect('nor grouped', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('add_to_group', 'brass', 'own')));
SELECT pg_temp.expect('his role''s cells are left alone', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('set_role_permission', 'owner', 'wb.p1', flag => true)));
SELECT pg_temp.expect('he does not leave before it is another''s', '55000', pg_temp.may('own', pg_temp.c('remove_member', 'own')));
SELECT pg_temp.expect('nor give it up', '42501', pg_temp.may('own', pg_temp.c('revoke_role', 'own', 'owner')));

/* roles */
SELECT pg_temp.expect('a role of what he has', 'ok', pg_temp.may('lead', pg_temp.c('create_role', 'k', data => '{"modules": {"wb": "clerk", "wa": "lead"}, "inherits": []}')));
SELECT pg_temp.expect('a role for teams is for everybody''s', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('create_role', 'k', data => '{"modules": {}, "inherits": ["team"]}')));
SELECT pg_temp.expect('a level of more', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('create_role', 'k', data => '{"modules": {"wb": "wide"}, "inherits": []}')));
SELECT pg_temp.expect('more that is inherited', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('create_role', 'k', data => '{"modules": {}, "inherits": ["boss"]}')));
SELECT pg_temp.expect('more that is shut out', 'ok', pg_temp.may('lead', pg_temp.c('create_role', 'k', data => '{"modules": {"wb": "no_access"}, "inherits": ["boss"]}'), kept => true));
SELECT pg_temp.expect('and let in', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_role_module', 'k', 'wb')));
SELECT pg_temp.expect('and let in, by the one who has it, with what is his', 'ok', pg_temp.may('boss', pg_temp.c('set_role_module', 'k', 'wb')));
SELECT pg_temp.expect('one permission in it that he has', 'ok', pg_temp.may('lead', pg_temp.c('set_role_permission', 'k', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.expect('wider', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_role_permission', 'k', 'wb.p1', 'all', flag => true)));
SELECT pg_temp.expect('one that he has not', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('set_role_permission', 'k', 'wb.p3', 'own', flag => true)));
SELECT pg_temp.expect('wider for a role of the template', '42501', pg_temp.may('lead', pg_temp.c('set_role_permission', 'clerk', 'wb.p1', 'all', flag => true)));
SELECT pg_temp.expect('narrower', 'ok', pg_temp.may('lead', pg_temp.c('set_role_permission', 'wide', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.expect('off', 'ok', pg_temp.may('lead', pg_temp.c('set_role_permission', 'boss', 'wb.p3', flag => false)));
SELECT pg_temp.expect('on again is more than he has', '42501', (SELECT pg_temp.may('lead', pg_temp.c('set_role_permission', 'boss', 'wb.p3'))
	FROM (SELECT pg_temp.may('lead', pg_temp.c('set_role_permission', 'boss', 'wb.p3', flag => false), kept => true) OFFSET 0) done));
SELECT pg_temp.dba(pg_temp.c('set_role_permission', 'boss', 'wb.p3'));
SELECT pg_temp.expect('what a member''s role requires, turned on', '42501', pg_temp.may('lead', pg_temp.c('set_role_permission', 'half', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.expect('a role by itself, and a member who has it with another', 'ok', pg_temp.may('lead', pg_temp.c('set_role_permission', 'guard', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.dba(pg_temp.assign('hal', 'guard'));
SELECT pg_temp.expect('wakes another of his permissions', '42501', pg_temp.may('lead', pg_temp.c('set_role_permission', 'guard', 'wb.p1', 'own', flag => true)));
SELECT pg_temp.dba(pg_temp.c('revoke_role', 'hal', 'guard'));
SELECT pg_temp.expect('for visitors', '42501', pg_temp.may('lead', pg_temp.c('set_role_permission', 'visitor', 'wb.p1', 'all', flag => true)));
SELECT pg_temp.expect('a role that a template dropped and members still have', 'ok', pg_temp.may('lead', pg_temp.c('create_role', 'gone', data => '{"modules": {"wb": "clerk"}, "inherits": []}')));
INSERT INTO ref.assignment VALUES ('one', 'hal', 'gone', NULL, NULL, false, NULL);
SELECT pg_temp.expect('is given by making it', '42501', pg_temp.may('lead', pg_temp.c('create_role', 'gone', data => '{"modules": {"wb": "clerk"}, "inherits": []}')));
DELETE FROM ref.assignment WHERE role = 'gone';

/* features */
SELECT pg_temp.expect('a feature that gives nobody more than he has', 'ok', pg_temp.may('boss', pg_temp.c('set_feature', 'f1', flag => true)));
SELECT pg_temp.expect('one that gives a role more', '42501', pg_temp.may('lead', pg_temp.c('set_feature', 'f1', flag => true)));
SELECT pg_temp.expect('one that nothing needs', 'ok', pg_temp.may('lead', pg_temp.c('set_feature', 'f3', flag => true)));
INSERT INTO ref.member VALUES ('one', 'two', '{"staff": "22"}');
INSERT INTO ref.assignment VALUES ('one', 'two', 'pair', NULL, NULL, false, NULL), ('one', 'two', 'base', 'north', NULL, false, NULL);
SELECT pg_temp.expect('one that gives a role more, with the help of another that is held elsewhere', '42501', pg_temp.may('lead', pg_temp.c('set_feature', 'f3', flag => true)));
SELECT pg_temp.expect('by one who has it', 'ok', pg_temp.may('boss', pg_temp.c('set_feature', 'f3', flag => true)));
DELETE FROM ref.assignment WHERE user_id = 'two';
DELETE FROM ref.member WHERE user_id = 'two';
SELECT pg_temp.expect('off is no gain', 'ok', pg_temp.may('lead', pg_temp.c('set_feature', 'f1', flag => false)));

/* fields */
INSERT INTO ref.mask VALUES ('t1', 'price', 'wa.p1'), ('t1', 'note', 'wb.p4');
CREATE FUNCTION pg_temp.mark(field text, flag boolean = true) RETURNS ref.call
	LANGUAGE sql AS $$ SELECT pg_temp.c('set_field_visible', 't1', $1, flag => $2) $$;
SELECT pg_temp.expect('a field is marked by one who sees it everywhere', 'ok', pg_temp.may('boss', pg_temp.mark('price')));
SELECT pg_temp.expect('one that is not masked', '55000', pg_temp.may('boss', pg_temp.mark('id')));
SELECT pg_temp.expect('not by one who sees it and may not mark', '42501 and nobody would', pg_temp.may('lead', pg_temp.mark('price')));
SELECT pg_temp.dba(pg_temp.assign('web', 'wide'));
SELECT pg_temp.expect('nor by one who sees it by web only', '42501 and nobody would', pg_temp.may('web', pg_temp.mark('price')));
SELECT pg_temp.expect('also not by web: it would be shown by every channel', '42501 and nobody would', pg_temp.may('web', pg_temp.mark('price'), 'web'));
SELECT pg_temp.expect('nor is the mark taken away', '42501 and nobody would', pg_temp.may('web', pg_temp.mark('price', false), 'web'));
SELECT pg_temp.dba(pg_temp.assign('web', 'lead', until => now() + interval '1 day'));
SELECT pg_temp.expect('nor by one who will not see it tomorrow', '42501 and nobody would', pg_temp.may('web', pg_temp.mark('price')));
UPDATE ref.assignment SET valid_until = NULL WHERE user_id = 'web' AND role = 'lead';
SELECT pg_temp.expect('one who goes on seeing it may', 'ok', pg_temp.may('web', pg_temp.mark('price')));
SELECT pg_temp.dba(pg_temp.assign('web', 'later'));
SELECT pg_temp.dba(pg_temp.c('set_feature', 'f1', flag => true));
SELECT pg_temp.expect('nor by one who sees it while a feature is on', '42501 and nobody would', pg_temp.may('web', pg_temp.mark('note')));
SELECT pg_temp.expect('one who needs no feature may', 'ok', pg_temp.may('boss', pg_temp.mark('note')));
SELECT pg_temp.dba(pg_temp.c('set_feature', 'f1', flag => false));
SELECT pg_temp.dba(pg_temp.c('revoke_role', 'web', r)) FROM unnest('{wide,lead,later}'::text[]) r;
DELETE FROM ref.mask;

/* groups: strings has its boss, and new in it */
SELECT pg_temp.expect('the boss of a group would get him', '42501', pg_temp.may('lead', pg_temp.c('add_to_group', 'strings', 'vic')));
SELECT pg_temp.expect('he does not take him', '42501', pg_temp.may('strings', pg_temp.c('add_to_group', 'strings', 'vic')));
SELECT pg_temp.expect('the boss of all may', 'ok', pg_temp.may('boss', pg_temp.c('add_to_group', 'strings', 'vic')));
SELECT pg_temp.expect('nobody is limited to brass', 'ok', pg_temp.may('lead', pg_temp.c('add_to_group', 'brass', 'vic'), kept => true));
INSERT INTO ref.group_member VALUES ('one', 'brass', 'strings');
INSERT INTO ref.assignment VALUES ('one', 'new', 'team', NULL, 'strings', false, NULL);
SELECT pg_temp.expect('one limited to strings sees no more of brass than he who takes him in', 'ok', pg_temp.may('strings', pg_temp.c('add_to_group', 'brass', 'new')));
DELETE FROM ref.group_member WHERE "group" = 'brass' AND user_id = 'strings';
SELECT pg_temp.expect('who is not in it himself', '42501 and nobody would', pg_temp.may('strings', pg_temp.c('add_to_group', 'brass', 'new')));
DELETE FROM ref.assignment WHERE user_id = 'new' AND role = 'team';
SELECT pg_temp.dba(pg_temp.assign('web', 'team'));
SELECT pg_temp.expect('one of a team scope would see the group', '42501', pg_temp.may('lead', pg_temp.c('add_to_group', 'brass', 'web')));
SELECT pg_temp.dba(pg_temp.c('add_to_group', 'brass', 'lead'));
SELECT pg_temp.expect('and one in it whose own team that is would see him', '42501', pg_temp.may('lead', pg_temp.c('add_to_group', 'brass', 'web')));
SELECT pg_temp.dba(pg_temp.c('add_to_group', 'brass', 'web'));
SELECT pg_temp.expect('those of the group would see the new one, whom the caller does not', '42501', pg_temp.may('lead', pg_temp.c('add_to_group', 'brass', 'old')));
SELECT pg_temp.expect('the caller puts himself into a group', '42501', pg_temp.may('lead', pg_temp.c('add_to_group', 'strings', 'lead')));
SELECT pg_temp.expect('out of a group is no gain', 'ok', pg_temp.may('lead', pg_temp.c('remove_from_group', 'brass', 'vic')));

/* places: north is boss in the north */
SELECT pg_temp.expect('a location that belongs to others', '42501', pg_temp.may('north', pg_temp.c('move_location', 'shed', 'north')));
SELECT pg_temp.expect('below north, by one who has what its boss has', 'ok', pg_temp.may('boss', pg_temp.c('move_location', 'shed', 'north')));
SELECT pg_temp.expect('by one who has not', '42501', pg_temp.may('lead', pg_temp.c('move_location', 'shed', 'north')));
SELECT pg_temp.expect('with all that is below', '42501', pg_temp.may('lead', pg_temp.c('move_location', 'south', 'hall')));
SELECT pg_temp.expect('away from north', 'ok', pg_temp.may('lead', pg_temp.c('move_location', 'hall', 'shed')));
SELECT pg_temp.expect('within his own', 'ok', pg_temp.may('north', pg_temp.c('move_location', 'hall', 'north')));
SELECT pg_temp.expect('a place in no circle', '22023', pg_temp.may('boss', pg_temp.c('move_location', 'town', 'hall')));
SELECT pg_temp.expect('a new one below north', '42501', pg_temp.may('lead', pg_temp.c('add_location', 'attic', 'hall')));
SELECT pg_temp.expect('which was nobody''s that has the north alone', '42501', pg_temp.may('north', pg_temp.c('add_location', 'attic', 'hall')));
SELECT pg_temp.expect('but his who has everything', 'ok', pg_temp.may('boss', pg_temp.c('add_location', 'attic', 'hall')));
SELECT pg_temp.expect('a new one where nobody is', 'ok', pg_temp.may('lead', pg_temp.c('add_location', 'attic', 'south')));
SELECT pg_temp.expect('a place is dropped', 'ok', pg_temp.may('north', pg_temp.c('drop_location', 'hall')));
SELECT pg_temp.expect('not another''s', '42501 and nobody would', pg_temp.may('north', pg_temp.c('drop_location', 'shed')));

/* keys */
SELECT pg_temp.expect('a key of nobody', 'ok', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": "99", "client": "A2"}')));
SELECT pg_temp.expect('that of another', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": "7"}')));
SELECT pg_temp.expect('as a number', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": 7}')));
SELECT pg_temp.expect('with noughts', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": "007"}')));
SELECT pg_temp.expect('of one who has a number', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": "+8"}')));
SELECT pg_temp.expect('with blanks', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"client": " A1 "}')));
SELECT pg_temp.expect('in other letters', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"client": "a1"}')));
SELECT pg_temp.expect('a uuid in other letters', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"client": "5F0C0A52-7E1B-4F0E-9D55-1B6F6A0C0001"}')));
SELECT pg_temp.expect('that of one who is removed', '42501 and nobody would', (SELECT pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"staff": "07"}'))
	FROM (SELECT pg_temp.may('boss', pg_temp.c('remove_member', 'vic'), kept => true) OFFSET 0) done));
SELECT pg_temp.expect('who may come back', 'ok', pg_temp.may('lead', pg_temp.c('add_member', 'vic', data => '{"staff": "7"}')));
SELECT pg_temp.dba(pg_temp.c('add_member', 'heir', data => '{"staff": "7"}'));
SELECT pg_temp.dba(pg_temp.c('remove_member', 'heir'));
SELECT pg_temp.expect('unless the DBA gave them to another', '42501 and nobody would', pg_temp.may('lead', pg_temp.c('add_member', 'vic', data => '{"staff": "7"}')));
SELECT pg_temp.expect('whose they are', 'ok', pg_temp.may('lead', pg_temp.c('add_member', 'heir', data => '{"staff": "7"}')));
SELECT pg_temp.dba(pg_temp.c('add_member', 'vic', data => '{"staff": "7", "client": "A1"}'));
SELECT pg_temp.expect('the staff key of one as the client key of another', 'ok', pg_temp.may('lead', pg_temp.c('add_member', 'x', data => '{"client": "7"}')));
SELECT pg_temp.expect('other keys for one who is a member', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('add_member', 'vic', data => '{"staff": "99"}')));
SELECT pg_temp.expect('none', '42501 and nobody would', pg_temp.may('boss', pg_temp.c('add_member', 'vic', data => '{}')));
SELECT pg_temp.expect('those that he has', 'ok', pg_temp.may('boss', pg_temp.c('add_member', 'vic', data => '{"staff": "7", "client": "A1"}')));

/* can_assign_role() */
CREATE FUNCTION pg_temp.can(caller text, role text, target text = NULL, place text = NULL, home text = 'one') RETURNS text
	LANGUAGE sql AS $$ SELECT ref.can_assign_role($5, $1, NULL, ref.claims(ref.everybody('one')), $2, $3, $4)::text $$;
SELECT pg_temp.expect('can: to a new one', 'true', pg_temp.can('lead', 'clerk'));
SELECT pg_temp.expect('can: more than he has', 'false', pg_temp.can('lead', 'wide'));
SELECT pg_temp.expect('can: what his targets name', 'true', pg_temp.can('lim', 'wide'));
SELECT pg_temp.expect('can: to one who is no target', 'false', pg_temp.can('lim', 'wide', 'hal'));
SELECT pg_temp.expect('can: what wakes something', 'false', pg_temp.can('lead', 'clerk', 'hal'));
SELECT pg_temp.expect('can: at his location', 'true', pg_temp.can('north', 'clerk', NULL, 'hall'));
SELECT pg_temp.expect('can: everywhere', 'false', pg_temp.can('north', 'clerk'));
SELECT pg_temp.expect('can: whose own ends', 'false', pg_temp.can('soon', 'clerk'));
SELECT pg_temp.expect('can: the role of one', 'false', pg_temp.can('boss', 'owner'));
SELECT pg_temp.expect('can: the role of visitors', 'false', pg_temp.can('boss', 'visitor'));
SELECT pg_temp.expect('can: a role that is none', 'false', pg_temp.can('boss', 'clerks'));
SELECT pg_temp.expect('can: a member who is none', 'false', pg_temp.can('boss', 'clerk', 'nobody'));
SELECT pg_temp.expect('can: a location that is none', 'false', pg_temp.can('boss', 'clerk', NULL, 'moon'));
SELECT pg_temp.expect('can: nobody', 'false', pg_temp.can('boss', 'clerk', home => NULL));
INSERT INTO ref.member VALUES ('one', 'brief', '{}');
INSERT INTO ref.assignment VALUES ('one', 'brief', 'guard', NULL, NULL, false, now() + interval '1 day');
SELECT pg_temp.expect('can: what ends, again without end, to one who is no target', 'false', pg_temp.can('lim', 'guard', 'brief'));
SELECT pg_temp.expect('can: by one who has no targets', 'true', pg_temp.can('boss', 'guard', 'brief'));
UPDATE ref.assignment SET role = 'wide' WHERE user_id = 'brief';
SELECT pg_temp.expect('can: to one who is a target', 'true', pg_temp.can('lim', 'wide', 'brief'));
SELECT pg_temp.expect('can: longer than the member has it, by one who has it not', 'false', pg_temp.can('lead', 'wide', 'brief'));
UPDATE ref.assignment SET valid_until = now() - interval '1 day' WHERE user_id = 'brief';
SELECT pg_temp.expect('can: what has ended', 'false', pg_temp.can('lead', 'wide', 'brief'));
SELECT pg_temp.expect('nothing stays of a question', NULL, (SELECT user_id FROM ref.member WHERE user_id = ' '));

SELECT format('difference: selftest_admin %s, %s: expected %s, got %s', n, name, expected, coalesce(got, 'NULL'))
FROM verdict
WHERE expected IS DISTINCT FROM got
ORDER BY n;
SELECT 'selftest ' || count(*) FROM verdict;

ROLLBACK;
