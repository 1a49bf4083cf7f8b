//! Requests to whichever member answers.
//!
//! Every request has a deadline. What fails for a reason that may pass is tried on the next member, and after
//! a round of all members again, with a growing pause of random length. So a request may be carried out
//! twice: those of this store compare first, so that the second time changes nothing.

mod watcher;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prost::Message;
use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_prost::ProstCodec;

pub(super) use self::watcher::Watcher;
use super::failure::Failure;
use super::messages::{
    AuthenticateRequest, AuthenticateResponse, RangeRequest, RangeResponse, TxnRequest, TxnResponse,
};
use super::options::{EtcdLogin, EtcdOptions};
use crate::StoreError;

/// The paths of etcd's services.
pub(super) mod path {
    pub(crate) const RANGE: &str = "/etcdserverpb.KV/Range";
    pub(crate) const TXN: &str = "/etcdserverpb.KV/Txn";
    pub(crate) const COMPACT: &str = "/etcdserverpb.KV/Compact";
    pub(crate) const WATCH: &str = "/etcdserverpb.Watch/Watch";
    pub(crate) const GRANT: &str = "/etcdserverpb.Lease/LeaseGrant";
    pub(crate) const REVOKE: &str = "/etcdserverpb.Lease/LeaseRevoke";
    pub(crate) const KEEP_ALIVE: &str = "/etcdserverpb.Lease/LeaseKeepAlive";
    pub(crate) const AUTHENTICATE: &str = "/etcdserverpb.Auth/Authenticate";
    pub(crate) const STATUS: &str = "/etcdserverpb.Maintenance/Status";
    pub(crate) const ALARM: &str = "/etcdserverpb.Maintenance/Alarm";
    pub(crate) const MEMBERS: &str = "/etcdserverpb.Cluster/MemberList";
}

const CONNECT: Duration = Duration::from_secs(2);
/// How long one member has for one request, in the first round. Each round doubles it.
const ANSWER: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: Duration = Duration::from_secs(16);
const SHORTEST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// etcd closes connections on which pings come more often than every five seconds.
const PING: Duration = Duration::from_secs(6);

#[derive(Clone)]
pub(super) struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    members: Vec<Member>,
    /// Who answered last.
    preferred: AtomicUsize,
    login: Option<EtcdLogin>,
    token: Mutex<Option<MetadataValue<Ascii>>>,
    patience: Duration,
    /// For messages.
    name: String,
}

pub(super) struct Member {
    pub(super) address: String,
    channel: Channel,
}

