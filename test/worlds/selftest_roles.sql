/* ---- selftest_roles: a tenant's own roles -----------------------------------
 *
 * As selftest.sql: answers written by hand, no ambit anywhere.
 */

BEGIN;
SET LOCAL from_collapse_limit = 1;
SET LOCAL join_collapse_limit = 1;

CREATE TEMP TABLE verdict (n integer GENERATED ALWAYS AS IDENTITY, name text, expected text, got text);

CREATE FUNCTION pg_temp.expect(name text, expected text, got text) RETURNS void
	LANGUAGE sql AS $$ INSERT INTO verdict (name, expected, got) VALUES ($1, $2, $3) $$;

/* a cell of a role: on or off, locked or not, and the scopes it grants or
 * would grant, each with what it requires and its channels */
CREATE FUNCTION pg_temp.cell(tenant text, role text, permission text) RETURNS text
	LANGUAGE sql AS
$$
	SELECT coalesce((SELECT CASE WHEN enabled THEN 'on' ELSE 'off' END || CASE WHEN locked THEN ' locked' ELSE '' END
			FROM ref.cell_now n WHERE n.tenant = $1 AND n.role = $2 AND n.permission = $3), 'none')
		|| coalesce((SELECT ': ' || string_agg(concat_ws(' ', scope, 'needs ' || nullif(array_to_string(requires, '+'), ''), 'by ' || array_to_string(channels, '+')), ', ' ORDER BY scope COLLATE "C")
			FROM ref.entry_now n WHERE n.tenant = $1 AND n.role = $2 AND n.permission = $3), '')
$$;
/* what a member holds by no channel */
CREATE FUNCTION pg_temp.holds(tenant text, user_id text) RETURNS text
	LANGUAGE sql AS
$$
	SELECT coalesce(string_agg(DISTINCT permission || ' ' || scope, ', ' ORDER BY permission || ' ' || scope), 'nothing')
	FROM unnest(ref.claims(ref.everybody($1)))
	WHERE who = 'member ' || $2 AND channel = '' AND NOT all_on
$$;
CREATE FUNCTION pg_temp.call(fn text, tenant text, a text = NULL, b text = NULL, c text = NULL, d text = NULL, flag boolean = NULL, data jsonb = NULL) RETURNS text
	LANGUAGE sql AS
$$ SELECT ref.apply(ROW($1, $2, $3, $4, $5, $6, $7, NULL, $8)::ref.call) $$;
CREATE FUNCTION pg_temp.create_role(role text, modules jsonb, inherits jsonb = '[]') RETURNS text
	LANGUAGE sql AS
$$ SELECT pg_temp.call('create_role', 'one', $1, data => jsonb_build_object('modules', $2, 'inherits', $3)) $$;

