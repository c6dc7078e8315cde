//! Laws of the planner: two installations on one PBX, under any history of changes and failures.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use ucom_events::api::{ClientId, DeliveryMethod, SubscriptionType};
use ucom_events::event::ExtensionId;
use ucom_events::plan::{DEFAULT_LIMIT, Listed, Owner, Plan, PlanRun, Row, Rows, Wanted, plan};
use ucom_events::{EventToken, EventUrls};

use crate::pbx::{Fate, Pbx};

const EXTENSIONS: u64 = 3;

/// An account of the same software on the same PBX.
struct Installation {
    rows: Rows,
    /// First byte of each token, so that the installations never share one.
    mark: u8,
    tokens: u8,
    wanted: [u8; EXTENSIONS as usize],
}

impl Installation {
    fn new(mark: u8, base: &str) -> Self {
        let urls = EventUrls::new(base).unwrap();
        Self { rows: Rows::new(urls), mark, tokens: 0, wanted: [0; EXTENSIONS as usize] }
    }

    /// Events wanted on an extension: none, what a queue has, or what a phone has.
    fn types(&self, extension: u64) -> &'static [SubscriptionType] {
        match self.wanted[extension as usize] {
            0 => &[],
            1 => &[SubscriptionType::Hangup],
            _ => &[
                SubscriptionType::Hangup,
                SubscriptionType::DialIn,
                SubscriptionType::DialOut,
                SubscriptionType::Answer,
            ],
        }
    }

    /// Assigns rows as a change of users does, and plans.
    fn plan(&mut self, pbx: &Pbx) -> Plan {
        let mut wanted = Wanted::new();
        let mut listed = Listed::new();
        for extension in 0..EXTENSIONS {
            let owner = Owner::Extension(ExtensionId::new(extension));
            let types = self.types(extension);
            let has_row = |rows: &Rows| rows.iter().any(|row| row.owner == owner);
            if types.is_empty() {
                let mut rows = Rows::new(self.rows.urls().clone());
                for row in self.rows.iter() {
                    let mut row = row.clone();
                    row.retiring |= row.owner == owner;
                    rows.insert(row);
                }
                self.rows = rows;
            } else {
                let mut rows = Rows::new(self.rows.urls().clone());
                for row in self.rows.iter() {
                    let mut row = row.clone();
                    row.retiring &= row.owner != owner;
                    rows.insert(row);
                }
                self.rows = rows;
                if !has_row(&self.rows) {
                    self.tokens += 1;
                    let mut random = [self.tokens; 16];
                    random[0] = self.mark;
                    self.rows.insert(Row::new(owner.clone(), EventToken::from_random(random)));
                }
                let types = types.iter().cloned();
                wanted.insert(owner.clone(), "", types, DeliveryMethod::Post);
            }
            let (subscriptions, unreadable) = pbx.read(&Pbx::extension(extension));
            listed.insert(owner, subscriptions, unreadable);
        }
        plan(&wanted, &listed, DEFAULT_LIMIT, &self.rows)
    }

    /// Synchronises once; returns the number of steps.
    fn sync(&mut self, pbx: &mut Pbx, fate: impl FnMut() -> Fate) -> usize {
        let plan = self.plan(pbx);
        let steps = plan.steps().count();
        self.rows = plan.rows().clone(); // stored before the first step
        let mut run = PlanRun::new(ClientId::new(801), plan);
        let mut fate = fate;
        pbx.drive(&mut run, |request| match request.path.contains("per_page") {
            true => Fate::Done,
            false => fate(),
        });
        self.rows = run.finish().rows;
        steps
    }

    fn owns(&self, item: &Value) -> bool {
        let url = item["url"].as_str().unwrap();
        self.rows.iter().any(|row| url.ends_with(row.token.expose()))
    }
}

