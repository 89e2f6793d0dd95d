--
-- attacks: what a hostile user of the database tries
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_attacks_app;
CREATE ROLE regress_attacks_mallory;
CREATE ROLE regress_attacks_admin;
CREATE SCHEMA regress_attacks;
CREATE SCHEMA regress_attacks_m AUTHORIZATION regress_attacks_mallory;
GRANT USAGE ON SCHEMA regress_attacks TO regress_attacks_app, regress_attacks_mallory, regress_attacks_admin;
CREATE TABLE regress_attacks.client (id bigint PRIMARY KEY, tenant text, amount text);
INSERT INTO regress_attacks.client VALUES (1, 'regress_a', '5'), (2, 'regress_b', 'TOPSECRET'), (3, 'regress_a', '6');
GRANT ALL ON regress_attacks.client TO regress_attacks_app;
SELECT ambit.create_tenant('regress_a', 'opus1');
SELECT ambit.create_tenant('regress_b', 'opus1');
SELECT ambit.add_member('regress_a', 'boss', '{"staff": "1"}');
SELECT ambit.assign_role('regress_a', 'boss', 'owner');
SELECT ambit.add_member('regress_a', 'lim', '{"staff": "7", "client": "3"}');
SELECT ambit.assign_role('regress_a', 'lim', 'limited_staff');
SELECT ambit.trust_application('regress_attacks_app');
SELECT ambit.protect('regress_attacks.client', tenant => 'tenant', client => 'id');
SELECT ambit.add_rule('regress_attacks.client', 'select', 'clients.view') > 0 AS added;
SELECT ambit.add_rule('regress_attacks.client', 'insert', 'clients.view') > 0 AS added;

