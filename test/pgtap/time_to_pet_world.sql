/*
 * time_to_pet_world.sql
 *		The play world of time_to_pet: every sentence of the document that concerns
 *		rows, writes, fields, audiences and approvals, allowed and denied, by the
 *		application's role in plain SQL.
 *
 * A test's description quotes the document.  The companies of the world are alike
 * but for their switches: in walkies all are off, in pawsome all are on.  t.both()
 * tries one command in both; what it expects is '1' (rows), '0' (PostgreSQL finds
 * no row that one may change) or an SQLSTATE, first of walkies and then of pawsome.
 *
 * In commands @7 is the row 7 of the company at hand (107 in pawsome), @c its name.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;

BEGIN;
\ir ../worlds/time_to_pet.sql
\o /dev/null
\ir include/rows.sql

CREATE FUNCTION t.here(company text, command text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE company
		WHEN 'walkies' THEN regexp_replace(replace(command, '@c', '''walkies'''), '@([0-9]|id)', '\1', 'g')
		ELSE replace(regexp_replace(regexp_replace(replace(command, '@c', '''pawsome'''), '@([0-9])\y', '10\1', 'g'), '@([0-9])', '1\1', 'g'), '@id', '(id - 100)')
	END
$$;
COMMENT ON FUNCTION t.here(text, text) IS 'A command with the ids of a company.';

CREATE FUNCTION t.be(company text, who text, channel text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE time_to_pet_app;
	PERFORM ambit.assume(company, who, channel);
END
$$;
CREATE FUNCTION t.nobody() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.logout();
	RESET ROLE;
END
$$;

CREATE FUNCTION t.tries(company text, who text, channel text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM t.be(company, who, channel);
	answer := t.run(t.here(company, command));
	PERFORM t.nobody();
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.tries(text, text, text, text) IS 'What comes of a command, which is undone: the number of rows, or the SQLSTATE.';

CREATE FUNCTION t.answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	RETURN coalesce(answer, '');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
CREATE FUNCTION t.asks(company text, who text, channel text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM t.be(company, who, channel);
	answer := t.answer(t.here(company, query));
	PERFORM t.nobody();
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.asks(text, text, text, text) IS 'The one value of a query, or the SQLSTATE.';

CREATE FUNCTION t.after(company text, who text, channel text, command text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM t.be(company, who, channel);
	BEGIN
		EXECUTE t.here(company, command);
		answer := t.answer(t.here(company, query));
		RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
	EXCEPTION
		WHEN SQLSTATE 'ZZ000' THEN NULL;
		WHEN OTHERS THEN answer := SQLSTATE;
	END;
	PERFORM t.nobody();
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.after(text, text, text, text, text) IS 'The one value of a query after a command, which is undone.';

CREATE FUNCTION t.both(who text, channel text, command text, expected text[], VARIADIC words text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT is(t.tries('walkies', who, channel, command), expected[1], format('walkies, %s, %s: %s', who, channel, words[1]));
	RETURN NEXT is(t.tries('pawsome', who, channel, command), expected[2], format('pawsome, %s, %s: %s', who, channel, words[cardinality(words)]));
END
$$;
COMMENT ON FUNCTION t.both(text, text, text, text[], text[]) IS 'Two tests: what comes of a command where all switches are off, and where all are on.';

CREATE FUNCTION t.both_see(who text, channel text, relation text, expected text[], VARIADIC words text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	key text := CASE WHEN relation = 'staff' THEN 'id' WHEN relation = 'settings' THEN 'screen' WHEN relation IN ('notification_settings', 'client_subscriptions') THEN 'staff_id' ELSE '@id' END;
	query text := format('SELECT string_agg(i::text, '' '' ORDER BY i) FROM (SELECT %s FROM time_to_pet.%I) r (i)', key, relation);
BEGIN
	RETURN NEXT is(t.asks('walkies', who, channel, query), expected[1], format('walkies, %s, %s, %s: %s', who, channel, relation, words[1]));
	RETURN NEXT is(t.asks('pawsome', who, channel, query), expected[2], format('pawsome, %s, %s, %s: %s', who, channel, relation, words[cardinality(words)]));
END
$$;
COMMENT ON FUNCTION t.both_see(text, text, text, text[], text[]) IS 'Two tests: the rows in sight, by the ids that they have in walkies; one of the other company would show as 101 or -99.';

CREATE FUNCTION t.both_ask(who text, channel text, query text, expected text[], VARIADIC words text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT is(t.asks('walkies', who, channel, query), expected[1], format('walkies, %s, %s: %s', who, channel, words[1]));
	RETURN NEXT is(t.asks('pawsome', who, channel, query), expected[2], format('pawsome, %s, %s: %s', who, channel, words[cardinality(words)]));
END
$$;
COMMENT ON FUNCTION t.both_ask(text, text, text, text[], text[]) IS 'Two tests: the value of a query.';

CREATE FUNCTION t.turn(company text, role text, permission text, enabled boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.set_role_permission(company, role, permission::ambit.permission, enabled);
END
$$;
COMMENT ON FUNCTION t.turn(text, text, text, boolean) IS 'Turns a switch, and prints nothing.';
CREATE FUNCTION t.everything() RETURNS text[] IMMUTABLE LANGUAGE sql AS $$ SELECT '{1 2 3 4 5 6 7 8 9 10 11 12,1 2 3 4 5 6 7 8 9 10 11 12}'::text[] $$;
\o

SELECT plan(1367);

/* ---- nobody, and others ------------------------------------------------------------ */

SET LOCAL ROLE time_to_pet_app;
SELECT is((SELECT count(*) FROM time_to_pet.clients) + (SELECT count(*) FROM time_to_pet.clients_masked) + (SELECT count(*) FROM time_to_pet.client_keys)
	+ (SELECT count(*) FROM time_to_pet.messages) + (SELECT count(*) FROM time_to_pet.invoice_lines), 0::bigint, 'nobody sees a row');
SELECT is(t.run($$UPDATE time_to_pet.events SET status = 'cancelled'$$), '42501', 'nobody changes one');
SELECT is(t.run($$INSERT INTO time_to_pet.reports VALUES ('walkies', 90, 'clients')$$), '42501', 'nor makes one');
SELECT is(t.run($$DELETE FROM time_to_pet.time_off$$), '42501', 'nor takes one away');
SELECT is(t.run($$TRUNCATE time_to_pet.templates$$), '42501', 'nor all of them');
RESET ROLE;
SELECT t.both_see(NULL, 'web', r, '{"",""}', 'a visitor is nobody: the document has no such role') FROM unnest('{clients,events,gallery}'::text[]) r;
SELECT t.both_see('nora', c, r, expected, 'whose is nobody''s is not hers who has no key')
FROM (VALUES ('mobile', 'client_keys', '{"",""}'::text[]), ('mobile', 'events', '{"",""}'), ('mobile', 'clients', '{"",""}'), ('web', 'staff', '{"",""}'), ('web', 'time_off', '{"",2 4 6 8 10 12}')) v (c, r, expected);

/* ---- understanding user roles ------------------------------------------------------- */

SELECT t.both_see(u, c, r, expected, words)
FROM (VALUES
	('tina', 'web', 'clients', '{1 2 3 8,1 2 3 8}'::text[], '"review client profiles they have interacted with previously or those they are marked as preferred for"'),
	('toby', 'mobile', 'clients', '{8 9,8 9}', '"review client profiles they have interacted with previously"'),
	('sven', 'web', 'clients', '{4 8,4 8}', '"those to which they have been assigned in the past or future": an event that was cancelled is none'),
	('sara', 'web', 'clients', '{9 12,9 12}', '"or are marked as a preferred staff member"'),
	('tina', 'web', 'invoices', '{"",""}', '"they cannot access client invoices"'), ('sven', 'web', 'invoice_lines', '{"",""}', '"they cannot access client invoices"'),
	('tina', 'web', 'staff', '{1,1}', '"they cannot access ... other staff profiles"'), ('sara', 'mobile', 'staff', '{4,4}', '"they cannot access ... other staff profiles"'),
	('tina', 'web', 'settings', '{"",""}', '"they cannot access ... company settings"'), ('sven', 'web', 'settings', '{"",""}', '"they cannot access ... company settings"'),
	('olive', 'web', 'clients', t.everything(), '"the ability to see the entire client base"'), ('otto', 'mobile', 'clients', t.everything(), '"the ability to see the entire client base"'),
	('olive', 'web', 'events', '{1 2 3 4 5 6 7 8 9 10 11 12 13 14,1 2 3 4 5 6 7 8 9 10 11 12 13 14}', '"and manage the company schedule"'),
	('olive', 'web', 'gallery', '{1 2 3,1 2 3}', '"They also always have access to your company''s Gallery"'), ('otto', 'mobile', 'tasks', '{1 2 3,1 2 3}', '"and complete Task List"'),
	('tina', 'web', 'gallery', '{"",""}', 'the Gallery: of trainees the document says nothing'), ('sven', 'web', 'tasks', '{"",""}', 'the complete Task List: of staff the document says nothing'),
	('olive', 'web', 'settings', '{"",invoice scheduler}', 'company settings: of office managers the document names two screens'),
	('adam', 'web', 'settings', '{client fields company invoice notification scheduler,client fields company invoice notification scheduler}', '"Users in the Admin role have extensive access"'),
	('oscar', 'web', 'clients', t.everything(), 'all of this company, none of another'), ('abby', 'web', 'invoices', t.everything(), 'all of this company, none of another')
) v (u, c, r, expected, words);
SELECT t.both(u, c, command, expected, words)
FROM (VALUES
	('tina', 'web', $$UPDATE time_to_pet.events SET starts_at = now() WHERE id = @2$$, '{42501,42501}'::text[], '"Trainees and Staff are not permitted to make any scheduling changes or event edits"'),
	('toby', 'mobile', $$UPDATE time_to_pet.events SET staff_id = 3 WHERE id = @10$$, '{42501,42501}', '"not permitted to make any ... event edits"'),
	('sven', 'web', $$DELETE FROM time_to_pet.events WHERE id = @3$$, '{0,0}', '"not permitted to make any scheduling changes"'),
	('sven', 'web', $$UPDATE time_to_pet.settings SET value = 'x'$$, '{0,0}', '"they cannot access ... company settings"'),
	('olive', 'web', $$UPDATE time_to_pet.settings SET value = 'x' WHERE screen IN ('company', 'client fields')$$, '{0,0}', 'company settings are not said to be the office manager''s'),
	('adam', 'web', $$UPDATE time_to_pet.settings SET value = 'x' WHERE screen IN ('company', 'client fields')$$, '{2,2}', '"the authority to manage various aspects of the account"'),
	('adam', 'web', $$UPDATE time_to_pet.settings SET screen = 'other' WHERE screen = 'company'$$, '{42501,42501}', 'what a screen is called is no setting'),
	('oscar', 'web', $$UPDATE time_to_pet.invoices SET tip = 1 WHERE id IN (1, 101)$$, '{1,1}', 'nothing in another company'),
	('oscar', 'web', $$INSERT INTO time_to_pet.clients (company, id) VALUES ('elsewhere', 90)$$, '{42501,42501}', 'nothing in another company'),
	('oscar', 'web', $$UPDATE time_to_pet.client_keys SET company = 'elsewhere' WHERE id = @1$$, '{42501,42501}', 'nothing goes to another company'),
	('tina', 'web', $$INSERT INTO time_to_pet.preferred_staff VALUES (@c, @10, 1)$$, '{42501,42501}', 'nobody marks oneself as preferred'),
	('tina', 'web', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @10, 1, 'Walk', now())$$, '{42501,42501}', 'or assigns oneself to a client'),
	('tina', 'web', $$UPDATE time_to_pet.events SET client_id = @10 WHERE id = @2$$, '{42501,42501}', 'or an event to another client')
) v (u, c, command, expected, words);

