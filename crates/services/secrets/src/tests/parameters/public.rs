//! What AWS publishes, as far as it means anything here.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use crate::tests::world::{World, some};

const RECOMMENDED: &str = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended";

#[tokio::test(start_paused = true)]
async fn the_agent_s_version_is_public_and_no_image_is() {
    let world = World::new().await;
    let found = world.get(&format!("{RECOMMENDED}/ecs_agent_version")).await.unwrap();
    assert_eq!(found.value.as_deref(), Some(env!("CARGO_PKG_VERSION")));
    let arn = format!("arn:aws:ssm:us-east-1::parameter{RECOMMENDED}/ecs_agent_version");
    assert_eq!(found.arn, Some(arn));
    let refusal = world.get(&format!("{RECOMMENDED}/image_id")).await.unwrap_err();
    assert_eq!(refusal.code, "ParameterNotFound");
    assert!(refusal.message.contains("machines of your own"), "{refusal:?}");
    let input = api::GetParametersByPathRequest { path: some(RECOMMENDED), ..Default::default() };
    let below = world.ask::<ops::GetParametersByPath>(input).await.parameters.unwrap();
    assert_eq!(below.len(), 1);
    assert_eq!(
        world.ask::<ops::DescribeParameters>(Default::default()).await.parameters,
        Some(vec![])
    );
}
