//! Public names at the root of a crate.

use std::collections::BTreeSet;

/// The names that `lib.rs` makes public: modules, and names that `pub use` lists.
#[must_use]
pub fn root(library: &str) -> BTreeSet<String> {
    let code = library.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join(" ");
    let mut names = BTreeSet::new();
    for statement in code.split(';') {
        if let Some((_, module)) = statement.split_once("pub mod ") {
            names.insert(module.trim().to_owned());
        } else if let Some((_, path)) = statement.split_once("pub use ") {
            let list = path.split_once('{').map_or(path, |(_, list)| list);
            for name in list.split([',', '}']).map(str::trim).filter(|name| !name.is_empty()) {
                names.insert(name.rsplit([' ', ':']).next().unwrap_or(name).to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn modules_and_listed_names_count_once() {
        let library = "//! pub mod docs;\npub mod a;\nmod b;\n#[cfg(x)]\npub use a::C;\n\
            pub use self::b::{D, E as F, G};\npub use b::D;\n";
        assert_eq!(root(library).into_iter().collect::<Vec<_>>(), ["C", "D", "F", "G", "a"]);
    }
}
