/* ---- template: models as JSON -------------------------------------------
 *
 * A template is written as one JSON object, src/templates/NAME.json:
 *
 *	template			its name
 *	title, visitor_role, clients_permission
 *	features			{name: {title, source}}
 *	scopes				{name: {relationship, subject, back, ahead, source}}
 *	permissions			[{key, title, source}], which makes new keys known in this order
 *	roles				[{role, title, rank, inherits, single}], the lowest first
 *	cells				[{role, permission, enabled, locked, requires, entries, source}]
 *	  entries			[{scope, requires, feature, channels, targets}]
 *	administration		{function: permission}
 *
 * What has a default may be left out, or be null: title (the key, the role's
 * name), rank (the place in the list), subject (staff), locked and single
 * (false), lists and objects (empty), everything that may be unknown (null).
 * A cell must say whether it is enabled.
 *
 * The functions turn JIT off: the planner cannot know how short a JSON list
 * is, and would compile for a second what runs for some milliseconds.
 */

CREATE FUNCTION ambit._template_shape_errors(model jsonb) RETURNS TABLE (path text, error text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	_features jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'features') = 'object' THEN model->'features' ELSE '{}' END;
	_scopes jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'scopes') = 'object' THEN model->'scopes' ELSE '{}' END;
	_permissions jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'permissions') = 'array' THEN model->'permissions' ELSE '[]' END;
	_roles jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'roles') = 'array' THEN model->'roles' ELSE '[]' END;
	_cells jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'cells') = 'array' THEN model->'cells' ELSE '[]' END;
	_administration jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'administration') = 'object' THEN model->'administration' ELSE '{}' END;
	_window record;
