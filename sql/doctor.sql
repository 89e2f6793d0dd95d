--
-- doctor: what is wrong, and what cures it
--
\set SHOW_CONTEXT never
\pset null NULL
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;
SELECT setval('ambit.rule_rule_seq', 5000) > 0 AS set, setval('ambit.mask_mask_seq', 5000) > 0 AS set;
CREATE ROLE regress_doctor_app LOGIN;
CREATE ROLE regress_doctor_owner;
CREATE ROLE regress_doctor_dba;
CREATE ROLE regress_doctor_other;
CREATE ROLE regress_doctor_bypass BYPASSRLS;
CREATE ROLE regress_doctor_super SUPERUSER;
CREATE SCHEMA regress_doctor;
GRANT ALL ON SCHEMA regress_doctor TO PUBLIC;
SELECT ambit.trust_application('regress_doctor_app');
SELECT ambit.grant_administration('regress_doctor_dba');
SELECT ambit._load_template('{
	"template": "regress_doctor",
	"permissions": [{"key": "doctor.view"}, {"key": "doctor.edit"}],
	"scopes": {"seen": {"relationship": "regress_doctor_seen", "back": "1 day"}},
	"roles": [{"role": "staff"}],
	"cells": [{"role": "staff", "permission": "doctor.view", "enabled": true, "entries": [{"scope": "seen"}]}]}', false);
SELECT ambit.create_tenant('regress_doctor', 'regress_doctor');
SELECT ambit.add_member('regress_doctor', 'ann', '{"staff": "7"}');

-- ---- all is well -----------------------------------------------------------------------
SET ROLE regress_doctor_owner;
CREATE TABLE regress_doctor.client (id int PRIMARY KEY, tenant text, name text, status text DEFAULT 'open');
CREATE INDEX ON regress_doctor.client (tenant);
CREATE TABLE regress_doctor.visit (id int PRIMARY KEY, business text, staff int, client int, place text, crew text, at timestamptz);
CREATE INDEX ON regress_doctor.visit (business, staff);
CREATE INDEX ON regress_doctor.visit (client);
CREATE INDEX ON regress_doctor.visit (place);
CREATE INDEX ON regress_doctor.visit (crew);
CREATE TABLE regress_doctor.note (id int PRIMARY KEY, visit int, text text);
CREATE INDEX ON regress_doctor.note (visit);
CREATE TABLE regress_doctor.file (id int PRIMARY KEY, note int);
CREATE INDEX ON regress_doctor.file (note);
CREATE TABLE regress_doctor.log (id int, shop text) PARTITION BY LIST (shop);
CREATE INDEX ON regress_doctor.log (shop);
CREATE TABLE regress_doctor.log_a PARTITION OF regress_doctor.log FOR VALUES IN ('a');
CREATE TABLE regress_doctor.item (id int, shop2 text);
CREATE INDEX ON regress_doctor.item (shop2);
CREATE TABLE regress_doctor.item_more (more text) INHERITS (regress_doctor.item);
CREATE TABLE regress_doctor.plain (id int, what text);
RESET ROLE;
SELECT ambit.protect('regress_doctor.client', tenant => 'tenant', client => 'id');
SELECT ambit.protect('regress_doctor.visit', tenant => 'business', location => 'place', owner => 'staff', client => 'client', team => 'crew');
SELECT ambit.protect('regress_doctor.note', parent => 'regress_doctor.visit', parent_key => 'visit');
SELECT ambit.protect('regress_doctor.file', parent => 'regress_doctor.note', parent_key => 'note');
SELECT ambit.protect('regress_doctor.log', tenant => 'shop');
SELECT ambit.protect('regress_doctor.item', tenant => 'shop2');
SELECT ambit.add_rule(r, c, 'doctor.view') > 0 FROM unnest('{client,visit,note,file,log,item}'::text[]) t, LATERAL (SELECT ('regress_doctor.' || t)::regclass) x (r),
	unnest('{select,delete}'::text[]) c;
