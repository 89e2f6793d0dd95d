/*
 * officernd_roles.sql
 *		What the officernd document says about custom roles: each module based on
 *		a level, single permissions on top, what follows the vendor's changes and
 *		what does not.  The words are quoted in the descriptions.
 *
 * What a level brings is compared with the members who have the default role
 * itself; officernd.sql holds those to the document.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_custom;
CREATE SCHEMA app;
\ir include/rows.sql
GRANT USAGE ON SCHEMA app, t TO regress_app_custom;

/* ---- helpers ------------------------------------------------------------------- */

CREATE FUNCTION t.held(who text, tenant text = 'hub') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text[];
BEGIN
	SET LOCAL ROLE regress_app_custom;
	PERFORM ambit.assume(tenant, who);
	answer := ARRAY(SELECT permission::text COLLATE "C" FROM ambit.effective_permissions() WHERE scopes = '{all}' ORDER BY 1);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.held(text, text) IS 'What a member holds in scope all, as the application is told.';

CREATE FUNCTION t.modules(who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_custom;
	PERFORM ambit.assume('hub', who);
	answer := (SELECT string_agg(m, ' ' ORDER BY m COLLATE "C") FROM ambit.visible_modules() m);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.modules(text) IS 'The modules that a member sees.';

CREATE FUNCTION t.part(held text[], pattern text) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY(SELECT h COLLATE "C" FROM unnest(held) h WHERE h ~ pattern ORDER BY 1)
$$;
COMMENT ON FUNCTION t.part(text[], text) IS 'Those permissions that match.';

CREATE FUNCTION t.of_module(held text[], module text) RETURNS text[] LANGUAGE sql AS $$
	SELECT t.part(held, '^' || module || '[.]')
$$;

CREATE FUNCTION t.more(who text, than text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	has text[] := t.held(who);
BEGIN
	RETURN array_to_string(ARRAY(
		SELECT '+' || p COLLATE "C" FROM (SELECT unnest(has) EXCEPT SELECT unnest(than)) x (p)
		UNION ALL
		SELECT '-' || p COLLATE "C" FROM (SELECT unnest(than) EXCEPT SELECT unnest(has)) x (p)
		ORDER BY 1), ' ');
END
$$;
COMMENT ON FUNCTION t.more(text, text[]) IS 'By which permissions a member''s differ: + more, - fewer.';

CREATE FUNCTION t.staff(role text, modules jsonb = '{}', inherits text[] = '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.create_role('hub', role, modules => modules, inherits => inherits);
	PERFORM ambit.add_member('hub', role);
	PERFORM ambit.assign_role('hub', role, role);
END
$$;
COMMENT ON FUNCTION t.staff(text, jsonb, text[]) IS 'A custom role, and a member of its name who has it.';

CREATE FUNCTION t.set(role text, permission text, enabled boolean) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(c.permission::text || ' ' || c.enabled, ', '), '')
	FROM ambit.set_role_permission('hub', role, permission::ambit.permission, enabled) c
$$;
COMMENT ON FUNCTION t.set(text, text, boolean) IS 'Turns a permission of a role on or off; returns the cells that changed.';

CREATE FUNCTION t.model() RETURNS jsonb LANGUAGE sql AS $$SELECT ambit.export_template('officernd')$$;
COMMENT ON FUNCTION t.model() IS 'The template as it is loaded.';

CREATE FUNCTION t.changed(model jsonb, who text, cells jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT model || jsonb_build_object(
		'permissions', model->'permissions' || coalesce((
			SELECT jsonb_agg(jsonb_build_object('key', k)) FROM jsonb_object_keys(cells) k
			WHERE NOT model->'permissions' @> jsonb_build_array(jsonb_build_object('key', k))), '[]'),
		'cells', (SELECT jsonb_agg(c) FROM jsonb_array_elements(model->'cells') c WHERE NOT (c->>'role' = who AND cells ? (c->>'permission')))
			|| (SELECT jsonb_agg(jsonb_build_object('role', who, 'permission', k.key, 'enabled', k.value, 'entries', '[{"scope": "all"}]'::jsonb))
				FROM jsonb_each(cells) k))
$$;
COMMENT ON FUNCTION t.changed(jsonb, text, jsonb) IS 'The model with other cells of one role: {key: on or off}; keys that it does not have are added.';

/* ---- two tenants, the default roles, the application's tables ------------------------ */

SELECT ambit.trust_application('regress_app_custom');
SELECT ambit.create_tenant('hub', 'officernd', 'The Hub');
SELECT ambit.create_tenant('rival', 'officernd', 'Another one');
SELECT ambit.add_member('hub', r) FROM unnest('{viewer,center_manager,owner}'::text[]) r;
SELECT ambit.assign_role('hub', r, r) FROM unnest('{viewer,center_manager,owner}'::text[]) r;
SELECT ambit.add_member('rival', 'rita');

-- what the default roles hold, and every permission
CREATE TEMP TABLE level (level text, held text[]);
INSERT INTO level SELECT r, t.held(r) FROM unnest('{viewer,center_manager,owner}'::text[]) r
UNION ALL VALUES ('no_access', '{}'::text[]);
CREATE TEMP TABLE module AS SELECT unnest('{billing,calendar,collaboration,community,settings,space}'::text[]) AS module;
CREATE TEMP TABLE permission AS SELECT permission::text COLLATE "C" AS permission FROM ambit.template_permission WHERE template = 'officernd';

CREATE TABLE app.members (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, source text DEFAULT 'form');
CREATE TABLE app.resources (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, name text, source text DEFAULT 'form');
CREATE TABLE app.messages (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, body text);
CREATE TABLE app.templates (tenant text NOT NULL DEFAULT 'hub', id bigint PRIMARY KEY, body text);
CREATE TABLE app.import_tabs (tenant text NOT NULL DEFAULT 'hub', entity text);
CREATE TABLE app.imports (tenant text NOT NULL DEFAULT 'hub', entity text);
INSERT INTO app.members (tenant, id) VALUES ('hub', 1), ('rival', 9);
INSERT INTO app.resources (tenant, id) VALUES ('hub', 1), ('rival', 9);
INSERT INTO app.messages (tenant, id) VALUES ('hub', 1), ('rival', 9);
INSERT INTO app.templates (tenant, id) VALUES ('hub', 1), ('rival', 9);
INSERT INTO app.import_tabs (entity) SELECT unnest('{companies,fees,members,memberships,resources}'::text[]);
INSERT INTO app.imports (entity) SELECT unnest('{companies,fees,members,memberships,resources}'::text[]);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_custom;
SELECT ambit.protect('app.members', tenant => 'tenant', client => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant') FROM unnest('{resources,messages,templates,import_tabs,imports}'::text[]) r;
SELECT ambit.add_rule('app.' || r, c, p::ambit.permission, "when" => w)
FROM (VALUES
	('members', 'select', 'community.members.view', NULL),
	('members', 'insert', 'community.members.create', 'source = ''form'''),
	('members', 'insert', 'community.members.import', 'source = ''csv'''),
	('members', 'update', 'community.members.edit', NULL),
	('resources', 'select', 'space.resources.view', NULL),
	('resources', 'insert', 'space.resources.create', 'source = ''form'''),
	('resources', 'insert', 'space.resources.import', 'source = ''csv'''),
	('messages', 'select', 'collaboration.messages.view', NULL),
	('messages', 'insert', 'collaboration.messages.create', NULL),
	('messages', 'update', 'collaboration.messages.edit', NULL),
	('messages', 'delete', 'collaboration.messages.delete', NULL),
	('templates', 'select', 'settings.templates.view', NULL),
	('templates', 'select', 'settings.templates.edit', NULL),	-- who may edit a template sees it
	('templates', 'insert', 'settings.templates.create', NULL),
	('templates', 'update', 'settings.templates.edit', NULL),
	('templates', 'delete', 'settings.templates.delete', NULL),
	('import_tabs', 'select', 'settings.import_tabs.view', NULL),
	('imports', 'select', 'community.companies.import', 'entity = ''companies'''),
	('imports', 'select', 'community.one_off_fees.import', 'entity = ''fees'''),
	('imports', 'select', 'community.members.import', 'entity = ''members'''),
	('imports', 'select', 'community.memberships.import', 'entity = ''memberships'''),
	('imports', 'select', 'space.resources.import', 'entity = ''resources''')
) v (r, c, p, w);
\o

SELECT plan(399);

/* ---- "the level of access that they have for these modules" ---------------------------- */

SELECT lives_ok(format('SELECT t.staff(%L, %L)', module || '_' || level, jsonb_build_object(module, level)), format('a role with %s in %s', level, module))
FROM module, level;
SELECT is(t.held(module || '_' || level), CASE WHEN level = 'viewer' AND module = 'settings' THEN '{settings.import_tabs.view}' ELSE t.of_module(held, module) END,
	format('"will automatically receive all permissions that are marked as YES for these default roles": %s in %s, and nothing else', level, module))
FROM module, level;
SELECT is(t.modules(module || '_' || level),
	CASE WHEN level = 'no_access' THEN '' ELSE module END,
	format('"the Modules that an admin with that role would have access to": %s in %s', level, module))
FROM module, level;

-- mixed
SELECT lives_ok($$SELECT t.staff('mixed', '{"community": "center_manager", "billing": "viewer", "space": "owner", "collaboration": "no_access", "settings": "center_manager"}')$$,
	'a role with another level in each module');
SELECT is(t.held('mixed'), ARRAY(
		SELECT p COLLATE "C" FROM (VALUES ('community', 'center_manager'), ('billing', 'viewer'), ('space', 'owner'), ('settings', 'center_manager')) m (module, level)
		JOIN level l USING (level), unnest(t.of_module(l.held, m.module)) p ORDER BY 1),
	'"two things - the Modules ... and the level of access that they have for these modules": each its own');
SELECT is(t.modules('mixed'), 'billing community settings space', 'mixed: no access to collaboration, calendar is not named');
SELECT is(ambit.has_permission('hub', 'mixed', permission::ambit.permission), expected, 'mixed: ' || permission || CASE WHEN expected THEN '' ELSE ' is not there' END)
FROM (VALUES ('community.members.edit', true), ('community.members.import', false), ('billing.invoices.view', true), ('billing.invoices.void', false),
	('space.resources.import', true), ('space.floors.delete', true), ('collaboration.messages.view', false), ('calendar.bookings.view', false),
	('settings.templates.view', true), ('settings.templates.edit', false)) v (permission, expected);

/* ---- "Each one can be enabled or disabled on its own" ---------------------------------------- */

SELECT t.staff('blank');
SELECT is(t.held('blank'), '{}', '"Custom permission roles can grant only specific permissions": none yet');
CREATE FUNCTION pg_temp.only(p text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text[];
BEGIN
	PERFORM t.set('blank', p, true);
	answer := t.held('blank');
	PERFORM t.set('blank', p, NULL);
	RETURN answer;
END
$$;
SELECT is(pg_temp.only(permission), ARRAY[permission],
	'"there is a vast set of actions that can be enabled/disabled for the organization''s admins", "can grant only specific permissions": only ' || permission) FROM permission;
SELECT t.staff('all_owner', '{"community": "owner", "collaboration": "owner", "billing": "owner", "space": "owner", "calendar": "owner", "settings": "owner"}');
SELECT is(t.more('all_owner', held), '', 'owner in every module: what an owner has') FROM level WHERE level = 'owner';

-- on top of every level, one after the other: the permissions with which something else changes, or that do not change
CREATE FUNCTION pg_temp.not_alone(module text, level text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	who text := module || '_' || level;
	before text[] := t.held(who);
	change text;
	p text;
BEGIN
	FOR p IN SELECT permission FROM permission WHERE permission LIKE module || '.%' LOOP
		change := CASE WHEN p = ANY (before) THEN '-' ELSE '+' END || p;
		PERFORM t.set(who, p, NOT p = ANY (before));
		IF t.more(who, before) <> change THEN
			RETURN NEXT p;
		END IF;
		before := t.held(who);
	END LOOP;
END
$$;
SELECT is_empty(format('SELECT pg_temp.not_alone(%L, %L)', module, level),
	format('"Each one can be enabled or disabled on its own": on top of %s in %s', level, module))
FROM module, level WHERE level <> 'no_access';

-- "as well as minor tweaks, such as limiting access to certain modules"
SELECT t.staff('tweaked', '{"space": "no_access", "settings": "no_access"}', '{owner}');
SELECT is(t.held('tweaked'), t.part(held, '^(?!space|settings)'), '"minor tweaks, such as limiting access to certain modules": an owner but for two modules')
FROM level WHERE level = 'owner';
SELECT is(t.modules('tweaked'), 'billing calendar collaboration community', '"minor tweaks": the two are hidden');
SELECT t.staff('desk');
SELECT is(t.set('desk', 'community.check_ins.create', true), 'community.check_ins.create true', '"strongly specific roles": check-ins');
SELECT is(t.held('desk'), '{community.check_ins.create}', '"strongly specific roles": check-ins and nothing more');

/* ---- import permissions --------------------------------------------------------------------------- */

CREATE TEMP TABLE import (entity text, permission text);
INSERT INTO import VALUES ('Fees', 'community.one_off_fees.import'), ('Companies', 'community.companies.import'), ('Members', 'community.members.import'),
	('Memberships', 'community.memberships.import'), ('Resources', 'space.resources.import');
SELECT t.staff('owner_based', '{"community": "owner", "space": "owner"}');
SELECT t.staff('manager_based', '{"community": "center_manager", "space": "center_manager"}');
SELECT ok(ambit.has_permission('hub', 'owner_based', permission::ambit.permission),
	format('"When a custom role is based on Owner, we will include the import permissions preselected": %s', entity)) FROM import;
SELECT ok(NOT ambit.has_permission('hub', 'manager_based', permission::ambit.permission),
	format('"Manager-based roles, however, will need to manually select each": %s not yet', entity)) FROM import;
SELECT is(t.set('manager_based', permission, true), permission || ' true', format('"fully independent granular import permissions": %s selected', entity)) FROM import;
SELECT is(t.more('manager_based', t.part(held, '^(community|space)[.]')), (SELECT string_agg('+' || permission, ' ' ORDER BY permission COLLATE "C") FROM import),
	'"need to manually select each": these five, and nothing else')
FROM level WHERE level = 'center_manager';
SELECT t.set('manager_based', permission, false) FROM import WHERE entity <> 'Members' \g /dev/null

-- the Import buttons: a page is that of a module, and the button on it the import permission of its entity
SELECT is(ambit.has_permission('hub', who, 'space.resources.import'), who LIKE 'owner%',
	format('"An Import button is available in each resource page from the Space module": %s', who)) FROM unnest('{viewer,center_manager,owner,manager_based,owner_based}'::text[]) who;
SELECT t.staff('only_' || lower(entity)), t.set('only_' || lower(entity), permission, true) FROM import \g /dev/null
SELECT is(t.modules('only_' || lower(entity)), split_part(permission, '.', 1),
	format('"All custom roles with the relevant import permissions will be able see the Import button on the related pages in the Community and/or Space modules": %s', entity)) FROM import;
SELECT is((SELECT string_agg(i.entity, ' ' ORDER BY i.entity) FROM import i WHERE ambit.has_permission('hub', 'only_' || lower(v.entity), i.permission::ambit.permission)), v.entity,
	format('"the relevant import permissions": the button of %s, and no other', v.entity)) FROM import v;
SELECT t.set('only_members', 'space.resources.import', true) \g /dev/null
SELECT is(t.modules('only_members'), 'community space', '"in the Community and/or Space modules": and');
SELECT t.set('only_members', 'space.resources.import', false) \g /dev/null

SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'manager_based');
SELECT is(t.outcome($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$), 'done', '"They will also be able to import records": members');
SELECT is(t.outcome($$INSERT INTO app.resources (id, source) VALUES (600, 'csv')$$), 'refused', '"They will also be able to import records": no resources');
SELECT is(t.outcome($$INSERT INTO app.resources (id) VALUES (600)$$), 'done', 'manager based: creates resources');
SELECT ambit.assume('hub', 'only_resources');
SELECT is(t.outcome($$INSERT INTO app.resources (id, source) VALUES (600, 'csv')$$), 'done', '"They will also be able to import records": a role with nothing else, resources');
SELECT is(t.outcome($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$), 'refused', '"They will also be able to import records": a role with nothing else, no members');
SELECT is(t.outcome($$INSERT INTO app.resources (id) VALUES (600)$$), 'refused', '"to provide easier access to the new import of resources": importing is not creating');
SELECT ambit.assume('hub', 'owner_based');
SELECT is(t.outcome($$INSERT INTO app.resources (id, source) VALUES (600, 'csv')$$), 'done', '"They will also be able to import records": owner based, resources');
SELECT is(t.outcome($$INSERT INTO app.resources (tenant, id, source) VALUES ('rival', 600, 'csv')$$), 'refused', 'owner based: not in another tenant');
RESET ROLE;

-- "When a custom admin role has Viewer Access to Settings, it would still see all import tabs"
SELECT t.staff('tabs', '{"settings": "viewer"}');
SELECT is(t.held('tabs'), '{settings.import_tabs.view}', '"When a custom admin role has Viewer Access to Settings, it would still see all import tabs"');
SELECT is(t.modules('tabs'), 'settings', '"it would still see all import tabs": the module is there');
SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'tabs');
SELECT is(t.seen('import_tabs', 'entity'), 'companies fees members memberships resources', '"it would still see all import tabs": with nothing to import');
SELECT is(t.seen('imports', 'entity'), '', '"the Upload CSV button and previous imports history only for the entities they have permissions for": none');
RESET ROLE;
SELECT is(t.of_module(held, 'settings'), '{}', '"The Viewer can see all modules, excluding the Settings one": the default role has none of it') FROM level WHERE level = 'viewer';
SELECT t.staff('heir', '{}', '{viewer}');
SELECT is(t.of_module(t.held('heir'), 'settings'), '{}', '"Viewer Access to Settings": not by inheriting the Viewer');
SELECT is(t.set('tabs', 'settings.import_tabs.view', false), 'settings.import_tabs.view false', '"Each one can be enabled or disabled on its own": the tabs');
SELECT is(t.held('tabs'), '{}', '"Each one can be enabled or disabled on its own": none without them');
SELECT t.staff('importer', '{"settings": "viewer", "community": "viewer"}');
SELECT is(t.set('importer', 'community.members.import', true), 'community.members.import true', 'importer: members');
SELECT is(t.modules('importer'), 'community settings', '"Viewer Access to Settings, it would still see all import tabs"');
SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'importer');
SELECT is(t.seen('import_tabs', 'entity'), 'companies fees members memberships resources', '"it would still see all import tabs"');
SELECT is(t.seen('imports', 'entity'), 'members', '"the Upload CSV button and previous imports history only for the entities they have permissions for"');
SELECT is(t.seen('templates', 'id'), '', 'importer: sees no templates');
SELECT is(t.outcome($$INSERT INTO app.members (id, source) VALUES (600, 'csv')$$), 'done', 'importer: "able to import records"');
SELECT is(t.outcome($$INSERT INTO app.members (id) VALUES (600)$$), 'refused', 'importer: "can''t make any changes" otherwise');
RESET ROLE;
SELECT t.set('importer', 'settings.templates.edit', true) \g /dev/null
SELECT is(t.of_module(t.held('importer'), 'settings'), '{settings.import_tabs.view,settings.templates.edit}', 'importer: a Settings module that stands alone keeps its tabs');
SELECT t.set('importer', 'community.members.import', false) \g /dev/null
SELECT is(t.of_module(t.held('importer'), 'settings'), '{settings.import_tabs.view,settings.templates.edit}', 'importer: also with nothing to import any more');
SELECT t.staff('closed_importer', '{"settings": "no_access", "community": "viewer"}');
SELECT t.set('closed_importer', 'community.members.import', true) \g /dev/null
SELECT is(t.modules('closed_importer'), 'community', 'no access to Settings: no import tabs either');

/* ---- "None" and "No access" ----------------------------------------------------------------------------- */

SELECT t.staff('reader', '{"collaboration": "center_manager"}');
SELECT t.set('reader', 'collaboration.messages.' || a, false) FROM unnest('{create,edit,delete}'::text[]) a \g /dev/null
SELECT is(t.more('reader', t.of_module(held, 'collaboration')), '-collaboration.messages.create -collaboration.messages.delete -collaboration.messages.edit',
	'"Whenever an entity of a module is set to "None"": its actions are gone, and nothing else')
FROM level WHERE level = 'center_manager';
SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'reader');
SELECT is(t.seen('messages', 'id'), '1', '"if a user has "None" permissions for "Messages" in "Collaboration", they''ll still be able to see the section"');
SELECT is(t.outcome(command), 'refused', '"but not perform any actions": ' || command)
FROM unnest('{INSERT INTO app.messages (id) VALUES (600),UPDATE app.messages SET body = NULL,DELETE FROM app.messages}'::text[]) command;
RESET ROLE;
SELECT is(t.set('reader', p, false), p || ' false', 'reader: no ' || p)
FROM unnest(t.part(t.held('reader'), '[.](create|edit|delete|export)$')) p;
SELECT is(t.modules('reader'), 'collaboration', 'every entity set to "None": the module is visible and nothing more');
SELECT is(t.held('reader'), t.of_module(held, 'collaboration'), 'every entity set to "None": what a Viewer has') FROM level WHERE level = 'viewer';
SELECT ambit.set_role_module('hub', 'reader', 'collaboration', 'no_access');
SELECT is(t.modules('reader'), '', '"The only to hide a section entirely is to set the whole module to be based on role "No access""');
SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'reader');
SELECT is(t.seen('messages', 'id'), '', '"hide a section entirely": no message in sight');
RESET ROLE;
SELECT ambit.set_role_module('hub', 'reader', 'collaboration', 'center_manager');
SELECT is(t.more('reader', t.of_module(held, 'collaboration')), '', 'back on the level: as new') FROM level WHERE level = 'center_manager';

/* ---- the comment: "I have a VA that I only want to give access to Settings>Templates" ---------------------- */

SELECT lives_ok($$SELECT t.staff('va')$$, '"How do I make that happen?": a role without modules');
SELECT is(t.set('va', 'settings.templates.edit', true), 'settings.templates.edit true', '"I want to allow him to make edits to the templates"');
SELECT is(t.held('va'), '{settings.templates.edit}', '"I only want to give access to Settings>Templates": that and nothing else');
SELECT is(t.modules('va'), 'settings', '"only ... Settings"');
SET ROLE regress_app_custom;
SELECT ambit.assume('hub', 'va');
SELECT is(t.seen('templates', 'id'), '1', 'the VA sees the templates that he may edit');
SELECT is(t.outcome($$UPDATE app.templates SET body = 'Dear ...' WHERE id = 1$$), 'done', '"make edits to the templates"');
SELECT is(t.outcome($$INSERT INTO app.templates (id) VALUES (600)$$), 'refused', 'the VA creates none');
SELECT is(t.outcome($$DELETE FROM app.templates WHERE id = 1$$), 'refused', 'the VA deletes none');
SELECT is(t.outcome($$UPDATE app.templates SET body = 'x' WHERE id = 9$$), 'refused', 'nor edits those of another tenant');
SELECT is(t.seen('members', 'id') || t.seen('messages', 'id') || t.seen('import_tabs', 'entity') || t.seen('imports', 'entity'), '', 'the VA sees nothing else');
SELECT is(ambit.current_roles(), '{va}', 'the VA has this role');
SELECT throws_ok($$SELECT ambit.create_role('hub', 'boss', modules => '{"community": "owner"}')$$, '42501', NULL, 'who may create roles is not said: not the VA');
SELECT throws_ok($$SELECT ambit.set_role_permission('hub', 'va', 'settings.templates.delete', true)$$, '42501', NULL, 'nor change his own');
SELECT ambit.assume('hub', 'owner');
SELECT is(t.outcome($$UPDATE app.templates SET body = 'x' WHERE id = 1$$), 'refused', 'the owner still has "Templates | ... | NO"');
SELECT throws_ok($$SELECT ambit.create_role('hub', 'boss', modules => '{"community": "owner"}')$$, '42501', NULL, 'who may create roles is not said: not the owner');
RESET ROLE;
-- the same in a module without access
SELECT t.staff('closed_va', '{"settings": "no_access"}');
SELECT t.set('closed_va', 'settings.templates.edit', true) \g /dev/null
SELECT is(t.held('closed_va'), '{settings.templates.edit}', 'a permission turned on in a module without access counts, and nothing else of it');
-- with all that Settings has to see
SELECT t.staff('settings_va', '{"settings": "center_manager"}');
SELECT t.set('settings_va', 'settings.templates.edit', true) \g /dev/null
SELECT is(t.held('settings_va'), '{settings.import_tabs.view,settings.templates.edit,settings.templates.view}', 'based on Manager in Settings: sees it, and edits templates');

/* ---- "when we make any changes to the permissions, these changes will automatically be applied" --------------- */

SELECT t.staff('follows', '{"community": "center_manager", "billing": "center_manager"}');
SELECT t.staff('changed', '{"community": "center_manager", "billing": "center_manager"}');
SELECT t.staff('confirmed', '{"community": "center_manager"}');
SELECT t.staff('upper', '{"community": "owner", "billing": "viewer"}');
SELECT ambit.create_role('rival', 'follows', modules => '{"community": "center_manager"}');
SELECT ambit.assign_role('rival', 'rita', 'follows');
SELECT is(t.set('changed', 'community.members.import', true), 'community.members.import true', 'a module that is changed');
SELECT t.set('confirmed', 'community.companies.delete', true) \g /dev/null
CREATE TEMP TABLE before AS SELECT u AS who, t.held(u) AS held FROM unnest('{follows,changed,confirmed,upper,viewer,center_manager,owner,va}'::text[]) u
UNION ALL SELECT 'rita', t.held('rita', 'rival');

-- the vendor changes Center Manager in two modules
SELECT is(ambit._load_template(t.changed(t.model(), 'center_manager',
		'{"community.companies.delete": false, "community.members.merge": true, "community.members.archive": true, "billing.invoices.void": false}'), false),
	'officernd', 'the vendor''s change is loaded');
SELECT is(t.more(who, held), expected, words || ': ' || who)
FROM before JOIN (VALUES
	('center_manager', '+community.members.archive +community.members.merge -billing.invoices.void -community.companies.delete', 'the default role itself'),
	('follows', '+community.members.archive +community.members.merge -billing.invoices.void -community.companies.delete',
		'"no changes were made ... these changes will automatically be applied"'),
	('changed', '-billing.invoices.void', '"no changes will be made to that Module to ensure that no unwanted permissions will be granted", and its other module goes on following'),
	('confirmed', '', '"no changes will be made to that Module": nor where a cell was set to what it was'),
	('upper', '', 'based on another level'),
	('viewer', '', 'another default role'),
	('owner', '', 'another default role'),
	('va', '', '"If a role has Module permissions not based on one of the default roles, no changes will be made"')
) e (who, expected, words) USING (who);
SELECT is(ARRAY(SELECT unnest(t.held('rita', 'rival')) EXCEPT SELECT unnest(held) ORDER BY 1), '{community.members.archive,community.members.merge}',
	'"automatically be applied": in every tenant') FROM before WHERE who = 'rita';
SELECT ok(ambit.has_permission('hub', 'changed', 'community.members.import'), '"a role ... should be made manually": what was changed stays');

-- "Any further changes to such a role should be made manually"
SELECT is(t.set('changed', 'community.members.archive', true), 'community.members.archive true', '"Any further changes to such a role should be made manually": one more');
SELECT is(t.more('changed', held), '+community.members.archive -billing.invoices.void', '"should be made manually": that one') FROM before WHERE who = 'changed';

-- a tenant's own change of the default role goes the same way, in this tenant
SELECT is(t.set('center_manager', 'community.credits.delete', false), 'community.credits.delete false', 'the tenant changes Center Manager');
SELECT is(ambit.has_permission(tenant, who, 'community.credits.delete'), expected, format('the tenant''s own change of a default role: %s of %s', who, tenant))
FROM (VALUES ('hub', 'center_manager', false), ('hub', 'follows', false), ('hub', 'changed', true), ('hub', 'upper', true), ('rival', 'rita', true)) v (tenant, who, expected);

-- back on its level
SELECT ambit.set_role_module('hub', 'changed', 'community', 'center_manager');
SELECT is(t.held('changed'), t.held('follows'), 'put back on its level, the module follows again');

-- and back to what the vendor shipped
SELECT is(ambit._load_template(t.changed(t.model(), 'center_manager',
		'{"community.companies.delete": true, "community.members.merge": false, "community.members.archive": false, "billing.invoices.void": true}'), false),
	'officernd', 'the vendor takes it back');
SELECT is(t.more(who, held), '-community.credits.delete', 'taken back: ' || who) FROM before WHERE who IN ('follows', 'center_manager');

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

SELECT throws_ok(format('SELECT ambit.create_role(%L, %L, modules => %L)', tenant, role, modules), state, NULL, words)
FROM (VALUES
	('hub', 'va', '{}', '42710', 'a custom role of that name exists'),
	('hub', 'owner', '{}', '42710', 'a default role of that name exists'),
	('hub', 'x', '{"comunity": "viewer"}', '42704', 'a module that does not exist'),
	('hub', 'x', '{"community": "manager"}', '42704', 'a level that does not exist'),
	('hub', 'x', '{"community": "va"}', '42704', 'a custom role is no level'),
	('hub', 'x', '["community"]', '22023', 'modules of another shape')
) v (tenant, role, modules, state, words);
SELECT throws_ok($$SELECT ambit.assign_role('rival', 'rita', 'va')$$, '42704', NULL, 'a custom role of one tenant is none of another''s');

SELECT * FROM finish();
ROLLBACK;
