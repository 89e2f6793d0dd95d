/* ---- login: identity by a token, by a database role, by claims -------------- */

CREATE FUNCTION ambit.login(token text, session boolean = false)
	RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_login';
COMMENT ON FUNCTION ambit.login(text, boolean) IS 'Acts for the member that a signed token (JWT) names until the end of the transaction, or of the session when session is true, but not beyond its exp. Anybody may call it. The same as SET LOCAL, or SET, of ambit.token. The token names a key of add_signing_key() (kid) and its claims sub (user), tenant, exp, and if it likes channel, nbf, iat, iss and aud. Errors: 28000 refused, 22004 token is NULL, 55006 a query on protected tables is running, 42501 in code that the server runs for the owner of a table.';

CREATE FUNCTION ambit.map_login(db_role regrole, tenant text, user_id text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_tenant text COLLATE "C";
	_user text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('map_login');
	PERFORM ambit._check_db_role(map_login.db_role);
	_tenant := ambit._given('tenant', map_login.tenant);
	_user := ambit._given('user_id', map_login.user_id);
	PERFORM ambit._template_of(_tenant);
	PERFORM ambit._check_member(_tenant, _user);
	INSERT INTO ambit.login (db_role, tenant, user_id)
	VALUES (map_login.db_role, _tenant, _user)
	ON CONFLICT ON CONSTRAINT login_pkey DO UPDATE SET tenant = EXCLUDED.tenant, user_id = EXCLUDED.user_id;
END
$$;
COMMENT ON FUNCTION ambit.map_login(regrole, text, text) IS 'Makes a database role a member of a tenant: sessions that log in as it (session_user; SET ROLE does not count) act for the member, without a channel, unless assume() or login() says for whom. Again for the same role: replaces. Ends with the membership. For the DBA. Errors: 42704 unknown role, tenant or member, 22004 NULL, 22023 empty, 42501.';

CREATE FUNCTION ambit.unmap_login(db_role regrole) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('unmap_login');
	PERFORM ambit._check_db_role(unmap_login.db_role);
	DELETE FROM ambit.login l WHERE l.db_role = unmap_login.db_role;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42704', pg_catalog.format('role %s is not mapped to a member', unmap_login.db_role));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.unmap_login(regrole) IS 'Takes map_login() back, from the next statement of every session on. For the DBA. Errors: 42704 unknown role, or not mapped, 22004 NULL, 42501.';

/* as the caller, whose trust assume() judges: no function of ambit's own helps */
CREATE FUNCTION ambit.assume_claims(claims jsonb DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_claims jsonb := claims;
	_text text COLLATE "C" := pg_catalog.current_setting('request.jwt.claims', true);
BEGIN
	IF _claims IS NULL AND _text <> '' THEN
		BEGIN
			_claims := _text::jsonb;
		EXCEPTION WHEN data_exception THEN
			RAISE EXCEPTION USING ERRCODE = '28000', MESSAGE = 'claims refused', DETAIL = 'The setting request.jwt.claims is not JSON.';
		END;
	ELSIF _claims IS NULL THEN
		SELECT pg_catalog.jsonb_object_agg(c.name, s.value) INTO _claims
		FROM pg_catalog.unnest('{sub,tenant,channel}'::text[]) c (name)
		CROSS JOIN LATERAL pg_catalog.current_setting('jwt.claims.' || c.name, true) s (value)
		WHERE s.value <> '';
	END IF;
	IF pg_catalog.jsonb_typeof(_claims) IS DISTINCT FROM 'object'
		OR pg_catalog.jsonb_typeof(_claims->'sub') IS DISTINCT FROM 'string' OR _claims->>'sub' = ''
		OR pg_catalog.jsonb_typeof(_claims->'tenant') IS DISTINCT FROM 'string' OR _claims->>'tenant' = ''
		OR pg_catalog.jsonb_typeof(_claims->'channel') <> 'string' THEN
		RAISE EXCEPTION USING ERRCODE = '28000', MESSAGE = 'claims refused', DETAIL = 'They name no user (sub) and tenant, or not as strings.';
	END IF;
	PERFORM ambit.assume(_claims->>'tenant', _claims->>'sub', _claims->>'channel');
END
$$;
COMMENT ON FUNCTION ambit.assume_claims(jsonb) IS 'assume() for servers that verify tokens themselves (PostgREST, PostGraphile): acts for the tenant and sub (user) of claims, by their channel, until the end of the transaction. claims NULL: those in the setting request.jwt.claims, or in jwt.claims.sub, .tenant and .channel. Whoever can call it with effect could say anything: only roles that assume() trusts. Errors: 28000 no tenant or sub; those of assume().';
