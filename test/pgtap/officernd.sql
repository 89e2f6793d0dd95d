/*
 * officernd.sql
 *		The template officernd: the permissions of its document row by row, for
 *		every role, what can be turned on and off, and its sentences on a small
 *		coworking business, by ordinary database roles.
 *
 * The table of the document stands here as it is printed; it is not read from
 * the template.  Custom roles are in officernd_roles.sql.  A write is tried
 * and undone (t.outcome), so that the rows stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

/* ---- the document ------------------------------------------------------------ */

-- "Module | Entity | Permissions | Center Manager | Owner", and the keys of each row
CREATE TEMP TABLE document (words text, center_manager text, owner text, permissions text[]);
INSERT INTO document VALUES
	('Community | Check-ins | Create, Edit', 'YES', 'YES',
		'{community.check_ins.create,community.check_ins.edit}'),
	('Community | One-off Fees | Create, Edit, Delete, Export', 'YES', 'YES',
		'{community.one_off_fees.create,community.one_off_fees.edit,community.one_off_fees.delete,community.one_off_fees.export}'),
	('Community | One-off Fees | Approve, Import', 'NO', 'YES',
		'{community.one_off_fees.approve,community.one_off_fees.import}'),
	('Community | Company | Create, Edit, Delete, Export', 'YES', 'YES',
		'{community.companies.create,community.companies.edit,community.companies.delete,community.companies.export}'),
	('Community | Company | Merge, Import', 'NO', 'YES',
		'{community.companies.merge,community.companies.import}'),
	('Community | Members | Create, Edit, Delete, Export', 'YES', 'YES',
		'{community.members.create,community.members.edit,community.members.delete,community.members.export}'),
	('Community | Members | Merge, Import', 'NO', 'YES',
		'{community.members.merge,community.members.import}'),
	('Community | Attachments | Create, Edit, Delete', 'YES', 'YES',
		'{community.attachments.create,community.attachments.edit,community.attachments.delete}'),
	('Community | Contracts | Create, Edit, Send For eSign, Mark As Signed, Serve Notice, Terminate, Generate PDF, Preview PDF, Export', 'YES', 'YES',
		'{community.contracts.create,community.contracts.edit,community.contracts.send_for_esign,community.contracts.mark_as_signed,community.contracts.serve_notice,community.contracts.terminate,community.contracts.generate_pdf,community.contracts.preview_pdf,community.contracts.export}'),
	('Community | Contracts | Add & Approve', 'NO', 'YES',
		'{community.contracts.add_and_approve}'),
	('Community | Memberships | Create, Edit, Delete, Assign', 'YES', 'YES',
		'{community.memberships.create,community.memberships.edit,community.memberships.delete,community.memberships.assign}'),
	('Community | Memberships | Approve', 'YES', 'YES',
		'{community.memberships.approve}'),
	('Community | Memberships | Lock, Import', 'NO', 'YES',
		'{community.memberships.lock,community.memberships.import}'),
	('Community | Opportunities | Create, Edit, Delete, Export', 'YES', 'YES',
		'{community.opportunities.create,community.opportunities.edit,community.opportunities.delete,community.opportunities.export}'),
	('Community | Day Passes | Create, Edit, Delete', 'YES', 'YES',
		'{community.day_passes.create,community.day_passes.edit,community.day_passes.delete}'),
	('Community | Credits | Create, Edit, Delete', 'YES', 'YES',
		'{community.credits.create,community.credits.edit,community.credits.delete}'),
	('Community | Payment Details | Create, Delete', 'YES', 'YES',
		'{community.payment_details.create,community.payment_details.delete}'),
	('Community | Orders | Create, Change Status, Generate PDF, Export', 'YES', 'YES',
		'{community.orders.create,community.orders.change_status,community.orders.generate_pdf,community.orders.export}'),
	('Collaboration | Events | Create, Edit, Delete', 'YES', 'YES',
		'{collaboration.events.create,collaboration.events.edit,collaboration.events.delete}'),
	('Collaboration | Messages | Create, Edit, Delete', 'YES', 'YES',
		'{collaboration.messages.create,collaboration.messages.edit,collaboration.messages.delete}'),
	('Collaboration | Issues | Edit, Delete', 'YES', 'YES',
		'{collaboration.issues.edit,collaboration.issues.delete}'),
	('Collaboration | Posts | Create, Edit, Delete', 'YES', 'YES',
		'{collaboration.posts.create,collaboration.posts.edit,collaboration.posts.delete}'),
	('Collaboration | Contacts | Export', 'YES', 'YES',
		'{collaboration.contacts.export}'),
	('Collaboration | Benefits | Create, Edit, Delete', 'YES', 'YES',
		'{collaboration.benefits.create,collaboration.benefits.edit,collaboration.benefits.delete}'),
	('Collaboration | Articles | Create, Edit, Delete', 'YES', 'YES',
		'{collaboration.articles.create,collaboration.articles.edit,collaboration.articles.delete}'),
	('Billing | Invoices | Create, Edit, Delete, Sync, Export, Void, Send', 'YES', 'YES',
		'{billing.invoices.create,billing.invoices.edit,billing.invoices.delete,billing.invoices.sync,billing.invoices.export,billing.invoices.void,billing.invoices.send}'),
	('Billing | Receipts | Generate, Send, Delete', 'YES', 'YES',
		'{billing.receipts.generate,billing.receipts.send,billing.receipts.delete}'),
	('Billing | Invoice Line Items | Edit', 'YES', 'YES',
		'{billing.invoice_line_items.edit}'),
	('Billing | Plans | Create, Edit, Delete, Merge, Export', 'YES', 'YES',
		'{billing.plans.create,billing.plans.edit,billing.plans.delete,billing.plans.merge,billing.plans.export}'),
	('Billing | Goods | Create, Edit, Delete, Export', 'YES', 'YES',
		'{billing.goods.create,billing.goods.edit,billing.goods.delete,billing.goods.export}'),
	('Billing | Stores | Create, Edit, Delete', 'YES', 'YES',
		'{billing.stores.create,billing.stores.edit,billing.stores.delete}'),
	('Billing | Rates | Create, Edit, Delete, Export', 'YES', 'YES',
		'{billing.rates.create,billing.rates.edit,billing.rates.delete,billing.rates.export}'),
	('Billing | Amenities | Create, Edit, Delete', 'YES', 'YES',
		'{billing.amenities.create,billing.amenities.edit,billing.amenities.delete}'),
	('Billing | Discounts | Create, Edit, Delete', 'YES', 'YES',
		'{billing.discounts.create,billing.discounts.edit,billing.discounts.delete}'),
	('Space | Resources | Create, Edit', 'YES', 'YES',
		'{space.resources.create,space.resources.edit}'),
	('Space | Resources | Delete, Import', 'NO', 'YES',
		'{space.resources.delete,space.resources.import}'),
	('Space | Locations | Create, Edit', 'YES', 'YES',
		'{space.locations.create,space.locations.edit}'),
	('Space | Locations | Delete', 'NO', 'YES',
		'{space.locations.delete}'),
	('Space | Floors | Create, Edit, Clone', 'YES', 'YES',
		'{space.floors.create,space.floors.edit,space.floors.clone}'),
	('Space | Floors | Delete', 'NO', 'YES',
		'{space.floors.delete}'),
	('Calendar | Booking | Create, Edit, Delete, Cancel', 'YES', 'YES',
		'{calendar.bookings.create,calendar.bookings.edit,calendar.bookings.delete,calendar.bookings.cancel}'),
	('Settings | Templates | Create, Edit, Delete', 'NO', 'NO',
		'{settings.templates.create,settings.templates.edit,settings.templates.delete}');

