/*
 * workspace_world.sql
 *		The world test/worlds/workspace.sql against the document of workspace: each
 *		row that is about rows, writes, columns or fields, with the SQL that an
 *		application would send, by its role workspace_app.
 *
 * A test's description begins with the role and quotes the document's row and cell.
 * A write is tried and undone (t.run): 1 is one row, 0 that PostgreSQL finds none,
 * 42501 that it is refused.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\ir ../worlds/workspace.sql
\o /dev/null
\ir include/rows.sql
\ir include/world.sql

CREATE FUNCTION t.rows(relation text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(%1$I::text, '' '' ORDER BY %1$I) FROM workspace.%2$I', key, relation) INTO answer;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.rows(text, text) IS 'The keys of the rows in sight.';

CREATE FUNCTION t.fields() RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(f.key, ' ' ORDER BY f.key COLLATE "C"), '')
	FROM workspace.settings_masked s, jsonb_each_text(to_jsonb(s)) f WHERE f.value IS NOT NULL AND f.key <> 'workspace_id'
$$;
COMMENT ON FUNCTION t.fields() IS 'The fields of the settings that are read: the others are NULL.';

-- every table of the world, and what the settings consist of
CREATE VIEW t.tables AS
	SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'workspace'::regnamespace AND c.relkind = 'r';
CREATE TABLE t.part (words text, owner_says text, manager_says text, member_says text, columns text[]);
INSERT INTO t.part VALUES
	('Update Basic Info', 'Yes', 'Yes', 'View only', '{name,about}'),
	('Update Support Info', 'Yes', 'Yes', 'View only', '{support_email,support_phone}'),
	('Manage Branding', 'Yes', 'Yes', 'No', '{logo,colour}'),
	('Update Bank Details', 'Yes', 'No', 'No', '{account_holder,iban}'),
	('Manage Working Hours', 'Yes', 'Yes', 'View only', '{working_hours}'),
	('Manage Notice Period', 'Yes', 'Yes', 'View only', '{notice_hours}'),
	('Update Reschedule Policies', 'Yes', 'View only', 'View only', '{reschedule_policy}'),
	('Update Cancellation Policies', 'Yes', 'View only', 'View only', '{cancellation_policy}');
CREATE TABLE t.reason (kind text, words text, owner_says text, manager_says text, member_says text);
INSERT INTO t.reason VALUES
	('reschedule', 'Edit Reschedule reasons', 'Yes', 'Yes', 'No'),
	('cancellation', 'Edit Cancellation Reasons', 'Yes', 'Yes', 'No'),
	('reassign', 'Edit Reassign Reasons', 'Yes', 'No', 'No'),
	('follow_up', 'Edit Follow-up Reasons', 'Yes', 'No', 'No');
GRANT SELECT ON t.tables, t.part, t.reason TO PUBLIC;
\o

SELECT plan(531);

/* ---- nobody, visitors, strangers, members without a role ------------------------------------ */

SELECT is((SELECT count(*) FROM t.tables), 20::bigint, 'every table of the world is in the tests below');
SET ROLE workspace_app;
SELECT is(t.run(format('SELECT FROM workspace.%I', name)), '0', 'nobody sees no row of ' || name) FROM t.tables;
SELECT is(t.run(format('INSERT INTO workspace.%I DEFAULT VALUES', name)), '42501', 'nobody: INSERT into ' || name) FROM t.tables;
SELECT is(t.run(format('UPDATE workspace.%I SET workspace_id = workspace_id', name)), '42501', 'nobody: UPDATE of ' || name)
FROM t.tables WHERE name NOT IN ('booking_files', 'booking_notes');
SELECT is(t.run(format('DELETE FROM workspace.%I', name)), '42501', 'nobody: DELETE from ' || name) FROM t.tables;
SELECT ambit.assume('crew', NULL);
SELECT is(string_agg(t.run(format('SELECT FROM workspace.%I', name)), ''), repeat('0', 20), 'visitor: the document knows none, and they see nothing') FROM t.tables;
SELECT ambit.assume('crew', 'nell');
SELECT is(string_agg(t.run(format('SELECT FROM workspace.%I', name)), ''), repeat('0', 20), 'a member without a role sees nothing') FROM t.tables;
SELECT is(t.fields(), '', 'a member without a role reads no settings');

/* ---- members ---------------------------------------------------------------------------------- */

SELECT ambit.assume('crew', 'pia');
SELECT is(seen, expected, 'member: ' || words)
FROM (VALUES
	(t.rows('workspace_dashboard', 'figure'), '', '"View Workspace Dashboard": "No"'),
	(t.rows('personal_dashboard', 'member_id'), '11 11', '"View Personal Dashboard": "Yes"; "track their personal performance": their own'),
	(t.rows('bookings', 'id'), '1 5 6 11', '"View All Bookings": "No"; "View My Bookings": "Yes"; "They manage their assigned bookings"'),
	(t.rows('booking_files', 'name'), 'After.jpg Plan of the flat.pdf', '"View My Bookings": the files of their own bookings'),
	(t.rows('booking_notes', 'body'), 'All done. Ring twice.', '"View My Bookings": the notes on their own bookings, by whomever'),
	(t.rows('earnings', 'month'), '', '"View Earnings Dashboard": "No"'),
	(t.rows('transactions', 'id'), '', '"View Transaction History": "No"'),
	(t.rows('contacts', 'id'), '1 2 3 4 5 6 7 8 9 10', '"View Contacts": "Yes"'),
	((SELECT count(*)::text FROM ambit.visible_clients(NULL::bigint)), '10', '"View Contacts": "Yes": the register of clients'),
	(t.rows('directory', 'title'), 'North', '"View Directory": "No"; "View Teams in Directory": "No (My Teams only)"'),
	(t.rows('reports', 'id'), '1', '"View and Download Reports": "Only own Order and Refund Report"'),
	(t.rows('downloads', 'id'), '', '"View and Download Reports": what was downloaded is nobody''s to see'),
	(t.rows('members', 'id'), '', '"View Members": "No", not themselves either'),
	(t.rows('plans', 'id'), '', '"View Plan Summary": "No"'),
	(t.rows('rosters', 'id') || t.rows('roster_members', 'member_id') || t.rows('roster_plans', 'plan_id'), '', '"Edit Roster Details": "No", and of viewing rosters nothing is said'),
	(t.rows('teams', 'id'), 'north', '"View Team Summary": "‘My Teams’ only"'),
	(t.rows('team_members', 'member_id'), '11 13 14', '"View Team Summary": "‘My Teams’ only": not the other team of a team mate'),
	(t.rows('reasons', 'id'), '', '"Edit ... Reasons": "No", and no word of viewing them')
) v (seen, expected, words);

-- fields
SELECT is(t.fields(), 'about cancellation_policy name notice_hours reschedule_policy support_email support_phone working_hours',
	'member: "View only": basic info, support info, working hours, notice period and policies; branding and bank details read as NULL');
