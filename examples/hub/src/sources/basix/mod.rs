//! Basix: the client of `basix-cti`, its store for queues and users, its fold for calls.

mod call;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use basix_cti::calls::CallsOptions;
use basix_cti::client::Handle;
use basix_cti::element::UserId;
use basix_cti::helper_leg::{CallUser, CallUserAnswer};
use basix_cti::session::CommandOutcome;
use basix_cti::{Calls, Client, Command, Endpoint, Event, Store as Mirror, Timestamp};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use self::call::call_of;
use super::{Control, ControlError};
use crate::config::Basix;
use crate::live::Live;
use crate::store::{Store, StoreError};
use crate::timeline::{Call, Micros, Presence, Queue, User};

/// Changes are gathered for this long, so that a burst of them costs one look at the open calls.
const PACE: Duration = Duration::from_millis(30);
/// Queues and users follow at this pace.
const SLOW_PACE: Duration = Duration::from_millis(300);
/// Time after the last leg's end before a call's record is made.
const SETTLE: Duration = Duration::from_millis(300);
/// Events taken in before calls are looked at.
const MAX_EVENTS: usize = 1_000;

pub(crate) struct BasixSource {
    name: String,
    store: Arc<Store>,
    live: Arc<Live>,
    handle: Handle,
    shown: Mutex<BTreeMap<String, Shown>>,
    /// The start, by both clocks.
    start: (Timestamp, Instant),
}

/// An open call as it was recorded last.
#[derive(Clone)]
struct Shown {
    call: Call,
    /// A leg that goes on.
    leg: String,
}

/// The state of the client's task.
pub(crate) struct Follower {
    client: Client,
    calls: Calls,
    /// Ended calls on their way to the database, with those that they replace.
    ended: Vec<(Call, Vec<String>)>,
    /// Open calls that an earlier run of the hub has left; until the PBX has listed its own.
    left_open: Option<Vec<Call>>,
    is_changed: bool,
}

impl BasixSource {
    /// Sets the client up; it connects by itself, now and after every break.
    pub(crate) fn new(
        name: &str,
        config: &Basix,
        store: Arc<Store>,
        live: Arc<Live>,
        open: &[Call],
    ) -> Result<(Self, Follower), String> {
        let endpoint =
            Endpoint::new(config.server.clone(), config.domain.clone(), config.token.expose())
                .app_name("hub")
                .full_events();
        let client = Client::start(endpoint).map_err(|error| error.to_string())?;
        let mut options = CallsOptions::default();
        options.settle = SETTLE;
        let left_open = open.iter().filter(|call| call.source == name).cloned().collect();
        let handle = client.handle();
        let follower = Follower {
            client,
            calls: Calls::with_options(options),
            ended: Vec::new(),
            left_open: Some(left_open),
            is_changed: false,
        };
        let (name, shown) = (name.to_owned(), Mutex::default());
        let start = (Timestamp::now(), Instant::now());
        Ok((Self { name, store, live, handle, shown, start }, follower))
    }

