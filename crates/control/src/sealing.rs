//! What is secret is sealed before it is stored: who has the store alone reads none of it.
//!
//! Two layers. A *root key* lives outside of the store and only ever wraps *data keys*; those are few, are kept
//! wrapped in a table, and seal everything else. So a root key may be slow, far away, or changed (only the data
//! keys are wrapped anew), while sealing and unsealing never wait and may happen inside of a transaction.
//!
//! Each secret is bound to its [`Purpose`]: a sealed value that is moved to another row does not open.
//!
//! Data keys are replaced after a while (`rotation.rs`), and what is kept in tables is sealed anew (`rows.rs`).
//!
//! Start with [`Sealer`]. Where the root key comes from is [`RootKey`]'s affair; [`LocalRootKeys`] are the ones of a file.

mod cell_secret;
mod cipher;
mod data_key;
mod root_key;
mod rotation;
mod rows;
mod sealed;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use zeroize::Zeroizing;

pub use cell_secret::CellSecret;
pub use data_key::DataKey;
pub use root_key::{LocalRootKeys, NoRootKeys, RootKey, Unwrapping, Wrapped};
pub use rotation::{Rotation, RotationSettings, ask_for_another};
pub use rows::Seals;
pub use sealed::Sealed;

use crate::cell::{Cell, Feed, Transaction};
use crate::env::Env;
use crate::tables::Record;
use cipher::Cipher;

/// What a secret is for: which table, row and field. Part of what is authenticated, never stored.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// Such as `iam.access-key`.
    pub kind: &'static str,
    /// Which one of its kind.
    pub of: &'a [u8],
}

/// Why something does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsealing {
    #[error("it is sealed with data key {0}, which is not there")]
    UnknownKey(u32),
    #[error("it is damaged, or was sealed for another purpose")]
    Damaged,
}

/// Seals with the newest data key and opens what any of them has sealed. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<Inner>);

struct Inner {
    env: Env,
    root: Arc<dyn RootKey>,
    keys: ArcSwap<Keys>,
}

/// The data keys that there are.
#[derive(Clone)]
struct Keys {
    ciphers: BTreeMap<u32, Arc<Cipher>>,
    newest: u32,
}

impl Keys {
    fn of(ciphers: BTreeMap<u32, Arc<Cipher>>) -> Option<Keys> {
        let newest = *ciphers.keys().next_back()?;
        Some(Keys { ciphers, newest })
    }

    /// Those in the tables, if there are any.
    async fn kept(cell: &Cell, root: &dyn RootKey) -> anyhow::Result<Option<Keys>> {
        let keys = unwrapped(cell, root).await?;
        let ciphers = keys.iter().map(|(row, key)| (row.number, Arc::new(Cipher::new(key))));
        Ok(Keys::of(ciphers.collect()))
    }
}

impl Sealer {
    /// Unwraps the data keys of this cell, makes the first if there is none, and wraps those anew which another root
    /// key than the newest has wrapped. Fails if the root key is not the one that this store was sealed under.
    pub async fn open(cell: &Cell, root: Arc<dyn RootKey>, env: &Env) -> anyhow::Result<Sealer> {
        let mut ciphers = BTreeMap::new();
        let mut rewrapped = Vec::new();
        for (row, key) in unwrapped(cell, &*root).await? {
            if !root.is_newest(&row.wrapped) {
                // Whoever had the old root key may have had this one too: it seals no longer than it has to.
                let is_to_go = row.kept_until.is_none();
                rewrapped.push(DataKey { wrapped: root.wrap(&key).await?, is_to_go, ..row });
            }
            ciphers.insert(row.number, Arc::new(Cipher::new(&key)));
        }
        if !rewrapped.is_empty() {
            let keys = rewrapped.len();
            put(cell, rewrapped).await?;
            tracing::info!(
                keys,
                "data keys are wrapped by the newest root key; older ones can be deleted"
            );
        }
        if ciphers.is_empty() {
            let (wrapped, cipher) = new_key(&*root, env).await?;
            put(cell, vec![DataKey::new(1, wrapped, env.now())]).await?;
            ciphers.insert(1, cipher);
        }
        let keys = ArcSwap::from_pointee(Keys::of(ciphers).expect("there is one at least"));
        Ok(Sealer(Arc::new(Inner { env: env.clone(), root, keys })))
    }

    /// The same on a server that follows, and so writes nothing; `None` as long as no leader has made a data key.
    pub async fn follow(
        cell: &Cell,
        root: Arc<dyn RootKey>,
        env: &Env,
    ) -> anyhow::Result<Option<Sealer>> {
        let Some(keys) = Keys::kept(cell, &*root).await? else { return Ok(None) };
        let keys = ArcSwap::from_pointee(keys);
        Ok(Some(Sealer(Arc::new(Inner { env: env.clone(), root, keys }))))
    }

