//! Compares everything, prints a table, and writes `benches/results/` and the table in the README.
//!
//! ```text
//! cargo run --release -p benches --bin report -- [--json] [--rounds N] [--filter NAME] [--no-sizes]
//! cargo run --release -p benches --features voip --bin report -- --voip [--rounds N]
//! cargo run --release -p benches --features ucom --bin report -- --ucom [--rounds N]
//! cargo run --release -p benches --features live --bin report -- --live [--rounds N]
//! cargo run --release -p benches --features cdr --bin report -- --cdr [--rounds N]
//! ```
//!
//! With `--voip`, the pushes of `voip-module` are measured instead, and `results/voip.md` is written;
//! with `--ucom`, the events of `ucom-events`, and `results/ucom.md`; with `--live`, the client of
//! `basix-cti` over loopback sockets, and `results/live.md`; with `--cdr`, the call records of
//! `pbx-integration`, and `results/cdr.md`.
//!
//! With `--filter`, only rows whose names contain `NAME` are measured, and those that they are
//! compared with; nothing is written then.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use benches::allocation::{self, Counting};
use benches::contender::{self, Contenders, STORE_SIZES};
use benches::corpus::{Corpus, Sizes};
use benches::measure::{Contender, TURN, Times, Watch, race};
use benches::report::{self, Counted, Machine, Row, SizeRow, StoreRow};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

const USAGE: &str = "usage: report [--json] [--rounds N] [--filter NAME] [--no-sizes]\n       report --voip|--ucom|--live|--cdr [--rounds N]";

/// The option by which the program starts itself to count allocations.
const COUNT: &str = "--count-allocations";

#[derive(Debug)]
struct Options {
    json: bool,
    rounds: usize,
    filter: String,
    sizes: bool,
    count: bool,
    mode: Option<Mode>,
}

/// Measures something else than the decoder.
type Mode = fn(usize) -> Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("report: {error}; see report --help");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("report: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            json: false,
            rounds: 31,
            filter: String::new(),
            sizes: true,
            count: false,
            mode: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--json" => options.json = true,
                "--rounds" => options.rounds = value()?.parse()?,
                "--filter" => options.filter = value()?,
                "--no-sizes" => options.sizes = false,
                "--voip" => options.mode = Some(voip),
                "--ucom" => options.mode = Some(ucom),
                "--live" => options.mode = Some(live),
                "--cdr" => options.mode = Some(cdr),
                COUNT => options.count = true,
                _ => return Err(format!("{argument}: not understood").into()),
            }
        }
        if options.rounds == 0 {
            return Err("--rounds: at least one round is needed".into());
        }
        Ok(options)
    }

    /// Leaves only what was asked for and what that is compared with.
    fn select(&self, contenders: &mut Contenders<'_>) {
        if self.filter.is_empty() {
            return;
        }
        let wanted = |name: &str| name.contains(&self.filter);
        let mut names: Vec<&str> = Vec::new();
        for one in contenders.iter().filter(|one| wanted(one.name())) {
            names.extend([one.name(), one.work().base, one.work().eetf]);
        }
        contenders.retain(|one| names.contains(&one.name()));
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if let Some(mode) = options.mode {
        return mode(options.rounds);
    }
    let start = Instant::now();
    let corpus = Corpus::new();
    let mut groups = contender::groups(&corpus);
    groups.iter_mut().for_each(|group| options.select(&mut group.contenders));
    if options.count {
        let mut counted: Vec<Counted> = Vec::new();
        for group in &mut groups {
            counted.extend(group.shown().map(count));
        }
        println!("{}", serde_json::to_string(&counted)?);
        return Ok(());
    }

    let progress = |what: &str| eprintln!("{:5.1} s  {what}", start.elapsed().as_secs_f64());
    progress(&corpus.sizes());
    for group in &mut groups {
        group.contenders.iter_mut().for_each(|one| one.check());
    }
    progress("results are equal");
    let counts = count_in_child(options)?;
    progress("allocations are counted");
    let mut rows = Vec::new();
    for mut group in groups {
        let times = race(&mut group.contenders, options.rounds, |_| {});
        let timed = report::rows(&times, &counts, group.frame);
        rows.extend(timed.into_iter().filter(|row| group.shows(&row.name)));
        progress(group.name);
    }
    let (mut sizes, mut stores) = (Vec::new(), Vec::new());
    if options.sizes && options.filter.is_empty() {
        sizes = message_sizes(options.rounds.div_ceil(3));
        progress("sizes of messages");
        stores = store_sizes(&corpus, options.rounds);
        progress("sizes of stores");
    }

    if options.json {
        println!("{}", serde_json::to_string_pretty(&json(&rows, &sizes))?);
    } else {
        print!("{}", report::table(&rows));
        if !sizes.is_empty() {
            print!("\n{}", report::size_table(&sizes));
            print!("\n{}", report::store_table(&stores));
        }
    }
    if options.filter.is_empty() {
        write(options, &rows, (&sizes, &stores), &corpus.sizes())?;
    }
    Ok(())
}

