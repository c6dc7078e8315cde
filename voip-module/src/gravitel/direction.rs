//! The direction that a push states.

use super::GravitelPush;
use crate::model::VoipCallDirection as Direction;

/// The direction of a push.
pub(super) struct Stated {
    /// `None` if the push states none; it then counts as incoming unless the journal knows it.
    pub(super) direction: Option<Direction>,
    /// True if the operator is the calling side.
    pub(super) operator_calls: bool,
}

impl Stated {
    /// The direction of a start: the type decides, except over `internal`.
    // V125, V147
    pub(super) fn start(push: &GravitelPush<'_>, direction: Direction) -> Self {
        let is_internal = word(push.direction()) == Some(Direction::Internal);
        Self {
            direction: Some(if is_internal { Direction::Internal } else { direction }),
            operator_calls: direction == Direction::Out,
        }
    }

    /// The direction of an answer or end.
    // V86, V147
    pub(super) fn event(push: &GravitelPush<'_>) -> Self {
        let direction = word(push.direction());
        Self { direction, operator_calls: direction == Some(Direction::Out) }
    }

    /// The direction of a record.
    // V148
    pub(super) fn record(push: &GravitelPush<'_>) -> Self {
        let words = [push.r#type(), push.direction()].map(|text| {
            let is_missed = text.eq_ignore_ascii_case("missed");
            if is_missed { Some(Direction::In) } else { word(text) }
        });
        let is_internal = words.contains(&Some(Direction::Internal));
        Self {
            direction: if is_internal { Some(Direction::Internal) } else { words[0].or(words[1]) },
            operator_calls: match words[0].or(words[1]) {
                Some(Direction::Internal) | None => words.contains(&Some(Direction::Out)),
                Some(direction) => direction == Direction::Out,
            },
        }
    }

    pub(super) fn or_in(&self) -> Direction {
        self.direction.unwrap_or(Direction::In)
    }
}

fn word(text: &str) -> Option<Direction> {
    Direction::ALL.iter().copied().find(|word| word.as_str().eq_ignore_ascii_case(text))
}

/// Returns whether a record's `type` is a known word.
pub(super) fn is_type(text: &str) -> bool {
    word(text).is_some() || text.eq_ignore_ascii_case("missed")
}

/// Returns whether a `direction` is a known word.
pub(super) fn is_direction(text: &str) -> bool {
    word(text).is_some()
}
