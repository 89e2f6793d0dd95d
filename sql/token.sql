--
-- token: which tokens are believed, and which keys are keys
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_token_app LOGIN;
CREATE ROLE regress_token_dba LOGIN;
CREATE SCHEMA regress_token;
GRANT USAGE ON SCHEMA regress_token TO PUBLIC;
SELECT ambit.grant_administration('regress_token_dba');
SELECT ambit._load_template('{
	"template": "regress_token", "permissions": [{"key": "regress_token.view"}], "roles": [{"role": "member"}],
	"cells": [{"role": "member", "permission": "regress_token.view", "enabled": true, "entries": [{"scope": "all"}]}]
}', false);
SELECT ambit.create_tenant('school', 'regress_token'), ambit.create_tenant('other', 'regress_token');
SELECT ambit.add_member('school', u), ambit.assign_role('school', u, 'member') FROM unnest(ARRAY['ann', 'é "x"']) u;
SELECT ambit.add_member('other', 'ann'), ambit.assign_role('other', 'ann', 'member');
SELECT ambit.add_member('school', 'idle'), ambit.add_member('school', 'late'), ambit.assign_role('school', 'late', 'member', valid_until => now() - interval '1 day');

\getenv abs_srcdir PG_ABS_SRCDIR
\i :abs_srcdir/sql/include/token.sql
-- "now" in the claims is the time of the server
CREATE FUNCTION regress_token.sign(claims text, header text = '{"alg":"HS256","kid":"one"}', secret text = 'a secret of exactly 32 bytes ...') RETURNS text LANGUAGE sql STABLE AS $$
	SELECT regress_jwt.token(replace(claims, 'now', floor(extract(epoch FROM clock_timestamp()))::text), header, secret) $$;
