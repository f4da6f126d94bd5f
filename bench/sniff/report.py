"""Medians of run.sh's JSON lines as Markdown.

report.py RUN.jsonl [NAMES.jsonl]                prints them
report.py --into README RUN.jsonl [NAMES.jsonl]  puts them between the marks of README
"""
import collections
import json
import statistics
import sys

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
AIMS = [("tshark", 50), ("suricata", 25), ("ndpiReader", 10), ("naive gopacket", 5)]


def read(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def medians(rows):
    cases = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        cases[row["case"]][row["name"]].append(row)
    return {case: {name: summary(runs) for name, runs in names.items()} for case, names in cases.items()}


def summary(runs):
    good = [r for r in runs if r["status"] == 0]
    if not good:
        return None
    s = {k: statistics.median(r[k] for r in good) for k in ("cpu_s", "wall_s", "rss_mb", "foreign_cpu_pct", "work")}
    cpu = [r["cpu_s"] for r in good]
    return s | {"runs": len(good), "spread": max(cpu) / max(min(cpu), 1e-3), "rate": s["work"] / max(s["cpu_s"], 1e-2)}


def number(n):
    return f"{float(f'{n:.3g}'):,.0f}" if n >= 100 else f"{n:.2f}"


def table(case, what, names, to):
    base = names.get(to)
    yield f"\n#### {case}\n"
    yield f"| tool | {what}/s of CPU | to {to} | CPU s | time s | peak RSS MB | slowest to fastest run | CPU of others % | runs |"
    yield "|---" * 9 + "|"
    for name, s in names.items():
        if s is None:
            yield f"| {name} | failed |" + " |" * 7
            continue
        ratio = number(s["rate"] / base["rate"]) + "x" if base else "-"
        yield f"| {name} | {number(s['rate'])} | {ratio} | {s['cpu_s']:.2f} | {s['wall_s']:.2f} | {s['rss_mb']:.0f} | {s['spread']:.2f}x | {s['foreign_cpu_pct']:.0f} | {s['runs']} |"


def aims(packets):
    ours = packets.get("gnomon --json")
    if not ours:
        return
    yield "\n#### Aims, packets (`gnomon sniff -r FILE --json`)\n"
    yield "| aim | reached | |"
    yield "|---|---|---|"
    for name, least in AIMS:
        peer = packets.get(name)
        if peer:
            got = ours["rate"] / peer["rate"]
            yield f"| >= {least}x {name} | {got:.1f}x | {'yes' if got >= least else 'no'} |"
        else:
            yield f"| >= {least}x {name} | not measured: not installed | |"
    yield f"| <= 64 MB at 2,000 clients | {ours['rss_mb']:.0f} MB | {'yes' if ours['rss_mb'] <= 64 else 'no'} |"
    both = packets.get("gnomon --json, two cores")
    if both:
        got = ours["wall_s"] / both["wall_s"]
        yield f"| two cores >= 1.7x one (time) | {got:.2f}x | {'yes' if got >= 1.7 else 'no'} |"


def log_aims(cases):
    yield "\n#### Aims, logs (`gnomon discover FILE --json`)\n"
    yield "| log | lines/s of CPU | aim | | peak RSS MB | of a quarter of the lines |"
    yield "|---|---|---|---|---|---|"
    for case, names in cases.items():
        ours, quarter = names.get("gnomon discover"), names.get("gnomon discover, a quarter")
        if not ours:
            continue
        aim = 1_000_000 if case in ("squid", "zeek-conn", "zeek-dns", "zeek-ssl") else None
        verdict = "" if aim is None else "yes" if ours["rate"] >= aim else "no"
        yield f"| {case} | {number(ours['rate'])} | {f'{aim:,}' if aim else ''} | {verdict} | {ours['rss_mb']:.0f} | {quarter['rss_mb'] if quarter else 0:.0f} |"


def found(rows):
    yield "\n#### Names found in the capture\n"
    yield "| tool | DNS questions | DNS answers | TLS | QUIC | only Gnomon / only it |"
    yield "|---" * 6 + "|"
    for r in rows:
        cells = ["-" if r.get(k) is None else f"{r[k]:,}" for k in ("query", "reply", "tls", "quic")]
        both = f"{r['only_gnomon']} / {r['only_tshark']}" if "only_gnomon" in r else ""
        yield f"| {r['name']} | " + " | ".join(cells) + f" | {both} |"


def report(run, names=None):
    cases = medians(read(run))
    lines = []
    packets = cases.pop("packets", None)
    if packets:
        lines += aims(packets)
        lines += table("packets", "packets", packets, "tshark")
    if names:
        lines += found(read(names))
    if cases:
        lines += log_aims(cases)
    for case, tools in cases.items():
        lines += table(case, "lines", tools, "awk" if "awk" in tools else "jq and awk")
    return "\n".join(lines) + "\n"


def main(args):
    if args[:1] != ["--into"]:
        print(report(*args), end="")
        return
    readme = args[1]
    with open(readme) as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    with open(readme, "w") as f:
        f.write(before + BEGIN + "\n" + report(*args[2:]) + END + after)


main(sys.argv[1:])
