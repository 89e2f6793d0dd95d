--
-- login: identity by a token or a mapped role, how long it holds, what comes before what
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_login_app LOGIN;
CREATE ROLE regress_login_trusted LOGIN;
CREATE ROLE regress_login_ann LOGIN;
CREATE ROLE regress_login_group;
CREATE SCHEMA regress_login;
GRANT USAGE ON SCHEMA regress_login TO PUBLIC;
GRANT regress_login_group TO regress_login_ann;
SELECT current_user AS dba, current_database() AS db \gset
SELECT ambit._load_template('{
	"template": "regress_login", "visitor_role": "visitor", "permissions": [{"key": "regress_login.view"}, {"key": "regress_login.edit"}],
	"scopes": {"slow": {"relationship": "regress_login_slow"}},
	"roles": [{"role": "visitor"}, {"role": "owner"}, {"role": "staff"}, {"role": "lead"}],
	"cells": [
		{"role": "lead", "permission": "regress_login.view", "enabled": true, "entries": [{"scope": "slow"}]},
		{"role": "owner", "permission": "regress_login.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "owner", "permission": "regress_login.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "regress_login.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "regress_login.edit", "enabled": true, "entries": [{"scope": "own", "channels": ["web"]}]}]
}', false);
SELECT ambit.create_tenant('school', 'regress_login'), ambit.create_tenant('other', 'regress_login');
SELECT ambit.add_member(t, u, jsonb_build_object('staff', k)), ambit.assign_role(t, u, r)
FROM (VALUES ('school', 'ann', '1', 'owner'), ('school', 'sam', '1', 'staff'), ('school', 'sue', '2', 'staff'), ('other', 'bob', '1', 'owner')) v (t, u, k, r);
CREATE TABLE regress_login.job (id int PRIMARY KEY, tenant text, staff int);
INSERT INTO regress_login.job SELECT i, CASE WHEN i <= 8 THEN 'school' ELSE 'other' END, i % 4 FROM generate_series(1, 10) i;
SELECT ambit.protect('regress_login.job', tenant => 'tenant', owner => 'staff');
SELECT ambit.add_rule('regress_login.job', c, p::ambit.permission) > 0 AS rule FROM (VALUES ('select', 'regress_login.view'), ('update', 'regress_login.edit')) v (c, p);
GRANT SELECT, UPDATE ON regress_login.job TO PUBLIC;
\getenv abs_srcdir PG_ABS_SRCDIR
\i :abs_srcdir/sql/include/token.sql
-- a token that ends in so many seconds; NULL: not soon
CREATE FUNCTION regress_login.token(tenant text, user_id text, ends float = NULL, kid text = 'one', more text = '') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT regress_jwt.token(format('{"sub":"%s","tenant":"%s","exp":%s%s}', user_id, tenant, coalesce(extract(epoch FROM clock_timestamp())::float + ends, 4102444800), more),
		format('{"alg":"HS256","kid":"%s"}', kid)) $$;
CREATE FUNCTION regress_login.who() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
	$$ SELECT concat_ws('/', coalesce(ambit.current_tenant(), '-'), coalesce(ambit.current_user_id(), '-'), ambit.current_channel()) || ' sees ' || count(*) FROM regress_login.job $$;
SELECT ambit.add_signing_key(k, 'HS256', 'a secret of exactly 32 bytes ...') FROM unnest('{one,two}'::text[]) k;
SELECT ambit.trust_application('regress_login_trusted');
SELECT regress_login.token('school', 'ann') AS ann, regress_login.token('school', 'sam') AS sam, regress_login.token('other', 'bob') AS bob,
	regress_login.token('school', 'sam', more => ',"channel":"web"') AS web, regress_login.token('school', 'ann', kid => 'two') AS two,
	regress_login.token('school', 'sue', -1) AS expired, regress_login.token('school', 'ann', kid => 'none') AS forged \gset
RESET client_min_messages;

-- ---- how long it holds --------------------------------------------------------------
SET ROLE regress_login_app;
SELECT regress_login.who() AS nobody;
-- to the end of the transaction, by the function and by the setting
BEGIN; SELECT ambit.login(:'ann'); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
BEGIN; SET LOCAL ambit.token = :'sam'; SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
BEGIN; SELECT set_config('ambit.token', :'web', true); SELECT regress_login.who(); ROLLBACK; SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'ann'); SELECT 1/0; COMMIT; SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'ann'); COMMIT AND CHAIN; SELECT regress_login.who(); COMMIT;
SELECT ambit.login(:'ann');
SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'ann', session => NULL); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
-- a write
BEGIN; SELECT ambit.login(:'web'); UPDATE regress_login.job SET staff = staff RETURNING id; COMMIT;
BEGIN; SELECT ambit.login(:'sam'); UPDATE regress_login.job SET staff = staff; COMMIT;
UPDATE regress_login.job SET staff = staff;
-- to the end of the session
SELECT ambit.login(:'ann', true);
SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'bob'); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
BEGIN; SET LOCAL ambit.token = ''; SELECT regress_login.who(); ROLLBACK; SELECT regress_login.who();
BEGIN; SET ambit.token = :'bob'; SELECT regress_login.who(); ROLLBACK; SELECT regress_login.who();
RESET ambit.token; SELECT regress_login.who();
SET ambit.token = :'ann'; SELECT regress_login.who(); SET ambit.token = ''; SELECT regress_login.who();
SET ambit.token = :'ann'; SET ambit.token TO DEFAULT; SELECT regress_login.who();
SET ambit.token = :'ann'; RESET ALL; SELECT regress_login.who();
SET ambit.token = :'ann'; DISCARD ALL; SELECT regress_login.who();
SET ROLE regress_login_app;
SET ambit.token = :'ann'; SELECT ambit.logout(); SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'ann', true); SELECT ambit.login(:'bob'); SELECT ambit.logout(); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
-- savepoints
BEGIN;
SELECT ambit.login(:'ann');
SAVEPOINT a;
SELECT ambit.login(:'bob');
SAVEPOINT b;
SELECT ambit.logout();
SELECT regress_login.who();
ROLLBACK TO b;
SELECT regress_login.who();
RELEASE a;
SELECT regress_login.who();
SAVEPOINT c;
SET LOCAL ambit.token = :'sam';
ROLLBACK TO c;
SELECT regress_login.who();
COMMIT;
DO $$
BEGIN
	PERFORM ambit.login(regress_login.token('school', 'ann'));
	BEGIN
		PERFORM ambit.login(regress_login.token('other', 'bob'));
		RAISE NOTICE 'in the block: %', regress_login.who();
		RAISE EXCEPTION 'no';
	EXCEPTION WHEN raise_exception THEN
		RAISE NOTICE 'block undone: %', regress_login.who();
	END;
	COMMIT;
	RAISE NOTICE 'committed: %', regress_login.who();
