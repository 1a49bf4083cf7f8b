//! How a command ends, for whoever started it: 0 as asked, 1 it could not, 2 it was asked wrongly.

use std::fmt;
use std::process::ExitCode;

/// Marks an error as one of the command line, the environment or the configuration file.
///
/// clap ends with the same code on flags that it refuses itself.
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    pub fn error(what: impl fmt::Display) -> anyhow::Error {
        anyhow::Error::new(Usage(what.to_string()))
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Says on standard error what went wrong, if anything, and picks the exit code.
pub fn report(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("berth: {error:#}");
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}
