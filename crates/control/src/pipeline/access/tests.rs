//! No row, no service; and what a row says is what is asked.

use std::sync::{Arc, Mutex};

use berth_aws_api::fixture as api;
use berth_model::Tags;
use http::{Method, Request, Response};

use super::{AccessTable, Keys, Resource, Wanted};
use crate::env::Env;
use crate::metrics::Metrics;
use crate::pipeline::authenticate::OpenAuthenticator;
use crate::pipeline::tests::world::{NOW, PEER, error, json, put_text};
use crate::pipeline::throttle::Category;
use crate::pipeline::{
    AllowAll, Authorizer, Call, CommonError, Denied, Endpoint, EndpointBuilder, EndpointOptions,
    Failure, Question, RegistryError, ServiceBuilder,
};

struct Nothing;

async fn put(
    _: Arc<Nothing>,
    _: Call,
    _: api::PutTextRequest,
) -> Result<api::PutTextResponse, Failure<api::Error>> {
    Ok(api::PutTextResponse::default())
}

async fn look(
    _: Arc<Nothing>,
    _: Call,
    _: Request<bytes::Bytes>,
) -> Result<Response<bytes::Bytes>, CommonError> {
    Ok(Response::default())
}

fn built(
    service: ServiceBuilder<Nothing>,
    authorizer: impl Authorizer,
) -> Result<Endpoint, RegistryError> {
    EndpointBuilder::new(EndpointOptions {
        env: Env::seeded(7, NOW),
        account: "123456789012".parse().unwrap(),
        default_region: "home".parse().unwrap(),
        authenticator: Arc::new(OpenAuthenticator),
        authorizer: Arc::new(authorizer),
        metrics: Metrics::new(),
    })
    .service(service)
    .build()
}

fn serving(access: AccessTable<Nothing>) -> ServiceBuilder<Nothing> {
    static RATES: &[Category] = &[Category::new("Actions", (1, 1), &["PutText"])];
    ServiceBuilder::new(Arc::new(Nothing), access)
        .rates(RATES)
        .operation::<api::ops::PutText, _, _>(put)
}

fn table() -> AccessTable<Nothing> {
    AccessTable::new("fixture")
}

#[test]
fn nothing_is_served_without_a_row_and_no_row_is_there_twice() {
    let refused = |service| built(service, AllowAll).err();
    let row = || table().operation::<api::ops::PutText>(|_, _| {});
    assert_eq!(refused(serving(row())), None);
    let no_row = |name| Some(RegistryError::NoRow { service: "fixture", name });
    assert_eq!(refused(serving(table())), no_row("PutText"));
    let routed = serving(row()).signed_route(Method::GET, "/look", look);
    assert_eq!(refused(routed), no_row("/look"));
    let twice = Some(RegistryError::RowTwice("PutText"));
    assert_eq!(refused(serving(row().and(row()))), twice);
}

/// Keeps what it is asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Wanted>>>);

impl Authorizer for Asked {
    fn authorise(&self, _: &Call, question: &Question<'_>) -> Result<(), Denied> {
        self.0.lock().unwrap().extend(question.wants().questions());
        Ok(())
    }
}

#[tokio::test]
async fn a_row_says_what_is_asked_with_its_keys_and_what_comes_along() {
    let row = table().operation::<api::ops::PutText>(|ask, input| {
        for name in input.name.iter() {
            let tags = Tags::from_iter([("Team", "blue")]);
            ask.wants.on(Resource::new(format_args!("arn:text/{name}")).tagged(&tags));
        }
        ask.wants.key("fixture:Length", "5");
        ask.wants.request_tags(Tags::from_iter([("Stage", "test")]));
        ask.wants.pass_role("arn:role/r", "tasks.amazonaws.com");
    });
    let asked = Asked::default();
    let endpoint = built(serving(row), asked.clone()).unwrap();
    assert_eq!(endpoint.handle(put_text("echo", "hello"), PEER).await.status(), 200);
    let wanted = asked.0.lock().unwrap().clone();
    let [own, passed] = &wanted[..] else { panic!("{wanted:?}") };
    assert_eq!((&*own.action, own.resource.arn()), ("fixture:PutText", "arn:text/echo"));
    assert_eq!(own.resource.tag("team").collect::<Vec<_>>(), ["blue"]);
    assert_eq!(own.keys.get("fixture:length"), Some(&"5".into()));
    assert_eq!(own.keys.request_tag("stage").collect::<Vec<_>>(), ["test"]);
    assert_eq!(own.keys.tag_keys().collect::<Vec<_>>(), ["Stage"]);
    assert_eq!((&*passed.action, passed.resource.arn()), ("iam:PassRole", "arn:role/r"));
    assert_eq!(*passed.keys, Keys::new().with("iam:PassedToService", "tasks.amazonaws.com"));
}

