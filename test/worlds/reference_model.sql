/* ---- reference_model: what the model's functions do ------------------------
 *
 * ref.apply(call) does to the reference what the function does to ambit, for
 * one who may: 'ok', or the SQLSTATE with which the function refuses, and then
 * nothing is changed.
 */

/* A call of a function of the contract.  a to d: its names, in order, without
 * the tenant; flag: its boolean; instant: valid_until; data: its JSON. */
CREATE TYPE ref.call AS (
	fn			text,
	tenant		text,
	a			text,
	b			text,
	c			text,
	d			text,
	flag		boolean,
	instant		timestamptz,
	data		jsonb
);

CREATE FUNCTION ref.load_template(model jsonb) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	name text := model->>'template';
BEGIN
	DELETE FROM ref.template WHERE template = name;
	DELETE FROM ref.role WHERE template = name;
	DELETE FROM ref.permission WHERE template = name;
	DELETE FROM ref.feature WHERE template = name;
	DELETE FROM ref.administration WHERE template = name;
	DELETE FROM ref.marked_field WHERE template = name;
	DELETE FROM ref.inherit WHERE template = name;
	DELETE FROM ref.scope WHERE template = name;
	DELETE FROM ref.cell WHERE template = name;
	DELETE FROM ref.entry WHERE template = name;
	INSERT INTO ref.template VALUES (name, model->>'visitor_role', model->>'clients_permission');
	INSERT INTO ref.role
		SELECT name, r->>'role', coalesce((r->>'single')::boolean, false)
		FROM jsonb_array_elements(model->'roles') r;
	INSERT INTO ref.permission
		SELECT name, p->>'key' FROM jsonb_array_elements(model->'permissions') p;
	INSERT INTO ref.feature
		SELECT name, f.key FROM jsonb_each(model->'features') f;
	INSERT INTO ref.administration
		SELECT name, f.key, f.value, coalesce(model->'only_targets' ? f.key, false)
		FROM jsonb_each_text(coalesce(model->'administration', '{}')) f;
	INSERT INTO ref.marked_field
		SELECT name, p FROM unnest(ref.texts(model->'marked_fields')) p;
	INSERT INTO ref.inherit
		SELECT name, r->>'role', h
		FROM jsonb_array_elements(model->'roles') r, unnest(ref.texts(r->'inherits')) h;
	INSERT INTO ref.scope
		SELECT name, s.key, s.value->>'relationship', coalesce(s.value->>'subject', 'staff'),
			(s.value->>'back')::interval, (s.value->>'ahead')::interval
		FROM jsonb_each(model->'scopes') s;
	INSERT INTO ref.cell
		SELECT name, c->>'role', c->>'permission', (c->>'enabled')::boolean,
			coalesce((c->>'locked')::boolean, false), coalesce(ref.texts(c->'requires'), '{}'), coalesce((c->>'level')::boolean, false)
		FROM jsonb_array_elements(model->'cells') c;
	INSERT INTO ref.entry
		SELECT name, c->>'role', c->>'permission', e->>'scope', coalesce(ref.texts(e->'requires'), '{}'),
			e->>'feature', ref.texts(e->'channels'), ref.texts(e->'targets'), coalesce((c->>'level')::boolean, false)
		FROM jsonb_array_elements(model->'cells') c, jsonb_array_elements(c->'entries') e;
END
$$;

/* A module of an own role stands alone from now on: with the cells that it
 * has, and no longer those that it follows. */
CREATE FUNCTION ref.freeze(tenant_name text, role_name text, module_name text) RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	IF EXISTS (SELECT FROM ref.own_module m
		WHERE m.tenant = tenant_name AND m.role = role_name AND m.module = module_name AND NOT m.standalone)
	THEN
		INSERT INTO ref.frozen_entry
			SELECT * FROM ref.own_base_entry e
			WHERE e.tenant = tenant_name AND e.role = role_name AND ref.module(e.permission) = module_name;
		INSERT INTO ref.frozen_cell
			SELECT * FROM ref.own_base_cell c
			WHERE c.tenant = tenant_name AND c.role = role_name AND ref.module(c.permission) = module_name;
		UPDATE ref.own_module m SET standalone = true
		WHERE m.tenant = tenant_name AND m.role = role_name AND m.module = module_name;
	END IF;
