/*
 * newer_versions.sql
 *		What PostgreSQL learned after 15 leads around no rule and no mask: MERGE
 *		with RETURNING and rows without a source (17), MAINTAIN (17), OLD and NEW
 *		in RETURNING, virtual generated columns, temporal keys, deferred triggers
 *		in the role that queued them (18).  Each part only where the server has it.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;
SELECT current_setting('server_version_num')::int >= 160000 AS is_16, current_setting('server_version_num')::int >= 170000 AS is_17,
	current_setting('server_version_num')::int >= 180000 AS is_18 \gset

BEGIN;
SET LOCAL jit = off;
SELECT no_plan();

CREATE ROLE regress_newer_app;
CREATE ROLE regress_newer_keeper;
CREATE ROLE regress_newer_owner;
CREATE SCHEMA t;
GRANT ALL ON SCHEMA t TO regress_newer_app, regress_newer_owner;

SELECT ambit._load_template('{
	"template": "t_newer",
	"permissions": [{"key": "newer.view"}, {"key": "newer.edit"}, {"key": "newer.pay"}, {"key": "newer.give"}, {"key": "newer.close"}],
	"roles": [{"role": "own"}, {"role": "boss"}, {"role": "paid"}],
	"cells": [
		{"role": "own", "permission": "newer.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "newer.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "newer.give", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "paid", "permission": "newer.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "paid", "permission": "newer.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "paid", "permission": "newer.pay", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "boss", "permission": "newer.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "newer.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "newer.close", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "newer.pay", "enabled": true, "entries": [{"scope": "all"}]}]
}', false) \g /dev/null

CREATE TABLE t.job (id integer PRIMARY KEY, tenant text NOT NULL, owner text, status text DEFAULT 'open', note text, pay integer);
INSERT INTO t.job VALUES (1, 'a', 's1', 'open', 'one', 10), (2, 'a', 's1', 'open', 'two', 20), (3, 'a', 's2', 'open', 'three', 30), (4, 'b', 's1', 'open', 'four', 40);
ALTER TABLE t.job OWNER TO regress_newer_owner;
GRANT ALL ON t.job TO regress_newer_app;

DO $do$
BEGIN
	PERFORM ambit.create_tenant('a', 't_newer'), ambit.create_tenant('b', 't_newer'), ambit.trust_application('regress_newer_app');
	PERFORM ambit.add_member('a', r, '{"staff": "s1"}'), ambit.assign_role('a', r, r) FROM unnest('{own,boss,paid}'::text[]) r;
	PERFORM ambit.protect('t.job', tenant => 'tenant', owner => 'owner');
	PERFORM ambit.add_rule('t.job', c, 'newer.view') FROM unnest('{select,delete}'::text[]) c;
	PERFORM ambit.add_rule('t.job', 'insert', 'newer.edit');
	PERFORM ambit.add_rule('t.job', 'update', 'newer.edit', columns => '{note,pay}');
	PERFORM ambit.add_rule('t.job', 'update', 'newer.give', columns => '{owner}', checks => 'old');
	PERFORM ambit.add_rule('t.job', 'update', 'newer.close', columns => '{status}', becomes => 'closed');
	PERFORM ambit.mask('t.job', 'pay', 'newer.pay');
END
$do$;

/* no privilege is missing: what is refused, the mask refuses */
GRANT SELECT ON t.job TO regress_newer_app;

