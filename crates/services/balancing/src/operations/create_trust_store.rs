//! CreateTrustStore: a name, and the authorities that an object has.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::service::Balancing;
use crate::tables::{ElbId, TrustStore};
use crate::tagging;
use crate::trust_stores::objects::{self, Object};
use crate::trust_stores::{authorities, render};

pub async fn create_trust_store(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::CreateTrustStoreInput,
) -> Result<api::CreateTrustStoreOutput, Failure<api::Error>> {
    let object = Object {
        bucket: input.ca_certificates_bundle_s3_bucket,
        key: input.ca_certificates_bundle_s3_key,
        version: input.ca_certificates_bundle_s3_object_version,
    };
    let authorities = read(&balancing, &object).await?;
    let new = TrustStore {
        id: ElbId::new(&balancing.env),
        name: input.name.unwrap_or_default(),
        count: authorities::check(&authorities)?,
        authorities,
        tags: tagging::add(&Tags::new(), input.tags)?,
        next_revocation: 1,
        scope: call.scope,
    };
    let most = balancing.limits.trust_stores;
    let create = move |tx: &mut Transaction| {
        let names = &tx.table::<TrustStore>().indexes().names;
        let name = &new.name;
        if names.find(&new.scope, name).is_some() {
            return Err(api::Error::duplicate_trust_store_name(format!(
                "A trust store with the name '{name}' already exists"
            )));
        }
        if names.within(&new.scope).count() >= most {
            return Err(api::Error::too_many_trust_stores(format!(
                "The maximum number of trust stores, '{most}', has been reached"
            )));
        }
        let shown = render::trust_store(tx, &new);
        tx.put(new);
        Ok(shown)
    };
    let shown = balancing.cell.write(create).await?;
    Ok(api::CreateTrustStoreOutput { trust_stores: Some(vec![shown]) })
}

/// The bundle that a request names.
pub async fn read(balancing: &Balancing, object: &Object) -> Result<String, Failure<api::Error>> {
    let found = objects::read(balancing, object, authorities::invalid).await?;
    let missing = || objects::missing("ca certificate bundle", object);
    Ok(found.ok_or_else(|| api::Error::ca_certificates_bundle_not_found(missing()))?)
}
