-- Gives the tables of by_ambit the statistics of those of by_hand: the rows are
-- the same, and two samples of them would now and then have two plans.  Part of
-- booking.sql.
SELECT h.relname AS relation, h.oid AS hand, a.oid AS ambit
INTO TEMP pair
FROM pg_class h JOIN pg_class a USING (relname)
WHERE h.relnamespace = 'by_hand'::regnamespace AND a.relnamespace = 'by_ambit'::regnamespace AND h.relkind = 'r';
DELETE FROM pg_statistic s USING pair WHERE s.starelid = pair.ambit;
DELETE FROM pg_statistic_ext_data d USING pg_statistic_ext s, pair WHERE d.stxoid = s.oid AND s.stxrelid = pair.ambit;
SELECT format('INSERT INTO pg_statistic SELECT ambit, %s FROM pg_statistic JOIN pair ON starelid = hand', string_agg(attname, ', ' ORDER BY attnum))
FROM pg_attribute WHERE attrelid = 'pg_statistic'::regclass AND attnum > 1 \gexec
SELECT format('INSERT INTO pg_statistic_ext_data SELECT a.oid, %s FROM pg_statistic_ext_data d JOIN pg_statistic_ext h ON h.oid = d.stxoid JOIN pair ON hand = h.stxrelid '
	'JOIN pg_statistic_ext a ON a.stxrelid = ambit AND a.stxname = h.stxname', string_agg('d.' || attname, ', ' ORDER BY attnum))
FROM pg_attribute WHERE attrelid = 'pg_statistic_ext_data'::regclass AND attnum > 1 \gexec
UPDATE pg_class a SET relpages = h.relpages, reltuples = h.reltuples, relallvisible = h.relallvisible
FROM pg_class h
WHERE h.relname = a.relname AND h.relnamespace = 'by_hand'::regnamespace AND a.relnamespace = 'by_ambit'::regnamespace;
DROP TABLE pair;
