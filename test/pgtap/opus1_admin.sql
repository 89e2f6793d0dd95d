/*
 * opus1_admin.sql
 *		The template opus1, administered by its own members: who creates staff, in
 *		the document's words, by an ordinary database role.
 *
 * A call is tried and undone (t.says), so that the members stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_opus1_admin_app;
SELECT ambit.trust_application('regress_opus1_admin_app');
SELECT ambit.create_tenant('allegro', 'opus1'), ambit.create_tenant('other', 'opus1');
SELECT ambit.add_member('allegro', u, jsonb_build_object('staff', u, 'client', 'c' || u)), ambit.assign_role('allegro', u, u)
FROM unnest('{client,limited_staff,staff,manager,owner}'::text[]) u;
SELECT ambit.add_member('allegro', 'new');
SELECT ambit.add_member('other', 'new'), ambit.add_member('other', 'manager'), ambit.assign_role('other', 'manager', 'staff');

CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO PUBLIC;
CREATE FUNCTION t.says(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	_detail text;
BEGIN
	PERFORM ambit.assume('allegro', nullif(who, 'visitor'));
	EXECUTE 'SELECT ambit.' || call;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
EXCEPTION
	WHEN SQLSTATE 'ZZ000' THEN RETURN 'ok';
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS _detail = PG_EXCEPTION_DETAIL;
		RETURN SQLSTATE || ': ' || _detail;
END
$$;
COMMENT ON FUNCTION t.says(text, text) IS 'What a call says to somebody: ok, or SQLSTATE and detail. Nothing stays.';
CREATE FUNCTION t.can(who text, role text, target text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	_answer boolean;
BEGIN
	PERFORM ambit.assume('allegro', nullif(who, 'visitor'));
	_answer := ambit.can_assign_role(role, target);
	PERFORM ambit.logout();
	RETURN _answer;
END
$$;
\o
SELECT no_plan();
SET ROLE regress_opus1_admin_app;

-- Managers: "Create limited staff and staff, and modify their personal information"
SELECT is(t.says('manager', $$add_member('allegro', 'ned', '{"staff": "ned"}')$$), 'ok', 'manager: "Create limited staff and staff": a new member');
SELECT is(t.says('manager', format('assign_role(%L, %L, %L)', 'allegro', 'new', r)), 'ok', 'manager: "Create limited staff and staff": ' || r)
FROM unnest('{limited_staff,staff}'::text[]) r;
SELECT is(t.says('manager', format('assign_role(%L, %L, %L)', 'allegro', u, r)), format('42501: Role "%s" is none of those that permission "staff.create" gives.', r),
	format('manager: "Create limited staff and staff": no %s, of somebody who is %s', r, u))
FROM unnest('{new,limited_staff,staff}'::text[]) u, unnest('{client,manager,owner}'::text[]) r;
SELECT alike(t.says('manager', format('assign_role(%L, %L, %L)', 'allegro', u, 'limited_staff')), '42501: It needs permission "staff.create" towards member "' || u || '"%',
	'manager: creates them of those who are nothing yet, not of a ' || u)
FROM unnest('{client,manager,owner}'::text[]) u;
SELECT alike(t.says('manager', $$add_member('allegro', 'ned', '{"staff": "owner"}')$$), '42501: Key "staff" of another member%', 'manager: not with the keys of another');
SELECT alike(t.says('manager', $$assign_role('other', 'new', 'staff')$$), '42501: The identity in force is one of another tenant.', 'manager: not in another school');
SELECT ok(t.can('manager', 'limited_staff', 'new') AND t.can('manager', 'staff', NULL) AND NOT t.can('manager', 'owner', 'new') AND NOT t.can('manager', 'manager', NULL) AND NOT t.can('manager', 'manager', 'staff') AND NOT t.can('manager', 'staff', 'owner'),
	'manager: can_assign_role says the same');

-- Staff cannot: "Create limited staff, staff, managers or owners, nor modify their information."
SELECT is(t.says(u, call), '42501: It needs permission "staff.create".', u || ': cannot "Create limited staff, staff, managers or owners": ' || call)
FROM unnest('{client,limited_staff,staff}'::text[]) u, unnest(ARRAY[$$add_member('allegro', 'ned')$$, $$assign_role('allegro', 'new', 'limited_staff')$$]) call;
SELECT is(t.says('visitor', $$assign_role('allegro', 'new', 'client')$$), '42501: The DBA may call it, and an identity whose permissions allow it.', 'visitor: nothing');

-- Owners: "it the most permissive role"
SELECT is(t.says('owner', format('assign_role(%L, %L, %L)', 'allegro', 'new', r)), 'ok', 'owner: "the most permissive role": creates ' || r)
FROM unnest('{client,limited_staff,staff,manager,owner}'::text[]) r;

-- what the document gives to nobody
SELECT is(t.says(u, call), '42501: Template "opus1" gives it to nobody: only the DBA may call it.', u || ': the document gives nobody ' || split_part(call, '(', 1))
FROM unnest('{manager,owner}'::text[]) u, unnest(ARRAY[$$revoke_role('allegro', 'staff', 'staff')$$, $$change_role('allegro', 'staff', 'staff', 'manager')$$, $$remove_member('allegro', 'staff')$$,
	$$set_member_permission('allegro', 'manager', 'payroll.run', true)$$, $$set_role_permission('allegro', 'staff', 'payroll.run', true)$$, $$set_feature('allegro', 'client_teacher_communication', true)$$,
	$$create_role('allegro', 'x')$$, $$add_group('allegro', 'g')$$, $$add_location('allegro', 'l')$$]) call;

RESET ROLE;
SELECT finish();
ROLLBACK;