SELECT is(t.run(format('SELECT %I FROM workspace.settings', c)), '42501', format('member: "%s": "%s": %s is not read around the masks', words, member_says, c)) FROM t.part, unnest(columns) c;
SELECT is(t.run('SELECT * FROM workspace.settings'), '42501', 'member: the whole row of the settings is not read around the masks');
SELECT is(t.run($$SELECT FROM workspace.settings WHERE iban LIKE 'DE%'$$), '42501', 'member: "Update Bank Details": "No": nor filtered on');
SELECT is(t.run($$SELECT FROM workspace.settings_masked WHERE iban IS NOT NULL OR logo IS NOT NULL$$), '0', 'member: "Update Bank Details": "No", "Manage Branding": "No": there is nothing to filter on');
SELECT is(t.run($$SELECT FROM workspace.settings_masked$$), '1', 'member: "View only": of one''s own workspace');
SELECT is(t.run(format('UPDATE workspace.settings SET %I = %L', c, '9')), '0', format('member: "%s": "%s": %s', words, member_says, c)) FROM t.part, unnest(columns) c;
SELECT is(t.run(format('UPDATE workspace.settings SET %I = %L WHERE workspace_id = %L', c, '9', 'crew')), '0', format('member: "%s": "%s": %s, by a WHERE', words, member_says, c))
FROM t.part, unnest(columns) c;
SELECT is(t.run(format(command, kind)), expected, format('member: "%s": "%s": %s', words, member_says, what))
FROM t.reason, (VALUES
	('INSERT INTO workspace.reasons (id, kind, reason) VALUES (50, %L, ''x'')', '42501', 'adds none'),
	('UPDATE workspace.reasons SET reason = ''x'' WHERE kind = %L', '0', 'changes none'),
	('DELETE FROM workspace.reasons WHERE kind = %L', '0', 'takes none away')) v (command, expected, what);

