"""psycopg2_test.py: psycopg2: login, list, page, write, denied writes, errors,
retries after 40001.  Speaks TAP.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time

import psycopg2
from psycopg2 import errors
from psycopg2.extras import execute_values
from psycopg2.pool import SimpleConnectionPool

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import check, done  # noqa: E402

pool = SimpleConnectionPool(1, 2, "")


# Does work(cursor) in a transaction of the token's holder, and again when PostgreSQL asks for that.
def run_as(token, work, isolation="READ COMMITTED", attempts=5):
    for attempt in range(1, attempts + 1):
        connection = pool.getconn()
        try:
            connection.set_session(isolation_level=isolation)
            with connection, connection.cursor() as cursor:  # commits, or rolls back what raised
                cursor.execute("SELECT ambit.login(%s)", (token,))
                return work(cursor)
        except (errors.SerializationFailure, errors.DeadlockDetected):
            if attempt == attempts:
                raise
        finally:
            pool.putconn(connection)


# What a web server answers.
def status(error):
    return {"28000": 401, "42501": 403, "40001": 503, "57014": 504}.get(error.pgcode, 500)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(tenant, user, seconds=3600, secret=os.environ["AMBIT_SECRET"]):
    header = {"alg": "HS256", "typ": "JWT", "kid": "hs"}
    claims = {"tenant": tenant, "sub": user, "exp": int(time.time()) + seconds}
    signed = b".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64url(signature)).decode()


def failure(t, *statement):
    """The status of what must fail."""
    try:
        run_as(t, lambda cursor: cursor.execute(*statement))
        return 200
    except psycopg2.Error as error:
        return status(error)


def rows(*statement):
    def work(cursor):
        cursor.execute(*statement)
        return cursor.fetchall()
    return work


tom, ulla, olga, ada = (token("allegro", user) for user in ("tom", "ulla", "olga", "ada"))
columns = "SELECT min(school), max(school), min(teacher), max(teacher), count(*) FROM app.lessons"
check("list: a teacher", run_as(tom, rows(columns)), [("allegro", "allegro", 7, 7, 40)])
check("list: the desk", run_as(olga, rows(columns)), [("allegro", "allegro", 7, 9, 120)])
check("list: a student", run_as(ada, rows(columns)), [("allegro", "allegro", 7, 7, 5)])
check("list: of the same name in another school", run_as(token("corda", "tom"), rows(columns)), [("corda", "corda", 7, 7, 40)])
connection = pool.getconn()
with connection, connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM app.lessons")
    check("list: nobody, on a connection that others had", cursor.fetchall(), [(0,)])
pool.putconn(connection)

page = "SELECT id FROM app.lessons ORDER BY starts_at, id LIMIT %s OFFSET %s"
check("page: the first", run_as(tom, rows(page, (4, 0))), [(0,), (3,), (6,), (9,)])
check("page: the second", run_as(tom, rows(page, (4, 4))), [(12,), (15,), (18,), (21,)])


def by_portions(cursor):
    """Through a cursor of the server."""
    with cursor.connection.cursor("lessons") as portions:
        portions.itersize = 7
        portions.execute("SELECT id FROM app.lessons ORDER BY starts_at")
        return [row[0] for row in portions]


check("page: by portions of a server-side cursor", run_as(ulla, by_portions), list(range(1, 120, 3)))

move = "UPDATE app.lessons SET starts_at = starts_at + interval '1 minute' WHERE id = %s RETURNING id"
check("write: a teacher moves a lesson", run_as(tom, rows(move, (0,))), [(0,)])
check("write: another's lesson is not there", run_as(tom, rows(move, (1,))), [])
insert = "INSERT INTO app.notes (school, author, body) VALUES %s RETURNING author"
check("write: several rows at once", run_as(tom, lambda c: execute_values(c, insert, [("allegro", 7, str(i)) for i in range(3)], fetch=True)), [(7,)] * 3)
check("denied: one of them another's", failure(tom, "INSERT INTO app.notes (school, author, body) VALUES ('allegro', 7, 'x'), ('allegro', 8, 'x')"), 403)
check("denied: none of them was written", run_as(ulla, rows("SELECT count(*) FROM app.notes")), [(1,)])
check("denied: a teacher cancels", failure(tom, "UPDATE app.lessons SET status = 'cancelled' WHERE id = 0"), 403)
check("write: the desk cancels", run_as(olga, rows("UPDATE app.lessons SET status = 'cancelled' WHERE id = 0 RETURNING id")), [(0,)])
check("denied: a student deletes", failure(ada, "DELETE FROM app.lessons WHERE id = 0"), 200)
check("denied: nothing was deleted", run_as(olga, rows("SELECT count(*) FROM app.lessons WHERE id = 0")), [(1,)])
check("refused: an expired token", failure(token("allegro", "tom", seconds=-1), "SELECT 1"), 401)
check("refused: signed by somebody else", failure(token("allegro", "tom", secret="another-secret-of-32-bytes-or-more"), "SELECT 1"), 401)
check("refused: no token at all", failure("nonsense", "SELECT 1"), 401)
try:
    run_as("nonsense", lambda cursor: None)
except psycopg2.Error as error:
    check("refused: the exception", (type(error), error.diag.message_primary), (errors.InvalidAuthorizationSpecification, "token refused"))

tries = 0


def increment(cursor):
    """The first try has read the counter before the other session changes it."""
    global tries
    tries += 1
    cursor.execute("SELECT n FROM app.counters WHERE teacher = 7")
    n = cursor.fetchone()[0]
    if tries == 1:
        run_as(olga, lambda other: other.execute("UPDATE app.counters SET n = n + 10 WHERE teacher = 7"))
    cursor.execute("UPDATE app.counters SET n = %s WHERE teacher = 7 RETURNING n", (n + 1,))
    return cursor.fetchone()[0]


check("retry: nothing is lost", run_as(tom, increment, isolation="REPEATABLE READ"), 11)
check("retry: after one 40001", tries, 2)
pool.closeall()
done()
