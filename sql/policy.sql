--
-- policy: protected tables
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
-- the ids of rules stand in the policies
SELECT setval('ambit.rule_rule_seq', 1000) > 0 AS set;
CREATE ROLE regress_policy_app;
CREATE ROLE regress_policy_owner;
CREATE ROLE regress_policy_bypass BYPASSRLS;
CREATE ROLE regress_policy_member NOINHERIT IN ROLE regress_policy_owner, regress_policy_bypass;
CREATE ROLE regress_policy_dba;
CREATE SCHEMA regress_policy;
GRANT ALL ON SCHEMA regress_policy TO PUBLIC;
SELECT ambit.trust_application(r) FROM unnest('{regress_policy_app,regress_policy_owner,regress_policy_bypass,regress_policy_member}'::regrole[]) r;
SELECT ambit.grant_administration('regress_policy_dba');
SELECT ambit._load_template('{
	"template": "regress_policy",
	"permissions": [{"key": "policy.view"}, {"key": "policy.view_done"}, {"key": "policy.edit"}, {"key": "policy.add"}, {"key": "policy.delete"}],
	"roles": [{"role": "reader"}, {"role": "clerk"}, {"role": "writer"}, {"role": "blind"}, {"role": "local"}],
	"cells": [
		{"role": "reader", "permission": "policy.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "clerk", "permission": "policy.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "clerk", "permission": "policy.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "clerk", "permission": "policy.add", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "clerk", "permission": "policy.delete", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "writer", "permission": "policy.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "writer", "permission": "policy.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "writer", "permission": "policy.add", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "writer", "permission": "policy.delete", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "blind", "permission": "policy.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "blind", "permission": "policy.view_done", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "local", "permission": "policy.view", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);

-- ---- a table without tenant or parent serves the only tenant of a database ------------
CREATE TABLE regress_policy.setting (id int, name text);
INSERT INTO regress_policy.setting VALUES (1, 'one');
SELECT ambit.protect('regress_policy.setting');
SELECT ambit.add_rule('regress_policy.setting', 'select', 'policy.view') > 0 AS rule, ambit.add_rule('regress_policy.setting', 'insert', 'policy.add') > 0 AS rule;
GRANT ALL ON regress_policy.setting TO PUBLIC;
SELECT ambit.create_tenant('t', 'regress_policy');
SELECT ambit.add_member('t', r, '{"staff": "s1"}'), ambit.assign_role('t', r, r) FROM unnest('{reader,clerk,writer,blind}'::text[]) r;
SELECT ambit.add_location('t', 'here'), ambit.add_member('t', 'local'), ambit.assign_role('t', 'local', 'local', 'here');
SELECT count(*) AS tenants FROM ambit.tenant;
SET ROLE regress_policy_app;
PREPARE settings AS SELECT * FROM regress_policy.setting;
BEGIN;
SELECT ambit.assume('t', 'reader');
EXECUTE settings;
SET LOCAL ambit.specialize_plans = off;
SELECT * FROM regress_policy.setting;
-- at a location it is not
SELECT ambit.assume('t', 'local');
SELECT * FROM regress_policy.setting;
SET LOCAL ambit.specialize_plans = on;
SELECT * FROM regress_policy.setting;
SELECT ambit.assume('t', 'writer');
INSERT INTO regress_policy.setting VALUES (2, 'two');
COMMIT;
-- with more than one it is closed
RESET ROLE;
SELECT ambit.create_tenant('T', 'regress_policy'), ambit.add_member('T', 'writer', '{"staff": "s1"}'), ambit.assign_role('T', 'writer', 'writer'), ambit.assign_role('T', 'writer', 'reader');
SET ROLE regress_policy_app;
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.assume('t', 'reader');
EXECUTE settings;
SELECT ambit.assume('T', 'writer');
EXECUTE settings;
SET LOCAL ambit.specialize_plans = off;
SELECT * FROM regress_policy.setting;
INSERT INTO regress_policy.setting VALUES (3, 'three');
ROLLBACK;
DEALLOCATE settings;
RESET ROLE;

-- ---- what protect() and add_rule() refuse -----------------------------------------------
\set VERBOSITY default
CREATE TABLE regress_policy.task (
	id int PRIMARY KEY, business text NOT NULL, place text, staff text, status text DEFAULT 'open', name text);
ALTER TABLE regress_policy.task OWNER TO regress_policy_owner;
CREATE VIEW regress_policy.task_view AS SELECT * FROM regress_policy.task;
CREATE MATERIALIZED VIEW regress_policy.task_copy AS SELECT * FROM regress_policy.task;
CREATE TEMP TABLE task (id int);
CREATE TABLE regress_policy.two_keys (a int, b int, business text, PRIMARY KEY (a, b));
SELECT ambit.protect(NULL);
\echo :SQLSTATE
SELECT ambit.protect('regress_policy.task', tenant => 'busines');
\echo :SQLSTATE
SELECT ambit.protect('regress_policy.task', tenant => 'business', team => 'ctid');
\echo :SQLSTATE
SELECT ambit.protect('regress_policy.task_view', tenant => 'business');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT ambit.protect('regress_policy.task_copy', tenant => 'business');
SELECT ambit.protect('pg_temp.task');
SELECT ambit.protect('ambit.member', tenant => 'tenant');
SELECT ambit.protect('pg_catalog.pg_class');
SELECT ambit.protect('regress_policy.task_pkey');
SELECT ambit.protect('regress_policy.nothing');
SELECT ambit.protect(0::regclass);
SELECT ambit.protect('regress_policy.task', parent => 'regress_policy.setting');
SELECT ambit.protect('regress_policy.task', parent_key => 'id');
SELECT ambit.protect('regress_policy.task', parent => 'regress_policy.two_keys', parent_key => 'id');
SELECT ambit.protect('regress_policy.task', parent => 'regress_policy.setting', parent_key => 'id');
SELECT ambit.protect('regress_policy.two_keys', tenant => 'business');
SELECT ambit.protect('regress_policy.task', parent => 'regress_policy.two_keys', parent_key => 'id');
SELECT ambit.protect('regress_policy.task', parent => 'regress_policy.task', parent_key => 'id');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view');
SELECT ambit.unprotect('regress_policy.task');
-- the owner of the table is no DBA
SET ROLE regress_policy_owner;
SELECT ambit.protect('regress_policy.task', tenant => 'business');
SET ROLE regress_policy_dba;
SELECT ambit.protect('regress_policy.task', tenant => 'business', location => 'place', owner => 'staff');
SELECT ambit.protect('regress_policy.task', tenant => 'business');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view') AS rule \gset
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view_done', "when" => 'true');
RESET ROLE;
SELECT ambit.add_rule('regress_policy.task', 'SELECT', 'policy.view_done', "when" => $$status = 'done' -- only these$$) AS rule_done \gset
SELECT ambit.add_rule('regress_policy.task', 'insert', 'policy.add') AS rule_add, ambit.add_rule('regress_policy.task', 'update', 'policy.edit') AS rule_edit,
	ambit.add_rule('regress_policy.task', 'delete', 'policy.delete') AS rule_delete \gset
SET ROLE regress_policy_owner;
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view');
SELECT ambit.drop_rule(:rule);
SELECT ambit.unprotect('regress_policy.task');
RESET ROLE;
SELECT ambit.add_rule(NULL, 'select', 'policy.view');
SELECT ambit.add_rule('regress_policy.task', NULL, 'policy.view');
SELECT ambit.add_rule('regress_policy.task', 'select', NULL);
SELECT ambit.add_rule('regress_policy.task', 'merge', 'policy.view');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.vie');
SELECT ambit.add_rule('regress_policy.task', 'update', 'policy.edit', columns => '{}');
SELECT ambit.add_rule('regress_policy.task', 'update', 'policy.edit', becomes => 'done');
SELECT ambit.add_rule('regress_policy.task', 'update', 'policy.edit', checks => 'older');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => 'true) OR (true');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => 'true; DROP TABLE regress_policy.task');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => '');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => 'true, true');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => 'status');
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.view', "when" => 'no_such_column = 1');
SELECT ambit.drop_rule(NULL);
SELECT ambit.drop_rule(0);
\set VERBOSITY default
-- what stands at the table
\d regress_policy.task
SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid IN ('regress_policy.task'::regclass, 'regress_policy.setting'::regclass, 'regress_policy.two_keys'::regclass) ORDER BY 1;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'regress_policy.task'::regclass AND NOT tgisinternal ORDER BY 1;
GRANT ALL ON regress_policy.task TO regress_policy_app, regress_policy_bypass;

