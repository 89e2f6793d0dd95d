/*
 * tenant.sql
 *		The model functions: what they refuse, with which SQLSTATE, and what a
 *		call leaves in the model.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SELECT no_plan();

CREATE ROLE regress_tenant_owner;
CREATE ROLE regress_tenant_app;
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_tenant_app;

/* ---- a template with every kind of cell ------------------------------------ */

DO $do$
BEGIN
	PERFORM ambit._load_template('{
		"template": "t_school", "visitor_role": "visitor",
		"features": {"chat": {}},
		"scopes": {"served": {"relationship": "served"}},
		"permissions": [{"key": "tt.plain"}, {"key": "tt.toggle"}, {"key": "tt.needs_toggle"}, {"key": "tt.needs_both"},
			{"key": "tt.locked_on"}, {"key": "tt.locked_off"}, {"key": "tt.follows"}, {"key": "tt.hopeless"}, {"key": "tt.bare"}],
		"roles": [{"role": "visitor"}, {"role": "staff"}, {"role": "manager", "inherits": ["staff"]}, {"role": "owner", "single": true}],
		"cells": [
			{"role": "staff", "permission": "tt.plain", "enabled": true, "entries": [{"scope": "own"}]},
			{"role": "manager", "permission": "tt.toggle", "enabled": false, "entries": [{"scope": "all"}]},
			{"role": "manager", "permission": "tt.needs_toggle", "enabled": false, "requires": ["tt.toggle"], "entries": [{"scope": "all"}]},
			{"role": "manager", "permission": "tt.needs_both", "enabled": false, "requires": ["tt.needs_toggle", "tt.plain"], "entries": [{"scope": "all"}]},
			{"role": "manager", "permission": "tt.locked_on", "enabled": true, "locked": true, "entries": [{"scope": "all"}]},
			{"role": "manager", "permission": "tt.locked_off", "enabled": false, "locked": true},
			{"role": "manager", "permission": "tt.follows", "enabled": true, "locked": true, "requires": ["tt.needs_toggle"], "entries": [{"scope": "all"}]},
			{"role": "manager", "permission": "tt.hopeless", "enabled": false, "requires": ["tt.toggle", "tt.locked_off"], "entries": [{"scope": "all"}]}]}', false);
	PERFORM ambit._register_permission('tt.elsewhere');
	PERFORM ambit.create_tenant('a', 't_school');
	PERFORM ambit.create_tenant('b', 't_school');
	PERFORM ambit.add_location(t, l, p)
	FROM (VALUES ('a', 'top', NULL), ('a', 'mid', 'top'), ('a', 'low', 'mid'), ('a', 'used', NULL), ('a', 'free', NULL), ('b', 'other', NULL)) v (t, l, p);
	PERFORM ambit.add_group('a', 'team');
	PERFORM ambit.add_member('a', u) FROM unnest('{ann,bob,eve}'::text[]) u;
	PERFORM ambit.add_member('b', 'zoe');
	PERFORM ambit.add_to_group('a', 'team', 'ann');
	PERFORM ambit.assign_role('a', 'ann', 'manager');
	PERFORM ambit.assign_role('a', 'ann', 'staff', 'used');
	PERFORM ambit.assign_role('a', 'bob', 'owner');
END
$do$;

/* ---- what is refused ---------------------------------------------------------
 *
 * Each call leaves the model as it was, which is
 * checked once at the end, by counting rows.
 */

CREATE FUNCTION t.rows() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r record;
	n bigint;
	found text := '';
BEGIN
	FOR r IN SELECT c.oid::regclass AS rel FROM pg_class c
		WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
	LOOP
		EXECUTE format('SELECT count(*) FROM %s', r.rel) INTO n;
		found := found || format('%s %s, ', r.rel, n);
	END LOOP;
	RETURN found;
END
$$;
CREATE TABLE t.before AS SELECT t.rows() AS rows;

