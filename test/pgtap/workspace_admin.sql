/*
 * workspace_admin.sql
 *		The template workspace, administered by its own members: who invites, removes
 *		and gives roles to whom, and who keeps the teams, in the document's words, by
 *		an ordinary database role.
 *
 * A call is tried and undone (t.called), so that the members stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_workspace;

SELECT ambit.create_tenant('crew', 'workspace', 'The crew');
SELECT ambit.create_tenant('rival', 'workspace', 'Another workspace');
SELECT ambit.add_member('crew', u, jsonb_build_object('staff', k))
FROM (VALUES ('pia', '11'), ('pete', '12'), ('mia', '14'), ('max', '17'), ('olga', '15'), ('otto', '16'),
	('dora', '18'),		-- member and manager
	('gina', '19'),		-- a role that the workspace invented
	('nell', '20')		-- no role
) v (u, k);
SELECT ambit.assign_role('crew', u, r)
FROM (VALUES ('pia', 'member'), ('pete', 'member'), ('mia', 'manager'), ('max', 'manager'),
	('olga', 'owner'), ('otto', 'owner'), ('dora', 'member'), ('dora', 'manager')) v (u, r);
SELECT ambit.create_role('crew', 'guest');
SELECT ambit.assign_role('crew', 'gina', 'guest');
SELECT ambit.add_group('crew', g) FROM unnest('{north,south,empty}'::text[]) g;
SELECT ambit.add_to_group('crew', g, u) FROM (VALUES ('north', 'pia'), ('north', 'mia'), ('south', 'max')) v (g, u);
-- the same names again in the other tenant
SELECT ambit.add_member('rival', u, jsonb_build_object('staff', k)) FROM (VALUES ('pia', '11'), ('olga', '15')) v (u, k);
SELECT ambit.assign_role('rival', u, r) FROM (VALUES ('pia', 'owner'), ('olga', 'member')) v (u, r);
SELECT ambit.add_group('rival', 'north');
SELECT ambit.trust_application('regress_app_workspace');

CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO PUBLIC;

CREATE FUNCTION t.called(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT ambit.' || command;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
EXCEPTION
	WHEN SQLSTATE 'ZZ000' THEN RETURN 'done';
	WHEN insufficient_privilege THEN RETURN 'refused';
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
COMMENT ON FUNCTION t.called(text) IS 'Tries a function of ambit''s and undoes it: done; refused: 42501; anything else as it is.';

CREATE FUNCTION t.denial(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	why text;
BEGIN
	EXECUTE 'SELECT ambit.' || command;
	RETURN 'done';
EXCEPTION
	WHEN insufficient_privilege THEN
		GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
		RETURN why;
END
$$;
COMMENT ON FUNCTION t.denial(text) IS 'The detail of a refusal.';
\o

SELECT plan(119);

SET ROLE regress_app_workspace;

/* ---- members ---------------------------------------------------------------- */

SELECT ambit.assume('crew', 'pia');
SELECT test
FROM (VALUES
	($$add_member('crew', 'new', '{"staff": "30"}')$$, 'members.invite', '"Invite Members": "No"'),
	($$remove_member('crew', 'pete')$$, 'members.remove', '"Remove Members": "No"'),
	($$remove_member('crew', 'pia')$$, 'members.remove', '"Remove Members": "No", not oneself'),
	($$assign_role('crew', 'nell', 'member')$$, 'members.update_roles', '"Update Roles": "No": gives none'),
	($$change_role('crew', 'pia', 'member', 'owner')$$, 'members.update_roles', '"Update Roles": "No": not one''s own'),
	($$revoke_role('crew', 'pete', 'member')$$, 'members.update_roles', '"Update Roles": "No": takes none'),
	($$add_group('crew', 'west')$$, 'teams.create', '"Create Team": "No"'),
	($$drop_group('crew', 'empty')$$, 'teams.delete', '"Delete Team": "No"'),
	($$add_to_group('crew', 'south', 'pia')$$, 'teams.add_member', '"Add Member to Team": "No", not oneself'),
	($$remove_from_group('crew', 'north', 'mia')$$, 'teams.remove_member', '"Remove Member from Team": "No"'),
	($$remove_from_group('crew', 'north', 'pia')$$, 'teams.remove_member', '"Leave Team": "No"')
) v (command, permission, words),
	LATERAL unnest(ARRAY[
		is(t.called(command), 'refused', 'member: ' || words),
		alike(t.denial(command), '%' || permission || '%', format('member: %s: the refusal names %s', words, permission))]) test;
