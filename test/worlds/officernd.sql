/*
 * officernd.sql
 *		A world to play in: the coworking spaces of the template officernd, as their
 *		product would keep them, in the schema officernd.  Two businesses (hub, with
 *		locations, and rival), an application role (officernd_app), and for each row of
 *		the document's table the rules that hold it.
 *
 * For an empty database, as a superuser; make demo WORLD=officernd loads it and runs
 * officernd_show.sql.  test/pgtap/officernd_world.sql holds it to the document.
 *
 * The document's rows stand above the rules as they are printed: module, entity,
 * permissions, center manager, owner.  What the table does not know (exporting,
 * importing a file, printing a PDF) is done by a row in a table of its own.
 */
\o /dev/null
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ambit;

CREATE SCHEMA officernd;

/* ---- the application's tables: community ----------------------------------------- */

CREATE TABLE officernd.companies (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	name text,
	source text NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'csv')),
	merged_into bigint,
	UNIQUE (tenant, id),
	FOREIGN KEY (tenant, merged_into) REFERENCES officernd.companies (tenant, id)
);
CREATE TABLE officernd.members (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	company_id bigint,
	name text,
	email text,
	source text NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'csv')),
	merged_into bigint,
	UNIQUE (tenant, id),
	FOREIGN KEY (tenant, company_id) REFERENCES officernd.companies (tenant, id) ON DELETE SET NULL (company_id),
	FOREIGN KEY (tenant, merged_into) REFERENCES officernd.members (tenant, id)
);
CREATE TABLE officernd.check_ins (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	member_id bigint,
	at timestamptz NOT NULL DEFAULT now(),
	FOREIGN KEY (tenant, member_id) REFERENCES officernd.members (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.fees (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	member_id bigint,
	name text,
	amount numeric,
	status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved')),
	source text NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'csv')),
	FOREIGN KEY (tenant, member_id) REFERENCES officernd.members (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.attachments (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	member_id bigint,
	name text,
	FOREIGN KEY (tenant, member_id) REFERENCES officernd.members (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.contracts (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	company_id bigint,
	body text,
	starts_on date, ends_on date, notice_on date,
	status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'approved', 'sent', 'signed', 'notice', 'terminated')),
	UNIQUE (tenant, id)
);
CREATE TABLE officernd.contract_pdfs (
	contract_id bigint,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	preview boolean NOT NULL DEFAULT false,
	FOREIGN KEY (tenant, contract_id) REFERENCES officernd.contracts (tenant, id)
);
CREATE TABLE officernd.memberships (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	member_id bigint,
	name text,
	price numeric,
	status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved')),
	locked boolean NOT NULL DEFAULT false,
	source text NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'csv')),
	FOREIGN KEY (tenant, member_id) REFERENCES officernd.members (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.opportunities (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), location_id text, name text, stage text);
CREATE TABLE officernd.day_passes (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), location_id text, member_id bigint, day date);
CREATE TABLE officernd.credits (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), member_id bigint, hours numeric);
CREATE TABLE officernd.payment_details (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), member_id bigint, iban text);
CREATE TABLE officernd.orders (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	member_id bigint,
	amount numeric,
	status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'ready', 'delivered')),
	UNIQUE (tenant, id)
);
CREATE TABLE officernd.order_pdfs (
	order_id bigint,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	FOREIGN KEY (tenant, order_id) REFERENCES officernd.orders (tenant, id)
);

/* ---- collaboration ---------------------------------------------------------------- */

CREATE TABLE officernd.events (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), location_id text, title text, body text);
CREATE TABLE officernd.messages (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), title text, body text);
CREATE TABLE officernd.issues (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), location_id text, title text, body text);
CREATE TABLE officernd.posts (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), title text, body text);
CREATE TABLE officernd.contacts (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), title text, body text);
CREATE TABLE officernd.benefits (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), title text, body text);
CREATE TABLE officernd.articles (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), title text, body text);

/* ---- billing -------------------------------------------------------------------------- */

