/* ---- label: the words that a tenant uses --------------------------------
 *
 * A template names the terms that its titles use; a tenant may call them
 * something else.  Only what is shown changes: permissions stay the same.
 */

CREATE FUNCTION ambit.set_label(tenant text, term text, label text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_term text COLLATE "C";
	_template text COLLATE "C";
BEGIN
	_since := ambit._admit('set_label', set_label.tenant);
	_tenant := ambit._given('tenant', set_label.tenant);
	_term := ambit._given('term', set_label.term);
	IF set_label.label !~ '[^[:space:]]' THEN
		PERFORM ambit._fail('22023', 'label must not be empty', hint => 'NULL takes the label away.');
	END IF;

	_template := ambit._template_of(_tenant, false, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_label', _tenant, places => ARRAY[NULL]);
	END IF;
	IF set_label.label IS NULL THEN
		/* also of a term that the template no longer has */
		DELETE FROM ambit.tenant_label l WHERE l.tenant = _tenant AND l.term = _term;
		IF FOUND THEN
			RETURN;
		END IF;
	END IF;
	PERFORM FROM ambit.template_term m WHERE m.template = _template AND m.term = _term;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('term', _term, pg_catalog.format('template "%s"', _template),
			ARRAY(SELECT m.term FROM ambit.template_term m WHERE m.template = _template ORDER BY m.term));
	END IF;
	IF set_label.label IS NOT NULL THEN
		INSERT INTO ambit.tenant_label (tenant, term, label)
		VALUES (_tenant, _term, set_label.label)
		ON CONFLICT ON CONSTRAINT tenant_label_pkey DO UPDATE SET label = EXCLUDED.label;
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.set_label(text, text, text) IS 'What the tenant calls a term of its template: titles() shows the label in the place of the term''s own title, matrix() in the place of the module of that name. label NULL: back to the template''s. Permissions stay the same. Errors: 42704 unknown tenant or term, 22023 empty label, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';

CREATE FUNCTION ambit._relabelled(title text, words text[], labels text[]) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	/* of two words that begin at the same place the longer one is found */
	_pattern text := (
		SELECT '(?<![[:alnum:]_])(?:' || pg_catalog.string_agg(pg_catalog.regexp_replace(w.word, '([^[:alnum:]_[:space:]])', E'\\\\\\1', 'g'), '|')
			|| ')(?![[:alnum:]_])'
		FROM pg_catalog.unnest(words) w (word));
	_found text[] := ARRAY(SELECT m.found[1] FROM pg_catalog.regexp_matches(title, _pattern, 'gi') m (found));
	_between text[] := pg_catalog.regexp_split_to_array(title, _pattern, 'i');
	_result text := _between[1];
	_label text;
BEGIN
	FOR _i IN 1 .. pg_catalog.cardinality(_found) LOOP
		SELECT CASE WHEN _found[_i] <> w.word AND _found[_i] = pg_catalog.lower(w.word) THEN pg_catalog.lower(w.label) ELSE w.label END
		INTO _label
		FROM ROWS FROM (pg_catalog.unnest(words), pg_catalog.unnest(labels)) w (word, label)
		WHERE pg_catalog.lower(w.word) = pg_catalog.lower(_found[_i]);
		_result := _result || COALESCE(_label, _found[_i]) || _between[_i + 1];
	END LOOP;
	RETURN COALESCE(_result, title);
END
$$;
COMMENT ON FUNCTION ambit._relabelled(text, text[], text[]) IS 'The title with each of the words replaced by its label where it stands as a whole; in small letters where the word does. In one pass: what a label brings is not replaced. Words differ in more than the case of letters.';
REVOKE EXECUTE ON FUNCTION ambit._relabelled(text, text[], text[]) FROM PUBLIC;

CREATE FUNCTION ambit._titles(tenant_or_template text) RETURNS TABLE (key ambit.permission, shown text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_name text COLLATE "C";
	_tenant text COLLATE "C";
	_template text COLLATE "C";
	_words text[];
	_labels text[];
BEGIN
	_name := ambit._given('tenant_or_template', tenant_or_template);
	IF ambit._is_dba() THEN
		SELECT t.tenant, t.template INTO _tenant, _template FROM ambit.tenant t WHERE t.tenant = _name;
		IF NOT FOUND THEN
			SELECT p.template INTO _template FROM ambit.template p WHERE p.template = _name;
		END IF;
		IF NOT FOUND THEN
			PERFORM ambit._unknown('tenant or template', _name, NULL,
				ARRAY(SELECT p.template FROM ambit.template p ORDER BY p.template)
				|| ARRAY(SELECT t.tenant FROM ambit.tenant t ORDER BY t.tenant LIMIT 10000));
		END IF;
	ELSE
		/* whether anything else of that name exists is nobody's business */
		SELECT CASE WHEN t.tenant = _name THEN t.tenant END, t.template INTO _tenant, _template
		FROM ambit.tenant t
		JOIN ambit.member m ON m.tenant = t.tenant
		WHERE t.tenant = ambit.current_tenant() AND m.user_id = ambit.current_user_id() AND _name IN (t.tenant, t.template);
		IF NOT FOUND THEN
			PERFORM ambit._fail('42501', 'permission denied for function ambit.titles',
				'Only the DBA and the members of the tenant, or of a tenant that follows the template, may call it.');
		END IF;
	END IF;

	SELECT pg_catalog.array_agg(m.title), pg_catalog.array_agg(l.label) INTO _words, _labels
	FROM ambit.tenant_label l
	JOIN ambit.template_term m ON m.template = _template AND m.term = l.term
	WHERE l.tenant = _tenant;
	RETURN QUERY
		SELECT p.permission, CASE WHEN _words IS NULL THEN p.title ELSE ambit._relabelled(p.title, _words, _labels) END
		FROM ambit.template_permission p
		WHERE p.template = _template
		ORDER BY p.permission::text COLLATE "C";
END
$$;
COMMENT ON FUNCTION ambit._titles(text) IS 'The body of titles(), whose argument and result columns share names with what it reads.';
REVOKE EXECUTE ON FUNCTION ambit._titles(text) FROM PUBLIC;

CREATE FUNCTION ambit.titles(tenant_or_template text) RETURNS TABLE (permission ambit.permission, title text)
	LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
AS $$
	SELECT t.key, t.shown FROM ambit._titles($1) t
$$;
COMMENT ON FUNCTION ambit.titles(text) IS 'The titles of a template''s permissions, by key; of a tenant with its labels in the place of the template''s terms (set_label()), in small letters where the term is. A tenant comes before a template of the same name. For the DBA and for members of the tenant, or of a tenant that follows the template. Errors: 42704 unknown tenant or template, 22004 and 22023 NULL or empty argument, 42501 anybody else.';