SELECT is(ambit.can_assign_role(r), false, format('member: "Update Roles": "No": cannot give %s', r)) FROM unnest('{member,manager,owner}'::text[]) r;

/* ---- managers ------------------------------------------------------------------ */

SELECT ambit.assume('crew', 'mia');
SELECT is(t.called(command), expected, 'manager: ' || words)
FROM (VALUES
	($$add_member('crew', 'new', '{"staff": "30"}')$$, 'done', '"Invite Members": "Yes"'),
	($$add_member('crew', 'new', '{"staff": "12"}')$$, 'refused', '"Invite Members": "Yes", not with the key of another'),
	($$add_member('crew', 'pia', '{"staff": "12"}')$$, 'refused', '"Invite Members": one who is a member keeps the keys'),
	($$add_member('rival', 'new')$$, 'refused', '"Invite Members": not to another workspace'),
	($$remove_member('crew', 'pia')$$, 'done', '"Can remove Member roles only": a member'),
	($$remove_member('crew', 'nell')$$, 'done', '"Can remove Member roles only": one who has no role yet'),
	($$remove_member('crew', 'dora')$$, 'refused', '"Can remove Member roles only": not one who is a manager as well'),
	($$remove_member('crew', 'max')$$, 'refused', '"Can remove Member roles only": not a manager'),
	($$remove_member('crew', 'gina')$$, 'refused', '"Can remove Member roles only": not one with another role'),
	($$remove_member('crew', 'mia')$$, 'refused', '"Can remove Member roles only": not herself'),
	($$remove_member('crew', 'olga')$$, 'refused', '"Can remove Member roles only": not an owner'),
	($$remove_member('rival', 'olga')$$, 'refused', '"Can remove Member roles only": nobody of another workspace'),
	($$assign_role('crew', 'nell', 'member')$$, 'done', '"Can update Member role only": gives the role member'),
	($$assign_role('crew', 'nell', 'manager')$$, 'done', '"Can update Member role only": gives what she holds all of'),
	($$assign_role('crew', 'nell', 'owner')$$, 'refused', '"Can update Member role only": does not make an owner'),
	($$change_role('crew', 'pia', 'member', 'manager')$$, 'done', '"Can update Member role only": the present role is member'),
	($$change_role('crew', 'pia', 'member', 'owner')$$, 'refused', '"Can update Member role only": a member becomes no owner'),
	($$assign_role('crew', 'pia', 'owner')$$, 'refused', '"Can update Member role only": a member becomes no owner besides'),
	($$change_role('crew', 'dora', 'member', 'manager')$$, 'refused', '"Can update Member role only": not of one who is a manager as well'),
	($$change_role('crew', 'max', 'manager', 'member')$$, 'refused', '"Can update Member role only": not a manager''s'),
	($$change_role('crew', 'mia', 'manager', 'owner')$$, 'refused', '"Can update Member role only": not her own'),
	($$change_role('crew', 'mia', 'manager', 'member')$$, 'refused', '"Can update Member role only": not her own, downwards either'),
	($$assign_role('crew', 'mia', 'owner')$$, 'refused', '"Can update Member role only": makes herself no owner'),
	($$change_role('crew', 'olga', 'owner', 'member')$$, 'refused', '"Can update Member role only": not an owner''s'),
	($$revoke_role('crew', 'pia', 'member')$$, 'done', '"Can update Member role only": takes the role member'),
	($$revoke_role('crew', 'dora', 'member')$$, 'refused', '"Can update Member role only": not from one who is a manager as well'),
	($$revoke_role('crew', 'max', 'manager')$$, 'refused', '"Can update Member role only": takes no other role'),
	($$assign_role('rival', 'olga', 'member')$$, 'refused', '"Can update Member role only": nobody''s of another workspace'),
	($$add_group('crew', 'west')$$, 'done', '"Create Team": "Yes"'),
	($$drop_group('crew', 'empty')$$, 'done', '"Delete Team": "Yes"'),
	($$add_to_group('crew', 'south', 'pia')$$, 'done', '"Add Member to Team": "Yes"'),
	($$add_to_group('crew', 'south', 'olga')$$, 'done', '"Add Member to Team": "Yes", an owner too'),
	($$remove_from_group('crew', 'north', 'pia')$$, 'done', '"Remove Member from Team": "Yes"'),
	($$remove_from_group('crew', 'south', 'max')$$, 'done', '"Remove Member from Team": "Yes", a manager too'),
	($$remove_from_group('crew', 'north', 'mia')$$, 'done', '"Leave Team": "Yes"'),
	($$add_group('rival', 'west')$$, 'refused', '"Create Team": not in another workspace'),
	($$drop_group('rival', 'north')$$, 'refused', '"Delete Team": none of another workspace')
) v (command, expected, words);
SELECT is(ambit.can_assign_role(role, who), expected, format('manager: "Can update Member role only": %s to %s', role, coalesce(who, 'one who comes')))
FROM (VALUES ('member', NULL, true), ('manager', NULL, true), ('owner', NULL, false), ('member', 'nell', true), ('manager', 'pia', true), ('owner', 'pia', false),
	('member', 'max', false), ('member', 'dora', false), ('owner', 'mia', false), ('manager', 'olga', false)) v (role, who, expected);