CREATE TABLE officernd.invoices (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	member_id bigint,
	due_on date,
	note text,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'void')),
	synced_at timestamptz,				-- with the books
	sent_at timestamptz,
	UNIQUE (tenant, id)
);
CREATE TABLE officernd.invoice_line_items (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	invoice_id bigint,
	text text,
	amount numeric,
	FOREIGN KEY (tenant, invoice_id) REFERENCES officernd.invoices (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.receipts (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	invoice_id bigint,
	sent_at timestamptz,
	FOREIGN KEY (tenant, invoice_id) REFERENCES officernd.invoices (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.plans (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	name text,
	price numeric,
	merged_into bigint,
	UNIQUE (tenant, id),
	FOREIGN KEY (tenant, merged_into) REFERENCES officernd.plans (tenant, id)
);
CREATE TABLE officernd.goods (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, price numeric);
CREATE TABLE officernd.stores (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, price numeric);
CREATE TABLE officernd.rates (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, price numeric);
CREATE TABLE officernd.amenities (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, price numeric);
CREATE TABLE officernd.discounts (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, price numeric);

/* ---- space, calendar, settings ---------------------------------------------------------- */

CREATE TABLE officernd.locations (id text PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text);
CREATE TABLE officernd.floors (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), location_id text, name text, clone_of bigint);
CREATE TABLE officernd.resources (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	name text,
	kind text NOT NULL DEFAULT 'room' CHECK (kind IN ('room', 'desk')),
	source text NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'csv')),
	UNIQUE (tenant, id)
);
CREATE TABLE officernd.bookings (
	id bigint PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	location_id text,
	resource_id bigint,
	member_id bigint,
	starts_at timestamptz NOT NULL DEFAULT now(),
	status text NOT NULL DEFAULT 'booked' CHECK (status IN ('booked', 'cancelled')),
	FOREIGN KEY (tenant, resource_id) REFERENCES officernd.resources (tenant, id) ON DELETE CASCADE
);
CREATE TABLE officernd.templates (id bigint PRIMARY KEY, tenant text NOT NULL DEFAULT ambit.current_tenant(), name text, body text);
CREATE TABLE officernd.import_tabs (tenant text NOT NULL DEFAULT ambit.current_tenant(), entity text);
CREATE TABLE officernd.imports (			-- one row an uploaded file: the history
	id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	entity text NOT NULL CHECK (entity IN ('fees', 'companies', 'members', 'memberships', 'resources')),
	uploaded_by text NOT NULL DEFAULT ambit.current_user_id(),
	file text NOT NULL
);
CREATE TABLE officernd.exports (			-- data leaves the business when its row is in here
	id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	tenant text NOT NULL DEFAULT ambit.current_tenant(),
	entity text NOT NULL,
	requested_by text NOT NULL DEFAULT ambit.current_user_id()
);

/* ---- two businesses, and who works there ------------------------------------------------------ */

SELECT ambit.create_tenant('hub', 'officernd', 'The Hub');
SELECT ambit.create_tenant('rival', 'officernd', 'Another one');
SELECT ambit.add_location('hub', 'city'), ambit.add_location('hub', 'harbour', 'city'), ambit.add_location('hub', 'station', 'city'), ambit.add_location('rival', 'centre');

SELECT ambit.add_member('hub', u) FROM unnest('{vera,vito,carl,cleo,cora,olga,otto,carla,hanna,vik,ines,nemo}'::text[]) u;
SELECT ambit.assign_role('hub', u, r)
FROM (VALUES ('vera', 'viewer'), ('vito', 'viewer'), ('carl', 'center_manager'), ('cleo', 'center_manager'), ('olga', 'owner'), ('otto', 'owner')) v (u, r);
SELECT ambit.assign_role('hub', 'cora', 'center_manager', location => 'harbour');

-- the same names in the other business
SELECT ambit.add_member('rival', u) FROM unnest('{vera,olga}'::text[]) u;
SELECT ambit.assign_role('rival', 'vera', 'owner'), ambit.assign_role('rival', 'olga', 'viewer');

-- "limiting access to certain modules": a level for each module, and single permissions on top
SELECT ambit.create_role('hub', 'community_team', 'Community team', modules => '{"community": "center_manager", "billing": "viewer", "space": "no_access"}');
SELECT ambit.set_role_permission('hub', 'community_team', 'community.members.import', true);
SELECT ambit.assign_role('hub', 'carla', 'community_team');

-- "if a user has "None" permissions for "Messages" in "Collaboration", they'll still be able to see the section"
SELECT ambit.create_role('hub', 'host', 'Host', modules => '{"collaboration": "center_manager"}');
SELECT ambit.set_role_permission('hub', 'host', p::ambit.permission, false)
FROM unnest('{collaboration.messages.create,collaboration.messages.edit,collaboration.messages.delete}'::text[]) p;
SELECT ambit.assign_role('hub', 'hanna', 'host');

-- "I have a VA that I only want to give access to Settings>Templates, and I want to allow him to make edits to the templates."
SELECT ambit.create_role('hub', 'va', 'Virtual assistant');
SELECT ambit.set_role_permission('hub', 'va', 'settings.templates.edit', true);
SELECT ambit.assign_role('hub', 'vik', 'va');

-- "When a custom admin role has Viewer Access to Settings"
SELECT ambit.create_role('hub', 'data_admin', 'Data admin', modules => '{"settings": "viewer"}');
SELECT ambit.set_role_permission('hub', 'data_admin', p::ambit.permission, true) FROM unnest('{community.members.import,community.one_off_fees.import}'::text[]) p;
SELECT ambit.assign_role('hub', 'ines', 'data_admin');

/* ---- what there is --------------------------------------------------------------------------------- */

-- of most things twelve at the hub, in turn at the harbour, at the station and nowhere; from 91 on the rival's
CREATE TEMP TABLE item AS
	SELECT n AS id, 'hub' AS tenant, ('{station,harbour,NULL}'::text[])[1 + n % 3] AS location_id FROM generate_series(1, 12) n
	UNION ALL SELECT n, 'rival', 'centre' FROM generate_series(91, 93) n;

INSERT INTO officernd.locations (tenant, id, name)
VALUES ('hub', 'city', 'The city'), ('hub', 'harbour', 'Harbour'), ('hub', 'station', 'Station'), ('rival', 'centre', 'Centre');
INSERT INTO officernd.companies (id, tenant, location_id, name) SELECT id, tenant, location_id, 'Company ' || id FROM item;
INSERT INTO officernd.members (id, tenant, location_id, company_id, name, email)
SELECT id, tenant, location_id, CASE WHEN id % 2 = 0 THEN id END, 'Member ' || id, format('member%s@%s.example', id, tenant) FROM item;
INSERT INTO officernd.check_ins (id, tenant, location_id, member_id) SELECT id, tenant, location_id, id FROM item;
INSERT INTO officernd.fees (id, tenant, location_id, member_id, name, amount, status)
SELECT id, tenant, location_id, id, 'Printing', 5, CASE id WHEN 2 THEN 'approved' ELSE 'pending' END FROM item;
INSERT INTO officernd.attachments (id, tenant, member_id, name) SELECT id, tenant, id, format('Passport %s.pdf', id) FROM item;
INSERT INTO officernd.contracts (id, tenant, location_id, company_id, body, starts_on, status)
SELECT id, tenant, location_id, id, 'Two desks', '2024-01-01', CASE id WHEN 2 THEN 'approved' WHEN 3 THEN 'sent' WHEN 4 THEN 'signed' WHEN 5 THEN 'notice' WHEN 6 THEN 'terminated' ELSE 'draft' END FROM item;
INSERT INTO officernd.memberships (id, tenant, location_id, member_id, name, price, status, locked)
SELECT id, tenant, location_id, id, 'A desk', 200, CASE id WHEN 2 THEN 'approved' ELSE 'pending' END, id = 3 FROM item;
INSERT INTO officernd.opportunities (id, tenant, location_id, name, stage) SELECT id, tenant, location_id, 'Lead ' || id, 'tour' FROM item;
INSERT INTO officernd.day_passes (id, tenant, location_id, member_id, day) SELECT id, tenant, location_id, id, current_date + id::integer FROM item;
INSERT INTO officernd.credits (id, tenant, member_id, hours) SELECT id, tenant, id, 10 FROM item;
INSERT INTO officernd.payment_details (id, tenant, member_id, iban) SELECT id, tenant, id, 'DE02 ' || id FROM item;
INSERT INTO officernd.orders (id, tenant, member_id, amount) SELECT id, tenant, id, 20 FROM item;
INSERT INTO officernd.events (id, tenant, location_id, title) SELECT id, tenant, location_id, 'Breakfast ' || id FROM item;
INSERT INTO officernd.issues (id, tenant, location_id, title) SELECT id, tenant, location_id, 'Lamp ' || id FROM item;
INSERT INTO officernd.messages (id, tenant, title) SELECT id, tenant, 'Message ' || id FROM item;
INSERT INTO officernd.posts (id, tenant, title) SELECT id, tenant, 'Post ' || id FROM item;
INSERT INTO officernd.contacts (id, tenant, title) SELECT id, tenant, 'Contact ' || id FROM item;
INSERT INTO officernd.benefits (id, tenant, title) SELECT id, tenant, 'Benefit ' || id FROM item;
INSERT INTO officernd.articles (id, tenant, title) SELECT id, tenant, 'Article ' || id FROM item;
INSERT INTO officernd.invoices (id, tenant, location_id, member_id, due_on, status)
SELECT id, tenant, location_id, id, current_date + 14, CASE id WHEN 2 THEN 'paid' WHEN 3 THEN 'void' ELSE 'open' END FROM item;
INSERT INTO officernd.invoice_line_items (id, tenant, invoice_id, text, amount) SELECT id, tenant, id, 'Rent', 200 FROM item;
INSERT INTO officernd.receipts (id, tenant, invoice_id) SELECT id, tenant, id FROM item;
INSERT INTO officernd.plans (id, tenant, name, price) SELECT id, tenant, 'Plan ' || id, 200 FROM item;
INSERT INTO officernd.goods (id, tenant, name, price) SELECT id, tenant, 'Coffee ' || id, 2 FROM item;
INSERT INTO officernd.stores (id, tenant, name) SELECT id, tenant, 'Store ' || id FROM item;
INSERT INTO officernd.rates (id, tenant, name, price) SELECT id, tenant, 'Rate ' || id, 12 FROM item;
INSERT INTO officernd.amenities (id, tenant, name, price) SELECT id, tenant, 'Locker ' || id, 8 FROM item;
INSERT INTO officernd.discounts (id, tenant, name, price) SELECT id, tenant, 'Discount ' || id, -10 FROM item;
INSERT INTO officernd.floors (id, tenant, location_id, name) SELECT id, tenant, location_id, 'Floor ' || id FROM item;
INSERT INTO officernd.resources (id, tenant, location_id, name) SELECT id, tenant, location_id, 'Room ' || id FROM item;
INSERT INTO officernd.bookings (id, tenant, location_id, resource_id, member_id, status)
SELECT id, tenant, location_id, id, id, CASE id WHEN 2 THEN 'cancelled' ELSE 'booked' END FROM item;
INSERT INTO officernd.templates (id, tenant, name) SELECT id, tenant, 'Letter ' || id FROM item;
INSERT INTO officernd.import_tabs SELECT t, e FROM unnest('{hub,rival}'::text[]) t, unnest('{fees,companies,members,memberships,resources}'::text[]) e;
INSERT INTO officernd.imports (tenant, entity, uploaded_by, file) SELECT tenant, entity, 'olga', entity || '.csv' FROM officernd.import_tabs;
DROP TABLE item;

/* ---- the application ---------------------------------------------------------------------------------- */

-- roles belong to the whole server, so this one may be there already
SELECT 'CREATE ROLE officernd_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'officernd_app') \gexec
GRANT USAGE ON SCHEMA officernd TO officernd_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA officernd TO officernd_app;
SELECT ambit.trust_application('officernd_app');

SELECT ambit.protect('officernd.members', tenant => 'tenant', location => 'location_id', client => 'id');
SELECT ambit.protect('officernd.locations', tenant => 'tenant', location => 'id');
SELECT ambit.protect('officernd.' || r, tenant => 'tenant', location => 'location_id')
FROM unnest('{companies,check_ins,fees,contracts,memberships,opportunities,day_passes,events,issues,invoices,floors,resources,bookings}'::text[]) r;
SELECT ambit.protect('officernd.' || r, tenant => 'tenant')
FROM unnest('{attachments,contract_pdfs,credits,payment_details,orders,order_pdfs,messages,posts,contacts,benefits,articles,
	invoice_line_items,receipts,plans,goods,stores,rates,amenities,discounts,templates,import_tabs,imports,exports}'::text[]) r;

/* ---- what is viewed, created, edited, deleted, and nothing more ------------------------------------------ */

/*
 * "The Viewer can see all modules, excluding the Settings one, but can't make any changes."  An entity is seen by its view permission.
 * Edited are the columns that are named; one that is not named here nor below never changes.  What a row below restricts by a condition or a
 * column of its own stands below.
 */
SELECT ambit.add_rule('officernd.' || relation, command, (entity || '.' || action)::ambit.permission,
	columns => CASE command WHEN 'update' THEN columns::name[] END)
FROM (VALUES
	('check_ins', 'community.check_ins', '{view,create,edit}', '{location_id,member_id,at}'),				-- Check-ins | Create, Edit | YES | YES
	('companies', 'community.companies', '{view,edit,delete}', '{location_id,name}'),						-- Company | Create, Edit, Delete, Export | YES | YES
	('members', 'community.members', '{view,edit,delete}', '{location_id,company_id,name,email}'),			-- Members | Create, Edit, Delete, Export | YES | YES
	('fees', 'community.one_off_fees', '{view,delete}', NULL),												-- One-off Fees | Create, Edit, Delete, Export | YES | YES
	('attachments', 'community.attachments', '{view,create,edit,delete}', '{member_id,name}'),				-- Attachments | Create, Edit, Delete | YES | YES
	('contracts', 'community.contracts', '{view}', NULL),													-- Contracts: no row deletes one
	('memberships', 'community.memberships', '{view}', NULL),
	('opportunities', 'community.opportunities', '{view,create,edit,delete}', '{location_id,name,stage}'),	-- Opportunities | Create, Edit, Delete, Export | YES | YES
	('day_passes', 'community.day_passes', '{view,create,edit,delete}', '{location_id,member_id,day}'),		-- Day Passes | Create, Edit, Delete | YES | YES
	('credits', 'community.credits', '{view,create,edit,delete}', '{member_id,hours}'),						-- Credits | Create, Edit, Delete | YES | YES
	('payment_details', 'community.payment_details', '{view,create,delete}', NULL),							-- Payment Details | Create, Delete | YES | YES
	('orders', 'community.orders', '{view}', NULL),
	('events', 'collaboration.events', '{view,create,edit,delete}', '{location_id,title,body}'),			-- Events | Create, Edit, Delete | YES | YES
	('messages', 'collaboration.messages', '{view,create,edit,delete}', '{title,body}'),					-- Messages | Create, Edit, Delete | YES | YES
	('issues', 'collaboration.issues', '{view,edit,delete}', '{location_id,title,body}'),					-- Issues | Edit, Delete | YES | YES
	('posts', 'collaboration.posts', '{view,create,edit,delete}', '{title,body}'),							-- Posts | Create, Edit, Delete | YES | YES
	('contacts', 'collaboration.contacts', '{view}', NULL),													-- Contacts | Export | YES | YES
	('benefits', 'collaboration.benefits', '{view,create,edit,delete}', '{title,body}'),					-- Benefits | Create, Edit, Delete | YES | YES
	('articles', 'collaboration.articles', '{view,create,edit,delete}', '{title,body}'),					-- Articles | Create, Edit, Delete | YES | YES
	('invoices', 'billing.invoices', '{view,delete}', NULL),												-- Invoices | Create, Edit, Delete, Sync, Export, Void, Send | YES | YES
	('invoice_line_items', 'billing.invoice_line_items', '{view,edit}', '{text,amount}'),					-- Invoice Line Items | Edit | YES | YES
	('receipts', 'billing.receipts', '{view,delete}', NULL),												-- Receipts | Generate, Send, Delete | YES | YES
	('plans', 'billing.plans', '{view,edit,delete}', '{name,price}'),										-- Plans | Create, Edit, Delete, Merge, Export | YES | YES
	('goods', 'billing.goods', '{view,create,edit,delete}', '{name,price}'),								-- Goods | Create, Edit, Delete, Export | YES | YES
	('stores', 'billing.stores', '{view,create,edit,delete}', '{name,price}'),								-- Stores | Create, Edit, Delete | YES | YES
	('rates', 'billing.rates', '{view,create,edit,delete}', '{name,price}'),								-- Rates | Create, Edit, Delete, Export | YES | YES
	('amenities', 'billing.amenities', '{view,create,edit,delete}', '{name,price}'),						-- Amenities | Create, Edit, Delete | YES | YES
	('discounts', 'billing.discounts', '{view,create,edit,delete}', '{name,price}'),						-- Discounts | Create, Edit, Delete | YES | YES
	('resources', 'space.resources', '{view,edit,delete}', '{location_id,name,kind}'),						-- Resources | Create, Edit | YES | YES, Delete, Import | NO | YES
	('locations', 'space.locations', '{view,create,edit,delete}', '{name}'),								-- Locations | Create, Edit | YES | YES, Delete | NO | YES
	('floors', 'space.floors', '{view,edit,delete}', '{location_id,name}'),									-- Floors | Create, Edit, Clone | YES | YES, Delete | NO | YES
	('bookings', 'calendar.bookings', '{view,delete}', NULL),												-- Booking | Create, Edit, Delete, Cancel | YES | YES
	('templates', 'settings.templates', '{view,create,edit,delete}', '{name,body}'),						-- Templates | Create, Edit, Delete | NO | NO
	('import_tabs', 'settings.import_tabs', '{view}', NULL)													-- "it would still see all import tabs"
) v (relation, entity, actions, columns), unnest(actions::text[]) action,
	LATERAL (SELECT CASE action WHEN 'view' THEN 'select' WHEN 'create' THEN 'insert' WHEN 'edit' THEN 'update' ELSE action END) c (command);

-- "I want to allow him to make edits to the templates": who may edit or delete one sees them
SELECT ambit.add_rule('officernd.templates', 'select', 'settings.templates.edit');
SELECT ambit.add_rule('officernd.templates', 'select', 'settings.templates.delete');

/* ---- community ----------------------------------------------------------------------------------------------- */

-- Community | Company | Merge, Import | NO | YES: one that came from a file, and one that becomes part of another
SELECT ambit.add_rule('officernd.companies', 'insert', 'community.companies.create', "when" => $$source = 'form' AND merged_into IS NULL$$);
SELECT ambit.add_rule('officernd.companies', 'insert', 'community.companies.import', "when" => $$source = 'csv' AND merged_into IS NULL$$);
SELECT ambit.add_rule('officernd.companies', 'update', 'community.companies.merge', columns => '{merged_into}');

-- Community | Members | Merge, Import | NO | YES
SELECT ambit.add_rule('officernd.members', 'insert', 'community.members.create', "when" => $$source = 'form' AND merged_into IS NULL$$);
SELECT ambit.add_rule('officernd.members', 'insert', 'community.members.import', "when" => $$source = 'csv' AND merged_into IS NULL$$);
SELECT ambit.add_rule('officernd.members', 'update', 'community.members.merge', columns => '{merged_into}');

-- Community | One-off Fees | Approve, Import | NO | YES: none is approved from the start without it, imported or not; what was approved stays what it was
SELECT ambit.add_rule('officernd.fees', 'insert', 'community.one_off_fees.create', "when" => $$source = 'form'$$);
SELECT ambit.add_rule('officernd.fees', 'insert', 'community.one_off_fees.import', "when" => $$source = 'csv'$$);
SELECT ambit.add_rule('officernd.fees', 'update', 'community.one_off_fees.edit', columns => '{location_id,member_id,name,amount}', "when" => $$status = 'pending'$$);
SELECT ambit.add_rule('officernd.fees', 'update', 'community.one_off_fees.approve', columns => '{status}', becomes => 'approved');

-- Community | Contracts | Create, Edit, Send For eSign, Mark As Signed, Serve Notice, Terminate, Generate PDF, Preview PDF, Export | YES | YES:
-- a draft is edited; what is approved is sent and signed; notice is served of what is signed; it ends after that or without
SELECT ambit.add_rule('officernd.contracts', 'insert', 'community.contracts.create', "when" => $$status = 'draft'$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.edit', columns => '{location_id,company_id,body,starts_on,ends_on}', "when" => $$status = 'draft'$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.send_for_esign', columns => '{status}', becomes => 'sent', "when" => $$status IN ('approved', 'sent')$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.mark_as_signed', columns => '{status}', becomes => 'signed', "when" => $$status IN ('approved', 'sent', 'signed')$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.serve_notice', columns => '{status}', becomes => 'notice', "when" => $$status IN ('signed', 'notice')$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.serve_notice', columns => '{notice_on}', "when" => $$status = 'notice'$$, checks => 'new');
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.terminate', columns => '{status}', becomes => 'terminated', "when" => $$status IN ('signed', 'notice', 'terminated')$$);
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.terminate', columns => '{ends_on}', "when" => $$status = 'terminated'$$, checks => 'new');
SELECT ambit.add_rule('officernd.contract_pdfs', 'insert', 'community.contracts.generate_pdf', "when" => 'NOT preview');
SELECT ambit.add_rule('officernd.contract_pdfs', 'insert', 'community.contracts.preview_pdf', "when" => 'preview');

-- Community | Contracts | Add & Approve | NO | YES: one that is approved when it is added, and a draft
SELECT ambit.add_rule('officernd.contracts', 'insert', 'community.contracts.add_and_approve', columns => '{status}', becomes => 'approved');
SELECT ambit.add_rule('officernd.contracts', 'update', 'community.contracts.add_and_approve', columns => '{status}', becomes => 'approved', "when" => $$status IN ('draft', 'approved')$$);

-- Community | Memberships | Create, Edit, Delete, Assign | YES | YES: a membership is created for nobody and assigned
SELECT ambit.add_rule('officernd.memberships', 'insert', 'community.memberships.create', "when" => $$source = 'form' AND member_id IS NULL AND NOT locked$$);
SELECT ambit.add_rule('officernd.memberships', 'update', 'community.memberships.edit', columns => '{location_id,name,price}', "when" => $$status = 'pending' AND NOT locked$$);
SELECT ambit.add_rule('officernd.memberships', 'update', 'community.memberships.assign', columns => '{member_id}', "when" => 'NOT locked');
SELECT ambit.add_rule('officernd.memberships', 'delete', 'community.memberships.delete', "when" => 'NOT locked');

-- Community | Memberships | Approve | YES | YES
SELECT ambit.add_rule('officernd.memberships', 'update', 'community.memberships.approve', columns => '{status}', becomes => 'approved', "when" => 'NOT locked');

-- Community | Memberships | Lock, Import | NO | YES: who locks unlocks
SELECT ambit.add_rule('officernd.memberships', 'update', 'community.memberships.lock', columns => '{locked}');
SELECT ambit.add_rule('officernd.memberships', 'insert', 'community.memberships.import', "when" => $$source = 'csv' AND NOT locked$$);

-- Community | Orders | Create, Change Status, Generate PDF, Export | YES | YES
SELECT ambit.add_rule('officernd.orders', 'insert', 'community.orders.create', "when" => $$status = 'new'$$);
SELECT ambit.add_rule('officernd.orders', 'update', 'community.orders.change_status', columns => '{status}');
SELECT ambit.add_rule('officernd.order_pdfs', 'insert', 'community.orders.generate_pdf');

/* ---- billing, space, calendar ----------------------------------------------------------------------------------- */

-- Billing | Invoices | Create, Edit, Delete, Sync, Export, Void, Send | YES | YES: an open one is edited and voided, none is paid by hand
SELECT ambit.add_rule('officernd.invoices', 'insert', 'billing.invoices.create', "when" => $$status = 'open' AND synced_at IS NULL AND sent_at IS NULL$$);
SELECT ambit.add_rule('officernd.invoices', 'update', 'billing.invoices.edit', columns => '{location_id,member_id,due_on,note}', "when" => $$status = 'open'$$);
SELECT ambit.add_rule('officernd.invoices', 'update', 'billing.invoices.void', columns => '{status}', becomes => 'void', "when" => $$status IN ('open', 'void')$$);
SELECT ambit.add_rule('officernd.invoices', 'update', 'billing.invoices.sync', columns => '{synced_at}');
SELECT ambit.add_rule('officernd.invoices', 'update', 'billing.invoices.send', columns => '{sent_at}');

-- Billing | Receipts | Generate, Send, Delete | YES | YES
SELECT ambit.add_rule('officernd.receipts', 'insert', 'billing.receipts.generate', "when" => 'sent_at IS NULL');
SELECT ambit.add_rule('officernd.receipts', 'update', 'billing.receipts.send', columns => '{sent_at}');

-- Billing | Plans | Create, Edit, Delete, Merge, Export | YES | YES
SELECT ambit.add_rule('officernd.plans', 'insert', 'billing.plans.create', "when" => 'merged_into IS NULL');
SELECT ambit.add_rule('officernd.plans', 'update', 'billing.plans.merge', columns => '{merged_into}');

-- Space | Resources | Create, Edit | YES | YES, Delete, Import | NO | YES
SELECT ambit.add_rule('officernd.resources', 'insert', 'space.resources.create', "when" => $$source = 'form'$$);
SELECT ambit.add_rule('officernd.resources', 'insert', 'space.resources.import', "when" => $$source = 'csv'$$);

-- Space | Floors | Create, Edit, Clone | YES | YES
SELECT ambit.add_rule('officernd.floors', 'insert', 'space.floors.create', "when" => 'clone_of IS NULL');
SELECT ambit.add_rule('officernd.floors', 'insert', 'space.floors.clone', "when" => 'clone_of IS NOT NULL');

-- Calendar | Booking | Create, Edit, Delete, Cancel | YES | YES: what was cancelled is not edited, and none is taken back
SELECT ambit.add_rule('officernd.bookings', 'insert', 'calendar.bookings.create', "when" => $$status = 'booked'$$);
SELECT ambit.add_rule('officernd.bookings', 'update', 'calendar.bookings.edit', columns => '{location_id,resource_id,member_id,starts_at}', "when" => $$status = 'booked'$$);
SELECT ambit.add_rule('officernd.bookings', 'update', 'calendar.bookings.cancel', columns => '{status}', becomes => 'cancelled');

/* ---- exports and imports -------------------------------------------------------------------------------------------- */

-- Export, of each entity that has it, in nobody else's name
SELECT ambit.add_rule('officernd.exports', 'insert', (entity || '.export')::ambit.permission,
	"when" => format('entity = %L AND requested_by = ambit.current_user_id()', split_part(entity, '.', 2)))
FROM unnest('{community.one_off_fees,community.companies,community.members,community.contracts,community.opportunities,community.orders,
	collaboration.contacts,billing.invoices,billing.plans,billing.goods,billing.rates}'::text[]) entity;

-- "they will see the Upload CSV button and previous imports history only for the entities they have permissions for": the history of everybody,
-- and uploads in nobody else's name
SELECT ambit.add_rule('officernd.imports', command, permission::ambit.permission,
	"when" => format('entity = %L', entity) || CASE command WHEN 'insert' THEN ' AND uploaded_by = ambit.current_user_id()' ELSE '' END)
FROM (VALUES ('fees', 'community.one_off_fees.import'), ('companies', 'community.companies.import'), ('members', 'community.members.import'),
	('memberships', 'community.memberships.import'), ('resources', 'space.resources.import')) v (entity, permission), unnest('{select,insert}'::text[]) command;
\o
