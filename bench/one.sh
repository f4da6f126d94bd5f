#!/usr/bin/env bash
# one.sh NAME [load arguments]: start the proxy NAME, run the load through it, stop
# it. Inside ns.sh. NAME is direct, squid, mitmproxy, gnomon (GNOMON, GNOMON_CONFIG
# and GNOMON_CA name the binary, its settings and its CA) or a kind of cmd/proxies.
set -u
name=$1
shift
mkdir -p out
export SSL_CERT_FILE=$PWD/pki/upca.pem # what the Go and Python proxies trust upstream
proxy=127.0.0.1:3128
ca=pki/bundle.pem
log=out/$name.log

case $name in
  direct)
    exec bin/load -name direct -upid "$UPID" "$@" ;;
  squid)
    rm -rf out/ssl_db
    /usr/lib/squid/security_file_certgen -c -s out/ssl_db -M 64MB >/dev/null
    chown -R proxy out/ssl_db
    sed "s#@PWD@#$PWD#g" squid.conf.in >out/squid.conf
    squid -N -f "$PWD/out/squid.conf" >"$log" 2>&1 & ;;
  mitmproxy)
    mkdir -p out/mitmconf
    cat pki/mitm-rsa.key pki/mitm-rsa.pem >out/mitmconf/mitmproxy-ca.pem
    mitmdump -q --listen-host 127.0.0.1 -p 3128 --set confdir="$PWD/out/mitmconf" \
      --set ssl_verify_upstream_trusted_ca="$PWD/pki/upca.pem" --set flow_detail=0 >"$log" 2>&1 & ;;
  gnomon)
    ca=${GNOMON_CA:?its CA file}
    env -u SSL_CERT_FILE -u GNOMON -u GNOMON_CONFIG -u GNOMON_CA \
      "${GNOMON:?absolute path of the binary}" run --config "${GNOMON_CONFIG:?its settings, listening on $proxy}" >"$log" 2>&1 & ;;
  *)
    bin/proxies -kind "$name" >"$log" 2>&1 & ;;
esac
pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null' EXIT

for _ in $(seq 150); do
  (exec 3<>/dev/tcp/127.0.0.1/3128) 2>/dev/null && break
  kill -0 $pid 2>/dev/null || { echo "$name: did not start, see bench/$log" >&2; exit 1; }
  sleep .1
done
sleep .5 # what is done at start only is not to be measured
bin/load -name "$name" -proxy $proxy -pid $pid -upid "$UPID" -ca "$ca" "$@"
