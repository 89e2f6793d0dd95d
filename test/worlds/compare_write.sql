/* ---- compare_write: writing, as the application ----------------------------- */

/* The row with that key as it is stored, and beside it as it was asked for. */
CREATE FUNCTION world.row_text(r ref.row) RETURNS text
	LANGUAGE sql STABLE AS
$$
	SELECT string_agg(c || '=' || coalesce(ref.value(r, c), '~'), ',' ORDER BY n)
	FROM ref.relation t, unnest(t.columns) WITH ORDINALITY x(c, n)
	WHERE t.relation = r.relation
$$;

DO $outer$
DECLARE
	r record;
	s world.statement;
	key text;
	key_type text;
	types jsonb;		/* of the application's columns */
	body text;
BEGIN
	FOR r IN SELECT * FROM ref.relation ORDER BY relation LOOP
		types := (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod))
			FROM pg_attribute a WHERE a.attrelid = ('app.' || r.relation)::regclass AND a.attnum > 0 AND NOT a.attisdropped);
		EXECUTE format($make$
			CREATE FUNCTION world.stored_%1$s(key text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS
			$$
			BEGIN
				RETURN (SELECT concat_ws(',', %3$s) FROM app.%1$s t WHERE t.%2$s = key::%4$s);
			END
			$$;
			CREATE FUNCTION world.whole_%1$s("column" text, value text, reading boolean) RETURNS text[] LANGUAGE plpgsql AS
			$$
			DECLARE
				ids text[];
				n bigint;
			BEGIN
				IF reading AND "column" = 'note' THEN
					WITH x AS (UPDATE app.%1$s SET note = value RETURNING %2$s::text AS id)
					SELECT array_agg(id ORDER BY id COLLATE "C") INTO ids FROM x;
				ELSIF reading THEN
					WITH x AS (UPDATE app.%1$s SET status = value RETURNING %2$s::text AS id)
					SELECT array_agg(id ORDER BY id COLLATE "C") INTO ids FROM x;
				ELSIF "column" = 'note' THEN
					UPDATE app.%1$s SET note = value;
					GET DIAGNOSTICS n = ROW_COUNT;
				ELSE
					UPDATE app.%1$s SET status = value;
					GET DIAGNOSTICS n = ROW_COUNT;
				END IF;
				RAISE EXCEPTION SQLSTATE 'UNDO1';
			EXCEPTION
				WHEN SQLSTATE 'UNDO1' THEN
					RETURN CASE WHEN reading THEN coalesce(ids, '{}') ELSE ARRAY[n::text] END;
				WHEN insufficient_privilege THEN
					RETURN '{42501}';
			END
			$$;
			CREATE FUNCTION world.shown_%1$s() RETURNS text[] LANGUAGE plpgsql AS
			$$
			BEGIN
				RETURN ARRAY(SELECT concat_ws(',', %3$s) FROM app.%1$s_masked t ORDER BY t.%2$s::text COLLATE "C");
			END
			$$;
			$make$, r.relation, r.key,
			(SELECT string_agg(format('%L || coalesce(t.%I::text, ''~'')', c || '=', c), ', ' ORDER BY n) FROM unnest(r.columns) WITH ORDINALITY x(c, n)),
			types->>r.key);
	END LOOP;
	FOR s IN SELECT * FROM world.statement ORDER BY statement LOOP
		SELECT * INTO r FROM ref.relation t WHERE t.relation = s.relation;
		types := (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod))
			FROM pg_attribute a WHERE a.attrelid = ('app.' || s.relation)::regclass AND a.attnum > 0 AND NOT a.attisdropped);
		key := r.key;
		key_type := types->>key;
		/* T table, K its key, C its columns, V their new values, A: columns and
		 * new values, W: the row that is there */
		body := CASE s.command || ' ' || s.form
			WHEN 'update where' THEN 'UPDATE T SET A WHERE t.K = W'
			WHEN 'update returning' THEN 'UPDATE T SET A WHERE t.K = W RETURNING t.K::text INTO key'
			WHEN 'update view' THEN 'UPDATE VIEW SET A WHERE t.K = W'
			WHEN 'update from' THEN 'UPDATE T SET B FROM (SELECT W AS k, X) x WHERE t.K = x.k'
			WHEN 'update merge' THEN 'MERGE INTO T USING (SELECT W AS k, X) x ON t.K = x.k WHEN MATCHED THEN UPDATE SET B'
			WHEN 'update conflict' THEN 'INSERT INTO T (C) VALUES (V) ON CONFLICT (K) DO UPDATE SET A'
			WHEN 'insert where' THEN 'INSERT INTO T (C) VALUES (V)'
			WHEN 'insert returning' THEN 'INSERT INTO T (C) VALUES (V) RETURNING t.K::text INTO key'
			WHEN 'insert view' THEN 'INSERT INTO VIEW (C) VALUES (V)'
			WHEN 'insert from' THEN 'INSERT INTO T (C) SELECT V'
			WHEN 'insert merge' THEN 'MERGE INTO T USING (SELECT N AS k) x ON t.K = x.k WHEN NOT MATCHED THEN INSERT (C) VALUES (V)'
			WHEN 'insert conflict' THEN 'INSERT INTO T (C) VALUES (V) ON CONFLICT DO NOTHING'
			WHEN 'delete where' THEN 'DELETE FROM T WHERE t.K = W'
			WHEN 'delete returning' THEN 'DELETE FROM T WHERE t.K = W RETURNING t.K::text INTO key'
			WHEN 'delete view' THEN 'DELETE FROM VIEW WHERE t.K = W'
			WHEN 'delete from' THEN 'DELETE FROM T USING (SELECT W AS k) x WHERE t.K = x.k'
			WHEN 'delete merge' THEN 'MERGE INTO T USING (SELECT W AS k) x ON t.K = x.k WHEN MATCHED THEN DELETE'
		END;
		body := replace(body, 'VIEW', 'app.v' || substr(s.relation, 2) || ' AS t');
		body := regexp_replace(body, '\mT\M', 'app.' || s.relation || ' AS t', 'g');
		body := regexp_replace(body, '\mK\M', key, 'g');
		body := regexp_replace(body, '\mW\M', format('o.%s::%s', key, key_type), 'g');
		body := regexp_replace(body, '\mN\M', format('n.%s::%s', key, key_type), 'g');
		body := regexp_replace(body, '\mC\M', array_to_string(r.columns, ', '), 'g');
		body := regexp_replace(body, '\mV\M', (SELECT string_agg(format('n.%s::%s', c, types->>c), ', ' ORDER BY n) FROM unnest(r.columns) WITH ORDINALITY x(c, n)), 'g');
		body := regexp_replace(body, '\mA\M', (SELECT coalesce(string_agg(format('%s = n.%s::%s', c, c, types->>c), ', ' ORDER BY n), '') FROM unnest(s.columns) WITH ORDINALITY x(c, n)), 'g');
		body := regexp_replace(body, '\mB\M', (SELECT coalesce(string_agg(format('%s = x.new_%s', c, c), ', ' ORDER BY n), '') FROM unnest(s.columns) WITH ORDINALITY x(c, n)), 'g');
		body := regexp_replace(body, '\mX\M', (SELECT coalesce(string_agg(format('n.%s::%s AS new_%s', c, types->>c, c), ', ' ORDER BY n), '') FROM unnest(s.columns) WITH ORDINALITY x(c, n)), 'g');
		EXECUTE format($make$
			CREATE FUNCTION world.statement_%s(o ref.row, n ref.row) RETURNS bigint LANGUAGE plpgsql AS
			$$
			#variable_conflict use_column
			DECLARE
				key text;
				rows bigint;
			BEGIN
				%s;
				GET DIAGNOSTICS rows = ROW_COUNT;
				RETURN rows;
			END
			$$;
			$make$, s.statement, body);
	END LOOP;
