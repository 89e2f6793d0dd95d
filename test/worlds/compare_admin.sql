/* ---- compare_admin: members administer --------------------------------------
 *
 * world.administer(n) has members of the tenants make n random calls, one after
 * the other: what is allowed and what is refused is compared, then what ambit
 * and the reference hold, and whether anybody rose.
 */

/* What is said of a tenant, of ambit's tables or the reference's: a line each. */
CREATE FUNCTION world.state_of_ambit() RETURNS SETOF text
	LANGUAGE sql STABLE AS
$$
	SELECT concat_ws(' ', 'location', tenant, location, 'below', parent) FROM ambit.location
	UNION ALL SELECT concat_ws(' ', 'group', tenant, "group") FROM ambit.member_group
	UNION ALL SELECT concat_ws(' ', 'in group', tenant, "group", user_id) FROM ambit.group_member
	UNION ALL SELECT concat_ws(' ', 'member', tenant, user_id, keys) FROM ambit.member
	UNION ALL SELECT concat_ws(' ', 'former member', tenant, user_id, keys) FROM ambit.former_member
	UNION ALL SELECT concat_ws(' ', 'assignment', tenant, user_id, role, 'at', location, 'only', only_group, only_self, 'until', valid_until) FROM ambit.assignment
	UNION ALL SELECT concat_ws(' ', 'override', tenant, user_id, permission, enabled, scope) FROM ambit.member_cell
	UNION ALL SELECT concat_ws(' ', 'cell', tenant, role, permission, enabled, scope) FROM ambit.tenant_cell
	UNION ALL SELECT concat_ws(' ', 'feature', tenant, feature, enabled) FROM ambit.tenant_feature
	UNION ALL SELECT concat_ws(' ', 'field', f.tenant, c.relname, m."column")
		FROM ambit.tenant_field f JOIN ambit.mask m USING (mask) JOIN pg_class c ON c.oid = m.relation
	UNION ALL SELECT concat_ws(' ', 'role', tenant, role) FROM ambit.tenant_role
	UNION ALL SELECT concat_ws(' ', 'inherits', tenant, role, inherits) FROM ambit.tenant_inherit
	UNION ALL SELECT concat_ws(' ', 'module', tenant, role, module, level, standalone) FROM ambit.tenant_module
$$;
CREATE FUNCTION world.state_of_reference() RETURNS SETOF text
	LANGUAGE sql STABLE AS
$$
	SELECT concat_ws(' ', 'location', tenant, location, 'below', parent) FROM ref.location
	UNION ALL SELECT concat_ws(' ', 'group', tenant, "group") FROM ref.groups
	UNION ALL SELECT concat_ws(' ', 'in group', tenant, "group", user_id) FROM ref.group_member
	UNION ALL SELECT concat_ws(' ', 'member', tenant, user_id, keys) FROM ref.member
	UNION ALL SELECT concat_ws(' ', 'former member', tenant, user_id, keys) FROM ref.former
	UNION ALL SELECT concat_ws(' ', 'assignment', tenant, user_id, role, 'at', location, 'only', only_group, only_self, 'until', valid_until) FROM ref.assignment
	UNION ALL SELECT concat_ws(' ', 'override', tenant, user_id, permission, enabled, scope) FROM ref.member_cell
	UNION ALL SELECT concat_ws(' ', 'cell', tenant, role, permission, enabled, scope) FROM ref.tenant_cell
	UNION ALL SELECT concat_ws(' ', 'feature', tenant, feature, enabled) FROM ref.tenant_feature
	UNION ALL SELECT concat_ws(' ', 'field', tenant, relation, "column") FROM ref.tenant_field WHERE visible
	UNION ALL SELECT concat_ws(' ', 'role', tenant, role) FROM ref.own_role
	UNION ALL SELECT concat_ws(' ', 'inherits', tenant, role, inherits) FROM ref.own_inherit
	UNION ALL SELECT concat_ws(' ', 'module', tenant, role, module, level, standalone) FROM ref.own_module
