/*
 * pooler.js TRANSACTIONS [SEED]
 *		64 clients of 16 people in 3 tenants, and of nobody, on the 4 server
 *		connections of a pooler in transaction mode.  Each row that comes back is
 *		checked against the person who asked, each list against what schema.sql
 *		says.  Speaks TAP.
 *
 * A transaction is of one of the kinds below, for a person chosen anew each time.
 * What each does follows from the seed, how they mesh does not.  Server
 * connections keep prepared statements and the plans of functions from one person
 * to the next; errors, cancels, timeouts and clients that vanish come in between.
 */
'use strict';
const fs = require('fs');
const { Client, Query } = require('pg');
const { lessons, people, reaches, token, ok, is, done } = require('./school');

const wanted = Number(process.argv[2]);
const seed = Number(process.argv[3] || 1);
const clients = 64;

const pooled = { host: process.env.POOLER_HOST, port: Number(process.env.POOLER_PORT), database: process.env.PGDATABASE, user: process.env.PGUSER };
const direct = { database: process.env.PGDATABASE, user: process.env.ADMIN };

const counts = {};				// of what happened, by name
const wrong = [];				// what should not have
const increments = {};			// of app.counters, by school
const backends = new Set();		// process ids of server connections
const prepared = new Map();		// who prepared a statement on a server connection

function count(what, n = 1) {
	counts[what] = (counts[what] || 0) + n;
}

function say(person) {
	return person === null ? 'nobody' : `${person.tenant}:${person.user}`;
}

function complain(kind, person, what) {
	if (wrong.push(`${kind}, ${say(person)}: ${what}`) === 1)
		console.log(`# ${wrong[0]}`);
}

