--
-- guard_attacks: ways around the write guard that must not lead anywhere
--
\set SHOW_CONTEXT never
\pset null NULL
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
SELECT setval('ambit.rule_rule_seq', 3000) > 0;
CREATE ROLE regress_ga_app;
CREATE ROLE regress_ga_other;
CREATE ROLE regress_ga_owner;
CREATE ROLE regress_ga_bypass BYPASSRLS;
GRANT regress_ga_other TO regress_ga_app;
CREATE SCHEMA ga;
GRANT ALL ON SCHEMA ga TO PUBLIC;
SELECT ambit.trust_application(r) FROM unnest('{regress_ga_app,regress_ga_other,regress_ga_owner}'::regrole[]) r;
SELECT ambit._load_template('{
	"template": "ga",
	"permissions": [{"key": "ga.view"}, {"key": "ga.edit"}, {"key": "ga.give"}, {"key": "ga.add"}, {"key": "ga.delete"}, {"key": "ga.close"}],
	"roles": [{"role": "own"}, {"role": "peer"}, {"role": "boss"}, {"role": "mover"}],
	"cells": [
		{"role": "own", "permission": "ga.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "ga.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "ga.give", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "ga.add", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "own", "permission": "ga.delete", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "peer", "permission": "ga.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "peer", "permission": "ga.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "boss", "permission": "ga.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "ga.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "ga.close", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "mover", "permission": "ga.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "mover", "permission": "ga.edit", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);
SELECT ambit.create_tenant('t', 'ga'), ambit.create_tenant('u', 'ga');
SELECT ambit.add_member(t, r, '{"staff": "s1"}'), ambit.assign_role(t, r, r) FROM unnest('{t,u}'::text[]) t, unnest('{own,peer,boss,mover}'::text[]) r ORDER BY t, r;

\getenv abs_srcdir PG_ABS_SRCDIR
\i :abs_srcdir/sql/include/try.sql
CREATE FUNCTION ga.act(who text, VARIADIC commands text[]) RETURNS SETOF text LANGUAGE plpgsql AS
	$$ BEGIN RETURN QUERY SELECT command || E'\n    ' || outcome FROM regress_try.act(who, VARIADIC commands); END $$;
-- protects a table with the columns id, tenant, owner, status, note by the rules of this room
CREATE FUNCTION ga.protect(tab regclass) RETURNS void LANGUAGE sql AS $$
	SELECT ambit.protect(tab, tenant => 'tenant', owner => 'owner');
	SELECT ambit.add_rule(tab, 'select', 'ga.view'), ambit.add_rule(tab, 'insert', 'ga.add'), ambit.add_rule(tab, 'delete', 'ga.delete'),
		ambit.add_rule(tab, 'update', 'ga.edit', columns => '{note}'), ambit.add_rule(tab, 'update', 'ga.give', columns => '{owner}', checks => 'old'),
		ambit.add_rule(tab, 'update', 'ga.close', columns => '{status}', becomes => 'closed');
$$;
CREATE FUNCTION ga.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';

CREATE TABLE ga.key (id int PRIMARY KEY, tenant text NOT NULL, owner text, status text DEFAULT 'open', note text);
INSERT INTO ga.key VALUES (1, 't', 's1', 'open', 'secret one'), (2, 't', 's1', 'open', 'two'), (3, 't', 's2', 'open', 'secret three'), (4, 'u', 's1', 'open', 'secret four');
ALTER TABLE ga.key OWNER TO regress_ga_owner;
SELECT ga.protect('ga.key');
GRANT ALL ON ga.key TO regress_ga_app, regress_ga_other, regress_ga_bypass;

-- ---- rows that are not mine, and columns that are not mine to change ------------------------
-- who may read files of the server reads none into the table
GRANT pg_read_server_files TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('own',
	$$UPDATE ga.key SET tenant = 'u'$$, $$UPDATE ga.key SET tenant = 'u' WHERE id = 1$$, $$UPDATE ga.key SET note = 'x' WHERE id IN (3, 4)$$,
	$$UPDATE ga.key SET id = 11 WHERE id = 1$$, $$UPDATE ga.key SET (status, note) = ('gone', 'x')$$, $$UPDATE ga.key SET status = NULL WHERE id = 1$$,
	$$UPDATE ga.key SET status = status, tenant = tenant || '', owner = owner, id = id + 0$$,
	$$UPDATE ga.key SET note = o.note FROM ga.key o WHERE o.id = 3$$, $$DELETE FROM ga.key USING ga.key o WHERE o.id = 3$$,
	$$INSERT INTO ga.key VALUES (9, 't', 's2')$$, $$INSERT INTO ga.key VALUES (9, 'u', 's1')$$, $$INSERT INTO ga.key VALUES (9, 't', 's1', 'closed')$$,
	$$INSERT INTO ga.key VALUES (1, 't', 's1') ON CONFLICT (id) DO UPDATE SET status = 'x'$$,
	$$INSERT INTO ga.key VALUES (1, 't', 's1') ON CONFLICT (id) DO UPDATE SET tenant = 'u'$$,
	$$INSERT INTO ga.key VALUES (1, 't', 's1') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE key.note LIKE 'secret%'$$,
	$$INSERT INTO ga.key VALUES (3, 't', 's1') ON CONFLICT (id) DO UPDATE SET note = 'x'$$,
	$$INSERT INTO ga.key VALUES (3, 't', 's1') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE key.note LIKE 'none%'$$,
	$$INSERT INTO ga.key VALUES (3, 't', 's1') ON CONFLICT DO NOTHING$$,
	$$MERGE INTO ga.key USING (VALUES (1), (3)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET status = 'x'$$,
	$$MERGE INTO ga.key USING (VALUES (1), (3)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET note = 'x'$$,
	$$MERGE INTO ga.key USING (VALUES (3)) v (i) ON id = i WHEN MATCHED THEN DELETE$$,
	$$MERGE INTO ga.key USING (VALUES (9)) v (i) ON id = i WHEN NOT MATCHED THEN INSERT VALUES (9, 't', 's2')$$,
	$$DO 'DECLARE c CURSOR FOR SELECT * FROM ga.key FOR UPDATE; BEGIN OPEN c; MOVE c; UPDATE ga.key SET status = ''x'' WHERE CURRENT OF c; END'$$,
	$$TRUNCATE ga.key$$, $$COPY ga.key FROM '/dev/null'$$, $$SET session_replication_role = replica$$, $$SET row_security = off; UPDATE ga.key SET note = 'x'$$);
-- writing queries in one statement: each by itself
SELECT ga.act('own',
	$$WITH a AS (UPDATE ga.key SET note = 'x' WHERE id = 1 RETURNING *), b AS (UPDATE ga.key SET status = 'x' WHERE id = 2) SELECT * FROM a$$,
	$$WITH a AS (UPDATE ga.key SET status = 'x' WHERE id = 2 RETURNING 1) SELECT 1$$,
	$$WITH a AS (DELETE FROM ga.key WHERE id = 2 RETURNING *) INSERT INTO ga.key SELECT id, tenant, 's2', status, note FROM a$$,
	$$WITH a AS (INSERT INTO ga.key VALUES (9, 't', 's1') RETURNING *) UPDATE ga.key SET note = a.note FROM a WHERE key.id = 3$$);

-- ---- giving away -------------------------------------------------------------------------
SELECT ga.act('own',
	$$UPDATE ga.key SET owner = 's2' WHERE id = 1$$, $$UPDATE ga.key SET owner = NULL WHERE id IN (1, 2)$$,
	$$UPDATE ga.key SET owner = 's2' WHERE id = 1 RETURNING 1$$, $$UPDATE ga.key SET owner = 's2', note = 'x' WHERE id = 1$$,
	$$UPDATE ga.key SET owner = CASE id WHEN 1 THEN 's2' ELSE owner END, note = CASE id WHEN 2 THEN 'x' ELSE note END WHERE id > 0$$,
	$$UPDATE ga.key SET owner = 's2', note = CASE id WHEN 2 THEN 'x' ELSE note END WHERE id > 0$$,
	$$UPDATE ga.key SET owner = 's2', tenant = 'u' WHERE id = 1$$,
	$$MERGE INTO ga.key USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET owner = 's2'$$,
	$$INSERT INTO ga.key VALUES (1, 't', 's1') ON CONFLICT (id) DO UPDATE SET owner = 's2'$$,
	$$WITH a AS (UPDATE ga.key SET owner = 's2' WHERE id = 1) UPDATE ga.key SET owner = 's2' WHERE id = 2 RETURNING id$$,
	$$WITH a AS (UPDATE ga.key SET owner = 's2' WHERE id = 1) INSERT INTO ga.key VALUES (9, 't', 's2') RETURNING id$$,
	$$WITH a AS (UPDATE ga.key SET owner = 's2' WHERE id = 1) MERGE INTO ga.key USING (VALUES (2)) v (i) ON id = i WHEN MATCHED THEN UPDATE SET owner = 's2'$$,
	$$UPDATE ga.key SET owner = 's2', note = ambit._given_away_now('ga.key')::text WHERE id = 1$$,
	$$SELECT 1 FROM ga.key WHERE ambit._given_away('ga.key') OR ambit._given_away_now('ga.key')$$);
-- plans that look for rows know nothing of it
CREATE FUNCTION ga.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	n int := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		IF line ~ 'given_away| OR ' THEN
			RETURN NEXT line;
		END IF;
		n := n + (line ~ '_key\(')::int;
	END LOOP;
	RETURN NEXT query || ': ' || n || ' scans';
END
$$;
CREATE VIEW ga.checked WITH (security_invoker) AS SELECT * FROM ga.key WHERE id IN (SELECT id FROM ga.key) WITH CASCADED CHECK OPTION;
GRANT ALL ON ga.checked TO PUBLIC;
BEGIN;
SELECT ambit.assume('t', 'own');
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE give (int) AS UPDATE ga.key SET owner = 's2' WHERE id = $1;
-- joins of which 18 leaves none out
PREPARE give_some AS UPDATE ga.key k SET owner = 's2' FROM ga.key o, (SELECT id FROM ga.key OFFSET 0) p
	WHERE o.id = k.id + 0 AND p.id = o.id + 0 AND EXISTS (SELECT FROM ga.key q WHERE q.id + 0 = k.id) AND k.id IN (SELECT id + 0 FROM ga.key) AND k.note > (SELECT min(note) FROM ga.key);
SELECT ga.plan(q) FROM unnest(ARRAY['EXECUTE give(1)', 'EXECUTE give_some', 'UPDATE ga.checked SET owner = ''s2''',
	'WITH a AS (UPDATE ga.key SET owner = ''s2'' WHERE id = 1), b AS MATERIALIZED (SELECT * FROM ga.key) UPDATE ga.key SET owner = ''s2'' FROM b WHERE b.id = key.id',
	'SELECT * FROM ga.key FOR UPDATE', 'DELETE FROM ga.key', 'UPDATE ga.key SET owner = (SELECT max(owner) FROM ga.key)']) q;
EXECUTE give(1);
SELECT ambit.assume('t', 'boss');
SELECT id, owner FROM ga.key ORDER BY id;
-- the same plan for one who may not
EXECUTE give(2);
ROLLBACK;
DEALLOCATE ALL;

-- ---- triggers of the application that write themselves ---------------------------------------
RESET ROLE;
CREATE TABLE ga.busy (LIKE ga.key INCLUDING ALL);
INSERT INTO ga.busy SELECT * FROM ga.key;
SELECT ga.protect('ga.busy');
GRANT ALL ON ga.busy TO regress_ga_app;
CREATE FUNCTION ga.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() > 1 THEN
		RETURN new;
	END IF;
	CASE tg_argv[0]
		-- gives another row away, or fails to
		WHEN 'give' THEN UPDATE ga.busy SET owner = 's2' WHERE id = 2 AND old.id <> 2;
		WHEN 'fail' THEN
			BEGIN
				UPDATE ga.busy SET owner = 's2' WHERE id = 2;
				RAISE division_by_zero;
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
		WHEN 'tenant' THEN new.tenant := 'u';
		WHEN 'status' THEN new.status := 'x';
		WHEN 'skip' THEN IF old.id = 1 THEN RETURN NULL; END IF;
	END CASE;
	RETURN new;
END
$$;
CREATE FUNCTION ga.with_trigger(argument text, name text = 'meddle', timing text = 'BEFORE') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER %I %s UPDATE ON ga.busy FOR EACH ROW EXECUTE FUNCTION ga.meddle(%L)', name, timing, argument);
	SET LOCAL ROLE regress_ga_app;
	RETURN NEXT name || ' ' || argument;
	RETURN QUERY SELECT ga.act('own', $_$UPDATE ga.busy SET note = 'x' WHERE id = 1$_$, $_$UPDATE ga.busy SET owner = 's2' WHERE id = 1$_$,
		$_$UPDATE ga.busy SET owner = 's2', note = 'x' WHERE id = 1$_$, $_$UPDATE ga.busy SET owner = 's2' WHERE id = 1 RETURNING 1$_$);
	RESET ROLE;
	EXECUTE format('DROP TRIGGER %I ON ga.busy', name);
END
$$;
SELECT ga.with_trigger('give');
SELECT ga.with_trigger('fail');
SELECT ga.with_trigger('skip');
SELECT ga.with_trigger('tenant');
SELECT ga.with_trigger('status');
SELECT ga.with_trigger('give', timing => 'AFTER');
-- after the guard by name, also by names that are no ASCII
SELECT ga.with_trigger('status', '~~');
SELECT ga.with_trigger('status', U&'\00e4');
-- by the time of firing it does not matter
CREATE TRIGGER "~z" BEFORE UPDATE ON ga.busy FOR EACH ROW EXECUTE FUNCTION ga.meddle('status');
ALTER TABLE ga.busy ENABLE REPLICA TRIGGER "~z";
SELECT ga.with_trigger('skip');
DROP TRIGGER "~z" ON ga.busy;

-- ---- parts: attached later, in other orders, moved between ------------------------------------
CREATE TABLE ga.part (id int, tenant text NOT NULL, owner text, status text, note text) PARTITION BY LIST (status);
CREATE TABLE ga.part_open PARTITION OF ga.part FOR VALUES IN ('open');
SELECT ga.protect('ga.part');
SELECT ambit.add_rule('ga.part', 'update', 'ga.edit', columns => '{status}', "when" => $$part IS NOT NULL AND note <> 'fixed'$$) > 0;
CREATE TABLE ga.part_closed (note text, gone int, owner text, status text, tenant text NOT NULL, id int);
ALTER TABLE ga.part_closed DROP gone;
ALTER TABLE ga.part ATTACH PARTITION ga.part_closed FOR VALUES IN ('closed');
CREATE TABLE ga.part_rest PARTITION OF ga.part DEFAULT PARTITION BY LIST (status);
CREATE TABLE ga.part_rest_all PARTITION OF ga.part_rest DEFAULT;
INSERT INTO ga.part VALUES (1, 't', 's1', 'open', 'a'), (2, 't', 's1', 'closed', 'a'), (3, 't', 's1', 'new', 'a'), (4, 't', 's1', 'open', 'fixed'), (5, 'u', 's1', 'open', 'a');
GRANT ALL ON ALL TABLES IN SCHEMA ga TO regress_ga_app;
CREATE FUNCTION ga.parts() RETURNS SETOF text LANGUAGE plpgsql AS $_$
BEGIN
	RETURN QUERY SELECT ga.act('own', $$UPDATE ga.part SET tenant = 'u'$$, $$UPDATE ga.part SET status = 'closed' WHERE id IN (1, 3)$$, $$UPDATE ga.part SET status = 'open' WHERE id = 2$$,
		$$UPDATE ga.part SET status = 'closed' WHERE id = 4$$, $$UPDATE ga.part SET status = 'closed', owner = 's2' WHERE id = 1$$,
		$$UPDATE ga.part SET owner = 's2' WHERE id < 4$$, $$UPDATE ga.part SET owner = 's2', note = 'x' WHERE id = 2$$,
		$$UPDATE ga.part_open SET note = 'x'$$, $$UPDATE ga.part_closed SET note = 'x'$$);
END
$_$;
SET ROLE regress_ga_app;
SELECT ga.parts();
RESET ROLE;
-- what could change a row after the guard
CREATE TRIGGER meddle BEFORE INSERT ON ga.part_closed FOR EACH ROW EXECUTE FUNCTION ga.nothing();
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.part SET status = 'closed' WHERE id = 1$$, $$UPDATE ga.part SET note = 'x' WHERE id = 1$$);
RESET ROLE;
DROP TRIGGER meddle ON ga.part_closed;
-- a part without the guard: no UPDATE of the table
ALTER TABLE ga.part_closed DISABLE TRIGGER ALL;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.part SET status = 'x' WHERE id = 2$$, $$UPDATE ga.part SET note = 'x' WHERE id = 1$$, $$SELECT * FROM ga.part$$);
RESET ROLE;
ALTER TABLE ga.part_closed ENABLE ALWAYS TRIGGER "~ambit_guard";
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.part SET status = 'x', tenant = 'u' WHERE id = 2$$, $$UPDATE ga.part SET note = 'x' WHERE id = 2$$);
RESET ROLE;
-- inheritance
CREATE TABLE ga.mixin (extra int, note text);
CREATE TABLE ga.above (id int PRIMARY KEY, tenant text NOT NULL, owner text, status text, note text);
CREATE TABLE ga.below (mine int) INHERITS (ga.mixin, ga.above);
SELECT ga.protect('ga.above');
INSERT INTO ga.below (id, tenant, owner, status, note, extra) VALUES (1, 't', 's1', 'open', 'a', 1);
GRANT ALL ON ALL TABLES IN SCHEMA ga TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.above SET note = 'x'$$, $$UPDATE ga.above SET status = 'x'$$, $$UPDATE ga.above SET owner = 's2' WHERE id = 1$$, $$UPDATE ga.above SET tenant = 'u'$$,
	$$UPDATE ga.below SET note = 'x'$$);
RESET ROLE;
CREATE TABLE ga.late () INHERITS (ga.above);
INSERT INTO ga.late VALUES (2, 't', 's1', 'open', 'a');
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.above SET status = 'x' WHERE id = 2$$, $$UPDATE ga.above SET tenant = 'u'$$, $$UPDATE ga.above SET owner = 's2' WHERE id > 0$$, $$UPDATE ONLY ga.above SET note = 'x'$$);
RESET ROLE;
DROP TABLE ga.late;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.above SET note = 'x'$$);
RESET ROLE;

