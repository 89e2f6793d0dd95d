/* ---- selftest_write: writes and masks ---------------------------------------
 *
 * Small cases with answers written by hand, from doc/writes.md and doc/masks.md;
 * no ambit anywhere.  Prints like selftest.sql.
 */

BEGIN;
SET LOCAL from_collapse_limit = 1;
SET LOCAL join_collapse_limit = 1;

CREATE TEMP TABLE verdict (n integer GENERATED ALWAYS AS IDENTITY, name text, expected text, got text);
CREATE TEMP TABLE try (trial integer, name text, expected text);

CREATE FUNCTION pg_temp.expect(name text, expected text, got text) RETURNS void
	LANGUAGE sql AS $$ INSERT INTO verdict (name, expected, got) VALUES ($1, $2, $3) $$;

/* What becomes of it when a user of tenant one changes row "was" so, or inserts
 * that row (was NULL).  columns: those of changes unless they are given. */
CREATE FUNCTION pg_temp.try(name text, expected text, user_name text, command text, form text, was integer, changes jsonb, columns text[] = NULL, relation text = 't1')
	RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	o ref.row;
	n ref.row;
	number integer := 1000 + (SELECT count(*) FROM try);
BEGIN
	SELECT * INTO o FROM ref.row r WHERE r."row" = try.was;
	o.relation := coalesce(o.relation, try.relation);
	n := jsonb_populate_record(o, changes);
	n."row" := number;
	n.was := try.was;
	n.present := false;
	INSERT INTO ref.row SELECT n.*;
	INSERT INTO ref.trial
		SELECT number, i.identity, command, form, was, number, coalesce(columns, ARRAY(SELECT jsonb_object_keys(changes)))
		FROM ref.identity i WHERE i.tenant IS NOT DISTINCT FROM CASE WHEN user_name <> 'nobody' THEN 'one' END
			AND coalesce(i.user_id, 'nobody') = user_name;
	INSERT INTO try VALUES (number, name, expected);
END
$$;

SELECT ref.load_template('{
	"template": "shop", "features": {}, "scopes": {}, "marked_fields": ["wb.p4"],
	"permissions": [{"key": "wa.p1"}, {"key": "wa.p2"}, {"key": "wa.p3"}, {"key": "wb.p1"}, {"key": "wb.p2"}, {"key": "wb.p3"}, {"key": "wb.p4"}],
	"roles": [{"role": "boss"}, {"role": "staff"}, {"role": "guest"}, {"role": "mover"}],
	"cells": [
		{"role": "boss", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wa.p3", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p2", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "boss", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "wa.p2", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "wb.p1", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "wb.p2", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "staff", "permission": "wb.p4", "enabled": true, "entries": [{"scope": "own"}]},
		{"role": "guest", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "mover", "permission": "wa.p1", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "mover", "permission": "wb.p2", "enabled": true, "entries": [{"scope": "assignee"}]},
		{"role": "mover", "permission": "wb.p3", "enabled": true, "entries": [{"scope": "own"}]}
	]}');
INSERT INTO ref.tenant VALUES ('one', 'shop'), ('two', 'shop');
INSERT INTO ref.member VALUES ('one', 'bo', '{"staff": "a9"}'), ('one', 'sam', '{"staff": "a1"}'), ('one', 'gil', '{}'), ('one', 'mo', '{"staff": "a1"}');
INSERT INTO ref.assignment (tenant, user_id, role, only_self) VALUES
	('one', 'bo', 'boss', false), ('one', 'sam', 'staff', false), ('one', 'gil', 'guest', false), ('one', 'mo', 'mover', false);
INSERT INTO ref.identity VALUES (0, NULL, NULL, NULL), (1, 'one', 'bo', NULL), (2, 'one', 'sam', NULL), (3, 'one', 'gil', NULL), (4, 'one', 'mo', NULL);

