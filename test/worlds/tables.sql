/* ---- tables: the application's tables, the same in every world ------------
 *
 * Plain tables, not protected yet (protect.sql), and what the reference has
 * to know of them: which columns are bound, and their types.  The rules and
 * masks are made at random (generate_rules.sql).
 */

CREATE SCHEMA app;

CREATE DOMAIN app.state AS text CHECK (VALUE <> 'never');

/* everything bound; a column that was dropped, one that is generated, and a
 * trigger that changes what is written */
CREATE TABLE app.t1 (
	id			integer PRIMARY KEY,
	tenant		text,
	location	text,
	gone		integer,
	owner		text,
	client		text,
	assignee	text,
	team		text,
	status		text,
	price		numeric,
	note		text,
	label		text GENERATED ALWAYS AS (coalesce(status, 'none') || '!') STORED
);
ALTER TABLE app.t1 DROP COLUMN gone;
CREATE FUNCTION app.reset() RETURNS trigger
	LANGUAGE plpgsql AS
$$
BEGIN
	IF NEW.note = 'reset' THEN
		NEW.status := 'open';
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER reset BEFORE INSERT OR UPDATE ON app.t1 FOR EACH ROW EXECUTE FUNCTION app.reset();

/* types to which not every key converts; no location, no team; partitions,
 * one of them with its columns in another order */
CREATE TABLE app.t2 (
	id			integer PRIMARY KEY,
	tenant		varchar(40),
	owner		bigint,
	client		bigint,
	assignee	uuid,
	status		app.state,
	note		text,
	extra		text[]
) PARTITION BY RANGE (id);
CREATE TABLE app.t2_low PARTITION OF app.t2 FOR VALUES FROM (MINVALUE) TO (200);
CREATE TABLE app.t2_high (
	extra		text[],
	gone		text,
	note		text,
	status		app.state,
	id			integer NOT NULL,
	client		bigint,
	owner		bigint,
	assignee	uuid,
	tenant		varchar(40)
);
ALTER TABLE app.t2_high DROP COLUMN gone;
ALTER TABLE app.t2 ATTACH PARTITION app.t2_high FOR VALUES FROM (200) TO (MAXVALUE);

/* bound by its parent; the assignee is its own */
CREATE TABLE app.t3 (
	id			integer PRIMARY KEY,
	parent_id	integer,
	assignee	text,
	status		varchar(10) DEFAULT 'open',
	note		text
);

/* the client register */
CREATE TABLE app.t4 (
	client		text COLLATE "C" PRIMARY KEY,
	tenant		text,
	status		text,
	note		text,
	extra		text DEFAULT 'none'
);
CREATE INDEX ON app.t1 (tenant, owner);
CREATE INDEX ON app.t1 (tenant, client);
CREATE INDEX ON app.t2 (tenant, client);
CREATE INDEX ON app.t3 (parent_id);

CREATE VIEW app.v1 WITH (security_invoker) AS
	SELECT id, tenant, location, owner, client, assignee, team, status, price, note FROM app.t1;
CREATE VIEW app.v2 WITH (security_invoker) AS SELECT * FROM app.t2;
CREATE VIEW app.v3 WITH (security_invoker) AS SELECT * FROM app.t3;
CREATE VIEW app.v4 WITH (security_invoker) AS SELECT * FROM app.t4;

INSERT INTO ref.relation VALUES
	('t1', 'id', '{id,tenant,location,owner,client,assignee,team,status,price,note}',
		'text', 'text', 'text', 'text', 'text', NULL, false),
	('t2', 'id', '{id,tenant,owner,client,assignee,status,note,extra}',
		NULL, 'bigint', 'bigint', 'uuid', NULL, NULL, false),
	('t3', 'id', '{id,parent_id,assignee,status,note}',
		NULL, NULL, NULL, 'text', NULL, 't1', false),
	('t4', 'client', '{client,tenant,status,note,extra}',
		NULL, NULL, 'text', NULL, NULL, NULL, true);

INSERT INTO ref.default_value VALUES ('t3', 'status', 'open'), ('t4', 'extra', 'none');

INSERT INTO ref.ask
	SELECT unnest('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}'::text[]);

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
