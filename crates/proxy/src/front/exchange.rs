//! One request and its answer.

use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};

use super::access::Told;
use super::account::Account;
use super::answer::{Answer, Content};
use super::authenticate::{Asked, authenticate};
use super::http1::Verdict;
use super::own::Own;
use super::plan::Action;
use super::visit::Visit;
use super::{forward, forwarded, redirect};
use crate::pool::Upload;
use crate::rules::Question;

/// Answers a request, whatever comes of it.
pub(super) async fn exchange(
    visit: Arc<Visit>,
    request: Request<Upload>,
    verdict: Verdict,
) -> Response<Answer> {
    let mut account = Account::begin(visit, verdict);
    if account.front.access_log.is_some() {
        account.told = Some(Box::new(Told::of(&request)));
    }
    let version = request.version();
    let front = Arc::clone(&account.front);
    let mut response = match answer(&mut account, request).await {
        Ok(response) => response,
        Err(own) => own.response(front.shows_server),
    };
    account.status = Some(response.status());
    // Who sends what cannot be read will hardly send something better.
    let is_hopeless = account.target_status.is_none()
        && matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::REQUEST_TIMEOUT);
    let ends = is_hopeless || account.verdict.closes || account.began >= account.visit.ends_at;
    let headers = response.headers_mut();
    for cookie in account.cookies.drain(..) {
        headers.append(SET_COOKIE, cookie);
    }
    for (name, value) in &front.response_headers {
        headers.insert(name, value.clone());
    }
    if version < Version::HTTP_2 && ends {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(told) = &mut account.told {
        told.head_bytes = head_bytes(response.headers());
    }
    response.map(|content| Answer::new(content, account, front.idle))
}

async fn answer(
    account: &mut Account,
    mut request: Request<Upload>,
) -> Result<Response<Content>, Own> {
    let front = Arc::clone(&account.front);
    if let Some(status) = account.verdict.refusal {
        return Err(status.into());
    }
    check(&request)?;
    forwarded::check(request.headers(), front.attributes.forwarded_for)?;
    let host = host(&request)?;
    if let Some(authentication) = &front.authentication
        && authentication.is_callback(request.uri().path())
    {
        let asked = asked(&request, &host);
        return Err(Box::pin(authentication.call_back(account, &asked)).await);
    }
    let plan = {
        let (path, query) = (request.uri().path(), request.uri().query());
        let client = account.visit.client.ip();
        let question = Question::new(
            request.method(),
            host.to_str().ok(),
            path,
            query,
            request.headers(),
            client,
        );
        let place = front.rules.find(&question);
        // One after the other by priority, as ELB would: the default rule does not count.
        let evaluated = place.map_or(front.plans.len(), |place| place + 1);
        front.counters.rules_evaluated.add(evaluated as u64);
        place.map_or(&front.default, |place| &front.plans[place])
    };
    if let Some(told) = &mut account.told {
        told.host = host.to_str().unwrap_or_default().to_owned();
        told.priority = Some(plan.priority.unwrap_or_default());
    }
    if let Some(action) = &plan.authenticate {
        let asked = asked(&request, &host);
        Box::pin(authenticate(account, action, &asked)).await?;
    }
    if let Some(told) = &mut account.told {
        told.actions.push(plan.action.name());
    }
    match &plan.action {
        Action::Forward(forward) => {
            let is_transformed = plan.transforms.apply(&mut request, host)?;
            if let Some(told) = account.told.as_mut().filter(|_| is_transformed) {
                let host = request.headers().get(header::HOST);
                let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
                told.transformed = Some((host.to_owned(), request.uri().to_string()));
            }
            forward::forward(account, forward, request).await
        }
        Action::Redirect(to) => {
            front.counters.redirects.one();
            let own = redirect::redirect(to, &request, &host, &account.visit)?;
            if let Some(told) = &mut account.told {
                told.redirect = own.location().map(str::to_owned);
            }
            Err(own)
        }
        Action::Fixed(fixed) => {
            front.counters.fixed_responses.one();
            Err(Own::fixed(fixed))
        }
    }
}

/// What of a request whoever authenticates users looks at.
fn asked<'a, B>(request: &'a Request<B>, host: &'a HeaderValue) -> Asked<'a> {
    let url = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    Asked { headers: request.headers(), host, url }
}

/// What a response's head is worth in HTTP/1.1, for those who add it up.
fn head_bytes(headers: &HeaderMap) -> u64 {
    let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    (lines.sum::<usize>() + "HTTP/1.1 200 OK\r\n\r\n".len()) as u64
}

/// What no rule is asked about.
fn check(request: &Request<Upload>) -> Result<(), Own> {
    match *request.method() {
        Method::TRACE => Err(StatusCode::METHOD_NOT_ALLOWED.into()),
        Method::CONNECT => Err(StatusCode::BAD_REQUEST.into()),
        // In HTTP/2 frames say where a body ends, in HTTP/1.1 to the target this does: the next request could hide in the difference.
        _ if request.headers().get_all(CONTENT_LENGTH).iter().nth(1).is_some() => {
            Err(StatusCode::BAD_REQUEST.into())
        }
        _ => Ok(()),
    }
}

/// The host that is asked for, with the port if the client said one. A target's own wins over the header (RFC 9112, 3.2.2).
fn host(request: &Request<Upload>) -> Result<HeaderValue, Own> {
    if let Some(authority) = request.uri().authority() {
        let host = authority.as_str();
        // Whoever comes by a URL brings no user names along.
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return HeaderValue::from_str(host).map_err(|_| StatusCode::BAD_REQUEST.into());
    }
    let bad = || Own::from(StatusCode::BAD_REQUEST);
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Ok(host.clone()),
        (None, _) if request.version() == Version::HTTP_10 => Ok(HeaderValue::from_static("")),
        // RFC 9112, 3.2: none or several are refused.
        _ => Err(bad()),
    }
}

/// Whether the client wants to speak something else than HTTP from now on.
pub(super) fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
        && headers.get_all(CONNECTION).iter().any(|value| {
            value.to_str().is_ok_and(|value| {
                value.split(',').any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
            })
        })
}
