//! What an agent lives through on its two sockets, told by a scripted one.
//!
//! The agent here does what it is told and nothing by itself; time is paused, so that waiting is exact.

mod sessions {
    mod acs;
    mod agent;
    mod contents;
    mod protection;
    mod provisioning;
    mod refusals;
    mod silence;
    mod stages;
    mod tcs;
    mod transcripts;
    mod world;
}