DELETE FROM ref.rule;
DELETE FROM ref.mask;
INSERT INTO ref.rule (rule, relation, command, permission, columns, becomes, condition, checks) VALUES
	(1, 't1', 'select', 'wa.p1', NULL, NULL, NULL, 'both'),
	(2, 't1', 'insert', 'wa.p2', NULL, NULL, NULL, 'both'),
	(3, 't1', 'update', 'wa.p2', '{note,price,location,client}', NULL, NULL, 'both'),
	(4, 't1', 'update', 'wa.p3', '{status}', 'sent', NULL, 'both'),
	(5, 't1', 'update', 'wa.p2', '{status}', 'open', 'note IS NOT NULL', 'both'),
	(6, 't1', 'update', 'wb.p1', '{owner}', NULL, NULL, 'old'),
	(7, 't1', 'update', 'wb.p3', '{owner,team}', NULL, NULL, 'new'),
	(8, 't1', 'delete', 'wa.p2', NULL, NULL, 'price < 10', 'both'),
	(9, 't1', 'update', 'wa.p2', '{price}', '100', NULL, 'both'),
	(20, 't3', 'select', 'wa.p1', NULL, NULL, NULL, 'both'),
	(21, 't3', 'update', 'wa.p2', '{note,parent_id}', NULL, NULL, 'both'),
	(22, 't3', 'update', 'wb.p1', '{parent_id}', NULL, NULL, 'old'),
	(23, 't3', 'insert', 'wa.p2', '{status}', 'draft', NULL, 'both'),
	(24, 't3', 'insert', 'wa.p3', NULL, NULL, NULL, 'both'),
	(25, 't3', 'insert', 'wa.p1', NULL, NULL, NULL, 'both'),
	(26, 't3', 'update', 'wa.p3', '{status}', 'open', NULL, 'both'),
	(27, 't3', 'update', 'wa.p3', '{note}', 'z', NULL, 'both'),
	(28, 't3', 'update', 'wa.p1', '{assignee,status}', NULL, NULL, 'both'),
	(30, 't4', 'select', 'wa.p1', NULL, NULL, NULL, 'both'),
	(31, 't4', 'insert', 'wa.p1', NULL, NULL, NULL, 'both'),
	(32, 't4', 'update', 'wa.p1', NULL, NULL, NULL, 'both');
INSERT INTO ref.mask VALUES ('t3', 'status', 'wb.p2'), ('t4', 'note', 'wb.p2'), ('t4', 'extra', 'wb.p4');
INSERT INTO ref.row ("row", relation, present, id, tenant, owner, client, assignee, status, price, note) VALUES
	(1, 't1', true, '1', 'one', 'a1', 'c1', NULL, 'open', '5', 'x'),
	(2, 't1', true, '2', 'one', 'a2', 'c2', NULL, 'sent', '20', NULL),
	(3, 't1', true, '3', 'two', 'a1', 'c3', NULL, 'open', '5', 'x');
INSERT INTO ref.row ("row", relation, present, id, parent_id, assignee, status, note) VALUES
	(11, 't3', true, '1', '1', NULL, 'draft', 'x'),
	(12, 't3', true, '2', '2', NULL, 'draft', 'x'),
	(13, 't3', true, '3', '3', NULL, 'draft', 'x'),
	(14, 't3', true, '4', '2', 'a1', 'draft', 'x');
INSERT INTO ref.row ("row", relation, present, id, client, tenant, note, extra) VALUES
	(21, 't4', true, 'c1', 'c1', 'one', 'x', 'y');
SELECT ref.decide();

