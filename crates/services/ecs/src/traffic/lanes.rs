//! Which target groups a revision's tasks register with.
//!
//! A deployment that shifts requests takes of each pair of groups the one that does not serve, so that they change places
//! from deployment to deployment. AWS: that is so for the first one too.

use berth_aws_api::ecs as api;
use berth_control::ports::LoadBalancing;
use berth_control::tables::View;

use super::rules;
use crate::rollout;
use crate::tables::{Service, ServiceDeployment, ServiceRevision};

/// The group and the alternate one, where requests can be shifted between two.
pub fn pair(wanted: &api::LoadBalancer) -> Option<(&str, &str)> {
    let alternate = wanted.advanced_configuration.as_ref()?.alternate_target_group_arn.as_deref();
    Some((wanted.target_group_arn.as_deref()?, alternate?))
}

/// One group for each of the revision's load balancers.
pub fn chosen(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    service: &Service,
    revision: &ServiceRevision,
) -> Vec<String> {
    let serving = serving(view, service);
    let wanted = revision.load_balancers.iter();
    wanted
        .map(|wanted| match pair(wanted) {
            None => wanted.target_group_arn.clone().unwrap_or_default(),
            Some((group, alternate)) => {
                let of_service = serving.iter().flat_map(|serving| serving.target_groups());
                let serves = of_service
                    .map(str::to_owned)
                    .find(|serves| [group, alternate].contains(&&**serves))
                    .or_else(|| rules::serving(view, balancing, &service.scope, wanted));
                let free = if serves.as_deref() == Some(alternate) { group } else { alternate };
                free.to_owned()
            }
        })
        .collect()
}

/// The revision that serves: the last that was completed, or else the one that gets the most requests, if any does.
fn serving<'v>(view: &'v impl View, service: &Service) -> Option<&'v ServiceRevision> {
    let weight = |row: &ServiceDeployment| row.progress.traffic.map_or(0.0, |it| it.production);
    let serves = |row: &&ServiceDeployment| row.progress.ever_completed || weight(row) > 0.0;
    let row = rollout::in_play(view, service).filter(serves).max_by(|one, other| {
        let completed = one.progress.ever_completed.cmp(&other.progress.ever_completed);
        let gets_more = weight(one).total_cmp(&weight(other));
        let newer = (one.created_at, one.number).cmp(&(other.created_at, other.number));
        completed.then(gets_more).then(newer)
    })?;
    view.get::<ServiceRevision>(&row.key_of_revision())
}

/// A number for each of these revisions: those that register with the same groups share it.
pub fn numbered<'v>(revisions: &[Option<&'v ServiceRevision>]) -> Vec<Option<u32>> {
    let mut known: Vec<Vec<&str>> = Vec::new();
    let number = |revision: Option<&'v ServiceRevision>| {
        let groups: Vec<&str> = revision?.target_groups().collect();
        if groups.is_empty() {
            return None;
        }
        let number = known.iter().position(|other| *other == groups).unwrap_or_else(|| {
            known.push(groups);
            known.len() - 1
        });
        u32::try_from(number).ok()
    };
    revisions.iter().copied().map(number).collect()
}