SELECT ref.load_template('{
	"template": "office", "visitor_role": "visitor", "features": {}, "scopes": {},
	"permissions": [{"key": "wa.p1"}, {"key": "wa.p2"}, {"key": "wa.p3"}, {"key": "wb.p1"}, {"key": "wb.p2"}, {"key": "wb.p3"}, {"key": "wb.p4"}],
	"roles": [
		{"role": "visitor"}, {"role": "viewer"}, {"role": "desk"},
		{"role": "manager", "inherits": ["viewer"]},
		{"role": "chief", "inherits": ["viewer"]},
		{"role": "owner", "single": true}],
	"cells": [
		{"role": "viewer", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "viewer", "permission": "wa.p2", "enabled": false, "entries": [{"scope": "all"}]},
		{"role": "viewer", "permission": "wb.p1", "enabled": true, "locked": true, "entries": [{"scope": "all"}]},
		{"role": "desk", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "desk", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "desk", "permission": "wb.p3", "enabled": true, "level": true, "entries": [{"scope": "self"}]},
		{"role": "manager", "permission": "wa.p1", "enabled": true, "requires": ["wa.p3"], "entries": [{"scope": "all", "channels": ["web"]}]},
		{"role": "manager", "permission": "wa.p2", "enabled": false, "entries": [{"scope": "team"}]},
		{"role": "manager", "permission": "wa.p3", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "wb.p1", "enabled": false, "entries": [{"scope": "own"}]},
		{"role": "manager", "permission": "wb.p2", "enabled": true, "requires": ["wb.p1"], "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "wb.p3", "enabled": false, "locked": true, "entries": [{"scope": "all"}]},
		{"role": "manager", "permission": "wb.p4", "enabled": false, "requires": ["wa.p2"], "entries": [{"scope": "all"}]}
	]}');
INSERT INTO ref.tenant VALUES ('one', 'office'), ('two', 'office');
INSERT INTO ref.member VALUES ('one', 'ann', '{}'), ('one', 'bob', '{}'), ('one', 'cat', '{}'), ('two', 'ann', '{}');

/* what cannot be made */
SELECT pg_temp.expect('a role of the template exists', '42710', pg_temp.create_role('desk', '{}'));
SELECT pg_temp.expect('a level that is none', '42704', pg_temp.create_role('k', '{"wa": "managers"}'));
SELECT pg_temp.expect('a module that is none', '42704', pg_temp.create_role('k', '{"wc": "manager"}'));
SELECT pg_temp.expect('a level for visitors', '22023', pg_temp.create_role('k', '{"wa": "visitor"}'));
SELECT pg_temp.expect('a level for one member', '22023', pg_temp.create_role('k', '{"wa": "owner"}'));
SELECT pg_temp.expect('inherits for one member', '22023', pg_temp.create_role('k', '{}', '["owner"]'));
SELECT pg_temp.expect('inherits what is none', '42704', pg_temp.create_role('k', '{}', '["nobody"]'));
SELECT pg_temp.expect('nothing came of it', '42704', pg_temp.call('drop_role', 'one', 'k'));

/* following */
SELECT pg_temp.expect('a role by module', 'ok', pg_temp.create_role('k', '{"wa": "manager"}'));
SELECT pg_temp.expect('it exists', '42710', pg_temp.create_role('k', '{}'));
SELECT pg_temp.expect('it may not be a level', '42704', pg_temp.create_role('l', '{"wa": "k"}'));
SELECT pg_temp.expect('of another tenant it is not', '42704', pg_temp.call('drop_role', 'two', 'k'));
SELECT pg_temp.expect('a cell that is on in the level and in what it inherits: the entries of both, each under its own conditions',
	'on: all needs wa.p3 by web, own', pg_temp.cell('one', 'k', 'wa.p1'));
SELECT pg_temp.expect('a cell that is off in all: what turning it on would grant', 'off: all, team', pg_temp.cell('one', 'k', 'wa.p2'));
SELECT pg_temp.expect('a module that is not named', 'none', pg_temp.cell('one', 'k', 'wb.p2'));
SELECT pg_temp.expect('both modules', 'ok', pg_temp.create_role('m', '{"wa": "manager", "wb": "manager"}'));
SELECT pg_temp.expect('on in what the level inherits: those entries alone, and the lock of the level''s own cell', 'on: all', pg_temp.cell('one', 'm', 'wb.p1'));
SELECT pg_temp.expect('no cell of the level''s own', 'ok', pg_temp.create_role('c', '{"wb": "chief"}'));
SELECT pg_temp.expect('then any lock', 'on locked: all', pg_temp.cell('one', 'c', 'wb.p1'));
SELECT pg_temp.expect('which refuses', '55000', pg_temp.call('set_role_permission', 'one', 'c', 'wb.p1', flag => false));
SELECT pg_temp.expect('the level''s own lock refuses', '55000', pg_temp.call('set_role_permission', 'one', 'm', 'wb.p3', flag => true));
SELECT pg_temp.expect('and the module follows still', 'f', (SELECT bool_or(standalone)::text::char FROM ref.own_module WHERE role IN ('c', 'm')));
SELECT pg_temp.expect('the tenant changes the level', 'ok', pg_temp.call('set_role_permission', 'one', 'viewer', 'wa.p2', 'own', flag => true));
SELECT pg_temp.expect('live: only what is on counts', 'on: own', pg_temp.cell('one', 'k', 'wa.p2'));
SELECT pg_temp.expect('the tenant takes it back', 'ok', pg_temp.call('set_role_permission', 'one', 'viewer', 'wa.p2'));
SELECT pg_temp.expect('live again', 'off: all, team', pg_temp.cell('one', 'k', 'wa.p2'));

/* standing alone */
SELECT pg_temp.expect('a cell is changed', 'ok', pg_temp.call('set_role_permission', 'one', 'k', 'wa.p2', flag => true));
SELECT pg_temp.expect('with the entries of the off cells', 'on: all, team', pg_temp.cell('one', 'k', 'wa.p2'));
SELECT pg_temp.expect('its neighbours are as they were', 'on: all needs wa.p3 by web, own', pg_temp.cell('one', 'k', 'wa.p1'));
SELECT pg_temp.expect('the level loses a cell, and what requires it', 'ok wa.p1', pg_temp.call('set_role_permission', 'one', 'manager', 'wa.p3', flag => false));
SELECT pg_temp.expect('which the one that stands alone keeps', 'on: all', pg_temp.cell('one', 'k', 'wa.p3'));
SELECT pg_temp.expect('and the one that follows loses', 'off: all', pg_temp.cell('one', 'm', 'wa.p3'));
SELECT pg_temp.expect('with what requires it', 'on: own', pg_temp.cell('one', 'm', 'wa.p1'));
SELECT pg_temp.expect('on with a scope that the entries have: their conditions stay', 'ok wa.p3', pg_temp.call('set_role_permission', 'one', 'manager', 'wa.p1', 'all', flag => true));
SELECT pg_temp.expect('here too', 'on: all needs wa.p3 by web', pg_temp.cell('one', 'manager', 'wa.p1'));
SELECT pg_temp.expect('off leaves on what one of several cells requires, and another not', 'ok', pg_temp.call('set_role_permission', 'one', 'k', 'wa.p3', flag => false));
SELECT pg_temp.expect('each entry under its own conditions still', 'on: all needs wa.p3 by web, own', pg_temp.cell('one', 'k', 'wa.p1'));
SELECT pg_temp.expect('on turns on what it requires, in the other module too', 'ok wa.p2', pg_temp.call('set_role_permission', 'one', 'm', 'wb.p4', flag => true));
SELECT pg_temp.expect('and both stand alone', 'wa wb', (SELECT string_agg(module, ' ' ORDER BY module) FROM ref.own_module WHERE role = 'm' AND standalone));
SELECT pg_temp.expect('back to what was frozen', 'ok wb.p4', pg_temp.call('set_role_permission', 'one', 'm', 'wa.p2'));
SELECT pg_temp.expect('is not back to following', 'wa wb', (SELECT string_agg(module, ' ' ORDER BY module) FROM ref.own_module WHERE role = 'm' AND standalone));
SELECT pg_temp.expect('back to the level', 'ok', pg_temp.call('set_role_module', 'one', 'm', 'wb', 'manager'));
SELECT pg_temp.expect('follows', 'off: all needs wa.p2', pg_temp.cell('one', 'm', 'wb.p4'));
SELECT pg_temp.expect('off turns off what requires it, of its own cells', 'ok wb.p2', pg_temp.call('set_role_permission', 'one', 'm', 'wb.p1', flag => false));
SELECT pg_temp.expect('back to the level once more', 'ok', pg_temp.call('set_role_module', 'one', 'm', 'wb', 'manager'));
SELECT pg_temp.expect('on where the level has no cell', 'ok', pg_temp.call('set_role_permission', 'one', 'k', 'wb.p3', flag => true));
SELECT pg_temp.expect('all', 'on: all', pg_temp.cell('one', 'k', 'wb.p3'));
SELECT pg_temp.expect('its module is put on a level', 'ok', pg_temp.call('set_role_module', 'one', 'k', 'wb', 'chief'));
SELECT pg_temp.expect('what was changed in it is forgotten', 'none', pg_temp.cell('one', 'k', 'wb.p3'));
SELECT pg_temp.expect('the module is taken away', 'ok', pg_temp.call('set_role_module', 'one', 'k', 'wb'));
SELECT pg_temp.expect('and brings nothing', 'none', pg_temp.cell('one', 'k', 'wb.p1'));
SELECT pg_temp.expect('a module of the template''s role', '22023', pg_temp.call('set_role_module', 'one', 'desk', 'wb', 'chief'));

/* a cell for modules alone */
SELECT pg_temp.expect('the role does not have it', 'none', pg_temp.cell('one', 'desk', 'wb.p3'));
SELECT pg_temp.expect('a role that follows it, and one that inherits it', 'ok ok', pg_temp.create_role('p', '{"wb": "desk"}') || ' ' || pg_temp.create_role('q', '{}', '["desk"]'));
SELECT pg_temp.expect('the module has it', 'on: self', pg_temp.cell('one', 'p', 'wb.p3'));
SELECT pg_temp.expect('done', 'ok ok', pg_temp.call('assign_role', 'one', 'cat', 'p', flag => false) || ' ' || pg_temp.call('assign_role', 'two', 'ann', 'desk', flag => false));
SELECT pg_temp.expect('who has that role holds it', 'wb.p3 self, wb.p4 all', pg_temp.holds('one', 'cat'));
SELECT pg_temp.expect('others do not', 'wa.p1 self, wb.p4 all', pg_temp.holds('two', 'ann'));
SELECT pg_temp.expect('done', 'ok ok', pg_temp.call('change_role', 'one', 'cat', 'p', 'q') || ' ' || pg_temp.call('revoke_role', 'two', 'ann', 'desk'));
SELECT pg_temp.expect('nor by inheritance', 'wa.p1 self, wb.p4 all', pg_temp.holds('one', 'cat'));
SELECT pg_temp.expect('the tenant gives it to the role', 'ok', pg_temp.call('set_role_permission', 'one', 'desk', 'wb.p3', flag => true));
SELECT pg_temp.expect('in all, since it has none', 'on: all', pg_temp.cell('one', 'desk', 'wb.p3'));
SELECT pg_temp.expect('which the module follows', 'on: all', pg_temp.cell('one', 'p', 'wb.p3'));
SELECT pg_temp.expect('and takes it back', 'ok', pg_temp.call('set_role_permission', 'one', 'desk', 'wb.p3'));
SELECT pg_temp.expect('as it was', 'none, on: self', pg_temp.cell('one', 'desk', 'wb.p3') || ', ' || pg_temp.cell('one', 'p', 'wb.p3'));
SELECT pg_temp.expect('done', 'ok ok ok', pg_temp.call('revoke_role', 'one', 'cat', 'q') || ' ' || pg_temp.call('drop_role', 'one', 'p') || ' ' || pg_temp.call('drop_role', 'one', 'q'));

/* no access */
SELECT pg_temp.expect('no access to a module that is inherited', 'ok', pg_temp.create_role('n', '{"wb": "no_access"}', '["viewer", "desk"]'));
SELECT pg_temp.expect('a role that inherits it, and has it elsewhere', 'ok', pg_temp.create_role('o', '{}', '["n"]'));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('assign_role', 'one', 'ann', 'n', flag => false));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('assign_role', 'one', 'bob', 'o', flag => false));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('assign_role', 'one', 'cat', 'viewer', flag => false));
SELECT pg_temp.expect('the module does not count', 'wa.p1 own, wa.p1 self', pg_temp.holds('one', 'ann'));
SELECT pg_temp.expect('nor through a role that inherits this one', 'wa.p1 own, wa.p1 self', pg_temp.holds('one', 'bob'));
SELECT pg_temp.expect('nor its locks', 'ok', pg_temp.call('set_member_permission', 'one', 'ann', 'wb.p1', 'own', flag => true));
SELECT pg_temp.expect('which count elsewhere', '55000', pg_temp.call('set_member_permission', 'one', 'cat', 'wb.p1', 'own', flag => true));
SELECT pg_temp.expect('a permission turned on in it counts', 'ok', pg_temp.call('set_role_permission', 'one', 'n', 'wb.p4', 'own', flag => true));
SELECT pg_temp.expect('for those who have the role', 'wa.p1 own, wa.p1 self, wb.p1 own, wb.p4 own', pg_temp.holds('one', 'ann'));
SELECT pg_temp.expect('and those who inherit it', 'wa.p1 own, wa.p1 self, wb.p4 own', pg_temp.holds('one', 'bob'));
SELECT pg_temp.expect('another role of the member is another way', 'ok', pg_temp.call('assign_role', 'one', 'bob', 'desk', flag => false));
SELECT pg_temp.expect('and adds up', 'wa.p1 own, wa.p1 self, wb.p4 all, wb.p4 own', pg_temp.holds('one', 'bob'));
SELECT pg_temp.expect('a lock by another way counts', 'ok', pg_temp.call('assign_role', 'one', 'ann', 'viewer', flag => false));
SELECT pg_temp.expect('and passes over the override', 'wa.p1 own, wa.p1 self, wb.p1 all, wb.p4 own', pg_temp.holds('one', 'ann'));

