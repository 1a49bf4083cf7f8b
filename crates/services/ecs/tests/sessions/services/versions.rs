//! Which image the tasks of a service run when a tag means first one and then another.

use std::time::Duration;

use serde_json::{Value, json};

use super::crew::{Crew, counts};
use crate::sessions::world::text;

const OLD: &str = "sha256:0d00000000000000000000000000000000000000000000000000000000000000";
const NEW: &str = "sha256:2e00000000000000000000000000000000000000000000000000000000000000";

fn pinned(digest: &str) -> Vec<String> {
    vec![format!("busybox@{digest}")]
}

/// The digests of a service's current revision.
async fn digests(crew: &Crew, service: &str) -> Vec<Value> {
    let input = json!({"cluster": "web", "service": service});
    let listed = crew.ask("ListServiceDeployments", input).await;
    digests_of(crew, &listed["serviceDeployments"][0]["targetServiceRevisionArn"]).await
}

async fn digests_of(crew: &Crew, revision: &Value) -> Vec<Value> {
    let input = json!({"serviceRevisionArns": [revision]});
    let described = crew.ask("DescribeServiceRevisions", input).await;
    let images = described["serviceRevisions"][0]["containerImages"].as_array().expect("a list");
    images.iter().map(|image| image["imageDigest"].clone()).collect()
}

/// Every task that is to run and does not yet runs the image of this digest now.
async fn run(crew: &Crew, digest: &str) {
    for task in crew.tasks("RUNNING").await {
        if task["lastStatus"] == "PENDING" {
            crew.report_image(&task, "RUNNING", digest).await;
        }
    }
}

/// One task of the service ends; the one that is started in its place.
async fn replaced(crew: &Crew) -> Value {
    let lost = crew.tasks("RUNNING").await[0].clone();
    crew.report(&lost, "STOPPED", Some(1)).await;
    crew.wait(Duration::from_secs(2)).await;
    let tasks = crew.tasks("RUNNING").await;
    let new = tasks.into_iter().find(|task| task["lastStatus"] == "PENDING");
    new.expect("another task is started")
}

async fn create(crew: &Crew, definition: &str, desired_count: u32) {
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": definition,
        "desiredCount": desired_count,
    });
    crew.ask("CreateService", input).await;
}