CREATE TABLE t.refused (call text, state text, message text);
INSERT INTO t.refused VALUES
	($$create_tenant(NULL, 't_school')$$, '22004', 'tenant must not be null'),
	($$create_tenant('', 't_school')$$, '22023', 'tenant must not be empty'),
	($$create_tenant('c', NULL)$$, '22004', 'template must not be null'),
	($$create_tenant('c', 't_schol')$$, '42704', 'template "t_schol" does not exist'),
	($$create_tenant('a', 't_school')$$, '42710', 'tenant "a" already exists'),
	($$drop_tenant('A')$$, '42704', 'tenant "A" does not exist'),
	($$drop_tenant(NULL)$$, '22004', 'tenant must not be null'),

	($$add_location('c', 'x')$$, '42704', 'tenant "c" does not exist'),
	($$add_location('a', 'top')$$, '42710', 'location "top" already exists in tenant "a"'),
	($$add_location('a', 'x', 'other')$$, '42704', 'location "other" does not exist in tenant "a"'),
	($$add_location('a', '')$$, '22023', 'location must not be empty'),
	($$add_location('a', 'x', '')$$, '22023', 'parent must not be empty'),
	($$add_location('a', NULL)$$, '22004', 'location must not be null'),
	($$move_location('a', 'top', 'low')$$, '22023', 'location "low" is below "top"'),
	($$move_location('a', 'top', 'mid')$$, '22023', 'location "mid" is below "top"'),
	($$move_location('a', 'top', 'top')$$, '22023', 'location "top" cannot be its own parent'),
	($$move_location('a', 'other', NULL)$$, '42704', 'location "other" does not exist in tenant "a"'),
	($$move_location('a', 'top', 'other')$$, '42704', 'location "other" does not exist in tenant "a"'),
	($$drop_location('a', 'mid')$$, '2BP01', 'location "mid" is in use'),
	($$drop_location('a', 'used')$$, '2BP01', 'location "used" is in use'),
	($$drop_location('b', 'free')$$, '42704', 'location "free" does not exist in tenant "b"'),

	($$add_group('a', 'team')$$, '42710', 'group "team" already exists in tenant "a"'),
	($$add_group('c', 'team')$$, '42704', 'tenant "c" does not exist'),
	($$add_group('a', '')$$, '22023', 'group must not be empty'),
	($$add_to_group('a', 'team', 'ann')$$, '42710', 'member "ann" is already in group "team"'),
	($$add_to_group('b', 'team', 'zoe')$$, '42704', 'group "team" does not exist in tenant "b"'),
	($$add_to_group('a', 'team', 'zoe')$$, '42704', 'member "zoe" does not exist in tenant "a"'),
	($$remove_from_group('a', 'team', 'bob')$$, '42704', 'member "bob" is not in group "team"'),
	($$remove_from_group('a', 'team', NULL)$$, '22004', 'user_id must not be null'),

	($$add_member('a', '')$$, '22023', 'user_id must not be empty'),
	($$add_member('a', NULL)$$, '22004', 'user_id must not be null'),
	($$add_member('a', 'dan', NULL)$$, '22004', 'keys must not be null'),
	($$add_member('a', 'dan', '7')$$, '22023', 'keys must be an object'),
	($$add_member('a', 'dan', '{"staff": {"id": 7}}')$$, '22023', 'keys must hold texts or numbers, none of them empty'),
	($$add_member('a', 'dan', '{"staff": ""}')$$, '22023', 'keys must hold texts or numbers, none of them empty'),
	($$remove_member('a', 'zoe')$$, '42704', 'member "zoe" does not exist in tenant "a"'),

	($$assign_role('a', 'ann', 'manager')$$, '42710', 'member "ann" already has role "manager" at the whole tenant'),
	($$assign_role('a', 'ann', 'manager', valid_until => now() + interval '1 day')$$, '42710', 'member "ann" already has role "manager" at the whole tenant'),
	($$assign_role('a', 'ann', 'staff', 'used')$$, '42710', 'member "ann" already has role "staff" at location "used"'),
	($$assign_role('a', 'zoe', 'staff')$$, '42704', 'member "zoe" does not exist in tenant "a"'),
	($$assign_role('a', 'ann', 'boss')$$, '42704', 'role "boss" does not exist in tenant "a"'),
	($$assign_role('a', 'ann', 'staff', 'other')$$, '42704', 'location "other" does not exist in tenant "a"'),
	($$assign_role('a', 'ann', 'staff', only_group => 'gang')$$, '42704', 'group "gang" does not exist in tenant "a"'),
	($$assign_role('a', 'ann', 'staff', only_self => NULL)$$, '22004', 'only_self must not be null'),
	($$assign_role('a', 'ann', 'visitor')$$, '22023', 'role "visitor" is for visitors'),
	($$assign_role('a', 'eve', 'owner')$$, '55000', 'role "owner" is held by one member only'),
	($$change_role('a', 'ann', 'manager', 'owner')$$, '55000', 'role "owner" is held by one member only'),
	($$change_role('a', 'ann', 'manager', 'visitor')$$, '22023', 'role "visitor" is for visitors'),
	($$change_role('a', 'ann', 'manager', 'boss')$$, '42704', 'role "boss" does not exist in tenant "a"'),
	($$change_role('a', 'ann', 'manager', 'staff', 'top')$$, '42704', 'member "ann" does not have role "manager" at location "top"'),
	($$revoke_role('a', 'ann', 'staff')$$, '42704', 'member "ann" does not have role "staff" at the whole tenant'),
	($$revoke_role('a', 'ann', 'manager', 'nowhere')$$, '42704', 'location "nowhere" does not exist in tenant "a"'),
	($$revoke_role('a', 'ann', 'boss')$$, '42704', 'role "boss" does not exist in tenant "a"'),

	($$set_feature('a', 'chatter', true)$$, '42704', 'feature "chatter" does not exist in template "t_school"'),
	($$set_feature('a', 'chat', NULL)$$, '22004', 'enabled must not be null'),

	($$set_role_permission('a', 'manager', 'tt.locked_on', false)$$, '55000', 'permission "tt.locked_on" of role "manager" is locked'),
	($$set_role_permission('a', 'manager', 'tt.locked_on', true, 'own')$$, '55000', 'permission "tt.locked_on" of role "manager" is locked'),
	($$set_role_permission('a', 'manager', 'tt.locked_off', true)$$, '55000', 'permission "tt.locked_off" of role "manager" is locked'),
	($$set_role_permission('a', 'manager', 'tt.hopeless', true)$$, '55000', 'permission "tt.locked_off" of role "manager" is locked'),
	($$set_role_permission('a', 'boss', 'tt.plain', true)$$, '42704', 'role "boss" does not exist in tenant "a"'),
	($$set_role_permission('a', 'staff', 'tt.elsewhere', true)$$, '42704', 'permission "tt.elsewhere" does not exist in template "t_school"'),
	($$set_role_permission('a', 'staff', 'tt.nowhere', true)$$, '42704', NULL),
	($$set_role_permission('a', 'staff', 'tt.plain', true, 'everything')$$, '42704', 'scope "everything" does not exist in template "t_school"'),
	($$set_role_permission('a', 'staff', NULL, true)$$, '22004', 'permission must not be null'),

	($$set_member_permission('a', 'ann', 'tt.locked_off', true)$$, '55000', 'permission "tt.locked_off" of role "manager" is locked'),
	($$set_member_permission('a', 'ann', 'tt.locked_on', false)$$, '55000', 'permission "tt.locked_on" of role "manager" is locked'),
	($$set_member_permission('a', 'zoe', 'tt.plain', true)$$, '42704', 'member "zoe" does not exist in tenant "a"'),
	($$set_member_permission('a', 'ann', 'tt.elsewhere', true)$$, '42704', 'permission "tt.elsewhere" does not exist in template "t_school"'),
	($$set_member_permission('a', 'ann', 'tt.plain', true, 'everything')$$, '42704', 'scope "everything" does not exist in template "t_school"'),

	($$trust_application(NULL)$$, '22004', 'db_role must not be null'),
	($$trust_application('4294967295')$$, '42704', 'role 4294967295 does not exist'),
	($$untrust_application('regress_tenant_app')$$, '42704', 'role regress_tenant_app is not a trusted application'),
	($$grant_administration('0')$$, '42704', 'role - does not exist'),
	($$revoke_administration('regress_tenant_app')$$, '42704', 'role regress_tenant_app does not administer ambit');

