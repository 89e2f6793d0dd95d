/*
 * opus1_sentences.sql
 *		Every sentence of the opus1 document on a small music school: what it
 *		allows and what it denies, in its own words, by ordinary database roles.
 *
 * A test's description begins with the role and quotes the document.  A write
 * is tried and undone (t.outcome), so that the rows stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_school;
CREATE ROLE regress_app_stranger;

/* ---- the application's tables ------------------------------------------------ */

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_app_school, regress_app_stranger;

CREATE TABLE app.clients (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, name text, age integer, guardian_id bigint);
CREATE TABLE app.client_contacts (tenant text NOT NULL DEFAULT 'school', client_id bigint PRIMARY KEY, phone text, email text);
CREATE TABLE app.account_managers (tenant text NOT NULL DEFAULT 'school', client_id bigint PRIMARY KEY, name text, phone text);
CREATE TABLE app.staff (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, name text);
CREATE TABLE app.staff_contacts (tenant text NOT NULL DEFAULT 'school', staff_id bigint PRIMARY KEY, phone text, bio text);
CREATE TABLE app.staff_availability (tenant text NOT NULL DEFAULT 'school', staff_id bigint, weekday integer);
CREATE TABLE app.services (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, name text);
CREATE TABLE app.time_slots (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, staff_id bigint, starts_at timestamptz);
CREATE TABLE app.locations (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, name text);
CREATE TABLE app.appointments (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, staff_id bigint, client_id bigint,
	location_id bigint, room text, starts_at timestamptz, kind text DEFAULT 'lesson', status text DEFAULT 'booked');
CREATE INDEX ON app.appointments (tenant, staff_id, starts_at);
CREATE TABLE app.booking_requests (tenant text NOT NULL DEFAULT 'school', client_id bigint, kind text, service_id bigint);
CREATE TABLE app.cancellations (tenant text NOT NULL DEFAULT 'school', appointment_id bigint, staff_id bigint, client_id bigint, by_client boolean);
CREATE TABLE app.attendance (tenant text NOT NULL DEFAULT 'school', appointment_id bigint, staff_id bigint, client_id bigint, present boolean, batch boolean DEFAULT false);
CREATE TABLE app.invoices (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, client_id bigint, amount numeric, status text);
CREATE TABLE app.ledger (tenant text NOT NULL DEFAULT 'school', kind text, client_id bigint, amount numeric);
CREATE TABLE app.credits (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, client_id bigint, kind text, amount numeric);
CREATE TABLE app.payment_methods (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, client_id bigint, card text);
CREATE TABLE app.subscriptions (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, client_id bigint, status text, discount numeric);
CREATE TABLE app.comments (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, client_id bigint, staff_id bigint, audience text, body text);
CREATE TABLE app.messages (tenant text NOT NULL DEFAULT 'school', client_id bigint, staff_id bigint, body text);
CREATE TABLE app.time_off_requests (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, staff_id bigint, assignee_id bigint, status text DEFAULT 'requested');
CREATE TABLE app.payroll (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, staff_id bigint, amount numeric);
CREATE TABLE app.pay_rates (tenant text NOT NULL DEFAULT 'school', staff_id bigint PRIMARY KEY, rate numeric);
CREATE TABLE app.files (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, staff_id bigint, client_id bigint, name text);
CREATE TABLE app.file_shares (tenant text NOT NULL DEFAULT 'school', file_id bigint, client_id bigint);
CREATE TABLE app.events (tenant text NOT NULL DEFAULT 'school', id bigint PRIMARY KEY, kind text, name text);
CREATE TABLE app.enrollments (tenant text NOT NULL DEFAULT 'school', event_id bigint, kind text, client_id bigint);
CREATE TABLE app.revenue (tenant text NOT NULL DEFAULT 'school', month date, amount numeric);
CREATE TABLE app.dashboard (tenant text NOT NULL DEFAULT 'school', metric text, value numeric);
CREATE TABLE app.settings (tenant text NOT NULL DEFAULT 'school', name text, restricted boolean, value text);
CREATE TABLE app.self_booking_links (tenant text NOT NULL DEFAULT 'school', url text);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_school, regress_app_stranger;

/* ---- two tenants, and who works there --------------------------------------------- */

SELECT ambit.create_tenant('school', 'opus1', 'Allegro School of Music');
SELECT ambit.create_tenant('rival', 'opus1', 'Another school');
SELECT ambit.add_member('school', u, k::jsonb)
FROM (VALUES
	('carl', '{"client": "1"}'),						-- a client; account manager of Dora (2) and Dirk (3)
	('cora', '{"client": "4"}'),						-- another client
	('lena', '{"staff": "11", "client": "101"}'),	-- limited staff
	('mario', '{"staff": "12", "client": "102"}'),	-- limited staff
	('sam', '{"staff": "13", "client": "103"}'),		-- staff
	('sue', '{"staff": "16", "client": "106"}'),		-- staff
	('mia', '{"staff": "14", "client": "104"}'),		-- manager
	('max', '{"staff": "17", "client": "107"}'),		-- manager
	('olga', '{"staff": "15", "client": "105"}'),	-- owner
	('nina', '{"staff": "18"}'),						-- limited staff, new
	('otto', '{"staff": "19"}'),						-- manager, new
	('nemo', '{"staff": "20", "client": "1"}')			-- a member without a role
) v (u, k);
SELECT ambit.assign_role('school', u, r)
FROM (VALUES ('carl', 'client'), ('cora', 'client'), ('lena', 'limited_staff'), ('mario', 'limited_staff'), ('sam', 'staff'), ('sue', 'staff'),
	('mia', 'manager'), ('max', 'manager'), ('olga', 'owner'), ('nina', 'limited_staff'), ('otto', 'manager')) v (u, r);
-- the same ids again in the other tenant
SELECT ambit.add_member('rival', 'lena', '{"staff": "11", "client": "101"}');
SELECT ambit.assign_role('rival', 'lena', 'owner');

INSERT INTO app.clients (id, name, age, guardian_id)
VALUES (1, 'Carl', 41, NULL), (2, 'Dora', 9, 1), (3, 'Dirk', 12, 1), (4, 'Cora', 35, NULL),
	(21, '14 days ago', 10, NULL), (22, 'in 14 days', 10, NULL), (23, 'exactly 15 days ago', 10, NULL), (24, 'in exactly 15 days', 10, NULL),
	(25, '16 days ago', 10, NULL), (26, 'in 16 days', 10, NULL), (27, 'served by another', 10, NULL), (28, 'served by nobody', 10, NULL),
	(29, '15 days and a moment ago', 10, NULL), (30, 'in 15 days and a moment', 10, NULL), (31, '16 days ago and in 14 days', 10, NULL),
	(101, 'Lena', 30, NULL), (102, 'Mario', 31, NULL), (103, 'Sam', 32, NULL), (104, 'Mia', 33, NULL), (105, 'Olga', 34, NULL), (106, 'Sue', 35, NULL), (107, 'Max', 36, NULL);
INSERT INTO app.clients (tenant, id, name) VALUES ('rival', 901, 'Served by 11 of the rival');
INSERT INTO app.client_contacts (tenant, client_id, phone) SELECT tenant, id, '555-' || id FROM app.clients;
INSERT INTO app.account_managers VALUES ('school', 2, 'Carl', '555-1'), ('school', 3, 'Carl', '555-1'), ('school', 21, 'Vera', '555-9');
INSERT INTO app.staff VALUES ('school', 11, 'Lena'), ('school', 12, 'Mario'), ('school', 13, 'Sam'), ('school', 14, 'Mia'), ('school', 15, 'Olga'), ('school', 16, 'Sue'), ('school', 17, 'Max');
INSERT INTO app.staff_contacts SELECT tenant, id, '555-' || id FROM app.staff;
INSERT INTO app.staff_availability SELECT tenant, id, 1 FROM app.staff;
INSERT INTO app.services VALUES ('school', 1, 'Piano, 30 minutes'), ('rival', 2, 'Drums');
INSERT INTO app.time_slots VALUES ('school', 1, 11, now() + interval '1 day');
INSERT INTO app.locations VALUES ('school', 1, 'Main street'), ('school', 2, 'Harbour');
INSERT INTO app.appointments (id, staff_id, client_id, starts_at)
VALUES (21, 11, 21, now() - interval '14 days'), (22, 11, 22, now() + interval '14 days'),
	(23, 11, 23, now() - interval '15 days'), (24, 11, 24, now() + interval '15 days'),
	(25, 11, 25, now() - interval '16 days'), (26, 11, 26, now() + interval '16 days'),
	(27, 12, 27, now() - interval '1 day'), (29, 11, 29, now() - interval '15 days' - interval '1 microsecond'),
	(30, 11, 30, now() + interval '15 days' + interval '1 microsecond'),
	(31, 11, 31, now() - interval '16 days'), (32, 11, 31, now() + interval '14 days'),
	(41, 12, 1, now() + interval '2 days'), (42, 12, 2, now() + interval '3 days'), (43, 12, 4, now() + interval '4 days'),
	(44, 12, 101, now() + interval '5 days');		-- Lena takes a lesson with Mario
