/* ---- policy: protected tables ------------------------------------------- */

CREATE FUNCTION ambit._bindings(relation regclass)
	RETURNS TABLE (tenant name, location name, owner name, client name, assignee name, team name,
		parent regclass, parent_key name)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1 AS 'MODULE_PATHNAME', 'ambit_bindings';
COMMENT ON FUNCTION ambit._bindings(regclass) IS 'The columns of a protected table that protect() bound, by their present names. No row for a table that is not protected.';

CREATE FUNCTION ambit._is_policy(name name)
	RETURNS boolean LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_is_policy';
COMMENT ON FUNCTION ambit._is_policy(name) IS 'Whether a policy of that name on a protected table is one of ambit''s.';
REVOKE EXECUTE ON FUNCTION ambit._is_policy(name) FROM PUBLIC;

CREATE FUNCTION ambit._check_condition(condition text)
	RETURNS void LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_check_condition';
COMMENT ON FUNCTION ambit._check_condition(text) IS 'Error 42601 unless the text is one expression. It is parsed only, nothing in it is looked up or run.';
REVOKE EXECUTE ON FUNCTION ambit._check_condition(text) FROM PUBLIC;

CREATE FUNCTION ambit._seen_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_seen_support';
COMMENT ON FUNCTION ambit._seen_support(internal) IS 'Planner support of ambit._seen().';

CREATE FUNCTION ambit._seen(seen boolean)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE
	SUPPORT ambit._seen_support AS 'MODULE_PATHNAME', 'ambit_seen';
COMMENT ON FUNCTION ambit._seen(boolean) IS 'The same. Stands in the policies for UPDATE and DELETE around the condition of SELECT: the planner leaves it out where the policy for SELECT holds as well.';

CREATE FUNCTION ambit._implied_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_implied_support';
COMMENT ON FUNCTION ambit._implied_support(internal) IS 'Planner support of ambit._implied().';

CREATE FUNCTION ambit._implied(permission text, seeing text[], permitted boolean)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE
	SUPPORT ambit._implied_support AS 'MODULE_PATHNAME', 'ambit_implied';
COMMENT ON FUNCTION ambit._implied(text, text[], boolean) IS 'permitted: whether the permission reaches the row. Stands in the policies for UPDATE and DELETE beside the condition of SELECT: the planner leaves it out where the identity in force holds the permission in every way in which it holds those of SELECT, since rows that are seen are permitted then.';

CREATE FUNCTION ambit._guarded_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_guarded_support';
COMMENT ON FUNCTION ambit._guarded_support(internal) IS 'Planner support of ambit._guarded().';

CREATE FUNCTION ambit._guarded(rule bigint, permitted boolean, condition boolean)
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE
	SUPPORT ambit._guarded_support AS 'MODULE_PATHNAME', 'ambit_guarded';
COMMENT ON FUNCTION ambit._guarded(bigint, boolean, boolean) IS 'Both permitted and condition. Stands in the policies of rules with a condition: the planner replaces it by the condition where that cannot raise or tell what a row holds (leakproof functions only), else by one that is evaluated only after the row is permitted.';

CREATE FUNCTION ambit._holds_keys(type regtype)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_holds_keys';
COMMENT ON FUNCTION ambit._holds_keys(regtype) IS 'Whether columns of the type can hold keys: its text must not depend on settings.';
REVOKE EXECUTE ON FUNCTION ambit._holds_keys(regtype) FROM PUBLIC;

CREATE FUNCTION ambit._check_rules(relation regclass)
	RETURNS void LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_check_rules';
