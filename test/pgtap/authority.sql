/*
 * authority.sql
 *		Delegated administration: who may call the model functions beside the
 *		DBA, for whom and where, and that nobody rises above the caller's own
 *		rights by any path.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SELECT no_plan();

CREATE ROLE regress_authority_app;
SELECT ambit.trust_application('regress_authority_app');
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_authority_app;

/* what a call says to somebody: ok, or SQLSTATE and detail; nothing stays */
CREATE FUNCTION t.says(who text, call text, channel text = NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	_detail text;
	_tenant text := 'xa';
BEGIN
	IF who LIKE '%@%' THEN
		_tenant := split_part(who, '@', 2);
		who := split_part(who, '@', 1);
	END IF;
	PERFORM ambit.assume(_tenant, nullif(who, 'visitor'), channel);
	BEGIN
		EXECUTE 'SELECT ambit.' || call;
		RAISE EXCEPTION USING ERRCODE = 'TTTTT', MESSAGE = 'ok';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS _detail = PG_EXCEPTION_DETAIL;
		PERFORM ambit.logout();
		RETURN CASE WHEN SQLSTATE = 'TTTTT' THEN 'ok' ELSE SQLSTATE || coalesce(nullif(': ' || _detail, ': '), '') END;
	END;
END
$$;
/* the same, and it stays */
CREATE FUNCTION t.does(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume('xa', who);
	EXECUTE 'SELECT ambit.' || call;
	PERFORM ambit.logout();
	RETURN 'ok';
END
$$;
CREATE FUNCTION t.can(who text, role text, target text = NULL, location text = NULL) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	answer boolean;
BEGIN
	PERFORM ambit.assume('xa', who);
	answer := ambit.can_assign_role(role, target, location);
	PERFORM ambit.logout();
	RETURN answer;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO regress_authority_app;

SELECT ambit._load_template('{
	"template": "t_auth", "visitor_role": "guest",
	"features": {"chat": {}},
	"scopes": {"served": {"relationship": "served"}},
	"permissions": [{"key": "users.manage"}, {"key": "users.create"}, {"key": "roles.edit"}, {"key": "sites.manage"}, {"key": "teams.manage"},
		{"key": "books.view"}, {"key": "books.edit"}, {"key": "pay.view"}, {"key": "chat.use"}, {"key": "keys.view"}, {"key": "off.view"}, {"key": "off.calendar"}],
	"roles": [{"role": "guest"}, {"role": "worker"}, {"role": "helper"}, {"role": "watcher"}, {"role": "mate"}, {"role": "lead"}, {"role": "boss"}, {"role": "rolemaker"},
		{"role": "locker"}, {"role": "mobile_worker"}, {"role": "chatter"}, {"role": "off_lead"}, {"role": "founder", "single": true, "inherits": ["boss"]}],
	"cells": [
		{"role": "worker", "permission": "books.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "worker", "permission": "pay.view", "enabled": false, "entries": [{"scope": "own"}]},
		{"role": "helper", "permission": "books.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "helper", "permission": "pay.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "watcher", "permission": "books.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "mate", "permission": "books.view", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "mobile_worker", "permission": "keys.view", "enabled": true, "entries": [{"scope": "all", "channels": ["mobile"]}]},
		{"role": "chatter", "permission": "chat.use", "enabled": true, "entries": [{"scope": "all", "feature": "chat"}]},
		{"role": "off_lead", "permission": "off.view", "enabled": true, "entries": [{"scope": "own"}, {"scope": "all", "requires": ["off.calendar"]}]},
		{"role": "off_lead", "permission": "off.calendar", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "locker", "permission": "pay.view", "enabled": false, "locked": true},
		{"role": "lead", "permission": "users.create", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "lead", "permission": "users.manage", "enabled": true, "entries": [{"scope": "all", "targets": ["worker", "helper"]}]},
		{"role": "lead", "permission": "books.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "lead", "permission": "off.calendar", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "rolemaker", "permission": "roles.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "rolemaker", "permission": "off.calendar", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "rolemaker", "permission": "books.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "users.create", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "users.manage", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "sites.manage", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "teams.manage", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "books.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "books.edit", "enabled": true, "entries": [{"scope": "own"}]}],
	"administration": {"add_member": "users.create", "remove_member": "users.manage", "assign_role": "users.manage", "revoke_role": "users.manage",
		"change_role": "users.manage", "set_member_permission": "users.manage", "effective_permissions": "users.manage",
		"create_role": "roles.edit", "set_role_permission": "roles.edit", "set_role_module": "roles.edit", "drop_role": "roles.edit", "set_feature": "roles.edit",
		"add_location": "sites.manage", "move_location": "sites.manage", "drop_location": "sites.manage",
		"add_group": "teams.manage", "add_to_group": "teams.manage", "remove_from_group": "teams.manage", "drop_group": "teams.manage"}}', false);

SELECT ambit.create_tenant('xa', 't_auth');
SELECT ambit.create_tenant('xb', 't_auth');
SELECT ambit.add_location('xa', 'top');
SELECT ambit.add_location('xa', 'a', 'top');
SELECT ambit.add_location('xa', 'aa', 'a');
SELECT ambit.add_location('xa', 'b', 'top');
SELECT ambit.add_group('xa', 'g');
SELECT ambit.add_group('xa', 'h');

CREATE FUNCTION t.person(user_id text, role text = NULL, location text = NULL, only_group text = NULL, only_self boolean = false, valid_until timestamptz = NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.add_member('xa', user_id, jsonb_build_object('staff', 's_' || user_id)) WHERE NOT EXISTS (SELECT FROM ambit.member m WHERE m.tenant = 'xa' AND m.user_id = person.user_id);
	PERFORM ambit.assign_role('xa', user_id, role, location, only_group, only_self, valid_until) WHERE role IS NOT NULL;
END
$$;
SELECT t.person('boss', 'boss');
SELECT t.person('boss_a', 'boss', 'a');
SELECT t.person('boss_g', 'boss', only_group => 'g');
SELECT t.person('boss_self', 'boss', only_self => true);
SELECT t.person('boss_short', 'boss', valid_until => '2100-01-01');
SELECT t.person('lead', 'lead');
SELECT t.person(u, 'boss') FROM unnest('{plus_short,plus_a,plus_g,plus_self}'::text[]) u;
SELECT t.person('plus_short', 'rolemaker', valid_until => '2100-01-01');
SELECT t.person('plus_a', 'rolemaker', 'a');
SELECT t.person('plus_g', 'rolemaker', only_group => 'g');
SELECT t.person('plus_self', 'rolemaker', only_self => true);
SELECT t.person('maker', 'rolemaker');
SELECT t.person('founder', 'founder');
SELECT t.person('worker', 'worker');
SELECT t.person('worker_a', 'worker', 'a');
SELECT t.person('worker_b', 'worker', 'b');
SELECT t.person('worker_ab', 'worker', 'a');
SELECT t.person('worker_ab', 'worker', 'b');
SELECT t.person('helper', 'helper');
SELECT t.person('watcher', 'watcher');
SELECT t.person('nobody');
SELECT t.person('in_g', 'worker');
SELECT ambit.add_to_group('xa', 'g', 'in_g');
SELECT ambit.add_to_group('xa', 'g', 'boss_g');
SELECT ambit.add_member('xb', 'stranger');
SELECT ambit.assign_role('xb', 'stranger', 'boss');

SET ROLE regress_authority_app;

/* ---- who may call at all ------------------------------------------------------ */

SELECT is(t.says('worker', $$assign_role('xa', 'nobody', 'worker')$$), '42501: It needs permission "users.manage".', 'the missing permission is named');
SELECT is(t.says('visitor', $$assign_role('xa', 'nobody', 'worker')$$), '42501: The DBA may call it, and an identity whose permissions allow it.', 'not visitors');
SELECT is(t.says('stranger@xb', $$assign_role('xa', 'nobody', 'worker')$$), '42501: The identity in force is one of another tenant.', 'not those of another tenant');
SELECT is(t.says('stranger@xb', $$assign_role('nowhere', 'nobody', 'worker')$$), '42501: The identity in force is one of another tenant.', '... which need not exist');
SELECT is(t.says('boss', call), '42501: ' || detail, call)
FROM (VALUES
	($$create_role('xa', 'x')$$, 'It needs permission "roles.edit".'),
	($$set_feature('xa', 'chat', true)$$, 'It needs permission "roles.edit".')) v (call, detail);
SELECT alike(t.says(who, call), '42501%', who || ': ' || call)
FROM unnest('{boss,founder,maker,lead}'::text[]) who, unnest(ARRAY[
	$$create_tenant('xc', 't_auth')$$, $$drop_tenant('xa')$$, $$transfer_role('xa', 'founder', 'founder', 'boss')$$,
	$$trust_application('regress_authority_app')$$, $$grant_administration('regress_authority_app')$$,
	$$protect('pg_class')$$, $$bind_relationship('served', 'SELECT 1')$$]) call;
SELECT throws_ok($$SELECT ambit.assign_role('xa', 'nobody', 'worker')$$, '42501', NULL, 'not without an identity');
SELECT throws_ok(format('SELECT ambit.%s', f), '42501', NULL, f || ' is private')
FROM unnest(ARRAY[$$_admit('assign_role', 'xa')$$, $$_authorize('assign_role', 'xa')$$, $$_confirm_member(0, 'assign_role', 'xa', 'nobody')$$,
	$$_confirm_roles(0, 'f', 'xa')$$, $$_confirm_group(0, 'f', 'xa', 'g', 'nobody')$$, $$_confirm_location(0, 'f', 'xa', 'a')$$,
	$$_same_key('a', 'a')$$, $$_places('xa', 'nobody')$$]) f;

/* ---- assigning: no more than one has ----------------------------------------------- */

SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'boss')$$), 'ok', 'who holds all of a role may assign it');
SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'worker')$$), 'ok', 'all covers own');
SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'mate')$$), 'ok', '... and team');
SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'helper')$$), '42501: It would give member "nobody" permission "pay.view" in scope "own", which you do not have to give.',
	'not a role with a permission that one lacks');
SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'rolemaker')$$), '42501: It would give member "nobody" permission "roles.edit" in scope "all", which you do not have to give.',
	'... nor for oneself')
UNION ALL SELECT is(t.says('boss', $$assign_role('xa', 'boss', 'rolemaker')$$), '42501: It would give member "boss" permission "roles.edit" in scope "all", which you do not have to give.', '... for oneself');
SELECT is(t.says('lead', $$assign_role('xa', 'nobody', 'helper')$$), 'ok', 'unless the target roles name it');
SELECT is(t.says('lead', $$assign_role('xa', 'nobody', 'watcher')$$), 'ok', 'or one holds all of it');
SELECT is(t.says('lead', $$assign_role('xa', 'nobody', 'boss')$$), '42501: It would give member "nobody" permission "users.manage" in scope "all", which you do not have to give.',
	'towards anybody is more than towards some');
SELECT is(t.says('lead', $$assign_role('xa', 'lead', 'helper')$$), '42501: It needs permission "users.manage" towards member "lead", there and for so long.', 'not towards members with other roles');
SELECT is(t.says('lead', $$change_role('xa', 'worker', 'worker', 'helper')$$), 'ok', 'change_role: towards the present roles');
SELECT is(t.says('lead', $$change_role('xa', 'worker', 'worker', 'watcher')$$), 'ok', '... to what one holds');
SELECT is(t.says('lead', $$change_role('xa', 'watcher', 'watcher', 'worker')$$), '42501: It needs permission "users.manage" towards member "watcher", there and for so long.', '... not of others');
SELECT is(t.says('lead', $$revoke_role('xa', 'watcher', 'watcher')$$), '42501: It needs permission "users.manage" towards member "watcher", there and for so long.', 'revoke_role as well');
SELECT is(t.says('lead', $$remove_member('xa', 'helper')$$), 'ok', 'remove_member towards a target');
SELECT alike(t.says('lead', $$remove_member('xa', 'boss')$$), '42501%', '... not towards others');
SELECT is(t.says('boss', $$remove_member('xa', 'lead')$$), 'ok', '... without targets towards anybody');
SELECT is(t.says('boss', $$assign_role('xa', 'zoe', 'worker')$$), '42704', 'an unknown member');
SELECT is(t.says('boss', $$assign_role('xa', 'nobody', 'warker')$$), '42704', 'an unknown role');

