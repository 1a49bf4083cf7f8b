//! Clients that speak HTTP/1 (ADR 36).
//!
//! A head is seen whole before anything is made of it (`wire.rs`), and judged as ELB judges it (`head.rs`, `verdict.rs`): what a
//! lax client may write and a strict reader may not read is put right, and a request that two readers could take for two things
//! is refused. Requests are read and answered by one task, one after the other; between two of them a connection is a socket
//! and little else.

mod body;
mod head;
mod patience;
mod response;
#[cfg(test)]
mod tests;
mod verdict;
mod wire;

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;

use super::Front;
use super::answer::Answer;
use super::exchange::exchange;
use super::upgrade::Tunnel;
use super::visit::Visit;
use crate::ending::Ending;
use crate::message::{Outgoing, Stuck};
use crate::pool::Upload;
use crate::socket::Socket;
use response::Asked;
pub(super) use verdict::Verdict;
pub(super) use wire::{Manner, Wire};

/// After so long without a request a connection is one that waits.
const PAUSE: Duration = Duration::from_secs(2);

/// What becomes of a connection.
enum Next {
    /// Another request.
    Wait,
    /// Nothing was asked for a while.
    Rest,
    /// It ends, and the client was told so.
    Leave,
    /// The client has gone.
    Nothing,
    /// It speaks HTTP no more.
    Tunnel(Box<Tunnel>),
}

/// Answers one request after the other until the connection ends, and carries whatever becomes of it.
pub(super) async fn serve(
    socket: Socket,
    front: &Front,
    visit: &Arc<Visit>,
    ending: &Ending,
) -> io::Result<()> {
    let wire = Wire::new(socket, front.manner());
    let mut next = wait(&wire, ending, None).await?;
    loop {
        next = match next {
            // What requests take, they take for as long as they follow each other: connections that wait are many.
            Next::Wait => Box::pin(converse(&wire, visit, ending)).await?,
            Next::Rest => {
                visit.rest();
                wait(&wire, ending, None).await?
            }
            Next::Leave => return wire.leave().await,
            Next::Nothing => return Ok(()),
            Next::Tunnel(tunnel) => return Box::pin(tunnel.carry(front.idle)).await,
        }
    }
}

/// Waits for the beginning of a request, or for `most` of a silence.
async fn wait(wire: &Wire, ending: &Ending, most: Option<Duration>) -> io::Result<Next> {
    tokio::select! {
        biased;
        next = wire.wait(most) => next,
        () = ending.closed() => Ok(Next::Leave),
    }
}

/// Answers requests for as long as they follow each other.
async fn converse(wire: &Wire, visit: &Arc<Visit>, ending: &Ending) -> io::Result<Next> {
    let mut out = Outgoing::default();
    loop {
        match answer(wire, visit, ending, &mut out).await? {
            Next::Wait => {}
            other => return Ok(other),
        }
        match wait(wire, ending, Some(PAUSE)).await? {
            Next::Wait => {}
            other => return Ok(other),
        }
    }
}

/// One request, and what is answered.
async fn answer(
    wire: &Wire,
    visit: &Arc<Visit>,
    ending: &Ending,
    out: &mut Outgoing<Answer>,
) -> io::Result<Next> {
    let Some(heard) = wire.hear().await? else { return Ok(Next::Nothing) };
    let asked = Asked::of(&heard.request);
    let is_refused = heard.verdict.refusal.is_some();
    let request = heard.request.map(|()| heard.body.map_or_else(Upload::default, Upload::new));
    let mut answering = pin!(exchange(Arc::clone(visit), request, heard.verdict));
    let Some(response) = unless_gone(wire, |cx| answering.as_mut().poll(cx)).await else {
        return Ok(Next::Nothing);
    };
    let (mut parts, mut answer) = response.into_parts();
    let tunnel = match parts.status {
        StatusCode::SWITCHING_PROTOCOLS => answer.take_raw(),
        _ => None,
    };
    if let Some(target) = tunnel {
        response::begin_tunnel(out, &parts);
        finish(wire, out).await?;
        let tunnel = Tunnel::new(wire.clone(), target, answer.into_account());
        return Ok(Next::Tunnel(Box::new(tunnel)));
    }
    let stays = !is_refused && !ending.is_asked();
    let stays = response::begin(out, &mut parts, answer, &asked, stays)?;
    if !finish(wire, out).await? {
        return Ok(Next::Nothing);
    }
    Ok(if wire.rest() && stays { Next::Wait } else { Next::Leave })
}

/// Writes all of an answer; false if the client has gone before that.
async fn finish(wire: &Wire, out: &mut Outgoing<Answer>) -> io::Result<bool> {
    let mut sink = wire.clone();
    match unless_gone(wire, |cx| out.poll(&mut sink, cx)).await {
        Some(Ok(())) => Ok(true),
        Some(Err(Stuck::Source(error) | Stuck::Sink(error))) => Err(error),
        None => Ok(false),
    }
}

/// What comes of this, if the client stays for it.
async fn unless_gone<T>(
    wire: &Wire,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    poll_fn(|cx| match poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => wire.poll_gone(cx).map(|()| None),
    })
    .await
}
