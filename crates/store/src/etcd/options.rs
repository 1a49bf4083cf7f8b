//! Where etcd is and how it is used.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

/// How an etcd store reaches its cluster, and what it does there.
#[derive(Debug, Clone)]
pub struct EtcdOptions {
    /// `HOST:PORT` of members. Each is tried when another does not answer.
    pub endpoints: Vec<String>,
    /// What all keys begin with. Servers with the same prefix are one cell.
    pub prefix: String,
    pub tls: Option<EtcdTls>,
    pub login: Option<EtcdLogin>,
    /// How long a leader that is heard of no more still counts as the leader.
    ///
    /// In whole seconds, at least one; etcd itself makes it longer than its own elections.
    pub lease: Duration,
    /// How long something is tried, on all members, before it has failed.
    pub patience: Duration,
    /// How many batches followers may be behind, at least.
    pub history_batches: u64,
    /// After how many batches the log is folded into the records.
    pub fold_batches: u64,
    /// How long a batch waits to be folded, if there are few.
    pub fold_after: Duration,
    /// How often the leader lets etcd forget what is older than this. None leaves it to etcd or its operator.
    pub compact_every: Option<Duration>,
}

/// TLS to etcd, all in PEM.
#[derive(Clone)]
pub struct EtcdTls {
    /// The authorities whose certificates are believed.
    pub authority: Vec<u8>,
    /// A certificate with its key, if etcd asks clients for one.
    pub identity: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
}

/// Who etcd is told that we are.
#[derive(Clone)]
pub struct EtcdLogin {
    pub user: String,
    pub password: Zeroizing<String>,
}

impl EtcdOptions {
    /// The usual settings.
    pub fn new(endpoints: impl IntoIterator<Item = String>, prefix: impl Into<String>) -> Self {
        EtcdOptions {
            endpoints: endpoints.into_iter().collect(),
            prefix: prefix.into(),
            tls: None,
            login: None,
            lease: Duration::from_secs(5),
            patience: Duration::from_secs(10),
            history_batches: 1024,
            fold_batches: 128,
            fold_after: Duration::from_secs(5),
            compact_every: Some(Duration::from_secs(5 * 60)),
        }
    }
}

impl fmt::Debug for EtcdTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.identity.as_ref().map(|_| "<hidden>");
        f.debug_struct("EtcdTls").field("identity", &identity).finish_non_exhaustive()
    }
}

impl fmt::Debug for EtcdLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EtcdLogin { user, password: _ } = self;
        f.debug_struct("EtcdLogin").field("user", user).field("password", &"<hidden>").finish()
    }
}
