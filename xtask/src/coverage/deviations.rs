//! The `DEVIATES:` comments: where Berth differs from AWS on purpose, said where it does.

use anyhow::Result;

use crate::workspace::Workspace;

const TAG: &str = "DEVIATES:";

/// One difference, by the file that makes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Deviation {
    pub path: String,
    pub text: String,
}

/// Every difference that the sources confess, in the order of paths and lines.
pub fn collect(workspace: &Workspace) -> Result<Vec<Deviation>> {
    let mut deviations = Vec::new();
    for file in workspace.files()? {
        let path = file.to_string_lossy().into_owned();
        if path.starts_with("crates/") && path.ends_with(".rs") {
            let found = in_source(&workspace.read(&file)?);
            deviations.extend(
                found.iter().map(|text| Deviation { path: path.clone(), text: as_prose(text) }),
            );
        }
    }
    Ok(deviations)
}

/// A tag at the start of a comment line, and the comment's lines up to a blank one or the next tag.
pub fn in_source(source: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in source.lines() {
        let comment = comment_text(line);
        let tagged = comment.and_then(|text| text.strip_prefix(TAG));
        match (tagged, comment) {
            (Some(text), _) => {
                found.push(text.trim().to_owned());
                open = true;
            }
            (None, Some(text)) if open && !text.is_empty() && !is_tagged(text) => {
                let last = found.last_mut().expect("a tag opened it");
                last.push(' ');
                last.push_str(text);
            }
            _ => open = false,
        }
    }
    found
}

/// As it stands on a page: beginning with a capital, and without rustdoc's links.
pub fn as_prose(comment: &str) -> String {
    let text = comment.replace("[`", "`").replace("`]", "`");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn comment_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = ["//!", "///", "//"].iter().find_map(|mark| line.strip_prefix(mark))?;
    Some(text.trim())
}

/// `AWS:`, `SAFETY:` and their like.
fn is_tagged(text: &str) -> bool {
    text.split_once(':').is_some_and(|(word, _)| {
        word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}
