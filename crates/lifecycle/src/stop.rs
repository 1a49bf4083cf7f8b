//! Why a task stops.

use berth_model::StopCode;

/// AWS: the words of `stoppedReason` when an essential container ended by itself.
pub const ESSENTIAL_CONTAINER_EXITED: &str = "Essential container in task exited";

/// The code and the words that `DescribeTasks` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopCause {
    pub code: StopCode,
    pub reason: String,
}

/// What there is to know of a container's end, on either side of the wire.
pub(crate) struct Ended<'a> {
    pub essential: bool,
    pub exit_code: Option<i32>,
    pub reason: Option<&'a str>,
}

/// The cause that the ended containers show, if nobody asked for the stop.
///
/// A failure to start outweighs an exit: when a container cannot start, the others are stopped for
/// it and then have exit codes too. So an essential container without one is the culprit.
pub(crate) fn cause_of<'a>(
    ended: impl Iterator<Item = Ended<'a>> + Clone,
    told: Option<&str>,
) -> Option<StopCause> {
    let essential = || ended.clone().filter(|container| container.essential);
    let never_ran =
        essential().find(|container| container.exit_code.is_none() && container.reason.is_some());
    if let Some(container) = never_ran {
        let reason = container.reason.or(told).unwrap_or_default().to_owned();
        return Some(StopCause { code: StopCode::TaskFailedToStart, reason });
    }
    if essential().any(|container| container.exit_code.is_some()) {
        let reason = ESSENTIAL_CONTAINER_EXITED.to_owned();
        return Some(StopCause { code: StopCode::EssentialContainerExited, reason });
    }
    essential().next()?;
    let reason = ended.clone().find_map(|container| container.reason).or(told);
    let reason = reason.unwrap_or("Task failed to start").to_owned();
    Some(StopCause { code: StopCode::TaskFailedToStart, reason })
}
