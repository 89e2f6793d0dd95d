--
-- relationship: who is related to whom, by queries that the DBA bound
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_relationship_app;
CREATE ROLE regress_relationship_dba;
CREATE SCHEMA regress_relationship;
GRANT USAGE ON SCHEMA regress_relationship TO regress_relationship_app, regress_relationship_dba;
SELECT ambit.trust_application('regress_relationship_app'), ambit.grant_administration('regress_relationship_dba');
SELECT ambit._load_template('{
	"template": "regress_relationship", "clients_permission": "regress_relationship.client.view",
	"scopes": {
		"served": {"relationship": "regress_served", "back": "15 days", "ahead": "15 days"},
		"before": {"relationship": "regress_served", "back": "15 days", "ahead": "0"},
		"after": {"relationship": "regress_served", "ahead": "360 hours", "back": "0"},
		"since": {"relationship": "regress_served", "back": "1 month"},
		"until": {"relationship": "regress_served", "ahead": "15 days"},
		"ever": {"relationship": "regress_served"},
		"long": {"relationship": "regress_served", "back": "1000 years", "ahead": "1000 years"},
		"knows": {"relationship": "regress_knows"},
		"knew": {"relationship": "regress_knows", "back": "15 days"}},
	"permissions": [{"key": "regress_relationship.client.view"}],
	"roles": [{"role": "served"}, {"role": "before"}, {"role": "after"}, {"role": "since"}, {"role": "until"}, {"role": "ever"}, {"role": "long"}, {"role": "knows"}, {"role": "knew"}],
	"cells": [
		{"role": "served", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "before", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "before"}]},
		{"role": "after", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "after"}]},
		{"role": "since", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "since"}]},
		{"role": "until", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "until"}]},
		{"role": "ever", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "ever"}]},
		{"role": "long", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "long"}]},
		{"role": "knows", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "knows"}]},
		{"role": "knew", "permission": "regress_relationship.client.view", "enabled": true, "entries": [{"scope": "knew"}]}]
}', false);
SELECT ambit.create_tenant('t', 'regress_relationship'), ambit.create_tenant('T', 'regress_relationship');
SELECT ambit.add_member(t, r, '{"staff": 1, "client": 100}'), ambit.assign_role(t, r, r)
FROM unnest('{t,T}'::text[]) t, unnest('{served,before,after,since,until,ever,long,knows,knew}'::text[]) r;
SELECT ambit.add_member('t', 'two', '{"staff": 2}'), ambit.assign_role('t', 'two', 'ever');
SELECT ambit.add_member('t', 'both', '{"staff": 1}'), ambit.assign_role('t', 'both', 'before'), ambit.assign_role('t', 'both', 'after');

CREATE TABLE regress_relationship.client (id bigint PRIMARY KEY, tenant text NOT NULL, name text);
INSERT INTO regress_relationship.client SELECT i, CASE WHEN i <= 20 THEN 't' ELSE 'T' END, 'client ' || i FROM generate_series(1, 22) i;
SELECT ambit.protect('regress_relationship.client', tenant => 'tenant', client => 'id');
SELECT ambit.add_rule('regress_relationship.client', c, 'regress_relationship.client.view') > 0 AS rule FROM unnest('{select,update}'::text[]) c;
GRANT SELECT, UPDATE ON regress_relationship.client TO regress_relationship_app;
CREATE TABLE regress_relationship.appointment (id serial, tenant text, staff_id int, client_id bigint, starts_at timestamptz);
CREATE INDEX ON regress_relationship.appointment (tenant, staff_id, starts_at);
SELECT ambit.bind_relationship('regress_served', 'SELECT tenant, staff_id AS subject, client_id AS object, starts_at AS at FROM regress_relationship.appointment');

CREATE FUNCTION regress_relationship.clients() RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	RETURN (SELECT array_agg(id ORDER BY id) FROM regress_relationship.client);
END
$$;
CREATE FUNCTION regress_relationship.clients(user_id text, tenant text = 't') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	seen bigint[];
	evaluated bigint[];
	register bigint[];
