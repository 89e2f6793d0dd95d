/*
 * time_to_pet_admin.sql
 *		The template time_to_pet, administered by its own people: who hires, who
 *		changes roles, who turns the switches of the permissions page, and that
 *		the owner admin is out of reach.
 *
 * t.says() calls a model function as somebody and undoes it: ok, or SQLSTATE
 * and what the detail says; t.does() lets it stay.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_pet_admin;
SELECT ambit.trust_application('regress_app_pet_admin');

CREATE SCHEMA t;
CREATE FUNCTION t.call(who text, call text, stays boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	_detail text;
	answer text := 'ok';
BEGIN
	SET LOCAL ROLE regress_app_pet_admin;
	PERFORM ambit.assume('walkies', who, 'web');
	BEGIN
		EXECUTE 'SELECT ambit.' || call;
		IF NOT stays THEN
			RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
		END IF;
	EXCEPTION
		WHEN SQLSTATE 'ZZ000' THEN NULL;
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS _detail = PG_EXCEPTION_DETAIL;
			answer := SQLSTATE || ' ' || coalesce(substring(_detail, 'permission "([a-z_.]+)"'), substring(_detail, '[Rr]ole "([a-z_]+)" is held'), '');
	END;
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN rtrim(answer);
END
$$;
COMMENT ON FUNCTION t.call(text, text, boolean) IS 'ok, or the SQLSTATE with the permission, or the role of one member, that the detail names.';
CREATE FUNCTION t.says(who text, call text) RETURNS text LANGUAGE sql AS $$ SELECT t.call(who, call, false) $$;
CREATE FUNCTION t.does(who text, call text) RETURNS text LANGUAGE sql AS $$ SELECT t.call(who, call, true) $$;

CREATE FUNCTION t.assignable(who text, target text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_pet_admin;
	PERFORM ambit.assume('walkies', who, 'web');
	answer := (SELECT string_agg(r, ' ' ORDER BY n) FROM unnest('{trainee,staff,office_manager,admin,owner_admin}'::text[]) WITH ORDINALITY v (r, n)
		WHERE ambit.can_assign_role(r, target));
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.assignable(text, text) IS 'The roles that somebody may choose for a member; NULL: for a new one.';

CREATE FUNCTION t.roles(who text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(a.role, ' ' ORDER BY a.role) FROM ambit.assignment a WHERE a.tenant = 'walkies' AND a.user_id = who
$$;

SELECT ambit.create_tenant('walkies', 'time_to_pet');
SELECT ambit.create_tenant('rival', 'time_to_pet');
SELECT ambit.add_member('walkies', u, jsonb_build_object('staff', s))
FROM (VALUES ('tina', '1'), ('sven', '2'), ('olive', '3'), ('adam', '4'), ('oscar', '5'), ('abby', '6'), ('omar', '7'), ('nemo', '8')) v (u, s);
SELECT ambit.assign_role('walkies', u, r)
FROM (VALUES ('tina', 'trainee'), ('sven', 'staff'), ('olive', 'office_manager'), ('omar', 'office_manager'), ('adam', 'admin'), ('abby', 'admin'), ('oscar', 'owner_admin')) v (u, r);
SELECT ambit.add_member('rival', 'rita', '{"staff": "1"}');
SELECT ambit.assign_role('rival', 'rita', 'trainee');
\o

SELECT plan(161);

/* ---- the owner admin ---------------------------------------------------------------- */

SELECT is(t.says(who, call), expected, format('%s: "will not be able to change the staff role of the Owner Admin": %s', who, call))
FROM (VALUES ('adam', true), ('abby', true), ('olive', false), ('tina', false)) w (who, admin),
	(VALUES
		($$change_role('walkies', 'oscar', 'owner_admin', 'admin')$$, '42501 owner_admin'),
		($$revoke_role('walkies', 'oscar', 'owner_admin')$$, '42501 owner_admin'),
		($$assign_role('walkies', 'oscar', 'trainee')$$, '42501'),
		($$remove_member('walkies', 'oscar')$$, '42501')) c (call, of_admin),
	LATERAL (SELECT CASE WHEN admin THEN of_admin ELSE '42501 staff.change_role' END) e (expected);
