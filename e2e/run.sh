#!/usr/bin/env bash
# Drives the official SDKs, curl and the black-box probes through a real gateway
# in front of stand-in services. GNOMON names the binary (default: bin/gnomon).
# Loopback only, apart from the package registries that the SDKs come from.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export GNOMON=${GNOMON:-$here/../bin/gnomon}
[ -x "$GNOMON" ] || { echo "e2e: no binary at $GNOMON: run make build" >&2; exit 1; }

export E2E_SCRIPTS=$here E2E_NODE="" E2E_PYTHON=""

if command -v node >/dev/null; then
  if [ -d "$here/node/node_modules/openai" ] || (cd "$here/node" && npm ci --no-audit --no-fund --silent); then
    E2E_NODE=$(command -v node)
  fi
fi

venv=$here/python/.venv
if "$venv/bin/python" -c 'import openai, anthropic' 2>/dev/null; then
  E2E_PYTHON=$venv/bin/python
elif command -v python3 >/dev/null; then
  if { python3 -m venv "$venv" && timeout 180 "$venv/bin/pip" install -q -r "$here/python/requirements.txt"; } >"$here/python/install.log" 2>&1; then
    E2E_PYTHON=$venv/bin/python
  else
    tail -n 3 "$here/python/install.log" >&2
  fi
fi

# From here on all traffic is loopback, and no proxy but ours has a say.
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy NO_PROXY no_proxy
cd "$here/go"
status=0
go run ./cmd/drive || status=1
go test -count=1 ./... || status=1
exit $status