INSERT INTO app.appointments (id, staff_id, client_id, starts_at, status) VALUES (50, 12, 28, now() + interval '6 days', 'cancelled');
INSERT INTO app.appointments (tenant, id, staff_id, client_id, starts_at)
VALUES ('rival', 901, 11, 901, now() + interval '1 day'), ('rival', 902, 11, 28, now() + interval '1 day');
INSERT INTO app.invoices (tenant, id, client_id, amount, status) SELECT tenant, id, id, 100, 'open' FROM app.clients;
INSERT INTO app.credits VALUES ('school', 1, 1, 'service', 2), ('school', 2, 1, 'monetary', 50), ('school', 3, 2, 'service', 1), ('school', 4, 4, 'service', 3);
INSERT INTO app.payment_methods VALUES ('school', 1, 1, '4242'), ('school', 4, 4, '1111');
INSERT INTO app.subscriptions VALUES ('school', 1, 1, 'active', 0);
INSERT INTO app.comments (id, client_id, staff_id, audience)
VALUES (1, 1, 12, 'client'), (2, 2, 12, 'client'), (4, 4, 12, 'client'), (21, 21, 11, 'client'), (51, 1, 13, 'staff'), (71, 21, 13, 'staff');
INSERT INTO app.time_off_requests (id, staff_id, assignee_id) VALUES (1, 11, 13), (2, 12, 16), (3, 13, 16);
INSERT INTO app.payroll (id, staff_id, amount) SELECT id, id, 1000 FROM app.staff;
INSERT INTO app.pay_rates (staff_id, rate) SELECT id, 20 FROM app.staff;
INSERT INTO app.files (id, staff_id, client_id) VALUES (11, 11, NULL), (12, 12, NULL), (13, 13, NULL), (14, 14, NULL), (15, 15, NULL), (99, NULL, 1);
INSERT INTO app.events (id, kind) VALUES (1, 'performing event'), (2, 'session');
INSERT INTO app.revenue VALUES ('school', '2024-01-01', 10000);
INSERT INTO app.dashboard VALUES ('school', 'revenue per client', 5);
INSERT INTO app.settings VALUES ('school', 'opening hours', false, '9 to 17'), ('school', 'legal name', true, 'Allegro');

/* ---- protection: which permission each table asks for ------------------------------------ */

SELECT ambit.bind_relationship('served', $$SELECT tenant AS tenant, staff_id AS subject, client_id AS object, starts_at AS at FROM app.appointments WHERE status <> 'cancelled'$$);
SELECT ambit.bind_relationship('dependants', $$SELECT tenant AS tenant, guardian_id AS subject, id AS object FROM app.clients WHERE guardian_id IS NOT NULL$$);

SELECT ambit.protect('app.clients', tenant => 'tenant', client => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', client => 'client_id')
FROM unnest('{client_contacts,account_managers,booking_requests,invoices,ledger,credits,payment_methods,subscriptions,file_shares,enrollments}'::text[]) r;
SELECT ambit.protect('app.staff', tenant => 'tenant', owner => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', owner => 'staff_id')
FROM unnest('{staff_contacts,staff_availability,payroll,pay_rates}'::text[]) r;
SELECT ambit.protect('app.' || r, tenant => 'tenant', owner => 'staff_id', client => 'client_id')
FROM unnest('{appointments,cancellations,attendance,comments,messages,files}'::text[]) r;
SELECT ambit.protect('app.time_off_requests', tenant => 'tenant', owner => 'staff_id', assignee => 'assignee_id');
SELECT ambit.protect('app.' || r, tenant => 'tenant')
FROM unnest('{services,time_slots,locations,events,revenue,dashboard,settings,self_booking_links}'::text[]) r;

SELECT ambit.add_rule('app.' || r, c, p::ambit.permission, "when" => w)
FROM (VALUES
	('clients', 'select', 'clients.view', NULL),
	('clients', 'insert', 'accounts.register', NULL),
	('client_contacts', 'select', 'clients.personal_information.view', NULL),
	('client_contacts', 'update', 'clients.personal_information.edit', NULL),
	('account_managers', 'select', 'account_managers.personal_information.view', NULL),
	('staff', 'select', 'self_booking.browse', NULL),
	('staff', 'insert', 'staff.create', NULL),
	('staff_contacts', 'select', 'staff.personal_information.view', NULL),
	('staff_contacts', 'update', 'staff.personal_information.edit', NULL),
	('staff_availability', 'select', 'staff.availability.view', NULL),
	('staff_availability', 'insert', 'staff.availability.manage', NULL),
	('staff_availability', 'update', 'staff.availability.manage', NULL),
	('staff_availability', 'delete', 'staff.availability.manage', NULL),
	('services', 'select', 'self_booking.browse', NULL),
	('services', 'insert', 'services.create', NULL),
	('services', 'update', 'services.modify', NULL),
	('services', 'delete', 'services.delete', NULL),
	('time_slots', 'select', 'self_booking.browse', NULL),
	('locations', 'select', 'appointments.change_location', NULL),
	('locations', 'insert', 'locations.create', NULL),
	('locations', 'update', 'locations.modify', NULL),
	('locations', 'delete', 'locations.delete', NULL),
	('appointments', 'select', 'appointments.view', 'starts_at >= now()'),	-- upcoming
	('appointments', 'select', 'clients.schedules.view', NULL),
	('appointments', 'select', 'self_booking.appointments.cancel', NULL),	-- who may cancel a lesson sees it
	('appointments', 'select', 'attendance.take', NULL),
	('appointments', 'insert', 'appointments.book', NULL),
	('appointments', 'insert', 'self_booking.complete_booking', 'kind = ''lesson'''),
	('appointments', 'insert', 'self_booking.make_ups.book', 'kind = ''make up'''),
	('appointments', 'update', 'appointments.reschedule', 'status <> ''cancelled'''),
	('appointments', 'update', 'appointments.override_status', NULL),
	('appointments', 'delete', 'appointments.delete', NULL),
	('booking_requests', 'insert', 'self_booking.book', 'kind = ''booking'' AND (client_id IS NULL) = (ambit.current_user_id() IS NULL)'),	-- a visitor for nobody who has an account
	('booking_requests', 'insert', 'quotes.request', 'kind = ''quote'''),
	('cancellations', 'insert', 'appointments.cancel', 'NOT by_client'),
	('cancellations', 'insert', 'self_booking.appointments.cancel', 'by_client'),
	('attendance', 'insert', 'attendance.take', 'NOT batch'),
	('attendance', 'insert', 'attendance.batch_take', 'batch'),
	('invoices', 'select', 'invoices.view', NULL),
	('invoices', 'update', 'invoices.edit', 'status <> ''void'''),
	('invoices', 'update', 'invoices.void', NULL),
	('ledger', 'insert', 'invoices.process_payment', 'kind = ''payment'''),
	('ledger', 'insert', 'payments.refund', 'kind = ''refund'''),
	('ledger', 'insert', 'payments.void', 'kind = ''void'''),
	('ledger', 'insert', 'invoices.apply_discount', 'kind = ''discount'''),
	('ledger', 'insert', 'charges.process', 'kind = ''charge'''),
	('credits', 'select', 'service_credits.view', 'kind = ''service'''),
	('credits', 'select', 'monetary_credits.view', 'kind = ''monetary'''),
	('credits', 'update', 'service_credits.edit', 'kind = ''service'''),
	('credits', 'update', 'monetary_credits.edit', 'kind = ''monetary'''),
	('payment_methods', 'select', 'payment_methods.remove', NULL),
	('payment_methods', 'insert', 'payment_methods.add', NULL),
	('payment_methods', 'delete', 'payment_methods.remove', NULL),
	('subscriptions', 'select', 'subscriptions.update_settings', NULL),
	('subscriptions', 'update', 'subscriptions.update_settings', 'status = ''active'''),
	('subscriptions', 'update', 'subscriptions.end', 'status IN (''active'', ''ended'')'),
	('subscriptions', 'update', 'subscriptions.put_on_hold', 'status IN (''active'', ''on hold'')'),
	('comments', 'select', 'client_comments.view', 'audience = ''client'''),
	('comments', 'select', 'staff_comments.view', 'audience = ''staff'''),
	('comments', 'insert', 'client_comments.post', 'audience = ''client'''),
	('comments', 'insert', 'staff_comments.post', 'audience = ''staff'''),
	('messages', 'insert', 'messages.send_to_teacher', NULL),
	('time_off_requests', 'select', 'time_off_requests.view', NULL),
	('time_off_requests', 'insert', 'time_off_requests.submit', 'status = ''requested'''),
	('time_off_requests', 'insert', 'time_off_requests.create_for_others', NULL),
	('time_off_requests', 'update', 'time_off_requests.process', NULL),
	('time_off_requests', 'update', 'time_off_requests.approve', 'status IN (''requested'', ''approved'')'),
	('time_off_requests', 'update', 'time_off_requests.update', NULL),
	('payroll', 'select', 'payroll.view', NULL),
	('payroll', 'select', 'payroll.run', NULL),
	('payroll', 'insert', 'payroll.run', NULL),
	('pay_rates', 'select', 'pay_rates.view', NULL),
	('pay_rates', 'insert', 'pay_rates.edit', NULL),
	('pay_rates', 'update', 'pay_rates.edit', NULL),
	('files', 'select', 'files.view', NULL),
	('files', 'select', 'files.download', NULL),
	('files', 'insert', 'files.upload', NULL),
	('file_shares', 'insert', 'files.share', NULL),
	('events', 'select', 'self_booking.browse', NULL),
	('events', 'insert', 'events.plan', 'kind <> ''session'''),
	('events', 'insert', 'sessions.plan', 'kind = ''session'''),
	('enrollments', 'insert', 'performing_events.enroll', 'kind = ''performing event'''),
	('enrollments', 'insert', 'sessions.enroll_clients', 'kind = ''session'''),
	('revenue', 'select', 'financial_information.view', NULL),
	('dashboard', 'select', 'dashboard.financial_metrics.view', NULL),
	('settings', 'select', 'business_settings.modify', 'NOT restricted'),
	('settings', 'select', 'business_settings.modify_restricted', 'restricted'),
	('settings', 'update', 'business_settings.modify', 'NOT restricted'),
	('settings', 'update', 'business_settings.modify_restricted', 'restricted'),
	('self_booking_links', 'insert', 'business_settings.self_booking_links.create', NULL)
) v (r, c, p, w);

-- "share them": of the files of "their own files library"; a policy of the application's own narrows what ambit permits
CREATE POLICY own_library ON app.file_shares AS RESTRICTIVE FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM app.files f WHERE f.id = file_id AND f.staff_id::text = ambit.current_key('staff')));

