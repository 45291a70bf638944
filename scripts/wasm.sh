#!/usr/bin/env bash
# The optimised artifacts of the five contracts, in artifacts/leasehold_<contract>.wasm, and of a token for tests in
# artifacts/test_cw20.wasm. Checks the five with both lines of cosmwasm-check and against the committed sizes and checksums; UPDATE=1
# rewrites those two.
. "$(dirname "$0")/lib.sh"
CONTRACTS=(deployment market escrow provider governance)
TARGET=wasm32-unknown-unknown
MAX_BYTES=700000
CHECKERS=(2.3.5 3.0.10)
# What every live chain offers.
CAPABILITIES=iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4,cosmwasm_2_0
# Built small: computing costs next to nothing, and at level 3 inlining makes functions of more than 100 locals, which the chain's virtual
# machine refuses.
BUILD=(build --release --lib --locked --target "$TARGET" -Z trim-paths --config 'profile.release.opt-level="z"')
for contract in "${CONTRACTS[@]}" test-cw20; do BUILD+=(-p "leasehold-$contract"); done

# No path of this machine ends up in an artifact: trim-paths is unstable, which the bootstrap variable lets pass. The chain's functions
# are undefined symbols, which newer compilers refuse unless told.
FLAGS='-C target-cpu=mvp -C link-arg=--allow-undefined'
SETTINGS=(RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_TRIM_PATHS=all)
if command -v rustup >/dev/null && rustup target list --installed | grep -qx "$TARGET"; then
  COMPILER=(rustc)
  # rustup's standard library brings its own texts: within the chain's limit, not ours.
  MAX_BYTES=800000
  compile() { env "${SETTINGS[@]}" RUSTFLAGS="$FLAGS" cargo "${BUILD[@]}"; }
else
  need_packages rustc-web cargo-web rust-web-src lld-22
  COMPILER=(/usr/bin/rustc)
  # The packaged tools, not rustup's, and their standard library from source: Debian ships none for this target. A contract never panics
  # (clippy sees to it); should a library, it traps without a text: 40 kB of texts in the market.
  FLAGS+=' -Z unstable-options -C panic=immediate-abort'
  compile() {
    env "${SETTINGS[@]}" RUSTFLAGS="$FLAGS" RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld-22 \
      /usr/bin/cargo "${BUILD[@]}" -Z build-std=std,panic_abort -Z build-std-features=optimize_for_size
  }
fi
command -v npm >/dev/null || need_packages nodejs npm

# rustup's standard library uses bulk memory and sign extension, which not every chain takes: lowered to the first wasm. Flattened before,
# code shrinks further.
optimise() {
  local contract
  for contract in "${CONTRACTS[@]}" test_cw20; do
    scripts/wasm-opt/node_modules/.bin/wasm-opt --flatten --rereloop -Oz -Oz --enable-bulk-memory --enable-sign-ext --enable-mutable-globals \
      --llvm-memory-copy-fill-lowering --signext-lowering --strip-debug --strip-producers --strip-target-features \
      "${CARGO_TARGET_DIR:-target}/$TARGET/release/leasehold_$contract.wasm" -o "artifacts/leasehold_$contract.wasm"
  done
}

check_with() {
  local root=$CACHE/cosmwasm-check-$1
  if ! [ -x "$root/bin/cosmwasm-check" ]; then
    # Unoptimised it takes some seconds more for each run, but minutes less to build.
    CARGO_TARGET_DIR=$CACHE/target-cosmwasm-check CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
      cargo install --quiet --locked --root "$root" --version "$1" cosmwasm-check
    rm -r "$CACHE/target-cosmwasm-check"
  fi
  "$root/bin/cosmwasm-check" --available-capabilities "$CAPABILITIES" artifacts/leasehold_*.wasm
}

sizes() { (cd artifacts && wc -c leasehold_*.wasm | awk '$2 != "total" {print $2, $1}'); }
toolchain() { echo "# $("${COMPILER[@]}" --version), $(scripts/wasm-opt/node_modules/.bin/wasm-opt --version)"; }
checksums() { toolchain; (cd artifacts && sha256sum leasehold_*.wasm); }

# Another compiler makes other bytes that do the same: they are compared only with what the same toolchain made.
compare() {
  sizes | awk -v max=$MAX_BYTES '$2 > max {print $1 " has " $2 " bytes, at most " max " are allowed"; bad = 1} END {exit bad}'
  if [ -n "${UPDATE:-}" ]; then
    checksums >artifacts/checksums.txt
    sizes >artifacts/sizes.txt
  elif [ "$(toolchain)" != "$(head -n 1 artifacts/checksums.txt)" ]; then
    echo "not compared: the committed checksums are of$(head -n 1 artifacts/checksums.txt | cut -c 2-)"
  else
    checksums | diff artifacts/checksums.txt - && sizes | diff artifacts/sizes.txt - ||
      { echo "the artifacts differ from the committed ones; if the code changed, refresh them with UPDATE=1 make wasm" >&2; return 1; }
  fi
  sizes
}

mkdir -p artifacts
step "wasm" compile
step "wasm-opt" npm ci --prefix scripts/wasm-opt --no-audit --no-fund --silent
step "optimise" optimise
mv artifacts/leasehold_test_cw20.wasm artifacts/test_cw20.wasm
for version in "${CHECKERS[@]}"; do step "cosmwasm-check $version" check_with "$version"; done
step "checksums" compare
