-- products.sql: what tenants and vendors change in their models, loaded by
-- dump.sh after school.sql: own roles, labels, switches, templates of other
-- vendors and shipped ones that are shipped no more.

CREATE ROLE regress_dump_admin;
SELECT ambit.grant_administration('regress_dump_admin');

-- A template of the vendor's own that uses all that a template may say, in words
-- that a dump has to quote.
SELECT ambit.import_template($json$
{
	"template": "choir's \"own\"", "title": "Choirs\t\\N and\nquires \u00e9\u4e2d", "visitor_role": "passer by", "clients_permission": "singers.view",
	"terms": {"singers": {"title": "Singers", "source": "whom we call \\. singers"}, "score": {"title": "Score", "source": null}},
	"features": {"recordings": {"title": "Recordings", "source": "if \"enabled\""}, "bare": {}},
	"scopes": {"sang": {"relationship": "sang_with", "subject": "client", "back": "1 mon 2 days 03:04:05.678", "ahead": null, "source": "who sang"},
		"bound": {"relationship": "served", "ahead": "15 days"}},
	"permissions": [
		{"key": "score.zz", "title": "Score: last of the alphabet, first of the page"},
		{"key": "singers.view", "title": "View Singers", "source": "\t'see' them"},
		{"key": "singers.lead", "title": "Lead singers"},
		{"key": "score.read", "title": "Read the score of Singers"},
		{"key": "score.record", "title": "Record"},
		{"key": "clients.view", "title": "A key that another template has too"},
		{"key": "choir.manage", "title": "Manage the choir"}],
	"roles": [
		{"role": "passer by", "title": "Passer by"},
		{"role": "singer", "title": "Singer", "rank": 5},
		{"role": "soloist", "title": "Soloist", "rank": 5, "inherits": ["singer"]},
		{"role": "conductor", "title": "Conductor", "rank": 9, "inherits": ["soloist", "singer"]},
		{"role": "patron", "title": "Patron", "single": true}],
	"cells": [
		{"role": "passer by", "permission": "score.zz", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "singer", "permission": "singers.view", "enabled": true, "source": "a 'singer'", "entries": [{"scope": "sang"}, {"scope": "all", "requires": ["singers.lead"]}]},
		{"role": "singer", "permission": "score.read", "enabled": true, "locked": true, "entries": [{"scope": "team"}, {"scope": "own", "channels": ["web", "mobile"]}]},
		{"role": "singer", "permission": "score.record", "enabled": false, "requires": ["score.read"], "entries": [{"scope": "own", "feature": "recordings"}]},
		{"role": "soloist", "permission": "singers.lead", "enabled": true, "entries": [{"scope": "all", "targets": ["singer", "soloist"]}]},
		{"role": "soloist", "permission": "clients.view", "enabled": false, "locked": true},
		{"role": "conductor", "permission": "score.record", "enabled": true, "requires": ["score.read", "singers.view"], "entries": [{"scope": "all", "feature": "recordings"}]},
		{"role": "conductor", "permission": "choir.manage", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "conductor", "permission": "clients.view", "enabled": true, "entries": [{"scope": "bound"}]},
		{"role": "patron", "permission": "choir.manage", "enabled": true, "locked": true, "entries": [{"scope": "all", "targets": ["singer"]}]}],
	"administration": {"add_location": "choir.manage", "move_location": "choir.manage", "drop_location": "choir.manage",
		"add_group": "choir.manage", "drop_group": "choir.manage", "add_to_group": "choir.manage", "remove_from_group": "choir.manage",
		"add_member": "choir.manage", "remove_member": "choir.manage", "assign_role": "choir.manage", "revoke_role": "singers.lead", "change_role": "singers.lead",
		"create_role": "choir.manage", "drop_role": "choir.manage", "set_role_module": "choir.manage", "set_role_permission": "choir.manage",
		"set_member_permission": "choir.manage", "set_feature": "choir.manage", "set_label": "choir.manage", "matrix": "singers.lead", "effective_permissions": "singers.lead"},
	"only_targets": ["change_role"]
}$json$);

