//! What two processes say to each other: JSON with its length before it, and descriptors beside bytes that mean nothing.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;

use super::estate::Contents;

/// The health of a hundred thousand targets is shorter.
const LONGEST: u32 = 64 << 20;
/// The kernel takes 253 at once.
const AT_ONCE: usize = 64;

/// In this order, from whoever takes over: Hello, Carrying; from the one before: Offer, Yours, Released. Instead of Offer and Yours, Refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub(super) enum Message {
    /// All that whoever asks can speak.
    Hello {
        speaks: Vec<u32>,
        version: String,
    },
    /// One of them. The tenure's descriptors and those of the sockets follow.
    Offer {
        speaks: u32,
        version: String,
        contents: Contents,
    },
    Refused {
        reason: String,
    },
    Carrying,
    Yours,
    Released,
}

pub(super) struct Wire {
    stream: UnixStream,
}

impl Wire {
    pub(super) fn over(stream: UnixStream) -> Wire {
        Wire { stream }
    }

    pub(super) async fn say(&mut self, message: &Message) -> io::Result<()> {
        let text = serde_json::to_vec(message)?;
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.stream.write_all(&length.to_be_bytes()).await?;
        self.stream.write_all(&text).await
    }

    pub(super) async fn hear(&mut self) -> io::Result<Message> {
        let length = self.stream.read_u32().await?;
        if length > LONGEST {
            return Err(io::Error::other(format!("a message of {length} bytes")));
        }
        let mut text = vec![0; length as usize];
        self.stream.read_exact(&mut text).await?;
        Ok(serde_json::from_slice(&text)?)
    }

    pub(super) async fn give<'a>(
        &mut self,
        descriptors: impl Iterator<Item = &'a OwnedFd>,
    ) -> io::Result<()> {
        let descriptors: Vec<BorrowedFd> = descriptors.map(AsFd::as_fd).collect();
        for some in descriptors.chunks(AT_ONCE) {
            let send = || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
                let mut beside = SendAncillaryBuffer::new(&mut space);
                assert!(beside.push(SendAncillaryMessage::ScmRights(some)), "there is room");
                let byte = [IoSlice::new(&[0])];
                sendmsg(&self.stream, &byte, &mut beside, SendFlags::NOSIGNAL)?;
                Ok(())
            };
            self.stream.async_io(Interest::WRITABLE, send).await?;
        }
        Ok(())
    }

    /// So many, or none.
    pub(super) async fn take(&mut self, count: usize) -> io::Result<Vec<OwnedFd>> {
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            let some = self.stream.async_io(Interest::READABLE, || self.take_some()).await?;
            taken.extend(some);
        }
        match taken.len() == count {
            true => Ok(taken),
            false => Err(io::Error::other("more sockets came than were told of")),
        }
    }

    fn take_some(&self) -> io::Result<Vec<OwnedFd>> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let into = &mut [IoSliceMut::new(&mut byte)];
        let received = recvmsg(&self.stream, into, &mut beside, RecvFlags::CMSG_CLOEXEC)?;
        if received.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut taken = Vec::new();
        for message in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(some) = message {
                taken.extend(some);
            }
        }
        if taken.is_empty() || received.flags.contains(ReturnFlags::CTRUNC) {
            // A process that may open no more files gets fewer.
            return Err(io::Error::other("sockets got lost on their way"));
        }
        Ok(taken)
    }
}
