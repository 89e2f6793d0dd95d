--
-- mask: columns that not everybody sees
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
-- the ids of masks stand in the policies
SELECT setval('ambit.mask_mask_seq', 1000) > 0 AS set, setval('ambit.rule_rule_seq', 5000) > 0 AS set;
CREATE ROLE regress_mask_app;
CREATE ROLE regress_mask_owner;
CREATE ROLE regress_mask_reader;
CREATE ROLE regress_mask_partial;
CREATE ROLE regress_mask_late;
CREATE ROLE regress_mask_bypass BYPASSRLS;
CREATE ROLE regress_mask_dba;
CREATE SCHEMA regress_mask;
GRANT ALL ON SCHEMA regress_mask TO PUBLIC;
SELECT ambit.trust_application(r) FROM unnest('{regress_mask_app,regress_mask_owner,regress_mask_reader,regress_mask_partial,regress_mask_late,regress_mask_bypass}'::regrole[]) r;
SELECT ambit.grant_administration('regress_mask_dba');
SELECT ambit._load_template('{
	"template": "regress_mask",
	"permissions": [{"key": "regress_mask.view"}, {"key": "regress_mask.edit"}, {"key": "regress_mask.add"}, {"key": "regress_mask.pay"},
		{"key": "regress_mask.details"}, {"key": "regress_mask.admin"}],
	"roles": [{"role": "low"}, {"role": "mid", "inherits": ["low"]}, {"role": "high", "inherits": ["low"]}, {"role": "local", "inherits": ["low"]},
		{"role": "payer"}, {"role": "admin", "inherits": ["low"]}, {"role": "webby"}, {"role": "hinted"}],
	"features": {"hints": {}},
	"cells": [
		{"role": "low", "permission": "regress_mask.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "low", "permission": "regress_mask.edit", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "low", "permission": "regress_mask.add", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "mid", "permission": "regress_mask.pay", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "mid", "permission": "regress_mask.details", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "mid", "permission": "regress_mask.admin", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "local", "permission": "regress_mask.pay", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "local", "permission": "regress_mask.details", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "local", "permission": "regress_mask.admin", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "high", "permission": "regress_mask.pay", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "high", "permission": "regress_mask.details", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "high", "permission": "regress_mask.admin", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "admin", "permission": "regress_mask.admin", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "webby", "permission": "regress_mask.details", "enabled": true, "entries": [{"scope": "all", "channels": ["web"]}]},
		{"role": "hinted", "permission": "regress_mask.details", "enabled": true, "entries": [{"scope": "all", "feature": "hints"}]},
		{"role": "payer", "permission": "regress_mask.pay", "enabled": true, "entries": [{"scope": "all"}]}],
	"administration": {"set_field_visible": "regress_mask.admin"},
	"marked_fields": ["regress_mask.details"]
}', false);
SELECT ambit.create_tenant(t, 'regress_mask') FROM unnest('{north,south}'::text[]) t;
SELECT ambit.add_location('north', 'here'), ambit.add_location('north', 'there');
SELECT ambit.add_member(t, u, '{"staff": "1"}'), ambit.assign_role(t, u, u, CASE u WHEN 'local' THEN 'here' END)
FROM unnest('{north,south}'::text[]) t, unnest('{low,mid,high,local,payer,admin}'::text[]) u WHERE t = 'north' OR u <> 'local';
SELECT ambit.add_member('north', 'nobody');

-- ---- what is tried, as whom: rows or SQLSTATE, message and detail; nothing of it stays ----
CREATE FUNCTION regress_mask.try(who text, query text, tenant text = 'north', channel text = NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
	n bigint;
BEGIN
	IF who IS NULL THEN
		PERFORM ambit.logout();
	ELSE
		PERFORM ambit.assume(tenant, who, channel);
	END IF;
	BEGIN
		IF query ~* '^(select|table)' THEN
			EXECUTE format('SELECT string_agg(x::text, '' '') FROM (%s) x', query) INTO result;
		ELSE
			EXECUTE query;
			GET DIAGNOSTICS n = ROW_COUNT;
			result := n || ' rows';
		END IF;
		RAISE EXCEPTION 'undone' USING ERRCODE = 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN NULL;
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			result := SQLSTATE || ' ' || SQLERRM || COALESCE('; ' || NULLIF(detail, ''), '');
	END;
	RETURN result;
END
$$;

-- ---- two tables: of an ordinary owner, and of one whom row-level security does not hold ----
CREATE DOMAIN regress_mask.badge AS varchar(10) NOT NULL CHECK (VALUE <> '');
CREATE FUNCTION regress_mask.make(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE regress_mask.%I (id int PRIMARY KEY, business text NOT NULL, place text, own text, name varchar(20),
		salary numeric(10,2) DEFAULT 10 CHECK (salary > 0), phone text COLLATE "C" UNIQUE, badge regress_mask.badge DEFAULT ''none'',
		token uuid DEFAULT gen_random_uuid(), hobby text, yearly numeric GENERATED ALWAYS AS (salary * 12) STORED, hired date)', name);
	EXECUTE format('INSERT INTO regress_mask.%I VALUES
		(1, ''north'', ''here'', ''1'', ''Ada'', 100, ''555-1'', ''A1'', md5(''1'')::uuid, ''chess''),
		(2, ''north'', ''there'', ''2'', ''Ben'', 200, ''555-2'', ''B2'', md5(''2'')::uuid, ''golf''),
		(3, ''south'', NULL, ''1'', ''Cyd'', 300, ''555-3'', ''C3'', md5(''3'')::uuid, ''judo'')', name);
END
$$;
SELECT regress_mask.make('staff'), regress_mask.make('crew');
ALTER TABLE regress_mask.staff OWNER TO regress_mask_owner;
-- who may read, in several ways
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_mask.staff, regress_mask.crew TO regress_mask_app;
GRANT SELECT ON regress_mask.staff TO regress_mask_reader WITH GRANT OPTION;
GRANT SELECT (id, business, salary) ON regress_mask.staff TO regress_mask_partial;
SET ROLE regress_mask_reader;
GRANT SELECT ON regress_mask.staff TO regress_mask_late;
RESET ROLE;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_mask GRANT ALL ON TABLES TO PUBLIC, regress_mask_late;

-- ---- what mask() refuses -------------------------------------------------------------
\set VERBOSITY sqlstate
SELECT ambit.mask('regress_mask.staff', 'salary', 'regress_mask.pay');
SELECT ambit.unmask('regress_mask.staff', 'salary');
SELECT ambit.protect(r, tenant => 'business', location => 'place', owner => 'own') FROM unnest('{regress_mask.staff,regress_mask.crew}'::regclass[]) r;
SELECT ambit.add_rule(r, c, p::ambit.permission) > 0 AS rule
FROM unnest('{regress_mask.staff,regress_mask.crew}'::regclass[]) r, (VALUES ('select', 'regress_mask.view'), ('insert', 'regress_mask.add'), ('update', 'regress_mask.edit'), ('delete', 'regress_mask.edit')) v (c, p);
SELECT ambit.mask(NULL, 'salary', 'regress_mask.pay');
SELECT ambit.mask('regress_mask.staff', NULL, 'regress_mask.pay');
SELECT ambit.mask('regress_mask.staff', 'salary', NULL);
SELECT ambit.mask('regress_mask.staff', 'ctid', 'regress_mask.pay');
SELECT ambit.unmask('regress_mask.staff', NULL);
SELECT ambit.unmask('regress_mask.staff', 'salary');
\set VERBOSITY default
SELECT ambit.mask('regress_mask.staff', 'salry', 'regress_mask.pay');
SELECT ambit.mask('regress_mask.staff', 'own', 'regress_mask.pay');
SELECT ambit.mask('regress_mask.staff', 'id', 'regress_mask.pay');
SELECT ambit.mask('regress_mask.staff', 'salary', 'regress_mask.pay');
CREATE TABLE regress_mask.staff_masked ();
SELECT ambit.mask('regress_mask.staff', 'phone', 'regress_mask.pay');
DROP TABLE regress_mask.staff_masked;
SET ROLE regress_mask_owner;
SELECT ambit.mask('regress_mask.staff', 'phone', 'regress_mask.pay');
SELECT ambit.unmask('regress_mask.staff', 'phone');
-- the DBA needs to be nothing more
SET ROLE regress_mask_dba;
SELECT ambit.mask(r, c::name, 'regress_mask.pay')
FROM unnest('{regress_mask.staff,regress_mask.crew}'::regclass[]) r, unnest('{yearly,salary,phone,badge,token}'::text[]) WITH ORDINALITY c (c, n) ORDER BY r, n;
SELECT ambit.unmask('regress_mask.staff', 'yearly');
RESET ROLE;

-- ---- the view: the columns of the table in their order, SELECT for those who had it, nothing else --
\d regress_mask.staff_masked
SELECT c.relname, c.relowner::regrole, c.relkind, c.reloptions,
	(SELECT array_agg(format('%s %s%s', CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.privilege_type, CASE WHEN x.is_grantable THEN '*' END) ORDER BY 1) FROM aclexplode(c.relacl) x
	 WHERE c.relkind = 'v' OR x.privilege_type = 'SELECT') AS privileges
FROM pg_class c WHERE c.relnamespace = 'regress_mask'::regnamespace AND c.relname IN ('staff', 'staff_masked', 'crew', 'crew_masked') ORDER BY c.relname;
SELECT a.attrelid::regclass, x.grantee::regrole, x.is_grantable, string_agg(a.attname, ' ' ORDER BY a.attnum) AS columns
FROM pg_attribute a, aclexplode(a.attacl) x
WHERE a.attrelid IN ('regress_mask.staff'::regclass, 'regress_mask.staff_masked'::regclass) AND x.privilege_type = 'SELECT' GROUP BY 1, 2, 3 ORDER BY a.attrelid::regclass::text, x.grantee::regrole::text;
SELECT * FROM ambit._masks('regress_mask.staff') ORDER BY mask;
SELECT (SELECT pg_get_viewdef('regress_mask.staff_masked') LIKE '%permits%') AS of_owner, (SELECT pg_get_viewdef('regress_mask.crew_masked') LIKE '%permits%') AS of_superuser;

-- ---- who sees what, through either view -------------------------------------------------
SET ROLE regress_mask_app;
SELECT who, v, regress_mask.try(who, format('SELECT id, name, salary, phone, badge, token IS NULL AS token, hobby, yearly FROM regress_mask.%s ORDER BY id', v)) AS rows
FROM unnest('{low,mid,high,local,payer,nobody,NULL}'::text[]) who, unnest('{staff_masked,crew_masked}'::text[]) v ORDER BY v, who;
SELECT who, regress_mask.try(who, 'SELECT id, salary FROM regress_mask.staff_masked', 'south') AS rows FROM unnest('{low,mid,high}'::text[]) who ORDER BY who;
-- the same where each row is asked, in parallel, and for roles that row-level security does not hold
SET ambit.specialize_plans = off;
SELECT who, v, regress_mask.try(who, format('SELECT id, salary, phone FROM regress_mask.%s ORDER BY id', v)) AS rows
FROM unnest('{low,mid,local,NULL}'::text[]) who, unnest('{staff_masked,crew_masked}'::text[]) v ORDER BY v, who;
RESET ambit.specialize_plans;
SELECT count(set_config(name, 'on', false)) AS set FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT who, v, regress_mask.try(who, format('SELECT id, salary, phone FROM regress_mask.%s ORDER BY id', v)) AS rows
FROM unnest('{low,mid,local,NULL}'::text[]) who, unnest('{staff_masked,crew_masked}'::text[]) v ORDER BY v, who;
SELECT count(set_config(name, 'off', false)) AS set FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
RESET ROLE;
SELECT who, regress_mask.try(who, 'SELECT id, salary FROM regress_mask.staff_masked') AS rows, regress_mask.try(who, 'SELECT id, salary FROM regress_mask.crew_masked') AS rows FROM unnest('{low,mid,NULL}'::text[]) who ORDER BY who;
SELECT id, salary FROM regress_mask.staff ORDER BY id;

-- ---- reading around it --------------------------------------------------------------------
CREATE FUNCTION regress_mask.around(query text) RETURNS TABLE (low text, high text) LANGUAGE sql AS $$
	SELECT regress_mask.try('low', query), regress_mask.try('high', query)
$$;
CREATE TABLE regress_mask.attacks (n int GENERATED ALWAYS AS IDENTITY, query text);
INSERT INTO regress_mask.attacks (query) VALUES
	('SELECT id, name, hobby FROM regress_mask.staff'),
	('SELECT count(*) FROM regress_mask.staff'),
	('SELECT salary FROM regress_mask.staff'),
	('SELECT yearly FROM regress_mask.staff'),
	('SELECT * FROM regress_mask.staff'),
	('SELECT t FROM regress_mask.staff t'),
	('SELECT to_json(t) FROM regress_mask.staff t'),
	('SELECT t::text FROM regress_mask.staff t'),
	('SELECT row_to_json(x) FROM (SELECT * FROM regress_mask.staff) x'),
	('SELECT id FROM regress_mask.staff WHERE salary = 100'),
	('SELECT id FROM regress_mask.staff WHERE 1 / (salary - 100) > 0'),
	('SELECT id FROM regress_mask.staff WHERE phone::int > 0'),
	('SELECT id FROM regress_mask.staff ORDER BY salary'),
	('SELECT count(*) FROM regress_mask.staff GROUP BY salary'),
	('SELECT count(*) FROM regress_mask.staff HAVING max(salary) > 1'),
	('SELECT max(salary) FROM regress_mask.staff'),
	('SELECT rank() OVER (ORDER BY salary) FROM regress_mask.staff'),
	('SELECT id FROM regress_mask.staff t WHERE EXISTS (SELECT FROM regress_mask.staff s WHERE s.salary > t.id)'),
	('SELECT a.id FROM regress_mask.staff a JOIN regress_mask.staff b USING (salary)'),
	('SELECT a.id FROM regress_mask.staff a NATURAL JOIN regress_mask.staff b'),
	('SELECT s.id FROM regress_mask.staff s JOIN (VALUES (100)) v (x) ON s.salary = v.x'),
	('SELECT id FROM regress_mask.staff UNION SELECT salary::int FROM regress_mask.staff'),
	('WITH w AS (INSERT INTO regress_mask.crew (id, business, name) SELECT id + 50, business, salary::text FROM regress_mask.staff RETURNING 1) SELECT count(*) FROM w'),
	('WITH w AS (UPDATE regress_mask.staff SET name = name RETURNING salary) SELECT * FROM w'),
	('WITH w AS (UPDATE regress_mask.staff SET name = name RETURNING *) SELECT 1 FROM w'),
	('WITH w AS (DELETE FROM regress_mask.staff RETURNING salary) SELECT * FROM w'),
	('WITH w AS (INSERT INTO regress_mask.staff (id, business) VALUES (9, ''north'') RETURNING salary) SELECT * FROM w'),
	('UPDATE regress_mask.staff SET name = ''x'' WHERE salary = 100'),
	('UPDATE regress_mask.staff SET name = salary::text'),
	('UPDATE regress_mask.staff SET name = v.phone FROM regress_mask.staff v'),
	('DELETE FROM regress_mask.staff WHERE salary = 100'),
	('INSERT INTO regress_mask.staff (id, business) VALUES (9, ''north'') ON CONFLICT (phone) DO NOTHING'),
	('INSERT INTO regress_mask.staff (id, business) VALUES (1, ''north'') ON CONFLICT (id) DO UPDATE SET name = staff.phone'),
	('INSERT INTO regress_mask.staff (id, business) VALUES (1, ''north'') ON CONFLICT (id) DO UPDATE SET name = ''x'' WHERE staff.salary = 100'),
	('MERGE INTO regress_mask.staff t USING (VALUES (1)) v (x) ON t.salary = v.x WHEN MATCHED THEN UPDATE SET name = ''x'''),
	('EXPLAIN SELECT salary FROM regress_mask.staff'),
	('EXPLAIN SELECT id FROM regress_mask.staff WHERE salary = 100'),
	('DECLARE c CURSOR FOR SELECT salary FROM regress_mask.staff'),
	('CREATE TABLE regress_mask.copied AS SELECT salary FROM regress_mask.staff'),
	('CREATE TEMP VIEW mine AS SELECT salary FROM regress_mask.staff; SELECT * FROM mine'),
	('SELECT attname FROM pg_stats WHERE schemaname = ''regress_mask'''),
	('SELECT query_to_xml(''SELECT phone FROM regress_mask.staff'', true, false, '''')::text'),
	('SELECT table_to_xml(''regress_mask.staff'', true, false, '''')::text'),
	('COPY regress_mask.staff TO ''/dev/null'''),
	('SELECT id FROM regress_mask.staff t WHERE (t).salary > 0'),
	('SELECT salary FROM regress_mask.staff "~ambit"');
ANALYZE regress_mask.staff;
GRANT SELECT ON regress_mask.attacks TO PUBLIC;
-- not even who may write files of the server
GRANT pg_write_server_files TO regress_mask_app;
SET ROLE regress_mask_app;
SELECT n, query, low, high IS NOT DISTINCT FROM low AS all_alike FROM regress_mask.attacks, regress_mask.around(query) ORDER BY n;
RESET ROLE;
-- a grant that comes later opens nothing, to nobody whom row-level security holds: the owner is one
GRANT SELECT ON ALL TABLES IN SCHEMA regress_mask TO regress_mask_app;
SET ROLE regress_mask_app;
SELECT n, split_part(low, ';', 1) AS low, high IS NOT DISTINCT FROM low AS all_alike FROM regress_mask.attacks, regress_mask.around(query) ORDER BY n;
COPY regress_mask.staff TO STDOUT;
COPY regress_mask.staff (salary) TO STDOUT;
COPY (SELECT phone FROM regress_mask.staff) TO STDOUT;
SET ROLE regress_mask_owner;
SELECT regress_mask.try(who, 'SELECT salary FROM regress_mask.staff'), regress_mask.try(who, 'SELECT id, salary FROM regress_mask.staff_masked ORDER BY id'),
	regress_mask.try(who, 'SELECT salary FROM regress_mask.staff "~ambit"') FROM unnest('{low,high}'::text[]) who ORDER BY who;
RESET ROLE;
REVOKE SELECT ON regress_mask.staff FROM regress_mask_app;
GRANT SELECT (id, business, place, own, name, hobby) ON regress_mask.staff TO regress_mask_app;

-- ---- views by hand: of the application, of the owner, and as the user who asks ------------------
GRANT SELECT ON regress_mask.staff TO regress_mask_late;
SET ROLE regress_mask_late;
CREATE VIEW regress_mask.late_view AS SELECT id, salary FROM regress_mask.staff "~ambit";
CREATE VIEW regress_mask.late_names AS SELECT id, name FROM regress_mask.staff;
SET ROLE regress_mask_owner;
CREATE VIEW regress_mask.owners_view AS SELECT id, salary FROM regress_mask.staff;
CREATE VIEW regress_mask.invoker_view WITH (security_invoker) AS SELECT id, salary FROM regress_mask.staff;
CREATE VIEW regress_mask.nested_view AS SELECT id, salary FROM regress_mask.staff_masked;
CREATE FUNCTION regress_mask.owners_function() RETURNS SETOF numeric LANGUAGE sql SECURITY DEFINER AS 'SELECT salary FROM regress_mask.staff';
RESET ROLE;
GRANT SELECT ON regress_mask.late_view, regress_mask.late_names, regress_mask.owners_view, regress_mask.invoker_view, regress_mask.nested_view, regress_mask.staff TO regress_mask_app;
SET ROLE regress_mask_app;
SELECT v, low, high FROM unnest('{late_view,late_names,owners_view,invoker_view,nested_view,owners_function()}'::text[]) v,
	regress_mask.around(format('SELECT * FROM regress_mask.%s', v));
SELECT low, high FROM regress_mask.around('SELECT o.salary FROM regress_mask.owners_view o JOIN regress_mask.staff_masked m ON m.id = o.id');
RESET ROLE;
DROP VIEW regress_mask.late_view, regress_mask.late_names, regress_mask.owners_view, regress_mask.invoker_view, regress_mask.nested_view;
REVOKE SELECT ON regress_mask.staff FROM regress_mask_late, regress_mask_app;
GRANT SELECT (id, business, place, own, name, hobby) ON regress_mask.staff TO regress_mask_app;

-- a view of the owner reads as the owner what policies of its tables say, whoever wrote them
BEGIN;
SET LOCAL ROLE regress_mask_app;
CREATE TABLE regress_mask.bait (x text);
INSERT INTO regress_mask.bait VALUES ('555-1'), ('555-0');
GRANT SELECT ON regress_mask.bait TO regress_mask_owner;
ALTER TABLE regress_mask.bait ENABLE ROW LEVEL SECURITY;
CREATE POLICY bait ON regress_mask.bait USING (EXISTS (SELECT FROM regress_mask.staff AS "~ambit" WHERE phone = x));
SET LOCAL ROLE regress_mask_owner;
CREATE VIEW regress_mask.careless AS SELECT x FROM regress_mask.bait;
GRANT SELECT ON regress_mask.careless TO regress_mask_app;
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('low', 'SELECT x FROM regress_mask.careless');
SELECT regress_mask.try('low', 'SELECT x FROM regress_mask.careless, regress_mask.staff_masked');
ROLLBACK;
-- ---- through the view: only what the mask leaves -----------------------------------------------
SET ROLE regress_mask_app;
CREATE FUNCTION regress_mask.leak(x anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'leak: %', x; RETURN true; END $$;
SET client_min_messages = notice;
SELECT v, regress_mask.try('mid', format('SELECT id FROM regress_mask.%s WHERE regress_mask.leak(salary) AND regress_mask.leak(phone) ORDER BY id', v)) FROM unnest('{staff_masked,crew_masked}'::text[]) v ORDER BY v;
SELECT regress_mask.try('low', 'SELECT id FROM regress_mask.staff_masked m WHERE regress_mask.leak(to_json(m)::text) ORDER BY id');
SELECT regress_mask.try(NULL, 'SELECT id FROM regress_mask.staff_masked m WHERE regress_mask.leak(name)');
SET client_min_messages = warning;
SELECT q, regress_mask.try('mid', format('SELECT id FROM regress_mask.staff_masked WHERE %s ORDER BY id', q)) FROM unnest(ARRAY[
	'salary = 100', 'salary = 200', 'salary IS NULL', '1 / (salary - 200) > 0', 'phone = ''555-2''', 'yearly > 0', '(staff_masked).badge = ''B2''']) q;
SELECT regress_mask.try('mid', 'SELECT id FROM regress_mask.staff_masked ORDER BY salary DESC NULLS LAST'),
	regress_mask.try('mid', 'SELECT sum(salary), count(salary), max(phone) FROM regress_mask.staff_masked'),
	regress_mask.try('mid', 'SELECT m.id FROM regress_mask.staff_masked m JOIN (VALUES (100), (200)) v (x) ON m.salary = v.x');
SELECT q, regress_mask.try('high', q) FROM unnest(ARRAY[
	'INSERT INTO regress_mask.staff_masked (id, business) VALUES (9, ''north'')', 'UPDATE regress_mask.staff_masked SET name = ''x''', 'DELETE FROM regress_mask.staff_masked',
	'SELECT id FROM regress_mask.staff_masked FOR UPDATE', 'TRUNCATE regress_mask.staff_masked']) q;
RESET ROLE;
-- not even by those who may do everything
SELECT regress_mask.try('high', 'UPDATE regress_mask.crew_masked SET name = ''x''');

-- ---- plans, cursors and prepared statements belong to one identity ----------------------------------
SET ROLE regress_mask_app;
PREPARE pay AS SELECT id, salary FROM regress_mask.staff_masked ORDER BY id;
BEGIN;
SELECT ambit.assume('north', 'high');
EXECUTE pay;
SELECT ambit.assume('north', 'low');
EXECUTE pay;
SELECT ambit.assume('north', 'mid');
EXECUTE pay;
SELECT ambit.logout();
EXECUTE pay;
SELECT ambit.assume('north', 'high');
DECLARE c CURSOR FOR SELECT id, salary FROM regress_mask.crew_masked ORDER BY id;
FETCH 1 FROM c;
SELECT ambit.assume('north', 'low');
\set VERBOSITY sqlstate
FETCH 1 FROM c;
COMMIT;
\set VERBOSITY default
DEALLOCATE pay;

-- ---- writing: where the mask is not open nobody writes, whatever the value -----------------------------
SELECT q, who, regress_mask.try(who, q) FROM unnest(ARRAY[
	'UPDATE regress_mask.staff SET name = ''x''',
	'UPDATE regress_mask.staff SET salary = 100 WHERE id = 1',
	'UPDATE regress_mask.staff SET salary = 1 WHERE id = 1',
	'UPDATE regress_mask.staff SET salary = 200 WHERE id = 2',
	'UPDATE regress_mask.staff SET phone = ''555-2'' WHERE id = 1',
	'UPDATE regress_mask.staff SET name = ''x'', phone = DEFAULT WHERE id = 2',
	'UPDATE regress_mask.staff SET own = ''2'', salary = 7 WHERE id = 1',
	'UPDATE regress_mask.crew SET own = ''1'', salary = 7 WHERE id = 2',
	'INSERT INTO regress_mask.staff (id, business, token) VALUES (9, ''north'', NULL)',
	'INSERT INTO regress_mask.staff (id, business, token, salary, phone, badge) VALUES (9, ''north'', NULL, 10, NULL, ''none'')',
	'INSERT INTO regress_mask.staff (id, business, token, salary) VALUES (9, ''north'', NULL, NULL)',
	'INSERT INTO regress_mask.staff (id, business, token, salary) VALUES (9, ''north'', NULL, 11)',
	'INSERT INTO regress_mask.staff (id, business, token, phone) VALUES (9, ''north'', NULL, ''555-2'')',
	'INSERT INTO regress_mask.staff (id, business, token, phone) VALUES (9, ''north'', NULL, ''555-2'') ON CONFLICT DO NOTHING',
	'INSERT INTO regress_mask.staff (id, business, own, phone) VALUES (9, ''north'', ''1'', ''555-9'')',
	'INSERT INTO regress_mask.staff (id, business) VALUES (9, ''north'')',
	'INSERT INTO regress_mask.staff (id, business, token) VALUES (1, ''north'', NULL) ON CONFLICT (id) DO UPDATE SET name = ''x''',
	'INSERT INTO regress_mask.staff (id, business, token) VALUES (2, ''north'', NULL) ON CONFLICT (id) DO UPDATE SET salary = EXCLUDED.salary',
	'MERGE INTO regress_mask.staff t USING (VALUES (2)) v (x) ON t.id = v.x WHEN MATCHED THEN UPDATE SET salary = 200',
	'UPDATE regress_mask.staff t SET salary = m.salary + 1 FROM regress_mask.staff_masked m WHERE m.id = t.id AND m.salary > 0']) WITH ORDINALITY q (q, n), unnest('{low,mid,high}'::text[]) who ORDER BY n, who;
RESET ROLE;
-- a trigger of the application is no way in either
CREATE FUNCTION regress_mask.raise_pay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.salary := COALESCE(NEW.salary, 0) + 1; RETURN NEW; END $$;
CREATE TRIGGER a BEFORE INSERT OR UPDATE ON regress_mask.staff FOR EACH ROW EXECUTE FUNCTION regress_mask.raise_pay();
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'UPDATE regress_mask.staff SET name = ''x'' WHERE id = 1'), regress_mask.try(who, 'INSERT INTO regress_mask.staff (id, business, token, own) VALUES (9, ''north'', NULL, ''1'')') FROM unnest('{low,mid}'::text[]) who ORDER BY who;
RESET ROLE;
DROP TRIGGER a ON regress_mask.staff;
-- one that changes nothing: the guard fires as a trigger
CREATE FUNCTION regress_mask.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER a BEFORE UPDATE ON regress_mask.staff FOR EACH ROW EXECUTE FUNCTION regress_mask.nothing();
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'UPDATE regress_mask.staff SET name = ''x'''), regress_mask.try(who, 'UPDATE regress_mask.staff SET salary = 100 WHERE id = 1') FROM unnest('{low,mid}'::text[]) who ORDER BY who;
RESET ROLE;
DROP TRIGGER a ON regress_mask.staff;
-- a default counts that is the same each time
CREATE FUNCTION regress_mask.go() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'go' $$;
CREATE FUNCTION regress_mask.chess() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'chess' $$;
BEGIN;
ALTER TABLE regress_mask.crew ALTER hobby SET DEFAULT regress_mask.go(), ALTER token SET DEFAULT NULL;
SELECT ambit.mask('regress_mask.crew', 'hobby', 'regress_mask.pay');
SELECT pg_get_expr(polwithcheck, polrelid) LIKE '%go()%' AS volatile FROM pg_policy WHERE polrelid = 'regress_mask.crew'::regclass AND polname = 'ambit_masks';
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('low', 'INSERT INTO regress_mask.crew (id, business) VALUES (9, ''north'')');
RESET ROLE;
ALTER TABLE regress_mask.crew ALTER hobby SET DEFAULT regress_mask.chess();
SELECT ambit.mask('regress_mask.crew', 'hobby', 'regress_mask.pay');
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('low', 'INSERT INTO regress_mask.crew (id, business) VALUES (9, ''north'')'), regress_mask.try('low', 'INSERT INTO regress_mask.crew (id, business, hobby) VALUES (9, ''north'', ''go'')');
RESET ROLE;
CREATE FUNCTION regress_mask.nil() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN NULL; END $$;
ALTER TABLE regress_mask.crew ALTER hobby SET DEFAULT regress_mask.nil();
SELECT ambit.mask('regress_mask.crew', 'hobby', 'regress_mask.pay');
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('low', 'INSERT INTO regress_mask.crew (id, business) VALUES (9, ''north'')'), regress_mask.try('low', 'INSERT INTO regress_mask.crew (id, business, hobby) VALUES (9, ''north'', ''go'')');
ROLLBACK;
-- nor do errors show what is masked
ALTER TABLE regress_mask.staff ADD CONSTRAINT paid CHECK (name <> 'broke' OR salary > 1000), ALTER salary SET NOT NULL;
SET ROLE regress_mask_app;
SELECT regress_mask.try('low', 'UPDATE regress_mask.staff SET name = ''broke'''), regress_mask.try('low', 'INSERT INTO regress_mask.staff (id, business, token, salary) VALUES (9, ''north'', NULL, NULL)'),
	regress_mask.try('high', 'INSERT INTO regress_mask.staff (id, business, phone) VALUES (9, ''north'', ''555-3'')');
RESET ROLE;
ALTER TABLE regress_mask.staff DROP CONSTRAINT paid, ALTER salary DROP NOT NULL;

-- ---- roles of the database ------------------------------------------------------------------------
SELECT r, has_table_privilege(r, 'regress_mask.staff', 'SELECT') AS tbl, has_column_privilege(r, 'regress_mask.staff', 'salary', 'SELECT') AS salary, has_column_privilege(r, 'regress_mask.staff', 'name', 'SELECT') AS name,
	has_table_privilege(r, 'regress_mask.staff_masked', 'SELECT') AS view, has_column_privilege(r, 'regress_mask.staff_masked', 'salary', 'SELECT') AS view_salary,
	has_column_privilege(r, 'regress_mask.staff_masked', 'name', 'SELECT') AS view_name, has_table_privilege(r, 'regress_mask.staff_masked', 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AS write
FROM unnest('{regress_mask_app,regress_mask_owner,regress_mask_reader,regress_mask_late,regress_mask_partial,public}'::text[]) r;
SET ROLE regress_mask_partial;
SELECT regress_mask.try('high', 'SELECT id, business, salary FROM regress_mask.staff_masked'), regress_mask.try('high', 'SELECT name FROM regress_mask.staff_masked'), regress_mask.try('high', 'SELECT id, salary FROM regress_mask.staff');
SET ROLE regress_mask_bypass;
SELECT regress_mask.try('low', 'SELECT salary FROM regress_mask.staff');
RESET ROLE;

-- ---- unmask() undoes ---------------------------------------------------------------------------
SELECT ambit.unmask('regress_mask.staff', 'token');
SET ROLE regress_mask_app;
SELECT regress_mask.try('low', 'SELECT id, token FROM regress_mask.staff ORDER BY id'), regress_mask.try('low', 'SELECT salary FROM regress_mask.staff');
RESET ROLE;
SELECT ambit.unmask('regress_mask.staff', c) FROM unnest('{salary,yearly,phone,badge}'::name[]) c;
-- 17 has a privilege more
SELECT to_regclass('regress_mask.staff_masked') AS view, replace(c.relacl::text, 'arwdDxtm', 'arwdDxt') AS relacl, ARRAY(SELECT a.attname || ' ' || a.attacl::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl <> '{}') AS columns
FROM pg_class c WHERE c.oid = 'regress_mask.staff'::regclass;
SELECT count(*) FROM pg_policy WHERE polrelid = 'regress_mask.staff'::regclass AND polname = 'ambit_masks';
SET ROLE regress_mask_app;
SELECT regress_mask.try('low', 'SELECT id, salary, phone, yearly FROM regress_mask.staff ORDER BY id'), regress_mask.try('low', 'UPDATE regress_mask.staff SET salary = 1');
RESET ROLE;
SELECT ambit.mask('regress_mask.staff', 'yearly', 'regress_mask.pay'), ambit.mask('regress_mask.staff', 'salary', 'regress_mask.pay'), ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.details');

-- ---- fields that a tenant marks -----------------------------------------------------------------
-- of those permissions only arms of scope all open the field; mid has them for his own rows
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, salary, hobby FROM regress_mask.staff_masked ORDER BY id'), regress_mask.try(who, 'UPDATE regress_mask.staff SET hobby = ''tennis'' WHERE id = 1') FROM unnest('{low,mid,local,high}'::text[]) who ORDER BY who;
SELECT q, who, regress_mask.try(who, format('SELECT ambit.set_field_visible(%s)', q)) FROM unnest(ARRAY[
	$$'north', 'regress_mask.staff', 'hobby', true$$, $$'south', 'regress_mask.staff', 'hobby', true$$, $$'north', 'regress_mask.staff', 'name', true$$, $$'north', 'regress_mask.attacks', 'n', true$$,
	$$'north', 'regress_mask.staff', 'hobby', NULL$$, $$NULL, 'regress_mask.staff', 'hobby', true$$]) WITH ORDINALITY q (q, n), unnest('{low,admin,mid,local,high}'::text[]) who ORDER BY n, who;
-- a marked field is shown by every channel and for good: who sees it by one channel only, until tomorrow or while a feature is on does not mark it
RESET ROLE;
SELECT ambit.set_feature('north', 'hints', true);
SELECT ambit.add_member('north', u), ambit.assign_role('north', u, 'admin') FROM unnest('{webby,brief,hinted}'::text[]) u;
SELECT ambit.assign_role('north', 'webby', 'webby'), ambit.assign_role('north', 'hinted', 'hinted'), ambit.assign_role('north', 'brief', 'high', valid_until => now() + interval '1 day');
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id', channel => 'web') AS sees,
	regress_mask.try(who, format($$SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'hobby', %L)$$, visible), channel => 'web') AS marks
FROM unnest('{webby,brief,hinted,high}'::text[]) who, unnest('{t,f}'::boolean[]) visible ORDER BY who, visible;
RESET ROLE;
SELECT ambit.remove_member('north', u) FROM unnest('{webby,brief,hinted}'::text[]) u;
SET ROLE regress_mask_app;
BEGIN;
SELECT ambit.assume('north', 'high');
SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'hobby', true);
SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'hobby', true);
SELECT ambit.assume('north', 'low');
SELECT id, salary, hobby FROM regress_mask.staff_masked ORDER BY id;
SAVEPOINT s;
UPDATE regress_mask.staff SET hobby = 'tennis' WHERE id = 2;
INSERT INTO regress_mask.staff (id, business, hobby) VALUES (9, 'north', 'ludo');
ROLLBACK TO s;
-- whoever does not see the row sees no field, and neither does another tenant
SELECT regress_mask.try('payer', 'SELECT id, hobby FROM regress_mask.staff_masked'), regress_mask.try('low', 'SELECT id, hobby FROM regress_mask.staff_masked', 'south');
COMMIT;
SELECT who, regress_mask.try(who, 'SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id') FROM unnest('{low,mid}'::text[]) who ORDER BY who;
RESET ROLE;
-- asked by hand it tells no more; what is no constant opens nothing
SELECT mask AS hobby FROM ambit._masks('regress_mask.staff') WHERE "column" = 'hobby' \gset
SET ROLE regress_mask_app;
BEGIN;
SELECT ambit.assume('north', 'low');
SELECT ambit._unmasks(:hobby, 'regress_mask.details', 'north'::text, NULL, NULL, NULL, NULL, NULL) AS mine,
	ambit._unmasks(:hobby, 'regress_mask.details', 'south'::text, NULL, NULL, NULL, NULL, NULL) AS others,
	ambit._unmasks(:hobby, 'regress_mask.details', NULL::text, NULL, NULL, NULL, NULL, NULL) AS nobodys,
	ambit._unmasks(:hobby, 'regress_mask.details', NULL, NULL, NULL, NULL, NULL, NULL) AS unbound,
	ambit._unmasks(NULL, 'regress_mask.details', 'north'::text, NULL, NULL, NULL, NULL, NULL) AS no_mask,
	ambit._unmasks(:hobby + 1, 'regress_mask.nothing', 'north'::text, NULL, NULL, NULL, NULL, NULL) AS unknown,
	ambit._unmasks(g, 'regress_mask.details', 'north'::text, NULL, NULL, NULL, NULL, NULL) AS not_constant
FROM generate_series(:hobby, :hobby) g;
ROLLBACK;
RESET ROLE;
-- a policy of one's own that looks like ambit's marks no field of another table
BEGIN;
SET LOCAL ROLE regress_mask_app;
CREATE TABLE regress_mask.mine (c text);
ALTER TABLE regress_mask.mine ENABLE ROW LEVEL SECURITY;
CREATE POLICY ambit_masks ON regress_mask.mine AS RESTRICTIVE FOR INSERT WITH CHECK (ambit._mask(:'hobby', 'regress_mask.admin', c, NULL::text));
SELECT column_name FROM (SELECT "column" AS column_name FROM ambit._masks('regress_mask.mine')) m;
SELECT regress_mask.try('admin', 'SELECT ambit.set_field_visible(''north'', ''regress_mask.mine'', ''c'', false)');
SELECT regress_mask.try('admin', 'SELECT ambit.set_field_visible(''north'', ''regress_mask.staff'', ''hobby'', false)');
ROLLBACK;
-- live, also for a transaction that keeps its snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('north', 'low');
SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id;
SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'hobby', false);
SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id;
ROLLBACK;
\set VERBOSITY sqlstate
SELECT ambit.set_field_visible('nort', 'regress_mask.staff', 'hobby', true);
SELECT ambit.set_field_visible('north', NULL, 'hobby', true);
SELECT ambit.set_field_visible('north', 'regress_mask.staff', NULL, true);
SELECT ambit.set_field_visible('', 'regress_mask.staff', 'hobby', true);
SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'name', true);
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT ambit.assume('north', 'high');
SET LOCAL ROLE regress_mask_app;
SELECT ambit.set_field_visible('north', 'regress_mask.staff', 'hobby', false);
ROLLBACK;
\set VERBOSITY default
-- the same permission again changes nothing; another one is another mask, which nobody has marked
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.details');
SELECT count(*) AS marked FROM ambit.tenant_field;
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
SELECT count(*) AS marked FROM ambit.tenant_field;
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id') FROM unnest('{low,mid,high}'::text[]) who ORDER BY who;
RESET ROLE;

