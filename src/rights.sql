/* ---- rights: the questions ---------------------------------------------- */

CREATE FUNCTION ambit.has_permission(permission ambit.permission)
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_has_permission';
COMMENT ON FUNCTION ambit.has_permission(ambit.permission) IS 'Whether the identity in force holds the permission, in any scope. False without an identity, and for NULL.';

CREATE FUNCTION ambit.has_permission(permission ambit.permission, target_user text)
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_has_permission_towards';
COMMENT ON FUNCTION ambit.has_permission(ambit.permission, text) IS 'Whether the identity in force holds the permission towards that member of its tenant: by some entry without target roles, or by one whose targets hold every role of the member. False for one who is not a member, and where an argument is NULL.';

CREATE FUNCTION ambit.has_permission(tenant text, user_id text, permission ambit.permission)
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_has_permission_of';
COMMENT ON FUNCTION ambit.has_permission(text, text, ambit.permission) IS 'Whether that user (NULL: a visitor) holds the permission in that tenant, in any scope; of another member without a channel, of oneself by the channel in force. False for a permission that is NULL, and for a tenant or user that does not exist. For the DBA, the user, and those to whom the template gives function effective_permissions. Error: 42501 otherwise.';

CREATE FUNCTION ambit.has_permission_at(permission ambit.permission, location text)
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_has_permission_at';
COMMENT ON FUNCTION ambit.has_permission_at(ambit.permission, text) IS 'Whether the identity in force holds the permission for its whole tenant, at the location, or at one above it. False for a location that does not exist, and where an argument is NULL.';

CREATE FUNCTION ambit.permission_targets(permission ambit.permission)
	RETURNS text[] LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_targets';
COMMENT ON FUNCTION ambit.permission_targets(ambit.permission) IS 'The roles of the members towards whom the identity in force holds the permission. NULL: towards anybody. Empty: not held, or the argument is NULL.';

CREATE FUNCTION ambit.require_permission(permission ambit.permission)
	RETURNS void LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_require_permission';
COMMENT ON FUNCTION ambit.require_permission(ambit.permission) IS 'Error 42501 unless the identity in force holds the permission, in any scope. The message names the permission.';

CREATE FUNCTION ambit.permission_scopes(permission ambit.permission)
	RETURNS text[] LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_scopes';
COMMENT ON FUNCTION ambit.permission_scopes(ambit.permission) IS 'The scopes in which the identity in force holds the permission: all, own, self, team, assignee, then named ones by name. Empty: not held, or the argument is NULL.';

CREATE FUNCTION ambit.effective_permissions(tenant text = NULL, user_id text = NULL)
	RETURNS TABLE (permission ambit.permission, scopes text[], source text)
	LANGUAGE c STABLE PARALLEL SAFE ROWS 100 AS 'MODULE_PATHNAME', 'ambit_effective_permissions';
COMMENT ON FUNCTION ambit.effective_permissions(text, text) IS 'All that a member holds: the permission, its scopes, and the roles or override that it comes from. NULL, NULL: the identity in force; a tenant with a NULL user: its visitors. No rows for an unknown tenant or user. Another member: for the DBA, and for those to whom the template gives this function. Error: 42501.';

CREATE FUNCTION ambit.visible_modules()
	RETURNS SETOF text LANGUAGE c STABLE PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'ambit_visible_modules';
COMMENT ON FUNCTION ambit.visible_modules() IS 'The modules, that is the first parts of the permission keys, in which the identity in force holds a permission.';

CREATE FUNCTION ambit.current_key(name text)
	RETURNS text LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_current_key';
COMMENT ON FUNCTION ambit.current_key(text) IS 'The id of the own row of the identity in force that add_member() gave: staff, which the scopes own and assignee compare with, or client, for self. For conditions of rules such as "of others". NULL without such a key, for any other name, and without an identity.';

CREATE FUNCTION ambit.current_roles()
	RETURNS text[] LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_current_roles';
COMMENT ON FUNCTION ambit.current_roles() IS 'The roles that are assigned to the identity in force and valid now, inherited ones not included; for a visitor the template''s visitor role. Empty without an identity.';

CREATE FUNCTION ambit._constant(permission ambit.permission)
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_constant';
COMMENT ON FUNCTION ambit._constant(ambit.permission) IS 'True: what the cost of has_permission() is measured against.';
REVOKE EXECUTE ON FUNCTION ambit._constant(ambit.permission) FROM PUBLIC;
