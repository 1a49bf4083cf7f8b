//! `GET /_berth/ecs/events`: events from a number on, at once or when the next one comes.
//!
//! The answer is `{"events": […], "after": N, "missed": false}`; asking again with `after=N` goes on where it ended.
//! `missed` tells that events in between are gone: whoever keeps state by events has to look at all of it anew.

use std::sync::Arc;

use berth_control::cell::Changes;
use berth_control::pipeline::{Call, CommonError, Stopping};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use tokio::time::Instant;

use super::filter::{After, Question};
use super::page::{Page, page};
use crate::service::Ecs;

pub const PATH: &str = "/_berth/ecs/events";

/// What policies call it.
pub const ACTION: &str = "FollowEvents";

pub async fn follow(
    ecs: Arc<Ecs>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let Question { mut after, wait, limit, filter } = Question::parse(request.uri(), &call.scope)
        .map_err(|message| CommonError::Invalid {
        code: "InvalidParameterException",
        message,
    })?;
    let stopping = Stopping::of(&request);
    let deadline = Instant::now() + wait;
    // First, so that nothing falls between looking and waiting.
    let mut changes = ecs.cell.changes();
    loop {
        let page = page(&ecs.cell.snapshot(), &call.scope, after, limit, &filter);
        if !page.events.is_empty() || page.missed {
            return Ok(answer(&page));
        }
        // What was not wanted once is not looked at again.
        after = After::Sequence(page.after);
        tokio::select! {
            biased;
            () = stopping.cancelled() => return Ok(answer(&page)),
            () = tokio::time::sleep_until(deadline) => return Ok(answer(&page)),
            more = next(&mut changes) => if !more { return Ok(answer(&page)) },
        }
    }
}

/// Waits until anything has been committed; false when nothing ever will be again.
async fn next(changes: &mut Changes) -> bool {
    changes.next().await.is_some()
}

fn answer(page: &Page) -> Response<Bytes> {
    let mut response = Response::new(page.render().into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
