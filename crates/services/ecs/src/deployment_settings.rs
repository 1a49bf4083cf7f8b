//! `deploymentConfiguration`: what callers may say, ECS's defaults, and the same in planning's terms.

use std::time::Duration;

use berth_aws_api::ecs as api;
use berth_deployment::{
    Alarms, Bounds, CircuitBreaker, EarlySuccess, Hook, HookAction, HookTarget, LifecycleStage,
    Strategy, Threshold,
};
use berth_model::{DeploymentController, SchedulingStrategy};

/// AWS: a day.
const LONGEST_BAKE: i32 = 1440;
/// How many minutes a hook is waited for where its owner does not say.
const HOOK_TIMEOUT: i32 = 1440;

/// What a caller gave, on top of what there was before (for something new: of ECS's defaults), if it may be.
pub fn merged(
    given: Option<api::DeploymentConfiguration>,
    before: Option<&api::DeploymentConfiguration>,
    scheduling: SchedulingStrategy,
    controller: DeploymentController,
) -> Result<api::DeploymentConfiguration, api::Error> {
    let mut settings = before.cloned().unwrap_or_else(|| defaults(scheduling));
    let Some(given) = given else { return Ok(settings) };
    refuse_unsupported(&given)?;
    if let Some(breaker) = given.deployment_circuit_breaker {
        check_breaker(&breaker, controller)?;
        settings.deployment_circuit_breaker = Some(breaker);
    }
    if let Some(alarms) = given.alarms {
        check_alarms(&alarms, controller)?;
        settings.alarms = Some(alarms);
    }
    settings.maximum_percent = given.maximum_percent.or(settings.maximum_percent);
    settings.minimum_healthy_percent =
        given.minimum_healthy_percent.or(settings.minimum_healthy_percent);
    settings.bake_time_in_minutes = given.bake_time_in_minutes.or(settings.bake_time_in_minutes);
    if given.strategy.is_some() && given.strategy != settings.strategy {
        // What belonged to the other strategy goes with it.
        settings.linear_configuration = None;
        settings.canary_configuration = None;
        settings.lifecycle_hooks = None;
        settings.strategy = given.strategy;
    }
    settings.linear_configuration = given.linear_configuration.or(settings.linear_configuration);
    settings.canary_configuration = given.canary_configuration.or(settings.canary_configuration);
    settings.lifecycle_hooks = given.lifecycle_hooks.or(settings.lifecycle_hooks);
    settings.early_success_criteria =
        given.early_success_criteria.or(settings.early_success_criteria);
    check_percents(&settings, scheduling)?;
    check_minutes("bakeTimeInMinutes", settings.bake_time_in_minutes)?;
    check_early_success(&settings)?;
    check_strategy(&settings, scheduling, controller)?;
    Ok(settings)
}

fn defaults(scheduling: SchedulingStrategy) -> api::DeploymentConfiguration {
    let bounds = match scheduling {
        SchedulingStrategy::Replica => Bounds::REPLICA,
        SchedulingStrategy::Daemon => Bounds::DAEMON,
    };
    api::DeploymentConfiguration {
        deployment_circuit_breaker: Some(api::DeploymentCircuitBreaker {
            enable: Some(false),
            rollback: Some(false),
            ..Default::default()
        }),
        maximum_percent: i32::try_from(bounds.maximum_percent).ok(),
        minimum_healthy_percent: i32::try_from(bounds.minimum_healthy_percent).ok(),
        strategy: Some(api::DeploymentStrategy::Rolling),
        bake_time_in_minutes: Some(0),
        ..Default::default()
    }
}

