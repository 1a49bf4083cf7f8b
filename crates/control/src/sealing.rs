//! What is secret is sealed before it is stored: who has the store alone reads none of it.
//!
//! Two layers. A *root key* lives outside of the store and only ever wraps *data keys*; those are few, are kept
//! wrapped in a table, and seal everything else. So a root key may be slow, far away, or changed (only the data
//! keys are wrapped anew), while sealing and unsealing never wait and may happen inside of a transaction.
//!
//! Each secret is bound to its [`Purpose`]: a sealed value that is moved to another row does not open.
//!
//! Start with [`Sealer`]. Where the root key comes from is [`RootKey`]'s affair; [`LocalRootKeys`] are the ones of a file.

mod cipher;
mod data_key;
mod root_key;
mod sealed;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use anyhow::Context;
use zeroize::Zeroizing;

pub use data_key::DataKey;
pub use root_key::{LocalRootKeys, NoRootKeys, RootKey, Unwrapping, Wrapped};
pub use sealed::Sealed;

use crate::cell::{Cell, Transaction};
use crate::env::Env;
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
    ciphers: BTreeMap<u32, Cipher>,
    newest: u32,
}

impl Sealer {
    /// Unwraps the data keys of this cell, makes the first if there is none, and wraps those anew which another root
    /// key than the newest has wrapped. Fails if the root key is not the one that this store was sealed under.
    pub async fn open(cell: &Cell, root: &dyn RootKey, env: &Env) -> anyhow::Result<Sealer> {
        let rows: Vec<DataKey> = cell.snapshot().table::<DataKey>().iter().cloned().collect();
        let mut ciphers = BTreeMap::new();
        let mut rewrapped = Vec::new();
        for row in rows {
            let key = root.unwrap(&row.wrapped).await;
            let key = key.with_context(|| format!("data key {} does not open", row.number))?;
            if !root.is_newest(&row.wrapped) {
                rewrapped.push(DataKey { wrapped: root.wrap(&key).await?, ..row });
            }
            ciphers.insert(row.number, Cipher::new(&key));
        }
        if ciphers.is_empty() {
            let mut key = Zeroizing::new([0; 32]);
            env.ids.fill(&mut *key);
            let wrapped = root.wrap(&key).await.context("the first data key cannot be wrapped")?;
            rewrapped.push(DataKey { number: 1, wrapped, created_at: env.now() });
            ciphers.insert(1, Cipher::new(&key));
        }
        if !rewrapped.is_empty() {
            let keys = rewrapped.len();
            cell.write(move |tx: &mut Transaction| {
                for row in &rewrapped {
                    tx.put(row.clone());
                }
                Ok::<_, Infallible>(())
            })
            .await?;
            tracing::info!(
                keys,
                "data keys are wrapped by the newest root key; older ones can be deleted"
            );
        }
        let newest = *ciphers.keys().next_back().expect("there is one at least");
        Ok(Sealer(Arc::new(Inner { env: env.clone(), ciphers, newest })))
    }

    pub fn seal(&self, purpose: Purpose<'_>, secret: &[u8]) -> Sealed {
        let Inner { env, ciphers, newest } = &*self.0;
        let mut nonce = [0; cipher::NONCE];
        env.ids.fill(&mut nonce);
        let cipher = &ciphers[newest];
        Sealed::new(*newest, nonce, cipher.seal(nonce, &purpose.bound(), secret))
    }

    pub fn unseal(
        &self,
        purpose: Purpose<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealing> {
        let (number, nonce, secret) = sealed.parts().ok_or(Unsealing::Damaged)?;
        let cipher = self.0.ciphers.get(&number).ok_or(Unsealing::UnknownKey(number))?;
        cipher.unseal(nonce, &purpose.bound(), secret).ok_or(Unsealing::Damaged)
    }
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
        f.debug_struct("Sealer").field("newest", &self.0.newest).finish_non_exhaustive()
    }
}
