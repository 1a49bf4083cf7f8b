//! What holds on every wire: what was written is read back, and no bytes make a reader panic.

use berth_aws_api::fixture::{
    self, EverythingRequest, EverythingResponse, PutThingRequest, PutThingResponse, ops,
};
use berth_aws_api::{Operation, ServiceError};
use proptest::prelude::*;

use super::*;
use crate::CommonError;
use crate::generate::Generator;

const ALL: [Protocol; 6] = [
    Protocol::AwsJson10,
    Protocol::AwsJson11,
    Protocol::Query,
    Protocol::Ec2Query,
    Protocol::RestJson1,
    Protocol::RpcV2Cbor,
];

fn tells_empty_from_absent(protocol: Protocol) -> bool {
    !matches!(protocol, Protocol::Query | Protocol::Ec2Query)
}

fn endpoint() -> Uri {
    Uri::from_static("http://localhost:4566")
}

fn generated<T: Structure + Default>(protocol: Protocol, entropy: &[u8]) -> T {
    let mut value = T::default();
    if tells_empty_from_absent(protocol) {
        Generator::new(entropy).fill(&mut value);
    } else {
        Generator::without_empty(entropy).fill(&mut value);
    }
    value
}

fn any_protocol() -> impl Strategy<Value = Protocol> {
    prop::sample::select(&ALL[..])
}

fn entropy() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..400)
}

fn request_of<O: Operation>(protocol: Protocol, input: &O::Input) -> Request<Bytes> {
    protocol.encode_request(O::schema(), input, &endpoint()).unwrap()
}

fn read_request<O: Operation>(
    protocol: Protocol,
    request: &Request<Bytes>,
) -> Result<O::Input, DecodeError> {
    let mut input = O::Input::default();
    protocol.decode_request(O::schema(), request, &mut input).map(|()| input)
}

fn read_response<O: Operation>(
    protocol: Protocol,
    response: &Response<Bytes>,
) -> Result<O::Output, DecodeError> {
    let mut output = O::Output::default();
    protocol.decode_response(O::schema(), response, &mut output).map(|()| output)
}