/* ---- staff: manage own notifications -------------------------------------------------- */

SELECT t.both_see(u, 'web', 'notification_settings', expected, words)
FROM (VALUES ('tina', '{"",1}'::text[], '"If this permission is turned off, users lose access to the "Notifications" and "Client Subscriptions" tabs", and on they have theirs'), ('olive', '{"",1 2 3 4 5 6 7 8 9 10}', '"Office Managers with the "Manage Staff" permission enabled"'),
	('adam', '{1 2 3 4 5 6 7 8 9 10,1 2 3 4 5 6 7 8 9 10}', '"it is enabled and locked for Admins"')) v (u, expected, words);
SELECT t.both(u, 'mobile', format('UPDATE time_to_pet.notification_settings SET push = false WHERE staff_id = %s', k), expected, words)
FROM (VALUES
	('tina', 1, '{0,1}'::text[], '"gives users the ability to control the types of notifications they receive"'), ('tina', 2, '{0,0}', '"they receive": not others'),
	('sara', 4, '{0,1}', '"gives users the ability to control the types of notifications they receive"'), ('olive', 5, '{0,1}', '"for Trainees, Staff, and Office Managers"'),
	('olive', 1, '{0,1}', '"Admins and Office Managers with the "Manage Staff" permission enabled are the only ones who can configure the notification settings for the user"'),
	('adam', 7, '{1,1}', '"it is enabled and locked for Admins"'), ('adam', 1, '{1,1}', '"Admins and Office Managers with the "Manage Staff" permission enabled are the only ones"')
) v (u, k, expected, words);
SELECT t.both(u, 'web', command, expected, words)
FROM (VALUES
	('tina', $$UPDATE time_to_pet.notification_settings SET staff_id = 11 WHERE staff_id = 1$$, '{0,42501}'::text[], 'they stay one''s own'),
	('tina', $$INSERT INTO time_to_pet.client_subscriptions VALUES (@c, 1, @2)$$, '{42501,1}', '"they can choose the clients (from those they have access to)"'),
	('tina', $$INSERT INTO time_to_pet.client_subscriptions VALUES (@c, 1, @4)$$, '{42501,42501}', '"(from those they have access to)"'),
	('tina', $$INSERT INTO time_to_pet.client_subscriptions VALUES (@c, 3, @2)$$, '{42501,42501}', '"for which they want to receive notifications": not others'),
	('tina', $$DELETE FROM time_to_pet.client_subscriptions$$, '{0,1}', '"they can choose": theirs alone'),
	('tina', $$UPDATE time_to_pet.client_subscriptions SET client_id = @4$$, '{0,0}', 'chosen anew, not changed'),
	('olive', $$INSERT INTO time_to_pet.client_subscriptions VALUES (@c, 5, @10)$$, '{42501,1}', '"(from those they have access to)": office managers to all'),
	('adam', $$INSERT INTO time_to_pet.client_subscriptions VALUES (@c, 1, @2)$$, '{1,1}', '"the only ones who can configure the notification settings for the user"'),
	('sven', $$UPDATE time_to_pet.settings SET value = 'x' WHERE screen = 'notification'$$, '{0,0}', '"does not give the user the ability to edit your company notification settings"'),
	('sven', $$WITH own AS (UPDATE time_to_pet.notification_settings SET email = true, push = true WHERE staff_id = 3 RETURNING 1) UPDATE time_to_pet.settings SET value = 'x' WHERE screen = 'notification'$$, '{0,0}',
		'"The Notification and Client Subscription settings in their profile will always be subject to your company''s Advanced Notification Settings": nor with their own'),
	('olive', $$UPDATE time_to_pet.settings SET value = 'x' WHERE screen = 'notification'$$, '{0,0}', '"does not give the user the ability to edit your company notification settings"'),
	('adam', $$UPDATE time_to_pet.settings SET value = 'x' WHERE screen = 'notification'$$, '{1,1}', '"nearly all the permissions and functionalities that the account owner possesses"')
) v (u, command, expected, words);

/* ---- staff: manage staff ----------------------------------------------------------------- */

SELECT t.both_see('olive', 'web', r, expected, '"When disabled, the user will not be able to access any of the above-mentioned screens, and they will only have access to their own personal profile"', words)
FROM (VALUES ('staff', '{5,1 2 3 4 5 6 7 8 9 10}'::text[], '"access to the Staff section of the Dashboard, which includes the Staff List"'), ('staff_documents', '{"",1 2 3 4 5 6 7 8 9 10}', '"Staff Documents"'),
	('happiness_scores', '{"",1 2 3 4 5 6 7 8 9 10}', '"View ... Happiness Score responses (if enabled for your company)"'), ('tips', '{"",1 2 3 4 5 6 7 8 9 10}', '"the Pay Center"'),
	('time_entries', '{"",1 2 3 4 5 6 7 8 9 10}', '"time and mileage entries"'), ('pay_stubs', '{"",1 2 3 4 5 6 7 8 9 10}', '"the Pay Center"')) v (r, expected, words);
SELECT t.both_see('adam', 'web', r, expected, '"is enabled and locked for Admins"')
FROM (VALUES ('staff', '{1 2 3 4 5 6 7 8 9 10,1 2 3 4 5 6 7 8 9 10}'::text[]), ('tips', '{1 2 3 4 5 6 7 8 9 10,1 2 3 4 5 6 7 8 9 10}'), ('happiness_scores', '{"",1 2 3 4 5 6 7 8 9 10}')) v (r, expected);
SELECT t.both_see(u, 'web', r, '{"",""}', '"Users in the Trainee and Staff roles cannot be given permission to manage other staff members"')
FROM unnest('{tina,sven}'::text[]) u, unnest('{staff_documents,happiness_scores,tips,time_entries,staff_emails}'::text[]) r;
SELECT t.both(u, 'web', command, CASE u WHEN 'olive' THEN ARRAY[no, '1'] WHEN 'adam' THEN ARRAY[coalesce(off, '1'), '1'] ELSE ARRAY[no, no] END,
	CASE u WHEN 'olive' THEN '"When disabled, the user will not be able to access": ' WHEN 'adam' THEN '' ELSE '"cannot be given permission to manage other staff members": ' END || words)
FROM unnest('{tina,sven,olive,adam}'::text[]) u, (VALUES
	($$UPDATE time_to_pet.staff SET phone = '1' WHERE id = 2$$, '0', NULL, '"View and edit staff profiles"'),
	($$UPDATE time_to_pet.staff SET pay_rate = 30 WHERE id = 2$$, '0', NULL, '"view and manage custom pay rates"'),
	($$UPDATE time_to_pet.staff SET active = false WHERE id = 2$$, '0', NULL, '"make the staff member inactive"'),
	($$INSERT INTO time_to_pet.staff VALUES (@c, 11, 'nina', 'Nina', NULL, 20)$$, '42501', NULL, '"Create new staff members"'),
	($$INSERT INTO time_to_pet.time_entries VALUES (@c, 90, 2, 8, 0)$$, '42501', NULL, '"add and edit time and mileage entries"'),
	($$UPDATE time_to_pet.time_entries SET miles = 3 WHERE id = @2$$, '0', NULL, '"add and edit time and mileage entries"'),
	($$INSERT INTO time_to_pet.staff_documents VALUES (@c, 90, 2, 'id.pdf')$$, '42501', NULL, '"view and upload staff documents"'),
	($$UPDATE time_to_pet.happiness_scores SET handled = true WHERE id = @2$$, '0', '0', '"View and manage Happiness Score responses (if enabled for your company)"'),
	($$UPDATE time_to_pet.tips SET disbursed = true WHERE id = @2$$, '0', NULL, '"Manage tip disbursements"'),
	($$INSERT INTO time_to_pet.pay_stubs VALUES (@c, 90, 10, 500)$$, '42501', NULL, '"generate pay stubs"'),
	($$INSERT INTO time_to_pet.staff_emails VALUES (@c, 90, 'Dear all')$$, '42501', NULL, '"Send mass emails to staff in the Messages > Email Staff tab"')
) v (command, no, off, words);
SELECT t.both('adam', 'web', command, expected, words)
FROM (VALUES
	($$UPDATE time_to_pet.staff SET user_id = 'x' WHERE id = 2$$, '{42501,42501}'::text[], 'who logs in as somebody is no part of the profile'),
	($$UPDATE time_to_pet.happiness_scores SET score = 10 WHERE id = @1$$, '{0,42501}', 'the score that a client gave is not managed'),
	($$DELETE FROM time_to_pet.staff WHERE id = 10$$, '{0,0}', '"make the staff member inactive": they stay')
) v (command, expected, words);
SELECT t.both(u, 'web', format('UPDATE time_to_pet.staff SET active = %s WHERE id IN (%s)', now, who), expected, words)
FROM (VALUES
	('olive', 'false', '6', '{0,1}'::text[], '"make the staff member inactive": another office manager'),
	('olive', 'false', '7', '{0,42501}', '"make the staff member inactive": no office manager an admin'),
	('olive', 'false', '9', '{0,42501}', '"make the staff member inactive": no office manager the Owner Admin'),
	('olive', 'true', '10', '{0,1}', '"View and edit staff profiles": somebody who logs in as nobody'),
	('olive', 'false', '1, 7', '{0,42501}', 'nor together with one whom she may'),
	('adam', 'false', '5', '{1,1}', '"make the staff member inactive": an office manager'),
	('adam', 'false', '8', '{1,1}', '"make the staff member inactive": another admin'),
	('adam', 'false', '9', '{42501,42501}', '"will not be able to change the staff role of the Owner Admin": nor make the Owner Admin inactive'),
	('adam', 'false', '7, 9', '{42501,42501}', 'nor together with himself'),
	('adam', 'true', '10', '{1,1}', '"View and edit staff profiles": somebody who logs in as nobody'),
	('oscar', 'false', '7', '{1,1}', '"make the staff member inactive": an admin'),
	('oscar', 'false', '9', '{42501,42501}', '"If at any time the Owner Admin account''s role needs to be changed ... please send us an email"'),
	('sven', 'false', '3', '{0,0}', '"cannot be given permission to manage other staff members": nor oneself')
) v (u, now, who, expected, words);
SELECT t.both(u, 'web', 'UPDATE time_to_pet.staff SET phone = ''1'', name = ''x'', pay_rate = 1 WHERE id = 9', expected, '"View and edit staff profiles": of the Owner Admin, too')
FROM (VALUES ('olive', '{0,1}'::text[]), ('adam', '{1,1}')) v (u, expected);
-- a promotion takes effect at once
\o /dev/null
SELECT ambit.change_role('pawsome', 'sara', 'staff', 'admin');
\o
SELECT is(t.tries('pawsome', u, 'web', 'UPDATE time_to_pet.staff SET active = false WHERE id = 4'), expected, 'pawsome, ' || u || ': "make the staff member inactive": one who is an admin now') FROM (VALUES ('olive', '42501'), ('adam', '1')) v (u, expected);
\o /dev/null
SELECT ambit.change_role('pawsome', 'sara', 'admin', 'staff');
\o
SELECT is(t.tries('pawsome', 'olive', 'web', 'UPDATE time_to_pet.staff SET active = false WHERE id = 4'), '1', 'pawsome, olive: and is staff again');
-- pay rates: own profile or not
SELECT t.both_ask(u, 'web', format('SELECT string_agg(id || '':'' || coalesce(pay_rate::text, ''-''), '' '' ORDER BY id) FROM time_to_pet.staff_masked WHERE id IN (1, 5, 7)'), expected, words)
FROM (VALUES ('tina', '{1:-,1:-}'::text[], '"view and manage custom pay rates" belongs to Manage Staff: not the own one either'), ('olive', '{5:-,1:16 5:20 7:22}', '"view and manage custom pay rates"'),
	('adam', '{1:16 5:20 7:22,1:16 5:20 7:22}', '"view and manage custom pay rates"')) v (u, expected, words);
