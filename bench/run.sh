#!/usr/bin/env bash
# Measures the relay against nginx, HAProxy and the Portkey gateway and writes bench/RESULTS.md.
# Usage: bench/run.sh [--quick] [--only NAME,..] [--rounds N] [--peers NAME,..] [--output DIR]
#   --help says what can be named. RELAY_BINARY=... measures another relay than the one built here.
# A complete run takes about half an hour and wants the machine for itself.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install.sh build test bench
cmake --preset release >/dev/null
targets=(load_client mock_upstream fill_store http_bench core_bench claude_bench exchange_bench
         store_bench net_bench)
[ -n "${RELAY_BINARY:-}" ] || targets+=(relay-station)
cmake --build --preset release --target "${targets[@]}"

portkey=build/portkey
mkdir -p "$portkey"
if ! cmp -s bench/peers/portkey/package-lock.json "$portkey/made_from"; then
  cp bench/peers/portkey/{package.json,package-lock.json,.npmrc} "$portkey"
  npm ci --ignore-scripts --prefix "$portkey"
  cp bench/peers/portkey/package-lock.json "$portkey/made_from"
fi

# Thousands of streams take two descriptors each.
ulimit -n "$(ulimit -Hn)"

# A network of our own where that is allowed: nothing reaches in or out, and Portkey, which binds
# every address, may take part.
for isolate in "unshare -n" "unshare -nc --keep-caps"; do
  if $isolate true 2>/dev/null; then
    exec $isolate bash -c 'ip link set lo up; BENCH_IS_ISOLATED=1 exec node "$@"' bench \
      bench/driver/main.mjs "$@"
  fi
done
exec node bench/driver/main.mjs "$@"
