#!/usr/bin/env bash
# What runs on a chain's own virtual machine: the optimised contracts, their gas, the story on wasmd. Builds wasmd and the virtual
# machine, so the first run takes most of an hour on two cores.
. "$(dirname "$0")/lib.sh"
step "packages" need_packages podman runc catatonit netavark aardvark-dns iptables
step "optimised contracts" scripts/wasm.sh
step "gas" scripts/gas.sh
step "real chain, real containers" scripts/with-engine.sh scripts/test-localnet.sh
step "newest chain, four validators" env WASMD=0.70.3 VALIDATORS=4 DEMO_RUNTIME=process scripts/test-localnet.sh