-- what is in no row: to see the entities
CREATE TEMP TABLE sight (permission text);
INSERT INTO sight SELECT unnest('{
	community.check_ins.view,community.one_off_fees.view,community.companies.view,community.members.view,community.attachments.view,
	community.contracts.view,community.memberships.view,community.opportunities.view,community.day_passes.view,community.credits.view,
	community.payment_details.view,community.orders.view,
	collaboration.events.view,collaboration.messages.view,collaboration.issues.view,collaboration.posts.view,collaboration.contacts.view,
	collaboration.benefits.view,collaboration.articles.view,
	billing.invoices.view,billing.receipts.view,billing.invoice_line_items.view,billing.plans.view,billing.goods.view,billing.stores.view,
	billing.rates.view,billing.amenities.view,billing.discounts.view,
	space.resources.view,space.locations.view,space.floors.view,
	calendar.bookings.view,
	settings.templates.view,settings.import_tabs.view}'::text[]);

-- one line a cell: who stands for the role, whether it is held, and the words that say so
CREATE TEMP TABLE cell (role text, user_id text, permission text, held boolean, words text);
INSERT INTO cell
SELECT r.role, r.user_id, p, r.answer = 'YES',
	CASE r.role WHEN 'viewer' THEN '"but can''t make any changes"' ELSE format('"%s | %s"', d.words, r.answer) END
FROM document d,
	LATERAL (VALUES ('viewer', 'vera', 'NO'), ('center_manager', 'carl', d.center_manager), ('owner', 'olga', d.owner)) r (role, user_id, answer),
	unnest(d.permissions) p
UNION ALL
SELECT r.role, r.user_id, s.permission, NOT (r.role = 'viewer' AND s.permission LIKE 'settings.%'),
	CASE r.role WHEN 'viewer' THEN '"The Viewer can see all modules, excluding the Settings one"'
	ELSE '"The only to hide a section entirely is to set the whole module to be based on role "No access""' END
FROM sight s, (VALUES ('viewer', 'vera'), ('center_manager', 'carl'), ('owner', 'olga')) r (role, user_id);

\o /dev/null
CREATE ROLE regress_app_spaces;
CREATE ROLE regress_app_spaces_stranger;
GRANT SELECT ON document, sight, cell TO regress_app_spaces;

/* ---- two tenants, and who works there ------------------------------------------- */

SELECT ambit.create_tenant('hub', 'officernd', 'The Hub');
SELECT ambit.create_tenant('rival', 'officernd', 'Another one');
SELECT ambit.create_tenant('allegro', 'opus1', 'A music school next door');
SELECT ambit.add_member('hub', u) FROM unnest('{vera,carl,olga,nemo,both}'::text[]) u;
SELECT ambit.assign_role('hub', u, r)
FROM (VALUES ('vera', 'viewer'), ('carl', 'center_manager'), ('olga', 'owner'), ('both', 'viewer'), ('both', 'center_manager')) v (u, r);
-- the same names again in the other tenants
SELECT ambit.add_member('rival', 'vera'), ambit.add_member('allegro', 'olga', '{"staff": "1"}');
SELECT ambit.assign_role('rival', 'vera', 'owner'), ambit.assign_role('allegro', 'olga', 'owner');

