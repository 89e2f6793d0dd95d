/* ---- doctor: protected tables, what stands on them ----------------------- */

CREATE FUNCTION ambit._check_up_row_security()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT 'error', 'row_security_disabled', t.relation::text,
			format('Row-level security is switched off on protected table %s: its rules are not asked.', t.relation),
			format('ALTER TABLE ONLY %s ENABLE ROW LEVEL SECURITY;', t.relation)
		FROM ambit._protected_tables() t JOIN pg_catalog.pg_class c ON c.oid = t.relation
		WHERE NOT c.relrowsecurity
		UNION ALL
		SELECT 'error', 'row_security_not_forced', t.relation::text,
			format('Row-level security is not forced on protected table %s: its rules do not hold its owner, nor views and functions of its owner.', t.relation),
			format('ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY;', t.relation)
		FROM ambit._protected_tables() t JOIN pg_catalog.pg_class c ON c.oid = t.relation
		WHERE NOT c.relforcerowsecurity;
END
$$;
COMMENT ON FUNCTION ambit._check_up_row_security() IS 'Findings: protected tables whose row-level security is off or not forced.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_row_security() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_parts()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH part AS (
			SELECT p.relation, p.part_of, c.relkind, c.relrowsecurity AND c.relforcerowsecurity AS closed,
				c.relowner, o.relowner AS above_owner, ambit._grantees(c.relacl, c.relowner, NULL) AS others
			FROM ambit._protected_parts() p
			JOIN pg_catalog.pg_class c ON c.oid = p.relation
			JOIN pg_catalog.pg_class o ON o.oid = p.part_of
		)
		SELECT CASE WHEN p.others IS NULL THEN 'warning' ELSE 'error' END, 'part_not_closed', p.relation::text,
			format('%s is a part of protected table %s and can be used directly, without its rules, by %s.',
				p.relation, p.part_of, coalesce(p.others, 'its owner')),
			format('ALTER TABLE ONLY %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;', p.relation)
		FROM part p WHERE NOT p.closed AND p.relkind <> 'f'
		UNION ALL
		/* a foreign table has no row-level security */
		SELECT 'error', 'foreign_part', p.relation::text,
			format('%s is a foreign table and a part of protected table %s: %s can use it directly, without its rules.',
				p.relation, p.part_of, p.others),
			format('REVOKE ALL ON %s FROM %s CASCADE;', p.relation, p.others)
		FROM part p WHERE p.relkind = 'f' AND p.others IS NOT NULL
		UNION ALL
		SELECT 'error', 'part_has_policy', format('%I ON %s', y.polname, p.relation),
			format('Policy %I opens %s, a part of protected table %s, to direct use without its rules.', y.polname, p.relation, p.part_of),
			format('DROP POLICY %I ON %s;', y.polname, p.relation)
		FROM part p JOIN pg_catalog.pg_policy y ON y.polrelid = p.relation AND y.polpermissive
		UNION ALL
		SELECT 'warning', 'part_of_another_owner', p.relation::text,
			format('%s, a part of protected table %s, belongs to %s and not to %s, the owner of the table.',
				p.relation, p.part_of, p.relowner::regrole, p.above_owner::regrole),
			format('ALTER %s %s OWNER TO %s;', CASE p.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, p.relation, p.above_owner::regrole)
		FROM part p WHERE p.relowner <> p.above_owner AND NOT ambit._passes_rls(p.relowner)
		UNION ALL
		SELECT 'info', 'closed_without_rules', c.oid::regclass::text,
			format('%s was a part of a protected table, and is closed to everybody: it has row-level security and no policy.', c.oid::regclass),
			format('Protect it: SELECT ambit.protect(%L, tenant => ''...''); or open it: DROP TRIGGER %I ON %s; ALTER TABLE ONLY %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;',
				c.oid::regclass, t.tgname, c.oid::regclass, c.oid::regclass)
		FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
		WHERE t.tgfoid = 'ambit._refuse_truncate()'::regprocedure AND c.relrowsecurity
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy y WHERE y.polrelid = c.oid)
			AND c.oid NOT IN (SELECT p.relation FROM part p)
			AND c.oid NOT IN (SELECT x.relation FROM ambit._protected_tables() x);
END
$$;
COMMENT ON FUNCTION ambit._check_up_parts() IS 'Findings: partitions and inheritance children that can be used without the rules of the table above.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_parts() FROM PUBLIC;