/* ---- the place ------------------------------------------------------------------------ */

SELECT is(t.says('boss_a', $$assign_role('xa', 'nobody', 'worker', 'a')$$), 'ok', 'at one''s own location');
SELECT is(t.says('boss_a', $$assign_role('xa', 'nobody', 'worker', 'aa')$$), 'ok', '... and below');
SELECT alike(t.says('boss_a', format($$assign_role('xa', 'nobody', 'worker', %L)$$, l)), '42501%', '... not at ' || coalesce(l, 'the whole tenant'))
FROM unnest('{top,b,NULL}'::text[]) l;
SELECT is(t.says('boss_a', $$assign_role('xa', 'worker_b', 'worker', 'aa')$$), 'ok', 'a member with roles elsewhere may get one here');
SELECT is(t.says('boss_a', $$revoke_role('xa', 'worker_ab', 'worker', 'a')$$), 'ok', 'revoked here');
SELECT alike(t.says('boss_a', $$revoke_role('xa', 'worker_ab', 'worker', 'b')$$), '42501%', '... not there');
SELECT is(t.says('boss_a', $$remove_member('xa', 'worker_a')$$), 'ok', 'a member of one''s location only may be removed');
SELECT alike(t.says('boss_a', $$remove_member('xa', 'worker_ab')$$), '42501%', '... not one who is elsewhere too');
SELECT alike(t.says('boss_a', $$remove_member('xa', 'nobody')$$), '42501%', '... nor one without roles');
SELECT is(t.says('boss_a', $$set_member_permission('xa', 'worker_a', 'books.view', false)$$), 'ok', 'an override that takes away, at one''s location');
SELECT alike(t.says('boss_a', $$set_member_permission('xa', 'worker_a', 'books.view', true, 'all')$$), '42501%', '... not one that gives: it goes wherever the member comes to have a role');
SELECT alike(t.says('boss_a', $$set_member_permission('xa', 'worker_ab', 'books.view', true, 'all')$$), '42501%', '... not where the member has roles elsewhere');
SELECT is(t.says('boss_short', $$assign_role('xa', 'nobody', 'worker', valid_until => '2099-01-01')$$), 'ok', 'until one''s own end');
SELECT alike(t.says('boss_short', $$assign_role('xa', 'nobody', 'worker')$$), '42501%', '... not longer');
SELECT alike(t.says('boss_short', $$assign_role('xa', 'nobody', 'worker', valid_until => '2100-01-02')$$), '42501%', '... not by a day');
SELECT is(t.says('boss_g', $$assign_role('xa', 'in_g', 'watcher', only_group => 'g')$$), 'ok', 'within one''s group');
SELECT alike(t.says('boss_g', $$assign_role('xa', 'in_g', 'watcher')$$), '42501%', '... not for the whole tenant');
SELECT alike(t.says('boss_g', $$assign_role('xa', 'in_g', 'watcher', only_group => 'h')$$), '42501%', '... nor another group');
SELECT alike(t.says('boss_g', $$assign_role('xa', 'nobody', 'watcher', only_group => 'g')$$), '42501%', '... nor for one outside');
SELECT alike(t.says('boss_self', $$assign_role('xa', 'boss_self', 'worker', only_self => true)$$), '42501%', 'who is limited to oneself administers nobody');

