//! `berth audit`: who asked for what, from the files that the server writes.
//!
//! It reads the data directory, not the server: what was asked is told also when nothing answers any more.

mod line;
mod tail;

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use crate::data_dir::DataDir;
use tail::Tail;

/// How often to look for more.
const AGAIN: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub struct AuditOptions {
    /// Print calls as they are made, from now on
    #[arg(long, short)]
    follow: bool,

    /// Only calls of this operation, such as RunTask
    #[arg(long, value_name = "NAME")]
    event: Option<String>,

    /// Only calls by this caller: an ARN, an access key's id, or a part of one
    #[arg(long, value_name = "WHO")]
    by: Option<String>,

    /// Only calls that were refused or failed
    #[arg(long)]
    failed: bool,

    /// Print whole lines of JSON, as is done anyway where the output is no terminal
    #[arg(long)]
    json: bool,
}

pub fn run(
    data_dir: &Path,
    options: &AuditOptions,
    is_terminal: bool,
    out: &mut impl Write,
) -> Result<()> {
    let folder = DataDir::existing(data_dir)?.audit_folder();
    ensure!(
        folder.is_dir(),
        "there is no {}: no server has written an audit here",
        folder.display()
    );
    let mut tail = if options.follow { Tail::from_end(folder)? } else { Tail::from_start(folder) };
    let json = options.json || !is_terminal;
    loop {
        let printed = tail.read(|text| print(text, options, json, out))?;
        match out.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            flushed => flushed?,
        }
        if printed.is_break() || !options.follow {
            return Ok(());
        }
        sleep(AGAIN);
    }
}

/// Whether the reader of what is printed has gone.
fn print(
    text: &str,
    options: &AuditOptions,
    json: bool,
    out: &mut impl Write,
) -> Result<std::ops::ControlFlow<()>> {
    use std::ops::ControlFlow::{Break, Continue};
    let call: Value =
        serde_json::from_str(text).with_context(|| format!("no line of an audit: {text}"))?;
    if !options.wants(&call) {
        return Ok(Continue(()));
    }
    let written = match json {
        true => writeln!(out, "{text}"),
        false => writeln!(out, "{}", line::line(&call)),
    };
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Break(())),
        written => Ok(Continue(written?)),
    }
}

impl AuditOptions {
    fn wants(&self, call: &Value) -> bool {
        let identity = &call["userIdentity"];
        let text =
            |value: &Value, part: &str| value.as_str().is_some_and(|text| text.contains(part));
        self.event.as_deref().is_none_or(|event| call["eventName"] == event)
            && self
                .by
                .as_deref()
                .is_none_or(|by| text(&identity["arn"], by) || text(&identity["accessKeyId"], by))
            && (!self.failed || !call["errorCode"].is_null())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LINES: &str = concat!(
        r#"{"eventTime":"2026-01-02T03:04:05Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","userIdentity":{"arn":"arn:aws:iam::1:root","accessKeyId":"AKIA1"},"requestParameters":{"cluster":"c"},"requestID":"r1"}"#,
        "\n",
        r#"{"eventTime":"2026-01-02T03:04:06Z","eventSource":"iam.amazonaws.com","eventName":"GetUser","userIdentity":{"arn":"arn:aws:iam::1:user/ann","accessKeyId":"AKIA2"},"requestParameters":null,"errorCode":"AccessDenied","errorMessage":"no","requestID":"r2"}"#,
        "\n",
    );

    fn printed(options: &AuditOptions, is_terminal: bool) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("audit")).expect("made");
        fs::write(folder.path().join("audit/audit-000000000000001.jsonl"), LINES).expect("written");
        let mut out = Vec::new();
        run(folder.path(), options, is_terminal, &mut out).expect("runs");
        String::from_utf8(out).expect("text")
    }

    fn all() -> AuditOptions {
        AuditOptions { follow: false, event: None, by: None, failed: false, json: false }
    }

    #[test]
    fn programs_get_the_lines_as_they_are_and_people_a_summary() {
        assert_eq!(printed(&all(), false), LINES);
        assert_eq!(printed(&AuditOptions { json: true, ..all() }, true), LINES);
        let people = concat!(
            "2026-01-02T03:04:05Z  ecs:RunTask  arn:aws:iam::1:root  ok  {\"cluster\":\"c\"}  r1\n",
            "2026-01-02T03:04:06Z  iam:GetUser  arn:aws:iam::1:user/ann  AccessDenied: no    r2\n",
        );
        assert_eq!(printed(&all(), true), people);
    }

    #[test]
    fn calls_can_be_asked_for_by_name_caller_and_outcome() {
        let (first, second) = LINES.split_at(LINES.find('\n').expect("two lines") + 1);
        for (options, expected) in [
            (AuditOptions { event: Some("RunTask".into()), ..all() }, first),
            (AuditOptions { by: Some("user/ann".into()), ..all() }, second),
            (AuditOptions { by: Some("AKIA1".into()), ..all() }, first),
            (AuditOptions { failed: true, ..all() }, second),
            (AuditOptions { failed: true, by: Some("AKIA1".into()), ..all() }, ""),
        ] {
            assert_eq!(printed(&options, false), expected);
        }
    }

    #[test]
    fn where_nothing_was_written_it_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = run(folder.path(), &all(), false, &mut Vec::new()).expect_err("no audit");
        assert!(error.to_string().contains("no server has written an audit"), "{error}");
    }
}
