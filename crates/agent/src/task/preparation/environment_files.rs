//! Files of environment variables, as ECS reads them.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{Circumstances, Unprepared};
use crate::host::Host;
use crate::sources::{ObjectName, SourceError, patiently};

/// Fetches the files, all at once, and adds what is in them.
///
/// AWS: what the container definition itself says wins over any file, and an earlier file over a later.
pub(super) async fn add(
    host: &Host,
    files: &[ObjectName],
    circumstances: &Circumstances,
    environment: &mut BTreeMap<String, String>,
) -> Result<(), Unprepared> {
    let fetched = join_all(files.iter().map(|file| fetch(host, file, circumstances))).await;
    let faults: Vec<String> =
        fetched.iter().filter_map(|file| file.as_ref().err()).map(ToString::to_string).collect();
    if !faults.is_empty() {
        return Err(Unprepared(format!("failed to download env files: {}", faults.join("; "))));
    }
    for text in fetched.into_iter().flatten() {
        for (name, value) in variables(&text) {
            environment.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    Ok(())
}

async fn fetch(
    host: &Host,
    file: &ObjectName,
    circumstances: &Circumstances,
) -> Result<String, SourceError> {
    let sources = &host.options.sources;
    let role = circumstances.execution_role.as_ref();
    let bytes = patiently(host, || sources.object(&file.bucket, &file.key, role)).await?;
    String::from_utf8(bytes.into()).map_err(|_| SourceError::Unusable {
        asked: format!("S3 object {file}"),
        fault: "it is not UTF-8".to_owned(),
    })
}

/// `NAME=VALUE`, one a line, of which the last of a name counts.
///
/// AWS: a line is a comment only if `#` is its very first character; spaces and quotes belong to the value
/// as they are; a line without `=` or without a name says nothing, and is no error.
fn variables(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_ecs_does() {
        let text = "# a comment\nA=1\r\nB = two words \nC=\"quoted\"\nD=a=b\nEMPTY=\n =space\n\nnothing\n=nameless\n #F=x\nA=2";
        let expected = [
            (" ", "space"),
            (" #F", "x"),
            ("A", "2"),
            ("B ", " two words "),
            ("C", "\"quoted\""),
            ("D", "a=b"),
            ("EMPTY", ""),
        ];
        assert_eq!(variables(text), BTreeMap::from(expected));
    }
}