SELECT t.both_ask(u, 'web', query, expected, words)
FROM (VALUES
	('tina', 'SELECT count(*) FROM time_to_pet.staff_masked WHERE pay_rate > 0', '{0,0}'::text[], 'nor does a condition tell it'),
	('olive', 'SELECT count(*) FROM time_to_pet.staff_masked WHERE pay_rate > 0', '{0,10}', 'nor does a condition tell it'),
	('tina', 'SELECT pay_rate FROM time_to_pet.staff', '{42501,42501}', 'nor the table'),
	('adam', 'SELECT pay_rate FROM time_to_pet.staff', '{42501,42501}', 'the table tells it to nobody'),
	('tina', 'SELECT name FROM time_to_pet.staff', '{Tina,Tina}', 'the own profile, the table')
) v (u, query, expected, words);

/* ---- staff: time off ------------------------------------------------------------------------ */

SELECT t.both_see(u, c, 'time_off', expected, '"When disabled, users can only see their personal Time Off"', words)
FROM (VALUES
	('tina', 'web', '{1 2,1 2 4 6 8 10 12}'::text[], '"can see scheduled Time Off for all other users": not what is requested'),
	('sven', 'mobile', '{3 4 5,2 3 4 5 6 8 10 12}', '"can see scheduled Time Off for all other users"'),
	('otto', 'web', ARRAY['', '1 2 3 4 5 6 7 8 9 10 11 12'], '"access to the Approvals > Time Off screen"'),
	('olive', 'web', ARRAY['6 11', '1 2 3 4 5 6 7 8 9 10 11 12'], '"access to the Approvals > Time Off screen"')
) v (u, c, expected, words);
SELECT t.both_see('adam', c, 'time_off', t.everything(), '"It is enabled and locked for Admins"') FROM unnest('{web,mobile}'::text[]) c;
SELECT t.both(u, 'mobile', format('INSERT INTO time_to_pet.time_off VALUES (@c, 90, %s, current_date, %s)', k, s), expected, words)
FROM (VALUES
	('tina', '1', '''requested''', '{1,1}'::text[], '"the user can submit Time Off requests"'), ('tina', '1', 'DEFAULT', '{1,1}', '"the user can submit Time Off requests"'),
	('tina', '1', '''approved''', '{42501,1}', '"will require the review and approval" or else "added to the schedule immediately upon submission"'),
	('tina', '2', '''requested''', '{42501,42501}', 'requests are one''s own'), ('tina', '2', '''approved''', '{42501,42501}', '"They can never add or delete Time Off for other users"'),
	('tina', '1', '''denied''', '{42501,42501}', 'nobody is denied what was not requested'), ('tina', 'NULL', '''requested''', '{42501,42501}', 'for nobody'),
	('sara', '4', '''requested''', '{1,1}', '"the user can submit Time Off requests"'), ('sara', '4', '''approved''', '{42501,1}', '"without requiring an admin or office manager to review and approve"'),
	('olive', '5', '''requested''', '{1,1}', '"for each role"'), ('olive', '5', '''approved''', '{42501,1}', '"for each role"'),
	('olive', '1', '''approved''', '{42501,1}', '"cannot approve, deny, add, or delete staff Time Off", enabled "add and delete Time Off from the calendar"'),
	('olive', '1', '''requested''', '{42501,42501}', 'requests are one''s own'),
	('adam', '7', '''requested''', '{1,1}', '"for each role"'), ('adam', '7', '''approved''', '{42501,1}', '"for each role": one''s own is not "for all other users"'),
	('adam', '1', '''approved''', '{1,1}', '"as well as add and delete Time Off from the calendar"'), ('adam', '1', '''denied''', '{42501,42501}', 'nobody is denied what was not requested')
) v (u, k, s, expected, words);
SELECT t.both(u, 'web', command, expected, words)
FROM (VALUES
	('tina', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @1$$, '{0,0}'::text[], '"cannot be given permission to approve time off requests": not the own'),
	('sven', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @1$$, '{0,0}', '"cannot be given permission to approve time off requests for other staff members"'),
	('olive', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @3$$, '{0,1}', '"When disabled, the user ... cannot approve", enabled "can approve or deny staff Time Off requests"'),
	('olive', $$UPDATE time_to_pet.time_off SET status = 'denied' WHERE id = @3$$, '{0,1}', '"can approve or deny staff Time Off requests"'),
	('olive', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @11$$, '{0,0}', '"for other staff members": not the own'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @3$$, '{1,1}', '"This setting ... is enabled and locked for Admins"'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'denied' WHERE id = @3$$, '{1,1}', '"can approve or deny staff Time Off requests"'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @7$$, '{0,0}', '"for other staff members": not the own'),
	('abby', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @7$$, '{1,1}', '"review and approval of an Admin": another one'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @5$$, '{42501,42501}', '"requests": what was denied is none any more'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'requested' WHERE id = @4$$, '{42501,42501}', '"approve or deny" is all'),
	('adam', $$UPDATE time_to_pet.time_off SET status = 'approved', day = day + 1 WHERE id = @3$$, '{42501,42501}', '"approve or deny": not for another day'),
	('adam', $$UPDATE time_to_pet.time_off SET staff_id = 2 WHERE id = @3$$, '{42501,42501}', '"approve or deny": not for another'),
	('adam', $$DELETE FROM time_to_pet.time_off WHERE id = @4$$, '{1,1}', '"as well as add and delete Time Off from the calendar"'),
	('adam', $$DELETE FROM time_to_pet.time_off WHERE id = @3$$, '{0,0}', '"from the calendar": a request is approved or denied'),
	('oscar', $$DELETE FROM time_to_pet.time_off WHERE id = @12$$, '{0,0}', '"for all other users"'),
	('olive', $$DELETE FROM time_to_pet.time_off WHERE id = @4$$, '{0,1}', '"cannot approve, deny, add, or delete staff Time Off", enabled "add and delete"'),
	('tina', $$DELETE FROM time_to_pet.time_off WHERE id = @4$$, '{0,0}', '"They can never add or delete Time Off for other users"'),
	('tina', $$DELETE FROM time_to_pet.time_off WHERE id = @2$$, '{0,0}', 'of deleting one''s own the document says nothing')
) v (u, command, expected, words);
-- "This permission is tied to the Approve Time Off Requests permission for Office Managers"
SELECT t.turn('pawsome', 'office_manager', 'time_off.approve', false);
SELECT is(t.tries('pawsome', 'olive', 'web', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @3$$) || t.asks('pawsome', 'olive', 'web', 'SELECT count(*) FROM time_to_pet.time_off'), '07',
	'pawsome, olive: "Office Managers will at least have access to the read-only version of the Company Time Off Calendar": what is scheduled, and her own');
SELECT t.turn('pawsome', 'office_manager', 'time_off.approve', true);
SELECT t.turn('pawsome', 'office_manager', 'time_off.company_calendar.view', false);
SELECT is(t.tries('pawsome', 'olive', 'web', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @3$$) || t.asks('pawsome', 'olive', 'web', 'SELECT count(*) FROM time_to_pet.time_off'), '02',
	'pawsome, olive: "If "Can View Company Time Off Calendar" is disabled, the Approve Time Off Requests permission will be automatically disabled as well"');
SELECT t.turn('pawsome', 'office_manager', 'time_off.approve', true);
SELECT is(t.tries('pawsome', 'olive', 'web', $$UPDATE time_to_pet.time_off SET status = 'approved' WHERE id = @3$$), '1', 'pawsome, olive: enabled again');

/* ---- staff: own pay stubs --------------------------------------------------------------------- */

SELECT t.both(u, 'web', format('INSERT INTO time_to_pet.pay_stubs VALUES (@c, 90, %s, 500)', k), expected, words)
FROM (VALUES ('tina', 1, '{42501,1}'::text[], '"users will be allowed to generate their own pay stubs"'), ('tina', 2, '{42501,42501}', '"their own"'), ('sara', 4, '{42501,1}', '"their own pay stubs"'),
	('olive', 5, '{42501,1}', '"When disabled, pay stubs can only be generated by Admins and Office Managers with the Manage Staff permission enabled"'), ('adam', 7, '{1,1}', '"by Admins"'), ('adam', 1, '{1,1}', '"by Admins"')) v (u, k, expected, words);
SELECT t.both_see('tina', 'web', 'pay_stubs', '{"",1}', '"their own pay stubs"');
SELECT t.both('tina', 'web', 'UPDATE time_to_pet.pay_stubs SET amount = 9999', '{0,0}', '"generate" them, not change them');

/* ---- clients: keys ------------------------------------------------------------------------------ */

