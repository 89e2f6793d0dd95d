"""protocol.py ROLE: the messages of the extended query protocol one by one, as
no driver sends them.  Prints TAP.  See protocol.sh.
"""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import check, done  # noqa: E402

ROWS = {"owner": [1, 2, 3, 4, 5], "staff": [1, 2], None: []}


class Session:
    def __init__(self, role):
        host, port = os.environ.get("PGHOST", "/tmp"), os.environ.get("PGPORT") or "5432"
        if host.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(f"{host}/.s.PGSQL.{port}")
        else:
            self.socket = socket.create_connection((host, int(port)))
        self.file = self.socket.makefile("rb")
        start = struct.pack("!i", 196608) + b"".join(
            part.encode() + b"\0" for part in ("user", os.environ["PGUSER"], "database", os.environ["PGDATABASE"]))
        self.socket.sendall(struct.pack("!i", len(start) + 5) + start + b"\0")
        self.answer()
        self.query(f"SET ROLE {role}")

    def send(self, *messages):
        self.socket.sendall(b"".join(kind + struct.pack("!i", len(body) + 4) + body for kind, body in messages))

    def answer(self):
        """Up to ReadyForQuery: the integers of the rows, and the SQLSTATEs."""
        rows, errors = [], []
        while True:
            kind = self.file.read(1)
            body = self.file.read(struct.unpack("!i", self.file.read(4))[0] - 4)
            if kind == b"D" and struct.unpack("!h", body[:2])[0] == 1:
                length = struct.unpack("!i", body[2:6])[0]
                value = body[6:6 + length].decode() if length >= 0 else ""
                rows += [int(value)] if value.isdigit() else []
            elif kind == b"d":
                rows.append(int(body))
            elif kind == b"E":
                errors.append(dict((field[:1], field[1:]) for field in body.split(b"\0"))[b"C"].decode())
            elif kind == b"R" and struct.unpack("!i", body[:4])[0] != 0:
                sys.exit("the server asks for a password")
            elif kind == b"Z":
                return rows, errors

    def query(self, text):
        self.send((b"Q", text.encode() + b"\0"))
        return self.answer()

    def run(self, *messages):
        self.send(*messages, SYNC)
        return self.answer()

    def become(self, who, session=True):
        if who is None:
            return self.query("SELECT ambit.logout()")
        return self.query(f"SELECT ambit.assume('t', '{who}', session => {str(session).lower()})")


SYNC = (b"S", b"")


def parse(name, text):
    return b"P", name.encode() + b"\0" + text.encode() + b"\0" + struct.pack("!h", 0)


def bind(portal, statement, *values):
    parameters = b"".join(struct.pack("!i", len(v)) + v.encode() for v in values)
    return b"B", portal.encode() + b"\0" + statement.encode() + b"\0" + struct.pack("!hh", 0, len(values)) + parameters + struct.pack("!h", 0)


def execute(portal, rows=0):
    return b"E", portal.encode() + b"\0" + struct.pack("!i", rows)


ALL = "SELECT id FROM client ORDER BY id"
STATEMENTS = {
    "a query": (ALL, []),
    "a query with a parameter": ("SELECT id FROM client WHERE id >= $1::integer ORDER BY id", ["1"]),
    "a function": ("SELECT id FROM seen() id", []),
    "an update": ("WITH u AS (UPDATE client SET note = 'n' RETURNING id) SELECT id FROM u ORDER BY id", []),
    "EXECUTE": ("EXECUTE kept", []),
}

s = Session(sys.argv[1])
s.query(f"PREPARE kept AS {ALL}")

# Named statements: planned anew for the first five runs with parameters, then kept.
for name, (text, values) in STATEMENTS.items():
    s.become(None)
    s.run(parse("st", text))
    for who in ("owner", "staff", "owner", None, "staff"):
        if who is None and name == "an update":
            continue
        s.become(who)
        for i in range(7):
            have = s.run(bind("", "st", *values), execute(""))
            # what got away may raise once
            if have == ([], ["40001"]):
                have = s.run(bind("", "st", *values), execute(""))
            if have != (ROWS[who], []):
                break
        check(f"{name}: by {who or 'nobody'}, again and again", have, (ROWS[who], []))
    s.run((b"C", b"Sst\0"))

