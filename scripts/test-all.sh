#!/usr/bin/env bash
# The slow tier: lints, licences, and everything that needs a real part. Installs what it lacks when root on Debian.
. "$(dirname "$0")/lib.sh"
step "packages" need_packages podman runc catatonit netavark aardvark-dns iptables busybox-static
command -v npm >/dev/null || step "Node" need_packages nodejs npm
step "formatting" cargo fmt --all --check
step "clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
step "licences" scripts/deny.sh
step "CosmJS client" npm ci --prefix tests/cosmjs --no-audit --no-fund --silent
step "devchain by CosmJS" cargo test --locked -p leasehold-devchain --test cosmjs -- --ignored
step "containers" scripts/with-engine.sh cargo test --locked -p leasehold-agent --test docker -- --ignored
step "demo on real containers" scripts/with-engine.sh make demo DEMO_RUNTIME=docker
step "demo on processes" make demo DEMO_RUNTIME=process
step "real chains" scripts/test-chain.sh