#[tokio::test]
async fn nobody_is_asked_about_more_than_a_request_may_name() {
    async fn everything(
        _: Arc<Nothing>,
        _: Call,
        _: api::EverythingRequest,
    ) -> Result<api::EverythingResponse, Failure<api::Error>> {
        Ok(api::EverythingResponse::default())
    }
    let row = table().operation::<api::ops::Everything>(|ask, input| {
        for name in input.strings.iter().flatten() {
            ask.wants.on(Resource::new(name));
        }
    });
    let asked = Asked::default();
    static RATES: &[Category] = &[Category::new("Actions", (9, 9), &["Everything"])];
    let service = ServiceBuilder::new(Arc::new(Nothing), row)
        .rates(RATES)
        .operation::<api::ops::Everything, _, _>(everything);
    let endpoint = built(service, asked.clone()).unwrap();
    let naming = |count: usize| {
        let body = serde_json::json!({ "Strings": vec!["a"; count] }).to_string();
        json("Fixture_20260131.Everything", body)
    };
    let response = endpoint.handle(naming(100), PEER).await;
    assert_eq!(response.status(), 200, "{response:?}");
    assert_eq!(std::mem::take(&mut *asked.0.lock().unwrap()).len(), 100);
    let response = endpoint.handle(naming(1_000_000), PEER).await;
    let (status, code, message) = error(&response);
    assert_eq!((status, code.as_str()), (400, "ValidationException"), "{message}");
    assert!(asked.0.lock().unwrap().is_empty());
}

#[test]
fn keys_of_one_resource_do_not_stand_for_those_of_another() {
    let mut wants = super::Wants::new("ecs:DescribeServiceDeployments".into());
    for cluster in ["web", "other"] {
        let keys = Keys::new().with("ecs:cluster", cluster);
        wants.on_with(Resource::new(format_args!("arn:service/{cluster}")), keys);
    }
    wants.key("ecs:service", "front");
    let told = wants.questions().into_iter().map(|wanted| {
        let keys = ["ecs:cluster", "ecs:service"].map(|name| wanted.keys.get(name).cloned());
        (wanted.resource.arn().to_owned(), keys)
    });
    let front = || Some("front".into());
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("arn:service/web".to_owned(), [Some("web".into()), front()]),
            ("arn:service/other".to_owned(), [Some("other".into()), front()]),
        ]
    );
}

#[test]
#[should_panic(expected = "told twice")]
fn no_key_is_told_twice() {
    drop(Keys::new().with("ecs:cluster", "web").with("ecs:Cluster", "other"));
}

#[test]
fn tags_that_differ_by_case_do_not_hide_each_other() {
    let tags = Tags::from_iter([("Team", "prod"), ("team", "x"), ("teams", "y")]);
    let resource = Resource::new("arn:thing").tagged(&tags);
    let mut keys = Keys::new();
    keys.request_tags(tags);
    for key in ["team", "TEAM"] {
        assert_eq!(resource.tag(key).collect::<Vec<_>>(), ["prod", "x"]);
        assert_eq!(keys.request_tag(key).collect::<Vec<_>>(), ["prod", "x"]);
    }
}

#[test]
fn a_call_that_names_nothing_is_about_everything_unless_it_is_free() {
    let questions = |free: bool| {
        let mut wants = super::Wants::new("sts:GetCallerIdentity".into());
        if free {
            wants.nothing();
        }
        let questions = wants.questions();
        questions.into_iter().map(|wanted| wanted.resource.arn().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(questions(false), ["*"]);
    assert!(questions(true).is_empty());
}
