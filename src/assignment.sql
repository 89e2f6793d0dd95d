/* ---- assignment: roles of members ---------------------------------------
 *
 * Joins the install script after tenant, whose helpers it uses.
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

CREATE FUNCTION ambit._check_stays(tenant text, template text, user_id text, role text, location text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_stays.tenant;
	_template text COLLATE "C" := _check_stays.template;
	_user text COLLATE "C" := _check_stays.user_id;
	_role text COLLATE "C" := _check_stays.role;
	_location text COLLATE "C" := _check_stays.location;
BEGIN
	/* an assignment goes, and no other that holds stays */
	SELECT r.role INTO _role
	FROM ambit.template_role r
	JOIN ambit.assignment a ON a.tenant = _tenant AND a.role = r.role
		AND (a.valid_until IS NULL OR pg_catalog.clock_timestamp() < a.valid_until)
	CROSS JOIN LATERAL (
		SELECT a.user_id = _user AND (_role IS NULL OR a.location IS NOT DISTINCT FROM _location)) g (goes)
	WHERE r.template = _template AND r.single AND (_role IS NULL OR r.role = _role)
	GROUP BY r.role
	HAVING pg_catalog.bool_and(g.goes)
	LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('55000', pg_catalog.format('role "%s" is held by one member only', _role),
			pg_catalog.format('In tenant "%s" it is member "%s".', _tenant, _user),
			'It changes hands by transfer_role().');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_stays(text, text, text, text, text) IS 'Raises 55000 where nobody would be left to hold a role held by one member only: when the member''s assignments of the role at that place go (location NULL: at the whole tenant), or, role NULL, all that the member has. Where the template came to say so when several had it already, all but the last can lose it.';
