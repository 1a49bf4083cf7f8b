//! ListSecrets: those of a region that a search finds, without their values.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_aws_protocol::page::Order;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use crate::secretsmanager::paging::paging;
use crate::secretsmanager::{filters, render};
use crate::service::Secrets;
use crate::tables::Secret;

const PAGE: i32 = 100;

pub async fn list_secrets(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListSecretsRequest,
) -> Result<api::ListSecretsResponse, Failure<api::Error>> {
    let by = input.sort_by.unwrap_or(api::SortByType::CreatedDate);
    let order = match input.sort_order {
        Some(api::SortOrderType::Desc) => Order::Descending,
        _ => Order::Ascending,
    };
    let with_deleted = input.include_planned_deletion.unwrap_or(false);
    let wanted = input.filters.unwrap_or_default();
    let size = input.max_results.unwrap_or(PAGE);
    let bound = (&wanted, &by, order, with_deleted);
    let paging = paging("ListSecrets", &bound, size, input.next_token)?;
    let view = secrets.cell.snapshot();
    let is_found = |secret: &&Secret| {
        (with_deleted || secret.deletes_at.is_none()) && filters::passes(secret, &wanted)
    };
    let found = view.table::<Secret>().within(&call.scope).filter(is_found);
    let mut found: Vec<_> = found.map(|secret| (position(secret, &by), secret)).collect();
    found.sort_unstable_by(|(a, _), (b, _)| match order {
        Order::Ascending => a.cmp(b),
        Order::Descending => b.cmp(a),
    });
    let page = paging.cut_in(order, found);
    Ok(api::ListSecretsResponse {
        secret_list: Some(page.items.into_iter().map(render::listed).collect()),
        next_token: page.next,
    })
}

/// Where a secret stands in the list: whatever it is sorted by, then its name.
fn position(secret: &Secret, by: &api::SortByType) -> String {
    let at = match by {
        api::SortByType::Name => return secret.name.clone(),
        api::SortByType::LastAccessedDate => secret.accessed_on.unwrap_or(Timestamp::EPOCH),
        api::SortByType::LastChangedDate => secret.changed_at,
        // The model's validation has refused what is unknown.
        api::SortByType::CreatedDate | api::SortByType::Unknown(_) => secret.created_at,
    };
    format!("{:020} {}", at.as_millis(), secret.name)
}
