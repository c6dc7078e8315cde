//! Scripted lives of calls, as parser and store see them.

use std::time::Duration;

use basix_cti::element::{
    CallTarget, GroupId, GroupType, HangupMethod, HangupSide, LastEvent, StateKind, TargetType,
    UserId,
};
use basix_cti::{Change, Element, ElementKind};
use basix_cti_testing::record::{ModelChannel, ModelState};
use basix_cti_testing::{Callee, Ending, HangupNotice, Pbx, PbxError, Traffic, WaitingLists};

use crate::client::Client;

/// A PBX with two agents in a ring group, and a client that follows it.
pub(crate) struct Office {
    pub(crate) pbx: Pbx,
    pub(crate) anna: UserId,
    pub(crate) bob: UserId,
    pub(crate) sales: GroupId,
    pub(crate) client: Client,
}

impl Office {
    pub(crate) fn open() -> Self {
        let mut pbx = Pbx::new(1);
        let (anna, bob) = (pbx.add_user("anna"), pbx.add_user("bob"));
        let sales = pbx.add_group("sales", GroupType::Ring);
        for user in [anna, bob] {
            pbx.join(sales, user).unwrap();
        }
        let mut client = Client::open(&mut pbx);
        client.catch_up(&mut pbx);
        Self { pbx, anna, bob, sales, client }
    }

    /// Reads everything sent and returns it as lines; the mirror then equals the PBX.
    #[track_caller]
    pub(crate) fn events(&mut self) -> Vec<String> {
        self.client.catch_up(&mut self.pbx).iter().map(line).collect()
    }

    fn last(&mut self) -> Vec<Change> {
        self.client.catch_up(&mut self.pbx)
    }

    /// A call that anna has taken: the caller's channel and hers.
    fn talk(&mut self) -> (String, String) {
        let caller = self.pbx.offer("0312345678", self.sales).unwrap();
        let leg = self.pbx.ring(&caller, self.anna).unwrap();
        self.pbx.pick_up(&leg).unwrap();
        self.client.catch_up(&mut self.pbx);
        (caller, leg)
    }
}

/// `updated channel CHANNEL_ANSWER calling`, or `added user`.
fn line(change: &Change) -> String {
    let words = change.to_string();
    let words: Vec<&str> = words.split(' ').take(2).collect();
    let record = change.last().or_else(|| change.after()).unwrap();
    match record.element() {
        Element::Channel(channel) => {
            let state = channel.record().get("state").unwrap().as_tuple().unwrap();
            let state = state.get(1).unwrap().as_text().unwrap();
            format!("{} {} {state}", words.join(" "), channel.last_event().unwrap())
        }
        _ => words.join(" "),
    }
}

// B68, B70
#[test]
fn a_call_to_a_group_waits_rings_everywhere_and_is_taken_by_one() {
    let mut office = Office::open();
    let (anna, bob, sales) = (office.anna, office.bob, office.sales);
    let caller = office.pbx.offer("0312345678", sales).unwrap();
    assert_eq!(office.events(), ["added channel NEW_CHANNEL calling"]);
    office.pbx.advance(Duration::from_secs(2));
    office.pbx.queue(&caller, sales).unwrap();
    assert_eq!(office.events(), ["updated channel STATE_CHANGE calling", "added channel_waiting"]);
    let channel = office.client.store.channel(&caller).unwrap();
    assert_eq!(channel.target().unwrap().target_type, Some(TargetType::Group));
    let StateKind::Calling(calling) = channel.state().unwrap().kind else { panic!("not calling") };
    let CallTarget::Group { group_id, queue_id, .. } = calling.target else { panic!("no group") };
    assert_eq!((group_id, queue_id.as_i64()), (Some(sales), Some(sales.0 + 500_000)));
    assert_eq!(office.client.store.channels().in_queue_of(sales).count(), 1);

    let legs = [anna, bob].map(|user| office.pbx.ring(&caller, user).unwrap());
    assert_eq!(office.events(), ["added channel CHANNEL_ORIGINATE calling"; 2]);
    assert_eq!(office.client.store.legs(&legs[1]).unwrap().other.unwrap().uuid(), *caller);

    office.pbx.pick_up(&legs[1]).unwrap();
    assert_eq!(
        office.events(),
        [
            "updated channel CHANNEL_ANSWER calling",
            "removed channel CHANNEL_HANGUP calling",
            "removed channel_waiting",
            "updated channel CHANNEL_ANSWER calling",
            "updated channel CHANNEL_BRIDGE bridged",
            "updated channel CHANNEL_BRIDGE bridged",
        ]
    );
    assert!(office.client.store.channel(&legs[0]).is_none());
    assert_eq!(office.client.store.channel(&caller).unwrap().last_bridged_user_id(), Some(bob));
    assert_eq!(office.client.store.channels().in_queue_of(sales).count(), 0);

    office.pbx.hangup(&caller, Ending::PEER_HANGS_UP).unwrap();
    let changes = office.last();
    let endings: Vec<_> = changes
        .iter()
        .map(|change| {
            let Element::Channel(channel) = change.last().unwrap().element() else { panic!() };
            assert!(channel.hangup_timestamp().is_some());
            channel.last_event_data().to_string()
        })
        .collect();
    assert_eq!(endings, ["recv_bye,NORMAL_CLEARING", "send_bye,NORMAL_CLEARING"]);
    assert_eq!(office.pbx.count(ElementKind::Channel), 0);
}

