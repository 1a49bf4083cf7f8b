//! The instants of a task's life.
//!
//! They come from two clocks, the agent's and ours, and are shown side by side. So that they always
//! read in order, an instant that the agent tells is moved between those known before it and now.

use berth_model::Timestamp;

/// In the order in which they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    pub created_at: Timestamp,
    /// The agent had the task.
    pub connectivity_at: Option<Timestamp>,
    pub pull_started_at: Option<Timestamp>,
    pub pull_stopped_at: Option<Timestamp>,
    /// The task became RUNNING.
    pub started_at: Option<Timestamp>,
    /// The task was to stop.
    pub stopping_at: Option<Timestamp>,
    /// The last container ended.
    pub execution_stopped_at: Option<Timestamp>,
    /// The task became STOPPED.
    pub stopped_at: Option<Timestamp>,
}

impl Times {
    /// Each instant that is known, in the order in which they must read.
    pub fn in_order(&self) -> impl Iterator<Item = Timestamp> {
        let later = [
            self.connectivity_at,
            self.pull_started_at,
            self.pull_stopped_at,
            self.started_at,
            self.stopping_at,
            self.execution_stopped_at,
            self.stopped_at,
        ];
        std::iter::once(self.created_at).chain(later.into_iter().flatten())
    }

    pub(crate) fn connect(&mut self, at: Timestamp, now: Timestamp) {
        let earliest = self.created_at;
        let latest = [
            self.pull_started_at,
            self.pull_stopped_at,
            self.started_at,
            self.stopping_at,
            self.stopped_at,
        ];
        set_once(&mut self.connectivity_at, earliest, at, first(latest, now));
    }

    pub(crate) fn start_pull(&mut self, at: Timestamp, now: Timestamp) {
        let earliest = self.connectivity_at.unwrap_or(self.created_at);
        let latest = [
            self.pull_stopped_at,
            self.started_at,
            self.stopping_at,
            self.execution_stopped_at,
            self.stopped_at,
        ];
        set_once(&mut self.pull_started_at, earliest, at, first(latest, now));
    }

    pub(crate) fn stop_pull(&mut self, at: Timestamp, now: Timestamp) {
        let earliest = self.pull_started_at.or(self.connectivity_at).unwrap_or(self.created_at);
        let latest =
            [self.started_at, self.stopping_at, self.execution_stopped_at, self.stopped_at];
        set_once(&mut self.pull_stopped_at, earliest, at, first(latest, now));
    }

    pub(crate) fn start(&mut self, now: Timestamp) {
        let before = [
            self.pull_stopped_at,
            self.pull_started_at,
            self.connectivity_at,
            Some(self.created_at),
        ];
        let earliest = last(before);
        set_once(
            &mut self.started_at,
            earliest,
            now,
            first([self.stopping_at, self.execution_stopped_at], now),
        );
    }

    pub(crate) fn stop(&mut self, at: Timestamp, now: Timestamp) {
        let earliest = last([
            self.started_at,
            self.pull_stopped_at,
            self.pull_started_at,
            self.connectivity_at,
            Some(self.created_at),
        ]);
        set_once(
            &mut self.stopping_at,
            earliest,
            at,
            first([self.execution_stopped_at, self.stopped_at], now),
        );
    }

    pub(crate) fn stop_execution(&mut self, at: Timestamp, now: Timestamp) {
        let earliest =
            last([self.stopping_at, self.started_at, self.pull_stopped_at, Some(self.created_at)]);
        set_once(&mut self.execution_stopped_at, earliest, at, first([self.stopped_at], now));
    }

    pub(crate) fn end(&mut self, now: Timestamp) {
        let earliest = last([
            self.execution_stopped_at,
            self.stopping_at,
            self.started_at,
            Some(self.created_at),
        ]);
        set_once(&mut self.stopped_at, earliest, now, now);
    }
}

fn first<const N: usize>(later: [Option<Timestamp>; N], now: Timestamp) -> Timestamp {
    later.into_iter().flatten().min().unwrap_or(now)
}

fn last<const N: usize>(earlier: [Option<Timestamp>; N]) -> Timestamp {
    earlier.into_iter().flatten().max().unwrap_or(Timestamp::EPOCH)
}

/// What is known stays. Where nothing lies between `earliest` and `latest`, `earliest` it is: our own
/// clock may go back, what was told must not.
fn set_once(
    instant: &mut Option<Timestamp>,
    earliest: Timestamp,
    at: Timestamp,
    latest: Timestamp,
) {
    if instant.is_none() {
        *instant = Some(at.min(latest).max(earliest));
    }
}
