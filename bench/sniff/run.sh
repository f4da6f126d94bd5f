#!/usr/bin/env bash
# run.sh: what sniffing and reading logs costs, side by side in one run, offline,
# from page cache, on one core; the table of it goes into README.md.
#
#   PACKETS=1900000 LINES=2000000 CLIENTS=2000   sizes
#   REPS=3                    how often; the table shows medians
#   SLOW_REPS=1               how often tshark, suricata, zeek, awk and jq run (default: REPS)
#   TOOLS="tshark gnomon"     which readers of packets (default: all)
#   LOGS="squid zeek-dns"     which logs (default: all); TOOLS=none or LOGS=none: no such half
#   GNOMON=/path/to/gnomon    the binary (default: ../../bin/gnomon)
#   CORE=1                    the core that all of it runs on
#   OUT=/somewhere            scratch, 4 GB at these sizes (default: out)
#   INSTALL=no                leave out what is missing instead of installing it as root
set -eu
cd "$(dirname "$0")"
export PACKETS=${PACKETS:-1900000} LINES=${LINES:-2000000} CLIENTS=${CLIENTS:-2000} REPS=${REPS:-3} CORE=${CORE:-1}
export SLOW_REPS=${SLOW_REPS:-$REPS}
export TOOLS=${TOOLS:-read walk engine naive tshark suricata ndpiReader dnscap passivedns zeek gnomon}
export LOGS=${LOGS:-squid zeek-conn zeek-dns zeek-ssl suricata adguard}
OUT=$(realpath -m "${OUT:-out}") GNOMON=$(realpath -m "${GNOMON:-../../bin/gnomon}")
export OUT GNOMON

if [ "$(id -u)" = 0 ] && [ "${INSTALL:-yes}" = yes ] && command -v apt-get >/dev/null; then
  for pair in tshark:tshark suricata:suricata ndpiReader:libndpi-bin dnscap:dnscap passivedns:passivedns zeek:zeek jq:jq; do
    command -v "${pair%:*}" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${pair#*:}" >/dev/null 2>&1 ||
      echo "${pair#*:}: can't be installed from here" >&2
  done
fi
for part in gen genlogs naive walk engine; do
  (cd .. && go build -o bin/ "./sniff/cmd/$part") || echo "$part: does not build" >&2
done
mkdir -p "$OUT"
rm -f "$OUT"/*.jsonl "$OUT"/tshark.tsv "$OUT"/naive.json "$OUT"/dnscap.txt "$OUT"/*.out
[ "$TOOLS" = none ] || ./packets.sh
[ "$LOGS" = none ] || ./logs.sh
names=$OUT/names.jsonl
[ -s "$names" ] || names=
python3 report.py --into README.md "$OUT/run.jsonl" $names