REVOKE EXECUTE ON FUNCTION ambit._check_stays(text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._forget_ended(tenant text, user_id text, role text, location text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _forget_ended.tenant;
	_user text COLLATE "C" := _forget_ended.user_id;
	_role text COLLATE "C" := _forget_ended.role;
	_location text COLLATE "C" := _forget_ended.location;
BEGIN
	DELETE FROM ambit.assignment a
	WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _role AND a.location IS NOT DISTINCT FROM _location
		AND a.valid_until <= pg_catalog.clock_timestamp();
END
$$;
COMMENT ON FUNCTION ambit._forget_ended(text, text, text, text) IS 'Removes the member''s assignments of the role at that place that have ended: they are not in the way of new ones.';
REVOKE EXECUTE ON FUNCTION ambit._forget_ended(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit.assign_role(tenant text, user_id text, role text, location text DEFAULT NULL,
	only_group text DEFAULT NULL, only_self boolean DEFAULT false, valid_until timestamptz DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_named boolean;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_role text COLLATE "C";
	_location text COLLATE "C";
	_group text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('assign_role', assign_role.tenant);
	_tenant := ambit._given('tenant', assign_role.tenant);
	_user := ambit._given('user_id', assign_role.user_id);
	_role := ambit._given('role', assign_role.role);
	_location := ambit._optional('location', assign_role.location);
	_group := ambit._optional('only_group', assign_role.only_group);
	IF assign_role.only_self IS NULL THEN
		PERFORM ambit._fail('22004', 'only_self must not be null');
	END IF;

	_template := ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_role(_tenant, _template, _role);
	IF _location IS NOT NULL THEN
		PERFORM ambit._check_location(_tenant, _location);
	END IF;
	IF _group IS NOT NULL THEN
		PERFORM ambit._check_group(_tenant, _group);
	END IF;
	IF _since IS NOT NULL THEN
		_named := ambit._authorize('assign_role', _tenant, user_id => _user, role => _role, places => ARRAY[_location],
			only_group => _group, valid_until => assign_role.valid_until, lasting => true);
	END IF;
	PERFORM ambit._check_holder(_tenant, _template, _user, _role);
	PERFORM ambit._forget_ended(_tenant, _user, _role, _location);
	INSERT INTO ambit.assignment (tenant, user_id, role, location, only_group, only_self, valid_until)
	VALUES (_tenant, _user, _role, _location, _group, assign_role.only_self, assign_role.valid_until)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('member "%s" already has role "%s" at %s', _user, _role,
				CASE WHEN _location IS NULL THEN 'the whole tenant' ELSE pg_catalog.format('location "%s"', _location) END),
			'An assignment with the same limits exists.',
			'To change until when it is valid, revoke it first.');
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_member(_since, 'assign_role', _tenant, _user, CASE WHEN _named THEN _role END);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.assign_role(text, text, text, text, text, boolean, timestamptz) IS 'Gives a member a role of the template or of the tenant. location: where and below which it holds, NULL: the whole tenant; only_group: only for the rows of that group; only_self: only for the member''s own rows; valid_until: the instant from which it no longer holds. Assignments with different limits add up, and one that ended gives way. Errors: 42704 unknown tenant, member, role, location or group, 42710 the same assignment exists, 22023 the role of visitors, 55000 a role that one member alone holds and another has, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.revoke_role(tenant text, user_id text, role text, location text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_role text COLLATE "C";
	_location text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('revoke_role', revoke_role.tenant);
	_tenant := ambit._given('tenant', revoke_role.tenant);
	_user := ambit._given('user_id', revoke_role.user_id);
	_role := ambit._given('role', revoke_role.role);
	_location := ambit._optional('location', revoke_role.location);

	_template := ambit._template_of(_tenant, false, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._check_member(_tenant, _user);
		PERFORM ambit._authorize('revoke_role', _tenant, user_id => _user, role => _role, places => ARRAY[_location]);
	END IF;
	PERFORM ambit._check_stays(_tenant, _template, _user, _role, _location);
	/* also a role that the template no longer has can be revoked */
	DELETE FROM ambit.assignment a
	WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _role AND a.location IS NOT DISTINCT FROM _location;
	IF NOT FOUND THEN
		PERFORM ambit._no_assignment(_tenant, _template, _user, _role, _location);
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_member(_since, 'revoke_role', _tenant, _user);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.revoke_role(text, text, text, text) IS 'Takes a role from a member: the assignments at that very location, whatever their limits, or those at the whole tenant where location is NULL. Errors: 42704 unknown tenant, member, role or location, or nothing to revoke, 55000 a role that one member alone holds, which changes hands by transfer_role(), 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.change_role(tenant text, user_id text, old_role text, new_role text, location text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_named boolean;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_old text COLLATE "C";
	_new text COLLATE "C";
	_location text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('change_role', change_role.tenant);
	_tenant := ambit._given('tenant', change_role.tenant);
	_user := ambit._given('user_id', change_role.user_id);
	_old := ambit._given('old_role', change_role.old_role);
	_new := ambit._given('new_role', change_role.new_role);
	_location := ambit._optional('location', change_role.location);

	_template := ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_member(_tenant, _user);
	PERFORM ambit._check_role(_tenant, _template, _new);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('change_role', _tenant, user_id => _user, role => _old, places => ARRAY[_location]);
		/* one authority for all of them: for the group that all are limited to, until the last ends */
		SELECT ambit._authorize('change_role', _tenant, user_id => _user, role => _new, places => ARRAY[_location],
			only_group => CASE WHEN pg_catalog.count(a.only_group) = pg_catalog.count(*) AND pg_catalog.count(DISTINCT a.only_group) = 1
				THEN pg_catalog.min(a.only_group) END,
			valid_until => pg_catalog.max(COALESCE(a.valid_until, 'infinity')), lasting => true) INTO _named
		FROM ambit.assignment a
		WHERE a.tenant = _tenant AND a.user_id = _user AND a.role = _old AND a.location IS NOT DISTINCT FROM _location
		HAVING pg_catalog.count(*) > 0;
	END IF;
	PERFORM ambit._check_holder(_tenant, _template, _user, _new);
	PERFORM ambit._check_stays(_tenant, _template, _user, _old, _location);
	IF _new <> _old THEN
		PERFORM ambit._forget_ended(_tenant, _user, _new, _location);
	END IF;
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
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_member(_since, 'change_role', _tenant, _user, CASE WHEN _named THEN _new END);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.change_role(text, text, text, text, text) IS 'Puts a role in the place of another in a member''s assignments at that very location, or at the whole tenant where location is NULL; limits and validity stay. Errors: 42704 unknown tenant, member, role or location, or no such assignment, 42710 the member has the new role there with the same limits, 22023 the role of visitors, 55000 a role that one member alone holds, as the old one, or as the new one and another has it, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';
