#!/usr/bin/env bash
# The gas harness against wasmd: every operation in transactions of a real chain, within 3 % of artifacts/gas.json (UPDATE=1 rewrites
# artifacts/gas-node.json). Needs the artifacts of `make wasm`.
. "$(dirname "$0")/lib.sh"
step "leasehold" cargo build --locked -p leasehold-cli
step "gas on a node" scripts/localnet.sh run -- cargo test --locked -p leasehold-test-localnet --test gas -- --ignored --nocapture
step "the page of figures" scripts/benchmarks.sh