-- ---- the table changes ------------------------------------------------------------------------
-- renamed: the mask follows, the view keeps its names until it is made anew, exchanged names too
ALTER TABLE regress_mask.staff RENAME salary TO wage;
ALTER TABLE regress_mask.staff RENAME hobby TO salary;
ALTER TABLE regress_mask.staff RENAME wage TO hobby;
ALTER TABLE regress_mask.staff RENAME TO people;
ALTER VIEW regress_mask.staff_masked RENAME TO seen;
SELECT * FROM ambit._masks('regress_mask.people') ORDER BY mask;
SET ROLE regress_mask_app;
SELECT regress_mask.try('mid', 'SELECT id, salary, hobby FROM regress_mask.seen ORDER BY id'), regress_mask.try('low', 'UPDATE regress_mask.people SET hobby = 3'), regress_mask.try('low', 'SELECT salary FROM regress_mask.people');
RESET ROLE;
SELECT ambit.mask('regress_mask.people', 'hobby', 'regress_mask.pay');
SET ROLE regress_mask_app;
SELECT regress_mask.try('mid', 'SELECT id, salary, hobby FROM regress_mask.seen ORDER BY id');
RESET ROLE;
ALTER TABLE regress_mask.people RENAME TO staff;
ALTER VIEW regress_mask.seen RENAME TO staff_masked;
-- retyped: PostgreSQL refuses
\set VERBOSITY sqlstate
ALTER TABLE regress_mask.staff ALTER salary TYPE varchar(30);
ALTER TABLE regress_mask.staff DROP COLUMN salary;
\set VERBOSITY default
-- a new column is nobody's until it is granted, and comes into the view with the next call
ALTER TABLE regress_mask.staff ADD COLUMN nick text DEFAULT 'nick';
SET ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT nick FROM regress_mask.staff'), regress_mask.try('high', 'SELECT nick FROM regress_mask.staff_masked');
RESET ROLE;
SELECT ambit.mask('regress_mask.staff', 'salary', 'regress_mask.pay');
SET ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT nick FROM regress_mask.staff'), regress_mask.try('high', 'SELECT id, nick FROM regress_mask.staff_masked ORDER BY id');
RESET ROLE;
-- rules come and go: the view of a superuser's table follows
SELECT ambit.add_rule('regress_mask.crew', 'select', 'regress_mask.pay', "when" => 'salary > 150') AS rule \gset
SET ROLE regress_mask_app;
SELECT regress_mask.try('payer', 'SELECT id, salary FROM regress_mask.crew_masked');
RESET ROLE;
SELECT ambit.drop_rule(:rule);
SET ROLE regress_mask_app;
SELECT regress_mask.try('payer', 'SELECT id, salary FROM regress_mask.crew_masked');
RESET ROLE;
-- a row that may be given away is no row that is seen
BEGIN;
SELECT ambit.add_rule('regress_mask.crew', 'update', 'regress_mask.pay', columns => '{own}', checks => 'old') > 0 AS rule;
SELECT pg_get_viewdef('regress_mask.crew_masked') LIKE '%given%' AS given;
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('payer', 'SELECT id FROM regress_mask.crew_masked'), regress_mask.try('low', 'SELECT id, salary FROM regress_mask.crew_masked ORDER BY id');
ROLLBACK;
-- a masked column that is dropped with CASCADE takes the view along, and closes the table
ALTER TABLE regress_mask.staff DROP COLUMN salary CASCADE;
SET ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT id FROM regress_mask.staff'), regress_mask.try('high', 'SELECT id FROM regress_mask.staff_masked'), regress_mask.try('high', 'UPDATE regress_mask.staff SET name = ''x''');
RESET ROLE;
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
SET ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT id FROM regress_mask.staff');
RESET ROLE;
SELECT ambit.unmask('regress_mask.staff', 'salary');
SET ROLE regress_mask_app;
-- the others are masked as before; a view that is made again is its owner's alone
SELECT regress_mask.try('high', 'SELECT id FROM regress_mask.staff ORDER BY id'), regress_mask.try('high', 'SELECT hobby FROM regress_mask.staff'), regress_mask.try('high', 'SELECT id FROM regress_mask.staff_masked');
RESET ROLE;
GRANT SELECT ON regress_mask.staff_masked TO regress_mask_app;
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id') FROM unnest('{low,mid,high}'::text[]) who ORDER BY who;
RESET ROLE;
-- somebody drops the policy: closed
BEGIN;
DROP POLICY ambit_masks ON regress_mask.staff;
SELECT regress_mask.try('high', 'SELECT id, hobby FROM regress_mask.staff_masked');
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT id FROM regress_mask.staff');
ROLLBACK;
-- the owner of the table puts there what is no column: closed
BEGIN;
SELECT string_agg('ambit._mask(''' || n || ''', ''regress_mask.pay'', tableoid, NULL::oid)', ' AND ') AS checks
FROM generate_series(1, (SELECT count(*) FROM ambit.mask WHERE relation = 'regress_mask.staff'::regclass)) n \gset
SET LOCAL ROLE regress_mask_owner;
ALTER POLICY ambit_masks ON regress_mask.staff WITH CHECK (:checks);
SELECT regress_mask.try('high', 'UPDATE regress_mask.staff SET name = ''Eve''');
ROLLBACK;