/* the end of roles */
SELECT pg_temp.expect('somebody has it', '2BP01', pg_temp.call('drop_role', 'one', 'n'));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('revoke_role', 'one', 'ann', 'n'));
SELECT pg_temp.expect('a role inherits it', '2BP01', pg_temp.call('drop_role', 'one', 'n'));
SELECT pg_temp.expect('the template''s', '22023', pg_temp.call('drop_role', 'one', 'desk'));
SELECT pg_temp.expect('nobody has it', 'ok', pg_temp.call('drop_role', 'one', 'c'));
SELECT pg_temp.expect('gone', 'none', pg_temp.cell('one', 'c', 'wb.p1'));

/* the role of one member */
SELECT pg_temp.expect('one has it', 'ok', pg_temp.call('assign_role', 'one', 'cat', 'owner', flag => false));
SELECT pg_temp.expect('no other', '55000', pg_temp.call('assign_role', 'one', 'bob', 'owner', flag => false));
SELECT pg_temp.expect('nor by change', '55000', pg_temp.call('change_role', 'one', 'bob', 'desk', 'owner'));
SELECT pg_temp.expect('in another tenant another', 'ok', pg_temp.call('assign_role', 'two', 'ann', 'owner', flag => false));
SELECT pg_temp.expect('who has it not hands nothing over', '42704', pg_temp.call('transfer_role', 'one', 'owner', 'bob', 'cat'));
SELECT pg_temp.expect('another role is not handed over', '22023', pg_temp.call('transfer_role', 'one', 'desk', 'bob', 'cat'));
SELECT pg_temp.expect('it changes hands', 'ok', pg_temp.call('transfer_role', 'one', 'owner', 'cat', 'bob'));
SELECT pg_temp.expect('bob', 'bob', (SELECT user_id FROM ref.assignment WHERE tenant = 'one' AND role = 'owner'));
SELECT pg_temp.expect('in no other way', '55000 55000 55000', concat_ws(' ', pg_temp.call('revoke_role', 'one', 'bob', 'owner'),
	pg_temp.call('change_role', 'one', 'bob', 'owner', 'desk'), pg_temp.call('remove_member', 'one', 'bob')));
