//! What an agent lives through on its two sockets, told by a scripted one, and whole stories of services, told by
//! hosts that do as they are told.
//!
//! Nothing here happens by itself but what the control plane does; time is paused, so that waiting is exact.

mod sessions {
    mod acs;
    mod agent;
    mod balancers;
    mod contents;
    #[path = "../golden/lender.rs"]
    mod lender;
    mod protection;
    mod provisioning;
    mod refusals;
    mod roles;
    mod services;
    mod silence;
    mod stages;
    mod task_runs;
    mod tcs;
    mod transcripts;
    mod world;
}