END
$outer$;

/* What becomes of an attempt. */
CREATE FUNCTION world.try(statement_number integer, o ref.row, n ref.row) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	rows bigint;
	asked text;
	stored text;
	id text := coalesce(n.id, o.id);
BEGIN
	EXECUTE format('SELECT world.statement_%s($1, $2)', statement_number) INTO rows USING o, n;
	IF rows = 1 THEN
		asked := world.row_text(n);
		stored := CASE coalesce(n.relation, o.relation)
			WHEN 't1' THEN world.stored_t1(id)
			WHEN 't2' THEN world.stored_t2(id)
			WHEN 't3' THEN world.stored_t3(id)
			WHEN 't4' THEN world.stored_t4(id)
		END;
	END IF;
	RAISE EXCEPTION SQLSTATE 'UNDO1';
EXCEPTION
	WHEN SQLSTATE 'UNDO1' THEN
		RETURN CASE WHEN rows = 0 THEN 'none'
			WHEN rows = 1 AND stored IS NOT DISTINCT FROM asked THEN 'done'
			ELSE format('%s rows, %s', rows, coalesce(stored, 'gone')) END;
	WHEN OTHERS THEN
		RETURN CASE WHEN sqlstate IN ('42501', '23505') THEN sqlstate ELSE sqlstate || ' ' || sqlerrm END;
