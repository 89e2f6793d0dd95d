/*
 * postgraphile_test.js
 *		PostGraphile, which makes a GraphQL API of the tables by itself: login,
 *		list, page, write, denied writes, errors, retries after 40001, by HTTP.
 *		Once with tokens that the database verifies, once with claims that the
 *		server has verified.  Speaks TAP.
 */
'use strict';
const http = require('http');
const { Client, Pool } = require('pg');
const { postgraphile, makePluginHook } = require('postgraphile');
const { people, token, is, done } = require('./school');

const bearer = (request) => (request.headers.authorization || '').replace(/^Bearer /i, '');

// The token goes to the database as it came; that verifies it.
const refused = {
	withPostGraphileContext: (withContext) => (options, work) => withContext(options, work).catch((error) => {
		throw error.code === '28000' ? Object.assign(error, { statusCode: 401 }) : error;
	}),
};
const withTokens = {
	pgSettings: (request) => ({ 'ambit.token': bearer(request) }),
	pluginHook: makePluginHook([refused]),
};

// PostGraphile verifies the token; its database role is trusted to say what it claims.
const assumeClaims = {
	withPostGraphileContext: (withContext) => (options, work) => withContext(options, async (context) => {
		if (options.jwtToken)
			await context.pgClient.query('SELECT ambit.assume_claims()');
		return work(context);
	}),
};
const withClaims = {
	jwtSecret: process.env.AMBIT_SECRET,
	jwtVerifyOptions: { algorithms: ['HS256'], audience: null },
	pgDefaultRole: 'regress_clients_server',
	pluginHook: makePluginHook([assumeClaims]),
};

// Each error of an answer has its SQLSTATE.
const handleErrors = (errors) => errors.map(({ message, path, code, originalError }) => ({
	message, path, extensions: { sqlstate: originalError?.code ?? code },
}));

// What an error means to the one who asked.
const status = ({ errors: [error] = [], http }) => error ? { '28000': 401, '42501': 403, '40001': 503, '57014': 504 }[error.extensions.sqlstate] ?? http : 200;

const person = (name) => people.find((p) => `${p.tenant}:${p.user}` === name);

/* A server on a socket in a directory; returns a function that asks it, and one that ends it. */
async function serve(user, options, path) {
	// Each request sees one snapshot, and has 40001 when somebody else wrote meanwhile.
	const pool = new Pool({ user, max: 4, options: '-c default_transaction_isolation=repeatable\\ read' });
	const server = http.createServer(postgraphile(pool, 'app', {
		...options, disableDefaultMutations: false, ignoreRBAC: false, handleErrors, disableQueryLog: true, retryOnInitFail: false,
	}));

	await new Promise((resolve) => server.listen(path, resolve));
	const ask = (t, query, variables = {}) => new Promise((resolve, reject) => {
		const headers = { 'Content-Type': 'application/json', ...(t ? { Authorization: `Bearer ${t}` } : {}) };
		const request = http.request({ socketPath: path, path: '/graphql', method: 'POST', headers }, (response) => {
			let body = '';
			response.on('data', (part) => { body += part; });
			response.on('end', () => resolve({ ...JSON.parse(body), http: response.statusCode }));
		});
		request.on('error', reject);
		request.end(JSON.stringify({ query, variables }));
	});
	const end = async () => {
		await new Promise((resolve) => server.close(resolve));
		await pool.end();
	};
	return { ask, end };
}

// Asks again when PostgreSQL asks for that.
async function askAgain(ask, ...question) {
	let answer;
	let attempts = 0;
	do
		answer = await ask(...question);
	while (status(answer) === 503 && ++attempts < 5);
	return { answer, attempts };
}

const list = '{ allLessons(orderBy: STARTS_AT_ASC) { totalCount nodes { id } } }';
const page = 'query ($after: Cursor) { allLessons(orderBy: STARTS_AT_ASC, first: 4, after: $after) { nodes { id studentByStudent { school name } } pageInfo { endCursor } } }';
const move = 'mutation ($id: BigInt!) { updateLessonById(input: {id: $id, lessonPatch: {startsAt: "2030-01-07T09:10:00Z"}}) { lesson { id } } }';
const cancel = 'mutation { updateLessonById(input: {id: "0", lessonPatch: {status: "cancelled"}}) { lesson { status } } }';
const note = 'mutation ($school: String!, $author: BigInt!) { createNote(input: {note: {school: $school, author: $author, body: "x"}}) { note { school author } } }';
const counter = 'mutation ($n: BigInt!) { updateCounterBySchoolAndTeacher(input: {school: "allegro", teacher: "7", counterPatch: {n: $n}}) { counter { n } } }';
const ids = ({ data }) => data.allLessons.nodes.map((node) => Number(node.id));

