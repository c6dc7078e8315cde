//! Random calls, agents and changes.

use std::time::Duration;

use super::super::random::Random;
use super::super::record::{ModelChannel, ModelState};
use super::{Callee, Ending, Pbx, PbxError};
use basix_cti::element::{Direction, GroupId, GroupType, LastEvent, TargetType, UserId};

/// Random traffic of a PBX, repeatable by seed: calls arrive, wait for groups, ring at agents, are
/// answered, parked, transferred, monitored and ended; programs start calls; users log in to groups
/// and set do-not-disturb; users, groups and terminals are added and removed.
///
/// ```
/// use basix_cti_testing::{Pbx, Traffic};
///
/// let mut pbx = Pbx::new(1);
/// let mut traffic = Traffic::new(42);
/// for _ in 0..100 {
///     traffic.step(&mut pbx);
/// }
/// assert!(pbx.users().count() > 0 && pbx.groups().count() > 0);
/// ```
#[derive(Clone, Debug)]
pub struct Traffic {
    random: Random,
    channels: usize,
    pace: Duration,
}

const LABELS: [&str; 8] =
    ["田中", "Zoë", "Anna Lee", "営業", "Ünal", "Ωmega", "support", "日本 Desk"];
const END_USERS: [&str; 6] = [
    "",
    "***",
    "7*Ann+Lee*ACME*ann.png*Tokyo",
    "8*%E7%94%B0%E4%B8%AD*%E6%A0%AA*-*",
    "_MANY_:3|7*Ann|8*Bob*B%26B",
    // A reader that insists on percent-encoding loses the event (B64).
    "9*100%*x+y*",
];
/// Number of them that every client reads.
const PLAIN_END_USERS: usize = END_USERS.len() - 1;

