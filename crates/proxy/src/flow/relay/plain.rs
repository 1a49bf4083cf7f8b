//! Between two sockets, as it is.
//!
//! Little goes by a chunk of memory, which takes the fewest calls; once a chunk is full, by a pipe, which copies nothing. In processor
//! time, bulk costs a third of what tokio's `copy_bidirectional` takes; small messages cost a fifth more, for being counted and timed
//! (`benches/flow.rs`).

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::pipe::Pipe;
use super::{Chunk, Meter, Side};

/// What is read at once, and at most kept for a receiver that does not take it.
const LITTLE: usize = 16 * 1024;

pub(in crate::flow) async fn plain(
    client: &mut TcpStream,
    target: &mut TcpStream,
    meter: Meter<'_>,
) -> Result<(), Side> {
    let (from_client, to_client) = client.split();
    let (from_target, to_target) = target.split();
    let mut up = Direction { from: from_client, to: to_target, meter };
    let mut down = Direction { from: from_target, to: to_client, meter };
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
    from: ReadHalf<'a>,
    to: WriteHalf<'a>,
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
    async fn pump(&mut self, broken: Broken) -> Result<(), Side> {
        let mut is_bulk = false;
        loop {
            let pipe = if is_bulk { self.pipe().await.map_err(|_| broken.from)? } else { None };
            let step = match pipe {
                Some(pipe) => self.move_on(pipe, broken).await?,
                None => self.copy(broken).await?,
            };
            match step {
                Step::Moved(bytes) => is_bulk = bytes >= LITTLE,
                Step::Nothing => {}
                Step::End => {
                    // Whoever broke off already is noticed by the other direction.
                    let _ = shutdown(self.to.as_ref(), Shutdown::Write);
                    return Ok(());
                }
            }
        }
    }

    /// One for what there is to move, once there is: nobody waits with a pipe in hand.
    async fn pipe(&self) -> io::Result<Option<Pipe>> {
        self.from.readable().await?;
        // Two that are fast would keep this thread to themselves.
        tokio::task::consume_budget().await;
        Ok(Pipe::take())
    }

    async fn copy(&mut self, broken: Broken) -> Result<Step, Side> {
        let (chunk, read) = self.read().await.map_err(|_| broken.from)?;
        if read == 0 {
            return Ok(Step::End);
        }
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

    /// As tokio reads: after less than there was room for it does not ask the kernel again before there is more.
    async fn read(&mut self) -> io::Result<(Chunk, usize)> {
        poll_fn(|context| {
            let mut chunk = Chunk::take();
            let mut buffer = ReadBuf::new(&mut chunk[..LITTLE]);
            ready!(Pin::new(&mut self.from).poll_read(context, &mut buffer))?;
            let read = buffer.filled().len();
            Poll::Ready(Ok((chunk, read)))
        })
        .await
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
        let from: &TcpStream = self.from.as_ref();
        let to: &TcpStream = self.to.as_ref();
        let read = match from.try_io(Interest::READABLE, || pipe.fill(from)) {
            Ok(0) => return Ok(Step::End),
            Ok(read) => read,
            Err(error) if is_nothing(&error) => return Ok(Step::Nothing),
            Err(_) => return Err(broken.from),
        };
        while !pipe.is_empty() {
            match to.try_io(Interest::WRITABLE, || pipe.drain(to)) {
                Ok(written) => self.meter.carried(written),
                Err(error) if is_nothing(&error) => {
                    to.writable().await.map_err(|_| broken.to)?;
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
