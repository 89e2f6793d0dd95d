--
-- permission: the type, the keys that it stands for, and the nearest name
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_permission_user;
RESET client_min_messages;
-- What a statement raises: SQLSTATE, message, hint.
CREATE FUNCTION pg_temp.raised(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN pg_catalog.concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(hint, ''));
END
$$;
\pset null (null)

-- keys of our own, registered in this order
SELECT ambit._register_permission(key) FROM (VALUES
	('zebra.stripes.view'),
	('zebra.stripes.count'),
	('zebra.graze'),
	('a1_.0'),
	('zebra.a.b.c.d.e.f.g')) v (key);
SELECT ambit._register_permission('zebra.graze') OPERATOR(ambit.=) ambit._register_permission('zebra.graze') AS same;

-- input and output
SELECT key, ambit.permission(key), key::ambit.permission::text = key AS text,
	convert_from(ambit.permission_send(key::ambit.permission), 'UTF8') = key AS sent
FROM (VALUES ('zebra.stripes.view'), ('zebra.graze'), ('a1_.0'), ('zebra.a.b.c.d.e.f.g'), (NULL)) v (key);
SELECT 'zebra.graze'::ambit.permission;
SELECT key, pg_temp.raised(format('SELECT %L::ambit.permission', key)) AS literal,
	pg_temp.raised(format('SELECT %L::text::ambit.permission', key)) = pg_temp.raised(format('SELECT %L::ambit.permission', key)) AS cast_too
FROM (VALUES
	('zebra.graz'),
	('zebra.Graze'),
	('ZEBRA.STRIPES.VIEW'),
	('zebra.stripes.veiw'),
	('zebra.stripes.counts '),
	(' zebra.graze'),
	('zebra'),
	('zebra.'),
	('zebra.*'),
	('zebra.graze.'),
	('zebra..graze'),
	('#1'),
	('0'),
	('*'),
	(''),
	('zebra.gräze'),
	('nothing.like.that.anywhere')) v (key);
SELECT pg_temp.raised(format('SELECT %L::ambit.permission', repeat('zebra.', 50) || 'graze')) =
	'42704 | permission "' || repeat('zebra.', 50) || 'graze" does not exist' AS too_long_for_a_hint;

-- assignment casts; none is implicit
CREATE TABLE regress_permission (p ambit.permission, t text);
INSERT INTO regress_permission SELECT 'zebra.graze'::text, 'zebra.stripes.view'::ambit.permission;
SELECT * FROM regress_permission;
TRUNCATE regress_permission;
-- as drivers send them
CREATE FUNCTION pg_temp.key_of(p ambit.permission) RETURNS text LANGUAGE sql AS 'SELECT p::text';
PREPARE as_text(text, varchar) AS SELECT pg_temp.key_of($1), pg_temp.key_of($2), ambit.has_permission($1), $1 OPERATOR(ambit.=) 'zebra.graze'::ambit.permission AS eq;
EXECUTE as_text('zebra.graze', 'zebra.stripes.view');
SELECT pg_temp.raised($$EXECUTE as_text('zebra.graze', 'zebra.grass')$$);
DEALLOCATE as_text;
SELECT pg_temp.raised($$SELECT 1::ambit.permission$$);
SELECT pg_temp.raised($$SELECT ('zebra.graze'::ambit.permission)::int$$);

-- binary input: the key as text
INSERT INTO regress_permission (p) VALUES ('zebra.stripes.count'), (NULL), ('a1_.0');
COPY regress_permission (p) TO PROGRAM 'cat >regress_permission.copy' (FORMAT binary);
TRUNCATE regress_permission;
COPY regress_permission (p) FROM PROGRAM 'cat regress_permission.copy; rm regress_permission.copy' (FORMAT binary);
SELECT p FROM regress_permission;
TRUNCATE regress_permission;
\set VERBOSITY sqlstate
COPY regress_permission (p) FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\004none\377\377'$$ (FORMAT binary);
COPY regress_permission (p) FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\000\377\377'$$ (FORMAT binary);
COPY regress_permission (p) FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\004\000\000\000\001\377\377'$$ (FORMAT binary);
\set VERBOSITY default

-- order is the order of registration
SET search_path = public, ambit;
SELECT a, b, a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, permission_cmp(a, b) AS cmp,
	permission_hash(a) = permission_hash(b) AS hash, permission_hash_extended(a, 42) = permission_hash_extended(b, 42) AS hash_extended
FROM (VALUES
	('zebra.stripes.view'::permission, 'zebra.stripes.view'::permission),
	('zebra.stripes.view', 'zebra.graze'),
	('zebra.graze', 'zebra.stripes.view'),
	('zebra.graze', NULL)) v (a, b);
SELECT c.opcname, a.amname, amvalidate(c.oid) AS valid
FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
WHERE c.opcintype = 'permission'::regtype ORDER BY a.amname;
SELECT typlen, typbyval, typalign FROM pg_type WHERE oid = 'permission'::regtype;

