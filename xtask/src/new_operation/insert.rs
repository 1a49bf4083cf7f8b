//! One more line in files that list operations, where the order of names wants it.

use anyhow::{Context, Result, bail};

/// `pub mod describe_things;` among its like.
pub fn declaration(text: &str, file: &str) -> Result<String> {
    in_order(text, &format!("pub mod {file};"), |line| line.starts_with("pub mod ").then_some(line))
}

/// `.operation::<ops::DescribeThings, _, _>(describe_things::describe_things)` among its like.
pub fn registration(text: &str, operation: &str, file: &str) -> Result<String> {
    let line = format!(".operation::<ops::{operation}, _, _>({file}::{file})");
    let is_one = |line: &str| line.trim_start().starts_with(".operation::<ops::");
    let inserted = in_order(text, &line, |line| is_one(line).then(|| line.trim_start()))?;
    Ok(inserted)
}

/// The row of `models/coverage.toml` says supported.
pub fn support(text: &str, service: &str, operation: &str) -> Result<String> {
    let section = format!("[{service}.operations]");
    let mut in_section = false;
    let mut changed = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            in_section = line == section;
        }
        let name = line.split('=').next().unwrap_or_default().trim();
        if in_section && name == operation {
            lines.push(format!("{operation} = \"supported\""));
            changed = true;
        } else {
            lines.push(line.to_owned());
        }
    }
    if !changed {
        bail!("no row {operation} in {section}");
    }
    Ok(lines.join("\n") + "\n")
}

/// Puts a line before the first of its kind that sorts after it, else after the last. An entry may take
/// several lines (rustfmt breaks long ones): only its first is of the kind.
fn in_order<'a>(
    text: &'a str,
    new: &str,
    kind: impl Fn(&'a str) -> Option<&'a str>,
) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    let entries: Vec<usize> = (0..lines.len()).filter(|at| kind(lines[*at]).is_some()).collect();
    let last = *entries.last().context("found no line of this kind to put another beside")?;
    let name = |line: &str| line.trim_start().trim_end_matches(';').to_owned();
    if entries.iter().any(|at| name(lines[*at]).starts_with(&name(new))) {
        bail!("`{new}` is there already");
    }
    let after_last =
        || last + 1 + lines[last + 1..].iter().take_while(|line| continues(line)).count();
    let place =
        entries.iter().copied().find(|at| name(lines[*at]) > name(new)).unwrap_or_else(after_last);
    let mut result: Vec<&str> = lines[..place].to_vec();
    result.push(new);
    result.extend(&lines[place..]);
    Ok(result.join("\n") + "\n")
}

/// The rest of a call that rustfmt broke: its argument, and its closing bracket.
fn continues(line: &str) -> bool {
    let line = line.trim();
    line == ")" || (line.ends_with(',') && !line.starts_with('.'))
}
