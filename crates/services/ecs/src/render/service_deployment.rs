//! Service deployments and the revisions they bring, as the operations of a service's history show them.

use berth_aws_api::ecs as api;
use berth_control::tables::{Record, View};
use berth_deployment::{HookProgress, LifecycleStage, RolloutReason, StageProgress};
use berth_model::{
    ServiceDeploymentArn, ServiceDeploymentStatus, ServiceRevisionArn, ServiceRevisionId, TaskSetId,
};

use super::service::{
    capacity_provider_strategy, launch_type, load_balancers, number, task_definition,
};
use super::{cluster_arn, service_arn};
use crate::tables::{Cluster, ResolvedImages, Service, ServiceDeployment, ServiceRevision, Task};

pub fn service_deployment_arn(
    cluster: &Cluster,
    service: &Service,
    row: &ServiceDeployment,
) -> ServiceDeploymentArn {
    ServiceDeploymentArn {
        scope: service.scope.clone(),
        cluster: cluster.name.clone(),
        service: service.name.clone(),
        id: row.id,
    }
}

pub fn service_revision_arn(
    cluster: &Cluster,
    service: &Service,
    number: TaskSetId,
) -> ServiceRevisionArn {
    ServiceRevisionArn {
        scope: service.scope.clone(),
        cluster: cluster.name.clone(),
        service: service.name.clone(),
        id: ServiceRevisionId::of_deployment(number),
    }
}

pub fn service_deployment(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    row: &ServiceDeployment,
) -> api::ServiceDeployment {
    let progress = &row.progress;
    let arn_of = |number| service_revision_arn(cluster, service, number).to_string();
    let stopped = progress.status == ServiceDeploymentStatus::Stopped;
    let shares = Shares::of(view, row);
    api::ServiceDeployment {
        service_deployment_arn: Some(service_deployment_arn(cluster, service, row).to_string()),
        service_arn: Some(service_arn(cluster, service).to_string()),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        created_at: Some(row.created_at),
        started_at: progress.started_at,
        finished_at: progress.finished_at,
        stopped_at: progress.finished_at.filter(|_| stopped),
        updated_at: Some(progress.updated_at),
        source_service_revisions: Some(
            row.sources
                .iter()
                .map(|source| {
                    summary(view, cluster, service, *source, shares.of_source(view, *source))
                })
                .collect::<Vec<_>>(),
        ),
        target_service_revision: Some(summary(view, cluster, service, row.number, shares.target)),
        status: Some(progress.status.as_str().into()),
        status_reason: status_reason(row),
        lifecycle_stage: progress.stage.as_ref().map(lifecycle_stage),
        lifecycle_hook_details: progress.stage.as_ref().map(hook_details),
        deployment_configuration: Some((*row.configuration).clone()),
        rollback: progress.rollback.map(|rollback| api::Rollback {
            reason: Some(in_words(row, rollback.why)),
            started_at: Some(rollback.started_at),
            service_revision_arn: Some(arn_of(rollback.to)),
        }),
        deployment_circuit_breaker: Some(circuit_breaker(service, row)),
        alarms: Some(alarms(row)),
    }
}

/// A revision's share of the requests.
#[derive(Clone, Copy, Default)]
struct Share {
    production: Option<f64>,
    test: Option<f64>,
}

/// How requests are shared out as a deployment wants it; of one that replaces task by task nothing is said.
struct Shares<'a> {
    deployment: &'a ServiceDeployment,
    /// Whether there are listener rules that say so, and one for tests.
    by_rules: Option<bool>,
    target: Share,
}

impl<'a> Shares<'a> {
    fn of(view: &impl View, row: &'a ServiceDeployment) -> Self {
        let revision = view.get::<ServiceRevision>(&row.key_of_revision());
        let revision = revision.filter(|found| found.shifts_requests());
        let by_rules = revision.map(|found| {
            let mut advanced =
                found.load_balancers.iter().filter_map(|it| it.advanced_configuration.as_ref());
            advanced.any(|advanced| advanced.test_listener_rule.is_some())
        });
        // Without rules it is a number that nobody acts on, for as long as it moves.
        let number = row.progress.stage.as_ref().map(|stage| stage.production_weight);
        let mut shares = Self { deployment: row, by_rules, target: Share::default() };
        shares.target = match by_rules {
            Some(_) => shares.by_rules(row),
            None => Share { production: number, test: None },
        };
        shares
    }

