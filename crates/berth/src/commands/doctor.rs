//! `berth doctor`: what is wrong with the state's keeper, and what to do about it.
//!
//! It looks and changes nothing. It may run beside a server; the embedded store's file is then the server's,
//! which is fine. Exit code 1 if anything is wrong that somebody should see to.

mod etcd;

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use berth_store::{EmbeddedStore, EtcdStore, Store, StoreError};

use crate::data_dir::DataDir;
use crate::settings::{EtcdFlags, StoreChoice};

/// One line of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    Fine(String),
    /// Nothing is broken, and something will be if nobody looks at it.
    Advice(String),
    Wrong(String),
}

pub async fn run(
    data_dir: &Path,
    store: Option<StoreChoice>,
    flags: &EtcdFlags,
    out: &mut impl Write,
) -> Result<()> {
    let mut findings = Vec::new();
    match store.unwrap_or(StoreChoice::Embedded) {
        StoreChoice::Memory => {
            findings
                .push(Finding::Advice("a store in memory keeps nothing; use it for tests".into()));
        }
        StoreChoice::Embedded => embedded(data_dir, &mut findings).await,
        StoreChoice::Etcd(address) => {
            let options = flags.options(&address, |name| std::env::var(name).ok())?;
            findings.extend(etcd::judge(&EtcdStore::inspect(&options).await?));
        }
    }
    let mut wrong = 0;
    for finding in findings {
        match finding {
            Finding::Fine(text) => writeln!(out, "ok      {text}")?,
            Finding::Advice(text) => writeln!(out, "advice  {text}")?,
            Finding::Wrong(text) => {
                wrong += 1;
                writeln!(out, "WRONG   {text}")?;
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => bail!("one thing is wrong"),
        _ => bail!("{wrong} things are wrong"),
    }
}

async fn embedded(data_dir: &Path, findings: &mut Vec<Finding>) {
    let at = data_dir.display();
    let dir = match DataDir::existing(data_dir) {
        Ok(dir) => dir,
        Err(error) => return findings.push(Finding::Wrong(format!("{error:#}"))),
    };
    let file = dir.path().join(EmbeddedStore::FILE);
    let Ok(size) = std::fs::metadata(&file).map(|file| file.len()) else {
        let text = format!("{at} has no {}: no server has run here yet", EmbeddedStore::FILE);
        return findings.push(Finding::Wrong(text));
    };
    match EmbeddedStore::open(dir.path()).await {
        Ok(store) => match store.load().await {
            Ok(loaded) => findings.push(Finding::Fine(format!(
                "{}: {size} bytes, {} records at revision {}, each readable",
                file.display(),
                loaded.records.len(),
                loaded.revision
            ))),
            Err(error) => findings.push(Finding::Wrong(error.to_string())),
        },
        Err(StoreError::InUse { .. }) => {
            let text = format!("{}: {size} bytes, in use by a running server", file.display());
            findings.push(Finding::Fine(text));
        }
        Err(error) => findings.push(Finding::Wrong(error.to_string())),
    }
}
