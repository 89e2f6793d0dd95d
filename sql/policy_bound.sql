--
-- policy_bound, prune: whether all that holds a table stands, and what of its
-- policies is left out before a statement is planned
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_bound_app;
CREATE SCHEMA regress_bound;
GRANT USAGE ON SCHEMA regress_bound TO regress_bound_app;
SELECT ambit.trust_application('regress_bound_app');
SELECT ambit._load_template('{
	"template": "regress_bound",
	"permissions": [{"key": "bound.view"}, {"key": "bound.edit"}, {"key": "bound.drop"}],
	"roles": [{"role": "looker"}, {"role": "writer"}, {"role": "keeper"}],
	"cells": [
		{"role": "looker", "permission": "bound.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "looker", "permission": "bound.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "looker", "permission": "bound.drop", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "writer", "permission": "bound.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "writer", "permission": "bound.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "writer", "permission": "bound.drop", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "keeper", "permission": "bound.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "keeper", "permission": "bound.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "keeper", "permission": "bound.drop", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);
SELECT ambit.create_tenant('t', 'regress_bound'), ambit.create_tenant('u', 'regress_bound');
SELECT ambit.add_member('t', r, '{"staff": "1"}'), ambit.assign_role('t', r, r) FROM unnest('{looker,writer,keeper}'::text[]) r;
CREATE TABLE regress_bound.visit (id int PRIMARY KEY, tenant text, staff int, note text);
INSERT INTO regress_bound.visit VALUES (1, 't', 1), (2, 't', 1), (3, 't', 2), (4, 'u', 1);
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_bound.visit TO regress_bound_app;
SELECT ambit.protect('regress_bound.visit', tenant => 'tenant', owner => 'staff');
SELECT ambit.add_rule('regress_bound.visit', 'select', 'bound.view') IS NOT NULL, ambit.add_rule('regress_bound.visit', 'update', 'bound.edit') IS NOT NULL,
	ambit.add_rule('regress_bound.visit', 'delete', 'bound.drop') IS NOT NULL;
-- somebody's own, which would show all of it
CREATE POLICY wide ON regress_bound.visit USING (true) WITH CHECK (true);

-- Does a command for the application: how many rows, or the error.
CREATE FUNCTION regress_bound.try(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM set_config('role', 'regress_bound_app', true);
	EXECUTE command;
	GET DIAGNOSTICS n = ROW_COUNT;
	PERFORM set_config('role', 'none', true);
	RETURN n;
EXCEPTION
	WHEN OTHERS THEN RETURN sqlstate;
END
$$;
-- What is seen before changes, after each, and once they are rolled back.
CREATE FUNCTION regress_bound.seen_after(VARIADIC changes text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	rows text := 'SELECT id FROM regress_bound.visit';
	change text;
	seen text := regress_bound.try(rows);
BEGIN
	BEGIN
		FOREACH change IN ARRAY changes LOOP
			EXECUTE change;
			seen := concat_ws(', ', seen, regress_bound.try(rows));
		END LOOP;
		RAISE SQLSTATE 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN NULL;
	END;
	RETURN concat_ws(', ', seen, regress_bound.try(rows));
END
$$;

-- ---- what stands is known, and not for longer than it does ----------------------
BEGIN;
SELECT ambit.assume('t', 'keeper');
SELECT change, regress_bound.seen_after(change) FROM unnest(ARRAY[
	'SELECT',
	'ALTER TABLE regress_bound.visit DISABLE TRIGGER "~ambit_guard"',
	'ALTER TABLE regress_bound.visit DISABLE TRIGGER ALL',
	'ALTER TABLE regress_bound.visit ENABLE REPLICA TRIGGER ambit_write',
	'ALTER TABLE regress_bound.visit ENABLE TRIGGER ambit_truncate',
	'ALTER TRIGGER "~ambit_guard" ON regress_bound.visit RENAME TO guard',
	'DROP TRIGGER ambit_write ON regress_bound.visit',
	'DROP POLICY ambit ON regress_bound.visit',
	'DROP POLICY wide ON regress_bound.visit',
	'DROP POLICY ambit_select ON regress_bound.visit',
	'DROP POLICY ambit_update ON regress_bound.visit',
	'ALTER POLICY ambit_delete ON regress_bound.visit RENAME TO another',
	'ALTER POLICY ambit_intact ON regress_bound.visit USING (ambit._intact(''regress_bound.visit'', 1))',
	'ALTER TABLE regress_bound.visit DROP COLUMN staff CASCADE',
	'ALTER FUNCTION ambit._guard() RENAME TO _guard_2',
	'ALTER FUNCTION ambit._refuse_truncate() SET SCHEMA regress_bound',
	'ALTER FUNCTION ambit._intact(regclass, integer) RENAME TO _intact_2',
	'ALTER FUNCTION ambit._key(bigint, integer, anyelement) RENAME TO _key_2',
	'ALTER TABLE regress_bound.visit DISABLE ROW LEVEL SECURITY']) change;
-- and back, in the same transaction
SELECT regress_bound.seen_after('ALTER TABLE regress_bound.visit DISABLE TRIGGER "~ambit_guard"', 'ALTER TABLE regress_bound.visit ENABLE ALWAYS TRIGGER "~ambit_guard"',
	'ALTER FUNCTION ambit._guard() RENAME TO _guard_2', 'ALTER FUNCTION ambit._guard_2() RENAME TO _guard',
	'ALTER POLICY ambit_delete ON regress_bound.visit RENAME TO another', 'ALTER POLICY another ON regress_bound.visit RENAME TO ambit_delete');
-- masks are told by a function
SAVEPOINT masked;
SELECT ambit.mask('regress_bound.visit', 'note', 'bound.edit');
SELECT regress_bound.seen_after(format('ALTER FUNCTION %s RENAME TO _mask_2', oid::regprocedure)) FROM pg_proc WHERE pronamespace = 'ambit'::regnamespace AND proname = '_mask';
ROLLBACK TO masked;
-- a function of that name that is another
SELECT regress_bound.seen_after('ALTER FUNCTION ambit._guard() RENAME TO _guard_2', 'CREATE FUNCTION ambit._guard() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN new; END''',
	'DROP TRIGGER "~ambit_guard" ON regress_bound.visit', 'CREATE TRIGGER "~ambit_guard" BEFORE UPDATE ON regress_bound.visit FOR EACH ROW EXECUTE FUNCTION ambit._guard_2()',
	'ALTER TABLE regress_bound.visit ENABLE ALWAYS TRIGGER "~ambit_guard"');
-- savepoints: what a rolled back one has seen is forgotten
SAVEPOINT s;
ALTER TABLE regress_bound.visit DISABLE TRIGGER ambit_write;
SELECT regress_bound.try('SELECT FROM regress_bound.visit');
SAVEPOINT s2;
ALTER TABLE regress_bound.visit ENABLE ALWAYS TRIGGER ambit_write;
SELECT regress_bound.try('SELECT FROM regress_bound.visit');
ROLLBACK TO s2;
SELECT regress_bound.try('SELECT FROM regress_bound.visit');
ROLLBACK TO s;
SELECT regress_bound.try('SELECT FROM regress_bound.visit');
ROLLBACK;

-- ---- what is left out: neither the rows that are seen nor those that are permitted grow --
CREATE VIEW regress_bound.shown WITH (security_invoker) AS SELECT * FROM regress_bound.visit;
GRANT SELECT, UPDATE, DELETE ON regress_bound.shown TO regress_bound_app;
CREATE FUNCTION regress_bound.act(who text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text;
BEGIN
	PERFORM ambit.assume('t', who);
	outcome := regress_bound.try(command);
	RAISE SQLSTATE 'UNDO1';
EXCEPTION
	WHEN SQLSTATE 'UNDO1' THEN RETURN outcome;
END
$$;
CREATE TEMP TABLE command (n serial, command text);
INSERT INTO command (command) VALUES
	('UPDATE regress_bound.visit SET note = ''x'''),
	('UPDATE regress_bound.visit SET note = ''x'' WHERE id > 0'),
	('UPDATE regress_bound.visit SET note = ''x'' RETURNING id'),
	('UPDATE regress_bound.shown SET note = ''x'''),
	('WITH w AS (UPDATE regress_bound.visit SET note = ''x'' RETURNING 1) SELECT FROM w'),
	('UPDATE regress_bound.visit v SET note = ''x'' FROM regress_bound.visit w WHERE w.id = v.id'),
	('UPDATE regress_bound.visit SET staff = 2'),
	('DELETE FROM regress_bound.visit'),
	('DELETE FROM regress_bound.visit WHERE id > 0'),
	('DELETE FROM regress_bound.shown'),
	('WITH w AS (DELETE FROM regress_bound.visit RETURNING 1) SELECT FROM w'),
	('SELECT FROM regress_bound.visit FOR UPDATE'),
	('SELECT FROM regress_bound.shown'),
	('SELECT FROM generate_series(1, 4) n WHERE EXISTS (SELECT FROM regress_bound.visit WHERE id = n)'),
	('SELECT FROM (SELECT FROM regress_bound.visit OFFSET 0) x'),
	('INSERT INTO regress_bound.visit VALUES (5, ''t'', 1)'),
	('MERGE INTO regress_bound.visit USING (VALUES (0)) v (id) ON visit.id > v.id WHEN MATCHED THEN UPDATE SET note = ''x''');
SELECT regress_bound.act('looker', command) AS looker, regress_bound.act('writer', command) AS writer, regress_bound.act('keeper', command) AS keeper, command
FROM command ORDER BY n;
SET ambit.specialize_plans = off;
SELECT regress_bound.act('looker', command) AS looker, regress_bound.act('writer', command) AS writer, regress_bound.act('keeper', command) AS keeper, command
FROM command ORDER BY n;
RESET ambit.specialize_plans;
-- one scan, one condition for each question
BEGIN;
SELECT ambit.assume('t', 'keeper');
SET LOCAL ROLE regress_bound_app;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
CREATE FUNCTION pg_temp.plan(command text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || command LOOP
		-- 18 says so where there is no other scan
		CONTINUE WHEN line LIKE '%Disabled: true';
		RETURN NEXT regexp_replace(line, '''-?\d+''::bigint', 'shape', 'g');
	END LOOP;
END
$$;
SELECT pg_temp.plan('UPDATE regress_bound.visit SET note = ''x'' WHERE id = 1');
SELECT pg_temp.plan('UPDATE regress_bound.visit SET note = ''x''');
SELECT pg_temp.plan('DELETE FROM regress_bound.visit WHERE id = 1');
SELECT ambit.assume('t', 'writer');
SELECT pg_temp.plan('UPDATE regress_bound.visit SET note = ''x'' WHERE id = 1');
SELECT pg_temp.plan('UPDATE regress_bound.visit SET note = ''x''');
SELECT ambit.assume('t', 'looker');
SELECT pg_temp.plan('UPDATE regress_bound.visit SET note = ''x'' WHERE id = 1');
ROLLBACK;

-- clean up
SELECT ambit.unprotect('regress_bound.visit');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('u');
SELECT ambit.untrust_application('regress_bound_app');
DROP SCHEMA regress_bound CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_bound';
DELETE FROM ambit.permission_key WHERE key LIKE 'bound.%';
DROP ROLE regress_bound_app;
