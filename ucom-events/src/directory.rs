//! Numbers of a client: extensions with types, prefixes, public numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::number::{ExtensionNumber, is_withheld, public_digits, short_name, user};
use crate::open_enum::open_enum;

open_enum! {
    /// The type of an extension; read in any letter case, written in lower case.
    pub enum ExtensionType compared without_case {
        /// A telephone.
        Phone = "phone",
        /// A queue, where callers wait for an agent.
        Queue = "queue",
        /// An IVR.
        Ivr = "ivr",
        /// A fax.
        Fax = "fax",
    }
}

impl ExtensionType {
    /// Returns whether this is an IVR or a queue.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        matches!(self, Self::Ivr | Self::Queue)
    }
}

/// Extensions with their types, prefixes and public numbers of one client.
///
/// Every part may be missing. Without prefixes every full extension number counts as the client's own;
/// without extensions short numbers count as outside ones, and IVRs and queues are recognised only by
/// the field `Bridged`.
///
/// As JSON: `{"extensions": {"106": "phone"}, "prefixes": ["453"], "own_numbers": ["+78125550100"]}`,
/// each member optional, or only the extensions: `{"106": "phone", "300": "queue"}`.
///
/// ```
/// use ucom_events::Directory;
///
/// let directory = Directory::new().with_prefix("453").with_own_number("+7 812 555-01-00");
/// assert!(directory.is_ours("453*106") && directory.is_ours("78125550100"));
/// assert!(!directory.is_ours("999*101"), "an extension of another company");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Member>")]
pub struct Directory {
    /// Types by short name.
    extensions: BTreeMap<String, ExtensionType>,
    prefixes: BTreeSet<String>,
    /// Digits alone.
    own_numbers: BTreeSet<String>,
}

impl Directory {
    /// Creates an empty directory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an extension, by its short name or full number.
    #[must_use]
    pub fn with_extension(mut self, name: &str, extension_type: impl Into<ExtensionType>) -> Self {
        self.insert(name, extension_type.into());
        self
    }

    /// Adds a prefix of the client; full numbers with other prefixes are then outside.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefixes.insert(prefix.to_owned());
        self
    }

    /// Adds a public number of the client; only its digits are compared.
    #[must_use]
    pub fn with_own_number(mut self, number: &str) -> Self {
        self.own_numbers.extend(public_digits(user(number)));
        self
    }

    /// Adds an extension or changes its type.
    pub fn insert(&mut self, name: &str, extension_type: ExtensionType) {
        self.extensions.insert(short_name(name).to_owned(), extension_type);
    }

    /// The type of an extension by its short name or full number, with or without a domain.
    #[must_use]
    pub fn extension_type(&self, number: &str) -> Option<&ExtensionType> {
        let user = user(number);
        let is_full = ExtensionNumber::is_valid(user.as_bytes());
        if is_full && !self.has_prefix_of(user) {
            return None;
        }
        self.extensions.get(short_name(user))
    }

    /// Returns whether a number belongs to this client: an extension or one of its public numbers.
    #[must_use]
    pub fn is_ours(&self, number: &str) -> bool {
        let user = user(number);
        if ExtensionNumber::is_valid(user.as_bytes()) {
            return self.has_prefix_of(user);
        }
        self.extensions.contains_key(user)
            || (!self.own_numbers.is_empty()
                && public_digits(user).is_some_and(|digits| self.own_numbers.contains(&digits)))
    }

    /// Returns whether a number is present, not withheld and not the client's own.
    pub(crate) fn is_outside(&self, number: &str) -> bool {
        !user(number).trim().is_empty() && !is_withheld(number) && !self.is_ours(number)
    }

    fn has_prefix_of(&self, full: &str) -> bool {
        self.prefixes.is_empty()
            || full.split_once('*').is_some_and(|(prefix, _)| self.prefixes.contains(prefix))
    }
}

/// A member of a directory's JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Type(ExtensionType),
    Types(BTreeMap<String, ExtensionType>),
    Texts(Vec<String>),
}

impl From<BTreeMap<String, Member>> for Directory {
    fn from(members: BTreeMap<String, Member>) -> Self {
        let is_long = members.values().any(|member| !matches!(member, Member::Type(_)));
        let mut directory = Self::new();
        for (name, member) in members {
            match (&*name, member) {
                (_, Member::Type(extension_type)) if !is_long => {
                    directory.insert(&name, extension_type);
                }
                ("extensions", Member::Types(types)) => {
                    types.into_iter().for_each(|(name, kind)| directory.insert(&name, kind));
                }
                ("prefixes", Member::Texts(prefixes)) => directory.prefixes.extend(prefixes),
                ("own_numbers", Member::Texts(numbers)) => {
                    let digits = numbers.iter().filter_map(|number| public_digits(user(number)));
                    directory.own_numbers.extend(digits);
                }
                // Members of later versions.
                _ => {}
            }
        }
        directory
    }
}
