--
-- identity: who may say for whom the session acts, and how long it holds
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_identity_app LOGIN;
CREATE ROLE regress_identity_trusted LOGIN;
CREATE ROLE regress_identity_member LOGIN IN ROLE regress_identity_trusted;
CREATE ROLE regress_identity_outsider LOGIN NOINHERIT IN ROLE regress_identity_trusted;
CREATE ROLE regress_identity_admin LOGIN;
CREATE SCHEMA regress_identity;
GRANT USAGE ON SCHEMA regress_identity TO PUBLIC;
SELECT current_user AS dba, current_database() AS db \gset

SELECT ambit._load_template('{
	"template": "regress_identity", "visitor_role": "visitor", "clients_permission": "regress_identity.client.view",
	"permissions": [{"key": "regress_identity.client.view"}, {"key": "regress_identity.client.edit"}, {"key": "regress_identity.door.open"}],
	"roles": [{"role": "visitor"}, {"role": "member"}],
	"cells": [
		{"role": "visitor", "permission": "regress_identity.door.open", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "member", "permission": "regress_identity.client.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "member", "permission": "regress_identity.client.edit", "enabled": true, "entries": [{"scope": "all", "channels": ["web"]}]}]
}', false);
SELECT ambit.create_tenant('school', 'regress_identity'), ambit.create_tenant('other', 'regress_identity');
-- ids that look like what ambit itself might write down, and twins in letter case
SELECT ambit.add_member('school', u), ambit.assign_role('school', u, 'member') FROM unnest('{ann,Ann,"3:ann,",",",-}'::text[]) u;
SELECT ambit.add_member('other', u), ambit.assign_role('other', u, 'member') FROM unnest('{ann,bob}'::text[]) u;
CREATE TABLE regress_identity.client (id int PRIMARY KEY, tenant text);
INSERT INTO regress_identity.client VALUES (1, 'school'), (2, 'school'), (3, 'other'), (4, NULL);
SELECT ambit.protect('regress_identity.client', tenant => 'tenant', client => 'id');
SELECT ambit.add_rule('regress_identity.client', c, p) > 0 AS rule
FROM (VALUES ('select', 'regress_identity.client.view'::ambit.permission), ('insert', 'regress_identity.client.edit'),
	('update', 'regress_identity.client.edit'), ('delete', 'regress_identity.client.edit')) r (c, p);
GRANT ALL ON regress_identity.client TO PUBLIC;
CREATE FUNCTION regress_identity.who() RETURNS text LANGUAGE sql STABLE AS
	$$ SELECT concat_ws('/', coalesce(ambit.current_tenant(), '-'), coalesce(ambit.current_user_id(), '-'), coalesce(ambit.current_channel(), '-')) $$;
SELECT ambit.trust_application('regress_identity_trusted');
RESET client_min_messages;

-- ---- who may call assume() ---------------------------------------------------
-- nobody but the DBA and those whom the DBA trusts, or whose rights they inherit
SET ROLE regress_identity_app;
SELECT ambit.assume('school', 'ann');
\echo :SQLSTATE
SELECT ambit.assume('school', 'ann', 'web', true);
\echo :SQLSTATE
SELECT ambit.assume(NULL, NULL);
\echo :SQLSTATE
SELECT ambit.assume('no such tenant', NULL);
\echo :SQLSTATE
SELECT regress_identity.who();
SET ROLE regress_identity_outsider;
SELECT ambit.assume('school', 'ann');
\echo :SQLSTATE
SET ROLE regress_identity_trusted;
BEGIN; SELECT ambit.assume('school', 'ann'); SELECT regress_identity.who(); COMMIT;
SET ROLE regress_identity_member;
BEGIN; SELECT ambit.assume('school', 'ann'); SELECT regress_identity.who(); COMMIT;
RESET ROLE;
BEGIN; SELECT ambit.assume('school', 'ann'); SELECT regress_identity.who(); COMMIT;
-- administration includes it; no longer trusted, no longer lets
SET ROLE regress_identity_admin;
SELECT ambit.assume('school', 'ann');
\echo :SQLSTATE
RESET ROLE;
SELECT ambit.grant_administration('regress_identity_admin');
SET ROLE regress_identity_admin;
BEGIN; SELECT ambit.assume('school', 'ann'); SELECT regress_identity.who(); COMMIT;
SELECT ambit.untrust_application('regress_identity_trusted');
SET ROLE regress_identity_trusted;
SELECT ambit.assume('school', 'ann');
\echo :SQLSTATE
SELECT ambit.trust_application('regress_identity_app');
\echo :SQLSTATE
SELECT ambit.trust_application('regress_identity_trusted');
\echo :SQLSTATE
RESET ROLE;
SELECT ambit.trust_application('regress_identity_trusted');
SELECT ambit.revoke_administration('regress_identity_admin');
SET ROLE regress_identity_admin;
SELECT ambit.assume('school', 'ann');
\echo :SQLSTATE
RESET ROLE;

-- SET ROLE counts; a SECURITY DEFINER function of the DBA or of a trusted role
-- lends nothing, nor do a view or a default that calls it
CREATE FUNCTION regress_identity.as_dba(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS
	$$ BEGIN EXECUTE statement; END $$;
CREATE FUNCTION regress_identity.as_trusted(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS
	$$ BEGIN EXECUTE statement; END $$;
ALTER FUNCTION regress_identity.as_trusted(text) OWNER TO regress_identity_trusted;
CREATE VIEW regress_identity.door AS SELECT ambit.assume('school', 'ann') IS NOT NULL AS opened;
GRANT SELECT ON regress_identity.door TO PUBLIC;
SET ROLE regress_identity_app;
\set VERBOSITY sqlstate
SELECT regress_identity.as_dba($$SELECT ambit.assume('school', 'ann')$$);
SELECT regress_identity.as_trusted($$SELECT ambit.assume('school', 'ann')$$);
SELECT regress_identity.as_dba('SET ROLE regress_identity_trusted');
SELECT * FROM regress_identity.door;
-- nor the DBA's other rights
SELECT regress_identity.as_dba($$SELECT ambit.create_tenant('mine', 'regress_identity')$$);
SELECT regress_identity.as_dba($$SELECT ambit.assign_role('school', 'ann', 'member', valid_until => now())$$);
SELECT regress_identity.as_dba($$SELECT ambit.set_role_permission('school', 'member', 'regress_identity.client.edit', true)$$);
SELECT regress_identity.as_dba($$SELECT ambit.trust_application('regress_identity_app')$$);
SELECT regress_identity.as_dba($$SELECT ambit.grant_administration('regress_identity_app')$$);
SELECT regress_identity.as_dba($$SELECT ambit.protect('regress_identity.client')$$);
SELECT regress_identity.as_dba($$SELECT ambit.add_rule('regress_identity.client', 'select', 'regress_identity.door.open')$$);
SELECT regress_identity.as_dba($$SELECT ambit.unprotect('regress_identity.client')$$);
SELECT regress_identity.as_dba($$SELECT ambit.bind_relationship('regress_identity', 'SELECT 1')$$);
SELECT regress_identity.as_dba($$SELECT ambit.has_permission('school', 'ann', 'regress_identity.client.view')$$);
-- the functions do what they do where the caller may
SET ROLE regress_identity_trusted;
BEGIN; SELECT regress_identity.as_dba($$SELECT ambit.assume('school', 'ann')$$); SELECT regress_identity.who(); COMMIT;
RESET ROLE;
-- the owner of the tables and of the functions is no DBA of ambit either
ALTER SCHEMA regress_identity OWNER TO regress_identity_app;
SET ROLE regress_identity_app;
SELECT ambit.create_tenant('mine', 'regress_identity');
-- the tables of the model are closed
SELECT * FROM ambit.member;
INSERT INTO ambit.trusted_application VALUES ('regress_identity_app');
INSERT INTO ambit.administrator VALUES ('regress_identity_app');
UPDATE ambit.assignment SET role = 'member';
DELETE FROM ambit.tenant;
TRUNCATE ambit.member_cell;
SELECT ambit._load_template('{}', false);
SELECT ambit._register_permission('regress_identity.more');
RESET ROLE;

-- ---- what assume() takes ---------------------------------------------------------
\set VERBOSITY default
SET ROLE regress_identity_trusted;
SELECT ambit.assume(NULL, 'ann');
\echo :SQLSTATE
SELECT ambit.assume('School', 'ann');
\echo :SQLSTATE
SELECT ambit.assume('', 'ann');
\echo :SQLSTATE
SELECT ambit.assume('school', 'bob');
\echo :SQLSTATE
SELECT ambit.assume('school', 'ANN');
\echo :SQLSTATE
SELECT ambit.assume('school', '');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT ambit.assume(repeat('x', 1000000), 'ann');
SELECT ambit.assume('school', repeat('x', 1000000));
\set VERBOSITY default
BEGIN;
SELECT regress_identity.who() AS none;
SELECT ambit.assume('school', 'ann');
SELECT regress_identity.who();
SELECT ambit.assume('school', 'Ann', 'web');
SELECT regress_identity.who();
SELECT ambit.assume('other', 'bob', 'mobile');
SELECT regress_identity.who();
-- an unknown channel is no channel; a NULL user is a visitor
SELECT ambit.assume('school', 'ann', 'fax');
SELECT regress_identity.who();
SELECT ambit.assume('school', 'ann', 'WEB');
SELECT regress_identity.who();
SELECT ambit.assume('school', 'ann', '');
SELECT regress_identity.who();
SELECT ambit.assume('school', NULL, 'web');
SELECT regress_identity.who(), ambit.current_roles(), ambit.has_permission('regress_identity.door.open');
SELECT ambit.assume(tenant => 'school', user_id => '3:ann,', channel => 'web', session => false);
SELECT regress_identity.who();
SELECT ambit.assume('school', ',');
SELECT regress_identity.who();
SELECT ambit.assume('school', '-');
SELECT regress_identity.who();
-- a refused assume() leaves the identity as it is
SAVEPOINT s;
SELECT ambit.assume('school', 'nobody');
ROLLBACK TO s;
SELECT regress_identity.who();
COMMIT;

-- ---- how long it holds -------------------------------------------------------------
-- to the end of the statement where there is no transaction block
SELECT ambit.assume('school', 'ann');
SELECT regress_identity.who();
-- to the end of the transaction
BEGIN; SELECT ambit.assume('school', 'ann'); COMMIT; SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('school', 'ann'); ROLLBACK; SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('school', 'ann'); SELECT 1/0; COMMIT; SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('school', 'ann'); COMMIT AND CHAIN; SELECT regress_identity.who(); COMMIT;
-- of the savepoint that is rolled back
BEGIN;
SELECT ambit.assume('school', 'ann');
SAVEPOINT a;
SELECT ambit.assume('other', 'bob');
SAVEPOINT b;
SELECT ambit.assume('other', 'ann');
SELECT regress_identity.who();
ROLLBACK TO b;
SELECT regress_identity.who();
RELEASE a;
SELECT regress_identity.who();
SAVEPOINT c;
SELECT ambit.logout();
SELECT regress_identity.who();
ROLLBACK TO c;
SELECT regress_identity.who();
COMMIT;
SELECT regress_identity.who();
-- to the end of the session, if it says so and commits
BEGIN; SELECT ambit.assume('school', 'ann', 'web', true); ROLLBACK;
SELECT regress_identity.who();
SELECT ambit.assume('school', 'ann', 'web', true);
SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('other', 'bob'); SELECT regress_identity.who(); COMMIT;
SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('school', 'Ann', NULL, true); SELECT ambit.assume('other', 'bob'); SELECT regress_identity.who(); COMMIT;
SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('other', 'bob'); SELECT ambit.assume('school', 'ann', NULL, true); SELECT regress_identity.who(); COMMIT;
SELECT regress_identity.who();
-- logout() ends both
BEGIN; SELECT ambit.assume('other', 'bob'); SELECT ambit.logout(); SELECT regress_identity.who(); ROLLBACK;
SELECT regress_identity.who();
BEGIN; SELECT ambit.assume('other', 'bob'); SELECT ambit.logout(); SELECT regress_identity.who(); COMMIT;
SELECT regress_identity.who();
SELECT ambit.logout();
-- everybody may log out
SET ROLE regress_identity_app;
SELECT ambit.logout();
SET ROLE regress_identity_trusted;
-- what poolers send between clients ends it
SELECT ambit.assume('school', 'ann', NULL, true);
RESET ALL;
SELECT regress_identity.who();
SELECT ambit.assume('school', 'ann', NULL, true);
DISCARD ALL;
SELECT regress_identity.who();
SET ROLE regress_identity_trusted;
-- SET ROLE and RESET ROLE do not touch it
SELECT ambit.assume('school', 'ann', NULL, true);
SET ROLE regress_identity_app;
SELECT regress_identity.who();
RESET ROLE;
SELECT regress_identity.who();
SELECT ambit.logout();
-- a procedure that commits: the identity ends with the transaction
SET ROLE regress_identity_trusted;
DO $$
BEGIN
	PERFORM ambit.assume('school', 'ann');
	RAISE NOTICE 'before: %', regress_identity.who();
	COMMIT;
	RAISE NOTICE 'after: %', regress_identity.who();
	PERFORM ambit.assume('school', 'ann');
	BEGIN
		PERFORM ambit.assume('other', 'bob');
		RAISE EXCEPTION 'no';
	EXCEPTION WHEN raise_exception THEN
		RAISE NOTICE 'block undone: %', regress_identity.who();
	END;
END
$$;
SELECT regress_identity.who();
-- in a function, one with a SET clause for something else included, as long as elsewhere
RESET ROLE;
CREATE FUNCTION regress_identity.enter(user_id text) RETURNS text LANGUAGE plpgsql SET work_mem = '1MB' SET search_path = pg_catalog AS
	$$ BEGIN PERFORM ambit.assume('school', user_id); RETURN regress_identity.who(); END $$;
CREATE FUNCTION regress_identity.enter_and_fail(user_id text) RETURNS text LANGUAGE plpgsql SET work_mem = '1MB' AS
	$$ BEGIN PERFORM regress_identity.enter(user_id); RAISE EXCEPTION 'left'; END $$;
SET ROLE regress_identity_trusted;
BEGIN;
SELECT regress_identity.enter('ann');
SELECT regress_identity.who();
SAVEPOINT s;
SELECT regress_identity.enter_and_fail('Ann');
ROLLBACK TO s;
SELECT regress_identity.who();
COMMIT;
SELECT regress_identity.who();
-- in a read-only transaction too
BEGIN READ ONLY; SELECT ambit.assume('school', 'ann'); SELECT regress_identity.who(); SELECT count(*) FROM regress_identity.client; COMMIT;

-- ---- nobody else changes it ------------------------------------------------------
\set VERBOSITY sqlstate
SELECT ambit.assume('school', 'ann', NULL, true);
SELECT current_setting('ambit.identity') AS mine \gset
SELECT ambit.assume('other', 'bob', NULL, true);
SET ROLE regress_identity_app;
SET ambit.identity = :'mine';
SET SESSION ambit.identity = :'mine';
SET ambit.identity = '';
SET ambit.identity = 'nonsense';
SET ambit.identity TO DEFAULT;
RESET ambit.identity;
SELECT set_config('ambit.identity', :'mine', false);
SELECT set_config('ambit.identity', :'mine', true);
SELECT set_config('Ambit.Identity', :'mine', false);
UPDATE pg_settings SET setting = :'mine' WHERE name = 'ambit.identity';
BEGIN; SET LOCAL ambit.identity = :'mine'; ROLLBACK;
BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SET LOCAL ambit.identity = :'mine'; ROLLBACK;
ALTER ROLE regress_identity_app SET ambit.identity = :'mine';
ALTER ROLE regress_identity_app IN DATABASE :"db" SET ambit.identity = :'mine';
ALTER DATABASE :"db" SET ambit.identity = :'mine';
ALTER SYSTEM SET ambit.identity = :'mine';
CREATE FUNCTION regress_identity.mine() RETURNS text LANGUAGE sql SET ambit.identity = '6:school,3:ann,-,' AS 'SELECT regress_identity.who()';
CREATE FUNCTION regress_identity.current() RETURNS text LANGUAGE sql SET ambit.identity FROM CURRENT AS 'SELECT regress_identity.who()';
CREATE FUNCTION regress_identity.later() RETURNS text LANGUAGE sql AS 'SELECT regress_identity.who()';
ALTER FUNCTION regress_identity.later() SET ambit.identity = '6:school,3:ann,-,';
CREATE PROCEDURE regress_identity.proc() LANGUAGE sql SET ambit.identity = '6:school,3:ann,-,' AS 'SELECT regress_identity.who()';
SET ambit.another = 'x';
SET ambit.token.identity = 'x';
SELECT regress_identity.who();
-- nor the settings of the extension that are not theirs
SET ambit.cache_size = 64;
-- not even a superuser, who can assume()
RESET ROLE;
SET ambit.identity = :'mine';
SELECT set_config('ambit.identity', :'mine', true);
ALTER ROLE regress_identity_app SET ambit.identity = :'mine';
ALTER DATABASE :"db" SET ambit.identity = :'mine';
CREATE FUNCTION regress_identity.mine() RETURNS text LANGUAGE sql SET ambit.identity = '6:school,3:ann,-,' AS 'SELECT regress_identity.who()';
CREATE FUNCTION regress_identity.current() RETURNS text LANGUAGE sql SET ambit.identity FROM CURRENT AS 'SELECT regress_identity.who()';
SELECT regress_identity.who();
-- GRANT SET lets a role try
GRANT SET ON PARAMETER ambit.identity TO regress_identity_app;
SET ROLE regress_identity_app;
SET ambit.identity = :'mine';
SELECT regress_identity.who();
RESET ROLE;
REVOKE SET ON PARAMETER ambit.identity FROM regress_identity_app;
SELECT ambit.logout();

-- ---- a connection in which the library is not loaded yet ----------------------------
-- the name is then open to everybody; what it holds does not become an identity
\c - regress_identity_app
\set VERBOSITY sqlstate
SET ambit.identity = '6:school,3:ann,-,';
SHOW ambit.identity;
SELECT regress_identity.who();
SHOW ambit.identity;
SELECT count(*) FROM regress_identity.client;
RESET ALL;
SELECT regress_identity.who();
-- on each level of transactions and savepoints
\c -
\set VERBOSITY sqlstate
SET ambit.identity = '6:school,3:ann,-,';
BEGIN;
SET LOCAL ambit.identity = '6:school,3:Ann,-,';
SAVEPOINT s;
SET ambit.identity = '5:other,3:bob,-,';
SELECT count(*) FROM regress_identity.client;
SELECT regress_identity.who();
ROLLBACK TO s;
SELECT count(*) FROM regress_identity.client;
SELECT regress_identity.who();
COMMIT;
SELECT count(*) FROM regress_identity.client;
SELECT regress_identity.who();
-- in a function's SET clause: made by the DBA while nobody looked
\c - :dba
\set VERBOSITY sqlstate
SET check_function_bodies = off;
CREATE FUNCTION regress_identity.forged() RETURNS text LANGUAGE sql SET ambit.identity = '6:school,3:ann,-,' AS 'SELECT regress_identity.who()';
ALTER ROLE regress_identity_app SET ambit.identity = '6:school,3:ann,-,';
ALTER DATABASE :"db" SET ambit.identity = '6:school,3:Ann,-,';
\c - regress_identity_app
\set VERBOSITY sqlstate
SHOW ambit.identity;
SELECT regress_identity.who();
SELECT regress_identity.forged();
SELECT count(*) FROM regress_identity.client;
RESET ALL;
SELECT regress_identity.who();
\c -
\set VERBOSITY sqlstate
SELECT regress_identity.forged();
SELECT regress_identity.who();
\c - :dba
\set VERBOSITY sqlstate
SELECT regress_identity.who();
ALTER ROLE regress_identity_app RESET ambit.identity;
ALTER DATABASE :"db" RESET ambit.identity;
-- with the connection's own options
\set options `echo "$PGOPTIONS"`
\c -reuse-previous=on "user=regress_identity_app options='-c ambit.identity=6:school,3:ann,-,'"
\set VERBOSITY sqlstate
SHOW ambit.identity;
SELECT regress_identity.who();
SELECT count(*) FROM regress_identity.client;
RESET ALL;
SELECT regress_identity.who();
RESET ambit.identity;
\set connection 'user=' :dba ' options=''-c ambit.identity=6:school,3:ann,-,'''
\c -reuse-previous=on :connection
\set VERBOSITY sqlstate
SHOW ambit.identity;
SELECT regress_identity.who();
RESET ambit.identity;
SELECT regress_identity.who();
\set connection 'user=' :dba ' options=''' :options ''''
\c -reuse-previous=on :connection
SHOW ambit.identity;
-- in a parallel worker that loads the library while its leader does not
\c - regress_identity_app
\set VERBOSITY sqlstate
CREATE FUNCTION pg_temp.who(leader int) RETURNS text LANGUAGE plpgsql PARALLEL SAFE AS
	$$ BEGIN RETURN CASE WHEN pg_backend_pid() <> leader THEN 'in a worker ' END || (SELECT regress_identity.who()); END $$;
SELECT pg_backend_pid() AS leader \gset
SET ambit.identity = '6:school,3:ann,-,';
SET client_min_messages = error;
SELECT count(set_config(name, 'on', false)) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_leader_participation = off;
SELECT pg_temp.who(:leader);

-- ---- no identity: every question says no, every table is empty, every write fails -----
\c - regress_identity_app
\set VERBOSITY sqlstate
SELECT ambit.current_tenant(), ambit.current_user_id(), ambit.current_channel(), ambit.current_roles();
SELECT ambit.has_permission('regress_identity.client.view') AS has, ambit.has_permission('regress_identity.client.view', 'ann') AS towards,
	ambit.has_permission_at('regress_identity.client.view', 'here') AS at,
	ambit.permission_targets('regress_identity.client.view') AS targets, ambit.permission_scopes('regress_identity.client.view') AS scopes;
SELECT ambit.has_permission('regress_identity.door.open') AS a_visitor_may;
SELECT * FROM ambit.effective_permissions();
SELECT ambit.visible_modules();
SELECT ambit.visible_clients();
SELECT ambit.visible_clients(NULL::int);
SELECT ambit.permits('regress_identity.client.view', 'school'::text, NULL, NULL, NULL, NULL, NULL) AS permits;
SELECT ambit.require_permission('regress_identity.client.view');
SELECT ambit.has_permission('school', 'ann', 'regress_identity.client.view');
SELECT * FROM ambit.effective_permissions('school', 'ann');
SELECT * FROM regress_identity.client;
SELECT * FROM regress_identity.client FOR UPDATE;
INSERT INTO regress_identity.client VALUES (5, 'school');
INSERT INTO regress_identity.client VALUES (5, NULL);
INSERT INTO regress_identity.client VALUES (1, 'school') ON CONFLICT DO NOTHING;
INSERT INTO regress_identity.client VALUES (1, 'school') ON CONFLICT (id) DO UPDATE SET tenant = 'other';
COPY regress_identity.client FROM stdin;
6	school
\.
TRUNCATE regress_identity.client;
UPDATE regress_identity.client SET tenant = 'school';
DELETE FROM regress_identity.client;
SET ambit.specialize_plans = off;
SELECT * FROM regress_identity.client;
UPDATE regress_identity.client SET tenant = 'school';
DELETE FROM regress_identity.client;
INSERT INTO regress_identity.client VALUES (5, 'school');
RESET ambit.specialize_plans;
-- with one, everything is there
\c - regress_identity_trusted
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.assume('school', 'ann', 'web');
SELECT ambit.has_permission('regress_identity.client.view') AS has, ambit.has_permission('regress_identity.client.view', 'Ann') AS towards,
	ambit.permission_targets('regress_identity.client.view') AS targets, ambit.permission_scopes('regress_identity.client.view') AS scopes;
SELECT * FROM ambit.effective_permissions() ORDER BY permission::text;
SELECT ambit.visible_modules();
SELECT ambit.visible_clients() ORDER BY 1;
SELECT ambit.visible_clients(NULL::int) ORDER BY 1;
SELECT ambit.require_permission('regress_identity.client.view');
SELECT ambit.has_permission('school', 'ann', 'regress_identity.client.view') AS about_myself;
INSERT INTO regress_identity.client VALUES (5, 'school');
UPDATE regress_identity.client SET id = id + 10 WHERE id = 5;
DELETE FROM regress_identity.client WHERE id = 15;
SELECT * FROM regress_identity.client ORDER BY id;
SELECT ambit.logout();
SELECT * FROM regress_identity.client;
ROLLBACK;
-- a member who is removed, a tenant that is dropped: the identity is empty
\c - :dba
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.assume('other', 'bob');
SELECT ambit.has_permission('regress_identity.client.view') AS before;
SELECT ambit.remove_member('other', 'bob');
SELECT ambit.has_permission('regress_identity.client.view') AS removed, ambit.current_roles(), regress_identity.who();
SELECT ambit.drop_tenant('other');
SELECT ambit.has_permission('regress_identity.client.view') AS dropped, regress_identity.who();
SELECT ambit.assume('other', 'bob');
ROLLBACK;

-- clean up
SET client_min_messages = warning;
SELECT ambit.drop_tenant('school'), ambit.drop_tenant('other');
SELECT ambit.untrust_application('regress_identity_trusted');
DROP SCHEMA regress_identity CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_identity';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_identity.%';
DROP ROLE regress_identity_member, regress_identity_outsider, regress_identity_trusted, regress_identity_app, regress_identity_admin;
