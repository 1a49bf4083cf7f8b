//! A service from its first task on: it comes to run, is scaled, loses tasks, moves to another revision.

use std::time::Duration;

use serde_json::{Value, json};

use super::crew::{Crew, counts};
use crate::sessions::world::text;

#[tokio::test(start_paused = true)]
async fn a_service_comes_to_run_and_says_so() {
    let crew = Crew::new(2).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 3,
    });
    let created = crew.ask("CreateService", input).await;
    assert_eq!(created["service"]["status"], "ACTIVE");
    assert_eq!(created["service"]["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(counts(&crew.service("api").await), (3, 0, 3));
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (3, 3, 0));
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service["deployments"].as_array().map(Vec::len), Some(1));
    let deployment = text(&service, "/deployments/0/id");
    let number = deployment.strip_prefix("ecs-svc/").expect("ECS's form");
    assert!(number.len() == 19 && number.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
    for task in crew.tasks("RUNNING").await {
        assert_eq!(task["group"], "service:api");
        assert_eq!(text(&task, "/startedBy"), deployment);
    }
    let events = crew.events("api").await;
    assert!(events[0].starts_with("(service api) has started 3 tasks: (task "), "{events:#?}");
    let completed = format!("(service api) (deployment {deployment}) deployment completed.");
    assert!(events.contains(&completed), "{events:#?}");
    assert_eq!(
        events.last().map(String::as_str),
        Some("(service api) has reached a steady state.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_grows_and_shrinks_as_it_is_told() {
    let crew = Crew::new(2).await;
    let before = crew.serve("api", 2, json!({})).await;
    crew.update("api", json!({"desiredCount": 5})).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (5, 5, 0));
    crew.update("api", json!({"desiredCount": 1})).await;
    crew.obey().await;
    let after = crew.service("api").await;
    assert_eq!(counts(&after), (1, 1, 0));
    assert_eq!(after["deployments"][0]["id"], before["deployments"][0]["id"], "no deployment");
    let stopped = crew.tasks("STOPPED").await;
    assert_eq!(stopped.len(), 4);
    for task in &stopped {
        assert_eq!(task["stopCode"], "ServiceSchedulerInitiated");
        let deployment = text(&before, "/deployments/0/id");
        let reason = format!("Scaling activity initiated by (deployment {deployment})");
        assert_eq!(text(task, "/stoppedReason"), reason);
    }
    let events = crew.events("api").await;
    let told = |words: &str| events.iter().any(|event| event.contains(words));
    assert!(told("has started 3 tasks") && told("has stopped 4 running tasks"), "{events:#?}");
}

#[tokio::test(start_paused = true)]
async fn tasks_that_end_are_replaced() {
    let crew = Crew::new(2).await;
    crew.serve("api", 2, json!({})).await;
    let lost = crew.tasks("RUNNING").await[0].clone();
    crew.report(&lost, "STOPPED", Some(1)).await;
    assert_eq!(counts(&crew.service("api").await), (2, 1, 0), "it ended right after its start");
    crew.wait(Duration::from_secs(2)).await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (2, 1, 1));
    crew.obey().await;
    let tasks = crew.tasks("RUNNING").await;
    assert!(tasks.iter().all(|task| task["taskArn"] != lost["taskArn"]));
    assert_eq!(counts(&crew.service("api").await), (2, 2, 0));
}

/// Tasks that are meant to run or still do, and those that run.
async fn alive(crew: &Crew) -> (usize, usize) {
    let mut tasks = crew.tasks("RUNNING").await;
    tasks.extend(crew.tasks("STOPPED").await);
    let is = |task: &&Value, statuses: &[&str]| statuses.iter().any(|is| task["lastStatus"] == *is);
    let taking_room = tasks.iter().filter(|task| is(task, &["PENDING", "RUNNING"])).count();
    let running =
        tasks.iter().filter(|task| is(task, &["RUNNING"]) && task["desiredStatus"] == "RUNNING");
    (taking_room, running.count())
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_comes_within_the_floor_and_the_ceiling() {
    let crew = Crew::new(2).await;
    let settings = json!({"deploymentConfiguration": {
        "minimumHealthyPercent": 50, "maximumPercent": 125,
    }});
    let before = crew.serve("api", 4, settings).await;
    crew.define("sleep", 32).await;
    let updated = crew.update("api", json!({"taskDefinition": "sleep"})).await;
    let revision = text(&updated, "/taskDefinition");
    assert!(revision.ends_with("task-definition/sleep:2"), "{revision}");
    assert_eq!(updated["deployments"].as_array().map(Vec::len), Some(2));
    assert_eq!(updated["deployments"][0]["status"], "PRIMARY");
    assert_eq!(updated["deployments"][1]["id"], before["deployments"][0]["id"]);
    assert_eq!(updated["deployments"][1]["status"], "ACTIVE");
    for _ in 0..100 {
        let (taking_room, running) = alive(&crew).await;
        assert!(taking_room <= 5, "{taking_room} tasks are above the ceiling");
        assert!(running >= 2, "{running} running tasks are below the floor");
        if crew.step().await == 0 {
            break;
        }
    }
    let after = crew.service("api").await;
    assert_eq!(counts(&after), (4, 4, 0));
    assert_eq!(after["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(text(&after, "/deployments/0/taskDefinition"), revision);
    for task in crew.tasks("RUNNING").await {
        assert_eq!(text(&task, "/taskDefinitionArn"), revision);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_again_is_no_deployment_unless_it_is_forced() {
    let crew = Crew::new(1).await;
    let before = crew.serve("api", 1, json!({})).await;
    let same = crew.update("api", json!({"taskDefinition": "sleep:1", "desiredCount": 1})).await;
    assert_eq!(same["deployments"], before["deployments"]);
    let forced = crew.update("api", json!({"forceNewDeployment": true})).await;
    assert_ne!(forced["deployments"][0]["id"], before["deployments"][0]["id"]);
    crew.obey().await;
    let after = crew.service("api").await;
    assert_eq!(after["deployments"][0]["id"], forced["deployments"][0]["id"]);
    assert_eq!(counts(&after), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_rollout_goes_on_after_the_control_plane_was_killed() {
    let crew = Crew::new(2).await;
    crew.serve("api", 3, json!({})).await;
    crew.define("sleep", 32).await;
    crew.update("api", json!({"taskDefinition": "sleep"})).await;
    crew.step().await;
    let crew = crew.restarted().await;
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (3, 3, 0));
    assert_eq!(service["deployments"].as_array().map(Vec::len), Some(1));
    let revision = text(&service, "/taskDefinition");
    assert!(revision.ends_with("sleep:2"), "{revision}");
}

#[tokio::test(start_paused = true)]
async fn tasks_spread_over_zones_and_what_has_no_place_is_told_and_waits_for_room() {
    let mut crew = Crew::new(1).await;
    crew.define("large", 8192).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "large", "desiredCount": 2,
    });
    crew.ask("CreateService", input).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (2, 1, 0));
    let events = crew.events("api").await;
    let words =
        "was unable to place a task because no container instance met all of its requirements";
    let told = events.iter().filter(|event| event.contains(words)).count();
    assert_eq!(told, 1, "{events:#?}");
    assert!(events.iter().any(|event| event.contains("has insufficient memory available.")));
    let second = crew.join("host-b", "b").await;
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (2, 2, 0));
    assert!(
        crew.tasks("RUNNING")
            .await
            .iter()
            .any(|task| task["containerInstanceArn"] == second.as_str())
    );
}
