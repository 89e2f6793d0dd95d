--
-- keys: the ids of the application, in columns of every type
--
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_keys_app;
CREATE SCHEMA regress_keys;
GRANT USAGE ON SCHEMA regress_keys TO regress_keys_app;

-- One permission; each role brings it in another scope.
SELECT ambit._load_template('{
	"template": "regress_keys",
	"permissions": [{"key": "regress_keys.view"}],
	"roles": [{"role": "own"}, {"role": "self"}, {"role": "assignee"}, {"role": "team"}, {"role": "all"}, {"role": "related"}],
	"scopes": {"related": {"relationship": "regress_keys_related"}},
	"cells": [
		{"role": "own", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "self", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "assignee", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "assignee"}]},
		{"role": "team", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "related", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "related"}]},
		{"role": "all", "permission": "regress_keys.view", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);
SELECT ambit.create_tenant('regress_keys', 'regress_keys');

-- Keys that members, groups and locations have.  For each of them: a member
-- with that staff key, one with that client key, one in a group of that name,
-- one with a role at a location of that name, and a tenant of that name.
CREATE TABLE regress_keys.key (n serial, key text COLLATE "C");
INSERT INTO regress_keys.key (key) VALUES
	('7'), ('-7'), ('007'), ('+7'), (' 7'), ('7 '), ('7.0'), ('70000'), ('4464'),
	('4294967303'), ('18446744073709551623'), ('9223372036854775807'), ('-9223372036854775808'), ('9223372036854775808'),
	('abc'), ('ABC'), ('abcdef'), (repeat('x', 63)), (repeat('x', 64)),
	('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
	('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'), ('a0eebc999c0b4ef8bb6d6bb9bd380a11'), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1'),
	(''' OR true --');
DO $$
DECLARE
	k text;
BEGIN
	FOR k IN SELECT key FROM regress_keys.key ORDER BY n LOOP
		PERFORM ambit.add_member('regress_keys', 'own ' || k, jsonb_build_object('staff', k));
		PERFORM ambit.assign_role('regress_keys', 'own ' || k, 'own');
		PERFORM ambit.add_member('regress_keys', 'assignee ' || k, jsonb_build_object('staff', k));
		PERFORM ambit.assign_role('regress_keys', 'assignee ' || k, 'assignee');
		PERFORM ambit.add_member('regress_keys', 'self ' || k, jsonb_build_object('client', k));
		PERFORM ambit.assign_role('regress_keys', 'self ' || k, 'self');
		PERFORM ambit.add_member('regress_keys', 'related ' || k, jsonb_build_object('staff', k));
		PERFORM ambit.assign_role('regress_keys', 'related ' || k, 'related');
		PERFORM ambit.add_group('regress_keys', k);
		PERFORM ambit.add_member('regress_keys', 'team ' || k);
		PERFORM ambit.add_to_group('regress_keys', k, 'team ' || k);
		PERFORM ambit.assign_role('regress_keys', 'team ' || k, 'team');
		PERFORM ambit.add_location('regress_keys', k);
		PERFORM ambit.add_member('regress_keys', 'location ' || k);
		PERFORM ambit.assign_role('regress_keys', 'location ' || k, 'all', k);
		PERFORM ambit.create_tenant(k, 'regress_keys');
		PERFORM ambit.add_member(k, 'tenant ' || k);
		PERFORM ambit.assign_role(k, 'tenant ' || k, 'all');
	END LOOP;
END
$$;

-- A table for each type; a row for each of the keys, and of their neighbours,
-- that the type takes.  One column is owner, client, assignee, team and
-- location at once; in the table's twin it is the tenant.
DO $$
BEGIN
	CREATE COLLATION regress_keys.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
EXCEPTION WHEN feature_not_supported OR undefined_object THEN
	-- no ICU here: the rows must be the same
	CREATE COLLATION regress_keys.nocase FROM "C";
END
$$;
CREATE TYPE regress_keys.letters AS ENUM ('7', 'abc', 'ABC');
CREATE DOMAIN regress_keys.number AS bigint CHECK (VALUE <> 0);
CREATE DOMAIN regress_keys.small_number AS regress_keys.number;
CREATE DOMAIN regress_keys.citext AS text COLLATE regress_keys.nocase;
CREATE TABLE regress_keys.type (n serial, name text, type text);
INSERT INTO regress_keys.type (name, type) VALUES
	('text', 'text'), ('text_c', 'text COLLATE "C"'), ('text_nocase', 'text COLLATE regress_keys.nocase'),
	('citext', 'regress_keys.citext'), ('varchar', 'varchar'), ('varchar_3', 'varchar(3)'), ('char_3', 'char(3)'),
	('char_40', 'char(40)'), ('name', 'name'), ('enum', 'regress_keys.letters'),
	('int2', 'int2'), ('int4', 'int4'), ('int8', 'int8'), ('domain', 'regress_keys.small_number'),
	('numeric', 'numeric'), ('uuid', 'uuid');
DO $$
DECLARE
	t record;
	v text;
BEGIN
	FOR t IN SELECT * FROM regress_keys.type ORDER BY n LOOP
		EXECUTE format('CREATE TABLE regress_keys.t_%s (tenant text, k %s)', t.name, t.type);
		FOR v IN SELECT key FROM regress_keys.key UNION ALL VALUES (NULL), ('0'), (''), ('8'), ('Abc'), ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') LOOP
			BEGIN
				EXECUTE format('INSERT INTO regress_keys.t_%s SELECT %L, %L', t.name, 'regress_keys', v);
			EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
				NULL;
			END;
		END LOOP;
		EXECUTE format('CREATE INDEX ON regress_keys.t_%s (k)', t.name);
		EXECUTE format('SELECT ambit.protect(''regress_keys.t_%s'', tenant => ''tenant'', location => ''k'', owner => ''k'', client => ''k'', assignee => ''k'', team => ''k'')', t.name);
		EXECUTE format('SELECT ambit.add_rule(''regress_keys.t_%s'', ''select'', ''regress_keys.view'')', t.name);
		EXECUTE format('CREATE TABLE regress_keys.tenant_%1$s AS SELECT k FROM regress_keys.t_%1$s', t.name);
		EXECUTE format('CREATE INDEX ON regress_keys.tenant_%s (k)', t.name);
		EXECUTE format('SELECT ambit.protect(''regress_keys.tenant_%s'', tenant => ''k'')', t.name);
		EXECUTE format('SELECT ambit.add_rule(''regress_keys.tenant_%s'', ''select'', ''regress_keys.view'')', t.name);
	END LOOP;
END
$$;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_keys TO regress_keys_app;

-- What the member with that key sees, if policies as predicates (by a scan of
-- the table, and by its index) and policies asked for each row agree.
CREATE FUNCTION regress_keys.seen(scope text, type text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	rows text[];
	before text[];
	different text;
BEGIN
	PERFORM ambit.assume(CASE scope WHEN 'tenant' THEN key ELSE 'regress_keys' END, scope || ' ' || key);
	SET LOCAL ROLE regress_keys_app;
	FOR i IN 0 .. 3 LOOP
		PERFORM set_config('ambit.specialize_plans', (i < 2)::text, true);
		PERFORM set_config('enable_seqscan', (i % 2 = 1)::text, true);
		PERFORM set_config('enable_bitmapscan', (i % 2 = 1)::text, true);
		EXECUTE format('SELECT array_agg(DISTINCT k::text COLLATE "C") FROM regress_keys.%s_%s',
			CASE scope WHEN 'tenant' THEN 'tenant' ELSE 't' END, type) INTO rows;
		IF i > 0 AND rows IS DISTINCT FROM before THEN
			different := concat_ws(' ', different, before, 'but', rows);
		END IF;
		before := rows;
	END LOOP;
	RESET ROLE;
	RETURN coalesce(different, rows::text);
END
$$;
CREATE VIEW regress_keys.answer AS
	SELECT t.n AS t, t.name AS type, k.n AS k, k.key, s.scope, regress_keys.seen(s.scope, t.name, k.key) AS rows
	FROM regress_keys.type t, regress_keys.key k, unnest('{own,self,assignee,related,team,location,tenant}'::text[]) s (scope);

-- Staff keys: what converts reaches the value, nothing else does.
CREATE TABLE regress_keys.answers AS SELECT * FROM regress_keys.answer WHERE scope = 'own';
SELECT type, key, rows FROM regress_keys.answers
WHERE rows IS NOT NULL AND type IN ('text', 'varchar_3', 'char_3', 'char_40', 'name', 'enum', 'int2', 'int4', 'int8', 'domain', 'uuid')
ORDER BY t, k;
-- Every kind of text answers alike, also where the column's own equality does
-- not tell letter case.
SELECT a.type, a.key, a.rows, b.rows AS text
FROM regress_keys.answers a JOIN regress_keys.answers b USING (key)
WHERE a.type IN ('text_c', 'text_nocase', 'citext', 'varchar') AND b.type = 'text' AND a.rows IS DISTINCT FROM b.rows
ORDER BY a.t, a.k;
-- A number in the form that it is printed in.
SELECT type, key, rows FROM regress_keys.answers WHERE type = 'numeric' AND key IN ('7', '-7', '70000', 'abc', '18446744073709551623') ORDER BY k;
-- Client keys and assignees are compared as staff keys are.
SELECT a.scope, a.type, a.key, a.rows, o.rows AS own
FROM regress_keys.answer a JOIN regress_keys.answers o USING (type, key)
WHERE a.scope IN ('self', 'assignee') AND a.rows IS DISTINCT FROM o.rows
ORDER BY a.scope, a.t, a.k;

-- Groups and locations: two different ids never meet in one value, so a key
-- counts only as the type prints it.  (The text types differ in nothing.)
CREATE TABLE regress_keys.exact_answers AS SELECT * FROM regress_keys.answer WHERE scope = 'location';
SELECT e.type, e.key, e.rows, o.rows AS own
FROM regress_keys.exact_answers e JOIN regress_keys.answers o USING (type, key)
WHERE e.rows IS DISTINCT FROM o.rows OR (e.rows IS NOT NULL AND e.type IN ('int8', 'uuid'))
ORDER BY e.t, e.k;
SELECT a.scope, a.type, a.key, a.rows, e.rows AS location
FROM regress_keys.answer a JOIN regress_keys.exact_answers e USING (type, key)
WHERE a.scope IN ('team', 'tenant') AND a.rows IS DISTINCT FROM e.rows
ORDER BY a.scope, a.t, a.k;

-- Relationships: the subject's column, and the object's against the client
-- column, may be of different types.
CREATE TABLE regress_keys.related (tenant text, subject bigint, object text);
INSERT INTO regress_keys.related VALUES
	('regress_keys', 7, '7'), ('regress_keys', 7, 'ABC'), ('regress_keys', 7, '0007'), ('regress_keys', 7, '04464'), ('regress_keys', 7, '18446744073709551623'),
	('regress_keys', 7, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'), ('regress_keys', 7, NULL), ('regress_keys', NULL, 'abc'),
	('regress_key', 7, 'abc'), ('REGRESS_KEYS', 7, '70000');
SELECT ambit.bind_relationship('regress_keys_related', 'SELECT * FROM regress_keys.related');
SELECT type, key, rows FROM regress_keys.answer
WHERE scope = 'related' AND rows IS NOT NULL AND type IN ('text', 'char_40', 'int2', 'int8', 'uuid')
ORDER BY t, k;
SELECT ambit.bind_relationship('regress_keys_related',
	'SELECT tenant COLLATE regress_keys.nocase AS tenant, subject::char(20) AS subject, CASE WHEN object ~ ''^[0-9]{1,6}$'' THEN object::integer END AS object FROM regress_keys.related');
SELECT type, key, rows FROM regress_keys.answer
WHERE scope = 'related' AND rows IS NOT NULL AND type IN ('text', 'char_40', 'int2', 'int8', 'uuid')
ORDER BY t, k;

-- Keys given as JSON numbers; a value that is no key.
SELECT ambit.add_member('regress_keys', 'own 7', '{"staff": 7}');
SELECT ambit.add_member('regress_keys', 'own 007', '{"staff": 7.0}');
SELECT ambit.add_member('regress_keys', 'own abc', '{"client": "abc"}');
SELECT type, key, rows FROM regress_keys.answer
WHERE scope = 'own' AND type IN ('text', 'int8') AND key IN ('7', '007', 'abc') ORDER BY t, k;

-- What the session's settings print is no key.
CREATE TABLE regress_keys.t_printed (tenant text, f4 float4, f8 float8, d date, t timestamptz, m money, b bytea, p point);
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', owner => 'f4');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'f8');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', location => 'd');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', client => 't');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', team => 'm');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', assignee => 'b');
SELECT ambit.protect('regress_keys.t_printed', tenant => 'tenant', owner => 'p');

-- clean up
SELECT ambit.unbind_relationship('regress_keys_related');
SELECT count(ambit.drop_tenant(tenant)) FROM ambit.tenant WHERE template = 'regress_keys';
DROP SCHEMA regress_keys CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_keys';
DELETE FROM ambit.permission_key WHERE key = 'regress_keys.view';
DROP ROLE regress_keys_app;