/// What needs functions to call: only people can be asked yet.
fn refuse_unsupported(given: &api::DeploymentConfiguration) -> Result<(), api::Error> {
    let has_function = given.lifecycle_hooks.iter().flatten().any(|hook| {
        hook.target_type
            .as_ref()
            .is_none_or(|kind| *kind != api::DeploymentLifecycleHookTargetType::Pause)
    });
    if has_function {
        return Err(api::Error::unsupported_feature(
            "deploymentConfiguration.lifecycleHooks of targetType AWS_LAMBDA are not supported by this \
             version of Berth; those of targetType PAUSE are.",
        ));
    }
    Ok(())
}

fn check_strategy(
    settings: &api::DeploymentConfiguration,
    scheduling: SchedulingStrategy,
    controller: DeploymentController,
) -> Result<(), api::Error> {
    let strategy = settings.strategy.as_ref().unwrap_or(&api::DeploymentStrategy::Rolling);
    let only_with = |parameter: &str, wanted: &api::DeploymentStrategy, given: bool| {
        if given && strategy != wanted {
            return Err(invalid(format!(
                "{parameter} is only possible with the deployment strategy {wanted}."
            )));
        }
        Ok(())
    };
    use api::DeploymentStrategy as Named;
    only_with("linearConfiguration", &Named::Linear, settings.linear_configuration.is_some())?;
    only_with("canaryConfiguration", &Named::Canary, settings.canary_configuration.is_some())?;
    let early = settings.early_success_criteria.as_ref();
    only_with(
        "earlySuccessCriteria",
        &Named::Rolling,
        early.is_some_and(|early| early.enable == Some(true)),
    )?;
    if *strategy == Named::Rolling {
        if has_hooks(settings) {
            return Err(invalid(
                "lifecycleHooks are not possible with the deployment strategy ROLLING.".to_owned(),
            ));
        }
        return Ok(());
    }
    if scheduling == SchedulingStrategy::Daemon || controller != DeploymentController::Ecs {
        return Err(invalid(format!(
            "The deployment strategy {strategy} needs the scheduling strategy REPLICA and the deployment \
             controller ECS."
        )));
    }
    let (step, bake) = match strategy {
        Named::Linear => {
            let given = settings.linear_configuration.clone().unwrap_or_default();
            (given.step_percent.map(|percent| (percent, 3.0)), given.step_bake_time_in_minutes)
        }
        Named::Canary => {
            let given = settings.canary_configuration.clone().unwrap_or_default();
            (given.canary_percent.map(|percent| (percent, 0.1)), given.canary_bake_time_in_minutes)
        }
        Named::Rolling | Named::BlueGreen | Named::Unknown(_) => (None, None),
    };
    if let Some((percent, least)) = step
        && !(least..=100.0).contains(&percent)
    {
        return Err(invalid(format!(
            "The percentage of traffic to shift must be between {least} and 100, not {percent}."
        )));
    }
    check_minutes("The bake time of a step", bake)?;
    settings.lifecycle_hooks.iter().flatten().enumerate().try_for_each(check_hook)
}

fn check_hook((index, hook): (usize, &api::DeploymentLifecycleHook)) -> Result<(), api::Error> {
    let place = format!("lifecycleHooks[{index}]");
    if hook.lifecycle_stages.as_ref().is_none_or(Vec::is_empty) {
        return Err(invalid(format!("{place}.lifecycleStages cannot be empty.")));
    }
    for (name, given) in [
        ("hookTargetArn", hook.hook_target_arn.is_some()),
        ("roleArn", hook.role_arn.is_some()),
        ("hookDetails", hook.hook_details.is_some()),
    ] {
        if given {
            return Err(invalid(format!(
                "{place}.{name} is not possible for the targetType PAUSE."
            )));
        }
    }
    Ok(())
}

fn has_hooks(settings: &api::DeploymentConfiguration) -> bool {
    settings.lifecycle_hooks.as_ref().is_some_and(|hooks| !hooks.is_empty())
}