-- ---- policies of others, and owners ---------------------------------------------------------------
-- they narrow what the view shows, or close it
BEGIN;
CREATE POLICY narrow ON regress_mask.staff AS RESTRICTIVE FOR SELECT USING (name = 'Ada');
SET LOCAL ROLE regress_mask_app;
SELECT regress_mask.try('high', 'SELECT id, name FROM regress_mask.staff_masked');
ROLLBACK;
BEGIN;
CREATE POLICY narrow ON regress_mask.staff AS RESTRICTIVE TO regress_mask_app USING (name = 'Ada');
SELECT regress_mask.try('high', 'SELECT id, name FROM regress_mask.staff_masked');
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
ROLLBACK;
BEGIN;
CREATE POLICY narrow ON regress_mask.crew AS RESTRICTIVE USING (name = 'Ada');
SELECT regress_mask.try('high', 'SELECT id, name FROM regress_mask.crew_masked');
SELECT ambit.mask('regress_mask.crew', 'hobby', 'regress_mask.pay');
ROLLBACK;
-- a subquery in a condition is judged under row-level security
BEGIN;
SELECT ambit.add_rule('regress_mask.staff', 'select', 'regress_mask.pay', "when" => 'EXISTS (SELECT FROM regress_mask.attacks)') > 0 AS rule;
SELECT regress_mask.try('payer', 'SELECT id, name FROM regress_mask.staff_masked');
SELECT ambit.add_rule('regress_mask.crew', 'select', 'regress_mask.pay', "when" => 'EXISTS (SELECT FROM regress_mask.attacks)') > 0 AS rule;
ROLLBACK;
-- an owner whom row-level security does not hold any more: closed until the view is made anew
BEGIN;
ALTER ROLE regress_mask_owner BYPASSRLS;
SELECT regress_mask.try('mid', 'SELECT id, hobby FROM regress_mask.staff_masked');
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
SELECT regress_mask.try('mid', 'SELECT id, hobby FROM regress_mask.staff_masked');
ROLLBACK;
BEGIN;
ALTER TABLE regress_mask.staff NO FORCE ROW LEVEL SECURITY;
SELECT regress_mask.try('mid', 'SELECT id, hobby FROM regress_mask.staff_masked');
ROLLBACK;
-- another owner
BEGIN;
ALTER TABLE regress_mask.staff OWNER TO regress_mask_late;
SELECT regress_mask.try('high', 'SELECT id, hobby FROM regress_mask.staff_masked');
SAVEPOINT s;
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
ROLLBACK TO s;
ALTER VIEW regress_mask.staff_masked OWNER TO regress_mask_late;
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
SELECT regress_mask.try('mid', 'SELECT id, hobby FROM regress_mask.staff_masked ORDER BY id');
ROLLBACK;
-- what the owner takes from the view comes back
BEGIN;
ALTER VIEW regress_mask.staff_masked RESET (security_barrier);
SELECT ambit.mask('regress_mask.staff', 'hobby', 'regress_mask.pay');
SELECT reloptions FROM pg_class WHERE oid = 'regress_mask.staff_masked'::regclass;
ROLLBACK;
-- other views depend on it
BEGIN;
CREATE VIEW regress_mask.dependent AS SELECT hobby FROM regress_mask.crew_masked;
SELECT ambit.mask('regress_mask.crew', 'hobby', 'regress_mask.pay');
SELECT ambit.unprotect('regress_mask.crew');
ROLLBACK;

