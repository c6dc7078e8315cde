//! The session and the model PBX, under one clock of the test.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use basix_cti::element::UserId;
use basix_cti::helper_leg::{CallUserAnswer, HelperLeg, Supervisor};
use basix_cti::session::{
    CommandId, CommandOutcome, ConnectError, DisconnectReason, Reconnect, SessionOptions, Transmit,
};
use basix_cti::{Command, Endpoint, Event, Session, Timestamp};
use basix_cti_testing::{
    ConnectionId, Faults, Handshake, Pbx, Random, Refusal, SESSION_HEADER, Sent, Traffic,
    WaitingLists,
};

use crate::calls::{CallLogger, Compared};
use crate::follower::{Follower, Seen};

/// One run: a PBX, a session that follows it, and a program that relies on the session.
struct Run {
    pbx: Pbx,
    session: Session,
    supervisor: Supervisor,
    follower: Follower,
    logger: CallLogger,
    random: Random,
    connection: Option<ConnectionId>,
    /// The user who logs in; `None` for a token.
    login: Option<UserId>,
    endpoint: Endpoint,
    start: (Instant, Timestamp),
    commands: u64,
    outcomes: Vec<(CommandId, CommandOutcome)>,
    /// The end of the last connection.
    ended: String,
}

/// Counters of a run.
#[derive(Default)]
struct Tally {
    seen: Seen,
    connections: u64,
    commands: u64,
    checks: u64,
    calls: Compared,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.seen.add(other.seen);
        self.connections += other.connections;
        self.commands += other.commands;
        self.checks += other.checks;
        self.calls.records += other.calls.records;
        self.calls.exact += other.calls.exact;
        self.calls.sought += other.calls.sought;
        self.calls.revised += other.calls.revised;
    }
}