-- Code that the server runs for the owner of a table while a superuser
-- analyzes it has nobody's authority.
SET ROLE regress_attacks_mallory;
CREATE TABLE regress_attacks_m.t (a integer);
INSERT INTO regress_attacks_m.t SELECT generate_series(1, 100);
CREATE FUNCTION regress_attacks_m.f(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE INDEX ON regress_attacks_m.t (regress_attacks_m.f(a));
CREATE OR REPLACE FUNCTION regress_attacks_m.f(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS
	$$BEGIN PERFORM ambit.grant_administration('regress_attacks_mallory'); RETURN $1; END$$;
RESET ROLE;
ANALYZE regress_attacks_m.t;
CREATE OR REPLACE FUNCTION regress_attacks_m.f(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS
	$$BEGIN PERFORM ambit.trust_application('regress_attacks_mallory'); RETURN $1; END$$;
ANALYZE regress_attacks_m.t;
CREATE OR REPLACE FUNCTION regress_attacks_m.f(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS
	$$BEGIN PERFORM ambit.assume('regress_a', 'boss'); RETURN $1; END$$;
ANALYZE regress_attacks_m.t;
CREATE OR REPLACE FUNCTION regress_attacks_m.f(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS
	$$BEGIN PERFORM ambit.logout(); RETURN $1; END$$;
ANALYZE regress_attacks_m.t;
SELECT count(*) FROM ambit.administrator WHERE db_role = 'regress_attacks_mallory'::regrole;

-- A trusted application that calls somebody's SECURITY DEFINER function does
-- not lend it its trust.
SET ROLE regress_attacks_mallory;
CREATE FUNCTION regress_attacks_m.g() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$SELECT ambit.assume('regress_a', 'boss')$$;
GRANT USAGE ON SCHEMA regress_attacks_m TO PUBLIC;
SET ROLE regress_attacks_app;
SELECT regress_attacks_m.g();

-- Functions for plans, called with numbers of one's own.
BEGIN;
SELECT ambit.assume('regress_a', 'lim');
DO $$
DECLARE
	line	text;
	fp		text;
	answer	text;
	n		text;
BEGIN
	FOR line IN EXPLAIN SELECT * FROM regress_attacks.client LOOP
		fp := coalesce(fp, substring(line FROM '''(-?[0-9]+)''::bigint'));
	END LOOP;
	RAISE WARNING 'the plan shows a fingerprint: %', fp IS NOT NULL;
	FOREACH n IN ARRAY '{100000000,-1,2147483647,NULL}'::text[] LOOP
		EXECUTE format('EXPLAIN SELECT * FROM pg_class WHERE ambit._in_reach(%L, %s, relname)', fp, coalesce(n, 'NULL'));
		EXECUTE format('SELECT count(*) FROM pg_class WHERE ambit._in_reach(%L, %s, relname)', fp, coalesce(n, 'NULL')) INTO answer;
		RAISE WARNING '_in_reach %: %', n, answer;
		EXECUTE format('SELECT ambit._reach(%L, %s, NULL::text)', fp, coalesce(n, 'NULL')) INTO answer;
		RAISE WARNING '_reach %: %', n, answer;
		EXECUTE format('SELECT ambit._key(%L, %s, NULL::text)', fp, coalesce(n, 'NULL')) INTO answer;
		RAISE WARNING '_key %: %', n, answer;
	END LOOP;
END
$$;
SELECT ambit._key(1, 0, NULL::text);
ROLLBACK;

-- Rows outlive neither their identity nor their transaction.
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM ambit.visible_clients(NULL::bigint);
COMMIT;
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
DECLARE c CURSOR FOR SELECT * FROM ambit.visible_clients(NULL::bigint);
FETCH 1 FROM c;
SELECT ambit.logout();
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN INSERT INTO regress_attacks.client SELECT g, 'regress_a' FROM generate_series(100, 300) g RETURNING id LOOP
		PERFORM ambit.assume('regress_a', 'lim');
	END LOOP;
END
$$;
ROLLBACK;
RESET ROLE;

-- A table that only looks protected does not count.
SET ROLE regress_attacks_mallory;
CREATE TABLE regress_attacks_m.register (id bigint PRIMARY KEY, tenant text);
CREATE POLICY ambit ON regress_attacks_m.register USING (true) WITH CHECK (ambit._bound(tenant, NULL, NULL, id, NULL, NULL, 'regress_attacks.client'::regclass, id));
ALTER TABLE regress_attacks_m.register ENABLE ROW LEVEL SECURITY;
CREATE TRIGGER ambit_truncate BEFORE TRUNCATE ON regress_attacks_m.register FOR EACH STATEMENT EXECUTE FUNCTION ambit._refuse_truncate();
INSERT INTO regress_attacks_m.register VALUES (999, 'regress_a');
RESET ROLE;
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
SELECT ambit.visible_clients() ORDER BY 1;
ROLLBACK;

-- An administrator is not a superuser: SQL text that ambit parses as its owner
-- is the owner's alone, and stays within its parentheses.
SELECT ambit.grant_administration('regress_attacks_admin');
SET ROLE regress_attacks_admin;
SELECT ambit.add_rule('regress_attacks.client', 'delete', 'clients.view', "when" => 'true');
CREATE FUNCTION pg_temp.raise(text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'this runs as %', current_user; RETURN true; END$$;
CREATE DOMAIN pg_temp.d AS text CHECK (pg_temp.raise(VALUE));
SELECT ambit.bind_relationship('regress_attacks_x', $$SELECT 1 AS tenant, 2 AS subject, '{a}'::pg_temp.d[] AS object$$);
RESET ROLE;
SELECT ambit.add_rule('regress_attacks.client', 'delete', 'clients.view', "when" => 'true) OR (true');
SELECT ambit.add_rule('regress_attacks.client', 'delete', 'clients.view', "when" =>
	$$'x' = '\' || ' ))); ALTER ROLE regress_attacks_admin SUPERUSER; CREATE POLICY j ON x FOR INSERT WITH CHECK ((( true --'$$) > 0 AS added;
SET ROLE regress_attacks_admin;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT ambit.add_rule('regress_attacks.client', 'update', 'clients.view') > 0 AS added;
RESET standard_conforming_strings;
RESET escape_string_warning;
RESET ROLE;
SELECT ambit.bind_relationship('regress_attacks_x',
	'SELECT 1 tenant, 2 subject, 3 object) r; ALTER ROLE regress_attacks_admin SUPERUSER; CREATE VIEW ambit.j AS SELECT * FROM (SELECT 1 x');
SELECT ambit.bind_relationship('regress_attacks_x', 'SELECT 1 tenant, 2 subject, 3 object; SELECT 1');
SELECT ambit.bind_relationship('regress_attacks_x', 'DELETE FROM x RETURNING 1 AS tenant, 2 AS subject, 3 AS object');
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_attacks_admin';

-- A condition that raises does so for permitted rows only.
SELECT ambit.drop_rule(rule) FROM ambit.rule WHERE relation = 'regress_attacks.client'::regclass AND command = 'select' ORDER BY rule;
SELECT ambit.add_rule('regress_attacks.client', 'select', 'clients.view', "when" => 'amount::integer > 5') > 0 AS added;
SET ROLE regress_attacks_app;
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
SELECT id FROM regress_attacks.client;
SET LOCAL ambit.specialize_plans = off;
SELECT id FROM regress_attacks.client;
ROLLBACK;
RESET ROLE;

-- Parts of a protected table are closed; a part is not protected by itself.
CREATE TABLE regress_attacks.whole (id integer, tenant text) PARTITION BY LIST (tenant);
CREATE TABLE regress_attacks.part PARTITION OF regress_attacks.whole FOR VALUES IN ('regress_a');
INSERT INTO regress_attacks.whole VALUES (1, 'regress_a');
GRANT ALL ON regress_attacks.whole, regress_attacks.part TO regress_attacks_app;
SELECT ambit.protect('regress_attacks.part', tenant => 'tenant');
SELECT ambit.protect('regress_attacks.whole', tenant => 'tenant');
SELECT ambit.add_rule('regress_attacks.whole', 'select', 'clients.view') > 0 AS added;
SET ROLE regress_attacks_app;
BEGIN;
SELECT ambit.assume('regress_a', 'boss');
SELECT count(*) FROM regress_attacks.whole;
SELECT count(*) FROM regress_attacks.part;
UPDATE regress_attacks.part SET id = 2;
INSERT INTO regress_attacks.part VALUES (3, 'regress_a');
ROLLBACK;
TRUNCATE regress_attacks.part;
RESET ROLE;
SELECT ambit.unprotect('regress_attacks.whole');
SET ROLE regress_attacks_app;
SELECT count(*) FROM regress_attacks.part;
RESET ROLE;

-- All roles of a member are judged together, in whatever order they are read:
-- what regress.pay requires comes by another role, and eve has neither.
SELECT ambit.import_template('{"template": "regress_attacks",
	"permissions": [{"key": "regress.roles"}, {"key": "regress.read"}, {"key": "regress.pay"}],
	"roles": [{"role": "reader"}, {"role": "payer"}, {"role": "admin"}],
	"cells": [
		{"role": "reader", "permission": "regress.read", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "payer", "permission": "regress.pay", "enabled": false, "entries": [{"scope": "all", "requires": ["regress.read"]}]},
		{"role": "admin", "permission": "regress.roles", "enabled": true, "entries": [{"scope": "all"}]}],
	"administration": {"set_role_permission": "regress.roles"}}');
SELECT ambit.create_tenant('regress_c', 'regress_attacks');
SELECT ambit.add_member('regress_c', u) FROM unnest('{eve,bob}'::text[]) u;
SELECT ambit.assign_role('regress_c', 'bob', 'reader');
SELECT ambit.assign_role('regress_c', 'eve', 'admin');
SELECT ambit.assign_role('regress_c', 'bob', 'payer');
\set options `echo "$PGOPTIONS"`
\c -reuse-previous=on "options='-c ignore_system_indexes=on -c client_min_messages=error'"
SET ROLE regress_attacks_app;
BEGIN;
SELECT ambit.assume('regress_c', 'eve');
SELECT * FROM ambit.set_role_permission('regress_c', 'payer', 'regress.pay', true);
ROLLBACK;
\set connection 'options=''' :options ''''
\c -reuse-previous=on :connection
SET client_min_messages = warning;
SELECT ambit.drop_tenant('regress_c');
DELETE FROM ambit.template WHERE template = 'regress_attacks';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress.%';

-- Default privileges give nobody ambit's tables or private functions.
SELECT c.relname, x.grantee::regrole
FROM pg_class c, aclexplode(c.relacl) x
WHERE c.relnamespace = 'ambit'::regnamespace AND x.grantee <> c.relowner;

SELECT ambit.revoke_administration('regress_attacks_admin');
SELECT ambit.untrust_application('regress_attacks_app');
DROP SCHEMA regress_attacks CASCADE;
DROP SCHEMA regress_attacks_m CASCADE;
SELECT ambit.drop_tenant('regress_a');
SELECT ambit.drop_tenant('regress_b');
DROP OWNED BY regress_attacks_app, regress_attacks_mallory, regress_attacks_admin;
DROP ROLE regress_attacks_app, regress_attacks_mallory, regress_attacks_admin;