-- ---- generated columns: what will be stored decides, by whatever way the guard is called --------
CREATE TABLE ga.made (id int PRIMARY KEY, place text, tenant text GENERATED ALWAYS AS (split_part(place, '/', 1)) STORED,
	owner text GENERATED ALWAYS AS (split_part(place, '/', 2)) STORED, note text, fixed boolean GENERATED ALWAYS AS (COALESCE(note = 'fixed', false)) STORED);
INSERT INTO ga.made VALUES (1, 't/s1');
SELECT ambit.protect('ga.made', tenant => 'tenant', owner => 'owner');
SELECT ambit.add_rule('ga.made', 'select', 'ga.view') > 0, ambit.add_rule('ga.made', 'update', 'ga.edit', columns => '{place}') > 0,
	ambit.add_rule('ga.made', 'update', 'ga.edit', columns => '{note}', "when" => 'NOT fixed') > 0, ambit.add_rule('ga.made', 'update', 'ga.give', columns => '{place}', checks => 'old') > 0;
GRANT ALL ON ga.made TO regress_ga_app;
CREATE FUNCTION ga.make() RETURNS SETOF text LANGUAGE plpgsql AS $_$
BEGIN
	RETURN QUERY SELECT ga.act('own', $$UPDATE ga.made SET place = 'u/s1'$$, $$UPDATE ga.made SET place = 'u/s1' WHERE id = 1$$, $$UPDATE ga.made SET place = 't/s2' WHERE id = 1$$,
		$$UPDATE ga.made SET place = 't/s2', note = 'x' WHERE id = 1$$, $$UPDATE ga.made SET note = 'x'$$, $$UPDATE ga.made SET note = 'fixed'$$);
