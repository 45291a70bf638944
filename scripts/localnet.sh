#!/usr/bin/env bash
# A real chain on loopback: wasmd validators with fast blocks, the devchain's funded test accounts and the suite with pinned code.
#   localnet.sh start            starts it and returns; prints how to use it
#   localnet.sh stop             ends it and removes its folder
#   localnet.sh run -- COMMAND   runs COMMAND against a chain of its own, which ends with it
#   localnet.sh kill N...        kills validators of the chain in DIR by their numbers, from 0: no goodbye
#   localnet.sh revive N...      starts them again and returns once they answer; NODE_FLAGS go to wasmd
# COMMAND finds LEASEHOLD_NODE, LEASEHOLD_HOME (keys without passphrases), LEASEHOLD_SUITE, LEASEHOLD_BIN, CHAIN_ID, CHAIN_HOME (wasmd's)
# and CHAIN_GRPC.
# Settings: VALIDATORS=1, WASMD=0.61.14 or 0.70.3, BLOCK_MS=200, BLOCK_GAS=100000000, MEMPOOL=5000 transactions, PORT=26657 (the first
# free one from there), SUITE=yes or no, ARTIFACTS=artifacts (from `make wasm`), DIR (the chain's folder; `run` makes its own and tells
# COMMAND), CHAIN=leasehold-local (its id), GRPC=no or yes.
. "$(dirname "$0")/lib.sh"
VALIDATORS=${VALIDATORS:-1}
BLOCK_MS=${BLOCK_MS:-200}
BLOCK_GAS=${BLOCK_GAS:-100000000}
MEMPOOL=${MEMPOOL:-5000}
SUITE=${SUITE:-yes}
ARTIFACTS=${ARTIFACTS:-artifacts}
DIR=${DIR:-${TMPDIR:-/tmp}/leasehold-localnet-$(id -u)}
LEASEHOLD=${LEASEHOLD:-${CARGO_TARGET_DIR:-target}/debug/leasehold}
CHAIN=${CHAIN:-leasehold-local}
GRPC=${GRPC:-no}
VOTING=6s

fail() {
  echo "localnet: $*" >&2
  exit 1
}

# wasmd as validator number $1.
node() {
  local home=$DIR/node$1
  shift
  "$WASMD_BIN" --home "$home" "$@"
}

rpc_port() { echo $((PORT + 10 * $1)); }
grpc_port() { echo $((PORT + 10 * $1 + 2)); }

# The first port from PORT at which nothing listens for any of the validators.
choose_ports() {
  PORT=${PORT:-26657}
  while taken; do PORT=$((PORT + 10 * VALIDATORS)); done
}