$$;
CREATE FUNCTION world.compare_state(call text) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
BEGIN
	RETURN QUERY
	SELECT 'state', NULL::integer, NULL::text, 'after ' || call, r, a
	FROM world.state_of_reference() r FULL JOIN world.state_of_ambit() a ON a = r
	WHERE r IS NULL OR a IS NULL;
END
$$;

/* What every member and visitor holds, as the reference's claims and as the
 * DBA is told. */
CREATE FUNCTION world.compare_held(tenant_name text, held ref.claim[], call text) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
BEGIN
	RETURN QUERY
	SELECT 'held', NULL::integer, p, coalesce(u, 'a visitor') || ' in ' || tenant_name || ' after ' || call, yes::text, got::text
	FROM (
		SELECT m.u, k.key AS p, ambit.has_permission(tenant_name, m.u, k.permission) AS got,
			EXISTS (SELECT FROM unnest(held) h
				WHERE h.who = coalesce('member ' || m.u, 'visitor') AND h.channel = '' AND NOT h.all_on AND h.permission = k.key) AS yes
		FROM (SELECT user_id AS u FROM ref.member WHERE tenant = tenant_name UNION ALL SELECT NULL) m
			CROSS JOIN world.permission k
		OFFSET 0) x
	WHERE yes <> got;
END
$$;

/* what members call, most often first */
CREATE FUNCTION world.calls() RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT '{assign_role,assign_role,assign_role,assign_role,assign_role,assign_role,revoke_role,revoke_role,revoke_role,change_role,change_role,change_role,add_member,add_member,remove_member,add_to_group,add_to_group,add_to_group,remove_from_group,add_group,drop_group,set_feature,set_feature,set_field_visible,set_field_visible,add_location,add_location,move_location,move_location,drop_location,create_role,create_role,drop_role,set_role_module,set_role_module,set_role_permission,set_role_permission,set_role_permission,set_member_permission,set_member_permission,set_member_permission,transfer_role}'::text[]
$$;

/* Who calls: mostly one who may call something. */
CREATE FUNCTION world.caller(tenant_name text, held ref.claim[]) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	able text[] := ARRAY(
		SELECT DISTINCT substr(h.who, 8)
		FROM ref.tenant t JOIN ref.administration a USING (template) JOIN unnest(held) h ON h.permission = a.permission
		WHERE t.tenant = tenant_name AND h.who <> 'visitor' AND h.scope = 'all' AND NOT h.only_self AND NOT h.all_on
		ORDER BY 1);
BEGIN
	RETURN CASE
		WHEN world.chance(0.02) THEN 'visitor'
		WHEN world.chance(0.01) THEN 'nobody'
		WHEN world.chance(0.85) AND able <> '{}' THEN world.pick(able)
		ELSE world.pick(ARRAY(SELECT user_id FROM ref.member WHERE tenant = tenant_name ORDER BY user_id COLLATE "C")) END;
END
$$;

/* One call of world.act, or one question, as an identity. */
CREATE FUNCTION world.assume(home text, caller text, channel text) RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM set_config('role', 'regress_worlds_app', true);
	IF caller = 'nobody' THEN
		PERFORM ambit.logout();
	ELSE
		PERFORM ambit.assume(home, nullif(caller, 'visitor'), channel);
	END IF;
END
$$;
CREATE FUNCTION world.leave() RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM ambit.logout();
	PERFORM set_config('role', 'none', true);
END
$$;

/* n calls of members, or fewer: the first difference ends them, since the two
 * go different ways from there. */
CREATE FUNCTION world.administer(calls integer) RETURNS SETOF world.difference
	LANGUAGE plpgsql AS
$$
DECLARE
	home text := world.pick(ARRAY(SELECT tenant FROM ref.tenant ORDER BY tenant COLLATE "C"));
	held ref.claim[] := ref.claims(ref.everybody(home));
	call ref.call;
	caller text;
	channel text;
	verdict record;
	name text;
	rose text;
	tree ref.pair[];
	teams ref.pair[];
	x world.act;
	a record;
	got boolean;
	said text;
	n integer;
