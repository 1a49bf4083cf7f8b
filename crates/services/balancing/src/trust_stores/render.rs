//! A trust store as ELB shows it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_aws_api::elbv2 as api;
use berth_control::tables::View;

use crate::tables::{Revocation, TrustStore};

pub fn trust_store(view: &impl View, store: &TrustStore) -> api::TrustStore {
    let revoked: u64 =
        view.table::<Revocation>().within(&store.id).map(|revocation| revocation.entries).sum();
    api::TrustStore {
        name: Some(store.name.clone()),
        trust_store_arn: Some(store.arn()),
        status: Some(api::TrustStoreStatus::Active),
        number_of_ca_certificates: i32::try_from(store.count).ok(),
        total_revoked_entries: i64::try_from(revoked).ok(),
    }
}

/// DEVIATES: where the contents of a trust store are is told by a `data:` URL that has all of it, not by one of S3.
pub fn location(content: &str) -> String {
    format!("data:application/x-pem-file;base64,{}", STANDARD.encode(content))
}
