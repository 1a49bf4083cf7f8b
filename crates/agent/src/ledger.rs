//! Who holds how much of this host, and whether another task still fits.
//!
//! The control plane places with its own books; these are here because a task that is told to stop holds
//! its memory and ports until it has ended. Whatever fits goes ahead: there is no queue to be stuck in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use berth_runtime::Transport;
use tokio::sync::Notify;

/// What a task takes of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) cpu_units: u64,
    pub(crate) memory_mib: u64,
    pub(crate) ports: BTreeSet<(u16, Transport)>,
    pub(crate) gpus: BTreeSet<String>,
}

pub(crate) struct Ledger {
    cpu_units: u64,
    memory_mib: u64,
    held: Mutex<BTreeMap<String, Share>>,
    freed: Notify,
}

/// It would not fit an empty host either.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task needs {needed} {unit} and this host has {offered}")]
pub(crate) struct TooLarge {
    needed: u64,
    offered: u64,
    unit: &'static str,
}

impl Ledger {
    pub(crate) fn new(cpu_units: u64, memory_mib: u64) -> Self {
        Self { cpu_units, memory_mib, held: Mutex::default(), freed: Notify::new() }
    }

    /// Waits until there is room, and takes it.
    pub(crate) async fn admit(&self, task: &str, share: &Share) -> Result<(), TooLarge> {
        self.check(share)?;
        loop {
            let freed = self.freed.notified();
            if self.try_admit(task, share) {
                return Ok(());
            }
            freed.await;
        }
    }

    /// Takes the share if there is room for it now.
    pub(crate) fn try_admit(&self, task: &str, share: &Share) -> bool {
        let mut held = self.held();
        let others = || held.iter().filter(|(holder, _)| *holder != task).map(|(_, share)| share);
        let cpu = others().map(|share| share.cpu_units).sum::<u64>() + share.cpu_units;
        let memory = others().map(|share| share.memory_mib).sum::<u64>() + share.memory_mib;
        let fits = cpu <= self.cpu_units
            && memory <= self.memory_mib
            && others().all(|other| {
                other.ports.is_disjoint(&share.ports) && other.gpus.is_disjoint(&share.gpus)
            });
        if fits {
            held.insert(task.to_owned(), share.clone());
        }
        fits
    }

    /// For a task that runs here already, room or not.
    pub(crate) fn record(&self, task: &str, share: &Share) {
        self.held().insert(task.to_owned(), share.clone());
    }

    pub(crate) fn release(&self, task: &str) {
        if self.held().remove(task).is_some() {
            self.freed.notify_waiters();
        }
    }

    fn check(&self, share: &Share) -> Result<(), TooLarge> {
        for (needed, offered, unit) in [
            (share.cpu_units, self.cpu_units, "CPU units"),
            (share.memory_mib, self.memory_mib, "MiB of memory"),
        ] {
            if needed > offered {
                return Err(TooLarge { needed, offered, unit });
            }
        }
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Share>> {
        // Every change is one map operation: a panic elsewhere leaves it whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn share(memory_mib: u64, ports: &[u16]) -> Share {
        let ports = ports.iter().map(|port| (*port, Transport::Tcp)).collect();
        Share { memory_mib, ports, ..Share::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_fits_goes_ahead_of_what_waits() {
        let ledger = Arc::new(Ledger::new(1024, 100));
        ledger.admit("old", &share(60, &[])).await.unwrap();
        let waiting = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.admit("large", &share(50, &[])).await }
        });
        tokio::task::yield_now().await;
        ledger.admit("small", &share(40, &[])).await.unwrap();
        assert!(!waiting.is_finished());
        ledger.release("old");
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_is_held_until_its_task_has_ended() {
        let ledger = Ledger::new(1024, 100);
        assert!(ledger.try_admit("old", &share(0, &[80])));
        assert!(!ledger.try_admit("new", &share(0, &[80, 81])));
        assert!(ledger.try_admit("old", &share(0, &[80])), "its own share is no obstacle");
        ledger.release("old");
        assert!(ledger.try_admit("new", &share(0, &[80, 81])));
    }

    #[test]
    fn a_gpu_is_one_tasks_until_that_has_ended() {
        let ledger = Ledger::new(1024, 100);
        let wanting = |gpu: &str| Share { gpus: [gpu.to_owned()].into(), ..Share::default() };
        assert!(ledger.try_admit("old", &wanting("GPU-a")));
        assert!(!ledger.try_admit("new", &wanting("GPU-a")));
        assert!(ledger.try_admit("other", &wanting("GPU-b")));
        ledger.release("old");
        assert!(ledger.try_admit("new", &wanting("GPU-a")));
    }

    #[tokio::test]
    async fn what_can_never_fit_is_told_at_once() {
        let refusal = Ledger::new(1024, 100).admit("huge", &share(101, &[])).await.unwrap_err();
        assert_eq!(refusal.to_string(), "the task needs 101 MiB of memory and this host has 100");
    }
}
