/* ---- generate_call: one random call of a function of the contract ---------- */

/* Modules and levels for a role of the tenant's own; sometimes one that is
 * none, or may not be one. */
CREATE FUNCTION world.level_for(choice world.choice) RETURNS text
	LANGUAGE sql VOLATILE AS
$$
	SELECT CASE WHEN world.chance(0.2) THEN 'no_access' WHEN world.chance(0.02) THEN 'r9'
		ELSE world.pick(CASE WHEN world.chance(0.9) THEN array_remove(array_remove(choice.roles, choice.model->>'visitor_role'), 'o')
			ELSE choice.roles END) END
$$;

/* A staff or client key, mostly one of those that nobody has. */
CREATE FUNCTION world.keys_for(tenant_name text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	keys jsonb := '{}';
	x text;
BEGIN
	IF world.chance(0.85) THEN
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
	RETURN keys;
END
$$;

/* A changed template: other cells, other switches and locks, or without
 * something that it had. */
CREATE FUNCTION world.changed_template(choice world.choice) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	model jsonb;
	cell jsonb;
	cells jsonb[] := '{}';
	gone text;
BEGIN
	SELECT t.data INTO model FROM world.act t
	WHERE t.act = 'load_template' AND t.data->>'template' = choice.template ORDER BY t.n DESC LIMIT 1;
	IF world.chance(0.3) THEN
		RETURN choice.model || jsonb_build_object('cells', world.cells(choice.roles, choice.permissions, choice.scopes, false, false));
	ELSIF world.chance(0.3) THEN
		gone := world.pick(choice.roles);
		RETURN model || jsonb_build_object(
			'visitor_role', nullif(model->>'visitor_role', gone),
			'roles', (SELECT coalesce(jsonb_agg(r || jsonb_build_object('inherits', (r->'inherits') - gone) ORDER BY n), '[]')
				FROM jsonb_array_elements(model->'roles') WITH ORDINALITY x(r, n) WHERE r->>'role' <> gone),
			'cells', (SELECT coalesce(jsonb_agg(c || jsonb_build_object('entries',
					(SELECT jsonb_agg(CASE WHEN e ? 'targets' THEN e || jsonb_build_object('targets', (e->'targets') - gone) ELSE e END ORDER BY m)
					FROM jsonb_array_elements(c->'entries') WITH ORDINALITY y(e, m))) ORDER BY n), '[]')
				FROM jsonb_array_elements(model->'cells') WITH ORDINALITY x(c, n) WHERE c->>'role' <> gone));
	ELSIF world.chance(0.3) THEN
		gone := world.pick(choice.permissions);
		RETURN model || jsonb_build_object(
			'clients_permission', nullif(model->>'clients_permission', gone),
			'permissions', (SELECT coalesce(jsonb_agg(p ORDER BY n), '[]')
				FROM jsonb_array_elements(model->'permissions') WITH ORDINALITY x(p, n) WHERE p->>'key' <> gone),
			'administration', (SELECT coalesce(jsonb_object_agg(key, value), '{}')
				FROM jsonb_each_text(model->'administration') WHERE value <> gone),
			'only_targets', (SELECT coalesce(jsonb_agg(f), '[]') FROM unnest(ref.texts(model->'only_targets')) f
				WHERE model->'administration'->>f <> gone),
			'marked_fields', (model->'marked_fields') - gone,
			'cells', (SELECT coalesce(jsonb_agg(c || jsonb_build_object('requires', coalesce(c->'requires', '[]') - gone, 'entries',
					(SELECT jsonb_agg(CASE WHEN e ? 'requires' THEN e || jsonb_build_object('requires', (e->'requires') - gone) ELSE e END ORDER BY m)
					FROM jsonb_array_elements(c->'entries') WITH ORDINALITY y(e, m))) ORDER BY n), '[]')
				FROM jsonb_array_elements(model->'cells') WITH ORDINALITY x(c, n) WHERE c->>'permission' <> gone));
	ELSE
		/* other switches and locks, on cells that somebody changed more than elsewhere */
		FOR cell IN SELECT c FROM jsonb_array_elements(model->'cells') c LOOP
			IF EXISTS (SELECT FROM ref.tenant_cell o WHERE o.role = cell->>'role' AND o.permission = cell->>'permission')
				OR EXISTS (SELECT FROM ref.member_cell o WHERE o.permission = cell->>'permission')
			THEN
				cell := cell || jsonb_build_object('locked', world.chance(0.6), 'enabled', world.chance(0.5));
			ELSIF world.chance(0.2) THEN
				cell := cell || jsonb_build_object('locked', world.chance(0.2), 'enabled', world.chance(0.5));
			END IF;
			cells := cells || cell;
		END LOOP;
		RETURN model || jsonb_build_object('cells', to_jsonb(cells));
	END IF;
END
$$;

/* A call of one of those functions, for a tenant that has all its parts;
 * NULL where the tenant has not what it needs. */
CREATE FUNCTION world.random_call(tenant_name text, kinds text[]) RETURNS ref.call
	LANGUAGE plpgsql AS
$$
DECLARE
	call ref.call := ROW(world.pick(kinds), tenant_name, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	choice world.choice;
	users text[] := ARRAY(SELECT user_id FROM ref.member WHERE tenant = tenant_name ORDER BY user_id COLLATE "C");
	locations text[] := ARRAY(SELECT location FROM ref.location WHERE tenant = tenant_name ORDER BY location COLLATE "C");
	groups text[] := ARRAY(SELECT "group" FROM ref.groups WHERE tenant = tenant_name ORDER BY "group" COLLATE "C");
	own text[] := ARRAY(SELECT role FROM ref.own_role WHERE tenant = tenant_name ORDER BY role COLLATE "C");
	visitor_role text;
	roles text[];			/* of members */
	a ref.assignment;
	who text := world.pick(users);
	x text;
	list text[];
BEGIN
	IF who IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT c.* INTO choice FROM ref.tenant t JOIN world.choice c USING (template) WHERE t.tenant = tenant_name;
	visitor_role := choice.model->>'visitor_role';
	roles := array_remove(choice.roles, visitor_role) || own || own;
	CASE call.fn
	WHEN 'assign_role', 'assign_limits' THEN
		call.a := who;
		call.b := world.pick(CASE WHEN world.chance(0.95) THEN roles ELSE choice.roles END);
		call.c := CASE WHEN world.chance(0.3) THEN world.pick(locations) END;
		call.d := CASE WHEN world.chance(0.15) THEN world.pick(groups) END;
		call.flag := world.chance(0.08);
		IF world.chance(0.25) THEN
			call.instant := (ARRAY['infinity', now() + interval '1 day', now() + interval '1 year', now() - interval '1 day', now(), '-infinity'])[world.number(1, 6)];
		END IF;
		IF call.c IS NOT NULL AND world.chance(0.3) THEN
			call.d := world.pick(groups);
		END IF;
		IF world.chance(0.4) THEN
			/* a role that the member has, most limited first, with other limits */
			SELECT r.* INTO a FROM ref.assignment r
			WHERE r.tenant = tenant_name AND r.user_id = who
			ORDER BY (r.location IS NULL)::integer + (r.only_group IS NULL)::integer, r.role COLLATE "C" LIMIT 1;
			call.b := coalesce(a.role, call.b);
			call.c := CASE WHEN world.chance(CASE WHEN a.location IS NULL THEN 0.4 ELSE 0.8 END) THEN world.pick(locations) END;
			call.d := CASE WHEN world.chance(CASE WHEN a.only_group IS NULL THEN 0.3 ELSE 0.8 END) THEN world.pick(groups) END;
			call.flag := world.chance(0.15);
		END IF;
		IF call.fn = 'assign_limits' THEN
			/* one role of one member in several places and groups */
			call := ROW('assign_role', tenant_name, users[1], choice.roles[cardinality(choice.roles)], world.pick(locations), world.pick(groups), false, NULL, NULL);
		END IF;
	WHEN 'revoke_role', 'change_role' THEN
		/* one of the members' assignments, or at random */
		SELECT r.* INTO a FROM ref.assignment r WHERE r.tenant = tenant_name
		ORDER BY r.user_id COLLATE "C", r.role COLLATE "C", r.location COLLATE "C", r.only_group COLLATE "C", r.only_self
		OFFSET world.number(0, 5) LIMIT 1;
		call.a := coalesce(a.user_id, who);
		call.b := coalesce(a.role, world.pick(roles));
		IF call.fn = 'revoke_role' THEN
			call.c := a.location;
		ELSE
			call.c := world.pick(CASE WHEN world.chance(0.95) THEN roles ELSE choice.roles END);
			call.d := a.location;
		END IF;
	WHEN 'transfer_role' THEN
		SELECT r.* INTO a FROM ref.assignment r WHERE r.tenant = tenant_name AND r.role = 'o' ORDER BY r.user_id COLLATE "C" LIMIT 1;
		call.a := CASE WHEN world.chance(0.9) THEN 'o' ELSE world.pick(roles) END;
		call.b := CASE WHEN world.chance(0.8) THEN coalesce(a.user_id, who) ELSE world.pick(users) END;
		call.c := who;
	WHEN 'create_role' THEN
		call.a := CASE WHEN world.chance(0.9) THEN world.pick('{k1,K1,k2,k3}') ELSE world.pick(roles) END;
		call.data := jsonb_build_object(
			'modules', (SELECT coalesce(jsonb_object_agg(m, world.level_for(choice)), '{}')
				FROM unnest(world.some(CASE WHEN world.chance(0.97) THEN '{wa,wb}'::text[] ELSE '{wa,wb,wz}' END, 1.4)) m),
			'inherits', CASE WHEN world.chance(0.5) THEN
				world.some(CASE WHEN world.chance(0.9) THEN array_remove(array_remove(choice.roles, visitor_role), 'o') || own ELSE roles END, 1) ELSE '{}' END);
	WHEN 'drop_role' THEN
		call.a := CASE WHEN world.chance(0.9) THEN world.pick(own) ELSE world.pick(roles) END;
		IF call.a IS NULL THEN
			RETURN NULL;
		END IF;
	WHEN 'set_role_module' THEN
		call.a := CASE WHEN world.chance(0.95) THEN world.pick(own) ELSE world.pick(roles) END;
		call.b := CASE WHEN world.chance(0.98) THEN world.pick('{wa,wb}') ELSE 'wz' END;
		call.c := CASE WHEN world.chance(0.85) THEN world.level_for(choice) END;
		IF call.a IS NULL THEN
			RETURN NULL;
		END IF;
	WHEN 'add_member' THEN
		call.a := CASE WHEN world.chance(0.3) THEN world.pick('{u1,U1,u2,7,u3,u4,u5}') ELSE who END;
		call.data := CASE WHEN world.chance(0.1) THEN (SELECT m.keys FROM ref.member m WHERE m.tenant = tenant_name AND m.user_id = call.a) END;
		call.data := coalesce(call.data, world.keys_for(tenant_name));
	WHEN 'remove_member' THEN
		call.a := who;
	WHEN 'add_group' THEN
		call.a := world.pick('{g1,G1,g2}');
	WHEN 'drop_group' THEN
		call.a := world.pick('{g1,G1,g2}');
	WHEN 'add_to_group' THEN
		call.a := CASE WHEN world.chance(0.02) THEN 'g9' ELSE world.pick(groups) END;
		call.b := who;
		IF call.a IS NULL THEN
			RETURN NULL;
		END IF;
	WHEN 'remove_from_group' THEN
		SELECT g."group", g.user_id INTO call.a, call.b FROM ref.group_member g WHERE g.tenant = tenant_name
		ORDER BY g."group" COLLATE "C", g.user_id COLLATE "C" OFFSET world.number(0, 2) LIMIT 1;
		IF call.a IS NULL THEN
			RETURN NULL;
		END IF;
	WHEN 'set_feature' THEN
		call.a := world.pick('{f1,f2}');
		call.flag := world.chance(0.7);
	WHEN 'set_field_visible' THEN
		SELECT m.relation, m."column" INTO call.a, call.b FROM ref.mask m
		ORDER BY m.relation, m."column" OFFSET world.number(0, (SELECT count(*) - 1 FROM ref.mask)::integer) LIMIT 1;
		IF call.a IS NULL THEN
			RETURN NULL;
		ELSIF world.chance(0.03) THEN
			call.b := 'id';
			call.a := 't1';
		END IF;
		call.flag := world.chance(0.7);
	WHEN 'add_location' THEN
		call.a := world.pick('{l1,L1,l2,l3,l4}');
		call.b := CASE WHEN world.chance(0.8) THEN world.pick(locations) END;
	WHEN 'move_location' THEN
		call.a := world.pick(locations);
		call.b := CASE WHEN world.chance(0.8) THEN world.pick(locations) END;
		IF call.a IS NULL THEN
			RETURN NULL;
		END IF;
	WHEN 'drop_location' THEN
		call.a := world.pick('{l1,L1,l2,l3,l4}');
	WHEN 'set_role_permission' THEN
		call.a := world.pick(choice.roles || own || own);
		call.b := world.pick(choice.permissions);
		IF world.chance(0.5) THEN
			/* one that requires another, or the other */
			call.b := coalesce(world.pick(ARRAY(SELECT DISTINCT p FROM ref.cell_now c, unnest(c.requires || c.permission) p
				WHERE c.tenant = tenant_name AND c.role = call.a AND c.requires <> '{}' ORDER BY p)), call.b);
		END IF;
		call.flag := CASE WHEN world.chance(0.93) THEN world.chance(0.6) END;
		call.c := CASE WHEN call.flag AND world.chance(0.5) THEN world.pick(choice.scopes) END;
	WHEN 'set_member_permission' THEN
		call.a := who;
		call.b := world.pick(choice.permissions);
		call.flag := CASE WHEN world.chance(0.9) THEN world.chance(0.7) END;
		call.c := CASE WHEN call.flag AND world.chance(0.5) THEN world.pick(choice.scopes) END;
	WHEN 'load_template' THEN
		call.tenant := NULL;
		call.data := world.changed_template(choice);
	END CASE;
	RETURN call;
END
$$;

/* Writes down what is called on ambit, and what is expected of it; for
 * set_role_permission also which cells of the role are locked. */
CREATE FUNCTION world.act(call ref.call, expected text, caller text = NULL, channel text = NULL) RETURNS void
	LANGUAGE plpgsql SET enable_nestloop = off AS
$$
BEGIN
	IF call.fn = 'set_role_permission' THEN
		call.data := (SELECT coalesce(jsonb_agg(n.permission), '[]') FROM ref.cell_now n
			WHERE n.tenant = call.tenant AND n.role = call.a AND n.locked);
	END IF;
	INSERT INTO world.act (act, tenant, a, b, c, d, flag, instant, data, expected, caller, channel)
	VALUES (call.fn, call.tenant, call.a, call.b, call.c, call.d, call.flag, call.instant, call.data, expected, caller, channel);
END
$$;

/* One random change of a tenant, by the DBA. */
CREATE FUNCTION world.change(tenant_name text, kinds text[]) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	call ref.call := world.random_call(tenant_name, kinds);
BEGIN
	IF call.fn IS NOT NULL THEN
		PERFORM world.act(call, ref.apply(call));
	END IF;
END
$$;
