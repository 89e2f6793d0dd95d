/* ---- doctor: masked columns ------------------------------------------------ */

CREATE FUNCTION ambit._mask_call(relation regclass)
	RETURNS text LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('SELECT ambit.mask(%L, %L, %L);', $1, coalesce(m."column", k."column"), ambit._permission_name(k.permission))
	FROM ambit.mask k LEFT JOIN ambit._masks($1) m ON m.mask = k.mask
	WHERE k.relation = $1 ORDER BY k.mask LIMIT 1
$$;
COMMENT ON FUNCTION ambit._mask_call(regclass) IS 'A call of mask() that changes no mask, and makes policy and view of a masked table anew.';
REVOKE EXECUTE ON FUNCTION ambit._mask_call(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._check_up_masks()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t		record;
	why		text;
	detail	text;
BEGIN
	IF EXISTS (SELECT FROM ambit._strangers()) THEN
		RETURN;
	END IF;
	severity := 'error';
	FOR t IN
		SELECT k.relation, CASE WHEN m.kept THEN m.view::regclass END AS view, CASE WHEN NOT m.kept THEN m.view::regclass END AS lost, v.reloptions, c.relowner AS owner
		FROM (SELECT DISTINCT x.relation FROM ambit.mask x) k
		JOIN ambit._protected_tables() p ON p.relation = k.relation AND p.bound
		JOIN pg_catalog.pg_class c ON c.oid = k.relation
		LEFT JOIN ambit._masked_views() m ON m.relation = k.relation
		LEFT JOIN pg_catalog.pg_class v ON v.oid = m.view
	LOOP
		/* told below */
		CONTINUE WHEN EXISTS (SELECT FROM ambit.mask k WHERE k.relation = t.relation
			AND NOT EXISTS (SELECT FROM ambit._masks(t.relation) x WHERE x.mask = k.mask)
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.relation AND a.attname = k."column" AND NOT a.attisdropped));
		object := coalesce(t.view, t.relation)::text;
		IF t.view IS NULL THEN
			code := 'masked_view_missing';
			message := format('Table %s has masked columns, and there is no view in which they can be read%s.', t.relation,
				coalesce(' that belongs to the owner of the table, as ' || t.lost || ' does not', ''));
			hint := CASE WHEN t.lost IS NULL THEN '' ELSE format('ALTER VIEW %s OWNER TO %s; ', t.lost, t.owner::regrole) END || ambit._mask_call(t.relation);
			RETURN NEXT;
			CONTINUE;
		END IF;
		why := NULL;
		BEGIN
			why := CASE
				WHEN NOT coalesce((SELECT o.option_value::boolean FROM pg_options_to_table(t.reloptions) o WHERE o.option_name = 'security_barrier'), false)
					THEN 'is no security_barrier: functions in a condition may see rows and masked values'
				WHEN ambit._is_invoker(t.reloptions) THEN 'is security_invoker: nobody may read masked columns in it'
				WHEN NOT ambit._is_view_of(t.view, ambit._view_sql(t.relation)) THEN 'is not what rules, masks and columns of the table say' END;
			IF why IS NOT NULL THEN
				code := 'masked_view_changed';
				message := format('View %s of masked table %s %s.', t.view, t.relation, why);
				hint := ambit._mask_call(t.relation);
				RETURN NEXT;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			code := 'masked_view_closed';
			message := format('View %s of masked table %s cannot show what it should: %s. %s', t.view, t.relation, sqlerrm, detail);
			hint := 'Drop the policies of others on the table and its parents, or give it an owner whom row-level security holds.';
			RETURN NEXT;
		END;
	END LOOP;
	RETURN QUERY
		SELECT 'error', 'masked_view_privilege', m.view::regclass::text,
			format('%s may do more than read with view %s of masked table %s.', g.others, m.view::regclass, m.relation),
			format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %s CASCADE;', m.view::regclass, g.others)
		FROM ambit._masked_views() m JOIN pg_catalog.pg_class c ON c.oid = m.view
		CROSS JOIN LATERAL (SELECT ambit._grantees(c.relacl || ARRAY(SELECT x FROM pg_catalog.pg_attribute a, unnest(a.attacl) x WHERE a.attrelid = c.oid),
			c.relowner, '{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}') AS others) g
		WHERE g.others IS NOT NULL
		UNION ALL
		SELECT 'error', 'masked_view_trigger', format('%I ON %s', g.tgname, m.view::regclass),
			format('Trigger %I writes through view %s of masked table %s, which cannot be written to.', g.tgname, m.view::regclass, m.relation),
			format('DROP TRIGGER %I ON %s;', g.tgname, m.view::regclass)
		FROM ambit._masked_views() m JOIN pg_catalog.pg_trigger g ON g.tgrelid = m.view
		UNION ALL
		/* SELECT on the table is SELECT on all its columns */
		SELECT 'warning', 'masked_column_privilege', r.relation::text,
			format('SELECT on %s is granted to %s, masked %s included. Whom row-level security holds reads no masked column of the table all the same, and every query that names all columns fails.',
				r.relation, r.roles, r.masked),
			format('REVOKE SELECT ON %s FROM %s CASCADE; GRANT SELECT (%s) ON %s TO %s; GRANT SELECT ON %s TO %s;',
				r.relation, r.roles, r.open, r.relation, r.roles, m.view::regclass, r.roles)
		FROM (SELECT k.relation, string_agg(DISTINCT g.role, ', ') AS roles,
				(SELECT string_agg(quote_ident(x."column"), ', ' ORDER BY x.mask) FROM ambit._masks(k.relation) x) AS masked,
				(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
					WHERE a.attrelid = k.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT IN (SELECT x."column" FROM ambit._masks(k.relation) x)) AS open
			FROM (SELECT DISTINCT x.relation FROM ambit.mask x) k CROSS JOIN LATERAL ambit._readers(k.relation) g
			WHERE g."column" IS NULL
			GROUP BY k.relation) r
		JOIN ambit._masked_views() m ON m.relation = r.relation
		UNION ALL
		SELECT 'warning', 'masked_column_privilege', format('%s.%I', r.relation, r."column"),
			format('SELECT on masked column %I of %s is granted to %s. Whom row-level security holds does not read it all the same.', r."column", r.relation, r.roles),
			format('REVOKE SELECT (%I) ON %s FROM %s CASCADE;', r."column", r.relation, r.roles)
		FROM (SELECT k.relation, k."column", string_agg(g.role, ', ') AS roles
			FROM (SELECT DISTINCT x.relation FROM ambit.mask x) y
			CROSS JOIN LATERAL (SELECT y.relation, x."column" FROM ambit._masks(y.relation) x) k
			CROSS JOIN LATERAL ambit._readers(k.relation) g
			WHERE g."column" = k."column"
			GROUP BY k.relation, k."column") r
		UNION ALL
		SELECT 'error', 'mask_without_column', format('%s.%I', k.relation, k."column"),
			format('Masked column %I of %s was dropped: the table is closed.', k."column", k.relation),
			format('SELECT ambit.unmask(%L, %L);', k.relation, k."column")
		FROM ambit.mask k JOIN ambit._protected_tables() p ON p.relation = k.relation AND p.bound
		WHERE NOT EXISTS (SELECT FROM ambit._masks(k.relation) x WHERE x.mask = k.mask)
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.relation AND a.attname = k."column" AND NOT a.attisdropped)
		UNION ALL
		SELECT 'error', 'mask_changed', format('%s.%I', k.relation, k."column"),
			format('The policies have column %I in the place of masked column %I of %s. If that one was renamed, and another one has its name now, that is why.',
				x."column", k."column", k.relation),
			format('DROP POLICY ambit_masks ON %s; %s', k.relation, format('SELECT ambit.mask(%L, %L, %L);', k.relation, k."column", ambit._permission_name(k.permission)))
		FROM ambit.mask k CROSS JOIN LATERAL ambit._masks(k.relation) x
		WHERE x.mask = k.mask AND x."column" <> k."column"
			AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.relation AND a.attname = k."column" AND NOT a.attisdropped)
		UNION ALL
		SELECT 'info', 'mask_without_table', 'mask ' || k.mask,
			format('The table of mask %s, of column %I, %s.', k.mask, k."column", CASE WHEN c.oid IS NULL THEN 'was dropped' ELSE 'is not protected' END),
			format('DELETE FROM ambit.mask WHERE mask = %s;', k.mask)
		FROM ambit.mask k LEFT JOIN pg_catalog.pg_class c ON c.oid = k.relation
		WHERE k.relation NOT IN (SELECT p.relation FROM ambit._protected_tables() p);
END
$$;
COMMENT ON FUNCTION ambit._check_up_masks() IS 'Findings: views of masked tables that are not as mask() makes them, and ways around masks.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_masks() FROM PUBLIC;