/* what a user of tenant a gets: rows, how many, or the SQLSTATE; nothing of it stays */
CREATE FUNCTION t.try(who text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result	text;
	n		bigint;
BEGIN
	PERFORM ambit.assume('a', who);
	BEGIN
		IF command ~* 'returning|^select' THEN
			EXECUTE format('WITH w AS (%s) SELECT string_agg(w::text, '' '' ORDER BY w::text) FROM w', command) INTO result;
		ELSE
			EXECUTE command;
			GET DIAGNOSTICS n = ROW_COUNT;
			result := n || ' rows';
		END IF;
		RAISE EXCEPTION 'undone' USING ERRCODE = 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN NULL;
		WHEN OTHERS THEN result := SQLSTATE;
	END;
	PERFORM ambit.logout();
	RETURN result;
END
$$;
CREATE FUNCTION t.same(who text, command text, expected text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got	text;
BEGIN
	SET LOCAL ROLE regress_newer_app;
	got := t.try(who, command);
	RESET ROLE;
	RETURN is(got, expected, who || ': ' || command);
END
$$;

SELECT t.same('own', 'SELECT id FROM t.job', '(1) (2)');
SELECT t.same('own', 'UPDATE t.job SET note = ''x''', '2 rows');
SELECT t.same('own', 'UPDATE t.job SET owner = ''s2'' WHERE id = 1', '1 rows');
SELECT t.same('own', 'UPDATE t.job SET note = ''x'' RETURNING pay', '42501');
/* the row in the way is not seen: nobody asks it anything, in older minor versions either */
CREATE TABLE t.part (LIKE t.job INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE t.part1 PARTITION OF t.part FOR VALUES FROM (1) TO (10);
CREATE TABLE t.part2 (note text, gone text, pay integer, owner text, id integer PRIMARY KEY, tenant text NOT NULL, status text);
ALTER TABLE t.part2 DROP COLUMN gone;
ALTER TABLE t.part ATTACH PARTITION t.part2 FOR VALUES FROM (10) TO (20);
INSERT INTO t.part SELECT id + plus, tenant, owner, status, note, pay FROM t.job, unnest('{0,10}'::integer[]) plus;
GRANT ALL ON t.part TO regress_newer_app;
DO $do$
BEGIN
	PERFORM ambit.protect('t.part', tenant => 'tenant', owner => 'owner');
	PERFORM ambit.add_rule('t.part', c, 'newer.edit') FROM unnest('{select,insert,update,delete}'::text[]) c;
END
$do$;
CREATE FUNCTION t.probe(tab text, id integer, note text) RETURNS text LANGUAGE sql AS $$
	SELECT format('INSERT INTO t.%1$s AS x VALUES (%2$s, ''a'', ''s1'') ON CONFLICT (id) DO UPDATE SET note = ''x'' WHERE x.note = %3$L', tab, id, note)
$$;
SELECT t.same('own', t.probe(tab, id, note), '42501') FROM unnest('{job,part}'::text[]) tab, unnest('{3,4}'::integer[]) id, unnest('{three,four}'::text[]) note;
SELECT t.same('own', t.probe(tab, 1, note), expected) FROM unnest('{job,part}'::text[]) tab, (VALUES ('one', '1 rows'), ('two', '0 rows')) v (note, expected);
/* columns in another order */
SELECT t.same('own', t.probe('part', 11, note), expected) FROM (VALUES ('one', '1 rows'), ('two', '0 rows')) v (note, expected);
SET LOCAL ROLE regress_newer_app;
SELECT is(t.try('own', t.probe('part', id, 'three')), t.try('own', t.probe('part', id, 'four')), 'nor in a partition with columns in another order') FROM unnest('{13,14}'::integer[]) id;
RESET ROLE;

/* ---- generated columns: bound, in a condition, masked; virtual since 18 ------------- */
\if :is_18
\set generated VIRTUAL
\else
\set generated STORED
\endif
CREATE TABLE t.note (id integer PRIMARY KEY, code text, tenant text GENERATED ALWAYS AS (split_part(code, '/', 1)) :generated, owner text GENERATED ALWAYS AS (split_part(code, '/', 2)) :generated,
	level integer, high boolean GENERATED ALWAYS AS (level > 5) :generated, pay integer, yearly integer GENERATED ALWAYS AS (pay * 12) :generated);
INSERT INTO t.note VALUES (1, 'a/s1', DEFAULT, DEFAULT, 1, DEFAULT, 10), (2, 'a/s1', DEFAULT, DEFAULT, 9, DEFAULT, 20), (3, 'a/s2', DEFAULT, DEFAULT, 1, DEFAULT, 30), (4, 'b/s1', DEFAULT, DEFAULT, 1, DEFAULT, 40);
GRANT ALL ON t.note TO regress_newer_app;
DO $do$
BEGIN
	PERFORM ambit.protect('t.note', tenant => 'tenant', owner => 'owner');
	PERFORM ambit.add_rule('t.note', 'select', 'newer.view'), ambit.add_rule('t.note', 'insert', 'newer.edit', "when" => 'NOT high'), ambit.add_rule('t.note', 'delete', 'newer.edit', "when" => 'NOT high'),
		ambit.add_rule('t.note', 'update', 'newer.edit', "when" => 'NOT high');
END
$do$;
SELECT throws_ok($$SELECT ambit.mask('t.note', 'pay', 'newer.pay')$$, '22023', NULL, 'what a generated column is computed from is not masked before it');
SELECT lives_ok($$SELECT ambit.mask('t.note', c, 'newer.pay') FROM unnest('{yearly,pay}'::name[]) c$$, 'both are masked');
GRANT SELECT ON t.note TO regress_newer_app;
SET LOCAL ambit.specialize_plans = on;
SELECT t.same('own', 'SELECT id FROM t.note', '(1) (2)');
SELECT t.same('own', 'SELECT id FROM t.note WHERE owner = ''s2'' OR tenant = ''b''', NULL);
SET LOCAL ambit.specialize_plans = off;
SELECT t.same('own', 'SELECT id FROM t.note', '(1) (2)');
RESET ambit.specialize_plans;
SELECT t.same('boss', 'SELECT id FROM t.note', '(1) (2) (3)');
SELECT t.same(who, 'SELECT yearly FROM t.note', '42501') FROM unnest('{own,boss}'::text[]) who;
SELECT t.same('paid', 'SELECT id, pay, yearly FROM t.note_masked', '(1,10,120) (2,20,240) (3,,)');
SELECT t.same('own', 'UPDATE t.note SET level = 2', '1 rows');
SELECT t.same('own', 'UPDATE t.note SET level = 2 WHERE NOT high', '1 rows');
SELECT t.same('own', 'UPDATE t.note SET level = 9 WHERE id = 1', '42501');
\if :is_18
SELECT t.same('own', 'UPDATE t.note SET code = ''a/s1/x'', level = 2 WHERE id = 1 RETURNING old.high, new.high, new.owner', '(f,f,s1)');
\endif
SELECT t.same(who, format('UPDATE t.note SET code = %L WHERE id = 1', code), '42501') FROM (VALUES ('own', 'a/s2'), ('own', 'b/s1'), ('boss', 'b/s1'), ('boss', 'b/s2'), ('boss', NULL)) v (who, code);
SELECT t.same('boss', 'UPDATE t.note SET code = ''a/s2'' WHERE id = 1', '1 rows');
SELECT t.same('own', format('INSERT INTO t.note (id, code, level) VALUES (9, %L, %s)', code, level), expected) FROM (VALUES ('a/s1', 1, '1 rows'), ('a/s2', 1, '42501'), ('b/s1', 1, '42501'), ('a/s1', 9, '42501')) v (code, level, expected);
SELECT t.same('own', 'DELETE FROM t.note', '1 rows');
SELECT t.same('own', 'MERGE INTO t.note USING (VALUES (1), (3)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET code = ''a/s2''', '42501');

/* ---- 16 -------------------------------------------------------------------------- */
\if :is_16
SELECT ok(pg_input_is_valid('newer.view', 'ambit.permission') AND NOT pg_input_is_valid('newer.veiw', 'ambit.permission')
	AND NOT pg_input_is_valid('{newer.view', 'ambit.permission_set'), 'input functions say what is wrong without an error');
SELECT is((SELECT sql_error_code FROM pg_input_error_info('newer.veiw', 'ambit.permission')), '42704', 'which is the error that they raise');
\endif

/* ---- 17 -------------------------------------------------------------------------- */
\if :is_17
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE THEN UPDATE SET note = ''x''', '1 rows');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE THEN DELETE', '1 rows');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING merge_action(), id, note', '(DELETE,2,two)');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1), (3), (4)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' RETURNING merge_action(), id, note', '(UPDATE,1,x)');
SELECT t.same('own', format('MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE AND %s THEN UPDATE SET note = ''x''', condition), '0 rows')
FROM unnest(ARRAY['id > 2', 'note IN (''three'', ''four'')', '1 / (id - 3) > 5']) condition;
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE THEN UPDATE SET ' || change, '42501')
FROM unnest(ARRAY['status = ''closed''', 'status = ''x''', 'tenant = ''b''', 'owner = ''s2''', 'id = 9']) change;
SELECT t.same('boss', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE THEN UPDATE SET status = ''closed'' RETURNING id, status', '(2,closed) (3,closed)');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET owner = ''s2'' RETURNING id', '42501');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (9)) v (i) ON id = i WHEN NOT MATCHED THEN INSERT VALUES (9, ''a'', ''s2'') RETURNING id', '42501');
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (9)) v (i) ON id = i WHEN NOT MATCHED THEN INSERT VALUES (9, ''a'', ''s1'') RETURNING id', '(9)');
SELECT t.same(who, 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' RETURNING ' || reads, '42501')
FROM unnest('{own,boss}'::text[]) who, unnest(ARRAY['pay', 'job.*', 'job', 'to_json(job)', '(SELECT pay)']) reads;
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN NOT MATCHED BY SOURCE AND pay > 0 THEN UPDATE SET note = ''x''', '42501');
SELECT t.same('boss', 'MERGE INTO t.job_masked USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' RETURNING id', '55000');

/* who only keeps a table learns nothing of what is in it */
GRANT USAGE ON SCHEMA t TO regress_newer_keeper;
GRANT MAINTAIN ON t.job TO regress_newer_keeper;
ANALYZE t.job;
SET LOCAL ROLE regress_newer_keeper;
SELECT throws_ok('SELECT FROM t.job', '42501', NULL, 'MAINTAIN reads no row');
SELECT is_empty('SELECT FROM pg_stats WHERE schemaname = ''t'' AND tablename = ''job''', 'nor statistics');
SET LOCAL ROLE regress_newer_app;
SELECT is_empty('SELECT FROM pg_stats WHERE schemaname = ''t'' AND tablename = ''job''', 'nor does the application');
RESET ROLE;
SELECT is((SELECT string_agg(DISTINCT object, ' ') FROM ambit.doctor() WHERE code = 'maintain_privilege' AND message LIKE '%regress_newer_keeper%'), 't.job', 'doctor() knows of MAINTAIN');