/* columns */
SELECT pg_temp.try('nobody', '42501', 'nobody', 'update', 'where', 1, '{"note": "y"}');
SELECT pg_temp.try('a column that a rule lists', 'done', 'sam', 'update', 'where', 1, '{"note": "y"}');
SELECT pg_temp.try('one that none lists', '42501', 'sam', 'update', 'where', 1, '{"assignee": "a1"}');
SELECT pg_temp.try('one that is listed, and one that is not', '42501', 'sam', 'update', 'where', 1, '{"note": "y", "assignee": "a1"}');
SELECT pg_temp.try('the same value is no change', 'done', 'sam', 'update', 'where', 1, '{"note": "y", "status": "open", "tenant": "one"}');
SELECT pg_temp.try('nothing changed is free', 'done', 'sam', 'update', 'where', 1, '{"assignee": null}');
SELECT pg_temp.try('to NULL is a change', 'done', 'sam', 'update', 'where', 1, '{"note": null}');
SELECT pg_temp.try('to NULL by a rule that is about another value', '42501', 'bo', 'update', 'where', 1, '{"status": null, "note": "y"}');
SELECT pg_temp.try('the same number written otherwise is a change', 'done', 'sam', 'update', 'where', 1, '{"price": "5.0"}');
SELECT pg_temp.try('the tenant never changes', '42501', 'bo', 'update', 'where', 1, '{"tenant": "two"}');
SELECT pg_temp.try('the key is a column too', '42501', 'sam', 'update', 'where', 1, '{"id": "9"}');
SELECT pg_temp.try('a row of others is not there', 'none', 'sam', 'update', 'where', 2, '{"note": "y"}');
SELECT pg_temp.try('nor one of another tenant', 'none', 'bo', 'update', 'where', 3, '{"note": "y"}');
SELECT pg_temp.try('who only sees updates nothing', 'none', 'gil', 'update', 'where', 1, '{"note": "y"}');
SELECT pg_temp.try('different columns by different rules', 'done', 'bo', 'update', 'where', 1, '{"note": "y", "status": "sent"}');
/* becomes */
SELECT pg_temp.try('becomes', 'done', 'bo', 'update', 'where', 1, '{"status": "sent"}');
SELECT pg_temp.try('becomes by another permission', '42501', 'sam', 'update', 'where', 1, '{"status": "sent"}');
SELECT pg_temp.try('becomes something else', '42501', 'bo', 'update', 'where', 1, '{"status": "done"}');
SELECT pg_temp.try('becomes NULL', '42501', 'bo', 'update', 'where', 1, '{"status": null}');
SELECT pg_temp.try('when: not of the old row', '42501', 'bo', 'update', 'where', 2, '{"status": "open"}');
SELECT pg_temp.try('when: not of the old row, of the new one', '42501', 'bo', 'update', 'where', 2, '{"status": "open", "note": "y"}');
/* checks */
SELECT pg_temp.try('given away: not seen afterwards', 'done', 'sam', 'update', 'where', 1, '{"owner": "a2"}');
SELECT pg_temp.try('given away to nobody', 'done', 'sam', 'update', 'where', 1, '{"owner": null}');
SELECT pg_temp.try('given away by FROM', 'done', 'sam', 'update', 'from', 1, '{"owner": "a2"}');
SELECT pg_temp.try('given away through a view', 'done', 'sam', 'update', 'view', 1, '{"owner": "a2"}');
SELECT pg_temp.try('not with RETURNING', '42501', 'sam', 'update', 'returning', 1, '{"owner": "a2"}');
SELECT pg_temp.try('nor by MERGE', '42501', 'sam', 'update', 'merge', 1, '{"owner": "a2"}');
SELECT pg_temp.try('nor with another column', '42501', 'sam', 'update', 'where', 1, '{"owner": "a2", "note": "y"}');
SELECT pg_temp.try('new: the old row need only be seen', 'done', 'mo', 'update', 'where', 2, '{"owner": "a1"}');
SELECT pg_temp.try('new: but the new one permitted', '42501', 'mo', 'update', 'where', 2, '{"owner": "a3"}');
SELECT pg_temp.try('whole: the new row need not be seen, but by the rules', '42501', 'sam', 'update', 'whole', 1, '{"owner": "a2", "note": "y"}');
SELECT pg_temp.try('whole: given away', 'done', 'sam', 'update', 'whole', 1, '{"owner": "a2"}');
SELECT pg_temp.try('whole returning: not', '42501', 'sam', 'update', 'whole returning', 1, '{"owner": "a2"}');
/* MERGE, ON CONFLICT */
SELECT pg_temp.try('merge', 'done', 'sam', 'update', 'merge', 1, '{"note": "y"}');
SELECT pg_temp.try('merge: a row of others is not matched', 'none', 'sam', 'update', 'merge', 2, '{"note": "y"}');
SELECT pg_temp.try('merge: delete what is matched and not permitted', '42501', 'bo', 'delete', 'merge', 2, '{}');
SELECT pg_temp.try('on conflict', 'done', 'sam', 'update', 'conflict', 1, '{"note": "y"}');
SELECT pg_temp.try('on conflict: the row proposed is not permitted', '42501', 'bo', 'update', 'conflict', 1, '{"note": null}');
SELECT pg_temp.try('on conflict: but plainly', 'done', 'bo', 'update', 'where', 1, '{"note": null}');
SELECT pg_temp.try('on conflict: the row proposed is permitted', 'done', 'bo', 'update', 'conflict', 2, '{"note": "y"}');
SELECT pg_temp.try('on conflict: with a row of others', '42501', 'sam', 'update', 'conflict', 2, '{"owner": "a1", "status": null}');
/* DELETE */
SELECT pg_temp.try('delete', 'done', 'sam', 'delete', 'where', 1, '{}');
SELECT pg_temp.try('delete: the condition', 'none', 'bo', 'delete', 'where', 2, '{}');
SELECT pg_temp.try('delete: of others', 'none', 'sam', 'delete', 'returning', 2, '{}');
/* INSERT */
SELECT pg_temp.try('insert', 'done', 'sam', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "owner": "a1"}');
SELECT pg_temp.try('insert for others', '42501', 'sam', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "owner": "a2"}');
SELECT pg_temp.try('insert in another tenant', '42501', 'bo', 'insert', 'where', NULL, '{"id": "50", "tenant": "two"}');
SELECT pg_temp.try('insert in none', '42501', 'bo', 'insert', 'where', NULL, '{"id": "50"}');
SELECT pg_temp.try('a reserved value', '42501', 'sam', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "owner": "a1", "status": "sent"}');
SELECT pg_temp.try('a reserved value by one who may', 'done', 'bo', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "status": "sent"}');
SELECT pg_temp.try('a reserved value and the condition', '42501', 'bo', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "status": "open"}');
SELECT pg_temp.try('a reserved value as the type has it', 'done', 'sam', 'insert', 'where', NULL, '{"id": "50", "tenant": "one", "owner": "a1", "price": "100.0"}');
SELECT pg_temp.try('a key that is taken', '23505', 'sam', 'insert', 'where', NULL, '{"id": "2", "tenant": "one", "owner": "a1"}');
SELECT pg_temp.try('a key that is taken, ON CONFLICT DO NOTHING', 'none', 'sam', 'insert', 'conflict', NULL, '{"id": "2", "tenant": "one", "owner": "a1"}');
SELECT pg_temp.try('a key that is taken, not permitted', '42501', 'sam', 'insert', 'conflict', NULL, '{"id": "2", "tenant": "one", "owner": "a2"}');
SELECT pg_temp.try('merge: not matched, taken', '23505', 'sam', 'insert', 'merge', NULL, '{"id": "2", "tenant": "one", "owner": "a1"}');
SELECT pg_temp.try('merge: matched', 'none', 'sam', 'insert', 'merge', NULL, '{"id": "1", "tenant": "one", "owner": "a1"}');
SELECT pg_temp.try('a reserved value, by an update rule about any value', 'done', 'sam', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "note": "z"}', NULL, 't3');
SELECT pg_temp.try('not without one', '42501', 'gil', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "note": "z"}', NULL, 't3');
SELECT pg_temp.try('by default: not reserved by an update rule', 'done', 'gil', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "status": "open"}', NULL, 't3');
SELECT pg_temp.try('insert with becomes: who could change a row to it', 'done', 'gil', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "status": "draft"}', NULL, 't3');
SELECT pg_temp.try('insert with becomes', 'done', 'sam', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "status": "draft"}', NULL, 't3');
SELECT pg_temp.try('its value is reserved for others', 'done', 'bo', 'insert', 'where', NULL, '{"id": "50", "parent_id": "1", "status": "draft"}', NULL, 't3');
SELECT pg_temp.try('another insert rule', 'done', 'bo', 'insert', 'where', NULL, '{"id": "50", "parent_id": "2"}', NULL, 't3');
/* parents */
SELECT pg_temp.try('parent: the old and the new one', 'done', 'bo', 'update', 'where', 11, '{"parent_id": "2"}');
SELECT pg_temp.try('parent: of another tenant', '42501', 'bo', 'update', 'where', 11, '{"parent_id": "3"}');
SELECT pg_temp.try('parent: none', '42501', 'bo', 'update', 'where', 11, '{"parent_id": null}');
SELECT pg_temp.try('parent: given away to one that is not seen', '42501', 'sam', 'update', 'where', 11, '{"parent_id": "2"}');
SELECT pg_temp.try('parent: of others', 'none', 'sam', 'update', 'where', 12, '{"note": "y"}');
/* masks */
SELECT pg_temp.try('masked: written by the rules', 'done', 'gil', 'update', 'where', 21, '{"note": "y"}');
SELECT pg_temp.try('masked, a field that tenants mark: not written', '42501', 'gil', 'update', 'where', 21, '{"extra": "z"}');
SELECT pg_temp.try('masked, a field that tenants mark: nor to the same value', '42501', 'gil', 'update', 'where', 21, '{"extra": "y"}');
SELECT pg_temp.try('masked: other columns are', 'done', 'gil', 'update', 'where', 21, '{"status": "y"}');
SELECT pg_temp.try('not masked', 'done', 'bo', 'update', 'where', 21, '{"note": "y"}');
SELECT pg_temp.try('not through a view of all columns', '42501', 'bo', 'update', 'view', 21, '{"status": "y"}');
SELECT pg_temp.try('but inserted', 'done', 'bo', 'insert', 'view', NULL, '{"client": "c9", "id": "c9", "tenant": "one"}', NULL, 't4');
SELECT pg_temp.try('masked in neither row', 'done', 'mo', 'update', 'where', 14, '{"status": "y"}');
SELECT pg_temp.try('masked in the new row, no field', 'done', 'mo', 'update', 'where', 14, '{"assignee": "a2", "status": "y"}');
SELECT pg_temp.try('masked in the old row, no field', 'done', 'mo', 'update', 'where', 12, '{"assignee": "a1", "status": "y"}');
SELECT pg_temp.try('masked, but not named', 'done', 'mo', 'update', 'where', 12, '{"assignee": "a1"}');
SELECT pg_temp.try('masked: inserted as NULL, as its default', 'done', 'gil', 'insert', 'where', NULL, '{"client": "c9", "id": "c9", "tenant": "one", "extra": "none"}', NULL, 't4');
SELECT pg_temp.try('masked, a field that tenants mark: not as something else', '42501', 'gil', 'insert', 'where', NULL, '{"client": "c9", "id": "c9", "tenant": "one", "extra": "y"}', NULL, 't4');
SELECT pg_temp.try('not masked: inserted', 'done', 'bo', 'insert', 'where', NULL, '{"client": "c9", "id": "c9", "tenant": "one", "note": "y", "extra": "y"}', NULL, 't4');
SELECT ref.decide_writes();
SELECT pg_temp.expect(t.name, t.expected, coalesce(a.outcome, 'nothing')) FROM try t LEFT JOIN ref.attempt a USING (trial) ORDER BY trial;

