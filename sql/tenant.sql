--
-- tenant: the model functions, what they refuse and what they leave behind.
-- All of it in one transaction that is rolled back.
--
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset null NULL
BEGIN;
CREATE ROLE regress_tenant_app;
CREATE ROLE regress_tenant_admin;
CREATE ROLE regress_tenant_member IN ROLE regress_tenant_admin;

-- stored without the check, which lets no ring of requirements pass
SELECT ambit._store_template('{
	"template": "regress_school", "visitor_role": "visitor",
	"features": {"chat": {}},
	"scopes": {"served": {"relationship": "served", "back": "15 days", "ahead": "15 days"}},
	"permissions": [
		{"key": "regress_school.clients.view"}, {"key": "regress_school.clients.edit"}, {"key": "regress_school.clients.merge"},
		{"key": "regress_school.settings.edit"}, {"key": "regress_school.calendar.view"}, {"key": "regress_school.time_off.approve"},
		{"key": "regress_school.time_off.delete"}, {"key": "regress_school.staff.manage"}, {"key": "regress_school.staff.notify"},
		{"key": "regress_school.staff.mail"}, {"key": "regress_school.vault.open"}, {"key": "regress_school.vault.empty"},
		{"key": "regress_school.ring.a"}, {"key": "regress_school.ring.b"}, {"key": "regress_school.unused"}],
	"roles": [
		{"role": "visitor"}, {"role": "staff"}, {"role": "manager", "inherits": ["staff"]},
		{"role": "owner", "inherits": ["manager"], "single": true}],
	"cells": [
		{"role": "staff", "permission": "regress_school.clients.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "staff", "permission": "regress_school.settings.edit", "enabled": false, "locked": true},
		{"role": "manager", "permission": "regress_school.clients.edit", "enabled": false, "requires": ["regress_school.clients.view"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.clients.merge", "enabled": false, "requires": ["regress_school.clients.edit"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.calendar.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.time_off.approve", "enabled": true, "requires": ["regress_school.calendar.view"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.time_off.delete", "enabled": true, "requires": ["regress_school.time_off.approve"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.staff.manage", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.staff.notify", "enabled": true, "locked": true, "requires": ["regress_school.staff.manage"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.staff.mail", "enabled": false, "requires": ["regress_school.staff.notify"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.vault.open", "enabled": false, "locked": true},
		{"role": "manager", "permission": "regress_school.vault.empty", "enabled": false, "requires": ["regress_school.calendar.view", "regress_school.vault.open"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_school.ring.a", "enabled": false, "requires": ["regress_school.ring.b"], "entries": [{"scope": "own"}]},
		{"role": "manager", "permission": "regress_school.ring.b", "enabled": false, "requires": ["regress_school.ring.a"], "entries": [{"scope": "own"}]},
		{"role": "owner", "permission": "regress_school.settings.edit", "enabled": true, "locked": true, "entries": [{"scope": "all"}]}]
}', false);

-- tenants
SELECT ambit.create_tenant('regress_north', 'regress_school', 'regress_North');
SELECT ambit.create_tenant('regress_south', template => 'regress_school');
SELECT ambit.create_tenant('regress_North', 'regress_school');
SELECT tenant, template, title FROM ambit.tenant WHERE template = 'regress_school' ORDER BY 1;
SELECT ambit.create_tenant('regress_north', 'regress_school');
SELECT ambit.create_tenant('regress_east', 'regress_schol');
SELECT ambit.create_tenant('regress_east', 'nothing like any template');
SELECT ambit.create_tenant(NULL, 'regress_school');
SELECT ambit.create_tenant('regress_east', NULL);
SELECT ambit.create_tenant('', 'regress_school');
SELECT ambit.create_tenant('regress_east', '');
SELECT ambit.drop_tenant('regress_nort');
SELECT ambit.drop_tenant(NULL);
SELECT ambit.drop_tenant('');

-- locations
SELECT ambit.add_location('regress_north', 'company');
SELECT ambit.add_location('regress_north', 'town', 'company');
SELECT ambit.add_location('regress_north', 'hall', parent => 'town');
SELECT ambit.add_location('regress_north', 'lake');
SELECT ambit.add_location('regress_south', 'town');
SELECT ambit.add_location('regress_nord', 'town');
SELECT ambit.add_location('regress_north', 'town');
SELECT ambit.add_location('regress_north', 'pier', 'lakes');
SELECT ambit.add_location('regress_south', 'hall', 'company');
SELECT ambit.add_location('regress_north', 'self', 'self');
SELECT ambit.add_location(NULL, 'pier');
SELECT ambit.add_location('regress_north', NULL);
SELECT ambit.add_location('regress_north', '');
SELECT ambit.add_location('regress_north', 'pier', '');
SELECT ambit.move_location('regress_north', 'company', 'hall');
SELECT ambit.move_location('regress_north', 'company', 'company');
SELECT ambit.move_location('regress_north', 'town', 'lake');
SELECT ambit.move_location('regress_north', 'lake', 'hall');
SELECT ambit.move_location('regress_north', 'company', 'hall');
SELECT ambit.move_location('regress_north', 'hall', NULL);
SELECT ambit.move_location('regress_north', 'hal', NULL);
SELECT ambit.move_location('regress_north', 'hall', 'twon');
SELECT ambit.move_location('regress_north', 'hall', '');
SELECT ambit.move_location('regress_north', NULL, 'town');
SELECT ambit.move_location(NULL, 'hall', 'town');
SELECT tenant, location, parent FROM ambit.location WHERE tenant IN ('regress_north', 'regress_south') ORDER BY 1, 2;

-- groups
SELECT ambit.add_group('regress_north', 'strings');
SELECT ambit.add_group('regress_north', 'strings');
SELECT ambit.add_group('regress_nort', 'strings');
SELECT ambit.add_group('regress_north', NULL);
SELECT ambit.add_group('regress_north', '');

-- members
SELECT ambit.add_member('regress_north', 'ann', '{"staff": "7", "client": 9}');
SELECT ambit.add_member('regress_north', 'bob');
SELECT ambit.add_member('regress_north', 'eve');
SELECT ambit.add_member('regress_south', 'ann', '{"staff": "1"}');
SELECT ambit.add_member('regress_north', 'bob', '{"staff": "8"}');
SELECT ambit.add_member('regress_north', 'cat', '["7"]');
SELECT ambit.add_member('regress_north', 'cat', 'null');
SELECT ambit.add_member('regress_north', 'cat', NULL);
SELECT ambit.add_member('regress_north', 'cat', '{"staff": true}');
SELECT ambit.add_member('regress_north', 'cat', '{"staff": null}');
SELECT ambit.add_member('regress_north', 'cat', '{"staff": ["7"]}');
SELECT ambit.add_member('regress_north', 'cat', '{"staff": ""}');
SELECT ambit.add_member('regress_north', 'cat', '{"": "7"}');
SELECT ambit.add_member('regress_nort', 'cat');
SELECT ambit.add_member('regress_north', '');
SELECT ambit.add_member('regress_north', NULL);
SELECT tenant, user_id, keys FROM ambit.member WHERE tenant IN ('regress_north', 'regress_south') ORDER BY 1, 2;
SELECT ambit.remove_member('regress_north', 'cat');
SELECT ambit.remove_member('regress_north', 'anne');
SELECT ambit.remove_member('regress_nort', 'ann');
SELECT ambit.remove_member('regress_north', NULL);

SELECT ambit.add_to_group('regress_north', 'strings', 'ann');
SELECT ambit.add_to_group('regress_north', 'strings', 'ann');
SELECT ambit.add_to_group('regress_north', 'string', 'ann');
SELECT ambit.add_to_group('regress_north', 'strings', 'an');
SELECT ambit.add_to_group('regress_south', 'strings', 'ann');
SELECT ambit.add_to_group('regress_north', 'strings', '');
SELECT ambit.remove_from_group('regress_north', 'strings', 'bob');
SELECT ambit.remove_from_group('regress_north', 'strongs', 'ann');
SELECT ambit.remove_from_group('regress_north', 'strings', 'ana');
SELECT ambit.remove_from_group('regress_north', 'strings', NULL);
SELECT tenant, "group", user_id FROM ambit.group_member WHERE tenant = 'regress_north';
SELECT ambit.remove_from_group('regress_north', 'strings', 'ann');
SELECT tenant, "group", user_id FROM ambit.group_member WHERE tenant = 'regress_north';

-- roles
SELECT ambit.assign_role('regress_north', 'ann', 'staff');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', 'town');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_self => true);
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_group => 'strings', valid_until => '2001-01-01 00:00+00');
SELECT ambit.assign_role('regress_north', 'ann', 'staff');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', 'town');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_group => 'strings');
SELECT ambit.assign_role('regress_nrth', 'ann', 'staff');
SELECT ambit.assign_role('regress_north', 'annn', 'staff');
SELECT ambit.assign_role('regress_north', 'ann', 'stuff');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', 'tow');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_group => 'strung');
SELECT ambit.assign_role('regress_south', 'ann', 'staff', 'company');
SELECT ambit.assign_role('regress_north', 'ann', 'visitor');
SELECT ambit.assign_role(NULL, 'ann', 'staff');
SELECT ambit.assign_role('regress_north', NULL, 'staff');
SELECT ambit.assign_role('regress_north', 'ann', NULL);
SELECT ambit.assign_role('regress_north', 'ann', '');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', '');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_group => '');
SELECT ambit.assign_role('regress_north', 'ann', 'staff', only_self => NULL);
-- a role that one member alone holds
SELECT ambit.assign_role('regress_north', 'ann', 'owner', valid_until => '2001-01-01 00:00+00');
SELECT ambit.assign_role('regress_north', 'bob', 'owner');
SELECT ambit.assign_role('regress_north', 'bob', 'owner', 'town');
SELECT ambit.assign_role('regress_north', 'eve', 'owner');
SELECT ambit.assign_role('regress_south', 'ann', 'owner');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'owner');
SELECT user_id, role, location, only_group, only_self, valid_until AT TIME ZONE 'UTC' AS valid_until
FROM ambit.assignment WHERE tenant = 'regress_north' ORDER BY 1, 2, 3 NULLS FIRST, 4 NULLS FIRST, 5;
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'manager', 'town');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'manager', 'town');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'manager');
SELECT ambit.assign_role('regress_north', 'ann', 'staff');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'manager');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'visitor');
SELECT ambit.change_role('regress_north', 'ann', 'staff', 'manger');
SELECT ambit.change_role('regress_north', 'ann', 'stff', 'manager');
SELECT ambit.change_role('regress_north', 'eve', 'staff', 'manager');
SELECT ambit.change_role('regress_north', 'eva', 'staff', 'manager');
SELECT ambit.change_role('regress_north', 'ann', NULL, 'manager');
SELECT ambit.change_role('regress_north', 'ann', 'staff', '');
SELECT ambit.revoke_role('regress_north', 'ann', 'staff', 'town');
SELECT ambit.revoke_role('regress_north', 'ann', 'staff', 'lakee');
SELECT ambit.revoke_role('regress_north', 'eve', 'staff');
SELECT ambit.revoke_role('regress_north', 'eve', 'staf');
SELECT ambit.revoke_role('regress_north', 'evee', 'staff');
SELECT ambit.revoke_role('regress_nirth', 'ann', 'staff');
SELECT ambit.revoke_role('regress_north', NULL, 'staff');
SELECT ambit.revoke_role('regress_north', 'ann', 'staff', '');
SELECT ambit.revoke_role('regress_north', 'ann', 'manager');
SELECT ambit.revoke_role('regress_north', 'ann', 'owner');
SELECT user_id, role, location, only_group, only_self, valid_until AT TIME ZONE 'UTC' AS valid_until
FROM ambit.assignment WHERE tenant = 'regress_north' ORDER BY 1, 2, 3 NULLS FIRST, 4 NULLS FIRST, 5;

