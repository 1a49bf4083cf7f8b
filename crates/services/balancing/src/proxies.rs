//! What proxies that are alive have found out, in the leader's memory: their reports bring it back after a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_control::cell::{Snapshot, Transaction, WriteError};
use berth_proxy_protocol::{REPORT_EVERY, Report};
use tokio::time::Instant;

use crate::service::Balancing;
use crate::tables::{ElbId, Health, Listener, Target, TargetHealth, TargetKey};

/// How often a proxy has to say everything anew: what is about targets that are gone is forgotten then.
const WHOLE_EVERY: Duration = Duration::from_secs(5 * 60);
/// A proxy that was silent for so long is counted out.
const SILENCE: Duration = REPORT_EVERY.saturating_mul(3);
/// More than anybody has, so that nobody who may report can fill the memory with names.
const MOST: usize = 1000;

#[derive(Default)]
pub struct Proxies(Mutex<BTreeMap<String, Proxy>>);

struct Proxy {
    heard_at: Instant,
    whole_at: Instant,
    targets: BTreeMap<TargetKey, Health>,
    down: BTreeMap<ElbId, String>,
}

/// Whether a report was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// It is not known what it adds to: a whole one has to come first.
    Incomplete,
}

/// What all proxies together say.
#[derive(Debug, Default, PartialEq)]
struct Verdict {
    targets: BTreeMap<TargetKey, Health>,
    down: BTreeMap<ElbId, String>,
}

impl Proxies {
    /// Takes in what a proxy, known by this name, says.
    pub fn take(&self, name: &str, report: Report) -> Taken {
        let now = Instant::now();
        let mut proxies = self.lock();
        let is_full = proxies.len() >= MOST;
        let is_due = |proxy: &Proxy| now.duration_since(proxy.whole_at) >= WHOLE_EVERY;
        let (targets, down) = parts(&report);
        match proxies.get_mut(name) {
            Some(proxy) if !report.is_whole => {
                proxy.heard_at = now;
                proxy.targets.extend(targets);
                proxy.down = down;
                if is_due(proxy) { Taken::Incomplete } else { Taken::Yes }
            }
            None if !report.is_whole => Taken::Incomplete,
            None if is_full => Taken::Incomplete,
            _ => {
                let targets = targets.collect();
                let proxy = Proxy { heard_at: now, whole_at: now, targets, down };
                proxies.insert(name.to_owned(), proxy);
                Taken::Yes
            }
        }
    }

    /// Forgets those that have been silent for too long; whether there were any.
    pub fn count_out(&self) -> bool {
        let now = Instant::now();
        let mut proxies = self.lock();
        let before = proxies.len();
        proxies.retain(|_, proxy| now.duration_since(proxy.heard_at) < SILENCE);
        proxies.len() < before
    }

    /// `None` if nobody is there to say anything: what was found last holds then.
    fn verdict(&self) -> Option<Verdict> {
        let proxies = self.lock();
        if proxies.is_empty() {
            return None;
        }
        let mut verdict = Verdict::default();
        for proxy in proxies.values() {
            for (key, health) in &proxy.targets {
                // A target is healthy if one of them finds it so.
                match verdict.targets.get_mut(key) {
                    Some(best) if *best >= *health => {}
                    Some(best) => *best = health.clone(),
                    None => drop(verdict.targets.insert(key.clone(), health.clone())),
                }
            }
            for (listener, reason) in &proxy.down {
                verdict.down.entry(*listener).or_insert_with(|| reason.clone());
            }
        }
        Some(verdict)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Proxy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a report says, in the terms of the tables.
fn parts(
    report: &Report,
) -> (impl Iterator<Item = (TargetKey, Health)> + use<'_>, BTreeMap<ElbId, String>) {
    let id = |arn: &str| -> Option<ElbId> { arn.rsplit_once('/')?.1.parse().ok() };
    let targets = report.targets.iter().filter_map(move |found| {
        let key = (id(&found.group)?, (found.target.clone(), found.port));
        let reason = found.reason.map(|reason| reason_code(reason).to_owned());
        let description = found.description.clone();
        Some((key, Health { state: found.state.into(), reason, description }))
    });
    let down = report.listeners_down.iter();
    let down = down.filter_map(|down| Some((id(&down.listener)?, down.reason.clone()))).collect();
    (targets, down)
}

fn reason_code(reason: berth_proxy_protocol::HealthReason) -> &'static str {
    use berth_proxy_protocol::HealthReason as Reason;
    match reason {
        Reason::InitialHealthChecking => "Elb.InitialHealthChecking",
        Reason::RegistrationInProgress => "Elb.RegistrationInProgress",
        Reason::InternalError => "Elb.InternalError",
        Reason::ResponseCodeMismatch => "Target.ResponseCodeMismatch",
        Reason::Timeout => "Target.Timeout",
        Reason::FailedHealthChecks => "Target.FailedHealthChecks",
    }
}

impl Balancing {
    /// Writes down what proxies have found out, where it is something else than what is written.
    pub(crate) async fn write_findings(&self) -> Result<(), WriteError<std::convert::Infallible>> {
        let Some(verdict) = self.proxies.verdict() else { return Ok(()) };
        let (targets, listeners) = differing(&self.cell.snapshot(), &verdict);
        if targets.is_empty() && listeners.is_empty() {
            return Ok(());
        }
        let write = move |tx: &mut Transaction| {
            for (key, health) in targets {
                // It may be gone meanwhile.
                if tx.get::<Target>(&key).is_some() {
                    let (group, (id, port)) = key;
                    tx.put(TargetHealth { group, id, port, health });
                }
            }
            for (id, down) in listeners {
                tx.update::<Listener>(&id, |listener| listener.down = down);
            }
            Ok(())
        };
        self.cell.write(write).await
    }
}

type Findings = (Vec<(TargetKey, Health)>, Vec<(ElbId, Option<String>)>);

fn differing(view: &Snapshot, verdict: &Verdict) -> Findings {
    let (targets, written) = (view.table::<Target>(), view.table::<TargetHealth>());
    let is_new = |key: &TargetKey, health: &Health| {
        targets.contains(key) && written.get(key).is_none_or(|row| row.health != *health)
    };
    let found = verdict.targets.iter().filter(|(key, health)| is_new(key, health));
    let found = found.map(|(key, health)| (key.clone(), health.clone())).collect();
    let listeners = view.table::<Listener>();
    let told = listeners.indexes().down.iter().map(|(_, id)| *id);
    let concerned: BTreeSet<ElbId> = told.chain(verdict.down.keys().copied()).collect();
    let down = concerned.into_iter().filter_map(|id| {
        let now = verdict.down.get(&id).cloned();
        listeners.get(&id).filter(|row| row.down != now).map(|_| (id, now))
    });
    (found, down.collect())
}
