//! Golden requests and responses: every file in `tests/golden/` is one small world.
//!
//! A world begins empty, with a clock that stands still and ids that come from a seed. It is a list of steps:
//!
//! ```text
//! # What this file shows.
//!
//! ### CreateCluster
//! {"clusterName": "web"}
//! === 200
//! {"cluster": {…}}
//!
//! ### ListClusters region=eu-west-1
//! {}
//! === 200
//! {"clusterArns": []}
//!
//! ### wait 90m
//! ```
//!
//! `### GET /path` asks for a path that is no operation.
//!
//! `{{2/cluster/clusterArn}}` in a request is a value from the answer of step 2. `UPDATE_GOLDEN=1` writes the
//! answers; whoever runs it reads every line that changed.

mod golden {
    #[allow(dead_code, reason = "`sessions.rs` uses the rest")]
    pub mod lender;
    pub mod script;
    pub mod world;
}

use std::path::{Path, PathBuf};

use berth_control::pipeline::AllowAll;
use golden::script::Script;
use golden::world::World;

#[test]
fn every_golden_file_holds() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let only = std::env::var("GOLDEN").ok();
    let mut files = golden_files();
    files.retain(|file| only.as_ref().is_none_or(|only| file.to_string_lossy().contains(only)));
    assert!(!files.is_empty(), "there are golden files");
    let differences: Vec<String> = files.iter().filter_map(|file| check(file, update)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(folder).expect("the folder of golden files is there");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

/// Runs one file in a world of its own; `Some` says where an answer was another one.
fn check(file: &Path, update: bool) -> Option<String> {
    let text = std::fs::read_to_string(file).expect("a readable golden file");
    let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    let answered = runtime.block_on(async { World::new(AllowAll).await.run(&script).await });
    let now = script.render(&answered);
    if now == text {
        return None;
    }
    if update {
        std::fs::write(file, now).expect("a golden file can be written");
        return None;
    }
    Some(difference(file, &text, &now))
}

fn difference(file: &Path, expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (left, right) = (expected.next(), found.next());
        if left != right {
            let (left, right) = (left.unwrap_or("<end>"), right.unwrap_or("<end>"));
            return format!("{}:{line}\n  expected {left}\n  found    {right}", file.display());
        }
    }
}