END $$;
-- a refused token leaves what is in force
BEGIN;
SELECT ambit.login(:'ann');
SAVEPOINT s;
SELECT ambit.login(:'expired');
ROLLBACK TO s;
SET LOCAL ambit.token = :'forged';
ROLLBACK TO s;
SET LOCAL ambit.token = '(set)';
ROLLBACK TO s;
SELECT ambit.login('');
ROLLBACK TO s;
SELECT regress_login.who();
COMMIT;
-- roles do not matter: it speaks for itself
SET ambit.token = :'ann';
RESET ROLE;
SET ROLE regress_login_ann;
SELECT regress_login.who();
RESET ROLE;
SET SESSION AUTHORIZATION regress_login_ann;
SELECT regress_login.who();
RESET SESSION AUTHORIZATION;
SET ROLE regress_login_app;
SELECT regress_login.who();
RESET ambit.token;
-- in a function, and in its SET clause
CREATE FUNCTION pg_temp.enter(token text) RETURNS text LANGUAGE plpgsql SET work_mem = '1MB' AS $$ BEGIN PERFORM ambit.login(token); RETURN regress_login.who(); END $$;
BEGIN; SELECT pg_temp.enter(:'ann'); SELECT regress_login.who(); COMMIT;
CREATE FUNCTION pg_temp.as_bob() RETURNS text LANGUAGE plpgsql SET ambit.token = :'bob' AS $$ BEGIN RETURN regress_login.who(); END $$;
BEGIN;
SELECT ambit.login(:'ann');
SELECT pg_temp.as_bob();
SELECT regress_login.who();
SELECT concat_ws(' | ', regress_login.who(), pg_temp.as_bob(), regress_login.who());
COMMIT;
SELECT pg_temp.as_bob();
SELECT regress_login.who();
CREATE FUNCTION pg_temp.as_forged() RETURNS text LANGUAGE plpgsql SET ambit.token = :'forged' AS $$ BEGIN RETURN regress_login.who(); END $$;
-- in a read-only transaction
BEGIN READ ONLY; SELECT ambit.login(:'ann'); SELECT regress_login.who(); COMMIT;
-- nobody sees it
SET ambit.token = :'ann';
SHOW ambit.token;
SELECT current_setting('ambit.token'), set_config('ambit.token', :'bob', true), (SELECT count(*) FROM pg_settings WHERE setting LIKE '%ey%.%');
CREATE FUNCTION pg_temp.keep() RETURNS int LANGUAGE sql SET ambit.token FROM CURRENT AS 'SELECT 1';
RESET ROLE;
SELECT current_setting('ambit.token'), (SELECT count(*) FROM pg_settings WHERE reset_val LIKE '%ey%.%' OR boot_val LIKE '%ey%.%' OR setting LIKE '%ey%.%');
ALTER ROLE regress_login_app SET ambit.token FROM CURRENT;
SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'regress_login_app'::regrole;
ALTER ROLE regress_login_app RESET ALL;
RESET ambit.token;