/// The next turn of a history.
#[derive(Clone, Debug)]
enum Turn {
    /// One installation changes its wanted events on an extension.
    Want(bool, u64, u8),
    /// One installation synchronises, and its requests meet these fates.
    Sync(bool, Vec<Fate>),
    /// Another integration subscribes.
    Other(u64, u8),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Done),
        1 => Just(Fate::Refused(500)),
        1 => Just(Fate::Refused(404)),
        1 => Just(Fate::Refused(429)),
        1 => Just(Fate::Unreadable),
        1 => Just(Fate::LostAfter),
        1 => Just(Fate::LostBefore),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        3 => (any::<bool>(), 0..EXTENSIONS, 0..3_u8).prop_map(|(who, at, what)| Turn::Want(who, at, what)),
        3 => (any::<bool>(), vec(fate(), 0..8)).prop_map(|(who, fates)| Turn::Sync(who, fates)),
        1 => (0..EXTENSIONS, 0..4_u8).prop_map(|(at, what)| Turn::Other(at, what)),
    ]
}

/// Items that an installation does not own.
fn of_others(pbx: &Pbx, installation: &Installation) -> Vec<Value> {
    pbx.lists.values().flatten().filter(|item| !installation.owns(item)).cloned().collect()
}

fn history(turns: &[Turn]) {
    let mut pbx = Pbx::default();
    // One base for both, as a hosted product has it; and one that only shares the beginning.
    let mut both = [
        Installation::new(0xaa, "https://crm.example.com/"),
        Installation::new(0xbb, "https://crm.example.com/"),
    ];
    for turn in turns {
        match turn {
            Turn::Want(who, extension, what) => {
                both[usize::from(*who)].wanted[*extension as usize] = *what;
            }
            Turn::Other(extension, what) => {
                let urls = [
                    "https://crm.example.com/other-app/hook",
                    "https://crm.example.com/ext-event/0123456789abcdef0123456789abcdef",
                    "https://crm.example.com/ext-event/short",
                    "https://crm.example.com.evil.example/ext-event/0123456789abcdef0123456789abcdef",
                ];
                let list = Pbx::extension(*extension);
                pbx.subscribe(&list, "hangup", urls[usize::from(*what)]);
            }
            Turn::Sync(who, fates) => {
                let one = &mut both[usize::from(*who)];
                one.plan(&pbx);
                let before = of_others(&pbx, one);
                let mut fates = fates.iter().copied().chain(std::iter::repeat(Fate::Done));
                one.sync(&mut pbx, || fates.next().unwrap());
                assert_eq!(of_others(&pbx, one), before, "nobody else's subscription changes");
            }
        }
    }
    // Without failures one run repairs everything, and a second one has nothing to do.
    for one in &mut both {
        one.sync(&mut pbx, || Fate::Done);
        assert_eq!(one.sync(&mut pbx, || Fate::Done), 0, "a fixed point");
        for extension in 0..EXTENSIONS {
            let list = pbx.lists.get(&Pbx::extension(extension));
            let mut mine: Vec<_> = list
                .into_iter()
                .flatten()
                .filter(|item| one.owns(item))
                .map(|item| item["event_type"].as_str().unwrap().to_owned())
                .collect();
            mine.sort();
            let wanted = one.types(extension);
            let places = DEFAULT_LIMIT - (list.map_or(0, Vec::len) - mine.len()).min(DEFAULT_LIMIT);
            let mut fits: Vec<_> =
                wanted.iter().take(places).map(|kind| kind.as_str().to_owned()).collect();
            fits.sort();
            assert_eq!(mine, fits, "what is wanted and fits, once");
        }
        assert!(one.rows.iter().all(|row| !row.retiring), "rows end with their subscriptions");
    }
}

/// Runs `PLAN_HISTORIES` histories, such as 100000 before a release.
#[test]
fn two_installations_never_touch_each_other_and_reach_a_fixed_point() {
    let cases = std::env::var("PLAN_HISTORIES").ok().and_then(|text| text.parse().ok());
    let config = ProptestConfig { cases: cases.unwrap_or(2_000), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&vec(turn(), 1..16), |turns| {
            history(&turns);
            Ok(())
        })
        .unwrap();
}