COMMENT ON FUNCTION ambit._check_rules(regclass) IS 'Error 0A000 when the condition of an update rule holds a subquery: the guard evaluates it by itself.';
REVOKE EXECUTE ON FUNCTION ambit._check_rules(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._refuse_truncate()
	RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_refuse_truncate';
COMMENT ON FUNCTION ambit._refuse_truncate() IS 'Statement trigger of protected tables: error 42501.';
REVOKE EXECUTE ON FUNCTION ambit._refuse_truncate() FROM PUBLIC;

CREATE FUNCTION ambit._require_identity()
	RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_require_identity';
COMMENT ON FUNCTION ambit._require_identity() IS 'Statement trigger of protected tables: error 42501 for a write without an identity, unless row-level security does not apply to the role.';
REVOKE EXECUTE ON FUNCTION ambit._require_identity() FROM PUBLIC;

CREATE FUNCTION ambit._write_part()
	RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_require_identity';
COMMENT ON FUNCTION ambit._write_part() IS 'Statement trigger of partitions and inheritance children of protected tables, for statements that write to them directly: as _require_identity().';
REVOKE EXECUTE ON FUNCTION ambit._write_part() FROM PUBLIC;

CREATE FUNCTION ambit._primary_key(relation regclass)
	RETURNS name LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT a.attname
	FROM pg_catalog.pg_index i
	JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
	WHERE i.indrelid = relation AND i.indisprimary AND i.indnkeyatts = 1
$$;
COMMENT ON FUNCTION ambit._primary_key(regclass) IS 'The column that is the primary key of a table; NULL where there is none, or one of several columns.';

CREATE FUNCTION ambit._permits_sql(relation regclass, alias text, permission text,
		columns text[] = '{NULL,NULL,NULL,NULL,NULL,NULL}', depth integer = 1, mask bigint = NULL)
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	b			record;
	named		name[];
	bound		text[];
	parent_name	text := 'ambit_parent_' || depth;
BEGIN
	SELECT * INTO STRICT b FROM ambit._bindings(relation);
	named := ARRAY[b.tenant, b.location, b.owner, b.client, b.assignee, b.team];
	FOR i IN 1 .. 6 LOOP
		bound[i] := coalesce(columns[i], alias || '.' || quote_ident(named[i]));
	END LOOP;
	IF b.parent IS NOT NULL THEN
		RETURN format('EXISTS (SELECT FROM %s AS %s WHERE %s.%I = %s.%I AND %s)',
			b.parent, parent_name, parent_name, ambit._primary_key(b.parent), alias, b.parent_key,
			ambit._permits_sql(b.parent, parent_name, permission, bound, depth + 1, mask));
	END IF;
	RETURN format('ambit.%s%L, %s)', COALESCE('_unmasks(' || quote_literal(mask) || ', ', 'permits('), permission,
		(SELECT string_agg(coalesce(c, 'NULL'), ', ' ORDER BY n) FROM unnest(bound) WITH ORDINALITY u(c, n)));
END
$$;
COMMENT ON FUNCTION ambit._permits_sql(regclass, text, text, text[], integer, bigint) IS 'SQL: whether the permission reaches a row of the protected table that goes by the alias. A table with a parent takes from the parent''s row the columns that it does not bind itself, and is permitted only where that row can be seen. columns: what tables below have bound already. mask: whether the masked column is open in the row, instead.';
REVOKE EXECUTE ON FUNCTION ambit._permits_sql(regclass, text, text, text[], integer, bigint) FROM PUBLIC;

CREATE FUNCTION ambit._conditions(relation regclass)
	RETURNS TABLE (rule bigint, condition text)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
	SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'ambit_conditions';
COMMENT ON FUNCTION ambit._conditions(regclass) IS 'The conditions of the rules of a protected table as they stand in its policies, with the present names.';
REVOKE EXECUTE ON FUNCTION ambit._conditions(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._rule_columns(relation regclass)
	RETURNS TABLE (rule bigint, columns name[])
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10 AS 'MODULE_PATHNAME', 'ambit_rule_columns';
COMMENT ON FUNCTION ambit._rule_columns(regclass) IS 'The columns that rules of a protected table name, by their present names. No row for a rule that names none.';
REVOKE EXECUTE ON FUNCTION ambit._rule_columns(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._intact_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_intact_support';
COMMENT ON FUNCTION ambit._intact_support(internal) IS 'Planner support of ambit._intact().';

CREATE FUNCTION ambit._intact(relation regclass, masks integer DEFAULT 0)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE
	SUPPORT ambit._intact_support AS 'MODULE_PATHNAME', 'ambit_intact';
COMMENT ON FUNCTION ambit._intact(regclass, integer) IS 'Whether all of ambit''s policies and triggers stand on a protected table, and as many masks as its policy ambit_intact says. Stands in a policy that looks at no column, so that DROP COLUMN ... CASCADE closes the table even where somebody has a permissive policy on it.';

/* ---- the policies of a table ----------------------------------------------
 *
 * SELECT, INSERT and DELETE are decided by the policies alone, UPDATE by the
 * policy as far as the old row goes, and by the guard (guard.c), which reads
 * the rules from the policy's check.  Columns and conditions stand there as
 * expressions, so that renames, drops and dumps are the server's business.
 */

CREATE FUNCTION ambit._rules(relation regclass)
	RETURNS TABLE (rule bigint, command text, permission text, columns name[], becomes text, condition text, checks text)
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
		SELECT u.rule, u.command, u.permission::text, COALESCE(c.columns, u.columns), u.becomes,
			CASE WHEN u."when" IS NOT NULL THEN
				COALESCE((SELECT w.condition FROM ambit._conditions(u.relation) w WHERE w.rule = u.rule LIMIT 1), u."when") END,
			u.checks
		FROM ambit.rule u LEFT JOIN ambit._rule_columns(u.relation) c ON c.rule = u.rule
		WHERE u.relation = _rules.relation
		ORDER BY u.rule;
END
$$;
COMMENT ON FUNCTION ambit._rules(regclass) IS 'The rules of a protected table, with the present names of columns.';
REVOKE EXECUTE ON FUNCTION ambit._rules(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._passes_rls(role oid)
	RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = role AND (r.rolsuper OR r.rolbypassrls)));
END
$$;
COMMENT ON FUNCTION ambit._passes_rls(oid) IS 'Whether row-level security does not hold the role.';
REVOKE EXECUTE ON FUNCTION ambit._passes_rls(oid) FROM PUBLIC;

CREATE FUNCTION ambit._base_type(relation regclass, "column" name, OUT type regtype, OUT typmod integer)
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_base_type';
COMMENT ON FUNCTION ambit._base_type(regclass, name) IS 'The type of a column, domains resolved. NULLs when there is no such column.';
REVOKE EXECUTE ON FUNCTION ambit._base_type(regclass, name) FROM PUBLIC;

CREATE FUNCTION ambit._becomes_sql(relation regclass, "column" name, becomes text)
	RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('%L::%s', becomes, format_type((ambit._base_type(relation, "column")).type, -1))
$$;
COMMENT ON FUNCTION ambit._becomes_sql(regclass, name, text) IS 'SQL: the value that a column may become, in the base type of the column.';
REVOKE EXECUTE ON FUNCTION ambit._becomes_sql(regclass, name, text) FROM PUBLIC;

CREATE FUNCTION ambit._is_default(relation regclass, "column" name, becomes text)
	RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
DECLARE
	/* a constant, or one that casts of PostgreSQL's own make fit, as for
	 * varchar(10): nothing of the application is run */
	constant	text := (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
		JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
		WHERE a.attrelid = relation AND a.attname = "column"
			AND d.adbin::text !~ '\{(?!CONST |FUNCEXPR )' AND d.adbin::text !~ ':funcformat (?![12] )'
			AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, ':funcid ([0-9]+)', 'g') f
				JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid
				WHERE p.provolatile <> 'i' OR p.oid >= 16384));
	same		boolean;
