//! Conversations between an agent and a control plane, as texts that tests replay in either role.
//!
//! A transcript is what was on the wire, one thing a line, in the order in which it was there:
//!
//! ```text
//! # A comment.
//! let beat "m-1"
//! client calls RunTask {"cluster": "default", "taskDefinition": "web"}
//! agent calls DiscoverPollEndpoint {"cluster": "default", "containerInstance": "$instance"}
//! server answers {"endpoint": "$_"}
//! agent opens acs clusterArn=default&seqNum=1
//! server says acs {"type": "HeartbeatMessage", "message": {"healthy": true, "messageId": "$beat"}}
//! agent says acs {"type": "HeartbeatAckRequest", "message": {"messageId": "$beat"}}
//! agent hangs up acs
//! pause 20s
//! [agent] server says acs {"type": "…", "message": {}}
//! ```
//!
//! JSON may go on over lines that begin with a space. What differs from one conversation to the next is a
//! variable; see [`Pattern`]. Whoever replays sends the lines of one end, and compares those of the other.
//! `let` says what to send for a variable that nobody has chosen yet. A line that begins with `[agent]` or
//! `[server]` is there only if that end is the one under test.

mod pattern;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

pub use pattern::{Bindings, Mismatch, Pattern};

/// A recorded conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    lines: Vec<Line>,
    lets: Vec<(String, Value)>,
}

/// What happened, and in which line of the text it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub number: usize,
    only: Option<End>,
    pub event: Event,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A user's call, which makes the control plane do something.
    ClientCall {
        operation: String,
        input: Pattern,
    },
    AgentCall {
        operation: String,
        input: Pattern,
    },
    /// To the call before it.
    Answer(Pattern),
    /// With the query of the socket's address.
    Open {
        socket: SocketName,
        query: BTreeMap<String, Pattern>,
    },
    Frame {
        from: End,
        socket: SocketName,
        frame: Pattern,
    },
    HangUp {
        from: End,
        socket: SocketName,
    },
    Pause(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Agent,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SocketName {
    Acs,
    Tcs,
}

impl Transcript {
    /// Panics with the line at fault: a transcript is part of a test.
    pub fn parse(text: &str) -> Self {
        let mut joined: Vec<(usize, String)> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            match joined.last_mut() {
                Some((_, last)) if line.starts_with(' ') => last.push_str(line.trim()),
                _ if line.is_empty() || line.starts_with('#') => {}
                _ => joined.push((at + 1, line.to_owned())),
            }
        }
        let mut transcript = Self { lines: Vec::new(), lets: Vec::new() };
        for (number, line) in joined {
            if let Err(fault) = transcript.add(number, &line) {
                panic!("line {number}: {fault}: {line}");
            }
        }
        transcript
    }

    fn add(&mut self, number: usize, line: &str) -> Result<(), String> {
        if let Some((name, value)) = line.strip_prefix("let ").and_then(|rest| rest.split_once(' '))
        {
            let value = serde_json::from_str(value).map_err(|error| error.to_string())?;
            self.lets.push((name.to_owned(), value));
            return Ok(());
        }
        let (only, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((end, line)) => (Some(from(end)?), line),
            None => (None, line),
        };
        self.lines.push(Line { number, only, event: event(line)? });
        Ok(())
    }

    /// What happens if this end is under test.
    pub fn of(&self, tested: End) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.only.is_none_or(|only| only == tested))
    }

    /// Nothing is known yet but what to say where the transcript leaves it open.
    pub fn bindings(&self) -> Bindings {
        Bindings::with_examples(self.lets.iter().cloned())
    }
}

fn event(line: &str) -> Result<Event, String> {
    let words = |count| line.splitn(count, ' ').collect::<Vec<_>>();
    match words(4)[..] {
        ["client", "calls", operation, input] => {
            Ok(Event::ClientCall { operation: operation.to_owned(), input: input.parse()? })
        }
        ["agent", "calls", operation, input] => {
            Ok(Event::AgentCall { operation: operation.to_owned(), input: input.parse()? })
        }
        ["agent", "opens", name, query] => {
            Ok(Event::Open { socket: socket(name)?, query: parse_query(query)? })
        }
        [end, "hangs", "up", name] => Ok(Event::HangUp { from: from(end)?, socket: socket(name)? }),
        [end, "says", name, frame] => {
            Ok(Event::Frame { from: from(end)?, socket: socket(name)?, frame: frame.parse()? })
        }
        _ => match words(3)[..] {
            ["server", "answers", answer] => Ok(Event::Answer(answer.parse()?)),
            ["pause", time] => {
                let seconds = time.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
                Ok(Event::Pause(Duration::from_secs(seconds.ok_or("a number and `s` expected")?)))
            }
            _ => Err("this is no event".to_owned()),
        },
    }
}

fn from(end: &str) -> Result<End, String> {
    match end {
        "agent" => Ok(End::Agent),
        "server" => Ok(End::Server),
        other => Err(format!("`{other}` is neither agent nor server")),
    }
}

fn socket(name: &str) -> Result<SocketName, String> {
    match name {
        "acs" => Ok(SocketName::Acs),
        "tcs" => Ok(SocketName::Tcs),
        other => Err(format!("`{other}` is neither acs nor tcs")),
    }
}

/// Without percent-encoding, so that people can read it.
fn parse_query(text: &str) -> Result<BTreeMap<String, Pattern>, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').ok_or("NAME=VALUE expected")?;
        Ok((name.to_owned(), Pattern::of_text(value)))
    };
    text.split('&').map(pair).collect()
}

#[cfg(test)]
mod tests;
