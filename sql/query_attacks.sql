--
-- query_attacks: what the planner and the executor leave out or keep changes neither rows nor answers
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_query LOGIN;
CREATE SCHEMA regress_query;
GRANT ALL ON SCHEMA regress_query TO regress_query;
SELECT ambit.trust_application('regress_query');
SELECT ambit._load_template('{
	"template": "regress_query", "clients_permission": "query.view",
	"scopes": {"served": {"relationship": "regress_query_served"}},
	"permissions": [{"key": "query.view"}, {"key": "query.edit"}, {"key": "query.cancel"}],
	"roles": [{"role": "owner"}, {"role": "staff"}, {"role": "limited"}],
	"cells": [
		{"role": "owner", "permission": "query.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "query.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "query.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "query.cancel", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "limited", "permission": "query.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "limited", "permission": "query.edit", "enabled": true, "entries": [{"scope": "own"}]}]
}', false);
SELECT ambit.create_tenant('t', 'regress_query');
SELECT ambit.add_member('t', u, '{"staff": "1"}'), ambit.assign_role('t', u, u) FROM unnest('{owner,staff,limited}'::text[]) u;
CREATE TABLE regress_query.client (id int PRIMARY KEY, tenant text, staff int, a int, b int);
INSERT INTO regress_query.client VALUES (1, 't', 1, 2, 2), (2, 't', 2, 1, 1), (3, 't', NULL, 0, 0), (4, NULL, 1, 0, 0), (5, 't', 2, 0, 1);
CREATE INDEX ON regress_query.client (a, id);
CREATE TABLE regress_query.line (id int PRIMARY KEY, client int, note text);
CREATE TABLE regress_query.served (tenant text, staff int, client int);
INSERT INTO regress_query.served SELECT 't', 1, i FROM generate_series(1, 4) i;
SELECT ambit.bind_relationship('regress_query_served', 'SELECT tenant, staff AS subject, client AS object FROM regress_query.served');
SELECT ambit.protect('regress_query.client', tenant => 'tenant', owner => 'staff', client => 'id'), ambit.protect('regress_query.line', parent => 'regress_query.client', parent_key => 'client');
SELECT count(ambit.add_rule(r::regclass, c, 'query.view')) FROM unnest('{regress_query.client,regress_query.line}'::text[]) r, unnest('{select,insert,delete}'::text[]) c;
SELECT ambit.add_rule('regress_query.client', 'update', 'query.cancel') > 0 AS rule, ambit.add_rule('regress_query.line', 'update', 'query.view') > 0 AS rule;
GRANT ALL ON regress_query.client, regress_query.line TO regress_query;
ANALYZE regress_query.client;

-- ---- a column that is compared with another is not given: the rows of an array come in another order
SET SESSION AUTHORIZATION regress_query;
SELECT ambit.assume('t', 'limited', session => true);
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
SELECT a, id FROM regress_query.client WHERE a = b ORDER BY a, id;
SELECT a, id FROM regress_query.client WHERE a = b ORDER BY a, id LIMIT 1;
SELECT a, id FROM regress_query.client WHERE a = (random() * 0)::int + id % 1 + b ORDER BY a, id;
RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort;

-- ---- permits() is true or false, wherever it stands
PREPARE answers AS
	SELECT id, ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL) AS edits,
		NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL) AS does_not,
		CASE WHEN NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL) THEN 'no' ELSE 'yes' END AS said
	FROM regress_query.client WHERE NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL) OR id = 1 ORDER BY id;
EXECUTE answers;
SET ambit.specialize_plans = off;
DEALLOCATE answers;
SELECT count(*) FROM regress_query.client WHERE NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL);
RESET ambit.specialize_plans;
SELECT count(*) FROM regress_query.client WHERE NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL);
SELECT count(*) FROM regress_query.client WHERE ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL);
-- in FROM, where functions are simplified before all else
SELECT count(*) FROM regress_query.client c, LATERAL unnest(ARRAY[ambit.permits('query.edit', c.tenant, NULL, c.staff, c.id, NULL, NULL)]) e WHERE NOT e;
SELECT count(*) FROM regress_query.client c, LATERAL (VALUES (ambit.permits('query.edit', c.tenant, NULL, c.staff, c.id, NULL, NULL)), (NULL)) e (e) WHERE NOT e;
SELECT count(*) FROM regress_query.client c, LATERAL unnest(ARRAY[ambit.permits('query.edit', c.tenant, NULL, c.staff, c.id, NULL, NULL)]) e WHERE e IS NULL;
-- in a policy of one's own too
RESET SESSION AUTHORIZATION;
CREATE POLICY not_mine ON regress_query.client AS RESTRICTIVE FOR SELECT USING (NOT ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL));
SET SESSION AUTHORIZATION regress_query;
SELECT array_agg(id ORDER BY id) FROM regress_query.client;
SET ambit.specialize_plans = off;
SELECT array_agg(id ORDER BY id) FROM regress_query.client;
RESET ambit.specialize_plans;
RESET SESSION AUTHORIZATION;
DROP POLICY not_mine ON regress_query.client;

