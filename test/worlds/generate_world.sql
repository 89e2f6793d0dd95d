/* ---- generate_world: a tenant, its rows, who asks; a whole world ----------- */

/* A tenant with its locations, groups, members and their roles.  ruled: one of
 * them has the highest role everywhere. */
CREATE FUNCTION world.make_tenant(tenant_name text, template_name text, ruled boolean) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	x text;
	n integer;
	m integer;
	parent text;
	keys jsonb;
	users text[];
BEGIN
	INSERT INTO ref.tenant VALUES (tenant_name, template_name);
	INSERT INTO world.act (act, tenant, a, expected) VALUES ('create_tenant', tenant_name, template_name, 'ok');
	FOR i IN 1 .. CASE WHEN world.chance(0.25) THEN 0 ELSE world.number(1, 5) END LOOP
		x := ('{l1,L1,l2,l3,l4}'::text[])[i];
		parent := CASE WHEN i > 1 AND world.chance(0.75) THEN ('{l1,L1,l2,l3,l4}'::text[])[world.number(1, i - 1)] END;
		INSERT INTO ref.location VALUES (tenant_name, x, parent);
		INSERT INTO world.act (act, tenant, a, b, expected) VALUES ('add_location', tenant_name, x, parent, 'ok');
	END LOOP;
	FOR i IN 1 .. world.number(0, 3) LOOP
		x := ('{g1,G1,g2}'::text[])[i];
		INSERT INTO ref.groups VALUES (tenant_name, x);
		INSERT INTO world.act (act, tenant, a, expected) VALUES ('add_group', tenant_name, x, 'ok');
	END LOOP;
	/* often the same users have the same keys in one tenant as in another */
	n := CASE WHEN world.chance(0.5) THEN 1 ELSE world.number(0, 7) END;
	m := CASE WHEN world.chance(0.5) THEN 1 ELSE world.number(0, 8) END;
	users := ('{u1,U1,u2,7,u3,u4}'::text[])[1 : CASE WHEN world.chance(0.25) THEN world.number(5, 6) ELSE world.number(2, 4) END];
	FOR i IN 1 .. cardinality(users) LOOP
		keys := '{}';
		IF world.chance(0.85) THEN
			x := (world.staff_keys())[1 + (CASE WHEN world.chance(0.1) THEN n ELSE n + i END) % 8];
			keys := keys || jsonb_build_object('staff', CASE WHEN x ~ '^[1-9][0-9]*$' AND world.chance(0.5) THEN to_jsonb(x::integer) ELSE to_jsonb(x) END);
		END IF;
		IF world.chance(0.75) THEN
			x := (world.client_keys())[1 + (CASE WHEN world.chance(0.1) THEN m ELSE m + i END) % 9];
			keys := keys || jsonb_build_object('client', x);
		END IF;
		IF world.chance(0.1) THEN
			keys := keys || '{"other": "a1"}';
		END IF;
		INSERT INTO ref.member VALUES (tenant_name, users[i], keys);
		INSERT INTO world.act (act, tenant, a, data, expected) VALUES ('add_member', tenant_name, users[i], keys, 'ok');
	END LOOP;
	FOR i IN 1 .. world.number(0, 5) LOOP
		PERFORM world.change(tenant_name, '{add_to_group}');
	END LOOP;
	/* before there are roles: overrides that a lock will pass over */
	FOR i IN 1 .. CASE WHEN world.chance(0.2) THEN 1 ELSE 0 END LOOP
		PERFORM world.change(tenant_name, '{set_member_permission}');
	END LOOP;
	FOR i IN 1 .. CASE WHEN world.chance(0.5) THEN world.number(1, 4) ELSE 0 END LOOP
		PERFORM world.change(tenant_name, '{create_role,create_role,set_role_permission,set_role_module}');
	END LOOP;
	IF ruled THEN
		x := (SELECT (array_remove(c.roles, 'o'))[cardinality(array_remove(c.roles, 'o'))] FROM world.choice c WHERE c.template = template_name);
		PERFORM world.act(c, ref.apply(c))
		FROM (SELECT ROW('assign_role', tenant_name, users[2], x, NULL, NULL, false, NULL, NULL)::ref.call AS c) c;
	END IF;
	FOR i IN 1 .. world.number(cardinality(users) / 2 + 1, cardinality(users) * 2) LOOP
		PERFORM world.change(tenant_name, '{assign_role}');
	END LOOP;
	FOR i IN 1 .. CASE WHEN world.chance(0.15) THEN 3 ELSE 0 END LOOP
		PERFORM world.change(tenant_name, '{assign_limits}');
	END LOOP;
	FOR i IN 1 .. world.number(0, 6) LOOP
		PERFORM world.change(tenant_name, '{set_role_permission,set_role_permission,set_role_permission,set_member_permission,set_member_permission,set_feature,set_role_module}');
	END LOOP;
	IF world.chance(0.5) THEN
		PERFORM world.change(tenant_name, '{set_feature}');
	END IF;
	FOR i IN 1 .. world.number(0, 2) LOOP
		PERFORM world.change(tenant_name, '{set_field_visible}');
	END LOOP;