fn check_minutes(what: &str, minutes: Option<i32>) -> Result<(), api::Error> {
    match minutes.filter(|minutes| !(0..=LONGEST_BAKE).contains(minutes)) {
        None => Ok(()),
        Some(minutes) => Err(invalid(format!(
            "{what} must be between 0 and {LONGEST_BAKE} minutes, not {minutes}."
        ))),
    }
}

fn check_breaker(
    breaker: &api::DeploymentCircuitBreaker,
    controller: DeploymentController,
) -> Result<(), api::Error> {
    if breaker.enable == Some(true) && controller != DeploymentController::Ecs {
        return Err(invalid(
            "Deployment circuit breaker feature can be configured only with ECS deployment controller."
                .to_owned(),
        ));
    }
    let Some(threshold) = &breaker.threshold_configuration else { return Ok(()) };
    let value = threshold.value.unwrap_or(0);
    if value < 1 {
        return Err(invalid(format!(
            "deploymentCircuitBreaker.thresholdConfiguration.value must be at least 1, not {value}."
        )));
    }
    Ok(())
}

fn check_alarms(
    alarms: &api::DeploymentAlarms,
    controller: DeploymentController,
) -> Result<(), api::Error> {
    if alarms.enable == Some(true) && controller != DeploymentController::Ecs {
        return Err(invalid(
            "Deployment alarms can be configured only with ECS deployment controller.".to_owned(),
        ));
    }
    if alarms.enable == Some(true) && alarms.alarm_names.as_ref().is_none_or(Vec::is_empty) {
        return Err(invalid(
            "alarms: alarmNames cannot be empty where alarms are enabled.".to_owned(),
        ));
    }
    // Whoever relies on a rollback must not find out in need that nothing watches.
    if alarms.enable == Some(true) {
        return Err(api::Error::unsupported_feature(
            "deploymentConfiguration.alarms with enable=true are not supported by this version of Berth: \
             there are no alarms yet.",
        ));
    }
    Ok(())
}

/// AWS: API reference, DeploymentEarlySuccessCriteria: who enables them says all of them.
fn check_early_success(settings: &api::DeploymentConfiguration) -> Result<(), api::Error> {
    let given = settings.early_success_criteria.as_ref();
    let Some(early) = given.filter(|early| early.enable == Some(true)) else { return Ok(()) };
    let Some(healthy) = early.healthy_percent else {
        return Err(invalid(
            "earlySuccessCriteria.healthyPercent cannot be left out where they are enabled."
                .to_owned(),
        ));
    };
    if early.source_service_revision_cleanup.is_none() {
        return Err(invalid(
            "earlySuccessCriteria.sourceServiceRevisionCleanup cannot be left out where they are enabled."
                .to_owned(),
        ));
    }
    let least = settings.minimum_healthy_percent.unwrap_or_default();
    if healthy < least {
        return Err(invalid(format!(
            "earlySuccessCriteria.healthyPercent must be at least the minimumHealthyPercent, {least}, not {healthy}."
        )));
    }
    Ok(())
}

fn check_percents(
    settings: &api::DeploymentConfiguration,
    scheduling: SchedulingStrategy,
) -> Result<(), api::Error> {
    let maximum = settings.maximum_percent.unwrap_or_default();
    let minimum = settings.minimum_healthy_percent.unwrap_or_default();
    if !(0..=100).contains(&minimum) {
        return Err(invalid(format!(
            "minimumHealthyPercent must be between 0 and 100, not {minimum}."
        )));
    }
    if scheduling == SchedulingStrategy::Daemon && maximum != 100 {
        return Err(invalid(format!(
            "The daemon scheduling strategy does not support a maximumPercent other than 100; {maximum} was given."
        )));
    }
    if maximum < 100 {
        return Err(invalid(format!("maximumPercent must be at least 100, not {maximum}.")));
    }
    if (minimum, maximum) == (100, 100) {
        return Err(invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
                .to_owned(),
        ));
    }
    Ok(())
}

