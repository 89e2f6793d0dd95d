/* ---- guard: which columns an UPDATE may change --------------------------
 *
 * What stands in the policies runs as the role that queries, so everybody may
 * call it; it tells nothing that is not the caller's.
 */

CREATE FUNCTION ambit._guard()
	RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_guard';
COMMENT ON FUNCTION ambit._guard() IS 'Row trigger of protected tables, before UPDATE and after all other triggers: error 42501 unless each column that changes has a rule that covers it and permits the old and the new row.';
REVOKE EXECUTE ON FUNCTION ambit._guard() FROM PUBLIC;

CREATE FUNCTION ambit._rule(rule bigint, command text, permission text, checks text, condition boolean,
		becomes boolean, VARIADIC columns "any")
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE
	SUPPORT ambit._bound_support AS 'MODULE_PATHNAME', 'ambit_bound';
COMMENT ON FUNCTION ambit._rule(bigint, text, text, text, boolean, boolean, "any") IS 'True. Stands in the policy for UPDATE, once for each rule that the guard reads there: the columns that the rule covers (NULL: any), and after each the value that it may become if becomes is true.';

CREATE FUNCTION ambit._is(value anyelement, wanted anyelement)
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_is';
COMMENT ON FUNCTION ambit._is(anyelement, anyelement) IS 'Whether two values are equal by the equality of their type; false for NULL. Stands in the policies of rules with becomes.';

CREATE FUNCTION ambit._given_away_support(internal)
	RETURNS internal LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'ambit_given_away_support';
COMMENT ON FUNCTION ambit._given_away_support(internal) IS 'Planner support of ambit._given_away().';

CREATE FUNCTION ambit._given_away(relation regclass)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE
	SUPPORT ambit._given_away_support AS 'MODULE_PATHNAME', 'ambit_given_away';
COMMENT ON FUNCTION ambit._given_away(regclass) IS 'False. Stands in the policy for SELECT of tables with an update rule that looks at the old row alone; where the new row of an UPDATE is checked the planner puts ambit._given_away_now() in its place.';

CREATE FUNCTION ambit._given_away_now(relation regclass)
	RETURNS boolean LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'ambit_given_away_now';
COMMENT ON FUNCTION ambit._given_away_now(regclass) IS 'For plans: whether the row that the guard has let pass just now was given away, by rules that look at the old row alone.';

CREATE FUNCTION ambit._insert_refused(relation regclass, "column" name, permissions text)
	RETURNS boolean LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_insert_refused';
COMMENT ON FUNCTION ambit._insert_refused(regclass, name, text) IS 'Error 42501, which names the permissions that are needed for the row, or for the value of a column. Stands in the policy for INSERT.';
