--
-- template: loading models, and what is refused with the path of the value.
-- All of it in one transaction that is rolled back.
--
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset null NULL
BEGIN;

SELECT ambit._load_template('{
	"template": "regress_salon", "title": "A salon", "visitor_role": "visitor", "clients_permission": "regress_salon.clients.view",
	"terms": {"visits": {"title": "Visits", "source": "what you may call appointments"}, "stylist": {"title": "Stylist"}},
	"features": {"gifts": {"title": "Gift cards", "source": "if gift cards are on"}, "chat": {}},
	"scopes": {
		"served": {"relationship": "visits", "subject": "staff", "back": "15 days", "ahead": "1 month", "source": "clients they have served"},
		"family": {"relationship": "dependants", "subject": "client"},
		"open": {"relationship": "visits", "back": null, "ahead": "0"}},
	"permissions": [
		{"key": "regress_salon.visits.book", "title": "Book", "source": "may book"},
		{"key": "regress_salon.clients.view", "title": "View clients", "source": null},
		{"key": "regress_salon.gifts.sell"},
		{"key": "regress_salon.api_2.use"}],
	"roles": [
		{"role": "visitor", "title": "Visitor", "rank": 1, "inherits": [], "single": false},
		{"role": "stylist", "rank": 5},
		{"role": "chief", "inherits": ["stylist", "visitor", "stylist"]},
		{"role": "owner", "title": "Owner", "rank": null, "inherits": ["chief"], "single": true}],
	"cells": [
		{"role": "stylist", "permission": "regress_salon.clients.view", "enabled": true, "source": "their own clients",
			"entries": [
				{"scope": "served"},
				{"scope": "own", "requires": ["regress_salon.gifts.sell", "regress_salon.visits.book"], "feature": "gifts", "channels": ["web", "mobile"], "targets": ["stylist"]},
				{"scope": "all", "requires": [], "feature": null, "channels": [], "targets": null}]},
		{"role": "stylist", "permission": "regress_salon.gifts.sell", "enabled": false, "locked": true, "entries": null},
		{"role": "chief", "permission": "regress_salon.gifts.sell", "enabled": false, "locked": null, "requires": ["regress_salon.visits.book"],
			"entries": [{"scope": "team"}]},
		{"role": "owner", "permission": "regress_salon.api_2.use", "enabled": true, "locked": true, "entries": [{"scope": "all"}]}],
	"administration": {"assign_role": "regress_salon.visits.book", "add_member": "regress_salon.visits.book"}
}', false);
SELECT * FROM ambit.template WHERE template = 'regress_salon';
SELECT permission, title, source FROM ambit.template_permission WHERE template = 'regress_salon' ORDER BY permission::text COLLATE "C";
-- keys are known in the order of the list
SELECT key FROM ambit.permission_key WHERE key LIKE 'regress\_salon%' ORDER BY id;
SELECT role, title, rank, single FROM ambit.template_role WHERE template = 'regress_salon' ORDER BY role;
SELECT role, inherits FROM ambit.template_inherit WHERE template = 'regress_salon' ORDER BY 1, 2;
SELECT term, title, source FROM ambit.template_term WHERE template = 'regress_salon' ORDER BY 1;
SELECT feature, title, source FROM ambit.template_feature WHERE template = 'regress_salon' ORDER BY 1;
SELECT scope, relationship, subject, back, ahead, source FROM ambit.template_scope WHERE template = 'regress_salon' ORDER BY 1;
SELECT role, permission, enabled, locked, requires, source FROM ambit.template_cell WHERE template = 'regress_salon' ORDER BY 1, permission::text COLLATE "C";
SELECT role, permission, ordinal, scope, requires, feature, channels, targets FROM ambit.template_entry WHERE template = 'regress_salon' ORDER BY 1, permission::text COLLATE "C", 3;
SELECT function, permission FROM ambit.template_administration WHERE template = 'regress_salon' ORDER BY 1;

