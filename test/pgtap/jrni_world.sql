/*
 * jrni_world.sql
 *		Every sentence of the jrni document that concerns rows, writes, columns and
 *		fields, in the world of test/worlds/jrni.sql, by its application's role:
 *		what it allows and what it denies.
 *
 * A test's description begins with the role and quotes the document.  A write
 * is tried and undone (t.run): 1 is a row written; 0 is a row that the statement
 * does not find; 42501 is refused.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;

BEGIN;

\ir ../worlds/jrni.sql
\o /dev/null
\ir include/rows.sql
\ir include/world.sql

-- what is tried in every role; filled below
CREATE TEMP TABLE attempt (n serial, words text, command text, call_center text, "user" text, user_plus text, manager text, administrator text, owner text);
CREATE TEMP TABLE sight (n serial, words text, query text, call_center text, "user" text, user_plus text, manager text, administrator text, owner text);
GRANT SELECT ON attempt, sight TO jrni_app;
\o

SELECT no_plan();

/* ---- nobody, visitors, and a member without a role --------------------------------- */

CREATE TEMP VIEW tables AS
	SELECT c.oid::regclass AS relation FROM pg_class c WHERE c.relnamespace = 'jrni'::regnamespace AND c.relkind = 'r' AND c.relname <> 'bookings'
	UNION ALL SELECT 'jrni.bookings_masked'::regclass;
GRANT SELECT ON tables TO jrni_app;
SET ROLE jrni_app;
SELECT is(t.sees('SELECT tenant FROM ' || relation), '', 'without an identity: no row of ' || relation) FROM tables;
SELECT is(t.run('DELETE FROM jrni.bookings'), '42501', 'without an identity: nothing is deleted');
SELECT ambit.assume('acme', NULL);
SELECT is(t.sees('SELECT tenant FROM ' || relation), '', 'a visitor: no row of ' || relation) FROM tables;
SELECT ambit.assume('acme', 'nemo');
SELECT is(t.sees('SELECT tenant FROM ' || relation), '', 'a member without a role: no row of ' || relation) FROM tables;
SELECT is(t.run($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 21)$$), '42501', 'a member without a role: makes no booking');

/* ---- each role, at the parent company -------------------------------------------------- */

