//! What containers need of one another: `dependsOn`, `links` and `volumesFrom`, without circles.

use berth_aws_api::ecs as api;
use berth_lifecycle::start_order;

use super::{Verdict, containers, containers_of, name_of, refuse, refuse_unless};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let all = containers_of(definition);
    for container in all {
        check_depends_on(container, all)?;
        check_links(container, all)?;
        check_volumes_from(container, all)?;
    }
    let needs: Vec<(&str, Vec<&str>)> =
        all.iter().map(|container| (name_of(container), needs(container).collect())).collect();
    match start_order(&needs) {
        Ok(_) => Ok(()),
        Err(circle) => refuse(format!("Container dependencies must not form a cycle: {circle}.")),
    }
}

fn needs(container: &api::ContainerDefinition) -> impl Iterator<Item = &str> {
    let conditions =
        container.depends_on.iter().flatten().filter_map(|need| need.container_name.as_deref());
    let links = container.links.iter().flatten().map(|link| linked(link).0);
    let volumes =
        container.volumes_from.iter().flatten().filter_map(|from| from.source_container.as_deref());
    conditions.chain(links).chain(volumes)
}

/// The container that a link names, and the name it has for the other.
fn linked(link: &str) -> (&str, Option<&str>) {
    link.split_once(':').map_or((link, None), |(name, alias)| (name, Some(alias)))
}

/// The container of this name, which must be another one.
fn other<'a>(
    container: &api::ContainerDefinition,
    all: &'a [api::ContainerDefinition],
    member: &str,
    name: &str,
) -> Result<&'a api::ContainerDefinition, api::Error> {
    let mine = name_of(container);
    if name == mine {
        return refuse(format!(
            "Invalid '{member}' setting for container '{mine}'. A container cannot need itself."
        ));
    }
    match all.iter().find(|candidate| name_of(candidate) == name) {
        Some(found) => Ok(found),
        None => refuse(format!(
            "Invalid '{member}' setting for container '{mine}'. The task definition has no container '{name}'."
        )),
    }
}

fn check_depends_on(
    container: &api::ContainerDefinition,
    all: &[api::ContainerDefinition],
) -> Verdict {
    let needs = container.depends_on.as_deref().unwrap_or_default();
    for (index, need) in needs.iter().enumerate() {
        let name = need.container_name.as_deref().unwrap_or_default();
        let target = other(container, all, "dependsOn", name)?;
        refuse_unless(
            needs[..index].iter().all(|earlier| earlier.container_name != need.container_name),
            || {
                format!(
                    "Invalid 'dependsOn' setting for container '{}'. It names '{name}' more than once.",
                    name_of(container)
                )
            },
        )?;
        match need.condition {
            Some(api::ContainerCondition::Complete | api::ContainerCondition::Success) => {
                refuse_unless(target.essential != Some(true), || {
                    format!(
                        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container. '{}' waits for the end of '{name}'.",
                        name_of(container)
                    )
                })?;
            }
            Some(api::ContainerCondition::Healthy) => {
                refuse_unless(target.health_check.is_some(), || {
                    format!(
                        "A dependency container with HEALTHY condition must have a health check. '{}' waits for '{name}', which has none.",
                        name_of(container)
                    )
                })?
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_links(container: &api::ContainerDefinition, all: &[api::ContainerDefinition]) -> Verdict {
    for link in container.links.iter().flatten() {
        let (name, alias) = linked(link);
        let is_name = |name: &str| !name.is_empty() && name.chars().all(containers::is_of_name);
        refuse_unless(is_name(name) && alias.is_none_or(is_name), || {
            format!(
                "Invalid 'links' setting for container '{}'. `{link}` is not NAME or NAME:ALIAS.",
                name_of(container)
            )
        })?;
        other(container, all, "links", name)?;
    }
    Ok(())
}

fn check_volumes_from(
    container: &api::ContainerDefinition,
    all: &[api::ContainerDefinition],
) -> Verdict {
    for from in container.volumes_from.iter().flatten() {
        other(container, all, "volumesFrom", from.source_container.as_deref().unwrap_or_default())?;
    }
    Ok(())
}
