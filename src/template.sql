/* ---- template: models as JSON -------------------------------------------
 *
 * Joins the install script after template_check, which says what is wrong
 * with a model.  doc/template.schema.json is the same format as JSON Schema.
 *
 * A template is written as one JSON object, src/templates/NAME.json:
 *
 *	template			its name
 *	title, visitor_role, clients_permission
 *	terms				{term: {title, source}}, words of the titles that a tenant may label anew
 *	features			{name: {title, source}}
 *	scopes				{name: {relationship, subject, back, ahead, source}}
 *	permissions			[{key, title, source}], which makes new keys known in this order
 *	roles				[{role, title, rank, inherits, single}], the lowest first
 *	cells				[{role, permission, enabled, locked, level, requires, entries, source}]
 *	  entries			[{scope, requires, feature, channels, targets}]
 *	administration		{function: permission}, the functions of _administrative_functions()
 *	only_targets		[function], those of them that give no role but the targets of the
 *						caller's permission, where it has some
 *	marked_fields		[permission], for whose masks a scope other than all opens only the
 *						fields that the tenant marked (set_field_visible())
 *
 * What has a default may be left out, or be null: title (the key, the role's
 * name), rank (the place in the list), subject (staff), locked, level and single
 * (false), lists and objects (empty), everything that may be unknown (null).
 * A cell must say whether it is enabled; one that is on has an entry.  What
 * cells and their entries require must not go in a circle.
 *
 * The functions turn JIT off: the planner cannot know how short a JSON list
 * is, and would compile for a second what runs for some milliseconds.
 */

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

CREATE FUNCTION ambit._store_template(model jsonb, shipped boolean) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET jit = off SET intervalstyle = postgres
AS $$
DECLARE
	_template text COLLATE "C" := model->>'template';
	_permissions jsonb := COALESCE(NULLIF(model->'permissions', 'null'), '[]');
	_roles jsonb := COALESCE(NULLIF(model->'roles', 'null'), '[]');
	_cells jsonb := COALESCE(NULLIF(model->'cells', 'null'), '[]');
	_clients ambit.permission;
	_marked ambit.permission[];
	_key text;