// B70
#[test]
fn every_ending_reads_as_its_side_method_and_cause() {
    let endings = [
        (Ending::CALLER_GIVES_UP, "recv_cancel,ORIGINATOR_CANCEL"),
        (Ending::PASSED_ON, "send_cancel,ORIGINATOR_CANCEL"),
        (Ending::LOSE_RACE, "send_cancel,LOSE_RACE"),
        (Ending::RINGING_ENDS, "send_cancel,NO_ANSWER"),
        (Ending::PICKED_OFF, "send_cancel,PICKED_OFF"),
        (Ending::PEER_HANGS_UP, "recv_bye,NORMAL_CLEARING"),
        (Ending::PBX_HANGS_UP, "send_bye,NORMAL_CLEARING"),
        (Ending::TIME_IS_OVER, "send_bye,ALLOTTED_TIMEOUT"),
        (Ending::NOT_ANSWERED, "send_refuse,NO_ANSWER"),
        (Ending::PEER_IS_BUSY, "recv_refuse,USER_BUSY"),
        (Ending::NO_RESPONSE, "recv_refuse,NO_USER_RESPONSE"),
        (
            Ending::new(HangupSide::Peer, HangupMethod::Refuse, "CALL_REJECTED"),
            "recv_refuse,CALL_REJECTED",
        ),
    ];
    for (ending, data) in endings {
        let mut office = Office::open();
        let uuid = office.pbx.offer("0312345678", office.anna).unwrap();
        office.events();
        office.pbx.hangup(&uuid, ending.clone()).unwrap();
        let changes = office.last();
        let Element::Channel(channel) = changes[0].last().unwrap().element() else { panic!() };
        assert_eq!(channel.last_event_data(), *data);
        let hangup = channel.hangup().unwrap();
        assert_eq!((hangup.side, hangup.method), (Some(ending.side), Some(ending.method)));
        assert_eq!(hangup.cause.unwrap().as_str(), ending.cause);
    }
}

// B83
#[test]
fn the_end_of_a_channel_is_announced_in_each_way() {
    for (notice, frames) in
        [(HangupNotice::Updated, 1), (HangupNotice::Removed, 1), (HangupNotice::Both, 2)]
    {
        let mut office = Office::open();
        office.pbx.set_hangup_notice(notice);
        let uuid = office.pbx.offer("0312345678", office.anna).unwrap();
        office.events();
        office.pbx.hangup(&uuid, Ending::CALLER_GIVES_UP).unwrap();
        let mut events = Vec::new();
        while let Some(basix_cti_testing::Sent::Frame(frame)) =
            office.pbx.poll_frame(office.client.connection)
        {
            events.push(String::from_utf8_lossy(&frame).into_owned());
            office.client.read(&frame);
        }
        assert_eq!(events.len(), frames, "{notice:?}");
        assert_eq!(events[0].ends_with("removed"), notice == HangupNotice::Removed);
        assert!(events.iter().all(|event| event.contains("CHANNEL_HANGUP")));
        assert_eq!(office.events(), [""; 0]);
    }
}

