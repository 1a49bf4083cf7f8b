//! What services are not: every refusal has AWS's code, and nothing has changed after it.

use serde_json::{Value, json};

use super::crew::Crew;

fn merged(base: &Value, more: &Value) -> Value {
    let mut merged = base.clone();
    let more = more.as_object().expect("parameters").clone();
    merged.as_object_mut().expect("parameters").extend(more);
    merged
}

/// Each of these, on top of what would be right, is refused with the code and these words, and changes nothing.
async fn all_refused(crew: &Crew, operation: &str, base: &Value, cases: &[(Value, &str, &str)]) {
    let before = crew.everything().await;
    for (more, code, words) in cases {
        let (found, message) = crew.refused(operation, merged(base, more)).await;
        assert_eq!(found, *code, "{operation} {more}: {message}");
        assert!(message.contains(words), "{operation} {more}: {message}");
        assert_eq!(crew.everything().await, before, "changed by {operation} {more}");
    }
}

const INVALID: &str = "InvalidParameterException";
const UNSUPPORTED: &str = "UnsupportedFeatureException";

#[tokio::test(start_paused = true)]
async fn create_service() {
    let crew = Crew::new(1).await;
    let base = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
    });
    let percents = |minimum: i32, maximum: i32| json!({"deploymentConfiguration": {"minimumHealthyPercent": minimum, "maximumPercent": maximum}});
    let cases = [
        (json!({"serviceName": "no spaces"}), INVALID, "serviceName"),
        (json!({"serviceName": ""}), INVALID, "serviceName"),
        (json!({"cluster": "nowhere"}), "ClusterNotFoundException", "Cluster not found."),
        (json!({"taskDefinition": "nothing"}), "ClientException", "TaskDefinition not found."),
        (json!({"taskDefinition": null}), INVALID, "TaskDefinition"),
        (json!({"desiredCount": -1}), INVALID, "desiredCount"),
        (json!({"desiredCount": 5001}), INVALID, "5000"),
        (json!({"desiredCount": null}), INVALID, "desiredCount"),
        (json!({"launchType": "FARGATE"}), UNSUPPORTED, "FARGATE"),
        (
            json!({"deploymentConfiguration": {"alarms": {"enable": true, "rollback": true, "alarmNames": ["errors"]}}}),
            UNSUPPORTED,
            "deploymentConfiguration.alarms",
        ),
        (
            json!({"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}),
            INVALID,
            "both a launch type and capacity provider strategy",
        ),
        (json!({"platformVersion": "LATEST"}), INVALID, "platform version"),
        (json!({"role": "r"}), INVALID, "IAM role"),
        (json!({"healthCheckGracePeriodSeconds": -1}), INVALID, "healthCheckGracePeriodSeconds"),
        (percents(100, 100), INVALID, "block deployments"),
        (percents(-1, 200), INVALID, "minimumHealthyPercent"),
        (percents(50, 99), INVALID, "maximumPercent"),
        (
            json!({"placementStrategy": [{"type": "binpack", "field": "disk"}]}),
            INVALID,
            "placementStrategy[0]: cannot binpack `disk`",
        ),
        (
            json!({"placementStrategy": [{"type": "random"}, {"type": "spread", "field": "zone"}]}),
            INVALID,
            "placementStrategy[1]: cannot spread over `zone`",
        ),
        (json!({"placementStrategy": [{"type": "best"}]}), INVALID, "best"),
        (json!({"placementConstraints": [{"type": "nearTo"}]}), INVALID, "nearTo"),
        (json!({"schedulingStrategy": "CRON"}), INVALID, "CRON"),
        (json!({"deploymentController": {"type": "JENKINS"}}), INVALID, "JENKINS"),
        (json!({"propagateTags": "EVERYTHING"}), INVALID, "EVERYTHING"),
        (json!({"availabilityZoneRebalancing": "SOMETIMES"}), INVALID, "SOMETIMES"),
        (json!({"deploymentConfiguration": {"strategy": "HOPE"}}), INVALID, "HOPE"),
        (json!({"placementStrategy": vec![json!({"type": "random"}); 6]}), INVALID, "At most 5"),
        (
            json!({"placementConstraints": [{"type": "memberOf", "expression": "attribute:a =="}]}),
            INVALID,
            "placementConstraints[0].expression: at character 15: ",
        ),
        (
            json!({"placementConstraints": [
                {"type": "memberOf", "expression": "attribute:a == 1"},
                {"type": "memberOf", "expression": "attribute:a == 1 and or task:group == b"},
            ]}),
            INVALID,
            "placementConstraints[1].expression: at character 22: ",
        ),
        (
            json!({"placementConstraints": [{"type": "memberOf", "expression": "attribute:a =~ [x"}]}),
            INVALID,
            "placementConstraints[0].expression: at character 16: ",
        ),
        (
            json!({"placementConstraints": [{"type": "distinctInstance", "expression": "attribute:a == 1"}]}),
            INVALID,
            "placementConstraints[0]: distinctInstance takes no expression",
        ),
        (
            json!({"placementConstraints": vec![json!({"type": "distinctInstance"}); 11]}),
            INVALID,
            "At most 10",
        ),
        (
            json!({"loadBalancers": [{"targetGroupArn": "arn:aws:x", "containerName": "main", "containerPort": 80}]}),
            INVALID,
            "The specified target group does not exist: arn:aws:x.",
        ),
        (
            json!({"serviceRegistries": [{"registryArn": "arn:aws:x"}]}),
            UNSUPPORTED,
            "serviceRegistries",
        ),
        (
            json!({"serviceConnectConfiguration": {"enabled": true}}),
            UNSUPPORTED,
            "serviceConnectConfiguration",
        ),
        (json!({"volumeConfigurations": [{"name": "v"}]}), UNSUPPORTED, "volumeConfigurations"),
        (
            json!({"vpcLatticeConfigurations": [{"roleArn": "arn:aws:iam::123456789012:role/r", "targetGroupArn": "arn:aws:x", "portName": "p"}]}),
            UNSUPPORTED,
            "vpcLatticeConfigurations",
        ),
        (
            json!({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}),
            INVALID,
            "Network Configuration",
        ),
        (json!({"clientToken": "a b"}), INVALID, "clientToken"),
        (
            json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN", "lifecycleHooks": [
                {"hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:f", "lifecycleStages": ["POST_SCALE_UP"]},
            ]}}),
            UNSUPPORTED,
            "AWS_LAMBDA",
        ),
        (
            json!({"deploymentConfiguration": {"lifecycleHooks": [
                {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]},
            ]}}),
            INVALID,
            "lifecycleHooks",
        ),
        (
            json!({"deploymentConfiguration": {"canaryConfiguration": {"canaryPercent": 5.0}}}),
            INVALID,
            "CANARY",
        ),
        (
            json!({"availabilityZoneRebalancing": "ENABLED", "placementStrategy": [{"type": "binpack", "field": "cpu"}]}),
            INVALID,
            "availabilityZoneRebalancing",
        ),
        (json!({"tags": [{"key": "aws:mine", "value": "x"}]}), INVALID, "aws:"),
        (
            json!({"deploymentController": {"type": "EXTERNAL"}}),
            INVALID,
            "EXTERNAL deployment controller",
        ),
        (
            json!({"deploymentController": {"type": "EXTERNAL"}, "taskDefinition": null,
                "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": false}}}),
            INVALID,
            "circuit breaker",
        ),
        (
            json!({"deploymentController": {"type": "EXTERNAL"}, "taskDefinition": null, "launchType": "EC2"}),
            INVALID,
            "launchType",
        ),
    ];
    all_refused(&crew, "CreateService", &base, &cases).await;
    let daemon = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep",
        "schedulingStrategy": "DAEMON",
    });
    let cases = [
        (json!({"desiredCount": 1}), INVALID, "does not support a desired count"),
        (json!({"placementStrategy": [{"type": "random"}]}), INVALID, "placement strategies"),
        (
            json!({"placementConstraints": [{"type": "distinctInstance"}]}),
            INVALID,
            "distinctInstance",
        ),
        (json!({"deploymentController": {"type": "EXTERNAL"}}), INVALID, "EXTERNAL"),
        (percents(0, 200), INVALID, "maximumPercent"),
        (json!({"availabilityZoneRebalancing": "ENABLED"}), INVALID, "DAEMON"),
    ];
    all_refused(&crew, "CreateService", &daemon, &cases).await;
    let listed = crew.ask("ListServices", json!({"cluster": "web"})).await;
    assert_eq!(listed["serviceArns"], json!([]));
    assert_eq!(crew.tasks("RUNNING").await, Vec::<Value>::new());

    crew.ask("CreateService", base.clone()).await;
    let (code, message) = crew.refused("CreateService", base).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (INVALID, "Creation of service was not idempotent.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_token_makes_one_service() {
    let crew = Crew::new(1).await;
    let input = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1,
        "clientToken": "once",
    });
    let first = crew.ask("CreateService", input.clone()).await;
    let second = crew.ask("CreateService", input.clone()).await;
    assert_eq!(first, second);
    let other = merged(&input, &json!({"desiredCount": 2}));
    assert_eq!(crew.refused("CreateService", other).await.0, INVALID);
}

