//! Between streams of which one at least is TLS.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes};

use super::{Meter, Side};

/// As much as one record has.
const BUFFER: usize = 16 * 1024;

pub(in crate::flow) async fn encrypted<C, T>(
    client: &mut C,
    target: &mut T,
    meter: Meter<'_>,
) -> Result<(), Side>
where
    C: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let broke = AtomicBool::new(false);
    let mut client = Watched { stream: client, meter, broke: &broke };
    let unwatched = AtomicBool::new(false);
    let mut target = Watched { stream: target, meter, broke: &unwatched };
    match copy_bidirectional_with_sizes(&mut client, &mut target, BUFFER, BUFFER).await {
        Ok(_) => Ok(()),
        Err(_) if broke.load(Ordering::Relaxed) => Err(Side::Client),
        Err(_) => Err(Side::Target),
    }
}

/// A stream whose bytes are counted as they come, and of which it is known whether it broke.
struct Watched<'a, S> {
    stream: &'a mut S,
    meter: Meter<'a>,
    broke: &'a AtomicBool,
}

impl<S> Watched<'_, S> {
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() {
            self.broke.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<'_, S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = match ready!(Pin::new(&mut *self.stream).poll_read(context, buffer)) {
            // Many end their connections without saying so in TLS: it is the end all the same.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            other => other,
        };
        let read = buffer.filled().len() - before;
        if read > 0 {
            self.meter.carried(read);
        }
        Poll::Ready(self.noted(result))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<'_, S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut *self.stream).poll_write(context, bytes));
        Poll::Ready(self.noted(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut *self.stream).poll_flush(context));
        Poll::Ready(self.noted(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut *self.stream).poll_shutdown(context)) {
            // It is down already.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            result => Poll::Ready(self.noted(result)),
        }
    }
}
