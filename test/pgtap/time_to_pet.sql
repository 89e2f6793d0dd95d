/*
 * time_to_pet.sql
 *		The template time_to_pet, cell by cell: every permission of every role on
 *		every channel, what each toggle grants and turns with it, and that
 *		everything else is locked.
 *
 * The expected matrix stands here in full; it is not read from the template.
 * Its words:
 *
 *	never			off, and locked
 *	off SCOPES		a toggle that is off, and what turning it on grants
 *	SCOPES			on, and locked
 *	all@web			on that channel only
 *	(all where P if F)	held where the role has permission P, too, and feature F is on
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

CREATE TEMP TABLE expected (permission text, staff text, office_manager text, admin text);
INSERT INTO expected VALUES
	('schedule.view', 'own (all@web where schedule.company_calendar.view)', 'own (all@web where schedule.company_calendar.view)', 'own all@web'),
	('clients.view', 'assigned_clients', 'all', 'all'),
	('staff.profiles.view', 'own', 'own (all where staff.manage)', 'all'),
	('company_settings.access', 'never', 'never', 'all'),
	('gallery.view', 'never', 'all', 'all'),
	('tasks.view', 'never', 'all', 'all'),
	('admins.change_owner_admin_role', 'never', 'never', 'never'),
	('staff.change_role', 'never', '(all where staff.manage)', 'all'),
	('notifications.manage_own', 'off own', 'off own', 'own'),
	('company_settings.notification_settings.edit', 'never', 'never', 'all'),
	('staff.manage', 'never', 'off all', 'all'),
	('staff.notifications.manage', 'never', '(all where staff.manage)', 'all'),
	('happiness_scores.manage', 'never', '(all where staff.manage if happiness_score)', '(all if happiness_score)'),
	('pay_stubs.generate', 'never', '(all where staff.manage)', 'all'),
	('pay_stubs.generate_own', 'off own', 'off own', 'off own'),
	('time_off.request', 'own', 'own', 'own'),
	('time_off.request_without_approval', 'off own', 'off own', 'off own'),
	('time_off.approve', 'never', 'off all', 'all'),
	('time_off.manage_for_others', 'never', '(all where time_off.approve)', 'all'),
	('client_keys.manage', 'off assigned_clients@mobile', 'all', 'all'),
	('client_keys.view', 'assignee@mobile (assignee@mobile assigned_clients@mobile where client_keys.manage)', 'all', 'all'),
	('client_keys.reassign', 'assignee@mobile (assignee@mobile assigned_clients@mobile where client_keys.manage)', 'all', 'all'),
	('client_keys.assign_to_self', '(assigned_clients@mobile where client_keys.manage)', 'all', 'all'),
	('clients.details.view', 'assigned_clients', 'all', 'all'),
	('clients.details.edit', 'off assigned_clients@web', 'all@web', 'all@web'),
	('clients.create', 'never', 'all', 'all'),
	('messages.post', 'assigned_clients', 'all', 'all'),
	('messages.post_without_approval', 'off assigned_clients', 'off all', 'off all'),
	('messages.private_message', 'never', 'off (all if private_messaging)', '(all if private_messaging)'),
	('messages.approve', 'never', 'off all', 'all'),
	('clients.approve_new', 'never', 'off (all if client_signup_with_approval)', '(all if client_signup_with_approval)'),
	('clients.schedule.view', 'off assigned_clients', 'all', 'all'),
	('clients.history.view', 'never', 'off all', 'all'),
	('services.manage', 'never', 'off all', 'all'),
	('packages.manage', 'never', 'off all', 'all'),
	('packages.redeem_services', 'never', 'all', 'all'),
	('schedule.company_calendar.view', 'off all@web', 'off all@web', 'all@web'),
	('time_off.company_calendar.view', 'off all', 'off all', 'all'),
	('time_off.view', 'own (all where time_off.company_calendar.view)', 'own (all where time_off.company_calendar.view)', 'all'),
	('scheduling.manage', 'never', 'all', 'all'),
	('templates.manage', 'never', 'off all', 'all'),
	('schedule_blocks.manage', 'never', 'off all', 'all'),
	('scheduler_settings.configure', 'never', 'off all', 'all'),
	('events.complete', 'own', 'own', 'all'),
	('events.complete_without_message', 'off own', 'off own', 'all'),
	('events.complete_from_scheduler', 'never', 'all@web', 'all@web'),
	('invoices.manage', 'never', 'off all', 'all'),
	('payments.charge', 'never', 'off all', 'all'),
	('payments.charge_bulk', 'never', '(all where payments.charge and invoices.manage)', 'all'),
	('invoice_settings.configure', 'never', 'off all', 'all'),
	('reports.schedules.generate', 'never', 'off all', 'all'),
	('reports.revenue.generate', 'never', 'off all', 'all'),
	('reports.payments_and_sales.generate', 'never', 'off all', 'all'),
	('payments.payout_screens.view', 'never', 'never', 'all'),
	('reports.clients.generate', 'never', 'off all', 'all'),
	('messages.bulk_email_clients', 'never', 'off all', 'all');

-- one line a cell: who stands for the role, and what is expected
CREATE TEMP TABLE cell AS
	SELECT r.role, r.user_id, e.permission, r.words
	FROM expected e,
		LATERAL (VALUES
			('trainee', 'tina', staff), ('staff', 'sven', staff), ('office_manager', 'olive', office_manager),
			('admin', 'adam', admin), ('owner_admin', 'oscar', admin)
		) r (role, user_id, words);

-- toggles that turn others with them: the cells that the call returns, when all else is as the template has it
CREATE TEMP TABLE turned (role text, permission text, turned_on text[], turned_off text[]);
INSERT INTO turned VALUES
	('trainee', 'client_keys.manage', '{client_keys.assign_to_self}', '{client_keys.assign_to_self}'),
	('staff', 'client_keys.manage', '{client_keys.assign_to_self}', '{client_keys.assign_to_self}'),
	('office_manager', 'staff.manage', '{happiness_scores.manage,pay_stubs.generate,staff.change_role,staff.notifications.manage}',
		'{happiness_scores.manage,pay_stubs.generate,staff.change_role,staff.notifications.manage}'),
	('office_manager', 'time_off.approve', '{time_off.company_calendar.view,time_off.manage_for_others}', '{time_off.manage_for_others}'),
	('office_manager', 'invoice_settings.configure', '{invoices.manage}', '{}');

\o /dev/null
CREATE ROLE regress_app_pets;
GRANT SELECT ON expected, cell TO regress_app_pets;
SELECT ambit.trust_application('regress_app_pets');

SELECT ambit.create_tenant('walkies', 'time_to_pet');
SELECT ambit.add_member('walkies', u, jsonb_build_object('staff', s))
FROM (VALUES ('tina', '1'), ('sven', '2'), ('olive', '3'), ('adam', '4'), ('oscar', '5')) v (u, s);
SELECT ambit.assign_role('walkies', u, r)
FROM (VALUES ('tina', 'trainee'), ('sven', 'staff'), ('olive', 'office_manager'), ('adam', 'admin'), ('oscar', 'owner_admin')) v (u, r);
\o

-- the scopes in which the current identity holds a permission; what "all" makes superfluous is left out
CREATE FUNCTION pg_temp.scopes(permission text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN s IS NULL OR s = '{}' THEN '-'
		WHEN 'all' = ANY (s) THEN 'all'
		ELSE (SELECT string_agg(DISTINCT e, ' ' ORDER BY e) FROM unnest(s) e) END
	FROM ambit.permission_scopes(permission::ambit.permission) s
$$;

-- the same out of the words of the matrix, for a channel (NULL: none)
CREATE FUNCTION pg_temp.meant(words text, channel text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN count(*) = 0 THEN '-'
		WHEN bool_or(scope = 'all') THEN 'all'
		ELSE string_agg(DISTINCT scope, ' ' ORDER BY scope) END
	FROM (SELECT split_part(w, '@', 1) AS scope, split_part(w, '@', 2) AS place FROM regexp_split_to_table(trim(words), ' +') w) e
	WHERE scope NOT IN ('', '-') AND place IN ('', channel)
$$;

-- what a role holds before anything is turned on
CREATE FUNCTION pg_temp.default_of(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN words ~ '^(off|never)' THEN '-' ELSE regexp_replace(words, '\(.*\)', '') END
$$;

-- somebody's scopes without a channel, on the web and in the app
CREATE FUNCTION pg_temp.everywhere(who text, permission text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text[];
	channel text;
BEGIN
	SET LOCAL ROLE regress_app_pets;
	FOREACH channel IN ARRAY '{NULL,web,mobile}'::text[] LOOP
		PERFORM ambit.assume('walkies', who, channel);
		answer := answer || pg_temp.scopes(permission);
		PERFORM ambit.logout();
	END LOOP;
	RESET ROLE;
	RETURN array_to_string(answer, ', ');
END
$$;
CREATE FUNCTION pg_temp.meant_everywhere(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT concat_ws(', ', pg_temp.meant(words, NULL), pg_temp.meant(words, 'web'), pg_temp.meant(words, 'mobile'))
$$;

-- what the call returns: "+" in front of what came on, "-" of what went off
CREATE FUNCTION pg_temp.set_role(role text, permission text, enabled boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(CASE WHEN c.enabled THEN '+' ELSE '-' END || c.permission::text, ' ' ORDER BY c.permission::text COLLATE "C")
		FROM ambit.set_role_permission('walkies', role, permission::ambit.permission, enabled) c);
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.signed(sign text, permissions text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(sign || p, ' ' ORDER BY p COLLATE "C") FROM unnest(permissions) p
$$;
CREATE FUNCTION pg_temp.set_features(enabled boolean) RETURNS SETOF void LANGUAGE sql AS $$
	SELECT ambit.set_feature('walkies', f, enabled) FROM unnest('{happiness_score,private_messaging,client_signup_with_approval}'::text[]) f
$$;

SELECT plan((
	3											-- keys and roles
	+ (SELECT count(*) FROM cell) + 3 * 5			-- what is held
	+ 5											-- and by the DBA
	+ 6 * (SELECT count(*) FROM cell WHERE words ~ '^off' AND role <> 'owner_admin')
	+ 3 * (SELECT count(*) FROM cell WHERE words ~ ' where ')
	+ 2 * (SELECT count(*) FROM cell WHERE words ~ '^\(all if ')
	+ (SELECT count(*) FROM cell WHERE words !~ '^off')
	+ 3											-- and of the owner admin as of admins
	+ 5 + 9										-- the permissions page
	+ 5											-- targets
	+ 9											-- the owner admin
)::integer);

/* ---- keys and roles ---------------------------------------------------------- */