/* ---- the application's tables ------------------------------------------------------- */

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_app_spaces, regress_app_spaces_stranger;
CREATE TABLE app.companies (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, source text DEFAULT 'form', merged_into bigint);
CREATE TABLE app.members (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, source text DEFAULT 'form', merged_into bigint);
CREATE TABLE app.fees (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, amount numeric, source text DEFAULT 'form', status text DEFAULT 'new');
CREATE TABLE app.contracts (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, status text DEFAULT 'draft');
CREATE TABLE app.memberships (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, source text DEFAULT 'form', status text DEFAULT 'new', locked boolean DEFAULT false);
CREATE TABLE app.messages (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, body text);
CREATE TABLE app.invoices (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, status text DEFAULT 'open');
CREATE TABLE app.resources (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, source text DEFAULT 'form');
CREATE TABLE app.locations (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text);
CREATE TABLE app.floors (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, clone_of bigint);
CREATE TABLE app.bookings (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, status text DEFAULT 'booked');
CREATE TABLE app.templates (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, body text);
CREATE TABLE app.import_tabs (tenant text NOT NULL DEFAULT 'hub', entity text);
CREATE TABLE app.imports (tenant text NOT NULL DEFAULT 'hub', entity text);
INSERT INTO app.import_tabs (entity) SELECT unnest('{fees,companies,members,memberships,resources}'::text[]);
INSERT INTO app.imports (entity) SELECT unnest('{fees,companies,members,memberships,resources}'::text[]);
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{companies,members,fees,contracts,memberships,messages,invoices,resources,locations,floors,bookings,templates}'::text[] LOOP
		EXECUTE format($q$INSERT INTO app.%I (tenant, id) VALUES ('hub', 1), ('hub', 2), ('rival', 9)$q$, r);
	END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_spaces, regress_app_spaces_stranger;

SELECT ambit.protect('app.members', tenant => 'tenant', client => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant')
FROM unnest('{companies,fees,contracts,memberships,messages,invoices,resources,locations,floors,bookings,templates,import_tabs,imports}'::text[]) r;
SELECT ambit.add_rule('app.' || r, c, p::ambit.permission, "when" => w)
FROM (VALUES
	('companies', 'select', 'community.companies.view', NULL),
	('companies', 'insert', 'community.companies.create', 'source = ''form'''),
	('companies', 'insert', 'community.companies.import', 'source = ''csv'''),
	('companies', 'update', 'community.companies.edit', 'merged_into IS NULL'),
	('companies', 'update', 'community.companies.merge', NULL),
	('companies', 'delete', 'community.companies.delete', NULL),
	('members', 'select', 'community.members.view', NULL),
	('members', 'insert', 'community.members.create', 'source = ''form'''),
	('members', 'insert', 'community.members.import', 'source = ''csv'''),
	('members', 'update', 'community.members.edit', 'merged_into IS NULL'),
	('members', 'update', 'community.members.merge', NULL),
	('members', 'delete', 'community.members.delete', NULL),
	('fees', 'select', 'community.one_off_fees.view', NULL),
	('fees', 'insert', 'community.one_off_fees.create', 'source = ''form'' AND status = ''new'''),
	('fees', 'insert', 'community.one_off_fees.import', 'source = ''csv'' AND status = ''new'''),
	('fees', 'update', 'community.one_off_fees.edit', 'status = ''new'''),
	('fees', 'update', 'community.one_off_fees.approve', NULL),
	('fees', 'delete', 'community.one_off_fees.delete', NULL),
	('contracts', 'select', 'community.contracts.view', NULL),
	('contracts', 'insert', 'community.contracts.create', 'status = ''draft'''),
	('contracts', 'insert', 'community.contracts.add_and_approve', 'status = ''approved'''),
	('contracts', 'update', 'community.contracts.edit', 'status = ''draft'''),
	('contracts', 'update', 'community.contracts.terminate', 'status IN (''draft'', ''terminated'')'),
	('memberships', 'select', 'community.memberships.view', NULL),
	('memberships', 'insert', 'community.memberships.create', 'source = ''form'' AND status = ''new'''),
	('memberships', 'insert', 'community.memberships.import', 'source = ''csv'' AND status = ''new'''),
	('memberships', 'update', 'community.memberships.edit', 'status = ''new'' AND NOT locked'),
	('memberships', 'update', 'community.memberships.approve', 'NOT locked'),
	('memberships', 'update', 'community.memberships.lock', NULL),
	('memberships', 'delete', 'community.memberships.delete', NULL),
	('messages', 'select', 'collaboration.messages.view', NULL),
	('messages', 'insert', 'collaboration.messages.create', NULL),
	('messages', 'update', 'collaboration.messages.edit', NULL),
	('messages', 'delete', 'collaboration.messages.delete', NULL),
	('invoices', 'select', 'billing.invoices.view', NULL),
	('invoices', 'insert', 'billing.invoices.create', 'status = ''open'''),
	('invoices', 'update', 'billing.invoices.edit', 'status = ''open'''),
	('invoices', 'update', 'billing.invoices.void', 'status IN (''open'', ''void'')'),
	('invoices', 'delete', 'billing.invoices.delete', NULL),
	('resources', 'select', 'space.resources.view', NULL),
	('resources', 'insert', 'space.resources.create', 'source = ''form'''),
	('resources', 'insert', 'space.resources.import', 'source = ''csv'''),
	('resources', 'update', 'space.resources.edit', NULL),
	('resources', 'delete', 'space.resources.delete', NULL),
	('locations', 'select', 'space.locations.view', NULL),
	('locations', 'insert', 'space.locations.create', NULL),
	('locations', 'update', 'space.locations.edit', NULL),
	('locations', 'delete', 'space.locations.delete', NULL),
	('floors', 'select', 'space.floors.view', NULL),
	('floors', 'insert', 'space.floors.create', 'clone_of IS NULL'),
	('floors', 'insert', 'space.floors.clone', 'clone_of IS NOT NULL'),
	('floors', 'update', 'space.floors.edit', NULL),
	('floors', 'delete', 'space.floors.delete', NULL),
	('bookings', 'select', 'calendar.bookings.view', NULL),
	('bookings', 'insert', 'calendar.bookings.create', NULL),
	('bookings', 'update', 'calendar.bookings.edit', 'status = ''booked'''),
	('bookings', 'update', 'calendar.bookings.cancel', 'status IN (''booked'', ''cancelled'')'),
	('bookings', 'delete', 'calendar.bookings.delete', NULL),
	('templates', 'select', 'settings.templates.view', NULL),
	('templates', 'select', 'settings.templates.edit', NULL),	-- who may edit a template sees it
	('templates', 'insert', 'settings.templates.create', NULL),
	('templates', 'update', 'settings.templates.edit', NULL),
	('templates', 'delete', 'settings.templates.delete', NULL),
	('import_tabs', 'select', 'settings.import_tabs.view', NULL),
	('imports', 'select', 'community.one_off_fees.import', 'entity = ''fees'''),
	('imports', 'select', 'community.companies.import', 'entity = ''companies'''),
	('imports', 'select', 'community.members.import', 'entity = ''members'''),
	('imports', 'select', 'community.memberships.import', 'entity = ''memberships'''),
	('imports', 'select', 'space.resources.import', 'entity = ''resources''')
) v (r, c, p, w);
SELECT ambit.trust_application('regress_app_spaces');

/* ---- helpers ----------------------------------------------------------------------------- */

\ir include/rows.sql

CREATE FUNCTION t.modules() RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(m, ' ' ORDER BY m), '') FROM ambit.visible_modules() m
$$;

