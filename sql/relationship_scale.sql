--
-- relationship_scale: members with many related objects, asked about one by one
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_scale_app;
CREATE ROLE regress_scale_dba;
CREATE SCHEMA regress_scale;
GRANT USAGE ON SCHEMA regress_scale TO regress_scale_app, regress_scale_dba;
SELECT ambit.trust_application('regress_scale_app'), ambit.grant_administration('regress_scale_dba');
SELECT ambit._load_template('{
	"template": "regress_scale", "clients_permission": "regress_scale.view",
	"scopes": {
		"served": {"relationship": "regress_scale", "back": "15 days", "ahead": "15 days"},
		"ever": {"relationship": "regress_scale"},
		"before": {"relationship": "regress_scale", "back": "15 days", "ahead": "0"}},
	"permissions": [{"key": "regress_scale.view"}],
	"roles": [{"role": "served"}, {"role": "ever"}, {"role": "before"}],
	"cells": [
		{"role": "served", "permission": "regress_scale.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "ever", "permission": "regress_scale.view", "enabled": true, "entries": [{"scope": "ever"}]},
		{"role": "before", "permission": "regress_scale.view", "enabled": true, "entries": [{"scope": "before"}]}]
}', false);
SELECT ambit.create_tenant('t', 'regress_scale'), ambit.create_tenant('T', 'regress_scale');
SELECT ambit.add_member(t, r, '{"staff": 1}'), ambit.assign_role(t, r, r) FROM unnest('{t,T}'::text[]) t, unnest('{served,ever,before}'::text[]) r;
SELECT ambit.add_member('t', 'few', '{"staff": 2}'), ambit.assign_role('t', 'few', 'ever');

-- staff 1 served every third client of the tenant, staff 2 ten
CREATE TABLE regress_scale.card (id bigint PRIMARY KEY, tenant text NOT NULL, client bigint, note text);
INSERT INTO regress_scale.card SELECT i, CASE WHEN i <= 12000 THEN 't' ELSE 'T' END, i FROM generate_series(1, 12010) i;
CREATE TABLE regress_scale.visit (tenant text, staff int, client bigint, at timestamptz);
INSERT INTO regress_scale.visit SELECT 't', 1, i * 3, '2020-01-01' FROM generate_series(1, 4000) i;
INSERT INTO regress_scale.visit SELECT 't', 2, i, '2020-01-01' FROM generate_series(1, 10) i;
INSERT INTO regress_scale.visit SELECT 't', 3, i, '2020-01-01' FROM generate_series(1, 12000) i;
CREATE INDEX visit_at ON regress_scale.visit (tenant, staff, at);
CREATE INDEX visit_client ON regress_scale.visit (tenant, staff, client, at);
ANALYZE regress_scale.card, regress_scale.visit;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, client AS object, at FROM regress_scale.visit');
SELECT ambit.protect('regress_scale.card', tenant => 'tenant', client => 'client');
SELECT ambit.add_rule('regress_scale.card', c, 'regress_scale.view') > 0 AS rule FROM unnest('{select,update}'::text[]) c;
GRANT SELECT, UPDATE ON regress_scale.card TO regress_scale_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_scale.visit TO regress_scale_app;

-- which of these cards are seen: by plans made once, each under a snapshot of its own, by a plan made now, and evaluated
CREATE FUNCTION regress_scale.seen(VARIADIC ids bigint[]) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	i bigint;
	planned bigint[] := '{}';
	evaluated bigint[] := '{}';
	together bigint[];
	found bigint;
BEGIN
	PERFORM FROM regress_scale.card;
	FOREACH i IN ARRAY ids LOOP
		INSERT INTO regress_scale.visit VALUES ('none');
		SELECT id INTO found FROM regress_scale.card WHERE id = i;
		planned := planned || found;
	END LOOP;
	INSERT INTO regress_scale.visit VALUES ('none');
	EXECUTE 'SELECT array_agg(id ORDER BY id) FROM regress_scale.card WHERE id = ANY ($1)' INTO together USING ids;
	PERFORM set_config('ambit.specialize_plans', 'off', true);
	FOREACH i IN ARRAY ids LOOP
		INSERT INTO regress_scale.visit VALUES ('none');
		SELECT id INTO found FROM regress_scale.card WHERE id = i;
		evaluated := evaluated || found;
	END LOOP;
	PERFORM set_config('ambit.specialize_plans', 'on', true);
	planned := array_remove(planned, NULL);
	IF planned IS DISTINCT FROM array_remove(evaluated, NULL) OR coalesce(together, '{}') IS DISTINCT FROM planned THEN
		RETURN format('plans: %s; evaluated: %s; together: %s', planned, evaluated, together);
	END IF;
	RETURN planned;
END
$$;
-- how many visits a query reads, and how often it looks for some: the second time, when the number of objects is known
CREATE FUNCTION regress_scale.work(OUT reads bigint, OUT scans bigint) LANGUAGE sql VOLATILE AS $$
	SELECT sum(pg_stat_get_xact_tuples_returned(oid))::bigint, sum(pg_stat_get_xact_numscans(oid))::bigint
	FROM pg_class WHERE oid IN ('regress_scale.visit'::regclass, 'regress_scale.visit_at'::regclass, 'regress_scale.visit_client'::regclass)
$$;
CREATE FUNCTION regress_scale.work(query text, OUT reads bigint, OUT scans bigint) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	before record;
BEGIN
	EXECUTE query;
	before := regress_scale.work();
	-- another snapshot
	INSERT INTO regress_scale.visit VALUES ('none');
	EXECUTE query;
	SELECT w.reads - before.reads, w.scans - before.scans INTO reads, scans FROM regress_scale.work() w;
END
$$;

-- ---- how much is read --------------------------------------------------------------------
-- subjects are counted as statements are planned: plan each
SET ambit.keep_plans = off;
SET ROLE regress_scale_app;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id = 3');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id = 4');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id IN (4, 5, 6, 7)');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card a JOIN regress_scale.card b USING (id) WHERE id = 3');
SELECT reads <= 20 AS page, scans <= 60 AS scans FROM regress_scale.work('SELECT FROM regress_scale.card ORDER BY id LIMIT 20');
SELECT reads BETWEEN 4000 AND 4100 AS count, scans <= 101 AS scans FROM regress_scale.work('SELECT count(*) FROM regress_scale.card');
-- a page further on is asked for one by one for longer than what is to be read whole, but not without end
SELECT reads <= 80 AS page, scans BETWEEN 101 AND 300 AS scans FROM regress_scale.work('SELECT FROM regress_scale.card ORDER BY id LIMIT 20 OFFSET 60');
SELECT reads BETWEEN 4000 AND 4200 AS page, scans BETWEEN 101 AND 501 AS scans FROM regress_scale.work('SELECT FROM regress_scale.card ORDER BY id LIMIT 20 OFFSET 300');
SELECT reads BETWEEN 4000 AND 4100 AS sorted, scans <= 101 AS scans FROM regress_scale.work('SELECT FROM regress_scale.card ORDER BY note LIMIT 20');
-- planning goes by what is known
SELECT * FROM regress_scale.work('EXPLAIN SELECT FROM regress_scale.card');
SET LOCAL ambit.specialize_plans = off;
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id = 3');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id = 4');
SELECT reads BETWEEN 4000 AND 4100 AS count, scans <= 101 AS scans FROM regress_scale.work('SELECT count(*) FROM regress_scale.card');
RESET ambit.specialize_plans;
-- few are read at once
SELECT ambit.assume('t', 'few');
SELECT * FROM regress_scale.work('SELECT FROM regress_scale.card WHERE id = 3');
ROLLBACK;
-- where one object can be found by reading all visits only, it is not looked for by itself
RESET ROLE;
BEGIN;
DROP INDEX regress_scale.visit_client, regress_scale.visit_at;
SELECT ambit.assume('t', 'ever');
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4);
INSERT INTO regress_scale.visit VALUES ('none');
SELECT pg_stat_get_xact_numscans('regress_scale.visit'::regclass) AS scans \gset
SELECT count(*) FROM regress_scale.card WHERE id IN (3, 4, 5, 6, 7, 8, 9);
SELECT pg_stat_get_xact_numscans('regress_scale.visit'::regclass) - :scans AS scans;
ROLLBACK;

