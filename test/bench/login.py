#!/usr/bin/env python3
"""What signed identity costs, against set_config() and a predicate by hand.

login.py DATABASE ROUNDS SECONDS    a database with the demo school (demo/school.sql)

Prints two tables.  Pairs run one right after the other; medians of them.  The
server is that of PGHOST and so on (a superuser).
"""
import base64
import hashlib
import hmac
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

SECRET = "a secret for the benchmark, thirty-two bytes"
CALLS = 2000        # at a time, and different tokens: more than a backend keeps


def psql(database, sql):
    done = subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database], input=sql, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(user, number):
    claims = {"sub": user, "tenant": "allegro", "channel": "web", "exp": int(time.time()) + 86400, "jti": f"{number:08}"}
    text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", "kid": "bench"}, claims))
    return text + "." + base64url(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())


def calls(database, user, rounds):
    """Microseconds more than set_config() of the same string: a token seen before, a new one."""
    lines = "\n".join(token(user, n) for n in range(CALLS))
    out = psql(database, f"""
SELECT ambit.add_signing_key('bench', 'HS256', '{SECRET}') IS NULL;
CREATE TEMP TABLE token (token text);
COPY token FROM STDIN;
{lines}
\\.
CREATE TEMP TABLE same AS SELECT (SELECT min(token) FROM token) AS token FROM token;
VACUUM ANALYZE token, same;
CREATE FUNCTION pg_temp.microseconds(query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
	n bigint;
BEGIN
	EXECUTE query INTO n;
	RETURN extract(epoch FROM clock_timestamp() - started) * 1e6 / n;
END
$$;
BEGIN;
CREATE TEMP TABLE taken AS
SELECT pg_temp.microseconds('SELECT count(set_config(''bench.token'', token, true)) FROM same') AS set_same,
	pg_temp.microseconds('SELECT count(ambit.login(token)) FROM same') AS login_same,
	pg_temp.microseconds('SELECT count(set_config(''bench.token'', token, true)) FROM token') AS set_new,
	pg_temp.microseconds('SELECT count(ambit.login(token)) FROM token') AS login_new
FROM generate_series(1, {rounds + 3});
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY set_same), percentile_cont(0.5) WITHIN GROUP (ORDER BY login_same),
	percentile_cont(0.5) WITHIN GROUP (ORDER BY login_same - set_same),
	percentile_cont(0.5) WITHIN GROUP (ORDER BY set_new), percentile_cont(0.5) WITHIN GROUP (ORDER BY login_new),
	percentile_cont(0.5) WITHIN GROUP (ORDER BY login_new - set_new)
FROM taken;
COMMIT;
""")
    figures = [float(x) for x in out.splitlines()[-1].split("|")]
    print("| call of | set_config(), µs | login(), µs | more, µs |\n|---|---|---|---|")
    print("| a token seen before | %.2f | %.2f | **%.2f** |" % tuple(figures[:3]))
    print("| a new HS256 token | %.2f | %.2f | **%.2f** |" % tuple(figures[3:]))


def requests(database, user, rounds, seconds):
    """Transactions a second: BEGIN, identity, one row by primary key, COMMIT."""
    ids = psql(database, "SELECT min(id), max(id) FROM app.clients WHERE tenant_id = 'allegro'").split("|")
    head = f"\\set id random({ids[0]}, {ids[1]})\nBEGIN;\n"
    scripts = {
        "hand": head + "SELECT set_config('bench.tenant', 'allegro', true);\n"
                       "SELECT name FROM app.clients WHERE id = :id AND tenant_id = current_setting('bench.tenant');\nCOMMIT;\n",
        "ambit": head + f"SET LOCAL ambit.token = '{token(user, 0)}';\nSELECT name FROM app.clients WHERE id = :id;\nCOMMIT;\n",
    }
    roles = {"hand": psql(database, "SELECT current_user"), "ambit": "app"}
    print("\n| transaction | by hand, a second | ambit, a second | throughput |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as tmp:
        for way, script in scripts.items():
            with open(os.path.join(tmp, way), "w") as f:
                f.write(script)
        for protocol in ("simple", "prepared"):
            rates = {"hand": [], "ambit": []}
            for _ in range(rounds):
                for way, all_rates in rates.items():
                    done = subprocess.run(["pgbench", "-n", "-M", protocol, "-T", str(seconds), "-U", roles[way], "-f", os.path.join(tmp, way), database],
                                          capture_output=True, text=True)
                    found = re.search(r"tps = ([0-9.]+)", done.stdout)
                    if done.returncode != 0 or not found:
                        raise RuntimeError(done.stderr)
                    all_rates.append(float(found[1]))
            print(f"| BEGIN, SET LOCAL ambit.token, a row by primary key, COMMIT; {protocol} | {statistics.median(rates['hand']):.0f} | {statistics.median(rates['ambit']):.0f} | "
                  f"**{statistics.median(b / a for a, b in zip(rates['hand'], rates['ambit'])):.2f}** |")


def main(database, rounds, seconds):
    user = psql(database, "SELECT user_id FROM ambit.assignment WHERE tenant = 'allegro' AND role = 'owner' LIMIT 1")
    calls(database, user, int(rounds))
    requests(database, user, max(int(rounds) // 4, 1), seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