CREATE FUNCTION t.held_by(who text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text[];
BEGIN
	SET LOCAL ROLE regress_app_spaces;
	PERFORM ambit.assume('hub', who);
	answer := ARRAY(SELECT permission::text COLLATE "C" FROM ambit.effective_permissions() WHERE scopes = '{all}' ORDER BY 1);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.held_by(text) IS 'What a member holds in scope all, as the application is told.';

CREATE FUNCTION t.difference(a text[], b text[]) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY((SELECT unnest(a) EXCEPT SELECT unnest(b)) UNION ALL (SELECT unnest(b) EXCEPT SELECT unnest(a)) ORDER BY 1)
$$;
COMMENT ON FUNCTION t.difference(text[], text[]) IS 'What stands in one of two lists only, in order.';

CREATE VIEW t.tables AS
	SELECT c.oid::regclass AS relation, c.relname AS name FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r';
GRANT SELECT ON t.tables TO PUBLIC;
\o

SELECT plan(1645);

/* ---- the template ------------------------------------------------------------------------ */

SELECT is((SELECT count(*) FROM document), 42::bigint, '"Below is a full list of all permissions": 42 rows');
SELECT is((SELECT count(DISTINCT permission) || ' of ' || count(*) FROM cell), '159 of 477', 'officernd has 159 permissions, in three roles');
SELECT results_eq(
	$$SELECT permission::text COLLATE "C" FROM ambit.template_permission WHERE template = 'officernd' ORDER BY 1$$,
	$$SELECT DISTINCT permission COLLATE "C" FROM cell ORDER BY 1$$,
	'the template has these permissions and no other');
SELECT results_eq($$SELECT role, title FROM ambit.template_role WHERE template = 'officernd' ORDER BY rank$$,
	$$VALUES ('viewer' COLLATE "C", 'Viewer'), ('center_manager', 'Center Manager'), ('owner', 'Owner')$$,
	'"three different levels of access that are based on the default teammate roles - Viewer, Manager, and Owner"');
SELECT is((SELECT count(*) FROM ambit.template_cell WHERE template = 'officernd' AND source <> ''), 477::bigint, 'every cell has the words that it comes from');
SELECT is_empty($$SELECT * FROM ambit.template_cell WHERE template = 'officernd' AND (locked OR requires <> '{}')$$,
	'"Each one can be enabled or disabled on its own": nothing is locked, nothing requires another');
SELECT is_empty($$SELECT * FROM ambit.template_administration WHERE template = 'officernd'$$,
	'who creates and assigns roles is not said: nobody but the DBA');

/* ---- every permission of every role --------------------------------------------------------- */

SET ROLE regress_app_spaces;

SELECT ambit.assume('hub', 'vera');
SELECT is(ambit.has_permission(permission::ambit.permission), held, format('viewer: %s: %s', words, permission)) FROM cell WHERE role = 'viewer';
SELECT is(coalesce(ambit.permission_scopes(permission::ambit.permission), '{}'), CASE WHEN held THEN '{all}' ELSE '{}' END::text[], 'viewer, scopes: ' || permission)
FROM cell WHERE role = 'viewer';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'viewer' AND held$$, 'viewer: the list of effective permissions is the same');

