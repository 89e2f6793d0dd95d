--
-- matrix: the permissions page in words
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_matrix_app;
SELECT ambit.trust_application('regress_matrix_app');

SELECT ambit._load_template('{
	"template": "regress_matrix", "visitor_role": "guest", "terms": {"rn": {"title": "R N"}},
	"features": {"chat": {}},
	"scopes": {"served": {"relationship": "served"}},
	"permissions": [{"key": "rm.plain"}, {"key": "rm.locked"}, {"key": "rm.never"}, {"key": "rm.toggle"}, {"key": "rm.targets"},
		{"key": "rn.conditions"}, {"key": "rn.follows"}, {"key": "rn.several"}, {"key": "rn.admin"}],
	"roles": [{"role": "guest", "rank": 0}, {"role": "boss", "rank": 3, "inherits": ["staff"]}, {"role": "staff", "rank": 2}],
	"cells": [
		{"role": "staff", "permission": "rm.plain", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "boss", "permission": "rm.plain", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "rm.locked", "enabled": true, "locked": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "rm.never", "enabled": false, "locked": true},
		{"role": "staff", "permission": "rm.toggle", "enabled": false, "entries": [{"scope": "team"}]},
		{"role": "staff", "permission": "rm.targets", "enabled": true, "entries": [{"scope": "all", "targets": ["guest"]}, {"scope": "own", "targets": ["guest", "staff"]}]},
		{"role": "staff", "permission": "rn.conditions", "enabled": true, "requires": ["rm.plain"],
			"entries": [{"scope": "own"}, {"scope": "all", "requires": ["rm.toggle", "rm.plain"]}, {"scope": "served", "channels": ["web", "mobile"], "feature": "chat"}]},
		{"role": "staff", "permission": "rn.follows", "enabled": true, "locked": true, "requires": ["rm.toggle"], "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "rn.several", "enabled": true, "entries": [{"scope": "all"}, {"scope": "own"}, {"scope": "served"}]},
		{"role": "boss", "permission": "rn.admin", "enabled": true, "entries": [{"scope": "all"}]}],
	"administration": {"matrix": "rn.admin"}}', false);

-- a template, the lowest role first
SELECT permission, role, cell FROM ambit.matrix('regress_matrix') \crosstabview

-- a tenant, with what it changed and its own roles
SELECT ambit.create_tenant('regress_matrix_t', 'regress_matrix');
SELECT ambit.set_role_permission('regress_matrix_t', 'staff', 'rm.toggle', true);
SELECT ambit.set_role_permission('regress_matrix_t', 'staff', 'rm.plain', true, 'all');
SELECT ambit.set_role_permission('regress_matrix_t', 'boss', 'rm.never', true);
SELECT ambit.create_role('regress_matrix_t', 'own_role', modules => '{"rm": "staff", "rn": "no_access"}');
SELECT permission, role, cell FROM ambit.matrix('regress_matrix_t') \crosstabview
SELECT module, permission, role, cell FROM ambit.matrix('regress_matrix_t') WHERE permission::text = 'rn.several';

SELECT ambit.set_label('regress_matrix_t', 'rn', 'Rooms');
SELECT DISTINCT module FROM ambit.matrix('regress_matrix_t') ORDER BY 1;
SELECT DISTINCT module FROM ambit.matrix('regress_matrix') ORDER BY 1;

-- it says what members have
SELECT ambit.add_member('regress_matrix_t', 'u_' || r) FROM unnest('{staff,boss,own_role}'::text[]) r;
SELECT ambit.assign_role('regress_matrix_t', 'u_' || r, r) FROM unnest('{staff,boss,own_role}'::text[]) r;
SELECT m.role, m.permission, m.cell
FROM ambit.matrix('regress_matrix_t') m
WHERE m.role <> 'guest' AND (m.cell NOT LIKE 'off%') <> ambit.has_permission('regress_matrix_t', 'u_' || m.role, m.permission);

-- for whom
SELECT FROM ambit.matrix('regress_matrx');
SELECT FROM ambit.matrix(NULL);
SET ROLE regress_matrix_app;
SELECT FROM ambit.matrix('regress_matrix');
SELECT FROM ambit.matrix('regress_matrix_t');
BEGIN;
SELECT ambit.assume('regress_matrix_t', 'u_staff');
SELECT FROM ambit.matrix('regress_matrix_t');
ROLLBACK;
BEGIN;
SELECT ambit.assume('regress_matrix_t', 'u_boss');
SELECT count(*) FROM ambit.matrix('regress_matrix_t');
SELECT FROM ambit.matrix('regress_matrix');
ROLLBACK;
RESET ROLE;

SELECT ambit.drop_tenant('regress_matrix_t');
DELETE FROM ambit.template WHERE template = 'regress_matrix';
DROP ROLE regress_matrix_app;

-- A permission whose key somebody deleted has no name, and no rows.
SELECT count(*) AS rows FROM ambit.matrix('opus1') \gset
BEGIN;
DELETE FROM ambit.permission_key WHERE key = 'clients.view';
SELECT :rows - count(*) = (SELECT count(*) FROM ambit.template_role WHERE template = 'opus1') AS gone FROM ambit.matrix('opus1');
ROLLBACK;
