//! `berth backup`, `berth restore` and `berth store migrate`: all that a store has, to and from a file or another store.
//!
//! A backup is of one moment, and may be made while servers run. The two others fill an empty store, which
//! no server may lead.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use berth_store::backup::{self, Summary};
use berth_store::{EmbeddedStore, EtcdStore, Loaded, Store, StoreError};
use clap::Subcommand;

use crate::data_dir::DataDir;
use crate::exit::Usage;
use crate::settings::{EtcdFlags, StoreChoice};
use crate::{backup_door, store};

/// Longer than any lease that is sensible: whoever leads after that is alive.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Subcommand)]
pub enum StoreAction {
    /// Copy everything to another store, which has to be empty; no server may run meanwhile
    Migrate {
        /// `embedded` or `etcd://HOST:PORT,…/PREFIX`
        from: StoreChoice,
        /// The same
        to: StoreChoice,
    },
}

/// The stores that a command is about, by name.
pub struct Stores<'a> {
    pub data_dir: &'a Path,
    pub etcd: &'a EtcdFlags,
}

pub async fn save(
    stores: Stores<'_>,
    choice: Option<StoreChoice>,
    file: &Path,
    out: &mut impl Write,
) -> Result<()> {
    let choice = choice.unwrap_or(StoreChoice::Embedded);
    let Summary { revision, records } = match stores.open(&choice, false).await {
        Ok(store) => backup::save(&*store, file).await?,
        Err(error) if is_in_use(&error) => {
            let door = backup_door::path(&DataDir::existing(stores.data_dir)?);
            let stream = UnixStream::connect(&door);
            let stream = stream.with_context(|| {
                format!("a server has the store, and gives no backup at {}", door.display())
            })?;
            backup::receive(file, stream)?
        }
        Err(error) => return Err(error),
    };
    writeln!(out, "wrote {records} records of revision {revision} to {}", file.display())?;
    writeln!(out, "the root key is not in it: without that, its secrets stay sealed for ever")?;
    Ok(())
}

pub async fn restore(
    stores: Stores<'_>,
    choice: Option<StoreChoice>,
    file: &Path,
    out: &mut impl Write,
) -> Result<()> {
    // A file that is no good leaves no trace.
    let loaded = backup::read(file)?;
    let store = stores.open(&choice.unwrap_or(StoreChoice::Embedded), true).await?;
    let Summary { records, .. } = filled(&*store, &loaded).await?;
    Ok(writeln!(out, "restored {records} records of revision {}", loaded.revision)?)
}

pub async fn migrate(
    stores: Stores<'_>,
    from: &StoreChoice,
    to: &StoreChoice,
    out: &mut impl Write,
) -> Result<()> {
    if from == to {
        return Err(Usage::error("a store is not copied to itself"));
    }
    stores.check_nobody_leads(from).await?;
    let source = stores.open(from, false).await?;
    // Nobody writes there while this leads.
    let leadership = tokio::time::timeout(PATIENCE, source.campaign("a migration"));
    let leadership = leadership.await.context("a server leads there: stop it first")??;
    let copied = async {
        let loaded = source.load().await?;
        let target = stores.open(to, true).await?;
        filled(&*target, &loaded).await
    };
    let copied = copied.await;
    source.resign(leadership.fence).await?;
    let Summary { records, .. } = copied?;
    writeln!(
        out,
        "copied {records} records; start servers with the new store, and keep the old one until they run"
    )?;
    Ok(())
}

async fn filled(store: &dyn Store, loaded: &Loaded) -> Result<Summary> {
    let filled = tokio::time::timeout(PATIENCE * 10, backup::refill(store, loaded)).await;
    Ok(filled.context("the store took too long, or a server leads there")??)
}

fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::InUse { .. }))
}

impl Stores<'_> {
    async fn open(&self, choice: &StoreChoice, may_make: bool) -> Result<Arc<dyn Store>> {
        let dir = match choice {
            StoreChoice::Memory => {
                return Err(Usage::error("a store in memory is gone with its server"));
            }
            StoreChoice::Embedded if !may_make => {
                let dir = DataDir::existing(self.data_dir)?;
                if !dir.path().join(EmbeddedStore::FILE).exists() {
                    bail!("there is no store in {}", dir.path().display());
                }
                dir
            }
            StoreChoice::Embedded => DataDir::create(self.data_dir)?,
            StoreChoice::Etcd(address) => {
                return Ok(Arc::new(store::open_etcd(address, self.etcd).await?));
            }
        };
        Ok(Arc::new(EmbeddedStore::open(dir.path()).await?))
    }

    /// Waiting for a server to give way would be in vain.
    async fn check_nobody_leads(&self, choice: &StoreChoice) -> Result<()> {
        let StoreChoice::Etcd(address) = choice else { return Ok(()) };
        let options = self.etcd.options(address, |name| std::env::var(name).ok())?;
        let report = EtcdStore::inspect(&options).await?;
        match report.cell.map_err(anyhow::Error::msg)?.and_then(|cell| cell.leader) {
            Some(leader) => bail!("{leader} leads there: stop all servers first"),
            None => Ok(()),
        }
    }
}