/* ---- owners ---------------------------------------------------------------------- */

SELECT ambit.assume('crew', 'olga');
SELECT is(t.called(command), expected, 'owner: ' || words)
FROM (VALUES
	($$add_member('crew', 'new', '{"staff": "30"}')$$, 'done', '"Invite Members": "Yes"'),
	($$add_member('rival', 'new')$$, 'refused', '"Invite Members": not to another workspace'),
	($$remove_member('crew', 'pia')$$, 'done', '"Remove Members": "Yes": a member'),
	($$remove_member('crew', 'max')$$, 'done', '"Remove Members": "Yes": a manager'),
	($$remove_member('crew', 'otto')$$, 'done', '"Remove Members": "Yes": an owner'),
	($$remove_member('rival', 'pia')$$, 'refused', '"Remove Members": nobody of another workspace'),
	($$assign_role('crew', 'nell', 'member')$$, 'done', '"Can update Owner, Manager, and Member role": gives member'),
	($$assign_role('crew', 'nell', 'manager')$$, 'done', '"Can update Owner, Manager, and Member role": gives manager'),
	($$assign_role('crew', 'nell', 'owner')$$, 'done', '"Can update Owner, Manager, and Member role": gives owner'),
	($$change_role('crew', 'pia', 'member', 'owner')$$, 'done', '"Can update Owner, Manager, and Member role": a member''s'),
	($$change_role('crew', 'max', 'manager', 'member')$$, 'done', '"Can update Owner, Manager, and Member role": a manager''s'),
	($$change_role('crew', 'otto', 'owner', 'member')$$, 'done', '"Can update Owner, Manager, and Member role": an owner''s'),
	($$change_role('crew', 'dora', 'manager', 'owner')$$, 'done', '"Can update Owner, Manager, and Member role": one''s who has two'),
	($$revoke_role('crew', 'otto', 'owner')$$, 'done', '"Can update Owner, Manager, and Member role": takes owner'),
	($$revoke_role('crew', 'gina', 'guest')$$, 'refused', '"Can update Owner, Manager, and Member role": no other'),
	($$assign_role('crew', 'gina', 'member')$$, 'refused', '"Can update Owner, Manager, and Member role": not of one who has another'),
	($$remove_member('crew', 'gina')$$, 'done', '"Remove Members": "Yes": whatever the role'),
	($$change_role('rival', 'olga', 'member', 'owner')$$, 'refused', '"Can update Owner, Manager, and Member role": not where one is a member'),
	($$add_group('crew', 'west')$$, 'done', '"Create Team": "Yes"'),
	($$drop_group('crew', 'empty')$$, 'done', '"Delete Team": "Yes"'),
	($$add_to_group('crew', 'south', 'pia')$$, 'done', '"Add Member to Team": "Yes"'),
	($$remove_from_group('crew', 'north', 'pia')$$, 'done', '"Remove Member from Team": "Yes"'),
	-- what the document gives to nobody
	($$create_role('crew', 'boss')$$, 'refused', 'no row is about new roles'),
	($$set_role_permission('crew', 'member', 'bookings.reassign', true)$$, 'refused', 'no row is about what a role has'),
	($$set_member_permission('crew', 'pia', 'bookings.reassign', true)$$, 'refused', 'no row is about what one member has'),
	($$add_location('crew', 'harbour')$$, 'refused', 'no row is about locations'),
	($$drop_tenant('crew')$$, 'refused', 'no row is about the workspace itself')
) v (command, expected, words);
SELECT is(ambit.can_assign_role(role, who), true, format('owner: "Can update Owner, Manager, and Member role": %s to %s', role, coalesce(who, 'one who comes')))
FROM unnest('{member,manager,owner}'::text[]) role, unnest('{NULL,nell,otto}'::text[]) who
WHERE NOT (role = 'owner' AND who IS NOT DISTINCT FROM 'otto');

