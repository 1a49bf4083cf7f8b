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
    /// It ran before it ended.
    pub has_run: bool,
    pub reason: Option<&'a str>,
}

/// The cause that the ended containers show, if nobody asked for the stop. `None` if no essential one ended.
///
/// A failure to start outweighs an exit: when a container cannot start, the others are stopped for
/// it and then have run and ended too. So an essential container that never ran, and says why, is the culprit.
pub(crate) fn cause_of<'a>(
    ended: impl Iterator<Item = Ended<'a>> + Clone,
    told: Option<&str>,
) -> Option<StopCause> {
    let essential = || ended.clone().filter(|container| container.essential);
    essential().next()?;
    let culprit =
        essential().filter(|container| !container.has_run).find_map(|container| container.reason);
    let exited = essential().any(|container| container.has_run);
    Some(match (culprit, exited) {
        (None, true) => StopCause {
            code: StopCode::EssentialContainerExited,
            reason: ESSENTIAL_CONTAINER_EXITED.to_owned(),
        },
        (culprit, _) => {
            let others = || ended.clone().find_map(|container| container.reason);
            let reason = culprit.or(told).or_else(others).unwrap_or("Task failed to start");
            StopCause { code: StopCode::TaskFailedToStart, reason: reason.to_owned() }
        }
    })
}