SELECT ambit.add_rule('regress_doctor.client', 'update', 'doctor.edit', columns => '{name,status}', "when" => $$status IN ('open', 'new') AND (length(name) < 5 OR name LIKE 'a%')$$);
SELECT ambit.add_rule('regress_doctor.client', 'update', 'doctor.edit', columns => '{status}', becomes => 'done', checks => 'old');
SELECT ambit.add_rule('regress_doctor.client', 'insert', 'doctor.edit', columns => '{status}', becomes => 'done');
SELECT ambit.add_rule('regress_doctor.visit', 'delete', 'doctor.edit', "when" => $$EXISTS (SELECT FROM regress_doctor.plain p WHERE p.id = visit.id)$$);
CREATE TABLE regress_doctor.staff (id int PRIMARY KEY, firm text, name text, wage int DEFAULT 0, phone varchar(20), team text);
ALTER TABLE regress_doctor.staff OWNER TO regress_doctor_owner;
CREATE INDEX ON regress_doctor.staff (firm);
SELECT ambit.protect('regress_doctor.staff', tenant => 'firm');
SELECT ambit.add_rule('regress_doctor.staff', 'select', 'doctor.view', "when" => $$phone IN ('1', '2') OR id > 0$$);
SELECT ambit.mask('regress_doctor.staff', 'wage', 'doctor.edit'), ambit.mask('regress_doctor.staff', 'phone', 'doctor.edit');
CREATE TABLE regress_doctor.pay (id int PRIMARY KEY, member int, amount int);
CREATE INDEX ON regress_doctor.pay (member);
SELECT ambit.protect('regress_doctor.pay', parent => 'regress_doctor.staff', parent_key => 'member');
SELECT ambit.add_rule('regress_doctor.pay', 'select', 'doctor.view');
SELECT ambit.mask('regress_doctor.pay', 'amount', 'doctor.edit');
SELECT ambit.bind_relationship('regress_doctor_seen', 'SELECT business AS tenant, staff AS subject, client AS object, at FROM regress_doctor.visit');
CREATE VIEW regress_doctor.visits WITH (security_invoker) AS SELECT * FROM regress_doctor.visit;
ALTER TABLE regress_doctor.pay OWNER TO regress_doctor_super;
ALTER VIEW regress_doctor.pay_masked OWNER TO regress_doctor_super;
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_doctor.client, regress_doctor.visit, regress_doctor.note, regress_doctor.file, regress_doctor.log, regress_doctor.log_a,
	regress_doctor.item, regress_doctor.item_more, regress_doctor.plain, regress_doctor.visits TO regress_doctor_app;
CREATE TEMP TABLE before AS SELECT * FROM ambit.doctor();
SELECT * FROM before WHERE object ~ 'regress_doctor|ambit';

-- ---- who may ask, and what it costs -----------------------------------------------------
SET ROLE regress_doctor_dba;
SELECT count(*) >= 0 FROM ambit.doctor();
SET ROLE regress_doctor_app;
SELECT * FROM ambit.doctor();
\echo :SQLSTATE
SELECT * FROM ambit._check_up_roles();
\echo :SQLSTATE
RESET ROLE;
-- no row of an application is read, nothing is written
INSERT INTO regress_doctor.visit VALUES (1, 'regress_doctor', 7, 1);
SELECT pg_stat_force_next_flush();
BEGIN READ ONLY;
SELECT count(*) >= 0 FROM ambit.doctor();
SELECT relname, seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE schemaname IN ('regress_doctor', 'ambit_relationship') AND (seq_scan > 0 OR idx_scan > 0);
COMMIT;

-- What doctor() finds after some damage, and after its hints were followed.
-- dots: what somebody puts in the place of the dots of a hint.
CREATE FUNCTION regress_doctor.after(damage text, dots text = '...') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	lines	text[] := '{}';
	f		record;
