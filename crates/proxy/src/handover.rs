//! One process carries for a directory, and leaves its sockets to the next.
//!
//! Whoever carries holds a [`Tenure`]: a lock, and a socket beside it at which a successor asks. Lock and socket go the way of all other sockets,
//! by file descriptors, so there is no moment in which nobody holds them, and no other process can come in between. Until the
//! successor says that it carries, nothing has changed for the one before it; from then on that one accepts nobody any more. If either
//! dies on the way the other one has everything. ADR 34; `wire.rs` is what they say to each other.

mod estate;
mod tenure;
#[cfg(test)]
mod tests;
mod wire;

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;

pub use estate::Estate;
pub use tenure::Tenure;
use wire::{Message, Wire};

/// What is spoken. A process says all that it knows, the one before it chooses.
const PROTOCOL: u32 = 1;

/// How long either waits for the other.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a process begins to carry for a directory.
pub enum Beginning {
    /// Nobody did.
    First(Tenure),
    Succeeding(Box<Succession>),
}

#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// Somebody does, and nobody said that they are to be succeeded.
    #[error("process {pid} carries for {folder}")]
    Taken { folder: String, pid: String },
    #[error("the process before this one does not hand over: {0}")]
    Refused(String),
    #[error("the process before this one does not answer")]
    Silent,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Half-way: this process has all that it needs to carry, and the one before it carries still.
pub struct Succession {
    wire: Wire,
    estate: Estate,
    tenure: Tenure,
}

/// The process that carried before this one. It still has what it began, and maybe other things that this one is waiting for.
pub struct Predecessor {
    wire: Wire,
}

/// The process that carries in place of this one.
pub struct Successor {
    wire: Wire,
    pid: Option<i32>,
}