SELECT ambit.assume('hub', 'carl');
SELECT is(ambit.has_permission(permission::ambit.permission), held, format('center manager: %s: %s', words, permission)) FROM cell WHERE role = 'center_manager';
SELECT is(coalesce(ambit.permission_scopes(permission::ambit.permission), '{}'), CASE WHEN held THEN '{all}' ELSE '{}' END::text[], 'center manager, scopes: ' || permission)
FROM cell WHERE role = 'center_manager';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'center_manager' AND held$$, 'center manager: the list of effective permissions is the same');

SELECT ambit.assume('hub', 'olga');
SELECT is(ambit.has_permission(permission::ambit.permission), held, format('owner: %s: %s', words, permission)) FROM cell WHERE role = 'owner';
SELECT is(coalesce(ambit.permission_scopes(permission::ambit.permission), '{}'), CASE WHEN held THEN '{all}' ELSE '{}' END::text[], 'owner, scopes: ' || permission)
FROM cell WHERE role = 'owner';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'owner' AND held$$, 'owner: the list of effective permissions is the same');

RESET ROLE;
SELECT ambit.logout();
SELECT is_empty(
	format($$SELECT permission FROM cell WHERE role = %L AND ambit.has_permission('hub', user_id, permission::ambit.permission) IS DISTINCT FROM held$$, r),
	r || ': the DBA gets the same answers')
FROM unnest('{viewer,center_manager,owner}'::text[]) r;

/* ---- "Each one can be enabled or disabled on its own" ---------------------------------------- */

-- turned on or off for the role: this cell changes and no other, for this role and no other; and back
CREATE FUNCTION pg_temp.turn(c cell) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	other text := CASE c.user_id WHEN 'carl' THEN 'olga' ELSE 'carl' END;
	before text[] := t.held_by(c.user_id);
	others text[] := t.held_by(other);
	state boolean := NOT c.held;
	cells text;
	expected text[] := ARRAY[c.permission];
BEGIN
	cells := (SELECT string_agg(s.permission::text || ' ' || s.enabled, ', ')
		FROM ambit.set_role_permission('hub', c.role, c.permission::ambit.permission, state) s);
	IF cells IS DISTINCT FROM c.permission || ' ' || state THEN
		RETURN 'changed cells: ' || coalesce(cells, 'none');
	ELSIF t.difference(before, t.held_by(c.user_id)) <> t.difference(expected, '{}') THEN
		RETURN 'held now: ' || t.difference(before, t.held_by(c.user_id))::text;
	ELSIF others <> t.held_by(other) THEN
		RETURN 'others are changed';
	END IF;
	PERFORM ambit.set_role_permission('hub', c.role, c.permission::ambit.permission, NULL);
	RETURN CASE WHEN before = t.held_by(c.user_id) THEN 'on its own' ELSE 'is not as it was' END;
END
$$;

SELECT is(pg_temp.turn(c), 'on its own', format('%s: "Each one can be enabled or disabled on its own": %s', role, permission)) FROM cell c;

-- for one member
SELECT lives_ok($$SELECT ambit.set_member_permission('hub', 'carl', 'settings.templates.edit', true)$$,
	'center manager: "Settings | Templates | ... Edit ... | NO": can be enabled for one of them');
SELECT is(t.difference(t.held_by('carl'), ARRAY(SELECT permission FROM cell WHERE role = 'center_manager' AND held)), '{settings.templates.edit}',
	'center manager: one has templates to edit, and nothing else is new');
SELECT is(t.difference(t.held_by('both'), ARRAY(SELECT permission FROM cell WHERE role = 'center_manager' AND held)), '{}',
	'center manager: the other one has not');
SELECT lives_ok($$SELECT ambit.set_member_permission('hub', 'carl', 'settings.templates.edit', NULL)$$, 'center manager: back to what the role says');
SELECT lives_ok($$SELECT ambit.set_member_permission('hub', 'olga', 'community.members.import', false)$$, 'owner: import can be disabled for one of them');
SELECT is(t.difference(t.held_by('olga'), ARRAY(SELECT permission FROM cell WHERE role = 'owner' AND held)), '{community.members.import}',
	'owner: and nothing else is gone');
SELECT lives_ok($$SELECT ambit.set_member_permission('hub', 'olga', 'community.members.import', NULL)$$, 'owner: back to what the role says');

