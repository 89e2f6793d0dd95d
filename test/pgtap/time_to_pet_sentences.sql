/*
 * time_to_pet_sentences.sql
 *		Every sentence of the document on staff roles and permissions of a pet
 *		sitting company: what it allows and what it denies, in its own words, by an
 *		ordinary database role.
 *
 * A test's description quotes the document.  t.can() tries a command for
 * somebody on a channel and undoes it, so that the rows stay as they are set
 * up; t.sees() lists the rows in sight; t.turn() is the permissions page.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_sitters;

/* ---- the application's tables ------------------------------------------------ */

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_app_sitters;

CREATE TABLE app.clients (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, name text);
CREATE TABLE app.details (tenant text NOT NULL DEFAULT 'walkies', client_id bigint PRIMARY KEY, pets text);
CREATE TABLE app.preferred (tenant text NOT NULL DEFAULT 'walkies', staff_id bigint, client_id bigint);
CREATE TABLE app.prospects (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, status text DEFAULT 'waiting');
CREATE TABLE app.history (tenant text NOT NULL DEFAULT 'walkies', client_id bigint, entry text);
CREATE TABLE app.staff (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, name text, pay_rate numeric, active boolean DEFAULT true);
CREATE TABLE app.notifications (tenant text NOT NULL DEFAULT 'walkies', staff_id bigint PRIMARY KEY, push boolean DEFAULT true);
CREATE TABLE app.happiness (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, score integer);
CREATE TABLE app.pay_stubs (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, staff_id bigint);
CREATE TABLE app.time_off (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, staff_id bigint, status text DEFAULT 'requested');
CREATE TABLE app.keys (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, client_id bigint, holder_id bigint, place text);
CREATE TABLE app.key_moves (tenant text NOT NULL DEFAULT 'walkies', key_id bigint, client_id bigint, holder_id bigint, to_staff bigint, to_place text);
CREATE TABLE app.key_pickups (tenant text NOT NULL DEFAULT 'walkies', key_id bigint, client_id bigint, user_id text);
CREATE TABLE app.messages (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, client_id bigint, staff_id bigint, status text);
CREATE TABLE app.private_messages (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, client_id bigint);
CREATE TABLE app.mass_emails (tenant text NOT NULL DEFAULT 'walkies', body text);
CREATE TABLE app.events (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, staff_id bigint, client_id bigint, starts_at timestamptz, status text DEFAULT 'scheduled');
CREATE TABLE app.completions (tenant text NOT NULL DEFAULT 'walkies', event_id bigint, staff_id bigint, client_id bigint, message text, scheduler boolean DEFAULT false);
CREATE TABLE app.services (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, rate numeric);
CREATE TABLE app.packages (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, name text);
CREATE TABLE app.redemptions (tenant text NOT NULL DEFAULT 'walkies', package_id bigint, client_id bigint);
CREATE TABLE app.templates (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, name text);
CREATE TABLE app.schedule_blocks (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, name text);
CREATE TABLE app.settings (tenant text NOT NULL DEFAULT 'walkies', screen text PRIMARY KEY, value text);
CREATE TABLE app.invoices (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY, client_id bigint, tip numeric DEFAULT 0);
CREATE TABLE app.charges (tenant text NOT NULL DEFAULT 'walkies', client_id bigint, bulk boolean DEFAULT false);
CREATE TABLE app.payouts (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY);
CREATE TABLE app.gallery (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY);
CREATE TABLE app.tasks (tenant text NOT NULL DEFAULT 'walkies', id bigint PRIMARY KEY);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_sitters;

/* ---- a company, another one, and who works there -------------------------------------- */

SELECT ambit.create_tenant('walkies', 'time_to_pet', 'Walkies');
SELECT ambit.create_tenant('rival', 'time_to_pet', 'Another company');
SELECT ambit.add_member('walkies', u, jsonb_build_object('staff', s))
FROM (VALUES ('tina', '1'), ('sven', '2'), ('olive', '3'), ('adam', '4'), ('oscar', '5'), ('abby', '6')) v (u, s);
SELECT ambit.assign_role('walkies', u, r)
FROM (VALUES ('tina', 'trainee'), ('sven', 'staff'), ('olive', 'office_manager'), ('adam', 'admin'), ('oscar', 'owner_admin'), ('abby', 'admin')) v (u, r);
-- the same ids again in the other tenant
SELECT ambit.add_member('rival', 'tina', '{"staff": "1"}');
SELECT ambit.assign_role('rival', 'tina', 'owner_admin');

INSERT INTO app.clients (id, name)
VALUES (1, 'Event of Tina last year'), (2, 'Event of Tina next year'), (3, 'Prefers Tina'), (4, 'Of Sven'), (5, 'Of nobody');
INSERT INTO app.clients VALUES ('rival', 901, 'Of 1 of the rival');
INSERT INTO app.details SELECT tenant, id, 'Rex' FROM app.clients;
INSERT INTO app.preferred VALUES ('walkies', 1, 3), ('rival', 1, 5);
INSERT INTO app.events VALUES
	('walkies', 1, 1, 1, now() - interval '1 year', 'completed'), ('walkies', 2, 1, 2, now() + interval '1 year', 'scheduled'),
	('walkies', 3, 2, 4, now() + interval '1 day', 'scheduled'), ('walkies', 4, 2, 2, now() - interval '1 day', 'cancelled'),
	('walkies', 5, 3, 5, now() + interval '1 day', 'scheduled'), ('rival', 901, 1, 901, now(), 'scheduled');
INSERT INTO app.prospects VALUES ('walkies', 1), ('rival', 901);
INSERT INTO app.history VALUES ('walkies', 1, 'rate updated'), ('walkies', 4, 'message deleted');
INSERT INTO app.staff SELECT 'walkies', i, 'Staff ' || i, 20 FROM generate_series(1, 6) i;
INSERT INTO app.notifications SELECT tenant, id FROM app.staff;
INSERT INTO app.happiness VALUES ('walkies', 1, 10);
INSERT INTO app.pay_stubs VALUES ('walkies', 1, 1), ('walkies', 2, 2);
INSERT INTO app.time_off VALUES ('walkies', 1, 1, 'requested'), ('walkies', 2, 2, 'requested'), ('walkies', 3, 3, 'scheduled'), ('walkies', 4, 4, 'scheduled');
INSERT INTO app.keys VALUES ('walkies', 1, 1, 1, NULL), ('walkies', 2, 2, 2, NULL), ('walkies', 3, 3, NULL, 'office'), ('walkies', 4, 4, NULL, 'office'), ('walkies', 5, 5, 1, NULL);
INSERT INTO app.messages VALUES ('walkies', 1, 1, 1, 'pending'), ('walkies', 2, 4, 2, 'pending');
INSERT INTO app.private_messages VALUES ('walkies', 1, 1);
INSERT INTO app.services VALUES ('walkies', 1, 30);
INSERT INTO app.packages VALUES ('walkies', 1, 'Ten walks');
INSERT INTO app.templates VALUES ('walkies', 1, 'Every Monday');
INSERT INTO app.schedule_blocks VALUES ('walkies', 1, 'Morning');
INSERT INTO app.settings VALUES ('walkies', 'scheduler'), ('walkies', 'invoice'), ('walkies', 'notification'), ('walkies', 'client fields');
INSERT INTO app.invoices VALUES ('walkies', 1, 1), ('walkies', 4, 4), ('rival', 901, 901);
INSERT INTO app.payouts VALUES ('walkies', 1);
INSERT INTO app.gallery VALUES ('walkies', 1);
INSERT INTO app.tasks VALUES ('walkies', 1);

/* ---- protection: which permission each table asks for ------------------------------------ */

SELECT ambit.bind_relationship('assigned_clients', $$
	SELECT tenant AS tenant, staff_id AS subject, client_id AS object FROM app.events
	UNION ALL
	SELECT tenant, staff_id, client_id FROM app.preferred$$);