-- a location in use
SELECT ambit.drop_location('regress_north', 'lake');
SELECT ambit.drop_location('regress_north', 'town');
SELECT ambit.drop_location('regress_north', 'halle');
SELECT ambit.drop_location('regress_north', NULL);
SELECT ambit.drop_location('regress_north', '');
SELECT ambit.drop_location('regress_north', 'hall');
SELECT ambit.drop_location('regress_north', 'company');
SELECT ambit.drop_location('regress_north', 'hall');
SELECT location, parent FROM ambit.location WHERE tenant = 'regress_north' ORDER BY 1;

-- features
SELECT ambit.set_feature('regress_north', 'chat', true);
SELECT ambit.set_feature('regress_north', 'chat', false);
SELECT ambit.set_feature('regress_north', 'chatt', true);
SELECT ambit.set_feature('regress_nort', 'chat', true);
SELECT ambit.set_feature('regress_north', 'chat', NULL);
SELECT ambit.set_feature('regress_north', NULL, true);
SELECT ambit.set_feature('regress_north', '', true);
SELECT tenant, feature, enabled FROM ambit.tenant_feature WHERE tenant = 'regress_north';

-- permissions of roles: the call returns each cell that changed
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, 'all');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, 'all');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, scope => 'served');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', NULL);
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', NULL);
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.unused', true, 'own');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.unused', false);
-- off turns off what requires it
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.calendar.view', false);
SELECT role, permission, enabled, scope FROM ambit.tenant_cell WHERE tenant = 'regress_north' ORDER BY 1, permission::text COLLATE "C";
-- back to the template is on again; what went off with it stays off
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.calendar.view', NULL);
-- on turns on what it requires
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.time_off.delete', true);
-- also from the template's own state
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.calendar.view', false);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.time_off.approve', NULL);
-- what the role inherits is not turned on a second time
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.clients.merge', true);
-- a cell locked on has no switch: it follows
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.staff.manage', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.staff.manage', false);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.staff.mail', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.staff.manage', false);
-- cells that require each other
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.ring.a', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.ring.b', false);
-- locks
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.settings.edit', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.settings.edit', false);
SELECT * FROM ambit.set_role_permission('regress_north', 'owner', 'regress_school.settings.edit', true, 'own');
SELECT * FROM ambit.set_role_permission('regress_north', 'owner', 'regress_school.settings.edit', NULL);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.staff.notify', false);
-- a lock on the way refuses the whole call
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.calendar.view', false);
SELECT * FROM ambit.set_role_permission('regress_north', 'manager', 'regress_school.vault.empty', true);
SELECT role, permission, enabled, scope FROM ambit.tenant_cell WHERE tenant = 'regress_north' ORDER BY 1, permission::text COLLATE "C";
-- refused
SELECT * FROM ambit.set_role_permission('regress_nort', 'staff', 'regress_school.clients.view', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'staf', 'regress_school.clients.view', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, 'serve');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, 'owns');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.view', true, '');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', NULL, true);
SELECT * FROM ambit.set_role_permission('regress_north', NULL, 'regress_school.clients.view', true);
SELECT * FROM ambit.set_role_permission('regress_north', '', 'regress_school.clients.view', true);
SELECT * FROM ambit.set_role_permission('', 'staff', 'regress_school.clients.view', true);
SELECT ambit._register_permission('regress_school.unusual');
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.unusual', true);

