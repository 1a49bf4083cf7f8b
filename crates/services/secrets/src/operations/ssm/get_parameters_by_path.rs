//! GetParametersByPath: what is on a level of a hierarchy, or anywhere below.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::filters::{self, Filters, Listing};
use crate::parameters::find::{self, Found};
use crate::parameters::names::Selector;
use crate::parameters::{invalid, page, public, render};
use crate::service::Secrets;

/// AWS: as long as nothing is said, and the most.
const PAGE: i32 = 10;

pub async fn get_parameters_by_path(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetParametersByPathRequest,
) -> Result<api::GetParametersByPathResult, Failure<api::Error>> {
    let path = input.path.unwrap_or_default();
    if !path.starts_with('/') {
        return Err(invalid(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
             slash \"/\".",
        ));
    }
    let recursive = input.recursive == Some(true);
    let filters = Filters::parse(input.parameter_filters, Listing::ByPath)?;
    let size = input.max_results.unwrap_or(PAGE);
    let bound = (&path, recursive, &filters);
    let paging = page("GetParametersByPath", &bound, size, input.next_token)?;
    if public::is_meant_by(&path) {
        let names = public::all().filter(|name| filters::name_is_below(name, &path, recursive));
        let shown = names.map(|name| (name.clone(), public::render(&call.scope, name)));
        let page = paging.cut(shown);
        let (parameters, next_token) = (Some(page.items), page.next);
        return Ok(api::GetParametersByPathResult { parameters, next_token });
    }
    let view = secrets.cell.snapshot();
    let found = find::below(&view, &call.scope, &path, recursive).filter_map(|parameter| {
        let version = match filters.label() {
            Some(label) => find::labelled(&view, parameter, label),
            None => find::number(&view, parameter, parameter.latest).ok(),
        };
        let found = Found { parameter, version: version? };
        filters.let_through(found).then(|| (parameter.name.clone(), found))
    });
    let page = paging.cut(found);
    let selector = filters.label().map(|label| Selector::Label(label.to_owned()));
    let shown = page.items.into_iter().map(|found| {
        let vault = &secrets.vault;
        render::parameter(vault, &view, found, selector.as_ref(), input.with_decryption)
    });
    Ok(api::GetParametersByPathResult {
        parameters: Some(shown.collect::<Result<_, _>>()?),
        next_token: page.next,
    })
}
