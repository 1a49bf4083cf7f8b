//! The wires that AWS's services speak, behind one door.
//!
//! A server decodes requests and encodes answers, a client does the reverse; both say which operation
//! it is, and the codec finds everything else in the operation's tables.

use std::fmt;

use berth_aws_api::{OperationSchema, ProtocolName, ServiceSchema, Structure};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};

use crate::{
    DecodeError, ErrorReply, ReceivedError, ec2_query, json, query, rest_json, rpc_v2_cbor,
};

#[cfg(test)]
mod tests;

/// One of AWS's wire protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    AwsJson10,
    AwsJson11,
    Query,
    Ec2Query,
    RestJson1,
    RpcV2Cbor,
}

/// A value that its wire cannot carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A part of the path that is absent or empty.
    #[error("`{0}` is part of the path and must not be empty")]
    EmptyLabel(&'static str),
    #[error("`{0}` holds characters that no header can")]
    Header(&'static str),
    #[error("the address of the operation is not a valid one: {0}")]
    Address(String),
}

/// AWS: what a user reads to a supporter.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

impl Protocol {
    /// Server: reads the input of an operation. What is absent in the request stays as it is in `into`.
    pub fn decode_request(
        self,
        operation: &OperationSchema,
        request: &Request<Bytes>,
        into: &mut dyn Structure,
    ) -> Result<(), DecodeError> {
        match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => json::decode_request(request, into),
            Protocol::Query => query::decode_request(request, into),
            Protocol::Ec2Query => ec2_query::decode_request(request, into),
            Protocol::RestJson1 => rest_json::decode_request(operation, request, into),
            Protocol::RpcV2Cbor => rpc_v2_cbor::decode_request(request, into),
        }
    }

    /// Server: an operation's answer.
    pub fn encode_response(
        self,
        operation: &OperationSchema,
        output: &dyn Structure,
        request_id: &str,
    ) -> Response<Bytes> {
        let mut response = match self {
            Protocol::AwsJson10 => json::encode_response(json::Version::V1_0, operation, output),
            Protocol::AwsJson11 => json::encode_response(json::Version::V1_1, operation, output),
            Protocol::Query => query::encode_response(operation, output, request_id),
            Protocol::Ec2Query => ec2_query::encode_response(operation, output, request_id),
            Protocol::RestJson1 => rest_json::encode_response(operation, output),
            Protocol::RpcV2Cbor => rpc_v2_cbor::encode_response(operation, output),
        };
        name_request(&mut response, request_id);
        response
    }

    /// Server: an error. `service` is `None` while it is not known whom the request is for.
    pub fn encode_error(
        self,
        service: Option<&ServiceSchema>,
        error: &ErrorReply<'_>,
        request_id: &str,
    ) -> Response<Bytes> {
        let mut response = match self {
            Protocol::AwsJson10 => json::encode_error(json::Version::V1_0, service, error),
            Protocol::AwsJson11 => json::encode_error(json::Version::V1_1, service, error),
            Protocol::Query => query::encode_error(service, error, request_id),
            Protocol::Ec2Query => ec2_query::encode_error(error, request_id),
            Protocol::RestJson1 => rest_json::encode_error(error),
            Protocol::RpcV2Cbor => rpc_v2_cbor::encode_error(service, error),
        };
        name_request(&mut response, request_id);
        response
    }

    /// Client: a request, not signed yet. `endpoint` is the address before the protocol's own path.
    pub fn encode_request(
        self,
        operation: &OperationSchema,
        input: &dyn Structure,
        endpoint: &Uri,
    ) -> Result<Request<Bytes>, EncodeError> {
        match self {
            Protocol::AwsJson10 => {
                json::encode_request(json::Version::V1_0, operation, input, endpoint)
            }
            Protocol::AwsJson11 => {
                json::encode_request(json::Version::V1_1, operation, input, endpoint)
            }
            Protocol::Query => query::encode_request(operation, input, endpoint),
            Protocol::Ec2Query => ec2_query::encode_request(operation, input, endpoint),
            Protocol::RestJson1 => rest_json::encode_request(operation, input, endpoint),
            Protocol::RpcV2Cbor => rpc_v2_cbor::encode_request(operation, input, endpoint),
        }
    }

    /// Client: reads an operation's output.
    pub fn decode_response(
        self,
        operation: &OperationSchema,
        response: &Response<Bytes>,
        into: &mut dyn Structure,
    ) -> Result<(), DecodeError> {
        match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => json::decode_response(response, into),
            Protocol::Query => query::decode_response(operation, response, into),
            Protocol::Ec2Query => ec2_query::decode_response(response, into),
            Protocol::RestJson1 => rest_json::decode_response(response, into),
            Protocol::RpcV2Cbor => rpc_v2_cbor::decode_response(response, into),
        }
    }

    /// Client: reads code and message of an error. Never fails: an answer that is no error of this wire
    /// becomes one with the status as its code.
    pub fn decode_error(self, response: &Response<Bytes>) -> ReceivedError {
        let (code, message, request_id) = match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => json::decode_error(response),
            Protocol::Query => query::decode_error(response),
            Protocol::Ec2Query => ec2_query::decode_error(response),
            Protocol::RestJson1 => rest_json::decode_error(response),
            Protocol::RpcV2Cbor => rpc_v2_cbor::decode_error(response),
        };
        let in_header = ["x-amzn-requestid", "x-amz-request-id"]
            .iter()
            .find_map(|name| response.headers().get(*name)?.to_str().ok());
        ReceivedError {
            status: response.status().as_u16(),
            code: code.map_or_else(
                || response.status().as_u16().to_string(),
                |code| ReceivedError::bare_code(&code),
            ),
            message,
            request_id: in_header.map(str::to_owned).or(request_id),
        }
    }

    /// The type of its bodies.
    pub fn content_type(self) -> &'static str {
        match self {
            Protocol::AwsJson10 => "application/x-amz-json-1.0",
            Protocol::AwsJson11 => "application/x-amz-json-1.1",
            Protocol::Query | Protocol::Ec2Query => "text/xml;charset=UTF-8",
            Protocol::RestJson1 => "application/json",
            Protocol::RpcV2Cbor => "application/cbor",
        }
    }
}

