//! A test that is killed cleans nothing up; the next one does.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use berth_test_engine::{Engine, Network, demo_program, persist};

use crate::traces::Traces;

/// Not a test of its own: what the next one starts, and kills.
#[test]
#[ignore = "run by a_killed_test_is_swept_up"]
fn a_test_that_will_be_killed() {
    let network = Network::new().unwrap();
    let host = network.host("doomed").unwrap();
    let mut program = network.command(demo_program().unwrap().to_str().unwrap());
    let _server = program.args(["sleep", "3600"]).spawn().unwrap();
    let directories = [network.directory(), host.engine.directory()].map(Path::as_os_str);
    fs::write(
        std::env::var_os("DIRECTORIES").unwrap(),
        directories.join(OsStr::new("\n")).to_str().unwrap(),
    )
    .unwrap();
    // The standard library's own way to be killed: nothing is dropped.
    std::process::abort();
}

#[test]
fn a_killed_test_is_swept_up() {
    if let Some(obstacle) = Engine::obstacle() {
        eprintln!("SKIPPED: {obstacle}");
        return;
    }
    let note = tempfile::NamedTempFile::new().unwrap();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_test_that_will_be_killed", "--ignored"])
        .env("DIRECTORIES", note.path())
        .status()
        .unwrap();
    assert!(!status.success());
    let directories = fs::read_to_string(note.path()).unwrap();
    let traces: Vec<Traces> = directories.lines().map(|line| Traces::of(Path::new(line))).collect();
    assert_eq!(traces.len(), 2, "{directories:?}");
    // Whichever starts next sweeps up: this one, or one of another test, which may not be done yet.
    drop(Engine::start().unwrap());
    persist(|| {
        let found: Vec<String> = traces.iter().flat_map(Traces::found).collect();
        if found.is_empty() { Ok(()) } else { Err(found) }
    })
    .unwrap();
}