/* change_role changes every assignment of the role at that place: one authority, for all of them */
RESET ROLE;
SELECT ambit.add_group('xa', 'i');
SELECT ambit.add_group('xa', 'j');
SELECT t.person(u, r, only_group => g)
FROM (VALUES ('boss_ij', 'boss', 'i'), ('boss_ij', 'boss', 'j'), ('boss_until', 'boss', 'i'), ('in_ij', 'worker', 'i'), ('in_ij', 'worker', 'j'), ('in_i', 'worker', 'i')) v (u, r, g);
SELECT t.person('boss_until', 'boss', valid_until => '2100-01-01');
SELECT t.person('in_i', 'worker', valid_until => '2099-01-01');
SELECT ambit.add_to_group('xa', g, u) FROM (VALUES ('i', 'in_ij'), ('j', 'in_ij'), ('i', 'in_i')) v (g, u);
SELECT t.person('two_ends', 'worker', 'a', valid_until => '2100-01-02');
SELECT t.person('two_ends', 'worker', 'a', only_self => true, valid_until => '2099-01-01');
SET ROLE regress_authority_app;
SELECT alike(t.says('boss_ij', $$change_role('xa', 'in_ij', 'worker', 'watcher')$$), '42501: It needs permission "users.manage" towards member "in_ij", there and for so long.', 'change_role: one authority for one group, one for another');
SELECT alike(t.says('boss_until', $$change_role('xa', 'in_i', 'worker', 'watcher')$$), '42501: It needs permission "users.manage" towards member "in_i", there and for so long.', '... one that lasts, one for the whole tenant');
SELECT alike(t.says('boss_short', $$change_role('xa', 'two_ends', 'worker', 'watcher', 'a')$$), '42501: It needs permission "users.manage" towards member "two_ends", there and for so long.', '... none that ends before one of them');
SELECT is(t.says('boss', format($$change_role('xa', %L, 'worker', 'watcher', %s)$$, u, l)), 'ok', '... one without limits: ' || u)
FROM (VALUES ('in_ij', 'NULL'), ('in_i', 'NULL'), ('two_ends', $$'a'$$)) v (u, l);
SELECT is(t.says('boss_short', $$change_role('xa', 'two_ends', 'worker', 'watcher')$$), '42704', '... and where there is none, there is nothing to change');
RESET ROLE;
SELECT ambit.revoke_role('xa', 'in_ij', 'worker');
SELECT ambit.assign_role('xa', 'in_ij', 'worker', only_group => 'j');
SELECT ambit.assign_role('xa', 'in_ij', 'worker', only_group => 'j', only_self => true);
SET ROLE regress_authority_app;
SELECT is(t.says('boss_ij', $$change_role('xa', 'in_ij', 'worker', 'watcher')$$), 'ok', '... two assignments within the one group');