BEGIN
	IF pg_catalog.jsonb_typeof(model) <> 'object' THEN
		RETURN QUERY SELECT 'model', 'must be an object';
		RETURN;
	END IF;
	RETURN QUERY
	WITH shape (kind, member, type, required) AS (VALUES
		('model', 'template', 'name', true),
		('model', 'title', 'text', false),
		('model', 'visitor_role', 'name', false),
		('model', 'clients_permission', 'name', false),
		('model', 'features', 'object', false),
		('model', 'scopes', 'object', false),
		('model', 'permissions', 'list', false),
		('model', 'roles', 'list', false),
		('model', 'cells', 'list', false),
		('model', 'administration', 'object', false),
		('feature', 'title', 'text', false),
		('feature', 'source', 'text', false),
		('scope', 'relationship', 'name', true),
		('scope', 'subject', 'subject', false),
		('scope', 'back', 'text', false),
		('scope', 'ahead', 'text', false),
		('scope', 'source', 'text', false),
		('permission', 'key', 'name', true),
		('permission', 'title', 'text', false),
		('permission', 'source', 'text', false),
		('role', 'role', 'name', true),
		('role', 'title', 'text', false),
		('role', 'rank', 'integer', false),
		('role', 'inherits', 'names', false),
		('role', 'single', 'boolean', false),
		('cell', 'role', 'name', true),
		('cell', 'permission', 'name', true),
		('cell', 'enabled', 'boolean', true),
		('cell', 'locked', 'boolean', false),
		('cell', 'requires', 'names', false),
		('cell', 'entries', 'list', false),
		('cell', 'source', 'text', false),
		('entry', 'scope', 'name', true),
		('entry', 'requires', 'names', false),
		('entry', 'feature', 'name', false),
		('entry', 'channels', 'names', false),
		('entry', 'targets', 'names', false)
	),
	cell AS MATERIALIZED (
		SELECT pg_catalog.format('cells[%s]', c.n - 1) AS path, c.value
		FROM pg_catalog.jsonb_array_elements(_cells) WITH ORDINALITY c (value, n)
	),
	node (kind, path, value) AS MATERIALIZED (
		SELECT 'model', NULL, model
		UNION ALL
		SELECT 'feature', 'features.' || f.key, f.value FROM pg_catalog.jsonb_each(_features) f
		UNION ALL
		SELECT 'scope', 'scopes.' || s.key, s.value FROM pg_catalog.jsonb_each(_scopes) s
		UNION ALL
		SELECT 'permission', pg_catalog.format('permissions[%s]', p.n - 1), p.value
		FROM pg_catalog.jsonb_array_elements(_permissions) WITH ORDINALITY p (value, n)
		UNION ALL
		SELECT 'role', pg_catalog.format('roles[%s]', r.n - 1), r.value
		FROM pg_catalog.jsonb_array_elements(_roles) WITH ORDINALITY r (value, n)
		UNION ALL
		SELECT 'cell', c.path, c.value FROM cell c
		UNION ALL
		SELECT 'entry', pg_catalog.format('%s.entries[%s]', c.path, e.n - 1), e.value
		FROM cell c
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(
			CASE WHEN pg_catalog.jsonb_typeof(c.value->'entries') = 'array' THEN c.value->'entries' ELSE '[]' END) WITH ORDINALITY e (value, n)
	),
	member (kind, path, member, value, type) AS MATERIALIZED (
		SELECT n.kind, pg_catalog.concat_ws('.', n.path, m.key), m.key, m.value, pg_catalog.jsonb_typeof(m.value)
		FROM node n
		CROSS JOIN LATERAL pg_catalog.jsonb_each(
			CASE WHEN pg_catalog.jsonb_typeof(n.value) = 'object' THEN n.value ELSE '{}' END) m
	)
	SELECT n.path, 'must be an object'
	FROM node n
	WHERE pg_catalog.jsonb_typeof(n.value) <> 'object'
	UNION ALL
	SELECT pg_catalog.concat_ws('.', n.path, s.member), 'is missing'
	FROM node n
	JOIN shape s ON s.kind = n.kind AND s.required
	WHERE pg_catalog.jsonb_typeof(n.value) = 'object' AND COALESCE(pg_catalog.jsonb_typeof(n.value->s.member), 'null') = 'null'
	UNION ALL
	SELECT m.path, 'is unknown'
	FROM member m
	LEFT JOIN shape s ON s.kind = m.kind AND s.member = m.member
	WHERE s.member IS NULL
	UNION ALL
	SELECT m.path, CASE s.type
		WHEN 'name' THEN 'must be a text that is not empty'
		WHEN 'text' THEN 'must be a text'
		WHEN 'subject' THEN 'must be "staff" or "client"'
		WHEN 'boolean' THEN 'must be true or false'
		WHEN 'integer' THEN 'must be an integer'
		WHEN 'names' THEN 'must be a list of texts that are not empty'
		WHEN 'list' THEN 'must be a list'
		ELSE 'must be an object' END
	FROM member m
	JOIN shape s ON s.kind = m.kind AND s.member = m.member
	WHERE m.type <> 'null' AND NOT CASE s.type
		WHEN 'name' THEN m.type = 'string' AND m.value <> '""'
		WHEN 'text' THEN m.type = 'string'
		WHEN 'subject' THEN m.value IN ('"staff"', '"client"')
		WHEN 'boolean' THEN m.type = 'boolean'
		WHEN 'integer' THEN CASE WHEN m.type = 'number' THEN m.value::numeric % 1 = 0 AND pg_catalog.abs(m.value::numeric) < 2147483648 ELSE false END
		WHEN 'names' THEN CASE WHEN m.type = 'array' THEN NOT EXISTS (
				SELECT FROM pg_catalog.jsonb_array_elements(m.value) e
				WHERE pg_catalog.jsonb_typeof(e) <> 'string' OR e = '""') ELSE false END
		WHEN 'list' THEN m.type = 'array'
		ELSE m.type = 'object' END
	UNION ALL
	SELECT 'administration.' || a.key, 'must be a text that is not empty'
	FROM pg_catalog.jsonb_each(_administration) a
	WHERE pg_catalog.jsonb_typeof(a.value) <> 'string' OR a.value = '""';

	/* an interval shows only by being read whether it is one */
	FOR _window IN
		SELECT pg_catalog.format('scopes.%s.%s', s.key, m.key) AS path, m.value
		FROM pg_catalog.jsonb_each(_scopes) s
		CROSS JOIN LATERAL pg_catalog.jsonb_each_text(CASE WHEN pg_catalog.jsonb_typeof(s.value) = 'object' THEN s.value ELSE '{}' END) m
		WHERE m.key IN ('back', 'ahead') AND pg_catalog.jsonb_typeof(s.value->m.key) = 'string'
	LOOP
		BEGIN
			IF _window.value::interval BETWEEN '0' AND '1000 years' THEN
				CONTINUE;
			END IF;
		EXCEPTION WHEN data_exception THEN
			NULL;
		END;
		RETURN QUERY SELECT _window.path, 'must be an interval from 0 to 1000 years';
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._template_shape_errors(jsonb) IS 'What is wrong with the form of a model: members that are unknown, missing or of another type, each with the path of the value.';
REVOKE EXECUTE ON FUNCTION ambit._template_shape_errors(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._missing(what text, name text, candidates text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pg_catalog.format('%s "%s" does not exist', _missing.what, _missing.name)
		|| COALESCE(' (perhaps you meant "' || ambit._nearest(_missing.name, _missing.candidates) || '")', '')
$$;
COMMENT ON FUNCTION ambit._missing(text, text, text[]) IS 'The words for a name that a model does not define, with the nearest of the candidates.';
REVOKE EXECUTE ON FUNCTION ambit._missing(text, text, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._template_errors(model jsonb) RETURNS TABLE (path text, error text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	_permissions jsonb := COALESCE(NULLIF(model->'permissions', 'null'), '[]');
	_roles jsonb := COALESCE(NULLIF(model->'roles', 'null'), '[]');
	_cells jsonb := COALESCE(NULLIF(model->'cells', 'null'), '[]');
	_key_names text[];
	_role_names text[];
	_scope_names text[];
	_feature_names text[];
BEGIN
	RETURN QUERY SELECT e.path, e.error FROM ambit._template_shape_errors(model) e;
	IF FOUND THEN
		RETURN;
	END IF;

	_key_names := ARRAY(SELECT p->>'key' FROM pg_catalog.jsonb_array_elements(_permissions) p);
	_role_names := ARRAY(SELECT r->>'role' FROM pg_catalog.jsonb_array_elements(_roles) r);
	_scope_names := '{all,own,self,team,assignee}'::text[]
		|| ARRAY(SELECT pg_catalog.jsonb_object_keys(COALESCE(NULLIF(model->'scopes', 'null'), '{}')));
	_feature_names := ARRAY(SELECT pg_catalog.jsonb_object_keys(COALESCE(NULLIF(model->'features', 'null'), '{}')));

	RETURN QUERY
	WITH RECURSIVE
	permission AS MATERIALIZED (
		SELECT pg_catalog.format('permissions[%s].key', p.n - 1) AS path, p.value->>'key' AS key,
			pg_catalog.row_number() OVER (PARTITION BY p.value->>'key' ORDER BY p.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_permissions) WITH ORDINALITY p (value, n)
	),
	role AS MATERIALIZED (
		SELECT pg_catalog.format('roles[%s]', r.n - 1) AS path, r.value->>'role' AS role, r.value->'inherits' AS inherits,
			pg_catalog.row_number() OVER (PARTITION BY r.value->>'role' ORDER BY r.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_roles) WITH ORDINALITY r (value, n)
	),
	inherit AS MATERIALIZED (
		SELECT pg_catalog.format('%s.inherits[%s]', r.path, i.n - 1) AS path, r.role, i.value AS inherits
		FROM role r
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(r.inherits, 'null'), '[]')) WITH ORDINALITY i (value, n)
	),
	reach (path, role, inherits) AS (
		SELECT i.path, i.role, i.inherits FROM inherit i
		UNION
		SELECT r.path, r.role, i.inherits FROM reach r JOIN inherit i ON i.role = r.inherits
	),
	cell AS MATERIALIZED (
		SELECT pg_catalog.format('cells[%s]', c.n - 1) AS path, c.value->>'role' AS role, c.value->>'permission' AS permission,
			c.value->'requires' AS requires, c.value->'entries' AS entries,
			pg_catalog.row_number() OVER (PARTITION BY c.value->>'role', c.value->>'permission' ORDER BY c.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_cells) WITH ORDINALITY c (value, n)
	),
	entry AS MATERIALIZED (
		SELECT pg_catalog.format('%s.entries[%s]', c.path, e.n - 1) AS path, e.value
		FROM cell c
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(COALESCE(NULLIF(c.entries, 'null'), '[]')) WITH ORDINALITY e (value, n)
	),
	-- every place that names something defined elsewhere
	use (path, what, name, names) AS (
		SELECT 'visitor_role', 'role', model->>'visitor_role', _role_names
		UNION ALL
		SELECT 'clients_permission', 'permission', model->>'clients_permission', _key_names
		UNION ALL
		SELECT 'administration.' || a.key, 'permission', a.value, _key_names
		FROM pg_catalog.jsonb_each_text(COALESCE(NULLIF(model->'administration', 'null'), '{}')) a
		UNION ALL
		SELECT i.path, 'role', i.inherits, _role_names FROM inherit i
		UNION ALL
		SELECT c.path || '.role', 'role', c.role, _role_names FROM cell c
		UNION ALL
		SELECT c.path || '.permission', 'permission', c.permission, _key_names FROM cell c
		UNION ALL
		SELECT pg_catalog.format('%s.requires[%s]', c.path, r.n - 1), 'permission', r.value, _key_names
		FROM cell c
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(c.requires, 'null'), '[]')) WITH ORDINALITY r (value, n)
		UNION ALL
		SELECT e.path || '.scope', 'scope', e.value->>'scope', _scope_names FROM entry e
		UNION ALL
		SELECT e.path || '.feature', 'feature', e.value->>'feature', _feature_names FROM entry e
		UNION ALL
		SELECT pg_catalog.format('%s.requires[%s]', e.path, r.n - 1), 'permission', r.value, _key_names
		FROM entry e
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(e.value->'requires', 'null'), '[]')) WITH ORDINALITY r (value, n)
		UNION ALL
		SELECT pg_catalog.format('%s.targets[%s]', e.path, t.n - 1), 'role', t.value, _role_names
		FROM entry e
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(e.value->'targets', 'null'), '[]')) WITH ORDINALITY t (value, n)
	)
	SELECT p.path, 'is no permission key: 2 to 8 parts of a-z, 0-9 and _, joined by dots, at most 190 bytes'
	FROM permission p
	WHERE p.key !~ '^[a-z0-9_]+(\.[a-z0-9_]+){1,7}$' OR pg_catalog.octet_length(p.key) > 190
	UNION ALL
	SELECT p.path, pg_catalog.format('permission "%s" is given twice', p.key) FROM permission p WHERE p.nth > 1
	UNION ALL
	SELECT r.path || '.role', pg_catalog.format('role "%s" is given twice', r.role) FROM role r WHERE r.nth > 1
	UNION ALL
	SELECT r.path, pg_catalog.format('role "%s" inherits itself', r.role) FROM reach r WHERE r.role = r.inherits
	UNION ALL
	SELECT 'scopes.' || s.key, pg_catalog.format('scope "%s" is one of ambit''s own', s.key)
	FROM pg_catalog.jsonb_object_keys(COALESCE(NULLIF(model->'scopes', 'null'), '{}')) s (key)
	WHERE s.key IN ('all', 'own', 'self', 'team', 'assignee')
	UNION ALL
	SELECT 'scopes', 'a scope needs a name'
	WHERE '' = ANY (_scope_names)
	UNION ALL
	SELECT 'features', 'a feature needs a name'
	WHERE '' = ANY (_feature_names)
	UNION ALL
	SELECT c.path, pg_catalog.format('the cell of role "%s" and permission "%s" is given twice', c.role, c.permission)
	FROM cell c WHERE c.nth > 1
	UNION ALL
	SELECT u.path, ambit._missing(u.what, u.name, u.names)
	FROM use u
	WHERE u.name IS NOT NULL AND u.name <> ALL (u.names);