END
$$;

/* Forgets a module of an own role. */
CREATE FUNCTION ref.forget(tenant_name text, role_name text, module_name text) RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	DELETE FROM ref.own_module m WHERE m.tenant = tenant_name AND m.role = role_name AND m.module = module_name;
	DELETE FROM ref.frozen_cell c WHERE c.tenant = tenant_name AND c.role = role_name AND ref.module(c.permission) = module_name;
	DELETE FROM ref.frozen_entry c WHERE c.tenant = tenant_name AND c.role = role_name AND ref.module(c.permission) = module_name;
	DELETE FROM ref.tenant_cell c WHERE c.tenant = tenant_name AND c.role = role_name AND ref.module(c.permission) = module_name;
END
$$;

/* Toggling.  'ok' and the other cells with a switch that turned, or the
 * SQLSTATE with which the call is refused.
 * On turns on what the cell requires, and what that requires, as far as the
 * role does not inherit it; a cell that is locked off is in the way.
 * Off turns off what requires it, and what requires that; a cell that is
 * locked on has no switch and is left alone: it holds nothing meanwhile.
 * What is turned with it keeps the scope that the tenant once chose.  What is
 * turned on where neither the template nor a module gives such a cell has the
 * scope all from then on.
 * turn_on NULL: back to what the template, or what was frozen, says; the
 * others follow if that turns the switch. */
CREATE FUNCTION ref.set_role_permission(tenant_name text, role_name text, permission_name text, turn_on boolean, new_scope text)
	RETURNS text LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
DECLARE
	cells ref.cell_now[] := ARRAY(SELECT n FROM ref.cell_now n WHERE n.tenant = tenant_name);
	todo text[] := ARRAY[permission_name];
	cell record;
	to_on boolean := turn_on;
	more text[];
	turned text;
BEGIN
	SELECT n.enabled, n.locked,
		coalesce(c.enabled, b.enabled, false) AS untouched, coalesce(n.in_template, false) AS given
	INTO cell
	FROM (VALUES (1)) one
		LEFT JOIN unnest(cells) n ON n.role = role_name AND n.permission = permission_name
		LEFT JOIN (ref.cell c JOIN ref.tenant t USING (template))
			ON t.tenant = tenant_name AND c.role = role_name AND c.permission = permission_name AND NOT c.level
		LEFT JOIN ref.own_base_cell b ON turn_on IS NULL AND b.tenant = tenant_name AND b.role = role_name AND b.permission = permission_name;
	IF turn_on IS NULL THEN
		to_on := cell.untouched;
	ELSIF coalesce(cell.locked, false) THEN
		RETURN '55000';
	END IF;
	WHILE turn_on IS NOT NULL OR to_on <> coalesce(cell.enabled, false) LOOP
		IF to_on THEN
			more := ARRAY(
				SELECT DISTINCT required
				FROM unnest(cells) n, unnest(n.requires) required
				WHERE n.role = role_name AND n.permission = ANY (todo)
					AND NOT EXISTS (SELECT
						FROM ref.lineage_now l JOIN unnest(cells) h USING (tenant, role)
						WHERE l.tenant = tenant_name AND l.held = role_name AND l.role <> role_name
							AND h.permission = required AND h.enabled AND ref.module(required) <> ALL (l.blocked))
					/* what was frozen may require what the template no longer has */
					AND ref.has_permission(tenant_name, required)
					AND required <> ALL (todo));
		ELSE
			more := ARRAY(
				SELECT n.permission
				FROM unnest(cells) n
				WHERE n.role = role_name AND n.requires && todo
					AND n.permission <> ALL (todo));
		END IF;
		EXIT WHEN more = '{}';
		todo := todo || more;
	END LOOP;
	IF to_on AND EXISTS (SELECT FROM unnest(cells) n
		WHERE n.role = role_name AND n.permission = ANY (todo) AND n.locked AND NOT n.enabled)
	THEN
		RETURN '55000';
	END IF;
	/* of those that come with it: the ones that turn */
	todo := ARRAY(
		SELECT p
		FROM unnest(todo) p
			LEFT JOIN unnest(cells) n ON n.role = role_name AND n.permission = p
		WHERE p <> permission_name AND coalesce(n.enabled, false) <> to_on AND NOT coalesce(n.locked, false));
	/* the modules of a cell that changes stand alone from now on */
	PERFORM ref.freeze(tenant_name, role_name, m)
	FROM (SELECT DISTINCT ref.module(p) AS m FROM unnest(todo || CASE WHEN turn_on IS NOT NULL THEN permission_name END) p WHERE p IS NOT NULL) m;
	IF turn_on IS NULL THEN
		DELETE FROM ref.tenant_cell
		WHERE tenant = tenant_name AND role = role_name AND permission = permission_name;
	ELSE
		INSERT INTO ref.tenant_cell VALUES (tenant_name, role_name, permission_name, turn_on,
			CASE WHEN turn_on THEN coalesce(new_scope, CASE WHEN NOT cell.given THEN 'all' END) END)
		ON CONFLICT (tenant, role, permission) DO UPDATE SET enabled = excluded.enabled, scope = excluded.scope;
	END IF;
	INSERT INTO ref.tenant_cell
		SELECT tenant_name, role_name, p, to_on,
			CASE WHEN to_on AND NOT EXISTS (SELECT FROM unnest(cells) n
				WHERE n.role = role_name AND n.permission = p AND n.in_template) THEN 'all' END
		FROM unnest(todo) p
	ON CONFLICT (tenant, role, permission) DO UPDATE SET enabled = excluded.enabled;
	SELECT string_agg(' ' || p, '' ORDER BY p COLLATE "C") INTO turned FROM unnest(todo) p;
	RETURN 'ok' || coalesce(turned, '');
