--
-- permission_set: sets of permissions
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_permission_set_user;
RESET client_min_messages;
CREATE FUNCTION pg_temp.raised(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN pg_catalog.concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END
$$;
\pset null (null)
SELECT count(ambit._register_permission(key)) FROM (VALUES
	('zoo.open'), ('zoo.animals.view'), ('zoo.animals.feed'), ('zoo.close'), ('zoo2.open'), ('yard.open')) v (key);
GRANT CREATE ON SCHEMA public TO regress_permission_set_user;
SET ROLE regress_permission_set_user;
SET search_path = public, ambit;

-- input and output: prefixes become keys, keys are sorted, doubles go
SELECT input, input::permission_set AS output
FROM (VALUES
	('{}'),
	('  { }  '),
	('{zoo.open}'),
	('{zoo.open,zoo.close,zoo.open}'),
	(E' {\tzoo.open ,\n zoo.close } '),
	('{zoo.*}'),
	('{zoo.animals.*}'),
	('{zoo.animals.*,zoo.*, yard.open}'),
	(NULL)) v (input);
SELECT pg_temp.raised(format('SELECT %L::permission_set', input))
FROM (VALUES
	(''),
	('zoo.open'),
	('{'),
	('}'),
	('{zoo.open'),
	('{zoo.open,'),
	('{zoo.open,}'),
	('{,zoo.open}'),
	('{,}'),
	('{zoo.open}}'),
	('{zoo.open} x'),
	('{{zoo.open}}'),
	('{zoo.open zoo.close}'),
	('{"zoo.open"}'),
	('{zoo\.open}'),
	('{*}'),
	('{.*}'),
	('{zoo*}'),
	('{zoo.**}'),
	('{zoo.*.view}'),
	('{*.open}'),
	('{zoo.opem}'),
	('{zoo}'),
	('{NULL}'),
	('{zo.*}'),
	('{zoo.animal.*}'),
	('{zoo.open.*}'),
	('{elsewhere.entirely.*}')) v (input);

-- binary form: how many, then length and key of each
SELECT permission_set_send('{}'), permission_set_send('{zoo.open}');
RESET ROLE;
CREATE TABLE regress_permission_set (s permission_set);
INSERT INTO regress_permission_set VALUES ('{}'), (NULL), ('{zoo.*}');
COPY regress_permission_set TO PROGRAM 'cat >regress_permission_set.copy' (FORMAT binary);
TRUNCATE regress_permission_set;
COPY regress_permission_set FROM PROGRAM 'cat regress_permission_set.copy; rm regress_permission_set.copy' (FORMAT binary);
SELECT * FROM regress_permission_set;
TRUNCATE regress_permission_set;
-- 1 field of so many bytes, then: one key, in the wrong order, twice the same
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\050\000\000\000\003\000\000\000\010zoo.open\000\000\000\010zoo.open\000\000\000\010zoo.open\377\377'$$ (FORMAT binary);
SELECT * FROM regress_permission_set;
TRUNCATE regress_permission_set;
\set VERBOSITY sqlstate
-- -1 keys; 1000 keys in no bytes; an empty key; a length past the end; a length below 0; too long; bytes left over; unknown; a zero byte
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\004\377\377\377\377\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\004\000\000\003\350\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\011\000\000\000\001\000\000\000\000x\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\011\000\000\000\001\000\000\000\002x\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\011\000\000\000\001\377\377\377\376x\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\011\000\000\000\001\000\000\000\277x\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\021\000\000\000\001\000\000\000\010zoo.openx\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\020\000\000\000\001\000\000\000\010zoo.opem\377\377'$$ (FORMAT binary);
COPY regress_permission_set FROM PROGRAM $$printf 'PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\021\000\000\000\001\000\000\000\011zoo.open\000\377\377'$$ (FORMAT binary);
\set VERBOSITY default
DROP TABLE regress_permission_set;
SET ROLE regress_permission_set_user;

-- containment, overlap, equality
SELECT a, b, a @> b AS "@>", a <@ b AS "<@", a && b AS "&&", a = b AS "=", a <> b AS "<>"
FROM (VALUES
	('{}'::permission_set, '{}'::permission_set),
	('{zoo.open}', '{}'),
	('{}', '{zoo.open}'),
	('{zoo.open}', '{zoo.open}'),
	('{zoo.open,zoo.close}', '{zoo.close}'),
	('{zoo.open,zoo.close}', '{zoo.close,yard.open}'),
	('{zoo.open}', '{zoo.close}'),
	('{zoo.*}', '{zoo.animals.*}'),
	('{zoo.open}', NULL)) v (a, b);
SELECT s, p, s @> p AS "@>", p <@ s AS "<@"
FROM (VALUES ('{}'::permission_set), ('{zoo.open}'), ('{zoo.*}'), (NULL)) a (s),
	(VALUES ('zoo.open'::permission), ('yard.open'), (NULL)) b (p);

-- union, intersection, difference
SELECT a, b, a | b AS "|", a & b AS "&", a - b AS "-"
FROM (VALUES
	('{}'::permission_set, '{}'::permission_set),
	('{zoo.open}', '{}'),
	('{}', '{zoo.open}'),
	('{zoo.open,yard.open}', '{zoo.open,zoo.close}'),
	('{zoo.open}', '{zoo.close}'),
	('{zoo.*}', '{zoo.animals.*}'),
	('{zoo.open}', NULL)) v (a, b);
SELECT s, p, s | p AS "|", s - p AS "-"
FROM (VALUES ('{}'::permission_set), ('{zoo.open}'), ('{zoo.close,yard.open}')) a (s),
	(VALUES ('zoo.open'::permission), (NULL)) b (p);

-- order and hash
SELECT a, b, a < b AS "<", a <= b AS "<=", a > b AS ">", a >= b AS ">=", permission_set_cmp(a, b) AS cmp,
	permission_set_hash(a) = permission_set_hash(b) AS hash,
	permission_set_hash_extended(a, 7) = permission_set_hash_extended(b, 7) AS hash_extended
FROM (VALUES
	('{zoo.open,zoo.close}'::permission_set, '{zoo.close,zoo.open}'::permission_set),
	('{}', '{zoo.open}'),
	('{zoo.open}', '{zoo.open,zoo.close}'),
	('{zoo.close}', '{zoo.open,yard.open}')) v (a, b);
SELECT c.opcname, a.amname, amvalidate(c.oid) AS valid
FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
WHERE c.opcintype = 'permission_set'::regtype ORDER BY a.amname;
CREATE TABLE regress_permission_set (s permission_set);
INSERT INTO regress_permission_set
SELECT (ARRAY['{}', '{zoo.*}', '{zoo.open,zoo.close}', '{zoo.close,zoo.open}'])[1 + i % 4]::permission_set
FROM generate_series(1, 100) i;
SELECT DISTINCT s FROM regress_permission_set ORDER BY s;
SET enable_hashagg = off;
SELECT s, count(*) FROM regress_permission_set GROUP BY s ORDER BY s;
SET enable_sort = off;
SET enable_hashagg = on;
SELECT s, count(*) FROM regress_permission_set GROUP BY s ORDER BY count(*), s;
RESET enable_hashagg;
RESET enable_sort;
-- equal sets collide
CREATE UNIQUE INDEX ON regress_permission_set (s);
ANALYZE regress_permission_set;
SELECT count(*) FROM regress_permission_set WHERE s @> 'zoo.open'::permission;
SELECT count(*) FROM regress_permission_set WHERE s <@ '{zoo.open,zoo.close}';
DROP TABLE regress_permission_set;

-- to and from other forms
SELECT s, cardinality(s), s::permission[] AS "array", s::permission[]::permission_set = s AS back, s::text
FROM (VALUES ('{}'::permission_set), ('{zoo.open}'), ('{yard.open,zoo.close,zoo.open}'), (NULL)) v (s);
SELECT u.* FROM unnest('{yard.open,zoo.animals.*,zoo.open}'::permission_set) WITH ORDINALITY u (p, n);
SELECT count(*) FROM unnest('{}'::permission_set);
SELECT count(*) FROM unnest(NULL::permission_set);
SELECT a, a::permission_set
FROM (VALUES ('{}'::permission[]), ('{zoo.open,yard.open,zoo.open}'), ('{{zoo.open},{zoo.close}}'), (NULL)) v (a);
SELECT pg_temp.raised($$SELECT '{zoo.open,NULL}'::permission[]::permission_set$$);
CREATE TABLE regress_permission_set (s permission_set);
INSERT INTO regress_permission_set VALUES ('zoo.open'::permission);
SELECT * FROM regress_permission_set;
DROP TABLE regress_permission_set;

-- the aggregate: NULLs are passed over, no rows are the empty set
SELECT permission_set_agg(p)
FROM (VALUES ('zoo.open'::permission), (NULL), ('zoo.close'), ('zoo.open')) v (p);
SELECT permission_set_agg(NULL::permission);
SELECT permission_set_agg(p) FROM unnest('{}'::permission_set) p;
SELECT permission_set_agg(p) = '{zoo.*,yard.open}'::permission_set AS same
FROM unnest('{zoo.*,yard.open}'::permission_set) p, generate_series(1, 1000);
SELECT g, permission_set_agg(p) FILTER (WHERE p <> 'zoo.open')
FROM (VALUES (1, 'zoo.open'::permission), (2, 'zoo.close'), (2, 'zoo.open'), (2, 'yard.open')) v (g, p)
GROUP BY g ORDER BY g;
SELECT p, permission_set_agg(p) OVER (ORDER BY p)
FROM unnest('{yard.open,zoo.open,zoo.close}'::permission_set) p ORDER BY p;
CREATE TABLE regress_permission_set (p permission);
INSERT INTO regress_permission_set SELECT p FROM unnest('{zoo.*}'::permission_set) p, generate_series(1, 500);
ANALYZE regress_permission_set;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT permission_set_agg(p) FROM regress_permission_set;
SELECT permission_set_agg(p) FROM regress_permission_set;
DROP TABLE regress_permission_set;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- large sets, compressed in the table
RESET ROLE;
SELECT count(ambit._register_permission('zoo.cages.n' || i)) FROM generate_series(1, 700) i;
CREATE TABLE regress_permission_set AS SELECT '{zoo.cages.*}'::permission_set AS s;
SELECT cardinality(s), s @> 'zoo.cages.n123'::permission AS has, s - 'zoo.cages.n7'::permission <@ s AS smaller FROM regress_permission_set;

-- a value whose key is gone shows as corrupted, and can be compared
CREATE TABLE regress_permission_gone AS SELECT '{zoo.open,zoo.close}'::permission_set AS s;
DELETE FROM ambit.permission_key WHERE key = 'zoo.close';
\set VERBOSITY sqlstate
SELECT s FROM regress_permission_gone;
SELECT permission_set_send(s) FROM regress_permission_gone;
\set VERBOSITY default
SELECT cardinality(s), s @> 'zoo.open'::permission AS has, s = s AS eq FROM regress_permission_gone;

-- so does a value whose header does not fit its size
CREATE CAST (bytea AS permission_set) WITHOUT FUNCTION;
SELECT bytes, pg_temp.raised(format('SELECT cardinality(%L::bytea::permission_set)', bytes))
FROM (VALUES ('\x'::bytea), ('\x00'), ('\x00000000'), ('\x01000000'), ('\xffffffff'), ('\x0100000001'), ('\x0000000001000000'), ('\xffffff7f01000000')) v (bytes);
DROP CAST (bytea AS permission_set);

DROP TABLE regress_permission_set, regress_permission_gone;
RESET search_path;
DELETE FROM ambit.permission_key WHERE key LIKE 'zoo.%' OR key IN ('zoo2.open', 'yard.open');
REVOKE CREATE ON SCHEMA public FROM regress_permission_set_user;
DROP ROLE regress_permission_set_user;