-- ---- rows, seen and written -------------------------------------------------------------
INSERT INTO regress_policy.task (id, business, place, staff, status, name) VALUES
	(1, 't', NULL, 's1', 'open', 'mine'), (2, 't', NULL, 's2', 'open', 'another''s'), (3, 't', NULL, 's2', 'done', 'another''s, done'),
	(4, 't', 'here', NULL, NULL, 'nobody''s'), (5, 'T', NULL, 's1', 'open', 'mine in T'), (6, 'T', NULL, 's2', 'done', 'another''s in T');
-- A user's view of the table: what is seen, what can be locked, what a DELETE
-- and an UPDATE of the whole table take; as predicates and for each row.
CREATE FUNCTION regress_policy.table(relation text = 'regress_policy.task', id name = 'id') RETURNS TABLE (seen text, for_update text, updated text, deleted text) LANGUAGE plpgsql AS $$
DECLARE
	first text;
BEGIN
	FOR i IN 0 .. 1 LOOP
		PERFORM set_config('ambit.specialize_plans', (i = 0)::text, true);
		EXECUTE format('SELECT array_agg(%2$I ORDER BY %2$I) FROM %1$s', relation, id) INTO seen;
		EXECUTE format('SELECT array_agg(%2$I ORDER BY %2$I) FROM (SELECT * FROM %1$s FOR UPDATE) x', relation, id) INTO for_update;
		BEGIN
			EXECUTE format('UPDATE %1$s SET %2$I = %2$I + 0', relation, id);
			GET DIAGNOSTICS updated = ROW_COUNT;
			EXECUTE format('DELETE FROM %1$s', relation);
			GET DIAGNOSTICS deleted = ROW_COUNT;
			RAISE EXCEPTION SQLSTATE 'RR000';
		EXCEPTION WHEN SQLSTATE 'RR000' OR insufficient_privilege THEN
			updated := CASE WHEN sqlstate = '42501' THEN sqlstate ELSE updated END;
		END;
		IF i = 0 THEN
			first := concat_ws(' ', seen, for_update, updated, deleted);
		ELSIF first IS DISTINCT FROM concat_ws(' ', seen, for_update, updated, deleted) THEN
			seen := format('as predicates %s', first);
		END IF;
	END LOOP;
	PERFORM set_config('ambit.specialize_plans', 'on', true);
	RETURN NEXT;