// B132
#[test]
fn waiting_and_parked_channels_are_listed_in_the_deprecated_elements_on_demand() {
    for (lists, current, deprecated) in [
        (WaitingLists::default(), 1, 0),
        (WaitingLists::Current, 1, 0),
        (WaitingLists::Deprecated, 0, 1),
        (WaitingLists::Both, 1, 1),
    ] {
        let mut office = Office::open();
        office.pbx.set_waiting_lists(lists);
        let count = |office: &Office, kinds: [ElementKind; 3]| {
            kinds.map(|kind| office.client.store.table(kind).unwrap().keys().len())
        };
        let elements =
            [ElementKind::ChannelWaiting, ElementKind::QueuedChannel, ElementKind::ParkedChannel];
        let caller = office.pbx.offer("0312345678", office.sales).unwrap();
        office.pbx.queue(&caller, office.sales).unwrap();
        office.events();
        assert_eq!(count(&office, elements), [current, deprecated, 0], "{lists:?}");
        assert_eq!(office.client.store.waiting().in_group(office.sales).count(), 1, "{lists:?}");
        office.pbx.park(&caller, Some(office.anna)).unwrap();
        office.events();
        assert_eq!(count(&office, elements), [current, 0, deprecated], "{lists:?}");
        let parked: Vec<_> = office.client.store.waiting().parked().collect();
        assert_eq!((parked.len(), parked[0].number().to_string().as_str()), (1, "0312345678"));
        office.pbx.hangup(&caller, Ending::PEER_HANGS_UP).unwrap();
        office.events();
        assert_eq!(count(&office, elements), [0; 3], "{lists:?}");
    }
}

// B50
#[test]
fn a_parked_call_has_a_slot_of_its_own_and_is_retrieved() {
    let mut office = Office::open();
    let (first, leg) = office.talk();
    let (second, _) = office.talk();
    assert_eq!(office.pbx.park(&first, Some(office.anna)).unwrap(), 901);
    assert_eq!(
        office.events(),
        [
            "updated channel CHANNEL_PARK bridged",
            "removed channel CHANNEL_HANGUP bridged",
            "updated channel STATE_CHANGE park",
            "added channel_waiting",
        ]
    );
    assert_eq!(office.pbx.park(&second, Some(office.bob)).unwrap(), 902);
    office.events();
    let state = office.client.store.channel(&first).unwrap().state().unwrap();
    let StateKind::Park { slot, parker_id, parker_name, .. } = state.kind else {
        panic!("{state:?}")
    };
    assert_eq!((slot, parker_id), (Some(901), Some(office.anna)));
    assert_eq!(parker_name, "anna");
    assert_eq!(office.client.store.waiting().parked().count(), 2);
    assert!(office.pbx.channel(&leg).is_none());

    let leg = office.pbx.retrieve(&first, office.bob).unwrap();
    office.events();
    assert_eq!(office.client.store.waiting().parked().count(), 1);
    assert_eq!(office.pbx.channel(&first).unwrap().other_uuid, Some(leg));
    // The slot is free again.
    let (third, _) = office.talk();
    assert_eq!(office.pbx.park(&third, None).unwrap(), 901);
    office.events();
}

#[test]
fn slots_run_out() {
    let mut pbx = Pbx::new(1);
    for slot in 901..1000 {
        let uuid = pbx.offer("0312345678", "0398765432").unwrap();
        assert_eq!(pbx.park(&uuid, None), Ok(slot));
    }
    let uuid = pbx.offer("0312345678", "0398765432").unwrap();
    assert_eq!(pbx.park(&uuid, None), Err(PbxError::NoSlot));
    assert_eq!(pbx.channel(&uuid).unwrap().last_event, LastEvent::NewChannel);
}

#[test]
fn a_transfer_goes_to_a_user_a_group_or_a_number() {
    let mut office = Office::open();
    let (anna, bob, sales) = (office.anna, office.bob, office.sales);
    let extension = |pbx: &Pbx, user| pbx.user(user).unwrap().main_extension.clone();
    let to_bob = extension(&office.pbx, bob);
    let callees = [
        (Callee::User(bob), "calling user"),
        (Callee::Number(to_bob), "calling user"),
        (Callee::Group(sales), "calling group"),
        (Callee::Number("09011112222".to_owned()), "calling pstn"),
    ];
    for (callee, state) in callees {
        let (caller, leg) = office.talk();
        office.pbx.transfer(&caller, callee).unwrap();
        office.events();
        assert!(office.pbx.channel(&leg).is_none(), "anna's leg has ended");
        let channel = office.client.store.channel(&caller).unwrap();
        let StateKind::Calling(calling) = channel.state().unwrap().kind else { panic!() };
        let found = match calling.target {
            CallTarget::User { user_id } => {
                assert_eq!(user_id, Some(bob));
                assert_eq!(office.pbx.ringing_for(&caller).len(), 1);
                "calling user"
            }
            CallTarget::Group { .. } => "calling group",
            CallTarget::Pstn { number } => {
                assert_eq!(number, "09011112222");
                "calling pstn"
            }
            _ => "else",
        };
        assert_eq!(found, state);
        office.pbx.hangup(&caller, Ending::CALLER_GIVES_UP).unwrap();
        office.events();
        assert_eq!(office.pbx.count(ElementKind::Channel), 0, "nothing is left of {state}");
        assert_eq!(office.pbx.count(ElementKind::ChannelWaiting), 0);
    }
    let _ = anna;
}

