-- Row-level security of schema by_hand as one writes it oneself, in two ways.
-- The policies of a table cannot know who asks, so each holds what any role may
-- see.  The settings bench.tenant and bench.user say who asks.

-- (b) As guides to fast policies have it (Supabase: RLS performance and best
-- practices): every function and setting in a SELECT of its own, so that it is
-- run once a statement; columns compared with ARRAY(SELECT ...); tables that the
-- rule needs read by SECURITY DEFINER functions; TO a role.
CREATE FUNCTION by_hand.my_tenant() RETURNS bigint LANGUAGE sql STABLE AS
	$$ SELECT nullif(current_setting('bench.tenant', true), '')::bigint $$;
CREATE FUNCTION by_hand.my_role() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ SELECT role FROM by_hand.members WHERE tenant_id = by_hand.my_tenant() AND user_id = current_setting('bench.user', true) $$;
CREATE FUNCTION by_hand.my_staff() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ SELECT staff_id FROM by_hand.members WHERE tenant_id = by_hand.my_tenant() AND user_id = current_setting('bench.user', true) $$;
CREATE FUNCTION by_hand.my_locations() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ WITH RECURSIVE below (id) AS (
		SELECT location_id FROM by_hand.members WHERE tenant_id = by_hand.my_tenant() AND user_id = current_setting('bench.user', true)
		UNION SELECT l.id FROM by_hand.locations l JOIN below b ON l.parent_id = b.id)
	SELECT id FROM below $$;
CREATE FUNCTION by_hand.my_group_staff() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ SELECT g.staff_id FROM by_hand.members m JOIN by_hand.group_staff g USING (tenant_id, group_id)
	WHERE m.tenant_id = by_hand.my_tenant() AND m.user_id = current_setting('bench.user', true) $$;
CREATE FUNCTION by_hand.my_served() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ SELECT a.client_id FROM by_hand.members m JOIN by_hand.appointments a USING (tenant_id, staff_id)
	WHERE m.tenant_id = by_hand.my_tenant() AND m.user_id = current_setting('bench.user', true)
		AND a.starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days' $$;
CREATE FUNCTION by_hand.my_clients() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
	$$ SELECT c.id FROM by_hand.members m JOIN by_hand.clients c ON c.id = m.client_id OR c.guardian_id = m.client_id
	WHERE m.tenant_id = by_hand.my_tenant() AND m.user_id = current_setting('bench.user', true) $$;

-- (c) As one begins: a subquery on the members for each row.  The views let it
-- look at protected tables without their policies.
CREATE VIEW by_hand.served AS SELECT tenant_id, staff_id, client_id, starts_at FROM by_hand.appointments;
CREATE VIEW by_hand.family AS SELECT id, guardian_id FROM by_hand.clients;
GRANT SELECT ON by_hand.served, by_hand.family TO bench_exists;

SELECT format('ALTER TABLE by_hand.%s ENABLE ROW LEVEL SECURITY', relation),
	format($policy$
CREATE POLICY initplan ON by_hand.%s FOR ALL TO bench_initplan USING (
	tenant_id = (SELECT by_hand.my_tenant()) AND (
		(SELECT by_hand.my_role()) = 'owner'
		OR (SELECT by_hand.my_role()) = 'manager' AND location_id = ANY (ARRAY(SELECT by_hand.my_locations()))
		OR (SELECT by_hand.my_role()) = 'desk' AND staff_id = ANY (ARRAY(SELECT by_hand.my_group_staff()))
		OR (SELECT by_hand.my_role()) = 'staff' AND staff_id = (SELECT by_hand.my_staff())
		OR (SELECT by_hand.my_role()) = 'limited' AND %s = ANY (ARRAY(SELECT by_hand.my_served()))
		OR (SELECT by_hand.my_role()) = 'client' AND %2$s = ANY (ARRAY(SELECT by_hand.my_clients()))))
	$policy$, relation, client),
	format($policy$
CREATE POLICY by_exists ON by_hand.%s FOR ALL TO bench_exists USING (
	EXISTS (SELECT FROM by_hand.members m
		WHERE m.tenant_id = %1$s.tenant_id AND m.tenant_id = nullif(current_setting('bench.tenant', true), '')::bigint AND m.user_id = current_setting('bench.user', true)
			AND (m.role = 'owner'
				OR m.role = 'manager' AND EXISTS (SELECT FROM by_hand.locations l WHERE l.id = %1$s.location_id AND (l.id = m.location_id OR l.parent_id = m.location_id))
				OR m.role = 'desk' AND EXISTS (SELECT FROM by_hand.group_staff g WHERE g.tenant_id = m.tenant_id AND g.group_id = m.group_id AND g.staff_id = %1$s.staff_id)
				OR m.role = 'staff' AND m.staff_id = %1$s.staff_id
				OR m.role = 'limited' AND EXISTS (SELECT FROM by_hand.served s WHERE s.tenant_id = m.tenant_id AND s.staff_id = m.staff_id AND s.client_id = %1$s.%2$s
					AND s.starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days')
				OR m.role = 'client' AND EXISTS (SELECT FROM by_hand.family f WHERE f.id = %1$s.%2$s AND (f.id = m.client_id OR f.guardian_id = m.client_id)))))
	$policy$, relation, client)
FROM (VALUES ('clients', 'id'), ('appointments', 'client_id'), ('invoices', 'client_id')) t (relation, client) \gexec

-- Notes follow the appointment, and so its policies.
ALTER TABLE by_hand.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY initplan ON by_hand.notes TO bench_initplan USING (appointment_id IN (SELECT id FROM by_hand.appointments));
CREATE POLICY by_exists ON by_hand.notes TO bench_exists USING (EXISTS (SELECT FROM by_hand.appointments WHERE id = appointment_id));