-- what a token makes of the session
CREATE FUNCTION regress_token.try(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	more text;
BEGIN
	PERFORM ambit.login(token);
	RETURN concat_ws('/', ambit.current_tenant(), ambit.current_user_id(), ambit.current_channel());
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = message_text, more = pg_exception_detail;
	RETURN concat_ws(' ', sqlstate || ':', message || '.', more);
END $$;
SELECT ambit.add_signing_key('one', 'HS256', 'a secret of exactly 32 bytes ...');
\set good '{"sub":"ann","tenant":"school","exp":4102444800}'

-- Made once by another implementation of RFC 7515, with keys that are gone.
\set rsa_pem '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmK3EfP8ow2wPZg90OqFu\nHT2DUzSO4mJLEWE1EekCKLDevGxSSmo0MYqAVW/L/QAkwPzrdBgQzn7p15JunIH1\nSIPbdV560HcP9fz0eaWR9H9aRyeeZkGDgwy/0kDBqT9z70J/xqON88llc0/8b55e\nBWqGqXiollcLmEzrBmI0xk44478wsHHGAgbHVIQDudHw07Vvzc6DZlexv+Q9Dwli\ntmLuPQw1Fg/MYrejM3aoyG1gQmD3GRWQUUMBvPg3gMLJEe1grDyWANFDjiDChNq4\nfnCCRb6YqDk9Z/x8hVcfClWnNT0dNzFkL6mVsT/472BQLEy1D0Fg6a4o+NT9BjbC\nwwIDAQAB\n-----END PUBLIC KEY-----\n'
\set rsa_jwk '{"kty":"RSA","kid":"rsa jwk","use":"sig","alg":"RS256","key_ops":["verify"],"n":"mK3EfP8ow2wPZg90OqFuHT2DUzSO4mJLEWE1EekCKLDevGxSSmo0MYqAVW_L_QAkwPzrdBgQzn7p15JunIH1SIPbdV560HcP9fz0eaWR9H9aRyeeZkGDgwy_0kDBqT9z70J_xqON88llc0_8b55eBWqGqXiollcLmEzrBmI0xk44478wsHHGAgbHVIQDudHw07Vvzc6DZlexv-Q9DwlitmLuPQw1Fg_MYrejM3aoyG1gQmD3GRWQUUMBvPg3gMLJEe1grDyWANFDjiDChNq4fnCCRb6YqDk9Z_x8hVcfClWnNT0dNzFkL6mVsT_472BQLEy1D0Fg6a4o-NT9BjbCww","e":"AQAB"}'
\set rsa_token 'eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.CIC29zNvvcZ88HqeOKv4gKGrlS86WGbdwJQiXO98SQMGpKbJo336I25Sa06AOHYSPnKAO4KJ0F97XrNhj3R7lAAyoj1c8LFOEOrnxIAvOf-eW2W8ooQJphB1kuLqnn0gorKH6AfaL4y85CAtPP7PrXTyYVk-pBQKI5Mnt4JQ0MxpPWvUcqDun24yB-cSHgg4nqCFG5OT2Xt8JCA_evJngLGyddV0QeZv3JJkgXJJKyOcK6Ipahw5xxwHVreD9IC9i7lkFpD-8a6g1IqvmOG_ZONN7CJynTcwyZwWyhk7pLiNAXUBlmrbWs2WsTSOltsIMARkbV3pJ3quFoU5N4ltMQ'
\set rsa_jwk_token 'eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSBqd2sifQ.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.C0arkEt063dJ-r74aELuI0jngRjbNCYJ9UTf-xMVtMg3ReMn4QZp5XAK0X9j4kQij-2MHzw1lhd0XYILGoMYf4a8obevVH1Eu4n9hiZljohtdboYQbJD3CJz6-lKSlUgYjzSqxZdRSm9Ocbn4r1FcfW55Y1RR9eHnJs5wJlqUiqpxe8YP4mGo6zppq6xeyq6d4bK5N07ghyhp7nqouZ0zKOWkVPHsokj67MKFJmRWxfypGTcR4dl_F2NN8-RUodq9sib4zallRdD0WMb-qKmx1mYuFNnUnF_GsTc65Aod7I-JDni-rYnSzqscTO5EcniMtJ_0EygYBY3035kEsNmYQ'
\set rsa_pss_token 'eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.foVQJEPzfwuWmtgBEB50UJSUKuRSzC5IgsyPItEKVLPpoOgMUp5diCFd84zt1tDLAk7RQBTd-jqNjvfmEyLaU90YvXCBO2mo-bHN6kNaMSfhknkI1-W5woJ6wDW0rIetaUW8YeTSMSqxn8Ve9a49zudzQzvqFdwwg-6FSDY0r8bdDPtTdPy_PVm8SahtioKPCQc9hbpqlfkbiyoGcq3p5j_um0F-VhCjsXa7Tbpka3vqTaA5B8pCmn_x1tHXAuW0x8MJPcywg4QpGcfRzuzd5EZ-azX8AJn_MNqiorVrbjwkYVsNiSYjLHgqLOHu799v8H-SSs_Lx-iC8bvhS_hVaw'
\set rsa_weak_pem '-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4iIExV+EP+6Lw5fOziWSKCGuM\nkBlA8Vx/lompfS0kdBOOExLU3qPaAU6TaBuGAxbAxNGwSfWCueHBAzpH3OQ6drDF\nVhgx39ajZianmeF+M9Pl9qrmBhYtYdMqbt6xMCB6/YBDGIGG2+H3ezcJCc7ZufWC\n4wLcrLVkeuqlGY0hlwIDAQAB\n-----END PUBLIC KEY-----\n'
\set rsa_private_pem '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n'
\set ec_pem '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+aCMRK9OogmnIqKEWyky2mKPw1Aj\nsHboAzL8wjeZm2k4EBD7ul/+vZTTJM9PTPufGN+SlIbwrBzw5jqed9G0mg==\n-----END PUBLIC KEY-----\n'
\set ec_jwk '{"kty":"EC","crv":"P-256","kid":"ec jwk","x":"-aCMRK9OogmnIqKEWyky2mKPw1AjsHboAzL8wjeZm2k","y":"OBAQ-7pf_r2U0yTPT0z7nxjfkpSG8Kwc8OY6nnfRtJo"}'
\set ec_token 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.zl_aBpMSjoXC5rDwVhdK1Cbw3P3MJlNBlW-Uvg446FR6adwCaYGKpPX0B23XjXiSAsBYJCkTHu3ZliumrARyTQ'
\set ec_zero_token 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.AAYm1TkuTnGCjK-zAoego_ozFOsysDfrBcweJiAFqtWao2PlK_f3HMw1rqIrw1fk7WG7TyBanqWzn-y8EcLMAA'
\set ec_jwk_token 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIGp3ayJ9.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.bJQIXMJQZZz1dkl2T_nnlpwSJySp3mAUr10U8H2cuU0ezS7WjRaE-Qrmfv-iHyYb6Yr-c3z5XcHMi4jUVH6XIg'
\set ec_der_token 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.MEUCIQDgWcUBu_rj8mwHbebYwsplIOWCwyiJyd8f8DSpfK-CyQIgZt_kUGfbkzCkpsK36nRV6Xyq7nJwEfZSE3chUVtYYrU'
\set ec_384_pem '-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEIuyPGI4tCs44F0wLwlxKfO4q4cQ8CjRm\n8Fv8x3YdkkxaD1PTwDkC4Tvm2U+PJMOWioYAywSHsSRUe1B/gpOLLtuf0iSEZ6Aa\nMXh08FGzN49x8yaIfIbNuLfAiyxQETT7\n-----END PUBLIC KEY-----\n'
\set ec_256k1_pem '-----BEGIN PUBLIC KEY-----\nMFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEv5ic2yN1wtOpojvtZ1JvcH5PGTDybnrp\nVTMj4/NvARSw7SJ6wl6CRDiNbRuB4xdYKul2t0N7Gv/vNQwGNsQELg==\n-----END PUBLIC KEY-----\n'
\set ed_pem '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAlG+z/ZAhRSHaCOnwpuswsdapx8S9EMImm1PP1PaecV8=\n-----END PUBLIC KEY-----\n'
\set ed_jwk '{"kty":"OKP","crv":"Ed25519","kid":"ed jwk","x":"lG-z_ZAhRSHaCOnwpuswsdapx8S9EMImm1PP1PaecV8"}'
\set ed_token 'eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.ZqTLnO-N5mB1ACBirBwNrYiRAHpG66BRtJBNbr1bN9ngVE3W9CEoin147KcM1a1NBDPUAWkz2kJlegBVJynzDQ'
\set ed_jwk_token 'eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIGp3ayJ9.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJzY2hvb2wiLCJleHAiOjQxMDI0NDQ4MDB9.TylFeZWkEzuN_e0MvhT20o6xsCiywLqygjhYx47IZqVh4k9V20rTpa0kXk3xP97vNx1G3BeVoBSoDhk_P8S8Cg'
RESET client_min_messages;

-- ---- claims -------------------------------------------------------------------------
SET ROLE regress_token_app;
SELECT what, regress_token.try(regress_token.sign(claims)) FROM (VALUES
	('good', '{"sub":"ann","tenant":"school","exp":4102444800}'),
	('channel', '{"sub":"ann","tenant":"school","exp":4102444800,"channel":"web"}'),
	('unknown channel', '{"sub":"ann","tenant":"school","exp":4102444800,"channel":"fax"}'),
	('white space, other claims', E' {\t"sub" : "ann" ,\r\n"tenant":"school","exp":4102444800 , "x" : [ 1 , {"a":[]} , true,false,null ,-1.5e+3,"\\u00e9\\/"], "y":{}}\n'),
	('escapes', '{"s\u0075b":"\u0061nn","tenant":"school","exp":4102444800}'),
	('more escapes', '{"sub":"\u00e9 \"x\"","tenant":"school","exp":4102444800}'),
	('letters', '{"sub":"é \"x\"","tenant":"school","exp":4102444800}'),
	('pair of surrogates', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\ud83d\ude00"}'),
	('iat and nbf', '{"sub":"ann","tenant":"school","exp":4102444800,"iat":now,"nbf":now}'),
	('fraction, exponent', '{"sub":"ann","tenant":"school","exp":41024448.00e+2,"iat":0,"nbf":0.5}'),
	('tenant two', '{"sub":"ann","tenant":"other","exp":4102444800}'),
	-- refused
	('no sub', '{"tenant":"school","exp":4102444800}'),
	('empty sub', '{"sub":"","tenant":"school","exp":4102444800}'),
	('no tenant', '{"sub":"ann","exp":4102444800}'),
	('empty tenant', '{"sub":"ann","tenant":"","exp":4102444800}'),
	('no exp', '{"sub":"ann","tenant":"school"}'),
	('exp a string', '{"sub":"ann","tenant":"school","exp":"4102444800"}'),
	('exp null', '{"sub":"ann","tenant":"school","exp":null}'),
	('exp infinite', '{"sub":"ann","tenant":"school","exp":1e999}'),
	('exp negative', '{"sub":"ann","tenant":"school","exp":-1}'),
	('exp too late', '{"sub":"ann","tenant":"school","exp":1e12}'),
	('exp hexadecimal', '{"sub":"ann","tenant":"school","exp":0xffffffff}'),
	('exp with zeros before', '{"sub":"ann","tenant":"school","exp":04102444800}'),
	('exp with a plus', '{"sub":"ann","tenant":"school","exp":+4102444800}'),
	('exp without a fraction', '{"sub":"ann","tenant":"school","exp":4102444800.}'),
	('exp without an exponent', '{"sub":"ann","tenant":"school","exp":4102444800e}'),
	('exp NaN', '{"sub":"ann","tenant":"school","exp":NaN}'),
	('exp Infinity', '{"sub":"ann","tenant":"school","exp":Infinity}'),
	('exp long', '{"sub":"ann","tenant":"school","exp":4102444800.' || repeat('0', 100) || '}'),
	('expired', '{"sub":"ann","tenant":"school","exp":1700000000}'),
	('expires now', '{"sub":"ann","tenant":"school","exp":now}'),
	('exp 0', '{"sub":"ann","tenant":"school","exp":0}'),
	('nbf', '{"sub":"ann","tenant":"school","exp":4102444800,"nbf":4102444799}'),
	('nbf a string', '{"sub":"ann","tenant":"school","exp":4102444800,"nbf":"0"}'),
	('nbf null', '{"sub":"ann","tenant":"school","exp":4102444800,"nbf":null}'),
	('iat', '{"sub":"ann","tenant":"school","exp":4102444800,"iat":4102444799}'),
	('iat true', '{"sub":"ann","tenant":"school","exp":4102444800,"iat":true}'),
	('sub a number', '{"sub":7,"tenant":"school","exp":4102444800}'),
	('sub null', '{"sub":null,"tenant":"school","exp":4102444800}'),
	('sub an array', '{"sub":["ann"],"tenant":"school","exp":4102444800}'),
	('tenant a number', '{"sub":"ann","tenant":1,"exp":4102444800}'),
	('channel null', '{"sub":"ann","tenant":"school","exp":4102444800,"channel":null}'),
	('iss a number', '{"sub":"ann","tenant":"school","exp":4102444800,"iss":1}'),
	('aud for somebody', '{"sub":"ann","tenant":"school","exp":4102444800,"aud":"x"}'),
	('aud for nobody', '{"sub":"ann","tenant":"school","exp":4102444800,"aud":[]}'),
	('aud a number', '{"sub":"ann","tenant":"school","exp":4102444800,"aud":1}'),
	('aud with a number', '{"sub":"ann","tenant":"school","exp":4102444800,"aud":["x",1]}'),
	('sub twice', '{"sub":"ann","sub":"ann","tenant":"school","exp":4102444800}'),
	('sub twice, escaped', '{"sub":"ann","s\u0075b":"idle","tenant":"school","exp":4102444800}'),
	('another twice', '{"sub":"ann","tenant":"school","exp":4102444800,"x":1,"x":2}'),
	('no member', '{"sub":"bob","tenant":"school","exp":4102444800}'),
	('another''s member', '{"sub":"idle","tenant":"other","exp":4102444800}'),
	('no tenant of that name', '{"sub":"ann","tenant":"School","exp":4102444800}'),
	('member without a role', '{"sub":"idle","tenant":"school","exp":4102444800}'),
	('member whose role ended', '{"sub":"late","tenant":"school","exp":4102444800}'),
	('NUL', '{"sub":"ann\u0000","tenant":"school","exp":4102444800}'),
	('half a pair', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\ud83d"}'),
	('the other half', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\ude00"}'),
	('two first halves', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\ud83d\ud83d"}'),
	('unknown escape', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\x"}'),
	('short escape', '{"sub":"ann","tenant":"school","exp":4102444800,"x":"\u12"}'),
	('control character', E'{"sub":"ann","tenant":"school","exp":4102444800,"x":"\t"}'),
	('trailing data', '{"sub":"ann","tenant":"school","exp":4102444800}{}'),
	('trailing comma', '{"sub":"ann","tenant":"school","exp":4102444800,}'),
	('no comma', '{"sub":"ann" "tenant":"school","exp":4102444800}'),
	('comma in an array', '{"sub":"ann","tenant":"school","exp":4102444800,"x":[1,]}'),
	('not closed', '{"sub":"ann","tenant":"school","exp":4102444800'),
	('word', '{"sub":"ann","tenant":"school","exp":4102444800,"x":nul}'),
	('comment', '{"sub":"ann","tenant":"school","exp":4102444800/**/}'),
	('an array', '[{"sub":"ann","tenant":"school","exp":4102444800}]'),
	('a string', '"sub"'),
	('byte order mark', E'\uFEFF{"sub":"ann","tenant":"school","exp":4102444800}'),
	('deep', '{"sub":"ann","tenant":"school","exp":4102444800,"x":' || repeat('[', 100) || repeat(']', 100) || '}'),
	('many members', '{"sub":"ann","tenant":"school","exp":4102444800' || (SELECT string_agg(format(',"x%s":1', i), '') FROM generate_series(1, 200) i) || '}')
) v (what, claims);
-- what is not UTF-8
SELECT regress_token.try(regress_jwt.seal(regress_jwt.part('{"alg":"HS256","kid":"one"}') || '.' || regress_jwt.part('{"sub":"ann","tenant":"school","exp":4102444800,"x":"' || b || '"}')))
FROM unnest(ARRAY['\xff', '\xc0af', '\xeda080', '\xf4908080', '\xe2', '\x00']::bytea[]) b;

-- ---- headers ------------------------------------------------------------------------
SELECT header, regress_token.try(regress_token.sign(:'good', header)) FROM unnest(ARRAY[
	'{"alg":"HS256","kid":"one","typ":"jwt"}',
	'{"typ":"at+JWT","kid":"one","alg":"HS256","x5t":"x"}',
	'{"alg":"HS256","kid":"\u006fne"}',
	-- refused
	'{"alg":"none","kid":"one"}', '{"alg":"hs256","kid":"one"}', '{"alg":"HS512","kid":"one"}', '{"alg":"RS256","kid":"one"}', '{"alg":"","kid":"one"}',
	'{"alg":null,"kid":"one"}', '{"alg":["HS256"],"kid":"one"}', '{"kid":"one"}', '{"alg":"HS256"}', '{"alg":"HS256","kid":1}', '{"alg":"HS256","kid":null}',
	'{"alg":"HS256","kid":"One"}', '{"alg":"HS256","kid":"two"}', '{"alg":"HS256","kid":""}', '{"alg":"HS256","kid":"../one"}',
	'{"alg":"HS256","kid":"one","kid":"one"}', '{"alg":"HS256","alg":"none","kid":"one"}', '{"alg":"HS256","kid":"one","x":1,"x":1}',
	'{"alg":"HS256","kid":"one","typ":"JWE"}', '{"alg":"HS256","kid":"one","typ":null}', '{"alg":"HS256","kid":"one","crit":["exp"]}', '{"alg":"HS256","kid":"one","b64":true}',
	'{"alg":"HS256","kid":"one","jwk":{"kty":"oct","k":"AA"}}', '{"alg":"HS256","kid":"one","jku":"https://x"}', '{"alg":"HS256","kid":"one","x5c":[]}',
	'{"alg":"HS256","kid":"one","x5u":"https://x"}', '{"alg":"HS256","kid":"one","zip":"DEF"}', '{"alg":"HS256","kid":"one","enc":"x"}', '{"alg":"HS256","kid":"one","cty":"JWT"}',
	'{"alg":"HS256","kid":"one"} ', '{"alg":"HS256","kid":"one"}x', '[]', '{}']) header;

-- ---- the form -----------------------------------------------------------------------
SELECT regress_token.sign(:'good') AS token \gset
SELECT split_part(:'token', '.', 1) AS h, split_part(:'token', '.', 2) AS c, split_part(:'token', '.', 3) AS s \gset
SELECT what, regress_token.try(token) FROM (VALUES
	('as it is', :'token'),
	('NULL', NULL),
	('empty', ''),
	('no dot', replace(:'token', '.', '')),
	('one dot', :'h' || '.' || :'c'),
	('no signature', :'h' || '.' || :'c' || '.'),
	('four parts', :'token' || '.x'),
	('JSON', '{"payload":"' || :'c' || '"}'),
	('no header', '.' || :'c' || '.' || :'s'),
	('no claims', :'h' || '..' || :'s'),
	('blank before', ' ' || :'token'),
	('blank after', :'token' || ' '),
	('line end', :'token' || E'\n'),
	('padded', :'token' || '='),
	('signature cut', left(:'token', -1)),
	('signature longer', :'token' || 'A'),
	('signature of another', :'h' || '.' || :'c' || '.' || regress_jwt.part(sha256('x'))),
	('another secret', regress_token.sign(:'good', secret => 'a secret of exactly 32 bytes ..?')),
	('first bit', overlay(:'token' PLACING CASE left(:'s', 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM length(:'h' || :'c') + 3 FOR 1)),
	('claims of another', :'h' || '.' || regress_jwt.part('{"sub":"ann","tenant":"other","exp":4102444800}') || '.' || :'s'),
	('too long', regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"x":"' || repeat('x', 6100) || '"}')),
	('a megabyte', repeat('x', 1000000))
) v (what, token);
-- the last character of a part has bits that do not count: one spelling only
SELECT regress_token.try(:'h' || '.' || :'c' || '.' || left(:'s', -1) || translate(right(:'s', 1), 'AEIMQUYcgkosw048', 'BFJNRVZdhlptx159'));
SELECT regress_token.try(regress_jwt.seal(h || '.' || :'c')) FROM (VALUES (rtrim(regress_jwt.part('{"alg":"HS256","kid":"one" }'), 'Q') || 'R')) v (h);
-- standard base64 is not base64url
SELECT length(:'token'), regress_token.try(regress_jwt.seal(replace(replace(regress_jwt.part('{"alg":"HS256","kid":"one","x":"???>>>"}'), '_', '/'), '-', '+') || '.' || :'c'));
SELECT regress_token.try(regress_jwt.seal(regress_jwt.part('{"alg":"HS256","kid":"one","x":"???>>>"}') || '.' || :'c'));
-- 8 kB, and a byte more
SELECT length(t), regress_token.try(t) FROM unnest('{6028,6029}'::int[]) n, LATERAL regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"x":"' || repeat('x', n) || '"}') t;

-- ---- keys ---------------------------------------------------------------------------
RESET ROLE;
SELECT ambit.add_signing_key('rsa', 'RS256', :'rsa_pem'), ambit.add_signing_key('ec', 'ES256', :'ec_pem'), ambit.add_signing_key('ed', 'EdDSA', :'ed_pem');
SELECT ambit.add_signing_key('rsa jwk', 'RS256', :'rsa_jwk'), ambit.add_signing_key('ec jwk', 'ES256', :'ec_jwk'), ambit.add_signing_key('ed jwk', 'EdDSA', E'\n ' || :'ed_jwk');
SELECT ambit.add_signing_key('oct jwk', 'HS256', '{"kty":"oct","k":"' || regress_jwt.part('a secret of exactly 32 bytes ...') || '","key_ops":["sign","verify"]}');
SELECT a.algorithm, count(*), count(DISTINCT a.key) AS keys FROM ambit.signing_key a GROUP BY 1 ORDER BY 1;
SET ROLE regress_token_app;
SELECT what, regress_token.try(token) FROM (VALUES
	('RS256', :'rsa_token'), ('RS256, JWK', :'rsa_jwk_token'), ('ES256', :'ec_token'), ('ES256, zero in front', :'ec_zero_token'), ('ES256, JWK', :'ec_jwk_token'),
	('EdDSA', :'ed_token'), ('EdDSA, JWK', :'ed_jwk_token'), ('HS256, JWK', regress_token.sign(:'good', '{"alg":"HS256","kid":"oct jwk"}')),
	-- refused
	('RSA-PSS', :'rsa_pss_token'), ('ES256, DER', :'ec_der_token'),
	('RS256, a signature more', :'rsa_token' || 'AAAA'), ('ES256, a byte less', left(:'ec_token', -2)), ('EdDSA, a byte more', :'ed_token' || 'A'),
	('ES256, zeros', substring(:'ec_token' FROM '.*\.') || repeat('A', 86)),
	('EdDSA, zeros', substring(:'ed_token' FROM '.*\.') || repeat('A', 86)),
	-- a public key is no secret
	('HS256 with the PEM', regress_jwt.seal(regress_jwt.part('{"alg":"HS256","kid":"rsa"}') || '.' || regress_jwt.part(:'good'::text), left(:'rsa_pem', 64))),
	('HS256 with the Ed25519 PEM', regress_jwt.seal(regress_jwt.part('{"alg":"EdDSA","kid":"ed"}') || '.' || regress_jwt.part(:'good'::text), left(:'ed_pem', 64))),
	('HS256 as RS256', regress_token.sign(:'good', '{"alg":"RS256","kid":"rsa"}'))
) v (what, token);
-- every bit of a signature counts
SELECT kid, count(*) AS bits, count(*) FILTER (WHERE r LIKE '28000: token refused. It is malformed, or not signed%') AS refused
FROM (VALUES ('rsa', :'rsa_token'), ('ec', :'ec_token'), ('ed', :'ed_token'), ('one', :'token')) v (kid, token),
	LATERAL (SELECT substring(token FROM '.*\.') AS signed, decode(rpad(translate(substring(token FROM '[^.]*$'), '-_', '+/'), (length(substring(token FROM '[^.]*$')) + 3) / 4 * 4, '='), 'base64') AS s) p,
	generate_series(0, length(s) * 8 - 1) bit,
	LATERAL regress_token.try(signed || regress_jwt.part(set_bit(s, bit, 1 - get_bit(s, bit)))) r
GROUP BY kid ORDER BY kid;
RESET ROLE;

-- what is no key
SELECT ambit.add_signing_key('x', a, k) FROM (VALUES ('HS384', 'x')) v (a, k);
CREATE FUNCTION regress_token.add(kid text, algorithm text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; more text; hint text;
BEGIN
	PERFORM ambit.add_signing_key(kid, algorithm, key);
	RAISE EXCEPTION 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = message_text, more = pg_exception_detail, hint = pg_exception_hint;
	RETURN concat_ws(' ', sqlstate || ':', message || '.', more, nullif(hint, ''));
END $$;
SELECT what, regress_token.add('x', algorithm, key) FROM (VALUES
	('taken', 'HS256', repeat('x', 32)), ('taken', 'HS256', repeat('x', 4096)), ('taken', 'HS256', repeat('é', 16)), ('taken', 'RS256', E'\n' || :'rsa_pem' || E'\n\n'),
	('short', 'HS256', repeat('x', 31)), ('long', 'HS256', repeat('x', 4097)), ('longer', 'HS256', repeat('x', 20000)),
	('PEM for HS256', 'HS256', :'rsa_pem'), ('PEM after a blank for HS256', 'HS256', ' ' || :'rsa_pem'), ('JSON for HS256', 'HS256', '{"kty":"RSA","x":"' || repeat('x', 40) || '"}'),
	('no JSON for HS256', 'HS256', '{' || repeat('x', 40)),
	('private PEM', 'RS256', :'rsa_private_pem'), ('two PEMs', 'RS256', :'rsa_pem' || :'rsa_pem'), ('cut', 'RS256', left(:'rsa_pem', 200)), ('neither', 'RS256', repeat('x', 40)),
	('weak', 'RS256', :'rsa_weak_pem'), ('EC for RSA', 'RS256', :'ec_pem'), ('RSA for EC', 'ES256', :'rsa_pem'), ('P-384', 'ES256', :'ec_384_pem'), ('secp256k1', 'ES256', :'ec_256k1_pem'),
	('EC for EdDSA', 'EdDSA', :'ec_pem'), ('Ed25519 for EC', 'ES256', :'ed_pem'),
	('empty JWK', 'RS256', '{}'), ('two JWKs', 'HS256', '{"keys":[]}'), ('a JWK and more', 'EdDSA', :'ed_jwk' || 'x'),
	('another kid', 'EdDSA', :'ed_jwk'), ('kid a number', 'EdDSA', '{"kty":"OKP","crv":"Ed25519","kid":1,"x":"lG-z"}'),
	('another kty', 'ES256', '{"kty":"OKP","crv":"P-256"}'), ('another crv', 'ES256', '{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}'),
	('another alg', 'HS256', '{"kty":"oct","alg":"HS512","k":"' || repeat('A', 64) || '"}'), ('another use', 'HS256', '{"kty":"oct","use":"enc","k":"' || repeat('A', 64) || '"}'),
	('another key_ops', 'HS256', '{"kty":"oct","key_ops":["sign"],"k":"' || repeat('A', 64) || '"}'), ('short k', 'HS256', '{"kty":"oct","k":"AAAA"}'),
	('k twice', 'HS256', '{"kty":"oct","k":"' || repeat('A', 64) || '","k":"' || repeat('B', 64) || '"}'), ('k a number', 'HS256', '{"kty":"oct","k":1}'), ('no k', 'HS256', '{"kty":"oct"}'),
	('private d', 'EdDSA', '{"kty":"OKP","crv":"Ed25519","d":"AA","x":"' || repeat('A', 43) || '"}'), ('private k', 'EdDSA', '{"kty":"OKP","crv":"Ed25519","k":"AA","x":"' || repeat('A', 43) || '"}'),
	('short x', 'EdDSA', '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}'), ('no y', 'ES256', '{"kty":"EC","crv":"P-256","x":"' || repeat('A', 43) || '"}'),
	('not on the curve', 'ES256', '{"kty":"EC","crv":"P-256","x":"' || repeat('A', 43) || '","y":"' || repeat('A', 43) || '"}'),
	('exponent 1', 'RS256', '{"kty":"RSA","e":"AQ","n":"' || rpad('', 341, 'x') || 'w"}'),
	('small n', 'RS256', '{"kty":"RSA","e":"AQAB","n":"AQAB"}'), ('even n', 'RS256', '{"kty":"RSA","e":"AQAB","n":"' || rpad('', 341, 'x') || 'A"}'),
	('huge n', 'RS256', '{"kty":"RSA","e":"AQAB","n":"' || rpad('', 1400, 'x') || '"}')
) v (what, algorithm, key);
\set VERBOSITY sqlstate
SELECT ambit.add_signing_key('one', 'HS256', repeat('x', 32));
SELECT ambit.add_signing_key(NULL, 'HS256', repeat('x', 32));
SELECT ambit.add_signing_key('', 'HS256', repeat('x', 32));
SELECT ambit.add_signing_key('x', NULL, repeat('x', 32));
SELECT ambit.add_signing_key('x', 'HS256', NULL);
SELECT ambit.add_signing_key('x', 'HS256', repeat('x', 32), issuer => '');
SELECT ambit.add_signing_key('x', 'HS256', repeat('x', 32), audience => '');
SELECT ambit.add_signing_key('x', 'HS256', repeat('x', 32), tenants => '{}');
SELECT ambit.add_signing_key('x', 'HS256', repeat('x', 32), tenants => '{a,NULL}');
SELECT ambit.add_signing_key('x', 'HS256', repeat('x', 32), dumped => NULL);
SELECT ambit.drop_signing_key(NULL);
SELECT ambit.drop_signing_key('On');
\set VERBOSITY default
SELECT ambit.drop_signing_key('On');
SELECT ambit.add_signing_key('one', 'HS256', repeat('x', 32));

-- ---- what a key may speak for ---------------------------------------------------------
SELECT ambit.add_signing_key('issuer', 'HS256', 'a secret of exactly 32 bytes ...', issuer => 'https://a'),
	ambit.add_signing_key('audience', 'HS256', 'a secret of exactly 32 bytes ...', audience => 'db'),
	ambit.add_signing_key('tenants', 'HS256', 'a secret of exactly 32 bytes ...', tenants => '{school,third}');
SET ROLE regress_token_app;
SELECT kid, more, regress_token.try(regress_token.sign(format('{"sub":"ann","tenant":"%s","exp":4102444800%s}', coalesce(tenant, 'school'), more), format('{"alg":"HS256","kid":"%s"}', kid)))
FROM (VALUES ('one', ',"iss":"https://b"', NULL),
	('issuer', ',"iss":"https://a"', NULL), ('issuer', ',"iss":"https://b"', NULL), ('issuer', ',"iss":"https://a/"', NULL), ('issuer', '', NULL),
	('audience', ',"aud":"db"', NULL), ('audience', ',"aud":["x","db"]', NULL), ('audience', ',"aud":"x"', NULL), ('audience', ',"aud":[]', NULL), ('audience', '', NULL),
	('audience', ',"aud":["' || array_to_string(array_fill('x'::text, '{32}'), '","') || '","db"]', NULL),
	('tenants', ',"x":1', 'school'), ('tenants', ',"x":2', 'other'), ('tenants', ',"x":3', 'third')) v (kid, more, tenant);
RESET ROLE;

-- clocks that are apart
SET ambit.token_leeway = 60;
SELECT regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":now}')) AS expired, regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"nbf":now9}')) AS far;
SELECT floor(extract(epoch FROM now())) + 30 AS soon \gset
SELECT regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"nbf":' || :soon || '}')) AS nbf, regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"iat":' || :soon || '}')) AS iat;
SET ambit.token_leeway = 0;
SELECT regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"nbf":' || :soon || '}')) AS nbf, regress_token.try(regress_token.sign('{"sub":"ann","tenant":"school","exp":4102444800,"iat":' || :soon || '}')) AS iat;
\set VERBOSITY sqlstate
SET ambit.token_leeway = 301;
SET ambit.token_leeway = -1;
\set VERBOSITY default
RESET ambit.token_leeway;
SET ROLE regress_token_app;
SET ambit.token_leeway = 300;

-- ---- keys come and go -------------------------------------------------------------------
-- for the DBA: administration counts, a SECURITY DEFINER function does not
\set VERBOSITY sqlstate
SELECT ambit.add_signing_key('mine', 'HS256', repeat('x', 32));
SELECT ambit.drop_signing_key('one');
SELECT ambit._signing_key('mine', 'HS256', repeat('x', 32));
SELECT * FROM ambit.signing_key;
RESET ROLE;
CREATE FUNCTION regress_token.as_dba(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN EXECUTE statement; END $$;
GRANT pg_read_all_data TO regress_token_app;
SET ROLE regress_token_app;
SELECT regress_token.as_dba('SELECT ambit.drop_signing_key(''one'')');
SELECT count(*) FROM ambit.signing_key;
RESET ROLE;
-- nor what the planner knows of them
ANALYZE ambit.signing_key;
SET ROLE regress_token_app;
SELECT count(*) FROM pg_stats WHERE tablename = 'signing_key';
RESET ROLE;
SELECT count(*) > 0 AS there FROM pg_stats WHERE tablename = 'signing_key' AND attname = 'key';
REVOKE pg_read_all_data FROM regress_token_app;
SET ROLE regress_token_dba;
\set VERBOSITY default
SELECT ambit.add_signing_key('next', 'HS256', 'another secret of 32 bytes and more');
-- two at once; the old one goes, and with it what it signed
SELECT regress_token.try(:'token') AS old, regress_token.try(regress_token.sign(:'good', '{"alg":"HS256","kid":"next"}', 'another secret of 32 bytes and more')) AS new;
SELECT ambit.drop_signing_key('one');
SELECT regress_token.try(:'token') AS old, regress_token.try(regress_token.sign(:'good', '{"alg":"HS256","kid":"next"}', 'another secret of 32 bytes and more')) AS new;
-- the same kid with another secret, and with the old one
BEGIN;
SELECT ambit.add_signing_key('one', 'HS256', 'another secret of 32 bytes and more');
SELECT regress_token.try(:'token');
ROLLBACK;
BEGIN;
SELECT ambit.add_signing_key('one', 'HS256', 'a secret of exactly 32 bytes ...');
SELECT regress_token.try(:'token');
SAVEPOINT s;
SELECT ambit.drop_signing_key('one');
SELECT regress_token.try(:'token');
ROLLBACK TO s;
SELECT regress_token.try(:'token');
ROLLBACK;
SELECT regress_token.try(:'token');
-- rolled back, nothing is left
SELECT ambit.drop_signing_key('next');
SELECT regress_token.try(regress_token.sign(:'good', '{"alg":"HS256","kid":"next"}', 'another secret of 32 bytes and more')) AS new;
-- more tokens than are kept, each still judged alone; they leave with their key, and with their exp
SELECT ambit.add_signing_key('one', 'HS256', 'a secret of exactly 32 bytes ...'), ambit.add_signing_key('last', 'HS256', 'a secret of exactly 32 bytes ...');
SELECT r, count(*) FROM generate_series(1, 600) i, LATERAL regress_token.try(regress_token.sign(format('{"sub":"%s","tenant":"school","exp":4102444800,"jti":"%s"}', CASE WHEN i % 3 = 0 THEN 'bob' ELSE 'ann' END, i % 300))) r GROUP BY r ORDER BY r;
SELECT regress_token.try(:'token');
RESET ROLE;
CREATE FUNCTION regress_token.kept() RETURNS bigint LANGUAGE sql AS $$ SELECT used_bytes FROM pg_backend_memory_contexts WHERE name = 'ambit tokens' ORDER BY level LIMIT 1 $$;
CREATE FUNCTION regress_token.many(n int, kid text, ends text = '4102444800') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regress_token.sign(format('{"sub":"ann","tenant":"school","exp":%s,"jti":"%s"}', ends, i), format('{"alg":"HS256","kid":"%s"}', kid)) FROM generate_series(1, n) i $$;
SELECT count(ambit.login(t)) FROM regress_token.many(300, 'last') t;
SELECT regress_token.kept() AS full \gset
SELECT count(ambit.login(t)) FROM regress_token.many(600, 'last') t;
SELECT regress_token.kept() <= :full AS bounded;
SELECT ambit.drop_signing_key('last');
SELECT count(*) FROM unnest(ARRAY(SELECT regress_token.many(1, 'last'))) t, LATERAL regress_token.try(t) r WHERE r LIKE '28000%';
SELECT regress_token.kept() < :full / 2 AS "left with their key";
SELECT regress_token.kept() AS rest \gset
SELECT extract(epoch FROM clock_timestamp()) + 2 AS soon \gset
SELECT array_agg(t) AS tokens FROM regress_token.many(5, 'one', :'soon') t, LATERAL ambit.login(t) \gset
SELECT regress_token.kept() > :rest AS kept, pg_sleep_until(to_timestamp(:soon + 0.1));
SELECT r, count(*) FROM unnest(:'tokens'::text[]) t, LATERAL regress_token.try(t) r GROUP BY r;
SELECT regress_token.kept() <= :rest AS "left with their exp";
SET ROLE regress_token_dba;
-- a damaged row is no key
RESET ROLE;
UPDATE ambit.signing_key SET algorithm = 'none' WHERE kid = 'one';
SELECT regress_token.try(:'token');
UPDATE ambit.signing_key SET algorithm = 'RS256' WHERE kid = 'one';
SELECT regress_token.try(:'token'), regress_token.try(regress_token.sign(:'good', '{"alg":"RS256","kid":"one"}'));
UPDATE ambit.signing_key SET algorithm = 'HS256', key = '' WHERE kid = 'one';
SELECT regress_token.try(:'token');
UPDATE ambit.signing_key SET key = key || '\x00' WHERE kid = 'ed';
SELECT regress_token.try(:'ed_token');
-- dumps leave keys out unless asked
SELECT c.extcondition FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) c (extconfig, extcondition) WHERE e.extname = 'ambit' AND c.extconfig = 'ambit.signing_key'::regclass;
SELECT ambit.drop_signing_key('one'), ambit.add_signing_key('one', 'HS256', repeat('x', 32), dumped => true);
SELECT kid, dumped FROM ambit.signing_key WHERE kid IN ('one', 'ec') ORDER BY kid;

-- ---- leave nothing behind ------------------------------------------------------------------
SET client_min_messages = warning;
SELECT count(ambit.drop_signing_key(kid)) FROM ambit.signing_key;
SELECT ambit.drop_tenant('school'), ambit.drop_tenant('other');
DELETE FROM ambit.template WHERE template = 'regress_token';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress\_token.%';
SELECT ambit.revoke_administration('regress_token_dba');
DROP SCHEMA regress_token, regress_jwt CASCADE;
DROP ROLE regress_token_app;
DROP ROLE regress_token_dba;
