/*
 * school.js
 *		The schools of schema.sql as the tests know them: who there is, what
 *		each may see, and their tokens.
 */
'use strict';
const crypto = require('crypto');

const schools = ['allegro', 'brio', 'corda'];

// the rows of app.lessons, in the order of starts_at
const lessons = schools.flatMap((school, s) => Array.from({ length: 120 }, (_, i) => ({
	id: 1000 * s + i, school, teacher: 7 + i % 3, student: 100 * s + 1 + i % 3 * 6 + Math.floor(i / 3) % 8,
})));

// the 16 identities
const people = schools.flatMap((tenant, s) => [
	{ tenant, user: 'olga', role: 'desk' },
	{ tenant, user: 'tom', role: 'teacher', key: 7 },
	{ tenant, user: 'ulla', role: 'teacher', key: 8 },
	...(s === 0 ? [{ tenant, user: 'vera', role: 'teacher', key: 9 }] : []),
	{ tenant, user: 'ada', role: 'student', key: 100 * s + 1 },
	{ tenant, user: 'ben', role: 'student', key: 100 * s + 2 },
]);

// may this person see a row of that school, of that teacher, with that student?
function reaches(person, row) {
	return person !== null && row.school === person.tenant && (person.role === 'desk' ||
		(person.role === 'teacher' && Number(row.teacher) === person.key) ||
		(person.role === 'student' && row.student !== undefined && Number(row.student) === person.key));
}

for (const person of people)
	person.lessons = lessons.filter((row) => reaches(person, row)).map((row) => row.id);

const base64url = (text) => Buffer.from(text).toString('base64url');

/*
 * A token for a person, valid for so many seconds.  key: the secret of HS256,
 * or a private key for RS256 and ES256.
 */
function token(person, { seconds = 3600, kid = 'hs', algorithm = 'HS256', key = process.env.AMBIT_SECRET, ...claims } = {}) {
	const signed = base64url(JSON.stringify({ alg: algorithm, typ: 'JWT', kid })) + '.' + base64url(JSON.stringify({
		tenant: person.tenant, sub: person.user, exp: Math.floor(Date.now() / 1000) + seconds, ...claims,
	}));
	const signature = algorithm === 'HS256' ? crypto.createHmac('sha256', key).update(signed).digest()
		: crypto.sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
	return signed + '.' + signature.toString('base64url');
}

/* TAP */
let tests = 0;
let failed = 0;

function ok(holds, name, detail) {
	tests++;
	if (holds) {
		console.log(`ok ${tests} - ${name}`);
		return;
	}
	failed++;
	console.log(`not ok ${tests} - ${name}`);
	if (detail !== undefined)
		console.log(String(detail).replace(/^/gm, '# '));
}

function is(have, want, name) {
	const [h, w] = [JSON.stringify(have), JSON.stringify(want)];
	ok(h === w, name, `have: ${h}\nwant: ${w}`);
}

function done() {
	console.log(`1..${tests}`);
	process.exitCode = failed ? 1 : 0;
}

module.exports = { schools, lessons, people, reaches, token, ok, is, done };
