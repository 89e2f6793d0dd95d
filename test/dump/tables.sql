-- tables.sql: the tables of ambit that a dump leaves out, or that are empty in the
-- database at hand: what a dump of it says nothing about.
SELECT 'not dumped', c.relname
FROM pg_class c
WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind = 'r' AND c.relname <> 'signal'
	AND c.oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'ambit')::oid[])
UNION ALL
SELECT 'empty', c.relname
FROM pg_extension e, unnest(e.extconfig, e.extcondition) x (oid, condition), pg_class c
WHERE e.extname = 'ambit' AND c.oid = x.oid AND c.relkind = 'r'
	AND (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM ambit.%I %s', c.relname, x.condition), false, true, '')))[1]::text = '0';
