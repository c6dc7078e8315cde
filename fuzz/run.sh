#!/usr/bin/env bash
# Runs every fuzz target for SECONDS each, on stable Rust: fuzz/run.sh [SECONDS] [TARGET…]
#
# RUSTC_BOOTSTRAP lets stable's compiler take the flags that cargo-fuzz needs. It belongs here and in
# no crate.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-600}
shift || true
targets=${*:-$(ls corpus)}
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
export RUSTC_BOOTSTRAP=1
for target in $targets; do
    mkdir -p "artifacts/$target" "target/corpus/$target"
    cargo fuzz run "$target" "target/corpus/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=4096 -print_final_stats=1
done