SELECT ambit.protect('app.clients', tenant => 'tenant', client => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', client => 'client_id')
FROM unnest('{details,history,private_messages,key_pickups,redemptions,invoices,charges}'::text[]) r;
SELECT ambit.protect('app.staff', tenant => 'tenant', owner => 'id');
SELECT ambit.protect('app.' || r, tenant => 'tenant', owner => 'staff_id') FROM unnest('{notifications,pay_stubs,time_off}'::text[]) r;
SELECT ambit.protect('app.' || r, tenant => 'tenant', assignee => 'holder_id', client => 'client_id') FROM unnest('{keys,key_moves}'::text[]) r;
SELECT ambit.protect('app.' || r, tenant => 'tenant', owner => 'staff_id', client => 'client_id') FROM unnest('{messages,events,completions}'::text[]) r;
SELECT ambit.protect('app.' || r, tenant => 'tenant')
FROM unnest('{prospects,happiness,mass_emails,services,packages,templates,schedule_blocks,settings,payouts,gallery,tasks}'::text[]) r;

SELECT ambit.add_rule('app.' || r, c, p::ambit.permission, "when" => w)
FROM (VALUES
	('clients', 'select', 'clients.view', NULL),
	('clients', 'insert', 'clients.create', NULL),
	('details', 'select', 'clients.details.view', NULL),
	('details', 'update', 'clients.details.edit', NULL),
	('prospects', 'select', 'clients.approve_new', NULL),
	('prospects', 'update', 'clients.approve_new', NULL),
	('prospects', 'delete', 'clients.approve_new', NULL),
	('history', 'select', 'clients.history.view', NULL),
	('staff', 'select', 'staff.profiles.view', NULL),
	('staff', 'insert', 'staff.manage', NULL),
	('staff', 'update', 'staff.manage', NULL),
	('notifications', 'select', 'notifications.manage_own', NULL),
	('notifications', 'select', 'staff.notifications.manage', NULL),
	('notifications', 'update', 'notifications.manage_own', NULL),
	('notifications', 'update', 'staff.notifications.manage', NULL),
	('happiness', 'select', 'happiness_scores.manage', NULL),
	('happiness', 'update', 'happiness_scores.manage', NULL),
	('pay_stubs', 'insert', 'pay_stubs.generate', NULL),
	('pay_stubs', 'insert', 'pay_stubs.generate_own', NULL),
	('time_off', 'select', 'time_off.view', NULL),
	('time_off', 'insert', 'time_off.request', 'status = ''requested'''),
	('time_off', 'insert', 'time_off.request_without_approval', NULL),
	('time_off', 'insert', 'time_off.manage_for_others', NULL),
	('time_off', 'update', 'time_off.approve', NULL),
	('time_off', 'delete', 'time_off.manage_for_others', NULL),
	('keys', 'select', 'client_keys.view', NULL),
	('key_moves', 'insert', 'client_keys.reassign', NULL),
	('key_pickups', 'insert', 'client_keys.assign_to_self', NULL),
	('messages', 'select', 'messages.approve', NULL),
	('messages', 'insert', 'messages.post', 'status = ''pending'' AND NOT ambit.has_permission(''messages.post_without_approval'')'),
	('messages', 'insert', 'messages.post_without_approval', 'status = ''sent'''),
	('messages', 'update', 'messages.approve', NULL),
	('private_messages', 'select', 'messages.private_message', NULL),
	('private_messages', 'insert', 'messages.private_message', NULL),
	('mass_emails', 'insert', 'messages.bulk_email_clients', NULL),
	('events', 'select', 'schedule.view', NULL),
	('events', 'select', 'clients.schedule.view', NULL),
	('events', 'select', 'scheduling.manage', NULL),
	('events', 'insert', 'scheduling.manage', NULL),
	('events', 'update', 'scheduling.manage', NULL),
	('completions', 'insert', 'events.complete', 'message <> '''' AND NOT scheduler'),
	('completions', 'insert', 'events.complete_without_message', 'NOT scheduler'),
	('completions', 'insert', 'events.complete_from_scheduler', 'scheduler'),
	('services', 'select', 'services.manage', NULL),
	('services', 'insert', 'services.manage', NULL),
	('services', 'update', 'services.manage', NULL),
	('packages', 'select', 'packages.manage', NULL),
	('packages', 'insert', 'packages.manage', NULL),
	('packages', 'update', 'packages.manage', NULL),
	('redemptions', 'insert', 'packages.redeem_services', NULL),
	('templates', 'select', 'templates.manage', NULL),
	('templates', 'insert', 'templates.manage', NULL),
	('templates', 'update', 'templates.manage', NULL),
	('templates', 'delete', 'templates.manage', NULL),
	('schedule_blocks', 'select', 'schedule_blocks.manage', NULL),
	('schedule_blocks', 'insert', 'schedule_blocks.manage', NULL),
	('schedule_blocks', 'update', 'schedule_blocks.manage', NULL),
	('settings', 'select', 'company_settings.access', 'screen NOT IN (''notification'')'),
	('settings', 'update', 'company_settings.access', 'screen NOT IN (''scheduler'', ''invoice'', ''notification'')'),
	('settings', 'select', 'scheduler_settings.configure', 'screen = ''scheduler'''),
	('settings', 'update', 'scheduler_settings.configure', 'screen = ''scheduler'''),
	('settings', 'select', 'invoice_settings.configure', 'screen = ''invoice'''),
	('settings', 'update', 'invoice_settings.configure', 'screen = ''invoice'''),
	('settings', 'select', 'company_settings.notification_settings.edit', 'screen = ''notification'''),
	('settings', 'update', 'company_settings.notification_settings.edit', 'screen = ''notification'''),
	('invoices', 'select', 'invoices.manage', NULL),
	('invoices', 'update', 'invoices.manage', NULL),
	('charges', 'insert', 'payments.charge', 'NOT bulk'),
	('charges', 'insert', 'payments.charge_bulk', 'bulk'),
	('payouts', 'select', 'payments.payout_screens.view', NULL),
	('gallery', 'select', 'gallery.view', NULL),
	('tasks', 'select', 'tasks.view', NULL)
) v (r, c, p, w);

-- "assign keys to themselves": a policy of the application's own narrows what ambit permits
CREATE POLICY themselves ON app.key_pickups AS RESTRICTIVE FOR INSERT WITH CHECK (user_id = ambit.current_user_id());
-- "the keys in their possession": the holder that a move names is the one who has the key
CREATE POLICY holder ON app.key_moves AS RESTRICTIVE FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM app.keys k WHERE k.id = key_id AND k.client_id = key_moves.client_id AND k.holder_id IS NOT DISTINCT FROM key_moves.holder_id));

SELECT ambit.trust_application('regress_app_sitters');

/* ---- helpers ----------------------------------------------------------------------------- */

CREATE SCHEMA t;

CREATE FUNCTION t.can(who text, channel text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, channel);
	BEGIN
		EXECUTE command;
		GET DIAGNOSTICS n = ROW_COUNT;
		RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
	EXCEPTION
		WHEN SQLSTATE 'ZZ000' THEN answer := CASE n WHEN 1 THEN 'done' WHEN 0 THEN 'refused' ELSE n || ' rows' END;
		WHEN insufficient_privilege THEN answer := 'refused';
	END;
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.can(text, text, text) IS 'Tries a command and undoes it. done: one row; refused: 42501, or no row in reach.';

CREATE FUNCTION t.sees(who text, channel text, relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	key text := (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = ('app.' || relation)::regclass AND a.attnum = 2);
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, channel);
	EXECUTE format('SELECT string_agg(%1$I::text, '' '' ORDER BY %1$I) FROM app.%2$I', key, relation) INTO answer;
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.sees(text, text, text) IS 'The keys of the rows in sight.';

CREATE FUNCTION t.holds(who text, channel text, permission text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	answer boolean;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, channel);
	answer := ambit.has_permission(permission::ambit.permission);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.holds(text, text, text) IS 'has_permission(), asked by somebody on a channel.';

