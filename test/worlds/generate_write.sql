/* ---- generate_write: who tries to write what -------------------------------
 *
 * world.make_trials() chooses a few statements a world, and tries each with
 * several rows and identities, so that its plan is kept from one to the next.
 * Mostly it is those who see the row.
 */

/* The statements that there are; compare_write.sql makes a function of each. */
CREATE TABLE world.statement (
	statement	integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	relation	text,
	command		text,
	form		text,
	columns		text[]		/* that an UPDATE names */
);
INSERT INTO world.statement (relation, command, form, columns)
	SELECT x.relation, 'update', form, x.columns
	FROM (
		SELECT relation, ARRAY[c] AS columns FROM ref.relation, unnest(columns) c
		UNION ALL
		SELECT relation, columns FROM ref.relation
		UNION ALL
		VALUES ('t1', '{status,note}'::text[]), ('t1', '{note,price}'), ('t1', '{owner,status}'), ('t1', '{location,owner}'), ('t1', '{location,owner,client,assignee,team}'),
			('t1', '{status,price,assignee}'), ('t1', '{owner,note}'), ('t1', '{location,client,price}'),
			('t2', '{owner,client,assignee}'), ('t2', '{status,note}'), ('t2', '{id,owner}'), ('t2', '{note,extra,status}'), ('t2', '{owner,note}'), ('t2', '{client,extra}'),
			('t3', '{parent_id,status}'), ('t3', '{assignee,note}'), ('t3', '{status,note}'), ('t3', '{parent_id,assignee,note}'),
			('t4', '{status,note,extra}'), ('t4', '{note,extra}'), ('t4', '{client,status}'), ('t4', '{client,note}')) x
		CROSS JOIN unnest('{where,returning,from,view,merge,conflict}'::text[]) form
		JOIN ref.relation r USING (relation)
	WHERE form <> 'conflict' OR r.key <> ALL (x.columns)
	ORDER BY 1, 3, 4;
INSERT INTO world.statement (relation, command, form)
	SELECT relation, command, form
	FROM ref.relation
		CROSS JOIN (VALUES ('insert', '{where,returning,from,view,merge,conflict}'::text[]), ('delete', '{where,returning,from,view,merge}')) x(command, forms)
		CROSS JOIN unnest(forms) form
	ORDER BY 1, 2, 3;

/* by which of them an attempt is made */
CREATE UNLOGGED TABLE world.tried (
	trial		integer PRIMARY KEY,
	statement	integer
);

/* what an UPDATE of a whole table sets */
CREATE UNLOGGED TABLE world.whole (
	relation	text,
	"column"	text,
	value		text
);

/* A value for a column of a row of that tenant. */
CREATE FUNCTION world.value_for(relation text, "column" text, tenant_name text) RETURNS text
	LANGUAGE plpgsql AS
$$
BEGIN
	CASE "column"
	WHEN 'id' THEN
		RETURN CASE WHEN world.chance(0.9) THEN world.number(196, 204) ELSE world.number(1, 14) END;
	WHEN 'tenant' THEN
		RETURN world.pick(ARRAY(SELECT t.tenant FROM ref.tenant t ORDER BY t.tenant COLLATE "C") || '{tz}'::text[] || NULL::text);
	WHEN 'location' THEN
		RETURN world.pick('{l1,l1,L1,l2,l3,l4,l9,NULL}');
	WHEN 'team' THEN
		RETURN world.pick('{g1,G1,g2,g9,NULL}');
	WHEN 'parent_id' THEN
		RETURN nullif(world.number(0, 15), 0);
	WHEN 'status' THEN
		RETURN world.pick('{open,open,sent,done,other,NULL}');
	WHEN 'price' THEN
		RETURN world.pick('{1,1.0,1.00,2,10,10.0,NaN,NULL}');
	WHEN 'note' THEN
		IF world.chance(0.1) THEN
			RETURN repeat('0123456789 ', 400);
		END IF;
		RETURN world.pick((CASE relation WHEN 't1' THEN '{x,y,reset,"",NULL}' ELSE '{x,y,"",NULL}' END)::text[]);
	WHEN 'extra' THEN
		RETURN world.pick((CASE relation WHEN 't2' THEN '{"{}","{a,b}","{a}",NULL}' ELSE '{none,y,z,NULL}' END)::text[]);
	WHEN 'owner' THEN
		RETURN CASE relation WHEN 't2' THEN world.pick('{7,7,8,9,NULL}') ELSE world.key_for(tenant_name, 'staff') END;
	WHEN 'assignee' THEN
		RETURN CASE relation WHEN 't2' THEN world.pick('{5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0001,5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0002,NULL}')
			ELSE world.key_for(tenant_name, 'staff') END;
	WHEN 'client' THEN
		RETURN CASE relation WHEN 't2' THEN world.pick('{7,7,9,10,NULL}')
			WHEN 't4' THEN CASE WHEN world.chance(0.5) THEN 'n' || world.number(1, 9) ELSE coalesce(world.key_for(tenant_name, 'client'), 'n0') END
			ELSE world.key_for(tenant_name, 'client') END;
	END CASE;
