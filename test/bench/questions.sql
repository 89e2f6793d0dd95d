-- What ambit costs, each figure a ratio measured in one run: the median of
-- pairs (hand-written, ambit) that are run one right after the other.
-- Needs the demo school (demo/school.sql).  Run by test/bench/run.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET client_min_messages = warning;

\set permission clients.view
\ir compare.sql

BEGIN;
SELECT ambit.assume('allegro', 'limited-21') AS nothing \gset

GRANT EXECUTE ON FUNCTION ambit._constant(ambit.permission) TO app;
SELECT * FROM pg_temp.compare('has_permission(), 2,000,000 hot calls against a C function that returns a constant', 45,
	:'constant', :'asked', :'baseline')
UNION ALL
SELECT * FROM pg_temp.compare('limited staff: count of the clients', 60,
	$$SELECT count(*) FROM app.clients WHERE tenant_id = 'allegro' AND id = ANY (ARRAY(
		SELECT client_id FROM app.appointments WHERE tenant_id = 'allegro' AND staff_id = 21 AND status <> 'cancelled'
			AND starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days'))$$,
	'SELECT count(*) FROM app.clients')
UNION ALL
SELECT * FROM pg_temp.compare('limited staff: the first page of the clients by name', 60,
	$$SELECT count(*) FROM (SELECT * FROM app.clients WHERE tenant_id = 'allegro' AND id = ANY (ARRAY(
		SELECT client_id FROM app.appointments WHERE tenant_id = 'allegro' AND staff_id = 21 AND status <> 'cancelled'
			AND starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days')) ORDER BY name LIMIT 20) p$$,
	'SELECT count(*) FROM (SELECT * FROM app.clients ORDER BY name LIMIT 20) p');
ROLLBACK;
