//! One test for each rule of the JSON wires.

use berth_aws_api::fixture::{
    self, Choice, Color, Details, EverythingRequest, EverythingResponse, Tree, ops,
};
use berth_aws_api::{Document, Operation, ServiceError};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Response, Uri};

use super::decode::decode;
use super::encode::encode;
use crate::{CommonError, ErrorReply, Protocol};

fn read(text: &str) -> EverythingRequest {
    let mut request = EverythingRequest::default();
    decode(text.as_bytes(), &mut request).unwrap();
    request
}

fn refusal(text: &str) -> String {
    decode(text.as_bytes(), &mut EverythingRequest::default()).unwrap_err().to_string()
}

fn written(response: &EverythingResponse) -> String {
    let mut out = String::new();
    encode(&mut out, response);
    out
}

#[test]
fn scalars_are_read() {
    let request = read(
        r#"{"Boolean": true, "Integer": -7, "Long": 9223372036854775807, "Float": 1.5, "Double": 1e300,
            "String": "a", "Blob": "aGk=", "Color": "RED", "renamedOnWires": "b"}"#,
    );
    let expected = EverythingRequest {
        boolean: Some(true),
        integer: Some(-7),
        long: Some(i64::MAX),
        float: Some(1.5),
        double: Some(1e300),
        string: Some("a".into()),
        blob: Some(Bytes::from_static(b"hi")),
        color: Some(Color::Red),
        renamed: Some("b".into()),
        ..Default::default()
    };
    assert_eq!(request, expected);
}

#[test]
fn instants_are_seconds_unless_the_model_says_otherwise() {
    let at = Timestamp::from_millis(1_529_360_908_123);
    for text in
        ["1529360908.123", "1.529360908123E9", "\"2018-06-18T22:28:28.123Z\"", "\"1529360908.123\""]
    {
        assert_eq!(read(&format!("{{\"Timestamp\":{text}}}")).timestamp, Some(at), "{text}");
    }
    let response = EverythingResponse {
        timestamp: Some(at),
        timestamp_iso8601: Some(at),
        timestamp_rfc822: Some(at),
        timestamp_unix: Some(Timestamp::from_millis(1000)),
        ..Default::default()
    };
    assert_eq!(
        written(&response),
        r#"{"Timestamp":1529360908.123,"TimestampIso8601":"2018-06-18T22:28:28.123Z","TimestampRfc822":"Mon, 18 Jun 2018 22:28:28 GMT","TimestampUnix":1}"#
    );
}

