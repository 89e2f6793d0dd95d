/* ---- reference_admin: who may call the model's functions -------------------
 *
 * Delegated administration: ref.judge(call, caller, ...) says whether a member
 * may make that call, and makes it.  And, apart from that: ref.raised() looks
 * whether somebody holds after a call what he did not hold before.  It takes
 * the claims to points (permission, scope, place, group, towards whom, when)
 * and knows nothing of the rules by which the call was judged.
 */

/* An entry that is active: through a valid assignment, or through a member's
 * override.  channel: '' for none; all_on: with all features of the template
 * on, else as they are; awake: as if no lock stopped an override; feature: the
 * one that the entry needs; until: infinity for no end; via: the role that is
 * assigned, of one who might be (ref.anybody()). */
CREATE TYPE ref.claim AS (
	who			text,
	channel		text,
	all_on		boolean,
	awake		boolean,
	permission	text,
	scope		text,
	feature		text,
	targets		text[],
	location	text,
	only_group	text,
	only_self	boolean,
	until		timestamptz,
	via			text
);

/* The claims of those who have these assignments, by every channel, with the
 * features as they are and with all on: README.md, "How a decision is made", 2
 * and 3. */
CREATE FUNCTION ref.claims(given ref.assigned[], as_awake boolean = false) RETURNS ref.claim[]
	LANGUAGE plpgsql STABLE SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	RETURN ARRAY(
		WITH RECURSIVE
		/* sets of permissions are numbers, for speed */
		bit AS MATERIALIZED (SELECT permission, 1 << row_number() OVER (ORDER BY permission)::integer AS bit FROM ref.ask),
		brought AS MATERIALIZED (
			SELECT row_number() OVER () AS n, b.*, bit.bit,
				coalesce((SELECT bit_or(coalesce(r.bit, 1)) FROM unnest(b.requires) required LEFT JOIN bit r ON r.permission = required), 0) AS needs,
				b.feature IS NULL OR EXISTS (SELECT FROM ref.tenant_feature f JOIN ref.feature_now USING (tenant, feature)
					WHERE f.tenant = given[1].tenant AND f.feature = b.feature AND f.enabled) AS is_on,
				b.feature IS NULL OR EXISTS (SELECT FROM ref.feature_now f
					WHERE f.tenant = given[1].tenant AND f.feature = b.feature) AS may_be_on
			FROM ref.bring(given, as_awake) b JOIN bit USING (permission)
		),
		candidate AS MATERIALIZED (
			SELECT b.*, s.channel, s.all_on
			FROM brought b
				CROSS JOIN (VALUES ('', false), ('web', false), ('mobile', false), ('', true), ('web', true), ('mobile', true)) s(channel, all_on)
			WHERE CASE WHEN s.all_on THEN b.may_be_on ELSE b.is_on END
				AND (b.channels IS NULL OR s.channel = ANY (b.channels))
		),
		bundle AS MATERIALIZED (
			SELECT who, channel, all_on, array_agg(bit) AS bits, array_agg(needs) AS needs
			FROM candidate
			GROUP BY who, channel, all_on
		),
		/* from nothing up, until nothing more comes to hold */
		up(who, channel, all_on, bits, needs, held) AS (
			SELECT b.*, 0 FROM bundle b
			UNION
			SELECT u.who, u.channel, u.all_on, u.bits, u.needs,
				u.held | coalesce((SELECT bit_or(x.bit) FROM unnest(u.bits, u.needs) x(bit, need) WHERE x.need & u.held = x.need), 0)
			FROM up u
		),
		held AS MATERIALIZED (SELECT who, channel, all_on, bit_or(held) AS held FROM up GROUP BY who, channel, all_on)
		SELECT DISTINCT ROW(c.who, c.channel, c.all_on, as_awake, c.permission, c.scope, c.feature, c.targets,
			c.location, c.only_group, c.only_self, coalesce(c.until, 'infinity'), c.via)::ref.claim
		FROM candidate c JOIN held h ON h.who = c.who AND h.channel = c.channel AND h.all_on = c.all_on
		WHERE c.needs & h.held = c.needs);
END
$$;