-- ---- a policy of one's own narrows: what it asks of the old row is still asked of the new one
SET SESSION AUTHORIZATION regress_query;
SELECT ambit.assume('t', 'staff', session => true);
UPDATE regress_query.client SET staff = 9 WHERE id = 1;
RESET SESSION AUTHORIZATION;
CREATE POLICY aa ON regress_query.client AS RESTRICTIVE FOR UPDATE
	USING (ambit.permits('query.edit', tenant, NULL, staff, id, NULL, NULL) AND ambit.permits('query.view', tenant, NULL, staff, id, NULL, NULL)) WITH CHECK (true);
SET SESSION AUTHORIZATION regress_query;
UPDATE regress_query.client SET staff = 9 WHERE id = 1;
UPDATE regress_query.client SET a = a WHERE id = 1 RETURNING id;
RESET SESSION AUTHORIZATION;
DROP POLICY aa ON regress_query.client;

-- ---- a volatile function in a policy of the parent is asked for each row
CREATE FUNCTION regress_query.has_room(wanted int) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$ BEGIN RETURN (SELECT count(*) FROM regress_query.line WHERE client = wanted) < 20; END $$;
CREATE POLICY room ON regress_query.client AS RESTRICTIVE FOR SELECT USING (regress_query.has_room(id));
SET SESSION AUTHORIZATION regress_query;
SELECT ambit.assume('t', 'owner', session => true);
INSERT INTO regress_query.line SELECT i, 1 FROM generate_series(1, 40) i;
INSERT INTO regress_query.line SELECT i, 1 FROM generate_series(1, 18) i;
INSERT INTO regress_query.line SELECT 100 + i, 2 FROM generate_series(1, 15) i;
-- by the guard, with and without the policy of SELECT
UPDATE regress_query.line SET client = 1;
UPDATE regress_query.line SET client = 1 WHERE client = 2;
UPDATE regress_query.line SET client = 1 WHERE id = 101;
SELECT client, count(*) FROM regress_query.line GROUP BY 1 ORDER BY 1;
UPDATE regress_query.line SET client = 3 WHERE id > 100;
-- of the new row as well, where the parent's key stays; not so a stable one
RESET SESSION AUTHORIZATION;
CREATE SEQUENCE regress_query.asked;
CREATE OR REPLACE FUNCTION regress_query.has_room(wanted int) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$ BEGIN RETURN nextval('regress_query.asked') > 0; END $$;
SET SESSION AUTHORIZATION regress_query;
UPDATE regress_query.line SET note = 'x' WHERE id = 101;
RESET SESSION AUTHORIZATION;
SELECT last_value FROM regress_query.asked;
ALTER FUNCTION regress_query.has_room STABLE;
SET SESSION AUTHORIZATION regress_query;
UPDATE regress_query.line SET note = 'y' WHERE id = 101;
RESET SESSION AUTHORIZATION;
SELECT last_value FROM regress_query.asked;
DROP POLICY room ON regress_query.client;
DELETE FROM regress_query.line;

