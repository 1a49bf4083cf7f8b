//! What no engine could make sense of, refused alike by all runtimes before any of them tries.

use super::{ContainerSpec, MountSource, Network};
use crate::{ErrorKind, RuntimeError, Verb};

impl ContainerSpec {
    pub(crate) fn check(&self) -> Result<(), RuntimeError> {
        match self.fault() {
            None => Ok(()),
            Some(fault) => Err(RuntimeError::new(Verb::Create, ErrorKind::Invalid, fault)),
        }
    }

    fn fault(&self) -> Option<String> {
        if self.image.is_empty() {
            return Some("a container needs an image".to_owned());
        }
        if !is_name(&self.name) {
            return Some(format!(
                "Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                self.name
            ));
        }
        if !self.ports.is_empty() && self.network != Network::Bridge {
            return Some(format!(
                "port {} cannot be mapped: only containers in bridge networking have ports to map",
                self.ports[0].container_port
            ));
        }
        if let Some(port) =
            self.ports.iter().find(|port| port.container_port == 0 || port.host_port == Some(0))
        {
            return Some(format!(
                "port mapping {port:?} has a port 0; leave out the host port for a dynamic one"
            ));
        }
        if let (Some(limit), Some(reservation)) = (self.memory_limit, self.memory_reservation)
            && limit < reservation
        {
            return Some(format!(
                "the memory limit ({limit}) is below the memory reservation ({reservation})"
            ));
        }
        if let Some(name) =
            self.environment.keys().find(|name| name.is_empty() || name.contains(['=', '\0']))
        {
            return Some(format!("`{name}` cannot name an environment variable"));
        }
        self.mount_fault().or_else(|| self.engine.read().err())
    }

    fn mount_fault(&self) -> Option<String> {
        self.mounts.iter().find_map(|mount| {
            if !mount.target.starts_with('/') {
                return Some(format!("mount target `{}` is not an absolute path", mount.target));
            }
            match &mount.source {
                MountSource::Host(path) if !path.starts_with('/') => {
                    Some(format!("host path `{path}` is not an absolute path"))
                }
                MountSource::Volume(name) if name.is_empty() => {
                    Some(format!("the volume mounted at {} has no name", mount.target))
                }
                // A colon would end the path in the engine's own notation of mounts.
                MountSource::Host(from) | MountSource::Volume(from)
                    if from.contains(':') || mount.target.contains(':') =>
                {
                    Some(format!(
                        "mount of `{from}` at `{}`: a colon cannot be part of a path",
                        mount.target
                    ))
                }
                MountSource::Host(_)
                | MountSource::Volume(_)
                | MountSource::Anonymous
                | MountSource::Tmpfs { .. } => None,
            }
        })
    }
}

/// Docker's rule: two characters at least, the first of them a letter or digit.
fn is_name(name: &str) -> bool {
    let word = |character: char| character.is_ascii_alphanumeric();
    name.len() >= 2
        && name.starts_with(word)
        && name.chars().all(|c| word(c) || matches!(c, '_' | '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryBytes, Mount, PortSpec, Transport};

    fn refusal(change: impl FnOnce(&mut ContainerSpec)) -> String {
        let mut spec = ContainerSpec::new("container", "image");
        assert!(spec.check().is_ok());
        change(&mut spec);
        let error = spec.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        error.reason()
    }

    fn port(container_port: u16, host_port: Option<u16>) -> PortSpec {
        PortSpec { container_port, host_port, transport: Transport::Tcp, host_ip: None }
    }

    #[test]
    fn names_are_words() {
        for bad in ["", "c", "-c", "a b", "a/b", "ö1"] {
            let reason = refusal(|spec| spec.name = bad.to_owned());
            assert!(reason.contains(&format!("Invalid container name ({bad})")), "{reason}");
        }
    }

    #[test]
    fn ports_need_a_bridge_and_a_number() {
        let reason = refusal(|spec| {
            spec.network = Network::Host;
            spec.ports.push(port(80, None));
        });
        assert!(
            reason.starts_with("CannotCreateContainerError: port 80 cannot be mapped"),
            "{reason}"
        );
        assert!(refusal(|spec| spec.ports.push(port(0, None))).contains("port 0"));
        assert!(refusal(|spec| spec.ports.push(port(80, Some(0)))).contains("port 0"));
    }

    #[test]
    fn a_limit_holds_its_reservation() {
        let reason = refusal(|spec| {
            spec.memory_limit = Some(MemoryBytes::from_mib(64));
            spec.memory_reservation = Some(MemoryBytes::from_mib(128));
        });
        assert!(reason.contains("64 MiB") && reason.contains("128 MiB"), "{reason}");
    }

    #[test]
    fn mounts_have_unambiguous_absolute_paths() {
        let mount =
            |source, target: &str| Mount { source, target: target.to_owned(), read_only: false };
        for (bad, fault) in [
            (mount(MountSource::Anonymous, "data"), "mount target `data`"),
            (mount(MountSource::Host("data".to_owned()), "/data"), "host path `data`"),
            (mount(MountSource::Host("/a:b".to_owned()), "/data"), "`/a:b`"),
            (mount(MountSource::Volume("v".to_owned()), "/data:ro"), "`/data:ro`"),
            (mount(MountSource::Volume(String::new()), "/data"), "has no name"),
        ] {
            let reason = refusal(|spec| spec.mounts.push(bad));
            assert!(reason.contains(fault), "{reason}");
        }
    }

    #[test]
    fn an_environment_variable_has_a_name() {
        assert!(
            refusal(|spec| drop(spec.environment.insert("A=B".to_owned(), String::new())))
                .contains("`A=B`")
        );
    }
}
