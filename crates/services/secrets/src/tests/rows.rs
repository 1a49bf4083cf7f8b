//! Rows of keys and parameters come back from their bytes as they were.

use std::fmt::Debug;

use berth_aws_api::kms;
use berth_aws_api::ssm::{self, ops};
use berth_control::tables::Record;

use super::world::{World, some};
use crate::tables::{Alias, Key, Parameter, ParameterVersion};

fn all_come_back<R: Record + PartialEq + Debug>(world: &World, least: usize) {
    let view = world.secrets.cell.snapshot();
    assert!(view.table::<R>().len() >= least, "{:?}", R::TABLE);
    for row in view.table::<R>().iter() {
        let mut bytes = Vec::new();
        row.encode(&mut bytes);
        assert_eq!(&R::decode(&bytes).expect("it was just written"), row);
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_row_says() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let alias = kms::CreateAliasRequest { alias_name: some("alias/a"), target_key_id: key.clone() };
    world.ask::<kms::ops::CreateAlias>(alias).await;
    let rotation = kms::EnableKeyRotationRequest { key_id: key.clone(), ..Default::default() };
    world.ask::<kms::ops::EnableKeyRotation>(rotation).await;
    world.ask::<kms::ops::RotateKeyOnDemand>(kms::RotateKeyOnDemandRequest { key_id: key }).await;
    let key = world.key().await.key_id;
    let end = kms::ScheduleKeyDeletionRequest { key_id: key, ..Default::default() };
    world.ask::<kms::ops::ScheduleKeyDeletion>(end).await;
    for (name, kind) in [
        ("a", ssm::ParameterType::String),
        ("b", ssm::ParameterType::StringList),
        ("/c/d", ssm::ParameterType::SecureString),
    ] {
        let input = ssm::PutParameterRequest {
            name: some(name),
            value: some("1,2"),
            r#type: Some(kind),
            description: some("what it is"),
            allowed_pattern: some("[0-9,]+"),
            tier: Some(ssm::ParameterTier::Advanced),
            tags: Some(vec![ssm::Tag { key: some("team"), value: some("web") }]),
            ..Default::default()
        };
        world.ask::<ops::PutParameter>(input).await;
    }
    let label = ssm::LabelParameterVersionRequest {
        name: some("a"),
        labels: Some(vec!["prod".to_owned()]),
        parameter_version: None,
    };
    world.ask::<ops::LabelParameterVersion>(label).await;
    all_come_back::<Key>(&world, 3);
    all_come_back::<Alias>(&world, 2);
    all_come_back::<Parameter>(&world, 3);
    all_come_back::<ParameterVersion>(&world, 3);
}
