//! What an agent remembers, on a disk that takes its time.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use berth_agent::Memory;

use crate::dice::Dice;

/// One host's state file. It outlives agents; an agent that dies while it writes has not written.
pub struct Disk {
    dice: Mutex<Dice>,
    bytes: Mutex<Option<Vec<u8>>>,
    is_full: AtomicBool,
}

const WRITE_TIME: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_millis(20);

impl Disk {
    pub fn new(dice: Dice) -> Self {
        Self { dice: Mutex::new(dice), bytes: Mutex::new(None), is_full: AtomicBool::new(false) }
    }

    /// Whether there is no room for what is written from now on.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }

    /// As a new disk.
    pub fn wipe(&self) {
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[async_trait]
impl Memory for Disk {
    async fn load(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let time = self.dice.lock().unwrap_or_else(PoisonError::into_inner).duration(&WRITE_TIME);
        tokio::time::sleep(time).await;
        if self.is_full.load(Ordering::Relaxed) {
            anyhow::bail!("no space left on device");
        }
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_write_that_is_cut_short_is_none() {
        let disk = Disk::new(Dice::new(4));
        disk.save(b"old".to_vec()).await.unwrap();
        drop(tokio::time::timeout(Duration::ZERO, disk.save(b"new".to_vec())).await);
        assert_eq!(disk.load().await.unwrap().as_deref(), Some(&b"old"[..]));
        disk.set_full(true);
        disk.save(b"new".to_vec()).await.unwrap_err();
        disk.set_full(false);
        assert_eq!(disk.load().await.unwrap().as_deref(), Some(&b"old"[..]));
        disk.wipe();
        assert_eq!(disk.load().await.unwrap(), None);
    }
}
