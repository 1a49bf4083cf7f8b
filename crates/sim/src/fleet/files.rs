//! How many agents there is room for: every web socket is an open file, here and in the server.
//!
//! A process has a limit on open files that only an administrator can raise. Two sockets an agent are the rule. Where
//! that does not fit, some agents publish no telemetry, as those of hosts with `ECS_DISABLE_METRICS` do, and have
//! one. When not even that fits, there are fewer agents. Either way the report says so.

use std::fmt;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept free of agents' sockets: for calls, logs, the server's store and whoever else wants to speak to it.
const RESERVE: usize = 48;

/// How many agents there will be, of those asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    pub asked: usize,
    pub agents: usize,
    /// How many of them publish telemetry, and so have two sockets.
    pub with_telemetry: usize,
    /// Whose limit it is if anything had to be left out.
    pub limit: Option<Limit>,
}

/// The limit on open files that leaves the least room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub files: usize,
    pub of_server: bool,
}

impl Room {
    /// `calls` is how many calls there may be at once beside the agents' sockets; each may wait for a connection of its own when
    /// another's is let go of, so that twice as many are open. `server` is the server's limit
    /// if it is known.
    pub(super) fn find(asked: usize, calls: usize, own: usize, server: Option<usize>) -> Room {
        let own = Limit { files: own, of_server: false };
        let server = server.map(|files| Limit { files, of_server: true });
        let limit = server.filter(|server| server.files < own.files).unwrap_or(own);
        let sockets = limit.files.saturating_sub(RESERVE + 2 * calls);
        let agents = asked.min(sockets);
        let with_telemetry = agents.min(sockets - agents);
        let is_whole = with_telemetry == asked;
        Room { asked, agents, with_telemetry, limit: (!is_whole).then_some(limit) }
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Room { asked, agents, with_telemetry, limit } = self;
        write!(f, "{agents} agents")?;
        let Some(Limit { files, of_server }) = limit else { return Ok(()) };
        let whose = if *of_server { "the server" } else { "this process" };
        if agents < asked {
            write!(f, " of {asked}")?;
        }
        write!(
            f,
            ", {with_telemetry} of them with telemetry: {whose} may have {files} files open, and an agent has two web \
             sockets, or one without telemetry"
        )
    }
}

/// Raises this process's limit on open files as far as it may, and gives it.
pub(super) fn raise_limit() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // A limit that cannot be raised still counts as it is.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sockets_an_agent_if_they_fit() {
        let room = Room::find(1_000, 100, 20_000, Some(1 << 20));
        assert_eq!((room.agents, room.with_telemetry, room.limit), (1_000, 1_000, None));
        assert_eq!(Room::find(1, 0, usize::MAX, None).to_string(), "1 agents");
    }

    #[test]
    fn a_tight_limit_takes_telemetry_first_and_then_agents() {
        let server = Limit { files: 20_000, of_server: true };
        let room = Room::find(10_000, 52, 1 << 20, Some(20_000));
        assert_eq!((room.agents, room.with_telemetry), (10_000, 9_848));
        assert_eq!(room.limit, Some(server));
        let room = Room::find(30_000, 52, 1 << 20, Some(20_000));
        assert_eq!((room.agents, room.with_telemetry), (19_848, 0));
        assert!(room.to_string().starts_with("19848 agents of 30000, 0 of them with"), "{room}");
        let own = Room::find(10, 0, 50, None);
        assert_eq!((own.agents, own.with_telemetry), (2, 0));
        assert!(own.to_string().contains("this process may have 50 files"), "{own}");
    }
}
