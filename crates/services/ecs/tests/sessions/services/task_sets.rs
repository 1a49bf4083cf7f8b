//! Services whose deployments somebody else makes, out of task sets.

use serde_json::json;

use super::balanced::Front;
use super::crew::{Crew, counts};
use crate::sessions::world::text;

async fn external(crew: &Crew, desired_count: u32) {
    let input = json!({
        "cluster": "web", "serviceName": "api", "desiredCount": desired_count,
        "deploymentController": {"type": "EXTERNAL"},
    });
    let created = crew.ask("CreateService", input).await;
    assert_eq!(created["service"]["taskSets"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn traffic_moves_from_one_task_set_to_another() {
    let crew = Crew::new(2).await;
    external(&crew, 4).await;
    let blue = json!({
        "cluster": "web", "service": "api", "taskDefinition": "sleep", "externalId": "blue",
        "scale": {"value": 100.0, "unit": "PERCENT"},
    });
    let blue = crew.ask("CreateTaskSet", blue).await["taskSet"].clone();
    assert_eq!(blue["status"], "ACTIVE");
    assert_eq!(blue["computedDesiredCount"], 4);
    assert_eq!(blue["stabilityStatus"], "STABILIZING");
    crew.obey().await;
    let id = text(&blue, "/id");
    crew.ask(
        "UpdateServicePrimaryTaskSet",
        json!({
            "cluster": "web", "service": "api", "primaryTaskSet": id,
        }),
    )
    .await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (4, 4, 0));
    assert_eq!(service["taskSets"][0]["status"], "PRIMARY");
    assert_eq!(service["taskSets"][0]["stabilityStatus"], "STEADY_STATE");
    assert!(text(&service, "/taskDefinition").ends_with("sleep:1"));
    assert_eq!(text(&crew.tasks("RUNNING").await[0], "/startedBy"), id);
    let events = crew.events("api").await;
    let started = format!("(service api, taskSet {id}) has started 4 tasks: (task ");
    assert!(events[0].starts_with(&started), "{events:#?}");
    let steady = format!("(service api, taskSet {id}) updated state to STEADY_STATE.");
    assert_eq!(events[1..], [&*steady, "(service api) has reached a steady state."]);

    crew.define("sleep", 32).await;
    let green = json!({"cluster": "web", "service": "api", "taskDefinition": "sleep:2"});
    let green = crew.ask("CreateTaskSet", green).await["taskSet"].clone();
    assert_eq!(green["scale"]["value"], 0.0, "a new set has none until it is scaled");
    crew.ask(
        "UpdateTaskSet",
        json!({
            "cluster": "web", "service": "api", "taskSet": green["taskSetArn"],
            "scale": {"value": 30.0, "unit": "PERCENT"},
        }),
    )
    .await;
    crew.obey().await;
    let described = crew
        .ask(
            "DescribeTaskSets",
            json!({"cluster": "web", "service": "api", "taskSets": [green["id"]]}),
        )
        .await;
    assert_eq!(described["taskSets"][0]["runningCount"], 2, "30 percent of 4, rounded up");

    crew.ask(
        "UpdateServicePrimaryTaskSet",
        json!({
            "cluster": "web", "service": "api", "primaryTaskSet": green["id"],
        }),
    )
    .await;
    let delete = json!({"cluster": "web", "service": "api", "taskSet": id});
    assert_eq!(crew.refused("DeleteTaskSet", delete).await.0, "InvalidParameterException");
    let by_force = json!({"cluster": "web", "service": "api", "taskSet": id, "force": true});
    let deleted = crew.ask("DeleteTaskSet", by_force).await;
    assert_eq!(deleted["taskSet"]["status"], "DRAINING");
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(service["taskSets"].as_array().map(Vec::len), Some(1));
    assert_eq!(counts(&service), (4, 2, 0));
    assert!(text(&service, "/taskDefinition").ends_with("sleep:2"));
    crew.ask("DeleteService", json!({"cluster": "web", "service": "api", "force": true})).await;
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!((service["status"].as_str(), counts(&service)), (Some("INACTIVE"), (0, 0, 0)));
}

#[tokio::test(start_paused = true)]
async fn a_service_has_five_task_sets_at_most() {
    let crew = Crew::new(1).await;
    external(&crew, 1).await;
    let set = json!({"cluster": "web", "service": "api", "taskDefinition": "sleep"});
    for _ in 0..5 {
        crew.ask("CreateTaskSet", set.clone()).await;
    }
    assert_eq!(crew.refused("CreateTaskSet", set).await.0, "LimitExceededException");
}

#[tokio::test(start_paused = true)]
async fn task_sets_belong_to_an_external_controller() {
    let crew = Crew::new(1).await;
    crew.serve("api", 1, json!({})).await;
    let set = json!({"cluster": "web", "service": "api", "taskDefinition": "sleep"});
    assert_eq!(crew.refused("CreateTaskSet", set).await.0, "InvalidParameterException");
    external_named(&crew, "other").await;
    for (operation, more) in [
        (
            "UpdateTaskSet",
            json!({"taskSet": "ecs-svc/1234567890123456789", "scale": {"value": 1.0, "unit": "PERCENT"}}),
        ),
        ("DeleteTaskSet", json!({"taskSet": "ecs-svc/1234567890123456789"})),
        ("UpdateServicePrimaryTaskSet", json!({"primaryTaskSet": "ecs-svc/1234567890123456789"})),
    ] {
        let mut input = json!({"cluster": "web", "service": "other"});
        input
            .as_object_mut()
            .expect("parameters")
            .extend(more.as_object().expect("parameters").clone());
        assert_eq!(
            crew.refused(operation, input).await.0,
            "TaskSetNotFoundException",
            "{operation}"
        );
    }
    let update = json!({"cluster": "web", "service": "other", "taskDefinition": "sleep"});
    let (code, message) = crew.refused("UpdateService", update).await;
    assert_eq!(code, "InvalidParameterException");
    assert!(message.contains("EXTERNAL deployment controller"), "{message}");
}

async fn external_named(crew: &Crew, name: &str) {
    let input = json!({
        "cluster": "web", "serviceName": name, "desiredCount": 1,
        "deploymentController": {"type": "EXTERNAL"},
    });
    crew.ask("CreateService", input).await;
}

#[tokio::test(start_paused = true)]
async fn code_deploy_gets_its_first_task_set_from_ecs() {
    let crew = Crew::new(1).await;
    let service =
        crew.serve("api", 2, json!({"deploymentController": {"type": "CODE_DEPLOY"}})).await;
    assert_eq!(counts(&service), (2, 2, 0));
    assert_eq!(service["taskSets"][0]["status"], "PRIMARY");
    assert_eq!(service["taskSets"][0]["startedBy"], "CODE_DEPLOY");
    crew.define("sleep", 32).await;
    let update = json!({"cluster": "web", "service": "api", "taskDefinition": "sleep:2"});
    let (_, message) = crew.refused("UpdateService", update).await;
    assert_eq!(
        message,
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller. \
         Use AWS CodeDeploy to trigger a new deployment."
    );
    crew.update("api", json!({"desiredCount": 3})).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (3, 3, 0));
}

/// What was told of a task whose target does not answer any more, and which it is.
async fn told_of_the_unhealthy(front: &Front) -> (String, String) {
    let task = front.crew.tasks("RUNNING").await.pop().expect("there is one");
    front.find_unhealthy().await;
    front.obey().await;
    let task = text(&task, "/taskArn").rsplit_once('/').expect("an ARN with an id").1.to_owned();
    let mut events = front.crew.events("page").await;
    events.retain(|event| event.contains(&format!("(task {task}) (instance ")));
    assert_eq!(events.len(), 1, "{events:#?}");
    (events.remove(0), task)
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_unhealthy_is_told_of_with_its_task_set() {
    let front = Front::new().await;
    let service = json!({
        "cluster": "web", "serviceName": "page", "desiredCount": 1,
        "deploymentController": {"type": "EXTERNAL"},
    });
    front.crew.ask("CreateService", service).await;
    let set = json!({
        "cluster": "web", "service": "page", "taskDefinition": "page",
        "loadBalancers": front.plain(0), "scale": {"value": 100.0, "unit": "PERCENT"},
    });
    let set = text(&front.crew.ask("CreateTaskSet", set).await, "/taskSet/id");
    front.obey().await;
    let (told, task) = told_of_the_unhealthy(&front).await;
    let begins = format!("(service page, taskSet {set}) (task {task}) (instance host-");
    let ends = format!(
        "is unhealthy in (target-group {}) due to (reason Request timed out).",
        front.groups[0]
    );
    assert!(told.starts_with(&begins) && told.ends_with(&ends), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_service_without_task_sets_is_told_of_alone() {
    let front = Front::new().await;
    front.serve(json!({}), front.plain(0)).await;
    let (told, task) = told_of_the_unhealthy(&front).await;
    assert!(told.starts_with(&format!("(service page) (task {task}) (instance ")), "{told}");
}
