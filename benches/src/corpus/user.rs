//! Users of the PBX, before they are written in any format.

use basix_cti::ElementKind;
use basix_cti_testing::record;

use super::words;
use crate::random::Random;

/// The fields in the PBX's usual order.
pub const FIELDS: &[&str] = record::usual_fields(ElementKind::User);

/// A user.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) fwd_always_status: i64,
    pub(super) do_not_disturb_status: i64,
    pub(super) language: i64,
    pub(super) main_extension: String,
    pub(super) presence: i64,
    pub(super) role: i64,
    pub(super) park_group: i64,
    pub(super) mwi_target: Option<i64>,
    pub(super) flags: i64,
    pub(super) followme: Option<i64>,
    pub(super) email: String,
    pub(super) avatar: Option<String>,
    pub(super) label: String,
    pub(super) mwi: &'static str,
}

impl User {
    pub(super) fn new(random: &mut Random, index: usize) -> Self {
        let name = words::login(random);
        Self {
            id: 10_001_001 + index as i64,
            fwd_always_status: random.below(2) as i64,
            do_not_disturb_status: i64::from(random.percent(10)),
            language: random.below(3) as i64,
            main_extension: (1001 + index).to_string(),
            presence: random.below(3) as i64,
            role: random.pick(&[0, 50, 50, 50, 100]),
            park_group: random.below(4) as i64,
            mwi_target: random.maybe(15, |random| 10_001_001 + random.below(9_000) as i64),
            flags: random.below(400) as i64,
            followme: random.maybe(15, |random| random.below(100) as i64),
            email: format!("{name}.{index}@test1.example"),
            avatar: random.maybe(75, |random| match random.below(4) {
                0 => String::new(),
                1 => format!("https://img.example.test/u/{index}.png"),
                _ => format!("u{index}.png"),
            }),
            label: words::person(random),
            mwi: random.pick(&["", "", "", "1/0 (0/0)", "2/14 (0/0)"]),
            name,
        }
    }
}
