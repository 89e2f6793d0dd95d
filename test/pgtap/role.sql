/*
 * role.sql
 *		A tenant's own roles by module, and roles that one member holds: what a
 *		role brings to its member, what follows the template, what stands alone.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;
SELECT no_plan();

CREATE ROLE regress_role_app;
SELECT ambit.trust_application('regress_role_app');
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO regress_role_app;

CREATE FUNCTION t.model(center_edit boolean, center_add boolean) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('template', 't_flex', 'visitor_role', 'guest',
		'scopes', '{"served": {"relationship": "served"}}'::jsonb,
		'permissions', '[{"key": "ta.x.view"}, {"key": "ta.x.edit"}, {"key": "ta.x.add"}, {"key": "ta.x.import"}, {"key": "ta.x.lock"},
			{"key": "tb.y.view"}, {"key": "tb.y.edit"}, {"key": "tb.y.approve"}, {"key": "tc.z.view"}, {"key": "tc.z.edit"}]'::jsonb,
		'roles', '[{"role": "guest"}, {"role": "viewer"}, {"role": "center"}, {"role": "boss", "inherits": ["center"]}, {"role": "chief", "single": true, "inherits": ["boss"]}]'::jsonb,
		'cells', '[
			{"role": "viewer", "permission": "ta.x.view", "enabled": true, "entries": [{"scope": "all"}]},
			{"role": "viewer", "permission": "tb.y.view", "enabled": true, "entries": [{"scope": "own"}]},
			{"role": "viewer", "permission": "tc.z.edit", "enabled": true, "level": true, "entries": [{"scope": "own"}]},
			{"role": "center", "permission": "ta.x.view", "enabled": true, "entries": [{"scope": "all"}]},
			{"role": "center", "permission": "ta.x.lock", "enabled": false, "locked": true},
			{"role": "center", "permission": "tb.y.view", "enabled": true, "entries": [{"scope": "own"}, {"scope": "all", "requires": ["tb.y.approve"]}, {"scope": "served", "channels": ["mobile"]}]},
			{"role": "center", "permission": "tb.y.edit", "enabled": true, "requires": ["tb.y.view"], "entries": [{"scope": "all"}]},
			{"role": "center", "permission": "tb.y.approve", "enabled": false, "requires": ["tb.y.edit", "tc.z.view"], "entries": [{"scope": "team"}]},
			{"role": "center", "permission": "tc.z.view", "enabled": true, "entries": [{"scope": "all"}]},
			{"role": "boss", "permission": "ta.x.import", "enabled": true, "entries": [{"scope": "all"}]},
			{"role": "boss", "permission": "tb.y.view", "enabled": true, "entries": [{"scope": "assignee"}]},
			{"role": "boss", "permission": "tc.z.edit", "enabled": true, "locked": true, "entries": [{"scope": "all"}]}]'::jsonb
			|| jsonb_build_array(jsonb_build_object('role', 'center', 'permission', 'ta.x.edit', 'enabled', center_edit, 'entries', '[{"scope": "all"}]'::jsonb))
			|| jsonb_build_array(jsonb_build_object('role', 'center', 'permission', 'ta.x.add', 'enabled', center_add, 'entries', '[{"scope": "own"}]'::jsonb)))
$$;

CREATE FUNCTION t.holds(tenant text, user_id text, channel text = NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM ambit.assume(tenant, user_id, channel);
	SELECT string_agg(format('%s %s', e.permission::text, array_to_string(e.scopes, '+')), ', ' ORDER BY e.permission::text COLLATE "C")
	INTO answer
	FROM ambit.effective_permissions() e;
	PERFORM ambit.logout();
	RETURN coalesce(answer, 'nothing');
END
$$;
CREATE FUNCTION t.modules(tenant text, user_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM ambit.assume(tenant, user_id);
	SELECT string_agg(m, ' ' ORDER BY m COLLATE "C") INTO answer FROM ambit.visible_modules() m;
	PERFORM ambit.logout();
	RETURN coalesce(answer, 'none');
END
$$;
/* one member each for a role */
CREATE FUNCTION t.give(tenant text, role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.add_member(tenant, 'm_' || role);
	PERFORM ambit.assign_role(tenant, 'm_' || role, role);
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO regress_role_app;

SELECT ambit.import_template(t.model(true, false));
SELECT ambit.create_tenant('ra', 't_flex');
SELECT ambit.create_tenant('rb', 't_flex');

/* ---- what modules bring ------------------------------------------------------ */

SELECT ambit.create_role('ra', 'mixed', 'Mixed', '{"ta": "center", "tb": "viewer", "tc": "no_access"}');
SELECT t.give('ra', 'mixed');
SELECT ambit.create_role('ra', 'upper', modules => '{"ta": "boss", "tb": "boss", "tc": "boss"}');
SELECT t.give('ra', 'upper');
SELECT ambit.create_role('ra', 'bare');
SELECT t.give('ra', 'bare');
SELECT ambit.create_role('ra', 'heir', modules => '{"tc": "no_access"}', inherits => '{boss,mixed}');
SELECT t.give('ra', 'heir');
SELECT ambit.create_role('ra', 'grandheir', modules => '{"ta": "viewer"}', inherits => '{heir}');
SELECT t.give('ra', 'grandheir');
SELECT ambit.create_role('ra', 'both', inherits => '{heir,viewer,center}');
SELECT t.give('ra', 'both');

SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_mixed'), 'ta.x.edit all, ta.x.view all, tb.y.view own', 'each module is that of its level');
SELECT is(t.modules('ra', 'm_mixed'), 'ta tb', 'no_access hides the module, a module with view cells only is visible');
SELECT is(t.holds('ra', 'm_upper'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+assignee, tc.z.edit all, tc.z.view all',
	'a level brings what it inherits, scopes add up');
SELECT is(t.holds('ra', 'm_upper', 'mobile'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+assignee+served, tc.z.edit all, tc.z.view all',
	'... each entry under its conditions');
SELECT is(t.holds('ra', 'm_bare'), 'nothing', 'a role without modules has nothing');
SELECT is(t.modules('ra', 'm_bare'), 'none', '... and sees no module');
SELECT is(t.holds('ra', 'm_heir'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+assignee',
	'an inherited role adds up, but not in a module without access');
SELECT is(t.modules('ra', 'm_heir'), 'ta tb', '... which is hidden');
SELECT is(t.holds('ra', 'm_grandheir'), t.holds('ra', 'm_heir'), 'what is hidden in an inherited role stays hidden in the heir');
SELECT is(t.holds('ra', 'm_both'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+assignee, tc.z.view all',
	'... unless another role brings it');
RESET ROLE;

/* ---- a cell that a level gives to modules and the role does not have ------------ */

SELECT ambit.create_role('rb', 'based', modules => '{"tc": "viewer"}');
SELECT t.give('rb', 'based');
SELECT ambit.create_role('rb', 'heir', inherits => '{viewer}');
SELECT t.give('rb', 'heir');
SELECT t.give('rb', 'viewer');
SET ROLE regress_role_app;
SELECT is(t.holds('rb', 'm_based'), 'tc.z.edit own', 'a module has the cell');
SELECT is(t.modules('rb', 'm_based'), 'tc', '... and is visible');
SELECT is(t.holds('rb', 'm_viewer'), 'ta.x.view all, tb.y.view own', 'the role does not');
SELECT is(t.holds('rb', 'm_heir'), t.holds('rb', 'm_viewer'), '... nor does one that inherits it');
RESET ROLE;
SELECT is((SELECT string_agg(role || ': ' || cell, ', ' ORDER BY role) FROM ambit.matrix('rb') WHERE permission::text = 'tc.z.edit' AND role IN ('viewer', 'based')),
	'based: own, viewer: off', '... as the page says');
SELECT is((SELECT string_agg(s.permission || ' ' || s.enabled, ', ') FROM ambit.set_role_permission('rb', 'viewer', 'tc.z.edit', true) s), 'tc.z.edit true', 'the tenant gives it to the role');
SET ROLE regress_role_app;
SELECT is(t.holds('rb', 'm_viewer'), 'ta.x.view all, tb.y.view own, tc.z.edit all', '... all of it, since the role has none');
SELECT is(t.holds('rb', 'm_based'), 'tc.z.edit all', '... which the module follows');
RESET ROLE;
SELECT ambit.set_role_permission('rb', 'viewer', 'tc.z.edit', NULL);
SELECT ambit.set_role_permission('rb', 'based', 'tc.z.view', true);
SET ROLE regress_role_app;
SELECT is(t.holds('rb', 'm_viewer'), 'ta.x.view all, tb.y.view own', '... and takes it back');
SELECT is(t.holds('rb', 'm_based'), 'tc.z.edit own, tc.z.view all', 'a module that stands alone keeps it');
RESET ROLE;
SELECT ambit.remove_member('rb', 'm_' || r) FROM unnest('{based,heir,viewer}'::text[]) r;
SELECT ambit.drop_role('rb', r) FROM unnest('{based,heir}'::text[]) r;

/* ---- live, until a cell of the module is changed ------------------------------- */

SELECT ambit.create_role('ra', 'follows', modules => '{"ta": "center", "tb": "center"}');
SELECT t.give('ra', 'follows');
SELECT ambit.create_role('ra', 'alone', modules => '{"ta": "center", "tb": "center"}');
SELECT t.give('ra', 'alone');
SELECT ambit.create_role('ra', 'same', modules => '{"ta": "center"}');
SELECT t.give('ra', 'same');
SELECT results_eq($$SELECT permission::text, enabled FROM ambit.set_role_permission('ra', 'alone', 'ta.x.import', true)$$,
	$$VALUES ('ta.x.import', true)$$, 'a single permission on top');
SELECT is_empty($$SELECT * FROM ambit.set_role_permission('ra', 'same', 'ta.x.edit', true)$$, 'what is on already is no change');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own', 'the module keeps what it had');
SELECT is(t.holds('ra', 'm_alone', 'mobile'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+served', '... the other one its conditions');
RESET ROLE;

SELECT ambit.import_template(t.model(false, true));
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_follows'), 'ta.x.add own, ta.x.view all, tb.y.edit all, tb.y.view own', 'a change of the level reaches a module that follows');
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own', '... and not one that stands alone');
SELECT is(t.holds('ra', 'm_same'), 'ta.x.edit all, ta.x.view all', '... nor one where somebody confirmed a cell');
SELECT is(t.holds('ra', 'm_upper'), 'ta.x.add own, ta.x.import all, ta.x.view all, tb.y.edit all, tb.y.view own+assignee, tc.z.edit all, tc.z.view all',
	'... also through a level that inherits it');
RESET ROLE;

SELECT ambit.set_role_permission('ra', 'center', 'tb.y.edit', false);
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.edit all, ta.x.import all, ta.x.view all, tb.y.view own', 'the other module of the role goes on following, the tenant''s own changes included');
RESET ROLE;
SELECT ambit.set_role_permission('ra', 'center', 'tb.y.edit', NULL);

SELECT ambit.set_role_permission('ra', 'alone', 'ta.x.edit', false);
SELECT ambit.set_role_permission('ra', 'alone', 'ta.x.import', NULL);
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.view all, tb.y.edit all, tb.y.view own', 'NULL: back to what the module had when it was first changed');
RESET ROLE;
SELECT ambit.set_role_permission('ra', 'alone', 'ta.x.edit', NULL);
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.edit all, ta.x.view all, tb.y.edit all, tb.y.view own', '... which is not what the template says now');
RESET ROLE;
SELECT ambit.set_role_module('ra', 'alone', 'ta', 'center');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'ta.x.add own, ta.x.view all, tb.y.edit all, tb.y.view own', 'set_role_module: the module follows again');
RESET ROLE;
SELECT ambit.set_role_module('ra', 'alone', 'ta', NULL);
SELECT ambit.set_role_module('ra', 'alone', 'tb', 'no_access');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'nothing', '... or is gone');
RESET ROLE;
SELECT ambit.set_role_permission('ra', 'alone', 'tb.y.view', true, 'own');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_alone'), 'tb.y.view own', 'a permission turned on in a module without access counts');
RESET ROLE;

/* ---- switches of an own role ------------------------------------------------- */

SELECT throws_ok($$SELECT ambit.set_role_permission('ra', 'follows', 'ta.x.lock', true)$$, '55000', 'permission "ta.x.lock" of role "follows" is locked',
	'a lock of the level holds in the role');
SELECT throws_ok($$SELECT ambit.set_role_permission('ra', 'upper', 'tc.z.edit', false)$$, '55000', 'permission "tc.z.edit" of role "upper" is locked', '... on as well');
SELECT ok(NOT standalone, 'a call that is refused leaves the module following') FROM ambit.tenant_module WHERE role = 'follows' AND module = 'ta';
SELECT results_eq($$SELECT permission::text, enabled FROM ambit.set_role_permission('ra', 'follows', 'tb.y.approve', true)$$,
	$$VALUES ('tb.y.approve', true), ('tc.z.view', true)$$, 'what a permission requires is turned on with it, in a module that the role lacks too');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_follows'), 'ta.x.add own, ta.x.view all, tb.y.approve team, tb.y.edit all, tb.y.view all+own, tc.z.view all', 'requirements hold between modules');
RESET ROLE;
SELECT results_eq($$SELECT permission::text, enabled FROM ambit.set_role_permission('ra', 'follows', 'tb.y.view', false)$$,
	$$VALUES ('tb.y.view', false), ('tb.y.approve', false), ('tb.y.edit', false)$$, 'off turns off what requires it');
SELECT ambit.create_role('ra', 'chain', modules => '{"tb": "center", "tc": "center"}');
SELECT ambit.set_role_permission('ra', 'chain', 'tc.z.view', false);
SELECT results_eq($$SELECT module, standalone FROM ambit.tenant_module WHERE role = 'chain' ORDER BY module$$, $$VALUES ('tb' COLLATE "C", false), ('tc', true)$$,
	'a cascade that changes nothing in another module leaves it following');
SELECT ambit.set_role_permission('ra', 'chain', 'tb.y.approve', true);
SELECT ambit.set_role_module('ra', 'chain', 'tb', 'center');
SELECT throws_ok($$SELECT ambit.set_role_permission('ra', 'upper', 'ta.x.nothing', true)$$, '42704', NULL, 'an unknown permission');

/* ---- errors ------------------------------------------------------------------ */

CREATE TEMP TABLE refusal (call text, state text, message text);
INSERT INTO refusal VALUES
	($$create_role('ra', 'mixed')$$, '42710', 'role "mixed" already exists in tenant "ra"'),
	($$create_role('ra', 'center')$$, '42710', 'role "center" already exists in tenant "ra"'),
	($$create_role('ra', 'no_access')$$, '22023', 'role "no_access" cannot be created'),
	($$create_role('nowhere', 'x')$$, '42704', 'tenant "nowhere" does not exist'),
	($$create_role('ra', '')$$, '22023', 'role must not be empty'),
	($$create_role('ra', NULL)$$, '22004', 'role must not be null'),
	($$create_role('ra', 'x', modules => NULL)$$, '22004', 'modules must not be null'),
	($$create_role('ra', 'x', inherits => NULL)$$, '22004', 'inherits must not be null'),
	($$create_role('ra', 'x', inherits => '{NULL}')$$, '22004', 'inherits must not be null'),
	($$create_role('ra', 'x', modules => '["ta"]')$$, '22023', 'modules must be an object'),
	($$create_role('ra', 'x', modules => '{"ta": null}')$$, '22023', 'the level of module "ta" must be a text'),
	($$create_role('ra', 'x', modules => '{"td": "center"}')$$, '42704', 'module "td" does not exist in template "t_flex"'),
	($$create_role('ra', 'x', modules => '{"ta": "centre"}')$$, '42704', 'level "centre" does not exist in template "t_flex"'),
	($$create_role('ra', 'x', modules => '{"ta": "mixed"}')$$, '42704', 'level "mixed" does not exist in template "t_flex"'),
	($$create_role('ra', 'x', modules => '{"ta": "guest"}')$$, '22023', 'role "guest" is for visitors'),
	($$create_role('ra', 'x', modules => '{"ta": "chief"}')$$, '22023', 'role "chief" is held by one member only'),
	($$create_role('ra', 'x', inherits => '{nobody}')$$, '42704', 'role "nobody" does not exist in template "t_flex"'),
	($$create_role('ra', 'x', inherits => '{x}')$$, '42704', 'role "x" does not exist in template "t_flex"'),
	($$create_role('ra', 'x', inherits => '{chief}')$$, '22023', 'role "chief" is held by one member only'),
	($$create_role('rb', 'x', inherits => '{mixed}')$$, '42704', 'role "mixed" does not exist in template "t_flex"'),
	($$set_role_module('ra', 'center', 'ta', 'viewer')$$, '22023', 'role "center" is not one of the tenant''s own'),
	($$set_role_module('ra', 'nobody', 'ta', 'viewer')$$, '42704', 'role "nobody" does not exist in tenant "ra"'),
	($$set_role_module('ra', 'mixed', 'td', NULL)$$, '42704', 'module "td" does not exist in template "t_flex"'),
	($$set_role_module('ra', 'mixed', 'ta', 'nobody')$$, '42704', 'level "nobody" does not exist in template "t_flex"'),
	($$drop_role('ra', 'center')$$, '22023', 'role "center" is not one of the tenant''s own'),
	($$drop_role('ra', 'mixed')$$, '2BP01', 'role "mixed" is in use'),
	($$drop_role('rb', 'mixed')$$, '42704', 'role "mixed" does not exist in tenant "rb"'),
	($$transfer_role('ra', 'boss', 'm_mixed', 'm_bare')$$, '22023', 'role "boss" is not one that one member only holds'),
	($$transfer_role('ra', 'chief', 'm_mixed', 'm_bare')$$, '42704', 'member "m_mixed" does not have role "chief"'),
	($$transfer_role('ra', 'chief', 'm_mixed', 'nobody')$$, '42704', 'member "nobody" does not exist in tenant "ra"'),
	($$transfer_role('ra', 'chef', 'm_mixed', 'm_bare')$$, '42704', 'role "chef" does not exist in tenant "ra"');
SELECT throws_ok('SELECT ambit.' || call, state, message, call) FROM refusal;
SET ROLE regress_role_app;
SELECT throws_ok(format('SELECT ambit.%s', f), '42501', NULL, f || ': not for everybody')
FROM unnest('{"create_role(''ra'', ''x'')","set_role_module(''ra'', ''mixed'', ''ta'', ''boss'')","drop_role(''ra'', ''chain'')",
	"transfer_role(''ra'', ''chief'', ''m_mixed'', ''m_bare'')"}'::text[]) f;
RESET ROLE;

/* ---- a role that one member holds ----------------------------------------------- */

SELECT ambit.assign_role('ra', 'm_bare', 'chief');
SELECT throws_ok($$SELECT ambit.assign_role('ra', 'm_mixed', 'chief')$$, '55000', 'role "chief" is held by one member only', 'nobody else gets it');
SELECT throws_ok($$SELECT ambit.transfer_role('ra', 'chief', 'm_bare', 'm_bare')$$, '42710', NULL, 'from one to the same');
SELECT lives_ok($$SELECT ambit.transfer_role('ra', 'chief', 'm_bare', 'm_mixed')$$, 'transfer_role hands it over');
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_bare'), 'nothing', 'the one before has it no more');
SELECT matches(t.holds('ra', 'm_mixed'), 'ta.x.import all', 'the new holder has what it inherits');
RESET ROLE;

/* ---- a template that drops a level ------------------------------------------------ */

SELECT ambit.import_template(jsonb_set(t.model(true, true), '{roles}', '[{"role": "guest"}, {"role": "viewer"}, {"role": "boss"}, {"role": "chief", "single": true}]')
	|| jsonb_build_object('cells', (SELECT jsonb_agg(c) FROM jsonb_array_elements(t.model(true, true)->'cells') c WHERE c->>'role' <> 'center')));
SET ROLE regress_role_app;
SELECT is(t.holds('ra', 'm_follows'), 'tc.z.view all', 'a module whose level is gone brings nothing, what was turned on stays');
SELECT is(t.holds('ra', 'm_same'), 'ta.x.edit all, ta.x.view all', 'a module that stands alone has what it had');
RESET ROLE;
SELECT ambit.revoke_role('ra', 'm_both', 'both');
SELECT lives_ok($$SELECT ambit.drop_role('ra', 'both')$$, 'drop_role');
SELECT is_empty($$SELECT FROM ambit.tenant_role WHERE role = 'both' UNION ALL SELECT FROM ambit.tenant_inherit WHERE role = 'both'$$, '... leaves nothing');

SELECT finish();
ROLLBACK;
