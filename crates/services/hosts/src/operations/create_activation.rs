//! CreateActivation: a permission for hosts to join.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tags;
use berth_model::{Tags, Timestamp};

use crate::activation_code;
use crate::role;
use crate::service::Hosts;
use crate::tables::{Activation, ActivationId};

/// AWS: as long as nothing is said.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// AWS: the furthest end that can be asked for.
const LONGEST_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub async fn create_activation(
    hosts: Arc<Hosts>,
    call: Call,
    input: api::CreateActivationRequest,
) -> Result<api::CreateActivationResult, Failure<api::Error>> {
    // AWS: for its own use.
    if input.registration_metadata.is_some_and(|items| !items.is_empty()) {
        return Err(
            invalid("RegistrationMetadata is reserved for internal use; leave it out.").into()
        );
    }
    let code = activation_code::generate(&hosts.env);
    let scope = call.scope.clone();
    let activation = Activation {
        id: new_id(&hosts),
        scope: call.scope,
        code_hash: activation_code::hash(&code),
        registration_limit: input.registration_limit.unwrap_or(1).unsigned_abs(),
        registrations: 0,
        created_at: call.now,
        expires_at: expiry(input.expiration_date, call.now)?,
        iam_role: given_role(input.iam_role.unwrap_or_default())?,
        description: given(input.description),
        default_instance_name: given(input.default_instance_name),
        tags: tags(input.tags.unwrap_or_default())?,
    };
    role::check(&*hosts.roles, &scope, &activation.iam_role, call.now).map_err(Failure::common)?;
    let id = activation.id;
    hosts
        .cell
        .write(move |tx| {
            tx.put(activation);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::CreateActivationResult {
        activation_id: Some(id.to_string()),
        activation_code: Some(code),
    })
}

/// A UUID of version 4, as AWS's are.
fn new_id(hosts: &Hosts) -> ActivationId {
    let mut bytes = hosts.env.id();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    ActivationId(bytes)
}

fn expiry(wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, api::Error> {
    let Some(wanted) = wanted else { return Ok(now + LIFETIME) };
    if wanted <= now {
        return Err(invalid("ExpirationDate must be in the future."));
    }
    if wanted > now + LONGEST_LIFETIME {
        return Err(invalid("ExpirationDate must be within 30 days from now."));
    }
    Ok(wanted)
}

fn given_role(name: String) -> Result<String, api::Error> {
    if name.is_empty() {
        return Err(invalid("IamRole must name a role."));
    }
    Ok(name)
}

fn tags(given: Vec<api::Tag>) -> Result<Tags, api::Error> {
    let pairs =
        given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    tags::add(&Tags::new(), pairs).map_err(|violation| invalid(violation.to_string()))
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn invalid(message: impl Into<String>) -> api::Error {
    api::Error::invalid_parameters(message)
}
