//! The figures in the pages at the root of the repository.

use super::{Row, cells};

const BEGIN: &str = "<!-- Written by the report. -->\n";
const END: &str = "<!-- Until here. -->";

/// The rows shown, and what each of them does.
const SHOWN: [(&str, &str); 10] = [
    (
        "parse_event",
        "`Parser::parse`: the message checked, the start of each field noted, no field read",
    ),
    ("parse_5_fields", "the same, and five of the 22 fields read"),
    ("parse_all_fields", "the same, and all 22 fields read; text not converted to `str`"),
    ("parse_all_str", "the same, and every text converted to `&str`"),
    ("store_event", "parsed, and applied to a `Store` of 10,000 channels"),
    ("generic_term", "`bert::Decoder`: any term checked, nothing read"),
    ("generic_visit", "the same, and every term visited"),
    ("serde_event", "`bert::from_slice` into a derived struct that borrows its text"),
    ("eetf", "the crate `eetf`: a tree of owned terms"),
    ("erltf_borrowed", "the crate `erltf`: a tree of terms that borrow their text"),
];

/// The decoders that the comparison names.
const COMPARED: [(&str, &str); 8] = [
    ("parse_event", "`basix-cti`, record checked, no field read"),
    ("parse_all_fields", "`basix-cti`, all 22 fields read"),
    ("parse_all_str", "`basix-cti`, all 22 fields read, text as `&str`"),
    ("serde_event", "`basix-cti`, serde, into a struct that borrows"),
    ("erltf_borrowed", "`erltf`, borrowed"),
    ("eetf", "`eetf`"),
    ("erltf_owned", "`erltf`, owned"),
    ("erltf_serde", "`erltf_serde`"),
];

/// The README with its figures replaced. Returns `None` if a mark or a row is missing.
#[must_use]
pub fn readme(page: &str, rows: &[Row]) -> Option<String> {
    let mut table =
        String::from("\n| row | what one event takes | ns | × `eetf` |\n|---|---|--:|--:|\n");
    for (name, what) in SHOWN {
        let [_, ns, _, x_eetf, ..] = cells(find(rows, name)?);
        table.push_str(&format!("| `{name}` | {what} | {ns} | {x_eetf} |\n"));
    }
    replaced(page, &table)
}

/// The comparison with its figures replaced. Returns `None` if a mark or a row is missing.
#[must_use]
pub fn comparison(page: &str, rows: &[Row]) -> Option<String> {
    let mut table =
        String::from("\n| decoder | ns an event | × `eetf` | allocations |\n|---|--:|--:|--:|\n");
    for (name, what) in COMPARED {
        let [_, ns, _, x_eetf, allocations, _] = cells(find(rows, name)?);
        table.push_str(&format!("| {what} | {ns} | {x_eetf} | {allocations} |\n"));
    }
    let visit = find(rows, "generic_visit")?;
    let [_, ns, _, x_eetf, ..] = cells(visit);
    let x_erltf = find(rows, "erltf_borrowed")?.ns_per_frame / visit.ns_per_frame;
    table.push_str(&format!(
        "\nThe first three rows read a record whose fields the PBX has announced; `eetf` and `erltf` read any \
         term. Like for like is\n`generic_visit`, which visits every term of any message: {ns} ns, {x_eetf} \
         times as fast as `eetf`, {x_erltf:.2} times as `erltf` borrowed.\n"
    ));
    replaced(page, &table)
}

fn find<'a>(rows: &'a [Row], name: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.name == name)
}

/// The page with the text between its two marks replaced. Returns `None` if a mark is missing.
#[must_use]
pub fn replaced(page: &str, text: &str) -> Option<String> {
    let (head, rest) = page.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}{text}\n{END}{tail}"))
}
