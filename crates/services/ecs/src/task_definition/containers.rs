//! The containers themselves: how many, their names and images, and the rules of one container alone.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;

use super::{
    Verdict, containers_of, docker, environment, health_check, linux, name_of, refuse,
    refuse_unless, timeouts,
};
use crate::limits::Limits;

const LONGEST_NAME: usize = 255;
const LONGEST_IMAGE: usize = 255;

/// Before anything else, so that nothing more is done with a thousand containers.
pub fn check_count(containers: &[api::ContainerDefinition], limits: &Limits) -> Verdict {
    let (count, most) = (containers.len(), limits.containers_per_task_definition);
    refuse_unless(count > 0, || "Container list cannot be empty.".to_owned())?;
    refuse_unless(count <= most, || {
        format!(
            "Too many containers. A task definition can have at most {most}; this one has {count}."
        )
    })
}

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let containers = containers_of(definition);
    let mut names = BTreeSet::new();
    for container in containers {
        check_name(container)?;
        check_image(container)?;
        refuse_unless(names.insert(name_of(container)), || {
            format!(
                "Container names must be unique within a Task Definition. '{}' is the name of more than one.",
                name_of(container)
            )
        })?;
        environment::check(container)?;
        health_check::check(container)?;
        linux::check(container)?;
        docker::check(container)?;
        timeouts::check(container)?;
    }
    refuse_unless(containers.iter().any(|container| container.essential == Some(true)), || {
        "A task definition must have at least one essential container.".to_owned()
    })
}

fn check_name(container: &api::ContainerDefinition) -> Verdict {
    let name = name_of(container);
    refuse_unless(!name.is_empty(), || "Container.name should not be null or empty.".to_owned())?;
    if let Some(found) = name.chars().find(|letter| !is_of_name(*letter)) {
        return refuse(format!(
            "Container.name contains invalid characters. '{name}' has {found:?}; letters, digits, hyphens and underscores are allowed."
        ));
    }
    refuse_unless(name.len() <= LONGEST_NAME, || {
        format!(
            "Container.name cannot be longer than {LONGEST_NAME} characters; '{name}' has {}.",
            name.len()
        )
    })
}

/// What names of containers, volumes and links are made of.
pub fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// What an image may be named by after an `@`.
pub fn is_digest(text: &str) -> bool {
    let hash = text.strip_prefix("sha256:");
    hash.is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn check_image(container: &api::ContainerDefinition) -> Verdict {
    let image = container.image.as_deref().unwrap_or_default();
    let invalid = |problem: &str| {
        refuse(format!(
            "Container.image contains invalid characters. '{image}' of container '{}': {problem}.",
            name_of(container)
        ))
    };
    if image.is_empty() {
        return refuse("Container.image should not be null or empty.");
    }
    let (repository, digest) = match image.split_once('@') {
        Some((repository, digest)) => (repository, Some(digest)),
        None => (image, None),
    };
    if repository.len() > LONGEST_IMAGE {
        return invalid("the name has more than 255 characters");
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_:./#".contains(letter);
    if repository.is_empty() || !repository.chars().all(allowed) {
        return invalid("letters, digits and -_:./# are allowed");
    }
    match digest {
        Some(digest) if !is_digest(digest) => {
            invalid("a digest is sha256: and 64 hexadecimal digits")
        }
        _ => Ok(()),
    }
}
