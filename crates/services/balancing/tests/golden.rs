//! Golden requests and answers: every `.txt` in `tests/golden/` is one small world.
//!
//! A world begins empty, with a clock that stands still and ids that come from a seed. It is a list of steps:
//!
//! ```text
//! ### CreateTargetGroup as group
//! Name=web
//! Protocol=HTTP
//! === 200
//! <TargetGroups>
//! …
//!
//! ### DeleteTargetGroup
//! TargetGroupArn={{group.TargetGroupArn}}
//!
//! ### GET /path
//!
//! ### POST /path
//! {"some": "JSON"}
//!
//! ### wait 5m
//! ```
//!
//! `{{group.TargetGroupArn}}` is the first element of this name in the answer of the step that is called `group`.
//! `UPDATE_GOLDEN=1` writes the answers; whoever runs it reads every line that changed.

mod golden {
    pub mod neighbours;
    pub mod script;
    pub mod world;
}

use std::path::{Path, PathBuf};

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
    let script = Script::parse(&text);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    let answers = runtime.block_on(async { World::new().await.run(&script).await });
    let now = script.render(&answers);
    if now == text {
        return None;
    }
    if update {
        std::fs::write(file, now).expect("a golden file can be written");
        return None;
    }
    let differs = text.lines().zip(now.lines()).position(|(expected, found)| expected != found);
    let line = differs.unwrap_or(text.lines().count().min(now.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("<end>").to_owned();
    Some(format!(
        "{}:{}\n  expected {}\n  found    {}",
        file.display(),
        line + 1,
        at(&text),
        at(&now)
    ))
}