/* ---- a new member, from the invitation on ---------------------------------------- */

SELECT ambit.assume('crew', 'mia');
SELECT lives_ok($$SELECT ambit.add_member('crew', 'nina', '{"staff": "31"}'), ambit.assign_role('crew', 'nina', 'member'), ambit.add_to_group('crew', 'north', 'nina')$$,
	'manager: "Invite Members", "Update Roles", "Add Member to Team"');
SELECT ambit.assume('crew', 'nina');
SELECT is(ambit.current_roles(), '{member}', 'member: came by invitation');
SELECT is(ambit.permission_scopes('teams.view'), '{team}', 'member: "View Team Summary": "‘My Teams’ only"');
SELECT ambit.assume('crew', 'mia');
SELECT lives_ok($$SELECT ambit.change_role('crew', 'nina', 'member', 'manager')$$, 'manager: "Update Roles": makes her a manager');
SELECT is(t.called($$remove_member('crew', 'nina')$$), 'refused', 'manager: "Can remove Member roles only": from then on she is out of reach');
SELECT ambit.assume('crew', 'olga');
SELECT lives_ok($$SELECT ambit.remove_member('crew', 'nina')$$, 'owner: "Remove Members": "Yes"');
SELECT throws_ok($$SELECT ambit.assume('crew', 'nina')$$, '42704', NULL, 'one who was removed is gone at once');

/* ---- nobody ------------------------------------------------------------------------- */

SELECT ambit.logout();
SELECT is(t.called(command), 'refused', 'nobody: ' || command)
FROM unnest(ARRAY[$$add_member('crew', 'new')$$, $$remove_member('crew', 'pia')$$, $$assign_role('crew', 'pia', 'owner')$$, $$add_group('crew', 'west')$$]) command;
SELECT is(ambit.can_assign_role('member'), false, 'nobody: can_assign_role() is false');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
