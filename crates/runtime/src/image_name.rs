//! What an image is called: by people, by engines, and by registries.

use std::fmt;

/// Docker's own registry, which is meant where a name says none.
pub const DOCKER_HUB: &str = "docker.io";

/// Other names of Docker's own registry.
const DOCKER_HUB_ALIASES: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// A name's parts, as Docker reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageName<'a> {
    registry: &'a str,
    /// Without the `library/` of Docker's own registry.
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    /// Every text has a reading; whether such an image can exist is for engines to say.
    pub fn parse(name: &'a str) -> Self {
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (name, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (canonical_registry(first), rest),
            _ => (DOCKER_HUB, name),
        };
        // The registry is off, and with it the colon of its port.
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (path, None),
        };
        let repository = match registry {
            DOCKER_HUB => path.strip_prefix("library/").unwrap_or(path),
            _ => path,
        };
        Self { registry, repository, tag, digest }
    }

    /// The registry's host, with its port if the name has one.
    pub fn registry(&self) -> &'a str {
        self.registry
    }

    pub fn repository(&self) -> &'a str {
        self.repository
    }

    /// Whether it can only ever mean one image.
    pub fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    pub fn is_of_same_repository(&self, other: &ImageName<'_>) -> bool {
        (self.registry, self.repository) == (other.registry, other.repository)
    }
}

/// The form in which engines list it: no more of a registry than is needed, and always a tag or a digest.
impl fmt::Display for ImageName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.registry != DOCKER_HUB {
            write!(f, "{}/", self.registry)?;
        }
        match self.digest {
            Some(digest) => write!(f, "{}@{digest}", self.repository),
            None => write!(f, "{}:{}", self.repository, self.tag.unwrap_or("latest")),
        }
    }
}

/// A first part that is no registry is a user of Docker's own.
fn is_registry(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

/// The one name of a registry that may have several.
pub fn canonical_registry(host: &str) -> &str {
    if DOCKER_HUB_ALIASES.contains(&host) { DOCKER_HUB } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_image_has_one_listed_name() {
        for (name, listed) in [
            ("web", "web:latest"),
            ("docker.io/library/web", "web:latest"),
            ("index.docker.io/team/web:1", "team/web:1"),
            ("team/web", "team/web:latest"),
            ("registry:5000/team/web", "registry:5000/team/web:latest"),
            ("registry.example/library/web:1", "registry.example/library/web:1"),
            ("localhost/web", "localhost/web:latest"),
            ("web:1@sha256:00", "web@sha256:00"),
            ("registry:5000/web@sha256:00", "registry:5000/web@sha256:00"),
        ] {
            assert_eq!(ImageName::parse(name).to_string(), listed, "{name}");
        }
    }

    #[test]
    fn a_name_says_where_it_comes_from() {
        let name = ImageName::parse("registry.example:5000/team/web:1");
        assert_eq!((name.registry(), name.repository()), ("registry.example:5000", "team/web"));
        assert!(!name.is_pinned() && ImageName::parse("web@sha256:00").is_pinned());
        let hub = ImageName::parse("registry-1.docker.io/library/web");
        assert!(hub.is_of_same_repository(&ImageName::parse("web:7")));
        assert!(!hub.is_of_same_repository(&ImageName::parse("team/web")));
    }
}