/* what is shown */
CREATE FUNCTION pg_temp.shown(relation text, user_name text) RETURNS text
	LANGUAGE sql AS
$$
	SELECT array_to_string(s.lines, ' ')
	FROM ref.shown s JOIN ref.identity i USING (identity)
	WHERE s.relation = $1 AND i.user_id = $2
$$;
DELETE FROM ref.mask;
INSERT INTO ref.mask VALUES ('t1', 'note', 'wb.p2'), ('t1', 'price', 'wb.p4');
UPDATE ref.relation SET columns = '{id,note,price}' WHERE relation = 't1';
SELECT ref.decide_masks();
SELECT pg_temp.expect('shown to one who holds the permission', 'id=1,note=x,price=5 id=2,note=~,price=20', pg_temp.shown('t1', 'bo'));
SELECT pg_temp.expect('of those that it reaches; a marked field for scope all only', 'id=1,note=x,price=~', pg_temp.shown('t1', 'sam'));
SELECT pg_temp.expect('masked', 'id=1,note=~,price=~ id=2,note=~,price=~', pg_temp.shown('t1', 'gil'));
SELECT pg_temp.expect('a field that is not masked', '55000', ref.apply(ROW('set_field_visible', 'one', 't1', 'id', NULL, NULL, true, NULL, NULL)::ref.call));
SELECT pg_temp.expect('marked visible', 'ok', ref.apply(ROW('set_field_visible', 'one', 't1', 'price', NULL, NULL, true, NULL, NULL)::ref.call));
SELECT ref.decide_masks();
SELECT pg_temp.expect('marked visible: to whoever sees the row', 'id=1,note=~,price=5 id=2,note=~,price=20', pg_temp.shown('t1', 'gil'));
SELECT pg_temp.expect('and no other row', 'id=1,note=x,price=5', pg_temp.shown('t1', 'sam'));
SELECT pg_temp.expect('no longer', 'ok', ref.apply(ROW('set_field_visible', 'one', 't1', 'price', NULL, NULL, false, NULL, NULL)::ref.call));
SELECT ref.decide_masks();
SELECT pg_temp.expect('and back', 'id=1,note=~,price=~ id=2,note=~,price=~', pg_temp.shown('t1', 'gil'));

SELECT format('difference: selftest_write %s, %s: expected %s, got %s', n, name, expected, coalesce(got, 'NULL'))
FROM verdict
WHERE expected IS DISTINCT FROM got
ORDER BY n;
SELECT 'selftest ' || count(*) FROM verdict;

ROLLBACK;