#[test]
fn an_attended_transfer_connects_the_parties_of_a_user_and_ends_the_users_legs() {
    let mut office = Office::open();
    let (caller, leg) = office.talk();
    let pbx = &mut office.pbx;
    let asked = pbx.dial(office.anna, office.bob).unwrap();
    let rings = pbx.ring(&asked, office.bob).unwrap();
    let gone = PbxError::NoChannel(format!("beside {rings}"));
    assert_eq!(pbx.transfer_attended(&caller, &rings), Err(gone));
    pbx.pick_up(&rings).unwrap();
    pbx.transfer_attended(&caller, &rings).unwrap();
    office.events();
    let left: Vec<_> =
        office.pbx.channels().map(|it| (&*it.uuid, it.other_uuid.as_deref())).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&(&*caller, Some(&*rings))) && left.contains(&(&*rings, Some(&*caller))));
    let [call] = &*office.pbx.call_log().collect::<Vec<_>>() else { panic!() };
    assert_eq!(call.legs.iter().filter(|leg| leg.ended.is_some()).count(), 2, "{leg} and {asked}");
    let [transfer] = &*call.transfers else { panic!("{:?}", call.transfers) };
    assert_eq!(
        (&*transfer.leg, transfer.from, &transfer.to),
        (&*caller, Some(office.anna), &Callee::User(office.bob))
    );
}

#[test]
fn a_user_dials_and_the_pbx_calls_out() {
    let mut office = Office::open();
    let uuid = office.pbx.dial(office.anna, "0398765432").unwrap();
    let out = office.pbx.ring_out(&uuid, "0398765432").unwrap();
    office.pbx.bridge(&uuid, &out).unwrap();
    office.events();
    let legs = office.client.store.legs(&uuid).unwrap();
    assert_eq!(legs.channel.user_id(), Some(office.anna));
    let other = legs.other.unwrap();
    assert_eq!(other.called_number(), "0398765432");
    assert_eq!(other.call_id(), other.uuid().as_text(), "for calls that the PBX makes");
    assert_ne!(legs.channel.call_id(), legs.channel.uuid().as_text());
}

// B66
#[test]
fn an_api_call_shows_how_it_was_made() {
    let mut office = Office::open();
    let parts = ["click to call", "100%", "+81*3", "営業"];
    let uuid = office.pbx.originate(office.anna, "050 1", &parts).unwrap();
    assert_eq!(office.events(), ["added channel CHANNEL_ORIGINATE calling"]);
    let channel = office.client.store.channel(&uuid).unwrap();
    assert_eq!(channel.origination().parts().collect::<Vec<_>>(), parts);
}

// B50, B51, B53
#[test]
fn every_state_reads_as_what_it_is() {
    let mut office = Office::open();
    let uuid = office.pbx.offer("0312345678", office.anna).unwrap();
    office.events();
    let states = [
        ModelState::CallingUser(office.bob),
        ModelState::CallingPstn("0398765432".to_owned()),
        ModelState::CallingEndpoint { user: "a".to_owned(), host: "b.example".to_owned() },
        ModelState::Voicemail {
            target_type: TargetType::Group,
            target_id: 7,
            target_name: "sales".to_owned(),
        },
        ModelState::CheckingVoicemail("anna".to_owned()),
        ModelState::CallingSipTermination("sip:x@example.test".to_owned()),
        ModelState::Ivr(12),
        ModelState::XmlIvr,
        ModelState::SystemOperation("greeting".to_owned()),
        ModelState::Conference(3001),
        ModelState::Eavesdrop { uuid: "u".to_owned(), eavesdrop_state: "listen".to_owned() },
        ModelState::Other("dreaming".to_owned()),
    ];
    for state in states {
        let changed = format!("updated channel STATE_CHANGE {}", state.name());
        let events = [changed.as_str(), "updated channel STATE_CHANGE bridged"];
        office.pbx.advance(Duration::from_secs(1));
        office.pbx.set_state(&uuid, state).unwrap();
        assert_eq!(office.events(), events[..1]);
        let now = office.pbx.now();
        let channel = office.client.store.channel(&uuid).unwrap();
        assert_eq!(channel.in_state_for(now), Some(Duration::ZERO));
        office.pbx.set_state(&uuid, ModelState::Bridged).unwrap();
        assert_eq!(office.events(), events[1..]);
    }
}

