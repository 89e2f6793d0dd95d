/* ---- signing: the keys that tokens are signed with -----------------------
 *
 * signing.c reads the table when a token names a key.  Two keys at once are
 * how keys are rotated: add the new one, sign with it, drop the old one.
 */

CREATE FUNCTION ambit._signing_key(kid text, algorithm text, key text)
	RETURNS bytea LANGUAGE c VOLATILE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_signing_key';
COMMENT ON FUNCTION ambit._signing_key(text, text, text) IS 'The form in which a key is stored: for HS256 the secret, for RS256, ES256 and EdDSA the DER SubjectPublicKeyInfo. key: as in add_signing_key(). Error: 22023 not a key for the algorithm; no message holds a part of it.';
REVOKE EXECUTE ON FUNCTION ambit._signing_key(text, text, text) FROM PUBLIC;

CREATE FUNCTION ambit.add_signing_key(kid text, algorithm text, key text, issuer text DEFAULT NULL, audience text DEFAULT NULL,
	tenants text[] DEFAULT NULL, dumped boolean DEFAULT false) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_kid text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('add_signing_key');
	_kid := ambit._given('kid', add_signing_key.kid);
	PERFORM ambit._given('algorithm', add_signing_key.algorithm), ambit._given('key', add_signing_key.key),
		ambit._optional('issuer', add_signing_key.issuer), ambit._optional('audience', add_signing_key.audience);
	IF add_signing_key.dumped IS NULL THEN
		PERFORM ambit._fail('22004', 'dumped must not be null');
	END IF;
	IF pg_catalog.array_position(add_signing_key.tenants, NULL) IS NOT NULL THEN
		PERFORM ambit._fail('22004', 'tenants must not hold nulls');
	ELSIF add_signing_key.tenants = '{}' THEN
		PERFORM ambit._fail('22023', 'tenants must not be empty', hint => 'NULL stands for all tenants.');
	END IF;
	INSERT INTO ambit.signing_key (kid, algorithm, key, issuer, audience, tenants, dumped)
	VALUES (_kid, add_signing_key.algorithm, ambit._signing_key(_kid, add_signing_key.algorithm, add_signing_key.key),
		add_signing_key.issuer, add_signing_key.audience, add_signing_key.tenants, add_signing_key.dumped)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM ambit._fail('42710', pg_catalog.format('signing key "%s" already exists', _kid),
			hint => 'Give the new key another kid, and drop the old one when nothing is signed with it any more.');
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.add_signing_key(text, text, text, text, text, text[], boolean) IS 'Lets tokens speak that are signed with the key, from the next statement on. kid: the name by which tokens call it. algorithm: HS256 (a secret of at least 32 bytes), RS256 (RSA, 2048 to 8192 bits), ES256 (P-256) or EdDSA (Ed25519). key: a JWK, the PEM of a public key, or for HS256 the secret itself. issuer: the iss that its tokens must have; NULL: any or none. audience: the aud that they must have, among others perhaps; NULL: tokens without one only. tenants: for which it may speak; NULL: all. dumped: whether pg_dump takes it along. For the DBA. Errors: 42710 there is a key of that kid, 22023 not such a key or an empty argument, 22004 NULL, 42501.';

CREATE FUNCTION ambit.drop_signing_key(kid text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	_kid text COLLATE "C";
BEGIN
	PERFORM ambit._require_dba('drop_signing_key');
	_kid := ambit._given('kid', drop_signing_key.kid);
	DELETE FROM ambit.signing_key k WHERE k.kid = _kid;
	IF NOT FOUND THEN
		PERFORM ambit._unknown('signing key', _kid, NULL, ARRAY(SELECT k.kid FROM ambit.signing_key k ORDER BY k.kid LIMIT 10000));
	END IF;
END
$$;
COMMENT ON FUNCTION ambit.drop_signing_key(text) IS 'Forgets a key. Sessions that act by a token signed with it have no identity from their next statement on. For the DBA. Errors: 42704 no such key, 22004 NULL, 22023 empty, 42501.';