-- rows and columns
SELECT is(t.run(command), expected, 'member: ' || words)
FROM (VALUES
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 1$$, '1', '"Complete Bookings": "My bookings"'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 2$$, '0', '"Complete Bookings": "My bookings": not another''s'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 4$$, '0', '"Complete Bookings": "My bookings": not one that nobody has'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 91$$, '0', '"Complete Bookings": "My bookings": not of another workspace, though the number is one''s own'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE status = 'confirmed'$$, '1', '"Complete Bookings": "My bookings": of all only one''s own'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 6$$, '42501', '"Complete Bookings": not one that was cancelled'),
	($$UPDATE workspace.bookings SET status = 'completed', price = 500 WHERE id = 1$$, '42501', '"Complete Bookings": and nothing besides'),
	($$UPDATE workspace.bookings SET status = 'completed', pro_id = 12 WHERE id = 1$$, '42501', '"Complete Bookings": nor is it given away with it'),
	($$UPDATE workspace.bookings SET starts_at = starts_at + interval '1 day', reschedule_reason = 'ill' WHERE id = 1$$, '1', '"Reschedule Bookings": "My bookings"'),
	($$UPDATE workspace.bookings SET minutes = 90 WHERE id = 11$$, '1', '"Reschedule Bookings": "My bookings": a pending one'),
	($$UPDATE workspace.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 2$$, '0', '"Reschedule Bookings": "My bookings": not another''s'),
	($$UPDATE workspace.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 5$$, '42501', '"Reschedule Bookings": not one that is completed'),
	($$UPDATE workspace.bookings SET starts_at = starts_at + interval '1 day' WHERE id = 6$$, '42501', '"Reschedule Bookings": not one that was cancelled'),
	($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 1$$, '1', '"Cancel Bookings": "My bookings"'),
	($$UPDATE workspace.bookings SET status = 'cancelled', cancellation_reason = 'ill' WHERE id = 11$$, '1', '"Cancel Bookings": "My bookings", with a reason'),
	($$UPDATE workspace.bookings SET cancellation_reason = 'no access' WHERE id = 6$$, '1', '"Cancel Bookings": "My bookings": the reason afterwards'),
	($$UPDATE workspace.bookings SET cancellation_reason = 'ill' WHERE id = 1$$, '42501', '"Cancel Bookings": a reason without cancelling'),
	($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 2$$, '0', '"Cancel Bookings": "My bookings": not another''s'),
	($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 5$$, '42501', '"Cancel Bookings": not one that is completed'),
	($$UPDATE workspace.bookings SET pro_id = 12 WHERE id = 1$$, '42501', '"Reassign Bookings": "No": not away from oneself'),
	($$UPDATE workspace.bookings SET pro_id = NULL WHERE id = 1$$, '42501', '"Reassign Bookings": "No": not to nobody'),
	($$UPDATE workspace.bookings SET pro_id = 12$$, '42501', '"Reassign Bookings": "No": not away from oneself, without WHERE'),
	($$UPDATE workspace.bookings SET pro_id = 11 WHERE id = 2$$, '0', '"Reassign Bookings": "No": not to oneself'),
	($$UPDATE workspace.bookings SET pro_id = 11 WHERE id = 4$$, '0', '"Reassign Bookings": "No": not one that nobody has'),
	($$UPDATE workspace.bookings SET reassign_reason = 'x' WHERE id = 1$$, '42501', '"Reassign Bookings": "No": nor a reason for it'),
	($$UPDATE workspace.bookings SET status = 'confirmed' WHERE id = 6$$, '42501', 'no row is about taking a cancellation back'),
	($$UPDATE workspace.bookings SET status = 'confirmed' WHERE id = 5$$, '42501', 'no row is about opening again what was completed'),
	($$UPDATE workspace.bookings SET status = 'confirmed' WHERE id = 11$$, '42501', 'no row is about confirming'),
	($$UPDATE workspace.bookings SET price = 1 WHERE id = 1$$, '42501', 'no row is about what a booking costs'),
	($$UPDATE workspace.bookings SET contact_id = 2 WHERE id = 1$$, '42501', 'no row is about whose a booking is'),
	($$UPDATE workspace.bookings SET id = 200 WHERE id = 1$$, '42501', 'no row is about what a booking is called'),
	($$UPDATE workspace.bookings SET workspace_id = 'rival' WHERE id = 1$$, '42501', '"My bookings": none moves to another workspace'),
	($$UPDATE workspace.bookings SET price = price, status = status WHERE id = 1$$, '1', 'to change nothing is free'),
	($$INSERT INTO workspace.bookings (id, pro_id, starts_at) VALUES (200, 11, now())$$, '42501', 'who books is not said'),
	($$DELETE FROM workspace.bookings WHERE id = 1$$, '0', 'no row is about deleting bookings'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (1, 'x')$$, '1', '"Upload a File": "My bookings"'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (6, 'x') RETURNING id$$, '1', '"Upload a File": "My bookings": a cancelled one'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (2, 'x')$$, '42501', '"Upload a File": "My bookings": not to another''s'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (4, 'x')$$, '42501', '"Upload a File": "My bookings": not to one that nobody has'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (91, 'x')$$, '42501', '"Upload a File": "My bookings": not in another workspace'),
	($$INSERT INTO workspace.booking_files (booking_id, name) SELECT id, 'x' FROM generate_series(1, 12) id$$, '42501', '"Upload a File": "My bookings": not to all at once'),
	($$INSERT INTO workspace.booking_files (booking_id, uploaded_by, name) VALUES (1, 'pete', 'x')$$, '42501', '"Upload a File": not in another''s name'),
	($$UPDATE workspace.booking_files SET booking_id = 5 WHERE booking_id = 1$$, '0', 'no row is about changing a file'),
	($$DELETE FROM workspace.booking_files WHERE booking_id = 1$$, '0', 'no row is about deleting a file'),
	($$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (5, 'x')$$, '1', '"Add a Note": "My bookings"'),
	($$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (2, 'x')$$, '42501', '"Add a Note": "My bookings": not to another''s'),
	($$INSERT INTO workspace.booking_notes (booking_id, author, body) VALUES (1, 'mia', 'x')$$, '42501', '"Add a Note": not in another''s name'),
	($$UPDATE workspace.booking_notes SET body = 'x' WHERE booking_id = 1$$, '0', 'no row is about changing a note'),
	($$DELETE FROM workspace.booking_notes WHERE booking_id = 5$$, '0', 'no row is about deleting a note, not one''s own either'),
	($$UPDATE workspace.personal_dashboard SET value = 100$$, '0', '"View Personal Dashboard": and no more'),
	($$INSERT INTO workspace.contacts (id, name) VALUES (50, 'x')$$, '42501', '"View Contacts": and no more: adds none'),
	($$UPDATE workspace.contacts SET name = 'x' WHERE id = 1$$, '0', '"View Contacts": and no more: changes none'),
	($$DELETE FROM workspace.contacts WHERE id = 10$$, '0', '"View Contacts": and no more: deletes none'),
	($$INSERT INTO workspace.downloads (kind, member_id) VALUES ('order_and_refund', 11)$$, '1', '"View and Download Reports": "Only own Order and Refund Report"'),
	($$INSERT INTO workspace.downloads (kind, member_id) VALUES ('order_and_refund', 12)$$, '42501', '"Only own Order and Refund Report": not another''s'),
	($$INSERT INTO workspace.downloads (kind) VALUES ('order_and_refund')$$, '42501', '"Only own Order and Refund Report": not that of all'),
	($$INSERT INTO workspace.downloads (kind, member_id) VALUES ('payouts', 11)$$, '42501', '"Only own Order and Refund Report": no other report, though it be about oneself'),
	($$INSERT INTO workspace.downloads (kind, member_id, specific_pros) VALUES ('order_and_refund', 11, true)$$, '42501', '"Download Reports for Specific Pros": "No", not for oneself either'),
	($$INSERT INTO workspace.downloads (kind, member_id, specific_pros) VALUES ('payouts', 12, true)$$, '42501', '"Download Reports for Specific Pros": "No"'),
	($$INSERT INTO workspace.settings (workspace_id, name) VALUES ('third', 'x')$$, '42501', 'no row is about another workspace'),
	($$DELETE FROM workspace.settings$$, '0', 'no row is about deleting the settings'),
	($$INSERT INTO workspace.members (id, user_id, name) VALUES (30, 'new', 'New')$$, '42501', '"Invite Members": "No"'),
	($$DELETE FROM workspace.members WHERE id = 12$$, '0', '"Remove Members": "No"'),
	($$DELETE FROM workspace.members WHERE id = 11$$, '0', '"Remove Members": "No", not oneself either'),
	($$UPDATE workspace.members SET role = 'owner' WHERE id = 11$$, '0', '"Update Roles": "No", not one''s own'),
	($$UPDATE workspace.members SET role = 'owner'$$, '0', '"Update Roles": "No", nobody''s'),
	($$INSERT INTO workspace.plans (id, name) VALUES (30, 'x')$$, '42501', '"Create Plan": "No"'),
	($$UPDATE workspace.plans SET price = 1 WHERE id = 1$$, '0', '"Edit Plan Details": "No"'),
	($$DELETE FROM workspace.plans WHERE id = 3$$, '0', '"Remove Plan": "No"'),
	($$UPDATE workspace.plans SET status = 'draft' WHERE id = 1$$, '0', '"Move Plan to Draft": "No"'),
	($$INSERT INTO workspace.rosters (id, name) VALUES (30, 'x')$$, '42501', '"Create Roster": "No"'),
	($$INSERT INTO workspace.roster_members (roster_id, member_id) VALUES (2, 11)$$, '42501', '"Add Member to Roster": "No", not oneself either'),
	($$INSERT INTO workspace.roster_plans (roster_id, plan_id) VALUES (2, 1)$$, '42501', '"Add Plan to Roster": "No"'),
	($$UPDATE workspace.rosters SET name = 'x' WHERE id = 1$$, '0', '"Edit Roster Details": "No"'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 11$$, '0', '"Leave Roster": "No"'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 12$$, '0', '"Remove Member from Roster": "No"'),
	($$DELETE FROM workspace.rosters WHERE id = 2$$, '0', '"Delete Roster": "No"'),
	($$INSERT INTO workspace.teams (id, name) VALUES ('west', 'x')$$, '42501', '"Create Team": "No"'),
	($$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('north', 12)$$, '42501', '"Add Member to Team": "No", not to one''s own team'),
	($$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('south', 11)$$, '42501', '"Add Member to Team": "No", not oneself'),
	($$UPDATE workspace.teams SET about = 'x' WHERE id = 'north'$$, '0', '"Edit Team Details": "No", not of one''s own team'),
	($$UPDATE workspace.teams SET lead_id = 11 WHERE id = 'north'$$, '0', '"Assign Team Lead": "No"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 11$$, '0', '"Leave Team": "No"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 13$$, '0', '"Remove Member from Team": "No"'),
	($$DELETE FROM workspace.teams WHERE id = 'north'$$, '0', '"Delete Team": "No"')
) v (command, expected, words);

-- what a refusal says: the columns and the permission, and nothing of the row
SELECT alike(t.refusal($$UPDATE workspace.bookings SET pro_id = 12 WHERE id = 1$$), '%"pro_id"%bookings.reassign%', 'member: "Reassign Bookings": "No": the refusal names the column and the permission');
SELECT alike(t.refusal($$UPDATE workspace.bookings SET price = 777, contact_id = 2 WHERE id = 1$$), '%"contact_id", "price"%', 'member: the refusal names every column, in the table''s order');
SELECT unalike(t.refusal($$UPDATE workspace.bookings SET price = 777 WHERE id = 1$$), '%777%', 'member: the refusal shows no value');

-- what is mine follows the row, at the next statement
RESET ROLE;
UPDATE workspace.bookings SET pro_id = 11 WHERE id = 4;
UPDATE workspace.bookings SET pro_id = 13 WHERE id = 1;
SET ROLE workspace_app;
SELECT is(t.rows('bookings', 'id'), '4 5 6 11', 'member: "View My Bookings": follows a reassignment');
SELECT is(t.run($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 4$$) || t.run($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 1$$), '10',
	'member: "Cancel Bookings": follows a reassignment');
