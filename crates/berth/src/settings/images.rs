//! When this host asks registries for images, with which logins, and what it clears away.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use berth_agent::{AuthFile, CleanupRules, NoLogins, PullBehavior, RegistryLogins};
use berth_runtime::ImageName;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::span::Span;
use super::text::parsed;
use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImageOptions {
    /// When a registry is asked for an image [default: prefer-cached]
    #[arg(long, env = "BERTH_IMAGE_PULL_BEHAVIOR", value_name = "WHEN")]
    pub image_pull_behavior: Option<PullChoice>,

    /// Logins to registries, as in Docker's config.json; read again at every pull [default: none]
    #[arg(long, env = "BERTH_REGISTRY_AUTH_FILE", value_name = "FILE")]
    pub registry_auth_file: Option<PathBuf>,

    /// Whether images that nobody uses any more are removed [default: true]
    #[arg(long, env = "BERTH_IMAGE_CLEANUP", value_name = "BOOL")]
    pub image_cleanup: Option<bool>,

    /// How often, such as 30m [default: 30m]
    #[arg(long, env = "BERTH_IMAGE_CLEANUP_INTERVAL", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub image_cleanup_interval: Option<Span>,

    /// How long an image must have been of no use before it is removed [default: 1h]
    #[arg(long, env = "BERTH_IMAGE_MINIMUM_CLEANUP_AGE", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub image_minimum_cleanup_age: Option<Span>,

    /// How many images are removed at once, at most [default: 5]
    #[arg(long, env = "BERTH_NUM_IMAGES_DELETE_PER_CYCLE", value_name = "COUNT")]
    pub num_images_delete_per_cycle: Option<usize>,

    /// An image that is never removed; may be given several times, or as a list in the file
    #[arg(long, value_name = "NAME")]
    pub image_cleanup_exclude: Vec<String>,

    /// From how full a disk on stopped tasks and unused images go sooner; 100: never [default: 85]
    #[arg(long, env = "BERTH_DISK_PRESSURE_PERCENT", value_name = "PERCENT",
          value_parser = clap::value_parser!(u8).range(1..=100))]
    pub disk_pressure_percent: Option<u8>,

    /// How long the containers of a stopped task are kept [default: 3h]
    #[arg(long, env = "BERTH_TASK_CLEANUP_WAIT", value_name = "TIME")]
    #[serde(deserialize_with = "parsed")]
    pub task_cleanup_wait: Option<Span>,
}

/// AWS: the values of ECS_IMAGE_PULL_BEHAVIOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullChoice {
    /// At every start of a container; if it does not answer, what is here is used
    Default,
    /// At every start of a container, which fails without an answer
    Always,
    /// Once, until the image is removed
    Once,
    /// Only if the image is not here
    PreferCached,
}

/// What an agent is told of it.
pub struct ImageSettings {
    pub pull: PullBehavior,
    pub logins: Arc<dyn RegistryLogins>,
    pub cleanup: CleanupRules,
    pub cleanup_after: Option<Duration>,
}

impl ImageOptions {
    pub fn or(self, file: ImageOptions) -> ImageOptions {
        let exclude = file.image_cleanup_exclude.into_iter().chain(self.image_cleanup_exclude);
        ImageOptions {
            image_pull_behavior: self.image_pull_behavior.or(file.image_pull_behavior),
            registry_auth_file: self.registry_auth_file.or(file.registry_auth_file),
            image_cleanup: self.image_cleanup.or(file.image_cleanup),
            image_cleanup_interval: self.image_cleanup_interval.or(file.image_cleanup_interval),
            image_minimum_cleanup_age: self
                .image_minimum_cleanup_age
                .or(file.image_minimum_cleanup_age),
            num_images_delete_per_cycle: self
                .num_images_delete_per_cycle
                .or(file.num_images_delete_per_cycle),
            image_cleanup_exclude: exclude.collect(),
            disk_pressure_percent: self.disk_pressure_percent.or(file.disk_pressure_percent),
            task_cleanup_wait: self.task_cleanup_wait.or(file.task_cleanup_wait),
        }
    }

    pub fn open(self) -> Result<ImageSettings> {
        let usual = CleanupRules::default();
        let logins: Arc<dyn RegistryLogins> = match self.registry_auth_file {
            None => Arc::new(NoLogins),
            Some(path) => {
                let file = AuthFile::open(path);
                Arc::new(file.map_err(|error| Usage::error(error.to_string()))?)
            }
        };
        let listed = |name: &String| ImageName::parse(name).to_string();
        Ok(ImageSettings {
            pull: self.image_pull_behavior.map_or_else(PullBehavior::default, PullChoice::behavior),
            logins,
            cleanup: CleanupRules {
                images: self.image_cleanup.unwrap_or(usual.images),
                every: self.image_cleanup_interval.map_or(usual.every, |span| span.0),
                minimum_age: self
                    .image_minimum_cleanup_age
                    .map_or(usual.minimum_age, |span| span.0),
                images_per_cycle: self
                    .num_images_delete_per_cycle
                    .unwrap_or(usual.images_per_cycle),
                exclude: self.image_cleanup_exclude.iter().map(listed).collect(),
                disk_percent: match self.disk_pressure_percent {
                    None => usual.disk_percent,
                    Some(percent) => (percent < 100).then_some(percent),
                },
            },
            cleanup_after: self.task_cleanup_wait.map(|span| span.0),
        })
    }
}

impl PullChoice {
    fn behavior(self) -> PullBehavior {
        match self {
            Self::Default => PullBehavior::Default,
            Self::Always => PullBehavior::Always,
            Self::Once => PullBehavior::Once,
            Self::PreferCached => PullBehavior::PreferCached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_and_lists_are_joined() {
        let flags = ImageOptions {
            image_pull_behavior: Some(PullChoice::Always),
            image_cleanup_exclude: vec!["web".to_owned()],
            ..ImageOptions::default()
        };
        let file: ImageOptions = toml::from_str(
            "image-pull-behavior = 'once'\nimage-cleanup-exclude = ['docker.io/library/db:1']\n\
             disk-pressure-percent = 100\ntask-cleanup-wait = '10m'\n",
        )
        .unwrap();
        let settings = flags.or(file).open().unwrap();
        assert_eq!(settings.pull, PullBehavior::Always);
        let excluded: Vec<_> = settings.cleanup.exclude.into_iter().collect();
        assert_eq!(excluded, ["db:1", "web:latest"]);
        assert_eq!(settings.cleanup.disk_percent, None);
        assert_eq!(settings.cleanup_after, Some(Duration::from_secs(600)));
    }

    #[test]
    fn a_login_file_that_is_not_there_is_a_mistake() {
        let options = ImageOptions {
            registry_auth_file: Some("/nonexistent/config.json".into()),
            ..ImageOptions::default()
        };
        let error = options.open().err().unwrap().to_string();
        assert!(error.contains("/nonexistent/config.json"), "{error}");
    }
}
