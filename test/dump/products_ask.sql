-- products_ask.sql: what everybody has in the tenants of products.sql, what each
-- of them may administer, and what the permissions pages show. Each call is made
-- as an application does, for somebody, and undone.

SELECT 'matrix', t, m.* FROM unnest('{hub,pets,choir,music,officernd,time_to_pet,"choir''s \"own\""}'::text[]) t,
	LATERAL ambit.matrix(t) WITH ORDINALITY m (module, permission, role, cell, n) ORDER BY t COLLATE "C", n;
SELECT 'title', t, m.* FROM unnest('{hub,pets,choir,music,officernd,time_to_pet,"choir''s \"own\""}'::text[]) t,
	LATERAL ambit.titles(t) WITH ORDINALITY m (permission, title, n) ORDER BY t COLLATE "C", n;
SELECT 'template', t, ambit.export_template(t) FROM unnest('{opus1,workspace,officernd,time_to_pet,jrni,"choir''s \"own\""}'::text[]) t;
SELECT 'members', t, d.* FROM unnest('{officernd,"choir''s \"own\""}'::text[]) t,
	LATERAL ambit.diff_template(jsonb_set(ambit.export_template(t), '{cells}', (ambit.export_template(t)->'cells') - 0 - 5), true) d
ORDER BY t COLLATE "C", d.what COLLATE "C", d.key COLLATE "C";

