//! `GET /_berth/ecs/explain`: the path, its errors and its answers on the wire.
//!
//! Parameters: `cluster`, and one of `task`, `service` and `taskDefinition`, the last with `count`, `launchType`, `capacityProvider`, `group`,
//! `constraint` and `strategy`, those two as often as is wanted.

use std::sync::Arc;

use berth_aws_api::ServiceError;
use berth_control::pipeline::{Call, CommonError};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};

use super::question::Question;
use super::weigh;
use crate::service::Ecs;

pub const PATH: &str = "/_berth/ecs/explain";

/// What policies call it.
pub const ACTION: &str = "ExplainPlacement";

pub async fn explain(
    ecs: Arc<Ecs>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let answer = Question::parse(request.uri())
        .and_then(|question| weigh::answer(&ecs, &ecs.cell.snapshot(), &call, question))
        .map_err(|error| CommonError::Invalid {
            code: error.code(),
            message: error.message().unwrap_or_default().to_owned(),
        })?;
    let body = serde_json::to_vec(&answer).expect("an answer has only what JSON has");
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
