/*
 * authority_attacks.sql
 *		What a hostile administrator of a tenant would try: rights that are
 *		asleep when they are judged and wake later, what others wake unawares,
 *		what is judged in one order and not in the other.  Eve administers
 *		users, roles, groups and sites; of the business she has what an employee
 *		has.  Pay is not hers.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SELECT no_plan();

CREATE ROLE regress_eve_app;
SELECT ambit.trust_application('regress_eve_app');
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_eve_app;

/* as somebody, call after call; ok, or what the one that failed says, and then nothing stays */
CREATE FUNCTION t.as(who text, VARIADIC calls text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	_call text;
	_detail text;
BEGIN
	PERFORM ambit.assume('t', who);
	FOREACH _call IN ARRAY calls LOOP
		EXECUTE 'SELECT ambit.' || _call;
	END LOOP;
	PERFORM ambit.logout();
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS _detail = PG_EXCEPTION_DETAIL;
	PERFORM ambit.logout();
	RETURN concat_ws(': ', SQLSTATE, coalesce(nullif(_detail, ''), SQLERRM));
END
$$;
CREATE FUNCTION t.scopes(who text, permission text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	_scopes text[];
BEGIN
	PERFORM ambit.assume('t', who);
	_scopes := ambit.permission_scopes(permission::ambit.permission);
	PERFORM ambit.logout();
	RETURN _scopes;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO regress_eve_app;

CREATE FUNCTION t.model(extra jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('template', 't_eve', 'visitor_role', 'guest', 'features', '{"f1": {}, "f2": {}}'::jsonb,
		'permissions', (SELECT jsonb_agg(jsonb_build_object('key', k)) FROM unnest('{adm.users,adm.roles,adm.groups,adm.sites,books.view,pay.view,pay.edit,team.view,chat.use,feat.use}'::text[]) k),
		'roles', (SELECT jsonb_agg(jsonb_build_object('role', r)) FROM unnest('{guest,clerk,worker,locker,mate,feature,admin,owner}'::text[]) r),
		'cells', (
			SELECT jsonb_agg(jsonb_build_object('role', role, 'permission', permission, 'enabled', true, 'entries', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('scope', scope, 'feature', feature)))))
			FROM (VALUES ('clerk', 'chat.use', 'all', NULL), ('worker', 'books.view', 'own', NULL), ('mate', 'team.view', 'team', NULL), ('feature', 'feat.use', 'all', 'f1'),
				('admin', 'adm.users', 'all', NULL), ('admin', 'adm.roles', 'all', NULL), ('admin', 'adm.groups', 'all', NULL), ('admin', 'adm.sites', 'all', NULL),
				('admin', 'books.view', 'own', NULL), ('admin', 'team.view', 'team', NULL), ('admin', 'chat.use', 'all', NULL), ('admin', 'feat.use', 'all', 'f2'),
				('owner', 'adm.users', 'all', NULL), ('owner', 'books.view', 'all', NULL), ('owner', 'pay.view', 'all', NULL), ('owner', 'pay.edit', 'all', NULL), ('owner', 'chat.use', 'all', NULL))
				v (role, permission, scope, feature)) || '[{"role": "locker", "permission": "pay.view", "enabled": false, "locked": true}]' || extra,
		'administration', (SELECT jsonb_object_agg(f, p) FROM (
			SELECT unnest('{add_member,remove_member,assign_role,revoke_role,change_role,set_member_permission}'::text[]), 'adm.users'
			UNION ALL SELECT unnest('{create_role,set_role_permission,set_role_module,drop_role,set_feature}'::text[]), 'adm.roles'
			UNION ALL SELECT unnest('{add_location,move_location,drop_location}'::text[]), 'adm.sites'
			UNION ALL SELECT unnest('{add_group,add_to_group,remove_from_group,drop_group}'::text[]), 'adm.groups') x (f, p)))
$$;
SELECT ambit.import_template(t.model('[]'));
SELECT ambit.create_tenant('t', 't_eve');
SELECT ambit.add_member('t', 'eve', '{"staff": "eve"}'), ambit.assign_role('t', 'eve', 'admin');
SELECT ambit.add_member('t', 'own', '{"staff": "own"}'), ambit.assign_role('t', 'own', 'owner');
SET ROLE regress_eve_app;

/* ---- what is off says nothing of scopes ------------------------------------------- */

SELECT is(t.as('eve', $$set_role_permission('t', 'admin', 'books.view', false, 'all')$$), 'ok', 'off with a scope');
SELECT is(t.as('eve', $$set_member_permission('t', 'eve', 'books.view', true, 'own')$$), '42501: It would give member "eve" permission "books.view" in scope "own", which you do not have to give.',
	'who turned his own permission off has it no more to give');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'eve', 'books.view', true);
