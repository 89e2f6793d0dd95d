/*
 * opus1_world.sql
 *		Every sentence of the opus1 document that concerns rows, writes, columns,
 *		fields, audiences and approvals, in the world of test/worlds/opus1.sql, by
 *		its application's role: what it allows and what it denies.
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

\ir ../worlds/opus1.sql
\o /dev/null
\ir include/rows.sql
\ir include/world.sql
\o

SELECT no_plan();

/* ---- nobody, and a member without a role ------------------------------------------ */

SET ROLE opus1_app;
SELECT is(t.sees('SELECT id FROM opus1.' || r), '', 'without an identity: no row of ' || r)
FROM unnest('{clients_masked,staff_masked,services,time_slots,events,appointments,comments,invoices,files}'::text[]) r;
SELECT is(t.run(command), '42501', 'without an identity: ' || command)
FROM unnest(ARRAY[
	$$INSERT INTO opus1.registrations (school, name, email) VALUES ('allegro', 'Ed', 'ed@example.com')$$,
	$$UPDATE opus1.appointments SET status = 'cancelled'$$,
	$$DELETE FROM opus1.payment_methods$$]) command;
SELECT ambit.assume('allegro', 'nemo');
SELECT is(t.sees('SELECT id FROM opus1.' || r), '', 'a member without a role: no row of ' || r) FROM unnest('{clients_masked,appointments,services,invoices}'::text[]) r;

/* ---- visitors ---------------------------------------------------------------------- */

SELECT ambit.assume('allegro', NULL);
SELECT is(t.sees(query), expected, 'visitor: ' || words)
FROM (VALUES
	('SELECT id FROM opus1.services', '1 2 3', '"Visitors can browse your self-booking interface - your services"'),
	('SELECT id, name, phone, email, bio, tags, pay_rate FROM opus1.staff_masked WHERE id < 13', '11,Lena,,,,, 12,Mario,,,,,', '"browse ... group staff": nothing that is private of them'),
	('SELECT id FROM opus1.time_slots', '1 2', '"browse ... available time slots"'),
	('SELECT phone FROM opus1.staff', '42501', '"browse ... group staff": a private column is not read around the view'),
	('SELECT id FROM opus1.appointments', '', 'sees nobody''s appointments'),
	('SELECT id FROM opus1.clients_masked', '', 'sees no client'),
	('SELECT id FROM opus1.registrations', '', 'sees no registration'),
	('SELECT id FROM opus1.locations', '', 'sees no location')) v (query, expected, words);
SELECT is(t.run(command), expected, 'visitor: ' || words)
FROM (VALUES
	($$INSERT INTO opus1.registrations (school, name, email, phone, dependants) VALUES ('allegro', 'Ed', 'ed@example.com', '555', '[{"name": "Eva", "date_of_birth": "2017-01-01"}]')$$, '1',
		'"Visitors must register an account ... by entering their name, email, phone number, and their dependents'' information"'),
	($$INSERT INTO opus1.registrations (school, name, email) VALUES ('bellini', 'Ed', 'ed@example.com')$$, '42501', '"register an account": at this school only'),
	($$INSERT INTO opus1.clients (id, school, name) VALUES (600, 'allegro', 'Ed')$$, '42501', '"register an account": makes no client by other ways'),
	($$INSERT INTO opus1.booking_requests (school, kind, service_id) VALUES ('allegro', 'booking', 1)$$, '1', '"browse your self-booking interface ... and book services"'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind, service_id) VALUES ('allegro', 1, 'booking', 1)$$, '42501', '"and book services": in no client''s name'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind, service_id) VALUES ('allegro', 600, 'booking', 1)$$, '42501', '"and book services": nor in that of a client there is not'),
	($$INSERT INTO opus1.booking_requests (school, kind, service_id) VALUES ('allegro', 'quote', 1)$$, '42501', '"get quotes" is said of clients'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 1)$$, '42501', '"must register an account in order to complete booking"'),
	($$INSERT INTO opus1.appointments (school, staff_id) VALUES ('allegro', 12)$$, '42501', '"must register an account in order to complete booking": nor without a client'),
	($$UPDATE opus1.services SET price = 0 WHERE id = 1$$, '0', 'browses, and changes nothing'),
	($$INSERT INTO opus1.payment_methods (school, client_id, card) VALUES ('allegro', 1, '1')$$, '42501', 'adds no payment method')) v (command, expected, words);

/* ---- clients ------------------------------------------------------------------------ */

SELECT ambit.assume('allegro', 'carl');
SELECT is(t.sees(query), expected, 'client: ' || words)
FROM (VALUES
	('SELECT id FROM opus1.appointments', '41 42 45 46 48 49', '"cancel appointments (lessons)": sees those of himself and his dependants'),
	('SELECT id FROM opus1.invoices', '1 2 3', '"view their account invoices"'),
	('SELECT id FROM opus1.credits', '1 2', '"view their account ... service credits": no monetary ones'),
	('SELECT id FROM opus1.payment_methods', '1 2', '"add / remove payment methods": sees them'),
	('SELECT id FROM opus1.comments', '1 2', '"visible by the client him/herself and their account managers": no staff comment, nobody else''s'),
	('SELECT id FROM opus1.messages', '1', '"communicate directly with their Teacher/ Instructor": their own'),
	('SELECT id FROM opus1.clients_masked', '', 'sees no register of clients'),
	('SELECT client_id FROM opus1.account_managers', '', 'sees no account managers'),
	('SELECT id FROM opus1.staff_masked WHERE phone IS NOT NULL OR pay_rate IS NOT NULL', '', 'sees no private information of staff'),
	('SELECT id FROM opus1.time_off', '', 'sees no time off'),
	('SELECT id FROM opus1.files_masked', '', 'sees no file'),
	('SELECT id FROM opus1.payroll', '', 'sees no payroll'),
	('SELECT event_id FROM opus1.enrollments', '', 'sees no enrollments'),
	('SELECT id FROM opus1.overdue_invoices', '', 'sees no overdue invoices reporting')) v (query, expected, words);
SELECT is(t.run(command), expected, 'client: ' || words)
FROM (VALUES
	($$INSERT INTO opus1.registrations (school, name, email) VALUES ('allegro', 'Carl', 'c@example.com')$$, '42501', '"Once they registered an account, they become a Client": not twice'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 1, 'booking')$$, '1', '"They can self-book"'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 2, 'booking')$$, '1', '"They can self-book": for a dependant'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 4, 'booking')$$, '42501', '"They can self-book": for nobody else'),
	($$INSERT INTO opus1.booking_requests (school, kind) VALUES ('allegro', 'booking')$$, '42501', '"They can self-book": not as the visitor they no longer are'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 2, 'quote')$$, '1', '"get quotes for appointments and services": for a dependant'),
	($$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 4, 'quote')$$, '42501', '"They can self-book and get quotes": for nobody else'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 1)$$, '1', '"They can self-book ... appointments"'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 2)$$, '1', '"They can self-book ... appointments": for a dependant'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 4)$$, '42501', '"They can self-book ... appointments": for nobody else'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, NULL)$$, '42501', '"They can self-book ... appointments": not for nobody'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, status) VALUES ('allegro', 12, 1, 'done')$$, '42501', '"They can self-book": an appointment that is booked, not done'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, kind) VALUES ('allegro', 12, 2, 'make up')$$, '1', '"book make ups"'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, kind) VALUES ('allegro', 12, 4, 'make up')$$, '42501', '"book make ups": for nobody else'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, starts_at) VALUES ('allegro', 12, 1, now() + interval '30 days')$$, '1', '"They can self-book ... appointments": in a month'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, starts_at) VALUES ('allegro', 12, 1, now() - interval '1 microsecond')$$, '42501', '"They can self-book ... appointments": none that is over'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, starts_at) VALUES ('allegro', 12, 1, now() - interval '30 days')$$, '42501', '"They can self-book ... appointments": not a month ago'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, starts_at, kind) VALUES ('allegro', 12, 2, now() + interval '1 day', 'make up')$$, '1', '"book make ups": tomorrow'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, starts_at, kind) VALUES ('allegro', 12, 2, now() - interval '1 day', 'make up')$$, '42501', '"book make ups": not yesterday'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 41$$, '1', '"cancel appointments (lessons)"'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 42$$, '1', '"cancel appointments (lessons)": a dependant''s'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 46$$, '1', '"cancel appointments (lessons)": tomorrow''s'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 45$$, '0', '"cancel appointments (lessons)": not yesterday''s'),
	($$UPDATE opus1.appointments SET status = 'cancelled', starts_at = now() + interval '1 day' WHERE id = 45$$, '0', '"cancel appointments (lessons)": not yesterday''s, moved to tomorrow'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 43$$, '0', '"cancel appointments (lessons)": nobody else''s'),
	($$UPDATE opus1.appointments SET status = 'done' WHERE id = 41$$, '42501', '"cancel appointments": to no other status'),
	($$UPDATE opus1.appointments SET status = 'booked' WHERE id = 49$$, '42501', '"cancel appointments": takes none back'),
	($$UPDATE opus1.appointments SET status = 'cancelled', room = 'B' WHERE id = 41$$, '42501', '"cancel appointments": and changes nothing else with it'),
	($$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 hour' WHERE id = 41$$, '42501', '"Book and reschedule appointments" is the staff''s'),
	($$UPDATE opus1.appointments SET staff_id = 11 WHERE id = 41$$, '42501', '"change assigned ... staff" is the staff''s'),
	($$UPDATE opus1.appointments SET client_id = 4 WHERE id = 41$$, '42501', 'gives no appointment to somebody else'),
	($$DELETE FROM opus1.appointments WHERE id = 41$$, '0', '"Only owners can ... delete ... appointments"'),
	($$INSERT INTO opus1.payment_methods (school, client_id, card) VALUES ('allegro', 1, '1')$$, '1', '"add / remove payment methods": add'),
	($$INSERT INTO opus1.payment_methods (school, client_id, card) VALUES ('allegro', 4, '1')$$, '42501', '"add / remove payment methods": add, for nobody else'),
	($$DELETE FROM opus1.payment_methods WHERE id = 1$$, '1', '"add / remove payment methods": remove'),
	($$DELETE FROM opus1.payment_methods WHERE id = 4$$, '0', '"add / remove payment methods": remove, nobody else''s'),
	($$UPDATE opus1.payment_methods SET client_id = 4 WHERE id = 1$$, '0', '"add / remove payment methods": and changes none'),
	($$INSERT INTO opus1.messages (school, client_id, staff_id, body) VALUES ('allegro', 1, 12, 'Hi')$$, '1', '"(if enabled) communicate directly with their Teacher/ Instructor"'),
	($$INSERT INTO opus1.messages (school, client_id, staff_id, body) VALUES ('allegro', 1, 11, 'Hi')$$, '42501', '"communicate directly with their Teacher/ Instructor": with no other'),
	($$INSERT INTO opus1.messages (school, client_id, staff_id, body) VALUES ('allegro', 4, 12, 'Hi')$$, '42501', '"communicate directly with their Teacher/ Instructor": in nobody else''s name'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 1, 'client')$$, '42501', 'posts no client comment'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 1, 'staff')$$, '42501', 'posts no staff comment'),
	($$UPDATE opus1.invoices SET status = 'paid' WHERE id = 1$$, '0', '"view their account invoices": and changes none'),
	($$UPDATE opus1.credits SET amount = 100 WHERE id = 1$$, '0', '"view ... service credits": and changes none'),
	($$INSERT INTO opus1.enrollments VALUES (1, 'performing', 'allegro', 2)$$, '42501', 'enrolls nobody')) v (command, expected, words);
