--
-- plans: policies as plain predicates, and plans that belong to one identity
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_plans_app;
CREATE SCHEMA regress_plans;
GRANT USAGE ON SCHEMA regress_plans TO regress_plans_app;
SELECT ambit.trust_application('regress_plans_app');
SELECT ambit._load_template('{
	"template": "regress_plans", "clients_permission": "plans.client.view",
	"scopes": {"served": {"relationship": "regress_plans_served", "back": "15 days", "ahead": "15 days"}},
	"permissions": [{"key": "plans.client.view"}, {"key": "plans.client.edit"}, {"key": "plans.other"}],
	"roles": [{"role": "owner"}, {"role": "limited"}, {"role": "staff"}, {"role": "client"}, {"role": "team"}, {"role": "mixed"}, {"role": "none"}],
	"cells": [
		{"role": "owner", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "owner", "permission": "plans.client.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "limited", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "limited", "permission": "plans.client.edit", "enabled": true, "entries": [{"scope": "served", "channels": ["web"]}]},
		{"role": "staff", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "client", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "team", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "mixed", "permission": "plans.client.view", "enabled": true, "entries": [{"scope": "own"}, {"scope": "served"}]},
		{"role": "none", "permission": "plans.other", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);
SELECT ambit.create_tenant('t', 'regress_plans'), ambit.create_tenant('T', 'regress_plans');
SELECT ambit.add_location('t', 'north'), ambit.add_location('t', 'south'), ambit.add_group('t', 'g');
-- owner; limited staff 1 and 2; own rows of staff 1; client 5; at a place; nobody's role
SELECT ambit.add_member('t', u, jsonb_build_object('staff', k, 'client', k)), ambit.assign_role('t', u, r, l)
FROM (VALUES ('owner', '1', 'owner', NULL), ('limited', '1', 'limited', NULL), ('limited2', '2', 'limited', NULL), ('staff', '1', 'staff', NULL),
	('client', '5', 'client', NULL), ('north', '1', 'owner', 'north'), ('south', '1', 'owner', 'south'), ('team', '2', 'team', NULL),
	('mixed', '2', 'mixed', NULL), ('none', '1', 'none', NULL), ('grouped', '9', 'none', NULL)) v (u, k, r, l);
SELECT ambit.assign_role('t', 'grouped', 'owner', only_group => 'g'), ambit.add_to_group('t', 'g', 'team');
SELECT ambit.add_member('T', 'owner', '{"staff": "1"}'), ambit.assign_role('T', 'owner', 'owner');

-- Clients 1 to 1000 of t and 1001 to 1100 of T; staff 1 served 1 to 3, staff 2 served 4.
CREATE TABLE regress_plans.client (id int PRIMARY KEY, tenant text NOT NULL, place text, staff_id int, team text, name text);
INSERT INTO regress_plans.client
	SELECT i, CASE WHEN i <= 1000 THEN 't' ELSE 'T' END, CASE i % 100 WHEN 0 THEN 'north' WHEN 1 THEN 'south' END, i % 500, CASE WHEN i % 500 = 7 THEN 'g' END, 'name ' || i
	FROM generate_series(1, 1100) i;
CREATE INDEX client_tenant ON regress_plans.client (tenant);
CREATE INDEX client_staff ON regress_plans.client (staff_id);
CREATE INDEX client_place ON regress_plans.client (place);
CREATE TABLE regress_plans.served (tenant text, staff_id int, client_id int, at timestamptz);
INSERT INTO regress_plans.served VALUES ('t', 1, 1, now()), ('t', 1, 2, now()), ('t', 1, 3, now()), ('t', 2, 4, now()), ('T', 1, 1001, now()), ('t', 1, 6, now() - interval '16 days');
SELECT ambit.bind_relationship('regress_plans_served', 'SELECT tenant, staff_id AS subject, client_id AS object, at FROM regress_plans.served');
SELECT ambit.protect('regress_plans.client', tenant => 'tenant', location => 'place', owner => 'staff_id', client => 'id', team => 'team');
SELECT ambit.add_rule('regress_plans.client', 'select', 'plans.client.view') > 0 AS rule, ambit.add_rule('regress_plans.client', 'update', 'plans.client.edit') > 0 AS rule;
GRANT SELECT, UPDATE ON regress_plans.client TO regress_plans_app;
ANALYZE regress_plans.client;
\set everything '''SELECT count(*) FROM regress_plans.client'''

-- ---- the predicates -------------------------------------------------------------------------
-- The plan for a user, without the number that stands for the shape of the rights.
CREATE FUNCTION regress_plans.plan(user_id text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	IF user_id IS NULL THEN PERFORM ambit.logout(); ELSE PERFORM ambit.assume('t', user_id); END IF;
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		RETURN NEXT regexp_replace(line, '''-?[0-9]+''::bigint', '#', 'g');
	END LOOP;
END
$$;
CREATE FUNCTION regress_plans.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		RETURN NEXT regexp_replace(line, '''-?[0-9]+''::bigint', '#', 'g');
	END LOOP;
END
$$;
SET ROLE regress_plans_app;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT regress_plans.plan('owner', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('owner', 'SELECT * FROM regress_plans.client WHERE id = 7');
SELECT regress_plans.plan('owner', 'SELECT * FROM regress_plans.client ORDER BY id LIMIT 10');
SELECT regress_plans.plan('staff', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('limited', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('client', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('north', 'SELECT * FROM regress_plans.client');
SET enable_seqscan = on;
SET enable_indexscan = off;
SELECT regress_plans.plan('mixed', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('team', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('grouped', 'SELECT * FROM regress_plans.client');
RESET enable_indexscan;
RESET enable_bitmapscan;
-- nothing held, and nobody: nothing is read
SELECT regress_plans.plan('none', 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan(NULL, 'SELECT * FROM regress_plans.client');
SELECT regress_plans.plan('none', 'UPDATE regress_plans.client SET name = name');
-- with conditions of the query's own, in a join and behind an outer one
SELECT regress_plans.plan('none', 'SELECT * FROM regress_plans.client WHERE id > 5 AND name LIKE ''%1%''');
SELECT regress_plans.plan(NULL, 'UPDATE regress_plans.client SET name = name WHERE id = 5');
SELECT regress_plans.plan('none', 'SELECT * FROM regress_plans.client a JOIN regress_plans.client b ON b.staff_id = a.id WHERE a.id > 5 AND b.id > 6');
SELECT regress_plans.plan('none', 'SELECT * FROM generate_series(1, 2) i LEFT JOIN regress_plans.client b ON b.id = i AND b.id > 6');
-- what two policies ask of a row is asked once
SELECT ambit.assume('t', 'limited', 'web', true);
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT regress_plans.explain('UPDATE regress_plans.client SET name = name') AS plan;
RESET enable_seqscan; RESET enable_bitmapscan;
SELECT ambit.logout();
-- an array that an index looks up yields rows in the order of the index only behind columns that are given
RESET ROLE;
CREATE INDEX client_unordered ON regress_plans.client ((-id), id);
SET ROLE regress_plans_app;
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
SELECT regress_plans.plan('limited', 'SELECT id FROM regress_plans.client ORDER BY -id LIMIT 2');
SELECT ambit.assume('t', 'limited', session => true);
SELECT id FROM regress_plans.client ORDER BY -id LIMIT 2;
SELECT ambit.logout();
RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort;
RESET ROLE;
DROP INDEX regress_plans.client_unordered;
SET ROLE regress_plans_app;
-- asked for each row
SET ambit.specialize_plans = off;
SELECT regress_plans.plan('owner', 'SELECT * FROM regress_plans.client');
RESET ambit.specialize_plans;
-- for roles that the policies do not hold there is none
RESET ROLE;
SELECT regress_plans.plan('limited', 'SELECT * FROM regress_plans.client WHERE id = 1');

-- ---- prepared statements, from one identity to the next -------------------------------------
SET ROLE regress_plans_app;
CREATE FUNCTION pg_temp.as(user_id text, tenant text = 't', channel text = NULL) RETURNS void LANGUAGE sql AS 'SELECT CASE WHEN user_id IS NULL THEN ambit.logout() ELSE ambit.assume(tenant, user_id, channel, true) END';
PREPARE clients AS SELECT count(*), min(id), max(id) FROM regress_plans.client;
PREPARE client(int) AS SELECT id FROM regress_plans.client WHERE id = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE clients;
SELECT pg_temp.as('owner');
EXECUTE clients;
EXECUTE client(900);
-- the owner's plan, run for others
SELECT pg_temp.as('limited');
EXECUTE clients;
EXECUTE client(900);
EXECUTE client(3);
SELECT pg_temp.as('none');
EXECUTE clients;
SELECT pg_temp.as('owner');
EXECUTE clients;
SELECT pg_temp.as(NULL);
EXECUTE clients;
EXECUTE client(900);
SELECT pg_temp.as('owner', 'T');
EXECUTE clients;
EXECUTE client(900);
-- rights of the same shape, other keys: the rows are one's own
SELECT pg_temp.as('limited');
EXECUTE clients;
SELECT pg_temp.as('limited2');
EXECUTE clients;
EXECUTE client(3);
EXECUTE client(4);
SELECT pg_temp.as('north');
EXECUTE clients;
SELECT pg_temp.as('south');
EXECUTE clients;
-- in transactions and savepoints: the identity that comes back finds its own rows
SELECT pg_temp.as('limited');
EXECUTE clients;
BEGIN;
SELECT ambit.assume('t', 'owner');
EXECUTE clients;
SAVEPOINT a;
SELECT ambit.assume('t', 'none');
EXECUTE clients;
ROLLBACK TO a;
EXECUTE clients;
SAVEPOINT b;
SELECT ambit.logout();
EXECUTE clients;
ROLLBACK TO b;
EXECUTE clients;
COMMIT;
EXECUTE clients;
BEGIN; SELECT ambit.logout(); EXECUTE clients; ROLLBACK;
EXECUTE clients;
BEGIN; SELECT ambit.assume('t', 'owner'); EXECUTE clients; ROLLBACK;
EXECUTE clients;
BEGIN; SELECT ambit.assume('t', 'owner'); COMMIT;
EXECUTE clients;
-- as one is planned and run by turns, with plans for the values and without
SET plan_cache_mode = auto;
SELECT pg_temp.as('owner');
EXECUTE client(900); EXECUTE client(900); EXECUTE client(900); EXECUTE client(900); EXECUTE client(900); EXECUTE client(900); EXECUTE client(900);
SELECT pg_temp.as('limited');
EXECUTE client(900);
EXECUTE client(2);
RESET plan_cache_mode;
-- writes
PREPARE rename AS UPDATE regress_plans.client SET name = name WHERE id < 10 RETURNING id;
SELECT pg_temp.as('owner');
EXECUTE rename;
SELECT pg_temp.as('limited', channel => 'web');
EXECUTE rename;
SELECT pg_temp.as('limited');
EXECUTE rename;
SELECT pg_temp.as('limited', channel => 'web');
EXECUTE rename;
-- made without predicates, run with
SET ambit.specialize_plans = off;
PREPARE evaluated AS SELECT count(*), min(id), max(id) FROM regress_plans.client;
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.as('owner');
EXECUTE evaluated;
SET ambit.specialize_plans = on;
SELECT pg_temp.as('limited');
EXECUTE evaluated;
SELECT pg_temp.as(NULL);
EXECUTE evaluated;
SELECT pg_temp.as('owner');
EXECUTE clients;
SET ambit.specialize_plans = off;
SELECT pg_temp.as('limited');
EXECUTE clients;
SELECT pg_temp.as(NULL);
EXECUTE clients;
RESET ambit.specialize_plans;
RESET plan_cache_mode;

-- ---- plans that functions keep ---------------------------------------------------------------
CREATE FUNCTION pg_temp.plpgsql() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	SELECT count(*) INTO n FROM regress_plans.client;
	RETURN n;
END
$$;
CREATE FUNCTION pg_temp.plpgsql_loop() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r record;
	list text;
BEGIN
	FOR r IN SELECT id FROM regress_plans.client WHERE id < 10 ORDER BY id LOOP list := concat_ws(' ', list, r.id); END LOOP;
	RETURN list;
END
$$;
CREATE FUNCTION pg_temp.sql() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM regress_plans.client';
CREATE FUNCTION pg_temp.sql_rows() RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT id FROM regress_plans.client WHERE id < 10 ORDER BY id';
CREATE FUNCTION pg_temp.sql_new() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM regress_plans.client; END;
CREATE VIEW pg_temp.functions AS SELECT pg_temp.plpgsql(), pg_temp.plpgsql_loop(), pg_temp.sql(), pg_temp.sql_new(), (SELECT string_agg(id::text, ' ') FROM pg_temp.sql_rows() id) AS sql_rows;
SELECT pg_temp.as('owner');
SELECT * FROM pg_temp.functions;
SELECT pg_temp.as('limited');
SELECT * FROM pg_temp.functions;
SELECT pg_temp.as(NULL);
SELECT * FROM pg_temp.functions;
SELECT pg_temp.as('staff');
SELECT * FROM pg_temp.functions;
-- several identities in one transaction, and in one call
BEGIN;
SELECT ambit.assume('t', 'owner');
SELECT * FROM pg_temp.functions;
SELECT ambit.assume('t', 'limited');
SELECT * FROM pg_temp.functions;
SELECT ambit.logout();
SELECT * FROM pg_temp.functions;
COMMIT;
DO $$
DECLARE
	u text;
BEGIN
	FOREACH u IN ARRAY '{owner,limited,none,owner,limited2}'::text[] LOOP
		PERFORM ambit.assume('t', u);
		RAISE WARNING '% %', u, pg_temp.plpgsql();
		BEGIN
			PERFORM ambit.assume('t', 'staff');
			RAISE WARNING '  in a block % %', ambit.current_user_id(), pg_temp.plpgsql();
			RAISE EXCEPTION 'undo';
		EXCEPTION WHEN raise_exception THEN
			RAISE WARNING '  and after it % %', ambit.current_user_id(), pg_temp.plpgsql();
		END;
	END LOOP;
END
$$;
-- A function in SQL keeps its plan for as long as the expression that calls it.
-- If it gets to run for another, it may fail; it does not show another's rows.
DO $$
DECLARE
	u text;
	n bigint;
BEGIN
	FOREACH u IN ARRAY '{owner,limited,none,owner,limited2}'::text[] LOOP
		PERFORM ambit.assume('t', u);
		BEGIN
			n := pg_temp.sql();
		EXCEPTION WHEN serialization_failure THEN
			n := NULL;
		END;
		IF n <> pg_temp.plpgsql() THEN RAISE WARNING '% sees %', u, n; END IF;
	END LOOP;
END
$$;

-- ---- cursors ------------------------------------------------------------------------------------
\set VERBOSITY sqlstate
SELECT pg_temp.as(NULL);
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 2 FROM c;
-- for another, for nobody, for the same on another channel: refused
SAVEPOINT s;
SELECT ambit.assume('t', 'limited');
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
SELECT ambit.logout();
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c SCROLL CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 2 FROM c;
SELECT ambit.assume('t', 'owner', 'web');
FETCH BACKWARD 1 FROM c;
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
SELECT ambit.assume('T', 'owner');
MOVE 1 FROM c;
ROLLBACK;
-- of the same shape too, though it may be an identity of fewer rows
BEGIN;
SELECT ambit.assume('t', 'north');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 1 FROM c;
SELECT ambit.assume('t', 'south');
FETCH 1 FROM c;
ROLLBACK;
-- without predicates as well
BEGIN;
SET LOCAL ambit.specialize_plans = off;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 1 FROM c;
SELECT ambit.assume('t', 'limited');
FETCH ALL FROM c;
ROLLBACK;
-- opened by nobody it is nobody's
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
SELECT ambit.assume('t', 'owner');
FETCH 1 FROM c;
ROLLBACK;
-- back with one's own identity one may go on
BEGIN;
SELECT ambit.assume('t', 'limited');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 1 FROM c;
SAVEPOINT s;
SELECT ambit.assume('t', 'owner');
SELECT count(*) FROM regress_plans.client;
ROLLBACK TO s;
FETCH 1 FROM c;
SELECT ambit.assume('t', 'owner');
SELECT ambit.assume('t', 'limited');
FETCH 1 FROM c;
-- not when the rights have become others
RESET ROLE;
SELECT ambit.revoke_role('t', 'limited', 'limited');
SET LOCAL ROLE regress_plans_app;
FETCH 1 FROM c;
ROLLBACK;
-- nor when a set that it looks up has come to hold others; of other changes it knows nothing
BEGIN;
SELECT ambit.assume('t', 'grouped');
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client WHERE staff_id = 2 ORDER BY id;
FETCH 1 FROM c;
RESET ROLE;
SELECT ambit.add_group('t', 'other'), ambit.add_to_group('t', 'other', 'team');
SET LOCAL ROLE regress_plans_app;
FETCH 1 FROM c;
RESET ROLE;
SELECT ambit.remove_from_group('t', 'g', 'team');
SET LOCAL ROLE regress_plans_app;
SELECT count(*) FROM regress_plans.client WHERE staff_id = 2;
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
RESET ROLE;
SELECT ambit.add_location('t', 'hall', 'north'), ambit.add_location('t', 'barn', 'north');
UPDATE regress_plans.client SET place = 'hall' WHERE id <= 3;
SELECT ambit.assume('t', 'north');
SET LOCAL ROLE regress_plans_app;
DECLARE c CURSOR FOR SELECT id FROM regress_plans.client WHERE id <= 3 ORDER BY id;
FETCH 1 FROM c;
RESET ROLE;
SELECT ambit.move_location('t', 'hall', 'south');
SET LOCAL ROLE regress_plans_app;
FETCH 1 FROM c;
ROLLBACK;
-- a cursor that reads through a function, which has read all when the first row is fetched
CREATE FUNCTION pg_temp.reading() RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT id FROM regress_plans.client ORDER BY id; END $$;
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT * FROM pg_temp.reading();
FETCH 1 FROM c;
SELECT ambit.assume('t', 'limited');
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
SELECT ambit.assume('t', 'owner');
DECLARE c CURSOR FOR SELECT * FROM ambit.visible_clients(NULL::int) ORDER BY 1;
FETCH 1 FROM c;
SELECT ambit.logout();
FETCH 1 FROM c;
ROLLBACK;
-- a cursor that outlives the transaction outlives the identity
BEGIN;
SELECT ambit.assume('t', 'limited');
DECLARE c CURSOR WITH HOLD FOR SELECT id FROM regress_plans.client ORDER BY id;
FETCH 1 FROM c;
COMMIT;
FETCH 1 FROM c;
SELECT pg_temp.as('limited');
DECLARE c CURSOR WITH HOLD FOR SELECT id FROM regress_plans.client ORDER BY id;
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM pg_temp.reading();
FETCH 1 FROM c;
COMMIT;
FETCH 1 FROM c;
CLOSE ALL;
SELECT pg_temp.as(NULL);
-- a procedure that commits in a loop over one
CREATE PROCEDURE pg_temp.walk() LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT id FROM regress_plans.client ORDER BY id LOOP
		COMMIT;
	END LOOP;
END
$$;
SELECT pg_temp.as('limited');
CALL pg_temp.walk();
-- what has nothing to do with protected tables may do all of that
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT i FROM generate_series(1, 3) i;
FETCH 1 FROM c;
SELECT ambit.assume('t', 'owner');
FETCH 1 FROM c;
COMMIT;
FETCH 1 FROM c;
CLOSE ALL;

-- ---- no other identity while a query is at work ---------------------------------------------------
CREATE FUNCTION pg_temp.become(u text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM ambit.assume('t', u); RETURN 1; END $$;
SELECT ambit.logout();
BEGIN;
SELECT ambit.assume('t', 'limited', 'web');
SAVEPOINT s;
SELECT ambit.assume('t', 'owner'), id FROM regress_plans.client;
ROLLBACK TO s;
SELECT ambit.logout() FROM regress_plans.client;
ROLLBACK TO s;
SELECT count(*) FROM regress_plans.client WHERE ambit.assume('t', 'owner') IS NOT NULL;
ROLLBACK TO s;
SELECT (SELECT count(*) FROM regress_plans.client), ambit.assume('t', 'owner');
ROLLBACK TO s;
UPDATE regress_plans.client SET name = name FROM (SELECT ambit.assume('t', 'owner') OFFSET 0) a WHERE id < 10;
ROLLBACK TO s;
SELECT pg_temp.become('owner'), id FROM regress_plans.client;
ROLLBACK TO s;
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT id, pg_temp.become('owner') FROM regress_plans.client LOOP
		RAISE WARNING '%', r;
	END LOOP;
END
$$;
ROLLBACK TO s;
SELECT ambit.current_user_id(), count(*) FROM regress_plans.client;
-- around it one may
SELECT pg_temp.become('owner');
SELECT count(*) FROM regress_plans.client;
COMMIT;

-- ---- parallel workers have the identity, too --------------------------------------------------------
SELECT pg_temp.as('owner');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
RESET ROLE;
ALTER TABLE regress_plans.client SET (parallel_workers = 2);
SET ROLE regress_plans_app;
SELECT regress_plans.plan('owner', :everything);
SELECT regress_plans.plan('limited', :everything);
-- worker or leader, all must be there, and nothing else
SET parallel_leader_participation = off;
SELECT pg_temp.as('owner'); SELECT count(*) FROM regress_plans.client;
SELECT pg_temp.as('limited'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('client'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('north'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('team'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('mixed'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('grouped'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as('none'); SELECT count(*) FROM regress_plans.client;
SELECT pg_temp.as(NULL); SELECT count(*) FROM regress_plans.client;
SET ambit.specialize_plans = off;
SELECT pg_temp.as('owner'); SELECT count(*) FROM regress_plans.client;
SELECT pg_temp.as('limited'); SELECT count(*), min(id), max(id) FROM regress_plans.client;
SELECT pg_temp.as(NULL); SELECT count(*) FROM regress_plans.client;
RESET ambit.specialize_plans;
-- what the transaction itself did is known there
BEGIN;
SELECT ambit.assume('t', 'limited');
RESET ROLE;
INSERT INTO regress_plans.served VALUES ('t', 1, 7, now());
SET LOCAL ROLE regress_plans_app;
SELECT count(*), min(id), max(id) FROM regress_plans.client;
RESET ROLE;
SELECT ambit.assign_role('t', 'limited', 'owner', 'north');
SET LOCAL ROLE regress_plans_app;
SELECT count(*), min(id), max(id) FROM regress_plans.client;
ROLLBACK;
-- questions in workers
SELECT count(set_config(name, 'on', false)) AS set FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT pg_temp.as('limited', channel => 'web');
SELECT ambit.has_permission('plans.client.view'), ambit.current_tenant(), ambit.current_user_id(), ambit.current_channel(), ambit.permission_scopes('plans.client.edit'), ambit.current_roles();
SELECT * FROM ambit.effective_permissions() ORDER BY permission::text;
SELECT * FROM ambit.visible_clients() ORDER BY 1;
EXECUTE clients;
EXECUTE client(2);
-- keys of more types than plans are kept for
DO $$
DECLARE
	t text;
	n bigint;
BEGIN
	FOREACH t IN ARRAY '{int2,int4,int8,numeric,float4,float8,money,oid,text,varchar,bpchar,name,regclass,regrole,regtype,regproc,regprocedure,regnamespace,regcollation,regoper}'::text[] LOOP
		EXECUTE format('SELECT count(*) FROM ambit.visible_clients(NULL::%s)', t) INTO n;
		IF n <> (SELECT count(*) FROM ambit.visible_clients()) THEN
			RAISE WARNING '%: %', t, n;
		END IF;
	END LOOP;
END
$$;
SELECT count(set_config(name, 'off', false)) AS set FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan; RESET parallel_leader_participation;

-- ---- rights that change between plan and run -----------------------------------------------------------
SELECT pg_temp.as('limited');
SET plan_cache_mode = force_generic_plan;
EXECUTE clients;
RESET ROLE;
SELECT ambit.assign_role('t', 'limited', 'owner');
SET ROLE regress_plans_app;
EXECUTE clients;
RESET ROLE;
SELECT ambit.revoke_role('t', 'limited', 'owner');
SET ROLE regress_plans_app;
EXECUTE clients;
BEGIN;
RESET ROLE;
SELECT ambit.revoke_role('t', 'limited', 'limited');
SET LOCAL ROLE regress_plans_app;
EXECUTE clients;
ROLLBACK;
EXECUTE clients;
BEGIN;
EXECUTE clients;
SAVEPOINT s;
RESET ROLE;
SELECT count(*) FROM ambit.set_role_permission('t', 'limited', 'plans.client.view', true, 'all');
SET LOCAL ROLE regress_plans_app;
EXECUTE clients;
ROLLBACK TO s;
EXECUTE clients;
COMMIT;

-- ---- many objects: of a few rows the view is asked one by one, of more all are read -------------------------
RESET ROLE;
SELECT ambit.add_member('t', 'many', '{"staff": "3"}'), ambit.assign_role('t', 'many', 'limited');
INSERT INTO regress_plans.served SELECT 't', 3, i, now() FROM generate_series(101, 1000) i;
CREATE INDEX ON regress_plans.served (tenant, staff_id, client_id);
ANALYZE regress_plans.served;
CREATE FUNCTION regress_plans.one_by_one(OUT specialized boolean, OUT seen bigint, OUT first int, OUT last int) LANGUAGE plpgsql AS $$
DECLARE
	found int[];
BEGIN
	/* one statement: its snapshot, and what was read under it, stay */
	SELECT array_agg(i) INTO found FROM generate_series(1, 1100) i WHERE (SELECT id FROM regress_plans.client WHERE id = i) IS NOT NULL;
	specialized := current_setting('ambit.specialize_plans');
	seen := cardinality(found); first := found[1]; last := found[seen];
END
$$;
SET ROLE regress_plans_app;
SELECT pg_temp.as('many');
SELECT id FROM regress_plans.client WHERE id IN (1, 100, 101, 400, 999, 1000, 1001) ORDER BY id;
SELECT * FROM regress_plans.one_by_one();
SET ambit.specialize_plans = off;
SELECT * FROM regress_plans.one_by_one();
SELECT id FROM regress_plans.client WHERE id IN (1, 100, 101, 400, 999, 1000, 1001) ORDER BY id;
RESET ambit.specialize_plans;
BEGIN;
SELECT id FROM regress_plans.client WHERE id IN (50, 999) ORDER BY id;
RESET ROLE;
DELETE FROM regress_plans.served WHERE client_id = 999;
INSERT INTO regress_plans.served VALUES ('t', 3, 50, now());
SET LOCAL ROLE regress_plans_app;
SELECT id FROM regress_plans.client WHERE id IN (50, 999) ORDER BY id;
ROLLBACK;
SELECT id FROM regress_plans.client WHERE id IN (50, 999) ORDER BY id;
SELECT count(*) FROM regress_plans.client;

-- ---- statements that return rows leave nothing behind in their transaction ------------------------
BEGIN;
SELECT ambit.assume('t', 'owner');
SET LOCAL ROLE regress_plans_app;
\o /dev/null
\set ECHO none
SELECT 'UPDATE regress_plans.client SET name = name WHERE id = 1 RETURNING id' FROM generate_series(1, 300) \gexec
\set ECHO all
\o
RESET ROLE;
SELECT used_bytes < 8000 AS small FROM pg_backend_memory_contexts WHERE name = 'TopTransactionContext';
ROLLBACK;

-- ---- the functions that plans call, called by hand ----------------------------------------------------------
SET ROLE regress_plans_app;
SELECT pg_temp.as('limited');
SELECT ambit._key(1, 0, NULL::text);
SELECT ambit._key(NULL, 0, NULL::text), ambit._key(1, NULL, NULL::text);
SELECT ambit._matches(1, 1, 1);
SELECT ambit._in_reach(1, 0, 1);
SELECT ambit._reach(1, 0, NULL::int);
SELECT ambit._sole_tenant(1);
SELECT pg_temp.as(NULL);
SELECT ambit._key(1, 0, NULL::text), ambit._matches(1, 1, 1), ambit._in_reach(1, 0, 1), ambit._reach(1, 0, NULL::int), ambit._sole_tenant(1);
SELECT ambit.permits(NULL, 't', NULL, NULL, NULL, NULL, NULL) AS null, ambit.permits('no.such.permission', 't', NULL, NULL, NULL, NULL, NULL) AS unknown;
\c -
SELECT ambit.permits('plans.client.view', 't'::text, NULL, NULL, NULL, NULL, NULL) AS nobody;

-- clean up
SELECT ambit.unbind_relationship('regress_plans_served');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');
SELECT ambit.untrust_application('regress_plans_app');
SET client_min_messages = warning;
DROP SCHEMA regress_plans CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_plans';
DELETE FROM ambit.permission_key WHERE key LIKE 'plans.%';
DROP ROLE regress_plans_app;
