//! What has to be told of a request once it is over: to counters, to its target, to the access log.
//!
//! It ends where it is dropped, which is where the last byte of the answer was taken, or where a client broke off.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use super::Front;
use super::access::{self, Told};
use super::http1::Verdict;
use super::own::status::CLIENT_GONE;
use super::visit::Visit;
use crate::group::Picked;
use crate::oidc::User;
use crate::pool::Traffic;

pub(super) struct Account {
    pub(super) front: Arc<Front>,
    pub(super) visit: Arc<Visit>,
    pub(super) began: Instant,
    /// How far it is from what it should be.
    pub(super) verdict: Verdict,
    /// None until it is known what is answered.
    pub(super) status: Option<StatusCode>,
    pub(super) target_status: Option<StatusCode>,
    /// What came of the request's body.
    pub(super) traffic: Option<Arc<Traffic>>,
    pub(super) picked: Option<Picked>,
    /// For the access log, if there is one.
    pub(super) told: Option<Box<Told>>,
    /// Who it is from, if that was asked.
    pub(super) user: Option<Box<User>>,
    /// Values of `Set-Cookie` that the answer gets, whoever answers.
    pub(super) cookies: Vec<HeaderValue>,
    sent: u64,
}

impl Account {
    pub(super) fn begin(visit: Arc<Visit>, verdict: Verdict) -> Box<Account> {
        visit.begin();
        Box::new(Account {
            front: visit.live.load_full(),
            visit,
            began: Instant::now(),
            verdict,
            status: None,
            target_status: None,
            traffic: None,
            picked: None,
            told: None,
            user: None,
            cookies: Vec::new(),
            sent: 0,
        })
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// Of its body, or of what it was upgraded to.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.sent
    }

    /// The target did not send all of its answer.
    pub(super) fn broke_off(&self) {
        if let Some(picked) = &self.picked {
            picked.failed();
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.visit.end();
        let counters = &self.front.counters;
        // AWS: only where a target could be chosen.
        counters.requests.add(u64::from(self.picked.is_some()));
        if self.verdict.reason.is_some() {
            counters.desync_requests.one();
        }
        if self.verdict.dropped_headers {
            counters.dropped_headers.one();
        }
        let received = self.traffic.as_ref().map_or(0, |traffic| traffic.bytes());
        // DEVIATES: the ProcessedBytes of an application balancer are those of bodies and of web sockets; what heads take is not counted.
        counters.processed_bytes.add(received + self.sent);
        if self.target_status.is_none() {
            counters.answered(self.status.unwrap_or(CLIENT_GONE).as_u16());
        }
        if let (Some(log), Some(told)) = (&self.front.access_log, self.told.take()) {
            log.tell(access::line(self, &told));
        }
    }
}
