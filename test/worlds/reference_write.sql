/* ---- reference_write: what is written, and masks ----------------------------
 *
 * doc/writes.md and doc/masks.md: ref.decide_writes() answers for every attempt
 * in ref.trial, after ref.decide(); ref.decide_masks() says what each identity
 * is shown of tables with masked columns.
 */

/* Somebody tries to write.  was: the row that is there; row: the row as it
 * shall be.  columns: those that an UPDATE names, changed or not.
 *
 * form		the statement
 * where	... WHERE id = ...; INSERT: ... VALUES
 * returning	the same with RETURNING
 * from		UPDATE ... FROM, DELETE ... USING, INSERT ... SELECT
 * view		where, through a view that is the invoker's and has all columns
 * merge	MERGE
 * conflict	INSERT ... ON CONFLICT DO UPDATE; INSERT: ON CONFLICT DO NOTHING
 * whole	one of the rows of an UPDATE without WHERE
 * whole returning	the same with RETURNING
 */
CREATE UNLOGGED TABLE ref.trial (
	trial		integer PRIMARY KEY,
	identity	integer,
	command		text,
	form		text,
	was			integer,
	"row"		integer,
	columns		text[]
);
CREATE INDEX ON ref.trial (identity);
/* What becomes of them: 'done', 'none' (there is no such row for this
 * identity), or the SQLSTATE. */
CREATE UNLOGGED TABLE ref.attempt (
	trial		integer PRIMARY KEY,
	outcome		text
);
/* What an identity is shown of a row. */
CREATE UNLOGGED TABLE ref.shown (
	identity	integer,
	relation	text,
	lines		text[]
);
CREATE INDEX ON ref.shown (identity);

