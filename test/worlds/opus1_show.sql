/*
 * opus1_show.sql
 *		Who sees and may do what in the school of opus1.sql: the database role
 *		opus1_app acts for the person at the head of the column.
 */
--try: SET ROLE opus1_app;
--try: BEGIN;
--try: SELECT ambit.assume('allegro', 'lena');
--try: SELECT * FROM opus1.clients_masked;
--try: UPDATE opus1.appointments SET status = 'cancelled' WHERE id = 44;
--try: UPDATE opus1.appointments SET room = 'B' WHERE id = 44;
--try: COMMIT;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n serial, who text, user_id text);
INSERT INTO person (who, user_id)
VALUES ('visitor', NULL), ('client', 'carl'), ('limited', 'lena'), ('customized', 'tina'), ('staff', 'sam'), ('manager', 'max'), ('configured', 'mia'), ('owner', 'olga');

CREATE TEMP TABLE question (n serial, part text, what text, command text);
INSERT INTO question (part, what, command) VALUES
	('see', 'services', 'SELECT FROM opus1.services'),
	('see', 'clients', 'SELECT FROM opus1.clients_masked'),
	('see', '... phones of clients', 'SELECT FROM opus1.clients_masked WHERE phone IS NOT NULL'),
	('see', 'staff', 'SELECT FROM opus1.staff_masked'),
	('see', '... phones of staff', 'SELECT FROM opus1.staff_masked WHERE phone IS NOT NULL'),
	('see', '... pay rates', 'SELECT FROM opus1.staff_masked WHERE pay_rate IS NOT NULL'),
	('see', 'appointments', 'SELECT FROM opus1.appointments'),
	('see', 'comments for clients', 'SELECT FROM opus1.comments WHERE audience = ''client'''),
	('see', 'comments for staff', 'SELECT FROM opus1.comments WHERE audience = ''staff'''),
	('see', 'time off', 'SELECT FROM opus1.time_off'),
	('see', 'files', 'SELECT FROM opus1.files_masked'),
	('see', 'invoices', 'SELECT FROM opus1.invoices'),
	('see', 'months of revenue', 'SELECT FROM opus1.revenue'),
	('do', 'cancel an appointment', 'UPDATE opus1.appointments SET status = ''cancelled'' WHERE id = 46'),
	('do', 'reschedule it', 'UPDATE opus1.appointments SET starts_at = starts_at + interval ''1 day'' WHERE id = 46'),
	('do', 'take attendance', 'INSERT INTO opus1.attendance VALUES (46, true)'),
	('do', 'take a cancelled one back', 'UPDATE opus1.appointments SET status = ''booked'' WHERE id = 49'),
	('do', 'comment on a client', 'INSERT INTO opus1.comments (school, client_id, audience) VALUES (''allegro'', 21, ''client'')'),
	('do', 'edit a client''s phone', 'UPDATE opus1.clients SET phone = ''555'' WHERE id = 21'),
	('do', 'approve Lena''s time off', 'UPDATE opus1.time_off SET status = ''approved'' WHERE id = 1'),
	('do', 'set Lena''s pay rate', 'UPDATE opus1.staff SET pay_rate = 30 WHERE id = 11'),
	('do', 'void an invoice', 'UPDATE opus1.invoices SET status = ''void'' WHERE id = 1'),
	('do', 'create a service', 'INSERT INTO opus1.services VALUES (100, ''allegro'', ''Harp'', 40)');

\ir include/try.sql
-- a number of rows; or whether a change is done
CREATE TEMP TABLE answer AS
	SELECT q.n AS question, q.part, q.what, p.n AS person, p.who,
		CASE WHEN t.rows IN ('0', 'denied') THEN '-' WHEN q.part = 'do' THEN 'yes' ELSE lpad(t.rows, 4) END AS value
	FROM question q, person p, LATERAL pg_temp.try('opus1_app', 'allegro', p.user_id, NULL, q.command) t (rows);

\echo
\echo 'The school "allegro": how many rows each one sees'
\echo
SELECT what AS "sees", who, value FROM answer WHERE part = 'see' ORDER BY question, person
\crosstabview "sees" who value
\echo 'What each one may do to the same rows'
\echo
SELECT what AS "may", who, value FROM answer WHERE part = 'do' ORDER BY question, person
\crosstabview "may" who value

\echo 'Limited staff "do not have access to clients'' personal information (except their name and age, or if they are a dependent)"'
\echo
BEGIN;
SET LOCAL ROLE opus1_app;
SELECT ambit.assume('allegro', 'lena') AS nothing \gset
SELECT id, name, age, dependant, phone, email FROM opus1.clients_masked ORDER BY id;
ROLLBACK;
\echo 'Staff "change assigned location, rooms, and staff", and do not take back what was cancelled'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE opus1_app;
SELECT ambit.assume('allegro', 'sam') AS nothing \gset
UPDATE opus1.appointments SET room = 'B', staff_id = 11 WHERE id = 49;
UPDATE opus1.appointments SET room = 'B', status = 'booked' WHERE id = 49;
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