INSERT INTO ref.assignment VALUES ('one', 'cat', 'owner', NULL, NULL, false, 'infinity');
SELECT pg_temp.expect('two have it: one may lose it', 'ok', pg_temp.call('revoke_role', 'one', 'cat', 'owner'));
UPDATE ref.assignment SET valid_until = now() - interval '1 day' WHERE tenant = 'one' AND role = 'owner';
SELECT pg_temp.expect('it ended', 'ok', pg_temp.call('revoke_role', 'one', 'bob', 'owner'));

/* what ended is not in the way */
INSERT INTO ref.assignment VALUES ('one', 'cat', 'desk', NULL, NULL, false, now());
SELECT pg_temp.expect('given again', 'ok', pg_temp.call('assign_role', 'one', 'cat', 'desk', flag => false));
SELECT pg_temp.expect('once', '42710', pg_temp.call('assign_role', 'one', 'cat', 'desk', flag => false));
UPDATE ref.assignment SET valid_until = now() WHERE tenant = 'one' AND user_id = 'cat' AND role = 'viewer';
SELECT pg_temp.expect('changed to', 'ok', pg_temp.call('change_role', 'one', 'cat', 'desk', 'viewer'));
SELECT pg_temp.expect('one assignment', '1', (SELECT count(*)::text FROM ref.assignment WHERE tenant = 'one' AND user_id = 'cat' AND role IN ('desk', 'viewer')));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('revoke_role', 'one', 'cat', 'viewer'));

