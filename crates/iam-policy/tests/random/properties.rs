//! What is true of every decision.

use berth_iam_policy::{
    Attached, Context, Decision, Document, Kind, Nothing, Policies, Request, ResourceSide,
    Shortlist, decide, simulate,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vocabulary::{Asked, asked, policy, principal, session, statement, statements, user};

/// Policies of every sort, as statements.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Vec<Value>>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Vec<Value>>>,
    resource: Option<Vec<Value>>,
    own_account: bool,
    must_allow: bool,
    as_session: bool,
}

fn world() -> impl Strategy<Value = World> {
    let resource = prop::collection::vec((statement(), principal()), 1..4).prop_map(|statements| {
        let named = statements.into_iter().map(|(mut statement, principal)| {
            statement["Principal"] = principal;
            statement
        });
        named.collect()
    });
    (
        prop::collection::vec(statements(), 0..3),
        prop::option::of(statements()),
        prop::option::weighted(0.3, prop::collection::vec(statements(), 1..3)),
        prop::option::of(resource),
        prop::bool::weighted(0.7),
        prop::bool::weighted(0.2),
        any::<bool>(),
    )
        .prop_map(
            |(identity, boundary, session, resource, own_account, must_allow, as_session)| World {
                identity,
                boundary,
                session,
                resource,
                own_account,
                must_allow,
                as_session,
            },
        )
}

fn attached(documents: &[Document]) -> Vec<Attached<'_>> {
    documents.iter().map(|document| Attached::new("policy", document)).collect()
}

/// The outcome alone: allowed, or the message.
fn outcome(world: &World, asked: &Asked) -> Result<(), String> {
    outcome_of(world, asked, |text, kind| Document::parse(text, kind).unwrap())
}

fn outcome_of(
    world: &World,
    asked: &Asked,
    parse: impl Fn(&str, Kind) -> Document,
) -> Result<(), String> {
    let identities = |policies: &[Vec<Value>]| -> Vec<Document> {
        policies.iter().map(|statements| parse(&policy(statements), Kind::Identity)).collect()
    };
    let identity = identities(&world.identity);
    let boundary = identities(world.boundary.as_slice());
    let sessions = world.session.as_deref().map(identities);
    let resource = world.resource.as_ref().map(|one| parse(&policy(one), Kind::Resource));
    let (identity, boundary) = (attached(&identity), attached(&boundary));
    let sessions = sessions.as_deref().map(attached);
    let owner = if world.own_account { "111122223333" } else { "444455556666" };
    let policies = Policies {
        identity: &identity,
        boundary: boundary.first().copied(),
        session: sessions.as_deref(),
        resource: Some(ResourceSide {
            owner: owner.parse().unwrap(),
            policy: resource.as_ref().map(|one| Attached::new("policy", one)),
            must_allow: world.must_allow,
        }),
    };
    let keys = asked.keys();
    let request = Request {
        principal: if world.as_session { session() } else { user() },
        action: asked.action,
        resource: Some(asked.resource),
        context: &keys,
    };
    let alone = Policies { resource: None, ..policies };
    let is_allowed = matches!(decide(&alone, &request), Decision::Allowed(_));
    let shortlist = Shortlist::of(&policies, asked.action);
    assert_eq!(shortlist.allows(&request), is_allowed);
    for known in [&Nothing as &dyn Context, &asked.some_keys(), &keys] {
        let mut beginnings = (0..=asked.resource.len()).map(|end| &asked.resource[..end]);
        let of_all = beginnings.find(|beginning| shortlist.allows_all(beginning, known));
        assert!(is_allowed || of_all.is_none(), "all that begins with {of_all:?}");
    }
    let decision = decide(&policies, &request);
    let simulation = simulate(&policies, &request);
    assert_eq!(simulation.decision, decision);
    match &decision {
        Decision::ExplicitDeny(matched) | Decision::Allowed(Some(matched)) => {
            assert!(simulation.matched.contains(matched), "{matched:?} of {simulation:?}");
        }
        Decision::Allowed(None) => panic!("nobody here is root"),
        Decision::ImplicitDeny(_) => {}
    }
    decision.denial(&request).map_or(Ok(()), |denial| Err(denial.to_string()))
}

fn with(policies: &[Vec<Value>], statement: &Value) -> Vec<Vec<Value>> {
    let mut policies = policies.to_vec();
    match policies.last_mut() {
        Some(last) => last.push(statement.clone()),
        None => policies.push(vec![statement.clone()]),
    }
    policies
}

