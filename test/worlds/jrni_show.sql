/*
 * jrni_show.sql
 *		Who sees and may do what in the company of jrni.sql: the database role
 *		jrni_app acts for the person at the head of the column.
 */
--try: SET ROLE jrni_app;
--try: BEGIN;
--try: SELECT ambit.assume('acme', 'mia');
--try: SELECT location, count(*) FROM jrni.bookings GROUP BY location;
--try: UPDATE jrni.services SET price = 60 WHERE location = 'paris';
--try: UPDATE jrni.services SET location = 'leeds' WHERE location = 'paris';
--try: COMMIT;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n serial, who text, user_id text);
INSERT INTO person (who, user_id)
VALUES ('call center', 'cal'), ('user', 'anna'), ('himself', 'pete'), ('user plus', 'paul'), ('manager', 'max'), ('stylists', 'gus'), ('admin', 'ada'), ('owner', 'olga'), ('three roles', 'mia');

CREATE TEMP TABLE question (n serial, part text, what text, command text);
INSERT INTO question (part, what, command) VALUES
	('see', 'customers', 'SELECT FROM jrni.customers'),
	('see', 'bookings', 'SELECT FROM jrni.bookings'),
	('see', '... in the calendar', 'SELECT FROM jrni.calendar'),
	('see', '... checked in', 'SELECT FROM jrni.bookings_masked WHERE checked_in_at IS NOT NULL'),
	('see', 'categories', 'SELECT FROM jrni.categories'),
	('see', 'services', 'SELECT FROM jrni.services'),
	('see', 'staff', 'SELECT FROM jrni.staff'),
	('see', 'schedules', 'SELECT FROM jrni.schedules'),
	('see', 'resources', 'SELECT FROM jrni.resources'),
	('see', 'companies', 'SELECT FROM jrni.companies'),
	('see', 'users', 'SELECT FROM jrni.users'),
	('do', 'move a booking', 'UPDATE jrni.bookings SET starts_at = starts_at + interval ''1 day'' WHERE id = 23'),
	('do', '... to Paris', 'UPDATE jrni.bookings SET location = ''paris'' WHERE id = 23'),
	('do', '... to another stylist', 'UPDATE jrni.bookings SET staff_id = 21 WHERE id = 23'),
	('do', '... to a barber', 'UPDATE jrni.bookings SET staff_id = 25 WHERE id = 23'),
	('do', 'cancel it', 'UPDATE jrni.bookings SET status = ''cancelled'' WHERE id = 23'),
	('do', 'check in', 'UPDATE jrni.bookings SET checked_in_at = now() WHERE id = 23'),
	('do', 'create a category', 'INSERT INTO jrni.categories (tenant, location, name) VALUES (''acme'', ''london'', ''Nails'')'),
	('do', 'edit a service', 'UPDATE jrni.services SET price = 60 WHERE id = 2'),
	('do', 'edit a schedule', 'UPDATE jrni.schedules SET hours = ''10 to 18'' WHERE id = 23'),
	('do', 'edit what & where', 'UPDATE jrni.staff SET places = ''{london,soho}'' WHERE id = 23'),
	('do', 'edit a name', 'UPDATE jrni.staff SET name = ''Pete'' WHERE id = 23'),
	('do', 'create a user', 'INSERT INTO jrni.users (tenant, location, name, role) VALUES (''acme'', ''london'', ''new'', ''user'')'),
	('do', 'edit the company', 'UPDATE jrni.companies SET address = ''2 Park Lane'' WHERE tenant = ''acme'' AND location = ''london''');

\ir include/try.sql
-- a number of rows; or whether a change is done
CREATE TEMP TABLE answer AS
	SELECT q.n AS question, q.part, q.what, p.n AS person, p.who,
		CASE WHEN t.rows IN ('0', 'denied') THEN '-' WHEN q.part = 'do' THEN 'yes' ELSE lpad(t.rows, 4) END AS value
	FROM question q, person p, LATERAL pg_temp.try('jrni_app', 'acme', p.user_id, NULL, q.command) t (rows);

\echo
\echo 'The company "acme": how many rows each one sees'
\echo '("himself": a user of London, limited to himself; "stylists": a manager of London, limited to this staff group;'
\echo ' "three roles": owner of London, administrator of Paris, user of Leeds; the others at the parent company)'
\echo
SELECT what AS "sees", who, value FROM answer WHERE part = 'see' ORDER BY question, person
\crosstabview "sees" who value
\echo 'What each one may do to the same rows: a booking of London with a stylist, and others of London'
\echo
SELECT what AS "may", who, value FROM answer WHERE part = 'do' ORDER BY question, person
\crosstabview "may" who value

\echo '"an Owner at one location, an Administrator at another and a User at another"'
\echo
CREATE TEMP VIEW here AS
	SELECT v.location, ambit.has_permission_at('bookings.manage', v.location) AS bookings,
		ambit.has_permission_at('services.edit', v.location) AS services, ambit.has_permission_at('business.edit', v.location) AS company
	FROM unnest('{hq,london,soho,paris,leeds}'::text[]) AS v(location);
GRANT SELECT ON here TO jrni_app;
BEGIN;
SET LOCAL ROLE jrni_app;
SELECT ambit.assume('acme', 'mia') AS nothing \gset
SELECT * FROM here;
ROLLBACK;
\echo 'Managers "Edit Staff What & Where settings", and "Cannot: ... edit ... Staff"'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE jrni_app;
SELECT ambit.assume('acme', 'max') AS nothing \gset
UPDATE jrni.staff SET services = '{2,3}', places = '{london,soho}' WHERE id = 23;
UPDATE jrni.staff SET places = '{london,soho}', name = 'Pete' WHERE id = 23;
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
