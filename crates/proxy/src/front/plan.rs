//! What is done with a request, compiled.

use std::sync::Arc;

use berth_proxy_protocol as protocol;
use berth_proxy_protocol::Balancer;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::transform::Transforms;
use crate::counters::GroupCounters;
use crate::group::Group;
use crate::oidc::Authenticator;
use crate::proxy::Ground;

/// What one rule wants.
pub(super) struct Plan {
    /// None of a listener's default.
    pub(super) priority: Option<u32>,
    /// Who may go on.
    pub(super) authenticate: Option<Arc<Authenticator>>,
    pub(super) transforms: Transforms,
    pub(super) action: Action,
}

/// Of what plans are.
pub(super) struct Of<'a> {
    pub(super) balancer: &'a Balancer,
    /// Whether the listener speaks TLS.
    pub(super) is_secure: bool,
    pub(super) ground: &'a Ground<'a>,
}

pub(super) enum Action {
    Forward(Forward),
    Redirect(protocol::Redirect),
    Fixed(Fixed),
}

pub(super) struct Forward {
    pub(super) groups: Vec<Choice>,
    /// Of all of them.
    pub(super) weight: u64,
    pub(super) sticky_seconds: Option<u32>,
}

/// One group that a request may go to.
pub(super) struct Choice {
    pub(super) group: Arc<Group>,
    pub(super) arn: String,
    pub(super) weight: u16,
    pub(super) counters: Arc<GroupCounters>,
}

pub(super) struct Fixed {
    pub(super) status: StatusCode,
    pub(super) content_type: HeaderValue,
    pub(super) body: Bytes,
}

impl Plan {
    pub(super) fn compile(rule: &protocol::Rule, of: &Of<'_>) -> Result<Plan, String> {
        let named = |problem| format!("rule {}: {problem}", rule.priority);
        let plan = Plan::of_actions(&rule.actions, of).map_err(named)?;
        let transforms = Transforms::compile(&rule.transforms).map_err(named)?;
        Ok(Plan { priority: Some(rule.priority), transforms, ..plan })
    }

    pub(super) fn default_of(actions: &[protocol::Action], of: &Of<'_>) -> Result<Plan, String> {
        Plan::of_actions(actions, of)
    }

    /// The last of them answers; one before it may ask who the user is.
    fn of_actions(actions: &[protocol::Action], of: &Of<'_>) -> Result<Plan, String> {
        let (authenticate, answers) = match actions {
            [protocol::Action::AuthenticateOidc(config), rest @ ..] => {
                if !of.is_secure {
                    return Err("authenticate-oidc is for HTTPS alone".to_owned());
                }
                let action = Authenticator::new(config, of.balancer, of.ground.oidc)
                    .map_err(|problem| format!("authenticate-oidc: {problem}"))?;
                (Some(Arc::new(action)), rest)
            }
            answers => (None, answers),
        };
        let [action] = answers else {
            return Err("one action answers a request, and one alone".to_owned());
        };
        let action = Action::compile(action, of.balancer, of.ground)?;
        Ok(Plan { priority: None, authenticate, transforms: Transforms::default(), action })
    }
}

impl Action {
    /// As access logs call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Action::Forward(_) => "forward",
            Action::Redirect(_) => "redirect",
            Action::Fixed(_) => "fixed-response",
        }
    }

    fn compile(
        action: &protocol::Action,
        balancer: &Balancer,
        ground: &Ground,
    ) -> Result<Action, String> {
        Ok(match action {
            protocol::Action::Forward(forward) => {
                Action::Forward(Forward::compile(forward, balancer, ground)?)
            }
            protocol::Action::Redirect(redirect) => {
                if !matches!(redirect.status, 301 | 302) {
                    return Err(format!("a redirect has no status {}", redirect.status));
                }
                Action::Redirect(redirect.clone())
            }
            protocol::Action::FixedResponse(fixed) => Action::Fixed(Fixed::compile(fixed)?),
            protocol::Action::AuthenticateOidc(_) => {
                return Err("authenticate-oidc answers nothing".to_owned());
            }
        })
    }
}

impl Forward {
    fn compile(
        forward: &protocol::Forward,
        balancer: &Balancer,
        ground: &Ground,
    ) -> Result<Forward, String> {
        let choice = |weighted: &protocol::WeightedGroup| {
            let arn = weighted.group.clone();
            let group = ground.groups.get(&arn).ok_or_else(|| format!("there is no {arn}"))?;
            let counters = ground.counters.group(&balancer.resource, &arn);
            Ok(Choice { group, arn, weight: weighted.weight, counters })
        };
        let groups: Vec<Choice> =
            forward.groups.iter().map(choice).collect::<Result<_, String>>()?;
        let weight = groups.iter().map(|choice| u64::from(choice.weight)).sum();
        Ok(Forward { groups, weight, sticky_seconds: forward.sticky_seconds })
    }
}

impl Fixed {
    fn compile(fixed: &protocol::FixedResponse) -> Result<Fixed, String> {
        let status = StatusCode::from_u16(fixed.status)
            .ok()
            .filter(|status| !status.is_informational())
            .ok_or_else(|| format!("{} is no status", fixed.status))?;
        let content_type = fixed.content_type.as_deref().unwrap_or("text/plain");
        // AWS: says the character set of whatever is text.
        let content_type = format!("{content_type}; charset=utf-8")
            .parse()
            .map_err(|_| format!("`{content_type}` is no content type"))?;
        Ok(Fixed { status, content_type, body: Bytes::from(fixed.body.clone()) })
    }
}