END
$$;

/* A member's override.  turn_on NULL: back to what the roles say.  On without
 * a scope where the member has roles, and none of them such a cell: all, from
 * then on. */
CREATE FUNCTION ref.set_member_permission(tenant_name text, user_name text, permission_name text, turn_on boolean, new_scope text)
	RETURNS text LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
DECLARE
	cells ref.cell_now[];	/* of the member's roles */
BEGIN
	IF turn_on IS NULL THEN
		DELETE FROM ref.member_cell
		WHERE tenant = tenant_name AND user_id = user_name AND permission = permission_name;
		RETURN 'ok';
	END IF;
	cells := ARRAY(SELECT n
		FROM ref.assignment_now a
			JOIN ref.lineage_now l ON l.tenant = a.tenant AND l.held = a.role
			JOIN ref.cell_now n ON n.tenant = a.tenant AND n.role = l.role
		WHERE a.tenant = tenant_name AND a.user_id = user_name
			AND n.permission = permission_name AND ref.module(permission_name) <> ALL (l.blocked));
	/* what is locked off can be turned off where another role has it on */
	IF EXISTS (SELECT FROM unnest(cells) n
		WHERE n.locked AND (turn_on OR n.enabled OR NOT EXISTS (SELECT FROM unnest(cells) o WHERE o.enabled)))
	THEN
		RETURN '55000';
	END IF;
	IF NOT turn_on THEN
		new_scope := NULL;
	ELSIF new_scope IS NULL
		AND EXISTS (SELECT FROM ref.assignment_now a WHERE a.tenant = tenant_name AND a.user_id = user_name)
		AND NOT EXISTS (SELECT FROM unnest(cells) n WHERE n.in_template OR n.enabled)
	THEN
		new_scope := 'all';
	END IF;
	INSERT INTO ref.member_cell VALUES (tenant_name, user_name, permission_name, turn_on, new_scope)
	ON CONFLICT (tenant, user_id, permission) DO UPDATE SET enabled = excluded.enabled, scope = excluded.scope;
	RETURN 'ok';
END
$$;

