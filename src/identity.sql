/* ---- identity: who the session acts for now ----------------------------- */

GRANT USAGE ON SCHEMA ambit TO PUBLIC;

CREATE FUNCTION ambit.assume(tenant text, user_id text, channel text = NULL, session boolean = false)
	RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_assume';
COMMENT ON FUNCTION ambit.assume(text, text, text, boolean) IS 'Acts for a member of a tenant until the end of the transaction, or of the session when session is true. user_id NULL: a visitor. channel: web or mobile, anything else is no channel. Takes the place of a token for as long. Only for roles named to trust_application() and the DBA; judged by the role logged in or set by SET ROLE, not by a SECURITY DEFINER function in between. Errors: 42501 not trusted; 22004 tenant is NULL; 42704 no such tenant or member; 55006 a query on protected tables is running.';

CREATE FUNCTION ambit.logout()
	RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_logout';
COMMENT ON FUNCTION ambit.logout() IS 'Ends the identity that assume() or a token put in force, that of the session included; a mapped login is then in force. Transactional: rolled back, the identity is as before. Errors: 55006 a query on protected tables is running, 42501 in code that the server runs for the owner of a table.';

CREATE FUNCTION ambit.current_tenant()
	RETURNS text LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_current_tenant';
COMMENT ON FUNCTION ambit.current_tenant() IS 'The tenant of the identity in force; NULL without one.';

CREATE FUNCTION ambit.current_user_id()
	RETURNS text LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_current_user_id';
COMMENT ON FUNCTION ambit.current_user_id() IS 'The user of the identity in force; NULL for a visitor and without an identity.';

CREATE FUNCTION ambit.current_channel()
	RETURNS text LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_current_channel';
COMMENT ON FUNCTION ambit.current_channel() IS 'The channel of the identity in force: web, mobile, or NULL for none.';

CREATE FUNCTION ambit._is_dba()
	RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_is_dba';
COMMENT ON FUNCTION ambit._is_dba() IS 'Whether the caller is the DBA: a superuser, the owner of the extension, or a role with administration, judged by the role logged in or set by SET ROLE.';

CREATE FUNCTION ambit._require_dba(function text)
	RETURNS void LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_require_dba';
COMMENT ON FUNCTION ambit._require_dba(text) IS 'Error 42501 unless the caller is the DBA. function: the function whose name the message shows.';

CREATE FUNCTION ambit._require_owner(function text)
	RETURNS void LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_require_owner';
COMMENT ON FUNCTION ambit._require_owner(text) IS 'Error 42501 unless the caller is a superuser or owns the extension, judged as by _require_dba(). function: the function whose name the message shows.';
REVOKE EXECUTE ON FUNCTION ambit._require_owner(text) FROM PUBLIC;