BEGIN
	IF constant IS NOT NULL THEN
		EXECUTE format('SELECT ambit._is((%s)::%s, %s)', constant, format_type((ambit._base_type(relation, "column")).type, -1),
			ambit._becomes_sql(relation, "column", becomes)) INTO same;
	END IF;
	RETURN COALESCE(same, false);
END
$$;
COMMENT ON FUNCTION ambit._is_default(regclass, name, text) IS 'Whether a value is the constant that a column has by default.';
REVOKE EXECUTE ON FUNCTION ambit._is_default(regclass, name, text) FROM PUBLIC;

CREATE FUNCTION ambit._policies(relation regclass)
	RETURNS TABLE (policy name, command text, qual text, with_check text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
DECLARE
	table_name	text := (SELECT quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.oid = relation);
	ways		jsonb := '{}';		/* command: in which ways a row is permitted */
	rules		jsonb;
	reserved	jsonb := '[]';		/* what new rows may hold by some rules only: column, value, who permits it, whether this rule reserves it */
	covering	jsonb := '[]';		/* and by update rules for any value: columns, who permits it */
	inserting	text[] := '{}';
	seeing		text[] := ARRAY(SELECT u.permission FROM ambit._rules(relation) u WHERE u.command = 'select' ORDER BY u.rule);
	metadata	text;
	given		boolean := false;
	r			record;
	permitted	text;
	becoming	text;
	values_sql	text[];
BEGIN
	FOR r IN SELECT * FROM ambit._rules(relation) LOOP
		permitted := ambit._permits_sql(relation, table_name, r.permission);
		IF r.condition IS NOT NULL THEN
			permitted := format(E'(%s AND ambit._guarded(%L, %s, (\n%s\n)))', permitted, r.rule, permitted, r.condition);
		END IF;
		becoming := permitted;
		IF r.becomes IS NOT NULL THEN
			values_sql := ARRAY(SELECT format('ambit._is(%s.%I::%s, %s)', table_name, c, format_type((ambit._base_type(relation, c)).type, -1),
				ambit._becomes_sql(relation, c, r.becomes)) FROM unnest(r.columns) WITH ORDINALITY u (c, n) ORDER BY n);
			becoming := array_to_string(values_sql, ' AND ') || ' AND ' || permitted;
			/* what a new row is by default is free, unless a rule about new rows says otherwise */
			SELECT reserved || COALESCE(jsonb_agg(jsonb_build_object('column', u.c, 'value', u.value, 'permission', r.permission,
					'reserves', r.command = 'insert' OR NOT ambit._is_default(relation, u.c, r.becomes),
					/* an insert rule permits a row that has all of its values */
					'permitted', CASE r.command WHEN 'insert' THEN '(' || becoming || ')' ELSE permitted END) ORDER BY u.n), '[]')
			INTO reserved
			FROM unnest(r.columns, values_sql) WITH ORDINALITY u (c, value, n);
		END IF;
		IF r.command = 'update' OR r.becomes IS NOT NULL THEN
			metadata := COALESCE(metadata || E'\nAND ', '') || format('ambit._rule(%L, %L, %L, %L, %s, %L, %s)',
				r.rule, r.command, r.permission, r.checks,
				COALESCE(E'(\n' || r.condition || E'\n)', 'NULL'), r.becomes IS NOT NULL,
				COALESCE((SELECT string_agg(format('%s.%I', table_name, c) ||
						CASE WHEN r.becomes IS NULL THEN '' ELSE ', ' || ambit._becomes_sql(relation, c, r.becomes) END, ', ' ORDER BY n)
					FROM unnest(r.columns) WITH ORDINALITY u (c, n)), 'NULL'));
		END IF;
		IF r.command = 'insert' THEN
			permitted := becoming;
			IF r.permission <> ALL (inserting) THEN
				inserting := inserting || r.permission;
			END IF;
		ELSIF r.command = 'update' THEN
			IF r.becomes IS NULL THEN
				covering := covering || jsonb_build_object('columns', r.columns, 'permitted', permitted, 'permission', r.permission);
			END IF;
			given := given OR r.checks = 'old';
			/* any row that is seen, for those who hold it at all: the guard looks at the new one */
			IF r.checks = 'new' THEN
				permitted := format('ambit._holds(%L)', r.permission);
			END IF;
		END IF;
		IF r.command IN ('update', 'delete') AND r.checks <> 'new' AND r.condition IS NULL THEN
			permitted := format('ambit._implied(%L, %L, %s)', r.permission, seeing, permitted);
		END IF;
		IF NOT COALESCE(ways -> r.command ? permitted, false) THEN
			ways := jsonb_set(ways, ARRAY[r.command], COALESCE(ways -> r.command, '[]') || to_jsonb(permitted));
		END IF;
	END LOOP;
	rules := COALESCE((SELECT jsonb_object_agg(w.key, (SELECT string_agg(x.value, E'\nOR ' ORDER BY x.n)
			FROM jsonb_array_elements_text(w.value) WITH ORDINALITY x (value, n)))
		FROM jsonb_each(ways) w), '{}');
	IF rules ? 'insert' THEN
		rules := jsonb_set(rules, '{insert}', to_jsonb(format(E'(%1$s\nOR ambit._insert_refused(%2$L::pg_catalog.regclass, NULL, %3$L))%4$s', rules ->> 'insert',
			relation, array_to_string(inserting, ', '),
			(SELECT string_agg(format(E'\nAND (NOT %s OR %s OR ambit._insert_refused(%L::pg_catalog.regclass, %L, %L))',
					v.value, v.permitted, relation, v."column", v.permissions), '' ORDER BY v.n)
			 FROM (
				/* in an order that no renaming and no collation changes: doctor() compares */
				SELECT w.value, w."column", string_agg(DISTINCT w.permitted COLLATE "C", ' OR ') AS permitted,
					string_agg(DISTINCT w.permission COLLATE "C", ', ') AS permissions, min(w.n) AS n
				FROM (
					SELECT x ->> 'value' AS value, x ->> 'column' AS "column", x ->> 'permitted' AS permitted, x ->> 'permission' AS permission,
						(x ->> 'reserves')::boolean AS reserves, n
					FROM jsonb_array_elements(reserved) WITH ORDINALITY z (x, n)
					UNION ALL
					SELECT x ->> 'value', x ->> 'column', y ->> 'permitted', y ->> 'permission', false, n
					FROM jsonb_array_elements(reserved) WITH ORDINALITY z (x, n), jsonb_array_elements(covering) y
					WHERE y -> 'columns' = 'null' OR y -> 'columns' ? (x ->> 'column')) w
				GROUP BY w.value, w."column"
				HAVING bool_or(w.reserves)) v))));
	END IF;

	/* a row that may not be seen may be neither changed, deleted nor locked */
	RETURN QUERY
		SELECT ('ambit_' || c.command)::name, c.command,
			CASE c.command
				WHEN 'select' THEN c.seen
				WHEN 'insert' THEN NULL
				/* the same text twice would be asked twice; once, the server knows it from the policy of SELECT */
				ELSE CASE WHEN c.own = c.seen THEN c.own ELSE format('ambit._seen(%s) AND (%s)', c.seen, c.own) END
			END,
			CASE c.command WHEN 'insert' THEN c.own WHEN 'update' THEN COALESCE(metadata, 'ambit._closed()') END
		FROM (SELECT u.command, COALESCE(rules ->> u.command, 'ambit._closed()') AS own,
				COALESCE(rules ->> 'select', 'ambit._closed()') ||
					CASE WHEN given THEN format(' OR ambit._given_away(%L::pg_catalog.regclass)', relation) ELSE '' END AS seen
			FROM unnest('{select,insert,update,delete}'::text[]) AS u (command)) c;
END
$$;
COMMENT ON FUNCTION ambit._policies(regclass) IS 'The restrictive policies that a protected table has by its rules, one a command, its rules joined by OR; closed where there is no rule. qual, with_check: the expressions of USING and WITH CHECK, in SQL.';
REVOKE EXECUTE ON FUNCTION ambit._policies(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._policy_parts_sql(qual text, with_check text)
	RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT COALESCE(' USING (' || qual || ')', '') || COALESCE(' WITH CHECK (' || with_check || ')', '')
$$;
COMMENT ON FUNCTION ambit._policy_parts_sql(text, text) IS 'SQL: the expressions of a policy.';
REVOKE EXECUTE ON FUNCTION ambit._policy_parts_sql(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._policy_sql(relation regclass, policy name, command text, qual text, with_check text)
	RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('CREATE POLICY %I ON %s AS RESTRICTIVE FOR %s TO PUBLIC', policy, relation, command)
		|| ambit._policy_parts_sql(qual, with_check)
$$;
COMMENT ON FUNCTION ambit._policy_sql(regclass, name, text, text, text) IS 'SQL that creates a restrictive policy of ambit''s.';
REVOKE EXECUTE ON FUNCTION ambit._policy_sql(regclass, name, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._make_policies(relation regclass, commands text[] = '{select,insert,update,delete}')
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
	SET standard_conforming_strings = on SET transform_null_equals = off
AS $$
DECLARE
	r	record;
BEGIN
	/* all of them before the first is changed: they tell the present names of columns */
	FOR r IN
		SELECT p.policy, ambit._policy_sql(relation, p.policy, p.command, p.qual, p.with_check) AS sql,
			format('ALTER POLICY %I ON %s', p.policy, relation) || ambit._policy_parts_sql(p.qual, p.with_check) AS change,
			/* one that was damaged is made anew */
			EXISTS (SELECT FROM pg_catalog.pg_policy k WHERE k.polrelid = relation AND k.polname = p.policy AND NOT k.polpermissive
				AND k.polroles = '{0}' AND k.polcmd = CASE p.command WHEN 'select' THEN 'r' WHEN 'insert' THEN 'a' WHEN 'update' THEN 'w' ELSE 'd' END) AS stands
		FROM ambit._policies(relation) p
		WHERE p.command = ANY (commands)
	LOOP
		IF r.stands THEN
			EXECUTE r.change;
		ELSE
			EXECUTE format('DROP POLICY IF EXISTS %I ON %s', r.policy, relation);
			EXECUTE r.sql;
		END IF;
	END LOOP;
	/* its view says which rows are permitted */
	IF 'select' = ANY (commands) THEN
		PERFORM ambit._make_masks(relation);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._make_policies(regclass, text[]) IS 'Makes the restrictive policies of a protected table from its rules: those of the commands, as many as are there.';
REVOKE EXECUTE ON FUNCTION ambit._make_policies(regclass, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._policies_of_rule(command text, becomes text, checks text)
	RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN CASE command
		/* what is not seen is neither changed nor deleted */
		WHEN 'select' THEN '{select,update,delete}'
		/* the guard reads from the policy of UPDATE which values are reserved */
		WHEN 'insert' THEN CASE WHEN becomes IS NULL THEN '{insert}' ELSE '{insert,update}' END
		/* update rules permit new rows that hold reserved values, and rows that are given away are seen */
		WHEN 'update' THEN CASE checks WHEN 'old' THEN '{select,insert,update,delete}' ELSE '{insert,update}' END
		ELSE '{delete}'
	END::text[];
END
$$;
COMMENT ON FUNCTION ambit._policies_of_rule(text, text, text) IS 'The commands whose policies are others once such a rule comes or goes.';
REVOKE EXECUTE ON FUNCTION ambit._policies_of_rule(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._require_protected(relation regclass)
	RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF relation IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'relation must not be null';
	END IF;
	IF NOT EXISTS (SELECT FROM ambit._bindings(relation)) THEN
		RAISE EXCEPTION USING ERRCODE = '42704',
			MESSAGE = format('table "%s" is not protected', relation),
			HINT = 'Call ambit.protect() first.';
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._require_protected(regclass) IS 'Error 42704 unless the table is protected.';
REVOKE EXECUTE ON FUNCTION ambit._require_protected(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._no_column(relation regclass, "column" name)
	RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns	text[] := ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a
		WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum);
BEGIN
	RAISE EXCEPTION USING ERRCODE = '42703',
		MESSAGE = format('column "%s" of relation "%s" does not exist', "column", relation),
		HINT = COALESCE('Perhaps you meant "' || ambit._nearest("column"::text, columns) || '".',
			'Its columns are ' || array_to_string(columns, ', ') || '.', 'It has no columns.');
END
$$;
COMMENT ON FUNCTION ambit._no_column(regclass, name) IS 'Error 42703, with the nearest column.';
REVOKE EXECUTE ON FUNCTION ambit._no_column(regclass, name) FROM PUBLIC;

CREATE FUNCTION ambit._drop_policies(relation regclass)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	policy	name;
BEGIN
	FOR policy IN SELECT p.polname FROM pg_catalog.pg_policy p WHERE p.polrelid = relation AND ambit._is_policy(p.polname) LOOP
		EXECUTE format('DROP POLICY %I ON %s', policy, relation);
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._drop_policies(regclass) IS 'Drops ambit''s policies on a table, those that are there.';
REVOKE EXECUTE ON FUNCTION ambit._drop_policies(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._drop_triggers(relation regclass)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
BEGIN
	EXECUTE format('DROP TRIGGER IF EXISTS ambit_truncate ON %s', relation);
	EXECUTE format('DROP TRIGGER IF EXISTS ambit_write ON %s', relation);
	EXECUTE format('DROP TRIGGER IF EXISTS ambit_write_part ON %s', relation);
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
		WHERE t.tgrelid = relation AND t.tgname = '~ambit_guard' AND t.tgparentid <> 0)
	THEN
		EXECUTE format('DROP TRIGGER IF EXISTS "~ambit_guard" ON %s', relation);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit._drop_triggers(regclass) IS 'Drops ambit''s triggers on a table, those that are there.';
REVOKE EXECUTE ON FUNCTION ambit._drop_triggers(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._security_found(relation regclass)
	RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN t.oid IS NULL
		THEN array_remove(ARRAY[CASE WHEN c.relrowsecurity THEN 'enabled' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END], NULL)
		ELSE array_remove(string_to_array(encode(t.tgargs, 'escape'), '\000'), '') END
	FROM pg_class c
	LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'ambit_truncate' AND t.tgfoid = 'ambit._refuse_truncate()'::regprocedure
	WHERE c.oid = relation
$$;
COMMENT ON FUNCTION ambit._security_found(regclass) IS 'What protect() found of row-level security on a table: {}, or enabled, forced. It stands in the arguments of the trigger; without that it is what the table has.';
REVOKE EXECUTE ON FUNCTION ambit._security_found(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._refuse_truncates(relation regclass, security text[])
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER ambit_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ambit._refuse_truncate(%s)', relation,
		(SELECT string_agg(quote_literal(s), ', ') FROM unnest(security) s));
END
$$;
COMMENT ON FUNCTION ambit._refuse_truncates(regclass, text[]) IS 'Makes the trigger that refuses TRUNCATE. security: what unprotect() is to leave of row-level security.';
REVOKE EXECUTE ON FUNCTION ambit._refuse_truncates(regclass, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._parts(relation regclass)
	RETURNS SETOF regclass LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	WITH RECURSIVE part (oid) AS (
		SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = relation
		UNION
		SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part p ON i.inhparent = p.oid
	)
	SELECT p.oid::regclass FROM part p
	WHERE NOT EXISTS (SELECT FROM ambit._bindings(p.oid::regclass))
	ORDER BY p.oid
$$;
COMMENT ON FUNCTION ambit._parts(regclass) IS 'Partitions and inheritance children of a table, at any depth, that are not protected themselves.';
REVOKE EXECUTE ON FUNCTION ambit._parts(regclass) FROM PUBLIC;

CREATE FUNCTION ambit.protect(relation regclass, tenant name = NULL, location name = NULL, owner name = NULL,
		client name = NULL, assignee name = NULL, team name = NULL, parent regclass = NULL, parent_key name = NULL)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c			record;
	col			name;
	parent_col	name;
	above		regclass;
	part		regclass;
	security	text[];
	type_name	text;
BEGIN
	PERFORM ambit._require_dba('protect');
	IF relation IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'relation must not be null';
	END IF;
	SELECT k.relkind, k.relpersistence, n.nspname INTO c
	FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace WHERE k.oid = relation;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = format('relation with OID %s does not exist', relation::oid);
	END IF;
	IF c.relkind NOT IN ('r', 'p') OR c.relpersistence = 't'
		OR c.nspname IN ('ambit', 'pg_catalog', 'information_schema', 'pg_toast')
	THEN
		RAISE EXCEPTION USING ERRCODE = '42809', MESSAGE = format('"%s" cannot be protected', relation),
			DETAIL = 'Only permanent tables of an application can be protected.';
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || relation);
	IF EXISTS (SELECT FROM ambit._bindings(relation)) THEN
		RAISE EXCEPTION USING ERRCODE = '42710', MESSAGE = format('table "%s" is already protected', relation),
			HINT = 'Call ambit.unprotect() first.';
	END IF;
	FOREACH col IN ARRAY ARRAY[tenant, location, owner, client, assignee, team, parent_key] LOOP
		IF col IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
			WHERE a.attrelid = relation AND a.attname = col AND a.attnum > 0 AND NOT a.attisdropped)
		THEN
			PERFORM ambit._no_column(relation, col);
		END IF;
	END LOOP;
	FOR col, type_name IN
		SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
		WHERE a.attrelid = relation AND a.attname = ANY (ARRAY[tenant, location, owner, client, assignee, team])
			AND NOT ambit._holds_keys(a.atttypid)
	LOOP
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = format('column "%s" of type %s cannot hold keys', col, type_name),
			DETAIL = 'How values of the type are written depends on settings, so they are no ids.';
	END LOOP;
	IF (parent IS NULL) <> (parent_key IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'parent and parent_key go together';
	END IF;
	SELECT i.inhparent::regclass INTO above FROM pg_inherits i
	WHERE i.inhrelid = relation AND NOT EXISTS (SELECT FROM ambit._bindings(i.inhparent::regclass));
	IF above IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42809', MESSAGE = format('"%s" cannot be protected by itself', relation),
			DETAIL = format('Its rows can be read through "%s", of which it is a part.', above),
			HINT = format('Protect "%s".', above);
	END IF;
	IF parent IS NOT NULL THEN
		PERFORM ambit._require_protected(parent);
		parent_col := ambit._primary_key(parent);
		IF parent = relation OR parent_col IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = '22023',
				MESSAGE = format('table "%s" cannot be the parent of "%s"', parent, relation),
				DETAIL = 'A parent is another protected table with a primary key of one column.';
		END IF;
	END IF;

	security := ambit._security_found(relation);
	/* of a protection that was damaged */
	PERFORM ambit._drop_masks(relation, false);
	PERFORM ambit._drop_policies(relation);
	PERFORM ambit._drop_triggers(relation);
	DELETE FROM ambit.rule r WHERE r.relation = protect.relation;
	EXECUTE format('CREATE POLICY ambit ON %s AS PERMISSIVE FOR ALL TO PUBLIC USING (ambit._open()) WITH CHECK (ambit._bound(%s, %s, %s, %s, %s, %s, %s, %s))',
		relation,
		coalesce(quote_ident(tenant), 'NULL'), coalesce(quote_ident(location), 'NULL'),
		coalesce(quote_ident(owner), 'NULL'), coalesce(quote_ident(client), 'NULL'),
		coalesce(quote_ident(assignee), 'NULL'), coalesce(quote_ident(team), 'NULL'),
		coalesce(quote_literal(parent) || '::pg_catalog.regclass', 'NULL'), coalesce(quote_ident(parent_key), 'NULL'));
	EXECUTE format('CREATE POLICY ambit_intact ON %s AS RESTRICTIVE FOR ALL TO PUBLIC USING (ambit._intact(%L::pg_catalog.regclass))',
		relation, relation);
	PERFORM ambit._make_policies(relation);
	PERFORM ambit._refuse_truncates(relation, security);
	EXECUTE format('CREATE TRIGGER ambit_write BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ambit._require_identity()', relation);
	EXECUTE format('CREATE TRIGGER "~ambit_guard" BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION ambit._guard()', relation);
	EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER ambit_truncate, ENABLE ALWAYS TRIGGER ambit_write, ENABLE ALWAYS TRIGGER "~ambit_guard", ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
		CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || relation);
	/* its parts are reached through it only: no policy of their own, closed */
	FOR part IN SELECT p FROM ambit._parts(relation) p LOOP
		security := ambit._security_found(part);
		PERFORM ambit._drop_triggers(part);
		/* partitions have it from the table */
		IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part AND t.tgname = '~ambit_guard') THEN
			EXECUTE format('CREATE TRIGGER "~ambit_guard" BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION ambit._guard()', part);
			EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "~ambit_guard"', part);
		END IF;
		PERFORM ambit._refuse_truncates(part, security);
		EXECUTE format('CREATE TRIGGER ambit_write_part BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ambit._write_part()', part);
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER ambit_truncate, ENABLE ALWAYS TRIGGER ambit_write_part, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit.protect(regclass, name, name, name, name, name, name, regclass, name) IS 'Protects a table: until a rule permits something, nobody but superusers and BYPASSRLS roles sees or changes a row. tenant, location, owner (matched by the staff key), client (by client keys), assignee (by the staff key), team (by groups): the columns that scopes and limits look at; one that is not given is reached by nothing that needs it. parent, parent_key: rows follow the row of another protected table, whose primary key parent_key refers to; columns bound here come before the parent''s. Without tenant and parent the table is open to the only tenant of a database and closed when there are several. Partitions and inheritance children are closed to direct access; one that is attached later has to be closed by hand. For the DBA. Errors: 42501; 22004; 42809 not a table, or part of one that is not protected; 42710 protected already; 42703 no such column; 42804 a type that cannot hold keys; 22023 parent; 42704 parent not protected.';

CREATE FUNCTION ambit.unprotect(relation regclass)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
	child	regclass;
	part	regclass;
	whole	text[];
	security	text[];
BEGIN
	PERFORM ambit._require_dba('unprotect');
	/* a protection that was damaged still has its trigger */
	IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'ambit_write'
		AND t.tgfoid = 'ambit._require_identity()'::regprocedure)
	THEN
		PERFORM ambit._require_protected(relation);
	END IF;
	SELECT p.polrelid INTO child
	FROM pg_policy p, ambit._bindings(p.polrelid::regclass) b
	WHERE p.polname = 'ambit' AND b.parent = relation LIMIT 1;
	IF child IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '2BP01', MESSAGE = format('cannot unprotect "%s" because it is the parent of "%s"', relation, child);
	END IF;
	PERFORM ambit._drop_masks(relation, true);
	DELETE FROM ambit.rule r WHERE r.relation = unprotect.relation;
	PERFORM ambit._drop_policies(relation);
	whole := ambit._security_found(relation);
	PERFORM ambit._drop_triggers(relation);
	FOR part IN SELECT p FROM ambit._parts(relation) p UNION ALL SELECT relation LOOP
		security := CASE part WHEN relation THEN whole ELSE ambit._security_found(part) END;
		PERFORM ambit._drop_triggers(part);
		/* policies of others go on to hold */
		IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = part) THEN
			EXECUTE format('ALTER TABLE ONLY %s %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', part,
				CASE WHEN 'forced' = ANY (security) THEN 'FORCE' ELSE 'NO FORCE' END, CASE WHEN 'enabled' = ANY (security) THEN 'ENABLE' ELSE 'DISABLE' END);
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit.unprotect(regclass) IS 'Takes ambit''s policies, rules and masks from a table and leaves row-level security as protect() found it, on and forced where policies of others are left: from now on privileges and those decide. For the DBA. Errors: 42501; 22004; 42704 not protected; 2BP01 parent of another protected table.';

CREATE FUNCTION ambit._check_rule_columns(relation regclass, columns name[], becomes text)
	RETURNS void LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
DECLARE
	col		name;
	a		record;
	equal	boolean;
	/* they are arguments of ambit._rule(), after six others, each with its value */
	most	integer := (current_setting('max_function_args')::integer - 6) / CASE WHEN becomes IS NULL THEN 1 ELSE 2 END;
BEGIN
	IF cardinality(columns) = 0 OR array_position(columns, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'columns must name columns',
			HINT = 'Leave columns out for a rule that covers all of them.';
	END IF;
	IF cardinality(columns) > most THEN
		RAISE EXCEPTION USING ERRCODE = '54023',
			MESSAGE = format(CASE WHEN becomes IS NULL THEN 'a rule names at most %s columns' ELSE 'a rule with becomes names at most %s columns' END, most),
			HINT = 'Several rules of update with one permission cover more.';
	END IF;
	FOREACH col IN ARRAY columns LOOP
		SELECT t.typtype, t.typcategory, k.attgenerated INTO a
		FROM pg_catalog.pg_attribute k LEFT JOIN pg_catalog.pg_type t ON t.oid = (ambit._base_type(relation, col)).type
		WHERE k.attrelid = relation AND k.attname = col AND k.attnum > 0 AND NOT k.attisdropped;
		IF NOT FOUND THEN
			PERFORM ambit._no_column(relation, col);
		END IF;
		IF a.attgenerated <> '' THEN
			RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('column "%s" is a generated column', col),
				DETAIL = 'It changes with the columns that it is computed from.';
		END IF;
		CONTINUE WHEN becomes IS NULL;
		/* the literal is read by the owner of the extension: no domain's check may run */
		IF a.typtype NOT IN ('b', 'e') OR a.typcategory = 'A' OR NOT ambit._holds_keys((ambit._base_type(relation, col)).type) THEN
			RAISE EXCEPTION USING ERRCODE = '42804',
				MESSAGE = format('becomes cannot be used for column "%s" of type %s', col, (ambit._base_type(relation, col)).type),
				DETAIL = 'It is for enums and scalar types whose text does not depend on settings.';
		END IF;
		EXECUTE format('SELECT ambit._is(v, v) FROM (SELECT %s) x (v)', ambit._becomes_sql(relation, col, becomes)) INTO equal;
		IF NOT equal THEN
			RAISE EXCEPTION USING ERRCODE = '42804',
				MESSAGE = format('becomes cannot be used for column "%s" of type %s', col, (ambit._base_type(relation, col)).type),
				DETAIL = 'The type has no equality.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._check_rule_columns(regclass, name[], text) IS 'Error unless a rule can name the columns and the value that they may become: 22023; 54023; 42703; 42804; 22P02 and the like.';
REVOKE EXECUTE ON FUNCTION ambit._check_rule_columns(regclass, name[], text) FROM PUBLIC;

CREATE FUNCTION ambit.add_rule(relation regclass, command text, permission ambit.permission, columns name[] = NULL,
		becomes text = NULL, "when" text = NULL, checks text = 'both')
	RETURNS bigint LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
	SET standard_conforming_strings = on SET transform_null_equals = off
AS $$
DECLARE
	id		bigint;
BEGIN
	PERFORM ambit._require_dba('add_rule');
	PERFORM ambit._require_protected(relation);
	IF command IS NULL OR permission IS NULL OR checks IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'command, permission and checks must not be null';
	END IF;
	command := lower(command);
	IF command NOT IN ('select', 'insert', 'update', 'delete') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('"%s" is not a command of a rule', command),
			HINT = 'Use select, insert, update or delete.';
	END IF;
	IF checks NOT IN ('old', 'new', 'both') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('"%s" is not what a rule checks', checks),
			HINT = 'Use old, new or both.';
	END IF;
	IF checks = 'old' AND command IN ('select', 'insert') OR checks = 'new' AND command IN ('select', 'delete') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('a rule of %s cannot check the %s row alone', command, checks),
			HINT = 'That is for update.';
	END IF;
	IF columns IS NOT NULL AND (command IN ('select', 'delete') OR command = 'insert' AND becomes IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('a rule of %s does not name columns', command),
			HINT = CASE command WHEN 'select' THEN 'Use ambit.mask() for columns that not everybody may see.'
				WHEN 'insert' THEN 'It may name columns together with the value that they become.'
				ELSE 'It is about whole rows.' END;
	END IF;
	IF becomes IS NOT NULL AND columns IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'becomes needs columns',
			DETAIL = 'It is the value that those columns may become.';
	END IF;
	IF columns IS NOT NULL THEN
		PERFORM ambit._check_rule_columns(relation, columns, becomes);
	END IF;
	IF "when" IS NOT NULL THEN
		/* the owner of the extension has it parsed, and literals are read then */
		PERFORM ambit._require_owner('add_rule');
		PERFORM ambit._check_condition("when");
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
	IF "when" IS NOT NULL THEN
		/* what is wrong with it is said of it alone, not of a function of ambit's that it is an argument of */
		EXECUTE format(E'CREATE POLICY ambit_condition ON %s AS RESTRICTIVE USING ((\n%s\n))', relation, "when");
		EXECUTE format('DROP POLICY ambit_condition ON %s', relation);
	END IF;
	INSERT INTO ambit.rule (relation, command, permission, columns, becomes, "when", checks)
	VALUES (relation, command, permission, columns, becomes, "when", checks) RETURNING rule INTO id;
	PERFORM ambit._make_policies(relation, ambit._policies_of_rule(command, becomes, checks));
	PERFORM ambit._check_rules(relation);
	RETURN id;
END
$$;
COMMENT ON FUNCTION ambit.add_rule(regclass, text, ambit.permission, name[], text, text, text) IS 'Permits a command (select, insert, update, delete) on the rows of a protected table that a permission reaches; rules of one command add up. An UPDATE needs, for each column that changes value, one rule that covers the column and permits the row. columns: those that an update rule covers; NULL: any. becomes: the only value that those columns may become, in the type of each; in an insert rule the value that the new row must have there. A value that a rule names by becomes is reserved: a new row with it needs a rule that permits the row and names the value, or an update rule that covers the column for any value; the constant that a column has by default is reserved by insert rules only. when: a condition on the row, in SQL, over the table''s columns; names of functions and types that are not built in must be qualified; no subquery in an update rule. checks: which row of an UPDATE the rule must permit, old, new or both; with old the row may be given away: it need not be seen afterwards (not in MERGE, ON CONFLICT or with RETURNING). Returns the id of the rule. For the DBA; with a condition, for superusers and the owner of the extension. Errors: 42501; 22004; 22023 command, checks, or columns and becomes where they do not apply; 54023 more than 94 columns, 47 with becomes; 42703 no such column; 42804 a type that becomes cannot be used for, or a condition that is not boolean; 22P02 and the like when becomes is no value of the type; 42704 not protected; 0A000 a subquery; 42601 when is not one expression, and what CREATE POLICY says of it.';

CREATE FUNCTION ambit.drop_rule(rule bigint)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation	regclass;
	commands	text[];
BEGIN
	PERFORM ambit._require_dba('drop_rule');
	IF rule IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'rule must not be null';
	END IF;
	DELETE FROM ambit.rule r WHERE r.rule = drop_rule.rule
	RETURNING r.relation, ambit._policies_of_rule(r.command, r.becomes, r.checks) INTO relation, commands;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format('rule %s does not exist', rule);
	END IF;
	IF EXISTS (SELECT FROM ambit._bindings(relation)) THEN
		PERFORM ambit._make_policies(relation, commands);
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.drop_rule(bigint) IS 'Takes a rule away. For the DBA. Errors: 42501; 22004; 42704 no such rule.';

/* ---- the client register ------------------------------------------------ */

CREATE FUNCTION ambit._visible_clients_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_visible_clients_support';
COMMENT ON FUNCTION ambit._visible_clients_support(internal) IS 'Planner support of ambit.visible_clients(): rows and cost.';

CREATE FUNCTION ambit.visible_clients()
	RETURNS SETOF text LANGUAGE c STABLE PARALLEL SAFE
	SUPPORT ambit._visible_clients_support AS 'MODULE_PATHNAME', 'ambit_visible_clients';
COMMENT ON FUNCTION ambit.visible_clients() IS 'The keys of the clients that the identity in force may view: the rows of the client register (the protected table whose client column is its primary key) that the permission reaches which the template names for it. Runs as the caller, who needs SELECT on the register.';

CREATE FUNCTION ambit.visible_clients(key anyelement)
	RETURNS SETOF anyelement LANGUAGE c STABLE PARALLEL SAFE
	SUPPORT ambit._visible_clients_support AS 'MODULE_PATHNAME', 'ambit_visible_clients';
COMMENT ON FUNCTION ambit.visible_clients(anyelement) IS 'visible_clients() in the type of the argument, whose value does not matter: visible_clients(NULL::bigint).';
