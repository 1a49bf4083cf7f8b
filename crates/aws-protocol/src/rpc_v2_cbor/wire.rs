//! RPC v2 CBOR in HTTP.

use berth_aws_api::{Document, OperationSchema, ServiceSchema, Structure};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};

use super::decode::{decode, decode_document};
use super::encode::{encode, encode_error as error_body};
use crate::protocol::{FoundError, add_query_error, post, response};
use crate::{DecodeError, EncodeError, ErrorReply, Protocol};

const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const NAME: HeaderValue = HeaderValue::from_static("rpc-v2-cbor");

pub(crate) fn decode_request(
    request: &Request<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode(request.body(), into)
}

/// AWS: an operation without an output answers with an empty body that has no type.
pub(crate) fn encode_response(
    operation: &OperationSchema,
    output: &dyn Structure,
) -> Response<Bytes> {
    let mut response = if operation.output.is_some() {
        response(StatusCode::OK, Protocol::RpcV2Cbor.content_type(), encode(output))
    } else {
        Response::new(Bytes::new())
    };
    response.headers_mut().insert(SMITHY_PROTOCOL, NAME);
    response
}

pub(crate) fn encode_error(
    service: Option<&ServiceSchema>,
    error: &ErrorReply<'_>,
) -> Response<Bytes> {
    let body = error_body(&error.code, error.message.as_deref(), error.body);
    let mut response = response(error.http_status(), Protocol::RpcV2Cbor.content_type(), body);
    response.headers_mut().insert(SMITHY_PROTOCOL, NAME);
    add_query_error(&mut response, service, error);
    response
}

pub(crate) fn encode_request(
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    let service = operation.service.target_prefix.unwrap_or(operation.service.id);
    let path = format!("/service/{service}/operation/{}", operation.name);
    let body = if operation.input.is_some() { encode(input) } else { Vec::new() };
    let mut request = post(endpoint, &path, Protocol::RpcV2Cbor.content_type(), body)?;
    if operation.input.is_none() {
        request.headers_mut().remove(CONTENT_TYPE);
    }
    request.headers_mut().insert(SMITHY_PROTOCOL, NAME);
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static(Protocol::RpcV2Cbor.content_type()));
    Ok(request)
}

pub(crate) fn decode_response(
    response: &Response<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode(response.body(), into)
}

pub(crate) fn decode_error(response: &Response<Bytes>) -> FoundError {
    let Ok(Document::Map(members)) = decode_document(response.body()) else {
        return (None, None, None);
    };
    let text = |names: [&str; 2]| {
        names.iter().find_map(|name| match members.get(*name) {
            Some(Document::String(text)) => Some(text.clone()),
            _ => None,
        })
    };
    (text(["__type", "code"]), text(["message", "Message"]), None)
}
