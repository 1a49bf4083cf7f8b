//! Logs: structured, on standard error, so that standard output stays for answers.

use std::io::{self, IsTerminal};

use anyhow::Result;
use tracing_subscriber::EnvFilter;

use crate::exit::Usage;
use crate::settings::{GlobalSettings, LogFormat};

/// To be called once, by the commands that run on.
pub fn start(settings: &GlobalSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.log)
        .map_err(|error| Usage::error(format!("log filter `{}`: {error}", settings.log)))?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    match settings.log_format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    Ok(())
}