/// The world with one more statement in each of its policies by turns, and in a new one.
fn worlds_with(world: &World, statement: &Value) -> Vec<World> {
    let mut worlds = vec![World { identity: with(&world.identity, statement), ..world.clone() }];
    if let Some(boundary) = &world.boundary {
        let boundary = with(std::slice::from_ref(boundary), statement).pop();
        worlds.push(World { boundary, ..world.clone() });
    }
    if let Some(session) = &world.session {
        worlds.push(World { session: Some(with(session, statement)), ..world.clone() });
    }
    let mut named = statement.clone();
    named["Principal"] = json!("*");
    let resource: Vec<_> = world.resource.clone().into_iter().collect();
    let resource = with(&resource, &named).pop();
    worlds.push(World { resource, ..world.clone() });
    worlds
}

fn everything(effect: &str) -> Value {
    json!({"Effect": effect, "Action": "*", "Resource": "*"})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_deny_wins_wherever_it_is(world in world(), asked in asked()) {
        for world in worlds_with(&world, &everything("Deny")) {
            let message = outcome(&world, &asked).unwrap_err();
            prop_assert!(message.contains(" with an explicit deny in a"), "{}", message);
        }
    }

    #[test]
    fn one_more_deny_never_allows(
        world in world(), asked in asked(), mut statement in statement(),
    ) {
        statement["Effect"] = json!("Deny");
        if outcome(&world, &asked).is_err() {
            for world in worlds_with(&world, &statement) {
                prop_assert!(outcome(&world, &asked).is_err());
            }
        }
    }

    #[test]
    fn one_more_allow_never_denies(
        world in world(), asked in asked(), mut statement in statement(),
    ) {
        statement["Effect"] = json!("Allow");
        if outcome(&world, &asked).is_ok() {
            for world in worlds_with(&world, &statement) {
                prop_assert!(outcome(&world, &asked).is_ok());
            }
        }
    }

    #[test]
    fn nothing_is_allowed_that_no_policy_allows(mut world in world(), asked in asked()) {
        let deny = |statements: &mut Vec<Value>| {
            statements.iter_mut().for_each(|statement| statement["Effect"] = json!("Deny"));
        };
        world.identity.iter_mut().for_each(deny);
        world.resource.iter_mut().for_each(deny);
        prop_assert!(outcome(&world, &asked).is_err());
    }

    #[test]
    fn order_does_not_matter(world in world(), asked in asked()) {
        let mut turned = world.clone();
        turned.identity.reverse();
        turned.session.iter_mut().for_each(|policies| policies.reverse());
        let policies = turned.identity.iter_mut().chain(turned.session.iter_mut().flatten());
        policies
            .chain(turned.boundary.as_mut())
            .chain(turned.resource.as_mut())
            .for_each(|statements| statements.reverse());
        prop_assert_eq!(outcome(&turned, &asked), outcome(&world, &asked));
    }

    /// Statements are looked up by service only within a policy: one policy for each needs no such thing.
    #[test]
    fn many_policies_decide_like_one_of_their_statements(world in world(), asked in asked()) {
        let apart = |policies: &[Vec<Value>]| -> Vec<Vec<Value>> {
            policies.iter().flatten().map(|statement| vec![statement.clone()]).collect()
        };
        let mut scattered = world.clone();
        scattered.identity = apart(&world.identity);
        scattered.session = world.session.as_deref().map(apart);
        prop_assert_eq!(outcome(&scattered, &asked), outcome(&world, &asked));
    }

    #[test]
    fn a_rendered_policy_is_the_same_policy(world in world(), asked in asked()) {
        let again = |text: &str, kind| {
            let document = Document::parse(text, kind).unwrap();
            let again = Document::parse(&document.to_string(), kind).unwrap();
            assert_eq!(again, document);
            assert_eq!(again.to_string(), document.to_string());
            again
        };
        prop_assert_eq!(outcome_of(&world, &asked, again), outcome(&world, &asked));
    }

    #[test]
    fn any_text_is_a_policy_or_is_refused(text in "[\\{\\}\\[\\]\",:a-zA-Z*$ ]{0,60}") {
        for kind in [Kind::Identity, Kind::Resource, Kind::Trust] {
            let _ = Document::parse(&text, kind);
        }
    }
}
