//! Carries frames between a connection and a service's socket until either side has had enough.

use std::pin::pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use super::SocketLimits;
use crate::pipeline::websocket::{Close, Ended, Wire};
use crate::server::Stop;

/// How many times the silence after which a client is pinged ends its connection.
const PATIENCE: u32 = 3;
/// Allocated for every agent, twice. What is longer makes room for itself, for two more system calls.
const READ_BUFFER: usize = 1024;
/// How long a client may take to answer a goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// Returns when the connection is over. The service notices through its channels.
pub(super) async fn run<I>(io: I, mut wire: Wire, limits: &SocketLimits, stop: &Stop)
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(limits.message_limit))
        .max_frame_size(Some(limits.message_limit));
    let mut connection = Connection {
        frames: WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await,
        limits,
        heard_at: Instant::now(),
    };
    let end = tokio::select! {
        end = connection.carry(&mut wire, stop) => end,
        () = stop.now.cancelled() => End::Lost(Ended::Stopping),
    };
    match end {
        End::Goodbye(close, reason) => {
            wire.end(reason);
            drop(wire);
            connection.say_goodbye(close, stop).await;
        }
        End::Lost(reason) => wire.end(reason),
    }
}

/// How frames stop being carried.
enum End {
    /// There is still someone to close with.
    Goodbye(Option<Close>, Ended),
    Lost(Ended),
}

struct Connection<'a, I> {
    frames: WebSocketStream<I>,
    limits: &'a SocketLimits,
    heard_at: Instant,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Connection<'_, I> {
    async fn carry(&mut self, wire: &mut Wire, stop: &Stop) -> End {
        let ping = self.limits.ping;
        // Armed again when it rings and not before: a frame only moves `heard_at`.
        let mut silence = pin!(sleep_until(self.heard_at + ping));
        // A message that the service has no room for yet; nothing more is read meanwhile.
        let mut waiting: Option<String> = None;
        // Whether the service may still close with a word; asked once, as the channel demands.
        let mut undecided = true;
        loop {
            tokio::select! {
                room = wire.incoming.reserve(), if waiting.is_some() => {
                    self.heard_at = Instant::now();
                    // A service that listens no more may still have something to say.
                    if let (Ok(room), Some(text)) = (room, waiting.take()) {
                        room.send(text);
                    }
                }
                frame = self.frames.next(), if waiting.is_none() => match self.heard(frame) {
                    Heard::Text(text) => waiting = Some(text),
                    Heard::Sign => {}
                    Heard::End(end) => return end,
                },
                text = wire.outgoing.recv() => match text {
                    Some(text) => if let Err(end) = self.send(Message::text(text)).await { return end },
                    None => return End::Goodbye(Some(word(&mut wire.close, undecided).await), Ended::Closed(None)),
                },
                close = &mut wire.close, if undecided => {
                    undecided = false;
                    if let Ok(close) = close {
                        return self.flush(&mut wire.outgoing, close).await;
                    }
                }
                () = silence.as_mut() => {
                    let now = Instant::now();
                    let quiet = now - self.heard_at;
                    // A client that is not listened to is not silent.
                    let next = if waiting.is_some() {
                        now + ping
                    } else if quiet >= ping * PATIENCE {
                        return End::Lost(Ended::Lost("the client has fallen silent".to_owned()));
                    } else if quiet >= ping {
                        if let Err(end) = self.send(Message::Ping(Bytes::new())).await { return end }
                        now + ping
                    } else {
                        self.heard_at + ping
                    };
                    silence.as_mut().reset(next);
                }
                () = stop.sockets.cancelled() => {
                    let close = Close::new(Close::GOING_AWAY, "the server stops");
                    return End::Goodbye(Some(close), Ended::Stopping);
                }
            }
        }
    }

    fn heard(&mut self, frame: Option<Result<Message, Error>>) -> Heard {
        self.heard_at = Instant::now();
        let refused = |code, reason: &str| {
            Heard::End(End::Goodbye(Some(Close::new(code, reason)), Ended::Lost(reason.to_owned())))
        };
        match frame {
            Some(Ok(Message::Text(text))) => Heard::Text(text.as_str().to_owned()),
            Some(Ok(Message::Binary(_))) => {
                refused(Close::UNSUPPORTED, "only text frames are understood")
            }
            Some(Ok(Message::Close(frame))) => {
                let close = frame.map(|frame| Close::new(frame.code.into(), frame.reason.as_str()));
                Heard::End(End::Goodbye(None, Ended::Closed(close)))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Sign,
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                refused(Close::TOO_BIG, "the message is too large")
            }
            Some(Err(error)) => Heard::End(End::Lost(Ended::Lost(error.to_string()))),
            None => Heard::End(End::Lost(Ended::Lost("the connection ended".to_owned()))),
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.limits.send_timeout, self.frames.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Lost(Ended::Lost(error.to_string()))),
            Err(_) => Err(End::Lost(Ended::Lost("the client takes no more".to_owned()))),
        }
    }

    /// What the service sent before it closed goes out first.
    async fn flush(&mut self, outgoing: &mut mpsc::Receiver<String>, close: Close) -> End {
        outgoing.close();
        while let Some(text) = outgoing.recv().await {
            if let Err(end) = self.send(Message::text(text)).await {
                return end;
            }
        }
        End::Goodbye(Some(close), Ended::Closed(None))
    }

    /// Sends a close frame and waits for the client's, since whoever cuts the line first may cut off words.
    async fn say_goodbye(mut self, close: Option<Close>, stop: &Stop) {
        let frame = close.map(|close| CloseFrame {
            code: CloseCode::from(close.code),
            reason: close.reason.into(),
        });
        let goodbye = async {
            // It fails when the client closed first, and then the answer to that is still to be sent.
            let _ = self.frames.close(frame).await;
            while let Some(Ok(_)) = self.frames.next().await {}
        };
        let _ = stop.now.run_until_cancelled(timeout(GOODBYE, goodbye)).await;
    }
}

/// What a frame means.
enum Heard {
    Text(String),
    /// A sign of life.
    Sign,
    End(End),
}

/// The close frame of a service that has let go of its socket, with a word or without.
async fn word(close: &mut oneshot::Receiver<Close>, undecided: bool) -> Close {
    let close = if undecided { close.await.ok() } else { None };
    close.unwrap_or_else(|| Close::new(Close::NORMAL, ""))
}

#[cfg(test)]
mod tests;