-- again: what was there is replaced, tenants stay, keys stay known
SELECT ambit.create_tenant('regress_salon', 'regress_salon');
SELECT ambit._load_template('{
	"template": "regress_salon",
	"features": {"chat": {}},
	"permissions": [{"key": "regress_salon.clients.edit"}, {"key": "regress_salon.clients.view", "title": "See clients"}],
	"roles": [{"role": "stylist"}],
	"cells": [{"role": "stylist", "permission": "regress_salon.clients.view", "enabled": true, "entries": [{"scope": "all", "feature": "chat"}]}]
}', true);
SELECT * FROM ambit.template WHERE template = 'regress_salon';
SELECT template FROM ambit.tenant WHERE tenant = 'regress_salon';
SELECT key FROM ambit.permission_key WHERE key LIKE 'regress\_salon%' ORDER BY id;
SELECT permission, title FROM ambit.template_permission WHERE template = 'regress_salon' ORDER BY permission::text COLLATE "C";
SELECT role, permission, scope, feature FROM ambit.template_entry WHERE template = 'regress_salon';
SELECT (SELECT count(*) FROM ambit.template_role WHERE template = 'regress_salon') AS roles,
	(SELECT count(*) FROM ambit.template_inherit WHERE template = 'regress_salon') AS inherits,
	(SELECT count(*) FROM ambit.template_term WHERE template = 'regress_salon') AS terms,
	(SELECT count(*) FROM ambit.template_feature WHERE template = 'regress_salon') AS features,
	(SELECT count(*) FROM ambit.template_scope WHERE template = 'regress_salon') AS scopes,
	(SELECT count(*) FROM ambit.template_cell WHERE template = 'regress_salon') AS cells,
	(SELECT count(*) FROM ambit.template_administration WHERE template = 'regress_salon') AS administration;

-- the least that there can be
SELECT ambit._load_template('{"template": "regress_empty"}', false);
SELECT ambit._load_template('{"template": "regress_empty", "permissions": null, "roles": [], "cells": null, "terms": null, "features": null, "scopes": {}, "administration": null}', false);

-- form
SELECT ambit._load_template(NULL, false);
SELECT ambit._load_template('{"template": "regress_empty"}', NULL);
SELECT ambit._load_template('null', false);
SELECT ambit._load_template('["regress_bad"]', false);
SELECT ambit._load_template('{}', false);
SELECT ambit._load_template('{"template": null}', false);
SELECT ambit._load_template('{"template": ""}', false);
SELECT ambit._load_template('{"template": 7}', false);
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad", "titel": "x", "title": 5, "visitor_role": "", "clients_permission": [],
	"terms": true, "features": [], "scopes": "none", "permissions": {}, "roles": true, "cells": "all", "administration": 3}') ORDER BY path COLLATE "C";
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad",
	"terms": {"a": {}, "b": {"title": ""}, "c": {"title": "x", "label": "y"}, "d": null, "e": {"title": null, "source": 1}},
	"features": {"a": 1, "b": {"name": "x"}, "c": {"title": []}},
	"scopes": {"a": {}, "b": [], "c": {"relationship": "r", "subject": "team", "back": "soon", "ahead": "-1 day"},
		"d": {"relationship": null, "window": "1 day", "back": 15, "ahead": "1001 years"}, "e": {"relationship": "Visits"},
		"f": {"relationship": "a2345678901234567890123456789012345678901"}, "g": {"relationship": "a234567890123456789012345678901234567890"}},
	"permissions": [{"key": "a.b"}, "a.c", {}, {"key": 1}, {"key": "a.d", "titel": "x"}],
	"roles": [{"role": ""}, {"title": "x"}, {"role": "a", "rank": 1.5}, {"role": "b", "rank": "1", "inherits": "a", "single": 1},
		{"role": "c", "rank": 1e10, "inherits": ["a", 1]}, {"role": "d", "inherits": ["a", ""]}, {"role": "e", "rank": 2.0}],
	"cells": [7, {}, {"role": "a", "permission": "a.b", "enabled": "yes", "locked": 0, "requires": "a.c", "entries": {}, "scope": "all"},
		{"role": "a", "permission": "a.b", "enabled": true, "entries": ["all", {}, {"scope": 1, "requires": [true], "feature": 5, "channels": "web", "targets": [""], "target": "x"}]}],
	"administration": {"assign_role": null, "add_member": ""}}') ORDER BY path COLLATE "C", error COLLATE "C";

