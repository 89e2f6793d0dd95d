/* ---- template_check: what is wrong with a model -------------------------
 *
 * A model is looked at whole before anything is changed, and all that is
 * wrong is told at once, each error with the path of the value.  What the
 * names mean is looked at wherever the form is right, so that a slip in one
 * place hides no other.  The format is described in template.sql.
 *
 * Names are of 255 bytes at most: longer ones get no hint when mistyped, and
 * three of them together must fit into a row of an index.  A role's chain of
 * inheritance is followed by recursion, and the entries of a cell are compared
 * with each other, so both have a limit.
 */

CREATE FUNCTION ambit._administrative_functions() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT '{add_location,move_location,drop_location,add_group,drop_group,add_to_group,remove_from_group,
		add_member,remove_member,assign_role,revoke_role,change_role,create_role,drop_role,set_role_module,
		set_role_permission,set_member_permission,set_feature,set_field_visible,set_label,matrix,effective_permissions}'::text[]
$$;
COMMENT ON FUNCTION ambit._administrative_functions() IS 'The functions that a template may give to the holders of a permission. All others are the DBA''s alone.';
REVOKE EXECUTE ON FUNCTION ambit._administrative_functions() FROM PUBLIC;

CREATE FUNCTION ambit._template_shape_errors(model jsonb) RETURNS TABLE (path text, error text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off SET intervalstyle = postgres
AS $$
DECLARE
	_terms jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'terms') = 'object' THEN model->'terms' ELSE '{}' END;
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
		('model', 'terms', 'object', false),
		('model', 'features', 'object', false),
		('model', 'scopes', 'object', false),
		('model', 'permissions', 'list', false),
		('model', 'roles', 'list', false),
		('model', 'cells', 'list', false),
		('model', 'administration', 'object', false),
		('model', 'only_targets', 'names', false),
		('model', 'marked_fields', 'names', false),
		('term', 'title', 'name', true),
		('term', 'source', 'text', false),
		('feature', 'title', 'text', false),
		('feature', 'source', 'text', false),
		('scope', 'relationship', 'relationship', true),
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
		('cell', 'level', 'boolean', false),
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
		SELECT 'term', 'terms.' || t.key, t.value FROM pg_catalog.jsonb_each(_terms) t
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
		WHEN 'name' THEN 'must be a text of 1 to 255 bytes'
		WHEN 'text' THEN 'must be a text'
		WHEN 'relationship' THEN 'must be the name of a relationship: at most 40 of a-z, 0-9 and _, a letter first'
		WHEN 'subject' THEN 'must be "staff" or "client"'
		WHEN 'boolean' THEN 'must be true or false'
		WHEN 'integer' THEN 'must be an integer'
		WHEN 'names' THEN 'must be a list of texts of 1 to 255 bytes'
		WHEN 'list' THEN 'must be a list'
		ELSE 'must be an object' END
	FROM member m
	JOIN shape s ON s.kind = m.kind AND s.member = m.member
	WHERE m.type <> 'null' AND NOT CASE s.type
		WHEN 'name' THEN m.type = 'string' AND pg_catalog.octet_length(m.value #>> '{}') BETWEEN 1 AND 255
		WHEN 'text' THEN m.type = 'string'
		WHEN 'relationship' THEN m.type = 'string' AND m.value #>> '{}' ~ '^[a-z][a-z0-9_]{0,39}$'
		WHEN 'subject' THEN m.value IN ('"staff"', '"client"')
		WHEN 'boolean' THEN m.type = 'boolean'
		WHEN 'integer' THEN CASE WHEN m.type = 'number' THEN m.value::numeric % 1 = 0 AND pg_catalog.abs(m.value::numeric) < 2147483648 ELSE false END
		WHEN 'names' THEN CASE WHEN m.type = 'array' THEN NOT EXISTS (
				SELECT FROM pg_catalog.jsonb_array_elements(m.value) e
				WHERE pg_catalog.jsonb_typeof(e) <> 'string' OR pg_catalog.octet_length(e #>> '{}') NOT BETWEEN 1 AND 255) ELSE false END
		WHEN 'list' THEN m.type = 'array'
		ELSE m.type = 'object' END
	UNION ALL
	SELECT 'administration.' || a.key, 'must be a text of 1 to 255 bytes'
	FROM pg_catalog.jsonb_each(_administration) a
	WHERE pg_catalog.jsonb_typeof(a.value) <> 'string' OR pg_catalog.octet_length(a.value #>> '{}') NOT BETWEEN 1 AND 255
	UNION ALL
	SELECT CASE WHEN o.key = '' THEN o.member ELSE o.member || '.' || o.key END, 'a name must be of 1 to 255 bytes'
	FROM (
		SELECT 'terms', pg_catalog.jsonb_object_keys(_terms)
		UNION ALL
		SELECT 'features', pg_catalog.jsonb_object_keys(_features)
		UNION ALL
		SELECT 'scopes', pg_catalog.jsonb_object_keys(_scopes)) o (member, key)
	WHERE pg_catalog.octet_length(o.key) NOT BETWEEN 1 AND 255
	UNION ALL
	SELECT 'permissions', 'are more than 10000'
	WHERE pg_catalog.jsonb_array_length(_permissions) > 10000
	UNION ALL
	SELECT 'roles', 'are more than 1000'
	WHERE pg_catalog.jsonb_array_length(_roles) > 1000
	UNION ALL
	SELECT c.path || '.entries', 'are more than 100'
	FROM cell c
	WHERE CASE WHEN pg_catalog.jsonb_typeof(c.value->'entries') = 'array' THEN pg_catalog.jsonb_array_length(c.value->'entries') > 100 END;

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
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	_permissions jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'permissions') = 'array' THEN model->'permissions' ELSE '[]' END;
	_roles jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'roles') = 'array' THEN model->'roles' ELSE '[]' END;
	_cells jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'cells') = 'array' THEN model->'cells' ELSE '[]' END;
	_terms jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'terms') = 'object' THEN model->'terms' ELSE '{}' END;
	_features jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'features') = 'object' THEN model->'features' ELSE '{}' END;
	_scopes jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'scopes') = 'object' THEN model->'scopes' ELSE '{}' END;
	_administration jsonb := CASE WHEN pg_catalog.jsonb_typeof(model->'administration') = 'object' THEN model->'administration' ELSE '{}' END;
	_key_names text[];
	_role_names text[];
	_scope_names text[];
	_feature_names text[];
