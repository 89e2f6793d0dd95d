/* ---- protect: the application's tables under ambit -------------------------
 *
 * What a DBA does once.  world.rules() protects the tables: it binds the
 * columns that the reference was told in tables.sql.
 */

CREATE EXTENSION ambit;

/* The keys of the pool exist from the start; worlds make their own templates. */
SELECT ambit._load_template(jsonb_build_object('template', 'pool', 'title', 'pool',
	'permissions', (SELECT jsonb_agg(jsonb_build_object('key', permission, 'title', permission) ORDER BY permission) FROM ref.ask),
	'roles', '[{"role": "nothing", "title": "nothing", "rank": 1}]'::jsonb, 'cells', '[]'::jsonb,
	'features', '{}'::jsonb, 'scopes', '{}'::jsonb), false);

CREATE TABLE world.permission AS
	SELECT permission AS key, permission::ambit.permission AS permission FROM ref.ask;

SELECT ambit.bind_relationship('served', 'SELECT tenant, staff AS subject, client AS object, at FROM app.served');
SELECT ambit.bind_relationship('dependants', 'SELECT tenant, client AS subject, dependant AS object FROM app.dependants');
SELECT ambit.bind_relationship('billed', 'SELECT tenant, staff AS subject, client AS object FROM app.billed');

/* The application's role reads the reference's answers, and what the
 * relationships read it may not read itself. */
GRANT USAGE ON SCHEMA app, ref, world TO regress_worlds_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.t1, app.t2, app.t3, app.t4, app.v1, app.v2, app.v3, app.v4 TO regress_worlds_app;
GRANT SELECT ON ALL TABLES IN SCHEMA ref, world TO regress_worlds_app;
SELECT ambit.trust_application('regress_worlds_app');
