//! One test for each place that a member can have.

use berth_aws_api::fixture::{
    self, Color, Details, PutBlobRequest, PutBlobResponse, PutDetailsRequest, PutDetailsResponse,
    PutTextRequest, PutThingRequest, PutThingResponse, ops,
};
use berth_aws_api::{Document, Operation};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Request, Response, Uri};

use crate::{EncodeError, ErrorReply, Protocol};

const WIRE: Protocol = Protocol::RestJson1;
const AT: Timestamp = Timestamp::from_millis(1_529_360_908_000);

fn thing() -> PutThingRequest {
    PutThingRequest {
        name: Some("a b/c".into()),
        path: Some("d/e f".into()),
        count: Some(3),
        dry: Some(true),
        not_before: Some(AT),
        labels: Some(vec!["x".into(), "y,z".into()]),
        color: Some(Color::Red),
        metadata: Some([("owner".to_owned(), "me".to_owned())].into()),
        limit: Some(5),
        since: Some(AT),
        filters: Some(vec!["p".into(), "q&r".into()]),
        rest: Some([("extra".to_owned(), "1".to_owned())].into()),
        size: Some(1.5),
        free: Some(Document::Boolean(true)),
        ..Default::default()
    }
}

fn request<O: Operation>(input: &O::Input) -> Request<Bytes> {
    WIRE.encode_request(O::schema(), input, &Uri::from_static("http://localhost:4566/base/"))
        .unwrap()
}

fn read<O: Operation>(request: &Request<Bytes>) -> O::Input {
    let mut input = O::Input::default();
    WIRE.decode_request(O::schema(), request, &mut input).unwrap();
    input
}

