//! Badges of the Cargo features that public items need.

use crate::block::Finding;

/// Public items behind a feature whose documentation does not show the feature.
#[must_use]
pub fn missing(source: &str) -> Vec<Finding> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let is_attribute = |line: &str| line.starts_with("#[") || line.starts_with("//");
    let gated = lines.iter().enumerate().filter(|(_, line)| line.starts_with("#[cfg(feature"));
    let unmarked = gated.filter(|(at, _)| {
        let after = lines[*at..].iter().position(|line| !is_attribute(line)).unwrap_or_default();
        let before =
            lines[..*at].iter().rposition(|line| !is_attribute(line)).map_or(0, |at| at + 1);
        let attributes = &lines[before..at + after];
        lines[at + after].starts_with("pub ")
            && !attributes.iter().any(|line| line.contains("doc(cfg("))
    });
    unmarked
        .map(|(at, line)| Finding::new(at + 1, format!("no `doc(cfg(…))` beside {line}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn a_public_item_behind_a_feature_needs_a_badge() {
        let gate = "#[cfg(feature = \"x\")]";
        let badge = "#[cfg_attr(docsrs, doc(cfg(feature = \"x\")))]";
        assert!(missing(&format!("{gate}\n{badge}\npub mod a;\n{gate}\nmod b;\n")).is_empty());
        let findings = missing(&format!("/// Doc.\n#[derive(Debug)]\n{gate}\npub struct A;\n"));
        assert_eq!(findings[0].to_string(), format!("3: no `doc(cfg(…))` beside {gate}"));
    }
}
