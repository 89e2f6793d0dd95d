/*
 * plan_shapes.sql
 *		The plan of a protected table is that of the same query with the
 *		predicate that an expert would have written: for every kind of role and
 *		of query, planned at once, and prepared with a generic and a custom plan.
 *
 * The shape of a plan: the kinds of its nodes and joins, the indexes and the
 * columns that these look up, and whether nothing is read at all.  Never cost
 * or time.  Conditions that are filters are left out: of an OR of values that
 * are not constants a BitmapOr is checked again, whoever wrote it.
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

CREATE ROLE regress_shapes_app;
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_shapes_app, PUBLIC;

/* ---- ten tenants, 2,000 bookings each ---------------------------------------- */

SELECT set_config('t.discard', ambit._load_template('{
	"template": "t_shapes", "clients_permission": "shapes.view",
	"scopes": {"served": {"relationship": "t_served"}},
	"permissions": [{"key": "shapes.view"}, {"key": "shapes.edit"}, {"key": "shapes.other"}],
	"roles": [{"role": "owner"}, {"role": "staff"}, {"role": "limited"}, {"role": "client"}, {"role": "assignee"}, {"role": "team"},
		{"role": "own_self"}, {"role": "own_served"}, {"role": "none"}],
	"cells": [
		{"role": "owner", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "limited", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "client", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "assignee", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "assignee"}]},
		{"role": "team", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "own_self", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "own"}, {"scope": "self"}]},
		{"role": "own_served", "permission": "shapes.view", "enabled": true, "entries": [{"scope": "own"}, {"scope": "served"}]},
		{"role": "owner", "permission": "shapes.edit", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "limited", "permission": "shapes.edit", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "none", "permission": "shapes.other", "enabled": true, "entries": [{"scope": "all"}]}]
}', false)::text, true) \g /dev/null