SELECT is((SELECT count(*) FROM expected), 56::bigint, 'time_to_pet has 56 permissions');
SELECT results_eq(
	$$SELECT permission::text COLLATE "C" FROM ambit.template_permission WHERE template = 'time_to_pet' ORDER BY 1$$,
	$$SELECT permission COLLATE "C" FROM expected ORDER BY 1$$,
	'the template has these permissions and no other');
SELECT results_eq(
	$$SELECT role COLLATE "C", rank, single FROM ambit.template_role WHERE template = 'time_to_pet' ORDER BY rank$$,
	$$VALUES ('trainee' COLLATE "C", 1, false), ('staff', 2, false), ('office_manager', 3, false), ('admin', 4, false), ('owner_admin', 5, true)$$,
	'"one of four roles", and the owner admin, whom one alone can be');

/* ---- every permission of every role, before anything is turned on --------------- */

SELECT is(pg_temp.everywhere(user_id, permission), pg_temp.meant_everywhere(pg_temp.default_of(words)), role || ': ' || permission || ': ' || words)
FROM cell;

CREATE FUNCTION pg_temp.try_lists(who text, of_role text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	channel text;
BEGIN
	FOREACH channel IN ARRAY '{NULL,web,mobile}'::text[] LOOP
		SET LOCAL ROLE regress_app_pets;
		PERFORM ambit.assume('walkies', who, channel);
		RETURN NEXT results_eq(
			format($q$SELECT permission COLLATE "C" FROM cell WHERE role = %L
				AND ambit.has_permission(permission::ambit.permission)
				AND permission IN (SELECT e.permission::text FROM ambit.effective_permissions() e) ORDER BY 1$q$, of_role),
			format($q$SELECT permission COLLATE "C" FROM cell WHERE role = %L AND pg_temp.meant(pg_temp.default_of(words), %L) <> '-' ORDER BY 1$q$, of_role, channel),
			format('%s, channel %s: has_permission() and effective_permissions() say the same', of_role, coalesce(channel, 'none')));
		PERFORM ambit.logout();
		RESET ROLE;
	END LOOP;
END
$$;
SELECT pg_temp.try_lists(user_id, role) FROM cell WHERE permission = 'clients.view';

SELECT is_empty(
	format($$SELECT permission FROM cell WHERE role = %L
		AND ambit.has_permission('walkies', user_id, permission::ambit.permission) IS DISTINCT FROM (pg_temp.meant(pg_temp.default_of(words), NULL) <> '-')$$, r),
	r || ': the DBA gets the same answers')
FROM unnest('{trainee,staff,office_manager,admin,owner_admin}'::text[]) r;

/* ---- toggles: off, on with what they require, and off again ------------------------- */

CREATE FUNCTION pg_temp.try_toggle(c cell) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	granted text := regexp_replace(regexp_replace(c.words, '^off \(?', ''), ' if .*', '');
	feature text := substring(c.words, ' if (.*)\)');
	with_it turned;
BEGIN
	SELECT * INTO with_it FROM turned w WHERE w.role = c.role AND w.permission = c.permission;
	RETURN NEXT is(pg_temp.set_role(c.role, c.permission, true), pg_temp.signed('+', c.permission || coalesce(with_it.turned_on, '{}')),
		format('%s: %s turned on, and what goes with it', c.role, c.permission));
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), pg_temp.meant_everywhere(CASE WHEN feature IS NULL THEN granted ELSE '-' END),
		format('%s: %s is %s', c.role, c.permission, CASE WHEN feature IS NULL THEN granted ELSE 'nothing without ' || feature END));
	PERFORM pg_temp.set_features(true);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), pg_temp.meant_everywhere(granted),
		format('%s: %s is %s with all features', c.role, c.permission, granted));
	PERFORM ambit.set_member_permission('walkies', c.user_id, c.permission::ambit.permission, false);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), '-, -, -',
		format('%s: %s is off for one member', c.role, c.permission));
	PERFORM ambit.set_member_permission('walkies', c.user_id, c.permission::ambit.permission, NULL);
	RETURN NEXT is(pg_temp.set_role(c.role, c.permission, false), pg_temp.signed('-', c.permission || coalesce(with_it.turned_off, '{}')),
		format('%s: %s turned off, and what goes with it', c.role, c.permission));
	PERFORM ambit.set_role_permission('walkies', c.role, k::ambit.permission, NULL) FROM unnest(with_it.turned_on) k;
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), '-, -, -',
		format('%s: %s is off with all features', c.role, c.permission));
	PERFORM pg_temp.set_features(false);