BEGIN
	RETURN QUERY SELECT e.path, e.error FROM ambit._template_shape_errors(model) e;
	IF pg_catalog.jsonb_typeof(model) <> 'object' THEN
		RETURN;
	END IF;

	_key_names := ARRAY(SELECT p->>'key' FROM pg_catalog.jsonb_array_elements(_permissions) p WHERE pg_catalog.jsonb_typeof(p->'key') = 'string');
	_role_names := ARRAY(SELECT r->>'role' FROM pg_catalog.jsonb_array_elements(_roles) r WHERE pg_catalog.jsonb_typeof(r->'role') = 'string');
	_scope_names := '{all,own,self,team,assignee}'::text[] || ARRAY(SELECT pg_catalog.jsonb_object_keys(_scopes));
	_feature_names := ARRAY(SELECT pg_catalog.jsonb_object_keys(_features));

	RETURN QUERY
	WITH RECURSIVE
	permission AS MATERIALIZED (
		SELECT pg_catalog.format('permissions[%s].key', p.n - 1) AS path, p.value->>'key' AS key,
			pg_catalog.row_number() OVER (PARTITION BY p.value->>'key' ORDER BY p.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_permissions) WITH ORDINALITY p (value, n)
		WHERE pg_catalog.jsonb_typeof(p.value->'key') = 'string' AND p.value->>'key' <> ''
	),
	role AS MATERIALIZED (
		SELECT pg_catalog.format('roles[%s]', r.n - 1) AS path, r.value->>'role' AS role, r.value->'single' AS single,
			CASE WHEN pg_catalog.jsonb_typeof(r.value->'inherits') = 'array' THEN r.value->'inherits' ELSE '[]' END AS inherits,
			pg_catalog.row_number() OVER (PARTITION BY r.value->>'role' ORDER BY r.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_roles) WITH ORDINALITY r (value, n)
		WHERE pg_catalog.jsonb_typeof(r.value->'role') = 'string' AND r.value->>'role' <> ''
	),
	inherit AS MATERIALIZED (
		SELECT pg_catalog.format('%s.inherits[%s]', r.path, i.n - 1) AS path, r.role, i.value #>> '{}' AS inherits
		FROM role r
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.inherits) WITH ORDINALITY i (value, n)
		WHERE pg_catalog.jsonb_typeof(i.value) = 'string' AND i.value <> '""'
	),
	reach (path, role, inherits) AS (
		SELECT i.path, i.role, i.inherits FROM inherit i
		UNION
		SELECT r.path, r.role, i.inherits FROM reach r JOIN inherit i ON i.role = r.inherits
	),
	cell AS MATERIALIZED (
		SELECT pg_catalog.format('cells[%s]', c.n - 1) AS path, c.value->'enabled' AS enabled,
			CASE WHEN pg_catalog.jsonb_typeof(c.value->'role') = 'string' THEN NULLIF(c.value->>'role', '') END AS role,
			CASE WHEN pg_catalog.jsonb_typeof(c.value->'permission') = 'string' THEN NULLIF(c.value->>'permission', '') END AS permission,
			CASE WHEN pg_catalog.jsonb_typeof(c.value->'requires') = 'array' THEN c.value->'requires' ELSE '[]' END AS requires,
			CASE WHEN pg_catalog.jsonb_typeof(c.value->'entries') = 'array' THEN c.value->'entries'
				WHEN COALESCE(pg_catalog.jsonb_typeof(c.value->'entries'), 'null') = 'null' THEN '[]' END AS entries,
			pg_catalog.row_number() OVER (PARTITION BY c.value->'role', c.value->'permission' ORDER BY c.n) AS nth
		FROM pg_catalog.jsonb_array_elements(_cells) WITH ORDINALITY c (value, n)
		WHERE pg_catalog.jsonb_typeof(c.value) = 'object'
	),
	entry AS MATERIALIZED (
		SELECT pg_catalog.format('%s.entries[%s]', c.path, e.n - 1) AS path, e.value, c.path AS cell
		FROM cell c
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(c.entries) WITH ORDINALITY e (value, n)
	),
	required AS MATERIALIZED (
		SELECT pg_catalog.format('%s.requires[%s]', r.path, q.n - 1) AS path, r.cell, q.value #>> '{}' AS requires
		FROM (
			SELECT c.path, c.path, c.requires FROM cell c WHERE c.requires <> '[]'
			UNION ALL
			SELECT e.path, e.cell, e.value->'requires' FROM entry e WHERE pg_catalog.jsonb_typeof(e.value->'requires') = 'array') r (path, cell, requires)
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.requires) WITH ORDINALITY q (value, n)
		WHERE pg_catalog.jsonb_typeof(q.value) = 'string' AND q.value <> '""'
	),
	-- what a permission requires in a role, by the cells of the role and of those that it inherits: what
	-- the cell requires, or each of its entries
	edge AS MATERIALIZED (
		SELECT o.role, c.path, c.role AS cell_role, c.permission, r.requires
		FROM required r
		JOIN cell c ON c.path = r.cell AND (c.requires @> pg_catalog.to_jsonb(r.requires) OR NOT EXISTS (
			SELECT FROM entry e
			WHERE e.cell = c.path AND COALESCE(e.value->'requires' @> pg_catalog.to_jsonb(r.requires), false) IS FALSE))
		JOIN (
			SELECT r.role, r.role FROM role r
			UNION
			SELECT r.role, r.inherits FROM reach r) o (role, has) ON o.has = c.role
		WHERE c.permission IS NOT NULL
	),
	walk (role, permission, requires) AS (
		SELECT e.role, e.permission, e.requires FROM edge e
		UNION
		SELECT w.role, w.permission, e.requires FROM walk w JOIN edge e ON e.role = w.role AND e.permission = w.requires
	),
	-- every place that names something defined elsewhere
	use (path, what, name, names) AS (
		SELECT 'visitor_role', 'role', CASE WHEN pg_catalog.jsonb_typeof(model->'visitor_role') = 'string' THEN NULLIF(model->>'visitor_role', '') END, _role_names
		UNION ALL
		SELECT 'clients_permission', 'permission',
			CASE WHEN pg_catalog.jsonb_typeof(model->'clients_permission') = 'string' THEN NULLIF(model->>'clients_permission', '') END, _key_names
		UNION ALL
		SELECT 'administration.' || a.key, 'permission', a.value #>> '{}', _key_names
		FROM pg_catalog.jsonb_each(_administration) a
		WHERE pg_catalog.jsonb_typeof(a.value) = 'string' AND a.value <> '""'
		UNION ALL
		SELECT 'administration.' || a.key, 'administrative function', a.key, ambit._administrative_functions()
		FROM pg_catalog.jsonb_object_keys(_administration) a (key)
		UNION ALL
		SELECT pg_catalog.format('only_targets[%s]', o.n - 1), 'function of administration that gives roles', o.value #>> '{}',
			ARRAY(SELECT a.key FROM pg_catalog.jsonb_object_keys(_administration) a (key) WHERE a.key IN ('assign_role', 'change_role'))
		FROM pg_catalog.jsonb_array_elements(
			CASE WHEN pg_catalog.jsonb_typeof(model->'only_targets') = 'array' THEN model->'only_targets' ELSE '[]' END) WITH ORDINALITY o (value, n)
		WHERE pg_catalog.jsonb_typeof(o.value) = 'string' AND o.value <> '""'
		UNION ALL
		SELECT pg_catalog.format('marked_fields[%s]', f.n - 1), 'permission', f.value #>> '{}', _key_names
		FROM pg_catalog.jsonb_array_elements(
			CASE WHEN pg_catalog.jsonb_typeof(model->'marked_fields') = 'array' THEN model->'marked_fields' ELSE '[]' END) WITH ORDINALITY f (value, n)
		WHERE pg_catalog.jsonb_typeof(f.value) = 'string' AND f.value <> '""'
		UNION ALL
		SELECT i.path, 'role', i.inherits, _role_names FROM inherit i
		UNION ALL
		SELECT c.path || '.role', 'role', c.role, _role_names FROM cell c
		UNION ALL
		SELECT c.path || '.permission', 'permission', c.permission, _key_names FROM cell c
		UNION ALL
		SELECT r.path, 'permission', r.requires, _key_names FROM required r
		UNION ALL
		SELECT e.path || '.scope', 'scope', e.value->>'scope', _scope_names FROM entry e
		WHERE pg_catalog.jsonb_typeof(e.value->'scope') = 'string' AND e.value->>'scope' <> ''
		UNION ALL
		SELECT e.path || '.feature', 'feature', e.value->>'feature', _feature_names FROM entry e
		WHERE pg_catalog.jsonb_typeof(e.value->'feature') = 'string' AND e.value->>'feature' <> ''
		UNION ALL
		SELECT pg_catalog.format('%s.%s[%s]', e.path, l.member, t.n - 1), l.what, t.value #>> '{}', l.names
		FROM entry e
		CROSS JOIN (VALUES ('targets', 'role', _role_names), ('channels', 'channel', '{web,mobile}'::text[])) l (member, what, names)
		CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(
			CASE WHEN pg_catalog.jsonb_typeof(e.value->l.member) = 'array' THEN e.value->l.member ELSE '[]' END) WITH ORDINALITY t (value, n)
		WHERE pg_catalog.jsonb_typeof(t.value) = 'string' AND t.value <> '""'
	)
	SELECT p.path, 'is no permission key: 2 to 8 parts of a-z, 0-9 and _, joined by dots, at most 190 bytes'
	FROM permission p
	WHERE p.key !~ '^[a-z0-9_]+([.][a-z0-9_]+){1,7}$' OR pg_catalog.octet_length(p.key) > 190
	UNION ALL
	SELECT p.path, pg_catalog.format('permission "%s" is given twice', p.key) FROM permission p WHERE p.nth > 1
	UNION ALL
	SELECT r.path || '.role', pg_catalog.format('role "%s" is given twice', r.role) FROM role r WHERE r.nth > 1
	UNION ALL
	SELECT r.path || '.role', 'no role can be named "no_access": it is what a module of a custom role has that brings nothing'
	FROM role r WHERE r.role = 'no_access'
	UNION ALL
	SELECT r.path, pg_catalog.format('role "%s" inherits itself', r.role) FROM reach r WHERE r.role = r.inherits
	UNION ALL
	SELECT 'visitor_role', pg_catalog.format('role "%s" is single, and cannot be the role of all visitors', r.role)
	FROM role r
	WHERE model->'visitor_role' = pg_catalog.to_jsonb(r.role) AND r.single = 'true'
	UNION ALL
	SELECT 'scopes.' || s.key, pg_catalog.format('scope "%s" is one of ambit''s own', s.key)
	FROM pg_catalog.jsonb_object_keys(_scopes) s (key)
	WHERE s.key IN ('all', 'own', 'self', 'team', 'assignee')
	UNION ALL
	SELECT pg_catalog.format('terms.%s.title', t.key), pg_catalog.format('term "%s" has the same title', t.first)
	FROM (
		SELECT t.key, pg_catalog.first_value(t.key) OVER (PARTITION BY pg_catalog.lower(t.value->>'title') ORDER BY t.key COLLATE "C") AS first
		FROM pg_catalog.jsonb_each(_terms) t
		WHERE pg_catalog.jsonb_typeof(t.value->'title') = 'string') t
	WHERE t.key <> t.first
	UNION ALL
	SELECT c.path, pg_catalog.format('the cell of role "%s" and permission "%s" is given twice', c.role, c.permission)
	FROM cell c WHERE c.nth > 1 AND c.role IS NOT NULL AND c.permission IS NOT NULL
	UNION ALL
	SELECT c.path || '.entries', 'a cell that is on needs an entry'
	FROM cell c WHERE c.enabled = 'true' AND c.entries = '[]'
	UNION ALL
	-- of the roles in which a cell is part of a cycle its own is named, or else the first
	SELECT e.path, pg_catalog.format('permission "%s" requires itself in role "%s"', e.permission,
		COALESCE(pg_catalog.min(e.role) FILTER (WHERE e.role = e.cell_role), pg_catalog.min(e.role COLLATE "C")))
	FROM edge e
	WHERE EXISTS (SELECT FROM walk w WHERE w.role = e.role AND w.permission = e.requires AND w.requires = e.permission)
	GROUP BY e.path, e.permission
	UNION ALL
	SELECT u.path, ambit._missing(u.what, u.name, u.names)
	FROM use u
	WHERE u.name IS NOT NULL AND u.name <> ALL (u.names);
