//! `--help`, and arguments that a program does not know.

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

/// Ends a program that takes no arguments if it was given one; `--help` prints the usage text.
pub fn no_arguments(program: &str, about: &str) {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--help") => help(&format!("usage: {program}\n{about}")),
        Some(other) => refuse(program, &format!("{other}: not understood")),
    }
}
