//! A request goes to a target.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use berth_proxy_protocol::HttpVersion;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use smallvec::SmallVec;
use tokio::time::Instant;

use super::account::Account;
use super::answer::Content;
use super::own::Own;
use super::plan::{Choice, Forward};
use super::speech::Speech;
use super::visit::Visit;
use super::{client, cookies, exchange, forwarded, headers, trace};
use crate::group::{TargetIdentity, Wanted};
use crate::oidc::claims;
use crate::pool::{Dial, Download, Failure, FailureKind, Traffic, Upload};

/// Targets that are tried if they cannot be connected to.
const TRIES: usize = 3;

pub(super) async fn forward(
    account: &mut Account,
    forward: &Forward,
    mut request: Request<Upload>,
) -> Result<Response<Content>, Own> {
    let front = Arc::clone(&account.front);
    let choice = forward.choose(request.headers())?;
    if let Some(told) = &mut account.told {
        told.group = Some(choice.arn.clone());
    }
    let speech = Speech::of(&choice.group);
    speech.check(&request)?;
    if speech.version == HttpVersion::Grpc {
        front.counters.grpc_requests.one();
    }

    let wanted_upgrade = (request.version() == Version::HTTP_11
        && exchange::wants_upgrade(request.headers()))
    .then(|| request.headers().get(header::UPGRADE).cloned())
    .flatten();
    let is_upgrade = wanted_upgrade.is_some();

    headers::clean_request(request.headers_mut());
    forwarded::tell(request.headers_mut(), &account.visit, &front.attributes);
    client::tell(
        request.headers_mut(),
        account.visit.tls.as_ref(),
        front.attributes.tls_version_and_cipher_headers,
        &front.renamed_request_headers,
    );
    if front.authentication.is_some() {
        claims::tell(request.headers_mut(), account.user.take());
    }
    trace::tell(request.headers_mut());
    if let Some(told) = &mut account.told {
        told.trace(request.headers());
    }
    // A client of HTTP/1.0 need not say whom it asks; a target of HTTP/1.1 has to be told.
    if let header::Entry::Vacant(host) = request.headers_mut().entry(header::HOST)
        && let Ok(door) = HeaderValue::try_from(account.visit.door.to_string())
    {
        host.insert(door);
    }
    if !front.attributes.preserve_host {
        name_port(request.headers_mut(), account.visit.door);
    }
    if let Some(upgrade) = wanted_upgrade {
        request.headers_mut().insert(header::UPGRADE, upgrade);
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
    let sticky = choice
        .group
        .config()
        .attributes
        .stickiness
        .as_ref()
        .and_then(|stickiness| cookies::target(request.headers(), stickiness));
    speech.dress(&mut request)?;
    account.traffic = request.body().traffic();

    let sent_at = Instant::now();
    if let Some(told) = &mut account.told {
        told.sent_after = Some(sent_at - account.began);
    }
    let mut sending =
        Sending { account, choice, speech, sticky, is_upgrade, sent_at, idle: front.idle };
    let mut response = sending.send(request).await?.map(Content::Target);
    choice.counters.response_time.note(sent_at.elapsed());
    choice.counters.answered(response.status().as_u16());
    account.target_status = Some(response.status());
    if let Some(told) = &mut account.told {
        told.answered_after = Some(account.began.elapsed());
    }
    *response.version_mut() = Version::HTTP_11;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        headers::clean_response(response.headers_mut());
    }
    forward.keep(account, choice, response.headers_mut());
    Ok(response)
}

/// One request on its way to the first target that takes it.
struct Sending<'a> {
    account: &'a mut Account,
    choice: &'a Choice,
    speech: Speech,
    sticky: Option<TargetIdentity>,
    is_upgrade: bool,
    sent_at: Instant,
    idle: Duration,
}