-- ---- the window, both ends included; other tenants, other staff ------------------------------
BEGIN;
INSERT INTO regress_scale.visit VALUES
	('t', 1, 1, now() - interval '15 days'), ('t', 1, 2, now() - interval '15 days 1 microsecond'), ('t', 1, 4, now() + interval '15 days'),
	('t', 1, 5, now() + interval '15 days 1 microsecond'), ('t', 1, 7, now()), ('T', 1, 8, now()), ('t', 2, 10, now()), ('t', NULL, 11, now()), ('t', 1, NULL, now()),
	(NULL, 1, 13, now()), ('t', 1, 14, 'infinity'), ('t', 1, 16, '-infinity'), ('t', 1, 17, NULL), ('T', 1, 12003, now()), ('t', 1, 12004, now());
INSERT INTO regress_scale.visit SELECT 't', 1, i * 3, now() FROM generate_series(2000, 3000) i;
SET LOCAL ROLE regress_scale_app;
SELECT ambit.assume('t', 'served');
SELECT regress_scale.seen(1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 5997, 6000, 6001, 9000, 9003, 12003, 12004, 99999);
SELECT ambit.assume('t', 'before');
SELECT regress_scale.seen(1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 5997, 6000, 6001, 9000, 9003, 12003, 12004);
SELECT ambit.assume('t', 'ever');
SELECT regress_scale.seen(1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 12003, 12004);
SELECT ambit.assume('t', 'few');
SELECT regress_scale.seen(1, 2, 3, 10, 11);
SELECT ambit.assume('T', 'served');
SELECT regress_scale.seen(3, 8, 12003, 12004);
ROLLBACK;