/* who may assign anywhere, and has a permission of the role for less than that */
SELECT is(t.says(who, format($$assign_role('xa', 'nobody', 'rolemaker', %s)$$, within)), 'ok', who || ': within what one has: ' || within)
FROM (VALUES ('plus_short', $$valid_until => '2099-01-01'$$), ('plus_a', $$'aa'$$), ('plus_g', $$only_group => 'g'$$), ('plus_self', 'only_self => true')) v (who, within);
SELECT alike(t.says(who, format($$assign_role('xa', 'nobody', 'rolemaker', %s)$$, beyond)), '42501: It would give member "nobody" permission "roles.edit"%', who || ': not beyond: ' || beyond)
FROM (VALUES ('plus_short', 'valid_until => NULL'), ('plus_short', $$valid_until => '2100-01-02'$$), ('plus_a', $$'b'$$), ('plus_a', $$'top'$$), ('plus_a', 'NULL'),
	('plus_g', 'only_group => NULL'), ('plus_g', $$only_group => 'h'$$), ('plus_self', 'only_self => false')) v (who, beyond);

/* ---- members and keys ------------------------------------------------------------------ */

SELECT is(t.says('lead', $$add_member('xa', 'newcomer')$$), 'ok', 'a new member');
SELECT is(t.says('lead', $$add_member('xa', 'newcomer', '{"staff": "77"}')$$), 'ok', '... with keys that nobody has');
SELECT alike(t.says('lead', format($$add_member('xa', 'newcomer', %L)$$, jsonb_build_object('staff', k))), '42501: Key "staff" of another member%', 'not those of another: ' || k)
FROM unnest('{s_boss,S_BOSS," s_boss"}'::text[]) k;
SELECT alike(t.says('lead', $$add_member('xa', 'worker', '{"staff": "s_boss"}')$$), '42501: Member "worker" has other keys%', 'keys of a member are not for delegates');
SELECT alike(t.says('lead', $$add_member('xa', 'worker', '{}')$$), '42501: Member "worker" has other keys%', '... not to take away either');
SELECT is(t.says('lead', $$add_member('xa', 'worker', '{"staff": "s_worker"}')$$), 'ok', 'the same again is no change');
SELECT alike(t.says('lead', $$add_member('xa', 'lead', '{"staff": "s_boss"}')$$), '42501%', 'nor one''s own');
RESET ROLE;
SELECT ok(ambit._same_key(a, b) = same AND ambit._same_key(b, a) = same, format('%s and %s: %s', a, b, same))
FROM (VALUES ('7', '07', true), ('7', '+7', true), ('7', ' 7 ', true), ('7', '0x7', true), ('10', '1_0', true), ('7', '7.0', true), ('-7', '7', false), ('7', '8', false),
	('0', '-0', true), ('8', '0b1000', true), ('8', '0o10', true), ('70', '7', false), ('a', 'A', true), ('a', 'b', false), ('7a', '07a', false), ('', ' ', true),
	('{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11', true), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'a0eebc999c0b4ef8bb6d6bb9bd380a11', false),
	('99999999999999999999999', '099999999999999999999999', false)) v (a, b, same);
SET ROLE regress_authority_app;

/* ---- a role that one member holds -------------------------------------------------------- */

SELECT alike(t.says(who, call), '42501%', who || ': ' || call)
FROM unnest('{boss,founder}'::text[]) who, unnest(ARRAY[
	$$assign_role('xa', 'nobody', 'founder')$$, $$assign_role('xa', 'boss', 'founder')$$, $$revoke_role('xa', 'founder', 'founder')$$,
	$$change_role('xa', 'founder', 'founder', 'worker')$$, $$change_role('xa', 'worker', 'worker', 'founder')$$]) call;
