use crate::fixture::{Error, ThingNotFoundException};
use crate::{Fault, ServiceError, Target, View};

#[test]
fn an_error_knows_its_code_status_and_fault() {
    let error = Error::thing_not_found("no thing is called x");
    assert_eq!(error.code(), "ThingNotFoundException");
    assert_eq!(error.query_code(), "Thing.NotFound");
    assert_eq!((error.status(), error.fault()), (404, Fault::Client));
    assert_eq!(error.message(), Some("no thing is called x"));
    assert_eq!(error.to_string(), "ThingNotFoundException: no thing is called x");

    let error = Error::thing_broken("oh");
    assert_eq!((error.status(), error.fault()), (500, Fault::Server));
    assert_eq!(error.query_code(), "ThingBrokenFault");
    assert_eq!(error.message(), Some("oh"));

    let error = Error::throttled();
    assert_eq!((error.status(), error.message()), (429, None));
    assert_eq!(error.to_string(), "ThrottledException");
}

#[test]
fn further_members_travel_with_it() {
    let body = ThingNotFoundException {
        message: Some("gone".into()),
        thing_name: Some("x".into()),
        ..Default::default()
    };
    let error = Error::from(body);
    assert!(matches!(error.body().get(1), Some(View::String("x"))));
    assert_eq!(error.body().shape().members()[1].name, "ThingName");
}

#[test]
fn a_client_finds_an_error_by_either_code_and_fills_it() {
    for code in ["ThingNotFoundException", "Thing.NotFound"] {
        let mut error = Error::from_code(code).expect("the model has it");
        let Target::String(message) = error.body_mut().open(0) else { panic!("a message is text") };
        message.push_str("hm");
        assert_eq!(error, Error::thing_not_found("hm"));
    }
    assert_eq!(Error::from_code("Thing"), None);
}

#[test]
fn broken_constraints_become_the_services_own_error() {
    assert_eq!(Error::invalid("bad".into()), Some(Error::validation("bad")));
    assert_eq!(Error::VALIDATION_CODE, "ValidationException");
}

#[cfg(feature = "ecs")]
#[test]
fn ecs_answers_invalid_parameter() {
    use crate::ecs;
    assert_eq!(ecs::Error::invalid("bad".into()), Some(ecs::Error::invalid_parameter("bad")));
    assert_eq!(ecs::Error::server("oops").fault(), Fault::Server);
}