#[tokio::test(start_paused = true)]
async fn update_service() {
    let crew = Crew::new(1).await;
    let before = crew.serve("api", 1, json!({})).await;
    let base = json!({"cluster": "web", "service": "api"});
    let cases = [
        (json!({"service": "nobody"}), "ServiceNotFoundException", "Service not found."),
        (json!({"cluster": "nowhere"}), "ClusterNotFoundException", "Cluster not found."),
        (json!({"desiredCount": -1}), INVALID, "desiredCount"),
        (json!({"taskDefinition": "sleep:9"}), "ClientException", "TaskDefinition not found."),
        (json!({"placementStrategy": [{"type": "spread"}]}), INVALID, "placementStrategy[0]"),
        (
            json!({"deploymentController": {"type": "EXTERNAL"}}),
            UNSUPPORTED,
            "deploymentController",
        ),
        (json!({"deploymentConfiguration": {"maximumPercent": 100}}), INVALID, "block deployments"),
        (
            json!({"placementStrategy": [{"type": "random"}]}),
            INVALID,
            "availabilityZoneRebalancing",
        ),
        (
            json!({"loadBalancers": [{"targetGroupArn": "arn:aws:x", "containerName": "main", "containerPort": 80}]}),
            INVALID,
            "The specified target group does not exist: arn:aws:x.",
        ),
        (
            json!({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}),
            INVALID,
            "not associated with the cluster",
        ),
    ];
    all_refused(&crew, "UpdateService", &base, &cases).await;
    assert_eq!(crew.service("api").await, before);
}

