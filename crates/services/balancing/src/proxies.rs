//! What proxies that are alive have found out, in the leader's memory: their reports bring it back after a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_control::cell::{Snapshot, Transaction, WriteError};
use berth_proxy_protocol::{REPORT_EVERY, Report};
use tokio::time::Instant;

use crate::service::Balancing;
use crate::tables::{
    Carriage, ElbId, Health, Listener, LoadBalancer, Target, TargetHealth, TargetKey,
};

/// How often a proxy has to say everything anew: what is about targets that are gone is forgotten then.
const WHOLE_EVERY: Duration = Duration::from_secs(5 * 60);
/// A proxy that was silent for so long is counted out.
pub(crate) const SILENCE: Duration = REPORT_EVERY.saturating_mul(3);
/// More than anybody has, so that nobody who may report can fill the memory with names.
const MOST: usize = 1000;

#[derive(Default)]
pub struct Proxies(Mutex<BTreeMap<String, Proxy>>);

struct Proxy {
    heard_at: Instant,
    whole_at: Instant,
    targets: BTreeMap<TargetKey, Health>,
    down: BTreeMap<ElbId, String>,
    carried: Carried,
}

/// Which balancers a proxy carries, or several together.
#[derive(Clone, Debug, PartialEq)]
enum Carried {
    /// It does not say.
    All,
    These(BTreeSet<ElbId>),
}

impl Default for Carried {
    fn default() -> Self {
        Carried::These(BTreeSet::new())
    }
}

impl Carried {
    fn of(report: &Report) -> Option<Carried> {
        let arns = report.carried.as_ref()?;
        Some(Carried::These(arns.iter().filter_map(|arn| id(arn)).collect()))
    }

    fn add(&mut self, other: &Carried) {
        match (self, other) {
            (Carried::All, _) => {}
            (all, Carried::All) => *all = Carried::All,
            (Carried::These(ids), Carried::These(others)) => ids.extend(others),
        }
    }

    fn has(&self, id: ElbId) -> bool {
        match self {
            Carried::All => true,
            Carried::These(ids) => ids.contains(&id),
        }
    }
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
    carried: Carried,
}

impl Proxies {
    /// Takes in what a proxy, known by this name, says.
    pub fn take(&self, name: &str, report: Report) -> Taken {
        let now = Instant::now();
        let mut proxies = self.lock();
        let is_full = proxies.len() >= MOST;
        let is_due = |proxy: &Proxy| now.duration_since(proxy.whole_at) >= WHOLE_EVERY;
        let (targets, down) = parts(&report);
        let carried = Carried::of(&report);
        match proxies.get_mut(name) {
            Some(proxy) if !report.is_whole => {
                proxy.heard_at = now;
                proxy.targets.extend(targets);
                proxy.down = down;
                if let Some(carried) = carried {
                    proxy.carried = carried;
                }
                if is_due(proxy) { Taken::Incomplete } else { Taken::Yes }
            }
            None if !report.is_whole => Taken::Incomplete,
            None if is_full => Taken::Incomplete,
            _ => {
                let targets = targets.collect();
                let carried = carried.unwrap_or(Carried::All);
                let proxy = Proxy { heard_at: now, whole_at: now, targets, down, carried };
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

    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
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
            verdict.carried.add(&proxy.carried);
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

/// What an ARN ends with.
fn id(arn: &str) -> Option<ElbId> {
    arn.rsplit_once('/')?.1.parse().ok()
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
        let view = self.cell.snapshot();
        let (targets, listeners) = differing(&view, &verdict);
        let carried = newly_carried(&view, &verdict.carried);
        let is_heard = view.get::<Carriage>(&()).is_some_and(|row| row.silent_since.is_none());
        if targets.is_empty() && listeners.is_empty() && carried.is_empty() && is_heard {
            return Ok(());
        }
        let now = self.env.now();
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
            for id in carried {
                tx.update::<LoadBalancer>(&id, |balancer| balancer.carried_at = Some(now));
            }
            if !is_heard {
                tx.put(Carriage { silent_since: None });
            }
            Ok(())
        };
        self.cell.write(write).await
    }

    /// Writes down that no proxy is heard any more, if there was one.
    pub(crate) async fn write_silence(&self) -> Result<(), WriteError<std::convert::Infallible>> {
        let view = self.cell.snapshot();
        if view.get::<Carriage>(&()).is_none_or(|row| row.silent_since.is_some()) {
            return Ok(());
        }
        tracing::warn!("no proxy is heard any more: nobody carries load balancers");
        let silent_since = Some(self.env.now());
        let write = move |tx: &mut Transaction| {
            tx.put(Carriage { silent_since });
            Ok(())
        };
        self.cell.write(write).await
    }
}

/// Balancers that nobody carried before.
fn newly_carried(view: &Snapshot, carried: &Carried) -> Vec<ElbId> {
    let waiting = view.table::<LoadBalancer>().iter().filter(|row| row.carried_at.is_none());
    waiting.map(LoadBalancer::id).filter(|id| carried.has(*id)).collect()
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
