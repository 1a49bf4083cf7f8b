//! What is done with requests.

use berth_aws_api::elbv2 as api;
use berth_control::sealing::Sealed;
use berth_proxy_protocol as proxy;

use super::Making;
use crate::rules::oidc;
use crate::tables::{Actions, BalancerRef, ElbId};

pub fn actions(
    making: &Making<'_>,
    balancer: &BalancerRef,
    owner: ElbId,
    actions: &Actions,
) -> Vec<proxy::Action> {
    let made: Option<Vec<_>> = actions
        .shown
        .iter()
        .map(|action| one(making, owner, action, actions.secret.as_ref()))
        .collect();
    made.unwrap_or_else(|| {
        let balancer = balancer.arn();
        tracing::error!(balancer, %owner, "actions cannot be carried out: requests get 500");
        let (content_type, body) = (None, String::new());
        vec![proxy::Action::FixedResponse(proxy::FixedResponse { status: 500, content_type, body })]
    })
}

/// `None`: it cannot be carried out.
fn one(
    making: &Making<'_>,
    owner: ElbId,
    action: &api::Action,
    secret: Option<&Sealed>,
) -> Option<proxy::Action> {
    Some(match action.r#type.as_ref()? {
        api::ActionTypeEnum::Forward => {
            proxy::Action::Forward(forward(action.forward_config.as_ref()?))
        }
        api::ActionTypeEnum::Redirect => {
            let config = action.redirect_config.as_ref()?;
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            proxy::Action::Redirect(proxy::Redirect {
                protocol: part(&config.protocol),
                host: part(&config.host),
                port: part(&config.port),
                path: part(&config.path),
                query: part(&config.query),
                status: match config.status_code {
                    Some(api::RedirectActionStatusCodeEnum::Http301) => 301,
                    _ => 302,
                },
            })
        }
        api::ActionTypeEnum::FixedResponse => {
            let config = action.fixed_response_config.as_ref()?;
            proxy::Action::FixedResponse(proxy::FixedResponse {
                status: config.status_code.as_deref()?.parse().ok()?,
                content_type: config.content_type.clone(),
                body: config.message_body.clone().unwrap_or_default(),
            })
        }
        api::ActionTypeEnum::AuthenticateOidc => {
            let config = action.authenticate_oidc_config.as_ref()?;
            let secret = oidc::open(making.sealer, owner, secret?).ok()?;
            proxy::Action::AuthenticateOidc(Box::new(authenticate(config, &secret)))
        }
        _ => return None,
    })
}

fn forward(config: &api::ForwardActionConfig) -> proxy::Forward {
    let group = |group: &api::TargetGroupTuple| proxy::WeightedGroup {
        group: group.target_group_arn.clone().unwrap_or_default(),
        weight: group.weight.and_then(|weight| u16::try_from(weight).ok()).unwrap_or(1),
    };
    let stickiness = config.target_group_stickiness_config.as_ref();
    let stickiness = stickiness.filter(|it| it.enabled == Some(true));
    proxy::Forward {
        groups: config.target_groups.iter().flatten().map(group).collect(),
        sticky_seconds: stickiness
            .and_then(|it| it.duration_seconds)
            .and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

fn authenticate(config: &api::AuthenticateOidcActionConfig, secret: &str) -> proxy::OpenIdConnect {
    use api::AuthenticateOidcActionConditionalBehaviorEnum as Behaviour;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    proxy::OpenIdConnect {
        issuer: text(&config.issuer),
        authorization_endpoint: text(&config.authorization_endpoint),
        token_endpoint: text(&config.token_endpoint),
        user_info_endpoint: text(&config.user_info_endpoint),
        client_id: text(&config.client_id),
        client_secret: proxy::Secret(secret.to_owned()),
        session_cookie_name: text(&config.session_cookie_name),
        scope: text(&config.scope),
        session_timeout_seconds: config.session_timeout.map_or(0, i64::unsigned_abs),
        extra_params: config.authentication_request_extra_params.clone().unwrap_or_default(),
        on_unauthenticated: match config.on_unauthenticated_request {
            Some(Behaviour::Deny) => proxy::OnUnauthenticated::Deny,
            Some(Behaviour::Allow) => proxy::OnUnauthenticated::Allow,
            _ => proxy::OnUnauthenticated::Authenticate,
        },
    }
}
