//! Calls as fast as the hub takes them, for measurements.

use std::time::{Duration, Instant};

use super::story::{Plan, Progress, Random};
use super::{Act, Demo, Stage, now};

impl Demo {
    /// Number of PBXs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.stages.len()
    }

    /// Returns whether there is no PBX.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Plays a call on each PBX without pauses; returns the number of events.
    pub async fn play(&self, number: u64) -> usize {
        let plays = self.stages.iter().map(|stage| {
            let id = format!("{}{number}", stage.prefix);
            let plan = Plan::random(id, &mut Random::new(number ^ (stage.seed << 56)));
            async move {
                let mut progress = Progress::default();
                for (_, act) in &plan.acts {
                    stage.perform(&plan, &mut progress, *act).await;
                }
                plan.acts.len()
            }
        });
        futures_util::future::join_all(plays).await.into_iter().sum()
    }

    /// Lets a phone ring at a PBX, for a call from this number, until `seen` has the moment at which
    /// somebody saw it; returns the time between.
    pub async fn ring(
        &self,
        pbx: usize,
        number: &str,
        seen: impl Future<Output = Option<Instant>>,
    ) -> Option<Duration> {
        let stage = self.stages.get(pbx)?;
        let id = format!("{}ring{number}", stage.prefix);
        let plan =
            Plan { id, customer: (number.into(), "Ring Ring"), placed_by: None, acts: Vec::new() };
        let mut progress = Progress::default();
        stage.perform(&plan, &mut progress, Act::Start).await;
        let sent = Instant::now();
        stage.perform(&plan, &mut progress, Act::Ring(0)).await;
        let seen = seen.await;
        stage.perform(&plan, &mut progress, Act::Stop(0)).await;
        stage.perform(&plan, &mut progress, Act::End).await;
        seen.map(|seen| seen.saturating_duration_since(sent))
    }
}

impl Stage {
    async fn perform(&self, plan: &Plan, progress: &mut Progress, act: Act) {
        progress.apply(act, now());
        self.pbx.perform(plan, progress, act).await;
    }
}
