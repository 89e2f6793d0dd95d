--
-- exchange: import, export and comparison of templates, by a DBA that is no
-- superuser.  All but the first part in one transaction that is rolled back.
--
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset null NULL

-- a comparison writes nothing: it works where nothing can be written, also of a template that is new
BEGIN TRANSACTION READ ONLY;
SELECT * FROM ambit.diff_template(ambit.export_template('opus1'));
SELECT * FROM ambit.diff_template('{"template": "regress_new", "title": "New", "permissions": [{"key": "regress_new.a"}],
	"roles": [{"role": "r"}], "cells": [{"role": "r", "permission": "regress_new.a", "enabled": true, "entries": [{"scope": "all"}]}]}');
SELECT * FROM ambit.diff_template('{"template": "regress_new"}', false);
-- nobody follows it, so nobody changes
SELECT * FROM ambit.diff_template('{"template": "regress_new"}', true);
SELECT ambit.import_template('{"template": "regress_new"}');
ROLLBACK;

BEGIN;
CREATE ROLE regress_exchange_dba;
CREATE ROLE regress_exchange_app;
SELECT ambit.grant_administration('regress_exchange_dba');
SELECT ambit.trust_application('regress_exchange_app');
CREATE SCHEMA regress_exchange;
GRANT USAGE ON SCHEMA regress_exchange TO regress_exchange_dba, regress_exchange_app;

-- the model that all of this is about
CREATE FUNCTION regress_exchange.spa() RETURNS jsonb LANGUAGE sql AS $$ SELECT '{
	"template": "regress_spa", "title": "A spa", "visitor_role": "guest", "clients_permission": "regress_spa.clients.view",
	"terms": {"treatments": {"title": "Treatments", "source": "call them what you like"}},
	"features": {"chat": {"title": "Chat"}},
	"scopes": {"treated": {"relationship": "treated", "back": "15 days", "ahead": "1 month"}, "family": {"relationship": "family", "subject": "client"}},
	"permissions": [{"key": "regress_spa.treatments.view"}, {"key": "regress_spa.clients.view", "title": "View clients", "source": "may see clients"},
		{"key": "regress_spa.treatments.book", "title": "Book Treatments"}, {"key": "regress_spa.notes.write"}, {"key": "regress_spa.staff.manage"}],
	"roles": [{"role": "guest"}, {"role": "therapist", "title": "Therapist"}, {"role": "manager", "inherits": ["therapist", "guest"]},
		{"role": "owner", "inherits": ["manager"], "single": true}],
	"cells": [
		{"role": "guest", "permission": "regress_spa.treatments.view", "enabled": true, "locked": true, "entries": [{"scope": "all"}], "source": "everybody sees what there is"},
		{"role": "therapist", "permission": "regress_spa.clients.view", "enabled": true, "entries": [{"scope": "treated"}, {"scope": "all", "requires": ["regress_spa.treatments.book"], "feature": "chat", "channels": ["web"], "targets": ["therapist", "guest"]}]},
		{"role": "therapist", "permission": "regress_spa.notes.write", "enabled": true, "requires": ["regress_spa.clients.view"], "entries": [{"scope": "own"}]},
		{"role": "manager", "permission": "regress_spa.treatments.book", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "regress_spa.staff.manage", "enabled": false, "locked": true}],
	"administration": {"add_member": "regress_spa.staff.manage", "set_label": "regress_spa.staff.manage"},
	"marked_fields": ["regress_spa.notes.write", "regress_spa.clients.view"]}'::jsonb $$;

-- ---- import and export ----------------------------------------------------------
SET ROLE regress_exchange_dba;
SELECT ambit.import_template(regress_exchange.spa());
SELECT jsonb_pretty(ambit.export_template('regress_spa'));
SELECT * FROM ambit.diff_template(regress_exchange.spa());

