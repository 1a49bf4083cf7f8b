//! Rows come back from their bytes as they were, and indexes hold what counting the rows would give.

use std::collections::BTreeMap;
use std::fmt::Debug;

use berth_control::tables::{Indexes, Record};
use berth_model::Timestamp;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Few of everything, so that rows meet.
fn account() -> impl Strategy<Value = Account> {
    select(vec!["111111111111", "222222222222"]).prop_map(|id| Account {
        partition: Default::default(),
        id: id.parse().expect("an account"),
    })
}

fn id(prefix: &'static str) -> impl Strategy<Value = UniqueId> {
    (0..4_u8).prop_map(move |number| UniqueId::from(format!("{prefix}{number}").as_str()))
}

fn about(prefix: &'static str) -> impl Strategy<Value = About> {
    let name = select(vec!["Alice", "alice", "Bob", "c=a,t.@-"]).prop_map(str::to_owned);
    let path = select(vec!["/", "/staff/"]).prop_map(str::to_owned);
    let tags = btree_map("[a-c]", "[x-z]{0,2}", 0..3).prop_map(|tags| tags.into_iter().collect());
    (account(), id(prefix), name, path, 0..5_i64, tags).prop_map(
        |(account, id, name, path, at, tags)| About {
            account,
            id,
            name,
            path,
            created_at: Timestamp::from_millis(at),
            tags,
        },
    )
}

fn policy_ref() -> impl Strategy<Value = PolicyRef> {
    let aws = select(vec!["ReadOnlyAccess", "PowerUserAccess"]);
    prop_oneof![
        id("ANPA").prop_map(PolicyRef::Customer),
        aws.prop_map(|name| PolicyRef::Aws(name.to_owned())),
    ]
}

fn text() -> impl Strategy<Value = PolicyText> {
    "[{}\"a]{0,8}".prop_map(|text| PolicyText::new(&text))
}

fn permissions() -> impl Strategy<Value = Permissions> {
    let inline = btree_map("[a-c]", text(), 0..3);
    (inline, btree_set(policy_ref(), 0..3), option::of(policy_ref()))
        .prop_map(|(inline, attached, boundary)| Permissions { inline, attached, boundary })
}

fn user() -> impl Strategy<Value = User> {
    (about("AIDA"), permissions(), btree_set(id("AGPA"), 0..3))
        .prop_map(|(about, permissions, groups)| User { about, permissions, groups })
}

fn role() -> impl Strategy<Value = Role> {
    let linked_to = option::of(Just("ecs.amazonaws.com".to_owned()));
    (about("AROA"), permissions(), text(), option::of("[a-z]{0,4}"), any::<u32>(), linked_to)
        .prop_map(|(about, permissions, trust, description, max_session_seconds, linked_to)| Role {
            about,
            permissions,
            trust,
            description,
            max_session_seconds,
            linked_to,
        })
}

fn policy() -> impl Strategy<Value = Policy> {
    let version = (1..9_u32, text(), 0..5_i64).prop_map(|(number, document, at)| PolicyVersion {
        number,
        document,
        created_at: Timestamp::from_millis(at),
    });
    (about("ANPA"), option::of("[a-z]{0,4}"), vec(version, 1..5), 1..9_u32).prop_map(
        |(about, description, versions, next_version)| Policy {
            default_version: versions[0].number,
            updated_at: about.created_at,
            about,
            description,
            versions,
            next_version,
        },
    )
}

fn profile() -> impl Strategy<Value = InstanceProfile> {
    (about("AIPA"), option::of(id("AROA")))
        .prop_map(|(about, role)| InstanceProfile { about, role })
}

fn check<R>(history: Vec<(R, bool)>) -> Result<(), TestCaseError>
where
    R: Record<Indexes: Debug + PartialEq> + PartialEq + Debug,
{
    let (mut rows, mut indexes) = (BTreeMap::new(), R::Indexes::default());
    for (row, stays) in history {
        let mut bytes = Vec::new();
        row.encode(&mut bytes);
        prop_assert_eq!(&R::decode(&bytes).expect("it was just written"), &row);
        if let Some(before) = rows.remove(&row.key()) {
            indexes.remove(&before);
        }
        if stays {
            indexes.insert(&row);
            rows.insert(row.key(), row);
        }
    }
    let mut anew = R::Indexes::default();
    rows.values().for_each(|row| anew.insert(row));
    prop_assert_eq!(&indexes, &anew);
    rows.values().for_each(|row| indexes.remove(row));
    prop_assert_eq!(indexes, R::Indexes::default());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn users(history in vec((user(), any::<bool>()), 0..12)) {
        check(history)?;
    }

    #[test]
    fn roles(history in vec((role(), any::<bool>()), 0..12)) {
        check(history)?;
    }

    #[test]
    fn policies(history in vec((policy(), any::<bool>()), 0..12)) {
        check(history)?;
    }

    #[test]
    fn instance_profiles(history in vec((profile(), any::<bool>()), 0..12)) {
        check(history)?;
    }
}
