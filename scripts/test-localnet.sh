#!/usr/bin/env bash
# The demo's story, leases paid in a token and over IBC, one that is audited and watched, the market's and the DAO's stories, and CosmJS,
# on a real chain of their own. DEMO_RUNTIME=docker runs containers;
# WASMD=0.70.3 tests the newest line, with our own client alone: CosmJS cannot read its account numbers.
. "$(dirname "$0")/lib.sh"
if [ -z "${CHAIN_HOME:-}" ]; then
  step "leasehold" cargo build --locked -p leasehold-cli
  exec scripts/localnet.sh run -- scripts/test-localnet.sh
fi
TARGET=${CARGO_TARGET_DIR:-target}
CHAIN_CLI=("$WASMD_BIN" --home "$CHAIN_HOME" --node "tcp://${LEASEHOLD_NODE#http://}" --output json)

# Stores the test token and prints its code's id.
store_token() {
  local hash
  hash=$("${CHAIN_CLI[@]}" tx wasm store "${ARTIFACTS:-artifacts}/test_cw20.wasm" --from validator --keyring-backend test \
    --chain-id "$CHAIN_ID" --gas 5000000 --yes | jq -er 'select(.code == 0).txhash')
  "${CHAIN_CLI[@]}" query wait-tx "$hash" --timeout 30s |
    jq -er '.events[] | select(.type == "store_code").attributes[] | select(.key == "code_id").value'
}

demo() {
  "$TARGET/debug/leasehold" demo --runtime "${DEMO_RUNTIME:-auto}" --summary "$TARGET/demo-wasmd.json"
  jq -e '.conserved and .http_before == 200 and .http_after == 200' "$TARGET/demo-wasmd.json" >/dev/null
}

cosmjs() {
  [ -d tests/cosmjs/node_modules ] || npm ci --prefix tests/cosmjs --no-audit --no-fund --silent
  local words bob
  words=$("$TARGET/debug/leasehold" keys export alice)
  bob=$("$TARGET/debug/leasehold" --json keys show bob | jq -r .address)
  node tests/cosmjs/chain.mjs "$LEASEHOLD_NODE" "$words" "$bob" "$CW20_CODE"
}

CW20_CODE=$(store_token)
export CW20_CODE
step "a lease paid in a token" cargo test --locked -p leasehold-test-localnet --test cw20 -- --ignored
step "an audited lease, watched" cargo test --locked -p leasehold-test-localnet --test trust -- --ignored
# Each on a suite of its own, and mostly waiting: all at once.
step "the market's and the DAO's stories" cargo test --locked -p leasehold-test-localnet --test stories -- --ignored --test-threads 32
step "an account paid over IBC" cargo test --locked -p leasehold-test-localnet --test ibc a_chain_that_pays_itself -- --ignored
step "the demo" demo
case ${WASMD:-} in
  0.70.*) ;;
  *) step "CosmJS" cosmjs ;;
esac
