#!/usr/bin/env bash
# Many orders, bids and leases at once on a real chain of one validator, with real agents, measured: target/load.json, and target/load.md
# for docs/benchmarks.md. Without settings a run of two minutes; FULL=1 is the one that docs/benchmarks.md shows, ten minutes.
# Settings: ORDERS, BIDS, LEASES, PROVIDERS (scripted wallets that bid), AGENTS (at most 4), TENANTS, BIDDING (seconds), UNDERCUTS (bids
# on one order), BLOCK_GAS, BLOCK_MS; UPDATE=1 puts the tables into the page; PROFILE=load for optimised agents (FULL's default), dev for builds that are there already.
. "$(dirname "$0")/lib.sh"
FULL_RUN=(ORDERS=1000 BIDS=10000 LEASES=10000 PROVIDERS=8 AGENTS=3 TENANTS=4 BIDDING=180 UNDERCUTS=10000)
if [ -n "${FULL:-}" ]; then
  for assignment in "${FULL_RUN[@]}" PROFILE=load; do
    name=${assignment%%=*}
    export "$name=${!name:-${assignment#*=}}"
  done
fi
PROFILE=${PROFILE:-dev}
TARGET=${CARGO_TARGET_DIR:-target}
BUILT=$TARGET/${PROFILE/#dev/debug}
export LEASEHOLD=$BUILT/leasehold BLOCK_GAS=${BLOCK_GAS:-100000000}

step "agents and crowd" cargo build --locked --profile "$PROFILE" -p leasehold-cli -p leasehold-test-load
step "load" scripts/localnet.sh run -- "$BUILT/leasehold-test-load" "$TARGET"

# The page's tables, between its two markers.
filled() {
  awk -v tables="$TARGET/load.md" '
    /^<!-- \/load -->$/ { while ((getline line < tables) > 0) print line; print ""; inside = 0 }
    !inside { print }
    /^<!-- load -->$/ { print ""; inside = 1 }
  ' docs/benchmarks.md
}

if [ -n "${UPDATE:-}" ]; then
  page=$(filled)
  printf '%s\n' "$page" >docs/benchmarks.md
fi