-- a lesson that was given says whom its teacher served, and stays
RESET ROLE;
UPDATE opus1.appointments SET status = CASE id WHEN 45 THEN 'done' ELSE 'missed' END WHERE id IN (45, 46);
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'carl');
SELECT is(t.run($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 45$$), '0', 'client: "cancel appointments (lessons)": none that is done');
SELECT is(t.run($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 46$$), '0', 'client: "cancel appointments (lessons)": none that was missed');
SELECT is(t.run($$UPDATE opus1.appointments SET status = 'cancelled' RETURNING 1/(id NOT IN (45, 46))::integer$$), '4', 'client: "cancel appointments (lessons)": all at once, these two are not among them');
RESET ROLE;
UPDATE opus1.appointments SET status = 'booked' WHERE id IN (45, 46);
SELECT is(t.with_and_without('opus1_app', 'allegro', 'carl', permission::ambit.permission, command), '1 / 42501', format('client, with and without %s: %s', permission, words))
FROM (VALUES
	('self_booking.book', $$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 1, 'booking')$$, '"They can self-book"'),
	('quotes.request', $$INSERT INTO opus1.booking_requests (school, client_id, kind) VALUES ('allegro', 1, 'quote')$$, '"get quotes"'),
	('self_booking.complete_booking', $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 1)$$, '"They can self-book ... appointments"'),
	('self_booking.make_ups.book', $$INSERT INTO opus1.appointments (school, staff_id, client_id, kind) VALUES ('allegro', 12, 1, 'make up')$$, '"book make ups"')
) v (permission, command, words);
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'cora');
SELECT is(t.sees('SELECT id FROM opus1.appointments'), '43 47 50', 'client: another client sees her own');
SELECT is(t.sees('SELECT id FROM opus1.comments'), '4', 'client: "visible by the client him/herself": another client');
RESET ROLE;
SELECT ambit.set_feature('allegro', 'client_teacher_communication', false);
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'carl');
SELECT is(t.run($$INSERT INTO opus1.messages (school, client_id, staff_id, body) VALUES ('allegro', 1, 12, 'Hi')$$), '42501', 'client: "(if enabled) communicate directly": disabled');
SELECT is(t.sees('SELECT id FROM opus1.messages'), '', 'client: "(if enabled) communicate directly": disabled, sees none');
RESET ROLE;
SELECT ambit.set_feature('allegro', 'client_teacher_communication', true);
SET ROLE opus1_app;

/* ---- limited staff --------------------------------------------------------------------- */

SELECT ambit.assume('allegro', 'lena');
SELECT is(t.sees(query), expected, 'limited staff: ' || words)
FROM (VALUES
	('SELECT id, name, age, dependant FROM opus1.clients_masked', '21,Ana,10,t 22,Ben,10,f 23,Ciro,10,f 24,Dina,10,f',
		'"can only view ... their own clients (i.e client they have provided a service for in the last 15 days, or within the next 15 days)", with "name and age, or if they are a dependent"'),
	('SELECT id FROM opus1.clients_masked WHERE date_of_birth IS NOT NULL OR phone IS NOT NULL OR email IS NOT NULL OR address IS NOT NULL', '', '"do not have access to clients'' personal information"'),
	('SELECT id, name, age, dependant FROM opus1.clients', '21,Ana,10,t 22,Ben,10,f 23,Ciro,10,f 24,Dina,10,f', '"except their name and age, or if they are a dependent": in the table as well'),
	('SELECT id FROM opus1.clients WHERE phone LIKE ''555%''', '42501', '"do not have access to clients'' personal information": not in a condition either'),
	('SELECT id FROM (SELECT id FROM opus1.clients ORDER BY date_of_birth) c', '42501', '"do not have access to clients'' personal information": nor to sort by'),
	('SELECT c FROM opus1.clients c', '42501', '"do not have access to clients'' personal information": nor as a whole row'),
	('SELECT client_id FROM opus1.account_managers', '', '"nor do they have access to the account managers'' personal information"'),
	('SELECT id FROM opus1.appointments', '22 24 26 29 44 51', '"View their upcoming sessions / appointments", and as a client the lesson that she takes'),
	('SELECT id, status FROM opus1.time_off', '1,requested 6,approved', '"see the status of the time-off requests"'),
	('SELECT staff_id, amount FROM opus1.payroll', '11,1680', '"See their own payroll"'),
	('SELECT id, content FROM opus1.files_masked', '11,"\\x6320642065"', '"Upload files to their own files library, download"'),
	('SELECT id FROM opus1.comments', '', '"staff, managers and owners can also view client comments", limited staff post them; staff comments "not by clients and limited Staff"'),
	('SELECT id FROM opus1.staff_masked WHERE phone IS NOT NULL OR bio IS NOT NULL OR pay_rate IS NOT NULL', '', 'sees no private information and no pay rate of staff, nor her own'),
	('SELECT staff_id FROM opus1.availabilities', '', 'sees no availabilities'),
	('SELECT id FROM opus1.schedules', '', 'sees no schedules of clients'),
	('SELECT id FROM opus1.invoices', '101', 'sees no invoices but her own as a client'),
	('SELECT id FROM opus1.subscriptions', '', 'sees no subscriptions'),
	('SELECT id FROM opus1.registrations', '', 'sees no registrations')) v (query, expected, words);
SELECT is(t.run(command), expected, 'limited staff: ' || words)
FROM (VALUES
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 21, 'client')$$, '1', '"Post client comments for their own clients/students"'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 27, 'client')$$, '42501', '"Post client comments for their own clients/students": not for another''s'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 25, 'client')$$, '42501', '"in the last 15 days": not 16 days ago'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 29, 'client')$$, '42501', '"provided a service for": not one that was cancelled'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 21, 'staff')$$, '42501', 'staff comments "not by ... limited Staff"'),
	($$INSERT INTO opus1.comments (school, client_id, author, audience) VALUES ('allegro', 21, 'mario', 'client')$$, '42501', '"Post client comments": in nobody else''s name'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 21, 'client') RETURNING id$$, '42501', 'posts client comments, and does not read them back'),
	($$UPDATE opus1.comments SET audience = 'staff' WHERE id = 21$$, '0', 'changes no comment'),
	($$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 11)$$, '1', '"Submit time-off requests for themselves"'),
	($$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 12)$$, '42501', '"Submit time-off requests for themselves": for nobody else'),
	($$INSERT INTO opus1.time_off (school, staff_id, status) VALUES ('allegro', 11, 'approved')$$, '42501', '"Submit time-off requests": requested, not approved'),
	($$INSERT INTO opus1.time_off (school, staff_id, status) VALUES ('allegro', 11, 'rejected')$$, '42501', '"Submit time-off requests": requested, nothing else'),
	($$UPDATE opus1.time_off SET status = 'approved' WHERE id = 1$$, '0', '"see the status of the time-off requests": and does not change it'),
	($$UPDATE opus1.time_off SET last_day = last_day + 7 WHERE id = 6$$, '0', '"update time-off requests" is the managers'': an approved one stays as it is'),
	($$DELETE FROM opus1.time_off WHERE id = 1$$, '0', 'deletes no request'),
	($$INSERT INTO opus1.files (school, staff_id, name, content) VALUES ('allegro', 11, 'new', 'c')$$, '1', '"Upload files to their own files library"'),
	($$INSERT INTO opus1.files (school, staff_id, name, content) VALUES ('allegro', 12, 'new', 'c')$$, '42501', '"Upload files to their own files library": to nobody else''s'),
	($$INSERT INTO opus1.files (school, staff_id, client_id, name) VALUES ('allegro', 11, 21, 'new')$$, '42501', '"Upload files to their own files library": to no client''s'),
	($$INSERT INTO opus1.shares VALUES (11, 'allegro', 21)$$, '1', '"share them with their own clients/students"'),
	($$INSERT INTO opus1.shares VALUES (11, 'allegro', 27)$$, '42501', '"share them with their own clients/students": not with another''s'),
	($$INSERT INTO opus1.shares VALUES (12, 'allegro', 21)$$, '42501', '"share them": files of their own library'),
	($$INSERT INTO opus1.shares VALUES (NULL, 'allegro', 21)$$, '42501', '"share them": no file is nobody''s'),
	($$INSERT INTO opus1.enrollments VALUES (1, 'performing', 'allegro', 21)$$, '1', '"Enroll their own students to performing events (recitals, concerts, show case etc)"'),
	($$INSERT INTO opus1.enrollments VALUES (1, 'performing', 'allegro', 27)$$, '42501', '"Enroll their own students to performing events": not another''s'),
	($$INSERT INTO opus1.enrollments VALUES (2, 'session', 'allegro', 21)$$, '42501', '"Enroll clients in sessions" is the staff''s'),
	($$INSERT INTO opus1.enrollments VALUES (2, 'performing', 'allegro', 21)$$, '23503', '"Enroll ... to performing events": a session is none'),
	($$UPDATE opus1.clients SET phone = '0' WHERE id = 21$$, '0', '"do not have access to clients'' personal information": changes none'),
	($$UPDATE opus1.clients SET name = 'x' WHERE id = 21$$, '0', '"except their name": to be seen, not changed'),
	($$INSERT INTO opus1.attendance VALUES (22, true)$$, '42501', '"cannot, by default, take attendance"'),
	($$UPDATE opus1.attendance SET present = false WHERE appointment_id = 21$$, '0', '"cannot, by default, take attendance": nor change it'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 22$$, '0', '"cannot, by default, ... cancel their own appointments / services"'),
	($$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 hour' WHERE id = 22$$, '0', '"Book and reschedule appointments" is the staff''s'),
	($$UPDATE opus1.appointments SET room = 'B' WHERE id = 22$$, '0', '"change assigned ... rooms" is the staff''s'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 44$$, '1', '"Every Staff is also a Client": cancels the lesson that she takes'),
	($$UPDATE opus1.appointments SET staff_id = 11 WHERE id = 44$$, '42501', '"Every Staff is also a Client": and does not change its teacher'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 11, 21)$$, '42501', '"Book ... appointments" is the staff''s'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 101)$$, '1', '"Every Staff is also a Client": books a lesson for herself'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 11$$, '0', '"modify their personal information" is the managers'': not even her own'),
	($$UPDATE opus1.staff SET pay_rate = 99 WHERE id = 11$$, '0', '"set limited staff pay rates" is the managers'': not even her own'),
	($$INSERT INTO opus1.payroll (school, staff_id, amount) VALUES ('allegro', 11, 1)$$, '42501', '"See their own payroll": runs none'),
	($$UPDATE opus1.availabilities SET hours = 'none' WHERE staff_id = 11$$, '0', '"Manage staff availability" is the managers''')) v (command, expected, words);

