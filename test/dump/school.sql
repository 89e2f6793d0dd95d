-- school.sql: two small schools that use every part of the model.  Loaded by
-- dump.sh; days are far enough from the edges of every window for the test to
-- last as long as it likes.

CREATE EXTENSION ambit;
CREATE ROLE regress_dump_app;
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_dump_app;

CREATE TABLE app.clients (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	guardian bigint REFERENCES app.clients,
	name text NOT NULL
);
CREATE TABLE app.appointments (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	location text,
	staff_id int,
	client_id bigint REFERENCES app.clients,
	starts_at timestamptz NOT NULL
);
CREATE INDEX ON app.appointments (staff_id, starts_at);
CREATE TABLE app.attendance (
	id bigint PRIMARY KEY,
	appointment_id bigint NOT NULL REFERENCES app.appointments ON DELETE CASCADE,
	present boolean
);
CREATE TABLE app.comments (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	author int,
	client_id bigint REFERENCES app.clients,
	audience text NOT NULL,
	body text
);
CREATE TABLE app.people (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	client_id bigint REFERENCES app.clients,
	name varchar(30),
	phone text DEFAULT 'none',
	"e mail" text,
	digits text GENERATED ALWAYS AS (md5(phone)) STORED
);

INSERT INTO app.clients
SELECT i, CASE WHEN i <= 30 THEN 'music' ELSE 'dance' END, CASE WHEN i % 10 = 5 THEN i - 1 END, 'client ' || i
FROM generate_series(1, 40) i;
INSERT INTO app.appointments
SELECT i, c.school, (ARRAY['north', 'south', NULL])[i % 3 + 1], i % 4 + 1, c.id,
	now() + make_interval(days => (ARRAY[-40, -20, -10, -1, 3, 12, 20, 50])[i % 8 + 1])
FROM generate_series(1, 120) i JOIN app.clients c ON c.id = (i * 7) % 40 + 1;
INSERT INTO app.attendance SELECT id, id, id % 2 = 0 FROM app.appointments;
INSERT INTO app.comments
SELECT i, c.school, i % 4 + 1, c.id, (ARRAY['client', 'staff'])[i % 2 + 1], 'comment ' || i
FROM generate_series(1, 60) i JOIN app.clients c ON c.id = (i * 3) % 40 + 1;
INSERT INTO app.people SELECT id, school, id, name, 'phone ' || id, 'mail ' || id FROM app.clients;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO regress_dump_app;
SELECT ambit.trust_application('regress_dump_app');

SELECT ambit.create_tenant('music', 'opus1', 'The music school');
SELECT ambit.create_tenant('dance', 'opus1');
SELECT ambit.add_location('music', 'city');
SELECT ambit.add_location('music', 'north', 'city');
SELECT ambit.add_location('music', 'south', 'city');
-- the child's row stands before its parent's in the table, and so in a dump
SELECT ambit.add_location('music', 'country');
SELECT ambit.move_location('music', 'city', 'country');
SELECT ambit.add_group('music', 'strings');

SELECT ambit.add_member(t, u, k::jsonb)
FROM (VALUES
	('music', 'owner', '{"staff": "1"}'),
	('music', 'manager', '{"staff": "2"}'),
	('music', 'manager north', '{"staff": "2"}'),
	('music', 'staff', '{"staff": "3"}'),
	('music', 'limited', '{"staff": "4", "client": "7"}'),
	('music', 'limited strings', '{"staff": "3"}'),
	('music', 'limited other', '{"staff": "2"}'),
	('music', 'limited self', '{"staff": "4"}'),
	('music', 'guardian', '{"client": "4"}'),
	('music', 'client', '{"client": "8"}'),
	('music', 'roleless', '{"staff": "4", "client": "8"}'),
	('dance', 'owner', '{"staff": "1"}'),
	('dance', 'limited', '{"staff": "4"}')
) m (t, u, k);
SELECT ambit.add_to_group('music', 'strings', 'limited strings');
SELECT ambit.add_to_group('music', 'strings', 'staff');