-- the import tabs are those of custom roles with Viewer access to Settings: the Viewer has none, whatever there is to import
CREATE FUNCTION pg_temp.with_import(p text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	before text[] := t.held_by('vera');
	answer text[];
BEGIN
	PERFORM ambit.set_member_permission('hub', 'vera', p::ambit.permission, true);
	answer := t.difference(before, t.held_by('vera'));
	PERFORM ambit.set_member_permission('hub', 'vera', p::ambit.permission, NULL);
	RETURN answer;
END
$$;
SELECT is(pg_temp.with_import(p), t.difference(ARRAY[p], '{}'),
	'viewer: "can see all modules, excluding the Settings one": also with ' || p)
FROM unnest('{community.one_off_fees.import,community.companies.import,community.members.import,community.memberships.import,space.resources.import}'::text[]) p;

/* ---- without identity, without a role ---------------------------------------------------------- */

SELECT is((SELECT count(*) FROM t.tables), 14::bigint, 'every table of the business is in the tests below');
SET ROLE regress_app_spaces;
SELECT is_empty($$SELECT permission FROM cell WHERE ambit.has_permission(permission::ambit.permission)$$, 'nobody: holds nothing');
SELECT is(t.modules(), '', 'nobody: no modules');
SELECT is(t.seen(name, 'tenant'), '', 'nobody sees no row of ' || relation) FROM t.tables;
SELECT is(t.run($$INSERT INTO app.messages (id) VALUES (600)$$), '42501', 'nobody: INSERT fails');
SELECT ambit.assume('hub', 'nemo');
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'a member without a role holds nothing');
SELECT is(t.modules() || t.seen('members', 'id') || t.seen('templates', 'id'), '', 'a member without a role sees nothing');
SELECT ambit.assume('hub', NULL);
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'the document knows no visitors: they hold nothing');
SET ROLE regress_app_spaces_stranger;
SELECT throws_ok($$SELECT ambit.assume('hub', 'olga')$$, '42501', NULL, 'a role that is not trusted cannot assume an identity');

/* ---- viewers ------------------------------------------------------------------------------------- */

SET ROLE regress_app_spaces;
SELECT ambit.assume('hub', 'vera');
SELECT is(t.modules(), 'billing calendar collaboration community space', 'viewer: "can see all modules, excluding the Settings one"');
SELECT is(t.seen(name, 'id'), '1 2', 'viewer: "can see all modules": ' || name) FROM t.tables WHERE name NOT IN ('templates', 'import_tabs', 'imports');
SELECT is(t.seen('templates', 'id'), '', 'viewer: "excluding the Settings one": templates');
SELECT is(t.seen('import_tabs', 'entity'), '', 'viewer: "excluding the Settings one": import tabs');
SELECT is(t.seen('imports', 'entity'), '', 'viewer: "only for the entities they have permissions for": none');
SELECT set_eq($$SELECT * FROM ambit.visible_clients(NULL::bigint)$$, '{1,2}'::bigint[], 'viewer: "can see all modules": the register of members');
SELECT throws_ok($$SELECT ambit.require_permission('community.members.edit')$$, '42501', NULL, 'viewer: "can''t make any changes": require_permission()');
SELECT is(t.outcome(replace(command, '#', name)), 'refused', format('viewer: "can''t make any changes": %s', replace(command, '#', name)))
FROM t.tables, (VALUES ('INSERT INTO app.# (id) VALUES (600)'), ('UPDATE app.# SET id = 600 WHERE id = 1'), ('DELETE FROM app.# WHERE id = 1')) v (command)
WHERE name NOT IN ('import_tabs', 'imports');
SELECT is(t.outcome(command), 'refused', 'viewer: "can''t make any changes": ' || words)
FROM (VALUES
	($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$, 'imports no member'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 1$$, 'voids no invoice'),
	($$UPDATE app.bookings SET status = 'cancelled' WHERE id = 1$$, 'cancels no booking'),
	($$UPDATE app.contracts SET status = 'terminated' WHERE id = 1$$, 'terminates no contract')
) v (command, words);

/* ---- center managers -------------------------------------------------------------------------------- */

