/* ---- mask: columns that not everybody sees -------------------------------
 *
 * A masked column stands in policy ambit_masks of its table (mask.c), and is
 * read through a view that mask() keeps beside it: NULL in rows where the
 * permission does not open it.
 *
 * The view reads as the owner of the table.  Row-level security holds the
 * owner, if it is an ordinary role, and so the view shows what the policies
 * show.  For an owner whom it does not hold the view says itself which rows
 * are permitted.  _shown() stands in the view and closes it where neither would
 * be so.  The WITH clause does nothing but keep the server from making the view
 * one that can be written to.
 */

CREATE FUNCTION ambit._unmasks(mask bigint, permission text, tenant "any", location "any", owner "any",
		client "any", assignee "any", team "any")
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'ambit_unmasks';
COMMENT ON FUNCTION ambit._unmasks(bigint, text, "any", "any", "any", "any", "any", "any") IS 'Whether the identity in force sees a masked column in a row with these columns: its tenant marked the field, or the permission reaches the row, by scope all alone where the template says that its fields are marked ones. False without an identity; never an error.';

CREATE FUNCTION ambit._mask(mask bigint, permission text, "column" "any", initial "any")
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_mask';
COMMENT ON FUNCTION ambit._mask(bigint, text, "any", "any") IS 'Whether a new row leaves the masked column at NULL or at its default, or the column is no field that tenants mark. Stands in policy ambit_masks, once for each mask.';

CREATE FUNCTION ambit._mask_refused(relation regclass, mask bigint)
	RETURNS boolean LANGUAGE c VOLATILE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_mask_refused';
COMMENT ON FUNCTION ambit._mask_refused(regclass, bigint) IS 'Error 42501, which names the column and the permission. Stands last for each mask in policy ambit_masks.';

CREATE FUNCTION ambit._shown(relation regclass, masked regclass, alone boolean, subqueries boolean)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_shown';
COMMENT ON FUNCTION ambit._shown(regclass, regclass, boolean, boolean) IS 'Whether the view of a masked table shows of a table that it reads what its policies show. False when those are damaged, and when there are policies of others that the view cannot hold: for some roles only, or any if row-level security does not hold the owner of the masked table. alone: the view says itself which rows are permitted; subqueries: with subqueries in it.';

CREATE FUNCTION ambit._masks(relation regclass)
	RETURNS TABLE (mask bigint, "column" name, permission text)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'ambit_masks';
COMMENT ON FUNCTION ambit._masks(regclass) IS 'The masked columns of a table, by their present names.';

CREATE FUNCTION ambit._masked_view(relation regclass)
	RETURNS regclass LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_masked_view';
COMMENT ON FUNCTION ambit._masked_view(regclass) IS 'The view that mask() keeps for a table, whatever its name is now; NULL when there is none.';

CREATE FUNCTION ambit._select_sql(relation regclass, alias text)
	RETURNS TABLE (condition text, subqueries boolean)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'ambit_select_sql';
COMMENT ON FUNCTION ambit._select_sql(regclass, text) IS 'SQL: the condition of policy ambit_select for the table under an alias; and whether there are subqueries in it, those for the rows of parents aside.';
REVOKE EXECUTE ON FUNCTION ambit._select_sql(regclass, text) FROM PUBLIC;

CREATE FUNCTION ambit._initial_sql(relation regclass, "column" name)
	RETURNS text LANGUAGE c STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'ambit_initial_sql';
COMMENT ON FUNCTION ambit._initial_sql(regclass, name) IS 'SQL: what a new row has in the column when nobody says anything else; NULL also where that is not the same each time. A generated column stands for itself.';
REVOKE EXECUTE ON FUNCTION ambit._initial_sql(regclass, name) FROM PUBLIC;

/* ---- the policy and the view ---------------------------------------------- */