END
$$;
SET ROLE regress_policy_app;
BEGIN;
-- reader: sees all of the tenant, writes nothing, locks nothing
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table();
-- clerk: sees all, writes its own
SELECT ambit.assume('t', 'clerk');
SELECT * FROM regress_policy.table();
-- writer: may write all, but only what it sees
SELECT ambit.assume('t', 'writer');
SELECT * FROM regress_policy.table();
-- blind: sees what is done
SELECT ambit.assume('t', 'blind');
SELECT * FROM regress_policy.table();
SELECT ambit.assume('t', 'local');
SELECT * FROM regress_policy.table();
SELECT ambit.assume('T', 'writer');
SELECT * FROM regress_policy.table();
-- every kind of lock is a write
SELECT ambit.assume('t', 'clerk');
SELECT id FROM regress_policy.task FOR NO KEY UPDATE;
SELECT id FROM regress_policy.task FOR SHARE;
SELECT id FROM regress_policy.task FOR KEY SHARE;
SELECT id FROM regress_policy.task WHERE id = 2 FOR UPDATE;
-- UPDATE: the old row and the new one must be permitted; the tenant never changes
\set VERBOSITY sqlstate
SAVEPOINT s;
UPDATE regress_policy.task SET name = 'x' WHERE id IN (1, 2, 5) RETURNING id;
UPDATE regress_policy.task SET staff = 's2' WHERE id = 1;
ROLLBACK TO s;
UPDATE regress_policy.task SET staff = NULL WHERE id = 1;
ROLLBACK TO s;
UPDATE regress_policy.task SET business = 'T' WHERE id = 1;
ROLLBACK TO s;
SELECT ambit.assume('T', 'writer');
UPDATE regress_policy.task SET business = 't' RETURNING id;
ROLLBACK TO s;
-- INSERT
INSERT INTO regress_policy.task (id, business, staff) VALUES (10, 't', 's1') RETURNING id;
INSERT INTO regress_policy.task (id, business, staff) VALUES (11, 't', 's2');
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) VALUES (11, 'T', 's1');
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) VALUES (11, 't', NULL);
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) SELECT 10 + id, business, staff FROM regress_policy.task;
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) VALUES (1, 't', 's1') ON CONFLICT (id) DO UPDATE SET name = 'y' RETURNING id, name;
INSERT INTO regress_policy.task (id, business, staff) VALUES (2, 't', 's1') ON CONFLICT (id) DO UPDATE SET name = 'y';
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) VALUES (5, 't', 's1') ON CONFLICT (id) DO UPDATE SET name = 'y';
ROLLBACK TO s;
INSERT INTO regress_policy.task (id, business, staff) VALUES (5, 't', 's1') ON CONFLICT DO NOTHING;
-- what one writes but does not see: no RETURNING
SELECT ambit.assume('t', 'writer');
INSERT INTO regress_policy.task (id, business, staff) VALUES (12, 't', 's9');
INSERT INTO regress_policy.task (id, business, staff) VALUES (13, 't', 's9') RETURNING id;
ROLLBACK TO s;
-- MERGE
SELECT ambit.assume('t', 'clerk');
MERGE INTO regress_policy.task t USING (VALUES (1), (5)) v (id) ON t.id = v.id AND t.staff = 's1' WHEN MATCHED THEN UPDATE SET name = 'z' WHEN NOT MATCHED THEN DO NOTHING;
SELECT id, name FROM regress_policy.task WHERE name = 'z';
MERGE INTO regress_policy.task t USING (VALUES (2)) v (id) ON t.id = v.id WHEN MATCHED THEN DELETE;
ROLLBACK TO s;
-- in every other way to a row
SELECT ambit.assume('t', 'writer');
COPY regress_policy.task (id) TO stdout;
COPY (SELECT id FROM regress_policy.task) TO stdout;
SELECT count(*) FROM ONLY regress_policy.task;
SELECT id FROM regress_policy.task TABLESAMPLE SYSTEM (100);
SELECT id FROM regress_policy.task WHERE ctid IS NOT NULL ORDER BY id;
SELECT (t).id FROM regress_policy.task t;
TABLE regress_policy.task;
DELETE FROM regress_policy.task USING regress_policy.task other WHERE other.id = task.id;
COMMIT;
RESET ROLE;
SELECT id FROM regress_policy.task ORDER BY id;
INSERT INTO regress_policy.task (id, business, staff) VALUES (1, 't', 's1');

