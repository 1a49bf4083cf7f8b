//! What each call of KMS wants.
//!
//! AWS: the Service Authorization Reference, "AWS Key Management Service". A key that is named by an alias is judged as
//! the key that it stands for.

use berth_aws_api::kms::ops;
use berth_control::pipeline::access::{AccessTable, Asking, Resource};
use berth_model::{Scope, Tags};

use crate::keys;
use crate::service::Secrets;

pub fn kms() -> AccessTable<Secrets> {
    AccessTable::new("kms")
        .operation::<ops::CreateKey>(|ask, input| {
            let tags = input.tags.iter().flatten();
            let pairs = tags.map(|tag| {
                (tag.tag_key.clone().unwrap_or_default(), tag.tag_value.clone().unwrap_or_default())
            });
            ask.wants.request_tags(pairs.collect::<Tags>());
        })
        .operation::<ops::DescribeKey>(|ask, input| key(ask, &input.key_id))
}

/// One that is not there is judged by what it was called.
fn key(ask: &mut Asking<'_, Secrets>, given: &Option<String>) {
    let given = given.as_deref().unwrap_or_default();
    let view = ask.service.cell.snapshot();
    let scope = &ask.call.scope;
    let resource = match keys::find(&view, scope, given) {
        Ok(key) => Resource::new(key.arn()).tagged(&key.tags),
        Err(_) => {
            let Scope { partition, account, region } = scope;
            let name = given.rsplit(':').next().unwrap_or_default().trim_start_matches("key/");
            Resource::new(format_args!("arn:{partition}:kms:{region}:{account}:key/{name}"))
        }
    };
    if let Some(alias) = given.rsplit(':').next().filter(|name| name.starts_with("alias/")) {
        ask.wants.key("kms:RequestAlias", alias);
    }
    ask.wants.on(resource);
}