    /// Takes up and forgets data keys as their rows come and go, for a server that follows, until the cell has ended.
    pub async fn keep_up(self, cell: Cell) {
        let mut changes = cell.changes();
        let concerns = |feed: &Feed| match feed {
            Feed::Committed(commit) => {
                commit.changes.iter().any(|change| change.table() == DataKey::TABLE)
            }
            Feed::Resync => true,
        };
        while let Some(feed) = changes.next().await {
            if !concerns(&feed) {
                continue;
            }
            match Keys::kept(&cell, &*self.0.root).await {
                Ok(Some(keys)) => self.0.keys.store(Arc::new(keys)),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "a new data key is not known here"
                    );
                }
            }
        }
    }

    pub fn seal(&self, purpose: Purpose<'_>, secret: &[u8]) -> Sealed {
        let keys = self.0.keys.load();
        let mut nonce = [0; cipher::NONCE];
        self.0.env.ids.fill(&mut nonce);
        let cipher = &keys.ciphers[&keys.newest];
        Sealed::new(keys.newest, nonce, cipher.seal(nonce, &purpose.bound(), secret))
    }

    pub fn unseal(
        &self,
        purpose: Purpose<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealing> {
        let (number, nonce, secret) = sealed.parts().ok_or(Unsealing::Damaged)?;
        let keys = self.0.keys.load();
        let cipher = keys.ciphers.get(&number).ok_or(Unsealing::UnknownKey(number))?;
        cipher.unseal(nonce, &purpose.bound(), secret).ok_or(Unsealing::Damaged)
    }

    /// Seals the same with the newest data key, unless that has sealed it.
    pub fn seal_anew(&self, purpose: Purpose<'_>, sealed: &mut Sealed) -> Result<(), Unsealing> {
        if sealed.key() != Some(self.newest()) {
            *sealed = self.seal(purpose, &self.unseal(purpose, sealed)?);
        }
        Ok(())
    }

    /// The number of the data key that seals.
    fn newest(&self) -> u32 {
        self.0.keys.load().newest
    }
}

/// For rotation.
impl Sealer {
    /// A data key that nobody has used: wrapped, and to be taken up when it is kept.
    async fn new_key(&self) -> anyhow::Result<(Wrapped, Arc<Cipher>)> {
        new_key(&*self.0.root, &self.0.env).await
    }

    /// Seals with this one from now on.
    fn take_up(&self, newest: u32, cipher: Arc<Cipher>) {
        self.0.keys.rcu(|keys| {
            let mut ciphers = keys.ciphers.clone();
            ciphers.insert(newest, cipher.clone());
            Keys { ciphers, newest }
        });
    }

    fn forget(&self, number: u32) {
        self.0.keys.rcu(|keys| {
            let mut keys = Keys::clone(keys);
            keys.ciphers.remove(&number);
            keys
        });
    }
}

async fn new_key(root: &dyn RootKey, env: &Env) -> anyhow::Result<(Wrapped, Arc<Cipher>)> {
    let mut key = Zeroizing::new([0; 32]);
    env.ids.fill(&mut *key);
    let wrapped = root.wrap(&key).await.context("a new data key cannot be wrapped")?;
    Ok((wrapped, Arc::new(Cipher::new(&key))))
}

async fn put(cell: &Cell, keys: Vec<DataKey>) -> anyhow::Result<()> {
    cell.write(move |tx: &mut Transaction| {
        for key in keys {
            tx.put(key);
        }
        Ok::<_, Infallible>(())
    })
    .await?;
    Ok(())
}

/// The data keys of a cell. An error if the root key is not the one that this store was sealed under.
async fn unwrapped(
    cell: &Cell,
    root: &dyn RootKey,
) -> anyhow::Result<Vec<(DataKey, Zeroizing<[u8; 32]>)>> {
    let rows: Vec<DataKey> = cell.snapshot().table::<DataKey>().iter().cloned().collect();
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let key = root.unwrap(&row.wrapped).await;
        let key = key.with_context(|| format!("data key {} does not open", row.number))?;
        keys.push((row, key));
    }
    Ok(keys)
}

impl Purpose<'_> {
    /// Kinds have no zero bytes, so that no two purposes are bound alike.
    fn bound(&self) -> Vec<u8> {
        [self.kind.as_bytes(), &[0], self.of].concat()
    }
}

/// Shows no key.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("newest", &self.newest()).finish_non_exhaustive()
    }
}