END
$_$;
SET ROLE regress_ga_app;
SELECT ga.make();
RESET ROLE;
CREATE TRIGGER nothing BEFORE UPDATE ON ga.made FOR EACH ROW EXECUTE FUNCTION ga.nothing();
SET ROLE regress_ga_app;
SELECT ga.make();
RESET ROLE;

-- ---- parents -------------------------------------------------------------------------------------
CREATE TABLE ga.line (id int PRIMARY KEY, key int REFERENCES ga.key ON UPDATE CASCADE ON DELETE SET NULL, note text);
INSERT INTO ga.line VALUES (1, 1, 'a'), (3, 3, 'a'), (4, 4, 'a');
SELECT ambit.protect('ga.line', parent => 'ga.key', parent_key => 'key');
SELECT ambit.add_rule('ga.line', 'select', 'ga.view') > 0, ambit.add_rule('ga.line', 'update', 'ga.edit', columns => '{note}') > 0,
	ambit.add_rule('ga.line', 'update', 'ga.give', columns => '{key}', checks => 'old') > 0, ambit.add_rule('ga.key', 'update', 'ga.edit', columns => '{id}') > 0;
GRANT ALL ON ga.line TO regress_ga_app;
CREATE FUNCTION ga.lines() RETURNS SETOF text LANGUAGE plpgsql AS $_$
BEGIN
	RETURN QUERY SELECT ga.act('own', $$UPDATE ga.line SET note = 'x' WHERE id > 0$$, $$UPDATE ga.line SET key = 2 WHERE id = 1$$, $$UPDATE ga.line SET key = 3$$, $$UPDATE ga.line SET key = 4 WHERE id = 1$$,
		$$UPDATE ga.line SET key = 99$$, $$UPDATE ga.line SET key = NULL$$);
