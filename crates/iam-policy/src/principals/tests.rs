use super::{Grant, Principals};
use crate::principal::Principal;

const USER: &str = "arn:aws:iam::111122223333:user/team/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/path/web";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/web/task-1";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ann";
const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/ci.example.com";

/// By a short name.
fn principal(name: &str) -> Principal<'static> {
    let account = "111122223333".parse().unwrap();
    match name {
        "root" => Principal::Root { arn: "arn:aws:iam::111122223333:root", account },
        "user" => Principal::User { arn: USER, id: "AIDAEXAMPLEEXAMPLE1", account },
        "session" => Principal::Session {
            arn: SESSION,
            role_arn: ROLE,
            role_id: "AROAEXAMPLEEXAMPLE1",
            account,
        },
        "federated user" => Principal::FederatedUser {
            arn: FEDERATED,
            user_arn: USER,
            user_id: "AIDAEXAMPLEEXAMPLE1",
            account,
        },
        "service" => Principal::Service { name: "ecs-tasks.amazonaws.com" },
        "provider" => Principal::Federated { provider: PROVIDER },
        "anonymous" => Principal::Anonymous,
        _ => panic!("who is {name}?"),
    }
}

const EVERYONE: [&str; 7] =
    ["root", "user", "session", "federated user", "service", "provider", "anonymous"];

type Meant<'a> = &'a [(&'static str, Grant)];

#[test]
fn each_way_of_naming_a_principal_grants_what_it_should() {
    use Grant::{Delegated, Direct, Limited};
    // A way of naming, and everyone whom it means. Nobody else is meant.
    let table: [(&str, &str, Meant<'_>); 12] = [
        ("AWS", "*", &EVERYONE.map(|name| (name, Direct))),
        (
            "AWS",
            "111122223333",
            &[
                ("root", Delegated),
                ("user", Delegated),
                ("session", Delegated),
                ("federated user", Delegated),
            ],
        ),
        (
            "AWS",
            "arn:aws:iam::111122223333:root",
            &[
                ("root", Delegated),
                ("user", Delegated),
                ("session", Delegated),
                ("federated user", Delegated),
            ],
        ),
        ("AWS", "444455556666", &[]),
        ("AWS", USER, &[("user", Direct), ("federated user", Limited)]),
        ("AWS", ROLE, &[("session", Limited)]),
        ("AWS", SESSION, &[("session", Direct)]),
        ("AWS", FEDERATED, &[("federated user", Direct)]),
        ("AWS", "AIDAEXAMPLEEXAMPLE1", &[("user", Direct), ("federated user", Limited)]),
        ("AWS", "AROAEXAMPLEEXAMPLE1", &[("session", Limited)]),
        ("Service", "ecs-tasks.amazonaws.com", &[("service", Direct)]),
        ("Federated", PROVIDER, &[("provider", Direct)]),
    ];
    for (kind, text, meant) in table {
        let named = [(kind.to_owned(), text.to_owned())];
        let element = Principals::compile(&named, false).unwrap();
        let others = Principals::compile(&named, true).unwrap();
        for name in EVERYONE {
            let expected = meant.iter().find(|(who, _)| *who == name).map(|(_, grant)| *grant);
            assert_eq!(element.grant(&principal(name)), expected, "{text} of {name}");
            // To name an account spares nobody but its root user.
            let spared = expected.is_some_and(|grant| grant != Delegated || name == "root");
            let rest = (!spared).then_some(Direct);
            assert_eq!(others.grant(&principal(name)), rest, "all but {text} of {name}");
        }
    }
}

#[test]
fn to_spare_one_user_with_its_account_spares_nobody_else_of_it() {
    let named = [USER, "arn:aws:iam::111122223333:root"];
    let named = named.map(|text| ("AWS".to_owned(), text.to_owned()));
    let others = Principals::compile(&named, true).unwrap();
    let account = "111122223333".parse().unwrap();
    let alice = "arn:aws:iam::111122223333:user/alice";
    let alice = Principal::User { arn: alice, id: "AIDAALICEALICEALICE", account };
    assert_eq!(others.grant(&alice), Some(Grant::Direct));
    assert_eq!(others.grant(&principal("session")), Some(Grant::Direct));
    for spared in ["user", "root"] {
        assert_eq!(others.grant(&principal(spared)), None, "{spared}");
    }
}

#[test]
fn the_best_of_several_grants_counts() {
    let named = [("AWS", "111122223333"), ("AWS", ROLE), ("AWS", SESSION)]
        .map(|(kind, text)| (kind.to_owned(), text.to_owned()));
    let grant = |count: usize| {
        Principals::compile(&named[..count], false).unwrap().grant(&principal("session"))
    };
    assert_eq!(grant(1), Some(Grant::Delegated));
    assert_eq!(grant(2), Some(Grant::Limited));
    assert_eq!(grant(3), Some(Grant::Direct));
}

#[test]
fn names_are_whole_and_of_a_known_kind() {
    let table = [
        (
            "AWS",
            "arn:aws:iam::111122223333:user/*",
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*""#,
        ),
        (
            "AWS",
            "arn:aws:iam::111122223333:group/a",
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/a""#,
        ),
        (
            "AWS",
            "arn:aws:sts::111122223333:assumed-role/web",
            r#"Invalid principal in policy: "AWS":"arn:aws:sts::111122223333:assumed-role/web""#,
        ),
        ("AWS", "ann", r#"Invalid principal in policy: "AWS":"ann""#),
        ("AWS", "", r#"Invalid principal in policy: "AWS":"""#),
        ("Service", "ecs", r#"Invalid principal in policy: "SERVICE":"ecs""#),
        ("Service", "*", r#"Invalid principal in policy: "SERVICE":"*""#),
        ("Federated", "*", r#"Invalid principal in policy: "FEDERATED":"*""#),
        (
            "CanonicalUser",
            "79a5",
            r#"Invalid principal in policy: "CANONICALUSER":"79a5" (canonical users belong to Amazon S3)"#,
        ),
        ("Group", "a", "Syntax errors in policy. (`Group` is not a kind of principal)"),
    ];
    for (kind, text, refusal) in table {
        let named = [(kind.to_owned(), text.to_owned())];
        assert_eq!(Principals::compile(&named, false).unwrap_err().to_string(), refusal);
    }
}