-- "However, you can customize individual limited staff's permissions"
SELECT ambit.assume('allegro', 'tina');
SELECT is(t.sees('SELECT id FROM opus1.appointments'), '45 46', 'limited staff, customized: who takes attendance sees the past as well');
SELECT is(t.run(command), expected, 'limited staff: "you can customize individual limited staff''s permissions": ' || words)
FROM (VALUES
	($$INSERT INTO opus1.attendance VALUES (45, true)$$, '1', 'takes attendance'),
	($$INSERT INTO opus1.attendance VALUES (45, true, true)$$, '1', 'takes attendance as a batch'),
	($$INSERT INTO opus1.attendance VALUES (41, true)$$, '42501', 'takes attendance, of their own appointments'),
	($$INSERT INTO opus1.attendance VALUES (25, true)$$, '42501', 'takes attendance, of nobody else''s'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 46$$, '1', 'cancels'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 41$$, '0', 'cancels "their own appointments / services"'),
	($$UPDATE opus1.appointments SET status = 'missed' WHERE id = 45$$, '42501', 'cancels, and sets no other status'),
	($$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 hour' WHERE id = 46$$, '42501', 'cancels, and does not reschedule'),
	($$UPDATE opus1.appointments SET status = 'cancelled', staff_id = 12 WHERE id = 46$$, '42501', 'cancels, and gives to nobody else')) v (command, expected, words);
RESET ROLE;
SELECT is(t.with_and_without('opus1_app', 'allegro', 'tina', 'attendance.batch_take', $$INSERT INTO opus1.attendance VALUES (45, true, true)$$), '1 / 42501', 'limited staff: customized one by one: batch');
SELECT is(t.with_and_without('opus1_app', 'allegro', 'tina', 'attendance.batch_take', $$INSERT INTO opus1.attendance VALUES (46, true)$$), '1 / 1', 'limited staff: customized one by one: batch and not individually');
SELECT ambit.set_member_permission('allegro', 'tina', 'attendance.batch_take', true);
SELECT ambit.set_member_permission('allegro', 'lena', 'clients.personal_information.view', true);
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'lena');
SELECT is(t.sees('SELECT id, phone FROM opus1.clients_masked'), '21,555-21 22,555-22 23,555-23 24,555-24', 'limited staff, customized: personal information of their own clients');
SELECT is(t.sees('SELECT client_id FROM opus1.account_managers'), '', 'limited staff, customized: "nor ... the account managers'' personal information", which is another permission');
SELECT is(t.run($$UPDATE opus1.clients SET phone = '0' WHERE id = 21$$), '0', 'limited staff, customized: seen, not edited');
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'lena', p::ambit.permission, true) FROM unnest('{clients.personal_information.edit,account_managers.personal_information.view}'::text[]) p;
SET ROLE opus1_app;
SELECT is(t.run($$UPDATE opus1.clients SET phone = '0' WHERE id = 21$$), '1', 'limited staff, customized: edited');
SELECT is(t.run($$UPDATE opus1.clients SET phone = '0' WHERE id = 27$$), '0', 'limited staff, customized: edited, of their own clients');
SELECT is(t.sees('SELECT client_id, phone FROM opus1.account_managers'), '21,555-28', 'limited staff, customized: the account managers of their own clients');
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'lena', 'clients.personal_information.view', NULL);
SET ROLE opus1_app;
SELECT is(t.run($$UPDATE opus1.clients SET name = 'x' WHERE id = 21$$), '1', 'limited staff, customized to edit and not to view: what is seen');
SELECT is(t.run($$UPDATE opus1.clients SET phone = '0' WHERE id = 21$$), '1', 'limited staff, customized to edit and not to view: what is not seen too');
SELECT is(t.run($$UPDATE opus1.clients SET phone = phone WHERE id = 21$$), '42501', 'limited staff, customized to edit and not to view: not by what is not seen');
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'lena', p::ambit.permission, NULL) FROM unnest('{clients.personal_information.edit,account_managers.personal_information.view}'::text[]) p;

/*
 * What is nobody's by default, turned on for one member: "Limited staff can only view and interact with their own clients".  Mario serves
 * 1, 2, 4, 27 and 101, and teaches 27, 41 to 44.
 */
INSERT INTO opus1.payments (id, school, client_id, invoice_id, amount) VALUES (21, 'allegro', 21, 21, 10);
INSERT INTO opus1.charges (id, school, client_id, kind, amount) VALUES (-1, 'allegro', 1, 'fee', 1), (-21, 'allegro', 21, 'fee', 1);
INSERT INTO opus1.credits (id, school, client_id, kind, amount) VALUES (21, 'allegro', 21, 'service', 1), (22, 'allegro', 21, 'monetary', 1);
INSERT INTO opus1.subscriptions (id, school, client_id) VALUES (21, 'allegro', 21);
INSERT INTO opus1.enrollments VALUES (3, 'performing', 'allegro', 21);
CREATE TEMP TABLE turned_on AS
	SELECT unnest('{clients.schedules.view,invoices.view,client_comments.view,service_credits.view,monetary_credits.view,invoices.process_payment,charges.process,subscriptions.update_settings}'::text[]) AS permission;
SELECT ambit.set_member_permission('allegro', 'mario', permission::ambit.permission, true) FROM turned_on;
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'mario');
SELECT is(t.sees(query), expected, 'limited staff, customized: "can only view ... their own clients": ' || words)
FROM (VALUES
	('SELECT id FROM opus1.schedules', '1 2', 'schedules'),
	('SELECT event_id, client_id FROM opus1.enrollments', '1,1 2,4', 'what they are enrolled in'),
	('SELECT id FROM opus1.appointments', '27 41 42 43 44 47 48 49 50', 'schedules, colleagues'' lessons with them among these'),
	('SELECT id FROM opus1.comments', '1 2 4', 'client comments, not the staff''s'),
	('SELECT id FROM opus1.invoices', '1 2 4 27 101 102', 'invoices, and as a client his own (102)'),
	('SELECT id FROM opus1.credits', '1 2 4 11 12', 'service and monetary credits'),
	('SELECT id FROM opus1.payments', '1 4', 'payments'),
	('SELECT id FROM opus1.charges', '-1', 'charges'),
	('SELECT id FROM opus1.subscriptions', '1 2 3', 'subscriptions'),
	('SELECT id FROM opus1.overdue_invoices', '', 'no reporting, which is another permission')) v (query, expected, words);
RESET ROLE;
-- with the permission a row of theirs, and one that is not; without it the first
SELECT is(concat_ws(' / ', t.with('opus1_app', 'allegro', 'mario', permission::ambit.permission, true, own), t.with('opus1_app', 'allegro', 'mario', permission::ambit.permission, true, other),
	t.with('opus1_app', 'allegro', 'mario', permission::ambit.permission, false, own)), expected, format('limited staff, customized: "can only ... interact with their own clients": %s: %s', permission, words))