async function test(how, { ask, end }, refused) {
	const admin = new Client({ user: process.env.ADMIN });
	const tom = token(person('allegro:tom'));
	const olga = token(person('allegro:olga'));

	await admin.connect();
	await admin.query("UPDATE app.lessons SET status = 'booked', starts_at = '2030-01-07 09:00+00' WHERE id = 0");
	for (const p of people)
		is(ids(await ask(token(p), list)), p.lessons, `${how}: list: ${p.tenant}:${p.user}`);
	is(ids(await ask(null, list)), [], `${how}: list: nobody`);
	is((await ask(olga, list)).data.allLessons.totalCount, 120, `${how}: count`);

	const first = await ask(tom, page);
	const second = await ask(tom, page, { after: first.data.allLessons.pageInfo.endCursor });
	is([...ids(first), ...ids(second)], [0, 3, 6, 9, 12, 15, 18, 21], `${how}: two pages`);
	is(first.data.allLessons.nodes[1].studentByStudent, { school: 'allegro', name: 'Student 2' }, `${how}: a row that another leads to`);

	is((await ask(tom, move, { id: '0' })).data.updateLessonById.lesson.id, '0', `${how}: write: a teacher moves a lesson`);
	const missing = await ask(tom, move, { id: '1' });
	is([missing.data.updateLessonById, missing.errors[0].message], [null, "No values were updated in collection 'lessons' because no values you can update were found matching these criteria."],
		`${how}: write: another's lesson is not there`);
	is((await ask(olga, note, { school: 'allegro', author: '8' })).data.createNote.note.author, '8', `${how}: write: the desk writes a note`);
	is(status(await ask(tom, note, { school: 'allegro', author: '8' })), 403, `${how}: denied: another's note`);
	is(status(await ask(olga, note, { school: 'brio', author: '8' })), 403, `${how}: denied: another school's`);
	is(status(await ask(tom, cancel)), 403, `${how}: denied: a teacher cancels`);
	is(status(await ask(null, note, { school: 'allegro', author: '7' })), 403, `${how}: denied: nobody writes`);
	is((await ask(olga, cancel)).data.updateLessonById.lesson.status, 'cancelled', `${how}: write: the desk cancels`);

	is(status(await ask(token(person('allegro:tom'), { seconds: -1 }), list)), refused[0], `${how}: refused: an expired token`);
	is(status(await ask(token(person('allegro:tom'), { key: 'another-secret-of-32-bytes-or-more' }), list)), refused[1], `${how}: refused: signed by somebody else`);
	is(status(await ask('nonsense', list)), refused[2], `${how}: refused: no token at all`);

	// Another session has changed the row and not committed: the first try waits, and fails when it does.
	await admin.query('BEGIN');
	await admin.query("UPDATE app.counters SET n = 10 WHERE school = 'allegro' AND teacher = 7");
	const asked = askAgain(ask, tom, counter, { n: '11' });
	const waiting = "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
	for (let i = 0; i < 1000 && (await admin.query(waiting)).rows[0].n === 0; i++)
		await new Promise((resolve) => setTimeout(resolve, 10));
	await admin.query('COMMIT');
	const { answer, attempts } = await asked;
	is([answer.data?.updateCounterBySchoolAndTeacher.counter.n, attempts], ['11', 1], `${how}: retry after one 40001`);

	await admin.end();
	await end();
}

async function main() {
	const { AMBIT_KEYS: directory } = process.env;

	await test('token', await serve(process.env.PGUSER, withTokens, `${directory}/tokens.sock`), [401, 401, 401]);
	await test('claims', await serve('regress_clients_authenticator', withClaims, `${directory}/claims.sock`), [401, 403, 403]);
	done();
}

main().catch((error) => {
	console.log(`Bail out! ${error.stack}`);
	process.exit(1);
});