/// What a service was made with, and cannot be changed any more.
#[tokio::test(start_paused = true)]
async fn what_is_fixed_when_a_service_is_made() {
    let crew = Crew::new(1).await;
    crew.serve("api", 1, json!({})).await;
    let made = crew.everything().await;
    // AWS: what the request has no member for is passed over.
    let unknown = json!({
        "schedulingStrategy": "DAEMON", "launchType": "EXTERNAL", "role": "r", "serviceName": "other",
        "tags": [{"key": "a", "value": "b"}],
    });
    crew.update("api", unknown).await;
    assert_eq!(crew.everything().await, made);
    for controller in ["EXTERNAL", "CODE_DEPLOY"] {
        let base = json!({"cluster": "web", "service": "api"});
        let change = json!({"deploymentController": {"type": controller}});
        all_refused(
            &crew,
            "UpdateService",
            &base,
            &[(change, UNSUPPORTED, "deploymentController")],
        )
        .await;
    }

    let daemon = json!({
        "cluster": "web", "serviceName": "everywhere", "taskDefinition": "sleep",
        "schedulingStrategy": "DAEMON",
    });
    crew.ask("CreateService", daemon).await;
    crew.obey().await;
    let base = json!({"cluster": "web", "service": "everywhere"});
    let cases = [
        (json!({"desiredCount": 2}), INVALID, "does not support a desired count"),
        (json!({"placementStrategy": [{"type": "random"}]}), INVALID, "placement strategies"),
        (json!({"deploymentConfiguration": {"maximumPercent": 200}}), INVALID, "maximumPercent"),
    ];
    all_refused(&crew, "UpdateService", &base, &cases).await;

    for (name, definition, controller) in
        [("sets", Value::Null, "EXTERNAL"), ("deployed", json!("sleep"), "CODE_DEPLOY")]
    {
        let input = json!({
            "cluster": "web", "serviceName": name, "taskDefinition": definition, "desiredCount": 0,
            "deploymentController": {"type": controller},
        });
        crew.ask("CreateService", input).await;
        let base = json!({"cluster": "web", "service": name});
        let cases = [
            (json!({"taskDefinition": "sleep"}), INVALID, controller),
            (json!({"forceNewDeployment": true}), INVALID, controller),
            (json!({"capacityProviderStrategy": []}), INVALID, controller),
        ];
        all_refused(&crew, "UpdateService", &base, &cases).await;
    }
}

