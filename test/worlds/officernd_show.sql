/*
 * officernd_show.sql
 *		Who sees and does what in the world of test/worlds/officernd.sql.  Each answer
 *		is what the database role officernd_app gets, acting for the person at the head
 *		of the column; what is tried is undone.
 */
--try: SET ROLE officernd_app;
--try: BEGIN;
--try: SELECT ambit.assume('hub', 'carl');
--try: SELECT id, location_id, status FROM officernd.contracts;
--try: UPDATE officernd.contracts SET status = 'sent' WHERE id = 2;
--try: UPDATE officernd.contracts SET status = 'approved' WHERE id = 1;
--try: ROLLBACK;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n integer, who text, tenant text, user_id text);
INSERT INTO person VALUES (1, 'vera, viewer', 'hub', 'vera'), (2, 'carl, manager', 'hub', 'carl'), (3, 'cora, at the harbour', 'hub', 'cora'), (4, 'olga, owner', 'hub', 'olga'),
	(5, 'vik, VA', 'hub', 'vik'), (6, 'ines, data admin', 'hub', 'ines');

CREATE TEMP TABLE sight (n integer GENERATED ALWAYS AS IDENTITY, what text, query text);
INSERT INTO sight (what, query) VALUES
	('members', 'SELECT FROM officernd.members'),
	('contracts', 'SELECT FROM officernd.contracts'),
	('messages', 'SELECT FROM officernd.messages'),
	('invoices', 'SELECT FROM officernd.invoices'),
	('resources', 'SELECT FROM officernd.resources'),
	('bookings', 'SELECT FROM officernd.bookings'),
	('templates', 'SELECT FROM officernd.templates'),
	('import tabs', 'SELECT FROM officernd.import_tabs'),
	('... past imports', 'SELECT FROM officernd.imports');

CREATE TEMP TABLE deed (n integer GENERATED ALWAYS AS IDENTITY, what text, query text);
INSERT INTO deed (what, query) VALUES
	('edit a fee', $$UPDATE officernd.fees SET amount = 6 WHERE id = 1$$),
	('approve it', $$UPDATE officernd.fees SET status = 'approved' WHERE id = 1$$),
	('create an approved fee', $$INSERT INTO officernd.fees (id, location_id, amount, status) VALUES (600, 'harbour', 5, 'approved')$$),
	('approve a membership', $$UPDATE officernd.memberships SET status = 'approved' WHERE id = 1$$),
	('... lock it', $$UPDATE officernd.memberships SET locked = true WHERE id = 1$$),
	('send a draft contract', $$UPDATE officernd.contracts SET status = 'sent' WHERE id = 1$$),
	('terminate one on notice', $$UPDATE officernd.contracts SET status = 'terminated', ends_on = current_date WHERE id = 5$$),
	('merge two members', $$UPDATE officernd.members SET merged_into = 4 WHERE id = 1$$),
	('import members', $$INSERT INTO officernd.members (id, location_id, source) SELECT 600 + n, 'harbour', 'csv' FROM generate_series(1, 3) n$$),
	('void an invoice', $$UPDATE officernd.invoices SET status = 'void' WHERE id = 1$$),
	('export invoices', $$INSERT INTO officernd.exports (entity) VALUES ('invoices')$$),
	('edit a message', $$UPDATE officernd.messages SET title = 'Hello' WHERE id = 1$$),
	('delete all resources', $$DELETE FROM officernd.resources$$),
	('cancel all bookings', $$UPDATE officernd.bookings SET status = 'cancelled' WHERE status = 'booked'$$),
	('edit a template', $$UPDATE officernd.templates SET body = 'Dear' WHERE id = 1$$);

\ir include/try.sql
CREATE TEMP TABLE answer AS
	SELECT p.n AS person, q.part, q.n, CASE t.rows WHEN '0' THEN '-' WHEN 'denied' THEN 'refused' ELSE t.rows END AS value
	FROM person p, (SELECT 'sight' AS part, n, query FROM sight UNION ALL SELECT 'deed', n, query FROM deed) q,
		LATERAL pg_temp.try('officernd_app', p.tenant, p.user_id, NULL, q.query) t (rows);

\echo
\echo 'The business "hub": how many rows each one sees'
\echo
SELECT s.what AS "sees", p.who, lpad(a.value, 8) AS value
FROM answer a JOIN person p ON p.n = a.person JOIN sight s ON s.n = a.n WHERE a.part = 'sight' ORDER BY s.n, p.n
\crosstabview "sees" who value

\echo 'What comes of a change: how many rows, none in reach (-), or an error'
\echo
SELECT d.what AS "tries to", p.who, a.value
FROM answer a JOIN person p ON p.n = a.person JOIN deed d ON d.n = a.n WHERE a.part = 'deed' ORDER BY d.n, p.n
\crosstabview "tries to" who value

\echo 'Carl, center manager, edits a fee and approves it'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE officernd_app;
SELECT ambit.assume('hub', 'carl') AS nothing \gset
UPDATE officernd.fees SET amount = 6 WHERE id = 1;
UPDATE officernd.fees SET status = 'approved' WHERE id = 1;
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