SET ROLE regress_eve_app;
SELECT is(t.scopes('eve', 'books.view'), '{own}', 'an override without scope takes the entries of the cell, not the scope of a cell that is off');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'eve', 'books.view', NULL), ambit.set_role_permission('t', 'admin', 'books.view', NULL);
SELECT ambit.add_member('t', 'x11'), ambit.assign_role('t', 'x11', 'worker'), ambit.assign_role('t', 'x11', 'clerk');
SELECT ambit.set_member_permission('t', 'x11', 'books.view', true);
SET ROLE regress_eve_app;
SELECT is(t.as('eve', $$set_role_permission('t', 'clerk', 'books.view', false)$$), 'ok', 'off where the template has no cell');
SELECT is(t.scopes('x11', 'books.view'), '{own}', '... brings no scope either');

/* ---- what ends does not make more -------------------------------------------------- */

RESET ROLE;
SELECT ambit.revoke_role('t', 'x11', 'worker');
SET ROLE regress_eve_app;
SELECT is(t.scopes('x11', 'books.view'), '{}', 'an override without scope has nothing once the role with the cell is gone');
SELECT is(t.as('eve', $$add_member('t', 'acc')$$, $$assign_role('t', 'acc', 'clerk')$$, $$assign_role('t', 'acc', 'worker', valid_until => clock_timestamp() + interval '2 s')$$), 'ok', 'a role that ends soon');
SELECT alike(t.as('eve', $$set_member_permission('t', 'acc', 'books.view', true)$$), '42501%', '... and an override that would outlive it');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'acc', 'books.view', true);
SELECT pg_sleep(greatest(0.01, extract(epoch FROM max(valid_until) - clock_timestamp() + interval '10 ms'))) FROM ambit.assignment WHERE user_id = 'acc' AND role = 'worker';
SET ROLE regress_eve_app;
SELECT is(t.scopes('acc', 'books.view'), '{}', '... which, made by the DBA, ends with it');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'acc', 'books.view', true);
SET ROLE regress_eve_app;
SELECT is(t.scopes('acc', 'books.view'), '{all}', 'where no role has such a cell, all is said at once');
RESET ROLE;
SELECT ambit.set_role_permission('t', 'clerk', 'team.view', true);
SELECT ambit.import_template(t.model('[{"role": "clerk", "permission": "team.view", "enabled": false, "entries": [{"scope": "own"}]}]'));
SET ROLE regress_eve_app;
SELECT is(t.scopes('acc', 'team.view'), '{all}', 'the same of a role: what the template says later is not meant');
RESET ROLE;
SELECT ambit.set_role_permission('t', 'clerk', 'team.view', NULL);
SELECT ambit.set_role_permission('t', 'clerk', 'team.view', true);
SET ROLE regress_eve_app;
SELECT is(t.scopes('acc', 'team.view'), '{own}', '... where it said something, that is meant');
RESET ROLE;
SELECT ambit.import_template(t.model('[]'));
SET ROLE regress_eve_app;
SELECT is(t.scopes('acc', 'team.view'), '{}', '... until it says nothing any more');

/* ---- what one role gives with the help of another that is held at another place ---------- */

RESET ROLE;
SELECT ambit.import_template(t.model('[{"role": "mate", "permission": "pay.view", "enabled": true, "entries": [{"scope": "own", "feature": "f3", "requires": ["chat.use"]}]},
		{"role": "clerk", "permission": "pay.view", "enabled": true, "entries": [{"scope": "all"}]}]')
	|| '{"features": {"f1": {}, "f2": {}, "f3": {}}}');