/* Everybody, as he is: the members and a visitor. */
CREATE FUNCTION ref.everybody(tenant_name text) RETURNS ref.assigned[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(
		SELECT ROW('member ' || a.user_id, a.tenant, a.user_id, row_number() OVER (), a.role, a.location, a.only_group, a.only_self, a.valid_until)::ref.assigned
		FROM ref.assignment_now a
		WHERE a.tenant = tenant_name
		UNION ALL
		SELECT ROW('visitor', t.tenant, NULL, 0, m.visitor_role, NULL, NULL, false, NULL)::ref.assigned
		FROM ref.tenant t JOIN ref.template m USING (template)
		WHERE t.tenant = tenant_name AND m.visitor_role IS NOT NULL);
END
$$;

/* Those who might be: with the roles that a member has, and his overrides; or
 * with one role; for the whole tenant, without limits.  And the visitor. */
CREATE FUNCTION ref.anybody(tenant_name text) RETURNS ref.assigned[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(
		SELECT DISTINCT ROW('one like ' || a.user_id, a.tenant, a.user_id, dense_rank() OVER (ORDER BY a.role), a.role, NULL, NULL, false, NULL)::ref.assigned
		FROM ref.assignment_now a
		WHERE a.tenant = tenant_name
		UNION ALL
		SELECT ROW('one with ' || r.role, r.tenant, NULL, 0, r.role, NULL, NULL, false, NULL)::ref.assigned
		FROM ref.role_now r
		WHERE r.tenant = tenant_name
		UNION ALL
		SELECT e FROM unnest(ref.everybody(tenant_name)) e WHERE e.who = 'visitor');
END
$$;

/* One member, as he is. */
CREATE FUNCTION ref.only(tenant_name text, user_name text) RETURNS ref.assigned[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(SELECT e FROM unnest(ref.everybody(tenant_name)) e WHERE e.user_id = user_name);
END
$$;

/* k covers c */
CREATE FUNCTION ref.covers(k ref.claim, c ref.claim, tenant_name text) RETURNS boolean
	LANGUAGE sql STABLE AS
$$
	SELECT k.permission = c.permission
		AND (k.scope = 'all' OR k.scope = c.scope)
		AND (k.targets IS NULL OR c.targets IS NOT NULL AND c.targets <@ k.targets)
		AND (k.location IS NULL OR c.location IS NOT NULL AND c.location IN (SELECT ref.subtree(tenant_name, k.location)))
		AND (k.only_group IS NULL OR c.only_group IS NOT NULL AND k.only_group = c.only_group)
		AND (NOT k.only_self OR c.only_self)
		AND k.until >= c.until
		/* those who might be have their roles at any places: what one gives does not make up for another */
		AND (k.via IS NULL OR k.via = c.via)
		/* another feature may be turned on without this one */
		AND (NOT c.all_on OR k.feature IS NULL OR c.feature IS NOT NULL AND k.feature = c.feature)
$$;

/* Whether one has by every channel, whatever features are on, what a claim says. */
CREATE FUNCTION ref.always(held ref.claim[], c ref.claim, tenant_name text) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN NOT EXISTS (
		SELECT FROM unnest('{"",web,mobile}'::text[]) channel, unnest('{t,f}'::boolean[]) all_on
		WHERE NOT EXISTS (SELECT FROM unnest(held) k
			WHERE k.who = c.who AND k.channel = channel.channel AND k.all_on = all_on.all_on
				AND ref.covers(k, ROW(c.who, channel, all_on, c.awake, c.permission, c.scope, c.feature, c.targets,
					c.location, c.only_group, c.only_self, c.until, NULL)::ref.claim, tenant_name)));
END
$$;

/* Those of "now" that nothing of "once" covers: of the same one's, in the same
 * circumstances; or of the caller's (me), by the same channel and features, or
 * of the role's that is handed out ("new").  Of the caller's what he has of his
 * teams covers what another has of his only where these are the caller's. */
CREATE FUNCTION ref.uncovered(tenant_name text, now_held ref.claim[], once_held ref.claim[], me text, same_teams boolean) RETURNS ref.claim[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(
		SELECT c
		FROM (SELECT ROW(f.*)::ref.claim AS c
			FROM (SELECT * FROM unnest(now_held) EXCEPT SELECT * FROM unnest(once_held)) f
			OFFSET 0) fresh
		WHERE NOT EXISTS (SELECT FROM unnest(once_held) k
				WHERE k.channel = (c).channel AND k.all_on = (c).all_on AND k.permission = (c).permission
					AND (k.who = (c).who AND k.awake = (c).awake
						OR k.who = 'new'
						OR k.who = me AND NOT k.awake AND (k.scope <> 'team' OR same_teams))
					AND ref.covers(k, c, tenant_name)));
END
$$;

/* Whether all groups of one member are groups of another. */
CREATE FUNCTION ref.same_teams(tenant_name text, user_name text, other_name text) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(SELECT g."group" FROM ref.group_member g WHERE g.tenant = tenant_name AND g.user_id = user_name)
		<@ ARRAY(SELECT g."group" FROM ref.group_member g WHERE g.tenant = tenant_name AND g.user_id = other_name);
END
$$;

/* The member to whom something is done. */
CREATE FUNCTION ref.target_member(c ref.call) RETURNS text
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN (
		SELECT m.user_id
		FROM ref.member m
		WHERE m.tenant = c.tenant AND m.user_id = CASE
			WHEN c.fn IN ('add_member', 'remove_member', 'assign_role', 'revoke_role', 'change_role', 'set_member_permission') THEN c.a
			WHEN c.fn IN ('add_to_group', 'remove_from_group') THEN c.b END);
END
$$;

/* Whether one claim on the permission that the function needs is enough for
 * this call. */
CREATE FUNCTION ref.suffices(a ref.claim, c ref.call) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
DECLARE
	target text := ref.target_member(c);
	places text[];		/* a NULL among them: the whole tenant */
BEGIN
	IF a.scope <> 'all' OR a.only_self THEN
		RETURN false;
	END IF;
	/* target member */
	IF target IS NOT NULL AND (
		a.targets IS NOT NULL AND EXISTS (SELECT FROM ref.assignment_now r
			WHERE r.tenant = c.tenant AND r.user_id = target AND r.role <> ALL (a.targets))
		OR a.only_group IS NOT NULL AND NOT EXISTS (SELECT FROM ref.group_member g
			WHERE g.tenant = c.tenant AND g.user_id = target AND g."group" = a.only_group))
	THEN
		RETURN false;
	END IF;
	/* place */
	places := CASE
		WHEN c.fn IN ('assign_role', 'revoke_role') THEN ARRAY[c.c]
		WHEN c.fn = 'change_role' THEN ARRAY[c.d]
		WHEN c.fn = 'add_location' THEN ARRAY[c.b]
		WHEN c.fn = 'drop_location' THEN ARRAY[c.a]
		WHEN c.fn = 'move_location' THEN ARRAY[c.a, c.b]
		WHEN c.fn IN ('remove_member', 'set_member_permission', 'add_to_group', 'remove_from_group')
			OR c.fn = 'add_member' AND target IS NOT NULL
			THEN coalesce((SELECT array_agg(r.location) FROM ref.assignment r
				WHERE r.tenant = c.tenant AND r.user_id = target), ARRAY[NULL::text])
		WHEN c.fn = 'add_member' THEN '{}'
		ELSE ARRAY[NULL::text]
	END;
	IF a.location IS NOT NULL AND EXISTS (SELECT FROM unnest(places) p
		WHERE p IS NULL OR p NOT IN (SELECT ref.subtree(c.tenant, a.location)))
	THEN
		RETURN false;
	END IF;
	/* an authority towards some members is none over the tenant's places, groups,
	 * roles (but for a role that it names) and features */
	IF c.fn IN ('add_location', 'move_location', 'drop_location', 'add_group', 'drop_group', 'create_role', 'drop_role', 'set_role_module', 'set_role_permission', 'set_feature', 'set_field_visible')
		AND (a.only_group IS NOT NULL
			OR a.targets IS NOT NULL AND NOT (c.fn IN ('set_role_permission', 'set_role_module', 'drop_role') AND c.a = ANY (a.targets)))
	THEN
		RETURN false;
	END IF;
	/* what is handed out: roles that the targets name, where the template says so; */
	IF c.fn IN ('assign_role', 'change_role') AND a.targets IS NOT NULL
		AND (CASE c.fn WHEN 'assign_role' THEN c.b ELSE c.c END) <> ALL (a.targets)
		AND (SELECT x.only_targets FROM ref.tenant t JOIN ref.administration x USING (template) WHERE t.tenant = c.tenant AND x.fn = c.fn)
	THEN
		RETURN false;
	END IF;
	/* its limits */
	IF c.fn = 'assign_role' THEN
		RETURN coalesce(c.instant, 'infinity') <= a.until
			AND (a.only_group IS NULL OR c.d IS NOT NULL AND c.d = a.only_group);
	ELSIF c.fn = 'change_role' THEN
		RETURN NOT EXISTS (SELECT FROM ref.assignment r
			WHERE r.tenant = c.tenant AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.d
				AND (coalesce(r.valid_until, 'infinity') > a.until
					OR a.only_group IS NOT NULL AND r.only_group IS DISTINCT FROM a.only_group));
	END IF;
	RETURN true;
END
$$;

/* The same key: as text, as a number, in other letters or with blanks around. */
CREATE FUNCTION ref.same_key(x text, y text) RETURNS boolean
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT lower(btrim(x, E' \t\n\r\f\v')) = lower(btrim(y, E' \t\n\r\f\v'))
		OR ref.convert('bigint', x) = ref.convert('bigint', y)
		OR ref.convert('uuid', x) = ref.convert('uuid', y)
$$;

/* What no member does, whatever he holds. */
CREATE FUNCTION ref.never(c ref.call, caller text) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
DECLARE
	target text := ref.target_member(c);
BEGIN
	RETURN
		/* a role that is single */
		EXISTS (SELECT FROM ref.role_now r
			WHERE r.tenant = c.tenant AND r.single
				AND r.role = ANY (CASE
					WHEN c.fn IN ('assign_role', 'revoke_role') THEN ARRAY[c.b]
					WHEN c.fn = 'change_role' THEN ARRAY[c.b, c.c]
					WHEN c.fn IN ('set_role_permission', 'set_role_module', 'drop_role') THEN ARRAY[c.a] END))
		/* a member who holds one, be it ended, and is not the caller */
		OR target <> caller AND EXISTS (SELECT FROM ref.assignment a JOIN ref.role_now r USING (tenant, role)
			WHERE a.tenant = c.tenant AND a.user_id = target AND r.single)
		/* keys: for a member others than he has, for a new one those of another */
		OR c.fn = 'add_member' AND (
			EXISTS (SELECT FROM ref.member m
				WHERE m.tenant = c.tenant AND m.user_id = c.a AND m.keys <> c.data)
			OR target IS NULL AND EXISTS (
				SELECT FROM (SELECT * FROM ref.member UNION ALL SELECT * FROM ref.former) m, unnest('{staff,client}'::text[]) kind
				WHERE m.tenant = c.tenant AND m.user_id <> c.a AND ref.same_key(m.keys->>kind, c.data->>kind)))
		OR c.fn NOT IN ('add_location', 'move_location', 'drop_location', 'add_group', 'drop_group', 'add_to_group', 'remove_from_group',
			'add_member', 'remove_member', 'assign_role', 'revoke_role', 'change_role', 'create_role', 'drop_role',
			'set_role_module', 'set_role_permission', 'set_member_permission', 'set_feature', 'set_field_visible');
END
$$;

/* Whether a change of groups or places lets somebody reach further than he or
 * the caller does: judged by what is held before. */
CREATE FUNCTION ref.reaches_further(c ref.call, caller text, held ref.claim[]) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	IF c.fn = 'add_to_group' THEN
		RETURN EXISTS (
			SELECT
			FROM unnest(held) x
			WHERE x.who <> 'visitor'
				AND (x.only_group = c.a
					OR x.scope = 'team' AND (x.who = 'member ' || c.b OR EXISTS (SELECT FROM ref.group_member g
						WHERE g.tenant = c.tenant AND g."group" = c.a AND x.who = 'member ' || g.user_id)))
				AND NOT EXISTS (SELECT FROM unnest(held) k
					WHERE k.who = 'member ' || caller AND NOT k.awake
						AND k.channel = x.channel AND k.all_on = x.all_on AND k.permission = x.permission
						AND (ref.covers(k, ROW(x.who, x.channel, x.all_on, x.awake, x.permission, 'all', x.feature, x.targets,
								x.location, NULL, false, x.until, NULL)::ref.claim, c.tenant)
							/* the group's rows, to the new one's team, by one who is in the group and has what the new one has */
							OR x.only_group IS DISTINCT FROM c.a AND x.who = 'member ' || c.b AND caller <> c.b
								AND EXISTS (SELECT FROM ref.group_member g WHERE g.tenant = c.tenant AND g."group" = c.a AND g.user_id = caller)
								AND ref.covers(k, x, c.tenant))));
	ELSIF c.fn IN ('add_location', 'move_location') THEN
		RETURN EXISTS (
			SELECT
			FROM unnest(held) x
			WHERE x.location IS NOT NULL AND c.b IN (SELECT ref.subtree(c.tenant, x.location))
				AND NOT EXISTS (SELECT FROM unnest(held) k
					WHERE (k.who = x.who AND k.awake = x.awake
							OR k.who = 'member ' || caller AND NOT k.awake AND k.scope <> 'team')
						AND k.channel = x.channel AND k.all_on = x.all_on AND k.permission = x.permission
						AND ref.covers(k, ROW(x.who, x.channel, x.all_on, x.awake, x.permission, x.scope, x.feature, x.targets,
							c.a, x.only_group, x.only_self, x.until, NULL)::ref.claim, c.tenant)));
	END IF;
	RETURN false;
END
$$;

/* Judges the call of one who is not the DBA, and makes it if it is allowed.
 * caller: the user_id of the identity in force, which is of tenant "home";
 * held: everybody's claims now.
 * outcome: what the function says; other: what it may say as well, where two
 * things are wrong; now_held: everybody's claims after the call; handed: those
 * of the role that is handed out, where the authority's targets name it. */
CREATE FUNCTION ref.judge(c ref.call, home text, caller text, by_channel text, held ref.claim[],
	OUT outcome text, OUT other text, OUT now_held ref.claim[], OUT handed ref.claim[])
	LANGUAGE plpgsql AS
$$
DECLARE
	needed text;
	on_it ref.claim[];
	authority ref.claim[];
	me text := 'member ' || caller;
	refused boolean;
	once ref.claim[];
	given ref.assigned[];
BEGIN
	now_held := held;
	handed := '{}';
	outcome := '42501';
	SELECT a.permission INTO needed
	FROM ref.tenant t JOIN ref.administration a USING (template)
	WHERE t.tenant = c.tenant AND a.fn = c.fn;
	IF needed IS NULL OR home IS NULL OR home <> c.tenant THEN
		RETURN;
	END IF;
	on_it := ARRAY(SELECT h FROM unnest(held) h
		WHERE h.who = me AND h.permission = needed AND NOT h.all_on
			AND h.channel = CASE WHEN by_channel IN ('web', 'mobile') THEN by_channel ELSE '' END);
	IF on_it = '{}' THEN
		RETURN;
	END IF;
	authority := ARRAY(SELECT a FROM unnest(on_it) a WHERE ref.suffices(a, c));
	refused := authority = '{}' OR coalesce(ref.never(c, caller), false);
	once := held;
	IF NOT refused AND c.fn IN ('add_to_group', 'add_location', 'move_location') THEN
		refused := ref.reaches_further(c, caller, held || ref.claims(ref.everybody(c.tenant), true));
	END IF;
	/* a field is marked by one to whom it is shown everywhere, by every channel and always: so it will be to everybody */
	IF NOT refused AND c.fn = 'set_field_visible' THEN
		refused := EXISTS (SELECT FROM ref.mask m
			WHERE m.relation = c.a AND m."column" = c.b
				AND NOT ref.always(held, ROW(me, NULL, NULL, false, m.permission, 'all', NULL, NULL, NULL, NULL, false, 'infinity', NULL)::ref.claim, c.tenant));
	END IF;
	IF NOT refused AND c.fn IN ('assign_role', 'revoke_role', 'change_role', 'set_member_permission') THEN
		once := held || ref.claims(ref.only(c.tenant, c.a), true);
	END IF;
	IF NOT refused AND (c.fn IN ('create_role', 'set_role_permission', 'set_role_module') OR c.fn = 'set_feature' AND c.flag) THEN
		once := ref.claims(ref.anybody(c.tenant)) || ref.claims(ref.anybody(c.tenant), true)
			|| ARRAY(SELECT h FROM unnest(held) h WHERE h.who = me);
	END IF;
	IF NOT refused AND c.fn IN ('assign_role', 'change_role')
		AND EXISTS (SELECT FROM unnest(authority) a WHERE CASE c.fn WHEN 'assign_role' THEN c.b ELSE c.c END = ANY (a.targets))
	THEN
		given := CASE c.fn WHEN 'assign_role' THEN
				ARRAY[ROW('new', c.tenant, NULL, 0, c.b, c.c, c.d, c.flag, c.instant)::ref.assigned]
			ELSE ARRAY(SELECT ROW('new', c.tenant, NULL, 0, c.c, r.location, r.only_group, r.only_self, r.valid_until)::ref.assigned
				FROM ref.assignment r
				WHERE r.tenant = c.tenant AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.d) END;
		handed := ref.claims(given);
	END IF;
	BEGIN
		outcome := ref.apply(c, false);
		IF outcome LIKE 'ok%' AND NOT refused THEN
			now_held := ref.claims(ref.everybody(c.tenant));
			IF c.fn IN ('assign_role', 'revoke_role', 'change_role', 'set_member_permission') THEN
				refused := '{}' <> ref.uncovered(c.tenant,
					ref.claims(ref.only(c.tenant, c.a)) || ref.claims(ref.only(c.tenant, c.a), true), once || handed, me,
					ref.same_teams(c.tenant, c.a, caller));
				/* an override goes wherever the member comes to have a role, and for
				 * whichever teams he comes to be in: the caller must have it
				 * everywhere and always, and what he has of his teams is his alone */
				IF c.fn = 'set_member_permission' AND c.flag IS NOT FALSE THEN
					refused := refused OR NOT ref.always(
						ARRAY(SELECT h FROM unnest(held) h WHERE h.scope <> 'team' OR c.a = caller),
						ROW(me, NULL, NULL, false, c.b,
							coalesce((SELECT o.scope FROM ref.member_cell o
								WHERE o.tenant = c.tenant AND o.user_id = c.a AND o.permission = c.b), 'all'),
							NULL, NULL, NULL, NULL, false, 'infinity', NULL)::ref.claim, c.tenant);
				END IF;
			ELSIF c.fn IN ('create_role', 'set_role_permission', 'set_role_module') OR c.fn = 'set_feature' AND c.flag THEN
				refused := '{}' <> ref.uncovered(c.tenant,
					ref.claims(ref.anybody(c.tenant)) || ref.claims(ref.anybody(c.tenant), true), once, me, false);
			END IF;
		END IF;
		IF refused OR outcome NOT LIKE 'ok%' THEN
			RAISE EXCEPTION SQLSTATE 'UNDO1';
		END IF;
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		now_held := held;
	END;
	IF refused THEN
		other := CASE WHEN outcome NOT LIKE 'ok%' THEN outcome END;
		outcome := '42501';
	END IF;
END
$$;

/* can_assign_role(): whether assign_role() of that role, without limits, to
 * that member (NULL: a new one without roles), at that location would be allowed. */
CREATE FUNCTION ref.can_assign_role(home text, caller text, by_channel text, held ref.claim[], role_name text, target text, place text)
	RETURNS boolean LANGUAGE plpgsql AS
$$
DECLARE
	call ref.call := ROW('assign_role', home, coalesce(target, ' '), role_name, place, NULL, false, NULL, NULL);
	result record;
BEGIN
	BEGIN
		IF target IS NULL AND home IS NOT NULL THEN
			INSERT INTO ref.member VALUES (home, ' ', '{}');
		END IF;
		SELECT * INTO result FROM ref.judge(call, home, caller, by_channel, held);
		/* one that ends is not in the way: one without end would take its place,
		 * where the caller may give it to a member who has that one */
		IF result.outcome = '42710' THEN
			DELETE FROM ref.assignment a
			WHERE a.tenant = home AND a.user_id = target AND a.role = role_name AND a.location IS NOT DISTINCT FROM place
				AND a.only_group IS NULL AND NOT a.only_self AND a.valid_until < 'infinity';
			SELECT * INTO result FROM ref.judge(call, home, caller, by_channel, held);
		END IF;
		RAISE EXCEPTION SQLSTATE 'UNDO2';
	EXCEPTION WHEN SQLSTATE 'UNDO2' THEN
		RETURN result.outcome IN ('ok', '42710');
	END;
END
$$;

/* ---- does anybody rise? ----------------------------------------------------
 *
 * By counting, not by the rules above.  What somebody holds is a set of
 * points; after a call he holds no point that neither he nor the caller held
 * before.  A claim holds a point if it reaches it in every direction:
 *
 *	scope		its own, or all
 *	place		a location of the tenant, or one that it has not
 *	group		one of the tenant's groups, or none
 *	myself		the caller's own row, or another's
 *	towards		one with these roles
 *	instant		now, and whenever some claim ends
 */
CREATE TYPE ref.pair AS (a text, b text);

/* location and what is below it; group and who is in it */
CREATE FUNCTION ref.tree(tenant_name text) RETURNS ref.pair[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(SELECT ROW(l.location, b)::ref.pair FROM ref.location l, ref.subtree(l.tenant, l.location) b WHERE l.tenant = tenant_name);
END
$$;
CREATE FUNCTION ref.teams(tenant_name text) RETURNS ref.pair[]
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN ARRAY(SELECT ROW(g."group", g.user_id)::ref.pair FROM ref.group_member g WHERE g.tenant = tenant_name);
END
$$;

/* The first who holds a point that he did not hold, nor the caller, nor one
 * with the role that the caller was allowed to hand out; NULL: nobody. */
CREATE FUNCTION ref.raised(tenant_name text, caller text, once_held ref.claim[], now_held ref.claim[], handed ref.claim[],
	once_tree ref.pair[], now_tree ref.pair[]) RETURNS text
	LANGUAGE plpgsql STABLE SET jit = off AS
$$
DECLARE
	moved boolean := once_tree <> now_tree;
BEGIN
	RETURN (
		WITH
		once AS MATERIALIZED (SELECT * FROM unnest(once_held || handed) h WHERE NOT h.all_on),
		/* what is there as it was holds what it held, unless places moved */
		fresh AS MATERIALIZED (
			SELECT * FROM unnest(now_held) h WHERE NOT h.all_on AND moved AND h.location IS NOT NULL
			UNION
			(SELECT * FROM unnest(now_held) h WHERE NOT h.all_on EXCEPT SELECT * FROM unnest(once_held) h WHERE NOT h.all_on)
		),
		towards(roles) AS MATERIALIZED (
			SELECT DISTINCT array_agg(a.role ORDER BY a.role) FROM ref.assignment_now a WHERE a.tenant = tenant_name GROUP BY a.user_id
			UNION
			SELECT ARRAY[r.role] FROM ref.role_now r WHERE r.tenant = tenant_name
			UNION
			SELECT ARRAY['a role that nobody names']
		),
		point AS (
			SELECT f.who, f.channel, f.permission, f.scope, place, grp, myself, towards.roles, instant
			FROM fresh f
				CROSS JOIN LATERAL (SELECT t.b FROM unnest(now_tree) t WHERE f.location IS NULL OR t.a = f.location
					UNION SELECT 'elsewhere' WHERE f.location IS NULL) p(place)
				CROSS JOIN LATERAL (SELECT f.only_group WHERE f.only_group IS NOT NULL
					UNION SELECT g."group" FROM ref.groups g WHERE g.tenant = tenant_name AND f.only_group IS NULL
					UNION SELECT 'no group' WHERE f.only_group IS NULL) g(grp)
				CROSS JOIN LATERAL (SELECT true UNION SELECT false WHERE NOT f.only_self) s(myself)
				CROSS JOIN towards
				CROSS JOIN LATERAL (SELECT '-infinity'::timestamptz UNION SELECT o.until FROM once o WHERE o.until < f.until) i(instant)
			WHERE f.targets IS NULL OR towards.roles <@ f.targets
		)
		SELECT format('%s by %s: %s %s at %s, group %s, himself %s, towards %s, from %s', p.who,
			coalesce(nullif(p.channel, ''), 'no channel'), p.permission, p.scope, p.place, p.grp, p.myself, p.roles, p.instant)
		FROM point p
		WHERE NOT EXISTS (SELECT FROM once k
			WHERE (k.who = p.who OR k.who = 'new' OR k.who = 'member ' || caller)
				AND k.channel = p.channel AND k.permission = p.permission
				AND k.scope IN (p.scope, 'all')
				AND (k.location IS NULL OR ROW(k.location, p.place)::ref.pair = ANY (once_tree))
				AND (k.only_group IS NULL OR k.only_group = p.grp)
				AND (p.myself OR NOT k.only_self)
				AND (k.targets IS NULL OR p.roles <@ k.targets)
				AND k.until > p.instant)
		LIMIT 1);
END
$$;

/* The same for who is in which group, by the rows themselves: rows of every
 * member, and of every group, at every place.  own, team and the limit to a
 * group reach what the holder's key and groups say; other scopes reach their
 * own rows, which the caller's do not.  held: claims, which groups leave as
 * they are. */
CREATE FUNCTION ref.raised_by_groups(tenant_name text, caller text, held ref.claim[], once_teams ref.pair[], now_teams ref.pair[], places ref.pair[]) RETURNS text
	LANGUAGE plpgsql STABLE SET jit = off AS
$$
BEGIN
	RETURN (
		WITH
		claim AS MATERIALIZED (SELECT h.*, substr(h.who, 8) AS me, row_number() OVER () AS n FROM unnest(held) h WHERE NOT h.all_on AND h.who <> 'visitor'),
		line AS MATERIALIZED (
			SELECT 'of ' || m.user_id AS line, m.user_id AS owner, NULL AS team FROM ref.member m WHERE m.tenant = tenant_name
			UNION ALL
			SELECT 'for ' || g."group", NULL, g."group" FROM ref.groups g WHERE g.tenant = tenant_name
		),
		/* before, and after */
		reach AS MATERIALIZED (
			SELECT c.*, l.line, l.owner, l.team, w.after
			FROM claim c
				CROSS JOIN line l
				CROSS JOIN (VALUES (once_teams, false), (now_teams, true)) w(teams, after)
			WHERE (c.only_group IS NULL OR l.team = c.only_group OR ROW(c.only_group, l.owner)::ref.pair = ANY (w.teams))
				AND (NOT c.only_self OR l.owner = c.me)
				AND CASE c.scope
					WHEN 'own' THEN l.owner = c.me
					WHEN 'team' THEN ROW(l.team, c.me)::ref.pair = ANY (w.teams)
						OR EXISTS (SELECT FROM unnest(w.teams) x WHERE x.b = c.me AND ROW(x.a, l.owner)::ref.pair = ANY (w.teams))
					ELSE true END
		)
		SELECT format('%s by %s: %s %s at %s, row %s', r.who, coalesce(nullif(r.channel, ''), 'no channel'), r.permission, r.scope,
			coalesce(r.location, 'the whole tenant'), r.line)
		FROM reach r
		WHERE r.after
			AND NOT EXISTS (SELECT FROM reach k WHERE NOT k.after AND k.n = r.n AND k.line = r.line)
			AND NOT EXISTS (SELECT FROM reach k
				WHERE NOT k.after AND k.channel = r.channel AND k.permission = r.permission
					AND k.line = r.line
					AND (k.me = r.me AND k.scope IN (r.scope, 'all', 'own', 'team') OR k.me = caller AND k.scope IN ('all', 'own', 'team'))
					AND (k.targets IS NULL OR r.targets <@ k.targets)
					AND k.until >= r.until
					AND (k.location IS NULL OR ROW(k.location, r.location)::ref.pair = ANY (places)))
		LIMIT 1);
END
$$;