SELECT t.both_see(u, c, 'client_keys', expected, words)
FROM (VALUES
	('tina', 'mobile', '{1 5,1 2 3 5 6 12}'::text[], '"can only see keys currently assigned to them", enabled "all keys and their locations on client profiles to which they have access"'),
	('tina', 'web', '{"",""}', '"Regardless of permission settings, users in the Trainee and Staff roles can only view and manage keys in the Mobile App"'),
	('tina', NULL, '{"",""}', 'no channel is not the Mobile App'), ('tina', 'telex', '{"",""}', 'an unknown channel is not the Mobile App'),
	('sven', 'mobile', '{2,2 4 6 12}', '"can only see keys currently assigned to them", enabled "all keys ... on client profiles to which they have access"'),
	('sven', 'web', '{"",""}', '"they cannot see or manage keys on the Web Dashboard"'), ('sara', 'mobile', '{7,7 9}', '"on client profiles to which they have access": also the one that is lost'),
	('olive', 'web', t.everything(), '"is enabled and locked for Office Managers and Admins"'), ('olive', 'mobile', t.everything(), '"is enabled and locked for Office Managers and Admins"'),
	('adam', 'web', t.everything(), '"is enabled and locked for Office Managers and Admins"')
) v (u, c, expected, words);
SELECT t.both(u, 'mobile', command, expected, '"When disabled, ... can only reassign the keys in their possession": ' || off, on_)
FROM (VALUES
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @1$$, '{1,1}'::text[], 'she has it', '"reassign keys to other users and/or locations"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @5$$, '{1,1}', 'she has it, whoever the client is', 'the key in her possession, of a client whom she cannot see'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = NULL, location = 'office' WHERE id = @1$$, '{1,1}', 'to a location', '"reassign keys to other users and/or locations"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 1 WHERE id = @2$$, '{0,1}', 'Sven has it', '"They can assign keys to themselves"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 1, location = NULL WHERE id = @3$$, '{0,1}', 'it is at the office', '"They can assign keys to themselves"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 4 WHERE id = @2$$, '{0,1}', 'Sven has it', '"reassign keys to other users"'),
	('tina', $$UPDATE time_to_pet.client_keys SET location = 'lockbox' WHERE id = @3$$, '{0,1}', 'it is at the office', '"reassign keys to other ... locations"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 1, location = NULL WHERE id = @4$$, '{0,0}', 'it is at the office', '"on client profiles to which they have access"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 1 WHERE id = @7$$, '{0,0}', 'Sara has it', '"on client profiles to which they have access"'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3, location = NULL$$, '{2,6}', 'all of hers, and no other', 'all that she sees, and no other'),
	('tina', $$UPDATE time_to_pet.client_keys SET client_id = @4 WHERE id = @1$$, '{42501,42501}', 'a key stays the client''s', 'a key stays the client''s'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3, client_id = @4 WHERE id = @1$$, '{42501,42501}', 'also when it is given away', 'also when it is given away'),
	('tina', $$UPDATE time_to_pet.client_keys SET id = 90 WHERE id = @1$$, '{42501,42501}', 'and the key that it is', 'and the key that it is'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @5 RETURNING id$$, '{42501,42501}', 'RETURNING would show it afterwards', 'RETURNING would show it afterwards'),
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @1 RETURNING id$$, '{42501,1}', 'RETURNING would show it afterwards', 'she goes on seeing her client''s key'),
	('tina', $$INSERT INTO time_to_pet.client_keys VALUES (@c, 90, @1, 1)$$, '{42501,42501}', 'of new keys the document says nothing', 'of new keys the document says nothing'),
	('tina', $$DELETE FROM time_to_pet.client_keys WHERE id = @1$$, '{0,0}', 'of deleting keys the document says nothing', 'of deleting keys the document says nothing'),
	('sven', $$UPDATE time_to_pet.client_keys SET holder_id = 1 WHERE id = @2$$, '{1,1}', 'he has it', 'the key in his possession, of a client whom he cannot see'),
	('sven', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @6$$, '{0,1}', 'Toby has it', '"They can assign keys to themselves"'),
	('nora', $$UPDATE time_to_pet.client_keys SET location = 'here' WHERE holder_id IS NULL$$, '{0,0}', 'what nobody has is not hers', 'nor is any client')
) v (u, command, expected, off, on_);
SELECT t.both(u, 'web', command, expected, words)
FROM (VALUES
	('tina', $$UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @1$$, '{0,0}'::text[], '"they cannot see or manage keys on the Web Dashboard"'),
	('sven', $$UPDATE time_to_pet.client_keys SET holder_id = 1 WHERE id = @2$$, '{0,0}', '"they cannot see or manage keys on the Web Dashboard"'),
	('olive', $$UPDATE time_to_pet.client_keys SET holder_id = NULL, location = 'office' WHERE id = @2$$, '{1,1}', '"reassign keys to other users and/or locations"'),
	('otto', $$UPDATE time_to_pet.client_keys SET holder_id = 6, location = NULL WHERE id = @3$$, '{1,1}', '"They can assign keys to themselves"'),
	('adam', $$UPDATE time_to_pet.client_keys SET holder_id = 7, location = NULL WHERE id = @8$$, '{1,1}', '"They can assign keys to themselves"'),
	('adam', $$UPDATE time_to_pet.client_keys SET client_id = @2 WHERE id = @1$$, '{42501,42501}', 'a key stays the client''s')
) v (u, command, expected, words);
SELECT is(t.after(c, 'tina', 'mobile', 'UPDATE time_to_pet.client_keys SET holder_id = 3 WHERE id = @5', 'SELECT count(*) FROM time_to_pet.client_keys WHERE id IN (@1, @5)'), '1',
	c || ', tina: the key that she gave away she does not see any more') FROM unnest('{walkies,pawsome}'::text[]) c;

/* ---- clients: details and pets ------------------------------------------------------------------------ */