END
$$;

/* ---- rows ------------------------------------------------------------------ */

/* A key for a row of that tenant: mostly that of one of its members. */
CREATE FUNCTION world.key_for(tenant_name text, kind text) RETURNS text
	LANGUAGE plpgsql AS
$$
BEGIN
	IF world.chance(0.1) THEN
		RETURN NULL;
	ELSIF world.chance(0.7) THEN
		RETURN world.pick(ARRAY(SELECT m.keys->>kind FROM ref.member m
			WHERE m.tenant = tenant_name AND m.keys ? kind ORDER BY m.user_id COLLATE "C"));
	END IF;
	RETURN world.pick(CASE kind WHEN 'staff' THEN world.staff_keys() ELSE world.client_keys() END);
END
$$;

CREATE FUNCTION world.make_rows() RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	tenants text[] := ARRAY(SELECT tenant FROM ref.tenant ORDER BY tenant COLLATE "C");
	some_tenant text[] := tenants || tenants || tenants || tenants || '{tz}'::text[] || NULL::text;
	staff_numbers text[] := '{7,7,8,9}'::text[] || NULL::text;
	client_numbers text[] := '{7,7,9,10}'::text[] || NULL::text;
	windows interval[] := ARRAY(SELECT DISTINCT x FROM ref.scope s, unnest(ARRAY[-s.back, s.ahead]) x
		WHERE x IS NOT NULL ORDER BY x) || interval '0';
	instants timestamptz[];
	t text;
	id text;
BEGIN
	FOR i IN 1 .. 14 LOOP
		t := world.pick(some_tenant);
		INSERT INTO ref.row ("row", relation, present, id, tenant, location, owner, client, assignee, team, status, price, note)
		VALUES (1000 + i, 't1', true, i, t, world.pick('{l1,l1,L1,l2,l3,l4,l9,NULL,NULL}'),
			world.key_for(t, 'staff'), world.key_for(t, 'client'), world.key_for(t, 'staff'), world.pick('{g1,G1,g2,g9,NULL}'),
			world.value_for('t1', 'status', t), world.value_for('t1', 'price', t), world.value_for('t1', 'note', t));
	END LOOP;
	FOR i IN 1 .. 10 LOOP
		INSERT INTO ref.row ("row", relation, present, id, tenant, owner, client, assignee, status, note, extra)
		VALUES (2000 + i, 't2', true, CASE WHEN i <= 8 THEN i ELSE 191 + i END, world.pick(some_tenant), world.pick(staff_numbers), world.pick(client_numbers),
			world.value_for('t2', 'assignee', NULL), world.value_for('t2', 'status', NULL), world.value_for('t2', 'note', NULL), world.value_for('t2', 'extra', NULL));
	END LOOP;
	FOR i IN 1 .. 10 LOOP
		INSERT INTO ref.row ("row", relation, present, id, parent_id, assignee, status, note)
		VALUES (3000 + i, 't3', true, i, nullif(world.number(0, 15), 0), world.key_for(tenants[1], 'staff'),
			world.value_for('t3', 'status', NULL), world.value_for('t3', 'note', NULL));
	END LOOP;
	/* the register: every client once, in one tenant or another */
	FOR i IN 1 .. 9 LOOP
		id := (world.client_keys())[i];
		INSERT INTO ref.row ("row", relation, present, id, client, tenant, status, note, extra)
		VALUES (4000 + i, 't4', true, id, id, world.pick(some_tenant),
			world.value_for('t4', 'status', NULL), world.value_for('t4', 'note', NULL), world.value_for('t4', 'extra', NULL));
	END LOOP;
	UPDATE ref.row r SET status = (world.as_stored(r)).status;
	INSERT INTO app.t1 SELECT x.id::integer, x.tenant, x.location, x.owner, x.client, x.assignee, x.team, x.status, x.price::numeric, x.note
		FROM ref.row x WHERE x.relation = 't1' AND x.present;
	INSERT INTO app.t2 SELECT x.id::integer, x.tenant, x.owner::bigint, x.client::bigint, x.assignee::uuid, x.status, x.note, x.extra::text[]
		FROM ref.row x WHERE x.relation = 't2' AND x.present;
	INSERT INTO app.t3 SELECT x.id::integer, x.parent_id::integer, x.assignee, x.status, x.note
		FROM ref.row x WHERE x.relation = 't3' AND x.present;
	INSERT INTO app.t4 SELECT x.client, x.tenant, x.status, x.note, x.extra
		FROM ref.row x WHERE x.relation = 't4' AND x.present;

	/* relationships, at the very edges of the windows and beside them */
	instants := ARRAY(SELECT now() + w + s * interval '1 microsecond'
		FROM unnest(windows) w, unnest(ARRAY[-1, 0, 1]) s ORDER BY w, s)
		|| ARRAY[NULL, 'infinity', '-infinity', now() + interval '400 days']::timestamptz[];
	FOR i IN 1 .. 18 LOOP
		t := world.pick(some_tenant);
		INSERT INTO ref.related VALUES ('served', t, 'text', world.key_for(t, world.pick('{staff,staff,staff,client}')), world.key_for(t, 'client'),
			instants[world.number(1, cardinality(instants))]);
	END LOOP;
	FOR i IN 1 .. 8 LOOP
		t := world.pick(some_tenant);
		INSERT INTO ref.related VALUES ('dependants', t, 'text', world.key_for(t, 'client'), world.key_for(t, 'client'));
	END LOOP;
	FOR i IN 1 .. 8 LOOP
		INSERT INTO ref.related VALUES ('billed', world.pick(some_tenant), 'bigint',
			world.pick(staff_numbers), world.pick(client_numbers));
	END LOOP;
	INSERT INTO app.served SELECT x.tenant, x.subject, x.object, x.at
		FROM ref.related x WHERE x.relationship = 'served';
	INSERT INTO app.dependants SELECT x.tenant, x.subject, x.object
		FROM ref.related x WHERE x.relationship = 'dependants';
	INSERT INTO app.billed SELECT x.tenant, x.subject::bigint, x.object::bigint
		FROM ref.related x WHERE x.relationship = 'billed';
