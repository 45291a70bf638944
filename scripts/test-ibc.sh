#!/usr/bin/env bash
# A tenant on another chain: two chains of wasmd, the suite on one of them, and hermes between them.
. "$(dirname "$0")/lib.sh"
TARGET=${CARGO_TARGET_DIR:-target}
if [ -z "${CHAIN_HOME:-}" ]; then
  step "leasehold" cargo build --locked -p leasehold-cli
  step "hermes" scripts/hermes.sh
  CHAIN=leasehold-far SUITE=no GRPC=yes exec scripts/localnet.sh run -- scripts/test-ibc.sh
fi
if [ -z "${FAR_NODE:-}" ]; then
  export FAR_NODE=$LEASEHOLD_NODE FAR_GRPC=$CHAIN_GRPC FAR_ID=$CHAIN_ID FAR_HOME=$CHAIN_HOME
  CHAIN=leasehold-local SUITE=yes GRPC=yes exec scripts/localnet.sh run -- scripts/test-ibc.sh
fi

DIR=$(mktemp -d -t leasehold-hermes-XXXXXX)
trap end EXIT
HERMES=("$(scripts/hermes.sh)" --config "$DIR/config.toml")
LEASEHOLD=$TARGET/debug/leasehold

end() {
  [ -z "${RELAYER:-}" ] || { kill "$RELAYER" && wait "$RELAYER" || true; }
  rm -rf "$DIR"
}

# One chain of hermes' settings: id, RPC, gRPC.
chain() {
  cat <<TOML
[[chains]]
id = '$1'
type = 'CosmosSdk'
rpc_addr = '$2'
grpc_addr = '$3'
event_source = { mode = 'push', url = 'ws://${2#http://}/websocket', batch_delay = '50ms' }
# CometBFT 0.39 speaks this dialect, too, and hermes would fall back to an older one.
compat_mode = '0.38'
account_prefix = 'wasm'
address_type = { derivation = 'cosmos' }
key_name = 'relayer'
key_store_folder = '$DIR/keys'
store_prefix = 'ibc'
gas_price = { price = 0.0, denom = 'ustake' }
gas_multiplier = 1.5
max_gas = 10000000
clock_drift = '10s'
trusting_period = '10days'
trust_threshold = '1/3'
TOML
}

configure() {
  {
    echo '[mode]
      clients = { enabled = true, refresh = true, misbehaviour = false }
      connections = { enabled = false }
      channels = { enabled = false }
      packets = { enabled = true }'
    chain "$FAR_ID" "$FAR_NODE" "$FAR_GRPC"
    chain "$CHAIN_ID" "$LEASEHOLD_NODE" "$CHAIN_GRPC"
  } >"$DIR/config.toml"
  local id
  "$LEASEHOLD" keys export bob >"$DIR/words"
  for id in "$FAR_ID" "$CHAIN_ID"; do "${HERMES[@]}" keys add --chain "$id" --mnemonic-file "$DIR/words"; done
}

# A channel on a connection of its own; a far end and a home end.
connect() {
  "${HERMES[@]}" --json create channel --a-chain "$FAR_ID" --b-chain "$CHAIN_ID" --a-port transfer --b-port transfer \
    --new-client-connection --yes >"$DIR/channel.log"
  local side
  for side in a b; do jq -er "select(.result).result.${side}_side.channel_id" "$DIR/channel.log"; done >"$DIR/channels"
}

# docs/spec/escrow.md, "From another chain".
documented() {
  local escrow memo
  escrow=$("$LEASEHOLD" --json suite show | jq -er .escrow)
  memo=$("$LEASEHOLD" account memo --from tenant)
  "$WASMD_BIN" tx ibc-transfer transfer transfer "$FAR_CHANNEL" "$escrow" 1000000ustake --memo "$memo" --from validator \
    --home "$FAR_HOME" --node "tcp://${FAR_NODE#http://}" --chain-id "$FAR_ID" --keyring-backend test --gas 400000 --yes --output json |
    jq -e '.code == 0' >/dev/null
  # A relayed packet takes some blocks on each chain.
  for _ in $(seq 300); do
    "$LEASEHOLD" --json account ls --from tenant | jq -e '.[0].balance == "1000000000000000000"' >/dev/null && return
    sleep 0.2
  done
  return 1
}

step "hermes' settings and keys" configure
step "a channel between the chains" connect
{ read -r FAR_CHANNEL; read -r HOME_CHANNEL; } <"$DIR/channels"
export FAR_CHANNEL HOME_CHANNEL
"${HERMES[@]}" start >"$DIR/hermes.log" 2>&1 &
RELAYER=$!
step "an account paid from another chain" cargo test --locked -p leasehold-test-localnet --test ibc a_chain_that_pays_another -- --ignored --nocapture ||
  { tail -50 "$DIR/hermes.log" >&2; exit 1; }
step "the commands that the documentation shows" documented