SELECT ambit.trust_application('regress_app_school');

/* ---- helpers ----------------------------------------------------------------------------- */

\ir include/rows.sql

CREATE FUNCTION t.held(permissions text) RETURNS boolean[] LANGUAGE sql AS $$
	SELECT array_agg(DISTINCT ambit.has_permission(p::ambit.permission)) FROM unnest(permissions::text[]) p
$$;
COMMENT ON FUNCTION t.held(text) IS '{t}: all of them are held; {f}: none.';

CREATE VIEW t.tables AS
	SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r';
GRANT SELECT ON t.tables TO PUBLIC;
\o

SELECT plan(449);

/* ---- without identity ------------------------------------------------------------------------ */

SELECT is((SELECT count(*) FROM t.tables), 31::bigint, 'every table of the school is in the tests below');

SET ROLE regress_app_school;

SELECT is(ambit.current_tenant(), NULL, 'nobody: no tenant');
SELECT is(ambit.current_user_id(), NULL, 'nobody: no user');
SELECT is(t.held('{self_booking.browse,self_booking.book,accounts.register,invoices.view,clients.view,appointments.view,financial_information.view}'), '{f}', 'nobody: has_permission() is false');
SELECT is(ambit.has_permission('clients.view', 'lena'), false, 'nobody: has_permission() towards a member is false');
SELECT is(ambit.has_permission_at('clients.view', 'anywhere'), false, 'nobody: has_permission_at() is false');
SELECT is(coalesce(cardinality(ambit.permission_scopes('clients.view')), 0), 0, 'nobody: no scopes');
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'nobody: no effective permissions');
SELECT is_empty($$SELECT * FROM ambit.visible_modules()$$, 'nobody: no modules');
SELECT is_empty($$SELECT * FROM ambit.visible_clients()$$, 'nobody: no clients');
SELECT is_empty($$SELECT * FROM ambit.visible_clients(NULL::bigint)$$, 'nobody: no clients, asked by type');
SELECT throws_ok($$SELECT ambit.require_permission('self_booking.browse')$$, '42501', NULL, 'nobody: require_permission() raises 42501');
SELECT is(t.seen(split_part(relation::text, '.', 2), 'tenant'), '', 'nobody sees no row of ' || relation) FROM t.tables;
SELECT is(t.run(format('INSERT INTO %s DEFAULT VALUES', relation)), '42501', 'nobody: INSERT into ' || relation || ' fails') FROM t.tables;
SELECT is(t.run(format('UPDATE %s SET tenant = tenant', relation)), '42501', 'nobody: UPDATE of ' || relation || ' fails') FROM t.tables;
SELECT is(t.run(format('DELETE FROM %s', relation)), '42501', 'nobody: DELETE from ' || relation || ' fails') FROM t.tables;

-- only for roles that the DBA trusts
SET ROLE regress_app_stranger;
SELECT throws_ok($$SELECT ambit.assume('school', 'olga')$$, '42501', NULL, 'a role that is not trusted cannot assume an identity');
SELECT throws_ok($$SELECT ambit.assume('school', NULL)$$, '42501', NULL, 'nor that of a visitor');
SELECT is(t.seen('clients', 'id'), '', 'and sees no client');
SET ROLE regress_app_school;
SELECT throws_ok($$SELECT ambit.assume('no such school', 'olga')$$, '42704', NULL, 'a tenant that does not exist is no identity');
SELECT throws_ok($$SELECT ambit.assume('school', 'nobody')$$, '42704', NULL, 'a user who is not a member is no identity');
SELECT is(ambit.current_user_id(), NULL, 'and nothing is left of the attempts');

-- a member without a role
SELECT ambit.assume('school', 'nemo');
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'a member without a role has nothing');
SELECT is(t.seen('clients', 'id') || t.seen('invoices', 'id') || t.seen('appointments', 'id') || t.seen('services', 'id'), '', 'a member without a role sees nothing');

/* ---- visitors ---------------------------------------------------------------------------------- */

SELECT ambit.assume('school', NULL);
SELECT is(ambit.current_user_id(), NULL, 'visitor: "browsing your business''s Opus1.io without being authenticated"');
SELECT is(ambit.current_roles(), '{visitor}', 'visitor: "A visitor is neither a client nor staff"');
SELECT is(seen, expected, 'visitor: "browse your self-booking interface - ' || words || '"')
FROM (VALUES
	(t.seen('services', 'id'), '1', 'your services'),
	(t.seen('events', 'id'), '1 2', 'appointments'),
	(t.seen('staff', 'id'), '11 12 13 14 15 16 17', 'group staff'),
	(t.seen('time_slots', 'id'), '1', 'available time slots')) v (seen, expected, words);