SELECT is(t.says(who, call), '42501 owner_admin', format('%s: nobody takes the role: %s', who, call))
FROM (VALUES
	('adam', $$assign_role('walkies', 'adam', 'owner_admin')$$), ('adam', $$change_role('walkies', 'adam', 'admin', 'owner_admin')$$),
	('adam', $$set_role_permission('walkies', 'owner_admin', 'pay_stubs.generate_own', true)$$), ('oscar', $$set_role_permission('walkies', 'owner_admin', 'services.manage', false)$$),
	('oscar', $$change_role('walkies', 'adam', 'admin', 'owner_admin')$$)) v (who, call);
SELECT is(t.says(who, $$transfer_role('walkies', 'owner_admin', 'oscar', 'adam')$$), '42501', who || ': "please send us an email": the owner admin changes by the DBA alone')
FROM unnest('{oscar,adam,olive,tina}'::text[]) who;
SELECT is(t.says('oscar', $$change_role('walkies', 'oscar', 'owner_admin', 'admin')$$), '42501 owner_admin', 'oscar: "If at any time the Owner Admin account''s role needs to be changed ... please send us an email"');
SELECT is(t.says('adam', $$set_role_permission('walkies', 'admin', 'admins.change_owner_admin_role', true)$$), '55000', 'adam: locked');

/* ---- changing a user's role --------------------------------------------------------------- */

SELECT is(t.assignable('adam', target), expected, 'adam: "you''ll be prompted to choose their role": ' || coalesce(target, 'a new one'))
FROM (VALUES (NULL, 'trainee staff office_manager admin'), ('tina', 'trainee staff office_manager admin'), ('olive', 'trainee staff office_manager admin'), ('nemo', 'trainee staff office_manager admin'), ('oscar', '')) v (target, expected);
SELECT is(t.assignable('oscar', NULL), 'trainee staff office_manager admin', 'oscar: has what admins have');
SELECT is(t.assignable(who, NULL) || t.assignable(who, 'tina'), '', who || ': chooses no role') FROM unnest('{tina,sven,olive}'::text[]) who;
SELECT is(t.says('adam', call), 'ok', 'adam: ' || call)
FROM unnest(ARRAY[
	$$change_role('walkies', 'tina', 'trainee', 'staff')$$, $$change_role('walkies', 'sven', 'staff', 'office_manager')$$, $$change_role('walkies', 'olive', 'office_manager', 'admin')$$,
	$$change_role('walkies', 'abby', 'admin', 'trainee')$$, $$change_role('walkies', 'adam', 'admin', 'staff')$$, $$revoke_role('walkies', 'sven', 'staff')$$,
	$$assign_role('walkies', 'nemo', 'admin')$$, $$remove_member('walkies', 'tina')$$, $$add_member('walkies', 'new', '{"staff": "9"}')$$]) call;
SELECT is(t.says(who, call), '42501 staff.change_role', format('%s: "cannot be given permission to manage other staff members": %s', who, call))
FROM unnest('{tina,sven}'::text[]) who, unnest(ARRAY[
	$$change_role('walkies', 'sven', 'staff', 'trainee')$$, $$assign_role('walkies', 'nemo', 'trainee')$$, $$revoke_role('walkies', 'tina', 'trainee')$$, $$remove_member('walkies', 'nemo')$$]) call;
SELECT is(t.says(who, $$add_member('walkies', 'new', '{"staff": "9"}')$$), '42501 staff.manage', who || ': adds no staff member') FROM unnest('{tina,sven,olive}'::text[]) who;
SELECT is(t.says('adam', $$add_member('walkies', 'new', '{"staff": "1"}')$$), '42501', 'adam: gives nobody the keys of another');
SELECT is(t.says('adam', $$add_member('walkies', 'adam', '{"staff": "5"}')$$), '42501', 'adam: nor himself');
SELECT is(t.says('adam', call), '42501', 'adam: nothing in another company: ' || call)
FROM unnest(ARRAY[$$add_member('rival', 'new', '{}')$$, $$change_role('rival', 'rita', 'trainee', 'admin')$$, $$set_role_permission('rival', 'trainee', 'clients.details.edit', true)$$]) call;