FROM (VALUES
	('clients.schedules.edit', $$UPDATE opus1.schedules SET weekday = 5 WHERE id = 1$$, $$UPDATE opus1.schedules SET weekday = 5 WHERE id = 22$$, '1 / 0 / 0', 'a schedule'),
	('clients.schedules.edit', $$INSERT INTO opus1.schedules (school, client_id, weekday) VALUES ('allegro', 1, 1)$$, $$INSERT INTO opus1.schedules (school, client_id, weekday) VALUES ('allegro', 21, 1)$$, '1 / 42501 / 42501', 'a new one'),
	('clients.schedules.edit', $$DELETE FROM opus1.schedules WHERE id = 1$$, $$UPDATE opus1.schedules SET client_id = 21 WHERE id = 1$$, '1 / 42501 / 0', 'gone, not given to another client'),
	('staff_comments.post', $$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 1, 'staff')$$, $$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 21, 'staff')$$, '1 / 42501 / 42501', 'for the staff to read'),
	('sessions.enroll_clients', $$INSERT INTO opus1.enrollments VALUES (2, 'session', 'allegro', 1)$$, $$INSERT INTO opus1.enrollments VALUES (2, 'session', 'allegro', 21)$$, '1 / 42501 / 42501', 'a session'),
	('invoices.edit', $$UPDATE opus1.invoices SET amount = 90 WHERE id = 1$$, $$UPDATE opus1.invoices SET amount = 90 WHERE id = 21$$, '1 / 0 / 42501', 'an invoice'),
	('invoices.edit', $$INSERT INTO opus1.invoices (school, client_id) VALUES ('allegro', 1)$$, $$UPDATE opus1.invoices SET amount = 90 WHERE id = 102$$, '1 / 0 / 42501', 'a new one, and not what he is to pay himself'),
	('invoices.apply_discount', $$UPDATE opus1.invoices SET discount = 10 WHERE id = 1$$, $$UPDATE opus1.invoices SET discount = 100 WHERE id = 102$$, '1 / 0 / 42501', 'a discount, not to himself'),
	('invoices.void', $$UPDATE opus1.invoices SET status = 'void' WHERE id = 1$$, $$UPDATE opus1.invoices SET status = 'void' WHERE id = 102$$, '1 / 0 / 42501', 'void, not his own'),
	('payments.refund', $$UPDATE opus1.payments SET status = 'refunded' WHERE id = 1$$, $$UPDATE opus1.payments SET status = 'refunded' WHERE id = 21$$, '1 / 0 / 0', 'refunded'),
	('payments.void', $$UPDATE opus1.payments SET status = 'void' WHERE id = 1$$, $$UPDATE opus1.payments SET status = 'void' WHERE id = 21$$, '1 / 0 / 0', 'void'),
	('service_credits.edit', $$UPDATE opus1.credits SET amount = 9 WHERE id = 1$$, $$UPDATE opus1.credits SET amount = 9 WHERE id = 21$$, '1 / 0 / 0', 'service credits'),
	('service_credits.edit', $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 4, 'service', 1)$$, $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 102, 'service', 1)$$, '1 / 42501 / 42501', 'service credits, none for himself'),
	('monetary_credits.edit', $$UPDATE opus1.credits SET amount = 9 WHERE id = 11$$, $$UPDATE opus1.credits SET amount = 9 WHERE id = 22$$, '1 / 0 / 0', 'monetary credits'),
	('monetary_credits.edit', $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 4, 'monetary', 1)$$, $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 21, 'monetary', 1)$$, '1 / 42501 / 42501', 'monetary credits, new ones'),
	('subscriptions.end', $$UPDATE opus1.subscriptions SET status = 'ended' WHERE id = 1$$, $$UPDATE opus1.subscriptions SET status = 'ended' WHERE id = 21$$, '1 / 0 / 42501', 'its end'),
	('subscriptions.put_on_hold', $$UPDATE opus1.subscriptions SET status = 'on hold' WHERE id = 1$$, $$UPDATE opus1.subscriptions SET status = 'on hold' WHERE id = 21$$, '1 / 0 / 42501', 'on hold'),
	('appointments.book', $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 1)$$, $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 14, 1)$$, '1 / 42501 / 42501', 'lessons of his own'),
	('appointments.book', $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 4)$$, $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 21)$$, '1 / 42501 / 42501', 'with clients of his own: nobody becomes one by it'),
	('appointments.reschedule', $$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 41$$, $$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 48$$, '1 / 0 / 0', 'not a colleague''s lesson with the same client'),
	('appointments.change_location', $$UPDATE opus1.appointments SET location_id = 2 WHERE id = 41$$, $$UPDATE opus1.appointments SET location_id = 2 WHERE id = 48$$, '1 / 0 / 0', 'not of a colleague''s lesson'),
	('appointments.change_room', $$UPDATE opus1.appointments SET room = 'B' WHERE id = 41$$, $$UPDATE opus1.appointments SET room = 'B' WHERE id = 48$$, '1 / 0 / 0', 'not of a colleague''s lesson'),
	('appointments.change_staff', $$UPDATE opus1.appointments SET staff_id = 11 WHERE id = 41$$, $$UPDATE opus1.appointments SET staff_id = 12 WHERE id = 48$$, '1 / 0 / 0', 'gives a lesson away, and takes none'),
	('appointments.override_status', $$UPDATE opus1.appointments SET status = 'done' WHERE id = 41$$, $$UPDATE opus1.appointments SET status = 'done' WHERE id = 48$$, '1 / 0 / 0', 'not of a colleague''s lesson'),
	('appointments.override_status', $$UPDATE opus1.appointments SET status = 'booked' WHERE id = 49$$, $$UPDATE opus1.appointments SET status = 'done' WHERE id = 50$$, '1 / 0 / 0', 'takes back what was cancelled, nothing of nobody''s'),
	('invoices.process_payment', $$UPDATE opus1.invoices SET status = 'paid' WHERE id = 1$$, $$UPDATE opus1.invoices SET status = 'paid' WHERE id = 102$$, '1 / 0 / 0', 'paid, not his own'),
	('invoices.process_payment', $$INSERT INTO opus1.payments (school, client_id, invoice_id, amount) VALUES ('allegro', 1, 1, 50)$$, $$INSERT INTO opus1.payments (school, client_id, invoice_id, amount) VALUES ('allegro', 21, 21, 50)$$, '1 / 42501 / 42501', 'a payment'),
	('charges.process', $$INSERT INTO opus1.charges (school, client_id, kind, amount) VALUES ('allegro', 4, 'retail', 9)$$, $$INSERT INTO opus1.charges (school, client_id, kind, amount) VALUES ('allegro', 21, 'retail', 9)$$, '1 / 42501 / 42501', 'a charge'),
	('subscriptions.update_settings', $$UPDATE opus1.subscriptions SET discount = 5 WHERE id = 1$$, $$UPDATE opus1.subscriptions SET discount = 5 WHERE id = 21$$, '1 / 0 / 0', 'settings of a subscription')
) v (permission, own, other, expected, words);
SELECT ambit.set_member_permission('allegro', 'mario', permission::ambit.permission, NULL) FROM turned_on;
SELECT is(t.with('opus1_app', 'allegro', 'mario', permission::ambit.permission, true, command), '1', format('limited staff, customized: %s alone: %s', permission, words))
FROM (VALUES
	('appointments.change_staff', $$UPDATE opus1.appointments SET staff_id = 11 WHERE id = 27$$, 'gives away a lesson, and with it the sight of it'),
	('appointments.reschedule', $$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 27$$, 'a lesson to come')) v (permission, command, words);
-- "individual": the other one is as before
SELECT ambit.set_member_permission('allegro', 'mario', permission::ambit.permission, true) FROM turned_on;
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'lena');
SELECT is(t.sees('SELECT id FROM opus1.invoices') || '/' || t.sees('SELECT id FROM opus1.credits') || t.sees('SELECT id FROM opus1.comments') || t.sees('SELECT id FROM opus1.schedules') || t.sees('SELECT id FROM opus1.subscriptions'),
	'101/', 'limited staff: "customize individual limited staff''s permissions": of the others, nobody''s');
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'mario', permission::ambit.permission, NULL) FROM turned_on;
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'mario');
SELECT is(t.sees('SELECT id FROM opus1.invoices'), '102', 'limited staff, customized no more: as a client, the own invoices');
RESET ROLE;
DELETE FROM opus1.payments WHERE id = 21;
DELETE FROM opus1.charges WHERE id < 0;
DELETE FROM opus1.credits WHERE id IN (21, 22);
DELETE FROM opus1.subscriptions WHERE id = 21;
DELETE FROM opus1.enrollments WHERE event_id = 3;
DROP TABLE turned_on;

/* ---- staff --------------------------------------------------------------------------------- */

SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'sam');
SELECT is(t.sees(query), expected, 'staff: ' || words)
FROM (VALUES
	('SELECT count(*) FROM opus1.clients_masked WHERE phone IS NOT NULL AND email IS NOT NULL AND date_of_birth IS NOT NULL AND address IS NOT NULL', '22', '"Access ... clients'' private information such as name, phone numbers, email address, etc.", of all of them'),
	('SELECT client_id, phone FROM opus1.account_managers', '2,555-1 3,555-1 21,555-28', '"Access ... clients'' private information": of account managers'),
	('SELECT id FROM opus1.registrations', '1', '"Access ... clients'' private information": what they registered'),
	('SELECT phone FROM opus1.clients', '42501', '"Access ... clients'' private information": through the view'),
	('SELECT id, phone, email, bio, tags FROM opus1.staff_masked WHERE id IN (11, 18)', '11,556-11,11@school.example,plays,{piano} 18,556-18,18@school.example,plays,{piano}',
		'"View ... other staff private information such as name, phone numbers, email addresses, ..., bios, categorized tags"'),
	('SELECT staff_id FROM opus1.availabilities', '11 12 13 14 15 16 17 18 19', '"View ... appointment availabilities"'),
	('SELECT id FROM opus1.staff_masked WHERE pay_rate IS NOT NULL', '', '"Staff cannot: See ... limited staff, staff, managers'', or owners'' pay rates"'),
	('SELECT pay_rate FROM opus1.staff', '42501', '"Staff cannot: See ... pay rates": not around the view'),
	('SELECT id FROM opus1.staff_masked WHERE pay_rate > 0', '', '"Staff cannot: See ... pay rates": nor by comparing'),
	('SELECT id FROM opus1.appointments', '21 22 23 24 25 26 27 29 41 42 43 44 45 46 47 48 49 50 51', '"Access and edit clients'' ... schedules": all, the past as well'),
	('SELECT event_id, client_id FROM opus1.enrollments', '1,1 2,4', '"Access and edit clients'' ... schedules": what they are enrolled in'),
	('SELECT id FROM opus1.schedules', '1 2 22', '"Access and edit clients'' ... schedules"'),
	('SELECT id, status FROM opus1.invoices WHERE id < 5', '1,open 2,open 3,void 4,open', '"Access and edit clients'' ... invoices"'),
	('SELECT id FROM opus1.credits', '1 2 4 11 12', '"Access and edit clients'' ... service, monetary credits"'),
	('SELECT id FROM opus1.overdue_invoices', '4', '"See overdue invoices reporting"'),
	('SELECT id FROM opus1.files_masked WHERE content IS NOT NULL', '11 12 14 16 18 31', '"View and download all clients and staff files"'),
	('SELECT id FROM opus1.comments WHERE audience = ''staff''', '51 71', '"Post & view staff comments (staff comments are visible by all staff, managers and owners"'),
	('SELECT id FROM opus1.comments WHERE audience = ''client''', '1 2 4 21 80', '"View client comments"'),
	('SELECT id FROM opus1.time_off', '1 3 4', '"Process staff time off requests that are assigned to them", and their own'),
	('SELECT staff_id FROM opus1.payroll', '14', '"See their own payroll"'),
	('SELECT month FROM opus1.revenue', '', '"Only owners can view financial information"'),
	('SELECT name FROM opus1.metrics', '', '"Staff cannot: ... See financial metrics on the main dashboard"'),
	('SELECT name FROM opus1.settings', '', '"Staff cannot: ... Modify business settings": nor see them')) v (query, expected, words);
