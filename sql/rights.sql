--
-- rights: what a decision is, rule by rule
--
\set SHOW_CONTEXT never
\pset null NULL
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS ambit;
CREATE ROLE regress_rights_app;
CREATE SCHEMA regress_rights;
GRANT USAGE ON SCHEMA regress_rights TO regress_rights_app;
SELECT ambit.trust_application('regress_rights_app');

-- What somebody holds: each permission with its scopes, and its targets where
-- it has some.  Asked as an ordinary role, in all the ways that there are,
-- which must agree.
CREATE FUNCTION regress_rights.holds(tenant text, user_id text, channel text = NULL, module text = 'rr') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	asked text;
BEGIN
	PERFORM ambit.assume(tenant, user_id, channel);
	SELECT string_agg(e.permission::text || ' ' || e.scopes::text
			|| coalesce(' towards ' || ambit.permission_targets(e.permission)::text, ''), ', ' ORDER BY e.permission::text COLLATE "C")
	INTO answer
	FROM ambit.effective_permissions() e WHERE e.permission::text LIKE module || '.%';
	SELECT string_agg(k.permission::text || ' ' || ambit.permission_scopes(k.permission)::text
			|| coalesce(' towards ' || ambit.permission_targets(k.permission)::text, ''), ', ' ORDER BY k.permission::text COLLATE "C")
	INTO asked
	FROM regress_rights.key k WHERE k.permission::text LIKE module || '.%' AND ambit.has_permission(k.permission);
	IF answer IS DISTINCT FROM asked THEN
		RETURN format('effective_permissions: %s; has_permission: %s', answer, asked);
	END IF;
	IF EXISTS (SELECT FROM regress_rights.key k WHERE NOT ambit.has_permission(k.permission)
		AND (ambit.permission_scopes(k.permission) <> '{}' OR ambit.permission_targets(k.permission) IS DISTINCT FROM '{}'))
	THEN
		RETURN 'not held, yet it has scopes or targets';
	END IF;
	RETURN answer;
