//! At least once: the pushes that arrive twice, and their ids.

use std::time::Duration;

use voip_module::module_script::push::PushPolicy;

use crate::world::{Memory, Mode, World, name};
use crate::{end, of_event, of_record, record, start};

fn world() -> World {
    World::new(PushPolicy::default(), Some(Memory::default()))
}

/// Names and ids of the requests that the platform took.
fn taken(world: &World) -> Vec<(String, String)> {
    let seen = world.receiver.seen();
    let taken = seen.iter().filter(|seen| seen.was_taken);
    taken.map(|seen| (name(seen), seen.body["id"].as_str().unwrap().to_owned())).collect()
}

// W141, W154
#[test]
fn a_push_whose_answer_was_lost_comes_again_with_its_id_also_after_a_kill() {
    let mut world = world();
    world.receiver.set(Mode::TakesAndBreaks);
    assert!(world.deliver(&of_event(start("A-1"))));
    world.advance_s(1);
    world.kill();
    world.settle();
    world.receiver.set(Mode::Confirms);
    world.advance_s(70);
    let taken = taken(&world);
    assert!(taken.len() > 1 && taken.iter().all(|push| *push == taken[0]), "{taken:?}");
    assert_eq!(taken[0].0, "start A-1");
}

/// Nothing in the spool says that the end went out alone.
// W143, W154
#[test]
fn an_end_that_was_taken_alone_before_a_kill_may_come_again_under_the_id_of_its_record() {
    let mut world = world();
    world.receiver.set(Mode::TakesAndBreaks);
    assert!(world.deliver(&of_event(end("A-1"))));
    // The wait for a record, and the receiver's time.
    world.advance(Duration::from_millis(2_050));
    world.receiver.set(Mode::Breaks);
    assert!(world.deliver(&of_record(record("A-1"))));
    world.kill();
    world.receiver.set(Mode::Confirms);
    world.advance_s(70);
    let taken = taken(&world);
    let names: Vec<_> = taken.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["end A-1", "end+record A-1"]);
    assert_ne!(taken[0].1, taken[1].1, "a receiver that drops known ids keeps the record");
}

// W154
#[test]
fn what_is_delivered_twice_is_two_pushes() {
    let mut world = world();
    for _ in 0..2 {
        assert!(world.deliver(&of_event(start("A-1"))));
    }
    world.advance_s(1);
    let taken = taken(&world);
    assert_eq!(taken.len(), 2);
    assert_ne!(taken[0].1, taken[1].1);
}
