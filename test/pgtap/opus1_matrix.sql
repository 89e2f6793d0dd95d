/*
 * opus1_matrix.sql
 *		The template opus1, cell by cell: every permission of every role, held or
 *		not and with which scopes, what the toggles grant, and what is locked.
 *
 * The expected matrix stands here in full; it is not read from the template.
 * In it a scope that "all" makes superfluous is left out, and "-" is: not held.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

CREATE TEMP TABLE expected (permission text, visitor text, client text, limited_staff text, staff text, manager text, owner text);
INSERT INTO expected VALUES
	('self_booking.browse'                        , 'all', 'all' , 'all'   , 'all'         , 'all'     , 'all'),
	('self_booking.book'                          , 'all', 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('self_booking.complete_booking'              , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('accounts.register'                          , 'all', '-'   , '-'     , '-'           , '-'       , '-'),
	('quotes.request'                             , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('messages.send_to_teacher'                   , '-'  , '-'   , '-'     , '-'           , '-'       , '-'),
	('invoices.view'                              , '-'  , 'self', 'self'  , 'all'         , 'all'     , 'all'),
	('service_credits.view'                       , '-'  , 'self', 'self'  , 'all'         , 'all'     , 'all'),
	('payment_methods.add'                        , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('payment_methods.remove'                     , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('self_booking.appointments.cancel'           , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('self_booking.make_ups.book'                 , '-'  , 'self', 'self'  , 'self'        , 'self'    , 'self'),
	('clients.view'                               , '-'  , '-'   , 'served', 'all'         , 'all'     , 'all'),
	('clients.personal_information.view'          , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('clients.personal_information.edit'          , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('account_managers.personal_information.view' , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('clients.schedules.view'                     , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('clients.schedules.edit'                     , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('client_comments.post'                       , '-'  , '-'   , 'served', 'served'      , 'served'  , 'all'),
	('client_comments.view'                       , '-'  , 'self', 'self'  , 'all'         , 'all'     , 'all'),
	('staff_comments.post'                        , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('staff_comments.view'                        , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('time_off_requests.submit'                   , '-'  , '-'   , 'own'   , 'own'         , 'own'     , 'own'),
	('time_off_requests.view'                     , '-'  , '-'   , 'own'   , 'assignee own', 'all'     , 'all'),
	('time_off_requests.process'                  , '-'  , '-'   , '-'     , 'assignee'    , 'assignee', 'all'),
	('time_off_requests.approve'                  , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('time_off_requests.update'                   , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('time_off_requests.create_for_others'        , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('payroll.view'                               , '-'  , '-'   , 'own'   , 'own'         , 'own'     , 'all'),
	('payroll.run'                                , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('pay_rates.view'                             , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('pay_rates.edit'                             , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('files.upload'                               , '-'  , '-'   , 'own'   , 'own'         , 'own'     , 'own'),
	('files.view'                                 , '-'  , '-'   , 'own'   , 'all'         , 'all'     , 'all'),
	('files.download'                             , '-'  , '-'   , 'own'   , 'all'         , 'all'     , 'all'),
	('files.share'                                , '-'  , '-'   , 'served', 'served'      , 'served'  , 'all'),
	('appointments.view'                          , '-'  , '-'   , 'own'   , 'all'         , 'all'     , 'all'),
	('performing_events.enroll'                   , '-'  , '-'   , 'served', 'served'      , 'served'  , 'all'),
	('attendance.take'                            , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('attendance.batch_take'                      , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.cancel'                        , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.book'                          , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.reschedule'                    , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.change_location'               , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.change_room'                   , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.change_staff'                  , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('appointments.override_status'               , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('appointments.create'                        , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('appointments.modify'                        , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('appointments.delete'                        , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('sessions.enroll_clients'                    , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('sessions.plan'                              , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('events.plan'                                , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('calendar.batch_update'                      , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('calendar.batch_cancel'                      , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('calendar.batch_email_clients'               , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('subscriptions.update_settings'              , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('subscriptions.end'                          , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('subscriptions.put_on_hold'                  , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('invoices.edit'                              , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('service_credits.edit'                       , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('monetary_credits.view'                      , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('monetary_credits.edit'                      , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('invoices.process_payment'                   , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('payments.refund'                            , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('payments.void'                              , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('invoices.apply_discount'                    , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('invoices.void'                              , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('charges.process'                            , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('reports.overdue_invoices.view'              , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('staff.create'                               , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('staff.personal_information.view'            , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('staff.personal_information.edit'            , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('staff.availability.view'                    , '-'  , '-'   , '-'     , 'all'         , 'all'     , 'all'),
	('staff.availability.manage'                  , '-'  , '-'   , '-'     , '-'           , 'all'     , 'all'),
	('services.create'                            , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('services.modify'                            , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('services.delete'                            , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('locations.create'                           , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('locations.modify'                           , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('locations.delete'                           , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('financial_information.view'                 , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('dashboard.financial_metrics.view'           , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('business_settings.modify'                   , '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('business_settings.self_booking_links.create', '-'  , '-'   , '-'     , '-'           , '-'       , 'all'),
	('business_settings.modify_restricted'        , '-'  , '-'   , '-'     , '-'           , '-'       , 'all');

-- one line a cell: who stands for the role, and the scopes that are expected
CREATE TEMP VIEW cell AS
	SELECT r.ord, r.role, r.user_id, e.permission, r.expected
	FROM expected e,
		LATERAL (VALUES
			(1, 'visitor', NULL, visitor), (2, 'client', 'carl', client), (3, 'limited_staff', 'lena', limited_staff),
			(4, 'staff', 'sam', staff), (5, 'manager', 'mia', manager), (6, 'owner', 'olga', owner)
		) r (ord, role, user_id, expected);

-- cells that nobody may change: denied for good
CREATE TEMP TABLE locked AS
	SELECT r AS role, p AS permission
	FROM unnest('{visitor,client,limited_staff,staff,manager}'::text[]) r,
		unnest('{financial_information.view,dashboard.financial_metrics.view,business_settings.modify_restricted,
			services.create,services.modify,services.delete,appointments.create,appointments.modify,appointments.delete,
			locations.create,locations.modify,locations.delete}'::text[]) p
	UNION ALL
	VALUES ('visitor', 'self_booking.complete_booking'), ('client', 'staff_comments.view'), ('limited_staff', 'staff_comments.view')
	UNION ALL
	SELECT 'staff', p
	FROM unnest('{staff.create,staff.personal_information.edit,staff.availability.manage,pay_rates.view,pay_rates.edit,
		sessions.plan,events.plan,business_settings.modify,business_settings.self_booking_links.create}'::text[]) p;

-- cells that are off, what turning them on grants, and what is held by inheritance while they are off
CREATE TEMP TABLE toggle (role text, user_id text, permission text, scopes text, targets text[], inherited text DEFAULT '-');
INSERT INTO toggle VALUES
	('limited_staff', 'lena', 'attendance.take', 'own', NULL),
	('limited_staff', 'lena', 'attendance.batch_take', 'own', NULL),
	('limited_staff', 'lena', 'appointments.cancel', 'own', NULL),
	('limited_staff', 'lena', 'clients.personal_information.view', 'served', NULL),
	('limited_staff', 'lena', 'clients.personal_information.edit', 'served', NULL),
	('limited_staff', 'lena', 'account_managers.personal_information.view', 'served', NULL),
	('manager', 'mia', 'payroll.run', 'all', NULL),
	('manager', 'mia', 'pay_rates.view', 'all', '{limited_staff}'),
	('manager', 'mia', 'pay_rates.edit', 'all', '{limited_staff}');
-- "Limited staff can only view and interact with their own clients", and "you can customize individual limited staff's permissions"
INSERT INTO toggle
	SELECT 'limited_staff', 'lena', p, 'served'
	FROM unnest('{clients.schedules.view,clients.schedules.edit,staff_comments.post,sessions.enroll_clients,
		subscriptions.update_settings,subscriptions.end,subscriptions.put_on_hold,service_credits.edit,monetary_credits.view,monetary_credits.edit,
		invoices.edit,invoices.process_payment,invoices.apply_discount,invoices.void,payments.refund,payments.void,charges.process}'::text[]) p
	UNION ALL
	SELECT 'limited_staff', 'lena', p, 'own'
	FROM unnest('{appointments.book,appointments.reschedule,appointments.change_location,appointments.change_room,appointments.change_staff,appointments.override_status}'::text[]) p;
-- what they have as clients stays, and is added to
INSERT INTO toggle (role, user_id, permission, scopes, inherited)
	SELECT 'limited_staff', 'lena', p, 'self served', 'self'
	FROM unnest('{invoices.view,service_credits.view,client_comments.view}'::text[]) p;

\o /dev/null
CREATE ROLE regress_app_matrix;
GRANT SELECT ON expected, cell, locked, toggle TO regress_app_matrix;
SELECT ambit.trust_application('regress_app_matrix');

SELECT ambit.create_tenant('school', 'opus1');
SELECT ambit.add_member('school', u, jsonb_strip_nulls(jsonb_build_object('client', c, 'staff', s)))
FROM (VALUES ('carl', '1', NULL), ('lena', '2', '2'), ('sam', '3', '3'), ('mia', '4', '4'), ('olga', '5', '5')) v (u, c, s);
SELECT ambit.assign_role('school', u, r)
FROM (VALUES ('carl', 'client'), ('lena', 'limited_staff'), ('sam', 'staff'), ('mia', 'manager'), ('olga', 'owner')) v (u, r);

\o

-- the scopes that the current identity holds a permission in, in the words of the expected matrix
CREATE FUNCTION pg_temp.scopes(permission text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN s IS NULL OR s = '{}' THEN '-'
		WHEN 'all' = ANY (s) THEN 'all'
		ELSE (SELECT string_agg(DISTINCT e, ' ' ORDER BY e) FROM unnest(s) e) END
	FROM ambit.permission_scopes(permission::ambit.permission) s
$$;

SELECT plan((
	2								-- the keys
	+ 2 * (SELECT count(*) FROM cell)	-- scopes, held
	+ 2 * 6							-- effective permissions, and the question asked for somebody
	+ 4								-- targets
	+ 4								-- the feature
	+ 5 * (SELECT count(*) FROM toggle)
	+ 4								-- the page, and the exchange
	+ (SELECT count(*) FROM locked)
	+ 2								-- locks and members
)::integer);

/* ---- the keys ------------------------------------------------------------ */