pub fn bounds(settings: &api::DeploymentConfiguration) -> Bounds {
    let percent = |given: Option<i32>| given.and_then(|given| u32::try_from(given).ok());
    Bounds {
        minimum_healthy_percent: percent(settings.minimum_healthy_percent)
            .unwrap_or(Bounds::REPLICA.minimum_healthy_percent),
        maximum_percent: percent(settings.maximum_percent)
            .unwrap_or(Bounds::REPLICA.maximum_percent),
    }
}

pub fn circuit_breaker(settings: &api::DeploymentConfiguration) -> CircuitBreaker {
    let default = CircuitBreaker::default();
    let Some(given) = &settings.deployment_circuit_breaker else { return default };
    let threshold = given.threshold_configuration.as_ref().and_then(|threshold| {
        let value = u32::try_from(threshold.value?).ok()?;
        match threshold.r#type.as_ref()? {
            api::ThresholdType::Count => Some(Threshold::Count(value)),
            api::ThresholdType::BoundedPercent => Some(Threshold::BoundedPercent(value)),
            api::ThresholdType::UnboundedPercent => Some(Threshold::UnboundedPercent(value)),
            // Refused before it could be stored.
            api::ThresholdType::Unknown(_) => None,
        }
    });
    CircuitBreaker {
        enabled: given.enable == Some(true),
        rollback: given.rollback == Some(true),
        reset_on_healthy_task: given.reset_on_healthy_task.unwrap_or(default.reset_on_healthy_task),
        threshold: threshold.unwrap_or(default.threshold),
    }
}

/// Whoever evaluates alarms will say here whether one fires; until then none can be enabled.
pub fn alarms(settings: &api::DeploymentConfiguration) -> Alarms {
    let given = settings.alarms.as_ref();
    Alarms {
        enabled: given.is_some_and(|alarms| alarms.enable == Some(true)),
        rollback: given.is_some_and(|alarms| alarms.rollback == Some(true)),
        ..Alarms::default()
    }
}

pub fn bake_time(settings: &api::DeploymentConfiguration) -> Duration {
    minutes(settings.bake_time_in_minutes.unwrap_or(0))
}

/// AWS: API reference, LinearConfiguration and CanaryConfiguration, for what is not given.
pub fn strategy(settings: &api::DeploymentConfiguration) -> Strategy {
    match &settings.strategy {
        None | Some(api::DeploymentStrategy::Rolling | api::DeploymentStrategy::Unknown(_)) => {
            Strategy::Rolling
        }
        Some(api::DeploymentStrategy::BlueGreen) => Strategy::BlueGreen,
        Some(api::DeploymentStrategy::Linear) => {
            let given = settings.linear_configuration.clone().unwrap_or_default();
            Strategy::Linear {
                step_percent: given.step_percent.unwrap_or(10.0),
                step_bake: minutes(given.step_bake_time_in_minutes.unwrap_or(6)),
            }
        }
        Some(api::DeploymentStrategy::Canary) => {
            let given = settings.canary_configuration.clone().unwrap_or_default();
            Strategy::Canary {
                percent: given.canary_percent.unwrap_or(5.0),
                bake: minutes(given.canary_bake_time_in_minutes.unwrap_or(10)),
            }
        }
    }
}

pub fn hooks(settings: &api::DeploymentConfiguration) -> Vec<Hook> {
    let hook = |given: &api::DeploymentLifecycleHook| {
        let timeout = given.timeout_configuration.clone().unwrap_or_default();
        let stages = given.lifecycle_stages.iter().flatten();
        Hook {
            stages: stages.filter_map(stage).collect(),
            target: HookTarget::Pause,
            timeout: minutes(timeout.timeout_in_minutes.unwrap_or(HOOK_TIMEOUT)),
            on_timeout: match timeout.action {
                Some(api::DeploymentLifecycleHookAction::Continue) => HookAction::Continue,
                _ => HookAction::Rollback,
            },
        }
    };
    settings.lifecycle_hooks.iter().flatten().map(hook).collect()
}