impl Sending<'_> {
    /// A target that does not take the request is no reason not to ask the next one, as long as nothing was sent.
    async fn send(&mut self, mut request: Request<Upload>) -> Result<Response<Download>, Own> {
        let may_keep = !self.account.verdict.closes;
        let traffic = self.account.traffic.clone();
        let visit = Arc::clone(&self.account.visit);
        let mut tried: SmallVec<[TargetIdentity; TRIES]> = SmallVec::new();
        let (mut problem, mut now) = (None, self.sent_at);
        while tried.len() < TRIES {
            let wanted = Wanted {
                sticky: self.sticky,
                flow_hash: None,
                except: &tried,
                chance: rand::random(),
                now,
            };
            let Some(picked) = self.choice.group.pick(&wanted) else { break };
            let target = Arc::clone(picked.target());
            if tried.is_empty() {
                self.choice.counters.requests.one();
            }
            tried.push(picked.identity());
            let dial = Dial {
                address: picked.address(),
                tls: self.speech.tls,
                http2: self.speech.version != HttpVersion::Http1,
            };
            let picked = self.account.picked.insert(picked);
            let pool = target.pool();
            let sent = pin!(async {
                match self.is_upgrade {
                    true => Box::pin(pool.send_for_upgrade(&dial, request)).await,
                    false => pool.send(&dial, request, may_keep).await,
                }
            });
            match patiently(sent, &visit, now + self.idle, self.idle, traffic.as_deref()).await {
                Ok(Ok(response)) => {
                    picked.answered(response.status().as_u16());
                    return Ok(response);
                }
                Ok(Err(failure)) => {
                    picked.failed();
                    let (own, unsent) = self.failed(failure, traffic.as_deref());
                    match unsent {
                        Some(unsent) => (problem, request) = (Some(own), *unsent),
                        None => return Err(own),
                    }
                }
                Err(status) => {
                    if status == StatusCode::GATEWAY_TIMEOUT {
                        picked.failed();
                    }
                    return Err(status.into());
                }
            }
            now = Instant::now();
        }
        Err(problem.unwrap_or_else(|| StatusCode::SERVICE_UNAVAILABLE.into()))
    }

    /// What is answered if nobody else is asked, and the request if somebody can be.
    fn failed(
        &self,
        failure: Failure,
        traffic: Option<&Traffic>,
    ) -> (Own, Option<Box<Request<Upload>>>) {
        let counters = &self.choice.counters;
        let target = self.account.picked.as_ref().map(|picked| picked.target().id());
        let status = match failure.kind {
            FailureKind::Unreachable(error) => {
                tracing::debug!(%error, group = self.choice.arn, target, "nobody is there");
                counters.connection_errors.one();
                StatusCode::BAD_GATEWAY
            }
            FailureKind::ConnectTimeout => {
                counters.connection_errors.one();
                StatusCode::GATEWAY_TIMEOUT
            }
            FailureKind::Tls(error) => {
                tracing::debug!(%error, group = self.choice.arn, target, "it speaks another TLS");
                counters.tls_errors.one();
                StatusCode::BAD_GATEWAY
            }
            FailureKind::Broken(_) if traffic.is_some_and(Traffic::is_too_slow) => {
                StatusCode::REQUEST_TIMEOUT
            }
            // The client broke off, and so did we.
            FailureKind::Broken(_) if traffic.is_some_and(Traffic::is_broken) => {
                StatusCode::BAD_REQUEST
            }
            FailureKind::Broken(error) => {
                tracing::debug!(%error, group = self.choice.arn, target, "it broke off");
                StatusCode::BAD_GATEWAY
            }
        };
        (status.into(), failure.request)
    }
}

/// Waits until then, and for as long as anything moves. What fails is the status that says who did not move.
async fn patiently<T>(
    mut sent: Pin<&mut impl Future<Output = T>>,
    visit: &Visit,
    mut until: Instant,
    idle: Duration,
    traffic: Option<&Traffic>,
) -> Result<T, StatusCode> {
    let mut alarm = visit.alarm();
    let mut seen = 0;
    loop {
        let outcome = poll_fn(|cx| match sent.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => alarm.poll(until, cx).map(|()| None),
        });
        if let Some(outcome) = outcome.await {
            return Ok(outcome);
        }
        match traffic {
            Some(traffic) if !traffic.is_whole() => {
                let bytes = traffic.bytes();
                if bytes == seen {
                    return Err(StatusCode::REQUEST_TIMEOUT);
                }
                seen = bytes;
            }
            // All of the request went out in the meantime, at the latest.
            Some(traffic) if traffic.bytes() > seen => seen = traffic.bytes(),
            _ => return Err(StatusCode::GATEWAY_TIMEOUT),
        }
        until = Instant::now() + idle;
    }
}

/// AWS: a host that says no port gets that of the listener, if it is not one that goes without saying.
fn name_port(headers: &mut HeaderMap, door: SocketAddr) {
    if matches!(door.port(), 80 | 443) {
        return;
    }
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return };
    if crate::rules::without_port(host).len() == host.len()
        && let Ok(host) = HeaderValue::try_from(format!("{host}:{}", door.port()))
    {
        headers.insert(header::HOST, host);
    }
}

impl Forward {
    /// The group that a client had before if it is to keep it, or one by weight.
    fn choose(&self, headers: &HeaderMap) -> Result<&Choice, Own> {
        if let [only] = &*self.groups
            && only.weight > 0
        {
            return Ok(only);
        }
        if self.sticky_seconds.is_some() {
            let arns = self.groups.iter().map(|choice| choice.arn.as_str());
            if let Some(place) = cookies::group(headers, arns)
                && self.groups[place].weight > 0
            {
                return Ok(&self.groups[place]);
            }
        }
        let chance: u64 = rand::random();
        let mut lot = chance.checked_rem(self.weight).unwrap_or_default();
        for choice in &self.groups {
            let weight = u64::from(choice.weight);
            if lot < weight {
                return Ok(choice);
            }
            lot -= weight;
        }
        Err(StatusCode::SERVICE_UNAVAILABLE.into())
    }

    /// Has a client come back to where it was.
    fn keep(&self, account: &Account, choice: &Choice, response: &mut HeaderMap) {
        if let Some(seconds) = self.sticky_seconds {
            cookies::keep_group(response, &choice.arn, seconds, SystemTime::now());
        }
        let config = choice.group.config();
        if let (Some(stickiness), Some(picked)) = (&config.attributes.stickiness, &account.picked) {
            cookies::keep_target(response, stickiness, picked.identity(), SystemTime::now());
        }
    }
}
