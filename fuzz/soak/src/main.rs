//! Checks the laws on mutated inputs of the corpus, with as many executions as asked for.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fuzz_soak::mutator::{Mutator, Random};
use fuzz_soak::{TARGETS, Target, find};

const USAGE: &str = "\
Usage: fuzz-soak [--seed N] [--executions N] [--seconds N] [--threads N] [--full N] [--target NAME]... [--first N]

  --seed N        what the inputs are made from (default 1)
  --executions N  for all targets together; without it, --seconds is the limit
  --seconds N     for all targets together (default 10)
  --threads N     default: one for each processor
  --full N        checks the full law on every N-th execution, and parsing alone on the others (default 64)
  --target NAME   one target; may be repeated (default: all)
  --first N       number of the first execution, to repeat one that failed

An input that breaks a law is written to a file in the current folder; the exit code is then 1.";

/// Executions that a thread takes at once.
const BLOCK: u64 = 4096;

struct Options {
    seed: u64,
    executions: Option<u64>,
    seconds: u64,
    threads: usize,
    full: u64,
    targets: Vec<&'static Target>,
    first: u64,
}

fn options() -> Result<Options, String> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut options = Options {
        seed: 1,
        executions: None,
        seconds: 10,
        threads,
        full: 64,
        targets: Vec::new(),
        first: 0,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" {
            return Err(USAGE.to_owned());
        }
        let value = arguments.next().ok_or_else(|| format!("{name}: expected a value"))?;
        if name == "--target" {
            let target = find(&value).ok_or_else(|| format!("{value}: no such target"))?;
            options.targets.push(target);
            continue;
        }
        let number: u64 = value
            .replace('_', "")
            .parse()
            .map_err(|_| format!("{name}: expected a number, found {value:?}"))?;
        match &*name {
            "--seed" => options.seed = number,
            "--executions" => options.executions = Some(number),
            "--seconds" => options.seconds = number,
            "--threads" => options.threads = number.max(1) as usize,
            "--full" => options.full = number.max(1),
            "--first" => options.first = number,
            _ => return Err(format!("{name}: no such option\n\n{USAGE}")),
        }
    }
    if options.targets.is_empty() {
        options.targets = TARGETS.iter().collect();
    }
    Ok(options)
}

/// A law that was broken.
struct Failure {
    execution: u64,
    input: Vec<u8>,
}

struct Run {
    executions: u64,
    elapsed: Duration,
    failure: Option<Failure>,
}

fn soak(target: &Target, corpus: &[Vec<u8>], options: &Options) -> Run {
    let share = options.targets.len() as u64;
    let count = options.executions.map_or(u64::MAX, |all| all.div_ceil(share));
    let seconds = Duration::from_secs(options.seconds) / share as u32;
    let limit = options.executions.is_none().then_some(seconds);
    let start = Instant::now();
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let is_over = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let work = || {
        let mut mutator = Mutator::new(corpus);
        while !is_over.load(Ordering::Relaxed) && limit.is_none_or(|limit| start.elapsed() < limit)
        {
            let block = next.fetch_add(BLOCK, Ordering::Relaxed);
            if block >= count {
                break;
            }
            let end = count.min(block + BLOCK);
            let mut at = block;
            // One guard for many executions; `at` says which one panicked.
            let result = catch_unwind(AssertUnwindSafe(|| {
                while at < end {
                    execute(target, &mut mutator, options, options.first + at);
                    at += 1;
                }
            }));
            done.fetch_add(at - block, Ordering::Relaxed);
            if result.is_err() {
                is_over.store(true, Ordering::Relaxed);
                let execution = options.first + at;
                let mut random = Random::of(options.seed, execution);
                let input = Mutator::new(corpus).make(&mut random).to_vec();
                let mut failure = failure.lock().expect("no thread panics with the lock");
                failure.get_or_insert(Failure { execution, input });
            }
        }
    };
    std::thread::scope(|scope| {
        (0..options.threads).for_each(|_| drop(scope.spawn(work)));
    });
    Run {
        executions: done.into_inner(),
        elapsed: start.elapsed(),
        failure: failure.into_inner().expect("no thread panics with the lock"),
    }
}

fn execute(target: &Target, mutator: &mut Mutator<'_>, options: &Options, execution: u64) {
    let input = mutator.make(&mut Random::of(options.seed, execution));
    // Blocks and shares are unrelated, so that each thread gets its part of both.
    if execution.is_multiple_of(options.full) { (target.law)(input) } else { (target.parse)(input) }
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    println!(
        "seed {}, threads {}; the full law on 1 of {} executions, parsing alone on the others",
        options.seed, options.threads, options.full
    );
    println!("{:<12} {:>14} {:>9} {:>12}  found", "target", "executions", "seconds", "per second");
    let (mut all, mut time, mut is_broken) = (0, Duration::ZERO, false);
    for target in &options.targets {
        let corpus = match target.corpus() {
            Ok(corpus) if !corpus.is_empty() => corpus,
            Ok(_) => {
                eprintln!("{}: expected inputs in {}", target.name, target.folder().display());
                return ExitCode::from(2);
            }
            Err(error) => {
                eprintln!("{}: {error}", target.folder().display());
                return ExitCode::from(2);
            }
        };
        let corpus: Vec<Vec<u8>> = corpus.into_iter().map(|(_, input)| input).collect();
        let run = soak(target, &corpus, &options);
        print(target.name, run.executions, run.elapsed, run.failure.is_some());
        all += run.executions;
        time += run.elapsed;
        if let Some(failure) = run.failure {
            is_broken = true;
            report(target, &failure, &options);
        }
    }
    print("all", all, time, is_broken);
    if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn print(name: &str, executions: u64, time: Duration, is_broken: bool) {
    let seconds = time.as_secs_f64();
    let rate = executions as f64 / seconds.max(f64::MIN_POSITIVE);
    let found = if is_broken { "a broken law" } else { "nothing" };
    println!("{name:<12} {executions:>14} {seconds:>9.1} {rate:>12.0}  {found}");
}

fn report(target: &Target, failure: &Failure, options: &Options) {
    let Options { seed, full, .. } = options;
    let path = PathBuf::from(format!("soak-{}-{seed}-{}", target.name, failure.execution));
    match std::fs::write(&path, &failure.input) {
        Ok(()) => println!("input of {} bytes: {}", failure.input.len(), path.display()),
        Err(error) => println!("{}: {error}", path.display()),
    }
    println!(
        "again: fuzz-soak --target {} --seed {seed} --full {full} --executions 1 --first {}",
        target.name, failure.execution
    );
}
