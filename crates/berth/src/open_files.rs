//! How many files this process may have open. Every connection is one, and every agent has two.
//!
//! Systems start processes with a low limit, for the sake of programs that use `select`, and let them raise it up to
//! another one. A server wants that other one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as it may be. One that cannot be raised is no obstacle until it is reached.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => tracing::info!(limit = shown(maximum), was = shown(current), "open files"),
        Err(error) => {
            tracing::warn!(%error, limit = shown(current), "open files: the limit cannot be raised");
        }
    }
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}
