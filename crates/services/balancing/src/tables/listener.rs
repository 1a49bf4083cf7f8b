//! A listener: a port of a balancer, and what is done with requests that no rule is for.

use std::collections::BTreeMap;

use berth_control::sealing::{Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::Tags;
use minicbor::{Decode, Encode};

use super::{Actions, BalancerRef, ElbId, Protocol};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Listener {
    #[n(0)]
    pub id: ElbId,
    #[n(1)]
    pub of: BalancerRef,
    #[n(2)]
    pub port: u16,
    #[n(3)]
    pub protocol: Protocol,
    /// ARNs, the default first.
    #[n(4)]
    pub certificates: Vec<String>,
    #[n(5)]
    pub ssl_policy: Option<String>,
    #[n(6)]
    pub alpn: Option<String>,
    #[n(7)]
    pub mutual: Option<MutualAuthentication>,
    /// Those of its default rule.
    #[n(8)]
    pub actions: Actions,
    #[n(9)]
    pub attributes: BTreeMap<String, String>,
    #[n(10)]
    pub tags: Tags,
    /// The id of its default rule, which is no row.
    #[n(11)]
    pub default_rule: ElbId,
    /// Whether it is the one that listens on its port wherever proxies were told to.
    #[n(12)]
    pub everywhere: bool,
    /// Why a proxy cannot listen, if one says so.
    #[n(13)]
    pub down: Option<String>,
}

/// What is made of clients' certificates.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum MutualAuthentication {
    #[n(0)]
    Off,
    #[n(1)]
    Passthrough,
    #[n(2)]
    Verify {
        #[n(0)]
        trust_store: ElbId,
        #[n(1)]
        ignore_expiry: bool,
    },
}

impl Listener {
    pub fn trust_store(&self) -> Option<ElbId> {
        match self.mutual {
            Some(MutualAuthentication::Verify { trust_store, .. }) => Some(trust_store),
            _ => None,
        }
    }
}

impl Record for Listener {
    const TABLE: TableId = TableId::new(261, "listeners");
    type Key = ElbId;
    type Indexes = ListenerIndexes;

    fn key(&self) -> ElbId {
        self.id
    }

    berth_control::record_codec!();
}

impl Seals for Listener {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.actions.sealed()
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        self.actions.seal_anew(self.id, sealer)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListenerIndexes {
    pub by_balancer: Index<(ElbId, u16), ElbId>,
    pub by_group: Index<ElbId, ElbId>,
    pub by_default_rule: Index<ElbId, ElbId>,
    pub by_trust_store: Index<ElbId, ElbId>,
    /// Those that listen everywhere.
    pub by_port: Index<u16, ElbId>,
    /// Those that cannot listen.
    pub down: Index<ElbId, ElbId>,
}

impl ListenerIndexes {
    /// Those of a balancer, by port.
    pub fn of(&self, balancer: ElbId) -> impl Iterator<Item = ElbId> + use<'_> {
        self.by_balancer.range((balancer, 0)..=(balancer, u16::MAX)).map(|(_, id)| *id)
    }
}

impl Indexes<Listener> for ListenerIndexes {
    fn insert(&mut self, row: &Listener) {
        self.by_balancer.insert((row.of.id, row.port), row.id);
        for group in row.actions.groups() {
            self.by_group.insert(group, row.id);
        }
        self.by_default_rule.insert(row.default_rule, row.id);
        if let Some(store) = row.trust_store() {
            self.by_trust_store.insert(store, row.id);
        }
        if row.everywhere {
            self.by_port.insert(row.port, row.id);
        }
        if row.down.is_some() {
            self.down.insert(row.of.id, row.id);
        }
    }

    fn remove(&mut self, row: &Listener) {
        self.by_balancer.remove(&(row.of.id, row.port), &row.id);
        for group in row.actions.groups() {
            self.by_group.remove(&group, &row.id);
        }
        self.by_default_rule.remove(&row.default_rule, &row.id);
        if let Some(store) = row.trust_store() {
            self.by_trust_store.remove(&store, &row.id);
        }
        if row.everywhere {
            self.by_port.remove(&row.port, &row.id);
        }
        if row.down.is_some() {
            self.down.remove(&row.of.id, &row.id);
        }
    }
}