BEGIN
	BEGIN
		EXECUTE damage;
		FOR f IN SELECT * FROM ambit.doctor() EXCEPT ALL SELECT * FROM before ORDER BY 1, 2, 3, 4 LOOP
			lines := lines || ARRAY[format('%s %s: %s', f.severity, f.code, f.object), '    ' || f.message, '    ' || regexp_replace(f.hint, '(CREATE POLICY ambit_[a-z]+ ON [^;]* TO PUBLIC) .*', '\1 and so on;')];
			CONTINUE WHEN f.hint !~ ';$' OR replace(f.hint, '...', dots) ~ '\.\.\.';
			BEGIN
				EXECUTE replace(f.hint, '...', dots);
			EXCEPTION WHEN OTHERS THEN
				lines := lines || format('    the hint fails: %s', sqlerrm);
			END;
		END LOOP;
		FOR f IN SELECT * FROM ambit.doctor() WHERE lines <> '{}' EXCEPT ALL SELECT * FROM before ORDER BY 1, 2, 3, 4 LOOP
			lines := lines || format('    LEFT: %s %s: %s', f.severity, f.code, f.object);
		END LOOP;
		RAISE SQLSTATE 'RR000';
	EXCEPTION WHEN SQLSTATE 'RR000' THEN
		NULL;
	END;
	/* the names of this database and of who runs this do not matter */
	RETURN QUERY SELECT regexp_replace(replace(regexp_replace(l, format('\m%s\M', current_user), 'SUPERUSER', 'g'), 'DATABASE ' || quote_ident(current_database()), 'DATABASE x'), 'id [0-9]+', 'id n')
		FROM unnest(lines) l;
END
$$;

-- ---- row-level security and triggers -----------------------------------------------------
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client DISABLE ROW LEVEL SECURITY');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client NO FORCE ROW LEVEL SECURITY');
SELECT regress_doctor.after('DROP TRIGGER ambit_truncate ON regress_doctor.client');
SELECT regress_doctor.after('DROP TRIGGER ambit_write ON regress_doctor.client');
SELECT regress_doctor.after('DROP TRIGGER "~ambit_guard" ON regress_doctor.client');
SELECT regress_doctor.after('DROP TRIGGER "~ambit_guard" ON regress_doctor.log');
SELECT regress_doctor.after('DROP TRIGGER "~ambit_guard" ON regress_doctor.client; CREATE TRIGGER "~ambit_guard" BEFORE UPDATE OF name ON regress_doctor.client FOR EACH ROW EXECUTE FUNCTION ambit._guard()');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client DISABLE TRIGGER ambit_write');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client ENABLE TRIGGER "~ambit_guard"');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.log ENABLE REPLICA TRIGGER "~ambit_guard"');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.log_a DISABLE TRIGGER "~ambit_guard"');
SELECT regress_doctor.after('ALTER TABLE ambit.member DISABLE TRIGGER changed');
SELECT regress_doctor.after('DROP TRIGGER changed ON ambit.member; DROP TRIGGER changed ON ambit.template_role; DROP TRIGGER emptied ON ambit.rule');
CREATE FUNCTION regress_doctor.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT regress_doctor.after('CREATE TRIGGER "~later" BEFORE UPDATE ON regress_doctor.client FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing()');
SELECT regress_doctor.after('CREATE TRIGGER "~later" BEFORE INSERT OR UPDATE ON regress_doctor.log FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing()');
-- these are fine
SELECT regress_doctor.after('CREATE TRIGGER later BEFORE UPDATE ON regress_doctor.client FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing();
	CREATE TRIGGER "~later" AFTER UPDATE ON regress_doctor.client FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing();
	CREATE TRIGGER "~later2" BEFORE INSERT ON regress_doctor.client FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing();
	CREATE TRIGGER "~later3" BEFORE UPDATE ON regress_doctor.plain FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing()');

-- ---- policies ------------------------------------------------------------------------------
SELECT regress_doctor.after('DROP POLICY ambit_select ON regress_doctor.client');
SELECT regress_doctor.after('DROP POLICY ambit_intact ON regress_doctor.note');
SELECT regress_doctor.after('DROP POLICY ambit ON regress_doctor.client', 'tenant');
SELECT regress_doctor.after('ALTER POLICY ambit ON regress_doctor.client USING (true)');
SELECT regress_doctor.after('ALTER POLICY ambit ON regress_doctor.client TO regress_doctor_app');
SELECT regress_doctor.after('ALTER POLICY ambit ON regress_doctor.client WITH CHECK (false)', 'tenant');
SELECT regress_doctor.after('ALTER POLICY ambit_select ON regress_doctor.client USING (true)');
SELECT regress_doctor.after('ALTER POLICY ambit_delete ON regress_doctor.note TO regress_doctor_app');
SELECT regress_doctor.after('ALTER POLICY ambit_insert ON regress_doctor.client WITH CHECK (true)');
SELECT regress_doctor.after('ALTER POLICY ambit_update ON regress_doctor.client WITH CHECK (ambit._closed())');
SELECT regress_doctor.after('ALTER POLICY ambit_intact ON regress_doctor.client USING (ambit._intact(''regress_doctor.visit''::regclass))');
SELECT regress_doctor.after('DROP POLICY ambit_delete ON regress_doctor.item; CREATE POLICY ambit_delete ON regress_doctor.item FOR DELETE USING (true)');
-- by one that looks like it: another condition, another column of a rule, another permission
CREATE FUNCTION regress_doctor.replace_in_policy(policy name, what text, part text, by text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
	old text := (SELECT pg_get_expr(CASE what WHEN 'USING' THEN polqual ELSE polwithcheck END, polrelid) FROM pg_policy WHERE polrelid = 'regress_doctor.client'::regclass AND polname = policy);
BEGIN
	IF replace(old, part, by) = old THEN
		RAISE 'nothing to replace in %', old;
	END IF;
	EXECUTE format('ALTER POLICY %I ON regress_doctor.client %s (%s)', policy, what, replace(old, part, by));
END
$$;
SELECT ambit.drop_rule(rule) FROM ambit.rule WHERE relation = 'regress_doctor.client'::regclass AND command = 'delete';
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_update', 'WITH CHECK', '''a%''::text', '''%''::text'), regress_doctor.replace_in_policy('ambit_update', 'USING', '''a%''::text', '''%''::text')$$);
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_update', 'WITH CHECK', 'false, name, status)', 'false, name, tenant)')$$);
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_update', 'WITH CHECK', 'false, name, status)', 'false, NULL::text)')$$);
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_update', 'WITH CHECK', '''done''::text', '''open''::text')$$);
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_select', 'USING', '''doctor.view''::text', '''doctor.edit''::text')$$);
SELECT regress_doctor.after($$SELECT regress_doctor.replace_in_policy('ambit_select', 'USING', 'tenant,', 'name,')$$);
-- renamed is as well; where rules have the names themselves nobody can tell
SELECT regress_doctor.after('ALTER TABLE regress_doctor.visit RENAME staff TO worker; ALTER TABLE regress_doctor.item RENAME TO thing; ALTER SCHEMA regress_doctor RENAME TO regress_doctor_2; ALTER SCHEMA regress_doctor_2 RENAME TO regress_doctor');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client RENAME status TO state');
SELECT regress_doctor.after('CREATE POLICY more ON regress_doctor.client USING (true); CREATE POLICY less ON regress_doctor.client AS RESTRICTIVE USING (true)');

