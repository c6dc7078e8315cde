use crate::program::{PROGRAMS, run};

#[test]
fn every_program_prints_its_usage_and_refuses_an_unknown_option_in_one_line() {
    for (name, _) in PROGRAMS {
        let help = run(name, &["--help"], b"").done();
        assert!(help.out.starts_with(&format!("usage: {name} ")), "{}", help.out);
        assert!(help.out.contains("--help"), "{}", help.out);
        let line = format!("{name}: --frob: unknown option; see {name} --help");
        run(name, &["--frob"], b"").refused(2, &line);
        run(name, &["--frob=secret"], b"").refused(2, &line);
        let line = format!("{name}: -f: unknown option; see {name} --help");
        run(name, &["-f"], b"").refused(2, &line);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_in_one_line() {
    let reads = |name: &str| !matches!(name, "basix-follow" | "elma-script" | "vodia-script");
    for (name, _) in PROGRAMS.into_iter().filter(|(name, _)| reads(name)) {
        let run = run(name, &["/no/such/file"], b"");
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{name}");
        let line = format!("{name}: /no/such/file: cannot be read: ");
        assert!(run.errors.starts_with(&line) && run.errors.lines().count() == 1, "{}", run.errors);
    }
}
