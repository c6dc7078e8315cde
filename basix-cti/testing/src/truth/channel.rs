//! Channels of all kinds, field by field.

use super::{Check, Difference};
use crate::record::{ModelChannel, ModelOtherInfo, ModelState, ModelWaiting};
use basix_cti::element::{
    CallTarget, Calling, EndUsers, OtherInfo, Party, State, StateKind, TargetLocation,
    WaitingChannel,
};
use basix_cti::{Channel, Timestamp};

impl Check<'_> {
    pub(super) fn channel(
        self,
        expected: &ModelChannel,
        found: &Channel<'_>,
    ) -> Result<(), Difference> {
        self.text("uuid", &expected.uuid, found.uuid().as_text())?;
        self.same("direction", Some(expected.direction), found.direction())?;
        self.same("peer_location", Some(expected.peer_location), found.peer_location())?;
        self.text("calling_name", &expected.calling_name, found.calling_name())?;
        self.text("calling_number", &expected.calling_number, found.calling_number())?;
        self.text("called_number", &expected.called_number, found.called_number())?;
        self.same("offer_timestamp", Some(expected.offer_timestamp), found.offer_timestamp())?;
        self.same("answer_timestamp", expected.answer_timestamp, found.answer_timestamp())?;
        self.same("hangup_timestamp", expected.hangup_timestamp, found.hangup_timestamp())?;
        let other = found.other_uuid().map(|uuid| uuid.to_str().into_owned());
        self.same("other_uuid", expected.other_uuid.clone(), other)?;
        self.same("user_id", expected.user_id, found.user_id())?;
        self.state(&expected.state, expected.state_since, found.state())?;
        self.same("group_id", expected.group_id, found.group_id())?;
        let target = expected
            .target
            .as_ref()
            .map(|it| (Some(it.target_type), Some(it.id), it.name.clone(), it.address.clone()));
        let found_target = found.target().map(|it| {
            (it.target_type, it.id, it.name.to_str().into_owned(), it.address.to_str().into_owned())
        });
        self.same("target", target, found_target)?;
        let origination: Vec<String> = found.origination().parts().map(Into::into).collect();
        self.same("origination", expected.origination.clone(), origination)?;
        self.end_user("end_user", &expected.end_user, found.end_user())?;
        let tags: Vec<String> = found.tags().iter().map(Into::into).collect();
        self.same("tags", expected.tags.clone(), tags)?;
        let last = found.last_bridged_user_id();
        self.same("last_bridged_user_id", expected.last_bridged_user_id, last)?;
        self.same("last_event", Some(expected.last_event), found.last_event())?;
        self.text("last_event_data", &expected.last_event_data, found.last_event_data())?;
        self.other_info(expected.other_info.as_ref(), found.other_info().as_ref())?;
        self.text("call_id", &expected.call_id, found.call_id())
    }

    pub(super) fn waiting(
        self,
        expected: &ModelWaiting,
        found: &WaitingChannel<'_>,
    ) -> Result<(), Difference> {
        self.same("direction", Some(expected.direction), found.direction())?;
        self.same("peer_location", Some(expected.peer_location), found.peer_location())?;
        self.text("calling_number", &expected.calling_number, found.calling_number())?;
        self.text("called_number", &expected.called_number, found.called_number())?;
        self.same("offer_timestamp", Some(expected.offer_timestamp), found.offer_timestamp())?;
        self.same("user_id", expected.user_id, found.user_id())?;
        self.in_every_waiting_element(expected, found)
    }

    pub(super) fn deprecated_waiting(
        self,
        expected: &ModelWaiting,
        found: &WaitingChannel<'_>,
    ) -> Result<(), Difference> {
        self.text("peer_number", &expected.peer_number, found.peer_number())?;
        self.in_every_waiting_element(expected, found)
    }

    fn in_every_waiting_element(
        self,
        expected: &ModelWaiting,
        found: &WaitingChannel<'_>,
    ) -> Result<(), Difference> {
        self.text("uuid", &expected.uuid, found.uuid().as_text())?;
        self.state(&expected.state, expected.state_since, found.state())?;
        self.end_user("end_user", &expected.end_user, found.end_user())
    }

    /// Empty text and stars mean that there is no customer.
    fn end_user(
        self,
        field: &str,
        expected: &str,
        found: Option<EndUsers<'_>>,
    ) -> Result<(), Difference> {
        let somebody = expected.chars().any(|char| char != '*').then(|| expected.to_owned());
        let found = found.map(|found| found.as_text().to_str().into_owned());
        self.same(field, somebody, found)
    }

    fn other_info(
        self,
        expected: Option<&ModelOtherInfo>,
        found: Option<&OtherInfo<'_>>,
    ) -> Result<(), Difference> {
        let (expected, found) = match (expected, found) {
            (Some(expected), Some(found)) => (expected, found),
            (expected, found) => {
                return self.same("other_info", expected.is_some(), found.is_some());
            }
        };
        match (expected.user_id, found.party) {
            (Some(user), Party::User { user_id, group_id }) => {
                self.same("other_info user", Some(user), user_id)?;
                self.same("other_info group", expected.group_id, group_id)?;
            }
            (None, Party::EndUser(end_user)) => {
                self.end_user("other_info end_user", &expected.end_user, end_user)?;
            }
            (user, party) => {
                self.same("other_info type", format!("{user:?}"), format!("{party:?}"))?;
            }
        }
        self.same("other_info direction", Some(expected.direction), found.direction)?;
        self.same("other_info location", Some(expected.peer_location), found.peer_location)?;
        self.text("other_info address", &expected.address, found.address)?;
        self.same("other_info offered", expected.offer_timestamp, found.offer_timestamp)?;
        self.same("other_info whoscall", true, found.whoscall.is_none())
    }

    fn state(
        self,
        expected: &ModelState,
        since: Timestamp,
        found: Option<State<'_>>,
    ) -> Result<(), Difference> {
        let Some(found) = found else {
            return self.same("state", Some(format!("{expected:?}")), None);
        };
        self.same("state since", Some(since), found.since)?;
        if is_state(expected, &found.kind) {
            return Ok(());
        }
        self.same("state", format!("{expected:?}"), format!("{:?}", found.kind))
    }
}