-- ---- rules and columns -----------------------------------------------------------------------
SELECT regress_doctor.after('DROP TABLE regress_doctor.log');
SELECT regress_doctor.after('INSERT INTO ambit.rule (rule, relation, command, permission, checks) VALUES (1, ''regress_doctor.plain'', ''select'', ''doctor.view'', ''both'')');
SELECT regress_doctor.after('SELECT ambit.protect(''regress_doctor.plain'', tenant => ''what''); CREATE INDEX ON regress_doctor.plain (what)', 'doctor.view');
SELECT regress_doctor.after('SELECT ambit.drop_rule(rule) FROM ambit.rule WHERE relation = ''regress_doctor.client''::regclass AND command = ''select''');
SELECT regress_doctor.after('SELECT ambit.protect(''regress_doctor.plain''); SELECT ambit.add_rule(''regress_doctor.plain'', ''select'', ''doctor.view'');
	SELECT ambit.create_tenant(''regress_doctor_2'', ''regress_doctor'')');
SELECT regress_doctor.after('SELECT ambit.protect(''regress_doctor.plain''); SELECT ambit.add_rule(''regress_doctor.plain'', ''select'', ''doctor.view'');
	DELETE FROM ambit.tenant WHERE tenant <> ''regress_doctor''');
SELECT regress_doctor.after('DROP POLICY ambit ON regress_doctor.visit');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.visit DROP CONSTRAINT visit_pkey');
SELECT regress_doctor.after('DROP INDEX regress_doctor.visit_business_staff_idx, regress_doctor.visit_place_idx');

-- ---- parts -------------------------------------------------------------------------------------
SELECT regress_doctor.after('CREATE TABLE regress_doctor.log_b PARTITION OF regress_doctor.log FOR VALUES IN (''b''); ALTER TABLE regress_doctor.log_b OWNER TO regress_doctor_owner');
SELECT regress_doctor.after('CREATE TABLE regress_doctor.log_b (id int, shop text); GRANT SELECT ON regress_doctor.log_b TO PUBLIC; ALTER TABLE regress_doctor.log_b OWNER TO regress_doctor_owner;
	ALTER TABLE regress_doctor.log ATTACH PARTITION regress_doctor.log_b FOR VALUES IN (''b'')');
SELECT regress_doctor.after('CREATE TABLE regress_doctor.item_2 (x text) INHERITS (regress_doctor.item_more); ALTER TABLE regress_doctor.item_2 OWNER TO regress_doctor_owner');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.item_more NO FORCE ROW LEVEL SECURITY');
SELECT regress_doctor.after('CREATE POLICY p ON regress_doctor.item_more USING (true)');
SELECT regress_doctor.after('CREATE POLICY p ON regress_doctor.item_more AS RESTRICTIVE USING (true)');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.item_more OWNER TO regress_doctor_other');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.log DETACH PARTITION regress_doctor.log_a');
BEGIN;
CREATE FOREIGN DATA WRAPPER regress_doctor_fdw;
CREATE SERVER regress_doctor_server FOREIGN DATA WRAPPER regress_doctor_fdw;
SELECT regress_doctor.after('CREATE FOREIGN TABLE regress_doctor.item_far () INHERITS (regress_doctor.item) SERVER regress_doctor_server; GRANT SELECT ON regress_doctor.item_far TO regress_doctor_app');
ROLLBACK;

-- ---- views, rules, functions, copies -------------------------------------------------------------
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v WITH (security_invoker = false) AS SELECT * FROM regress_doctor.log_a');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.plain WHERE id IN (SELECT id FROM regress_doctor.visits)');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit; CREATE VIEW regress_doctor.w AS SELECT * FROM regress_doctor.v');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit; ALTER VIEW regress_doctor.v OWNER TO regress_doctor_owner;
	CREATE VIEW regress_doctor.w AS SELECT * FROM regress_doctor.v');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit; ALTER VIEW regress_doctor.v OWNER TO regress_doctor_bypass');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM ambit_relationship.regress_doctor_seen');
SELECT regress_doctor.after('CREATE MATERIALIZED VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit; GRANT SELECT ON regress_doctor.v TO regress_doctor_app, PUBLIC');
SELECT regress_doctor.after('CREATE MATERIALIZED VIEW regress_doctor.v AS SELECT * FROM regress_doctor.visit; CREATE VIEW regress_doctor.w AS SELECT * FROM regress_doctor.v; ALTER VIEW regress_doctor.w OWNER TO regress_doctor_owner');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.plain OWNER TO regress_doctor_super; CREATE RULE r AS ON INSERT TO regress_doctor.plain DO ALSO DELETE FROM regress_doctor.visit');
SELECT regress_doctor.after('CREATE RULE r AS ON INSERT TO regress_doctor.plain DO ALSO INSERT INTO regress_doctor.plain SELECT id, business FROM regress_doctor.visit');
SELECT regress_doctor.after('CREATE RULE r AS ON INSERT TO regress_doctor.visits DO INSTEAD INSERT INTO regress_doctor.visit VALUES (NEW.*)');
SELECT regress_doctor.after('CREATE RULE r AS ON UPDATE TO regress_doctor.visit DO INSTEAD NOTHING');
SELECT regress_doctor.after('CREATE FUNCTION regress_doctor.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM regress_doctor.visits; END');
SELECT regress_doctor.after('CREATE FUNCTION regress_doctor.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM regress_doctor.visit; END; REVOKE EXECUTE ON FUNCTION regress_doctor.f FROM PUBLIC');
SELECT regress_doctor.after('CREATE TABLE regress_doctor.c AS SELECT * FROM regress_doctor.client');
SELECT regress_doctor.after('CREATE TABLE regress_doctor.c (id int, business text)');
SELECT regress_doctor.after('CREATE TEMP TABLE c AS SELECT * FROM regress_doctor.client');

-- ---- privileges -------------------------------------------------------------------------------------
SELECT regress_doctor.after('GRANT TRIGGER, TRUNCATE ON regress_doctor.client TO regress_doctor_app, PUBLIC; GRANT REFERENCES (id) ON regress_doctor.client TO regress_doctor_other WITH GRANT OPTION');
SELECT regress_doctor.after('GRANT TRIGGER ON regress_doctor.log_a TO regress_doctor_app');
SELECT regress_doctor.after('GRANT TRIGGER ON regress_doctor.client TO regress_doctor_super');
SELECT regress_doctor.after('GRANT SET ON PARAMETER session_replication_role TO regress_doctor_app');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app SET session_replication_role = replica');
SELECT regress_doctor.after(format('ALTER ROLE regress_doctor_app IN DATABASE %I SET row_security = off; ALTER ROLE regress_doctor_app SET row_security = 0', current_database()));
SELECT regress_doctor.after('GRANT SELECT ON ambit.member TO regress_doctor_other; GRANT UPDATE (keys) ON ambit.member TO regress_doctor_app');
SELECT regress_doctor.after('GRANT USAGE ON SEQUENCE ambit.rule_rule_seq TO PUBLIC');
SELECT regress_doctor.after('GRANT EXECUTE ON FUNCTION ambit._make_policies(regclass, text[]) TO regress_doctor_app');
SELECT regress_doctor.after('GRANT EXECUTE ON FUNCTION ambit.has_permission(ambit.permission) TO regress_doctor_app');
SELECT regress_doctor.after('GRANT CREATE ON SCHEMA ambit TO PUBLIC');
SELECT regress_doctor.after('GRANT CREATE ON SCHEMA ambit_relationship TO regress_doctor_app');
SELECT regress_doctor.after('ALTER TABLE ambit.member OWNER TO regress_doctor_other; ALTER FUNCTION ambit._is_dba() OWNER TO regress_doctor_other');
SELECT regress_doctor.after('CREATE FUNCTION ambit.permits(text, text, text, text, text, text, text) RETURNS boolean LANGUAGE sql AS ''SELECT true''');
SELECT regress_doctor.after('CREATE TABLE ambit.more (a int)');
SELECT regress_doctor.after('UPDATE pg_catalog.pg_extension SET extowner = ''regress_doctor_other''::regrole WHERE extname = ''ambit''');

-- ---- roles --------------------------------------------------------------------------------------------
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app BYPASSRLS');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app SUPERUSER');
SELECT regress_doctor.after('GRANT regress_doctor_bypass TO regress_doctor_other; GRANT regress_doctor_other TO regress_doctor_app');
SELECT regress_doctor.after('GRANT regress_doctor_super TO regress_doctor_app');
SELECT regress_doctor.after('GRANT pg_read_server_files TO regress_doctor_app');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app REPLICATION');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app CREATEROLE');
SELECT regress_doctor.after('SELECT ambit.grant_administration(''regress_doctor_app'')');
SELECT regress_doctor.after('GRANT regress_doctor_dba TO regress_doctor_app');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_bypass LOGIN');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_owner LOGIN');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.client OWNER TO regress_doctor_app');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.item_more OWNER TO regress_doctor_other; GRANT regress_doctor_other TO regress_doctor_app');
SELECT regress_doctor.after('INSERT INTO ambit.trusted_application VALUES (4000000000)');

