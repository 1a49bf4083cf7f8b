//! The protocol: manifests by tag or digest, blobs by digest, and who is asked to log in.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use serde_json::json;

use crate::access::{TOKEN, claimed_user};
use crate::image::{MANIFEST, digest};
use crate::registry::Shared;
use crate::state::Request;

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// How much of a slow blob comes at once.
const PIECE: usize = 16 * 1024;

/// What a path asks for.
enum Wish<'a> {
    Hello,
    Token,
    Manifest { repository: &'a str, reference: &'a str },
    Blob { repository: &'a str, digest: &'a str },
    Nothing,
}

pub(crate) async fn answer(
    shared: Arc<Shared>,
    request: http::Request<Incoming>,
) -> Result<Answer, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let headers = request.headers();
    shared.state().requests.push(Request {
        method: method.clone(),
        path: path.clone(),
        user: claimed_user(headers),
    });
    let wish = Wish::of(&path);
    if matches!(wish, Wish::Manifest { .. }) {
        shared.gate.pass(&path).await;
        if let Some(status) = shared.state().failures.pop_front() {
            return Ok(refusal(status, code_of(status), "the test wants it so"));
        }
    }
    Ok(grant(&shared, headers, &wish, method == Method::HEAD))
}

fn grant(shared: &Shared, headers: &HeaderMap, wish: &Wish<'_>, head_only: bool) -> Answer {
    let state = shared.state();
    let repository = match wish {
        Wish::Token if state.access.knows(headers) => {
            return json_of(StatusCode::OK, &json!({ "token": TOKEN, "access_token": TOKEN }));
        }
        Wish::Manifest { repository, .. } | Wish::Blob { repository, .. } => *repository,
        Wish::Hello | Wish::Token | Wish::Nothing => "",
    };
    if !state.access.admits(headers) {
        let mut refused =
            refusal(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required");
        if let Ok(challenge) = state.access.challenge(shared.port, repository).parse() {
            refused.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        return refused;
    }
    match wish {
        Wish::Hello => json_of(StatusCode::OK, &json!({})),
        Wish::Manifest { repository, reference } => {
            match state.manifests.get(&((*repository).to_owned(), (*reference).to_owned())) {
                Some(manifest) => content(manifest, MANIFEST, head_only, None),
                None => refusal(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown"),
            }
        }
        Wish::Blob { digest, .. } => match state.blobs.get(*digest) {
            Some(blob) => {
                let pause = (!state.pause.is_zero()).then_some(state.pause);
                content(blob, "application/octet-stream", head_only, pause)
            }
            None => refusal(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", "blob unknown to registry"),
        },
        Wish::Token | Wish::Nothing => {
            refusal(StatusCode::NOT_FOUND, "UNSUPPORTED", "there is nothing here")
        }
    }
}

impl<'a> Wish<'a> {
    fn of(path: &'a str) -> Self {
        let path = path.trim_end_matches('/');
        let Some(path) = path.strip_prefix("/v2") else {
            return if path == "/token" { Self::Token } else { Self::Nothing };
        };
        let path = path.trim_start_matches('/');
        if path.is_empty() {
            Self::Hello
        } else if let Some((repository, reference)) = path.split_once("/manifests/") {
            Self::Manifest { repository, reference }
        } else if let Some((repository, digest)) = path.split_once("/blobs/") {
            Self::Blob { repository, digest }
        } else {
            Self::Nothing
        }
    }
}

fn content(
    bytes: &Bytes,
    kind: &str,
    head_only: bool,
    pause: Option<std::time::Duration>,
) -> Answer {
    let body = match pause {
        _ if head_only => Full::new(Bytes::new()).boxed_unsync(),
        None => Full::new(bytes.clone()).boxed_unsync(),
        Some(pause) => {
            let pieces: Vec<_> = bytes.chunks(PIECE).map(|piece| bytes.slice_ref(piece)).collect();
            let pieces = stream::iter(pieces).then(move |piece| async move {
                tokio::time::sleep(pause).await;
                Ok::<_, Infallible>(Frame::data(piece))
            });
            StreamBody::new(pieces).boxed_unsync()
        }
    };
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CONTENT_LENGTH, bytes.len())
        .header("docker-content-digest", digest(bytes))
        .body(body)
        .expect("fixed headers are headers")
}

fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "DENIED",
        StatusCode::NOT_FOUND => "MANIFEST_UNKNOWN",
        StatusCode::TOO_MANY_REQUESTS => "TOOMANYREQUESTS",
        _ => "UNKNOWN",
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Answer {
    json_of(status, &json!({ "errors": [{ "code": code, "message": message }] }))
}

fn json_of(status: StatusCode, value: &serde_json::Value) -> Answer {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .header("docker-distribution-api-version", "registry/2.0")
        .body(Full::new(Bytes::from(value.to_string())).boxed_unsync())
        .expect("fixed headers are headers")
}
