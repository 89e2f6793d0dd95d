-- Many tenants and members of one template, written straight into ambit's
-- tables.  psql variables: tenants, members (a tenant), permissions.
--
-- Everybody has one role for the whole tenant, every second member another at
-- a location, and some an override; every tenth tenant has changed a cell.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT ambit._load_template(jsonb_build_object(
	'template', 'bench', 'visitor_role', 'visitor',
	'permissions', (SELECT jsonb_agg(jsonb_build_object('key', format('bench.m%s.p%s', p / 20, p), 'title', 'p' || p)) FROM generate_series(1, :permissions) p),
	'roles', '[{"role": "visitor"}, {"role": "client"}, {"role": "limited_staff"}, {"role": "staff"}, {"role": "manager"}, {"role": "admin"}, {"role": "owner"}]'::jsonb,
	'cells', (SELECT jsonb_agg(jsonb_build_object('role', r.role, 'permission', format('bench.m%s.p%s', p / 20, p), 'enabled', p % 7 <> r.n,
			'entries', jsonb_build_array(jsonb_build_object('scope', CASE WHEN (p + r.n) % 3 = 0 THEN 'own' ELSE 'all' END))))
		FROM generate_series(1, :permissions) p, (VALUES ('visitor', 1, 20), ('client', 2, 10), ('limited_staff', 3, 4), ('staff', 4, 2), ('manager', 5, 1), ('admin', 6, 1), ('owner', 7, 1)) r (role, n, every)
		WHERE p % r.every = 0)), false) AS nothing \gset

-- ambit's own triggers fire always; those of foreign keys need not
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO ambit.tenant (tenant, template) SELECT 'tenant-' || t, 'bench' FROM generate_series(1, :tenants) t;
INSERT INTO ambit.location (tenant, location) SELECT 'tenant-' || t, 'branch' FROM generate_series(1, :tenants) t;
INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled)
SELECT 'tenant-' || t, 'staff', format('bench.m%s.p%s', p / 20, p)::ambit.permission, p % 3 = 0
FROM generate_series(1, :tenants, 10) t, generate_series(10, 50, 10) p;
INSERT INTO ambit.member (tenant, user_id, keys)
SELECT 'tenant-' || t, 'user-' || u, jsonb_build_object('staff', u::text) FROM generate_series(1, :tenants) t, generate_series(1, :members) u;
INSERT INTO ambit.assignment (tenant, user_id, role)
SELECT m.tenant, m.user_id, (ARRAY['limited_staff', 'staff', 'manager', 'client'])[substr(m.user_id, 6)::int % 4 + 1] FROM ambit.member m WHERE m.tenant LIKE 'tenant-%';
INSERT INTO ambit.assignment (tenant, user_id, role, location)
SELECT m.tenant, m.user_id, 'client', 'branch' FROM ambit.member m WHERE m.tenant LIKE 'tenant-%' AND substr(m.user_id, 6)::int % 2 = 0;
INSERT INTO ambit.member_cell (tenant, user_id, permission, enabled)
SELECT 'tenant-' || t, 'user-1', format('bench.m%s.p%s', p / 20, p)::ambit.permission, true FROM generate_series(1, :tenants) t, generate_series(3, 9, 3) p;
COMMIT;

-- what one would have by hand, and a protected table
CREATE SCHEMA plain;
CREATE TABLE plain.member AS SELECT tenant, user_id FROM ambit.member;
ALTER TABLE plain.member ADD PRIMARY KEY (tenant, user_id);
CREATE TABLE plain.assignment AS SELECT tenant, user_id, role, coalesce(location, '') AS location FROM ambit.assignment;
ALTER TABLE plain.assignment ADD PRIMARY KEY (tenant, user_id, role, location);
CREATE TABLE plain.template_cell AS SELECT template, role, permission::text AS permission, enabled FROM ambit.template_cell;
ALTER TABLE plain.template_cell ADD PRIMARY KEY (template, role, permission);
CREATE TABLE plain.item (id bigint PRIMARY KEY, tenant text NOT NULL, staff int);
INSERT INTO plain.item SELECT i, 'tenant-' || i % 100 + 1, i % :members + 1 FROM generate_series(1, 100000) i;
CREATE INDEX ON plain.item (tenant, staff);
SELECT ambit.protect('plain.item', tenant => 'tenant', owner => 'staff') AS nothing \gset
SELECT ambit.add_rule('plain.item', 'select', 'bench.m2.p44') AS nothing \gset
CREATE ROLE bench_app;
GRANT USAGE ON SCHEMA plain TO bench_app;
GRANT SELECT ON plain.item TO bench_app;
SELECT ambit.trust_application('bench_app') AS nothing \gset
VACUUM ANALYZE;
