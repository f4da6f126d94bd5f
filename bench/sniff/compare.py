"""Compares the names that each tool found, so that its speed is that of the same work.

compare.py TRUTH.json GNOMON.jsonl [TSHARK.tsv] [tool=COUNT...]
Gnomon's and tshark's are compared as multisets of (kind, client, name), both ways. Prints one JSON line a tool.
"""
import collections
import json
import sys

KINDS = ("query", "reply", "tls", "quic")


def gnomon(path):
    found = collections.Counter()
    with open(path) as lines:
        for line in lines:
            o = json.loads(line)
            kind = o["kind"] if o["sensor"] == "dns" else o["sensor"]
            found[kind, o["client"], o["name"]] += 1
    return found


def tshark(path):
    """Fields: ip.src, ipv6.src, ip.dst, ipv6.dst, dns.flags.response, dns.qry.name, server name, udp.srcport."""
    found = collections.Counter()
    with open(path) as lines:
        for line in lines:
            src4, src6, dst4, dst6, response, names, sni, udp = line.rstrip("\n").split("\t")
            src, dst = src4 or src6, dst4 or dst6
            for flag, name in zip(response.split(","), names.split(",")) if names else ():
                reply = flag in ("1", "True")
                found["reply" if reply else "query", dst if reply else src, name.lower()] += 1
            if sni:
                found["quic" if udp else "tls", src, sni.lower()] += 1
    return found


def kinds(found):
    sums = collections.Counter()
    for (kind, _, _), n in found.items():
        sums[kind] += n
    return {k: sums[k] for k in KINDS}


def main(truth, ours, theirs=None, *others):
    with open(truth) as f:
        wanted = json.load(f)
    print(json.dumps({"name": "in the capture"} | {k: wanted[k] for k in KINDS}))
    mine = gnomon(ours)
    print(json.dumps({"name": "gnomon"} | kinds(mine)))
    if theirs:
        peer = tshark(theirs)
        print(json.dumps({"name": "tshark"} | kinds(peer) | {"only_gnomon": (mine - peer).total(), "only_tshark": (peer - mine).total()}))
    for other in others:
        name, counts = other.split("=")
        print(json.dumps({"name": name} | dict(zip(KINDS, (int(c) if c else None for c in counts.split(","))))))


main(*sys.argv[1:])
