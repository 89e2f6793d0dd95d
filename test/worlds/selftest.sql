/* ---- selftest: does the reference say what the documents say? ---------------
 *
 * Small cases with answers written by hand, from README.md, "How a decision is
 * made", and no ambit anywhere.  Prints a line for each case that is wrong,
 * "difference: ...", and at last "selftest N", the number of cases.  Leaves
 * nothing.
 */

BEGIN;
SET LOCAL from_collapse_limit = 1;
SET LOCAL join_collapse_limit = 1;

CREATE TEMP TABLE verdict (n integer GENERATED ALWAYS AS IDENTITY, name text, expected text, got text);

CREATE FUNCTION pg_temp.expect(name text, expected text, got text) RETURNS void
	LANGUAGE sql AS $$ INSERT INTO verdict (name, expected, got) VALUES ($1, $2, $3) $$;

/* what an identity of that tenant and user is told */
CREATE FUNCTION pg_temp.told(kind text, permission text, tenant text, user_id text, channel text = NULL, argument text = NULL) RETURNS text
	LANGUAGE sql AS
$$
	SELECT coalesce((SELECT q.answer
		FROM ref.identity i JOIN ref.question q USING (identity)
		WHERE i.tenant IS NOT DISTINCT FROM $3 AND i.user_id IS NOT DISTINCT FROM $4 AND i.channel IS NOT DISTINCT FROM $5
			AND q.kind = $1 AND q.permission IS NOT DISTINCT FROM $2 AND q.argument IS NOT DISTINCT FROM $6), 'nothing')
$$;
CREATE FUNCTION pg_temp.sees(relation text, tenant text, user_id text, command text = 'select') RETURNS text
	LANGUAGE sql AS
$$
	SELECT array_to_string(s.ids, ' ')
	FROM ref.identity i JOIN ref.seen s USING (identity)
	WHERE i.tenant IS NOT DISTINCT FROM $2 AND i.user_id IS NOT DISTINCT FROM $3 AND i.channel IS NULL
		AND s.relation = $1 AND s.command = $4
$$;

/* One school.  t1 is seen by wa.p1 and wb.p1, t2 by wa.p2, t3 (of t1) by
 * wb.p2, t4 (the register) by wb.p4. */
DELETE FROM ref.rule;
DELETE FROM ref.mask;
INSERT INTO ref.rule (rule, relation, command, permission) VALUES
	(1, 't1', 'select', 'wa.p1'), (2, 't1', 'select', 'wb.p1'),
	(3, 't1', 'update', 'wa.p3'), (4, 't1', 'update', 'wb.p2'),
	(5, 't2', 'select', 'wa.p2'),
	(6, 't2', 'insert', 'wa.p1'),
	(7, 't2', 'delete', 'wa.p2'), (8, 't2', 'delete', 'wa.p3'),
	(9, 't3', 'select', 'wb.p2'),
	(10, 't3', 'update', 'wb.p2'),
	(11, 't4', 'select', 'wb.p4');
SELECT ref.load_template('{
	"template": "school", "visitor_role": "visitor", "clients_permission": "wb.p4",
	"features": {"f1": {}},
	"permissions": [{"key": "wa.p1"}, {"key": "wa.p2"}, {"key": "wa.p3"}, {"key": "wb.p1"}, {"key": "wb.p2"}, {"key": "wb.p3"}, {"key": "wb.p4"}],
	"scopes": {
		"served": {"relationship": "served", "back": "15 days", "ahead": "15 days"},
		"billed": {"relationship": "billed", "subject": "client"}},
	"roles": [
		{"role": "visitor"},
		{"role": "client"},
		{"role": "limited", "inherits": ["client"]},
		{"role": "staff", "inherits": ["limited"]},
		{"role": "boss"},
		{"role": "odd"}],
	"cells": [
		{"role": "visitor", "permission": "wa.p3", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "client", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "self"}]},
		{"role": "limited", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "served"}]},
		{"role": "limited", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "own"}, {"scope": "assignee", "feature": "f1"}]},
		{"role": "limited", "permission": "wb.p3", "enabled": false, "entries": [{"scope": "own"}, {"scope": "team", "channels": ["web"]}]},
		{"role": "staff", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "team"}]},
		{"role": "staff", "permission": "wb.p2", "enabled": true, "requires": ["wb.p1"], "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "wa.p3", "enabled": true, "locked": true, "entries": [{"scope": "own"}]},
		{"role": "boss", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "all", "channels": ["web"]}]},
		{"role": "boss", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all", "targets": ["client", "limited"]}]},
		{"role": "boss", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}, {"scope": "all", "targets": ["staff"]}]},
		{"role": "boss", "permission": "wb.p3", "enabled": false, "locked": true, "entries": []},
		{"role": "odd", "permission": "wa.p1", "enabled": true, "requires": ["wa.p2"], "entries": [{"scope": "billed"}]},
		{"role": "odd", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "all", "requires": ["wa.p1"]}]},
		{"role": "odd", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "billed"}]}
	]}');

