//! The store that several servers share, each at the end of its own wire.
//!
//! The records are one [`MemoryStore`]'s; what is told of etcd is what is between them and a server: messages take time, are
//! held up by a partition, and go on their way when whoever sent them is dead. A leader leads under a lease. The store ends the
//! leadership when nothing was heard of the leader for as long as that; the leader gives itself up when it cannot prove any more that it was heard.
//!
//! A commit that a partition swallowed may have been made: nobody can tell, so the leader that sent it has to end.

mod onlooker;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_store::{
    Batch, Committed, Fence, Leader, Leadership, Lease, Loaded, MemoryStore, Revision, Store,
    StoreError,
};
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::life::Life;
use crate::network::{Network, Way};

pub use onlooker::Onlooker;

/// How long a message is held up before the connection counts as broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// One server's way to the store. Dropped, it is heard no more.
pub struct Quorum {
    shared: Arc<Shared>,
    known: watch::Receiver<Option<Leader>>,
    /// What this server's process does by itself.
    life: Life,
}

struct Shared {
    records: MemoryStore,
    wire: Wire,
    /// How long a leader may be silent.
    lease: Duration,
}

#[derive(Clone)]
struct Wire {
    network: Network,
    server: usize,
}

impl Quorum {
    /// The store as the server of this number reaches it, for as long as its process lives. To be called inside a tokio runtime.
    pub fn new(
        records: &MemoryStore,
        network: &Network,
        (server, process): (usize, &Life),
        lease: Duration,
    ) -> Self {
        let wire = Wire { network: network.clone(), server };
        let (tell, known) = watch::channel(None);
        let (records, life) = (records.peer(), process.part());
        life.spawn(tell_who_leads(records.leader(), wire.clone(), tell));
        Quorum { shared: Arc::new(Shared { records, wire, lease }), known, life }
    }

    /// Asks over the wire. What was sent arrives, whoever waits for the answer.
    async fn ask<T, F, A>(&self, act: F) -> Result<T, StoreError>
    where
        F: FnOnce(Arc<Shared>) -> A + Send + 'static,
        A: Future<Output = Result<T, StoreError>> + Send,
        T: Send + 'static,
    {
        if self.life.is_over() {
            return Err(StoreError::Stopped("this server is dead".to_owned()));
        }
        let (reply, answer) = oneshot::channel();
        let shared = self.shared.clone();
        tokio::spawn(async move {
            if let Err(error) = shared.wire.carry(Way::Up).await {
                // Nobody may be waiting any more, here and below.
                return drop(reply.send(Err(error)));
            }
            let wire = shared.wire.clone();
            let answer = act(shared).await;
            let carried = wire.carry(Way::Down).await;
            drop(reply.send(carried.and(answer)));
        });
        answer.await.unwrap_or_else(|_| Err(unreachable()))
    }
}

impl Drop for Quorum {
    fn drop(&mut self) {
        self.life.end();
    }
}

impl Wire {
    async fn carry(&self, way: Way) -> Result<(), StoreError> {
        match self.network.carry_to_store(self.server, way, PATIENCE).await {
            true => Ok(()),
            false => Err(unreachable()),
        }
    }
}

fn unreachable() -> StoreError {
    StoreError::Stopped("the store cannot be reached".to_owned())
}

async fn tell_who_leads(
    mut known: watch::Receiver<Option<Leader>>,
    wire: Wire,
    tell: watch::Sender<Option<Leader>>,
) {
    loop {
        // A watch is begun again when its connection broke, and tells how things are then.
        while wire.carry(Way::Down).await.is_err() {}
        let leader = known.borrow_and_update().clone();
        tell.send_if_modified(|told| std::mem::replace(told, leader.clone()) != leader);
        if known.changed().await.is_err() {
            return;
        }
    }
}

#[async_trait]
impl Store for Quorum {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.ask(|shared| async move { shared.records.load().await }).await
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        self.ask(|shared| async move { shared.records.head().await }).await
    }

    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        self.ask(move |shared| async move { shared.records.commit(fence, batch).await }).await
    }

    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        let batches =
            self.ask(move |shared| async move { shared.records.watch(from).await }).await?;
        let wire = self.shared.wire.clone();
        Ok(stream::unfold(Some((batches, wire)), |state| async move {
            let (mut batches, wire) = state?;
            let next = batches.next().await?;
            match wire.carry(Way::Down).await {
                Ok(()) => Some((next, Some((batches, wire)))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed())
    }

    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError> {
        let shared = self.shared.clone();
        shared.wire.carry(Way::Up).await?;
        let elected = shared.records.campaign(candidate).await?;
        let until = Instant::now() + shared.lease;
        let (heard, expires) = watch::channel(until);
        // The store's own clock: it goes on whatever becomes of the server.
        tokio::spawn(end_when_silent(shared.clone(), elected.clone(), expires));
        // Whoever is not told, or has stopped waiting, does not make itself heard.
        shared.wire.carry(Way::Down).await?;
        let (prove, proved) = watch::channel(until);
        let (lose, lost) = watch::channel(false);
        self.life.spawn(keep_alive(shared.clone(), elected.clone(), heard, prove, lose));
        let lease = Lease::renewed(lost.clone(), proved);
        Ok(Leadership { fence: elected.fence, lost, lease })
    }

    async fn resign(&self, fence: Fence) -> Result<(), StoreError> {
        self.ask(move |shared| async move { shared.records.resign(fence).await }).await
    }

    fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.known.clone()
    }
}

/// At the store: a leader that was silent for too long is deposed.
async fn end_when_silent(
    shared: Arc<Shared>,
    elected: Leadership,
    expires: watch::Receiver<Instant>,
) {
    let mut until = *expires.borrow();
    loop {
        sleep_until(until).await;
        let renewed = *expires.borrow();
        if renewed <= until {
            // Nothing, if it has ended otherwise.
            return drop(shared.records.resign(elected.fence).await);
        }
        until = renewed;
    }
}

/// At the server: it makes itself heard, and gives up when it does not know whether it was.
async fn keep_alive(
    shared: Arc<Shared>,
    elected: Leadership,
    heard: watch::Sender<Instant>,
    prove: watch::Sender<Instant>,
    lose: watch::Sender<bool>,
) {
    loop {
        let until = *prove.borrow();
        let sent = Instant::now();
        let renewed = timeout_at(until, renew(&shared, &elected, &heard)).await;
        match renewed {
            Ok(true) => prove.send_replace(sent + shared.lease),
            // Told that it leads no more, or not told anything until it was too late.
            Ok(false) | Err(_) => {
                lose.send_replace(true);
                return;
            }
        };
        tokio::select! {
            biased;
            () = told_of_the_end(&shared, &elected) => {
                lose.send_replace(true);
                return;
            }
            () = sleep(shared.lease / 3) => {}
        }
    }
}

/// One word to the store and back, said again as often as it is lost; whether the leadership still stood there.
async fn renew(shared: &Shared, elected: &Leadership, heard: &watch::Sender<Instant>) -> bool {
    loop {
        if shared.wire.carry(Way::Up).await.is_err() {
            continue;
        }
        let stands = !*elected.lost.borrow();
        if stands {
            heard.send_replace(Instant::now() + shared.lease);
        }
        if shared.wire.carry(Way::Down).await.is_ok() {
            return stands;
        }
    }
}

async fn told_of_the_end(shared: &Shared, elected: &Leadership) {
    // An error means that the store is gone, which is an end too.
    drop(elected.lost.clone().wait_for(|lost| *lost).await);
    while shared.wire.carry(Way::Down).await.is_err() {}
}

#[cfg(test)]
mod tests;
