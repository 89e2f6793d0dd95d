/* ---- matrix: the permissions page ---------------------------------------- */

CREATE FUNCTION ambit._matrix(tenant_or_template text)
	RETURNS TABLE (module text, permission ambit.permission, role text, cell text)
	LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1000 AS 'MODULE_PATHNAME', 'ambit_matrix';
COMMENT ON FUNCTION ambit._matrix(text) IS 'The rows of matrix(), with the modules as the keys have them.';
REVOKE EXECUTE ON FUNCTION ambit._matrix(text) FROM PUBLIC;

CREATE FUNCTION ambit.matrix(tenant_or_template text)
	RETURNS TABLE (module text, permission ambit.permission, role text, cell text)
	LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
	SELECT COALESCE(l.label, m.module), m.permission, m.role, m.cell
	FROM ambit._matrix($1) WITH ORDINALITY m (module, permission, role, cell, n)
	LEFT JOIN ambit.tenant_label l ON l.tenant = $1 COLLATE "C" AND l.term = m.module COLLATE "C"
		AND EXISTS (SELECT FROM ambit.tenant t JOIN ambit.template_term w ON w.template = t.template WHERE t.tenant = l.tenant AND w.term = l.term)
	ORDER BY m.n
$$;
COMMENT ON FUNCTION ambit.matrix(text) IS 'The permissions page of a tenant, with what it changed and its own roles, or of a template: one row for each permission and role, in the order of the template, the lowest role first. module: the first part of the key, or the tenant''s label for the term of that name. cell: the scopes that the role has by itself and by what it inherits, each with its conditions ("own; all where time_off.calendar.view", "towards member", "all on mobile"); "off" where nothing is said of it, "off (toggle)" where the template has a cell that is off or that the tenant turned off: a tenant may turn on either; ", locked" where nobody can change it. For \crosstabview: SELECT permission, role, cell. A tenant comes before a template of the same name. Errors: 42704 neither exists, 42501 neither the DBA nor, for their own tenant, one to whom the template gives this function.';