/* ---- the permissions page ---------------------------------------------------------------------- */

SELECT is(t.says('adam', format('set_role_permission(%L, %L, %L, %L)', 'walkies', r, p, true)), expected, format('adam: "can be customized in Settings > Staff > Permissions": %s of %s', p, r))
FROM (VALUES
	('trainee', 'notifications.manage_own', 'ok'), ('staff', 'client_keys.manage', 'ok'), ('trainee', 'clients.details.edit', 'ok'), ('staff', 'schedule.company_calendar.view', 'ok'),
	('office_manager', 'staff.manage', 'ok'), ('office_manager', 'messages.private_message', 'ok'), ('office_manager', 'invoice_settings.configure', 'ok'), ('office_manager', 'events.complete_without_message', 'ok'),
	('trainee', 'staff.manage', '55000'), ('staff', 'clients.view', '55000'), ('office_manager', 'payments.payout_screens.view', '55000'), ('office_manager', 'staff.notifications.manage', '55000')
) v (r, p, expected);
SELECT is(t.says('adam', format('set_role_permission(%L, %L, %L, %L)', 'walkies', r, p, true)), '55000',
	format('adam: "inherently restricted from being toggled on or off": what the page has no switch for: %s of %s', p, r))
FROM (VALUES
	('trainee', 'gallery.view'), ('staff', 'gallery.view'), ('trainee', 'tasks.view'), ('staff', 'tasks.view'), ('trainee', 'packages.redeem_services'), ('staff', 'packages.redeem_services'),
	('office_manager', 'company_settings.access'), ('office_manager', 'company_settings.notification_settings.edit')
) v (r, p);
SELECT is(t.says('adam', $$set_role_permission('walkies', 'admin', 'services.manage', false)$$), '55000', 'adam: "enabled and locked for Admins"');
SELECT is(t.says(who, $$set_role_permission('walkies', 'trainee', 'notifications.manage_own', true)$$), '42501 company_settings.access', who || ': Settings are not theirs') FROM unnest('{tina,sven,olive}'::text[]) who;
SELECT is(t.says('adam', $$set_role_permission('walkies', 'trainee', 'clients.details.edit', true, 'all')$$), 'ok', 'adam: a wider scope stays on the web, where he has it himself');
SELECT is(t.says('adam', call), '42501', 'adam: what the document gives to nobody is the DBA''s: ' || call)
FROM unnest(ARRAY[$$set_member_permission('walkies', 'tina', 'client_keys.manage', true)$$, $$create_role('walkies', 'helper')$$, $$add_location('walkies', 'north')$$, $$add_group('walkies', 'team')$$,
	$$drop_tenant('walkies')$$, $$create_tenant('new', 'time_to_pet')$$]) call;
SELECT is(t.says('tina', $$set_feature('walkies', 'private_messaging', false)$$), '42501 company_settings.access', 'tina: "Settings > Client Settings > Portal Settings" are not hers');
SELECT is(t.says('adam', $$set_feature('walkies', 'private_messaging', false)$$), 'ok', 'adam: "Settings > Client Settings > Portal Settings"');

/* ---- what the company calls things ------------------------------------------------------------------ */