SELECT is(t.run(command), expected, 'staff: ' || words)
FROM (VALUES
	($$UPDATE opus1.clients SET school = 'bellini' WHERE id = 1$$, '42501', '"edit clients'' private information": and moves nobody to another school'),
	($$INSERT INTO opus1.appointments (school, staff_id, client_id, status) VALUES ('allegro', 12, 4, 'cancelled')$$, '1', '"Book" and cancel: at once'),
	($$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day', location_id = 2, room = 'B', staff_id = 11 WHERE id = 41$$, '1', '"Book and reschedule appointments, as well as change assigned location, rooms, and staff", in one statement'),
	($$UPDATE opus1.appointments SET staff_id = 11, client_id = 2 WHERE id = 41$$, '42501', '"change assigned location, rooms, and staff": not the client'),
	($$UPDATE opus1.appointments SET service_id = 2 WHERE id = 41$$, '42501', '"Only owners can ... modify ... appointments"'),
	($$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 49$$, '42501', '"reschedule appointments": not one that was cancelled'),
	($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id IN (41, 42, 43)$$, '3', '"batch cancel on the main calendar"'),
	($$UPDATE opus1.appointments SET room = 'B' WHERE id IN (41, 42, 43)$$, '3', '"Bach update ... on the main calendar"'),
	($$UPDATE opus1.appointments SET status = CASE id WHEN 41 THEN 'cancelled' ELSE 'booked' END WHERE id IN (41, 49)$$, '42501', '"batch cancel": all or nothing, and none is taken back with it'),
	($$UPDATE opus1.appointments SET status = 'booked' WHERE id = 49$$, '42501', '"Override appointment / session status (E.g. take a canceled appointment and make it active again)" is the managers'''),
	($$UPDATE opus1.appointments SET status = 'done' WHERE id = 41$$, '42501', '"Override appointment ... status" is the managers'''),
	($$DELETE FROM opus1.appointments WHERE id = 41$$, '0', '"Only owners can ... delete ... appointments"'),
	($$UPDATE opus1.subscriptions SET discount = 5, late_fee = 0, auto_pay = true WHERE id = 1$$, '1', '"Update active subscription settings, such as discounts, late fees, auto-pay etc."'),
	($$UPDATE opus1.subscriptions SET discount = 5 WHERE id = 3$$, '42501', '"Update active subscription settings": not of one that has ended'),
	($$UPDATE opus1.subscriptions SET status = 'active' WHERE id = 3$$, '42501', '"end / put on hold subscriptions": and makes none active again'),
	($$UPDATE opus1.subscriptions SET status = 'on hold' WHERE id = 3$$, '42501', '"put on hold subscriptions": not one that has ended'),
	($$UPDATE opus1.subscriptions SET status = 'active' WHERE id = 4$$, '42501', '"end / put on hold subscriptions": and takes none from hold'),
	($$UPDATE opus1.subscriptions SET client_id = 1 WHERE id = 2$$, '42501', '"Update ... subscription settings": not whose it is'),
	($$UPDATE opus1.invoices SET amount = 1 WHERE id = 3$$, '42501', '"edit ... invoices": not one that is void'),
	($$UPDATE opus1.invoices SET status = 'open' WHERE id = 3$$, '42501', '"void invoices": and takes none back'),
	($$UPDATE opus1.invoices SET status = 'paid' WHERE id = 3$$, '42501', '"Process invoice payments": not of one that is void'),
	($$UPDATE opus1.invoices SET status = 'open' WHERE id = 22$$, '42501', '"Process invoice payments": one that is paid stays so'),
	($$UPDATE opus1.invoices SET discount = 5 WHERE id = 3$$, '42501', '"apply discounts to ... invoices": not to one that is void'),
	($$INSERT INTO opus1.payments (school, client_id, invoice_id, amount, status) VALUES ('allegro', 1, 1, 50, 'refunded')$$, '42501', '"Process invoice payments": processed first, refunded then'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 4, 'staff') RETURNING id$$, '1', '"Post & view staff comments": for any client'),
	($$INSERT INTO opus1.comments (school, client_id, author, audience) VALUES ('allegro', 4, 'mia', 'staff')$$, '42501', '"Post ... staff comments": in nobody else''s name'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 4, 'client')$$, '42501', '"Post client comments for their own clients/students": not for one that they did not serve'),
	($$INSERT INTO opus1.shares VALUES (14, 'allegro', 1)$$, '1', '"share them with their own clients/students"'),
	($$INSERT INTO opus1.shares VALUES (14, 'allegro', 4)$$, '42501', '"share them with their own clients/students": not with another''s'),
	($$INSERT INTO opus1.shares VALUES (12, 'allegro', 1)$$, '42501', '"their own files library": not a file of another''s, which they see'),
	($$INSERT INTO opus1.shares VALUES (31, 'allegro', 1)$$, '42501', '"their own files library": nor one of a client'),
	($$UPDATE opus1.time_off SET status = 'approved' WHERE id = 1$$, '1', '"Process staff time off requests that are assigned to them": approve'),
	($$UPDATE opus1.time_off SET status = 'rejected' WHERE id = 1$$, '1', '"Process staff time off requests that are assigned to them": reject'),
	($$UPDATE opus1.time_off SET status = 'approved' WHERE id = 2$$, '0', '"assigned to them": not to a colleague'),
	($$UPDATE opus1.time_off SET status = 'approved' WHERE id = 3$$, '0', '"assigned to them": not his own'),
	($$UPDATE opus1.time_off SET assignee_id = 14 WHERE id = 3$$, '0', '"assigned to them": not by themselves'),
	($$UPDATE opus1.time_off SET last_day = last_day + 1 WHERE id = 1$$, '42501', '"Process", not "update time-off requests"'),
	($$UPDATE opus1.time_off SET staff_id = 14 WHERE id = 1$$, '42501', '"Process": for whom it was asked'),
	($$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 14)$$, '1', '"Submit time-off requests for themselves"'),
	($$INSERT INTO opus1.time_off (school, staff_id, assignee_id) VALUES ('allegro', 14, 14)$$, '42501', '"Submit time-off requests": for somebody else to process'),
	($$INSERT INTO opus1.time_off (school, staff_id, assignee_id, status) VALUES ('allegro', 14, 14, 'approved')$$, '42501', '"Submit time-off requests": and approves none of his own'),
	($$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 11)$$, '42501', '"Create time-off requests on behalf of others" is the managers'''),
	($$INSERT INTO opus1.staff (id, school, name) VALUES (20, 'allegro', 'Nina')$$, '42501', '"Staff cannot: Create limited staff, staff, managers or owners"'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 11$$, '0', '"nor modify their information"; "View (but not edit)"'),
	($$UPDATE opus1.staff SET pay_rate = 99 WHERE id = 11$$, '0', '"Staff cannot: ... edit limited staff ... pay rates"'),
	($$UPDATE opus1.availabilities SET hours = 'none' WHERE staff_id = 11$$, '0', '"View (but not edit) ... appointment availabilities"'),
	($$INSERT INTO opus1.services VALUES (600, 'allegro', 'Harp', 1)$$, '42501', '"Staff cannot: Create ... services settings"'),
	($$UPDATE opus1.services SET price = 1 WHERE id = 1$$, '0', '"Staff cannot: ... modify services settings"'),
	($$INSERT INTO opus1.events VALUES (600, 'allegro', 'performing', 'Gala')$$, '42501', '"Staff cannot: Plan events"'),
	($$INSERT INTO opus1.events VALUES (600, 'allegro', 'session', 'Choir')$$, '42501', '"Staff cannot: Plan ... sessions"'),
	($$UPDATE opus1.events SET status = 'cancelled' WHERE id = 2$$, '0', '"Override ... session status" is the managers'''),
	($$UPDATE opus1.settings SET value = 'x' WHERE name = 'opening hours'$$, '0', '"Staff cannot: Modify business settings"'),
	($$INSERT INTO opus1.self_booking_links VALUES ('https://x', 'allegro')$$, '42501', '"Staff cannot: ... (e.g creating self-booking links)"'),
	($$INSERT INTO opus1.payroll (school, staff_id, amount) VALUES ('allegro', 11, 1)$$, '42501', 'runs no payroll')) v (command, expected, words);

