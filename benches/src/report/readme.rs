//! The figures in the README of the repository.

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

/// The README with the table between its two marks replaced. Returns `None` if a mark is missing.
#[must_use]
pub fn readme(page: &str, rows: &[Row]) -> Option<String> {
    let (head, rest) = page.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    let mut table =
        String::from("\n| row | what one event takes | ns | × `eetf` |\n|---|---|--:|--:|\n");
    for (name, what) in SHOWN {
        let row = rows.iter().find(|row| row.name == name)?;
        let [_, ns, _, x_eetf, ..] = cells(row);
        table.push_str(&format!("| `{name}` | {what} | {ns} | {x_eetf} |\n"));
    }
    Some(format!("{head}{BEGIN}{table}\n{END}{tail}"))
}