END
$$;

/* The row with another value in that column. */
CREATE FUNCTION world.with_value(r ref.row, "column" text, value text) RETURNS ref.row
	LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
	CASE "column"
		WHEN 'id' THEN r.id := value;
		WHEN 'tenant' THEN r.tenant := value;
		WHEN 'location' THEN r.location := value;
		WHEN 'owner' THEN r.owner := value;
		WHEN 'client' THEN
			r.client := value;
			/* of the register it is the key */
			r.id := CASE r.relation WHEN 't4' THEN value ELSE r.id END;
		WHEN 'assignee' THEN r.assignee := value;
		WHEN 'team' THEN r.team := value;
		WHEN 'parent_id' THEN r.parent_id := value;
		WHEN 'status' THEN r.status := value;
		WHEN 'price' THEN r.price := value;
		WHEN 'note' THEN r.note := value;
		WHEN 'extra' THEN r.extra := value;
	END CASE;
	RETURN r;
END
$$;

/* A row as the application's trigger leaves it. */
CREATE FUNCTION world.as_stored(r ref.row) RETURNS ref.row
	LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
	IF r.relation = 't1' AND r.note = 'reset' THEN
		r.status := 'open';
	END IF;
	RETURN r;
END
$$;

/* A new row of a table, mostly for that tenant. */
CREATE FUNCTION world.new_row(number integer, relation_name text, tenant_name text) RETURNS ref.row
	LANGUAGE plpgsql AS
$$
DECLARE
	r ref.row;
	c text;
BEGIN
	r."row" := number;
	r.relation := relation_name;
	r.present := false;
	FOREACH c IN ARRAY (SELECT t.columns FROM ref.relation t WHERE t.relation = relation_name) LOOP
		r := world.with_value(r, c, CASE WHEN c = 'tenant' AND world.chance(0.9) THEN tenant_name
			ELSE world.value_for(relation_name, c, tenant_name) END);
	END LOOP;
	/* at times what is masked is left out */
	IF world.chance(0.5) THEN
		FOR c IN SELECT m."column" FROM ref.mask m WHERE m.relation = relation_name ORDER BY m."column" LOOP
			r := world.with_value(r, c, (SELECT d.value FROM ref.default_value d WHERE d.relation = relation_name AND d."column" = c));
		END LOOP;
	END IF;
	RETURN world.as_stored(r);
END
$$;

CREATE FUNCTION world.make_trials() RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	tables text[] := '{t1,t2,t3,t4}';
	relation_name text;
	everybody ref.identity[] := ARRAY(SELECT i FROM ref.identity i ORDER BY i.identity);
	there ref.row[];		/* of a table */
	seen integer[];			/* who sees which of them: identity * 1000 + place in "there" */
	able integer[];			/* and is permitted the row by a rule of update */
	pairs integer[];
	covered text[];			/* columns that rules of update cover */
	becomes jsonb;			/* what rules of update say that columns become */
	masked text[];
	key_of_staff text;
	key_of_client text;
	statements world.statement[];
	of_command world.statement[];
	s world.statement;
	i ref.identity;
	o ref.row;
	n ref.row;
	number integer := coalesce((SELECT max("row") FROM ref.row), 0);
	trial integer := 0;
	x integer;
	c text;
	v text;
	how text;