-- ---- what comes before what ------------------------------------------------------------
SET ROLE regress_login_trusted;
BEGIN;
SELECT ambit.assume('school', 'sue');
SELECT ambit.login(:'bob');
SELECT regress_login.who() AS token;
SELECT ambit.assume('school', 'sam', 'web');
SELECT regress_login.who() AS assumed;
SET LOCAL ambit.token = :'ann';
SELECT regress_login.who() AS token;
SET LOCAL ambit.token = '';
SELECT regress_login.who() AS assumed;
SELECT ambit.login(:'ann'), ambit.logout();
SELECT regress_login.who() AS nobody;
COMMIT;
-- of the session, with one of the transaction on top
SELECT ambit.assume('school', 'sue', NULL, true);
BEGIN; SELECT ambit.login(:'bob'); SELECT regress_login.who() AS token; COMMIT; SELECT regress_login.who() AS assumed;
SELECT ambit.login(:'ann', true);
SELECT regress_login.who() AS token;
BEGIN; SELECT ambit.assume('school', 'sam'); SELECT regress_login.who() AS assumed; COMMIT; SELECT regress_login.who() AS token;
-- assume() for the session ends the token's, also one beneath that of the transaction
BEGIN; SET LOCAL ambit.token = ''; SELECT ambit.assume('school', 'sam', NULL, true); COMMIT; SELECT regress_login.who() AS assumed;
BEGIN; SET ambit.token = :'ann'; SELECT ambit.assume('school', 'sue', NULL, true); ROLLBACK; SELECT regress_login.who() AS assumed;
SELECT ambit.login(:'ann', true), ambit.logout();
SELECT regress_login.who() AS nobody;
-- a token that does not hold is no reason to be somebody else
SELECT ambit.assume('school', 'sue', NULL, true);
SELECT ambit.login(regress_login.token('other', 'bob', 2), true);
SELECT regress_login.who() AS token, ambit.has_permission('regress_login.view');
SELECT pg_sleep(2.1);
SELECT regress_login.who() AS expired, ambit.has_permission('regress_login.view'), ambit.current_roles();
UPDATE regress_login.job SET staff = 0;
RESET ambit.token;
SELECT regress_login.who() AS assumed;
SELECT ambit.logout();