/* ---- triggers ------------------------------------------------------------ */

CREATE FUNCTION ambit._due_triggers()
	RETURNS TABLE (relation regclass, name name, function regprocedure, type smallint, timing text, purpose text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		/* type: as pg_trigger.tgtype, 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate */
		SELECT r.relation, v.name::name, v.function::regprocedure, v.type::smallint, v.timing, v.purpose
		FROM (SELECT t.relation, true AS whole FROM ambit._protected_tables() t
				UNION ALL
				SELECT p.relation, false FROM ambit._protected_parts() p JOIN pg_catalog.pg_class c ON c.oid = p.relation WHERE c.relkind <> 'f') r,
			(VALUES ('ambit_truncate', 'ambit._refuse_truncate()', 34, 'BEFORE TRUNCATE ON %s FOR EACH STATEMENT', 'TRUNCATE is not refused', false),
				('ambit_write', 'ambit._require_identity()', 30, 'BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', 'writes without an identity are not refused', true),
				('~ambit_guard', 'ambit._guard()', 19, 'BEFORE UPDATE ON %s FOR EACH ROW', 'what an UPDATE changes is not checked by columns', false))
				v (name, function, type, timing, purpose, only_whole)
		WHERE r.whole OR NOT v.only_whole
		UNION ALL
		SELECT c.oid::regclass, v.name::name, 'ambit.changed()'::regprocedure, v.type::smallint, v.timing, 'changes of rights are not told to other sessions'
		FROM pg_catalog.pg_class c,
			(VALUES ('changed', 29, 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW'), ('emptied', 32, 'AFTER TRUNCATE ON %s FOR EACH STATEMENT')) v (name, type, timing)
		WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind = 'r' AND c.relname <> 'signal'
			AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
END
$$;
COMMENT ON FUNCTION ambit._due_triggers() IS 'The triggers that must stand, always enabled, on protected tables, their parts and ambit''s own tables. timing: for CREATE TRIGGER, with %s for the table. purpose: what is so without it.';
REVOKE EXECUTE ON FUNCTION ambit._due_triggers() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_triggers()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH due AS (
			SELECT d.*, t.oid AS there, t.tgenabled, t.tgtype = d.type AND t.tgfoid = d.function AND t.tgqual IS NULL AND t.tgattr = '' AS sound,
				format('%I ON %s', d.name, d.relation) AS object,
				/* partitions have the guard from the table above */
				c.relispartition AND d.type & 1 = 1 AS inherited,
				format('ALTER TABLE %s%s ENABLE ALWAYS TRIGGER %I;', CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END, d.relation, d.name) AS enable
			FROM ambit._due_triggers() d
			JOIN pg_catalog.pg_class c ON c.oid = d.relation
			LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = d.relation AND t.tgname = d.name
		)
		SELECT 'error', 'trigger_missing', d.object,
			format('Trigger %I of %s %s: %s.', d.name, d.relation, CASE WHEN d.there IS NULL THEN 'is missing' ELSE 'is another than ambit''s' END, d.purpose),
			CASE WHEN d.there IS NOT NULL THEN format('DROP TRIGGER %I ON %s; ', d.name, d.relation) ELSE '' END
				|| format('CREATE TRIGGER %I %s EXECUTE FUNCTION %s; ', d.name, format(d.timing, d.relation),
					CASE WHEN d.name = 'changed' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.relation AND a.attname = 'tenant')
						THEN 'ambit.changed(''tenant'')' ELSE d.function::text END) || d.enable
		FROM due d WHERE d.sound IS NOT TRUE AND NOT (d.inherited AND d.there IS NULL)
		UNION ALL
		SELECT 'error', 'trigger_disabled', d.object,
			format('Trigger %I of %s %s: %s.', d.name, d.relation,
				CASE d.tgenabled WHEN 'D' THEN 'is disabled' ELSE 'does not fire at every setting of session_replication_role' END, d.purpose),
			d.enable
		FROM due d WHERE d.sound AND d.tgenabled <> 'A'
		UNION ALL
		SELECT 'error', 'trigger_after_guard', format('%I ON %s', t.tgname, t.tgrelid::regclass),
			format('Trigger %I of %s fires after ambit''s, which could not check what it changes: every UPDATE of the table is refused.', t.tgname, t.tgrelid::regclass),
			format('ALTER TRIGGER %I ON %s RENAME TO %I;', t.tgname, t.tgrelid::regclass, 'before_' || ltrim(t.tgname, '~'))
		FROM pg_catalog.pg_trigger t
		WHERE t.tgrelid IN (SELECT p.relation FROM ambit._protected_tables() p UNION ALL SELECT p.relation FROM ambit._protected_parts() p)
			AND t.tgtype & 19 = 19 AND t.tgname > '~ambit_guard' AND t.tgenabled <> 'D' AND t.tgparentid = 0;
END
$$;
COMMENT ON FUNCTION ambit._check_up_triggers() IS 'Findings: triggers of ambit''s that are missing or do not always fire.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_triggers() FROM PUBLIC;

/* ---- policies ------------------------------------------------------------ */

CREATE FUNCTION ambit._due_policies(relation regclass)
	RETURNS TABLE (policy name, command "char", permissive boolean, qual text, with_check text, cure text)
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT p.policy, CASE p.command WHEN 'select' THEN 'r' WHEN 'insert' THEN 'a' WHEN 'update' THEN 'w' WHEN 'delete' THEN 'd' ELSE '*' END::"char",
		false, p.qual, p.with_check, format('DROP POLICY IF EXISTS %I ON %s; %s;', p.policy, relation, ambit._policy_sql(relation, p.policy, p.command, p.qual, p.with_check))
	FROM (SELECT * FROM ambit._policies(relation)
		UNION ALL
		SELECT 'ambit_intact', 'all', format('ambit._intact(%L::pg_catalog.regclass, %s)', relation, m.masks), NULL FROM ambit._masks_policy(relation) m
		UNION ALL
		SELECT 'ambit_masks', 'insert', NULL, m.with_check FROM ambit._masks_policy(relation) m WHERE m.with_check IS NOT NULL) p
$$;
COMMENT ON FUNCTION ambit._due_policies(regclass) IS 'The restrictive policies that a protected table must have, and the SQL that creates each. Errors: those of a protection that is damaged.';
REVOKE EXECUTE ON FUNCTION ambit._due_policies(regclass) FROM PUBLIC;

CREATE FUNCTION ambit._add_rule_call(rule bigint, columns name[] DEFAULT NULL, condition text DEFAULT NULL)
	RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('SELECT ambit.add_rule(%L, %L, %L', r.relation, r.command, ambit._permission_name(r.permission))
		|| coalesce(', columns => ' || quote_literal(coalesce($2, r.columns)::text), '')
		|| coalesce(', becomes => ' || quote_literal(r.becomes), '')
		|| coalesce(', "when" => ' || quote_literal(coalesce($3, r."when")), '')
		|| CASE r.checks WHEN 'both' THEN '' ELSE ', checks => ' || quote_literal(r.checks) END || ');'
	FROM ambit.rule r WHERE r.rule = $1
$$;
COMMENT ON FUNCTION ambit._add_rule_call(bigint, name[], text) IS 'The call of add_rule() that made a rule, with other columns or another condition where they are given.';
REVOKE EXECUTE ON FUNCTION ambit._add_rule_call(bigint, name[], text) FROM PUBLIC;

CREATE FUNCTION ambit._same_policy_text(relation regclass, expression text, expected text)
	RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	form	text;
BEGIN
	IF expected IS NULL OR expression IS NULL THEN
		RETURN expected IS NULL AND expression IS NULL;
	END IF;
	/* what an expression is shown as may be shown in another way once it was read again */
	form := ambit._policy_text(relation, expected);
	FOR i IN 1 .. 3 LOOP
		IF translate(form, E' \n\t', '') = translate(expression, E' \n\t', '') THEN
			RETURN true;
		END IF;
		form := ambit._policy_text(relation, form);
	END LOOP;
	/* the expected one has been read once more than the expression */
	RETURN translate(ambit._policy_text(relation, expression), E' \n\t', '')
		= translate(ambit._policy_text(relation, expected), E' \n\t', '');
END
$$;
COMMENT ON FUNCTION ambit._same_policy_text(regclass, text, text) IS 'Whether an expression that stands in a policy is what CREATE POLICY made of the expected SQL, then or after its conditions were shown and read again. Errors: as _policy_text().';
REVOKE EXECUTE ON FUNCTION ambit._same_policy_text(regclass, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._check_up_policies()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	orphans	text[];
	t		record;
	d		record;
	p		record;
BEGIN
	IF EXISTS (SELECT FROM ambit._strangers()) THEN
		RETURN;
	END IF;
	severity := 'error';
	/* _check_up_rules() tells of them */
	orphans := ARRAY(SELECT f.object FROM ambit._check_up_rules() f WHERE f.code = 'parent_not_protected');
	FOR t IN SELECT x.relation, x.bound FROM ambit._protected_tables() x LOOP
		SELECT * INTO p FROM pg_catalog.pg_policy y WHERE y.polrelid = t.relation AND y.polname = 'ambit';
		IF NOT t.bound AND (p.oid IS NULL OR pg_get_expr(p.polwithcheck, t.relation) NOT LIKE 'ambit.\_bound(%') THEN
			code := CASE WHEN p.oid IS NULL THEN 'policy_missing' ELSE 'policy_changed' END;
			object := 'ambit ON ' || t.relation;
			message := format('Policy ambit of protected table %s, which says what its columns are, %s: the table is closed.', t.relation,
				CASE WHEN p.oid IS NULL THEN 'is missing' ELSE 'is another than ambit''s' END);
			hint := format('SELECT ambit.protect(%L, tenant => ''...''); %s', t.relation,
				(SELECT string_agg(ambit._add_rule_call(r.rule), ' ' ORDER BY r.rule) FROM ambit.rule r WHERE r.relation = t.relation));
			RETURN NEXT;
		ELSIF NOT p.polpermissive OR p.polcmd <> '*' OR p.polroles <> '{0}'
			OR pg_get_expr(p.polqual, t.relation) IS DISTINCT FROM 'ambit._open()' THEN
			code := 'policy_changed';
			object := 'ambit ON ' || t.relation;
			message := format('Policy ambit of protected table %s was changed.', t.relation);
			hint := format('DROP POLICY ambit ON %s; CREATE POLICY ambit ON %s AS PERMISSIVE FOR ALL TO PUBLIC USING (ambit._open()) WITH CHECK (%s);',
				t.relation, t.relation, pg_get_expr(p.polwithcheck, t.relation));
			RETURN NEXT;
		END IF;
		CONTINUE WHEN NOT t.bound OR t.relation::text = ANY (orphans);
		BEGIN
			FOR d IN SELECT * FROM ambit._due_policies(t.relation) LOOP
				SELECT * INTO p FROM pg_catalog.pg_policy y WHERE y.polrelid = t.relation AND y.polname = d.policy;
				object := format('%I ON %s', d.policy, t.relation);
				IF p.oid IS NULL THEN
					code := 'policy_missing';
					message := format('Policy %I of protected table %s is missing: %s.', d.policy, t.relation,
						CASE d.policy WHEN 'ambit_intact' THEN 'it closes the table where others are damaged' ELSE 'the table is closed' END);
					hint := d.cure;
					RETURN NEXT;
				ELSIF p.polpermissive OR p.polcmd <> d.command OR p.polroles <> '{0}'
					OR NOT ambit._same_policy_text(t.relation, pg_get_expr(p.polqual, t.relation), d.qual)
					OR NOT ambit._same_policy_text(t.relation, pg_get_expr(p.polwithcheck, t.relation), d.with_check)
				THEN
					code := 'policy_changed';
					message := format('Policy %I of protected table %s is not what its rules say.', d.policy, t.relation);
					hint := d.cure;
					RETURN NEXT;
				END IF;
			END LOOP;
		EXCEPTION WHEN OTHERS THEN
			code := 'policy_not_compared';
			object := t.relation::text;
			message := format('The policies of protected table %s cannot be compared with its rules: %s (SQLSTATE %s).', t.relation, sqlerrm, sqlstate);
			hint := 'Cure the other findings about the table first, then call ambit.doctor() again.';
			RETURN NEXT;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._check_up_policies() IS 'Findings: policies of ambit''s that are missing, or are not what the rules say.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_policies() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_changed_rules()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r		record;
	what	text;
	changed	text;		/* what differs */
	renamed	boolean;	/* there is no comparing */
BEGIN
	IF EXISTS (SELECT FROM ambit._strangers()) THEN
		RETURN;
	END IF;
	FOR r IN
		SELECT u.*, c.columns AS present, n.conditions, ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = u.relation AND NOT a.attisdropped) AS there
		FROM ambit._protected_tables() t
		JOIN ambit.rule u ON u.relation = t.relation
		LEFT JOIN LATERAL ambit._rule_columns(t.relation) c ON c.rule = u.rule
		LEFT JOIN LATERAL (SELECT array_agg(DISTINCT w.condition) AS conditions FROM ambit._conditions(t.relation) w WHERE w.rule = u.rule) n ON true
		WHERE t.bound AND (u."when" IS NOT NULL OR u.columns IS NOT NULL)
	LOOP
		changed := NULL;
		renamed := false;
		IF r.columns <> r.present THEN
			IF cardinality(r.columns) <> cardinality(r.present) OR EXISTS (SELECT FROM unnest(r.columns, r.present) x (given, present)
				WHERE x.given <> x.present AND x.given = ANY (r.there))
			THEN
				changed := 'other columns';
			ELSE
				renamed := true;
			END IF;
		END IF;
		BEGIN
			IF r."when" IS NOT NULL AND EXISTS (SELECT FROM unnest(r.conditions) c WHERE NOT ambit._same_policy_text(r.relation, c, r."when"))
			THEN
				changed := 'another condition';
			END IF;
		EXCEPTION WHEN undefined_column OR undefined_table OR ambiguous_column OR insufficient_privilege THEN
			renamed := true;
		END;
		object := 'rule ' || r.rule;
		what := format('Rule %s (%s by %s on %s)', r.rule, r.command, ambit._permission_name(r.permission), r.relation);
		IF changed IS NOT NULL THEN
			severity := 'error';
			code := 'rule_changed';
			message := format('%s has %s in the policies than add_rule() was given. If a column was renamed, and another one has its name now, that is why.', what, changed);
			hint := format('%s SELECT ambit.drop_rule(%s);', ambit._add_rule_call(r.rule), r.rule);
			RETURN NEXT;
		ELSIF renamed THEN
			severity := 'info';
			code := 'rule_not_compared';
			message := format('%s was given names that are no more: whether it holds as it was given cannot be told. The hint has it as it holds: read it first.', what);
			hint := format('%s SELECT ambit.drop_rule(%s);', ambit._add_rule_call(r.rule, r.present, r.conditions[1]), r.rule);
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION ambit._check_up_changed_rules() IS 'Findings: rules whose columns or condition were changed in the policies.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_changed_rules() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_other_policies()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT 'info', CASE WHEN p.polpermissive THEN 'other_permissive_policy' ELSE 'other_restrictive_policy' END, format('%I ON %s', p.polname, t.relation),
			format('Policy %I of protected table %s is not ambit''s: %s.', p.polname, t.relation,
				CASE WHEN p.polpermissive THEN 'it opens nothing, since the rules hold beside it, until the table is unprotected' ELSE 'it narrows what the rules permit' END),
			format('DROP POLICY %I ON %s;', p.polname, t.relation)
		FROM ambit._protected_tables() t JOIN pg_catalog.pg_policy p ON p.polrelid = t.relation
		WHERE NOT ambit._is_policy(p.polname);
END
$$;
COMMENT ON FUNCTION ambit._check_up_other_policies() IS 'Findings: policies of others on protected tables.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_other_policies() FROM PUBLIC;

/* ---- rules and bindings -------------------------------------------------- */

CREATE FUNCTION ambit._check_up_rules()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT 'warning', 'rule_without_table', 'rule ' || r.rule,
			CASE WHEN c.oid IS NULL THEN format('The table of rule %s (%s by %s) was dropped.', r.rule, r.command, ambit._permission_name(r.permission))
				ELSE format('The table of rule %s (%s by %s), %s, is not protected: the rule holds nobody.', r.rule, r.command, ambit._permission_name(r.permission), r.relation) END,
			format('SELECT ambit.drop_rule(%s);', r.rule)
		FROM ambit.rule r LEFT JOIN pg_catalog.pg_class c ON c.oid = r.relation
		WHERE r.relation NOT IN (SELECT t.relation FROM ambit._protected_tables() t)
		UNION ALL
		SELECT 'error', 'rule_without_permission', 'rule ' || r.rule,
			format('Rule %s (%s on %s) needs a permission that is known no more: it permits nothing, and the rules of the table cannot be changed.', r.rule, r.command, r.relation),
			format('SELECT ambit.drop_rule(%s);', r.rule)
		FROM ambit.rule r
		WHERE r.relation IN (SELECT t.relation FROM ambit._protected_tables() t) AND ambit._permission_name(r.permission) = '...'
		UNION ALL
		SELECT 'warning', 'no_rules', t.relation::text,
			format('Protected table %s has no rule: it is closed to everybody.', t.relation),
			format('SELECT ambit.add_rule(%L, ''select'', ''...'');', t.relation)
		FROM ambit._protected_tables() t
		WHERE NOT EXISTS (SELECT FROM ambit.rule r WHERE r.relation = t.relation)
		UNION ALL
		SELECT 'warning', 'no_select_rule', t.relation::text,
			format('Protected table %s has rules for %s and none for select: a row that nobody sees is neither updated nor deleted.', t.relation, w.commands),
			format('SELECT ambit.add_rule(%L, ''select'', %L);', t.relation, w.permission)
		FROM ambit._protected_tables() t
		JOIN LATERAL (SELECT string_agg(DISTINCT r.command, ' and ' ORDER BY r.command) AS commands, (array_agg(ambit._permission_name(r.permission) ORDER BY r.rule))[1] AS permission
			FROM ambit.rule r WHERE r.relation = t.relation AND r.command IN ('update', 'delete')) w ON w.commands IS NOT NULL
		WHERE NOT EXISTS (SELECT FROM ambit.rule r WHERE r.relation = t.relation AND r.command = 'select')
		UNION ALL
		SELECT 'warning', 'closed_for_several_tenants', t.relation::text,
			format('Protected table %s binds neither a tenant column nor a parent, and there are %s tenants: it is closed to everybody.', t.relation, n.tenants),
			format('Bind a column: SELECT ambit.unprotect(%L); SELECT ambit.protect(%L, tenant => ''...''); and add its rules again.', t.relation, t.relation)
		FROM ambit._protected_tables() t, ambit._bindings(t.relation) b, (SELECT count(*) AS tenants FROM ambit.tenant) n
		WHERE b.tenant IS NULL AND b.parent IS NULL AND n.tenants > 1
		UNION ALL
		SELECT 'error', 'parent_not_protected', t.relation::text,
			format('%s, the parent of protected table %s, %s.', b.parent, t.relation,
				CASE WHEN p.relation IS NULL THEN 'is not protected' WHEN NOT p.bound THEN 'has a damaged protection' ELSE 'has no primary key of one column any more' END),
			format('Cure %s first: rows of %s follow its rows.', b.parent, t.relation)
		FROM ambit._protected_tables() t, ambit._bindings(t.relation) b LEFT JOIN ambit._protected_tables() p ON p.relation = b.parent
		WHERE b.parent IS NOT NULL AND (p.bound IS NOT TRUE OR ambit._primary_key(b.parent) IS NULL);
END
$$;
COMMENT ON FUNCTION ambit._check_up_rules() IS 'Findings: rules that hold nobody, and protected tables that are closed for want of rules or columns.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_rules() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_indexes()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH RECURSIVE bound AS (
			SELECT b.relation, b.binding, b."column", b.tenant, b.type::oid AS base FROM ambit._bound_columns() b
			UNION ALL
			SELECT b.relation, b.binding, b."column", b.tenant, t.typbasetype
			FROM bound b JOIN pg_catalog.pg_type t ON t.oid = b.base AND t.typtype = 'd'
		)
		SELECT 'info', 'unindexed_column', format('%s.%I', b.relation, b."column"),
			format('No index of %s serves column %I, which protect() bound as %s: queries that are limited by it read more than they show.', b.relation, b."column", b.binding),
			format('CREATE INDEX ON %s (%s);', b.relation,
				CASE WHEN b.tenant <> b."column" THEN quote_ident(b.tenant) || ', ' ELSE '' END || quote_ident(b."column"))
		FROM bound b
		/* of other types no index serves a key */
		WHERE b.base IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)
			AND NOT EXISTS (
				SELECT FROM pg_catalog.pg_index i
				JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
					AND (a.attnum = i.indkey[0] OR i.indnkeyatts > 1 AND a.attnum = i.indkey[1]
						AND i.indkey[0] = (SELECT t.attnum FROM pg_catalog.pg_attribute t WHERE t.attrelid = i.indrelid AND t.attname = b.tenant))
				WHERE i.indrelid = b.relation AND a.attname = b."column" AND i.indisvalid AND i.indpred IS NULL)
		GROUP BY b.relation, b.binding, b."column", b.tenant;
END
$$;
COMMENT ON FUNCTION ambit._check_up_indexes() IS 'Findings: bound columns that no index begins with, alone or after the tenant.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_indexes() FROM PUBLIC;
