//! What this host's agent signs with: a key that it was given, or an identity of its own and the ways to get one.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_agent::{HostIdentity, HttpControlPlane, JoinGrant};
use berth_aws_protocol::sigv4::Credentials;
use serde_json::json;

use crate::{activation, instance_role};

pub enum HostAccess {
    /// The administrator's, or one that somebody else looks after.
    Key(Credentials),
    /// The host's own.
    Identity(Grants),
}

/// Where a host that is not in, or not any more, gets permission to join.
pub enum Grants {
    None,
    One(JoinGrant),
    /// `berth up` lets its own host in.
    Administrator(Box<HttpControlPlane>),
}

/// Long enough for a host that begins right away.
const LOCAL_ACTIVATION: Duration = Duration::from_secs(10 * 60);

impl Grants {
    /// Whether there is another one than the one that this host joined by.
    pub fn can_replace(&self, spent: &HostIdentity) -> bool {
        match self {
            Grants::None => false,
            Grants::One(grant) => !spent.joined_by(grant),
            Grants::Administrator(_) => true,
        }
    }

    pub async fn take(&self) -> Result<JoinGrant> {
        match self {
            Grants::None => bail!("this host has not joined: start the agent with --token"),
            Grants::One(grant) => Ok(grant.clone()),
            Grants::Administrator(client) => local(client).await,
        }
    }
}

async fn local(client: &HttpControlPlane) -> Result<JoinGrant> {
    let input = json!({
        "Description": "The host of `berth up`",
        "ExpirationDate": activation::ends_in(LOCAL_ACTIVATION),
    });
    let made = instance_role::create_activation(client, None, input).await;
    activation::grant(&made.context("this host could not be let in")?)
}
