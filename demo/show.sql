/*
 * show.sql
 *		Who sees what in the school that demo/school.sql made.  Every number is a
 *		plain SELECT count(*) by the database role "app", which acts for the person
 *		at the head of the column.
 */
--try: SET ROLE app;
--try: BEGIN;
--try: SELECT ambit.assume('allegro', 'limited-21');
--try: SELECT * FROM app.clients ORDER BY name LIMIT 10;
--try: SELECT ambit.permission_scopes('client_comments.post');
--try: COMMIT;
\set QUIET on
\pset footer off
SET client_min_messages = warning;

CREATE TEMP TABLE person (n integer, who text, tenant text, user_id text);
INSERT INTO person VALUES
	(1, 'owner', 'allegro', 'owner-1'),
	(2, 'manager', 'allegro', 'manager-2'),
	(3, 'staff', 'allegro', 'staff-6'),
	(4, 'limited 21', 'allegro', 'limited-21'),
	(5, 'limited 22', 'allegro', 'limited-22'),
	(6, 'client', 'allegro', 'client-201'),
	(7, 'visitor', 'allegro', NULL),
	(8, 'nobody', NULL, NULL);

CREATE TEMP TABLE sight (n integer, what text, query text);
INSERT INTO sight VALUES
	(1, 'services', 'app.services'),
	(2, 'staff', 'app.staff'),
	(3, 'clients', 'app.clients'),
	(4, '... contact data', 'app.client_contacts'),
	(5, 'appointments', 'app.appointments'),
	(6, '... to come', 'app.appointments WHERE starts_at >= now()'),
	(7, 'invoices', 'app.invoices'),
	(8, 'comments for clients', 'app.comments WHERE audience = ''client'''),
	(9, 'comments for staff', 'app.comments WHERE audience = ''staff'''),
	(10, 'time-off requests', 'app.time_off_requests'),
	(11, 'files', 'app.files'),
	(12, 'payroll', 'app.payroll'),
	(13, 'pay rates', 'app.pay_rates'),
	(14, 'months of revenue', 'app.revenue');

CREATE TEMP TABLE deed (n integer, what text, permission text);
INSERT INTO deed VALUES
	(1, 'book for oneself', 'self_booking.complete_booking'),
	(2, 'cancel own lessons', 'self_booking.appointments.cancel'),
	(3, 'write to the teacher', 'messages.send_to_teacher'),
	(4, 'book for a client', 'appointments.book'),
	(5, 'reschedule', 'appointments.reschedule'),
	(6, 'cancel', 'appointments.cancel'),
	(7, 'take attendance', 'attendance.take'),
	(8, 'undo a cancellation', 'appointments.override_status'),
	(9, 'comment for a client', 'client_comments.post'),
	(10, 'comment for staff', 'staff_comments.post'),
	(11, 'ask for time off', 'time_off_requests.submit'),
	(12, 'process time off', 'time_off_requests.process'),
	(13, 'approve time off', 'time_off_requests.approve'),
	(14, 'void an invoice', 'invoices.void'),
	(15, 'create staff', 'staff.create'),
	(16, 'run payroll', 'payroll.run'),
	(17, 'set pay rates', 'pay_rates.edit'),
	(18, 'see revenue', 'financial_information.view'),
	(19, 'create services', 'services.create');

CREATE TEMP TABLE answer (person integer, part text, n integer, value text);

CREATE FUNCTION pg_temp.ask(p person) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	queries text[] := ARRAY(SELECT query FROM sight ORDER BY n);
	permissions text[] := ARRAY(SELECT permission FROM deed ORDER BY n);
	counts text[];
	scopes text[];
	seen bigint;
	held text[];
	targets text[];
