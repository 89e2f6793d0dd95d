-- What the benchmarks share: pg_temp.compare(), the median of pairs that are run
-- one right after the other, and the hot question to compare.  psql variable:
-- permission, the one to ask about.
CREATE TEMP TABLE calls (p ambit.permission);
INSERT INTO calls SELECT :'permission'::ambit.permission FROM generate_series(1, 50000);
VACUUM ANALYZE calls;
GRANT SELECT ON calls TO PUBLIC;
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
		app name = 'app')
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
		PERFORM set_config('role', app, true);
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

SELECT 'SELECT count(*) FROM calls WHERE ' || string_agg('ambit._constant(p)', ' AND ') AS constant,
	'SELECT count(*) FROM calls WHERE ' || string_agg('ambit.has_permission(p)', ' AND ') AS asked
FROM generate_series(1, 40) \gset
SELECT 'SELECT count(*) FROM calls WHERE p IS NOT NULL' AS baseline \gset
