#!/usr/bin/env python3
"""Writes doc/performance.md and doc/performance.svg from what was measured.

report.py RESULTS TEXTS OUT MODE    RESULTS: what booking.py wrote; TEXTS: a
directory with what the other measures printed, NAME.txt; OUT: a directory
"""
import json
import os
import re
import subprocess
import sys
import time

WAYS = ("hand", "ambit", "initplan", "exists")
TITLES = {"owner": "owner", "manager": "manager at a location", "desk": "limited to a group", "staff": "staff (own)",
          "limited": "limited staff (served)", "client": "client (self)", "nobody": "nobody"}
COMMAND = {"default": "make bench", "quick": "BENCH=quick make bench", "large": "BENCH=large make bench", "full": "BENCH=full make bench", "tiny": "BENCH=tiny make bench"}


def median(values):
    values = sorted(values)
    n = len(values)
    return (values[n // 2] + values[(n - 1) // 2]) / 2 if n else float("nan")


def ms(us):
    if us is None:
        return "&ndash;"
    return f"{us / 1000:.3f}" if us < 10000 else f"{us / 1000:.1f}"


def times(x):
    return f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:,.0f}"


def against_hand(result, way):
    """The ratio of a way, "> N" where it was stopped."""
    if way not in result:
        return ""
    us, ratio = result[way]
    return times(ratio) if us is not None else "> " + times(ratio)


def ahead(result):
    """How many times initplan takes what ambit takes."""
    return result["initplan"][1] / result["ambit"][1]


def size(entry):
    return entry["rows"], entry["tenants"]


def size_title(at):
    return f"{at[0]:,} rows, {at[1]:,} tenant{'' if at[1] == 1 else 's'}"


def name(cell):
    return f"{TITLES[cell['role']]}, {cell['query']}"


def machine():
    cpu, memory = "unknown", 0
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = re.sub(r"\s+", " ", line.split(":", 1)[1].strip())
                break
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) / 1024 / 1024
    cores = len(os.sched_getaffinity(0))
    return f"{cpu}, {cores} core{'' if cores == 1 else 's'}, {memory:.0f} GB of memory"


def server():
    sql = ("SELECT split_part(version(), ' on ', 1) || ', ambit ' || (SELECT default_version FROM pg_available_extensions WHERE name = 'ambit') "
           "|| ', shared_buffers ' || current_setting('shared_buffers')")
    return subprocess.run(["psql", "-X", "-At", "-d", "postgres", "-c", sql], capture_output=True, text=True, check=True).stdout.strip()


def summary(cells, sizes):
    out = ["| size | protocol | cells | median | worst cell | within 1.25 | behind (b) | ahead of (b), median |", "|---|---|--:|--:|---|--:|--:|--:|"]
    for at in sizes:
        for protocol in ("simple", "prepared"):
            here = [c for c in cells if size(c) == at and c["protocol"] == protocol]
            if not here:
                continue
            worst = max(here, key=lambda c: c["result"]["ambit"][1])
            behind = [c for c in here if ahead(c["result"]) < 1]
            out.append(f"| {size_title(at)} | {protocol} | {len(here)} | {median([c['result']['ambit'][1] for c in here]):.2f} | "
                       f"{worst['result']['ambit'][1]:.2f} ({name(worst)}) | {sum(c['result']['ambit'][1] <= 1.25 for c in here)} | {len(behind)} | "
                       f"{times(median([ahead(c['result']) for c in here]))} |")
    return "\n".join(out)


def limited(cells, sizes):
    out = ["| size | protocol | page | count | join |", "|---|---|--:|--:|--:|"]
    for at in sizes:
        for protocol in ("simple", "prepared"):
            row = {c["query"]: c["result"] for c in cells if size(c) == at and c["protocol"] == protocol and c["role"] == "limited"}
            if all(q in row for q in ("page", "count", "join")):
                out.append(f"| {size_title(at)} | {protocol} | " +
                           " | ".join(("" if row[q]["initplan"][0] is not None else "> ") + times(ahead(row[q])) for q in ("page", "count", "join")) + " |")
    return "\n".join(out)