BEGIN
	PERFORM ambit.assume(tenant, user_id);
	PERFORM set_config('ambit.specialize_plans', 'on', true);
	seen := regress_relationship.clients();
	register := ARRAY(SELECT ambit.visible_clients(NULL::bigint) ORDER BY 1);
	PERFORM set_config('ambit.specialize_plans', 'off', true);
	evaluated := regress_relationship.clients();
	PERFORM set_config('ambit.specialize_plans', 'on', true);
	IF seen IS DISTINCT FROM evaluated OR coalesce(seen, '{}') IS DISTINCT FROM register THEN
		RETURN format('plans: %s; evaluated: %s; visible_clients: %s', seen, evaluated, register);
	END IF;
	RETURN seen;
END
$$;

-- ---- the window: now() and 15 days, both ends included ---------------------------------
-- The table is not theirs to read.
SET timezone = 'UTC';
BEGIN;
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES
	('t', 1, 1, now()),
	('t', 1, 2, now() - interval '15 days'),
	('t', 1, 3, now() - interval '15 days' - interval '1 microsecond'),
	('t', 1, 4, now() + interval '15 days'),
	('t', 1, 5, now() + interval '15 days' + interval '1 microsecond'),
	('t', 1, 6, now() - interval '14 days'),
	('t', 1, 7, now() + interval '14 days'),
	('t', 1, 8, now() - interval '16 days'),
	('t', 1, 9, now() + interval '16 days'),
	('t', 1, 10, now() - interval '30 days'),
	('t', 1, 11, now() - interval '30 days' - interval '1 microsecond'),
	('t', 1, 12, 'infinity'), ('t', 1, 13, '-infinity'), ('t', 1, 14, NULL),
	-- by another, in another tenant, of nobody
	('t', 2, 15, now()), ('T', 1, 16, now()), ('T', 1, 21, now()), ('t', 1, 22, now()), ('t', NULL, 17, now()), (NULL, 1, 18, now()), ('t', 1, NULL, now()),
	-- twice, one of them outside
	('t', 1, 19, now() - interval '20 days'), ('t', 1, 19, now() - interval '2 days'),
	('t', 1, 20, '4713-01-01 BC'), ('t', 1, 20, '294276-12-31');
SET LOCAL ROLE regress_relationship_app;
SELECT r, regress_relationship.clients(r) FROM unnest('{served,before,after,since,until,ever,long,two,both}'::text[]) WITH ORDINALITY u (r, n) ORDER BY n;
SELECT regress_relationship.clients('ever', 'T') AS "T";
-- an hour that a time zone skips or repeats is no matter
SET LOCAL timezone = 'Europe/Berlin';
SELECT regress_relationship.clients('served');
SET LOCAL timezone = 'America/Sao_Paulo';
SELECT regress_relationship.clients('served');
SET LOCAL timezone = 'UTC';
-- nor how long the transaction lasts
SELECT pg_sleep(0.01);
SELECT regress_relationship.clients('served');
SAVEPOINT s;
SELECT count(*) FROM regress_relationship.appointment;
ROLLBACK TO s;
SELECT * FROM ambit_relationship.regress_served;
ROLLBACK;
-- time goes on by itself from transaction to transaction
SELECT clock_timestamp() + interval '2.5 seconds' AS until \gset
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES
	('t', 1, 1, :'until'::timestamptz - interval '15 days'), ('t', 1, 2, :'until'::timestamptz + interval '15 days');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('served');
SELECT pg_sleep_until(:'until'::timestamptz + interval '1 millisecond');
SELECT regress_relationship.clients('served');
RESET ROLE;
TRUNCATE regress_relationship.appointment;

