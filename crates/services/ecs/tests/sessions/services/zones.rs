//! Services that are evened out over availability zones.

use serde_json::json;

use super::crew::{Crew, counts};

#[tokio::test(start_paused = true)]
async fn a_zone_without_room_is_told_of_and_leaves_the_service_at_rest() {
    let mut crew = Crew::new(0).await;
    let first = crew.join("host-a", "a").await;
    let second = crew.join("host-b", "b").await;
    // All of the second host, which is all of its zone.
    crew.define("large", 8192).await;
    let input = json!({
        "cluster": "web", "taskDefinition": "large", "containerInstances": [second],
    });
    let large = crew.ask("StartTask", input).await["tasks"][0].clone();
    crew.obey().await;
    let service = crew.serve("api", 4, json!({})).await;
    assert_eq!(service["availabilityZoneRebalancing"], "ENABLED");
    assert_eq!(counts(&service), (4, 4, 0));
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    let events = crew.events("api").await;
    let told = |words: &str| events.iter().filter(|event| event.contains(words)).count();
    assert_eq!(told("is not AZ balanced with 4 tasks in a, 0 tasks in b"), 1, "{events:#?}");
    let full = "(service api) is unable to place a task in b because no container instance met all of its requirements";
    assert_eq!(told(full), 1, "{events:#?}");
    assert_eq!(
        events.last().map(String::as_str),
        Some("(service api) has reached a steady state."),
    );
    let explained = crew.world.get("/_berth/ecs/explain?cluster=web&service=api").await;
    assert_eq!(explained["service"]["unplaced"][0]["availabilityZones"], json!(["b"]));

    // Room there is taken as soon as there is some.
    crew.ask("StopTask", json!({"cluster": "web", "task": large["taskArn"]})).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (4, 4, 0));
    let tasks = crew.tasks("RUNNING").await;
    for instance in [first, second] {
        let here = tasks.iter().filter(|task| task["containerInstanceArn"] == instance.as_str());
        assert_eq!(here.count(), 2, "{tasks:#?}");
    }
    let events = crew.events("api").await;
    let balanced = "(service api) is AZ balanced with 2 tasks in a, 2 tasks in b.";
    assert!(events.contains(&balanced.to_owned()), "{events:#?}");
}