proptest! {
    #[test]
    fn requests_are_read_back(protocol in any_protocol(), entropy in entropy()) {
        let input: EverythingRequest = generated(protocol, &entropy);
        let request = request_of::<ops::Everything>(protocol, &input);
        prop_assert_eq!(read_request::<ops::Everything>(protocol, &request), Ok(input));
    }

    #[test]
    fn responses_are_read_back(protocol in any_protocol(), entropy in entropy()) {
        let output: EverythingResponse = generated(protocol, &entropy);
        let response = protocol.encode_response(ops::Everything::schema(), &output, "id");
        prop_assert_eq!(read_response::<ops::Everything>(protocol, &response), Ok(output));
    }

    #[test]
    fn spread_requests_are_read_back(entropy in entropy()) {
        let protocol = Protocol::RestJson1;
        let input: PutThingRequest = generated(protocol, &entropy);
        let request = request_of::<ops::PutThing>(protocol, &input);
        prop_assert_eq!(read_request::<ops::PutThing>(protocol, &request), Ok(input));
    }

    #[test]
    fn spread_responses_are_read_back(entropy in entropy()) {
        let protocol = Protocol::RestJson1;
        let mut output: PutThingResponse = generated(protocol, &entropy);
        let response = protocol.encode_response(ops::PutThing::schema(), &output, "id");
        output.status = Some(i32::from(response.status().as_u16()));
        prop_assert_eq!(read_response::<ops::PutThing>(protocol, &response), Ok(output));
    }

    #[test]
    fn no_body_panics(protocol in any_protocol(), body in proptest::collection::vec(any::<u8>(), 0..256)) {
        let mut request = request_of::<ops::Everything>(protocol, &EverythingRequest::default());
        *request.body_mut() = body.clone().into();
        let _ = read_request::<ops::Everything>(protocol, &request);
        let response = Response::new(Bytes::from(body));
        let _ = read_response::<ops::Everything>(protocol, &response);
        let _ = protocol.decode_error(&response);
    }

    #[test]
    fn no_change_to_a_body_panics(
        protocol in any_protocol(),
        entropy in entropy(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let input: EverythingRequest = generated(protocol, &entropy);
        let mut request = request_of::<ops::Everything>(protocol, &input);
        let mut body = request.body().to_vec();
        if !body.is_empty() {
            for (at, byte) in &changes {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            let _ = read_request::<ops::Everything>(protocol, &with_body(&request, &body));
            body.truncate(cut.index(body.len()));
        }
        *request.body_mut() = body.into();
        let _ = read_request::<ops::Everything>(protocol, &request);
    }
}

fn with_body(request: &Request<Bytes>, body: &[u8]) -> Request<Bytes> {
    let mut request = request.clone();
    *request.body_mut() = Bytes::copy_from_slice(body);
    request
}

fn not_found() -> fixture::Error {
    fixture::Error::ThingNotFoundException(fixture::ThingNotFoundException {
        message: Some("no thing <a> & \"b\"".into()),
        thing_name: Some("a".into()),
        alternatives: Some(vec!["c".into()]),
        retry_after: Some(7),
    })
}

#[test]
fn errors_are_read_back_with_status_and_request_id() {
    for protocol in ALL {
        let error = not_found();
        let reply = ErrorReply::modelled(&error);
        let response = protocol.encode_error(Some(&ops::SERVICE), &reply, "id-1");
        let received = protocol.decode_error(&response);
        let is_query = matches!(protocol, Protocol::Query | Protocol::Ec2Query);
        let code = if is_query { "Thing.NotFound" } else { "ThingNotFoundException" };
        assert_eq!(received.code, code, "{protocol}");
        assert_eq!(received.status, 404, "{protocol}");
        assert_eq!(received.message.as_deref(), error.message(), "{protocol}");
        assert_eq!(received.request_id.as_deref(), Some("id-1"), "{protocol}");
    }
}

#[test]
fn an_error_without_members_still_has_its_message() {
    for protocol in ALL {
        let head = CommonError::Internal("something broke".into()).head(protocol);
        let response = protocol.encode_error(None, &head.clone().into(), "id-2");
        let received = protocol.decode_error(&response);
        assert_eq!((received.code.as_str(), received.status), (&*head.code, 500), "{protocol}");
        assert_eq!(received.message.as_deref(), Some("something broke"), "{protocol}");
        assert_eq!(response.headers()["x-amzn-requestid"], "id-2");
        assert!(!response.headers().contains_key("x-amzn-query-error"));
    }
}

#[test]
fn an_answer_that_is_no_error_is_told_by_its_status() {
    for protocol in ALL {
        let mut response = Response::new(Bytes::from_static(b"<html>Bad Gateway</html>"));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        let received = protocol.decode_error(&response);
        assert_eq!((received.code.as_str(), received.message), ("502", None), "{protocol}");
    }
}

#[test]
fn clients_of_query_find_their_code_in_a_header() {
    for protocol in [Protocol::AwsJson10, Protocol::AwsJson11, Protocol::RpcV2Cbor] {
        let error = not_found();
        let response =
            protocol.encode_error(Some(&ops::SERVICE), &ErrorReply::modelled(&error), "id");
        assert_eq!(response.headers()["x-amzn-query-error"], "Thing.NotFound;Sender", "{protocol}");
    }
}

#[test]
fn a_failed_decode_says_what_and_where() {
    for (protocol, body, path) in [
        (
            Protocol::AwsJson11,
            &br#"{"DetailsList":0,"detailsSet":[{"Title":"a"},{"Title":1}]}"#[..],
            "DetailsList[1].Title",
        ),
        (Protocol::Query, b"Details.created=soon", "Details.CreatedAt"),
        (
            Protocol::Ec2Query,
            b"CountsByColor.entry.1.key=RED&CountsByColor.entry.1.value=x",
            "CountsByColor[\"RED\"]",
        ),
        (Protocol::RpcV2Cbor, b"\xA1\x66Matrix\x81\x81\x61x", "Matrix[0][0]"),
    ] {
        let request = with_body(
            &request_of::<ops::Everything>(protocol, &EverythingRequest::default()),
            body,
        );
        let error = read_request::<ops::Everything>(protocol, &request).unwrap_err();
        assert_eq!(error.path(), path, "{protocol}: {error}");
    }
}

#[test]
fn an_operation_without_input_and_output_has_empty_bodies() {
    for protocol in ALL {
        let unit = berth_aws_api::Unit {};
        let response = protocol.encode_response(ops::Nothing::schema(), &unit, "id");
        assert_eq!(response.status(), 200);
        let is_xml = matches!(protocol, Protocol::Query | Protocol::Ec2Query);
        assert_eq!(response.body().is_empty(), !is_xml, "{protocol}");
        let request = request_of::<ops::Nothing>(protocol, &unit);
        assert_eq!(read_request::<ops::Nothing>(protocol, &request), Ok(unit), "{protocol}");
    }
}