SELECT ambit.assume('hub', 'carl');
SELECT is(t.modules(), 'billing calendar collaboration community settings space', 'center manager: sees every module');
SELECT is(t.seen(name, 'id'), '1 2', 'center manager: sees ' || name) FROM t.tables WHERE name NOT IN ('import_tabs', 'imports');
SELECT is(t.seen('import_tabs', 'entity'), 'companies fees members memberships resources', 'center manager: "it would still see all import tabs"');
SELECT is(t.seen('imports', 'entity'), '', 'center manager: "previous imports history only for the entities they have permissions for": none');
SELECT is(t.outcome(command), expected, 'center manager: ' || words)
FROM (VALUES
	($$INSERT INTO app.fees (id) VALUES (600)$$, 'done', '"One-off Fees | Create ... | YES"'),
	($$UPDATE app.fees SET amount = 5 WHERE id = 1$$, 'done', '"One-off Fees | ... Edit ... | YES"'),
	($$DELETE FROM app.fees WHERE id = 1$$, 'done', '"One-off Fees | ... Delete ... | YES"'),
	($$UPDATE app.fees SET status = 'approved' WHERE id = 1$$, 'refused', '"One-off Fees | Approve ... | NO"'),
	($$INSERT INTO app.fees (id, source) VALUES (600, 'csv')$$, 'refused', '"One-off Fees | ... Import | NO"'),
	($$INSERT INTO app.companies (id) VALUES (600)$$, 'done', '"Company | Create ... | YES"'),
	($$UPDATE app.companies SET name = 'x' WHERE id = 1$$, 'done', '"Company | ... Edit ... | YES"'),
	($$DELETE FROM app.companies WHERE id = 1$$, 'done', '"Company | ... Delete ... | YES"'),
	($$UPDATE app.companies SET merged_into = 2 WHERE id = 1$$, 'refused', '"Company | Merge ... | NO"'),
	($$INSERT INTO app.companies (id, source) VALUES (600, 'csv')$$, 'refused', '"Company | ... Import | NO"'),
	($$INSERT INTO app.members (id) VALUES (600)$$, 'done', '"Members | Create ... | YES"'),
	($$UPDATE app.members SET name = 'x' WHERE id = 1$$, 'done', '"Members | ... Edit ... | YES"'),
	($$DELETE FROM app.members WHERE id = 1$$, 'done', '"Members | ... Delete ... | YES"'),
	($$UPDATE app.members SET merged_into = 2 WHERE id = 1$$, 'refused', '"Members | Merge ... | NO"'),
	($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$, 'refused', '"Members | ... Import | NO"'),
	($$INSERT INTO app.contracts (id) VALUES (600)$$, 'done', '"Contracts | Create ... | YES"'),
	($$UPDATE app.contracts SET status = 'terminated' WHERE id = 1$$, 'done', '"Contracts | ... Terminate ... | YES"'),
	($$INSERT INTO app.contracts (id, status) VALUES (600, 'approved')$$, 'refused', '"Contracts | Add & Approve | NO"'),
	($$INSERT INTO app.memberships (id) VALUES (600)$$, 'done', '"Memberships | Create ... | YES"'),
	($$UPDATE app.memberships SET status = 'approved' WHERE id = 1$$, 'done', '"Memberships | Approve | YES"'),
	($$UPDATE app.memberships SET locked = true WHERE id = 1$$, 'refused', '"Memberships | Lock ... | NO"'),
	($$INSERT INTO app.memberships (id, source) VALUES (600, 'csv')$$, 'refused', '"Memberships | ... Import | NO"'),
	($$INSERT INTO app.messages (id) VALUES (600)$$, 'done', '"Messages | Create ... | YES"'),
	($$UPDATE app.messages SET body = 'x' WHERE id = 1$$, 'done', '"Messages | ... Edit ... | YES"'),
	($$DELETE FROM app.messages WHERE id = 1$$, 'done', '"Messages | ... Delete | YES"'),
	($$INSERT INTO app.invoices (id) VALUES (600)$$, 'done', '"Invoices | Create ... | YES"'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 1$$, 'done', '"Invoices | ... Void ... | YES"'),
	($$DELETE FROM app.invoices WHERE id = 1$$, 'done', '"Invoices | ... Delete ... | YES"'),
	($$INSERT INTO app.resources (id) VALUES (600)$$, 'done', '"Resources | Create ... | YES"'),
	($$UPDATE app.resources SET name = 'x' WHERE id = 1$$, 'done', '"Resources | ... Edit | YES"'),
	($$DELETE FROM app.resources WHERE id = 1$$, 'refused', '"Resources | Delete ... | NO"'),
	($$INSERT INTO app.resources (id, source) VALUES (600, 'csv')$$, 'refused', '"Resources | ... Import | NO"'),
	($$UPDATE app.locations SET name = 'x' WHERE id = 1$$, 'done', '"Locations | ... Edit | YES"'),
	($$DELETE FROM app.locations WHERE id = 1$$, 'refused', '"Locations | Delete | NO"'),
	($$INSERT INTO app.floors (id) VALUES (600)$$, 'done', '"Floors | Create ... | YES"'),
	($$INSERT INTO app.floors (id, clone_of) VALUES (600, 1)$$, 'done', '"Floors | ... Clone | YES"'),
	($$DELETE FROM app.floors WHERE id = 1$$, 'refused', '"Floors | Delete | NO"'),
	($$UPDATE app.bookings SET status = 'cancelled' WHERE id = 1$$, 'done', '"Booking | ... Cancel | YES"'),
	($$DELETE FROM app.bookings WHERE id = 1$$, 'done', '"Booking | ... Delete ... | YES"'),
	($$INSERT INTO app.templates (id) VALUES (600)$$, 'refused', '"Templates | Create ... | NO"'),
	($$UPDATE app.templates SET body = 'x' WHERE id = 1$$, 'refused', '"Templates | ... Edit ... | NO"'),
	($$DELETE FROM app.templates WHERE id = 1$$, 'refused', '"Templates | ... Delete | NO"'),
	($$INSERT INTO app.messages (tenant, id) VALUES ('rival', 600)$$, 'refused', 'not in another tenant')
) v (command, expected, words);

-- roles add up
SELECT ambit.assume('hub', 'both');
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$, $$SELECT permission FROM cell WHERE role = 'center_manager' AND held$$,
	'viewer and center manager: the one takes nothing from the other');

/* ---- owners ---------------------------------------------------------------------------------------------- */

SELECT ambit.assume('hub', 'olga');
SELECT is(t.modules(), 'billing calendar collaboration community settings space', 'owner: sees every module');
SELECT is(t.seen(name, 'id'), '1 2', 'owner: sees ' || name) FROM t.tables WHERE name NOT IN ('import_tabs', 'imports');
SELECT is(t.seen('import_tabs', 'entity'), 'companies fees members memberships resources', 'owner: "it would still see all import tabs"');
SELECT is(t.seen('imports', 'entity'), 'companies fees members memberships resources',
	'owner: "granular import permissions for ... Fees, Companies, Members, Memberships, Resources": the history of all');
