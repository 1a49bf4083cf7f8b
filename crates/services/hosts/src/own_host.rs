//! What an agent asks about its own host, signed by its credentials: `GET /_berth/hosts/self`, and
//! `GET /_berth/hosts/role-credentials` for the role that what runs there may act in.
//!
//! Which host is meant is said by the signature alone, so that nobody can name another's.

use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::hosts::{RoleAnswer, SelfAnswer};
use berth_control::pipeline::{Call, CommonError, PrincipalKind};
use berth_control::ports::RoleRefusal;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use serde::Serialize;

use crate::role;
use crate::service::Hosts;
use crate::tables::Host;

/// What policies and the audit call these two; the second is what SSM's own agent calls.
pub const DESCRIBE_OWN_HOST: &str = "DescribeOwnHost";
pub const REQUEST_ROLE_TOKEN: &str = "RequestManagedInstanceRoleToken";

/// What agents may do of it: both.
pub const AGENT_ACTIONS: &[&str] = &[DESCRIBE_OWN_HOST, REQUEST_ROLE_TOKEN];

pub async fn describe(
    hosts: Arc<Hosts>,
    call: Call,
    _: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let host = caller(&hosts, &call)?;
    Ok(answer(&SelfAnswer {
        account_id: host.scope.account.to_string(),
        partition: host.scope.partition.to_string(),
        role: host.iam_role,
        tags: host.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        registered_at: host.registered_at.as_millis(),
        host_id: host.id,
    }))
}

pub async fn role_credentials(
    hosts: Arc<Hosts>,
    call: Call,
    _: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let host = caller(&hosts, &call)?;
    let lifetime = hosts.settings.role_lifetime;
    let given =
        role::issue(&*hosts.roles, &host, lifetime, call.now).map_err(|refusal| match refusal {
            RoleRefusal::NoSuchRole(_) | RoleRefusal::NotTrusted { .. } => {
                CommonError::AccessDenied(format!(
                    "Host {} cannot have the role of its activation: {refusal}.",
                    host.id
                ))
            }
            RoleRefusal::Unreadable(_) => CommonError::Internal(refusal.to_string()),
        })?;
    let left = given.expires_at.since(call.now);
    Ok(answer(&RoleAnswer {
        role_arn: given.role_arn,
        access_key_id: given.access_key_id,
        secret_access_key: given.secret_access_key,
        session_token: given.session_token,
        expires_in_ms: millis(left),
        renew_in_ms: millis(left / 2),
    }))
}

/// The host whose agent calls. Whoever else may call this has no host, and is told so.
fn caller(hosts: &Hosts, call: &Call) -> Result<Host, CommonError> {
    let PrincipalKind::Agent { host: id } = &call.principal.kind else {
        let who = call.principal_arn();
        return Err(CommonError::AccessDenied(format!(
            "{who} is not the agent of a host: this is answered to agents that sign with their host's credentials."
        )));
    };
    let view = hosts.cell.snapshot();
    view.get::<Host>(&id.to_string()).cloned().ok_or_else(|| {
        // Deregistered since the signature was verified.
        CommonError::AccessDenied(format!("This control plane has no host {id}."))
    })
}

fn answer(body: &impl Serialize) -> Response<Bytes> {
    let body = serde_json::to_vec(body).expect("its maps have string keys");
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