#[tokio::test(start_paused = true)]
async fn all_tasks_of_a_deployment_run_what_the_first_one_did() {
    let crew = Crew::new(2).await;
    create(&crew, "sleep", 2).await;
    assert_eq!(digests(&crew, "api").await, [Value::Null], "nobody knows yet");
    for task in crew.tasks("RUNNING").await {
        assert_eq!(crew.images(&task), ["busybox"]);
    }
    // Before it runs, an agent says what it will run.
    let first = crew.tasks("RUNNING").await[0].clone();
    crew.report_image(&first, "PENDING", OLD).await;
    assert_eq!(digests(&crew, "api").await, [json!(OLD)]);
    run(&crew, OLD).await;
    crew.update("api", json!({"desiredCount": 3})).await;
    let grown = crew.tasks("RUNNING").await;
    let grown = grown.iter().find(|task| task["lastStatus"] == "PENDING").expect("one more");
    assert_eq!(crew.images(grown), pinned(OLD), "no deployment, and so no other image");
    run(&crew, OLD).await;

    let crew = crew.restarted().await;
    let task = replaced(&crew).await;
    assert_eq!(crew.images(&task), pinned(OLD));
    assert_eq!(task["containers"][0]["image"], "busybox", "what its task definition says");
    run(&crew, OLD).await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_new_deployment_finds_out_anew_and_the_old_one_keeps_what_it_has() {
    let crew = Crew::new(2).await;
    create(&crew, "sleep", 2).await;
    run(&crew, OLD).await;
    let forced = crew.update("api", json!({"forceNewDeployment": true})).await;
    let begun = crew.tasks("RUNNING").await;
    let begun = begun.iter().find(|task| task["lastStatus"] == "PENDING").expect("a new task");
    assert_eq!(crew.images(begun), ["busybox"]);
    crew.report_image(begun, "RUNNING", NEW).await;
    assert_eq!(digests(&crew, "api").await, [json!(NEW)]);

    let arn = text(&forced, "/currentServiceDeployment");
    crew.ask("StopServiceDeployment", json!({"serviceDeploymentArn": arn})).await;
    crew.obey().await;
    let task = replaced(&crew).await;
    assert_eq!(crew.images(&task), pinned(OLD), "it went back to the revision before");
    let input = json!({"serviceDeploymentArns": [arn]});
    let described = crew.ask("DescribeServiceDeployments", input).await;
    let given_up = &described["serviceDeployments"][0]["targetServiceRevision"]["arn"];
    assert_eq!(digests_of(&crew, given_up).await, [json!(NEW)]);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_runs_another_image_than_the_first_is_replaced() {
    let crew = Crew::new(3).await;
    create(&crew, "sleep", 3).await;
    let tasks = crew.tasks("RUNNING").await;
    crew.report_image(&tasks[0], "RUNNING", OLD).await;
    crew.report_image(&tasks[1], "RUNNING", NEW).await;
    crew.report_image(&tasks[2], "RUNNING", OLD).await;
    assert_eq!(digests(&crew, "api").await, [json!(OLD)], "what was said first counts");
    let all = crew.tasks("RUNNING").await;
    assert_eq!(all.len(), 4, "another is started before the odd one is stopped");
    let new = all.iter().find(|task| task["lastStatus"] == "PENDING").expect("another task");
    assert_eq!(crew.images(new), pinned(OLD));
    crew.report_image(new, "RUNNING", OLD).await;
    let stopping = crew.tasks("STOPPED").await;
    assert_eq!(stopping.len(), 1);
    assert_eq!(stopping[0]["taskArn"], tasks[1]["taskArn"]);
    crew.obey().await;
    for task in crew.tasks("RUNNING").await {
        assert_eq!(task["containers"][0]["imageDigest"], OLD);
    }
    assert_eq!(counts(&crew.service("api").await), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_was_told_its_digest_is_not_replaced_for_what_it_says() {
    let crew = Crew::new(1).await;
    create(&crew, "sleep", 1).await;
    run(&crew, OLD).await;
    let task = replaced(&crew).await;
    crew.wait(Duration::from_secs(1)).await;
    crew.report_image(&task, "RUNNING", NEW).await;
    assert_eq!(crew.tasks("RUNNING").await.len(), 1);
    assert_eq!(digests(&crew, "api").await, [json!(OLD)]);
}

#[tokio::test(start_paused = true)]
async fn who_opts_out_or_names_a_digest_is_left_alone() {
    let crew = Crew::new(1).await;
    let named = format!("busybox@{OLD}");
    for (service, image, consistency) in
        [("free", "busybox", "disabled"), ("named", named.as_str(), "enabled")]
    {
        let container = json!({
            "name": "main", "image": image, "memory": 16, "versionConsistency": consistency,
        });
        let input = json!({"family": service, "containerDefinitions": [container]});
        crew.ask("RegisterTaskDefinition", input).await;
        let input = json!({
            "cluster": "web", "serviceName": service, "taskDefinition": service,
            "desiredCount": 1,
        });
        crew.ask("CreateService", input).await;
        run(&crew, OLD).await;
        assert_eq!(digests(&crew, service).await, [Value::Null], "{service}");
        let task = replaced(&crew).await;
        assert_eq!(crew.images(&task), [image], "{service}");
        crew.ask("DeleteService", json!({"cluster": "web", "service": service, "force": true}))
            .await;
        crew.obey().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_of_nobodys_service_runs_what_its_tag_means_now() {
    let crew = Crew::new(1).await;
    for digest in [OLD, NEW] {
        let input = json!({"cluster": "web", "taskDefinition": "sleep"});
        let task = crew.ask("RunTask", input).await["tasks"][0].clone();
        assert_eq!(crew.images(&task), ["busybox"]);
        crew.report_image(&task, "RUNNING", digest).await;
    }
    let tasks = crew.tasks("RUNNING").await;
    assert_eq!(tasks.len(), 2);
    assert_ne!(tasks[0]["containers"][0]["imageDigest"], tasks[1]["containers"][0]["imageDigest"]);
}

#[tokio::test(start_paused = true)]
async fn each_task_set_has_its_own() {
    let crew = Crew::new(2).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "desiredCount": 1,
        "deploymentController": {"type": "EXTERNAL"},
    });
    crew.ask("CreateService", input).await;
    for digest in [OLD, NEW] {
        let input = json!({
            "cluster": "web", "service": "api", "taskDefinition": "sleep",
            "scale": {"value": 100.0, "unit": "PERCENT"},
        });
        crew.ask("CreateTaskSet", input).await;
        run(&crew, digest).await;
    }
    for digest in [OLD, NEW] {
        let tasks = crew.tasks("RUNNING").await;
        let lost = tasks
            .iter()
            .find(|task| task["containers"][0]["imageDigest"] == digest)
            .expect("a task of each set");
        crew.report(lost, "STOPPED", Some(1)).await;
        crew.wait(Duration::from_secs(2)).await;
        let tasks = crew.tasks("RUNNING").await;
        let new = tasks.iter().find(|task| task["lastStatus"] == "PENDING").expect("another");
        assert_eq!(text(new, "/startedBy"), text(lost, "/startedBy"));
        assert_eq!(crew.images(new), pinned(digest));
        crew.report_image(new, "RUNNING", digest).await;
    }
}
