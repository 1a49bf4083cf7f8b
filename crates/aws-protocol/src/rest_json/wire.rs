//! REST-JSON in HTTP: method and address from the operation's table, errors named in a header.

use berth_aws_api::{OperationSchema, Structure};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

use super::route::Route;
use super::{decode, encode};
use crate::json::{encode_error_body, read_error};
use crate::protocol::{FoundError, below, response};
use crate::sigv4::canonical::pairs;
use crate::{DecodeError, EncodeError, ErrorReply, Protocol};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

pub(crate) fn decode_request(
    operation: &OperationSchema,
    request: &Request<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    let route = Route::parse(operation.http.uri);
    let labels = route.labels(request.uri().path()).ok_or_else(|| {
        DecodeError::new(format!("the path is not of the form {}", operation.http.uri))
    })?;
    decode::body(request.body(), into)?;
    decode::labels(&labels, into)?;
    let pairs: Vec<_> = pairs(request.uri().query().unwrap_or_default()).collect();
    decode::query(&route, &pairs, into)?;
    decode::headers(request.headers(), into)
}

/// An output whose header cannot be written is our bug; what the client then gets says so.
pub(crate) fn encode_response(
    operation: &OperationSchema,
    output: &dyn Structure,
) -> Response<Bytes> {
    let (body, content_type) = encode::body(output);
    let mut response = Response::new(body);
    let status = encode::status(output).unwrap_or(operation.http.status);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    match encode::headers(response.headers_mut(), output) {
        Ok(()) => response,
        Err(error) => encode_error(
            &crate::CommonError::Internal(format!("The answer cannot be written: {error}."))
                .head(Protocol::RestJson1)
                .into(),
        ),
    }
}

/// AWS: the code is in a header; the body has the members and no `__type`.
pub(crate) fn encode_error(error: &ErrorReply<'_>) -> Response<Bytes> {
    let body = encode_error_body(error, true);
    let mut response = response(error.http_status(), Protocol::RestJson1.content_type(), body);
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        response.headers_mut().insert(ERROR_TYPE, code);
    }
    if let Some(body) = error.body {
        // A header that cannot be written must not hide the error itself.
        let _ = encode::headers(response.headers_mut(), body);
    }
    response
}

pub(crate) fn encode_request(
    operation: &OperationSchema,
    input: &dyn Structure,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    let route = Route::parse(operation.http.uri);
    let mut path =
        route.fill(|name| encode::label(input, name)).map_err(EncodeError::EmptyLabel)?;
    encode::query(&mut path, input);
    let (body, content_type) = encode::body(input);
    let mut request = Request::new(body);
    *request.method_mut() =
        Method::from_bytes(operation.http.method.as_bytes()).unwrap_or(Method::POST);
    *request.uri_mut() = below(endpoint, &path)?;
    if let Some(content_type) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    encode::headers(request.headers_mut(), input)?;
    Ok(request)
}

pub(crate) fn decode_response(
    response: &Response<Bytes>,
    into: &mut dyn Structure,
) -> Result<(), DecodeError> {
    decode::body(response.body(), into)?;
    decode::status(response.status(), into)?;
    decode::headers(response.headers(), into)
}

pub(crate) fn decode_error(response: &Response<Bytes>) -> FoundError {
    let (code, message, id) = read_error(response.body());
    let in_header = response.headers().get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    (in_header.map(str::to_owned).or(code), message, id)
}