-- ---- parents, partitions, inheritance ----------------------------------------------------------------
CREATE TABLE regress_mask.note (id int PRIMARY KEY, person int REFERENCES regress_mask.crew, body text, mood text);
INSERT INTO regress_mask.note VALUES (1, 1, 'one', 'good'), (2, 2, 'two', 'bad'), (3, 3, 'three', 'odd'), (4, NULL, 'four', 'low');
CREATE TABLE regress_mask.reply (id int PRIMARY KEY, note int, own text, body text);
INSERT INTO regress_mask.reply VALUES (1, 1, NULL, 'one'), (2, 2, '1', 'two'), (3, 3, '1', 'three');
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_mask.note, regress_mask.reply TO regress_mask_app;
SELECT ambit.protect('regress_mask.note', parent => 'regress_mask.crew', parent_key => 'person');
SELECT ambit.protect('regress_mask.reply', owner => 'own', parent => 'regress_mask.note', parent_key => 'note');
SELECT ambit.add_rule(r, c, p::ambit.permission) > 0 AS rule
FROM unnest('{regress_mask.note,regress_mask.reply}'::regclass[]) r, (VALUES ('select', 'regress_mask.view'), ('select', 'regress_mask.pay'), ('insert', 'regress_mask.add'), ('update', 'regress_mask.edit')) v (c, p);
SELECT ambit.mask('regress_mask.note', 'body', 'regress_mask.pay'), ambit.mask('regress_mask.note', 'mood', 'regress_mask.details'), ambit.mask('regress_mask.reply', 'body', 'regress_mask.pay');
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT * FROM regress_mask.note_masked ORDER BY id') AS note, regress_mask.try(who, 'SELECT * FROM regress_mask.reply_masked ORDER BY id') AS reply
FROM unnest('{low,mid,high,local,payer,NULL}'::text[]) who ORDER BY who;
SELECT who, regress_mask.try(who, 'UPDATE regress_mask.note SET body = ''x'' WHERE id = 1'), regress_mask.try(who, 'UPDATE regress_mask.note SET body = ''two'' WHERE id = 2'), regress_mask.try(who, 'UPDATE regress_mask.note SET person = 2, body = ''x'' WHERE id = 1'),
	regress_mask.try(who, 'INSERT INTO regress_mask.note VALUES (9, 1, ''x'')'), regress_mask.try(who, 'INSERT INTO regress_mask.note VALUES (9, 2, ''x'')'), regress_mask.try(who, 'INSERT INTO regress_mask.note VALUES (9, 2)')