CREATE FUNCTION t.fields(client text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format($q$SELECT concat_ws(' ', CASE WHEN name IS NOT NULL THEN 'name' END, CASE WHEN phone IS NOT NULL THEN 'phone' END, CASE WHEN vet IS NOT NULL THEN 'vet' END,
		CASE WHEN address IS NOT NULL THEN 'address' END, CASE WHEN alarm_code IS NOT NULL THEN 'alarm_code' END) FROM time_to_pet.clients_masked WHERE id = %s$q$, client)
$$;
SELECT t.both_ask(u, c, t.fields(client), expected, words)
FROM (VALUES
	('tina', 'web', '@1', '{name phone vet,name address}'::text[], '"can only view those that are marked "Staff Visible""'), ('tina', 'mobile', '@8', '{name phone vet,name address}', '"can only view those that are marked "Staff Visible""'),
	('tina', 'web', '@4', '{"",""}', 'nothing of a client to whom she has no access'), ('sara', 'web', '@12', '{name phone vet,name address}', '"can only view those that are marked "Staff Visible""'),
	('olive', 'web', '@10', '{name phone vet address alarm_code,name phone vet address alarm_code}', '"can always see and edit all client and pet fields"'),
	('olive', 'mobile', '@1', '{name phone vet address alarm_code,name phone vet address alarm_code}', '"can always see ... all client and pet fields", in the app too'),
	('adam', 'web', '@4', '{name phone vet address alarm_code,name phone vet address alarm_code}', '"can always see and edit all client and pet fields"'),
	('oscar', 'web', '@4', '{name phone vet address alarm_code,name phone vet address alarm_code}', '"can always see and edit all client and pet fields"')
) v (u, c, client, expected, words);
SELECT t.both_ask(u, 'web', query, expected, words)
FROM (VALUES
	('tina', 'SELECT concat_ws('' '', name, species, medication, temperament) FROM time_to_pet.pets_masked WHERE id = @1', '{Bella1 cat pill 1,Bella1 bites 1}'::text[], '"marked "Staff Visible"": of pets'),
	('adam', 'SELECT concat_ws('' '', name, species, medication, temperament) FROM time_to_pet.pets_masked WHERE id = @1', '{Bella1 cat pill 1 bites 1,Bella1 cat pill 1 bites 1}', '"all client and pet fields"'),
	('tina', 'SELECT count(*) FROM time_to_pet.pets_masked', '{4,4}', 'of the clients to whom she has access'),
	('tina', 'SELECT phone FROM time_to_pet.clients_masked WHERE id = @1', '{555-101,""}', '"marked "Staff Visible"": the value itself'),
	('olive', 'SELECT phone FROM time_to_pet.clients_masked WHERE id = @1', '{555-101,555-101}', '"can always see"'),
	('tina', 'SELECT count(*) FROM time_to_pet.clients_masked WHERE alarm_code = ''alarm-1''', '{0,0}', 'a field that is not marked is not found by either'),
	('olive', 'SELECT count(*) FROM time_to_pet.clients_masked WHERE alarm_code = ''alarm-1''', '{1,1}', '"can always see"'),
	('tina', 'SELECT string_agg(coalesce(alarm_code, ''-''), '''' ORDER BY alarm_code) FROM time_to_pet.clients_masked', '{----,----}', 'nor sorted by'),
	('tina', 'SELECT alarm_code FROM time_to_pet.clients WHERE id = @1', '{42501,42501}', 'nor read from the table'),
	('tina', 'SELECT count(*) FROM time_to_pet.clients WHERE alarm_code = ''alarm-1''', '{42501,42501}', 'nor looked for there'),
	('tina', 'SELECT count(*) FROM time_to_pet.clients c WHERE c IS NOT NULL', '{42501,42501}', 'nor as a part of the whole row'),
	('adam', 'SELECT alarm_code FROM time_to_pet.clients WHERE id = @1', '{42501,42501}', 'the table tells it to nobody'),
	('tina', 'SELECT string_agg(@id::text, '' '' ORDER BY id) FROM time_to_pet.clients', '{1 2 3 8,1 2 3 8}', 'the columns that are no fields, the table')
) v (u, query, expected, words);
SELECT t.both(u, c, command, expected, words)
FROM (VALUES
	('tina', 'web', $$UPDATE time_to_pet.clients SET address = 'x' WHERE id = @1$$, '{0,1}'::text[], '"When disabled, users cannot edit any client or pet details", enabled "so long as the field is marked "Staff Visible""'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET phone = 'x' WHERE id = @1$$, '{0,42501}', '"so long as the field is marked "Staff Visible"": it is not in pawsome'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET alarm_code = NULL WHERE id = @1$$, '{0,42501}', '"so long as the field is marked "Staff Visible""'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET alarm_code = 'alarm-1' WHERE id = @1$$, '{0,42501}', 'what is in a field that is not marked, writing does not tell'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET address = 'x', phone = 'x' WHERE id = @1$$, '{0,42501}', 'nor together with one that is marked'),
	('tina', 'mobile', $$UPDATE time_to_pet.clients SET address = 'x' WHERE id = @1$$, '{0,0}', '"cannot be edited in the Time To Pet Mobile App"'),
	('tina', NULL, $$UPDATE time_to_pet.clients SET address = 'x' WHERE id = @1$$, '{0,0}', 'no channel is not the Web Dashboard'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET address = 'x' WHERE id = @4$$, '{0,0}', 'not of a client to whom she has no access'),
	('tina', 'web', $$UPDATE time_to_pet.clients SET address = 'x'$$, '{0,4}', 'of all to whom she has access'),
	('sven', 'web', $$UPDATE time_to_pet.pets SET temperament = 'x' WHERE id = @4$$, '{0,1}', '"can update client and pet profile details"'),
	('sven', 'web', $$UPDATE time_to_pet.pets SET medication = 'x' WHERE id = @4$$, '{0,42501}', '"so long as the field is marked "Staff Visible""'),
	('sven', 'web', $$UPDATE time_to_pet.pets SET client_id = @8 WHERE id = @4$$, '{0,42501}', 'whose pet it is is no detail'),
	('olive', 'web', $$UPDATE time_to_pet.clients SET phone = 'x', alarm_code = 'x' WHERE id = @10$$, '{1,1}', '"can always see and edit all client and pet fields"'),
	('olive', 'mobile', $$UPDATE time_to_pet.clients SET phone = 'x' WHERE id = @10$$, '{0,0}', '"Regardless of permission setting or staff role, client and pet details can only be edited in the Web Dashboard"'),
	('olive', 'web', $$UPDATE time_to_pet.pets SET medication = 'x' WHERE id = @10$$, '{1,1}', '"can always see and edit all client and pet fields"'),
	('adam', 'web', $$UPDATE time_to_pet.clients SET address = 'x' WHERE id = @4$$, '{1,1}', '"can always see and edit all client and pet fields"'),
	('adam', 'mobile', $$UPDATE time_to_pet.pets SET species = 'x' WHERE id = @4$$, '{0,0}', '"Regardless of ... staff role"'),
	('adam', 'web', $$UPDATE time_to_pet.clients SET id = 90 WHERE id = @10$$, '{42501,42501}', 'which client it is is no field'),
	('adam', 'web', $$DELETE FROM time_to_pet.pets WHERE id = @4$$, '{0,0}', 'of deleting pets the document says nothing'),
	('adam', 'web', $$UPDATE time_to_pet.clients_masked SET address = 'x' WHERE id = @4$$, '{55000,55000}', 'the view is for reading')
) v (u, c, command, expected, words);

SELECT t.both(u, 'web', format('UPDATE time_to_pet.%I SET %I = ''x'' WHERE id = @8', r, f), CASE u WHEN 'toby' THEN ARRAY['0', CASE WHEN marked THEN '1' ELSE '42501' END] ELSE '{1,1}' END,
	CASE u WHEN 'toby' THEN '"so long as the field is marked "Staff Visible"": ' ELSE '"can always see and edit all client and pet fields": ' END || r || '.' || f)
FROM unnest('{toby,otto}'::text[]) u, (VALUES ('clients', 'name', true), ('clients', 'phone', false), ('clients', 'vet', false), ('clients', 'address', true), ('clients', 'alarm_code', false),
	('pets', 'name', true), ('pets', 'species', false), ('pets', 'medication', false), ('pets', 'temperament', true)) v (r, f, marked);

-- "marked "Staff Visible" in Settings > Company Settings > Client Fields", by whom company settings are to be had, and at once
SELECT is(t.tries('walkies', u, 'web', $$SELECT ambit.set_field_visible('walkies', 'time_to_pet.clients', 'address', true)$$), expected, u || ': "Settings > Company Settings > Client Fields"')
FROM (VALUES ('tina', '42501'), ('sven', '42501'), ('olive', '42501'), ('adam', '1'), ('oscar', '1')) v (u, expected);
SELECT is(t.tries('walkies', 'adam', 'web', $$SELECT ambit.set_field_visible('pawsome', 'time_to_pet.clients', 'phone', true)$$), '42501', 'adam: of another company not');
\o /dev/null
SELECT t.be('walkies', 'adam', 'web'), ambit.set_field_visible('walkies', 'time_to_pet.clients', 'address', true), ambit.set_field_visible('walkies', 'time_to_pet.clients', 'phone', false), t.nobody();
\o
SELECT is(t.asks('walkies', 'tina', 'web', t.fields('@1')), 'name vet address', 'tina: the fields that are marked now');
SELECT is(t.asks('pawsome', 'tina', 'web', t.fields('@1')), 'name address', 'tina: in the other company as before');
SELECT t.turn('walkies', 'trainee', 'clients.details.edit', true);
SELECT is(t.tries('walkies', 'tina', 'web', format($$UPDATE time_to_pet.clients SET %s = 'x' WHERE id = @1$$, f)), expected, 'tina: edits what is marked now: ' || f) FROM (VALUES ('address', '1'), ('vet', '1'), ('phone', '42501')) v (f, expected);
SELECT t.turn('walkies', 'trainee', 'clients.details.edit', false);
\o /dev/null
SELECT ambit.set_field_visible('walkies', 'time_to_pet.clients', 'address', false), ambit.set_field_visible('walkies', 'time_to_pet.clients', 'phone', true);
\o
SELECT is(t.asks('walkies', 'tina', 'web', t.fields('@1')), 'name phone vet', 'tina: and as before');

/* ---- clients: all of them, new ones ---------------------------------------------------------------------- */

SELECT t.both(u, c, command, expected, words)
FROM (VALUES
	('tina', 'web', $$INSERT INTO time_to_pet.clients (company, id, name) VALUES (@c, 90, 'New')$$, '{42501,42501}'::text[], '"Users in the Trainee and Staff roles cannot create new clients"'),
	('sven', 'mobile', $$INSERT INTO time_to_pet.clients (company, id) VALUES (@c, 90)$$, '{42501,42501}', '"Users in the Trainee and Staff roles cannot create new clients"'),
	('olive', 'web', $$INSERT INTO time_to_pet.clients VALUES (@c, 90, 'New', '555', 'Vet', 'Street', 'code')$$, '{1,1}', '"Office Managers and Admins can always create new clients"'),
	('adam', 'mobile', $$INSERT INTO time_to_pet.clients (company, id, name) VALUES (@c, 90, 'New')$$, '{1,1}', '"Office Managers and Admins can always create new clients"'),
	('tina', 'web', $$INSERT INTO time_to_pet.pets (company, id, client_id) VALUES (@c, 90, @1)$$, '{42501,42501}', 'of new pets the document says nothing: they come with the client'),
	('olive', 'web', $$INSERT INTO time_to_pet.pets (company, id, client_id, name) VALUES (@c, 90, @1, 'New')$$, '{1,1}', '"can always create new clients", and their pets'),
	('adam', 'web', $$WITH c AS (INSERT INTO time_to_pet.clients (company, id, name) VALUES (@c, 90, 'New') RETURNING id) INSERT INTO time_to_pet.pets (company, id, client_id, name) SELECT @c, 90, id, 'Rex' FROM c$$, '{1,1}', '"can always create new clients", and their pets'),
	('olive', 'mobile', $$INSERT INTO time_to_pet.clients (company, id, name) VALUES (@c, 90, 'New')$$, '{1,1}', '"can always create new clients", in the app too'),
	('olive', 'mobile', $$INSERT INTO time_to_pet.pets (company, id, client_id, name) VALUES (@c, 90, @1, 'New')$$, '{42501,42501}', '"client and pet details can only be edited in the Web Dashboard and cannot be edited in the Time To Pet Mobile App": nor by a pet that is added'),
	('oscar', 'mobile', $$INSERT INTO time_to_pet.pets (company, id, client_id) VALUES (@c, 90, @1)$$, '{42501,42501}', '"Regardless of permission setting or staff role"'),
	('adam', NULL, $$INSERT INTO time_to_pet.pets (company, id, client_id) VALUES (@c, 90, @1)$$, '{42501,42501}', 'no channel is not the Web Dashboard'),
	('adam', 'web', $$DELETE FROM time_to_pet.clients WHERE id = @10$$, '{0,0}', 'of deleting clients the document says nothing')
) v (u, c, command, expected, words);
-- the register of clients
SELECT t.both_ask(u, c, $$SELECT string_agg(@id::text, ' ' ORDER BY id) FROM ambit.visible_clients(NULL::bigint) v (id)$$, expected, 'visible_clients(): ' || words)
FROM (VALUES
	('tina', '{1 2 3 8,1 2 3 8}'::text[], '"cannot be given access to the entire Client List": a trainee'), ('sven', '{4 8,4 8}', '"cannot be given access to the entire Client List": staff'),
	('nora', '{"",""}', 'staff without a key'), ('olive', t.everything(), '"will always have access to all clients": an office manager'),
	('adam', t.everything(), '"will always have access to all clients": an admin'), ('oscar', t.everything(), '"will always have access to all clients": the owner admin'), (NULL, '{"",""}', 'a visitor')
) v (u, expected, words), unnest('{web,mobile}'::text[]) c;
SELECT t.both_ask('tina', 'web', 'SELECT string_agg(c, '' '' ORDER BY c) FROM ambit.visible_clients() c', '{1 2 3 8,101 102 103 108}', 'visible_clients(): as text');

-- "assigned in the past or future or are marked as a preferred": at once
UPDATE time_to_pet.preferred_staff SET ended_on = current_date WHERE company = 'walkies' AND client_id = 3;
UPDATE time_to_pet.events SET staff_id = 1 WHERE id = 11;
SELECT is(t.asks('walkies', 'tina', 'web', $$SELECT string_agg(id::text, ' ' ORDER BY id) FROM time_to_pet.clients$$), '1 2 8 11', 'tina: no longer preferred by 3, assigned to 11 from now on');
SELECT is(t.asks('walkies', 'tina', 'web', t.fields('3') ) || '/' || t.asks('walkies', 'tina', 'web', t.fields('11')), '/name phone vet', 'tina: and so are their fields');
UPDATE time_to_pet.preferred_staff SET ended_on = NULL WHERE company = 'walkies' AND client_id = 3;
UPDATE time_to_pet.events SET staff_id = NULL WHERE id = 11;

/* ---- clients: messages --------------------------------------------------------------------------------------- */

SELECT t.both_see(u, 'web', 'messages', expected, words)
FROM (VALUES
	('tina', '{3 5,3 5}'::text[], '"messages are added to the Client Conversation Feed" of clients "they have access to": not what is pending, rejected or private'),
	('sven', '{"",""}', 'nor what waits for approval, the own message included'), ('toby', '{11,11}', 'the feed of a client of his'),
	('olive', '{3 4 5 11,1 2 3 4 5 6 7 8 9 10 11 12 13}', '"When disabled, users cannot access the Approvals > Conversations tab", "cannot access the Private Conversation Feed"'),
	('adam', '{1 2 3 4 5 6 10 11 12 13,1 2 3 4 5 6 7 8 9 10 11 12 13}', '"enabled and locked for Admins"; Private Messaging is not enabled in walkies')
) v (u, expected, words);
SELECT t.both(u, 'mobile', format('INSERT INTO time_to_pet.messages VALUES (@c, 90, @%s, %L, %L, %L, %L, %L)', client, author, kind, private, 'Hello', status), expected, words)
FROM (VALUES
	('tina', 1, 1, 'message', false, 'pending', '{1,42501}'::text[], '"messages and visit report cards the user sends to clients", enabled "only messages sent from users without permission to Post Messages Without Approval will be sent to the Approvals screen for review"'),
	('tina', 1, 1, 'message', false, 'sent', '{42501,1}', '"will not be delivered to the client until reviewed and approved", enabled "delivered to the client immediately"'),
	('tina', 8, 1, 'visit report card', false, 'pending', '{1,42501}', '"messages and visit report cards the user sends to clients", enabled "only messages sent from users without permission"'),
	('tina', 8, 1, 'visit report card', false, 'sent', '{42501,1}', '"messages and visit report cards"'),
	('tina', 1, 1, 'message', false, 'rejected', '{42501,42501}', 'nobody sends what was rejected'),
	('tina', 4, 1, 'message', false, 'pending', '{42501,42501}', 'not to a client to whom she has no access'), ('tina', 4, 1, 'message', false, 'sent', '{42501,42501}', 'not to a client to whom she has no access'),
	('tina', 1, 3, 'message', false, 'pending', '{42501,42501}', '"messages ... the user sends": not in another''s name'),
	('tina', 1, NULL, 'message', false, 'sent', '{42501,42501}', 'nor in the client''s'),
	('tina', 1, 1, 'message', true, 'pending', '{42501,42501}', '"Users in the Trainee and Staff roles can never private message with clients"'),
	('tina', 1, 1, 'message', true, 'sent', '{42501,42501}', '"can never private message with clients"'), ('sven', 4, 3, 'message', true, 'sent', '{42501,42501}', '"can never private message with clients"'),
	('sara', 12, 4, 'message', false, 'pending', '{1,42501}', '"only messages sent from users without permission to Post Messages Without Approval"'), ('sara', 12, 4, 'message', false, 'sent', '{42501,1}', '"delivered to the client immediately"'),
	('olive', 10, 5, 'message', false, 'pending', '{1,42501}', '"can be enabled and disabled for all roles", "only messages sent from users without permission"'), ('olive', 10, 5, 'message', false, 'sent', '{42501,1}', '"can be enabled and disabled for all roles"'),
	('adam', 10, 7, 'message', false, 'sent', '{42501,1}', '"can be enabled and disabled for all roles"'), ('oscar', 10, 9, 'message', false, 'pending', '{1,42501}', '"for all roles", "only messages sent from users without permission"'),
	('olive', 10, 5, 'message', true, 'sent', '{42501,1}', '"When disabled, the user ... cannot send or read private messages", enabled "They can send private messages to the client"'),
	('olive', 10, 5, 'message', true, 'pending', '{42501,42501}', '"They can send private messages to the client": at once, "only messages sent from users without permission" wait'),
	('olive', 10, 6, 'message', true, 'pending', '{42501,42501}', '"They can send": not in another''s name'), ('olive', 10, 6, 'message', true, 'sent', '{42501,42501}', '"They can send": not in another''s name'),
	('olive', 10, 6, 'message', false, 'sent', '{42501,42501}', '"messages ... the user sends": not in another''s name'),
	('adam', 10, 7, 'message', true, 'sent', '{42501,1}', '"only ... if you have Private Messaging enabled in Settings > Client Settings > Portal Settings"')
) v (u, client, author, kind, private, status, expected, words);
SELECT t.turn('pawsome', 'admin', 'messages.post_without_approval', false);
SELECT is(t.tries('pawsome', 'adam', 'web', format($$INSERT INTO time_to_pet.messages VALUES (@c, 90, @1, 7, 'message', true, 'Hello', %L)$$, s)), expected,
	format('pawsome, adam: "can be enabled and disabled for all roles": also a private message, %s', s)) FROM (VALUES ('sent', '42501'), ('pending', '1')) v (s, expected);
SELECT is(t.tries('pawsome', 'adam', 'web', format($$INSERT INTO time_to_pet.messages VALUES (@c, 90, @1, %s, 'message', %L, 'Hello', 'pending')$$, author, private)), expected,
	format('pawsome, adam, without permission to Post Messages Without Approval: "will be sent to the Approvals screen for review": %s', words))
FROM (VALUES (7, false, '1', 'a message'), (7, true, '1', 'a private one'), (8, false, '42501', 'none in another''s name'), (8, true, '42501', 'nor privately')) v (author, private, expected, words);
SELECT t.turn('pawsome', 'admin', 'messages.post_without_approval', true);
SELECT t.both(u, 'web', command, expected, words)
FROM (VALUES
	('tina', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @1$$, '{0,0}'::text[], '"Users in the Trainee and Staff roles can not be given permission to approve messages"'),
	('tina', $$UPDATE time_to_pet.messages SET body = 'x'$$, '{0,0}', '"can not be given permission to approve messages"'),
	('sven', $$UPDATE time_to_pet.messages SET status = 'sent'$$, '{0,0}', '"can not be given permission to approve messages"'),
	('olive', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @1$$, '{0,1}', '"users cannot access the Approvals > Conversations tab", enabled "review, edit, approve, and reject"'),
	('olive', $$UPDATE time_to_pet.messages SET status = 'rejected' WHERE id = @2$$, '{0,1}', '"review, edit, approve, and reject messages"'),
	('olive', $$UPDATE time_to_pet.messages SET body = 'x' WHERE id = @10$$, '{0,1}', '"review, edit, approve, and reject messages"'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @1$$, '{1,1}', '"is enabled and locked for Admins"'),
	('adam', $$UPDATE time_to_pet.messages SET body = 'x', status = 'sent' WHERE id = @10$$, '{1,1}', '"review, edit, approve": in one'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'rejected' WHERE id = @10$$, '{1,1}', '"and reject"'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @12$$, '{0,0}', '"messages sent to clients from other staff members": not the own'),
	('abby', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @12$$, '{1,1}', '"from other staff members"'),
	('olive', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @13$$, '{0,0}', '"from other staff members": not the own'),
	('otto', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @13$$, '{0,1}', '"from other staff members"'),
	('adam', $$UPDATE time_to_pet.messages SET body = 'x' WHERE id = @3$$, '{42501,42501}', 'what is sent is not edited'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'pending' WHERE id = @3$$, '{42501,42501}', 'nor taken back'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'rejected' WHERE id = @3$$, '{42501,42501}', 'nor rejected afterwards'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @6$$, '{42501,42501}', 'what was rejected is not sent'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent', client_id = @2 WHERE id = @1$$, '{42501,42501}', '"edit": not to whom'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent', staff_id = 7 WHERE id = @1$$, '{42501,42501}', '"edit": not by whom'),
	('adam', $$UPDATE time_to_pet.messages SET private = true WHERE id = @1$$, '{42501,42501}', '"edit": not into another feed'),
	('adam', $$UPDATE time_to_pet.messages SET body = 'x' WHERE id = @5$$, '{0,0}', 'what the client wrote is nobody''s to edit'),
	('adam', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @9$$, '{0,1}', 'a private message: by those who "can access the Private Conversation Feed"'),
	('adam', $$DELETE FROM time_to_pet.messages WHERE id = @1$$, '{0,0}', 'of deleting messages the document says nothing but that it is logged')
) v (u, command, expected, words);
-- the two feeds: approving without private messages, and private messages without approving
SELECT t.turn('pawsome', 'office_manager', 'messages.private_message', false);
SELECT is(t.asks('pawsome', 'olive', 'web', $$SELECT string_agg(@id::text, ' ' ORDER BY id) FROM time_to_pet.messages$$), '1 2 3 4 5 6 10 11 12 13', 'pawsome, olive: "cannot access the Private Conversation Feed"');
SELECT is(t.tries('pawsome', 'olive', 'web', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @9$$), '0', 'pawsome, olive: nor approve what is in it');
SELECT t.turn('pawsome', 'office_manager', 'messages.private_message', true);
SELECT t.turn('pawsome', 'office_manager', 'messages.approve', false);
SELECT is(t.asks('pawsome', 'olive', 'web', $$SELECT string_agg(@id::text, ' ' ORDER BY id) FROM time_to_pet.messages$$), '3 4 5 7 8 9 11', 'pawsome, olive: "access the Private Conversation Feed", "read private replies"');
SELECT is(t.tries('pawsome', 'olive', 'web', $$UPDATE time_to_pet.messages SET status = 'sent' WHERE id = @9$$), '0', 'pawsome, olive: and approves nothing');
SELECT t.turn('pawsome', 'office_manager', 'messages.approve', true);
SELECT t.both(u, 'web', $$INSERT INTO time_to_pet.client_emails VALUES (@c, 90, 'Dear all')$$, expected, words)
FROM (VALUES ('tina', '{42501,42501}'::text[], '"Users in the Trainee and Staff roles cannot send mass emails to clients"'), ('sven', '{42501,42501}', '"cannot send mass emails to clients"'),
	('olive', '{42501,1}', '"users can send mass emails to clients in the Messages > Email Clients tab"'), ('adam', '{1,1}', '"enabled and locked for Admins"')) v (u, expected, words);

/* ---- clients: new accounts, schedule, history -------------------------------------------------------------------- */

SELECT t.both_see(u, 'web', 'account_requests', expected, words)
FROM (VALUES ('tina', '{"",""}'::text[], '"can not be given permission to approve new client accounts"'), ('olive', '{"",1 2 3}', '"users can access the Approvals > Clients screen"'),
	('adam', '{"",1 2 3}', '"only relevant if your settings are configured to allow clients to create an account, and new accounts require approval"')) v (u, expected, words);
SELECT t.both(u, 'web', command, CASE WHEN u = 'sven' THEN '{0,0}'::text[] ELSE ARRAY['0', expected] END, words)
FROM unnest('{sven,olive,abby}'::text[]) u, (VALUES
	($$UPDATE time_to_pet.account_requests SET status = 'approved' WHERE id = @1$$, '1', '"review, approve, reject, or delete prospective client account requests": approve'),
	($$UPDATE time_to_pet.account_requests SET status = 'rejected' WHERE id = @1$$, '1', '"review, approve, reject, or delete prospective client account requests": reject'),
	($$DELETE FROM time_to_pet.account_requests WHERE id = @1$$, '1', '"review, approve, reject, or delete prospective client account requests": delete'),
	($$UPDATE time_to_pet.account_requests SET status = 'approved' WHERE id = @3$$, '42501', 'what was rejected is no request any more'),
	($$UPDATE time_to_pet.account_requests SET status = 'rejected' WHERE id = @2$$, '42501', 'nor what was approved'),
	($$UPDATE time_to_pet.account_requests SET name = 'x' WHERE id = @1$$, '42501', '"review", not change')
) v (command, expected, words);

SELECT t.both_see(u, c, 'events', expected, words)
FROM (VALUES
	('tina', 'mobile', '{1 2 6 7 13,1 2 4 6 7 8 9 13}'::text[], '"can only see the events they are personally assigned to", enabled "all scheduled, cancelled, and completed events for the client, regardless of who the assigned staff member is"'),
	('sven', 'mobile', '{3 4 8,3 4 7 8 9}', '"can only see the events they are personally assigned to", enabled "all ... events for the client"'),
	('tina', 'web', '{1 2 6 7 13,1 2 3 4 5 6 7 8 9 10 11 12 13 14}', '"users can only view their personal schedules", enabled "a read-only version of the entire company schedule"'),
	('nora', 'web', '{"",1 2 3 4 5 6 7 8 9 10 11 12 13 14}', '"a read-only version of the entire company schedule"'),
	('olive', 'mobile', '{1 2 3 4 5 6 7 8 9 10 11 12 13 14,1 2 3 4 5 6 7 8 9 10 11 12 13 14}', '"always be able to edit scheduled events"')
) v (u, c, expected, words);
SELECT t.both_see(u, 'web', 'client_history', expected, words)
FROM (VALUES ('tina', '{"",""}'::text[], '"Users in the Trainee and Staff roles can not be given permission to view client history"'), ('sven', '{"",""}', '"can not be given permission to view client history"'),
	('olive', ARRAY['', '1 2 3 4 5 6 7 8 9 10 11 12'], '"users can access the "History" tab of the client profile"'), ('adam', t.everything(), '"enabled and locked for Admins"')) v (u, expected, words);
SELECT t.both('adam', 'web', command, expected, 'the log is written by what happens') FROM (VALUES ($$INSERT INTO time_to_pet.client_history (company, client_id, entry) VALUES (@c, @1, 'x')$$, '{42501,42501}'::text[]),
	('UPDATE time_to_pet.client_history SET entry = NULL', '{0,0}'), ('DELETE FROM time_to_pet.client_history', '{0,0}')) v (command, expected);
SELECT is(t.after(c, 'adam', 'web', $$UPDATE time_to_pet.clients SET phone = 'x' WHERE id = @4$$, $$SELECT string_agg(entry, ', ' ORDER BY id) FROM time_to_pet.client_history WHERE client_id = @4$$), 'rate updated, profile details changed',
	c || ', adam: "a log of various changes made to the client profile, such as ... profile detail changes"') FROM unnest('{walkies,pawsome}'::text[]) c;

/* ---- services, packages, templates, settings ------------------------------------------------------------------------ */

CREATE FUNCTION t.managers(relation text, key text, never text, enabled text, command text, VARIADIC more text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	c text;
BEGIN
	FOREACH c IN ARRAY command || more LOOP
		RETURN QUERY SELECT t.both(u, 'web', c, ARRAY[no, no], '"' || never || '"') FROM unnest('{tina,sven}'::text[]) u, LATERAL (SELECT CASE WHEN c LIKE 'INSERT%' THEN '42501' ELSE '0' END) n (no);
		RETURN QUERY SELECT t.both('olive', 'web', c, ARRAY[CASE WHEN c LIKE 'INSERT%' THEN '42501' ELSE '0' END, '1'], '"When disabled"', '"' || enabled || '"');
		RETURN QUERY SELECT t.both('abby', 'mobile', c, '{1,1}', '"enabled and locked for Admins": "' || enabled || '"');
	END LOOP;
	IF key IS NOT NULL THEN
		RETURN QUERY SELECT t.both_see(u, 'web', relation, '{"",""}', '"' || never || '"') FROM unnest('{tina,sven}'::text[]) u;
		RETURN QUERY SELECT t.both_see('olive', 'web', relation, ARRAY['', key], '"When disabled, users cannot access"', '"' || enabled || '"');
		RETURN QUERY SELECT t.both_see('adam', 'web', relation, ARRAY[key, key], '"enabled and locked for Admins"');
	END IF;
END
$$;
COMMENT ON FUNCTION t.managers(text, text, text, text, text, text[]) IS 'What trainees and staff never do, office managers where the switch is on, and admins always.';
SELECT t.managers('services', '1 2 3', 'can not be given permission to manage services', 'edit, create, and deactivate services, edit service rates',
	'UPDATE time_to_pet.services SET rate = 35 WHERE id = @1', 'UPDATE time_to_pet.services SET active = false WHERE id = @1', 'INSERT INTO time_to_pet.services VALUES (@c, 90, ''New'', 30)');
SELECT t.managers('holidays', '1 2 3', 'can not be given permission to manage services', 'holiday fees, and all other service and holiday configurations', 'UPDATE time_to_pet.holidays SET fee = 15 WHERE id = @1');
SELECT t.managers('packages', '1 2 3', 'can not be given permission to manage Packages', 'edit, create, and deactivate Packages',
	'UPDATE time_to_pet.packages SET active = false WHERE id = @1', 'INSERT INTO time_to_pet.packages VALUES (@c, 90, ''New'')');
SELECT t.managers('package_renewals', '1 2 3', 'can not be given permission to manage Packages', 'and close out Packages in the Renewal Report', 'UPDATE time_to_pet.package_renewals SET closed = true WHERE id = @1');
SELECT t.managers('templates', '1 2 3', 'cannot view, edit, or create Templates', 'users can view, edit, create, and delete Templates in Scheduler > Templates',
	'UPDATE time_to_pet.templates SET name = ''x'' WHERE id = @1', 'INSERT INTO time_to_pet.templates VALUES (@c, 90, ''New'')', 'DELETE FROM time_to_pet.templates WHERE id = @1');
SELECT t.managers('schedule_blocks', '1 2 3', 'cannot view, edit, or create Schedule Blocks', 'can view, edit or create Schedule Blocks',
	'UPDATE time_to_pet.schedule_blocks SET name = ''x'' WHERE id = @1', 'INSERT INTO time_to_pet.schedule_blocks VALUES (@c, 90, ''New'')');
SELECT t.managers('settings', NULL, 'cannot view or edit Scheduler Settings', 'can edit any of these settings', 'UPDATE time_to_pet.settings SET value = ''x'' WHERE screen = ''scheduler''');
SELECT t.managers('settings', NULL, 'they cannot access client invoices, other staff profiles, or company settings', 'access the Settings > Invoicing & Payments > Invoice Settings screen and edit any of the settings listed on this screen',
	'UPDATE time_to_pet.settings SET value = ''x'' WHERE screen = ''invoice''');
SELECT t.both('adam', 'web', command, expected, words)
FROM (VALUES ('DELETE FROM time_to_pet.services WHERE id = @1', '{0,0}'::text[], '"edit, create, and deactivate services": not delete'), ('DELETE FROM time_to_pet.schedule_blocks WHERE id = @1', '{0,0}', '"view, edit or create Schedule Blocks": not delete'),
	('UPDATE time_to_pet.package_renewals SET client_id = @2 WHERE id = @1', '{42501,42501}', '"close out" is all')) v (command, expected, words);
SELECT t.both(u, 'web', 'INSERT INTO time_to_pet.redemptions VALUES (@c, 90, @1, @1)', expected, words)
FROM (VALUES ('olive', '{1,1}'::text[], '"Office Managers can still redeem services from Packages even if they do not have permission to manage Packages"'), ('adam', '{1,1}', '"nearly all the permissions"'),
	('tina', '{42501,42501}', 'of trainees the document says nothing'), ('sven', '{42501,42501}', 'of staff the document says nothing')) v (u, expected, words);

/* ---- scheduling ------------------------------------------------------------------------------------------------------ */

SELECT t.both(u, c, command, expected, words)
FROM (VALUES
	('tina', 'web', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @1, 1, 'Walk', now())$$, '{42501,42501}'::text[], '"cannot ... schedule new events for themselves or other users"'),
	('sven', 'web', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @4, 4, 'Walk', now())$$, '{42501,42501}', '"cannot ... schedule new events for themselves or other users"'),
	('sven', 'mobile', $$UPDATE time_to_pet.events SET status = 'cancelled' WHERE id = @3$$, '{42501,42501}', '"cannot edit scheduled events": not cancel'),
	('sven', 'mobile', $$UPDATE time_to_pet.events SET status = 'scheduled' WHERE id = @4$$, '{0,0}', '"cannot edit scheduled events": not take back a cancellation'),
	('tina', 'web', $$UPDATE time_to_pet.events SET starts_at = now() WHERE id = @3$$, '{0,0}', '"a read-only version of the entire company schedule"'),
	('tina', 'web', $$UPDATE time_to_pet.events SET service = 'Bath' WHERE id = @2$$, '{42501,42501}', '"cannot edit scheduled events"'),
	('olive', 'web', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @1, 1, 'Walk', now())$$, '{1,1}', '"will always be able to edit scheduled events and schedule new events"'),
	('olive', 'mobile', $$UPDATE time_to_pet.events SET starts_at = now() WHERE id = @3$$, '{1,1}', '"will always be able to edit scheduled events": reschedule'),
	('olive', 'mobile', $$UPDATE time_to_pet.events SET staff_id = 1 WHERE id = @11$$, '{1,1}', '"will always be able to edit scheduled events": assign'),
	('otto', 'web', $$UPDATE time_to_pet.events SET staff_id = 1, client_id = @10, service = 'Bath', starts_at = now() WHERE id = @3$$, '{1,1}', '"will always be able to edit scheduled events"'),
	('olive', 'web', $$UPDATE time_to_pet.events SET status = 'cancelled' WHERE id = @3$$, '{1,1}', '"will always be able to edit scheduled events": cancel'),
	('olive', 'web', $$UPDATE time_to_pet.events SET status = 'scheduled' WHERE id = @4$$, '{1,1}', '"will always be able to edit scheduled events": take back a cancellation'),
	('olive', 'web', $$UPDATE time_to_pet.events SET status = 'scheduled', message = NULL, completed_at = NULL WHERE id = @9$$, '{1,1}', '"will always be able to edit scheduled events": take back a completion'),
	('adam', 'mobile', $$UPDATE time_to_pet.events SET staff_id = 4, starts_at = now() WHERE id = @3$$, '{1,1}', '"will always be able to edit scheduled events"'),
	('adam', 'web', $$UPDATE time_to_pet.events SET message = 'x' WHERE id = @9$$, '{42501,42501}', 'what was written on completion stays'),
	('adam', 'web', $$UPDATE time_to_pet.events SET id = 90 WHERE id = @3$$, '{42501,42501}', 'which event it is is not edited'),
	('adam', 'web', $$DELETE FROM time_to_pet.events WHERE id = @3$$, '{0,0}', 'of deleting events the document says nothing')
) v (u, c, command, expected, words);
SELECT t.both(u, c, format('UPDATE time_to_pet.events SET status = %L, completed_at = now(), message = %L%s WHERE id = @%s', 'completed', message, more, event), expected, words)
FROM (VALUES
	('tina', 'mobile', 2, 'Rex ate well', '', '{1,1}'::text[], '"won''t be able to complete an event ... without also writing a message": with one'),
	('tina', 'web', 2, 'Rex ate well', '', '{1,1}', '"and Web Dashboard Home Screen on mobile devices"'),
	('tina', 'mobile', 2, NULL, '', '{42501,1}', '"without also writing a message", enabled "users can mark events as complete ... without writing a message"'),
	('tina', 'web', 2, '', '', '{42501,1}', '"without also writing a message", enabled "and Web Dashboard Home Screen on mobile devices"'),
	('tina', 'mobile', 2, '  ', '', '{42501,1}', '"without also writing a message": blanks are none'),
	('tina', 'mobile', 3, 'Rex ate well', '', '{0,0}', '"carry out their assigned services"'), ('tina', 'mobile', 8, 'Rex ate well', '', '{0,0}', '"their assigned services": another''s, of her client'),
	('tina', 'mobile', 11, 'Rex ate well', '', '{0,0}', '"their assigned services": nobody''s is not hers'), ('tina', 'mobile', 6, 'Rex ate well', '', '{0,0}', 'what was cancelled is not completed'),
	('tina', 'mobile', 13, 'We talked', '', '{1,1}', 'an event without a client'),
	('tina', 'mobile', 2, 'Rex ate well', ', starts_at = now()', '{42501,42501}', '"not permitted to make any scheduling changes": not with the completion either'),
	('tina', 'mobile', 2, 'Rex ate well', ', staff_id = 3', '{42501,42501}', 'nor a completion by another'), ('tina', 'mobile', 3, 'Rex ate well', ', staff_id = 1', '{0,0}', 'nor another''s as one''s own'),
	('sven', 'mobile', 3, 'Fine', '', '{1,1}', 'with a message'), ('sven', 'mobile', 3, NULL, '', '{42501,1}', '"without also writing a message"'),
	('nora', 'mobile', 11, 'Fine', '', '{0,0}', 'whose is nobody''s is not hers who has no key'),
	('olive', 'mobile', 5, 'Fine', '', '{1,1}', 'her own, with a message'), ('olive', 'mobile', 5, NULL, '', '{42501,1}', '"without also writing a message", enabled "users can mark events as complete ... without writing a message"'),
	('olive', 'mobile', 3, 'Fine', '', '{42501,42501}', 'another''s: not in the app'), ('olive', NULL, 3, 'Fine', '', '{42501,42501}', 'no channel is not the Web Dashboard'),
	('olive', 'web', 3, NULL, '', '{1,1}', '"Office Managers can still mark events complete from the Scheduler on the Web Dashboard without writing a message, even if this permission is disabled"'),
	('olive', 'web', 3, 'Fine', '', '{1,1}', '"from the Scheduler", with a message'),
	('otto', 'web', 11, NULL, '', '{1,1}', '"can still mark events complete from the Scheduler"'), ('otto', 'web', 4, NULL, '', '{42501,42501}', 'what was cancelled is not completed'),
	('adam', 'mobile', 3, NULL, '', '{1,1}', '"It is enabled and locked for Admins"'), ('oscar', 'web', 3, NULL, '', '{1,1}', '"It is enabled and locked for Admins"')
) v (u, c, event, message, more, expected, words);
SELECT t.both(u, c, command, expected, words)
FROM (VALUES
	('tina', 'mobile', $$UPDATE time_to_pet.events SET message = 'Later' WHERE id = @1$$, '{42501,42501}'::text[], 'what was written on completion stays'),
	('tina', 'mobile', $$UPDATE time_to_pet.events SET message = 'Before' WHERE id = @2$$, '{23514,23514}', 'a message comes with the completion'),
	('tina', 'mobile', $$UPDATE time_to_pet.events SET status = 'scheduled', message = NULL, completed_at = NULL WHERE id = @1$$, '{42501,42501}', '"not permitted to make any ... event edits": a completion is not taken back'),
	('tina', 'mobile', $$UPDATE time_to_pet.events SET status = 'completed' WHERE id = @6$$, '{0,0}', 'what was cancelled is not completed, without a message either'),
	('olive', 'web', $$UPDATE time_to_pet.events SET status = 'completed' WHERE id = @4$$, '{42501,42501}', 'what was cancelled is not completed'),
	('olive', 'mobile', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @4, 3, 'Walk', now(), 'completed', 'Fine', now())$$, '{42501,42501}', 'what nobody may complete nobody makes complete'),
	('olive', 'web', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @4, 3, 'Walk', now(), 'completed', NULL, now())$$, '{1,1}', '"from the Scheduler on the Web Dashboard"'),
	('olive', 'mobile', $$INSERT INTO time_to_pet.events VALUES (@c, 90, @4, 5, 'Walk', now(), 'completed', NULL, now())$$, '{42501,1}', '"without also writing a message"')
) v (u, c, command, expected, words);