SELECT throws_ok('SELECT ambit.' || call, state::char(5), message, state || ' ' || call) FROM t.refused;
SELECT is(t.rows(), rows, 'a refused call leaves nothing behind') FROM t.before;

/* ---- only the DBA --------------------------------------------------------------- */

GRANT SELECT ON t.refused TO regress_tenant_app;
SET ROLE regress_tenant_app;
SELECT throws_ok('SELECT ambit.' || call, '42501'::char(5), 'permission denied for function ambit.' || split_part(call, '(', 1), '42501 ' || call)
FROM t.refused
WHERE state NOT IN ('42704') OR call LIKE '%regress_tenant_app%';
RESET ROLE;

DO $$ BEGIN PERFORM ambit.grant_administration('regress_tenant_owner'); END $$;
SET ROLE regress_tenant_owner;
SELECT lives_ok($$SELECT ambit.create_tenant('made', 't_school')$$, 'a role with administration is the DBA');
SELECT lives_ok($$SELECT ambit.drop_tenant('made')$$, 'a role with administration drops what it made');
SELECT throws_ok($$SELECT ambit.grant_administration('regress_tenant_app')$$, '42501'::char(5), NULL, 'an administrator makes no other');
SELECT throws_ok($$SELECT ambit._load_template('{"template": "x"}', false)$$, '42501'::char(5), NULL, 'private helpers are not called from outside');
RESET ROLE;