/* maintenance has a search_path of its own */
CREATE MATERIALIZED VIEW t.kept AS SELECT p, ambit.has_permission(p) AS holds FROM unnest('{newer.view,newer.pay}'::ambit.permission[]) p;
CREATE UNIQUE INDEX kept_key ON t.kept (p);
SELECT lives_ok(command || ' t.kept', command) FROM unnest('{REFRESH MATERIALIZED VIEW,REFRESH MATERIALIZED VIEW CONCURRENTLY,REINDEX TABLE,ANALYZE}'::text[]) command;

/* a copy that leaves out what it cannot read is a copy */
GRANT pg_read_server_files TO regress_newer_app;
SELECT t.same('own', 'COPY t.job FROM ''/dev/null'' (ON_ERROR ignore)', '0A000');
\endif

/* ---- 18 -------------------------------------------------------------------------- */
\if :is_18
/* OLD and NEW in RETURNING */
SELECT t.same('own', 'UPDATE t.job SET note = ''x'' RETURNING id, old.note, new.note', '(1,one,x) (2,two,x)');
SELECT t.same('own', 'DELETE FROM t.job RETURNING id, old.note, new.note', '(1,one,) (2,two,)');
SELECT t.same('own', 'INSERT INTO t.job VALUES (9, ''a'', ''s1'', ''open'', ''y'') RETURNING id, old.note, new.note', '(9,,y)');
SELECT t.same('own', 'INSERT INTO t.job VALUES (1, ''a'', ''s1'') ON CONFLICT (id) DO UPDATE SET note = ''x'' RETURNING id, old.note, new.note', '(1,one,x)');
SELECT t.same('own', format('INSERT INTO t.job VALUES (%s, ''a'', ''s1'') ON CONFLICT (id) DO UPDATE SET note = ''x'' RETURNING old.note', id), '42501') FROM generate_series(3, 4) id;
SELECT t.same('own', 'INSERT INTO t.job VALUES (3, ''a'', ''s1'') ON CONFLICT (id) DO NOTHING RETURNING old.note', NULL);
SELECT t.same('own', 'MERGE INTO t.job USING (VALUES (1), (3)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING old.note, new.note', '(one,x) (two,)');
SELECT t.same(who, format(command, reads), '42501')
FROM unnest('{own,boss}'::text[]) who, unnest(ARRAY['old.pay', 'new.pay', 'old', 'new', 'old.*', 'to_json(old)', '(SELECT new.pay)', 'CASE WHEN old.pay > 15 THEN 1 END']) reads,
	unnest(ARRAY['UPDATE t.job SET note = ''x'' RETURNING %s', 'DELETE FROM t.job RETURNING %s', 'INSERT INTO t.job VALUES (9, ''a'', ''s1'') RETURNING %s',
		'INSERT INTO t.job VALUES (1, ''a'', ''s1'') ON CONFLICT (id) DO UPDATE SET note = ''x'' RETURNING %s',
		'MERGE INTO t.job USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' RETURNING %s']) command;
SELECT t.same('own', 'UPDATE t.job SET note = ''x'' RETURNING WITH (OLD AS o, NEW AS n) ' || reads, '42501') FROM unnest(ARRAY['o.pay', 'n.pay', 'o', 'n.*']) reads;
/* who sees the old row does not see the one that is given away */
SELECT t.same('own', 'UPDATE t.job SET owner = ''s2'' WHERE id = 1 RETURNING ' || reads, '42501') FROM unnest(ARRAY['old.id', 'new.owner', '1']) reads;
/* ambit's view is for reading, whoever may write to it */
GRANT ALL ON t.job_masked TO regress_newer_app;
SELECT t.same('boss', command, '55000') FROM unnest(ARRAY['UPDATE t.job_masked SET note = ''x'' RETURNING old.pay', 'DELETE FROM t.job_masked RETURNING old.pay',
	'MERGE INTO t.job_masked USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = ''x'' RETURNING old.pay']) command;

/* a key that holds for a time does not name one row */
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE t.stay (id integer, tenant text NOT NULL, owner text, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
INSERT INTO t.stay VALUES (1, 'a', 's1', '[2026-01-01,2026-02-01)'), (1, 'a', 's2', '[2026-02-01,2026-03-01)'), (2, 'b', 's1', '[2026-01-01,2026-02-01)');
CREATE TABLE t.meal (id integer PRIMARY KEY, stay integer, during daterange, FOREIGN KEY (stay, PERIOD during) REFERENCES t.stay (id, PERIOD during));
GRANT ALL ON t.stay, t.meal TO regress_newer_app;
SELECT lives_ok($$SELECT ambit.protect('t.stay', tenant => 'tenant', owner => 'owner')$$, 'a table with a temporal key is protected');
SELECT ambit.add_rule('t.stay', c, 'newer.view') FROM unnest('{select,insert,update,delete}'::text[]) c \g /dev/null
SELECT t.same('own', 'SELECT id, during FROM t.stay', '(1,"[2026-01-01,2026-02-01)")');
SELECT t.same('own', 'UPDATE t.stay SET during = ''[2026-01-01,2026-01-09)'' RETURNING id', '(1)');
SELECT t.same('own', 'UPDATE t.stay SET owner = ''s2''', '42501');
SELECT t.same('own', 'DELETE FROM t.stay', '1 rows');
SELECT throws_ok($$SELECT ambit.protect('t.meal', parent => 't.stay', parent_key => 'stay')$$, NULL, NULL, 'it is no parent');

/* a deferred trigger runs in the role that queued it, for the identity that is there */
CREATE TABLE t.seen (who name, ids text);
CREATE TABLE t.cause (id integer);
GRANT ALL ON t.seen, t.cause TO PUBLIC;
CREATE FUNCTION t.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO t.seen SELECT current_user, string_agg(id::text, ' ' ORDER BY id) FROM t.job;
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER look AFTER INSERT ON t.cause DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION t.look();
SET LOCAL ROLE regress_newer_app;
SELECT ambit.assume('a', 'own') \g /dev/null
INSERT INTO t.cause VALUES (1);
RESET ROLE;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SET LOCAL ROLE regress_newer_app;
INSERT INTO t.cause VALUES (2);
SELECT ambit.logout() \g /dev/null
RESET ROLE;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT string_agg(concat_ws(': ', who, ids), ', ' ORDER BY ids) FROM t.seen), 'regress_newer_app: 1 2, regress_newer_app', 'a deferred trigger reads by the rules');

/* constraints of columns that must not be null are rows of a catalog */
CREATE TABLE t.strict (id integer PRIMARY KEY, tenant text CONSTRAINT tenant_there NOT NULL, owner text, CONSTRAINT owner_there NOT NULL owner);
SELECT lives_ok($$SELECT ambit.protect('t.strict', tenant => 'tenant', owner => 'owner'), ambit.add_rule('t.strict', 'select', 'newer.view')$$, 'a table with named NOT NULL constraints is protected');
ALTER TABLE t.strict RENAME CONSTRAINT tenant_there TO tenant_here;
ALTER TABLE t.strict DROP CONSTRAINT owner_there;
SELECT is_empty($$SELECT * FROM ambit.doctor() WHERE severity = 'error' AND object LIKE 't.strict%'$$, 'and stays so');
\endif

SELECT finish();
ROLLBACK;
