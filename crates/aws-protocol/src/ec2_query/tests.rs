//! What EC2 does differently.

use berth_aws_api::Operation;
use berth_aws_api::fixture::{self, EverythingRequest, EverythingResponse, ops};
use bytes::Bytes;
use http::{Request, Uri};

use crate::{ErrorReply, Protocol};

const WIRE: Protocol = Protocol::Ec2Query;

#[test]
fn members_have_a_query_name_or_a_capital() {
    let form = "Ec2Name=a&RenamedOnWires=b&Strings.1=c&Strings.2=d&NamedStrings.1=e&DetailsSet.1.Note=n&Details.Lang=en";
    let request = Request::post("/").body(Bytes::from(form)).unwrap();
    let mut input = EverythingRequest::default();
    WIRE.decode_request(ops::Everything::schema(), &request, &mut input).unwrap();
    assert_eq!(input.renamed_for_ec2.as_deref(), Some("a"));
    assert_eq!(input.renamed.as_deref(), Some("b"));
    assert_eq!(input.strings, Some(vec!["c".to_owned(), "d".to_owned()]));
    assert_eq!(input.named_strings, Some(vec!["e".to_owned()]));
    assert_eq!(input.details_list.as_ref().unwrap()[0].note.as_deref(), Some("n"));
    assert_eq!(input.details.as_ref().unwrap().language.as_deref(), Some("en"));
}

#[test]
fn an_empty_list_is_absent() {
    let input = EverythingRequest { strings: Some(vec![]), ..Default::default() };
    let endpoint = Uri::from_static("http://localhost:4566");
    let request = WIRE.encode_request(ops::Everything::schema(), &input, &endpoint).unwrap();
    assert_eq!(request.body(), "Action=Everything&Version=2026-01-31");
}

#[test]
fn an_answer_begins_with_the_request_id_and_wraps_nothing() {
    let output = EverythingResponse {
        renamed: Some("a".into()),
        details_list: Some(vec![fixture::Details {
            title: Some("t".into()),
            ..Default::default()
        }]),
        ..Default::default()
    };
    let response = WIRE.encode_response(ops::Everything::schema(), &output, "id-1");
    assert_eq!(
        response.body(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EverythingResponse xmlns=\"https://fixture.example/doc/2026-01-31/\"><requestId>id-1</requestId><renamedOnWires>a</renamedOnWires><detailsSet><item><Title>t</Title></item></detailsSet></EverythingResponse>"
    );
}

#[test]
fn an_error_is_one_of_several() {
    let error = fixture::Error::thing_not_found("gone");
    let response = WIRE.encode_error(Some(&ops::SERVICE), &ErrorReply::modelled(&error), "id-1");
    assert_eq!(
        response.body(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>Thing.NotFound</Code><Message>gone</Message></Error></Errors><RequestID>id-1</RequestID></Response>"
    );
}