-- the same, written in another way: nothing to change, the same export
SELECT * FROM ambit.diff_template('{
	"template": "regress_spa", "title": "A spa", "visitor_role": "guest", "clients_permission": "regress_spa.clients.view",
	"terms": {"treatments": {"title": "Treatments", "source": "call them what you like"}},
	"features": {"chat": {"title": "Chat", "source": null}},
	"scopes": {"family": {"relationship": "family", "subject": "client", "ahead": null}, "treated": {"relationship": "treated", "subject": "staff", "back": "P15D", "ahead": "1 mon"}},
	"permissions": [{"key": "regress_spa.staff.manage", "title": null}, {"key": "regress_spa.notes.write", "title": "regress_spa.notes.write"},
		{"key": "regress_spa.clients.view", "title": "View clients", "source": "may see clients"}, {"key": "regress_spa.treatments.book", "title": "Book Treatments"}, {"key": "regress_spa.treatments.view"}],
	"roles": [{"role": "owner", "title": "owner", "rank": 4, "inherits": ["manager", "manager"], "single": true}, {"role": "therapist", "rank": 2.0, "title": "Therapist", "inherits": []},
		{"role": "manager", "inherits": ["guest", "therapist"], "single": false}, {"role": "guest", "rank": 1, "inherits": null}],
	"cells": [
		{"role": "manager", "permission": "regress_spa.staff.manage", "enabled": false, "locked": true, "entries": [], "requires": []},
		{"role": "manager", "permission": "regress_spa.treatments.book", "enabled": false, "locked": false, "entries": [{"scope": "all", "requires": null, "feature": null, "channels": null, "targets": null}]},
		{"role": "therapist", "permission": "regress_spa.notes.write", "enabled": true, "locked": null, "requires": ["regress_spa.clients.view"], "entries": [{"scope": "own", "requires": []}], "source": null},
		{"role": "therapist", "permission": "regress_spa.clients.view", "enabled": true, "entries": [{"scope": "treated"}, {"scope": "all", "requires": ["regress_spa.treatments.book"], "feature": "chat", "channels": ["web"], "targets": ["therapist", "guest"]}]},
		{"role": "guest", "permission": "regress_spa.treatments.view", "enabled": true, "locked": true, "entries": [{"scope": "all"}], "source": "everybody sees what there is"}],
	"administration": {"set_label": "regress_spa.staff.manage", "add_member": "regress_spa.staff.manage"},
	"marked_fields": ["regress_spa.clients.view", "regress_spa.notes.write", "regress_spa.clients.view"]}');
-- which fields tenants mark is the template's own
SELECT what, key, old->'marked_fields' AS old, new->'marked_fields' AS new FROM ambit.diff_template(regress_exchange.spa() - 'marked_fields');
-- neither the session's style of intervals nor its collation shows
SELECT ambit.export_template('regress_spa') AS export \gset
SET intervalstyle = iso_8601;
SET standard_conforming_strings = off;
SELECT ambit.export_template('regress_spa') = :'export'::jsonb AS same, (SELECT count(*) FROM ambit.diff_template(regress_exchange.spa())) AS differences;
RESET intervalstyle;
RESET standard_conforming_strings;
-- an empty list is not the same as none where none means any
SELECT * FROM ambit.diff_template(jsonb_set(jsonb_set(regress_exchange.spa(), '{cells,1,entries,1,targets}', '[]'), '{cells,2,entries,0,channels}', '[]'));
SELECT ambit.import_template(jsonb_set(jsonb_set(regress_exchange.spa(), '{cells,1,entries,1,targets}', '[]'), '{cells,2,entries,0,channels}', '[]'));
SELECT jsonb_path_query(ambit.export_template('regress_spa'), '$.cells[*].entries[*] ? (exists (@.channels) || exists (@.targets))');
SELECT ambit.import_template(regress_exchange.spa());
-- the least that there can be, and odd names
SELECT ambit.import_template('{"template": "regress_least"}');
SELECT ambit.export_template('regress_least');
SELECT ambit.import_template(jsonb_build_object('template', E'regress "odd"/{}\\ \u00e4', 'roles', '[{"role": "a/b"}, {"role": "a"}]'::jsonb, 'features', '{"f.g/h": {}}'::jsonb));
SELECT ambit.export_template(E'regress "odd"/{}\\ \u00e4');
SELECT ambit.export_template('regress_spaa');
SELECT ambit.export_template('');
SELECT ambit.export_template(NULL);
SELECT ambit.import_template(NULL);
SELECT * FROM ambit.diff_template(NULL);
SELECT * FROM ambit.diff_template(NULL, true);
SELECT * FROM ambit.diff_template('{"template": "regress_least"}', NULL);

