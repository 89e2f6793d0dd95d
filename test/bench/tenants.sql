-- With many tenants and members: hot questions, and the memory of a backend that
-- has served many.  psql variable: served, how many.  Run by test/bench/tenants.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET client_min_messages = warning;
\set permission bench.m2.p44
\ir compare.sql

BEGIN;
SELECT ambit.assume('tenant-7', 'user-2') AS nothing \gset
SELECT * FROM pg_temp.compare('has_permission(), 2,000,000 hot calls against a C function that returns a constant', 45,
	:'constant', :'asked', :'baseline', 'bench_app');
ROLLBACK;

CREATE TEMP TABLE who AS SELECT tenant, user_id FROM ambit.member ORDER BY hashtext(tenant || user_id) LIMIT :served;
CREATE TEMP VIEW memory AS
	SELECT sum(total_bytes) FILTER (WHERE name IN ('ambit rights', 'ambit rights table', 'ambit rights entry', 'ambit role')) AS rights,
		sum(total_bytes) FILTER (WHERE name <> 'LocalBufferContext') AS everything
	FROM pg_backend_memory_contexts;
SELECT ambit.has_permission(tenant, user_id, 'bench.m2.p44') AS nothing FROM who LIMIT 1 \gset
SELECT everything AS before, clock_timestamp() AS begun FROM memory \gset
SELECT count(*) AS asked, count(*) FILTER (WHERE ambit.has_permission(tenant, user_id, 'bench.m2.p44')) AS held FROM who \gset
SELECT :asked AS "members served", round(extract(epoch FROM clock_timestamp() - :'begun') * 1e6 / :asked) AS "µs each", current_setting('ambit.cache_size') AS "ambit.cache_size",
	pg_size_pretty(rights) AS "compiled rights", pg_size_pretty(everything - :before) AS "the backend grew by"
FROM memory;
