# Shared by the scripts: sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/leasehold

# Runs a command as a named step and says how long it took.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@"
  printf '== %s: %d s\n' "$name" $((SECONDS - start))
}

# Starts a command beside the steps that follow; `join` waits for it and shows what it said.
beside() {
  BESIDE=$1 BESIDE_START=$SECONDS BESIDE_LOG=$(mktemp)
  shift
  "$@" >"$BESIDE_LOG" 2>&1 &
  BESIDE_JOB=$!
}

join() {
  local status=0
  wait "$BESIDE_JOB" || status=$?
  printf '\n== %s, begun %d s ago beside the steps before\n' "$BESIDE" $((SECONDS - BESIDE_START))
  cat "$BESIDE_LOG"
  rm "$BESIDE_LOG"
  return "$status"
}

# Installs Debian packages when root, else says what is missing. One at a time: apt gives up when another runs.
need_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. Install them (apt-get install ${missing[*]}) and run this again." >&2
    return 1
  fi
  mkdir -p "$CACHE"
  {
    flock 9
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  } 9>"$CACHE/apt.lock"
}
