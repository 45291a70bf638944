#!/usr/bin/env bash
# What runs on a chain's own virtual machine: the optimised contracts, their gas, and the story on wasmd with real containers. The first
# run builds two versions of wasmd, hermes and the virtual machine, half an hour on two cores; later ones take them from the user's cache.
. "$(dirname "$0")/lib.sh"
build_chains() {
  local version
  for version in 0.61.14 0.70.3; do WASMD=$version scripts/wasmd.sh; done
  scripts/hermes.sh
}

step "packages" need_packages podman runc catatonit netavark aardvark-dns iptables jq
command -v npm >/dev/null || step "Node" need_packages nodejs npm
# Go and Rust builds each leave a core idle for long stretches.
beside "wasmd and hermes" build_chains
step "optimised contracts" scripts/wasm.sh
step "gas" scripts/gas.sh
join
step "gas on a node" scripts/gas-node.sh
step "load" scripts/load.sh
step "two chains, a relayer" scripts/test-ibc.sh
step "real chain, real containers" env DEMO_RUNTIME=docker scripts/with-engine.sh scripts/test-localnet.sh
step "newest chain, four validators" env WASMD=0.70.3 VALIDATORS=4 DEMO_RUNTIME=process scripts/test-localnet.sh
step "faults" scripts/test-faults.sh
