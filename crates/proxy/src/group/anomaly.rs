//! Automatic target weights: a target that fails far more often than the others gets less, though its health checks pass.
//!
//! Targets are compared a window at a time, by whoever picks first after its end. AWS does not tell what it calls an anomaly;
//! here it is at least twice the others' share of failures, and five in a hundred more. If many targets fail it is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::target::Target;

pub(super) const WINDOW_MS: u64 = 5_000;
/// A target's whole share; what is left of it is counted in these parts.
pub(super) const WHOLE: u32 = 1024;
/// What an anomalous target gets in the end: enough to see that it recovered.
const LEAST: u32 = WHOLE / 64;
/// With fewer targets nobody can tell which of them is the odd one.
const FEWEST_TARGETS: usize = 3;
/// With fewer answers nothing is said about a target, and they are counted on.
const FEWEST_ANSWERS: u32 = 10;

/// How a target answered lately, and what that costs it.
pub(super) struct Conduct {
    answers: AtomicU32,
    failures: AtomicU32,
    weight: AtomicU32,
    is_anomalous: AtomicBool,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            answers: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            weight: AtomicU32::new(WHOLE),
            is_anomalous: AtomicBool::new(false),
        }
    }
}

impl Conduct {
    pub(super) fn note(&self, is_good: bool) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        if !is_good {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn weight(&self) -> u32 {
        self.weight.load(Ordering::Relaxed)
    }

    pub(super) fn is_anomalous(&self) -> bool {
        self.is_anomalous.load(Ordering::Relaxed)
    }

    fn counts(&self) -> (u32, u32) {
        let answers = self.answers.load(Ordering::Relaxed);
        (answers, self.failures.load(Ordering::Relaxed).min(answers))
    }

    fn start_over(&self, counted: (u32, u32)) {
        self.answers.fetch_sub(counted.0, Ordering::Relaxed);
        self.failures.fetch_sub(counted.1, Ordering::Relaxed);
    }

    /// Down fast, up slowly.
    fn weigh(&self, is_anomalous: bool) {
        let weight = self.weight();
        let new =
            if is_anomalous { (weight / 2).max(LEAST) } else { (weight + WHOLE / 8).min(WHOLE) };
        self.weight.store(new, Ordering::Relaxed);
    }
}

/// Compares healthy targets with each other, at the end of a window.
pub(super) fn judge<'a>(targets: impl Iterator<Item = &'a Arc<Target>> + Clone, mitigate: bool) {
    let is_comparable = targets.clone().count() >= FEWEST_TARGETS;
    let all = targets
        .clone()
        .map(|target| target.conduct.counts())
        .fold((0_u64, 0_u64), |sum, (answers, failures)| {
            (sum.0 + u64::from(answers), sum.1 + u64::from(failures))
        });
    for target in targets {
        let conduct = &target.conduct;
        let counted = conduct.counts();
        if is_comparable && counted.0 >= FEWEST_ANSWERS {
            let others =
                (all.0.saturating_sub(counted.0.into()), all.1.saturating_sub(counted.1.into()));
            let is_anomalous = is_odd(counted, others);
            conduct.is_anomalous.store(is_anomalous, Ordering::Relaxed);
            conduct.weigh(mitigate && is_anomalous);
            conduct.start_over(counted);
        } else if !is_comparable || !mitigate {
            conduct.is_anomalous.store(false, Ordering::Relaxed);
            conduct.weigh(false);
        }
    }
}

fn is_odd(own: (u32, u32), others: (u64, u64)) -> bool {
    let share = |answers: f64, failures: f64| if answers == 0.0 { 0.0 } else { failures / answers };
    let others = share(others.0 as f64, others.1 as f64);
    share(f64::from(own.0), f64::from(own.1)) > 2.0 * others + 0.05
}