-- ---- an identity that ends in the middle of a statement: rows after it are nobody's
\getenv abs_srcdir PG_ABS_SRCDIR
\i :abs_srcdir/sql/include/token.sql
SELECT ambit.add_signing_key('query', 'HS256', 'a secret of exactly 32 bytes ...');
SELECT regress_jwt.token('{"sub":"owner","tenant":"t","exp":4102444800}', '{"alg":"HS256","kid":"query"}') AS token \gset
SET SESSION AUTHORIZATION regress_query;
SELECT ambit.logout();
CREATE FUNCTION regress_query.ends(i int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF i = 30 THEN
		RESET ambit.token;
	END IF;
	RETURN coalesce(ambit.current_user_id(), 'nobody');
END $$;
SET ambit.token = :'token';
INSERT INTO regress_query.line SELECT i, 1, regress_query.ends(i) FROM generate_series(1, 40) i;
SET ambit.token = :'token';
INSERT INTO regress_query.line SELECT i, 1, regress_query.ends(-i) FROM generate_series(1, 40) i;
SELECT note, count(*) FROM regress_query.line GROUP BY 1;
-- what changes nothing passes; a query in WITH that nobody reads is run last
SET ambit.token = :'token';
UPDATE regress_query.line SET note = regress_query.ends(id) WHERE id > 20;
SET ambit.token = :'token';
UPDATE regress_query.line SET note = left(regress_query.ends(id), 0) || 'owner' WHERE id > 20;
SET ambit.token = :'token';
WITH lost AS (UPDATE regress_query.line SET note = 'lost' WHERE id = 1) SELECT regress_query.ends(30);
SET ambit.token = :'token';
WITH lost AS (DELETE FROM regress_query.line WHERE id = 1) SELECT regress_query.ends(30);
SET ambit.token = :'token';
SELECT note, count(*) FROM regress_query.line GROUP BY 1;
-- of so many rows parents are looked for in a hash table
SET ambit.token = :'token';
INSERT INTO regress_query.line SELECT 100 + i, 1, regress_query.ends(i) FROM generate_series(1, 2000) i;
SET ambit.token = :'token';
INSERT INTO regress_query.line SELECT 100 + i, 1, regress_query.ends(-i) FROM generate_series(1, 2000) i;
SELECT note, count(*) FROM regress_query.line GROUP BY 1;
RESET ambit.token;

-- ---- visible_clients() in more types than plans are kept for: those that were used last are
RESET SESSION AUTHORIZATION;
DO $$ BEGIN FOR i IN 1..16 LOOP EXECUTE format('CREATE DOMAIN regress_query.key_%s AS int', i); END LOOP; END $$;
CREATE FUNCTION regress_query.in_types() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found int[];
	n int;
BEGIN
	FOR i IN 1..16 LOOP
		PERFORM ambit.visible_clients();
		EXECUTE format('SELECT count(*) FROM ambit.visible_clients(NULL::regress_query.key_%s)', i) INTO n;
		found := found || n;
	END LOOP;
	RETURN found::text;
END $$;
CREATE FUNCTION regress_query.kept() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
	SELECT concat_ws(' ', count(*), 'plans, text:', bool_or(ident LIKE '%::%text FROM%'), 'bigint:', bool_or(ident LIKE '%::%bigint FROM%'), 'first:', bool_or(ident LIKE '%key\_1 FROM%'), 'last:', bool_or(ident LIKE '%key\_16 FROM%'))
	FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE 'SELECT c.id::%' $$;
SET SESSION AUTHORIZATION regress_query;
SELECT ambit.assume('t', 'limited', session => true);
SELECT regress_query.in_types();
SELECT regress_query.kept();
-- one that is at work stays until it ends, by an error too: a policy of the application's own asks in all types
CREATE FUNCTION regress_query.asks() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	asked text := current_setting('regress_query.asks', true);
BEGIN
	IF asked <> '' THEN
		PERFORM set_config('regress_query.asks', '', true), set_config('regress_query.found', regress_query.in_types() || ' ' || regress_query.kept(), true);
	END IF;
	IF asked = 'and fail' THEN
		RAISE division_by_zero;
	END IF;
	RETURN true;
END $$;
RESET SESSION AUTHORIZATION;
CREATE POLICY asks ON regress_query.client AS RESTRICTIVE USING (regress_query.asks());
SET SESSION AUTHORIZATION regress_query;
BEGIN; SET LOCAL regress_query.asks = 'once'; SELECT count(*), current_setting('regress_query.found') AS meanwhile FROM ambit.visible_clients(NULL::bigint); COMMIT;
BEGIN; SAVEPOINT s; SET LOCAL regress_query.asks = 'and fail'; SELECT ambit.visible_clients(NULL::bigint); ROLLBACK TO s; SELECT regress_query.kept() AS undone; COMMIT;
BEGIN; SET LOCAL regress_query.asks = 'and fail'; SELECT ambit.visible_clients(NULL::bigint); ROLLBACK;
SELECT regress_query.in_types(), regress_query.kept();
SELECT ambit.logout();

-- ---- leave nothing behind
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
SELECT ambit.drop_signing_key('query');
SELECT ambit.drop_tenant('t');
DROP SCHEMA regress_query, regress_jwt CASCADE;
DELETE FROM ambit.rule WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation);
DELETE FROM ambit.trusted_application WHERE db_role = 'regress_query'::regrole;
DELETE FROM ambit.template WHERE template = 'regress_query';
DELETE FROM ambit.permission_key WHERE key LIKE 'query.%';
DROP ROLE regress_query;
