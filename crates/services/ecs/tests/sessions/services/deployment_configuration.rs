//! Every member of `deploymentConfiguration`, by what it does to a service or by the words that refuse it.

use std::time::Duration;

use berth_aws_api::Structure;
use berth_aws_api::ecs as api;
use berth_aws_api::schema::{Kind, Shape};
use serde_json::{Value, json};

use super::crew::{Crew, counts};
use crate::sessions::world::text;

/// The members, and where it is shown what each does. A member that a newer model has fails the test until it has
/// its line here.
const MEMBERS: &[(&str, &str)] = &[
    ("deploymentCircuitBreaker.enable", "failures.rs"),
    ("deploymentCircuitBreaker.rollback", "failures.rs"),
    (
        "deploymentCircuitBreaker.resetOnHealthyTask",
        "failures_of_a_healthy_deployment_may_count_on",
    ),
    (
        "deploymentCircuitBreaker.thresholdConfiguration.type",
        "the_breaker_s_threshold_is_the_owner_s",
    ),
    (
        "deploymentCircuitBreaker.thresholdConfiguration.value",
        "the_breaker_s_threshold_is_the_owner_s",
    ),
    ("maximumPercent", "rolling.rs"),
    ("minimumHealthyPercent", "rolling.rs"),
    ("alarms.alarmNames", "what_cannot_be_is_refused_by_name"),
    ("alarms.rollback", "what_cannot_be_is_refused_by_name"),
    ("alarms.enable", "what_cannot_be_is_refused_by_name"),
    ("strategy", "traffic_shifts_in_the_steps_that_were_asked_for"),
    ("bakeTimeInMinutes", "old_tasks_go_once_the_new_ones_have_baked"),
    ("lifecycleHooks.targetType", "what_cannot_be_is_refused_by_name"),
    ("lifecycleHooks.hookTargetArn", "what_cannot_be_is_refused_by_name"),
    ("lifecycleHooks.roleArn", "what_cannot_be_is_refused_by_name"),
    ("lifecycleHooks.lifecycleStages", "history.rs"),
    ("lifecycleHooks.hookDetails", "what_cannot_be_is_refused_by_name"),
    ("lifecycleHooks.timeoutConfiguration.timeoutInMinutes", "a_hook_that_nobody_answers_runs_out"),
    ("lifecycleHooks.timeoutConfiguration.action", "a_hook_that_nobody_answers_runs_out"),
    ("linearConfiguration.stepPercent", "traffic_shifts_in_the_steps_that_were_asked_for"),
    (
        "linearConfiguration.stepBakeTimeInMinutes",
        "traffic_shifts_in_the_steps_that_were_asked_for",
    ),
    ("canaryConfiguration.canaryPercent", "traffic_shifts_in_the_steps_that_were_asked_for"),
    (
        "canaryConfiguration.canaryBakeTimeInMinutes",
        "traffic_shifts_in_the_steps_that_were_asked_for",
    ),
    ("earlySuccessCriteria.enable", "enough_healthy_tasks_are_a_success"),
    ("earlySuccessCriteria.healthyPercent", "enough_healthy_tasks_are_a_success"),
    ("earlySuccessCriteria.sourceServiceRevisionCleanup", "enough_healthy_tasks_are_a_success"),
];

fn members(shape: &'static Shape, path: &str, found: &mut Vec<String>) {
    for member in shape.members() {
        let path = format!("{path}{}", member.name);
        let inner = match &member.shape.kind {
            Kind::List(list) => list.member,
            _ => member.shape,
        };
        if inner.members().is_empty() {
            found.push(path);
        } else {
            members(inner, &format!("{path}."), found);
        }
    }
}

#[test]
fn every_member_of_the_model_is_here() {
    let mut found = Vec::new();
    members(api::DeploymentConfiguration::default().shape(), "", &mut found);
    let known: Vec<&str> = MEMBERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, known);
}

/// The latest service deployment as it is described.
async fn latest(crew: &Crew) -> Value {
    let input = json!({"cluster": "web", "service": "api"});
    let listed = crew.ask("ListServiceDeployments", input).await;
    let arn = &listed["serviceDeployments"][0]["serviceDeploymentArn"];
    let described = crew.ask("DescribeServiceDeployments", json!({"serviceDeploymentArns": [arn]}));
    described.await["serviceDeployments"][0].clone()
}

async fn minutes(crew: &Crew, minutes: u64) {
    crew.wait(Duration::from_secs(60 * minutes)).await;
}

