/* ---- assignment: roles of members, and cells that a tenant changes -------
 *
 * Joins the install script after tenant, whose helpers it uses.
 *
 * A cell is a switch: locked, or on or off as the tenant or else the template
 * says.  What a cell requires it requires of its role: of the role's own
 * cell, or of a role that it inherits.
 */

/* ---- what must exist ---------------------------------------------------- */

CREATE FUNCTION ambit._check_role(tenant text, template text, role text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_role.tenant;
	_template text COLLATE "C" := _check_role.template;
	_role text COLLATE "C" := _check_role.role;
BEGIN
	PERFORM FROM ambit.template_role r WHERE r.template = _template AND r.role = _role;
	IF NOT FOUND THEN
		PERFORM FROM ambit.tenant_role r WHERE r.tenant = _tenant AND r.role = _role FOR KEY SHARE;
	END IF;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('role', _role, pg_catalog.format('tenant "%s"', _tenant), ARRAY(
			SELECT r.role FROM ambit.template_role r WHERE r.template = _template
			UNION
			SELECT r.role FROM ambit.tenant_role r WHERE r.tenant = _tenant
			ORDER BY 1));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_role(text, text, text) IS 'Raises 42704 where neither the template nor the tenant has such a role.';
REVOKE EXECUTE ON FUNCTION ambit._check_role(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._check_permission(template text, permission ambit.permission) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C" := _check_permission.template;
BEGIN
	IF _check_permission.permission IS NULL THEN
		PERFORM ambit._fail('22004', 'permission must not be null');
	END IF;
	PERFORM FROM ambit.template_permission p
	WHERE p.template = _template AND p.permission OPERATOR(ambit.=) _check_permission.permission;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('permission', _check_permission.permission::text, pg_catalog.format('template "%s"', _template),
			ARRAY(SELECT p.permission::text COLLATE "C" FROM ambit.template_permission p WHERE p.template = _template ORDER BY 1));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_permission(text, ambit.permission) IS 'Raises 22004 for NULL and 42704 for a permission that the template does not have.';
REVOKE EXECUTE ON FUNCTION ambit._check_permission(text, ambit.permission) FROM PUBLIC;

CREATE FUNCTION ambit._check_scope(template text, scope text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C" := _check_scope.template;
	_scope text COLLATE "C" := _check_scope.scope;
BEGIN
	IF _scope IN ('all', 'own', 'self', 'team', 'assignee') THEN
		RETURN;
	END IF;
	PERFORM FROM ambit.template_scope s WHERE s.template = _template AND s.scope = _scope;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('scope', _scope, pg_catalog.format('template "%s"', _template), ARRAY(
			SELECT pg_catalog.unnest('{all,own,self,team,assignee}'::text[])
			UNION ALL
			SELECT s.scope FROM ambit.template_scope s WHERE s.template = _template));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_scope(text, text) IS 'Raises 42704 for a scope that is neither ambit''s own (all, own, self, team, assignee) nor the template''s.';
REVOKE EXECUTE ON FUNCTION ambit._check_scope(text, text) FROM PUBLIC;

/* ---- assignments -------------------------------------------------------- */

CREATE FUNCTION ambit._check_holder(tenant text, template text, user_id text, role text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_holder.tenant;
	_template text COLLATE "C" := _check_holder.template;
	_user text COLLATE "C" := _check_holder.user_id;
	_role text COLLATE "C" := _check_holder.role;
	_holder text;
BEGIN
	PERFORM FROM ambit.template t WHERE t.template = _template AND t.visitor_role = _role;
	IF FOUND THEN
		PERFORM ambit._fail('22023', pg_catalog.format('role "%s" is for visitors', _role),
			'An identity without a user has it; no member holds it.');
	END IF;
	PERFORM FROM ambit.template_role r WHERE r.template = _template AND r.role = _role AND r.single;
	IF FOUND THEN
		/* alone: two calls at a time would not see each other's assignment */
		PERFORM ambit._template_of(_tenant, true);
		SELECT a.user_id INTO _holder
		FROM ambit.assignment a
		WHERE a.tenant = _tenant AND a.role = _role AND a.user_id <> _user
			AND (a.valid_until IS NULL OR pg_catalog.clock_timestamp() < a.valid_until)
		ORDER BY a.user_id
		LIMIT 1;
		IF FOUND THEN
			PERFORM ambit._fail('55000', pg_catalog.format('role "%s" is held by one member only', _role),
				pg_catalog.format('In tenant "%s" it is member "%s".', _tenant, _holder),
				'It changes hands by transfer_role().');
		END IF;
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_holder(text, text, text, text) IS 'Whether the user may come to hold the role. Raises 22023 for the role of visitors and 55000 for a role held by one member only that another holds (an assignment that ended does not count).';
REVOKE EXECUTE ON FUNCTION ambit._check_holder(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._no_assignment(tenant text, template text, user_id text, role text, location text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _no_assignment.tenant;
	_user text COLLATE "C" := _no_assignment.user_id;
	_role text COLLATE "C" := _no_assignment.role;
	_elsewhere text;
BEGIN
	PERFORM ambit._check_member(_tenant, _user);
	IF _no_assignment.location IS NOT NULL THEN
		PERFORM ambit._check_location(_tenant, _no_assignment.location);
	END IF;
	SELECT CASE WHEN a.location IS NULL THEN 'the whole tenant' ELSE pg_catalog.format('location "%s"', a.location) END
	INTO _elsewhere
	FROM ambit.assignment a
	WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _role
	ORDER BY a.location NULLS FIRST
	LIMIT 1;
	IF NOT FOUND THEN
		PERFORM ambit._check_role(_tenant, _no_assignment.template, _role);
	END IF;
	PERFORM ambit._fail('42704', pg_catalog.format('member "%s" does not have role "%s" at %s', _user, _role,
			CASE WHEN _no_assignment.location IS NULL THEN 'the whole tenant' ELSE pg_catalog.format('location "%s"', _no_assignment.location) END),
		hint => 'The member has it at ' || _elsewhere || '.');
END
$$;
COMMENT ON FUNCTION ambit._no_assignment(text, text, text, text, text) IS 'Raises 42704: which of member, location, role or assignment it is that does not exist.';
REVOKE EXECUTE ON FUNCTION ambit._no_assignment(text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit.assign_role(tenant text, user_id text, role text, location text DEFAULT NULL,
	only_group text DEFAULT NULL, only_self boolean DEFAULT false, valid_until timestamptz DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_role text COLLATE "C";
	_location text COLLATE "C";
	_group text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('assign_role');
	_tenant := ambit._given('tenant', assign_role.tenant);
	_user := ambit._given('user_id', assign_role.user_id);
	_role := ambit._given('role', assign_role.role);
	_location := ambit._optional('location', assign_role.location);
	_group := ambit._optional('only_group', assign_role.only_group);
	IF assign_role.only_self IS NULL THEN
		PERFORM ambit._fail('22004', 'only_self must not be null');
	END IF;

	_template := ambit._template_of(_tenant);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_role(_tenant, _template, _role);
	IF _location IS NOT NULL THEN
		PERFORM ambit._check_location(_tenant, _location);
	END IF;
	IF _group IS NOT NULL THEN
		PERFORM ambit._check_group(_tenant, _group);
	END IF;
	PERFORM ambit._check_holder(_tenant, _template, _user, _role);
	INSERT INTO ambit.assignment (tenant, user_id, role, location, only_group, only_self, valid_until)
	VALUES (_tenant, _user, _role, _location, _group, assign_role.only_self, assign_role.valid_until)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('member "%s" already has role "%s" at %s', _user, _role,
				CASE WHEN _location IS NULL THEN 'the whole tenant' ELSE pg_catalog.format('location "%s"', _location) END),
			'An assignment with the same limits exists.',
			'To change until when it is valid, revoke it first.');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.assign_role(text, text, text, text, text, boolean, timestamptz) IS 'Gives a member a role of the template or of the tenant. location: where and below which it holds, NULL: the whole tenant; only_group: only for the rows of that group; only_self: only for the member''s own rows; valid_until: the instant from which it no longer holds. Assignments with different limits add up. Errors: 42704 unknown tenant, member, role, location or group, 42710 the same assignment exists, 22023 the role of visitors, 55000 a role that one member alone holds and another has, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

CREATE FUNCTION ambit.revoke_role(tenant text, user_id text, role text, location text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_role text COLLATE "C";
	_location text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('revoke_role');
	_tenant := ambit._given('tenant', revoke_role.tenant);
	_user := ambit._given('user_id', revoke_role.user_id);
	_role := ambit._given('role', revoke_role.role);
	_location := ambit._optional('location', revoke_role.location);

	_template := ambit._template_of(_tenant);
	/* also a role that the template no longer has can be revoked */
	DELETE FROM ambit.assignment a
	WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _role AND a.location IS NOT DISTINCT FROM _location;
	IF NOT FOUND THEN
		PERFORM ambit._no_assignment(_tenant, _template, _user, _role, _location);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.revoke_role(text, text, text, text) IS 'Takes a role from a member: the assignments at that very location, whatever their limits, or those at the whole tenant where location is NULL. Errors: 42704 unknown tenant, member, role or location, or nothing to revoke, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

CREATE FUNCTION ambit.change_role(tenant text, user_id text, old_role text, new_role text, location text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_old text COLLATE "C";
	_new text COLLATE "C";
	_location text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('change_role');
	_tenant := ambit._given('tenant', change_role.tenant);
	_user := ambit._given('user_id', change_role.user_id);
	_old := ambit._given('old_role', change_role.old_role);
	_new := ambit._given('new_role', change_role.new_role);
	_location := ambit._optional('location', change_role.location);

	_template := ambit._template_of(_tenant);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_role(_tenant, _template, _new);
	PERFORM ambit._check_holder(_tenant, _template, _user, _new);
	BEGIN
		UPDATE ambit.assignment a SET role = _new
		WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _old AND a.location IS NOT DISTINCT FROM _location;
	EXCEPTION WHEN unique_violation THEN
		PERFORM ambit._fail('42710', pg_catalog.format('member "%s" already has role "%s" at %s', _user, _new,
				CASE WHEN _location IS NULL THEN 'the whole tenant' ELSE pg_catalog.format('location "%s"', _location) END),
			'An assignment with the same limits exists.',
			pg_catalog.format('To take role "%s" away, call revoke_role().', _old));
	END;
	IF NOT FOUND THEN
		PERFORM ambit._no_assignment(_tenant, _template, _user, _old, _location);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.change_role(text, text, text, text, text) IS 'Puts a role in the place of another in a member''s assignments at that very location, or at the whole tenant where location is NULL; limits and validity stay. Errors: 42704 unknown tenant, member, role or location, or no such assignment, 42710 the member has the new role there with the same limits, 22023 the role of visitors, 55000 a role that one member alone holds and another has, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

/* ---- cells -------------------------------------------------------------- */

CREATE FUNCTION ambit._role_closure(tenant text, template text, roles text[]) RETURNS SETOF text
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	WITH RECURSIVE closure (role) AS (
		SELECT r.role COLLATE "C" FROM pg_catalog.unnest(_role_closure.roles) r (role)
		UNION
		SELECT i.inherits
		FROM closure c
		CROSS JOIN LATERAL (
			SELECT i.inherits FROM ambit.template_inherit i
			WHERE i.template = _role_closure.template COLLATE "C" AND i.role = c.role
			UNION ALL
			SELECT i.inherits FROM ambit.tenant_inherit i
			WHERE i.tenant = _role_closure.tenant COLLATE "C" AND i.role = c.role) i
	)
	SELECT c.role FROM closure c
$$;
COMMENT ON FUNCTION ambit._role_closure(text, text, text[]) IS 'The roles given and all that they inherit, each once.';
REVOKE EXECUTE ON FUNCTION ambit._role_closure(text, text, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._inherited_permissions(tenant text, template text, role text) RETURNS SETOF ambit.permission
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	WITH inherited AS MATERIALIZED (
		SELECT r.role COLLATE "C" AS role
		FROM ambit._role_closure(_inherited_permissions.tenant, _inherited_permissions.template, ARRAY[_inherited_permissions.role]) r (role)
		WHERE r.role COLLATE "C" <> _inherited_permissions.role COLLATE "C"
	)
	SELECT c.permission
	FROM inherited i
	JOIN ambit.template_cell c ON c.template = _inherited_permissions.template COLLATE "C" AND c.role = i.role
	LEFT JOIN ambit.tenant_cell t ON t.tenant = _inherited_permissions.tenant COLLATE "C" AND t.role = i.role
		AND t.permission OPERATOR(ambit.=) c.permission AND NOT c.locked
	WHERE COALESCE(t.enabled, c.enabled)
	UNION
	SELECT t.permission
	FROM inherited i
	JOIN ambit.tenant_cell t ON t.tenant = _inherited_permissions.tenant COLLATE "C" AND t.role = i.role
	LEFT JOIN ambit.template_cell c ON c.template = _inherited_permissions.template COLLATE "C" AND c.role = i.role
		AND c.permission OPERATOR(ambit.=) t.permission
	WHERE t.enabled AND c.permission IS NULL
$$;
COMMENT ON FUNCTION ambit._inherited_permissions(text, text, text) IS 'The permissions that are on in the roles that the role inherits.';
REVOKE EXECUTE ON FUNCTION ambit._inherited_permissions(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._cells_on(tenant text, template text, role text) RETURNS SETOF ambit.permission
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	WITH RECURSIVE
	held AS MATERIALIZED (
		SELECT h.permission
		FROM ambit._inherited_permissions(_cells_on.tenant, _cells_on.template, _cells_on.role) h (permission)
	),
	cell AS MATERIALIZED (
		SELECT p.permission, COALESCE(c.locked, false) AS locked,
			CASE WHEN c.locked THEN c.enabled ELSE COALESCE(t.enabled, c.enabled, false) END AS enabled,
			c.requires
		FROM ambit.template_permission p
		LEFT JOIN ambit.template_cell c ON c.template = p.template AND c.role = _cells_on.role COLLATE "C"
			AND c.permission OPERATOR(ambit.=) p.permission
		LEFT JOIN ambit.tenant_cell t ON t.tenant = _cells_on.tenant COLLATE "C" AND t.role = _cells_on.role COLLATE "C"
			AND t.permission OPERATOR(ambit.=) p.permission
		WHERE p.template = _cells_on.template COLLATE "C"
	),
	missing (permission) AS (
		SELECT c.permission
		FROM cell c
		WHERE NOT c.enabled AND NOT EXISTS (SELECT FROM held h WHERE h.permission OPERATOR(ambit.=) c.permission)
		UNION
		SELECT c.permission
		FROM missing m
		JOIN cell c ON m.permission OPERATOR(ambit.=) ANY (c.requires)
		WHERE NOT EXISTS (SELECT FROM held h WHERE h.permission OPERATOR(ambit.=) c.permission)
	)
	SELECT c.permission
	FROM cell c
	WHERE c.enabled
		AND NOT (c.locked AND EXISTS (SELECT FROM missing m WHERE m.permission OPERATOR(ambit.=) ANY (c.requires)))
$$;
COMMENT ON FUNCTION ambit._cells_on(text, text, text) IS 'The permissions whose cell of this very role is on. A cell that is locked on has no switch of its own: it counts as on while the role has what it requires.';
REVOKE EXECUTE ON FUNCTION ambit._cells_on(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._refuse_locked(template text, role text, permission ambit.permission, enabled boolean, because text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._fail('55000', pg_catalog.format('permission "%s" of role "%s" is locked', permission::text, role),
		pg_catalog.format('Template "%s" locks it %s%s.', template, CASE WHEN enabled THEN 'on' ELSE 'off' END, COALESCE(', and ' || because, '')));
END
$$;
COMMENT ON FUNCTION ambit._refuse_locked(text, text, ambit.permission, boolean, text) IS 'Raises 55000 for a locked cell. enabled: what it is locked to; because: what else the detail says, NULL: nothing.';
REVOKE EXECUTE ON FUNCTION ambit._refuse_locked(text, text, ambit.permission, boolean, text) FROM PUBLIC;

CREATE FUNCTION ambit._set_role_permission(tenant text, role text, permission ambit.permission, enabled boolean, scope text)
	RETURNS TABLE (changed ambit.permission, state boolean)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_scope text COLLATE "C";
	_template text COLLATE "C";
	_permission ambit.permission := _set_role_permission.permission;
	_cell record;
	_lock record;
	_locked boolean;
	_default boolean;
	_before ambit.permission[];
	_after ambit.permission[];
	_old_scope text COLLATE "C";
	_new_scope text COLLATE "C";
	_was boolean;
	_is boolean;
BEGIN
	PERFORM ambit._require_dba('set_role_permission');
	_tenant := ambit._given('tenant', _set_role_permission.tenant);
	_role := ambit._given('role', _set_role_permission.role);
	_scope := ambit._optional('scope', _set_role_permission.scope);

	/* alone: cascades of two calls at a time would miss each other */
	_template := ambit._template_of(_tenant, true);
	PERFORM ambit._check_role(_tenant, _template, _role);
	PERFORM ambit._check_permission(_template, _permission);
	IF _scope IS NOT NULL THEN
		PERFORM ambit._check_scope(_template, _scope);
	END IF;

	SELECT c.locked, c.enabled INTO _cell
	FROM ambit.template_cell c
	WHERE c.template = _template AND c.role = _role AND c.permission OPERATOR(ambit.=) _permission;
	_locked := COALESCE(_cell.locked, false);
	_default := COALESCE(_cell.enabled, false);
	IF _locked AND _set_role_permission.enabled IS NOT NULL THEN
		PERFORM ambit._refuse_locked(_template, _role, _permission, _default);
	END IF;

	_before := ARRAY(SELECT ambit._cells_on(_tenant, _template, _role));
	SELECT t.enabled, t.scope INTO _was, _old_scope
	FROM ambit.tenant_cell t
	WHERE t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) _permission;
	_was := CASE WHEN _locked THEN _default ELSE COALESCE(_was, _default) END;

	IF _set_role_permission.enabled IS NULL THEN
		DELETE FROM ambit.tenant_cell t
		WHERE t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) _permission;
		_is := _default;
	ELSE
		INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled, scope)
		VALUES (_tenant, _role, _permission, _set_role_permission.enabled, _scope)
		ON CONFLICT ON CONSTRAINT tenant_cell_pkey DO UPDATE SET enabled = EXCLUDED.enabled, scope = EXCLUDED.scope;
		_is := _set_role_permission.enabled;
		_new_scope := _scope;
	END IF;

	/* back to the template without a turn of the switch: nothing follows */
	IF _set_role_permission.enabled IS NULL AND _is = _was THEN
		NULL;
	ELSIF _is THEN
		/* what it requires, and what that requires; UNION ends cycles */
		FOR _lock IN
			WITH RECURSIVE held AS MATERIALIZED (
				SELECT h.permission FROM ambit._inherited_permissions(_tenant, _template, _role) h (permission)
			),
			needed (permission) AS (
				SELECT _permission
				UNION
				SELECT r.permission
				FROM needed n
				JOIN ambit.template_cell c ON c.template = _template AND c.role = _role AND c.permission OPERATOR(ambit.=) n.permission
				CROSS JOIN LATERAL pg_catalog.unnest(c.requires) r (permission)
				WHERE NOT EXISTS (SELECT FROM held h WHERE h.permission OPERATOR(ambit.=) r.permission)
			)
			SELECT n.permission, COALESCE(c.locked, false) AS locked
			FROM needed n
			LEFT JOIN ambit.template_cell c ON c.template = _template AND c.role = _role AND c.permission OPERATOR(ambit.=) n.permission
			LEFT JOIN ambit.tenant_cell t ON t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) n.permission
			WHERE NOT CASE WHEN c.locked THEN c.enabled ELSE COALESCE(t.enabled, c.enabled, false) END
		LOOP
			IF _lock.locked THEN
				PERFORM ambit._refuse_locked(_template, _role, _lock.permission, false,
					pg_catalog.format('permission "%s" requires it', _permission::text));
			END IF;
			INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled)
			VALUES (_tenant, _role, _lock.permission, true)
			ON CONFLICT ON CONSTRAINT tenant_cell_pkey DO UPDATE SET enabled = true;
		END LOOP;
	ELSE
		/*
		 * What requires it, and what requires that.  A cell that is locked on
		 * is not in the way: it has no switch, and holds nothing while what
		 * it requires is off.
		 */
		INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled)
		WITH RECURSIVE dependent (permission) AS (
			SELECT _permission
			UNION
			SELECT c.permission
			FROM dependent d
			JOIN ambit.template_cell c ON c.template = _template AND c.role = _role AND d.permission OPERATOR(ambit.=) ANY (c.requires)
		)
		SELECT _tenant, _role, d.permission, false
		FROM dependent d
		LEFT JOIN ambit.template_cell c ON c.template = _template AND c.role = _role AND c.permission OPERATOR(ambit.=) d.permission
		LEFT JOIN ambit.tenant_cell t ON t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) d.permission
		WHERE c.locked IS NOT TRUE AND COALESCE(t.enabled, c.enabled, false)
		ON CONFLICT ON CONSTRAINT tenant_cell_pkey DO UPDATE SET enabled = false;
	END IF;

	_after := ARRAY(SELECT ambit._cells_on(_tenant, _template, _role));
	RETURN QUERY
		SELECT p.permission, p.permission OPERATOR(ambit.=) ANY (_after)
		FROM ambit.template_permission p
		WHERE p.template = _template
			AND (p.permission OPERATOR(ambit.=) ANY (_before) <> p.permission OPERATOR(ambit.=) ANY (_after)
				OR p.permission OPERATOR(ambit.=) _permission AND NOT _locked AND _is AND _new_scope IS DISTINCT FROM _old_scope)
		ORDER BY p.permission OPERATOR(ambit.=) _permission DESC, p.permission::text COLLATE "C";
END
$$;
COMMENT ON FUNCTION ambit._set_role_permission(text, text, ambit.permission, boolean, text) IS 'The body of set_role_permission(), whose arguments and result columns share names, which PL/pgSQL does not take.';
REVOKE EXECUTE ON FUNCTION ambit._set_role_permission(text, text, ambit.permission, boolean, text) FROM PUBLIC;

CREATE FUNCTION ambit.set_role_permission(tenant text, role text, permission ambit.permission, enabled boolean, scope text DEFAULT NULL)
	RETURNS TABLE (permission ambit.permission, enabled boolean)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.changed, c.state FROM ambit._set_role_permission($1, $2, $3, $4, $5) c
$$;
COMMENT ON FUNCTION ambit.set_role_permission(text, text, ambit.permission, boolean, text) IS 'Turns a permission of a role on or off for the tenant. enabled NULL: back to the template''s cell. scope: that one scope, NULL: the template''s entries, or all where it has none. Off turns off what requires it in that role, on turns on what it requires and the role does not inherit; a cell that is locked on follows what it requires. Returns every cell of the role that changed, the named one first. Errors: 55000 the cell is locked, or one that must be turned on with it is locked off (nothing is changed), 42704 unknown tenant, role, permission or scope, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

CREATE FUNCTION ambit.set_member_permission(tenant text, user_id text, permission ambit.permission, enabled boolean, scope text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_scope text COLLATE "C";
	_template text COLLATE "C";
	_cell record;
BEGIN
	PERFORM ambit._require_dba('set_member_permission');
	_tenant := ambit._given('tenant', set_member_permission.tenant);
	_user := ambit._given('user_id', set_member_permission.user_id);
	_scope := ambit._optional('scope', set_member_permission.scope);

	_template := ambit._template_of(_tenant);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_permission(_template, set_member_permission.permission);
	IF _scope IS NOT NULL THEN
		PERFORM ambit._check_scope(_template, _scope);
	END IF;

	IF set_member_permission.enabled IS NULL THEN
		DELETE FROM ambit.member_cell c
		WHERE c.tenant = _tenant AND c.user_id = _user AND c.permission OPERATOR(ambit.=) set_member_permission.permission;
		RETURN;
	END IF;
	SELECT c.role, c.enabled INTO _cell
	FROM ambit._role_closure(_tenant, _template, ARRAY(
		SELECT a.role
		FROM ambit.assignment a
		WHERE a.tenant = _tenant AND a.user_id = _user
			AND (a.valid_until IS NULL OR pg_catalog.clock_timestamp() < a.valid_until))) r (role)
	JOIN ambit.template_cell c ON c.template = _template AND c.role = r.role COLLATE "C"
		AND c.permission OPERATOR(ambit.=) set_member_permission.permission
	WHERE c.locked
	ORDER BY c.role
	LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._refuse_locked(_template, _cell.role, set_member_permission.permission, _cell.enabled);
	END IF;
	INSERT INTO ambit.member_cell (tenant, user_id, permission, enabled, scope)
	VALUES (_tenant, _user, set_member_permission.permission, set_member_permission.enabled, _scope)
	ON CONFLICT ON CONSTRAINT member_cell_pkey DO UPDATE SET enabled = EXCLUDED.enabled, scope = EXCLUDED.scope;
END
$$;
COMMENT ON FUNCTION ambit.set_member_permission(text, text, ambit.permission, boolean, text) IS 'Turns a permission on or off for one member, whatever the roles say. enabled NULL: back to what the roles say. scope: that one scope, NULL: the entries of the cells of the member''s roles, on or off, or all where there are none. Errors: 55000 a role of the member has the cell locked, 42704 unknown tenant, member, permission or scope, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';