-- every template there is goes out and in again without a change, under its own name and as a copy
RESET ROLE;
CREATE FUNCTION regress_exchange.round_trip(template text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	model jsonb := ambit.export_template(template);
	copy jsonb := jsonb_set(model, '{template}', to_jsonb('regress copy of ' || template));
	written xid := (SELECT t.xmin FROM ambit.template t WHERE t.template = round_trip.template);
BEGIN
	IF EXISTS (SELECT FROM ambit.diff_template(model)) THEN
		RETURN 'an export differs from what it was made of';
	END IF;
	PERFORM ambit.import_template(model);
	IF ambit.export_template(template) <> model OR (SELECT t.xmin FROM ambit.template t WHERE t.template = round_trip.template) <> written THEN
		RETURN 'importing an export changes something';
	END IF;
	IF EXISTS (SELECT FROM ambit.diff_template(copy) d WHERE d.old IS NOT NULL)
		OR (SELECT count(*) FROM ambit.diff_template(copy) d WHERE d.what = 'cell') <> jsonb_array_length(coalesce(model->'cells', '[]')) THEN
		RETURN 'a copy is not new altogether';
	END IF;
	PERFORM ambit.import_template(copy);
	IF ambit.export_template(copy->>'template') <> copy OR EXISTS (SELECT FROM ambit.diff_template(copy)) THEN
		RETURN 'a copy is another';
	END IF;
	RETURN NULL;
END
$$;
SELECT count(*) > 0 AS some, string_agg(t.template || ': ' || regress_exchange.round_trip(t.template), ', ') AS wrong FROM ambit.template t;
SELECT count(*) FILTER (WHERE NOT shipped) AS changed, bool_or(template = 'opus1') AS opus1 FROM ambit.template WHERE template NOT LIKE 'regress%';

-- ---- what is refused: each kind, by the path of the value ----------------------------
CREATE FUNCTION regress_exchange.refused(path text[], value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	model jsonb := CASE WHEN value IS NULL THEN regress_exchange.spa() #- path ELSE jsonb_set(regress_exchange.spa(), path, value) END;
	told text[] := '{}';
	before jsonb := ambit.export_template('regress_spa');
	message text;
	detail text;
BEGIN
	FOR i IN 1 .. 3 LOOP
		BEGIN
			CASE i
			WHEN 1 THEN PERFORM ambit.import_template(model);
			WHEN 2 THEN PERFORM ambit.diff_template(model);
			WHEN 3 THEN PERFORM ambit.diff_template(model, true);
			END CASE;
			RETURN 'not refused';
		EXCEPTION WHEN invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
			told := told || (replace(message, 'template is not valid: ', '') || coalesce(E'\n' || nullif(detail, ''), ''));
		END;
	END LOOP;
	IF told[2] <> told[1] OR told[3] <> told[1] THEN
		RETURN 'import and diff differ';
	ELSIF ambit.export_template('regress_spa') <> before OR EXISTS (SELECT FROM ambit.diff_template(before)) THEN
		RETURN 'refused, yet something changed';
	END IF;
	RETURN told[1];
END
$$;
SET ROLE regress_exchange_dba;
\pset format unaligned
\pset tuples_only on
SELECT regress_exchange.refused(e.path::text[], e.value::jsonb)
FROM (VALUES
	(1, '{template}', NULL),
	(2, '{template}', '""'),
	(3, '{titel}', '"x"'),
	(4, '{visitor_role}', '"gest"'),
	(5, '{visitor_role}', '"owner"'),
	(6, '{clients_permission}', '"regress_spa.clients.veiw"'),
	(7, '{terms,treatments}', '{}'),
	(8, '{terms,rooms}', '{"title": "TREATMENTS"}'),
	(9, '{features,chat,name}', '"x"'),
	(10, '{scopes,all}', '{"relationship": "treated"}'),
	(11, '{scopes,treated,relationship}', '"Treated"'),
	(12, '{scopes,treated,subject}', '"team"'),
	(13, '{scopes,treated,back}', '"yesterday"'),
	(14, '{scopes,treated,ahead}', '"-1 day"'),
	(15, '{permissions,1,key}', '"clients"'),
	(16, '{permissions,1,key}', '"regress_spa.notes.write"'),
	(17, '{roles,2,role}', '"guest"'),
	(18, '{roles,2,role}', '"no_access"'),
	(19, '{roles,2,rank}', '"high"'),
	(20, '{roles,1,inherits}', '["owner"]'),
	(21, '{roles,2,inherits,0}', '"therapis"'),
	(22, '{cells,1,role}', '"therapits"'),
	(23, '{cells,1,permission}', '"regress_spa.clients.veiw"'),
	(24, '{cells,0,permission}', '"regress_spa.Treatments.view"'),
	(25, '{cells,3,permission}', '"regress_spa.staff.manage"'),
	(26, '{cells,4,enabled}', NULL),
	(27, '{cells,4,enabled}', 'true'),
	(28, '{cells,0,entries}', '[]'),
	(29, '{cells,0,locked}', '"yes"'), (29, '{cells,0,level}', '1'),
	(30, '{cells,2,requires,0}', '"regress_spa.client.view"'),
	(31, '{cells,2,requires,0}', '"regress_spa.notes.write"'),
	(32, '{cells,3,requires}', '["regress_spa.treatments.book"]'),
	(33, '{cells,1,entries,0,scope}', '"treat"'),
	(34, '{cells,1,entries,1,requires,0}', '"regress_spa.treatment.book"'),
	(35, '{cells,1,entries,1,feature}', '"chats"'),
	(36, '{cells,1,entries,1,channels,0}', '"wap"'),
	(37, '{cells,1,entries,1,targets,1}', '"quest"'),
	(38, '{administration,add_members}', '"regress_spa.staff.manage"'),
	(39, '{administration,add_member}', '"regress_spa.staf.manage"'),
	(40, '{administration,import_template}', '"regress_spa.staff.manage"')) e (n, path, value)
ORDER BY e.n;
\pset format aligned
\pset tuples_only off

-- a new role takes nobody's own away; one that is there already is no matter
RESET ROLE;
SELECT ambit.create_tenant('regress_east', 'regress_spa'), ambit.create_tenant('regress_west', 'regress_least');
INSERT INTO ambit.tenant_role (tenant, role) VALUES ('regress_east', 'trainee'), ('regress_east', 'cook'), ('regress_east', 'owner'), ('regress_west', 'porter');
SET ROLE regress_exchange_dba;
SELECT ambit.import_template(jsonb_insert(regress_exchange.spa(), '{roles,0}', '{"role": "trainee"}'));
SELECT ambit.diff_template(jsonb_insert(jsonb_insert(regress_exchange.spa(), '{roles,0}', '{"role": "trainee"}'), '{roles,0}', '{"role": "cook"}'));
SELECT ambit.diff_template('{"template": "regress_spa", "roles": [{"role": "cook"}]}', true);
SELECT what, key, new FROM ambit.diff_template(jsonb_insert(regress_exchange.spa(), '{roles,4}', '{"role": "porter"}'));
SELECT ambit.drop_tenant('regress_east'), ambit.drop_tenant('regress_west');

-- ---- who may -----------------------------------------------------------------------
SELECT ambit.create_tenant('regress_north', 'regress_spa'), ambit.create_tenant('regress_south', 'regress_spa');
SELECT ambit.add_member('regress_north', u, format('{"staff": "%s"}', u)::jsonb) FROM unnest('{ann,bob,eve,kim}'::text[]) u;
SELECT ambit.add_member('regress_south', 'ann'), ambit.assign_role('regress_south', 'ann', 'manager');
SELECT ambit.assign_role('regress_north', 'ann', 'manager'), ambit.assign_role('regress_north', 'bob', 'therapist'), ambit.assign_role('regress_north', 'eve', 'owner');
SET ROLE regress_exchange_app;
SELECT ambit.assume('regress_north', 'eve');
SELECT ambit.import_template('{"template": "regress_spa"}');
SELECT ambit.import_template('{}');
SELECT ambit.export_template('regress_spa');
SELECT ambit.diff_template('{"template": "regress_spa"}');
SELECT ambit.diff_template('{"template": "regress_spa"}', true);
SELECT ambit.logout();

-- ---- tenants follow live, except in what they changed ------------------------------------
SET ROLE regress_exchange_dba;
SELECT * FROM ambit.set_role_permission('regress_south', 'therapist', 'regress_spa.notes.write', false);
SELECT * FROM ambit.set_role_permission('regress_south', 'manager', 'regress_spa.treatments.book', true);
SET ROLE regress_exchange_app;
SELECT ambit.assume('regress_north', 'ann');
SELECT permission, scopes FROM ambit.effective_permissions() ORDER BY permission::text COLLATE "C";
SELECT ambit.assume('regress_south', 'ann');
SELECT permission, scopes FROM ambit.effective_permissions() ORDER BY permission::text COLLATE "C";
SET ROLE regress_exchange_dba;
-- notes of all for therapists, treatments are booked, staff is managed, a role and a key are new
SELECT jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(regress_exchange.spa(),
	'{cells,2,entries,0,scope}', '"all"'),
	'{cells,3,enabled}', 'true'),
	'{cells,4}', '{"role": "manager", "permission": "regress_spa.staff.manage", "enabled": true, "locked": true, "entries": [{"scope": "all"}]}'),
	'{cells,5}', '{"role": "trainee", "permission": "regress_spa.rooms.clean", "enabled": true, "entries": [{"scope": "own"}]}'),
	'{roles,4}', '{"role": "trainee"}'),
	'{permissions,5}', '{"key": "regress_spa.rooms.clean"}') AS changed \gset