SELECT is(t.says(who, $$set_label('walkies', 'staff', 'Users')$$), '42501 company_settings.access', who || ': Staff Settings are not theirs') FROM unnest('{tina,sven,olive}'::text[]) who;
SELECT is(t.does('adam', format('set_label(%L, %L, %L)', 'walkies', term, label)), 'ok', format('adam: %s is %s', term, label))
FROM (VALUES ('staff', 'Users'), ('pay_stubs', 'Invoices'), ('time_off', 'Availability')) v (term, label);
SELECT is((SELECT l.title FROM ambit.titles('walkies') l WHERE l.permission::text = p), title, words || ': ' || p)
FROM (VALUES
	('staff.profiles.view', 'View users profiles', '"you will see "users" and "invoices" instead of "staff" and "pay stubs""'),
	('pay_stubs.generate', 'Generate invoices (of others)', '"you will see "users" and "invoices" instead of "staff" and "pay stubs""'),
	('pay_stubs.generate_own', 'Generate Own Invoices', '"you will see "users" and "invoices" instead of "staff" and "pay stubs""'),
	('time_off.approve', 'Approve Availability Requests', '"you will see "Availability" instead of "Time Off" in the Dashboard"'),
	('time_off.company_calendar.view', 'Can View Company Availability Calendar', '"you will see "Availability" instead of "Time Off" in the Dashboard"')
) v (p, title, words);
SELECT is((SELECT string_agg(DISTINCT m.module, ' ') FROM ambit.matrix(v.tenant) m WHERE m.permission::text LIKE v.module || '.%'), expected, format('the page of %s: %s', tenant, words))
FROM (VALUES
	('walkies', 'staff', 'Users', '"users" instead of "staff"'), ('walkies', 'pay_stubs', 'Invoices', '"invoices" instead of "pay stubs"'), ('walkies', 'time_off', 'Availability', '"Availability" instead of "Time Off"'),
	('walkies', 'invoices', 'invoices', 'the invoices of clients as they were'), ('rival', 'staff', 'staff', '"This article will use the employee terminology"'), ('rival', 'pay_stubs', 'pay_stubs', '"This article will use the employee terminology"')
) v (tenant, module, expected, words);
SELECT is((SELECT l.title FROM ambit.titles('rival') l WHERE l.permission::text = p), title, 'another company: "This article will use the employee terminology "staff" and "paystubs""')
FROM (VALUES ('staff.profiles.view', 'View staff profiles'), ('pay_stubs.generate_own', 'Generate Own Pay Stubs'), ('time_off.approve', 'Approve Time Off Requests')) v (p, title);
SELECT is(t.does('adam', format('set_label(%L, %L, NULL)', 'walkies', term)), 'ok', 'adam: ' || term || ' as the article has it') FROM unnest('{staff,pay_stubs,time_off}'::text[]) term;
SELECT is_empty($$SELECT FROM ambit.titles('walkies') w JOIN ambit.titles('rival') r ON r.permission OPERATOR(ambit.=) w.permission WHERE w.title <> r.title$$, 'the page of walkies is as that of others again');

/* ---- an office manager who manages staff --------------------------------------------------------- */

SELECT is(t.does('adam', $$set_role_permission('walkies', 'office_manager', 'staff.manage', true)$$), 'ok', 'adam turns Manage Staff on for office managers');
SELECT is(t.assignable('olive', target), expected, 'olive, who manages staff: ' || coalesce(target, 'a new one'))
FROM (VALUES (NULL, 'trainee staff office_manager'), ('tina', 'trainee staff office_manager'), ('omar', 'trainee staff office_manager'), ('abby', ''), ('oscar', '')) v (target, expected);
SELECT is(t.says('olive', call), expected, 'olive, who manages staff: ' || call)
FROM (VALUES
	($$add_member('walkies', 'new', '{"staff": "9"}')$$, 'ok'), ($$assign_role('walkies', 'nemo', 'staff')$$, 'ok'), ($$change_role('walkies', 'tina', 'trainee', 'office_manager')$$, 'ok'),
	($$remove_member('walkies', 'sven')$$, 'ok'), ($$set_role_permission('walkies', 'trainee', 'notifications.manage_own', true)$$, '42501 company_settings.access')) v (call, expected);