END
$$;
CREATE TABLE regress_rights.key (permission ambit.permission);
GRANT SELECT ON regress_rights.key TO regress_rights_app;
-- The template anew, its permissions in regress_rights.key.  Stored without the
-- check, which lets no ring of requirements and no cell without an entry pass:
-- what they would mean is tested all the same.
CREATE FUNCTION regress_rights.template(model jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit._store_template(model, false);
	TRUNCATE regress_rights.key;
	INSERT INTO regress_rights.key SELECT (p ->> 'key')::ambit.permission FROM jsonb_array_elements(model -> 'permissions') p;
END
$$;
-- A member, as an ordinary role asks about it.
\set as_app 'SET ROLE regress_rights_app;'

-- ---- 1: assignments that are valid now; a visitor; nobody ------------------------
SELECT regress_rights.template('{
	"template": "rr_1", "visitor_role": "visitor",
	"permissions": [{"key": "rr.a"}, {"key": "rr.b"}, {"key": "rr.door"}],
	"roles": [{"role": "visitor"}, {"role": "alpha"}, {"role": "beta"}],
	"cells": [
		{"role": "visitor", "permission": "rr.door", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "alpha", "permission": "rr.a", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "beta", "permission": "rr.b", "enabled": true, "entries": [{"scope": "all"}]}]
}');
SELECT ambit.create_tenant('t', 'rr_1'), ambit.create_tenant('T', 'rr_1');
SELECT ambit.add_member('t', u) FROM unnest('{none,over,one,two,past,soon,both,late}'::text[]) u;
SELECT ambit.add_member('T', 'one'), ambit.assign_role('T', 'one', 'beta');
SELECT ambit.set_member_permission('t', 'over', 'rr.a', true);
SELECT ambit.assign_role('t', 'one', 'alpha');
SELECT ambit.assign_role('t', 'two', 'alpha'), ambit.assign_role('t', 'two', 'beta');
SELECT ambit.assign_role('t', 'past', 'alpha', valid_until => '2020-01-01');
SELECT ambit.assign_role('t', 'soon', 'alpha', valid_until => 'infinity');
SELECT ambit.assign_role('t', 'both', 'alpha', valid_until => now() - interval '1 microsecond'), ambit.assign_role('t', 'both', 'beta', valid_until => now() + interval '1 day');
SELECT ambit.assign_role('t', 'late', 'alpha', valid_until => '-infinity');
SET ROLE regress_rights_app;
SELECT u.user_id, regress_rights.holds('t', u.user_id), ambit.current_roles()
FROM unnest('{none,over,one,two,past,soon,both,late,NULL}'::text[]) WITH ORDINALITY u (user_id, n) ORDER BY n;
SELECT regress_rights.holds('T', 'one') AS "one of T";
RESET ROLE;
-- the visitor's role is the template's; a tenant may change its cells
SELECT * FROM ambit.set_role_permission('t', 'visitor', 'rr.b', true);
SET ROLE regress_rights_app;
SELECT regress_rights.holds('t', NULL) AS t, regress_rights.holds('T', NULL) AS "T";
RESET ROLE;
SELECT * FROM ambit.set_role_permission('t', 'visitor', 'rr.b', NULL);
-- a role that the template has no longer gives nothing; neither does a template without a visitor
SELECT regress_rights.template('{
	"template": "rr_1",
	"permissions": [{"key": "rr.a"}, {"key": "rr.b"}, {"key": "rr.door"}],
	"roles": [{"role": "visitor"}, {"role": "beta"}],
	"cells": [
		{"role": "visitor", "permission": "rr.door", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "beta", "permission": "rr.b", "enabled": true, "entries": [{"scope": "all"}]}]
}');
SET ROLE regress_rights_app;
SELECT u.user_id, regress_rights.holds('t', u.user_id)
FROM unnest('{one,two,NULL}'::text[]) WITH ORDINALITY u (user_id, n) ORDER BY n;
RESET ROLE;
-- What ends by time ends by itself: in the middle of a transaction, for
-- questions, for statements and for statements prepared before.
CREATE TABLE regress_rights.note (id int, tenant text);
INSERT INTO regress_rights.note VALUES (1, 't'), (2, 'T');
SELECT ambit.protect('regress_rights.note', tenant => 'tenant');
SELECT ambit.add_rule('regress_rights.note', 'select', 'rr.b') > 0 AS rule;
GRANT SELECT ON regress_rights.note TO regress_rights_app;
SELECT clock_timestamp() + interval '2.5 seconds' AS until \gset
SELECT ambit.assign_role('t', 'none', 'beta', valid_until => :'until');
SET ROLE regress_rights_app;
PREPARE notes AS SELECT array_agg(id) FROM regress_rights.note;
PREPARE may AS SELECT ambit.has_permission('rr.b'), ambit.current_roles();
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ambit.assume('t', 'none');
EXECUTE notes;
EXECUTE may;
SELECT pg_sleep_until(:'until');
EXECUTE may;
SELECT count(*) FROM regress_rights.note;
EXECUTE notes;
COMMIT;
-- A plan that is at hand when the time has come is not run any more.
RESET ROLE;
SELECT clock_timestamp() + interval '2.5 seconds' AS until \gset
SELECT ambit.revoke_role('t', 'none', 'beta'), ambit.assign_role('t', 'none', 'beta', valid_until => :'until');
SET ROLE regress_rights_app;
BEGIN;
SELECT ambit.assume('t', 'none');
EXECUTE notes;
SELECT pg_sleep_until(:'until');
SAVEPOINT s;
EXECUTE notes;
\echo :SQLSTATE
ROLLBACK TO s;
EXECUTE notes;
COMMIT;
SELECT regress_rights.holds('t', 'none');
RESET ROLE;
DEALLOCATE ALL;
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');

-- ---- 2: cells add up; changes of the tenant; locks; the member's own word -----------
SELECT regress_rights.template('{
	"template": "rr_2",
	"permissions": [{"key": "rr.add"}, {"key": "rr.off"}, {"key": "rr.tenant"}, {"key": "rr.locked_on"}, {"key": "rr.locked_off"},
		{"key": "rr.void"}, {"key": "rr.none"}],
	"roles": [{"role": "base"}, {"role": "left", "inherits": ["base"]}, {"role": "right", "inherits": ["base"]}, {"role": "top", "inherits": ["left", "right"]}],
	"cells": [
		{"role": "base", "permission": "rr.add", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "left", "permission": "rr.add", "enabled": true, "entries": [{"scope": "assignee"}, {"scope": "team"}]},
		{"role": "right", "permission": "rr.add", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "base", "permission": "rr.off", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "left", "permission": "rr.off", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "base", "permission": "rr.tenant", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "left", "permission": "rr.tenant", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "base", "permission": "rr.locked_on", "enabled": true, "locked": true, "entries": [{"scope": "own"}]},
		{"role": "base", "permission": "rr.locked_off", "enabled": false, "locked": true},
		{"role": "top", "permission": "rr.locked_off", "enabled": false, "entries": [{"scope": "own"}]},
		{"role": "base", "permission": "rr.void", "enabled": true}]
}');
SELECT ambit.create_tenant('t', 'rr_2'), ambit.create_tenant('T', 'rr_2');
SELECT ambit.add_member(t, r), ambit.assign_role(t, r, r) FROM unnest('{t,T}'::text[]) t, unnest('{base,left,right,top}'::text[]) r;
-- of the roles inherited too, each once; a cell that is off takes nothing away; one without an entry gives nothing
SET ROLE regress_rights_app;
SELECT r, regress_rights.holds('t', r) FROM unnest('{base,left,right,top}'::text[]) r;
SELECT permission, source FROM ambit.effective_permissions('t', 'top');
RESET ROLE;
SELECT permission, scopes, source FROM ambit.effective_permissions('t', 'top') ORDER BY permission::text;
-- a tenant's change replaces that cell of exactly that role, for that tenant
SELECT * FROM ambit.set_role_permission('t', 'base', 'rr.tenant', false);
SELECT * FROM ambit.set_role_permission('t', 'right', 'rr.add', true);
SELECT * FROM ambit.set_role_permission('t', 'left', 'rr.add', true, 'self');
SELECT * FROM ambit.set_role_permission('t', 'right', 'rr.none', true);
SELECT * FROM ambit.set_role_permission('t', 'base', 'rr.void', true, 'team');
SET ROLE regress_rights_app;
SELECT r, regress_rights.holds('t', r) FROM unnest('{base,left,right,top}'::text[]) r;
SELECT r, regress_rights.holds('T', r) FROM unnest('{base,top}'::text[]) r;
RESET ROLE;
-- unless the cell is locked: it cannot be changed, and a change made before it was locked does not count
\set VERBOSITY sqlstate
SELECT * FROM ambit.set_role_permission('t', 'base', 'rr.locked_on', false);
SELECT * FROM ambit.set_role_permission('t', 'base', 'rr.locked_off', true);
\set VERBOSITY default
SELECT regress_rights.template('{
	"template": "rr_2",
	"permissions": [{"key": "rr.add"}, {"key": "rr.off"}, {"key": "rr.tenant"}, {"key": "rr.locked_on"}, {"key": "rr.locked_off"},
		{"key": "rr.void"}, {"key": "rr.none"}],
	"roles": [{"role": "base"}, {"role": "left", "inherits": ["base"]}, {"role": "right", "inherits": ["base"]}, {"role": "top", "inherits": ["left", "right"]}],
	"cells": [
		{"role": "base", "permission": "rr.tenant", "enabled": true, "locked": true, "entries": [{"scope": "own"}]},
		{"role": "right", "permission": "rr.none", "enabled": false, "locked": true, "entries": [{"scope": "own"}]},
		{"role": "right", "permission": "rr.add", "enabled": false},
		{"role": "base", "permission": "rr.locked_on", "enabled": true, "locked": true, "entries": [{"scope": "own"}]},
		{"role": "base", "permission": "rr.locked_off", "enabled": false, "locked": true},
		{"role": "top", "permission": "rr.locked_off", "enabled": false, "entries": [{"scope": "own"}]},
		{"role": "left", "permission": "rr.off", "enabled": false, "entries": [{"scope": "own"}, {"scope": "team"}]}]
}');
-- (left keeps its own change of rr.add, though the template has no such cell
-- now, as base keeps rr.void; right turned its rr.add on, which has no entry any more)
SET ROLE regress_rights_app;
SELECT r, regress_rights.holds('t', r) FROM unnest('{base,left,right,top}'::text[]) r;
RESET ROLE;
-- the member's own word is the last: on with a scope, on with what the cells
-- say (also those that are off), on where there is no cell, off
SELECT ambit.set_member_permission('t', 'base', 'rr.off', true);
SELECT ambit.set_member_permission('t', 'left', 'rr.off', true);
SELECT ambit.set_member_permission('t', 'right', 'rr.off', true, 'assignee');
SELECT ambit.set_member_permission('t', 'left', 'rr.add', false);
SELECT ambit.set_member_permission('T', 'left', 'rr.add', true);
SET ROLE regress_rights_app;
SELECT r, regress_rights.holds('t', r) FROM unnest('{base,left,right,top}'::text[]) r;
SELECT r, regress_rights.holds('T', r) FROM unnest('{left,top}'::text[]) r;
RESET ROLE;
SELECT permission, scopes, source FROM ambit.effective_permissions('t', 'left') ORDER BY permission::text;
-- it does not pass a lock, on or off, of any role that the member has
\set VERBOSITY sqlstate
SELECT ambit.set_member_permission('t', 'base', 'rr.locked_on', false);
SELECT ambit.set_member_permission('t', 'top', 'rr.locked_on', false);
SELECT ambit.set_member_permission('t', 'base', 'rr.locked_off', true);
SELECT ambit.set_member_permission('t', 'top', 'rr.locked_off', true, 'all');
\set VERBOSITY default
-- ... also where it was said before there was the role, or the lock
SELECT ambit.add_member('t', 'new');
SELECT ambit.set_member_permission('t', 'new', 'rr.locked_on', false), ambit.set_member_permission('t', 'new', 'rr.locked_off', true), ambit.set_member_permission('t', 'new', 'rr.add', true);
SELECT ambit.assign_role('t', 'new', 'right');
SET ROLE regress_rights_app;
SELECT regress_rights.holds('t', 'new');
RESET ROLE;
-- NULL takes it back
SELECT ambit.set_member_permission('t', 'left', 'rr.off', NULL), ambit.set_member_permission('t', 'left', 'rr.add', NULL);
SET ROLE regress_rights_app;
SELECT regress_rights.holds('t', 'left');
RESET ROLE;
-- a permission that the template has no longer is nobody's, whatever was said of it
SELECT ambit.set_member_permission('t', 'left', 'rr.none', true);
SELECT ambit._load_template('{
	"template": "rr_2",
	"permissions": [{"key": "rr.add"}],
	"roles": [{"role": "base"}, {"role": "left", "inherits": ["base"]}, {"role": "right"}, {"role": "top"}]
}', false);
SET ROLE regress_rights_app;
SELECT r, regress_rights.holds('t', r) FROM unnest('{base,left}'::text[]) r;
RESET ROLE;
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');

-- ---- 3: features, channels, requirements ---------------------------------------------
SELECT regress_rights.template('{
	"template": "rr_3",
	"features": {"chat": {}, "Chat": {}, "mail": {}},
	"permissions": [{"key": "rr.chat"}, {"key": "rr.web"}, {"key": "rr.both"}, {"key": "rr.nowhere"}, {"key": "rr.entry"}, {"key": "rr.cell"},
		{"key": "rr.z1"}, {"key": "rr.z2"}, {"key": "rr.z3"}, {"key": "rr.ring_a"}, {"key": "rr.ring_b"}, {"key": "rr.self"},
		{"key": "rr.base"}, {"key": "rr.other"}, {"key": "rr.missing"}, {"key": "rr.mixed"}],
	"roles": [{"role": "user"}, {"role": "helper"}],
	"cells": [
		{"role": "user", "permission": "rr.chat", "enabled": true, "entries": [{"scope": "own"}, {"scope": "all", "feature": "chat"}]},
		{"role": "user", "permission": "rr.web", "enabled": true, "entries": [{"scope": "all", "channels": ["web"]}]},
		{"role": "user", "permission": "rr.both", "enabled": true, "entries": [{"scope": "all", "channels": ["mobile", "web"]}]},
		{"role": "user", "permission": "rr.nowhere", "enabled": true, "entries": [{"scope": "all", "channels": []}, {"scope": "own", "channels": ["fax"]}]},
		{"role": "user", "permission": "rr.entry", "enabled": true, "entries": [{"scope": "own"}, {"scope": "all", "requires": ["rr.base", "rr.chat"]}]},
		{"role": "user", "permission": "rr.cell", "enabled": true, "requires": ["rr.base"], "entries": [{"scope": "own"}, {"scope": "all", "feature": "mail"}]},
		{"role": "user", "permission": "rr.z1", "enabled": true, "requires": ["rr.z2"], "entries": [{"scope": "own"}]},
		{"role": "user", "permission": "rr.z2", "enabled": true, "entries": [{"scope": "own", "requires": ["rr.z3"]}]},
		{"role": "user", "permission": "rr.z3", "enabled": true, "requires": ["rr.base"], "entries": [{"scope": "own"}]},
		{"role": "user", "permission": "rr.ring_a", "enabled": true, "requires": ["rr.ring_b"], "entries": [{"scope": "own"}]},
		{"role": "user", "permission": "rr.ring_b", "enabled": true, "requires": ["rr.ring_a"], "entries": [{"scope": "own"}]},
		{"role": "user", "permission": "rr.self", "enabled": true, "requires": ["rr.self"], "entries": [{"scope": "own"}]},
		{"role": "user", "permission": "rr.mixed", "enabled": true, "entries": [{"scope": "own", "requires": ["rr.missing"]}, {"scope": "team", "feature": "mail", "channels": ["web"], "requires": ["rr.chat"]}]},
		{"role": "helper", "permission": "rr.base", "enabled": true, "entries": [{"scope": "own", "channels": ["web", "mobile"]}]}]
}');
SELECT ambit.create_tenant('t', 'rr_3'), ambit.create_tenant('T', 'rr_3');
SELECT ambit.add_member(t, 'plain'), ambit.assign_role(t, 'plain', 'user'),
	ambit.add_member(t, 'helped'), ambit.assign_role(t, 'helped', 'user'), ambit.assign_role(t, 'helped', 'helper') FROM unnest('{t,T}'::text[]) t;
SET ROLE regress_rights_app;
SELECT c.channel, regress_rights.holds('t', 'plain', c.channel) FROM unnest('{NULL,web,mobile,fax,Web}'::text[]) c (channel);
-- a required permission may come from another role, and need a channel itself;
-- those that require each other only do not hold each other up
SELECT c.channel, regress_rights.holds('t', 'helped', c.channel) FROM unnest('{NULL,mobile,fax}'::text[]) c (channel);
RESET ROLE;
SELECT ambit.set_feature('t', 'chat', true), ambit.set_feature('T', 'Chat', true), ambit.set_feature('t', 'mail', true);
SET ROLE regress_rights_app;
SELECT t, regress_rights.holds(t, 'helped', 'web') FROM unnest('{t,T}'::text[]) t;
RESET ROLE;
-- what others ask about a member is asked without a channel
SELECT ambit.has_permission('t', 'helped', 'rr.web') AS web, ambit.has_permission('t', 'helped', 'rr.chat') AS chat;
SELECT ambit.set_feature('t', 'chat', false);
-- a requirement that the member lost, by its own override or otherwise
SELECT ambit.set_member_permission('t', 'helped', 'rr.base', false);
SET ROLE regress_rights_app;
SELECT regress_rights.holds('t', 'helped', 'web');
RESET ROLE;
-- conditions stay where a change names the scope, or none, and where it names a
-- scope that the template has no entry for; not so in a member's override
SELECT count(*) FROM ambit.set_role_permission('t', 'user', 'rr.web', true, 'all');
SELECT count(*) FROM ambit.set_role_permission('t', 'user', 'rr.both', true, 'own');
SELECT ambit.set_member_permission('t', 'plain', 'rr.chat', true), ambit.set_member_permission('t', 'plain', 'rr.mixed', true, 'team');
SET ROLE regress_rights_app;
SELECT c.channel, regress_rights.holds('t', 'plain', c.channel) FROM unnest('{NULL,web}'::text[]) c (channel);
RESET ROLE;
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T');

-- ---- 4 and 5: rows --------------------------------------------------------------------
SELECT regress_rights.template('{
	"template": "rr_5",
	"scopes": {"related": {"relationship": "regress_rights_related"}, "loose": {"relationship": "regress_rights_nothing"},
		"served": {"relationship": "regress_rights_related", "subject": "client"}},
	"permissions": [{"key": "rr.view"}],
	"roles": [{"role": "all"}, {"role": "own"}, {"role": "self"}, {"role": "assignee"}, {"role": "team"}, {"role": "related"}, {"role": "loose"},
		{"role": "served"}, {"role": "target"}, {"role": "two"}],
	"cells": [
		{"role": "all", "permission": "rr.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "own", "permission": "rr.view", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "self", "permission": "rr.view", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "assignee", "permission": "rr.view", "enabled": true, "entries": [{"scope": "assignee"}]},
		{"role": "team", "permission": "rr.view", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "related", "permission": "rr.view", "enabled": true, "entries": [{"scope": "related"}]},
		{"role": "served", "permission": "rr.view", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "loose", "permission": "rr.view", "enabled": true, "entries": [{"scope": "loose"}]},
		{"role": "target", "permission": "rr.view", "enabled": true, "entries": [{"scope": "all", "targets": ["own", "team"]}]},
		{"role": "two", "permission": "rr.view", "enabled": true, "entries": [{"scope": "assignee"}, {"scope": "all", "targets": ["loose"]}]}]
}');
SELECT ambit.create_tenant('t', 'rr_5'), ambit.create_tenant('T', 'rr_5');
SELECT ambit.add_location(t, 'company'), ambit.add_location(t, 'north', 'company'), ambit.add_location(t, 'hall', 'north'),
	ambit.add_location(t, 'south', 'company'), ambit.add_location(t, 'abroad'), ambit.add_group(t, 'g1'), ambit.add_group(t, 'g2'), ambit.add_group(t, 'G1')
FROM unnest('{t,T}'::text[]) t;
-- those whose rows they are, and whose roles: s2 own, s3 own and team, s4 none, s5 all
SELECT ambit.add_member('t', u, jsonb_build_object('staff', u)) FROM unnest('{s2,s3,s4,s5}'::text[]) u;
SELECT ambit.assign_role('t', 's2', 'own'), ambit.assign_role('t', 's3', 'own'), ambit.assign_role('t', 's3', 'team'), ambit.assign_role('t', 's5', 'all'),
	ambit.assign_role('t', 's5', 'own');
SELECT ambit.add_to_group('t', 'g1', 's2'), ambit.add_to_group('t', 'g2', 's3'), ambit.add_to_group('t', 'g2', 's5');
SELECT ambit.add_member('T', 's4', '{"staff": "s4"}'), ambit.add_to_group('T', 'g1', 's4');
CREATE TABLE regress_rights.related (tenant text, subject text, object text);
INSERT INTO regress_rights.related VALUES ('t', 's1', 'c3'), ('T', 's1', 'c4'), ('t', 'S1', 'c4'), ('t', 'c1', 'c4'), ('t', 's1', NULL);
CREATE TABLE regress_rights.parent_of (tenant text, subject text, object text);
INSERT INTO regress_rights.parent_of VALUES ('t', 'c1', 'c2'), ('t', 's1', 'c3'), ('T', 'c1', 'c3'), ('t', 'c2', 'c4');
SELECT ambit.bind_relationship('regress_rights_related', 'SELECT * FROM regress_rights.related');
SELECT ambit.bind_relationship('dependants', 'SELECT * FROM regress_rights.parent_of');

CREATE TABLE regress_rights.row (id int PRIMARY KEY, tenant text, location text, owner text, client text, assignee text, team text);
INSERT INTO regress_rights.row VALUES
	(1, 't', 'company', 's1', 'c1', 's2', 'g1'),
	(2, 't', 'north', 's2', 'c2', 's1', 'g2'),
	(3, 't', 'hall', 's3', 'c3', 's3', NULL),
	(4, 't', 'south', 's4', 'c4', NULL, 'g3'),
	(5, 't', NULL, 's1', 'c1', 's1', 'g1'),
	(6, 't', 'Hall', 'S1', 'C1', 'S1', 'G1'),
	(7, 't', NULL, NULL, NULL, NULL, NULL),
	(8, 't', 'abroad', 's5', '', '', ''),
	(9, 't', '', '', NULL, 's1', NULL),
	(11, 'T', 'company', 's1', 'c1', 's1', 'g1'),
	(12, 'T', 'north', 's4', 'c3', 's1', 'g2'),
	(13, NULL, 'company', 's1', 'c1', 's1', 'g1'),
	(14, '', 'company', 's1', 'c1', 's1', 'g1');
SELECT ambit.protect('regress_rights.row', tenant => 'tenant', location => 'location', owner => 'owner', client => 'client', assignee => 'assignee', team => 'team');
CREATE TABLE regress_rights.bare AS SELECT id, tenant FROM regress_rights.row;
SELECT ambit.protect('regress_rights.bare', tenant => 'tenant');
SELECT ambit.add_rule(r, c, 'rr.view') > 0 AS rule FROM unnest('{regress_rights.row,regress_rights.bare}'::regclass[]) r, unnest('{select,insert,update,delete}'::text[]) c;
GRANT ALL ON regress_rights.row, regress_rights.bare TO regress_rights_app;

-- Cases: what one who has the staff key s1, the client key c1 and is in group
-- g1 sees with these assignments.
CREATE TABLE regress_rights.case (n serial, assignments text, seen int[], bare int[]);
INSERT INTO regress_rights.case (assignments, seen, bare) VALUES
	('{"role": "all"}',												'{1,2,3,4,5,6,7,8,9}', '{1,2,3,4,5,6,7,8,9}'),
	('{"role": "own"}',												'{1,5}', NULL),
	('{"role": "self"}',											'{1,2,5}', NULL),
	('{"role": "assignee"}',										'{2,5,9}', NULL),
	('{"role": "team"}',											'{1,2,5}', NULL),
	('{"role": "related"}',											'{3}', NULL),
	('{"role": "served"}',											'{4}', NULL),
	('{"role": "loose"}',											NULL, NULL),
	('{"role": "target"}',											'{2,3,4}', NULL),
	('{"role": "two"}',												'{2,4,5,9}', NULL),
	('{"role": "all", "location": "company"}',						'{1,2,3,4}', NULL),
	('{"role": "all", "location": "north"}',						'{2,3}', NULL),
	('{"role": "all", "location": "hall"}',							'{3}', NULL),
	('{"role": "all", "location": "abroad"}',						'{8}', NULL),
	('{"role": "own", "location": "company"}',						'{1}', NULL),
	('{"role": "assignee", "location": "company"}',					'{2}', NULL),
	('{"role": "target", "location": "north"}',						'{2,3}', NULL),
	('{"role": "all", "only_self": true}',							'{1,5}', NULL),
	('{"role": "own", "only_self": true}',							'{1,5}', NULL),
	('{"role": "self", "only_self": true}',							'{1,5}', NULL),
	('{"role": "related", "only_self": true}',						NULL, NULL),
	('{"role": "all", "only_group": "g1"}',							'{1,2,5}', NULL),
	('{"role": "all", "only_group": "g2"}',							'{2,3,8}', NULL),
	('{"role": "all", "only_group": "G1"}',							'{6}', NULL),
	('{"role": "self", "only_group": "g2"}',						'{2}', NULL),
	('{"role": "team", "only_group": "g2"}',						'{2}', NULL),
	('{"role": "own", "only_group": "g1"}',							'{1,5}', NULL),
	('{"role": "target", "only_group": "g1"}',						'{2}', NULL),
	('{"role": "all", "location": "company", "only_group": "g1", "only_self": true}', '{1}', NULL),
	('{"role": "all", "location": "north", "only_group": "g2"}',	'{2,3}', NULL),
	('{"role": "own"}, {"role": "all", "location": "south"}',		'{1,4,5}', NULL),
	('{"role": "all", "location": "hall"}, {"role": "all", "location": "south"}', '{3,4}', NULL),
	('{"role": "all", "location": "north"}, {"role": "all", "location": "hall"}', '{2,3}', NULL),
	('{"role": "all", "location": "hall", "only_group": "g2"}, {"role": "all", "location": "company", "only_self": true}', '{1,3}', NULL),
	('{"role": "all", "location": "hall", "only_self": true}, {"role": "all", "location": "south"}', '{4}', NULL),
	('{"role": "all", "location": "south", "only_group": "g1"}, {"role": "all", "location": "north", "only_group": "g2"}', '{2,3}', NULL),
	('{"role": "all", "only_group": "g1"}, {"role": "all", "only_group": "g2"}', '{1,2,3,5,8}', NULL),
	('{"role": "self"}, {"role": "related"}, {"role": "assignee"}', '{1,2,3,5,9}', NULL),
	('{"role": "all", "only_self": true}, {"role": "all"}',			'{1,2,3,4,5,6,7,8,9}', '{1,2,3,4,5,6,7,8,9}'),
	('{"role": "target"}, {"role": "all", "location": "abroad"}',	'{2,3,4,8}', NULL);
DO $$
DECLARE
	c record;
	a jsonb;
BEGIN
	FOR c IN SELECT * FROM regress_rights.case ORDER BY n LOOP
		PERFORM ambit.add_member('t', 'case ' || c.n, '{"staff": "s1", "client": "c1"}');
		PERFORM ambit.add_to_group('t', 'g1', 'case ' || c.n);
		FOR a IN SELECT * FROM jsonb_array_elements(format('[%s]', c.assignments)::jsonb) LOOP
			PERFORM ambit.assign_role('t', 'case ' || c.n, a ->> 'role', a ->> 'location', a ->> 'only_group', coalesce((a ->> 'only_self')::boolean, false));
		END LOOP;
	END LOOP;
END
$$;
GRANT SELECT ON regress_rights.case TO regress_rights_app;
-- Seen; locked; updated and deleted in one statement over the whole table; and
-- each row written anew: all of it must be those very rows.
CREATE FUNCTION regress_rights.rows(relation regclass) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
	seen int[];
	other int[];
	i int;
BEGIN
	EXECUTE format('SELECT array_agg(id ORDER BY id) FROM %s', relation) INTO seen;
	EXECUTE format('SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM %s FOR UPDATE) r', relation) INTO other;
	IF other IS DISTINCT FROM seen THEN RAISE EXCEPTION 'sees %, locks %', seen, other; END IF;
	BEGIN
		EXECUTE format('WITH u AS (UPDATE %s SET id = id RETURNING id) SELECT array_agg(id ORDER BY id) FROM u', relation) INTO other;
		IF other IS DISTINCT FROM seen THEN RAISE EXCEPTION 'sees %, updates %', seen, other; END IF;
		EXECUTE format('WITH d AS (DELETE FROM %s RETURNING id) SELECT array_agg(id ORDER BY id) FROM d', relation) INTO other;
		IF other IS DISTINCT FROM seen THEN RAISE EXCEPTION 'sees %, deletes %', seen, other; END IF;
		RAISE EXCEPTION SQLSTATE 'RR000';
	EXCEPTION WHEN SQLSTATE 'RR000' THEN
	END;
	RETURN seen;
END
$$;
-- one that inserts every row of the table under another number
CREATE FUNCTION regress_rights.inserts() RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
	r record;
	accepted int[];
BEGIN
	FOR r IN SELECT * FROM regress_rights.plain ORDER BY id LOOP
		BEGIN
			INSERT INTO regress_rights.row VALUES (r.id + 100, r.tenant, r.location, r.owner, r.client, r.assignee, r.team);
			accepted := accepted || r.id;
			RAISE EXCEPTION SQLSTATE 'RR000';
		EXCEPTION WHEN SQLSTATE 'RR000' OR insufficient_privilege THEN
		END;
	END LOOP;
	RETURN accepted;
END
$$;
CREATE TABLE regress_rights.plain AS SELECT * FROM regress_rights.row;
GRANT SELECT ON regress_rights.plain TO regress_rights_app;
CREATE FUNCTION regress_rights.try(n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	c regress_rights.case;
	got int[];
	wrong text;
BEGIN
	SELECT * INTO c FROM regress_rights.case x WHERE x.n = try.n;
	PERFORM ambit.assume('t', 'case ' || n);
	FOR i IN 0 .. 1 LOOP
		PERFORM set_config('ambit.specialize_plans', (i = 0)::text, true);
		got := regress_rights.rows('regress_rights.row');
		IF got IS DISTINCT FROM c.seen THEN wrong := concat_ws('; ', wrong, 'sees ' || coalesce(got::text, '{}')); END IF;
		got := regress_rights.rows('regress_rights.bare');
		IF got IS DISTINCT FROM c.bare THEN wrong := concat_ws('; ', wrong, 'bare: sees ' || coalesce(got::text, '{}')); END IF;
		got := regress_rights.inserts();
		IF got IS DISTINCT FROM c.seen THEN wrong := concat_ws('; ', wrong, 'inserts ' || coalesce(got::text, '{}')); END IF;
	END LOOP;
	RETURN coalesce(wrong, 'right');
END
$$;
SET ROLE regress_rights_app;
SELECT assignments, seen, regress_rights.try(n) FROM regress_rights.case ORDER BY n;
RESET ROLE;

-- A member override holds through each assignment, with its place and limits.
SELECT ambit.add_member('t', 'placed', '{"staff": "s1"}'), ambit.assign_role('t', 'placed', 'loose', 'north'), ambit.assign_role('t', 'placed', 'loose', 'company', only_self => true);
SELECT ambit.set_member_permission('t', 'placed', 'rr.view', true, 'all');
-- Without keys there is nothing of one's own, and no relation.
SELECT ambit.add_member('t', 'bare'), ambit.add_to_group('t', 'g1', 'bare');
SELECT ambit.assign_role('t', 'bare', r) FROM unnest('{own,self,assignee,related,served}'::text[]) r;
SELECT ambit.assign_role('t', 'bare', 'all', only_self => true);
-- Two members with one staff key: reached as a target only where both are.
SELECT ambit.add_member('t', 'twin', '{"staff": "s2"}'), ambit.assign_role('t', 'twin', 'all');
SET ROLE regress_rights_app;
BEGIN;
SELECT ambit.assume('t', 'placed');
SELECT regress_rights.rows('regress_rights.row');
SELECT ambit.assume('t', 'bare');
SELECT regress_rights.rows('regress_rights.row'), ambit.permission_scopes('rr.view');
SELECT ambit.assume('t', 'case 9');
SELECT regress_rights.rows('regress_rights.row');
COMMIT;
RESET ROLE;
SELECT ambit.remove_member('t', 'twin');

-- ---- questions about a place, and (6) towards a member --------------------------------
SELECT ambit.assign_role('t', 's4', 'all', valid_until => '2020-01-01');
CREATE FUNCTION regress_rights.at(n int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text[] = '{}';
	l text;
BEGIN
	PERFORM ambit.assume('t', 'case ' || n);
	FOREACH l IN ARRAY '{company,north,hall,south,abroad,Hall,nowhere,""}'::text[] LOOP
		IF ambit.has_permission_at('rr.view', l) THEN answer := answer || l; END IF;
	END LOOP;
	RETURN answer;
END
$$;
CREATE FUNCTION regress_rights.towards(n int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answer text[] = '{}';
	u text;
BEGIN
	PERFORM ambit.assume('t', 'case ' || n);
	FOREACH u IN ARRAY '{s2,s3,s4,s5,S2,case 9,nobody}'::text[] LOOP
		IF ambit.has_permission('rr.view', u) THEN answer := answer || u; END IF;
	END LOOP;
	RETURN answer || ('any: ' || (ambit.permission_targets('rr.view') IS NULL));
END
$$;
SET ROLE regress_rights_app;
SELECT assignments, regress_rights.at(n) FROM regress_rights.case WHERE n IN (1, 2, 8, 11, 12, 13, 31, 32, 35) ORDER BY n;
-- 9 and 28 hold it towards those whose every role is own or team (s4 has none that
-- is valid); 10 towards anybody, for one of its entries names no target
SELECT assignments, regress_rights.towards(n) FROM regress_rights.case WHERE n IN (1, 9, 10, 28, 40) ORDER BY n;
RESET ROLE;
-- several entries: towards a member one of them must name all its roles
SELECT regress_rights.template('{
	"template": "rr_6",
	"permissions": [{"key": "rr.view"}],
	"roles": [{"role": "x"}, {"role": "y"}, {"role": "z", "inherits": ["x"]}, {"role": "boss"}],
	"cells": [{"role": "boss", "permission": "rr.view", "enabled": true, "entries": [{"scope": "all", "targets": ["x"]}, {"scope": "all", "targets": ["y"]}]}]
}');
SELECT ambit.create_tenant('six', 'rr_6');
SELECT ambit.add_member('six', u) FROM unnest('{x,y,xy,z,none,boss}'::text[]) u;
SELECT ambit.assign_role('six', u, r) FROM (VALUES ('x', 'x'), ('y', 'y'), ('xy', 'x'), ('xy', 'y'), ('z', 'z'), ('boss', 'boss')) v (u, r);
SET ROLE regress_rights_app;
BEGIN;
SELECT ambit.assume('six', 'boss');
SELECT u, ambit.has_permission('rr.view', u) FROM unnest('{x,y,xy,z,none,boss,s2}'::text[]) u;
SELECT ambit.permission_targets('rr.view'), ambit.permission_targets('rr.view') IS NULL AS any;
COMMIT;
RESET ROLE;

-- ---- what a backend keeps stays within ambit.cache_size -------------------------------
SELECT ambit.create_tenant('crowd', 'rr_6');
INSERT INTO ambit.member (tenant, user_id) SELECT 'crowd', 'm' || i FROM generate_series(1, 3000) i;
INSERT INTO ambit.assignment (tenant, user_id, role) SELECT 'crowd', 'm' || i, CASE WHEN i % 3 = 0 THEN 'x' ELSE 'boss' END FROM generate_series(1, 3000) i;
CREATE FUNCTION regress_rights.kept() RETURNS TABLE (within boolean, used boolean) LANGUAGE sql AS $$
	SELECT sum(c.total_bytes) <= pg_size_bytes(current_setting('ambit.cache_size')), sum(c.total_bytes) > pg_size_bytes(current_setting('ambit.cache_size')) / 2
	FROM pg_backend_memory_contexts c WHERE c.name IN ('ambit rights', 'ambit rights table', 'ambit rights entry', 'ambit role')
$$;
CREATE FUNCTION regress_rights.everybody() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint = 0;
BEGIN
	FOR i IN 1 .. 3000 LOOP
		PERFORM ambit.assume('crowd', 'm' || i);
		n := n + ambit.has_permission('rr.view')::int;
	END LOOP;
	RETURN n;
END
$$;
SET ambit.cache_size = '256kB';
SELECT count(*) FROM ambit.member m WHERE m.tenant = 'crowd' AND ambit.has_permission('crowd', m.user_id, 'rr.view');
SELECT * FROM regress_rights.kept();
SET ROLE regress_rights_app;
SELECT regress_rights.everybody();
RESET ROLE;
SELECT * FROM regress_rights.kept();
-- who was asked about last is still there, and who was first is not
SELECT count(*) FILTER (WHERE c.ident LIKE '%,u:m3000,') AS last, count(*) FILTER (WHERE c.ident LIKE '%,u:m1,') AS first
FROM pg_backend_memory_contexts c WHERE c.name = 'ambit rights entry';
-- less than one needs: each works alone
SET ambit.cache_size = '64kB';
SELECT count(*) FROM ambit.member m WHERE m.tenant = 'crowd' AND ambit.has_permission('crowd', m.user_id, 'rr.view');
SELECT within FROM regress_rights.kept();
RESET ambit.cache_size;
SET ROLE regress_rights_app;
SET ambit.cache_size = '1GB';
RESET ROLE;
SELECT ambit.drop_tenant('crowd');

-- ---- who may ask about whom -----------------------------------------------------------
SET ROLE regress_rights_app;
\set VERBOSITY sqlstate
BEGIN;
SELECT ambit.assume('t', 'case 1');
SELECT ambit.has_permission('t', 'case 1', 'rr.view') AS myself;
SAVEPOINT s;
SELECT ambit.has_permission('t', 'case 2', 'rr.view');
ROLLBACK TO s;
SELECT ambit.has_permission('T', 'case 1', 'rr.view');
ROLLBACK TO s;
SELECT * FROM ambit.effective_permissions('t', 'case 2');
ROLLBACK TO s;
SELECT * FROM ambit.effective_permissions('t');
ROLLBACK TO s;
SELECT * FROM ambit.effective_permissions(user_id => 'case 1');
SELECT ambit.has_permission('rr.viw');
ROLLBACK TO s;
\set VERBOSITY default
SELECT ambit.require_permission('rr.view');
SELECT ambit.assume('t', 's4');
SELECT ambit.require_permission('rr.view');
\echo :SQLSTATE
ROLLBACK;
SELECT ambit.require_permission('rr.view');
\echo :SQLSTATE
SELECT ambit.require_permission(NULL);
\echo :SQLSTATE
SELECT ambit.has_permission(NULL), ambit.permission_targets(NULL) AS targets, ambit.permission_scopes(NULL) AS scopes, ambit.has_permission(NULL, 's1') AS towards, ambit.has_permission_at(NULL, 'x') AS at;
BEGIN;
SELECT ambit.assume('t', 's4');
SELECT ambit.has_permission(NULL), ambit.permission_targets(NULL) AS targets, ambit.permission_scopes(NULL) AS scopes, ambit.has_permission(NULL, 's1') AS towards, ambit.has_permission_at(NULL, 'x') AS at,
	ambit.has_permission('rr.view', NULL) AS towards_nobody, ambit.has_permission_at('rr.view', NULL) AS nowhere, ambit.has_permission('t', 's4', NULL) AS of;
ROLLBACK;
RESET ROLE;
SELECT ambit.has_permission('t', 'case 1', 'rr.view') AS "1", ambit.has_permission('t', 'case 8', 'rr.view') AS "8",
	ambit.has_permission('t', 'nobody', 'rr.view') AS nobody, ambit.has_permission('nowhere', 'case 1', 'rr.view') AS nowhere;

-- clean up
SELECT ambit.unbind_relationship('regress_rights_related'), ambit.unbind_relationship('dependants');
SELECT ambit.drop_tenant('t'), ambit.drop_tenant('T'), ambit.drop_tenant('six');
SELECT ambit.untrust_application('regress_rights_app');
DROP SCHEMA regress_rights CASCADE;
DELETE FROM ambit.template WHERE template LIKE 'rr\__';
DELETE FROM ambit.permission_key WHERE key LIKE 'rr.%';
DROP ROLE regress_rights_app;
