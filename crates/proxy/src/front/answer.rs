//! The body of an answer, on its way to a client, and what has to happen at its end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::account::Account;
use super::patience::gone;
use crate::pool::{Download, Raw};

pub(super) enum Content {
    Own(Option<Bytes>),
    Target(Download),
}

/// A body. Whatever is kept for as long as a request lasts is in its account, which ends with it.
pub(super) struct Answer {
    content: Content,
    account: Box<Account>,
    silence: Silence,
}

/// How long nothing has come.
struct Silence {
    most: Duration,
    /// Made when something is waited for, since most answers are here at once.
    waiting: Option<Waiting>,
    is_over: bool,
}

struct Waiting {
    timer: Pin<Box<Sleep>>,
    gone: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Content {
    pub(super) fn own(body: Bytes) -> Content {
        Content::Own((!body.is_empty()).then_some(body))
    }
}

impl Answer {
    pub(super) fn new(content: Content, account: Box<Account>, most_silence: Duration) -> Answer {
        let silence = Silence { most: most_silence, waiting: None, is_over: true };
        Answer { content, account, silence }
    }

    /// What a connection to a target became, if it was upgraded.
    pub(super) fn take_raw(&mut self) -> Option<Raw> {
        match &mut self.content {
            Content::Own(_) => None,
            Content::Target(download) => download.take_raw(),
        }
    }

    /// For what goes on after the answer.
    pub(super) fn into_account(self) -> Box<Account> {
        self.account
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let frame = match &mut this.content {
            Content::Own(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Content::Target(download) => match Pin::new(download).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(this.silence.poll(cx, &this.account));
                    Some(Err(io::ErrorKind::TimedOut.into()))
                }
            },
        };
        this.silence.is_over = true;
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.account.sent(data.len());
                }
            }
            Some(Err(_)) => this.account.broke_off(),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Own(bytes) => bytes.is_none(),
            Content::Target(download) => download.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Own(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Content::Target(download) => download.size_hint(),
        }
    }
}

impl Silence {
    /// Ready when nothing more is to be waited for.
    fn poll(&mut self, cx: &mut Context<'_>, account: &Account) -> Poll<()> {
        let until = Instant::now() + self.most;
        let waiting = self.waiting.get_or_insert_with(|| {
            let standing = account.picked.as_ref().map(|picked| picked.target().standing());
            Waiting { timer: Box::pin(sleep_until(until)), gone: Box::pin(gone(standing)) }
        });
        if std::mem::take(&mut self.is_over) {
            waiting.timer.as_mut().reset(until);
        }
        if waiting.gone.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        waiting.timer.as_mut().poll(cx)
    }
}
