/*
 * time_to_pet_show.sql
 *		Who sees and may do what in the two companies that time_to_pet.sql made:
 *		walkies, where all switches are off, and pawsome, where all are on.
 *
 * Every answer comes from plain SQL by the database role time_to_pet_app, which
 * acts for the person at the head of the column.  What is done is undone again.
 */
--try: SET ROLE time_to_pet_app;
--try: BEGIN;
--try: SELECT ambit.assume('walkies', 'tina', 'mobile');
--try: SELECT * FROM time_to_pet.client_keys;
--try: UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = 1;
--try: SELECT * FROM time_to_pet.client_keys;
--try: ROLLBACK;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n integer, who text, company text, user_id text);
INSERT INTO person VALUES
	(1, 'trainee', 'walkies', 'tina'), (2, 'staff', 'walkies', 'sven'), (3, 'office', 'walkies', 'olive'), (4, 'admin', 'walkies', 'adam'),
	(5, 'trainee+', 'pawsome', 'tina'), (6, 'staff+', 'pawsome', 'sven'), (7, 'office+', 'pawsome', 'olive'), (8, 'admin+', 'pawsome', 'adam');

CREATE TEMP TABLE sight (n integer, what text, channel text, query text);
INSERT INTO sight VALUES
	(1, 'clients', 'web', 'time_to_pet.clients'),
	(2, 'events', 'web', 'time_to_pet.events'),
	(3, '... in the app', 'mobile', 'time_to_pet.events'),
	(4, 'keys', 'web', 'time_to_pet.client_keys'),
	(5, '... in the app', 'mobile', 'time_to_pet.client_keys'),
	(6, 'messages', 'web', 'time_to_pet.messages WHERE NOT private AND status = ''sent'''),
	(7, '... to be approved', 'web', 'time_to_pet.messages WHERE NOT private AND status <> ''sent'''),
	(8, '... private', 'web', 'time_to_pet.messages WHERE private'),
	(9, 'time off', 'web', 'time_to_pet.time_off WHERE status = ''approved'''),
	(10, '... requested', 'web', 'time_to_pet.time_off WHERE status = ''requested'''),
	(11, 'staff', 'web', 'time_to_pet.staff'),
	(12, '... pay rates', 'web', 'time_to_pet.staff_masked WHERE pay_rate IS NOT NULL'),
	(13, 'client history', 'web', 'time_to_pet.client_history'),
	(14, 'services', 'web', 'time_to_pet.services'),
	(15, 'invoices', 'web', 'time_to_pet.invoices'),
	(16, 'payouts', 'web', 'time_to_pet.payouts'),
	(17, 'settings', 'web', 'time_to_pet.settings');

-- :c is the company, :o what is added to ids there, :me the staff id of the one who acts, :e an event of theirs
CREATE TEMP TABLE deed (n integer, what text, channel text, command text);
INSERT INTO deed VALUES
	(1, 'complete an event, with a message', 'mobile', $$UPDATE time_to_pet.events SET status = 'completed', completed_at = now(), message = 'Fine' WHERE id = :e + :o$$),
	(2, '... without', 'mobile', $$UPDATE time_to_pet.events SET status = 'completed', completed_at = now() WHERE id = :e + :o$$),
	(3, '... another''s, from the Scheduler', 'web', $$UPDATE time_to_pet.events SET status = 'completed', completed_at = now() WHERE id = 10 + :o$$),
	(4, 'reschedule it', 'web', 'UPDATE time_to_pet.events SET starts_at = now() WHERE id = :e + :o'),
	(5, 'give a key away that they have', 'mobile', 'UPDATE time_to_pet.client_keys SET holder_id = 2 WHERE holder_id = :me AND client_id = (ARRAY[5, 0, 2, 0, 6])[:me] + :o'),
	(6, 'take a key from the office', 'mobile', 'UPDATE time_to_pet.client_keys SET holder_id = :me, location = NULL WHERE id = 12 + :o'),
	(7, 'edit a visible field', 'web', $$UPDATE time_to_pet.clients SET name = 'X' WHERE id = 8 + :o$$),
	(8, '... another field', 'web', $$UPDATE time_to_pet.clients SET alarm_code = 'X' WHERE id = 8 + :o$$),
	(9, '... in the app', 'mobile', $$UPDATE time_to_pet.clients SET name = 'X' WHERE id = 8 + :o$$),
	(10, 'write to a client, for approval', 'web', $$INSERT INTO time_to_pet.messages VALUES (:c, 90, 8 + :o, :me, 'message', false, 'Hello', 'pending')$$),
	(11, '... at once', 'web', $$INSERT INTO time_to_pet.messages VALUES (:c, 90, 8 + :o, :me, 'message', false, 'Hello', 'sent')$$),
	(12, '... privately', 'web', $$INSERT INTO time_to_pet.messages VALUES (:c, 90, 8 + :o, :me, 'message', true, 'Hello', 'sent')$$),
	(13, 'approve another''s message', 'web', 'UPDATE time_to_pet.messages SET status = ''sent'' WHERE id = 10 + :o'),
	(14, 'request time off', 'web', 'INSERT INTO time_to_pet.time_off VALUES (:c, 90, :me, current_date)'),
	(15, '... without approval', 'web', 'INSERT INTO time_to_pet.time_off VALUES (:c, 90, :me, current_date, ''approved'')'),
	(16, 'approve another''s', 'web', 'UPDATE time_to_pet.time_off SET status = ''approved'' WHERE id = 9 + :o'),
	(17, 'charge a client', 'web', 'INSERT INTO time_to_pet.payments VALUES (:c, 90, 8 + :o, ''charge'', 40)'),
	(18, '... in bulk', 'web', 'INSERT INTO time_to_pet.payments VALUES (:c, 90, 8 + :o, ''bulk charge'', 40)');

