//! SIGHUP: a process is started in place of this one, from the program as it is on the disk now.

use std::convert::Infallible;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How a process says that it takes over.
const TAKE_OVER: &str = "--take-over";

/// From now on the signal does not end this process.
pub fn heard() -> Result<Signal> {
    signal(SignalKind::hangup()).context("cannot hear SIGHUP")
}

/// Starts one for each signal. It takes over as any other would, or fails and is told of.
pub async fn attend(mut reloads: Signal) -> Infallible {
    while reloads.recv().await.is_some() {
        match start() {
            Ok(child) => {
                tracing::info!(pid = child.id(), "started a process to take over");
                tokio::spawn(tell_of_its_end(child));
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "no process can be started");
            }
        }
    }
    std::future::pending().await
}

/// With the arguments that this one had, by the name that it was called by: what has that name now may be newer.
fn start() -> Result<Child> {
    let mut arguments = std::env::args_os();
    let program = arguments.next().context("this process was started without a name")?;
    let arguments = arguments.filter(|argument| argument != TAKE_OVER);
    let mut command = Command::new(&program);
    // The line that says ready was this process's: who read it may not be there any more.
    command.args(arguments).arg(TAKE_OVER).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().with_context(|| format!("cannot start {}", program.display()))
}

async fn tell_of_its_end(mut child: Child) {
    match child.wait().await {
        Ok(status) => tracing::error!(%status, "the process that was to take over has ended"),
        Err(error) => {
            tracing::error!(%error, "nothing is known of the process that was to take over")
        }
    }
}