SELECT is((SELECT count(*) FROM expected), 86::bigint, 'opus1 has 86 permissions');
SELECT results_eq(
	$$SELECT permission::text COLLATE "C" FROM ambit.template_permission WHERE template = 'opus1' ORDER BY 1$$,
	$$SELECT permission COLLATE "C" FROM expected ORDER BY 1$$,
	'the template has these permissions and no other');

/* ---- every permission of every role ---------------------------------------- */

SET ROLE regress_app_matrix;

SELECT ambit.assume('school', NULL);
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'visitor';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'visitor';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'visitor' AND expected <> '-'$$, 'visitor: the list of effective permissions is the same');

SELECT ambit.assume('school', 'carl');
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'client';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'client';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'client' AND expected <> '-'$$, 'client: the list of effective permissions is the same');

SELECT ambit.assume('school', 'lena');
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'limited_staff';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'limited_staff';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'limited_staff' AND expected <> '-'$$, 'limited staff: the list of effective permissions is the same');

SELECT ambit.assume('school', 'sam');
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'staff';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'staff';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'staff' AND expected <> '-'$$, 'staff: the list of effective permissions is the same');

SELECT ambit.assume('school', 'mia');
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'manager';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'manager';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'manager' AND expected <> '-'$$, 'manager: the list of effective permissions is the same');
SELECT is(ambit.permission_targets('staff.create'), '{limited_staff,staff}', 'manager: staff.create is towards limited staff and staff');
SELECT is(ambit.permission_targets('staff.personal_information.edit'), '{limited_staff,staff}', 'manager: staff.personal_information.edit is towards limited staff and staff');

