/* ---- exchange: import, export and comparison of templates ---------------
 *
 * Two models are compared in their canonical form: every list that has no
 * order of its own is sorted, every interval is written as the server writes
 * it, and what equals its default is left out.  An export is the canonical
 * form of what is stored, so it does not depend on how the model was written
 * when it was imported.
 */

CREATE FUNCTION ambit._canonical_template(model jsonb) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off SET intervalstyle = postgres
AS $$
	WITH role AS MATERIALIZED (
		SELECT r.value, r.value->>'role' AS role, COALESCE((r.value->>'rank')::numeric::integer, r.n::integer) AS rank
		FROM pg_catalog.jsonb_array_elements(COALESCE(NULLIF(model->'roles', 'null'), '[]')) WITH ORDINALITY r (value, n)
	)
	SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
		'template', model->'template',
		'title', model->'title',
		'visitor_role', model->'visitor_role',
		'clients_permission', model->'clients_permission',
		'terms', NULLIF(model->'terms', '{}'),
		'features', NULLIF(model->'features', '{}'),
		'scopes', (
			SELECT pg_catalog.jsonb_object_agg(s.key, s.value || pg_catalog.jsonb_build_object(
				'subject', NULLIF(s.value->>'subject', 'staff'),
				'back', (s.value->>'back')::interval::text,
				'ahead', (s.value->>'ahead')::interval::text))
			FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'scopes', 'null'), '{}')) s),
		'permissions', (
			SELECT pg_catalog.jsonb_agg(p || pg_catalog.jsonb_build_object('title', NULLIF(p->'title', p->'key'))
				ORDER BY p->>'key' COLLATE "C")
			FROM pg_catalog.jsonb_array_elements(COALESCE(NULLIF(model->'permissions', 'null'), '[]')) p),
		'roles', (
			SELECT pg_catalog.jsonb_agg(r.value || pg_catalog.jsonb_build_object(
				'title', NULLIF(r.value->'title', r.value->'role'),
				'rank', r.rank,
				'inherits', (
					SELECT pg_catalog.jsonb_agg(DISTINCT i.inherits COLLATE "C")
					FROM pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(r.value->'inherits', 'null'), '[]')) i (inherits)),
				'single', NULLIF(r.value->'single', 'false'))
				ORDER BY r.rank, r.role COLLATE "C")
			FROM role r),
		'cells', (
			SELECT pg_catalog.jsonb_agg(c || pg_catalog.jsonb_build_object(
				'locked', NULLIF(c->'locked', 'false'),
				'level', NULLIF(c->'level', 'false'),
				'requires', NULLIF(c->'requires', '[]'),
				'entries', (
					SELECT pg_catalog.jsonb_agg(e.value || pg_catalog.jsonb_build_object('requires', NULLIF(e.value->'requires', '[]')) ORDER BY e.n)
					FROM pg_catalog.jsonb_array_elements(COALESCE(NULLIF(c->'entries', 'null'), '[]')) WITH ORDINALITY e (value, n)))
				ORDER BY r.rank, r.role COLLATE "C", c->>'permission' COLLATE "C")
			FROM pg_catalog.jsonb_array_elements(COALESCE(NULLIF(model->'cells', 'null'), '[]')) c
			LEFT JOIN role r ON r.role = c->>'role'),
		'administration', NULLIF(model->'administration', '{}'),
		'only_targets', (
			SELECT pg_catalog.jsonb_agg(DISTINCT o.function COLLATE "C")
			FROM pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(model->'only_targets', 'null'), '[]')) o (function)),
		'marked_fields', (
			SELECT pg_catalog.jsonb_agg(DISTINCT f.permission COLLATE "C")
			FROM pg_catalog.jsonb_array_elements_text(COALESCE(NULLIF(model->'marked_fields', 'null'), '[]')) f (permission))))
