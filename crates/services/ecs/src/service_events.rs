//! What happened to services, as rows: DescribeServices shows the latest hundred, and EventBridge is told of each.

use std::time::Duration;

use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_deployment::{Event, EventName};
use berth_model::{TaskSetId, Timestamp};

use crate::tables::{SERVICE_EVENTS_KEPT, Service, ServiceEvent};

/// AWS: developer guide, service-event-messages: a cause that stays is told anew.
const AGAIN_AFTER: Duration = Duration::from_secs(6 * 60 * 60);

/// Writes an event down. The caller writes the service, which counts them; `message` is for what an event cannot say
/// itself.
pub fn write(
    tx: &mut Transaction,
    service: &mut Service,
    event: &Event,
    message: Option<String>,
    id: [u8; 16],
    now: Timestamp,
) {
    service.last_event += 1;
    let number = service.last_event;
    tx.put(ServiceEvent {
        service: service.id,
        number,
        id,
        created_at: now,
        message: message.unwrap_or_else(|| event.render(service.name.as_str()).to_string()),
        name: event.name().as_str().to_owned(),
        kind: event.name().kind().as_str().to_owned(),
        deployment: about(event),
        of_deployment: event.of_deployment(),
    });
    // AWS: the latest hundred are kept.
    if let Some(old) = number.checked_sub(SERVICE_EVENTS_KEPT) {
        tx.delete::<ServiceEvent>(&(service.id, old));
    }
}

/// Whether this needs no telling: it was told in the last hours, and the service has not come to rest since, as it
/// does when the cause is gone.
pub fn is_told(view: &impl View, service: &Service, event: &Event, now: Timestamp) -> bool {
    let message = event.render(service.name.as_str()).to_string();
    let newest_first = view.table::<ServiceEvent>().within(&service.id).rev();
    let since_rest = newest_first.take_while(|told| told.name != EventName::SteadyState.as_str());
    let mut same = since_rest.filter(|told| told.message == message);
    same.next().is_some_and(|told| now.since(told.created_at) < AGAIN_AFTER)
}

fn about(event: &Event) -> Option<TaskSetId> {
    match event {
        Event::DeploymentCompleted { deployment }
        | Event::DeploymentFailed { deployment, .. }
        | Event::RuleRestored { deployment, .. } => Some(*deployment),
        Event::RollingBack { to } => Some(*to),
        Event::TaskSetSteady { task_set } => Some(*task_set),
        Event::TasksStarted { task_set, .. } => *task_set,
        _ => None,
    }
}