-- A shipped template as its vendor has it: owners make roles, there are terms, a
-- key is new. The others stay as ambit ships them.
SELECT ambit.import_template(m || jsonb_build_object(
	'title', 'Coworking, changed',
	'terms', '{"community": {"title": "Community", "source": "our word"}, "members": {"title": "Members"}}'::jsonb,
	'permissions', m->'permissions' || '[{"key": "settings.custom_roles.manage", "title": "Settings | Custom roles | Manage", "source": "ours"}]',
	'cells', m->'cells' || '[{"role": "owner", "permission": "settings.custom_roles.manage", "enabled": true, "entries": [{"scope": "all"}]}]',
	'administration', (SELECT jsonb_object_agg(f, 'settings.custom_roles.manage')
		FROM unnest('{create_role,drop_role,set_role_permission,set_role_module,assign_role,revoke_role,change_role,add_member,remove_member,set_member_permission,add_group,drop_group,add_to_group,remove_from_group,set_label,matrix}'::text[]) f)))
FROM ambit.export_template('officernd') m;

-- ---- hub: own roles, by module and by inheritance

SELECT ambit.create_tenant('hub', 'officernd', 'The hub');
SELECT ambit.add_location('hub', l, p) FROM (VALUES ('world', NULL), ('paris', 'world'), ('lyon', 'world'), ('attic', 'paris')) v (l, p);
SELECT ambit.add_group('hub', g) FROM unnest('{alpha,beta,empty}'::text[]) g;
SELECT ambit.add_member('hub', u, k::jsonb)
FROM (VALUES ('oda', '{"staff": "1"}'), ('carla', '{"staff": "2"}'), ('vera', '{"staff": "3", "client": "3"}'), ('fred', '{"staff": "4"}'), ('alma', '{"staff": "5"}'),
	('hera', '{"staff": "6"}'), ('mixa', '{"staff": "7"}'), ('late', '{"staff": "8"}'), ('gone', '{"staff": "9", "client": "99"}'), ('nora', '{"staff": 10, "cli\"ent": "\u00e9\\t"}')) v (u, k);
SELECT ambit.create_role('hub', 'follows', 'Follows', '{"community": "center_manager", "space": "center_manager", "billing": "viewer", "calendar": "no_access"}');
SELECT ambit.create_role('hub', 'alone', 'Stands alone in one module', '{"community": "center_manager", "space": "center_manager", "billing": "owner"}');
SELECT ambit.create_role('hub', 'heir''s "role"', NULL, '{"billing": "no_access", "settings": "owner"}', '{alone,viewer}');
SELECT ambit.create_role('hub', 'bare');
-- a cell of its own, one turned off, one of another scope, one taken back
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.members.import', true);
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.members.delete', false);
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.companies.merge', true, 'own');
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.companies.edit', false);
SELECT * FROM ambit.set_role_permission('hub', 'alone', 'community.companies.edit', NULL);
SELECT * FROM ambit.set_role_permission('hub', 'bare', 'settings.templates.edit', true);
-- of the template's roles, too: those that follow have it
SELECT * FROM ambit.set_role_permission('hub', 'center_manager', 'space.resources.delete', true);
SELECT * FROM ambit.set_role_permission('hub', 'viewer', 'calendar.bookings.view', false);
SELECT ambit.assign_role('hub', u, r) FROM (VALUES ('oda', 'owner'), ('carla', 'center_manager'), ('vera', 'viewer'), ('fred', 'follows'), ('alma', 'alone'), ('hera', 'heir''s "role"'), ('gone', 'owner')) v (u, r);
SELECT ambit.assign_role('hub', 'mixa', 'follows', 'paris', valid_until => '2100-01-01');
SELECT ambit.assign_role('hub', 'mixa', 'alone', 'lyon', only_group => 'alpha');
SELECT ambit.assign_role('hub', 'mixa', 'bare', only_self => true);
SELECT ambit.assign_role('hub', 'late', 'owner', valid_until => '2000-01-01');
SELECT ambit.assign_role('hub', 'late', 'bare', valid_until => 'infinity');
SELECT ambit.add_to_group('hub', g, u) FROM (VALUES ('alpha', 'vera'), ('alpha', 'mixa'), ('beta', 'alma')) v (g, u);
SELECT ambit.set_member_permission('hub', 'vera', 'billing.invoices.edit', true);
SELECT ambit.set_member_permission('hub', 'vera', 'community.members.view', false);
SELECT ambit.set_member_permission('hub', 'alma', 'community.members.edit', true, 'own');
SELECT ambit.set_label('hub', 'community', 'People & "places"');
SELECT ambit.remove_member('hub', 'gone');