SELECT is(t.outcome($$INSERT INTO app.booking_requests VALUES ('school', NULL, 'booking', 1)$$), 'done', 'visitor: "and book services"');
SELECT is(t.outcome($$INSERT INTO app.booking_requests VALUES ('school', 1, 'booking', 1)$$), 'refused', 'visitor: "and book services": in no client''s name');
SELECT is(t.outcome($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 11, 1)$$), 'refused', 'visitor: "must register an account in order to complete booking"');
SELECT is(t.held('{self_booking.complete_booking}'), '{f}', 'visitor: cannot complete a booking');
SELECT is(t.outcome($$INSERT INTO app.clients (id, name) VALUES (600, 'New')$$), 'done', 'visitor: "must register an account"');
SELECT is(t.outcome($$INSERT INTO app.clients (tenant, id, name) VALUES ('rival', 600, 'New')$$), 'refused', 'visitor: registers with this school, not with another');
SELECT is(t.seen('clients', 'id') || t.seen('appointments', 'id') || t.seen('invoices', 'id') || t.seen('comments', 'id')
	|| t.seen('time_off_requests', 'id') || t.seen('files', 'id') || t.seen('payroll', 'id'), '', 'visitor: sees nobody''s data');
SELECT is(t.held('{quotes.request,messages.send_to_teacher,invoices.view,service_credits.view,payment_methods.add,self_booking.appointments.cancel,self_booking.make_ups.book,client_comments.view}'),
	'{f}', 'visitor: "someone may have a registered account but will still be a visitor until they log in"');

/* ---- clients ------------------------------------------------------------------------------------ */

SELECT ambit.assume('school', 'carl');
SELECT is(ambit.current_roles(), '{client}', 'client: "Once they registered an account, they become a Client"');
SELECT is(t.seen('services', 'id'), '1', 'client: "They can self-book": sees the services');
SELECT is(t.outcome(command), expected, 'client: ' || words)
FROM (VALUES
	($$INSERT INTO app.booking_requests VALUES ('school', 1, 'booking', 1)$$, 'done', '"They can self-book"'),
	($$INSERT INTO app.booking_requests VALUES ('school', 2, 'booking', 1)$$, 'done', '"They can self-book", for a dependant too'),
	($$INSERT INTO app.booking_requests VALUES ('school', 4, 'booking', 1)$$, 'refused', '"They can self-book": not for another client'),
	($$INSERT INTO app.booking_requests VALUES ('school', NULL, 'booking', 1)$$, 'refused', '"They can self-book": not for nobody'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 12, 1)$$, 'done', 'completes the booking'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 12, 3)$$, 'done', 'completes the booking of a dependant'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 12, 4)$$, 'refused', 'completes no booking of another client'),
	($$INSERT INTO app.booking_requests VALUES ('school', 1, 'quote', 1)$$, 'done', '"get quotes for appointments and services"'),
	($$INSERT INTO app.booking_requests VALUES ('school', 4, 'quote', 1)$$, 'refused', '"get quotes": not for another client'),
	($$INSERT INTO app.payment_methods VALUES ('school', 600, 1, '5555')$$, 'done', '"add / remove payment methods": add'),
	($$INSERT INTO app.payment_methods VALUES ('school', 600, 4, '5555')$$, 'refused', '"add": not to another''s account'),
	($$DELETE FROM app.payment_methods WHERE id = 1$$, 'done', '"add / remove payment methods": remove'),
	($$DELETE FROM app.payment_methods WHERE id = 4$$, 'refused', '"remove": not another''s'),
	($$INSERT INTO app.cancellations VALUES ('school', 41, 12, 1, true)$$, 'done', '"cancel appointments (lessons)"'),
	($$INSERT INTO app.cancellations VALUES ('school', 42, 12, 2, true)$$, 'done', '"cancel appointments (lessons)", of a dependant'),
	($$INSERT INTO app.cancellations VALUES ('school', 43, 12, 4, true)$$, 'refused', '"cancel appointments": not another''s'),
	($$INSERT INTO app.cancellations VALUES ('school', 41, 12, 1, false)$$, 'refused', 'does not cancel as staff'),
	($$INSERT INTO app.appointments (id, staff_id, client_id, kind) VALUES (600, 12, 1, 'make up')$$, 'done', '"book make ups"'),
	($$INSERT INTO app.appointments (id, staff_id, client_id, kind) VALUES (600, 12, 4, 'make up')$$, 'refused', '"book make ups": not for another client'),
	($$UPDATE app.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 41$$, 'refused', 'does not reschedule'),
	($$UPDATE app.invoices SET amount = 0 WHERE id = 1$$, 'refused', 'views invoices, does not edit them'),
	($$INSERT INTO app.ledger VALUES ('school', 'discount', 1, 10)$$, 'refused', 'gives no discount'),
	($$INSERT INTO app.comments (id, client_id, audience) VALUES (600, 1, 'client')$$, 'refused', 'posts no client comment'),
	($$INSERT INTO app.messages VALUES ('school', 1, 12, 'Hello')$$, 'refused', '"(if enabled) communicate directly with their Teacher": not enabled')
) v (command, expected, words);
SELECT is(seen, expected, 'client: ' || words)
FROM (VALUES
	(t.seen('invoices', 'id'), '1 2 3', '"view their account invoices", their dependants'' among them'),
	(t.seen('credits', 'id'), '1 3', '"view their account ... service credits", not the monetary ones'),
	(t.seen('payment_methods', 'id'), '1', 'sees the own payment methods'),
	(t.seen('appointments', 'id'), '41 42', 'sees the lessons that they may cancel'),
	(t.seen('comments', 'id'), '1 2', 'client comments are "visible by the client him/herself and their account managers"; staff comments "not by clients"'),
	(t.seen('clients', 'id'), '', 'does not see the register of clients'),
	(t.seen('client_contacts', 'client_id'), '', 'sees nobody''s contact data'),
	(t.seen('files', 'id') || t.seen('payroll', 'id') || t.seen('pay_rates', 'staff_id') || t.seen('time_off_requests', 'id') || t.seen('revenue', 'month') || t.seen('staff_contacts', 'staff_id'), '', '"someone who doesn''t work for the business"')
) v (seen, expected, words);
SELECT ambit.assume('school', 'cora');
SELECT is(t.seen('comments', 'id'), '4', 'client: another client sees the own comments only');
SELECT is(t.seen('invoices', 'id'), '4', 'client: another client sees the own invoices only');

-- (if enabled)
RESET ROLE;
SELECT ambit.set_feature('school', 'client_teacher_communication', true);
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'carl');
SELECT is(t.outcome($$INSERT INTO app.messages VALUES ('school', 1, 12, 'Hello')$$), 'done', 'client: "(if enabled) communicate directly with their Teacher": enabled');
SELECT is(t.outcome($$INSERT INTO app.messages VALUES ('school', 4, 12, 'Hello')$$), 'refused', 'client: communicates in nobody else''s name');
RESET ROLE;
SELECT ambit.set_feature('school', 'client_teacher_communication', false);
SET ROLE regress_app_school;
SELECT is(t.outcome($$INSERT INTO app.messages VALUES ('school', 1, 12, 'Hello')$$), 'refused', 'client: "(if enabled)": disabled again');

-- "Every Staff is also a Client"
SELECT ambit.assume('school', 'lena');
SELECT is(t.seen('invoices', 'id'), '101', 'limited staff: "Every Staff is also a Client ... and has a client profile": own invoices');
SELECT is(t.outcome($$INSERT INTO app.cancellations VALUES ('school', 44, 12, 101, true)$$), 'done', 'limited staff: "e.g taking lessons": cancel the lesson that they take');
SELECT is(t.outcome($$INSERT INTO app.booking_requests VALUES ('school', 101, 'booking', 1)$$), 'done', 'limited staff: "Every Staff is also a Client": self-book');
SELECT ambit.assume('school', 'olga');
SELECT is(t.outcome($$INSERT INTO app.payment_methods VALUES ('school', 600, 105, '5555')$$), 'done', 'owner: "Every Staff is also a Client": own payment methods');
SELECT is(t.outcome($$INSERT INTO app.payment_methods VALUES ('school', 600, 1, '5555')$$), 'refused', 'owner: not a client''s');

/* ---- limited staff --------------------------------------------------------------------------------- */

SELECT ambit.assume('school', 'lena');
SELECT is(EXISTS (SELECT FROM app.clients WHERE id = client), expected, 'limited staff: "client they have provided a service for in the last 15 days, or within the next 15 days": ' || words)
FROM (VALUES (21, true, '14 days ago'), (22, true, 'in 14 days'), (23, true, 'exactly 15 days ago'), (24, true, 'in exactly 15 days'),
	(25, false, 'not 16 days ago'), (26, false, 'not in 16 days'), (27, false, 'not served by another'), (28, false, 'not served by anybody'),
	(29, false, 'not 15 days and a microsecond ago'), (30, false, 'not in 15 days and a microsecond'), (31, true, '16 days ago and in 14 days'),
	(101, false, 'not the own profile'), (901, false, 'not by one of the same id in another tenant')) v (client, expected, words);
