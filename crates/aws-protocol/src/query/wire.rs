//! AWS Query in HTTP: a form with `Action` and `Version` in, `<XResponse><XResult>` or `<ErrorResponse>` out.

use berth_aws_api::{OperationSchema, Path, ServiceSchema, Structure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};

use super::encode::Form;
use super::form::Node;
use super::{Dialect, decode};
use crate::protocol::{FoundError, post, response};
use crate::xml::tree::Element;
use crate::xml::{self, Writer, encode::members};
use crate::{DecodeError, EncodeError, ErrorReply, Protocol};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

pub(crate) fn decode_request(
    request: &Request<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode::members(Dialect::Query, &Node::parse(request)?, into, &Path::ROOT)
}

pub(crate) fn encode_response(
    operation: &OperationSchema,
    output: &dyn Structure,
    request_id: &str,
) -> Response<Bytes> {
    let root = format!("{}Response", operation.name);
    let mut out = Writer::document();
    open_root(&mut out, &root, operation.service.xml_namespace);
    if let Some(wrapper) = operation.result_wrapper {
        out.open(wrapper);
        members(&mut out, output);
        out.close(wrapper);
    } else {
        members(&mut out, output);
    }
    out.open("ResponseMetadata");
    out.leaf("RequestId", request_id);
    out.close("ResponseMetadata");
    out.close(&root);
    response(StatusCode::OK, Protocol::Query.content_type(), out.finish())
}

pub(crate) fn encode_error(
    service: Option<&ServiceSchema>,
    error: &ErrorReply<'_>,
    request_id: &str,
) -> Response<Bytes> {
    let mut out = Writer::document();
    open_root(&mut out, "ErrorResponse", service.and_then(|service| service.xml_namespace));
    out.open("Error");
    out.leaf("Type", error.sender());
    out.leaf("Code", &error.query_code);
    if let Some(message) = &error.message {
        out.leaf("Message", message);
    }
    if let Some(body) = error.body {
        xml::encode::members_except(&mut out, body, "message");
    }
    out.close("Error");
    out.leaf("RequestId", request_id);
    out.close("ErrorResponse");
    response(error.http_status(), Protocol::Query.content_type(), out.finish())
}

pub(crate) fn encode_request(
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    form_request(Dialect::Query, operation, input, endpoint)
}

pub(crate) fn form_request(
    dialect: Dialect,
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    let mut form = Form::new(dialect);
    form.add("Action", operation.name);
    form.add("Version", operation.service.api_version);
    form.members("", input);
    post(endpoint, "/", FORM, form.finish())
}

pub(crate) fn decode_response(
    operation: &OperationSchema,
    response: &Response<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    let root = Element::parse(response.body())?;
    let result = operation.result_wrapper.map_or(Some(&root), |wrapper| root.child(wrapper));
    result.map_or(Ok(()), |result| xml::decode::members(result, into, &Path::ROOT))
}

/// Reads `<Error>` wherever it is, so that EC2's wrapping is the same to it.
pub(crate) fn decode_error(response: &Response<Bytes>) -> FoundError {
    let Ok(root) = Element::parse(response.body()) else { return (None, None, None) };
    let text = |parent: Option<&Element>, name: &str| Some(parent?.child(name)?.text.clone());
    let error = root.find("Error");
    let id = root.find("RequestId").or_else(|| root.find("RequestID"));
    (text(error, "Code"), text(error, "Message"), id.map(|id| id.text.clone()))
}

fn open_root(out: &mut Writer, name: &str, namespace: Option<&str>) {
    match namespace {
        Some(namespace) => out.open_with(name, &[("xmlns", namespace)]),
        None => out.open(name),
    }
}