END
$$;
SELECT pg_temp.try_toggle(c) FROM cell c WHERE words ~ '^off' AND role <> 'owner_admin';

/* ---- what holds where another permission does ------------------------------------- */

CREATE FUNCTION pg_temp.try_condition(c cell) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	scopes text := regexp_replace(substring(c.words, '\((.*) where '), '^own', '');
	needed text[] := string_to_array(substring(c.words, ' where ([a-z_. ]*?)(?: if |\))'), ' and ');
	before text := pg_temp.meant_everywhere(pg_temp.default_of(c.words));
	permission text;
BEGIN
	PERFORM pg_temp.set_features(true);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), before, format('%s: %s without %s', c.role, c.permission, needed));
	FOREACH permission IN ARRAY needed LOOP
		IF permission = needed[array_upper(needed, 1)] AND array_length(needed, 1) > 1 THEN
			IF pg_temp.everywhere(c.user_id, c.permission) <> before THEN
				RAISE 'one of two requirements is enough for %', c.permission;
			END IF;
		END IF;
		PERFORM pg_temp.set_role(c.role, permission, true);
	END LOOP;
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), pg_temp.meant_everywhere(regexp_replace(c.words, '\(.*\)', '') || ' ' || scopes),
		format('%s: %s with %s', c.role, c.permission, needed));
	PERFORM pg_temp.set_role(c.role, needed[1], false);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), before, format('%s: %s again without %s', c.role, c.permission, needed[1]));
	PERFORM ambit.set_role_permission('walkies', c.role, k.permission::ambit.permission, NULL) FROM ambit.tenant_cell k WHERE k.tenant = 'walkies' AND k.role = c.role;
	PERFORM pg_temp.set_features(false);
