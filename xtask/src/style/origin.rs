//! Nothing of the machine that a file was written on: no path of it, no package source of it.

use crate::workspace::Workspace;

/// What would give this machine away.
pub struct Machine {
    paths: Vec<String>,
}

impl Machine {
    pub fn this(workspace: &Workspace) -> Self {
        let root = Some(workspace.root().to_string_lossy().into_owned());
        let home = std::env::var("HOME").ok();
        Machine::with_paths(root.into_iter().chain(home))
    }

    /// A path of one part, such as `/src`, may well mean a container's: only what lies below it counts.
    pub fn with_paths(paths: impl IntoIterator<Item = String>) -> Self {
        let paths = paths.into_iter().map(|path| path.trim_end_matches('/').to_owned());
        Machine {
            paths: paths
                .filter(|path| !path.is_empty())
                .map(|path| if path.matches('/').count() > 1 { path } else { format!("{path}/.") })
                .collect(),
        }
    }
}

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Settings that redirect a package manager. In halves, so that this file keeps its own rule.
const REDIRECTIONS: [(&str, &str); 5] = [
    ("index-", "url"),
    ("find-", "links"),
    ("replace-", "with"),
    ("trusted-", "host"),
    ("[registries", "."),
];

pub fn check(path: &str, text: &str, machine: &Machine) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line_number = number + 1;
        for found in machine.paths.iter().filter(|path| names(line, path)) {
            faults.push(format!("line {line_number}: a path of this machine: {found}"));
        }
        for (head, tail) in REDIRECTIONS {
            if line.contains(&format!("{head}{tail}")) {
                faults.push(format!(
                    "line {line_number}: a package source is the user's to set: {head}{tail}"
                ));
            }
        }
        let source = line.strip_prefix("source = ").map(|source| source.trim_matches('"'));
        if path.ends_with("Cargo.lock") && source.is_some_and(|source| source != CRATES_IO) {
            faults.push(format!("line {line_number}: a crate from elsewhere than crates.io"));
        }
    }
    faults
}

/// Whether the path stands in the line by itself, not as the tail of a longer one.
fn names(line: &str, path: &str) -> bool {
    let part_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/}".contains(&byte);
    line.match_indices(path).any(|(at, _)| at == 0 || !part_of_a_name(line.as_bytes()[at - 1]))
}
