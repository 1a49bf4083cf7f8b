//! Service deployments and revisions: what was deployed when, and deployments that are stopped or wait.

use std::time::Duration;

use serde_json::{Value, json};

use super::crew::{Crew, counts};
use crate::sessions::world::text;

async fn deployments(crew: &Crew) -> Vec<Value> {
    let input = json!({"cluster": "web", "service": "api"});
    let listed = crew.ask("ListServiceDeployments", input).await;
    listed["serviceDeployments"].as_array().expect("a list").clone()
}

#[tokio::test(start_paused = true)]
async fn every_deployment_is_remembered_with_what_it_brought() {
    let crew = Crew::new(2).await;
    crew.serve("api", 2, json!({})).await;
    crew.wait(Duration::from_secs(60)).await;
    crew.define("sleep", 32).await;
    crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    crew.obey().await;
    let listed = deployments(&crew).await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|deployment| deployment["status"] == "SUCCESSFUL"), "{listed:#?}");
    let input = json!({"serviceDeploymentArns": [listed[0]["serviceDeploymentArn"]]});
    let described = crew.ask("DescribeServiceDeployments", input).await;
    let newest = &described["serviceDeployments"][0];
    assert_eq!(newest["targetServiceRevision"]["runningTaskCount"], 2);
    assert_eq!(newest["sourceServiceRevisions"].as_array().map(Vec::len), Some(1));
    assert_eq!(newest["deploymentCircuitBreaker"]["status"], "DISABLED");
    let arns =
        [&newest["targetServiceRevision"]["arn"], &newest["sourceServiceRevisions"][0]["arn"]];
    let revisions =
        crew.ask("DescribeServiceRevisions", json!({"serviceRevisionArns": arns})).await;
    let definitions: Vec<String> = (0..2)
        .map(|index| text(&revisions["serviceRevisions"][index], "/taskDefinition"))
        .collect();
    assert!(definitions[0].ends_with("sleep:2") && definitions[1].ends_with("sleep:1"));
    assert_eq!(revisions["serviceRevisions"][0]["containerImages"][0]["image"], "busybox");

    let page = json!({"cluster": "web", "service": "api", "maxResults": 1});
    let first = crew.ask("ListServiceDeployments", page).await;
    assert_eq!(first["serviceDeployments"][0], listed[0]);
    let page = json!({
        "cluster": "web", "service": "api", "maxResults": 1, "nextToken": first["nextToken"],
    });
    let second = crew.ask("ListServiceDeployments", page).await;
    assert_eq!(second["serviceDeployments"][0], listed[1]);
    assert_eq!(second["nextToken"], Value::Null);
    let none = json!({"cluster": "web", "service": "api", "status": ["IN_PROGRESS"]});
    assert_eq!(crew.ask("ListServiceDeployments", none).await["serviceDeployments"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_stopped_goes_back() {
    let crew = Crew::new(2).await;
    let before = crew.serve("api", 2, json!({})).await;
    crew.define("sleep", 32).await;
    let updated = crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    let arn = text(&updated, "/currentServiceDeployment");
    crew.ask("StopServiceDeployment", json!({"serviceDeploymentArn": arn})).await;
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(text(&service, "/deployments/0/id"), text(&before, "/deployments/0/id"));
    assert_eq!(counts(&service), (2, 2, 0));
    assert_eq!(deployments(&crew).await[0]["status"], "ROLLBACK_SUCCESSFUL");
    let (code, _) =
        crew.refused("StopServiceDeployment", json!({"serviceDeploymentArn": arn})).await;
    assert_eq!(code, "ConflictException");
}

/// AWS: a new deployment is PENDING at first, and the one under way is asked to stop.
#[tokio::test(start_paused = true)]
async fn a_newer_deployment_stops_the_one_under_way() {
    let mut crew = Crew::new(2).await;
    crew.serve("api", 2, json!({})).await;
    for memory in [32, 48] {
        crew.wait(Duration::from_secs(60)).await;
        crew.define("sleep", memory).await;
    }
    crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    crew.wait(Duration::from_secs(1)).await;
    crew.world.stand_still().await;
    let statuses = |listed: &[Value]| -> Vec<String> {
        listed.iter().map(|deployment| text(deployment, "/status")).collect()
    };
    assert_eq!(statuses(&deployments(&crew).await), ["IN_PROGRESS", "SUCCESSFUL"]);
    crew.update("api", json!({"taskDefinition": "sleep:3"})).await;
    let listed = deployments(&crew).await;
    assert_eq!(statuses(&listed), ["PENDING", "STOP_REQUESTED", "SUCCESSFUL"]);
    assert_eq!((&listed[0]["startedAt"], &listed[1]["finishedAt"]), (&Value::Null, &Value::Null));
    // To stop what stops already is no mistake.
    let stop = json!({"serviceDeploymentArn": listed[1]["serviceDeploymentArn"]});
    crew.ask("StopServiceDeployment", stop.clone()).await;
    assert_eq!(deployments(&crew).await, listed);

    let crew = crew.restarted().await;
    let listed = deployments(&crew).await;
    assert_eq!(statuses(&listed), ["IN_PROGRESS", "STOPPED", "SUCCESSFUL"]);
    assert!(text(&listed[1], "/statusReason").contains("superseded"), "{listed:#?}");
    assert!(listed[1]["finishedAt"].is_number(), "{listed:#?}");
    assert_eq!(crew.refused("StopServiceDeployment", stop).await.0, "ConflictException");
    crew.obey().await;
    assert_eq!(statuses(&deployments(&crew).await), ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]);
    assert_eq!(counts(&crew.service("api").await), (2, 2, 0));
    let tasks = crew.tasks("RUNNING").await;
    assert!(tasks.iter().all(|task| text(task, "/taskDefinitionArn").ends_with("sleep:3")));
}

#[tokio::test(start_paused = true)]
async fn a_blue_green_deployment_waits_for_a_person_and_goes_on() {
    let crew = Crew::new(2).await;
    crew.serve(
        "api",
        2,
        json!({"deploymentConfiguration": {
            "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
            "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}],
        }}),
    )
    .await;
    crew.wait(Duration::from_secs(600)).await;
    crew.define("sleep", 32).await;
    let updated = crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    crew.obey().await;
    assert_eq!(crew.tasks("RUNNING").await.len(), 4, "blue and green beside each other");
    let arn = text(&updated, "/currentServiceDeployment");
    let describe = json!({"serviceDeploymentArns": [arn]});
    let described = crew.ask("DescribeServiceDeployments", describe.clone()).await;
    let deployment = &described["serviceDeployments"][0];
    assert_eq!(deployment["lifecycleStage"], "POST_SCALE_UP");
    assert_eq!(deployment["lifecycleHookDetails"][0]["status"], "AWAITING_ACTION");
    let wrong = json!({"serviceDeploymentArn": arn, "hookId": "BAKE_TIME-0"});
    assert_eq!(
        crew.refused("ContinueServiceDeployment", wrong).await.0,
        "InvalidParameterException"
    );
    let hook = &deployment["lifecycleHookDetails"][0]["hookId"];
    crew.ask("ContinueServiceDeployment", json!({"serviceDeploymentArn": arn, "hookId": hook}))
        .await;
    crew.wait(Duration::from_secs(6 * 60)).await;
    crew.obey().await;
    let described = crew.ask("DescribeServiceDeployments", describe).await;
    assert_eq!(described["serviceDeployments"][0]["status"], "SUCCESSFUL", "{described:#}");
    let tasks = crew.tasks("RUNNING").await;
    assert_eq!(tasks.len(), 2);
    assert!(tasks.iter().all(|task| text(task, "/taskDefinitionArn").ends_with("sleep:2")));
}
