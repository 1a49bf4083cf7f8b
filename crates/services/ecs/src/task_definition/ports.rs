//! Port mappings: which ports of a container are reached by which ports of its host.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, network_mode, refuse, refuse_unless};

const MOST_RANGES: usize = 100;
const LONGEST_NAME: usize = 64;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let mode = network_mode(definition);
    let mut task = Task::default();
    for container in containers_of(definition) {
        let mappings = container.port_mappings.as_deref().unwrap_or_default();
        refuse_unless(mappings.is_empty() || *mode != api::NetworkMode::None, || {
            format!(
                "Port mappings are not supported when networkMode=none. Container '{}' has some.",
                name_of(container)
            )
        })?;
        check_ranges(container, mappings)?;
        for mapping in mappings {
            check_numbers(container, mapping, mode)?;
            task.check_name(container, mapping)?;
            task.check_host_port(mapping)?;
        }
    }
    Ok(())
}

/// What the containers of a task share.
#[derive(Default)]
struct Task<'a> {
    names: BTreeSet<&'a str>,
    host_ports: BTreeSet<(i32, Option<&'a api::TransportProtocol>)>,
}

impl<'a> Task<'a> {
    fn check_name(
        &mut self,
        container: &api::ContainerDefinition,
        mapping: &'a api::PortMapping,
    ) -> Verdict {
        let Some(name) = mapping.name.as_deref() else { return Ok(()) };
        let allowed = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter)
        };
        let fits = (1..=LONGEST_NAME).contains(&name.len())
            && name.chars().all(allowed)
            && !name.starts_with('-');
        refuse_unless(fits, || {
            format!(
                "Invalid 'portMappings' setting for container '{}'. The name `{name}` must have 1 to {LONGEST_NAME} lowercase letters, digits, underscores and hyphens, and must not begin with a hyphen.",
                name_of(container)
            )
        })?;
        refuse_unless(self.names.insert(name), || {
            format!(
                "The names of port mappings must be unique within a task definition. `{name}` is given more than once."
            )
        })
    }

    fn check_host_port(&mut self, mapping: &'a api::PortMapping) -> Verdict {
        let Some(port) = mapping.host_port.filter(|port| *port != 0) else { return Ok(()) };
        refuse_unless(self.host_ports.insert((port, mapping.protocol.as_ref())), || {
            let protocol =
                mapping.protocol.as_ref().map(api::TransportProtocol::as_str).unwrap_or_default();
            format!(
                "{} host port '{port}' is mapped multiple times in task.",
                protocol.to_uppercase()
            )
        })
    }
}

fn check_numbers(
    container: &api::ContainerDefinition,
    mapping: &api::PortMapping,
    mode: &api::NetworkMode,
) -> Verdict {
    let name = name_of(container);
    let invalid = |member: &str, problem: String| {
        refuse(format!("Invalid '{member}' setting for container '{name}'. {problem}"))
    };
    match (mapping.container_port, mapping.container_port_range.as_deref()) {
        (None, None) => return invalid("containerPort", "It is missing.".to_owned()),
        (Some(_), Some(range)) => {
            return invalid(
                "containerPortRange",
                format!("`{range}` cannot be given together with a containerPort."),
            );
        }
        (Some(port), None) if !(1..=65_535).contains(&port) => {
            return invalid("containerPort", format!("{port} is not between 1 and 65535."));
        }
        (None, Some(_)) if mapping.host_port.is_some() => {
            return invalid(
                "hostPort",
                "It cannot be given together with a containerPortRange.".to_owned(),
            );
        }
        (None, Some(range)) if *mode == api::NetworkMode::Host => {
            return invalid(
                "containerPortRange",
                format!("`{range}` is not supported when networkMode=host."),
            );
        }
        _ => {}
    }
    if let Some(port) = mapping.host_port.filter(|port| !(0..=65_535).contains(port)) {
        return invalid("hostPort", format!("{port} is not between 0 and 65535."));
    }
    let must_match = matches!(mode, api::NetworkMode::Awsvpc | api::NetworkMode::Host);
    refuse_unless(!must_match || mapping.host_port == mapping.container_port, || {
        format!(
            "When networkMode={mode}, the host ports and container ports in port mappings must match."
        )
    })
}

/// AWS: a port may be mapped twice, but not if one of the mappings is a range.
fn check_ranges(container: &api::ContainerDefinition, mappings: &[api::PortMapping]) -> Verdict {
    let invalid = |problem: String| {
        refuse(format!(
            "Invalid 'containerPortRange' setting for container '{}'. {problem}",
            name_of(container)
        ))
    };
    let mut ranges: Vec<RangeInclusive<u16>> = Vec::new();
    for text in mappings.iter().filter_map(|mapping| mapping.container_port_range.as_deref()) {
        let Some(range) = range(text) else {
            return invalid(format!(
                "`{text}` is not FIRST-LAST with ports of 1 to 65535, the first below the last."
            ));
        };
        ranges.push(range);
    }
    if ranges.len() > MOST_RANGES {
        return invalid(format!(
            "At most {MOST_RANGES} ranges are possible; {} were given.",
            ranges.len()
        ));
    }
    ranges.sort_by_key(|range| *range.start());
    if let Some(pair) = ranges.windows(2).find(|pair| pair[0].end() >= pair[1].start()) {
        let words = |range: &RangeInclusive<u16>| format!("{}-{}", range.start(), range.end());
        return invalid(format!("{} and {} overlap.", words(&pair[0]), words(&pair[1])));
    }
    let single = mappings.iter().filter_map(|mapping| u16::try_from(mapping.container_port?).ok());
    match single.into_iter().find(|port| ranges.iter().any(|range| range.contains(port))) {
        Some(port) => invalid(format!("Port {port} is also in a range.")),
        None => Ok(()),
    }
}

/// `FIRST-LAST`.
pub fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first < last).then_some(first..=last)
}