FROM unnest('{low,mid,high}'::text[]) who ORDER BY who;
RESET ROLE;
-- the same of ordinary owners, and with a field that the tenant marked
ALTER TABLE regress_mask.note OWNER TO regress_mask_owner;
ALTER VIEW regress_mask.note_masked OWNER TO regress_mask_owner;
ALTER TABLE regress_mask.reply OWNER TO regress_mask_owner;
ALTER VIEW regress_mask.reply_masked OWNER TO regress_mask_owner;
GRANT SELECT (id, business, place, own) ON regress_mask.crew TO regress_mask_owner;
SELECT ambit.mask('regress_mask.note', 'body', 'regress_mask.pay'), ambit.mask('regress_mask.reply', 'body', 'regress_mask.pay');
SELECT ambit.set_field_visible('north', 'regress_mask.note', 'mood', true);
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT * FROM regress_mask.note_masked ORDER BY id') AS note, regress_mask.try(who, 'SELECT * FROM regress_mask.reply_masked ORDER BY id') AS reply
FROM unnest('{low,mid,high,local,payer,NULL}'::text[]) who ORDER BY who;
RESET ROLE;
SELECT ambit.unprotect('regress_mask.reply'), ambit.unprotect('regress_mask.note');
SELECT count(*) AS views FROM pg_views WHERE schemaname = 'regress_mask' AND viewname IN ('note_masked', 'reply_masked');
SELECT has_table_privilege('regress_mask_app', 'regress_mask.note', 'SELECT') AS given_back;