SELECT ambit.add_location('t', 'hut'), ambit.add_member('t', 'far', '{"staff": "far"}'), ambit.assign_role('t', 'far', 'mate');
SET ROLE regress_eve_app;
SELECT is(t.as('eve', $$set_feature('t', 'f3', true)$$, $$set_feature('t', 'f3', false)$$), 'ok', 'a feature that gives nobody anything');
RESET ROLE;
SELECT ambit.assign_role('t', 'far', 'clerk', 'hut');
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$set_feature('t', 'f3', true)$$), '42501: It would give those with role "clerk" and "mate" permission "pay.view" in scope "own"%', '... and one that gives what is had at the hut only');
SELECT is(t.as('eve', $$create_role('t', 'aide', modules => '{"chat": "clerk"}')$$), 'ok', 'a role of what one has');
RESET ROLE;
SELECT ambit.revoke_role('t', 'far', 'clerk', 'hut'), ambit.assign_role('t', 'far', 'aide', 'hut'), ambit.set_feature('t', 'f3', true);
SELECT ambit.set_role_permission('t', 'aide', 'chat.use', false), ambit.set_role_permission('t', 'aide', 'pay.view', true);
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$set_role_permission('t', 'aide', 'chat.use', true)$$), '42501%"pay.view"%', '... nor by what the other role requires');
RESET ROLE;
SELECT ambit.remove_member('t', 'far'), ambit.drop_location('t', 'hut'), ambit.set_feature('t', 'f3', false);
SELECT ambit.drop_role('t', 'aide');
SELECT ambit.import_template(t.model('[]'));
SET ROLE regress_eve_app;

/* ---- what sleeps and is woken by others --------------------------------------------- */

SELECT is(t.as('eve', $$add_member('t', 'acc3')$$), 'ok', 'a member without a role');
SELECT alike(t.as('eve', $$set_member_permission('t', 'acc3', 'pay.view', true, 'all')$$), '42501: It would give member "acc3" permission "pay.view"%', 'an override that no role brings yet is judged as if one did');
SELECT alike(t.as('eve', $$set_member_permission('t', 'acc3', 'pay.edit', true)$$), '42501%', '... without a scope as well');
SELECT is(t.as('eve', $$set_member_permission('t', 'acc3', 'chat.use', true)$$), 'ok', '... and within one''s rights it is allowed');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'acc3', 'pay.view', true, 'all');
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$assign_role('t', 'acc3', 'locker')$$), '42501: It would give member "acc3" permission "pay.view"%', 'an override of the DBA''s is not stopped by a role that locks it: locks end');
RESET ROLE;
SELECT ambit.set_member_permission('t', 'acc3', 'pay.view', false);
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$set_member_permission('t', 'acc3', 'pay.view', NULL)$$), '42501%', 'what the DBA took away, roles or none, she does not give back');
SELECT is(t.as('eve', $$set_member_permission('t', 'acc3', 'chat.use', false)$$), 'ok', 'taking away is allowed');

/* ---- groups ---------------------------------------------------------------------------- */

RESET ROLE;
SELECT ambit.add_group('t', 'sales'), ambit.add_group('t', 'eves');
SELECT ambit.add_to_group('t', 'eves', 'eve');
SET ROLE regress_eve_app;
SELECT is(t.as('eve', $$add_member('t', 'acc5')$$, $$add_to_group('t', 'sales', 'acc5')$$), 'ok', 'the group first');
SELECT alike(t.as('eve', $$assign_role('t', 'acc5', 'mate')$$), '42501: It would give member "acc5" permission "team.view" in scope "team"%', '... and the role for its team after it');
SELECT alike(t.as('eve', $$add_member('t', 'acc6')$$, $$assign_role('t', 'acc6', 'mate')$$, $$add_to_group('t', 'sales', 'acc6')$$), '42501%', '... or before');
SELECT alike(t.as('eve', $$add_member('t', 'acc6')$$, $$add_to_group('t', 'eves', 'acc6')$$), '42501%', 'nor does she take somebody into her own team, whose rows would then be hers');
RESET ROLE;
SELECT ambit.add_member('t', 'acc7'), ambit.add_to_group('t', 'eves', 'acc7');
SET ROLE regress_eve_app;
SELECT is(t.as('eve', $$assign_role('t', 'acc7', 'mate')$$), 'ok', 'a role for teams to one who is in hers is allowed');
SELECT is(t.as('eve', $$set_member_permission('t', 'eve', 'team.view', true, 'team')$$), 'ok', 'an override for her own teams, which she has, is allowed');
SELECT alike(t.as('eve', $$set_member_permission('t', 'acc7', 'team.view', true, 'team')$$), '42501%', '... and none for those of another, who may be put into any');
SELECT alike(t.as('eve', $$add_member('t', 'loner')$$, $$set_member_permission('t', 'loner', 'team.view', true, 'team')$$), '42501: It would give member "loner" permission "team.view" in scope "team"%', '... nor where the other one is in no team yet');
SELECT alike(t.as('eve', $$set_role_permission('t', 'clerk', 'team.view', true, 'team')$$), '42501%', 'a role for teams is for everybody''s teams');
SELECT alike(t.as('eve', $$add_to_group('t', 'sales', 'eve')$$), '42501%', 'nor does she join a team');
SELECT alike(t.as('eve', $$add_group('t', 'marketing')$$, $$add_to_group('t', 'marketing', 'eve')$$), '42501%', '... that the application may have under that name');

