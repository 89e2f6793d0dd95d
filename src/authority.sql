/* ---- authority: model functions for others than the DBA ------------------
 *
 * Every model function begins with _admit(), which lets the DBA pass (NULL)
 * and refuses those to whom the template does not give the function.  For
 * the others it goes on with _authorize(), before the change, and with
 * _confirm_...(), after it.  authority.c and rise.c say what they judge.
 */

CREATE FUNCTION ambit._admit(function text, tenant text) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_admit';
COMMENT ON FUNCTION ambit._admit(text, text) IS 'NULL for the DBA; for an identity of that tenant that holds the permission that its template names for the function, the command at which the call began. Errors: 42501 for everybody else, 0A000 for others than the DBA in a transaction that keeps its snapshot.';
REVOKE EXECUTE ON FUNCTION ambit._admit(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._authorize(function text, tenant text, user_id text DEFAULT NULL, role text DEFAULT NULL, places text[] DEFAULT NULL,
	only_group text DEFAULT NULL, valid_until timestamptz DEFAULT NULL, lasting boolean DEFAULT false, newcomer boolean DEFAULT false) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_authorize';
COMMENT ON FUNCTION ambit._authorize(text, text, text, text, text[], text, timestamptz, boolean, boolean) IS 'Whether the targets of the caller''s authority name the role. user_id: the member that the call is about; newcomer: it is about one who is none yet; role: the role; places: the locations, NULL among them for the whole tenant; lasting: an assignment with only_group and valid_until results. Error: 42501 without such an authority, for a role that one member only holds, and for a member who has one.';
REVOKE EXECUTE ON FUNCTION ambit._authorize(text, text, text, text, text[], text, timestamptz, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION ambit._confirm_member(since bigint, function text, tenant text, user_id text, named text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_member';
COMMENT ON FUNCTION ambit._confirm_member(bigint, text, text, text, text) IS 'Error 42501 if the member has gained since then what the caller did not have. named: a role that the caller''s authority names, whose permissions are therefore the caller''s to give.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_member(bigint, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._confirm_override(since bigint, function text, tenant text, user_id text, permission ambit.permission, scope text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_override';
COMMENT ON FUNCTION ambit._confirm_override(bigint, text, text, text, ambit.permission, text) IS 'Error 42501 unless the caller had the permission in that scope (NULL: all) for the whole tenant, by every channel and without end: an override goes wherever the member has a role, or comes to have one.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_override(bigint, text, text, text, ambit.permission, text) FROM PUBLIC;

CREATE FUNCTION ambit._confirm_roles(since bigint, function text, tenant text, role text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_roles';
COMMENT ON FUNCTION ambit._confirm_roles(bigint, text, text, text) IS 'Error 42501 if a role by itself, or a set of roles that a member has, gives since then what the caller did not have for the whole tenant. role: the role that was changed, NULL: perhaps all.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_roles(bigint, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._confirm_group(since bigint, function text, tenant text, "group" text, user_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_group';
COMMENT ON FUNCTION ambit._confirm_group(bigint, text, text, text, text) IS 'Error 42501 if by the member''s joining the group anybody reaches rows that the caller did not: the member''s through the group, or the group''s through the member.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_group(bigint, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._confirm_location(since bigint, function text, tenant text, location text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_confirm_location';
COMMENT ON FUNCTION ambit._confirm_location(bigint, text, text, text) IS 'Error 42501 if somebody has at the location, by a role above it, what neither they nor the caller had there before.';
REVOKE EXECUTE ON FUNCTION ambit._confirm_location(bigint, text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit._same_key(a text, b text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_same_key';
COMMENT ON FUNCTION ambit._same_key(text, text) IS 'Whether two keys could be one in some column: the same number or uuid however it is spelled, the same letters in another case or with blanks around them.';
REVOKE EXECUTE ON FUNCTION ambit._same_key(text, text) FROM PUBLIC;

CREATE FUNCTION ambit._places(tenant text, user_id text) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT COALESCE(pg_catalog.array_agg(a.location), ARRAY[NULL::text])
	FROM ambit.assignment a
	WHERE a.tenant = _places.tenant COLLATE "C" AND a.user_id = _places.user_id COLLATE "C"
$$;
COMMENT ON FUNCTION ambit._places(text, text) IS 'Where the member has roles, ended ones too; NULL for the whole tenant, also for one without roles.';
REVOKE EXECUTE ON FUNCTION ambit._places(text, text) FROM PUBLIC;

CREATE FUNCTION ambit.can_assign_role(role text, target_user text DEFAULT NULL, location text DEFAULT NULL) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_can_assign_role';
COMMENT ON FUNCTION ambit.can_assign_role(text, text, text) IS 'Whether the identity in force may assign the role to that member of its tenant (NULL: to a new one without roles), at that location and below (NULL: for the whole tenant), without limits and without end. False for names that do not exist, and without an identity. What the DBA may do does not count.';