-- ---- tokens and logins --------------------------------------------------------------------------------------
SELECT regress_doctor.after('INSERT INTO ambit.login VALUES (4000000000, ''regress_doctor'', ''ann'')');
SELECT regress_doctor.after('SELECT ambit.map_login(''regress_doctor_app'', ''regress_doctor'', ''ann'')');
SELECT regress_doctor.after('SELECT ambit.map_login(''regress_doctor_bypass'', ''regress_doctor'', ''ann''), ambit.assign_role(''regress_doctor'', ''ann'', ''staff'')');
SELECT regress_doctor.after('CREATE ROLE regress_doctor_new SUPERUSER; SELECT ambit.map_login(''regress_doctor_new'', ''regress_doctor'', ''ann''), ambit.assign_role(''regress_doctor'', ''ann'', ''staff'', valid_until => now() - interval ''1 hour'')');
SELECT regress_doctor.after('SELECT ambit.add_signing_key(''k'', ''HS256'', repeat(''x'', 32), tenants => ''{regress_doctor,gone}'')');
SELECT regress_doctor.after('SELECT ambit.add_signing_key(''k'', ''HS256'', repeat(''x'', 32))');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_app SET ambit.token = ''x''');
SELECT regress_doctor.after('ALTER ROLE ALL SET ambit.token = ''x''');
SELECT regress_doctor.after('SET LOCAL check_function_bodies = off; CREATE FUNCTION regress_doctor.f() RETURNS int LANGUAGE sql SET ambit.token = ''x'' AS ''SELECT 1''');

