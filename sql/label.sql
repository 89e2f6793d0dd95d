--
-- label: what tenants call the terms of their template.
-- All of it in one transaction that is rolled back.
--
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset null NULL
BEGIN;
CREATE ROLE regress_label_dba;
CREATE ROLE regress_label_app;
SELECT ambit.grant_administration('regress_label_dba');
SELECT ambit.trust_application('regress_label_app');
SET ROLE regress_label_dba;
SELECT ambit.import_template('{
	"template": "regress_pets", "visitor_role": "visitor",
	"terms": {"time_off": {"title": "Time Off"}, "staff": {"title": "Staff"}, "time": {"title": "Time"}, "c": {"title": "C++ (old)"}, "tea": {"title": "Thé"}},
	"permissions": [
		{"key": "regress_pets.a.own", "title": "See Time Off"},
		{"key": "regress_pets.a.small", "title": "Approve time off of other staff"},
		{"key": "regress_pets.a.sentence", "title": "Time off, and time off only: TIME OFF"},
		{"key": "regress_pets.a.parts", "title": "Timeoff, Time Offs, Overtime Off, time_off, Staffing, Non-Staff, Time  Off"},
		{"key": "regress_pets.a.times", "title": "Time, Time Off and time"},
		{"key": "regress_pets.a.signs", "title": "Use C++ (old), c++ (old) and C"},
		{"key": "regress_pets.a.letters", "title": "Thé, thé, théâtre"},
		{"key": "regress_pets.a.plain"}],
	"roles": [{"role": "visitor"}, {"role": "sitter"}]}');
SELECT ambit.import_template('{"template": "regress_birds", "permissions": [{"key": "regress_pets.a.own", "title": "See Time Off of birds"}]}');
SELECT ambit.create_tenant(t, 'regress_pets') FROM unnest('{regress_north,regress_south}'::text[]) t;
SELECT ambit.create_tenant('regress_nest', 'regress_birds');
SELECT ambit.add_member(t, 'ann') FROM unnest('{regress_north,regress_south,regress_nest}'::text[]) t;
SELECT * FROM ambit.titles('regress_north');

-- whole words, as the term is written or in small letters; what a label brings is not replaced again
SELECT ambit.set_label('regress_north', 'time_off', 'Availability');
SELECT ambit.set_label('regress_north', 'staff', 'Time Off Sitter');
SELECT ambit.set_label('regress_north', 'c', E'\\1 & \\0');
SELECT ambit.set_label('regress_north', 'tea', 'Eau');
SELECT * FROM ambit.titles('regress_north');
-- the longer term where two begin; a label again replaces it
SELECT ambit.set_label('regress_north', 'time', 'Hour'), ambit.set_label('regress_north', 'time_off', 'Leave');
SELECT title FROM ambit.titles('regress_north') WHERE permission::text = 'regress_pets.a.times';
-- of that tenant only, not of the template, and permissions stay
SELECT title FROM ambit.titles('regress_south') WHERE permission::text = 'regress_pets.a.own';
SELECT title FROM ambit.titles('regress_pets') WHERE permission::text = 'regress_pets.a.own';
SELECT count(*) FROM ambit.diff_template(ambit.export_template('regress_pets'));
-- back
SELECT ambit.set_label('regress_north', l, NULL) FROM unnest('{time,staff,c,tea,time_off}'::text[]) l;
SELECT ambit.set_label('regress_north', 'time', NULL);
SELECT count(*) AS changed FROM ambit.titles('regress_north') n JOIN ambit.titles('regress_pets') p ON n.permission OPERATOR(ambit.=) p.permission WHERE n.title <> p.title;
-- a term that the template has no longer does nothing, may come back, and its label can be taken away
SELECT ambit.set_label('regress_north', 'time_off', 'Availability'), ambit.set_label('regress_north', 'staff', 'Users');
SELECT ambit.import_template(ambit.export_template('regress_pets') - 'terms');
SELECT title FROM ambit.titles('regress_north') WHERE permission::text = 'regress_pets.a.small';
SELECT ambit.set_label('regress_north', 'time_off', 'Holiday');
SELECT ambit.set_label('regress_north', 'time_off', NULL);
SELECT ambit.set_label('regress_north', 'time_off', NULL);
SELECT ambit.import_template(ambit.export_template('regress_pets') || '{"terms": {"time_off": {"title": "Time Off"}, "staff": {"title": "Staff"}}}');
SELECT title FROM ambit.titles('regress_north') WHERE permission::text = 'regress_pets.a.small';

