"""Medians of the load's JSON lines as Markdown.

report.py FILE...              prints them
report.py --into README FILE...  puts them between the marks of README
"""
import collections
import json
import statistics
import sys

RATE = [("req/s", "rps"), ("p50 µs", "p50_us"), ("p99 µs", "p99_us"), ("proxy CPU µs/req", "proxy_cpu_us_per_req"),
        ("CPU %", "proxy_cpu_pct"), ("peak RSS MB", "proxy_peak_rss_mb")]
STREAM = [("first event p50 µs", "ttfe_p50_us"), ("p99", "ttfe_p99_us"), ("event delay p50 µs", "event_delay_p50_us"),
          ("p99", "event_delay_p99_us"), ("CPU µs/stream", "proxy_cpu_us_per_req")]
IDLE = [("tunnels", "n"), ("RSS KB each", "rss_per_conn_kb"), ("descriptors each", "fds_per_conn"),
        ("slab KB each (host)", "host_slab_per_conn_kb"), ("CPU µs to open", "proxy_cpu_us_per_req")]
BULK = [("MB/s", "MBps"), ("CPU µs/req", "proxy_cpu_us_per_req"), ("p50 µs", "p50_us"), ("p99 µs", "p99_us"),
        ("peak RSS MB", "proxy_peak_rss_mb")]
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def columns(scenario):
    if scenario.startswith("sse"):
        return STREAM
    if scenario.startswith("idle"):
        return IDLE
    if "load" in scenario:
        return BULK
    if scenario.startswith(("newconn", "mint")):
        return RATE + [("resumed", "tls_resumed")]
    return RATE


def table(scenario, rows):
    keys = columns(scenario)
    yield f"\n#### {scenario}\n"
    yield "| proxy | " + " | ".join(k for k, _ in keys) + " | errors | CPU of others % | runs |"
    yield "|---" * (len(keys) + 4) + "|"
    for name, runs in rows.items():
        good = [r for r in runs if r["n"] > 0]
        cells = []
        for _, key in keys:
            value = statistics.median(r.get(key, 0) for r in good) if good else None
            cells.append("-" if value is None else f"{value:.1f}" if value < 10 and "each" in _ else f"{value:.0f}")
        errors = sum(r["errors"] for r in runs)
        first = next((r["first_err"] for r in runs if r.get("first_err")), "")
        others = statistics.median(r["foreign_cpu_pct"] for r in runs)
        yield f"| {name} | " + " | ".join(cells) + f" | {errors} {first[:60]}".rstrip() + f" | {others:.0f} | {len(runs)} |"


def report(files):
    scenarios = collections.defaultdict(lambda: collections.defaultdict(list))
    for file in files:
        with open(file) as lines:
            for line in lines:
                row = json.loads(line)
                scenarios[row["scenario"]][row["name"]].append(row)
    return "\n".join(line for scenario, rows in scenarios.items() for line in table(scenario, rows)) + "\n"


def main(args):
    if args[:1] != ["--into"]:
        print(report(args), end="")
        return
    readme = args[1]
    with open(readme) as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    with open(readme, "w") as f:
        f.write(before + BEGIN + "\n" + report(args[2:]) + END + after)


main(sys.argv[1:])
