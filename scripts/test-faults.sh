#!/usr/bin/env bash
# What goes wrong with nodes, networks and validators, on real chains: see docs/faults.md. HALT_SECONDS is how long all validators stand
# still (30: longer than every wait of these suites).
. "$(dirname "$0")/lib.sh"
export HALT_SECONDS=${HALT_SECONDS:-30}

faults() { cargo test --locked -p leasehold-test-localnet --test "$1" -- --ignored --nocapture --test-threads 1; }

if [ -z "${CHAIN_HOME:-}" ]; then
  step "leasehold" cargo build --locked -p leasehold-cli
  step "tests of faults" cargo test --locked -p leasehold-test-localnet --no-run
  step "one validator" env VALIDATORS=1 MEMPOOL=20 scripts/localnet.sh run -- "$0" faults_tx faults_node
  step "four validators" env VALIDATORS=4 BLOCK_MS=300 scripts/localnet.sh run -- "$0" faults_halt
  exit
fi
for name in "$@"; do step "$name" faults "$name"; done