-- ---- the statement's own snapshot -------------------------------------------------------
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 1, now());
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_relationship.appointment TO regress_relationship_app;
GRANT USAGE ON SEQUENCE regress_relationship.appointment_id_seq TO regress_relationship_app;
SET ROLE regress_relationship_app;
PREPARE clients AS SELECT array_agg(id ORDER BY id) FROM regress_relationship.client;
BEGIN;
SELECT ambit.assume('t', 'ever');
EXECUTE clients;
-- what the transaction itself changes shows to its next statement, and not before
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 2, now());
EXECUTE clients;
WITH new AS (INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 3, now()) RETURNING client_id)
SELECT client_id, regress_relationship.clients() AS volatile_function_sees FROM new;
SELECT array_agg(id ORDER BY id) FROM regress_relationship.client;
UPDATE regress_relationship.appointment SET client_id = 4 WHERE client_id = 3;
EXECUTE clients;
DELETE FROM regress_relationship.appointment WHERE client_id = 2;
EXECUTE clients;
SAVEPOINT a;
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 5, now());
EXECUTE clients;
SAVEPOINT b;
INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 6, now());
EXECUTE clients;
ROLLBACK TO b;
EXECUTE clients;
RELEASE a;
EXECUTE clients;
DO $$
BEGIN
	RAISE NOTICE 'before %', regress_relationship.clients();
	INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 7, now());
	RAISE NOTICE 'after %', regress_relationship.clients();
	BEGIN
		INSERT INTO regress_relationship.appointment (tenant, staff_id, client_id, starts_at) VALUES ('t', 1, 8, now());
		RAISE NOTICE 'in a block %', regress_relationship.clients();
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RAISE NOTICE 'block undone %', regress_relationship.clients();
	END;
END
$$;
-- a cursor keeps to the snapshot that it was opened under
DECLARE c CURSOR FOR SELECT id FROM regress_relationship.client ORDER BY id;
FETCH 1 FROM c;
DELETE FROM regress_relationship.appointment;
FETCH ALL FROM c;
EXECUTE clients;
ROLLBACK;
SELECT regress_relationship.clients('ever');
DEALLOCATE clients;
RESET ROLE;

-- ---- asked once a statement ---------------------------------------------------------------
SET client_min_messages = notice;
CREATE FUNCTION regress_relationship.asked() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE NOTICE 'asked as %', current_user; RETURN true; END $$;
CREATE VIEW regress_relationship.logged AS SELECT tenant, staff_id AS subject, client_id AS object FROM regress_relationship.appointment WHERE regress_relationship.asked();
GRANT SELECT ON regress_relationship.logged TO regress_relationship_dba;
GRANT EXECUTE ON FUNCTION regress_relationship.asked() TO PUBLIC;
SET ROLE regress_relationship_dba;
SELECT ambit.bind_relationship('regress_knows', 'SELECT * FROM regress_relationship.logged');
SET ROLE regress_relationship_app;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('t', 'knows');
SELECT a.id FROM regress_relationship.client a JOIN regress_relationship.client b USING (id), regress_relationship.client c
WHERE EXISTS (SELECT FROM regress_relationship.client d WHERE d.id = a.id OFFSET 0);
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('t', 'knows');
UPDATE regress_relationship.client SET name = 'x';
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('t', 'knows');
SET LOCAL ambit.specialize_plans = off;
SELECT a.id FROM regress_relationship.client a JOIN regress_relationship.client b USING (id), regress_relationship.client c;
-- nothing for a statement that needs no relationship
COMMIT;
BEGIN;
SELECT ambit.assume('t', 'knows');
SELECT ambit.has_permission('regress_relationship.client.view'), ambit.permission_scopes('regress_relationship.client.view');
COMMIT;
RESET ROLE;

-- ---- with the rights of whoever bound it -------------------------------------------------------
SET client_min_messages = warning;
SELECT pg_get_userbyid(relowner), relacl IS NULL OR NOT has_table_privilege('regress_relationship_app', oid, 'SELECT') AS closed FROM pg_class WHERE oid = 'ambit_relationship.regress_knows'::regclass;
REVOKE ALL ON regress_relationship.appointment FROM regress_relationship_app;
CREATE TABLE regress_relationship.friend (tenant text, a int, b bigint);
INSERT INTO regress_relationship.friend VALUES ('t', 1, 11), ('t', 1, 12);
\set VERBOSITY sqlstate
-- who may not read it may bind it; asked, it says no
SET ROLE regress_relationship_dba;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, a AS subject, b AS object FROM regress_relationship.friend');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
GRANT SELECT ON regress_relationship.friend TO regress_relationship_dba;
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
-- row-level security holds for that role, not for the caller
RESET ROLE;
ALTER TABLE regress_relationship.friend ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON regress_relationship.friend TO regress_relationship_dba USING (b = 11);
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
DROP POLICY p ON regress_relationship.friend;
ALTER TABLE regress_relationship.friend DISABLE ROW LEVEL SECURITY;
-- a table that ambit protects shows nothing to a bound query but as one whom
-- row-level security does not hold back: there is no identity in it
GRANT SELECT ON regress_relationship.client TO regress_relationship_dba;
SET ROLE regress_relationship_dba;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, 1 AS subject, id AS object FROM regress_relationship.client');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, 1 AS subject, id AS object FROM regress_relationship.client WHERE id < 4 AND ambit.current_tenant() IS NOT NULL AND NOT ambit.has_permission(''regress_relationship.client.view'')');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');