CREATE FUNCTION t.some(i integer, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT hashint4(i * 17 + salt) & 1048575';
CREATE TABLE t.client (id bigint PRIMARY KEY, tenant text NOT NULL, location text, name text);
CREATE TABLE t.booking (id bigint PRIMARY KEY, tenant text NOT NULL, location text, staff bigint, client bigint, assignee bigint, team text, starts_at timestamptz, price integer);
CREATE TABLE t.invoice (id bigint PRIMARY KEY, tenant text NOT NULL, booking bigint, client bigint, amount integer);
CREATE TABLE t.booking_p (LIKE t.booking) PARTITION BY RANGE (starts_at);
CREATE TABLE t.booking_p1 PARTITION OF t.booking_p FOR VALUES FROM ('2026-01-01') TO ('2026-05-01');
CREATE TABLE t.booking_p2 PARTITION OF t.booking_p FOR VALUES FROM ('2026-05-01') TO ('2026-09-01');
CREATE TABLE t.booking_p3 PARTITION OF t.booking_p FOR VALUES FROM ('2026-09-01') TO ('2027-01-02');
INSERT INTO t.client SELECT i, 't' || i % 10, 'l' || i / 10 % 10, md5(i::text) FROM generate_series(1, 2000) i;
INSERT INTO t.booking
	SELECT i, 't' || i % 10, 'l' || i / 10 % 10, i % 10 * 100 + t.some(i, 1) % 20, t.some(i, 2) % 200 * 10 + i % 10, i % 10 * 100 + t.some(i, 3) % 50, 'g' || t.some(i, 4) % 20,
		timestamptz '2026-01-01' + t.some(i, 5) % (365 * 1440) * interval '1 minute', i % 100
	FROM generate_series(1, 20000) i;
INSERT INTO t.booking_p SELECT * FROM t.booking;
INSERT INTO t.invoice SELECT id, tenant, id, client, price FROM t.booking;
CREATE INDEX client_name ON t.client (tenant, name);
CREATE INDEX booking_start ON t.booking (tenant, starts_at);
CREATE INDEX booking_staff ON t.booking (tenant, staff, starts_at);
CREATE INDEX booking_client ON t.booking (tenant, client);
CREATE INDEX booking_location ON t.booking (tenant, location, starts_at);
CREATE INDEX booking_assignee ON t.booking (tenant, assignee, starts_at);
CREATE INDEX booking_team ON t.booking (tenant, team);
CREATE INDEX invoice_booking ON t.invoice (booking);
CREATE INDEX invoice_client ON t.invoice (tenant, client);
CREATE INDEX ON t.booking_p (tenant, starts_at);
CREATE INDEX ON t.booking_p (tenant, staff, starts_at);
CREATE INDEX ON t.booking_p (tenant, client);
CREATE INDEX ON t.booking_p (id);

/* staff 301 served 10 clients of t3, staff 302 most of them, staff 303 ten dozens of a large table */
CREATE TABLE t.served (tenant text, staff bigint, client bigint);
INSERT INTO t.served SELECT 't3', 301, i * 10 + 3 FROM generate_series(0, 9) i;
INSERT INTO t.served SELECT 't3', 302, i * 10 + 3 FROM generate_series(0, 159) i;
INSERT INTO t.served SELECT 't3', 303, i * 10 + 3 FROM generate_series(0, 119) i;
CREATE TABLE t.dependant (tenant text, guardian bigint, client bigint);
INSERT INTO t.dependant VALUES ('t3', 3, 13), ('t3', 3, 23);
CREATE TABLE t.visit (id bigint PRIMARY KEY, tenant text NOT NULL, client bigint);
INSERT INTO t.visit SELECT i, 't3', i FROM generate_series(1, 30000) i;
CREATE INDEX visit_client ON t.visit (client);

DO $do$
BEGIN
	PERFORM ambit.create_tenant('t' || i, 't_shapes') FROM generate_series(0, 9) i;
	PERFORM ambit.trust_application('regress_shapes_app');
	PERFORM ambit.add_location('t3', 'north'), ambit.add_location('t3', 'l8'), ambit.add_group('t3', 'g1');
	PERFORM ambit.add_location('t3', 'l' || i, 'north') FROM generate_series(0, 2) i;
	PERFORM ambit.bind_relationship('t_served', 'SELECT tenant, staff AS subject, client AS object FROM t.served');
	PERFORM ambit.bind_relationship('dependants', 'SELECT tenant, guardian AS subject, client AS object FROM t.dependant');
	PERFORM ambit.protect('t.client', tenant => 'tenant', location => 'location', client => 'id');
	PERFORM ambit.protect('t.booking', tenant => 'tenant', location => 'location', owner => 'staff', client => 'client', assignee => 'assignee', team => 'team');
	PERFORM ambit.protect('t.booking_p', tenant => 'tenant', location => 'location', owner => 'staff', client => 'client', assignee => 'assignee', team => 'team');
	PERFORM ambit.protect('t.invoice', tenant => 'tenant', client => 'client');
	PERFORM ambit.protect('t.visit', tenant => 'tenant', client => 'client');
	PERFORM ambit.add_rule(r, c, 'shapes.view')
		FROM unnest('{t.client,t.booking,t.booking_p,t.invoice,t.visit}'::regclass[]) r, unnest('{select,update,delete}'::text[]) c;
	PERFORM ambit.add_member('t3', u, jsonb_strip_nulls(jsonb_build_object('staff', s, 'client', c))), ambit.assign_role('t3', u, r, l, only_group => g, only_self => o)
		FROM (VALUES ('owner', '301', NULL, 'owner', NULL, NULL, false), ('staff', '301', NULL, 'staff', NULL, NULL, false), ('client', NULL, '3', 'client', NULL, NULL, false),
			('limited', '301', NULL, 'limited', NULL, NULL, false), ('most', '302', NULL, 'limited', NULL, NULL, false), ('many', '303', NULL, 'limited', NULL, NULL, false),
			('assignee', '301', NULL, 'assignee', NULL, NULL, false), ('manager', '301', NULL, 'owner', 'l1', NULL, false), ('managers', '301', NULL, 'owner', 'north', NULL, false),
			('team', '301', NULL, 'team', NULL, NULL, false), ('own_self', '301', '3', 'own_self', NULL, NULL, false), ('own_served', '301', NULL, 'own_served', NULL, NULL, false),
			('grouped', '399', NULL, 'owner', NULL, 'g1', false), ('only_self', '301', NULL, 'owner', NULL, NULL, true), ('none', '301', NULL, 'none', NULL, NULL, false),
			('manager_own', '301', NULL, 'owner', 'l1', NULL, false), ('manager_own', '301', NULL, 'staff', NULL, NULL, false)) v (u, s, c, r, l, g, o);
	PERFORM ambit.add_to_group('t3', 'g1', 'team'), ambit.add_to_group('t3', 'g1', 'staff');
END
$do$;
GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA t TO regress_shapes_app;
ANALYZE t.client, t.booking, t.booking_p, t.invoice, t.served, t.visit;

/* ---- the predicates by hand ----------------------------------------------------- */

/* what an application would ask its session for; plpgsql, so that nothing is inlined */
CREATE FUNCTION t.h_tenant() RETURNS text LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 't3'; END$$;
CREATE FUNCTION t.h_me() RETURNS bigint LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 301; END$$;
CREATE FUNCTION t.h_place() RETURNS text LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 'l1'; END$$;
CREATE FUNCTION t.h_group() RETURNS text LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN 'g1'; END$$;
CREATE FUNCTION t.h_family() RETURNS bigint[] LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN '{3,13,23}'; END$$;
CREATE FUNCTION t.h_north() RETURNS text[] LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN '{north,l0,l1,l2}'; END$$;
CREATE FUNCTION t.h_served() RETURNS bigint[] LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN ARRAY(SELECT client FROM t.served WHERE tenant = 't3' AND staff = 301); END$$;
CREATE FUNCTION t.h_mates() RETURNS bigint[] LANGUAGE plpgsql STABLE COST 1 AS $$BEGIN RETURN '{301}'; END$$;

/* of bookings, clients and invoices; @ stands for the alias, NULL for nothing */
CREATE TABLE t.predicate (who text, booking text, client text, invoice text);
INSERT INTO t.predicate VALUES
	('owner', 'true', 'true', 'true'),
	('manager', '@.location = t.h_place()', '@.location = t.h_place()', NULL),
	('managers', '@.location = ANY (t.h_north())', '@.location = ANY (t.h_north())', NULL),
	('manager_own', '(@.location = t.h_place() OR @.staff = t.h_me())', '@.location = t.h_place()', NULL),
	('staff', '@.staff = t.h_me()', NULL, NULL),
	('only_self', '@.staff = t.h_me()', NULL, NULL),
	('assignee', '@.assignee = t.h_me()', NULL, NULL),
	('client', '@.client = ANY (t.h_family())', '@.id = ANY (t.h_family())', '@.client = ANY (t.h_family())'),
	('own_self', '(@.staff = t.h_me() OR @.client = ANY (t.h_family()))', '@.id = ANY (t.h_family())', '@.client = ANY (t.h_family())'),
	('limited', '@.client = ANY (t.h_served())', '@.id = ANY (t.h_served())', '@.client = ANY (t.h_served())'),
	('own_served', '(@.staff = t.h_me() OR @.client = ANY (t.h_served()))', '@.id = ANY (t.h_served())', '@.client = ANY (t.h_served())'),
	('team', '(@.team = ANY (ARRAY[t.h_group()]) OR @.staff = ANY (t.h_mates()))', NULL, NULL),
	('grouped', '(@.team = t.h_group() OR @.staff = ANY (t.h_mates()))', NULL, NULL),
	('none', NULL, NULL, NULL),
	('nobody', NULL, NULL, NULL);

/*
 * {b}, {c} and {i}: the predicates, {l} that of bookings looked up by client, where
 * it is better to check a list of clients than to look all of it up; $1: a
 * parameter with this value
 */
CREATE TABLE t.query (name text, query text, parameter text);
INSERT INTO t.query VALUES
	('page', 'SELECT * FROM t.booking b WHERE {b} ORDER BY starts_at LIMIT 20', NULL),
	('page from', 'SELECT * FROM t.booking b WHERE starts_at >= $1 AND {b} ORDER BY starts_at LIMIT 20', 'timestamptz ''2026-03-01'''),
	('point', 'SELECT * FROM t.booking b WHERE id = $1 AND {b}', '777::bigint'),
	('count', 'SELECT count(*) FROM t.booking b WHERE {b}', NULL),
	('aggregate', 'SELECT staff, sum(price) FROM t.booking b WHERE {b} GROUP BY staff', NULL),
	('join', 'SELECT c.name, sum(i.amount) FROM t.booking b JOIN t.client c ON c.id = b.client JOIN t.invoice i ON i.booking = b.id WHERE {b} AND {c} AND {i} GROUP BY c.name', NULL),
	('page of a join', 'SELECT b.*, c.name, i.amount FROM t.booking b JOIN t.client c ON c.id = b.client JOIN t.invoice i ON i.booking = b.id WHERE {b} AND {c} AND {i} ORDER BY b.starts_at LIMIT 20', NULL),
	('outer join', 'SELECT count(b.id) FROM t.client c LEFT JOIN (SELECT * FROM t.booking b WHERE {b}) b ON b.client = c.id AND b.price > 5 WHERE {c}', NULL),
	('update', 'UPDATE t.booking b SET price = price WHERE id = $1 AND {b}', '777::bigint'),
	('update of many', 'UPDATE t.booking b SET price = price WHERE price = 5 AND {b}', NULL),
	('delete', 'DELETE FROM t.booking b WHERE id = $1 AND {b}', '777::bigint'),
	('delete of all', 'DELETE FROM t.booking b WHERE {b}', NULL),
	('exists', 'SELECT * FROM t.client c WHERE EXISTS (SELECT FROM t.booking l WHERE l.client = c.id AND {l}) AND {c}', NULL),
	('not exists', 'SELECT * FROM t.client c WHERE NOT EXISTS (SELECT FROM t.booking l WHERE l.client = c.id AND {l}) AND {c}', NULL),
	('in', 'SELECT * FROM t.invoice i WHERE booking IN (SELECT id FROM t.booking b WHERE {b}) AND {i}', NULL),
	('page of clients', 'SELECT * FROM t.client c WHERE {c} ORDER BY name LIMIT 20', NULL),
	('page of a partitioned table', 'SELECT * FROM t.booking_p b WHERE {b} ORDER BY starts_at LIMIT 20', NULL),
	('count of a part', 'SELECT count(*) FROM t.booking_p b WHERE starts_at >= $1 AND {b}', 'timestamptz ''2026-11-01'''),
	('point in a partitioned table', 'SELECT * FROM t.booking_p b WHERE id = $1 AND {b}', '777::bigint');

/* the query with a predicate in the place of one of the marks */
CREATE FUNCTION t.filled(query text, mark text, predicate text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(query, format('{%s}', mark), CASE WHEN predicate IS NULL THEN 'false' ELSE replace(format('(@.tenant = t.h_tenant() AND %s)', predicate), '@', mark) END)
$$;

/* ---- the shape of a plan ---------------------------------------------------------- */

CREATE FUNCTION t.columns_in(condition text) RETURNS text LANGUAGE sql AS $$
	SELECT '(' || string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) || ')'
	FROM regexp_matches(regexp_replace(condition, '''[^'']*''|t\.h_\w+|ambit\._\w+', '', 'g'), '\m(tenant|location|staff|client|assignee|team|starts_at|id|booking|price)\M', 'g') m
$$;

CREATE FUNCTION t.shape(node jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN concat_ws(' ', node ->> 'Node Type', node ->> 'Join Type', node ->> 'Operation', node ->> 'Scan Direction', COALESCE(node ->> 'Index Name', node ->> 'Relation Name'),
			t.columns_in(node ->> 'Index Cond'), t.columns_in(node ->> 'Hash Cond'), 'never: ' || (node ->> 'One-Time Filter'))
		|| COALESCE((SELECT ' [' || string_agg(t.shape(child), ', ' ORDER BY n) || ']' FROM jsonb_array_elements(node -> 'Plans') WITH ORDINALITY c (child, n)), '');
END
$$;

/* how: simple, generic or custom.  rows: what the node below the top expects */
CREATE FUNCTION t.plan(query text, parameter text, how text, OUT shape text, OUT rows double precision) LANGUAGE plpgsql AS $$
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
	plan := plan -> 0 -> 'Plan';
	shape := t.shape(plan);
	rows := COALESCE(plan -> 'Plans' -> 0, plan) -> 'Plan Rows';
END
$$;

CREATE FUNCTION t.become(who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF who = 'nobody' THEN
		PERFORM ambit.logout();
	ELSE
		PERFORM ambit.assume('t3', who);
	END IF;
END
$$;

/* the queries whose plans differ, or expect another number of rows */
CREATE FUNCTION t.differences(member text, how text) RETURNS TABLE (name text, by_hand text, by_ambit text) LANGUAGE plpgsql AS $$
DECLARE
	p		record;
	q		record;
	hand	record;
	own		record;
BEGIN
	SELECT * INTO p FROM t.predicate x WHERE x.who = member;
	PERFORM t.become(member);
	FOR q IN SELECT * FROM t.query LOOP
		hand := t.plan(t.filled(t.filled(t.filled(t.filled(q.query, 'b', p.booking), 'c', p.client), 'i', p.invoice),
			'l', regexp_replace(p.booking, '^@\.client = ANY .*', '(\&) IS TRUE')), q.parameter, how);
		SET LOCAL ROLE regress_shapes_app;
		own := t.plan(regexp_replace(q.query, '\{[bcil]\}', 'true', 'g'), q.parameter, how);
		RESET ROLE;
		IF own.shape <> hand.shape THEN
			RETURN QUERY VALUES (q.name, hand.shape, own.shape);
		ELSIF greatest(own.rows, hand.rows) > 1.2 * least(own.rows, hand.rows) + 1 THEN
			RETURN QUERY VALUES (q.name, hand.rows || ' rows', own.rows || ' rows');
		END IF;
	END LOOP;
END
$$;

SELECT is_empty(format('SELECT * FROM t.differences(%L, %L)', p.who, h.how), format('%s: %s plans as by hand', p.who, h.how))
FROM t.predicate p, unnest('{simple,generic,custom}'::text[]) h (how);

/* keys that say their tenant: extended statistics tell so by hand, and of a set */
CREATE STATISTICS t.says (dependencies) ON tenant, location, staff, client, assignee FROM t.booking;
ANALYZE t.booking;
SELECT is_empty(format('SELECT * FROM t.differences(%L, %L)', who, how), format('%s, %s: the same plans with extended statistics', who, how))
FROM unnest('{owner,managers,staff,client}'::text[]) who, unnest('{simple,generic}'::text[]) how;
/* (pages of a relationship are another matter, see below) */
SELECT is_empty(format('SELECT * FROM t.differences(%L, %L) WHERE name NOT IN (%L, %L)', who, how, 'page', 'page from'), format('%s, %s: the same plans with extended statistics', who, how))
FROM unnest('{limited}'::text[]) who, unnest('{simple,generic}'::text[]) how;
DROP STATISTICS t.says;

/* the comparison notices a difference */
UPDATE t.predicate SET booking = '@.staff IN (t.h_me(), 0)' WHERE who = 'staff';
SELECT isnt_empty($$SELECT * FROM t.differences('staff', 'simple')$$, 'another predicate has other plans');

/* ---- what has no counterpart by hand -------------------------------------------------- */

CREATE FUNCTION t.own(member text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	shape	text;
BEGIN
	PERFORM t.become(member);
	SET LOCAL ROLE regress_shapes_app;
	shape := (t.plan(query, NULL, 'simple')).shape;
	RESET ROLE;
	RETURN shape;
END
$$;

/* an array that an index looks up */
SELECT alike(t.own('limited', 'SELECT count(*) FROM t.booking'), '%booking_client (client tenant)%', '10 clients are looked up');
SELECT unalike(t.own('most', 'SELECT count(*) FROM t.booking'), '%(client tenant)%', 'most of the clients are not: each row of the tenant is probed');
SELECT alike(t.own('many', 'SELECT * FROM t.visit'), '%visit_client (client)%', '120 clients of 30,000 are looked up');
SELECT alike(t.own('most', 'SELECT * FROM t.booking WHERE id = 777'), '%Index Scan Forward booking_pkey (id)%', 'and a row is found by its key');

/* a page of those served, in a table where each client comes for some weeks: 10 of the clients, and 30 */
CREATE TABLE t.appointment (id bigint PRIMARY KEY, tenant text NOT NULL, client bigint, starts_at timestamptz);
INSERT INTO t.appointment SELECT i, 't3', i / 2000 * 125 + i % 125, timestamptz '2026-01-01' + i * interval '52 minutes' FROM generate_series(0, 9999) i;
CREATE INDEX appointment_start ON t.appointment (tenant, starts_at);
CREATE INDEX appointment_client ON t.appointment (tenant, client, starts_at);
INSERT INTO t.served SELECT 't3', 304, i FROM generate_series(250, 259) i;
INSERT INTO t.served SELECT 't3', 305, i FROM generate_series(250, 279) i;
DO $do$
BEGIN
	PERFORM ambit.protect('t.appointment', tenant => 'tenant', client => 'client'), ambit.add_rule('t.appointment', 'select', 'shapes.view');
	PERFORM ambit.add_member('t3', u, jsonb_build_object('staff', s)), ambit.assign_role('t3', u, 'limited') FROM (VALUES ('late', '304'), ('late_more', '305')) v (u, s);
END
$do$;
GRANT SELECT ON t.appointment TO regress_shapes_app;
ANALYZE t.appointment, t.served;
SET LOCAL random_page_cost = 1.1;
SELECT alike(t.own('late', 'SELECT * FROM t.appointment ORDER BY starts_at LIMIT 20'), '%Sort%appointment_client (client tenant)%', 'the first rows of a few clients are looked up: none of them may be early');
SELECT alike(t.own('late_more', 'SELECT * FROM t.appointment ORDER BY starts_at LIMIT 20'), '%appointment_start (tenant)%', 'those of more are met with in order');
/* nor are thousands of clients looked up for a page, of which the server would count a hundred */
CREATE TABLE t.card (id bigint PRIMARY KEY, tenant text NOT NULL, client bigint, made_at timestamptz);
INSERT INTO t.card SELECT i, 't3', i, timestamptz '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 50000) i;
CREATE INDEX card_made ON t.card (tenant, made_at);
CREATE INDEX card_client ON t.card (tenant, client);
INSERT INTO t.served SELECT 't3', 306, i * 10 FROM generate_series(1, 5000) i;
DO $do$
BEGIN
	PERFORM ambit.protect('t.card', tenant => 'tenant', client => 'client'), ambit.add_rule('t.card', 'select', 'shapes.view');
	PERFORM ambit.add_member('t3', 'thousands', '{"staff": "306"}'), ambit.assign_role('t3', 'thousands', 'limited');
END
$do$;
GRANT SELECT ON t.card TO regress_shapes_app;
ANALYZE t.card, t.served;
SELECT alike(t.own('thousands', 'SELECT * FROM t.card ORDER BY made_at LIMIT 20'), '%card_made (tenant)%', 'the first rows of thousands of clients are met with in order');
RESET random_page_cost;

/* rules of different permissions: what one of them asks is not asked again */
DO $do$
BEGIN
	PERFORM ambit.drop_rule(rule) FROM ambit.rule WHERE relation = 't.booking'::regclass AND command = 'update';
	PERFORM ambit.add_rule('t.booking', 'update', 'shapes.edit');
END
$do$;
CREATE FUNCTION t.conditions(member text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line	text;
	found	text;
BEGIN
	PERFORM t.become(member);
	SET LOCAL ROLE regress_shapes_app;
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ '(Cond|Filter):' THEN
			found := concat_ws('; ', found, regexp_replace(trim(line), '''-?[0-9]+''::bigint', '#', 'g'));
		END IF;
	END LOOP;
	RESET ROLE;
	RETURN found;
END
$$;
SELECT is(t.conditions('owner', 'UPDATE t.booking SET price = 1 WHERE id = 777'),
	'Index Cond: (id = 777); Filter: ((tenant = ambit._key(#, 0, NULL::text)) AND (staff = ambit._key(#, 1, NULL::bigint)))',
	'an update that is one''s own of rows that all see asks for the tenant once');

SELECT is(t.conditions('limited', 'UPDATE t.booking SET price = 1 WHERE id = 777'),
	'Index Cond: (id = 777); Filter: ((tenant = ambit._key(#, 0, NULL::text)) AND ambit._in_reach(#, 0, client))',
	'and an update of rows by one set of clients for that set once');
SELECT unalike(t.conditions('limited', 'UPDATE t.booking SET price = 1'), '%in_reach%in_reach%', 'nor twice where the update has no condition');

/* visible_clients() */
SELECT is((SELECT rows FROM t.become('limited'), t.plan('SELECT 1 FROM ambit.visible_clients(NULL::bigint)', NULL, 'simple')), 10::double precision, 'visible_clients(): as many rows as the relationship has');
SELECT is((SELECT rows FROM t.become('owner'), t.plan('SELECT 1 FROM ambit.visible_clients()', NULL, 'simple')), 200::double precision, 'visible_clients(): as many as the tenant has clients');
SELECT is((SELECT rows FROM t.become('nobody'), t.plan('SELECT 1 FROM ambit.visible_clients()', NULL, 'simple')) <= 1, true, 'visible_clients(): none for nobody');
SELECT alike(t.own('limited', 'SELECT * FROM t.served v WHERE client IN (SELECT ambit.visible_clients(NULL::bigint))'), 'Hash Join Semi%', 'visible_clients() as the partner of a semijoin is hashed, not run for each row');

/* evaluated for each row, the estimates are the same */
SELECT set_config('ambit.specialize_plans', 'off', true) \g /dev/null
CREATE FUNCTION t.rows(member text, query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	rows	double precision;
BEGIN
	PERFORM t.become(member);
	SET LOCAL ROLE regress_shapes_app;
	rows := (t.plan(query, NULL, 'simple')).rows;
	RESET ROLE;
	RETURN rows;
END
$$;
SELECT ok(t.rows('owner', 'SELECT 1 FROM t.booking LIMIT ALL') BETWEEN 1900 AND 2100, 'evaluated: the tenant''s rows');
SELECT ok(t.rows('limited', 'SELECT 1 FROM t.booking LIMIT ALL') BETWEEN 1 AND 20, 'evaluated: some clients'' rows');
SELECT ok(t.rows('none', 'SELECT 1 FROM t.booking LIMIT ALL') <= 1, 'evaluated: no rows');

SELECT * FROM finish();
ROLLBACK;