INSERT INTO ref.tenant VALUES ('one', 'school'), ('two', 'school');
INSERT INTO ref.location VALUES ('one', 'town', NULL), ('one', 'north', 'town'), ('one', 'hall', 'north'), ('one', 'south', 'town'), ('two', 'north', NULL);
INSERT INTO ref.groups VALUES ('one', 'strings'), ('one', 'Strings'), ('two', 'strings');
INSERT INTO ref.member VALUES
	('one', 'lea', '{"staff": "a1", "client": "c1"}'),
	('one', 'LEA', '{"staff": "A1", "client": "C1"}'),
	('one', 'sam', '{"staff": 7}'),
	('one', 'bo', '{"staff": "a2"}'),
	('one', 'north', '{"staff": "a3"}'),
	('one', 'late', '{"staff": "a4", "client": "c1"}'),
	('one', 'odd', '{"client": "07"}'),
	('one', 'bare', '{}'),
	('one', 'two_roles', '{"staff": "a5"}'),
	('two', 'lea', '{"staff": "a1", "client": "c1"}'),
	('two', 'sam', '{"staff": "7"}');
INSERT INTO ref.group_member VALUES ('one', 'strings', 'sam'), ('one', 'strings', 'lea'), ('one', 'Strings', 'bo'), ('two', 'strings', 'sam');
INSERT INTO ref.assignment (tenant, user_id, role, location, only_group, only_self, valid_until) VALUES
	('one', 'lea', 'limited', NULL, NULL, false, NULL),
	('one', 'LEA', 'limited', NULL, NULL, true, 'infinity'),
	('one', 'sam', 'staff', NULL, NULL, false, now() + interval '1 hour'),
	('one', 'bo', 'boss', NULL, NULL, false, NULL),
	('one', 'north', 'boss', 'north', NULL, false, NULL),
	('one', 'late', 'boss', NULL, NULL, false, now()),
	('one', 'late', 'client', NULL, NULL, false, NULL),
	('one', 'odd', 'odd', NULL, NULL, false, NULL),
	('one', 'two_roles', 'limited', NULL, NULL, false, NULL),
	('one', 'two_roles', 'boss', NULL, 'strings', false, NULL),
	('two', 'sam', 'staff', NULL, NULL, false, NULL);