END
$$;
SELECT pg_temp.try_condition(c) FROM cell c WHERE words ~ ' where ';

CREATE FUNCTION pg_temp.try_feature(c cell) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	feature text := substring(c.words, ' if (.*)\)');
BEGIN
	PERFORM pg_temp.set_features(true);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), 'all, all, all', format('%s: %s with %s', c.role, c.permission, feature));
	PERFORM ambit.set_feature('walkies', feature, false);
	RETURN NEXT is(pg_temp.everywhere(c.user_id, c.permission), '-, -, -', format('%s: %s without %s', c.role, c.permission, feature));
	PERFORM pg_temp.set_features(false);
END
$$;
SELECT pg_temp.try_feature(c) FROM cell c WHERE words ~ '^\(all if ';

/* ---- everything else is locked ------------------------------------------------------ */

SELECT is(pg_temp.set_role(role, permission, true) || ' ' || pg_temp.set_role(role, permission, false), '55000 55000',
	format('%s: "Certain permissions are fundamental to each user role and are inherently restricted from being toggled on or off": %s is locked', role, permission))
FROM cell WHERE words !~ '^off';

-- what is locked for admins is locked for the owner admin, cell by cell: a role takes from those that it inherits what they have, and not their locks
CREATE FUNCTION pg_temp.locked(of_role text) RETURNS TABLE (permission text, enabled boolean, requires text[], entries jsonb) LANGUAGE sql AS $$
	SELECT c.permission::text COLLATE "C", c.enabled, c.requires::text[],
		(SELECT jsonb_agg(to_jsonb(e) - '{template,role,permission}'::text[] ORDER BY e.ordinal) FROM ambit.template_entry e
			WHERE e.template = c.template AND e.role = c.role AND e.permission OPERATOR(ambit.=) c.permission)
	FROM ambit.template_cell c WHERE c.template = 'time_to_pet' AND c.role = of_role AND c.locked ORDER BY 1