/* SET ROLE counts, SECURITY DEFINER in between does not */
CREATE FUNCTION t.as_superuser() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ SELECT ambit.create_tenant('lent', 't_school') $$;
CREATE FUNCTION t.grant_as_superuser() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ SELECT ambit.grant_administration('regress_tenant_app') $$;
SET ROLE regress_tenant_app;
SELECT throws_ok('SELECT t.as_superuser()', '42501'::char(5), NULL, 'a SECURITY DEFINER function lends no right to create a tenant');
SELECT throws_ok('SELECT t.grant_as_superuser()', '42501'::char(5), NULL, 'a SECURITY DEFINER function lends no right to make administrators');
RESET ROLE;

SELECT is(array_agg(p.proname::text ORDER BY p.proname), NULL, 'each function of the contract is SECURITY DEFINER with a pinned search_path')
FROM pg_proc p
WHERE p.pronamespace = 'ambit'::regnamespace
	AND p.proname IN (SELECT split_part(call, '(', 1) FROM t.refused)
	AND NOT (p.prosecdef AND 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig));
SELECT is(array_agg(p.oid::regprocedure::text), NULL, 'private helpers are nobody''s to execute')
FROM pg_proc p
WHERE p.pronamespace = 'ambit'::regnamespace AND has_function_privilege('regress_tenant_app', p.oid, 'EXECUTE')
	AND p.proname ~ '^_(fail|unknown|missing|given|optional|permissions|require_owner|(check|template|load|refuse|set|role|cells|inherited|no)_.*)$'
	AND p.proname <> '_check_query';
SELECT is(array_agg(p.oid::regprocedure::text), NULL, 'each function has a comment')
FROM pg_proc p
WHERE p.pronamespace = 'ambit'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;

/* ---- locations, groups, members ----------------------------------------------------- */

SELECT lives_ok($$SELECT ambit.move_location('a', 'mid', 'free')$$, 'a location moves with what is below it');
SELECT is((SELECT parent FROM ambit.location WHERE tenant = 'a' AND location = 'low'), 'mid', 'what is below stays below');
SELECT lives_ok($$SELECT ambit.move_location('a', 'top', 'low')$$, 'what was a cycle before the move is none after it');
SELECT lives_ok($$SELECT ambit.move_location('a', 'top', NULL)$$, 'NULL moves to the top');
SELECT is((SELECT parent FROM ambit.location WHERE tenant = 'a' AND location = 'top'), NULL, 'a location at the top has no parent');
SELECT lives_ok($$SELECT ambit.drop_location('a', 'top')$$, 'a location nobody uses can be dropped');
SELECT lives_ok($$SELECT ambit.drop_location('a', 'low')$$, 'a leaf can be dropped');

SELECT lives_ok($$SELECT ambit.add_member('a', 'ann', '{"staff": 7, "client": "c 1"}')$$, 'add_member() again takes other keys');
SELECT is((SELECT keys FROM ambit.member WHERE tenant = 'a' AND user_id = 'ann'), '{"staff": 7, "client": "c 1"}'::jsonb, 'keys are replaced, numbers stay numbers');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann'), 2::bigint, 'other keys leave the roles alone');
SELECT lives_ok($$SELECT ambit.add_member('a', 'Ann')$$, 'an id in another letter case is another member');
SELECT lives_ok($$SELECT ambit.add_member('b', 'ann')$$, 'the same id in another tenant is another member');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'ann', 'tt.plain', true)$$, 'a member gets an override');
SELECT lives_ok($$SELECT ambit.remove_member('a', 'ann')$$, 'a member leaves');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann')
	+ (SELECT count(*) FROM ambit.group_member WHERE tenant = 'a' AND user_id = 'ann')
	+ (SELECT count(*) FROM ambit.member_cell WHERE tenant = 'a' AND user_id = 'ann'), 0::bigint,
	'roles, groups and overrides end with the membership');
