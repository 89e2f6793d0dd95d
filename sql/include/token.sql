-- Tokens, signed by hand: HMAC of RFC 2104 by the server's sha256().  In schema
-- regress_jwt, for everybody, which the test drops.
\set ECHO none
CREATE SCHEMA regress_jwt;
GRANT USAGE ON SCHEMA regress_jwt TO PUBLIC;
CREATE FUNCTION regress_jwt.hmac(secret bytea, message bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	i bytea := secret || decode(repeat('00', 64 - length(secret)), 'hex');
	o bytea := i;
BEGIN
	FOR n IN 0..63 LOOP
		o := set_byte(o, n, get_byte(i, n) # 92);
		i := set_byte(i, n, get_byte(i, n) # 54);
	END LOOP;
	RETURN sha256(o || sha256(i || message));
END $$;
CREATE FUNCTION regress_jwt.part(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT translate(encode(bytes, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION regress_jwt.part(part text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT regress_jwt.part(convert_to(part, 'UTF8')) $$;
-- what is there, with its signature
CREATE FUNCTION regress_jwt.seal(signed text, secret text = 'a secret of exactly 32 bytes ...') RETURNS text LANGUAGE sql IMMUTABLE AS
	$$ SELECT signed || '.' || regress_jwt.part(regress_jwt.hmac(convert_to(secret, 'UTF8'), convert_to(signed, 'UTF8'))) $$;
CREATE FUNCTION regress_jwt.token(claims text, header text = '{"alg":"HS256","kid":"one"}', secret text = 'a secret of exactly 32 bytes ...') RETURNS text LANGUAGE sql IMMUTABLE AS
	$$ SELECT regress_jwt.seal(regress_jwt.part(header) || '.' || regress_jwt.part(claims), secret) $$;
\set ECHO all
