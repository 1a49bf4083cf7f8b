//! ListKeyRotations: when a key got new material, and why.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::{page, render};
use crate::keys::find;
use crate::service::Secrets;
use crate::tables::{Made, Material};

pub async fn list_key_rotations(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListKeyRotationsRequest,
) -> Result<api::ListKeyRotationsResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let key = find(&view, &call.scope, &input.key_id.unwrap_or_default())?;
    // AWS: what a key was made with is no rotation.
    let all = input.include_key_material == Some(api::IncludeKeyMaterial::AllKeyMaterial);
    let paging = page::of("ListKeyRotations", &(key.id, all), input.limit, input.marker)?;
    let shown = key.material.iter().filter(|material| all || material.made != Made::WithTheKey);
    // Numbers that sort as text.
    let item =
        |material: &Material| (format!("{:010}", material.number), render::rotation(key, material));
    let page = paging.cut(shown.map(item));
    Ok(api::ListKeyRotationsResponse {
        rotations: Some(page.items),
        truncated: Some(page.next.is_some()),
        next_marker: page.next,
    })
}