/* locked off in one role, on in another */
SELECT pg_temp.expect('done', 'ok ok', pg_temp.call('assign_role', 'two', 'ann', 'manager', flag => false) || ' ' || pg_temp.call('set_role_permission', 'two', 'desk', 'wb.p3', flag => true));
SELECT pg_temp.expect('locked off, in all roles', '55000', pg_temp.call('set_member_permission', 'two', 'ann', 'wb.p3', flag => false));
SELECT pg_temp.expect('done', 'ok', pg_temp.call('assign_role', 'two', 'ann', 'desk', flag => false));
SELECT pg_temp.expect('not turned on by a member''s change', '55000', pg_temp.call('set_member_permission', 'two', 'ann', 'wb.p3', flag => true));
SELECT pg_temp.expect('held', 't', (pg_temp.holds('two', 'ann') LIKE '%wb.p3 all%')::text::char);
SELECT pg_temp.expect('turned off', 'ok', pg_temp.call('set_member_permission', 'two', 'ann', 'wb.p3', flag => false));
SELECT pg_temp.expect('not held', 'f', (pg_temp.holds('two', 'ann') LIKE '%wb.p3 all%')::text::char);
SELECT pg_temp.expect('locked on it is not turned off', '55000', pg_temp.call('set_member_permission', 'two', 'ann', 'wb.p1', flag => false));

