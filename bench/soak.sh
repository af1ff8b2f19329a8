#!/usr/bin/env bash
# Runs the relay under mixed traffic, with clients that leave and an upstream that fails, and compares
# its ledger with what the upstream reported; prints how memory and descriptors have developed.
# Usage: bench/soak.sh [--minutes 30] [--clients 48]     SEED=... repeats what was random
# Exits 1 if anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${RELAY_BINARY:-}" ]; then
  ./run --build-only
  export RELAY_BINARY=$PWD/build/release/relay-station
fi
exec node bench/soak/main.mjs "$@"