/// Begins to carry for this folder, which exists. `version` is for people.
///
/// With `takes_over` somebody who carries already is succeeded; without, they are in the way.
pub async fn begin(
    folder: &Path,
    version: &str,
    takes_over: bool,
) -> Result<Beginning, HandoverError> {
    let asking = async {
        loop {
            if let Some(tenure) = Tenure::begin(folder)? {
                return Ok(Beginning::First(tenure));
            }
            if !takes_over {
                let (folder, pid) = (folder.display().to_string(), tenure::holder(folder));
                return Err(HandoverError::Taken { folder, pid });
            }
            match tenure::knock(folder).await {
                Ok(stream) => match Succession::ask(stream, version).await {
                    // Whoever it was is gone: the lock is free, or somebody else has it.
                    Err(HandoverError::Io(error)) if is_gone(&error) => {}
                    asked => return asked.map(|it| Beginning::Succeeding(Box::new(it))),
                },
                // It has the lock and is about to listen, or it is just ending.
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, asking).await.unwrap_or(Err(HandoverError::Silent))
}

impl Succession {
    async fn ask(stream: UnixStream, version: &str) -> Result<Succession, HandoverError> {
        let mut wire = Wire::over(stream);
        wire.say(&Message::Hello { speaks: vec![PROTOCOL], version: version.to_owned() }).await?;
        let (contents, version) = match wire.hear().await? {
            Message::Offer { speaks: PROTOCOL, contents, version } => (contents, version),
            Message::Refused { reason } => return Err(HandoverError::Refused(reason)),
            other => return Err(HandoverError::Refused(format!("it says {other:?}"))),
        };
        let mut descriptors = wire.take(contents.sockets.len() + Tenure::DESCRIPTORS).await?;
        let sockets = descriptors.split_off(Tenure::DESCRIPTORS);
        let tenure = Tenure::inherited(descriptors)?;
        tracing::info!(version, sockets = sockets.len(), "taking over");
        Ok(Succession { wire, estate: Estate::of(contents, sockets), tenure })
    }

    /// What there is to be had: once.
    pub fn estate(&mut self) -> Estate {
        std::mem::take(&mut self.estate)
    }

    /// Says that this process carries. If the other one has given up on it, it must not; if the other one has died, it does all the more.
    pub async fn carrying(mut self) -> Result<(Tenure, Predecessor), HandoverError> {
        let said = self.wire.say(&Message::Carrying).await;
        let heard = match said {
            Ok(()) => {
                timeout(PATIENCE, self.wire.hear()).await.map_err(|_| HandoverError::Silent)?
            }
            Err(error) => Err(error),
        };
        match heard {
            Ok(Message::Refused { reason }) => return Err(HandoverError::Refused(reason)),
            Ok(_) => {}
            Err(error) if is_gone(&error) => tracing::warn!("the process before this one died"),
            Err(error) => return Err(error.into()),
        }
        self.tenure.write_pid()?;
        Ok((self.tenure, Predecessor { wire: self.wire }))
    }
}

impl Predecessor {
    /// Waits until it has let go of all else that it had, or is gone.
    pub async fn released(mut self) {
        while matches!(self.wire.hear().await, Ok(message) if message != Message::Released) {}
    }
}

impl Tenure {
    /// Waits until another process carries in place of this one. Whoever asks is lent what `lend` gives, with whatever has to be held on to until it
    /// is known what came of it; one that fails on the way is told of in the log, and nothing has changed.
    pub async fn succeeded<G>(
        &self,
        version: &str,
        lend: impl AsyncFn() -> io::Result<(Estate, G)>,
    ) -> Successor {
        loop {
            let (mut wire, pid) = match self.asked().await {
                Ok((stream, pid)) => (Wire::over(stream), pid),
                Err(error) => {
                    tracing::warn!(%error, "nobody can ask to take over");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            match self.hand_over(&mut wire, version, &lend).await {
                Ok(()) => {
                    tracing::info!(pid, "another process carries from here on");
                    return Successor { wire, pid };
                }
                Err(error) => tracing::warn!(%error, pid, "a process did not take over"),
            }
        }
    }

    async fn hand_over<G>(
        &self,
        wire: &mut Wire,
        version: &str,
        lend: impl AsyncFn() -> io::Result<(Estate, G)>,
    ) -> io::Result<()> {
        match in_time(wire.hear()).await? {
            Message::Hello { speaks, version } if speaks.contains(&PROTOCOL) => {
                tracing::info!(version, "a process asks to take over");
            }
            Message::Hello { speaks, .. } => {
                let reason = format!("this is {version}, which speaks {PROTOCOL}, not {speaks:?}");
                wire.say(&Message::Refused { reason: reason.clone() }).await?;
                return Err(io::Error::other(reason));
            }
            other => return Err(io::Error::other(format!("it says {other:?}"))),
        }
        let (estate, _held) = match lend().await {
            Ok(lent) => lent,
            Err(error) => {
                wire.say(&Message::Refused { reason: error.to_string() }).await?;
                return Err(error);
            }
        };
        let (contents, sockets) = estate.parts();
        let offer = Message::Offer { speaks: PROTOCOL, contents, version: version.to_owned() };
        in_time(wire.say(&offer)).await?;
        let own = self.descriptors()?;
        in_time(wire.give(own.iter().chain(&sockets))).await?;
        match in_time(wire.hear()).await {
            Ok(Message::Carrying) => {}
            Ok(other) => return Err(io::Error::other(format!("it says {other:?}"))),
            Err(error) => {
                // It may be about to say it: it has to know that it is too late.
                let reason = "it took too long".to_owned();
                let _gone = wire.say(&Message::Refused { reason }).await;
                return Err(error);
            }
        }
        // Whether this arrives or not: it carries.
        let _gone = wire.say(&Message::Yours).await;
        Ok(())
    }
}

impl Successor {
    pub fn pid(&self) -> Option<i32> {
        self.pid
    }

    /// This process has nothing any more that the other one could be waiting for.
    pub async fn release(mut self) {
        if let Err(error) = self.wire.say(&Message::Released).await {
            tracing::debug!(%error, "the process after this one is gone");
        }
    }
}

async fn in_time<T>(doing: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, doing).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// The other process ended, or is not there yet.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionRefused | ConnectionReset | NotFound | UnexpectedEof
    )
}