    fn by_rules(&self, row: &ServiceDeployment) -> Share {
        let Some(weights) = row.progress.traffic else { return Share::default() };
        let test = self.by_rules.unwrap_or(false).then(|| weights.test.unwrap_or(0.0));
        Share { production: Some(weights.production), test }
    }

    fn of_source(&self, view: &impl View, source: TaskSetId) -> Share {
        let row = view.get::<ServiceDeployment>(&(self.deployment.service, source));
        match self.by_rules {
            Some(_) => row.map(|row| self.by_rules(row)).unwrap_or_default(),
            // The rest stays with the one before.
            None => {
                let alone = self.deployment.sources.len() == 1;
                let rest = self.target.production.filter(|_| alone).map(|share| 100.0 - share);
                Share { production: rest, test: None }
            }
        }
    }
}

/// AWS: that traffic is about to shift is shown as the shift itself.
fn lifecycle_stage(stage: &StageProgress) -> api::ServiceDeploymentLifecycleStage {
    match stage.stage {
        LifecycleStage::PreProductionTrafficShift => LifecycleStage::ProductionTrafficShift,
        other => other,
    }
    .as_str()
    .into()
}

fn hook_details(stage: &StageProgress) -> Vec<api::DeploymentLifecycleHookDetail> {
    let detail = |hook: &HookProgress| api::DeploymentLifecycleHookDetail {
        hook_id: Some(hook_id(stage, hook)),
        target_type: Some(api::DeploymentLifecycleHookTargetType::Pause),
        status: Some(hook.status.as_str().into()),
        expires_at: Some(hook.expires_at),
        ..Default::default()
    };
    stage.hooks.iter().map(detail).collect()
}

/// What ContinueServiceDeployment calls a hook: each is asked once at each of its stages.
pub fn hook_id(stage: &StageProgress, hook: &HookProgress) -> String {
    format!("{}-{}", stage.stage.as_str(), hook.hook)
}

/// As ListServiceDeployments shows it.
pub fn service_deployment_brief(
    cluster: &Cluster,
    service: &Service,
    row: &ServiceDeployment,
) -> api::ServiceDeploymentBrief {
    api::ServiceDeploymentBrief {
        service_deployment_arn: Some(service_deployment_arn(cluster, service, row).to_string()),
        service_arn: Some(service_arn(cluster, service).to_string()),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        started_at: row.progress.started_at,
        created_at: Some(row.created_at),
        finished_at: row.progress.finished_at,
        target_service_revision_arn: Some(
            service_revision_arn(cluster, service, row.number).to_string(),
        ),
        status: Some(row.progress.status.as_str().into()),
        status_reason: status_reason(row),
    }
}

fn summary(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    revision: TaskSetId,
    share: Share,
) -> api::ServiceRevisionSummary {
    let counts = view.table::<Task>().indexes().deployment_counts(service.id, revision);
    let deployment = view.get::<ServiceDeployment>(&(service.id, revision));
    let requested = deployment.filter(|row| row.is_in_play()).map(|row| row.progress.desired_count);
    api::ServiceRevisionSummary {
        arn: Some(service_revision_arn(cluster, service, revision).to_string()),
        requested_task_count: Some(number(requested.unwrap_or(0))),
        running_task_count: Some(number(counts.running)),
        pending_task_count: Some(number(counts.pending)),
        requested_test_traffic_weight: share.test,
        requested_production_traffic_weight: share.production,
    }
}

/// Why it is where it is; while all goes well there is nothing to say.
fn status_reason(row: &ServiceDeployment) -> Option<String> {
    match row.progress.reason {
        RolloutReason::InProgress | RolloutReason::Completed => None,
        reason => Some(in_words(row, reason)),
    }
}