SELECT ambit.assign_role('music', 'owner', 'owner');
SELECT ambit.assign_role('music', 'manager', 'manager');
SELECT ambit.assign_role('music', 'manager north', 'manager', location => 'north');
SELECT ambit.assign_role('music', 'staff', 'staff');
SELECT ambit.assign_role('music', 'limited', 'limited_staff', valid_until => now() + interval '1 year');
SELECT ambit.assign_role('music', 'limited strings', 'limited_staff', only_group => 'strings');
SELECT ambit.assign_role('music', 'limited other', 'limited_staff');
SELECT ambit.assign_role('music', 'limited self', 'staff', only_self => true);
SELECT ambit.assign_role('music', 'guardian', 'client');
SELECT ambit.assign_role('music', 'client', 'client');
SELECT ambit.assign_role('dance', 'owner', 'owner');
SELECT ambit.assign_role('dance', 'limited', 'limited_staff');

SELECT ambit.set_feature('music', 'client_teacher_communication', true);
SELECT ambit.set_member_permission('music', 'limited', 'attendance.take', true);
SELECT ambit.set_member_permission('music', 'limited other', 'appointments.cancel', true);
SELECT ambit.set_member_permission('music', 'manager', 'payroll.run', true);
SELECT * FROM ambit.set_role_permission('dance', 'limited_staff', 'attendance.take', true);

SELECT ambit.bind_relationship('served', 'SELECT school AS tenant, staff_id AS subject, client_id AS object, starts_at AS at FROM app.appointments');
SELECT ambit.bind_relationship('dependants', 'SELECT school AS tenant, guardian AS subject, id AS object FROM app.clients WHERE guardian IS NOT NULL');

SELECT ambit.protect('app.clients', tenant => 'school', client => 'id');
SELECT ambit.add_rule('app.clients', 'select', 'clients.view');
SELECT ambit.add_rule('app.clients', 'insert', 'clients.personal_information.edit');
SELECT ambit.add_rule('app.clients', 'update', 'clients.personal_information.edit');
SELECT ambit.protect('app.appointments', tenant => 'school', location => 'location', owner => 'staff_id', client => 'client_id');
SELECT ambit.add_rule('app.appointments', 'select', 'appointments.view');
SELECT ambit.add_rule('app.appointments', 'insert', 'appointments.book');
SELECT ambit.add_rule('app.appointments', 'update', 'appointments.reschedule');
SELECT ambit.add_rule('app.appointments', 'delete', 'appointments.delete');
SELECT ambit.protect('app.attendance', parent => 'app.appointments', parent_key => 'appointment_id');
SELECT ambit.add_rule('app.attendance', 'select', 'appointments.view');
SELECT ambit.add_rule('app.attendance', 'update', 'attendance.take');
SELECT ambit.protect('app.comments', tenant => 'school', owner => 'author', client => 'client_id');
SELECT ambit.add_rule('app.comments', 'select', 'client_comments.view', "when" => 'audience = ''client''');
SELECT ambit.add_rule('app.comments', 'select', 'staff_comments.view', "when" => 'audience = ''staff''');
SELECT ambit.add_rule('app.comments', 'insert', 'client_comments.post', "when" => 'audience = ''client''');
SELECT ambit.protect('app.people', tenant => 'school', client => 'client_id');
SELECT ambit.add_rule('app.people', c, 'clients.view') FROM unnest('{select,insert,update}'::text[]) c;
SELECT ambit.mask('app.people', c, 'clients.personal_information.view') FROM unnest('{digits,phone}'::name[]) c;
SELECT ambit.mask('app.people', 'e mail', 'clients.personal_information.edit');
ALTER TABLE app.people RENAME "e mail" TO email;
SELECT ambit.set_field_visible('music', 'app.people', 'phone', true);

-- What to ask about: the keys as text, so that the answers do not depend on how
-- a database numbers its permissions.
CREATE TABLE app.permission_keys AS SELECT key::text AS key FROM ambit.permission_key;
GRANT SELECT ON app.permission_keys TO regress_dump_app;

-- who comes with a token, and who by a role of one's own; a dump has one of the keys
SELECT ambit.add_signing_key('kept', 'HS256', 'a dumped secret of 32 bytes or so', tenants => '{music}', dumped => true);
SELECT ambit.add_signing_key('left', 'HS256', 'a secret that no dump has in it..');
SELECT ambit.map_login('regress_dump_app', 'dance', 'owner');