-- permissions of members
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', true, 'all');
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', false);
SELECT ambit.set_member_permission('regress_north', 'eve', 'regress_school.clients.view', true);
SELECT user_id, permission, enabled, scope FROM ambit.member_cell WHERE tenant = 'regress_north' ORDER BY 1, 2;
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', NULL);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', NULL);
SELECT user_id, permission, enabled, scope FROM ambit.member_cell WHERE tenant = 'regress_north' ORDER BY 1, 2;
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.vault.open', true);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.staff.notify', false);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.vault.open', NULL);
-- nobody who has a role with that lock: an assignment that ended, and none
SELECT ambit.assign_role('regress_north', 'eve', 'manager', valid_until => '2001-01-01 00:00+00');
SELECT ambit.set_member_permission('regress_north', 'eve', 'regress_school.vault.open', true);
SELECT ambit.set_member_permission('regress_nort', 'bob', 'regress_school.clients.view', true);
SELECT ambit.set_member_permission('regress_north', 'bobb', 'regress_school.clients.view', true);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.unusual', true);
SELECT ambit.set_member_permission('regress_north', 'bob', NULL, true);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', true, 'srved');
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.view', true, '');
SELECT ambit.set_member_permission('regress_north', NULL, 'regress_school.clients.view', true);
SELECT ambit.set_member_permission('', 'bob', 'regress_school.clients.view', true);