/* ---- invoicing ------------------------------------------------------------------------------------------------------------ */

SELECT t.managers('invoices', '1 2 3 4 5 6 7 8 9 10 11 12', 'Users in the Trainee and Staff roles cannot Manage Invoicing', 'view and edit client invoices, including line items, due dates, discounts, taxes, tips, etc.',
	'UPDATE time_to_pet.invoices SET due_on = current_date, discount = 1, tax = 1, tip = 1 WHERE id = @1', 'INSERT INTO time_to_pet.invoices VALUES (@c, 90, @1)');
SELECT t.managers('charging_log', '1 2 3', 'cannot Manage Invoicing', 'review Automatic Charging logs', 'INSERT INTO time_to_pet.payments VALUES (@c, 90, @1, ''manual'', 40)');
SELECT t.managers('invoice_lines', NULL, 'cannot Manage Invoicing', 'including line items', 'UPDATE time_to_pet.invoice_lines SET amount = 1 WHERE id = @1', 'DELETE FROM time_to_pet.invoice_lines WHERE id = @1',
	'INSERT INTO time_to_pet.invoice_lines VALUES (90, @1, ''Bath'', 10)');
SELECT t.managers('payment_methods', '1 2 3', 'Users in the Trainee and Staff roles cannot charge clients', 'users can charge clients'' saved payment methods', 'INSERT INTO time_to_pet.payments VALUES (@c, 90, @1, ''charge'', 40)');
SELECT t.managers('payments', NULL, 'cannot charge clients', 'charge clients in bulk using the Bulk Invoicing tool', 'INSERT INTO time_to_pet.payments VALUES (@c, 90, @1, ''bulk charge'', 40)');
SELECT t.both(u, 'web', command, expected, words)
FROM (VALUES
	('adam', 'UPDATE time_to_pet.invoices SET client_id = @2 WHERE id = @1', '{42501,42501}'::text[], 'an invoice stays the client''s'),
	('adam', 'UPDATE time_to_pet.invoice_lines SET invoice_id = @2 WHERE id = @1', '{42501,42501}', 'and its lines the invoice''s'),
	('adam', 'DELETE FROM time_to_pet.invoices WHERE id = @1', '{0,0}', 'of deleting invoices the document says nothing'),
	('adam', 'UPDATE time_to_pet.payments SET amount = 1', '{0,0}', 'of changing payments the document says nothing')
) v (u, command, expected, words);
SELECT is(t.tries(c, 'oscar', 'web', format('INSERT INTO time_to_pet.invoice_lines VALUES (90, %s, ''Bath'', 10)', i)), '42501', c || ': no line in the invoice of another company') FROM (VALUES ('walkies', 101), ('pawsome', 1)) v (c, i);
SELECT t.both_see(u, 'web', r, expected, '"Only Admins can access the Payouts, Payments, and Disputes screens in Invoicing > Payments"')
FROM unnest('{payouts,payments,disputes}'::text[]) r, (VALUES ('tina', '{"",""}'::text[]), ('sven', '{"",""}'), ('olive', '{"",""}'), ('adam', '{1 2 3,1 2 3}'), ('oscar', '{1 2 3,1 2 3}')) v (u, expected);
SELECT t.turn('pawsome', 'office_manager', 'invoices.manage', false);
SELECT is(t.tries('pawsome', 'olive', 'web', format('INSERT INTO time_to_pet.payments VALUES (@c, 90, @1, %L, 40)', m)), expected, format('pawsome, olive: "If the Manage Invoicing permission is also enabled": it is not: %s', m))
FROM (VALUES ('bulk charge', '42501'), ('charge', '1'), ('manual', '42501')) v (m, expected);
SELECT is(t.tries('pawsome', 'olive', 'web', 'UPDATE time_to_pet.settings SET value = ''x'' WHERE screen = ''invoice'''), '0', 'pawsome, olive: "Disabling this Permission will automatically disable the Configure Invoice Settings permission as well"');
SELECT t.turn('pawsome', 'office_manager', 'invoice_settings.configure', true);
SELECT is(t.tries('pawsome', 'olive', 'web', 'UPDATE time_to_pet.invoices SET tip = 1 WHERE id = @1'), '1', 'pawsome, olive: "the Manage Invoicing permission will also be enabled automatically"');