impl From<ProtocolName> for Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::AwsJson10 => Protocol::AwsJson10,
            ProtocolName::AwsJson11 => Protocol::AwsJson11,
            ProtocolName::Query => Protocol::Query,
            ProtocolName::Ec2Query => Protocol::Ec2Query,
            ProtocolName::RestJson1 => Protocol::RestJson1,
            ProtocolName::RpcV2Cbor => Protocol::RpcV2Cbor,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::AwsJson10 => "json 1.0",
            Protocol::AwsJson11 => "json 1.1",
            Protocol::Query => "query",
            Protocol::Ec2Query => "ec2",
            Protocol::RestJson1 => "rest-json",
            Protocol::RpcV2Cbor => "rpc-v2-cbor",
        })
    }
}

/// The parts of an error that a client's codec finds: code, message, request id.
pub(crate) type FoundError = (Option<String>, Option<String>, Option<String>);

/// An answer with a body of one type.
pub(crate) fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// `POST` of a body to a path below an endpoint.
pub(crate) fn post(
    endpoint: &Uri,
    path: &str,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Result<Request<Bytes>, EncodeError> {
    let mut request = Request::new(body.into());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = below(endpoint, path)?;
    request
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(request)
}

/// An address below an endpoint; the path begins with a slash and may hold a query.
pub(crate) fn below(endpoint: &Uri, path: &str) -> Result<Uri, EncodeError> {
    let base = endpoint.to_string();
    let base = base.split('?').next().unwrap_or_default().trim_end_matches('/');
    let address = format!("{base}{path}");
    address.parse().map_err(|_| EncodeError::Address(address))
}

/// AWS: for clients that were written for Query and still look for its codes.
pub(crate) fn add_query_error(
    response: &mut Response<Bytes>,
    service: Option<&ServiceSchema>,
    error: &ErrorReply<'_>,
) {
    if service.is_some_and(|service| service.query_compatible)
        && let Ok(value) =
            HeaderValue::from_str(&format!("{};{}", error.query_code, error.sender()))
    {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
}

fn name_request(response: &mut Response<Bytes>, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}
