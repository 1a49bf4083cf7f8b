//! JSON RPC in HTTP: `POST /`, the operation in `X-Amz-Target`, everything else in the body.

use berth_aws_api::{OperationSchema, ServiceSchema, Structure};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};

use super::decode::decode;
use super::encode::encode;
use super::error::{encode_error_body, read_error};
use crate::protocol::{FoundError, add_query_error, post, response};
use crate::{DecodeError, EncodeError, ErrorReply, Protocol};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The two versions differ in their content type only.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Version {
    V1_0,
    V1_1,
}

impl Version {
    fn content_type(self) -> &'static str {
        match self {
            Version::V1_0 => Protocol::AwsJson10.content_type(),
            Version::V1_1 => Protocol::AwsJson11.content_type(),
        }
    }
}

pub(crate) fn decode_request(
    request: &Request<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode(request.body(), into)
}

/// AWS: an operation without an output answers with an empty body, one with an empty output with `{}`.
pub(crate) fn encode_response(
    version: Version,
    operation: &OperationSchema,
    output: &dyn Structure,
) -> Response<Bytes> {
    let mut body = String::new();
    if operation.output.is_some() {
        body.reserve(1024);
        encode(&mut body, output);
    }
    response(StatusCode::OK, version.content_type(), body)
}

pub(crate) fn encode_error(
    version: Version,
    service: Option<&ServiceSchema>,
    error: &ErrorReply<'_>,
) -> Response<Bytes> {
    let body = encode_error_body(error, false);
    let mut response = response(error.http_status(), version.content_type(), body);
    add_query_error(&mut response, service, error);
    response
}

pub(crate) fn encode_request(
    version: Version,
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    let mut body = String::new();
    encode(&mut body, input);
    let mut request = post(endpoint, "/", version.content_type(), body)?;
    let prefix = operation.service.target_prefix.unwrap_or(operation.service.name);
    let target = HeaderValue::from_str(&format!("{prefix}.{}", operation.name))
        .map_err(|_| EncodeError::Header("X-Amz-Target"))?;
    request.headers_mut().insert(TARGET, target);
    Ok(request)
}

pub(crate) fn decode_response(
    response: &Response<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode(response.body(), into)
}

pub(crate) fn decode_error(response: &Response<Bytes>) -> FoundError {
    let (code, message, id) = read_error(response.body());
    let in_header =
        response.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    (in_header.map(str::to_owned).or(code), message, id)
}
