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
			('t1', '{status,price,assignee}'),
			('t2', '{owner,client,assignee}'), ('t2', '{status,note}'), ('t2', '{id,owner}'), ('t2', '{note,extra,status}'),
			('t3', '{parent_id,status}'), ('t3', '{assignee,note}'), ('t3', '{status,note}'),
			('t4', '{status,note,extra}'), ('t4', '{note,extra}'), ('t4', '{client,status}')) x
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
	RETURN CASE "column"
		WHEN 'id' THEN (CASE WHEN world.chance(0.9) THEN world.number(196, 204) ELSE world.number(1, 14) END)::text
		WHEN 'tenant' THEN world.pick(ARRAY(SELECT t.tenant FROM ref.tenant t ORDER BY t.tenant COLLATE "C") || '{tz}'::text[] || NULL::text)
		WHEN 'location' THEN world.pick('{l1,l1,L1,l2,l3,l4,l9}'::text[] || NULL::text)
		WHEN 'team' THEN world.pick('{g1,G1,g2,g9}'::text[] || NULL::text)
		WHEN 'parent_id' THEN nullif(world.number(0, 15), 0)::text
		WHEN 'status' THEN world.pick('{open,open,sent,done,other}'::text[] || NULL::text)
		WHEN 'price' THEN world.pick('{1,1.0,1.00,2,10,10.0,NaN}'::text[] || NULL::text)
		WHEN 'note' THEN CASE WHEN world.chance(0.1) THEN repeat('0123456789 ', 400)
			ELSE world.pick((CASE relation WHEN 't1' THEN '{x,y,reset,""}' ELSE '{x,y,""}' END)::text[] || NULL::text) END
		WHEN 'extra' THEN CASE relation WHEN 't2' THEN world.pick('{"{}","{a,b}","{a}"}'::text[] || NULL::text)
			ELSE world.pick('{none,y,z}'::text[] || NULL::text) END
		WHEN 'owner' THEN CASE relation WHEN 't2' THEN world.pick('{7,7,8,9}'::text[] || NULL::text) ELSE world.key_for(tenant_name, 'staff') END
		WHEN 'assignee' THEN CASE relation WHEN 't2' THEN world.pick('{5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0001,5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0002}'::text[] || NULL::text)
			ELSE world.key_for(tenant_name, 'staff') END
		WHEN 'client' THEN CASE relation WHEN 't2' THEN world.pick('{7,7,9,10}'::text[] || NULL::text)
			WHEN 't4' THEN CASE WHEN world.chance(0.5) THEN 'n' || world.number(1, 9) ELSE coalesce(world.key_for(tenant_name, 'client'), 'n0') END
			ELSE world.key_for(tenant_name, 'client') END
	END;
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
	FOR c IN SELECT unnest(columns) FROM ref.relation t WHERE t.relation = relation_name LOOP
		r := world.with_value(r, c, CASE
			WHEN c = 'tenant' AND world.chance(0.9) THEN tenant_name
			/* at times what is masked is left out */
			WHEN world.chance(0.5) AND EXISTS (SELECT FROM ref.mask m WHERE m.relation = relation_name AND m."column" = c)
				THEN (SELECT d.value FROM ref.default_value d WHERE d.relation = relation_name AND d."column" = c)
			ELSE world.value_for(relation_name, c, tenant_name) END);
	END LOOP;
	RETURN world.as_stored(r);
END
$$;

CREATE FUNCTION world.make_trials() RETURNS void
	LANGUAGE plpgsql SET enable_nestloop = on AS
$$
DECLARE
	/* who sees which row, and by how many rules it is written */
	seen integer[][];
	s world.statement;
	relation_name text;
	i ref.identity;
	o ref.row;
	n ref.row;
	number integer := coalesce((SELECT max("row") FROM ref.row), 0);
	trial integer := 0;
	x integer;
	c text;
	v text;
	choice text[];
