#!/usr/bin/env bash
# run.sh [load arguments]: every proxy that is installed, one after another in one
# run, and the table of it in README.md. Needs root and Go; squid-openssl and
# mitmproxy (Debian) where they are to be compared.
#
#   PROXIES="direct squid gnomon"  which ones (default: all)
#   REPS=3                         how often; the table shows medians (default: 1)
#   GNOMON=/path/to/gnomon         the binary (default: ../bin/gnomon)
set -eu
cd "$(dirname "$0")"
if [ -z "${IN_NS:-}" ]; then
  go build -o bin/ ./cmd/...
  bin/pki
  mkdir -p out
  rm -rf out/*.jsonl out/gnomon
  ./ns.sh ./run.sh "$@"
  exec python3 report.py --into README.md out/run.jsonl
fi

gnomon=$(realpath -m "${GNOMON:-../bin/gnomon}")
export GNOMON=$gnomon GNOMON_CONFIG=$PWD/gnomon.yaml GNOMON_CA=$PWD/out/gnomon/ca.pem
for rep in $(seq "${REPS:-1}"); do
  for name in ${PROXIES:-direct squid mitmproxy limit goproxy-inner gnomon}; do
    case $name in
      squid) command -v squid >/dev/null || { echo "squid: not installed, left out" >&2; continue; } ;;
      mitmproxy) command -v mitmdump >/dev/null || { echo "mitmproxy: not installed, left out" >&2; continue; } ;;
      gnomon) [ -x "$gnomon" ] || { echo "gnomon: no binary at $gnomon, left out" >&2; continue; } ;;
    esac
    echo "$name ($rep)" >&2
    ./one.sh "$name" -rep "$rep" "$@" >>out/run.jsonl
  done
done
