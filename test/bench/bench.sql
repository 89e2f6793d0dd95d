-- What ambit costs, each figure a ratio measured in one run: the median of
-- pairs (hand-written, ambit) that are run one right after the other.
-- Needs the demo school (demo/school.sql).  Run by test/bench/run.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET client_min_messages = warning;

CREATE TEMP TABLE calls (p ambit.permission);
INSERT INTO calls SELECT 'clients.view' FROM generate_series(1, 50000);
VACUUM ANALYZE calls;
GRANT SELECT ON calls TO PUBLIC;
-- the client list by hand, for a role that row-level security does not hold back
CREATE FUNCTION pg_temp.seconds(query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	started	timestamptz := clock_timestamp();
	n		bigint;
BEGIN
	EXECUTE query INTO n;
	RETURN extract(epoch FROM clock_timestamp() - started);
END
$$;

CREATE FUNCTION pg_temp.compare(what text, rounds integer, by_hand text, by_ambit text, nothing text = NULL,
		role_by_hand text = NULL)
	RETURNS TABLE (measured text, "by hand, µs" numeric, "ambit, µs" numeric, ratio numeric) LANGUAGE plpgsql AS $$
DECLARE
	a	double precision[];
	b	double precision[];
	z	double precision := 0;
	x	double precision;
	y	double precision;
BEGIN
	FOR i IN 1 .. rounds + 3 LOOP
		IF nothing IS NOT NULL THEN
			z := pg_temp.seconds(nothing);
		END IF;
		RESET ROLE;
		x := pg_temp.seconds(by_hand);
		SET LOCAL ROLE app;
		y := pg_temp.seconds(by_ambit);
		RESET ROLE;
		CONTINUE WHEN i <= 3;
		a := a || (x - z);
		b := b || (y - z);
	END LOOP;
	RETURN QUERY
		SELECT what, round((m.a * 1e6)::numeric, 1), round((m.b * 1e6)::numeric, 1), round(m.r::numeric, 2)
		FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY u.a) AS a,
				percentile_cont(0.5) WITHIN GROUP (ORDER BY u.b) AS b,
				percentile_cont(0.5) WITHIN GROUP (ORDER BY u.b / nullif(u.a, 0)) AS r
			FROM unnest(a, b) AS u(a, b)) m;
END
$$;

BEGIN;
SELECT ambit.assume('allegro', 'limited-21') AS nothing \gset

SELECT 'SELECT count(*) FROM calls WHERE ' || string_agg('ambit._constant(p)', ' AND ') AS constant,
	'SELECT count(*) FROM calls WHERE ' || string_agg('ambit.has_permission(p)', ' AND ') AS asked
FROM generate_series(1, 40) \gset
SELECT 'SELECT count(*) FROM calls WHERE p IS NOT NULL' AS nothing \gset

GRANT EXECUTE ON FUNCTION ambit._constant(ambit.permission) TO app;
SELECT * FROM pg_temp.compare('has_permission(), 2,000,000 hot calls against a C function that returns a constant', 15,
	:'constant', :'asked', :'nothing')
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