CREATE TABLE regress_mask.parted (id int, business text, own text, pay int, grade int) PARTITION BY LIST (grade);
CREATE TABLE regress_mask.part1 (own text, pay int, grade int, id int, business text);
ALTER TABLE regress_mask.parted ATTACH PARTITION regress_mask.part1 FOR VALUES IN (1);
CREATE TABLE regress_mask.part2 PARTITION OF regress_mask.parted FOR VALUES IN (2);
INSERT INTO regress_mask.parted VALUES (1, 'north', '1', 100, 1), (2, 'north', '2', 200, 2), (3, 'south', '1', 300, 1);
CREATE TABLE regress_mask.base (id int, business text, own text, pay int);
CREATE TABLE regress_mask.child (extra int) INHERITS (regress_mask.base);
INSERT INTO regress_mask.base VALUES (1, 'north', '1', 100);
INSERT INTO regress_mask.child VALUES (2, 'north', '2', 200, 0);
GRANT ALL ON regress_mask.parted, regress_mask.part1, regress_mask.part2, regress_mask.base, regress_mask.child TO regress_mask_app;
SELECT ambit.protect(r, tenant => 'business', owner => 'own') FROM unnest('{regress_mask.parted,regress_mask.base}'::regclass[]) r;
SELECT ambit.add_rule(r, c, p::ambit.permission) > 0 AS rule
FROM unnest('{regress_mask.parted,regress_mask.base}'::regclass[]) r, (VALUES ('select', 'regress_mask.view'), ('insert', 'regress_mask.add'), ('update', 'regress_mask.edit')) v (c, p);
SELECT ambit.mask(r, 'pay', 'regress_mask.pay') FROM unnest('{regress_mask.parted,regress_mask.base}'::regclass[]) r;
-- not what says which partition a row is in, be it in an expression or of a partition's own: EXPLAIN names the part
SELECT ambit.mask('regress_mask.parted', 'grade', 'regress_mask.pay');
BEGIN;
CREATE TABLE regress_mask.sorted (id int, business text, pay int, worth int) PARTITION BY RANGE ((pay / 10));
CREATE TABLE regress_mask.sorted_1 PARTITION OF regress_mask.sorted FOR VALUES FROM (0) TO (10) PARTITION BY LIST (worth);
SELECT ambit.protect('regress_mask.sorted', tenant => 'business');
SAVEPOINT s;
SELECT ambit.mask('regress_mask.sorted', 'pay', 'regress_mask.pay');
ROLLBACK TO s;
SELECT ambit.mask('regress_mask.sorted', 'worth', 'regress_mask.pay');
ROLLBACK;
-- a column that is computed from a masked one, and comes after it
BEGIN;
ALTER TABLE regress_mask.base ADD doubled int GENERATED ALWAYS AS (pay * 2) STORED;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_mask TO regress_mask_app;
SET LOCAL ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, doubled FROM regress_mask.base'), regress_mask.try(who, 'SELECT id FROM regress_mask.base WHERE doubled > 0'), regress_mask.try(who, 'SELECT id, own FROM regress_mask.base')
FROM unnest('{low,high}'::text[]) who ORDER BY who;
ROLLBACK;
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, pay FROM regress_mask.parted_masked ORDER BY id') AS parted, regress_mask.try(who, 'SELECT id, pay FROM regress_mask.base_masked ORDER BY id') AS base,
	regress_mask.try(who, 'SELECT pay FROM regress_mask.part1') AS part, regress_mask.try(who, 'SELECT pay FROM regress_mask.child') AS child, regress_mask.try(who, 'SELECT pay FROM regress_mask.parted') AS direct
