//! EC2 Query: Query's forms with names of its own, and flatter answers.

use berth_aws_api::{OperationSchema, Path, Structure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};

use crate::protocol::{FoundError, response};
use crate::query::form::Node;
use crate::query::{self, Dialect};
use crate::xml::tree::Element;
use crate::xml::{self, Writer};
use crate::{DecodeError, EncodeError, ErrorReply, Protocol};

#[cfg(test)]
mod tests;

pub(crate) fn decode_request(
    request: &Request<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    query::decode::members(Dialect::Ec2, &Node::parse(request)?, into, &Path::ROOT)
}

/// AWS: no result wrapper, and `requestId` comes first, with a small letter.
pub(crate) fn encode_response(
    operation: &OperationSchema,
    output: &dyn Structure,
    request_id: &str,
) -> Response<Bytes> {
    let root = format!("{}Response", operation.name);
    let mut out = Writer::document();
    match operation.service.xml_namespace {
        Some(namespace) => out.open_with(&root, &[("xmlns", namespace)]),
        None => out.open(&root),
    }
    out.leaf("requestId", request_id);
    xml::encode::members(&mut out, output);
    out.close(&root);
    response(StatusCode::OK, Protocol::Ec2Query.content_type(), out.finish())
}

/// AWS: `RequestID` with two capitals, no type, no members beside code and message.
pub(crate) fn encode_error(error: &ErrorReply<'_>, request_id: &str) -> Response<Bytes> {
    let mut out = Writer::document();
    out.open("Response");
    out.open("Errors");
    out.open("Error");
    out.leaf("Code", &error.query_code);
    out.leaf("Message", error.message.as_deref().unwrap_or_default());
    out.close("Error");
    out.close("Errors");
    out.leaf("RequestID", request_id);
    out.close("Response");
    response(error.http_status(), Protocol::Ec2Query.content_type(), out.finish())
}

pub(crate) fn encode_request(
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    query::form_request(Dialect::Ec2, operation, input, endpoint)
}

pub(crate) fn decode_response(
    response: &Response<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    xml::decode::members(&Element::parse(response.body())?, into, &Path::ROOT)
}

pub(crate) fn decode_error(response: &Response<Bytes>) -> FoundError {
    query::decode_error(response)
}
