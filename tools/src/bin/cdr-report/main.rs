//! Prints the results of call records: one line of JSON for each call, or figures in tables.
//!
//! ```text
//! cargo run --release -p tools --features pbx --bin cdr-report -- --help
//! ```

#![forbid(unsafe_code)]

mod options;

use std::fmt::Display;
use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use options::{Format, Options, USAGE};
use pbx_integration::cdr::{AnyRecord, Legs};
use pbx_integration::report::{FractionChoice, FractionDetector, Report, ReportOptions};
use pbx_integration::{Cdr, Issue, Parsed, Reader};
use tools::cdr::{Quality, RawRecord, Records, Tables, report_line};
use tools::input::Input;
use tools::usage::{Failure, run};

/// Maximum input held back to detect the form of fractions.
const MAX_HELD: usize = 64 << 20;

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |arguments| {
        let options = Options::parse(arguments)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let is_success = report(&options, &mut out)?;
        out.flush()?;
        Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Returns whether a record could be read, or there was none.
fn report(options: &Options, out: &mut impl Write) -> Result<bool, Failure> {
    let mut input = Input::open(&options.file)?;
    let in_input =
        |error: io::Error| Failure::in_file(&options.file, format_args!("cannot be read: {error}"));
    let reader = Reader::new(options.mode);
    let mut records = Records::new(input.reader(), reader.max_bytes()).map_err(in_input)?;
    let (mut held, mut choice) = (Vec::new(), None);
    if options.fraction.is_none() {
        choice = Some(detect(options, &mut records, &mut held).map_err(in_input)?);
    }
    let mode = options.fraction.or_else(|| choice.map(|choice| choice.mode)).unwrap_or_default();
    let mut window = ReportOptions::default().with_target(options.target);
    if let Some(day) = &options.window {
        window = window.with_window(day.clone());
    }
    let mut program = Program {
        options,
        reader: reader.with_fraction(mode),
        report: Report::new(window),
        legs: Legs::default(),
        quality: Quality::default(),
        out,
    };
    for record in held {
        program.handle_record(&record)?;
    }
    while let Some(record) = records.next_record().map_err(in_input)? {
        program.handle_record(&record)?;
    }
    Ok(program.finish(|quality, figures| quality.line(mode, choice, figures))?)
}

/// Reads records until the form of fractions is known, or the limit is reached.
fn detect(
    options: &Options,
    records: &mut Records<impl BufRead>,
    held: &mut Vec<RawRecord>,
) -> io::Result<FractionChoice> {
    let reader = Reader::lenient();
    let mut detector = FractionDetector::default();
    let mut size = 0;
    while size < MAX_HELD {
        let Some(record) = records.next_record()? else { break };
        size += record.json.len() + size_of::<RawRecord>();
        if let Ok(parsed) = read(options, reader, &record.json) {
            detector.observe(&parsed);
        }
        held.push(record);
    }
    Ok(detector.choice())
}

fn read(options: &Options, reader: Reader, json: &[u8]) -> Result<Parsed<AnyRecord>, Issue> {
    Ok(match options.format {
        Format::Auto => reader.read_record(json, options.unit)?,
        Format::Cdr => reader.read_cdr(json)?.map(|cdr| AnyRecord::Call(cdr.into())),
        Format::Leg => reader.read_leg_record(json)?.map(|leg| AnyRecord::Leg(leg.into())),
        Format::Queue => {
            let record = reader.read_queue_record(json, options.unit)?;
            record.map(|record| AnyRecord::Queue(record.into()))
        }
    })
}

struct Program<'a, W> {
    options: &'a Options,
    reader: Reader,
    report: Report,
    legs: Legs,
    quality: Quality,
    out: &'a mut W,
}

impl<W: Write> Program<'_, W> {
    fn handle_record(&mut self, record: &RawRecord) -> io::Result<()> {
        self.quality.records += 1;
        let parsed = match read(self.options, self.reader, &record.json) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.quality.refused += 1;
                let callid = self.reader.read_call_id(&record.json);
                let line = report_line::of_refused(&error, callid.as_deref(), record.line)?;
                return self.print(&line);
            }
        };
        let format = match &parsed.value {
            AnyRecord::Leg(_) => "leg",
            AnyRecord::Queue(_) => "queue",
            _ => "cdr",
        };
        *self.quality.formats.entry(format).or_default() += 1;
        if let AnyRecord::Leg(leg) = &parsed.value {
            let leg = leg.as_ref().clone();
            self.legs.add(parsed.map(|_| leg));
            return Ok(());
        }
        let queue = self.options.queue.as_deref();
        self.handle_call(&parsed.map(|record| match record {
            AnyRecord::Queue(record) => record.into_cdr(queue),
            AnyRecord::Call(cdr) => *cdr,
            _ => Cdr::default(),
        }))
    }

    fn handle_call(&mut self, call: &Parsed<Cdr>) -> io::Result<()> {
        let delivery = self.report.add(call);
        self.quality.count(delivery);
        let is_inside = |start| self.options.window.as_ref().is_none_or(|day| day.contains(&start));
        match call.value.start {
            None if self.options.window.is_some() => Ok(()),
            Some(start) if !is_inside(start) => Ok(()),
            _ => self.print(&report_line::of_record(call)?),
        }
    }

    /// Prints a line, unless there are tables in its place.
    fn print(&mut self, line: &impl Display) -> io::Result<()> {
        if self.options.table { Ok(()) } else { writeln!(self.out, "{line}") }
    }

    fn finish(
        mut self,
        line: impl FnOnce(&Quality, &pbx_integration::report::Figures) -> String,
    ) -> io::Result<bool> {
        for call in std::mem::take(&mut self.legs).into_calls() {
            self.handle_call(&call)?;
        }
        let figures = self.report.figures();
        let line = line(&self.quality, &figures);
        if self.options.table {
            let tables = Tables::new(&figures, self.options.target);
            writeln!(self.out, "{tables}{line}")?;
        } else {
            self.out.flush()?;
            // A closed standard error is no reason to fail.
            let _ = writeln!(io::stderr(), "{line}");
        }
        Ok(self.quality.records == 0 || self.quality.refused < self.quality.records)
    }
}
