//! The store that the settings name.

use std::sync::Arc;

use anyhow::{Context, Result};
use berth_store::{EmbeddedStore, EtcdStore, MemoryStore, Store};

use crate::backup_door;
use crate::data_dir::DataDir;
use crate::settings::{EtcdAddress, EtcdFlags, StoreChoice};

const WHAT: &str = "cannot open the store";

/// For a server, which lets backups be made of the store that only it can read.
pub async fn open(choice: &StoreChoice, etcd: &EtcdFlags, dir: &DataDir) -> Result<Arc<dyn Store>> {
    if !choice.is_shared() {
        etcd.refuse_any()?;
    }
    match choice {
        StoreChoice::Memory => Ok(Arc::new(MemoryStore::new())),
        StoreChoice::Embedded => {
            let store = Arc::new(EmbeddedStore::open(dir.path()).await.context(WHAT)?);
            backup_door::open(&store, dir);
            Ok(store)
        }
        StoreChoice::Etcd(address) => Ok(Arc::new(open_etcd(address, etcd).await?)),
    }
}

pub async fn open_etcd(address: &EtcdAddress, etcd: &EtcdFlags) -> Result<EtcdStore> {
    let options = etcd.options(address, |name| std::env::var(name).ok())?;
    EtcdStore::open(options).await.context(WHAT)
}
