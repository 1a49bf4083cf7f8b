//! Lets `berth backup` have what is in the embedded store while a server has its file: a socket in the data
//! directory, which tells all to whoever connects, and lets nobody do so but the server's own user and root.

use std::io::{self, BufWriter};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use berth_store::{EmbeddedStore, Loaded, Store, backup};
use tokio::net::UnixListener;

use crate::data_dir::DataDir;

/// How long a reader may be stuck.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn path(dir: &DataDir) -> PathBuf {
    dir.path().join("backup.sock")
}

/// Serves for as long as the store is open. A server runs without it, too: the log says if there is none.
pub fn open(store: &Arc<EmbeddedStore>, dir: &DataDir) {
    match listen(dir) {
        Ok(listener) => drop(tokio::spawn(serve(listener, Arc::downgrade(store)))),
        Err(error) => tracing::warn!("no backups while the server runs: {error:#}"),
    }
}

fn listen(dir: &DataDir) -> Result<UnixListener> {
    let path = path(dir);
    // An earlier server's. This one has the store's file, so none runs.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", path.display()));
        }
        _ => {}
    }
    UnixListener::bind(&path).with_context(|| format!("cannot listen at {}", path.display()))
}

async fn serve(listener: UnixListener, store: Weak<EmbeddedStore>) {
    let Some(mut leader) = store.upgrade().map(|store| store.leader()) else { return };
    loop {
        let accepted = tokio::select! {
            biased;
            // Nothing is waited for but that the store goes.
            _ = leader.wait_for(|_| false) => return,
            accepted = listener.accept() => accepted,
        };
        let told = async {
            let (stream, _) = accepted?;
            let (caller, own) = (stream.peer_cred()?.uid(), rustix::process::geteuid().as_raw());
            anyhow::ensure!(caller == own || caller == 0, "user {caller} may not have a backup");
            let store = store.upgrade().context("the store is closed")?;
            let loaded = store.load().await?;
            drop(store);
            let stream = stream.into_std()?;
            tokio::task::spawn_blocking(move || tell(stream, &loaded)).await??;
            Ok(())
        };
        let told: Result<()> = told.await;
        match told {
            Ok(()) => tracing::info!("made a backup"),
            Err(error) => tracing::warn!("a backup was not made: {error:#}"),
        }
    }
}

fn tell(stream: UnixStream, loaded: &Loaded) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    backup::encode(loaded, BufWriter::with_capacity(1 << 20, stream))
}