# The identity changes in the same batch of messages as the query.
s.become("owner")
s.run(parse("st", ALL), parse("staff", "SELECT ambit.assume('t', 'staff', session => true)"), parse("owner", "SELECT ambit.assume('t', 'owner', session => true)"))
have = s.run(bind("", "st"), execute(""), bind("", "staff"), execute(""), bind("", "st"), execute(""), bind("", "owner"), execute(""), bind("", "st"), execute(""))
check("identities that change within a batch", have, (ROWS["owner"] + ROWS["staff"] + ROWS["owner"], []))

# Portals: bound for one, run by another.
for who, other in (("owner", "staff"), ("staff", "owner"), ("owner", None), (None, "owner")):
    names = f"bound by {who or 'nobody'}, run by {other or 'nobody'}"
    refused = ([], ["40001"])
    for specialize in ("on", "off"):
        s.query(f"SET ambit.specialize_plans = {specialize}")
        s.become(None)
        s.query("BEGIN")
        s.become(who, False)
        s.run(bind("p", "st"))
        s.become(other, False)
        check(f"a portal {names}, specialize_plans {specialize}", s.run(execute("p")), refused)
        s.query("ROLLBACK")
        s.query("BEGIN")
        s.become(who, False)
        first = s.run(bind("p", "st"), execute("p", 1))
        check(f"a portal of {who or 'nobody'} shows a row", first, (ROWS[who][:1], []))
        s.become(other, False)
        check(f"a portal half read, {names}, specialize_plans {specialize}", s.run(execute("p", 1)), refused)
        s.query("ROLLBACK")
        s.query("BEGIN")
        s.become(other, False)
        check(f"and then, by {other or 'nobody'} alone", s.run(bind("p", "st"), execute("p")), (ROWS[other], []))
        s.query("ROLLBACK")
    s.query("RESET ambit.specialize_plans")

# Across savepoints: one that is rolled back brings its identity back.
s.become(None)
s.query("BEGIN")
s.become("owner", False)
s.run(bind("p", "st"), execute("p", 1))
s.query("SAVEPOINT a")
s.become("staff", False)
s.query("SAVEPOINT b")
check("a portal of before a savepoint, by another identity", s.run(execute("p", 1)), ([], ["40001"]))
s.query("ROLLBACK TO a")
check("and by its own again", s.run(bind("", "st"), execute("")), (ROWS["owner"], []))
s.query("ROLLBACK")
s.query("BEGIN")
s.become("owner", False)
s.run(bind("p", "st"), execute("p", 1))
s.query("SAVEPOINT a")
s.become("staff", False)
check("the other identity's rows", s.run(bind("q", "st"), execute("q")), (ROWS["staff"], []))
s.query("ROLLBACK TO a")
check("goes on for its own after a rollback", s.run(execute("p")), (ROWS["owner"][1:], []))
check("a portal goes with its savepoint", s.run(execute("q")), ([], ["34000"]))
s.query("ROLLBACK")

# One that is filled at once: nobody takes over while its rows are handed out.
s.query("BEGIN")
s.become("owner", False)
s.run(parse("w", "UPDATE client SET note = 'n' WHERE id < 9 RETURNING id"), bind("p", "w"), execute("p", 1))
check("a change of identity while a filled portal has rows left", s.become("staff", False), ([], ["55006"]))
s.query("ROLLBACK")

# COPY, and the end of a transaction.
for who in ("owner", "staff", None, "owner"):
    s.become(who)
    check(f"COPY by {who or 'nobody'}", s.query(f"COPY ({ALL}) TO STDOUT"), (ROWS[who], []))
s.become(None)
s.query("BEGIN")
s.become("owner", False)
check("in the transaction", s.run(bind("", "st"), execute("")), (ROWS["owner"], []))
s.query("COMMIT")
check("after it", s.run(bind("", "st"), execute("")), ([], []))
s.query("BEGIN")
s.become("owner", False)
s.query("SELECT 1 / 0")
s.query("ROLLBACK")
check("after one that failed", s.run(bind("", "st"), execute("")), ([], []))
s.become("owner")
s.run(bind("", "st"), execute(""))
s.query("DISCARD PLANS")
s.become("staff")
check("after DISCARD PLANS", s.run(bind("", "st"), execute("")), (ROWS["staff"], []))
s.query("DISCARD ALL")
s.query(f"SET ROLE {sys.argv[1]}")
check("after DISCARD ALL the statement is gone, and the identity", s.run(bind("", "st"), execute("")), ([], ["26000"]))
check("nobody sees anything", s.query(ALL), ([], []))

done()
