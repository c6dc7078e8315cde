//! The fields of the known elements: their names in the usual order, and a pass over their values.

use super::kind::ElementKind;
use super::starts::Starts;
use crate::bert::{Fail, pass};

/// The fields of an element that have accessors.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Their names. A field's place is its index here.
    pub(crate) names: &'static [&'static str],
    /// The number of them, from the first on, that a PBX usually announces in this order.
    pub(crate) usual: usize,
    /// Passes over the usual fields and notes where each starts.
    pub(crate) pass: Pass,
}

/// A pass over a record's values. Takes the record from its tag on, the same from its first value
/// on, and the containers that may be open inside a value; returns the bytes after the values.
type Pass = for<'a> fn(&'a [u8], &'a [u8], u32, &mut Starts) -> Result<&'a [u8], Fail>;

impl Layout {
    /// The layout of an element; one without fields for an element that is not known.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn of(kind: ElementKind) -> &'static Self {
        match kind {
            ElementKind::Channel => &CHANNEL,
            ElementKind::ChannelWaiting
            | ElementKind::QueuedChannel
            | ElementKind::ParkedChannel => &WAITING,
            ElementKind::User => &USER,
            ElementKind::Group => &GROUP,
            ElementKind::GroupMember => &GROUP_MEMBER,
            ElementKind::Terminal => &TERMINAL,
            ElementKind::Domain => &DOMAIN,
            ElementKind::Unknown => &UNKNOWN,
        }
    }

    /// The place of a field that the layout has. For constants: a name that is missing does not
    /// compile there.
    pub(crate) const fn place(&self, name: &str) -> usize {
        let mut place = 0;
        while place < self.names.len() {
            if is_same(self.names[place].as_bytes(), name.as_bytes()) {
                return place;
            }
            place += 1;
        }
        panic!("the layout has no field of this name");
    }

    /// The place of a field, if the layout has it.
    pub(crate) fn find(&self, name: &str) -> Option<u8> {
        let place = self.names.iter().position(|known| *known == name)?;
        u8::try_from(place).ok()
    }
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

macro_rules! layout {
    ($layout:ident: $($name:ident $form:ident),* $(; $($more:ident),+)?) => {
        pub(crate) static $layout: Layout = {
            const NAMES: &[&str] = &[$(layout!(@name $name),)* $($(layout!(@name $more),)+)?];
            const USUAL: &[&str] = &[$(layout!(@name $name)),*];
            const _: () = assert!(NAMES.len() <= Starts::LEN, "every field has a start");
            #[allow(unused_variables, unused_assignments, unused_mut, reason = "a layout may be empty")]
            #[inline]
            fn pass<'a>(
                record: &'a [u8],
                values: &'a [u8],
                depth: u32,
                starts: &mut Starts,
            ) -> Result<&'a [u8], Fail> {
                let mut rest = values;
                let mut place = 0;
                $(
                    starts.set(place, record.len() - rest.len());
                    rest = pass::$form(rest, depth)?;
                    place += 1;
                )*
                Ok(rest)
            }
            Layout { names: NAMES, usual: USUAL.len(), pass }
        };
    };
    (@name kind) => { "type" };
    (@name $name:ident) => { stringify!($name) };
}

layout! {
    CHANNEL:
    uuid text, direction text, peer_location text, calling_name text, calling_number text,
    called_number text, offer_timestamp integer, answer_timestamp integer, hangup_timestamp integer,
    other_uuid text, user_id integer, state value, group_id integer, target value, origination text,
    end_user text, tags text, last_bridged_user_id integer, last_event text, last_event_data text,
    other_info value, call_id text
}

layout! {
    WAITING:
    uuid text, state value, peer_number text, end_user text;
    direction, peer_location, calling_number, called_number, offer_timestamp, user_id, group_id,
    whoscall, target, origination, tags, last_event, hangup_timestamp
}

layout! {
    USER:
    id integer, name text, fwd_always_status integer, do_not_disturb_status integer,
    language integer, main_extension text, presence integer, role integer, park_group integer,
    mwi_target value, flags integer, followme value, email text, avatar text, label text, mwi text
}

layout! {
    GROUP:
    id integer, name text, kind integer, language integer, main_extension text, queue integer,
    label text, flags integer, check_login_status integer, mwi text
}

layout! {
    GROUP_MEMBER:
    id integer, group_id integer, user_id integer, priority integer, login_status integer,
    role integer
}

layout! {
    TERMINAL:
    id value, name text, assoc_user_id integer, kind value, user_agent text, registered value
}

layout! { DOMAIN: id value, name text, label text }

layout! { UNKNOWN: }
