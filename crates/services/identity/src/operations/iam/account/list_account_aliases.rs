//! ListAccountAliases: one at most.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, AccountAlias};

pub async fn list_account_aliases(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListAccountAliasesRequest,
) -> Result<api::ListAccountAliasesResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let paging = paging("ListAccountAliases", &(), input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let found = view.get::<AccountAlias>(&account).map(|found| found.alias.clone());
    let page = paging.cut(found.map(|alias| (alias.clone(), alias)));
    Ok(api::ListAccountAliasesResponse {
        account_aliases: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}
