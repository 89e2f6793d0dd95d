/*
 * plan_parents.sql
 *		Parents of rows are joined: the plan of a table with a parent is that of
 *		the same query with EXISTS as an expert would have written it, where the
 *		table is read alone and nothing in the statement could tell of rows before
 *		they are joined; the rows are those of the policies in any case.
 *
 * Shapes of plans, never cost or time.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT no_plan();

CREATE ROLE regress_parents_app;
CREATE SCHEMA t;
GRANT ALL ON SCHEMA t TO regress_parents_app;

/* ---- courses, their lessons, remarks on lessons ----------------------------------- */

SELECT set_config('t.discard', ambit._load_template('{
	"template": "t_parents",
	"permissions": [{"key": "parents.courses"}, {"key": "parents.view"}, {"key": "parents.more"}],
	"roles": [{"role": "owner"}, {"role": "teacher"}, {"role": "team"}],
	"cells": [
		{"role": "owner", "permission": "parents.courses", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "owner", "permission": "parents.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "team", "permission": "parents.courses", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "team", "permission": "parents.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "team", "permission": "parents.more", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "teacher", "permission": "parents.courses", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "teacher", "permission": "parents.view", "enabled": true, "entries": [{"scope": "own"}]}]
}', false)::text, true) \g /dev/null

CREATE TABLE t.course (id bigint PRIMARY KEY, tenant text NOT NULL, staff bigint, team text, title text);
CREATE TABLE t.lesson (id bigint PRIMARY KEY, course bigint, starts_at timestamptz, place integer, text text);
CREATE TABLE t.remark (id bigint PRIMARY KEY, lesson bigint, text text);
INSERT INTO t.course SELECT i, 't' || i % 4, i / 4 % 40, 'g' || i / 4 % 20, 'course ' || i FROM generate_series(1, 800) i;
INSERT INTO t.lesson SELECT i, 1 + i::bigint * 7919 % 800, timestamptz '2026-01-01' + i * interval '10 minutes', i % 100, 'lesson ' || i FROM generate_series(1, 16000) i;
INSERT INTO t.lesson VALUES (40001, NULL, '2026-06-01', 1, 'of nothing'), (40002, 5000, '2026-06-01', 1, 'of a course that is gone');
INSERT INTO t.remark SELECT i, 1 + i::bigint * 6007 % 16000, 'remark ' || i FROM generate_series(1, 4000) i;
CREATE INDEX course_staff ON t.course (tenant, staff);
CREATE INDEX course_team ON t.course (tenant, team);
CREATE INDEX lesson_course ON t.lesson (course);
CREATE INDEX lesson_start ON t.lesson (starts_at);
CREATE INDEX remark_lesson ON t.remark (lesson);
CREATE VIEW t.lessons WITH (security_invoker) AS SELECT id AS lesson, course, starts_at, text FROM t.lesson;
CREATE VIEW t.barrier WITH (security_barrier, security_invoker) AS SELECT id AS lesson, course, text FROM t.lesson;
DO $do$
BEGIN
	PERFORM ambit.create_tenant('t' || i, 't_parents') FROM generate_series(0, 3) i;
	PERFORM ambit.add_member(t, u, '{"staff": "7"}'), ambit.assign_role(t, u, u)
	FROM unnest('{t1,t2}'::text[]) t, unnest('{owner,teacher,team}'::text[]) u;
	PERFORM ambit.add_group('t1', 'g9'), ambit.add_to_group('t1', 'g9', 'team');
	PERFORM ambit.trust_application('regress_parents_app');
	PERFORM ambit.protect('t.course', tenant => 'tenant', owner => 'staff', team => 'team');
	PERFORM ambit.protect('t.lesson', parent => 't.course', parent_key => 'course');
	PERFORM ambit.protect('t.remark', parent => 't.lesson', parent_key => 'lesson');
	PERFORM ambit.add_rule('t.course', c, 'parents.courses'), ambit.add_rule('t.lesson', c, 'parents.view'), ambit.add_rule('t.remark', c, 'parents.view')
	FROM unnest('{select,update,delete}'::text[]) c;
END
$do$;
GRANT ALL ON ALL TABLES IN SCHEMA t TO regress_parents_app;
ANALYZE t.course, t.lesson, t.remark;

/* ---- plans as by hand --------------------------------------------------------------- */

/* what an application would ask its session for; plpgsql, so that nothing is inlined */
CREATE FUNCTION t.h_tenant() RETURNS text LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 't1'; END$$;
CREATE FUNCTION t.h_me() RETURNS bigint LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 7; END$$;
CREATE TABLE t.predicate (who text, course text);
INSERT INTO t.predicate VALUES ('owner', '@.tenant = t.h_tenant()'), ('teacher', '@.tenant = t.h_tenant() AND @.staff = t.h_me()'), ('nobody', 'false');

/* {a}: of the lessons of alias a, {c}: of courses c, {r}: of remarks r; $1: a parameter */
CREATE TABLE t.query (name text, query text, parameter text);
INSERT INTO t.query VALUES
	('page', 'SELECT * FROM t.lesson l WHERE {l} ORDER BY starts_at LIMIT 20', NULL),
	('page from', 'SELECT * FROM t.lesson l WHERE starts_at >= $1 AND {l} ORDER BY starts_at LIMIT 20', 'timestamptz ''2026-03-01'''),
	('point', 'SELECT * FROM t.lesson l WHERE id = $1 AND {l}', '777::bigint'),
	('count', 'SELECT count(*) FROM t.lesson l WHERE {l}', NULL),
	('aggregate', 'SELECT place, count(*), string_agg(upper(text), $$,$$) FROM t.lesson l WHERE {l} GROUP BY place ORDER BY count(*) DESC', NULL),
	('what is returned may be anything', 'SELECT upper(text) || 1 / (place + 1) FROM t.lesson l WHERE {l}', NULL),
	('aggregate of all', 'SELECT max(upper(text)), count(DISTINCT place) FROM t.lesson l WHERE {l}', NULL),
	('window', 'SELECT id, row_number() OVER (PARTITION BY course ORDER BY starts_at) FROM t.lesson l WHERE {l}', NULL),
	('union', 'SELECT id FROM t.lesson l WHERE place = 5 AND {l} UNION ALL SELECT id FROM t.lesson l WHERE place = 6 AND {l}', NULL),
	('subquery', 'SELECT (SELECT count(*) FROM t.lesson l WHERE l.course = c.id AND {l}) FROM t.course c WHERE c.id = $1 AND {c}', '29::bigint'),
	('subquery of one', 'SELECT x.id FROM (SELECT id, place FROM t.lesson l WHERE {l} ORDER BY starts_at LIMIT 9) x WHERE place > 3', NULL),
	('subquery that is put in', 'SELECT x.id FROM (SELECT id, place FROM t.lesson l WHERE {l}) x WHERE place = 3', NULL);

/* two ways to write the same policy: hand-written, the course once */
CREATE FUNCTION t.filled(query text, predicate text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(replace(replace(query, '{l}', format('EXISTS (SELECT FROM t.course p WHERE p.id = l.course AND %s)', replace(predicate, '@', 'p'))),
		'{c}', replace(predicate, '@', 'c')),
		'{r}', format('EXISTS (SELECT FROM t.lesson q WHERE q.id = r.lesson AND EXISTS (SELECT FROM t.course p WHERE p.id = q.course AND %s))', replace(predicate, '@', 'p')))
$$;

/*
 * What the policies of the course and of the lesson both ask, the server compares
 * with itself below outer joins, once a scan (until 15): this is no part of a shape.
 */
CREATE FUNCTION t.shape(node jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF node ->> 'One-Time Filter' ~ '^\(+ambit\._key' THEN
		RETURN t.shape(node -> 'Plans' -> 0);
	END IF;
	RETURN concat_ws(' ', node ->> 'Node Type', node ->> 'Join Type', node ->> 'Scan Direction', COALESCE(node ->> 'Index Name', node ->> 'Relation Name'), 'never: ' || (node ->> 'One-Time Filter'))
		|| COALESCE((SELECT ' [' || string_agg(t.shape(child), ', ' ORDER BY n) || ']' FROM jsonb_array_elements(node -> 'Plans') WITH ORDINALITY c (child, n)), '');
END
$$;

/* how: simple, generic or custom */
CREATE FUNCTION t.plan(query text, parameter text, how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan	jsonb;
BEGIN
	IF how = 'simple' THEN
		query := replace(query, '$1', COALESCE(parameter, ''));
	ELSE
		PERFORM set_config('plan_cache_mode', format('force_%s_plan', how), true);
		EXECUTE format('PREPARE t_plan%s AS %s', '(' || CASE WHEN parameter LIKE 'time%' THEN 'timestamptz' WHEN parameter IS NOT NULL THEN 'bigint' END || ')', query);
		query := 'EXECUTE t_plan' || COALESCE('(' || parameter || ')', '');
	END IF;
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	IF how <> 'simple' THEN
		DEALLOCATE t_plan;
	END IF;
	RETURN t.shape(plan -> 0 -> 'Plan');
END
$$;

CREATE FUNCTION t.become(who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF who = 'nobody' THEN
		PERFORM ambit.logout();
	ELSE
		PERFORM ambit.assume('t1', who);
	END IF;
END
$$;

CREATE FUNCTION t.own(member text, query text, parameter text = NULL, how text = 'simple') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	shape	text;
BEGIN
	PERFORM t.become(member);
	SET LOCAL ROLE regress_parents_app;
	shape := t.plan(regexp_replace(query, '\{[lcr]\}', 'true', 'g'), parameter, how);
	RESET ROLE;
	RETURN shape;
END
$$;

SELECT is(t.own(p.who, q.query, q.parameter, h.how), t.plan(t.filled(q.query, p.course), q.parameter, h.how), format('%s, %s, %s: the plan by hand', p.who, q.name, h.how))
FROM t.predicate p, t.query q, unnest('{simple,generic,custom}'::text[]) h (how);

/* two levels of parents: what the lesson's own policy asks of its course is asked once */
SELECT is(t.own(p.who, q), t.plan(t.filled(q, p.course), NULL, 'simple'), format('%s: %s', p.who, q))
FROM t.predicate p, unnest(ARRAY['SELECT count(*) FROM t.remark r WHERE {r}', 'SELECT * FROM t.remark r WHERE id = 5 AND {r}']) q;

/* several rules, of which one is enough, are one look at the course */
DO $do$ BEGIN PERFORM ambit.add_rule('t.lesson', 'select', 'parents.more'); END $do$;
SELECT is(t.own('teacher', 'SELECT count(*) FROM t.lesson l'), t.plan(t.filled('SELECT count(*) FROM t.lesson l WHERE {l}', p.course), NULL, 'simple'), 'a rule that gives nothing changes nothing')
FROM t.predicate p WHERE who = 'teacher';
SELECT unalike(t.own('team', 'SELECT count(*) FROM t.lesson l'), '%Seq Scan lesson [%', 'two rules: the courses of either are joined');

/* off, and where a function might tell: as the policy stands */
SELECT alike(t.own('teacher', 'SELECT count(*) FROM t.lesson l WHERE text LIKE $$%7$$'), '%Seq Scan lesson [%', 'a condition that might tell of rows: the policy is asked in the scan');
SELECT unalike(t.own('teacher', 'SELECT count(*) FROM t.lesson l WHERE text > $$lesson 7$$'), '%Seq Scan lesson%', 'one that could not: the course is joined');
SELECT alike(t.own('teacher', 'SELECT * FROM t.lesson l FOR UPDATE'), '%Seq Scan lesson [%', 'rows that are locked: in the scan');
SELECT set_config('ambit.specialize_plans', 'off', true) \g /dev/null
SELECT alike(t.own('teacher', 'SELECT count(*) FROM t.lesson l'), '%Seq Scan lesson [%', 'off: in the scan');
SELECT set_config('ambit.specialize_plans', 'on', true) \g /dev/null

/* ---- nobody's function sees a row too early -------------------------------------------- */

/* lies about everything: cheap, and immutable; whatever it is shown it writes down */
SET LOCAL t.ago = '2 years';
SET LOCAL t.told = '';
CREATE FUNCTION t.tell(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$
BEGIN
	PERFORM set_config('t.told', current_setting('t.told') || ';' || COALESCE($1, 'NULL'), true);
	RETURN true;
END
$$;
CREATE FUNCTION t.say(text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 0.0000001 AS $$BEGIN PERFORM t.tell($1); RETURN $1; END$$;
CREATE FUNCTION t.told(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE COST 0.0000001 AS $$SELECT t.tell($2)$$;
CREATE FUNCTION t.rows_of(text) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE COST 0.0000001 ROWS 1 AS $$BEGIN PERFORM t.tell($1); RETURN NEXT $1; END$$;
CREATE OPERATOR t.=== (FUNCTION = t.told, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION t.boom() RETURNS boolean LANGUAGE plpgsql COST 10000 AS $$BEGIN PERFORM t.tell('lesson 1'); RETURN true; END$$;
CREATE FUNCTION t.calm() RETURNS boolean LANGUAGE plpgsql STABLE COST 10000 AS $$BEGIN PERFORM t.tell('lesson 1'); RETURN true; END$$;
/* its negator stands in for it */
CREATE OPERATOR t.!!! (FUNCTION = t.told, LEFTARG = text, RIGHTARG = text, NEGATOR = OPERATOR(t.@@@));
CREATE OPERATOR t.@@@ (FUNCTION = pg_catalog.texteq, LEFTARG = text, RIGHTARG = text, NEGATOR = OPERATOR(t.!!!));
/* a table of one's own, with a policy of one's own */
CREATE TABLE t.watched (id bigint PRIMARY KEY, text text UNIQUE);
INSERT INTO t.watched SELECT id, text FROM t.lesson;
ALTER TABLE t.watched ENABLE ROW LEVEL SECURITY;
CREATE POLICY watch ON t.watched USING (t.tell(text));
CREATE TABLE t.claimed (LIKE t.watched INCLUDING ALL);
INSERT INTO t.claimed TABLE t.watched;
ALTER TABLE t.claimed ENABLE ROW LEVEL SECURITY;
CREATE POLICY claim ON t.claimed USING (ambit.permits('parents.view', t.say(text), NULL, NULL, NULL, NULL, NULL));
GRANT SELECT ON t.watched, t.claimed TO regress_parents_app;
CREATE AGGREGATE t.gather (text) (SFUNC = textcat, STYPE = text, INITCOND = '');

/* joined: what might tell comes after all joins, or nothing does */
CREATE TABLE t.attack (n serial, query text, joined boolean DEFAULT false);
INSERT INTO t.attack (query) VALUES
	('SELECT l.id FROM t.lesson l WHERE t.tell(text)'),
	('SELECT l.id FROM t.lesson l WHERE $$x$$ OPERATOR(t.===) text'),
	('SELECT l.id FROM t.lesson l WHERE id > 0 AND (place = -1 OR t.tell(text))'),
	('SELECT l.id FROM t.lesson l WHERE CASE WHEN t.tell(text) THEN true END'),
	('SELECT l.id FROM t.lesson l WHERE t.say(text) IN ($$a$$, text)'),
	('SELECT l.id FROM t.lesson l WHERE COALESCE(t.say(text), text) IS NOT NULL'),
	('SELECT l.id FROM t.lesson l WHERE (t.say(text), 1) <> ($$$$, 1)'),
	('SELECT l.id FROM t.lesson l WHERE ARRAY[t.say(text)] <> ARRAY[$$x$$]'),
	('SELECT l.id FROM t.lesson l WHERE t.tell(l::text)'),
	('SELECT l.id FROM t.lesson l WHERE t.tell((SELECT x.text FROM t.lesson x WHERE x.id = l.id))'),
	('SELECT l.id FROM t.lesson l WHERE EXISTS (SELECT FROM generate_series(1, 1) WHERE t.tell(l.text))'),
	('SELECT l.id FROM t.lesson l WHERE id IN (SELECT c.id FROM t.course c WHERE t.tell(l.text))'),
	('SELECT l.id FROM t.lesson l WHERE l.text IN (SELECT t.say(l.text) FROM t.course c)'),
	('SELECT count(*) FROM t.lesson l JOIN t.course c ON c.id = l.id AND t.tell(l.text)'),
	('SELECT count(l.id) FROM t.course c LEFT JOIN t.lesson l ON c.id = l.id AND t.tell(l.text)'),
	('SELECT count(l.id) FROM t.lesson l LEFT JOIN t.course c ON c.id = l.id AND t.tell(l.text)'),
	('SELECT count(l.id) FROM t.lesson l FULL JOIN (SELECT 1 AS id WHERE t.tell($$ours$$)) c ON c.id = l.id WHERE t.tell(l.text)'),
	('SELECT l.id FROM t.lesson l ORDER BY t.say(text) LIMIT 1000'),
	('SELECT DISTINCT ON (t.say(text)) l.id FROM t.lesson l'),
	('SELECT t.say(text), count(*) FROM t.lesson l GROUP BY t.say(text)'),
	('SELECT t.say(text), count(*) FROM t.lesson l GROUP BY ROLLUP (t.say(text))'),
	('SELECT place FROM t.lesson l GROUP BY place HAVING t.tell(place::text) AND bool_and(t.tell(text))'),
	('SELECT rank() OVER (PARTITION BY t.say(text) ORDER BY id) FROM t.lesson l'),
	('SELECT t.gather(text ORDER BY t.say(text)) FROM t.lesson l'),
	('SELECT count(DISTINCT t.say(text)) FROM t.lesson l'),
	('SELECT x.* FROM t.lesson l, LATERAL t.rows_of(l.text) x'),
	('SELECT x.* FROM t.lesson l, LATERAL (VALUES (t.say(l.text))) x'),
	('SELECT x.* FROM t.lesson l, LATERAL (SELECT t.say(l.text) OFFSET 0) x'),
	('SELECT lesson FROM t.lessons WHERE t.tell(text)'),
	('SELECT lesson FROM t.barrier WHERE t.tell(text)'),
	('SELECT id FROM (SELECT id, t.say(text) AS said FROM t.lesson) x WHERE said <> $$x$$'),
	('SELECT id FROM (SELECT id, t.say(text) AS said FROM t.lesson OFFSET 0) x'),
	('SELECT c.id FROM t.course c LEFT JOIN (SELECT id, t.say(text) AS said FROM t.lesson) x ON x.id = c.id WHERE x.said IS NOT NULL OR c.id > 0'),
	('WITH x AS (SELECT id, text FROM t.lesson) SELECT id FROM x WHERE t.tell(text)'),
	('WITH x AS MATERIALIZED (SELECT id, t.say(text) FROM t.lesson) SELECT id FROM x'),
	('SELECT id FROM (SELECT id, text FROM t.lesson UNION ALL SELECT id, text FROM t.lesson) x WHERE t.tell(text)'),
	('WITH RECURSIVE x AS (SELECT id, text FROM t.lesson WHERE id < 100 UNION ALL SELECT l.id, l.text FROM x JOIN t.lesson l ON l.id = x.id + 5000 AND t.tell(l.text)) SELECT id FROM x'),
	('SELECT id FROM t.lesson TABLESAMPLE system (100) WHERE t.tell(text)'),
	('SELECT r.id FROM t.remark r WHERE t.tell(text)'),
	('SELECT r.id FROM t.remark r JOIN t.lesson l ON l.id = r.lesson WHERE t.tell(r.text)'),
	('SELECT r.id FROM t.remark r JOIN t.lesson l USING (text) WHERE t.tell(l.text)'),
	('SELECT a.id FROM t.lesson a JOIN t.lesson b ON a.id = b.id AND t.tell(a.text || b.text)'),
	('SELECT id FROM t.lesson WHERE t.tell(text) LIMIT 5'),
	('SELECT id FROM t.lesson WHERE t.tell(text) FOR SHARE'),
	('SELECT a.id, b.id FROM t.lesson a LEFT JOIN t.lesson b ON a.id = b.id + 1');
INSERT INTO t.attack (query, joined) VALUES
	('SELECT count(*) FILTER (WHERE t.tell(text)) FROM t.lesson l', true),
	('SELECT max(t.say(text)) FROM t.lesson l', true),
	('SELECT t.say(text) FROM t.lesson l', true),
	('SELECT t.rows_of(text) FROM t.lesson l', true),
	('SELECT id, text FROM t.lesson WHERE place = 7', true),
	('SELECT l.id, c.title FROM t.lesson l RIGHT JOIN t.course c ON l.course = c.id', false),
	('SELECT l.id, c.title FROM t.lesson l FULL JOIN t.course c ON l.course = c.id', false),
	('SELECT l.id, r.id FROM t.lesson l LEFT JOIN t.remark r ON r.lesson = l.id WHERE r.id IS NULL', false),
	('SELECT id FROM t.lesson WHERE id NOT IN (SELECT lesson FROM t.remark)', false),
	('SELECT id FROM t.remark r WHERE EXISTS (SELECT FROM t.lesson l WHERE l.id = r.lesson) IS NOT TRUE', false),
	('SELECT l FROM t.lesson l WHERE l.* IS NOT NULL', false),
	('SELECT x.id FROM t.lesson l, LATERAL (SELECT r.id FROM t.remark r WHERE r.lesson = l.id LIMIT 1) x', false),
	('SELECT id FROM t.lesson WHERE starts_at >= date_trunc($$year$$, now()) - interval $$2 years$$', true),
	('SELECT l.id FROM t.lesson l JOIN unnest($${1,2,3}$$::bigint[]) i ON i = l.id', false),
	('SELECT count(*), (SELECT count(*) FROM t.remark) FROM t.lesson', true);
/* ... and some that tell by what is around it: a subquery's errors, locks and aggregates, the server's own comparisons, functions of nothing */
INSERT INTO t.attack (query) VALUES
	('SELECT id FROM t.lesson c WHERE (SELECT 1 FROM (VALUES (1), (2)) v WHERE c.text = $$lesson 5$$) IS NULL'),
	('SELECT id FROM t.lesson c WHERE (SELECT 1 / (count(*) - 1) FROM t.course g WHERE g.title = c.text) <= 0'),
	('SELECT id FROM t.lesson c WHERE (SELECT bool_and(t.tell(c.text)) OVER ())'),
	('SELECT id FROM t.lesson c WHERE (SELECT bool_and(t.tell(c.text || $$ / $$ || o.id)) FROM t.course o WHERE o.id < 9)'),
	('SELECT id FROM t.lesson c WHERE (SELECT t.gather(c.text || $$ / $$ || o.id) FROM t.course o WHERE o.id < 9) IS NOT NULL'),
	('SELECT id FROM t.lesson c WHERE EXISTS (SELECT FROM t.course g WHERE g.id = c.id GROUP BY g.id HAVING bool_and(t.tell(c.text || $$ / $$ || g.id)))'),
	('SELECT id FROM t.lesson c WHERE EXISTS (SELECT FROM t.course g WHERE g.id = c.id AND t.boom())'),
	('SELECT id FROM t.lesson c WHERE (SELECT count(*) FROM (SELECT t.boom() FROM t.course g WHERE g.title = c.text OFFSET 0) s) >= 0'),
	('SELECT id FROM t.lesson c WHERE EXISTS (SELECT FROM t.course g WHERE g.id = c.id LIMIT 1 / (c.place + 1))'),
	('SELECT c.id FROM t.lesson c, LATERAL (SELECT count(t.tell(c.text || $$ / $$ || o.id)) AS b FROM t.course o WHERE o.id < 3) s, t.course o WHERE s.b > o.id'),
	('SELECT c.id FROM t.lesson c, LATERAL (SELECT o.id FROM t.course o WHERE o.id = c.id FOR SHARE) s'),
	('SELECT id FROM t.lesson c WHERE CASE c.place WHEN 1::numeric THEN true ELSE true END'),
	('SELECT 1 FROM t.course o WHERE (ROW(1), o.id) IN (SELECT c, c.id FROM t.lesson c WHERE c.id = 13)'),
	('SELECT id FROM t.lesson c WHERE text IN ($$lesson 1$$, $$lesson 5$$) ORDER BY ROW(c.id)'),
	('SELECT DISTINCT ROW(c.id) FROM t.lesson c'),
	('SELECT ARRAY[c.id] FROM t.lesson c GROUP BY 1'),
	('SELECT ROW(id) FROM t.lesson c UNION SELECT ROW(id) FROM t.course'),
	('SELECT count(DISTINCT ROW(id)) FROM t.lesson c'),
	('SELECT id FROM t.lesson c WHERE CASE WHEN text = $$lesson 5$$ THEN t.boom() ELSE true END'),
	('SELECT id FROM t.lesson c WHERE text <> $$lesson 5$$ OR t.boom()'),
	('SELECT id FROM t.lesson c WHERE coalesce(nullif(text = $$lesson 5$$, true), t.boom())'),
	('SELECT c.id FROM t.lesson c JOIN t.watched w ON w.text = c.text'),
	('SELECT c.id FROM t.lesson c WHERE EXISTS (SELECT FROM t.watched w WHERE w.text = c.text)'),
	('SELECT c.id FROM t.lesson c JOIN (t.course w JOIN t.watched v USING (id)) USING (id)'),
	('SELECT id FROM t.lesson c WHERE text <> $$lesson 5$$ OR t.calm()'),
	('SELECT id FROM t.lesson c WHERE NOT (text OPERATOR(t.@@@) $$x$$)'),
	('SELECT id FROM t.lesson c WHERE NOT EXISTS (SELECT FROM t.course g WHERE g.title OPERATOR(t.@@@) c.text)'),
	('SELECT id FROM t.lesson c WHERE text OPERATOR(t.@@@) ANY (ARRAY[$$x$$, $$y$$])'),
	('SELECT id FROM t.lesson c WHERE NULLIF(text, $$x$$) IS DISTINCT FROM $$lesson 5$$ OR length(current_setting($$t.told$$)) > 0'),
	('SELECT id FROM t.lesson c WHERE starts_at > now() - current_setting($$t.ago$$)::interval'),
	('SELECT c.id FROM t.lesson c, generate_series(1, 2, 1) s'),
	('SELECT c.id FROM t.lesson c JOIN t.claimed w ON w.text = c.text'),
	('SELECT id FROM t.lesson c WHERE random() < 2'),
	('SELECT id FROM t.lesson c WHERE starts_at > (SELECT now())'),
	('WITH x AS (DELETE FROM t.lesson WHERE place = 9 RETURNING id) SELECT id FROM x UNION SELECT id FROM t.lesson WHERE place = 8');

/* ... and some by what is run only if such a row is there, or raises though it is marked leakproof */
CREATE TABLE t.few AS SELECT i::bigint AS n, 'x' COLLATE "C" AS c, 'x' COLLATE "POSIX" AS d, '<(0,0),1e200>'::circle AS large FROM generate_series(1, 200) i;
GRANT SELECT ON t.few TO regress_parents_app;
CREATE ROLE regress_parents_other;
CREATE TABLE t.theirs AS SELECT i::bigint AS k, 1::bigint AS x FROM generate_series(1, 100) i;
CREATE INDEX ON t.theirs USING brin (k) WHERE t.tell('lesson ' || x) OR x > 0;
CREATE TABLE t.parts (k bigint, x bigint) PARTITION BY LIST (x);
CREATE TABLE t.part PARTITION OF t.parts FOR VALUES IN (1);
ALTER TABLE t.theirs OWNER TO regress_parents_other;
ALTER TABLE t.part OWNER TO regress_parents_other;
GRANT SELECT ON t.theirs, t.parts TO regress_parents_app;
CREATE TYPE t.pair AS (a integer, b integer);
CREATE COLLATION t.loose (provider = icu, locale = 'und', deterministic = false);
INSERT INTO t.attack (query) VALUES
	('SELECT l.id FROM t.lesson l JOIN (SELECT relnatts AS n FROM pg_class LIMIT -1) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l JOIN (SELECT relnatts AS n FROM pg_class OFFSET -1) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l JOIN (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l JOIN (SELECT n FROM t.few GROUP BY n HAVING sum(1 / (n - 500)) <= 0) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l JOIN (SELECT n, count(*) OVER (ROWS 1 PRECEDING) FROM t.few) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l JOIN (SELECT n FROM (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) x) s ON l.id = s.n'),
	('SELECT l.id FROM t.lesson l LEFT JOIN (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) s ON l.id = s.n'),
	('WITH s AS MATERIALIZED (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) SELECT l.id FROM t.lesson l JOIN s ON l.id = s.n'),
	('WITH s AS MATERIALIZED (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n), r AS (SELECT n FROM s) SELECT n FROM r'),
	('WITH RECURSIVE s AS (SELECT 1::bigint AS n UNION ALL SELECT n FROM s) SELECT l.id FROM t.lesson l JOIN s ON l.id = s.n LIMIT 0'),
	('SELECT n FROM (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) s WHERE EXISTS (SELECT FROM t.lesson l WHERE l.id = s.n)'),
	('SELECT l.id FROM t.lesson l JOIN t.theirs o ON o.k = l.place'),
	('SELECT l.id FROM t.lesson l WHERE EXISTS (SELECT FROM t.theirs o WHERE o.k = l.place AND o.x > 0)'),
	('SELECT l.id FROM t.lesson l JOIN t.parts o ON o.k = l.place'),
	('SELECT l.id FROM t.lesson l WHERE ARRAY[ARRAY[place], ARRAY[1]] IS NOT NULL'),
	('SELECT l.id FROM t.lesson l WHERE CASE WHEN text = $$lesson 5$$ THEN true ELSE true END'),
	('SELECT l.id FROM t.lesson l WHERE EXISTS (SELECT FROM t.few o WHERE o.n = l.id AND (o.n <> 500 OR o.large <> $$<(0,0),1>$$))'),
	('SELECT l.id FROM t.lesson l WHERE starts_at > now() - interval $$10000 months$$ - interval $$10000 months$$ - interval $$10000 months$$ - interval $$10000 months$$'),
	('SELECT l.id FROM t.lesson l WHERE EXISTS (SELECT FROM t.few o WHERE o.n = l.id AND o.n < 1 AND o.c > o.d)'),
	('SELECT l.id FROM t.lesson l WHERE text COLLATE t.loose > $$lesson$$'),
	('SELECT l.id FROM t.lesson l WHERE (text, id) > ($$lesson$$ COLLATE t.loose, 1)'),
	('SELECT l.id FROM t.lesson l ORDER BY text COLLATE t.loose'),
	('SELECT string_agg(text, $$,$$ ORDER BY text COLLATE t.loose) FROM t.lesson l');
INSERT INTO t.attack (query) VALUES
	('SELECT l.id FROM t.lesson l JOIN (SELECT relnatts AS n FROM pg_class) s ON l.id = s.n'),
	('SELECT s.id FROM (SELECT l.id FROM t.lesson l, t.course c WHERE l.id = c.id) s'),
	('WITH s AS MATERIALIZED (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) SELECT id FROM (SELECT l.id FROM t.lesson l JOIN s ON l.id = s.n) x'),
	('WITH s AS MATERIALIZED (SELECT n, sum(1 / (n - 500)) FROM t.few GROUP BY n) SELECT (SELECT max(l.id) FROM t.lesson l JOIN s ON l.id = s.n) FROM t.course LIMIT 1'),
	('SELECT id FROM t.lesson WHERE current_schema IS NOT NULL'),
	('SELECT id FROM t.lesson WHERE place < 0 OR $$(1,2)$$::t.pair IS NOT NULL'),
	('SELECT id FROM t.lesson WHERE COALESCE(text = $$lesson 5$$, true)'),
	('SELECT id FROM (SELECT id, text FROM t.lesson) s WHERE t.tell(text)'),
	('SELECT id FROM (SELECT id, text FROM t.lesson OFFSET 0) s WHERE upper(text) > $$$$'),
	('SELECT id FROM (SELECT id, text FROM t.lesson) s ORDER BY upper(text)'),
	('SELECT n FROM (SELECT count(*) AS n, text FROM t.lesson GROUP BY text) s WHERE upper(text) > $$$$'),
	('SELECT id FROM t.lesson l WHERE EXISTS (SELECT FROM t.course c WHERE c.id = l.id)'),
	('SELECT count(l.id) FROM t.course c LEFT JOIN t.lesson l ON l.id = c.id'),
	('SELECT id FROM t.course c WHERE EXISTS (SELECT FROM t.lesson l WHERE l.course = c.id)'),
	('SELECT id FROM t.course c WHERE NOT EXISTS (SELECT FROM t.lesson l WHERE l.course = c.id)'),
	('SELECT id FROM t.course c WHERE id IN (SELECT course FROM t.lesson l WHERE place = 5)'),
	('SELECT id FROM t.course c WHERE (SELECT count(*) FROM t.lesson l WHERE l.course = c.id) > 3'),
	('WITH x AS MATERIALIZED (SELECT * FROM t.lesson) SELECT count(*) FROM x');
INSERT INTO t.attack (query, joined) VALUES
	('SELECT l.id, (SELECT count(*) FROM t.remark r WHERE r.lesson = l.id) FROM t.lesson l, t.course c WHERE c.id = l.course', false),
	('SELECT c.id, (SELECT t.gather(text ORDER BY id) FROM t.lesson l WHERE l.course = c.id) FROM t.course c', false),
	('SELECT (SELECT t.gather(l.text ORDER BY t.say(l.text)) || l.place) FROM t.lesson l GROUP BY place', false),
	('SELECT x FROM (SELECT t.say(text) AS x FROM t.lesson UNION ALL SELECT title FROM t.course) s WHERE x > $$a$$', false),
	('SELECT (SELECT count(*) FROM t.lesson l WHERE l.text = $$lesson 5$$ AND l.place > o.x) FROM (SELECT CASE WHEN t.calm() THEN -1 END AS x FROM t.course) o', false),
	('SELECT (SELECT count(*) FROM (SELECT text, place FROM t.lesson) l WHERE l.text = $$lesson 5$$ AND l.place > o.x) FROM (SELECT CASE WHEN t.calm() THEN -1 END AS x FROM t.course) o', false),
	('SELECT (SELECT count(*) FROM t.lesson l WHERE l.text = $$lesson 5$$ AND l.place > o.x) FROM t.course c, LATERAL (VALUES (CASE WHEN t.calm() THEN c.id END)) o (x)', false),
	('SELECT x FROM (SELECT id + 1 AS x FROM t.lesson) s WHERE x > 5', false),
	('SELECT c.id, (SELECT t.gather(text) FROM t.lesson l WHERE l.course = c.id) FROM t.course c', false),
	('SELECT l.id FROM t.lesson l JOIN t.few o ON o.n = l.id', false),
	('SELECT n, id FROM (SELECT count(*) AS n, max(id) AS id FROM t.lesson) s', true),
	('WITH s AS (SELECT count(*) AS n FROM t.lesson) SELECT n FROM s', false),
	('SELECT count(*) FROM t.lesson UNION ALL SELECT count(*) FROM t.course', true),
	('SELECT id FROM t.lesson WHERE place IN (3, 5) AND (starts_at, id) > ($$2026-01-05$$, 7) ORDER BY starts_at, id LIMIT 9', true),
	('SELECT id FROM t.lesson WHERE t.tell(text) UNION SELECT id FROM t.lesson WHERE place = 5', true),
	('SELECT l.id FROM t.lesson l WHERE ARRAY[text, text] IS NOT NULL', true),
	('SELECT id FROM t.lesson UNION SELECT id FROM (SELECT l.id, upper(l.text) FROM t.lesson l) s', true),
	('SELECT id FROM t.lesson WHERE text COLLATE "C" > $$lesson 7$$ ORDER BY text COLLATE "C"', true),
	('SELECT id FROM t.lesson WHERE text IN ($$lesson 7$$, $$lesson 8$$)', true),
	('SELECT id FROM t.lesson WHERE starts_at > now() - interval $$10 days$$ - interval $$10 days$$', true);

/* the rows of a query, in any order, and what was told of that is nobody's to know */
CREATE FUNCTION t.seen(member text, query text, specialize text, OUT rows text, OUT told text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.become(member), set_config('ambit.specialize_plans', specialize, true), set_config('t.told', '', true);
	BEGIN
		SET LOCAL ROLE regress_parents_app;
		IF query LIKE 'WITH %' THEN
			EXECUTE 'CREATE TEMP TABLE result ON COMMIT DROP AS SELECT ''''::text AS x WHERE false';
			FOR rows IN EXECUTE query LOOP
				EXECUTE 'INSERT INTO result VALUES ($1)' USING rows;
			END LOOP;
		ELSE
			EXECUTE format('CREATE TEMP TABLE result ON COMMIT DROP AS SELECT x::text FROM (%s) x', query);
		END IF;
		EXECUTE 'SELECT count(*) || '' '' || COALESCE(md5(string_agg(x, '';'' ORDER BY x)), '''') FROM result' INTO rows;
		told := current_setting('t.told');
		RAISE EXCEPTION SQLSTATE 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN NULL;
		WHEN insufficient_privilege THEN rows := 'refused';
	END;
	RESET ROLE;
	/* a lesson or a remark that is not the member's */
	SELECT string_agg(DISTINCT m[1], ' ') INTO told
	FROM regexp_matches(told, '((?:lesson|remark) [0-9]+|of nothing|of a course[^;]*)', 'g') m
	WHERE m[1] NOT IN (SELECT v.text FROM t.visible v WHERE v.who = member);
END
$$;
CREATE TABLE t.visible AS
	SELECT who, l.text FROM unnest('{teacher,team}'::text[]) who, t.lesson l JOIN t.course c ON c.id = l.course WHERE c.tenant = 't1' AND (c.staff = 7 OR (who = 'team' AND c.team = 'g9'))
	UNION ALL SELECT who, r.text FROM unnest('{teacher,team}'::text[]) who, t.remark r JOIN t.lesson l ON l.id = r.lesson JOIN t.course c ON c.id = l.course
		WHERE c.tenant = 't1' AND (c.staff = 7 OR (who = 'team' AND c.team = 'g9'));

/* the decision itself, whatever the plan would have done: only what comes after all joins may tell */
CREATE FUNCTION t.joined(node jsonb) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT node ? 'Subplan Name' AND COALESCE(node ->> 'Alias', '') LIKE 'ambit\_parent%'
		OR (NOT node ? 'Subplan Name' OR node ->> 'Parent Relationship' = 'InitPlan') AND EXISTS (SELECT FROM jsonb_array_elements(node -> 'Plans') c WHERE t.joined(c))
$$;
CREATE FUNCTION t.joins(member text, query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan	jsonb;
BEGIN
	PERFORM t.become(member), set_config('ambit.specialize_plans', 'on', true), set_config('t.told', '', true);
	SET LOCAL ROLE regress_parents_app;
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RESET ROLE;
	RETURN t.joined(plan -> 0 -> 'Plan');
END
$$;
SELECT is(t.joins('team', query), joined, format(CASE WHEN joined THEN 'joined: %s' ELSE 'not joined: %s' END, query))
FROM t.attack ORDER BY n;

SELECT is(told, NULL, format('%s: nothing is told by %s', who, query))
FROM t.attack, unnest('{teacher,team}'::text[]) who, LATERAL t.seen(who, query, 'on')
WHERE query !~ 't\.(watched|claimed)|(LIMIT|OFFSET) -1';		-- their owner knows what is in them; those are in vain

SELECT is(a.rows, b.rows, format('%s: the rows of the policies, by %s', who, query))
FROM t.attack, unnest('{owner,teacher,team,nobody}'::text[]) who, LATERAL t.seen(who, query, 'on') a, LATERAL t.seen(who, query, 'off') b
WHERE query !~ '(LIMIT|OFFSET) -1';
SELECT isnt((t.seen('teacher', 'SELECT id FROM t.lesson', 'on')).rows, (t.seen('team', 'SELECT id FROM t.lesson', 'on')).rows, 'people see other rows');

/* policies that somebody else has on the tables are evaluated on rows that are seen, or nothing is joined */
CREATE POLICY zzz ON t.lesson AS RESTRICTIVE FOR SELECT USING (100 / NULLIF(place, 0) IS NULL OR t.tell(text));
SELECT ok(NOT t.joins('team', 'SELECT id FROM t.lesson'), 'a policy that might tell, on the table: not joined');
SELECT is((t.seen('team', 'SELECT id FROM t.lesson', 'on')).told, NULL, '... and it tells of nothing');
SELECT is((t.seen('team', 'SELECT id FROM t.remark', 'on')).told, NULL, '... nor for the table below');
SELECT ok(NOT t.joins('team', 'SELECT id FROM t.remark'), 'on a parent: not joined');
DROP POLICY zzz ON t.lesson;
CREATE POLICY zzz ON t.lesson AS RESTRICTIVE FOR SELECT USING (place < 50);
SELECT ok(t.joins('team', 'SELECT id FROM t.lesson'), 'a policy that could not: joined');
SELECT is((t.seen('team', 'SELECT id FROM t.lesson', 'on')).rows, (t.seen('team', 'SELECT id FROM t.lesson', 'off')).rows, '... and it holds');
DROP POLICY zzz ON t.lesson;

/* a policy like ours, with more in it */
CREATE POLICY zzz ON t.lesson AS RESTRICTIVE FOR SELECT USING (EXISTS (SELECT FROM t.course p WHERE p.id = course AND EXISTS (SELECT)
	AND NOT EXISTS (SELECT FROM t.few r LEFT JOIN t.few s ON s.n = -r.n WHERE r.n = -1)));
SELECT is((t.seen('team', 'SELECT id FROM t.lesson', 'on')).rows, (t.seen('team', 'SELECT id FROM t.lesson', 'off')).rows, 'a policy with queries of nothing, and of several tables');
DROP POLICY zzz ON t.lesson;

/* a cursor's own table is scanned alone, also where a join is removed */
SELECT t.become('team'), set_config('ambit.specialize_plans', 'on', true) \g /dev/null
SET LOCAL ROLE regress_parents_app;
DECLARE mine CURSOR FOR SELECT * FROM t.lesson;
FETCH mine \g /dev/null
SELECT lives_ok('DELETE FROM t.lesson WHERE CURRENT OF mine', 'WHERE CURRENT OF: finds the row of a cursor');
CLOSE mine;
DECLARE mine CURSOR FOR SELECT l.* FROM t.lesson l JOIN (SELECT 1 AS one) x ON true;
FETCH mine \g /dev/null
SELECT lives_ok('DELETE FROM t.lesson WHERE CURRENT OF mine', '... whose query has more than the table');
CLOSE mine;
RESET ROLE;

/* parameters that fail are asked for as early as the server does, or when it does */
CREATE FUNCTION t.ask(k text, assigned boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r	record;
	n	bigint;
BEGIN
	IF assigned THEN
		SELECT 'x'::text AS x INTO r;
	END IF;
	SELECT count(*) INTO n FROM t.lesson
	WHERE id = 5 AND (text <> k OR text = r.x OR text = '1' OR text = '2' OR text = '3' OR text = '4' OR text = '5' OR text = '6' OR text = '7' OR text = '8' OR text = '9');
	RETURN n;
EXCEPTION
	WHEN OTHERS THEN RETURN sqlerrm;
END
$$;
CREATE FUNCTION t.first(assigned boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r	record;
	n	bigint;
BEGIN
	IF assigned THEN
		SELECT 'x'::text AS x INTO r;
	END IF;
	SELECT id INTO n FROM t.lesson WHERE text LIKE 'lesson%' OR text >= r.x ORDER BY (assigned AND text = r.x), id;
	RETURN n IS NOT NULL;
EXCEPTION
	WHEN OTHERS THEN RETURN sqlerrm;
END
$$;
CREATE FUNCTION t.ask_long(k text, how text, assigned boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r	record;
	n	bigint;
BEGIN
	IF assigned THEN
		SELECT 1 AS x, '{1}'::integer[] AS a INTO r;
	END IF;
	CASE how
		WHEN 'arrays' THEN
			SELECT count(*) INTO n FROM t.lesson WHERE id = 5 AND (text <> k OR place = ANY (r.a) OR place = ANY (r.a) OR place = ANY (r.a));
		WHEN 'list' THEN
			SELECT count(*) INTO n FROM t.lesson WHERE id = 5 AND (text <> k OR place IN (r.x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
		WHEN 'rows' THEN
			SELECT count(*) INTO n FROM t.lesson
			WHERE id = 5 AND (text <> k OR (id, id, id, id, id, id, id, id, id, id, place) < (id, id, id, id, id, id, id, id, id, id, r.x));
		ELSE
			SELECT count(*) INTO n
			FROM (SELECT id, text, place, text = '1' OR text = '2' OR text = '3' OR text = '4' OR text = '5' OR text = '6' OR text = '7' OR text = '8' OR text = '9' AS b FROM t.lesson) s
			WHERE id = 5 AND (text <> k OR b OR place = r.x);
	END CASE;
	RETURN n;
EXCEPTION
	WHEN OTHERS THEN RETURN sqlerrm;
END
$$;
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('ambit.specialize_plans', 'on', true) \g /dev/null
SET LOCAL ROLE regress_parents_app;
SELECT is(t.ask('lesson 5', true), '0', 'a parameter that is there');
SELECT is(t.ask(k, false), '0', format('one that is not, for no row that is seen: %s', k)) FROM unnest('{lesson 5,lesson 99999}'::text[]) k;
SELECT is(t.first(a), 'true', format('one that is not asked for: %s', a)) FROM unnest('{true,false}'::boolean[]) a;
SELECT is(t.ask_long(k, how, a), '0', format('... however long the condition is: %s, %s, %s', how, k, a))
FROM unnest('{true,false}'::boolean[]) a, unnest('{arrays,list,rows,column}'::text[]) how, unnest('{lesson 5,lesson 99999}'::text[]) k;
PREPARE keyed(text) AS SELECT id FROM t.lesson ORDER BY text = $1;
PREPARE plain(text) AS SELECT id FROM t.lesson WHERE text = $1 OR place > 5;
PREPARE circles(circle) AS SELECT id FROM t.lesson WHERE text = 'lesson 5' AND $1 <> '<(0,0),1>';
RESET ROLE;
SELECT ok(NOT t.joins('team', 'EXECUTE circles($$<(0,0),1e200>$$)'), 'a type whose comparison raises errors: not joined');
SELECT ok(NOT t.joins('team', 'EXECUTE keyed($$a$$)'), 'a parameter in what is sorted by: not joined');
SELECT ok(t.joins('team', 'EXECUTE plain($$a$$)'), 'in a condition: joined');

/* a join sorts, or does not, by rows that are not to be seen: not while one looks on */
SELECT t.become('team') \g /dev/null
SET LOCAL ROLE regress_parents_app;
EXECUTE plain('a') \g /dev/null
SET LOCAL trace_sort = on;
SELECT throws_ok('EXECUTE plain($$a$$)', '55000', NULL, 'sorts of a plan that joins cannot be traced');
RESET ROLE;
SELECT ok(NOT t.joins('team', 'SELECT id FROM t.lesson'), '... and no plan joins while they are');
SET LOCAL trace_sort = off;
SELECT ok(t.joins('team', 'SELECT id FROM t.lesson'), '... but else');

/* many texts in an array */
SELECT format('PREPARE %s AS SELECT id FROM t.lesson WHERE text IN (%s)', name, string_agg('$' || i || '::text', ',')) FROM (VALUES ('few', 3), ('many', 17)) v (name, n), generate_series(1, n) i GROUP BY name, n \gexec
PREPARE places(integer, integer) AS SELECT id FROM t.lesson WHERE place IN ($1, $2);
SELECT ok(t.joins('team', 'EXECUTE few($$a$$, $$b$$, $$c$$)'), 'a few texts in an array: joined');
SELECT ok(NOT t.joins('team', format('EXECUTE many(%s)', repeat('$$a$$, ', 16) || '$$b$$')), 'many: not joined');
SELECT ok(t.joins('team', 'EXECUTE places(1, 2)'), 'of a fixed length: joined');
SELECT set_config('plan_cache_mode', 'auto', true) \g /dev/null

/* nor are they where a rule has a condition, until the row is permitted */
DO $do$ BEGIN PERFORM ambit.drop_rule(rule) FROM ambit.rule WHERE relation = 't.lesson'::regclass AND command = 'select';
	PERFORM ambit.add_rule('t.lesson', 'select', 'parents.view', "when" => 't.tell(text) AND place < 50'); END $do$;
SELECT is(told, NULL, format('a condition tells of nothing: %s', query)) FROM unnest('{SELECT id FROM t.lesson,SELECT id FROM t.remark,SELECT count(*) FROM t.lesson WHERE id = 7}'::text[]) query, LATERAL t.seen('teacher', query, 'on');
SELECT is((t.seen('teacher', 'SELECT id FROM t.lesson', 'on')).rows, (t.seen('teacher', 'SELECT id FROM t.lesson', 'off')).rows, 'and holds');

SELECT * FROM finish();
ROLLBACK;
