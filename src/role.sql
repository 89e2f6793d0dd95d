/* ---- role: a tenant's own roles, and roles that one member holds ---------
 *
 * An own role is put together from modules: the first parts of the permission
 * keys.  role.c says what a module brings.
 */

CREATE FUNCTION ambit._check_level(template text, module text, level text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C" := _check_level.template;
	_module text COLLATE "C" := _check_level.module;
	_level text COLLATE "C" := _check_level.level;
BEGIN
	PERFORM FROM ambit.template_permission p WHERE p.template = _template AND ambit._module(p.permission) = _module;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('module', _module, pg_catalog.format('template "%s"', _template), ARRAY(
			SELECT DISTINCT ambit._module(p.permission) FROM ambit.template_permission p WHERE p.template = _template ORDER BY 1));
	END IF;
	IF _level <> 'no_access' THEN
		PERFORM ambit._check_base(_template, _level, 'level');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_level(text, text, text) IS 'Raises 42704 for a module or a level that the template does not have, and 22023 for a level that is the role of visitors or of one member only.';
REVOKE EXECUTE ON FUNCTION ambit._check_level(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._check_base(template text, role text, what text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C" := _check_base.template;
	_role text COLLATE "C" := _check_base.role;
	_found record;
BEGIN
	SELECT r.single, r.role = t.visitor_role AS visitor INTO _found
	FROM ambit.template_role r
	JOIN ambit.template t ON t.template = r.template
	WHERE r.template = _template AND r.role = _role;
	IF NOT FOUND THEN
		PERFORM ambit._unknown(_check_base.what, _role, pg_catalog.format('template "%s"', _template), ARRAY(
			SELECT r.role FROM ambit.template_role r WHERE r.template = _template
			UNION ALL
			SELECT 'no_access' WHERE _check_base.what = 'level'));
	ELSIF _found.visitor THEN
		PERFORM ambit._fail('22023', pg_catalog.format('role "%s" is for visitors', _role),
			'No other role can be based on it.');
	ELSIF _found.single THEN
		PERFORM ambit._fail('22023', pg_catalog.format('role "%s" is held by one member only', _role),
			'No other role can be based on it.');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_base(text, text, text) IS 'Whether a role of the template may be the base of a tenant''s own role. what: what the message calls it. Raises 42704 where there is none, 22023 for the role of visitors or of one member only.';
REVOKE EXECUTE ON FUNCTION ambit._check_base(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._rank(tenant text, template text, role text) RETURNS integer
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT COALESCE(pg_catalog.max(b.rank), 0)
	FROM (
		SELECT t.rank
		FROM ambit.tenant_module m
		JOIN ambit.template_role t ON t.template = _rank.template COLLATE "C" AND t.role = m.level
		WHERE m.tenant = _rank.tenant COLLATE "C" AND m.role = _rank.role COLLATE "C"
		UNION ALL
		SELECT COALESCE(t.rank, o.rank)
		FROM ambit.tenant_inherit i
		LEFT JOIN ambit.template_role t ON t.template = _rank.template COLLATE "C" AND t.role = i.inherits
		LEFT JOIN ambit.tenant_role o ON o.tenant = i.tenant AND o.role = i.inherits
		WHERE i.tenant = _rank.tenant COLLATE "C" AND i.role = _rank.role COLLATE "C") b
$$;
COMMENT ON FUNCTION ambit._rank(text, text, text) IS 'The rank of an own role: that of the highest role that it follows or inherits, else 0.';
REVOKE EXECUTE ON FUNCTION ambit._rank(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit.create_role(tenant text, role text, title text DEFAULT NULL, modules jsonb DEFAULT '{}', inherits text[] DEFAULT '{}') RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_template text COLLATE "C";
	_inherited text COLLATE "C";
	_module record;
BEGIN
	_since := ambit._admit('create_role', create_role.tenant);
	_tenant := ambit._given('tenant', create_role.tenant);
	_role := ambit._given('role', create_role.role);
	IF create_role.modules IS NULL OR create_role.inherits IS NULL THEN
		PERFORM ambit._fail('22004', pg_catalog.format('%s must not be null',
			CASE WHEN create_role.modules IS NULL THEN 'modules' ELSE 'inherits' END));
	ELSIF pg_catalog.jsonb_typeof(create_role.modules) <> 'object' THEN
		PERFORM ambit._fail('22023', 'modules must be an object',
			pg_catalog.format('It is of type %s.', pg_catalog.jsonb_typeof(create_role.modules)),
			'For example {"bookings": "manager", "billing": "no_access"}.');
	ELSIF _role = 'no_access' THEN
		PERFORM ambit._fail('22023', 'role "no_access" cannot be created',
			'It is the level of a module that is closed.');
	END IF;

	_template := ambit._template_of(_tenant, true, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('create_role', _tenant, places => ARRAY[NULL]);
	END IF;
	/* an import that brings a role of this name comes before, or waits */
	PERFORM FROM ambit.template t WHERE t.template = _template FOR SHARE;
	PERFORM FROM ambit.template_role r WHERE r.template = _template AND r.role = _role;
	IF FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('role "%s" already exists in tenant "%s"', _role, _tenant),
			pg_catalog.format('It is a role of template "%s".', _template));
	END IF;
	INSERT INTO ambit.tenant_role (tenant, role, title)
	VALUES (_tenant, _role, create_role.title)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('role "%s" already exists in tenant "%s"', _role, _tenant));
	END IF;

	IF (SELECT pg_catalog.count(*) FROM ambit.tenant_role r WHERE r.tenant = _tenant) > 1000 THEN
		PERFORM ambit._fail('54000', pg_catalog.format('tenant "%s" has too many roles of its own', _tenant),
			'It may have 1000.');
	END IF;
	FOR _module IN
		SELECT m.key, m.value, m.value#>>'{}' AS level
		FROM pg_catalog.jsonb_each(create_role.modules) m
		ORDER BY m.key COLLATE "C"
	LOOP
		IF pg_catalog.jsonb_typeof(_module.value) <> 'string' THEN
			PERFORM ambit._fail('22023', pg_catalog.format('the level of module "%s" must be a text', _module.key),
				pg_catalog.format('It is of type %s.', pg_catalog.jsonb_typeof(_module.value)));
		END IF;
		PERFORM ambit._check_level(_template, _module.key, _module.level);
		INSERT INTO ambit.tenant_module (tenant, role, module, level)
		VALUES (_tenant, _role, _module.key, _module.level);
	END LOOP;
	FOREACH _inherited IN ARRAY create_role.inherits LOOP
		_inherited := ambit._given('inherits', _inherited);
		PERFORM FROM ambit.tenant_role r WHERE r.tenant = _tenant AND r.role = _inherited AND r.role <> _role FOR KEY SHARE;
		IF NOT FOUND THEN
			PERFORM ambit._check_base(_template, _inherited, 'role');
		END IF;
		INSERT INTO ambit.tenant_inherit (tenant, role, inherits)
		VALUES (_tenant, _role, _inherited)
		ON CONFLICT DO NOTHING;
	END LOOP;
	PERFORM FROM (
		WITH RECURSIVE below (role, depth) AS (
			SELECT _role, 0
			UNION
			SELECT i.inherits, b.depth + 1
			FROM below b
			JOIN ambit.tenant_inherit i ON i.tenant = _tenant AND i.role = b.role
			WHERE b.depth <= 30
		)
		SELECT FROM below b WHERE b.depth > 30) deep;
	IF FOUND THEN
		PERFORM ambit._fail('54000', pg_catalog.format('role "%s" inherits too deeply', _role),
			'Roles may inherit each other over 30 steps.');
	END IF;
	UPDATE ambit.tenant_role r SET rank = ambit._rank(_tenant, _template, _role)
	WHERE r.tenant = _tenant AND r.role = _role;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_roles(_since, 'create_role', _tenant, _role);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.create_role(text, text, text, jsonb, text[]) IS 'Creates a role of the tenant''s own. modules: for each module (first part of the permission keys) the role of the template whose permissions of that module it has, live, or no_access: {"bookings": "manager", "billing": "no_access"}; a module that is not named brings nothing. A module follows its role, with what the tenant changed in it, until a cell of the module is changed in the new role; it stands alone from then on. no_access closes the module to what the role inherits, too. inherits: roles, of the template or own, all of whose permissions it has besides. Errors: 42710 the role exists, 42704 unknown tenant, module, level or role, 22023 modules of another shape, or a base that is the role of visitors or of one member only, 54000 more than 1000 roles of the tenant''s own, or inheritance over more than 30 steps, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit._own_role(tenant text, template text, role text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _own_role.tenant;
	_template text COLLATE "C" := _own_role.template;
	_role text COLLATE "C" := _own_role.role;
BEGIN
	PERFORM FROM ambit.tenant_role r WHERE r.tenant = _tenant AND r.role = _role FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ambit._check_role(_tenant, _template, _role);
		PERFORM ambit._fail('22023', pg_catalog.format('role "%s" is not one of the tenant''s own', _role),
			pg_catalog.format('It is a role of template "%s".', _template));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._own_role(text, text, text) IS 'Raises 42704 for a role that does not exist and 22023 for one of the template''s.';
REVOKE EXECUTE ON FUNCTION ambit._own_role(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit.set_role_module(tenant text, role text, module text, level text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_module text COLLATE "C";
	_level text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('set_role_module', set_role_module.tenant);
	_tenant := ambit._given('tenant', set_role_module.tenant);
	_role := ambit._given('role', set_role_module.role);
	_module := ambit._given('module', set_role_module.module);
	_level := ambit._optional('level', set_role_module.level);

	_template := ambit._template_of(_tenant, true, _since);
	/* the levels are there while nobody imports the template */
	PERFORM FROM ambit.template t WHERE t.template = _template FOR SHARE;
	PERFORM ambit._own_role(_tenant, _template, _role);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_role_module', _tenant, role => _role, places => ARRAY[NULL]);
	END IF;
	PERFORM ambit._check_level(_template, _module, COALESCE(_level, 'no_access'));
	DELETE FROM ambit.tenant_cell c
	WHERE c.tenant = _tenant AND c.role = _role AND ambit._module(c.permission) = _module;
	DELETE FROM ambit.standalone_cell c
	WHERE c.tenant = _tenant AND c.role = _role AND ambit._module(c.permission) = _module;
	IF _level IS NULL THEN
		DELETE FROM ambit.tenant_module m WHERE m.tenant = _tenant AND m.role = _role AND m.module = _module;
	ELSE
		INSERT INTO ambit.tenant_module (tenant, role, module, level)
		VALUES (_tenant, _role, _module, _level)
		ON CONFLICT ON CONSTRAINT tenant_module_pkey DO UPDATE SET level = EXCLUDED.level, standalone = false;
	END IF;
	UPDATE ambit.tenant_role r SET rank = ambit._rank(_tenant, _template, _role)
	WHERE r.tenant = _tenant AND r.role = _role;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_roles(_since, 'set_role_module', _tenant, _role);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.set_role_module(text, text, text, text) IS 'Puts a module of a role of the tenant''s own on a level, a role of the template or no_access, which it follows from now on; what was changed in it is forgotten. level NULL: the role has nothing of the module but what it inherits. Errors: 42704 unknown tenant, role, module or level, 22023 a role of the template, or a level that is the role of visitors or of one member only, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.drop_role(tenant text, role text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_template text COLLATE "C";
	_members bigint;
	_roles bigint;
BEGIN
	_since := ambit._admit('drop_role', drop_role.tenant);
	_tenant := ambit._given('tenant', drop_role.tenant);
	_role := ambit._given('role', drop_role.role);

	_template := ambit._template_of(_tenant, true, _since);
	/* waits for those who are about to assign it */
	PERFORM ambit._own_role(_tenant, _template, _role);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('drop_role', _tenant, role => _role, places => ARRAY[NULL]);
	END IF;
	SELECT pg_catalog.count(DISTINCT a.user_id) INTO _members
	FROM ambit.assignment a WHERE a.tenant = _tenant AND a.role = _role;
	SELECT pg_catalog.count(*) INTO _roles
	FROM ambit.tenant_inherit i WHERE i.tenant = _tenant AND i.inherits = _role;
	IF _members > 0 OR _roles > 0 THEN
		PERFORM ambit._fail('2BP01', pg_catalog.format('role "%s" is in use', _role),
			pg_catalog.format('Members who have it: %s, roles that inherit it: %s.', _members, _roles),
			'Revoke it, and drop those roles, first.');
	END IF;
	DELETE FROM ambit.tenant_cell c WHERE c.tenant = _tenant AND c.role = _role;
	DELETE FROM ambit.tenant_role r WHERE r.tenant = _tenant AND r.role = _role;
END
$$;
COMMENT ON FUNCTION ambit.drop_role(text, text) IS 'Drops a role of the tenant''s own. Errors: 2BP01 members have it or roles inherit it, 42704 unknown tenant or role, 22023 a role of the template, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.transfer_role(tenant text, role text, from_user text, to_user text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_role text COLLATE "C";
	_from text COLLATE "C";
	_to text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('transfer_role');
	_tenant := ambit._given('tenant', transfer_role.tenant);
	_role := ambit._given('role', transfer_role.role);
	_from := ambit._given('from_user', transfer_role.from_user);
	_to := ambit._given('to_user', transfer_role.to_user);

	_template := ambit._template_of(_tenant, true);
	PERFORM ambit._check_member(_tenant, _from);
	PERFORM ambit._check_member(_tenant, _to);
	PERFORM ambit._check_role(_tenant, _template, _role);
	PERFORM FROM ambit.template_role r WHERE r.template = _template AND r.role = _role AND r.single;
	IF NOT FOUND THEN
		PERFORM ambit._fail('22023', pg_catalog.format('role "%s" is not one that one member only holds', _role),
			hint => 'Call assign_role() and revoke_role().');
	END IF;
	PERFORM FROM ambit.assignment a
	WHERE a.tenant = _tenant AND a.user_id = _from AND a.role = _role
		AND (a.valid_until IS NULL OR pg_catalog.clock_timestamp() < a.valid_until);
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('member "%s" does not have role "%s"', _from, _role));
	END IF;
	IF _from = _to THEN
		PERFORM ambit._fail('42710', pg_catalog.format('member "%s" already has role "%s"', _to, _role));
	END IF;
	/* an assignment of the new holder's that ended long ago gives way */
	DELETE FROM ambit.assignment a WHERE a.tenant = _tenant AND a.user_id = _to AND a.role = _role;
	UPDATE ambit.assignment a SET user_id = _to
	WHERE a.tenant = _tenant AND a.user_id = _from AND a.role = _role;
END
$$;
COMMENT ON FUNCTION ambit.transfer_role(text, text, text, text) IS 'Hands a role that one member only holds (the owner of an account) over to another member; where and until when it holds stays. Errors: 42704 unknown tenant, role or member, or from_user does not have it, 42710 both are the same member, 22023 a role that any number of members may have, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';