INSERT INTO ref.row ("row", relation, present, was, id, tenant, location, owner, client, assignee, team, parent_id) VALUES
	(1, 't1', true, NULL, '1', 'one', 'hall', 'a1', 'c1', 'a2', NULL, NULL),
	(2, 't1', true, NULL, '2', 'one', 'south', 'a1', 'c2', NULL, 'strings', NULL),
	(3, 't1', true, NULL, '3', 'one', NULL, 'A1', 'c3', NULL, 'Strings', NULL),
	(4, 't1', true, NULL, '4', 'one', 'town', '7', 'C1', NULL, NULL, NULL),
	(5, 't1', true, NULL, '5', 'two', 'north', 'a1', 'c1', NULL, 'strings', NULL),
	(6, 't1', true, NULL, '6', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(7, 't1', true, NULL, '7', 'one', 'elsewhere', 'a5', NULL, NULL, NULL, NULL),
	(21, 't2', true, NULL, '1', 'one', NULL, '7', '7', NULL, NULL, NULL),
	(22, 't2', true, NULL, '2', 'one', NULL, '8', '9', NULL, NULL, NULL),
	(31, 't3', true, NULL, '1', NULL, NULL, NULL, NULL, NULL, NULL, '2'),
	(32, 't3', true, NULL, '2', NULL, NULL, NULL, NULL, NULL, NULL, '5'),
	(33, 't3', true, NULL, '3', NULL, NULL, NULL, NULL, NULL, NULL, '99'),
	(34, 't3', true, NULL, '4', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(35, 't3', true, NULL, '5', NULL, NULL, NULL, NULL, NULL, NULL, '4'),
	(41, 't4', true, NULL, 'c1', 'one', NULL, NULL, 'c1', NULL, NULL, NULL),
	(42, 't4', true, NULL, 'c2', 'one', NULL, NULL, 'c2', NULL, NULL, NULL),
	(43, 't4', true, NULL, 'c3', 'two', NULL, NULL, 'c3', NULL, NULL, NULL),
	(44, 't4', true, NULL, '7', 'one', NULL, NULL, '7', NULL, NULL, NULL),
	/* attempts: new rows, and rows in place of others */
	(51, 't2', false, NULL, '3', 'one', NULL, '9', NULL, NULL, NULL, NULL),
	(52, 't2', false, NULL, '4', 'two', NULL, '9', NULL, NULL, NULL, NULL),
	(53, 't3', false, 31, '1', NULL, NULL, NULL, NULL, NULL, NULL, '4'),
	(54, 't3', false, 31, '1', NULL, NULL, NULL, NULL, NULL, NULL, '5'),
	(55, 't3', false, 32, '2', NULL, NULL, NULL, NULL, NULL, NULL, '2');
INSERT INTO ref.related VALUES
	('served', 'one', 'text', 'a1', 'c1', now() - interval '15 days'),
	('served', 'one', 'text', 'a1', 'c2', now() + interval '15 days' + interval '1 microsecond'),
	('served', 'one', 'text', 'a1', 'c3', now() - interval '15 days' - interval '1 microsecond'),
	('served', 'one', 'text', 'a1', 'C1', NULL),
	('served', 'one', 'text', '7', 'c2', now() + interval '15 days'),
	('served', 'two', 'text', 'a1', 'c2', now()),
	('dependants', 'one', 'text', 'c1', 'c2', NULL),
	('dependants', 'two', 'text', 'c1', '7', NULL),
	('billed', 'one', 'bigint', '7', '7', NULL),
	('billed', 'one', 'bigint', '9', '9', NULL);
INSERT INTO ref.identity
	SELECT row_number() OVER (), m.tenant, m.user_id, c.channel
	FROM (SELECT tenant, user_id FROM ref.member UNION ALL SELECT tenant, NULL FROM ref.tenant) m,
		(VALUES (NULL), ('web')) AS c(channel);
INSERT INTO ref.identity VALUES (0, NULL, NULL, NULL);
INSERT INTO ref.trial
	SELECT row_number() OVER (), i.identity, CASE WHEN r.was IS NULL THEN 'insert' ELSE 'update' END, 'where', r.was, r."row", '{parent_id}'
	FROM ref.identity i, ref.row r WHERE NOT r.present;

SELECT ref.decide();
SELECT ref.decide_writes();

/* 1. who has which assignments */
SELECT pg_temp.expect('nobody holds nothing', 'false', pg_temp.told('has_permission', 'wa.p1', NULL, NULL));
SELECT pg_temp.expect('nobody sees nothing', '', pg_temp.sees('t1', NULL, NULL));
SELECT pg_temp.expect('nobody writes', '42501', pg_temp.sees('t1', NULL, NULL, 'delete'));
SELECT pg_temp.expect('the roles assigned', 'boss,limited', pg_temp.told('current_roles', NULL, 'one', 'two_roles'));
SELECT pg_temp.expect('those of a visitor', 'visitor', pg_temp.told('current_roles', NULL, 'one', NULL));
SELECT pg_temp.expect('a visitor has the visitor''s role', 'true', pg_temp.told('has_permission', 'wa.p3', 'one', NULL));
SELECT pg_temp.expect('and no other', 'false', pg_temp.told('has_permission', 'wa.p1', 'one', NULL));
SELECT pg_temp.expect('an assignment ends at its instant', 'false', pg_temp.told('has_permission', 'wa.p1', 'one', 'late'));
SELECT pg_temp.expect('beside one that goes on', 'true', pg_temp.told('has_permission', 'wb.p4', 'one', 'late'));
SELECT pg_temp.expect('a member without roles holds nothing', 'false', pg_temp.told('has_permission', 'wb.p4', 'one', 'bare'));
SELECT pg_temp.expect('a member of two tenants has in each what the tenant gave', 'false', pg_temp.told('has_permission', 'wa.p1', 'two', 'lea'));
/* 2. cells */
SELECT pg_temp.expect('roles inherit', 'self', pg_temp.told('scopes', 'wb.p4', 'one', 'sam'));
SELECT pg_temp.expect('a cell that is off gives nothing', 'false', pg_temp.told('has_permission', 'wb.p3', 'one', 'lea'));
/* 3. entries */
SELECT pg_temp.expect('a feature is off until it is on', 'own', pg_temp.told('scopes', 'wa.p2', 'one', 'lea'));
SELECT pg_temp.expect('no channel is not the channel web', 'false', pg_temp.told('has_permission', 'wa.p2', 'one', 'bo'));
SELECT pg_temp.expect('web is', 'true', pg_temp.told('has_permission', 'wa.p2', 'one', 'bo', 'web'));
SELECT pg_temp.expect('permissions that require each other hold nothing', 'false', pg_temp.told('has_permission', 'wa.p2', 'one', 'odd'));
SELECT pg_temp.expect('a permission holds with the one that it requires', 'true', pg_temp.told('has_permission', 'wb.p2', 'one', 'sam'));
/* 4. arms */
SELECT pg_temp.expect('where: at the location', 'true', pg_temp.told('at', 'wa.p1', 'one', 'north', NULL, 'north'));
SELECT pg_temp.expect('where: below it', 'true', pg_temp.told('at', 'wa.p1', 'one', 'north', NULL, 'hall'));
SELECT pg_temp.expect('where: not above', 'false', pg_temp.told('at', 'wa.p1', 'one', 'north', NULL, 'town'));
SELECT pg_temp.expect('where: not beside', 'false', pg_temp.told('at', 'wa.p1', 'one', 'north', NULL, 'south'));
SELECT pg_temp.expect('targets: of all arms', 'client,limited', pg_temp.told('targets', 'wb.p4', 'one', 'bo'));
SELECT pg_temp.expect('targets: any, if an arm has none', 'any', pg_temp.told('targets', 'wb.p1', 'one', 'bo'));
SELECT pg_temp.expect('targets: nobody''s, if there is no arm', 'nothing', pg_temp.told('targets', 'wb.p3', 'one', 'bo'));
/* 5. rows */
SELECT pg_temp.expect('all: of the tenant', '1 2 3 4 7', pg_temp.sees('t1', 'one', 'bo'));
SELECT pg_temp.expect('location: the subtree; no location, no row', '1', pg_temp.sees('t1', 'one', 'north'));
SELECT pg_temp.expect('relationship: both ends of the window are in, no further; of this tenant', '1', pg_temp.sees('t1', 'one', 'lea'));
SELECT pg_temp.expect('relationship and team, inherited and own', '1 2 4', pg_temp.sees('t1', 'one', 'sam'));
SELECT pg_temp.expect('relationship: the client key, converted; where it is of a table', '7', pg_temp.told('visible_clients', NULL, 'one', 'odd') || '' );
SELECT pg_temp.expect('only_self: my own of what the scope reaches', '', pg_temp.sees('t1', 'one', 'LEA'));
SELECT pg_temp.expect('only_group: of the group or of its staff', '1 2 4', pg_temp.sees('t1', 'one', 'two_roles'));
SELECT pg_temp.expect('own: a key that is a number', '1', pg_temp.sees('t2', 'one', 'sam'));
SELECT pg_temp.expect('own: a key that is none reaches nothing', '', pg_temp.sees('t2', 'one', 'lea'));
SELECT pg_temp.expect('self: my key and my dependants', 'c1,c2', pg_temp.told('visible_clients', NULL, 'one', 'lea'));
SELECT pg_temp.expect('target roles reach no row without an owner', 'nothing', pg_temp.told('visible_clients', NULL, 'one', 'bo'));
SELECT pg_temp.expect('parent: a row stands where its parent does', '1 5', pg_temp.sees('t3', 'one', 'sam'));
SELECT pg_temp.expect('parent: in its own tenant', '2', pg_temp.sees('t3', 'two', 'sam'));
SELECT pg_temp.expect('delete needs both to see and to delete', '', pg_temp.sees('t2', 'two', 'sam', 'delete'));
SELECT pg_temp.expect('delete by another rule', '1', pg_temp.sees('t2', 'one', 'sam', 'delete'));
SELECT pg_temp.expect('writes of sam', 'insert 51: 42501, insert 52: 42501, move 53: done, move 54: 42501, move 55: none',
	(SELECT string_agg(CASE WHEN r.was IS NULL THEN 'insert ' ELSE 'move ' END || r."row" || ': ' || a.outcome, ', ' ORDER BY r."row")
	FROM ref.attempt a JOIN ref.trial USING (trial) JOIN ref.row r USING ("row") JOIN ref.identity i USING (identity)
	WHERE i.tenant = 'one' AND i.user_id = 'sam' AND i.channel IS NULL));
SELECT pg_temp.expect('writes of bo', 'insert 51: done, insert 52: 42501, move 53: none, move 54: none, move 55: none',
	(SELECT string_agg(CASE WHEN r.was IS NULL THEN 'insert ' ELSE 'move ' END || r."row" || ': ' || a.outcome, ', ' ORDER BY r."row")
	FROM ref.attempt a JOIN ref.trial USING (trial) JOIN ref.row r USING ("row") JOIN ref.identity i USING (identity)
	WHERE i.tenant = 'one' AND i.user_id = 'bo' AND i.channel IS NULL));
/* 6. towards */
SELECT pg_temp.expect('towards: no target roles, anybody', 'true', pg_temp.told('towards', 'wa.p1', 'one', 'bo', NULL, 'sam'));
SELECT pg_temp.expect('towards: not anybody who is not a member', 'false', pg_temp.told('towards', 'wa.p1', 'two', 'sam', NULL, 'bo'));
SELECT pg_temp.expect('towards: the role is a target', 'true', pg_temp.told('towards', 'wb.p4', 'one', 'bo', NULL, 'lea'));
SELECT pg_temp.expect('towards: every role must be one', 'false', pg_temp.told('towards', 'wb.p4', 'one', 'bo', NULL, 'two_roles'));
SELECT pg_temp.expect('towards: the roles assigned, not those they inherit', 'false', pg_temp.told('towards', 'wb.p4', 'one', 'bo', NULL, 'sam'));
SELECT pg_temp.expect('towards: a role that ended does not count', 'true', pg_temp.told('towards', 'wb.p4', 'one', 'bo', NULL, 'late'));
SELECT pg_temp.expect('towards: one without roles', 'true', pg_temp.told('towards', 'wb.p4', 'one', 'bo', NULL, 'bare'));

/* changes: the tenant's, the member's */
SELECT pg_temp.expect('a locked cell refuses', '55000', ref.set_role_permission('one', 'staff', 'wa.p3', false, NULL));
SELECT pg_temp.expect('off', 'ok wb.p2', ref.set_role_permission('one', 'staff', 'wb.p1', false, NULL));
SELECT pg_temp.expect('on with another scope', 'ok', ref.set_role_permission('one', 'limited', 'wa.p1', true, 'own'));
SELECT pg_temp.expect('on with the template''s entries', 'ok', ref.set_role_permission('one', 'limited', 'wb.p3', true, NULL));
SELECT pg_temp.expect('on where the template has nothing', 'ok', ref.set_role_permission('one', 'client', 'wb.p2', true, NULL));
SELECT pg_temp.expect('a member''s, off', 'ok', ref.set_member_permission('one', 'bo', 'wa.p1', false, NULL));
SELECT pg_temp.expect('a member''s, locked', '55000', ref.set_member_permission('one', 'bo', 'wb.p3', true, NULL));
SELECT pg_temp.expect('a member''s, on with a scope', 'ok', ref.set_member_permission('one', 'north', 'wa.p2', true, 'all'));
SELECT pg_temp.expect('a member''s, on as the cells say', 'ok', ref.set_member_permission('one', 'LEA', 'wb.p3', true, NULL));
SELECT pg_temp.expect('a member''s, on where there is no cell', 'ok', ref.set_member_permission('one', 'odd', 'wa.p3', true, NULL));
SELECT pg_temp.expect('a member''s, without a role', 'ok', ref.set_member_permission('one', 'bare', 'wa.p3', true, NULL));
INSERT INTO ref.tenant_feature VALUES ('one', 'f1', true), ('two', 'f1', false);
SELECT ref.decide();

SELECT pg_temp.expect('off is off', 'false', pg_temp.told('has_permission', 'wb.p1', 'one', 'sam'));
SELECT pg_temp.expect('off in one tenant is not off in the other', 'true', pg_temp.told('has_permission', 'wb.p1', 'two', 'sam'));
SELECT pg_temp.expect('off turns off what requires it; what a role inherits adds up', 'all', pg_temp.told('scopes', 'wb.p2', 'one', 'sam'));
SELECT pg_temp.expect('the cell of staff is off', 'false', (SELECT enabled::text FROM ref.tenant_cell WHERE tenant = 'one' AND role = 'staff' AND permission = 'wb.p2'));
SELECT pg_temp.expect('the tenant''s scope takes the place of the entries', 'own', pg_temp.told('scopes', 'wa.p1', 'one', 'lea'));
SELECT pg_temp.expect('rows by the tenant''s scope', '1 2', pg_temp.sees('t1', 'one', 'lea'));
SELECT pg_temp.expect('the template''s entries keep their channels', 'own', pg_temp.told('scopes', 'wb.p3', 'one', 'lea'));
SELECT pg_temp.expect('by web both', 'own,team', pg_temp.told('scopes', 'wb.p3', 'one', 'lea', 'web'));
SELECT pg_temp.expect('nothing in the template: all', 'all', pg_temp.told('scopes', 'wb.p2', 'one', 'lea'));
SELECT pg_temp.expect('parent: all of those whose parent rows are seen', '1', pg_temp.sees('t3', 'one', 'lea'));
SELECT pg_temp.expect('a feature that is on', 'assignee,own', pg_temp.told('scopes', 'wa.p2', 'one', 'lea'));
SELECT pg_temp.expect('a feature that is off again', 'own', pg_temp.told('scopes', 'wa.p2', 'two', 'sam'));
SELECT pg_temp.expect('off for a member', 'false', pg_temp.told('has_permission', 'wa.p1', 'one', 'bo'));
SELECT pg_temp.expect('off for a member alone', 'true', pg_temp.told('has_permission', 'wa.p1', 'one', 'north'));
SELECT pg_temp.expect('on for a member, at the assignment''s location', 'true', pg_temp.told('at', 'wa.p2', 'one', 'north', NULL, 'hall'));
SELECT pg_temp.expect('on for a member, not elsewhere', 'false', pg_temp.told('at', 'wa.p2', 'one', 'north', NULL, 'town'));
SELECT pg_temp.expect('on for a member: the conditions of the cells hold', 'own', pg_temp.told('scopes', 'wb.p3', 'one', 'LEA'));
SELECT pg_temp.expect('on for a member where there is no cell: all', 'all', pg_temp.told('scopes', 'wa.p3', 'one', 'odd'));
SELECT pg_temp.expect('on for a member without a role: nothing', 'false', pg_temp.told('has_permission', 'wa.p3', 'one', 'bare'));

/* the template changes under its tenants: a lock passes over what they said */
UPDATE ref.cell SET locked = true WHERE role = 'limited' AND permission IN ('wa.p1', 'wb.p3');
SELECT ref.decide();
SELECT pg_temp.expect('a lock passes over the tenant''s scope', 'served', pg_temp.told('scopes', 'wa.p1', 'one', 'lea'));
SELECT pg_temp.expect('a lock that is off passes over the member''s own', 'false', pg_temp.told('has_permission', 'wb.p3', 'one', 'LEA'));

SELECT format('difference: selftest %s, %s: expected %s, got %s', n, name, expected, coalesce(got, 'NULL'))
FROM verdict
WHERE expected IS DISTINCT FROM got
ORDER BY n;
SELECT 'selftest ' || count(*) FROM verdict;

ROLLBACK;