fn stage(named: &api::DeploymentLifecycleHookStage) -> Option<LifecycleStage> {
    use api::DeploymentLifecycleHookStage as Named;
    Some(match named {
        Named::ReconcileService => LifecycleStage::ReconcileService,
        Named::PreScaleUp => LifecycleStage::PreScaleUp,
        Named::PostScaleUp => LifecycleStage::PostScaleUp,
        Named::TestTrafficShift => LifecycleStage::TestTrafficShift,
        Named::PostTestTrafficShift => LifecycleStage::PostTestTrafficShift,
        Named::PreProductionTrafficShift => LifecycleStage::PreProductionTrafficShift,
        Named::ProductionTrafficShift => LifecycleStage::ProductionTrafficShift,
        Named::PostProductionTrafficShift => LifecycleStage::PostProductionTrafficShift,
        // Refused before it could be stored.
        Named::Unknown(_) => return None,
    })
}

pub fn early_success(settings: &api::DeploymentConfiguration) -> Option<EarlySuccess> {
    let given = settings.early_success_criteria.as_ref()?;
    (given.enable == Some(true)).then(|| EarlySuccess {
        healthy_percent: given
            .healthy_percent
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or(100),
        after_cleanup: given.source_service_revision_cleanup
            != Some(api::ServiceRevisionCleanup::Deferred),
    })
}

fn minutes(minutes: i32) -> Duration {
    Duration::from_secs(60 * u64::try_from(minutes).unwrap_or(0))
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLICA: SchedulingStrategy = SchedulingStrategy::Replica;
    const ECS: DeploymentController = DeploymentController::Ecs;

    fn percents(minimum: i32, maximum: i32) -> api::DeploymentConfiguration {
        api::DeploymentConfiguration {
            minimum_healthy_percent: Some(minimum),
            maximum_percent: Some(maximum),
            ..Default::default()
        }
    }

    #[test]
    fn what_is_not_given_stays_as_it_was() {
        let first = merged(Some(percents(50, 150)), None, REPLICA, ECS).expect("it may be");
        let given =
            api::DeploymentConfiguration { maximum_percent: Some(300), ..Default::default() };
        let second = merged(Some(given), Some(&first), REPLICA, ECS).expect("it may be");
        assert_eq!(bounds(&second), Bounds { minimum_healthy_percent: 50, maximum_percent: 300 });
        assert_eq!(second.strategy, Some(api::DeploymentStrategy::Rolling));
    }

    #[test]
    fn a_rollout_that_could_never_move_is_refused() {
        for (minimum, maximum) in [(100, 100), (-1, 200), (101, 200), (0, 99)] {
            let refused = merged(Some(percents(minimum, maximum)), None, REPLICA, ECS);
            assert!(refused.is_err(), "{minimum}/{maximum}");
        }
        assert!(merged(Some(percents(0, 100)), None, SchedulingStrategy::Daemon, ECS).is_ok());
        assert!(merged(Some(percents(0, 200)), None, SchedulingStrategy::Daemon, ECS).is_err());
    }

    #[test]
    fn only_ecs_s_own_deployments_have_a_circuit_breaker() {
        let given = || {
            Some(api::DeploymentConfiguration {
                deployment_circuit_breaker: Some(api::DeploymentCircuitBreaker {
                    enable: Some(true),
                    rollback: Some(true),
                    threshold_configuration: Some(api::ThresholdConfiguration {
                        r#type: Some(api::ThresholdType::Count),
                        value: Some(5),
                    }),
                    ..Default::default()
                }),
                ..Default::default()
            })
        };
        assert!(merged(given(), None, REPLICA, DeploymentController::External).is_err());
        let settings = merged(given(), None, REPLICA, ECS).expect("it may be");
        assert_eq!(circuit_breaker(&settings).threshold, Threshold::Count(5));
    }
}
