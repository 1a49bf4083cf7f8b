use std::os::unix::fs::PermissionsExt;

use super::*;

fn fresh() -> (tempfile::TempDir, DataDir) {
    let parent = tempfile::tempdir().expect("a temporary directory");
    let dir = DataDir::create(&parent.path().join("a/b")).expect("it can be made");
    (parent, dir)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn the_key_is_made_once_and_kept() {
    let (_parent, dir) = fresh();
    assert!(dir.administrator().expect("nothing to read").is_none());
    let first = dir.administrator_or_new().expect("a key is made");
    let second = dir.administrator_or_new().expect("the key is read");
    assert!(first == second);
    assert_eq!((first.id.len(), first.secret.len()), (20, 40));
    assert!(first.id.starts_with("AKIA"));
}

#[test]
fn two_keys_differ() {
    let one = AccessKey::generate().expect("randomness");
    let other = AccessKey::generate().expect("randomness");
    assert!(one.id != other.id && one.secret != other.secret);
}

#[test]
fn only_the_owner_may_read() {
    let (_parent, dir) = fresh();
    dir.administrator_or_new().expect("a key is made");
    assert_eq!(mode(&dir.path), 0o700);
    assert_eq!(mode(&dir.credentials_file()), 0o600);
}

#[test]
fn nothing_but_the_file_is_left() {
    let (_parent, dir) = fresh();
    dir.administrator_or_new().expect("a key is made");
    let files: Vec<_> = std::fs::read_dir(&dir.path).expect("readable").collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn whoever_makes_the_key_second_gets_the_first() {
    let (_parent, dir) = fresh();
    let start = std::sync::Barrier::new(8);
    let racer = || {
        start.wait();
        dir.administrator_or_new().expect("a key").id
    };
    let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(racer)).collect();
        racers.into_iter().map(|racer| racer.join().expect("no panic")).collect()
    });
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_damaged_file_is_told_not_replaced() {
    let (_parent, dir) = fresh();
    std::fs::write(dir.credentials_file(), "[default]\naws_access_key_id = AKIA\n")
        .expect("writable");
    let error = dir.administrator_or_new().err().expect("half a key is none");
    let error = format!("{error:#}");
    assert!(
        error.ends_with("credentials is damaged: no aws_secret_access_key in [default]"),
        "{error}"
    );
}

#[test]
fn the_client_config_is_replaced_at_each_start() {
    let (_parent, dir) = fresh();
    assert_eq!(dir.client_config().expect("nothing to read"), None);
    for (endpoint, ca_bundle) in [
        ("http://127.0.0.1:1", None),
        ("https://127.0.0.1:2", Some(dir.tls().authority_file())),
        ("http://127.0.0.1:2", None),
    ] {
        let region = "eu-west-1".parse().expect("a region");
        let config = ClientConfig { endpoint: endpoint.to_owned(), region, ca_bundle };
        dir.write_client_config(&config).expect("writable");
        assert_eq!(dir.client_config().expect("readable"), Some(config));
    }
}

#[test]
fn a_directory_that_is_not_there_is_told() {
    let error = DataDir::existing(Path::new("/nonexistent/berth")).expect_err("not there");
    assert!(error.to_string().contains("/nonexistent/berth"), "{error}");
}
