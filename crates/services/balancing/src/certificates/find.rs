//! The certificate that an ARN names, or ACM's error; and who uses it.

use std::collections::BTreeSet;

use berth_aws_api::acm as api;
use berth_control::tables::View;
use berth_model::Scope;

use crate::tables::{Certificate, CertificateId, Listener};

pub fn certificate<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: Option<&str>,
) -> Result<&'v Certificate, api::Error> {
    let arn = arn.unwrap_or_default();
    find(view, scope, arn).ok_or_else(|| {
        let account = scope.account;
        let message = format!("Certificate with arn {arn} not found in account {account}");
        api::Error::resource_not_found(message)
    })
}

pub fn find<'v>(view: &'v impl View, scope: &Scope, arn: &str) -> Option<&'v Certificate> {
    let id: CertificateId = arn.rsplit_once(":certificate/")?.1.parse().ok()?;
    let found = view.get::<Certificate>(&(scope.clone(), id))?;
    (found.arn() == arn).then_some(found)
}

/// All of a region.
pub fn of_scope<'v>(
    view: &'v impl View,
    scope: &'v Scope,
) -> impl Iterator<Item = &'v Certificate> + 'v {
    view.table::<Certificate>().within(scope)
}

/// The ARNs of the balancers whose listeners show it.
pub fn users(view: &impl View, arn: &str) -> BTreeSet<String> {
    let listeners = view.table::<Listener>();
    let using = listeners.iter().filter(|row| row.certificates.iter().any(|used| used == arn));
    using.map(|listener| listener.of.arn()).collect()
}
