//! What a space and its engine leave on their machine, and making it go away.
//!
//! Processes: those that were started inside are in the space's mount namespace, and some of them name its directory,
//! on their command line or in their environment; an engine's containers are in its control group. Mounts and networks
//! are in the space's namespaces and go with the last process. What then remains is control groups and the directory.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait::persist;

const CGROUPS: &str = "/sys/fs/cgroup";

/// Kills all that belongs to the space with this directory, and removes what it has made, the directory last.
/// `name` is its control group's. Nothing there is nothing to do.
pub fn remove(home: &Path, name: &str) -> Result<()> {
    kill_all(home, name)?;
    for group in cgroups(name)? {
        remove_cgroup(&group).with_context(|| format!("removing {}", group.display()))?;
    }
    persist(|| match fs::remove_dir_all(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    })
    .with_context(|| format!("removing {}", home.display()))
}

fn kill_all(home: &Path, name: &str) -> Result<()> {
    // While they die, they may start others: look until there are none.
    persist(|| {
        let processes = find_processes(home, name)?;
        for process in &processes {
            // One that has gone meanwhile is what we want.
            let _ = kill_process(*process, Signal::KILL);
        }
        ensure!(processes.is_empty(), "processes {processes:?} of {} do not die", home.display());
        Ok(())
    })
}

/// Kills the process whose number is in this file, if it lives, and removes the file.
///
/// An engine believes such a file if any process has that number, be it another or a dead one whose parent has not
/// taken notice yet.
pub fn kill_by_file(pid_file: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(pid_file) else { return Ok(()) };
    let number: i32 =
        text.trim().parse().with_context(|| format!("reading {}", pid_file.display()))?;
    let pid = Pid::from_raw(number).context("no process has number 0")?;
    persist(|| {
        let _ = kill_process(pid, Signal::KILL);
        ensure!(!is_alive(number), "process {number} does not die");
        Ok(())
    })?;
    fs::remove_file(pid_file).with_context(|| format!("removing {}", pid_file.display()))
}

/// Not gone, and not merely waiting for its parent's notice.
fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in brackets, may hold anything; the state is the word after it.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// All of the space's processes that live.
fn find_processes(home: &Path, name: &str) -> Result<Vec<Pid>> {
    let home = home.to_str().context("the directory's name is not UTF-8")?.as_bytes();
    let own_space =
        fs::read_link("/proc/self/ns/mnt").context("reading our own mount namespace")?;
    let mut spaces = BTreeSet::new();
    let mut candidates = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let number =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        let Some(pid) = number.and_then(Pid::from_raw) else { continue };
        // Any process can go while we look at it, and the dead have no namespaces.
        let (Ok(space), Ok(command), Ok(environment), Ok(groups)) = (
            fs::read_link(path.join("ns/mnt")),
            fs::read(path.join("cmdline")),
            fs::read(path.join("environ")),
            fs::read_to_string(path.join("cgroup")),
        ) else {
            continue;
        };
        // The test itself, or a person looking on, may well name the directory; none of them is in there.
        if space == own_space {
            continue;
        }
        let names_it = |text: &[u8]| text.windows(home.len()).any(|part| part == home);
        if names_it(&command) || names_it(&environment) {
            spaces.insert(space.clone());
        }
        candidates.push((pid, space, groups));
    }
    let group = format!("/{name}");
    let ours = |groups: &str, space: &PathBuf| {
        spaces.contains(space)
            || groups.lines().any(|line| line.split('/').any(|part| part == &group[1..]))
    };
    Ok(candidates
        .into_iter()
        .filter(|(_, space, groups)| ours(groups, space))
        .map(|(pid, _, _)| pid)
        .collect())
}

/// The engine's control group in each hierarchy that has it: version 1 has many, version 2 one.
fn cgroups(name: &str) -> Result<Vec<PathBuf>> {
    let mut places = vec![PathBuf::from(CGROUPS)];
    for entry in fs::read_dir(CGROUPS).context("looking for control groups")? {
        places.push(entry?.path());
    }
    Ok(places.into_iter().map(|place| place.join(name)).filter(|group| group.is_dir()).collect())
}

/// A control group is removed when it is empty, from the innermost; its files cannot be, and need not.
fn remove_cgroup(group: &Path) -> io::Result<()> {
    for entry in fs::read_dir(group)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_cgroup(&entry.path())?;
        }
    }
    persist(|| fs::remove_dir(group))
}
