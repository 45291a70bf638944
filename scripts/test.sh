#!/usr/bin/env bash
# Every test that needs only Rust; the CosmJS tests join in when Node is there.
. "$(dirname "$0")/lib.sh"
if command -v npm >/dev/null; then
  step "CosmJS client" npm ci --prefix tests/cosmjs --no-audit --no-fund --silent
else
  echo "npm is not installed: the CosmJS tests are skipped (make test-all installs it when root)"
fi
step "Rust tests" cargo test --locked --workspace
