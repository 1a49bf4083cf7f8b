//! The keys that a control plane needs before it answers anybody: the administrator's, its certificate authority's, what seals.
//!
//! A server that has its cell alone keeps them in its data directory. Where several servers have one cell, clients must find
//! the same administrator and the same authority at each: both keys are in the store then, sealed, made by the first leader
//! or taken from its data directory; and with them the key by which the servers believe one another.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use berth_control::cell::{Cell, Standing};
use berth_control::env::Env;
use berth_control::pipeline::following::ForwardingKey;
use berth_control::sealing::{CellSecret, DataKey, RootKey, Sealer};
use berth_control::tls::Authority;
use zeroize::Zeroizing;

use crate::data_dir::{AccessKey, DataDir, OwnAuthority, RootKeyFile};

const ADMINISTRATOR: &str = "administrator";
const AUTHORITY_KEY: &str = "tls-authority-key";
const AUTHORITY_CERTIFICATE: &str = "tls-authority-certificate";
const FORWARDING: &str = "forwarding";

pub struct CellKeys {
    pub administrator: AccessKey,
    pub authority: OwnAuthority,
    pub sealer: Sealer,
    /// If there are other servers.
    pub forwarding: Option<ForwardingKey>,
}

impl CellKeys {
    /// Of a server that has its cell alone. What is sealed must open before anybody is served.
    pub async fn of_directory(
        cell: &Cell,
        root: &RootKeyFile,
        dir: &DataDir,
        env: &Env,
    ) -> Result<CellKeys> {
        let is_new = cell.snapshot().table::<DataKey>().is_empty();
        Ok(CellKeys {
            administrator: dir.administrator_or_new()?,
            authority: dir.tls().authority_or_new(env.now())?,
            sealer: Sealer::open(cell, Arc::new(root.keys(is_new)?), env).await?,
            forwarding: None,
        })
    }

    /// Of one of several servers: makes what is missing if it leads, waits for the leader's if not. Clients of this machine
    /// find them in the data directory from then on.
    pub async fn of_cell(
        cell: &Cell,
        root: Arc<dyn RootKey>,
        dir: &DataDir,
        env: &Env,
    ) -> Result<CellKeys> {
        let mut changes = cell.changes();
        let keys = loop {
            let standing = cell.standing();
            match &standing {
                Standing::Leading => make(cell, root.clone(), dir, env).await?,
                Standing::Following { .. } => {}
                Standing::Ended(reason) => bail!("the cell ended before it was used: {reason}"),
            }
            if let Some(keys) = find(cell, root.clone(), env).await? {
                break keys;
            }
            tokio::select! {
                biased;
                _ = cell.until(|now| *now != standing) => {}
                _ = changes.next() => {}
            }
        };
        dir.keep_administrator(&keys.administrator)?;
        dir.tls().keep_authority(&keys.authority.certificate)?;
        Ok(keys)
    }
}

async fn make(cell: &Cell, root: Arc<dyn RootKey>, dir: &DataDir, env: &Env) -> Result<()> {
    let sealer = Sealer::open(cell, root, env).await?;
    let administrator = match dir.administrator()? {
        Some(key) => key,
        None => AccessKey::generate()?,
    };
    let (key, certificate) = match dir.tls().authority()? {
        Some(kept) => kept,
        None => {
            let key = Authority::generate_key()?;
            let certificate = Authority::certify(&key, env.now())?;
            (key, certificate)
        }
    };
    let mut forwarding = Zeroizing::new([0; 32]);
    env.ids.fill(&mut *forwarding);
    let administrator = Zeroizing::new(administrator.render());
    // The certificate after its key, so that whoever sees the second of them sees both.
    let secrets: [(&str, &[u8]); 4] = [
        (ADMINISTRATOR, administrator.as_bytes()),
        (FORWARDING, &*forwarding),
        (AUTHORITY_KEY, key.as_bytes()),
        (AUTHORITY_CERTIFICATE, certificate.as_bytes()),
    ];
    for (name, secret) in secrets {
        CellSecret::offer(cell, &sealer, name, secret).await?;
    }
    Ok(())
}

