"""secret.py: looks for the secret of a signing key in the memory of a backend,
besides what all backends share.  Speaks TAP; see secret.sh."""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import check, done  # noqa: E402


def noise(n):
    return "".join(hashlib.sha256(b"%d" % i).hexdigest() for i in range(n)).encode()


SHORT = noise(1)[:40]
LONG = noise(40) + b"x" * 1536  # one that a table could compress and store apart


class Session:
    """A psql that stays."""

    def __init__(self):
        self.psql = subprocess.Popen(["psql", "-X", "-q", "-At"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True)
        self.pid = int(self.run("SELECT pg_backend_pid()"))

    def run(self, command):
        self.psql.stdin.write(f"{command};\n\\echo end of it\n")
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline()) and line != "end of it\n":
            lines.append(line.rstrip("\n"))
        return "\n".join(lines)

    def copies(self, secret):
        """How often a part of a secret is there, one that allocators do not overwrite
        and compression leaves as it is."""
        part = secret[16:24]
        n = 0
        with open(f"/proc/{self.pid}/maps") as maps, open(f"/proc/{self.pid}/mem", "rb", 0) as memory:
            for line in maps:
                begin, end, access, inode = re.match(r"(\w+)-(\w+) (\S+) \w+ \S+ (\d+)", line).groups()
                if access.startswith("rw-p"):
                    memory.seek(int(begin, 16))
                    n += memory.read(int(end, 16) - int(begin, 16)).count(part)
        return n


def encode(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def token(kid, secret):
    signed = b".".join(encode(json.dumps(part).encode()) for part in (
        {"alg": "HS256", "kid": kid}, {"sub": "ann", "tenant": "memory", "exp": 4102444800}))
    return b".".join((signed, encode(hmac.new(secret, signed, hashlib.sha256).digest()))).decode()


dba = Session()
dba.run("SELECT ambit.create_tenant('memory', 'workspace'), ambit.add_member('memory', 'ann'), ambit.assign_role('memory', 'ann', 'member')")
for what, secret in (("a secret", SHORT), ("a secret of 4 kB", LONG)):
    dba.run(f"SELECT ambit.add_signing_key('memory', 'HS256', '{secret.decode()}', dumped => false)")
    session = Session()
    try:
        session.copies(secret)
    except PermissionError:
        print("1..0 # SKIP the memory of a backend cannot be read")
        sys.exit()
    who = "SELECT ambit.current_user_id()"
    session.run(f"SET ambit.token = '{token('memory', secret)}'")
    check(f"{what} is in use", session.run(who), "ann")
    check(f"{what} is kept once", session.copies(secret), 1)
    dba.run("UPDATE ambit.signing_key SET issuer = 'x'")
    check(f"{what} whose row changed is not good", session.run(who), "")
    session.run("RESET ambit.token")
    check(f"{what} whose row changed is kept once", session.copies(secret), 1)
    dba.run("UPDATE ambit.signing_key SET issuer = NULL")
    session.run(f"SET ambit.token = '{token('memory', secret)}'")
    check(f"{what} is in use again", session.run(who), "ann")
    check(f"{what} is kept once then", session.copies(secret), 1)
    dba.run("SELECT ambit.drop_signing_key('memory')")
    check(f"{what} is dropped", session.run(who), "")
    check(f"{what} that is dropped is wiped", session.copies(secret), 0)
    session.psql.stdin.close()
    session.psql.wait()
done()