FROM unnest('{low,mid,high}'::text[]) who ORDER BY who;
SELECT who, q, regress_mask.try(who, q) FROM unnest(ARRAY[
	'UPDATE regress_mask.parted SET pay = 100 WHERE id = 1', 'UPDATE regress_mask.parted SET pay = 200 WHERE id = 2', 'UPDATE regress_mask.parted SET own = own WHERE id = 2',
	'INSERT INTO regress_mask.parted VALUES (4, ''north'', ''1'', 5, 1)', 'INSERT INTO regress_mask.parted VALUES (4, ''north'', ''2'', 5, 1)', 'INSERT INTO regress_mask.parted VALUES (4, ''north'', ''2'', NULL, 1)',
	'INSERT INTO regress_mask.part1 (pay, grade) VALUES (5, 1)', 'UPDATE regress_mask.base SET pay = 200 WHERE id = 2', 'UPDATE regress_mask.base SET pay = 1 WHERE id = 1', 'UPDATE regress_mask.child SET pay = 1']) WITH ORDINALITY q (q, n), unnest('{low,mid}'::text[]) who ORDER BY n, who;
RESET ROLE;

-- ---- a table of the only tenant's; a name that is cut to fit ------------------------------------------------
CREATE TABLE regress_mask."Ünïcödé names that are as long as names may be, for tests only" (id int PRIMARY KEY, business text, "a ""column""" text);
GRANT SELECT ON regress_mask."Ünïcödé names that are as long as names may be, for tests only" TO regress_mask_app;
SELECT ambit.protect('regress_mask."Ünïcödé names that are as long as names may be, for tests only"', tenant => 'business');
SELECT ambit.mask('regress_mask."Ünïcödé names that are as long as names may be, for tests only"', 'a "column"', 'regress_mask.pay');
DROP TABLE regress_mask."Ünïcödé names that are as long as names may be, for tests only" CASCADE;