CREATE FUNCTION ref.has_member(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.member WHERE tenant = $1 AND user_id = $2); END $$;
CREATE FUNCTION ref.has_role(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.role_now WHERE tenant = $1 AND role = $2); END $$;
CREATE FUNCTION ref.has_location(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.location WHERE tenant = $1 AND location = $2); END $$;
CREATE FUNCTION ref.has_group(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.groups WHERE tenant = $1 AND "group" = $2); END $$;
CREATE FUNCTION ref.has_permission(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.permission_now WHERE tenant = $1 AND permission = $2); END $$;
CREATE FUNCTION ref.has_scope(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN $2 IS NULL OR EXISTS (SELECT FROM ref.scope_now WHERE tenant = $1 AND scope = $2); END $$;
/* whether nobody may be based on the role: the visitor's, or single */
CREATE FUNCTION ref.is_set_apart(text, text) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN EXISTS (SELECT FROM ref.tenant JOIN ref.template USING (template) WHERE tenant = $1 AND visitor_role = $2)
	OR EXISTS (SELECT FROM ref.role_now WHERE tenant = $1 AND role = $2 AND single); END $$;

/* Why a member may not come to hold a role, whoever calls; NULL: may. */
CREATE FUNCTION ref.no_holder(tenant_name text, user_name text, role_name text) RETURNS text
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN CASE
		WHEN role_name = (SELECT visitor_role FROM ref.tenant JOIN ref.template USING (template) WHERE tenant = tenant_name) THEN '22023'
		WHEN (SELECT single FROM ref.role_now WHERE tenant = tenant_name AND role = role_name)
			AND EXISTS (SELECT FROM ref.assignment_now a
				WHERE a.tenant = tenant_name AND a.role = role_name AND a.user_id <> user_name) THEN '55000'
	END;
END
$$;

/* Whether a role that one member alone holds would be nobody's without what a
 * member has of it: at that place, or anywhere. */
CREATE FUNCTION ref.would_be_nobodys(tenant_name text, user_name text, role_name text, anywhere boolean, place text = NULL) RETURNS boolean
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN (SELECT single FROM ref.role_now WHERE tenant = tenant_name AND role = role_name)
		AND (SELECT bool_and(a.user_id = user_name AND (anywhere OR a.location IS NOT DISTINCT FROM place))
			FROM ref.assignment_now a WHERE a.tenant = tenant_name AND a.role = role_name);
END
$$;

/* A level for a module. */
CREATE FUNCTION ref.bad_level(tenant_name text, module_name text, level_name text) RETURNS text
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN CASE
		WHEN NOT EXISTS (SELECT FROM ref.permission_now p WHERE p.tenant = tenant_name AND ref.module(p.permission) = module_name) THEN '42704'
		WHEN level_name = 'no_access' THEN NULL
		WHEN NOT EXISTS (SELECT FROM ref.role_now r WHERE r.tenant = tenant_name AND r.role = level_name AND NOT r.own) THEN '42704'
		WHEN ref.is_set_apart(tenant_name, level_name) THEN '22023'
	END;
END
$$;

/* Roles: own ones, and who has which. */
CREATE FUNCTION ref.apply_role(c ref.call) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	t text := c.tenant;
	refused text;
BEGIN
	CASE c.fn
	WHEN 'create_role' THEN	/* a: role; data: modules, inherits */
		IF ref.has_role(t, c.a) THEN
			RETURN '42710';
		END IF;
		/* of several errors the first */
		SELECT b INTO refused
		FROM jsonb_each_text(c.data->'modules') m, ref.bad_level(t, m.key, m.value) b
		WHERE b IS NOT NULL ORDER BY m.key COLLATE "C" LIMIT 1;
		IF refused IS NULL THEN
			SELECT CASE WHEN NOT ref.has_role(t, h) THEN '42704' ELSE '22023' END INTO refused
			FROM unnest(ref.texts(c.data->'inherits')) WITH ORDINALITY x(h, n)
			WHERE NOT ref.has_role(t, h) OR ref.is_set_apart(t, h)
			ORDER BY n LIMIT 1;
		END IF;
		IF refused IS NOT NULL THEN
			RETURN refused;
		END IF;
		INSERT INTO ref.own_role VALUES (t, c.a);
		INSERT INTO ref.own_inherit SELECT DISTINCT t, c.a, h FROM unnest(ref.texts(c.data->'inherits')) h;
		INSERT INTO ref.own_module SELECT t, c.a, m.key, m.value, false FROM jsonb_each_text(c.data->'modules') m;
	WHEN 'set_role_module' THEN	/* a: role, b: module, c: level */
		IF NOT ref.has_role(t, c.a) THEN
			RETURN '42704';
		ELSIF NOT EXISTS (SELECT FROM ref.own_role r WHERE r.tenant = t AND r.role = c.a) THEN
			RETURN '22023';
		END IF;
		refused := ref.bad_level(t, c.b, coalesce(c.c, 'no_access'));
		IF refused IS NOT NULL THEN
			RETURN refused;
		END IF;
		PERFORM ref.forget(t, c.a, c.b);
		INSERT INTO ref.own_module SELECT t, c.a, c.b, c.c, false WHERE c.c IS NOT NULL;
	WHEN 'drop_role' THEN	/* a: role */
		IF NOT ref.has_role(t, c.a) THEN
			RETURN '42704';
		ELSIF NOT EXISTS (SELECT FROM ref.own_role r WHERE r.tenant = t AND r.role = c.a) THEN
			RETURN '22023';
		ELSIF EXISTS (SELECT FROM ref.assignment x WHERE x.tenant = t AND x.role = c.a)
			OR EXISTS (SELECT FROM ref.own_inherit x WHERE x.tenant = t AND x.inherits = c.a)
		THEN
			RETURN '2BP01';
		END IF;
		PERFORM ref.forget(t, c.a, m) FROM (SELECT DISTINCT ref.module(permission) AS m FROM ref.ask) m;
		DELETE FROM ref.own_inherit x WHERE x.tenant = t AND x.role = c.a;
		DELETE FROM ref.own_role x WHERE x.tenant = t AND x.role = c.a;
	WHEN 'set_role_permission' THEN	/* a: role, b: permission, flag, c: scope */
		IF NOT ref.has_role(t, c.a) OR NOT ref.has_permission(t, c.b) OR NOT ref.has_scope(t, c.c) THEN
			RETURN '42704';
		END IF;
		RETURN ref.set_role_permission(t, c.a, c.b, c.flag, c.c);
	WHEN 'set_member_permission' THEN	/* a: user, b: permission, flag, c: scope */
		IF NOT ref.has_member(t, c.a) OR NOT ref.has_permission(t, c.b) OR NOT ref.has_scope(t, c.c) THEN
			RETURN '42704';
		END IF;
		RETURN ref.set_member_permission(t, c.a, c.b, c.flag, c.c);
	WHEN 'assign_role' THEN	/* a: user, b: role, c: location, d: only_group, flag: only_self, instant */
		IF NOT ref.has_member(t, c.a) OR NOT ref.has_role(t, c.b)
			OR c.c IS NOT NULL AND NOT ref.has_location(t, c.c) OR c.d IS NOT NULL AND NOT ref.has_group(t, c.d)
		THEN
			RETURN '42704';
		END IF;
		refused := ref.no_holder(t, c.a, c.b);
		IF refused IS NOT NULL THEN
			RETURN refused;
		END IF;
		/* those that ended are not in the way */
		BEGIN
			DELETE FROM ref.assignment r
			WHERE r.tenant = t AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.c AND r.valid_until <= now();
			INSERT INTO ref.assignment VALUES (t, c.a, c.b, c.c, c.d, c.flag, c.instant);
		EXCEPTION WHEN unique_violation THEN
			RETURN '42710';
		END;
	WHEN 'revoke_role' THEN	/* a: user, b: role, c: location */
		IF ref.would_be_nobodys(t, c.a, c.b, false, c.c) THEN
			RETURN '55000';
		END IF;
		DELETE FROM ref.assignment r
		WHERE r.tenant = t AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.c;
		IF NOT FOUND THEN
			RETURN '42704';
		END IF;
	WHEN 'change_role' THEN	/* a: user, b: old, c: new, d: location */
		IF NOT ref.has_member(t, c.a) OR NOT ref.has_role(t, c.c) THEN
			RETURN '42704';
		END IF;
		refused := ref.no_holder(t, c.a, c.c);
		IF refused IS NOT NULL THEN
			RETURN refused;
		ELSIF ref.would_be_nobodys(t, c.a, c.b, false, c.d) THEN
			RETURN '55000';
		END IF;
		IF NOT EXISTS (SELECT FROM ref.assignment r
			WHERE r.tenant = t AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.d)
		THEN
			RETURN '42704';
		END IF;
		BEGIN
			DELETE FROM ref.assignment r
			WHERE r.tenant = t AND r.user_id = c.a AND r.role = c.c AND r.location IS NOT DISTINCT FROM c.d AND r.valid_until <= now() AND c.b <> c.c;
			UPDATE ref.assignment r SET role = c.c
			WHERE r.tenant = t AND r.user_id = c.a AND r.role = c.b AND r.location IS NOT DISTINCT FROM c.d;
		EXCEPTION WHEN unique_violation THEN
			RETURN '42710';
		END;
	WHEN 'transfer_role' THEN	/* a: role, b: from, c: to */
		IF NOT ref.has_role(t, c.a) OR NOT ref.has_member(t, c.b) OR NOT ref.has_member(t, c.c) THEN
			RETURN '42704';
		ELSIF NOT (SELECT r.single FROM ref.role_now r WHERE r.tenant = t AND r.role = c.a) THEN
			RETURN '22023';
		ELSIF NOT EXISTS (SELECT FROM ref.assignment_now r WHERE r.tenant = t AND r.user_id = c.b AND r.role = c.a) THEN
			RETURN '42704';
		ELSIF c.b = c.c THEN
			RETURN '42710';
		END IF;
		/* what the other once had of it has ended */
		DELETE FROM ref.assignment r WHERE r.tenant = t AND r.user_id = c.c AND r.role = c.a;
		UPDATE ref.assignment r SET user_id = c.c WHERE r.tenant = t AND r.user_id = c.b AND r.role = c.a;
	END CASE;
	RETURN 'ok';
END
$$;

/* by_dba: the DBA's add_member() says whose keys are whose */
CREATE FUNCTION ref.apply(c ref.call, by_dba boolean = true) RETURNS text
	LANGUAGE plpgsql AS
$$
DECLARE
	t text := c.tenant;
BEGIN
	CASE c.fn
	WHEN 'load_template' THEN
		PERFORM ref.load_template(c.data);
	WHEN 'create_tenant' THEN	/* a: template */
		INSERT INTO ref.tenant VALUES (t, c.a);
	WHEN 'add_location' THEN	/* a: location, b: parent */
		IF c.b IS NOT NULL AND NOT ref.has_location(t, c.b) THEN
			RETURN '42704';
		ELSIF ref.has_location(t, c.a) THEN
			RETURN '42710';
		END IF;
		INSERT INTO ref.location VALUES (t, c.a, c.b);
	WHEN 'move_location' THEN	/* a: location, b: parent */
		IF NOT ref.has_location(t, c.a) OR c.b IS NOT NULL AND NOT ref.has_location(t, c.b) THEN
			RETURN '42704';
		ELSIF c.b IN (SELECT ref.subtree(t, c.a)) THEN
			RETURN '22023';
		END IF;
		UPDATE ref.location l SET parent = c.b WHERE l.tenant = t AND l.location = c.a;
	WHEN 'drop_location' THEN	/* a: location */
		IF NOT ref.has_location(t, c.a) THEN
			RETURN '42704';
		ELSIF EXISTS (SELECT FROM ref.location l WHERE l.tenant = t AND l.parent = c.a)
			OR EXISTS (SELECT FROM ref.assignment x WHERE x.tenant = t AND x.location = c.a)
		THEN
			RETURN '2BP01';
		END IF;
		DELETE FROM ref.location l WHERE l.tenant = t AND l.location = c.a;
	WHEN 'add_group' THEN	/* a: group */
		IF ref.has_group(t, c.a) THEN
			RETURN '42710';
		END IF;
		INSERT INTO ref.groups VALUES (t, c.a);
	WHEN 'drop_group' THEN	/* a: group */
		IF NOT ref.has_group(t, c.a) THEN
			RETURN '42704';
		ELSIF EXISTS (SELECT FROM ref.assignment x WHERE x.tenant = t AND x.only_group = c.a) THEN
			RETURN '2BP01';
		END IF;
		DELETE FROM ref.group_member g WHERE g.tenant = t AND g."group" = c.a;
		DELETE FROM ref.groups g WHERE g.tenant = t AND g."group" = c.a;
	WHEN 'add_to_group' THEN	/* a: group, b: user */
		IF NOT ref.has_group(t, c.a) OR NOT ref.has_member(t, c.b) THEN
			RETURN '42704';
		END IF;
		INSERT INTO ref.group_member VALUES (t, c.a, c.b) ON CONFLICT DO NOTHING;
		IF NOT FOUND THEN
			RETURN '42710';
		END IF;
	WHEN 'remove_from_group' THEN	/* a: group, b: user */
		DELETE FROM ref.group_member g WHERE g.tenant = t AND g."group" = c.a AND g.user_id = c.b;
		IF NOT FOUND THEN
			RETURN '42704';
		END IF;
	WHEN 'add_member' THEN	/* a: user, data: keys */
		INSERT INTO ref.member VALUES (t, c.a, c.data)
		ON CONFLICT (tenant, user_id) DO UPDATE SET keys = excluded.keys;
		DELETE FROM ref.former f
		WHERE f.tenant = t AND (f.user_id = c.a
			OR by_dba AND (f.keys->>'staff' = c.data->>'staff' OR f.keys->>'client' = c.data->>'client'));
	WHEN 'remove_member' THEN	/* a: user */
		IF NOT ref.has_member(t, c.a) THEN
			RETURN '42704';
		END IF;
		IF EXISTS (SELECT FROM ref.assignment_now r WHERE r.tenant = t AND r.user_id = c.a AND ref.would_be_nobodys(t, c.a, r.role, true)) THEN
			RETURN '55000';
		END IF;
		INSERT INTO ref.former SELECT * FROM ref.member m
			WHERE m.tenant = t AND m.user_id = c.a AND (m.keys ? 'staff' OR m.keys ? 'client')
		ON CONFLICT (tenant, user_id) DO UPDATE SET keys = excluded.keys;
		DELETE FROM ref.member m WHERE m.tenant = t AND m.user_id = c.a;
		DELETE FROM ref.assignment m WHERE m.tenant = t AND m.user_id = c.a;
		DELETE FROM ref.group_member m WHERE m.tenant = t AND m.user_id = c.a;
		DELETE FROM ref.member_cell m WHERE m.tenant = t AND m.user_id = c.a;
	WHEN 'set_feature' THEN	/* a: feature, flag */
		IF NOT EXISTS (SELECT FROM ref.feature_now f WHERE f.tenant = t AND f.feature = c.a) THEN
			RETURN '42704';
		END IF;
		INSERT INTO ref.tenant_feature VALUES (t, c.a, c.flag)
		ON CONFLICT (tenant, feature) DO UPDATE SET enabled = excluded.enabled;
	WHEN 'set_field_visible' THEN	/* a: relation, b: column, flag */
		IF NOT EXISTS (SELECT FROM ref.mask m WHERE m.relation = c.a AND m."column" = c.b) THEN
			RETURN '55000';
		END IF;
		INSERT INTO ref.tenant_field VALUES (t, c.a, c.b, c.flag)
		ON CONFLICT (tenant, relation, "column") DO UPDATE SET visible = excluded.visible;
	ELSE
		RETURN ref.apply_role(c);
	END CASE;
	RETURN 'ok';
END
$$;
