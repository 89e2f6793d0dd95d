/* ---- planner: policies as plain predicates ------------------------------
 *
 * Policies call permits() and _bound(); plans call the rest.  All run as the
 * role that queries, so everybody may call them; they answer about the
 * caller's own rights only.
 */

CREATE FUNCTION ambit._permits_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_permits_support';
COMMENT ON FUNCTION ambit._permits_support(internal) IS 'Planner support of ambit.permits().';

CREATE FUNCTION ambit._in_reach_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_in_reach_support';
COMMENT ON FUNCTION ambit._in_reach_support(internal) IS 'Planner support of ambit._in_reach().';

CREATE FUNCTION ambit._bound_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_bound_support';
COMMENT ON FUNCTION ambit._bound_support(internal) IS 'Planner support of what is true: ambit._bound(), ambit._open(), ambit._rule().';

CREATE FUNCTION ambit.permits(permission text, tenant "any", location "any", owner "any",
		client "any", assignee "any", team "any")
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE COST 10
	SUPPORT ambit._permits_support AS 'MODULE_PATHNAME', 'ambit_permits';
COMMENT ON FUNCTION ambit.permits(text, "any", "any", "any", "any", "any", "any") IS 'Whether the identity in force holds the permission for a row with these columns; NULL for a column that the table does not bind. Stands in the policies of protected tables. False for an unknown permission and without an identity; never an error.';

CREATE FUNCTION ambit._bound(tenant "any", location "any", owner "any", client "any",
		assignee "any", team "any", parent regclass, parent_key "any")
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE
	SUPPORT ambit._bound_support AS 'MODULE_PATHNAME', 'ambit_bound';
COMMENT ON FUNCTION ambit._bound("any", "any", "any", "any", "any", "any", regclass, "any") IS 'True. Stands in the check of the permissive policy of a protected table; its arguments are the columns that protect() bound.';

CREATE FUNCTION ambit._open()
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE
	SUPPORT ambit._bound_support AS 'MODULE_PATHNAME', 'ambit_always';
COMMENT ON FUNCTION ambit._open() IS 'True. Stands in the permissive policy of a protected table, which leaves it to the others to decide and goes with the extension.';

CREATE FUNCTION ambit._holds_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_holds_support';
COMMENT ON FUNCTION ambit._holds_support(internal) IS 'Planner support of ambit._holds().';

CREATE FUNCTION ambit._holds(permission text)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE
	SUPPORT ambit._holds_support AS 'MODULE_PATHNAME', 'ambit_holds';
COMMENT ON FUNCTION ambit._holds(text) IS 'Whether the identity in force holds the permission in any scope. Stands in the policy for UPDATE where a rule looks at the new row alone.';

CREATE FUNCTION ambit._closed()
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_closed';
COMMENT ON FUNCTION ambit._closed() IS 'False. Stands in the policy of a command for which a protected table has no rule.';

CREATE FUNCTION ambit._key(fingerprint bigint, which integer, type anyelement)
	RETURNS anyelement LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_key';
COMMENT ON FUNCTION ambit._key(bigint, integer, anyelement) IS 'For plans: the tenant (0) or the staff key (1) of the identity in force in the type of the last argument. NULL without an identity or key. Error: 40001 when the rights in force are not of the shape with that fingerprint.';

CREATE FUNCTION ambit._matches(fingerprint bigint, which integer, value "any")
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_matches';
COMMENT ON FUNCTION ambit._matches(bigint, integer, "any") IS 'For plans: whether a column of a type that no index helps with equals the key that _key() names. Error: 40001 as _key().';

CREATE FUNCTION ambit._in_reach(fingerprint bigint, reach integer, value "any")
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE COST 6
	SUPPORT ambit._in_reach_support AS 'MODULE_PATHNAME', 'ambit_in_reach';
COMMENT ON FUNCTION ambit._in_reach(bigint, integer, "any") IS 'For plans: whether a value is in one of the sets that the rights of the identity in force are limited to. Error: 40001 as _key().';

CREATE FUNCTION ambit._reach(fingerprint bigint, reach integer, type anyelement)
	RETURNS anyarray LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_reach';
COMMENT ON FUNCTION ambit._reach(bigint, integer, anyelement) IS 'For plans: one of the sets that _in_reach() asks, as an array for an index to look up. Error: 40001 as _key().';

CREATE FUNCTION ambit._sole_tenant(fingerprint bigint)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_sole_tenant';
COMMENT ON FUNCTION ambit._sole_tenant(bigint) IS 'For plans: whether the tenant of the identity in force is the only one in the database. Error: 40001 as _key().';
