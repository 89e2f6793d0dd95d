/*
 * jrni.sql
 *		The template jrni: every cell of every role, and every sentence of the
 *		document on a company with a parent, child companies and staff groups.
 *
 * The expected matrix stands here in full; it is not read from the template.
 * A test's description quotes the document.  A write is tried and undone
 * (t.outcome), so that the rows stay as they are set up.
 */
\set QUIET 1
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS ambit;

BEGIN;

\o /dev/null
CREATE ROLE regress_app_jrni;
CREATE ROLE regress_app_stranger;

/* ---- what is expected ------------------------------------------------------- */

CREATE TEMP TABLE expected (permission text, call_center text, "user" text, user_plus text, manager text, administrator text, owner text);
INSERT INTO expected VALUES
	('menus.home.view'          , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('menus.your_business.view' , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('menus.other.view'         , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('call_center.view'         , 'all', '-'  , '-'  , '-'  , 'all', 'all'),
	('calendar.view'            , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('agenda.view'              , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('check_ins.view'           , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('check_ins.manage'         , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('customers.view'           , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('customers.create'         , '-'  , 'all', 'all', 'all', 'all', 'all'),
	('customers.manage'         , 'all', 'all', 'all', 'all', 'all', 'all'),
	('bookings.manage'          , 'all', 'all', 'all', 'all', 'all', 'all'),
	('bookings.search'          , 'all', '-'  , '-'  , '-'  , 'all', 'all'),
	('bookings.make'            , 'all', '-'  , '-'  , '-'  , 'all', 'all'),
	('bookings.move'            , 'all', '-'  , '-'  , '-'  , 'all', 'all'),
	('bookings.cancel'          , 'all', '-'  , '-'  , '-'  , 'all', 'all'),
	('categories.create'        , '-'  , 'all', '-'  , '-'  , 'all', 'all'),
	('categories.edit'          , '-'  , 'all', '-'  , '-'  , 'all', 'all'),
	('categories.delete'        , '-'  , 'all', '-'  , '-'  , 'all', 'all'),
	('services.view'            , '-'  , '-'  , 'all', 'all', 'all', 'all'),
	('services.create'          , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('services.edit'            , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('services.delete'          , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('staff.view'               , '-'  , 'own', 'all', 'all', 'all', 'all'),
	('staff.create'             , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('staff.edit'               , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('staff.delete'             , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('staff.what_and_where.edit', '-'  , '-'  , '-'  , 'all', 'all', 'all'),
	('staff.schedules.create'   , '-'  , '-'  , 'all', 'all', 'all', 'all'),
	('staff.schedules.edit'     , '-'  , '-'  , 'all', 'all', 'all', 'all'),
	('staff.schedules.delete'   , '-'  , '-'  , 'all', 'all', 'all', 'all'),
	('users.create'             , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('users.manage'             , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('business.view'            , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('business.edit'            , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('settings.basic.view'      , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('settings.basic.edit'      , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('settings.advanced.view'   , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('settings.advanced.edit'   , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('integrations.manage'      , '-'  , '-'  , '-'  , '-'  , '-'  , 'all'),
	('resources.manage'         , '-'  , '-'  , '-'  , '-'  , 'all', 'all'),
	('events.manage'            , '-'  , '-'  , '-'  , '-'  , 'all', 'all');

-- one line a cell: who stands for the role, company-wide and at one child
CREATE TEMP VIEW cell AS
	SELECT r.role, r.user_id, r.role || ' at london' AS child_id, e.permission, r.expected
	FROM expected e,
		LATERAL (VALUES
			('call_center', 'cal', call_center), ('user', 'anna', "user"), ('user_plus', 'paul', user_plus),
			('manager', 'max', manager), ('administrator', 'ada', administrator), ('owner', 'olga', owner)
		) r (role, user_id, expected);

-- "Cannot" and "only": denied for good
CREATE TEMP TABLE locked (role text, words text, permissions text[]);
INSERT INTO locked VALUES
	('administrator', '"Cannot: Create new users"', '{users.create,users.manage}'),
	('administrator', '"Cannot: Access / edit Business tab (such as company information)"', '{business.view,business.edit}'),
	('administrator', '"Cannot: Access / edit Basic Settings and Advanced Settings (includes settings such as notifications, API, pricing, integrations, and payments)"',
		'{settings.basic.view,settings.basic.edit,settings.advanced.view,settings.advanced.edit,integrations.manage}'),
	('user', '"Cannot: Create, edit or delete Services"', '{services.create,services.edit,services.delete}'),
	('user', '"Cannot: Create, edit or delete Staff"', '{staff.create,staff.edit,staff.delete}'),
	('user', '"Cannot: Create or edit Staff Schedules"', '{staff.schedules.create,staff.schedules.edit}'),
	('user', '"Cannot: Edit Staff What & Where settings"', '{staff.what_and_where.edit}'),
	('user', '"Cannot: Create new users"', '{users.create,users.manage}'),
	('user_plus', '"Cannot: Create, edit or delete Services"', '{services.create,services.edit,services.delete}'),
	('user_plus', '"Cannot: Create, edit or delete Staff"', '{staff.create,staff.edit,staff.delete}'),
	('user_plus', '"Cannot: Edit Staff What & Where settings"', '{staff.what_and_where.edit}'),
	('user_plus', '"Cannot: Create new users"', '{users.create,users.manage}'),
	('user_plus', '"Cannot: Create, edit or delete categories"', '{categories.create,categories.edit,categories.delete}'),
	('manager', '"Cannot: Create, edit or delete categories"', '{categories.create,categories.edit,categories.delete}'),
	('manager', '"Cannot: Create, edit or delete Services"', '{services.create,services.edit,services.delete}'),
	('manager', '"Cannot: Create, edit or delete Staff"', '{staff.create,staff.edit,staff.delete}'),
	('manager', '"Cannot: Create new users"', '{users.create,users.manage}'),
	('call_center', '"Access to dedicated Call Center page only"',
		'{menus.home.view,menus.your_business.view,menus.other.view,calendar.view,agenda.view,check_ins.view,services.view,staff.view,business.view,settings.basic.view,settings.advanced.view}');
INSERT INTO locked
	SELECT r, '"Cannot: Access any other menu items available to Administrator or Owner"',
		'{menus.other.view,business.view,business.edit,settings.basic.view,settings.basic.edit,settings.advanced.view,settings.advanced.edit}'
	FROM unnest('{user,user_plus,manager}'::text[]) r;

-- what a command does for each role, company-wide; filled below
CREATE TEMP TABLE attempt (n serial, words text, command text, call_center text, "user" text, user_plus text, manager text, administrator text, owner text);
GRANT SELECT ON expected, cell, locked, attempt TO regress_app_jrni;

/* ---- the application's tables ------------------------------------------------- */

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_app_jrni, regress_app_stranger;
\ir include/rows.sql

-- what belongs to a location
CREATE TEMP TABLE place_table AS
	SELECT unnest('{customers,categories,services,resources,events,integrations,company,basic_settings,advanced_settings,users}'::text[]) AS name;
-- what belongs to a staff member at a location
CREATE TEMP TABLE staff_table AS
	SELECT unnest('{bookings,call_center_page,calendar,agenda,check_ins,staff_places,schedules}'::text[]) AS name;

DO $$
DECLARE
	r text;
BEGIN
	FOR r IN SELECT name FROM place_table LOOP
		EXECUTE format('CREATE TABLE app.%I (tenant text NOT NULL DEFAULT ''co'', location text, id bigint PRIMARY KEY, name text)', r);
	END LOOP;
	FOR r IN SELECT name FROM staff_table LOOP
		EXECUTE format('CREATE TABLE app.%I (tenant text NOT NULL DEFAULT ''co'', location text, id bigint PRIMARY KEY, staff_id bigint, team text, at timestamptz DEFAULT now())', r);
	END LOOP;
END $$;
CREATE TABLE app.staff (tenant text NOT NULL DEFAULT 'co', location text, id bigint PRIMARY KEY, name text);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_app_jrni, regress_app_stranger;

/* ---- the company: a parent, its child companies, and one that is seven deep ------ */

SELECT ambit.create_tenant('co', 'jrni', 'A company'), ambit.create_tenant('rival', 'jrni', 'Another company');
SELECT ambit.add_location(tenant, location, parent)
FROM (VALUES ('hq', NULL), ('london', 'hq'), ('paris', 'hq'), ('leeds', 'hq'), ('soho', 'london'),
	('north', 'hq'), ('scotland', 'north'), ('glasgow', 'scotland'), ('west_end', 'glasgow'), ('arcade', 'west_end'), ('kiosk', 'arcade')) l (location, parent),
	unnest('{co,rival}'::text[]) tenant;
SELECT ambit.add_member('co', u, k::jsonb)
FROM (VALUES
	('cal', '{}'), ('paul', '{}'), ('max', '{}'), ('ada', '{}'), ('olga', '{}'),	-- one a role, at the parent
	('anna', '{"staff": "21"}'),		-- user at the parent, assigned to a staff member
	('una', '{}'),						-- user at the parent, assigned to no staff member
	('bob', '{"staff": "22"}'),		-- staff, of the barbers
	('wanda', '{}'),					-- owner of everything, no location given
	('mia', '{"staff": "41"}'),		-- owner at one location, administrator at another, user at a third
	('tom', '{"staff": "24"}'),		-- works at two of the three locations
	('tom at london', '{"staff": "24"}'), ('tom at paris', '{"staff": "24"}'),
	('dora', '{}'),						-- manager, four levels down
	('pete', '{"staff": "23"}'),		-- limited to himself
	('pia', '{"staff": "22"}'),		-- limited to herself, at the parent
	('gus', '{}'),						-- limited to a staff group
	('cleo', '{}'),						-- call center of two locations
	('nemo', '{"staff": "21"}')) v (u, k);		-- a member without a role
SELECT ambit.add_member('co', r || ' at london') FROM unnest('{call_center,user,user_plus,manager,administrator,owner}'::text[]) r;
SELECT ambit.add_group('co', g) FROM unnest('{stylists,barbers}'::text[]) g;
SELECT ambit.add_to_group('co', 'stylists', 'anna'), ambit.add_to_group('co', 'barbers', 'bob');

SELECT ambit.assign_role('co', u, r, l)
FROM (VALUES ('cal', 'call_center', 'hq'), ('anna', 'user', 'hq'), ('una', 'user', 'hq'), ('paul', 'user_plus', 'hq'), ('max', 'manager', 'hq'),
	('ada', 'administrator', 'hq'), ('olga', 'owner', 'hq'), ('wanda', 'owner', NULL),
	('mia', 'owner', 'london'), ('mia', 'administrator', 'paris'), ('mia', 'user', 'leeds'),
	('tom', 'user', 'london'), ('tom', 'user', 'paris'), ('tom at london', 'user', 'london'), ('tom at paris', 'user', 'paris'),
	('dora', 'manager', 'scotland'), ('cleo', 'call_center', 'london'), ('cleo', 'call_center', 'paris')) v (u, r, l);
SELECT ambit.assign_role('co', r || ' at london', r, 'london') FROM unnest('{call_center,user,user_plus,manager,administrator,owner}'::text[]) r;
SELECT ambit.assign_role('co', 'pete', 'user', 'london', only_self => true);
SELECT ambit.assign_role('co', 'pia', 'user_plus', 'hq', only_self => true);
SELECT ambit.assign_role('co', 'gus', 'manager', 'london', only_group => 'stylists');
-- the same ids again in the other tenant
SELECT ambit.add_member('rival', 'anna', '{"staff": "21"}');
SELECT ambit.assign_role('rival', 'anna', 'owner', 'hq');

-- one row a location, one without a location, one of the rival's: ids 1 to 9
DO $$
DECLARE
	r text;
BEGIN
	FOR r IN SELECT name FROM place_table LOOP
		EXECUTE format($i$INSERT INTO app.%I (tenant, location, id) VALUES ('co', 'hq', 1), ('co', 'london', 2), ('co', 'paris', 3), ('co', 'leeds', 4),
			('co', 'soho', 5), ('co', 'kiosk', 7), ('co', NULL, 8), ('rival', 'london', 9)$i$, r);
	END LOOP;
	FOR r IN SELECT name FROM staff_table LOOP
		EXECUTE format($i$INSERT INTO app.%I (tenant, location, id, staff_id) VALUES ('co', 'hq', 11, 11), ('co', 'london', 21, 21), ('co', 'london', 22, 22),
			('co', 'london', 23, 23), ('co', 'london', 24, 24), ('co', 'paris', 31, 21), ('co', 'paris', 33, 23), ('co', 'paris', 34, 24), ('co', 'leeds', 41, 41), ('co', 'leeds', 44, 24),
			('co', 'kiosk', 71, 71), ('co', NULL, 81, 21), ('rival', 'london', 91, 21)$i$, r);
	END LOOP;
END $$;
INSERT INTO app.calendar (location, id, team) VALUES ('london', 25, 'stylists'), ('london', 26, 'barbers'), ('paris', 35, 'stylists');
INSERT INTO app.staff (tenant, location, id) VALUES ('co', 'hq', 11), ('co', 'london', 21), ('co', 'london', 22), ('co', 'london', 23), ('co', 'london', 24),
	('co', 'leeds', 41), ('co', 'kiosk', 71), ('rival', 'london', 91);

/* ---- protection: which permission each table asks for ----------------------------- */

SELECT ambit.protect('app.' || name, tenant => 'tenant', location => 'location') FROM place_table WHERE name <> 'customers';
SELECT ambit.protect('app.' || name, tenant => 'tenant', location => 'location', owner => 'staff_id', team => 'team') FROM staff_table;
SELECT ambit.protect('app.staff', tenant => 'tenant', location => 'location', owner => 'id');
SELECT ambit.protect('app.customers', tenant => 'tenant', location => 'location', client => 'id');
SELECT ambit.add_rule('app.' || r, c, p::ambit.permission)
FROM (VALUES
	('customers', '{select}'::text[], 'customers.view'),
	('customers', '{insert}', 'customers.create'),
	('customers', '{select,insert,update,delete}', 'customers.manage'),
	('bookings', '{select,insert,update,delete}', 'bookings.manage'),
	('call_center_page', '{select}', 'bookings.search'),
	('call_center_page', '{insert}', 'bookings.make'),
	('call_center_page', '{update}', 'bookings.move'),
	('call_center_page', '{delete}', 'bookings.cancel'),
	('calendar', '{select}', 'calendar.view'),
	('agenda', '{select}', 'agenda.view'),
	('check_ins', '{select}', 'check_ins.view'),
	('check_ins', '{insert,update,delete}', 'check_ins.manage'),
	('categories', '{select,update}', 'categories.edit'),
	('categories', '{insert}', 'categories.create'),
	('categories', '{delete}', 'categories.delete'),
	('services', '{select}', 'services.view'),
	('services', '{insert}', 'services.create'),
	('services', '{update}', 'services.edit'),
	('services', '{delete}', 'services.delete'),
	('staff', '{select}', 'staff.view'),
	('staff', '{insert}', 'staff.create'),
	('staff', '{update}', 'staff.edit'),
	('staff', '{delete}', 'staff.delete'),
	('staff_places', '{select,update}', 'staff.what_and_where.edit'),
	('schedules', '{select,update}', 'staff.schedules.edit'),
	('schedules', '{insert}', 'staff.schedules.create'),
	('schedules', '{delete}', 'staff.schedules.delete'),
	('users', '{insert}', 'users.create'),
	('users', '{select,update}', 'users.manage'),
	('company', '{select}', 'business.view'),
	('company', '{update}', 'business.edit'),
	('basic_settings', '{select}', 'settings.basic.view'),
	('basic_settings', '{update}', 'settings.basic.edit'),
	('advanced_settings', '{select}', 'settings.advanced.view'),
	('advanced_settings', '{update}', 'settings.advanced.edit'),
	('integrations', '{select,insert,update,delete}', 'integrations.manage'),
	('resources', '{select,insert,update,delete}', 'resources.manage'),
	('events', '{select,insert,update,delete}', 'events.manage')
) v (r, cs, p), unnest(cs) c;
SELECT ambit.trust_application('regress_app_jrni');

/* ---- helpers ------------------------------------------------------------------------- */

CREATE FUNCTION t.held(permissions text[]) RETURNS boolean[] LANGUAGE sql AS $$
	SELECT array_agg(DISTINCT ambit.has_permission(p::ambit.permission)) FROM unnest(permissions) p
$$;
COMMENT ON FUNCTION t.held(text[]) IS '{t}: all of them are held; {f}: none.';

CREATE FUNCTION t.held_by(who text, permissions text[]) RETURNS boolean[] LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume('co', who);
	RETURN t.held(permissions);
END
$$;
COMMENT ON FUNCTION t.held_by(text, text[]) IS 'The same for somebody, who is the identity from then on.';

CREATE FUNCTION t.held_at(permission text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(l, ' ' ORDER BY l), '')
	FROM unnest('{hq,london,paris,leeds,soho,north,scotland,glasgow,west_end,arcade,kiosk,rome,nowhere}'::text[]) l
	WHERE ambit.has_permission_at(permission::ambit.permission, l)
$$;
COMMENT ON FUNCTION t.held_at(text) IS 'The locations at which a permission is held.';

CREATE FUNCTION t.as_seen(who text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume('co', who);
	RETURN format('calendar %s, held at %s', t.seen('calendar', 'id'), t.held_at('calendar.view'));
END
$$;
COMMENT ON FUNCTION t.as_seen(text) IS 'What somebody, who is the identity from then on, sees of the calendar, and where.';

CREATE FUNCTION t.scopes(permission text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT coalesce(nullif(array_to_string(ambit.permission_scopes(permission::ambit.permission), ' '), ''), '-')
$$;
COMMENT ON FUNCTION t.scopes(text) IS 'The scopes in which a permission is held, in the words of the expected matrix.';

CREATE FUNCTION t.as_each(who text, role text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	a record;
	e text;
BEGIN
	PERFORM ambit.assume('co', who);
	FOR a IN SELECT * FROM pg_temp.attempt ORDER BY n LOOP
		e := to_jsonb(a) ->> role;
		RETURN NEXT is(t.outcome(a.command), e, format('%s: %s: %s', role, a.words, a.command));
	END LOOP;
END
$$;
COMMENT ON FUNCTION t.as_each(text, text) IS 'Tries all attempts as somebody, against the expectation of a role.';

/*
 * The lists and the table of the document, as commands of those who have each
 * role at the parent, on rows of a child company.  +: done, -: refused.
 */
INSERT INTO attempt (words, command, call_center, "user", user_plus, manager, administrator, owner)
SELECT words, command, CASE c WHEN '+' THEN 'done' ELSE 'refused' END, CASE u WHEN '+' THEN 'done' ELSE 'refused' END, CASE p WHEN '+' THEN 'done' ELSE 'refused' END,
	CASE m WHEN '+' THEN 'done' ELSE 'refused' END, CASE a WHEN '+' THEN 'done' ELSE 'refused' END, CASE o WHEN '+' THEN 'done' ELSE 'refused' END
FROM (VALUES
	('"Customers (create and view)", "Customer management"', $$SELECT FROM app.customers WHERE id = 2$$, '+','+','+','+','+','+'),
	('"Customer management (e.g., add, edit, delete)"', $$INSERT INTO app.customers (location, id) VALUES ('london', 100)$$, '+','+','+','+','+','+'),
	('"Customer management (e.g., add, edit, delete)"', $$UPDATE app.customers SET name = 'x' WHERE id = 2$$, '+','+','+','+','+','+'),
	('"Customer management (e.g., add, edit, delete)"', $$DELETE FROM app.customers WHERE id = 2$$, '+','+','+','+','+','+'),
	('"Booking management"', $$SELECT FROM app.bookings WHERE id = 22$$, '+','+','+','+','+','+'),
	('"Booking management"', $$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 22)$$, '+','+','+','+','+','+'),
	('"Booking management"', $$UPDATE app.bookings SET at = at + '1 day' WHERE id = 22$$, '+','+','+','+','+','+'),
	('"Booking management"', $$DELETE FROM app.bookings WHERE id = 22$$, '+','+','+','+','+','+'),
	('"Ability to search ... bookings"', $$SELECT FROM app.call_center_page WHERE id = 22$$, '+','-','-','-','+','+'),
	('"Ability to ... make ... bookings"', $$INSERT INTO app.call_center_page (location, id, staff_id) VALUES ('london', 100, 22)$$, '+','-','-','-','+','+'),
	('"Ability to ... move ... bookings"', $$UPDATE app.call_center_page SET at = at + '1 day' WHERE id = 22$$, '+','-','-','-','+','+'),
	('"Ability to ... move ... bookings across multiple locations"', $$UPDATE app.call_center_page SET location = 'paris' WHERE id = 22$$, '+','-','-','-','+','+'),
	('"Ability to ... cancel bookings"', $$DELETE FROM app.call_center_page WHERE id = 22$$, '+','-','-','-','+','+'),
	('tab "Calendar"', $$SELECT FROM app.calendar WHERE id = 22$$, '-','+','+','+','+','+'),
	('tab "Agenda"', $$SELECT FROM app.agenda WHERE id = 22$$, '-','+','+','+','+','+'),
	('tab "Check in"', $$SELECT FROM app.check_ins WHERE id = 22$$, '-','+','+','+','+','+'),
	('"Check-in management"', $$INSERT INTO app.check_ins (location, id, staff_id) VALUES ('london', 100, 22)$$, '-','+','+','+','+','+'),
	('"Check-in management"', $$UPDATE app.check_ins SET at = now() WHERE id = 22$$, '-','+','+','+','+','+'),
	('"Check-in management"', $$DELETE FROM app.check_ins WHERE id = 22$$, '-','+','+','+','+','+'),
	('"Create ... categories"', $$INSERT INTO app.categories (location, id) VALUES ('london', 100)$$, '-','+','-','-','+','+'),
	('"... edit ... categories"', $$UPDATE app.categories SET name = 'x' WHERE id = 2$$, '-','+','-','-','+','+'),
	('"... delete categories"', $$DELETE FROM app.categories WHERE id = 2$$, '-','+','-','-','+','+'),
	('"View Services"', $$SELECT FROM app.services WHERE id = 2$$, '-','-','+','+','+','+'),
	('"Create ... Services"', $$INSERT INTO app.services (location, id) VALUES ('london', 100)$$, '-','-','-','-','+','+'),
	('"... edit ... Services"', $$UPDATE app.services SET name = 'x' WHERE id = 2$$, '-','-','-','-','+','+'),
	('"... delete Services"', $$DELETE FROM app.services WHERE id = 2$$, '-','-','-','-','+','+'),
	('"View Staff", others', $$SELECT FROM app.staff WHERE id = 22$$, '-','-','+','+','+','+'),
	('"View Staff ... *depends on if the user is assigned to a staff member"', $$SELECT FROM app.staff WHERE id = 21$$, '-','+','+','+','+','+'),
	('"Create ... Staff"', $$INSERT INTO app.staff (location, id) VALUES ('london', 100)$$, '-','-','-','-','+','+'),
	('"... edit ... Staff"', $$UPDATE app.staff SET name = 'x' WHERE id = 22$$, '-','-','-','-','+','+'),
	('"... edit ... Staff", not oneself either', $$UPDATE app.staff SET name = 'x' WHERE id = 21$$, '-','-','-','-','+','+'),
	('"... delete Staff"', $$DELETE FROM app.staff WHERE id = 22$$, '-','-','-','-','+','+'),
	('"Edit Staff (what & where)"', $$UPDATE app.staff_places SET at = now() WHERE id = 22$$, '-','-','-','+','+','+'),
	('"Edit Staff What & Where settings", not one''s own either', $$UPDATE app.staff_places SET at = now() WHERE id = 21$$, '-','-','-','+','+','+'),
	('"Create ... Staff Schedules"', $$INSERT INTO app.schedules (location, id, staff_id) VALUES ('london', 100, 21)$$, '-','-','+','+','+','+'),
	('"... edit ... Staff Schedules", "Edit schedules"', $$UPDATE app.schedules SET at = now() WHERE id = 21$$, '-','-','+','+','+','+'),
	('"... delete Staff Schedules"', $$DELETE FROM app.schedules WHERE id = 21$$, '-','-','+','+','+','+'),
	('"Resource management"', $$INSERT INTO app.resources (location, id) VALUES ('london', 100)$$, '-','-','-','-','+','+'),
	('"Resource management"', $$UPDATE app.resources SET name = 'x' WHERE id = 2$$, '-','-','-','-','+','+'),
	('"Resource management"', $$DELETE FROM app.resources WHERE id = 2$$, '-','-','-','-','+','+'),
	('"Event management"', $$INSERT INTO app.events (location, id) VALUES ('london', 100)$$, '-','-','-','-','+','+'),
	('"Event management"', $$UPDATE app.events SET name = 'x' WHERE id = 2$$, '-','-','-','-','+','+'),
	('"Event management"', $$DELETE FROM app.events WHERE id = 2$$, '-','-','-','-','+','+'),
	('"Integration management"', $$SELECT FROM app.integrations WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Integration management"', $$INSERT INTO app.integrations (location, id) VALUES ('london', 100)$$, '-','-','-','-','-','+'),
	('"Integration management"', $$UPDATE app.integrations SET name = 'x' WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Integration management"', $$DELETE FROM app.integrations WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Create new users"', $$INSERT INTO app.users (location, id) VALUES ('london', 100)$$, '-','-','-','-','-','+'),
	('"create and manage new users"', $$UPDATE app.users SET name = 'x' WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Access ... Business tab (such as company information)"', $$SELECT FROM app.company WHERE id = 2$$, '-','-','-','-','-','+'),
	('"... edit Business tab", "edit ... company information"', $$UPDATE app.company SET name = 'x' WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Access ... Basic Settings"', $$SELECT FROM app.basic_settings WHERE id = 2$$, '-','-','-','-','-','+'),
	('"... edit Basic Settings", "account settings"', $$UPDATE app.basic_settings SET name = 'x' WHERE id = 2$$, '-','-','-','-','-','+'),
	('"Access ... Advanced Settings"', $$SELECT FROM app.advanced_settings WHERE id = 2$$, '-','-','-','-','-','+'),
	('"... edit ... Advanced Settings", "payments"', $$UPDATE app.advanced_settings SET name = 'x' WHERE id = 2$$, '-','-','-','-','-','+'),
	('the whole tenant''s own row is above the parent', $$UPDATE app.customers SET name = 'x' WHERE id = 8$$, '-','-','-','-','-','-'),
	('of another company', $$UPDATE app.customers SET name = 'x' WHERE id = 9$$, '-','-','-','-','-','-'),
	('into another company', $$INSERT INTO app.customers (tenant, location, id) VALUES ('rival', 'london', 100)$$, '-','-','-','-','-','-')
) v (words, command, c, u, p, m, a, o);
\o

SELECT plan(1093);

/* ---- the keys ------------------------------------------------------------------------ */

SELECT is((SELECT count(*) FROM expected), 42::bigint, 'jrni has 42 permissions');
SELECT results_eq(
	$$SELECT permission::text COLLATE "C" FROM ambit.template_permission WHERE template = 'jrni' ORDER BY 1$$,
	$$SELECT permission COLLATE "C" FROM expected ORDER BY 1$$,
	'the template has these permissions and no other');
SELECT results_eq(
	$$SELECT role FROM ambit.template_role WHERE template = 'jrni' ORDER BY rank$$,
	$$VALUES ('call_center'::text COLLATE "C"), ('user'), ('user_plus'), ('manager'), ('administrator'), ('owner')$$,
	'"User role types", the lowest first');
SELECT is_empty($$SELECT * FROM ambit.template_cell WHERE template = 'jrni' AND coalesce(source, '') = ''$$, 'every cell has the words that it comes from');
SELECT set_eq(
	$$SELECT role::text, permission::text FROM ambit.template_cell WHERE template = 'jrni' AND locked$$,
	$$SELECT role, unnest(permissions) FROM locked$$,
	'what "Cannot" and "only" deny is locked, and nothing else');
SELECT results_eq(
	$$SELECT function, permission::text FROM ambit.template_administration WHERE template = 'jrni' ORDER BY 1$$,
	$$VALUES ('add_member'::text COLLATE "C", 'users.create'), ('assign_role', 'users.manage'), ('change_role', 'users.manage'),
		('remove_member', 'users.manage'), ('revoke_role', 'users.manage')$$,
	'"Ability to create and manage new users": what it administers');

/* ---- nobody, strangers, visitors, members without a role ------------------------------- */

CREATE VIEW t.tables AS
	SELECT c.relname::text AS relation FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r';
GRANT SELECT ON t.tables TO PUBLIC;

SET ROLE regress_app_jrni;
SELECT is(t.seen(relation, 'id'), '', 'nobody sees no row of ' || relation) FROM t.tables;
SELECT is(t.run(format('INSERT INTO app.%I (id) VALUES (100)', relation)), '42501', 'nobody inserts nothing into ' || relation) FROM t.tables;
SELECT is(t.run(format('DELETE FROM app.%I', relation)), '42501', 'nobody deletes nothing of ' || relation) FROM t.tables;
SELECT is(ambit.has_permission_at('calendar.view', 'london'), false, 'nobody holds nothing at a location');
SET ROLE regress_app_stranger;
SELECT throws_ok($$SELECT ambit.assume('co', 'olga')$$, '42501', NULL, 'a role that is not trusted cannot assume an identity');
SELECT is(t.seen('customers', 'id'), '', 'and sees no customer');
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', NULL);
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'a visitor has nothing: the document has no visitors');
SELECT is(t.seen(relation, 'id'), '', 'a visitor sees no row of ' || relation) FROM t.tables;
SELECT ambit.assume('co', 'nemo');
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'a user without a role has nothing');
SELECT is(t.seen(relation, 'id'), '', 'a user without a role sees no row of ' || relation) FROM t.tables;

/* ---- every permission of every role, set up at the parent ------------------------------- */

SELECT ambit.assume('co', 'cal');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();
SELECT ambit.assume('co', 'anna');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();
SELECT ambit.assume('co', 'paul');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();
SELECT ambit.assume('co', 'max');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();
SELECT ambit.assume('co', 'ada');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();
SELECT ambit.assume('co', 'olga');
SELECT is(t.scopes(permission), expected, role || ': ' || permission) FROM cell WHERE user_id = ambit.current_user_id();

-- one truth: the other questions give the same answers
CREATE FUNCTION pg_temp.questions(who text, which text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume('co', who);
	RETURN NEXT is_empty(format('SELECT permission FROM cell WHERE role = %L AND ambit.has_permission(permission::ambit.permission) IS DISTINCT FROM (expected <> ''-'')', which),
		which || ': has_permission() gives the same');
	RETURN NEXT set_eq('SELECT permission::text, scopes[1] FROM ambit.effective_permissions()',
		format('SELECT permission, expected FROM cell WHERE role = %L AND expected <> ''-''', which), which || ': effective_permissions() gives the same');
	RETURN NEXT is_empty(format('SELECT permission FROM cell WHERE role = %L AND t.held_at(permission) IS DISTINCT FROM
		CASE expected WHEN ''-'' THEN '''' ELSE ''arcade glasgow hq kiosk leeds london north paris scotland soho west_end'' END', which),
		which || ': "filter down to each Child location with the same access"');
	PERFORM ambit.assume('co', which || ' at london');
	RETURN NEXT is_empty(format('SELECT permission FROM cell WHERE role = %L AND t.held_at(permission) IS DISTINCT FROM CASE expected WHEN ''-'' THEN '''' ELSE ''london soho'' END', which),
		which || ': "Location specific access at Child level": there and below, not beside and not above');
END
$$;
SELECT pg_temp.questions(user_id, role) FROM (SELECT DISTINCT user_id, role FROM cell) c ORDER BY 1;

RESET ROLE;
SELECT ambit.logout();
SELECT is_empty($$SELECT role, permission FROM cell WHERE ambit.has_permission('co', user_id, permission::ambit.permission) IS DISTINCT FROM (expected <> '-')$$,
	'the DBA gets the same answers');

/* ---- locks ---------------------------------------------------------------------------------- */

SELECT throws_ok(format('SELECT ambit.set_role_permission(%L, %L, %L, true)', 'co', role, p), '55000', NULL, format('%s: %s: %s is locked', role, words, p))
FROM locked, unnest(permissions) p;
SELECT throws_ok($$SELECT ambit.set_member_permission('co', 'ada', 'users.create', true)$$, '55000', NULL, 'administrator: "Cannot: Create new users": not one of them either');
SELECT throws_ok($$SELECT ambit.set_member_permission('co', 'cal', 'calendar.view', true)$$, '55000', NULL, 'call center: "Call Center page only": not for one of them either');
-- denied without a word about it: a company may decide otherwise, and take it back
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', 'cal');
SELECT is((SELECT count(*) FROM ambit.visible_clients()), 0::bigint, 'call center: customers.view is not said of it');
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_role_permission('co', 'call_center', 'customers.view', true)$$, 'call center: a company may turn customers.view on');
SET ROLE regress_app_jrni;
SELECT is((SELECT count(*) FROM ambit.visible_clients()), 6::bigint, 'call center: then it views the customers, at the next statement');
RESET ROLE;
SELECT lives_ok($$SELECT ambit.set_role_permission('co', 'call_center', 'customers.view', NULL)$$, 'call center: and back to the template');
SET ROLE regress_app_jrni;
SELECT is((SELECT count(*) FROM ambit.visible_clients()), 0::bigint, 'call center: and no longer, at the next statement');

/* ---- the lists and the table, on rows ----------------------------------------------------------- */

SELECT t.as_each(user_id, role) FROM (SELECT DISTINCT user_id, role FROM cell) c ORDER BY 1;

-- menus have no rows
SELECT is(t.held_by(who, keys::text[]), answer::boolean[], words)
FROM (VALUES
	('anna', '{menus.home.view,menus.your_business.view}', '{t}', 'user: "Can access two key menus; Home and Your Business"'),
	('anna', '{menus.other.view,call_center.view}', '{f}', 'user: "Cannot: Access any other menu items available to Administrator or Owner"'),
	('paul', '{menus.home.view,menus.your_business.view}', '{t}', 'user plus: "Can access two key menus; Home and Your Business"'),
	('paul', '{menus.other.view,call_center.view}', '{f}', 'user plus: "Cannot: Access any other menu items available to Administrator or Owner"'),
	('max', '{menus.home.view,menus.your_business.view}', '{t}', 'manager: "Can access two key menus; Home and Your Business"'),
	('max', '{menus.other.view,call_center.view}', '{f}', 'manager: "Cannot: Access any other menu items available to Administrator or Owner"'),
	('ada', '{menus.home.view,menus.your_business.view,menus.other.view,call_center.view}', '{t}', 'administrator: "Full administration rights, as per Owner"'),
	('olga', '{menus.home.view,menus.your_business.view,menus.other.view,call_center.view}', '{t}', 'owner: "Full administration rights", "Ability to access ... everything"'),
	('cal', '{call_center.view}', '{t}', 'call center: "Access to dedicated Call Center page"'),
	('cal', '{menus.home.view,menus.your_business.view,menus.other.view}', '{f}', 'call center: "Call Center page only"')
) v (who, keys, answer, words);

/* ---- "View Staff": "*depends on if the user is assigned to a staff member" -------------- */

SELECT ambit.assume('co', 'anna');
SELECT is(t.seen('staff', 'id'), '21', 'user: "View Staff ❌*": one who is assigned to a staff member sees that one');
SELECT ambit.assume('co', 'una');
SELECT is(t.seen('staff', 'id'), '', 'user: "View Staff ❌*": one who is not sees none');
SELECT is(ambit.has_permission('staff.view') AND t.scopes('staff.view') = 'own', true, 'user: "View Staff ❌*": one who is not holds the permission all the same, in scope own');
SELECT ambit.assume('co', 'paul');
SELECT is(t.seen('staff', 'id'), '11 21 22 23 24 41 71', 'user plus: "View Staff ✅ *": one who is assigned to no staff member sees all');
SELECT ambit.assume('co', 'pia');
SELECT is(t.seen('staff', 'id'), '22', 'user plus: "View Staff ✅ *": one who is limited to a staff member sees that one');
RESET ROLE;
SELECT ambit.add_member('co', 'una', '{"staff": "24"}');
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', 'una');
SELECT is(t.seen('staff', 'id'), '24', 'user: "depends on": assigned to one, at the next statement');
RESET ROLE;
SELECT ambit.add_member('co', 'una', '{}');
SET ROLE regress_app_jrni;
SELECT is(t.seen('staff', 'id'), '', 'user: "depends on": and no longer');

/* ---- "Company-wide access at Parent level" -------------------------------------------------- */

SELECT ambit.assume('co', 'olga');
SELECT is(t.seen('company', 'location'), 'hq kiosk leeds london paris soho', '"they will maintain the same Owner role at all other Child locations too"');
SELECT is(t.seen('company', 'id'), '1 2 3 4 5 7', 'and sees neither what has no location, nor another company');
SELECT ambit.assume('co', 'wanda');
SELECT is(t.seen('company', 'id'), '1 2 3 4 5 7 8', 'a role without a location reaches what has none, too');
SELECT is(ambit.has_permission_at('users.create', 'nowhere'), false, 'nobody holds anything at a location that does not exist');

-- one that is added later
RESET ROLE;
INSERT INTO app.company (location, id) VALUES ('rome', 6);
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', 'olga');
SELECT is(t.seen('company', 'location'), 'hq kiosk leeds london paris soho', 'a location that nobody added is nobody''s');
SELECT is(ambit.has_permission_at('business.edit', 'rome'), false, 'and no permission is held there');
RESET ROLE;
SELECT ambit.add_location('co', 'rome', 'hq');
SET ROLE regress_app_jrni;
SELECT is(t.seen('company', 'location'), 'hq kiosk leeds london paris rome soho', '"filter down to each Child location": one that was added later, at the next statement');
SELECT is(ambit.has_permission_at('business.edit', 'rome'), true, 'and the permission is held there');
SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE location = 'rome'$$), 'done', 'and its information edited');
SELECT ambit.assume('co', 'owner at london');
SELECT is(t.seen('company', 'location'), 'london soho', 'an owner at one child does not see it');
SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE location = 'rome'$$), 'refused', 'nor edit it');

/* ---- "Location specific access at Child level" ------------------------------------------------ */

SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE location = 'london'$$), 'done', 'owner at one child: edits that one');
SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE location = 'hq'$$), 'refused', 'owner at one child: not the parent');
SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE location = 'paris'$$), 'refused', 'owner at one child: not another child');
SELECT is(t.outcome($$INSERT INTO app.users (location, id) VALUES ('london', 100)$$), 'done', 'owner at one child: creates users there');
SELECT is(t.outcome($$INSERT INTO app.users (location, id) VALUES ('hq', 100)$$), 'refused', 'owner at one child: none at the parent');
SELECT is(t.outcome($$INSERT INTO app.users (location, id) VALUES ('paris', 100)$$), 'refused', 'owner at one child: none at another child');
SELECT is(t.outcome($$INSERT INTO app.users (id) VALUES (100)$$), 'refused', 'owner at one child: none without a location');
SELECT is(t.outcome($$UPDATE app.users SET location = 'paris' WHERE location = 'london'$$), 'refused', 'owner at one child: moves nobody to another');
SELECT is(t.outcome($$UPDATE app.users SET location = 'soho' WHERE location = 'london'$$), 'done', 'owner at one child: but to one below');

-- "a new user who is an Owner at one location, an Administrator at another and a User at another"
SELECT ambit.assume('co', 'mia');
SELECT is(t.held_at(permission), locations, '"an Owner at one location, an Administrator at another and a User at another": ' || permission)
FROM (VALUES
	('users.create', 'london soho'), ('business.view', 'london soho'), ('settings.advanced.edit', 'london soho'), ('integrations.manage', 'london soho'),
	('services.create', 'london paris soho'), ('resources.manage', 'london paris soho'), ('menus.other.view', 'london paris soho'), ('staff.delete', 'london paris soho'),
	('calendar.view', 'leeds london paris soho'), ('check_ins.manage', 'leeds london paris soho'), ('categories.delete', 'leeds london paris soho')) v (permission, locations);
SELECT is(t.seen(relation, key), seen, '"an Owner at one location, an Administrator at another and a User at another": rows of ' || relation)
FROM (VALUES ('company', 'location', 'london soho'), ('users', 'location', 'london soho'), ('services', 'location', 'london paris soho'),
	('categories', 'location', 'leeds london paris soho'), ('staff', 'id', '21 22 23 24 41'), ('schedules', 'id', '21 22 23 24 31 33 34')) v (relation, key, seen);
SELECT is(t.outcome(command), expected, '"an Owner at one location, an Administrator at another and a User at another": ' || command)
FROM (VALUES
	($$UPDATE app.company SET name = 'x' WHERE location = 'london'$$, 'done'),
	($$UPDATE app.company SET name = 'x' WHERE location = 'paris'$$, 'refused'),
	($$UPDATE app.company SET name = 'x' WHERE location = 'hq'$$, 'refused'),
	($$INSERT INTO app.users (location, id) VALUES ('london', 100)$$, 'done'),
	($$INSERT INTO app.users (location, id) VALUES ('paris', 100)$$, 'refused'),
	($$INSERT INTO app.services (location, id) VALUES ('paris', 100)$$, 'done'),
	($$INSERT INTO app.services (location, id) VALUES ('leeds', 100)$$, 'refused'),
	($$UPDATE app.services SET location = 'leeds' WHERE location = 'paris'$$, 'refused'),
	($$UPDATE app.services SET location = 'london' WHERE location = 'paris'$$, 'done'),
	($$UPDATE app.categories SET name = 'x' WHERE location = 'leeds'$$, 'done'),
	($$UPDATE app.staff_places SET at = now() WHERE id = 41$$, 'refused'),
	($$UPDATE app.staff_places SET at = now() WHERE id = 31$$, 'done')) v (command, expected);

-- another role, or none, at a child: at the next statement
SELECT ambit.assume('co', 'user_plus at london');
SELECT is(t.seen('services', 'location'), 'london soho', 'user plus at a child: views services there');
RESET ROLE;
SELECT ambit.change_role('co', 'user_plus at london', 'user_plus', 'user', 'london');
SET ROLE regress_app_jrni;
SELECT is(t.seen('services', 'location') || '/' || t.seen('categories', 'location'), '/london soho', 'changed to user there: no services any more, but categories');
RESET ROLE;
SELECT ambit.revoke_role('co', 'user_plus at london', 'user', 'london');
SET ROLE regress_app_jrni;
SELECT is(t.seen('categories', 'location'), '', 'revoked: nothing');
SELECT is_empty($$SELECT * FROM ambit.effective_permissions()$$, 'revoked: no permission');

/* ---- depth, and moves ------------------------------------------------------------------------------ */

SELECT ambit.assume('co', 'dora');
SELECT is(t.held_at('services.view'), 'arcade glasgow kiosk scotland west_end', 'a role three levels down holds there and at the four levels below');
SELECT is(t.seen('services', 'location'), 'kiosk', 'and reaches the rows of the seventh');
SELECT is(t.outcome($$UPDATE app.schedules SET at = now() WHERE id = 71$$), 'done', 'and changes them');
SELECT ambit.assume('co', 'olga');
SELECT is(t.outcome($$UPDATE app.services SET name = 'x' WHERE location = 'kiosk'$$), 'done', 'a role at the parent changes the rows of the seventh level');
RESET ROLE;
SELECT ambit.move_location('co', 'glasgow', 'paris');
SET ROLE regress_app_jrni;
SELECT is(ambit.has_permission_at('business.edit', 'kiosk'), true, 'moved below another child: the parent''s role goes on holding');
SELECT ambit.assume('co', 'dora');
SELECT is(t.held_at('services.view') || '/' || t.seen('services', 'location'), 'scotland/', 'moved away: the role above it holds no longer there, at the next statement');
SELECT ambit.assume('co', 'mia');
SELECT is(t.held_at('services.create'), 'arcade glasgow kiosk london paris soho west_end', 'moved below paris: its administrator is administrator there');
SELECT is(t.seen('company', 'location'), 'london soho', 'and not its owner');
SELECT is(t.outcome($$UPDATE app.services SET name = 'x' WHERE location = 'kiosk'$$), 'done', 'and changes the rows of the deepest level');
RESET ROLE;
SELECT ambit.move_location('co', 'glasgow', 'london');
SET ROLE regress_app_jrni;
SELECT is(t.seen('company', 'location'), 'kiosk london soho', 'moved below london: its owner is owner there');
RESET ROLE;
SELECT ambit.move_location('co', 'glasgow', NULL);
SET ROLE regress_app_jrni;
SELECT is(t.seen('company', 'location'), 'london soho', 'moved to the top: no longer');
SELECT ambit.assume('co', 'olga');
SELECT is(ambit.has_permission_at('business.edit', 'kiosk'), false, 'moved to the top: the role at the parent does not hold there either');
SELECT ambit.assume('co', 'wanda');
SELECT is(ambit.has_permission_at('business.edit', 'kiosk'), true, 'moved to the top: a role in the whole tenant does');
RESET ROLE;
SELECT throws_ok($$SELECT ambit.move_location('co', 'glasgow', 'kiosk')$$, '22023', NULL, 'a location is not moved below itself');
SELECT ambit.move_location('co', 'glasgow', 'scotland');
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', 'dora');
SELECT is(t.seen('services', 'location'), 'kiosk', 'moved back: as before');

/* ---- "Use the Person dropdown to limit the staff member this user has access to" ------------------------ */

SELECT ambit.assume('co', 'pete');
SELECT is(t.seen(relation, 'id'), seen, 'person: "view/manage their own staff calendar and bookings only": ' || relation)
FROM (VALUES ('calendar', '23'), ('agenda', '23'), ('bookings', '23'), ('check_ins', '23'), ('staff', '23'), ('call_center_page', ''), ('schedules', ''), ('customers', '')) v (relation, seen);
SELECT is(t.outcome(command), expected, 'person: "view/manage their own staff calendar and bookings only": ' || command)
FROM (VALUES
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 23)$$, 'done'),
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 21)$$, 'refused'),
	($$INSERT INTO app.bookings (location, id) VALUES ('london', 100)$$, 'refused'),
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('paris', 100, 23)$$, 'refused'),
	($$UPDATE app.bookings SET at = now() WHERE id = 23$$, 'done'),
	($$UPDATE app.bookings SET at = now() WHERE id = 21$$, 'refused'),
	($$UPDATE app.bookings SET at = now() WHERE id = 33$$, 'refused'),
	($$UPDATE app.bookings SET staff_id = 21 WHERE id = 23$$, 'refused'),
	($$UPDATE app.bookings SET staff_id = 23 WHERE id = 21$$, 'refused'),
	($$DELETE FROM app.bookings WHERE id = 23$$, 'done'),
	($$DELETE FROM app.bookings WHERE id = 21$$, 'refused')) v (command, expected);
SELECT is(t.held_at('bookings.manage'), 'london soho', 'person: at the location of the role');
SELECT ambit.assume('co', 'pia');
SELECT is(t.seen('schedules', 'id') || '/' || t.seen('calendar', 'id'), '22/22', 'person, user plus at the parent: their own, at whatever child');
SELECT is(t.outcome($$UPDATE app.schedules SET at = now() WHERE id = 22$$), 'done', 'person, user plus: edits their own schedule');
SELECT is(t.outcome($$UPDATE app.schedules SET at = now() WHERE id = 21$$), 'refused', 'person, user plus: nobody else''s');
-- without the limit the same role reaches the others
RESET ROLE;
SELECT ambit.assign_role('co', 'pete', 'user', 'london');
SET ROLE regress_app_jrni;
SELECT ambit.assume('co', 'pete');
SELECT is(t.seen('bookings', 'id'), '21 22 23 24', 'person: the same role without the limit adds up');
RESET ROLE;
SELECT ambit.revoke_role('co', 'pete', 'user', 'london');
SELECT ambit.assign_role('co', 'pete', 'owner', 'london', only_self => true);
SET ROLE regress_app_jrni;
SELECT is(t.seen('bookings', 'id') || '/' || t.seen('company', 'id'), '23/', 'person: an owner with the limit reaches no more than their own');

/* ---- "Use the Group dropdown to select any pre-made staff groups they can access" -------------------------- */

SELECT ambit.assume('co', 'gus');
SELECT is(t.seen(relation, 'id'), seen, 'group: "this will only show staff that belong to the same group": ' || relation)
FROM (VALUES ('staff', '21'), ('calendar', '21 25'), ('bookings', '21'), ('schedules', '21'), ('staff_places', '21'), ('customers', ''), ('services', '')) v (relation, seen);
SELECT is(t.outcome(command), expected, 'group: "staff groups they can access": ' || command)
FROM (VALUES
	($$UPDATE app.staff_places SET at = now() WHERE id = 21$$, 'done'),
	($$UPDATE app.staff_places SET at = now() WHERE id = 22$$, 'refused'),
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 21)$$, 'done'),
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 22)$$, 'refused'),
	($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('paris', 100, 21)$$, 'refused'),
	($$UPDATE app.bookings SET staff_id = 22 WHERE id = 21$$, 'refused')) v (command, expected);

-- a staff member who is moved out of the group, and one who is moved in
PREPARE bookings AS SELECT id FROM app.bookings ORDER BY id;
SELECT results_eq('EXECUTE bookings', '{21}'::bigint[], 'group: a prepared query');
RESET ROLE;
SELECT ambit.remove_from_group('co', 'stylists', 'anna');
SET ROLE regress_app_jrni;
SELECT is(t.seen('bookings', 'id') || '/' || t.seen('calendar', 'id'), '/25', 'group: one who is moved out is gone at the next statement');
SELECT is_empty('EXECUTE bookings', 'group: in the prepared query as well');
SELECT is(t.outcome($$UPDATE app.staff_places SET at = now() WHERE id = 21$$), 'refused', 'group: and out of reach');
RESET ROLE;
SELECT ambit.remove_from_group('co', 'barbers', 'bob');
SELECT ambit.add_to_group('co', 'stylists', 'bob');
SELECT ambit.add_to_group('co', 'barbers', 'anna');
SET ROLE regress_app_jrni;
SELECT is(t.seen('bookings', 'id') || '/' || t.seen('staff', 'id'), '22/22', 'group: one who is moved in is there at the next statement');
SELECT results_eq('EXECUTE bookings', '{22}'::bigint[], 'group: in the prepared query as well');
RESET ROLE;
SELECT ambit.assign_role('co', 'gus', 'manager', 'london', only_group => 'barbers');
SET ROLE regress_app_jrni;
SELECT is(t.seen('bookings', 'id') || '/' || t.seen('calendar', 'id'), '21 22/21 22 25 26', 'group: "any pre-made staff groups": two of them');

/* ---- "Creating users for multi-location staff?" -------------------------------------------------------------- */

SELECT is(t.as_seen(who), seen, '"separate users for them at the required Child locations": ' || who)
FROM (VALUES ('tom at london', 'calendar 21 22 23 24 25 26, held at london soho'), ('tom at paris', 'calendar 31 33 34 35, held at paris')) v (who, seen);
SELECT ambit.assume('co', 'tom');
SELECT is(t.seen('bookings', 'id'), '21 22 23 24 31 33 34', '"multiple (but not all) locations": one user with roles at two children');
SELECT is(t.held_at('bookings.manage'), 'london paris soho', '"multiple (but not all) locations": at the two, not at the third, not at the parent');
SELECT is(t.outcome($$UPDATE app.bookings SET at = now() WHERE id = 44$$), 'refused', '"multiple (but not all) locations": not their own booking at the third');
SELECT is(t.outcome($$UPDATE app.bookings SET at = now() WHERE id = 34$$), 'done', '"multiple (but not all) locations": at the second');
SELECT is(t.outcome($$UPDATE app.bookings SET location = 'paris' WHERE id = 24$$), 'done', '"multiple (but not all) locations": from one to the other');
SELECT is(t.outcome($$UPDATE app.bookings SET location = 'leeds' WHERE id = 24$$), 'refused', '"multiple (but not all) locations": not to the third');
SELECT ambit.assume('co', 'cleo');
SELECT is(t.seen('call_center_page', 'id'), '21 22 23 24 31 33 34', 'call center: "bookings across multiple locations": those that were assigned');
SELECT is(t.outcome($$UPDATE app.call_center_page SET location = 'paris' WHERE id = 22$$), 'done', 'call center: "move ... bookings across multiple locations"');
SELECT is(t.outcome($$UPDATE app.call_center_page SET location = 'leeds' WHERE id = 22$$), 'refused', 'call center: to none that was not assigned');
SELECT is(t.seen('calendar', 'id') || t.seen('agenda', 'id') || t.seen('check_ins', 'id') || t.seen('staff', 'id'), '', 'call center: "dedicated Call Center page only"');

/* ---- customers: what visible_clients() answers -------------------------------------------------------------------- */

SELECT ambit.assume('co', 'user at london');
SELECT results_eq($$SELECT * FROM ambit.visible_clients(NULL::bigint) c ORDER BY c$$, '{2,5}'::bigint[], '"Customers (create and view)": of the location and below');
SELECT ambit.assume('co', 'olga');
SELECT results_eq($$SELECT * FROM ambit.visible_clients(NULL::bigint) c ORDER BY c$$, '{1,2,3,4,5,7}'::bigint[], '"Customers (create and view)": of the whole company');

/* ---- "JRNI users with the role Owner assigned are able to create and manage new users" ----------------------------- */

-- an owner at one location, by the application's role: what is done stays, what is tried (t.run) does not
SELECT ambit.assume('co', 'owner at london');
SELECT lives_ok($$SELECT ambit.add_member('co', 'newt', '{"staff": "26"}')$$, 'owner: "create ... new users"');
SELECT is(t.run(format('SELECT ambit.assign_role(%L, %L, %L, %L)', 'co', 'newt', r, 'london')), '1', 'owner: "click the Role dropdown and select one of the following": ' || r)
FROM unnest('{call_center,user,user_plus,manager,administrator,owner}'::text[]) r;
SELECT lives_ok($$SELECT ambit.assign_role('co', 'newt', 'user', 'london', only_self => true)$$, 'owner: "Use the Person dropdown to limit the staff member this user has access to"');
SELECT lives_ok($$SELECT ambit.assign_role('co', 'newt', 'manager', 'soho', only_group => 'stylists')$$, 'owner: "Use the Group dropdown to select any pre-made staff groups they can access"');
SELECT is(t.run(call), '42501', 'owner at one location: "create and manage new users": ' || words || ': ' || call)
FROM (VALUES
	($$SELECT ambit.assign_role('co', 'newt', 'user', 'paris')$$, 'not at another'),
	($$SELECT ambit.assign_role('co', 'newt', 'user', 'paris', only_self => true)$$, 'not at another, with a limit'),
	($$SELECT ambit.assign_role('co', 'newt', 'user', 'hq')$$, 'not at the parent'),
	($$SELECT ambit.assign_role('co', 'newt', 'user')$$, 'not without a location'),
	($$SELECT ambit.change_role('co', 'tom at paris', 'user', 'user_plus', 'paris')$$, 'changes no role at another'),
	($$SELECT ambit.change_role('co', 'una', 'user', 'user_plus', 'hq')$$, 'changes no role at the parent'),
	($$SELECT ambit.revoke_role('co', 'tom', 'user', 'paris')$$, 'takes no role at another'),
	($$SELECT ambit.revoke_role('co', 'una', 'user', 'hq')$$, 'takes no role at the parent'),
	($$SELECT ambit.revoke_role('co', 'wanda', 'owner')$$, 'takes no role without a location'),
	($$SELECT ambit.remove_member('co', 'tom')$$, 'removes nobody who has a role at another, too'),
	($$SELECT ambit.remove_member('co', 'una')$$, 'removes nobody who has a role at the parent'),
	($$SELECT ambit.add_member('co', 'newt at paris', '{"staff": "26"}')$$, '"creating separate users for them": the staff member of another user is the DBA''s to give'),
	($$SELECT ambit.add_member('co', 'una', '{"staff": "27"}')$$, 'nor are keys of one who is a user already'),
	($$SELECT ambit.add_member('rival', 'newt')$$, 'nobody in another company')) v (call, words);
SELECT ambit.assume('co', 'newt');
SELECT is(t.outcome($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 26)$$) || '/' || t.outcome($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('london', 100, 21)$$), 'done/refused',
	'the new user: "limit a user to view/manage their own staff calendar and bookings only"');
SELECT is(t.held_at('bookings.manage') || '/' || t.held_at('staff.what_and_where.edit'), 'london soho/soho', 'the new user: a role at each of two locations');
SELECT is(t.outcome($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('soho', 100, 22)$$) || '/' || t.outcome($$INSERT INTO app.bookings (location, id, staff_id) VALUES ('soho', 100, 21)$$), 'done/refused',
	'the new user: "this will only show staff that belong to the same group": bookings at the second location');
SELECT ambit.assume('co', 'owner at london');
SELECT lives_ok($$SELECT ambit.change_role('co', 'newt', 'user', 'user_plus', 'london')$$, 'owner: "Whether you are editing an existing user": another role');
SELECT lives_ok($$SELECT ambit.revoke_role('co', 'newt', 'manager', 'soho')$$, 'owner: "manage new users": takes a role');
SELECT ambit.assume('co', 'newt');
SELECT is(t.held_at('staff.schedules.edit') || '/' || t.held_at('staff.what_and_where.edit'), 'london soho/', 'the user: the role as it was changed, and no longer the one that was taken');
SELECT is(t.outcome($$INSERT INTO app.schedules (location, id, staff_id) VALUES ('london', 100, 26)$$) || '/' || t.outcome($$INSERT INTO app.schedules (location, id, staff_id) VALUES ('london', 100, 21)$$), 'done/refused',
	'the user: limited to a staff member as before');
SELECT ambit.assume('co', 'owner at london');
SELECT lives_ok($$SELECT ambit.remove_member('co', 'newt')$$, 'owner: "manage new users": removes one');
SELECT throws_ok($$SELECT ambit.assume('co', 'newt')$$, '42704', NULL, 'who is a user no more');
-- asked before: two arguments ask for the whole tenant, three at a location
SELECT is(ambit.can_assign_role('user', 'bob'), false, 'owner at one location: can_assign_role() without a location: the whole tenant');
SELECT is(coalesce(string_agg(l, ' ' ORDER BY l), ''), 'london soho', 'owner at one location: can_assign_role() at a location')
FROM unnest('{hq,london,paris,leeds,soho,rome,nowhere}'::text[]) l WHERE ambit.can_assign_role('user', 'bob', l);
SELECT ambit.assume('co', 'olga');
SELECT is(ambit.can_assign_role('user', 'bob') || '/' || ambit.can_assign_role('user', 'bob', 'hq'), 'false/true', 'owner at the parent: can_assign_role(): not for the whole tenant, but at the parent');
SELECT is(t.run(call), expected, 'owner at the parent: ' || call)
FROM (VALUES
	($$SELECT ambit.assign_role('co', 'bob', 'user', 'hq')$$, '1'),
	($$SELECT ambit.assign_role('co', 'bob', 'user', 'paris')$$, '1'),
	($$SELECT ambit.remove_member('co', 'tom')$$, '1'),
	($$SELECT ambit.assign_role('co', 'bob', 'user')$$, '42501'),
	($$SELECT ambit.remove_member('co', 'wanda')$$, '42501')) v (call, expected);
SELECT ambit.assume('co', 'wanda');
SELECT is(ambit.can_assign_role('user', 'bob'), true, 'owner of the whole tenant: can_assign_role() without a location');
SELECT is(t.run($$SELECT ambit.assign_role('co', 'bob', 'user')$$), '1', 'owner of the whole tenant: a role without a location');
-- "a new user who is an Owner at one location, an Administrator at another and a User at another": owner there, and no further
SELECT ambit.assume('co', 'mia');
SELECT is(coalesce(string_agg(l, ' ' ORDER BY l), ''), 'london soho', 'owner at one location, administrator and user at others: creates and manages at the one')
FROM unnest('{hq,london,paris,leeds,soho}'::text[]) l WHERE t.run(format('SELECT ambit.assign_role(%L, %L, %L, %L)', 'co', 'bob', 'user', l)) = '1';

CREATE FUNCTION pg_temp.refused(who text, words text, calls text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	call text;
BEGIN
	PERFORM ambit.assume('co', who);
	FOREACH call IN ARRAY calls LOOP
		call := replace(call, '$who', quote_literal(who));
		RETURN NEXT is(t.run('SELECT ' || call), '42501', format('%s: %s: %s', who, words, call));
	END LOOP;
END
$$;
SELECT pg_temp.refused(who, '"Cannot: Create new users"', ARRAY[
	$$ambit.add_member('co', 'new')$$,
	$$ambit.remove_member('co', 'una')$$,
	$$ambit.assign_role('co', 'nemo', 'user', 'london')$$,
	$$ambit.assign_role('co', $who, 'owner', 'london')$$,
	$$ambit.revoke_role('co', 'una', 'user', 'hq')$$,
	$$ambit.change_role('co', 'una', 'user', 'user_plus', 'hq')$$])
FROM unnest('{ada,max,paul,una,cal,nemo}'::text[]) who;
SELECT pg_temp.refused(who, 'the document gives it to nobody', ARRAY[
	$$ambit.add_location('co', 'oslo', 'london')$$,
	$$ambit.move_location('co', 'soho', 'paris')$$,
	$$ambit.add_group('co', 'g')$$,
	$$ambit.add_to_group('co', 'stylists', 'una')$$,
	$$ambit.set_role_permission('co', 'user', 'services.view', true)$$,
	$$ambit.set_member_permission('co', 'una', 'services.view', true)$$])
FROM unnest('{olga,ada,max,paul,una,cal,nemo}'::text[]) who;

/* ---- the other company --------------------------------------------------------------------------------------------- */

SELECT ambit.assume('rival', 'anna');
SELECT is(t.seen(relation, 'tenant'), 'rival', 'an owner of another company with the same ids sees its own rows of ' || relation || ' only') FROM t.tables;
SELECT is(t.outcome($$UPDATE app.company SET name = 'x' WHERE id = 2$$), 'refused', 'and changes none of this one');
SELECT ambit.logout();
SELECT is(t.seen('calendar', 'id'), '', 'after logout(): nobody again');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
