//! What every command wants to know.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct GlobalOptions {
    /// Where state and credentials are kept [default: ~/.berth]
    #[arg(long, global = true, env = "BERTH_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// What is logged, such as `info` or `warn,berth_agent=debug` [default: info]
    #[arg(long, global = true, env = "BERTH_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// How log lines look on standard error [default: text]
    #[arg(long, global = true, env = "BERTH_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSettings {
    pub data_dir: PathBuf,
    pub log: String,
    pub log_format: LogFormat,
}

impl GlobalOptions {
    pub fn or(self, file: GlobalOptions) -> GlobalOptions {
        GlobalOptions {
            data_dir: self.data_dir.or(file.data_dir),
            log: self.log.or(file.log),
            log_format: self.log_format.or(file.log_format),
        }
    }

    /// `home` is the user's home directory, if the environment names one.
    pub fn settle(self, home: Option<PathBuf>) -> Result<GlobalSettings> {
        let at_home = || home.map(|home| home.join(".berth"));
        let data_dir = self.data_dir.or_else(at_home);
        let data_dir = data_dir
            .ok_or_else(|| Usage::error("there is no HOME to keep data in: give --data-dir DIR"))?;
        Ok(GlobalSettings {
            data_dir,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.unwrap_or(LogFormat::Text),
        })
    }
}