/* mulberry32: the same numbers for the same seed */
function generator(state) {
	return () => {
		state = (state + 0x6D2B79F5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

/* ---- tokens ---------------------------------------------------------------- */

const keys = {
	rs: { kid: 'rs', algorithm: 'RS256', key: fs.readFileSync(`${process.env.AMBIT_KEYS}/rs.key`) },
	es: { kid: 'es', algorithm: 'ES256', key: fs.readFileSync(`${process.env.AMBIT_KEYS}/es.key`) },
};
for (const person of people)
	person.tokens = [token(person), token(person, keys.rs), token(person, keys.es)];

let serial = 0;

// one of a person's tokens, or a new one that no backend has seen
function tokenOf(person, random) {
	return random() < 0.2 ? token(person, { jti: `t${serial++}` }) : person.tokens[Math.floor(random() * 3)];
}

const refused = {
	expired: (person) => token(person, { seconds: -5 }),
	forged: (person) => person.tokens[0].replace(/[^.]+$/, (s) => s.slice(0, 10) + (s[10] === 'A' ? 'B' : 'A') + s.slice(11)),
	'of an unknown key': (person) => token(person, { kid: 'other' }),
	'signed by another secret': (person) => token(person, { key: 'x'.repeat(40) }),
	'with another person put in': (person, random) => {
		const parts = person.tokens[0].split('.');
		const other = people[(people.indexOf(person) + 1 + Math.floor(random() * 15)) % 16];
		return [parts[0], other.tokens[0].split('.')[1], parts[2]].join('.');
	},
	'without a signature': (person) => token(person, { algorithm: 'HS256' }).replace(/^[^.]+/, Buffer.from('{"alg":"none","kid":"hs"}').toString('base64url')).replace(/[^.]+$/, ''),
};

/* ---- one client ------------------------------------------------------------- */

class Seat {
	constructor(number) {
		this.number = number;
		this.serial = 0;
		this.client = null;
	}

	async connect() {
		this.client = new Client(pooled);
		this.client.on('error', () => {});
		await this.client.connect();
	}

	/* The socket goes away, whatever is going on on it; then a new one. */
	async vanish(what) {
		this.client.connection.stream.destroy();
		count(`clients dropped ${what}`);
		await this.connect();
	}

	pick(list) {
		return list[Math.floor(this.random() * list.length)];
	}

	/* By the extended protocol where there are values, else the simple one. */
	async query(text, values) {
		return (await this.client.query(text, values)).rows;
	}

	/* One of the ways to say who one is. */
	async login(person) {
		const t = tokenOf(person, this.random);
		switch (Math.floor(this.random() * 3)) {
			case 0: return this.query('SELECT ambit.login($1)', [t]);
			case 1: return this.query(`SET LOCAL ambit.token = '${t}'`);
			default: return this.query("SELECT set_config('ambit.token', $1, true)", [t]);
		}
	}

	async begin(person, how = 'BEGIN') {
		await this.query(how);
		if (person !== null)
			await this.login(person);
	}

	/* What fails must fail with this SQLSTATE; true when it did. */
	async fails(kind, person, code, text, values) {
		try {
			await this.query(text, values);
		} catch (error) {
			if (error.code === code)
				return true;
			throw error;
		}
		complain(kind, person, `no error ${code}: ${text}`);
		return false;
	}

	/* A whole list of lessons is just this person's. */
	checkLessons(kind, person, rows, want = person === null ? [] : person.lessons) {
		for (const row of rows) {
			count('rows checked');
			if (!reaches(person, row))
				complain(kind, person, `a row of another: ${JSON.stringify(row)}`);
		}
		const have = rows.map((row) => Number(row.id)).join();
		if (have !== want.join())
			complain(kind, person, `have ${have}, want ${want.join()}`);
	}

	async list(kind, person) {
		this.checkLessons(kind, person, await this.query(lessonList));
	}

	checkNotes(kind, person, rows) {
		for (const { school, author } of rows) {
			count('rows checked');
			if (!reaches(person, { school, teacher: author }))
				complain(kind, person, `a note of ${school}:${author}`);
		}
	}

	/* Whoever had this server connection before: nothing is left of them. */
	async sees_nothing(kind) {
		const [row] = await this.query(`SELECT ambit.current_tenant() AS tenant, ambit.current_user_id() AS person, (SELECT count(*) FROM app.lessons)
			+ (SELECT count(*) FROM app.notes) + (SELECT count(*) FROM app.students) AS n, ambit.has_permission('lessons.view') AS may`);
		count('looks without a login');
		if (row.tenant !== null || row.person !== null || row.n !== '0' || row.may !== false)
			complain(kind, null, JSON.stringify(row));
	}

	/* One transaction of a random kind; again after 40001. */
	async transaction() {
		this.random = generator(Math.imul(seed, 0x9E3779B1) + this.serial++ * clients + this.number);
		let choice = this.random() * weights;
		const kind = Object.keys(kinds).find((k) => (choice -= kinds[k][0]) < 0);
		const person = this.pick(people);

		for (;;) {
			try {
				await kinds[kind][1].call(this, person, kind);
				break;
			} catch (error) {
				await this.query('ROLLBACK');
				// 57014: a cancel that reaches the server late finds whoever has the connection by then
				if (!['40001', '40P01', '57014'].includes(error.code))
					throw new Error(`${kind}, ${say(person)}: ${error.code} ${error.message}`);
				count(`retries after ${error.code}`);
			}
		}
		count('transactions');
		count(`kind ${kind}`);
	}
}

/* ---- kinds of transactions, each with its weight ---------------------------- */

const lessonList = 'SELECT id, school, teacher, student FROM app.lessons ORDER BY starts_at, id';
const lessonPage = 'SELECT id, school, teacher, student FROM app.lessons WHERE starts_at >= $1 ORDER BY starts_at, id LIMIT $2 OFFSET $3';
const slow = 'SELECT id, school, teacher, student, pg_sleep(0.02)::text FROM app.lessons';

const kinds = {
	async page(person, kind) {
		const offset = Math.floor(this.random() * 20);

		await this.begin(person);
		this.checkLessons(kind, person, await this.query(lessonPage, ['2030-01-07', 10, offset]), person.lessons.slice(offset, offset + 10));
		const [{ n }] = await this.query('SELECT count(*)::int AS n FROM app.lessons WHERE status = $1', ['booked']);
		if (n !== person.lessons.length)
			complain(kind, person, `counts ${n}`);
		await this.query('COMMIT');
	},

	async 'one message'(person, kind) {
		const results = await this.client.query(`BEGIN; SET LOCAL ambit.token = '${tokenOf(person, this.random)}'; ${lessonList}; SELECT ambit.current_user_id() AS user, pg_backend_pid() AS pid; COMMIT`);

		this.checkLessons(kind, person, results[2].rows);
		if (results[3].rows[0].user !== person.user)
			complain(kind, person, `is ${results[3].rows[0].user}`);
		backends.add(results[3].rows[0].pid);
	},

	async join(person, kind) {
		await this.begin(person);
		this.checkLessons(kind, person, (await this.query(`SELECT l.id, l.school, l.teacher, l.student, s.school AS other FROM app.lessons l
			JOIN app.students s ON s.id = l.student WHERE l.status = $1 ORDER BY l.starts_at, l.id`, ['booked'])));
		await this.query('COMMIT');
	},

	/* PREPARE is left on the server connection, for whoever comes next. */
	async prepared(person, kind) {
		const name = this.pick(['list', 'page', 'own']);
		const texts = {
			list: lessonList, page: lessonPage.replace('$3', '0'),
			own: 'SELECT l.id, l.school, l.teacher, l.student FROM app.lessons l JOIN app.students s ON s.id = l.student ORDER BY l.starts_at, l.id',
		};

		await this.begin(person);
		if (this.random() < 0.5)
			await this.query("SET LOCAL plan_cache_mode = 'force_generic_plan'");
		const [{ pid, there }] = await this.query('SELECT pg_backend_pid() AS pid, (SELECT count(*)::int FROM pg_prepared_statements WHERE name = $1) AS there', [name]);
		if (!there) {
			await this.query(`PREPARE ${name}${name === 'page' ? '(timestamptz, bigint)' : ''} AS ${texts[name]}`);
			prepared.set(`${pid} ${name}`, person);
			count('PREPARE');
		}
		const rows = await this.query(`EXECUTE ${name}${name === 'page' ? "('2030-01-07', 10)" : ''}`);
		if (prepared.get(`${pid} ${name}`) !== person)
			count('EXECUTE of what another prepared');
		this.checkLessons(kind, person, rows, name === 'page' ? person.lessons.slice(0, 10) : person.lessons);
		await this.query('COMMIT');
	},

	async 'function'(person, kind) {
		await this.begin(person);
		const [{ ids }] = await this.query('SELECT app.lesson_ids() AS ids');
		this.checkLessons(kind, person, ids.map((id) => lessons.find((l) => l.id === Number(id))));
		await this.query('COMMIT');
	},

	async cursor(person, kind) {
		await this.begin(person);
		await this.query(`DECLARE c CURSOR FOR ${lessonList}`);
		const rows = [...await this.query('FETCH 3 FROM c'), ...await this.query('FETCH 7 FROM c')];
		this.checkLessons(kind, person, rows, person.lessons.slice(0, 10));
		await this.query('COMMIT');
	},

	async savepoint(person, kind) {
		const other = this.pick(people);

		await this.begin(person);
		await this.query('SAVEPOINT s');
		await this.login(other);
		await this.list(kind, other);
		await this.query('ROLLBACK TO s');
		await this.list(kind, person);
		await this.fails(kind, person, '22012', 'SELECT 1 / (count(*) - count(*)) FROM app.lessons');
		await this.query('ROLLBACK TO s');
		await this.list(kind, person);
		if (await this.fails(kind, person, '28000', 'SELECT ambit.login($1)', [refused.forged(other)]))
			count('tokens refused in a savepoint');
		await this.query('ROLLBACK TO s');
		await this.list(kind, person);
		await this.query('COMMIT');
		count('savepoints rolled back', 3);
	},

	async 'two in turn'(person, kind) {
		const other = this.pick(people);

		await this.begin(person);
		await this.list(kind, person);
		await this.login(other);
		await this.list(kind, other);
		await this.query('COMMIT');
	},

	async write(person, kind) {
		const author = person.role === 'desk' ? 7 : person.key;

		await this.begin(person);
		if (person.role === 'student') {
			if (await this.fails(kind, person, '42501', 'INSERT INTO app.notes (school, author, body) VALUES ($1, 7, $2)', [person.tenant, 'x']))
				count('writes denied');
			await this.query('ROLLBACK');
			return;
		}
		const [{ id }] = await this.query('INSERT INTO app.notes (school, author, body) VALUES ($1, $2, $3) RETURNING id', [person.tenant, author, 'x']);
		this.checkNotes(kind, person, await this.query('SELECT school, author FROM app.notes'));
		this.checkNotes(kind, person, await this.query("UPDATE app.notes SET body = body || 'x' WHERE id = $1 OR id = $2 RETURNING school, author", [id, id - 1]));
		this.checkNotes(kind, person, await this.query('DELETE FROM app.notes WHERE id > 9 AND id <= $1 AND id > $1 - 3 RETURNING school, author', [id]));
		await this.query('COMMIT');
		count('rows written');
	},

	async denied(person, kind) {
		const other = this.pick(people.filter((p) => p.tenant !== person.tenant));

		await this.begin(person);
		await this.query('SAVEPOINT s');
		const n = await this.query('UPDATE app.lessons SET starts_at = now() WHERE school = $1 RETURNING id', [other.tenant]).then((rows) => rows.length, (error) => {
			if (error.code !== '42501')
				throw error;
			return 0;
		});
		if (n !== 0)
			complain(kind, person, `changed ${n} lessons of ${other.tenant}`);
		await this.query('ROLLBACK TO s');
		if (await this.fails(kind, person, '42501', 'INSERT INTO app.notes (school, author, body) VALUES ($1, $2, $3)', [other.tenant, 7, 'x']))
			count('writes denied');
		await this.query('ROLLBACK');
	},

	async error(person, kind) {
		await this.begin(person);
		if (await this.fails(kind, person, '22012', 'SELECT 1 / (count(*) - count(*)) FROM app.lessons'))
			count('errors');
		if (await this.fails(kind, person, '25P02', lessonList))
			await this.query('ROLLBACK');
		await this.sees_nothing(kind);
	},

	/* The pooler sends the cancel to the server connection that has the query. */
	async cancel(person, kind) {
		await this.begin(person);
		const run = this.client.query(new Query(slow));
		const end = new Promise((resolve) => {
			run.on('error', resolve);
			run.on('end', () => resolve(null));
			run.on('row', (row) => reaches(person, row) || complain(kind, person, JSON.stringify(row)));
		});
		await new Promise((resolve) => setTimeout(resolve, 5 + this.random() * 10));
		const messenger = new Client(pooled);
		messenger.connection.on('error', () => {});
		messenger.cancel(this.client, run);
		const error = await end;
		if (error === null)
			count('cancels that came late');
		else if (error.code === '57014')
			count('queries cancelled');
		else
			throw error;
		await this.query('ROLLBACK');
	},

	async timeout(person, kind) {
		await this.begin(person);
		await this.query("SET LOCAL statement_timeout = '5ms'");
		if (await this.fails(kind, person, '57014', slow))
			count('statement timeouts');
		await this.query('ROLLBACK');
		await this.sees_nothing(kind);
	},

	async 'dropped in a transaction'(person, kind) {
		await this.begin(person);
		await this.list(kind, person);
		await this.vanish('in a transaction');
		await this.sees_nothing(kind);
	},

	async 'dropped in a query'(person, kind) {
		await this.begin(person);
		this.client.query(slow).catch(() => {});
		await new Promise((resolve) => setTimeout(resolve, this.random() * 5));
		await this.vanish('in a query');
		await this.sees_nothing(kind);
	},

	async 'dropped between transactions'(person, kind) {
		await this.begin(person);
		await this.list(kind, person);
		await this.query('COMMIT');
		await this.vanish('between transactions');
	},

	async nobody(person, kind) {
		await this.sees_nothing(kind);
		await this.query('BEGIN');
		await this.list(kind, null);
		if (await this.fails(kind, null, '42501', 'INSERT INTO app.notes (school, author, body) VALUES ($1, 7, $2)', [person.tenant, 'x']))
			count('writes denied');
		await this.query('ROLLBACK');
	},

	async 'rolled back'(person, kind) {
		await this.begin(person);
		await this.query('ROLLBACK');
		await this.sees_nothing(kind);
	},

	async refused(person, kind) {
		const how = this.pick(Object.keys(refused));
		const t = refused[how](person, this.random);

		await this.query('BEGIN');
		if (this.random() < 0.5)
			await this.fails(kind, person, '28000', 'SELECT ambit.login($1)', [t]);
		else {
			// a server connection that has not loaded the library yet takes it, and judges it when it is used
			const error = await this.query(`SET LOCAL ambit.token = '${t}'`).then(() => null, (e) => e);
			if (error === null)
				await this.list(kind, null);
			else if (error.code !== '28000')
				throw error;
		}
		count(`tokens refused: ${how}`);
		await this.query('ROLLBACK');
		await this.sees_nothing(kind);
	},

	/* Each sees the counter of their snapshot; the second to write has 40001. */
	async counter(person, kind) {
		const tenant = person.tenant === 'corda' ? 'brio' : person.tenant;

		await this.begin(people.find((p) => p.tenant === tenant && p.user === 'olga'), 'BEGIN ISOLATION LEVEL REPEATABLE READ');
		const [{ n }] = await this.query('SELECT n FROM app.counters WHERE teacher = $1', [7]);
		await new Promise((resolve) => setTimeout(resolve, 2));
		await this.query('UPDATE app.counters SET n = $1 WHERE teacher = $2', [Number(n) + 1, 7]);
		await this.query('COMMIT');
		increments[tenant] = (increments[tenant] || 0) + 1;
	},
};

const weight = {
	page: 22, 'one message': 12, join: 4, prepared: 20, function: 5, cursor: 4, savepoint: 4, 'two in turn': 3, write: 6, denied: 3, error: 3,
	cancel: 1, timeout: 1, 'dropped in a transaction': 0.7, 'dropped in a query': 0.7, 'dropped between transactions': 0.6, nobody: 4,
	'rolled back': 2, refused: 3, counter: 5,
};
let weights = 0;
for (const kind of Object.keys(kinds)) {
	weights += weight[kind];
	kinds[kind] = [weight[kind], kinds[kind]];
}

/* Somebody administers meanwhile: what backends have compiled and verified goes stale. */
async function administer(until) {
	const admin = new Client(direct);

	await admin.connect();
	for (let i = 0; !until.stop; i++) {
		const { tenant } = people[i % 16];

		await admin.query("SELECT * FROM ambit.set_role_permission($1, 'teacher', 'lessons.delete', $2)", [tenant, i % 2 === 0]);
		if (i % 4 === 0)
			await admin.query("SELECT ambit.add_signing_key('extra', 'HS256', $1)", ['extra-'.repeat(8)]);
		if (i % 4 === 2)
			await admin.query("SELECT ambit.drop_signing_key('extra')");
		count('changes of rights and keys');
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	await admin.end();
}

async function main() {
	const begun = Date.now();
	const until = { stop: false };
	const administrator = administer(until);
	const seats = Array.from({ length: clients }, (_, i) => new Seat(i));

	console.log(`# seed ${seed}`);
	await Promise.all(seats.map((seat) => seat.connect()));
	await Promise.all(seats.map(async (seat) => {
		for (let i = seat.number; i < wanted; i += clients)
			await seat.transaction();
	}));
	until.stop = true;
	await administrator;
	for (const seat of seats)
		await seat.client.end();

	for (const what of Object.keys(counts).sort())
		console.log(`# ${String(counts[what]).padStart(8)} ${what}`);
	console.log(`# ${String(backends.size).padStart(8)} server connections seen, in ${((Date.now() - begun) / 1000).toFixed(1)} s`);

	ok(wrong.length === 0, 'not one row of another person', wrong.slice(0, 10).join('\n'));
	is(counts.transactions, wanted, `${wanted} transactions`);
	for (const kind of Object.keys(kinds))
		ok(counts[`kind ${kind}`] > 0, `transactions: ${kind}`);
	for (const what of ['rows checked', 'rows written', 'PREPARE', 'EXECUTE of what another prepared', 'errors', 'savepoints rolled back', 'queries cancelled',
		'statement timeouts', 'clients dropped in a transaction', 'clients dropped in a query', 'clients dropped between transactions', 'looks without a login',
		'writes denied', 'tokens refused in a savepoint', ...Object.keys(refused).map((how) => `tokens refused: ${how}`), 'retries after 40001', 'changes of rights and keys'])
		ok(counts[what] > 0, what);

	const admin = new Client(direct);
	await admin.connect();
	const { rows } = await admin.query('SELECT school, n::int FROM app.counters WHERE n > 0 ORDER BY school');
	is(Object.fromEntries(rows.map(({ school, n }) => [school, n])), Object.fromEntries(Object.entries(increments).sort()), 'no increment of a counter was lost');
	await admin.end();
	done();
}

main().catch((error) => {
	console.log(`Bail out! ${error.stack}`);
	process.exit(1);
});
