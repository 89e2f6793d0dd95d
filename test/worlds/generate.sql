/* ---- generate: random worlds ------------------------------------------------
 *
 * world.generate(seed) makes one world: it writes the reference's tables,
 * the application's rows, and in world.act what has to be called on ambit, in
 * order, with the outcome that the reference expects.  The same seed makes
 * the same world.
 *
 * The pools are small on purpose: ids of two tenants, of staff and clients,
 * and ids that differ in letter case only, meet all the time.
 */

CREATE SCHEMA world;

CREATE UNLOGGED TABLE world.act (
	n			integer GENERATED ALWAYS AS IDENTITY,
	act			text,
	tenant		text,
	a			text,
	b			text,
	c			text,
	d			text,
	flag		boolean,
	instant		timestamptz,
	data		jsonb,
	expected	text
);

CREATE FUNCTION world.chance(p double precision) RETURNS boolean
	LANGUAGE sql VOLATILE AS $$ SELECT random() < p $$;

CREATE FUNCTION world.pick(pool text[]) RETURNS text
	LANGUAGE sql VOLATILE AS $$ SELECT pool[1 + floor(random() * cardinality(pool))::integer] $$;

CREATE FUNCTION world.number(low integer, high integer) RETURNS integer
	LANGUAGE sql VOLATILE AS $$ SELECT low + floor(random() * (high - low + 1))::integer $$;

/* some of the pool, in its order; n of them on the average */
CREATE FUNCTION world.some(pool text[], n double precision) RETURNS text[]
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	result text[] := '{}';
	x text;
BEGIN
	FOREACH x IN ARRAY pool LOOP
		IF random() < n / cardinality(pool) THEN
			result := result || x;
		END IF;
	END LOOP;
	RETURN result;
END
$$;

CREATE FUNCTION world.staff_keys() RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$ SELECT '{a1,A1,a2,7,07,8,5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0001,5F0C0A52-7E1B-4F0E-9D55-1B6F6A0C0001}'::text[] $$;

CREATE FUNCTION world.client_keys() RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$ SELECT '{c1,C1,c2,c3,c4,7,9,007,99999999999999999999}'::text[] $$;

/* The cells of a template, as JSON. */
CREATE FUNCTION world.cells(roles text[], permissions text[], scopes text[]) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	result jsonb[] := '{}';
	requirements jsonb := '{}';		/* by permission, mostly the same for every role */
	density double precision := 0.4 + 0.6 * random();
	conditions double precision := 0.25 * random();
	base text := CASE WHEN world.chance(0.4) THEN world.pick(permissions) END;	/* what many require */
	cell jsonb;
	entries jsonb[];
	entry jsonb;
	list text[];
	role text;
	permission text;
BEGIN
	FOREACH permission IN ARRAY permissions LOOP
		IF permission <> base AND world.chance(0.35) THEN
			requirements := requirements || jsonb_build_object(permission, ARRAY[base]);
		ELSIF world.chance(0.15) THEN
			requirements := requirements || jsonb_build_object(permission,
				to_jsonb(array_remove(world.some(permissions, 1.2), permission)));
		END IF;
	END LOOP;
	FOREACH role IN ARRAY roles LOOP
		FOREACH permission IN ARRAY permissions LOOP
			CONTINUE WHEN NOT world.chance(density);
			entries := '{}';
			FOR i IN 1 .. CASE WHEN world.chance(0.3) THEN 2 ELSE 1 END LOOP
				entry := jsonb_build_object('scope', world.pick(scopes));
				IF world.chance(conditions) THEN
					entry := entry || jsonb_build_object('requires', ARRAY[world.pick(array_remove(permissions, permission))]);
				END IF;
				IF world.chance(conditions) THEN
					entry := entry || jsonb_build_object('feature', world.pick('{f1,f2}'));
				END IF;
				IF world.chance(conditions) THEN
					entry := entry || jsonb_build_object('channels', ARRAY[world.pick('{web,mobile}')]);
				ELSIF world.chance(0.03) THEN
					entry := entry || '{"channels": ["web", "mobile"]}';
				END IF;
				IF world.chance(conditions) THEN
					list := world.some(roles, 1.5);
					IF list <> '{}' THEN
						entry := entry || jsonb_build_object('targets', list);
					END IF;
				END IF;
				entries := entries || entry;
			END LOOP;
			cell := jsonb_build_object('role', role, 'permission', permission,
				'enabled', world.chance(0.8), 'entries', to_jsonb(entries));
			IF permission = base AND world.chance(0.6) THEN
				cell := cell || jsonb_build_object('locked', world.chance(0.5), 'enabled', false);
			ELSIF world.chance(0.1) THEN
				cell := cell || jsonb_build_object('locked', true, 'enabled', world.chance(0.6));
			END IF;
			IF requirements ? permission AND world.chance(0.8) THEN
				cell := cell || jsonb_build_object('requires', requirements->permission);
			END IF;
			result := result || cell;
		END LOOP;
	END LOOP;
	RETURN to_jsonb(result);