-- ---- what ends while a plan is being made: relationships are looked at, and take their time ---
RESET ROLE;
CREATE TABLE regress_login.card (id int PRIMARY KEY, tenant text);
INSERT INTO regress_login.card SELECT i, 'school' FROM generate_series(1, 50) i;
CREATE FUNCTION regress_login.slow() RETURNS TABLE (tenant text, subject int, object int) LANGUAGE plpgsql STABLE AS
	$$ BEGIN PERFORM pg_sleep(1.5); RETURN QUERY VALUES ('school', 3, 1), ('school', 3, 2); END $$;
SELECT ambit.bind_relationship('regress_login_slow', 'SELECT * FROM regress_login.slow()');
SELECT ambit.protect('regress_login.card', tenant => 'tenant', client => 'id');
SELECT ambit.add_rule('regress_login.card', 'select', 'regress_login.view') > 0 AS rule;
GRANT SELECT ON regress_login.card TO PUBLIC;
SELECT ambit.add_member('school', 'lea', '{"staff": "3"}'), ambit.assign_role('school', 'lea', 'lead');
SET ROLE regress_login_app;
BEGIN;
SELECT ambit.login(regress_login.token('school', 'lea', 1));
SELECT id AS none FROM regress_login.card ORDER BY id LIMIT 5;
COMMIT;
BEGIN;
SELECT ambit.login(regress_login.token('school', 'lea'));
SELECT id FROM regress_login.card ORDER BY id LIMIT 5;
COMMIT;
RESET ROLE;
SELECT ambit.unprotect('regress_login.card'), ambit.unbind_relationship('regress_login_slow');
DROP TABLE regress_login.card;

-- ---- what ends by itself ----------------------------------------------------------------
SET ROLE regress_login_app;
-- a token, within a statement too
BEGIN;
SELECT ambit.login(regress_login.token('school', 'ann', 2));
SELECT ambit.current_user_id() AS before, pg_sleep(2.1) IS NULL AS slept, ambit.current_user_id() AS after;
COMMIT;
-- the leeway is for it as well
RESET ROLE;
SET ambit.token_leeway = 5;
BEGIN; SELECT ambit.login(regress_login.token('school', 'ann', -1)); SELECT regress_login.who(); SET LOCAL ambit.token_leeway = 0; SELECT regress_login.who(); COMMIT;
RESET ambit.token_leeway;
-- a dropped key, one that speaks for others now, a member who is removed
SET ROLE regress_login_app;
SET ambit.token = :'two';
SELECT regress_login.who();
RESET ROLE;
BEGIN;
SELECT ambit.drop_signing_key('two');
SELECT regress_login.who() AS dropped;
ROLLBACK;
SELECT regress_login.who();
BEGIN; UPDATE ambit.signing_key SET issuer = 'x' WHERE kid = 'two'; SELECT regress_login.who() AS issuer; ROLLBACK;
BEGIN; UPDATE ambit.signing_key SET tenants = '{other}' WHERE kid = 'two'; SELECT regress_login.who() AS tenants; ROLLBACK;
BEGIN; UPDATE ambit.signing_key SET key = key || 'x'::bytea WHERE kid = 'two'; SELECT regress_login.who() AS key; ROLLBACK;
BEGIN; UPDATE ambit.signing_key SET dumped = true WHERE kid = 'one'; SELECT regress_login.who() AS another; ROLLBACK;
BEGIN; TRUNCATE ambit.signing_key; SELECT regress_login.who() AS truncated; ROLLBACK;
BEGIN; SELECT ambit.revoke_role('school', 'ann', 'owner'); SELECT regress_login.who() AS no_role; ROLLBACK;
BEGIN; SELECT ambit.remove_member('school', 'ann'); SELECT regress_login.who() AS removed; ROLLBACK;
SELECT regress_login.who();
SELECT ambit.drop_signing_key('two');
SELECT regress_login.who() AS dropped;
SELECT ambit.add_signing_key('two', 'HS256', 'a secret of exactly 32 bytes ...');
SELECT regress_login.who() AS "there again";
RESET ambit.token;

