//! What was stored once still loads.
//!
//! `older_records/NAME.N.hex` is a record as version N of its table wrote it, frozen: such a file is never changed, only
//! joined by the next one when a record grows. A record also loads with fields that a later version wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use berth_control::sealing::Sealed;
use berth_control::tables::Record;
use berth_identity::tables::{
    About, AccessKey, Account, AccountAlias, Group, InstanceProfile, LastUse,
    OpenIdConnectProvider, Permissions, Policy, PolicyRef, PolicyText, PolicyVersion, Role,
    RoleDeletion, UniqueId, User,
};
use berth_model::{Tags, Timestamp};
use minicbor::{Decoder, Encoder};

#[track_caller]
fn is_frozen<R: Record + PartialEq + Debug>(name: &str, expected: &R) {
    let mut today = Vec::new();
    expected.encode(&mut today);
    let path = format!("{}/tests/older_records/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let frozen = std::fs::read_to_string(&path).unwrap_or_default();
    let hex: String = frozen.split_whitespace().collect();
    let digits: Vec<u32> =
        hex.chars().map(|digit| digit.to_digit(16).expect("a hex digit")).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    let written: String = today.iter().map(|byte| format!("{byte:02x}")).collect();
    let loaded = R::decode(&bytes);
    assert_eq!(loaded.as_ref().ok(), Some(expected), "{name}: today's bytes are {written}");
    let later = with_two_more_fields(&bytes);
    assert_eq!(
        R::decode(&later).as_ref().ok(),
        Some(expected),
        "{name}, as a later version writes it"
    );
}

fn with_two_more_fields(record: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::new(record);
    let had = decoder.array().expect("a record is an array").expect("of a known length");
    let begins = decoder.position();
    let mut later = Vec::new();
    let mut encoder = Encoder::new(&mut later);
    encoder.array(had + 2).expect("memory takes it");
    encoder.writer_mut().extend_from_slice(&record[begins..]);
    encoder.str("one").and_then(|encoder| encoder.str("another")).expect("memory takes it");
    later
}

fn account() -> Account {
    Account { partition: Default::default(), id: "123456789012".parse().expect("an account") }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_000 + second * 1000)
}

fn tags() -> Tags {
    [("team", "web")].into_iter().collect()
}

fn about(id: &str) -> About {
    About {
        account: account(),
        id: UniqueId::from(id),
        name: "name".to_owned(),
        path: "/staff/".to_owned(),
        created_at: at(0),
        tags: tags(),
    }
}

fn permissions() -> Permissions {
    Permissions {
        inline: BTreeMap::from([("own".to_owned(), PolicyText::new("{}"))]),
        attached: BTreeSet::from([
            PolicyRef::Customer(UniqueId::from("ANPA1")),
            PolicyRef::Aws("ReadOnlyAccess".to_owned()),
        ]),
        boundary: Some(PolicyRef::Aws("PowerUserAccess".to_owned())),
    }
}

#[test]
fn holders_of_policies() {
    let groups = BTreeSet::from([UniqueId::from("AGPA1")]);
    is_frozen("user.1", &User { about: about("AIDA1"), permissions: permissions(), groups });
    is_frozen("group.1", &Group { about: about("AGPA1"), permissions: permissions() });
    is_frozen(
        "role.1",
        &Role {
            about: about("AROA1"),
            permissions: permissions(),
            trust: PolicyText::new("{\"Version\":\"2012-10-17\"}"),
            description: Some("why".to_owned()),
            max_session_seconds: 3600,
            linked_to: Some("ecs.amazonaws.com".to_owned()),
        },
    );
}

#[test]
fn policies_and_profiles() {
    let version = |number, text| PolicyVersion {
        number,
        document: PolicyText::new(text),
        created_at: at(number.into()),
    };
    is_frozen(
        "policy.1",
        &Policy {
            about: about("ANPA1"),
            description: Some("why".to_owned()),
            versions: vec![version(1, "{}"), version(3, "[]")],
            default_version: 3,
            next_version: 4,
            updated_at: at(5),
        },
    );
    let role = Some(UniqueId::from("AROA1"));
    is_frozen("instance_profile.1", &InstanceProfile { about: about("AIPA1"), role });
}

#[test]
fn keys_and_what_is_known_of_the_account() {
    is_frozen(
        "access_key.1",
        &AccessKey {
            id: "AKIA1".to_owned(),
            account: account(),
            user: UniqueId::from("AIDA1"),
            is_active: true,
            created_at: at(0),
            secret: Sealed::from_bytes(vec![1, 2, 3]),
        },
    );
    is_frozen(
        "open_id_connect_provider.1",
        &OpenIdConnectProvider {
            account: account(),
            url: "token.example".to_owned(),
            client_ids: BTreeSet::from(["sts.amazonaws.com".to_owned()]),
            thumbprints: vec!["ab".to_owned()],
            created_at: at(0),
            tags: tags(),
        },
    );
    let alias = "the-shop".to_owned();
    is_frozen("account_alias.1", &AccountAlias { account: account(), alias });
    let id = "task/aws-service-role/1".to_owned();
    is_frozen("role_deletion.1", &RoleDeletion { account: account(), id, at: at(1) });
    is_frozen(
        "last_use.1",
        &LastUse {
            of: "AKIA1".to_owned(),
            at: at(2),
            service: "ecs".to_owned(),
            region: "eu-central-1".parse().expect("a region"),
        },
    );
}