-- ---- opus1: limited staff see name, age and whether a dependant, no more ---------------------------------------
CREATE TABLE regress_mask.client (id bigint PRIMARY KEY, school text NOT NULL, name text, born date, guardian bigint, email text, phone text, address text, notes text);
CREATE TABLE regress_mask.lesson (school text, teacher bigint, client bigint, starts_at timestamptz);
INSERT INTO regress_mask.client VALUES (1, 'regress_opus', 'Ada', '2010-01-01', NULL, 'ada@x', '555', 'Here 1', 'n'), (2, 'regress_opus', 'Ben', '2012-01-01', 1, 'ben@x', '556', 'Here 1', 'm'), (3, 'regress_opus', 'Cyd', '2000-01-01', NULL, 'cyd@x', '557', 'There', 'o');
INSERT INTO regress_mask.lesson VALUES ('regress_opus', 7, 1, now() - interval '3 days'), ('regress_opus', 7, 2, now() + interval '3 days');
SELECT ambit.create_tenant('regress_opus', 'opus1');
SELECT ambit.add_member('regress_opus', r, '{"staff": "7"}'), ambit.assign_role('regress_opus', r, r) FROM unnest('{limited_staff,staff,owner}'::text[]) r;
SELECT ambit.bind_relationship('served', 'SELECT school AS tenant, teacher AS subject, client AS object, starts_at AS at FROM regress_mask.lesson');
GRANT SELECT, UPDATE ON regress_mask.client TO regress_mask_app;
SELECT ambit.protect('regress_mask.client', tenant => 'school', client => 'id');
SELECT ambit.add_rule('regress_mask.client', 'select', 'clients.view') > 0 AS rule, ambit.add_rule('regress_mask.client', 'update', 'clients.personal_information.edit') > 0 AS rule;
SELECT DISTINCT ambit.mask('regress_mask.client', c, 'clients.personal_information.view') FROM unnest('{email,phone,address,notes}'::name[]) c;
SET ROLE regress_mask_app;
SELECT who, regress_mask.try(who, 'SELECT id, name, born, guardian IS NOT NULL AS dependant, email, phone, address, notes FROM regress_mask.client_masked ORDER BY id', 'regress_opus') FROM unnest('{limited_staff,staff,owner}'::text[]) who ORDER BY who;
SELECT who, regress_mask.try(who, 'UPDATE regress_mask.client SET phone = ''1''', 'regress_opus') FROM unnest('{limited_staff,owner}'::text[]) who ORDER BY who;
RESET ROLE;
-- the toggle opens it, live
SELECT count(*) AS changed FROM ambit.set_role_permission('regress_opus', 'limited_staff', 'clients.personal_information.view', true);
SET ROLE regress_mask_app;
SELECT regress_mask.try('limited_staff', 'SELECT id, name, phone FROM regress_mask.client_masked ORDER BY id', 'regress_opus'), regress_mask.try('limited_staff', 'UPDATE regress_mask.client SET phone = ''1''', 'regress_opus');
RESET ROLE;

-- ---- time_to_pet: fields that are Staff Visible -----------------------------------------------------------------
CREATE TABLE regress_mask.pet (id int PRIMARY KEY, company text, client int, name text, vet text, alarm text);
CREATE TABLE regress_mask.assigned (company text, sitter int, client int);
INSERT INTO regress_mask.pet VALUES (1, 'regress_pets', 11, 'Rex', 'Dr. Who', '1234'), (2, 'regress_pets', 12, 'Tom', 'Dr. No', '9999');
INSERT INTO regress_mask.assigned VALUES ('regress_pets', 5, 11);
SELECT ambit.create_tenant('regress_pets', 'time_to_pet');
SELECT ambit.add_member('regress_pets', r, '{"staff": "5"}'), ambit.assign_role('regress_pets', r, r) FROM unnest('{trainee,staff,office_manager,admin}'::text[]) r;
SELECT ambit.bind_relationship('assigned_clients', 'SELECT company AS tenant, sitter AS subject, client AS object FROM regress_mask.assigned');
GRANT SELECT, UPDATE ON regress_mask.pet TO regress_mask_app;
SELECT ambit.protect('regress_mask.pet', tenant => 'company', client => 'client');
SELECT ambit.add_rule('regress_mask.pet', 'select', 'clients.details.view') > 0 AS rule, ambit.add_rule('regress_mask.pet', 'update', 'clients.details.edit') > 0 AS rule;
SELECT DISTINCT ambit.mask('regress_mask.pet', c, 'clients.details.view') FROM unnest('{vet,alarm}'::name[]) c;
SELECT count(*) AS changed FROM ambit.set_role_permission('regress_pets', 'staff', 'clients.details.edit', true);
CREATE FUNCTION regress_mask.on_web(who text, query text) RETURNS text LANGUAGE sql AS $$
	SELECT regress_mask.try(who, query, 'regress_pets', 'web')
$$;
SET ROLE regress_mask_app;
SELECT who, regress_mask.on_web(who, 'SELECT id, name, vet, alarm FROM regress_mask.pet_masked ORDER BY id') AS sees, regress_mask.on_web(who, 'UPDATE regress_mask.pet SET vet = ''Dr. Jones''') AS edits FROM unnest('{trainee,staff,office_manager,admin}'::text[]) who ORDER BY who;
SELECT who, regress_mask.on_web(who, $$SELECT ambit.set_field_visible('regress_pets', 'regress_mask.pet', 'vet', true)$$) FROM unnest('{trainee,staff,office_manager,admin}'::text[]) who ORDER BY who;
BEGIN;
SELECT ambit.assume('regress_pets', 'admin', 'web');
SELECT ambit.set_field_visible('regress_pets', 'regress_mask.pet', 'vet', true);
COMMIT;
SELECT who, regress_mask.on_web(who, 'SELECT id, name, vet, alarm FROM regress_mask.pet_masked ORDER BY id') AS sees, regress_mask.on_web(who, 'UPDATE regress_mask.pet SET vet = ''Dr. Jones''') AS edits,
	regress_mask.on_web(who, 'UPDATE regress_mask.pet SET alarm = ''0''') AS edits_alarm FROM unnest('{trainee,staff,office_manager,admin}'::text[]) who ORDER BY who;
RESET ROLE;

-- ---- writing what one does not see: as the rules say, and nothing is found out by guessing ----
CREATE TABLE regress_mask.blind (id int PRIMARY KEY, business text, own text, name text, pay int, hobby text);
INSERT INTO regress_mask.blind VALUES (1, 'north', '2', 'one', 100, 'chess');
SELECT ambit.protect('regress_mask.blind', tenant => 'business', owner => 'own');
SELECT ambit.add_rule('regress_mask.blind', 'select', 'regress_mask.view') > 0 AS rule, ambit.add_rule('regress_mask.blind', 'insert', 'regress_mask.add') > 0 AS rule,
	ambit.add_rule('regress_mask.blind', 'update', 'regress_mask.edit', columns => '{name,hobby}') > 0 AS rule;
GRANT ALL ON regress_mask.blind TO regress_mask_app;
SELECT ambit.mask('regress_mask.blind', 'pay', 'regress_mask.pay'), ambit.mask('regress_mask.blind', 'hobby', 'regress_mask.details');
SET ROLE regress_mask_app;
SELECT q, who, regress_mask.try(who, q) FROM unnest(ARRAY[
	$$UPDATE regress_mask.blind SET pay = 100 WHERE id = 1$$, $$UPDATE regress_mask.blind SET pay = 1 WHERE id = 1$$,
	$$UPDATE regress_mask.blind SET hobby = 'chess' WHERE id = 1$$, $$UPDATE regress_mask.blind SET hobby = 'go' WHERE id = 1$$, $$UPDATE regress_mask.blind SET name = 'x' WHERE id = 1$$,
	$$INSERT INTO regress_mask.blind VALUES (2, 'north', '2', 'two', 100)$$, $$INSERT INTO regress_mask.blind VALUES (2, 'north', '2', 'two', 100, 'go')$$]) WITH ORDINALITY q (q, n),
	unnest('{low,high}'::text[]) who ORDER BY n, who;
RESET ROLE;
SELECT ambit.unprotect('regress_mask.blind');

-- ---- the end of a protection ---------------------------------------------------------------------------------
SELECT ambit.unprotect(r) FROM unnest('{regress_mask.staff,regress_mask.crew,regress_mask.parted,regress_mask.base,regress_mask.client,regress_mask.pet}'::regclass[]) r;
SELECT (SELECT count(*) FROM ambit.mask m JOIN pg_class c ON c.oid = m.relation) AS masks, (SELECT count(*) FROM ambit.tenant_field) AS marked, (SELECT count(*) FROM pg_views WHERE schemaname = 'regress_mask') AS views;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_mask REVOKE ALL ON TABLES FROM PUBLIC, regress_mask_late;
SELECT ambit.unbind_relationship(r) FROM unnest('{served,assigned_clients}'::text[]) r;
SELECT ambit.drop_tenant(t) FROM unnest('{north,south,regress_opus,regress_pets}'::text[]) t;
DROP SCHEMA regress_mask CASCADE;
SELECT ambit.untrust_application(r) FROM unnest('{regress_mask_app,regress_mask_owner,regress_mask_reader,regress_mask_partial,regress_mask_late,regress_mask_bypass}'::regrole[]) r;
SELECT ambit.revoke_administration('regress_mask_dba');
DELETE FROM ambit.template WHERE template = 'regress_mask';
DELETE FROM ambit.permission_key WHERE key LIKE 'regress_mask.%';
DROP ROLE regress_mask_app, regress_mask_owner, regress_mask_reader, regress_mask_partial, regress_mask_late, regress_mask_bypass, regress_mask_dba;
