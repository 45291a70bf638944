#!/usr/bin/env bash
# What every operation costs on the real virtual machine with a chain's gas prices, gated by artifacts/gas.json (UPDATE=1 rewrites it),
# profiled in artifacts/gas-profile.txt. Needs the artifacts of `make wasm` and makes them when they are missing.
. "$(dirname "$0")/lib.sh"
for contract in leasehold_{deployment,market,escrow,provider,governance} test_cw20; do
  [ -f "artifacts/$contract.wasm" ] || { scripts/wasm.sh; break; }
done
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/gas
# The virtual machine takes minutes to build: once per user, not per checkout.
export CARGO_BUILD_BUILD_DIR=$CACHE/build-gas
step "the meter's own tests" cargo test --locked --quiet --manifest-path tests/gas/Cargo.toml
step "gas" cargo run --locked --quiet --manifest-path tests/gas/Cargo.toml
step "the page of figures" scripts/benchmarks.sh
