//! One test for each rule of the CBOR wire. Bytes are written as RFC 8949's appendix writes them.

use berth_aws_api::Operation;
use berth_aws_api::fixture::{self, EverythingRequest, EverythingResponse, ops};
use berth_model::Timestamp;
use bytes::Bytes;
use http::Uri;

use super::decode::decode;
use super::encode::encode;
use crate::{ErrorReply, Protocol};

const WIRE: Protocol = Protocol::RpcV2Cbor;

/// A map of one member.
fn message(member: &str, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xA1, 0x60 + u8::try_from(member.len()).unwrap()];
    bytes.extend_from_slice(member.as_bytes());
    bytes.extend_from_slice(value);
    bytes
}

fn read(bytes: &[u8]) -> EverythingRequest {
    let mut request = EverythingRequest::default();
    decode(bytes, &mut request).unwrap();
    request
}

fn refusal(bytes: &[u8]) -> String {
    decode(bytes, &mut EverythingRequest::default()).unwrap_err().to_string()
}

#[test]
fn floats_come_in_every_width() {
    let double = |bytes: &[u8]| read(&message("Double", bytes)).double.unwrap();
    for (bytes, expected) in [
        (&[0xF9, 0x3C, 0x00][..], 1.0),
        (&[0xF9, 0xC4, 0x00], -4.0),
        (&[0xF9, 0x7B, 0xFF], 65504.0),
        (&[0xF9, 0x00, 0x01], 5.960464477539063e-8),
        (&[0xF9, 0x04, 0x00], 0.00006103515625),
        (&[0xF9, 0x7C, 0x00], f64::INFINITY),
        (&[0xF9, 0xFC, 0x00], f64::NEG_INFINITY),
        (&[0xFA, 0x47, 0xC3, 0x50, 0x00], 100000.0),
        (&[0xFB, 0x3F, 0xF1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], 1.1),
        (&[0x18, 0x64], 100.0),
        (&[0x20], -1.0),
    ] {
        assert_eq!(double(bytes), expected, "{bytes:x?}");
    }
    assert!(double(&[0xF9, 0x7E, 0x00]).is_nan());
}

#[test]
fn instants_are_tagged_seconds_of_any_number() {
    let at = |bytes: &[u8]| read(&message("Timestamp", bytes)).timestamp.unwrap().as_millis();
    assert_eq!(at(&[0xC1, 0x1A, 0x51, 0x4B, 0x67, 0xB0]), 1_363_896_240_000);
    assert_eq!(
        at(&[0xC1, 0xFB, 0x41, 0xD4, 0x52, 0xD9, 0xEC, 0x20, 0x00, 0x00]),
        1_363_896_240_500
    );
    assert_eq!(at(&[0xC1, 0x20]), -1000);
    let response = EverythingResponse {
        timestamp: Some(Timestamp::from_millis(1_363_896_240_500)),
        ..Default::default()
    };
    let expected =
        message("Timestamp", &[0xC1, 0xFB, 0x41, 0xD4, 0x52, 0xD9, 0xEC, 0x20, 0x00, 0x00]);
    assert_eq!(encode(&response), expected);
}

#[test]
fn collections_and_strings_may_come_in_pieces() {
    let strings = [0x9F, 0x61, b'a', 0x7F, 0x61, b'b', 0x61, b'c', 0xFF, 0xFF];
    let mut bytes = message("Strings", &strings);
    bytes[0] = 0xBF;
    bytes.extend_from_slice(b"\x64Blob\x5F\x41\x01\x42\x02\x03\xFF\xFF");
    let request = read(&bytes);
    assert_eq!(request.strings, Some(vec!["a".to_owned(), "bc".to_owned()]));
    assert_eq!(request.blob, Some(Bytes::from_static(&[1, 2, 3])));
}