-- ---- each statement as of its own snapshot -----------------------------------------------------
SET ROLE regress_scale_app;
PREPARE card AS SELECT id FROM regress_scale.card WHERE id = $1;
BEGIN;
SELECT ambit.assume('t', 'ever');
EXECUTE card(3);
EXECUTE card(4);
INSERT INTO regress_scale.visit VALUES ('t', 1, 4, now());
EXECUTE card(4);
WITH new AS (INSERT INTO regress_scale.visit VALUES ('t', 1, 5, now()) RETURNING client)
SELECT client, (SELECT id FROM regress_scale.card WHERE id = 5) AS this_statement, regress_scale.seen(5) AS volatile_function FROM new;
EXECUTE card(5);
DELETE FROM regress_scale.visit WHERE staff = 1 AND client = 3;
EXECUTE card(3);
SAVEPOINT a;
INSERT INTO regress_scale.visit VALUES ('t', 1, 7, now());
EXECUTE card(7);
ROLLBACK TO a;
EXECUTE card(7);
DO $$
BEGIN
	BEGIN
		INSERT INTO regress_scale.visit VALUES ('t', 1, 8, now());
		RAISE WARNING 'in a block %', regress_scale.seen(8);
		PERFORM id / (id - 8) FROM regress_scale.card WHERE id IN (6, 8);
	EXCEPTION WHEN division_by_zero THEN
		RAISE WARNING 'block undone %', regress_scale.seen(6, 8);
	END;
