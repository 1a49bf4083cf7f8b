//! Tasks that cannot be targets of their service's target group, and who is told.

use std::time::Duration;

use serde_json::{Value, json};

use super::crew::Crew;
use crate::sessions::world::{ADMINISTRATOR, text};

const GROUP: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/page/1";
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A service of one task behind the group, whose containers run.
async fn serve(crew: &Crew) {
    let ports = json!([{"containerPort": 80}]);
    let container =
        json!({"name": "main", "image": "busybox", "memory": 16, "portMappings": ports});
    let definition =
        json!({"family": "page", "networkMode": "host", "containerDefinitions": [container]});
    crew.ask("RegisterTaskDefinition", definition).await;
    crew.world.balancers.add_group(GROUP);
    let balancers =
        json!([{"targetGroupArn": GROUP, "containerName": "main", "containerPort": 80}]);
    let service = json!({
        "cluster": "web", "serviceName": "page", "taskDefinition": "page", "desiredCount": 1,
        "loadBalancers": balancers,
    });
    crew.ask("CreateService", service).await;
}

/// What was told of targets that could not be registered.
async fn refusals(crew: &Crew) -> Vec<String> {
    let events = crew.events("page").await;
    events.into_iter().filter(|event| event.contains("failed to register targets")).collect()
}

async fn task(crew: &Crew) -> Value {
    crew.tasks("RUNNING").await.pop().expect("there is one")
}

#[tokio::test(start_paused = true)]
async fn a_host_without_an_instance_id_has_no_targets_and_that_is_told_once_in_six_hours() {
    let mut crew = Crew::new(0).await;
    let instance = crew.join(ADMINISTRATOR, "a").await;
    serve(&crew).await;
    crew.obey().await;
    let (_, id) = instance.rsplit_once('/').expect("an ARN with an id");
    let error = format!(
        "The container instance {id} has no EC2 instance ID, since it did not join by a token"
    );
    let told = format!(
        "(service page) failed to register targets in (target-group {GROUP}) with (error {error})"
    );
    assert_eq!(refusals(&crew).await, [told.as_str()]);
    let waiting = task(&crew).await;
    assert_eq!(waiting["lastStatus"], "ACTIVATING");

    let arn = text(&waiting, "/taskArn");
    for (subject, at) in
        [(format!("task={arn}"), "/task"), ("service=page".to_owned(), "/service/tasks/0")]
    {
        let told = crew.world.get(&format!("/_berth/ecs/explain?cluster=web&{subject}")).await;
        assert_eq!(text(&told, &format!("{at}/noTarget/error")), error);
        assert_eq!(text(&told, &format!("{at}/noTarget/targetGroupArn")), GROUP);
    }

    crew.wait(5 * HOUR).await;
    assert_eq!(refusals(&crew).await, [told.as_str()], "it is known");
    crew.wait(2 * HOUR).await;
    assert_eq!(refusals(&crew).await, [told.as_str(), told.as_str()], "it is still so");
}

#[tokio::test(start_paused = true)]
async fn a_target_group_that_went_away_is_waited_for_and_what_comes_after_is_told_anew() {
    let crew = Crew::new(1).await;
    serve(&crew).await;
    crew.world.balancers.remove_group(GROUP);
    crew.obey().await;
    let told = format!(
        "(service page) failed to register targets in (target-group {GROUP}) with (error One or more target groups not found)"
    );
    assert_eq!(refusals(&crew).await, [told.as_str()]);

    crew.world.balancers.add_group(GROUP);
    crew.wait(Duration::from_secs(20)).await;
    assert_eq!(crew.world.balancers.targets(GROUP), [("host-0".to_owned(), 80)]);
    let running = task(&crew).await;
    assert_eq!(running["lastStatus"], "RUNNING");
    let path = "/_berth/ecs/explain?cluster=web&service=page";
    let explained = crew.world.get(path).await;
    assert_eq!(explained["service"]["tasks"][0]["noTarget"], Value::Null);
    let events = crew.events("page").await;
    assert!(events.iter().any(|event| event.ends_with("reached a steady state.")), "{events:#?}");

    crew.world.balancers.remove_group(GROUP);
    crew.ask("StopTask", json!({"cluster": "web", "task": running["taskArn"]})).await;
    crew.obey().await;
    assert_eq!(refusals(&crew).await, [told.as_str(), told.as_str()], "it had been over");
}
