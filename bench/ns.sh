#!/usr/bin/env bash
# ns.sh COMMAND...: run it in a network and mount namespace of its own, with only
# loopback, our hosts file and the origin running. Needs root.
cd "$(dirname "$0")" || exit 1
[ -n "${IN_NS:-}" ] || exec env IN_NS=1 setsid -w unshare -m -n "$PWD/ns.sh" "$@"
mkdir -p out
{
  echo "127.0.0.1 localhost api.bench.test bench.test"
  for i in $(seq 0 499); do echo "127.0.0.1 h$i.bench.test"; done
} >out/hosts
ip link set lo up
mount --bind out/hosts /etc/hosts
sysctl -qw net.ipv4.ip_local_port_range="1024 65000" net.core.somaxconn=8192 net.ipv4.tcp_tw_reuse=1 2>/dev/null
bin/upstream &
export UPID=$!
trap 'kill $UPID' EXIT
for _ in $(seq 50); do
  (exec 3<>/dev/tcp/127.0.0.1/443) 2>/dev/null && break
  sleep .1
done
"$@"
