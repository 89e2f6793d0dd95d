/* ---- generate_rules: random rules and masks of the application's tables ----
 *
 * Rules stand outside the tenants' model: forty worlds share a set of them.
 */

/* Which set is in force, on ambit and in ref.rule. */
CREATE TABLE world.rule_set (
	number		bigint
);

/* what a column may become by a rule; masks only where there are values */
CREATE TABLE world.pool (
	relation	text,
	"column"	text,
	becomes		text[],
	masked		double precision,	/* how often */
	PRIMARY KEY (relation, "column")
);
INSERT INTO world.pool VALUES
	('t1', 'id', NULL, 0), ('t1', 'tenant', NULL, 0), ('t1', 'location', '{l1}', 0), ('t1', 'owner', '{a1,7}', 0), ('t1', 'client', NULL, 0),
	('t1', 'assignee', '{a2}', 0), ('t1', 'team', '{g1}', 0), ('t1', 'status', '{open,sent,done}', 0), ('t1', 'price', '{1,10}', 0.4), ('t1', 'note', '{x}', 0.4),
	('t2', 'id', NULL, 0), ('t2', 'tenant', NULL, 0), ('t2', 'owner', '{7}', 0), ('t2', 'client', '{9}', 0), ('t2', 'assignee', NULL, 0),
	('t2', 'status', '{open,sent,done}', 0.2), ('t2', 'note', NULL, 0.2), ('t2', 'extra', NULL, 0.2),
	('t3', 'id', NULL, 0), ('t3', 'parent_id', '{1,2}', 0), ('t3', 'assignee', '{a1}', 0), ('t3', 'status', '{open,sent,done}', 0.2), ('t3', 'note', '{x}', 0.3),
	('t4', 'client', NULL, 0), ('t4', 'tenant', NULL, 0), ('t4', 'status', '{open,sent}', 0), ('t4', 'note', '{x}', 0.4), ('t4', 'extra', '{none}', 0.4);

CREATE FUNCTION world.condition_for(relation text) RETURNS text
	LANGUAGE sql VOLATILE AS
$$
	SELECT world.pick('{"status = ''open''","status IS DISTINCT FROM ''sent''","note IS NOT NULL"}'::text[]
		|| CASE WHEN relation <> 't4' THEN '{assignee IS NULL}'::text[] ELSE '{}' END
		|| CASE relation WHEN 't1' THEN '{price < 10,owner = assignee}'::text[] WHEN 't3' THEN '{}' ELSE '{extra IS NULL}' END)
$$;

CREATE FUNCTION world.rule_for(relation text, command text, permissions text[]) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	u ref.rule := ROW(1 + (SELECT count(*) FROM ref.rule), relation, command, world.pick(permissions));
	pool text[] := ARRAY(SELECT p."column" FROM world.pool p WHERE p.relation = rule_for.relation ORDER BY p."column");
BEGIN
	u.checks := 'both';
	IF command = 'update' AND world.chance(0.65) THEN
		u.columns := CASE WHEN world.chance(0.5) THEN ARRAY[world.pick(pool)] ELSE world.some(pool, 3) END;
		u.columns := CASE WHEN u.columns <> '{}' THEN u.columns ELSE '{status}' END;
	END IF;
	IF command = 'update' THEN
		u.checks := world.pick('{both,both,both,old,old,new}');
	ELSIF command = 'insert' AND world.chance(0.3) THEN
		u.checks := 'new';
	END IF;
	IF command IN ('insert', 'update') AND world.chance(0.35) THEN
		SELECT ARRAY[p."column"], world.pick(p.becomes) INTO u.columns, u.becomes
		FROM world.pool p
		WHERE p.relation = rule_for.relation AND p.becomes IS NOT NULL
			AND p."column" = CASE WHEN world.chance(0.6) THEN 'status' ELSE world.pick(pool) END;
		IF relation IN ('t1', 't3') AND u.columns = '{status}' AND world.chance(0.2) THEN
			u.columns := '{note,status}';
			u.becomes := world.pick('{x,open}');
		END IF;
	END IF;
	IF world.chance(CASE command WHEN 'select' THEN 0.15 ELSE 0.25 END) THEN
		u.condition := world.condition_for(relation);
	END IF;
	INSERT INTO ref.rule SELECT u.*;
