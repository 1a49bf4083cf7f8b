//! What a network balancer counts: each flow with all of them, and with those of its kind.

use std::sync::Arc;

use crate::counters::{Counter, FlowCounters};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tcp,
    Tls,
    Udp,
}

/// A flow, counted for as long as it is.
pub(super) struct Counted {
    counters: Arc<FlowCounters>,
    kind: Kind,
}

impl Counted {
    pub(super) fn begin(counters: &Arc<FlowCounters>, kind: Kind) -> Self {
        let counted = Self { counters: counters.clone(), kind };
        let [active, new, _] = counted.of_kind();
        for counter in [&counters.active, active, &counters.new, new] {
            counter.one();
        }
        counted
    }

    pub(super) fn counters(&self) -> &FlowCounters {
        &self.counters
    }

    /// Of clients' own, in either direction.
    pub(super) fn bytes(&self, bytes: usize) {
        let [_, _, of_kind] = self.of_kind();
        self.counters.bytes.add(bytes as u64);
        of_kind.add(bytes as u64);
    }

    fn of_kind(&self) -> [&Counter; 3] {
        let all = &*self.counters;
        match self.kind {
            Kind::Tcp => [&all.tcp_active, &all.tcp_new, &all.tcp_bytes],
            Kind::Tls => [&all.tls_active, &all.tls_new, &all.tls_bytes],
            Kind::Udp => [&all.udp_active, &all.udp_new, &all.udp_bytes],
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let [active, ..] = self.of_kind();
        active.one_less();
        self.counters.active.one_less();
    }
}
