//! Replays the corpus of every target.

use std::collections::BTreeSet;
use std::path::Path;

use fuzz_soak::mutator::{MAX_LEN, Mutator, Random};
use fuzz_soak::{TARGETS, find};

#[test]
fn every_law_holds_for_its_corpus() {
    for target in TARGETS {
        let corpus = target.corpus().unwrap();
        for (path, input) in &corpus {
            // Shown if the law panics.
            println!("{}", path.display());
            (target.parse)(input);
            (target.law)(input);
        }
        assert!(corpus.len() >= 6, "{} inputs of {}", corpus.len(), target.name);
    }
}

#[test]
fn every_folder_of_the_corpus_has_a_target_and_every_target_its_program() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(fuzz.join(folder)).unwrap();
        let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        entries.map(|entry| stem(&entry.unwrap().path())).collect()
    };
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz_targets"), targets);
}

#[test]
fn seed_and_number_of_an_execution_determine_its_input() {
    let corpus: Vec<Vec<u8>> = vec![b"duration=17&x".to_vec(), Vec::new(), vec![7; 9000]];
    let mut one = Mutator::new(&corpus);
    let mut inputs = BTreeSet::new();
    for execution in 0..2_000 {
        let input = one.make(&mut Random::of(5, execution)).to_vec();
        assert!(input.len() <= MAX_LEN);
        assert_eq!(Mutator::new(&corpus).make(&mut Random::of(5, execution)), input);
        inputs.insert(input);
    }
    assert!(inputs.len() > 1_500, "{} different inputs", inputs.len());
    assert!(inputs.iter().any(|input| input.ends_with(b"=18446744073709551616&x")));
    assert_eq!(find("no-such-target").map(|target| target.name), None);
}