async fn find(cell: &Cell, root: Arc<dyn RootKey>, env: &Env) -> Result<Option<CellKeys>> {
    let Some(sealer) = Sealer::follow(cell, root, env).await? else { return Ok(None) };
    let snapshot = cell.snapshot();
    let secret = |name: &'static str| {
        CellSecret::find(&snapshot, &sealer, name).with_context(|| format!("the cell's {name}"))
    };
    let (Some(administrator), Some(forwarding), Some(key), Some(certificate)) = (
        secret(ADMINISTRATOR)?,
        secret(FORWARDING)?,
        secret(AUTHORITY_KEY)?,
        secret(AUTHORITY_CERTIFICATE)?,
    ) else {
        return Ok(None);
    };
    let administrator = AccessKey::parse(std::str::from_utf8(&administrator)?)?;
    let forwarding = forwarding.as_slice().try_into().context("32 bytes are a key")?;
    let certificate = std::str::from_utf8(&certificate)?.to_owned();
    let authority = Authority::parse(std::str::from_utf8(&key)?, &certificate)?;
    Ok(Some(CellKeys {
        administrator,
        authority: OwnAuthority { authority: Arc::new(authority), certificate },
        sealer,
        forwarding: Some(ForwardingKey::new(forwarding)),
    }))
}

#[cfg(test)]
mod tests {
    use berth_control::cell::Options;
    use berth_control::sealing::LocalRootKeys;
    use berth_control::tables::Schema;
    use berth_store::MemoryStore;

    use super::*;

    async fn follow(store: MemoryStore, name: &str) -> Cell {
        let mut schema = Schema::new();
        schema.table::<DataKey>().table::<CellSecret>();
        let options = Options { candidate: name.to_owned(), ..Options::default() };
        Cell::follow(Arc::new(store), schema, options).await.expect("it loads")
    }

    fn folder() -> (tempfile::TempDir, DataDir) {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let dir = DataDir::create(temporary.path()).expect("it can be made");
        (temporary, dir)
    }

    fn root() -> Arc<dyn RootKey> {
        let key = "root-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        Arc::new(LocalRootKeys::parse(key, berth_control::env::SystemIds).expect("a key"))
    }

    #[tokio::test]
    async fn servers_of_a_cell_have_the_keys_of_their_first_leader() {
        let (store, env) = (MemoryStore::new(), Env::system());
        let ((_one, one_dir), (_two, two_dir)) = (folder(), folder());
        let one = follow(store.clone(), "one").await;
        let two = follow(store.peer(), "two").await;
        // The follower waits for what the leader makes.
        let (one, two) = tokio::join!(
            CellKeys::of_cell(&one, root(), &one_dir, &env),
            CellKeys::of_cell(&two, root(), &two_dir, &env),
        );
        let (one, two) = (one.expect("keys"), two.expect("keys"));
        assert!(one.administrator == two.administrator);
        assert_eq!(one.authority.certificate, two.authority.certificate);
        assert_eq!(one.authority.authority.fingerprint(), two.authority.authority.fingerprint());
        for dir in [&one_dir, &two_dir] {
            let kept = dir.administrator().expect("readable").expect("it was kept");
            assert!(kept == one.administrator);
            let pem = std::fs::read_to_string(dir.tls().authority_file()).expect("it was kept");
            assert_eq!(pem, one.authority.certificate);
        }
    }

    #[tokio::test]
    async fn the_first_leader_brings_its_own_and_nobody_elses_are_overwritten() {
        let (store, env) = (MemoryStore::new(), Env::system());
        let ((_one, one_dir), (_two, two_dir)) = (folder(), folder());
        let mine = one_dir.administrator_or_new().expect("a key");
        let authority = one_dir.tls().authority_or_new(env.now()).expect("an authority");
        let cell = follow(store.clone(), "one").await;
        cell.until(|standing| *standing == Standing::Leading).await;
        let keys = CellKeys::of_cell(&cell, root(), &one_dir, &env).await.expect("keys");
        assert!(keys.administrator == mine);
        assert_eq!(keys.authority.certificate, authority.certificate);

        let theirs = two_dir.administrator_or_new().expect("a key");
        let cell = follow(store.peer(), "two").await;
        let error = CellKeys::of_cell(&cell, root(), &two_dir, &env).await.err();
        let error = format!("{:#}", error.expect("it is another administrator's"));
        assert!(error.contains("credentials") && error.contains("move it away"), "{error}");
        assert!(two_dir.administrator().expect("readable").expect("there") == theirs);
    }

    #[tokio::test]
    async fn another_root_key_opens_nothing() {
        let (store, env) = (MemoryStore::new(), Env::system());
        let ((_one, one_dir), (_two, two_dir)) = (folder(), folder());
        let cell = follow(store.clone(), "one").await;
        CellKeys::of_cell(&cell, root(), &one_dir, &env).await.expect("keys");
        let other = "root-1 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        let other = LocalRootKeys::parse(other, berth_control::env::SystemIds);
        let other = Arc::new(other.expect("a key"));
        let cell = follow(store.peer(), "two").await;
        cell.caught_up().await.expect("it follows");
        let error = CellKeys::of_cell(&cell, other, &two_dir, &env).await.err();
        assert!(format!("{:#}", error.expect("the key is wrong")).contains("root key `root-1`"));
    }
}
