//! Commands to the PBX, as JSON in text messages.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::element::{ChannelUuid, UserId};

/// A command to the PBX.
///
/// There is no reply: the effect of a command shows as changes of the channel. A command without a
/// change was not executed.
///
/// ```
/// use basix_cti::element::UserId;
/// use basix_cti::Command;
///
/// let park = Command::from(Command::park("8ec56efc").timeout(30));
/// assert_eq!(park.to_text(), r#"{"cmd":"park","uuid":"8ec56efc","timeout":30}"#);
///
/// let hangup = Command::hangup("8ec56efc");
/// assert_eq!(hangup.to_text(), r#"{"cmd":"hangup","uuid":"8ec56efc"}"#);
///
/// let transfer = Command::from(Command::transfer("8ec56efc").user_id(UserId(10001001)));
/// assert_eq!(
///     transfer.to_text(),
///     r#"{"cmd":"transfer","uuid":"8ec56efc","user_id":10001001}"#
/// );
/// ```
///
/// `Display` and `Debug` show the command and its channel, and no names and numbers of people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Command {
    /// Puts a channel on a parking slot.
    Park(Park),
    /// Ends a channel.
    HangUp(HangUp),
    /// Connects a channel with another party.
    Transfer(Transfer),
    /// Lets a helper leg listen to a channel.
    Eavesdrop(EavesdropVia),
}

/// Puts a channel on a parking slot. Made by [`Command::park`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Park {
    /// The channel.
    pub uuid: String,
    /// Time for which it may stay parked. The unit is not documented; the number is passed on
    /// unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
}

/// Ends a channel. Made by [`Command::hangup`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HangUp {
    /// The channel.
    pub uuid: String,
}

/// Connects a channel with another party. Made by [`Command::transfer`].
///
/// The party is a user's identity, a user's name or a number; missing parts are not sent.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transfer {
    /// The channel.
    pub uuid: String,
    /// The user to connect it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The name of that user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The number or address to connect it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
}

/// Listens to a channel. Made by [`Command::eavesdrop`].
///
/// Needs a leg of the listener's own, the helper leg: [`HelperLeg`](crate::helper_leg::HelperLeg) gets
/// one and makes the [`Command`]. With a leg of your own, use [`via`](Self::via).
///
/// ```
/// use basix_cti::Command;
///
/// let command = Command::eavesdrop("8ec56efc").subcommand("listen").via("4e1f-helper");
/// assert_eq!(
///     command.to_text(),
///     r#"{"cmd":"eavesdrop","uuid":"4e1f-helper","target_uuid":"8ec56efc","subcommand":"listen"}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Eavesdrop {
    /// The channel to listen to.
    pub target_uuid: String,
    /// The mode of listening. The words are not documented; the text is passed on unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcommand: Option<String>,
}

/// [`Eavesdrop`] with the leg that listens. Made by [`Eavesdrop::via`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EavesdropVia {
    /// The helper leg.
    pub uuid: String,
    /// The channel to listen to.
    #[serde(flatten)]
    pub eavesdrop: Eavesdrop,
}

impl Command {
    /// Puts a channel on a parking slot.
    #[must_use]
    pub fn park(uuid: impl Into<String>) -> Park {
        Park { uuid: uuid.into(), timeout: None }
    }

    /// Ends a channel.
    #[must_use]
    pub fn hangup(uuid: impl Into<String>) -> Self {
        Self::HangUp(HangUp { uuid: uuid.into() })
    }

    /// Connects a channel with another party.
    #[must_use]
    pub fn transfer(uuid: impl Into<String>) -> Transfer {
        Transfer { uuid: uuid.into(), user_id: None, user_name: None, destination: None }
    }

    /// Listens to a channel, through a leg of the listener's own.
    #[must_use]
    pub fn eavesdrop(target_uuid: impl Into<String>) -> Eavesdrop {
        Eavesdrop { target_uuid: target_uuid.into(), subcommand: None }
    }

    /// Serialises the command as the text message for the PBX.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// The channel that the command is for; of eavesdropping, the helper leg.
    #[must_use]
    pub fn uuid(&self) -> &str {
        match self {
            Self::Park(park) => &park.uuid,
            Self::HangUp(hang_up) => &hang_up.uuid,
            Self::Transfer(transfer) => &transfer.uuid,
            Self::Eavesdrop(eavesdrop) => &eavesdrop.uuid,
        }
    }

    /// The name on the wire: `park`, `hangup`, `transfer`, `eavesdrop`.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Park(_) => "park",
            Self::HangUp(_) => "hangup",
            Self::Transfer(_) => "transfer",
            Self::Eavesdrop(_) => "eavesdrop",
        }
    }
}

impl Park {
    /// Sets the time for which the channel may stay parked. The number is passed on unchanged.
    #[must_use]
    pub fn timeout(self, timeout: i64) -> Self {
        Self { timeout: Some(timeout), ..self }
    }
}

impl Transfer {
    /// Connects the channel with this user.
    #[must_use]
    pub fn user_id(self, user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..self }
    }

    /// Connects the channel with the user of this name.
    #[must_use]
    pub fn user_name(self, user_name: impl Into<String>) -> Self {
        Self { user_name: Some(user_name.into()), ..self }
    }

    /// Connects the channel with this number or address.
    #[must_use]
    pub fn destination(self, destination: impl Into<String>) -> Self {
        Self { destination: Some(destination.into()), ..self }
    }
}

impl Eavesdrop {
    /// Sets the mode of listening. The text is passed on unchanged.
    #[must_use]
    pub fn subcommand(self, subcommand: impl Into<String>) -> Self {
        Self { subcommand: Some(subcommand.into()), ..self }
    }

    /// Listens through this leg.
    #[must_use]
    pub fn via(self, uuid: impl Into<String>) -> Command {
        Command::Eavesdrop(EavesdropVia { uuid: uuid.into(), eavesdrop: self })
    }
}

/// `park 8ec56efc`: the verb and the channel.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb(), self.uuid().escape_debug())
    }
}

/// The channel alone: people's names and numbers do not belong into logs.
impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

impl From<Park> for Command {
    fn from(park: Park) -> Self {
        Self::Park(park)
    }
}

impl From<HangUp> for Command {
    fn from(hang_up: HangUp) -> Self {
        Self::HangUp(hang_up)
    }
}

impl From<Transfer> for Command {
    fn from(transfer: Transfer) -> Self {
        Self::Transfer(transfer)
    }
}

/// Converts the channel of an event for a command.
impl From<ChannelUuid<'_>> for String {
    fn from(uuid: ChannelUuid<'_>) -> Self {
        uuid.to_str().into_owned()
    }
}
