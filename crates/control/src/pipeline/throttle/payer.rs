//! Whose bucket a call is taken from.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crate::pipeline::{Lender, Peer, Principal, PrincipalKind};

/// All who share their buckets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The account's own key.
    Account,
    Host(Arc<str>),
    /// A user or a role, by its unique id. All sessions of a role are the role.
    Identity(String),
    /// Nobody in particular.
    At(IpAddr),
}

impl Payer {
    pub fn of(principal: &Principal, peer: Peer) -> Self {
        match &principal.kind {
            PrincipalKind::Administrator => Payer::Account,
            PrincipalKind::Agent { host } => Payer::Host(host.clone()),
            PrincipalKind::User(user) => Payer::Identity(user.id.clone()),
            PrincipalKind::Session(session) => match &session.lender {
                Lender::Role { id, .. } | Lender::FederatedBy { id, .. } => {
                    Payer::Identity(id.clone())
                }
                Lender::Root => Payer::Account,
            },
            PrincipalKind::Anonymous => Payer::at(peer),
        }
    }

    /// Whoever has an address of IPv6 has 2^64 of them.
    pub fn at(peer: Peer) -> Self {
        Payer::At(match peer.address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Payer {
        Payer::at(Peer::plain(address.parse().unwrap()))
    }

    #[test]
    fn an_address_is_known_by_its_network() {
        assert_eq!(at("::ffff:192.0.2.7"), at("192.0.2.7"));
        assert_ne!(at("192.0.2.7"), at("192.0.2.8"));
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
    }
}
