/* ---- compare: one world on ambit, beside the reference ----------------------
 *
 * world.play(seed) makes a world, performs it on ambit by the functions of the
 * contract, asks both the same, and returns a line for each difference and a
 * last line with what was compared.  It leaves the world in place: call it
 * inside a transaction and roll back.
 */

CREATE TYPE world.difference AS (
	kind		text,
	identity	integer,
	permission	text,
	item		text,
	expected	text,
	got			text
);

/* One call on ambit: 'ok', or the SQLSTATE with which it refuses and, if that
 * is not expected, the message. */
CREATE FUNCTION world.call_ambit(x world.act) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	outcome text := 'ok';
BEGIN
	BEGIN
		CASE x.act
		WHEN 'load_template' THEN PERFORM ambit._load_template(x.data, false);
		WHEN 'create_tenant' THEN PERFORM ambit.create_tenant(x.tenant, x.a);
		WHEN 'add_location' THEN PERFORM ambit.add_location(x.tenant, x.a, x.b);
		WHEN 'move_location' THEN PERFORM ambit.move_location(x.tenant, x.a, x.b);
		WHEN 'drop_location' THEN PERFORM ambit.drop_location(x.tenant, x.a);
		WHEN 'add_group' THEN PERFORM ambit.add_group(x.tenant, x.a);
		WHEN 'drop_group' THEN PERFORM ambit.drop_group(x.tenant, x.a);
		WHEN 'add_to_group' THEN PERFORM ambit.add_to_group(x.tenant, x.a, x.b);
		WHEN 'remove_from_group' THEN PERFORM ambit.remove_from_group(x.tenant, x.a, x.b);
		WHEN 'add_member' THEN PERFORM ambit.add_member(x.tenant, x.a, x.data);
		WHEN 'remove_member' THEN PERFORM ambit.remove_member(x.tenant, x.a);
		WHEN 'assign_role' THEN PERFORM ambit.assign_role(x.tenant, x.a, x.b, x.c, x.d, x.flag, x.instant);
		WHEN 'revoke_role' THEN PERFORM ambit.revoke_role(x.tenant, x.a, x.b, x.c);
		WHEN 'change_role' THEN PERFORM ambit.change_role(x.tenant, x.a, x.b, x.c, x.d);
		WHEN 'transfer_role' THEN PERFORM ambit.transfer_role(x.tenant, x.a, x.b, x.c);
		WHEN 'create_role' THEN PERFORM ambit.create_role(x.tenant, x.a, NULL, x.data->'modules', ref.texts(x.data->'inherits'));
		WHEN 'drop_role' THEN PERFORM ambit.drop_role(x.tenant, x.a);
		WHEN 'set_role_module' THEN PERFORM ambit.set_role_module(x.tenant, x.a, x.b, x.c);
		WHEN 'set_feature' THEN PERFORM ambit.set_feature(x.tenant, x.a, x.flag);
		WHEN 'set_field_visible' THEN PERFORM ambit.set_field_visible(x.tenant, ('app.' || x.a)::regclass, x.b::name, x.flag);
		WHEN 'set_role_permission' THEN
			/* with the cells that turned with it; locked ones have no switch */
			outcome := 'ok' || coalesce((
				SELECT string_agg(' ' || c.permission, '' ORDER BY c.permission::text COLLATE "C")
				FROM ambit.set_role_permission(x.tenant, x.a, x.b::ambit.permission, x.flag, x.c) c
				WHERE c.permission::text <> x.b AND c.enabled = coalesce(x.flag, c.enabled) AND NOT x.data ? c.permission::text), '');
		WHEN 'set_member_permission' THEN PERFORM ambit.set_member_permission(x.tenant, x.a, x.b::ambit.permission, x.flag, x.c);
		END CASE;
	EXCEPTION WHEN OTHERS THEN
		outcome := CASE WHEN sqlstate = x.expected THEN sqlstate ELSE sqlstate || ' ' || sqlerrm END;
	END;
	RETURN outcome;
END
$$;

/* Performs what is in world.act after number "after", as the DBA. */
CREATE FUNCTION world.perform(after integer) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
DECLARE
	x world.act;
	outcome text;