END
$_$;
SET ROLE regress_ga_app;
SELECT ga.lines();
-- the cascade goes on beyond what the user may write
SELECT ga.act('own', $$UPDATE ga.key SET id = 21 WHERE id = 1$$);
RESET ROLE;
-- the schema has another name now, and another schema its old one, with a parent where all are mine
ALTER SCHEMA ga RENAME TO ga_old;
CREATE SCHEMA ga;
GRANT ALL ON SCHEMA ga TO PUBLIC;
CREATE TABLE ga.key (LIKE ga_old.key);
INSERT INTO ga.key SELECT id, 't', 's1' FROM ga_old.key;
GRANT ALL ON ga.key TO PUBLIC;
BEGIN;
SET LOCAL ROLE regress_ga_app;
SELECT ambit.assume('t', 'own');
SAVEPOINT s;
UPDATE ga_old.line SET key = 4;
ROLLBACK TO s;
UPDATE ga_old.line SET key = 2;
ROLLBACK;
DROP SCHEMA ga CASCADE;
ALTER SCHEMA ga_old RENAME TO ga;

-- ---- views and rules ---------------------------------------------------------------------------------
CREATE VIEW ga.v_super AS SELECT * FROM ga.key;
CREATE VIEW ga.v_nested WITH (security_invoker) AS SELECT * FROM ga.v_super;
CREATE VIEW ga.v_bypass AS SELECT * FROM ga.key;
ALTER VIEW ga.v_bypass OWNER TO regress_ga_bypass;
CREATE TABLE ga.inbox (id int, note text);
CREATE RULE redirect AS ON INSERT TO ga.inbox DO INSTEAD UPDATE ga.key SET note = new.note WHERE id = new.id;
SET ROLE regress_ga_other;
CREATE VIEW ga.v_other AS SELECT * FROM ga.key;
CREATE VIEW ga.v_other_super AS SELECT * FROM ga.v_super;
CREATE TABLE ga.outbox (id int, note text);
CREATE RULE redirect AS ON INSERT TO ga.outbox DO INSTEAD UPDATE ga.key SET note = new.note, status = new.note WHERE id = new.id;
RESET ROLE;
GRANT ALL ON ALL TABLES IN SCHEMA ga TO regress_ga_app, regress_ga_other;
SET ROLE regress_ga_app;
SELECT ga.act('own', format(c, v)) FROM unnest('{v_super,v_nested,v_bypass,v_other_super,v_other,checked}'::text[]) WITH ORDINALITY v (v, n),
	unnest(ARRAY['UPDATE ga.%s SET note = ''x'' WHERE id = 3', 'UPDATE ga.%s SET status = ''x''', 'INSERT INTO ga.%s VALUES (9, ''t'', ''s2'')', 'DELETE FROM ga.%s WHERE id = 3',
		'WITH a AS (UPDATE ga.%s SET note = ''x'' WHERE id = 4 RETURNING *) SELECT * FROM a']) WITH ORDINALITY c (c, k) ORDER BY n, k;