#[test]
fn what_is_no_number_is_a_text() {
    let request = read(r#"{"Float":"NaN","Double":"-Infinity"}"#);
    assert!(request.float.is_some_and(f32::is_nan));
    assert_eq!(request.double, Some(f64::NEG_INFINITY));
    let response = EverythingResponse {
        float: Some(f32::INFINITY),
        double: Some(f64::NAN),
        ..Default::default()
    };
    assert_eq!(written(&response), r#"{"Float":"Infinity","Double":"NaN"}"#);
}

#[test]
fn null_and_unknown_members_are_as_if_they_were_not_there() {
    let text = r#"{"Integer":null,"Nobody":{"a":[1,{"b":"]}"}],"c":null},"Strings":null,"Attributes":{"a":null,"b":"c"}}"#;
    let expected = EverythingRequest {
        attributes: Some([("b".to_owned(), "c".to_owned())].into()),
        ..Default::default()
    };
    assert_eq!(read(text), expected);
}

#[test]
fn empty_is_not_absent() {
    let request = read(r#"{"Strings":[],"Attributes":{},"Details":{},"String":""}"#);
    let expected = EverythingRequest {
        strings: Some(vec![]),
        attributes: Some(Default::default()),
        details: Some(Details::default()),
        string: Some(String::new()),
        ..Default::default()
    };
    assert_eq!(request, expected);
    assert_eq!(
        written(&EverythingResponse { strings: Some(vec![]), ..Default::default() }),
        r#"{"Strings":[]}"#
    );
}

#[test]
fn an_empty_body_is_an_empty_object() {
    assert_eq!(read(""), EverythingRequest::default());
    assert_eq!(read(" \n"), EverythingRequest::default());
    assert_eq!(read("{}"), EverythingRequest::default());
}

#[test]
fn the_last_of_a_doubled_key_counts() {
    assert_eq!(read(r#"{"Strings":["a"],"Strings":["b"]}"#).strings, Some(vec!["b".to_owned()]));
    assert_eq!(read(r#"{"Strings":["a"],"Strings":null}"#).strings, None);
}

#[test]
fn escapes_are_read_and_written() {
    let request = read(r#"{"String":"\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00"}"#);
    assert_eq!(request.string.as_deref(), Some("\" \\ / \u{8} \u{c} \n \r \t é 😀"));
    let response =
        EverythingResponse { string: Some("\"\\\n\u{1}é😀".into()), ..Default::default() };
    assert_eq!(written(&response), "{\"String\":\"\\\"\\\\\\n\\u0001é😀\"}");
}

#[test]
fn collections_unions_and_recursion() {
    let request = read(
        r#"{"Matrix":[[1,2],[]],"detailsSet":[{"Title":"a","lang":"en","created":1}],"DetailsByName":{"x":{"Title":"y"}},
            "Choice":{"Names":["n"]},"Tree":{"Value":"r","Left":{"Value":"l"},"Children":[{"Value":"c"}]}}"#,
    );
    assert_eq!(request.matrix, Some(vec![vec![1, 2], vec![]]));
    let details = &request.details_list.unwrap()[0];
    assert_eq!(
        (details.language.as_deref(), details.created_at),
        (Some("en"), Some(Timestamp::from_millis(1000)))
    );
    assert_eq!(
        request.choice,
        Some(Choice { names: Some(vec!["n".into()]), ..Default::default() })
    );
    let leaf = |value: &str| Tree { value: Some(value.into()), ..Default::default() };
    let tree =
        Tree { left: Some(Box::new(leaf("l"))), children: Some(vec![leaf("c")]), ..leaf("r") };
    assert_eq!(request.tree, Some(tree));
}

#[test]
fn an_unknown_value_of_an_enum_is_kept_for_validation() {
    assert_eq!(read(r#"{"Color":"MAUVE"}"#).color, Some(Color::Unknown("MAUVE".into())));
}

#[test]
fn whole_numbers_may_be_spelled_as_fractions_but_not_be_ones() {
    assert_eq!(read(r#"{"Integer":7.0,"Long":1e3}"#).long, Some(1000));
    assert_eq!(refusal(r#"{"Integer":7.5}"#), "7.5 is not a whole number (at Integer, byte 11)");
    assert_eq!(
        refusal(r#"{"Integer":2147483648}"#),
        "2147483648 is beyond the range of an Integer (at Integer, byte 11)"
    );
    assert_eq!(
        refusal(r#"{"Long":9223372036854775808}"#),
        "9223372036854775808 is beyond the range of a Long (at Long, byte 8)"
    );
    assert_eq!(
        refusal(r#"{"Double":1e999}"#),
        "1e999 is beyond the range of a Double (at Double, byte 10)"
    );
}

#[test]
fn a_wrong_type_is_named_with_its_place() {
    for (text, expected) in [
        (
            r#"{"Integer":"x"}"#,
            "STRING_VALUE can not be converted to an Integer (at Integer, byte 11)",
        ),
        (r#"{"String":1}"#, "NUMBER_VALUE can not be converted to a String (at String, byte 10)"),
        (
            r#"{"Boolean":"true"}"#,
            "STRING_VALUE can not be converted to a Boolean (at Boolean, byte 11)",
        ),
        (r#"{"Strings":{}}"#, "START_OBJECT can not be converted to a List (at Strings, byte 11)"),
        (
            r#"{"Attributes":[]}"#,
            "START_ARRAY can not be converted to a Map (at Attributes, byte 14)",
        ),
        (
            r#"{"Details":true}"#,
            "TRUE_VALUE can not be converted to a Structure (at Details, byte 11)",
        ),
        (
            r#"{"Strings":["a",null]}"#,
            "NULL_VALUE can not be converted to a String (at Strings[1], byte 16)",
        ),
        (
            r#"{"Attributes":{"k":1}}"#,
            "NUMBER_VALUE can not be converted to a String (at Attributes[\"k\"], byte 19)",
        ),
        (r#"{"Blob":"%"}"#, "a blob that is not valid base64 (at Blob, byte 8)"),
        ("[]", "START_ARRAY can not be converted to a JSON object (at byte 0)"),
    ] {
        assert_eq!(refusal(text), expected);
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_byte() {
    for (text, expected) in [
        ("{", "expected a key in double quotes, found the end of the text (at byte 1)"),
        ("{\"a\"}", "expected ':', found '}' (at byte 4)"),
        ("{\"a\":1,}", "expected one more entry, found '}' (at byte 7)"),
        ("{\"a\":1 \"b\":2}", "expected ',' or '}', found '\"' (at byte 7)"),
        ("{\"a\":01}", "an invalid number (at byte 5)"),
        ("{\"a\":1.}", "an invalid number (at byte 5)"),
        ("{\"a\":tru}", "expected true, found 't' (at byte 5)"),
        ("{\"a\":\"\\x\"}", "an invalid escape in a string (at byte 6)"),
        ("{\"a\":\"\\ud800\"}", "an invalid escape in a string (at byte 6)"),
        ("{\"a\":\"\n\"}", "a control character in a string (at byte 6)"),
        ("{\"a\":\"b", "a string without its end (at byte 5)"),
        ("{} x", "expected the end, found 'x' (at byte 3)"),
        ("not json", "expected null, found 'n' (at byte 0)"),
    ] {
        let refused = refusal(text);
        assert_eq!(refused, expected, "{text}");
    }
    let invalid = decode(b"{\"a\":\"\xFF\"}", &mut EverythingRequest::default()).unwrap_err();
    assert_eq!(invalid.offset(), Some(6));
}

#[test]
fn nesting_has_an_end() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("{}1{}", open.repeat(times), close.repeat(times))
    };
    let skipped = |times| format!("{{\"Nobody\":{}}}", deep("[", "]", times));
    assert_eq!(read(&skipped(100)), EverythingRequest::default());
    assert!(refusal(&skipped(100_000)).contains("inside each other"));
    let mut tree = "{\"Tree\":".to_owned();
    tree.push_str(&"{\"Left\":".repeat(100_000));
    assert!(refusal(&tree).contains("more than 128 objects"));
}

#[test]
fn documents_are_any_json() {
    let text = r#"{"a":[null,true,1,1.5,"x",{"b":{}}]}"#;
    let mut document = Document::Null;
    super::decode::decode_value(
        text.as_bytes(),
        &berth_aws_api::schema::prelude::DOCUMENT,
        berth_aws_api::Target::Document(&mut document),
    )
    .unwrap();
    let mut out = String::new();
    super::encode::document(&mut out, &document);
    assert_eq!(out, text);
}

#[test]
fn a_request_names_its_operation_in_a_header() {
    let endpoint = Uri::from_static("http://localhost:4566");
    let input = EverythingRequest { integer: Some(1), ..Default::default() };
    let request =
        Protocol::AwsJson10.encode_request(ops::Everything::schema(), &input, &endpoint).unwrap();
    assert_eq!(request.uri(), "http://localhost:4566/");
    assert_eq!(request.headers()["x-amz-target"], "Fixture_20260131.Everything");
    assert_eq!(request.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(request.body(), r#"{"Integer":1}"#);
}

fn body_of(error: &fixture::Error) -> Response<Bytes> {
    Protocol::AwsJson11.encode_error(None, &ErrorReply::modelled(error), "id")
}

#[test]
fn an_error_has_its_type_and_members() {
    let error = fixture::Error::ThingNotFoundException(fixture::ThingNotFoundException {
        message: Some("gone".into()),
        thing_name: Some("x".into()),
        ..Default::default()
    });
    let response = body_of(&error);
    assert_eq!(
        response.body(),
        r#"{"__type":"ThingNotFoundException","message":"gone","ThingName":"x"}"#
    );
    assert_eq!(response.status(), error.status());
    assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
}

#[test]
fn a_message_is_spelled_as_the_shape_spells_it() {
    assert_eq!(
        body_of(&fixture::Error::thing_broken("crack")).body(),
        r#"{"__type":"ThingBrokenFault","Message":"crack"}"#
    );
    assert_eq!(body_of(&fixture::Error::throttled()).body(), r#"{"__type":"ThrottledException"}"#);
    let head = CommonError::Unreadable("what".into()).head(Protocol::AwsJson11);
    let response = Protocol::AwsJson11.encode_error(None, &head.into(), "id");
    assert_eq!(response.body(), r#"{"__type":"SerializationException","message":"what"}"#);
}

#[test]
fn a_type_may_have_a_namespace_or_be_in_a_header() {
    let mut response = Response::new(Bytes::from_static(
        br#"{"__type":"com.example#Gone:http://x/","Message":"m"}"#,
    ));
    let error = Protocol::AwsJson11.decode_error(&response);
    assert_eq!((error.code.as_str(), error.message.as_deref()), ("Gone", Some("m")));
    response.headers_mut().insert("x-amzn-errortype", "Other".parse().unwrap());
    assert_eq!(Protocol::AwsJson11.decode_error(&response).code, "Other");
}
