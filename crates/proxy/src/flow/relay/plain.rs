//! Between two sockets, as it is.
//!
//! Little goes by a chunk of memory, which takes the fewest calls; once a chunk is full, by a pipe, which copies nothing. Measured in
//! processor time for the same bytes, bulk costs less than half of what tokio's `copy_bidirectional` takes, and small messages the same.

use std::io;

use rustix::net::{Shutdown, shutdown};
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::pipe::Pipe;
use super::{Chunk, Meter, Side};

/// What is read at once, and at most kept for a receiver that does not take it.
const LITTLE: usize = 16 * 1024;

pub(in crate::flow) async fn plain(
    client: &TcpStream,
    target: &TcpStream,
    meter: Meter<'_>,
) -> Result<(), Side> {
    let up = Direction { from: client, to: target, meter };
    let down = Direction { from: target, to: client, meter };
    tokio::try_join!(
        up.pump(Broken { from: Side::Client, to: Side::Target }),
        down.pump(Broken { from: Side::Target, to: Side::Client }),
    )
    .map(|_| ())
}

/// Who is to blame at which end.
#[derive(Clone, Copy)]
struct Broken {
    from: Side,
    to: Side,
}

struct Direction<'a> {
    from: &'a TcpStream,
    to: &'a TcpStream,
    meter: Meter<'a>,
}

/// What came of one look at what there is.
enum Step {
    Moved(usize),
    Nothing,
    End,
}

impl Direction<'_> {
    /// Until the end of what is sent, which is passed on.
    async fn pump(self, broken: Broken) -> Result<(), Side> {
        let mut is_bulk = false;
        loop {
            self.from.readable().await.map_err(|_| broken.from)?;
            // Two that are fast would keep this thread to themselves.
            tokio::task::consume_budget().await;
            let pipe = if is_bulk { Pipe::take() } else { None };
            let step = match pipe {
                Some(pipe) => self.move_on(pipe, broken).await?,
                None => self.copy(broken).await?,
            };
            match step {
                Step::Moved(bytes) => is_bulk = bytes >= LITTLE,
                Step::Nothing => {}
                Step::End => {
                    // Whoever broke off already is noticed by the other direction.
                    let _ = shutdown(self.to, Shutdown::Write);
                    return Ok(());
                }
            }
        }
    }

    async fn copy(&self, broken: Broken) -> Result<Step, Side> {
        let mut chunk = Chunk::take();
        let read = match self.from.try_read(&mut chunk[..LITTLE]) {
            Ok(0) => return Ok(Step::End),
            Ok(read) => read,
            Err(error) if is_nothing(&error) => return Ok(Step::Nothing),
            Err(_) => return Err(broken.from),
        };
        let written = match self.to.try_write(&chunk[..read]) {
            Ok(written) => written,
            Err(error) if is_nothing(&error) => 0,
            Err(_) => return Err(broken.to),
        };
        self.meter.carried(written);
        if written < read {
            // It may stay for long: in no more memory than it needs.
            let rest: Box<[u8]> = chunk[written..read].into();
            drop(chunk);
            self.write(&rest, broken).await?;
        }
        Ok(Step::Moved(read))
    }

    async fn write(&self, mut rest: &[u8], broken: Broken) -> Result<(), Side> {
        while !rest.is_empty() {
            self.to.writable().await.map_err(|_| broken.to)?;
            match self.to.try_write(rest) {
                Ok(written) => {
                    self.meter.carried(written);
                    rest = &rest[written..];
                }
                Err(error) if is_nothing(&error) => {}
                Err(_) => return Err(broken.to),
            }
        }
        Ok(())
    }

    async fn move_on(&self, mut pipe: Pipe, broken: Broken) -> Result<Step, Side> {
        let read = match self.from.try_io(Interest::READABLE, || pipe.fill(self.from)) {
            Ok(0) => return Ok(Step::End),
            Ok(read) => read,
            Err(error) if is_nothing(&error) => return Ok(Step::Nothing),
            Err(_) => return Err(broken.from),
        };
        while !pipe.is_empty() {
            match self.to.try_io(Interest::WRITABLE, || pipe.drain(self.to)) {
                Ok(written) => self.meter.carried(written),
                Err(error) if is_nothing(&error) => {
                    self.to.writable().await.map_err(|_| broken.to)?;
                }
                Err(_) => return Err(broken.to),
            }
        }
        Ok(Step::Moved(read))
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
