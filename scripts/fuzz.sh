#!/usr/bin/env bash
# Coverage-guided fuzzing of message decoding and of the pure rules, FUZZ_SECONDS (600) each, on stable Rust: libFuzzer with LLVM's
# coverage counters, no sanitizer, as the code forbids unsafe blocks. `scripts/fuzz.sh stream` runs one target. What it finds is left in
# fuzz/artifacts; the corpus grows in fuzz/corpus.
. "$(dirname "$0")/lib.sh"
cd fuzz
TARGETS=("$@")
[ ${#TARGETS[@]} -gt 0 ] || TARGETS=(messages records stream auction matching offers money slash)
HOST=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
step "Fuzz targets" cargo build --locked --target "$HOST"
# Field names and variants of all messages.
mkdir -p corpus artifacts
grep -oh '"[a-z_0-9]\{2,40\}"' ../schema/*.json | sort -u >corpus/words.dict
for target in "${TARGETS[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target" "seeds/$target"
  step "$target" "target/$HOST/debug/$target" -max_total_time="${FUZZ_SECONDS:-600}" -dict=corpus/words.dict -max_len=4096 \
    -timeout=10 -print_final_stats=1 -print_funcs=0 -verbosity=0 -artifact_prefix="artifacts/$target/" "corpus/$target" "seeds/$target"
done
