//! Both directions of a connection, until both are at their ends or one side breaks off.
//!
//! An end that one side makes is made to the other, which may go on sending: a connection that is half closed is a connection.

mod chunk;
mod encrypted;
mod pipe;
mod plain;

use super::activity::Activity;
use super::counts::Counted;

pub(super) use chunk::Chunk;
pub(super) use encrypted::encrypted;
pub(super) use plain::plain;

/// Who broke a connection off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Target,
}

/// Told of everything that was carried.
#[derive(Clone, Copy)]
pub(super) struct Meter<'a> {
    pub(super) activity: &'a Activity,
    pub(super) counted: &'a Counted,
}

impl Meter<'_> {
    fn carried(&self, bytes: usize) {
        self.activity.touch();
        self.counted.bytes(bytes);
    }
}