/* ---- reporting --------------------------------------------------------------------------------------------------------------- */

SELECT t.managers('reports', NULL, never, enabled, format('INSERT INTO time_to_pet.reports VALUES (@c, 90, %L)', kind))
FROM (VALUES ('schedules', 'cannot access schedule reporting', 'users can generate reports in Reporting > Schedule'), ('revenue', 'cannot access revenue reporting', 'users can generate reports in the Reporting > Financial > Revenue tab'),
	('payments and sales', 'cannot access payment and sales reporting', 'users can generate reports in:'), ('clients', 'cannot access client reporting', 'users can generate reports in the Reporting > Staff & Clients > Clients tab')) v (kind, never, enabled);
SELECT t.both_see(u, 'web', 'reports', expected, '"When disabled, users cannot access"') FROM (VALUES ('sven', '{"",""}'::text[]), ('olive', '{"",1 2 3 4}'), ('adam', '{1 2 3 4,1 2 3 4}')) v (u, expected);
SELECT t.turn('pawsome', 'office_manager', 'reports.revenue.generate', false);
SELECT is(t.tries('pawsome', 'olive', 'web', format('INSERT INTO time_to_pet.reports VALUES (@c, 90, %L)', kind)), expected, 'pawsome, olive: each kind has its switch: ' || kind) FROM (VALUES ('revenue', '42501'), ('clients', '1')) v (kind, expected);
SELECT is(t.asks('pawsome', 'olive', 'web', $$SELECT string_agg(kind, ' ' ORDER BY kind) FROM time_to_pet.reports$$), 'clients payments and sales schedules', 'pawsome, olive: "When disabled, users cannot access the Reporting > Financial > Revenue tab"');