taken() {
  local i
  for ((i = 0; i < 10 * VALIDATORS; i++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$((PORT + i))") 2>/dev/null && return
  done
  return 1
}

# Genesis: every validator stakes, the test accounts hold every denom.
genesis() {
  local i address
  for ((i = 0; i < VALIDATORS; i++)); do
    node "$i" init "validator$i" --chain-id $CHAIN --default-denom ustake
    node "$i" keys add validator --keyring-backend test
    node 0 genesis add-genesis-account "$(node "$i" keys show validator --address --keyring-backend test)" 2000000000ustake
  done
  "$LEASEHOLD" --home "$DIR/home" --json keys dev | jq -r '.[].address' >"$DIR/accounts"
  while read -r address; do
    node 0 genesis add-genesis-account "$address" "$(printf '1000000000000000%s,' ustake uakt uusd | sed 's/,$//')"
  done <"$DIR/accounts"
  local file=$DIR/node0/config/genesis.json
  jq --arg voting $VOTING --arg gas "$BLOCK_GAS" '.consensus.params.block.max_gas = $gas
    | .app_state.gov.params += {voting_period: $voting, expedited_voting_period: "3s", max_deposit_period: "60s",
        min_deposit: [{denom: "ustake", amount: "1"}], expedited_min_deposit: [{denom: "ustake", amount: "2"}]}' \
    "$file" >"$file.new"
  mv "$file.new" "$file"
  mkdir -p "$DIR/node0/config/gentx"
  for ((i = 0; i < VALIDATORS; i++)); do
    [ "$i" = 0 ] || cp "$file" "$DIR/node$i/config/genesis.json"
    node "$i" genesis gentx validator 1000000000ustake --chain-id $CHAIN --keyring-backend test \
      --output-document "$DIR/node0/config/gentx/$i.json"
  done
  node 0 genesis collect-gentxs
  for ((i = 1; i < VALIDATORS; i++)); do cp "$file" "$DIR/node$i/config/genesis.json"; done
}

# Fast blocks, loopback only, nothing open but RPC, the validators' own connections and, if asked for, gRPC.
configure() {
  local i peers=
  for ((i = 0; i < VALIDATORS; i++)); do
    peers+=${peers:+,}$(node "$i" comet show-node-id)@127.0.0.1:$(($(rpc_port "$i") + 1))
  done
  for ((i = 0; i < VALIDATORS; i++)); do
    sed -i -E \
      -e "/^\[rpc\]/,/^\[p2p\]/s|^laddr = .*|laddr = \"tcp://127.0.0.1:$(rpc_port "$i")\"|" \
      -e "/^\[p2p\]/,/^\[mempool\]/s|^laddr = .*|laddr = \"tcp://127.0.0.1:$(($(rpc_port "$i") + 1))\"|" \
      -e 's|^pprof_laddr = .*|pprof_laddr = ""|' \
      -e "s|^persistent_peers = .*|persistent_peers = \"$peers\"|" \
      -e 's|^(allow_duplicate_ip) = .*|\1 = true|' \
      -e 's|^(addr_book_strict\|pex) = .*|\1 = false|' \
      -e 's|^peer_gossip_sleep_duration = .*|peer_gossip_sleep_duration = "10ms"|' \
      -e 's|^timeout_propose = .*|timeout_propose = "500ms"|' \
      -e "/^\[mempool\]/,/^\[/s|^size = .*|size = $MEMPOOL|" \
      -e "s|^timeout_commit = .*|timeout_commit = \"${BLOCK_MS}ms\"|" \
      "$DIR/node$i/config/config.toml"
    sed -i -E \
      -e 's|^minimum-gas-prices = .*|minimum-gas-prices = "0ustake"|' \
      -e '/^\[(api\|grpc\|grpc-web)\]/,/^\[/s|^enable = .*|enable = false|' \
      "$DIR/node$i/config/app.toml"
    [ "$GRPC" = no ] || sed -i -E "/^\[grpc\]/,/^\[grpc-web\]/{s|^enable = .*|enable = true|;s|^address = .*|address = \"127.0.0.1:$(grpc_port "$i")\"|}" \
      "$DIR/node$i/config/app.toml"
  done
}

# The height of validator $1; nothing while it does not answer.
height() { node "$1" status --node "tcp://127.0.0.1:$(rpc_port "$1")" 2>/dev/null | jq -r '.sync_info.latest_block_height'; }

# Validator $1 in the background, with more flags.
spawn() {
  local i=$1
  shift
  "$WASMD_BIN" --home "$DIR/node$i" start --log_level info --log_no_color "$@" >>"$DIR/node$i.log" 2>&1 </dev/null 3>&- &
  echo $! >"$DIR/node$i.pid"
}

launch() {
  local i
  for ((i = 0; i < VALIDATORS; i++)); do spawn "$i"; done
  for ((i = 0; i < VALIDATORS; i++)); do
    until_true 60 "validator $i makes no blocks, see $DIR/node$i.log" at_height "$i" 2
  done
}

at_height() {
  kill -0 "$(cat "$DIR/node$1.pid")" 2>/dev/null || fail "validator $1 ended: $(tail -3 "$DIR/node$1.log")"
  [ "$(height "$1" || true)" -ge "$2" ] 2>/dev/null
}

# Asks every 100 ms until a command succeeds, for at most $1 seconds.
until_true() {
  local deadline=$((SECONDS + $1)) message=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "$message"
    sleep 0.1
  done
}

# The suite with waits in seconds, from the optimised contracts; a governance proposal pins its code.
deploy() {
  local ids=() address i
  "$LEASEHOLD" --home "$DIR/home" --node "$NODE" --from deployer --json suite deploy --profile development --wasm "$ARTIFACTS" >"$DIR/suite.json"
  for address in $(jq -r '.[]' "$DIR/suite.json"); do
    ids+=("$(node 0 query wasm contract "$address" --node "$RPC" --output json | jq -r '.contract_info.code_id')")
  done
  sign 0 wasm submit-proposal pin-codes "${ids[@]}" --title 'Pin the suite' --summary 'Keep its code in memory' --deposit 1ustake
  until_true 20 "the proposal to pin code did not arrive" proposal_is voting_period
  for ((i = 0; i < VALIDATORS; i++)); do sign "$i" gov vote 1 yes; done
  until_true 30 "the proposal to pin code did not pass" proposal_is passed
  node 0 query wasm pinned --node "$RPC" --output json | jq -e --argjson codes ${#ids[@]} '(.code_ids | length) == $codes' >/dev/null ||
    fail "code is not pinned"
}

# A transaction of validator $1.
sign() {
  local i=$1
  shift
  node "$i" tx "$@" --from validator --keyring-backend test --chain-id $CHAIN --node "$RPC" --gas 5000000 --yes --output json |
    jq -e '.code == 0' >/dev/null || fail "refused: $*"
}

proposal_is() { node 0 query gov proposal 1 --node "$RPC" --output json 2>/dev/null | jq -e --arg status "$1" '.proposal.status | ascii_downcase | endswith($status)' >/dev/null; }

prepare() {
  command -v jq >/dev/null || need_packages jq
  [ -x "$LEASEHOLD" ] || fail "there is no $LEASEHOLD: run \`make build\`"
  WASMD_BIN=$(scripts/wasmd.sh)
  [ "$SUITE" = no ] || [ -e "$ARTIFACTS/leasehold_market.wasm" ] || scripts/wasm.sh >&2
  choose_ports
  RPC=tcp://127.0.0.1:$PORT
  mkdir -p "$DIR"
  { genesis && configure; } >"$DIR/setup.log" 2>&1 || fail "cannot set up: $(tail -5 "$DIR/setup.log")"
  launch
  NODE=http://127.0.0.1:$PORT
  echo "export LEASEHOLD_NODE=$NODE LEASEHOLD_HOME=$DIR/home CHAIN_ID=$CHAIN CHAIN_HOME=$DIR/node0 WASMD_BIN=$WASMD_BIN" \
    "CHAIN_GRPC=http://127.0.0.1:$(grpc_port 0) DIR=$DIR LEASEHOLD_BIN=$(realpath "$LEASEHOLD")" >"$DIR/env"
  [ "$SUITE" != no ] || return 0
  deploy
  echo "export LEASEHOLD_SUITE=$(jq -r .market "$DIR/suite.json")" >>"$DIR/env"
}

# Whether the process with id $1 is still ours: ids are used again.
is_ours() { grep -qsF "$DIR/" "/proc/$1/cmdline"; }

kill_nodes() {
  local i pid
  for i in "$@"; do
    pid=$(cat "$DIR/node$i.pid")
    is_ours "$pid" || fail "validator $i does not run"
    kill -9 "$pid"
  done
  for i in "$@"; do until_true 10 "validator $i does not end" is_gone "$(cat "$DIR/node$i.pid")"; done
}

# With all its threads, so that its locks are free: a process that ends loses its command line before them.
is_gone() { [ ! -e "/proc/$1" ] || { [ "$(ls "/proc/$1/task" | wc -l)" = 1 ] && grep -qs '^State:.Z' "/proc/$1/status"; }; }

# Together: a chain moves on only when enough of them are back.
revive_nodes() {
  local i
  for i in "$@"; do
    ! is_ours "$(cat "$DIR/node$i.pid")" || fail "validator $i runs"
    spawn "$i" ${NODE_FLAGS:-}
  done
  for i in "$@"; do until_true 60 "validator $i does not answer, see $DIR/node$i.log" at_height "$i" 1; done
}

halt() {
  local file pid
  for file in "$DIR"/node*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    is_ours "$pid" || continue
    kill "$pid"
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then
      echo "localnet: $pid did not stop in 20 s, killing it" >&2
      kill -9 "$pid"
    fi
  done
}

end() {
  halt
  rm -rf "$DIR"
}

case ${1:-} in
  start)
    [ ! -e "$DIR" ] || fail "$DIR exists: it runs already, or \`$0 stop\` clears up"
    trap '[ $? -eq 0 ] || halt' EXIT
    prepare
    echo "$VALIDATORS validators of wasmd ${WASMD:-0.61.14}, chain $CHAIN at $NODE, logs in $DIR"
    echo "In a shell: . $DIR/env, then $LEASEHOLD keys ls, suite show, provider run --from provider0 …; to end it: $0 stop"
    ;;
  stop)
    [ -e "$DIR" ] || fail "nothing runs in $DIR"
    end
    ;;
  run)
    shift
    [ "${1:-}" != -- ] || shift
    [ $# -gt 0 ] || fail "run -- COMMAND"
    DIR=$(mktemp -d -t leasehold-localnet-XXXXXX)
    trap end EXIT
    prepare
    . "$DIR/env"
    "$@"
    ;;
  kill | revive)
    verb=$1
    shift
    [ -e "$DIR/env" ] || fail "nothing runs in $DIR"
    . "$DIR/env"
    PORT=${LEASEHOLD_NODE##*:}
    "${verb}_nodes" "$@"
    ;;
  *)
    sed -n '2,12s/^# //p' "$0"
    exit 1
    ;;
esac
