//! One test for each rule of Query's forms and answers.

use berth_aws_api::fixture::{self, Color, Details, EverythingRequest, EverythingResponse, ops};
use berth_aws_api::{Operation, Structure};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Request, Uri};

use crate::{ErrorReply, Protocol};

fn request(form: &str) -> Request<Bytes> {
    Request::post("/").body(Bytes::copy_from_slice(form.as_bytes())).unwrap()
}

fn read(form: &str) -> EverythingRequest {
    let mut input = EverythingRequest::default();
    Protocol::Query.decode_request(ops::Everything::schema(), &request(form), &mut input).unwrap();
    input
}

fn refusal(form: &str) -> String {
    let mut input = EverythingRequest::default();
    let operation = ops::Everything::schema();
    Protocol::Query.decode_request(operation, &request(form), &mut input).unwrap_err().to_string()
}

fn form(input: &EverythingRequest) -> String {
    let endpoint = Uri::from_static("http://localhost:4566");
    let request =
        Protocol::Query.encode_request(ops::Everything::schema(), input, &endpoint).unwrap();
    String::from_utf8(request.body().to_vec()).unwrap()
}

/// What is inside of the result element.
fn result(output: &dyn Structure) -> String {
    let response = Protocol::Query.encode_response(ops::Everything::schema(), output, "id");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    let (_, rest) = text.split_once("<EverythingResult>").unwrap();
    rest.split_once("</EverythingResult>").unwrap().0.to_owned()
}

