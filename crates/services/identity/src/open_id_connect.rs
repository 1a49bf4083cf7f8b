//! The rules of OpenID Connect providers, and how one is found.

use std::collections::BTreeSet;

use berth_aws_api::iam as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;

use crate::entity::exceeded;
use crate::paging::invalid;
use crate::tables::{Account, OpenIdConnectProvider};

/// AWS: its default quotas.
const PROVIDERS: usize = 100;
const CLIENT_IDS: usize = 100;
const THUMBPRINTS: usize = 5;

/// A provider's URL without its scheme, which is always the same.
pub fn url(given: &str) -> Result<String, Failure<api::Error>> {
    let url = given.strip_prefix("https://").unwrap_or_default();
    let host = url.split('/').next().unwrap_or_default();
    // AWS: no port, no query.
    let is_url = !host.is_empty() && !host.contains([':', '@']) && !url.contains(['?', '#', ' ']);
    if !is_url {
        return Err(invalid("Invalid Open ID Connect Provider URL"));
    }
    Ok(url.to_owned())
}

pub fn client_ids(given: Option<Vec<String>>) -> Result<BTreeSet<String>, api::Error> {
    let ids = BTreeSet::from_iter(given.unwrap_or_default());
    check_client_ids(&ids)?;
    Ok(ids)
}

pub fn check_client_ids(ids: &BTreeSet<String>) -> Result<(), api::Error> {
    match ids.len() > CLIENT_IDS {
        true => Err(exceeded("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS)),
        false => Ok(()),
    }
}

/// The model's validation has checked each one's length.
pub fn thumbprints(given: Option<Vec<String>>) -> Result<Vec<String>, api::Error> {
    let thumbprints = given.unwrap_or_default();
    match thumbprints.len() > THUMBPRINTS {
        true => {
            Err(api::Error::invalid_input("Thumbprint list must contain fewer than 5 entries."))
        }
        false => Ok(thumbprints),
    }
}

pub fn room_for_one(view: &impl View, account: Account) -> Result<(), api::Error> {
    match view.table::<OpenIdConnectProvider>().within(&account).count() >= PROVIDERS {
        true => Err(exceeded("OpenIdConnectProvidersPerAccount", PROVIDERS)),
        false => Ok(()),
    }
}

/// The URL, without its scheme, in a provider's ARN.
pub fn url_of(account: Account, arn: &str) -> Result<String, api::Error> {
    let url = arn.strip_prefix(&account.arn("oidc-provider/")).filter(|url| !url.is_empty());
    url.map(str::to_owned).ok_or_else(|| api::Error::invalid_input(format!("Invalid ARN: {arn}")))
}

pub fn find<'v>(
    view: &'v impl View,
    account: Account,
    arn: &str,
) -> Result<&'v OpenIdConnectProvider, api::Error> {
    let url = url_of(account, arn)?;
    view.get(&(account, url)).ok_or_else(|| {
        api::Error::no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}"))
    })
}