\ir include/try.sql
CREATE TEMP TABLE answer AS
	SELECT p.n AS person, 'sight' AS part, s.n, CASE t.rows WHEN '0' THEN '-' ELSE t.rows END AS value
	FROM person p, sight s, LATERAL pg_temp.try('time_to_pet_app', p.company, p.user_id, s.channel, 'SELECT FROM ' || s.query) t (rows)
	UNION ALL
	SELECT p.n, 'deed', d.n, CASE t.rows WHEN '0' THEN '-' WHEN 'denied' THEN t.rows ELSE 'done' END
	FROM person p JOIN (VALUES ('tina', '1', '2'), ('sven', '3', '3'), ('olive', '5', '5'), ('adam', '7', '14')) m (user_id, staff, event) USING (user_id), deed d,
		LATERAL pg_temp.try('time_to_pet_app', p.company, p.user_id, d.channel, replace(replace(replace(replace(d.command,
			':c', quote_literal(p.company)), ':o', (CASE p.company WHEN 'pawsome' THEN 100 ELSE 0 END)::text), ':me', m.staff), ':e', m.event)) t (rows);

\echo
\echo 'Two pet sitting companies: how many rows each one sees'
\echo '(in each there are 12 clients, 14 events, 12 keys, 13 messages, 10 staff; + is the company where all switches are on)'
\echo
SELECT s.what AS "sees", p.who, lpad(a.value, length(p.who)) AS value
FROM answer a JOIN person p ON p.n = a.person JOIN (SELECT n, CASE WHEN what LIKE '...%' THEN what || repeat(' ', n) ELSE what END AS what FROM sight) s ON s.n = a.n
WHERE a.part = 'sight' ORDER BY s.n, p.n
\crosstabview "sees" who value

\echo 'What comes of a command: done, denied (an error), or - (no row of theirs)'
\echo
SELECT d.what AS "tries to", p.who, a.value
FROM answer a JOIN person p ON p.n = a.person JOIN deed d ON d.n = a.n
WHERE a.part = 'deed' ORDER BY d.n, p.n
\crosstabview "tries to" who value

/* ---- one client, seen by four ---------------------------------------------------- */

\echo
\echo 'The client Hal: Staff Visible are name, phone and vet in walkies, name and address in pawsome'
\echo
CREATE FUNCTION pg_temp.hal(p person) RETURNS SETOF time_to_pet.clients LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE time_to_pet_app;
	PERFORM ambit.assume(p.company, p.user_id, 'web');
	RETURN QUERY SELECT * FROM time_to_pet.clients_masked WHERE name LIKE 'Hal%';
	PERFORM ambit.logout();
	RESET ROLE;
END
$$;
SELECT p.who, h.name, h.phone, h.vet, h.address, h.alarm_code FROM person p, pg_temp.hal(p) h WHERE p.user_id IN ('tina', 'olive') ORDER BY p.n;

\echo 'Tina gives a key away, in the app: she does not see it any more. What is not hers to change is refused.'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE time_to_pet_app;
SELECT ambit.assume('walkies', 'tina', 'mobile') AS nothing \gset
SELECT id, client_id, holder_id, location FROM time_to_pet.client_keys;
UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = 5;
SELECT id, client_id, holder_id, location FROM time_to_pet.client_keys;
SAVEPOINT s;
UPDATE time_to_pet.client_keys SET holder_id = 3, client_id = 4 WHERE id = 1;
ROLLBACK TO s;
UPDATE time_to_pet.events SET status = 'completed', completed_at = now(), message = 'Rex ate well', starts_at = now() WHERE id = 2;
ROLLBACK TO s;
UPDATE time_to_pet.events SET status = 'completed', completed_at = now(), message = 'Rex ate well' WHERE id = 2;
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
