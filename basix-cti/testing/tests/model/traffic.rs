//! Lives by chance, followed by parser and store.

use basix_cti_testing::{HangupNotice, Pbx, Traffic, WaitingLists};

use crate::client::Client;

#[test]
fn random_lives_are_followed_frame_by_frame_in_every_form_of_writing() {
    let lives = std::env::var("MODEL_LIVES").map_or(100, |lives| lives.parse().unwrap());
    for seed in 0..lives {
        let mut pbx = Pbx::new(seed);
        pbx.vary_wire_form();
        pbx.set_hangup_notice(HangupNotice::Any);
        pbx.set_odd_records(true);
        let lists = [WaitingLists::Current, WaitingLists::Deprecated, WaitingLists::Both];
        pbx.set_waiting_lists(lists[seed as usize % 3]);
        let mut traffic = Traffic::new(seed);
        let mut client = Client::open(&mut pbx);
        let mut late = None;
        for step in 0..400 {
            traffic.step(&mut pbx);
            if step == 200 && seed % 5 == 0 {
                late = Some(Client::open(&mut pbx));
            }
            for client in [Some(&mut client), late.as_mut()].into_iter().flatten() {
                client.follow(&mut pbx);
                if step % 100 == 99 {
                    client.catch_up(&mut pbx);
                }
            }
        }
    }
}