-- each ability of its own: with the permission and without
RESET ROLE;
SELECT is(t.with_and_without('opus1_app', 'allegro', 'sue', permission::ambit.permission, command), expected, format('staff, with and without %s: %s', permission, words))
FROM (VALUES
	('clients.personal_information.edit', $$UPDATE opus1.clients SET name = 'x', age = 36, dependant = true, date_of_birth = current_date, phone = '0', email = 'x', address = 'x' WHERE id = 4$$, '1 / 0', '"Access and edit clients'' private information such as name, phone numbers, email address, etc."'),
	('clients.personal_information.edit', $$UPDATE opus1.clients SET id = 600 WHERE id = 28$$, '42501 / 0', '"edit clients'' private information": not who it is'),
	('clients.personal_information.edit', $$UPDATE opus1.account_managers SET manager_id = 4 WHERE client_id = 2$$, '42501 / 0', '"edit clients'' private information": not who manages the account'),
	('clients.personal_information.edit', $$UPDATE opus1.account_managers SET name = 'x', phone = '0', email = 'x' WHERE client_id = 2$$, '1 / 0', '"Access and edit clients'' private information": of account managers'),
	('clients.schedules.edit', $$UPDATE opus1.schedules SET weekday = 5 WHERE id = 1$$, '1 / 0', '"Access and edit clients'' ... schedules"'),
	('sessions.enroll_clients', $$INSERT INTO opus1.enrollments VALUES (2, 'session', 'allegro', 1)$$, '1 / 42501', '"Enroll clients in sessions"'),
	('appointments.book', $$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 12, 4)$$, '1 / 42501', '"Book and reschedule appointments": book'),
	('appointments.reschedule', $$UPDATE opus1.appointments SET starts_at = starts_at + interval '1 day' WHERE id = 41$$, '1 / 42501', '"Book and reschedule appointments": reschedule'),
	('appointments.change_location', $$UPDATE opus1.appointments SET location_id = 2 WHERE id = 41$$, '1 / 42501', '"change assigned location, rooms, and staff": location'),
	('appointments.change_room', $$UPDATE opus1.appointments SET room = 'B' WHERE id = 41$$, '1 / 42501', '"change assigned location, rooms, and staff": room'),
	('appointments.change_staff', $$UPDATE opus1.appointments SET staff_id = 11 WHERE id = 41$$, '1 / 42501', '"change assigned location, rooms, and staff": staff'),
	('appointments.change_staff', $$UPDATE opus1.appointments SET staff_id = 11, room = 'B' WHERE id = 41$$, '1 / 42501', '"change assigned location, rooms, and staff": staff, and a room with it'),
	('appointments.change_staff', $$UPDATE opus1.appointments SET room = 'B' WHERE id = 41$$, '1 / 1', '"change assigned location, rooms, and staff": the room alone'),
	('appointments.cancel', $$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 41$$, '1 / 42501', '"batch cancel on the main calendar"'),
	('appointments.cancel', $$INSERT INTO opus1.appointments (school, staff_id, client_id, status) VALUES ('allegro', 12, 4, 'cancelled')$$, '1 / 42501', '"batch cancel on the main calendar": booked as cancelled'),
	('calendar.batch_update', $$INSERT INTO opus1.calendar_jobs (school, kind) VALUES ('allegro', 'update')$$, '1 / 42501', '"Bach update ... on the main calendar"'),
	('calendar.batch_cancel', $$INSERT INTO opus1.calendar_jobs (school, kind) VALUES ('allegro', 'cancel')$$, '1 / 42501', '"batch cancel on the main calendar"'),
	('calendar.batch_email_clients', $$INSERT INTO opus1.calendar_jobs (school, kind) VALUES ('allegro', 'email')$$, '1 / 42501', '"Batch email clients on the main calendar"'),
	('attendance.take', $$INSERT INTO opus1.attendance VALUES (41, true)$$, '1 / 42501', '"Take attendance individually"'),
	('attendance.take', $$UPDATE opus1.attendance SET present = false WHERE appointment_id = 21$$, '1 / 0', '"Take attendance": corrects it'),
	('attendance.take', $$UPDATE opus1.attendance SET batch = true WHERE appointment_id = 21$$, '42501 / 0', '"Take attendance": corrects who was there, nothing else'),
	('attendance.batch_take', $$INSERT INTO opus1.attendance VALUES (41, true, true)$$, '1 / 42501', '"or as a batch"'),
	('subscriptions.update_settings', $$UPDATE opus1.subscriptions SET auto_pay = true WHERE id = 1$$, '1 / 42501', '"Update active subscription settings, such as discounts, late fees, auto-pay etc."'),
	('subscriptions.end', $$UPDATE opus1.subscriptions SET status = 'ended' WHERE id = 1$$, '1 / 42501', '"end / put on hold subscriptions": end'),
	('subscriptions.put_on_hold', $$UPDATE opus1.subscriptions SET status = 'on hold' WHERE id = 1$$, '1 / 42501', '"end / put on hold subscriptions": put on hold'),
	('invoices.edit', $$UPDATE opus1.invoices SET amount = 90, due_on = current_date WHERE id = 1$$, '1 / 42501', '"Access and edit clients'' ... invoices"'),
	('invoices.edit', $$INSERT INTO opus1.invoices (school, client_id) VALUES ('allegro', 1)$$, '1 / 42501', '"Access and edit clients'' ... invoices": a new one'),
	('invoices.process_payment', $$INSERT INTO opus1.payments (school, client_id, invoice_id, amount) VALUES ('allegro', 1, 1, 50)$$, '1 / 42501', '"Process invoice payments"'),
	('invoices.process_payment', $$UPDATE opus1.invoices SET status = 'paid' WHERE id = 1$$, '1 / 42501', '"Process invoice payments": the invoice is paid'),
	('payments.refund', $$UPDATE opus1.payments SET status = 'refunded' WHERE id = 1$$, '1 / 42501', '"refund / void payment transactions": refund'),
	('payments.void', $$UPDATE opus1.payments SET status = 'void' WHERE id = 1$$, '1 / 42501', '"refund / void payment transactions": void'),
	('invoices.apply_discount', $$UPDATE opus1.invoices SET discount = 10 WHERE id = 1$$, '1 / 42501', '"apply discounts to and void invoices": discount'),
	('invoices.apply_discount', $$INSERT INTO opus1.invoices (school, client_id, discount) VALUES ('allegro', 1, 10)$$, '1 / 42501', '"apply discounts to ... invoices": to a new one'),
	('invoices.void', $$UPDATE opus1.invoices SET status = 'void' WHERE id = 1$$, '1 / 42501', '"apply discounts to and void invoices": void'),
	('charges.process', $$INSERT INTO opus1.charges (school, client_id, kind, amount) VALUES ('allegro', 4, 'retail', 9)$$, '1 / 42501', '"Process charges to clients (e.g retail, fees)"'),
	('service_credits.edit', $$UPDATE opus1.credits SET amount = 9 WHERE id = 1$$, '1 / 0', '"edit clients'' ... service ... credits"'),
	('monetary_credits.edit', $$UPDATE opus1.credits SET amount = 9 WHERE id = 11$$, '1 / 0', '"edit clients'' ... monetary credits"'),
	('service_credits.edit', $$UPDATE opus1.credits SET client_id = 4 WHERE id = 1$$, '42501 / 0', '"edit clients'' ... service ... credits": not whose they are'),
	('monetary_credits.edit', $$UPDATE opus1.credits SET client_id = 4 WHERE id = 11$$, '42501 / 0', '"edit clients'' ... monetary credits": not whose they are'),
	('service_credits.edit', $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 4, 'service', 1)$$, '1 / 42501', '"edit clients'' ... service ... credits": new ones'),
	('monetary_credits.edit', $$INSERT INTO opus1.credits (school, client_id, kind, amount) VALUES ('allegro', 4, 'monetary', 1)$$, '1 / 42501', '"edit clients'' ... monetary credits": new ones'),
	('service_credits.edit', $$UPDATE opus1.credits SET kind = 'service' WHERE id = 11$$, '42501 / 42501', '"service, monetary credits": one is not turned into the other'),
	('staff_comments.post', $$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 1, 'staff')$$, '1 / 42501', '"Post & view staff comments"'),
	('time_off_requests.process', $$UPDATE opus1.time_off SET status = 'approved' WHERE id = 2$$, '1 / 0', '"Process staff time off requests that are assigned to them"'),
	('time_off_requests.submit', $$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 15)$$, '1 / 42501', '"Submit time-off requests for themselves"'),
	('files.upload', $$INSERT INTO opus1.files (school, staff_id, name) VALUES ('allegro', 15, 'new')$$, '1 / 42501', '"Upload files to their own files library"')
) v (permission, command, expected, words);
SELECT is(t.with_and_without('opus1_app', 'allegro', 'sam', permission::ambit.permission, command), '1 / 42501', format('staff, with and without %s: %s', permission, words))
FROM (VALUES
	('client_comments.post', $$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 1, 'client')$$, '"Post client comments for their own clients"'),
	('files.share', $$INSERT INTO opus1.shares VALUES (14, 'allegro', 1)$$, '"share them with their own clients"'),
	('performing_events.enroll', $$INSERT INTO opus1.enrollments VALUES (3, 'performing', 'allegro', 1)$$, '"Enroll their own students to performing events"')
) v (permission, command, words);

-- what is viewed and what is downloaded
SELECT ambit.set_member_permission('allegro', 'sue', p::ambit.permission, false)
FROM unnest('{attendance.take,client_comments.view,service_credits.view,files.download,reports.overdue_invoices.view,staff.personal_information.view,clients.personal_information.view}'::text[]) p;
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'sue');
SELECT is(t.sees(query), expected, 'staff, without the permission: ' || words)
FROM (VALUES
	('SELECT id FROM opus1.appointments WHERE starts_at < now()', '21 23 25 45', '"Access ... clients'' ... schedules": the past, without taking attendance'),
	('SELECT id FROM opus1.comments', '51 71', '"View client comments": staff comments only'),
	('SELECT id FROM opus1.credits', '11 12', '"Access ... service, monetary credits": monetary ones only'),
	('SELECT id, name, content FROM opus1.files_masked WHERE id = 11', '11,scales,', '"View and download": viewed, not downloaded'),
	('SELECT id FROM opus1.overdue_invoices', '', '"See overdue invoices reporting"'),
	('SELECT id, name, phone FROM opus1.staff_masked WHERE id = 11', '11,Lena,', '"View ... other staff private information"'),
	('SELECT id, name, age, phone FROM opus1.clients_masked WHERE id = 1', '1,Carl,41,', '"Access ... clients'' private information"')) v (query, expected, words);
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'sue', p::ambit.permission, NULL)
FROM unnest('{attendance.take,client_comments.view,service_credits.view,files.download,reports.overdue_invoices.view,staff.personal_information.view,clients.personal_information.view}'::text[]) p;

/* ---- managers ------------------------------------------------------------------------------- */

SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'max');
SELECT is(t.sees(query), expected, 'manager: ' || words)
FROM (VALUES
	('SELECT id FROM opus1.staff_masked WHERE pay_rate IS NOT NULL', '', '"See ... limited staff pay rates (configurable per manager)": not configured'),
	('SELECT staff_id FROM opus1.payroll', '17', '"Run payroll (configurable per manager)": not configured'),
	('SELECT id FROM opus1.time_off', '1 2 3 4 5 6', '"Approve and update time-off requests": all of them'),
	('SELECT month FROM opus1.revenue', '', '"Managers cannot view financial information like revenue"'),
	('SELECT name FROM opus1.metrics', '', '"Managers cannot view financial information"'),
	('SELECT name FROM opus1.settings', '', '"Managers cannot ... modify certain business settings": nor see them'),
	('SELECT id FROM opus1.comments', '1 2 4 21 51 71 80', '"staff, managers and owners can also view client comments"; "staff comments are visible by all staff, managers and owners"')) v (query, expected, words);
SELECT is(t.run(command), expected, 'manager: ' || words)
FROM (VALUES
	($$INSERT INTO opus1.staff (id, school, name, phone) VALUES (20, 'allegro', 'Nina', '556-20')$$, '1', '"Create limited staff"'),
	($$INSERT INTO opus1.staff (id, school, name, phone) VALUES (22, 'allegro', 'Stan', '556-22')$$, '1', '"Create ... staff"'),
	($$INSERT INTO opus1.staff (id, school, name) VALUES (21, 'allegro', 'Otto')$$, '42501', '"Create limited staff and staff": no manager'),
	($$INSERT INTO opus1.staff (id, school, name) VALUES (600, 'allegro', 'Nobody')$$, '42501', '"Create limited staff and staff": nobody whose role is not known'),
	($$INSERT INTO opus1.staff (id, school, name, pay_rate) VALUES (20, 'allegro', 'Nina', 99)$$, '42501', '"set limited staff pay rates (configurable per manager)": not with a new one either'),
	($$UPDATE opus1.staff SET pay_rate = 99 WHERE id = 11$$, '42501', '"set limited staff pay rates (configurable per manager)": not configured'),
	($$UPDATE opus1.staff SET phone = '0', pay_rate = 99 WHERE id = 11$$, '42501', '"set limited staff pay rates (configurable per manager)": not along with the phone'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 11 AND pay_rate > 0$$, '42501', '"See ... pay rates (configurable per manager)": not by a condition'),
	($$INSERT INTO opus1.payroll (school, staff_id, amount) VALUES ('allegro', 11, 1)$$, '42501', '"Run payroll (configurable per manager)": not configured'),
	($$UPDATE opus1.time_off SET status = 'approved' WHERE id = 2$$, '1', '"Approve ... time-off requests"'),
	($$UPDATE opus1.time_off SET status = 'rejected', last_day = last_day + 1, assignee_id = 14 WHERE id = 2$$, '1', '"Approve and update time-off requests"'),
	($$UPDATE opus1.time_off SET status = 'requested' WHERE id = 6$$, '1', '"update time-off requests": to be processed again'),
	($$UPDATE opus1.time_off SET staff_id = 14 WHERE id = 2$$, '42501', '"update time-off requests": not for whom'),
	($$INSERT INTO opus1.time_off (school, staff_id, status) VALUES ('allegro', 11, 'approved')$$, '1', '"Create time-off requests on behalf of others", and "Approve" at once'),
	($$UPDATE opus1.appointments SET status = 'done' WHERE id = 41$$, '1', '"Override appointment / session status": any'),
	($$UPDATE opus1.events SET status = 'cancelled' WHERE id = 1$$, '0', '"Override appointment / session status": not a performing event''s'),
	($$UPDATE opus1.payroll SET amount = 1 WHERE id = 17$$, '0', '"See their own payroll": and does not change it'),
	($$INSERT INTO opus1.services VALUES (600, 'allegro', 'Harp', 1)$$, '42501', '"Managers cannot ... create new services"'),
	($$UPDATE opus1.services SET price = 1 WHERE id = 1$$, '0', '"Only owners can ... modify ... services"'),
	($$DELETE FROM opus1.services WHERE id = 1$$, '0', '"Only owners can ... delete services"'),
	($$INSERT INTO opus1.locations VALUES (600, 'allegro', 'Hill')$$, '42501', '"Only owners can ... create ... locations"'),
	($$UPDATE opus1.settings SET value = 'x' WHERE name = 'legal name'$$, '0', '"Managers cannot ... modify certain business settings"'),
	($$UPDATE opus1.appointments SET service_id = 2 WHERE id = 41$$, '42501', '"Only owners can ... modify ... appointments"'),
	($$DELETE FROM opus1.appointments WHERE id = 41$$, '0', '"Only owners can ... delete ... appointments"')) v (command, expected, words);
-- configured
SELECT ambit.assume('allegro', 'mia');
SELECT is(t.sees(query), expected, 'manager, configured: ' || words)
FROM (VALUES
	('SELECT id, pay_rate FROM opus1.staff_masked WHERE pay_rate IS NOT NULL', '11,21 12,22 13,23', '"See ... limited staff pay rates": nobody else''s, nor her own'),
	('SELECT staff_id FROM opus1.payroll', '11 12 13 14 15 16 17 18 19', '"Run payroll"')) v (query, expected, words);
SELECT is(t.run(command), expected, 'manager, configured: ' || words)
FROM (VALUES
	($$INSERT INTO opus1.shares VALUES (16, 'allegro', 4)$$, '1', '"share them with their own clients/students"'),
	($$INSERT INTO opus1.shares VALUES (16, 'allegro', 1)$$, '42501', '"share them with their own clients/students": not with another''s'),
	($$INSERT INTO opus1.shares VALUES (31, 'allegro', 4)$$, '42501', '"their own files library": one client''s contract is not shown to another'),
	($$INSERT INTO opus1.shares VALUES (14, 'allegro', 4)$$, '42501', '"their own files library": nor a file of another''s'),
	($$UPDATE opus1.payroll SET amount = 1 WHERE id = 11$$, '1', '"Run payroll": corrects it'),
	($$UPDATE opus1.payroll SET staff_id = 16 WHERE id = 11$$, '42501', '"Run payroll": not whose it is'),
	($$UPDATE opus1.staff SET pay_rate = 30 WHERE id = 11$$, '1', '"set limited staff pay rates"'),
	($$UPDATE opus1.staff SET pay_rate = 30 WHERE id = 14$$, '42501', '"limited staff pay rates": not staff''s'),
	($$UPDATE opus1.staff SET pay_rate = 30 WHERE id = 16$$, '0', '"limited staff pay rates": not her own'),
	($$UPDATE opus1.staff SET pay_rate = 30 WHERE id = 18$$, '0', '"limited staff pay rates": not the owner''s'),
	($$INSERT INTO opus1.staff (id, school, name, pay_rate) VALUES (20, 'allegro', 'Nina', 30)$$, '1', '"set limited staff pay rates": of a new one'),
	($$INSERT INTO opus1.staff (id, school, name, pay_rate) VALUES (22, 'allegro', 'Stan', 30)$$, '42501', '"limited staff pay rates": not of new staff'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 11$$, '1', '"and modify their personal information": limited staff''s'),
	($$UPDATE opus1.staff SET phone = '0', bio = 'sings' WHERE id = 14$$, '1', '"and modify their personal information": staff''s'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 17$$, '0', '"limited staff and staff": no manager''s'),
	($$UPDATE opus1.staff SET phone = '0' WHERE id = 18$$, '0', '"limited staff and staff": not the owner''s'),
	($$UPDATE opus1.staff SET id = 600 WHERE id = 11$$, '42501', '"modify their personal information": not who it is')) v (command, expected, words);
RESET ROLE;
SELECT is(t.with_and_without('opus1_app', 'allegro', 'max', permission::ambit.permission, command), expected, format('manager, with and without %s: %s', permission, words))
FROM (VALUES
	('staff.create', $$INSERT INTO opus1.staff (id, school, name) VALUES (20, 'allegro', 'Nina')$$, '1 / 42501', '"Create limited staff and staff"'),
	('staff.personal_information.edit', $$UPDATE opus1.staff SET name = 'x', phone = '0', email = 'x', bio = 'x', tags = '{harp}' WHERE id = 14$$, '1 / 0', '"and modify their personal information"'),
	('staff.availability.manage', $$INSERT INTO opus1.availabilities (school, staff_id, weekday, hours) VALUES ('allegro', 11, 2, '9 to 12')$$, '1 / 42501', '"Manage staff availability": add'),
	('staff.availability.manage', $$UPDATE opus1.availabilities SET hours = '9 to 13' WHERE staff_id = 18$$, '1 / 0', '"Manage staff availability": change'),
	('staff.availability.manage', $$DELETE FROM opus1.availabilities WHERE staff_id = 11$$, '1 / 0', '"Manage staff availability": remove'),
	('time_off_requests.approve', $$UPDATE opus1.time_off SET status = 'approved' WHERE id = 2$$, '1 / 42501', '"Approve and update time-off requests": approve'),
	('time_off_requests.update', $$UPDATE opus1.time_off SET first_day = first_day + 1 WHERE id = 2$$, '1 / 42501', '"Approve and update time-off requests": update'),
	('time_off_requests.create_for_others', $$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 11)$$, '1 / 42501', '"Create time-off requests on behalf of others"'),
	('time_off_requests.update', $$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 11)$$, '1 / 1', '"Create time-off requests on behalf of others": whether or not one updates them'),
	('time_off_requests.approve', $$INSERT INTO opus1.time_off (school, staff_id, status) VALUES ('allegro', 11, 'approved')$$, '1 / 42501', '"Create time-off requests on behalf of others": approved ones need "Approve"'),
	('appointments.override_status', $$UPDATE opus1.appointments SET status = 'booked' WHERE id = 49$$, '1 / 42501', '"Override appointment / session status (E.g. take a canceled appointment and make it active again)"'),
	('appointments.override_status', $$UPDATE opus1.events SET status = 'cancelled' WHERE id = 2$$, '1 / 0', '"Override appointment / session status": a session''s')
) v (permission, command, expected, words);
SELECT ambit.set_member_permission('allegro', 'mia', 'staff.personal_information.edit', false);
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'mia');
SELECT is(t.run($$UPDATE opus1.staff SET pay_rate = 30 WHERE id = 11$$), '1', 'manager, configured, without staff.personal_information.edit: "set limited staff pay rates"');
SELECT is(t.run($$UPDATE opus1.staff SET phone = '0' WHERE id = 11$$), '42501', 'manager, configured, without staff.personal_information.edit: "set ... pay rates" and nothing else');
RESET ROLE;
SELECT ambit.set_member_permission('allegro', 'mia', 'staff.personal_information.edit', NULL);
SELECT is(t.run(format('SELECT ambit.set_member_permission(%L, %L, %L, true)', 'allegro', 'sue', p)), '55000', '"Staff cannot": ' || p || ' is nobody''s to turn on')
FROM unnest('{staff.create,staff.personal_information.edit,pay_rates.view,pay_rates.edit,services.create,events.plan,sessions.plan,dashboard.financial_metrics.view,business_settings.modify}'::text[]) p;