fn in_words(row: &ServiceDeployment, reason: RolloutReason) -> String {
    let words = reason.render(row.number).to_string();
    match row.progress.obstacle.as_ref().filter(|_| reason == RolloutReason::InvalidNetworking) {
        Some(obstacle) => format!("{words} {obstacle}"),
        None => words,
    }
}

/// Why it failed, if it did.
fn why(row: &ServiceDeployment) -> RolloutReason {
    row.progress.rollback.map_or(row.progress.reason, |rollback| rollback.why)
}

fn circuit_breaker(
    service: &Service,
    row: &ServiceDeployment,
) -> api::ServiceDeploymentCircuitBreaker {
    use api::ServiceDeploymentRollbackMonitorsStatus as Status;
    // While it goes on, what its owner wants of it now is what holds.
    let configuration = match row.progress.is_finished() {
        true => &row.configuration,
        false => &service.deployment_configuration,
    };
    let breaker = crate::deployment_settings::circuit_breaker(configuration);
    // A daemon has a task on each host.
    let desired = match service.is_daemon() {
        true => row.progress.desired_count,
        false => service.desired_count,
    };
    let has_tripped = why(row) == RolloutReason::TasksFailedToStart;
    api::ServiceDeploymentCircuitBreaker {
        status: Some(match breaker.enabled {
            false => Status::Disabled,
            true if has_tripped => Status::Triggered,
            true if row.progress.is_finished() => Status::MonitoringComplete,
            true => Status::Monitoring,
        }),
        failure_count: Some(number(row.progress.failed_tasks)),
        threshold: Some(number(breaker.threshold.failures(desired))),
    }
}

fn alarms(row: &ServiceDeployment) -> api::ServiceDeploymentAlarms {
    use api::ServiceDeploymentRollbackMonitorsStatus as Status;
    let configured = row.configuration.alarms.as_ref().filter(|alarms| alarms.enable == Some(true));
    api::ServiceDeploymentAlarms {
        status: Some(match configured {
            None => Status::Disabled,
            Some(_) if why(row) == RolloutReason::AlarmFired => Status::Triggered,
            Some(_) if row.progress.is_finished() => Status::MonitoringComplete,
            Some(_) => Status::Monitoring,
        }),
        alarm_names: configured.and_then(|alarms| alarms.alarm_names.clone()),
        triggered_alarm_names: None,
    }
}

pub fn service_revision(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    row: &ServiceRevision,
) -> api::ServiceRevision {
    let resolved = view.get::<ResolvedImages>(&row.key());
    let image = |(name, image): &(String, String)| api::ContainerImage {
        container_name: Some(name.clone()),
        image: Some(image.clone()),
        image_digest: resolved
            .and_then(|resolved| resolved.of(name))
            .map(|found| found.digest.clone()),
    };
    api::ServiceRevision {
        service_revision_arn: Some(service_revision_arn(cluster, service, row.number).to_string()),
        service_arn: Some(service_arn(cluster, service).to_string()),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        task_definition: Some(task_definition(service, row)),
        capacity_provider_strategy: capacity_provider_strategy(row),
        launch_type: launch_type(row),
        load_balancers: Some(load_balancers(row)),
        service_registries: Some(Vec::new()),
        container_images: Some(row.images.iter().map(image).collect()),
        guard_duty_enabled: Some(false),
        created_at: Some(row.created_at),
        resolved_configuration: resolved_configuration(row),
        ..Default::default()
    }
}

fn resolved_configuration(row: &ServiceRevision) -> Option<api::ResolvedConfiguration> {
    let given = row.load_balancers.iter().zip(row.target_groups());
    let balancer = given.map(|(given, group)| api::ServiceRevisionLoadBalancer {
        target_group_arn: Some(group.to_owned()),
        production_listener_rule: given
            .advanced_configuration
            .as_ref()
            .and_then(|advanced| advanced.production_listener_rule.clone()),
    });
    let load_balancers: Vec<_> = balancer.collect();
    (!load_balancers.is_empty()).then(|| api::ResolvedConfiguration {
        load_balancers: Some(load_balancers),
        ..Default::default()
    })
}
