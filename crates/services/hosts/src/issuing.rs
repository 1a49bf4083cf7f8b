//! `POST /_berth/hosts/credentials`: temporary credentials for whoever has the host's private key.
//!
//! A request is good once: the time in it must be later than that of the one before, and close to the server's own.
//! What a host is given is what it was given last, until half of that one's life is over. So an answer that gets
//! lost costs nothing, and there are never more than two sets: the current one, and the one before it, which stays
//! good for what is under way.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_agent_protocol::hosts::{
    CredentialsAnswer, CredentialsRequest, HostRefusal, HostRefusalCode,
};
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::pipeline::{Peer, Route};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Request, Response};

use crate::service::Hosts;
use crate::tables::{Host, HostCredential, Issued};
use crate::{proof, random, wire};

/// AWS: as far as the clocks of a signer and a server may be apart.
const SKEW: Duration = Duration::from_secs(5 * 60);

pub struct Issue(pub Arc<Hosts>);

#[async_trait]
impl Route for Issue {
    async fn answer(&self, request: &Request<Bytes>, peer: Peer) -> Response<Bytes> {
        wire::answer(issue(&self.0, request, peer).await)
    }
}

async fn issue(
    hosts: &Hosts,
    request: &Request<Bytes>,
    peer: Peer,
) -> Result<CredentialsAnswer, HostRefusal> {
    let request: CredentialsRequest = wire::read(request)?;
    let (now, lifetime) = (hosts.env.now(), hosts.settings.credential_lifetime);
    let asked_at = Timestamp::from_millis(request.asked_at);
    check(hosts, &request, asked_at, now).inspect_err(|refusal| {
        tracing::warn!(host = request.host_id, peer = %peer.address, %refusal, "no credentials for a host");
    })?;
    let host_id = request.host_id;
    let fresh = fresh(&hosts.env, now, lifetime);
    let given = hosts.cell.write(move |tx| {
        // Looked up anew: it may have been deregistered, or the same request been here, since it was checked.
        let host = tx.get::<Host>(&host_id).cloned().ok_or_else(|| unknown(&host_id))?;
        if asked_at <= host.asked_at {
            return Err(stale("A request with this time or a later one was here before."));
        }
        tx.put(Host { asked_at, address: peer.address.to_string(), ..host });
        Ok(current_or(tx, host_id, fresh, now))
    });
    let given = given.await.map_err(wire::not_written)?;
    let left = given.expires_at.since(now);
    Ok(CredentialsAnswer {
        access_key_id: given.access_key_id,
        secret_access_key: given.secret_access_key,
        session_token: given.session_token,
        expires_in_ms: millis(left),
        renew_in_ms: millis(left.saturating_sub(lifetime / 2)),
    })
}

/// Whether the host itself asks, and now.
fn check(
    hosts: &Hosts,
    request: &CredentialsRequest,
    asked_at: Timestamp,
    now: Timestamp,
) -> Result<(), HostRefusal> {
    let view = hosts.cell.snapshot();
    let host = view.get::<Host>(&request.host_id).ok_or_else(|| unknown(&request.host_id))?;
    let signature = STANDARD.decode(&request.signature).unwrap_or_default();
    let text = CredentialsRequest::signed_text(&request.host_id, request.asked_at);
    if !proof::is_signed_by(&host.public_key, &text, &signature) {
        let message = format!("The request is not signed by the key of {}.", request.host_id);
        return Err(wire::refused(HostRefusalCode::InvalidSignature, message));
    }
    let apart = asked_at.since(now).max(now.since(asked_at));
    if apart > SKEW {
        return Err(stale(format!(
            "The host's clock and the server's are {} seconds apart; at most {} are possible.",
            apart.as_secs(),
            SKEW.as_secs()
        )));
    }
    Ok(())
}

/// Made beforehand: a transaction has no randomness of its own.
fn fresh(env: &Env, now: Timestamp, lifetime: Duration) -> Issued {
    Issued {
        // AWS: temporary keys begin with ASIA.
        access_key_id: format!("ASIA{}", random::text(env, random::UPPER, 16)),
        secret_access_key: random::text(env, random::BASE64, 40),
        session_token: random::text(env, random::BASE64, 64),
        issued_at: now,
        expires_at: now + lifetime,
    }
}

/// What the host was given last, while that is young; else the fresh one from now on.
fn current_or(tx: &mut Transaction, host: String, fresh: Issued, now: Timestamp) -> Issued {
    let known = tx.get::<HostCredential>(&host).cloned();
    let half_life = fresh.expires_at.since(fresh.issued_at) / 2;
    if let Some(known) = &known
        && known.current.expires_at.since(now) > half_life
    {
        return known.current.clone();
    }
    let previous = known.map(|known| known.current).filter(|issued| issued.expires_at > now);
    tx.put(HostCredential { host, current: fresh.clone(), previous });
    fresh
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn unknown(host_id: &str) -> HostRefusal {
    let message = format!(
        "This control plane has no host {host_id}: it was deregistered, or it joined another one."
    );
    wire::refused(HostRefusalCode::UnknownHost, message)
}

fn stale(message: impl Into<String>) -> HostRefusal {
    wire::refused(HostRefusalCode::StaleRequest, message)
}
