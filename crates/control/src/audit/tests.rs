use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use berth_aws_api::fixture as api;
use berth_model::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::env::TokioClock;

const NOW: Timestamp = Timestamp::from_millis(1_795_252_450_000);

fn entry(name: &str) -> Entry<'_> {
    Entry {
        at: NOW,
        service: "ecs",
        name,
        region: None,
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: None,
        identity: None,
        parameters: None,
        problem: None,
        request_id: "r",
    }
}

fn options(folder: &tempfile::TempDir) -> FilesOptions {
    FilesOptions { folder: folder.path().to_owned(), file_bytes: 1_000, kept_bytes: 4_000 }
}

async fn tell(options: FilesOptions, names: impl Iterator<Item = String>) -> Vec<PathBuf> {
    let folder = options.folder.clone();
    let clock = Arc::new(TokioClock::starting_at(NOW));
    let (audit, files) = Files::start(options, clock).expect("starts");
    for name in names {
        audit.room().await.expect("it writes").tell(&entry(&name));
        // So that each line is a batch of its own and files fill up one after the other.
        tokio::task::yield_now().await;
    }
    drop(audit);
    files.finish().await;
    Files::in_folder(&folder).expect("a folder")
}

fn names(files: &[PathBuf]) -> Vec<String> {
    let text: String =
        files.iter().map(|file| fs::read_to_string(file).expect("readable")).collect();
    let name = |line| {
        let told: Value = serde_json::from_str(line).expect("JSON");
        told["eventName"].as_str().expect("a name").to_owned()
    };
    text.lines().map(name).collect()
}

#[tokio::test]
async fn every_line_is_in_some_file_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = FilesOptions { kept_bytes: u64::MAX, ..options(&folder) };
    let all: Vec<String> = (0..600).map(|number| format!("Call{number}")).collect();
    let files = tell(options.clone(), all.iter().cloned()).await;
    assert_eq!(names(&files), all);
    assert!(files.len() > 1, "files are followed by others");
    // A start begins a file of its own and touches none.
    let files = tell(options, ["Later".to_owned()].into_iter()).await;
    assert_eq!(names(&files).last().map(String::as_str), Some("Later"));
    assert_eq!(names(&files).len(), 601);
}

#[tokio::test]
async fn the_oldest_files_go_and_the_newest_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..12 {
        let name = format!("Round{round}");
        let files = tell(options(&folder), (0..5).map(|_| name.clone())).await;
        let names = names(&files);
        assert_eq!(names.last(), Some(&name));
        let bytes: u64 = files.iter().map(|file| fs::metadata(file).expect("there").len()).sum();
        assert!(bytes <= 4_000 + 2 * 1_300, "{bytes} bytes in round {round}");
    }
    let files = Files::in_folder(folder.path()).expect("a folder");
    assert!(!names(&files).contains(&"Round0".to_owned()));
}

#[test]
fn what_is_sensitive_is_not_shown() {
    let input = api::EverythingRequest {
        secret: Some("hunter2".to_owned()),
        string: Some("shown".to_owned()),
        strings: Some(vec!["a".to_owned()]),
        blob: Some(bytes::Bytes::from_static(b"hunter2")),
        ..Default::default()
    };
    let text = redacted(&input).expect("it is short");
    assert!(!text.get().contains("hunter2"), "{text}");
    let shown: Value = serde_json::from_str(text.get()).expect("JSON");
    assert_eq!((&shown["String"], &shown["Strings"]), (&json!("shown"), &json!(["a"])));
}

#[test]
fn what_is_long_is_shortened_and_hides_nothing_else() {
    let shown = |input: &api::EverythingRequest| -> Value {
        let text = redacted(input).expect("it is made short").get().to_owned();
        assert!(text.len() <= 64 * 1024, "{} bytes", text.len());
        serde_json::from_str(&text).expect("JSON")
    };
    // A policy that begins as it should and goes on with spaces.
    let policy = format!("{{\"Statement\":{}", " ".repeat(66_000));
    let padded = api::EverythingRequest {
        string: Some(policy),
        renamed: Some("alice".to_owned()),
        ..Default::default()
    };
    let told = shown(&padded);
    let text = told["String"].as_str().expect("it is there");
    assert!(text.starts_with("{\"Statement\":   ") && text.ends_with("more bytes)"), "{text}");
    assert_eq!(told["Renamed"], "alice");
    // Many entries, each of them short.
    let padded = api::EverythingRequest {
        strings: Some((0..20_000).map(|n| n.to_string()).collect()),
        attributes: Some((0..20_000).map(|n| (n.to_string(), "\0".repeat(9))).collect()),
        renamed: Some("alice".to_owned()),
        ..Default::default()
    };
    let told = shown(&padded);
    let strings = told["Strings"].as_array().expect("a list");
    assert_eq!((&strings[0], &told["Renamed"]), (&json!("0"), &json!("alice")));
    let left_out = format!("… ({} more)", 20_001 - strings.len());
    assert_eq!(strings.last(), Some(&json!(left_out)));
    assert!(told["Attributes"]["…"].is_string());
    // All of it at every depth.
    let tree = |children: Vec<api::Tree>| api::Tree {
        value: Some("x".repeat(5000)),
        children: Some(children),
        ..Default::default()
    };
    let deep = (0..40).fold(tree(Vec::new()), |below, _| tree(vec![below; 1]));
    let wide = api::EverythingRequest {
        tree: Some(tree(vec![deep; 200])),
        renamed: Some("alice".to_owned()),
        ..Default::default()
    };
    assert_eq!(shown(&wide)["Renamed"], "alice");
}

#[test]
fn what_only_reads_is_told_apart() {
    let line = |name| -> Value { serde_json::from_slice(&entry(name).line()).expect("JSON") };
    assert_eq!(line("DescribeTasks")["readOnly"], true);
    assert_eq!(line("RunTask")["readOnly"], false);
}