$$;
SELECT results_eq($$SELECT * FROM pg_temp.locked('owner_admin')$$, $$SELECT * FROM pg_temp.locked('admin')$$, 'owner admin: "nearly all the permissions and functionalities that the account owner possesses": the locked cells of admins');
SELECT is((SELECT count(*) FROM ambit.template_cell c WHERE c.template = 'time_to_pet' AND c.role = 'owner_admin' AND NOT c.locked), 0::bigint, 'owner admin: the toggles are those of admins');
SELECT is_empty($$SELECT * FROM ambit.diff_template(ambit.export_template('time_to_pet'))$$, 'the template exported is the template');

/* ---- the permissions page ------------------------------------------------------------- */

SELECT results_eq(
	format($$SELECT permission::text COLLATE "C", CASE WHEN cell LIKE 'off%%' THEN cell WHEN cell LIKE '%%, locked' THEN 'on, locked' ELSE cell END
		FROM ambit.matrix('time_to_pet') WHERE role = %L ORDER BY 1$$, r),
	format($$SELECT permission COLLATE "C", CASE
			WHEN words ~ '^off' AND role = 'owner_admin' THEN 'off'
			WHEN words = 'never' THEN 'off, locked'
			WHEN words ~ '^off' THEN 'off (toggle)'
			ELSE 'on, locked' END
		FROM cell WHERE role = %L ORDER BY 1$$, r),
	r || ': matrix() says what is locked, and what is a toggle')
