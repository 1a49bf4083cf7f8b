//! Whole rollouts as stories: a small world, what happens in it, and what is planned, as text.
//!
//! A story is a file in `stories/`: the first line makes the world, every other line that is not
//! indented is something that happens, and the indented lines below it are the plans that follow,
//! carried out one after another until nothing is left to do. `BERTH_TELL=1 cargo nextest run -p
//! berth-deployment` writes the indented lines anew; read the difference.

mod parse;
mod properties;
mod tell;
mod world;

use std::path::{Path, PathBuf};

fn check(name: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src", "stories", name]
        .iter()
        .collect::<PathBuf>()
        .with_extension("story");
    let expected = std::fs::read_to_string(&path).unwrap();
    let told = tell::tell(&expected);
    if std::env::var_os("BERTH_TELL").is_some() {
        std::fs::write(&path, told).unwrap();
    } else {
        assert_same(&path, &expected, &told);
    }
}

fn assert_same(path: &Path, expected: &str, told: &str) {
    for (number, (expected, told)) in expected.lines().zip(told.lines()).enumerate() {
        assert_eq!(told, expected, "{}, line {}", path.display(), number + 1);
    }
    assert_eq!(told.lines().count(), expected.lines().count(), "{}", path.display());
}

macro_rules! stories {
    ($($name:ident)+) => {
        const STORIES: &[&str] = &[$(stringify!($name)),+];

        $(
        #[test]
        fn $name() {
            check(stringify!($name));
        }
        )+
    };
}

stories! {
    rolling_start_first
    rolling_stop_first
    rolling_stuck
    rolling_superseded
    rolling_scaled
    rolling_old_tasks_lost
    no_place
    unhealthy
    unhealthy_no_room
    health_checks
    warm_up
    draining_host
    another_version
    daemon_another_version
    scale_in
    staged_after_rolling
    protection
    breaker
    breaker_rollback
    breaker_cumulative
    alarms
    bake_time
    early_success
    early_success_cleanup
    stopped_by_user
    throttle
    unlaunchable
    deleted
    deleted_while_deploying
    daemon
    daemon_update
    daemon_constraint
    rebalancing
    rebalancing_full_zone
    rebalancing_two_full_zones
    daemon_breaker
    hook_timeout
    both_at_once
    killed
    external
    blue_green
    canary
    linear
    balanced_blue_green
    balanced_canary
    balanced_linear
    balanced_reconciled
    balanced_rule_broken
    balanced_strategies
}

#[test]
fn every_story_is_told() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src", "stories"].iter().collect();
    let files = std::fs::read_dir(folder).unwrap();
    let stories = files.filter(|file| {
        file.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "story")
    });
    assert_eq!(stories.count(), STORIES.len());
}
