#!/usr/bin/env bash
# Makes what fixed workloads cost today, in instructions, the budgets that ./test compares with.
# Usage: bench/record_budgets.sh "why they changed"
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { sed -n 2,3p "$0" >&2; exit 2; }

tools/install.sh build test
cmake --preset release >/dev/null
cmake --build --preset release --target instruction_counts
exec node bench/driver/budgets.mjs --record "$1"
