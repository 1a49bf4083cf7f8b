//! ListAliases: of the account, or of one key.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::{page, render};
use crate::keys::find;
use crate::service::Secrets;
use crate::tables::Alias;

/// AWS: those of AWS's own keys that nobody has used yet are listed without a key; ours appear with their keys.
pub async fn list_aliases(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListAliasesRequest,
) -> Result<api::ListAliasesResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let of = input.key_id.map(|name| find(&view, &call.scope, &name).map(|key| key.id));
    let of = of.transpose()?;
    let paging = page::of("ListAliases", &of, input.limit, input.marker)?;
    let aliases = view.table::<Alias>().within(&call.scope);
    let aliases = aliases.filter(|alias| of.is_none_or(|id| alias.target == id));
    let page = paging.cut(aliases.map(|alias| (alias.name.clone(), render::alias(alias))));
    Ok(api::ListAliasesResponse {
        aliases: Some(page.items),
        truncated: Some(page.next.is_some()),
        next_marker: page.next,
    })
}
