-- What the guard costs: UPDATE and INSERT of many rows of a protected table,
-- against a table of the same shape with policies written by hand, which look
-- at whole rows only.  Pairs, one right after the other, each undone, the
-- tables vacuumed in between.  psql variable: rows.  Run by test/bench/run.
\set ON_ERROR_STOP on
\if :{?rows}
\else
\set rows 1000000
\endif
SET client_min_messages = warning;
SET jit = off;
SET synchronous_commit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE bench_writer;
SELECT ambit.trust_application('bench_writer') AS nothing \gset
SELECT ambit._load_template('{
	"template": "bench_writes",
	"permissions": [{"key": "bench_writes.view"}, {"key": "bench_writes.edit"}, {"key": "bench_writes.cancel"}, {"key": "bench_writes.add"}],
	"roles": [{"role": "manager"}],
	"cells": [
		{"role": "manager", "permission": "bench_writes.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "bench_writes.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "bench_writes.cancel", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "bench_writes.add", "enabled": true, "entries": [{"scope": "all"}]}]
}', false) AS nothing \gset
SELECT ambit.create_tenant('bench', 'bench_writes') AS nothing \gset
SELECT ambit.add_member('bench', 'manager') AS nothing, ambit.assign_role('bench', 'manager', 'manager') AS nothing2 \gset
CREATE SCHEMA writes;
GRANT USAGE ON SCHEMA writes TO bench_writer;
CREATE TABLE writes.by_ambit (id int PRIMARY KEY, tenant text NOT NULL, staff int, status text, note text, starts_at timestamptz, price numeric);
INSERT INTO writes.by_ambit SELECT i, 'bench', i % 1000, 'booked', 'note ' || i, timestamptz '2026-01-01' + i * interval '1 minute', i % 100 FROM generate_series(1, :rows) i;
CREATE INDEX ON writes.by_ambit (tenant, staff);
CREATE TABLE writes.by_hand (LIKE writes.by_ambit INCLUDING ALL);
INSERT INTO writes.by_hand TABLE writes.by_ambit;
GRANT SELECT, INSERT, UPDATE, DELETE ON writes.by_hand, writes.by_ambit TO bench_writer;
ALTER TABLE writes.by_hand ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON writes.by_hand FOR SELECT USING (tenant = (SELECT current_setting('writes.tenant')));
CREATE POLICY changed ON writes.by_hand FOR UPDATE USING (tenant = (SELECT current_setting('writes.tenant'))) WITH CHECK (tenant = (SELECT current_setting('writes.tenant')));
CREATE POLICY added ON writes.by_hand FOR INSERT WITH CHECK (tenant = (SELECT current_setting('writes.tenant')));
SELECT ambit.protect('writes.by_ambit', tenant => 'tenant', owner => 'staff') AS nothing \gset
SELECT ambit.add_rule('writes.by_ambit', 'select', 'bench_writes.view') AS nothing, ambit.add_rule('writes.by_ambit', 'insert', 'bench_writes.add') AS nothing2,
	ambit.add_rule('writes.by_ambit', 'update', 'bench_writes.cancel', columns => '{status}', becomes => 'cancelled') AS nothing3,
	ambit.add_rule('writes.by_ambit', 'update', 'bench_writes.edit', columns => '{note,starts_at,price}') AS nothing4 \gset
CREATE FUNCTION writes.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TEMP TABLE result (what text, side text, round int, seconds double precision);

-- Rounds of one measurement.
CREATE PROCEDURE writes.measure(what text, by_hand text, by_ambit text, rounds int) LANGUAGE plpgsql AS $$
DECLARE
	side text;
	started timestamptz;