-- ---- nothing of the caller's own gets into it ---------------------------------------------------
RESET ROLE;
CREATE SCHEMA regress_relationship_evil AUTHORIZATION regress_relationship_app;
CREATE FUNCTION regress_relationship.lookup(a int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN upper('10')::bigint + a; END $$;
SET search_path = regress_relationship, public;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, a AS subject, lookup(a) AS object FROM friend WHERE abs(b) > 0');
RESET search_path;
SET ROLE regress_relationship_app;
CREATE FUNCTION regress_relationship_evil.evil(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN true; END $$;
CREATE FUNCTION regress_relationship_evil.evil(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN true; END $$;
CREATE OPERATOR regress_relationship_evil.= (FUNCTION = regress_relationship_evil.evil, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR regress_relationship_evil.= (FUNCTION = regress_relationship_evil.evil, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION regress_relationship_evil.upper(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN '7'; END $$;
CREATE FUNCTION regress_relationship_evil.lookup(int) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN 7; END $$;
CREATE FUNCTION regress_relationship_evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN '-infinity'; END $$;
CREATE FUNCTION regress_relationship_evil.permits(text, text, text, text, bigint, text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'evil as %', current_user; RETURN true; END $$;
CREATE TABLE regress_relationship_evil.friend (tenant text, a int, b bigint);
CREATE TEMP TABLE friend (tenant text, a int, b bigint);
CREATE TEMP TABLE regress_knows (tenant text, subject int, object bigint);
INSERT INTO regress_relationship_evil.friend VALUES ('t', 1, 7);
INSERT INTO pg_temp.friend VALUES ('t', 1, 7);
INSERT INTO pg_temp.regress_knows VALUES ('t', 1, 7);
SET search_path = regress_relationship_evil, pg_temp, regress_relationship, pg_catalog, ambit;
BEGIN;
SELECT ambit.assume('t', 'knows');
SELECT array_agg(id) FROM client;
SET LOCAL ambit.specialize_plans = off;
SELECT array_agg(id) FROM client;
COMMIT;
RESET search_path;
DROP TABLE pg_temp.friend, pg_temp.regress_knows;
RESET ROLE;

-- ---- another query, none, what happens to the tables under it ----------------------------------
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, a AS subject, b AS object FROM regress_relationship.friend -- as it was');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
BEGIN;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, a AS subject, b - 1 AS object FROM regress_relationship.friend');
SELECT ambit.assume('t', 'knows');
SET LOCAL ROLE regress_relationship_app;
SELECT regress_relationship.clients();
ROLLBACK;
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
-- renames are followed
ALTER TABLE regress_relationship.friend RENAME TO pal;
ALTER TABLE regress_relationship.pal RENAME a TO one;
ALTER SCHEMA regress_relationship_evil RENAME TO regress_relationship_bad;
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
-- neither the table nor the column goes without a word
DROP TABLE regress_relationship.pal;
ALTER TABLE regress_relationship.pal DROP COLUMN b;
ALTER TABLE regress_relationship.pal ALTER b TYPE text;
-- said, it relates nobody
BEGIN;
DROP TABLE regress_relationship.pal CASCADE;
SELECT ambit.assume('t', 'knows');
SET LOCAL ROLE regress_relationship_app;
SELECT regress_relationship.clients();
ROLLBACK;
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
BEGIN;
SELECT ambit.unbind_relationship('regress_knows');
SELECT ambit.assume('t', 'knows');
SET LOCAL ROLE regress_relationship_app;
SELECT regress_relationship.clients();
ROLLBACK;
-- a table in the place of the view relates nobody either
BEGIN;
SELECT ambit.unbind_relationship('regress_knows');
CREATE TABLE ambit_relationship.regress_knows AS SELECT 't' AS tenant, 1 AS subject, 7::bigint AS object;
SELECT ambit.assume('t', 'knows');
SET LOCAL ROLE regress_relationship_app;
SELECT regress_relationship.clients();
ROLLBACK;
-- a window needs an instant; without one in the query nothing is within
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knew');
RESET ROLE;
-- bad data is hidden data: a value that the bound query cannot take, of another
-- or of one's own, neither fails the statement nor shows in an error
CREATE TABLE regress_relationship.note (tenant text, staff int, about text);
INSERT INTO regress_relationship.note VALUES ('t', 2, 'secret');
\set VERBOSITY default
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, staff AS subject, about::bigint AS object FROM regress_relationship.note OFFSET 0');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, staff - 1 AS subject, about::bigint AS object FROM regress_relationship.note');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
-- nor does a name that stands in a row
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, staff - 1 AS subject, about::regclass::oid::bigint AS object FROM regress_relationship.note');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, staff - 1 AS subject, 3 AS object FROM regress_relationship.note WHERE pg_has_role(about, ''usage'') OFFSET 0');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;

-- ---- what bind_relationship() refuses ------------------------------------------------------------
SELECT ambit.bind_relationship('regress_knows', 'SELECT 1 AS tenant, 2 AS subject');
\echo :SQLSTATE
SELECT ambit.bind_relationship('regress_knows', 'SELECT 1 AS tenant');
\echo :SQLSTATE
SELECT ambit.bind_relationship('regress_knows', 'SELECT 1 AS tenant, 2 AS subject, 3 AS object, now()::timestamp AS at');
\echo :SQLSTATE
SELECT ambit.bind_relationship('Knows', 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
\echo :SQLSTATE
SELECT ambit.bind_relationship(NULL, 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
\echo :SQLSTATE
SELECT ambit.unbind_relationship(NULL);
\echo :SQLSTATE
SELECT ambit.unbind_relationship('regress_nothing');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT ambit.bind_relationship('', 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
SELECT ambit.bind_relationship(repeat('x', 41), 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
SELECT ambit.bind_relationship('x"; DROP TABLE y; --', 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
SELECT ambit.bind_relationship('regress_knows', NULL);
SELECT ambit.bind_relationship('regress_knows', 'no SQL');
SELECT ambit.bind_relationship('regress_knows', 'SELECT * FROM regress_relationship.nothing');
SELECT ambit.bind_relationship('regress_knows', 'DELETE FROM regress_relationship.pal RETURNING tenant, one AS subject, b AS object');
SET ROLE regress_relationship_app;
SELECT ambit.bind_relationship('regress_knows', 'SELECT 1 AS tenant, 2 AS subject, 3 AS object');
SELECT ambit.unbind_relationship('regress_knows');
SELECT ambit.bind_relationship(NULL, NULL);
SELECT ambit.unbind_relationship(NULL);
RESET ROLE;
-- refused, it leaves what was bound
SELECT ambit.bind_relationship('regress_knows', 'SELECT tenant, one AS subject, b AS object FROM regress_relationship.pal');
SELECT ambit.bind_relationship('regress_knows', 'SELECT 1 AS tenant, 2 AS subject');
SET ROLE regress_relationship_app;
SELECT regress_relationship.clients('knows');
RESET ROLE;

-- clean up
SELECT ambit.unbind_relationship('regress_served'), ambit.unbind_relationship('regress_knows');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');
SELECT ambit.untrust_application('regress_relationship_app'), ambit.revoke_administration('regress_relationship_dba');
DROP SCHEMA regress_relationship, regress_relationship_bad CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_relationship';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_relationship.%';
DROP ROLE regress_relationship_app, regress_relationship_dba;