BEGIN
	FOR _key IN
		SELECT p.value->>'key'
		FROM pg_catalog.jsonb_array_elements(_permissions) WITH ORDINALITY p (value, n)
		WHERE NOT EXISTS (SELECT FROM ambit.permission_key k WHERE k.key = p.value->>'key' COLLATE "C")
		ORDER BY p.n
	LOOP
		PERFORM ambit._register_permission(_key);
	END LOOP;
	_clients := (model->>'clients_permission')::ambit.permission;
	_marked := ambit._permissions(model->'marked_fields');

	/* the row stays, since tenants follow it; whoever loads the same one waits here */
	LOOP
		UPDATE ambit.template t
		SET title = model->>'title', visitor_role = model->>'visitor_role', clients_permission = _clients,
			marked_fields = _marked, shipped = _store_template.shipped
		WHERE t.template = _template;
		IF FOUND THEN
			DELETE FROM ambit.template_administration a WHERE a.template = _template;
			DELETE FROM ambit.template_cell c WHERE c.template = _template;
			DELETE FROM ambit.template_role r WHERE r.template = _template;
			DELETE FROM ambit.template_scope s WHERE s.template = _template;
			DELETE FROM ambit.template_term m WHERE m.template = _template;
			DELETE FROM ambit.template_feature f WHERE f.template = _template;
			DELETE FROM ambit.template_permission p WHERE p.template = _template;
			EXIT;
		END IF;
		INSERT INTO ambit.template (template, title, visitor_role, clients_permission, marked_fields, shipped)
		VALUES (_template, model->>'title', model->>'visitor_role', _clients, _marked, _store_template.shipped)
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

	INSERT INTO ambit.template_term (template, term, title, source)
	SELECT _template, m.key, m.value->>'title', m.value->>'source'
	FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'terms', 'null'), '{}')) m;

	INSERT INTO ambit.template_feature (template, feature, title, source)
	SELECT _template, f.key, f.value->>'title', f.value->>'source'
	FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'features', 'null'), '{}')) f;

	INSERT INTO ambit.template_scope (template, scope, relationship, subject, back, ahead, source)
	SELECT _template, s.key, s.value->>'relationship', COALESCE(s.value->>'subject', 'staff'),
		(s.value->>'back')::interval, (s.value->>'ahead')::interval, s.value->>'source'
	FROM pg_catalog.jsonb_each(COALESCE(NULLIF(model->'scopes', 'null'), '{}')) s;

	INSERT INTO ambit.template_cell (template, role, permission, enabled, locked, requires, source, level)
	SELECT _template, c->>'role', (c->>'permission')::ambit.permission, (c->>'enabled')::boolean,
		COALESCE((c->>'locked')::boolean, false),
		CASE WHEN pg_catalog.jsonb_array_length(NULLIF(c->'requires', 'null')) > 0 THEN ambit._permissions(c->'requires') ELSE '{}' END,
		c->>'source', COALESCE((c->>'level')::boolean, false)
	FROM pg_catalog.jsonb_array_elements(_cells) c;

	INSERT INTO ambit.template_entry (template, role, permission, ordinal, scope, requires, feature, channels, targets)
	SELECT _template, c->>'role', (c->>'permission')::ambit.permission, e.n, e.value->>'scope',
		CASE WHEN pg_catalog.jsonb_array_length(NULLIF(e.value->'requires', 'null')) > 0 THEN ambit._permissions(e.value->'requires') ELSE '{}' END,
		e.value->>'feature',
		CASE WHEN pg_catalog.jsonb_typeof(e.value->'channels') = 'array' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(e.value->'channels')) END,
		CASE WHEN pg_catalog.jsonb_typeof(e.value->'targets') = 'array' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(e.value->'targets')) END
	FROM pg_catalog.jsonb_array_elements(_cells) c
	CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(COALESCE(NULLIF(c->'entries', 'null'), '[]')) WITH ORDINALITY e (value, n);

	INSERT INTO ambit.template_administration (template, function, permission, only_targets)
	SELECT _template, a.key, a.value::ambit.permission, COALESCE(model->'only_targets' @> pg_catalog.to_jsonb(a.key), false)
	FROM pg_catalog.jsonb_each_text(COALESCE(NULLIF(model->'administration', 'null'), '{}')) a;

	RETURN _template;
END
$$;
COMMENT ON FUNCTION ambit._store_template(jsonb, boolean) IS 'Stores a model that was found to be valid, in the place of the template of that name if there is one, whose tenants follow it from then on; permission keys that are new become known. shipped: it comes with ambit, dumps leave it out. Returns the template''s name.';
REVOKE EXECUTE ON FUNCTION ambit._store_template(jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION ambit._load_template(model jsonb, shipped boolean) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF shipped IS NULL THEN
		PERFORM ambit._fail('22004', 'shipped must not be null');
	END IF;
	PERFORM ambit._check_template(model);
	RETURN ambit._store_template(model, shipped);
END
$$;
COMMENT ON FUNCTION ambit._load_template(jsonb, boolean) IS 'Checks and stores a model. shipped: as in _store_template(). Returns the template''s name. Errors: 22023 the model is not valid, 22004 NULL argument.';
REVOKE EXECUTE ON FUNCTION ambit._load_template(jsonb, boolean) FROM PUBLIC;

CREATE FUNCTION ambit._load_shipped(model text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT ambit._load_template(
		CASE WHEN pg_catalog.getdatabaseencoding() = 'UTF8' THEN model
			ELSE pg_catalog.regexp_replace(model, '\\u[0-9a-f]{4}', '?', 'g') END::jsonb, true)
$$;
COMMENT ON FUNCTION ambit._load_shipped(text) IS 'Loads a template that comes with ambit. In a database whose encoding is not UTF8 what the titles and sources quote beyond ASCII becomes a question mark.';
REVOKE EXECUTE ON FUNCTION ambit._load_shipped(text) FROM PUBLIC;
