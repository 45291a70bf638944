#!/usr/bin/env bash
# Mutation testing: changes one expression at a time and sees whether a test of its package fails. PACKAGES (rules escrow market), or of
# each the part SHARD=k/n. Lists are left in target/mutants/PACKAGE/mutants.out.
. "$(dirname "$0")/lib.sh"
VERSION=27.1.0
if ! "$CACHE/bin/cargo-mutants" --version 2>/dev/null | grep -q "$VERSION"; then
  CARGO_TARGET_DIR=$CACHE/target-mutants cargo install --quiet --debug --locked --root "$CACHE" --version "$VERSION" cargo-mutants
fi
export CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 RUST_BACKTRACE=0

# Survivors are what it is about, so they are no failure (exit status 2; 3: a mutant that never ends).
mutate() {
  local package=$1 status=0
  mkdir -p "target/mutants/$package"
  "$CACHE/bin/cargo-mutants" mutants --package "leasehold-$package" --exclude '**/bin/*.rs' --output "target/mutants/$package" --timeout "${TIMEOUT:-120}" \
    --jobs "${JOBS:-1}" --sharding round-robin ${SHARD:+--shard "$SHARD"} --cargo-arg=--locked || status=$?
  [ "$status" -le 3 ] && [ "$status" -ne 1 ]
}

for package in ${PACKAGES:-rules escrow market}; do
  step "$package" mutate "$package"
done