#[tokio::test(start_paused = true)]
async fn delete_service() {
    let crew = Crew::new(1).await;
    crew.serve("api", 1, json!({})).await;
    let base = json!({"cluster": "web", "service": "api"});
    let cases = [
        (json!({}), INVALID, "The service cannot be stopped while it is scaled above 0."),
        (json!({"force": false}), INVALID, "scaled above 0"),
        (json!({"service": "nobody"}), "ServiceNotFoundException", "Service not found."),
        (json!({"cluster": "nowhere"}), "ClusterNotFoundException", "Cluster not found."),
        (json!({"force": "yes"}), "SerializationException", "force"),
    ];
    all_refused(&crew, "DeleteService", &base, &cases).await;
}

#[tokio::test(start_paused = true)]
async fn what_describes_and_lists() {
    let crew = Crew::new(0).await;
    crew.serve("api", 0, json!({})).await;
    let none = json!({"cluster": "web"});
    let cases = [
        (json!({"services": []}), INVALID, "Services cannot be empty."),
        (json!({"services": vec!["api"; 11]}), INVALID, "at most 10"),
        (
            json!({"services": ["arn:aws:ecs:eu-west-1:123456789012:service/web/api"]}),
            INVALID,
            "region",
        ),
        (
            json!({"services": ["arn:aws:ecs:us-east-1:123456789012:service/other/api"]}),
            INVALID,
            "cluster other",
        ),
    ];
    all_refused(&crew, "DescribeServices", &none, &cases).await;
    all_refused(
        &crew,
        "ListServices",
        &none,
        &[
            (json!({"maxResults": 101}), INVALID, "maxResults"),
            (json!({"nextToken": "x"}), INVALID, "nextToken"),
        ],
    )
    .await;
    all_refused(
        &crew,
        "ListServicesByNamespace",
        &json!({"namespace": "n"}),
        &[
            (json!({}), "NamespaceNotFoundException", "`n`"),
            (json!({"maxResults": 0}), INVALID, "maxResults"),
        ],
    )
    .await;
    all_refused(
        &crew,
        "ListServiceDeployments",
        &none,
        &[(json!({"service": "nobody"}), "ServiceNotFoundException", "Service not found.")],
    )
    .await;
    let unknown =
        "arn:aws:ecs:us-east-1:123456789012:service-deployment/web/api/ejGvqq2ilnbKT9qj0vLJe";
    let missing =
        crew.ask("DescribeServiceDeployments", json!({"serviceDeploymentArns": [unknown]})).await;
    assert_eq!(missing["failures"][0]["reason"], "MISSING");
    all_refused(
        &crew,
        "DescribeServiceDeployments",
        &json!({}),
        &[
            (json!({"serviceDeploymentArns": []}), INVALID, "between 1 and 20"),
            (json!({"serviceDeploymentArns": ["x"]}), INVALID, "Invalid identifier"),
        ],
    )
    .await;
    all_refused(
        &crew,
        "DescribeServiceRevisions",
        &json!({}),
        &[
            (json!({"serviceRevisionArns": vec![unknown; 21]}), INVALID, "between 1 and 20"),
            (json!({"serviceRevisionArns": [unknown]}), INVALID, "Invalid identifier"),
        ],
    )
    .await;
    let arn = json!({"serviceDeploymentArn": unknown});
    let (code, _) = crew.refused("StopServiceDeployment", arn.clone()).await;
    assert_eq!(code, "ServiceDeploymentNotFoundException");
    let (code, _) =
        crew.refused("ContinueServiceDeployment", merged(&arn, &json!({"hookId": "h"}))).await;
    assert_eq!(code, "ServiceDeploymentNotFoundException");
    let service = json!({"cluster": "web", "service": "nobody"});
    assert_eq!(crew.refused("DeleteService", service).await.0, "ServiceNotFoundException");
}
