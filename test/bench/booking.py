#!/usr/bin/env python3
"""What ambit costs a business that takes bookings, against SQL written by hand.

booking.py MODE OUT     MODE: tiny, quick, default, large, full

Loads booking.sql in a database of its own for each size, checks that all ways
return the same rows and change the same rows, and has pgbench time them.
Writes one JSON object a line to OUT: cells, requests, and what was measured
where.  The server is that of PGHOST and so on (a superuser); pgbench and psql
are those in PATH.

The ways: hand (the right predicate in the query, no row-level security),
initplan and exists (row-level security, see booking_policies.sql), ambit.
"""
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DATABASE = "ambit_bench_booking"
WAYS = ("hand", "ambit", "initplan", "exists")
SCHEMA = {"hand": "by_hand", "initplan": "by_hand", "exists": "by_hand", "ambit": "by_ambit"}
ROLES = ("owner", "manager", "desk", "staff", "limited", "client", "nobody")
READS = ("page", "point", "count", "aggregate", "join", "notes")
WRITES = ("insert", "update", "delete")
FEW = ("page", "point", "count", "join", "insert", "update")
PROTOCOLS = ("simple", "prepared")

# (rows, tenants, queries, requests); seconds of work for a cell
ALL = READS + WRITES
CURVE = [(10000, 1, ALL, True), (1000000, 100, ALL, True), (100000, 10, FEW, False), (1000000, 1, FEW, False), (1000000, 10000, FEW, False)]
# ... and how many cards there are for relationships, in the size with requests
MODES = {
    "tiny": ([(2000, 2, ALL, True)], 0, 1000),        # a test: few of them timed, a few times
    "quick": ([(10000, 1, ("page", "count", "join", "update"), False), (200000, 20, ALL, True)], 0.3, 10000),
    "default": (CURVE, 0.6, 100000),
    "large": (CURVE + [(10000000, 1000, FEW, False)], 0.6, 100000),
    "full": (CURVE + [(10000000, 1000, ALL, True), (10000000, 10000, FEW, False)], 1.5, 1000000),
}
# where what is timed runs: one of the processors
PROCESSOR = {max(os.sched_getaffinity(0))}
CAP = 1000      # milliseconds that a statement under policies by hand may take


def say(text):
    print("booking: " + text, file=sys.stderr, flush=True)


