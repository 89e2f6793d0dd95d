/* ---- privileges: nobody but the owner, default privileges included ------
 *
 * ALTER DEFAULT PRIVILEGES may have given new tables and functions to roles.
 * Of ambit's tables they keep nothing; of its functions they keep what PUBLIC
 * has.  The last part: everything is there.
 */

DO $$
DECLARE
	r record;
BEGIN
	FOR r IN
		SELECT DISTINCT c.relname, x.grantee::pg_catalog.regrole AS grantee
		FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) x
		WHERE c.relnamespace = 'ambit'::regnamespace AND x.grantee NOT IN (0, c.relowner)
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON ambit.%I FROM %s', r.relname, r.grantee);
	END LOOP;
	FOR r IN
		SELECT DISTINCT p.oid::pg_catalog.regprocedure AS function, x.grantee::pg_catalog.regrole AS grantee
		FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) x
		WHERE p.pronamespace = 'ambit'::regnamespace AND x.grantee NOT IN (0, p.proowner)
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM %s', r.function, r.grantee);
	END LOOP;
END
$$;
