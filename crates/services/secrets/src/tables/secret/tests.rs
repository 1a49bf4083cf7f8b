//! Rows come back from their bytes as they were, and the index holds what counting the rows would give.

use std::collections::BTreeMap;

use berth_control::ports::TaskKind;
use berth_control::tables::{Indexes, Record};
use berth_model::{Scope, TaskId, Timestamp};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::tables::{
    Form, KeyId, PolicyText, RotationRules, RotationRun, RotationSchedule, RotationStep, Rotator,
    Secret, SecretIndexes, SecretRotation, SecretVersion, Stages, Under,
};

fn scope() -> impl Strategy<Value = Scope> {
    prop::sample::select(vec!["us-east-1", "eu-west-1"]).prop_map(|region| {
        Scope::new("123456789012".parse().expect("an account"), region.parse().expect("a region"))
    })
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..5_i64).prop_map(Timestamp::from_millis)
}

fn stages() -> impl Strategy<Value = Stages> {
    vec(("[1-3]", btree_set("[a-c]", 0..3)), 0..4).prop_map(|puts| {
        let mut stages = Stages::default();
        puts.iter().for_each(|(version, labels)| stages.put(version, labels));
        stages
    })
}

fn rotation() -> impl Strategy<Value = SecretRotation> {
    let schedule = prop_oneof![
        (1..9_u32).prop_map(RotationSchedule::AfterDays),
        "rate\\([1-9] days\\)".prop_map(RotationSchedule::Expression),
    ];
    let rules = (schedule, option::of("[1-9]h"));
    let rules = rules.prop_map(|(schedule, duration)| RotationRules { schedule, duration });
    let rotator = ("[a-z]{1,3}", "[a-z]:[1-9]", "[a-z]{1,3}");
    let rotator = rotator.prop_map(|(arn, task_definition, cluster)| Rotator {
        arn,
        kind: TaskKind { task_definition, cluster },
    });
    let instants = (instant(), option::of(instant()), option::of(instant()));
    (rotator, option::of(rules), any::<bool>(), instants).prop_map(
        |(rotator, rules, enabled, instants)| SecretRotation {
            rotator,
            rules,
            enabled,
            ruled_at: instants.0,
            rotated_at: instants.1,
            due_at: instants.2,
        },
    )
}

fn run() -> impl Strategy<Value = RotationRun> {
    let steps = [
        RotationStep::CreateSecret,
        RotationStep::SetSecret,
        RotationStep::TestSecret,
        RotationStep::FinishSecret,
    ];
    let texts = ("[a-b]", "[a-z0-9]{6}", "[0-9a-f]{4}", "[0-9]{3}");
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let task = any::<[u8; 16]>().prop_map(TaskId::from_bytes);
    let step = (prop::sample::select(steps.to_vec()), task, 1..9_u32, instant());
    (scope(), texts, flags, step, rotation()).prop_map(|(scope, texts, flags, step, rotation)| {
        RotationRun {
            scope,
            secret: texts.0,
            suffix: texts.1,
            id: texts.2,
            version: texts.3,
            kind: rotation.rotator.kind,
            step: step.0,
            is_trial: flags.0,
            attempt: step.2,
            begins_at: step.3,
            task: step.1,
            is_started: flags.1,
            is_cancelled: flags.2,
        }
    })
}

fn secret() -> impl Strategy<Value = Secret> {
    let texts = (option::of("[a-z]{0,3}"), option::of("alias/[a-z]"), option::of("[{}\"a]{0,4}"));
    let instants = (instant(), instant(), option::of(instant()), option::of(instant()));
    let tags = btree_map("[a-c]", "[x-z]{0,2}", 0..3).prop_map(|tags| tags.into_iter().collect());
    let rotation = option::of(rotation());
    (scope(), "[a-b]", "[a-z0-9]{6}", texts, tags, instants, stages(), rotation).prop_map(
        |(scope, name, suffix, texts, tags, instants, stages, rotation)| Secret {
            scope,
            name,
            suffix,
            description: texts.0,
            kms_key: texts.1,
            tags,
            created_at: instants.0,
            changed_at: instants.1,
            accessed_on: instants.2,
            deletes_at: instants.3,
            stages,
            policy: texts.2.as_deref().map(PolicyText::new),
            rotation,
        },
    )
}

fn version() -> impl Strategy<Value = SecretVersion> {
    let key = any::<[u8; 16]>().prop_map(KeyId);
    let under = (key, any::<bool>()).prop_map(|(key, is_own)| match is_own {
        true => Under::Default(key),
        false => Under::Key(key),
    });
    let form = prop::sample::select(vec![Form::String, Form::Binary]);
    let bytes = vec(any::<u8>(), 0..8);
    (scope(), "[a-b]", "[0-9]{3}", instant(), option::of(instant()), form, under, bytes).prop_map(
        |(scope, secret, id, created_at, accessed_on, form, under, bytes)| SecretVersion {
            scope,
            secret,
            id,
            created_at,
            accessed_on,
            form,
            under,
            ciphertext: bytes.into(),
        },
    )
}

fn written<R: Record>(row: &R) -> R {
    let mut bytes = Vec::new();
    row.encode(&mut bytes);
    R::decode(&bytes).expect("it was just written")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn versions_come_back(version in version()) {
        prop_assert_eq!(written(&version), version);
    }

    #[test]
    fn rotations_come_back(run in run()) {
        prop_assert_eq!(written(&run), run);
    }

    #[test]
    fn secrets_come_back_and_are_found_by_what_is_due(
        history in vec((secret(), any::<bool>()), 0..12),
    ) {
        let (mut rows, mut indexes) = (BTreeMap::new(), SecretIndexes::default());
        for (row, stays) in history {
            prop_assert_eq!(&written(&row), &row);
            if let Some(before) = rows.remove(&row.key()) {
                indexes.remove(&before);
            }
            if stays {
                indexes.insert(&row);
                rows.insert(row.key(), row);
            }
        }
        let mut expected = SecretIndexes::default();
        for (key, row) in &rows {
            if let Some(at) = row.deletes_at {
                expected.by_deletion.insert(at, key.clone());
            } else if let Some(rotation) = &row.rotation
                && rotation.enabled
                && let Some(at) = rotation.due_at
            {
                expected.by_rotation.insert(at, key.clone());
            }
        }
        prop_assert_eq!(indexes, expected);
    }
}
