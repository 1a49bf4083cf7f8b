//! Tags of services and their tasks, and how both are found again.

use serde_json::{Value, json};

use super::crew::Crew;
use crate::sessions::world::text;

#[tokio::test(start_paused = true)]
async fn tasks_get_the_tags_that_the_service_says() {
    let crew = Crew::new(1).await;
    let service = crew
        .serve(
            "api",
            1,
            json!({
                "propagateTags": "SERVICE", "enableECSManagedTags": true,
                "tags": [{"key": "team", "value": "a"}],
            }),
        )
        .await;
    let tags = crew.tasks("RUNNING").await[0]["tags"].clone();
    assert_eq!(
        tags,
        json!([
            {"key": "aws:ecs:clusterName", "value": "web"},
            {"key": "aws:ecs:serviceName", "value": "api"},
            {"key": "team", "value": "a"},
        ])
    );
    let arn = text(&service, "/serviceArn");
    assert_eq!(arn, "arn:aws:ecs:us-east-1:123456789012:service/web/api");
    let tag = json!({"resourceArn": arn, "tags": [{"key": "stage", "value": "live"}]});
    crew.ask("TagResource", tag).await;
    crew.ask("UntagResource", json!({"resourceArn": arn, "tagKeys": ["team"]})).await;
    let listed = crew.ask("ListTagsForResource", json!({"resourceArn": arn})).await;
    assert_eq!(listed["tags"], json!([{"key": "stage", "value": "live"}]));
}

#[tokio::test(start_paused = true)]
async fn a_service_with_the_short_arn_has_no_tags_and_is_found_by_it() {
    let crew = Crew::new(1).await;
    let setting = json!({"name": "serviceLongArnFormat", "value": "disabled"});
    crew.ask("PutAccountSetting", setting).await;
    let tagged = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 0,
        "tags": [{"key": "team", "value": "a"}],
    });
    assert_eq!(crew.refused("CreateService", tagged).await.0, "InvalidParameterException");
    let service = crew.serve("api", 0, json!({})).await;
    let arn = "arn:aws:ecs:us-east-1:123456789012:service/api";
    assert_eq!(text(&service, "/serviceArn"), arn);
    assert_eq!(crew.service(arn).await["serviceName"], "api");
}

#[tokio::test(start_paused = true)]
async fn services_and_their_tasks_are_listed() {
    let crew = Crew::new(1).await;
    for number in 0..12 {
        crew.serve(&format!("s{number:02}"), u32::from(number == 3), json!({})).await;
    }
    let first = crew.ask("ListServices", json!({"cluster": "web"})).await;
    let arns = first["serviceArns"].as_array().expect("a list").clone();
    assert_eq!(arns.len(), 10, "unless the caller says otherwise");
    assert!(arns[0].as_str().is_some_and(|arn| arn.ends_with("service/web/s00")));
    let rest = json!({"cluster": "web", "nextToken": first["nextToken"]});
    let rest = crew.ask("ListServices", rest).await;
    assert_eq!(rest["serviceArns"].as_array().map(Vec::len), Some(2));
    assert_eq!(rest["nextToken"], Value::Null);
    for (filter, found) in [
        (json!({"launchType": "EC2"}), 12),
        (json!({"launchType": "FARGATE"}), 0),
        (json!({"schedulingStrategy": "DAEMON"}), 0),
        (json!({"resourceManagementType": "ECS"}), 0),
    ] {
        let mut input = json!({"cluster": "web", "maxResults": 100});
        input
            .as_object_mut()
            .expect("parameters")
            .extend(filter.as_object().expect("a filter").clone());
        let listed = crew.ask("ListServices", input).await;
        assert_eq!(listed["serviceArns"].as_array().map(Vec::len), Some(found), "{filter}");
    }
    for (service, found) in [("s03", 1), ("s04", 0)] {
        let listed = crew.ask("ListTasks", json!({"cluster": "web", "serviceName": service})).await;
        assert_eq!(listed["taskArns"].as_array().map(Vec::len), Some(found));
    }
    let unknown = json!({"cluster": "web", "serviceName": "nobody"});
    assert_eq!(crew.refused("ListTasks", unknown).await.0, "ServiceNotFoundException");
}