SELECT * FROM ambit.diff_template(:'changed');
SELECT ambit.import_template(:'changed');
SELECT * FROM ambit.diff_template(:'changed');
SET ROLE regress_exchange_app;
SELECT permission, scopes FROM ambit.effective_permissions() ORDER BY permission::text COLLATE "C";
SELECT ambit.assume('regress_north', 'ann');
SELECT permission, scopes FROM ambit.effective_permissions() ORDER BY permission::text COLLATE "C";
SET ROLE regress_exchange_dba;
SELECT ambit.assign_role('regress_north', 'ann', 'trainee');
SET ROLE regress_exchange_app;
SELECT ambit.has_permission('regress_spa.rooms.clean');
-- and back: the role that is no more gives nothing
SET ROLE regress_exchange_dba;
SELECT ambit.import_template(regress_exchange.spa());
SET ROLE regress_exchange_app;
SELECT permission, scopes FROM ambit.effective_permissions() ORDER BY permission::text COLLATE "C";
SELECT ambit.logout();

-- ---- comparison: everything that may be new, go or change -----------------------------------
SET ROLE regress_exchange_dba;
SELECT ambit.revoke_role('regress_north', 'ann', 'trainee');
SELECT '{
	"template": "regress_spa", "title": "The spa", "clients_permission": "regress_spa.treatments.view",
	"terms": {"rooms": {"title": "Rooms"}},
	"features": {"chat": {"title": "Chat!"}, "gifts": {}},
	"scopes": {"treated": {"relationship": "treated", "back": "14 days"}},
	"permissions": [{"key": "regress_spa.treatments.view", "title": "View treatments"}, {"key": "regress_spa.clients.view", "title": "View clients", "source": "may see clients"},
		{"key": "regress_spa.rooms.view"}, {"key": "regress_spa.notes.write"}, {"key": "regress_spa.staff.manage"}],
	"roles": [{"role": "guest"}, {"role": "therapist", "title": "Masseur", "inherits": ["guest"]}, {"role": "manager", "inherits": ["therapist"]}, {"role": "chief", "inherits": ["manager"], "single": true}],
	"cells": [
		{"role": "guest", "permission": "regress_spa.treatments.view", "enabled": true, "entries": [{"scope": "all"}], "source": "everybody sees what there is"},
		{"role": "guest", "permission": "regress_spa.rooms.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "therapist", "permission": "regress_spa.clients.view", "enabled": true, "entries": [{"scope": "treated"}, {"scope": "own"}]},
		{"role": "therapist", "permission": "regress_spa.notes.write", "enabled": false, "requires": ["regress_spa.clients.view"], "entries": [{"scope": "own"}]},
		{"role": "manager", "permission": "regress_spa.staff.manage", "enabled": false, "locked": true}],
	"administration": {"add_member": "regress_spa.notes.write", "remove_member": "regress_spa.staff.manage"}}'::jsonb AS other \gset