$$;
COMMENT ON FUNCTION ambit._canonical_template(jsonb) IS 'The one way to write a valid model. It means the same.';
REVOKE EXECUTE ON FUNCTION ambit._canonical_template(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._template_model(template text) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
	SELECT ambit._canonical_template(pg_catalog.jsonb_build_object(
		'template', t.template,
		'title', t.title,
		'visitor_role', t.visitor_role,
		'clients_permission', t.clients_permission::text,
		'terms', (
			SELECT pg_catalog.jsonb_object_agg(m.term, pg_catalog.jsonb_build_object('title', m.title, 'source', m.source))
			FROM ambit.template_term m
			WHERE m.template = t.template),
		'features', (
			SELECT pg_catalog.jsonb_object_agg(f.feature, pg_catalog.jsonb_build_object('title', f.title, 'source', f.source))
			FROM ambit.template_feature f
			WHERE f.template = t.template),
		'scopes', (
			SELECT pg_catalog.jsonb_object_agg(s.scope, pg_catalog.jsonb_build_object('relationship', s.relationship,
				'subject', s.subject, 'back', s.back::text, 'ahead', s.ahead::text, 'source', s.source))
			FROM ambit.template_scope s
			WHERE s.template = t.template),
		'permissions', (
			SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('key', p.permission::text, 'title', p.title, 'source', p.source))
			FROM ambit.template_permission p
			WHERE p.template = t.template),
		'roles', (
			SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('role', r.role, 'title', r.title, 'rank', r.rank, 'single', r.single,
				'inherits', (
					SELECT pg_catalog.jsonb_agg(i.inherits)
					FROM ambit.template_inherit i
					WHERE i.template = r.template AND i.role = r.role)))
			FROM ambit.template_role r
			WHERE r.template = t.template),
		'cells', (
			SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('role', c.role, 'permission', c.permission::text,
				'enabled', c.enabled, 'locked', c.locked, 'level', c.level, 'requires', c.requires::text[], 'entries', e.entries, 'source', c.source))
			FROM ambit.template_cell c
			LEFT JOIN (
				SELECT e.role, e.permission::text AS permission, pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('scope', e.scope,
					'requires', e.requires::text[], 'feature', e.feature, 'channels', e.channels, 'targets', e.targets) ORDER BY e.ordinal) AS entries
				FROM ambit.template_entry e
				WHERE e.template = _template_model.template COLLATE "C"
				GROUP BY e.role, e.permission::text) e ON e.role = c.role AND e.permission = c.permission::text
			WHERE c.template = t.template),
		'administration', (
			SELECT pg_catalog.jsonb_object_agg(a.function, a.permission::text)
			FROM ambit.template_administration a
			WHERE a.template = t.template),
		'only_targets', (
			SELECT pg_catalog.jsonb_agg(a.function)
			FROM ambit.template_administration a
			WHERE a.template = t.template AND a.only_targets),
		'marked_fields', t.marked_fields::text[]))
	FROM ambit.template t
	WHERE t.template = _template_model.template COLLATE "C"
$$;
COMMENT ON FUNCTION ambit._template_model(text) IS 'The stored template as a model in canonical form; NULL where there is none of that name.';
REVOKE EXECUTE ON FUNCTION ambit._template_model(text) FROM PUBLIC;

CREATE FUNCTION ambit._template_parts(model jsonb) RETURNS TABLE (place integer, what text, key text, value jsonb)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
	SELECT 1, 'template', model->>'template',
		model - '{template,terms,features,scopes,permissions,roles,cells,administration}'::text[]
	UNION ALL
	SELECT 2, 'permission', p->>'key', p - 'key' FROM pg_catalog.jsonb_array_elements(model->'permissions') p
	UNION ALL
	SELECT 3, 'role', r->>'role', r - '{role,inherits}'::text[] FROM pg_catalog.jsonb_array_elements(model->'roles') r
	UNION ALL
	SELECT 4, 'inherits', r->>'role', r->'inherits' FROM pg_catalog.jsonb_array_elements(model->'roles') r WHERE r ? 'inherits'
	UNION ALL
	SELECT 5, 'feature', f.key, f.value FROM pg_catalog.jsonb_each(model->'features') f
	UNION ALL
	SELECT 6, 'scope', s.key, s.value FROM pg_catalog.jsonb_each(model->'scopes') s
	UNION ALL
	SELECT 7, 'term', t.key, t.value FROM pg_catalog.jsonb_each(model->'terms') t
	UNION ALL
	-- no permission key has a slash, so the last one parts the two
	SELECT 8, 'cell', (c->>'role') || '/' || (c->>'permission'), c - '{role,permission}'::text[] FROM pg_catalog.jsonb_array_elements(model->'cells') c
	UNION ALL
	SELECT 9, 'administration', a.key, a.value FROM pg_catalog.jsonb_each(model->'administration') a
