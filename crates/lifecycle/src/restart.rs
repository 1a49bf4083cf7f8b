//! Whether a container that ended runs once more: a task definition's `restartPolicy`.

use std::time::Duration;

use berth_model::Timestamp;

use crate::view::ContainerView;

/// AWS: every end counts, also one with code 0, unless its code is ignored. What ran for less than the period is
/// not tried again. There is no limit to how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartPolicy {
    pub ignored_exit_codes: Vec<i32>,
    /// How long a run must have lasted for another one to follow.
    pub attempt_period: Duration,
}

/// The end of one run, of which it is not settled yet whether another follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    pub code: i32,
    pub reason: Option<String>,
    pub at: Timestamp,
}

impl ContainerView {
    /// Whether another run follows the one that has ended. A task that stops has none that follow.
    pub(crate) fn may_restart(&self) -> bool {
        let (Some(policy), Some(end), Some(started_at)) =
            (&self.restart_policy, &self.run_end, self.started_at)
        else {
            return false;
        };
        !policy.ignored_exit_codes.contains(&end.code)
            && end.at.since(started_at) >= policy.attempt_period
    }

    /// Whether it has ended for good, told or not.
    pub(crate) fn is_over(&self) -> bool {
        self.is_stopped() || (self.run_end.is_some() && !self.may_restart())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTED: Timestamp = Timestamp::from_millis(1_000_000);

    fn may_restart(ignored: &[i32], code: i32, ran: u64) -> bool {
        let policy = RestartPolicy {
            ignored_exit_codes: ignored.to_vec(),
            attempt_period: Duration::from_secs(60),
        };
        let at = STARTED + Duration::from_secs(ran);
        let view = ContainerView {
            restart_policy: Some(policy),
            started_at: Some(STARTED),
            run_end: Some(RunEnd { code, reason: None, at }),
            ..ContainerView::new("web", true)
        };
        view.may_restart()
    }

    #[test]
    fn what_ran_long_enough_runs_again() {
        assert!(may_restart(&[], 1, 60));
        assert!(may_restart(&[], 0, 60), "success is an end like any other");
        assert!(!may_restart(&[], 1, 59));
    }

    #[test]
    fn an_ignored_code_is_the_end() {
        assert!(!may_restart(&[0, 3], 3, 600));
        assert!(may_restart(&[0, 3], 4, 600));
    }

    #[test]
    fn without_a_policy_nothing_runs_again() {
        let end = RunEnd { code: 1, reason: None, at: STARTED };
        let view = ContainerView { run_end: Some(end), ..ContainerView::new("web", true) };
        assert!(!view.may_restart() && view.is_over());
    }
}
