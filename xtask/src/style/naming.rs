//! File and folder names say what is inside.

const SAYS_NOTHING: [&str; 6] = ["common", "helper", "helpers", "misc", "util", "utils"];

pub fn check(path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if path.ends_with("/mod.rs") {
        faults.push(
            "name the file after its folder: `foo.rs` beside `foo/`, not `foo/mod.rs`".to_owned(),
        );
    }
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if SAYS_NOTHING.contains(&stem) {
            faults.push(format!("`{stem}` says nothing of what is inside"));
        }
    }
    faults
}