#[test]
fn null_undefined_and_unknown_members_are_as_if_they_were_not_there() {
    let mut bytes = b"\xA5\x67Integer\xF6\x66String\xF7\x67Strings\xF6".to_vec();
    bytes.extend_from_slice(b"\x66Nobody\x9F\xA1\x61a\xF9\x3C\x00\xC1\x01\x5F\xFF\xFF");
    bytes.extend_from_slice(b"\x64Long\x07");
    assert_eq!(read(&bytes), EverythingRequest { long: Some(7), ..Default::default() });
}

#[test]
fn empty_is_not_absent() {
    assert_eq!(read(&message("Strings", &[0x80])).strings, Some(vec![]));
    assert_eq!(
        encode(&EverythingResponse { strings: Some(vec![]), ..Default::default() }),
        message("Strings", &[0x80])
    );
    assert_eq!(encode(&EverythingResponse::default()), [0xA0]);
    assert_eq!(read(b""), EverythingRequest::default());
}

#[test]
fn a_wrong_type_or_range_is_named_with_its_place() {
    for (bytes, expected) in [
        (
            message("Integer", b"\x61x"),
            "string can not be converted to an Integer (at Integer, byte 9)",
        ),
        (
            message("Integer", b"\x1A\x80\x00\x00\x00"),
            "2147483648 is beyond the range of an Integer (at Integer, byte 9)",
        ),
        (
            message("Integer", b"\xF9\x3E\x00"),
            "1.5 is not a whole number in range (at Integer, byte 9)",
        ),
        (message("Strings", b"\xA0"), "map can not be converted to a List (at Strings, byte 9)"),
        (message("Boolean", b"\x01"), "u8 can not be converted to a Boolean (at Boolean, byte 9)"),
        (message("String", b"\x41a"), "bytes can not be converted to a String (at String, byte 8)"),
        (b"\x80".to_vec(), "array can not be converted to a Structure (at byte 0)"),
        (b"\xA0\x00".to_vec(), "something follows the end of the message (at byte 1)"),
    ] {
        assert_eq!(refusal(&bytes), expected);
    }
}

#[test]
fn lies_about_lengths_cost_nothing() {
    for value in [
        &b"\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"[..],
        b"\x7B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        b"\xF9\x3C",
    ] {
        let refused = refusal(&message("Strings", value));
        assert!(!refused.is_empty());
    }
    assert!(!refusal(&message("Double", b"\xF9\x3C")).is_empty());
}

#[test]
fn nesting_has_an_end() {
    for open in [&b"\x81"[..], b"\x9F", b"\xA1\x61a", b"\xC1"] {
        let refused = refusal(&message("Nobody", &open.repeat(100_000)));
        assert!(refused.contains("inside each other"), "{refused}");
    }
    let tree = message("Tree", &b"\xA1\x64Left".repeat(100_000));
    assert!(refusal(&tree).contains("inside each other"));
}

#[test]
fn the_path_names_service_and_operation() {
    let endpoint = Uri::from_static("http://localhost:4566");
    let input = EverythingRequest { long: Some(7), ..Default::default() };
    let request = WIRE.encode_request(ops::Everything::schema(), &input, &endpoint).unwrap();
    assert_eq!(
        request.uri(),
        "http://localhost:4566/service/Fixture_20260131/operation/Everything"
    );
    assert_eq!(request.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(request.headers()["content-type"], "application/cbor");
    assert_eq!(request.headers()["accept"], "application/cbor");
    assert_eq!(&request.body()[..], message("Long", &[7]));
    let response =
        WIRE.encode_response(ops::Everything::schema(), &EverythingResponse::default(), "id");
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
}

#[test]
fn an_error_has_its_type_inside() {
    let error = fixture::Error::thing_broken("crack");
    let response = WIRE.encode_error(None, &ErrorReply::modelled(&error), "id");
    assert_eq!(&response.body()[..], b"\xA2\x66__type\x70ThingBrokenFault\x67Message\x65crack");
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    let received = WIRE.decode_error(&response);
    assert_eq!(
        (received.code.as_str(), received.message.as_deref()),
        ("ThingBrokenFault", Some("crack"))
    );
}
