//! A daemon: one task on every host, wherever hosts come from and go to.

use std::collections::BTreeSet;

use serde_json::json;

use super::crew::{Crew, counts};
use crate::sessions::world::text;

#[tokio::test(start_paused = true)]
async fn a_daemon_follows_hosts_that_join_drain_and_leave() {
    let mut crew = Crew::new(2).await;
    let input = json!({
        "cluster": "web", "serviceName": "logs", "taskDefinition": "sleep",
        "schedulingStrategy": "DAEMON",
    });
    let created = crew.ask("CreateService", input).await["service"].clone();
    assert_eq!(created["deploymentConfiguration"]["maximumPercent"], 100);
    assert_eq!(created["deploymentConfiguration"]["minimumHealthyPercent"], 0);
    assert_eq!(created["availabilityZoneRebalancing"], "DISABLED");
    crew.obey().await;
    assert_eq!(counts(&crew.service("logs").await), (2, 2, 0));
    let third = crew.join("third", "b").await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("logs").await), (3, 3, 0));
    let tasks = crew.tasks("RUNNING").await;
    let places: BTreeSet<String> =
        tasks.iter().map(|task| text(task, "/containerInstanceArn")).collect();
    assert_eq!(places.len(), 3, "never two on one host");

    let drain = json!({"cluster": "web", "containerInstances": [third], "status": "DRAINING"});
    crew.ask("UpdateContainerInstancesState", drain).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("logs").await), (2, 2, 0));
    let tasks = crew.tasks("RUNNING").await;
    assert!(tasks.iter().all(|task| task["containerInstanceArn"] != third.as_str()));
    let back = json!({"cluster": "web", "containerInstances": [third], "status": "ACTIVE"});
    crew.ask("UpdateContainerInstancesState", back).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("logs").await), (3, 3, 0));

    // AWS: a daemon needs no force.
    crew.ask("DeleteService", json!({"cluster": "web", "service": "logs"})).await;
    crew.obey().await;
    assert_eq!(crew.service("logs").await["status"], "INACTIVE");
}

#[tokio::test(start_paused = true)]
async fn a_service_leaves_a_draining_host() {
    let mut crew = Crew::new(1).await;
    let first = crew.instances().remove(0);
    crew.serve("api", 2, json!({})).await;
    crew.join("second", "a").await;
    let drain = json!({"cluster": "web", "containerInstances": [first], "status": "DRAINING"});
    crew.ask("UpdateContainerInstancesState", drain).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (2, 2, 0));
    let tasks = crew.tasks("RUNNING").await;
    assert!(tasks.iter().all(|task| task["containerInstanceArn"] != first.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_leaves_a_draining_host_with_the_last_other_task() {
    let crew = Crew::new(1).await;
    let host = crew.instances().remove(0);
    let input = json!({
        "cluster": "web", "serviceName": "logs", "taskDefinition": "sleep",
        "schedulingStrategy": "DAEMON",
    });
    crew.ask("CreateService", input).await;
    let input = json!({"cluster": "web", "taskDefinition": "sleep", "containerInstances": [host]});
    let other = crew.ask("StartTask", input).await["tasks"][0].clone();
    crew.obey().await;
    let drain = json!({"cluster": "web", "containerInstances": [host], "status": "DRAINING"});
    crew.ask("UpdateContainerInstancesState", drain).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("logs").await).1, 1, "somebody is there still");
    crew.ask("StopTask", json!({"cluster": "web", "task": other["taskArn"]})).await;
    crew.obey().await;
    assert_eq!(crew.tasks("RUNNING").await, Vec::<serde_json::Value>::new());
}
