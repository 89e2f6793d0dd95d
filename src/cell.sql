/* ---- cell: what a tenant and its members change --------------------------
 *
 * A cell is a switch: locked, or on or off as the tenant or else the template
 * says.  What a cell requires it requires of its role: of the role's own
 * cell, or of a role that it inherits.
 */

CREATE FUNCTION ambit._role_cells(tenant text, role text)
	RETURNS TABLE (permission ambit.permission, enabled boolean, locked boolean, requires ambit.permission[], inherited boolean, given boolean)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 100 AS 'MODULE_PATHNAME', 'ambit_role_cells';
COMMENT ON FUNCTION ambit._role_cells(text, text) IS 'One row for each permission of the template: the role''s own cell as the tenant has it (off where there is none), whether one of the roles that it inherits has the permission on, and whether template or module give the role such a cell (given).';
REVOKE EXECUTE ON FUNCTION ambit._role_cells(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._role_entries(tenant text, role text)
	RETURNS TABLE (permission ambit.permission, enabled boolean, locked boolean, cell_requires ambit.permission[],
		ordinal integer, scope text, requires ambit.permission[], feature text, channels text[], targets text[])
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 100 AS 'MODULE_PATHNAME', 'ambit_role_entries';
COMMENT ON FUNCTION ambit._role_entries(text, text) IS 'The role''s own cells, without what the tenant changed in this very role, one row an entry; ordinal 0 and no scope for a cell without entries. For a tenant''s own role: what its modules bring.';
REVOKE EXECUTE ON FUNCTION ambit._role_entries(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._role_sources(tenant text, role text, permission ambit.permission)
	RETURNS TABLE (role text, enabled boolean, locked boolean)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1 AS 'MODULE_PATHNAME', 'ambit_role_sources';
COMMENT ON FUNCTION ambit._role_sources(text, text, ambit.permission) IS 'The roles, of this one and those that it inherits, that have a cell of the permission.';
REVOKE EXECUTE ON FUNCTION ambit._role_sources(text, text, ambit.permission) FROM PUBLIC;

CREATE FUNCTION ambit._module(permission ambit.permission) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pg_catalog.split_part(_module.permission::text, '.', 1) COLLATE "C"
$$;
COMMENT ON FUNCTION ambit._module(ambit.permission) IS 'The module of a permission: the first part of its key.';
REVOKE EXECUTE ON FUNCTION ambit._module(ambit.permission) FROM PUBLIC;

CREATE FUNCTION ambit._cells_on(tenant text, role text) RETURNS SETOF ambit.permission
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	WITH RECURSIVE
	cell AS MATERIALIZED (
		SELECT c.permission, c.enabled, c.locked, c.requires, c.inherited
		FROM ambit._role_cells(_cells_on.tenant, _cells_on.role) c
	),
	missing (permission) AS (
		SELECT c.permission
		FROM cell c
		WHERE NOT c.enabled AND NOT c.inherited
		UNION
		SELECT c.permission
		FROM missing m
		JOIN cell c ON m.permission OPERATOR(ambit.=) ANY (c.requires)
		WHERE NOT c.inherited
	)
	SELECT c.permission
	FROM cell c
	WHERE c.enabled
		AND NOT (c.locked AND EXISTS (SELECT FROM missing m WHERE m.permission OPERATOR(ambit.=) ANY (c.requires)))
$$;
COMMENT ON FUNCTION ambit._cells_on(text, text) IS 'The permissions whose cell of this very role is on. A cell that is locked on has no switch of its own: it counts as on while the role has what it requires.';
REVOKE EXECUTE ON FUNCTION ambit._cells_on(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._freeze(tenant text, role text, permissions ambit.permission[]) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _freeze.tenant;
	_role text COLLATE "C" := _freeze.role;
	_modules text[] COLLATE "C";
BEGIN
	_modules := ARRAY(
		SELECT m.module
		FROM ambit.tenant_module m
		WHERE m.tenant = _tenant AND m.role = _role AND NOT m.standalone
			AND m.module IN (SELECT ambit._module(p.permission) FROM pg_catalog.unnest(_freeze.permissions) p (permission)));
	IF pg_catalog.cardinality(_modules) = 0 THEN
		RETURN;
	END IF;
	WITH entry AS MATERIALIZED (
		SELECT e.*
		FROM ambit._role_entries(_tenant, _role) e
		WHERE ambit._module(e.permission) = ANY (_modules)
	),
	cell AS (
		INSERT INTO ambit.standalone_cell (tenant, role, permission, enabled, locked, requires)
		SELECT _tenant, _role, e.permission, e.enabled, e.locked, e.cell_requires
		FROM entry e
		WHERE e.ordinal <= 1
		RETURNING standalone_cell.permission
	)
	INSERT INTO ambit.standalone_entry (tenant, role, permission, ordinal, scope, requires, feature, channels, targets)
	SELECT _tenant, _role, e.permission, e.ordinal, e.scope, e.requires, e.feature, e.channels, e.targets
	FROM entry e
	JOIN cell c ON c.permission OPERATOR(ambit.=) e.permission
	WHERE e.ordinal > 0;
	UPDATE ambit.tenant_module m SET standalone = true
	WHERE m.tenant = _tenant AND m.role = _role AND m.module = ANY (_modules);
END
$$;
COMMENT ON FUNCTION ambit._freeze(text, text, ambit.permission[]) IS 'Makes the modules of the permissions stand alone, as they are now, where the role is the tenant''s own and they follow a level.';
REVOKE EXECUTE ON FUNCTION ambit._freeze(text, text, ambit.permission[]) FROM PUBLIC;

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
	_since bigint;
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_scope text COLLATE "C";
	_template text COLLATE "C";
	_permission ambit.permission := _set_role_permission.permission;
	_cell record;
	_lock record;
	_before ambit.permission[];
	_after ambit.permission[];
	_turned ambit.permission[] := '{}';
	_old_scope text COLLATE "C";
	_is boolean;
BEGIN
	_since := ambit._admit('set_role_permission', _set_role_permission.tenant);
	_tenant := ambit._given('tenant', _set_role_permission.tenant);
	_role := ambit._given('role', _set_role_permission.role);
	_scope := ambit._optional('scope', _set_role_permission.scope);

	/* alone: cascades of two calls at a time would miss each other */
	_template := ambit._template_of(_tenant, true, _since);
	PERFORM ambit._check_role(_tenant, _template, _role);
	PERFORM ambit._check_permission(_template, _permission);
	IF _scope IS NOT NULL THEN
		PERFORM ambit._check_scope(_template, _scope);
	END IF;

	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_role_permission', _tenant, role => _role, places => ARRAY[NULL]);
	END IF;
	SELECT c.locked, c.enabled, c.given INTO _cell
	FROM ambit._role_cells(_tenant, _role) c
	WHERE c.permission OPERATOR(ambit.=) _permission;
	IF _cell.locked AND _set_role_permission.enabled IS NOT NULL THEN
		PERFORM ambit._refuse_locked(_template, _role, _permission, _cell.enabled);
	END IF;
	_before := ARRAY(SELECT ambit._cells_on(_tenant, _role));
	SELECT t.scope INTO _old_scope
	FROM ambit.tenant_cell t
	WHERE t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) _permission;

	IF _set_role_permission.enabled IS NULL THEN
		DELETE FROM ambit.tenant_cell t
		WHERE t.tenant = _tenant AND t.role = _role AND t.permission OPERATOR(ambit.=) _permission;
		_scope := NULL;
		SELECT c.enabled INTO _is
		FROM ambit._role_cells(_tenant, _role) c
		WHERE c.permission OPERATOR(ambit.=) _permission;
	ELSE
		_is := _set_role_permission.enabled;
		/* said now, so that no change of the template says something else */
		IF NOT _is THEN
			_scope := NULL;
		ELSIF _scope IS NULL AND NOT _cell.given THEN
			_scope := 'all';
		END IF;
		PERFORM ambit._freeze(_tenant, _role, ARRAY[_permission]);
		INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled, scope)
		VALUES (_tenant, _role, _permission, _is, _scope)
		ON CONFLICT ON CONSTRAINT tenant_cell_pkey DO UPDATE SET enabled = EXCLUDED.enabled, scope = EXCLUDED.scope;
	END IF;

	/* back to the template without a turn of the switch: nothing follows */
	IF _set_role_permission.enabled IS NULL AND _is = _cell.enabled THEN
		NULL;
	ELSIF _is THEN
		/* what it requires, and what that requires; UNION ends cycles */
		FOR _lock IN
			WITH RECURSIVE cell AS MATERIALIZED (
				SELECT c.permission, c.enabled, c.locked, c.requires, c.inherited
				FROM ambit._role_cells(_tenant, _role) c
			),
			needed (permission) AS (
				SELECT _permission
				UNION
				SELECT r.permission
				FROM needed n
				JOIN cell c ON c.permission OPERATOR(ambit.=) n.permission
				CROSS JOIN LATERAL pg_catalog.unnest(c.requires) r (permission)
				WHERE NOT EXISTS (SELECT FROM cell h WHERE h.permission OPERATOR(ambit.=) r.permission AND h.inherited)
			)
			SELECT n.permission, c.locked
			FROM needed n
			JOIN cell c ON c.permission OPERATOR(ambit.=) n.permission
			WHERE NOT c.enabled
		LOOP
			IF _lock.locked THEN
				PERFORM ambit._refuse_locked(_template, _role, _lock.permission, false,
					pg_catalog.format('permission "%s" requires it', _permission::text));
			END IF;
			_turned := _turned || _lock.permission;
		END LOOP;
	ELSE
		/*
		 * What requires it, and what requires that.  A cell that is locked on
		 * is not in the way: it has no switch, and holds nothing while what
		 * it requires is off.
		 */
		_turned := ARRAY(
			WITH RECURSIVE cell AS MATERIALIZED (
				SELECT c.permission, c.enabled, c.locked, c.requires
				FROM ambit._role_cells(_tenant, _role) c
			),
			dependent (permission) AS (
				SELECT _permission
				UNION
				SELECT c.permission
				FROM dependent d
				JOIN cell c ON d.permission OPERATOR(ambit.=) ANY (c.requires)
			)
			SELECT c.permission
			FROM dependent d
			JOIN cell c ON c.permission OPERATOR(ambit.=) d.permission
			WHERE c.enabled AND NOT c.locked);
	END IF;
	PERFORM ambit._freeze(_tenant, _role, _turned);
	INSERT INTO ambit.tenant_cell (tenant, role, permission, enabled, scope)
	SELECT _tenant, _role, t.permission, _is, CASE WHEN _is AND NOT c.given THEN 'all' END
	FROM pg_catalog.unnest(_turned) t (permission)
	JOIN ambit._role_cells(_tenant, _role) c ON c.permission OPERATOR(ambit.=) t.permission
	ON CONFLICT ON CONSTRAINT tenant_cell_pkey DO UPDATE SET enabled = EXCLUDED.enabled;

	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_roles(_since, 'set_role_permission', _tenant, _role);
	END IF;
	_after := ARRAY(SELECT ambit._cells_on(_tenant, _role));
	RETURN QUERY
		SELECT p.permission, p.permission OPERATOR(ambit.=) ANY (_after)
		FROM ambit.template_permission p
		WHERE p.template = _template
			AND (p.permission OPERATOR(ambit.=) ANY (_before) <> p.permission OPERATOR(ambit.=) ANY (_after)
				OR p.permission OPERATOR(ambit.=) _permission AND NOT _cell.locked AND _is AND _scope IS DISTINCT FROM _old_scope)
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
COMMENT ON FUNCTION ambit.set_role_permission(text, text, ambit.permission, boolean, text) IS 'Turns a permission of a role on or off for the tenant. enabled NULL: back to the template''s cell, or to what a module of the tenant''s own role had when it was first changed; such a module stands alone from its first change on. scope: that one scope, under the conditions of the template''s entries of that scope or, where there is none, of its other entries; NULL: the template''s entries, or all where it has none. Off turns off what requires it in that role, on turns on what it requires and the role does not inherit; a cell that is locked on follows what it requires. Returns every cell of the role that changed, the named one first. Errors: 55000 the cell is locked, or one that must be turned on with it is locked off (nothing is changed), 42704 unknown tenant, role, permission or scope, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.set_member_permission(tenant text, user_id text, permission ambit.permission, enabled boolean, scope text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_scope text COLLATE "C";
	_template text COLLATE "C";
	_cell record;
BEGIN
	_since := ambit._admit('set_member_permission', set_member_permission.tenant);
	_tenant := ambit._given('tenant', set_member_permission.tenant);
	_user := ambit._given('user_id', set_member_permission.user_id);
	_scope := ambit._optional('scope', set_member_permission.scope);

	_template := ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_permission(_template, set_member_permission.permission);
	IF _scope IS NOT NULL THEN
		PERFORM ambit._check_scope(_template, _scope);
	END IF;

	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_member_permission', _tenant, user_id => _user, places => ambit._places(_tenant, _user));
	END IF;
	IF set_member_permission.enabled IS NULL THEN
		DELETE FROM ambit.member_cell c
		WHERE c.tenant = _tenant AND c.user_id = _user AND c.permission OPERATOR(ambit.=) set_member_permission.permission;
	ELSE
		/* what is locked off in one role and on in another can be turned off */
		SELECT pg_catalog.count(*) AS n, pg_catalog.count(c.role) AS given,
			pg_catalog.min(c.role COLLATE "C") FILTER (WHERE c.locked AND c.matters) AS role,
			pg_catalog.bool_or(c.enabled) FILTER (WHERE c.locked AND c.matters) AS enabled
		INTO _cell
		FROM (
			SELECT c.role, c.enabled, c.locked,
				set_member_permission.enabled OR c.enabled OR NOT pg_catalog.bool_or(COALESCE(c.enabled, false)) OVER () AS matters
			FROM ambit.assignment a
			LEFT JOIN LATERAL ambit._role_sources(_tenant, a.role, set_member_permission.permission) c ON true
			WHERE a.tenant = _tenant AND a.user_id = _user
				AND (a.valid_until IS NULL OR pg_catalog.clock_timestamp() < a.valid_until)) c;
		IF _cell.role IS NOT NULL THEN
			PERFORM ambit._refuse_locked(_template, _cell.role, set_member_permission.permission, _cell.enabled);
		END IF;
		/* said now, so that no change of the roles says something else */
		IF NOT set_member_permission.enabled THEN
			_scope := NULL;
		ELSIF _scope IS NULL AND _cell.n > 0 AND _cell.given = 0 THEN
			_scope := 'all';
		END IF;
		INSERT INTO ambit.member_cell (tenant, user_id, permission, enabled, scope)
		VALUES (_tenant, _user, set_member_permission.permission, set_member_permission.enabled, _scope)
		ON CONFLICT ON CONSTRAINT member_cell_pkey DO UPDATE SET enabled = EXCLUDED.enabled, scope = EXCLUDED.scope;
	END IF;
	IF _since IS NOT NULL AND set_member_permission.enabled IS NOT FALSE THEN
		PERFORM ambit._confirm_override(_since, 'set_member_permission', _tenant, _user, set_member_permission.permission, _scope);
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_member(_since, 'set_member_permission', _tenant, _user);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.set_member_permission(text, text, ambit.permission, boolean, text) IS 'Turns a permission on or off for one member, whatever the roles say. enabled NULL: back to what the roles say. scope: that one scope, NULL: the entries of the cells of the member''s roles, on or off, or all where the member has roles and none of them such a cell. It holds through each of the member''s roles, present and later. Errors: 55000 a role of the member has the cell locked (off: not in the way of turning off what another role has on), 42704 unknown tenant, member, permission or scope, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';