-- ---- no other policy, role or function widens it --------------------------------------------
CREATE POLICY open ON regress_policy.task USING (true) WITH CHECK (true);
CREATE POLICY open_app ON regress_policy.task TO regress_policy_app USING (true);
CREATE POLICY "AMBIT" ON regress_policy.task FOR UPDATE USING (true);
SET ROLE regress_policy_app;
SELECT * FROM regress_policy.table();
BEGIN;
SELECT ambit.assume('t', 'clerk');
SELECT * FROM regress_policy.table();
COMMIT;
-- the table's owner, and those who are members of other roles, are held as well
SET ROLE regress_policy_owner;
SELECT * FROM regress_policy.table();
BEGIN;
SELECT ambit.assume('t', 'clerk');
SELECT * FROM regress_policy.table();
COMMIT;
SET ROLE regress_policy_member;
SELECT count(*) FROM regress_policy.task;
RESET ROLE;
GRANT ALL ON regress_policy.task TO regress_policy_member;
SET ROLE regress_policy_member;
SELECT * FROM regress_policy.table();
BEGIN;
SELECT ambit.assume('t', 'writer');
SELECT * FROM regress_policy.table();
COMMIT;
-- only superusers and BYPASSRLS roles are not
SET ROLE regress_policy_bypass;
SELECT * FROM regress_policy.table();
RESET ROLE;
SELECT * FROM regress_policy.table();
-- a restrictive policy narrows
CREATE POLICY narrow ON regress_policy.task AS RESTRICTIVE FOR SELECT USING (id <> 2);
SET ROLE regress_policy_app;
BEGIN;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table();
COMMIT;
RESET ROLE;
DROP POLICY narrow ON regress_policy.task;
DROP POLICY open ON regress_policy.task;
DROP POLICY open_app ON regress_policy.task;
DROP POLICY "AMBIT" ON regress_policy.task;
DROP OWNED BY regress_policy_bypass;
-- a function sees no row that its caller does not, however cheap it is
CREATE FUNCTION regress_policy.look(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'saw %', $1; RETURN true; END $$;
SET ROLE regress_policy_app;
\set VERBOSITY terse
BEGIN;
SELECT ambit.assume('T', 'writer');
SELECT id FROM regress_policy.task WHERE regress_policy.look(name) ORDER BY id;
DELETE FROM regress_policy.task WHERE regress_policy.look(name) AND id < 0;
UPDATE regress_policy.task SET id = id WHERE regress_policy.look(name) AND id < 0;
SET LOCAL ambit.specialize_plans = off;
SELECT id FROM regress_policy.task WHERE regress_policy.look(name) ORDER BY id;
SELECT ambit.assume('t', 'local');
SELECT id FROM regress_policy.task WHERE regress_policy.look(name) ORDER BY id;
SET LOCAL ambit.specialize_plans = on;
SELECT id FROM regress_policy.task WHERE regress_policy.look(name) ORDER BY id;
SELECT ambit.logout();
SELECT id FROM regress_policy.task WHERE regress_policy.look(name) ORDER BY id;
COMMIT;
\set VERBOSITY default
-- a view shows what its reader may see, as long as its owner is held by the policies
RESET ROLE;
ALTER VIEW regress_policy.task_view OWNER TO regress_policy_owner;
GRANT SELECT ON regress_policy.task_view TO regress_policy_app;
SET ROLE regress_policy_app;
BEGIN;
SELECT ambit.assume('T', 'writer');
SELECT id FROM regress_policy.task_view ORDER BY id;
SELECT ambit.assume('t', 'clerk');
SELECT id FROM regress_policy.task_view ORDER BY id;
COMMIT;
SELECT id FROM regress_policy.task_view;
RESET ROLE;

-- ---- TRUNCATE is refused to everybody ---------------------------------------------------------
\set VERBOSITY default
TRUNCATE regress_policy.task;
\echo :SQLSTATE
\set VERBOSITY sqlstate
SET session_replication_role = replica;
TRUNCATE regress_policy.task;
RESET session_replication_role;
SET ROLE regress_policy_owner;
TRUNCATE regress_policy.task;
RESET ROLE;

-- ---- rules come and go ------------------------------------------------------------------------
BEGIN;
SELECT ambit.assume('t', 'reader');
SET LOCAL ROLE regress_policy_app;
PREPARE tasks AS SELECT array_agg(id ORDER BY id) FROM regress_policy.task;
EXECUTE tasks;
RESET ROLE;
SELECT ambit.drop_rule(:rule);
SET LOCAL ROLE regress_policy_app;
EXECUTE tasks;
SELECT ambit.assume('t', 'blind');
EXECUTE tasks;
-- without a rule a command is closed
RESET ROLE;
SELECT ambit.drop_rule(:rule_done);
SET LOCAL ROLE regress_policy_app;
EXECUTE tasks;
SELECT ambit.assume('t', 'writer');
SELECT * FROM regress_policy.table();
RESET ROLE;
SELECT ambit.add_rule('regress_policy.task', 'select', 'policy.edit', "when" => $$status = 'open' OR id = 4$$) > 0 AS rule;
SELECT ambit.drop_rule(:rule_edit);
SET LOCAL ROLE regress_policy_app;
SELECT * FROM regress_policy.table();
ROLLBACK;
DEALLOCATE tasks;
SET ROLE regress_policy_app;
BEGIN;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table();
COMMIT;
RESET ROLE;

-- ---- what happens to columns, tables and functions ----------------------------------------------
BEGIN;
ALTER TABLE regress_policy.task RENAME business TO "Firm's";
ALTER TABLE regress_policy.task RENAME staff TO worker;
ALTER TABLE regress_policy.task RENAME status TO "select";
ALTER TABLE regress_policy.task RENAME TO "Task list";
ALTER TABLE regress_policy."Task list" SET SCHEMA public;
SELECT * FROM ambit._bindings('public."Task list"');
SELECT ambit.assume('t', 'writer');
SET LOCAL ROLE regress_policy_app;
SELECT id FROM public."Task list";
SELECT ambit.assume('t', 'blind');
SELECT id FROM public."Task list";
RESET ROLE;
-- rules may be added afterwards too
SELECT ambit.add_rule('public."Task list"', 'select', 'policy.edit') > 0 AS rule;
SET LOCAL ROLE regress_policy_app;
SELECT id FROM public."Task list" ORDER BY id;
RESET ROLE;
SELECT ambit.unprotect('public."Task list"');
ROLLBACK;
-- a bound column, and one that a condition needs, do not go without a word
ALTER TABLE regress_policy.task DROP COLUMN staff;
ALTER TABLE regress_policy.task DROP COLUMN status;
ALTER TABLE regress_policy.task ALTER staff TYPE varchar(10);
-- said, the table is closed, or the command that needs it is: never open
CREATE FUNCTION regress_policy.nothing_more(relation text = 'regress_policy.task', seen text = '{1,2,3,4}') RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN coalesce(t.seen, $2) = $2 AND t.for_update IS NULL AND coalesce(t.updated, '0') IN ('0', '42501') AND coalesce(t.deleted, '0') = '0'
		THEN 'nothing more' ELSE t::text END
	FROM regress_policy.table($1) t
$$;
BEGIN;
ALTER TABLE regress_policy.task DROP COLUMN staff CASCADE;
SET LOCAL ROLE regress_policy_app;
SELECT regress_policy.nothing_more() AS nobody;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more() AS reader;
ROLLBACK;
BEGIN;
ALTER TABLE regress_policy.task DROP COLUMN status CASCADE;
SET LOCAL ROLE regress_policy_app;
SELECT regress_policy.nothing_more() AS nobody;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more() AS reader;
ROLLBACK;
CREATE FUNCTION regress_policy.condition(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
BEGIN;
SELECT ambit.drop_rule(:rule_add), ambit.add_rule('regress_policy.task', 'insert', 'policy.add', "when" => 'regress_policy.condition(id)') > 0 AS rule,
	ambit.drop_rule(:rule_delete), ambit.add_rule('regress_policy.task', 'delete', 'policy.delete', "when" => 'regress_policy.condition(id)') > 0 AS rule;
DROP FUNCTION regress_policy.condition(int) CASCADE;
SET LOCAL ROLE regress_policy_app;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more() AS reader;
INSERT INTO regress_policy.task (id, business) VALUES (20, 'T');
ROLLBACK;
-- as it is when somebody drops one of the policies
BEGIN;
DROP POLICY ambit_select ON regress_policy.task;
SET LOCAL ROLE regress_policy_app;
SELECT regress_policy.nothing_more() AS nobody;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more() AS reader;
ROLLBACK;
BEGIN;
DROP POLICY ambit ON regress_policy.task;
SET LOCAL ROLE regress_policy_app;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more() AS reader;
ROLLBACK;

-- ---- rows that follow another table's ---------------------------------------------------------
\set VERBOSITY sqlstate
CREATE TABLE regress_policy.note (id int PRIMARY KEY, task_id int, author text, text text);
CREATE TABLE regress_policy.file (id int, note int, place text);
INSERT INTO regress_policy.note VALUES (11, 1, 's2'), (21, 2, 's1'), (22, 2, 's2'), (31, 3, 's1'), (51, 5, 's1'), (91, NULL, 's1'), (99, 99, 's1');
INSERT INTO regress_policy.file VALUES (111, 11), (211, 21), (311, 31), (511, 51), (911, 91), (991, 99), (999, NULL);
SELECT ambit.protect('regress_policy.note', parent => 'regress_policy.task', parent_key => 'task_id');
SELECT ambit.protect('regress_policy.file', parent => 'regress_policy.note', parent_key => 'note');
SELECT ambit.add_rule(r, c, p) > 0 AS rule FROM unnest('{regress_policy.note,regress_policy.file}'::regclass[]) r,
	(VALUES ('select', 'policy.view'::ambit.permission), ('insert', 'policy.add'), ('update', 'policy.edit'), ('delete', 'policy.delete')) v (c, p);
GRANT ALL ON regress_policy.note, regress_policy.file TO regress_policy_app;
SET ROLE regress_policy_app;
SELECT * FROM regress_policy.table('regress_policy.note');
BEGIN;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table('regress_policy.note');
SELECT * FROM regress_policy.table('regress_policy.file');
SELECT ambit.assume('t', 'writer');
SELECT * FROM regress_policy.table('regress_policy.note');
SELECT * FROM regress_policy.table('regress_policy.file');
SELECT ambit.assume('T', 'writer');
SELECT * FROM regress_policy.table('regress_policy.note');
SELECT * FROM regress_policy.table('regress_policy.file');
-- no row under a parent that is out of reach, neither new nor moved there
SELECT ambit.assume('t', 'clerk');
INSERT INTO regress_policy.note VALUES (12, 1, 's1') RETURNING id;
INSERT INTO regress_policy.file VALUES (112, 12) RETURNING id;
SAVEPOINT s;
INSERT INTO regress_policy.note VALUES (23, 2, 's1');
ROLLBACK TO s;
INSERT INTO regress_policy.note VALUES (52, 5, 's1');
ROLLBACK TO s;
INSERT INTO regress_policy.note VALUES (92, NULL, 's1');
ROLLBACK TO s;
UPDATE regress_policy.note SET task_id = 5 WHERE id = 12;
ROLLBACK TO s;
UPDATE regress_policy.note SET task_id = NULL WHERE id = 12;
ROLLBACK TO s;
UPDATE regress_policy.file SET note = 51 WHERE id = 112;
ROLLBACK;
RESET ROLE;
-- a column bound by the table itself comes before its parent's
SELECT ambit.unprotect('regress_policy.note');
SELECT ambit.unprotect('regress_policy.file');
SELECT ambit.unprotect('regress_policy.note');
SELECT ambit.protect('regress_policy.note', owner => 'author', parent => 'regress_policy.task', parent_key => 'task_id');
SELECT ambit.add_rule('regress_policy.note', 'select', 'policy.view') > 0 AS rule;
INSERT INTO regress_policy.note VALUES (13, 1, 's1');
SET ROLE regress_policy_app;
BEGIN;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table('regress_policy.note');
-- (writer: own notes, of the tasks that it sees)
SELECT ambit.assume('t', 'writer');
SELECT * FROM regress_policy.table('regress_policy.note');
COMMIT;
RESET ROLE;
-- the parent is neither unprotected nor dropped under it without a word; dropped, its rows are closed
SELECT ambit.unprotect('regress_policy.task');
DROP TABLE regress_policy.task;
BEGIN;
DROP TABLE regress_policy.task CASCADE;
SET LOCAL ROLE regress_policy_app;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table('regress_policy.note');
ROLLBACK;
-- so they are when the parent loses a column
BEGIN;
ALTER TABLE regress_policy.task DROP COLUMN place CASCADE;
SET LOCAL ROLE regress_policy_app;
SELECT regress_policy.nothing_more('regress_policy.note', '{11,13,21,22,31}') AS nobody;
SELECT ambit.assume('t', 'reader');
SELECT regress_policy.nothing_more('regress_policy.note', '{11,13,21,22,31}') AS reader;
ROLLBACK;

-- ---- partitions and inheritance ---------------------------------------------------------------
CREATE TABLE regress_policy.part (id int, business text) PARTITION BY LIST (business);
CREATE TABLE regress_policy.part_t PARTITION OF regress_policy.part FOR VALUES IN ('t');
CREATE TABLE regress_policy.part_rest PARTITION OF regress_policy.part DEFAULT;
INSERT INTO regress_policy.part VALUES (1, 't'), (2, 'T'), (3, NULL);
CREATE TABLE regress_policy.base (id int, business text);
CREATE TABLE regress_policy.derived () INHERITS (regress_policy.base);
INSERT INTO regress_policy.base VALUES (1, 't'), (2, 'T');
INSERT INTO regress_policy.derived VALUES (3, 't'), (4, 'T');
SELECT ambit.protect(r, tenant => 'business') FROM unnest('{regress_policy.part,regress_policy.base}'::regclass[]) r;
SELECT ambit.add_rule(r, c, p) > 0 AS rule FROM unnest('{regress_policy.part,regress_policy.base}'::regclass[]) r,
	(VALUES ('select', 'policy.view'::ambit.permission), ('update', 'policy.view'), ('delete', 'policy.view')) v (c, p);
GRANT ALL ON regress_policy.part, regress_policy.base TO regress_policy_app;
SET ROLE regress_policy_app;
SELECT * FROM regress_policy.table('regress_policy.part');
SELECT * FROM regress_policy.table('regress_policy.base');
BEGIN;
SELECT ambit.assume('t', 'reader');
SELECT * FROM regress_policy.table('regress_policy.part');
SELECT * FROM regress_policy.table('regress_policy.base');
UPDATE regress_policy.part SET business = 'T';
ROLLBACK;
TRUNCATE regress_policy.part;
RESET ROLE;

-- ---- unprotect, protect again, and the extension itself ---------------------------------------
SELECT ambit.unprotect(r) FROM unnest('{regress_policy.note,regress_policy.part,regress_policy.base,regress_policy.two_keys}'::regclass[]) r;
BEGIN;
SELECT ambit.unprotect('regress_policy.task');
\d regress_policy.task
SELECT count(*) AS rules FROM ambit.rule WHERE relation = 'regress_policy.task'::regclass;
SET LOCAL ROLE regress_policy_app;
SELECT array_agg(id ORDER BY id) FROM regress_policy.task;
RESET ROLE;
-- old rules do not come back
SELECT ambit.protect('regress_policy.task', tenant => 'business');
SET LOCAL ROLE regress_policy_app;
SELECT ambit.assume('t', 'reader');
SELECT array_agg(id ORDER BY id) FROM regress_policy.task;
ROLLBACK;
-- row-level security is left as it was found, be it by one who could not alter the table; after damage, too
BEGIN;
CREATE TABLE regress_policy.shut (id int, business text) PARTITION BY LIST (id);
CREATE TABLE regress_policy.shut_1 PARTITION OF regress_policy.shut FOR VALUES IN (1);
CREATE TABLE regress_policy.shut_2 PARTITION OF regress_policy.shut FOR VALUES IN (2);
ALTER TABLE regress_policy.shut ENABLE ROW LEVEL SECURITY;
ALTER TABLE regress_policy.shut_1 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE VIEW regress_policy.shut_now AS SELECT oid::regclass, relrowsecurity AS on, relforcerowsecurity AS forced FROM pg_class WHERE relname LIKE 'shut%' AND relkind <> 'v' AND relnamespace = 'regress_policy'::regnamespace ORDER BY oid::regclass::text;
GRANT SELECT ON regress_policy.shut_now TO regress_policy_dba;
SET LOCAL ROLE regress_policy_dba;
SELECT ambit.protect('regress_policy.shut', tenant => 'business');
TABLE regress_policy.shut_now;
SELECT ambit.unprotect('regress_policy.shut');
TABLE regress_policy.shut_now;
SELECT ambit.protect('regress_policy.shut', tenant => 'business');
RESET ROLE;
DROP POLICY ambit ON regress_policy.shut;
SELECT ambit.protect('regress_policy.shut', tenant => 'business'), ambit.unprotect('regress_policy.shut');
TABLE regress_policy.shut_now;
ROLLBACK;
-- A rule that comes or goes changes the policies that it must, and no others;
-- doctor() compares all of them with the rules
CREATE TABLE regress_policy.few (id int PRIMARY KEY, tenant text, owner text, status text, price int);
SELECT ambit.protect('regress_policy.few', tenant => 'tenant', owner => 'owner');
CREATE FUNCTION regress_policy.remakes(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before jsonb := (SELECT jsonb_object_agg(polname, ctid) FROM pg_policy WHERE polrelid = 'regress_policy.few'::regclass);
BEGIN
	EXECUTE 'SELECT ambit.' || call;
	RETURN (SELECT string_agg(polname, ' ' ORDER BY polname) FROM pg_policy
			WHERE polrelid = 'regress_policy.few'::regclass AND before ->> polname IS DISTINCT FROM ctid::text)
		|| COALESCE((SELECT string_agg(format(' (%s: %s)', code, message), '') FROM ambit._check_up_policies() WHERE object LIKE '%few%'), '');
END
$$;
CREATE TEMP TABLE given (n int PRIMARY KEY, arguments text);
INSERT INTO given VALUES (1, $$'select', 'policy.view'$$), (2, $$'insert', 'policy.add'$$), (3, $$'update', 'policy.edit'$$), (4, $$'delete', 'policy.delete'$$),
	(5, $$'insert', 'policy.edit', '{status}', 'done'$$), (6, $$'update', 'policy.add', '{status}', 'done'$$),
	(7, $$'update', 'policy.add', '{price}', "when" => 'price > 0', checks => 'new'$$),
	(8, $$'update', 'policy.delete', '{owner}', checks => 'old'$$), (9, $$'select', 'policy.view_done', "when" => 'status = ''done'''$$);
SELECT n, arguments, regress_policy.remakes(format('add_rule(''regress_policy.few'', %s)', arguments)) FROM given ORDER BY n;
SELECT regress_policy.remakes($$mask('regress_policy.few', 'price', 'policy.view')$$);
SELECT g.n, g.arguments, regress_policy.remakes(format('drop_rule(%s)', u.rule))
FROM given g JOIN (SELECT rule, row_number() OVER (ORDER BY rule) AS n FROM ambit.rule WHERE relation = 'regress_policy.few'::regclass) u USING (n) ORDER BY g.n;
-- one that was damaged is made anew
DROP POLICY ambit_delete ON regress_policy.few;
ALTER POLICY ambit_insert ON regress_policy.few TO regress_policy_app;
SELECT regress_policy.remakes(format('add_rule(''regress_policy.few'', %s)', arguments)) FROM given WHERE n = 2;
SELECT regress_policy.remakes(format('add_rule(''regress_policy.few'', %s)', arguments)) FROM given WHERE n = 4;
SELECT ambit.unprotect('regress_policy.few');
DROP TABLE given, regress_policy.few;

-- After DROP EXTENSION no policy is left, row-level security stays on: closed,
-- to the owner too
DROP EXTENSION ambit;
BEGIN;
DROP EXTENSION ambit CASCADE;
\d regress_policy.task
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'regress_policy.task'::regclass;
SET LOCAL ROLE regress_policy_app;
SELECT * FROM regress_policy.table();
SELECT array_agg(id) FROM regress_policy.setting;
SET LOCAL ROLE regress_policy_owner;
SELECT * FROM regress_policy.table();
ROLLBACK;
SET ROLE regress_policy_app;
BEGIN;
SELECT ambit.assume('t', 'clerk');
SELECT * FROM regress_policy.table();
COMMIT;
RESET ROLE;

-- clean up
SELECT ambit.unprotect('regress_policy.task');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');
SELECT ambit.untrust_application(r) FROM unnest('{regress_policy_app,regress_policy_owner,regress_policy_bypass,regress_policy_member}'::regrole[]) r;
SELECT ambit.revoke_administration('regress_policy_dba');
DROP SCHEMA regress_policy CASCADE;
DROP TABLE pg_temp.task;
DELETE FROM ambit.template WHERE template = 'regress_policy';
DELETE FROM ambit.permission_key WHERE key LIKE 'policy.%';
DROP ROLE regress_policy_member, regress_policy_app, regress_policy_owner, regress_policy_bypass, regress_policy_dba;