SELECT * FROM ambit.diff_template(:'other');
-- a copy has all of it new, the least has all of it gone
SELECT what, count(*) FILTER (WHERE old IS NULL) AS new, count(*) AS all FROM ambit.diff_template(jsonb_set(:'other', '{template}', '"regress_other"')) GROUP BY what ORDER BY what COLLATE "C";
SELECT what, count(*) FILTER (WHERE new IS NULL) AS gone, count(*) AS all FROM ambit.diff_template('{"template": "regress_spa"}') GROUP BY what ORDER BY what COLLATE "C";

-- ... and what it means for members: bob, who was given something himself, kim, who has no role, those of the other tenant with their own cells
SELECT ambit.set_member_permission('regress_north', 'bob', 'regress_spa.notes.write', true, 'team');
SELECT * FROM ambit.diff_template(:'other', true) WHERE what = 'member';
SELECT (SELECT array_agg(d ORDER BY n) FROM ambit.diff_template(:'other', true) WITH ORDINALITY d (what, key, old, new, n) WHERE d.what <> 'member')
	= (SELECT array_agg(d ORDER BY n) FROM ambit.diff_template(:'other') WITH ORDINALITY d (what, key, old, new, n)) AS "the rest is the same",
	NOT EXISTS (SELECT FROM ambit.diff_template(:'other', false) WHERE what = 'member') AS "not unless asked";