SELECT is(t.seen('clients', 'id'), '21 22 23 24 31', 'limited staff: "can only view and interact with their own clients": these, and nobody else');
SELECT set_eq($$SELECT ambit.visible_clients(NULL::bigint)$$, '{21,22,23,24,31}'::bigint[], 'limited staff: visible_clients() are the same');
SELECT set_eq($$SELECT ambit.visible_clients()$$, '{21,22,23,24,31}'::text[], 'limited staff: visible_clients() as text are the same');
SELECT results_eq($$SELECT name, age, guardian_id IS NOT NULL FROM app.clients WHERE id = 22$$, $$VALUES ('in 14 days', 10, false)$$,
	'limited staff: "except their name and age, or if they are a dependent"');
SELECT is(t.outcome(command), expected, 'limited staff: ' || words)
FROM (VALUES
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 22, 11, 'client')$$, 'done', '"Post client comments for their own clients/students"'),
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 27, 11, 'client')$$, 'refused', '"Post client comments": not for another''s client'),
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 25, 11, 'client')$$, 'refused', '"Post client comments": not for a client of 16 days ago'),
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 22, 11, 'staff')$$, 'refused', 'posts no staff comment'),
	($$INSERT INTO app.time_off_requests (id, staff_id) VALUES (600, 11)$$, 'done', '"Submit time-off requests for themselves"'),
	($$INSERT INTO app.time_off_requests (id, staff_id) VALUES (600, 12)$$, 'refused', '"for themselves": not for another'),
	($$INSERT INTO app.time_off_requests (id, staff_id, status) VALUES (600, 11, 'approved')$$, 'refused', 'submits a request, not an approval'),
	($$UPDATE app.time_off_requests SET status = 'approved' WHERE id = 1$$, 'refused', '"see the status": and do not set it'),
	($$INSERT INTO app.files (id, staff_id) VALUES (600, 11)$$, 'done', '"Upload files to their own files library"'),
	($$INSERT INTO app.files (id, staff_id) VALUES (600, 12)$$, 'refused', '"their own files library": not another''s'),
	($$INSERT INTO app.file_shares VALUES ('school', 11, 22)$$, 'done', '"share them with their own clients/students"'),
	($$INSERT INTO app.file_shares VALUES ('school', 11, 27)$$, 'refused', '"share them with their own clients": not with another''s client'),
	($$INSERT INTO app.file_shares VALUES ('school', 12, 22)$$, 'refused', '"share them": not another''s file'),
	($$INSERT INTO app.enrollments VALUES ('school', 1, 'performing event', 22)$$, 'done', '"Enroll their own students to performing events"'),
	($$INSERT INTO app.enrollments VALUES ('school', 1, 'performing event', 27)$$, 'refused', '"Enroll their own students": not another''s'),
	($$INSERT INTO app.enrollments VALUES ('school', 2, 'session', 22)$$, 'refused', 'does not enroll in sessions'),
	($$UPDATE app.client_contacts SET phone = '0' WHERE client_id = 22$$, 'refused', 'does not edit personal information'),
	($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true)$$, 'refused', '"cannot, by default, take attendance"'),
	($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true, true)$$, 'refused', '"cannot, by default, take attendance", as a batch'),
	($$INSERT INTO app.cancellations VALUES ('school', 22, 11, 22, false)$$, 'refused', '"cannot, by default, ... cancel their own appointments / services"'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 11, 22)$$, 'refused', 'books no appointment'),
	($$UPDATE app.appointments SET starts_at = starts_at + interval '1 hour' WHERE id = 22$$, 'refused', 'reschedules no appointment'),
	($$DELETE FROM app.appointments WHERE id = 22$$, 'refused', 'deletes no appointment'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 101$$, 'refused', 'voids no invoice, the own included'),
	($$INSERT INTO app.staff VALUES ('school', 18, 'Nina')$$, 'refused', 'creates no staff')
) v (command, expected, words);
SELECT is(seen, expected, 'limited staff: ' || words)
FROM (VALUES
	(t.seen('time_off_requests', 'id'), '1', '"see the status of the time-off requests": their own'),
	(t.seen('payroll', 'staff_id'), '11', '"See their own payroll"'),
	(t.seen('files', 'id'), '11', '"their own files library, download"'),
	(t.seen('appointments', 'id'), '22 24 26 30 32 44', '"View their upcoming sessions / appointments": and the lesson that they take themselves; not those that are over, not another''s'),
	(t.seen('comments', 'id'), '', 'staff comments are "not [visible] by ... limited Staff"; of client comments the document says that they post them'),
	(t.seen('client_contacts', 'client_id'), '', '"do not have access to clients'' personal information"'),
	(t.seen('account_managers', 'client_id'), '', '"nor do they have access to the account managers'' personal information"'),
	(t.seen('pay_rates', 'staff_id') || t.seen('staff_contacts', 'staff_id') || t.seen('subscriptions', 'id') || t.seen('revenue', 'month'), '', 'sees neither pay rates nor contact data of staff, subscriptions or revenue')
) v (seen, expected, words);
SELECT is(t.held('{client_comments.post,time_off_requests.submit,time_off_requests.view,payroll.view,files.upload,files.view,files.download,files.share,appointments.view,performing_events.enroll,clients.view}'), '{t}', 'limited staff: holds what the document lists');
SELECT is(t.held('{attendance.take,attendance.batch_take,appointments.cancel,clients.personal_information.view,clients.personal_information.edit,account_managers.personal_information.view,staff_comments.view,staff_comments.post,clients.schedules.view,monetary_credits.view,calendar.batch_update,reports.overdue_invoices.view}'), '{f}', 'limited staff: and not the rest');

-- another limited staff member, another set of clients
SELECT ambit.assume('school', 'mario');
SELECT is(t.seen('clients', 'id'), '1 2 4 27 101', 'limited staff: another one sees other clients; a cancelled appointment (28) is no service');

-- the same user in the other tenant is its owner, and no more than that
SELECT ambit.assume('rival', 'lena');
SELECT is(t.seen('clients', 'id'), '901', 'owner of another tenant: sees the clients there, none of this school');

-- "However, you can customize individual limited staff's permissions"
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'attendance.take', true)$$, 'limited staff: "you can customize individual limited staff''s permissions": attendance');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'lena');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true)$$), 'done', 'limited staff, customized: takes attendance');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 27, 12, 27, true)$$), 'refused', 'limited staff, customized: not of another''s appointments');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true, true)$$), 'refused', 'limited staff, customized: not as a batch');
SELECT is(t.outcome($$INSERT INTO app.cancellations VALUES ('school', 22, 11, 22, false)$$), 'refused', 'limited staff, customized: still does not cancel');
SELECT ambit.assume('school', 'mario');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 27, 12, 27, true)$$), 'refused', 'limited staff: "individual": the other one still does not take attendance');
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'appointments.cancel', true)$$, 'limited staff: "you can customize individual limited staff''s permissions": cancel');
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'attendance.take', NULL)$$, 'limited staff: attendance back to the default');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'lena');
SELECT is(t.outcome($$INSERT INTO app.cancellations VALUES ('school', 22, 11, 22, false)$$), 'done', 'limited staff, customized: "cancel their own appointments / services"');
SELECT is(t.outcome($$INSERT INTO app.cancellations VALUES ('school', 43, 12, 4, false)$$), 'refused', 'limited staff, customized: "their own": not another''s');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true)$$), 'refused', 'limited staff: back to the default, takes no attendance');
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'appointments.cancel', NULL)$$, 'limited staff: cancel back to the default');
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'clients.personal_information.view', true)$$, 'limited staff: "you can customize": personal information');
SELECT lives_ok($$SELECT ambit.set_member_permission('school', 'lena', 'appointments.view', false)$$, 'limited staff: "you can customize": something taken away');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'lena');
SELECT is(t.seen('client_contacts', 'client_id'), '21 22 23 24 31', 'limited staff, customized: personal information of their own clients');
SELECT is(t.seen('appointments', 'id'), '44', 'limited staff, customized: without their appointments as staff');
RESET ROLE;
SELECT ambit.set_member_permission('school', 'lena', 'clients.personal_information.view', NULL);
SELECT ambit.set_member_permission('school', 'lena', 'appointments.view', NULL);