SELECT is(t.says('boss', call), '42501: Member "founder" holds a role that only one member holds.', call)
FROM unnest(ARRAY[$$assign_role('xa', 'founder', 'worker')$$, $$remove_member('xa', 'founder')$$, $$set_member_permission('xa', 'founder', 'books.view', false)$$,
	$$add_to_group('xa', 'g', 'founder')$$, $$add_member('xa', 'founder', '{"staff": "x"}')$$]) call;
SELECT is(t.says('founder', $$assign_role('xa', 'founder', 'worker')$$), 'ok', 'the holder may give himself what he has');
SELECT is(t.says('founder', $$assign_role('xa', 'nobody', 'boss')$$), 'ok', '... and others');

/* ---- overrides ---------------------------------------------------------------------------- */

SELECT is(t.says('boss', $$set_member_permission('xa', 'worker', 'books.view', true, 'all')$$), 'ok', 'an override within one''s rights');
SELECT is(t.says('boss', $$set_member_permission('xa', 'worker', 'books.edit', true, 'own')$$), 'ok', '... scope by scope');
SELECT alike(t.says('boss', $$set_member_permission('xa', 'worker', 'books.edit', true, 'all')$$), '42501: It would give member "worker" permission "books.edit" in scope "all"%', 'not a wider scope');
SELECT alike(t.says('boss', $$set_member_permission('xa', 'boss', 'books.edit', true, 'all')$$), '42501%', '... for oneself');
SELECT alike(t.says('boss', $$set_member_permission('xa', 'worker', 'pay.view', true)$$), '42501%', 'nor a permission that one lacks');
SELECT is(t.says('boss', $$set_member_permission('xa', 'helper', 'pay.view', false)$$), 'ok', 'off needs no right of one''s own');
RESET ROLE;
SELECT ambit.set_member_permission('xa', 'helper', 'pay.view', false);
SET ROLE regress_authority_app;
SELECT alike(t.says('boss', $$set_member_permission('xa', 'helper', 'pay.view', NULL)$$), '42501%', 'back to what the roles say may be a rise');
RESET ROLE;
/* an override that a lock suppresses, freed by revoking the role that locks */
SELECT t.person('locked', 'worker');
SELECT ambit.set_member_permission('xa', 'locked', 'pay.view', true, 'all');
SELECT ambit.assign_role('xa', 'locked', 'locker');
SELECT t.person('latent');
SELECT t.person('latent', 'worker');
SELECT ambit.set_member_permission('xa', 'latent', 'pay.view', true, 'all');
SELECT ambit.revoke_role('xa', 'latent', 'worker');
SET ROLE regress_authority_app;
SELECT alike(t.says('boss', $$revoke_role('xa', 'locked', 'locker')$$), '42501: It would give member "locked" permission "pay.view" in scope "all"%', 'revoking a lock is a rise');
SELECT alike(t.says('boss', $$change_role('xa', 'locked', 'locker', 'mate')$$), '42501%', '... changing it, too');
SELECT alike(t.says('boss', $$assign_role('xa', 'latent', 'worker')$$), '42501: It would give member "latent" permission "pay.view"%', 'an override waits for a role');
SELECT alike(t.says('lead', $$assign_role('xa', 'latent', 'worker')$$), '42501: It would give member "latent" permission "pay.view"%', '... also for one that the targets name');

/* ---- conditions -------------------------------------------------------------------------- */

SELECT alike(t.says('boss', $$assign_role('xa', 'nobody', 'mobile_worker')$$), '42501%"keys.view"%', 'what holds by another channel counts');
SELECT alike(t.says('boss', $$assign_role('xa', 'nobody', 'chatter')$$), '42501%"chat.use"%', '... and what a feature may bring');
SELECT alike(t.says('boss', $$assign_role('xa', 'nobody', 'off_lead')$$), '42501%"off.view" in scope "own"%', '... and what is conditional');
RESET ROLE;
SELECT t.person('off', 'off_lead');
SET ROLE regress_authority_app;
SELECT alike(t.says('maker', $$set_role_permission('xa', 'off_lead', 'off.calendar', true)$$), '42501%"off.view" in scope "all"%',
	'a permission that the caller has may not wake another that the caller has not');
SELECT alike(t.says('maker', $$set_feature('xa', 'chat', true)$$), '42501%"chat.use"%', 'nor may a feature');
SELECT is(t.says('maker', $$set_feature('xa', 'chat', false)$$), 'ok', '... which may be turned off');

/* ---- roles -------------------------------------------------------------------------------- */