SELECT lives_ok($$SELECT ambit.add_member('a', 'ann')$$, 'and come back');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann'), 0::bigint, 'without what they had');

/* ---- assignments ---------------------------------------------------------------------- */

SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'staff')$$, 'a role at the whole tenant');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'staff', 'used')$$, 'and at a location');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'staff', 'used', 'team')$$, 'and for a group');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'staff', 'used', NULL, true)$$, 'and for herself');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'staff', 'used', 'team', true, '2001-01-01')$$, 'and for both, until an instant in the past');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann'), 5::bigint, 'they add up');
SELECT lives_ok($$SELECT ambit.change_role('a', 'ann', 'staff', 'manager', 'used')$$, 'change_role() at a location');
SELECT is((SELECT string_agg(format('%s %s %s', role, n, ending), ', ' ORDER BY role) FROM (
		SELECT role, count(*) AS n, count(valid_until) AS ending FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann' GROUP BY 1) r),
	'manager 4 1, staff 1 0', 'changes all of that location, limits and validity stay');
SELECT throws_ok($$SELECT ambit.change_role('a', 'ann', 'staff', 'owner')$$, '55000'::char(5), NULL, 'nobody becomes a second owner by change_role()');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'ann', 'manager')$$, 'manager at the whole tenant');
SELECT throws_ok($$SELECT ambit.change_role('a', 'ann', 'staff', 'manager')$$, '42710'::char(5), NULL, 'change_role() makes no second assignment of the same kind');
SELECT lives_ok($$SELECT ambit.revoke_role('a', 'ann', 'manager', 'used')$$, 'revoke_role() at a location takes all limits');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann' AND location = 'used'), 0::bigint, 'nothing is left there');
SELECT is((SELECT count(*) FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'ann'), 2::bigint, 'the whole tenant stays');

SELECT throws_ok($$SELECT ambit.revoke_role('a', 'bob', 'owner')$$, '55000'::char(5), NULL, 'the only owner does not go by revoke_role()');
SELECT throws_ok($$SELECT ambit.change_role('a', 'bob', 'owner', 'staff')$$, '55000'::char(5), NULL, 'nor by change_role()');
SELECT throws_ok($$SELECT ambit.remove_member('a', 'bob')$$, '55000'::char(5), NULL, 'nor by remove_member()');
UPDATE ambit.assignment SET valid_until = clock_timestamp() - interval '1 second' WHERE tenant = 'a' AND role = 'owner';
SELECT lives_ok($$SELECT ambit.revoke_role('a', 'bob', 'owner')$$, 'an assignment that ended can be revoked');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'owner', valid_until => clock_timestamp() - interval '1 second')$$, 'where nobody is owner anybody can become it');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'bob', 'owner')$$, 'an assignment that ended does not count');
SELECT throws_ok($$SELECT ambit.assign_role('a', 'eve', 'owner', 'used')$$, '55000'::char(5), NULL, 'one that holds does');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'bob', 'owner', 'used')$$, 'the owner may hold it twice');
SELECT lives_ok($$SELECT ambit.revoke_role('a', 'bob', 'owner')$$, '... and give up one of the two');
SELECT throws_ok($$SELECT ambit.revoke_role('a', 'bob', 'owner', 'used')$$, '55000'::char(5), NULL, '... not the last');
SELECT throws_ok($$SELECT ambit.revoke_role('a', 'bob', 'owner')$$, '42704'::char(5), NULL, '... nor what is not there');

