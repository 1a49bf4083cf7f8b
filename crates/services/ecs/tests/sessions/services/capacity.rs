//! Services whose tasks run on the instances of capacity providers.

use serde_json::{Value, json};

use super::crew::Crew;

async fn provider(crew: &Crew, name: &str, scaling: &str) {
    let group = format!(
        "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/{name}"
    );
    let input = json!({"name": name, "autoScalingGroupProvider": {
        "autoScalingGroupArn": group, "managedScaling": {"status": scaling},
    }});
    crew.ask("CreateCapacityProvider", input).await;
}

fn named<'a>(tasks: &'a [Value], provider: &str) -> Vec<&'a Value> {
    tasks.iter().filter(|task| task["capacityProviderName"] == provider).collect()
}

#[tokio::test(start_paused = true)]
async fn tasks_are_divided_as_the_strategy_says_and_wait_for_instances_to_come() {
    let crew = Crew::new(1).await;
    provider(&crew, "blue", "ENABLED").await;
    provider(&crew, "green", "ENABLED").await;
    let given = json!({
        "cluster": "web", "capacityProviders": ["blue", "green"],
        "defaultCapacityProviderStrategy": [],
    });
    crew.ask("PutClusterCapacityProviders", given).await;
    let strategy = json!([
        {"capacityProvider": "blue", "base": 1, "weight": 1},
        {"capacityProvider": "green", "weight": 3},
    ]);
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 5,
        "capacityProviderStrategy": strategy,
    });
    let created = crew.ask("CreateService", input).await["service"].clone();
    assert_eq!(created["launchType"], Value::Null);
    assert_eq!(created["capacityProviderStrategy"][1]["weight"], 3);
    let tasks = crew.tasks("RUNNING").await;
    assert_eq!(tasks.len(), 5);
    assert!(tasks.iter().all(|task| task["lastStatus"] == "PROVISIONING"), "{tasks:#?}");
    assert_eq!((named(&tasks, "blue").len(), named(&tasks, "green").len()), (2, 3));

    // Back to instances of whoever they are: those that still wait are not needed any more.
    crew.update("api", json!({"capacityProviderStrategy": []})).await;
    crew.obey().await;
    let tasks = crew.tasks("RUNNING").await;
    assert_eq!(tasks.len(), 5);
    assert!(tasks.iter().all(|task| task["capacityProviderName"] == Value::Null), "{tasks:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_daemon_is_nobody_s_whose_instances_are_not_there_yet() {
    let crew = Crew::new(1).await;
    provider(&crew, "blue", "ENABLED").await;
    let given = json!({
        "cluster": "web", "capacityProviders": ["blue"], "defaultCapacityProviderStrategy": [],
    });
    crew.ask("PutClusterCapacityProviders", given).await;
    let input = json!({
        "cluster": "web", "serviceName": "logs", "taskDefinition": "sleep",
        "schedulingStrategy": "DAEMON",
    });
    crew.ask("CreateService", input.clone()).await;
    crew.obey().await;
    let before = crew.everything().await;
    let strategy = json!([{"capacityProvider": "blue", "weight": 1}]);
    let change = json!({"cluster": "web", "service": "logs", "capacityProviderStrategy": strategy});
    let mut another = input;
    another["serviceName"] = json!("more");
    another["capacityProviderStrategy"] = strategy;
    for (operation, input) in [("UpdateService", change), ("CreateService", another)] {
        let (code, message) = crew.refused(operation, input).await;
        assert_eq!(code, "InvalidParameterException", "{message}");
        assert!(message.contains("capacity provider strategies"), "{message}");
    }
    assert_eq!(crew.everything().await, before);
}

#[tokio::test(start_paused = true)]
async fn without_managed_scaling_nobody_waits() {
    let crew = Crew::new(1).await;
    provider(&crew, "blue", "DISABLED").await;
    let given = json!({
        "cluster": "web", "capacityProviders": ["blue"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "blue", "weight": 1}],
    });
    crew.ask("PutClusterCapacityProviders", given).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
    });
    crew.ask("CreateService", input).await;
    assert_eq!(crew.tasks("RUNNING").await, Vec::<Value>::new());
    let events = crew.events("api").await;
    let words =
        "was unable to place a task because no container instance met all of its requirements";
    assert!(events.iter().any(|event| event.contains(words)), "{events:#?}");
}