SELECT is(t.outcome(command), expected, 'owner: ' || words)
FROM (VALUES
	($$INSERT INTO app.fees (id) VALUES (600)$$, 'done', '"One-off Fees | Create ... | YES"'),
	($$UPDATE app.fees SET status = 'approved' WHERE id = 1$$, 'done', '"One-off Fees | Approve ... | YES"'),
	($$INSERT INTO app.fees (id, source) VALUES (600, 'csv')$$, 'done', '"One-off Fees | ... Import | YES"'),
	($$UPDATE app.companies SET merged_into = 2 WHERE id = 1$$, 'done', '"Company | Merge ... | YES"'),
	($$INSERT INTO app.companies (id, source) VALUES (600, 'csv')$$, 'done', '"Company | ... Import | YES"'),
	($$UPDATE app.members SET merged_into = 2 WHERE id = 1$$, 'done', '"Members | Merge ... | YES"'),
	($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$, 'done', '"Members | ... Import | YES"'),
	($$INSERT INTO app.contracts (id) VALUES (600)$$, 'done', '"Contracts | Create ... | YES"'),
	($$INSERT INTO app.contracts (id, status) VALUES (600, 'approved')$$, 'done', '"Contracts | Add & Approve | YES"'),
	($$UPDATE app.memberships SET status = 'approved' WHERE id = 1$$, 'done', '"Memberships | Approve | YES"'),
	($$UPDATE app.memberships SET locked = true WHERE id = 1$$, 'done', '"Memberships | Lock ... | YES"'),
	($$INSERT INTO app.memberships (id, source) VALUES (600, 'csv')$$, 'done', '"Memberships | ... Import | YES"'),
	($$DELETE FROM app.messages WHERE id = 1$$, 'done', '"Messages | ... Delete | YES"'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 1$$, 'done', '"Invoices | ... Void ... | YES"'),
	($$DELETE FROM app.resources WHERE id = 1$$, 'done', '"Resources | Delete ... | YES"'),
	($$INSERT INTO app.resources (id, source) VALUES (600, 'csv')$$, 'done', '"Resources | ... Import | YES"'),
	($$INSERT INTO app.locations (id) VALUES (600)$$, 'done', '"Locations | Create ... | YES"'),
	($$DELETE FROM app.locations WHERE id = 1$$, 'done', '"Locations | Delete | YES"'),
	($$INSERT INTO app.floors (id, clone_of) VALUES (600, 1)$$, 'done', '"Floors | ... Clone | YES"'),
	($$DELETE FROM app.floors WHERE id = 1$$, 'done', '"Floors | Delete | YES"'),
	($$UPDATE app.bookings SET status = 'cancelled' WHERE id = 1$$, 'done', '"Booking | ... Cancel | YES"'),
	($$INSERT INTO app.templates (id) VALUES (600)$$, 'refused', '"Templates | Create ... | NO"'),
	($$UPDATE app.templates SET body = 'x' WHERE id = 1$$, 'refused', '"Templates | ... Edit ... | NO"'),
	($$DELETE FROM app.templates WHERE id = 1$$, 'refused', '"Templates | ... Delete | NO"'),
	($$INSERT INTO app.messages (tenant, id) VALUES ('rival', 600)$$, 'refused', 'not in another tenant'),
	($$UPDATE app.messages SET tenant = 'rival' WHERE id = 1$$, 'refused', 'moves nothing to another tenant'),
	($$DELETE FROM app.messages WHERE id = 9$$, 'refused', 'deletes nothing of another tenant')
) v (command, expected, words);

/* ---- side by side --------------------------------------------------------------------------------------------- */

SELECT ambit.assume('rival', 'vera');
SELECT is(t.seen('members', 'id') || ' ' || t.seen('templates', 'id'), '9 9', 'a viewer here and an owner there: there an owner, of that tenant''s rows alone');
SELECT is(t.outcome($$DELETE FROM app.locations WHERE id = 9$$), 'done', 'a viewer here and an owner there: changes things there');
SELECT is(t.outcome($$DELETE FROM app.locations WHERE id = 1$$), 'refused', 'a viewer here and an owner there: nothing here');
SELECT ambit.assume('allegro', 'olga');
SELECT is_empty($$SELECT permission FROM cell WHERE ambit.has_permission(permission::ambit.permission)$$,
	'an owner of a tenant that follows another template holds nothing of this one');
SELECT is(t.seen('members', 'id'), '', 'and sees no row of this one');
RESET ROLE;
\o /dev/null
SELECT ambit.set_role_permission('hub', 'center_manager', 'community.members.import', true);
SELECT ambit.add_member('rival', 'carl');
SELECT ambit.assign_role('rival', 'carl', 'center_manager');
\o
SET ROLE regress_app_spaces;
SELECT ambit.assume('hub', 'carl');
SELECT is(t.outcome($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$), 'done', 'a role that one tenant changed: is changed there');
SELECT is(t.seen('imports', 'entity'), 'members', 'center manager: "previous imports history only for the entities they have permissions for"');
SELECT ambit.assume('rival', 'carl');
SELECT is(t.outcome($$INSERT INTO app.members (tenant, id, source) VALUES ('rival', 600, 'csv')$$), 'refused', 'a role that one tenant changed: is not changed in another');
SELECT ambit.logout();
SELECT is(t.modules() || t.seen('members', 'id'), '', 'after logout(): nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