/* what ended is not in the way */
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'staff', valid_until => clock_timestamp() - interval '1 second')$$, 'a role that ended');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'staff')$$, '... is given again');
SELECT throws_ok($$SELECT ambit.assign_role('a', 'eve', 'staff')$$, '42710'::char(5), NULL, '... once');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'manager', valid_until => clock_timestamp() - interval '1 second')$$, 'another that ended');
SELECT lives_ok($$SELECT ambit.change_role('a', 'eve', 'staff', 'manager')$$, '... is changed to');
SELECT is((SELECT string_agg(role || coalesce(' until ' || valid_until, ''), ', ') FROM ambit.assignment WHERE tenant = 'a' AND user_id = 'eve' AND role <> 'owner'), 'manager', '... and holds');
SELECT lives_ok($$SELECT ambit.revoke_role('a', 'eve', 'manager')$$, 'as it was');

/* a lock that says off is in the way of on alone, where another role has it on */
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'manager')$$, 'a role with a lock');
SELECT throws_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', false)$$, '55000'::char(5), NULL, 'locked off in all roles: nothing to turn off');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'staff')$$, '... and one without');
SELECT lives_ok($$SELECT ambit.set_role_permission('a', 'staff', 'tt.locked_off', true)$$, '... which has it on');
SELECT ok(ambit.has_permission('a', 'eve', 'tt.locked_off'), '... is held');
SELECT throws_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', true)$$, '55000'::char(5), NULL, 'nobody turns on what is locked off');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', false)$$, '... it can be turned off for the member');
SELECT ok(NOT ambit.has_permission('a', 'eve', 'tt.locked_off'), '... and is not held then');
SELECT throws_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_on', false)$$, '55000'::char(5), NULL, 'what is locked on is not turned off');
SELECT lives_ok($$SELECT ambit.set_role_permission('a', 'staff', 'tt.locked_off', NULL)$$, 'as it was');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', NULL), ambit.revoke_role('a', 'eve', 'staff'), ambit.revoke_role('a', 'eve', 'manager')$$, '... for the member');

/* a role that the template no longer has can still be revoked */
INSERT INTO ambit.assignment (tenant, user_id, role) VALUES ('a', 'eve', 'gone');
SELECT lives_ok($$SELECT ambit.revoke_role('a', 'eve', 'gone')$$, 'a role without a template can be revoked');

/* ---- cells ------------------------------------------------------------------------------- */

CREATE FUNCTION t.set(role text, permission text, enabled boolean, scope text = NULL) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(s.permission || CASE WHEN s.enabled THEN '+' ELSE '-' END, ' ')
	FROM ambit.set_role_permission('a', role, permission::ambit.permission, enabled, scope) s
$$;
CREATE FUNCTION t.cells() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s%s', role, permission, CASE WHEN enabled THEN '+' ELSE '-' END), ', ' ORDER BY role COLLATE "C", permission::text COLLATE "C")
	FROM ambit.tenant_cell WHERE tenant = 'a'
$$;

SELECT is(t.set('manager', 'tt.needs_both', true), 'tt.needs_both+ tt.follows+ tt.needs_toggle+ tt.toggle+', 'on turns on what it requires, and what that requires');
SELECT is(t.cells(), 'manager tt.needs_both+, manager tt.needs_toggle+, manager tt.toggle+', 'what is inherited or locked on needs no change');
SELECT is(t.set('manager', 'tt.needs_both', true), NULL, 'nothing changes the second time');
SELECT is(t.set('manager', 'tt.toggle', false), 'tt.toggle- tt.follows- tt.needs_both- tt.needs_toggle-', 'off turns off what requires it, and what requires that');
SELECT is(t.set('manager', 'tt.toggle', false), NULL, 'nothing changes the second time');
SELECT is(t.set('manager', 'tt.toggle', true), 'tt.toggle+', 'on alone does not bring back what required it');
SELECT throws_ok($$SELECT t.set('manager', 'tt.hopeless', true)$$, '55000'::char(5), NULL, 'a lock on the way refuses');
SELECT is(t.cells(), 'manager tt.needs_both-, manager tt.needs_toggle-, manager tt.toggle+', 'and changes nothing');
SELECT is(t.set('manager', 'tt.toggle', NULL), 'tt.toggle-', 'NULL goes back to the template');
SELECT is(t.cells(), 'manager tt.needs_both-, manager tt.needs_toggle-', 'by forgetting the change');
SELECT is(t.set('staff', 'tt.plain', true, 'served'), 'tt.plain+', 'another scope is a change');
SELECT is(t.set('staff', 'tt.plain', true, 'served'), NULL, 'the same scope is none');
SELECT is(t.set('staff', 'tt.plain', NULL), 'tt.plain+', 'the template''s scope again is a change');
SELECT is(t.set('staff', 'tt.bare', true), 'tt.bare+', 'a permission without a cell can be turned on');
SELECT is(t.set('staff', 'tt.plain', false), 'tt.plain-', 'an inherited cell is turned off where it is');
SELECT is(t.set('manager', 'tt.needs_both', true), 'tt.needs_both+ tt.follows+ tt.needs_toggle+ tt.plain+ tt.toggle+', 'and turned on in the role that needs it, where it inherits it no more');
SELECT is((SELECT count(*) FROM ambit.tenant_cell WHERE tenant = 'b'), 0::bigint, 'another tenant has none of it');