END
$$;
COMMENT ON FUNCTION ambit._template_errors(jsonb) IS 'All that is wrong with a model, each with the path of the value, like cells[12].entries[0].scope. No row: it can be loaded.';
REVOKE EXECUTE ON FUNCTION ambit._template_errors(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._check_template(model jsonb) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_errors text[];
BEGIN
	IF model IS NULL THEN
		PERFORM ambit._fail('22004', 'model must not be null');
	END IF;
	_errors := ARRAY(
		SELECT e.path || ': ' || e.error
		FROM ambit._template_errors(model) e
		ORDER BY pg_catalog.split_part(e.path, '[', 1) COLLATE "C",
			pg_catalog.substring(e.path, '[[]([0-9]+)[]]')::numeric, e.path COLLATE "C", e.error COLLATE "C");
	IF pg_catalog.cardinality(_errors) > 0 THEN
		PERFORM ambit._fail('22023', 'template is not valid: ' || _errors[1],
			CASE WHEN pg_catalog.cardinality(_errors) > 1 THEN pg_catalog.format('%s values are wrong:', pg_catalog.cardinality(_errors))
				|| E'\n' || pg_catalog.array_to_string(_errors, E'\n') END);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_template(jsonb) IS 'Raises 22023 for a model that is not valid (the message has the path of the first value that is wrong, the detail lists all), 22004 for NULL.';
REVOKE EXECUTE ON FUNCTION ambit._check_template(jsonb) FROM PUBLIC;