SET ROLE regress_dump_app;
CREATE FUNCTION pg_temp.ask(tenant text, who text, channel text, question text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume(tenant, who, channel);
	RETURN QUERY EXECUTE question;
	PERFORM ambit.logout();
END
$$;
CREATE FUNCTION pg_temp.try(tenant text, who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	_detail text;
	_done text;
BEGIN
	PERFORM ambit.assume(tenant, who);
	BEGIN
		EXECUTE 'SELECT coalesce(string_agg(c::text, '' ''), '''') FROM ambit.' || replace(call, '$', quote_literal(tenant)) || ' c' INTO _done;
		RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
	EXCEPTION
		WHEN SQLSTATE 'ZZ000' THEN _done := 'done ' || _done;
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS _detail = PG_EXCEPTION_DETAIL;
			_done := concat_ws(' ', SQLSTATE, SQLERRM, _detail);
	END;
	PERFORM ambit.logout();
	RETURN _done;
END
$$;
CREATE TEMP TABLE who (tenant text, who text);
INSERT INTO who VALUES
	('hub', 'oda'), ('hub', 'carla'), ('hub', 'vera'), ('hub', 'fred'), ('hub', 'alma'), ('hub', 'hera'), ('hub', 'mixa'), ('hub', 'late'), ('hub', 'nora'),
	('pets', 'tina'), ('pets', 'sven'), ('pets', 'olive'), ('pets', 'adam'), ('pets', 'oscar'), ('pets', 'walt'), ('pets', 'nemo'),
	('choir', NULL), ('choir', 'cora'), ('choir', 'sol'), ('choir', 'sina'), ('choir', 'paul'), ('music', 'roleless'), ('music', NULL);

SELECT concat_ws(' ', 'has', tenant, coalesce(who, 'visitor'), channel, a)
FROM who, unnest('{none,web,mobile}'::text[]) channel, LATERAL pg_temp.ask(tenant, who, nullif(channel, 'none'),
	$$ SELECT concat_ws(' ', 'role', r) FROM unnest(ambit.current_roles()) r
	UNION ALL SELECT concat_ws(' ', 'module', m) FROM ambit.visible_modules() m
	UNION ALL SELECT concat_ws(' ', e.permission, e.scopes, e.source, ambit.permission_targets(e.permission), ambit.has_permission_at(e.permission, 'attic'))
	FROM ambit.effective_permissions() e $$) a
ORDER BY tenant, who, channel, a COLLATE "C";

SELECT concat_ws(' ', 'may assign', tenant, who, a)
FROM who, LATERAL pg_temp.ask(tenant, who, 'web', $$
	SELECT concat_ws(' ', r, 'to', coalesce(u, 'somebody new'), l)
	FROM unnest('{viewer,center_manager,owner,follows,alone,"heir''s \"role\"",bare,trainee,staff,admin,owner_admin,walker,singer,soloist,conductor,patron,"deep bass"}'::text[]) r,
		unnest('{NULL,fred,hera,mixa,gone,tina,adam,oscar,past,sol,sina,paul}'::text[]) u, unnest('{NULL,attic}'::text[]) l
	WHERE ambit.can_assign_role(r, u, l) $$) a
WHERE who IS NOT NULL
ORDER BY tenant, who, a COLLATE "C";

SELECT concat_ws(' ', 'call', w.tenant, w.who, call, '->', pg_temp.try(w.tenant, w.who, call))
FROM who w JOIN (VALUES
	('hub', $$create_role($, 'new', NULL, '{"community": "owner"}')$$),
	('hub', $$create_role($, 'new', NULL, '{"space": "viewer"}', '{alone}')$$),
	('hub', $$set_role_permission($, 'alone', 'community.members.import', false)$$),
	('hub', $$set_role_permission($, 'alone', 'community.members.delete', true)$$),
	('hub', $$set_role_permission($, 'alone', 'community.members.delete', NULL)$$),
	('hub', $$set_role_permission($, 'bare', 'settings.custom_roles.manage', true)$$),
	('hub', $$set_role_module($, 'alone', 'community', 'viewer')$$),
	('hub', $$set_role_module($, 'alone', 'community', 'owner')$$),
	('hub', $$drop_role($, 'alone')$$),
	('hub', $$assign_role($, 'nora', 'alone')$$),
	('hub', $$assign_role($, 'nora', 'owner', 'attic')$$),
	('hub', $$change_role($, 'fred', 'follows', 'alone')$$),
	('hub', $$revoke_role($, 'mixa', 'follows', 'paris')$$),
	('hub', $$set_member_permission($, 'vera', 'community.members.view', NULL)$$),
	('hub', $$add_member($, 'thief', '{"staff": "9"}')$$),
	('hub', $$add_member($, 'thief', '{"staff": "10"}')$$),
	('hub', $$add_member($, 'gone', '{"staff": "9", "client": "99"}')$$),
	('hub', $$add_member($, 'new', '{"staff": "11"}')$$),
	('hub', $$remove_member($, 'vera')$$),
	('hub', $$add_to_group($, 'alpha', 'nora')$$),
	('hub', $$drop_group($, 'alpha')$$),
	('hub', $$drop_group($, 'empty')$$),
	('hub', $$set_label($, 'members', 'Folk')$$),
	('hub', $$set_feature($, 'none', true)$$),
	('hub', $$create_tenant('other', 'officernd')$$),
	('hub', $$import_template('{}')$$),
	('pets', $$set_role_permission($, 'office_manager', 'invoices.manage', false)$$),
	('pets', $$set_role_permission($, 'office_manager', 'time_off.approve', true)$$),
	('pets', $$set_role_permission($, 'staff', 'client_keys.manage', false)$$),
	('pets', $$set_role_permission($, 'staff', 'messages.post_without_approval', true)$$),
	('pets', $$set_role_permission($, 'staff', 'clients.view', false)$$),
	('pets', $$set_role_permission($, 'walker', 'clients.details.edit', true)$$),
	('pets', $$change_role($, 'tina', 'trainee', 'walker')$$),
	('pets', $$change_role($, 'tina', 'trainee', 'admin')$$),
	('pets', $$change_role($, 'oscar', 'owner_admin', 'staff')$$),
	('pets', $$assign_role($, 'nemo', 'owner_admin')$$),
	('pets', $$transfer_role($, 'owner_admin', 'oscar', 'adam')$$),
	('pets', $$remove_member($, 'oscar')$$),
	('pets', $$remove_member($, 'sven')$$),
	('pets', $$add_member($, 'thief', '{"staff": "8"}')$$),
	('pets', $$add_member($, 'past', '{"staff": "8"}')$$),
	('pets', $$set_feature($, 'private_messaging', true)$$),
	('pets', $$set_feature($, 'happiness_score', false)$$),
	('pets', $$set_label($, 'staff', NULL)$$),
	('choir', $$create_role($, 'new', NULL, '{"score": "conductor"}')$$),
	('choir', $$create_role($, 'new', NULL, '{}', '{bass}')$$),
	('choir', $$set_role_permission($, 'bass', 'singers.lead', false)$$),
	('choir', $$set_role_permission($, 'singer', 'score.read', false)$$),
	('choir', $$set_role_module($, 'deep bass', 'score', 'singer')$$),
	('choir', $$assign_role($, 'sol', 'conductor')$$),
	('choir', $$change_role($, 'sol', 'soloist', 'singer')$$),
	('choir', $$change_role($, 'sol', 'soloist', 'conductor')$$),
	('choir', $$change_role($, 'sina', 'deep bass', 'singer')$$),
	('choir', $$revoke_role($, 'paul', 'patron')$$),
	('choir', $$set_feature($, 'recordings', false)$$),
	('choir', $$set_member_permission($, 'sol', 'score.zz', true)$$),
	('choir', $$add_location($, 'hall')$$),
	('choir', $$add_group($, 'altos')$$),
	('choir', $$set_label($, 'score', 'Sheet')$$),
	('choir', $$matrix($)$$),
	('choir', $$effective_permissions($, 'sina')$$)) c (tenant, call) ON c.tenant = w.tenant
WHERE w.who IS NOT NULL
ORDER BY w.tenant, w.who, call COLLATE "C";
RESET ROLE;

-- The administrator that a dump knows by name.
SET ROLE regress_dump_admin;
BEGIN;
SELECT 'administrator', ambit.create_tenant('other', 'officernd');
ROLLBACK;
