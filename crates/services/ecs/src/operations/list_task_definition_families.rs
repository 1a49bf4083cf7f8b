//! ListTaskDefinitionFamilies: families that have revisions, by name.

use std::ops::Bound;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::Family;

use crate::paging::Paging;
use crate::service::Ecs;
use crate::tables::{TaskDefinition, TaskDefinitionFamily};

pub async fn list_task_definition_families(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListTaskDefinitionFamiliesRequest,
) -> Result<api::ListTaskDefinitionFamiliesResponse, Failure<api::Error>> {
    let status = input.status.unwrap_or(api::TaskDefinitionFamilyStatus::All);
    let prefix = input.family_prefix.unwrap_or_default();
    let filters = (&call.scope, &prefix, &status);
    let paging = Paging::<Family>::of(
        "ListTaskDefinitionFamilies",
        &filters,
        input.max_results,
        input.next_token,
    )?;

    let view = ecs.cell.snapshot();
    let families = view.table::<TaskDefinitionFamily>();
    let listed: Box<dyn Iterator<Item = &TaskDefinitionFamily>> = match paging.after() {
        None => Box::new(families.within(&call.scope)),
        Some(after) => {
            let from = Bound::Excluded((call.scope.clone(), after.clone()));
            Box::new(
                families.range((from, Bound::Unbounded)).take_while(|row| row.scope == call.scope),
            )
        }
    };
    let indexes = view.table::<TaskDefinition>().indexes();
    let has_status = |row: &TaskDefinitionFamily| {
        let revisions = (row.scope.clone(), row.family.clone(), 0)
            ..=(row.scope.clone(), row.family.clone(), u32::MAX);
        let active = || indexes.active.range(revisions.clone()).next().is_some();
        // AWS: a family of which every revision is deleted is not listed.
        let any = || indexes.by_revision.range(revisions.clone()).next().is_some();
        match status {
            api::TaskDefinitionFamilyStatus::Active => active(),
            api::TaskDefinitionFamilyStatus::Inactive => any() && !active(),
            _ => any(),
        }
    };
    let listed =
        listed.filter(|row| row.family.as_str().starts_with(&prefix)).filter(|row| has_status(row));
    let page = paging.cut(listed.map(|row| row.family.clone()));
    Ok(api::ListTaskDefinitionFamiliesResponse {
        families: Some(page.items.iter().map(Family::to_string).collect()),
        next_token: page.next_token,
    })
}
