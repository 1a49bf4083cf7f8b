//! What is done with requests: checked, and with everything in it that was left out.
//!
//! AWS: a list of actions ends with one that answers (forward, redirect, fixed-response); before it may be one that asks
//! who the user is.

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::Failure;

use super::{forward, oidc};
use crate::service::Balancing;
use crate::tables::{Actions, BalancerKind, BalancerRef, ElbId, Protocol, Stored};

/// Whose actions they are.
pub struct Owner<'a> {
    /// The listener or the rule itself.
    pub id: ElbId,
    pub balancer: &'a BalancerRef,
    /// Of the listener.
    pub protocol: Protocol,
}

/// Those that a request asks for, in their order. `before` are those in whose place they come.
pub fn accept(
    tx: &Transaction,
    balancing: &Balancing,
    owner: &Owner<'_>,
    given: Vec<api::Action>,
    before: Option<&Actions>,
) -> Result<Actions, Failure<api::Error>> {
    let mut secret = None;
    let mut accepted = Vec::new();
    for action in in_order(given)? {
        accepted.push(match action.r#type {
            Some(api::ActionTypeEnum::Forward) => forward::accept(tx, balancing, owner, action)?,
            Some(api::ActionTypeEnum::Redirect) => redirect(of_http(owner, action)?)?,
            Some(api::ActionTypeEnum::FixedResponse) => fixed_response(of_http(owner, action)?)?,
            Some(api::ActionTypeEnum::AuthenticateOidc) => {
                let (action, sealed) =
                    oidc::accept(balancing, owner, of_http(owner, action)?, before)?;
                secret = Some(sealed);
                action
            }
            _ => {
                let of = action.r#type.as_ref().map_or("", |of| of.as_str());
                return Err(api::Error::invalid_load_balancer_action(format!(
                    "Actions of type '{of}' are not supported"
                ))
                .into());
            }
        });
    }
    Ok(Actions { shown: accepted.into_iter().map(Stored::new).collect(), secret })
}

/// Sorted, one that answers in the end and no other one.
fn in_order(mut given: Vec<api::Action>) -> Result<Vec<api::Action>, api::Error> {
    if given.is_empty() {
        return Err(api::Error::validation("An action must be specified"));
    }
    if given.len() > 1 && given.iter().any(|action| action.order.is_none()) {
        return Err(api::Error::validation(
            "Each action must have an order if there is more than one",
        ));
    }
    given.sort_by_key(|action| action.order);
    if given.windows(2).any(|pair| pair[0].order == pair[1].order) {
        return Err(api::Error::validation("Each action must have an order of its own"));
    }
    let answers = |action: &api::Action| {
        use api::ActionTypeEnum::{FixedResponse, Forward, Redirect};
        matches!(action.r#type, Some(Forward | Redirect | FixedResponse))
    };
    let (last, others) = given.split_last().expect("there is one at least");
    if others.len() > 1 {
        return Err(api::Error::too_many_actions(
            "There can be one action of type 'authenticate-oidc' and one that answers",
        ));
    }
    let is_unknown = |action: &api::Action| {
        use api::ActionTypeEnum::{AuthenticateCognito, JwtValidation};
        matches!(action.r#type, Some(AuthenticateCognito | JwtValidation))
    };
    if !given.iter().any(is_unknown) && (!answers(last) || others.iter().any(answers)) {
        return Err(api::Error::invalid_load_balancer_action(
            "The last action, and no other, must be of type 'forward', 'redirect' or 'fixed-response'",
        ));
    }
    Ok(given)
}

/// AWS: a network balancer does nothing but forward.
fn of_http(owner: &Owner<'_>, action: api::Action) -> Result<api::Action, api::Error> {
    if owner.balancer.kind == BalancerKind::Application {
        return Ok(action);
    }
    let of = action.r#type.as_ref().map_or("", |of| of.as_str());
    Err(api::Error::invalid_load_balancer_action(format!(
        "Actions of type '{of}' are not supported on listeners with protocol '{}'",
        owner.protocol.as_str()
    )))
}

fn redirect(mut action: api::Action) -> Result<api::Action, api::Error> {
    let Some(config) = &mut action.redirect_config else { return Err(without_config("redirect")) };
    let mut is_loop = true;
    for (part, first) in [
        (&mut config.protocol, "#{protocol}"),
        (&mut config.port, "#{port}"),
        (&mut config.host, "#{host}"),
        (&mut config.path, "/#{path}"),
        (&mut config.query, "#{query}"),
    ] {
        is_loop &= *part.get_or_insert_with(|| first.to_owned()) == first;
    }
    if is_loop {
        return Err(api::Error::invalid_load_balancer_action(
            "The redirect configuration is not valid because it creates a loop.",
        ));
    }
    let port = config.port.as_deref().unwrap_or_default();
    if port != "#{port}" && !port.parse::<u16>().is_ok_and(|port| port != 0) {
        return Err(api::Error::validation(format!(
            "Redirect port '{port}' must be a number between 1 and 65535, or '#{{port}}'"
        )));
    }
    let path = config.path.as_deref().unwrap_or_default();
    if !path.starts_with('/') {
        return Err(api::Error::validation(format!(
            "Redirect path '{path}' must begin with a '/' character"
        )));
    }
    Ok(action)
}

const CONTENT_TYPES: [&str; 5] =
    ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

fn fixed_response(action: api::Action) -> Result<api::Action, api::Error> {
    let Some(config) = &action.fixed_response_config else {
        return Err(without_config("fixed-response"));
    };
    match &config.content_type {
        Some(of) if !CONTENT_TYPES.contains(&of.as_str()) => Err(api::Error::validation(format!(
            "Content type '{of}' must be one of '{}'",
            CONTENT_TYPES.join(", ")
        ))),
        _ => Ok(action),
    }
}

pub fn without_config(of: &str) -> api::Error {
    api::Error::validation(format!("A configuration must be specified for actions of type '{of}'"))
}