$$;
COMMENT ON FUNCTION ambit._template_parts(jsonb) IS 'A canonical model in the parts that diff_template() compares. place: their order.';
REVOKE EXECUTE ON FUNCTION ambit._template_parts(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._template_changes(model jsonb) RETURNS TABLE (what text, key text, old jsonb, new jsonb)
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
	SELECT p.what, p.key, o.value, n.value
	FROM ambit._template_parts(ambit._template_model(model->>'template')) o
	FULL JOIN ambit._template_parts(ambit._canonical_template(model)) n ON n.place = o.place AND n.key = o.key
	CROSS JOIN LATERAL (SELECT COALESCE(n.place, o.place), COALESCE(n.what, o.what), COALESCE(n.key, o.key)) p (place, what, key)
	WHERE o.value IS DISTINCT FROM n.value
	ORDER BY p.place, p.key COLLATE "C"
$$;
COMMENT ON FUNCTION ambit._template_changes(jsonb) IS 'What an import of a valid model would change; no row: nothing.';
REVOKE EXECUTE ON FUNCTION ambit._template_changes(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit._check_own_roles(model jsonb) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C" := model->>'template';
	_own record;
BEGIN
	SELECT o.tenant, o.role, pg_catalog.count(*) OVER () AS n INTO _own
	FROM ambit.tenant t
	JOIN ambit.tenant_role o ON o.tenant = t.tenant
	WHERE t.template = _template
		AND o.role IN (SELECT r->>'role' FROM pg_catalog.jsonb_array_elements(COALESCE(NULLIF(model->'roles', 'null'), '[]')) r)
		AND NOT EXISTS (SELECT FROM ambit.template_role r WHERE r.template = _template AND r.role = o.role)
	ORDER BY o.tenant, o.role
	LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('tenant "%s" has a role "%s" of its own', _own.tenant, _own.role),
			pg_catalog.format('Whoever holds it would have what template "%s" says. Roles of tenants in the way: %s.', _template, _own.n),
			'Give the role another name.');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_own_roles(jsonb) IS 'Raises 42710 where a valid model brings a role by the name of one that a tenant made itself: the template''s would take its place.';
REVOKE EXECUTE ON FUNCTION ambit._check_own_roles(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit.import_template(model jsonb) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('import_template');
	PERFORM ambit._check_template(model);

	/* left alone when nothing changes: one that ambit ships stays out of dumps, and nobody compiles anew */
	PERFORM FROM ambit._template_changes(model);
	IF FOUND THEN
		/* create_role() waits, and sees the roles that come */
		PERFORM FROM ambit.template t WHERE t.template = model->>'template' COLLATE "C" FOR NO KEY UPDATE;
		PERFORM ambit._check_own_roles(model);
		PERFORM ambit._store_template(model, false);
	END IF;
	RETURN model->>'template';
END
$$;
COMMENT ON FUNCTION ambit.import_template(jsonb) IS 'Loads a model in the format of doc/template.schema.json, in the place of the template of that name if there is one. Tenants that follow it have it from the next statement on, except cells that they changed; permission keys that are new become known. A template that comes with ambit is carried by dumps once an import changed it. Returns the template''s name. Errors: 22023 the model is not valid (the message has the path of the first value that is wrong, the detail lists all), 42710 it brings a role by the name of one that a tenant made itself, 22004 NULL argument, 42501 not the DBA.';

CREATE FUNCTION ambit.export_template(template text) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_template text COLLATE "C";
	_model jsonb;
BEGIN
	PERFORM ambit._require_dba('export_template');
	_template := ambit._given('template', export_template.template);

	_model := ambit._template_model(_template);
	IF _model IS NULL THEN
		PERFORM ambit._unknown('template', _template, NULL, ARRAY(SELECT t.template FROM ambit.template t ORDER BY t.template));
	END IF;
	RETURN _model;
END
$$;
COMMENT ON FUNCTION ambit.export_template(text) IS 'The template as import_template() reads it, in canonical form: permissions by key, roles by rank, cells by role and permission; what equals its default is left out. Importing it changes nothing. Errors: 42704 unknown template, 22004 and 22023 NULL or empty argument, 42501 not the DBA.';

CREATE FUNCTION ambit.diff_template(model jsonb) RETURNS TABLE (what text, key text, old jsonb, new jsonb)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('diff_template');
	PERFORM ambit._check_template(model);
	PERFORM ambit._check_own_roles(model);
	RETURN QUERY SELECT c.what, c.key, c.old, c.new FROM ambit._template_changes(model) c;
END
$$;
COMMENT ON FUNCTION ambit.diff_template(jsonb) IS 'What import_template() would change; changes nothing itself. what: template, permission, role, inherits, feature, scope, term, cell, administration, in this order; key: the name, of a cell role/permission; old, new: as in the model, without the name and without what equals its default. old NULL: it is new; new NULL: it goes. No row: nothing would change. Errors: as import_template().';

/* ---- the members whose rights would change ------------------------------ */

CREATE FUNCTION ambit._member_scopes(tenant text, user_id text) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pg_catalog.jsonb_object_agg(e.permission::text, e.scopes)
	FROM ambit.effective_permissions(_member_scopes.tenant, _member_scopes.user_id) e
$$;
COMMENT ON FUNCTION ambit._member_scopes(text, text) IS 'What a member holds: {permission: [scope]}; NULL for nothing.';
REVOKE EXECUTE ON FUNCTION ambit._member_scopes(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._member_changes(model jsonb) RETURNS TABLE (what text, key text, old jsonb, new jsonb)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	_template text COLLATE "C" := model->>'template';
	_tenants text[];
	_users text[];
	_hashes uuid[];
	_news jsonb[];
BEGIN
	/* of all members a hash is kept, the rest only of those who would change */
	SELECT pg_catalog.array_agg(m.tenant), pg_catalog.array_agg(m.user_id), pg_catalog.array_agg(m.hash)
	INTO _tenants, _users, _hashes
	FROM (
		SELECT m.tenant, m.user_id, pg_catalog.md5(ambit._member_scopes(m.tenant, m.user_id)::text)::uuid AS hash
		FROM ambit.tenant t
		JOIN ambit.member m ON m.tenant = t.tenant
		WHERE t.template = _template
		ORDER BY m.tenant, m.user_id) m;
	IF _tenants IS NULL THEN
		RETURN;
	END IF;

	/* imported, asked and rolled back, by an error that nobody else raises; variables keep what they hold */
	BEGIN
		PERFORM ambit._store_template(model, false);
		SELECT pg_catalog.array_agg(m.tenant ORDER BY m.n), pg_catalog.array_agg(m.user_id ORDER BY m.n), pg_catalog.array_agg(m.scopes ORDER BY m.n)
		INTO _tenants, _users, _news
		FROM (
			SELECT m.n, m.tenant, m.user_id, m.hash, ambit._member_scopes(m.tenant, m.user_id) AS scopes
			FROM ROWS FROM (pg_catalog.unnest(_tenants), pg_catalog.unnest(_users), pg_catalog.unnest(_hashes)) WITH ORDINALITY m (tenant, user_id, hash, n)) m
		WHERE pg_catalog.md5(m.scopes::text)::uuid IS DISTINCT FROM m.hash;
		RAISE EXCEPTION USING ERRCODE = 'AMBIT', MESSAGE = 'the import was for comparison';
	EXCEPTION WHEN SQLSTATE 'AMBIT' THEN
		NULL;
	END;

	RETURN QUERY
		SELECT 'member', pg_catalog.concat_ws('/', m.tenant, m.user_id, s.permission), s.old, s.new
		FROM ROWS FROM (pg_catalog.unnest(_tenants), pg_catalog.unnest(_users), pg_catalog.unnest(_news)) WITH ORDINALITY m (tenant, user_id, scopes, n)
		CROSS JOIN LATERAL (
			SELECT COALESCE(o.key, n.key) AS permission, o.value AS old, n.value AS new
			FROM pg_catalog.jsonb_each(ambit._member_scopes(m.tenant, m.user_id)) o
			FULL JOIN pg_catalog.jsonb_each(m.scopes) n ON n.key = o.key
			WHERE o.value IS DISTINCT FROM n.value) s
		ORDER BY m.n, s.permission COLLATE "C";
END
$$;
COMMENT ON FUNCTION ambit._member_changes(jsonb) IS 'The members whose rights an import of a valid model would change, a row for each permission.';
REVOKE EXECUTE ON FUNCTION ambit._member_changes(jsonb) FROM PUBLIC;

CREATE FUNCTION ambit.diff_template(model jsonb, members boolean) RETURNS TABLE (what text, key text, old jsonb, new jsonb)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('diff_template');
	IF members IS NULL THEN
		PERFORM ambit._fail('22004', 'members must not be null');
	END IF;
	PERFORM ambit._check_template(model);
	PERFORM ambit._check_own_roles(model);
	RETURN QUERY SELECT c.what, c.key, c.old, c.new FROM ambit._template_changes(model) c;
	IF FOUND AND members THEN
		RETURN QUERY SELECT m.what, m.key, m.old, m.new FROM ambit._member_changes(model) m;
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.diff_template(jsonb, boolean) IS 'As diff_template(model); where members is true with the members of all tenants that follow the template whose rights would change: what is member, key is tenant/user/permission, old and new are lists of scopes as effective_permissions() gives them (without a channel; where a scope holds and towards whom is not compared), NULL: not held. For that the import is made and rolled back: it needs a transaction that may write, waits for other imports of the template, and uses up ids for keys that are new. Nothing else stays. Errors: as import_template(), 22004 NULL argument, 25006 members in a read-only transaction.';
