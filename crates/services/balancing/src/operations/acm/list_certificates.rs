//! ListCertificates: those of a region, by status, by key and by what the key may be used for.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_aws_protocol::page::{InvalidToken, Order, Paging};
use berth_control::pipeline::{Call, Failure};

use crate::certificates::details::Details;
use crate::certificates::{find, render};
use crate::service::Balancing;
use crate::tables::Certificate;

/// AWS: the most, and what a page has if nothing is said.
const PAGE: i32 = 1000;

pub async fn list_certificates(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ListCertificatesRequest,
) -> Result<api::ListCertificatesResponse, Failure<api::Error>> {
    if input.sort_by.is_some() != input.sort_order.is_some() {
        let message = "SortBy and SortOrder are given together, or not at all";
        return Err(api::Error::invalid_args(message).into());
    }
    let asked = (
        &input.certificate_statuses,
        &input.certificate_key_pair_origins,
        &input.includes,
        &input.sort_by,
        &input.sort_order,
    );
    let size = input.max_items.unwrap_or(PAGE);
    let paging = Paging::of("ListCertificates", &asked, size, input.next_token)
        .map_err(|InvalidToken| api::Error::invalid_args("The token is not valid"))?;
    let view = balancing.cell.snapshot();
    let mut found = Vec::new();
    for row in find::of_scope(&view, &call.scope) {
        let details = Details::parse(&row.certificate)?;
        let is_wanted = is_any(&input.certificate_statuses, &render::status(&details, call.now))
            && is_any(&input.certificate_key_pair_origins, &render::key_pair_origin(row))
            && is_included(input.includes.as_ref(), &details);
        if is_wanted {
            found.push((sort_key(row, input.sort_by.is_some()), (row, details)));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let order = match input.sort_order {
        Some(api::SortOrder::Descending) => Order::Descending,
        _ => Order::Ascending,
    };
    if order == Order::Descending {
        found.reverse();
    }
    let page = paging.cut_in(order, found);
    let shown = page.items.into_iter();
    let shown = shown.map(|(row, details)| render::summary(&view, row, details, call.now));
    Ok(api::ListCertificatesResponse {
        certificate_summary_list: Some(shown.collect()),
        next_token: page.next,
    })
}

fn sort_key(row: &Certificate, is_by_age: bool) -> String {
    match is_by_age {
        true => format!("{:020} {}", row.created_at.as_millis(), row.id),
        false => row.id.to_string(),
    }
}

/// Nothing wanted is anything.
fn is_any<T: PartialEq>(wanted: &Option<Vec<T>>, found: &T) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted.is_empty() || wanted.contains(found))
}

fn has_any<T: PartialEq>(wanted: &Option<Vec<T>>, found: &[T]) -> bool {
    let has = |wanted: &Vec<T>| wanted.is_empty() || wanted.iter().any(|one| found.contains(one));
    wanted.as_ref().is_none_or(has)
}

/// AWS: without key types, those with RSA keys of 2048 bits are listed, and no others.
///
/// DEVIATES: certificates with any key are, since those that are issued here have keys on curves.
fn is_included(wanted: Option<&api::Filters>, details: &Details) -> bool {
    let Some(wanted) = wanted else { return true };
    is_any(&wanted.key_types, &details.key_algorithm)
        && has_any(&wanted.key_usage, &details.key_usages)
        && has_any(&wanted.extended_key_usage, &details.extended_key_usages)
        && wanted.export_option != Some(api::CertificateExport::Enabled)
        && wanted.managed_by.is_none()
}