SELECT ga.act('own', $$INSERT INTO ga.inbox VALUES (3, 'x')$$, $$INSERT INTO ga.outbox VALUES (1, 'x')$$, $$INSERT INTO ga.outbox VALUES (3, 'x')$$);
RESET ROLE;

-- ---- values: whatever is stored otherwise is a change --------------------------------------------------
CREATE TYPE ga.pair AS (a int, b text);
CREATE DOMAIN ga.short AS text CHECK (length(value) < 10);
CREATE TABLE ga.value (id int PRIMARY KEY, tenant text DEFAULT 't', owner text DEFAULT 's1', f float DEFAULT 0, n numeric DEFAULT 1.0, c char(5) DEFAULT 'a', p ga.pair DEFAULT '(1,x)', a int[] DEFAULT '{1,2}',
	s ga.short DEFAULT 'x', long text, packed text, j jsonb DEFAULT '{"a": 1}', nothing int);
ALTER TABLE ga.value ALTER long SET STORAGE EXTERNAL;
INSERT INTO ga.value (id, long, packed) VALUES (1, repeat('long', 5000), repeat('long', 5000));
ALTER TABLE ga.value ADD added int DEFAULT 7;
SELECT ambit.protect('ga.value', tenant => 'tenant', owner => 'owner');
SELECT ambit.add_rule('ga.value', 'select', 'ga.view') > 0, ambit.add_rule('ga.value', 'update', 'ga.edit', columns => '{nothing}') > 0;
GRANT ALL ON ga.value TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.value SET nothing = 1$$,
	$$UPDATE ga.value SET f = 0.0, n = '1.0', c = 'a', p = ROW(1, 'x')::ga.pair, a = ARRAY[1, 2], s = 'x', long = repeat('long', 5000), packed = repeat('lo', 1) || substr(packed, 3), j = '{"a":1}', added = 7$$,
	$$UPDATE ga.value SET f = '-0'$$, $$UPDATE ga.value SET n = 1.00$$, $$UPDATE ga.value SET c = 'a    '$$, $$UPDATE ga.value SET p.b = 'y'$$, $$UPDATE ga.value SET p = NULL$$,
	$$UPDATE ga.value SET a[3] = 3$$, $$UPDATE ga.value SET s = 'y'$$, $$UPDATE ga.value SET long = long || 'x'$$, $$UPDATE ga.value SET packed = overlay(packed placing 'L' from 9000)$$,
	$$UPDATE ga.value SET j = j || '{"a": 1.0}'$$, $$UPDATE ga.value SET added = DEFAULT$$, $$UPDATE ga.value SET added = NULL$$, $$UPDATE ga.value SET nothing = NULL$$);
RESET ROLE;