SELECT ambit.assume('school', 'olga');
SELECT is(pg_temp.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE role = 'owner';
SELECT is(ambit.has_permission(permission::ambit.permission), expected <> '-', role || ' holds: ' || permission) FROM cell WHERE role = 'owner';
SELECT set_eq($$SELECT permission::text FROM ambit.effective_permissions()$$,
	$$SELECT permission FROM cell WHERE role = 'owner' AND expected <> '-'$$, 'owner: the list of effective permissions is the same');
SELECT is(ambit.permission_targets('staff.create'), NULL, 'owner: staff.create is towards anybody');
SELECT is(ambit.permission_targets('pay_rates.edit'), NULL, 'owner: pay_rates.edit is towards anybody');

/* ---- the question asked for somebody, by the DBA --------------------------- */

RESET ROLE;
SELECT ambit.logout();
SELECT is_empty(
	format($$SELECT permission FROM cell WHERE role = %L AND ambit.has_permission('school', user_id, permission::ambit.permission) IS DISTINCT FROM (expected <> '-')$$, r),
	r || ': the DBA gets the same answers')
FROM unnest('{visitor,client,limited_staff,staff,manager,owner}'::text[]) r;

/* ---- "(if enabled)" --------------------------------------------------------- */

SELECT ambit.set_feature('school', 'client_teacher_communication', true);
SET ROLE regress_app_matrix;
SELECT ambit.assume('school', NULL);
SELECT is(pg_temp.scopes('messages.send_to_teacher'), '-', 'communication enabled: not for visitors');
SELECT ambit.assume('school', 'carl');
SELECT is(pg_temp.scopes('messages.send_to_teacher'), 'self', 'communication enabled: client');
SELECT ambit.assume('school', 'lena');
SELECT is(pg_temp.scopes('messages.send_to_teacher'), 'self', 'communication enabled: limited staff, who are clients too');
RESET ROLE;
SELECT ambit.set_feature('school', 'client_teacher_communication', false);
SET ROLE regress_app_matrix;
SELECT ambit.assume('school', 'carl');
SELECT is(pg_temp.scopes('messages.send_to_teacher'), '-', 'communication disabled again');
RESET ROLE;

/* ---- what is off can be turned on, for one member and for the role ------------- */

CREATE FUNCTION pg_temp.scopes_of(who text, permission text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_matrix;
	PERFORM ambit.assume('school', who);
	answer := pg_temp.scopes(permission) || coalesce(' ' || ambit.permission_targets(permission::ambit.permission)::text, '');
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;

CREATE FUNCTION pg_temp.try_toggle(t toggle) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	granted text := t.scopes || coalesce(' ' || t.targets::text, '');
BEGIN
	PERFORM ambit.set_member_permission('school', t.user_id, t.permission::ambit.permission, true);
	RETURN NEXT is(pg_temp.scopes_of(t.user_id, t.permission), granted, format('%s: %s turned on for one member', t.role, t.permission));
	PERFORM ambit.set_member_permission('school', t.user_id, t.permission::ambit.permission, NULL);
	RETURN NEXT is(split_part(pg_temp.scopes_of(t.user_id, t.permission), ' ', 1), t.inherited, format('%s: %s back to what the role says', t.role, t.permission));
	PERFORM ambit.set_role_permission('school', t.role, t.permission::ambit.permission, true);
	RETURN NEXT is(pg_temp.scopes_of(t.user_id, t.permission), granted, format('%s: %s turned on for the role', t.role, t.permission));
	PERFORM ambit.set_member_permission('school', t.user_id, t.permission::ambit.permission, false);
	RETURN NEXT is(split_part(pg_temp.scopes_of(t.user_id, t.permission), ' ', 1), '-', format('%s: %s on for the role, off for one member', t.role, t.permission));
	PERFORM ambit.set_member_permission('school', t.user_id, t.permission::ambit.permission, NULL);
	PERFORM ambit.set_role_permission('school', t.role, t.permission::ambit.permission, false);
	RETURN NEXT is(split_part(pg_temp.scopes_of(t.user_id, t.permission), ' ', 1), t.inherited, format('%s: %s turned off for the role', t.role, t.permission));
END
$$;

SELECT pg_temp.try_toggle(t) FROM toggle t;

-- of what concerns a client's rows or an appointment, no toggle of limited staff reaches all
SELECT is_empty($$SELECT permission::text, cell FROM ambit.matrix('opus1') WHERE role = 'limited_staff' AND cell = 'off'
		AND permission::text ~ '^(clients|client_comments|staff_comments|account_managers|invoices|payments|charges|service_credits|monetary_credits|subscriptions|appointments|attendance)[.]'$$,
	'limited staff: "only ... their own clients": nothing of clients and appointments is left without a cell');

/* ---- the permissions page, export and import --------------------------------------- */

SELECT set_eq($$SELECT permission::text, cell FROM ambit.matrix('opus1') WHERE role = 'limited_staff' AND cell LIKE 'off (toggle)%' OR role = 'limited_staff' AND cell = 'self' AND permission::text ~ 'view$'$$,
	$$SELECT permission, CASE inherited WHEN '-' THEN 'off (toggle)' ELSE inherited END FROM toggle WHERE role = 'limited_staff'$$,
	'matrix(): limited staff: the toggles are off, or what clients have');
SELECT is_empty($$SELECT * FROM ambit.diff_template(ambit.export_template('opus1'))$$, 'export_template() and diff_template(): nothing differs');
SELECT is(ambit.import_template(ambit.export_template('opus1')), 'opus1', 'import_template() takes what was exported');

/* ---- what is locked stays as it is --------------------------------------------- */

SELECT throws_ok(format('SELECT ambit.set_role_permission(%L, %L, %L, true)', 'school', role, permission), '55000', NULL,
	role || ': ' || permission || ' is locked')
FROM locked;
SELECT throws_ok($$SELECT ambit.set_member_permission('school', 'mia', 'financial_information.view', true)$$, '55000', NULL,
	'a locked permission is refused to a single manager');
SELECT throws_ok($$SELECT ambit.set_member_permission('school', 'lena', 'staff_comments.view', true)$$, '55000', NULL,
	'a locked permission is refused to a single limited staff member');

SELECT * FROM finish();
ROLLBACK;
