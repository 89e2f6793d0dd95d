"""tap.py: imported by the tests in Python, which speak TAP."""
import sys

tests = failed = 0


def check(name, have, want):
    global tests, failed
    tests += 1
    failed += have != want
    print("ok" if have == want else "not ok", tests, "-", name)
    if have != want:
        print("# have:", have)
        print("# want:", want)


def done():
    print(f"1..{tests}")
    sys.exit(failed > 0)