END
$$;

/* The attempts of an identity, and what is expected of them. */
CREATE TYPE world.attempt AS (
	command		text,
	form		text,
	columns		text[],
	statement	integer,
	expected	text,
	o			ref.row,
	n			ref.row
);
CREATE FUNCTION world.attempts(identity_number integer) RETURNS world.attempt[]
	LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS
$$
BEGIN
	RETURN ARRAY(
		SELECT ROW(t.command, t.form, t.columns, s.statement, a.outcome, o, n)::world.attempt
		FROM ref.trial t
			JOIN world.tried s USING (trial)
			JOIN ref.attempt a USING (trial)
			LEFT JOIN ref.row o ON o."row" = t.was
			LEFT JOIN ref.row n ON n."row" = t."row"
		WHERE t.identity = identity_number
		ORDER BY t.trial);
END
$$;

/* All attempts of an identity, which is in force. */
CREATE FUNCTION world.check_writes(i ref.identity) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
DECLARE
	a world.attempt;
	w record;
	outcome text;
	expected text[];
	got text[];
BEGIN
	FOREACH a IN ARRAY world.attempts(i.identity) LOOP
		outcome := world.try(a.statement, a.o, a.n);
		IF outcome <> a.expected THEN
			RETURN NEXT (a.command, i.identity, NULL,
				concat_ws(' ', coalesce((a.o).relation, (a.n).relation), a.form, a.columns, 'row', world.row_text(a.o), 'to', world.row_text(a.n)),
				a.expected, outcome)::world.difference;
		END IF;
	END LOOP;
	IF NOT EXISTS (SELECT FROM world.whole) THEN
		RETURN;
	END IF;
	FOR w IN
		SELECT x.*, t.form,
			bool_or(y.outcome = '42501') AS refused,
			array_agg(o.id ORDER BY o.id COLLATE "C") FILTER (WHERE y.outcome = 'done') AS ids
		FROM world.whole x
			JOIN ref.row o ON o.relation = x.relation
			JOIN ref.trial t ON t.was = o."row" AND t.form LIKE 'whole%'
			JOIN ref.attempt y USING (trial)
		WHERE t.identity = i.identity
		GROUP BY x.relation, x."column", x.value, t.form
	LOOP
		got := CASE w.relation
			WHEN 't1' THEN world.whole_t1(w."column", w.value, w.form = 'whole returning')
			WHEN 't2' THEN world.whole_t2(w."column", w.value, w.form = 'whole returning')
			WHEN 't3' THEN world.whole_t3(w."column", w.value, w.form = 'whole returning')
			WHEN 't4' THEN world.whole_t4(w."column", w.value, w.form = 'whole returning')
		END;
		expected := CASE WHEN w.refused THEN '{42501}'
			WHEN w.form = 'whole returning' THEN coalesce(w.ids, '{}')
			ELSE ARRAY[coalesce(cardinality(w.ids), 0)::text] END;
		IF got <> expected THEN
			RETURN NEXT (w.form, i.identity, NULL, format('%s %s = %L', w.relation, w."column", left(w.value, 20)), expected, got)::world.difference;
		END IF;
	END LOOP;
END
$$;

/* A masked column read from the table itself. */
CREATE FUNCTION world.read_around(relation text, "column" text) RETURNS text
	LANGUAGE plpgsql AS
$$
BEGIN
	EXECUTE format('SELECT FROM app.%I WHERE %I IS NULL', relation, "column");
	RETURN 'read';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;

/* What masked views show. */
CREATE FUNCTION world.check_masks(i ref.identity) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
DECLARE
	s record;
	got text[];
BEGIN
	FOR s IN SELECT relation, lines FROM ref.shown x WHERE x.identity = i.identity ORDER BY relation LOOP
		got := CASE s.relation
			WHEN 't1' THEN world.shown_t1()
			WHEN 't2' THEN world.shown_t2()
			WHEN 't3' THEN world.shown_t3()
			WHEN 't4' THEN world.shown_t4()
		END;
		IF got IS DISTINCT FROM s.lines THEN
			RETURN NEXT ('masked', i.identity, NULL, s.relation, s.lines, got)::world.difference;
		END IF;
	END LOOP;
	FOR s IN SELECT relation, "column" FROM ref.mask ORDER BY relation, "column" LOOP
		CONTINUE WHEN random() > 0.05;
		IF world.read_around(s.relation, s."column") <> '42501' THEN
			RETURN NEXT ('read', i.identity, NULL, s.relation || ' ' || s."column", '42501', 'read')::world.difference;
		END IF;
	END LOOP;
END
$$;
