-- Relationships at scale, in the database of booking.sql: cards of clients, of
-- which limited staff see those of the clients whom they ever visited.  psql
-- variables: cards, how many; t, their tenant; first, the id of the first of
-- three members of staff, who visited 10 clients, a tenth of them, and all.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET synchronous_commit = off;
CREATE TABLE by_hand.visits (
	tenant_id bigint NOT NULL,
	staff_id bigint NOT NULL,
	client_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, staff_id, client_id)
);
INSERT INTO by_hand.visits SELECT :t, :first + n, c * (:cards / visited) FROM unnest(ARRAY[10, :cards / 10, :cards]) WITH ORDINALITY v (visited, ordinality), LATERAL (SELECT ordinality - 1) o (n), generate_series(1, visited) c;
CREATE TABLE by_hand.cards (
	id bigint PRIMARY KEY,
	tenant_id bigint NOT NULL,
	client_id bigint NOT NULL,
	made_at timestamptz NOT NULL,
	points integer NOT NULL
);
INSERT INTO by_hand.cards SELECT c, :t, c, now() - c * interval '1 minute', c % 100 FROM generate_series(1, :cards) c;
CREATE TABLE by_ambit.cards (LIKE by_hand.cards INCLUDING ALL);
INSERT INTO by_ambit.cards TABLE by_hand.cards;
CREATE INDEX ON by_hand.cards (tenant_id, client_id);
CREATE INDEX ON by_hand.cards (tenant_id, made_at);
CREATE INDEX ON by_ambit.cards (tenant_id, client_id);
CREATE INDEX ON by_ambit.cards (tenant_id, made_at);
SELECT ambit.bind_relationship('visited', 'SELECT tenant_id AS tenant, staff_id AS subject, client_id AS object FROM by_hand.visits') AS nothing \gset
SELECT ambit.protect('by_ambit.cards', tenant => 'tenant_id', client => 'client_id') AS nothing, ambit.add_rule('by_ambit.cards', 'select', 'bench.cards.view') AS nothing2 \gset
GRANT SELECT ON by_hand.cards, by_hand.visits TO bench_hand;
GRANT SELECT ON by_ambit.cards TO bench_ambit;
VACUUM ANALYZE by_hand.cards, by_hand.visits, by_ambit.cards;