-- in tables: sort, group, join, index, partition
INSERT INTO regress_permission
SELECT key::permission, i FROM generate_series(1, 300) i,
	LATERAL (SELECT ('{zebra.graze,zebra.stripes.count,zebra.stripes.view,a1_.0}'::text[])[1 + i % 4]) k (key);
INSERT INTO regress_permission VALUES (NULL, 'none');
SELECT p, count(*) FROM regress_permission GROUP BY p ORDER BY p;
SELECT p FROM regress_permission GROUP BY p ORDER BY p DESC NULLS LAST LIMIT 1;
SELECT count(DISTINCT p) FROM regress_permission;
SELECT count(*) FROM regress_permission WHERE p IN ('zebra.graze', 'a1_.0');
SELECT count(*) FROM regress_permission WHERE p = ANY ('{zebra.graze,a1_.0}');
CREATE INDEX regress_permission_btree ON regress_permission (p);
CREATE INDEX regress_permission_hash ON regress_permission USING hash (p);
ANALYZE regress_permission;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM regress_permission WHERE p > 'zebra.stripes.count' ORDER BY p;
SELECT count(*) FROM regress_permission WHERE p > 'zebra.stripes.count';
DROP INDEX regress_permission_btree;
EXPLAIN (COSTS OFF) SELECT * FROM regress_permission WHERE p = 'zebra.graze';
SELECT count(*) FROM regress_permission WHERE p = 'zebra.graze';
RESET enable_bitmapscan;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT count(*) FROM regress_permission a JOIN regress_permission b USING (p);
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT count(*) FROM regress_permission a JOIN regress_permission b USING (p);
RESET enable_nestloop;
RESET enable_hashjoin;
RESET enable_seqscan;
CREATE TABLE regress_permission_part (p permission) PARTITION BY HASH (p);
CREATE TABLE regress_permission_part0 PARTITION OF regress_permission_part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE regress_permission_part1 PARTITION OF regress_permission_part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO regress_permission_part SELECT p FROM regress_permission WHERE p IS NOT NULL;
SELECT p, count(*), count(DISTINCT tableoid) AS partitions FROM regress_permission_part GROUP BY p ORDER BY p;
-- workers read the keys for themselves
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), min(p::text), max(p::text) FROM regress_permission;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET search_path;
DROP TABLE regress_permission_part;
DROP TABLE regress_permission;

-- the form of a key
SELECT key, pg_temp.raised(format('SELECT ambit._register_permission(%L)', key)) AS registering,
	split_part(pg_temp.raised(format('INSERT INTO ambit.permission_key (key) VALUES (%L)', key)), ' ', 1) AS inserting
FROM (VALUES
	('zebra'),
	(''),
	('.'),
	('zebra.'),
	('.zebra'),
	('zebra..graze'),
	('Zebra.graze'),
	('zebra.gräze'),
	('zebra.graze '),
	(E'zebra.graze\n'),
	('zebra-graze.x'),
	('zebra.*'),
	('a.b.c.d.e.f.g.h.i'),
	(NULL)) v (key);
SELECT n, split_part(pg_temp.raised(format('SELECT ambit._register_permission(%L)', 'zebra.' || repeat('x', n - 6))), ' ', 1) AS registering,
	split_part(pg_temp.raised(format('INSERT INTO ambit.permission_key (key) VALUES (%L)', 'zebra.' || repeat('x', n - 6))), ' ', 1) AS inserting
FROM (VALUES (190), (191)) v (n);

-- a key is known at once, and vanishes with a rollback
BEGIN;
SELECT ambit._register_permission('zebra.sleep');
SELECT 'zebra.sleep'::ambit.permission;
SAVEPOINT s;
INSERT INTO ambit.permission_key (key) VALUES ('zebra.run');
SELECT 'zebra.run'::ambit.permission;
PREPARE held AS SELECT 'zebra.run'::ambit.permission AS p;
ROLLBACK TO s;
SELECT 'zebra.sleep'::ambit.permission;
\set VERBOSITY sqlstate
SELECT 'zebra.run'::ambit.permission;
ROLLBACK;
SELECT 'zebra.sleep'::ambit.permission;
-- what still holds it never becomes another permission
SELECT ambit._register_permission('zebra.swim');
SELECT ambit._register_permission('zebra.jump');
EXECUTE held;
\set VERBOSITY default
DEALLOCATE held;