-- nobody changes: only words do
SELECT * FROM ambit.diff_template(jsonb_set(regress_exchange.spa(), '{title}', '"Our spa"'), true);
SELECT * FROM ambit.diff_template(regress_exchange.spa(), true);
SELECT count(*) FROM ambit.diff_template(jsonb_set(:'other', '{template}', '"regress_other"'), true) WHERE what = 'member';
-- it tells what then happens
RESET ROLE;
CREATE FUNCTION regress_exchange.held() RETURNS TABLE (key text, scopes jsonb) LANGUAGE sql AS $$
	SELECT concat_ws('/', m.tenant, m.user_id, e.permission::text), to_jsonb(e.scopes)
	FROM ambit.member m, ambit.effective_permissions(m.tenant, m.user_id) e WHERE m.tenant LIKE 'regress%'
$$;
CREATE TEMP TABLE told AS SELECT key, old, new FROM ambit.diff_template(:'other', true) WHERE what = 'member';
CREATE TEMP TABLE before AS SELECT * FROM regress_exchange.held();
SELECT ambit.import_template(:'other');
SELECT count(*) > 0 AS some, count(*) = (SELECT count(*) FROM told) AS "as many",
	count(*) = count(*) FILTER (WHERE EXISTS (SELECT FROM told t WHERE t.key = c.key AND t.old IS NOT DISTINCT FROM c.old AND t.new IS NOT DISTINCT FROM c.new)) AS "the same"