END
$$;

/* The rules of set "number" in ref.rule and ref.mask. */
CREATE FUNCTION world.make_rules(number bigint) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	t text;
	permissions text[];
BEGIN
	PERFORM setseed((number * 0.7320508075688772) % 1);
	DELETE FROM ref.rule;
	DELETE FROM ref.mask;
	FOREACH t IN ARRAY '{t1,t2,t3,t4}'::text[] LOOP
		/* some of them, so that one holds several rules of the table */
		permissions := ARRAY(SELECT p FROM unnest('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}'::text[]) p ORDER BY random() LIMIT 4);
		FOR i IN 1 .. CASE t WHEN 't1' THEN 2 ELSE world.number(1, 2) END LOOP
			PERFORM world.rule_for(t, 'select', permissions);
		END LOOP;
		FOR i IN 1 .. CASE WHEN world.chance(0.05) THEN 0 ELSE world.number(1, 3) END LOOP
			PERFORM world.rule_for(t, 'insert', permissions);
		END LOOP;
		FOR i IN 1 .. CASE WHEN world.chance(0.05) THEN 0 ELSE world.number(2, 6) END LOOP
			PERFORM world.rule_for(t, 'update', permissions);
		END LOOP;
		FOR i IN 1 .. world.number(0, 2) LOOP
			PERFORM world.rule_for(t, 'delete', permissions);
		END LOOP;
	END LOOP;
	IF world.chance(0.8) THEN
		INSERT INTO ref.mask
			SELECT p.relation, p."column", world.pick('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}')
			FROM (SELECT * FROM world.pool ORDER BY relation, "column") p
			WHERE world.chance(p.masked);
	END IF;
END
$$;

/* The rules of a world, on ambit as well, unless they are in force. */
CREATE FUNCTION world.rules(seed bigint) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	set_number bigint := seed / 40;
	r record;
BEGIN
	IF EXISTS (SELECT FROM world.rule_set s WHERE s.number = set_number) THEN
		RETURN;
	END IF;
	FOR r IN SELECT * FROM ref.mask ORDER BY relation, "column" LOOP
		PERFORM ambit.unmask(('app.' || r.relation)::regclass, r."column"::name);
	END LOOP;
	IF EXISTS (SELECT FROM world.rule_set) THEN
		PERFORM ambit.unprotect('app.t3');
		PERFORM ambit.unprotect('app.t1');
		PERFORM ambit.unprotect('app.t2');
		PERFORM ambit.unprotect('app.t4');
	END IF;
	DELETE FROM world.rule_set;
	INSERT INTO world.rule_set VALUES (set_number);
	PERFORM ambit.protect('app.t1', tenant => 'tenant', location => 'location', owner => 'owner', client => 'client',
		assignee => 'assignee', team => 'team');
	PERFORM ambit.protect('app.t2', tenant => 'tenant', owner => 'owner', client => 'client', assignee => 'assignee');
	PERFORM ambit.protect('app.t3', parent => 'app.t1', parent_key => 'parent_id', assignee => 'assignee');
	PERFORM ambit.protect('app.t4', tenant => 'tenant', client => 'client');
	PERFORM world.make_rules(set_number);
	FOR r IN SELECT * FROM ref.rule ORDER BY rule LOOP
		PERFORM ambit.add_rule(('app.' || r.relation)::regclass, r.command, r.permission::ambit.permission,
			r.columns::name[], r.becomes, r.condition, r.checks);
	END LOOP;
	FOR r IN SELECT * FROM ref.mask ORDER BY relation, "column" LOOP
		PERFORM ambit.mask(('app.' || r.relation)::regclass, r."column"::name, r.permission::ambit.permission);
	END LOOP;
END
$$;
