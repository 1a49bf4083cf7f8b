//! Groups as slices of systemd, for engines that leave control groups to it.
//!
//! A slice need not exist to be given properties: systemd keeps them for the time that the first container starts
//! in it. They are of this boot only (`--runtime`), like the containers that they are for.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::files::weight;
use crate::GroupSpec;

const PROGRAM: &str = "systemctl";

/// Where systemd keeps properties that were set for this boot.
const SET: &str = "/run/systemd/system.control";

/// The owner's slices: `ecstasks-<owner>-<name>.slice`. Dashes nest, so all of them are below `ecstasks.slice`.
pub(super) struct Slices {
    prefix: String,
}

impl Slices {
    pub(super) fn new(owner: &str) -> Self {
        Self { prefix: format!("ecstasks-{owner}-") }
    }

    pub(super) fn ensure(&self, spec: &GroupSpec) -> io::Result<String> {
        let slice = self.slice(&spec.name);
        run(&set_properties(&slice, spec))?;
        Ok(slice)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        let slice = self.slice(name);
        // To revert what was never set is an error to systemd.
        if !Path::new(SET).join(format!("{slice}.d")).exists() {
            return Ok(());
        }
        removal(&slice).iter().try_for_each(|words| run(words))
    }

    pub(super) fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(SET) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry?.file_name();
            names.extend(self.name(&file.to_string_lossy()));
        }
        names.sort();
        Ok(names)
    }

    pub(super) fn is_allowed(&self) -> bool {
        // What sd_booted(3) looks at.
        Path::new("/run/systemd/system").is_dir()
            && rustix::process::geteuid().is_root()
            && run(&["--version".to_owned()]).is_ok()
    }

    fn slice(&self, name: &str) -> String {
        format!("{}{}.slice", self.prefix, escaped(name))
    }

    /// The group of a slice, by the directory that holds its properties.
    fn name(&self, directory: &str) -> Option<String> {
        let name = directory.strip_prefix(&self.prefix)?.strip_suffix(".slice.d")?;
        Some(unescaped(name))
    }
}

/// A dash in a slice's name is a level of the tree; systemd writes one that is none as `\x2d`.
fn escaped(name: &str) -> String {
    name.replace('-', r"\x2d")
}

fn unescaped(name: &str) -> String {
    name.replace(r"\x2d", "-")
}

/// A property that is not given is taken back, so that the slice has these limits and no others.
fn set_properties(slice: &str, spec: &GroupSpec) -> Vec<String> {
    // 1024 units are 100 %; systemd takes whole percents and fractions of them.
    let percent = spec.cpu_limit.map(|units| format!("{:.2}%", f64::from(units.0) / 10.24));
    let properties = [
        ("CPUWeight", spec.cpu_shares.map(|shares| weight(shares).to_string())),
        ("CPUQuota", percent),
        ("MemoryMax", spec.memory_limit.map(|limit| limit.as_bytes().to_string())),
    ];
    let mut words = vec!["--runtime".to_owned(), "set-property".to_owned(), slice.to_owned()];
    words.extend(
        properties.into_iter().map(|(name, value)| format!("{name}={}", value.unwrap_or_default())),
    );
    words
}

fn removal(slice: &str) -> [Vec<String>; 2] {
    ["stop", "revert"].map(|verb| vec![verb.to_owned(), slice.to_owned()])
}

fn run(words: &[String]) -> io::Result<()> {
    let output = Command::new(PROGRAM).args(words).output()?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{PROGRAM} {}: {}", words.join(" "), complaint.trim())))
}

#[cfg(test)]
mod tests {
    use berth_model::CpuUnits;

    use super::*;
    use crate::MemoryBytes;

    #[test]
    fn a_slice_gets_its_limits_until_the_next_boot() {
        let slices = Slices::new("0a1b");
        let slice = slices.slice("4f2d");
        assert_eq!(slice, "ecstasks-0a1b-4f2d.slice");
        let spec = GroupSpec {
            cpu_shares: Some(256),
            cpu_limit: Some(CpuUnits(256)),
            memory_limit: Some(MemoryBytes::from_mib(1)),
            ..GroupSpec::new("4f2d")
        };
        assert_eq!(
            set_properties(&slice, &spec).join(" "),
            "--runtime set-property ecstasks-0a1b-4f2d.slice CPUWeight=10 CPUQuota=25.00% MemoryMax=1048576"
        );
        assert_eq!(
            set_properties(&slice, &GroupSpec::new("4f2d")).join(" "),
            "--runtime set-property ecstasks-0a1b-4f2d.slice CPUWeight= CPUQuota= MemoryMax="
        );
        assert_eq!(
            removal(&slice).map(|words| words.join(" ")),
            ["stop ecstasks-0a1b-4f2d.slice", "revert ecstasks-0a1b-4f2d.slice"]
        );
    }

    #[test]
    fn a_name_is_found_again_and_no_other_owners() {
        let slices = Slices::new("0a1b");
        let directory = format!("{}.d", slices.slice("a-b"));
        assert_eq!(directory, r"ecstasks-0a1b-a\x2db.slice.d");
        assert_eq!(slices.name(&directory).as_deref(), Some("a-b"));
        assert_eq!(Slices::new("ffff").name(&directory), None);
        assert_eq!(slices.name("docker.service.d"), None);
    }
}
