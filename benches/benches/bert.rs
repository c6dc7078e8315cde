//! The crate's own figures from one change to the next: `cargo bench -p benches --features criterion --bench bert`.
//!
//! For comparisons use `cargo run --release -p benches --bin report`: it pairs contenders turn by
//! turn, which this does not.

use benches::contender;
use benches::corpus::Corpus;
use benches::measure::{Contender, TURN, Watch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn bert(criterion: &mut Criterion) {
    let corpus = Corpus::new();
    for mut group in contender::groups(&corpus) {
        let mut run = criterion.benchmark_group(group.name);
        for one in group.shown() {
            one.check();
            let work = one.work();
            run.throughput(Throughput::Bytes(work.bytes as u64));
            run.bench_function(one.name(), |bencher| {
                bencher.iter_custom(|frames| pass(one, frames as usize));
            });
        }
        run.finish();
    }
}

/// The time for this many frames, over the corpus repeatedly.
fn pass(one: &mut (dyn Contender + '_), mut frames: usize) -> std::time::Duration {
    let all = one.work().frames;
    let mut watch = Watch::timing();
    while frames > 0 {
        one.prepare();
        for start in (0..all).step_by(TURN) {
            let end = all.min(start + TURN).min(start + frames);
            one.turn(start..end, &mut watch);
            frames -= end - start;
            if frames == 0 {
                break;
            }
        }
    }
    watch.elapsed()
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = bert
}
criterion_main!(benches);