BEGIN
	SET LOCAL ROLE app;
	IF p.tenant IS NOT NULL THEN
		PERFORM ambit.assume(p.tenant, p.user_id);
	END IF;
	FOR i IN 1 .. cardinality(queries) LOOP
		EXECUTE 'SELECT count(*) FROM ' || queries[i] INTO seen;
		counts := counts || CASE seen WHEN 0 THEN '-' ELSE to_char(seen, 'FM999,999') END;
	END LOOP;
	FOR i IN 1 .. cardinality(permissions) LOOP
		held := ambit.permission_scopes(permissions[i]::ambit.permission);
		targets := CASE WHEN cardinality(held) > 0 THEN ambit.permission_targets(permissions[i]::ambit.permission) END;
		scopes := scopes || (coalesce(nullif(array_to_string(held, '+'), ''), '-') || CASE WHEN targets IS NULL THEN '' ELSE ' *' END);
	END LOOP;
	PERFORM ambit.logout();
	RESET ROLE;
	INSERT INTO answer SELECT p.n, 'sight', c.n, c.value FROM unnest(counts) WITH ORDINALITY c (value, n);
	INSERT INTO answer SELECT p.n, 'deed', s.n, s.value FROM unnest(scopes) WITH ORDINALITY s (value, n);
END
$$;

SELECT count(pg_temp.ask(p)) FROM person p \gset

\echo
\echo 'The school "allegro": how many rows each one sees'
\echo '(in all three schools there are 200 staff, 20,000 clients and 500,000 appointments)'
\echo
SELECT s.what AS "sees", p.who, lpad(a.value, greatest(8, length(p.who))) AS value
FROM answer a JOIN person p ON p.n = a.person JOIN sight s ON s.n = a.n
WHERE a.part = 'sight' ORDER BY s.n, p.n
\crosstabview "sees" who value

\echo 'What each one may do, and on which rows: all, their own, themselves and their dependants (self),'
\echo 'clients they served or will serve within 15 days (served), what is assigned to them (assignee)'
\echo
SELECT d.what AS "may", p.who, a.value
FROM answer a JOIN person p ON p.n = a.person JOIN deed d ON d.n = a.n
WHERE a.part = 'deed' ORDER BY d.n, p.n
\crosstabview "may" who value
\echo '* towards limited staff and staff only, for pay rates towards limited staff only'
\echo '  limited 22 takes attendance and cancels, this manager runs payroll: customized for the two of them'

/* ---- the rule of the school, seen from both sides ------------------------------ */

\echo
\echo 'The clients of teacher 21, counted by the DBA'
\echo
SELECT count(DISTINCT client_id) AS "in the year",
	count(DISTINCT client_id) FILTER (WHERE starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days') AS "last and next 15 days",
	count(DISTINCT client_id) FILTER (WHERE starts_at BETWEEN now() - interval '16 days' AND now() + interval '16 days') AS "last and next 16 days"
FROM app.appointments WHERE tenant_id = 'allegro' AND staff_id = 21 AND status <> 'cancelled';

\echo 'The same teacher selects from app.clients'
\echo
BEGIN;
SET LOCAL ROLE app;
SELECT ambit.assume('allegro', 'limited-21') AS nothing \gset
SELECT count(*) FROM app.clients;
SELECT id, name, age, CASE WHEN guardian_id IS NOT NULL THEN 'yes' ELSE 'no' END AS "dependant" FROM app.clients ORDER BY name, id LIMIT 6;
COMMIT;

-- one client of this teacher, and one of somebody else
SELECT min(client_id) AS mine FROM app.appointments
WHERE tenant_id = 'allegro' AND staff_id = 21 AND client_id > 200 AND status <> 'cancelled' AND starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days' \gset
SELECT min(id) AS foreign FROM app.clients
WHERE tenant_id = 'allegro' AND id > 200 AND id NOT IN (SELECT client_id FROM app.appointments WHERE staff_id = 21) \gset

\echo 'The teacher comments on client' :mine '(theirs) and on client' :foreign '(not theirs)'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
\set QUIET off
BEGIN;
SET LOCAL ROLE app;
SELECT ambit.assume('allegro', 'limited-21') AS nothing \gset
INSERT INTO app.comments (tenant_id, client_id, staff_id, audience, body) VALUES ('allegro', :mine, 21, 'client', 'Well done!');
INSERT INTO app.comments (tenant_id, client_id, staff_id, audience, body) VALUES ('allegro', :foreign, 21, 'client', 'Well done!');
ROLLBACK;
\set QUIET on
\set ECHO none
\set ON_ERROR_STOP on