SELECT is(t.says('maker', $$set_role_permission('xa', 'worker', 'books.view', true, 'all')$$), 'ok', 'a cell within one''s rights');
SELECT alike(t.says('maker', $$set_role_permission('xa', 'worker', 'pay.view', true)$$), '42501%"pay.view"%', '... not beyond');
SELECT is(t.says('maker', $$set_role_permission('xa', 'lead', 'users.manage', false)$$), 'ok', 'off is always within');
SELECT alike(t.says('maker', $$set_role_permission('xa', 'rolemaker', 'pay.view', true)$$), '42501%', 'not for one''s own role');
SELECT alike(t.says('maker', $$set_role_permission('xa', 'founder', 'books.view', true)$$), '42501%', 'not for a role that one member holds');
SELECT is(t.says('maker', $$create_role('xa', 'x', modules => '{"books": "watcher"}')$$), 'ok', 'a role within one''s rights');
SELECT alike(t.says('maker', $$create_role('xa', 'x', modules => '{"users": "lead"}')$$), '42501%"users.%', '... not by a module');
SELECT alike(t.says('maker', $$create_role('xa', 'x', inherits => '{lead}')$$), '42501%', '... not by inheritance');
SELECT is(t.does('maker', $$create_role('xa', 'mine', modules => '{"books": "worker"}')$$), 'ok', 'it is made');
SELECT is(t.says('maker', $$set_role_module('xa', 'mine', 'books', 'watcher')$$), 'ok', 'another level');
SELECT alike(t.says('maker', $$set_role_module('xa', 'mine', 'users', 'lead')$$), '42501%', '... not beyond');
SELECT is(t.says('maker', $$drop_role('xa', 'mine')$$), 'ok', 'drop_role');
SELECT alike(t.says('boss', $$drop_role('xa', 'mine')$$), '42501: It needs permission "roles.edit".', '... not by everybody');
RESET ROLE;
SELECT t.person('maker_a', 'rolemaker', 'a');
SELECT ambit.set_role_permission('xa', 'helper', 'pay.view', false);
SELECT t.person('two', 'off_lead');
SELECT ambit.set_role_permission('xa', 'mine', 'off.calendar', false);
SELECT ambit.assign_role('xa', 'two', 'mine');
SET ROLE regress_authority_app;
SELECT alike(t.says('maker_a', $$set_role_permission('xa', 'worker', 'books.view', true, 'all')$$), '42501%', 'a role is the whole tenant''s: not for those of a location');
SELECT alike(t.says('maker', $$set_role_permission('xa', 'helper', 'pay.view', NULL)$$), '42501%', 'back to the template may be a rise');
SELECT alike(t.says('maker', $$set_role_permission('xa', 'mine', 'off.calendar', true)$$), '42501%"off.view" in scope "all"%', 'a cell of one role may wake another role of the same member');

/* ---- groups and locations ------------------------------------------------------------------ */

RESET ROLE;
SELECT t.person('pay_g', 'helper', only_group => 'g');
SELECT ambit.set_role_permission('xa', 'helper', 'pay.view', true, 'all');
SET ROLE regress_authority_app;
SELECT alike(t.says('boss', $$add_to_group('xa', 'g', 'nobody')$$), '42501: It would give %', 'who joins a group shows his rows to those who are limited to it');
SELECT is(t.says('boss', $$add_to_group('xa', 'h', 'nobody')$$), 'ok', '... another group does not');
SELECT alike(t.says('boss_g', $$add_to_group('xa', 'g', 'worker')$$), '42501%', 'who is limited to a group takes nobody into it');
SELECT is(t.says('boss', $$remove_from_group('xa', 'g', 'in_g')$$), 'ok', 'out of it is no rise');
SELECT is(t.says('boss', $$add_group('xa', 'new')$$), 'ok', 'a new group');
SELECT is(t.says('boss', $$drop_group('xa', 'h')$$), 'ok', 'drop_group');
SELECT is(t.says('boss', $$drop_group('xa', 'g')$$), '2BP01: Assignments limited to it: 3.', '... not one in use');
SELECT alike(t.says('worker', $$add_group('xa', 'new')$$), '42501: It needs permission "teams.manage".', 'not everybody');

