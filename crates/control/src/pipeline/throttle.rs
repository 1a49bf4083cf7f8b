//! How often somebody may call: token buckets, one for each caller and category of calls.
//!
//! A service hands in its [`Category`] rows with AWS's numbers; an endpoint multiplies them by what its owner set
//! ([`RateLimits`]) and takes a token for each call, once it is known who calls and before anything is decoded. Whoever
//! proves nothing pays by address, and only for what it costs to tell of failures: a good signature is never refused
//! for somebody else's bad ones.
//!
//! `bucket.rs` is the arithmetic, `buckets.rs` many of them in bounded memory, `payer.rs` who shares one; the clock is
//! the caller's. What is answered then is `endpoint.rs`'s and `stranger.rs`'s (ADR 22).
// DEVIATES: AWS has a bucket for each account and region. Here each user, role and host has its own, and all regions
// share it, since anybody may name a new region.

mod bucket;
mod buckets;
mod category;
mod payer;

use std::sync::{Mutex, PoisonError};

use berth_aws_protocol::CommonError;
use berth_model::Timestamp;
use metrics::{Counter, Label};

use super::{Peer, Principal};
use crate::metrics::{Metrics, THROTTLED};
pub use bucket::{Rate, TokenBucket};
use buckets::Buckets;
pub use category::{Category, RateLimits};
use payer::Payer;

/// How many requests that prove nothing one address may send before they are told to nobody, at once and a second.
const FAILURES: Rate = Rate::new(1000, 100);

/// The buckets of an endpoint.
pub(super) struct Throttle {
    limits: RateLimits,
    calls: Mutex<Buckets<(Payer, u16)>>,
    failures: Mutex<Buckets<Payer>>,
    failures_refused: Counter,
}

/// A category as it is enforced.
#[derive(Clone)]
pub(super) struct Quota {
    /// Which of the endpoint's categories.
    pub number: u16,
    pub rate: Rate,
    pub refused: Counter,
}

impl Throttle {
    pub fn new(limits: RateLimits, metrics: &Metrics) -> Self {
        Throttle {
            limits,
            calls: Mutex::default(),
            failures: Mutex::default(),
            failures_refused: refused(metrics, "unknown", "Requests that prove nothing"),
        }
    }

    /// Takes a token for a call.
    pub fn admit(
        &self,
        quota: &Quota,
        principal: &Principal,
        peer: Peer,
        now: Timestamp,
    ) -> Result<(), CommonError> {
        let RateLimits::Times(factor) = self.limits else { return Ok(()) };
        let key = (Payer::of(principal, peer), quota.number);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.take(key, quota.rate.times(factor), now) {
            return Ok(());
        }
        quota.refused.increment(1);
        Err(rate_exceeded())
    }

    /// Takes a token for a request that proved nothing. `false`: there were too many from there.
    pub fn failed(&self, peer: Peer, now: Timestamp) -> bool {
        if self.limits == RateLimits::Off {
            return true;
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = failures.take(Payer::at(peer), FAILURES, now);
        if !taken {
            self.failures_refused.increment(1);
        }
        taken
    }
}

impl Quota {
    pub fn new(number: u16, service: &'static str, category: &Category, metrics: &Metrics) -> Self {
        let refused = refused(metrics, service, category.name);
        Quota { number, rate: category.rate, refused }
    }
}

/// AWS: the words of every service.
pub(super) fn rate_exceeded() -> CommonError {
    CommonError::Throttling("Rate exceeded".to_owned())
}

fn refused(metrics: &Metrics, service: &'static str, category: &'static str) -> Counter {
    let labels = vec![Label::new("service", service), Label::new("category", category)];
    metrics.counter(THROTTLED, labels)
}
