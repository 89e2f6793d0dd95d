-- products_change.sql: the tenants of products.sql, and their vendors, go on
-- changing their models after a restore as they would have before.

-- A vendor changes a level: in community, which stands alone in "alone" and not in
-- "follows", and in space, which both follow.
SELECT ambit.import_template(jsonb_set(m, '{cells}', (
	SELECT jsonb_agg(CASE
		WHEN c->>'role' = 'center_manager' AND c->>'permission' = 'community.members.edit' THEN c || '{"enabled": false}'
		WHEN c->>'role' = 'center_manager' AND c->>'permission' = 'community.members.merge' THEN c || '{"enabled": true, "entries": [{"scope": "all"}]}'
		WHEN c->>'role' = 'center_manager' AND c->>'permission' = 'space.resources.edit' THEN c || '{"enabled": false}'
		ELSE c END)
	FROM jsonb_array_elements(m->'cells') c)) || '{"terms": {"community": {"title": "Community"}}}')
FROM ambit.export_template('officernd') m;
SELECT ambit.import_template(jsonb_set(m, '{cells,0,enabled}', 'false'))
FROM ambit.export_template('choir''s "own"') m;

-- The module that stands alone, changed and back as it was when it ceased to follow.
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.members.delete', NULL);
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.members.export', false);
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.day_passes.delete', true, 'self');
-- Another one that follows stands alone from now on, and one is on a level again.
SELECT * FROM ambit.set_role_permission('hub', 'follows', 'space.resources.delete', false);
SELECT ambit.set_role_module('hub', 'bare', 'settings', 'viewer');
SELECT ambit.set_role_module('hub', 'heir''s "role"', 'billing', NULL);
SELECT ambit.set_member_permission('hub', 'vera', 'community.members.view', NULL);
-- The DBA gives a removed member's keys to another.
SELECT ambit.add_member('hub', 'heiress', '{"staff": "9"}');
SELECT ambit.transfer_role('pets', 'owner_admin', 'oscar', 'adam');
SELECT ambit.set_feature('pets', 'private_messaging', true);
SELECT ambit.set_label('pets', 'time_off', NULL);
SELECT ambit.drop_group('hub', 'beta');
SELECT ambit.revoke_role('choir', 'sina', 'deep bass');
SELECT ambit.drop_role('choir', 'deep bass');

-- What members administer.
SET ROLE regress_dump_app;
BEGIN;
SELECT ambit.assume('hub', 'oda');
SELECT ambit.create_role('hub', 'new', 'New', '{"collaboration": "center_manager"}', '{alone}');
SELECT ambit.assign_role('hub', 'nora', 'new', 'attic');
SELECT ambit.add_to_group('hub', 'empty', 'nora');
SELECT ambit.set_label('hub', 'community', 'Folk');
COMMIT;
BEGIN;
SELECT ambit.assume('pets', 'adam');
SELECT * FROM ambit.set_role_permission('pets', 'office_manager', 'invoices.manage', false);
SELECT ambit.change_role('pets', 'tina', 'trainee', 'walker');
COMMIT;
RESET ROLE;
SET ROLE regress_dump_admin;
SELECT ambit.create_tenant('other', 'choir''s "own"');
RESET ROLE;