END
$$;
-- where the snapshot of the transaction is one, too
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('t', 'ever');
EXECUTE card(7);
SAVEPOINT a;
INSERT INTO regress_scale.visit VALUES ('t', 1, 7, now());
EXECUTE card(7);
ROLLBACK TO a;
EXECUTE card(7);
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'ever');
INSERT INTO regress_scale.visit VALUES ('t', 1, 4, now()), ('t', 1, 5, now());
-- a cursor keeps to its snapshot, whatever is asked, undone or dropped between two rows
DECLARE c CURSOR FOR SELECT id FROM regress_scale.card WHERE id BETWEEN 4 AND 40;
FETCH 2 FROM c;
EXECUTE card(9);
DELETE FROM regress_scale.visit WHERE client IN (9, 12);
FETCH 1 FROM c;
SAVEPOINT b;
FETCH 1 FROM c;
EXECUTE card(12);
ROLLBACK TO b;
FETCH 1 FROM c;
SELECT count(*) FROM regress_scale.card;
FETCH 1 FROM c;
CLOSE c;
-- one that began in what was rolled back is gone
SAVEPOINT d;
DECLARE c CURSOR FOR SELECT id FROM regress_scale.card WHERE id BETWEEN 4 AND 40;
FETCH 1 FROM c;
ROLLBACK TO d;
FETCH 1 FROM c;
ROLLBACK TO d;
EXECUTE card(6);
ROLLBACK;
-- rows in order of the keys, an update, a join
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT array_agg(id) FROM (SELECT id FROM regress_scale.card ORDER BY id LIMIT 10) q;
SELECT array_agg(id) FROM (SELECT id FROM regress_scale.card ORDER BY id OFFSET 300 LIMIT 3) q;
UPDATE regress_scale.card SET note = 'x' WHERE id IN (3, 4, 5, 6) RETURNING id;
SELECT a.id, b.id FROM regress_scale.card a JOIN regress_scale.card b ON b.id = a.id + 3 WHERE a.id BETWEEN 10 AND 20 ORDER BY 1;
SELECT count(*), count(*) FILTER (WHERE id % 3 = 0) FROM regress_scale.card;
COMMIT;
RESET ROLE;

-- ---- others own the view, change it, take it away ---------------------------------------------
GRANT SELECT ON regress_scale.visit TO regress_scale_dba;
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.unbind_relationship('regress_scale');
SET LOCAL ROLE regress_scale_dba;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, client AS object, at FROM regress_scale.visit');
SELECT ambit.assume('t', 'ever');
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4);
SAVEPOINT a;
RESET ROLE;
REVOKE SELECT ON regress_scale.visit FROM regress_scale_dba;
SET LOCAL ROLE regress_scale_app;
EXECUTE card(3);
ROLLBACK TO a;
EXECUTE card(3);
-- row-level security holds for the owner of the view
RESET ROLE;
ALTER TABLE regress_scale.visit ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON regress_scale.visit TO regress_scale_dba USING (client > 5);
CREATE POLICY writing ON regress_scale.visit FOR INSERT TO regress_scale_app WITH CHECK (true);
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 6);
SET LOCAL row_security = off;
EXECUTE card(6);
ROLLBACK TO a;
SET LOCAL ROLE regress_scale_app;
EXECUTE card(3);
-- the owner changes
RESET ROLE;
DO $$ BEGIN EXECUTE format('ALTER VIEW ambit_relationship.regress_scale OWNER TO %I', session_user); END $$;
REVOKE SELECT ON regress_scale.visit FROM regress_scale_dba;
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4);
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'ever');
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4);
RESET ROLE;
-- bound anew
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, client + 1 AS object, at FROM regress_scale.visit');
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4);
RESET ROLE;
-- two views change their names: each answers under the name that it has
SELECT ambit.bind_relationship('regress_scale_two', 'SELECT tenant, staff AS subject, client + 2 AS object, at FROM regress_scale.visit');
ALTER VIEW ambit_relationship.regress_scale RENAME TO regress_scale_old;
ALTER VIEW ambit_relationship.regress_scale_two RENAME TO regress_scale;
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 5);
RESET ROLE;
ALTER VIEW ambit_relationship.regress_scale RENAME TO regress_scale_two;
ALTER VIEW ambit_relationship.regress_scale_old RENAME TO regress_scale;
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 5);
RESET ROLE;
-- a column goes and comes back
ALTER VIEW ambit_relationship.regress_scale RENAME COLUMN object TO nothing;
SAVEPOINT b;
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 5);
RESET ROLE;
ALTER VIEW ambit_relationship.regress_scale RENAME COLUMN nothing TO object;
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 5);
RESET ROLE;
SELECT ambit.unbind_relationship('regress_scale');
SET LOCAL ROLE regress_scale_app;
SELECT regress_scale.seen(3, 4, 5);
ROLLBACK;
SET ROLE regress_scale_app;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT regress_scale.seen(3, 4);
ROLLBACK;
RESET ROLE;