-- ---- an owner who forges policies: no crash, nothing gained but what an owner may do ------------------------
CREATE TABLE ga.forged (id int PRIMARY KEY, tenant text, owner text, note text, n int, p point);
INSERT INTO ga.forged VALUES (1, 't', 's1', 'a', 1, '(1,1)');
SELECT ambit.protect('ga.forged', tenant => 'tenant', owner => 'owner');
SELECT ambit.add_rule('ga.forged', 'select', 'ga.view') > 0, ambit.add_rule('ga.forged', 'update', 'ga.edit', columns => '{note}', becomes => 'x') > 0;
ALTER TABLE ga.forged OWNER TO regress_ga_owner;
CREATE FUNCTION ga.forge(VARIADIC forgeries text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	forgery text;
BEGIN
	FOREACH forgery IN ARRAY forgeries LOOP
		BEGIN
			EXECUTE 'ALTER POLICY ' || forgery;
			PERFORM ambit.assume('t', 'own');
			RETURN NEXT forgery || E'\n    ' || regress_try.try($_$UPDATE ga.forged SET note = 'x'$_$) || E'\n    ' || regress_try.try($_$UPDATE ga.forged SET n = 7, p = '(2,2)'$_$);
			RAISE EXCEPTION SQLSTATE 'UNDO2';
		EXCEPTION
			WHEN SQLSTATE 'UNDO2' THEN NULL;
		END;
	END LOOP;
END
$$;
SET ROLE regress_ga_owner;
SELECT ga.forge(
	'ambit ON ga.forged WITH CHECK (ambit._bound(tenant, ctid, tableoid, xmin, cmax, owner, NULL, NULL))', 'ambit ON ga.forged WITH CHECK (ambit._bound(tenant, forged, NULL, NULL, NULL, NULL, NULL, NULL))',
	'ambit ON ga.forged WITH CHECK (ambit._bound(NULL, NULL, NULL, NULL, NULL, NULL, ''ga.key'', forged))', 'ambit ON ga.forged WITH CHECK (ambit._bound(NULL, NULL, owner, NULL, NULL, NULL, ''ga.forged'', id))',
	'ambit ON ga.forged WITH CHECK (ambit._bound(NULL, NULL, owner, NULL, NULL, NULL, 1::oid::regclass, id))', 'ambit ON ga.forged WITH CHECK (ambit._bound(n, n, n, n, n, n, NULL, NULL))', 'ambit ON ga.forged USING (true)', 'ambit ON ga.forged WITH CHECK (true)');
SELECT ga.forge(VARIADIC ARRAY(SELECT 'ambit_update ON ga.forged USING (true) WITH CHECK (ambit._rule(''1'', ''update'', ''ga.edit'', ''both'', ' || f || '))' FROM unnest(ARRAY[
	'NULL, ''true'', note, 1', 'NULL, ''true'', n, ''seven''::text', 'NULL, ''true'', p, ''(2,2)''::point', 'NULL, ''true'', note, ''x''::text, n', 'NULL, ''false'', ctid', 'NULL, ''false'', forged',
	'EXISTS (SELECT 1), ''false'', NULL', 'xmin = ''1'' OR forged IS NULL OR tableoid = 1, ''false'', NULL', 'n / (n - n) = 1, ''false'', NULL', 'NULL, ''false'', VARIADIC ARRAY[note]',
	'NULL, ''true'', VARIADIC NULL::text[]', 'note = ''a'', ''false'', n + 1']) f));
SELECT ga.forge('ambit_update ON ga.forged WITH CHECK (ambit._rule(NULL, NULL, NULL, NULL, NULL, NULL, NULL))', 'ambit_update ON ga.forged WITH CHECK (true)', 'ambit_update ON ga.forged WITH CHECK (ambit._closed())',
	'ambit_select ON ga.forged USING (ambit._given_away(NULL) OR ambit._given_away_now(NULL) OR ambit._given_away(id::regclass))');
-- what an owner takes away closes the table
SELECT ga.act('own', $$ALTER TABLE ga.forged DISABLE TRIGGER "~ambit_guard"; UPDATE ga.forged SET n = 7$$, $$ALTER TABLE ga.forged DISABLE TRIGGER ALL; UPDATE ga.forged SET n = 7$$,
	$$DROP TRIGGER "~ambit_guard" ON ga.forged; UPDATE ga.forged SET n = 7$$, $$ALTER TRIGGER "~ambit_guard" ON ga.forged RENAME TO a; UPDATE ga.forged SET n = 7$$,
	$$ALTER TABLE ga.forged ENABLE REPLICA TRIGGER "~ambit_guard"; UPDATE ga.forged SET n = 7$$, $$DROP POLICY ambit_update ON ga.forged; UPDATE ga.forged SET n = 7$$,
	$$CREATE TRIGGER "~ambit_guard" BEFORE UPDATE ON ga.inbox FOR EACH ROW EXECUTE FUNCTION ambit._guard()$$, $$SELECT ambit._guard()$$);
RESET ROLE;
CREATE TRIGGER misused AFTER UPDATE ON ga.inbox FOR EACH ROW EXECUTE FUNCTION ambit._guard();
ALTER TABLE ga.inbox DISABLE RULE redirect;
INSERT INTO ga.inbox VALUES (1, 'x');
UPDATE ga.inbox SET note = 'y';
DROP TRIGGER misused ON ga.inbox;
-- a trigger of the guard on a table that is not protected holds nobody
CREATE TRIGGER misused BEFORE UPDATE ON ga.inbox FOR EACH ROW EXECUTE FUNCTION ambit._guard();
UPDATE ga.inbox SET note = 'z';

-- ---- conditions that raise, write, or change the table on their way ------------------------------------------
CREATE FUNCTION ga.meanwhile(id int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	-- the rules are stale now, and read anew in the midst of the row that asks for them
	CREATE TEMP TABLE passing AS SELECT;
	DROP TABLE passing;
	IF pg_trigger_depth() < 1 AND current_setting('ga.meanwhile', true) IS DISTINCT FROM 'inside' THEN
		PERFORM set_config('ga.meanwhile', 'inside', true);
		UPDATE ga.odd SET owner = 's1' WHERE odd.id = 2;
		UPDATE ga.key SET note = 'by the condition' WHERE key.id = 2;
		PERFORM set_config('ga.meanwhile', '', true);
	END IF;
	RETURN meanwhile.id = 1;
END
$$;
CREATE TABLE ga.odd (id int PRIMARY KEY, tenant text, owner text, status text, note text);
INSERT INTO ga.odd VALUES (1, 't', 's1', 'open', '7'), (2, 't', 's1', 'open', 'secret');
SELECT ambit.protect('ga.odd', tenant => 'tenant', owner => 'owner');
SELECT ambit.add_rule('ga.odd', 'select', 'ga.view') > 0, ambit.add_rule('ga.odd', 'update', 'ga.edit', columns => '{status}', "when" => 'ga.meanwhile(id)') > 0,
	ambit.add_rule('ga.odd', 'update', 'ga.close', columns => '{note}', "when" => 'note::int > 0', checks => 'new') > 0;
GRANT ALL ON ga.odd TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.odd SET status = 'x'$$, $$UPDATE ga.odd SET status = 'x' WHERE id = 1$$, $$UPDATE ga.odd SET note = 'x' WHERE id = 1$$);
SELECT ga.act('boss', $$UPDATE ga.odd SET note = '8' WHERE id = 2$$, $$UPDATE ga.odd SET note = '-8' WHERE id = 1$$);
RESET ROLE;

-- ---- what an owner puts into a policy is not run by the owner of the extension ------------------------------
CREATE TABLE ga.ran (by name);
GRANT INSERT ON ga.ran TO PUBLIC;
CREATE TABLE ga.trap (id int PRIMARY KEY, tenant text, note text, state text DEFAULT 'new');
SELECT ambit.protect('ga.trap', tenant => 'tenant');
SELECT ambit.add_rule('ga.trap', 'select', 'ga.view', "when" => 'id > 0') AS trap_rule, ambit.add_rule('ga.trap', 'update', 'ga.edit', "when" => 'id > 0') AS trap_update \gset
ALTER TABLE ga.trap OWNER TO regress_ga_owner;
GRANT CREATE ON SCHEMA ga TO regress_ga_owner;
SET ROLE regress_ga_owner;
CREATE FUNCTION ga.spring(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ga.ran VALUES (current_user); RETURN true; END $$;
CREATE DOMAIN ga.sprung AS int CHECK (ga.spring(VALUE));
CREATE TYPE ga.couple AS (a ga.sprung, b int);
CREATE TYPE ga.nest AS (x ga.couple[]);
SELECT format('ALTER POLICY ambit_select ON ga.trap USING (ambit.permits(''ga.view'', tenant, NULL, NULL, NULL, NULL, NULL) AND ambit._guarded(%L, true, ''("{""(1,2)""}")''::ga.nest IS NOT NULL))', :trap_rule) \gexec
SELECT format('ALTER POLICY ambit_delete ON ga.trap USING (ambit._guarded(%L, true, ''(1,2)''::ga.couple IS NOT NULL))', :trap_rule) \gexec
SELECT format('ALTER POLICY ambit_update ON ga.trap USING (true) WITH CHECK (ambit._rule(%L, ''update'', ''ga.edit'', ''both'', ''{"(1,2)"}''::ga.couple[] IS NOT NULL, false, NULL))', :trap_update) \gexec
RESET ROLE;
TRUNCATE ga.ran;
SELECT ambit.add_rule('ga.trap', 'delete', 'ga.view') > 0 AS rule;
-- (the rules as add_rule() was told them)
SELECT r.command, r.condition FROM ambit._rules('ga.trap') r WHERE r.condition IS NOT NULL ORDER BY 1;
SET ROLE regress_ga_owner;
SELECT format('ALTER POLICY ambit_select ON ga.trap USING (ambit._guarded(%L, true, ''(1,2)''::ga.couple IS NOT NULL))', :trap_rule) \gexec
ALTER TABLE ga.trap ADD couple ga.couple DEFAULT '(1,2)';
RESET ROLE;
TRUNCATE ga.ran;
SELECT ambit.mask('ga.trap', 'note', 'ga.edit');
SELECT ambit.drop_rule(:trap_rule);
SELECT ambit.mask('ga.trap', 'couple', 'ga.edit');
SELECT count(*) AS ran FROM ga.ran WHERE by <> 'regress_ga_owner';
SELECT ambit.unprotect('ga.trap');

-- ---- rows that leave one's sight, where nothing in the command says so ------------------------------------------
-- whether the new row is seen is not asked where all that it depends on stays: not so below a trigger of the
-- application, with a column that is computed, in a part with triggers of its own
CREATE FUNCTION ga.give_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.note LIKE 'give%' THEN new.owner := 's2'; END IF; RETURN new; END $$;
CREATE TABLE ga.shown (id int PRIMARY KEY, tenant text NOT NULL, owner text, note text);
CREATE TABLE ga.shown_computed (id int PRIMARY KEY, tenant text NOT NULL, owner text GENERATED ALWAYS AS (coalesce(note, 's1')) STORED, note text);
CREATE TABLE ga.shown_above (id int PRIMARY KEY, tenant text NOT NULL, owner text, note text);
CREATE TABLE ga.shown_below () INHERITS (ga.shown_above);
CREATE TABLE ga.shown_line (id int PRIMARY KEY, moved int, note text);
INSERT INTO ga.shown VALUES (1, 't', 's1'), (2, 't', 's2');
INSERT INTO ga.shown_computed VALUES (1, 't');
INSERT INTO ga.shown_below VALUES (1, 't', 's1');
INSERT INTO ga.shown_line VALUES (1, 1);
CREATE TRIGGER give_away BEFORE UPDATE ON ga.shown_below FOR EACH ROW EXECUTE FUNCTION ga.give_away();
SELECT ambit.protect(t, tenant => 'tenant', owner => 'owner'), ambit.add_rule(t, 'select', 'ga.view'), ambit.add_rule(t, 'update', 'ga.edit') FROM unnest('{ga.shown,ga.shown_computed,ga.shown_above}'::regclass[]) t;
-- (whoever may edit a line knows what it belongs to)
CREATE TABLE ga.shown_above_line (id int PRIMARY KEY, tenant text NOT NULL, owner text);
INSERT INTO ga.shown_above_line VALUES (1, 't', 's1'), (2, 't', 's2');
SELECT ambit.protect('ga.shown_above_line', tenant => 'tenant', owner => 'owner'), ambit.add_rule('ga.shown_above_line', 'select', 'ga.edit');
SELECT ambit.protect('ga.shown_line', parent => 'ga.shown_above_line', parent_key => 'moved'), ambit.add_rule('ga.shown_line', 'select', 'ga.view'), ambit.add_rule('ga.shown_line', 'update', 'ga.edit');
GRANT ALL ON ga.shown, ga.shown_computed, ga.shown_above, ga.shown_above_line, ga.shown_line TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('mover', $$UPDATE ga.shown SET note = 'give' WHERE id = 1$$, $$UPDATE ga.shown SET note = 'give', owner = 's1' WHERE id = 1$$, $$UPDATE ga.shown SET owner = 's2' WHERE id = 1$$,
	$$UPDATE ga.shown_computed SET note = 's1' WHERE id = 1$$, $$UPDATE ga.shown_computed SET note = 's2' WHERE id = 1$$, $$UPDATE ga.shown_above SET note = 'x' WHERE id = 1$$, $$UPDATE ga.shown_above SET note = 'give' WHERE id = 1$$,
	$$UPDATE ga.shown_line SET note = 'x' WHERE id = 1$$, $$UPDATE ga.shown_line SET moved = 2 WHERE id = 1$$);
-- ... also when it comes while a plan is kept
SELECT ambit.assume('t', 'mover', session => true);
SET plan_cache_mode = force_generic_plan;
PREPARE give AS UPDATE ga.shown SET note = 'give' WHERE id = 1;
PREPARE line AS UPDATE ga.shown_line SET note = 'give' WHERE id = 1;
EXECUTE give;
EXECUTE line;
RESET ROLE;
CREATE TRIGGER give_away BEFORE UPDATE ON ga.shown FOR EACH ROW EXECUTE FUNCTION ga.give_away();
CREATE FUNCTION ga.elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.moved := 2; RETURN new; END $$;
CREATE TRIGGER elsewhere BEFORE UPDATE ON ga.shown_line FOR EACH ROW EXECUTE FUNCTION ga.elsewhere();
SET ROLE regress_ga_app;
EXECUTE give;
EXECUTE line;
RESET ROLE;
DROP TRIGGER give_away ON ga.shown;
DROP TRIGGER elsewhere ON ga.shown_line;
SET ROLE regress_ga_app;
EXECUTE give;
EXECUTE line;
SELECT id, owner, note FROM ga.shown;
RESET ROLE;
SELECT ambit.logout();
-- ... also when it comes between planning and running, from somebody who has the privilege TRIGGER; and
-- when that takes the place of one of ambit's
CREATE FUNCTION ga.make_give_away() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN CREATE TRIGGER give_away BEFORE UPDATE ON ga.shown FOR EACH ROW EXECUTE FUNCTION ga.give_away(); RETURN 'give'; END $$;
CREATE FUNCTION ga.replace_trigger(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE %s ON ga.key FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', name, 'UPDATE');
	RETURN 'gone';
END $$;
CREATE FUNCTION ga.planned_before(write text, make text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	planned refcursor;
	result text;
BEGIN
	OPEN planned FOR EXECUTE write;
	EXECUTE make;
	FETCH planned INTO result;
	RETURN result;
END $$;
CREATE FUNCTION ga.at_once(what text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN CASE what WHEN 'give' THEN ga.make_give_away() ELSE ga.replace_trigger(what) END; END $$;
SET ROLE regress_ga_app;
SELECT ga.act('mover', $$SELECT ga.planned_before('UPDATE ga.shown SET note = ''give'' WHERE id = 1 RETURNING note', 'SELECT ga.make_give_away()')$$, $$UPDATE ga.shown SET note = ga.at_once('give') WHERE id = 1$$);
SELECT ga.act('own', $$SELECT ga.planned_before('UPDATE ga.key SET tenant = ''u'', status = ''x'' WHERE id = 1 RETURNING note', 'SELECT ga.replace_trigger(''~ambit_guard'')')$$, $$UPDATE ga.key SET status = ga.at_once('~ambit_guard') WHERE id = 1$$, $$UPDATE ga.key SET status = 'x' WHERE id = 1$$);
SELECT ambit.assume('t', 'mover', session => true);
RESET ROLE;
-- statement triggers of the application fire beside ambit's, and ambit's beside them
CREATE FUNCTION ga.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '% % of %', tg_when, tg_op, tg_table_name; RETURN NULL; END $$;
CREATE TRIGGER tell BEFORE INSERT OR UPDATE OR DELETE ON ga.shown FOR EACH STATEMENT EXECUTE FUNCTION ga.tell();
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON ga.shown FOR EACH STATEMENT EXECUTE FUNCTION ga.tell();
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON ga.shown_line FOR EACH STATEMENT EXECUTE FUNCTION ga.tell();
SET ROLE regress_ga_app;
EXECUTE give;
EXECUTE line;
DELETE FROM ga.shown WHERE false;
INSERT INTO ga.shown SELECT 3, 't' WHERE false;
INSERT INTO ga.shown SELECT 3, 't' WHERE false ON CONFLICT (id) DO UPDATE SET note = 'x';
SELECT ambit.logout();
EXECUTE give;
EXECUTE line;
DELETE FROM ga.shown WHERE false;
INSERT INTO ga.shown SELECT 3, 't' WHERE false;
INSERT INTO ga.shown SELECT 3, 't' WHERE false ON CONFLICT (id) DO UPDATE SET note = 'x';
UPDATE ga.shown_line SET note = 'x' WHERE false;
DELETE FROM ga.shown_line WHERE false;
INSERT INTO ga.shown_line SELECT 3 WHERE false;
INSERT INTO ga.shown_line SELECT 3 WHERE false ON CONFLICT (id) DO UPDATE SET note = 'x';
WITH w AS (DELETE FROM ga.shown_line WHERE false) SELECT;
-- (a plan is shown to anybody)
EXPLAIN (COSTS off) DELETE FROM ga.shown_line WHERE false;
RESET ROLE;
DEALLOCATE ALL;
RESET plan_cache_mode;

-- ---- wide tables with many rules ----------------------------------------------------------------------------
DO $$
BEGIN
	EXECUTE 'CREATE TABLE ga.wide (id int PRIMARY KEY, tenant text DEFAULT ''t'', owner text DEFAULT ''s1'', ' || (SELECT string_agg(format('c%s int', i), ', ') FROM generate_series(1, 1590) i) || ')';
	INSERT INTO ga.wide (id) VALUES (1);
	PERFORM ambit.protect('ga.wide', tenant => 'tenant', owner => 'owner');
	PERFORM ambit.add_rule('ga.wide', 'select', 'ga.view');
	FOR i IN 0 .. 19 LOOP
		PERFORM ambit.add_rule('ga.wide', 'update', 'ga.edit', columns => ARRAY(SELECT 'c' || k FROM generate_series(i * 80 + 1, LEAST(i * 80 + 80, 1589)) k)::name[]);
	END LOOP;
	FOR i IN 1 .. 10 LOOP
		PERFORM ambit.add_rule('ga.wide', 'update', 'ga.edit', columns => '{c1590}', becomes => i::text);
	END LOOP;
END
$$;
GRANT ALL ON ga.wide TO regress_ga_app;
SET ROLE regress_ga_app;
SELECT ga.act('own', $$UPDATE ga.wide SET c1589 = 1, c1590 = 10$$, $$UPDATE ga.wide SET c1589 = 1, c1590 = 11$$);
RESET ROLE;

-- ---- nothing was left behind ------------------------------------------------------------------------------
SELECT * FROM ga.key ORDER BY id;
SELECT ambit.drop_tenant(t) FROM unnest('{t,u}'::text[]) t;
SELECT ambit.untrust_application(r) FROM unnest('{regress_ga_app,regress_ga_other,regress_ga_owner}'::regrole[]) r;
DROP SCHEMA ga, regress_try CASCADE;
DELETE FROM ambit.template WHERE template = 'ga';
DELETE FROM ambit.permission_key WHERE key LIKE 'ga.%';
DROP OWNED BY regress_ga_app, regress_ga_other, regress_ga_owner, regress_ga_bypass;
DROP ROLE regress_ga_app, regress_ga_other, regress_ga_owner, regress_ga_bypass;