-- ---- masks ------------------------------------------------------------------------------------------------
SELECT regress_doctor.after('DROP POLICY ambit_masks ON regress_doctor.staff', 'firm');
SELECT regress_doctor.after('ALTER POLICY ambit_masks ON regress_doctor.staff WITH CHECK (true)');
SELECT regress_doctor.after('ALTER POLICY ambit_intact ON regress_doctor.staff USING (ambit._intact(''regress_doctor.staff''::regclass, 0))');
SELECT regress_doctor.after('DROP VIEW regress_doctor.staff_masked');
SELECT regress_doctor.after('ALTER VIEW regress_doctor.staff_masked OWNER TO regress_doctor_other');
SELECT regress_doctor.after('ALTER VIEW regress_doctor.staff_masked SET (security_barrier = false)');
SELECT regress_doctor.after('ALTER VIEW regress_doctor.staff_masked SET (security_invoker)');
SELECT regress_doctor.after('CREATE OR REPLACE VIEW regress_doctor.staff_masked WITH (security_barrier) AS SELECT id, firm, name, wage, phone, team FROM regress_doctor.staff "~ambit"');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.staff ADD more int');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.staff RENAME name TO label');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.staff RENAME wage TO pay');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.staff RENAME wage TO pay; ALTER TABLE regress_doctor.staff RENAME name TO wage');
SELECT regress_doctor.after('ALTER ROLE regress_doctor_owner BYPASSRLS');
SELECT regress_doctor.after('CREATE POLICY less ON regress_doctor.staff AS RESTRICTIVE TO regress_doctor_app USING (true)');
SELECT regress_doctor.after('GRANT ALL ON regress_doctor.staff_masked TO regress_doctor_app');
SELECT regress_doctor.after('CREATE TRIGGER t INSTEAD OF UPDATE ON regress_doctor.staff_masked FOR EACH ROW EXECUTE FUNCTION regress_doctor.nothing()');
SELECT regress_doctor.after('GRANT SELECT ON regress_doctor.staff TO regress_doctor_app');
SELECT regress_doctor.after('GRANT SELECT (wage, name) ON regress_doctor.staff TO regress_doctor_app');
SELECT regress_doctor.after('ALTER TABLE regress_doctor.pay DROP COLUMN amount CASCADE');
SELECT regress_doctor.after('DROP TABLE regress_doctor.pay CASCADE');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT * FROM regress_doctor.staff_masked');
SELECT regress_doctor.after('CREATE VIEW regress_doctor.v AS SELECT "~ambit".* FROM regress_doctor.staff "~ambit"');