    /// The time for the fold, which only decides when a call counts as ended. Not the PBX's: its
    /// clock is known only after its first event, and may be behind what was taken for it before.
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.start.1.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(self.start.0.as_micros().saturating_add(elapsed))
    }

    /// Follows the PBX.
    pub(crate) async fn run(self: Arc<Self>, mut follower: Follower) {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut slow_due = Instant::now();
        loop {
            tokio::select! {
                event = follower.client.next() => {
                    let Some(event) = event else { return };
                    self.take(&mut follower, event);
                    for _ in 0..MAX_EVENTS {
                        match follower.client.next().now_or_never() {
                            Some(Some(event)) => self.take(&mut follower, event),
                            Some(None) => return,
                            None => break,
                        }
                    }
                }
                _ = pace.tick() => {
                    let now = self.now();
                    if follower.calls.poll_timeout().is_some_and(|due| due <= now) {
                        follower.calls.handle_timeout(now);
                        follower.is_changed = true;
                    }
                    if follower.is_changed {
                        follower.is_changed = self.publish(&mut follower).await.is_err();
                        if slow_due <= Instant::now() {
                            self.show(&follower.client.store());
                            slow_due = Instant::now() + SLOW_PACE;
                        } else {
                            // Queues and users are due a little later.
                            follower.is_changed = true;
                        }
                    }
                }
            }
        }
    }

    fn take(&self, follower: &mut Follower, event: Event) {
        let now = self.now();
        follower.calls.handle_event(now, &event);
        follower.is_changed = true;
        match event {
            Event::Connected => self.set(true, false),
            Event::Stale => self.set(self.handle.is_connected(), false),
            Event::Disconnected(_) => self.set(false, false),
            Event::Resynced => {
                self.set(true, true);
                self.end_left(follower, self.handle.pbx_now().as_micros());
            }
            Event::Lagged { missed, .. } => {
                tracing::warn!(source = self.name, missed, "events were missed");
                follower.calls.reconcile(now, &follower.client.store());
            }
            _ => {}
        }
    }

    fn set(&self, is_connected: bool, is_current: bool) {
        self.live.update_source(&self.name, |source| {
            (source.is_connected, source.is_current) = (is_connected, is_current);
        });
    }

    /// Ends calls of an earlier run that the PBX does not list any more.
    fn end_left(&self, follower: &mut Follower, now: Micros) {
        let Some(left) = follower.left_open.take() else { return };
        let open: Vec<String> = follower.calls.open().map(|call| call.id().to_owned()).collect();
        for mut call in left.into_iter().filter(|call| !open.contains(&call.id)) {
            call.lose(now);
            follower.ended.push((call, Vec::new()));
        }
    }

    /// Records the calls that have changed.
    async fn publish(&self, follower: &mut Follower) -> Result<(), StoreError> {
        while let Some(record) = follower.calls.poll_call() {
            let mut replaced = record.replaces().to_vec();
            replaced.extend(record.legs().iter().map(|leg| leg.uuid.clone()));
            follower.ended.push((call_of(&self.name, &record), replaced));
        }
        let place = self.store.place().await?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut changed, mut parts) = (Vec::new(), Vec::new());
        let mut open = BTreeSet::new();
        for record in follower.calls.open() {
            let call = call_of(&self.name, &record);
            open.insert(call.id.clone());
            parts.extend(record.legs().iter().map(|leg| leg.uuid.clone()));
            let leg = record.legs().iter().find(|leg| leg.ended.is_none());
            let leg = leg.map_or_else(|| record.id(), |leg| &leg.uuid).to_owned();
            if shown.get(record.id()).is_none_or(|shown| shown.call != call) {
                changed.push(call.clone());
            }
            shown.insert(call.id.clone(), Shown { call, leg });
        }
        for (call, replaced) in follower.ended.drain(..) {
            shown.remove(&call.id);
            open.insert(call.id.clone());
            parts.extend(replaced);
            changed.push(call);
        }
        // A call that was recorded, and turned out to be part of another one.
        let is_part = |id: &String| !open.contains(id) && shown.contains_key(id);
        let removed: Vec<String> = parts.into_iter().filter(is_part).collect();
        for id in &removed {
            shown.remove(id);
        }
        if changed.is_empty() && removed.is_empty() {
            return Ok(());
        }
        let removed = removed.into_iter().map(|id| (self.name.clone(), id)).collect();
        // The database keeps what it cannot write; a PBX that sends on cannot wait for it.
        drop(place.replace(changed, removed));
        Ok(())
    }

    /// Shows queues and users.
    fn show(&self, mirror: &Mirror) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let name = |label: String, name: String| if label.is_empty() { name } else { label };
        let queues = mirror.groups().map(|group| Queue {
            source: self.name.clone(),
            id: group.id().to_string(),
            name: name(group.label().to_str().into_owned(), group.name().to_str().into_owned()),
            waiting: Vec::new(),
            agents: count(mirror.members_of(group.id()).count()),
            free: count(mirror.free_members_of(group.id()).count()),
        });
        self.live.set_queues(&self.name, queues.collect());
        let users = mirror.users().map(|user| User {
            source: self.name.clone(),
            id: user.id().to_string(),
            name: name(user.label().to_str().into_owned(), user.name().to_str().into_owned()),
            state: match (user.do_not_disturb(), user.forwards_always()) {
                (Some(true), _) | (_, Some(true)) => Presence::Away,
                _ => Presence::Free,
            },
        });
        self.live.set_users(&self.name, users.collect());
    }
}

#[async_trait]
impl Control for BasixSource {
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError> {
        let user = from.parse().map(UserId);
        let user = user.map_err(|_| ControlError::Invalid("from: expected a user's id".into()))?;
        match self.handle.call_user(&CallUser::new(user, to)).await {
            Ok(CallUserAnswer::Offered { uuids }) => Ok(uuids.into_iter().next()),
            Ok(CallUserAnswer::Refused { error_id, .. }) => Err(ControlError::Refused(error_id)),
            Ok(_) => Err(ControlError::Refused("the login has expired".into())),
            Err(error) => Err(ControlError::Refused(error.to_string())),
        }
    }

    async fn hang_up(&self, id: &str) -> Result<(), ControlError> {
        let leg = {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.get(id).map(|shown| shown.leg.clone()).ok_or(ControlError::NotFound)?
        };
        let sent = self.handle.send(Command::hangup(leg));
        let outcome = sent.map_err(|_| ControlError::Unreachable)?.await;
        match outcome {
            CommandOutcome::Done | CommandOutcome::ChannelEnded => Ok(()),
            outcome => Err(ControlError::Refused(outcome.to_string())),
        }
    }
}