/// A service with these settings whose next deployment has begun.
async fn updated(crew: &Crew, desired_count: u32, settings: Value) {
    crew.serve("api", desired_count, json!({"deploymentConfiguration": settings})).await;
    // Past the first deployment's own stages.
    minutes(crew, 60).await;
    crew.obey().await;
    assert_eq!(latest(crew).await["status"], "SUCCESSFUL");
    crew.define("sleep", 32).await;
    crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
}

/// Tasks that are meant to run, of this revision.
async fn of_revision(crew: &Crew, revision: &str) -> Vec<Value> {
    let mut tasks = crew.tasks("RUNNING").await;
    tasks.retain(|task| text(task, "/taskDefinitionArn").ends_with(revision));
    tasks
}

#[tokio::test(start_paused = true)]
async fn the_breaker_s_threshold_is_the_owner_s() {
    for (kind, value, desired, threshold) in [
        ("COUNT", 2, 4, 2),
        ("BOUNDED_PERCENT", 100, 4, 4),
        ("BOUNDED_PERCENT", 1, 4, 3),
        ("UNBOUNDED_PERCENT", 25, 4, 1),
    ] {
        let crew = Crew::new(2).await;
        let breaker = json!({
            "enable": true, "rollback": false,
            "thresholdConfiguration": {"type": kind, "value": value},
        });
        updated(&crew, desired, json!({"deploymentCircuitBreaker": breaker})).await;
        assert_eq!(latest(&crew).await["deploymentCircuitBreaker"]["threshold"], threshold);
        for failures in 1..=threshold {
            assert_eq!(latest(&crew).await["status"], "IN_PROGRESS", "{kind} {value}");
            let task = of_revision(&crew, "sleep:2").await[0].clone();
            crew.report(&task, "STOPPED", None).await;
            let breaker = latest(&crew).await["deploymentCircuitBreaker"].clone();
            assert_eq!(breaker["failureCount"], failures, "{kind} {value}: {breaker}");
            minutes(&crew, 30).await;
        }
        let stopped = latest(&crew).await;
        assert_eq!(stopped["status"], "STOPPED", "{kind} {value}");
        assert_eq!(stopped["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_of_a_healthy_deployment_may_count_on() {
    for reset in [true, false] {
        let crew = Crew::new(2).await;
        let breaker = json!({
            "enable": true, "rollback": false, "resetOnHealthyTask": reset,
            "thresholdConfiguration": {"type": "COUNT", "value": 5},
        });
        let settings = json!({
            "deploymentCircuitBreaker": breaker, "minimumHealthyPercent": 100, "maximumPercent": 150,
        });
        updated(&crew, 4, settings).await;
        let failing = of_revision(&crew, "sleep:2").await[0].clone();
        crew.report(&failing, "STOPPED", None).await;
        minutes(&crew, 1).await;
        assert_eq!(latest(&crew).await["deploymentCircuitBreaker"]["failureCount"], 1);
        let healthy = of_revision(&crew, "sleep:2").await[0].clone();
        crew.report(&healthy, "RUNNING", None).await;
        let expected = if reset { 0 } else { 1 };
        let breaker = latest(&crew).await["deploymentCircuitBreaker"].clone();
        assert_eq!(breaker["failureCount"], expected, "{breaker}");
    }
}

#[tokio::test(start_paused = true)]
async fn old_tasks_go_once_the_new_ones_have_baked() {
    let crew = Crew::new(2).await;
    updated(&crew, 2, json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10})).await;
    crew.obey().await;
    minutes(&crew, 9).await;
    assert_eq!(latest(&crew).await["lifecycleStage"], "BAKE_TIME");
    assert_eq!(of_revision(&crew, "sleep:1").await.len(), 2);
    minutes(&crew, 2).await;
    assert_eq!(of_revision(&crew, "sleep:1").await.len(), 0);
    crew.obey().await;
    assert_eq!(latest(&crew).await["status"], "SUCCESSFUL");
}

/// AWS: it is there to see whether an alarm fires, and there is none to fire.
#[tokio::test(start_paused = true)]
async fn a_rolling_deployment_without_alarms_does_not_bake() {
    let crew = Crew::new(2).await;
    updated(&crew, 2, json!({"bakeTimeInMinutes": 10})).await;
    crew.obey().await;
    assert_eq!(latest(&crew).await["status"], "SUCCESSFUL");
    assert_eq!(crew.service("api").await["deployments"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn enough_healthy_tasks_are_a_success() {
    for (cleanup, while_old_tasks_stop) in [("DEFERRED", "SUCCESSFUL"), ("BLOCKING", "IN_PROGRESS")]
    {
        let crew = Crew::new(2).await;
        let criteria = json!({
            "enable": true, "healthyPercent": 50, "sourceServiceRevisionCleanup": cleanup,
        });
        let settings = json!({"minimumHealthyPercent": 50, "earlySuccessCriteria": criteria});
        updated(&crew, 4, settings).await;
        let new = of_revision(&crew, "sleep:2").await;
        assert_eq!(new.len(), 4);
        crew.report(&new[0], "RUNNING", None).await;
        assert_eq!(latest(&crew).await["status"], "IN_PROGRESS", "{cleanup}");
        crew.report(&new[1], "RUNNING", None).await;
        assert_eq!(latest(&crew).await["status"], while_old_tasks_stop, "{cleanup}");
        assert_eq!(of_revision(&crew, "sleep:1").await.len(), 0, "they are asked to stop");
        for task in crew.tasks("STOPPED").await {
            if task["lastStatus"] != "STOPPED" {
                crew.report(&task, "STOPPED", Some(0)).await;
            }
        }
        assert_eq!(latest(&crew).await["status"], "SUCCESSFUL", "{cleanup}");
        assert_eq!(counts(&crew.service("api").await), (4, 2, 2));
        crew.obey().await;
        assert_eq!(counts(&crew.service("api").await), (4, 4, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn traffic_shifts_in_the_steps_that_were_asked_for() {
    let canary = json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 0,
        "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 7},
    });
    let linear = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 0,
        "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 3},
    });
    for (settings, steps, lasts) in [(canary, vec![20.0], 7), (linear, vec![40.0, 80.0], 6)] {
        let crew = Crew::new(2).await;
        updated(&crew, 1, settings).await;
        crew.obey().await;
        let (mut shown, mut passed) = (Vec::new(), 0);
        loop {
            let deployment = latest(&crew).await;
            if deployment["status"] == "SUCCESSFUL" {
                break;
            }
            let weight = |place: &str| deployment.pointer(place).and_then(Value::as_f64);
            let new = weight("/targetServiceRevision/requestedProductionTrafficWeight");
            let old = weight("/sourceServiceRevisions/0/requestedProductionTrafficWeight");
            assert_eq!(old, new.map(|new| 100.0 - new), "{deployment:#}");
            shown.extend(new);
            minutes(&crew, 1).await;
            crew.obey().await;
            passed += 1;
            assert!(passed < 60, "it never ends: {deployment:#}");
        }
        shown.dedup();
        assert_eq!(shown, steps);
        assert!((lasts..lasts + 2).contains(&passed), "{passed} minutes");
        assert_eq!(of_revision(&crew, "sleep:2").await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_nobody_answers_runs_out() {
    for (action, status, hook_status) in
        [("CONTINUE", "SUCCESSFUL", Value::Null), ("ROLLBACK", "ROLLBACK_SUCCESSFUL", Value::Null)]
    {
        let crew = Crew::new(2).await;
        let hook = json!({
            "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
            "timeoutConfiguration": {"timeoutInMinutes": 15, "action": action},
        });
        crew.serve("api", 1, json!({})).await;
        let settings =
            json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [hook]});
        crew.define("sleep", 32).await;
        let change = json!({"taskDefinition": "sleep:2", "deploymentConfiguration": settings});
        crew.update("api", change).await;
        crew.obey().await;
        minutes(&crew, 14).await;
        let waiting = latest(&crew).await;
        assert_eq!(waiting["lifecycleHookDetails"][0]["status"], "AWAITING_ACTION", "{waiting:#}");
        minutes(&crew, 2).await;
        crew.obey().await;
        let over = latest(&crew).await;
        assert_eq!(
            (&over["status"], &over["lifecycleHookDetails"]),
            (&json!(status), &hook_status)
        );
        let expected = if action == "CONTINUE" { "sleep:2" } else { "sleep:1" };
        assert_eq!(of_revision(&crew, expected).await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_is_refused_by_name() {
    let crew = Crew::new(1).await;
    crew.serve("api", 1, json!({"deploymentConfiguration": {"minimumHealthyPercent": 50}})).await;
    let before = crew.everything().await;
    let (invalid, unsupported) = ("InvalidParameterException", "UnsupportedFeatureException");
    let hook = |more: Value| {
        let mut hook = json!({"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]});
        hook.as_object_mut().expect("an object").extend(more.as_object().expect("members").clone());
        json!({"strategy": "BLUE_GREEN", "lifecycleHooks": [hook]})
    };
    let early = |more: Value| {
        let mut early = json!({
            "enable": true, "healthyPercent": 50, "sourceServiceRevisionCleanup": "BLOCKING",
        });
        early
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("members").clone());
        json!({"earlySuccessCriteria": early})
    };
    let breaker = |threshold: Value| {
        json!({"deploymentCircuitBreaker": {
            "enable": true, "rollback": true, "thresholdConfiguration": threshold,
        }})
    };
    let cases = [
        (
            json!({"alarms": {"enable": true, "rollback": true, "alarmNames": ["errors"]}}),
            unsupported,
            "deploymentConfiguration.alarms",
        ),
        (
            json!({"alarms": {"enable": true, "rollback": false, "alarmNames": []}}),
            invalid,
            "alarmNames",
        ),
        (json!({"alarms": {"enable": true, "rollback": true}}), invalid, "alarmNames"),
        (hook(json!({"targetType": "AWS_LAMBDA"})), unsupported, "AWS_LAMBDA"),
        (hook(json!({"targetType": null})), unsupported, "AWS_LAMBDA"),
        (hook(json!({"hookTargetArn": "arn:aws:x"})), invalid, "hookTargetArn"),
        (hook(json!({"roleArn": "arn:aws:x"})), invalid, "roleArn"),
        (hook(json!({"hookDetails": {"a": 1}})), invalid, "hookDetails"),
        (hook(json!({"lifecycleStages": []})), invalid, "lifecycleStages"),
        (hook(json!({"lifecycleStages": ["LUNCH"]})), invalid, "LUNCH"),
        (
            hook(json!({"timeoutConfiguration": {"timeoutInMinutes": 0}})),
            invalid,
            "timeoutInMinutes",
        ),
        (hook(json!({"timeoutConfiguration": {"action": "WAIT"}})), invalid, "WAIT"),
        (json!({"bakeTimeInMinutes": -1}), invalid, "bakeTimeInMinutes"),
        (json!({"bakeTimeInMinutes": 1441}), invalid, "1440"),
        (json!({"linearConfiguration": {"stepPercent": 10.0}}), invalid, "LINEAR"),
        (
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}),
            invalid,
            "between 3 and 100",
        ),
        (
            json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 101.0}}),
            invalid,
            "101",
        ),
        (
            json!({"strategy": "CANARY", "canaryConfiguration": {"canaryBakeTimeInMinutes": 1441}}),
            invalid,
            "1440",
        ),
        (early(json!({"healthyPercent": null})), invalid, "earlySuccessCriteria.healthyPercent"),
        (early(json!({"healthyPercent": 101})), invalid, "healthyPercent"),
        (early(json!({"healthyPercent": 49})), invalid, "at least the minimumHealthyPercent, 50"),
        (
            early(json!({"sourceServiceRevisionCleanup": null})),
            invalid,
            "sourceServiceRevisionCleanup",
        ),
        (early(json!({"sourceServiceRevisionCleanup": "NEVER"})), invalid, "NEVER"),
        (early(json!({"enable": null})), invalid, "enable"),
        (
            json!({"strategy": "BLUE_GREEN", "earlySuccessCriteria": early(json!({}))["earlySuccessCriteria"]}),
            invalid,
            "earlySuccessCriteria is only possible with the deployment strategy ROLLING",
        ),
        (breaker(json!({"type": "COUNT", "value": 0})), invalid, "thresholdConfiguration.value"),
        (breaker(json!({"type": "COUNT"})), invalid, "value"),
        (breaker(json!({"value": 3})), invalid, "type"),
        (breaker(json!({"type": "HUNCH", "value": 3})), invalid, "HUNCH"),
    ];
    for (settings, code, words) in cases {
        let input =
            json!({"cluster": "web", "service": "api", "deploymentConfiguration": settings});
        let (found, message) = crew.refused("UpdateService", input).await;
        assert_eq!(found, code, "{settings}: {message}");
        assert!(message.contains(words), "{settings}: {message}");
        assert_eq!(crew.everything().await, before, "changed by {settings}");
    }
    // Switched off, they are kept as they are said.
    let off = json!({"enable": false, "rollback": false, "alarmNames": ["errors"]});
    let updated = crew.update("api", json!({"deploymentConfiguration": {"alarms": off}})).await;
    assert_eq!(updated["deploymentConfiguration"]["alarms"], off);
}