END
$$;

/* Everybody there is, by no channel and by another; a visitor of each tenant,
 * likewise; nobody. */
CREATE FUNCTION world.make_identities() RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	r record;
	n integer := 0;
BEGIN
	DELETE FROM ref.identity;
	INSERT INTO ref.identity VALUES (0, NULL, NULL, NULL);
	FOR r IN SELECT *
		FROM (SELECT tenant COLLATE "C", user_id COLLATE "C" FROM ref.member UNION ALL SELECT tenant, NULL FROM ref.tenant) m
		ORDER BY tenant, user_id
	LOOP
		INSERT INTO ref.identity VALUES
			(n + 1, r.tenant, r.user_id, NULL),
			(n + 2, r.tenant, r.user_id, world.pick('{web,web,web,mobile,mobile,mobile,fax}'));
		n := n + 2;
	END LOOP;
END
$$;

/* ruled: members will administer */
CREATE FUNCTION world.generate(seed bigint, ruled boolean) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	tenants text[] := '{ta,Ta,tb}';
	templates integer;
BEGIN
	PERFORM setseed((seed * 0.6180339887498949) % 1);
	templates := CASE WHEN world.chance(0.3) THEN 2 ELSE 1 END;
	FOR i IN 1 .. templates LOOP
		PERFORM world.load_template(world.template('w' || i, ruled));
	END LOOP;
	FOR i IN 1 .. CASE WHEN world.chance(0.35) THEN 1 WHEN world.chance(0.85) THEN 2 ELSE 3 END LOOP
		PERFORM world.make_tenant(tenants[i], 'w' || world.number(1, templates), ruled AND world.chance(0.6));
	END LOOP;
	IF world.chance(0.2) THEN
		PERFORM world.change(tenants[1], '{load_template}');
	END IF;
	PERFORM world.make_rows();
	PERFORM world.make_identities();
END
$$;

/* what happens to a world, most often first */
CREATE FUNCTION world.changes() RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT '{assign_role,assign_role,revoke_role,revoke_role,revoke_role,change_role,add_member,remove_member,add_to_group,remove_from_group,add_group,drop_group,set_feature,add_location,move_location,move_location,drop_location,create_role,drop_role,set_role_module,set_role_permission,set_role_permission,set_role_permission,set_member_permission,set_member_permission,set_field_visible,set_field_visible,transfer_role,load_template,load_template}'::text[]
$$;

/* Changes to a world that has been looked at. */
CREATE FUNCTION world.mutate() RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	tenant_name text;
BEGIN
	FOR tenant_name IN SELECT tenant FROM ref.tenant ORDER BY tenant COLLATE "C" LOOP
		FOR i IN 1 .. world.number(1, 3) LOOP
			PERFORM world.change(tenant_name, world.changes());
		END LOOP;
	END LOOP;
	PERFORM world.make_identities();
END
$$;
