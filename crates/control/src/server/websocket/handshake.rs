//! RFC 6455's opening handshake, the server's half.

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_TYPE, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const VERSION: &str = "13";

/// Whether a request asks for a web socket at all.
pub(in crate::server) fn is_wanted<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET && has_token(request.headers(), &UPGRADE, "websocket")
}

/// The answer that switches protocols; `Err` is the answer to a client that does it wrong.
pub(super) fn accept<B>(request: &Request<B>) -> Result<Response<Bytes>, Box<Response<Bytes>>> {
    let headers = request.headers();
    if request.version() != Version::HTTP_11 || !has_token(headers, &CONNECTION, "upgrade") {
        return Err(refusal(
            StatusCode::BAD_REQUEST,
            "A web socket opens with HTTP/1.1 and Connection: Upgrade.",
        ));
    }
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        let mut response =
            refusal(StatusCode::UPGRADE_REQUIRED, "Only version 13 of web sockets is spoken.");
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        return Err(response);
    }
    let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
        return Err(refusal(StatusCode::BAD_REQUEST, "The header Sec-WebSocket-Key is missing."));
    };
    let proof = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .expect("base64 is allowed in a header");
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(SEC_WEBSOCKET_ACCEPT, proof);
    Ok(response)
}

fn refusal(status: StatusCode, message: &str) -> Box<Response<Bytes>> {
    let body = serde_json::json!({ "BadRequestException": message }).to_string();
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Box::new(response)
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|found| found.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::get("/acs/ws");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap()
    }

    const GOOD: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    #[test]
    fn the_sample_of_the_rfc_is_accepted() {
        let request = request(&GOOD);
        assert!(is_wanted(&request));
        let response = accept(&request).unwrap();
        assert_eq!(response.status(), 101);
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_wrong_handshake_is_told_what_is_wrong() {
        let without =
            |name: &str| GOOD.into_iter().filter(|(key, _)| *key != name).collect::<Vec<_>>();
        for (missing, status) in
            [("connection", 400), ("sec-websocket-version", 426), ("sec-websocket-key", 400)]
        {
            assert_eq!(
                accept(&request(&without(missing))).unwrap_err().status(),
                status,
                "{missing}"
            );
        }
        assert!(!is_wanted(&request(&without("upgrade"))));
    }
}