/* ---- what editing is, column by column ---------------------------------------------------------------------------------------------- */

SELECT t.both('adam', 'web', format('UPDATE time_to_pet.%I SET %s WHERE %s', r, change, CASE r WHEN 'staff' THEN 'id = 2' WHEN 'notification_settings' THEN 'staff_id = ' || who ELSE 'id = @2' END), '{1,1}', words || ': ' || change)
FROM (VALUES ('staff', 'name = ''x''', NULL, '"View and edit staff profiles"'), ('notification_settings', 'email = false', 2, '"the ability to manage staff notifications"'), ('notification_settings', 'push = false', 2, '"the ability to manage staff notifications"'),
	('time_entries', 'hours = 1', NULL, '"add and edit time and mileage entries"'), ('tips', 'staff_id = 3', NULL, '"Manage tip disbursements"'),
	('services', 'name = ''x''', NULL, '"edit ... services"'), ('holidays', 'name = ''x''', NULL, '"all other service and holiday configurations"'), ('packages', 'name = ''x''', NULL, '"edit ... Packages"'),
	('invoices', 'due_on = NULL', NULL, '"due dates"'), ('invoices', 'discount = 1', NULL, '"discounts"'), ('invoices', 'tax = 1', NULL, '"taxes"'), ('invoices', 'tip = 1', NULL, '"tips"'),
	('invoice_lines', 'item = ''x''', NULL, '"line items"'), ('invoice_lines', 'amount = 1', NULL, '"line items"')) v (r, change, who, words);
SELECT t.both('tina', 'mobile', 'UPDATE time_to_pet.notification_settings SET email = false', '{0,1}', '"notification preferences for Dashboard, email, and push notifications"');
SELECT t.both('adam', 'web', format('UPDATE time_to_pet.%I SET %s WHERE id = @2', r, change), '{42501,42501}', format('what no sentence lets anybody edit: %s.%s', r, change))
FROM (VALUES ('time_entries', 'staff_id = 3'), ('tips', 'amount = 1'), ('services', 'id = 90'), ('holidays', 'id = 90'), ('packages', 'id = 90'), ('templates', 'id = 90'), ('schedule_blocks', 'id = 90'),
	('invoices', 'id = 90'), ('invoice_lines', 'id = 90'), ('pets', 'id = 90')) v (r, change);

SELECT * FROM finish();
ROLLBACK;