-- database roles
SELECT ambit.trust_application('regress_tenant_app');
SELECT ambit.trust_application('regress_tenant_app');
SELECT db_role FROM ambit.trusted_application WHERE db_role::text LIKE 'regress_tenant%';
SELECT ambit.trust_application(NULL);
SELECT ambit.trust_application('4294967295');
SELECT ambit.untrust_application('regress_tenant_app');
SELECT ambit.untrust_application('regress_tenant_app');
SELECT ambit.untrust_application(NULL);
SELECT ambit.grant_administration('regress_tenant_admin');
SELECT ambit.grant_administration('regress_tenant_admin');
SELECT ambit.grant_administration(NULL);
SELECT ambit.grant_administration('4294967295');
SELECT ambit.revoke_administration('regress_tenant_app');
SELECT ambit.revoke_administration(NULL);

-- an administrator, and a member of one
SET ROLE regress_tenant_member;
SELECT ambit.create_tenant('regress_west', 'regress_school');
SELECT ambit.trust_application('regress_tenant_app');
SELECT ambit.untrust_application('regress_tenant_app');
SELECT ambit.grant_administration('regress_tenant_app');
SELECT ambit.revoke_administration('regress_tenant_admin');
SELECT ambit._template_of('regress_west');
SELECT * FROM ambit.tenant;
RESET ROLE;
SELECT ambit.revoke_administration('regress_tenant_admin');

