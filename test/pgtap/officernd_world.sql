/*
 * officernd_world.sql
 *		The world test/worlds/officernd.sql against the document of officernd: each row
 *		of its table and each sentence about rows, writes, columns and approvals, with the
 *		SQL that an application would send, by its role officernd_app.
 *
 * Each row of the document is tried for viewers, center managers and owners, for a
 * viewer to whom that one permission is given, and for an owner from whom it is taken:
 * "Each one can be enabled or disabled on its own."  A write is tried and undone (t.run):
 * 1 is one row, 0 that PostgreSQL finds none, 42501 that it is refused.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\ir ../worlds/officernd.sql
\o /dev/null
\ir include/rows.sql
\ir include/world.sql

CREATE FUNCTION t.rows(relation text, key text = 'id') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(%1$I::text, '' '' ORDER BY %1$I) FROM officernd.%2$I', key, relation) INTO answer;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.rows(text, text) IS 'The keys of the rows in sight.';

CREATE VIEW t.tables AS
	SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'officernd'::regnamespace AND c.relkind = 'r';

/*
 * One line a permission: the row of the document, what it says of center managers and owners, and what an application sends.  refused is what comes
 * of it for one who holds all the others of that table: 42501 where another of them reaches the row.
 */
CREATE TABLE t.deed (permission text, words text, center_manager text, owner text, command text, refused text);
INSERT INTO t.deed VALUES
	('community.check_ins.create', 'Check-ins | Create', 'YES', 'YES', $$INSERT INTO officernd.check_ins (id, location_id, member_id) VALUES (600, 'harbour', 1)$$, '42501'),
	('community.check_ins.edit', 'Check-ins | Edit', 'YES', 'YES', $$UPDATE officernd.check_ins SET member_id = 2 WHERE id = 1$$, '0'),
	('community.one_off_fees.create', 'One-off Fees | Create', 'YES', 'YES', $$INSERT INTO officernd.fees (id, location_id, amount) VALUES (600, 'harbour', 5)$$, '42501'),
	('community.one_off_fees.edit', 'One-off Fees | Edit', 'YES', 'YES', $$UPDATE officernd.fees SET amount = 6 WHERE id = 1$$, '42501'),
	('community.one_off_fees.delete', 'One-off Fees | Delete', 'YES', 'YES', $$DELETE FROM officernd.fees WHERE id = 1$$, '0'),
	('community.one_off_fees.export', 'One-off Fees | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('one_off_fees')$$, '42501'),
	('community.one_off_fees.approve', 'One-off Fees | Approve', 'NO', 'YES', $$UPDATE officernd.fees SET status = 'approved' WHERE id = 1$$, '42501'),
	('community.one_off_fees.import', 'One-off Fees | Import', 'NO', 'YES', $$INSERT INTO officernd.fees (id, amount, source) VALUES (600, 5, 'csv')$$, '42501'),
	('community.one_off_fees.import', 'One-off Fees | Import', 'NO', 'YES', $$INSERT INTO officernd.imports (entity, file) VALUES ('fees', 'x.csv')$$, '42501'),
	('community.companies.create', 'Company | Create', 'YES', 'YES', $$INSERT INTO officernd.companies (id, name) VALUES (600, 'x')$$, '42501'),
	('community.companies.edit', 'Company | Edit', 'YES', 'YES', $$UPDATE officernd.companies SET name = 'x' WHERE id = 1$$, '42501'),
	('community.companies.delete', 'Company | Delete', 'YES', 'YES', $$DELETE FROM officernd.companies WHERE id = 1$$, '0'),
	('community.companies.export', 'Company | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('companies')$$, '42501'),
	('community.companies.merge', 'Company | Merge', 'NO', 'YES', $$UPDATE officernd.companies SET merged_into = 2 WHERE id = 1$$, '42501'),
	('community.companies.import', 'Company | Import', 'NO', 'YES', $$INSERT INTO officernd.companies (id, source) VALUES (600, 'csv')$$, '42501'),
	('community.companies.import', 'Company | Import', 'NO', 'YES', $$INSERT INTO officernd.imports (entity, file) VALUES ('companies', 'x.csv')$$, '42501'),
	('community.members.create', 'Members | Create', 'YES', 'YES', $$INSERT INTO officernd.members (id, name) VALUES (600, 'x')$$, '42501'),
	('community.members.edit', 'Members | Edit', 'YES', 'YES', $$UPDATE officernd.members SET email = 'x', company_id = 1 WHERE id = 1$$, '42501'),
	('community.members.delete', 'Members | Delete', 'YES', 'YES', $$DELETE FROM officernd.members WHERE id = 1$$, '0'),
	('community.members.export', 'Members | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('members')$$, '42501'),
	('community.members.merge', 'Members | Merge', 'NO', 'YES', $$UPDATE officernd.members SET merged_into = 2 WHERE id = 1$$, '42501'),
	('community.members.import', 'Members | Import', 'NO', 'YES', $$INSERT INTO officernd.members (id, source) VALUES (600, 'csv')$$, '42501'),
	('community.members.import', 'Members | Import', 'NO', 'YES', $$INSERT INTO officernd.imports (entity, file) VALUES ('members', 'x.csv')$$, '42501'),
	('community.attachments.create', 'Attachments | Create', 'YES', 'YES', $$INSERT INTO officernd.attachments (id, member_id, name) VALUES (600, 1, 'x')$$, '42501'),
	('community.attachments.edit', 'Attachments | Edit', 'YES', 'YES', $$UPDATE officernd.attachments SET name = 'x' WHERE id = 1$$, '0'),
	('community.attachments.delete', 'Attachments | Delete', 'YES', 'YES', $$DELETE FROM officernd.attachments WHERE id = 1$$, '0'),
	('community.contracts.create', 'Contracts | Create', 'YES', 'YES', $$INSERT INTO officernd.contracts (id, body) VALUES (600, 'x')$$, '42501'),
	('community.contracts.edit', 'Contracts | Edit', 'YES', 'YES', $$UPDATE officernd.contracts SET body = 'x', ends_on = '2025-01-01' WHERE id = 1$$, '42501'),
	('community.contracts.send_for_esign', 'Contracts | Send For eSign', 'YES', 'YES', $$UPDATE officernd.contracts SET status = 'sent' WHERE id = 2$$, '42501'),
	('community.contracts.mark_as_signed', 'Contracts | Mark As Signed', 'YES', 'YES', $$UPDATE officernd.contracts SET status = 'signed' WHERE id = 3$$, '42501'),
	('community.contracts.serve_notice', 'Contracts | Serve Notice', 'YES', 'YES', $$UPDATE officernd.contracts SET status = 'notice', notice_on = current_date WHERE id = 4$$, '42501'),
	('community.contracts.terminate', 'Contracts | Terminate', 'YES', 'YES', $$UPDATE officernd.contracts SET status = 'terminated', ends_on = current_date WHERE id = 5$$, '42501'),
	('community.contracts.generate_pdf', 'Contracts | Generate PDF', 'YES', 'YES', $$INSERT INTO officernd.contract_pdfs (contract_id) VALUES (1)$$, '42501'),
	('community.contracts.preview_pdf', 'Contracts | Preview PDF', 'YES', 'YES', $$INSERT INTO officernd.contract_pdfs (contract_id, preview) VALUES (1, true)$$, '42501'),
	('community.contracts.export', 'Contracts | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('contracts')$$, '42501'),
	('community.contracts.add_and_approve', 'Contracts | Add & Approve', 'NO', 'YES', $$INSERT INTO officernd.contracts (id, status) VALUES (600, 'approved')$$, '42501'),
	('community.contracts.add_and_approve', 'Contracts | Add & Approve', 'NO', 'YES', $$UPDATE officernd.contracts SET status = 'approved' WHERE id = 1$$, '42501'),
	('community.memberships.create', 'Memberships | Create', 'YES', 'YES', $$INSERT INTO officernd.memberships (id, name) VALUES (600, 'x')$$, '42501'),
	('community.memberships.edit', 'Memberships | Edit', 'YES', 'YES', $$UPDATE officernd.memberships SET price = 1 WHERE id = 1$$, '42501'),
	('community.memberships.delete', 'Memberships | Delete', 'YES', 'YES', $$DELETE FROM officernd.memberships WHERE id = 1$$, '0'),
	('community.memberships.assign', 'Memberships | Assign', 'YES', 'YES', $$UPDATE officernd.memberships SET member_id = 2 WHERE id = 1$$, '42501'),
	('community.memberships.approve', 'Memberships | Approve', 'YES', 'YES', $$UPDATE officernd.memberships SET status = 'approved' WHERE id = 1$$, '42501'),
	('community.memberships.lock', 'Memberships | Lock', 'NO', 'YES', $$UPDATE officernd.memberships SET locked = true WHERE id = 1$$, '42501'),
	('community.memberships.import', 'Memberships | Import', 'NO', 'YES', $$INSERT INTO officernd.memberships (id, member_id, source) VALUES (600, 1, 'csv')$$, '42501'),
	('community.memberships.import', 'Memberships | Import', 'NO', 'YES', $$INSERT INTO officernd.imports (entity, file) VALUES ('memberships', 'x.csv')$$, '42501'),
	('community.opportunities.create', 'Opportunities | Create', 'YES', 'YES', $$INSERT INTO officernd.opportunities (id, name) VALUES (600, 'x')$$, '42501'),
	('community.opportunities.edit', 'Opportunities | Edit', 'YES', 'YES', $$UPDATE officernd.opportunities SET stage = 'won' WHERE id = 1$$, '0'),
	('community.opportunities.delete', 'Opportunities | Delete', 'YES', 'YES', $$DELETE FROM officernd.opportunities WHERE id = 1$$, '0'),
	('community.opportunities.export', 'Opportunities | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('opportunities')$$, '42501'),
	('community.day_passes.create', 'Day Passes | Create', 'YES', 'YES', $$INSERT INTO officernd.day_passes (id, day) VALUES (600, current_date)$$, '42501'),
	('community.day_passes.edit', 'Day Passes | Edit', 'YES', 'YES', $$UPDATE officernd.day_passes SET day = current_date - 1 WHERE id = 1$$, '0'),
	('community.day_passes.delete', 'Day Passes | Delete', 'YES', 'YES', $$DELETE FROM officernd.day_passes WHERE id = 1$$, '0'),
	('community.credits.create', 'Credits | Create', 'YES', 'YES', $$INSERT INTO officernd.credits (id, member_id, hours) VALUES (600, 1, 1)$$, '42501'),
	('community.credits.edit', 'Credits | Edit', 'YES', 'YES', $$UPDATE officernd.credits SET hours = 20 WHERE id = 1$$, '0'),
	('community.credits.delete', 'Credits | Delete', 'YES', 'YES', $$DELETE FROM officernd.credits WHERE id = 1$$, '0'),
	('community.payment_details.create', 'Payment Details | Create', 'YES', 'YES', $$INSERT INTO officernd.payment_details (id, member_id, iban) VALUES (600, 1, 'x')$$, '42501'),
	('community.payment_details.delete', 'Payment Details | Delete', 'YES', 'YES', $$DELETE FROM officernd.payment_details WHERE id = 1$$, '0'),
	('community.orders.create', 'Orders | Create', 'YES', 'YES', $$INSERT INTO officernd.orders (id, member_id, amount) VALUES (600, 1, 9)$$, '42501'),
	('community.orders.change_status', 'Orders | Change Status', 'YES', 'YES', $$UPDATE officernd.orders SET status = 'delivered' WHERE id = 1$$, '0'),
	('community.orders.generate_pdf', 'Orders | Generate PDF', 'YES', 'YES', $$INSERT INTO officernd.order_pdfs (order_id) VALUES (1)$$, '42501'),
	('community.orders.export', 'Orders | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('orders')$$, '42501'),
	('collaboration.contacts.export', 'Contacts | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('contacts')$$, '42501'),
	('collaboration.issues.edit', 'Issues | Edit', 'YES', 'YES', $$UPDATE officernd.issues SET body = 'x' WHERE id = 1$$, '0'),
	('collaboration.issues.delete', 'Issues | Delete', 'YES', 'YES', $$DELETE FROM officernd.issues WHERE id = 1$$, '0'),
	('billing.invoices.create', 'Invoices | Create', 'YES', 'YES', $$INSERT INTO officernd.invoices (id, member_id) VALUES (600, 1)$$, '42501'),
	('billing.invoices.edit', 'Invoices | Edit', 'YES', 'YES', $$UPDATE officernd.invoices SET due_on = current_date WHERE id = 1$$, '42501'),
	('billing.invoices.delete', 'Invoices | Delete', 'YES', 'YES', $$DELETE FROM officernd.invoices WHERE id = 1$$, '0'),
	('billing.invoices.sync', 'Invoices | Sync', 'YES', 'YES', $$UPDATE officernd.invoices SET synced_at = now() WHERE id = 1$$, '42501'),
	('billing.invoices.export', 'Invoices | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('invoices')$$, '42501'),
	('billing.invoices.void', 'Invoices | Void', 'YES', 'YES', $$UPDATE officernd.invoices SET status = 'void' WHERE id = 1$$, '42501'),
	('billing.invoices.send', 'Invoices | Send', 'YES', 'YES', $$UPDATE officernd.invoices SET sent_at = now() WHERE id = 1$$, '42501'),
	('billing.receipts.generate', 'Receipts | Generate', 'YES', 'YES', $$INSERT INTO officernd.receipts (id, invoice_id) VALUES (600, 1)$$, '42501'),
	('billing.receipts.send', 'Receipts | Send', 'YES', 'YES', $$UPDATE officernd.receipts SET sent_at = now() WHERE id = 1$$, '0'),
	('billing.receipts.delete', 'Receipts | Delete', 'YES', 'YES', $$DELETE FROM officernd.receipts WHERE id = 1$$, '0'),
	('billing.invoice_line_items.edit', 'Invoice Line Items | Edit', 'YES', 'YES', $$UPDATE officernd.invoice_line_items SET amount = 1 WHERE id = 1$$, '0'),
	('billing.plans.create', 'Plans | Create', 'YES', 'YES', $$INSERT INTO officernd.plans (id, name) VALUES (600, 'x')$$, '42501'),
	('billing.plans.edit', 'Plans | Edit', 'YES', 'YES', $$UPDATE officernd.plans SET price = 1 WHERE id = 1$$, '42501'),
	('billing.plans.delete', 'Plans | Delete', 'YES', 'YES', $$DELETE FROM officernd.plans WHERE id = 1$$, '0'),
	('billing.plans.merge', 'Plans | Merge', 'YES', 'YES', $$UPDATE officernd.plans SET merged_into = 2 WHERE id = 1$$, '42501'),
	('billing.plans.export', 'Plans | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('plans')$$, '42501'),
	('billing.goods.export', 'Goods | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('goods')$$, '42501'),
	('billing.rates.export', 'Rates | Export', 'YES', 'YES', $$INSERT INTO officernd.exports (entity) VALUES ('rates')$$, '42501'),
	('space.resources.create', 'Resources | Create', 'YES', 'YES', $$INSERT INTO officernd.resources (id, name) VALUES (600, 'x')$$, '42501'),
	('space.resources.edit', 'Resources | Edit', 'YES', 'YES', $$UPDATE officernd.resources SET kind = 'desk' WHERE id = 1$$, '0'),
	('space.resources.delete', 'Resources | Delete', 'NO', 'YES', $$DELETE FROM officernd.resources WHERE id = 1$$, '0'),
	('space.resources.import', 'Resources | Import', 'NO', 'YES', $$INSERT INTO officernd.resources (id, source) VALUES (600, 'csv')$$, '42501'),
	('space.resources.import', 'Resources | Import', 'NO', 'YES', $$INSERT INTO officernd.imports (entity, file) VALUES ('resources', 'x.csv')$$, '42501'),
	('space.locations.create', 'Locations | Create', 'YES', 'YES', $$INSERT INTO officernd.locations (id, name) VALUES ('airport', 'x')$$, '42501'),
	('space.locations.edit', 'Locations | Edit', 'YES', 'YES', $$UPDATE officernd.locations SET name = 'x' WHERE id = 'station'$$, '0'),
	('space.locations.delete', 'Locations | Delete', 'NO', 'YES', $$DELETE FROM officernd.locations WHERE id = 'station'$$, '0'),
	('space.floors.create', 'Floors | Create', 'YES', 'YES', $$INSERT INTO officernd.floors (id, name) VALUES (600, 'x')$$, '42501'),
	('space.floors.edit', 'Floors | Edit', 'YES', 'YES', $$UPDATE officernd.floors SET name = 'x' WHERE id = 1$$, '0'),
	('space.floors.clone', 'Floors | Clone', 'YES', 'YES', $$INSERT INTO officernd.floors (id, name, clone_of) VALUES (600, 'x', 1)$$, '42501'),
	('space.floors.delete', 'Floors | Delete', 'NO', 'YES', $$DELETE FROM officernd.floors WHERE id = 1$$, '0'),
	('calendar.bookings.create', 'Booking | Create', 'YES', 'YES', $$INSERT INTO officernd.bookings (id, resource_id, member_id) VALUES (600, 1, 1)$$, '42501'),
	('calendar.bookings.edit', 'Booking | Edit', 'YES', 'YES', $$UPDATE officernd.bookings SET starts_at = now() + interval '1 day' WHERE id = 1$$, '42501'),
	('calendar.bookings.delete', 'Booking | Delete', 'YES', 'YES', $$DELETE FROM officernd.bookings WHERE id = 1$$, '0'),
	('calendar.bookings.cancel', 'Booking | Cancel', 'YES', 'YES', $$UPDATE officernd.bookings SET status = 'cancelled' WHERE id = 1$$, '42501');

-- "Create, Edit, Delete" of what has a title or a name, and nothing besides
INSERT INTO t.deed
SELECT entity || '.' || lower(what), format('%s | %s', initcap(split_part(entity, '.', 2)), what), answer, answer,
	format(command, split_part(entity, '.', 2), col), refused
FROM (VALUES ('collaboration.events', 'title', 'YES'), ('collaboration.messages', 'title', 'YES'), ('collaboration.posts', 'title', 'YES'), ('collaboration.benefits', 'title', 'YES'),
		('collaboration.articles', 'title', 'YES'), ('billing.goods', 'name', 'YES'), ('billing.stores', 'name', 'YES'), ('billing.rates', 'name', 'YES'), ('billing.amenities', 'name', 'YES'),
		('billing.discounts', 'name', 'YES'), ('settings.templates', 'name', 'NO')) e (entity, col, answer),
	(VALUES ('Create', 'INSERT INTO officernd.%s (id, %s) VALUES (600, ''x'')', '42501'), ('Edit', 'UPDATE officernd.%s SET %s = ''x'' WHERE id = 1', '0'),
		('Delete', 'DELETE FROM officernd.%s WHERE id = 1', '0')) c (what, command, refused);
GRANT SELECT ON t.tables, t.deed TO PUBLIC;
\o

SELECT plan(1053);

/* ---- nobody, a member without a role, visitors -------------------------------------------------- */

SELECT is((SELECT count(*) FROM t.tables), 38::bigint, 'every table of the world is in the tests below');
SELECT set_eq($$SELECT permission FROM t.deed$$,
	$$SELECT permission::text FROM ambit.template_permission WHERE template = 'officernd' AND permission::text NOT LIKE '%.view'$$,
	'"Below is a full list of all permissions": each one that is no view is tried below');
SET ROLE officernd_app;
SELECT is(t.run(format('SELECT FROM officernd.%I', name)), '0', 'nobody sees no row of ' || name) FROM t.tables;
SELECT is(t.run(command), '42501', format('nobody: "%s": %s', words, command)) FROM t.deed;
SELECT ambit.assume('hub', NULL);
SELECT is(string_agg(DISTINCT t.run(format('SELECT FROM officernd.%I', name)), ''), '0', 'visitor: the document knows none, and they see nothing') FROM t.tables;
SELECT ambit.assume('hub', 'nemo');
SELECT is(string_agg(DISTINCT t.run(format('SELECT FROM officernd.%I', name)), ''), '0', 'a member without a role sees nothing') FROM t.tables;

/* ---- viewers ---------------------------------------------------------------------------------------- */

SELECT ambit.assume('hub', 'vera');
SELECT is(t.rows(name), '1 2 3 4 5 6 7 8 9 10 11 12', 'viewer: "can see all modules": ' || name)
FROM t.tables WHERE name NOT IN ('locations', 'contract_pdfs', 'order_pdfs', 'templates', 'import_tabs', 'imports', 'exports');
SELECT is(t.rows('locations'), 'city harbour station', 'viewer: "can see all modules": locations');
SELECT is(t.rows(name, 'tenant'), '', 'viewer: "excluding the Settings one": ' || name) FROM unnest('{templates,import_tabs,imports}'::text[]) name;
SELECT is(t.run(command), CASE WHEN command LIKE 'INSERT%' THEN '42501' ELSE '0' END, format('viewer: "can''t make any changes": "%s": %s', words, command)) FROM t.deed;

/* ---- center managers ----------------------------------------------------------------------------------- */

SELECT ambit.assume('hub', 'carl');
SELECT is(t.rows(name), '1 2 3 4 5 6 7 8 9 10 11 12', 'center manager: sees ' || name)
FROM t.tables WHERE name NOT IN ('locations', 'contract_pdfs', 'order_pdfs', 'import_tabs', 'imports', 'exports');
SELECT is(t.rows('import_tabs', 'entity') || ': ' || t.rows('imports', 'entity'), 'companies fees members memberships resources: ',
	'center manager: "it would still see all import tabs, but from now on they will see ... previous imports history only for the entities they have permissions for": none');
SELECT is(t.run(command), CASE center_manager WHEN 'YES' THEN '1' ELSE refused END, format('center manager: "%s | %s": %s', words, center_manager, command)) FROM t.deed;
SELECT is(t.run(command), expected, 'center manager: ' || words)
FROM (VALUES
	-- approvals: not by another way either
	($$INSERT INTO officernd.fees (id, amount, status) VALUES (600, 5, 'approved')$$, '42501', '"One-off Fees | Approve | NO": nor is one created as approved'),
	($$UPDATE officernd.fees SET amount = 1, status = 'approved' WHERE id = 1$$, '42501', '"One-off Fees | Approve | NO": nor together with what they may'),
	($$UPDATE officernd.fees SET amount = 500 WHERE id = 2$$, '0', '"One-off Fees | Approve | NO": what was approved stays as it was'),
	($$INSERT INTO officernd.fees (id, amount) SELECT 600 + id, 5 FROM officernd.fees WHERE id < 4$$, '3', '"One-off Fees | Create | YES": several at once'),
	($$INSERT INTO officernd.fees (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET status = 'approved'$$, '42501', '"One-off Fees | Approve | NO": nor by ON CONFLICT'),
	($$MERGE INTO officernd.fees f USING (VALUES (1)) v (id) ON f.id = v.id WHEN MATCHED THEN UPDATE SET status = 'approved'$$, '42501', '"One-off Fees | Approve | NO": nor by MERGE'),
	($$UPDATE officernd.fees SET source = 'csv' WHERE id = 1$$, '42501', '"One-off Fees | Import | NO": nor does one become imported'),
	($$UPDATE officernd.contracts SET status = 'sent' WHERE id = 1$$, '42501', '"Contracts | Add & Approve | NO": a draft is not sent before it is approved'),
	($$UPDATE officernd.contracts SET status = 'signed' WHERE id = 1$$, '42501', '"Contracts | Add & Approve | NO": nor signed'),
	($$UPDATE officernd.contracts SET body = 'x' WHERE id = 4$$, '42501', '"Contracts | Edit": not what was signed'),
	($$UPDATE officernd.contracts SET notice_on = current_date WHERE id = 4$$, '42501', '"Contracts | Serve Notice": its day comes with the notice'),
	($$UPDATE officernd.contracts SET status = 'terminated' WHERE id = 1$$, '42501', '"Contracts | Terminate": not a draft'),
	($$UPDATE officernd.contracts SET status = 'draft' WHERE id = 5$$, '42501', '"Contracts | Edit": none becomes a draft again'),
	($$INSERT INTO officernd.contracts (id, status) VALUES (600, 'signed')$$, '42501', '"Contracts | Create": as a draft'),
	($$UPDATE officernd.contracts SET id = 600 WHERE id = 7$$, '42501', '"Contracts | Edit": not which contract it is'),
	($$UPDATE officernd.contracts SET body = 'x' WHERE id = 2$$, '42501', '"Contracts | Edit": not what was approved'),
	($$UPDATE officernd.contracts SET status = 'approved' WHERE id = 3$$, '42501', '"Contracts | Send For eSign": not taken back'),
	($$UPDATE officernd.contracts SET status = 'notice' WHERE id = 1$$, '42501', '"Contracts | Serve Notice": not of a draft'),
	($$UPDATE officernd.contracts SET status = 'signed' WHERE id = 5$$, '42501', '"Contracts | Serve Notice": not taken back'),
	($$UPDATE officernd.contracts SET body = 'x' WHERE id = 5$$, '42501', '"Contracts | Serve Notice": and nothing besides'),
	($$UPDATE officernd.contracts SET ends_on = current_date WHERE id = 4$$, '42501', '"Contracts | Terminate": its end comes with the termination'),
	($$UPDATE officernd.contracts SET status = 'signed' WHERE id = 6$$, '42501', '"Contracts | Terminate": not taken back'),
	($$INSERT INTO officernd.orders (id, status) VALUES (600, 'delivered')$$, '42501', '"Orders | Create": as a new one'),
	($$INSERT INTO officernd.receipts (id, invoice_id, sent_at) VALUES (600, 1, now())$$, '42501', '"Receipts | Generate": it is sent afterwards'),
	($$UPDATE officernd.receipts SET invoice_id = 2 WHERE id = 1$$, '42501', '"Receipts | Send": and nothing besides'),
	($$INSERT INTO officernd.plans (id, name, merged_into) VALUES (600, 'x', 1)$$, '42501', '"Plans | Merge": none is created as part of another'),
	($$UPDATE officernd.bookings SET id = 600 WHERE id = 1$$, '42501', '"Booking | Edit": not which booking it is'),
	($$DELETE FROM officernd.contracts WHERE id = 1$$, '0', 'no row of the document deletes a contract'),
	($$INSERT INTO officernd.memberships (id, status) VALUES (600, 'approved')$$, '1', '"Memberships | Approve | YES": when it is created too'),
	($$UPDATE officernd.memberships SET locked = false WHERE id = 3$$, '0', '"Memberships | Lock | NO": nor unlocks'),
	($$UPDATE officernd.memberships SET price = 1 WHERE id = 3$$, '0', '"Memberships | Lock | NO": what is locked is not edited'),
	($$UPDATE officernd.memberships SET member_id = 1 WHERE id = 3$$, '0', '"Memberships | Lock | NO": nor assigned'),
	($$UPDATE officernd.memberships SET status = 'approved' WHERE id = 3$$, '0', '"Memberships | Lock | NO": nor approved'),
	($$DELETE FROM officernd.memberships WHERE id = 3$$, '0', '"Memberships | Lock | NO": nor deleted'),
	($$INSERT INTO officernd.memberships (id, locked) VALUES (600, true)$$, '42501', '"Memberships | Lock | NO": nor is one created locked'),
	($$INSERT INTO officernd.members (id, name, merged_into) VALUES (600, 'x', 1)$$, '42501', '"Members | Merge | NO": nor is one created as part of another'),
	($$UPDATE officernd.members SET name = 'x', merged_into = 2 WHERE id = 1$$, '42501', '"Members | Merge | NO": nor together with what they may'),
	($$UPDATE officernd.members SET source = 'csv' WHERE id = 1$$, '42501', '"Members | Import | NO": nor does one become imported'),
	($$UPDATE officernd.resources SET source = 'csv' WHERE id = 1$$, '42501', '"Resources | Import | NO": nor does one become imported'),
	($$UPDATE officernd.floors SET clone_of = 1 WHERE id = 2$$, '42501', '"Floors | Clone": none becomes a clone'),
	($$UPDATE officernd.orders SET amount = 0 WHERE id = 1$$, '42501', '"Orders | Change Status": and nothing else'),
	($$DELETE FROM officernd.orders WHERE id = 1$$, '0', 'no row of the document deletes an order'),
	($$UPDATE officernd.payment_details SET iban = 'x' WHERE id = 1$$, '0', '"Payment Details | Create, Delete": not edited'),
	($$DELETE FROM officernd.check_ins WHERE id = 1$$, '0', '"Check-ins | Create, Edit": not deleted'),
	($$INSERT INTO officernd.issues (id) VALUES (600)$$, '42501', '"Issues | Edit, Delete": not created'),
	($$INSERT INTO officernd.contacts (id) VALUES (600)$$, '42501', '"Contacts | Export": not created'),
	($$UPDATE officernd.contacts SET title = 'x' WHERE id = 1$$, '0', '"Contacts | Export": not edited'),
	($$INSERT INTO officernd.invoice_line_items (id, invoice_id) VALUES (600, 1)$$, '42501', '"Invoice Line Items | Edit": not created'),
	($$DELETE FROM officernd.invoice_line_items WHERE id = 1$$, '0', '"Invoice Line Items | Edit": not deleted'),
	($$UPDATE officernd.invoice_line_items SET invoice_id = 2 WHERE id = 1$$, '42501', '"Invoice Line Items | Edit": not moved to another invoice'),
	($$UPDATE officernd.invoices SET status = 'paid' WHERE id = 1$$, '42501', 'no row of the document is about paying'),
	($$INSERT INTO officernd.invoices (id, status) VALUES (600, 'paid')$$, '42501', 'no row of the document is about paying: nor is one created as paid'),
	($$UPDATE officernd.invoices SET status = 'void' WHERE id = 2$$, '42501', '"Invoices | Void": not one that is paid'),
	($$UPDATE officernd.invoices SET status = 'open' WHERE id = 3$$, '42501', '"Invoices | Void": none is opened again'),
	($$UPDATE officernd.invoices SET note = 'x' WHERE id = 3$$, '42501', '"Invoices | Edit": not a void one'),
	($$UPDATE officernd.bookings SET status = 'booked' WHERE id = 2$$, '42501', '"Booking | Cancel": not taken back'),
	($$UPDATE officernd.bookings SET starts_at = now() + interval '1 day' WHERE id = 2$$, '42501', '"Booking | Edit": not a cancelled one'),
	($$INSERT INTO officernd.bookings (id, status) VALUES (600, 'cancelled')$$, '42501', '"Booking | Create": not as a cancelled one'),
	($$INSERT INTO officernd.imports (entity, file) VALUES ('members', 'x.csv')$$, '42501', '"they will see the Upload CSV button ... only for the entities they have permissions for": none'),
	($$DELETE FROM officernd.exports$$, '0', 'what left the business is not forgotten'),
	-- the other business
	($$INSERT INTO officernd.messages (id, tenant, title) VALUES (600, 'rival', 'x')$$, '42501', 'creates nothing in another business'),
	($$UPDATE officernd.messages SET tenant = 'rival' WHERE id = 1$$, '42501', 'moves nothing to another business'),
	($$UPDATE officernd.messages SET title = 'x' WHERE id = 91$$, '0', 'edits nothing of another business'),
	($$DELETE FROM officernd.messages WHERE id = 91$$, '0', 'deletes nothing of another business'),
	($$UPDATE officernd.members SET company_id = 91 WHERE id = 1$$, '23503', 'no member goes to a company of another business'),
	($$UPDATE officernd.members SET id = 600 WHERE id = 12$$, '42501', '"Members | Edit": not which member it is')
) v (command, expected, words);
SELECT alike(t.refusal($$UPDATE officernd.fees SET status = 'approved' WHERE id = 1$$), '%"status"%community.one_off_fees.approve%',
	'center manager: "One-off Fees | Approve | NO": the refusal names the column and the permission');
SELECT alike(t.refusal($$INSERT INTO officernd.fees (id, status) VALUES (600, 'approved')$$), '%"fees"%community.one_off_fees.approve%',
	'center manager: "One-off Fees | Approve | NO": so it does of an INSERT');

-- who is deleted takes along what hangs on them, as the foreign keys say
SELECT lives_ok($$DELETE FROM officernd.members WHERE id = 12$$, 'center manager: "Members | Delete | YES"');
SELECT is(t.rows('fees') || ': ' || t.rows('credits'), '1 2 3 4 5 6 7 8 9 10 11: 1 2 3 4 5 6 7 8 9 10 11 12', 'center manager: "Members | Delete | YES": fees go with the member');

/* ---- a center manager of one location ------------------------------------------------------------------------ */

SELECT ambit.assume('hub', 'cora');
SELECT is(t.rows(name), '1 4 7 10', 'center manager of the harbour: sees its ' || name)
FROM unnest('{companies,members,check_ins,fees,contracts,memberships,opportunities,day_passes,events,issues,invoices,floors,resources,bookings}'::text[]) name;
SELECT is(t.rows('locations'), 'harbour', 'center manager of the harbour: and no other location');
SELECT is(t.rows(name), '', 'center manager of the harbour: what is of no location belongs to the whole business: ' || name) FROM unnest('{messages,goods,templates}'::text[]) name;
SELECT is(t.run(command), expected, 'center manager of the harbour: ' || words)
FROM (VALUES
	($$UPDATE officernd.members SET name = 'x'$$, '4', '"Members | Edit | YES": of all, those of the harbour'),
	($$UPDATE officernd.members SET name = 'x' WHERE id = 3$$, '0', '"Members | Edit | YES": not of the station'),
	($$UPDATE officernd.members SET location_id = 'station' WHERE id = 1$$, '42501', '"Members | Edit | YES": does not move one there'),
	($$UPDATE officernd.members SET location_id = NULL WHERE id = 1$$, '42501', '"Members | Edit | YES": nor nowhere'),
	($$INSERT INTO officernd.members (id, location_id) VALUES (600, 'harbour')$$, '1', '"Members | Create | YES": at the harbour'),
	($$INSERT INTO officernd.members (id, location_id) VALUES (600, 'station')$$, '42501', '"Members | Create | YES": not at the station'),
	($$INSERT INTO officernd.members (id) VALUES (600)$$, '42501', '"Members | Create | YES": not without a location'),
	($$DELETE FROM officernd.bookings$$, '4', '"Booking | Delete | YES": of all, those of the harbour'),
	($$UPDATE officernd.bookings SET status = 'cancelled' WHERE id IN (1, 3)$$, '1', '"Booking | Cancel | YES": at the harbour'),
	($$UPDATE officernd.locations SET name = 'x'$$, '1', '"Locations | Edit | YES": the harbour'),
	($$INSERT INTO officernd.locations (id, name) VALUES ('airport', 'x')$$, '42501', '"Locations | Create | YES": another location is not at the harbour')
) v (command, expected, words);

/* ---- owners ----------------------------------------------------------------------------------------------------- */

SELECT ambit.assume('hub', 'olga');
SELECT is(t.rows('imports', 'entity') || ': ' || t.rows('import_tabs', 'entity'), 'companies fees members memberships resources: companies fees members memberships resources',
	'owner: "fully independent granular import permissions": the history of all five');
SELECT is(t.run(format(command, who)), CASE who WHEN 'olga' THEN '1' ELSE '42501' END, format('owner: %s, as %s', words, who))
FROM (VALUES ('INSERT INTO officernd.imports (entity, file, uploaded_by) VALUES (''members'', ''x.csv'', %L)', '"previous imports history": who uploaded a file is who did it'),
	('INSERT INTO officernd.exports (entity, requested_by) VALUES (''members'', %L)', '"Members | Export | YES": who asked for it is who did it')) v (command, words), unnest('{olga,otto,vera,nobody}'::text[]) who;
SELECT is(t.run(format($$UPDATE officernd.%I SET %I = 'otto'$$, r, c)), '0', format('owner: nor is it changed afterwards: %s', r)) FROM (VALUES ('imports', 'uploaded_by'), ('exports', 'requested_by')) v (r, c);
SELECT is(t.run(command), CASE owner WHEN 'YES' THEN '1' ELSE refused END, format('owner: "%s | %s": %s', words, owner, command)) FROM t.deed;
SELECT is(t.run(command), expected, 'owner: ' || words)
FROM (VALUES
	($$INSERT INTO officernd.fees (id, amount, status) VALUES (600, 5, 'approved')$$, '1', '"One-off Fees | Approve | YES": when it is created too'),
	($$INSERT INTO officernd.fees (id, amount, status, source) VALUES (600, 5, 'approved', 'csv')$$, '1', '"One-off Fees | Approve, Import | YES"'),
	($$UPDATE officernd.fees SET amount = 1, status = 'approved' WHERE id = 1$$, '42501', '"One-off Fees | Edit": what is approved is what was seen before'),
	($$UPDATE officernd.contracts SET body = 'x', status = 'approved' WHERE id = 1$$, '42501', '"Contracts | Add & Approve": what is approved is what was seen before'),
	($$UPDATE officernd.contracts SET status = 'approved' WHERE status = 'draft'$$, '7', '"Contracts | Add & Approve | YES"'),
	($$UPDATE officernd.contracts SET status = 'draft' WHERE id = 2$$, '42501', '"Contracts | Add & Approve": none becomes a draft again'),
	($$UPDATE officernd.contracts SET status = 'approved' WHERE id = 6$$, '42501', '"Contracts | Add & Approve": not what has ended'),
	($$UPDATE officernd.memberships SET locked = false WHERE id = 3$$, '1', '"Memberships | Lock | YES": and unlocks'),
	($$UPDATE officernd.memberships SET price = 1 WHERE id = 3$$, '42501', '"Memberships | Lock | YES": what is locked is not edited'),
	($$UPDATE officernd.memberships SET price = 1, locked = false WHERE id = 3$$, '42501', '"Memberships | Lock | YES": it is unlocked first'),
	($$INSERT INTO officernd.memberships (id, source, status) VALUES (600, 'csv', 'approved')$$, '1', '"Memberships | Import | YES", "Memberships | Approve | YES"'),
	($$UPDATE officernd.payment_details SET iban = 'x' WHERE id = 1$$, '0', '"Payment Details | Create, Delete": not edited'),
	($$UPDATE officernd.messages SET tenant = 'rival' WHERE id = 1$$, '42501', 'moves nothing to another business')
) v (command, expected, words);

/* ---- "Each one can be enabled or disabled on its own" --------------------------------------------------------------- */

RESET ROLE;
SELECT ambit.logout();
SELECT is(t.with('officernd_app', 'hub', 'vito', permission::ambit.permission, true, command), '1', format('"Each one can be enabled ... on its own": a viewer with %s: %s', permission, command)) FROM t.deed;
SELECT is(t.with('officernd_app', 'hub', 'otto', permission::ambit.permission, false, command), refused, format('"Each one can be ... disabled on its own": an owner without %s: %s', permission, command))
FROM t.deed WHERE owner = 'YES';
SELECT is(t.with('officernd_app', 'hub', who, permission::ambit.permission, enabled, command), expected, format('%s %s %s: %s', who, CASE WHEN enabled THEN 'with' ELSE 'without' END, permission, words))
FROM (VALUES
	('vito', 'community.one_off_fees.create', true, $$INSERT INTO officernd.fees (id, status) VALUES (600, 'approved')$$, '42501', 'creating is not approving'),
	('vito', 'community.one_off_fees.import', true, $$INSERT INTO officernd.fees (id, status, source) VALUES (600, 'approved', 'csv')$$, '42501', 'importing is not approving'),
	('vito', 'community.one_off_fees.approve', true, $$INSERT INTO officernd.fees (id, status) VALUES (600, 'approved')$$, '42501', 'approving is not creating'),
	('vito', 'community.members.import', true, $$INSERT INTO officernd.members (id) VALUES (600)$$, '42501', 'importing is not creating'),
	('vito', 'community.members.create', true, $$INSERT INTO officernd.members (id, source) VALUES (600, 'csv')$$, '42501', 'creating is not importing'),
	('vito', 'community.contracts.create', true, $$INSERT INTO officernd.contracts (id, status) VALUES (600, 'approved')$$, '42501', '"Add & Approve" is not "Create"'),
	('vito', 'community.contracts.add_and_approve', true, $$INSERT INTO officernd.contracts (id) VALUES (600)$$, '42501', '"Create" is not "Add & Approve"'),
	('vito', 'community.contracts.edit', true, $$UPDATE officernd.contracts SET status = 'approved' WHERE id = 1$$, '42501', 'editing is not approving'),
	('otto', 'community.members.view', false, $$UPDATE officernd.members SET name = 'x' WHERE id = 1$$, '0', 'what is not seen is not edited'),
	('otto', 'community.memberships.approve', false, $$INSERT INTO officernd.memberships (id, status) VALUES (600, 'approved')$$, '42501', 'nor is one created as approved'),
	('otto', 'community.memberships.assign', false, $$UPDATE officernd.memberships SET price = 1 WHERE id = 1$$, '1', 'editing stays')
) v (who, permission, enabled, command, expected, words);

/* ---- custom roles -------------------------------------------------------------------------------------------------------- */

SET ROLE officernd_app;
SELECT ambit.assume('hub', 'carla');
SELECT is(t.run(command), expected, 'community team: ' || words)
FROM (VALUES
	($$INSERT INTO officernd.members (id, source) VALUES (600, 'csv')$$, '1', '"All custom roles with the relevant import permissions ... will also be able to import records"'),
	($$INSERT INTO officernd.companies (id, source) VALUES (600, 'csv')$$, '42501', '"Manager-based roles, however, will need to manually select each": not companies'),
	($$UPDATE officernd.members SET name = 'x' WHERE id = 1$$, '1', 'community is based on the center manager: edits'),
	($$UPDATE officernd.fees SET status = 'approved' WHERE id = 1$$, '42501', 'community is based on the center manager: approves no fee'),
	($$UPDATE officernd.invoices SET status = 'void' WHERE id = 1$$, '0', 'billing is based on the viewer: no changes')
) v (command, expected, words);
SELECT is(t.rows('invoices') || ': ' || t.rows('resources') || t.rows('bookings') || t.rows('messages'), '1 2 3 4 5 6 7 8 9 10 11 12: ',
	'community team: billing is seen; "The only to hide a section entirely is to set the whole module to be based on role "No access""');
SELECT ambit.assume('hub', 'hanna');
SELECT is(t.rows('messages') || ': ' || t.run($$UPDATE officernd.messages SET title = 'x' WHERE id = 1$$) || ' ' || t.run($$INSERT INTO officernd.messages (id) VALUES (600)$$) || ' '
		|| t.run($$DELETE FROM officernd.messages WHERE id = 1$$), '1 2 3 4 5 6 7 8 9 10 11 12: 0 42501 0',
	'host: "None" permissions for "Messages": "will be able to view that entity, but not perform any actions"');
SELECT is(t.run($$UPDATE officernd.posts SET title = 'x' WHERE id = 1$$), '1', 'host: other entities of the module stay');
SELECT ambit.assume('hub', 'vik');
SELECT is(t.rows('templates') || ': ' || t.run($$UPDATE officernd.templates SET body = 'x' WHERE id = 1$$) || ' ' || t.run($$INSERT INTO officernd.templates (id) VALUES (600)$$) || ' '
		|| t.run($$DELETE FROM officernd.templates WHERE id = 1$$) || ' ' || t.run($$UPDATE officernd.templates SET id = 600 WHERE id = 1$$), '1 2 3 4 5 6 7 8 9 10 11 12: 1 42501 0 42501',
	'VA: "only give access to Settings>Templates, and I want to allow him to make edits to the templates"');
SELECT is(string_agg(DISTINCT t.run(format('SELECT FROM officernd.%I', name)), ''), '0', 'VA: "only give access to Settings>Templates": nothing else is seen') FROM t.tables WHERE name <> 'templates';
SELECT ambit.assume('hub', 'ines');
SELECT is(t.rows('import_tabs', 'entity') || ': ' || t.rows('imports', 'entity'), 'companies fees members memberships resources: fees members',
	'data admin: "it would still see all import tabs, but from now on they will see ... previous imports history only for the entities they have permissions for"');
SELECT is(t.run(format('INSERT INTO officernd.imports (entity, file) VALUES (%L, ''x.csv'')', entity)), CASE WHEN entity IN ('fees', 'members') THEN '1' ELSE '42501' END,
	format('data admin: "they will see the Upload CSV button ... only for the entities they have permissions for": %s', entity))
FROM unnest('{fees,companies,members,memberships,resources}'::text[]) entity;
SELECT is(t.run(format('INSERT INTO officernd.imports (entity, file, uploaded_by) VALUES (%L, ''x.csv'', %L)', entity, who)), CASE WHEN entity = 'members' AND who = 'ines' THEN '1' ELSE '42501' END,
	format('data admin: "only for the entities they have permissions for", and in nobody else''s name: %s as %s', entity, who))
FROM unnest('{members,resources}'::text[]) entity, unnest('{ines,olga}'::text[]) who;
SELECT is(t.run($$INSERT INTO officernd.members (id, source) SELECT 600 + n, 'csv' FROM generate_series(1, 3) n$$), '3', 'data admin: "They will also be able to import records": members whom they do not see');
SELECT is(t.run($$INSERT INTO officernd.members (id, source) VALUES (600, 'csv') RETURNING id$$), '42501', 'data admin: nor are they seen by RETURNING');
SELECT is(t.rows('members'), '', 'data admin: sees no member');

/* ---- the same names in another business --------------------------------------------------------------------------------------- */

SELECT ambit.assume('rival', 'vera');
SELECT is(t.rows('members') || ': ' || t.run($$UPDATE officernd.fees SET status = 'approved'$$) || ' ' || t.run($$DELETE FROM officernd.locations$$), '91 92 93: 3 1',
	'a viewer here and an owner there: an owner, there');
SELECT ambit.assume('rival', 'olga');
SELECT is(t.rows('members') || ': ' || t.run($$UPDATE officernd.fees SET status = 'approved'$$), '91 92 93: 0', 'an owner here and a viewer there: a viewer, there');
SELECT ambit.logout();
SELECT is(t.rows('members'), '', 'nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
