//! Commands of clients. There is no reply; the effect shows as events.

use serde_json::Value as Json;

use super::super::connection::ConnectionId;
use super::super::record::Entry;
use super::{Callee, Ending, Pbx};
use basix_cti::element::UserId;

/// Maximum size of a command, in bytes.
const MAX_COMMAND: usize = 64 << 10;
/// Commands that the model remembers.
const REMEMBERED: usize = 1024;

/// A text message of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedCommand {
    /// The connection.
    pub connection: ConnectionId,
    /// The text, cut off after 64 KiB.
    pub text: String,
    /// True if the PBX executed it. Commands that it cannot execute are ignored silently.
    pub obeyed: bool,
}

impl Pbx {
    /// Executes a text message of a client. Text that is not a command, and commands for channels
    /// that do not exist or are hidden from the login, are ignored, as a real PBX does.
    pub fn handle_text(&mut self, connection: ConnectionId, text: &str) {
        if !self.is_open(connection) {
            return;
        }
        let obeyed = text.len() <= MAX_COMMAND && self.obey(connection, text).is_some();
        let mut end = text.len().min(MAX_COMMAND);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default().to_owned();
        self.received += 1;
        if self.commands.len() == REMEMBERED {
            self.commands.pop_front();
        }
        self.commands.push_back(ReceivedCommand { connection, text, obeyed });
    }

    /// Ignores a binary message of a client, which the protocol does not have.
    pub fn handle_binary(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let _ = (connection, bytes);
    }

    /// The last 1,024 text messages of clients, the oldest first.
    pub fn commands(&self) -> impl DoubleEndedIterator<Item = &ReceivedCommand> {
        self.commands.iter()
    }

    /// Number of text messages received from clients.
    #[must_use]
    pub const fn commands_received(&self) -> u64 {
        self.received
    }

    fn obey(&mut self, connection: ConnectionId, text: &str) -> Option<()> {
        let command: Json = serde_json::from_str(text).ok()?;
        let member = |name: &str| command.get(name).and_then(Json::as_str);
        let uuid = self.visible(connection, member("uuid")?)?;
        let user = command.get("user_id").and_then(Json::as_i64).map(UserId);
        match member("cmd")? {
            "park" => self.park(&uuid, self.channel(&uuid)?.last_bridged_user_id).ok().map(drop),
            "hangup" => self.hang_up_by_command(&uuid),
            "transfer" => {
                let to = match (member("destination"), user) {
                    (Some(number), _) if !number.is_empty() => Callee::Number(number.to_owned()),
                    (_, Some(user)) => Callee::User(user),
                    _ => return None,
                };
                self.transfer(&uuid, to).ok()
            }
            "eavesdrop" => {
                let target = self.visible(connection, member("target_uuid")?)?;
                let mode = match command.get("subcommand") {
                    Some(Json::String(text)) => text.clone(),
                    Some(Json::Null) | None => "listen".to_owned(),
                    Some(other) => other.to_string(),
                };
                self.channel(&uuid)?.is_answered().then_some(())?;
                self.eavesdrop(&uuid, &target, &mode).ok()
            }
            _ => None,
        }
    }

    /// An answered call ends by `bye`, one that rings by `cancel`, one that is offered by `refuse`.
    fn hang_up_by_command(&mut self, uuid: &str) -> Option<()> {
        let channel = self.channel(uuid)?;
        let ending = match (channel.is_answered(), channel.direction) {
            (true, _) => Ending::PBX_HANGS_UP,
            (false, basix_cti::element::Direction::Inbound) => Ending::NOT_ANSWERED,
            (false, _) => Ending::PASSED_ON,
        };
        self.hangup(uuid, ending).ok()
    }

    /// A channel, if there is one and the login may see it.
    fn visible(&self, connection: ConnectionId, uuid: &str) -> Option<String> {
        let entry = self.tables.get(basix_cti::ElementKind::Channel, uuid)?;
        let Entry::Channel(channel) = &**entry else { return None };
        self.connections.get(&connection)?.sees(entry).then(|| channel.uuid.clone())
    }
}