#[cfg(not(feature = "voip"))]
fn voip(_rounds: usize) -> Result<(), Box<dyn Error>> {
    Err(left_out("voip"))
}

#[cfg(not(feature = "ucom"))]
fn ucom(_rounds: usize) -> Result<(), Box<dyn Error>> {
    Err(left_out("ucom"))
}

#[cfg(not(feature = "live"))]
fn live(_rounds: usize) -> Result<(), Box<dyn Error>> {
    Err(left_out("live"))
}

#[cfg(not(feature = "cdr"))]
fn cdr(_rounds: usize) -> Result<(), Box<dyn Error>> {
    Err(left_out("cdr"))
}

#[cfg(not(all(feature = "voip", feature = "ucom", feature = "live", feature = "cdr")))]
fn left_out(mode: &str) -> Box<dyn Error> {
    format!("--{mode}: this build leaves it out; add `--features {mode}` to the cargo command")
        .into()
}

/// Measures the pushes of `voip-module`.
#[cfg(feature = "voip")]
fn voip(rounds: usize) -> Result<(), Box<dyn Error>> {
    let intro = "# Gravitel's pushes, from bytes to the result\n\n\
        `gravitel_…`: a form to the result for the platform, with the default options.";
    write_forms("voip", intro, rounds, &benches::voip::report(rounds))
}

/// Measures the events and the tracker of `ucom-events`.
#[cfg(feature = "ucom")]
fn ucom(rounds: usize) -> Result<(), Box<dyn Error>> {
    let intro = "# UCOM4B's events, from bytes to their scope\n\n\
        `ucom_event`: a body to an event and its scope. `tracker_…`: an event of a call that comes, is \
        decided and is forgotten, while others are open; `x_1000`: how many times as long as with \
        1,000, the aim is at most 2. `load`: a million events while 100,000 calls are open, from \
        parsed event to record; bytes of an open call on the heap, and as the tracker counts them \
        against its budget. Tokens: loading a table and looking up a token of a URL.";
    write_forms("ucom", intro, rounds, &benches::ucom::report(rounds))
}

/// Measures the client of `basix-cti` over loopback sockets.
#[cfg(feature = "live")]
fn live(rounds: usize) -> Result<(), Box<dyn Error>> {
    let table = benches::live::report(rounds);
    let intro = "# The live client of `basix-cti`, over loopback sockets\n\n\
        A thread sends a snapshot of 10,000 channels and then events, as fast as they are read. What \
        is measured reads on one thread, and its processor time counts. The parts are measured in \
        the same run, each with the same events.";
    print!("{table}");
    write_page("live", &format!("{intro} Medians of {rounds} rounds.\n\n{table}"))
}

/// Measures the call records of `pbx-integration`.
#[cfg(feature = "cdr")]
fn cdr(rounds: usize) -> Result<(), Box<dyn Error>> {
    let intro = "# Vodia's call records, from JSON to types\n\n\
        `pbx_cdr`: `Reader::lenient().read_cdr`, with limits, tolerance, exact numbers and room for \
        unknown fields. `plain_cdr`: `serde_json::from_slice` into derived structs of the same shape, texts \
        owned as well, numbers as `f64`, unknown fields dropped. `x_plain`: how many times as long; the \
        aim is at most 3. `plain_cdr_of_text`: the same by `serde_json::from_str`, from text that was found \
        to be UTF-8 before the clock started. What is made is dropped, and that counts.\n\n\
        The second table: a day of different records, read, summarised, checked, and added to figures per \
        queue and agent. The last 50,000 calls can be replaced by a later version, 500,000 are recognized. \
        Held: bytes on the heap after this many records.";
    let table = benches::cdr::report(rounds);
    print!("{table}");
    let rounds = format!("medians of {rounds} rounds, ratios paired round by round.");
    write_page("cdr", &format!("{intro}\n\n{TURNS} {rounds}\n\n{table}"))
}