-- ---- what may fail is asked for all, and its failure shows nothing of a row --------------------
\set VERBOSITY default
CREATE TABLE regress_scale.note (tenant text, staff int, about text);
INSERT INTO regress_scale.note SELECT 't', 1, i * 3 FROM generate_series(1, 4000) i;
CREATE INDEX ON regress_scale.note (tenant, staff, about);
ANALYZE regress_scale.note;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, about::bigint AS object, now() AS at FROM regress_scale.note');
\set ask 'SET ROLE regress_scale_app; BEGIN; SELECT ambit.assume(''t'', ''ever''); SELECT regress_scale.seen(3, 4, 6); COMMIT; RESET ROLE;'
:ask
INSERT INTO regress_scale.note VALUES ('t', 1, 'secret');
SET ROLE regress_scale_app;
SET client_min_messages = log;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT regress_scale.seen(3, 4, 6);
COMMIT;
SET client_min_messages = warning;
RESET ROLE;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, client + 0 / (client - 9000) AS object, at FROM regress_scale.visit');
:ask
-- objects of another type than the column's are read all
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, about AS object, now() AS at FROM regress_scale.note');
:ask
-- of a narrower type: a key that it does not hold is none of them
CREATE TABLE regress_scale.small (tenant text, staff int, client int2);
INSERT INTO regress_scale.small SELECT 't', 1, i FROM generate_series(1, 4000) i;
CREATE INDEX ON regress_scale.small (tenant, staff, client);
ANALYZE regress_scale.small;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, staff AS subject, client AS object, now() AS at FROM regress_scale.small');
INSERT INTO regress_scale.card VALUES (65536 + 7, 't', 65536 + 7);
SET ROLE regress_scale_app;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT regress_scale.seen(7, 4001, 65543);
COMMIT;
RESET ROLE;

-- the function of an index on an expression is called once more on the row that a lossy index finds: by no search_path but a pinned one
CREATE FUNCTION regress_scale.folded(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower($1); END $$;
CREATE TABLE regress_scale.word (tenant text, staff text, client bigint);
INSERT INTO regress_scale.word SELECT 't', 's' || i, i FROM generate_series(1, 4000) i UNION ALL SELECT 't', '1', i FROM generate_series(3, 60, 3) i;
CREATE INDEX ON regress_scale.word USING hash (regress_scale.folded(staff));
ANALYZE regress_scale.word;
SELECT ambit.bind_relationship('regress_scale', 'SELECT tenant, regress_scale.folded(staff) AS subject, client AS object, now() AS at FROM regress_scale.word');
CREATE SCHEMA regress_scale_own AUTHORIZATION regress_scale_app;
SET enable_seqscan = off; SET enable_bitmapscan = off;
SET ROLE regress_scale_app;
CREATE FUNCTION regress_scale_own.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE WARNING 'called with %', $1; RETURN pg_catalog.lower($1); END $$;
SET search_path = regress_scale_own, pg_catalog;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT count(*) FROM regress_scale.card;
SELECT count(*) FROM regress_scale.card WHERE id < 12;
COMMIT;
BEGIN;
SELECT ambit.assume('t', 'ever');
SELECT id FROM regress_scale.card WHERE id IN (6, 7);
COMMIT;
RESET search_path;
RESET ROLE;
RESET enable_seqscan; RESET enable_bitmapscan;
DROP SCHEMA regress_scale_own CASCADE;

-- clean up
DEALLOCATE card;
SELECT ambit.unbind_relationship('regress_scale');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');
SELECT ambit.untrust_application('regress_scale_app'), ambit.revoke_administration('regress_scale_dba');
DROP SCHEMA regress_scale CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_scale';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_scale.%';
DROP ROLE regress_scale_app, regress_scale_dba;
