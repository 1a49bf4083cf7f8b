//! One request and its answer.

use std::time::Duration;

use anyhow::anyhow;
use berth_agent::CallError;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::{Network, Place, Route, Way, address};
use crate::trace::tell;

/// How long a caller waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

const TARGET: &str = "AmazonEC2ContainerServiceV20141113";

type Reply = oneshot::Sender<Result<Value, CallError>>;

impl Network {
    /// One ECS operation in AWS JSON 1.1. The request goes its way even if the caller dies meanwhile.
    pub async fn call(
        &self,
        from: Place,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        let route = self.route(from);
        let answer = self.call_at(route, operation, input).await;
        if matches!(answer, Err(CallError::Unreachable(_) | CallError::Refused { status: 503, .. }))
        {
            self.turn_away(route);
        }
        answer
    }

    async fn call_at(
        &self,
        route: Route,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        let deadline = Instant::now() + PATIENCE;
        let (reply, answer) = oneshot::channel();
        tokio::spawn(self.clone().carry_request(route, operation.to_owned(), input, reply));
        match timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => answer,
            // It was lost on the way, which only time tells.
            Ok(Err(_)) => {
                sleep_until(deadline).await;
                Err(unreachable("no answer came in time"))
            }
            Err(_) => Err(unreachable("no answer came in time")),
        }
    }

    async fn carry_request(self, route: Route, operation: String, input: Value, reply: Reply) {
        let (from, weather) = (route.from, self.weather(route));
        let (there, back, is_told) =
            self.draw(|dice| (weather.fate(dice), weather.fate(dice), dice.chance(0.5)));
        let Some((first, again)) = there.arrivals.split_first() else {
            tell!(self.0.trace, "{from} {operation}: the request is lost");
            return if is_told {
                answer(reply, Err(unreachable("the connection was reset")))
            };
        };
        for later in again {
            let (network, operation, input) = (self.clone(), operation.clone(), input.clone());
            let later = *later;
            tokio::spawn(async move {
                sleep(later).await;
                // Nobody waits for the second answer.
                drop(network.serve(route, &operation, &input, "again").await);
            });
        }
        sleep(*first).await;
        let served = self.serve(route, &operation, &input, "").await;
        match back.arrivals.first() {
            Some(time) => sleep(*time).await,
            None => {
                tell!(self.0.trace, "{from} {operation}: the answer is lost");
                return if is_told {
                    answer(reply, Err(unreachable("the connection was reset")))
                };
            }
        }
        match served {
            // Swallowed by a partition: only time tells.
            None => {}
            Some(_) if self.weather(route).blocks(Way::Down) => {}
            Some(served) => answer(reply, served),
        }
    }

    /// `None` if the request does not arrive.
    async fn serve(
        &self,
        route: Route,
        operation: &str,
        input: &Value,
        note: &str,
    ) -> Option<Result<Value, CallError>> {
        if self.weather(route).blocks(Way::Up) {
            return None;
        }
        let from = route.from;
        let Some(server) = self.server(route.server) else {
            return Some(Err(unreachable("connection refused")));
        };
        let endpoint = server.endpoint.clone();
        let request = request(route.server, operation, input);
        let response =
            server.life.run(async move { endpoint.handle(request, from.peer()).await }).await;
        let answer = match response {
            Some(response) => parse(&response),
            None => Err(unreachable("the server died over it")),
        };
        match &answer {
            Ok(_) => tell!(self.0.trace, "{from} {operation} {note}: answered"),
            Err(error) => tell!(self.0.trace, "{from} {operation} {note}: {error}"),
        }
        Some(answer)
    }
}

fn answer(reply: Reply, answer: Result<Value, CallError>) {
    // The caller may have died or lost patience.
    let _ = reply.send(answer);
}

fn unreachable(why: &'static str) -> CallError {
    CallError::Unreachable(anyhow!(why))
}

fn request(server: usize, operation: &str, input: &Value) -> Request<Bytes> {
    Request::post(format!("{}/", address(server)))
        .header(CONTENT_TYPE, "application/x-amz-json-1.1")
        .header("x-amz-target", format!("{TARGET}.{operation}"))
        .body(Bytes::from(input.to_string()))
        .expect("an operation's name is a header's value")
}

fn parse(response: &Response<Bytes>) -> Result<Value, CallError> {
    let body: Value = serde_json::from_slice(response.body())
        .map_err(|cause| CallError::Unreachable(anyhow!("the answer is not JSON: {cause}")))?;
    if response.status().is_success() {
        return Ok(body);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Err(CallError::Refused {
        code: text("__type").rsplit('#').next().unwrap_or_default().to_owned(),
        status: response.status().as_u16(),
        message: text("message") + &text("Message"),
    })
}