END
$$;
COMMENT ON FUNCTION ambit._template_errors(jsonb) IS 'All that is wrong with a model, each with the path of the value, like cells[12].entries[0].scope. No row: it can be loaded. The form comes first; what the names mean is looked at only where the form is right.';
REVOKE EXECUTE ON FUNCTION ambit._template_errors(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._permissions(keys jsonb) RETURNS ambit.permission[]
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT ARRAY(
		SELECT k.value::ambit.permission
		FROM pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(_permissions.keys, 'null'), '[]')) WITH ORDINALITY k (value, n)
		ORDER BY k.n)
$$;
COMMENT ON FUNCTION ambit._permissions(jsonb) IS 'A JSON list of permission keys as an array; NULL and null are empty.';
REVOKE EXECUTE ON FUNCTION ambit._permissions(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._load_template(model jsonb, shipped boolean) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	_template text COLLATE "C";
	_permissions jsonb := COALESCE(NULLIF(model->'permissions', 'null'), '[]');
	_roles jsonb := COALESCE(NULLIF(model->'roles', 'null'), '[]');
	_cells jsonb := COALESCE(NULLIF(model->'cells', 'null'), '[]');
	_clients ambit.permission;
	_errors text[];
	_key text;
BEGIN
	IF model IS NULL OR shipped IS NULL THEN
		PERFORM ambit._fail('22004', pg_catalog.format('%s must not be null', CASE WHEN model IS NULL THEN 'model' ELSE 'shipped' END));
	END IF;
	_errors := ARRAY(
		SELECT e.path || ': ' || e.error
		FROM ambit._template_errors(model) e
		ORDER BY pg_catalog.split_part(e.path, '[', 1) COLLATE "C",
			pg_catalog.substring(e.path, '\[([0-9]+)\]')::integer, e.path COLLATE "C", e.error COLLATE "C");
	IF pg_catalog.cardinality(_errors) > 0 THEN
		PERFORM ambit._fail('22023', 'template is not valid: ' || _errors[1],
			CASE WHEN pg_catalog.cardinality(_errors) > 1 THEN pg_catalog.format('%s values are wrong:', pg_catalog.cardinality(_errors))
				|| E'\n' || pg_catalog.array_to_string(_errors[:20], E'\n')
				|| CASE WHEN pg_catalog.cardinality(_errors) > 20 THEN E'\n...' ELSE '' END END);
	END IF;
	_template := model->>'template';

	FOR _key IN
		SELECT p.value->>'key'
		FROM pg_catalog.jsonb_array_elements(_permissions) WITH ORDINALITY p (value, n)
		WHERE NOT EXISTS (SELECT FROM ambit.permission_key k WHERE k.key = p.value->>'key' COLLATE "C")
		ORDER BY p.n
	LOOP
		PERFORM ambit._register_permission(_key);
	END LOOP;
	_clients := (model->>'clients_permission')::ambit.permission;

	/* the row stays, since tenants follow it; whoever loads the same one waits here */
	LOOP
		UPDATE ambit.template t
		SET title = model->>'title', visitor_role = model->>'visitor_role', clients_permission = _clients, shipped = _load_template.shipped
		WHERE t.template = _template;
		IF FOUND THEN
			DELETE FROM ambit.template_administration a WHERE a.template = _template;
			DELETE FROM ambit.template_cell c WHERE c.template = _template;
			DELETE FROM ambit.template_role r WHERE r.template = _template;
			DELETE FROM ambit.template_scope s WHERE s.template = _template;
			DELETE FROM ambit.template_feature f WHERE f.template = _template;
			DELETE FROM ambit.template_permission p WHERE p.template = _template;
			EXIT;
		END IF;
		INSERT INTO ambit.template (template, title, visitor_role, clients_permission, shipped)
		VALUES (_template, model->>'title', model->>'visitor_role', _clients, _load_template.shipped)
		ON CONFLICT DO NOTHING;
		EXIT WHEN FOUND;
	END LOOP;

	INSERT INTO ambit.template_permission (template, permission, title, source)
	SELECT _template, (p->>'key')::ambit.permission, COALESCE(p->>'title', p->>'key'), p->>'source'
	FROM pg_catalog.jsonb_array_elements(_permissions) p;

	INSERT INTO ambit.template_role (template, role, title, rank, single)
	SELECT _template, r.value->>'role', COALESCE(r.value->>'title', r.value->>'role'),
		COALESCE((r.value->>'rank')::numeric::integer, r.n::integer), COALESCE((r.value->>'single')::boolean, false)
	FROM pg_catalog.jsonb_array_elements(_roles) WITH ORDINALITY r (value, n);

	INSERT INTO ambit.template_inherit (template, role, inherits)
	SELECT DISTINCT _template, r->>'role', i.value
	FROM pg_catalog.jsonb_array_elements(_roles) r
	CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(r->'inherits', 'null'), '[]')) i (value);

	INSERT INTO ambit.template_feature (template, feature, title, source)
	SELECT _template, f.key, f.value->>'title', f.value->>'source'
	FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'features', 'null'), '{}')) f;

	INSERT INTO ambit.template_scope (template, scope, relationship, subject, back, ahead, source)
	SELECT _template, s.key, s.value->>'relationship', COALESCE(s.value->>'subject', 'staff'),
		(s.value->>'back')::interval, (s.value->>'ahead')::interval, s.value->>'source'
	FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'scopes', 'null'), '{}')) s;

	INSERT INTO ambit.template_cell (template, role, permission, enabled, locked, requires, source)
	SELECT _template, c->>'role', (c->>'permission')::ambit.permission, (c->>'enabled')::boolean,
		COALESCE((c->>'locked')::boolean, false),
		CASE WHEN pg_catalog.jsonb_array_length(NULLIF(c->'requires', 'null')) > 0 THEN ambit._permissions(c->'requires') ELSE '{}' END,
		c->>'source'
	FROM pg_catalog.jsonb_array_elements(_cells) c;

	INSERT INTO ambit.template_entry (template, role, permission, ordinal, scope, requires, feature, channels, targets)
	SELECT _template, c->>'role', (c->>'permission')::ambit.permission, e.n, e.value->>'scope',
		CASE WHEN pg_catalog.jsonb_array_length(NULLIF(e.value->'requires', 'null')) > 0 THEN ambit._permissions(e.value->'requires') ELSE '{}' END,
		e.value->>'feature',
		CASE WHEN pg_catalog.jsonb_typeof(e.value->'channels') = 'array' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(e.value->'channels')) END,
		CASE WHEN pg_catalog.jsonb_typeof(e.value->'targets') = 'array' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(e.value->'targets')) END
	FROM pg_catalog.jsonb_array_elements(_cells) c
	CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(COALESCE(NULLIF(c->'entries', 'null'), '[]')) WITH ORDINALITY e (value, n);

	INSERT INTO ambit.template_administration (template, function, permission)
	SELECT _template, a.key, a.value::ambit.permission
	FROM pg_catalog.jsonb_each_text(COALESCE(NULLIF(model->'administration', 'null'), '{}')) a;

	RETURN _template;
END
$$;
COMMENT ON FUNCTION ambit._load_template(jsonb, boolean) IS 'Loads a model, in the place of the template of that name if there is one, whose tenants follow it from then on; permission keys that are new become known. shipped: it comes with ambit, dumps leave it out. Returns the template''s name. Errors: 22023 the model is not valid (the message has the path of the first value that is wrong, the detail lists them, twenty at most), 22004 NULL argument.';
REVOKE EXECUTE ON FUNCTION ambit._load_template(jsonb, boolean) FROM PUBLIC;
