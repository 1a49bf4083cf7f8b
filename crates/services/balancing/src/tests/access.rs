//! What policies are asked.

use std::sync::{Arc, Mutex};

use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_control::pipeline::{Authorizer, Call, Denied, Question};

use super::world::{World, some};

/// Allows everything, and remembers what was asked: the action, the resource, and its tag `team`.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Authorizer for Asked {
    fn authorise(&self, _: &Call, question: &Question<'_>) -> Result<(), Denied> {
        for wanted in question.wants().questions() {
            let tags: Vec<&str> = wanted.resource.tag("team").collect();
            let keys: Vec<&str> = wanted.keys.names().collect();
            let arn = wanted.resource.arn();
            let end = arn.rsplit_once(':').map_or(arn, |(_, end)| end);
            let told = format!("{} {end} {tags:?} {keys:?}", wanted.action);
            self.0.lock().expect("nobody panicked").push(told);
        }
        Ok(())
    }
}

impl Asked {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("nobody panicked"))
    }
}

#[tokio::test(start_paused = true)]
async fn things_are_judged_with_their_tags_and_new_ones_by_their_names() {
    let asked = Asked::default();
    let world = World::judged_by(asked.clone()).await;
    let arn = world.balancer("web").await;
    assert_eq!(
        asked.take(),
        [
            r#"elasticloadbalancing:CreateLoadBalancer loadbalancer/app/web/XXXXXXXXXXXXXXXX [] ["elasticloadbalancing:Scheme", "elasticloadbalancing:Subnet"]"#,
            r#"elasticloadbalancing:AddTags loadbalancer/app/web/XXXXXXXXXXXXXXXX [] ["elasticloadbalancing:CreateAction"]"#,
        ]
    );
    let listener = api::CreateListenerInput {
        load_balancer_arn: Some(arn.clone()),
        protocol: Some(api::ProtocolEnum::Http),
        port: Some(80),
        default_actions: Some(vec![api::Action {
            r#type: Some(api::ActionTypeEnum::FixedResponse),
            fixed_response_config: Some(api::FixedResponseActionConfig {
                status_code: some("404"),
                ..Default::default()
            }),
            ..Default::default()
        }]),
        tags: Some(vec![api::Tag { key: some("a"), value: some("b") }]),
        ..Default::default()
    };
    world.ask::<ops::CreateListener>(listener).await;
    let (_, path) = arn.rsplit_once(":loadbalancer/").expect("it is one of a balancer");
    assert_eq!(
        asked.take(),
        [
            format!(
                r#"elasticloadbalancing:CreateListener loadbalancer/{path} ["shop"] ["elasticloadbalancing:ListenerProtocol"]"#
            ),
            format!(
                r#"elasticloadbalancing:AddTags listener/{path}/XXXXXXXXXXXXXXXX [] ["elasticloadbalancing:CreateAction"]"#
            ),
        ]
    );
    world.ask::<ops::DescribeLoadBalancers>(Default::default()).await;
    assert_eq!(asked.take(), ["elasticloadbalancing:DescribeLoadBalancers * [] []"]);
    let input = api::DeleteLoadBalancerInput { load_balancer_arn: Some(arn.clone()) };
    world.ask::<ops::DeleteLoadBalancer>(input).await;
    let expected =
        format!(r#"elasticloadbalancing:DeleteLoadBalancer loadbalancer/{path} ["shop"] []"#);
    assert_eq!(asked.take(), [expected]);
}
