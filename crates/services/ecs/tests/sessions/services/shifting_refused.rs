//! `advancedConfiguration` that cannot be, in ECS's words; network balancers have listeners where others have rules.

use berth_aws_api::elbv2 as elb;
use serde_json::{Value, json};

use super::balanced::{self, Front};

const INVALID: &str = "InvalidParameterException";

/// The first of the load balancers with other words in its advanced configuration, or without it.
fn with(balancers: &Value, change: &Value) -> Value {
    let mut changed = balancers.clone();
    let advanced = &mut changed[0]["advancedConfiguration"];
    if change.is_null() {
        changed[0].as_object_mut().expect("a structure").remove("advancedConfiguration");
        return changed;
    }
    let (known, new) = (advanced.as_object_mut(), change.as_object());
    known.expect("a structure").extend(new.expect("a structure").clone());
    changed
}

#[tokio::test(start_paused = true)]
async fn what_requests_cannot_be_shifted_with_is_refused() {
    let front = Front::new().await;
    let stranger = balanced::group(&front.crew, "three").await;
    let other = balanced::balancer(&front.crew, elb::LoadBalancerTypeEnum::Network).await;
    let tcp = balanced::group_of(&front.crew, "four", elb::ProtocolEnum::Tcp).await;
    let listener = balanced::listener(&front.crew, &other, elb::ProtocolEnum::Tcp, &tcp).await;
    let staged = json!({"strategy": "BLUE_GREEN"});
    let shifting = front.shifting();
    let gone = format!("{}0", &front.production[..front.production.len() - 1]);
    let [one, two] = front.groups.clone();
    let listener_of_rule = front.production.rsplit_once('/').expect("a rule's ARN").0;
    let listener_of_rule = listener_of_rule.replace(":listener-rule/", ":listener/");
    let cases = [
        (&staged, with(&shifting, &Value::Null), "ClientException",
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy".to_owned()),
        (&json!({}), shifting.clone(), INVALID, "only allowed when using a non-ROLLING deployment strategy".to_owned()),
        (&staged, json!([shifting[0], front.plain(1)[0]]), INVALID,
            "Either all or none of the provided loadBalancers must have advancedConfiguration defined".to_owned()),
        (&staged, with(&shifting, &json!({"alternateTargetGroupArn": one})), INVALID,
            format!("Duplicate targetGroupArn found: {one}")),
        (&staged, with(&shifting, &json!({"alternateTargetGroupArn": format!("{two}0")})), INVALID,
            format!("The specified target group does not exist: {two}0.")),
        (&staged, with(&shifting, &json!({"alternateTargetGroupArn": tcp})), INVALID,
            format!("The alternateTargetGroupArn {tcp} cannot take the place of {one}")),
        (&staged, with(&shifting, &json!({"alternateTargetGroupArn": null})), INVALID,
            "advancedConfiguration.alternateTargetGroupArn can not be blank.".to_owned()),
        (&staged, with(&shifting, &json!({"productionListenerRule": ""})), INVALID,
            "advancedConfiguration.productionListenerRule can not be blank.".to_owned()),
        (&staged, with(&shifting, &json!({"productionListenerRule": listener_of_rule})), INVALID,
            format!("productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {listener_of_rule}")),
        (&staged, with(&shifting, &json!({"testListenerRule": listener})), INVALID,
            format!("testListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {listener}")),
        (&staged, with(&shifting, &json!({"productionListenerRule": gone})), INVALID,
            format!("productionListenerRule {gone} does not exist")),
        (&staged, with(&shifting, &json!({"testListenerRule": front.production})), INVALID,
            format!("The following rules cannot be used as both production and test listener rules: {}", front.production)),
        (&staged, with(&shifting, &json!({"alternateTargetGroupArn": stranger, "testListenerRule": null})), INVALID,
            "For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both targetGroup and alternateTargetGroup".to_owned()),
        (&staged, with(&shifting, &json!({"roleArn": "arn:aws:iam::123456789012:role/untrusted"})), INVALID,
            "missing permissions on ECS Infrastructure Role 'arn:aws:iam::123456789012:role/untrusted'.".to_owned()),
    ];
    for (settings, balancers, code, words) in cases {
        let input = json!({
            "cluster": "web", "serviceName": "page", "taskDefinition": "page", "desiredCount": 1,
            "deploymentConfiguration": settings, "loadBalancers": balancers,
        });
        let (refused, message) = front.crew.refused("CreateService", input).await;
        assert_eq!(refused, code, "{message}");
        assert!(message.contains(&words), "{message}, not {words}");
    }
    let listed = front.crew.ask("ListServices", json!({"cluster": "web"})).await;
    assert_eq!(listed["serviceArns"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn another_strategy_needs_other_load_balancers() {
    let front = Front::new().await;
    front.serve(json!({"strategy": "BLUE_GREEN"}), front.shifting()).await;
    let rolling = json!({
        "cluster": "web", "service": "page", "deploymentConfiguration": {"strategy": "ROLLING"},
    });
    let (code, message) = front.crew.refused("UpdateService", rolling).await;
    assert_eq!(code, INVALID);
    assert!(message.contains("advancedConfiguration"), "{message}");
    let shown = front.crew.service("page").await;
    assert_eq!(shown["deploymentConfiguration"]["strategy"], "BLUE_GREEN");
    // Between strategies that shift there is no difference.
    let linear = json!({"deploymentConfiguration": {"strategy": "LINEAR"}});
    front.crew.update("page", linear).await;
}

/// A network balancer has one listener for production, and none for tests.
#[tokio::test(start_paused = true)]
async fn a_network_balancer_s_listener_is_shifted() {
    let front = Front::new().await;
    let balancer = balanced::balancer(&front.crew, elb::LoadBalancerTypeEnum::Network).await;
    let mut groups = Vec::new();
    for name in ["tcp-one", "tcp-two"] {
        groups.push(balanced::group_of(&front.crew, name, elb::ProtocolEnum::Tcp).await);
    }
    let [one, two] = <[String; 2]>::try_from(groups).expect("two");
    let production = balanced::listener(&front.crew, &balancer, elb::ProtocolEnum::Tcp, &one).await;
    let front =
        Front { groups: [one, two], test: production.clone(), production, balancer, ..front };
    let balancers = with(&front.shifting(), &json!({"testListenerRule": null}));
    let settings = json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 1,
        "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
    });
    front.serve(settings, balancers).await;
    assert_eq!((front.production(), front.targets()), ([0.0, 100.0], [0, 2]));
    front.deploy("second").await;
    front.obey().await;
    assert_eq!(front.production(), [10.0, 90.0]);
    let told = front.told().await;
    assert_eq!((told[0].clone(), told[1].clone()), (json!(10.0), Value::Null));
    front.minutes(2).await;
    front.obey().await;
    assert_eq!((front.production(), front.targets()), ([100.0, 0.0], [2, 0]));
}
