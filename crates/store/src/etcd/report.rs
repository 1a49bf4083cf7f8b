//! How a cluster and the cell in it are, without changing or needing anything: for `berth doctor`.

use tokio::time::Instant;

use super::client::{Client, path};
use super::failure::Failure;
use super::layout::{self, Layout, Span};
use super::messages::{
    AlarmRequest, AlarmResponse, MemberListResponse, Nothing, RangeRequest, StatusResponse,
};
use super::options::EtcdOptions;
use super::request::{get, range};
use crate::{Revision, StoreError};

/// What is found out about etcd, as far as anybody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EtcdReport {
    /// Those whose addresses were given, in that order.
    pub members: Vec<MemberReport>,
    /// How many members the cluster says that it has.
    pub cluster_members: Option<usize>,
    /// Alarms that are raised, in etcd's words, with the member's name or id.
    pub alarms: Vec<(String, &'static str)>,
    /// Whether etcd still has what was so many of its revisions ago.
    pub uncompacted_beyond: Option<u64>,
    pub cell: Result<Option<CellReport>, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberReport {
    pub address: String,
    /// Why it does not answer, if it does not.
    pub status: Result<MemberStatus, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStatus {
    pub version: String,
    pub cluster: u64,
    pub leads: bool,
    pub knows_leader: bool,
    pub is_learner: bool,
    /// Its file's size.
    pub allocated_bytes: u64,
    pub used_bytes: u64,
    /// Known since etcd 3.6.
    pub quota_bytes: Option<u64>,
    pub errors: Vec<String>,
}

/// The cell under the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellReport {
    pub format: String,
    pub head: Revision,
    pub folded: Revision,
    pub records: u64,
    pub logged: u64,
    /// What the leader calls itself.
    pub leader: Option<String>,
}

/// So many old revisions are no reason to worry.
const MANY_REVISIONS: i64 = 200_000;

/// Asks every member, and the cluster by way of any.
pub(super) async fn inspect(options: &EtcdOptions) -> Result<EtcdReport, StoreError> {
    let client = Client::new(options)?;
    let mut members = Vec::new();
    for member in client.members() {
        let deadline = Instant::now() + options.patience / 2;
        let status: Result<StatusResponse, Failure> =
            client.ask(member, path::STATUS, &Nothing {}, deadline).await;
        let status = status.map(status_of).map_err(|failure| said(&client, failure));
        members.push(MemberReport { address: member.address.clone(), status });
    }
    let mut report = EtcdReport {
        members,
        cluster_members: None,
        alarms: Vec::new(),
        uncompacted_beyond: None,
        cell: Ok(None),
    };
    if report.members.iter().all(|member| member.status.is_err()) {
        report.cell = Err("no member answers".to_owned());
        return Ok(report);
    }
    let known: MemberListResponse =
        client.call(path::MEMBERS, &Nothing {}).await.unwrap_or_default();
    report.cluster_members = (!known.members.is_empty()).then_some(known.members.len());
    let alarms: AlarmResponse =
        client.call(path::ALARM, &AlarmRequest { action: 0 }).await.unwrap_or_default();
    report.alarms = alarms
        .alarms
        .iter()
        .map(|alarm| {
            let member = known.members.iter().find(|member| member.id == alarm.member_id);
            let name = member.map(|member| member.name.clone());
            let kind = if alarm.alarm == 1 { "NOSPACE" } else { "CORRUPT" };
            (name.unwrap_or_else(|| format!("{:x}", alarm.member_id)), kind)
        })
        .collect();
    let layout = Layout::new(&options.prefix);
    report.uncompacted_beyond = uncompacted(&client, &layout).await;
    report.cell = cell(&client, &layout).await.map_err(|failure| said(&client, failure));
    Ok(report)
}

fn said(client: &Client, failure: Failure) -> String {
    match failure {
        Failure::Unreachable(text) | Failure::NoQuorum(text) => text,
        other => other.of_store(client.name()).to_string(),
    }
}

fn status_of(status: StatusResponse) -> MemberStatus {
    let bytes = |number: i64| u64::try_from(number).unwrap_or_default();
    let (cluster, member) =
        status.header.as_ref().map_or((0, 0), |header| (header.cluster_id, header.member_id));
    MemberStatus {
        version: status.version,
        cluster,
        leads: status.leader == member,
        knows_leader: status.leader != 0,
        is_learner: status.is_learner,
        allocated_bytes: bytes(status.db_size),
        used_bytes: bytes(status.db_size_in_use),
        quota_bytes: (status.db_size_quota > 0).then(|| bytes(status.db_size_quota)),
        errors: status.errors,
    }
}

async fn uncompacted(client: &Client, layout: &Layout) -> Option<u64> {
    let now = client.range(get(layout.head())).await.ok()?.header?.revision;
    let revision = now.checked_sub(MANY_REVISIONS).filter(|revision| *revision > 1)?;
    let old = RangeRequest { revision, count_only: true, ..get(layout.head()) };
    client.range(old).await.ok()?;
    u64::try_from(MANY_REVISIONS).ok()
}

async fn cell(client: &Client, layout: &Layout) -> Result<Option<CellReport>, Failure> {
    let value = async |key| {
        let found = client.range(get(key)).await?;
        Ok::<_, Failure>(found.kvs.into_iter().next().map(|kv| kv.value))
    };
    let text = |bytes: bytes::Bytes| String::from_utf8_lossy(&bytes).into_owned();
    let count = async |span: Span| {
        let counted = RangeRequest { count_only: true, ..range(&span) };
        let found = client.range(counted).await?;
        Ok::<_, Failure>(u64::try_from(found.count).unwrap_or_default())
    };
    let Some(format) = value(layout.format()).await? else { return Ok(None) };
    let number = async |key| {
        let found = value(key).await?;
        let number = found.as_deref().and_then(layout::number).map(Revision);
        number.ok_or_else(|| Failure::Damaged("its head or its mark is missing".to_owned()))
    };
    Ok(Some(CellReport {
        format: text(format),
        head: number(layout.head()).await?,
        folded: number(layout.folded()).await?,
        records: count(layout.records()).await?,
        logged: count(layout.whole_log()).await?,
        leader: value(layout.leader()).await?.map(text),
    }))
}