BEGIN
	FOR x IN SELECT * FROM world.act WHERE n > after ORDER BY n LOOP
		outcome := world.call_ambit(x);
		IF outcome <> x.expected THEN
			RETURN NEXT ('act', NULL, x.b, format('%s #%s %s', x.act, x.n, coalesce(x.tenant, x.data->>'template')), x.expected, outcome)::world.difference;
		END IF;
	END LOOP;
END
$$;

/* What the DBA asks about members, and visitors. */
CREATE FUNCTION world.ask_about() RETURNS SETOF world.difference
	LANGUAGE sql AS
$$
	SELECT 'has_permission of', identity, permission, NULL, answer, got
	FROM (
		SELECT q.identity, q.permission, q.answer, ambit.has_permission(i.tenant, i.user_id, k.permission)::text AS got
		FROM ref.identity i
			JOIN ref.question q USING (identity)
			JOIN world.permission k ON k.key = q.permission
		WHERE i.tenant IS NOT NULL AND i.channel IS NULL AND q.kind = 'has_permission') x
	WHERE answer IS DISTINCT FROM got
$$;

/* texts in order, each once, NULL where there is none */
CREATE FUNCTION world.set_of(list text[]) RETURNS text
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT CASE WHEN cardinality(list) < 2 THEN list[1] ELSE ref.set_of(list) END
$$;

/* The questions, as the identity in force. */
CREATE FUNCTION world.ask(i integer) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
BEGIN
	RETURN QUERY
	SELECT x.kind, x.identity, x.permission, x.argument, x.answer, x.got
	FROM (
		SELECT q.*,
			CASE q.kind
				WHEN 'has_permission' THEN ambit.has_permission(k.permission)::text
				WHEN 'towards' THEN ambit.has_permission(k.permission, q.argument)::text
				WHEN 'at' THEN ambit.has_permission_at(k.permission, q.argument)::text
				WHEN 'scopes' THEN world.set_of(ambit.permission_scopes(k.permission))
				WHEN 'targets' THEN
					CASE WHEN ambit.permission_targets(k.permission) IS NULL THEN 'any'
						ELSE world.set_of(ambit.permission_targets(k.permission)) END
			END AS got
		FROM ref.question q JOIN world.permission k ON k.key = q.permission
		WHERE q.identity = i
		OFFSET 0) x
	WHERE x.answer IS DISTINCT FROM x.got;
END
$$;

/* effective_permissions() beside the scopes that the reference gives, visible_clients(), current_roles() */
CREATE FUNCTION world.ask_more(i integer) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
BEGIN
	RETURN QUERY
	SELECT 'effective_permissions', i, key, NULL::text, expected.answer, actual.got
	FROM (SELECT q.permission AS key, q.answer FROM ref.question q
			WHERE q.identity = i AND q.kind = 'scopes' AND q.answer IS NOT NULL) expected
		FULL JOIN (SELECT e.permission::text AS key, world.set_of(e.scopes) AS got
			FROM ambit.effective_permissions() e) actual USING (key)
	WHERE expected.answer IS DISTINCT FROM actual.got;
	RETURN QUERY
	SELECT x.kind, i, NULL::text, NULL::text, x.answer, x.got
	FROM (
		SELECT q.kind, q.answer,
			world.set_of(CASE q.kind
				WHEN 'visible_clients' THEN ARRAY(SELECT ambit.visible_clients())
				WHEN 'current_roles' THEN ambit.current_roles() END) AS got
		FROM ref.question q
		WHERE q.identity = i AND q.kind IN ('visible_clients', 'current_roles')
		OFFSET 0) x
	WHERE x.answer IS DISTINCT FROM x.got;
END
$$;

/* Rows that RLS shows; that a DELETE of the whole table would touch.  The
 * statements are those of one session, whoever is in force: their plans are
 * kept from identity to identity.  Writes are undone by an error. */