def psql(sql, database=DATABASE, user=None, variables=None, check=True):
    command = ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=" + ("1" if check else "0"), "-d", database]
    if user:
        command += ["-U", user]
    for key, value in (variables or {}).items():
        command += ["-v", f"{key}={value}"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{sql}\n{done.stderr}")
    return done.stdout.strip() if check else (done.stdout + done.stderr).strip()


class Identity:
    """Somebody of the tenant that is measured, and what the right predicate is."""

    def __init__(self, data, role):
        t, s = data.tenant, 3
        staff = (t - 1) * data.staff
        self.data, self.role = data, role
        self.user = {"staff": f"staff-{s}", "limited": f"limited-{s}", "client": f"client-{s}"}.get(role, role)
        self.variables = {"first": 1, "i": 0, "d": 4 * data.rows, "t": t, "s": staff + s, "l1": 4 * t - 2, "l2": 4 * t - 1,
                          "g1": staff + 1, "g2": staff + 2, "g3": staff + 3,
                          "c": (t - 1) * data.staff * data.clients + (s - 1) * data.clients + 1}
        self.ids = []
        if role == "nobody":
            self.variables["id"] = 1
            return
        columns = psql(f"SELECT id, location_id, staff_id, client_id FROM by_hand.appointments WHERE {self.where('appointments')} "
                       "ORDER BY abs(extract(epoch FROM starts_at - now())), id LIMIT 16", variables=self.variables)
        rows = [line.split("|") for line in columns.splitlines()]
        self.ids = [int(row[0]) for row in rows]
        # what is inserted looks like a row that is there
        self.variables.update(id=self.ids[0], il=rows[0][1], ist=rows[0][2], ic=rows[0][3])

    def where(self, table, mine=None):
        """mine: the query for a set of clients, if not in its place."""
        client = "id" if table == "clients" else "client_id"
        of = f"{table}.tenant_id = :t"
        if self.role == "owner":
            return of
        if self.role == "manager":
            return f"{of} AND {table}.location_id IN (:l1, :l2)"
        if self.role == "desk":
            return f"{of} AND {table}.staff_id IN (:g1, :g2, :g3)"
        if self.role == "staff":
            return f"{of} AND {table}.staff_id = :s"
        if self.role in ("limited", "client"):
            return f"{of} AND {table}.{client} = ANY ({mine or 'ARRAY(' + self.mine() + ')'})"
        return "false"

    def mine(self):
        if self.role == "limited":
            return ("SELECT v.client_id FROM by_hand.appointments v WHERE v.tenant_id = :t AND v.staff_id = :s "
                    "AND v.starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days'")
        return "SELECT f.id FROM by_hand.clients f WHERE f.id = :c OR f.guardian_id = :c"

    def setup(self, way, session=True):
        if self.role == "nobody" or (way == "hand" and session):
            return None
        if way == "ambit":
            return f"SELECT ambit.assume('{self.data.tenant}', '{self.user}'{', session => true' if session else ''})"
        end = "false" if session else "true"
        return f"SELECT set_config('bench.tenant', '{self.data.tenant}', {end}), set_config('bench.user', '{self.user}', {end})"

    def query(self, name, way, user="id"):
        """The query of that name, without newlines."""
        hand = way == "hand"

        def where(*conditions):
            conditions = [c for c in conditions if c]
            return " WHERE " + " AND ".join(conditions) if conditions else ""

        def only(table, mine=None):
            return self.where(table, mine) if hand else None

        if name == "page":
            return f"SELECT id, starts_at, client_id, status FROM appointments{where(only('appointments'))} ORDER BY starts_at LIMIT 20"
        if name == "point":
            return f"SELECT * FROM appointments{where('id = :id', only('appointments'))}"
        if name == "count":
            return f"SELECT count(*) FROM appointments{where(only('appointments'))}"
        if name == "aggregate":
            return f"SELECT status, count(*), sum(amount) FROM invoices{where(only('invoices'))} GROUP BY status ORDER BY status"
        if name == "join":
            mine, before = None, ""
            if hand and self.role in ("limited", "client"):
                mine = "(SELECT ids FROM mine)::bigint[]"
                before = f"WITH mine AS MATERIALIZED (SELECT ARRAY({self.mine()}) AS ids) "
            return (f"{before}SELECT appointments.id, appointments.starts_at, clients.name, invoices.amount FROM appointments "
                    "JOIN clients ON clients.id = appointments.client_id JOIN invoices ON invoices.appointment_id = appointments.id"
                    + where("appointments.starts_at >= date_trunc('day', now())", "appointments.starts_at < date_trunc('day', now()) + interval '7 days'", only("appointments", mine), only("clients", mine), only("invoices", mine))
                    + " ORDER BY appointments.starts_at")
        if name == "notes":
            of = f"EXISTS (SELECT FROM appointments WHERE appointments.id = notes.appointment_id AND {self.where('appointments')})" if hand else None
            return f"SELECT id, made_at, body FROM notes{where(of)} ORDER BY made_at LIMIT 20"
        if name == "insert":
            columns = "INSERT INTO appointments (tenant_id, location_id, staff_id, client_id, starts_at, status, note)"
            # not within the window in which clients count as served
            at = "now() - interval '100 days'"
            if not hand or self.role in ("owner", "staff"):
                # what the application writes into the row is the predicate
                return f"{columns} VALUES (:t, :il, :ist, :ic, {at}, 'booked', 'new')"
            row = "SELECT :t::bigint AS tenant_id, :il::bigint AS location_id, :ist::bigint AS staff_id, :ic::bigint AS client_id"
            return f"{columns} SELECT appointments.*, {at}, 'booked', 'new' FROM ({row}) appointments{where(self.where('appointments'))}"
        if name == "update":
            return f"UPDATE appointments SET note = 'changed ' || :i::text{where('id = :id', only('appointments'))}"
        if name == "delete":
            return f"DELETE FROM appointments{where('id = :d', only('appointments'))}"
        raise ValueError(name)


class Data:
    """One size of the business, in a database of its own."""

    def __init__(self, rows, tenants):
        self.rows, self.tenants = rows, tenants
        self.tenant = tenants // 2 + 1
        self.staff = max(4, rows // tenants // 500)
        self.clients = min(50, max(5, rows // tenants // self.staff // 10))
        begun = time.time()
        drop()
        psql(f"CREATE DATABASE {DATABASE}", "postgres")
        for setting in ("jit = off", "max_parallel_workers_per_gather = 0", "synchronous_commit = off", "random_page_cost = 1.1"):
            psql(f"ALTER DATABASE {DATABASE} SET {setting}")
        # what is dead is cleared away between the runs
        psql(f"\\set rows {rows}\n\\set tenants {tenants}\n\\i {HERE}/booking.sql\n" +
             "".join(f"ALTER TABLE {s}.appointments SET (autovacuum_enabled = off);\n" for s in ("by_hand", "by_ambit")))
        # others write, too: what one statement has found is no longer good for the next
        self.writer = subprocess.Popen(["psql", "-X", "-q", "-d", DATABASE, "-c", "DO $$ BEGIN LOOP PERFORM pg_current_xact_id(); COMMIT; PERFORM pg_sleep(0.001); END LOOP; END $$"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # for a test that differences are found
        if os.environ.get("BENCH_BREAK"):
            psql(os.environ["BENCH_BREAK"])
        self.identities = {role: Identity(self, role) for role in ROLES}
        say(f"{rows:,} appointments of {tenants:,} tenants, loaded in {time.time() - begun:.0f} s")

    def insert(self, schema, identity, after, n):
        """n rows for an identity to delete."""
        psql(f"INSERT INTO {schema}.appointments (id, tenant_id, location_id, staff_id, client_id, starts_at, status, note) "
             f"SELECT {after} + i, :t, :il, :ist, :ic, now() - interval '100 days', 'booked', 'new' FROM generate_series(1, {n}) i", variables=identity.variables)

    def clean(self, vacuum):
        for schema in ("by_hand", "by_ambit"):
            psql(f"DELETE FROM {schema}.appointments WHERE id > {self.rows}" +
                 (f";\nVACUUM (INDEX_CLEANUP ON) {schema}.appointments" if vacuum else ""))


def drop():
    psql(f"SET client_min_messages = error;\nDROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", "postgres")
    for way in WAYS:
        psql(f"SET client_min_messages = error;\nDROP ROLE IF EXISTS bench_{way}", "postgres")


# ---- the same rows -----------------------------------------------------------

def cases(data, identity, name):
    """What a query is tried with: rows within reach, and others."""
    result = [{"id": identity.variables["id"], "d": identity.variables["id"]}]
    if name in ("point", "update", "delete"):
        seen = set(psql(f"SELECT id FROM by_hand.appointments WHERE {identity.where('appointments')}", variables=identity.variables).split())
        others = [i for i in range(1, data.rows + 1, max(1, data.rows // 997)) if str(i) not in seen][:4]
        # of the same tenant, too
        others += [i for i in range(data.tenant, data.rows + 1, data.tenants) if str(i) not in seen][:4]
        result += [{"id": i, "d": i} for i in others]
    # an INSERT by hand without a condition writes what is one's own
    if name == "insert" and identity.role not in ("owner", "staff"):
        own = {key: identity.variables[key] for key in ("il", "ist", "ic")}
        for column, values in (("il", (4 * data.tenant - 3,)), ("ist", (identity.variables["s"] + 1, identity.variables["g1"])), ("ic", (1, identity.variables["c"] + 1))):
            result += [dict(own, **{column: value}) for value in values] + [own]
    return result


def answers(identity, way, tried):
    """What the queries return; of a write, what it leaves behind (and is undone)."""
    schema = SCHEMA[way]
    setup = identity.setup(way)
    script = [f"SET search_path = {schema};"]
    for name, case in tried:
        begin = f"SET SESSION AUTHORIZATION bench_{way};" + (f"\n{setup} \\g /dev/null" if setup else "")
        script += [f"\\set {key} {value}" for key, value in case.items()] + [f"\\echo === {name} {case}", "BEGIN;", begin, "SAVEPOINT s;", identity.query(name, way) + ";",
                   "\\if :ERROR", "\\echo error :LAST_ERROR_SQLSTATE", "\\endif", "ROLLBACK TO s;" if name in READS else "\\if :ERROR\nROLLBACK TO s;\n\\endif",
                   "RESET SESSION AUTHORIZATION;"]
        if name in WRITES:
            touched = f"id > {identity.data.rows}" if name == "insert" else "id = :id"
            script += [f"SELECT 'after', concat_ws('/', tenant_id, location_id, staff_id, client_id, status, note) FROM appointments WHERE {touched};"]
        script += ["ROLLBACK;"]
    out = psql("\n".join(script), variables=identity.variables, check=False)
    # a write that nothing permits is refused, or finds no row
    out = out.replace("error 42501\n", "")
    return ["=== " + part.strip() for part in re.sub(r"^(ERROR|DETAIL|HINT|psql):? .*\n?", "", out, flags=re.M).split("=== ")[1:]]


def compare(data, role, names):
    """Raises an error unless all ways do the same, for rows within reach and others."""
    identity = data.identities[role]
    tried = [(name, case) for name in names for case in cases(data, identity, name)]
    # the windows move on while this runs: a difference must be there twice
    for attempt in range(2):
        got = {way: answers(identity, way, tried) for way in WAYS}
        different = [texts for texts in zip(*got.values()) if len(set(texts)) > 1 or "error" in texts[0]]
        for name in set(names):
            first = got["hand"][[n for n, _ in tried].index(name)]
            nothing = {"update": "changed " not in first, "delete": "after" in first}.get(name, "\n" not in first)
            if role != "nobody" and nothing and not (role == "client" and name in ("join", "notes")):
                raise SystemExit(f"booking: for {role} the question {name} finds nothing: {first}")
        if not different and len({len(texts) for texts in got.values()} | {len(tried)}) == 1:
            return len(tried)
    raise SystemExit(f"booking: for {role} the ways differ:\n" + "\n".join(f"{way}: {text[:1000]}" for texts in different[:3] for way, text in zip(got, texts)))


def shape(identity, name, way):
    """The nodes of a plan, without how a set of clients is come by."""
    setup = identity.setup(way)
    out = psql((f"{setup} \\g /dev/null\n" if setup else "") + "EXPLAIN (FORMAT JSON) " + identity.query(name, way),
               user=f"bench_{way}", variables=identity.variables)

    def nodes(plan):
        return (plan["Node Type"], plan.get("Relation Name"), plan.get("Index Name"), plan.get("Join Type"),
                tuple(nodes(p) for p in plan.get("Plans", ()) if p.get("Parent Relationship") not in ("InitPlan", "SubPlan")))
    return nodes(json.loads(out)[0]["Plan"])


# ---- pgbench ----------------------------------------------------------------

class Capped(Exception):
    pass


class Bench:
    """A pgbench at work on one connection."""

    def __init__(self, way, protocol, script, variables, transactions=None):
        self.way = way
        self.tmp = tempfile.TemporaryDirectory()
        with open(self.tmp.name + "/script", "w") as f:
            f.write(script)
        self.command = ["pgbench", "-n", "-f", self.tmp.name + "/script", "-M", protocol, "-l", "--log-prefix=" + self.tmp.name + "/log", "-U", f"bench_{way}"]
        self.command += ["-t", str(transactions)] if transactions else ["-T", "3600"]
        for key, value in variables.items():
            self.command += ["-D", f"{key}={value}"]
        self.process = subprocess.Popen(self.command + [DATABASE], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, PROCESSOR),
                                        env=dict(os.environ, PGOPTIONS=f"-c statement_timeout={60000 if way in ('hand', 'ambit') else CAP}"))
        while transactions and self.process.poll() is None and not self.settle():
            pass

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def settle(self):
        """Puts its server process on the processor that it has itself; whether it is connected.

        One processor waking another costs as much as a short statement, or
        nothing, as the system happens to place them."""
        pids = psql(f"SELECT pid FROM pg_stat_activity WHERE usename = 'bench_{self.way}'", "postgres").split()
        for pid in pids if os.environ.get("PGHOST", "").startswith("/") else ():
            try:
                os.sched_setaffinity(int(pid), PROCESSOR)
            except (ProcessLookupError, PermissionError):
                pass    # it has ended, or the server is somebody else's
        return pids != []

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def finish(self, now=True):
        """(end, microseconds) of each transaction, in order."""
        if now:
            # as if its time was over
            self.process.send_signal(signal.SIGALRM)
            self.go_on()
        errors = self.process.communicate()[1]
        try:
            if "statement timeout" in errors:
                raise Capped
            if self.process.returncode != 0:
                raise RuntimeError(f"{' '.join(self.command)}\n{errors}")
            for name in os.listdir(self.tmp.name):
                if name.startswith("log"):
                    with open(self.tmp.name + "/" + name) as f:
                        fields = [line.split() for line in f]
                    # now and then pgbench writes 0
                    return [(int(f[4]) + int(f[5]) / 1e6, max(int(f[2]), 1)) for f in fields]
            raise RuntimeError("pgbench wrote no log")
        finally:
            self.tmp.cleanup()


def faster_half(values):
    """The mean of the faster half without the fastest tenth: what other work on
    the machine did not interrupt, and finer than the clock's microseconds."""
    values = sorted(values)
    part = values[len(values) // 10:(len(values) + 1) // 2]
    return sum(part) / len(part)


def median(values):
    values = sorted(values)
    n = len(values)
    return (values[n // 2] + values[(n - 1) // 2]) / 2 if n else None


def chosen(ids):
    """Takes the ids in turn."""
    return "\\set i (:i + 1) % " + str(len(ids)) + "\n\\set id CASE " + " ".join(f"WHEN :i = {n} THEN {i}" for n, i in enumerate(ids[:-1])) + f" ELSE {ids[-1]} END\n" \
        if len(ids) > 1 else f"\\set id {ids[0]}\n" if ids else ""


def once(setup):
    return f"\\if :first\n{setup};\n\\set first 0\n\\endif\n" if setup else ""


def measure(ways, protocol, scripts, seconds, cycle=1, before=None, after=None, brief=("exists",), warm=None):
    """Pairs of slices: each way has a pgbench of its own; they take turns of
    some milliseconds, the others being stopped.  brief: ways that are run a few
    times only.  cycle: so many transactions in turn make one.

    Returns {way: (median us, median of the pairs' ratios to hand)}; inf for what
    was capped."""
    # the sixth execution may have another plan than the first five
    warm = (warm or (8 if protocol == "prepared" else 4)) * cycle
    first, capped = {}, set()
    for way in ways:
        n = 4 * cycle if way in brief else warm + 3 * cycle
        if before:
            before(way, n)
        try:
            us = [us for _, us in Bench(way, protocol, *scripts[way], transactions=n).finish(False)[-3 * cycle:]]
            first[way] = median([sum(us[i:i + cycle]) for i in range(0, len(us), cycle)])
        except Capped:
            capped.add(way)
        if after:
            after(way)

    # what is far behind needs no more than that
    brief = set(brief) | {way for way in first if first[way] > max(4 * first["hand"], 5000) and way not in ("hand", "ambit")}
    turns = [way for way in ways if way not in capped and way not in brief]
    result = {way: (math.inf, CAP * 1000 / first["hand"]) for way in capped}
    if seconds == 0:
        result.update({way: (us, us / first["hand"]) for way, us in first.items()})
        return result

    # on a busy machine a turn has to wait for its processor first; the first
    # transactions of a turn find its caches full of what others read
    busy = max(1, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
    length = max(0.006 * busy, 8e-6 * max(first[way] for way in turns))
    rounds = max(9, min(60, int(seconds / length / len(turns))))
    if before:
        # no more rows than these are used up, at 20 us each
        rounds = min(rounds, 20)
        limit = int(((rounds + 1) * length + 0.06) / 20e-6)
        for way in turns:
            before(way, limit)
    benches, windows = {}, {way: [] for way in turns}
    for way in turns:
        benches[way] = Bench(way, protocol, *scripts[way])
        time.sleep(0.04 + 1.5e-6 * (warm / cycle) * first[way])
        benches[way].stop()
        benches[way].settle()
    for n in range(rounds):
        # who begins takes turns
        for way in (turns if n % 2 == 0 else turns[::-1]):
            benches[way].go_on()
            begun = time.time()
            time.sleep(length)
            windows[way].append((begun, time.time()))
            benches[way].stop()
    slices, latest = {}, {}
    for way in turns:
        try:
            log = benches[way].finish()
        except Capped:
            log = []
            capped.add(way)
        if before:
            log = log[:limit]
        slices[way] = []
        k = warm
        for begun, ended in windows[way]:
            # what was not interrupted by us, by its place in the cycle
            here = [[] for _ in range(cycle)]
            while k < len(log) and log[k][0] <= ended:
                if log[k][0] - log[k][1] / 1e6 >= begun and log[k][1] > 1:
                    here[k % cycle].append(log[k][1])
                k += 1
            slices[way].append(sum(faster_half(part) for part in here) if all(here) else None)
        if after:
            after(way)
    for way in turns:
        if way in capped:
            result[way] = (math.inf, CAP * 1000 / first["hand"])
            continue
        pairs = [(a, b) for a, b in zip(slices[way], slices["hand"]) if a and b]
        if not pairs:
            pairs = [(first[way], first["hand"])]
        result[way] = (median([a for a, _ in pairs]), median([a / b for a, b in pairs]))
    for way in brief:
        if way in first:
            result[way] = (first[way], first[way] / result["hand"][0])
    return result


def first_id(data, way):
    return 4 * data.rows + 1000000 * WAYS.index(way)


def cell(data, role, name, protocol, seconds):
    identity = data.identities[role]
    ids = chosen(identity.ids)
    scripts = {}
    for way in WAYS:
        script = once(identity.setup(way))
        if name == "delete":
            script += "\\set d :d + 1\n"
        elif name in ("point", "update"):
            script += ids
        # each way deletes rows of its own
        scripts[way] = (script + identity.query(name, way) + ";\n", dict(identity.variables, d=first_id(data, way)))
    before = after = None
    if name in ("insert", "delete"):
        def after(way):
            data.clean(data.rows <= 100000)
        if name == "delete":
            def before(way, n):
                data.insert(SCHEMA[way], identity, first_id(data, way), n)
    result = measure(WAYS, protocol, scripts, seconds, before=before, after=after)
    if name in WRITES:
        data.clean(True)
    return result


# ---- web requests -----------------------------------------------------------

def pooled(data, way, roles):
    """Five statements and an identity each; a connection that serves identities in turn."""
    people = [data.identities[role] for role in roles]
    script = f"\\set i (:i + 1) % {4 * len(people)}\n\\set u :i % 4\n"
    variables = dict(people[0].variables, i=0)
    statements = ("point", "page", "join", "update", "point")
    same = len(people) == 1

    def branches(parts):
        return "".join(f"\\{'if' if n == 0 else 'elif'} :u = {n}\n{part}" for n, part in enumerate(parts)) + "\\endif\n"

    if same:
        # four members of staff, or their clients: the same role
        one = people[0]
        variables["s0"] = variables["s"]
        step = data.staff * data.tenants
        script += (f"\\set w (:u * 2) % {data.staff}\n\\set s {(data.tenant - 1) * data.staff + 1} + :w\n"
                   # the middle appointments of this member of staff
                   f"\\set id (:i % 16 + {max(0, data.rows // step // 2 - 8)}) * {step} + :w * {data.tenants} + {data.tenant}\n")
        who = f"'{one.role}-' || (:w + 1)::text"
        script += "BEGIN;\n"
        script += f"SELECT ambit.assume('{data.tenant}', {who});\n" if way == "ambit" else \
            f"SELECT set_config('bench.tenant', '{data.tenant}', true), set_config('bench.user', {who}, true);\n"
        script += "".join(one.query(name, way) + ";\n" for name in statements) + "COMMIT;\n"
        return script, variables
    script += branches([f"\\set id {p.ids[0]}\n" for p in people]) + "BEGIN;\n"
    if way == "hand":
        script += branches([p.setup(way, False) + ";\n" + "".join(p.query(name, way) + ";\n" for name in statements) for p in people])
    else:
        # one text for everybody
        script += branches([f"\\set n {n}\n" for n in range(len(people))])
        who = "(ARRAY[" + ", ".join(f"'{p.user}'" for p in people) + "])[:n + 1]"
        script += f"SELECT ambit.assume('{data.tenant}', {who});\n" if way == "ambit" else \
            f"SELECT set_config('bench.tenant', '{data.tenant}', true), set_config('bench.user', {who}, true);\n"
        script += "".join(people[0].query(name, way) + ";\n" for name in statements)
    return script + "COMMIT;\n", variables


def request(data, way, role):
    """Fifty statements under one identity."""
    identity = data.identities[role]
    ids = chosen(identity.ids)
    script = "BEGIN;\n" + identity.setup(way, False) + ";\n"
    block = ["page", "point", "point", "join", "point", "point", "update", "point", "point", "point"]
    for name in block * 4 + ["page", "point", "point", "insert", "delete", "point", "update", "point", "point", "count"]:
        query = identity.query(name, way)
        if name == "insert":
            query = query.replace("appointments (tenant_id", "appointments (id, tenant_id").replace("VALUES (", "VALUES (:d, ").replace("SELECT appointments.*,", "SELECT :d::bigint, appointments.*,")
            script += "\\set d :d + 1\n"
        script += (ids if name in ("point", "update") else "") + query + ";\n"
    return script + "COMMIT;\n", identity.variables


def requests(data, protocol, seconds, out):
    ways = ("hand", "ambit", "initplan")

    def after(way):
        data.clean(data.rows <= 100000)

    for role in ROLES[:-1] if seconds else ("limited",):
        scripts = {way: request(data, way, role) for way in ways}
        out(kind="request", what="50 statements", role=role, protocol=protocol, result=measure(ways, protocol, scripts, 2 * seconds, after=after, brief=("initplan",)))
    data.clean(True)
    for what, roles, who in (("5 statements, one role in turn", ("staff",), "staff"), ("5 statements, one role in turn", ("limited",), "limited"),
                             ("5 statements, four roles in turn", ("owner", "staff", "limited", "client"), "owner, staff, limited, client")):
        scripts = {way: pooled(data, way, roles) for way in ways}
        out(kind="request", what=what, role=who, protocol=protocol, result=measure(ways, protocol, scripts, 3 * seconds, cycle=4, after=after, brief=("initplan",)))
    data.clean(True)


# ---- relationships at scale ---------------------------------------------------

FORMS = {
    "ANY": "client_id = ANY (ARRAY(SELECT v.client_id FROM visits v WHERE v.tenant_id = :t AND v.staff_id = :s))",
    "IN": "client_id IN (SELECT v.client_id FROM visits v WHERE v.tenant_id = :t AND v.staff_id = :s)",
    "EXISTS": "EXISTS (SELECT FROM visits v WHERE v.tenant_id = :t AND v.staff_id = :s AND v.client_id = cards.client_id)",
}


def relationships(data, cards, seconds, out):
    """Limited staff with 10 objects, some, and all, against the best of three forms by hand."""
    first = (data.tenant - 1) * data.staff + 1
    psql(f"\\i {HERE}/booking_cards.sql", variables={"cards": cards, "t": data.tenant, "first": first})
    for n, objects in enumerate((10, cards // 10, cards)):
        variables = {"first": 1, "t": data.tenant, "s": first + n, "id": cards}
        setup = f"SELECT ambit.assume('{data.tenant}', 'limited-{n + 1}', session => true)"
        for name, select, condition, rest in (("page", "id, client_id, points", None, " ORDER BY made_at LIMIT 20"), ("point", "*", "id = :id", ""), ("count", "count(*), sum(points)", None, "")):
            def query(predicate):
                conditions = [c for c in (condition, predicate and "tenant_id = :t AND " + predicate) if c]
                return f"SELECT {select} FROM cards" + (" WHERE " + " AND ".join(conditions) if conditions else "") + rest

            texts = {form: query(FORMS[form]) for form in FORMS}
            got = {form: psql(text, user="bench_hand", variables=variables) for form, text in texts.items()}
            got["ambit"] = psql(f"{setup} \\g /dev/null\n{query(None)}", user="bench_ambit", variables=variables)
            if len(set(got.values())) != 1 or got["ambit"] in ("", "0|"):
                raise SystemExit(f"booking: {objects} objects, {name}: the ways differ: {got}")
            for protocol in PROTOCOLS:
                tried = {}
                for form, text in texts.items():
                    try:
                        tried[form] = median([us for _, us in Bench("hand", protocol, text + ";\n", variables, transactions=12).finish(False)[-4:]])
                    except Capped:
                        pass
                best = min(tried, key=tried.get)
                scripts = {"hand": (texts[best] + ";\n", variables), "ambit": (once(setup) + query(None) + ";\n", variables)}
                out(kind="relationship", objects=objects, cards=cards, query=name, protocol=protocol, form=best,
                    result=measure(("hand", "ambit"), protocol, scripts, 3 * seconds, brief=()))


# ---- all of it --------------------------------------------------------------

def main(mode, path):
    sizes, seconds, cards = MODES[mode]
    if os.environ.get("BENCH_SIZE"):
        wanted = os.environ["BENCH_SIZE"]
        sizes = [s for s in sizes + MODES["full"][0] + MODES["quick"][0] if f"{s[0]}x{s[1]}" == wanted][:1]
    roles = os.environ.get("BENCH_ROLES", " ".join(ROLES)).split()
    only = os.environ.get("BENCH_QUERIES", " ".join(ALL + ("request", "relationship"))).split()
    with open(path, "w") as file:
        def out(**values):
            if "result" in values:
                values["result"] = {way: [None if x == math.inf else round(x, 4) for x in pair] for way, pair in values["result"].items()}
            file.write(json.dumps(dict(values, rows=data.rows, tenants=data.tenants)) + "\n")
            file.flush()

        for rows, tenants, queries, with_requests in sizes:
            data = Data(rows, tenants)
            begun = time.time()
            timed = ("limited", "nobody") if mode == "tiny" else roles
            cells = [(role, name) for name in queries for role in roles if name in only and (role != "nobody" or name in READS)]
            shapes = {}
            tried = 0
            for role in roles:
                # nobody writes: refused by ambit, nothing found by hand
                tried += compare(data, role, [name for name in queries if name in only and (role != "nobody" or name != "insert")])
                for name in queries:
                    if (role, name) in cells:
                        shapes[role, name] = shape(data.identities[role], name, "hand") == shape(data.identities[role], name, "ambit")
            say(f"{tried} questions are answered alike by all ways ({time.time() - begun:.0f} s)")
            begun = time.time()
            before = None
            for role, name in cells:
                if name != before:
                    say(f"{name} ({time.time() - begun:.0f} s)")
                    before = name
                for protocol in PROTOCOLS if role in timed else ():
                    out(kind="cell", role=role, query=name, protocol=protocol, same_plan=shapes[role, name],
                        result=cell(data, role, name, protocol, seconds))
            if with_requests and "request" in only:
                for protocol in PROTOCOLS:
                    requests(data, protocol, seconds, out)
            if with_requests and "relationship" in only and (rows, tenants) == max(s[:2] for s in sizes if s[3]):
                relationships(data, cards, seconds, out)
            say(f"measured in {time.time() - begun:.0f} s")
    drop()


if __name__ == "__main__":
    main(*sys.argv[1:])