-- meaning
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad", "visitor_role": "visitors", "clients_permission": "shop.clients.veiw",
	"terms": {"time_off": {"title": "Time Off"}, "vacation": {"title": "time off"}, "": {"title": "nothing"}},
	"features": {"gifts": {}, "": {}},
	"scopes": {"served": {"relationship": "visits"}, "own": {"relationship": "visits"}, "": {"relationship": "visits"}},
	"permissions": [{"key": "shop.clients.view"}, {"key": "shop"}, {"key": "shop.*"}, {"key": "Shop.view"}, {"key": "shop."}, {"key": "shop..view"},
		{"key": "shop.clients.view"}, {"key": "shop.gifts.sell"}, {"key": "a.b.c.d.e.f.g.h.i"}],
	"roles": [{"role": "visitor"}, {"role": "staff", "inherits": ["visitor", "visiter"]}, {"role": "chief", "inherits": ["chief"]},
		{"role": "a", "inherits": ["b"]}, {"role": "b", "inherits": ["c"]}, {"role": "c", "inherits": ["a"]}, {"role": "d", "inherits": ["a"]}, {"role": "staff"},
		{"role": "no_access"}, {"role": "No_Access"}],
	"cells": [
		{"role": "staff", "permission": "shop.clients.view", "enabled": true, "requires": ["shop.gifts.sell", "shop.gift.sell"],
			"entries": [{"scope": "all"}, {"scope": "serve", "requires": ["shop.nothing.of.the.kind"], "feature": "gift", "channels": ["web", "mobil", "WEB"], "targets": ["staff", "stuff"]}]},
		{"role": "stafff", "permission": "shop.clients.vew", "enabled": false},
		{"role": "staff", "permission": "shop.gifts.sell", "enabled": false},
		{"role": "staff", "permission": "shop.clients.view", "enabled": false}],
	"administration": {"assign_role": "shop.members.assign", "asign_role": "shop.gifts.sell", "create_tenant": "shop.gifts.sell",
		"transfer_role": "shop.gifts.sell", "": "shop.gifts.sell"}}') ORDER BY path COLLATE "C", error COLLATE "C";

-- the visitors' role
SELECT path, error FROM ambit._template_errors('{"template": "regress_bad", "visitor_role": "a", "roles": [{"role": "a", "single": true}, {"role": "b"}]}');
SELECT path, error FROM ambit._template_errors('{"template": "regress_bad", "visitor_role": "b", "roles": [{"role": "a", "single": true}, {"role": "b", "single": false}]}');

-- a cell that is on grants something; a lock needs a switch
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad", "permissions": [{"key": "shop.a"}, {"key": "shop.b"}, {"key": "shop.c"}, {"key": "shop.d"}, {"key": "shop.e"}, {"key": "shop.f"}],
	"roles": [{"role": "a"}],
	"cells": [
		{"role": "a", "permission": "shop.a", "enabled": true},
		{"role": "a", "permission": "shop.b", "enabled": true, "locked": true, "entries": []},
		{"role": "a", "permission": "shop.c", "enabled": true, "entries": null},
		{"role": "a", "permission": "shop.d", "enabled": false, "locked": true},
		{"role": "a", "permission": "shop.e", "locked": true},
		{"role": "a", "permission": "shop.f", "enabled": true, "entries": [{"scope": "own"}]}]}') ORDER BY path COLLATE "C", error COLLATE "C";

-- requirements in a circle: within a cell, over cells and entries, over roles that inherit, not over roles that do not
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad",
	"permissions": [{"key": "shop.a"}, {"key": "shop.b"}, {"key": "shop.c"}, {"key": "shop.d"}, {"key": "shop.e"}, {"key": "shop.f"}],
	"roles": [{"role": "low"}, {"role": "mid", "inherits": ["low"]}, {"role": "top", "inherits": ["mid"]}, {"role": "other"}, {"role": "both", "inherits": ["other", "low"]}],
	"cells": [
		{"role": "other", "permission": "shop.a", "enabled": false, "requires": ["shop.a"]},
		{"role": "low", "permission": "shop.b", "enabled": false, "requires": ["shop.c"]},
		{"role": "low", "permission": "shop.c", "enabled": true, "entries": [{"scope": "own", "requires": ["shop.e", "shop.b"]}, {"scope": "all", "requires": ["shop.e", "shop.b"]}]},
		{"role": "low", "permission": "shop.d", "enabled": false, "requires": ["shop.b"]},
		{"role": "mid", "permission": "shop.e", "enabled": false, "requires": ["shop.f"]},
		{"role": "top", "permission": "shop.f", "enabled": false, "requires": ["shop.d", "shop.c"]},
		{"role": "other", "permission": "shop.e", "enabled": false, "requires": ["shop.d"]}]}') ORDER BY path COLLATE "C", error COLLATE "C";
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad", "permissions": [{"key": "shop.a"}, {"key": "shop.b"}], "roles": [{"role": "x"}, {"role": "y"}],
	"cells": [{"role": "x", "permission": "shop.a", "enabled": false, "requires": ["shop.b"]}, {"role": "y", "permission": "shop.b", "enabled": false, "requires": ["shop.a"]}]}');

-- a slip in the form hides nothing elsewhere
SELECT path, error FROM ambit._template_errors('{
	"template": "regress_bad", "titel": "x", "terms": [], "permissions": [7, {"key": "shop.a"}, {"key": 8}], "roles": [{"role": "a", "inherits": [1, "b", ""]}, {"role": ""}, null],
	"cells": [3, {"role": 5, "permission": "shop.b", "enabled": 1, "requires": [true, "shop.c"], "entries": [4, {"scope": [], "targets": "a", "channels": [1, "fax"]}]},
		{"role": "a", "permission": "shop.a", "enabled": true, "entries": "all"}],
	"administration": {"matrix": 4}}') ORDER BY path COLLATE "C", error COLLATE "C";