/// Random numbers and traffic must not follow the same sequence.
fn random(seed: u64, salt: u64) -> Random {
    Random::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt)
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut random = random(seed, 1);
        let mut pbx = Pbx::new(seed);
        pbx.vary_wire_form();
        pbx.set_odd_records(true);
        pbx.set_waiting_lists(match seed % 3 {
            0 => WaitingLists::Current,
            1 => WaitingLists::Deprecated,
            _ => WaitingLists::Both,
        });
        let user = pbx.add_administrator("boss");
        // An eighth is not disturbed, and misses nothing.
        let is_undisturbed = random.once_in(8);
        // A fifth replaces its connection now and then.
        let resync_every = random.once_in(5) && !is_undisturbed;
        let resync_every = resync_every.then_some(Duration::from_secs(40));
        // A quarter logs in as a user, who sees her own channels only.
        let login = random.once_in(4).then(|| pbx.add_user("agent"));
        let mut traffic = Traffic::new(seed ^ 0x7afc);
        for _ in 0..20 {
            traffic.step(&mut pbx);
        }
        if !is_undisturbed {
            pbx.set_faults(Faults::from_seed(seed));
        }
        let reconnect = match random.below(3) {
            0 => Reconnect::default(),
            1 => Reconnect::exponential(Duration::from_millis(500), Duration::from_secs(60)),
            _ => Reconnect::fixed(Duration::from_millis(100)),
        };
        let options = SessionOptions::default()
            .with_reconnect(reconnect)
            .with_events(if is_undisturbed { 100_000 } else { 4 + random.below(100) })
            .with_message_size(1 << 19)
            .with_settle(Duration::from_millis(random.below(3) as u64 * 200))
            .with_resync_every(resync_every)
            .with_seed(seed);
        let now = Instant::now();
        Self {
            start: (now, pbx.now()),
            session: Session::new(now, options),
            supervisor: Supervisor::new(HelperLeg::new(user)),
            pbx,
            follower: Follower::default(),
            logger: CallLogger::default(),
            random,
            connection: None,
            login,
            endpoint: Endpoint::new("pbx.example.test", "example.test", "token"),
            commands: 0,
            outcomes: Vec::new(),
            ended: String::new(),
        }
    }

    /// The session's clock, which follows that of the PBX.
    fn now(&self) -> Instant {
        let gone = self.pbx.now().as_micros() - self.start.1.as_micros();
        self.start.0 + Duration::from_micros(gone as u64)
    }

    /// Renews the endpoint for the next connection, since tokens change and logins end.
    fn renew_endpoint(&mut self) {
        self.endpoint = if let Some(user) = &mut self.login {
            if self.pbx.user(*user).is_none() {
                *user = self.pbx.add_user("agent");
            }
            Endpoint::with_session("pbx.example.test", SESSION_HEADER, self.pbx.log_in(*user))
        } else {
            let token = format!("token-{}", self.random.number());
            self.pbx.set_token(&token);
            Endpoint::new("pbx.example.test", "example.test", token)
        };
    }

    /// Executes the session's work and passes it the PBX's messages, until both are idle.
    fn settle(&mut self) -> Result<(), String> {
        loop {
            let mut quiet = true;
            let now = self.now();
            while let Some((request, call)) = self.supervisor.poll_call(&mut self.session, now) {
                let http = self.endpoint.call_user(&call).unwrap();
                let response = self.pbx.handle_http(&http);
                let answer = CallUserAnswer::parse(response.status().as_u16(), response.body());
                self.supervisor.handle_answer(request, answer);
            }
            while let Some(transmit) = self.session.poll_transmit() {
                quiet = false;
                self.transmit(transmit);
            }
            if let Some(sent) = self.connection.and_then(|it| self.pbx.poll_frame(it)) {
                quiet = false;
                self.receive(sent)?;
            }
            // The program polls events at random times.
            if self.random.once_in(3) {
                self.take_events(1 + self.random.clone().below(40))?;
            }
            if quiet {
                return Ok(());
            }
        }
    }

    fn transmit(&mut self, transmit: Transmit) {
        let now = self.now();
        match transmit {
            Transmit::Connect => {
                assert_eq!(self.connection, None, "never two connections (Q31)");
                self.renew_endpoint();
                let request = self.endpoint.request().unwrap();
                match self.pbx.open(&Handshake::from_request(&request).unwrap()) {
                    Ok(connection) => {
                        self.connection = Some(connection);
                        self.session.handle_connected(now);
                    }
                    Err(refusal) => {
                        let error = match refusal {
                            Refusal::Status(status) => ConnectError::Status(status.as_u16()),
                            Refusal::WebPage => ConnectError::Status(200),
                            _ => std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into(),
                        };
                        self.session.handle_closed(now, DisconnectReason::NotMade(error.into()));
                    }
                }
            }
            Transmit::Text(text) => {
                if let Some(connection) = self.connection {
                    self.pbx.handle_text(connection, &text);
                }
            }
            Transmit::Ping => {
                if self.connection.is_some_and(|it| !self.pbx.is_silent(it)) {
                    self.session.handle_pong(now);
                }
            }
            Transmit::Close => {
                if let Some(connection) = self.connection.take() {
                    self.pbx.close(connection);
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn receive(&mut self, sent: Sent) -> Result<(), String> {
        let now = self.now();
        let was_current = self.session.is_current();
        match sent {
            Sent::Frame(frame) | Sent::SlowFrame(frame) => {
                self.supervisor.handle_frame(&mut self.session, now, &frame);
            }
            Sent::Text(text) => self.session.handle_text(now, &text),
            Sent::Close(code) => {
                self.closed(DisconnectReason::Closed { code: Some(code), reason: Box::default() });
            }
            Sent::Cut(_) => {
                self.closed(DisconnectReason::Lost(std::io::ErrorKind::ConnectionReset));
            }
            other => return Err(format!("{other:?}")),
        }
        if !self.session.is_current() {
            return Ok(());
        }
        if !was_current {
            // It has just said `Resynced`.
            self.check_truth()?;
        }
        Ok(())
    }

    fn closed(&mut self, reason: DisconnectReason) {
        if let Some(connection) = self.connection.take() {
            self.pbx.close(connection);
        }
        self.session.handle_closed(self.now(), reason);
    }

    /// A current store equals the delivered messages, and the PBX if nothing is in transit.
    fn check_truth(&self) -> Result<(), String> {
        let Some(connection) = self.connection else { return Err("current without PBX".into()) };
        let store = self.session.store();
        self.pbx
            .compare_delivered(connection, store)
            .map_err(|it| format!("not as delivered: {it}"))?;
        if self.pbx.is_drained(connection) {
            self.pbx.compare_for(connection, store).map_err(|it| format!("not as it is: {it}"))?;
        }
        Ok(())
    }

    /// A current store lacks only what was reported as unavailable.
    fn check_tables(&self) -> Result<(), String> {
        let stale = self.session.store().tables().find(|table| {
            !table.is_current() && !self.follower.unavailable.contains(table.kind().as_str())
        });
        stale.map_or(Ok(()), |table| Err(format!("current without {}", table.kind())))
    }

    fn take_events(&mut self, most: usize) -> Result<(), String> {
        for _ in 0..most {
            let Some(event) = self.session.poll_event() else {
                self.outcomes.extend(std::iter::from_fn(|| self.session.poll_outcome()));
                if self.follower.is_current != self.session.is_current() {
                    return Err("what was said last is not how it is".into());
                }
                // Current or not: the changes alone give the store.
                self.follower.check(self.session.store())?;
                if self.follower.is_current {
                    self.check_truth()?;
                    self.check_tables()?;
                }
                return Ok(());
            };
            self.follower.handle_event(&event, self.session.store())?;
            self.logger.handle_event(self.pbx.now(), &event, self.session.store());
            if let Event::Disconnected(end) = event {
                self.ended = end.to_string();
            }
        }
        Ok(())
    }

    /// Advances the time, stopping at each due time of the PBX or the session.
    fn pass(&mut self, time: Duration) -> Result<(), String> {
        let end = self.now() + time;
        loop {
            let now = self.now();
            let mut next = end.saturating_duration_since(now);
            let deadlines = [self.session.poll_timeout(), self.supervisor.poll_timeout()];
            for deadline in deadlines.into_iter().flatten() {
                next = next.min(deadline.saturating_duration_since(now));
            }
            let due = [self.pbx.next_due(), self.connection.and_then(|it| self.pbx.poll_due(it))];
            for due in due.into_iter().flatten() {
                let micros = due.as_micros() - self.pbx.now().as_micros();
                next = next.min(Duration::from_micros(micros.max(0) as u64));
            }
            // A microsecond is the least that the PBX's clock can tell.
            self.pbx.advance(next.max(Duration::from_micros(1)));
            self.session.handle_timeout(self.now());
            self.settle()?;
            if self.now() >= end {
                return Ok(());
            }
        }
    }

    fn command(&mut self) {
        let store = self.session.store().clone();
        let uuids: Vec<String> =
            store.channels().map(|channel| channel.uuid().to_str().into_owned()).collect();
        let Some(uuid) = self.random.pick(&uuids).cloned() else { return };
        let now = self.now();
        let sent = match self.random.below(5) {
            0 => self.session.command(now, Command::park(uuid)),
            1 => self.session.command(now, Command::hangup(uuid)),
            2 => self.session.command(now, Command::transfer(uuid).destination("0312345678")),
            3 => {
                let command = Command::eavesdrop(uuid);
                self.supervisor.eavesdrop(&mut self.session, now, command)
            }
            _ => return self.supervisor.end_leg(),
        };
        self.commands += u64::from(sent.is_ok());
    }
}

/// Runs one seed: with faults while there are any, then until the store is current.
fn run(seed: u64) -> Result<Tally, String> {
    let mut run = Run::new(seed);
    let mut traffic = Traffic::new(seed).with_pace(Duration::from_millis(300));
    let mut checks = 0;
    run.settle()?;
    for _ in 0..260 {
        traffic.step(&mut run.pbx);
        let now = run.now();
        if run.session.poll_timeout().is_some_and(|deadline| deadline <= now) {
            run.session.handle_timeout(now);
        }
        run.settle()?;
        if run.random.once_in(12) {
            run.command();
            run.settle()?;
        }
        if run.random.once_in(20) {
            let seconds = run.random.below(30) as u64;
            run.pass(Duration::from_secs(seconds))?;
        }
        checks += u64::from(run.session.is_current());
    }
    // No more faults from now on; the session has to recover by itself.
    run.pbx.set_faults(Faults::none());
    for _ in 0..40 {
        run.pass(Duration::from_secs(20))?;
        if run.session.is_current() && run.connection.is_some_and(|it| run.pbx.is_drained(it)) {
            break;
        }
    }
    run.pass(Duration::from_secs(80))?;
    run.take_events(usize::MAX)?;
    if !run.session.is_current() {
        return Err(format!("it is never current again: {}", run.ended));
    }
    run.check_truth()?;
    if run.outcomes.len() as u64 != run.commands {
        return Err(format!("{} commands had {} outcomes", run.commands, run.outcomes.len()));
    }
    run.logger.finish(run.pbx.now());
    // A user sees her own channels only, and so only parts of calls.
    let calls = match run.login {
        None => {
            let seen = run.follower.seen;
            let missed_nothing = seen.disconnected + seen.lagged + seen.refused + seen.stale == 0;
            run.logger.compare(&run.pbx, missed_nothing.then_some(run.start.1))?
        }
        Some(_) => Compared::default(),
    };
    let connections = run.pbx.asked();
    Ok(Tally { seen: run.follower.seen, connections, commands: run.commands, checks, calls })
}

// B80, B102
#[test]
fn the_store_is_as_the_pbx_is_whenever_the_session_says_so() {
    let seeds = crate::seeds(1000);
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut total = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return Ok(total);
            }
            match run(seed) {
                Ok(tally) => total.add(&tally),
                Err(what) => {
                    next.store(seeds.end, Ordering::Relaxed);
                    return Err(format!(
                        "seed {seed}: {what}\n{}\nTRUTH_SEED={seed} runs it alone",
                        Faults::from_seed(seed)
                    ));
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut total = Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join().unwrap() {
                Ok(tally) => total.add(&tally),
                Err(what) => panic!("{what}"),
            }
        }
    });
    let seen = total.seen;
    eprintln!(
        "{} seeds: {} connections, {seen:?}, {} commands; current after {} steps; {:?}",
        seeds.end - seeds.start,
        total.connections,
        total.commands,
        total.checks,
        total.calls
    );
    if seeds.end - seeds.start >= 100 {
        // Nothing of what is meant to be tested is missing.
        for count in
            [seen.changes, seen.found, seen.resynced, seen.stale, seen.lagged, seen.refused]
        {
            assert!(count > 30, "{seen:?}");
        }
        assert!(total.calls.sought > 100 && total.calls.exact > 1000);
        assert!(total.calls.revised > 0 && total.calls.exact < total.calls.records);
        assert!(total.connections > 2 * (seeds.end - seeds.start) && total.commands > 100);
    }
}

#[test]
fn commands_of_the_session_are_done_by_the_pbx_and_come_back_as_events() {
    let mut run = Run::new(u64::MAX);
    run.pbx.set_faults(Faults::none());
    run.login = None;
    run.settle().unwrap();
    let user = run.pbx.users().next().unwrap().id;
    let uuid =
        run.pbx.offer("0312345678", basix_cti_testing::Callee::User(UserId(user.0))).unwrap();
    run.settle().unwrap();
    let outcome = |run: &mut Run, command: Command| {
        let now = run.now();
        let id = run.session.command(now, command).unwrap();
        run.settle().unwrap();
        run.take_events(usize::MAX).unwrap();
        let (settled, outcome) = run.outcomes.pop().unwrap();
        assert_eq!(settled, id);
        outcome
    };
    assert_eq!(outcome(&mut run, Command::park(&uuid).into()), CommandOutcome::Done);
    assert!(run.session.store().waiting().parked().any(|parked| parked.uuid() == *uuid));
    let transfer = Command::transfer(&uuid).destination("0399999999");
    assert_eq!(outcome(&mut run, transfer.into()), CommandOutcome::Done);
    assert_eq!(outcome(&mut run, Command::hangup(&uuid)), CommandOutcome::Done);
    assert!(run.session.store().channel(&uuid).is_none());
    assert!(run.pbx.channel(&uuid).is_none());
}