SELECT is(t.says('boss', $$add_location('xa', 'c')$$), 'ok', 'a new location at the top');
SELECT is(t.says('boss', $$add_location('xa', 'c', 'b')$$), 'ok', '... where others have roles that one covers');
SELECT alike(t.says('boss_a', $$add_location('xa', 'c', 'a')$$), '42501%', '... not where one has no more than the location');
SELECT alike(t.says('boss_a', $$move_location('xa', 'b', 'a')$$), '42501: It needs permission "sites.manage" there%', 'moving needs both places');
SELECT alike(t.says('boss_a', $$move_location('xa', 'aa', NULL)$$), '42501: It needs permission "sites.manage" there%', '... the new one as well');
SELECT alike(t.says('boss_a', $$drop_location('xa', 'b')$$), '42501%', 'drop_location needs the place');
RESET ROLE;
SELECT t.person('helper_b', 'helper', 'b');
SET ROLE regress_authority_app;
SELECT alike(t.says('boss', $$move_location('xa', 'aa', 'b')$$), '42501%"pay.view" in scope "all" at location "aa"%', 'who has more at the new parent would have it below');
SELECT is(t.says('boss', $$move_location('xa', 'aa', 'top')$$), 'ok', 'a move to where nobody has more');

/* ---- the questions ---------------------------------------------------------------------------- */

SELECT ok(t.can('boss', 'boss', 'nobody'), 'can_assign_role: what one holds');
SELECT ok(NOT t.can('boss', 'helper', 'nobody'), '... not more');
SELECT ok(t.can('boss', 'worker'), '... to a new member');
SELECT ok(NOT t.can('boss', 'rolemaker'), '... not more either');
SELECT ok(t.can('lead', 'helper', 'worker') AND NOT t.can('lead', 'helper', 'watcher') AND NOT t.can('lead', 'boss', 'worker'), '... targets');
SELECT ok(t.can('boss_a', 'worker', 'nobody', 'a') AND t.can('boss_a', 'worker', NULL, 'aa') AND NOT t.can('boss_a', 'worker', 'nobody') AND NOT t.can('boss_a', 'worker', 'nobody', 'b'), '... places');
SELECT ok(NOT t.can('worker', 'worker', 'nobody') AND NOT t.can('boss', 'nosuch') AND NOT t.can('boss', 'worker', 'zoe') AND NOT t.can('boss', 'worker', NULL, 'zoe')
	AND NOT t.can('boss', 'guest') AND NOT t.can('boss', 'founder') AND NOT t.can('boss', 'worker', 'founder') AND NOT t.can('boss', NULL), '... and no for all else');
SELECT ok(NOT ambit.can_assign_role('worker'), 'no without an identity');
SELECT is(t.says('boss', $$has_permission('xa', 'worker', 'books.view')$$), 'ok', 'the rights of others, for those to whom the template gives it');
SELECT is(t.says('lead', $$effective_permissions('xa', 'worker')$$), 'ok', '... towards the targets');
SELECT alike(t.says('lead', $$effective_permissions('xa', 'watcher')$$), '42501%', '... only');
SELECT alike(t.says('boss_a', $$effective_permissions('xa', 'worker_b')$$), '42501%', '... there only');
SELECT alike(t.says('worker', $$effective_permissions('xa', 'watcher')$$), '42501%', '... not for everybody');
SELECT is(t.says('worker', $$effective_permissions('xa', 'worker')$$), 'ok', 'one''s own');
RESET ROLE;
SELECT ok(NOT t.can('boss', 'helper', 'nobody'), 'the authority of the DBA does not count in can_assign_role');

/* ---- it happens -------------------------------------------------------------------------------- */

SET ROLE regress_authority_app;
SELECT is(t.does('lead', $$add_member('xa', 'hired', '{"staff": "90"}')$$), 'ok', 'hired');
SELECT is(t.does('lead', $$assign_role('xa', 'hired', 'helper')$$), 'ok', 'given a role');
SELECT is(t.does('lead', $$change_role('xa', 'hired', 'helper', 'worker')$$), 'ok', 'changed');
RESET ROLE;
SELECT results_eq($$SELECT role FROM ambit.assignment WHERE tenant = 'xa' AND user_id = 'hired'$$, $$VALUES ('worker' COLLATE "C")$$, 'the change is there');
SET ROLE regress_authority_app;
SELECT is(t.does('lead', $$revoke_role('xa', 'hired', 'worker')$$), 'ok', 'revoked');
SELECT is(t.does('boss', $$remove_member('xa', 'hired')$$), 'ok', 'removed');
RESET ROLE;
SELECT is_empty($$SELECT FROM ambit.member WHERE tenant = 'xa' AND user_id = 'hired'$$, 'gone');

SELECT finish();
ROLLBACK;
