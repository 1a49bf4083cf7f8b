//! `POST /_berth/hosts/join`: an activation and a public key make a host.
//!
//! The key is made once and kept, so a host that never heard the answer sends the same request again, and gets the
//! same id; that costs no second use. Why an activation does not do is told only to who shows its right code.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_agent_protocol::hosts::{
    HostRefusal, HostRefusalCode, HostType, JoinAnswer, JoinRequest,
};
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::pipeline::{Peer, Route};
use berth_control::tables::View;
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Request, Response};

use crate::activation_code;
use crate::service::Hosts;
use crate::tables::{Activation, ActivationId, Host};
use crate::wire;

/// AWS: the longest name that an activation can give.
const LONGEST_NAME: usize = 256;

pub struct Join(pub Arc<Hosts>);

#[async_trait]
impl Route for Join {
    async fn answer(&self, request: &Request<Bytes>, peer: Peer) -> Response<Bytes> {
        wire::answer(join(&self.0, request, peer).await)
    }
}

async fn join(
    hosts: &Hosts,
    request: &Request<Bytes>,
    peer: Peer,
) -> Result<JoinAnswer, HostRefusal> {
    let request: JoinRequest = wire::read(request)?;
    let public_key = public_key(&request.public_key)?;
    if request.name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        let message = format!("The name has more than {LONGEST_NAME} characters.");
        return Err(wire::refused(HostRefusalCode::BadRequest, message));
    }
    let (given_id, host_type) = (request.activation_id.clone(), request.host_type);
    let new_id = new_id(&hosts.env, host_type);
    let now = hosts.env.now();
    let joined = hosts.cell.write(move |tx| {
        let activation = activation(tx, &request)?;
        if let Some(known) = joined_before(tx, &public_key, &activation) {
            return Ok(known);
        }
        let activation = spend(tx, activation, now)?;
        let id = new_id.clone();
        tx.put(Host {
            id: new_id,
            scope: activation.scope,
            public_key,
            activation: activation.id,
            iam_role: activation.iam_role,
            name: activation.default_instance_name.or(request.name),
            tags: activation.tags,
            registered_at: now,
            asked_at: Timestamp::EPOCH,
            address: peer.address.to_string(),
        });
        Ok(id)
    });
    match joined.await.map_err(wire::not_written) {
        Ok(host_id) => {
            tracing::info!(host = host_id, activation = given_id, peer = %peer.address, "a host joined");
            Ok(JoinAnswer { host_id })
        }
        Err(refusal) => {
            tracing::warn!(activation = given_id, peer = %peer.address, %refusal, "a host was not let in");
            Err(refusal)
        }
    }
}

fn public_key(text: &str) -> Result<[u8; 32], HostRefusal> {
    let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        let message = "publicKey: 32 bytes in base 64 are expected, an Ed25519 key.";
        wire::refused(HostRefusalCode::BadRequest, message)
    })
}

/// AWS: a prefix and 17 hex digits.
fn new_id(env: &Env, host_type: HostType) -> String {
    format!("{}{}", host_type.id_prefix(), &hex::encode(env.id())[..17])
}

/// The activation, whose code the caller knows. A wrong id and a wrong code look the same.
fn activation(view: &impl View, request: &JoinRequest) -> Result<Activation, HostRefusal> {
    let found = request.activation_id.parse::<ActivationId>().ok().and_then(|id| {
        let activations = view.table::<Activation>();
        let key = activations.indexes().by_id.first(&id);
        key.and_then(|key| activations.get(key))
    });
    let found = found
        .filter(|found| activation_code::matches(&request.activation_code, &found.code_hash))
        .cloned();
    found.ok_or_else(|| invalid("There is no such activation, or its code is another."))
}

fn joined_before(
    view: &impl View,
    public_key: &[u8; 32],
    activation: &Activation,
) -> Option<String> {
    let hosts = view.table::<Host>();
    let known = hosts.indexes().by_public_key.first(public_key).and_then(|id| hosts.get(id))?;
    (known.activation == activation.id).then(|| known.id.clone())
}

/// Takes one use of the activation.
fn spend(
    tx: &mut Transaction,
    activation: Activation,
    now: Timestamp,
) -> Result<Activation, HostRefusal> {
    if activation.is_expired(now) {
        return Err(invalid(format!("The activation {} has expired.", activation.id)));
    }
    if activation.registrations >= activation.registration_limit {
        let Activation { id, registration_limit: limit, .. } = activation;
        let message = format!("The activation {id} is used up: it was good for {limit} in all.");
        return Err(invalid(message));
    }
    let spent = Activation { registrations: activation.registrations + 1, ..activation };
    tx.put(spent.clone());
    Ok(spent)
}

fn invalid(message: impl Into<String>) -> HostRefusal {
    wire::refused(HostRefusalCode::InvalidActivation, message)
}
