#!/usr/bin/env bash
# cargo-deny, installed once into the user's cache.
. "$(dirname "$0")/lib.sh"
VERSION=0.20.2
if ! "$CACHE/bin/cargo-deny" --version 2>/dev/null | grep -q "$VERSION"; then
  CARGO_TARGET_DIR=$CACHE/target-deny cargo install --quiet --debug --locked --root "$CACHE" --version "$VERSION" cargo-deny
fi
"$CACHE/bin/cargo-deny" --locked check licenses bans sources