BEGIN
	DELETE FROM ref.trial;
	DELETE FROM world.tried;
	DELETE FROM world.whole;
	FOREACH relation_name IN ARRAY tables LOOP
		there := ARRAY(SELECT r FROM ref.row r WHERE r.relation = relation_name AND r.present ORDER BY r."row");
		SELECT coalesce(array_agg(y.pair ORDER BY y.pair) FILTER (WHERE y.seen), '{}'),
			coalesce(array_agg(y.pair ORDER BY y.pair) FILTER (WHERE y.seen AND y.able), '{}')
		INTO seen, able
		FROM (SELECT g.identity * 1000 + z.ordinality::integer AS pair, bool_or(u.command = 'select') AS seen, bool_or(u.command = 'update') AS able
			FROM unnest(there) WITH ORDINALITY z JOIN ref.granted g USING ("row") JOIN ref.rule u USING (rule)
			GROUP BY 1) y;
		SELECT array_agg(DISTINCT k), coalesce(jsonb_object_agg(k, u.becomes ORDER BY u.rule) FILTER (WHERE u.becomes IS NOT NULL), '{}')
		INTO covered, becomes
		FROM ref.rule u JOIN ref.relation t USING (relation) CROSS JOIN unnest(coalesce(u.columns, t.columns)) k
		WHERE u.relation = relation_name AND u.command = 'update';
		masked := ARRAY(SELECT m."column" FROM ref.mask m WHERE m.relation = relation_name);
		statements := ARRAY(SELECT t FROM world.statement t WHERE t.relation = relation_name ORDER BY t.statement);
		FOR k IN 1 .. CASE relation_name WHEN 't1' THEN 5 ELSE 3 END LOOP
			v := world.pick('{insert,insert,delete,update,update,update,update,update,update}');
			how := world.pick('{where,returning,from,view,merge,conflict}');
			IF how = 'view' AND EXISTS (SELECT FROM ref.mask m WHERE m.relation = relation_name) AND world.chance(0.8) THEN
				/* refused in every case */
				how := 'where';
			END IF;
			of_command := ARRAY(SELECT t FROM unnest(statements) t WHERE t.command = v AND (t.form = how OR v = 'delete') ORDER BY t.statement);
			IF v = 'update' AND world.chance(0.8) THEN
				of_command := ARRAY(SELECT t FROM unnest(of_command) t WHERE t.columns <@ covered ORDER BY t.statement);
			END IF;
			IF v = 'update' AND masked <> '{}' AND world.chance(0.4) THEN
				/* who may see the field before is another one than afterwards */
				of_command := ARRAY(SELECT t FROM unnest(of_command) t
					WHERE t.columns && masked AND t.columns && '{owner,client,assignee,location,team,parent_id}' ORDER BY t.statement);
			END IF;
			CONTINUE WHEN of_command = '{}';
			s := of_command[world.number(1, cardinality(of_command))];
			FOR j IN 1 .. world.number(2, 6) LOOP
				pairs := CASE WHEN s.command <> 'insert' AND world.chance(0.7) THEN able WHEN world.chance(0.8) THEN seen ELSE '{}' END;
				IF pairs <> '{}' THEN
					x := pairs[world.number(1, cardinality(pairs))];
					/* nobody is identity 0 */
					i := everybody[x / 1000 + 1];
					o := there[x % 1000];
				ELSE
					i := everybody[world.number(1, cardinality(everybody))];
					o := there[world.number(1, cardinality(there))];
				END IF;
				number := number + 1;
				trial := trial + 1;
				n := NULL;
				IF s.command = 'insert' THEN
					n := world.new_row(number, relation_name, i.tenant);
					IF world.chance(0.85) THEN
						/* a key that is free */
						n := world.with_value(n, CASE relation_name WHEN 't4' THEN 'client' ELSE 'id' END,
							CASE relation_name WHEN 't4' THEN 'n' || trial ELSE (100 + trial)::text END);
					END IF;
					INSERT INTO ref.row SELECT n.*;
				ELSIF s.command = 'update' THEN
					/* somebody takes what is his */
					SELECT m.keys->>'staff', m.keys->>'client' INTO key_of_staff, key_of_client
					FROM ref.member m WHERE m.tenant = i.tenant AND m.user_id = i.user_id;
					n := o;
					n."row" := number;
					n.was := o."row";
					n.present := false;
					FOREACH c IN ARRAY s.columns LOOP
						CONTINUE WHEN world.chance(CASE WHEN cardinality(s.columns) > 5 OR c IN ('tenant', 'id') THEN 0.75 ELSE 0.2 END);
						n := world.with_value(n, c, CASE
							WHEN becomes ? c AND world.chance(0.4) THEN becomes->>c
							WHEN c IN ('owner', 'assignee') AND relation_name <> 't2' AND world.chance(0.3) THEN key_of_staff
							WHEN c = 'client' AND relation_name = 't1' AND world.chance(0.3) THEN key_of_client
							ELSE world.value_for(relation_name, c, i.tenant) END);
					END LOOP;
					n := world.as_stored(n);
					INSERT INTO ref.row SELECT n.*;
				END IF;
				INSERT INTO ref.trial VALUES (trial, i.identity, s.command, s.form, CASE WHEN s.command <> 'insert' THEN o."row" END, n."row", s.columns);
				INSERT INTO world.tried VALUES (trial, s.statement);
			END LOOP;
		END LOOP;
	END LOOP;
	/* now and then all rows that there are */
	IF world.chance(0.4) THEN
		relation_name := world.pick(tables);
		c := world.pick('{status,note}');
		v := world.value_for(relation_name, c, NULL);
		how := world.pick('{whole,whole returning}');
		x := number;
		INSERT INTO world.whole VALUES (relation_name, c, v);
		FOR o IN SELECT * FROM ref.row r WHERE r.relation = relation_name AND r.present ORDER BY r."row" LOOP
			number := number + 1;
			n := world.with_value(o, c, v);
			n."row" := number;
			n.was := o."row";
			n.present := false;
			n := world.as_stored(n);
			INSERT INTO ref.row SELECT n.*;
		END LOOP;
		FOREACH i IN ARRAY everybody LOOP
			CONTINUE WHEN NOT world.chance(0.2);
			INSERT INTO ref.trial
				SELECT trial + r."row", i.identity, 'update', how, r.was, r."row", ARRAY[c]
				FROM ref.row r WHERE r."row" > x;
			trial := trial + number;
		END LOOP;
	END IF;
END
$$;