-- ---- pets: switches, labels, features, an owner admin

SELECT ambit.create_tenant('pets', 'time_to_pet');
SELECT ambit.add_member('pets', u, jsonb_build_object('staff', s))
FROM (VALUES ('tina', '1'), ('sven', '2'), ('olive', '3'), ('adam', '4'), ('oscar', '5'), ('walt', '6'), ('nemo', '7'), ('past', '8')) v (u, s);
SELECT ambit.create_role('pets', 'walker', 'Walker', '{"clients": "staff", "schedule": "office_manager", "time_off": "staff"}');
SELECT ambit.assign_role('pets', u, r)
FROM (VALUES ('tina', 'trainee'), ('sven', 'staff'), ('olive', 'office_manager'), ('adam', 'admin'), ('oscar', 'owner_admin'), ('walt', 'walker'), ('past', 'staff')) v (u, r);
SELECT * FROM ambit.set_role_permission('pets', 'office_manager', 'invoice_settings.configure', true);
SELECT * FROM ambit.set_role_permission('pets', 'office_manager', 'time_off.approve', true);
SELECT * FROM ambit.set_role_permission('pets', 'office_manager', 'time_off.company_calendar.view', false);
SELECT * FROM ambit.set_role_permission('pets', 'staff', 'client_keys.manage', true);
SELECT * FROM ambit.set_role_permission('pets', 'walker', 'time_off.company_calendar.view', true);
SELECT ambit.set_feature('pets', f, e) FROM (VALUES ('happiness_score', true), ('private_messaging', false)) v (f, e);
SELECT ambit.set_label('pets', 'time_off', 'Availability');
SELECT ambit.set_label('pets', 'staff', E'Users\t\\N');
SELECT ambit.set_member_permission('pets', 'tina', 'messages.post_without_approval', true);
SELECT ambit.remove_member('pets', 'past');

-- ---- choir: the vendor's own template

SELECT ambit.create_tenant('choir', 'choir''s "own"');
SELECT ambit.add_member('choir', u, k::jsonb)
FROM (VALUES ('cora', '{"staff": "1", "client": "1"}'), ('sol', '{"client": "2"}'), ('sina', '{"client": "3"}'), ('paul', '{}')) v (u, k);
SELECT ambit.create_role('choir', 'bass', 'Bass', '{"singers": "soloist"}', '{singer}');
SELECT ambit.create_role('choir', 'deep bass', 'Deep bass', '{"score": "no_access"}', '{bass}');
SELECT ambit.assign_role('choir', u, r) FROM (VALUES ('cora', 'conductor'), ('sol', 'soloist'), ('sina', 'deep bass'), ('paul', 'patron')) v (u, r);
SELECT ambit.set_feature('choir', 'recordings', true);
SELECT ambit.set_label('choir', 'singers', 'Voices');
SELECT * FROM ambit.set_role_permission('choir', 'singer', 'score.record', true);
-- an own role of a tenant whose template is as shipped
SELECT ambit.create_role('music', 'front desk', NULL, '{"clients": "staff", "appointments": "limited_staff"}');
SELECT * FROM ambit.set_role_permission('music', 'front desk', 'appointments.book', true);
SELECT ambit.assign_role('music', 'roleless', 'front desk');
