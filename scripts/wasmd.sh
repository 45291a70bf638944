#!/usr/bin/env bash
# Builds wasmd of the version WASMD (0.61.14 or 0.70.3) once into the user's cache, and Go before it where that is missing. Prints the binary's path.
. "$(dirname "$0")/lib.sh"
WASMD=${WASMD:-0.61.14}
# Builds either version; older Go fetches it by itself.
GO=1.26.8
module=tests/wasmd/$WASMD
[ -f "$module/go.mod" ] || { echo "WASMD=$WASMD: known versions are $(ls tests/wasmd | xargs)" >&2; exit 1; }
binary=$CACHE/bin/wasmd-$WASMD-$(cat "$module"/go.* | sha256sum | cut -c -8)
[ -x "$binary" ] && { echo "$binary"; exit; }

# A go command that is at least as new as the module asks for.
find_go() {
  local minimum
  minimum=$(sed -n 's/^go //p' "$module/go.mod")
  for go in go /usr/local/go/bin/go; do
    command -v "$go" >/dev/null || continue
    [ "$(printf '%s\n' "$minimum" "$("$go" env GOVERSION | sed 's/^go//')" | sort -V | head -1)" = "$minimum" ] && { command -v "$go"; return; }
  done
  return 1
}

# The Go project publishes its releases as modules, too: any older Go, such as Debian's, can fetch and check a newer one.
fetch_go() {
  local dir
  command -v go >/dev/null || need_packages golang-go || { echo "Or install Go $GO or newer from https://go.dev/dl." >&2; return 1; }
  dir=$(cd "$(mktemp -d)" && GOFLAGS=-mod=mod go mod download -json "golang.org/toolchain@v0.0.1-go$GO.linux-$(go env GOARCH)" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  [ -n "$dir" ] || { echo "Go $GO could not be fetched; install it from https://go.dev/dl." >&2; return 1; }
  # Modules are unpacked read-only and without execute bits.
  mkdir -p "$CACHE"
  rm -rf "$CACHE/go-$GO.new"
  cp -r "$dir" "$CACHE/go-$GO.new"
  chmod -R u+w "$CACHE/go-$GO.new"
  chmod +x "$CACHE/go-$GO.new"/bin/* "$CACHE/go-$GO.new"/pkg/tool/*/*
  mv "$CACHE/go-$GO.new" "$CACHE/go-$GO"
}

{
  command -v cc >/dev/null || need_packages gcc libc6-dev
  if ! go=$(find_go); then
    go=$CACHE/go-$GO/bin/go
    [ -x "$go" ] || fetch_go
  fi
  echo "Building wasmd $WASMD with $("$go" env GOVERSION), once: some minutes"
  mkdir -p "$CACHE/bin"
  (cd "$module" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly "$go" build -o "$binary.new" github.com/CosmWasm/wasmd/cmd/wasmd)
  mv "$binary.new" "$binary"
} >&2
echo "$binary"