-- a manager who may modify business settings, not the "certain" ones
SELECT ambit.set_member_permission('allegro', 'max', 'business_settings.modify', true, 'all');
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'max');
SELECT is(t.sees('SELECT name FROM opus1.settings'), '"opening hours"', 'manager, with business_settings.modify: "cannot ... modify certain business settings": nor see these');
SELECT is(t.run($$UPDATE opus1.settings SET value = 'x' WHERE name = 'opening hours'$$), '1', 'manager, with business_settings.modify: others');
SELECT is(t.run($$UPDATE opus1.settings SET restricted = true WHERE name = 'opening hours'$$), '42501', 'manager, with business_settings.modify: does not make one of the "certain" ones');
SELECT is(t.run($$UPDATE opus1.settings SET value = 'x' WHERE name = 'legal name'$$), '0', 'manager, with business_settings.modify: "cannot ... modify certain business settings"');

/* ---- owners ------------------------------------------------------------------------------------ */

SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'olga');
SELECT is(t.sees(query), expected, 'owner: ' || words)
FROM (VALUES
	('SELECT month FROM opus1.revenue', '2026-01-01 2026-02-01', '"Only owners can view financial information"'),
	('SELECT name FROM opus1.metrics', '"revenue per client"', '"See financial metrics on the main dashboard"'),
	('SELECT name FROM opus1.settings', '"legal name" "opening hours"', '"modify certain business settings": sees all of this school'),
	('SELECT id, pay_rate FROM opus1.staff_masked', '11,21 12,22 13,23 14,24 15,25 16,26 17,27 18,28 19,29', '"most permissive role": all pay rates'),
	('SELECT staff_id FROM opus1.payroll', '11 12 13 14 15 16 17 18 19', '"most permissive role": all payroll'),
	('SELECT id FROM opus1.time_off', '1 2 3 4 5 6', '"most permissive role": all time off'),
	('SELECT count(*) FROM opus1.clients_masked WHERE phone IS NOT NULL', '22', '"most permissive role": every client of this school'),
	('SELECT id FROM opus1.files_masked WHERE content IS NOT NULL', '11 12 14 16 18 31', '"most permissive role": all files')) v (query, expected, words);
SELECT is(t.run(command), expected, 'owner: ' || words)
FROM (VALUES
	($$UPDATE opus1.staff SET phone = '0', pay_rate = 1 WHERE id = 17$$, '1', '"most permissive role": a manager''s information and pay rate'),
	($$INSERT INTO opus1.staff (id, school, name, pay_rate) VALUES (21, 'allegro', 'Otto', 1)$$, '1', '"most permissive role": creates a manager'),
	($$INSERT INTO opus1.payroll (school, staff_id, amount) VALUES ('allegro', 11, 1)$$, '1', '"most permissive role": runs payroll'),
	($$INSERT INTO opus1.services VALUES (600, 'allegro', 'Harp', 1)$$, '1', '"create ... services"'),
	($$UPDATE opus1.services SET price = 1 WHERE id = 1$$, '1', '"modify ... services"'),
	($$DELETE FROM opus1.services WHERE id = 1$$, '1', '"delete services"'),
	($$INSERT INTO opus1.locations VALUES (600, 'allegro', 'Hill')$$, '1', '"create ... locations"'),
	($$UPDATE opus1.locations SET name = 'Hill' WHERE id = 1$$, '1', '"modify ... locations"'),
	($$DELETE FROM opus1.locations WHERE id = 1$$, '1', '"delete ... locations"'),
	($$UPDATE opus1.appointments SET service_id = 2 WHERE id = 41$$, '1', '"modify ... appointments"'),
	($$DELETE FROM opus1.appointments WHERE id = 41$$, '1', '"delete ... appointments"'),
	($$UPDATE opus1.settings SET value = 'x' WHERE name = 'legal name'$$, '1', '"modify certain business settings on your opus1.io account"'),
	($$UPDATE opus1.appointments SET status = 'booked', starts_at = now() + interval '1 hour', client_id = 1 WHERE id = 49$$, '1', '"modify ... appointments": everything of it'),
	($$INSERT INTO opus1.comments (school, client_id, audience) VALUES ('allegro', 28, 'client')$$, '1', '"most permissive role": comments on any client'),
	($$INSERT INTO opus1.comments (school, client_id, author, audience) VALUES ('allegro', 28, 'lena', 'client')$$, '42501', '"most permissive role": in nobody else''s name'),
	($$INSERT INTO opus1.time_off (school, staff_id) VALUES ('allegro', 18)$$, '1', '"Submit time-off requests for themselves"'),
	($$INSERT INTO opus1.files (school, staff_id, name) VALUES ('allegro', 11, 'new')$$, '42501', '"Upload files to their own files library": their own'),
	($$INSERT INTO opus1.shares VALUES (18, 'allegro', 28)$$, '1', '"share them": with any client'),
	($$INSERT INTO opus1.shares VALUES (11, 'allegro', 21)$$, '42501', '"their own files library": no teacher''s file'),
	($$INSERT INTO opus1.shares VALUES (31, 'allegro', 4)$$, '42501', '"their own files library": no client''s contract'),
	($$UPDATE opus1.services SET school = 'bellini' WHERE id = 1$$, '42501', 'moves nothing to another school'),
	($$UPDATE opus1.appointments SET school = 'bellini' WHERE id = 41$$, '42501', 'moves no appointment to another school'),
	($$INSERT INTO opus1.services VALUES (600, 'bellini', 'Harp', 1)$$, '42501', 'creates nothing in another school'),
	($$DELETE FROM opus1.services WHERE id = 9$$, '0', 'deletes nothing of another school'),
	($$UPDATE opus1.staff SET pay_rate = 1 WHERE id = 911$$, '0', 'sets no pay rate of another school')) v (command, expected, words);
RESET ROLE;
SELECT is(t.with_and_without('opus1_app', 'allegro', 'olga', permission::ambit.permission, command), expected, format('owner, with and without %s: %s', permission, words))
FROM (VALUES
	('events.plan', $$INSERT INTO opus1.events VALUES (600, 'allegro', 'performing', 'Gala')$$, '1 / 42501', '"Plan events or sessions": events'),
	('sessions.plan', $$INSERT INTO opus1.events VALUES (600, 'allegro', 'session', 'Choir')$$, '1 / 42501', '"Plan events or sessions": sessions'),
	('sessions.plan', $$UPDATE opus1.events SET name = 'x' WHERE id = 2$$, '1 / 42501', '"Plan events or sessions": changes a session'),
	('events.plan', $$DELETE FROM opus1.events WHERE id = 3$$, '1 / 0', '"Plan events or sessions": an event that is not'),
	('business_settings.modify', $$UPDATE opus1.settings SET value = 'x' WHERE name = 'opening hours'$$, '1 / 0', '"Modify business settings"'),
	('business_settings.self_booking_links.create', $$INSERT INTO opus1.self_booking_links VALUES ('https://x', 'allegro')$$, '1 / 42501', '"creating self-booking links"'),
	('payroll.run', $$INSERT INTO opus1.payroll (school, staff_id, amount) VALUES ('allegro', 17, 1)$$, '1 / 42501', '"Run payroll"'),
	('pay_rates.edit', $$UPDATE opus1.staff SET pay_rate = 1 WHERE id = 16$$, '1 / 42501', '"See and set ... pay rates"'),
	('pay_rates.view', $$UPDATE opus1.staff SET pay_rate = 1 WHERE id = 16$$, '1 / 1', '"See and set ... pay rates": to set is a permission of its own')
) v (permission, command, expected, words);
-- "create ... appointments" beside "Book ... appointments"
SELECT ambit.set_member_permission('allegro', u, 'appointments.book', false) FROM unnest('{oskar,max}'::text[]) u;
SET ROLE opus1_app;
SELECT ambit.assume('allegro', 'oskar');
SELECT is(t.run($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 11, 4)$$), '1', 'owner, without appointments.book: "Only owners can ... create ... appointments"');
SELECT ambit.assume('allegro', 'max');
SELECT is(t.run($$INSERT INTO opus1.appointments (school, staff_id, client_id) VALUES ('allegro', 11, 4)$$), '42501', 'manager, without appointments.book: "Only owners can ... create ... appointments"');

/* ---- the other school ---------------------------------------------------------------------------- */

SELECT ambit.assume('bellini', 'ben');
SELECT is(t.sees('SELECT id FROM opus1.clients_masked'), '901', 'another school, a teacher with Lena''s id: the own clients of this school');
SELECT is(t.sees('SELECT id FROM opus1.appointments'), '91 92', 'another school, a teacher with Lena''s id: his appointments');
SELECT is(t.sees('SELECT id FROM opus1.time_off'), '9', 'another school, a teacher with Lena''s id: his time off');
SELECT ambit.assume('bellini', 'bruno');
SELECT is(t.sees('SELECT id FROM opus1.credits'), '9', 'another school, a client with Carl''s id: his credits');
SELECT is(t.run($$UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 41$$), '0', 'another school, a client with Carl''s id: cancels nothing of Carl''s');
SELECT ambit.assume('bellini', 'bea');
SELECT is(t.sees(format('SELECT DISTINCT school FROM opus1.%I', r)), 'bellini', 'another school: an owner sees this school''s rows of ' || r || ' only')
FROM unnest('{clients_masked,staff_masked,services,locations,appointments,invoices,comments,payroll,files_masked,revenue,settings,credits,subscriptions}'::text[]) r;

SELECT ambit.logout();
SELECT is(t.sees('SELECT id FROM opus1.services'), '', 'after logout(): nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
