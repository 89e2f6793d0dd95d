/* ---- tables: the application's tables, the same in every world ------------
 *
 * Plain tables, not protected yet (protect.sql), and what the reference has
 * to know of them: which columns are bound, their types, and the rules.
 */

CREATE SCHEMA app;

/* everything bound, two select rules */
CREATE TABLE app.t1 (
	id			integer PRIMARY KEY,
	tenant		text,
	location	text,
	owner		text,
	client		text,
	assignee	text,
	team		text,
	note		text
);
/* types to which not every key converts; no location, no team */
CREATE TABLE app.t2 (
	id			integer PRIMARY KEY,
	tenant		varchar(40),
	owner		bigint,
	client		bigint,
	assignee	uuid,
	note		text
);
/* bound by its parent */
CREATE TABLE app.t3 (
	id			integer PRIMARY KEY,
	t1_id		integer,
	note		text
);
/* the client register */
CREATE TABLE app.t4 (
	client		text COLLATE "C" PRIMARY KEY,
	tenant		text,
	note		text
);
CREATE INDEX ON app.t1 (tenant, owner);
CREATE INDEX ON app.t1 (tenant, client);
CREATE INDEX ON app.t2 (tenant, client);
CREATE INDEX ON app.t3 (t1_id);

INSERT INTO ref.relation VALUES
	('t1', 'text', 'text', 'text', 'text', 'text', NULL, false),
	('t2', NULL, 'bigint', 'bigint', 'uuid', NULL, NULL, false),
	('t3', NULL, NULL, NULL, NULL, NULL, 't1', false),
	('t4', NULL, NULL, 'text', NULL, NULL, NULL, true);

INSERT INTO ref.ask
	SELECT unnest('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}'::text[]);

INSERT INTO ref.rule VALUES
	('t1', 'select', 'wa.p1'), ('t1', 'select', 'wb.p1'),
	('t1', 'insert', 'wa.p2'),
	('t1', 'update', 'wa.p3'), ('t1', 'update', 'wb.p2'),
	('t1', 'delete', 'wb.p1'),
	('t2', 'select', 'wa.p2'),
	('t2', 'insert', 'wa.p1'),
	('t2', 'update', 'wb.p3'),
	('t2', 'delete', 'wa.p2'), ('t2', 'delete', 'wa.p3'),
	('t3', 'select', 'wb.p2'),
	('t3', 'insert', 'wb.p3'), ('t3', 'insert', 'wa.p1'),
	('t3', 'update', 'wb.p2'),
	('t3', 'delete', 'wa.p3'),
	('t4', 'select', 'wb.p4'),
	('t4', 'insert', 'wa.p3'),
	('t4', 'update', 'wb.p4'),
	('t4', 'delete', 'wb.p1');

/* what the relationships read */
CREATE TABLE app.served (
	tenant		text,
	staff		text,
	client		text,
	at			timestamptz
);
CREATE TABLE app.dependants (
	tenant		text,
	client		text,
	dependant	text
);
CREATE TABLE app.billed (
	tenant		text,
	staff		bigint,
	client		bigint
);
CREATE INDEX ON app.served (tenant, staff, at);
