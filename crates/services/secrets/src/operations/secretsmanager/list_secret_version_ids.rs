//! ListSecretVersionIds: a secret's versions and their labels, oldest first.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::paging::paging;
use crate::secretsmanager::{naming, render, versions};
use crate::service::Secrets;
use crate::tables::SecretVersion;

const PAGE: i32 = 100;

pub async fn list_secret_version_ids(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListSecretVersionIdsRequest,
) -> Result<api::ListSecretVersionIdsResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let secret = naming::find(&view, &call.scope, &input.secret_id.unwrap_or_default())?;
    let with_deprecated = input.include_deprecated.unwrap_or(false);
    let bound = (&secret.name, &secret.suffix, with_deprecated);
    let size = input.max_results.unwrap_or(PAGE);
    let paging = paging("ListSecretVersionIds", &bound, size, input.next_token)?;
    let position =
        |version: &SecretVersion| format!("{:020} {}", version.created_at.as_millis(), version.id);
    let found = versions::of(&view, secret).into_iter();
    let found = found.filter(|version| with_deprecated || secret.stages.has_labels(&version.id));
    let page = paging.cut(found.map(|version| (position(version), version)));
    let shown = page.items.into_iter().map(|version| render::version(secret, version));
    Ok(api::ListSecretVersionIdsResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name.clone()),
        versions: Some(shown.collect()),
        next_token: page.next,
    })
}