CREATE FUNCTION ambit._view_columns_sql(relation regclass, alias text)
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT string_agg(
			CASE WHEN m.mask IS NOT NULL THEN
				format('CASE WHEN %s THEN %s.%I::%s ELSE NULL::%s END AS %I', ambit._permits_sql(relation, alias, m.permission, mask => m.mask),
					alias, a.attname, t.type, t.type, a.attname)
			WHEN k.typtype = 'd' THEN format('%s.%I::%s AS %I', alias, a.attname, t.type, a.attname)
			ELSE format('%s.%I', alias, a.attname) END, E',\n\t' ORDER BY a.attnum)
		FROM pg_catalog.pg_attribute a
		JOIN pg_catalog.pg_type k ON k.oid = a.atttypid
		LEFT JOIN ambit._masks(relation) m ON m."column" = a.attname
		CROSS JOIN LATERAL ambit._base_type(relation, a.attname) b
		/* a domain may refuse NULL */
		CROSS JOIN LATERAL format_type(b.type, b.typmod) t (type)
		WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);
END
$$;
COMMENT ON FUNCTION ambit._view_columns_sql(regclass, text) IS 'SQL: the columns of the view.';
REVOKE EXECUTE ON FUNCTION ambit._view_columns_sql(regclass, text) FROM PUBLIC;

CREATE FUNCTION ambit._view_rows_sql(relation regclass, masked regclass, alias text, alone boolean, depth integer = 1)
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_bound		record;
	_select		record;
	_parent		text := 'ambit_parent_' || depth;
	_sql		text;
BEGIN
	SELECT * INTO STRICT _bound FROM ambit._bindings(relation);
	SELECT * INTO STRICT _select FROM ambit._select_sql(relation, alias);
	IF alone AND _select.subqueries THEN
		PERFORM ambit._fail('0A000', format('cannot mask columns of table "%s"', masked),
			format('A rule of table "%s" has a subquery in its condition, and row-level security does not hold the owner of "%s".', relation, masked),
			'Give the table an owner who is neither a superuser nor has BYPASSRLS.');
	END IF;
	IF EXISTS (SELECT FROM pg_policy p
		WHERE p.polrelid = relation AND NOT p.polpermissive AND p.polcmd IN ('r', '*') AND (alone OR p.polroles <> '{0}')
			AND NOT ambit._is_policy(p.polname))
	THEN
		PERFORM ambit._fail('0A000', format('cannot mask columns of table "%s"', masked),
			format('Table "%s" has restrictive policies of others, which the view could not hold.', relation),
			'Only policies for PUBLIC hold there, and only if the owner of the table is neither a superuser nor has BYPASSRLS.');
	END IF;
	_sql := format('ambit._shown(%L::pg_catalog.regclass, %L::pg_catalog.regclass, %L, %L)', relation, masked, alone, _select.subqueries);
	IF alone THEN
		_sql := format('%s AND (%s)', _sql, _select.condition);
	END IF;
	IF _bound.parent IS NOT NULL THEN
		/* the parent's row is seen */
		_sql := _sql || CASE WHEN alone THEN
			format(' AND EXISTS (SELECT FROM %s AS %I WHERE %I.%I = %I.%I AND %s)', _bound.parent, _parent, _parent,
				ambit._primary_key(_bound.parent), alias, _bound.parent_key,
				ambit._view_rows_sql(_bound.parent, masked, _parent, alone, depth + 1))
		ELSE ' AND ' || ambit._view_rows_sql(_bound.parent, masked, alias, alone, depth + 1) END;
	END IF;
	RETURN _sql;
END
$$;
COMMENT ON FUNCTION ambit._view_rows_sql(regclass, regclass, text, boolean, integer) IS 'SQL: the condition of the view. alone: with what the policies say, of the table and of its parents. Error 0A000 where the view could not show what they show.';
REVOKE EXECUTE ON FUNCTION ambit._view_rows_sql(regclass, regclass, text, boolean, integer) FROM PUBLIC;

CREATE FUNCTION ambit._masked_name("table" name)
	RETURNS name LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT "left"("table", i) || '_masked' FROM generate_series(length("table"), 1, -1) i WHERE octet_length("left"("table", i)) <= 56 LIMIT 1