/// Returns whether a state is that of the model.
fn is_state(expected: &ModelState, found: &StateKind<'_>) -> bool {
    match (expected, found) {
        (
            ModelState::CallingUser(_)
            | ModelState::CallingGroup { .. }
            | ModelState::CallingPstn(_)
            | ModelState::CallingEndpoint { .. },
            StateKind::Calling(calling),
        ) => is_calling(expected, calling),
        (ModelState::Bridged, StateKind::Bridged) | (ModelState::XmlIvr, StateKind::XmlIvr) => true,
        (
            ModelState::Voicemail { target_type, target_id, target_name },
            StateKind::Voicemail { target_type: kind, target_id: id, target_name: name },
        ) => *kind == Some(*target_type) && *id == Some(*target_id) && *name == **target_name,
        (ModelState::CheckingVoicemail(name), StateKind::CheckingVoicemail { target_name }) => {
            *target_name == **name
        }
        (ModelState::CallingSipTermination(address), StateKind::CallingSipTermination { url }) => {
            *url == **address
        }
        (ModelState::Ivr(id), StateKind::Ivr { ivr_id }) => ivr_id.as_i64() == Some(*id),
        (ModelState::SystemOperation(name), StateKind::SystemOperation { operation }) => {
            *operation == **name
        }
        (ModelState::Conference(id), StateKind::Conference { room_id }) => {
            room_id.as_i64() == Some(*id)
        }
        (
            ModelState::Park { slot, parker_id, parker_name },
            StateKind::Park { slot: found, parker_id: parker, parker_name: name, .. },
        ) => *found == Some(*slot) && parker == parker_id && *name == **parker_name,
        (
            ModelState::Eavesdrop { uuid, eavesdrop_state },
            StateKind::Eavesdrop { uuid: heard, eavesdrop_state: mode },
        ) => *heard == **uuid && mode.as_text().is_some_and(|mode| mode == **eavesdrop_state),
        (ModelState::Other(expected), StateKind::Unknown { name }) => *name == **expected,
        _ => false,
    }
}

fn is_calling(expected: &ModelState, found: &Calling<'_>) -> bool {
    let outside = found.target_location == Some(TargetLocation::External);
    let inside = found.target_location == Some(TargetLocation::Internal);
    match (expected, found.target) {
        (ModelState::CallingUser(user), CallTarget::User { user_id }) => {
            inside && user_id == Some(*user)
        }
        (
            ModelState::CallingGroup { group_type, group_id, queue_id },
            CallTarget::Group { group_type: kind, group_id: group, queue_id: queue },
        ) => {
            inside
                && kind == Some(*group_type)
                && group == Some(*group_id)
                && queue.as_i64() == *queue_id
        }
        (ModelState::CallingPstn(expected), CallTarget::Pstn { number }) => {
            outside && number == **expected
        }
        (
            ModelState::CallingEndpoint { user, host },
            CallTarget::BridgedEndpoint { user: found_user, host: found_host },
        ) => outside && found_user == **user && found_host == **host,
        _ => false,
    }
}