/* the template changes */
SELECT pg_temp.expect('m follows in wb, stands alone in wa', 'on: all needs wb.p1', pg_temp.cell('one', 'm', 'wb.p2'));
UPDATE ref.cell SET enabled = false WHERE role = 'manager' AND permission IN ('wa.p3', 'wb.p2');
SELECT pg_temp.expect('which reaches what follows', 'off: all needs wb.p1', pg_temp.cell('one', 'm', 'wb.p2'));
SELECT pg_temp.expect('not what stands alone', 'on: all', pg_temp.cell('one', 'm', 'wa.p3'));
DELETE FROM ref.role WHERE role = 'manager';
DELETE FROM ref.cell WHERE role = 'manager';
SELECT pg_temp.expect('a level that is no more brings nothing', 'none', pg_temp.cell('one', 'm', 'wb.p2'));
SELECT pg_temp.expect('not even what it inherited', 'none', pg_temp.cell('one', 'm', 'wb.p1'));
SELECT pg_temp.expect('what stands alone stands', 'on: all', pg_temp.cell('one', 'm', 'wa.p3'));
SELECT pg_temp.expect('somebody makes a role of that name', 'ok', pg_temp.create_role('manager', '{"wb": "viewer"}'));
SELECT pg_temp.expect('which is no level', 'none', pg_temp.cell('one', 'm', 'wb.p1'));
DELETE FROM ref.permission WHERE permission = 'wa.p3';
SELECT pg_temp.expect('a permission that is no more is nobody''s', 'none', pg_temp.cell('one', 'm', 'wa.p3'));
UPDATE ref.frozen_cell SET enabled = false, requires = '{wa.p3}' WHERE role = 'm' AND permission = 'wa.p1';
SELECT pg_temp.expect('nor is it turned on by what required it', 'ok', pg_temp.call('set_role_permission', 'one', 'm', 'wa.p1', flag => true));

SELECT format('difference: selftest_roles %s, %s: expected %s, got %s', n, name, expected, coalesce(got, 'NULL'))
FROM verdict
WHERE expected IS DISTINCT FROM got
ORDER BY n;
SELECT 'selftest ' || count(*) FROM verdict;

ROLLBACK;
