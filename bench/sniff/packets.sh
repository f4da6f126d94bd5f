#!/usr/bin/env bash
# packets.sh: the sniffing half of run.sh, which sets what is used here.
set -eu
pcap=$OUT/mixed.pcap
if [ ! -s "$OUT/truth.json" ] || [ "$(cat "$OUT/made" 2>/dev/null)" != "$PACKETS $CLIENTS" ]; then
  ../bin/gen -packets "$PACKETS" -clients "$CLIENTS" -o "$pcap" >"$OUT/truth.json"
  echo "$PACKETS $CLIENTS" >"$OUT/made"
fi
packets=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["packets"])' "$OUT/truth.json")

# one NAME COMMAND...: one run on one core; on both, its name says so.
one() {
  local name=$1 cores=$CORE
  shift
  case $name in *"two cores"*) cores=0-1 ;; esac
  cat "$pcap" >/dev/null # page cache
  python3 measure.py --into "$OUT/run.jsonl" --case packets --name "$name" --work "$packets" --rep "$rep" \
    --out "${stdout:-/dev/null}" --log "$OUT/${name//[^a-z0-9A-Z]/_}.log" -- taskset -c "$cores" "$@" || true
}

# The names alone, every protocol off that they don't need, no look-ups.
tshark_fields=(-T fields -E occurrence=a -e ip.src -e ipv6.src -e ip.dst -e ipv6.dst -e dns.flags.response -e dns.qry.name
  -e tls.handshake.extensions_server_name -e udp.srcport)
tshark_protocols=(--disable-protocol ALL)
for p in frame eth ethertype vlan ip ipv6 udp tcp dns tls quic; do tshark_protocols+=(--enable-protocol $p); done

run() {
  case $1 in
    read) one "read(2) only" ../bin/walk -read "$pcap" ;;
    walk) one "header walk" ../bin/walk "$pcap" ;;
    engine) one "gnomon's engine" ../bin/engine "$pcap" ;;
    naive) stdout=$OUT/naive.json one "naive gopacket" ../bin/naive "$pcap" ;;
    tshark) stdout=$OUT/tshark.tsv one tshark tshark -n -r "$pcap" "${tshark_protocols[@]}" \
      -Y "dns.qry.name || tls.handshake.extensions_server_name" "${tshark_fields[@]}" ;;
    suricata) rm -rf "$OUT/suricata" && mkdir "$OUT/suricata" && one suricata suricata -r "$pcap" -k none -l "$OUT/suricata" -S /dev/null \
      --set outputs.0.fast.enabled=no --runmode single ;;
    ndpiReader) one ndpiReader ndpiReader -q -i "$pcap" ;;
    dnscap) stdout=$OUT/dnscap.txt one dnscap dnscap -r "$pcap" -T -L 4095 -P "$(find /usr/lib -name txtout.so | head -1)" ;;
    passivedns) one passivedns passivedns -r "$pcap" -l /dev/null -L /dev/null ;;
    zeek) rm -rf "$OUT/zeek" && mkdir "$OUT/zeek" && one zeek env -C "$OUT/zeek" zeek -C -r "$pcap" ;;
    gnomon)
      one "gnomon --json" "$GNOMON" sniff -r "$pcap" --json
      rm -rf "$OUT/state"
      one "gnomon --save" "$GNOMON" sniff -r "$pcap" --save --state-dir "$OUT/state"
      one "gnomon --json, two cores" "$GNOMON" sniff -r "$pcap" --json ;;
  esac
}

for rep in $(seq "$REPS"); do
  for tool in $TOOLS; do
    case $tool in
      tshark | suricata | ndpiReader | dnscap | passivedns | zeek)
        command -v "$tool" >/dev/null || { echo "$tool: not installed, left out" >&2; continue; } ;;
      gnomon) [ -x "$GNOMON" ] || { echo "gnomon: no binary at $GNOMON, left out" >&2; continue; } ;;
      *) [ -x "../bin/${tool/read/walk}" ] || { echo "$tool: did not build, left out" >&2; continue; } ;;
    esac
    case $tool in tshark | suricata | zeek) [ "$rep" -le "$SLOW_REPS" ] || continue ;; esac
    echo "packets: $tool ($rep of $REPS)" >&2
    run "$tool"
  done
done

# The names are compared outside of what is timed.
[ -x "$GNOMON" ] || exit 0
"$GNOMON" sniff -r "$pcap" --json >"$OUT/gnomon.jsonl" 2>/dev/null
others=()
[ -s "$OUT/naive.json" ] && others+=("naive gopacket=$(python3 -c 'import json,sys; n=json.load(open(sys.argv[1])); print("%d,%d,," % (n["query"], n["reply"]))' "$OUT/naive.json")")
[ -s "$OUT/dnscap.txt" ] && others+=("dnscap=$(awk '$9 ~ /^[0-9]+$/ && $10 ~ /\|/ { if ($10 ~ /QR/) r++; else q++ } END { print q + 0 "," r + 0 ",," }' "$OUT/dnscap.txt")")
theirs=$OUT/tshark.tsv
[ -s "$theirs" ] || theirs=
python3 compare.py "$OUT/truth.json" "$OUT/gnomon.jsonl" "$theirs" "${others[@]}" >"$OUT/names.jsonl"
cat "$OUT/names.jsonl" >&2