CREATE FUNCTION t.turn(role text, permission text, enabled boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce((SELECT string_agg(CASE WHEN c.enabled THEN '+' ELSE '-' END || c.permission::text, ' ' ORDER BY c.permission::text COLLATE "C")
		FROM ambit.set_role_permission('walkies', role, permission::ambit.permission, enabled) c), '');
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	RETURN SQLSTATE;
END
$$;
COMMENT ON FUNCTION t.turn(text, text, boolean) IS 'Turns a permission of a role on or off: the cells that changed, + on and - off, or 55000.';

CREATE FUNCTION t.change(who text, expected text[], command text, words text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	channel text;
	n integer := 0;
BEGIN
	FOREACH channel IN ARRAY '{web,mobile}'::text[] LOOP
		n := n + 1;
		RETURN NEXT is(t.can(who, channel, command), expected[n], who || ', ' || channel || ': ' || words);
	END LOOP;
END
$$;
COMMENT ON FUNCTION t.change(text, text[], text, text) IS 'Two tests: what comes of a command on the web, and in the app.';
\o

SELECT plan(623);

/* ---- nobody, and others --------------------------------------------------------- */

SET ROLE regress_app_sitters;
SELECT is((SELECT count(*) FROM app.clients) + (SELECT count(*) FROM app.keys) + (SELECT count(*) FROM app.staff), 0::bigint, 'nobody sees a row');
SELECT is(ambit.has_permission('clients.view'), false, 'nobody holds a permission');
RESET ROLE;
SELECT is(t.sees(NULL, 'web', 'clients') || t.sees(NULL, 'mobile', 'keys'), '', 'a visitor is nobody: the document has no such role');

/* ---- understanding user roles ------------------------------------------------------ */

SELECT is(t.sees(who, channel, relation), expected, format('%s, %s: %s', who, channel, words))
FROM (VALUES
	('tina', 'web', 'events', '1 2', '"Trainees and Staff can conveniently check their personal schedules"'),
	('tina', 'mobile', 'events', '1 2', '"check their personal schedules", in the app'),
	('sven', 'mobile', 'events', '3 4', '"check their personal schedules"'),
	('tina', 'web', 'clients', '1 2 3', '"review client profiles they have interacted with previously or those they are marked as preferred for"'),
	('sven', 'web', 'clients', '2 4', '"assigned in the past or future": also by an event that was cancelled'),
	('tina', 'web', 'invoices', '', '"they cannot access client invoices"'),
	('sven', 'web', 'invoices', '', '"they cannot access client invoices"'),
	('tina', 'web', 'staff', '1', '"they cannot access ... other staff profiles"'),
	('sven', 'mobile', 'staff', '2', '"they cannot access ... other staff profiles"'),
	('tina', 'web', 'settings', '', '"they cannot access ... company settings"'),
	('sven', 'web', 'settings', '', '"they cannot access ... company settings"'),
	('olive', 'web', 'clients', '1 2 3 4 5', '"see the entire client base"'),
	('olive', 'mobile', 'clients', '1 2 3 4 5', '"see the entire client base", in the app'),
	('olive', 'web', 'events', '1 2 3 4 5', '"and manage the company schedule"'),
	('olive', 'web', 'gallery', '1', '"They also always have access to your company''s Gallery"'),
	('olive', 'web', 'tasks', '1', '"and complete Task List"'),
	('tina', 'web', 'gallery', '', 'the Gallery: of trainees the document says nothing'),
	('sven', 'web', 'tasks', '', 'the complete Task List: of staff the document says nothing'),
	('olive', 'web', 'settings', '', 'company settings: of office managers the document says nothing'),
	('adam', 'web', 'settings', 'client fields invoice notification scheduler', '"Users in the Admin role have extensive access"'),
	('adam', 'web', 'gallery', '1', '"nearly all the permissions and functionalities that the account owner possesses"'),
	('oscar', 'web', 'clients', '1 2 3 4 5', 'all of this company, none of another'),
	('oscar', 'web', 'invoices', '1 4', 'all of this company, none of another')
) v (who, channel, relation, expected, words);
SELECT is(t.turn(r, p, e), '55000', format('%s: "Certain permissions are fundamental to each user role and are inherently restricted from being toggled on or off": %s, to %s', r, p, e))
FROM (VALUES
	('trainee', 'schedule.view', false), ('staff', 'messages.post', false), ('staff', 'events.complete', false), ('office_manager', 'gallery.view', false), ('office_manager', 'tasks.view', false),
	('trainee', 'gallery.view', true), ('staff', 'tasks.view', true), ('trainee', 'packages.redeem_services', true), ('staff', 'packages.redeem_services', true),
	('office_manager', 'company_settings.access', true), ('office_manager', 'company_settings.notification_settings.edit', true),
	('admin', 'company_settings.access', false), ('owner_admin', 'company_settings.access', false), ('owner_admin', 'clients.details.edit', true), ('owner_admin', 'messages.private_message', true)
) v (r, p, e);
SELECT is(t.can(who, 'web', command), expected, format('%s: %s', who, words))
FROM (VALUES
	('tina', $$UPDATE app.events SET starts_at = now() WHERE id = 2$$, 'refused', '"not permitted to make any scheduling changes or event edits"'),
	('sven', $$UPDATE app.events SET starts_at = now() WHERE id = 3$$, 'refused', '"not permitted to make any scheduling changes or event edits"'),
	('sven', $$DELETE FROM app.events WHERE id = 3$$, 'refused', '"not permitted to make any scheduling changes"'),
	('olive', $$UPDATE app.settings SET value = 'x' WHERE screen = 'client fields'$$, 'refused', 'company settings are not said to be the office manager''s'),
	('adam', $$UPDATE app.settings SET value = 'x' WHERE screen = 'client fields'$$, 'done', '"the authority to manage various aspects of the account"'),
	('adam', $$INSERT INTO app.clients VALUES ('rival', 902, 'X')$$, 'refused', 'nothing in another company'),
	('oscar', $$UPDATE app.invoices SET tip = 1 WHERE id = 901$$, 'refused', 'nothing in another company')
) v (who, command, expected, words);

/* ---- changing a user's role ----------------------------------------------------------- */

CREATE FUNCTION t.towards(who text, permission text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, 'web');
	answer := (SELECT string_agg(u, ' ' ORDER BY n) FROM unnest('{tina,sven,olive,adam,abby,oscar}'::text[]) WITH ORDINALITY m (u, n)
		WHERE ambit.has_permission(permission::ambit.permission, u));
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN coalesce(answer, '');
END
$$;
SELECT is(t.towards('adam', 'staff.change_role'), 'tina sven olive adam abby', 'admin: "change their role at a later time", and "will not be able to change the staff role of the Owner Admin"');
SELECT is(t.towards('oscar', 'staff.change_role'), 'tina sven olive adam abby', 'owner admin: the own role neither: "please send us an email"');
SELECT is(t.towards('olive', 'staff.change_role'), '', 'office manager: no Staff List, no change of role');
SELECT is(t.towards('tina', 'staff.change_role') || t.towards('sven', 'staff.change_role'), '', 'trainee, staff: "cannot be given permission to manage other staff members"');
SELECT is(t.holds(u, 'web', 'admins.change_owner_admin_role'), false, u || ': nobody changes the role of the Owner Admin')
FROM unnest('{tina,sven,olive,adam,oscar}'::text[]) u;
SELECT throws_ok($$SELECT ambit.assign_role('walkies', 'abby', 'owner_admin')$$, '55000', NULL, '"the Owner Admin": there is one');

/* ---- staff: manage own notifications ---------------------------------------------------- */

SELECT is(t.can(u, 'mobile', format('UPDATE app.notifications SET push = false WHERE staff_id = %s', k)), expected, u || ': ' || words)
FROM (VALUES
	('tina', 1, 'refused', '"can be enabled or disabled for Trainees": off at first'), ('olive', 3, 'refused', '"and Office Managers": off at first'),
	('adam', 4, 'done', '"it is enabled and locked for Admins"'), ('adam', 1, 'done', '"Admins and Office Managers with the "Manage Staff" permission enabled are the only ones"'),
	('olive', 1, 'refused', 'an office manager without "Manage Staff" configures nobody''s')
) v (u, k, expected, words);
SELECT is(t.turn(r, 'notifications.manage_own', true), '+notifications.manage_own', r || ': "can be enabled"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.turn('admin', 'notifications.manage_own', false), '55000', 'admin: "enabled and locked"');
SELECT is(t.can(u, 'mobile', format('UPDATE app.notifications SET push = false WHERE staff_id = %s', k)), expected, u || ', enabled: ' || words)
FROM (VALUES
	('tina', 1, 'done', '"gives users the ability to control the types of notifications they receive"'), ('tina', 2, 'refused', '"they receive": not others'),
	('sven', 2, 'done', '"gives users the ability to control the types of notifications"'), ('olive', 3, 'done', '"for Office Managers"'), ('olive', 1, 'refused', 'not others')
) v (u, k, expected, words);
SELECT is(t.turn('trainee', 'notifications.manage_own', false), '-notifications.manage_own', 'trainee: "or disabled"');
SELECT is(t.sees('tina', 'web', 'notifications') || t.can('tina', 'web', 'UPDATE app.notifications SET push = false WHERE staff_id = 1'), 'refused',
	'trainee: "If this permission is turned off, users lose access"');
SELECT is(t.can(u, 'web', $$UPDATE app.settings SET value = 'x' WHERE screen = 'notification'$$), expected, u || ': "does not give the user the ability to edit your company notification settings"')
FROM (VALUES ('sven', 'refused'), ('olive', 'refused'), ('adam', 'done')) v (u, expected);
SELECT is(t.can('sven', 'mobile', 'UPDATE app.notifications SET push = true WHERE staff_id = 2') || ' ' || t.can('sven', 'mobile', $$UPDATE app.settings SET value = 'x' WHERE screen = 'notification'$$), 'done refused',
	'sven: "The Notification and Client Subscription settings in their profile will always be subject to your company''s Advanced Notification Settings": his own, and not those');
SELECT is(t.turn(r, 'company_settings.notification_settings.edit', true), '55000', r || ': company notification settings are company settings') FROM unnest('{trainee,staff}'::text[]) r;

/* ---- staff: manage staff ------------------------------------------------------------------ */

SELECT is(t.turn(r, 'staff.manage', e), '55000', format('%s: %s, to %s', r, w, e))
FROM (VALUES ('trainee', true, '"cannot be given permission to manage other staff members"'), ('staff', true, '"cannot be given permission to manage other staff members"'),
	('admin', false, '"is enabled and locked for Admins"')) v (r, e, w);
SELECT is(t.turn(r, p, true), '55000', format('%s: %s is not to be had without Manage Staff', r, p))
FROM unnest('{trainee,staff}'::text[]) r, unnest('{staff.notifications.manage,happiness_scores.manage,pay_stubs.generate,staff.change_role}'::text[]) p;
SELECT is(t.turn('office_manager', p, e), '55000', format('office manager: %s has no switch of its own, to %s', p, e))
FROM unnest('{staff.notifications.manage,happiness_scores.manage,pay_stubs.generate,staff.change_role}'::text[]) p, unnest('{true,false}'::boolean[]) e;
SELECT is(t.sees('olive', 'web', 'staff'), '3', 'olive: "When disabled, ... they will only have access to their own personal profile"');
SELECT is(t.can('olive', 'web', command), 'refused', 'olive: "When disabled, the user will not be able to access any of the above-mentioned screens": ' || command)
FROM unnest(ARRAY[$$UPDATE app.staff SET pay_rate = 21 WHERE id = 1$$, $$UPDATE app.staff SET active = false WHERE id = 1$$, $$INSERT INTO app.staff VALUES ('walkies', 7, 'New')$$,
	$$INSERT INTO app.pay_stubs VALUES ('walkies', 7, 1)$$, $$UPDATE app.notifications SET push = false WHERE staff_id = 1$$]) command;
SELECT is(t.turn('office_manager', 'staff.manage', true),
	'+happiness_scores.manage +pay_stubs.generate +staff.change_role +staff.manage +staff.notifications.manage', 'office manager: "can be enabled", and all that goes with it');
SELECT is(t.sees('olive', 'web', 'staff'), '1 2 3 4 5 6', 'olive, enabled: "access to the Staff section", "View ... staff profiles"');
SELECT is(t.can('olive', 'web', command), 'done', 'olive, enabled: ' || words)
FROM (VALUES
	($$UPDATE app.staff SET pay_rate = 21 WHERE id = 1$$, '"edit staff profiles", "manage custom pay rates"'),
	($$UPDATE app.staff SET active = false WHERE id = 1$$, '"make the staff member inactive"'),
	($$INSERT INTO app.staff VALUES ('walkies', 7, 'New')$$, '"Create new staff members"'),
	($$INSERT INTO app.pay_stubs VALUES ('walkies', 7, 1)$$, '"generate pay stubs"'),
	($$UPDATE app.notifications SET push = false WHERE staff_id = 1$$, '"the ability to manage staff notifications"')
) v (command, words);
SELECT is(t.towards('olive', 'staff.change_role'), 'tina sven olive', 'olive, enabled: the Staff List with "Edit Settings"; towards admins the document gives it to nobody below');
SELECT is(t.sees(u, 'web', 'happiness'), '', u || ': "Happiness Score responses (if enabled for your company)": not enabled') FROM unnest('{olive,adam}'::text[]) u;
\o /dev/null
SELECT ambit.set_feature('walkies', 'happiness_score', true);
\o
SELECT is(t.sees(u, 'web', 'happiness'), '1', u || ': "View ... Happiness Score responses (if enabled for your company)": enabled') FROM unnest('{olive,adam,oscar}'::text[]) u;
SELECT is(t.can('olive', 'web', 'UPDATE app.happiness SET score = 9 WHERE id = 1'), 'done', 'olive, enabled: "and manage Happiness Score responses"');
SELECT is(t.sees('tina', 'web', 'happiness') || t.sees('sven', 'web', 'happiness'), '', 'trainee, staff: no Happiness Score');
SELECT is(t.turn('office_manager', 'staff.manage', false),
	'-happiness_scores.manage -pay_stubs.generate -staff.change_role -staff.manage -staff.notifications.manage', 'office manager: "or disabled", and all that goes with it');
SELECT is(t.sees('olive', 'web', 'happiness') || t.sees('olive', 'web', 'staff') || t.towards('olive', 'staff.change_role'), '3', 'olive, disabled: the own profile again');
\o /dev/null
SELECT ambit.set_feature('walkies', 'happiness_score', false);
\o
SELECT is(t.sees('adam', 'web', 'happiness'), '', 'adam: not enabled for the company again');
SELECT is(t.can('adam', 'web', 'UPDATE app.staff SET pay_rate = 21 WHERE id = 2'), 'done', 'adam: "is enabled and locked for Admins"');

/* ---- staff: time off --------------------------------------------------------------------------- */

SELECT is(t.can(u, 'mobile', format('INSERT INTO app.time_off VALUES (%L, 9, %s, %L)', 'walkies', k, s)), expected, format('%s: %s', u, words))
FROM (VALUES
	('tina', 1, 'requested', 'done', '"the user can submit Time Off requests"'), ('tina', 2, 'requested', 'refused', 'requests are one''s own'),
	('tina', 1, 'scheduled', 'refused', '"will require the review and approval"'), ('sven', 2, 'requested', 'done', '"the user can submit Time Off requests"'),
	('sven', 2, 'scheduled', 'refused', '"will require the review and approval"'), ('olive', 3, 'requested', 'done', '"for each role"'),
	('olive', 3, 'scheduled', 'refused', '"will require the review and approval"'), ('olive', 1, 'scheduled', 'refused', '"cannot ... add ... staff Time Off"'),
	('adam', 4, 'requested', 'done', '"for each role"'), ('adam', 1, 'scheduled', 'done', '"add and delete Time Off from the calendar"')
) v (u, k, s, expected, words);
SELECT is(t.turn(r, 'time_off.request_without_approval', true), '+time_off.request_without_approval', r || ': "can be enabled ... for each role"')
FROM unnest('{trainee,staff,office_manager,admin}'::text[]) r;
SELECT is(t.turn(r, 'time_off.request', false), '55000', r || ': "the user can submit Time Off requests" whatever the setting') FROM unnest('{trainee,staff,office_manager,admin}'::text[]) r;
SELECT is(t.can(u, 'mobile', format('INSERT INTO app.time_off VALUES (%L, 9, %s, %L)', 'walkies', k, 'scheduled')), expected, format('%s, enabled: %s', u, words))
FROM (VALUES
	('tina', 1, 'done', '"the Time Off will be added to the schedule immediately"'), ('tina', 2, 'refused', '"They can never add ... Time Off for other users"'),
	('sven', 2, 'done', '"added to the schedule immediately"'), ('olive', 3, 'done', '"added to the schedule immediately"'), ('olive', 1, 'refused', 'others'' needs Approve Time Off Requests')
) v (u, k, expected, words);
SELECT is(t.turn('staff', 'time_off.request_without_approval', false), '-time_off.request_without_approval', 'staff: "and disabled"');
SELECT is(t.can('sven', 'web', $$INSERT INTO app.time_off VALUES ('walkies', 9, 2, 'scheduled')$$), 'refused', 'sven, disabled: "will require the review and approval"');

-- who sees whose
SELECT is(t.sees(u, c, 'time_off'), expected, format('%s, %s: %s', u, c, words))
FROM (VALUES ('tina', 'web', '1', '"When disabled, users can only see their personal Time Off"'), ('sven', 'mobile', '2', '"only see their personal Time Off"'),
	('olive', 'web', '3', '"only see their personal Time Off"'), ('adam', 'web', '1 2 3 4', '"enabled and locked for Admins"'), ('adam', 'mobile', '1 2 3 4', '"enabled and locked for Admins"')) v (u, c, expected, words);
SELECT is(t.turn(r, 'time_off.company_calendar.view', true), '+time_off.company_calendar.view', r || ': "can be enabled"') FROM unnest('{trainee,office_manager}'::text[]) r;
SELECT is(t.sees('tina', 'web', 'time_off'), '1 2 3 4', 'tina, enabled: "can see scheduled Time Off for all other users"');
SELECT is(t.sees('sven', 'web', 'time_off'), '2', 'sven: enabled for trainees only');
SELECT is(t.can('tina', 'web', command), 'refused', 'tina, enabled: "read-only", "They can never add or delete Time Off for other users"')
FROM unnest(ARRAY[$$UPDATE app.time_off SET status = 'scheduled' WHERE id = 2$$, $$DELETE FROM app.time_off WHERE id = 2$$, $$INSERT INTO app.time_off VALUES ('walkies', 9, 2, 'scheduled')$$]) command;
SELECT is(t.turn(r, p, true), '55000', format('%s: %s: "cannot be given permission to approve", "can never add or delete"', r, p))
FROM unnest('{trainee,staff}'::text[]) r, unnest('{time_off.approve,time_off.manage_for_others}'::text[]) p;
SELECT is(t.turn('admin', p, false), '55000', 'admin: ' || p || ': "enabled and locked for Admins"') FROM unnest('{time_off.approve,time_off.manage_for_others,time_off.company_calendar.view}'::text[]) p;
SELECT is(t.turn('office_manager', 'time_off.manage_for_others', true), '55000', 'office manager: managing others'' Time Off has no switch of its own');
SELECT is(t.sees('olive', 'web', 'time_off'), '1 2 3 4', 'olive: "Office Managers will at least have access to the read-only version"');
SELECT is(t.can('olive', 'web', command), 'refused', 'olive: "read-only": ' || command)
FROM unnest(ARRAY[$$UPDATE app.time_off SET status = 'scheduled' WHERE id = 2$$, $$DELETE FROM app.time_off WHERE id = 2$$, $$INSERT INTO app.time_off VALUES ('walkies', 9, 2, 'scheduled')$$]) command;
SELECT is(t.turn('office_manager', 'time_off.approve', true), '+time_off.approve +time_off.manage_for_others', 'office manager: "can be enabled": the calendar is on already');
SELECT is(t.can('olive', 'web', command), 'done', 'olive: "If they also have permission to Approve Time Off Requests, they can also manage Time Off for all other users": ' || command)
FROM unnest(ARRAY[$$UPDATE app.time_off SET status = 'scheduled' WHERE id = 2$$, $$DELETE FROM app.time_off WHERE id = 2$$, $$INSERT INTO app.time_off VALUES ('walkies', 9, 2, 'scheduled')$$]) command;
SELECT is(t.turn('office_manager', 'time_off.company_calendar.view', false), '-time_off.approve -time_off.company_calendar.view -time_off.manage_for_others',
	'office manager: "If "Can View Company Time Off Calendar" is disabled, the Approve Time Off Requests permission will be automatically disabled as well"');
SELECT is(t.can('olive', 'web', $$UPDATE app.time_off SET status = 'scheduled' WHERE id = 2$$), 'refused', 'olive, disabled: "cannot approve, deny, add, or delete staff Time Off"');
SELECT is(t.sees('olive', 'web', 'time_off'), '3', 'olive, disabled: "only see their personal Time Off"');
SELECT is(t.turn('office_manager', 'time_off.approve', true), '+time_off.approve +time_off.company_calendar.view +time_off.manage_for_others',
	'office manager: "tied to the Approve Time Off Requests permission": approve turned on turns the calendar on');
SELECT is(t.turn('office_manager', 'time_off.approve', false), '-time_off.approve -time_off.manage_for_others', 'office manager: approve turned off leaves the calendar');
SELECT is(t.sees('olive', 'web', 'time_off'), '1 2 3 4', 'olive: and goes on seeing it');
SELECT is(t.turn(r, 'time_off.company_calendar.view', false), '-time_off.company_calendar.view', r || ': "or disabled"') FROM unnest('{trainee,office_manager}'::text[]) r;
SELECT is(t.sees('tina', 'web', 'time_off'), '1', 'tina, disabled: "only see their personal Time Off"');
SELECT is(t.can('adam', 'mobile', command), 'done', 'adam: ' || words)
FROM (VALUES ($$UPDATE app.time_off SET status = 'scheduled' WHERE id = 2$$, '"can approve or deny staff Time Off requests"'), ($$DELETE FROM app.time_off WHERE id = 2$$, '"as well as add and delete Time Off"')) v (command, words);

/* ---- staff: own pay stubs -------------------------------------------------------------------------- */

SELECT is(t.can(u, 'web', format('INSERT INTO app.pay_stubs VALUES (%L, 9, %s)', 'walkies', k)), expected, format('%s: %s', u, words))
FROM (VALUES ('tina', 1, 'refused', '"When disabled, pay stubs can only be generated by Admins and Office Managers with the Manage Staff permission"'), ('olive', 3, 'refused', 'without Manage Staff not the own either'),
	('adam', 1, 'done', '"can only be generated by Admins"'), ('adam', 4, 'done', 'the own among them')) v (u, k, expected, words);
SELECT is(t.turn(r, 'pay_stubs.generate_own', true), '+pay_stubs.generate_own', r || ': "When enabled, users will be allowed"') FROM unnest('{trainee,staff,office_manager,admin}'::text[]) r;
SELECT is(t.can(u, 'web', format('INSERT INTO app.pay_stubs VALUES (%L, 9, %s)', 'walkies', k)), expected, format('%s, enabled: %s', u, words))
FROM (VALUES ('tina', 1, 'done', '"allowed to generate their own pay stubs"'), ('tina', 2, 'refused', '"their own"'), ('sven', 2, 'done', '"their own pay stubs"'), ('olive', 3, 'done', '"their own pay stubs"'), ('olive', 1, 'refused', '"their own"')) v (u, k, expected, words);
SELECT is(t.turn('trainee', 'pay_stubs.generate_own', false), '-pay_stubs.generate_own', 'trainee: "When disabled"');
SELECT is(t.can('tina', 'web', $$INSERT INTO app.pay_stubs VALUES ('walkies', 9, 1)$$), 'refused', 'tina, disabled: none again');

/* ---- clients: keys ------------------------------------------------------------------------------------ */

SELECT is(t.sees(u, c, 'keys'), expected, format('%s, channel %s: %s', u, coalesce(c, 'none'), words))
FROM (VALUES
	('tina', 'mobile', '1 5', '"When disabled, the user can only see keys currently assigned to them"'),
	('tina', 'web', '', '"they cannot see or manage keys on the Web Dashboard"'),
	('tina', NULL, '', 'no channel is not the Mobile App'), ('tina', 'telex', '', 'an unknown channel is not the Mobile App'),
	('sven', 'mobile', '2', '"can only see keys currently assigned to them"'), ('sven', 'web', '', '"they cannot see or manage keys on the Web Dashboard"'),
	('olive', 'web', '1 2 3 4 5', '"is enabled and locked for Office Managers and Admins"'), ('olive', 'mobile', '1 2 3 4 5', '"is enabled and locked for Office Managers and Admins"'),
	('adam', 'web', '1 2 3 4 5', '"enabled and locked for Office Managers and Admins"')
) v (u, c, expected, words);
SELECT t.change(u, expected, command, words)
FROM (VALUES
	('tina', '{refused,done}'::text[], $$INSERT INTO app.key_moves VALUES ('walkies', 1, 1, 1, 2, NULL)$$, '"can only reassign the keys in their possession"'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_moves VALUES ('walkies', 3, 3, NULL, 1, NULL)$$, '"in their possession": not one at the office'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_moves VALUES ('walkies', 2, 2, 2, 1, NULL)$$, '"in their possession": not another''s'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_moves VALUES ('walkies', 2, 2, 1, 1, NULL)$$, '"in their possession": nor one that is said to be'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_pickups VALUES ('walkies', 3, 3, 'tina')$$, '"When disabled": assigns no key to herself'),
	('olive', '{done,done}', $$INSERT INTO app.key_moves VALUES ('walkies', 2, 2, 2, NULL, 'office')$$, '"reassign keys to other users and/or locations"'),
	('adam', '{done,done}', $$INSERT INTO app.key_pickups VALUES ('walkies', 5, 5, 'adam')$$, '"assign keys to themselves"')
) v (u, expected, command, words);
SELECT is(t.turn(r, 'client_keys.manage', true), '+client_keys.assign_to_self +client_keys.manage', r || ': "can be enabled"') FROM unnest('{trainee,staff}'::text[]) r;
SELECT is(t.sees(u, c, 'keys'), expected, format('%s, %s, enabled: %s', u, c, words))
FROM (VALUES
	('tina', 'mobile', '1 2 3 5', '"all keys and their locations on client profiles to which they have access", and the key that she has'),
	('tina', 'web', '', '"Regardless of permission settings ... cannot see or manage keys on the Web Dashboard"'),
	('sven', 'mobile', '2 4', '"all keys ... on client profiles to which they have access"'), ('sven', 'web', '', '"Regardless of permission settings"')) v (u, c, expected, words);
SELECT t.change(u, expected, command, words)
FROM (VALUES
	('tina', '{refused,done}'::text[], $$INSERT INTO app.key_moves VALUES ('walkies', 2, 2, 2, NULL, 'office')$$, 'enabled: "reassign keys to other users and/or locations"'),
	('tina', '{refused,done}', $$INSERT INTO app.key_moves VALUES ('walkies', 5, 5, 1, 2, NULL)$$, 'enabled: the key in her possession, of a client whose profile she cannot see'),
	('tina', '{refused,done}', $$INSERT INTO app.key_pickups VALUES ('walkies', 3, 3, 'tina')$$, 'enabled: "assign keys to themselves"'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_pickups VALUES ('walkies', 3, 3, 'sven')$$, 'enabled: "to themselves"'),
	('tina', '{refused,refused}', $$INSERT INTO app.key_pickups VALUES ('walkies', 4, 4, 'tina')$$, 'enabled: not of a client to whom she has no access')
) v (u, expected, command, words);
SELECT is(t.turn(r, 'client_keys.manage', false), '-client_keys.assign_to_self -client_keys.manage', r || ': "and disabled"') FROM unnest('{trainee,staff}'::text[]) r;
SELECT is(t.sees('tina', 'mobile', 'keys'), '1 5', 'tina, disabled: her own again');
SELECT is(t.turn(r, 'client_keys.manage', false), '55000', r || ': "enabled and locked for Office Managers and Admins"') FROM unnest('{office_manager,admin}'::text[]) r;

/* ---- clients: details and pets --------------------------------------------------------------------------- */

SELECT is(t.sees(u, c, 'details'), expected, format('%s, %s: %s', u, c, words))
FROM (VALUES ('tina', 'web', '1 2 3', '"cannot edit any client or pet details and can only view"'), ('tina', 'mobile', '1 2 3', '"can only view", in the app too'), ('sven', 'web', '2 4', '"can only view"'),
	('olive', 'mobile', '1 2 3 4 5', '"can always see and edit all client and pet fields"'), ('adam', 'web', '1 2 3 4 5', '"can always see and edit all client and pet fields"')) v (u, c, expected, words);
SELECT t.change(u, expected, 'UPDATE app.details SET pets = ''Bella'' WHERE client_id = ' || client, words)
FROM (VALUES
	('tina', 1, '{refused,refused}'::text[], '"When disabled, users cannot edit any client or pet details"'), ('sven', 4, '{refused,refused}', '"cannot edit any client or pet details"'),
	('olive', 5, '{done,refused}', '"Regardless of permission setting or staff role, ... cannot be edited in the Time To Pet Mobile App"'),
	('adam', 5, '{done,refused}', '"Regardless of ... staff role"'), ('oscar', 5, '{done,refused}', '"Regardless of ... staff role"')
) v (u, client, expected, words);
SELECT is(t.turn(r, 'clients.details.edit', true), '+clients.details.edit', r || ': "can be enabled"') FROM unnest('{trainee,staff}'::text[]) r;
SELECT t.change(u, expected, 'UPDATE app.details SET pets = ''Bella'' WHERE client_id = ' || client, words)
FROM (VALUES
	('tina', 1, '{done,refused}'::text[], '"can update client and pet profile details", "can only be edited in the Web Dashboard"'),
	('tina', 4, '{refused,refused}', 'enabled: not of a client to whom she has no access'), ('sven', 4, '{done,refused}', '"can update client and pet profile details"')
) v (u, client, expected, words);
SELECT is(t.turn(r, 'clients.details.edit', false), '-clients.details.edit', r || ': "and disabled"') FROM unnest('{trainee,staff}'::text[]) r;
SELECT is(t.turn(r, 'clients.details.edit', false), '55000', r || ': "enabled and locked for Office Managers and Admins"') FROM unnest('{office_manager,admin}'::text[]) r;
SELECT is(t.can('tina', NULL, $$UPDATE app.details SET pets = 'Bella' WHERE client_id = 1$$) || t.can('adam', NULL, $$UPDATE app.details SET pets = 'Bella' WHERE client_id = 1$$), 'refusedrefused', 'no channel is not the Web Dashboard');

/* ---- clients: all of them, new ones ------------------------------------------------------------------------- */

SELECT is(t.turn(r, 'clients.view', e), '55000', format('%s: See All Clients, to %s: "cannot be given access to the entire Client List", "will always have access to all clients"', r, e))
FROM (VALUES ('trainee', true), ('staff', true), ('office_manager', false), ('admin', false)) v (r, e);
SELECT throws_ok($$SELECT * FROM ambit.set_role_permission('walkies', 'staff', 'clients.view', true, 'all')$$, '55000', NULL, 'staff: nor in another scope');
SELECT throws_ok($$SELECT ambit.set_member_permission('walkies', 'sven', 'clients.view', true, 'all')$$, '55000', NULL, 'staff: nor a single one of them');
SELECT is(t.can(u, 'mobile', $$INSERT INTO app.clients VALUES ('walkies', 9, 'New')$$), expected, format('%s: %s', u, words))
FROM (VALUES ('tina', 'refused', '"cannot create new clients"'), ('sven', 'refused', '"cannot create new clients"'), ('olive', 'done', '"can always create new clients"'), ('adam', 'done', '"can always create new clients"')) v (u, expected, words);
SELECT is(t.turn(r, 'clients.create', e), '55000', format('%s: Add New Clients is locked, to %s', r, e))
FROM (VALUES ('trainee', true), ('staff', true), ('office_manager', false), ('admin', false)) v (r, e);
CREATE FUNCTION t.register(who text, channel text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, channel);
	answer := (SELECT string_agg(c::text, ' ' ORDER BY c) FROM ambit.visible_clients(NULL::bigint) c);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.register(text, text) IS 'visible_clients(), asked by somebody on a channel.';
SELECT is(t.register(u, c), expected, format('%s, %s: visible_clients(): %s', coalesce(u, 'a visitor'), coalesce(c, 'no channel'), words))
FROM (VALUES
	('tina', '1 2 3', '"They will only be given access to those to which they have been assigned in the past or future or are marked as a preferred staff member"'),
	('sven', '2 4', '"They will only be given access to those to which they have been assigned in the past or future"'),
	('olive', '1 2 3 4 5', '"Users in the Office Manager and Admin roles will always have access to all clients"'), ('adam', '1 2 3 4 5', '"will always have access to all clients"'),
	('oscar', '1 2 3 4 5', '"will always have access to all clients"'), (NULL, '', 'the document has no such role')
) v (u, expected, words), unnest('{web,mobile,NULL}'::text[]) c;
-- "assigned in the past or future or are marked as a preferred": at once
DELETE FROM app.preferred WHERE tenant = 'walkies';
INSERT INTO app.events VALUES ('walkies', 9, 1, 5, now() + interval '1 week');
SELECT is(t.sees('tina', 'web', 'clients'), '1 2 5', 'tina: no longer preferred by 3, assigned to 5 from now on');
DELETE FROM app.events WHERE id = 9;
INSERT INTO app.preferred VALUES ('walkies', 1, 3);

/* ---- clients: messages ----------------------------------------------------------------------------------------- */

CREATE FUNCTION t.message(who text, client integer, status text) RETURNS text LANGUAGE sql AS $$
	SELECT t.can(who, 'mobile', format('INSERT INTO app.messages VALUES (%L, 9, %s, NULL, %L)', 'walkies', client, status))
$$;
SELECT is(t.message(u, client, s), expected, format('%s, %s: %s', u, s, words))
FROM (VALUES
	('tina', 1, 'pending', 'done', '"messages and visit report cards the user sends to clients"'), ('tina', 4, 'pending', 'refused', 'not to a client to whom she has no access'),
	('tina', 1, 'sent', 'refused', '"will not be delivered to the client until reviewed and approved"'), ('sven', 4, 'pending', 'done', '"the user sends to clients"'),
	('olive', 5, 'pending', 'done', '"the user sends to clients"'), ('olive', 5, 'sent', 'refused', '"for all roles": off at first'),
	('adam', 5, 'sent', 'refused', '"for all roles": off at first'), ('oscar', 5, 'pending', 'done', '"the user sends to clients"')
) v (u, client, s, expected, words);
SELECT is(t.turn(r, 'messages.post_without_approval', true), '+messages.post_without_approval', r || ': "can be enabled and disabled for all roles"') FROM unnest('{trainee,staff,office_manager,admin}'::text[]) r;
SELECT is(t.message(u, client, 'sent'), expected, format('%s, enabled: %s', u, words))
FROM (VALUES ('tina', 1, 'done', '"will be delivered to the client immediately"'), ('tina', 4, 'refused', 'not to a client to whom she has no access'), ('sven', 4, 'done', '"delivered ... immediately"'),
	('olive', 5, 'done', '"delivered ... immediately"'), ('adam', 5, 'done', '"delivered ... immediately"'), ('oscar', 5, 'done', 'has what admin has')) v (u, client, expected, words);
SELECT is(t.message(u, client, 'pending'), 'refused', u || ', enabled: "only messages sent from users without permission to Post Messages Without Approval will be sent to the Approvals screen for review"')
FROM (VALUES ('tina', 1), ('sven', 4), ('olive', 5), ('adam', 5), ('oscar', 5)) v (u, client);
SELECT is(t.turn(r, 'messages.post_without_approval', false), '-messages.post_without_approval', r || ': "and disabled"') FROM unnest('{trainee,admin}'::text[]) r;
SELECT is(t.message('tina', 1, 'pending') || t.message('oscar', 5, 'pending'), 'donedone', 'tina, oscar, disabled: "will be sent to the Approvals screen for review"');
SELECT is(t.message('tina', 1, 'sent') || t.message('adam', 1, 'sent'), 'refusedrefused', 'tina, adam, disabled: "will not be delivered"');

-- approval
SELECT is(t.turn(r, 'messages.approve', e), '55000', format('%s: Approve Messages is locked, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('admin', false)) v (r, e);
SELECT is(t.sees('olive', 'web', 'messages'), '', 'olive: "When disabled, users cannot access the Approvals > Conversations tab"');
SELECT is(t.sees('adam', 'web', 'messages'), '1 2', 'adam: "enabled and locked for Admins"');
SELECT is(t.turn('office_manager', 'messages.approve', true), '+messages.approve', 'office manager: "can be enabled"');
SELECT is(t.can('olive', 'web', $$UPDATE app.messages SET status = 'sent' WHERE id = 2$$), 'done', 'olive, enabled: "review, edit, approve, and reject messages sent to clients from other staff members"');
SELECT is(t.turn('office_manager', 'messages.approve', false), '-messages.approve', 'office manager: "or disabled"');
SELECT is(t.can('olive', 'web', $$UPDATE app.messages SET status = 'sent' WHERE id = 2$$), 'refused', 'olive, disabled: approves nothing');

-- private messages
SELECT is(t.turn(r, 'messages.private_message', e), '55000', format('%s: Private Message With Clients is locked, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('admin', false)) v (r, e);
SELECT is(t.turn('office_manager', 'messages.private_message', true), '+messages.private_message', 'office manager: "can be enabled"');
SELECT is(t.sees(u, 'web', 'private_messages'), '', u || ': "only ... if you have Private Messaging enabled in Settings": not enabled') FROM unnest('{tina,olive,adam}'::text[]) u;
\o /dev/null
SELECT ambit.set_feature('walkies', 'private_messaging', true);
\o
SELECT is(t.sees(u, 'web', 'private_messages'), expected, format('%s: Private Messaging enabled: %s', u, words))
FROM (VALUES ('tina', '', '"can never private message with clients"'), ('sven', '', '"can never private message with clients"'), ('olive', '1', '"read private replies"'), ('adam', '1', '"enabled and locked for Admins"')) v (u, expected, words);
SELECT is(t.can(u, 'web', $$INSERT INTO app.private_messages VALUES ('walkies', 9, 1)$$), expected, u || ': "They can send private messages to the client"')
FROM (VALUES ('tina', 'refused'), ('olive', 'done'), ('adam', 'done')) v (u, expected);
SELECT is(t.turn('office_manager', 'messages.private_message', false), '-messages.private_message', 'office manager: "or disabled"');
SELECT is(t.sees('olive', 'web', 'private_messages'), '', 'olive, disabled: "cannot send or read private messages"');
\o /dev/null
SELECT ambit.set_feature('walkies', 'private_messaging', false);
\o
SELECT is(t.sees('adam', 'web', 'private_messages'), '', 'adam: Private Messaging disabled again');

/* ---- clients: new accounts, schedule, history ---------------------------------------------------------------------- */

SELECT is(t.turn(r, 'clients.approve_new', e), '55000', format('%s: Approve New Clients is locked, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('admin', false)) v (r, e);
SELECT is(t.turn('office_manager', 'clients.approve_new', true), '+clients.approve_new', 'office manager: "can be enabled"');
SELECT is(t.sees(u, 'web', 'prospects'), '', u || ': "only relevant if your settings are configured to allow clients to create an account": they are not') FROM unnest('{olive,adam}'::text[]) u;
\o /dev/null
SELECT ambit.set_feature('walkies', 'client_signup_with_approval', true);
\o
SELECT is(t.sees(u, 'web', 'prospects'), expected, u || ': "users can access the Approvals > Clients screen"') FROM (VALUES ('tina', ''), ('olive', '1'), ('adam', '1')) v (u, expected);
SELECT is(t.can(u, 'web', command), expected, u || ': "review, approve, reject, or delete prospective client account requests": ' || command)
FROM (VALUES ('sven', 'refused'), ('olive', 'done'), ('adam', 'done')) v (u, expected), unnest(ARRAY[$$UPDATE app.prospects SET status = 'approved' WHERE id = 1$$, $$DELETE FROM app.prospects WHERE id = 1$$]) command;
SELECT is(t.turn('office_manager', 'clients.approve_new', false), '-clients.approve_new', 'office manager: "or disabled"');
SELECT is(t.sees('olive', 'web', 'prospects'), '', 'olive, disabled: "users cannot access the Approvals > Clients tab"');

SELECT is(t.sees('tina', 'web', 'events'), '1 2', 'tina: "can only see the events they are personally assigned to"');
SELECT is(t.turn('trainee', 'clients.schedule.view', true), '+clients.schedule.view', 'trainee: View Client Schedule "can be enabled"');
SELECT is(t.sees('tina', c, 'events'), '1 2 4', format('tina, %s, enabled: "all scheduled, cancelled, and completed events for the client, regardless of who the assigned staff member is", of her clients', c)) FROM unnest('{web,mobile}'::text[]) c;
SELECT is(t.turn('trainee', 'clients.schedule.view', false), '-clients.schedule.view', 'trainee: "and disabled"');
SELECT is(t.turn(r, 'clients.schedule.view', false), '55000', r || ': "Permission is enabled and locked for users in the Office Manager and Admins roles"') FROM unnest('{office_manager,admin}'::text[]) r;

/* ---- toggles for office managers, locked for all others ----------------------------------------------------------------- */

CREATE FUNCTION t.managers(permission text, never text, enabled text, relation text, expected text, command text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT is(t.turn('trainee', permission, true) || t.turn('staff', permission, true), '5500055000', format('trainee, staff: %s: "%s"', permission, never));
	RETURN NEXT is(t.turn('admin', permission, false), '55000', format('admin: %s: "enabled and locked for Admins"', permission));
	RETURN NEXT is(t.holds('tina', 'web', permission) OR t.holds('sven', 'mobile', permission), false, format('tina, sven: %s: "%s"', permission, never));
	RETURN NEXT is(t.holds('olive', 'web', permission), false, format('olive: %s is off at first', permission));
	RETURN NEXT is(t.holds('adam', 'web', permission) AND t.holds('oscar', 'mobile', permission), true, format('adam, oscar: %s: "enabled and locked for Admins"', permission));
	IF relation IS NOT NULL THEN
		RETURN NEXT is(t.sees('tina', 'web', relation) || t.sees('sven', 'web', relation) || t.sees('olive', 'web', relation), '', format('tina, sven, olive: %s: see nothing', permission));
		RETURN NEXT is(t.sees('adam', 'web', relation), expected, format('adam: %s: "%s"', permission, enabled));
	END IF;
	IF command IS NOT NULL THEN
		RETURN NEXT is(concat_ws(' ', t.can('sven', 'web', command), t.can('olive', 'web', command), t.can('adam', 'web', command)), 'refused refused done',
			format('sven, olive, adam: %s: "%s"', permission, enabled));
	END IF;
	RETURN NEXT is(t.turn('office_manager', permission, true), '+' || permission, format('office manager: %s: "can be enabled"', permission));
	RETURN NEXT is(t.holds('olive', 'mobile', permission) AND (relation IS NULL OR t.sees('olive', 'web', relation) = expected) AND (command IS NULL OR t.can('olive', 'web', command) = 'done'),
		true, format('olive, enabled: %s: "%s"', permission, enabled));
	RETURN NEXT is(t.turn('office_manager', permission, false), '-' || permission, format('office manager: %s: "or disabled"', permission));
	RETURN NEXT is(t.holds('olive', 'mobile', permission) OR relation IS NOT NULL AND t.sees('olive', 'web', relation) <> '' OR command IS NOT NULL AND t.can('olive', 'web', command) = 'done',
		false, format('olive, disabled: %s', permission));
END
$$;
SELECT t.managers(permission, never, enabled, relation, expected, command)
FROM (VALUES
	('clients.history.view', 'can not be given permission to view client history', 'users can access the "History" tab of the client profile', 'history', '1 4', NULL),
	('services.manage', 'can not be given permission to manage services', 'edit, create, and deactivate services', 'services', '1', 'UPDATE app.services SET rate = 35 WHERE id = 1'),
	('packages.manage', 'can not be given permission to manage Packages', 'edit, create, and deactivate Packages', 'packages', '1', 'UPDATE app.packages SET name = ''X'' WHERE id = 1'),
	('templates.manage', 'cannot view, edit, or create Templates', 'users can view, edit, create, and delete Templates', 'templates', '1', 'DELETE FROM app.templates WHERE id = 1'),
	('schedule_blocks.manage', 'cannot view, edit, or create Schedule Blocks', 'can view, edit or create Schedule Blocks', 'schedule_blocks', '1', $$INSERT INTO app.schedule_blocks VALUES ('walkies', 9, 'Noon')$$),
	('scheduler_settings.configure', 'cannot view or edit Scheduler Settings', 'can edit any of these settings', NULL, NULL, 'UPDATE app.settings SET value = ''x'' WHERE screen = ''scheduler'''),
	('invoices.manage', 'cannot Manage Invoicing', 'able to view and edit client invoices', 'invoices', '1 4', 'UPDATE app.invoices SET tip = 5 WHERE id = 4'),
	('payments.charge', 'cannot charge clients', 'users can charge clients'' saved payment methods', NULL, NULL, $$INSERT INTO app.charges VALUES ('walkies', 4)$$),
	('reports.schedules.generate', 'cannot access schedule reporting', 'users can generate reports in Reporting > Schedule', NULL, NULL, NULL),
	('reports.revenue.generate', 'cannot access revenue reporting', 'users can generate reports in the Reporting > Financial > Revenue tab', NULL, NULL, NULL),
	('reports.payments_and_sales.generate', 'cannot access payment and sales reporting', 'users can generate reports in:', NULL, NULL, NULL),
	('reports.clients.generate', 'cannot access client reporting', 'users can generate reports in the Reporting > Staff & Clients > Clients tab', NULL, NULL, NULL),
	('messages.bulk_email_clients', 'cannot send mass emails to clients', 'users can send mass emails to clients', NULL, NULL, $$INSERT INTO app.mass_emails VALUES ('walkies', 'Hello')$$)
) v (permission, never, enabled, relation, expected, command);

SELECT is(t.can(u, 'web', $$INSERT INTO app.redemptions VALUES ('walkies', 1, 1)$$), expected, format('%s: %s', u, words))
FROM (VALUES ('olive', 'done', '"Office Managers can still redeem services from Packages even if they do not have permission to manage Packages"'), ('adam', 'done', 'nearly all the permissions'),
	('sven', 'refused', 'of staff the document says nothing'), ('tina', 'refused', 'of trainees the document says nothing')) v (u, expected, words);
SELECT is(t.turn('office_manager', 'packages.redeem_services', false), '55000', 'office manager: "can still redeem": no switch');
SELECT is(t.sees(u, 'web', 'payouts'), expected, u || ': "Only Admins can access the Payouts, Payments, and Disputes screens"') FROM (VALUES ('tina', ''), ('sven', ''), ('olive', ''), ('adam', '1'), ('oscar', '1')) v (u, expected);
SELECT is(t.turn(r, 'payments.payout_screens.view', true), '55000', r || ': "Only Admins"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;

/* ---- scheduling: the company calendar ---------------------------------------------------------------------------------------- */

-- the screen My Schedule alone: without the Scheduler, which office managers and admins always have
CREATE FUNCTION t.my_schedule(who text, channel text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_sitters;
	PERFORM ambit.assume('walkies', who, channel);
	answer := (SELECT string_agg(DISTINCT s, ' ' ORDER BY s) FROM unnest(ambit.permission_scopes('schedule.view')) s);
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
SELECT is(t.my_schedule(u, 'web'), expected, format('%s: %s', u, words))
FROM (VALUES ('tina', 'own', '"When disabled, users can only view their personal schedules"'), ('sven', 'own', '"can only view their personal schedules"'), ('olive', 'own', '"can only view their personal schedules on the My Schedule screen"'),
	('adam', 'all own', '"It is enabled and locked for Admins"')) v (u, expected, words);
SELECT is(t.turn(r, 'schedule.company_calendar.view', true), '+schedule.company_calendar.view', r || ': "can be enabled"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.turn('admin', 'schedule.company_calendar.view', false), '55000', 'admin: "It is enabled and locked for Admins"');
SELECT is(t.my_schedule(u, 'web'), 'all own', u || ', enabled: "a read-only version of the entire company schedule"') FROM unnest('{tina,sven,olive}'::text[]) u;
SELECT is(t.my_schedule(u, 'mobile'), 'own', u || ', in the app: "not available in the Time To Pet Mobile App"') FROM unnest('{tina,sven,olive,adam,oscar}'::text[]) u;
SELECT is(t.sees('tina', c, 'events'), expected, format('tina, %s, enabled: "only available on the Web Dashboard"', c)) FROM (VALUES ('web', '1 2 3 4 5'), ('mobile', '1 2')) v (c, expected);
SELECT is(t.can('sven', 'web', 'UPDATE app.events SET starts_at = now() WHERE id = 5'), 'refused', 'sven, enabled: "read-only"');
SELECT is(t.turn(r, 'schedule.company_calendar.view', false), '-schedule.company_calendar.view', r || ': "or disabled"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.sees('tina', 'web', 'events'), '1 2', 'tina, disabled: her own again');

/* ---- scheduling: events ----------------------------------------------------------------------------------------------------------- */

SELECT is(t.can(u, c, command), expected, format('%s, %s: %s', u, c, words))
FROM (VALUES
	('tina', 'web', $$INSERT INTO app.events VALUES ('walkies', 9, 1, 1, now())$$, 'refused', '"cannot ... schedule new events for themselves"'),
	('sven', 'web', $$INSERT INTO app.events VALUES ('walkies', 9, 1, 1, now())$$, 'refused', '"or other users"'),
	('sven', 'mobile', $$UPDATE app.events SET status = 'cancelled' WHERE id = 3$$, 'refused', '"cannot edit scheduled events"'),
	('olive', 'web', $$INSERT INTO app.events VALUES ('walkies', 9, 1, 1, now())$$, 'done', '"always be able to ... schedule new events"'),
	('olive', 'mobile', $$UPDATE app.events SET staff_id = 1 WHERE id = 3$$, 'done', '"always be able to edit scheduled events"'),
	('adam', 'web', $$UPDATE app.events SET staff_id = 1 WHERE id = 3$$, 'done', '"always be able to edit scheduled events"')
) v (u, c, command, expected, words);
SELECT is(t.turn(r, 'scheduling.manage', e), '55000', format('%s: Manage Scheduling is locked, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('office_manager', false), ('admin', false)) v (r, e);

CREATE FUNCTION t.complete(who text, channel text, event integer, message text, scheduler boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
	SELECT t.can(who, channel, format('INSERT INTO app.completions SELECT tenant, id, staff_id, client_id, %L, %L FROM (VALUES (%L, %s, %s, %s)) e (tenant, id, staff_id, client_id)',
		message, scheduler, e.tenant, e.id, e.staff_id, e.client_id)) FROM app.events e WHERE e.id = event
$$;
SELECT is(t.complete(u, c, event, message), expected, format('%s, %s, %L: %s', u, c, message, words))
FROM (VALUES
	('tina', 'mobile', 2, 'Rex ate well', 'done', '"won''t be able to complete an event ... without also writing a message": with one'),
	('tina', 'web', 2, 'Rex ate well', 'done', '"and Web Dashboard Home Screen on mobile devices"'),
	('tina', 'mobile', 2, '', 'refused', '"without also writing a message"'), ('tina', 'mobile', 3, 'Rex ate well', 'refused', '"their assigned services"'),
	('sven', 'mobile', 3, NULL, 'refused', '"without also writing a message"'), ('sven', 'mobile', 3, 'Fine', 'done', 'with a message'),
	('olive', 'mobile', 5, 'Fine', 'done', 'with a message'), ('olive', 'mobile', 5, '', 'refused', '"without also writing a message"'),
	('adam', 'mobile', 5, '', 'done', '"It is enabled and locked for Admins"')
) v (u, c, event, message, expected, words);
SELECT is(t.turn(r, 'events.complete_without_message', true), '+events.complete_without_message', r || ': "can be enabled"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.turn('admin', 'events.complete_without_message', false), '55000', 'admin: "enabled and locked for Admins"');
SELECT is(t.complete(u, c, event, ''), expected, format('%s, %s, enabled: %s', u, c, words))
FROM (VALUES
	('tina', 'mobile', 2, 'done', '"users can mark events as complete ... without writing a message"'), ('tina', 'web', 2, 'done', '"and Web Dashboard Home Screen on mobile devices"'),
	('tina', 'mobile', 3, 'refused', 'not another''s event'), ('sven', 'mobile', 3, 'done', '"without writing a message"'), ('olive', 'mobile', 5, 'done', '"without writing a message"')
) v (u, c, event, expected, words);
SELECT is(t.turn(r, 'events.complete_without_message', false), '-events.complete_without_message', r || ': "or disabled"') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.complete(u, c, event, '', true), expected, format('%s, %s, the Scheduler: %s', u, c, words))
FROM (VALUES
	('olive', 'web', 3, 'done', '"Office Managers can still mark events complete from the Scheduler on the Web Dashboard without writing a message, even if this permission is disabled"'),
	('olive', 'mobile', 3, 'refused', '"on the Web Dashboard"'), ('olive', NULL, 3, 'refused', '"on the Web Dashboard": no channel is not'),
	('adam', 'web', 3, 'done', 'nearly all the permissions'), ('tina', 'web', 2, 'refused', 'trainees have no Scheduler'), ('sven', 'web', 3, 'refused', 'staff have no Scheduler')
) v (u, c, event, expected, words);
SELECT is(t.turn(r, 'events.complete_from_scheduler', e), '55000', format('%s: completing from the Scheduler has no switch, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('office_manager', false), ('admin', false)) v (r, e);

/* ---- invoicing --------------------------------------------------------------------------------------------------------------------- */

SELECT is(t.turn(r, 'invoice_settings.configure', e), '55000', format('%s: Configure Invoice Settings is locked, to %s', r, e)) FROM (VALUES ('trainee', true), ('staff', true), ('admin', false)) v (r, e);
SELECT is(t.turn(r, 'payments.charge_bulk', true), '55000', r || ': charging in bulk has no switch of its own') FROM unnest('{trainee,staff,office_manager}'::text[]) r;
SELECT is(t.turn('office_manager', 'invoice_settings.configure', true), '+invoice_settings.configure +invoices.manage',
	'office manager: "If the Configure Invoice Settings permission is enabled, the Manage Invoicing permission will also be enabled automatically"');
SELECT is(t.sees('olive', 'web', 'settings'), 'invoice', 'olive, enabled: "access the ... Invoice Settings screen", and no other');
SELECT is(t.can('olive', 'web', $$UPDATE app.settings SET value = 'x' WHERE screen = 'invoice'$$), 'done', 'olive, enabled: "edit any of the settings listed on this screen"');
SELECT is(t.sees('olive', 'web', 'invoices'), '1 4', 'olive: Manage Invoicing came with it');
SELECT is(t.turn('office_manager', 'invoices.manage', false), '-invoice_settings.configure -invoices.manage',
	'office manager: "Disabling this Permission will automatically disable the Configure Invoice Settings permission as well"');
SELECT is(t.sees('olive', 'web', 'settings') || t.sees('olive', 'web', 'invoices'), '', 'olive, disabled: "users cannot access the Invoice Settings screen"');
SELECT is(t.turn('office_manager', 'invoice_settings.configure', true), '+invoice_settings.configure +invoices.manage', 'office manager: both on again');
SELECT is(t.turn('office_manager', 'invoice_settings.configure', false), '-invoice_settings.configure', 'office manager: off by itself, it leaves Manage Invoicing on');
SELECT is(t.sees('olive', 'web', 'invoices'), '1 4', 'olive: which she still has');
SELECT is(t.turn('office_manager', 'payments.charge', true), '+payments.charge +payments.charge_bulk', 'office manager: "If the Manage Invoicing permission is also enabled, they can charge clients in bulk"');
SELECT is(t.can('olive', 'web', $$INSERT INTO app.charges VALUES ('walkies', 4, true)$$), 'done', 'olive: "charge clients in bulk using the Bulk Invoicing tool"');
SELECT is(t.turn('office_manager', 'invoices.manage', false), '-invoices.manage -payments.charge_bulk', 'office manager: without Manage Invoicing no bulk');
SELECT is(t.can('olive', 'web', $$INSERT INTO app.charges VALUES ('walkies', 4, true)$$), 'refused', 'olive: "also enabled": it is not');
SELECT is(t.can('olive', 'web', $$INSERT INTO app.charges VALUES ('walkies', 4, false)$$), 'done', 'olive: charges single clients all the same');
SELECT is(t.turn('office_manager', 'payments.charge', false), '-payments.charge', 'office manager: charging off again');
SELECT is(t.can('olive', 'web', $$INSERT INTO app.charges VALUES ('walkies', 4, false)$$), 'refused', 'olive: "When disabled, users cannot charge clients"');
SELECT is(t.can('adam', 'web', $$INSERT INTO app.charges VALUES ('walkies', 4, true)$$), 'done', 'adam: in bulk too');

/* ---- one company's settings are its own ---------------------------------------------------------------------------------------------- */

SELECT is_empty($$SELECT * FROM ambit.tenant_cell WHERE tenant = 'rival'$$, 'nothing of this has changed another company');

SELECT * FROM finish();
ROLLBACK;
