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
	expected	text,
	caller		text,			/* a member's user_id, 'visitor', 'nobody'; NULL: the DBA */
	channel		text
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
CREATE FUNCTION world.cells(roles text[], permissions text[], scopes text[], ruled boolean, apart boolean) RETURNS jsonb
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
	/* In a role and those that it inherits no requirement goes round in a
	 * circle: later ones require earlier ones.  apart: of several roles
	 * together it may. */
	ladder text[] := base || ARRAY(SELECT p FROM unnest(permissions) p WHERE p IS DISTINCT FROM base ORDER BY random());
	earlier text[];
	boss text := CASE WHEN world.chance(CASE WHEN ruled THEN 0.9 ELSE 0.4 END) THEN (array_remove(roles, 'o'))[cardinality(array_remove(roles, 'o'))] END;	/* who may do most */
	list text[];
	role text;
	permission text;
BEGIN
	ladder := array_remove(ladder, NULL);
	FOREACH permission IN ARRAY permissions LOOP
		EXIT WHEN apart;
		earlier := ladder[1 : array_position(ladder, permission) - 1];
		IF permission <> base AND world.chance(0.35) THEN
			requirements := requirements || jsonb_build_object(permission, ARRAY[base]);
		ELSIF world.chance(0.15) AND earlier <> '{}' THEN
			requirements := requirements || jsonb_build_object(permission, to_jsonb(world.some(earlier, 1.2)));
		END IF;
	END LOOP;
	FOREACH role IN ARRAY roles LOOP
		IF apart THEN
			ladder := ARRAY(SELECT p FROM unnest(permissions) p ORDER BY random());
		END IF;
		FOREACH permission IN ARRAY permissions LOOP
			IF role = boss AND world.chance(0.8) THEN
				result := result || jsonb_build_object('role', role, 'permission', permission,
					'enabled', world.chance(0.9), 'entries', jsonb_build_array('{"scope": "all"}'::jsonb
						|| CASE WHEN world.chance(0.15) THEN jsonb_build_object('feature', world.pick('{f1,f2}'))
							WHEN world.chance(0.1) THEN jsonb_build_object('channels', ARRAY[world.pick('{web,mobile}')])
							WHEN world.chance(0.1) THEN jsonb_build_object('targets', world.some(roles, 2) || role) ELSE '{}' END));
				CONTINUE;
			END IF;
			CONTINUE WHEN NOT world.chance(density);
			earlier := ladder[1 : array_position(ladder, permission) - 1];
			entries := '{}';
			FOR i IN 1 .. CASE WHEN world.chance(0.3) THEN 2 ELSE 1 END LOOP
				entry := jsonb_build_object('scope', world.pick(scopes));
				IF world.chance(conditions) AND earlier <> '{}' THEN
					entry := entry || jsonb_build_object('requires', ARRAY[world.pick(earlier)]);
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
			IF world.chance(0.08) THEN
				cell := cell || '{"level": true}';
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

/* what members may call, where the template says so */
CREATE FUNCTION world.delegated() RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT '{add_location,move_location,drop_location,add_group,drop_group,add_to_group,remove_from_group,add_member,remove_member,assign_role,revoke_role,change_role,create_role,drop_role,set_role_module,set_role_permission,set_member_permission,set_feature,set_field_visible}'::text[]
$$;

CREATE FUNCTION world.window_end() RETURNS text
	LANGUAGE sql VOLATILE AS $$ SELECT world.pick('{15 days,15 days,2 days 03:00:00,0,NULL}') $$;

/* A template, as JSON. */
CREATE FUNCTION world.template(name text, ruled boolean) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
	/* o: one member only holds it */
	roles text[] := ('{v,r1,R1,r2,r3}'::text[])[1 : world.number(2, 5)] || CASE WHEN world.chance(0.3) THEN '{o}'::text[] ELSE '{}' END;
	permissions text[];
	role_list jsonb[] := '{}';
	scope_list jsonb := '{}';
	scope text;
	edge text;
	scopes text[] := '{all,all,all,own,own,self,self,team,team,assignee}';
	inherits text[];
	clients text;
	apart boolean := world.chance(0.15);	/* no role of the template inherits another */
	administration jsonb := '{}';
	administrative text[];		/* what administrative functions need */
	fn text;
BEGIN
	permissions := array_remove('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}',
		CASE WHEN world.chance(0.5) THEN world.pick('{wa.p1,wa.p2,wa.p3,wb.p1,wb.p2,wb.p3,wb.p4}') END);
	permissions := array_remove(permissions, CASE WHEN world.chance(0.5) THEN world.pick(permissions) END);
	permissions := array_remove(permissions, CASE WHEN world.chance(0.3) THEN world.pick(permissions) END);
	FOR i IN 1 .. cardinality(roles) LOOP
		inherits := CASE WHEN i > 1 AND NOT apart THEN world.some(roles[1 : i - 1], 0.7) ELSE '{}' END;
		role_list := role_list || jsonb_build_object('role', roles[i], 'title', roles[i], 'rank', i, 'inherits', inherits, 'single', roles[i] = 'o');
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
	administrative := ARRAY[world.pick(permissions), world.pick(permissions)];
	FOREACH fn IN ARRAY world.delegated() LOOP
		IF world.chance(0.9) THEN
			administration := administration || jsonb_build_object(fn, world.pick(CASE WHEN world.chance(0.8) THEN administrative ELSE permissions END));
		END IF;
	END LOOP;
	RETURN jsonb_strip_nulls(jsonb_build_object(
		'template', name, 'title', name,
		'visitor_role', CASE WHEN world.chance(0.8) THEN 'v' WHEN world.chance(0.5) THEN world.pick(array_remove(roles, 'o')) END,
		'clients_permission', clients))
		|| jsonb_build_object(
			'features', '{"f1": {"title": "one"}, "f2": {"title": "two"}}'::jsonb,
			'scopes', scope_list,
			'permissions', (SELECT jsonb_agg(jsonb_build_object('key', p, 'title', p)) FROM unnest(permissions) p),
			'roles', to_jsonb(role_list),
			'administration', administration,
			'only_targets', (SELECT coalesce(jsonb_agg(f), '[]') FROM unnest(world.some('{assign_role,change_role}', 0.5)) f WHERE administration ? f),
			'marked_fields', CASE WHEN world.chance(0.5) THEN world.some(permissions, 2) ELSE '{}' END,
			'cells', world.cells(roles, permissions, scopes, ruled, apart));
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
		'{all,own,self,team,assignee}'::text[] || ARRAY(SELECT jsonb_object_keys(model->'scopes') k ORDER BY k));
	INSERT INTO world.act (act, data, expected) VALUES ('load_template', model, 'ok');
END
$$;
