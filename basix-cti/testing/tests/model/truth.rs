//! That a difference between a mirror and the PBX is found and named.

use basix_cti::ElementKind;
use basix_cti::element::LastEvent;
use basix_cti_testing::record::{ModelChannel, ModelState};
use basix_cti_testing::{Pbx, Sent};

use crate::call::Office;
use crate::client::Client;

#[test]
fn the_first_difference_is_named_with_element_key_and_field() {
    let mut office = Office::open();
    let (anna, sales) = (office.anna, office.sales);
    let uuid = office.pbx.offer("0312345678", sales).unwrap();
    office.events();
    let compare = |office: &Office| office.pbx.compare(&office.client.store).unwrap_err();

    office.pbx.set_do_not_disturb(anna, true).unwrap();
    let difference = compare(&office);
    assert_eq!(
        difference.to_string(),
        format!(
            "user {anna}, do_not_disturb_status: the PBX has Some(true), the mirror Some(false)"
        )
    );
    assert!(office.pbx.compare_element(ElementKind::User, &office.client.store).is_err());
    assert!(office.pbx.compare_element(ElementKind::Channel, &office.client.store).is_ok());
    office.events();

    office.pbx.set_state(&uuid, ModelState::Ivr(7)).unwrap();
    let difference = compare(&office);
    assert_eq!((difference.element.as_str(), &difference.key), ("channel", &uuid));
    assert_eq!(difference.field.as_deref(), Some("state"));
    office.events();

    let carl = office.pbx.add_user("carl");
    assert_eq!(
        compare(&office).to_string(),
        format!("user {carl}: the PBX has the record, the mirror none")
    );
    office.events();
    office.pbx.remove_user(carl).unwrap();
    assert_eq!(
        compare(&office).to_string(),
        format!("user {carl}: the PBX has no record, the mirror one")
    );
    office.events();
}

#[test]
fn every_field_of_a_channel_is_compared() {
    let mut office = Office::open();
    let caller = office.pbx.offer("0312345678", office.sales).unwrap();
    let uuid = office.pbx.ring(&caller, office.anna).unwrap();
    office.events();
    let now = office.pbx.now();
    type Change = fn(&mut ModelChannel, basix_cti::Timestamp);
    let changes: [(&str, Change); 18] = [
        ("direction", |it, _| it.direction = basix_cti::element::Direction::Inbound),
        ("peer_location", |it, _| it.peer_location = basix_cti::element::PeerLocation::External),
        ("calling_name", |it, _| it.calling_name.push('x')),
        ("calling_number", |it, _| it.calling_number.push('x')),
        ("called_number", |it, _| it.called_number.push('x')),
        ("offer_timestamp", |it, _| it.offer_timestamp = basix_cti::Timestamp::from_micros(1)),
        ("answer_timestamp", |it, now| it.answer_timestamp = Some(now)),
        ("other_uuid", |it, _| it.other_uuid = None),
        ("user_id", |it, _| it.user_id = None),
        ("state since", |it, _| it.state_since = basix_cti::Timestamp::from_micros(1)),
        ("group_id", |it, _| it.group_id = None),
        ("origination", |it, _| it.origination.push("x".to_owned())),
        ("end_user", |it, _| "7*Ann".clone_into(&mut it.end_user)),
        ("tags", |it, _| it.tags.push("x".to_owned())),
        ("last_bridged_user_id", |it, _| {
            it.last_bridged_user_id = Some(basix_cti::element::UserId(1))
        }),
        ("last_event_data", |it, _| it.last_event_data.push('x')),
        ("other_info", |it, _| it.other_info = None),
        ("call_id", |it, _| it.call_id.push('x')),
    ];
    for (field, change) in changes {
        let before = office.pbx.channel(&uuid).unwrap().clone();
        office.pbx.update_channel(&uuid, before.last_event, |it| change(it, now)).unwrap();
        let difference = office.pbx.compare(&office.client.store).unwrap_err();
        assert_eq!(difference.field.as_deref(), Some(field), "{difference}");
        office.pbx.update_channel(&uuid, before.last_event, |it| *it = before).unwrap();
        office.events();
    }
    office.pbx.update_channel(&uuid, LastEvent::ChannelPark, |_| {}).unwrap();
    let difference = office.pbx.compare(&office.client.store).unwrap_err();
    assert_eq!(difference.field.as_deref(), Some("last_event"));
}

#[test]
fn delivered_messages_are_compared_while_others_wait() {
    let mut pbx = Pbx::new(1);
    let mut client = Client::open(&mut pbx);
    let anna = pbx.add_user("anna");
    let bob = pbx.add_user("bob");
    let mut messages = 0;
    while let Some(Sent::Frame(frame)) = pbx.poll_frame(client.connection) {
        client.read(&frame);
        messages += 1;
        pbx.compare_delivered(client.connection, &client.store).unwrap();
        assert_eq!(pbx.compare(&client.store).is_ok(), pbx.is_drained(client.connection));
    }
    // Nine orders of fields, nine lists, two events.
    assert_eq!(messages, 20);
    pbx.set_do_not_disturb(anna, true).unwrap();
    pbx.remove_user(bob).unwrap();
    pbx.compare_delivered(client.connection, &client.store).unwrap();
    for user in [anna, bob] {
        let key = user.to_string();
        let kind = ElementKind::User;
        pbx.compare_delivered_record(client.connection, kind, &key, &client.store).unwrap();
    }
    assert!(pbx.compare(&client.store).is_err());
    // A message that was not read shows.
    drop(pbx.poll_frame(client.connection));
    assert!(pbx.compare_delivered(client.connection, &client.store).is_err());
    let key = anna.to_string();
    let record = |key: &str| {
        pbx.compare_delivered_record(client.connection, ElementKind::User, key, &client.store)
    };
    assert!(record(&key).is_err());
    assert!(record("no-such-user").is_ok());
}