-- and for all limited staff of the tenant
SELECT lives_ok($$SELECT ambit.set_role_permission('school', 'limited_staff', 'attendance.take', true)$$, 'limited staff: "by default": the school changes the default');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'mario');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 27, 12, 27, true)$$), 'done', 'limited staff: the default changed, takes attendance');
SELECT is(t.outcome($$INSERT INTO app.attendance VALUES ('school', 21, 11, 21, true)$$), 'refused', 'limited staff: of the own appointments only');
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_role_permission('school', 'limited_staff', 'attendance.take', false)$$, 'limited staff: the default as it was');

/* ---- staff ------------------------------------------------------------------------------------------- */

SET ROLE regress_app_school;
SELECT ambit.assume('school', 'sam');
SELECT is(seen, expected, 'staff: ' || words)
FROM (VALUES
	(t.seen('clients', 'id'), '1 2 3 4 21 22 23 24 25 26 27 28 29 30 31 101 102 103 104 105 106 107', '"Access ... clients'' private information": every client of the school'),
	(t.seen('client_contacts', 'client_id'), '1 2 3 4 21 22 23 24 25 26 27 28 29 30 31 101 102 103 104 105 106 107', '"such as name, phone numbers, email address, etc."'),
	(t.seen('account_managers', 'client_id'), '2 3 21', 'an account manager is a client too'),
	(t.seen('invoices', 'id'), '1 2 3 4 21 22 23 24 25 26 27 28 29 30 31 101 102 103 104 105 106 107', '"as well as invoices"'),
	(t.seen('credits', 'id'), '1 2 3 4', '"service, monetary credits"'),
	(t.seen('appointments', 'id'), '21 22 23 24 25 26 27 29 30 31 32 41 42 43 44 50', '"and schedules"'),
	(t.seen('staff_contacts', 'staff_id'), '11 12 13 14 15 16 17', '"View (but not edit) other staff private information"'),
	(t.seen('staff_availability', 'staff_id'), '11 12 13 14 15 16 17', '"appointment availabilities"'),
	(t.seen('locations', 'id'), '1 2', '"change assigned location": sees the locations'),
	(t.seen('subscriptions', 'id'), '1', '"Update active subscription settings": sees them'),
	(t.seen('files', 'id'), '11 12 13 14 15 99', '"View and download all clients and staff files"'),
	(t.seen('comments', 'id'), '1 2 4 21 51 71', '"Post & view staff comments", "View client comments"'),
	(t.seen('time_off_requests', 'id'), '1 3', '"time off requests that are assigned to them", and their own; not those assigned to others'),
	(t.seen('payroll', 'staff_id'), '13', 'in order of increasing permissions: "See their own payroll"'),
	(t.seen('pay_rates', 'staff_id'), '', '"Staff cannot: See or edit limited staff, staff, managers'', or owners'' pay rates"'),
	(t.seen('dashboard', 'metric') || t.seen('revenue', 'month'), '', '"Staff cannot: See financial metrics on the main dashboard"'),
	(t.seen('settings', 'name'), '', '"Staff cannot: Modify business settings"')
) v (seen, expected, words);
SELECT is(t.outcome(command), expected, 'staff: ' || words)
FROM (VALUES
	($$UPDATE app.client_contacts SET phone = '0' WHERE client_id = 1$$, 'done', '"Access and edit clients'' private information"'),
	($$UPDATE app.invoices SET amount = 90 WHERE id = 1$$, 'done', '"edit ... invoices"'),
	($$UPDATE app.credits SET amount = 3 WHERE id = 1$$, 'done', '"edit ... service ... credits"'),
	($$UPDATE app.credits SET amount = 60 WHERE id = 2$$, 'done', '"edit ... monetary credits"'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 11$$, 'refused', '"View (but not edit) other staff private information"'),
	($$UPDATE app.staff_availability SET weekday = 2 WHERE staff_id = 11$$, 'refused', '"View (but not edit) ... appointment availabilities"'),
	($$INSERT INTO app.staff_availability VALUES ('school', 11, 3)$$, 'refused', '"View (but not edit) ... appointment availabilities": adds none'),
	($$INSERT INTO app.enrollments VALUES ('school', 2, 'session', 1)$$, 'done', '"Enroll clients in sessions"'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 11, 4)$$, 'done', '"Book ... appointments"'),
	($$UPDATE app.appointments SET starts_at = starts_at + interval '1 hour' WHERE id = 41$$, 'done', '"reschedule appointments"'),
	($$UPDATE app.appointments SET location_id = 2 WHERE id = 41$$, 'done', '"change assigned location"'),
	($$UPDATE app.appointments SET room = 'B' WHERE id = 41$$, 'done', '"change assigned ... rooms"'),
	($$UPDATE app.appointments SET staff_id = 11 WHERE id = 41$$, 'done', '"change assigned ... staff"'),
	($$INSERT INTO app.cancellations VALUES ('school', 43, 12, 4, false)$$, 'done', '"batch cancel on the main calendar": a single one is the smallest batch'),
	($$INSERT INTO app.attendance VALUES ('school', 27, 12, 27, true)$$, 'done', '"Take attendance individually"'),
	($$INSERT INTO app.attendance VALUES ('school', 27, 12, 27, true, true)$$, 'done', '"or as a batch"'),
	($$UPDATE app.subscriptions SET discount = 5 WHERE id = 1$$, 'done', '"Update active subscription settings, such as discounts"'),
	($$UPDATE app.subscriptions SET status = 'ended' WHERE id = 1$$, 'done', '"end ... subscriptions"'),
	($$UPDATE app.subscriptions SET status = 'on hold' WHERE id = 1$$, 'done', '"put on hold subscriptions"'),
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 1, 13, 'staff')$$, 'done', '"Post & view staff comments"'),
	($$INSERT INTO app.comments (id, client_id, staff_id, audience) VALUES (600, 1, 13, 'client')$$, 'refused', 'in order of increasing permissions: client comments "for their own clients/students", and this is none'),
	($$INSERT INTO app.ledger VALUES ('school', 'payment', 1, 10)$$, 'done', '"Process invoice payments"'),
	($$INSERT INTO app.ledger VALUES ('school', 'refund', 1, 10)$$, 'done', '"refund ... payment transactions"'),
	($$INSERT INTO app.ledger VALUES ('school', 'void', 1, 10)$$, 'done', '"void payment transactions"'),
	($$INSERT INTO app.ledger VALUES ('school', 'discount', 1, 10)$$, 'done', '"apply discounts to ... invoices"'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 1$$, 'done', '"apply discounts to and void invoices"'),
	($$INSERT INTO app.ledger VALUES ('school', 'charge', 1, 10)$$, 'done', '"Process charges to clients"'),
	($$INSERT INTO app.ledger VALUES ('school', 'bribe', 1, 10)$$, 'refused', 'what no rule names is refused'),
	($$UPDATE app.time_off_requests SET status = 'approved' WHERE id = 1$$, 'done', '"Process staff time off requests that are assigned to them"'),
	($$UPDATE app.time_off_requests SET status = 'approved' WHERE id = 2$$, 'refused', '"assigned to them": not those assigned to others'),
	($$UPDATE app.time_off_requests SET status = 'approved' WHERE id = 3$$, 'refused', '"assigned to them": not their own'),
	($$INSERT INTO app.time_off_requests (id, staff_id) VALUES (600, 13)$$, 'done', 'in order of increasing permissions: "Submit time-off requests for themselves"'),
	($$INSERT INTO app.time_off_requests (id, staff_id) VALUES (600, 11)$$, 'refused', 'submits none on behalf of others'),
	($$INSERT INTO app.files (id, staff_id) VALUES (600, 13)$$, 'done', 'in order of increasing permissions: "Upload files to their own files library"'),
	($$INSERT INTO app.file_shares VALUES ('school', 13, 1)$$, 'refused', '"share them with their own clients": and this is none'),
	($$INSERT INTO app.staff VALUES ('school', 18, 'Nina')$$, 'refused', '"Staff cannot: Create limited staff, staff, managers or owners"'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 11$$, 'refused', '"Staff cannot: ... edit limited staff ... pay rates"'),
	($$INSERT INTO app.pay_rates VALUES ('school', 18, 30)$$, 'refused', '"Staff cannot: ... edit ... pay rates": sets none'),
	($$INSERT INTO app.services VALUES ('school', 600, 'Harp')$$, 'refused', '"Staff cannot: Create ... services settings"'),
	($$UPDATE app.services SET name = 'Harp' WHERE id = 1$$, 'refused', '"Staff cannot: ... modify services settings"'),
	($$INSERT INTO app.events VALUES ('school', 600, 'performing event', 'Gala')$$, 'refused', '"Staff cannot: Plan events or sessions": events'),
	($$INSERT INTO app.events VALUES ('school', 600, 'session', 'Choir')$$, 'refused', '"Staff cannot: Plan events or sessions": sessions'),
	($$UPDATE app.settings SET value = '' WHERE name = 'opening hours'$$, 'refused', '"Staff cannot: Modify business settings"'),
	($$INSERT INTO app.self_booking_links VALUES ('school', 'https://...')$$, 'refused', '"Staff cannot: ... (e.g creating self-booking links)"'),
	($$INSERT INTO app.payroll VALUES ('school', 600, 11, 1)$$, 'refused', 'runs no payroll'),
	($$UPDATE app.appointments SET status = 'booked' WHERE id = 50$$, 'refused', 'takes no canceled appointment back'),
	($$DELETE FROM app.appointments WHERE id = 41$$, 'refused', 'deletes no appointment')
) v (command, expected, words);
SELECT is(t.held('{calendar.batch_update,calendar.batch_cancel}'), '{t}', 'staff: "Bach update and batch cancel on the main calendar"');
SELECT is(t.held('{calendar.batch_email_clients}'), '{t}', 'staff: "Batch email clients on the main calendar"');
SELECT is(t.held('{reports.overdue_invoices.view}'), '{t}', 'staff: "See overdue invoices reporting"');
SELECT is(t.held('{clients.schedules.view,clients.schedules.edit}'), '{t}', 'staff: "Access and edit clients'' ... schedules"');
SELECT is(t.held('{staff.create,staff.personal_information.edit,pay_rates.view,pay_rates.edit,services.create,services.modify,events.plan,sessions.plan,dashboard.financial_metrics.view,business_settings.modify,business_settings.self_booking_links.create}'), '{f}', 'staff: holds nothing of what "Staff cannot"');
RESET ROLE;
SELECT throws_ok($$SELECT ambit.set_role_permission('school', 'staff', 'pay_rates.view', true)$$, '55000', NULL, 'staff: "Staff cannot: See ... pay rates": the school cannot change it');
SELECT throws_ok($$SELECT ambit.set_member_permission('school', 'sam', 'pay_rates.view', true)$$, '55000', NULL, 'staff: "Staff cannot: See ... pay rates": not for one of them either');
SELECT throws_ok($$SELECT ambit.set_role_permission('school', 'limited_staff', 'staff_comments.view', true)$$, '55000', NULL, 'limited staff: staff comments "not by clients and limited Staff": the school cannot change it');