def flat(cells, sizes):
    """Medians of the cells that all sizes have."""
    keys = [set((c["role"], c["query"], c["protocol"]) for c in cells if size(c) == at) for at in sizes]
    common = set.intersection(*keys) if keys else set()
    queries = [q for q in ("page", "point", "count", "aggregate", "join", "notes", "insert", "update", "delete") if any(k[1] == q for k in common)]
    out = [f"| size | all {len(common)} | " + " | ".join(queries) + " |", "|---|--:|" + "--:|" * len(queries)]
    for at in sizes:
        here = [c for c in cells if size(c) == at and (c["role"], c["query"], c["protocol"]) in common]
        out.append(f"| {size_title(at)} | {median([c['result']['ambit'][1] for c in here]):.2f} | " +
                   " | ".join(f"{median([c['result']['ambit'][1] for c in here if c['query'] == q]):.2f}" for q in queries) + " |")
    return "\n".join(out)


def requests(entries):
    out = ["| size | request | who | protocol | by hand, ms | ambit, ms | throughput | of (b) |", "|---|---|---|---|--:|--:|--:|--:|"]
    for e in entries:
        r = e["result"]
        out.append(f"| {size_title(size(e))} | {e['what']} | {e['role']} | {e['protocol']} | {ms(r['hand'][0])} | {ms(r['ambit'][0])} | "
                   f"{1 / r['ambit'][1]:.2f} | {1 / r['initplan'][1]:.2f} |")
    return "\n".join(out)


def all_cells(cells, at):
    head = "by hand, ms | ambit, ms | **ambit** | (b) | (c) | ahead of (b) "
    out = [f"| who | query | plan | {head} | {head}|", "|---|---|---|" + "--:|" * 12, ]
    here = [c for c in cells if size(c) == at]
    for key in dict.fromkeys((c["role"], c["query"]) for c in here):
        row = f"| {TITLES[key[0]]} | {key[1]} | "
        two = {c["protocol"]: c for c in here if (c["role"], c["query"]) == key}
        if len(two) < 2:
            continue
        row += "same" if all(c["same_plan"] for c in two.values()) else "other"
        for protocol in ("simple", "prepared"):
            r = two[protocol]["result"]
            row += (f" | {ms(r['hand'][0])} | {ms(r['ambit'][0])} | **{against_hand(r, 'ambit')}** | {against_hand(r, 'initplan')} | {against_hand(r, 'exists')} | "
                    + ("" if r["initplan"][0] is not None else "> ") + times(ahead(r)))
        out.append(row + " |")
    return "\n".join(out)


def relationships(entries):
    out = ["| objects | query | protocol | best form by hand | by hand, ms | ambit, ms | **ambit** |", "|--:|---|---|---|--:|--:|--:|"]
    for e in entries:
        r = e["result"]
        out.append(f"| {e['objects']:,} | {e['query']} | {e['protocol']} | {e['form']} | {ms(r['hand'][0])} | {ms(r['ambit'][0])} | **{times(r['ambit'][1])}** |")
    return "\n".join(out)


def text(texts, kind):
    path = os.path.join(texts, kind + ".txt")
    if not os.path.exists(path):
        return "Not measured in this run."
    with open(path) as f:
        content = f.read().strip("\n")
    return content if content.startswith("|") else "```\n" + content + "\n```"


# ---- the plot ---------------------------------------------------------------

COLOURS = {"hand": "#3b82c4", "ambit": "#d9480f", "initplan": "#2f9e44", "exists": "#9c6ade"}
LABELS = {"hand": "by hand", "ambit": "ambit", "initplan": "(b) initplan policies", "exists": "(c) EXISTS policies"}


