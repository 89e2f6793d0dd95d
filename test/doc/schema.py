"""schema.py DIRECTORY FILE...: the part of schema.sh that needs a validator.

Prints TAP, lines "#models {name, valid, model}" for the server to judge as
well, and as last line the number of its tests.
"""
import copy
import json
import sys

from jsonschema import Draft202012Validator

directory, files = sys.argv[1], sys.argv[2:]
schema = json.load(open("doc/template.schema.json", encoding="utf-8"))
n = bad = 0


def check(holds, name, *why):
    global n, bad
    n += 1
    bad += not holds
    print(("ok" if holds else "not ok"), n, "-", name)
    if not holds:
        for line in why:
            print("#", line)


Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)


def wrong(model):
    return ["%s: %s" % (e.json_path, e.message[:200]) for e in validator.iter_errors(model)]


def judge(name, model, valid):
    errors = wrong(model)
    check(valid == (not errors), name, *(errors or ["no error"]))
    print("#models", json.dumps({"name": name, "valid": valid, "model": model}))


exports = json.load(open(directory + "/exports", encoding="utf-8"))
differs = json.load(open(directory + "/differs", encoding="utf-8"))
check(len(files) > 0, "there are templates")
for file in files:
    model = json.load(open(file, encoding="utf-8"))
    errors = wrong(model)
    check(not errors, file + " is valid", *errors)
    check(differs.get(file) == 0, "the database has " + file, str(differs.get(file)))
for name in sorted(exports):
    judge("the export of %s is valid" % name, exports[name], True)
check(
    sorted(schema["properties"]["administration"]["propertyNames"]["enum"]) == sorted(json.load(open(directory + "/functions"))),
    "the schema names the administrative functions",
)
members = schema["properties"] | schema["properties"]["cells"]["items"]["properties"] | schema["$defs"]["entry"]["properties"]
undescribed = [name for name, member in members.items() if "description" not in member and "$ref" not in member]
check(not undescribed, "the members are described", *undescribed)

BASE = {
    "template": "base",
    "title": None,
    "visitor_role": "guest",
    "clients_permission": "shop.clients.view",
    "terms": {"clients": {"title": "Clients", "source": None}},
    "features": {"chat": {}},
    "scopes": {"served": {"relationship": "served", "subject": "staff", "back": "15 days", "ahead": None}},
    "permissions": [{"key": "shop.clients.view"}, {"key": "shop.clients.edit", "title": "Edit", "source": "may edit"}],
    "roles": [{"role": "guest"}, {"role": "staff", "title": "Staff", "rank": 2, "inherits": ["guest"], "single": True}],
    "cells": [
        {
            "role": "staff",
            "permission": "shop.clients.view",
            "enabled": True,
            "locked": True,
            "requires": ["shop.clients.edit"],
            "entries": [
                {"scope": "served", "requires": None, "feature": "chat", "channels": ["web", "mobile"], "targets": ["guest"]},
                {"scope": "all", "channels": []},
            ],
            "source": "sees clients",
        },
        {"role": "guest", "permission": "shop.clients.edit", "enabled": False, "locked": None, "entries": None},
    ],
    "administration": {"add_member": "shop.clients.edit"},
}
judge("all there is", BASE, True)
judge("the least", {"template": "least"}, True)
judge("nulls", {m: None for m in schema["properties"]} | {"template": "nulls"}, True)

MISSING = object()


def changed(path, value):
    model = copy.deepcopy(BASE)
    place = model
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(value)
    else:
        place[path[-1]] = value
    return model


for path, value in (
    (["cells", 0, "locked"], False),
    (["cells", 1, "entries"], []),
    (["roles", 1, "rank"], -5),
    (["scopes", "served", "subject"], "client"),
    (["scopes", "served", "subject"], None),
    (["template"], "x" * 255),
):
    judge("%s may be %r" % (path, value if len(str(value)) < 40 else "long"), changed(path, value), True)
for path, value in (
    (["template"], MISSING),
    (["template"], ""),
    (["template"], 7),
    (["template"], "x" * 256),
    (["titel"], "x"),
    (["titel"], None),
    (["title"], 7),
    (["visitor_role"], ""),
    (["clients_permission"], "clients"),
    (["terms"], []),
    (["terms", "clients", "title"], MISSING),
    (["terms", "clients", "title"], ""),
    (["terms", "clients", "label"], "x"),
    (["terms", ""], {"title": "x"}),
    (["features", "chat"], None),
    (["features", "chat", "name"], "x"),
    (["scopes", "own"], {"relationship": "served"}),
    (["scopes", "served", "relationship"], MISSING),
    (["scopes", "served", "relationship"], "Served"),
    (["scopes", "served", "subject"], "team"),
    (["scopes", "served", "back"], 15),
    (["permissions"], {}),
    (["permissions", 1, "key"], MISSING),
    (["permissions", 1, "key"], "clients"),
    (["permissions", 1, "key"], "a." * 8 + "a"),
    (["permissions", 1, "key"], "Shop.clients"),
    (["permissions", 1, "key"], "shop." + "x" * 186),
    (["permissions", 1], "shop.clients.edit"),
    (["roles", 0, "role"], MISSING),
    (["roles", 0, "role"], "no_access"),
    (["roles", 1, "rank"], 1.5),
    (["roles", 1, "rank"], 2147483648),
    (["roles", 1, "inherits"], "guest"),
    (["roles", 1, "inherits"], [""]),
    (["roles", 1, "single"], 1),
    (["cells", 0, "enabled"], MISSING),
    (["cells", 0, "enabled"], None),
    (["cells", 1, "enabled"], MISSING),
    (["cells", 1, "enabled"], True),
    (["cells", 0, "entries"], []),
    (["cells", 0, "entries"], MISSING),
    (["cells", 0, "entries"], [{"scope": "all"}] * 101),
    (["cells", 0, "locked"], "yes"),
    (["cells", 0, "requires"], ["edit"]),
    (["cells", 0, "scope"], "all"),
    (["cells", 0, "entries", 0, "scope"], MISSING),
    (["cells", 0, "entries", 0, "feature"], ""),
    (["cells", 0, "entries", 0, "channels"], ["fax"]),
    (["cells", 0, "entries", 0, "channels"], "web"),
    (["cells", 0, "entries", 0, "targets"], [7]),
    (["cells", 0, "entries", 0, "target"], "guest"),
    (["cells", 0, "entries", 2], "all"),
    (["administration", "create_tenant"], "shop.clients.edit"),
    (["administration", "add_member"], None),
    (["administration", "add_member"], "edit"),
):
    shown = "missing" if value is MISSING else repr(value) if len(str(value)) < 40 else "too long"
    judge("%s must not be %s" % (path, shown), changed(path, value), False)
print(n)
sys.exit(bad > 0)
