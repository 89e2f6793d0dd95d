/*
 * workspace_show.sql
 *		Who sees and does what in the world of test/worlds/workspace.sql.  Each answer
 *		is what the database role workspace_app gets, acting for the person at the head
 *		of the column; what is tried is undone.
 */
--try: SET ROLE workspace_app;
--try: BEGIN;
--try: SELECT ambit.assume('crew', 'pia');
--try: SELECT id, pro_id, starts_at, status FROM workspace.bookings;
--try: UPDATE workspace.bookings SET status = 'completed' WHERE id = 1;
--try: UPDATE workspace.bookings SET pro_id = 12 WHERE id = 1;
--try: ROLLBACK;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n integer, who text, tenant text, user_id text);
INSERT INTO person VALUES (1, 'pia, member', 'crew', 'pia'), (2, 'mia, manager', 'crew', 'mia'), (3, 'olga, owner', 'crew', 'olga'),
	(4, 'nell, no role', 'crew', 'nell'), (5, 'pia at the rival', 'rival', 'pia');

CREATE TEMP TABLE sight (n integer GENERATED ALWAYS AS IDENTITY, what text, query text);
INSERT INTO sight (what, query) VALUES
	('bookings', 'SELECT FROM workspace.bookings'),
	('... notes on them', 'SELECT FROM workspace.booking_notes'),
	('contacts', 'SELECT FROM workspace.contacts'),
	('directory', 'SELECT FROM workspace.directory'),
	('teams', 'SELECT FROM workspace.teams'),
	('members', 'SELECT FROM workspace.members'),
	('reports', 'SELECT FROM workspace.reports'),
	('transactions', 'SELECT FROM workspace.transactions'),
	('plans', 'SELECT FROM workspace.plans'),
	('reasons', 'SELECT FROM workspace.reasons');

CREATE TEMP TABLE deed (n integer GENERATED ALWAYS AS IDENTITY, what text, query text);
INSERT INTO deed (what, query) VALUES
	('complete one of Pia''s', $$UPDATE workspace.bookings SET status = 'completed' WHERE id = 1$$),
	('... of Pete''s', $$UPDATE workspace.bookings SET status = 'completed' WHERE id = 2$$),
	('reschedule one of Pia''s', $$UPDATE workspace.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 1$$),
	('reassign one of Pia''s', $$UPDATE workspace.bookings SET pro_id = 12 WHERE id = 1$$),
	('change its price', $$UPDATE workspace.bookings SET price = 0 WHERE id = 1$$),
	('note on one of Pete''s', $$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (2, 'Late')$$),
	('... in Pete''s name', $$INSERT INTO workspace.booking_notes (booking_id, author, body) VALUES (2, 'pete', 'Late')$$),
	('set the notice period', $$UPDATE workspace.settings SET notice_hours = 1$$),
	('... the cancellation policy', $$UPDATE workspace.settings SET cancellation_policy = 'Free'$$),
	('... the bank account', $$UPDATE workspace.settings SET iban = 'DE02'$$),
	('remove the member Pia', $$DELETE FROM workspace.members WHERE user_id = 'pia'$$),
	('... the manager Max', $$DELETE FROM workspace.members WHERE user_id = 'max'$$),
	('make Pia an owner', $$UPDATE workspace.members SET role = 'owner' WHERE user_id = 'pia' AND role = 'member'$$),
	('take Pia off her team', $$DELETE FROM workspace.team_members WHERE team_id = 'north' AND member_id = 11$$);

\ir include/try.sql
CREATE TEMP TABLE answer AS
	SELECT p.n AS person, q.part, q.n, CASE t.rows WHEN '0' THEN '-' WHEN 'denied' THEN 'refused' ELSE t.rows END AS value
	FROM person p, (SELECT 'sight' AS part, n, query FROM sight UNION ALL SELECT 'deed', n, query FROM deed) q,
		LATERAL pg_temp.try('workspace_app', p.tenant, p.user_id, NULL, q.query) t (rows);

\echo
\echo 'The workspace "crew": how many rows each one sees'
\echo
SELECT s.what AS "sees", p.who, lpad(a.value, 8) AS value
FROM answer a JOIN person p ON p.n = a.person JOIN sight s ON s.n = a.n WHERE a.part = 'sight' ORDER BY s.n, p.n
\crosstabview "sees" who value

\echo 'What comes of a change: how many rows, none in reach (-), or an error'
\echo
SELECT d.what AS "tries to", p.who, a.value
FROM answer a JOIN person p ON p.n = a.person JOIN deed d ON d.n = a.n WHERE a.part = 'deed' ORDER BY d.n, p.n
\crosstabview "tries to" who value

\echo 'The settings as the manager Mia reads them: bank details are the owners'''
\echo
BEGIN;
SET LOCAL ROLE workspace_app;
SELECT ambit.assume('crew', 'mia') AS nothing \gset
SELECT name, logo, notice_hours, cancellation_policy, coalesce(iban, '(null)') AS iban FROM workspace.settings_masked;
ROLLBACK;

\echo 'Pia, with her own booking'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE workspace_app;
SELECT ambit.assume('crew', 'pia') AS nothing \gset
UPDATE workspace.bookings SET status = 'cancelled', cancellation_reason = 'Ill' WHERE id = 1;
UPDATE workspace.bookings SET pro_id = 12 WHERE id = 11;
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