FROM unnest('{trainee,staff,office_manager,admin,owner_admin}'::text[]) r;
SELECT is((SELECT m.cell FROM ambit.matrix('time_to_pet') m WHERE m.role = v.role AND m.permission::text = v.permission), v.expected,
	format('matrix(): %s of %s', v.permission, v.role))
FROM (VALUES
	('staff', 'clients.view', 'assigned_clients, locked'),
	('staff', 'time_off.view', 'own; all where time_off.company_calendar.view, locked'),
	('trainee', 'client_keys.view', 'assignee on mobile; assigned_clients on mobile where client_keys.manage, locked'),
	('office_manager', 'time_off.approve', 'off (toggle)'),
	('office_manager', 'payments.charge_bulk', 'all where payments.charge and invoices.manage, locked'),
	('admin', 'clients.details.edit', 'all on web, locked'),
	('admin', 'messages.private_message', 'all with private_messaging, locked'),
	('owner_admin', 'services.manage', 'all, locked'),
	('owner_admin', 'admins.change_owner_admin_role', 'off, locked')
) v (role, permission, expected);

/* ---- towards whom ---------------------------------------------------------------------- */

CREATE FUNCTION pg_temp.towards(who text, permission text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SET LOCAL ROLE regress_app_pets;
	PERFORM ambit.assume('walkies', who, 'web');
	answer := (SELECT string_agg(u, ' ' ORDER BY n) FROM unnest('{tina,sven,olive,adam,oscar}'::text[]) WITH ORDINALITY m (u, n)
		WHERE ambit.has_permission(permission::ambit.permission, u));
	PERFORM ambit.logout();
	RESET ROLE;
	RETURN answer;
END
$$;
SELECT is(pg_temp.towards('adam', 'staff.change_role'), 'tina sven olive adam', 'admin: changes roles of all but the owner admin');
SELECT is(pg_temp.towards('oscar', 'staff.change_role'), 'tina sven olive adam', 'owner admin: changes roles of all others');
SELECT is(pg_temp.towards('olive', 'staff.change_role'), NULL, 'office manager: changes nobody''s role');
SELECT is(pg_temp.set_role('office_manager', 'staff.manage', true) <> '', true, 'office manager: Manage Staff turned on');
SELECT is(pg_temp.towards('olive', 'staff.change_role'), 'tina sven olive', 'office manager who manages staff: changes roles below admin');

/* ---- the owner admin ---------------------------------------------------------------------- */

SELECT throws_ok($$SELECT ambit.assign_role('walkies', 'adam', 'owner_admin')$$, '55000', NULL, 'a second owner admin is refused');
SELECT throws_ok($$SELECT ambit.change_role('walkies', 'adam', 'admin', 'owner_admin')$$, '55000', NULL, 'also by a change of role');
SELECT is(pg_temp.set_role('owner_admin', 'admins.change_owner_admin_role', true), '55000', 'owner admin: the own role is not to be turned on either');
SELECT is(pg_temp.set_role('admin', 'messages.post_without_approval', true), '+messages.post_without_approval', 'admin: a toggle turned on');
SELECT is(pg_temp.everywhere('oscar', 'messages.post_without_approval'), 'all, all, all', 'owner admin: has what admin has, at once');
SELECT is(pg_temp.set_role('admin', 'messages.post_without_approval', false), '-messages.post_without_approval', 'admin: the toggle turned off');
SELECT is(pg_temp.everywhere('oscar', 'messages.post_without_approval'), '-, -, -', 'owner admin: does not have what admin does not have');
SELECT throws_ok($$SELECT ambit.set_member_permission('walkies', 'oscar', 'services.manage', false)$$, '55000', NULL, 'owner admin: what is locked for admin is locked for the owner admin');
SELECT throws_ok($$SELECT ambit.set_member_permission('walkies', 'tina', 'staff.manage', true)$$, '55000', NULL, 'trainee: what is locked is not for a single member either');

SELECT * FROM finish();
ROLLBACK;
