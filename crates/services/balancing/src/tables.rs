//! What is remembered: one record type per table, with the numbers from 260. ACM's are from 270.

mod actions;
mod authentication_keys;
mod carriage;
mod certificate;
mod health;
mod id;
mod listener;
mod load_balancer;
mod names;
mod rule;
mod stored;
mod target;
mod target_group;
mod trust_store;
mod words;

pub use actions::Actions;
pub use authentication_keys::{AuthenticationKeys, KeyId};
pub use carriage::Carriage;
pub use certificate::{Certificate, CertificateId, Origin, Validation};
pub use health::{Health, HealthState, TargetHealth};
pub use id::ElbId;
pub use listener::{Listener, MutualAuthentication};
pub use load_balancer::{BalancerRef, Capacity, LoadBalancer, Zone};
pub use names::Names;
pub use rule::Rule;
pub use stored::Stored;
pub use target::{Target, TargetKey};
pub use target_group::{HealthCheck, TargetGroup};
pub use trust_store::{Revocation, TrustStore};
pub use words::{BalancerKind, IpAddressType, Protocol, ProtocolVersion, TargetType};

use berth_control::sealing::Rotation;
use berth_control::tables::Schema;

/// The tables that a configuration is made from.
pub const NUMBERS: std::ops::RangeInclusive<u16> = 260..=279;

/// Registers every table of this service with the cell.
pub fn register(schema: &mut Schema) {
    schema.table::<LoadBalancer>();
    schema.table::<Listener>();
    schema.table::<Rule>();
    schema.table::<TargetGroup>();
    schema.table::<Target>();
    schema.table::<TargetHealth>();
    schema.table::<TrustStore>();
    schema.table::<Revocation>();
    schema.table::<AuthenticationKeys>();
    schema.table::<Certificate>();
    schema.table::<Carriage>();
}

/// Tells the rotation of data keys of every table that has something sealed.
pub fn register_sealed(rotation: Rotation) -> Rotation {
    rotation.of::<Listener>().of::<Rule>().of::<AuthenticationKeys>().of::<Certificate>()
}