/* ---- managers ------------------------------------------------------------------------------------------ */

SET ROLE regress_app_school;
SELECT ambit.assume('school', 'mia');
SELECT is(seen, expected, 'manager: ' || words)
FROM (VALUES
	(t.seen('clients', 'id'), '1 2 3 4 21 22 23 24 25 26 27 28 29 30 31 101 102 103 104 105 106 107', 'in order of increasing permissions: every client'),
	(t.seen('comments', 'id'), '1 2 4 21 51 71', '"staff, managers and owners can also view client comments"; "staff comments are visible by all staff, managers and owners"'),
	(t.seen('time_off_requests', 'id'), '1 2 3', '"Approve and update time-off requests": all of them'),
	(t.seen('payroll', 'staff_id'), '14', '"Run payroll (configurable per manager)": not configured'),
	(t.seen('pay_rates', 'staff_id'), '', '"See ... limited staff pay rates (configurable per manager)": not configured'),
	(t.seen('revenue', 'month') || t.seen('dashboard', 'metric'), '', '"Managers cannot view financial information like revenue"'),
	(t.seen('settings', 'name'), '', '"Managers cannot ... modify certain business settings"')
) v (seen, expected, words);
SELECT is(t.outcome(command), expected, 'manager: ' || words)
FROM (VALUES
	($$INSERT INTO app.staff VALUES ('school', 18, 'Nina')$$, 'done', '"Create limited staff and staff"'),
	($$INSERT INTO app.staff VALUES ('school', 19, 'Otto')$$, 'refused', '"Create limited staff and staff": no manager'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 11$$, 'done', '"and modify their personal information": limited staff'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 13$$, 'done', '"and modify their personal information": staff'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 17$$, 'refused', '"and modify their personal information": no manager''s'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 15$$, 'refused', '"and modify their personal information": not the owner''s'),
	($$UPDATE app.staff_contacts SET staff_id = 19 WHERE staff_id = 11$$, 'refused', '"and modify their personal information": nor made a manager''s'),
	($$INSERT INTO app.payroll VALUES ('school', 600, 11, 1)$$, 'refused', '"Run payroll (configurable per manager)": not configured'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 11$$, 'refused', '"set limited staff pay rates (configurable per manager)": not configured'),
	($$INSERT INTO app.staff_availability VALUES ('school', 11, 3)$$, 'done', '"Manage staff availability": add'),
	($$UPDATE app.staff_availability SET weekday = 2 WHERE staff_id = 13$$, 'done', '"Manage staff availability": change'),
	($$DELETE FROM app.staff_availability WHERE staff_id = 11$$, 'done', '"Manage staff availability": remove'),
	($$UPDATE app.time_off_requests SET status = 'approved' WHERE id = 2$$, 'done', '"Approve ... time-off requests"'),
	($$UPDATE app.time_off_requests SET assignee_id = 13 WHERE id = 2$$, 'done', '"update time-off requests"'),
	($$INSERT INTO app.time_off_requests (id, staff_id) VALUES (600, 11)$$, 'done', '"Create time-off requests on behalf of others"'),
	($$UPDATE app.appointments SET status = 'booked' WHERE id = 50$$, 'done', '"Override appointment / session status (E.g. take a canceled appointment and make it active again)"'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 11, 4)$$, 'done', 'in order of increasing permissions: "Book ... appointments"'),
	($$UPDATE app.invoices SET status = 'void' WHERE id = 1$$, 'done', 'in order of increasing permissions: "void invoices"'),
	($$INSERT INTO app.services VALUES ('school', 600, 'Harp')$$, 'refused', '"Managers cannot ... create new services"'),
	($$UPDATE app.services SET name = 'Harp' WHERE id = 1$$, 'refused', '"Only owners can ... modify ... services"'),
	($$UPDATE app.settings SET value = '' WHERE name = 'legal name'$$, 'refused', '"Managers cannot ... modify certain business settings on your opus1.io"'),
	($$INSERT INTO app.locations VALUES ('school', 600, 'Hill')$$, 'refused', '"Only owners can ... create ... locations"'),
	($$DELETE FROM app.appointments WHERE id = 41$$, 'refused', '"Only owners can ... delete ... appointments"')
) v (command, expected, words);
SELECT is(ambit.permission_targets('staff.create'), '{limited_staff,staff}', 'manager: "Create limited staff and staff"');
SELECT is(ambit.has_permission('staff.personal_information.edit', who), expected, 'manager: "modify their personal information": ' || who)
FROM (VALUES ('lena', true), ('sam', true), ('max', false), ('olga', false), ('nobody', false)) v (who, expected);

