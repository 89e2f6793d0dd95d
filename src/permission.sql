/* ---- a schema that somebody else made may hold anything ------------------ */

DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
		WHERE n.nspname = 'ambit' AND NOT r.rolsuper AND r.rolname <> current_user)
	THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'schema "ambit" belongs to another role',
			HINT = 'Drop it, or make its owner the one who creates the extension.';
	END IF;
END
$$;

/* ---- permission: a key, held as its id ---------------------------------- */

CREATE TABLE ambit.permission_key (
	id		integer PRIMARY KEY CHECK (id > 0),
	key		text COLLATE "C" NOT NULL UNIQUE
			CHECK (key OPERATOR(pg_catalog.~) '^[a-z0-9_]+(\.[a-z0-9_]+){1,7}$' AND pg_catalog.octet_length(key) <= 190)
);
COMMENT ON TABLE ambit.permission_key IS 'The permissions of the database. id: the value of the type permission, never given twice; key: its text. Rows are added by _register_permission() or a plain INSERT of keys, which passes over those that exist.';
REVOKE ALL ON ambit.permission_key FROM PUBLIC;

CREATE SEQUENCE ambit.permission_key_id_seq AS integer OWNED BY ambit.permission_key.id;
COMMENT ON SEQUENCE ambit.permission_key_id_seq IS 'Ids of permissions.';
REVOKE ALL ON SEQUENCE ambit.permission_key_id_seq FROM PUBLIC;

CREATE FUNCTION ambit._lock_permission_keys() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_lock_permission_keys';
COMMENT ON FUNCTION ambit._lock_permission_keys() IS 'Statement trigger of permission_key: transactions that register permissions wait for each other, so that the same key from two of them is no error.';
REVOKE EXECUTE ON FUNCTION ambit._lock_permission_keys() FROM PUBLIC;
CREATE TRIGGER one_at_a_time BEFORE INSERT ON ambit.permission_key
	FOR EACH STATEMENT EXECUTE FUNCTION ambit._lock_permission_keys();

/*
 * A dump brings ids that may be taken here, by the permissions that CREATE
 * EXTENSION loaded.  Everything else in the dump names keys, so a row may
 * change its id.
 */
CREATE FUNCTION ambit._place_permission_key() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM ambit.permission_key k WHERE k.key OPERATOR(pg_catalog.=) NEW.key) THEN
		RETURN NULL;
	END IF;
	WHILE NEW.id IS NULL OR EXISTS (SELECT FROM ambit.permission_key k WHERE k.id OPERATOR(pg_catalog.=) NEW.id) LOOP
		NEW.id := pg_catalog.nextval('ambit.permission_key_id_seq');
	END LOOP;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION ambit._place_permission_key() IS 'Row trigger of permission_key: passes over a key that exists, and gives the next free id to a row whose id is NULL or taken.';
REVOKE EXECUTE ON FUNCTION ambit._place_permission_key() FROM PUBLIC;
CREATE TRIGGER place BEFORE INSERT ON ambit.permission_key
	FOR EACH ROW EXECUTE FUNCTION ambit._place_permission_key();

ALTER TABLE ambit.permission_key ENABLE ALWAYS TRIGGER one_at_a_time, ENABLE ALWAYS TRIGGER place;

SELECT pg_catalog.pg_extension_config_dump('ambit.permission_key', '');
SELECT pg_catalog.pg_extension_config_dump('ambit.permission_key_id_seq', '');

CREATE TYPE ambit.permission;

CREATE FUNCTION ambit.permission_in(cstring) RETURNS ambit.permission
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_in';
COMMENT ON FUNCTION ambit.permission_in(cstring) IS 'Input of permission: a key. Error: 42704 unknown. For those who may insert into permission_key, a key of the right form is registered instead while check_function_bodies is off, as it is in a restore.';

CREATE FUNCTION ambit.permission_out(ambit.permission) RETURNS cstring
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_out';
COMMENT ON FUNCTION ambit.permission_out(ambit.permission) IS 'Output of permission: its key. Error: XX001 the value stands for no key.';

CREATE FUNCTION ambit.permission_recv(internal) RETURNS ambit.permission
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_recv';
COMMENT ON FUNCTION ambit.permission_recv(internal) IS 'Binary input of permission: the key as text. Error: 42704 unknown.';

