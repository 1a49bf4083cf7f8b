//! Deployments that cannot succeed: the circuit breaker, the way back, and tasks that wait longer and longer.

use std::time::Duration;

use serde_json::json;

use super::crew::{Crew, counts};
use crate::sessions::world::text;

#[tokio::test(start_paused = true)]
async fn a_failing_image_trips_the_breaker_and_the_service_goes_back() {
    let crew = Crew::new(2).await;
    let settings = json!({"deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": true, "rollback": true},
    }});
    let before = crew.serve("api", 2, settings).await;
    let good = text(&before, "/deployments/0/id");
    crew.define("sleep", 32).await;
    crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    let bad = text(&crew.service("api").await, "/deployments/0/id");
    // AWS: three failures, however small the service; each is waited for a little longer.
    for _ in 0..40 {
        crew.fail().await;
        if text(&crew.service("api").await, "/deployments/0/id") == good {
            break;
        }
        crew.wait(Duration::from_secs(60)).await;
    }
    crew.obey().await;
    let service = crew.service("api").await;
    assert_eq!(counts(&service), (2, 2, 0));
    assert_eq!(text(&service, "/deployments/0/id"), good);
    assert!(text(&service, "/taskDefinition").ends_with("sleep:1"));
    let events = crew.events("api").await;
    let failed =
        format!("(service api) (deployment {bad}) deployment failed: tasks failed to start.");
    assert!(events.contains(&failed), "{events:#?}");
    let back = format!("(service api) rolling back to deployment {good}.");
    assert!(events.contains(&back), "{events:#?}");

    let listed =
        crew.ask("ListServiceDeployments", json!({"cluster": "web", "service": "api"})).await;
    assert_eq!(listed["serviceDeployments"][0]["status"], "ROLLBACK_SUCCESSFUL");
    let arn = &listed["serviceDeployments"][0]["serviceDeploymentArn"];
    let input = json!({"serviceDeploymentArns": [arn]});
    let deployment =
        crew.ask("DescribeServiceDeployments", input).await["serviceDeployments"][0].clone();
    assert_eq!(deployment["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert_eq!(deployment["deploymentCircuitBreaker"]["threshold"], 3);
    let to = text(&deployment, "/rollback/serviceRevisionArn");
    assert!(to.ends_with(good.strip_prefix("ecs-svc/").expect("ECS's form")), "{to}");
}

#[tokio::test(start_paused = true)]
async fn tasks_that_never_run_are_tried_at_longer_intervals_and_that_is_told() {
    let crew = Crew::new(1).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
    });
    crew.ask("CreateService", input).await;
    let mut tried = 0;
    for _ in 0..240 {
        tried += crew.fail().await;
        crew.wait(Duration::from_secs(30)).await;
    }
    assert!((5..60).contains(&tried), "{tried} times in two hours");
    let events = crew.events("api").await;
    let words = "is unable to consistently start tasks successfully.";
    assert!(events.iter().any(|event| event.contains(words)), "{events:#?}");
    crew.define("sleep", 32).await;
    crew.update("api", json!({"taskDefinition": "sleep:2"})).await;
    crew.obey().await;
    assert_eq!(counts(&crew.service("api").await), (1, 1, 0));
}