/* A row's columns by their names. */
CREATE FUNCTION ref.value(r ref.row, "column" text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
	RETURN CASE "column"
		WHEN 'id' THEN r.id
		WHEN 'tenant' THEN r.tenant
		WHEN 'location' THEN r.location
		WHEN 'owner' THEN r.owner
		WHEN 'client' THEN r.client
		WHEN 'assignee' THEN r.assignee
		WHEN 'team' THEN r.team
		WHEN 'parent_id' THEN r.parent_id
		WHEN 'status' THEN r.status
		WHEN 'price' THEN r.price
		WHEN 'note' THEN r.note
		WHEN 'extra' THEN r.extra
	END;
END
$$;

/* The conditions that rules have; one that is not true is not met. */
CREATE FUNCTION ref.meets(condition text, r ref.row) RETURNS boolean
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT condition IS NULL OR coalesce(CASE condition
		WHEN 'status = ''open''' THEN r.status = 'open'
		WHEN 'status IS DISTINCT FROM ''sent''' THEN r.status IS NULL OR r.status <> 'sent'
		WHEN 'note IS NOT NULL' THEN r.note IS NOT NULL
		WHEN 'assignee IS NULL' THEN r.assignee IS NULL
		WHEN 'extra IS NULL' THEN r.extra IS NULL
		WHEN 'price < 10' THEN r.price::numeric < 10
		WHEN 'owner = assignee' THEN r.owner = r.assignee
	END, false)
$$;

/* becomes: the new value is that, as the column's type has it */
CREATE FUNCTION ref.becomes("column" text, new_value text, becomes text) RETURNS boolean
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT coalesce(CASE "column" WHEN 'price' THEN new_value::numeric = becomes::numeric ELSE new_value = becomes END, false)
$$;

/* Whether a rule is about that new row: each of its columns has become what
 * the rule says. */
CREATE FUNCTION ref.has_become(u ref.rule, n ref.row) RETURNS boolean
	LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
	RETURN u.becomes IS NULL
		OR NOT EXISTS (SELECT FROM unnest(u.columns) c WHERE NOT ref.becomes(c, ref.value(n, c), u.becomes));
END
$$;

/* the rules that permit a row to an identity */
CREATE FUNCTION ref.granting(integer, integer) RETURNS integer[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(SELECT g.rule FROM ref.granted g WHERE g.identity = $1 AND g."row" = $2);
END
$$;

/* Whether tenants mark the fields of a mask, by the template of the identity. */
CREATE FUNCTION ref.is_field(identity_number integer, m ref.mask) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN EXISTS (SELECT
		FROM ref.identity i JOIN ref.tenant USING (tenant) JOIN ref.marked_field f USING (template)
		WHERE i.identity = identity_number AND f.permission = m.permission);
END
$$;

/* Whether a masked column is shown to an identity in a row that it sees: the
 * tenant marked it visible, or an arm of the mask's permission reaches the row;
 * an arm with scope all, if the template says so of the permission. */
CREATE FUNCTION ref.unmasked(identity_number integer, m ref.mask, row_number integer) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN EXISTS (SELECT FROM ref.identity i JOIN ref.tenant_field f USING (tenant)
			WHERE i.identity = identity_number AND f.relation = m.relation AND f."column" = m."column" AND f.visible)
		OR EXISTS (SELECT
			FROM ref.arm a JOIN ref.limb l USING (limb) JOIN ref.reached r USING (limb)
			WHERE a.identity = identity_number AND a.permission = m.permission AND r."row" = row_number
				AND (l.scope = 'all' OR NOT ref.is_field(identity_number, m)));
END
$$;

/* A new row: one insert rule permits it; a value that some rule names by
 * becomes is reserved, unless it is what the column has by default and no
 * insert rule names it: it needs a rule that permits the row and names it, or
 * one of update that covers the column for any value;
 * a field that tenants mark is not given a value where it is masked.  reading: the
 * statement reads the table, so that the row has to be seen. */
CREATE FUNCTION ref.may_insert(identity_number integer, n ref.row, by_new integer[], reading boolean) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN EXISTS (SELECT FROM ref.rule u
			WHERE u.command = 'insert' AND u.rule = ANY (by_new) AND ref.has_become(u, n))
		AND NOT EXISTS (SELECT
			FROM ref.rule u CROSS JOIN unnest(u.columns) c
				LEFT JOIN ref.default_value d ON d.relation = u.relation AND d."column" = c
			WHERE u.relation = n.relation AND ref.becomes(c, ref.value(n, c), u.becomes)
				AND (u.command = 'insert' OR d.value IS NULL OR NOT ref.becomes(c, d.value, u.becomes))
				AND NOT EXISTS (SELECT FROM ref.rule w
					WHERE w.rule = ANY (by_new)
						AND (w.command IN ('insert', 'update') AND c = ANY (w.columns) AND ref.becomes(c, u.becomes, w.becomes)
								AND (w.command = 'update' OR ref.has_become(w, n))
							OR w.command = 'update' AND w.becomes IS NULL AND (w.columns IS NULL OR c = ANY (w.columns)))))
		AND NOT EXISTS (SELECT
			FROM ref.mask m LEFT JOIN ref.default_value d USING (relation, "column")
			WHERE m.relation = n.relation AND ref.value(n, m."column") IS NOT NULL
				AND ref.value(n, m."column") IS DISTINCT FROM d.value
				AND ref.is_field(identity_number, m) AND NOT ref.unmasked(identity_number, m, n."row"))
		AND (NOT reading OR EXISTS (SELECT FROM ref.rule u WHERE u.command = 'select' AND u.rule = ANY (by_new)));
END
$$;

/* A changed row, which is seen and reached by an update rule.  Each column
 * whose value changes needs a rule that covers it and permits both rows, or
 * the one that it checks.  The tenant never changes; a new parent has to be seen.
 * A field that tenants mark is not written where it is masked, changed or not;
 * what else is masked counts as changed where it is named.  reading: the statement
 * reads the table, so that the new row has to be seen, unless, where may_give,
 * rules that check the old row alone permit everything that changes. */
CREATE FUNCTION ref.may_update(identity_number integer, o ref.row, n ref.row, by_old integer[], by_new integer[],
	named text[], reading boolean, may_give boolean) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
DECLARE
	changed text[] := ARRAY(SELECT c FROM ref.relation t, unnest(t.columns) c
		WHERE t.relation = o.relation AND ref.value(o, c) IS DISTINCT FROM ref.value(n, c));
	masked text[] := ARRAY(SELECT m."column" FROM ref.mask m
		WHERE m.relation = o.relation AND m."column" = ANY (named || changed)
			AND NOT (ref.unmasked(identity_number, m, o."row") AND ref.unmasked(identity_number, m, n."row")));
	given boolean;
BEGIN
	IF EXISTS (SELECT FROM ref.mask m WHERE m.relation = o.relation AND m."column" = ANY (masked) AND ref.is_field(identity_number, m)) THEN
		RETURN false;
	END IF;
	changed := ARRAY(SELECT DISTINCT c FROM unnest(changed || masked) c);
	SELECT coalesce(bool_and(EXISTS (SELECT FROM ref.rule u
			WHERE u.relation = o.relation AND u.command = 'update' AND u.checks = 'old' AND u.rule = ANY (by_old)
				AND (u.columns IS NULL OR c = ANY (u.columns))
				AND (u.becomes IS NULL OR ref.becomes(c, ref.value(n, c), u.becomes)))), true)
	INTO given
	FROM unnest(changed) c;
	RETURN 'tenant' <> ALL (changed)
		AND ('parent_id' <> ALL (changed)
			OR EXISTS (SELECT
				FROM ref.place p JOIN ref.granted g ON g."row" = p.parent_row JOIN ref.rule u USING (rule)
				WHERE p."row" = n."row" AND g.identity = identity_number AND u.command = 'select'))
		AND NOT EXISTS (SELECT
			FROM unnest(changed) c
			WHERE NOT EXISTS (SELECT FROM ref.rule u
				WHERE u.relation = o.relation AND u.command = 'update'
					AND (u.columns IS NULL OR c = ANY (u.columns))
					AND (u.becomes IS NULL OR ref.becomes(c, ref.value(n, c), u.becomes))
					AND (u.checks = 'new' OR u.rule = ANY (by_old))
					AND (u.checks = 'old' OR u.rule = ANY (by_new))))
		AND (NOT reading OR may_give AND given
			OR EXISTS (SELECT FROM ref.rule u WHERE u.command = 'select' AND u.rule = ANY (by_new)));
END
$$;

/* The new row's key is that of another row that is there. */
CREATE FUNCTION ref.is_taken(o ref.row, n ref.row) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN EXISTS (SELECT FROM ref.row r WHERE r.relation = n.relation AND r.present AND r.id = n.id AND r."row" IS DISTINCT FROM o."row");
END
$$;

CREATE FUNCTION ref.verdict(t ref.trial) RETURNS text
	LANGUAGE plpgsql STABLE AS
$$
DECLARE
	o ref.row;
	n ref.row;
	by_old integer[] := ref.granting(t.identity, t.was);
	by_new integer[] := ref.granting(t.identity, t."row");
	seen boolean;		/* the old row is */
	reached boolean;	/* by a rule of the command */
BEGIN
	/* nobody writes */
	IF NOT EXISTS (SELECT FROM ref.identity i WHERE i.identity = t.identity AND i.tenant IS NOT NULL) THEN
		RETURN '42501';
	END IF;
	/* nor does one who may not read all that a view is made of, if he reads */
	IF t.form = 'view' AND t.command <> 'insert'
		AND EXISTS (SELECT FROM ref.mask m JOIN ref.row r USING (relation) WHERE r."row" = t.was)
	THEN
		RETURN '42501';
	END IF;
	SELECT * INTO o FROM ref.row r WHERE r."row" = t.was;
	SELECT * INTO n FROM ref.row r WHERE r."row" = t."row";
	/* a rule that does not check the old row reaches any, for those who hold its permission */
	SELECT coalesce(bool_or(u.command = 'select' AND u.rule = ANY (by_old)), false),
		coalesce(bool_or(u.command = t.command AND (u.rule = ANY (by_old) OR u.command = 'update' AND u.checks = 'new'
			AND EXISTS (SELECT FROM ref.arm a WHERE a.identity = t.identity AND a.permission = u.permission))), false)
	INTO seen, reached
	FROM ref.rule u
	WHERE u.relation = o.relation;

	IF t.command = 'insert' THEN
		/* MERGE: a row that is seen is matched, and nothing is to be done then */
		IF t.form = 'merge' AND EXISTS (SELECT
			FROM ref.granted g JOIN ref.rule u USING (rule) JOIN ref.row r USING ("row")
			WHERE g.identity = t.identity AND u.command = 'select' AND r.relation = n.relation AND r.present AND r.id = n.id)
		THEN
			RETURN 'none';
		END IF;
		RETURN CASE WHEN NOT ref.may_insert(t.identity, n, by_new, t.form = 'returning') THEN '42501'
			WHEN NOT ref.is_taken(o, n) THEN 'done'
			WHEN t.form = 'conflict' THEN 'none'
			ELSE '23505' END;
	END IF;

	/* A row that is not seen is not there, nor one that no rule reaches; but
	 * MERGE and ON CONFLICT DO UPDATE fail where they find one. */
	IF t.form = 'conflict' AND NOT ref.may_insert(t.identity, n, by_new, true) THEN
		RETURN '42501';
	END IF;
	IF NOT seen THEN
		RETURN CASE t.form WHEN 'conflict' THEN '42501' ELSE 'none' END;
	ELSIF NOT reached THEN
		RETURN CASE WHEN t.form IN ('conflict', 'merge') THEN '42501' ELSE 'none' END;
	ELSIF t.command = 'delete' THEN
		RETURN 'done';
	END IF;
	RETURN CASE WHEN NOT ref.may_update(t.identity, o, n, by_old, by_new, t.columns, t.form <> 'whole', t.form IN ('where', 'view', 'from')) THEN '42501'
		WHEN NOT ref.is_taken(o, n) THEN 'done'
		ELSE '23505' END;
END
$$;

CREATE FUNCTION ref.decide_writes() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	DELETE FROM ref.attempt;
	PERFORM ref.decide_reach(false);
	PERFORM ref.decide_verdicts();
END
$$;
CREATE FUNCTION ref.decide_verdicts() RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	INSERT INTO ref.attempt SELECT t.trial, ref.verdict(t) FROM ref.trial t;
END
$$;

/* The rows of a table as its masked view shows them, a line each. */
CREATE FUNCTION ref.decide_masks() RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	DELETE FROM ref.shown;
	INSERT INTO ref.shown
		SELECT i.identity, t.relation, coalesce(yes.lines, '{}')
		FROM ref.identity i
			CROSS JOIN (SELECT DISTINCT m.relation FROM ref.mask m) t
			LEFT JOIN (
				SELECT s.identity, r.relation, array_agg(
					(SELECT string_agg(c || '=' || coalesce(CASE WHEN m."column" IS NULL OR ref.unmasked(s.identity, m, r."row")
								THEN ref.value(r, c) END, '~'), ',' ORDER BY n)
						FROM ref.relation l CROSS JOIN unnest(l.columns) WITH ORDINALITY x(c, n)
							LEFT JOIN ref.mask m ON m.relation = l.relation AND m."column" = c
						WHERE l.relation = r.relation)
					ORDER BY r.id COLLATE "C") AS lines
				FROM (SELECT DISTINCT g.identity, g."row" FROM ref.granted g JOIN ref.rule u USING (rule) WHERE u.command = 'select') s
					JOIN ref.row r USING ("row")
				WHERE r.present
				GROUP BY s.identity, r.relation) yes USING (identity, relation);
END
$$;
