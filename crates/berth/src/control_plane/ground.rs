//! What a control plane stands on for as long as its process lives, whoever leads: addresses, store, audit, metrics.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use berth_control::audit::{Audit, Files, FilesOptions};
use berth_control::cell::{Cell, Options};
use berth_control::env::Env;
use berth_control::health::Health;
use berth_control::idempotency::ClientToken;
use berth_control::metrics::{Collector, Metrics};
use berth_control::sealing::{CellSecret, DataKey};
use berth_control::server::{Listeners, PlainHttp};
use berth_control::tables::Schema;
use berth_store::Store;

use crate::data_dir::{DataDir, RootKeyFile};
use crate::exit::Usage;
use crate::settings::{ServerSettings, TlsSettings};
use crate::{open_files, store};

/// A file of the audit that is this long is followed by another.
const AUDIT_FILE_BYTES: u64 = 64 << 20;
/// How long the audit's last lines may take to be written.
const AUDIT_PATIENCE: Duration = Duration::from_secs(5);

pub struct Ground {
    pub settings: ServerSettings,
    pub tls: TlsSettings,
    pub dir: DataDir,
    pub env: Env,
    pub listeners: Listeners,
    pub metrics: Metrics,
    /// Of what else is in this process.
    pub collectors: Vec<Arc<dyn Collector>>,
    pub health: Health,
    pub root_key: RootKeyFile,
    /// Where the other servers of the cell reach this one; `None` if it has its cell alone.
    pub own_address: Option<String>,
    pub audit: Option<Audit>,
    store: Arc<dyn Store>,
    audit_files: Option<Files>,
}

impl Ground {
    /// In the order in which things can go wrong cheaply: the address first, then the data.
    pub async fn prepare(
        settings: ServerSettings,
        dir: &DataDir,
        collectors: Vec<Arc<dyn Collector>>,
    ) -> Result<Ground> {
        open_files::raise_limit();
        let tls = settings.tls.clone().settle()?;
        let own_address = own_address(&settings, &tls)?;
        let listeners = Listeners::bind(&[settings.listen]).await.context("cannot listen")?;
        let env = Env::system();
        let store = store::open(&settings.store, &settings.etcd, dir).await?;
        let metrics = Metrics::new();
        metrics.install()?;
        let (audit, audit_files) = audit(settings.audit_mib, dir, &env)?.unzip();
        Ok(Ground {
            health: Health::starting(env!("CARGO_PKG_VERSION"), settings.auth.as_str()),
            root_key: dir.root_key_file(settings.root_key_file.clone()),
            dir: dir.clone(),
            settings,
            tls,
            env,
            listeners,
            metrics,
            collectors,
            own_address,
            audit,
            store,
            audit_files,
        })
    }

    /// The cell, loaded: leading, or following if there are other servers.
    pub async fn open_cell(&self) -> Result<Cell> {
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        schema.table::<DataKey>();
        schema.table::<CellSecret>();
        berth_balancing::register_tables(&mut schema);
        berth_ecs::register_tables(&mut schema, &self.env);
        berth_hosts::register_tables(&mut schema);
        berth_identity::register_tables(&mut schema);
        berth_secrets::register_tables(&mut schema);
        let store = self.store.clone();
        let cell = match &self.own_address {
            None => Cell::open(store, schema).await,
            Some(address) => {
                let options = Options { candidate: address.clone(), ..Options::default() };
                Cell::follow(store, schema, options).await
            }
        };
        cell.context("cannot load what the store holds")
    }

    /// Writes the audit's last lines. Nobody may be answered any more.
    pub async fn finish_audit(&mut self) {
        self.audit = None;
        if let Some(files) = self.audit_files.take()
            && tokio::time::timeout(AUDIT_PATIENCE, files.finish()).await.is_err()
        {
            tracing::warn!("the last calls may not be in the audit");
        }
    }
}

/// What one of several servers has to be told, since nobody could guess it.
fn own_address(settings: &ServerSettings, tls: &TlsSettings) -> Result<Option<String>> {
    if !settings.store.is_shared() {
        return Ok(None);
    }
    let address = settings.advertise.as_deref().ok_or_else(|| {
        Usage::error(
            "--store etcd://… is for several servers: give --advertise URL, where agents and the other servers \
             reach this one, such as https://10.0.0.1:4566",
        )
    })?;
    let address = address.trim_end_matches('/');
    let uri: Option<http::Uri> = address.parse().ok();
    let host = uri.as_ref().and_then(http::Uri::host);
    match (uri.as_ref().and_then(http::Uri::scheme_str), host) {
        (Some("https"), Some(_)) => {}
        (Some("http"), Some(_)) if tls.plain_http == PlainHttp::Always => {}
        (Some("http"), Some(_)) => {
            return Err(Usage::error(format!(
                "--advertise {address}: the other servers would be refused there: give https://…, or --plain-http always"
            )));
        }
        _ => {
            return Err(Usage::error(format!(
                "--advertise {address}: a URL such as https://10.0.0.1:4566 expected"
            )));
        }
    }
    if settings.root_key_file.is_none() && !RootKeyFile::is_in_environment() {
        return Err(Usage::error(
            "--store etcd://… needs the root key that all servers of the cell share: --root-key-file FILE or \
             BERTH_ROOT_KEY; `berth root-key --root-key-file FILE add` makes one, to be copied to each",
        ));
    }
    Ok(Some(address.to_owned()))
}

fn audit(kept_mib: u32, dir: &DataDir, env: &Env) -> Result<Option<(Audit, Files)>> {
    if kept_mib == 0 {
        return Ok(None);
    }
    let kept_bytes = u64::from(kept_mib) << 20;
    let (folder, file_bytes) = (dir.audit_folder(), AUDIT_FILE_BYTES.min(kept_bytes));
    let options = FilesOptions { folder, file_bytes, kept_bytes };
    let started = Files::start(options, env.clock.clone());
    started.context("the audit cannot be written").map(Some)
}