-- everybody else
SET ROLE regress_tenant_member;
SELECT ambit.create_tenant('regress_east', 'regress_school');
SELECT ambit.drop_tenant('regress_north');
SELECT ambit.add_location('regress_north', 'pier');
SELECT ambit.move_location('regress_north', 'lake', NULL);
SELECT ambit.drop_location('regress_north', 'lake');
SELECT ambit.add_group('regress_north', 'brass');
SELECT ambit.add_to_group('regress_north', 'strings', 'bob');
SELECT ambit.remove_from_group('regress_north', 'strings', 'ann');
SELECT ambit.add_member('regress_north', 'dan');
SELECT ambit.remove_member('regress_north', 'bob');
SELECT ambit.assign_role('regress_north', 'bob', 'manager');
SELECT ambit.revoke_role('regress_north', 'bob', 'owner');
SELECT ambit.change_role('regress_north', 'bob', 'owner', 'staff');
SELECT ambit.set_feature('regress_north', 'chat', true);
SELECT * FROM ambit.set_role_permission('regress_north', 'staff', 'regress_school.clients.edit', true);
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_school.clients.edit', true);
SELECT ambit.trust_application('regress_tenant_member');
SELECT ambit.untrust_application('regress_tenant_app');
SELECT ambit.grant_administration('regress_tenant_member');
SELECT ambit.revoke_administration('regress_tenant_admin');
SELECT ambit._fail('XX000', 'not for everybody');
RESET ROLE;

-- nothing of a tenant is left
SELECT ambit.remove_member('regress_north', 'eve');
SELECT count(*) FROM ambit.assignment WHERE tenant = 'regress_north' AND user_id = 'eve';
SELECT count(*) FROM ambit.member_cell WHERE tenant = 'regress_north' AND user_id = 'eve';
SELECT ambit.drop_tenant('regress_north');
SELECT (SELECT count(*) FROM ambit.tenant WHERE tenant = 'regress_north') AS tenant,
	(SELECT count(*) FROM ambit.tenant_feature WHERE tenant = 'regress_north') AS feature,
	(SELECT count(*) FROM ambit.tenant_cell WHERE tenant = 'regress_north') AS cell,
	(SELECT count(*) FROM ambit.location WHERE tenant = 'regress_north') AS location,
	(SELECT count(*) FROM ambit.member_group WHERE tenant = 'regress_north') AS "group",
	(SELECT count(*) FROM ambit.member WHERE tenant = 'regress_north') AS member,
	(SELECT count(*) FROM ambit.assignment WHERE tenant = 'regress_north') AS assignment;
SELECT tenant, location FROM ambit.location WHERE tenant IN ('regress_north', 'regress_south');
SELECT tenant, user_id, role FROM ambit.assignment WHERE tenant IN ('regress_north', 'regress_south');
ROLLBACK;