/// Prints a table about forms and writes its page.
#[cfg(any(feature = "voip", feature = "ucom"))]
fn write_forms(mode: &str, intro: &str, rounds: usize, table: &str) -> Result<(), Box<dyn Error>> {
    print!("{table}");
    write_page(
        mode,
        &format!(
            "{intro} `form_…`: `form_urlencoded::parse` collecting the same pairs into owned strings. \
             `x_form`: how many times as long as that; the aim is at most 1.2. What is made is dropped, \
             and that counts.\n\n{TURNS} medians of {rounds} rounds, ratios paired round by \
             round.\n\n{table}"
        ),
    )
}

/// The method of comparison, for the reports.
#[cfg(any(feature = "voip", feature = "ucom", feature = "cdr"))]
const TURNS: &str = "Contenders take turns in one process; processor time,";

/// Writes the page of a mode.
#[cfg(any(feature = "voip", feature = "ucom", feature = "live", feature = "cdr"))]
fn write_page(mode: &str, page: &str) -> Result<(), Box<dyn Error>> {
    let command =
        format!("cargo run --release -p benches --features {mode} --bin report -- --{mode}");
    let machine = Machine::here(command);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{mode}.md")), format!("{page}\n{machine}\n"))?;
    Ok(())
}

/// One array: the rows, then the sizes as rows with the same members and more.
fn json(rows: &[Row], sizes: &[SizeRow]) -> Vec<serde_json::Value> {
    let mut all: Vec<serde_json::Value> = rows.iter().map(|row| serde_json::json!(row)).collect();
    all.extend(sizes.iter().map(|size| serde_json::json!(size)));
    all
}

fn write(
    options: &Options,
    rows: &[Row],
    (sizes, stores): (&[SizeRow], &[StoreRow]),
    corpus: &str,
) -> Result<(), Box<dyn Error>> {
    let machine = Machine::here("cargo run --release -p benches --bin report".to_owned());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    std::fs::create_dir_all(&folder)?;
    let page = report::markdown(rows, (sizes, stores), corpus, options.rounds, &machine);
    std::fs::write(folder.join("bert.md"), page)?;
    std::fs::write(folder.join("bert.svg"), report::chart(rows, &machine))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["README.md", "COMPARISON.md"] {
        let path = root.join(name);
        let old = std::fs::read_to_string(&path)?;
        let page = match name {
            "README.md" => report::readme(&old, rows),
            _ => report::comparison(&old, rows),
        };
        let missing = || format!("{name}: the marks of the table are missing");
        std::fs::write(path, page.ok_or_else(missing)?)?;
    }
    Ok(())
}

/// Allocations of a contender that has already done some work.
fn count(one: &mut (dyn Contender + '_)) -> Counted {
    let frames = one.work().frames;
    one.prepare();
    one.turn(0..TURN.min(frames), &mut Watch::timing());
    one.prepare();
    allocation::reset();
    for start in (0..frames).step_by(TURN) {
        one.turn(start..frames.min(start + TURN), &mut Watch::allocations());
    }
    let count = allocation::count();
    (one.name().to_owned(), count.allocations as f64 / frames as f64, count.peak)
}

/// Runs this program once more, so that nothing is timed while allocations are counted.
fn count_in_child(options: &Options) -> Result<Vec<Counted>, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args([COUNT, "--filter", &options.filter])
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("counting allocations failed".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The cost per byte of the same records in messages of different sizes.
fn message_sizes(rounds: usize) -> Vec<SizeRow> {
    let sizes = Sizes::new();
    let mut contenders = contender::sizes(&sizes);
    contenders.iter_mut().for_each(|one| one.check());
    let times: Times = race(&mut contenders, rounds, |_| {});
    let row = |cut: &benches::corpus::Cut| {
        let (typed, skip) = (cut.typed, cut.skip);
        let mut row = SizeRow::new(cut.name, cut.messages.len(), cut.messages.bytes());
        row.set(times.nanoseconds(typed)?, times.nanoseconds(skip)?, times.ratio(typed, skip));
        Some(row)
    };
    sizes.cuts.iter().filter_map(row).collect()
}

/// Measures an event and a query in stores of different sizes.
fn store_sizes(corpus: &Corpus, rounds: usize) -> Vec<StoreRow> {
    let mut contenders = contender::store_sizes(corpus);
    contenders.iter_mut().for_each(|one| one.check());
    let times: Times = race(&mut contenders, rounds, |_| {});
    let [smallest, ..] = STORE_SIZES;
    let row = |size: contender::StoreSize| {
        Some(StoreRow::new(
            size.channels,
            times.nanoseconds(size.event)?,
            times.nanoseconds(size.viewed)?,
            times.ratio(size.viewed, smallest.viewed)?,
            times.nanoseconds(size.query)?,
        ))
    };
    STORE_SIZES.into_iter().filter_map(row).collect()
}