impl Client {
    /// Connects to nobody yet.
    pub(super) fn new(options: &EtcdOptions) -> Result<Self, StoreError> {
        let name = format!("etcd at {}", options.endpoints.join(","));
        let wrong = |detail: String| StoreError::Unreachable { store: name.clone(), detail };
        if options.endpoints.is_empty() {
            return Err(wrong("no address is given".to_owned()));
        }
        let member = |address: &String| {
            Ok(Member { address: address.clone(), channel: channel(address, options)? })
        };
        let members: Result<Vec<_>, tonic::transport::Error> =
            options.endpoints.iter().map(member).collect();
        let members = members.map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            wrong(format!("{error}{}", cause.unwrap_or_default()))
        })?;
        let shared = Shared {
            members,
            preferred: AtomicUsize::new(0),
            login: options.login.clone(),
            token: Mutex::new(None),
            patience: options.patience,
            name,
        };
        Ok(Client { shared: Arc::new(shared) })
    }

    pub(super) fn name(&self) -> &str {
        &self.shared.name
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.shared.members
    }

    pub(super) async fn range(&self, request: RangeRequest) -> Result<RangeResponse, Failure> {
        self.call(path::RANGE, &request).await
    }

    pub(super) async fn txn(&self, request: &TxnRequest) -> Result<TxnResponse, Failure> {
        self.call(path::TXN, request).await
    }

    /// Tries for as long as patience lasts.
    pub(super) async fn call<Q, A>(&self, path: &'static str, request: &Q) -> Result<A, Failure>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        self.call_until(path, request, Instant::now() + self.shared.patience).await
    }

    pub(super) async fn call_until<Q, A>(
        &self,
        path: &'static str,
        request: &Q,
        deadline: Instant,
    ) -> Result<A, Failure>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let (mut answer, mut pause) = (ANSWER, SHORTEST_PAUSE);
        loop {
            let mut failures = Vec::new();
            let first = self.shared.preferred.load(Ordering::Relaxed);
            for turn in 0..self.shared.members.len() {
                let number = (first + turn) % self.shared.members.len();
                let member = &self.shared.members[number];
                let in_time = deadline.min(Instant::now() + answer);
                match self.ask(member, path, request, in_time).await {
                    Ok(answer) => {
                        self.shared.preferred.store(number, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(failure) if failure.may_pass() => {
                        tracing::debug!(member = member.address, path, ?failure, "no answer");
                        failures.push((member.address.as_str(), failure));
                    }
                    Err(failure) => return Err(failure),
                }
            }
            if Instant::now() + pause >= deadline {
                return Err(summary(failures));
            }
            tokio::time::sleep(jittered(pause)).await;
            (answer, pause) = ((answer * 2).min(LONGEST_ANSWER), (pause * 2).min(LONGEST_PAUSE));
        }
    }

    /// Asks one member, and logs in first if that is needed.
    pub(super) async fn ask<Q, A>(
        &self,
        member: &Member,
        path: &'static str,
        request: &Q,
        deadline: Instant,
    ) -> Result<A, Failure>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let asked = async {
            let token = self.token(member, None).await?;
            match unary(member, path, request.clone(), token.clone()).await {
                Err(Failure::Token) if self.shared.login.is_some() => {
                    let token = self.token(member, token).await?;
                    unary(member, path, request.clone(), token).await
                }
                answered => answered,
            }
        };
        match tokio::time::timeout_at(deadline, asked).await {
            Ok(answered) => answered,
            Err(_) => Err(Failure::Unreachable("no answer in time".to_owned())),
        }
    }

    /// A token that is not the refused one. None without a login.
    async fn token(
        &self,
        member: &Member,
        refused: Option<MetadataValue<Ascii>>,
    ) -> Result<Option<MetadataValue<Ascii>>, Failure> {
        let Some(EtcdLogin { user, password }) = &self.shared.login else { return Ok(None) };
        let known = self.shared.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some() && known != refused {
            return Ok(known);
        }
        let request = AuthenticateRequest { name: user.clone(), password: password.to_string() };
        let answer: AuthenticateResponse =
            match unary(member, path::AUTHENTICATE, request, None).await {
                Ok(answer) => answer,
                Err(Failure::Refused(text)) if text.contains("authentication is not enabled") => {
                    tracing::debug!("etcd asks nobody who they are; the login is not used");
                    return Ok(None);
                }
                Err(failure) => return Err(failure),
            };
        let unusable = |_| Failure::Refused("its token is no text".to_owned());
        let token = MetadataValue::try_from(answer.token).map_err(unusable)?;
        *self.shared.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(Some(token))
    }

    /// The member to open a stream to, after so many that did not work.
    fn member(&self, failures: usize) -> &Member {
        let first = self.shared.preferred.load(Ordering::Relaxed);
        &self.shared.members[(first + failures) % self.shared.members.len()]
    }
}

/// Half of this long, at least, so that those who failed together do not come back together.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}

fn channel(address: &str, options: &EtcdOptions) -> Result<Channel, tonic::transport::Error> {
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING)
        .keep_alive_timeout(PING / 2)
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(16 << 20);
    if let Some(tls) = &options.tls {
        let mut config =
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&tls.authority));
        if let Some((certificate, key)) = &tls.identity {
            config = config.identity(Identity::from_pem(certificate, key.as_slice()));
        }
        endpoint = endpoint.tls_config(config)?;
    }
    Ok(endpoint.connect_lazy())
}

/// A connection that takes requests.
async fn ready(member: &Member) -> Result<Grpc<Channel>, Failure> {
    let mut connection = Grpc::new(member.channel.clone()).max_decoding_message_size(usize::MAX);
    match connection.ready().await {
        Ok(()) => Ok(connection),
        Err(error) => Err(Failure::of(&tonic::Status::from_error(error.into()))),
    }
}

fn with_token<Q>(request: Q, token: Option<MetadataValue<Ascii>>) -> tonic::Request<Q> {
    let mut request = tonic::Request::new(request);
    if let Some(token) = token {
        request.metadata_mut().insert("token", token);
    }
    request
}

async fn unary<Q, A>(
    member: &Member,
    path: &'static str,
    request: Q,
    token: Option<MetadataValue<Ascii>>,
) -> Result<A, Failure>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let mut connection = ready(member).await?;
    let codec = ProstCodec::<Q, A>::default();
    let request = with_token(request, token);
    let answered = connection.unary(request, PathAndQuery::from_static(path), codec).await;
    answered.map(tonic::Response::into_inner).map_err(|status| Failure::of(&status))
}

/// What a whole round of failures comes to. A member that answers, if only that it cannot, tells more.
fn summary(failures: Vec<(&str, Failure)>) -> Failure {
    let answered = failures.iter().any(|(_, failure)| matches!(failure, Failure::NoQuorum(_)));
    let texts: Vec<String> = failures
        .into_iter()
        .map(|(address, failure)| match failure {
            Failure::NoQuorum(text) | Failure::Unreachable(text) => format!("{address}: {text}"),
            other => format!("{address}: {other:?}"),
        })
        .collect();
    match answered {
        true => Failure::NoQuorum(texts.join("; ")),
        false => Failure::Unreachable(texts.join("; ")),
    }
}