BEGIN
	FOR i IN 1 .. rounds LOOP
		FOREACH side IN ARRAY '{by_hand,by_ambit}'::text[] LOOP
			PERFORM set_config('writes.tenant', 'bench', true);
			PERFORM ambit.assume('bench', 'manager');
			PERFORM set_config('role', 'bench_writer', true);
			BEGIN
				started := clock_timestamp();
				EXECUTE CASE side WHEN 'by_hand' THEN by_hand ELSE by_ambit END;
				RAISE EXCEPTION SQLSTATE 'UNDO1';
			EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
				NULL;
			END;
			PERFORM set_config('role', 'none', true);
			INSERT INTO result VALUES (what, side, i, extract(epoch FROM clock_timestamp() - started));
			COMMIT;
		END LOOP;
	END LOOP;
END
$$;
SELECT format('UPDATE writes.%%s SET note = ''changed '' || id, price = price + 1') AS update_all,
	format('INSERT INTO writes.%%s SELECT i, ''bench'', i %% 1000, ''booked'', ''note '' || i, now(), 1 FROM generate_series(%s, %s) i', :rows + 1, 2 * :rows) AS insert_all,
	format('UPDATE writes.%%s SET note = ''changed'' WHERE id IN (%s)', (SELECT string_agg((:rows / 2 + i)::text, ',') FROM generate_series(1, 5) i)) AS update_few \gset
SELECT format(:'update_all', 'by_hand') AS h1, format(:'update_all', 'by_ambit') AS a1, format(:'update_few', 'by_hand') AS h3, format(:'update_few', 'by_ambit') AS a3 \gset
SELECT replace(:'insert_all', '%s', 'by_hand') AS h2, replace(:'insert_all', '%s', 'by_ambit') AS a2 \gset
\echo UPDATE and INSERT of :rows rows, and UPDATE of five
-- each pair five times, one after the other
SELECT step FROM generate_series(1, 5) i, LATERAL (VALUES (1, format('CALL writes.measure(%L, %L, %L, 1)', 'UPDATE of all rows', :'h1', :'a1')),
	(2, 'VACUUM writes.by_hand, writes.by_ambit'), (3, format('CALL writes.measure(%L, %L, %L, 1)', 'INSERT of as many rows', :'h2', :'a2')),
	(4, 'VACUUM writes.by_hand, writes.by_ambit')) s (n, step) ORDER BY i, n \gexec
CALL writes.measure('UPDATE of five rows', :'h3', :'a3', 200);
-- with a trigger of the application the guard is a trigger too
CREATE TRIGGER nothing BEFORE UPDATE ON writes.by_hand FOR EACH ROW EXECUTE FUNCTION writes.nothing();
CREATE TRIGGER nothing BEFORE UPDATE ON writes.by_ambit FOR EACH ROW EXECUTE FUNCTION writes.nothing();
SELECT step FROM generate_series(1, 3) i, LATERAL (VALUES (1, 'VACUUM writes.by_hand, writes.by_ambit'),
	(2, format('CALL writes.measure(%L, %L, %L, 1)', 'UPDATE of all rows, with a BEFORE trigger of the application', :'h1', :'a1'))) s (n, step) ORDER BY i, n \gexec
SELECT set_config('writes.rows', :'rows', false) AS nothing \gset
\ir writes_parent.sql
SELECT what AS measured, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY h.seconds) * 1e3)::numeric, 3) AS "by hand, ms",
	round((percentile_cont(0.5) WITHIN GROUP (ORDER BY a.seconds) * 1e3)::numeric, 3) AS "ambit, ms",
	round((percentile_cont(0.5) WITHIN GROUP (ORDER BY a.seconds / h.seconds))::numeric, 2) AS ratio
FROM (SELECT *, row_number() OVER (PARTITION BY what, side ORDER BY ctid) AS n FROM result WHERE side = 'by_hand') h
	JOIN (SELECT *, row_number() OVER (PARTITION BY what, side ORDER BY ctid) AS n FROM result WHERE side = 'by_ambit') a USING (what, n)
GROUP BY what ORDER BY what;

DROP SCHEMA writes CASCADE;
SELECT ambit.drop_tenant('bench') AS nothing \gset
DELETE FROM ambit.template WHERE template = 'bench_writes';
SELECT ambit.untrust_application('bench_writer') AS nothing \gset
DROP ROLE bench_writer;
