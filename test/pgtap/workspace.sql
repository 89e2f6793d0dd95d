/*
 * workspace.sql
 *		The template workspace: every cell of the document's table, held or not and
 *		with which scopes, and every sentence on a small workspace: what it allows and
 *		what it denies, by ordinary database roles.
 *
 * The expected matrix stands here in full; it is not read from the template. A
 * test's description begins with the role and quotes the document's row and cell.
 * A write is tried and undone (t.outcome), so that the rows stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

/*
 * The permission, the row (or rows) that it comes from, what the row says of each
 * role, and the scopes that this gives.  "-" is: not held.
 */
CREATE TEMP TABLE expected (permission text, words text, owner_says text, manager_says text, member_says text, owner text, manager text, member text);
INSERT INTO expected VALUES
	('dashboard.workspace.view', 'View Workspace Dashboard', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('dashboard.personal.view', 'View Personal Dashboard', 'Yes', 'Yes', 'Yes', 'own', 'own', 'own'),
	('bookings.view', 'View All Bookings / View My Bookings', 'Yes / Yes', 'Yes / Yes', 'No / Yes', 'all', 'all', 'assignee own'),
	('bookings.upload_file', 'Upload a File', 'All bookings', 'All bookings', 'My bookings', 'all', 'all', 'assignee own'),
	('bookings.add_note', 'Add a Note', 'All bookings', 'All bookings', 'My bookings', 'all', 'all', 'assignee own'),
	('bookings.complete', 'Complete Bookings', 'All bookings', 'All bookings', 'My bookings', 'all', 'all', 'assignee own'),
	('bookings.reassign', 'Reassign Bookings', 'All bookings', 'All bookings', 'No', 'all', 'all', '-'),
	('bookings.reschedule', 'Reschedule Bookings', 'All bookings', 'All bookings', 'My bookings', 'all', 'all', 'assignee own'),
	('bookings.cancel', 'Cancel Bookings', 'All bookings', 'All bookings', 'My bookings', 'all', 'all', 'assignee own'),
	('earnings.dashboard.view', 'View Earnings Dashboard', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('earnings.transaction_history.view', 'View Transaction History', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('contacts.view', 'View Contacts', 'Yes', 'Yes', 'Yes', 'all', 'all', 'all'),
	('directory.view', 'View Directory', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('directory.teams.view', 'View Teams in Directory', 'Yes (All Teams and My Teams)', 'Yes (All Teams and My Teams)', 'No (My Teams only)', 'all', 'all', 'team'),
	('reports.order_and_refund.view', 'View and Download Reports', 'All Reports', 'All Reports', 'Only own Order and Refund Report', 'all', 'all', 'own'),
	('reports.order_and_refund.download', 'View and Download Reports', 'All Reports', 'All Reports', 'Only own Order and Refund Report', 'all', 'all', 'own'),
	('reports.other.view', 'View and Download Reports', 'All Reports', 'All Reports', 'Only own Order and Refund Report', 'all', 'all', '-'),
	('reports.other.download', 'View and Download Reports', 'All Reports', 'All Reports', 'Only own Order and Refund Report', 'all', 'all', '-'),
	('reports.specific_pros.download', 'Download Reports for Specific Pros', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('settings.basic_info.view', 'Update Basic Info', 'Yes', 'Yes', 'View only', 'all', 'all', 'all'),
	('settings.basic_info.update', 'Update Basic Info', 'Yes', 'Yes', 'View only', 'all', 'all', '-'),
	('settings.support_info.view', 'Update Support Info', 'Yes', 'Yes', 'View only', 'all', 'all', 'all'),
	('settings.support_info.update', 'Update Support Info', 'Yes', 'Yes', 'View only', 'all', 'all', '-'),
	('settings.branding.manage', 'Manage Branding', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('settings.bank_details.update', 'Update Bank Details', 'Yes', 'No', 'No', 'all', '-', '-'),
	('settings.working_hours.view', 'Manage Working Hours', 'Yes', 'Yes', 'View only', 'all', 'all', 'all'),
	('settings.working_hours.update', 'Manage Working Hours', 'Yes', 'Yes', 'View only', 'all', 'all', '-'),
	('settings.notice_period.view', 'Manage Notice Period', 'Yes', 'Yes', 'View only', 'all', 'all', 'all'),
	('settings.notice_period.update', 'Manage Notice Period', 'Yes', 'Yes', 'View only', 'all', 'all', '-'),
	('settings.reschedule_policies.view', 'Update Reschedule Policies', 'Yes', 'View only', 'View only', 'all', 'all', 'all'),
	('settings.reschedule_policies.update', 'Update Reschedule Policies', 'Yes', 'View only', 'View only', 'all', '-', '-'),
	('settings.reschedule_reasons.edit', 'Edit Reschedule reasons', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('settings.cancellation_policies.view', 'Update Cancellation Policies', 'Yes', 'View only', 'View only', 'all', 'all', 'all'),
	('settings.cancellation_policies.update', 'Update Cancellation Policies', 'Yes', 'View only', 'View only', 'all', '-', '-'),
	('settings.cancellation_reasons.edit', 'Edit Cancellation Reasons', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('settings.reassign_reasons.edit', 'Edit Reassign Reasons', 'Yes', 'No', 'No', 'all', '-', '-'),
	('settings.follow_up_reasons.edit', 'Edit Follow-up Reasons', 'Yes', 'No', 'No', 'all', '-', '-'),
	('members.view', 'View Members', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('members.invite', 'Invite Members', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('members.remove', 'Remove Members', 'Yes', 'Can remove Member roles only', 'No', 'all', 'all', '-'),
	('members.update_roles', 'Update Roles', 'Can update Owner, Manager, and Member role', 'Can update Member role only', 'No', 'all', 'all', '-'),
	('plans.create', 'Create Plan', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('plans.view', 'View Plan Summary', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('plans.edit', 'Edit Plan Details', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('plans.remove', 'Remove Plan', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('plans.move_to_draft', 'Move Plan to Draft', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.create', 'Create Roster', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.add_member', 'Add Member to Roster', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.add_plan', 'Add Plan to Roster', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.edit', 'Edit Roster Details', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.leave', 'Leave Roster', 'Yes', 'Yes', 'No', 'own', 'own', '-'),
	('rosters.remove_member', 'Remove Member from Roster', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('rosters.delete', 'Delete Roster', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.create', 'Create Team', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.add_member', 'Add Member to Team', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.view', 'View Team Summary', 'Yes', 'Yes', '‘My Teams’ only', 'all', 'all', 'team'),
	('teams.edit', 'Edit Team Details', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.assign_lead', 'Assign Team Lead', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.leave', 'Leave Team', 'Yes', 'Yes', 'No', 'own', 'own', '-'),
	('teams.remove_member', 'Remove Member from Team', 'Yes', 'Yes', 'No', 'all', 'all', '-'),
	('teams.delete', 'Delete Team', 'Yes', 'Yes', 'No', 'all', 'all', '-');

-- one line a cell: who stands for the role, what the document says, and the scopes that are expected
CREATE TEMP VIEW cell AS
	SELECT r.role, r.user_id, e.permission, r.expected,
		format('%s: "%s": "%s" (%s)', r.role, e.words, r.says, e.permission) AS description
	FROM expected e,
		LATERAL (VALUES ('member', 'pia', member_says, member), ('manager', 'mia', manager_says, manager), ('owner', 'olga', owner_says, owner)
		) r (role, user_id, says, expected);

-- what is done with a booking
CREATE TEMP TABLE action AS
	SELECT split_part(permission, '.', 2) AS kind, permission, words, owner_says, manager_says, member_says
	FROM expected WHERE permission LIKE 'bookings.%' AND permission <> 'bookings.view';

-- the workspace's settings, each a row of app.settings, with the permissions that see and change it
CREATE TEMP TABLE setting AS
	SELECT split_part(permission, '.', 2) AS name, words, owner_says, manager_says, member_says,
		min(permission) FILTER (WHERE permission LIKE '%.view') AS sees,
		min(permission) FILTER (WHERE permission NOT LIKE '%.view') AS changes
	FROM expected WHERE permission LIKE 'settings.%'
	GROUP BY 1, 2, 3, 4, 5;

\o /dev/null
CREATE ROLE regress_app_workspace;
CREATE ROLE regress_app_stranger;
GRANT SELECT ON expected, cell, action, setting TO regress_app_workspace;

/* ---- the application's tables ------------------------------------------------ */

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_app_workspace, regress_app_stranger;

CREATE TABLE app.dashboards (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, kind text, staff_id bigint);
CREATE TABLE app.bookings (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, pro_id bigint, starts_at timestamptz DEFAULT now(), status text DEFAULT 'booked');
CREATE TABLE app.booking_actions (tenant text DEFAULT 'crew', booking_id bigint, kind text);
CREATE TABLE app.visits (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, pro_id bigint);
CREATE TABLE app.earnings (tenant text NOT NULL DEFAULT 'crew', month date);
CREATE TABLE app.transactions (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY);
CREATE TABLE app.contacts (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, name text);
CREATE TABLE app.directory (tenant text NOT NULL DEFAULT 'crew', staff_id bigint);
CREATE TABLE app.directory_teams (tenant text NOT NULL DEFAULT 'crew', team_id text);
CREATE TABLE app.reports (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, kind text, staff_id bigint);
CREATE TABLE app.downloads (tenant text NOT NULL DEFAULT 'crew', kind text, staff_id bigint);
CREATE TABLE app.settings (tenant text NOT NULL DEFAULT 'crew', name text, value text);
CREATE TABLE app.members (tenant text NOT NULL DEFAULT 'crew', staff_id bigint, name text, role text);
CREATE TABLE app.plans (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, status text DEFAULT 'published', price numeric);
CREATE TABLE app.rosters (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, name text);
CREATE TABLE app.roster_members (tenant text NOT NULL DEFAULT 'crew', roster_id bigint, staff_id bigint);
CREATE TABLE app.roster_plans (tenant text NOT NULL DEFAULT 'crew', roster_id bigint, plan_id bigint);
CREATE TABLE app.teams (tenant text NOT NULL DEFAULT 'crew', id text, name text);
CREATE TABLE app.team_leads (tenant text NOT NULL DEFAULT 'crew', team_id text, staff_id bigint);
CREATE TABLE app.team_members (tenant text NOT NULL DEFAULT 'crew', team_id text, staff_id bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_workspace, regress_app_stranger;

/* ---- two tenants, and who works there --------------------------------------------- */

SELECT ambit.create_tenant('crew', 'workspace', 'The crew');
SELECT ambit.create_tenant('rival', 'workspace', 'Another workspace');
SELECT ambit.add_member('crew', u, jsonb_build_object('staff', k))
FROM (VALUES ('pia', '11'), ('pete', '12'), ('meg', '13'), ('mia', '14'), ('max', '17'), ('olga', '15'), ('otto', '16'),
	('dora', '18'),		-- member and manager
	('nell', '20')		-- no role
) v (u, k);
SELECT ambit.assign_role('crew', u, r)
FROM (VALUES ('pia', 'member'), ('pete', 'member'), ('meg', 'member'), ('mia', 'manager'), ('max', 'manager'),
	('olga', 'owner'), ('otto', 'owner'), ('dora', 'member'), ('dora', 'manager')) v (u, r);
SELECT ambit.add_group('crew', g) FROM unnest('{north,south}'::text[]) g;
SELECT ambit.add_to_group('crew', g, u) FROM (VALUES ('north', 'pia'), ('north', 'meg'), ('north', 'mia'), ('south', 'pete')) v (g, u);
-- the same ids again in the other tenant
SELECT ambit.add_member('rival', 'pia', '{"staff": "11"}');
SELECT ambit.assign_role('rival', 'pia', 'owner');
SELECT ambit.add_group('rival', 'north');

INSERT INTO app.dashboards (tenant, id, kind, staff_id)
VALUES ('crew', 1, 'workspace', NULL), ('crew', 11, 'personal', 11), ('crew', 12, 'personal', 12), ('crew', 14, 'personal', 14), ('crew', 15, 'personal', 15),
	('rival', 91, 'workspace', 11), ('rival', 92, 'personal', 11);
INSERT INTO app.bookings (tenant, id, pro_id) VALUES ('crew', 1, 11), ('crew', 2, 12), ('crew', 3, 13), ('crew', 4, NULL), ('rival', 9, 11);
INSERT INTO app.visits SELECT tenant, id, pro_id FROM app.bookings;
INSERT INTO app.earnings VALUES ('crew', '2024-01-01'), ('rival', '2024-02-01');
INSERT INTO app.transactions VALUES ('crew', 1), ('rival', 9);
INSERT INTO app.contacts VALUES ('crew', 1, 'Ada'), ('crew', 2, 'Ben'), ('rival', 9, 'Clara');
INSERT INTO app.directory VALUES ('crew', 11), ('crew', 12), ('crew', 14), ('rival', 11);
INSERT INTO app.directory_teams VALUES ('crew', 'north'), ('crew', 'south'), ('rival', 'north');
INSERT INTO app.reports
VALUES ('crew', 1, 'order and refund', 11), ('crew', 2, 'order and refund', 12), ('crew', 3, 'payouts', 11), ('crew', 4, 'bookings', NULL),
	('rival', 9, 'order and refund', 11);
INSERT INTO app.settings SELECT t, name FROM setting, unnest('{crew,rival}'::text[]) t;
INSERT INTO app.members
VALUES ('crew', 11, 'Pia', 'member'), ('crew', 12, 'Pete', 'member'), ('crew', 14, 'Mia', 'manager'), ('crew', 15, 'Olga', 'owner'),
	('crew', 16, 'Otto', 'owner'), ('crew', 17, 'Max', 'manager'), ('crew', 18, 'Dora', 'member and manager'), ('rival', 11, 'Pia', 'owner');
INSERT INTO app.plans VALUES ('crew', 1, 'published', 10), ('rival', 9, 'published', 10);
INSERT INTO app.rosters VALUES ('crew', 1, 'Week 1'), ('rival', 9, 'Week 1');
INSERT INTO app.roster_members VALUES ('crew', 1, 11), ('crew', 1, 14), ('crew', 1, 15), ('rival', 9, 11);
INSERT INTO app.teams VALUES ('crew', 'north', 'North'), ('crew', 'south', 'South'), ('rival', 'north', 'North');
INSERT INTO app.team_members VALUES ('crew', 'north', 11), ('crew', 'north', 13), ('crew', 'north', 14), ('crew', 'south', 12), ('crew', 'south', 15), ('rival', 'north', 11);

/* ---- protection: which permission each table asks for ------------------------------------ */

SELECT ambit.protect('app.bookings', tenant => 'tenant', assignee => 'pro_id');
SELECT ambit.protect('app.booking_actions', parent => 'app.bookings', parent_key => 'booking_id');
SELECT ambit.protect('app.visits', tenant => 'tenant', owner => 'pro_id');
SELECT ambit.protect('app.contacts', tenant => 'tenant', client => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', owner => 'staff_id')
FROM unnest('{dashboards,directory,reports,downloads,members,roster_members}'::text[]) r;
SELECT ambit.protect('app.' || r, tenant => 'tenant') FROM unnest('{earnings,transactions,settings,plans,rosters,roster_plans}'::text[]) r;
SELECT ambit.protect('app.teams', tenant => 'tenant', team => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', team => 'team_id') FROM unnest('{directory_teams,team_leads}'::text[]) r;
SELECT ambit.protect('app.team_members', tenant => 'tenant', team => 'team_id', owner => 'staff_id');

SELECT ambit.add_rule('app.' || r, c, p::ambit.permission, "when" => w)
FROM (VALUES
	('dashboards', 'select', 'dashboard.workspace.view', 'kind = ''workspace'''),
	('dashboards', 'select', 'dashboard.personal.view', 'kind = ''personal'''),
	('bookings', 'select', 'bookings.view', NULL),
	('bookings', 'update', 'bookings.reschedule', 'status = ''booked'''),
	('bookings', 'update', 'bookings.reassign', NULL),
	('visits', 'select', 'bookings.view', NULL),
	('visits', 'update', 'bookings.complete', NULL),
	('earnings', 'select', 'earnings.dashboard.view', NULL),
	('transactions', 'select', 'earnings.transaction_history.view', NULL),
	('contacts', 'select', 'contacts.view', NULL),
	('directory', 'select', 'directory.view', NULL),
	('directory_teams', 'select', 'directory.teams.view', NULL),
	('reports', 'select', 'reports.order_and_refund.view', 'kind = ''order and refund'''),
	('reports', 'select', 'reports.other.view', 'kind <> ''order and refund'''),
	('downloads', 'insert', 'reports.order_and_refund.download', 'kind = ''order and refund'''),
	('downloads', 'insert', 'reports.other.download', 'kind = ''other'''),
	('downloads', 'insert', 'reports.specific_pros.download', 'kind = ''specific pro'''),
	('members', 'select', 'members.view', NULL),
	('members', 'insert', 'members.invite', NULL),
	('members', 'update', 'members.update_roles', NULL),
	('members', 'delete', 'members.remove', NULL),
	('plans', 'select', 'plans.view', NULL),
	('plans', 'insert', 'plans.create', NULL),
	('plans', 'update', 'plans.edit', 'status <> ''draft'''),
	('plans', 'delete', 'plans.remove', NULL),
	('rosters', 'select', 'rosters.edit', NULL),		-- no row of the document is about viewing rosters
	('rosters', 'insert', 'rosters.create', NULL),
	('rosters', 'update', 'rosters.edit', NULL),
	('rosters', 'delete', 'rosters.delete', NULL),
	('roster_members', 'select', 'rosters.edit', NULL),
	('roster_members', 'insert', 'rosters.add_member', NULL),
	('roster_members', 'delete', 'rosters.remove_member', NULL),
	('roster_members', 'delete', 'rosters.leave', NULL),
	('roster_plans', 'insert', 'rosters.add_plan', NULL),
	('teams', 'select', 'teams.view', NULL),
	('teams', 'insert', 'teams.create', NULL),
	('teams', 'update', 'teams.edit', NULL),
	('teams', 'delete', 'teams.delete', NULL),
	('team_leads', 'insert', 'teams.assign_lead', NULL),
	('team_members', 'select', 'teams.view', NULL),
	('team_members', 'insert', 'teams.add_member', NULL),
	('team_members', 'delete', 'teams.remove_member', NULL),
	('team_members', 'delete', 'teams.leave', NULL)
) v (r, c, p, w);
SELECT ambit.add_rule('app.bookings', 'update', 'bookings.complete', columns => '{status}', becomes => 'completed');
SELECT ambit.add_rule('app.bookings', 'update', 'bookings.cancel', columns => '{status}', becomes => 'cancelled');
SELECT ambit.add_rule('app.plans', 'update', 'plans.move_to_draft', columns => '{status}', becomes => 'draft');
SELECT ambit.add_rule('app.booking_actions', 'insert', permission::ambit.permission, "when" => format('kind = %L', kind)) FROM action;
SELECT ambit.add_rule('app.settings', 'select', coalesce(sees, changes)::ambit.permission, "when" => format('name = %L', name)) FROM setting;
SELECT ambit.add_rule('app.settings', 'update', changes::ambit.permission, "when" => format('name = %L', name)) FROM setting;

SELECT ambit.trust_application('regress_app_workspace');

/* ---- helpers ----------------------------------------------------------------------------- */

\ir include/rows.sql

CREATE FUNCTION t.acted(kind text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(b::text, ' ' ORDER BY b), '') FROM unnest('{1,2,3,4,9}'::integer[]) b
	WHERE t.outcome(format('INSERT INTO app.booking_actions (booking_id, kind) VALUES (%s, %L)', b, kind)) = 'done'
$$;
COMMENT ON FUNCTION t.acted(text) IS 'The bookings, of all that there are, with which such a thing can be done.';

CREATE FUNCTION t.set_setting(name text) RETURNS text LANGUAGE sql AS $$
	SELECT t.outcome(format('UPDATE app.settings SET value = %L WHERE name = %L', 'new', name))
$$;
COMMENT ON FUNCTION t.set_setting(text) IS 'Whether a setting can be changed.';

CREATE FUNCTION t.held(permissions text) RETURNS boolean[] LANGUAGE sql AS $$
	SELECT array_agg(DISTINCT ambit.has_permission(p::ambit.permission)) FROM unnest(permissions::text[]) p
$$;
COMMENT ON FUNCTION t.held(text) IS '{t}: all of them are held; {f}: none.';

CREATE FUNCTION t.scopes(permission text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN s IS NULL OR s = '{}' THEN '-'
		WHEN 'all' = ANY (s) THEN 'all'
		ELSE (SELECT string_agg(DISTINCT e, ' ' ORDER BY e) FROM unnest(s) e) END
	FROM ambit.permission_scopes(permission::ambit.permission) s
$$;
COMMENT ON FUNCTION t.scopes(text) IS 'The scopes that the identity holds a permission in, in the words of the expected matrix.';

CREATE VIEW t.tables AS
	SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r';
GRANT SELECT ON t.tables TO PUBLIC;
\o

SELECT plan(734);

/* ---- the template -------------------------------------------------------------- */

SELECT is((SELECT count(*) FROM expected), 61::bigint, 'workspace has 61 permissions');
SELECT results_eq(
	$$SELECT permission::text COLLATE "C" FROM ambit.template_permission WHERE template = 'workspace' ORDER BY 1$$,
	$$SELECT permission COLLATE "C" FROM expected ORDER BY 1$$,
	'the template has these permissions and no other');
SELECT is(ARRAY(SELECT role FROM ambit.template_role WHERE template = 'workspace' ORDER BY rank), '{member,manager,owner}',
	'"There are three key roles with varying levels of access and permissions: Owner, Manager, and Member."');
SELECT is_empty(
	$$SELECT c.role, c.permission FROM ambit.template_cell c LEFT JOIN expected e ON e.permission = c.permission::text
		WHERE c.template = 'workspace' AND NOT coalesce(starts_with(c.source, (
			SELECT string_agg(concat(
				split_part(e.words, ' / ', n), split_part(e.owner_says, ' / ', n),
				split_part(e.manager_says, ' / ', n), split_part(e.member_says, ' / ', n)), ' | ' ORDER BY n)
			FROM generate_series(1, cardinality(string_to_array(e.words, ' / '))) n)), false)$$,
	'every cell stands beside the row of the document that it comes from');
SELECT is_empty($$SELECT role, permission FROM ambit.template_cell WHERE template = 'workspace' AND (locked OR NOT enabled)$$,
	'no cell is locked and none is a toggle: the document has no word about either');
SELECT set_eq(
	$$SELECT function::text COLLATE "C", permission::text COLLATE "C" FROM ambit.template_administration WHERE template = 'workspace'$$,
	$$VALUES ('add_member', 'members.invite'), ('remove_member', 'members.remove'), ('assign_role', 'members.update_roles'),
		('change_role', 'members.update_roles'), ('revoke_role', 'members.update_roles'), ('add_group', 'teams.create'),
		('drop_group', 'teams.delete'), ('add_to_group', 'teams.add_member'), ('remove_from_group', 'teams.remove_member')$$,
	'administration asks for what the document names, of members and teams, and for nothing else');

/* ---- every permission of every role ---------------------------------------------- */

SET ROLE regress_app_workspace;

SELECT ambit.assume('crew', 'pia');
SELECT is(t.scopes(permission), expected, description) FROM cell WHERE role = 'member';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', description || ': held') FROM cell WHERE role = 'member';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'member' AND expected <> '-'$$, 'member: the list of effective permissions is the same');

SELECT ambit.assume('crew', 'mia');
SELECT is(t.scopes(permission), expected, description) FROM cell WHERE role = 'manager';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', description || ': held') FROM cell WHERE role = 'manager';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'manager' AND expected <> '-'$$, 'manager: the list of effective permissions is the same');

SELECT ambit.assume('crew', 'olga');
SELECT is(t.scopes(permission), expected, description) FROM cell WHERE role = 'owner';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', description || ': held') FROM cell WHERE role = 'owner';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'owner' AND expected <> '-'$$, 'owner: the list of effective permissions is the same');

RESET ROLE;
SELECT ambit.logout();
SELECT is_empty(
	format($$SELECT permission FROM cell WHERE role = %L AND ambit.has_permission('crew', user_id, permission::ambit.permission) IS DISTINCT FROM (expected <> '-')$$, r),
	r || ': the DBA gets the same answers')
FROM unnest('{member,manager,owner}'::text[]) r;

/* ---- without identity, visitors, members without a role ----------------------------- */

SELECT is((SELECT count(*) FROM t.tables), 20::bigint, 'every table of the workspace is in the tests below');
SET ROLE regress_app_workspace;
SELECT is(ARRAY(SELECT DISTINCT ambit.has_permission(permission::ambit.permission) FROM expected), '{f}', 'nobody: holds nothing');
SELECT is(t.seen(split_part(relation::text, '.', 2), 'tenant'), '', 'nobody sees no row of ' || relation) FROM t.tables;
SELECT is(t.run(format('INSERT INTO %s DEFAULT VALUES', relation)), '42501', 'nobody: INSERT into ' || relation || ' fails') FROM t.tables;
SELECT is(t.run(format('UPDATE %s SET tenant = tenant', relation)), '42501', 'nobody: UPDATE of ' || relation || ' fails') FROM t.tables;
SELECT is(t.run(format('DELETE FROM %s', relation)), '42501', 'nobody: DELETE from ' || relation || ' fails') FROM t.tables;
SET ROLE regress_app_stranger;
SELECT throws_ok($$SELECT ambit.assume('crew', 'olga')$$, '42501', NULL, 'a role that is not trusted cannot assume an identity');
SET ROLE regress_app_workspace;
SELECT ambit.assume('crew', NULL);
SELECT is(ARRAY(SELECT DISTINCT ambit.has_permission(permission::ambit.permission) FROM expected), '{f}', 'visitor: the document knows none, and they hold nothing');
SELECT ambit.assume('crew', 'nell');
SELECT is(ARRAY(SELECT DISTINCT ambit.has_permission(permission::ambit.permission) FROM expected), '{f}', 'a member without a role holds nothing');
SELECT is(string_agg(t.seen(split_part(relation::text, '.', 2), 'tenant'), ''), '', 'a member without a role sees nothing') FROM t.tables;

/* ---- members -------------------------------------------------------------------------- */

SELECT ambit.assume('crew', 'pia');
SELECT is(ambit.current_roles(), '{member}', 'member: is one');
SELECT is(ARRAY(SELECT e.permission::text COLLATE "C" FROM ambit.effective_permissions() e WHERE e.permission::text !~ '[.]view$' ORDER BY 1),
	'{bookings.add_note,bookings.cancel,bookings.complete,bookings.reschedule,bookings.upload_file,reports.order_and_refund.download}',
	'member: "Focus on delivering services to customers. They manage their assigned bookings ... and track their personal performance": does this, and views the rest');
SELECT is(ARRAY(SELECT DISTINCT t.scopes(permission) FROM action WHERE permission <> 'bookings.reassign'), '{"assignee own"}',
	'member: "Focus on delivering services to customers": with their own bookings alone');
SELECT is(t.acted(kind), CASE member_says WHEN 'My bookings' THEN '1' ELSE '' END, format('member: "%s": "%s": with which', words, member_says)) FROM action;
SELECT is(seen, expected, 'member: ' || words)
FROM (VALUES
	(t.seen('dashboards', 'id'), '11', '"View Workspace Dashboard": "No"; "View Personal Dashboard": "Yes"; "track their personal performance": their own'),
	(t.seen('bookings', 'id'), '1', '"View All Bookings": "No"; "View My Bookings": "Yes"; "They manage their assigned bookings"'),
	(t.seen('visits', 'id'), '1', '"View My Bookings": "Yes", also where the application names the pro as the owner'),
	(t.seen('earnings', 'month'), '', '"View Earnings Dashboard": "No"'),
	(t.seen('transactions', 'id'), '', '"View Transaction History": "No"'),
	(t.seen('contacts', 'id'), '1 2', '"View Contacts": "Yes"'),
	((SELECT string_agg(c, ' ' ORDER BY c) FROM ambit.visible_clients() c), '1 2', '"View Contacts": "Yes": the register of clients'),
	(t.seen('directory', 'staff_id'), '', '"View Directory": "No"'),
	(t.seen('directory_teams', 'team_id'), 'north', '"View Teams in Directory": "No (My Teams only)"'),
	(t.seen('reports', 'id'), '1', '"View and Download Reports": "Only own Order and Refund Report"'),
	(t.seen('members', 'staff_id'), '', '"View Members": "No"'),
	(t.seen('plans', 'id'), '', '"View Plan Summary": "No"'),
	(t.seen('rosters', 'id') || t.seen('roster_members', 'staff_id'), '', '"Edit Roster Details": "No", and of viewing rosters nothing is said'),
	(t.seen('teams', 'id'), 'north', '"View Team Summary": "‘My Teams’ only"'),
	(t.seen('team_members', 'staff_id'), '11 13 14', '"View Team Summary": "‘My Teams’ only": who is in it')
) v (seen, expected, words);
SELECT is(t.seen('settings', 'name'), 'basic_info cancellation_policies notice_period reschedule_policies support_info working_hours', 'member: sees the settings that are "View only"');
SELECT is(t.set_setting(name), 'refused', format('member: "%s": "%s": does not change it', words, member_says)) FROM setting;
SELECT is(t.outcome(command), expected, 'member: ' || words)
FROM (VALUES
	($$UPDATE app.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 1$$, 'done', '"Reschedule Bookings": "My bookings"'),
	($$UPDATE app.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 2$$, 'refused', '"Reschedule Bookings": not another''s'),
	($$UPDATE app.bookings SET status = 'completed' WHERE id = 1$$, 'done', '"Complete Bookings": "My bookings"'),
	($$UPDATE app.bookings SET status = 'cancelled' WHERE id = 1$$, 'done', '"Cancel Bookings": "My bookings"'),
	($$UPDATE app.bookings SET status = 'archived' WHERE id = 1$$, 'refused', 'does nothing else with a booking'),
	($$UPDATE app.bookings SET pro_id = 12 WHERE id = 1$$, 'refused', '"Reassign Bookings": "No": not away from oneself'),
	($$UPDATE app.bookings SET pro_id = 11 WHERE id = 2$$, 'refused', '"Reassign Bookings": "No": not to oneself'),
	($$UPDATE app.bookings SET pro_id = 11 WHERE id = 4$$, 'refused', '"Reassign Bookings": "No": not one that nobody has'),
	($$UPDATE app.visits SET id = 100 WHERE id = 1$$, 'done', '"Complete Bookings": "My bookings", the pro being the owner'),
	($$UPDATE app.visits SET id = 100 WHERE id = 2$$, 'refused', '"Complete Bookings": not another''s, the pro being the owner'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('order and refund', 11)$$, 'done', '"View and Download Reports": "Only own Order and Refund Report"'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('order and refund', 12)$$, 'refused', '"Only own Order and Refund Report": not another''s'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('other', 11)$$, 'refused', '"Only own Order and Refund Report": no other report, though it be of oneself'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('specific pro', 12)$$, 'refused', '"Download Reports for Specific Pros": "No"'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('specific pro', 11)$$, 'refused', '"Download Reports for Specific Pros": "No", not of oneself either'),
	($$INSERT INTO app.members (staff_id, name) VALUES (30, 'New')$$, 'refused', '"Invite Members": "No"'),
	($$DELETE FROM app.members WHERE staff_id = 12$$, 'refused', '"Remove Members": "No"'),
	($$UPDATE app.members SET role = 'owner' WHERE staff_id = 11$$, 'refused', '"Update Roles": "No", not one''s own'),
	($$INSERT INTO app.plans (id) VALUES (30)$$, 'refused', '"Create Plan": "No"'),
	($$UPDATE app.plans SET price = 1 WHERE id = 1$$, 'refused', '"Edit Plan Details": "No"'),
	($$DELETE FROM app.plans WHERE id = 1$$, 'refused', '"Remove Plan": "No"'),
	($$UPDATE app.plans SET status = 'draft' WHERE id = 1$$, 'refused', '"Move Plan to Draft": "No"'),
	($$INSERT INTO app.rosters (id) VALUES (30)$$, 'refused', '"Create Roster": "No"'),
	($$INSERT INTO app.roster_members (roster_id, staff_id) VALUES (1, 12)$$, 'refused', '"Add Member to Roster": "No"'),
	($$INSERT INTO app.roster_plans (roster_id, plan_id) VALUES (1, 1)$$, 'refused', '"Add Plan to Roster": "No"'),
	($$UPDATE app.rosters SET name = 'x' WHERE id = 1$$, 'refused', '"Edit Roster Details": "No"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 11$$, 'refused', '"Leave Roster": "No"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 14$$, 'refused', '"Remove Member from Roster": "No"'),
	($$DELETE FROM app.rosters WHERE id = 1$$, 'refused', '"Delete Roster": "No"'),
	($$INSERT INTO app.teams (id) VALUES ('west')$$, 'refused', '"Create Team": "No"'),
	($$INSERT INTO app.team_members (team_id, staff_id) VALUES ('north', 12)$$, 'refused', '"Add Member to Team": "No", not to one''s own team'),
	($$UPDATE app.teams SET name = 'x' WHERE id = 'north'$$, 'refused', '"Edit Team Details": "No", not of one''s own team'),
	($$INSERT INTO app.team_leads (team_id, staff_id) VALUES ('north', 11)$$, 'refused', '"Assign Team Lead": "No"'),
	($$DELETE FROM app.team_members WHERE staff_id = 11$$, 'refused', '"Leave Team": "No"'),
	($$DELETE FROM app.team_members WHERE staff_id = 13$$, 'refused', '"Remove Member from Team": "No"'),
	($$DELETE FROM app.teams WHERE id = 'north'$$, 'refused', '"Delete Team": "No"')
) v (command, expected, words);
SELECT is(ambit.has_permission(p::ambit.permission, who), false, format('member: "%s": "No": not towards %s', words, who))
FROM (VALUES ('members.remove', 'Remove Members'), ('members.update_roles', 'Update Roles')) v (p, words), unnest('{pia,pete,mia,olga}'::text[]) who;
SELECT is(ambit.permission_targets(p::ambit.permission), '{}', format('member: "%s": "No": towards nobody', words))
FROM (VALUES ('members.remove', 'Remove Members'), ('members.update_roles', 'Update Roles')) v (p, words);
SELECT is(ARRAY(SELECT m COLLATE "C" FROM ambit.visible_modules() m ORDER BY 1), '{bookings,contacts,dashboard,directory,reports,settings,teams}',
	'member: "No" all over earnings, members, plans and rosters: no such module');

-- what is mine follows the rows and the teams, at the next statement
RESET ROLE;
UPDATE app.bookings SET pro_id = CASE id WHEN 1 THEN 12 ELSE 11 END WHERE id IN (1, 2);
SELECT ambit.remove_from_group('crew', 'north', 'pia');
SELECT ambit.add_to_group('crew', 'south', 'pia');
SET ROLE regress_app_workspace;
SELECT is(t.seen('bookings', 'id'), '2', 'member: "their assigned bookings": one that was reassigned is gone, another has come');
SELECT is(t.acted('cancel'), '2', 'member: "My bookings": and so it is with what can be done');
SELECT is(t.seen('teams', 'id') || ' ' || t.seen('directory_teams', 'team_id'), 'south south', 'member: "My Teams only": those that one is in now');
RESET ROLE;
UPDATE app.bookings SET pro_id = CASE id WHEN 1 THEN 11 ELSE 12 END WHERE id IN (1, 2);
SELECT ambit.remove_from_group('crew', 'south', 'pia');
SET ROLE regress_app_workspace;
SELECT is(t.seen('teams', 'id') || t.seen('team_members', 'staff_id') || t.seen('directory_teams', 'team_id'), '', 'member: "My Teams only": in no team, none');
RESET ROLE;
SELECT ambit.add_to_group('crew', 'north', 'pia');
SET ROLE regress_app_workspace;

-- what "My bookings" is where a table knows both who has a booking and who does it: either; where it is to be the pro alone, that column is the one to bind
RESET ROLE;
CREATE TABLE app.jobs (tenant text NOT NULL DEFAULT 'crew', id bigint PRIMARY KEY, entered_by bigint, pro_id bigint);
INSERT INTO app.jobs (id, entered_by, pro_id) VALUES (1, 14, 11), (2, 11, 12), (3, 12, 12), (4, NULL, NULL);
GRANT SELECT ON app.jobs TO regress_app_workspace;
SELECT ambit.protect('app.jobs', tenant => 'tenant', owner => 'entered_by', assignee => 'pro_id'), ambit.add_rule('app.jobs', 'select', 'bookings.view') \g /dev/null
SET ROLE regress_app_workspace;
SELECT is(t.seen('jobs', 'id'), '1 2', 'member: "View My Bookings": a table that binds both columns');
RESET ROLE;
SELECT ambit.unprotect('app.jobs'), ambit.protect('app.jobs', tenant => 'tenant', assignee => 'pro_id'), ambit.add_rule('app.jobs', 'select', 'bookings.view') \g /dev/null
SET ROLE regress_app_workspace;
SELECT is(t.seen('jobs', 'id'), '1', 'member: "They manage their assigned bookings": a table that binds the pro alone');
RESET ROLE;
SELECT ambit.unprotect('app.jobs') \g /dev/null
DROP TABLE app.jobs;
SET ROLE regress_app_workspace;

-- the same person is an owner elsewhere
SELECT ambit.assume('rival', 'pia');
SELECT is(t.seen('bookings', 'id') || ' ' || t.seen('members', 'name') || ' ' || t.acted('reassign'), '9 Pia 9', 'a member here may be an owner there, and only there');

/* ---- managers ----------------------------------------------------------------------------- */

SELECT ambit.assume('crew', 'mia');
SELECT is(t.held('{bookings.view,bookings.upload_file,bookings.add_note,bookings.complete,bookings.reassign,bookings.reschedule,bookings.cancel,
	teams.create,teams.add_member,teams.view,teams.edit,teams.assign_lead,teams.leave,teams.remove_member,teams.delete,
	rosters.create,rosters.add_member,rosters.add_plan,rosters.edit,rosters.leave,rosters.remove_member,rosters.delete,
	plans.create,plans.view,plans.edit,plans.remove,plans.move_to_draft}'), '{t}',
	'manager: "Handle day-to-day operations, such as managing bookings, teams, rosters and plans"');
SELECT is(t.acted(kind), '1 2 3 4', format('manager: "%s": "%s": with which', words, manager_says)) FROM action;
SELECT is(t.set_setting(name), CASE manager_says WHEN 'Yes' THEN 'done' ELSE 'refused' END,
	format('manager: "%s": "%s": whether it can be changed', words, manager_says)) FROM setting;
SELECT is(t.seen('settings', 'name'), 'basic_info branding cancellation_policies cancellation_reasons notice_period reschedule_policies reschedule_reasons support_info working_hours',
	'manager: "They also have access to most workspace settings": all but bank details, reassign reasons and follow-up reasons');
SELECT is(seen, expected, 'manager: ' || words)
FROM (VALUES
	(t.seen('dashboards', 'id'), '1 14', '"View Workspace Dashboard": "Yes"; "View Personal Dashboard": "Yes", their own'),
	(t.seen('bookings', 'id'), '1 2 3 4', '"View All Bookings": "Yes"'),
	(t.seen('visits', 'id'), '1 2 3 4', '"View All Bookings": "Yes", the pro being the owner'),
	(t.seen('earnings', 'month'), '2024-01-01', '"View Earnings Dashboard": "Yes"'),
	(t.seen('transactions', 'id'), '1', '"View Transaction History": "Yes"'),
	(t.seen('contacts', 'id'), '1 2', '"View Contacts": "Yes"'),
	(t.seen('directory', 'staff_id'), '11 12 14', '"View Directory": "Yes"'),
	(t.seen('directory_teams', 'team_id'), 'north south', '"View Teams in Directory": "Yes (All Teams and My Teams)"'),
	(t.seen('reports', 'id'), '1 2 3 4', '"View and Download Reports": "All Reports"'),
	(t.seen('members', 'staff_id'), '11 12 14 15 16 17 18', '"View Members": "Yes"'),
	(t.seen('plans', 'id'), '1', '"View Plan Summary": "Yes"'),
	(t.seen('teams', 'id'), 'north south', '"View Team Summary": "Yes"')
) v (seen, expected, words);

-- "Can remove Member roles only", "Can update Member role only"
SELECT is(ambit.permission_targets('members.remove'), '{member}', 'manager: "Remove Members": "Can remove Member roles only"');
SELECT is(ambit.permission_targets('members.update_roles'), '{member}', 'manager: "Update Roles": "Can update Member role only"');
SELECT test
FROM (VALUES ('pia', 11, 'member', true), ('pete', 12, 'member', true), ('dora', 18, 'member and manager', false), ('mia', 14, 'manager, herself', false),
		('max', 17, 'manager', false), ('olga', 15, 'owner', false)) v (who, staff, has, expected),
	LATERAL unnest(ARRAY[
		is(ambit.has_permission('members.remove', who), expected, format('manager: "Can remove Member roles only": %s (%s)', who, has)),
		is(ambit.has_permission('members.update_roles', who), expected, format('manager: "Can update Member role only": %s (%s)', who, has)),
		is(t.outcome(format('DELETE FROM app.members WHERE staff_id = %s', staff)), CASE WHEN expected THEN 'done' ELSE 'refused' END,
			format('manager: "Can remove Member roles only": the row of %s (%s)', who, has)),
		is(t.outcome(format('UPDATE app.members SET role = %L WHERE staff_id = %s', 'member', staff)), CASE WHEN expected THEN 'done' ELSE 'refused' END,
			format('manager: "Can update Member role only": the row of %s (%s)', who, has))]) test;
SELECT is(ambit.has_permission(p::ambit.permission, who), expected, format('manager: "%s": %s', words, says))
FROM (VALUES ('members.remove', 'Can remove Member roles only'), ('members.update_roles', 'Can update Member role only')) v (p, words),
	(VALUES ('nell', true, 'one who has no role yet'), ('nobody', false, 'not one who is not here')) w (who, expected, says);
SELECT is(t.outcome(command), expected, 'manager: ' || words)
FROM (VALUES
	($$UPDATE app.members SET role = 'manager' WHERE staff_id = 11$$, 'done', '"Can update Member role only": the present role is a member''s'),
	($$UPDATE app.members SET staff_id = 17 WHERE staff_id = 11$$, 'refused', '"Can update Member role only": nor is the row made a manager''s'),
	($$DELETE FROM app.members WHERE tenant = 'rival'$$, 'refused', '"Remove Members": nobody of another tenant'),
	($$INSERT INTO app.members (staff_id, name) VALUES (30, 'New')$$, 'done', '"Invite Members": "Yes"'),
	($$INSERT INTO app.members (tenant, staff_id, name) VALUES ('rival', 30, 'New')$$, 'refused', '"Invite Members": not to another tenant'),
	($$UPDATE app.bookings SET pro_id = 12 WHERE id = 1$$, 'done', '"Reassign Bookings": "All bookings"'),
	($$UPDATE app.bookings SET pro_id = 14 WHERE id = 4$$, 'done', '"Reassign Bookings": "All bookings", to oneself'),
	($$UPDATE app.bookings SET tenant = 'rival' WHERE id = 1$$, 'refused', '"All bookings": none moves to another tenant'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('order and refund', 12)$$, 'done', '"View and Download Reports": "All Reports"'),
	($$INSERT INTO app.downloads (kind) VALUES ('other')$$, 'done', '"View and Download Reports": "All Reports", others too'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('specific pro', 12)$$, 'done', '"Download Reports for Specific Pros": "Yes"'),
	($$INSERT INTO app.plans (id) VALUES (30)$$, 'done', '"Create Plan": "Yes"'),
	($$UPDATE app.plans SET price = 1 WHERE id = 1$$, 'done', '"Edit Plan Details": "Yes"'),
	($$DELETE FROM app.plans WHERE id = 1$$, 'done', '"Remove Plan": "Yes"'),
	($$UPDATE app.plans SET status = 'draft' WHERE id = 1$$, 'done', '"Move Plan to Draft": "Yes"'),
	($$INSERT INTO app.rosters (id) VALUES (30)$$, 'done', '"Create Roster": "Yes"'),
	($$INSERT INTO app.roster_members (roster_id, staff_id) VALUES (1, 12)$$, 'done', '"Add Member to Roster": "Yes"'),
	($$INSERT INTO app.roster_plans (roster_id, plan_id) VALUES (1, 1)$$, 'done', '"Add Plan to Roster": "Yes"'),
	($$UPDATE app.rosters SET name = 'x' WHERE id = 1$$, 'done', '"Edit Roster Details": "Yes"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 14$$, 'done', '"Leave Roster": "Yes"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 11$$, 'done', '"Remove Member from Roster": "Yes"'),
	($$DELETE FROM app.rosters WHERE id = 1$$, 'done', '"Delete Roster": "Yes"'),
	($$INSERT INTO app.teams (id) VALUES ('west')$$, 'done', '"Create Team": "Yes"'),
	($$INSERT INTO app.team_members (team_id, staff_id) VALUES ('south', 11)$$, 'done', '"Add Member to Team": "Yes", to a team of others'),
	($$UPDATE app.teams SET name = 'x' WHERE id = 'south'$$, 'done', '"Edit Team Details": "Yes"'),
	($$INSERT INTO app.team_leads (team_id, staff_id) VALUES ('south', 12)$$, 'done', '"Assign Team Lead": "Yes"'),
	($$DELETE FROM app.team_members WHERE staff_id = 14$$, 'done', '"Leave Team": "Yes"'),
	($$DELETE FROM app.team_members WHERE staff_id = 12$$, 'done', '"Remove Member from Team": "Yes"'),
	($$DELETE FROM app.teams WHERE id = 'south'$$, 'done', '"Delete Team": "Yes"'),
	($$DELETE FROM app.teams WHERE tenant = 'rival'$$, 'refused', '"Delete Team": none of another tenant')
) v (command, expected, words);

-- leaving is one's own: without the permission to remove others, nobody else leaves
RESET ROLE;
SELECT ambit.set_member_permission('crew', 'mia', p::ambit.permission, false) FROM unnest('{teams.remove_member,rosters.remove_member}'::text[]) p \g /dev/null
SET ROLE regress_app_workspace;
SELECT is(t.outcome(command), expected, 'manager: ' || words)
FROM (VALUES
	($$DELETE FROM app.team_members WHERE staff_id = 14$$, 'done', '"Leave Team": "Yes": leaves by oneself'),
	($$DELETE FROM app.team_members WHERE staff_id = 13$$, 'refused', '"Leave Team": another of the same team does not leave by it'),
	($$DELETE FROM app.roster_members WHERE staff_id = 14$$, 'done', '"Leave Roster": "Yes": leaves by oneself'),
	($$DELETE FROM app.roster_members WHERE staff_id = 11$$, 'refused', '"Leave Roster": another does not leave by it')
) v (command, expected, words);
RESET ROLE;
SELECT ambit.set_member_permission('crew', 'mia', p::ambit.permission, NULL) FROM unnest('{teams.remove_member,rosters.remove_member}'::text[]) p \g /dev/null

-- the present role counts: one who became a manager is out of reach, one who became a member is in it
SELECT ambit.change_role('crew', 'pete', 'member', 'manager');
SELECT ambit.change_role('crew', 'max', 'manager', 'member');
SET ROLE regress_app_workspace;
SELECT is(ambit.has_permission('members.remove', 'pete'), false, 'manager: "Can remove Member roles only": not one who has become a manager');
SELECT is(ambit.has_permission('members.remove', 'max'), true, 'manager: "Can remove Member roles only": one who has become a member');
SELECT is(t.outcome('DELETE FROM app.members WHERE staff_id = 12') || ' ' || t.outcome('DELETE FROM app.members WHERE staff_id = 17'), 'refused done',
	'manager: "Can remove Member roles only": and so it is with the rows');
RESET ROLE;
SELECT ambit.change_role('crew', 'pete', 'manager', 'member');
SELECT ambit.change_role('crew', 'max', 'member', 'manager');

-- no lock: a workspace may be given more or less
SELECT ambit.set_role_permission('crew', 'manager', 'settings.bank_details.update', true) \g /dev/null
SELECT ambit.set_role_permission('crew', 'manager', 'bookings.cancel', false) \g /dev/null
SET ROLE regress_app_workspace;
SELECT is(t.set_setting('bank_details'), 'done', 'manager: "Update Bank Details": "No", and one workspace gives it');
SELECT is(t.acted('cancel') || t.acted('complete'), '1 2 3 4', 'manager: "Cancel Bookings": one workspace takes it, and the others of a booking stay');
SELECT ambit.assume('rival', 'pia');
SELECT is(t.acted('cancel'), '9', 'the other workspace keeps what the template says');
RESET ROLE;
SELECT ambit.set_role_permission('crew', 'manager', p::ambit.permission, NULL) FROM unnest('{settings.bank_details.update,bookings.cancel}'::text[]) p \g /dev/null

/* ---- owners ----------------------------------------------------------------------------- */

SET ROLE regress_app_workspace;
SELECT ambit.assume('crew', 'olga');
SELECT is(ARRAY(SELECT DISTINCT ambit.has_permission(permission::ambit.permission) FROM expected), '{t}', 'owner: no row says "No"');
SELECT is(t.held('{settings.reschedule_policies.update,settings.cancellation_policies.update,settings.bank_details.update,
	earnings.dashboard.view,earnings.transaction_history.view,reports.order_and_refund.view,reports.other.view,reports.specific_pros.download}'), '{t}',
	'owner: "Oversee the workspace policies, settings, earnings, and reports"');
SELECT is(t.acted(kind), '1 2 3 4', format('owner: "%s": "%s": with which', words, owner_says)) FROM action;
SELECT is(t.set_setting(name), 'done', format('owner: "%s": "%s": whether it can be changed', words, owner_says)) FROM setting;
SELECT is(seen, expected, 'owner: ' || words)
FROM (VALUES
	(t.seen('dashboards', 'id'), '1 15', '"View Workspace Dashboard": "Yes"; "View Personal Dashboard": "Yes", their own'),
	(t.seen('bookings', 'id'), '1 2 3 4', '"View All Bookings": "Yes"'),
	(t.seen('earnings', 'month'), '2024-01-01', '"View Earnings Dashboard": "Yes"'),
	(t.seen('transactions', 'id'), '1', '"View Transaction History": "Yes"'),
	(t.seen('contacts', 'id'), '1 2', '"View Contacts": "Yes"'),
	(t.seen('directory', 'staff_id'), '11 12 14', '"View Directory": "Yes"'),
	(t.seen('directory_teams', 'team_id'), 'north south', '"View Teams in Directory": "Yes (All Teams and My Teams)"'),
	(t.seen('reports', 'id'), '1 2 3 4', '"View and Download Reports": "All Reports"'),
	(t.seen('members', 'staff_id'), '11 12 14 15 16 17 18', '"View Members": "Yes"'),
	(t.seen('plans', 'id'), '1', '"View Plan Summary": "Yes"'),
	(t.seen('teams', 'id'), 'north south', '"View Team Summary": "Yes"')
) v (seen, expected, words);
SELECT is(ambit.permission_targets('members.remove'), NULL, 'owner: "Remove Members": "Yes": towards anybody');
SELECT is(ARRAY(SELECT r COLLATE "C" FROM unnest(ambit.permission_targets('members.update_roles')) r ORDER BY 1), '{manager,member,owner}',
	'owner: "Update Roles": "Can update Owner, Manager, and Member role"');
SELECT test
FROM (VALUES ('pia', 11, 'member'), ('dora', 18, 'member and manager'), ('mia', 14, 'manager'), ('otto', 16, 'owner')) v (who, staff, has),
	LATERAL unnest(ARRAY[
		is(ambit.has_permission('members.remove', who), true, format('owner: "Remove Members": "Yes": %s (%s)', who, has)),
		is(ambit.has_permission('members.update_roles', who), true, format('owner: "Can update Owner, Manager, and Member role": %s (%s)', who, has)),
		is(t.outcome(format('DELETE FROM app.members WHERE staff_id = %s', staff)), 'done', format('owner: "Remove Members": "Yes": the row of %s (%s)', who, has)),
		is(t.outcome(format('UPDATE app.members SET role = %L WHERE staff_id = %s', 'member', staff)), 'done',
			format('owner: "Can update Owner, Manager, and Member role": the row of %s (%s)', who, has))]) test;

-- a role that the workspace invented is none of the three
RESET ROLE;
SELECT ambit.create_role('crew', 'guest');
SELECT ambit.assign_role('crew', 'nell', 'guest');
SET ROLE regress_app_workspace;
SELECT is(ambit.has_permission('members.update_roles', 'nell'), false, 'owner: "Can update Owner, Manager, and Member role": not the role of one who has another');
SELECT is(ambit.has_permission('members.remove', 'nell'), true, 'owner: "Remove Members": "Yes": whatever the role');
RESET ROLE;
SELECT ambit.revoke_role('crew', 'nell', 'guest');
SELECT ambit.drop_role('crew', 'guest');
SET ROLE regress_app_workspace;

SELECT is(t.outcome(command), expected, 'owner: ' || words)
FROM (VALUES
	($$DELETE FROM app.members WHERE tenant = 'rival'$$, 'refused', '"Remove Members": nobody of another tenant'),
	($$INSERT INTO app.members (staff_id, name) VALUES (30, 'New')$$, 'done', '"Invite Members": "Yes"'),
	($$UPDATE app.bookings SET pro_id = 12 WHERE id = 1$$, 'done', '"Reassign Bookings": "All bookings"'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('order and refund', 12)$$, 'done', '"View and Download Reports": "All Reports"'),
	($$INSERT INTO app.downloads (kind) VALUES ('other')$$, 'done', '"View and Download Reports": "All Reports", others too'),
	($$INSERT INTO app.downloads (kind, staff_id) VALUES ('specific pro', 12)$$, 'done', '"Download Reports for Specific Pros": "Yes"'),
	($$INSERT INTO app.plans (id) VALUES (30)$$, 'done', '"Create Plan": "Yes"'),
	($$UPDATE app.plans SET price = 1 WHERE id = 1$$, 'done', '"Edit Plan Details": "Yes"'),
	($$DELETE FROM app.plans WHERE id = 1$$, 'done', '"Remove Plan": "Yes"'),
	($$UPDATE app.plans SET status = 'draft' WHERE id = 1$$, 'done', '"Move Plan to Draft": "Yes"'),
	($$INSERT INTO app.rosters (id) VALUES (30)$$, 'done', '"Create Roster": "Yes"'),
	($$INSERT INTO app.roster_members (roster_id, staff_id) VALUES (1, 12)$$, 'done', '"Add Member to Roster": "Yes"'),
	($$INSERT INTO app.roster_plans (roster_id, plan_id) VALUES (1, 1)$$, 'done', '"Add Plan to Roster": "Yes"'),
	($$UPDATE app.rosters SET name = 'x' WHERE id = 1$$, 'done', '"Edit Roster Details": "Yes"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 15$$, 'done', '"Leave Roster": "Yes"'),
	($$DELETE FROM app.roster_members WHERE staff_id = 11$$, 'done', '"Remove Member from Roster": "Yes"'),
	($$DELETE FROM app.rosters WHERE id = 1$$, 'done', '"Delete Roster": "Yes"'),
	($$INSERT INTO app.teams (id) VALUES ('west')$$, 'done', '"Create Team": "Yes"'),
	($$INSERT INTO app.team_members (team_id, staff_id) VALUES ('south', 11)$$, 'done', '"Add Member to Team": "Yes"'),
	($$UPDATE app.teams SET name = 'x' WHERE id = 'south'$$, 'done', '"Edit Team Details": "Yes"'),
	($$INSERT INTO app.team_leads (team_id, staff_id) VALUES ('south', 12)$$, 'done', '"Assign Team Lead": "Yes"'),
	($$DELETE FROM app.team_members WHERE staff_id = 15$$, 'done', '"Leave Team": "Yes"'),
	($$DELETE FROM app.team_members WHERE staff_id = 12$$, 'done', '"Remove Member from Team": "Yes"'),
	($$DELETE FROM app.teams WHERE id = 'south'$$, 'done', '"Delete Team": "Yes"'),
	($$INSERT INTO app.teams (tenant, id) VALUES ('rival', 'west')$$, 'refused', '"Create Team": not in another tenant')
) v (command, expected, words);

/* ---- nothing is left ----------------------------------------------------------------------------------------- */

SELECT ambit.logout();
SELECT is(t.seen('bookings', 'id') || t.seen('contacts', 'id'), '', 'after logout(): nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
