/* ---- tenant: tenants, locations, groups, members, features ---------------
 *
 * The model functions of the contract.  They all read alike: who may call,
 * what was given, does it exist, the change.  The names given are copied into
 * variables COLLATE "C", since an argument brings the collation of whatever
 * column it comes from, and ids are compared byte by byte.
 *
 * Concurrency: what a function relies on it locks FOR KEY SHARE (the tenant,
 * the member, the location ...), so that it cannot be dropped meanwhile.
 * What must be judged over several rows (cycles of locations, roles held by
 * one member only, cascades of permissions) goes one call at a time for each
 * tenant: _template_of(tenant, true) updates the tenant's row, which makes
 * the second one wait, or fail with 40001 where its snapshot is too old.
 */

/* ---- errors ------------------------------------------------------------- */

CREATE FUNCTION ambit._fail(state text, message text, detail text DEFAULT NULL, hint text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	/* RAISE takes no NULL, and would print an empty line for an empty text */
	IF detail IS NULL AND hint IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
	ELSIF detail IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, HINT = hint;
	ELSIF hint IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail;
	ELSE
		RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._fail(text, text, text, text) IS 'Raises an error. state: its SQLSTATE; detail, hint: NULL for none.';
REVOKE EXECUTE ON FUNCTION ambit._fail(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._unknown(what text, name text, place text, candidates text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_nearest text := ambit._nearest(_unknown.name, _unknown.candidates);
BEGIN
	PERFORM ambit._fail('42704',
		pg_catalog.format('%s "%s" does not exist', _unknown.what, _unknown.name) || COALESCE(' in ' || _unknown.place, ''),
		hint => 'Perhaps you meant "' || _nearest || '".');
END
$$;
COMMENT ON FUNCTION ambit._unknown(text, text, text, text[]) IS 'Raises 42704: WHAT "NAME" does not exist in PLACE (NULL: nowhere), with the nearest of the candidates as hint.';
REVOKE EXECUTE ON FUNCTION ambit._unknown(text, text, text, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._given(argument text, value text) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF value IS NULL THEN
		PERFORM ambit._fail('22004', pg_catalog.format('%s must not be null', argument));
	END IF;
	RETURN ambit._optional(argument, value);
END
$$;
COMMENT ON FUNCTION ambit._given(text, text) IS 'The value of an argument that must be given. Raises 22004 where it is NULL, 22023 where it is empty.';
REVOKE EXECUTE ON FUNCTION ambit._given(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._optional(argument text, value text) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF pg_catalog.octet_length(value) = 0 THEN
		PERFORM ambit._fail('22023', pg_catalog.format('%s must not be empty', argument));
	END IF;
	RETURN value;
END
$$;
COMMENT ON FUNCTION ambit._optional(text, text) IS 'The value of an argument that may be NULL. Raises 22023 where it is empty.';
REVOKE EXECUTE ON FUNCTION ambit._optional(text, text) FROM PUBLIC;

/* ---- what must exist ----------------------------------------------------
 *
 * Each takes names that were given, raises 42704 for one that does not exist
 * and locks what it finds.  The candidates for the hint are the first ten
 * thousand, so that a slip in a large tenant does not cost a second.
 */

CREATE FUNCTION ambit._template_of(tenant text, alone boolean DEFAULT false, since bigint DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _template_of.tenant;
	_template text COLLATE "C";
BEGIN
	/* for others than the DBA: nobody else changes the tenant while the call is judged */
	IF since IS NOT NULL THEN
		PERFORM FROM ambit.tenant t WHERE t.tenant = _tenant FOR UPDATE;
	END IF;
	IF alone THEN
		UPDATE ambit.tenant t SET title = t.title
		WHERE t.tenant = _tenant
		RETURNING t.template INTO _template;
	ELSE
		SELECT t.template INTO _template
		FROM ambit.tenant t
		WHERE t.tenant = _tenant
		FOR KEY SHARE;
	END IF;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('tenant', _tenant, NULL,
			ARRAY(SELECT t.tenant FROM ambit.tenant t ORDER BY t.tenant LIMIT 10000));
	END IF;
	RETURN _template;
END
$$;
COMMENT ON FUNCTION ambit._template_of(text, boolean, bigint) IS 'The template that the tenant follows; the tenant stays until the end of the transaction. alone: other calls for this tenant that ask the same wait. since: not NULL where somebody else than the DBA calls; every other call for this tenant waits. Raises 42704.';
REVOKE EXECUTE ON FUNCTION ambit._template_of(text, boolean, bigint) FROM PUBLIC;

CREATE FUNCTION ambit._check_member(tenant text, user_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_member.tenant;
	_user text COLLATE "C" := _check_member.user_id;
BEGIN
	PERFORM FROM ambit.member m WHERE m.tenant = _tenant AND m.user_id = _user FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('member', _user, pg_catalog.format('tenant "%s"', _tenant),
			ARRAY(SELECT m.user_id FROM ambit.member m WHERE m.tenant = _tenant ORDER BY m.user_id LIMIT 10000));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_member(text, text) IS 'Raises 42704 where the user is not a member of the tenant.';
REVOKE EXECUTE ON FUNCTION ambit._check_member(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._check_location(tenant text, location text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_location.tenant;
	_location text COLLATE "C" := _check_location.location;
BEGIN
	PERFORM FROM ambit.location l WHERE l.tenant = _tenant AND l.location = _location FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('location', _location, pg_catalog.format('tenant "%s"', _tenant),
			ARRAY(SELECT l.location FROM ambit.location l WHERE l.tenant = _tenant ORDER BY l.location LIMIT 10000));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_location(text, text) IS 'Raises 42704 where the tenant has no such location.';
REVOKE EXECUTE ON FUNCTION ambit._check_location(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._check_group(tenant text, "group" text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _check_group.tenant;
	_group text COLLATE "C" := _check_group."group";
BEGIN
	PERFORM FROM ambit.member_group g WHERE g.tenant = _tenant AND g."group" = _group FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('group', _group, pg_catalog.format('tenant "%s"', _tenant),
			ARRAY(SELECT g."group" FROM ambit.member_group g WHERE g.tenant = _tenant ORDER BY g."group" LIMIT 10000));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_group(text, text) IS 'Raises 42704 where the tenant has no such group.';
REVOKE EXECUTE ON FUNCTION ambit._check_group(text, text) FROM PUBLIC;

/* ---- tenants ------------------------------------------------------------ */

CREATE FUNCTION ambit.create_tenant(tenant text, template text, title text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('create_tenant');
	_tenant := ambit._given('tenant', create_tenant.tenant);
	_template := ambit._given('template', create_tenant.template);

	PERFORM FROM ambit.template p WHERE p.template = _template FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('template', _template, NULL, ARRAY(SELECT p.template FROM ambit.template p ORDER BY p.template));
	END IF;
	INSERT INTO ambit.tenant (tenant, template, title)
	VALUES (_tenant, _template, create_tenant.title)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('tenant "%s" already exists', _tenant));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.create_tenant(text, text, text) IS 'Creates a tenant that follows a template. Errors: 42704 unknown template, 42710 the tenant exists, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

CREATE FUNCTION ambit.drop_tenant(tenant text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('drop_tenant');
	_tenant := ambit._given('tenant', drop_tenant.tenant);

	PERFORM ambit._template_of(_tenant);
	DELETE FROM ambit.tenant t WHERE t.tenant = _tenant;
END
$$;
COMMENT ON FUNCTION ambit.drop_tenant(text) IS 'Drops a tenant with all that ambit knows of it: locations, groups, members, assignments, changed cells, features. The application''s own rows stay, out of everybody''s reach. Errors: 42704 unknown tenant, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

/* ---- locations ---------------------------------------------------------- */

CREATE FUNCTION ambit.add_location(tenant text, location text, parent text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_location text COLLATE "C";
	_parent text COLLATE "C";
BEGIN
	_since := ambit._admit('add_location', add_location.tenant);
	_tenant := ambit._given('tenant', add_location.tenant);
	_location := ambit._given('location', add_location.location);
	_parent := ambit._optional('parent', add_location.parent);

	PERFORM ambit._template_of(_tenant, false, _since);
	IF _parent IS NOT NULL THEN
		PERFORM ambit._check_location(_tenant, _parent);
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('add_location', _tenant, places => ARRAY[_parent]);
	END IF;
	INSERT INTO ambit.location (tenant, location, parent)
	VALUES (_tenant, _location, _parent)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('location "%s" already exists in tenant "%s"', _location, _tenant));
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_location(_since, 'add_location', _tenant, _location);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.add_location(text, text, text) IS 'Adds a location below parent, or at the top where parent is NULL. Roles assigned above hold there at once. Errors: 42704 unknown tenant or parent, 42710 the location exists, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.move_location(tenant text, location text, parent text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_location text COLLATE "C";
	_parent text COLLATE "C";
BEGIN
	_since := ambit._admit('move_location', move_location.tenant);
	_tenant := ambit._given('tenant', move_location.tenant);
	_location := ambit._given('location', move_location.location);
	_parent := ambit._optional('parent', move_location.parent);

	/* alone: two moves at a time could close a cycle that neither sees */
	PERFORM ambit._template_of(_tenant, true, _since);
	PERFORM ambit._check_location(_tenant, _location);
	IF _parent IS NOT NULL THEN
		PERFORM ambit._check_location(_tenant, _parent);
		IF _parent = _location THEN
			PERFORM ambit._fail('22023', pg_catalog.format('location "%s" cannot be its own parent', _location));
		END IF;
		PERFORM FROM (
			WITH RECURSIVE above (location) AS (
				SELECT _parent
				UNION
				SELECT l.parent
				FROM above a
				JOIN ambit.location l ON l.tenant = _tenant AND l.location = a.location
				WHERE l.parent IS NOT NULL
			)
			SELECT FROM above a WHERE a.location = _location) cycle;
		IF FOUND THEN
			PERFORM ambit._fail('22023', pg_catalog.format('location "%s" is below "%s"', _parent, _location),
				'A location cannot be moved below itself.');
		END IF;
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('move_location', _tenant, places => ARRAY[_location, _parent]);
	END IF;
	UPDATE ambit.location l SET parent = _parent WHERE l.tenant = _tenant AND l.location = _location;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_location(_since, 'move_location', _tenant, _location);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.move_location(text, text, text) IS 'Moves a location, and all that is below it, below parent, or to the top where parent is NULL. Errors: 42704 unknown tenant, location or parent, 22023 the parent is the location itself or below it, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.drop_location(tenant text, location text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_location text COLLATE "C";
	_children bigint;
	_assignments bigint;
BEGIN
	_since := ambit._admit('drop_location', drop_location.tenant);
	_tenant := ambit._given('tenant', drop_location.tenant);
	_location := ambit._given('location', drop_location.location);

	PERFORM ambit._template_of(_tenant, false, _since);
	/* waits for those who are about to add a child or an assignment here */
	PERFORM FROM ambit.location l WHERE l.tenant = _tenant AND l.location = _location FOR UPDATE;
	PERFORM ambit._check_location(_tenant, _location);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('drop_location', _tenant, places => ARRAY[_location]);
	END IF;
	SELECT pg_catalog.count(*) INTO _children
	FROM ambit.location l WHERE l.tenant = _tenant AND l.parent = _location;
	SELECT pg_catalog.count(*) INTO _assignments
	FROM ambit.assignment a WHERE a.tenant = _tenant AND a.location = _location;
	IF _children > 0 OR _assignments > 0 THEN
		PERFORM ambit._fail('2BP01', pg_catalog.format('location "%s" is in use', _location),
			pg_catalog.format('Locations below it: %s, roles assigned there: %s.', _children, _assignments),
			'Move or drop the locations and revoke the roles first.');
	END IF;
	BEGIN
		DELETE FROM ambit.location l WHERE l.tenant = _tenant AND l.location = _location;
	EXCEPTION WHEN foreign_key_violation THEN
		/* a location below that came after this transaction's snapshot */
		PERFORM ambit._fail('2BP01', pg_catalog.format('location "%s" is in use', _location));
	END;
END
$$;
COMMENT ON FUNCTION ambit.drop_location(text, text) IS 'Drops a location. Errors: 2BP01 there are locations below it or roles assigned there, 42704 unknown tenant or location, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

/* ---- groups ------------------------------------------------------------- */

CREATE FUNCTION ambit.add_group(tenant text, "group" text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_group text COLLATE "C";
BEGIN
	_since := ambit._admit('add_group', add_group.tenant);
	_tenant := ambit._given('tenant', add_group.tenant);
	_group := ambit._given('group', add_group."group");

	PERFORM ambit._template_of(_tenant, false, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('add_group', _tenant, places => ARRAY[NULL]);
	END IF;
	INSERT INTO ambit.member_group (tenant, "group")
	VALUES (_tenant, _group)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('group "%s" already exists in tenant "%s"', _group, _tenant));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.add_group(text, text) IS 'Adds a group: a named set of members. Errors: 42704 unknown tenant, 42710 the group exists, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.drop_group(tenant text, "group" text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_group text COLLATE "C";
	_assignments bigint;
BEGIN
	_since := ambit._admit('drop_group', drop_group.tenant);
	_tenant := ambit._given('tenant', drop_group.tenant);
	_group := ambit._given('group', drop_group."group");

	PERFORM ambit._template_of(_tenant, false, _since);
	/* waits for those who are about to limit an assignment to it */
	PERFORM FROM ambit.member_group g WHERE g.tenant = _tenant AND g."group" = _group FOR UPDATE;
	PERFORM ambit._check_group(_tenant, _group);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('drop_group', _tenant, places => ARRAY[NULL]);
	END IF;
	SELECT pg_catalog.count(*) INTO _assignments
	FROM ambit.assignment a WHERE a.tenant = _tenant AND a.only_group = _group;
	IF _assignments > 0 THEN
		PERFORM ambit._fail('2BP01', pg_catalog.format('group "%s" is in use', _group),
			pg_catalog.format('Assignments limited to it: %s.', _assignments),
			'Revoke them first.');
	END IF;
	DELETE FROM ambit.member_group g WHERE g.tenant = _tenant AND g."group" = _group;
END
$$;
COMMENT ON FUNCTION ambit.drop_group(text, text) IS 'Drops a group; its members stay members of the tenant. Errors: 2BP01 assignments are limited to it, 42704 unknown tenant or group, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.add_to_group(tenant text, "group" text, user_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_group text COLLATE "C";
	_user text COLLATE "C";
BEGIN
	_since := ambit._admit('add_to_group', add_to_group.tenant);
	_tenant := ambit._given('tenant', add_to_group.tenant);
	_group := ambit._given('group', add_to_group."group");
	_user := ambit._given('user_id', add_to_group.user_id);

	PERFORM ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_group(_tenant, _group);
	PERFORM ambit._check_member(_tenant, _user);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('add_to_group', _tenant, user_id => _user, places => ambit._places(_tenant, _user));
	END IF;
	INSERT INTO ambit.group_member (tenant, "group", user_id)
	VALUES (_tenant, _group, _user)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('member "%s" is already in group "%s"', _user, _group));
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_group(_since, 'add_to_group', _tenant, _group, _user);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.add_to_group(text, text, text) IS 'Puts a member into a group. Errors: 42704 unknown tenant, group or member, 42710 the member is in it, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.remove_from_group(tenant text, "group" text, user_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_group text COLLATE "C";
	_user text COLLATE "C";
BEGIN
	_since := ambit._admit('remove_from_group', remove_from_group.tenant);
	_tenant := ambit._given('tenant', remove_from_group.tenant);
	_group := ambit._given('group', remove_from_group."group");
	_user := ambit._given('user_id', remove_from_group.user_id);

	PERFORM ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_group(_tenant, _group);
	PERFORM ambit._check_member(_tenant, _user);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('remove_from_group', _tenant, user_id => _user, places => ambit._places(_tenant, _user));
	END IF;
	DELETE FROM ambit.group_member g
	WHERE g.tenant = _tenant AND g."group" = _group AND g.user_id = _user;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('member "%s" is not in group "%s"', _user, _group));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.remove_from_group(text, text, text) IS 'Takes a member out of a group. Errors: 42704 unknown tenant, group or member, or not in the group, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

/* ---- members ------------------------------------------------------------ */

CREATE FUNCTION ambit._authorize_keys(tenant text, user_id text, keys jsonb) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C" := _authorize_keys.tenant;
	_user text COLLATE "C" := _authorize_keys.user_id;
	_present jsonb;
	_taken record;
BEGIN
	SELECT m.keys INTO _present FROM ambit.member m WHERE m.tenant = _tenant AND m.user_id = _user;
	IF FOUND THEN
		PERFORM ambit._authorize('add_member', _tenant, user_id => _user, places => ambit._places(_tenant, _user));
		IF _present <> _authorize_keys.keys THEN
			PERFORM ambit._fail('42501', 'permission denied for function ambit.add_member',
				pg_catalog.format('Member "%s" has other keys; they are the DBA''s to change.', _user));
		END IF;
		RETURN;
	END IF;
	PERFORM ambit._authorize('add_member', _tenant, newcomer => true);
	SELECT n.key, n.value INTO _taken
	FROM pg_catalog.jsonb_each_text(_authorize_keys.keys) n
	CROSS JOIN LATERAL (
		SELECT m.user_id, m.keys FROM ambit.member m WHERE m.tenant = _tenant
		UNION ALL
		SELECT m.user_id, m.keys FROM ambit.former_member m WHERE m.tenant = _tenant) m
	WHERE n.key IN ('staff', 'client') AND m.user_id <> _user AND ambit._same_key(m.keys->>n.key, n.value)
	LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('42501', 'permission denied for function ambit.add_member',
			pg_catalog.format('Key "%s" of another member, or of one who was a member, is, or could be read as, "%s".', _taken.key, _taken.value));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._authorize_keys(text, text, jsonb) IS 'What add_member() asks of others than the DBA. Error: 42501 for one who is a member with other keys, and for keys of another member, or of one who was removed.';
REVOKE EXECUTE ON FUNCTION ambit._authorize_keys(text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION ambit.add_member(tenant text, user_id text, keys jsonb DEFAULT '{}') RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_bad record;
BEGIN
	_since := ambit._admit('add_member', add_member.tenant);
	_tenant := ambit._given('tenant', add_member.tenant);
	_user := ambit._given('user_id', add_member.user_id);
	IF add_member.keys IS NULL THEN
		PERFORM ambit._fail('22004', 'keys must not be null');
	ELSIF pg_catalog.jsonb_typeof(add_member.keys) <> 'object' THEN
		PERFORM ambit._fail('22023', 'keys must be an object',
			pg_catalog.format('It is of type %s.', pg_catalog.jsonb_typeof(add_member.keys)),
			'For example {"staff": "7", "client": "9"}.');
	END IF;
	SELECT k.key, pg_catalog.jsonb_typeof(k.value) AS type INTO _bad
	FROM pg_catalog.jsonb_each(add_member.keys) k
	WHERE k.key = '' OR pg_catalog.jsonb_typeof(k.value) NOT IN ('string', 'number') OR k.value = '""'
	LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('22023', 'keys must hold texts or numbers, none of them empty',
			pg_catalog.format('Key "%s" is of type %s.', _bad.key, _bad.type));
	END IF;

	PERFORM ambit._template_of(_tenant, false, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize_keys(_tenant, _user, add_member.keys);
	END IF;
	INSERT INTO ambit.member (tenant, user_id, keys)
	VALUES (_tenant, _user, add_member.keys)
	ON CONFLICT ON CONSTRAINT member_pkey DO UPDATE SET keys = EXCLUDED.keys;
	/* what the DBA says of keys is so */
	DELETE FROM ambit.former_member m
	WHERE m.tenant = _tenant AND (m.user_id = _user
		OR _since IS NULL AND (m.keys->>'staff' = add_member.keys->>'staff' OR m.keys->>'client' = add_member.keys->>'client'));
END
$$;
COMMENT ON FUNCTION ambit.add_member(text, text, jsonb) IS 'Makes a user a member of the tenant; for one who is a member it replaces the keys. keys: the ids of the user''s own rows in the application''s tables, texts or numbers, {"staff": "7", "client": "9"}. Errors: 42704 unknown tenant, 22023 keys of another shape, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit.remove_member(tenant text, user_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_user text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('remove_member', remove_member.tenant);
	_tenant := ambit._given('tenant', remove_member.tenant);
	_user := ambit._given('user_id', remove_member.user_id);

	_template := ambit._template_of(_tenant, false, _since);
	PERFORM ambit._check_member(_tenant, _user);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('remove_member', _tenant, user_id => _user, places => ambit._places(_tenant, _user));
	END IF;
	PERFORM ambit._check_stays(_tenant, _template, _user, NULL, NULL);
	INSERT INTO ambit.former_member (tenant, user_id, keys)
	SELECT m.tenant, m.user_id, m.keys
	FROM ambit.member m
	WHERE m.tenant = _tenant AND m.user_id = _user AND m.keys ?| '{staff,client}'
	ON CONFLICT ON CONSTRAINT former_member_pkey DO UPDATE SET keys = EXCLUDED.keys;
	DELETE FROM ambit.member m WHERE m.tenant = _tenant AND m.user_id = _user;
END
$$;
COMMENT ON FUNCTION ambit.remove_member(text, text) IS 'Ends a membership, with its roles, groups and overrides. Errors: 42704 unknown tenant or member, 55000 the member holds a role that one member alone holds, which changes hands by transfer_role(), 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

/* ---- features ----------------------------------------------------------- */

CREATE FUNCTION ambit.set_feature(tenant text, feature text, enabled boolean) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_feature text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('set_feature', set_feature.tenant);
	_tenant := ambit._given('tenant', set_feature.tenant);
	_feature := ambit._given('feature', set_feature.feature);
	IF set_feature.enabled IS NULL THEN
		PERFORM ambit._fail('22004', 'enabled must not be null');
	END IF;

	_template := ambit._template_of(_tenant, false, _since);
	PERFORM FROM ambit.template_feature f WHERE f.template = _template AND f.feature = _feature;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('feature', _feature, pg_catalog.format('template "%s"', _template),
			ARRAY(SELECT f.feature FROM ambit.template_feature f WHERE f.template = _template ORDER BY f.feature));
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_feature', _tenant, places => ARRAY[NULL]);
	END IF;
	INSERT INTO ambit.tenant_feature (tenant, feature, enabled)
	VALUES (_tenant, _feature, set_feature.enabled)
	ON CONFLICT ON CONSTRAINT tenant_feature_pkey DO UPDATE SET enabled = EXCLUDED.enabled;
	IF _since IS NOT NULL AND set_feature.enabled THEN
		PERFORM ambit._confirm_roles(_since, 'set_feature', _tenant);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.set_feature(text, text, boolean) IS 'Turns a feature of the tenant''s template on or off; before the first call it is off. Errors: 42704 unknown tenant or feature, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

/* ---- database roles ----------------------------------------------------- */

CREATE FUNCTION ambit._check_db_role(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF db_role IS NULL THEN
		PERFORM ambit._fail('22004', 'db_role must not be null');
	END IF;
	/* regrole takes any number; a number without a role must not wait for one */
	PERFORM FROM pg_catalog.pg_roles r WHERE r.oid = db_role;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('role %s does not exist', db_role));
	END IF;
	DELETE FROM ambit.trusted_application a
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = a.db_role);
	DELETE FROM ambit.administrator a
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = a.db_role);
	DELETE FROM ambit.login l
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = l.db_role);
END
$$;
COMMENT ON FUNCTION ambit._check_db_role(regrole) IS 'Raises 22004 for NULL and 42704 for a role that does not exist, and forgets the roles that were dropped since.';
REVOKE EXECUTE ON FUNCTION ambit._check_db_role(regrole) FROM PUBLIC;

CREATE FUNCTION ambit.trust_application(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('trust_application');
	PERFORM ambit._check_db_role(trust_application.db_role);
	INSERT INTO ambit.trusted_application (db_role)
	VALUES (trust_application.db_role)
	ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION ambit.trust_application(regrole) IS 'Lets a database role call assume(). As with GRANT, a second call changes nothing. Errors: 42704 unknown role, 22004 NULL, 42501 not the DBA.';

CREATE FUNCTION ambit.untrust_application(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('untrust_application');
	PERFORM ambit._check_db_role(untrust_application.db_role);
	DELETE FROM ambit.trusted_application a WHERE a.db_role = untrust_application.db_role;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('role %s is not a trusted application', untrust_application.db_role));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.untrust_application(regrole) IS 'Takes trust_application() back. Errors: 42704 unknown role, or not trusted, 22004 NULL, 42501 not the DBA.';

/*
 * The list of administrators is for those above it, so that no administrator
 * makes another.  The one who calls is judged as _require_dba() judges: by
 * the role that SET ROLE chose, else by the session's.
 */

CREATE FUNCTION ambit.grant_administration(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_owner('grant_administration');
	PERFORM ambit._check_db_role(grant_administration.db_role);
	INSERT INTO ambit.administrator (db_role)
	VALUES (grant_administration.db_role)
	ON CONFLICT DO NOTHING;
	EXECUTE pg_catalog.format('GRANT USAGE, CREATE ON SCHEMA ambit_relationship TO %s', grant_administration.db_role);
END
$$;
COMMENT ON FUNCTION ambit.grant_administration(regrole) IS 'Makes a database role, and its members, a DBA of ambit. As with GRANT, a second call changes nothing. Errors: 42704 unknown role, 22004 NULL, 42501 neither superuser nor owner of the extension.';

CREATE FUNCTION ambit.revoke_administration(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_owner('revoke_administration');
	PERFORM ambit._check_db_role(revoke_administration.db_role);
	DELETE FROM ambit.administrator a WHERE a.db_role = revoke_administration.db_role;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('role %s does not administer ambit', revoke_administration.db_role));
	END IF;
	EXECUTE pg_catalog.format('REVOKE USAGE, CREATE ON SCHEMA ambit_relationship FROM %s', revoke_administration.db_role);
END
$$;
COMMENT ON FUNCTION ambit.revoke_administration(regrole) IS 'Takes grant_administration() back. Errors: 42704 unknown role, or not granted, 22004 NULL, 42501 neither superuser nor owner of the extension.';