-- ---- relationships and keys -----------------------------------------------------------------------------
SELECT regress_doctor.after('ALTER VIEW ambit_relationship.regress_doctor_seen OWNER TO regress_doctor_bypass');
SELECT regress_doctor.after('GRANT SELECT (business, staff, client) ON regress_doctor.visit TO regress_doctor_bypass; ALTER VIEW ambit_relationship.regress_doctor_seen OWNER TO regress_doctor_bypass');
SELECT regress_doctor.after('GRANT SELECT (business, staff, client, at) ON regress_doctor.visit TO regress_doctor_bypass; ALTER VIEW ambit_relationship.regress_doctor_seen OWNER TO regress_doctor_bypass');
SELECT regress_doctor.after('CREATE FUNCTION regress_doctor.f(int) RETURNS int LANGUAGE sql AS ''SELECT $1''; REVOKE EXECUTE ON FUNCTION regress_doctor.f(int) FROM PUBLIC;
	SELECT ambit.bind_relationship(''regress_doctor_f'', ''SELECT what AS tenant, id AS subject, regress_doctor.f(id) AS object FROM regress_doctor.plain'');
	GRANT SELECT ON regress_doctor.plain TO regress_doctor_other; ALTER VIEW ambit_relationship.regress_doctor_f OWNER TO regress_doctor_other');
SELECT regress_doctor.after('ALTER VIEW ambit_relationship.regress_doctor_seen OWNER TO regress_doctor_owner');
SELECT regress_doctor.after('ALTER VIEW ambit_relationship.regress_doctor_seen RENAME COLUMN subject TO subjekt');
SELECT regress_doctor.after('CREATE TABLE ambit_relationship.regress_doctor_t (a int)');
SELECT regress_doctor.after('GRANT SELECT ON ambit_relationship.regress_doctor_seen TO regress_doctor_app');
SELECT regress_doctor.after('SELECT ambit.unbind_relationship(''regress_doctor_seen'')');
SELECT regress_doctor.after('SELECT ambit.add_member(''regress_doctor'', u, k::jsonb) FROM (VALUES (''bob'', ''{"staff": "seven", "client": "9"}''), (''cid'', ''{"staff": "99999999999"}''), (''dan'', ''{"client": "nine"}'')) v (u, k);
	ALTER TABLE regress_doctor.item RENAME id TO id2', '"1"');
SELECT regress_doctor.after('CREATE TABLE regress_doctor.typed (tenant uuid, place int, crew char(9)); SELECT ambit.protect(''regress_doctor.typed'', tenant => ''tenant'', location => ''place'', team => ''crew'');
	SELECT ambit.add_rule(''regress_doctor.typed'', ''select'', ''doctor.view''); CREATE INDEX ON regress_doctor.typed (tenant, place); CREATE INDEX ON regress_doctor.typed (tenant, crew);
	SELECT ambit.add_location(''regress_doctor'', ''here''), ambit.add_location(''regress_doctor'', ''2''), ambit.add_location(''regress_doctor'', ''02''), ambit.add_group(''regress_doctor'', ''x ''), ambit.add_group(''regress_doctor'', ''x'')');

-- ---- it answers whatever is damaged ---------------------------------------------------------------------
SELECT regress_doctor.after('ALTER TABLE regress_doctor.visit DROP COLUMN business CASCADE');
SELECT regress_doctor.after('DROP TABLE regress_doctor.visit CASCADE');
SELECT regress_doctor.after('ALTER EXTENSION ambit DROP FUNCTION ambit._sources(); DROP FUNCTION ambit._sources()');
SELECT regress_doctor.after('INSERT INTO ambit.permission_key (key) VALUES (''doctor.gone''); SELECT ambit.add_rule(''regress_doctor.item'', ''update'', ''doctor.gone''); SELECT ambit.drop_rule(rule) FROM ambit.rule WHERE relation = ''regress_doctor.item''::regclass AND command = ''select'';
	DELETE FROM ambit.permission_key WHERE key = ''doctor.gone''');
-- a policy of the owner's is not read as somebody else
CREATE FUNCTION regress_doctor.spy(text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE WARNING 'this runs as %', current_user; RETURN true; END$$;
CREATE DOMAIN regress_doctor.spied AS text CHECK (regress_doctor.spy(VALUE));
ALTER DOMAIN regress_doctor.spied OWNER TO regress_doctor_owner;
CREATE TYPE regress_doctor.pair AS (a regress_doctor.spied);
BEGIN;
SET LOCAL ROLE regress_doctor_owner;
SET LOCAL client_min_messages = error;
ALTER POLICY ambit_delete ON regress_doctor.item USING ('(x)'::regress_doctor.pair IS NOT NULL);
RESET ROLE;
SET LOCAL client_min_messages = warning;
SELECT severity, code, object FROM ambit.doctor() EXCEPT ALL SELECT severity, code, object FROM before;
ROLLBACK;

-- clean up
SELECT ambit.unbind_relationship('regress_doctor_seen');
SELECT ambit.unprotect(t::regclass) FROM unnest('{regress_doctor.pay,regress_doctor.staff,regress_doctor.file,regress_doctor.note,regress_doctor.visit,regress_doctor.client,regress_doctor.log,regress_doctor.item}'::text[]) t;
SELECT ambit.drop_tenant('regress_doctor');
SELECT ambit.untrust_application('regress_doctor_app');
SELECT ambit.revoke_administration('regress_doctor_dba');
DROP TABLE before;
DROP SCHEMA regress_doctor CASCADE;
DELETE FROM ambit.template WHERE template = 'regress_doctor';
DELETE FROM ambit.permission_key WHERE key LIKE 'doctor.%';
DROP ROLE regress_doctor_app, regress_doctor_owner, regress_doctor_dba, regress_doctor_other, regress_doctor_bypass, regress_doctor_super;