-- ---- mapped logins ----------------------------------------------------------------------
SELECT ambit.map_login('regress_login_ann', 'school', 'ann');
SELECT ambit.map_login('regress_login_group', 'school', 'sam');
\c - regress_login_ann
SELECT regress_login.who();
-- not by SET ROLE, nor by membership, nor as somebody's function
SET ROLE regress_login_group;
SELECT regress_login.who();
RESET ROLE;
\c - regress_login_app
SELECT regress_login.who();
\c - :dba
CREATE FUNCTION regress_login.definer() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT regress_login.who()';
ALTER FUNCTION regress_login.definer() OWNER TO regress_login_ann;
\c - regress_login_app
SELECT regress_login.definer();
\c - regress_login_ann
-- what is said comes first, logout() goes back to it
BEGIN; SELECT ambit.login(:'bob'); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
BEGIN; SELECT ambit.login(:'bob', true), ambit.logout(); SELECT regress_login.who(); COMMIT;
SELECT ambit.assume('school', 'sam');
DISCARD ALL;
SELECT regress_login.who();
BEGIN; SAVEPOINT s; SELECT ambit.login(:'bob'); ROLLBACK TO s; SELECT regress_login.who(); SET ambit.token = :'bob'; SELECT 1/0; ROLLBACK; SELECT regress_login.who();
SET ambit.token = :'bob'; RESET ambit.token; SELECT regress_login.who();
SET ambit.token = :'bob'; RESET ALL; SELECT regress_login.who();
SET ambit.token = :'bob'; DISCARD ALL; SELECT regress_login.who();
CREATE FUNCTION pg_temp.as_bob() RETURNS text LANGUAGE plpgsql SET ambit.token = :'bob' AS $$ BEGIN RETURN regress_login.who(); END $$;
SELECT pg_temp.as_bob();
SELECT regress_login.who();
-- for the DBA
\set VERBOSITY sqlstate
SELECT ambit.map_login('regress_login_ann', 'other', 'bob');
SELECT ambit.unmap_login('regress_login_ann');
SELECT * FROM ambit.login;
\set VERBOSITY default
\c - :dba
SET SESSION AUTHORIZATION regress_login_ann;
SELECT regress_login.who();
RESET SESSION AUTHORIZATION;
SELECT ambit.current_user_id();
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_login_ann; SELECT regress_login.who(); ROLLBACK; SELECT ambit.current_user_id();
-- changed, from the next statement on
SET SESSION AUTHORIZATION regress_login_ann;
SELECT regress_login.who();
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT ambit.map_login('regress_login_ann', 'school', 'sam');
SET LOCAL SESSION AUTHORIZATION regress_login_ann;
SELECT regress_login.who();
ROLLBACK;
BEGIN; SELECT ambit.unmap_login('regress_login_ann'); SET LOCAL SESSION AUTHORIZATION regress_login_ann; SELECT regress_login.who(); ROLLBACK;
BEGIN; SELECT ambit.remove_member('school', 'ann'); SET LOCAL SESSION AUTHORIZATION regress_login_ann; SELECT regress_login.who(); ROLLBACK;
\set VERBOSITY sqlstate
SELECT ambit.map_login('regress_login_app', 'School', 'ann');
SELECT ambit.map_login('regress_login_app', 'school', 'Ann');
SELECT ambit.map_login('regress_login_app', '', 'ann');
SELECT ambit.map_login('regress_login_app', NULL, 'ann');
SELECT ambit.map_login('regress_login_app', 'school', NULL);
SELECT ambit.map_login(NULL, 'school', 'ann');
SELECT ambit.map_login('4000000000', 'school', 'ann');
SELECT ambit.unmap_login('regress_login_app');
SELECT ambit.unmap_login(NULL);
\set VERBOSITY default
SELECT ambit.unmap_login('regress_login_app');
-- forgets roles that were dropped, as the other lists do
INSERT INTO ambit.login VALUES (4000000000, 'school', 'ann');
SELECT ambit.map_login('regress_login_group', 'school', 'sue');
SELECT db_role, tenant, user_id FROM ambit.login ORDER BY db_role::text COLLATE "C";
SELECT c.extcondition FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) c (extconfig, extcondition) WHERE e.extname = 'ambit' AND c.extconfig = 'ambit.login'::regclass;

