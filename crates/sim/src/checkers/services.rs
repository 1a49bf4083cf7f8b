//! What a service promises, whatever becomes of tasks and hosts. One promise a file.

mod ceiling;
mod daemons;
mod distinct;
mod floor;
mod versions;

pub use ceiling::Ceiling;
pub use daemons::Daemons;
pub use distinct::Distinct;
pub use floor::Floor;
pub use versions::Versions;

use berth_ecs::tables::{Service, Task};
use berth_model::{DesiredStatus, ServiceId};

use crate::records::Records;

/// Tasks of the service that are there and to stay.
fn wanted(records: &Records, service: ServiceId) -> impl Iterator<Item = &Task> {
    records.tasks.values().filter(move |task| {
        task.service == Some(service)
            && task.desired_status == DesiredStatus::Running
            && task.holds_resources()
    })
}

/// The percentage of a desired count, with its remainder.
fn percent(desired: u32, percent: Option<i32>, usual: i32) -> (u32, bool) {
    let product = u64::from(desired) * u64::try_from(percent.unwrap_or(usual)).unwrap_or(0);
    (u32::try_from(product / 100).unwrap_or(u32::MAX), product % 100 != 0)
}

/// The service before and after a commit, if it is there on both sides.
fn both<'a>(
    records: &'a Records,
    before: &'a std::collections::BTreeMap<ServiceId, Service>,
    id: ServiceId,
) -> Option<(&'a Service, &'a Service)> {
    let after = records.services.get(&id)?;
    Some((before.get(&id).unwrap_or(after), after))
}