/* ---- features ---------------------------------------------------------------------------- */

SELECT alike(t.as('eve', $$add_member('t', 'fe')$$, $$assign_role('t', 'fe', 'feature')$$), '42501: It would give member "fe" permission "feat.use"%', 'what another feature brings is not hers');

/* ---- keys ---------------------------------------------------------------------------------- */

RESET ROLE;
SELECT ambit.add_member('t', 'vic', '{"staff": "8"}'), ambit.assign_role('t', 'vic', 'worker');
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$remove_member('t', 'vic')$$, $$add_member('t', 'acc8', '{"staff": "08"}')$$), '42501: Key "staff" of another member, or of one who was a member%', 'keys of one who was removed stay his');
SELECT is(t.as('eve', $$remove_member('t', 'vic')$$, $$add_member('t', 'vic', '{"staff": "8"}')$$), 'ok', '... who may come back');
RESET ROLE;
SELECT ambit.remove_member('t', 'vic'), ambit.add_member('t', 'heir', '{"staff": "8"}');
SELECT ambit.remove_member('t', 'heir');
SET ROLE regress_eve_app;
SELECT alike(t.as('eve', $$add_member('t', 'vic', '{"staff": "8"}')$$), '42501%', 'unless the DBA gave them to another');
SELECT is(t.as('eve', $$add_member('t', 'heir', '{"staff": "8"}')$$), 'ok', '... who has them now');

/* ---- places ---------------------------------------------------------------------------------- */

SELECT is(t.as('eve', $$create_role('t', 'r0')$$), 'ok', 'a role');
SELECT is(t.as('eve', VARIADIC (SELECT array_agg(format('create_role(''t'', ''r%s'', inherits => ''{r%s}'')', i, i - 1)) FROM generate_series(1, 30) i)), 'ok', 'roles that inherit over thirty steps');
SELECT is(t.as('eve', $$create_role('t', 'r31', inherits => '{r30}')$$), '54000: Roles may inherit each other over 30 steps.', '... and no more');

/* roles by which every way through a lattice hides other modules: time grows with their number, not with the ways */
SELECT is(t.as('eve', $$create_role('t', 'z0', modules => '{"chat": "clerk"}')$$), 'ok', 'the foot of a lattice');
SELECT is(t.as('eve', VARIADIC (SELECT array_agg(c) FROM (
	SELECT unnest(ARRAY[format('create_role(''t'', ''a%s'', modules => %L, inherits => ''{z%s}'')', i, jsonb_build_object((ARRAY['adm', 'books', 'pay', 'team', 'feat'])[i % 5 + 1], 'no_access'), i - 1),
		format('create_role(''t'', ''z%s'', inherits => ''{a%s,z%s}'')', i, i, i - 1)]) AS c
	FROM generate_series(1, 14) i) x)), 'ok', 'a lattice of roles');
SELECT is(t.as('eve', $$add_member('t', 'lat')$$, $$assign_role('t', 'lat', 'z14')$$), 'ok', 'given to somebody');
SELECT is(t.scopes('lat', 'chat.use'), '{all}', '... who has what no way hides');
RESET ROLE;
SELECT is(role, 'z0', 'one use of each role') FROM ambit._role_sources('t', 'z14', 'chat.use');

SELECT finish();
ROLLBACK;