SELECT matches(t.says('olive', call), '^42501', 'olive, who manages staff: rises nobody to admin and reaches no admin: ' || call)
FROM unnest(ARRAY[$$assign_role('walkies', 'nemo', 'admin')$$, $$change_role('walkies', 'tina', 'trainee', 'admin')$$, $$change_role('walkies', 'olive', 'office_manager', 'admin')$$, $$assign_role('walkies', 'olive', 'admin')$$,
	$$change_role('walkies', 'abby', 'admin', 'trainee')$$, $$revoke_role('walkies', 'abby', 'admin')$$, $$remove_member('walkies', 'abby')$$, $$remove_member('walkies', 'oscar')$$, $$add_member('walkies', 'new', '{"staff": "5"}')$$]) call;
SELECT is(t.does('abby', $$set_role_permission('walkies', 'office_manager', 'staff.manage', false)$$), 'ok', 'abby turns it off again');
SELECT is(t.says('olive', $$assign_role('walkies', 'nemo', 'staff')$$), '42501 staff.change_role', 'olive: at once');

/* ---- who sees the page ----------------------------------------------------------------------------------- */

SELECT is(split_part(t.says(who, $$matrix('walkies')$$), ' ', 1), expected, who || ': Settings > Staff > Permissions')
FROM (VALUES ('adam', 'ok'), ('oscar', 'ok'), ('olive', '42501'), ('sven', '42501'), ('tina', '42501')) v (who, expected);
SELECT is(t.says('adam', $$matrix('rival')$$), '42501', 'adam: not that of another company');
SELECT is((SELECT m.cell FROM ambit.matrix('walkies') m WHERE m.role = 'trainee' AND m.permission::text = 'clients.details.edit'), 'off (toggle)', 'the page: off');
SELECT is(t.does('adam', $$set_role_permission('walkies', 'trainee', 'clients.details.edit', true)$$), 'ok', 'adam turns it on');
SELECT is((SELECT m.cell FROM ambit.matrix('walkies') m WHERE m.role = 'trainee' AND m.permission::text = 'clients.details.edit'), 'assigned_clients on web', 'the page: on');
SELECT is((SELECT m.cell FROM ambit.matrix('rival') m WHERE m.role = 'trainee' AND m.permission::text = 'clients.details.edit'), 'off (toggle)', 'and not that of another company');

/* ---- a day at the company ------------------------------------------------------------------------------ */

SELECT is(t.does('adam', $$add_member('walkies', 'nora', '{"staff": "20"}')$$) || t.does('adam', $$assign_role('walkies', 'nora', 'trainee')$$), 'okok', 'adam: "When Adding A New Staff Member, you''ll be prompted to choose their role"');
SELECT is(t.does('adam', $$change_role('walkies', 'nora', 'trainee', 'staff')$$), 'ok', 'adam: "change their role at a later time"');
SELECT is(t.roles('nora'), 'staff', 'nora is staff');
SELECT is(t.does('adam', $$remove_member('walkies', 'nora')$$), 'ok', 'adam: "make the staff member inactive"');
SELECT is(t.roles('nora'), NULL, 'nora is gone');

/* ---- a new owner admin, by the DBA ------------------------------------------------------------------------ */

SELECT lives_ok($$SELECT ambit.transfer_role('walkies', 'owner_admin', 'oscar', 'abby')$$, '"a new Owner Admin needs to be listed on the account": the DBA does it');
SELECT is(t.roles('oscar'), NULL, 'oscar is owner admin no longer');
SELECT is(t.roles('abby'), 'admin owner_admin', 'abby is');
SELECT is(t.says('adam', $$change_role('walkies', 'abby', 'admin', 'trainee')$$), '42501', 'adam: and out of reach, in her other role too');
SELECT is(t.says('adam', $$assign_role('walkies', 'oscar', 'admin')$$), 'ok', 'adam: oscar is like any other now');
SELECT throws_ok($$SELECT ambit.transfer_role('walkies', 'admin', 'adam', 'tina')$$, '22023', NULL, 'admin is no role of one member');

SELECT * FROM finish();
ROLLBACK;
