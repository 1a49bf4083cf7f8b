//! Who leads a store in memory, and who leads next: whoever has waited longest.

use std::collections::VecDeque;

use tokio::sync::{oneshot, watch};

use crate::{Fence, Leader, Leadership, Lease, StoreError};

/// One of those that share the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Server(pub(super) usize);

impl Server {
    pub(super) const FIRST: Server = Server(0);
}

pub(super) struct Election {
    /// The newest that anybody got. Nobody has it if nobody leads.
    fence: Fence,
    leading: Option<Leading>,
    candidates: VecDeque<Candidate>,
    known: watch::Sender<Option<Leader>>,
}

struct Leading {
    server: Server,
    lost: watch::Sender<bool>,
}

struct Candidate {
    server: Server,
    name: String,
    elected: oneshot::Sender<Leadership>,
}

impl Election {
    pub(super) fn new() -> Self {
        let (known, _) = watch::channel(None);
        Election { fence: Fence(0), leading: None, candidates: VecDeque::new(), known }
    }

    pub(super) fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.known.subscribe()
    }

    /// Whether this fence is the leader's.
    pub(super) fn check(&self, fence: Fence) -> Result<(), StoreError> {
        match &self.leading {
            Some(_) if fence == self.fence => Ok(()),
            _ => Err(StoreError::Fenced { given: fence, current: self.fence }),
        }
    }

    /// A candidate, who hears when it leads, which may be at once. Closing the receiver withdraws it.
    pub(super) fn stand(&mut self, server: Server, name: &str) -> oneshot::Receiver<Leadership> {
        let (elected, candidacy) = oneshot::channel();
        let candidate = Candidate { server, name: name.to_owned(), elected };
        if self.leading.as_ref().is_some_and(|leading| leading.server == server) {
            self.end();
            // Its own place passes on to it.
            self.candidates.push_front(candidate);
        } else {
            self.candidates.push_back(candidate);
        }
        self.elect();
        candidacy
    }

    pub(super) fn resign(&mut self, fence: Fence) {
        if self.check(fence).is_ok() {
            self.end();
            self.elect();
        }
    }

    /// This server leads no more, and waits no more.
    pub(super) fn depose(&mut self, server: Server) {
        self.candidates.retain(|candidate| candidate.server != server);
        if self.leading.as_ref().is_some_and(|leading| leading.server == server) {
            self.end();
            self.elect();
        }
    }

    fn end(&mut self) {
        if let Some(leading) = self.leading.take() {
            self.fence.0 += 1;
            self.known.send_replace(None);
            leading.lost.send_replace(true);
        }
    }

    /// Fills a vacancy.
    fn elect(&mut self) {
        while self.leading.is_none()
            && let Some(Candidate { server, name, elected }) = self.candidates.pop_front()
        {
            let (lost_by_them, lost) = watch::channel(false);
            let fence = Fence(self.fence.0 + 1);
            let lease = Lease::until_lost(lost.clone());
            // Whoever has stopped waiting does not lead.
            if elected.send(Leadership { fence, lost, lease }).is_ok() {
                self.fence = fence;
                self.leading = Some(Leading { server, lost: lost_by_them });
                self.known.send_replace(Some(Leader { candidate: name, fence }));
            }
        }
    }
}