$$;
COMMENT ON FUNCTION ambit._masked_name(name) IS 'The name that mask() gives to the view of a table.';
REVOKE EXECUTE ON FUNCTION ambit._masked_name(name) FROM PUBLIC;

CREATE FUNCTION ambit._make_view(relation regclass)
	RETURNS regclass LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
	SET standard_conforming_strings = on SET transform_null_equals = off
AS $$
DECLARE
	_view		regclass := ambit._masked_view(relation);
	_schema		name;
	_table		text;
	_name		name;
	_owner		regrole;
	_r			record;
BEGIN
	SELECT n.nspname, c.relname, c.relowner INTO _schema, _table, _owner
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
	IF _view IS NULL THEN
		_name := ambit._masked_name(_table);
		IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = _schema AND c.relname = _name) THEN
			PERFORM ambit._fail('42P07', format('relation "%s" already exists', _name),
				format('The masked columns of "%s" are to be read there.', relation), 'Give it another name, or another owner''s view to the owner of the table.');
		END IF;
	ELSE
		SELECT n.nspname, c.relname INTO _schema, _name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = _view;
		/* columns that were renamed in the table; first aside, since names may have been exchanged */
		FOR _r IN
			SELECT v.attname, t.attname AS now, p.pass, v.attnum
			FROM (SELECT a.attname, a.attnum FROM pg_attribute a WHERE a.attrelid = _view AND a.attnum > 0) v
			JOIN (SELECT a.attname, row_number() OVER (ORDER BY a.attnum) AS n FROM pg_attribute a
				WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped) t ON t.n = v.attnum
			CROSS JOIN generate_series(1, 2) p (pass)
			WHERE t.attname <> v.attname
			ORDER BY p.pass, v.attnum
		LOOP
			EXECUTE format('ALTER VIEW %s RENAME COLUMN %I TO %I', _view, CASE _r.pass WHEN 1 THEN _r.attname ELSE '~ambit ' || _r.attnum END,
				CASE _r.pass WHEN 1 THEN '~ambit ' || _r.attnum ELSE _r.now END);
		END LOOP;
	END IF;

	EXECUTE format(E'CREATE %s VIEW %I.%I WITH (security_barrier) AS\n%s',
		CASE WHEN _view IS NULL THEN '' ELSE 'OR REPLACE' END, _schema, _name, ambit._view_sql(relation));
	IF _view IS NULL THEN
		_view := format('%I.%I', _schema, _name)::regclass;
		EXECUTE format('ALTER VIEW %s OWNER TO %s', _view, _owner);
		EXECUTE format('COMMENT ON VIEW %s IS %L', _view, format('Table "%s" with its masked columns: NULL in rows where their permission does not open them. Kept by ambit.mask().', _table));
		/* default privileges give nobody anything */
		FOR _r IN SELECT DISTINCT x.grantee FROM pg_class c, aclexplode(c.relacl) x WHERE c.oid = _view LOOP
			EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', _view, CASE _r.grantee WHEN 0 THEN 'PUBLIC' ELSE _r.grantee::regrole::text END);
		END LOOP;
		EXECUTE format('REVOKE ALL ON %s FROM %s', _view, _owner);
		EXECUTE format('GRANT SELECT ON %s TO %s', _view, _owner);
	END IF;
	RETURN _view;
END
$$;
COMMENT ON FUNCTION ambit._make_view(regclass) IS 'Makes the view of a masked table, or makes it anew. A new one is its owner''s alone. Errors: 42P07 something else has its name; 0A000.';
REVOKE EXECUTE ON FUNCTION ambit._make_view(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._masks_policy(relation regclass)
	RETURNS TABLE (masks integer, with_check text) LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
BEGIN
	/* a column that is not there any more is waited for, with the table closed */
	RETURN QUERY
		SELECT count(*)::integer, string_agg(
				format(E'(ambit._mask(%L, %L, %s.%I, %s)\nOR %s\nOR ambit._mask_refused(%L::pg_catalog.regclass, %L))',
					k.mask, k.permission, k.table_name, k."column", ambit._initial_sql($1, k."column"),
					ambit._permits_sql($1, k.table_name, k.permission::text, mask => k.mask), $1, k.mask), E'\nAND ' ORDER BY k.mask)
				FILTER (WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = $1 AND a.attname = k."column" AND a.attnum > 0 AND NOT a.attisdropped))
		FROM (SELECT m.mask, m.permission, COALESCE(n."column", m."column") AS "column", quote_ident(c.relname) AS table_name
			FROM ambit.mask m
			JOIN pg_class c ON c.oid = m.relation
			LEFT JOIN ambit._masks($1) n ON n.mask = m.mask
			WHERE m.relation = $1) k;
