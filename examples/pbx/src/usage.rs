//! `--help` and unknown arguments of the programs.

/// Prints the usage text to standard output, and ends the program.
pub fn help(usage: &str) -> ! {
    println!("{usage}");
    std::process::exit(0)
}

/// Prints what is wrong with the arguments, and ends the program with code 2.
pub fn refuse(program: &str, error: &str) -> ! {
    eprintln!("{program}: {error}; see {program} --help");
    std::process::exit(2)
}

/// The arguments of a program that takes exactly those with these names, and `--help`.
#[must_use]
pub fn arguments<const N: usize>(program: &str, names: [&str; N]) -> [String; N] {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let expected = names.join(" ");
    // Only the first: a secret may begin with a hyphen.
    match given.first() {
        Some(first) if first == "--help" => help(&format!("usage: {program} {expected}")),
        Some(first) if first.starts_with('-') => refuse(program, "expected no options"),
        _ => {}
    }
    given.try_into().unwrap_or_else(|_| refuse(program, &format!("expected {expected}")))
}

/// Ends a program that takes no arguments if it was given one; `--help` prints the usage text.
pub fn no_arguments(program: &str, about: &str) {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--help") => help(&format!("usage: {program}\n{about}")),
        Some(other) => refuse(program, &format!("{other}: not understood")),
    }
}