-- limits
SELECT path, error FROM ambit._template_errors(jsonb_build_object('template', repeat('t', 256),
	'permissions', (SELECT jsonb_agg(jsonb_build_object('key', 'shop.p' || i)) FROM generate_series(1, 10001) i),
	'roles', (SELECT jsonb_agg(jsonb_build_object('role', 'r' || i)) FROM generate_series(1, 1001) i)));
SELECT regexp_replace(path, 'x+', 'x') AS path, error FROM ambit._template_errors(jsonb_build_object('template', repeat('t', 255),
	'permissions', jsonb_build_array(jsonb_build_object('key', 'shop.' || repeat('p', 185)), jsonb_build_object('key', 'shop.' || repeat('p', 186))),
	'roles', jsonb_build_array(jsonb_build_object('role', repeat('r', 255)), jsonb_build_object('role', repeat('ä', 128))),
	'terms', jsonb_build_object(repeat('x', 256), '{"title": "x"}'::jsonb, repeat('y', 255), '{"title": "y"}'::jsonb),
	'cells', jsonb_build_array(
		jsonb_build_object('role', repeat('r', 255), 'permission', 'shop.' || repeat('p', 185), 'enabled', true, 'entries', (SELECT jsonb_agg('{"scope": "all"}'::jsonb) FROM generate_series(1, 101))),
		jsonb_build_object('role', repeat('ä', 128), 'permission', 'shop.' || repeat('p', 186), 'enabled', true, 'entries', (SELECT jsonb_agg('{"scope": "all"}'::jsonb) FROM generate_series(1, 100))))))
ORDER BY path COLLATE "C";
-- the longest names that there may be can be stored
SELECT ambit._load_template(jsonb_build_object('template', repeat('t', 255), 'permissions', '[{"key": "regress_salon.clients.view"}]'::jsonb,
	'roles', jsonb_build_array(jsonb_build_object('role', md5('r') || repeat('r', 223)), jsonb_build_object('role', md5('s') || repeat('s', 223), 'inherits', jsonb_build_array(md5('r') || repeat('r', 223)))),
	'cells', jsonb_build_array(jsonb_build_object('role', md5('s') || repeat('s', 223), 'permission', 'regress_salon.clients.view', 'enabled', true, 'entries', '[{"scope": "all"}]'::jsonb))), false) IS NOT NULL;

-- the first in the message, all in the detail, in the order of the lists; nothing is changed
SELECT path, error FROM ambit._template_errors('{"template": "regress_bad", "permissions": [{"key": "shop.a"}], "roles": [{"role": "a"}],
	"administration": {"assign_role": "shop.a"}, "only_targets": ["assign_role", "asign_role", "", 1],
	"marked_fields": ["shop.a", "shop.b", "", 1]}') ORDER BY path COLLATE "C", error COLLATE "C";
SELECT ambit._load_template('{"template": "regress_salon", "roles": [{"role": "a"}], "permissions": [{"key": "shop.clients.view"}],
	"cells": [{"role": "a", "permission": "shop.clients.view", "enabled": true, "entries": [{"scope": "served"}]}]}', false);
SELECT ambit._load_template('{"template": "regress_salon", "roles": [{"role": "a"}], "permissions": [{"key": "shop.clients.view"}],
	"cells": [{"role": "b", "permission": "shop.clients.view", "enabled": true, "entries": [{"scope": "sum"}]}]}', false);
SELECT ambit._load_template(jsonb_build_object('template', 'regress_salon', 'terms', '{"x[99999999999]": 1}'::jsonb, 'cells',
	(SELECT jsonb_agg(jsonb_build_object('role', 'r' || i, 'permission', 'x.y', 'enabled', false)) FROM generate_series(0, 11) i)), false);
SELECT role FROM ambit.template_role WHERE template = 'regress_salon';
SELECT count(*) FROM ambit.permission_key WHERE key LIKE 'shop.%';

-- not for everybody
CREATE ROLE regress_template_app;
SET ROLE regress_template_app;
SELECT ambit._load_template('{"template": "regress_empty"}', false);
SELECT * FROM ambit._template_errors('{"template": "regress_empty"}');
SELECT ambit._store_template('{"template": "regress_empty"}', false);
SELECT ambit._administrative_functions();
SELECT * FROM ambit.template;
RESET ROLE;
ROLLBACK;