fn strings(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn scalars_are_read_from_the_form_and_the_query() {
    let mut request =
        request("Action=Everything&Version=1&Integer=-7&Double=Infinity&Boolean=true&Blob=aGk%3D");
    *request.uri_mut() =
        Uri::from_static("/?String=a+b%2Bc&Color=RED&Timestamp=2018-06-18T22%3A28%3A28Z");
    let mut input = EverythingRequest::default();
    Protocol::Query.decode_request(ops::Everything::schema(), &request, &mut input).unwrap();
    let expected = EverythingRequest {
        integer: Some(-7),
        double: Some(f64::INFINITY),
        boolean: Some(true),
        blob: Some(Bytes::from_static(b"hi")),
        string: Some("a b+c".into()),
        color: Some(Color::Red),
        timestamp: Some(Timestamp::from_millis(1_529_360_908_000)),
        ..Default::default()
    };
    assert_eq!(input, expected);
}

#[test]
fn lists_are_numbered_behind_the_name_of_their_entries() {
    let input = read(
        "Strings.member.2=b&Strings.member.10=c&Strings.member.1=a&NamedStrings.Name.1=n&FlatStrings.1=f&FlatName.1=g&Matrix.member.1.member.1=5",
    );
    let expected = EverythingRequest {
        strings: strings(&["a", "b", "c"]),
        named_strings: strings(&["n"]),
        flat_strings: strings(&["f"]),
        flat_named_strings: strings(&["g"]),
        matrix: Some(vec![vec![5]]),
        ..Default::default()
    };
    assert_eq!(input, expected);
    assert_eq!(
        form(&expected),
        "Action=Everything&Version=2026-01-31&Strings.member.1=a&Strings.member.2=b&Strings.member.3=c&NamedStrings.Name.1=n&FlatStrings.1=f&FlatName.1=g&Matrix.member.1.member.1=5"
    );
}

#[test]
fn maps_are_numbered_entries_of_key_and_value() {
    let input = read(
        "Attributes.entry.1.key=a&Attributes.entry.1.value=b&FlatAttributes.1.key=c&FlatAttributes.1.value=d&DetailsByName.entry.1.Title=x&DetailsByName.entry.1.Entry.Title=y",
    );
    assert_eq!(input.attributes, Some([("a".to_owned(), "b".to_owned())].into()));
    assert_eq!(input.flat_attributes, Some([("c".to_owned(), "d".to_owned())].into()));
    assert_eq!(input.details_by_name.unwrap()["x"].title.as_deref(), Some("y"));
    assert_eq!(
        refusal("Attributes.entry.1.value=b"),
        "a map's entry without its key (at Attributes)"
    );
}

#[test]
fn an_empty_list_is_a_name_without_a_value() {
    assert_eq!(read("Strings=").strings, Some(vec![]));
    assert_eq!(read("").strings, None);
    let input = EverythingRequest { strings: Some(vec![]), ..Default::default() };
    assert!(form(&input).ends_with("&Strings="));
}

#[test]
fn structures_are_dotted_names() {
    let input = read("Details.Title=a&Details.lang=en&detailsSet.item.1.note=n");
    let details =
        Details { title: Some("a".into()), language: Some("en".into()), ..Default::default() };
    assert_eq!(input.details, Some(details));
    assert_eq!(input.details_list.unwrap()[0].note.as_deref(), Some("n"));
}

#[test]
fn a_wrong_value_is_named_with_its_place() {
    assert_eq!(refusal("Integer=x"), "\"x\" can not be converted to an Integer (at Integer)");
    assert_eq!(
        refusal("Strings.member.x=1"),
        "a list's entries are numbered, got \"x\" (at Strings)"
    );
    assert_eq!(
        refusal("Integer.member.1=1"),
        "a single value was expected, found several (at Integer)"
    );
    assert!(refusal(&format!("a{}=1", ".a".repeat(100_000))).contains("more than 64 dots"));
}

#[test]
fn an_answer_wraps_its_result_and_ends_with_the_request_id() {
    let output = EverythingResponse { integer: Some(1), ..Default::default() };
    let response = Protocol::Query.encode_response(ops::Everything::schema(), &output, "id-1");
    assert_eq!(
        response.body(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EverythingResponse xmlns=\"https://fixture.example/doc/2026-01-31/\"><EverythingResult><Integer>1</Integer></EverythingResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></EverythingResponse>"
    );
    assert_eq!(response.headers()["content-type"], "text/xml;charset=UTF-8");
    assert_eq!(response.headers()["x-amzn-requestid"], "id-1");
}

#[test]
fn collections_in_answers() {
    let output = EverythingResponse {
        timestamp: Some(Timestamp::from_millis(1_529_360_908_120)),
        strings: strings(&["a<b"]),
        flat_strings: strings(&["c", "d"]),
        flat_named_strings: strings(&["e"]),
        details: Some(Details {
            title: Some("t".into()),
            language: Some("en".into()),
            ..Default::default()
        }),
        attributes: Some([("k".to_owned(), "v".to_owned())].into()),
        flat_attributes: Some([("k".to_owned(), "v".to_owned())].into()),
        ..Default::default()
    };
    assert_eq!(
        result(&output),
        "<Timestamp>2018-06-18T22:28:28.12Z</Timestamp><Strings><member>a&lt;b</member></Strings><FlatStrings>c</FlatStrings><FlatStrings>d</FlatStrings><FlatName>e</FlatName><Details lang=\"en\"><Title>t</Title></Details><Attributes><entry><key>k</key><value>v</value></entry></Attributes><FlatAttributes><key>k</key><value>v</value></FlatAttributes>"
    );
}

#[test]
fn empty_and_absent_differ_in_wrapped_lists_only() {
    let output = EverythingResponse {
        string: Some(String::new()),
        strings: Some(vec![]),
        flat_strings: Some(vec![]),
        ..Default::default()
    };
    assert_eq!(result(&output), "<String></String><Strings></Strings>");
}

#[test]
fn an_error_says_whose_fault_it_is() {
    let error = fixture::Error::ThingNotFoundException(fixture::ThingNotFoundException {
        message: Some("gone".into()),
        thing_name: Some("x".into()),
        ..Default::default()
    });
    let response =
        Protocol::Query.encode_error(Some(&ops::SERVICE), &ErrorReply::modelled(&error), "id-1");
    assert_eq!(
        response.body(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"https://fixture.example/doc/2026-01-31/\"><Error><Type>Sender</Type><Code>Thing.NotFound</Code><Message>gone</Message><ThingName>x</ThingName></Error><RequestId>id-1</RequestId></ErrorResponse>"
    );
    let broken = fixture::Error::thing_broken("crack");
    let response = Protocol::Query.encode_error(None, &ErrorReply::modelled(&broken), "id-1");
    assert_eq!(response.status(), 500);
    assert!(
        std::str::from_utf8(response.body())
            .unwrap()
            .contains("<ErrorResponse><Error><Type>Receiver</Type>")
    );
}