/* a lock that comes later leaves the change in the model, and NULL takes it away */
SELECT is(t.set('manager', 'tt.toggle', NULL), 'tt.toggle- tt.follows- tt.needs_both- tt.needs_toggle-', 'back to a template that has it off turns off what requires it');
UPDATE ambit.template_cell SET locked = true WHERE template = 't_school' AND role = 'manager' AND permission::text = 'tt.needs_toggle';
SELECT throws_ok($$SELECT t.set('manager', 'tt.needs_toggle', false)$$, '55000'::char(5), NULL, 'locked meanwhile');
SELECT is(t.set('manager', 'tt.needs_toggle', NULL), NULL, 'NULL changes no locked cell');
SELECT is((SELECT count(*) FROM ambit.tenant_cell WHERE tenant = 'a' AND permission::text = 'tt.needs_toggle'), 0::bigint, 'and forgets the change');

/* ---- members' own overrides ------------------------------------------------------------------ */

SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', true)$$, 'a lock in roles that the member has not is none');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.plain', true, 'all')$$, 'on, with a scope');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.plain', false)$$, 'off');
SELECT is((SELECT string_agg(format('%s %s %L', permission, enabled, scope), ', ' ORDER BY permission::text COLLATE "C")
		FROM ambit.member_cell WHERE tenant = 'a' AND user_id = 'eve'),
	'tt.locked_off t NULL, tt.plain f NULL', 'the last call has the word');
SELECT lives_ok($$SELECT ambit.assign_role('a', 'eve', 'manager')$$, 'the member gets the role with the lock');
SELECT throws_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', true)$$, '55000'::char(5), NULL, 'now it is refused');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.locked_off', NULL)$$, 'but can be taken back');
SELECT lives_ok($$SELECT ambit.set_member_permission('a', 'eve', 'tt.plain', NULL)$$, 'so can the other');
SELECT is((SELECT count(*) FROM ambit.member_cell WHERE tenant = 'a' AND user_id = 'eve'), 0::bigint, 'nothing is left');

/* ---- features ---------------------------------------------------------------------------------- */

SELECT lives_ok($$SELECT ambit.set_feature('a', 'chat', true)$$, 'a feature is turned on');
SELECT lives_ok($$SELECT ambit.set_feature('a', 'chat', false)$$, 'and off');
SELECT is((SELECT string_agg(format('%s %s', tenant, enabled), ', ') FROM ambit.tenant_feature WHERE feature = 'chat' AND tenant IN ('a', 'b')),
	'a f', 'for that tenant');

/* ---- database roles ------------------------------------------------------------------------------ */

SELECT lives_ok($$SELECT ambit.trust_application('regress_tenant_app')$$, 'an application is trusted');
SELECT lives_ok($$SELECT ambit.trust_application('regress_tenant_app')$$, 'twice is once');
SELECT is((SELECT count(*) FROM ambit.trusted_application WHERE db_role = 'regress_tenant_app'::regrole), 1::bigint, 'it is listed');
SELECT lives_ok($$SELECT ambit.untrust_application('regress_tenant_app')$$, 'and no longer');
SELECT is((SELECT count(*) FROM ambit.trusted_application WHERE db_role = 'regress_tenant_app'::regrole), 0::bigint, 'it is not listed');
SELECT lives_ok($$SELECT ambit.revoke_administration('regress_tenant_owner')$$, 'administration is taken back');
SELECT is((SELECT count(*) FROM ambit.administrator WHERE db_role = 'regress_tenant_owner'::regrole), 0::bigint, 'it is not listed');
INSERT INTO ambit.trusted_application VALUES ('4294967294');
SELECT lives_ok($$SELECT ambit.trust_application('regress_tenant_app')$$, 'the next call');
SELECT is((SELECT count(*) FROM ambit.trusted_application WHERE db_role = '4294967294'), 0::bigint, 'forgets roles that were dropped');