#[test]
fn each_member_goes_to_its_place() {
    let request = request::<ops::PutThing>(&thing());
    assert_eq!(request.method(), "PUT");
    assert_eq!(
        request.uri(),
        "http://localhost:4566/base/things/a%20b%2Fc/at/d/e%20f?kind=thing&limit=5&since=2018-06-18T22%3A28%3A28Z&filter=p&filter=q%26r&extra=1"
    );
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!((header("x-count"), header("x-dry"), header("x-color")), ("3", "true", "RED"));
    assert_eq!(header("x-not-before"), "Mon, 18 Jun 2018 22:28:28 GMT");
    assert_eq!((header("x-labels"), header("x-meta-owner")), ("x, \"y,z\"", "me"));
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(request.body(), r#"{"sizeInPercent":1.5,"Free":true}"#);
}

#[test]
fn and_is_read_from_it() {
    let mut request = request::<ops::PutThing>(&thing());
    let path = request.uri().path_and_query().unwrap().as_str().replace("/base", "");
    *request.uri_mut() = path.parse().unwrap();
    assert_eq!(read::<ops::PutThing>(&request), thing());
}

#[test]
fn a_label_must_not_be_empty() {
    let input = PutThingRequest { name: Some(String::new()), ..thing() };
    let endpoint = Uri::from_static("http://localhost:4566");
    let refused = WIRE.encode_request(ops::PutThing::schema(), &input, &endpoint).unwrap_err();
    assert_eq!(refused, EncodeError::EmptyLabel("Name"));
}

#[test]
fn a_header_cannot_hold_everything() {
    let input =
        PutThingRequest { metadata: Some([("a b".to_owned(), "c".to_owned())].into()), ..thing() };
    let endpoint = Uri::from_static("http://localhost:4566");
    let refused = WIRE.encode_request(ops::PutThing::schema(), &input, &endpoint).unwrap_err();
    assert_eq!(refused, EncodeError::Header("Metadata"));
}

#[test]
fn a_body_member_may_not_come_from_elsewhere_nor_others_from_the_body() {
    let mut request = Request::put("/things/n/at/p?kind=thing&Size=9")
        .body(Bytes::from(r#"{"limit":7,"Name":"x"}"#))
        .unwrap();
    request.headers_mut().insert("sizeinpercent", "8".parse().unwrap());
    let input = read::<ops::PutThing>(&request);
    assert_eq!((input.name.as_deref(), input.limit, input.size), (Some("n"), None, None));
    assert_eq!(input.rest, Some([("Size".to_owned(), "9".to_owned())].into()));
}

#[test]
fn dates_in_a_list_keep_their_comma() {
    let mut request = Request::put("/things/n/at/p?kind=thing").body(Bytes::new()).unwrap();
    request
        .headers_mut()
        .insert("x-labels", "Mon, 18 Jun 2018 22:28:28 GMT, \"a \\\" b\",c".parse().unwrap());
    let labels = read::<ops::PutThing>(&request).labels.unwrap();
    assert_eq!(labels, ["Mon, 18 Jun 2018 22:28:28 GMT", "a \" b", "c"]);
}

#[test]
fn a_payload_is_the_whole_body() {
    let blob = PutBlobRequest {
        name: Some("b".into()),
        content_type: None,
        body: Some(Bytes::from_static(b"\0\xFF")),
    };
    let sent = request::<ops::PutBlob>(&blob);
    assert_eq!(sent.headers()["content-type"], "application/octet-stream");
    assert_eq!(&sent.body()[..], b"\0\xFF");

    let text = PutTextRequest { name: Some("t".into()), text: Some("plain".into()) };
    let sent = request::<ops::PutText>(&text);
    assert_eq!(
        (sent.headers()["content-type"].to_str().unwrap(), &sent.body()[..]),
        ("text/plain", &b"plain"[..])
    );

    let details =
        Details { title: Some("t".into()), language: Some("en".into()), ..Default::default() };
    let details = PutDetailsRequest { name: Some("d".into()), details: Some(details) };
    let sent = request::<ops::PutDetails>(&details);
    assert_eq!(sent.body(), r#"{"Title":"t","lang":"en"}"#);
    let received = Request::put("/details/d").body(sent.body().clone()).unwrap();
    assert_eq!(read::<ops::PutDetails>(&received), details);
}

#[test]
fn an_absent_payload_is_no_body() {
    let sent =
        request::<ops::PutBlob>(&PutBlobRequest { name: Some("b".into()), ..Default::default() });
    assert!(sent.body().is_empty());
    assert!(!sent.headers().contains_key("content-type"));
    let received = Request::post("/blobs/b").body(Bytes::new()).unwrap();
    assert_eq!(read::<ops::PutBlob>(&received).body, None);
}

#[test]
fn a_type_that_the_output_names_wins() {
    let output = PutBlobResponse {
        content_type: Some("image/png".into()),
        body: Some(Bytes::from_static(b"x")),
    };
    let response = WIRE.encode_response(ops::PutBlob::schema(), &output, "id");
    assert_eq!(response.headers()["content-type"], "image/png");
    let mut read = PutBlobResponse::default();
    WIRE.decode_response(ops::PutBlob::schema(), &response, &mut read).unwrap();
    assert_eq!(read, output);
}

#[test]
fn an_answer_has_the_status_of_its_operation_or_its_own() {
    let status = |output: &PutThingResponse| {
        WIRE.encode_response(ops::PutThing::schema(), output, "id").status()
    };
    assert_eq!(status(&PutThingResponse::default()), 201);
    assert_eq!(status(&PutThingResponse { status: Some(202), ..Default::default() }), 202);
    let output = PutThingResponse {
        version: Some(4),
        changed_at: Some(AT),
        arn: Some("a".into()),
        ..Default::default()
    };
    let response = WIRE.encode_response(ops::PutThing::schema(), &output, "id");
    assert_eq!(response.headers()["x-version"], "4");
    assert_eq!(response.headers()["last-modified"], "Mon, 18 Jun 2018 22:28:28 GMT");
    assert_eq!(response.body(), r#"{"thingArn":"a"}"#);
}

#[test]
fn an_answer_that_fits_no_header_is_our_fault() {
    let output = PutDetailsResponse { etag: Some("a\nb".into()), ..Default::default() };
    let response = WIRE.encode_response(ops::PutDetails::schema(), &output, "id");
    assert_eq!(response.status(), 500);
    assert_eq!(WIRE.decode_error(&response).code, "InternalFailure");
}

#[test]
fn an_error_is_named_in_a_header_and_has_no_type_inside() {
    let error = fixture::Error::ThingNotFoundException(fixture::ThingNotFoundException {
        message: Some("gone".into()),
        retry_after: Some(7),
        ..Default::default()
    });
    let response: Response<Bytes> =
        WIRE.encode_error(Some(&ops::SERVICE), &ErrorReply::modelled(&error), "id");
    assert_eq!(response.headers()["x-amzn-errortype"], "ThingNotFoundException");
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.body(), r#"{"message":"gone"}"#);
    assert_eq!(response.status(), 404);
}
