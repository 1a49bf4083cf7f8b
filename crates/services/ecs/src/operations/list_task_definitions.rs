//! ListTaskDefinitions: the ARNs of revisions, by family and then by revision.

use std::ops::Bound;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{Family, FamilyRevision, Scope, TaskDefinitionArn};

use crate::paging::Paging;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{TaskDefinition, TaskDefinitionFamily};

pub async fn list_task_definitions(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListTaskDefinitionsRequest,
) -> Result<api::ListTaskDefinitionsResponse, Failure<api::Error>> {
    let status = input.status.unwrap_or(api::TaskDefinitionStatus::Active);
    let sort = input.sort.unwrap_or(api::SortOrder::Asc);
    // AWS: despite its name this is a whole family.
    let family = input.family_prefix.as_deref().filter(|family| !family.is_empty());
    let family = family.map(resolve::family).transpose()?;
    let filters = (&call.scope, &family, &status, &sort);
    let paging = Paging::<FamilyRevision>::of(
        "ListTaskDefinitions",
        &filters,
        input.max_results,
        input.next_token,
    )?;

    let view = ecs.cell.snapshot();
    let revisions: Box<dyn Iterator<Item = FamilyRevision>> =
        match families(&view, &call.scope, family) {
            None => Box::new(std::iter::empty()),
            Some((first, last)) => {
                let bound = |family: Family, revision: u32| (call.scope.clone(), family, revision);
                let mut range =
                    (Bound::Included(bound(first, 0)), Bound::Included(bound(last, u32::MAX)));
                let descending = sort == api::SortOrder::Desc;
                if let Some(FamilyRevision { family, revision }) = paging.after() {
                    let after = Bound::Excluded(bound(family.clone(), *revision));
                    *if descending { &mut range.1 } else { &mut range.0 } = after;
                }
                let definitions = view.table::<TaskDefinition>();
                let indexes = definitions.indexes();
                let index = match status {
                    api::TaskDefinitionStatus::Active => &indexes.active,
                    _ => &indexes.by_revision,
                };
                let listed = index
                    .range(range)
                    .filter(|(_, id)| {
                        definitions
                            .get(id)
                            .is_some_and(|row| row.status.as_str() == status.as_str())
                    })
                    .map(|((_, family, revision), _)| FamilyRevision {
                        family: family.clone(),
                        revision: *revision,
                    });
                if descending { Box::new(listed.rev()) } else { Box::new(listed) }
            }
        };
    let page = paging.cut(revisions);
    let arn = |revision| TaskDefinitionArn { scope: call.scope.clone(), revision }.to_string();
    Ok(api::ListTaskDefinitionsResponse {
        task_definition_arns: Some(page.items.into_iter().map(arn).collect()),
        next_token: page.next_token,
    })
}

/// The first and the last family to look at; `None` if the scope has none.
fn families(view: &impl View, scope: &Scope, only: Option<Family>) -> Option<(Family, Family)> {
    if let Some(only) = only {
        return Some((only.clone(), only));
    }
    let mut families = view.table::<TaskDefinitionFamily>().within(scope).map(|row| &row.family);
    let first = families.next()?;
    let last = families.next_back().unwrap_or(first);
    Some((first.clone(), last.clone()))
}
