/*
 * plan_literals.sql
 *		Statements that differ in the key of their row alone share a plan that is
 *		kept (src/plans_literal.c): each finds its own row, or none, as if it had
 *		been planned for that key.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SET LOCAL jit = off;
SELECT no_plan();

CREATE ROLE regress_literals_app;
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_literals_app;
SELECT ambit._load_template('{
	"template": "t_literals",
	"scopes": {"served": {"relationship": "t_literals"}},
	"permissions": [{"key": "literals.view"}, {"key": "literals.edit"}],
	"roles": [{"role": "owner"}, {"role": "staff"}, {"role": "served"}, {"role": "client"}],
	"cells": [
		{"role": "owner", "permission": "literals.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "owner", "permission": "literals.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "literals.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "literals.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "served", "permission": "literals.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "served", "permission": "literals.edit", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "client", "permission": "literals.view", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "client", "permission": "literals.edit", "enabled": true, "entries": [{"scope": "self"}]}]
}', false) \g /dev/null
SELECT ambit.create_tenant(x, 't_literals') FROM unnest('{a,b}'::text[]) x \g /dev/null
SELECT ambit.add_member('a', r, '{"staff": 3, "client": 12}'), ambit.assign_role('a', r, r) FROM unnest('{owner,staff,served,client}'::text[]) r \g /dev/null

/* every seventh row is another tenant's; 900 rows and more, so that the index is worth it */
CREATE TABLE t.visit (id integer PRIMARY KEY, tenant text, staff integer, n bigint UNIQUE, note text);
INSERT INTO t.visit SELECT i, CASE WHEN i % 7 = 0 THEN 'b' ELSE 'a' END, i % 5, i + 1, 'note ' || i FROM generate_series(-2, 997) i;
CREATE TABLE t.client (id bigint PRIMARY KEY, tenant text, note text);
INSERT INTO t.client SELECT id, tenant, note FROM t.visit;
CREATE TABLE t.pair (id integer, tenant text, n integer, note text, PRIMARY KEY (id, n));
INSERT INTO t.pair SELECT id, tenant, n % 2, note FROM t.visit;
CREATE TABLE t.odd (id integer PRIMARY KEY, tenant text, note text);
INSERT INTO t.odd SELECT id, tenant, note FROM t.visit;
CREATE TABLE t.part (LIKE t.odd INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE t.part1 PARTITION OF t.part FOR VALUES FROM (-9) TO (20);
CREATE TABLE t.part2 PARTITION OF t.part FOR VALUES FROM (20) TO (9999);
INSERT INTO t.part SELECT * FROM t.odd;
CREATE TABLE t.person (id integer PRIMARY KEY, tenant text, note text);
INSERT INTO t.person SELECT id, tenant, note FROM t.visit;
CREATE TABLE t.served (client integer);
INSERT INTO t.served VALUES (11), (12), (700), (15), (16);
SELECT ambit.bind_relationship('t_literals', 'SELECT ''a'' AS tenant, 3 AS subject, client AS object FROM t.served') \g /dev/null
SELECT ambit.protect('t.visit', tenant => 'tenant', owner => 'staff'), ambit.protect('t.client', tenant => 'tenant', client => 'id'), ambit.protect('t.pair', tenant => 'tenant'),
	ambit.protect('t.person', tenant => 'tenant', owner => 'id'), ambit.protect('t.odd', tenant => 'tenant'), ambit.protect('t.part', tenant => 'tenant') \g /dev/null
SELECT ambit.add_rule(r, c, 'literals.' || CASE c WHEN 'select' THEN 'view' ELSE 'edit' END, "when" => CASE WHEN r::text LIKE '%odd' THEN 'id % 2 = 1 AND (id > 10 OR id < -9)' END)
FROM unnest('{t.visit,t.client,t.person,t.pair,t.odd,t.part}'::regclass[]) r, unnest('{select,update,delete}'::text[]) c \g /dev/null
CREATE VIEW t.visits WITH (security_invoker) AS SELECT id, note, staff FROM t.visit;
GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA t TO regress_literals_app;
ANALYZE t.visit, t.client, t.person, t.pair, t.odd, t.part;

/* what a statement finds or does, and undone again */
CREATE FUNCTION t.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result	text;
	n		bigint;
BEGIN
	EXECUTE query INTO result;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION SQLSTATE 'UNDO1';
EXCEPTION
	WHEN SQLSTATE 'UNDO1' THEN RETURN format('%s %s', n, result);
	WHEN OTHERS THEN RETURN sqlstate;
END
$$;
CREATE FUNCTION t.shown(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END$$;
/* the planner calls it for its estimates, so calls tell whether a statement was planned */
CREATE SEQUENCE t.calls;
CREATE FUNCTION t.zero() RETURNS integer LANGUAGE plpgsql STABLE AS $$BEGIN PERFORM nextval('t.calls'); RETURN -99; END$$;
GRANT USAGE ON SEQUENCE t.calls TO regress_literals_app;
/* statements with these in the place of # that do something else with plans that are kept */
CREATE FUNCTION t.differences(who text, query text, VARIADIC keys text[] = '{5,12,15,16,3,2,997,7,700,11,8,3,1,0,-2,5000,12,19,20,21,77,998}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	key		text;
	found	text;
	expected	text;
	result	text;
BEGIN
	PERFORM ambit.assume('a', who);
	SET LOCAL ROLE regress_literals_app;
	FOR i IN 1..3 LOOP
		FOREACH key IN ARRAY keys LOOP
			found := t.outcome(replace(query, '#', key));
			SET LOCAL ambit.keep_plans = off;
			expected := t.outcome(replace(query, '#', key));
			RESET ambit.keep_plans;
			IF found IS DISTINCT FROM expected THEN
				result := concat_ws(E'\n', result, format('%s: %s, not %s', replace(query, '#', key), found, expected));
			END IF;
		END LOOP;
	END LOOP;
	RESET ROLE;
	RETURN result;
END
$$;
/* whether the last of these keys is looked for by a plan that was kept for others */
CREATE FUNCTION t.is_kept(who text, query text, VARIADIC keys text[] = '{5,12,15}') RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	key		text;
	calls	bigint[];
BEGIN
	PERFORM ambit.assume('a', who);
	SET LOCAL ROLE regress_literals_app;
	FOREACH key IN ARRAY keys LOOP
		calls := calls || nextval('t.calls');
		PERFORM t.outcome(replace(query, '#', key));
	END LOOP;
	calls := calls || nextval('t.calls');
	RESET ROLE;
	RETURN calls[4] - calls[3] < calls[2] - calls[1];
END
$$;

/* ---- that they share a plan ----------------------------------------------------------- */

SELECT ok(t.is_kept(who, format('%s AND note > t.zero()::text AND id = #', command)), format('%s: %s', who, command))
FROM unnest('{owner,staff}'::text[]) who, unnest(ARRAY['SELECT note FROM t.visit WHERE staff >= 0', $$UPDATE t.visit SET note = 'x' WHERE staff >= 0$$, 'DELETE FROM t.visit WHERE staff >= 0']) command;
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.visit WHERE id = # AND n > t.zero() LIMIT 5'), 'what stands behind the key');
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.client WHERE n.id = # AND n.note > t.zero()::text') IS NOT NULL, 'a statement that fails');
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.client n WHERE n.id = # AND n.note > t.zero()::text'), 'the key of a client, all of whom are in reach');
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.client n WHERE n.id = # AND n.note > t.zero()::text', '5000000001', '5000000002', '5000000003'), 'numbers of eight bytes');
SELECT ok(t.is_kept(who, 'SELECT note FROM t.client n WHERE n.id = # AND n.note > t.zero()::text', '12', '11', '15'), format('and of one that is in reach of a %s', who)) FROM unnest('{served,client}'::text[]) who;
SELECT ok(NOT t.is_kept('owner', 'SELECT note FROM t.visit WHERE id = # AND id > t.zero()'), 'not where something else is said of the key');
SELECT ok(NOT t.is_kept('owner', 'SELECT note FROM t.visit WHERE n = # AND n > t.zero()'), 'nor of another column');
SELECT ok(NOT t.is_kept('owner', 'SELECT note FROM t.visit WHERE staff = # AND n > t.zero()'), 'that is no key');
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.visit WHERE staff = # AND n > t.zero()', '4', '4', '4'), 'which is kept by its text');
SELECT ok(t.is_kept('owner', 'SELECT note FROM t.visit WHERE id = # AND id > t.zero()', '6', '6', '6'), 'as are those that say more of the key');

/* ---- that each finds what it looks for ------------------------------------------------- */

SELECT is(t.differences(who, q), NULL, format('%s: %s', who, q))
FROM unnest('{owner,staff,served,client}'::text[]) who, unnest(ARRAY[
	'SELECT note FROM t.visit WHERE id = #', 'SELECT note FROM t.visit WHERE staff = 3 AND id = # ORDER BY id LIMIT 3', 'SELECT id FROM t.visit WHERE id = #', 'SELECT id FROM t.visit WHERE # = id',
	'SELECT note FROM t.visit WHERE id = # AND id > 10', 'SELECT note FROM t.visit WHERE id > 10 AND id = #', 'SELECT note FROM t.visit WHERE id = # AND id = 12', 'SELECT note FROM t.visit WHERE id = # AND id = n - 1',
	'SELECT note FROM t.visit WHERE id = # AND id % 2 = 1', 'SELECT note FROM t.visit WHERE id = # AND (id > 10 OR id < -9)', 'SELECT note FROM t.visit WHERE id = # AND id IN (5, 12, 15)', 'SELECT note FROM t.visit WHERE id = # AND NOT id > 500',
	'SELECT note FROM t.visit WHERE id = # AND id = n - 1 AND n = 13', 'UPDATE t.person SET note = ''x'' WHERE id = # RETURNING note', 'DELETE FROM t.person WHERE id = #', 'SELECT note FROM t.person WHERE id = #', 'UPDATE t.client SET note = ''x'' WHERE id = # AND id IS NOT NULL', 'SELECT note FROM t.visit WHERE id = # AND visit IS NOT NULL AND visit::text LIKE ''(1%''', 'SELECT note FROM t.visit WHERE id = # OR id = 12',
	'SELECT note FROM t.visit WHERE id = # AND EXISTS (SELECT FROM t.client c WHERE c.id = visit.id AND visit.id > 10)', 'SELECT (SELECT c.note FROM t.client c WHERE c.id = visit.id) FROM t.visit WHERE id = #',
	'SELECT note || #::text FROM t.visit WHERE id = #', 'SELECT note FROM t.visit WHERE id = #::bigint', 'SELECT note FROM t.visit WHERE id = ''#''', 'SELECT note FROM t.visit WHERE id = #.0', 'SELECT note FROM t.visit WHERE id = #/* # */',
	'SELECT count(*) FROM t.visit WHERE id = #', 'SELECT note FROM t.visit WHERE id = # FOR UPDATE', 'SELECT note FROM t.visits WHERE id = #', 'SELECT v.note FROM t.visit v JOIN t.client c ON c.id = v.id WHERE v.id = #',
	'SELECT note FROM t.client WHERE id = #', 'SELECT note FROM t.client WHERE id = # AND id > 11', 'SELECT note FROM t.pair WHERE id = # AND n = 1', 'SELECT note FROM t.odd WHERE id = #', 'SELECT note FROM t.part WHERE id = #', 'SELECT note FROM t.part1 WHERE id = #',
	'WITH c AS (SELECT note FROM t.visit WHERE id = #) SELECT note FROM c', 'WITH c AS (SELECT 1) SELECT note FROM t.visit WHERE id = #', 'WITH c AS (DELETE FROM t.client WHERE id = #) DELETE FROM t.visit WHERE id = # RETURNING note',
	'UPDATE t.visit SET note = ''x'' WHERE id = # RETURNING note', 'UPDATE t.visit SET note = #::text || ''x'' WHERE id = # RETURNING note', 'UPDATE t.visit SET staff = 4 WHERE id = # RETURNING staff', 'UPDATE t.visit SET id = id + 5000 WHERE id = # RETURNING id', 'UPDATE t.visits SET note = ''x'' WHERE id = # RETURNING note',
	'UPDATE t.client SET note = ''x'' WHERE id = # RETURNING note', 'UPDATE t.odd SET note = ''x'' WHERE id = #', 'DELETE FROM t.visit WHERE id = # RETURNING note', 'DELETE FROM t.client WHERE id = #', 'DELETE FROM t.odd WHERE id = # RETURNING note', 'DELETE FROM t.part WHERE id = #',
	'DELETE FROM t.visit USING t.odd o WHERE visit.id = # AND o.id = visit.id', 'DELETE FROM t.visit WHERE id = # AND id IN (SELECT id FROM t.odd)']) q;

/* an index that holds some keys only is worth more than the primary key where it does */
CREATE UNIQUE INDEX small ON t.odd (id) WHERE id < 20;
CREATE UNIQUE INDEX visit_small ON t.visit (id) WHERE id < 20;
ANALYZE t.odd, t.visit;
SELECT matches((SELECT string_agg(line, ' ') FROM t.shown('UPDATE t.visit SET note = ''x'' WHERE id = 12') line), 'visit_small', 'it is taken');
SELECT is(t.differences(who, q), NULL, format('%s with an index of some: %s', who, q))
FROM unnest('{owner,staff}'::text[]) who, unnest(ARRAY['SELECT note FROM t.odd WHERE id = #', 'DELETE FROM t.odd WHERE id = #', 'SELECT note FROM t.visit WHERE id = # LIMIT 7', 'SELECT id FROM t.visit WHERE id = # LIMIT 7', 'UPDATE t.visit SET note = ''y'' WHERE id = # RETURNING note']) q;
DROP INDEX t.small, t.visit_small;

/* a condition that can be refuted while a statement is planned */
ALTER TABLE t.visit ADD CHECK (id < 9999);
SET LOCAL constraint_exclusion = on;
SELECT is(t.differences(who, q, '5', '99999', '12', '16', '99999', '15'), NULL, format('%s with constraint_exclusion: %s', who, q))
FROM unnest('{owner,staff}'::text[]) who, unnest(ARRAY['SELECT note FROM t.visit WHERE id = #', 'DELETE FROM t.visit WHERE id = # RETURNING note']) q;
RESET constraint_exclusion;

/* another primary key; a column less; rights that change */
SELECT is(t.differences('owner', 'SELECT id FROM t.visit WHERE id = # GROUP BY id HAVING id > 10 OR id < -9'), NULL, 'HAVING');
ALTER TABLE t.visit DROP CONSTRAINT visit_pkey, ADD PRIMARY KEY (n);
INSERT INTO t.visit SELECT id, tenant, staff, n + 5000, note || ' again' FROM t.visit WHERE id < 20;
SELECT is(t.differences(who, q), NULL, format('%s by another primary key: %s', who, q))
FROM unnest('{owner,staff}'::text[]) who, unnest(ARRAY['SELECT string_agg(note, '','' ORDER BY note) FROM t.visit WHERE id = #', 'SELECT note FROM t.visit WHERE n = #', 'DELETE FROM t.visit WHERE id = #']) q;
ALTER TABLE t.person DROP COLUMN note;
SELECT is(t.differences(who, 'SELECT note FROM t.person WHERE id = #'), NULL, format('%s: a column less', who)) FROM unnest('{owner,staff}'::text[]) who;
SELECT ambit.revoke_role('a', 'staff', 'staff') \g /dev/null
SELECT is(t.differences('staff', 'SELECT note FROM t.client WHERE id = #'), NULL, 'a role less');
SELECT is((SELECT string_agg(t.outcome('SELECT note FROM t.client WHERE id = ' || i), ',') FROM unnest('{5,12,15}'::integer[]) i, LATERAL (SELECT set_config('role', 'regress_literals_app', true) r OFFSET 0) r), '0 ,0 ,0 ', 'shows nothing');
RESET ROLE;

/* a table that comes below, whose rows have keys of their own */
SELECT is(t.differences('owner', 'SELECT string_agg(note, '','') FROM t.pair WHERE id = #'), NULL, 'no index yet');
ALTER TABLE t.odd ADD n integer;
CREATE TABLE t.below () INHERITS (t.odd);
INSERT INTO t.below SELECT id, tenant, 'below ' || id FROM t.odd WHERE id IN (11, 15, 77);
GRANT SELECT, DELETE ON t.below TO regress_literals_app;
SELECT is(t.differences('owner', q), NULL, format('with a table below: %s', q)) FROM unnest(ARRAY['SELECT note FROM t.odd WHERE id = # ORDER BY note', 'SELECT note FROM ONLY t.odd WHERE id = #', 'DELETE FROM t.odd WHERE id = #']) q;

/* what is shown is the key of the day; what is prepared keeps its own */
SELECT ambit.assume('a', 'owner') \g /dev/null
SET LOCAL ROLE regress_literals_app;
SELECT matches((SELECT string_agg(line, E'\n') FROM t.shown('SELECT note FROM t.visit WHERE id = ' || i) line), E'id = ' || i || E'\\)', 'EXPLAIN tells the key ' || i) FROM unnest('{31,32,33,34}'::integer[]) i;
PREPARE first AS SELECT note FROM t.visit WHERE id = 41;
PREPARE second AS SELECT note FROM t.visit WHERE id = 43;
PREPARE third AS SELECT note FROM t.visit WHERE id = 44;
SELECT is(note, 'note 41', 'prepared, the first') FROM (SELECT t.outcome('EXECUTE first')) o (o), LATERAL (SELECT substr(o, 3)) n (note);
SELECT is(note, 'note 43', 'the second') FROM (SELECT t.outcome('EXECUTE second')) o (o), LATERAL (SELECT substr(o, 3)) n (note);
SELECT is(note, 'note 44', 'the third') FROM (SELECT t.outcome('EXECUTE third')) o (o), LATERAL (SELECT substr(o, 3)) n (note);
SELECT is(note, 'note 41', 'and the first again') FROM (SELECT t.outcome('EXECUTE first')) o (o), LATERAL (SELECT substr(o, 3)) n (note);
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
