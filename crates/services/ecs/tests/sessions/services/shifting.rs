//! Requests are shifted between target groups: what listener rules say at each step, and what is told of it.

use serde_json::{Value, json};

use super::balanced::Front;
use crate::sessions::world::text;

const FIRST: [f64; 2] = [100.0, 0.0];
const SECOND: [f64; 2] = [0.0, 100.0];

fn numbers(of: &[f64]) -> Vec<Value> {
    of.iter().map(|number| json!(number)).collect()
}

fn blue_green() -> Value {
    json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "lifecycleHooks": [{
        "targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
    }]})
}

fn canary() -> Value {
    json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 5,
        "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
        "deploymentCircuitBreaker": {
            "enable": true, "rollback": true,
            "thresholdConfiguration": {"type": "COUNT", "value": 1},
        },
    })
}

/// Where the revision of the latest deployment is registered, by which rule.
async fn resolved(front: &Front) -> Value {
    let arn = front.deployment().await["targetServiceRevision"]["arn"].clone();
    let input = json!({"serviceRevisionArns": [arn]});
    let described = front.crew.ask("DescribeServiceRevisions", input).await;
    described["serviceRevisions"][0]["resolvedConfiguration"]["loadBalancers"].clone()
}

#[tokio::test(start_paused = true)]
async fn blue_and_green_change_places_from_deployment_to_deployment() {
    let front = Front::new().await;
    front.create(blue_green(), front.shifting()).await;
    // The first revision takes the free group, too.
    front.obey().await;
    assert_eq!(front.targets(), [0, 2]);
    assert_eq!(front.deployment().await["lifecycleStage"], "POST_TEST_TRAFFIC_SHIFT");
    assert_eq!((front.production(), front.shares(&front.test)), (FIRST, SECOND));
    front.go_on().await;
    assert_eq!(front.deployment().await["lifecycleStage"], "BAKE_TIME");
    assert_eq!(front.production(), SECOND);
    front.minutes(5).await;
    assert_eq!(front.deployment().await["status"], "SUCCESSFUL");
    let shown = front.crew.service("page").await["loadBalancers"].clone();
    assert_eq!(shown, front.shifting());
    let expected = |group: usize| json!([{"targetGroupArn": front.groups[group], "productionListenerRule": front.production}]);
    assert_eq!(resolved(&front).await, expected(1));

    front.deploy("second").await;
    front.obey().await;
    // Both are there; tests go to the new one, all else to the old one.
    assert_eq!(front.targets(), [2, 2]);
    assert_eq!((front.production(), front.shares(&front.test)), (SECOND, FIRST));
    assert_eq!(front.told().await.to_vec(), numbers(&[0.0, 100.0, 100.0, 0.0]));
    assert_eq!(resolved(&front).await, expected(0));
    front.go_on().await;
    assert_eq!(front.production(), FIRST);
    assert_eq!(front.told().await.to_vec(), numbers(&[100.0, 100.0, 0.0, 0.0]));
    front.minutes(4).await;
    assert_eq!(front.targets(), [2, 2], "both are there while it bakes");
    front.minutes(1).await;
    assert_eq!(front.deployment().await["lifecycleStage"], "CLEAN_UP");
    front.obey().await;
    assert_eq!(front.deployment().await["status"], "SUCCESSFUL");
    assert_eq!((front.targets(), front.production()), ([2, 0], FIRST));
    assert_eq!(front.told().await.to_vec(), numbers(&[100.0, 100.0, 0.0, 0.0]));

    front.deploy("third").await;
    front.obey().await;
    assert_eq!(front.targets(), [2, 2]);
    front.go_on().await;
    assert_eq!(front.production(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_linear_deployment_takes_equal_steps() {
    let front = Front::new().await;
    let settings = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 3,
        "linearConfiguration": {"stepPercent": 33.3, "stepBakeTimeInMinutes": 2},
    });
    front.serve(settings, front.shifting()).await;
    assert_eq!(front.production(), SECOND);
    front.deploy("second").await;
    front.obey().await;
    for step in [33.3, 66.6, 99.9] {
        assert_eq!(front.deployment().await["lifecycleStage"], "PRODUCTION_TRAFFIC_SHIFT");
        let [first, second] = front.production();
        assert!((first - step).abs() < 0.001 && (first + second - 100.0).abs() < 0.001, "{first}");
        let told = front.told().await[0].as_f64().expect("a share");
        assert!((told - step).abs() < 0.001, "{told}");
        front.minutes(1).await;
        assert_eq!(front.production(), [first, second], "it waits");
        front.minutes(1).await;
    }
    assert_eq!(front.deployment().await["lifecycleStage"], "BAKE_TIME");
    assert_eq!((front.production(), front.targets()), (FIRST, [2, 2]));
    front.minutes(3).await;
    front.obey().await;
    assert_eq!(front.deployment().await["status"], "SUCCESSFUL");
    assert_eq!(front.targets(), [2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_canary_outlives_its_server_and_goes_on() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    assert_eq!(front.production(), [5.0, 95.0]);
    front.minutes(9).await;
    let Front { crew, balancer, groups, production, test } = front;
    let crew = crew.restarted().await;
    let front = Front { crew, balancer, groups, production, test };
    assert_eq!(front.production(), [5.0, 95.0]);
    assert_eq!(front.deployment().await["lifecycleStage"], "PRODUCTION_TRAFFIC_SHIFT");
    front.minutes(1).await;
    assert_eq!(front.production(), FIRST);
    front.minutes(5).await;
    front.obey().await;
    assert_eq!((front.production(), front.targets()), (FIRST, [2, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_dies_gives_its_requests_back_at_once() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    assert_eq!(front.production(), [5.0, 95.0]);
    let mut dying = front.crew.tasks("RUNNING").await;
    dying.retain(|task| text(task, "/taskDefinitionArn").ends_with("page:2"));
    // They ran for a while, so others take their places; those do not even begin to.
    for task in &dying {
        front.crew.report(task, "STOPPED", Some(1)).await;
    }
    front.minutes(1).await;
    assert_eq!(front.production(), [5.0, 95.0]);
    front.crew.fail().await;
    let failed = front.deployment().await;
    assert_eq!(failed["status"], "ROLLBACK_SUCCESSFUL", "{failed:#}");
    assert_eq!((front.production(), front.shares(&front.test)), (SECOND, SECOND));
    assert_eq!(front.told().await.to_vec(), numbers(&[0.0, 0.0, 100.0, 100.0]));
    assert_eq!(front.targets(), [0, 2]);

    // The next one finds everything as it was.
    front.deploy("third").await;
    front.obey().await;
    assert_eq!(front.production(), [5.0, 95.0]);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_stopped_gives_its_requests_back_before_its_tasks_go() {
    for (stage, minutes) in [("PRODUCTION_TRAFFIC_SHIFT", 0), ("BAKE_TIME", 10)] {
        let front = Front::new().await;
        front.serve(canary(), front.shifting()).await;
        front.deploy("second").await;
        front.obey().await;
        front.minutes(minutes).await;
        assert_eq!(front.deployment().await["lifecycleStage"], stage);
        front.stop("ROLLBACK").await;
        assert_eq!(front.production(), SECOND, "{stage}");
        // They are still there, and drain.
        let stopping = front.crew.tasks("STOPPED").await;
        let on_their_way = stopping.iter().filter(|task| task["lastStatus"] != "STOPPED").count();
        assert_eq!(on_their_way, 2, "{stage}");
        front.obey().await;
        assert_eq!(front.deployment().await["status"], "ROLLBACK_SUCCESSFUL");
        assert_eq!((front.production(), front.targets()), (SECOND, [0, 2]), "{stage}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_half_gone_grows_back_before_it_gets_everything_again() {
    let front = Front::new().await;
    let settings = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0});
    front.serve(settings, front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    assert_eq!(front.production(), FIRST);
    front.deploy("third").await;
    // It prepares itself while the old tasks of the second go; then everything is turned back.
    front.obey().await;
    assert_eq!(front.production(), SECOND);
    assert_eq!(front.targets(), [0, 2]);
    assert_eq!(front.deployment().await["status"], "SUCCESSFUL");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_replaced_task_by_task_goes_over_to_blue_and_green_and_back() {
    let front = Front::new().await;
    front.serve(json!({}), front.plain(0)).await;
    assert_eq!((front.targets(), front.production()), ([2, 0], FIRST));
    front.define("second").await;
    let change = json!({
        "taskDefinition": "page", "loadBalancers": front.shifting(),
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1},
    });
    front.crew.update("page", change).await;
    front.obey().await;
    assert_eq!((front.targets(), front.production()), ([2, 2], SECOND));
    front.minutes(1).await;
    front.obey().await;
    assert_eq!((front.targets(), front.production()), ([0, 2], SECOND));

    // Back again, where it is: nobody shifts anything.
    let rolling = |group: usize| {
        json!({
            "loadBalancers": front.plain(group), "forceNewDeployment": true,
            "deploymentConfiguration": {"strategy": "ROLLING"},
        })
    };
    front.crew.update("page", rolling(1)).await;
    front.obey().await;
    assert_eq!(front.deployment().await["status"], "SUCCESSFUL");
    assert_eq!((front.targets(), front.production()), ([0, 2], SECOND));
    assert_eq!(front.told().await, [Value::Null, Value::Null, Value::Null, Value::Null]);
}

/// AWS: they would get nothing, as long as nobody changes the rule. Here they get what is due to them.
#[tokio::test(start_paused = true)]
async fn requests_follow_tasks_that_are_replaced_one_by_one_in_the_other_group() {
    let front = Front::new().await;
    let settings = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0});
    front.serve(settings, front.shifting()).await;
    assert_eq!((front.targets(), front.production()), ([0, 2], SECOND));
    let change = json!({
        "loadBalancers": front.plain(0),
        "deploymentConfiguration": {
            "strategy": "ROLLING", "minimumHealthyPercent": 100, "maximumPercent": 150,
        },
    });
    front.crew.update("page", change).await;
    let mut seen = vec![front.production()];
    for _ in 0..20 {
        front.obey_once().await;
        if seen.last() != Some(&front.production()) {
            seen.push(front.production());
        }
    }
    assert_eq!(seen.first(), Some(&SECOND));
    assert_eq!(seen.last(), Some(&FIRST));
    assert!(seen.len() > 2 && seen.is_sorted_by_key(|shares| shares[0]), "{seen:?}");
    assert_eq!(front.targets(), [2, 0]);
}

#[tokio::test(start_paused = true)]
async fn rules_that_somebody_changes_are_put_right_by_the_next_step() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    let [one, two] = [front.groups[0].as_str(), front.groups[1].as_str()];
    front.meddle(&front.production, &[(one, 50), (two, 50)]).await;
    assert_eq!(front.production(), [50.0, 50.0]);
    front.minutes(10).await;
    assert_eq!(front.production(), FIRST);
    let told = format!("(service page) {}", overwritten(&front).await);
    assert_eq!(overwritings(&front).await, [told.as_str()]);
    front.minutes(5).await;
    front.obey().await;
    // Between deployments they are their owner's.
    front.meddle(&front.production, &[(one, 3), (two, 1)]).await;
    front.minutes(60).await;
    assert_eq!(front.production(), [75.0, 25.0]);
    assert_eq!(overwritings(&front).await, [told.as_str()]);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_in_the_midst_of_another_tells_that_somebody_had_changed_a_rule() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    let [one, two] = [front.groups[0].as_str(), front.groups[1].as_str()];
    front.meddle(&front.production, &[(one, 50), (two, 50)]).await;
    front.deploy("third").await;
    front.obey().await;
    assert_eq!(front.production(), [5.0, 95.0]);
    assert_eq!(
        overwritings(&front).await,
        [format!("(service page) {}", overwritten(&front).await)]
    );
}

/// What is told of the production rule by the latest deployment.
async fn overwritten(front: &Front) -> String {
    let revision = text(&front.deployment().await, "/targetServiceRevision/arn");
    let (_, number) = revision.rsplit_once('/').expect("an ARN with a number");
    let rule = &front.production;
    format!(
        "(deployment ecs-svc/{number}) overwrote a change that somebody else made to (listener-rule {rule})."
    )
}

async fn overwritings(front: &Front) -> Vec<String> {
    let events = front.crew.events("page").await;
    events.into_iter().filter(|event| event.contains("overwrote")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_deployment_does_not_begin_where_two_groups_serve_or_a_stranger() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    let stranger = super::balanced::group(&front.crew, "three").await;
    let [one, two] = [front.groups[0].as_str(), front.groups[1].as_str()];
    for (shares, why) in [
        (
            vec![(one, 1), (two, 1)],
            "should have exactly one target group serving traffic but found 2",
        ),
        (vec![(&*stranger, 1), (two, 0)], "forwarding traffic to unexpected target group"),
    ] {
        front.meddle(&front.production, &shares).await;
        front.crew.update("page", json!({"forceNewDeployment": true})).await;
        front.obey().await;
        let deployment = front.deployment().await;
        assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL", "{deployment:#}");
        let words = "Service deployment rolled back because of invalid networking configuration. ";
        let told = text(&deployment, "/statusReason");
        assert!(told.starts_with(words) && told.contains(why), "{told}");
        assert_eq!(deployment["rollback"]["reason"], json!(told));
        assert_eq!(front.targets(), [0, 2], "nothing else has changed");
    }
    // Put right by hand, it goes on.
    front.meddle(&front.production, &[(one, 0), (two, 1)]).await;
    front.crew.update("page", json!({"forceNewDeployment": true})).await;
    front.obey().await;
    assert_eq!(front.production(), [5.0, 95.0]);
    assert_eq!(overwritings(&front).await, [""; 0], "rules were their owner's");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_is_deleted_in_the_midst_of_it_ends_the_deployment() {
    let front = Front::new().await;
    front.serve(canary(), front.shifting()).await;
    front.deploy("second").await;
    front.obey().await;
    let input = berth_aws_api::elbv2::DeleteRuleInput { rule_arn: Some(front.test.clone()) };
    front.crew.world.ask_elb::<berth_aws_api::elbv2::ops::DeleteRule>(input).await;
    front.minutes(10).await;
    front.obey().await;
    let deployment = front.deployment().await;
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL", "{deployment:#}");
    assert!(text(&deployment, "/statusReason").ends_with("One or more rules not found"));
    assert_eq!((front.production(), front.targets()), (SECOND, [0, 2]));
}
