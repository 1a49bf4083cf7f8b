//! How a service gets something new to run: the rows of a deployment, or of a task set, are begun.

use berth_control::cell::Transaction;
use berth_control::ports::LoadBalancing;
use berth_control::tables::View;
use berth_deployment::{Deployment, Progress, Role, Strategy, Unlaunched, Zone, supersede};
use berth_model::{ServiceDeploymentId, Tags, Timestamp};

use crate::deployment_settings;
use crate::tables::{Service, ServiceDeployment, ServiceRevision, Task, TaskSet, Unplaced};
use crate::traffic::lanes;

/// Deployments of a service that are in play, oldest first.
pub fn in_play<'v>(
    view: &'v impl View,
    service: &Service,
) -> impl Iterator<Item = &'v ServiceDeployment> {
    let (table, id) = (view.table::<ServiceDeployment>(), service.id);
    let begun = table.indexes().in_play.get(&id);
    begun.filter_map(move |(_, number)| table.get(&(id, *number)))
}

/// A deployment as planning sees it, without its traffic.
pub fn planned(row: &ServiceDeployment) -> Deployment {
    let planned = Deployment {
        id: row.number,
        created_at: row.created_at,
        strategy: deployment_settings::strategy(&row.configuration),
        hooks: deployment_settings::hooks(&row.configuration),
        lane: None,
        obstacle: None,
        scale: 100.0,
        unplaced: 0,
        unplaced_because: None,
        full_zones: Vec::new(),
        unlaunched: None,
        progress: row.progress.clone(),
    };
    with_unplaced(planned, &row.unplaced)
}

fn with_unplaced(planned: Deployment, unplaced: &Unplaced) -> Deployment {
    let Unplaced { tasks, because, zones, unlaunched } = unplaced.clone();
    if unlaunched {
        let unlaunched = Unlaunched { tasks, because: because.unwrap_or_default() };
        return Deployment { unlaunched: Some(unlaunched), ..planned };
    }
    Deployment {
        unplaced: tasks,
        unplaced_because: because,
        full_zones: zones.iter().map(|zone| Zone::from(zone.as_str())).collect(),
        ..planned
    }
}

/// A task set as planning sees it: a deployment with its share of the tasks.
pub fn planned_set(row: &TaskSet) -> Deployment {
    let planned = Deployment {
        id: row.id,
        created_at: row.created_at,
        strategy: Strategy::Rolling,
        hooks: Vec::new(),
        lane: None,
        obstacle: None,
        scale: row.scale,
        unplaced: 0,
        unplaced_because: None,
        full_zones: Vec::new(),
        unlaunched: None,
        progress: row.progress.clone(),
    };
    with_unplaced(planned, &row.unplaced)
}

/// Makes this revision the one that the service moves to.
pub fn begin_deployment(
    tx: &mut Transaction,
    balancing: &dyn LoadBalancing,
    service: &Service,
    mut revision: ServiceRevision,
    id: ServiceDeploymentId,
    now: Timestamp,
) {
    if revision.shifts_requests() {
        revision.resolved_target_groups = lanes::chosen(tx, balancing, service, &revision);
    }
    let before: Vec<ServiceDeployment> = in_play(tx, service).cloned().collect();
    let tasks = tx.table::<Task>().indexes();
    let has_tasks = |row: &&ServiceDeployment| {
        let counts = tasks.deployment_counts(service.id, row.number);
        counts.running + counts.pending > 0
    };
    let sources = before.iter().filter(has_tasks).map(|row| row.number).collect();
    let planned: Vec<Deployment> = before.iter().map(planned).collect();
    for (number, progress) in supersede(&planned, now) {
        tx.update(&(service.id, number), |row: &mut ServiceDeployment| row.progress = progress);
    }
    tx.put(ServiceDeployment {
        service: service.id,
        number: revision.number,
        id,
        task_definition: revision.task_definition,
        created_at: now,
        sources,
        configuration: service.deployment_configuration.clone(),
        progress: Progress::begin(service.desired_count, now),
        unplaced: Unplaced::default(),
        ended_at: None,
        cluster: service.cluster,
    });
    tx.put(revision);
}

/// What a task set is, beside its revision.
pub struct TaskSetOrder {
    /// Whether it is the one that the service is shown with.
    pub is_primary: bool,
    pub started_by: Option<String>,
    pub external_id: Option<String>,
    /// In percent of the service's desired count.
    pub scale: f64,
    pub tags: Tags,
}

/// Gives the service one task set more.
pub fn begin_task_set(
    tx: &mut Transaction,
    service: &Service,
    revision: ServiceRevision,
    order: TaskSetOrder,
    now: Timestamp,
) -> TaskSet {
    let mut set = TaskSet {
        service: service.id,
        id: revision.number,
        task_definition: revision.task_definition,
        external_id: order.external_id,
        started_by: order.started_by,
        scale: order.scale,
        created_at: now,
        updated_at: now,
        tags: order.tags,
        progress: Progress::begin(0, now),
        unplaced: Unplaced::default(),
        cluster: service.cluster,
    };
    set.progress.desired_count = set.computed_desired_count(service.desired_count);
    set.progress.role = if order.is_primary { Role::Primary } else { Role::Active };
    tx.put(revision);
    tx.put(set.clone());
    set
}
