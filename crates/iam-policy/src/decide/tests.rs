use super::decide;
use crate::context::{Keys, Nothing};
use crate::decision::{Decision, Source};
use crate::document::{Document, Kind};
use crate::policies::{Attached, Policies, Request, ResourceSide};
use crate::principal::Principal;
use crate::simulate::simulate;

const ROLE: &str = "arn:aws:iam::111122223333:role/web";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/web/one";
const USER: &str = "arn:aws:iam::111122223333:user/ann";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ann";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db";

/// By a short name; all are of account 111122223333.
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
        "federated" => Principal::FederatedUser {
            arn: FEDERATED,
            user_arn: USER,
            user_id: "AIDAEXAMPLEEXAMPLE1",
            account,
        },
        "service" => Principal::Service { name: "ecs.amazonaws.com" },
        "anonymous" => Principal::Anonymous,
        _ => panic!("who is {name}?"),
    }
}

fn parse(text: &str, kind: Kind) -> Document {
    Document::parse(text, kind).unwrap()
}

fn attached(document: &Document) -> Attached<'_> {
    Attached::new("policy", document)
}

/// A policy that allows it, denies it, does both, or is about something else.
fn policy(word: &str, kind: Kind, who: &str) -> Option<Document> {
    let statement = |effect: &str, action: &str| {
        format!(r#"{{"Effect":"{effect}",{who}"Action":"secretsmanager:{action}","Resource":"*"}}"#)
    };
    let statements = match word {
        "-" => return None,
        "allow" => statement("Allow", "Get*"),
        "deny" => statement("Deny", "*"),
        "both" => format!("{},{}", statement("Allow", "*"), statement("Deny", "Get*")),
        "other" => {
            format!("{},{}", statement("Allow", "PutSecretValue"), statement("Deny", "Delete*"))
        }
        _ => panic!("what is {word}?"),
    };
    Some(parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#), kind))
}

/// The element of a resource's policy that names the principal of this row in some way.
fn naming(way: &str) -> String {
    let name = match way {
        "everybody" => return r#""Principal":"*","#.to_owned(),
        "others" => return r#""NotPrincipal":{"AWS":"444455556666"},"#.to_owned(),
        "account" => r#"{"AWS":"111122223333"}"#.to_owned(),
        "user" => format!(r#"{{"AWS":"{USER}"}}"#),
        "role" => format!(r#"{{"AWS":"{ROLE}"}}"#),
        "session" => format!(r#"{{"AWS":"{SESSION}"}}"#),
        "federated" => format!(r#"{{"AWS":"{FEDERATED}"}}"#),
        "service" => r#"{"Service":"ecs.amazonaws.com"}"#.to_owned(),
        _ => panic!("how is that, {way}?"),
    };
    format!(r#""Principal":{name},"#)
}

/// Who asks; whose the secret is, `must` if its policy has to allow everything (as a key's has to); what
/// each sort of policy says, `-` if there is none; and how the resource's policy names the one who asks.
const PRECEDENCE: &str = "
    who        owner      identity  boundary  session  resource          decision

    # One account, no limits: one allow is enough, one deny is the end.
    user       own        -         -         -        -                 no Identity
    user       own        other     -         -        -                 no Identity
    user       own        allow     -         -        -                 by Identity
    user       own        deny      -         -        -                 denied by Identity
    user       own        both      -         -        -                 denied by Identity
    user       own        -         -         -        allow user        by Resource
    user       own        other     -         -        allow user        by Resource
    user       own        deny      -         -        allow user        denied by Identity
    user       own        allow     -         -        deny user         denied by Resource
    user       own        allow     -         -        both user         denied by Resource
    user       own        allow     -         -        other user        by Identity
    user       own        -         -         -        other user        no Identity
    user       own        deny      -         -        deny user         denied by Resource

    # Limits: the identity's allow needs theirs, too.
    user       own        allow     allow     -        -                 by Identity
    user       own        allow     other     -        -                 no Boundary
    user       own        -         allow     -        -                 no Identity
    user       own        allow     deny      -        -                 denied by Boundary
    session    own        allow     -         allow    -                 by Identity
    session    own        allow     -         other    -                 no Session
    session    own        -         -         allow    -                 no Identity
    session    own        allow     -         deny     -                 denied by Session
    session    own        allow     allow     allow    -                 by Identity
    session    own        allow     allow     other    -                 no Session
    session    own        allow     other     allow    -                 no Boundary
    session    own        allow     other     other    -                 no Boundary
    session    own        deny      deny      deny     -                 denied by Identity

    # What a resource grants to the very one who asks knows no limits but a deny.
    user       own        -         other     -        allow user        by Resource
    user       own        -         deny      -        allow user        denied by Boundary
    user       own        -         other     -        allow everybody   by Resource
    session    own        -         other     other    allow session     by Resource
    session    own        -         other     other    allow everybody   by Resource
    session    own        -         other     deny     allow session     denied by Session
    federated  own        -         -         other    allow federated   by Resource
    anonymous  own        -         -         -        allow everybody   by Resource
    user       own        -         -         -        allow others      by Resource

    # What it grants to a role, or to the user behind a federated one, is limited.
    session    own        -         -         -        allow role        by Resource
    session    own        -         allow     allow    allow role        by Resource
    session    own        allow     other     -        allow role        no Boundary
    session    own        allow     -         other    allow role        no Session
    federated  own        -         -         other    allow user        no Session
    federated  own        -         -         allow    allow user        by Resource

    # What it grants to the account is the account's to hand out.
    user       own        -         -         -        allow account     no Identity
    user       own        allow     -         -        allow account     by Identity
    user       own        allow     other     -        allow account     no Boundary
    root       own        -         -         -        -                 by nobody
    root       own        -         -         -        allow account     by nobody
    root       own        -         -         -        deny account      denied by Resource

    # Where the resource's policy must allow it, the identity's does not do.
    user       own must   allow     -         -        -                 no Resource
    user       own must   allow     -         -        other user        no Resource
    user       own must   -         -         -        allow account     no Identity
    user       own must   allow     -         -        allow account     by Identity
    user       own must   -         -         -        allow user        by Resource
    root       own must   -         -         -        -                 no Resource
    root       own must   -         -         -        allow account     by nobody

    # Across accounts both sides must allow it, however the one who asks is named.
    user       other      allow     -         -        -                 no Resource
    user       other      -         -         -        -                 no Identity
    user       other      -         -         -        allow user        no Identity
    user       other      allow     -         -        other user        no Resource
    user       other      allow     -         -        allow user        by Resource
    user       other      allow     -         -        allow account     by Resource
    user       other      allow     -         -        allow everybody   by Resource
    user       other      allow     other     -        allow user        no Boundary
    user       other      deny      -         -        allow user        denied by Identity
    user       other      allow     -         -        deny user         denied by Resource
    session    other      allow     -         other    allow session     no Session
    session    other      allow     -         allow    allow role        by Resource
    root       other      -         -         -        -                 no Resource
    root       other      -         -         -        allow account     by Resource
    user       other must  allow    -         -        allow account     by Resource

    # Nobody vouches for services and strangers: the resource decides alone.
    service    own        -         -         -        allow service     by Resource
    service    other      -         -         -        allow service     by Resource
    service    own        -         -         -        -                 no Resource
    service    own        -         -         -        allow account     no Resource
    service    own        -         -         -        both service      denied by Resource
    anonymous  own        -         -         -        allow account     no Resource

    # AWS: a `NotPrincipal` that denies spares nobody who has a boundary.
    user       own        allow     -         -        deny others       denied by Resource
    user       own        allow     allow     -        deny user         denied by Resource
";

#[test]
fn precedence_is_that_of_aws() {
    let mut rows = 0;
    for row in PRECEDENCE.trim().lines().skip(1).map(str::trim) {
        if row.is_empty() || row.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|c| !c.is_empty()).collect();
        let [who, owner, identity, boundary, session, resource, expected] = cells[..] else {
            panic!("a row has seven cells: {row}")
        };
        let (owner, must_allow) = match owner.strip_suffix(" must") {
            Some(owner) => (owner, true),
            None => (owner, false),
        };
        let (effect, way) = resource.split_once(' ').unwrap_or((resource, "everybody"));
        let identity = policy(identity, Kind::Identity, "");
        let boundary = policy(boundary, Kind::Identity, "");
        let session = policy(session, Kind::Identity, "");
        let resource = policy(effect, Kind::Resource, &naming(way));
        let identity: Vec<_> = identity.iter().map(attached).collect();
        let session: Option<Vec<_>> = session.as_ref().map(|one| vec![attached(one)]);
        let owner = if owner == "own" { "111122223333" } else { "444455556666" };
        let policies = Policies {
            identity: &identity,
            boundary: boundary.as_ref().map(attached),
            session: session.as_deref(),
            resource: Some(ResourceSide {
                owner: owner.parse().unwrap(),
                policy: resource.as_ref().map(attached),
                must_allow,
            }),
        };
        let request = Request {
            principal: principal(who),
            action: "secretsmanager:GetSecretValue",
            resource: Some(SECRET),
            context: &Nothing,
        };
        let found = match decide(&policies, &request) {
            Decision::Allowed(None) => "by nobody".to_owned(),
            Decision::Allowed(Some(matched)) => format!("by {:?}", matched.source),
            Decision::ExplicitDeny(matched) => format!("denied by {:?}", matched.source),
            Decision::ImplicitDeny(source) => format!("no {source:?}"),
        };
        assert_eq!(found, expected, "{row}");
        assert_eq!(simulate(&policies, &request).decision, decide(&policies, &request));
        rows += 1;
    }
    assert_eq!(rows, 77);
}

#[test]
fn a_deny_of_all_but_some_spares_nobody_with_a_boundary() {
    let who = format!(r#""NotPrincipal":{{"AWS":"{USER}"}},"#);
    let denying = policy("deny", Kind::Resource, &who).unwrap();
    let allowing = policy("allow", Kind::Identity, "").unwrap();
    let allowing = [attached(&allowing)];
    let boundary = policy("allow", Kind::Identity, "").unwrap();
    let owner = "111122223333".parse().unwrap();
    let resource =
        Some(ResourceSide { owner, policy: Some(attached(&denying)), must_allow: false });
    let request = Request {
        principal: principal("user"),
        action: "secretsmanager:GetSecretValue",
        resource: Some(SECRET),
        context: &Nothing,
    };
    let spared = Policies { identity: &allowing, resource, ..Policies::default() };
    assert!(decide(&spared, &request).is_allowed());
    let bounded = Policies { boundary: Some(attached(&boundary)), ..spared };
    let Decision::ExplicitDeny(matched) = decide(&bounded, &request) else { panic!("allowed") };
    assert_eq!(matched.source, Source::Resource);
}

#[test]
fn one_document_may_play_several_parts() {
    let managed = policy("allow", Kind::Identity, "").unwrap();
    let request = Request {
        principal: principal("user"),
        action: "secretsmanager:PutSecretValue",
        resource: Some(SECRET),
        context: &Nothing,
    };
    let all = policy("both", Kind::Identity, "").unwrap();
    let all = [attached(&all)];
    let policies =
        Policies { identity: &all, boundary: Some(attached(&managed)), ..Policies::default() };
    assert_eq!(decide(&policies, &request), Decision::ImplicitDeny(Source::Boundary));
    let denying = policy("deny", Kind::Identity, "").unwrap();
    let policies = Policies { boundary: Some(attached(&denying)), ..policies };
    let Decision::ExplicitDeny(matched) = decide(&policies, &request) else { panic!("allowed") };
    assert_eq!(matched.source, Source::Boundary);
}

#[test]
fn a_federated_user_without_session_policies_has_only_what_resources_grant() {
    let allowing = policy("allow", Kind::Identity, "").unwrap();
    let allowing = [attached(&allowing)];
    let request = Request {
        principal: principal("federated"),
        action: "secretsmanager:GetSecretValue",
        resource: Some(SECRET),
        context: &Nothing,
    };
    let policies = Policies { identity: &allowing, session: Some(&[]), ..Policies::default() };
    assert_eq!(decide(&policies, &request), Decision::ImplicitDeny(Source::Session));
}

#[test]
fn a_trust_policy_says_who_may_be_in_the_role() {
    let trust = |principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},
                "Action":"sts:AssumeRole","Condition":{{"StringEqualsIfExists":{{"sts:ExternalId":"42"}}}}}}}}"#
        );
        parse(&text, Kind::Trust)
    };
    let asked = |trust: &Document, who: &str, context: &Keys| {
        let owner = "111122223333".parse().unwrap();
        let resource =
            Some(ResourceSide { owner, policy: Some(attached(trust)), must_allow: true });
        let policies = Policies { resource, ..Policies::default() };
        let request = Request {
            principal: principal(who),
            action: "sts:AssumeRole",
            resource: Some(ROLE),
            context,
        };
        let decision = decide(&policies, &request);
        decision.denial(&request).map(|denial| denial.to_string())
    };
    let tasks = trust(r#"{"Service":"ecs.amazonaws.com"}"#);
    assert_eq!(asked(&tasks, "service", &Keys::new()), None);
    assert_eq!(
        asked(&tasks, "user", &Keys::new()).unwrap(),
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole on \
         resource: arn:aws:iam::111122223333:role/web because no role trust policy allows the \
         sts:AssumeRole action"
    );
    let account = trust(r#"{"AWS":"111122223333"}"#);
    assert_eq!(
        asked(&account, "user", &Keys::new()).unwrap(),
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole on \
         resource: arn:aws:iam::111122223333:role/web because no identity-based policy allows the \
         sts:AssumeRole action"
    );
    let user = trust(&format!(r#"{{"AWS":"{USER}"}}"#));
    assert_eq!(asked(&user, "user", &Keys::new().with("sts:ExternalId", "42")), None);
    assert!(asked(&user, "user", &Keys::new().with("sts:ExternalId", "43")).is_some());
}

/// The example of AWS's page about access across accounts.
#[test]
fn a_user_writes_to_another_accounts_bucket_but_not_to_its_logs() {
    let identity = parse(
        r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"AllowS3ListRead","Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"},
            {"Sid":"AllowS3ProductionObjectActions","Effect":"Allow","Action":"s3:*Object*",
             "Resource":"arn:aws:s3:::Production/*"},
            {"Sid":"DenyS3Logs","Effect":"Deny","Action":"s3:*",
             "Resource":["arn:aws:s3:::*log*","arn:aws:s3:::*log*/*"]}]}"#,
        Kind::Identity,
    );
    let identity = [attached(&identity)];
    let bucket = parse(
        &format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
                "Action":["s3:GetObject*","s3:PutObject*","s3:ReplicateObject","s3:RestoreObject"],
                "Principal":{{"AWS":"{USER}"}},"Resource":"arn:aws:s3:::Production/*"}}]}}"#
        ),
        Kind::Resource,
    );
    let owner = "444455556666".parse().unwrap();
    let resource = Some(ResourceSide { owner, policy: Some(attached(&bucket)), must_allow: false });
    let policies = Policies { identity: &identity, resource, ..Policies::default() };
    let table = [
        ("s3:PutObject", "arn:aws:s3:::Production/a/b", None),
        (
            "s3:DeleteObject",
            "arn:aws:s3:::Production/a",
            Some("because no resource-based policy allows the s3:DeleteObject action"),
        ),
        (
            "s3:ListBucket",
            "arn:aws:s3:::Production",
            Some("because no identity-based policy allows the s3:ListBucket action"),
        ),
        (
            "s3:PutObject",
            "arn:aws:s3:::Production/log/a",
            Some("with an explicit deny in an identity-based policy"),
        ),
    ];
    for (action, on, expected) in table {
        let request =
            Request { principal: principal("user"), action, resource: Some(on), context: &Nothing };
        let denial = decide(&policies, &request).denial(&request).map(|denial| denial.to_string());
        let expected = expected.map(|why| {
            format!("User: {USER} is not authorized to perform: {action} on resource: {on} {why}")
        });
        assert_eq!(denial, expected);
    }
}