impl Traffic {
    /// Traffic from a seed, at most some forty channels at once.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), channels: 40, pace: Duration::from_millis(700) }
    }

    /// Sets the approximate limit of channels.
    #[must_use]
    pub fn with_channels(self, channels: usize) -> Self {
        Self { channels, ..self }
    }

    /// Sets the average time between two steps.
    #[must_use]
    pub fn with_pace(self, pace: Duration) -> Self {
        Self { pace, ..self }
    }

    /// Advances the clock and makes one random change.
    pub fn step(&mut self, pbx: &mut Pbx) {
        let micros = usize::try_from(2 * self.pace.as_micros()).unwrap_or(usize::MAX);
        pbx.advance(Duration::from_micros(self.random.below(micros) as u64));
        // A step that is impossible at present is skipped.
        let _ = self.try_step(pbx);
    }

    fn try_step(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        if pbx.users().count() < 3 || pbx.groups().count() < 2 {
            return self.hire(pbx);
        }
        if pbx.channels().count() >= self.channels {
            return self.end(pbx);
        }
        match self.random.below(40) {
            0..6 => self.offer(pbx),
            6..13 => self.ring(pbx),
            13..19 => self.pick_up(pbx),
            19..25 => self.end(pbx),
            25..31 => self.talk(pbx),
            31 | 32 => self.originate(pbx),
            33 | 34 => self.change_state(pbx),
            35 => self.mark(pbx),
            36..39 => self.staff(pbx),
            _ => self.hire(pbx),
        }
    }

    /// Offers a call to a group or a user.
    fn offer(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let number = format!("0{}", 9_000_000_000 + self.random.below(99_999_999));
        if self.random.once_in(3) {
            let (user, other) = (self.user(pbx)?, self.user(pbx)?);
            return match self.random.below(3) {
                0 => pbx.offer(&number, user).map(drop),
                1 => pbx.dial(user, other).map(drop),
                _ => {
                    let uuid = pbx.dial(user, Callee::Number(number.clone()))?;
                    pbx.ring_out(&uuid, &number).map(drop)
                }
            };
        }
        let group = self.group(pbx)?;
        let uuid = pbx.offer(&number, group)?;
        if self.random.once_in(2) {
            let count = if pbx.odd_records { END_USERS.len() } else { PLAIN_END_USERS };
            let end_user = END_USERS.get(self.random.below(count)).copied().unwrap_or_default();
            pbx.set_end_user(&uuid, end_user)?;
        }
        pbx.queue(&uuid, group)
    }

    /// Rings a free agent for a waiting call.
    fn ring(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let Some(uuid) = self.channel(pbx, |it| {
            it.direction == Direction::Inbound
                && matches!(it.state, ModelState::CallingGroup { .. } | ModelState::CallingUser(_))
        }) else {
            return Ok(());
        };
        let group = pbx.channel(&uuid).and_then(|it| it.group_id);
        let agents: Vec<UserId> = pbx
            .members()
            .filter(|member| group.is_none_or(|group| member.group_id == group))
            .map(|member| member.user_id)
            .filter(|user| !pbx.channels().any(|it| it.user_id == Some(*user)))
            .collect();
        let most = 1 + self.random.below(3);
        for agent in agents.into_iter().take(most) {
            pbx.ring(&uuid, agent)?;
        }
        Ok(())
    }

    /// Answers a call on one leg; others lose the race.
    fn pick_up(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        match self.channel(pbx, |it| it.direction == Direction::Outbound && !it.is_answered()) {
            Some(leg) if pbx.channel(&leg).is_some_and(|leg| leg.other_uuid.is_some()) => {
                pbx.pick_up(&leg)
            }
            Some(leg) => pbx.answer(&leg),
            None => Ok(()),
        }
    }

    /// Parks, transfers or monitors a conversation.
    fn talk(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let user = self.user(pbx)?;
        if self.random.once_in(3) {
            let parked = self.channel(pbx, |it| matches!(it.state, ModelState::Park { .. }));
            if let Some(uuid) = parked {
                return pbx.retrieve(&uuid, user).map(drop);
            }
        }
        let Some(uuid) = self.channel(pbx, |it| it.state == ModelState::Bridged) else {
            return Ok(());
        };
        match self.random.below(6) {
            0 | 1 => pbx.park(&uuid, Some(user)).map(drop),
            4 => self.consult(pbx, user),
            2 => pbx.transfer(&uuid, user),
            3 => match self.random.below(3) {
                0 => pbx.transfer(&uuid, self.group(pbx)?),
                1 => pbx.transfer(&uuid, "09011112222"),
                _ => pbx.update_channel(&uuid, LastEvent::ChannelPark, |_| {}),
            },
            _ => {
                let leg = pbx.originate(user, "media_plug", &["call_user", "media_plug"])?;
                pbx.answer(&leg)?;
                pbx.eavesdrop(&leg, &uuid, "whisper")
            }
        }
    }

    /// Lets a user in a call consult another user, or connects both parties.
    fn consult(&mut self, pbx: &mut Pbx, other: UserId) -> Result<(), PbxError> {
        // A leg that a supervisor listens through is not a party.
        let talks = |it: &ModelChannel| {
            it.state == ModelState::Bridged && it.calling_number != "media_plug"
        };
        let Some(uuid) = self.channel(pbx, |it| talks(it) && it.user_id.is_some()) else {
            return Ok(());
        };
        let user = pbx.channel(&uuid).and_then(|it| it.user_id).unwrap_or(other);
        let parties: Vec<String> = pbx
            .channels()
            .filter(|it| talks(it) && it.user_id == Some(user))
            .filter_map(|it| it.other_uuid.clone())
            .filter(|party| {
                pbx.channel(party).is_some_and(|it| talks(it) && it.user_id != Some(user))
            })
            .collect();
        match &*parties {
            [one, second, ..] => pbx.transfer_attended(one, second),
            [_] if user != other => {
                let leg = pbx.dial(user, other)?;
                let rings = pbx.ring(&leg, other)?;
                pbx.pick_up(&rings)
            }
            _ => Ok(()),
        }
    }

    /// Starts a call by the API.
    fn originate(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let user = self.user(pbx)?;
        let leg = pbx.originate(user, "050 3136", &["click to call", "50%", "+81*3"])?;
        if self.random.once_in(2) {
            pbx.answer(&leg)?;
            let other = pbx.ring_out(&leg, "0312345678")?;
            if self.random.once_in(2) {
                pbx.bridge(&leg, &other)?;
            }
        }
        Ok(())
    }

    /// Changes the state of a channel that is not connected.
    fn change_state(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let Some(uuid) = self.channel(pbx, |it| it.state != ModelState::Bridged) else {
            return Ok(());
        };
        let user = self.user(pbx)?;
        let name = pbx.user(user).map(|user| user.name.clone()).unwrap_or_default();
        let state = match self.random.below(10) {
            0 => ModelState::Voicemail {
                target_type: TargetType::User,
                target_id: user.0,
                target_name: name,
            },
            1 => ModelState::CheckingVoicemail(name),
            2 => ModelState::CallingSipTermination("sip:bot@example.test".to_owned()),
            3 => ModelState::Ivr(self.random.below(300) as i64),
            4 => ModelState::XmlIvr,
            5 => ModelState::SystemOperation("record_greeting".to_owned()),
            6 => ModelState::Conference(3000 + self.random.below(3) as i64),
            7 => ModelState::CallingEndpoint {
                user: "anna".to_owned(),
                host: "voip.example.test".to_owned(),
            },
            8 => ModelState::Other("dreaming".to_owned()),
            _ => ModelState::CallingUser(user),
        };
        // It leaves its queue or slot for it.
        pbx.stop_waiting(&uuid);
        pbx.set_state(&uuid, state)
    }

    fn mark(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let Some(uuid) = self.channel(pbx, |_| true) else { return Ok(()) };
        let tags: &[&str] = match self.random.below(3) {
            0 => &[],
            1 => &["monitoring_required"],
            _ => &["vip", "", "重要"],
        };
        pbx.set_tags(&uuid, tags)
    }

    /// Ends a channel.
    fn end(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let Some(uuid) = self.channel(pbx, |_| true) else { return Ok(()) };
        let Some(channel) = pbx.channel(&uuid) else { return Ok(()) };
        let endings = match (channel.is_answered(), channel.direction) {
            (true, _) => [Ending::PEER_HANGS_UP, Ending::PBX_HANGS_UP, Ending::TIME_IS_OVER],
            (false, Direction::Inbound) => {
                [Ending::CALLER_GIVES_UP, Ending::CALLER_GIVES_UP, Ending::NOT_ANSWERED]
            }
            (false, _) => match self.random.below(2) {
                0 => [Ending::RINGING_ENDS, Ending::PICKED_OFF, Ending::PASSED_ON],
                _ => [Ending::PEER_IS_BUSY, Ending::NO_RESPONSE, Ending::RINGING_ENDS],
            },
        };
        let ending = self.random.pick(&endings).cloned().unwrap_or(Ending::PEER_HANGS_UP);
        pbx.hangup(&uuid, ending)
    }

    /// Logs an agent in or out, changes do-not-disturb, or registers a telephone.
    fn staff(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let (user, group) = (self.user(pbx)?, self.group(pbx)?);
        let on = self.random.once_in(2);
        match self.random.below(8) {
            0 | 1 => pbx.set_do_not_disturb(user, on),
            2 | 3 => {
                pbx.set_login(group, user, on);
                Ok(())
            }
            4 => pbx.join(group, user),
            5 => {
                pbx.leave(group, user);
                Ok(())
            }
            6 => pbx.update_group(group, |group| group.check_login_status = on.into()),
            _ => pbx.update_user(user, |user| {
                user.presence += 1;
                user.mwi = if on { "2/5".to_owned() } else { String::new() };
                user.followme = on.then(|| "09011112222".to_owned());
            }),
        }
    }

    /// Adds and removes users, groups and terminals, and renames the domain.
    fn hire(&mut self, pbx: &mut Pbx) -> Result<(), PbxError> {
        let label = self.random.pick(&LABELS).copied().unwrap_or_default();
        if pbx.users().count() < 3 {
            self.employ(pbx, label);
            return Ok(());
        }
        if pbx.groups().count() < 2 {
            return self.found(pbx, label);
        }
        match self.random.below(7) {
            0 | 1 if pbx.users().count() < 30 => self.employ(pbx, label),
            2 => pbx.remove_user(self.user(pbx)?)?,
            3 if pbx.groups().count() < 6 => self.found(pbx, label)?,
            4 => pbx.remove_group(self.group(pbx)?)?,
            5 => pbx.rename_domain(label),
            _ => {
                let terminals: Vec<i64> = pbx.terminals().map(|terminal| terminal.id).collect();
                if let Some(id) = self.random.pick(&terminals) {
                    match self.random.below(3) {
                        0 => pbx.remove_terminal(*id),
                        on => pbx.set_registered(*id, on == 1),
                    }
                }
            }
        }
        Ok(())
    }

    fn employ(&mut self, pbx: &mut Pbx, label: &str) {
        let user = pbx.add_user(&format!("user{}", self.random.below(1000)));
        let _ = pbx.update_user(user, |user| label.clone_into(&mut user.label));
        pbx.add_terminal(&format!("phone{user}"), Some(user));
        let groups: Vec<GroupId> = pbx.groups().map(|group| group.id).collect();
        for group in groups {
            if self.random.once_in(2) {
                let _ = pbx.join(group, user);
            }
        }
    }

    fn found(&mut self, pbx: &mut Pbx, label: &str) -> Result<(), PbxError> {
        let group_type = if self.random.once_in(3) { GroupType::Hunt } else { GroupType::Ring };
        let group = pbx.add_group(label, group_type);
        let users: Vec<UserId> = pbx.users().map(|user| user.id).collect();
        users.into_iter().try_for_each(|user| pbx.join(group, user))
    }

    fn user(&mut self, pbx: &Pbx) -> Result<UserId, PbxError> {
        let users: Vec<UserId> = pbx.users().map(|user| user.id).collect();
        self.random.pick(&users).copied().ok_or(PbxError::NoUser(UserId(0)))
    }

    fn group(&mut self, pbx: &Pbx) -> Result<GroupId, PbxError> {
        let groups: Vec<GroupId> = pbx.groups().map(|group| group.id).collect();
        self.random.pick(&groups).copied().ok_or(PbxError::NoGroup(GroupId(0)))
    }

    fn channel(&mut self, pbx: &Pbx, which: impl Fn(&ModelChannel) -> bool) -> Option<String> {
        let uuids: Vec<&str> = pbx.channels().filter(|it| which(it)).map(|it| &*it.uuid).collect();
        self.random.pick(&uuids).map(|uuid| (*uuid).to_owned())
    }
}