-- rows of a dump: a key that exists is passed over, an id that is taken changes
CREATE TEMP TABLE taken AS SELECT id FROM ambit.permission_key WHERE key = 'zebra.graze';
INSERT INTO ambit.permission_key SELECT id, 'zebra.graze' FROM taken;
INSERT INTO ambit.permission_key SELECT id, 'zebra.drink' FROM taken;
INSERT INTO ambit.permission_key SELECT id + 1000000, 'zebra.graze' FROM taken;
INSERT INTO ambit.permission_key SELECT id + 1000000, 'zebra.kick' FROM taken;
INSERT INTO ambit.permission_key (key) VALUES ('zebra.trot'), ('zebra.graze'), ('zebra.trot');
SELECT k.key, k.id = t.id AS kept, k.id = t.id + 1000000 AS as_given, k.key::ambit.permission
FROM ambit.permission_key k, taken t
WHERE k.key IN ('zebra.graze', 'zebra.drink', 'zebra.kick', 'zebra.trot') ORDER BY k.key;
SELECT pg_temp.raised($$INSERT INTO ambit.permission_key VALUES (0, 'zebra.zero')$$);

-- a restore names keys before their rows come
SET check_function_bodies = off;
CREATE TEMP VIEW ahead AS SELECT 'zebra.ahead'::ambit.permission AS p, '{zebra.first,zebra.second}'::ambit.permission_set AS s;
SELECT * FROM ahead;
SELECT pg_temp.raised($$SELECT 'zebra.Ahead'::ambit.permission$$);
BEGIN READ ONLY;
SELECT pg_temp.raised($$SELECT 'zebra.readonly'::ambit.permission$$);
ROLLBACK;
RESET check_function_bodies;
INSERT INTO ambit.permission_key SELECT id, 'zebra.ahead' FROM taken;
DROP VIEW ahead;
DROP TABLE taken;

-- an ordinary role may name permissions, and nothing else
SET ROLE regress_permission_user;
SELECT 'zebra.graze'::ambit.permission, ambit.text('zebra.graze'), 'zebra.graze' OPERATOR(ambit.=) 'zebra.graze'::ambit.permission AS eq;
SET check_function_bodies = off;
SELECT statement, pg_temp.raised(statement) AS raised
FROM (VALUES
	($$SELECT 'zebra.graz'::ambit.permission$$),
	($$SELECT ambit._register_permission('zebra.mine')$$),
	($$SELECT ambit._nearest('a', '{a}')$$),
	($$SELECT * FROM ambit.permission_key$$),
	($$INSERT INTO ambit.permission_key (key) VALUES ('zebra.mine')$$),
	($$UPDATE ambit.permission_key SET key = 'zebra.mine'$$),
	($$DELETE FROM ambit.permission_key$$),
	($$SELECT nextval('ambit.permission_key_id_seq')$$)) v (statement);
RESET check_function_bodies;
RESET ROLE;
-- nor does a function that acts for the owner register what the caller names
CREATE FUNCTION pg_temp.read_key(key text) RETURNS ambit.permission
	LANGUAGE sql SECURITY DEFINER AS 'SELECT $1::ambit.permission';
SET ROLE regress_permission_user;
SET check_function_bodies = off;
SELECT pg_temp.raised($$SELECT pg_temp.read_key('zebra.mine')$$);
RESET check_function_bodies;
RESET ROLE;

-- the nearest name
SELECT name, candidates, ambit._nearest(name, candidates)
FROM (VALUES
	('staf', '{owner,staff,manager}'::text[]),
	('STAFF', '{staf,staff}'),
	('Limited Staff', '{limited_staff,limited staff}'),
	('manger', '{ranger,manager}'),
	('ownr', '{owner,owners,own}'),
	('ab', '{cd,ax}'),
	('x', '{y,z}'),
	('x', '{X}'),
	('', '{a,""}'),
	('staff', '{}'),
	('staff', '{NULL,stafff,NULL}'),
	('staff', NULL),
	(NULL, '{staff}'),
	('completely', '{different}'),
	('абвгд', '{абвг,абв}'),
	('staff', '{{owner,client},{manager,stafff}}'),
	('clients.show', '{clients.view,client.show}'),
	('clients.show', '{clients.view}'),
	('clients.veiw', '{clients.edit,clients.view}'),
	('client.view', '{invoices.view,clients.view}'),
	('tasks.view', '{files.view}'),
	('a.b.c', '{a.b,a.b.c.d,b.c}'),
	('a.', '{a.b}'),
	('.', '{.,..}')) v (name, candidates);
SELECT n, ambit._nearest(repeat('x', n), ARRAY[repeat('x', n)]) IS NOT NULL AS near
FROM (VALUES (255), (256), (100000)) v (n);
SELECT ambit._nearest('staff', ARRAY[repeat('staff', 1000), 'staf']);

-- every object has a comment
SELECT objid::regprocedure FROM pg_depend
WHERE classid = 'pg_proc'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ambit')
	AND objid::regproc::text LIKE 'ambit.permission%' AND obj_description(objid, 'pg_proc') IS NULL;
SELECT objid::regoperator FROM pg_depend
WHERE classid = 'pg_operator'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ambit')
	AND obj_description(objid, 'pg_operator') IS NULL;

DELETE FROM ambit.permission_key WHERE key LIKE 'zebra.%' OR key = 'a1_.0';
DROP ROLE regress_permission_user;