#[test]
fn a_simulation_tells_what_matched_and_what_was_missing() {
    let identity = parse(
        r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"ecs:*","Resource":"*"},
            {"Effect":"Deny","Action":"ecs:StopTask","Resource":"*",
             "Condition":{"StringEquals":{"aws:ResourceTag/Team":"a","ecs:cluster":"x"}}},
            {"Effect":"Allow","Action":"ecs:StopTask","Resource":"*",
             "Condition":{"StringLike":{"aws:PrincipalArn":"${aws:userid}"}}},
            {"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"Bool":{"ec2:x":"true"}}}]}"#,
        Kind::Identity,
    );
    let identity = [attached(&identity)];
    let boundary = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#,
        Kind::Identity,
    );
    let keys = Keys::new().with("aws:PrincipalArn", USER);
    let request = Request {
        principal: principal("user"),
        action: "ecs:StopTask",
        resource: None,
        context: &keys,
    };
    let policies = Policies {
        identity: &identity,
        boundary: Some(attached(&boundary)),
        ..Policies::default()
    };
    let simulation = simulate(&policies, &request);
    assert_eq!(simulation.decision, Decision::ImplicitDeny(Source::Boundary));
    assert_eq!(format!("{:?}", simulation.matched), "[Identity policy statement 1]");
    assert_eq!(simulation.missing, ["aws:ResourceTag/Team", "aws:userid", "ecs:cluster"]);
    assert_eq!(simulation.allowed_by_boundary, Some(false));
    let unbounded = simulate(&Policies { boundary: None, ..policies }, &request);
    assert!(unbounded.decision.is_allowed());
    assert_eq!(unbounded.allowed_by_boundary, None);
}
