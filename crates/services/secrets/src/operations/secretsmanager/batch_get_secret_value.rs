//! BatchGetSecretValue: what is in several secrets, by their names or by a search.

use std::sync::Arc;

use berth_aws_api::ServiceError;
use berth_aws_api::secretsmanager as api;
use berth_aws_protocol::page::{Page, Paging};
use berth_control::cell::Snapshot;
use berth_control::pipeline::{Call, CommonError, Failure};

use crate::secretsmanager::filters;
use crate::secretsmanager::paging::paging;
use crate::secretsmanager::reading::{self, Read};
use crate::secretsmanager::refusals::{Refusal, invalid};
use crate::service::Secrets;
use crate::tables::Secret;

/// AWS: the most that one answer holds.
const PAGE: i32 = 20;

pub async fn batch_get_secret_value(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::BatchGetSecretValueRequest,
) -> Result<api::BatchGetSecretValueResponse, Failure<api::Error>> {
    // What is found has been judged: a secret that came since then has not.
    let view = call.view(&secrets.cell).clone();
    let (ids, next_token) = match (input.secret_id_list, input.filters) {
        (Some(_), Some(_)) => {
            return Err(
                invalid("You must provide either SecretIdList or Filters, not both.").into()
            );
        }
        (None, None) => {
            return Err(invalid("You must provide either SecretIdList or Filters.").into());
        }
        (Some(_), None) if input.max_results.is_some() || input.next_token.is_some() => {
            return Err(invalid("MaxResults and NextToken can be used only with Filters.").into());
        }
        (Some(ids), None) => (ids, None),
        (None, Some(wanted)) => {
            let size = input.max_results.unwrap_or(PAGE);
            let paging = paging("BatchGetSecretValue", &wanted, size, input.next_token)?;
            let page = search(&view, &call, &wanted, &paging);
            (page.items, page.next)
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match reading::read(&view, &secrets, &call.scope, &id, None, None) {
            Ok(read) => values.push(read),
            Err(refusal) => errors.push(failed(id, refusal)?),
        }
    }
    reading::remember(&secrets, &values, call.now).await?;
    Ok(api::BatchGetSecretValueResponse {
        secret_values: Some(values.into_iter().map(render).collect()),
        errors: Some(errors),
        next_token,
    })
}

/// The names of those that are found and have a value.
fn search(view: &Snapshot, call: &Call, wanted: &[api::Filter], paging: &Paging) -> Page<String> {
    let is_found = |secret: &&Secret| {
        secret.deletes_at.is_none()
            && secret.stages.current().is_some()
            && filters::passes(secret, wanted)
    };
    let found = view.table::<Secret>().within(&call.scope).filter(is_found);
    paging.cut(found.map(|secret| (secret.name.clone(), secret.name.clone())))
}

/// One that cannot be read does not spoil the others, unless the trouble is ours.
fn failed(id: String, refusal: Refusal) -> Result<api::APIErrorType, Refusal> {
    let code = match &refusal {
        Failure::Service { error, .. } => error.code().to_owned(),
        // Of the common errors, only a name that is none comes from reading.
        Failure::Common { error: CommonError::Invalid { code, .. }, .. } => (*code).to_owned(),
        Failure::Common { .. } => return Err(refusal),
    };
    Ok(api::APIErrorType {
        secret_id: Some(id),
        error_code: Some(code),
        message: Some(refusal.to_string()),
    })
}

fn render(read: Read) -> api::SecretValueEntry {
    let (secret_string, secret_binary) = read.value.render();
    api::SecretValueEntry {
        arn: Some(read.secret.arn()),
        created_date: Some(read.version.created_at),
        version_stages: read.labels(),
        name: Some(read.secret.name),
        version_id: Some(read.version.id),
        secret_string,
        secret_binary,
    }
}