RESET ROLE;
INSERT INTO sight (words, query, call_center, "user", user_plus, manager, administrator, owner) VALUES
	('"Customers (create and view)", "Customer management"', 'SELECT id FROM jrni.customers', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5'),
	('"Booking management", "search ... bookings"', 'SELECT id FROM jrni.bookings', '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51', '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51',
		'11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51', '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51', '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51', '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51'),
	('the tab "Calendar"', 'SELECT count(*) FROM jrni.calendar', '0', '16', '16', '16', '16', '16'),
	('the tab "Agenda"', 'SELECT count(*) FROM jrni.agenda', '0', '13', '13', '13', '13', '13'),
	('the tab "Check in"', 'SELECT id FROM jrni.check_ins', '', '29 39', '29 39', '29 39', '29 39', '29 39'),
	('"Check-in management": who has checked in is a field of the booking', 'SELECT id FROM jrni.bookings_masked WHERE checked_in_at IS NOT NULL', '', '29 39', '29 39', '29 39', '29 39', '29 39'),
	('"Check-in management": not around the view', 'SELECT id FROM jrni.bookings WHERE checked_in_at IS NOT NULL', '42501', '42501', '42501', '42501', '42501', '42501'),
	('"Create, edit or delete categories"', 'SELECT id FROM jrni.categories', '', '1 2 3 4 5 60 63', '', '', '1 2 3 4 5 60 63', '1 2 3 4 5 60 63'),
	('"View Services"', 'SELECT id FROM jrni.services', '', '', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5', '1 2 3 4 5'),
	('"View Staff", "*depends on if the user is assigned to a staff member"', 'SELECT id FROM jrni.staff', '', '21', '11 21 22 23 24 25 41 51', '11 21 22 23 24 25 41 51', '11 21 22 23 24 25 41 51', '11 21 22 23 24 25 41 51'),
	('"Create, edit or delete Staff Schedules"', 'SELECT count(*) FROM jrni.schedules', '0', '0', '13', '13', '13', '13'),
	('"Resource management"', 'SELECT id FROM jrni.resources', '', '', '', '', '1 2 3 4 5', '1 2 3 4 5'),
	('"Event management"', 'SELECT id FROM jrni.events', '', '', '', '', '1 2 3 4 5', '1 2 3 4 5'),
	('"Integration management"', 'SELECT id FROM jrni.integrations', '', '', '', '', '', '1 2 3 4 5'),
	('"Business tab (such as company information)"', 'SELECT location FROM jrni.companies', '', '', '', '', '', 'hq leeds london paris soho'),
	('"Basic Settings and Advanced Settings"', 'SELECT id FROM jrni.settings', '', '', '', '', '', '1 2 3 4 5 11 12 13 14 15'),
	('"create and manage new users"', 'SELECT id FROM jrni.users', '', '', '', '', '', '1 2 3 4 5');

INSERT INTO attempt (words, command, call_center, "user", user_plus, manager, administrator, owner) VALUES
	('"Customers (create and view)", "Customer management" (add)', $$INSERT INTO jrni.customers (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '1', '1', '1', '1', '1', '1'),
	('"Customer management" (edit)', $$UPDATE jrni.customers SET phone = '0' WHERE id = 2$$, '1', '1', '1', '1', '1', '1'),
	('"Customer management" (delete)', $$DELETE FROM jrni.customers WHERE id = 4$$, '1', '1', '1', '1', '1', '1'),
	('"Customer management" of one that belongs to the whole tenant', $$UPDATE jrni.customers SET phone = '0' WHERE id = 8$$, '0', '0', '0', '0', '0', '0'),
	('"make ... bookings", "Booking management" (add)', $$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 22)$$, '1', '1', '1', '1', '1', '1'),
	('"Booking management" (add): a cancelled one', $$INSERT INTO jrni.bookings (tenant, location, staff_id, status) VALUES ('acme', 'london', 22, 'cancelled')$$, '1', '1', '1', '1', '1', '1'),
	('"Booking management" (add) at no location', $$INSERT INTO jrni.bookings (tenant, staff_id) VALUES ('acme', 22)$$, '42501', '42501', '42501', '42501', '42501', '42501'),
	('"move ... bookings", "Booking management" (edit)', $$UPDATE jrni.bookings SET starts_at = starts_at + interval '1 hour', staff_id = 22 WHERE id = 21$$, '1', '1', '1', '1', '1', '1'),
	('"move ... bookings across multiple locations"', $$UPDATE jrni.bookings SET location = 'paris' WHERE id = 21$$, '1', '1', '1', '1', '1', '1'),
	('"move ... bookings": to no location', $$UPDATE jrni.bookings SET location = NULL WHERE id = 21$$, '42501', '42501', '42501', '42501', '42501', '42501'),
	('"cancel bookings"', $$UPDATE jrni.bookings SET status = 'cancelled' WHERE id = 21$$, '1', '1', '1', '1', '1', '1'),
	('"Booking management" (edit): books a cancelled one again', $$UPDATE jrni.bookings SET status = 'booked' WHERE id = 28$$, '1', '1', '1', '1', '1', '1'),
	('"Booking management" (edit): everything of it', $$UPDATE jrni.bookings SET customer_id = 3, service_id = 3, resource_id = 3, note = 'x' WHERE id = 21$$, '1', '1', '1', '1', '1', '1'),
	('"Booking management" (delete)', $$DELETE FROM jrni.bookings WHERE id = 21$$, '1', '1', '1', '1', '1', '1'),
	('"Check-in management"', $$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 21$$, '42501', '1', '1', '1', '1', '1'),
	('"Check-in management": taken back', $$UPDATE jrni.bookings SET checked_in_at = NULL WHERE id = 29$$, '42501', '1', '1', '1', '1', '1'),
	('"Check-in management": along with the booking', $$UPDATE jrni.bookings SET note = 'x', checked_in_at = now() WHERE id = 21$$, '42501', '1', '1', '1', '1', '1'),
	('"Check-in management": not while booking', $$INSERT INTO jrni.bookings (tenant, location, staff_id, checked_in_at) VALUES ('acme', 'london', 22, now())$$, '42501', '42501', '42501', '42501', '42501', '42501'),
	('"Check-in management": not while booking a cancelled one', $$INSERT INTO jrni.bookings (tenant, location, staff_id, status, checked_in_at) VALUES ('acme', 'london', 22, 'cancelled', now())$$, '42501', '42501', '42501', '42501', '42501', '42501'),
	('"Create, edit or delete categories": create', $$INSERT INTO jrni.categories (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501', '1', '42501', '42501', '1', '1'),
	('"Create, edit or delete categories": edit', $$UPDATE jrni.categories SET name = 'x' WHERE id = 2$$, '0', '1', '0', '0', '1', '1'),
	('"Create, edit or delete categories": delete', $$DELETE FROM jrni.categories WHERE id = 60$$, '0', '1', '0', '0', '1', '1'),
	('"Create, edit or delete Services": create', $$INSERT INTO jrni.services (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501', '42501', '42501', '42501', '1', '1'),
	('"Edit services"', $$UPDATE jrni.services SET price = 1 WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Create, edit or delete Services": delete', $$DELETE FROM jrni.services WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Create, edit or delete Staff": create', $$INSERT INTO jrni.staff (id, tenant, location, name) VALUES (60, 'acme', 'london', 'x')$$, '42501', '42501', '42501', '42501', '1', '1'),
	('"Create, edit or delete Staff": edit', $$UPDATE jrni.staff SET name = 'x', email = 'x' WHERE id = 21$$, '0', '0', '0', '42501', '1', '1'),
	('"Create, edit or delete Staff": delete', $$DELETE FROM jrni.staff WHERE id = 21$$, '0', '0', '0', '0', '1', '1'),
	('"Edit Staff What & Where settings": what', $$UPDATE jrni.staff SET services = '{1,2}' WHERE id = 21$$, '0', '0', '0', '1', '1', '1'),
	('"Edit Staff What & Where settings": where', $$UPDATE jrni.staff SET places = '{london,paris}' WHERE id = 21$$, '0', '0', '0', '1', '1', '1'),
	('"Edit Staff What & Where settings": and the name with it', $$UPDATE jrni.staff SET places = '{london}', name = 'x' WHERE id = 21$$, '0', '0', '0', '42501', '1', '1'),
	('"Edit Staff What & Where settings": not to another company', $$UPDATE jrni.staff SET location = 'paris' WHERE id = 21$$, '0', '0', '0', '42501', '1', '1'),
	('"Create, edit or delete Staff Schedules": create', $$INSERT INTO jrni.schedules (tenant, location, staff_id) VALUES ('acme', 'london', 21)$$, '42501', '42501', '1', '1', '1', '1'),
	('"Edit schedules"', $$UPDATE jrni.schedules SET hours = 'x' WHERE id = 21$$, '0', '0', '1', '1', '1', '1'),
	('"Create, edit or delete Staff Schedules": delete', $$DELETE FROM jrni.schedules WHERE id = 21$$, '0', '0', '1', '1', '1', '1'),
	('"Resource management" (add)', $$INSERT INTO jrni.resources (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501', '42501', '42501', '42501', '1', '1'),
	('"Resource management" (edit)', $$UPDATE jrni.resources SET name = 'x' WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Resource management" (delete)', $$DELETE FROM jrni.resources WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Event management" (add)', $$INSERT INTO jrni.events (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501', '42501', '42501', '42501', '1', '1'),
	('"Event management" (edit)', $$UPDATE jrni.events SET name = 'x' WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Event management" (delete)', $$DELETE FROM jrni.events WHERE id = 2$$, '0', '0', '0', '0', '1', '1'),
	('"Integration management" (add)', $$INSERT INTO jrni.integrations (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501', '42501', '42501', '42501', '42501', '1'),
	('"Integration management" (edit)', $$UPDATE jrni.integrations SET name = 'x' WHERE id = 2$$, '0', '0', '0', '0', '0', '1'),
	('"Integration management" (delete)', $$DELETE FROM jrni.integrations WHERE id = 2$$, '0', '0', '0', '0', '0', '1'),
	('"Access / edit Business tab (such as company information)"', $$UPDATE jrni.companies SET name = 'x', address = 'x' WHERE tenant = 'acme' AND location = 'london'$$, '0', '0', '0', '0', '0', '1'),
	('"Access / edit Basic Settings"', $$UPDATE jrni.settings SET value = 'x' WHERE id = 2$$, '0', '0', '0', '0', '0', '1'),
	('"Access / edit ... Advanced Settings (includes settings such as ... payments)"', $$UPDATE jrni.settings SET value = 'x' WHERE id = 12$$, '0', '0', '0', '0', '0', '1'),
	('"edit Basic Settings": the value, not which it is', $$UPDATE jrni.settings SET name = 'x' WHERE id = 2$$, '0', '0', '0', '0', '0', '42501'),
	('"edit ... Advanced Settings": the value, not which it is', $$UPDATE jrni.settings SET name = 'x' WHERE id = 12$$, '0', '0', '0', '0', '0', '42501'),
	('"edit Basic Settings": a basic one stays basic', $$UPDATE jrni.settings SET kind = 'advanced' WHERE id = 2$$, '0', '0', '0', '0', '0', '42501'),
	('"Create new users"', $$INSERT INTO jrni.users (tenant, location, name, role) VALUES ('acme', 'london', 'x', 'user')$$, '42501', '42501', '42501', '42501', '42501', '1'),
	('"manage new users": "assign their role type"', $$UPDATE jrni.users SET role = 'owner' WHERE id = 2$$, '0', '0', '0', '0', '0', '1'),
	('"manage new users": the Person and Group dropdowns', $$UPDATE jrni.users SET person = 21, staff_group = 'stylists' WHERE id = 2$$, '0', '0', '0', '0', '0', '1'),
	('nothing goes to another tenant', $$UPDATE jrni.bookings SET tenant = 'rival' WHERE id = 21$$, '42501', '42501', '42501', '42501', '42501', '42501'),
	('nothing of another tenant is changed', $$UPDATE jrni.bookings SET note = 'x' WHERE id = 91$$, '0', '0', '0', '0', '0', '0'),
	('nothing of another tenant is deleted', $$DELETE FROM jrni.customers WHERE id = 9$$, '0', '0', '0', '0', '0', '0'),
	('nothing is written into another tenant', $$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('rival', 'london', 21)$$, '42501', '42501', '42501', '42501', '42501', '42501');

CREATE FUNCTION pg_temp.each_role() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	who	record;
	a	record;
BEGIN
	FOR who IN SELECT * FROM (VALUES ('call_center', 'cal'), ('user', 'anna'), ('user_plus', 'paul'), ('manager', 'max'), ('administrator', 'ada'), ('owner', 'olga')) v (role, user_id) LOOP
		PERFORM ambit.assume('acme', who.user_id);
		FOR a IN SELECT s.words, s.query, to_jsonb(s) ->> who.role AS expected FROM sight s ORDER BY n LOOP
			RETURN NEXT is(t.sees(a.query), a.expected, format('%s: sees: %s: %s', who.role, a.words, a.query));
		END LOOP;
		FOR a IN SELECT s.words, s.command, to_jsonb(s) ->> who.role AS expected FROM attempt s ORDER BY n LOOP
			RETURN NEXT is(t.run(a.command), a.expected, format('%s: %s: %s', who.role, a.words, a.command));
		END LOOP;
	END LOOP;
END
$$;
SET ROLE jrni_app;
SELECT pg_temp.each_role();

/* ---- call center: "Ability to search, make, move, and cancel bookings across multiple locations" ------ */

SELECT ambit.assume('acme', 'cora');
SELECT is(t.sees('SELECT id FROM jrni.bookings'), '11 21 22 23 24 25 26 28 29 31 33 34 39 41 44 51', 'call center, these four only: "search"');
SELECT is(t.run(command), expected, 'call center, these four only: ' || words)
FROM (VALUES
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 22)$$, '1', '"make"'),
	($$UPDATE jrni.bookings SET starts_at = starts_at + interval '1 hour' WHERE id = 21$$, '1', '"move": to another time'),
	($$UPDATE jrni.bookings SET location = 'paris', staff_id = 24, resource_id = 3 WHERE id = 21$$, '1', '"move ... across multiple locations"'),
	($$UPDATE jrni.bookings SET status = 'cancelled' WHERE id = 21$$, '1', '"cancel"'),
	($$UPDATE jrni.bookings SET status = 'cancelled', starts_at = starts_at + interval '1 hour' WHERE id = 21$$, '1', '"move, and cancel": both at once'),
	($$UPDATE jrni.bookings SET status = 'booked' WHERE id = 28$$, '42501', '"cancel": and takes none back'),
	($$UPDATE jrni.bookings SET customer_id = 3 WHERE id = 21$$, '42501', '"move, and cancel": not for another customer'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 21$$, '42501', '"move, and cancel": nothing else'),
	($$UPDATE jrni.bookings SET starts_at = starts_at + interval '1 hour', note = 'x' WHERE id = 21$$, '42501', '"move": and nothing else with it'),
	($$DELETE FROM jrni.bookings WHERE id = 21$$, '0', '"cancel": not delete')) v (command, expected, words);
RESET ROLE;
SELECT is(t.with_and_without('jrni_app', 'acme', 'cora', permission::ambit.permission, command), expected, format('call center, with and without %s: %s', permission, words))
FROM (VALUES
	('bookings.make', $$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 22)$$, '1 / 42501', '"make"'),
	('bookings.move', $$UPDATE jrni.bookings SET starts_at = starts_at + interval '1 hour' WHERE id = 21$$, '1 / 42501', '"move"'),
	('bookings.move', $$UPDATE jrni.bookings SET status = 'cancelled' WHERE id = 21$$, '1 / 1', '"cancel", and not "move"'),
	('bookings.cancel', $$UPDATE jrni.bookings SET status = 'cancelled' WHERE id = 21$$, '1 / 42501', '"cancel"'),
	('bookings.cancel', $$INSERT INTO jrni.bookings (tenant, location, staff_id, status) VALUES ('acme', 'london', 22, 'cancelled')$$, '1 / 42501', '"make", but no cancelled ones'),
	('bookings.search', $$UPDATE jrni.bookings SET starts_at = starts_at + interval '1 hour' WHERE id = 21$$, '1 / 0', '"search": what is not seen is not moved')
) v (permission, command, expected, words);
SELECT is(t.with_and_without('jrni_app', 'acme', who, permission::ambit.permission, command), expected, format('%s, with and without %s: %s', who, permission, command))
FROM (VALUES
	('anna', 'check_ins.manage', $$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 21$$, '1 / 42501'),
	('anna', 'check_ins.view', $$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 21$$, '1 / 1'),
	('anna', 'bookings.manage', $$UPDATE jrni.bookings SET note = 'x' WHERE id = 21$$, '1 / 42501'),
	('anna', 'bookings.manage', $$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 21$$, '1 / 1'),
	('anna', 'categories.edit', $$UPDATE jrni.categories SET name = 'x' WHERE id = 2$$, '1 / 0'),
	('paul', 'staff.schedules.edit', $$UPDATE jrni.schedules SET hours = 'x' WHERE id = 21$$, '1 / 0'),
	('max', 'staff.what_and_where.edit', $$UPDATE jrni.staff SET places = '{london}' WHERE id = 21$$, '1 / 0'),
	('ada', 'staff.what_and_where.edit', $$UPDATE jrni.staff SET places = '{london}' WHERE id = 21$$, '1 / 42501'),
	('ada', 'staff.edit', $$UPDATE jrni.staff SET name = 'x' WHERE id = 21$$, '1 / 42501'),
	('ada', 'services.edit', $$UPDATE jrni.services SET price = 1 WHERE id = 2$$, '1 / 0'),
	('olga', 'settings.basic.edit', $$UPDATE jrni.settings SET value = 'x' WHERE id = 2$$, '1 / 0'),
	('olga', 'settings.basic.edit', $$UPDATE jrni.settings SET value = 'x' WHERE id = 12$$, '1 / 1'),
	('olga', 'settings.advanced.edit', $$UPDATE jrni.settings SET value = 'x' WHERE id = 12$$, '1 / 0'),
	('olga', 'settings.advanced.edit', $$UPDATE jrni.settings SET value = 'x' WHERE id = 2$$, '1 / 1'),
	('olga', 'settings.advanced.view', $$UPDATE jrni.settings SET value = 'x' WHERE id = 12$$, '1 / 0'),
	('olga', 'settings.basic.view', $$UPDATE jrni.settings SET value = 'x' WHERE id = 2$$, '1 / 0'),
	('olga', 'users.create', $$INSERT INTO jrni.users (tenant, location, name, role) VALUES ('acme', 'london', 'x', 'user')$$, '1 / 42501'),
	('olga', 'users.manage', $$UPDATE jrni.users SET role = 'owner' WHERE id = 2$$, '1 / 0'),
	('olga', 'business.edit', $$UPDATE jrni.companies SET address = 'x' WHERE location = 'leeds'$$, '1 / 0')
) v (who, permission, command, expected);
SET ROLE jrni_app;

/* ---- "Customers (create and view)" beside "Customer management" ------------------------------------------ */

RESET ROLE;
SELECT ambit.set_member_permission('acme', 'una', 'customers.manage', false);
SET ROLE jrni_app;
SELECT ambit.assume('acme', 'una');
SELECT is(t.sees('SELECT id FROM jrni.customers'), '1 2 3 4 5', 'user, without customers.manage: "Customers (create and view)": view');
SELECT is(t.sees('SELECT c FROM ambit.visible_clients(NULL::bigint) c'), '1 2 3 4 5', 'user, without customers.manage: visible_clients()');
SELECT is(t.run($$INSERT INTO jrni.customers (tenant, location, name) VALUES ('acme', 'london', 'x')$$), '1', 'user, without customers.manage: "Customers (create and view)": create');
SELECT is(t.run($$UPDATE jrni.customers SET phone = '0' WHERE id = 2$$), '0', 'user, without customers.manage: edits none');
SELECT is(t.run($$DELETE FROM jrni.customers WHERE id = 2$$), '0', 'user, without customers.manage: deletes none');
SELECT ambit.assume('acme', 'cal');
SELECT is(t.sees('SELECT c FROM ambit.visible_clients(NULL::bigint) c'), '', 'call center: visible_clients() is "customers (create and view)", of which it has none');

/* ---- users who are assigned to no staff member --------------------------------------------------------- */

SELECT ambit.assume('acme', 'una');
SELECT is(t.sees('SELECT id FROM jrni.staff'), '', 'user: "View Staff ... *depends on if the user is assigned to a staff member": to none');

/* ---- "Location specific access at Child level" --------------------------------------------------------- */

SELECT ambit.assume('acme', 'wanda');
SELECT is(t.sees('SELECT id FROM jrni.bookings WHERE location IS NULL'), '81', 'an owner of the whole tenant: what belongs to no location');
SELECT is(t.run($$UPDATE jrni.companies SET location = 'oslo' WHERE tenant = 'acme' AND location = 'london'$$), '42501', 'an owner of the whole tenant: "edit Business tab": not which location it is');
SELECT is(t.run($$UPDATE jrni.bookings SET location = 'london' WHERE id = 81$$), '1', 'an owner of the whole tenant: gives it a location');
SELECT is(t.sees('SELECT id FROM jrni.calendar WHERE location IS NULL'), '81', 'an owner of the whole tenant: the calendar as well');
SELECT ambit.assume('acme', 'mia');
SELECT is(t.sees(query), expected, '"an Owner at one location, an Administrator at another and a User at another": ' || query)
FROM (VALUES
	('SELECT location FROM jrni.companies', 'london soho'),
	('SELECT id FROM jrni.settings', '2 5 12 15'),
	('SELECT id FROM jrni.users', '2 5'),
	('SELECT id FROM jrni.services', '2 3 5'),
	('SELECT id FROM jrni.resources', '2 3 5'),
	('SELECT id FROM jrni.categories', '2 3 4 5 60 63'),
	('SELECT id FROM jrni.staff', '21 22 23 24 25 41 51'),
	('SELECT id FROM jrni.bookings', '21 22 23 24 25 26 28 29 31 33 34 39 41 44 51')) v (query, expected);
SELECT is(t.run(command), expected, '"an Owner at one location, an Administrator at another and a User at another": ' || command)
FROM (VALUES
	($$UPDATE jrni.companies SET address = 'x' WHERE tenant = 'acme' AND location = 'soho'$$, '1'),
	($$UPDATE jrni.companies SET address = 'x' WHERE tenant = 'acme' AND location = 'paris'$$, '0'),
	($$INSERT INTO jrni.users (tenant, location, name, role) VALUES ('acme', 'london', 'x', 'user')$$, '1'),
	($$INSERT INTO jrni.users (tenant, location, name, role) VALUES ('acme', 'paris', 'x', 'user')$$, '42501'),
	($$INSERT INTO jrni.users (tenant, location, name, role) VALUES ('acme', 'hq', 'x', 'owner')$$, '42501'),
	($$UPDATE jrni.users SET location = 'hq' WHERE id = 2$$, '42501'),
	($$UPDATE jrni.services SET price = 1 WHERE id = 3$$, '1'),
	($$UPDATE jrni.services SET location = 'london' WHERE id = 3$$, '1'),
	($$UPDATE jrni.services SET location = 'leeds' WHERE id = 3$$, '42501'),
	($$INSERT INTO jrni.services (tenant, location, name) VALUES ('acme', 'leeds', 'x')$$, '42501'),
	($$UPDATE jrni.categories SET name = 'x' WHERE id = 4$$, '1'),
	($$UPDATE jrni.categories SET location = 'hq' WHERE id = 4$$, '42501'),
	($$UPDATE jrni.staff SET places = '{leeds}' WHERE id = 41$$, '0'),
	($$UPDATE jrni.schedules SET hours = 'x' WHERE id = 31$$, '1'),
	($$UPDATE jrni.schedules SET hours = 'x' WHERE id = 41$$, '0'),
	($$UPDATE jrni.bookings SET location = 'leeds' WHERE id = 21$$, '1'),
	($$UPDATE jrni.bookings SET location = 'hq' WHERE id = 21$$, '42501'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id IN (11, 21, 31, 41)$$, '3')) v (command, expected);
SELECT ambit.assume('acme', 'alan');
SELECT is(t.sees('SELECT id FROM jrni.services'), '3', 'an administrator of one child: its services');
SELECT is(t.run($$UPDATE jrni.services SET price = 1 WHERE id = 2$$), '0', 'an administrator of one child: changes none of another''s');
SELECT ambit.assume('acme', 'cleo');
SELECT is(t.sees('SELECT id FROM jrni.bookings'), '21 22 23 24 25 26 28 29 31 33 34 39 51', 'call center of two locations: "search ... bookings across multiple locations"');
SELECT is(t.run(command), expected, 'call center of two locations: "move ... bookings across multiple locations": ' || command)
FROM (VALUES
	($$UPDATE jrni.bookings SET location = 'paris' WHERE id = 21$$, '1'),
	($$UPDATE jrni.bookings SET location = 'leeds' WHERE id = 21$$, '42501'),
	($$UPDATE jrni.bookings SET location = 'hq' WHERE id = 21$$, '42501'),
	($$UPDATE jrni.bookings SET location = 'london' WHERE id = 41$$, '0'),
	($$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 31$$, '42501')) v (command, expected);
-- the same person, call center at two locations and user at one of them
RESET ROLE;
SELECT ambit.assign_role('acme', 'cleo', 'user', 'paris');
SET ROLE jrni_app;
SELECT is(t.sees('SELECT id FROM jrni.check_ins') || '/' || t.sees('SELECT id FROM jrni.calendar'), '39/31 33 34 39', 'call center, and user at paris: calendar and check-ins of paris, not of london');
SELECT is(t.run($$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 31$$), '1', 'call center, and user at paris: checks in at paris');
SELECT is(t.run($$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 21$$), '42501', 'call center, and user at paris: not at london');
SELECT is(t.run($$UPDATE jrni.bookings SET checked_in_at = now(), location = 'paris' WHERE id = 21$$), '42501', 'call center, and user at paris: not by moving it to paris');

/* ---- "Use the Person dropdown to limit the staff member this user has access to" -------------------------- */

SELECT ambit.assume('acme', 'pete');
SELECT is(t.sees('SELECT id FROM jrni.' || r), expected, 'person: "view/manage their own staff calendar and bookings only": ' || r)
FROM (VALUES ('calendar', '23'), ('agenda', '23'), ('bookings', '23'), ('bookings_masked', '23'), ('check_ins', ''), ('staff', '23'), ('schedules', ''), ('customers', ''), ('categories', '')) v (r, expected);
SELECT is(t.run(command), expected, 'person: "view/manage their own staff calendar and bookings only": ' || command)
FROM (VALUES
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 23)$$, '1'),
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 21)$$, '42501'),
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', NULL)$$, '42501'),
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'paris', 23)$$, '42501'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 23$$, '1'),
	($$UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 23$$, '1'),
	($$UPDATE jrni.bookings SET staff_id = 21 WHERE id = 23$$, '42501'),
	($$UPDATE jrni.bookings SET staff_id = 23 WHERE id = 21$$, '0'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 26$$, '0'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 33$$, '0'),
	($$DELETE FROM jrni.bookings WHERE id = 22$$, '0'),
	($$INSERT INTO jrni.customers (tenant, location, name) VALUES ('acme', 'london', 'x')$$, '42501')) v (command, expected);
SELECT ambit.assume('acme', 'pia');
SELECT is(t.sees('SELECT id FROM jrni.schedules') || '/' || t.sees('SELECT id FROM jrni.staff'), '22/22', 'person, user plus: "View Staff ✅ *": herself');
SELECT is(t.run($$UPDATE jrni.schedules SET hours = 'x' WHERE id = 22$$), '1', 'person, user plus: "Edit schedules": her own');
SELECT is(t.run($$UPDATE jrni.schedules SET hours = 'x' WHERE id = 21$$), '0', 'person, user plus: "Edit schedules": nobody else''s');
SELECT is(t.run($$UPDATE jrni.schedules SET staff_id = 21 WHERE id = 22$$), '42501', 'person, user plus: "Edit schedules": hands none to a colleague');

/* ---- "Use the Group dropdown to select any pre-made staff groups they can access" --------------------------- */

SELECT ambit.assume('acme', 'gus');
SELECT is(t.sees('SELECT id FROM jrni.' || r), expected, 'group: "this will only show staff that belong to the same group": ' || r)
FROM (VALUES ('staff', '21 23'), ('calendar', '21 23 29'), ('bookings', '21 23 29'), ('schedules', '21 23'), ('services', ''), ('customers', '')) v (r, expected);
SELECT is(t.run(command), expected, 'group: "staff groups they can access": ' || command)
FROM (VALUES
	($$UPDATE jrni.staff SET places = '{london}' WHERE id = 21$$, '1'),
	($$UPDATE jrni.staff SET places = '{london}' WHERE id = 25$$, '0'),
	($$UPDATE jrni.bookings SET staff_id = 23 WHERE id = 21$$, '1'),
	($$UPDATE jrni.bookings SET staff_id = 25 WHERE id = 21$$, '42501'),
	($$UPDATE jrni.bookings SET staff_id = NULL WHERE id = 21$$, '42501'),
	($$INSERT INTO jrni.bookings (tenant, location, staff_id) VALUES ('acme', 'london', 25)$$, '42501'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 31$$, '0')) v (command, expected);
RESET ROLE;
SELECT ambit.add_to_group('acme', 'stylists', 'sid');
SET ROLE jrni_app;
SELECT is(t.run($$UPDATE jrni.bookings SET staff_id = 25 WHERE id = 21$$), '1', 'group: one who has joined, at the next statement');

/* ---- "Creating users for multi-location staff?" ----------------------------------------------------------------- */

SELECT ambit.assume('acme', 'tom');
SELECT is(t.sees('SELECT id FROM jrni.bookings'), '21 22 23 24 25 26 28 29 31 33 34 39 51', '"multiple (but not all) locations": bookings of the two');
SELECT is(t.run(command), expected, '"multiple (but not all) locations": ' || command)
FROM (VALUES
	($$UPDATE jrni.bookings SET location = 'paris' WHERE id = 24$$, '1'),
	($$UPDATE jrni.bookings SET location = 'leeds' WHERE id = 24$$, '42501'),
	($$UPDATE jrni.bookings SET note = 'x' WHERE id = 44$$, '0')) v (command, expected);

/* ---- the other company --------------------------------------------------------------------------------------------- */

SELECT ambit.assume('rival', 'rita');
SELECT is(t.sees('SELECT DISTINCT tenant FROM ' || relation), 'rival', 'an owner of another company sees its rows only of ' || relation) FROM tables;
SELECT is(t.run($$UPDATE jrni.companies SET address = 'x' WHERE location = 'london'$$), '1', 'an owner of another company changes its own "london" only');
SELECT ambit.assume('rival', 'cal');
SELECT is(t.sees('SELECT id FROM jrni.bookings'), '91', 'a call center of another company, of the same name');
SELECT ambit.logout();
SELECT is(t.sees('SELECT id FROM jrni.calendar'), '', 'after logout(): nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
