//! Histories of calls, good and bad: whatever is answered, what is left belongs together.

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::world::{World, some};
use super::{put, text, token};
use crate::secretsmanager::value;
use crate::tables::{CURRENT, PENDING, PREVIOUS, Secret, SecretVersion};

#[derive(Clone, Debug)]
enum Step {
    Create(u32),
    Put(u32, Vec<&'static str>),
    Shift(&'static str, Option<u32>, Option<u32>),
    Delete { at_once: bool },
    Restore,
    MoveToAnotherKey(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 1..5_u32;
    let label = || select(vec![CURRENT, PREVIOUS, PENDING, "mine"]);
    prop_oneof![
        2 => number().prop_map(Step::Create),
        4 => (number(), vec(label(), 0..3)).prop_map(|(number, labels)| Step::Put(number, labels)),
        4 => (label(), prop::option::of(number()), prop::option::of(number()))
            .prop_map(|(label, from, to)| Step::Shift(label, from, to)),
        1 => any::<bool>().prop_map(|at_once| Step::Delete { at_once }),
        1 => Just(Step::Restore),
        1 => select(vec!["", "alias/aws/secretsmanager", "alias/none"]).prop_map(Step::MoveToAnotherKey),
    ]
}

/// Refused or not: that is for other tests.
async fn take(world: &World, step: &Step) {
    match step {
        Step::Create(number) => {
            drop(world.try_ask::<ops::CreateSecret>(text("db", *number, "x")).await)
        }
        Step::Put(number, labels) => {
            let value = format!("value {number}");
            drop(world.try_ask::<ops::PutSecretValue>(put("db", *number, &value, labels)).await);
        }
        Step::Shift(label, from, to) => {
            let input = api::UpdateSecretVersionStageRequest {
                secret_id: some("db"),
                version_stage: some(label),
                remove_from_version_id: from.map(token),
                move_to_version_id: to.map(token),
            };
            drop(world.try_ask::<ops::UpdateSecretVersionStage>(input).await);
        }
        Step::Delete { at_once } => {
            let input = api::DeleteSecretRequest {
                secret_id: some("db"),
                force_delete_without_recovery: Some(*at_once),
                ..Default::default()
            };
            drop(world.try_ask::<ops::DeleteSecret>(input).await);
        }
        Step::Restore => {
            let input = api::RestoreSecretRequest { secret_id: some("db") };
            drop(world.try_ask::<ops::RestoreSecret>(input).await);
        }
        Step::MoveToAnotherKey(key) => {
            let input = api::UpdateSecretRequest {
                secret_id: some("db"),
                kms_key_id: some(key),
                ..Default::default()
            };
            drop(world.try_ask::<ops::UpdateSecret>(input).await);
        }
    }
}

fn check(world: &World) {
    let view = world.secrets.cell.snapshot();
    let versions = view.table::<SecretVersion>();
    for version in versions.iter() {
        let secret = view.get::<Secret>(&version.secret_key()).expect("a version is of a secret");
        assert!(secret.stages.current().is_some(), "something is in force");
        assert!(value::open(&view, &world.secrets, secret, version).is_ok(), "it opens");
    }
    for secret in view.table::<Secret>().iter() {
        for (id, labels) in secret.stages.by_version() {
            let key = ((secret.scope.clone(), secret.name.clone()), id);
            assert!(versions.contains(&key), "{labels:?} are on a version");
            assert!(labels.len() <= 20);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_label_is_on_a_version_and_every_version_opens(steps in vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let world = World::new().await;
            for step in &steps {
                take(&world, step).await;
                check(&world);
            }
            check(&world.restarted().await);
        });
    }
}