DO $outer$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM ref.relation ORDER BY relation LOOP
		EXECUTE format($make$
			CREATE FUNCTION world.rows_%1$s() RETURNS text[] LANGUAGE plpgsql AS
			$$
			BEGIN
				RETURN ARRAY(SELECT %2$s::text FROM app.%1$s ORDER BY %2$s::text COLLATE "C");
			END
			$$;
			CREATE FUNCTION world.gone_%1$s(reading boolean) RETURNS text[] LANGUAGE plpgsql AS
			$$
			DECLARE
				ids text[];
				n bigint;
			BEGIN
				IF reading THEN
					WITH gone AS (DELETE FROM app.%1$s RETURNING %2$s::text AS id)
					SELECT array_agg(id ORDER BY id COLLATE "C") INTO ids FROM gone;
				ELSE
					DELETE FROM app.%1$s;
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
			$make$, r.relation, r.key);
	END LOOP;
END
$outer$;

/* How many rows a statement finds; what it writes is undone. */
CREATE FUNCTION world.found(statement text) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	n bigint;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION SQLSTATE 'UNDO1';
EXCEPTION
	WHEN SQLSTATE 'UNDO1' THEN
		RETURN n;
	WHEN insufficient_privilege THEN
		RETURN '42501';
END
$$;

/* Single rows, by texts that differ in the key alone: they share a plan.
 * ids: of the rows that are in reach. */
CREATE FUNCTION world.check_keys(i ref.identity, relation text, command text, ids text[]) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
#variable_conflict use_variable
DECLARE
	statement text := CASE command WHEN 'select' THEN 'SELECT id FROM app.%s WHERE id = %s'
		ELSE 'DELETE FROM app.%s WHERE id = %s' || CASE WHEN random() < 0.5 THEN ' RETURNING id' ELSE '' END END;
	id text;
	expected text;
	got text;
BEGIN
	FOR id IN
		SELECT x.id
		FROM (SELECT DISTINCT r.id FROM ref.row r WHERE r.relation = relation AND r.id ~ '^[0-9]{1,9}$') x
		ORDER BY random()
		LIMIT 6
	LOOP
		got := world.found(format(statement, relation, id));
		expected := CASE WHEN ids = '{42501}' THEN '42501' WHEN id = ANY (ids) THEN '1' ELSE '0' END;
		IF got <> expected THEN
			RETURN NEXT ('by key', i.identity, NULL, format(statement, relation, id), expected, got)::world.difference;
		END IF;
	END LOOP;
END
$$;

/* Everything as the application: every identity in turn. */
CREATE FUNCTION world.check() RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
DECLARE
	i ref.identity;
	s record;
	reading boolean;
	got text[];
	by_user boolean := random() < 0.5;
BEGIN
	/* in no order, or the same user in one tenant after the other */
	FOR i IN
		SELECT *
		FROM ref.identity x
		ORDER BY CASE WHEN by_user THEN hashtext(x.user_id) ELSE hashint4(x.identity) END, x.channel COLLATE "C", x.identity
	LOOP
		IF i.tenant IS NULL THEN
			PERFORM ambit.logout();
		ELSE
			PERFORM ambit.assume(i.tenant, i.user_id, i.channel);
		END IF;
		RETURN QUERY SELECT * FROM world.ask(i.identity);
		IF random() < 0.12 THEN
			RETURN QUERY SELECT * FROM world.ask_more(i.identity);
		END IF;

		FOR s IN SELECT relation, command, ids FROM ref.seen x WHERE x.identity = i.identity ORDER BY relation, command LOOP
			IF s.relation IN ('t1', 't3') AND random() < 0.12 THEN
				RETURN QUERY SELECT * FROM world.check_keys(i, s.relation, s.command, s.ids);
			END IF;
			IF s.command = 'select' THEN
				got := CASE s.relation
					WHEN 't1' THEN world.rows_t1()
					WHEN 't2' THEN world.rows_t2()
					WHEN 't3' THEN world.rows_t3()
					WHEN 't4' THEN world.rows_t4()
				END;
			ELSE
				CONTINUE WHEN random() > 0.06;
				reading := random() < 0.5;
				got := CASE s.relation
					WHEN 't1' THEN world.gone_t1(reading)
					WHEN 't2' THEN world.gone_t2(reading)
					WHEN 't3' THEN world.gone_t3(reading)
					WHEN 't4' THEN world.gone_t4(reading)
				END;
				IF NOT reading AND i.tenant IS NOT NULL THEN
					s.ids := ARRAY[cardinality(s.ids)::text];
				END IF;
			END IF;
			IF got IS DISTINCT FROM s.ids THEN
				RETURN NEXT (s.command, i.identity, NULL, s.relation, s.ids, got)::world.difference;
			END IF;
		END LOOP;
		RETURN QUERY SELECT * FROM world.check_masks(i);
		RETURN QUERY SELECT * FROM world.check_writes(i);
	END LOOP;
	PERFORM ambit.logout();