RESET ROLE;
UPDATE workspace.bookings SET pro_id = NULL WHERE id = 4;
UPDATE workspace.bookings SET pro_id = 11 WHERE id = 1;
SET ROLE workspace_app;
SELECT ambit.assume('crew', 'meg');
SELECT is(t.rows('teams', 'id') || ': ' || t.rows('team_members', 'team_id'), 'north south: north north north south south south south', 'member: "View Team Summary": "‘My Teams’ only": of one who is in two');
SELECT is(t.rows('directory', 'title'), 'North South', 'member: "View Teams in Directory": "No (My Teams only)": of one who is in two');

/* ---- managers ------------------------------------------------------------------------------------ */

SELECT ambit.assume('crew', 'mia');
SELECT is(seen, expected, 'manager: ' || words)
FROM (VALUES
	(t.rows('workspace_dashboard', 'figure'), 'bookings this month cancelled hours delivered', '"View Workspace Dashboard": "Yes"'),
	(t.rows('personal_dashboard', 'member_id'), '14 14', '"View Personal Dashboard": "Yes": their own'),
	(t.rows('bookings', 'id'), '1 2 3 4 5 6 7 8 9 10 11 12', '"View All Bookings": "Yes"'),
	(t.rows('booking_files', 'booking_id'), '1 2 4 5', '"View All Bookings": "Yes": with the files'),
	(t.rows('booking_notes', 'booking_id'), '1 2 3 5', '"View All Bookings": "Yes": with the notes'),
	((SELECT count(*)::text FROM workspace.earnings), '6', '"View Earnings Dashboard": "Yes"'),
	(t.rows('transactions', 'id'), '5 7', '"View Transaction History": "Yes"'),
	(t.rows('contacts', 'id'), '1 2 3 4 5 6 7 8 9 10', '"View Contacts": "Yes"'),
	(t.rows('directory', 'title'), 'Dora Max Meg Mia Nell Nobody yet North Olga Otto Pete Pia South', '"View Directory": "Yes"; "View Teams in Directory": "Yes (All Teams and My Teams)"'),
	(t.rows('reports', 'id'), '1 2 3 4 5 6', '"View and Download Reports": "All Reports"'),
	(t.rows('members', 'id'), '11 12 13 14 15 16 17 18 20', '"View Members": "Yes"'),
	(t.rows('plans', 'id'), '1 2 3', '"View Plan Summary": "Yes"'),
	(t.rows('rosters', 'id') || ': ' || t.rows('roster_members', 'member_id') || ': ' || t.rows('roster_plans', 'plan_id'), '1 2: 11 12 13 14 15: 1 2', '"Edit Roster Details": "Yes": and so they see them'),
	(t.rows('teams', 'id'), 'empty north south', '"View Team Summary": "Yes"'),
	(t.rows('team_members', 'member_id'), '11 12 13 13 14 15 17', '"View Team Summary": "Yes"'),
	(t.rows('reasons', 'id'), '1 2 3 4', '"Edit Reschedule reasons": "Yes", "Edit Cancellation Reasons": "Yes", "Edit Reassign Reasons": "No", "Edit Follow-up Reasons": "No"')
) v (seen, expected, words);
SELECT is(t.fields(), 'about cancellation_policy colour logo name notice_hours reschedule_policy support_email support_phone working_hours',
	'manager: "View only": the policies too; "Update Bank Details": "No": they read as NULL');
SELECT is(t.run(format('UPDATE workspace.settings SET %I = %L', c, '9')), CASE manager_says WHEN 'Yes' THEN '1' ELSE '42501' END,
	format('manager: "%s": "%s": %s', words, manager_says, c)) FROM t.part, unnest(columns) c;
SELECT is(t.run(format('UPDATE workspace.settings SET about = %L, %I = %L WHERE workspace_id = %L', 'x', c, '9', 'crew')), CASE manager_says WHEN 'Yes' THEN '1' ELSE '42501' END,
	format('manager: "%s": "%s": %s together with what they may', words, manager_says, c)) FROM t.part, unnest(columns) c WHERE c <> 'about';
SELECT is(t.run(format(command, kind)), CASE manager_says WHEN 'Yes' THEN yes ELSE no END, format('manager: "%s": "%s": %s', words, manager_says, what))
FROM t.reason, (VALUES
	('INSERT INTO workspace.reasons (id, kind, reason) VALUES (50, %L, ''x'')', '1', '42501', 'adds'),
	('UPDATE workspace.reasons SET reason = ''x'' WHERE kind = %L', '2', '0', 'changes'),
	('DELETE FROM workspace.reasons WHERE kind = %L', '2', '0', 'takes away'),
	('UPDATE workspace.reasons SET kind = ''reschedule'' WHERE kind = %L AND kind <> ''reschedule''', '42501', '0', 'makes no other kind of it')) v (command, yes, no, what)
WHERE NOT (kind = 'reschedule' AND what LIKE 'makes%');