-- "configurable per manager"
RESET ROLE;
SELECT lives_ok(format('SELECT ambit.set_member_permission(%L, %L, %L, true)', 'school', 'mia', p), 'manager: "configurable per manager": ' || p)
FROM unnest('{payroll.run,pay_rates.view,pay_rates.edit}'::text[]) p;
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'mia');
SELECT is(t.outcome(command), expected, 'manager, configured: ' || words)
FROM (VALUES
	($$INSERT INTO app.payroll VALUES ('school', 600, 11, 1)$$, 'done', '"Run payroll"'),
	($$INSERT INTO app.payroll VALUES ('school', 600, 17, 1)$$, 'done', '"Run payroll", of everybody'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 11$$, 'done', '"set limited staff pay rates"'),
	($$INSERT INTO app.pay_rates VALUES ('school', 18, 30)$$, 'done', '"set limited staff pay rates", of a new one'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 13$$, 'refused', '"limited staff pay rates": not staff''s'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 14$$, 'refused', '"limited staff pay rates": not her own'),
	($$UPDATE app.pay_rates SET rate = 30 WHERE staff_id = 15$$, 'refused', '"limited staff pay rates": not the owner''s'),
	($$UPDATE app.pay_rates SET staff_id = 19 WHERE staff_id = 11$$, 'refused', '"limited staff pay rates": nor made a manager''s'),
	($$INSERT INTO app.pay_rates VALUES ('school', 19, 30)$$, 'refused', '"limited staff pay rates": not a manager''s')
) v (command, expected, words);
SELECT is(t.seen('pay_rates', 'staff_id'), '11 12', 'manager, configured: "See ... limited staff pay rates", and nobody else''s');
SELECT is(t.seen('payroll', 'staff_id'), '11 12 13 14 15 16 17', 'manager, configured: who runs payroll sees it');
SELECT is(ambit.permission_targets('pay_rates.view'), '{limited_staff}', 'manager, configured: towards limited staff');
SELECT is(ambit.has_permission('pay_rates.edit', who), expected, 'manager, configured: "limited staff pay rates": ' || who)
FROM (VALUES ('lena', true), ('sam', false), ('mia', false), ('olga', false)) v (who, expected);
SELECT ambit.assume('school', 'max');
SELECT is(t.held('{payroll.run,pay_rates.view,pay_rates.edit}'), '{f}', 'manager: "configurable per manager": the other one is not configured');
SELECT is(t.seen('pay_rates', 'staff_id'), '', 'manager: "configurable per manager": the other one sees no pay rate');

-- "share them with their own clients/students", "in order of increasing permissions"
RESET ROLE;
INSERT INTO app.appointments (id, staff_id, client_id, starts_at) VALUES (60, 13, 4, now() + interval '1 day'), (61, 14, 4, now() + interval '1 day');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'sam');
SELECT is(t.outcome(format('INSERT INTO app.file_shares VALUES (%L, %s, %s)', 'school', file, client)), expected, 'staff: ' || words)
FROM (VALUES (13, 4, 'done', '"share them with their own clients/students"'), (13, 1, 'refused', '"share them with their own clients": not with another''s'),
	(12, 4, 'refused', '"their own files library": no file that they only see'), (99, 4, 'refused', '"their own files library": nor one of another client')) v (file, client, expected, words);
SELECT ambit.assume('school', 'mia');
SELECT is(t.outcome(format('INSERT INTO app.file_shares VALUES (%L, %s, %s)', 'school', file, client)), expected, 'manager: ' || words)
FROM (VALUES (14, 4, 'done', '"share them with their own clients/students"'), (14, 1, 'refused', '"share them with their own clients": not with another''s'),
	(13, 4, 'refused', '"their own files library": no file that they only see'), (99, 4, 'refused', '"their own files library": nor one of another client')) v (file, client, expected, words);
RESET ROLE;
DELETE FROM app.appointments WHERE id IN (60, 61);

-- a limited staff member who becomes staff is out of a manager's reach, at once
RESET ROLE;
SELECT ambit.change_role('school', 'mario', 'limited_staff', 'staff');
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'mia');
SELECT is(t.seen('pay_rates', 'staff_id'), '11', 'manager, configured: "limited staff pay rates": one who has become staff is out of reach');
RESET ROLE;
SELECT ambit.change_role('school', 'mario', 'staff', 'limited_staff');
SELECT ambit.set_member_permission('school', 'mia', p::ambit.permission, NULL) FROM unnest('{payroll.run,pay_rates.view,pay_rates.edit}'::text[]) p;
SET ROLE regress_app_school;
SELECT ambit.assume('school', 'mia');
SELECT is(t.held('{payroll.run,pay_rates.view,pay_rates.edit}'), '{f}', 'manager: "configurable per manager": switched off again');

/* ---- owners --------------------------------------------------------------------------------------------- */

SELECT ambit.assume('school', 'olga');
SELECT is(seen, expected, 'owner: ' || words)
FROM (VALUES
	(t.seen('revenue', 'month'), '2024-01-01', '"Only owners can view financial information"'),
	(t.seen('dashboard', 'metric'), 'revenue per client', 'sees "financial metrics on the main dashboard"'),
	(t.seen('settings', 'name'), 'legal name opening hours', '"modify certain business settings": sees all'),
	(t.seen('pay_rates', 'staff_id'), '11 12 13 14 15 16 17', '"it the most permissive role": all pay rates'),
	(t.seen('payroll', 'staff_id'), '11 12 13 14 15 16 17', '"it the most permissive role": all payroll'),
	(t.seen('comments', 'id'), '1 2 4 21 51 71', '"staff, managers and owners can also view client comments"; "staff comments are visible by all staff, managers and owners"'),
	(t.seen('time_off_requests', 'id'), '1 2 3', '"it the most permissive role": all time-off requests'),
	(t.seen('files', 'id'), '11 12 13 14 15 99', '"it the most permissive role": all files'),
	(t.seen('clients', 'id'), '1 2 3 4 21 22 23 24 25 26 27 28 29 30 31 101 102 103 104 105 106 107', '"reserved for business owners": every client of this business, none of another')
) v (seen, expected, words);
SELECT is(t.outcome(command), expected, 'owner: ' || words)
FROM (VALUES
	($$INSERT INTO app.services VALUES ('school', 600, 'Harp')$$, 'done', '"create ... services"'),
	($$UPDATE app.services SET name = 'Harp' WHERE id = 1$$, 'done', '"modify ... services"'),
	($$DELETE FROM app.services WHERE id = 1$$, 'done', '"delete services"'),
	($$INSERT INTO app.appointments (id, staff_id, client_id) VALUES (600, 11, 4)$$, 'done', '"create ... appointments"'),
	($$UPDATE app.appointments SET room = 'B' WHERE id = 41$$, 'done', '"modify ... appointments"'),
	($$DELETE FROM app.appointments WHERE id = 41$$, 'done', '"delete ... appointments"'),
	($$INSERT INTO app.locations VALUES ('school', 600, 'Hill')$$, 'done', '"create ... locations"'),
	($$UPDATE app.locations SET name = 'Hill' WHERE id = 1$$, 'done', '"modify ... locations"'),
	($$DELETE FROM app.locations WHERE id = 1$$, 'done', '"delete ... locations"'),
	($$UPDATE app.settings SET value = '' WHERE name = 'legal name'$$, 'done', '"modify certain business settings on your opus1.io account"'),
	($$INSERT INTO app.self_booking_links VALUES ('school', 'https://...')$$, 'done', '"creating self-booking links"'),
	($$INSERT INTO app.staff VALUES ('school', 19, 'Otto')$$, 'done', 'creates managers too'),
	($$UPDATE app.staff_contacts SET phone = '0' WHERE staff_id = 17$$, 'done', 'modifies a manager''s information'),
	($$UPDATE app.pay_rates SET rate = 50 WHERE staff_id = 14$$, 'done', 'sets a manager''s pay rate'),
	($$INSERT INTO app.payroll VALUES ('school', 600, 11, 1)$$, 'done', 'runs payroll'),
	($$INSERT INTO app.file_shares VALUES ('school', 15, 4)$$, 'done', '"share them": with any client'),
	($$INSERT INTO app.file_shares VALUES ('school', 11, 21)$$, 'refused', '"their own files library": no file of somebody else'),
	($$INSERT INTO app.file_shares VALUES ('school', 99, 4)$$, 'refused', '"their own files library": nor one of a client'),
	($$INSERT INTO app.events VALUES ('school', 600, 'session', 'Choir')$$, 'done', 'plans sessions'),
	($$INSERT INTO app.services VALUES ('rival', 600, 'Harp')$$, 'refused', 'not in another tenant'),
	($$UPDATE app.services SET tenant = 'rival' WHERE id = 1$$, 'refused', 'moves nothing to another tenant'),
	($$DELETE FROM app.services WHERE id = 2$$, 'refused', 'deletes nothing of another tenant')
) v (command, expected, words);
SELECT is(ambit.permission_targets('staff.create'), NULL, 'owner: creates anybody');

/* ---- nothing is left ----------------------------------------------------------------------------------------- */

SELECT ambit.logout();
SELECT is(t.seen('clients', 'id') || t.seen('services', 'id'), '', 'after logout(): nobody again');
SELECT is(ambit.has_permission('self_booking.browse'), false, 'after logout(): has_permission() is false');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