FROM (SELECT key, b.scopes AS old, a.scopes AS new FROM before b FULL JOIN regress_exchange.held() a USING (key) WHERE a.scopes IS DISTINCT FROM b.scopes) c;
SELECT ambit.import_template(regress_exchange.spa());

-- no trace: not in the tables, not in what anybody holds, not in what is compiled
SET ROLE regress_exchange_app;
SELECT ambit.assume('regress_north', 'ann');
SELECT ambit.has_permission('regress_spa.notes.write') AS writes;
RESET ROLE;
CREATE FUNCTION regress_exchange.rows() RETURNS TABLE (relation text, rows text) LANGUAGE plpgsql AS $$
BEGIN
	FOR relation IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
		EXECUTE format('SELECT md5(string_agg(t.ctid::text || t.xmin::text || t::text, '','' ORDER BY t::text)) FROM ambit.%I t', relation) INTO rows;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TEMP TABLE rows_before AS SELECT * FROM regress_exchange.rows();
SET ROLE regress_exchange_dba;
SELECT count(*) > 0 AS some, bool_or(key LIKE '%/regress_spa.new') AS "a new key" FROM ambit.diff_template(jsonb_set(jsonb_set(:'other',
	'{permissions,5}', '{"key": "regress_spa.new"}'), '{cells,5}', '{"role": "guest", "permission": "regress_spa.new", "enabled": true, "entries": [{"scope": "all"}]}'), true) WHERE what = 'member';
SELECT 'regress_spa.new'::ambit.permission;
SET ROLE regress_exchange_app;
SELECT ambit.has_permission('regress_spa.notes.write') AS writes, ambit.current_user_id();
SELECT ambit.logout();
RESET ROLE;
SELECT relation FROM (SELECT * FROM regress_exchange.rows() EXCEPT SELECT * FROM rows_before) changed;
SELECT count(*) AS tables FROM rows_before WHERE rows IS NOT NULL AND relation LIKE 'template%';

-- ---- dumps: what was changed goes along, what ships stays out -------------------------------
CREATE FUNCTION regress_exchange.dumped(wanted text) RETURNS TABLE (relation regclass, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR relation, rows IN SELECT c.oid, 0 FROM pg_extension e, unnest(e.extconfig) c (oid)
		WHERE e.extname = 'ambit' AND c.oid::regclass::text LIKE 'ambit.template%' ORDER BY c.oid::regclass::text COLLATE "C"
	LOOP
		EXECUTE (SELECT format('SELECT count(*) FROM (SELECT * FROM %s %s) t WHERE template = $1', relation, e.extcondition[array_position(e.extconfig, relation::oid)])
			FROM pg_extension e WHERE e.extname = 'ambit') INTO rows USING wanted;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT string_agg(relation::text, ' ') FILTER (WHERE rows = 0) AS none, count(*) FILTER (WHERE rows > 0) AS some FROM regress_exchange.dumped('regress_spa');
SELECT string_agg(relation::text, ' ') FILTER (WHERE rows > 0) AS some FROM regress_exchange.dumped('opus1');
SET ROLE regress_exchange_dba;
SELECT ambit.import_template(ambit.export_template('opus1'));
RESET ROLE;
SELECT shipped FROM ambit.template WHERE template = 'opus1';
SET ROLE regress_exchange_dba;
SELECT ambit.import_template(jsonb_set(ambit.export_template('opus1'), '{title}', '"My school"'));
RESET ROLE;
SELECT shipped FROM ambit.template WHERE template = 'opus1';
SELECT string_agg(relation::text, ' ') FILTER (WHERE rows = 0) AS none, count(*) FILTER (WHERE rows > 0) AS some FROM regress_exchange.dumped('opus1');
SELECT extcondition[array_position(extconfig, 'ambit.tenant_label'::regclass)] = '' AS labels FROM pg_extension WHERE extname = 'ambit';
ROLLBACK;
