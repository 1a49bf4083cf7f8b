//! What whoever watches over clusters and services reads.

use berth_control::metrics::{Collector, Readings};
use serde_json::json;

use super::crew::Crew;

fn told(crew: &Crew) -> Vec<String> {
    let mut readings = Readings::default();
    crew.world.ecs.gauges().collect(&mut readings);
    let samples = readings.as_str().lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.replace("region=\"us-east-1\",", "")).collect()
}

#[tokio::test(start_paused = true)]
async fn clusters_and_services_are_told_as_they_stand() {
    let crew = Crew::new(2).await;
    crew.serve("api", 3, json!({})).await;
    crew.ask("CreateCluster", json!({"clusterName": "spare"})).await;
    crew.ask("DeleteCluster", json!({"cluster": "spare"})).await;
    let drained = crew.instances().remove(0);
    let input = json!({"cluster": "web", "containerInstances": [drained], "status": "DRAINING"});
    crew.ask("UpdateContainerInstancesState", input).await;
    crew.obey().await;
    assert_eq!(
        told(&crew),
        [
            r#"berth_ecs_tasks{cluster="web",status="running"} 3"#,
            r#"berth_ecs_tasks{cluster="web",status="pending"} 0"#,
            r#"berth_ecs_tasks{cluster="web",status="provisioning"} 0"#,
            r#"berth_ecs_container_instances{cluster="web",status="active"} 1"#,
            r#"berth_ecs_container_instances{cluster="web",status="draining"} 1"#,
            r#"berth_ecs_container_instances_disconnected{cluster="web"} 0"#,
            r#"berth_ecs_services{cluster="web"} 1"#,
            r#"berth_ecs_service_tasks{cluster="web",service="api",status="desired"} 3"#,
            r#"berth_ecs_service_tasks{cluster="web",service="api",status="running"} 3"#,
            r#"berth_ecs_service_tasks{cluster="web",service="api",status="pending"} 0"#,
            r#"berth_ecs_service_deployments{cluster="web",service="api"} 1"#,
        ]
    );

    // No task can run that has so much memory.
    crew.define("sleep", 1 << 20).await;
    crew.update("api", json!({"taskDefinition": "sleep"})).await;
    crew.obey().await;
    let told = told(&crew);
    assert!(told[10].ends_with("{cluster=\"web\",service=\"api\"} 2"), "{told:#?}");
    assert!(told[8].ends_with("status=\"running\"} 3"), "{told:#?}");
}