#[test]
fn people_and_things_come_change_and_go() {
    let mut office = Office::open();
    let (anna, sales) = (office.anna, office.sales);
    let carl = office.pbx.add_user("carl");
    office.pbx.join(sales, carl).unwrap();
    office.pbx.join(sales, carl).unwrap();
    office.pbx.set_login(sales, carl, true);
    office.pbx.set_do_not_disturb(anna, true).unwrap();
    office.pbx.set_do_not_disturb(anna, true).unwrap();
    let phone = office.pbx.add_terminal("phone", Some(carl));
    office.pbx.set_registered(phone, true);
    office.pbx.rename_domain("Beispiel");
    office.pbx.remove_terminal(phone);
    office.pbx.leave(sales, anna);
    office.pbx.remove_user(carl).unwrap();
    office.pbx.remove_group(sales).unwrap();
    assert_eq!(
        office.events(),
        [
            "added user",
            "added group_member",
            "updated group_member",
            "updated user",
            "added terminal",
            "updated terminal",
            "updated domain",
            "removed terminal",
            "removed group_member",
            "removed group_member",
            "removed user",
            "removed group_member",
            "removed group",
        ]
    );
    assert_eq!(office.client.store.domain().unwrap().label(), "Beispiel");
}

#[test]
fn what_is_not_there_cannot_be_used() {
    let mut pbx = Pbx::default();
    let (user, group) = (UserId(7), GroupId(8));
    let anna = pbx.add_user("anna");
    let uuid = pbx.offer("0312345678", anna).unwrap();
    let dead = "no-such-channel";
    let no_channel = PbxError::NoChannel(dead.to_owned());
    assert_eq!(no_channel.to_string(), "the PBX has no channel no-such-channel");
    let before: Vec<ModelChannel> = pbx.channels().cloned().collect();
    assert_eq!(pbx.answer(dead), Err(no_channel.clone()));
    assert_eq!(pbx.bridge(&uuid, dead), Err(no_channel.clone()));
    assert_eq!(pbx.bridge(dead, &uuid), Err(no_channel.clone()));
    assert_eq!(pbx.park(dead, None), Err(no_channel.clone()));
    assert_eq!(pbx.ring(dead, anna), Err(no_channel.clone()));
    assert_eq!(pbx.queue(dead, group), Err(no_channel.clone()));
    assert_eq!(pbx.transfer(dead, anna), Err(no_channel.clone()));
    assert_eq!(pbx.eavesdrop(&uuid, dead, ""), Err(no_channel.clone()));
    assert_eq!(pbx.hangup(dead, Ending::LOSE_RACE), Err(no_channel));
    assert_eq!(pbx.ring(&uuid, user), Err(PbxError::NoUser(user)));
    assert_eq!(pbx.offer("0", user), Err(PbxError::NoUser(user)));
    assert_eq!(pbx.transfer(&uuid, group), Err(PbxError::NoGroup(group)));
    assert_eq!(pbx.queue(&uuid, group), Err(PbxError::NoGroup(group)));
    assert_eq!(pbx.join(group, anna), Err(PbxError::NoGroup(group)));
    assert_eq!(pbx.remove_user(user), Err(PbxError::NoUser(user)));
    assert_eq!(pbx.remove_group(group), Err(PbxError::NoGroup(group)));
    assert_eq!(PbxError::NoUser(user).to_string(), "the PBX has no user 7");
    assert_eq!(PbxError::NoGroup(group).to_string(), "the PBX has no group 8");
    assert_eq!(pbx.channels().cloned().collect::<Vec<_>>(), before);
}

#[test]
fn the_same_seed_makes_the_same_day() {
    let day = |seed| {
        let mut pbx = Pbx::new(seed);
        let mut traffic = Traffic::new(seed);
        let mut client = Client::open(&mut pbx);
        let mut frames = Vec::new();
        for _ in 0..100 {
            traffic.step(&mut pbx);
            while let Some(sent) = pbx.poll_frame(client.connection) {
                frames.push(format!("{sent:?}"));
            }
        }
        client.heard.clear();
        frames
    };
    assert_eq!(day(5), day(5));
    assert_ne!(day(5), day(6));
}
