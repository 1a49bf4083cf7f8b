//! Rows come back from their bytes as they were, and the index holds what counting the rows would give.

use std::collections::BTreeMap;

use berth_control::tables::{Index, Indexes, Record};
use berth_model::{Scope, Timestamp};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::tables::{Form, KeyId, PolicyText, Secret, SecretIndexes, SecretVersion, Stages, Under};

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

fn secret() -> impl Strategy<Value = Secret> {
    let texts = (option::of("[a-z]{0,3}"), option::of("alias/[a-z]"), option::of("[{}\"a]{0,4}"));
    let instants = (instant(), instant(), option::of(instant()), option::of(instant()));
    let tags = btree_map("[a-c]", "[x-z]{0,2}", 0..3).prop_map(|tags| tags.into_iter().collect());
    (scope(), "[a-b]", "[a-z0-9]{6}", texts, tags, instants, stages()).prop_map(
        |(scope, name, suffix, texts, tags, instants, stages)| Secret {
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
    fn secrets_come_back_and_are_found_by_their_deletion(
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
        let mut by_deletion = Index::default();
        for (key, row) in &rows {
            if let Some(at) = row.deletes_at {
                by_deletion.insert(at, key.clone());
            }
        }
        prop_assert_eq!(indexes.by_deletion, by_deletion);
    }
}
