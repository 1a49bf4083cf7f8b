//! What is handed to the container engine as it is: users, labels, names of hosts, security options.

use std::net::IpAddr;

use berth_aws_api::ecs as api;

use super::{Verdict, name_of, refuse};

const CREDENTIAL_SPECS: [&str; 2] = ["credentialspec:", "credentialspecdomainless:"];

pub fn check(container: &api::ContainerDefinition) -> Verdict {
    let invalid = |member: &str, problem: String| {
        refuse(format!(
            "Invalid '{member}' setting for container '{}'. {problem}",
            name_of(container)
        ))
    };
    if let Some(user) = container.user.as_deref().filter(|user| !is_user(user)) {
        return invalid(
            "user",
            format!("`{user}` is not USER, USER:GROUP, or the same with numbers."),
        );
    }
    if let Some(directory) =
        container.working_directory.as_deref().filter(|path| path.contains('\0'))
    {
        return invalid("workingDirectory", format!("{directory:?} is not a path."));
    }
    if let Some(name) = container.hostname.as_deref().filter(|name| !is_host_name(name)) {
        return invalid("hostname", format!("`{name}` is not the name of a host."));
    }
    for server in container.dns_servers.iter().flatten() {
        if !is_host_name(server) && server.parse::<IpAddr>().is_err() {
            return invalid("dnsServers", format!("`{server}` is not an address."));
        }
    }
    for domain in container.dns_search_domains.iter().flatten() {
        if !is_host_name(domain) {
            return invalid("dnsSearchDomains", format!("`{domain}` is not a domain."));
        }
    }
    for host in container.extra_hosts.iter().flatten() {
        let (name, address) = (host.hostname.as_deref(), host.ip_address.as_deref());
        let (name, address) = (name.unwrap_or_default(), address.unwrap_or_default());
        if !is_host_name(name) {
            return invalid("extraHosts", format!("`{name}` is not the name of a host."));
        }
        // Docker's own word for the host's address.
        if address != "host-gateway" && address.parse::<IpAddr>().is_err() {
            return invalid("extraHosts", format!("`{address}` of `{name}` is not an IP address."));
        }
    }
    if container.docker_labels.iter().flatten().any(|(label, _)| label.is_empty()) {
        return invalid("dockerLabels", "A label must have a name.".to_owned());
    }
    for option in container.docker_security_options.iter().flatten() {
        if !is_security_option(option) {
            return invalid(
                "dockerSecurityOptions",
                format!(
                    "`{option}` is none of no-new-privileges, apparmor:PROFILE, label:VALUE and credentialspec:FILE."
                ),
            );
        }
    }
    check_credential_specs(container, &invalid)
}

fn check_credential_specs(
    container: &api::ContainerDefinition,
    invalid: &dyn Fn(&str, String) -> Verdict,
) -> Verdict {
    let specs = container.credential_specs.as_deref().unwrap_or_default();
    if specs.len() > 1 {
        return invalid(
            "credentialSpecs",
            format!("At most 1 is possible; {} were given.", specs.len()),
        );
    }
    for spec in specs {
        let arn = CREDENTIAL_SPECS.iter().find_map(|prefix| spec.strip_prefix(prefix));
        if !arn.is_some_and(|arn| arn.starts_with("arn:")) {
            return invalid(
                "credentialSpecs",
                format!("`{spec}` is neither credentialspec:ARN nor credentialspecdomainless:ARN."),
            );
        }
    }
    Ok(())
}

fn is_user(user: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| !letter.is_whitespace() && !letter.is_control() && letter != ':')
    };
    let mut parts = user.splitn(2, ':');
    parts.all(is_name)
}

fn is_host_name(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_'))
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_security_option(option: &str) -> bool {
    let valued = ["apparmor", "label", "credentialspec", "seccomp"];
    let separated = option.split_once(':').or_else(|| option.split_once('='));
    match separated {
        Some(("no-new-privileges", value)) => matches!(value, "true" | "false"),
        Some((name, value)) => valued.contains(&name) && !value.is_empty(),
        None => option == "no-new-privileges",
    }
}
