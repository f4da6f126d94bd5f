"""Runs a command and adds a JSON line of what it cost: CPU of it and all its children, time, peak memory.

measure.py --into FILE --case CASE --name NAME --work N [--out FILE] [--log FILE] [--rep N] -- COMMAND...
Work is how many packets or lines the command goes through. What it prints is thrown away but for --out and --log.
"""
import argparse
import json
import os
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def busy():
    """Seconds that the machine's processors have been busy, by anyone."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def measure(command, out, log):
    with open(out, "wb") as stdout, open(log, "wb") as stderr:
        before, began = busy(), time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        _, status, used = os.wait4(process.pid, 0)
        wall, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    others = max(busy() - before - cpu, 0)
    return {"cpu_s": cpu, "wall_s": wall, "rss_mb": used.ru_maxrss / 1024, "foreign_cpu_pct": 100 * others / wall, "status": os.waitstatus_to_exitcode(status)}


def main():
    p = argparse.ArgumentParser()
    for name in ("into", "case", "name"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--work", type=int, required=True)
    p.add_argument("--rep", type=int, default=1)
    p.add_argument("--out", default="/dev/null")
    p.add_argument("--log", default="/dev/null")
    p.add_argument("command", nargs="+")
    a = p.parse_args()
    row = {"case": a.case, "name": a.name, "work": a.work, "rep": a.rep} | measure(a.command, a.out, a.log)
    with open(a.into, "a") as f:
        f.write(json.dumps(row) + "\n")
    if row["status"]:
        raise SystemExit(f"{a.name}: ended with {row['status']}, see {a.log}")


main()
