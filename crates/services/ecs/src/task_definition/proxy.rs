//! The App Mesh proxy of a task.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, network_mode, refuse, refuse_unless};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let Some(proxy) = &definition.proxy_configuration else { return Ok(()) };
    refuse_unless(*network_mode(definition) == api::NetworkMode::Awsvpc, || {
        format!(
            "Proxy configuration is only supported when networkMode=awsvpc, not {}.",
            network_mode(definition)
        )
    })?;
    let container = proxy.container_name.as_deref().unwrap_or_default();
    if !containers_of(definition).iter().any(|candidate| name_of(candidate) == container) {
        return invalid(&format!("The task definition has no container '{container}'."));
    }
    let mut properties = BTreeMap::new();
    for property in proxy.properties.iter().flatten() {
        let (name, value) = (property.name.as_deref(), property.value.as_deref());
        let (name, value) = (name.unwrap_or_default(), value.unwrap_or_default());
        check_property(name, value)?;
        if properties.insert(name, value).is_some() {
            return invalid(&format!("{name} is given more than once."));
        }
    }
    let has = |name: &str| properties.get(name).is_some_and(|value| !value.is_empty());
    for name in ["ProxyIngressPort", "ProxyEgressPort", "AppPorts"] {
        if !has(name) {
            return invalid(&format!("{name} is required."));
        }
    }
    if !has("IgnoredUID") && !has("IgnoredGID") {
        return invalid("IgnoredUID or IgnoredGID is required.");
    }
    Ok(())
}

fn check_property(name: &str, value: &str) -> Verdict {
    let all =
        |is: fn(&str) -> bool| value.is_empty() || value.split(',').all(|part| is(part.trim()));
    let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
    let holds = match name {
        "IgnoredUID" | "IgnoredGID" => value.is_empty() || value.parse::<u32>().is_ok(),
        "ProxyIngressPort" | "ProxyEgressPort" => value.is_empty() || is_port(value),
        "AppPorts" | "EgressIgnoredPorts" => all(is_port),
        "EgressIgnoredIPs" => all(|address| !address.is_empty()),
        _ => return invalid(&format!("`{name}` is not a property of an APPMESH proxy.")),
    };
    if holds { Ok(()) } else { invalid(&format!("`{value}` is not a value of {name}.")) }
}

fn invalid(problem: &str) -> Verdict {
    refuse(format!("Invalid 'proxyConfiguration' setting for task. {problem}"))
}