/* ---- what a call changes holds from the next statement ----------------------------------------------- */

CREATE FUNCTION t.has(user_id text, permission text) RETURNS boolean LANGUAGE sql AS $$
	SELECT ambit.has_permission('b', user_id, permission::ambit.permission)
$$;
SELECT is(t.has('zoe', 'tt.plain'), false, 'a member without a role has nothing');
SELECT lives_ok($$SELECT ambit.assign_role('b', 'zoe', 'manager')$$, 'becomes a manager');
SELECT is(t.has('zoe', 'tt.plain'), true, 'and has what managers inherit');
SELECT is(t.has('zoe', 'tt.follows'), false, 'a cell locked on holds nothing while what it requires is off');
SELECT is((SELECT string_agg(s.permission::text, ' ') FROM ambit.set_role_permission('b', 'manager', 'tt.toggle', true) s), 'tt.toggle', 'a toggle is turned on');
SELECT is(t.has('zoe', 'tt.toggle'), true, 'and holds');
SELECT lives_ok($$SELECT ambit.set_member_permission('b', 'zoe', 'tt.toggle', false)$$, 'but not for her');
SELECT is(t.has('zoe', 'tt.toggle'), false, 'her own override has the last word');
SELECT lives_ok($$SELECT ambit.set_member_permission('b', 'zoe', 'tt.toggle', NULL)$$, 'until it is taken back');
SELECT is(t.has('zoe', 'tt.toggle'), true, 'then the roles speak again');
SELECT lives_ok($$SELECT ambit.change_role('b', 'zoe', 'manager', 'staff')$$, 'a manager becomes staff');
SELECT is(t.has('zoe', 'tt.toggle'), false, 'and has no more than staff');
SELECT lives_ok($$SELECT ambit.revoke_role('b', 'zoe', 'staff')$$, 'the last role goes');
SELECT lives_ok($$SELECT ambit.assign_role('b', 'zoe', 'staff', valid_until => clock_timestamp() - interval '1 second')$$, 'a role that ended');
SELECT is(t.has('zoe', 'tt.plain'), false, 'gives nothing');

/* ---- arguments of any collation -------------------------------------------------------------------- */

CREATE TABLE t.input (x text COLLATE "POSIX", tenant text COLLATE "POSIX" DEFAULT 'a', member text COLLATE "POSIX" DEFAULT 'ann',
	role text COLLATE "POSIX" DEFAULT 'staff', location text COLLATE "POSIX" DEFAULT 'used', team text COLLATE "ucs_basic" DEFAULT 'team');
INSERT INTO t.input VALUES ('x');
SELECT lives_ok(format('SELECT ambit.%s FROM t.input', call), 'a collation of its own: ' || call)
FROM unnest(ARRAY[
	$$create_tenant(x, 't_school'::text COLLATE "POSIX", x)$$,
	$$add_location(tenant, x, location)$$,
	$$move_location(tenant, x, 'free'::text COLLATE "POSIX")$$,
	$$drop_location(tenant, x)$$,
	$$add_group(tenant, x)$$,
	$$add_member(tenant, x)$$,
	$$add_to_group(tenant, team, x)$$,
	$$remove_from_group(tenant, team, x)$$,
	$$assign_role(tenant, x, role, location, team)$$,
	$$change_role(tenant, x, role, 'manager'::text COLLATE "POSIX", location)$$,
	$$revoke_role(tenant, x, 'manager'::text COLLATE "POSIX", location)$$,
	$$set_feature(tenant, 'chat'::text COLLATE "POSIX", true)$$,
	$$set_role_permission(tenant, role, 'tt.plain', true, 'own'::text COLLATE "POSIX")$$,
	$$set_member_permission(tenant, member, 'tt.plain', true, 'own'::text COLLATE "POSIX")$$,
	$$remove_member(tenant, x)$$,
	$$drop_tenant(x)$$]) call;

SELECT * FROM finish();
ROLLBACK;
