-- What writes cost of tables with a parent: as many parents as rows, ten rows a
-- parent in random order, one parent for all, and two levels of parents.  By
-- hand: the policy finds the parent, under the parent's own policy, by EXISTS,
-- and by IN, which hashes all parents where hash_mem holds them and is hopeless
-- where it does not.  psql variable: rows.  Part of writes.sql.
CREATE PROCEDURE writes.make_tables(form text, parents int, levels int, rows int) LANGUAGE plpgsql AS $$
DECLARE
	permitted text := 'tenant = (SELECT current_setting(''writes.tenant''))';
	top text;
	parent text;
	child text;
BEGIN
	EXECUTE format('CREATE TABLE writes.top_%1$s (id int PRIMARY KEY, tenant text NOT NULL);
		INSERT INTO writes.top_%1$s SELECT i, ''bench'' FROM generate_series(1, %2$s) i;
		CREATE TABLE writes.parent_%1$s (id int PRIMARY KEY, tenant text, top int, note text);
		INSERT INTO writes.parent_%1$s SELECT i, ''bench'', i, ''note '' || i FROM generate_series(1, %2$s) i;
		CREATE TABLE writes.child_%1$s (id int PRIMARY KEY, parent int, status text, note text, starts_at timestamptz, price numeric);
		INSERT INTO writes.child_%1$s SELECT id, n %% %2$s + 1, ''booked'', ''note '' || id, timestamptz ''2026-01-01'' + id * interval ''1 minute'', id %% 100
		FROM (SELECT id, row_number() OVER (ORDER BY hashint4(id)) AS n FROM generate_series(1, %3$s) id) x ORDER BY id;
		GRANT SELECT, INSERT, UPDATE, DELETE ON writes.top_%1$s, writes.parent_%1$s, writes.child_%1$s TO bench_writer', form, parents, rows);
	IF form = 'ambit' THEN
		/* not as constants: the tables are others each time */
		top := 'writes.top_ambit'; parent := 'writes.parent_ambit'; child := 'writes.child_ambit';
		PERFORM ambit.protect(top::regclass, tenant => 'tenant');
		IF levels = 2 THEN
			PERFORM ambit.protect(parent::regclass, parent => top::regclass, parent_key => 'top');
		ELSE
			PERFORM ambit.protect(parent::regclass, tenant => 'tenant');
		END IF;
		PERFORM ambit.protect(child::regclass, parent => parent::regclass, parent_key => 'parent');
		PERFORM ambit.add_rule(t::regclass, 'select', 'bench_writes.view') FROM unnest(ARRAY[top, parent, child]) t;
		PERFORM ambit.add_rule(child::regclass, 'insert', 'bench_writes.add'),
			ambit.add_rule(child::regclass, 'update', 'bench_writes.cancel', columns => '{status}', becomes => 'cancelled'),
			ambit.add_rule(child::regclass, 'update', 'bench_writes.edit', columns => '{note,starts_at,price}');
		RETURN;
	END IF;
	EXECUTE format('ALTER TABLE writes.top_%1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY seen ON writes.top_%1$s FOR SELECT USING (%2$s)', form, permitted);
	IF levels = 2 THEN
		permitted := CASE form WHEN 'in' THEN 'top IN (SELECT t.id FROM writes.top_in t)' ELSE 'EXISTS (SELECT FROM writes.top_exists t WHERE t.id = parent_exists.top)' END;
	END IF;
	EXECUTE format('ALTER TABLE writes.parent_%1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY seen ON writes.parent_%1$s FOR SELECT USING (%2$s)', form, permitted);
	permitted := CASE form WHEN 'in' THEN 'parent IN (SELECT p.id FROM writes.parent_in p)' ELSE 'EXISTS (SELECT FROM writes.parent_exists p WHERE p.id = child_exists.parent)' END;
	EXECUTE format('ALTER TABLE writes.child_%1$s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY seen ON writes.child_%1$s FOR SELECT USING (%2$s);
		CREATE POLICY changed ON writes.child_%1$s FOR UPDATE USING (%2$s) WITH CHECK (%2$s); CREATE POLICY added ON writes.child_%1$s FOR INSERT WITH CHECK (%2$s)', form, permitted);
END
$$;

-- each pair three times, undone, the tables vacuumed in between
CREATE TABLE writes.step (n serial, step text);
DO $do$
DECLARE
	s record;
	form text;
BEGIN
	FOR s IN SELECT * FROM (VALUES ('a parent a row', 1, 1, '{exists}'::text[]), ('ten rows a parent', 10, 1, '{exists,in}'),
		('one parent', NULL, 1, '{exists,in}'), ('ten rows a parent of a parent', 10, 2, '{exists,in}')) v (shape, each, levels, forms)
	LOOP
		FOREACH form IN ARRAY s.forms || '{ambit}'::text[] LOOP
			INSERT INTO writes.step (step) VALUES (format('CALL writes.make_tables(%L, %s, %s, %s)', form,
				coalesce(current_setting('writes.rows')::int / s.each, 1), s.levels, current_setting('writes.rows')));
		END LOOP;
		INSERT INTO writes.step (step) VALUES ('VACUUM ANALYZE'), ('CREATE TABLE writes.source AS SELECT id, parent, note, starts_at, price FROM writes.child_ambit'), ('GRANT SELECT ON writes.source TO bench_writer');
		FOR i IN 1 .. 3 LOOP
			FOREACH form IN ARRAY s.forms LOOP
				INSERT INTO writes.step (step)
				SELECT format('CALL writes.measure(%L, %L, %L, 1)', format('%s, %s, by hand %s', split_part(c, ' ', 1), s.shape, upper(form)), format(c, form), format(c, 'ambit'))
				FROM (VALUES (1, 'UPDATE writes.child_%s SET note = ''changed '' || id, price = price + 1'),
					(2, format('INSERT INTO writes.child_%%s SELECT id + %s, parent, ''booked'', note, starts_at, price FROM writes.source', current_setting('writes.rows')))) x (n, c) ORDER BY n;
				INSERT INTO writes.step (step) VALUES (format('VACUUM writes.child_%s, writes.child_ambit', form));
			END LOOP;
		END LOOP;
		FOREACH form IN ARRAY s.forms || '{ambit}'::text[] LOOP
			INSERT INTO writes.step (step) VALUES (format('DROP TABLE writes.child_%1$s', form)), (format('DROP TABLE writes.parent_%1$s', form)), (format('DROP TABLE writes.top_%1$s', form));
		END LOOP;
		INSERT INTO writes.step (step) VALUES ('DROP TABLE writes.source');
	END LOOP;
END
$do$;
SELECT step FROM writes.step ORDER BY n \gexec