END
$$;

CREATE FUNCTION world.window_end() RETURNS text
	LANGUAGE sql VOLATILE AS $$ SELECT world.pick('{15 days,15 days,2 days 03:00:00,0,NULL}') $$;

/* A template, as JSON. */
CREATE FUNCTION world.template(name text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	roles text[] := ('{v,r1,R1,r2,r3}'::text[])[1 : world.number(2, 5)];
	permissions text[];
	role_list jsonb[] := '{}';
	scope_list jsonb := '{}';
	scope text;
	edge text;
	scopes text[] := '{all,all,all,own,own,self,self,team,team,assignee}';
	inherits text[];
	clients text;
BEGIN
	permissions := array_remove('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}',
		CASE WHEN world.chance(0.5) THEN world.pick('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}') END);
	permissions := array_remove(permissions, CASE WHEN world.chance(0.5) THEN world.pick(permissions) END);
	permissions := array_remove(permissions, CASE WHEN world.chance(0.3) THEN world.pick(permissions) END);
	FOR i IN 1 .. cardinality(roles) LOOP
		inherits := CASE WHEN i > 1 THEN world.some(roles[1 : i - 1], 0.7) ELSE '{}' END;
		role_list := role_list || jsonb_build_object('role', roles[i], 'title', roles[i], 'rank', i, 'inherits', inherits);
	END LOOP;
	/* two of these stand for one relationship with different windows or subjects */
	FOREACH scope IN ARRAY '{served,seen,billed}'::text[] LOOP
		CONTINUE WHEN NOT world.chance(0.7);
		scope_list := scope_list || jsonb_build_object(scope, jsonb_strip_nulls(jsonb_build_object(
			'relationship', CASE scope WHEN 'seen' THEN 'served' ELSE scope END,
			'subject', CASE WHEN world.chance(0.8) THEN 'staff' ELSE 'client' END,
			'back', CASE WHEN scope <> 'billed' THEN nullif(world.window_end(), 'NULL') END,
			'ahead', CASE WHEN scope <> 'billed' THEN nullif(world.window_end(), 'NULL') END)));
		scopes := scopes || ARRAY[scope, scope];
	END LOOP;
	clients := CASE WHEN world.chance(0.9) THEN world.pick(permissions) END;
	RETURN jsonb_strip_nulls(jsonb_build_object(
		'template', name, 'title', name,
		'visitor_role', CASE WHEN world.chance(0.8) THEN 'v' WHEN world.chance(0.5) THEN world.pick(roles) END,
		'clients_permission', clients))
		|| jsonb_build_object(
			'features', '{"f1": {"title": "one"}, "f2": {"title": "two"}}'::jsonb,
			'scopes', scope_list,
			'permissions', (SELECT jsonb_agg(jsonb_build_object('key', p, 'title', p)) FROM unnest(permissions) p),
			'roles', to_jsonb(role_list),
			'cells', world.cells(roles, permissions, scopes));
END
$$;

/* ---- acts: what is called on ambit, done to the reference at once -------- */

/* what there is to choose from in a template */
CREATE UNLOGGED TABLE world.choice (
	template	text PRIMARY KEY,
	model		jsonb,
	roles		text[],
	permissions	text[],
	scopes		text[]
);

CREATE FUNCTION world.load_template(model jsonb) RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM ref.load_template(model);
	INSERT INTO world.choice VALUES (model->>'template', model - 'cells',
		ARRAY(SELECT r->>'role' FROM jsonb_array_elements(model->'roles') r),
		ARRAY(SELECT p->>'key' FROM jsonb_array_elements(model->'permissions') p),
		'{all,own,self,team,assignee}'::text[] || ARRAY(SELECT jsonb_object_keys(model->'scopes') k ORDER BY k))
	ON CONFLICT DO NOTHING;
	INSERT INTO world.act (act, data, expected) VALUES ('load_template', model, 'ok');
END
$$;

/* One random change of a tenant that has all its parts. */
CREATE FUNCTION world.change(tenant_name text, kinds text[]) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	choice world.choice;
	users text[] := ARRAY(SELECT user_id FROM ref.member WHERE tenant = tenant_name ORDER BY user_id COLLATE "C");
	locations text[] := ARRAY(SELECT location FROM ref.location WHERE tenant = tenant_name ORDER BY location COLLATE "C");
	groups text[] := ARRAY(SELECT "group" FROM ref.groups WHERE tenant = tenant_name ORDER BY "group" COLLATE "C");
	visitor_role text;
	roles text[];			/* of members */
	a ref.assignment;
	other ref.assignment;
	kind text := world.pick(kinds);
	outcome text := 'ok';
	who text := world.pick(users);
	x text;
	y text;
	scope text;
	turn_on boolean;
	keys jsonb;
	cell jsonb;
	cells jsonb[] := '{}';
BEGIN
	IF who IS NULL THEN
		RETURN;
	END IF;
	SELECT c.* INTO choice FROM ref.tenant t JOIN world.choice c USING (template) WHERE t.tenant = tenant_name;
	visitor_role := choice.model->>'visitor_role';
	roles := array_remove(choice.roles, visitor_role);
	CASE kind
	WHEN 'assign_role', 'assign_limits' THEN
		a := (tenant_name, who, world.pick(CASE WHEN world.chance(0.95) THEN roles ELSE choice.roles END),
			CASE WHEN world.chance(0.3) THEN world.pick(locations) END,
			CASE WHEN world.chance(0.15) THEN world.pick(groups) END,
			world.chance(0.08),
			CASE WHEN world.chance(0.25) THEN
				(ARRAY['infinity', now() + interval '1 day', now() + interval '1 year', now() - interval '1 day', now(), '-infinity'])[world.number(1, 6)]
				END);
		IF a.location IS NOT NULL AND world.chance(0.3) THEN
			a.only_group := world.pick(groups);
		END IF;
		IF world.chance(0.4) THEN
			/* a role that the member has, most limited first, with other limits */
			SELECT r.* INTO other FROM ref.assignment r
			WHERE r.tenant = tenant_name AND r.user_id = who
			ORDER BY (r.location IS NULL)::integer + (r.only_group IS NULL)::integer, r.role COLLATE "C" LIMIT 1;
			a.role := coalesce(other.role, a.role);
			a.location := CASE WHEN world.chance(CASE WHEN other.location IS NULL THEN 0.4 ELSE 0.8 END) THEN world.pick(locations) END;
			a.only_group := CASE WHEN world.chance(CASE WHEN other.only_group IS NULL THEN 0.3 ELSE 0.8 END) THEN world.pick(groups) END;
			a.only_self := world.chance(0.15);
		END IF;
		IF kind = 'assign_limits' THEN
			/* one role of one member in several places and groups */
			a := (tenant_name, users[1], roles[cardinality(roles)], world.pick(locations), world.pick(groups), false, NULL);
		END IF;
		IF a.role = visitor_role THEN
			outcome := '22023';
		ELSE
			INSERT INTO ref.assignment VALUES (a.*) ON CONFLICT DO NOTHING;
			IF NOT FOUND THEN
				outcome := '42710';
			END IF;
		END IF;
		INSERT INTO world.act (act, tenant, a, b, c, d, flag, instant, expected)
		VALUES ('assign_role', a.tenant, a.user_id, a.role, a.location, a.only_group, a.only_self, a.valid_until, outcome);
	WHEN 'revoke_role' THEN
		/* of one of the member's assignments, or at random */
		SELECT r.* INTO a FROM ref.assignment r WHERE r.tenant = tenant_name
		ORDER BY r.user_id COLLATE "C", r.role COLLATE "C", r.location COLLATE "C", r.only_group COLLATE "C", r.only_self
		OFFSET world.number(0, 3) LIMIT 1;
		who := coalesce(a.user_id, who);
		x := coalesce(a.role, world.pick(roles));
		y := a.location;
		DELETE FROM ref.assignment r
		WHERE r.tenant = tenant_name AND r.user_id = who AND r.role = x AND r.location IS NOT DISTINCT FROM y;
		IF NOT FOUND THEN
			outcome := '42704';
		END IF;
		INSERT INTO world.act (act, tenant, a, b, c, expected) VALUES (kind, tenant_name, who, x, y, outcome);
	WHEN 'add_member' THEN
		keys := '{}';
		IF world.chance(0.85) THEN
			/* mostly a key that nobody else has */
			x := world.pick(array_remove(world.staff_keys(), (SELECT m.keys->>'staff' FROM ref.member m
				WHERE m.tenant = tenant_name ORDER BY m.user_id COLLATE "C" LIMIT 1)));
			keys := keys || jsonb_build_object('staff', CASE WHEN x ~ '^[1-9][0-9]*$' AND world.chance(0.5) THEN to_jsonb(x::integer) ELSE to_jsonb(x) END);
		END IF;
		IF world.chance(0.75) THEN
			keys := keys || jsonb_build_object('client', world.pick(world.client_keys()));
		END IF;
		IF world.chance(0.1) THEN
			keys := keys || '{"other": "a1"}';
		END IF;
		INSERT INTO ref.member VALUES (tenant_name, who, keys)
		ON CONFLICT (tenant, user_id) DO UPDATE SET keys = excluded.keys;
		INSERT INTO world.act (act, tenant, a, data, expected) VALUES (kind, tenant_name, who, keys, outcome);
	WHEN 'remove_member' THEN
		DELETE FROM ref.member m WHERE m.tenant = tenant_name AND m.user_id = who;
		DELETE FROM ref.assignment m WHERE m.tenant = tenant_name AND m.user_id = who;
		DELETE FROM ref.group_member m WHERE m.tenant = tenant_name AND m.user_id = who;
		DELETE FROM ref.member_cell m WHERE m.tenant = tenant_name AND m.user_id = who;
		INSERT INTO world.act (act, tenant, a, expected) VALUES (kind, tenant_name, who, outcome);
	WHEN 'add_to_group' THEN
		x := world.pick(groups);
		IF x IS NOT NULL THEN
			INSERT INTO ref.group_member VALUES (tenant_name, x, who) ON CONFLICT DO NOTHING;
			IF NOT FOUND THEN
				outcome := '42710';
			END IF;
			INSERT INTO world.act (act, tenant, a, b, expected) VALUES (kind, tenant_name, x, who, outcome);
		END IF;
	WHEN 'remove_from_group' THEN
		SELECT g."group", g.user_id INTO x, y FROM ref.group_member g WHERE g.tenant = tenant_name
		ORDER BY g."group" COLLATE "C", g.user_id COLLATE "C" OFFSET world.number(0, 2) LIMIT 1;
		IF x IS NOT NULL THEN
			DELETE FROM ref.group_member g WHERE g.tenant = tenant_name AND g."group" = x AND g.user_id = y;
			INSERT INTO world.act (act, tenant, a, b, expected) VALUES (kind, tenant_name, x, y, outcome);
		END IF;
	WHEN 'set_feature' THEN
		x := world.pick('{f1,f2}');
		turn_on := world.chance(0.7);
		INSERT INTO ref.tenant_feature VALUES (tenant_name, x, turn_on)
		ON CONFLICT (tenant, feature) DO UPDATE SET enabled = excluded.enabled;
		INSERT INTO world.act (act, tenant, a, flag, expected) VALUES (kind, tenant_name, x, turn_on, outcome);
	WHEN 'move_location' THEN
		x := world.pick(locations);
		y := CASE WHEN world.chance(0.8) THEN world.pick(locations) END;
		IF x IS NOT NULL THEN
			IF y IN (SELECT ref.subtree(tenant_name, x)) THEN
				outcome := '22023';
			ELSE
				UPDATE ref.location l SET parent = y WHERE l.tenant = tenant_name AND l.location = x;
			END IF;
			INSERT INTO world.act (act, tenant, a, b, expected) VALUES (kind, tenant_name, x, y, outcome);
		END IF;
	WHEN 'set_role_permission' THEN
		x := world.pick(choice.roles);
		y := world.pick(choice.permissions);
		IF world.chance(0.5) THEN
			/* one that requires another, or the other */
			y := coalesce(world.pick(ARRAY(SELECT DISTINCT p FROM ref.cell c, unnest(c.requires || c.permission) p
				WHERE c.template = choice.template AND c.role = x AND c.requires <> '{}' ORDER BY p)), y);
		END IF;
		turn_on := world.chance(0.6);
		scope := CASE WHEN turn_on AND world.chance(0.5) THEN world.pick(choice.scopes) END;
		outcome := ref.set_role_permission(tenant_name, x, y, turn_on, scope);
		INSERT INTO world.act (act, tenant, a, b, flag, c, data, expected) VALUES (kind, tenant_name, x, y, turn_on, scope,
			(SELECT coalesce(jsonb_agg(n.permission), '[]') FROM ref.cell_now n
				WHERE n.tenant = tenant_name AND n.role = x AND n.locked),
			outcome);
	WHEN 'set_member_permission' THEN
		y := world.pick(choice.permissions);
		turn_on := CASE WHEN world.chance(0.9) THEN world.chance(0.7) END;
		scope := CASE WHEN turn_on AND world.chance(0.5) THEN world.pick(choice.scopes) END;
		outcome := ref.set_member_permission(tenant_name, who, y, turn_on, scope);
		INSERT INTO world.act (act, tenant, a, b, flag, c, expected) VALUES (kind, tenant_name, who, y, turn_on, scope, outcome);
	WHEN 'load_template' THEN
		/* the same template with other cells, or with other switches and
		 * locks, on cells that somebody changed more than elsewhere */
		IF world.chance(0.4) THEN
			PERFORM world.load_template(choice.model || jsonb_build_object('cells', world.cells(choice.roles, choice.permissions, choice.scopes)));
		ELSE
			FOR cell IN
				SELECT c
				FROM jsonb_array_elements((SELECT t.data->'cells' FROM world.act t
					WHERE t.act = 'load_template' AND t.data->>'template' = choice.template ORDER BY t.n DESC LIMIT 1)) c
			LOOP
				IF EXISTS (SELECT FROM ref.tenant_cell o WHERE o.role = cell->>'role' AND o.permission = cell->>'permission')
					OR EXISTS (SELECT FROM ref.member_cell o WHERE o.permission = cell->>'permission')
				THEN
					cell := cell || jsonb_build_object('locked', world.chance(0.6), 'enabled', world.chance(0.5));
				ELSIF world.chance(0.2) THEN
					cell := cell || jsonb_build_object('locked', world.chance(0.2), 'enabled', world.chance(0.5));
				END IF;
				cells := cells || cell;
			END LOOP;
			PERFORM world.load_template(choice.model || jsonb_build_object('cells', to_jsonb(cells)));
		END IF;
	END CASE;
END
$$;

/* A tenant with its locations, groups, members and their roles. */
CREATE FUNCTION world.make_tenant(tenant_name text, template_name text) RETURNS void
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
	FOR i IN 1 .. world.number(cardinality(users) / 2 + 1, cardinality(users) * 2) LOOP
		PERFORM world.change(tenant_name, '{assign_role}');
	END LOOP;
	FOR i IN 1 .. CASE WHEN world.chance(0.15) THEN 3 ELSE 0 END LOOP
		PERFORM world.change(tenant_name, '{assign_limits}');
	END LOOP;
	FOR i IN 1 .. world.number(0, 6) LOOP
		PERFORM world.change(tenant_name, '{set_role_permission,set_role_permission,set_member_permission,set_member_permission,set_feature}');
	END LOOP;
	IF world.chance(0.5) THEN
		PERFORM world.change(tenant_name, '{set_feature}');
	END IF;
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
	uuids text[] := '{5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0001,5f0c0a52-7e1b-4f0e-9d55-1b6f6a0c0002}'::text[] || NULL::text;
	windows interval[] := ARRAY(SELECT DISTINCT x FROM ref.scope s, unnest(ARRAY[-s.back, s.ahead]) x
		WHERE x IS NOT NULL ORDER BY x) || interval '0';
	instants timestamptz[];
	present boolean;
	old integer;
	t text;
	id text;
BEGIN
	/* The first are there; the others somebody will try to write, in place of
	 * one that is there (mostly in its tenant), or as a new row (id from 101). */
	FOR i IN 1 .. 14 + 6 LOOP
		present := i <= 14;
		old := CASE WHEN NOT present AND world.chance(0.5) THEN world.number(1, 14) END;
		t := world.pick(some_tenant);
		IF old IS NOT NULL AND world.chance(0.8) THEN
			t := (SELECT r.tenant FROM ref.row r WHERE r."row" = 1000 + old);
		END IF;
		INSERT INTO ref.row VALUES (1000 + i, 't1', present, 1000 + old, CASE WHEN present THEN i ELSE coalesce(old, 100 + i) END,
			t, world.pick('{l1,l1,L1,l2,l3,l4,l9}'::text[] || ARRAY[NULL, NULL]::text[]),
			world.key_for(t, 'staff'), world.key_for(t, 'client'), world.key_for(t, 'staff'),
			world.pick('{g1,G1,g2,g9}'::text[] || NULL::text));
	END LOOP;
	FOR i IN 1 .. 10 + 4 LOOP
		present := i <= 10;
		old := CASE WHEN NOT present AND world.chance(0.5) THEN world.number(1, 10) END;
		t := world.pick(some_tenant);
		IF old IS NOT NULL AND world.chance(0.8) THEN
			t := (SELECT r.tenant FROM ref.row r WHERE r."row" = 2000 + old);
		END IF;
		INSERT INTO ref.row VALUES (2000 + i, 't2', present, 2000 + old, CASE WHEN present THEN i ELSE coalesce(old, 100 + i) END,
			t, NULL, world.pick(staff_numbers), world.pick(client_numbers), world.pick(uuids));
	END LOOP;
	FOR i IN 1 .. 10 + 4 LOOP
		present := i <= 10;
		old := CASE WHEN NOT present AND world.chance(0.5) THEN world.number(1, 10) END;
		INSERT INTO ref.row ("row", relation, present, was, id, parent_id)
		VALUES (3000 + i, 't3', present, 3000 + old, CASE WHEN present THEN i ELSE coalesce(old, 100 + i) END,
			nullif(world.number(0, 15), 0));
	END LOOP;
	/* the register: every client once, in one tenant or another */
	FOR i IN 1 .. 9 + 4 LOOP
		present := i <= 9;
		old := CASE WHEN NOT present AND world.chance(0.5) THEN world.number(1, 9) END;
		id := CASE WHEN present THEN (world.client_keys())[i] ELSE 'n' || i END;
		INSERT INTO ref.row ("row", relation, present, was, id, tenant, client)
		VALUES (4000 + i, 't4', present, 4000 + old, coalesce((world.client_keys())[old], id), world.pick(some_tenant),
			CASE WHEN old IS NOT NULL AND world.chance(0.7) THEN (world.client_keys())[old] ELSE id END);
	END LOOP;
	INSERT INTO app.t1 SELECT x.id::integer, x.tenant, x.location, x.owner, x.client, x.assignee, x.team
		FROM ref.row x WHERE x.relation = 't1' AND x.present;
	INSERT INTO app.t2 SELECT x.id::integer, x.tenant, x.owner::bigint, x.client::bigint, x.assignee::uuid
		FROM ref.row x WHERE x.relation = 't2' AND x.present;
	INSERT INTO app.t3 SELECT x.id::integer, x.parent_id::integer
		FROM ref.row x WHERE x.relation = 't3' AND x.present;
	INSERT INTO app.t4 SELECT x.id, x.tenant
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
 * likewise; nobody.  And who tries to write what. */
CREATE FUNCTION world.make_identities() RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	r record;
	n integer := 0;
BEGIN
	DELETE FROM ref.identity;
	DELETE FROM ref.trial;
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
	FOR r IN SELECT i.identity, x."row" FROM ref.identity i, ref.row x WHERE NOT x.present ORDER BY 1, 2 LOOP
		IF random() < 0.08 THEN
			INSERT INTO ref.trial VALUES (r.identity, r."row");
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION world.generate(seed bigint) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	tenants text[] := '{ta,Ta,tb}';
	templates integer;
BEGIN
	PERFORM setseed((seed * 0.6180339887498949) % 1);
	templates := CASE WHEN world.chance(0.3) THEN 2 ELSE 1 END;
	FOR i IN 1 .. templates LOOP
		PERFORM world.load_template(world.template('w' || i));
	END LOOP;
	FOR i IN 1 .. CASE WHEN world.chance(0.35) THEN 1 WHEN world.chance(0.85) THEN 2 ELSE 3 END LOOP
		PERFORM world.make_tenant(tenants[i], 'w' || world.number(1, templates));
	END LOOP;
	IF world.chance(0.2) THEN
		PERFORM world.change(tenants[1], '{load_template}');
	END IF;
	PERFORM world.make_rows();
	PERFORM world.make_identities();
END
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
			PERFORM world.change(tenant_name, '{assign_role,revoke_role,revoke_role,add_member,remove_member,add_to_group,remove_from_group,set_feature,move_location,set_role_permission,set_member_permission,load_template}');
		END LOOP;
	END LOOP;
	PERFORM world.make_identities();
END
$$;