BEGIN
	FOR i IN 1 .. calls LOOP
		IF world.chance(0.04) THEN
			/* the DBA or the vendor changes something meanwhile */
			n := (SELECT max(t.n) FROM world.act t);
			PERFORM world.change(home, world.changes());
			RETURN QUERY SELECT * FROM world.perform(n);
			IF FOUND THEN
				RETURN;
			END IF;
			held := ref.claims(ref.everybody(home));
		END IF;
		caller := world.caller(home, held);
		channel := world.pick('{web,mobile,fax}'::text[] || ARRAY[NULL, NULL, NULL]::text[]);
		IF caller IS NULL THEN
			RETURN;
		END IF;
		IF world.chance(0.15) THEN
			/* a question */
			call := world.random_call(home, '{assign_role}');
			said := format('can_assign_role(%L, %L, %L)', call.b, CASE WHEN call.d IS NULL THEN call.a END, call.c);
			PERFORM world.assume(home, caller, channel);
			got := ambit.can_assign_role(call.b, CASE WHEN call.d IS NULL THEN call.a END, call.c);
			PERFORM world.leave();
			a := ROW(ref.can_assign_role(CASE WHEN caller <> 'nobody' THEN home END, caller, channel, held,
				call.b, CASE WHEN call.d IS NULL THEN call.a END, call.c));
			IF a.f1 IS DISTINCT FROM got THEN
				RETURN NEXT ('ask', NULL, NULL, format('%s by %s in %s by %s', said, caller, home, coalesce(channel, 'no channel')),
					a.f1::text, coalesce(got::text, 'NULL'))::world.difference;
				RETURN;
			END IF;
			CONTINUE;
		END IF;

		call := world.random_call(CASE WHEN world.chance(0.97) THEN home ELSE world.pick(ARRAY(SELECT tenant FROM ref.tenant ORDER BY tenant COLLATE "C")) END,
			world.calls());
		CONTINUE WHEN call.fn IS NULL;
		tree := ref.tree(home);
		teams := ref.teams(home);
		SELECT * INTO verdict FROM ref.judge(call, CASE WHEN caller <> 'nobody' THEN home END, caller, channel, held);
		PERFORM world.act(call, verdict.outcome, caller, channel);
		SELECT * INTO x FROM world.act ORDER BY n DESC LIMIT 1;
		name := format('%s #%s %s by %s by %s', call.fn, x.n, call.tenant, caller, coalesce(channel, 'no channel'));

		/* nobody rises */
		rose := NULL;
		IF verdict.outcome LIKE 'ok%' THEN
			rose := ref.raised(home, caller, held, verdict.now_held, verdict.handed, tree, ref.tree(home));
			IF rose IS NULL AND teams <> ref.teams(home) THEN
				rose := ref.raised_by_groups(home, caller, held, teams, ref.teams(home), tree);
			END IF;
		END IF;
		IF rose IS NOT NULL THEN
			RETURN NEXT ('rise', NULL, NULL, name, 'nobody', rose)::world.difference;
			RETURN;
		END IF;

		/* the same on ambit */
		PERFORM world.assume(home, caller, channel);
		said := world.call_ambit(x);
		PERFORM world.leave();
		IF said <> verdict.outcome AND split_part(said, ' ', 1) IS DISTINCT FROM verdict.other THEN
			RETURN NEXT ('call', NULL, NULL, format('%s(%s)', name, concat_ws(', ', call.a, call.b, call.c, call.d, call.flag, call.instant, call.data)),
				concat_ws(' or ', verdict.outcome, verdict.other), said)::world.difference;
			RETURN;
		END IF;
		held := verdict.now_held;
		IF said LIKE 'ok%' THEN
			RETURN QUERY SELECT * FROM world.compare_state(name);
			IF FOUND THEN
				RETURN;
			END IF;
			RETURN QUERY SELECT * FROM world.compare_held(home, held, name);
			IF FOUND THEN
				RETURN;
			END IF;
		END IF;
	END LOOP;
END
$$;