BEGIN
	DELETE FROM ref.trial;
	DELETE FROM world.tried;
	DELETE FROM world.whole;
	FOREACH relation_name IN ARRAY '{t1,t2,t3,t4}'::text[] LOOP
		SELECT array_agg(ARRAY[g.identity, g."row"] ORDER BY g.identity, g."row")
		INTO seen
		FROM (SELECT DISTINCT g.identity, g."row" FROM ref.granted g JOIN ref.rule u USING (rule)
			WHERE u.relation = relation_name AND u.command = 'select') g;
		FOR k IN 1 .. CASE relation_name WHEN 't1' THEN 7 ELSE 4 END LOOP
			choice := CASE world.number(1, 8) WHEN 1 THEN '{insert}' WHEN 2 THEN '{insert}' WHEN 3 THEN '{delete}' ELSE '{update}' END;
			SELECT t.* INTO s FROM world.statement t
			WHERE t.relation = relation_name AND t.command = ANY (choice) ORDER BY t.statement
			OFFSET floor(random() * (SELECT count(*) FROM world.statement t WHERE t.relation = relation_name AND t.command = ANY (choice)))::integer LIMIT 1;
			FOR j IN 1 .. world.number(2, 7) LOOP
				IF seen IS NOT NULL AND world.chance(0.92) THEN
					x := world.number(1, array_length(seen, 1));
					SELECT * INTO i FROM ref.identity t WHERE t.identity = seen[x][1];
					SELECT * INTO o FROM ref.row t WHERE t."row" = seen[x][2];
				ELSE
					SELECT * INTO i FROM ref.identity t
					ORDER BY t.identity OFFSET world.number(0, (SELECT count(*) - 1 FROM ref.identity)::integer) LIMIT 1;
					SELECT * INTO o FROM ref.row t WHERE t.relation = relation_name AND t.present
					ORDER BY t."row" OFFSET world.number(0, (SELECT count(*) - 1 FROM ref.row t WHERE t.relation = relation_name AND t.present)::integer) LIMIT 1;
				END IF;
				number := number + 1;
				trial := trial + 1;
				INSERT INTO world.tried VALUES (trial, s.statement);
				CASE s.command
				WHEN 'insert' THEN
					n := world.new_row(number, relation_name, i.tenant);
					IF world.chance(0.85) THEN
						/* a key that is free */
						n := world.with_value(n, CASE relation_name WHEN 't4' THEN 'client' ELSE 'id' END,
							CASE relation_name WHEN 't4' THEN 'n' || trial ELSE (100 + trial)::text END);
					END IF;
					INSERT INTO ref.row SELECT n.*;
					INSERT INTO ref.trial VALUES (trial, i.identity, s.command, s.form, NULL, number, NULL);
				WHEN 'update' THEN
					n := o;
					n."row" := number;
					n.was := o."row";
					n.present := false;
					FOREACH c IN ARRAY s.columns LOOP
						CONTINUE WHEN world.chance(CASE WHEN cardinality(s.columns) > 5 OR c IN ('tenant', 'id') THEN 0.75 ELSE 0.2 END);
						v := world.value_for(relation_name, c, i.tenant);
						n := world.with_value(n, c, v);
					END LOOP;
					INSERT INTO ref.row SELECT (world.as_stored(n)).*;
					INSERT INTO ref.trial VALUES (trial, i.identity, s.command, s.form, o."row", number, s.columns);
				WHEN 'delete' THEN
					INSERT INTO ref.trial VALUES (trial, i.identity, s.command, s.form, o."row", NULL, NULL);
				END CASE;
			END LOOP;
		END LOOP;
	END LOOP;
	/* now and then all rows that there are */
	FOR k IN 1 .. CASE WHEN world.chance(0.4) THEN 1 ELSE 0 END LOOP
		relation_name := world.pick('{t1,t2,t3,t4}');
		c := world.pick('{status,note}');
		v := world.value_for(relation_name, c, NULL);
		INSERT INTO world.whole VALUES (relation_name, c, v);
		choice := ARRAY[world.pick('{whole,whole returning}')];
		x := number;
		FOR o IN SELECT * FROM ref.row r WHERE r.relation = relation_name AND r.present ORDER BY r."row" LOOP
			number := number + 1;
			n := world.with_value(o, c, v);
			n."row" := number;
			n.was := o."row";
			n.present := false;
			INSERT INTO ref.row SELECT (world.as_stored(n)).*;
		END LOOP;
		FOR i IN SELECT * FROM ref.identity t ORDER BY t.identity LOOP
			CONTINUE WHEN NOT world.chance(0.25);
			INSERT INTO ref.trial
				SELECT trial + r."row", i.identity, 'update', choice[1], r.was, r."row", ARRAY[c]
				FROM ref.row r WHERE r."row" > x;
			trial := trial + number;
		END LOOP;
	END LOOP;
END
$$;
