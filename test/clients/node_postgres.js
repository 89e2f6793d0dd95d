/*
 * node_postgres.js
 *		node-postgres: login, list, page, write, denied writes, errors, retries
 *		after 40001, and statements that the driver prepares by name.  Speaks TAP.
 */
'use strict';
const { Client, Pool } = require('pg');
const { people, token, ok, is, done } = require('./school');

const pool = new Pool({ max: 2 });

// Does work(client) in a transaction of the token's holder, and again when PostgreSQL asks for that.
async function as(token, work, begin = 'BEGIN') {
	for (let attempt = 1; ; attempt++) {
		const client = await pool.connect();
		try {
			await client.query(begin);
			await client.query('SELECT ambit.login($1)', [token]);
			const result = await work(client);
			await client.query('COMMIT');
			return result;
		} catch (error) {
			await client.query('ROLLBACK');
			if (!['40001', '40P01'].includes(error.code) || attempt === 5)
				throw error;
		} finally {
			client.release();
		}
	}
}

// What a web server answers.
const status = (error) => ({ '28000': 401, '42501': 403, '40001': 503, '40P01': 503, '57014': 504 })[error.code] ?? 500;

const person = (name) => people.find((p) => `${p.tenant}:${p.user}` === name);
const ids = (rows) => rows.map((row) => Number(row.id));

// the status of what must fail
async function failure(name, work) {
	try {
		await as(typeof name === 'string' ? token(person(name)) : name.token, work);
		return 200;
	} catch (error) {
		return status(error);
	}
}

async function main() {
	for (const p of people) {
		const { rows } = await as(token(p), (client) => client.query('SELECT id FROM app.lessons ORDER BY starts_at'));
		is(ids(rows), p.lessons, `list: ${p.tenant}:${p.user}`);
	}
	is((await pool.query('SELECT id FROM app.lessons')).rows, [], 'list: nobody, on a connection that others had');

	const tom = token(person('allegro:tom'));
	const page = await as(tom, (client) => client.query('SELECT id, starts_at FROM app.lessons ORDER BY starts_at, id LIMIT $1', [10]));
	is(ids(page.rows), person('allegro:tom').lessons.slice(0, 10), 'page: the first');
	const last = page.rows[9];
	const next = await as(tom, (client) => client.query('SELECT id FROM app.lessons WHERE (starts_at, id) > ($1, $2) ORDER BY starts_at, id LIMIT $3', [last.starts_at, last.id, 10]));
	is(ids(next.rows), person('allegro:tom').lessons.slice(10, 20), 'page: the next, by its key');

	const move = (id) => (client) => client.query("UPDATE app.lessons SET starts_at = starts_at + interval '5 minutes' WHERE id = $1", [id]);
	is((await as(tom, move(0))).rowCount, 1, "write: a teacher moves a lesson");
	is((await as(tom, move(1))).rowCount, 0, "write: another's lesson is not there");
	const book = (school) => (client) => client.query("INSERT INTO app.lessons (school, teacher, student, starts_at) VALUES ($1, 7, 1, '2031-01-01') RETURNING id", [school]);
	const { rows: [booked] } = await as(token(person('allegro:olga')), book('allegro'));
	ok(Number(booked.id) >= 10000, 'write: the desk books');
	is((await as(token(person('allegro:olga')), (client) => client.query('DELETE FROM app.lessons WHERE id = $1', [booked.id]))).rowCount, 1, 'write: the desk deletes');

	is(await failure('allegro:tom', book('allegro')), 403, 'denied: a teacher books');
	is(await failure('allegro:olga', book('brio')), 403, 'denied: the desk books in another school');
	is(await failure('allegro:tom', (client) => client.query("UPDATE app.lessons SET status = 'cancelled' WHERE id = 0")), 403, 'denied: a teacher cancels');
	is(await failure({ token: token(person('allegro:tom'), { seconds: -1 }) }, move(0)), 401, 'refused: an expired token');
	is(await failure({ token: token(person('allegro:tom'), { key: 'another-secret-of-32-bytes-or-more' }) }, move(0)), 401, 'refused: signed by somebody else');
	is(await failure({ token: token({ tenant: 'allegro', user: 'mallory' }) }, move(0)), 401, 'refused: no member');
	is(await failure({ token: 'nonsense' }, move(0)), 401, 'refused: no token at all');
	is(await failure('allegro:tom', (client) => client.query('SELECT 1/0')), 500, 'an error of another kind');

	// The first try has read the counter before the other session changed it.
	let tries = 0;
	const increment = async (client) => {
		const { rows: [{ n }] } = await client.query('SELECT n FROM app.counters WHERE teacher = 7');
		if (++tries === 1)
			await as(token(person('allegro:olga')), (other) => other.query('UPDATE app.counters SET n = n + 10 WHERE teacher = 7'));
		return (await client.query('UPDATE app.counters SET n = $1 WHERE teacher = 7 RETURNING n', [Number(n) + 1])).rows[0].n;
	};
	is(await as(tom, increment, 'BEGIN ISOLATION LEVEL REPEATABLE READ'), '11', 'retry: nothing is lost');
	is(tries, 2, 'retry: after one 40001');

	// One connection that keeps a named statement, for one person after the other.
	const client = new Client();
	await client.connect();
	const statement = { name: 'lessons', text: 'SELECT id FROM app.lessons WHERE starts_at >= $1 ORDER BY starts_at' };
	let right = 0;
	for (let i = 0; i < 160; i++) {
		const p = people[i * 7 % 16];
		await client.query('BEGIN');
		await client.query("SELECT set_config('ambit.token', $1, true)", [token(p)]);
		const { rows } = await client.query({ ...statement, values: ['2030-01-01'] });
		right += JSON.stringify(ids(rows)) === JSON.stringify(p.lessons);
		await client.query('COMMIT');
	}
	is(right, 160, 'a named statement: everybody has their own rows');
	const { rows: [kept] } = await client.query("SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name = 'lessons'");
	is(kept.n, 1, 'a named statement: it was prepared');

	// Rights that change shape between two runs in one transaction: 40001 once, then what holds now.
	const admin = new Client({ user: process.env.ADMIN });
	await admin.connect();
	const seen = [];
	for (let attempt = 1; attempt <= 2; attempt++) {
		try {
			await client.query('BEGIN');
			await client.query('SELECT ambit.login($1)', [token(person('brio:ben'))]);
			seen.push((await client.query({ ...statement, values: ['2030-01-01'] })).rows.length);
			if (attempt === 1)
				await admin.query("SELECT ambit.change_role('brio', 'ben', 'student', 'desk')");
			seen.push((await client.query({ ...statement, values: ['2030-01-01'] })).rows.length);
			await client.query('COMMIT');
		} catch (error) {
			seen.push(error.code);
			await client.query('ROLLBACK');
		}
	}
	is(seen, [5, '40001', 120, 120], 'a named statement: rights change under it');
	await admin.end();
	await client.end();
	await pool.end();
	done();
}

main().catch((error) => {
	console.log(`Bail out! ${error.stack}`);
	process.exit(1);
});
