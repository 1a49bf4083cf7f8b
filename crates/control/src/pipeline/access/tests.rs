//! No row, no service; and what a row says is what is asked.

use std::sync::{Arc, Mutex};

use berth_aws_api::fixture as api;
use berth_model::Tags;
use http::{Method, Request, Response};

use super::{AccessTable, Keys, Resource, Wanted};
use crate::env::Env;
use crate::metrics::Metrics;
use crate::pipeline::authenticate::OpenAuthenticator;
use crate::pipeline::tests::world::{NOW, PEER, put_text};
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
    assert_eq!(own.resource.tag("team"), Some("blue"));
    assert_eq!(own.keys.get("fixture:length"), Some(&"5".into()));
    assert_eq!(own.keys.request_tag("stage"), Some("test"));
    assert_eq!(own.keys.tag_keys().collect::<Vec<_>>(), ["Stage"]);
    assert_eq!((&*passed.action, passed.resource.arn()), ("iam:PassRole", "arn:role/r"));
    assert_eq!(*passed.keys, Keys::new().with("iam:PassedToService", "tasks.amazonaws.com"));
}

#[test]
fn a_call_that_names_nothing_is_about_everything_unless_it_is_free() {
    let questions = |free: bool| {
        let mut wants = super::Wants::new("sts", "GetCallerIdentity");
        if free {
            wants.nothing();
        }
        let questions = wants.questions();
        questions.into_iter().map(|wanted| wanted.resource.arn().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(questions(false), ["*"]);
    assert!(questions(true).is_empty());
}
