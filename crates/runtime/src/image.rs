//! Images as an engine holds them, and what a registry wants to hear before it hands one out.

use std::borrow::Cow;
use std::fmt;

use crate::MemoryBytes;

/// An image that is on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The digest of the image's configuration, `sha256:…`: what containers are made from.
    pub id: String,
    /// The digest of the manifest that the registry served, `sha256:…`; ECS's `imageDigest`.
    /// An image that was built or loaded here, not pulled, has none.
    pub digest: Option<String>,
    pub size: MemoryBytes,
}

/// An image that is on this host, under all its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldImage {
    pub id: String,
    /// `repository:tag`, each in the form of [`ImageName`](crate::ImageName)'s `Display`.
    pub tags: Vec<String>,
    /// `repository@sha256:…`: where it was pulled from.
    pub digests: Vec<String>,
    /// Layers that it shares with others included.
    pub size: MemoryBytes,
    /// Some container, whoever's and running or not, was made from it.
    pub is_used: bool,
}

/// The file systems of a host that fill up; `None`: it cannot be seen from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disks {
    pub root: Option<Disk>,
    /// Where the engine keeps images and containers.
    pub data: Option<Disk>,
}

/// A file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    pub total: MemoryBytes,
    pub free: MemoryBytes,
}

impl Disk {
    /// How full it is, from 0 to 100.
    pub fn used_percent(self) -> f64 {
        let (total, free) = (self.total.as_bytes(), self.free.as_bytes());
        if total == 0 {
            return 0.0;
        }
        total.saturating_sub(free) as f64 * 100.0 / total as f64
    }
}

/// A login to the registry that an image comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryAuth {
    pub username: String,
    pub password: String,
    /// What some registries give out for a password, to be shown in its place.
    pub identity_token: Option<String>,
    /// The registry's host, as in the image's name; `None` means the engine's default registry.
    pub server: Option<String>,
}

impl fmt::Debug for RegistryAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryAuth")
            .field("username", &self.username)
            .field("password", &"…")
            .field("identity_token", &self.identity_token.as_ref().map(|_| "…"))
            .field("server", &self.server)
            .finish()
    }
}

/// The name with `:latest` if it has neither a tag nor a digest, as engines read it.
pub(crate) fn with_default_tag(name: &str) -> Cow<'_, str> {
    // A colon before the last slash belongs to the registry's port.
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) || name.contains('@') {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{name}:latest"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_means_its_latest() {
        assert_eq!(with_default_tag("web"), "web:latest");
        assert_eq!(with_default_tag("registry:5000/team/web"), "registry:5000/team/web:latest");
    }

    #[test]
    fn a_tag_or_a_digest_is_kept() {
        for name in
            ["web:1", "registry:5000/web:1", "web@sha256:00", "registry:5000/team/web@sha256:00"]
        {
            assert_eq!(with_default_tag(name), name);
        }
    }

    #[test]
    fn a_disk_is_as_full_as_is_not_free() {
        let disk = |total, free| Disk {
            total: MemoryBytes::from_bytes(total),
            free: MemoryBytes::from_bytes(free),
        };
        assert_eq!(disk(200, 50).used_percent(), 75.0);
        assert_eq!(disk(0, 0).used_percent(), 0.0);
    }

    #[test]
    fn a_login_keeps_its_password_out_of_logs() {
        let auth = RegistryAuth {
            username: "u".to_owned(),
            password: "hunter2".to_owned(),
            identity_token: Some("hunter3".to_owned()),
            server: None,
        };
        assert!(!format!("{auth:?}").contains("hunter"));
    }
}