-- errors
SELECT ambit.set_label('regress_nort', 'staff', 'Users');
SELECT ambit.set_label('regress_north', 'stuff', 'Users');
SELECT ambit.set_label('regress_north', 'nothing of the kind', NULL);
SELECT ambit.set_label('regress_north', 'staff', '');
SELECT ambit.set_label('regress_north', 'staff', E' \t\n');
SELECT ambit.set_label('regress_north', '', 'Users');
SELECT ambit.set_label('regress_north', NULL, 'Users');
SELECT ambit.set_label(NULL, 'staff', 'Users');
SELECT ambit.titles('regress_nort');
SELECT ambit.titles('regress_pet');
SELECT ambit.titles('');
SELECT ambit.titles(NULL);

-- who may read: the DBA; members, of their tenant and of its template; nobody else, and nobody learns what there is
SET ROLE regress_label_app;
SELECT count(*) FROM ambit.titles('regress_north');
SELECT ambit.assume('regress_north', 'ann');
SELECT title FROM ambit.titles('regress_north') WHERE permission::text = 'regress_pets.a.small';
SELECT title FROM ambit.titles('regress_pets') WHERE permission::text = 'regress_pets.a.small';
SELECT count(*) FROM ambit.titles('regress_south');
SELECT count(*) FROM ambit.titles('regress_birds');
SELECT count(*) FROM ambit.titles('regress_nest');
SELECT count(*) FROM ambit.titles('nothing of the kind');
SELECT ambit.set_label('regress_north', 'staff', 'Users');
SELECT ambit.assume('regress_north', NULL);
SELECT count(*) FROM ambit.titles('regress_north');
SELECT count(*) FROM ambit.titles('regress_pets');
SELECT ambit._titles('regress_north');
SELECT ambit._relabelled('a', '{a}', '{b}');
-- one who was a member is none
SELECT ambit.assume('regress_south', 'ann');
SELECT count(*) FROM ambit.titles('regress_south');
SET ROLE regress_label_dba;
SELECT ambit.remove_member('regress_south', 'ann');
SET ROLE regress_label_app;
SELECT count(*) FROM ambit.titles('regress_south');
-- a tenant named like a template: its members' own comes first
SELECT ambit.logout();
SET ROLE regress_label_dba;
SELECT ambit.create_tenant('regress_birds', 'regress_pets');
SELECT ambit.set_label('regress_birds', 'time_off', 'Leave');
SELECT title FROM ambit.titles('regress_birds') WHERE permission::text = 'regress_pets.a.own';
SET ROLE regress_label_app;
SELECT ambit.assume('regress_nest', 'ann');
SELECT title FROM ambit.titles('regress_birds');
SELECT ambit.logout();
-- the product whose document says so: independent contractors have users and invoices, some companies have availability
SET ROLE regress_label_dba;
SELECT ambit.create_tenant('regress_walks', 'time_to_pet');
SELECT ambit.set_label('regress_walks', 'staff', 'Users'), ambit.set_label('regress_walks', 'pay_stubs', 'Invoices'), ambit.set_label('regress_walks', 'time_off', 'Availability');
SELECT t.permission, t.title FROM ambit.titles('regress_walks') t JOIN ambit.titles('time_to_pet') o ON o.permission OPERATOR(ambit.=) t.permission
WHERE t.title <> o.title AND t.permission::text ~ '^(pay_stubs|time_off|staff[.](profiles|create))' ORDER BY t.permission::text COLLATE "C";
SELECT ambit.set_label('regress_walks', l, NULL) FROM unnest('{staff,pay_stubs,time_off}'::text[]) l;
-- a label goes with its tenant
RESET ROLE;
SELECT ambit.drop_tenant('regress_north'), ambit.drop_tenant('regress_birds');
SELECT count(*) FROM ambit.tenant_label;
ROLLBACK;