def plot(cells):
    """Limited staff of a business of 10,000 appointments in a database that grows."""
    panels = ("page", "count", "join")
    width, height, left, top, right, bottom = 300, 300, 62, 40, 16, 46
    points = {q: {w: [] for w in WAYS} for q in panels}
    for c in cells:
        if c["role"] == "limited" and c["protocol"] == "prepared" and c["query"] in panels and c["rows"] // c["tenants"] in (1000, 10000):
            for w in WAYS:
                us, ratio = c["result"][w]
                points[c["query"]][w].append((c["rows"], us if us is not None else ratio * c["result"]["hand"][0], us is None))
    values = [y for q in panels for w in WAYS for _, y, _ in points[q][w]]
    rows = sorted({x for q in panels for w in WAYS for x, _, _ in points[q][w]})
    if not values:
        return ""
    import math
    y0, y1 = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    x0, x1 = math.log10(rows[0]), max(math.log10(rows[-1]), math.log10(rows[0]) + 1)
    total = width * len(panels)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height + 34}" width="{total}" height="{height + 34}" '
           'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Cost against rows">',
           '<style>text{fill:#768390}.grid{stroke:#76839055}.axis{stroke:#768390}</style>']
    for n, query in enumerate(panels):
        ox = n * width

        def px(x):
            return ox + left + (math.log10(x) - x0) / (x1 - x0) * (width - left - right)

        def py(y):
            return height - bottom - (math.log10(y) - y0) / (y1 - y0) * (height - top - bottom)

        out.append(f'<text x="{ox + left + (width - left - right) / 2:.0f}" y="20" text-anchor="middle" font-weight="600">limited staff: {query}</text>')
        for decade in range(y0, y1 + 1):
            y = py(10 ** decade)
            us = 10 ** decade
            label = f"{us} µs" if us < 1000 else f"{us // 1000} ms" if us < 1000000 else f"{us // 1000000} s"
            out.append(f'<line class="grid" x1="{ox + left}" x2="{ox + width - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
            if n == 0:
                out.append(f'<text x="{ox + left - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
        out.append(f'<line class="axis" x1="{ox + left}" x2="{ox + width - right}" y1="{height - bottom}" y2="{height - bottom}"/>')
        out.append(f'<line class="axis" x1="{ox + left}" x2="{ox + left}" y1="{top}" y2="{height - bottom}"/>')
        for x in rows:
            label = f"{x // 1000000}M" if x >= 1000000 else f"{x // 1000}k"
            out.append(f'<text x="{px(x):.1f}" y="{height - bottom + 18}" text-anchor="middle">{label}</text>')
        out.append(f'<text x="{ox + left + (width - left - right) / 2:.0f}" y="{height - bottom + 36}" text-anchor="middle">appointments in the table</text>')
        for way in reversed(WAYS):
            line = sorted(points[query][way])
            colour = COLOURS[way]
            dash = ' stroke-dasharray="7 4"' if way == "hand" else ""
            out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2.5"{dash} points="' + " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y, _ in line) + '"/>')
            for x, y, capped in line:
                if capped:
                    # stopped there: it takes longer
                    out.append(f'<path d="M{px(x) - 5:.1f} {py(y):.1f} l5 -9 l5 9 z" fill="{colour}"/>')
                else:
                    out.append(f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="3.5" fill="{colour}"/>')
    x = left
    for way in WAYS:
        dash = ' stroke-dasharray="7 4"' if way == "hand" else ""
        out.append(f'<line x1="{x}" x2="{x + 26}" y1="{height + 14}" y2="{height + 14}" stroke="{COLOURS[way]}" stroke-width="2.5"{dash}/>')
        out.append(f'<text x="{x + 32}" y="{height + 18}">{LABELS[way]}</text>')
        x += 56 + 7 * len(LABELS[way])
    out.append(f'<text x="{x}" y="{height + 18}">&#9650; stopped there</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


FRAME = """# Performance

Generated by `{command}` (test/bench/); do not edit. {date}, {machine}; {server}. Load of the machine when it began: {load}.

ambit's policies become the predicate that one would have written by hand. This page compares the two, in one run: a business that takes bookings, with four protected tables
(clients, appointments, invoices, notes), the indexes that an expert would make, and seven kinds of people. Ratios are ambit's time over that of the same query with the right predicate
written into it and no row-level security; 1.00 is the same. Smaller is better, but for throughput.

## Summary

{summary}

Ahead of (b): how many times as long a query takes with initplan policies as with ambit. For limited staff (clients that they served within 15 days):

{limited}

Web requests, `BEGIN`, identity, statements, `COMMIT` on one connection, against `set_config()` of tenant and user and queries written by hand. Throughput is 1 for as many requests as by hand;
(b) is the same request under initplan policies.

{requests}

## Cost against rows

A business of the same size in a database that grows. Medians of ratios over the cells that all sizes have:

{flat}

![cost against rows](performance.svg)

## Relationships at scale

Limited staff related to 10 clients, to a tenth and to all of those who have a card, in a table of {cards:,}. By hand, the best of `= ANY (ARRAY(SELECT ...))`, `IN (SELECT ...)` and `EXISTS (SELECT ...)`.

{relationships}

## Method

- **Tables.** Appointments are spread over a year, 500 a member of staff; as many invoices, half as many notes; up to 50 clients a member of staff. Indexes on `(tenant, time)`, `(tenant, staff, time)`, `(tenant, client, time)`,
  `(tenant, location, time)` and the like, and extended statistics, since a key says its tenant. By hand and ambit each have tables of their own with the same rows, indexes and statistics (two
  samples would now and then have two plans); the server's buffers hold both, but for ten million rows.
- **People.** Owner: the whole tenant. Manager: a location and what is below it. Limited to a group: what the staff of a group has. Staff: their own. Limited staff: clients served 15 days before or after today, their appointments and
  invoices. Client: their own and their dependants'. Nobody: no identity.
- **Queries.** page: `ORDER BY starts_at LIMIT 20`; point: by primary key; count: of all appointments in reach; aggregate: invoices by status; join: the appointments of the coming week with client and invoice, all three protected; notes:
  `ORDER BY made_at LIMIT 20` of a table that follows the appointments, by hand `EXISTS` of the appointment; insert, update,
  delete: one row, each a transaction of its own. Rows that come in are cleared away between runs.
- **Ways.** By hand: the predicate with the tenant and the keys as literals or parameters, where a set of clients is needed `= ANY (ARRAY(SELECT ...))`, by a role without row-level security. (b): policies as guides to fast row-level security recommend
  them, every function in a `SELECT` of its own, one policy a table for all roles. (c): policies with `EXISTS` on the members' table. They stand in
  [booking_policies.sql](../test/bench/booking_policies.sql). Before anything is timed, each query and write is asked in all four ways and must do the same, for rows in reach and others.
- **Timing.** pgbench, one connection for each way, on the same processor as its server process (how long one processor takes to wake another depends on where the system happens to place them), protocol simple (by hand planned each time; ambit keeps the plans of texts that come again, or differ in the primary key that they look for, `ambit.keep_plans`, and those of a cell do) and prepared. The ways take turns of some milliseconds, or of eight transactions where these are longer, the others being stopped; the statistic of a turn is the mean of the faster half of its
  transactions without the fastest tenth (what other work on the machine did not interrupt), of neighbouring turns the median of the ratios. Milliseconds are medians over all turns, so where the machine changed speed between turns they do not divide into the ratio beside them. Latency is what the client sees, the way to the server and back included. (c), (b) for requests, and
  (b) where it takes more than 5 ms and four times as long as by hand, are run a few times only. A statement that takes more than a second is stopped, and shown as `>`. Meanwhile another session
  commits up to 1,000 transactions a second. Without parallel workers and JIT; `synchronous_commit` off, `random_page_cost` 1.1.
- **plan**: whether ambit's plan has the same nodes and indexes as the one by hand, without how a set of clients is come by.

## All cells

{cells}

## Hot questions

The demo school (20,000 clients, 500,000 appointments); `has_permission()` against a C function that returns a constant.

{questions}

## Signed identity

`login()` for each of 2,000 rows in one statement, against `set_config()` of the same string; and pgbench, one connection.

{login}

## Writes of many rows

What the guard costs, against a table of the same shape with policies written by hand, which look at whole rows only.

{writes}

## Many tenants

{tenants}
"""


def main(results, texts, out, mode):
    with open(results) as f:
        entries = [json.loads(line) for line in f]
    cells = [e for e in entries if e["kind"] == "cell"]
    related = [e for e in entries if e["kind"] == "relationship"]
    sizes = list(dict.fromkeys(size(c) for c in cells))
    with open(os.path.join(texts, "load.txt")) as f:
        load = f.read().strip()
    page = FRAME.format(
        command=COMMAND[mode], date=time.strftime("%Y-%m-%d"), machine=machine(), server=server(), load=load,
        summary=summary(cells, sizes), limited=limited(cells, sizes), requests=requests([e for e in entries if e["kind"] == "request"]),
        flat=flat(cells, sizes), relationships=relationships(related), cards=related[0]["cards"] if related else 0,
        cells="\n\n".join(f"### {size_title(at)}\n\nThe six columns on the left: simple protocol; on the right: prepared.\n\n{all_cells(cells, at)}" for at in sizes),
        questions=text(texts, "questions"), login=text(texts, "login"), writes=text(texts, "writes"), tenants=text(texts, "tenants"))
    with open(os.path.join(out, "performance.md"), "w") as f:
        f.write(page)
    with open(os.path.join(out, "performance.svg"), "w") as f:
        f.write(plot(cells))


if __name__ == "__main__":
    main(*sys.argv[1:])