SELECT is(t.run(command), expected, 'manager: ' || words)
FROM (VALUES
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id IN (1, 2, 3, 4, 8, 10)$$, '6', '"Complete Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 9$$, '42501', '"Complete Bookings": not one that was cancelled'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 11$$, '42501', '"Complete Bookings": not one that is still pending'),
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id = 91$$, '0', '"Complete Bookings": not of another workspace'),
	($$UPDATE workspace.bookings SET pro_id = 12, reassign_reason = 'ill' WHERE id = 1$$, '1', '"Reassign Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET pro_id = 14 WHERE id = 4$$, '1', '"Reassign Bookings": "All bookings": to oneself'),
	($$UPDATE workspace.bookings SET pro_id = NULL$$, '12', '"Reassign Bookings": "All bookings": to nobody'),
	($$UPDATE workspace.bookings SET pro_id = 999 WHERE id = 1$$, '23503', '"Reassign Bookings": to somebody who is there'),
	($$UPDATE workspace.bookings SET starts_at = now(), pro_id = 12 WHERE id = 1$$, '1', '"Reschedule Bookings", "Reassign Bookings": "All bookings": at once'),
	($$UPDATE workspace.bookings SET starts_at = now(), status = 'cancelled' WHERE id = 1$$, '42501', '"Reschedule Bookings": not what is cancelled with it'),
	($$UPDATE workspace.bookings SET starts_at = now() WHERE status IN ('pending', 'confirmed')$$, '7', '"Reschedule Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET starts_at = now() WHERE id = 7$$, '42501', '"Reschedule Bookings": not one that is completed'),
	($$UPDATE workspace.bookings SET status = 'cancelled', cancellation_reason = 'ill' WHERE status IN ('pending', 'confirmed')$$, '7', '"Cancel Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 7$$, '42501', '"Cancel Bookings": not one that is completed'),
	($$UPDATE workspace.bookings SET status = 'confirmed' WHERE id = 11$$, '42501', 'no row is about confirming'),
	($$UPDATE workspace.bookings SET price = 1 WHERE id = 1$$, '42501', 'no row is about what a booking costs'),
	($$UPDATE workspace.bookings SET workspace_id = 'rival', pro_id = 12 WHERE id = 1$$, '42501', '"All bookings": none moves to another workspace'),
	($$INSERT INTO workspace.bookings (id, starts_at) VALUES (200, now())$$, '42501', 'who books is not said'),
	($$DELETE FROM workspace.bookings WHERE id = 1$$, '0', 'no row is about deleting bookings'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (2, 'x'), (4, 'x')$$, '2', '"Upload a File": "All bookings"'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (91, 'x')$$, '42501', '"Upload a File": not in another workspace'),
	($$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (2, 'x'), (4, 'x')$$, '2', '"Add a Note": "All bookings"'),
	($$INSERT INTO workspace.booking_notes (booking_id, author, body) VALUES (2, 'pete', 'x')$$, '42501', '"Add a Note": not in another''s name'),
	($$UPDATE workspace.earnings SET amount = 0$$, '0', '"View Earnings Dashboard": and no more'),
	($$INSERT INTO workspace.transactions (id, amount) VALUES (50, 1)$$, '42501', '"View Transaction History": and no more'),
	($$UPDATE workspace.contacts SET name = 'x'$$, '0', '"View Contacts": and no more'),
	($$UPDATE workspace.directory SET title = 'x'$$, '0', '"View Directory": and no more'),
	($$INSERT INTO workspace.downloads (kind, member_id) VALUES ('order_and_refund', 12), ('order_and_refund', NULL), ('payouts', 11), ('bookings', NULL)$$, '4', '"View and Download Reports": "All Reports"'),
	($$INSERT INTO workspace.downloads (kind, member_id, specific_pros) VALUES ('payouts', 12, true)$$, '1', '"Download Reports for Specific Pros": "Yes"'),
	($$INSERT INTO workspace.downloads (workspace_id, kind) VALUES ('rival', 'payouts')$$, '42501', '"View and Download Reports": not of another workspace'),
	($$INSERT INTO workspace.members (id, user_id, name) VALUES (30, 'new', 'New')$$, '1', '"Invite Members": "Yes"'),
	($$INSERT INTO workspace.members (id, user_id, name, role) VALUES (30, 'new', 'New', 'owner')$$, '42501', '"Invite Members": without a role'),
	($$INSERT INTO workspace.members (workspace_id, id, user_id, name) VALUES ('rival', 30, 'new', 'New')$$, '42501', '"Invite Members": not to another workspace'),
	($$DELETE FROM workspace.members WHERE id = 11$$, '1', '"Remove Members": "Can remove Member roles only": a member'),
	($$DELETE FROM workspace.members WHERE id = 14$$, '0', '"Can remove Member roles only": not herself'),
	($$DELETE FROM workspace.members WHERE id = 17$$, '0', '"Can remove Member roles only": not a manager'),
	($$DELETE FROM workspace.members WHERE id = 18$$, '0', '"Can remove Member roles only": not one who is a manager as well'),
	($$DELETE FROM workspace.members WHERE id = 15$$, '0', '"Can remove Member roles only": not an owner'),
	($$DELETE FROM workspace.members$$, '4', '"Can remove Member roles only": of all the three members and who has no role'),
	($$UPDATE workspace.members SET role = 'manager' WHERE id = 11$$, '1', '"Update Roles": "Can update Member role only": of a member, to what she holds all of'),
	($$UPDATE workspace.members SET role = 'owner' WHERE id = 11$$, '42501', '"Can update Member role only": a member becomes no owner'),
	($$UPDATE workspace.members SET role = 'member' WHERE id = 17$$, '42501', '"Can update Member role only": not a manager''s'),
	($$UPDATE workspace.members SET role = 'owner' WHERE id = 14$$, '42501', '"Can update Member role only": not her own'),
	($$UPDATE workspace.members SET role = 'member' WHERE id = 15$$, '42501', '"Can update Member role only": not an owner''s'),
	($$UPDATE workspace.members SET id = 17, role = 'manager' WHERE id = 11$$, '42501', '"Can update Member role only": nor is the row made another''s'),
	($$UPDATE workspace.members SET email = 'x' WHERE id = 11$$, '42501', '"Update Roles": and nothing else of a member'),
	($$INSERT INTO workspace.plans (id, name) VALUES (30, 'x')$$, '1', '"Create Plan": "Yes"'),
	($$INSERT INTO workspace.plans (id, name, status) VALUES (30, 'x', 'draft')$$, '1', '"Create Plan": "Yes": as a draft'),
	($$UPDATE workspace.plans SET price = 1, name = 'x', minutes = 5$$, '3', '"Edit Plan Details": "Yes"'),
	($$DELETE FROM workspace.plans WHERE id = 3$$, '1', '"Remove Plan": "Yes"'),
	($$UPDATE workspace.plans SET status = 'draft' WHERE id = 1$$, '1', '"Move Plan to Draft": "Yes"'),
	($$UPDATE workspace.plans SET status = 'published' WHERE id = 3$$, '1', '"Create Plan": "Yes": what was a draft'),
	($$UPDATE workspace.plans SET price = 1 WHERE id = 9$$, '0', '"Edit Plan Details": none of another workspace'),
	($$INSERT INTO workspace.rosters (id, name) VALUES (30, 'x')$$, '1', '"Create Roster": "Yes"'),
	($$INSERT INTO workspace.roster_members (roster_id, member_id) VALUES (2, 12)$$, '1', '"Add Member to Roster": "Yes"'),
	($$INSERT INTO workspace.roster_members (roster_id, member_id) VALUES (9, 12)$$, '42501', '"Add Member to Roster": not to another workspace''s'),
	($$INSERT INTO workspace.roster_plans (roster_id, plan_id) VALUES (2, 1)$$, '1', '"Add Plan to Roster": "Yes"'),
	($$DELETE FROM workspace.roster_plans WHERE roster_id = 1$$, '0', 'no row is about taking a plan off a roster'),
	($$UPDATE workspace.rosters SET name = 'x', starts_on = current_date WHERE id = 1$$, '1', '"Edit Roster Details": "Yes"'),
	($$UPDATE workspace.rosters SET id = 20 WHERE id = 2$$, '42501', '"Edit Roster Details": not which roster it is'),
	($$UPDATE workspace.roster_members SET roster_id = 2 WHERE member_id = 11$$, '0', 'no row is about moving a member between rosters'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 14$$, '1', '"Leave Roster": "Yes"'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 11$$, '1', '"Remove Member from Roster": "Yes"'),
	($$DELETE FROM workspace.rosters WHERE id = 1$$, '1', '"Delete Roster": "Yes", with all that is on it'),
	($$INSERT INTO workspace.teams (id, name) VALUES ('west', 'x')$$, '1', '"Create Team": "Yes"'),
	($$INSERT INTO workspace.teams (id, name, lead_id) VALUES ('west', 'x', 14)$$, '42501', '"Create Team": its lead is assigned afterwards'),
	($$INSERT INTO workspace.teams (workspace_id, id, name) VALUES ('rival', 'west', 'x')$$, '42501', '"Create Team": not in another workspace'),
	($$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('south', 11)$$, '1', '"Add Member to Team": "Yes", to a team of others'),
	($$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('centre', 11)$$, '42501', '"Add Member to Team": not to another workspace''s'),
	($$UPDATE workspace.teams SET name = 'x', about = 'y' WHERE id = 'south'$$, '1', '"Edit Team Details": "Yes"'),
	($$UPDATE workspace.teams SET id = 'west' WHERE id = 'empty'$$, '42501', '"Edit Team Details": not which team it is'),
	($$UPDATE workspace.teams SET lead_id = 12 WHERE id = 'south'$$, '1', '"Assign Team Lead": "Yes"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 14$$, '1', '"Leave Team": "Yes"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 12$$, '1', '"Remove Member from Team": "Yes"'),
	($$DELETE FROM workspace.teams WHERE id = 'south'$$, '1', '"Delete Team": "Yes", with who is in it'),
	($$DELETE FROM workspace.teams WHERE id = 'centre'$$, '0', '"Delete Team": none of another workspace')
) v (command, expected, words);

-- who is removed leaves rows behind, as the foreign keys say
SELECT lives_ok($$DELETE FROM workspace.members WHERE id = 13$$, 'manager: "Remove Members": "Can remove Member roles only"');
SELECT is((SELECT string_agg(id || ' ' || coalesce(pro_id::text, 'nobody'), ', ' ORDER BY id) FROM workspace.bookings WHERE id IN (3, 9)), '3 nobody, 9 nobody',
	'manager: "Remove Members": the bookings of one who left are nobody''s');
SELECT is(t.rows('team_members', 'member_id'), '11 12 14 15 17', 'manager: "Remove Members": and the teams are without them');

/* ---- owners ---------------------------------------------------------------------------------------- */

SELECT ambit.assume('crew', 'olga');
SELECT is(seen, expected, 'owner: ' || words)
FROM (VALUES
	((SELECT count(*)::text FROM workspace.workspace_dashboard), '3', '"View Workspace Dashboard": "Yes"'),
	(t.rows('personal_dashboard', 'member_id'), '15 15', '"View Personal Dashboard": "Yes": their own'),
	(t.rows('bookings', 'id'), '1 2 3 4 5 6 7 8 9 10 11 12', '"View All Bookings": "Yes"'),
	((SELECT count(*)::text FROM workspace.earnings), '6', '"View Earnings Dashboard": "Yes"'),
	(t.rows('transactions', 'id'), '5 7', '"View Transaction History": "Yes"'),
	(t.rows('contacts', 'id'), '1 2 3 4 5 6 7 8 9 10', '"View Contacts": "Yes"'),
	((SELECT count(*)::text FROM workspace.directory), '12', '"View Directory": "Yes"; "View Teams in Directory": "Yes (All Teams and My Teams)"'),
	(t.rows('reports', 'id'), '1 2 3 4 5 6', '"View and Download Reports": "All Reports"'),
	(t.rows('members', 'id'), '11 12 14 15 16 17 18 20', '"View Members": "Yes"'),
	(t.rows('plans', 'id'), '1 2 3', '"View Plan Summary": "Yes"'),
	(t.rows('teams', 'id'), 'empty north south', '"View Team Summary": "Yes"'),
	(t.rows('reasons', 'id'), '1 2 3 4 5 6 7 8', '"Edit Reschedule reasons", "Edit Cancellation Reasons", "Edit Reassign Reasons", "Edit Follow-up Reasons": "Yes"')
) v (seen, expected, words);
SELECT is(t.fields(), 'about account_holder cancellation_policy colour iban logo name notice_hours reschedule_policy support_email support_phone working_hours',
	'owner: "Oversee the workspace policies, settings, earnings, and reports": every field');
SELECT is((SELECT iban FROM workspace.settings_masked), 'DE02 1203 0000 0000 2020 51', 'owner: "Update Bank Details": "Yes": of their own workspace');
SELECT is(t.run(format('SELECT %I FROM workspace.settings', c)), '42501', format('owner: %s is read through the masked view, by them too', c)) FROM t.part, unnest(columns) c;
SELECT is(t.run(format('UPDATE workspace.settings SET %I = %L', c, '9')), '1', format('owner: "%s": "%s": %s', words, owner_says, c)) FROM t.part, unnest(columns) c;
SELECT is(t.run($$UPDATE workspace.settings s SET about = m.about || '!' FROM workspace.settings_masked m WHERE m.workspace_id = s.workspace_id$$), '1',
	'owner: "Update Basic Info": "Yes": by what is there, through the masked view');
SELECT is(t.run($$UPDATE workspace.settings SET workspace_id = 'third'$$), '42501', 'owner: no row is about which workspace it is');
SELECT is(t.run(format(command, kind)), expected, format('owner: "%s": "%s": %s', words, owner_says, what))
FROM t.reason, (VALUES
	('INSERT INTO workspace.reasons (id, kind, reason) VALUES (50, %L, ''x'')', '1', 'adds'),
	('UPDATE workspace.reasons SET reason = ''x'' WHERE kind = %L', '2', 'changes'),
	('DELETE FROM workspace.reasons WHERE kind = %L', '2', 'takes away')) v (command, expected, what);
SELECT is(t.run(command), expected, 'owner: ' || words)
FROM (VALUES
	($$UPDATE workspace.bookings SET status = 'completed' WHERE id IN (1, 2, 3, 4, 8, 10)$$, '6', '"Complete Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET pro_id = 12, reassign_reason = 'ill' WHERE id = 1$$, '1', '"Reassign Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET starts_at = now() WHERE status IN ('pending', 'confirmed')$$, '7', '"Reschedule Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET status = 'cancelled' WHERE status IN ('pending', 'confirmed')$$, '7', '"Cancel Bookings": "All bookings"'),
	($$UPDATE workspace.bookings SET price = 1 WHERE id = 1$$, '42501', 'no row is about what a booking costs'),
	($$INSERT INTO workspace.bookings (id, starts_at) VALUES (200, now())$$, '42501', 'who books is not said'),
	($$INSERT INTO workspace.booking_files (booking_id, name) VALUES (2, 'x'), (4, 'x')$$, '2', '"Upload a File": "All bookings"'),
	($$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (2, 'x'), (4, 'x')$$, '2', '"Add a Note": "All bookings"'),
	($$INSERT INTO workspace.downloads (kind, member_id) VALUES ('order_and_refund', 12), ('payouts', 11), ('bookings', NULL)$$, '3', '"View and Download Reports": "All Reports"'),
	($$INSERT INTO workspace.downloads (kind, member_id, specific_pros) VALUES ('payouts', 12, true)$$, '1', '"Download Reports for Specific Pros": "Yes"'),
	($$INSERT INTO workspace.members (id, user_id, name) VALUES (30, 'new', 'New')$$, '1', '"Invite Members": "Yes"'),
	($$DELETE FROM workspace.members WHERE id = 11$$, '1', '"Remove Members": "Yes": a member'),
	($$DELETE FROM workspace.members WHERE id = 17$$, '1', '"Remove Members": "Yes": a manager'),
	($$DELETE FROM workspace.members WHERE id = 16$$, '1', '"Remove Members": "Yes": an owner'),
	($$DELETE FROM workspace.members$$, '8', '"Remove Members": "Yes": of this workspace'),
	($$UPDATE workspace.members SET role = 'owner' WHERE id = 11$$, '1', '"Update Roles": "Can update Owner, Manager, and Member role": a member''s'),
	($$UPDATE workspace.members SET role = 'member' WHERE id = 17$$, '1', '"Can update Owner, Manager, and Member role": a manager''s'),
	($$UPDATE workspace.members SET role = 'manager' WHERE id = 16$$, '1', '"Can update Owner, Manager, and Member role": an owner''s'),
	($$UPDATE workspace.members SET role = 'boss' WHERE id = 11$$, '42501', '"Can update Owner, Manager, and Member role": there is no other'),
	($$INSERT INTO workspace.plans (id, name) VALUES (30, 'x')$$, '1', '"Create Plan": "Yes"'),
	($$UPDATE workspace.plans SET price = 1$$, '3', '"Edit Plan Details": "Yes"'),
	($$DELETE FROM workspace.plans WHERE id = 3$$, '1', '"Remove Plan": "Yes"'),
	($$UPDATE workspace.plans SET status = 'draft'$$, '3', '"Move Plan to Draft": "Yes"'),
	($$INSERT INTO workspace.rosters (id, name) VALUES (30, 'x')$$, '1', '"Create Roster": "Yes"'),
	($$INSERT INTO workspace.roster_members (roster_id, member_id) VALUES (2, 12)$$, '1', '"Add Member to Roster": "Yes"'),
	($$INSERT INTO workspace.roster_plans (roster_id, plan_id) VALUES (2, 1)$$, '1', '"Add Plan to Roster": "Yes"'),
	($$UPDATE workspace.rosters SET name = 'x'$$, '2', '"Edit Roster Details": "Yes"'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 15$$, '1', '"Leave Roster": "Yes"'),
	($$DELETE FROM workspace.roster_members WHERE member_id = 11$$, '1', '"Remove Member from Roster": "Yes"'),
	($$DELETE FROM workspace.rosters$$, '2', '"Delete Roster": "Yes"'),
	($$INSERT INTO workspace.teams (id, name) VALUES ('west', 'x')$$, '1', '"Create Team": "Yes"'),
	($$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('north', 15)$$, '1', '"Add Member to Team": "Yes"'),
	($$UPDATE workspace.teams SET about = 'x'$$, '3', '"Edit Team Details": "Yes"'),
	($$UPDATE workspace.teams SET lead_id = 15$$, '3', '"Assign Team Lead": "Yes"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 15$$, '1', '"Leave Team": "Yes"'),
	($$DELETE FROM workspace.team_members WHERE member_id = 12$$, '1', '"Remove Member from Team": "Yes"'),
	($$DELETE FROM workspace.teams$$, '3', '"Delete Team": "Yes"')
) v (command, expected, words);

/* ---- the same people in another workspace --------------------------------------------------------------- */

SELECT ambit.assume('rival', 'pia');
SELECT is(t.rows('bookings', 'id') || ': ' || t.fields(), '91 92: about account_holder cancellation_policy colour iban logo name notice_hours reschedule_policy support_email support_phone working_hours',
	'a member here and an owner there: sees what an owner sees, there');
SELECT is(t.run($$UPDATE workspace.settings SET iban = 'x'$$) || t.run($$UPDATE workspace.settings SET iban = 'x' WHERE workspace_id = 'crew'$$), '10',
	'a member here and an owner there: "Update Bank Details": there, and not here');

/* ---- each permission is one of its own -------------------------------------------------------------------- */

RESET ROLE;
SELECT ambit.logout();
SELECT is(t.with('workspace_app', 'crew', who, taken::ambit.permission, false, command), expected, format('%s, without %s: %s', who, taken, words))
FROM (VALUES
	('pia', 'bookings.complete', $$UPDATE workspace.bookings SET status = 'completed' WHERE id = 1$$, '42501', '"Complete Bookings"'),
	('pia', 'bookings.complete', $$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 1$$, '1', '"Cancel Bookings" stays'),
	('pia', 'bookings.cancel', $$UPDATE workspace.bookings SET status = 'cancelled' WHERE id = 1$$, '42501', '"Cancel Bookings"'),
	('pia', 'bookings.cancel', $$UPDATE workspace.bookings SET cancellation_reason = 'ill' WHERE id = 6$$, '0', '"Cancel Bookings": nor the reason'),
	('pia', 'bookings.cancel', $$UPDATE workspace.bookings SET starts_at = now() WHERE id = 1$$, '1', '"Reschedule Bookings" stays'),
	('pia', 'bookings.reschedule', $$UPDATE workspace.bookings SET starts_at = now() WHERE id = 1$$, '42501', '"Reschedule Bookings"'),
	('pia', 'bookings.reschedule', $$UPDATE workspace.bookings SET status = 'completed' WHERE id = 1$$, '1', '"Complete Bookings" stays'),
	('pia', 'bookings.view', $$UPDATE workspace.bookings SET status = 'completed' WHERE id = 1$$, '0', '"View My Bookings": what is not seen is not changed'),
	('pia', 'bookings.upload_file', $$INSERT INTO workspace.booking_files (booking_id, name) VALUES (1, 'x')$$, '42501', '"Upload a File"'),
	('pia', 'bookings.upload_file', $$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (1, 'x')$$, '1', '"Add a Note" stays'),
	('pia', 'bookings.add_note', $$INSERT INTO workspace.booking_notes (booking_id, body) VALUES (1, 'x')$$, '42501', '"Add a Note"'),
	('pia', 'bookings.add_note', $$INSERT INTO workspace.booking_files (booking_id, name) VALUES (1, 'x')$$, '1', '"Upload a File" stays'),
	('pia', 'settings.basic_info.view', $$SELECT FROM workspace.settings_masked WHERE name IS NULL AND support_phone IS NOT NULL$$, '1', '"Update Basic Info": "View only": reads as NULL, and the others stay'),
	('pia', 'settings.support_info.view', $$SELECT FROM workspace.settings_masked WHERE support_email IS NULL AND about IS NOT NULL$$, '1', '"Update Support Info": "View only": reads as NULL, and the others stay'),
	('pia', 'settings.working_hours.view', $$SELECT FROM workspace.settings_masked WHERE working_hours IS NULL AND support_phone IS NOT NULL$$, '1', '"Manage Working Hours": "View only": reads as NULL, and the others stay'),
	('pia', 'settings.notice_period.view', $$SELECT FROM workspace.settings_masked WHERE notice_hours IS NULL AND support_phone IS NOT NULL$$, '1', '"Manage Notice Period": "View only": reads as NULL, and the others stay'),
	('pia', 'settings.reschedule_policies.view', $$SELECT FROM workspace.settings_masked WHERE reschedule_policy IS NULL AND support_phone IS NOT NULL$$, '1', '"Update Reschedule Policies": "View only": reads as NULL, and the others stay'),
	('pia', 'settings.cancellation_policies.view', $$SELECT FROM workspace.settings_masked WHERE cancellation_policy IS NULL AND support_phone IS NOT NULL$$, '1', '"Update Cancellation Policies": "View only": reads as NULL, and the others stay'),
	('mia', 'bookings.reassign', $$UPDATE workspace.bookings SET pro_id = 12 WHERE id = 1$$, '42501', '"Reassign Bookings"'),
	('mia', 'bookings.reassign', $$UPDATE workspace.bookings SET starts_at = now() WHERE id = 1$$, '1', '"Reschedule Bookings" stays'),
	('mia', 'directory.view', $$SELECT FROM workspace.directory$$, '3', '"View Directory": "View Teams in Directory" stays'),
	('mia', 'directory.teams.view', $$SELECT FROM workspace.directory$$, '9', '"View Teams in Directory": "View Directory" stays'),
	('mia', 'reports.order_and_refund.view', $$SELECT FROM workspace.reports$$, '3', '"View and Download Reports": others stay'),
	('mia', 'reports.other.view', $$SELECT FROM workspace.reports$$, '3', '"View and Download Reports": the Order and Refund Report stays'),
	('mia', 'reports.order_and_refund.download', $$INSERT INTO workspace.downloads (kind) VALUES ('order_and_refund')$$, '42501', '"View and Download Reports"'),
	('mia', 'reports.order_and_refund.download', $$INSERT INTO workspace.downloads (kind) VALUES ('payouts')$$, '1', '"View and Download Reports": others stay'),
	('mia', 'reports.specific_pros.download', $$INSERT INTO workspace.downloads (kind, specific_pros) VALUES ('payouts', true)$$, '42501', '"Download Reports for Specific Pros"'),
	('mia', 'settings.basic_info.update', $$UPDATE workspace.settings SET name = 'x'$$, '42501', '"Update Basic Info"'),
	('mia', 'settings.basic_info.update', $$UPDATE workspace.settings SET support_email = 'x'$$, '1', '"Update Support Info" stays'),
	('mia', 'settings.branding.manage', $$UPDATE workspace.settings SET logo = 'x'$$, '42501', '"Manage Branding"'),
	('mia', 'settings.branding.manage', $$SELECT FROM workspace.settings_masked WHERE logo IS NULL AND colour IS NULL AND name IS NOT NULL$$, '1', '"Manage Branding": nor read'),
	('mia', 'settings.basic_info.view', $$UPDATE workspace.settings SET name = 'x'$$, '1', '"Update Basic Info": to view is a permission of its own'),
	('mia', 'settings.basic_info.view', $$UPDATE workspace.settings SET name = 'x' WHERE name = 'The crew'$$, '42501', '"Update Basic Info": what reads as NULL is not guessed'),
	('mia', 'plans.create', $$INSERT INTO workspace.plans (id, name) VALUES (30, 'x')$$, '42501', '"Create Plan"'),
	('mia', 'plans.create', $$UPDATE workspace.plans SET status = 'published' WHERE id = 3$$, '42501', '"Create Plan": nor published'),
	('mia', 'plans.create', $$UPDATE workspace.plans SET status = 'draft', price = 1 WHERE id = 1$$, '1', '"Move Plan to Draft" and "Edit Plan Details" stay'),
	('mia', 'plans.edit', $$UPDATE workspace.plans SET price = 1 WHERE id = 1$$, '42501', '"Edit Plan Details"'),
	('mia', 'plans.edit', $$UPDATE workspace.plans SET status = 'draft' WHERE id = 1$$, '1', '"Move Plan to Draft" stays'),
	('mia', 'plans.move_to_draft', $$UPDATE workspace.plans SET status = 'draft' WHERE id = 1$$, '42501', '"Move Plan to Draft"'),
	('mia', 'plans.move_to_draft', $$INSERT INTO workspace.plans (id, name, status) VALUES (30, 'x', 'draft')$$, '1', '"Create Plan" stays, as a draft too'),
	('mia', 'plans.remove', $$DELETE FROM workspace.plans WHERE id = 3$$, '0', '"Remove Plan"'),
	('mia', 'members.update_roles', $$UPDATE workspace.members SET role = 'manager' WHERE id = 11$$, '0', '"Update Roles"'),
	('mia', 'members.remove', $$DELETE FROM workspace.members WHERE id = 11$$, '0', '"Remove Members"'),
	('mia', 'members.invite', $$INSERT INTO workspace.members (id, user_id, name) VALUES (30, 'new', 'New')$$, '42501', '"Invite Members"'),
	('mia', 'rosters.edit', $$UPDATE workspace.rosters SET name = 'x'$$, '0', '"Edit Roster Details"'),
	('mia', 'rosters.create', $$INSERT INTO workspace.rosters (id, name) VALUES (30, 'x')$$, '42501', '"Create Roster"'),
	('mia', 'rosters.add_member', $$INSERT INTO workspace.roster_members (roster_id, member_id) VALUES (2, 12)$$, '42501', '"Add Member to Roster"'),
	('mia', 'rosters.add_plan', $$INSERT INTO workspace.roster_plans (roster_id, plan_id) VALUES (2, 1)$$, '42501', '"Add Plan to Roster"'),
	('mia', 'rosters.delete', $$DELETE FROM workspace.rosters WHERE id = 2$$, '0', '"Delete Roster"'),
	('mia', 'rosters.remove_member', $$DELETE FROM workspace.roster_members WHERE member_id = 14$$, '1', '"Leave Roster" stays: oneself'),
	('mia', 'rosters.remove_member', $$DELETE FROM workspace.roster_members WHERE member_id = 11$$, '0', '"Remove Member from Roster"'),
	('mia', 'teams.edit', $$UPDATE workspace.teams SET name = 'x' WHERE id = 'north'$$, '42501', '"Edit Team Details"'),
	('mia', 'teams.edit', $$UPDATE workspace.teams SET lead_id = 11 WHERE id = 'north'$$, '1', '"Assign Team Lead" stays'),
	('mia', 'teams.assign_lead', $$UPDATE workspace.teams SET lead_id = 11 WHERE id = 'north'$$, '42501', '"Assign Team Lead"'),
	('mia', 'teams.assign_lead', $$UPDATE workspace.teams SET name = 'x' WHERE id = 'north'$$, '1', '"Edit Team Details" stays'),
	('mia', 'teams.create', $$INSERT INTO workspace.teams (id, name) VALUES ('west', 'x')$$, '42501', '"Create Team"'),
	('mia', 'teams.add_member', $$INSERT INTO workspace.team_members (team_id, member_id) VALUES ('south', 11)$$, '42501', '"Add Member to Team"'),
	('mia', 'teams.remove_member', $$DELETE FROM workspace.team_members WHERE member_id = 14$$, '1', '"Leave Team" stays: oneself'),
	('mia', 'teams.remove_member', $$DELETE FROM workspace.team_members WHERE team_id = 'north'$$, '1', '"Remove Member from Team": of all only oneself'),
	('mia', 'teams.delete', $$DELETE FROM workspace.teams WHERE id = 'empty'$$, '0', '"Delete Team"')
) v (who, taken, command, expected, words);

/* ---- nothing is left ------------------------------------------------------------------------------------------- */

SET ROLE workspace_app;
SELECT is(t.rows('bookings', 'id') || t.fields(), '', 'nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