CREATE FUNCTION ambit.permission_send(ambit.permission) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_send';
COMMENT ON FUNCTION ambit.permission_send(ambit.permission) IS 'Binary output of permission: the key as text. Error: XX001 the value stands for no key.';

CREATE TYPE ambit.permission (
	INPUT = ambit.permission_in,
	OUTPUT = ambit.permission_out,
	RECEIVE = ambit.permission_recv,
	SEND = ambit.permission_send,
	INTERNALLENGTH = 4,
	PASSEDBYVALUE,
	ALIGNMENT = int4,
	STORAGE = plain
);
COMMENT ON TYPE ambit.permission IS 'A permission, written as its key: bookings.cancel. Four bytes; ordered as the permissions were registered in this database.';

/*
 * The values are int4 below, so the server's own int4 functions compare them.
 */
CREATE FUNCTION ambit.permission_eq(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4eq';
COMMENT ON FUNCTION ambit.permission_eq(ambit.permission, ambit.permission) IS 'Implementation of = of permissions.';

CREATE FUNCTION ambit.permission_ne(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4ne';
COMMENT ON FUNCTION ambit.permission_ne(ambit.permission, ambit.permission) IS 'Implementation of <> of permissions.';

CREATE FUNCTION ambit.permission_lt(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4lt';
COMMENT ON FUNCTION ambit.permission_lt(ambit.permission, ambit.permission) IS 'Implementation of < of permissions.';

CREATE FUNCTION ambit.permission_le(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4le';
COMMENT ON FUNCTION ambit.permission_le(ambit.permission, ambit.permission) IS 'Implementation of <= of permissions.';

CREATE FUNCTION ambit.permission_gt(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4gt';
COMMENT ON FUNCTION ambit.permission_gt(ambit.permission, ambit.permission) IS 'Implementation of > of permissions.';

CREATE FUNCTION ambit.permission_ge(ambit.permission, ambit.permission) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'int4ge';
COMMENT ON FUNCTION ambit.permission_ge(ambit.permission, ambit.permission) IS 'Implementation of >= of permissions.';

CREATE FUNCTION ambit.permission_cmp(ambit.permission, ambit.permission) RETURNS integer
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'btint4cmp';
COMMENT ON FUNCTION ambit.permission_cmp(ambit.permission, ambit.permission) IS 'Less than, equal to, greater than 0 as the left permission comes before, is, or comes after the right one.';

CREATE FUNCTION ambit.permission_sortsupport(internal) RETURNS void
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4sortsupport';
COMMENT ON FUNCTION ambit.permission_sortsupport(internal) IS 'Sort support of permissions.';

CREATE FUNCTION ambit.permission_hash(ambit.permission) RETURNS integer
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'hashint4';
COMMENT ON FUNCTION ambit.permission_hash(ambit.permission) IS 'Hash of a permission. It differs between databases.';

CREATE FUNCTION ambit.permission_hash_extended(ambit.permission, bigint) RETURNS bigint
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE AS 'hashint4extended';
COMMENT ON FUNCTION ambit.permission_hash_extended(ambit.permission, bigint) IS 'Hash of a permission, with a seed. It differs between databases.';

CREATE OPERATOR ambit.= (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_eq,
	COMMUTATOR = OPERATOR(ambit.=), NEGATOR = OPERATOR(ambit.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR ambit.= (ambit.permission, ambit.permission) IS 'equal';

CREATE OPERATOR ambit.<> (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_ne,
	COMMUTATOR = OPERATOR(ambit.<>), NEGATOR = OPERATOR(ambit.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR ambit.<> (ambit.permission, ambit.permission) IS 'not equal';

CREATE OPERATOR ambit.< (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_lt,
	COMMUTATOR = OPERATOR(ambit.>), NEGATOR = OPERATOR(ambit.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ambit.< (ambit.permission, ambit.permission) IS 'registered before';

CREATE OPERATOR ambit.<= (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_le,
	COMMUTATOR = OPERATOR(ambit.>=), NEGATOR = OPERATOR(ambit.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ambit.<= (ambit.permission, ambit.permission) IS 'registered before, or equal';

CREATE OPERATOR ambit.> (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_gt,
	COMMUTATOR = OPERATOR(ambit.<), NEGATOR = OPERATOR(ambit.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ambit.> (ambit.permission, ambit.permission) IS 'registered after';

CREATE OPERATOR ambit.>= (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_ge,
	COMMUTATOR = OPERATOR(ambit.<=), NEGATOR = OPERATOR(ambit.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ambit.>= (ambit.permission, ambit.permission) IS 'registered after, or equal';

CREATE OPERATOR CLASS ambit.permission_ops DEFAULT FOR TYPE ambit.permission USING btree AS
	OPERATOR 1 ambit.<,
	OPERATOR 2 ambit.<=,
	OPERATOR 3 ambit.=,
	OPERATOR 4 ambit.>=,
	OPERATOR 5 ambit.>,
	FUNCTION 1 ambit.permission_cmp(ambit.permission, ambit.permission),
	FUNCTION 2 ambit.permission_sortsupport(internal),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS ambit.permission_ops USING btree IS 'Order of permissions.';
COMMENT ON OPERATOR FAMILY ambit.permission_ops USING btree IS 'Order of permissions.';

CREATE OPERATOR CLASS ambit.permission_ops DEFAULT FOR TYPE ambit.permission USING hash AS
	OPERATOR 1 ambit.=,
	FUNCTION 1 ambit.permission_hash(ambit.permission),
	FUNCTION 2 ambit.permission_hash_extended(ambit.permission, bigint);
COMMENT ON OPERATOR CLASS ambit.permission_ops USING hash IS 'Hashing of permissions.';
COMMENT ON OPERATOR FAMILY ambit.permission_ops USING hash IS 'Hashing of permissions.';

CREATE FUNCTION ambit.permission(text) RETURNS ambit.permission
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_from_text';
COMMENT ON FUNCTION ambit.permission(text) IS 'The permission with that key. Error: 42704 unknown, with the nearest key as hint, or the nearest that begins or ends with the same parts.';

CREATE FUNCTION ambit.text(ambit.permission) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_to_text';
COMMENT ON FUNCTION ambit.text(ambit.permission) IS 'The key of a permission. Error: XX001 the value stands for no key.';

/* implicit: drivers send parameters as text or varchar, has_permission($1) takes them */
CREATE CAST (text AS ambit.permission) WITH FUNCTION ambit.permission(text) AS IMPLICIT;
COMMENT ON CAST (text AS ambit.permission) IS 'A key as a permission.';
CREATE CAST (varchar AS ambit.permission) WITH FUNCTION ambit.permission(text) AS IMPLICIT;
COMMENT ON CAST (varchar AS ambit.permission) IS 'A key as a permission.';
CREATE CAST (ambit.permission AS text) WITH FUNCTION ambit.text(ambit.permission) AS ASSIGNMENT;
COMMENT ON CAST (ambit.permission AS text) IS 'A permission as its key.';

CREATE FUNCTION ambit._register_permission(key text) RETURNS ambit.permission
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'ambit_register_permission';
COMMENT ON FUNCTION ambit._register_permission(text) IS 'The permission with that key, registered if it is new. Errors: 22004 key is NULL; 42602 not the form of a key: 2 to 8 parts of a-z, 0-9 and _, joined by dots, at most 190 bytes.';
REVOKE EXECUTE ON FUNCTION ambit._register_permission(text) FROM PUBLIC;

CREATE FUNCTION ambit._nearest(name text, candidates text[]) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_nearest';
COMMENT ON FUNCTION ambit._nearest(text, text[]) IS 'The candidate that name was probably meant to be: at most four letters differ, and half of the name without the dotted parts that both have, or only the case of letters does. NULL: none, or name is longer than 255 bytes.';
REVOKE EXECUTE ON FUNCTION ambit._nearest(text, text[]) FROM PUBLIC;

/* ---- permission_set ----------------------------------------------------- */

CREATE TYPE ambit.permission_set;

CREATE FUNCTION ambit.permission_set_in(cstring) RETURNS ambit.permission_set
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_in';
COMMENT ON FUNCTION ambit.permission_set_in(cstring) IS 'Input of permission_set: {key,prefix.*}. A prefix stands for the permissions below it that are known now. Errors: 22P02 malformed; 42704 unknown key, or nothing below a prefix.';

CREATE FUNCTION ambit.permission_set_out(ambit.permission_set) RETURNS cstring
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_out';
COMMENT ON FUNCTION ambit.permission_set_out(ambit.permission_set) IS 'Output of permission_set: every key, sorted byte by byte. Error: XX001 a value stands for no key.';

CREATE FUNCTION ambit.permission_set_recv(internal) RETURNS ambit.permission_set
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_recv';
COMMENT ON FUNCTION ambit.permission_set_recv(internal) IS 'Binary input of permission_set: an int4 with the number of keys, then of each key an int4 with its length in bytes, and these. Errors: 22P03 malformed; 42704 unknown key.';

CREATE FUNCTION ambit.permission_set_send(ambit.permission_set) RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_send';
COMMENT ON FUNCTION ambit.permission_set_send(ambit.permission_set) IS 'Binary output of permission_set, as permission_set_recv() reads it. Error: XX001 a value stands for no key.';

CREATE TYPE ambit.permission_set (
	INPUT = ambit.permission_set_in,
	OUTPUT = ambit.permission_set_out,
	RECEIVE = ambit.permission_set_recv,
	SEND = ambit.permission_set_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);
COMMENT ON TYPE ambit.permission_set IS 'A set of permissions, written {bookings.cancel,clients.*}. What an asterisk stands for is settled when the text is read.';

CREATE FUNCTION ambit.permission_set_eq(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_eq';
COMMENT ON FUNCTION ambit.permission_set_eq(ambit.permission_set, ambit.permission_set) IS 'Implementation of = of permission sets.';

CREATE FUNCTION ambit.permission_set_ne(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_ne';
COMMENT ON FUNCTION ambit.permission_set_ne(ambit.permission_set, ambit.permission_set) IS 'Implementation of <> of permission sets.';

CREATE FUNCTION ambit.permission_set_lt(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_lt';
COMMENT ON FUNCTION ambit.permission_set_lt(ambit.permission_set, ambit.permission_set) IS 'Implementation of < of permission sets.';

CREATE FUNCTION ambit.permission_set_le(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_le';
COMMENT ON FUNCTION ambit.permission_set_le(ambit.permission_set, ambit.permission_set) IS 'Implementation of <= of permission sets.';

CREATE FUNCTION ambit.permission_set_gt(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_gt';
COMMENT ON FUNCTION ambit.permission_set_gt(ambit.permission_set, ambit.permission_set) IS 'Implementation of > of permission sets.';

CREATE FUNCTION ambit.permission_set_ge(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_ge';
COMMENT ON FUNCTION ambit.permission_set_ge(ambit.permission_set, ambit.permission_set) IS 'Implementation of >= of permission sets.';

CREATE FUNCTION ambit.permission_set_cmp(ambit.permission_set, ambit.permission_set) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_cmp';
COMMENT ON FUNCTION ambit.permission_set_cmp(ambit.permission_set, ambit.permission_set) IS 'Less than, equal to, greater than 0 as the left set sorts before, is, or sorts after the right one. Sets sort as arrays of their permissions.';

CREATE FUNCTION ambit.permission_set_hash(ambit.permission_set) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_hash';
COMMENT ON FUNCTION ambit.permission_set_hash(ambit.permission_set) IS 'Hash of a permission set. It differs between databases.';

CREATE FUNCTION ambit.permission_set_hash_extended(ambit.permission_set, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_hash_extended';
COMMENT ON FUNCTION ambit.permission_set_hash_extended(ambit.permission_set, bigint) IS 'Hash of a permission set, with a seed. It differs between databases.';

CREATE FUNCTION ambit.permission_set_contains(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_contains';
COMMENT ON FUNCTION ambit.permission_set_contains(ambit.permission_set, ambit.permission_set) IS 'Whether the left set has all that the right one has.';

CREATE FUNCTION ambit.permission_set_contained(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_contained';
COMMENT ON FUNCTION ambit.permission_set_contained(ambit.permission_set, ambit.permission_set) IS 'Whether the right set has all that the left one has.';

CREATE FUNCTION ambit.permission_set_has(ambit.permission_set, ambit.permission) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_has';
COMMENT ON FUNCTION ambit.permission_set_has(ambit.permission_set, ambit.permission) IS 'Whether the permission is in the set.';

CREATE FUNCTION ambit.permission_in_set(ambit.permission, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_in_set';
COMMENT ON FUNCTION ambit.permission_in_set(ambit.permission, ambit.permission_set) IS 'Whether the permission is in the set.';

CREATE FUNCTION ambit.permission_set_overlaps(ambit.permission_set, ambit.permission_set) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_overlaps';
COMMENT ON FUNCTION ambit.permission_set_overlaps(ambit.permission_set, ambit.permission_set) IS 'Whether some permission is in both sets.';

CREATE FUNCTION ambit.permission_set_union(ambit.permission_set, ambit.permission_set) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_union';
COMMENT ON FUNCTION ambit.permission_set_union(ambit.permission_set, ambit.permission_set) IS 'The permissions of either set.';

CREATE FUNCTION ambit.permission_set_intersect(ambit.permission_set, ambit.permission_set) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_intersect';
COMMENT ON FUNCTION ambit.permission_set_intersect(ambit.permission_set, ambit.permission_set) IS 'The permissions of both sets.';

CREATE FUNCTION ambit.permission_set_except(ambit.permission_set, ambit.permission_set) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_except';
COMMENT ON FUNCTION ambit.permission_set_except(ambit.permission_set, ambit.permission_set) IS 'The permissions of the left set that are not in the right one.';

CREATE FUNCTION ambit.permission_set_add(ambit.permission_set, ambit.permission) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_add';
COMMENT ON FUNCTION ambit.permission_set_add(ambit.permission_set, ambit.permission) IS 'The set with the permission in it.';

CREATE FUNCTION ambit.permission_set_remove(ambit.permission_set, ambit.permission) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_remove';
COMMENT ON FUNCTION ambit.permission_set_remove(ambit.permission_set, ambit.permission) IS 'The set without the permission.';

CREATE OPERATOR ambit.= (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_eq,
	COMMUTATOR = OPERATOR(ambit.=), NEGATOR = OPERATOR(ambit.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR ambit.= (ambit.permission_set, ambit.permission_set) IS 'equal';

CREATE OPERATOR ambit.<> (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_ne,
	COMMUTATOR = OPERATOR(ambit.<>), NEGATOR = OPERATOR(ambit.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR ambit.<> (ambit.permission_set, ambit.permission_set) IS 'not equal';

CREATE OPERATOR ambit.< (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_lt,
	COMMUTATOR = OPERATOR(ambit.>), NEGATOR = OPERATOR(ambit.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ambit.< (ambit.permission_set, ambit.permission_set) IS 'sorts before';

CREATE OPERATOR ambit.<= (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_le,
	COMMUTATOR = OPERATOR(ambit.>=), NEGATOR = OPERATOR(ambit.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ambit.<= (ambit.permission_set, ambit.permission_set) IS 'sorts before, or equal';

CREATE OPERATOR ambit.> (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_gt,
	COMMUTATOR = OPERATOR(ambit.<), NEGATOR = OPERATOR(ambit.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ambit.> (ambit.permission_set, ambit.permission_set) IS 'sorts after';

CREATE OPERATOR ambit.>= (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_ge,
	COMMUTATOR = OPERATOR(ambit.<=), NEGATOR = OPERATOR(ambit.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ambit.>= (ambit.permission_set, ambit.permission_set) IS 'sorts after, or equal';

CREATE OPERATOR ambit.@> (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_contains,
	COMMUTATOR = OPERATOR(ambit.<@), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ambit.@> (ambit.permission_set, ambit.permission_set) IS 'contains';

CREATE OPERATOR ambit.<@ (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_contained,
	COMMUTATOR = OPERATOR(ambit.@>), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ambit.<@ (ambit.permission_set, ambit.permission_set) IS 'is contained by';

CREATE OPERATOR ambit.@> (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_set_has,
	COMMUTATOR = OPERATOR(ambit.<@), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ambit.@> (ambit.permission_set, ambit.permission) IS 'contains permission';

CREATE OPERATOR ambit.<@ (
	LEFTARG = ambit.permission, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_in_set,
	COMMUTATOR = OPERATOR(ambit.@>), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ambit.<@ (ambit.permission, ambit.permission_set) IS 'permission is contained by';

CREATE OPERATOR ambit.&& (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_overlaps,
	COMMUTATOR = OPERATOR(ambit.&&), RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR ambit.&& (ambit.permission_set, ambit.permission_set) IS 'have a permission in common';

CREATE OPERATOR ambit.| (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_union,
	COMMUTATOR = OPERATOR(ambit.|)
);
COMMENT ON OPERATOR ambit.| (ambit.permission_set, ambit.permission_set) IS 'union';

CREATE OPERATOR ambit.& (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_intersect,
	COMMUTATOR = OPERATOR(ambit.&)
);
COMMENT ON OPERATOR ambit.& (ambit.permission_set, ambit.permission_set) IS 'intersection';

CREATE OPERATOR ambit.- (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission_set, FUNCTION = ambit.permission_set_except
);
COMMENT ON OPERATOR ambit.- (ambit.permission_set, ambit.permission_set) IS 'difference';

CREATE OPERATOR ambit.| (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_set_add
);
COMMENT ON OPERATOR ambit.| (ambit.permission_set, ambit.permission) IS 'with permission';

CREATE OPERATOR ambit.- (
	LEFTARG = ambit.permission_set, RIGHTARG = ambit.permission, FUNCTION = ambit.permission_set_remove
);
COMMENT ON OPERATOR ambit.- (ambit.permission_set, ambit.permission) IS 'without permission';

CREATE OPERATOR CLASS ambit.permission_set_ops DEFAULT FOR TYPE ambit.permission_set USING btree AS
	OPERATOR 1 ambit.<,
	OPERATOR 2 ambit.<=,
	OPERATOR 3 ambit.=,
	OPERATOR 4 ambit.>=,
	OPERATOR 5 ambit.>,
	FUNCTION 1 ambit.permission_set_cmp(ambit.permission_set, ambit.permission_set),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS ambit.permission_set_ops USING btree IS 'Order of permission sets, for DISTINCT and ORDER BY.';
COMMENT ON OPERATOR FAMILY ambit.permission_set_ops USING btree IS 'Order of permission sets, for DISTINCT and ORDER BY.';

CREATE OPERATOR CLASS ambit.permission_set_ops DEFAULT FOR TYPE ambit.permission_set USING hash AS
	OPERATOR 1 ambit.=,
	FUNCTION 1 ambit.permission_set_hash(ambit.permission_set),
	FUNCTION 2 ambit.permission_set_hash_extended(ambit.permission_set, bigint);
COMMENT ON OPERATOR CLASS ambit.permission_set_ops USING hash IS 'Hashing of permission sets.';
COMMENT ON OPERATOR FAMILY ambit.permission_set_ops USING hash IS 'Hashing of permission sets.';

CREATE FUNCTION ambit.cardinality(ambit.permission_set) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_cardinality';
COMMENT ON FUNCTION ambit.cardinality(ambit.permission_set) IS 'The number of permissions in the set.';

CREATE FUNCTION ambit.unnest(ambit.permission_set) RETURNS SETOF ambit.permission
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'ambit_permission_set_unnest';
COMMENT ON FUNCTION ambit.unnest(ambit.permission_set) IS 'The permissions of the set, one a row, in their order.';

CREATE FUNCTION ambit.permission_set(ambit.permission[]) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_from_array';
COMMENT ON FUNCTION ambit.permission_set(ambit.permission[]) IS 'The set of the elements, of any number of dimensions. Error: 22004 an element is NULL.';

CREATE FUNCTION ambit.permission_set(ambit.permission) RETURNS ambit.permission_set
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_from_permission';
COMMENT ON FUNCTION ambit.permission_set(ambit.permission) IS 'The set of that one permission.';

CREATE FUNCTION ambit.permissions(ambit.permission_set) RETURNS ambit.permission[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_permission_set_to_array';
COMMENT ON FUNCTION ambit.permissions(ambit.permission_set) IS 'The permissions of the set as an array, in their order.';

CREATE CAST (ambit.permission[] AS ambit.permission_set) WITH FUNCTION ambit.permission_set(ambit.permission[]);
COMMENT ON CAST (ambit.permission[] AS ambit.permission_set) IS 'An array of permissions as a set.';
CREATE CAST (ambit.permission_set AS ambit.permission[]) WITH FUNCTION ambit.permissions(ambit.permission_set);
COMMENT ON CAST (ambit.permission_set AS ambit.permission[]) IS 'A permission set as an array.';
CREATE CAST (ambit.permission AS ambit.permission_set) WITH FUNCTION ambit.permission_set(ambit.permission) AS ASSIGNMENT;
COMMENT ON CAST (ambit.permission AS ambit.permission_set) IS 'A permission as a set of one.';

CREATE AGGREGATE ambit.permission_set_agg(ambit.permission) (
	SFUNC = ambit.permission_set_add,
	STYPE = ambit.permission_set,
	INITCOND = '{}',
	COMBINEFUNC = ambit.permission_set_union,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ambit.permission_set_agg(ambit.permission) IS 'The set of the permissions of all rows. NULLs are passed over; no rows: the empty set.';
