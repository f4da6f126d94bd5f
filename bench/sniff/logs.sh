#!/usr/bin/env bash
# logs.sh: the half of run.sh that reads logs.
set -eu
../bin/genlogs -format names -o "$OUT/ai-names.txt"

# one CASE NAME LINES FILE COMMAND...
one() {
  local case=$1 name=$2 lines=$3 file=$4
  shift 4
  cat "$file" >/dev/null # page cache
  python3 measure.py --into "$OUT/run.jsonl" --case "$case" --name "$name" --work "$lines" --rep "$rep" \
    --out "$OUT/$case-${name//[^a-z]/_}.out" --log "$OUT/$case-${name//[^a-z]/_}.log" -- taskset -c "$CORE" "$@" || true
}

# The peer counts clients and bytes for each AI host: what an administrator could
# write in five minutes.
peer() {
  local case=$1 file=$2 awk="awk -v NAMES=$OUT/ai-names.txt -f count.awk"
  case $case in
    squid) one "$case" awk "$LINES" "$file" $awk -v host=7 -v client=3 -v down=5 -v url=1 "$file" ;;
    zeek-conn) one "$case" awk "$LINES" "$file" awk -F'\t' '{ n[$3]++; down[$3] += $11 } END { for (k in n) c++; print c }' "$file" ;;
    zeek-dns | zeek-ssl) one "$case" awk "$LINES" "$file" $awk -F'\t' -v host=10 -v client=3 "$file" ;;
    suricata) one "$case" "jq and awk" "$LINES" "$file" sh -c "jq -r '[.src_ip, .dns.rrname // .tls.sni // .quic.sni // .http.hostname] | @tsv' '$file' | $awk -v host=2 -v client=1" ;;
    adguard) one "$case" "jq and awk" "$LINES" "$file" sh -c "jq -r '[.IP, .QH] | @tsv' '$file' | $awk -v host=2 -v client=1" ;;
  esac
}

for case in $LOGS; do
  file=$OUT/$case.log quarter=$OUT/$case-quarter.log
  [ "$(cat "$file.made" 2>/dev/null)" = "$LINES $CLIENTS" ] || {
    ../bin/genlogs -format "$case" -lines "$LINES" -clients "$CLIENTS" -o "$file"
    ../bin/genlogs -format "$case" -lines $((LINES / 4)) -clients "$CLIENTS" -o "$quarter"
    echo "$LINES $CLIENTS" >"$file.made"
  }
  for rep in $(seq "$REPS"); do
    echo "logs: $case ($rep of $REPS)" >&2
    one "$case" "wc -l" "$LINES" "$file" wc -l "$file"
    one "$case" "grep -c" "$LINES" "$file" env LC_ALL=C grep -c 10.20.5.1 "$file"
    [ "$rep" -gt "$SLOW_REPS" ] || peer "$case" "$file"
    [ -x "$GNOMON" ] || { echo "gnomon: no binary at $GNOMON, left out" >&2; continue; }
    one "$case" "gnomon discover" "$LINES" "$file" "$GNOMON" discover "$file" --json
    one "$case" "gnomon discover, a quarter" $((LINES / 4)) "$quarter" "$GNOMON" discover "$quarter" --json
  done
  if [ "$case" != zeek-conn ] && [ -s "$OUT/$case-gnomon_discover.out" ]; then # its work must be the peer's
    python3 - "$OUT/$case-gnomon_discover.out" "$(cat "$OUT/$case"-*awk.out)" "$case" >&2 <<'END'
import json, sys
ours = sum(s["requests"] for s in json.load(open(sys.argv[1]))["services"])
theirs = int(sys.argv[2].split()[0])
print(f"{sys.argv[3]}: requests to AI services: gnomon {ours}, the peer {theirs}" + ("" if ours == theirs else "  DIFFERENT"))
END
  fi
done
