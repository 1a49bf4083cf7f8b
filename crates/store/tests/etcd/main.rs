//! What only a cluster can do: lose members, be compacted, fill up, ask who we are, answer too late.

mod doors;
mod faults;
mod fixture;
mod leaders;
mod mute_proxy;
mod readers;