END
$$;

CREATE FUNCTION world.line(seed bigint, phase integer, d world.difference) RETURNS text
	LANGUAGE sql STABLE AS
$$
	SELECT format('difference: seed %s, phase %s, %s, %s: expected %s, got %s', seed, phase,
		coalesce((SELECT CASE WHEN i.tenant IS NULL THEN 'nobody'
				ELSE format('%s in %s', coalesce(i.user_id, 'a visitor'), i.tenant) || coalesce(' by ' || i.channel, '') END
			FROM ref.identity i WHERE i.identity = d.identity), 'the DBA'),
		left(concat_ws(' ', d.kind, d.permission, d.item), 600),
		coalesce(d.expected, 'NULL'), coalesce(d.got, 'NULL'))
$$;

/* phases: 1 leaves out the changes to the world; calls: by members, NULL: up
 * to 50 in every eighth world */
CREATE FUNCTION world.play(seed bigint, phases integer = 2, calls integer = NULL) RETURNS SETOF text
	LANGUAGE plpgsql AS
$$
DECLARE
	done integer := 0;
	counts bigint[] := '{0,0,0,0,0,0}';
BEGIN
	PERFORM world.rules(seed);
	PERFORM ambit.logout();
	PERFORM set_config('ambit.specialize_plans', CASE WHEN seed % 2 = 0 THEN 'off' ELSE 'on' END, true);
	PERFORM set_config('enable_seqscan', CASE WHEN seed % 3 = 0 THEN 'off' ELSE 'on' END, true);
	PERFORM world.generate(seed, coalesce(calls > 0, seed % 8 = 5));
	calls := coalesce(calls, CASE WHEN seed % 8 = 5 THEN world.number(1, 50) ELSE 0 END);
	FOR phase IN 1 .. CASE WHEN world.chance(0.2) THEN phases ELSE 1 END LOOP
		IF phase > 1 THEN
			PERFORM setseed((seed * 0.4142135623730951) % 1);
			PERFORM world.mutate();
		END IF;
		RETURN QUERY SELECT world.line(seed, phase, d) FROM world.perform(done) d;
		RETURN QUERY SELECT world.line(seed, phase, d) FROM world.compare_state('all') d;
		EXIT WHEN FOUND;
		done := (SELECT max(n) FROM world.act);
		IF phase = 1 AND calls > 0 THEN
			RETURN QUERY SELECT world.line(seed, phase, d) FROM world.administer(calls) d;
			/* from a difference on the two go different ways */
			EXIT WHEN FOUND;
			done := (SELECT max(n) FROM world.act);
			PERFORM world.make_identities();
		END IF;
		PERFORM ref.decide();
		PERFORM ref.decide_masks();
		PERFORM world.make_trials();
		PERFORM ref.decide_writes();
		RETURN QUERY SELECT world.line(seed, phase, d) FROM world.ask_about() d;
		PERFORM set_config('role', 'regress_worlds_app', true);
		RETURN QUERY SELECT world.line(seed, phase, d) FROM world.check() d;
		PERFORM set_config('role', 'none', true);
		SELECT ARRAY[counts[1] + q.n, counts[2] + q.yes, counts[3] + s.n, counts[4] + s.seen, counts[5] + w.n, counts[6] + w.done]
		INTO counts
		FROM (SELECT count(*) AS n, count(nullif(answer, 'false')) AS yes FROM ref.question) q,
			(SELECT count(*) AS n, coalesce(sum(cardinality(ids)), 0) AS seen FROM ref.seen WHERE command = 'select') s,
			(SELECT count(*) AS n, count(*) FILTER (WHERE outcome = 'done') AS done FROM ref.attempt) w;
	END LOOP;
	RETURN NEXT format('world %s %s', seed, array_to_string(counts, ' '));
END
$$;