-- ---- claims that a server has verified -------------------------------------------------------
SET ROLE regress_login_trusted;
BEGIN; SELECT ambit.assume_claims('{"sub": "sam", "tenant": "school", "channel": "web", "role": "x"}'); SELECT regress_login.who(); COMMIT; SELECT regress_login.who();
BEGIN; SET LOCAL request.jwt.claims = '{"sub": "ann", "tenant": "school"}'; SELECT ambit.assume_claims(); SELECT regress_login.who(); COMMIT;
BEGIN; SET LOCAL jwt.claims.sub = 'bob'; SET LOCAL jwt.claims.tenant = 'other'; SET LOCAL jwt.claims.channel = 'mobile'; SELECT ambit.assume_claims(); SELECT regress_login.who(); COMMIT;
BEGIN; SET LOCAL jwt.claims.sub = 'bob'; SET LOCAL jwt.claims.tenant = 'other'; SELECT ambit.assume_claims(claims => NULL); SELECT regress_login.who(); COMMIT;
-- what is left of such settings after their transaction is empty
SELECT ambit.assume_claims();
\set VERBOSITY terse
SELECT ambit.assume_claims(c::jsonb) FROM unnest('{"{}"}'::text[]) c;
SELECT ambit.assume_claims('{"sub": "sam"}');
SELECT ambit.assume_claims('{"tenant": "school"}');
SELECT ambit.assume_claims('{"sub": 7, "tenant": "school"}');
SELECT ambit.assume_claims('{"sub": null, "tenant": "school"}');
SELECT ambit.assume_claims('{"sub": "", "tenant": "school"}');
SELECT ambit.assume_claims('{"sub": "sam", "tenant": "school", "channel": 1}');
SELECT ambit.assume_claims('[]');
SELECT ambit.assume_claims('null');
SELECT ambit.assume_claims('{"sub": "nobody", "tenant": "school"}');
BEGIN; SET LOCAL request.jwt.claims = 'nonsense'; SELECT ambit.assume_claims(); ROLLBACK;
BEGIN; SET LOCAL request.jwt.claims = '7'; SELECT ambit.assume_claims(); ROLLBACK;
-- trust is judged as for assume()
SET ROLE regress_login_app;
SELECT ambit.assume_claims('{"sub": "sam", "tenant": "school"}');
RESET ROLE;
\set VERBOSITY default

-- ---- leave nothing behind ------------------------------------------------------------------
SET client_min_messages = warning;
SELECT count(ambit.unmap_login(db_role)) FROM ambit.login;
SELECT count(ambit.drop_signing_key(kid)) FROM ambit.signing_key;
SELECT ambit.drop_tenant('school'), ambit.drop_tenant('other');
SELECT ambit.untrust_application('regress_login_trusted');
DROP SCHEMA regress_login, regress_jwt CASCADE;
DELETE FROM ambit.rule WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation);
DELETE FROM ambit.template WHERE template = 'regress_login';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_login.%';
DROP ROLE regress_login_app, regress_login_trusted, regress_login_ann, regress_login_group;