END
$$;
COMMENT ON FUNCTION ambit._masks_policy(regclass) IS 'How many masks a table has, and the expression of its policy ambit_masks, in SQL, with the present names of columns; NULL for none.';
REVOKE EXECUTE ON FUNCTION ambit._masks_policy(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._view_sql(relation regclass)
	RETURNS text LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
	SELECT format(E'WITH read_only AS (SELECT 1 AS one)\nSELECT %s\nFROM %s AS "~ambit"\nWHERE %s',
		ambit._view_columns_sql($1, '"~ambit"'), $1, ambit._view_rows_sql($1, $1, '~ambit', ambit._passes_rls(c.relowner)))
	FROM pg_class c WHERE c.oid = $1
$$;
COMMENT ON FUNCTION ambit._view_sql(regclass) IS 'The query of the view of a masked table. Error 0A000 where the view could not show what the policies show.';
REVOKE EXECUTE ON FUNCTION ambit._view_sql(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._follow_names(relation regclass)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	/* the policy has followed renames */
	UPDATE ambit.mask k SET "column" = m."column"
	FROM ambit._masks(_follow_names.relation) m
	WHERE k.mask = m.mask AND k.relation = _follow_names.relation AND k."column" <> m."column";
END
$$;
COMMENT ON FUNCTION ambit._follow_names(regclass) IS 'Writes the present names of masked columns into ambit.mask.';
REVOKE EXECUTE ON FUNCTION ambit._follow_names(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._make_masks(relation regclass)
	RETURNS regclass LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
	SET standard_conforming_strings = on SET transform_null_equals = off
AS $$
DECLARE
	_relation	regclass := relation;
	_wanted		integer;
	_checks		text;
	_intact		text;
	_policy		name;
	_view		regclass;
BEGIN
	PERFORM ambit._follow_names(_relation);
	SELECT p.masks, p.with_check INTO _wanted, _checks FROM ambit._masks_policy(_relation) p;

	FOR _policy IN SELECT p.polname FROM pg_policy p WHERE p.polrelid = _relation AND p.polname = 'ambit_masks' LOOP
		EXECUTE format('DROP POLICY %I ON %s', _policy, _relation);
	END LOOP;
	IF _checks IS NOT NULL THEN
		EXECUTE format('CREATE POLICY ambit_masks ON %s AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (%s)', _relation, _checks);
	END IF;
	_intact := format('ambit._intact(%L::pg_catalog.regclass, %s)', _relation, _wanted);
	IF EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = _relation AND p.polname = 'ambit_intact'
		AND pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM replace(_intact, 'pg_catalog.', ''))
	THEN
		EXECUTE format('ALTER POLICY ambit_intact ON %s USING (%s)', _relation, _intact);
	END IF;
	IF _wanted > 0 THEN
		RETURN ambit._make_view(_relation);
	END IF;
	_view := ambit._masked_view(_relation);
	IF _view IS NOT NULL THEN
		EXECUTE format('DROP VIEW %s', _view);
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION ambit._make_masks(regclass) IS 'Makes the policy of masked columns, and the view, from what is masked; takes them away where nothing is. A column that was dropped keeps the table closed until unmask() is called for it.';
REVOKE EXECUTE ON FUNCTION ambit._make_masks(regclass) FROM PUBLIC;

/* ---- privileges -------------------------------------------------------------
 *
 * Whoever could read the table reads the view, and of the table the columns
 * that are not masked.  Privileges of the table's owner stay.
 */

CREATE FUNCTION ambit._readers(relation regclass)
	RETURNS TABLE ("column" name, role text, option text) LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT a.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
		CASE WHEN bool_or(a.is_grantable) THEN ' WITH GRANT OPTION' ELSE '' END
	FROM (
		SELECT NULL::name, x.grantee, x.is_grantable, x.privilege_type, c.relowner
		FROM pg_class c, aclexplode(c.relacl) x WHERE c.oid = relation
		UNION ALL
		SELECT t.attname, x.grantee, x.is_grantable, x.privilege_type, c.relowner
		FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) x
		WHERE c.oid = relation AND t.attnum > 0 AND NOT t.attisdropped) a (name, grantee, is_grantable, privilege_type, relowner)
	WHERE a.privilege_type = 'SELECT' AND a.grantee <> a.relowner
	GROUP BY a.name, a.grantee
	ORDER BY a.name NULLS FIRST, a.grantee
$$;
COMMENT ON FUNCTION ambit._readers(regclass) IS 'Who but the owner may read a table or view (column NULL) or a column of it, as GRANT writes the role, and whether with grant option.';
REVOKE EXECUTE ON FUNCTION ambit._readers(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._hide_column(relation regclass, view regclass, "column" name, new_view boolean)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	_masked		name[] := ARRAY(SELECT m."column" FROM ambit._masks(relation) m);
	_others		text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
		WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (_masked));
	_readers	jsonb := (SELECT jsonb_agg(to_jsonb(r) ORDER BY r."column" NULLS FIRST) FROM ambit._readers(relation) r);
	_r			record;
BEGIN
	/* what one role gave to another goes with it, and is given by the owner then */
	FOR _r IN SELECT r.role FROM jsonb_to_recordset(_readers) r ("column" name, role text) WHERE r."column" IS NULL LOOP
		EXECUTE format('REVOKE SELECT ON %s FROM %s CASCADE', relation, _r.role);
	END LOOP;
	FOR _r IN SELECT r.role FROM jsonb_to_recordset(_readers) r ("column" name, role text) WHERE r."column" = _hide_column."column" LOOP
		EXECUTE format('REVOKE SELECT (%I) ON %s FROM %s CASCADE', _hide_column."column", relation, _r.role);
	END LOOP;
	FOR _r IN SELECT * FROM jsonb_to_recordset(_readers) r ("column" name, role text, option text) LOOP
		IF _r."column" IS NULL THEN
			EXECUTE format('GRANT SELECT (%s) ON %s TO %s%s', _others, relation, _r.role, _r.option);
			EXECUTE format('GRANT SELECT ON %s TO %s%s', view, _r.role, _r.option);
		ELSE
			IF _r."column" <> ALL (_masked) THEN
				EXECUTE format('GRANT SELECT (%I) ON %s TO %s%s', _r."column", relation, _r.role, _r.option);
			END IF;
			IF (new_view OR _r."column" = _hide_column."column") AND _r.role NOT IN (SELECT r.role FROM ambit._readers(view) r WHERE r."column" IS NULL) THEN
				EXECUTE format('GRANT SELECT (%I) ON %s TO %s%s', _r."column", view, _r.role, _r.option);
			END IF;
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._hide_column(regclass, regclass, name, boolean) IS 'Takes SELECT on a masked column, and with it on the table, from all who have it, gives it back for the columns that are not masked, and gives it on the view.';
REVOKE EXECUTE ON FUNCTION ambit._hide_column(regclass, regclass, name, boolean) FROM PUBLIC;

CREATE FUNCTION ambit._show_column(relation regclass, view regclass, "column" name, last boolean)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	_columns	text := (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);
	_r			record;
BEGIN
	FOR _r IN SELECT * FROM ambit._readers(view) r LOOP
		IF _r."column" IS NULL AND last THEN
			EXECUTE format('GRANT SELECT ON %s TO %s%s', relation, _r.role, _r.option);
			BEGIN
				EXECUTE format('REVOKE SELECT (%s) ON %s FROM %s RESTRICT', _columns, relation, _r.role);
			EXCEPTION WHEN dependent_objects_still_exist THEN
				/* who gave a column to others keeps it */
				NULL;
			END;
			EXECUTE format('GRANT SELECT ON %s TO %s%s', relation, _r.role, _r.option);
		ELSIF _r."column" IS NULL OR _r."column" = _show_column."column" THEN
			EXECUTE format('GRANT SELECT (%I) ON %s TO %s%s', _show_column."column", relation, _r.role, _r.option);
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._show_column(regclass, regclass, name, boolean) IS 'Gives SELECT on a column back to all who may read it in the view; last: on the whole table to those who may read all of it.';
REVOKE EXECUTE ON FUNCTION ambit._show_column(regclass, regclass, name, boolean) FROM PUBLIC;

/* ---- for the DBA ------------------------------------------------------------- */

CREATE FUNCTION ambit._check_maskable(relation regclass, "column" name)
	RETURNS void LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_number		smallint;
	_computed	name;
BEGIN
	SELECT a.attnum INTO _number FROM pg_attribute a
	WHERE a.attrelid = relation AND a.attname = "column" AND a.attnum > 0 AND NOT a.attisdropped;
	IF NOT FOUND THEN
		PERFORM ambit._no_column(relation, "column");
	END IF;
	IF EXISTS (SELECT FROM ambit._bindings(relation) b
		WHERE "column" IN (b.tenant, b.location, b.owner, b.client, b.assignee, b.team, b.parent_key))
	THEN
		PERFORM ambit._fail('22023', format('column "%s" cannot be masked', "column"), 'protect() bound it: who sees a row knows what is in it.');
	END IF;
	IF EXISTS (SELECT FROM pg_index i WHERE i.indrelid = relation AND i.indisprimary AND _number = ANY (i.indkey)) THEN
		PERFORM ambit._fail('22023', format('column "%s" cannot be masked', "column"), 'It is part of the primary key.');
	END IF;
	/* the server notes it of columns of the key, and of those in its expressions */
	IF EXISTS (SELECT FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
		WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = d.objid AND d.refobjsubid = 0 AND d.deptype = 'i'
			AND d.objid IN (SELECT relation UNION ALL SELECT p FROM ambit._parts(relation) p) AND a.attname = "column")
	THEN
		PERFORM ambit._fail('22023', format('column "%s" cannot be masked', "column"), 'It says which partition a row is in.');
	END IF;
	SELECT a.attname INTO _computed
	FROM pg_attribute a
	JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
	JOIN pg_depend d ON (d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid OR d.classid = 'pg_class'::regclass AND d.objid = relation AND d.objsubid = a.attnum)
	WHERE a.attrelid = relation AND a.attgenerated <> '' AND a.attnum <> _number
		AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation AND d.refobjsubid = _number
		AND NOT EXISTS (SELECT FROM ambit._masks(relation) m WHERE m."column" = a.attname)
	ORDER BY a.attnum LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('22023', format('column "%s" cannot be masked', "column"), format('Column "%s" is computed from it.', _computed),
			format('Mask "%s" first.', _computed));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._check_maskable(regclass, name) IS 'Error 42703 or 22023 unless the column can be masked.';
REVOKE EXECUTE ON FUNCTION ambit._check_maskable(regclass, name) FROM PUBLIC;

CREATE FUNCTION ambit.mask(relation regclass, "column" name, permission ambit.permission)
	RETURNS regclass LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	_old		record;
	_new_view	boolean;
	_view		regclass;
BEGIN
	PERFORM ambit._require_dba('mask');
	PERFORM ambit._require_protected(relation);
	IF "column" IS NULL OR permission IS NULL THEN
		PERFORM ambit._fail('22004', 'column and permission must not be null');
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
	_new_view := ambit._masked_view(relation) IS NULL;
	/* names as they are now; and the policy, where it was damaged */
	IF EXISTS (SELECT FROM ambit.mask k WHERE k.relation = mask.relation AND k.mask NOT IN (SELECT m.mask FROM ambit._masks(mask.relation) m)) THEN
		PERFORM ambit._make_masks(relation);
	ELSE
		PERFORM ambit._follow_names(relation);
	END IF;
	PERFORM ambit._check_maskable(relation, "column");
	SELECT k.mask, k.permission INTO _old FROM ambit.mask k WHERE k.relation = mask.relation AND k."column" = mask."column";
	IF FOUND AND _old.permission OPERATOR(ambit.=) permission THEN
		RETURN ambit._make_masks(relation);
	END IF;
	/* under another permission it is another mask, which no tenant has marked */
	DELETE FROM ambit.mask k WHERE k.mask = _old.mask;
	INSERT INTO ambit.mask (relation, "column", permission) VALUES (mask.relation, mask."column", mask.permission);
	_view := ambit._make_masks(relation);
	IF _old.mask IS NULL THEN
		PERFORM ambit._hide_column(relation, _view, "column", _new_view);
	END IF;
	RETURN _view;
END
$$;
COMMENT ON FUNCTION ambit.mask(regclass, name, ambit.permission) IS 'Masks a column of a protected table: it can be read only in the view whose name this returns (TABLE_masked, in the schema of the table), and is NULL there in rows that the permission does not reach. Writing to it follows the rules, but an UPDATE that assigns it in such a row counts as a change whatever the value is, and a field that tenants mark (the permission is one of the template''s marked_fields) cannot be written to there. Whoever may read the table may read the view, and of the table the columns that are not masked; no later GRANT opens a masked column to a role that row-level security holds. The view cannot be written to. Called again it takes up new columns and new names; with another permission it replaces the mask, and what tenants marked is forgotten. For the DBA. Errors: 42501; 22004; 42704 not protected; 42703 no such column; 22023 a bound column, one of the primary key or of a partition key, or one from which a column that is not masked is computed; 42P07 the view''s name is taken; 0A000 restrictive policies of others, or a condition with a subquery, that the view could not hold.';

CREATE FUNCTION ambit.unmask(relation regclass, "column" name)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	_column		name := "column";
	_mask		bigint;
	_base		name;
	_view		regclass;
BEGIN
	PERFORM ambit._require_dba('unmask');
	PERFORM ambit._require_protected(relation);
	IF _column IS NULL THEN
		PERFORM ambit._fail('22004', 'column must not be null');
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
	_view := ambit._make_masks(relation);
	SELECT k.mask INTO _mask FROM ambit.mask k WHERE k.relation = unmask.relation AND k."column" = _column;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', format('column "%s" of table "%s" is not masked', _column, relation));
	END IF;
	SELECT m."column" INTO _base
	FROM pg_attribute a
	JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
	JOIN pg_depend d ON (d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid OR d.classid = 'pg_class'::regclass AND d.objid = relation AND d.objsubid = a.attnum)
	JOIN pg_attribute b ON b.attrelid = relation AND b.attnum = d.refobjsubid
	JOIN ambit._masks(relation) m ON m."column" = b.attname
	WHERE a.attrelid = relation AND a.attname = _column AND a.attgenerated <> '' AND b.attnum <> a.attnum
		AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
	ORDER BY b.attnum LIMIT 1;
	IF FOUND THEN
		PERFORM ambit._fail('22023', format('column "%s" cannot be unmasked', _column), format('It is computed from column "%s".', _base),
			format('Unmask "%s" first.', _base));
	END IF;
	IF EXISTS (SELECT FROM ambit._masks(relation) m WHERE m.mask = _mask) THEN
		PERFORM ambit._show_column(relation, _view, _column, NOT EXISTS (SELECT FROM ambit.mask k WHERE k.relation = unmask.relation AND k.mask <> _mask));
	END IF;
	DELETE FROM ambit.mask k WHERE k.mask = _mask;
	PERFORM ambit._make_masks(relation);
END
$$;
COMMENT ON FUNCTION ambit.unmask(regclass, name) IS 'Takes a mask away: whoever may read the column in the view may read it in the table again. With the last one the view goes. For a masked column that was dropped with CASCADE: opens the table again. For the DBA. Errors: 42501; 22004; 42704 not protected, not masked; 22023 computed from a masked column; 2BP01 other objects depend on the view.';

CREATE FUNCTION ambit._drop_masks(relation regclass, give_back boolean)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	_view		regclass := ambit._masked_view(relation);
	_left		integer := (SELECT count(*) FROM ambit._masks(relation));
	_column		name;
BEGIN
	IF _view IS NOT NULL THEN
		FOR _column IN SELECT m."column" FROM ambit._masks(relation) m WHERE give_back LOOP
			_left := _left - 1;
			PERFORM ambit._show_column(relation, _view, _column, _left = 0);
		END LOOP;
		EXECUTE format('DROP VIEW %s', _view);
	END IF;
	DELETE FROM ambit.mask k WHERE k.relation = _drop_masks.relation;
	EXECUTE format('DROP POLICY IF EXISTS ambit_masks ON %s', relation);
END
$$;
COMMENT ON FUNCTION ambit._drop_masks(regclass, boolean) IS 'Takes all masks of a table away. give_back: with the privileges that unmask() gives back.';
REVOKE EXECUTE ON FUNCTION ambit._drop_masks(regclass, boolean) FROM PUBLIC;

/* ---- fields that a tenant marks --------------------------------------------- */

CREATE FUNCTION ambit._confirm_field(since bigint, function text, tenant text, permission ambit.permission) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_field';
COMMENT ON FUNCTION ambit._confirm_field(bigint, text, text, ambit.permission) IS 'Error 42501 unless the caller had the permission in scope all for the whole tenant, by every channel and without end.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_field(bigint, text, text, ambit.permission) FROM PUBLIC;

CREATE FUNCTION ambit.set_field_visible(tenant text, relation regclass, "column" name, visible boolean) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_since bigint;
	_tenant text COLLATE "C";
	_column name := set_field_visible."column";
	_mask record;
BEGIN
	_since := ambit._admit('set_field_visible', set_field_visible.tenant);
	_tenant := ambit._given('tenant', set_field_visible.tenant);
	IF relation IS NULL OR _column IS NULL OR visible IS NULL THEN
		PERFORM ambit._fail('22004', 'relation, column and visible must not be null');
	END IF;

	PERFORM ambit._template_of(_tenant, false, _since);
	IF _since IS NOT NULL THEN
		PERFORM ambit._authorize('set_field_visible', _tenant, places => ARRAY[NULL]);
	END IF;
	/* anybody may write a policy that looks like ambit's on a table of their own: what was masked stands in ambit.mask */
	SELECT k.mask, k.permission INTO _mask FROM ambit._masks(relation) m
	JOIN ambit.mask k ON k.mask = m.mask AND k.relation = set_field_visible.relation
	WHERE m."column" = _column;
	IF NOT FOUND THEN
		PERFORM ambit._fail('55000', pg_catalog.format('column "%s" of "%s" is not masked', _column, relation),
			'Whoever sees a row sees such a column.', 'The DBA masks columns, by ambit.mask().');
	END IF;
	IF _since IS NOT NULL THEN
		PERFORM ambit._confirm_field(_since, 'set_field_visible', _tenant, _mask.permission);
	END IF;
	IF visible THEN
		INSERT INTO ambit.tenant_field (tenant, mask) VALUES (_tenant, _mask.mask) ON CONFLICT DO NOTHING;
	ELSE
		DELETE FROM ambit.tenant_field f WHERE f.tenant = _tenant AND f.mask = _mask.mask;
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.set_field_visible(text, regclass, name, boolean) IS 'Marks a masked column for a tenant: whoever sees a row of the tenant sees the column in it, and those write to it who may change the row. visible false: its permission decides again. Others than the DBA need, besides what the template wants, the permission of the mask in scope all for the whole tenant, by every channel and without end. Errors: 42704 unknown tenant, 55000 not masked, 22004 and 22023 NULL or empty argument, 42501 not allowed to, 0A000 not the DBA and a transaction that keeps its snapshot.';
