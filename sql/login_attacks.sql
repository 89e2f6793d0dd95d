--
-- login_attacks: nobody becomes another by ambit.token, and no plan, cursor or query of one identity shows another's rows
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_mallory LOGIN;
CREATE ROLE regress_mallory_too LOGIN;
CREATE ROLE regress_mallory_mapped LOGIN;
GRANT regress_mallory_too TO regress_mallory;
CREATE SCHEMA regress_mallory;
GRANT ALL ON SCHEMA regress_mallory TO PUBLIC;
SELECT current_user AS dba, current_database() AS db \gset
SELECT ambit._load_template('{
	"template": "regress_mallory", "visitor_role": "visitor", "permissions": [{"key": "regress_mallory.view"}],
	"roles": [{"role": "visitor"}, {"role": "owner"}, {"role": "staff"}],
	"cells": [
		{"role": "owner", "permission": "regress_mallory.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "regress_mallory.view", "enabled": true, "entries": [{"scope": "own"}]}]
}', false);
SELECT ambit.create_tenant('school', 'regress_mallory'), ambit.create_tenant('other', 'regress_mallory');
SELECT ambit.add_member(t, u, jsonb_build_object('staff', k)), ambit.assign_role(t, u, r)
FROM (VALUES ('school', 'owner', '1', 'owner'), ('school', 'sam', '1', 'staff'), ('school', 'sue', '2', 'staff'), ('other', 'owner', '1', 'owner')) v (t, u, k, r);
CREATE TABLE regress_mallory.job (id int PRIMARY KEY, tenant text, staff int);
INSERT INTO regress_mallory.job SELECT i, CASE WHEN i <= 80 THEN 'school' ELSE 'other' END, i % 40 FROM generate_series(1, 100) i;
CREATE INDEX ON regress_mallory.job (tenant, staff);
ANALYZE regress_mallory.job;
SELECT ambit.protect('regress_mallory.job', tenant => 'tenant', owner => 'staff');
SELECT ambit.add_rule('regress_mallory.job', c, 'regress_mallory.view') > 0 AS rule FROM unnest('{select,update}'::text[]) c;
GRANT SELECT, UPDATE ON regress_mallory.job TO PUBLIC;
\getenv abs_srcdir PG_ABS_SRCDIR
\i :abs_srcdir/sql/include/token.sql
CREATE FUNCTION regress_mallory.token(tenant text, user_id text, ends float = 4102444800, secret text = 'a secret of exactly 32 bytes ...', kid text = 'one') RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT regress_jwt.token(format('{"sub":"%s","tenant":"%s","exp":%s}', user_id, tenant, ends), format('{"alg":"HS256","kid":"%s"}', kid), secret) $$;
CREATE FUNCTION regress_mallory.who() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS
	$$ BEGIN RETURN (SELECT concat_ws('/', coalesce(ambit.current_tenant(), '-'), coalesce(ambit.current_user_id(), '-')) || ' sees ' || count(*) FROM regress_mallory.job); END $$;
SELECT ambit.add_signing_key('one', 'HS256', 'a secret of exactly 32 bytes ...'), ambit.add_signing_key('two', 'HS256', 'a secret of exactly 32 bytes ...');
SELECT ambit.map_login('regress_mallory_mapped', 'school', 'sue');
SELECT regress_mallory.token('school', 'owner') AS owner, regress_mallory.token('school', 'sam') AS sam, regress_mallory.token('school', 'sue') AS sue, regress_mallory.token('other', 'owner') AS other,
	regress_mallory.token('school', 'owner', kid => 'two') AS two, regress_mallory.token('school', 'idle') AS idle,
	regress_mallory.token('school', 'owner', 1700000000) AS expired, regress_mallory.token('school', 'owner', secret => repeat('x', 32)) AS forged \gset
RESET client_min_messages;
\set VERBOSITY sqlstate

-- ---- by all that sets a setting --------------------------------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
SELECT regress_mallory.who();
SET ambit.token = :'forged';
SET SESSION ambit.token = :'expired';
SELECT set_config('ambit.token', :'forged', false), set_config('Ambit.Token', :'forged', true);
UPDATE pg_settings SET setting = :'forged' WHERE name = 'ambit.token';
BEGIN; SET TRANSACTION READ ONLY; SET LOCAL ambit.token = :'forged'; ROLLBACK;
ALTER SYSTEM SET ambit.token = :'forged';
ALTER DATABASE :"db" SET ambit.token = :'forged';
CREATE FUNCTION regress_mallory.forged() RETURNS text LANGUAGE sql SET ambit.token = :'forged' AS 'SELECT regress_mallory.who()';
SELECT regress_mallory.who();
-- an application's own default may be set: it is judged when it is used
SET check_function_bodies = off;
CREATE FUNCTION regress_mallory.forged() RETURNS text LANGUAGE sql SET ambit.token = :'forged' AS 'SELECT regress_mallory.who()';
CREATE FUNCTION regress_mallory.as_other() RETURNS text LANGUAGE sql SET ambit.token = :'other' AS 'SELECT regress_mallory.who()';
SELECT regress_mallory.forged();
SELECT regress_mallory.as_other();
ALTER ROLE regress_mallory SET ambit.token = :'forged';
\c -
\set VERBOSITY sqlstate
SELECT regress_mallory.who();
SHOW ambit.token;
SELECT regress_mallory.forged();
SELECT regress_mallory.as_other();
-- no way back to something better
RESET ambit.token;
SELECT regress_mallory.who();
DISCARD ALL;
SELECT regress_mallory.who();
BEGIN; SELECT ambit.login(:'sam'); SELECT regress_mallory.who(); COMMIT; SELECT regress_mallory.who();
ALTER ROLE regress_mallory SET ambit.token = :'sam';
\c -
SELECT regress_mallory.who();
ALTER ROLE regress_mallory RESET ambit.token;
\c - :dba
ALTER ROLE regress_mallory_mapped SET ambit.token = :'expired';
-- one that does not hold is nobody, not who the role is mapped to
\c - regress_mallory_mapped
SELECT regress_mallory.who();
SET ambit.token = '';
SELECT regress_mallory.who();
\c - :dba
ALTER ROLE regress_mallory_mapped RESET ambit.token;
-- a member without a role is nobody, until there is one; a token is nobody's before its time
\c -
SET ambit.token = :'idle';
SELECT ambit.add_member('school', 'idle');
SELECT ambit.current_user_id();
SELECT ambit.assign_role('school', 'idle', 'staff');
SELECT ambit.current_user_id();
SELECT ambit.remove_member('school', 'idle');
\c -
SELECT regress_mallory.token('school', 'sam","nbf":' || extract(epoch FROM clock_timestamp())::float + 2 || ',"x":"') AS early \gset
SET ambit.token = :'early';
SELECT ambit.current_user_id();
SELECT pg_sleep(2.1);
SELECT ambit.current_user_id();

-- ---- a connection in which the library is not loaded yet ----------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
SET ambit.token = :'forged';
SHOW ambit.token;
SELECT regress_mallory.who();
SHOW ambit.token;
SELECT regress_mallory.who();
\c -
\set VERBOSITY sqlstate
SET ambit.token = :'sam';
BEGIN;
SET LOCAL ambit.token = :'forged';
SAVEPOINT a;
SET LOCAL ambit.token = :'expired';
SAVEPOINT b;
SET ambit.token = :'other';
SELECT regress_mallory.who();
ROLLBACK TO b;
SELECT regress_mallory.who();
ROLLBACK TO a;
SELECT regress_mallory.who();
COMMIT;
SELECT regress_mallory.who();
-- with the connection's own options
\set options `echo "$PGOPTIONS"`
\set connection 'user=regress_mallory options=''-c ambit.token=' :forged ''''
\c -reuse-previous=on :connection
SELECT regress_mallory.who();
\set connection 'user=regress_mallory options=''-c ambit.token=' :sam ''''
\c -reuse-previous=on :connection
SELECT regress_mallory.who();
BEGIN; SELECT ambit.login(:'other'); SELECT regress_mallory.who(); COMMIT; SELECT regress_mallory.who();
-- it is what RESET and DISCARD go back to
SET ambit.token = :'other'; SELECT regress_mallory.who(); RESET ambit.token; SELECT regress_mallory.who();
SET ambit.token = :'other'; RESET ALL; SELECT regress_mallory.who();
SELECT ambit.login(:'other', true); DISCARD ALL; SELECT regress_mallory.who();
SELECT ambit.logout(); SELECT regress_mallory.who(); DISCARD ALL; SELECT regress_mallory.who();
\set connection 'user=' :dba ' options=''' :options ''''
\c -reuse-previous=on :connection

-- ---- parallel workers ------------------------------------------------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
CREATE FUNCTION regress_mallory.there(leader int) RETURNS text LANGUAGE plpgsql PARALLEL SAFE AS
	$$ BEGIN RETURN CASE WHEN pg_backend_pid() <> leader THEN 'in a worker ' END || (SELECT regress_mallory.who()); END $$;
SELECT pg_backend_pid() AS leader \gset
SELECT regress_mallory.who();
SELECT count(set_config(name, 'on', false)) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_leader_participation = off;
SELECT regress_mallory.there(:leader);
SET ambit.token = :'sam';
SELECT regress_mallory.there(:leader);
SET ambit.token = :'other';
SELECT regress_mallory.there(:leader);
SELECT regress_mallory.there(:leader) FROM ambit.login(:'sam');
-- a mapped login, and a token above it
\c - regress_mallory_mapped
\set VERBOSITY sqlstate
SELECT pg_backend_pid() AS leader \gset
SELECT regress_mallory.who();
SELECT count(set_config(name, 'on', false)) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_leader_participation = off;
SELECT regress_mallory.there(:leader);
SET ROLE regress_mallory_mapped;
SELECT regress_mallory.there(:leader);
BEGIN; SELECT ambit.login(:'other'); SELECT regress_mallory.there(:leader); COMMIT;
SELECT regress_mallory.there(:leader);
\c - regress_mallory
\set VERBOSITY sqlstate
SELECT pg_backend_pid() AS leader \gset
SET client_min_messages = error;
-- a library that only the worker loads takes nothing over
SET ambit.token = :'forged';
SELECT count(set_config(name, 'on', false)) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_leader_participation = off;
SELECT regress_mallory.there(:leader);
\c -
\set VERBOSITY sqlstate

-- ---- while a query is at work ------------------------------------------------------------------
CREATE FUNCTION regress_mallory.run(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN regress_mallory.who();
END $$;
-- by a query that reads the table, each statement run for its first row
CREATE FUNCTION regress_mallory.during(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ids int[];
	runs text[];
BEGIN
	SELECT array_agg(id ORDER BY id), array_agg(run) FILTER (WHERE run IS NOT NULL) INTO ids, runs
	FROM (SELECT id, CASE WHEN row_number() OVER () = 1 THEN regress_mallory.run(statement) END AS run FROM regress_mallory.job) x;
	RETURN concat_ws(' ', 'found', cardinality(ids), runs[1], 'then', regress_mallory.who());
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT set_config('regress.other', :'other', false) IS NOT NULL, set_config('regress.sam', :'sam', false) IS NOT NULL;
BEGIN;
SELECT ambit.login(:'sam');
SELECT regress_mallory.during(s) FROM unnest(ARRAY[
	$$SELECT ambit.login(current_setting('regress.other'))$$,
	$$SELECT set_config('ambit.token', current_setting('regress.other'), true)$$,
	$$SELECT set_config('ambit.token', '', true)$$,
	$$SET LOCAL ambit.token = ''$$,
	$$SELECT ambit.logout()$$,
	$$SELECT regress_mallory.as_other()$$,
	$$DO 'BEGIN PERFORM set_config(''ambit.token'', current_setting(''regress.other''), true); END'$$]) s;
SELECT regress_mallory.during($$SELECT 1$$);
COMMIT;
-- RESET cannot be refused: there is nobody then until the query is over
SET ambit.token = :'sam';
SELECT regress_mallory.during($$RESET ambit.token$$);
SET ambit.token = :'sam';
SELECT regress_mallory.during($$RESET ALL$$);
SET ambit.token = :'sam';
SELECT regress_mallory.during($$SELECT set_config('ambit.token', NULL, false)$$);
SET ambit.token = :'sam';
-- undone before the query goes on
CREATE FUNCTION regress_mallory.undone() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RESET ambit.token;
	RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
	RETURN regress_mallory.who();
END $$;
SELECT regress_mallory.during($$SELECT regress_mallory.undone()$$);
SELECT regress_mallory.who();
\c - regress_mallory_mapped
\set VERBOSITY sqlstate
SELECT set_config('regress.other', :'other', false) IS NOT NULL;
SELECT regress_mallory.during($$SELECT ambit.login(current_setting('regress.other'))$$);
SET ambit.token = :'other';
-- not the mapped login in the middle of it either
SELECT regress_mallory.during($$RESET ambit.token$$);
SELECT regress_mallory.who();

-- ---- cursors -----------------------------------------------------------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.login(:'owner');
DECLARE c CURSOR FOR SELECT id FROM regress_mallory.job ORDER BY id;
FETCH 1 FROM c;
SAVEPOINT s;
SELECT ambit.login(:'sam');
ROLLBACK TO s;
FETCH 1 FROM c;
SELECT ambit.login(:'sam');
FETCH 1 FROM c;
ROLLBACK;
BEGIN; SET LOCAL ambit.token = :'owner'; DECLARE c CURSOR FOR SELECT id FROM regress_mallory.job; FETCH 1 FROM c; SET LOCAL ambit.token = ''; FETCH 1 FROM c; ROLLBACK;
SET ambit.token = :'sam';
BEGIN; SET LOCAL ambit.token = :'owner'; DECLARE c CURSOR FOR SELECT id FROM regress_mallory.job; FETCH 1 FROM c; RESET ambit.token; FETCH 1 FROM c; ROLLBACK;
BEGIN; SAVEPOINT s; SET LOCAL ambit.token = :'owner'; DECLARE c CURSOR FOR SELECT id FROM regress_mallory.job; FETCH 1 FROM c; ROLLBACK TO s; FETCH 1 FROM c; ROLLBACK;
RESET ambit.token;
-- put aside before the identity changed
BEGIN; SET LOCAL ambit.token = :'owner'; DECLARE c SCROLL CURSOR FOR SELECT id FROM regress_mallory.job ORDER BY id; FETCH 2 FROM c; SET LOCAL ambit.token = :'sam'; FETCH BACKWARD 1 FROM c; ROLLBACK;
-- one opened in a function with a SET clause
BEGIN;
CREATE FUNCTION regress_mallory.open() RETURNS refcursor LANGUAGE plpgsql SET ambit.token = :'other' AS $$ DECLARE r refcursor := 'r'; BEGIN OPEN r FOR SELECT id FROM regress_mallory.job; RETURN r; END $$;
SELECT regress_mallory.open();
FETCH 1 FROM r;
ROLLBACK;
BEGIN; SELECT ambit.login(:'owner'); DECLARE c CURSOR WITH HOLD FOR SELECT id FROM regress_mallory.job; COMMIT;
-- a token that ends, with a plan that was made for it
PREPARE ends AS SELECT count(*) FROM regress_mallory.job;
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT ambit.login(regress_mallory.token('school', 'owner', extract(epoch FROM clock_timestamp())::float + 2));
EXECUTE ends;
DECLARE c CURSOR FOR SELECT id FROM regress_mallory.job ORDER BY id;
FETCH 1 FROM c;
SELECT pg_sleep(2.1);
EXECUTE ends;
FETCH 1 FROM c;
ROLLBACK;

-- ---- plans ---------------------------------------------------------------------------------------
SET plan_cache_mode = force_generic_plan;
PREPARE jobs AS SELECT count(*), min(id), max(id) FROM regress_mallory.job;
PREPARE job(int) AS SELECT id FROM regress_mallory.job WHERE id = $1;
CREATE FUNCTION regress_mallory.count_sql() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM regress_mallory.job';
CREATE FUNCTION regress_mallory.count_pl() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM regress_mallory.job); END $$;
PREPARE counts AS SELECT regress_mallory.count_sql(), regress_mallory.count_pl();
-- made for the owner, run for others: the setting of the transaction, its end, the session's
BEGIN; SET LOCAL ambit.token = :'owner'; EXECUTE jobs; EXECUTE counts; COMMIT; EXECUTE jobs; EXECUTE counts;
BEGIN; SET LOCAL ambit.token = :'sam'; EXECUTE jobs; EXECUTE counts; EXECUTE job(7); COMMIT;
BEGIN; SET LOCAL ambit.token = :'sue'; EXECUTE jobs; EXECUTE counts; EXECUTE job(1); EXECUTE job(2); COMMIT;
BEGIN; SET LOCAL ambit.token = :'other'; EXECUTE jobs; EXECUTE counts; ROLLBACK; EXECUTE jobs; EXECUTE counts;
SET ambit.token = :'owner';
EXECUTE jobs; EXECUTE counts;
BEGIN; SELECT set_config('ambit.token', :'sam', true) AS set; EXECUTE jobs; EXECUTE counts; SAVEPOINT s; SELECT ambit.login(:'other'); EXECUTE jobs; EXECUTE counts;
ROLLBACK TO s; EXECUTE jobs; EXECUTE counts; COMMIT;
EXECUTE jobs; EXECUTE counts;
SET ambit.token = :'sam';
EXECUTE jobs; EXECUTE counts;
RESET ambit.token;
EXECUTE jobs; EXECUTE counts;
-- a function's SET clause, into it and out of it
CREATE FUNCTION regress_mallory.as_owner() RETURNS text LANGUAGE plpgsql SET ambit.token = :'owner' AS $$ BEGIN RETURN concat_ws(' ', regress_mallory.count_sql(), regress_mallory.count_pl()); END $$;
CREATE FUNCTION regress_mallory.as_sam() RETURNS text LANGUAGE plpgsql SET ambit.token = :'sam' AS $$ BEGIN RETURN concat_ws(' ', regress_mallory.count_sql(), regress_mallory.count_pl()); END $$;
PREPARE mixed AS SELECT regress_mallory.count_pl(), regress_mallory.as_owner(), regress_mallory.count_pl(), regress_mallory.as_sam(), regress_mallory.count_pl(), regress_mallory.as_owner(), regress_mallory.count_pl();
EXECUTE mixed;
SET ambit.token = :'sue';
EXECUTE mixed;
EXECUTE jobs; EXECUTE counts;
-- SET ROLE does not matter
SET ROLE regress_mallory_too;
EXECUTE jobs; EXECUTE counts;
RESET ROLE;
-- a key that goes, one that comes back
SET ambit.token = :'two';
EXECUTE jobs; EXECUTE counts;
\c - :dba
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_mallory;
PREPARE jobs AS SELECT count(*), min(id), max(id) FROM regress_mallory.job;
SET ambit.token = :'two';
EXECUTE jobs;
BEGIN;
RESET ROLE;
SELECT ambit.drop_signing_key('two');
SET LOCAL ROLE regress_mallory;
EXECUTE jobs;
ROLLBACK;
EXECUTE jobs;
BEGIN;
RESET ROLE;
SELECT ambit.change_role('school', 'owner', 'owner', 'staff');
SET LOCAL ROLE regress_mallory;
EXECUTE jobs;
ROLLBACK;
EXECUTE jobs;
RESET ambit.token;
EXECUTE jobs;
RESET ROLE;
-- mapped logins: session authorisation, and the map itself
SELECT ambit.map_login('regress_mallory_too', 'school', 'owner');
SET SESSION AUTHORIZATION regress_mallory_too;
EXECUTE jobs;
SET SESSION AUTHORIZATION regress_mallory_mapped;
EXECUTE jobs;
SET SESSION AUTHORIZATION regress_mallory;
EXECUTE jobs;
SET SESSION AUTHORIZATION regress_mallory_too;
EXECUTE jobs;
RESET SESSION AUTHORIZATION;
SELECT ambit.map_login('regress_mallory_too', 'other', 'owner');
SET SESSION AUTHORIZATION regress_mallory_too;
EXECUTE jobs;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_mallory_mapped; EXECUTE jobs; ROLLBACK;
EXECUTE jobs;
BEGIN; SELECT set_config('session_authorization', 'regress_mallory_mapped', true); EXECUTE jobs; COMMIT;
EXECUTE jobs;
SET ambit.token = :'sam';
EXECUTE jobs;
RESET ambit.token;
EXECUTE jobs;
RESET SESSION AUTHORIZATION;
SELECT ambit.unmap_login('regress_mallory_too');
SET SESSION AUTHORIZATION regress_mallory_too;
EXECUTE jobs;
RESET SESSION AUTHORIZATION;

-- ---- code that the server runs for somebody else ---------------------------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
CREATE TABLE regress_mallory.bait (id int);
INSERT INTO regress_mallory.bait VALUES (1);
CREATE FUNCTION regress_mallory.trap(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	BEGIN
		PERFORM ambit.login(current_setting('regress.other', true));
	EXCEPTION WHEN insufficient_privilege THEN RAISE WARNING 'no login()';
	END;
	BEGIN
		PERFORM set_config('ambit.token', current_setting('regress.other', true), false);
	EXCEPTION WHEN insufficient_privilege THEN RAISE WARNING 'no token';
	END;
	RETURN id;
END $$;
SELECT set_config('regress.other', :'other', false) IS NOT NULL;
CREATE INDEX bait_trap ON regress_mallory.bait (regress_mallory.trap(id));
SELECT regress_mallory.who();
\c - :dba
SET regress.other = :'other';
REINDEX INDEX regress_mallory.bait_trap;
SELECT ambit.current_tenant();

-- ---- names of the attacker's own ----------------------------------------------------------------
\c - regress_mallory
\set VERBOSITY sqlstate
CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT '{"sub": "owner", "tenant": "school"}' $$;
CREATE FUNCTION regress_mallory.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT '{"sub": "owner", "tenant": "school"}' $$;
CREATE TABLE pg_temp.signing_key (kid text, algorithm text, key bytea, issuer text, audience text, tenants text[], dumped boolean);
INSERT INTO pg_temp.signing_key VALUES ('mine', 'HS256', convert_to(repeat('x', 32), 'UTF8'));
SET search_path = regress_mallory, pg_temp, pg_catalog;
SELECT ambit.login(token('school', 'owner', 4102444800, repeat('x', 32), 'mine'));
SELECT ambit.assume_claims();
SELECT who();
RESET search_path;
-- what belongs to ambit
INSERT INTO ambit.signing_key VALUES ('mine', 'HS256', convert_to(repeat('x', 32), 'UTF8'), NULL, NULL, NULL, false);
UPDATE ambit.signing_key SET key = convert_to(repeat('x', 32), 'UTF8');
COPY ambit.signing_key TO STDOUT;
TABLE ambit.login;
INSERT INTO ambit.login VALUES ('regress_mallory', 'school', 'owner');
CREATE TRIGGER t BEFORE INSERT ON ambit.signing_key EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE POLICY p ON ambit.signing_key USING (true);
SELECT regress_mallory.who();

-- ---- leave nothing behind ------------------------------------------------------------------
\c - :dba
SET client_min_messages = warning;
SELECT ambit.unmap_login('regress_mallory_mapped');
SELECT count(ambit.drop_signing_key(kid)) FROM ambit.signing_key;
SELECT ambit.drop_tenant('school'), ambit.drop_tenant('other');
DROP SCHEMA regress_mallory, regress_jwt CASCADE;
DELETE FROM ambit.rule WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation);
DELETE FROM ambit.template WHERE template = 'regress_mallory';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_mallory.%';
DROP ROLE regress_mallory, regress_mallory_too, regress_mallory_mapped;
