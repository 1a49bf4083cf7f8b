//! The end of a service, and of the cluster that it is in.

use std::time::Duration;

use serde_json::json;

use super::crew::{Crew, counts};

#[tokio::test(start_paused = true)]
async fn a_service_is_deleted_when_it_is_scaled_down_or_by_force() {
    let crew = Crew::new(1).await;
    crew.serve("api", 2, json!({})).await;
    let delete = json!({"cluster": "web", "service": "api"});
    let (code, message) = crew.refused("DeleteService", delete.clone()).await;
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(message, "The service cannot be stopped while it is scaled above 0.");
    assert_eq!(counts(&crew.service("api").await), (2, 2, 0));

    let by_force = json!({"cluster": "web", "service": "api", "force": true});
    let deleted = crew.ask("DeleteService", by_force).await;
    assert_eq!(deleted["service"]["status"], "DRAINING");
    let listed = crew.ask("ListServices", json!({"cluster": "web"})).await;
    assert_eq!(listed["serviceArns"], json!([]));
    // AWS: that its tasks are STOPPING is enough.
    let service = crew.service("api").await;
    assert_eq!(service["status"], "INACTIVE");
    assert_eq!(service["deployments"], json!([]));
    let update = json!({"cluster": "web", "service": "api", "desiredCount": 1});
    assert_eq!(crew.refused("UpdateService", update).await.0, "ServiceNotActiveException");
    crew.obey().await;
    for task in crew.tasks("STOPPED").await {
        assert_eq!(task["stopCode"], "ServiceSchedulerInitiated");
    }
    assert_eq!(crew.refused("DeleteService", delete).await.0, "ServiceNotFoundException");

    // The name is free again, and whoever asks for it gets the new one.
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
    });
    crew.ask("CreateService", input).await;
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!((service["status"].as_str(), counts(&service)), (Some("ACTIVE"), (1, 1, 0)));
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_service_that_drains_is_not_free() {
    let mut crew = Crew::new(1).await;
    crew.serve("api", 1, json!({})).await;
    crew.world.stand_still().await;
    let input = json!({"cluster": "web", "service": "api", "force": true});
    let deleted = crew.world.ask("DeleteService", input.clone()).await;
    assert_eq!(deleted["service"]["status"], "DRAINING");
    let again = crew.world.ask("DeleteService", input).await;
    assert_eq!(again["service"]["status"], "DRAINING");
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
    });
    let (code, message) = crew.refused("CreateService", input).await;
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(message, "Unable to Start a service that is still Draining.");
    let update = json!({"cluster": "web", "service": "api", "desiredCount": 1});
    assert_eq!(crew.refused("UpdateService", update).await.0, "ServiceNotActiveException");
}

#[tokio::test(start_paused = true)]
async fn an_inactive_service_is_described_for_a_while() {
    let crew = Crew::new(1).await;
    crew.serve("api", 0, json!({})).await;
    crew.ask("DeleteService", json!({"cluster": "web", "service": "api"})).await;
    assert_eq!(crew.service("api").await["status"], "INACTIVE");
    crew.wait(Duration::from_secs(3 * 60 * 60)).await;
    let input = json!({"cluster": "web", "services": ["api"]});
    let described = crew.ask("DescribeServices", input).await;
    assert_eq!(described["services"], json!([]));
    assert_eq!(described["failures"][0]["reason"], "MISSING");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_with_services_stays() {
    let crew = Crew::new(0).await;
    crew.serve("api", 0, json!({})).await;
    let described = crew.ask("DescribeClusters", json!({"clusters": ["web"]})).await;
    assert_eq!(described["clusters"][0]["activeServicesCount"], 1);
    let input = json!({"clusters": ["web"], "include": ["STATISTICS"]});
    let described = crew.ask("DescribeClusters", input).await;
    let statistics = described["clusters"][0]["statistics"].as_array().expect("a list");
    let active = json!({"name": "activeEC2ServiceCount", "value": "1"});
    assert!(statistics.contains(&active), "{statistics:#?}");
    let delete = json!({"cluster": "web"});
    assert_eq!(
        crew.refused("DeleteCluster", delete.clone()).await.0,
        "ClusterContainsServicesException"
    );
    crew.ask("DeleteService", json!({"cluster": "web", "service": "api"})).await;
    crew.ask("DeleteCluster", delete).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_definition_is_kept_for_as_long_as_a_service_may_start_tasks_from_it() {
    let crew = Crew::new(1).await;
    crew.serve("api", 1, json!({})).await;
    let revision = json!({"taskDefinition": "sleep:1"});
    crew.ask("DeregisterTaskDefinition", revision.clone()).await;
    crew.ask("DeleteTaskDefinitions", json!({"taskDefinitions": ["sleep:1"]})).await;
    let lost = crew.tasks("RUNNING").await[0].clone();
    crew.report(&lost, "STOPPED", Some(0)).await;
    crew.wait(Duration::from_secs(2)).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (1, 1, 0), "it goes on with what it began with");
    crew.ask("DeleteService", json!({"cluster": "web", "service": "api", "force": true})).await;
    crew.obey().await;
    crew.wait(Duration::from_secs(2 * 60 * 60)).await;
    assert_eq!(crew.refused("DescribeTaskDefinition", revision).await.0, "ClientException");
}
