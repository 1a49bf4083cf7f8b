//! What an actor does: whatever `lifecycle` says is due, and looking where something may be amiss.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use berth_agent_protocol::acs::{IAMRoleCredentials, RoleType};
use berth_lifecycle::{Action, Step, is_stopping, next_actions, stop_cause};
use berth_model::{Region, TaskArn, Timestamp};
use futures_util::future::{BoxFuture, abortable};

use super::super::definition::{ContainerDefinition, Definition};
use super::super::preparation::Circumstances;
use super::super::register::Seen;
use super::super::step::{self, Outcome};
use super::{Actor, Remains, WHOLE_TASK};
use crate::images::SecretLogin;
use crate::{labels, metadata};

impl Actor {
    /// Does everything that is due, and says when to ask again at the latest.
    pub(super) fn act(&mut self) -> Option<Timestamp> {
        let now = self.parts.host.now();
        loop {
            if let Some(reason) = self.refusal.clone() {
                self.end_all(&reason, now);
            }
            if self.cause.is_none() {
                self.cause = stop_cause(&self.view);
            }
            let cleanup_at = self.cleanup_at(now);
            if !self.is_admitted && !is_stopping(&self.view) && !self.is_ended() {
                return None;
            }
            let mut next = next_actions(&self.view, now);
            if !self.is_confirmed && !is_stopping(&self.view) {
                let goes_on = |action: &Action| {
                    matches!(
                        action,
                        Action::Pull { .. } | Action::Create { .. } | Action::Start { .. }
                    )
                };
                next.actions.retain(|action| !goes_on(action));
            }
            let concludes = |action: &Action| matches!(action, Action::Conclude { .. });
            let has_concluded = next.actions.iter().any(concludes);
            for action in next.actions {
                self.begin(action, now);
            }
            // A container that is given up may change what is due for the others.
            if !has_concluded {
                self.clear();
                return next.ask_again_at.into_iter().chain(cleanup_at).min();
            }
        }
    }

    /// When the ended containers may go, unless they may already.
    fn cleanup_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        if !self.is_ended() {
            return None;
        }
        self.parts.ledger.release(&self.task.arn);
        let last = self.containers.iter().filter_map(|container| container.ended_at).max();
        let ended_at = *self.ended_at.get_or_insert(last.unwrap_or(now));
        let at = ended_at + self.parts.host.options.cleanup_after;
        self.view.may_remove |= at <= now;
        (!self.view.may_remove).then_some(at)
    }

    fn begin(&mut self, action: Action, now: Timestamp) {
        let Some(index) = self.index(action.container()) else { return };
        let host = self.parts.host.clone();
        let images = self.parts.images.clone();
        let group = self.group.clone();
        let definition = self.containers[index].definition.clone();
        let id = self.containers[index].id.clone();
        let (step, work): (Step, BoxFuture<'static, Outcome>) = match (action, id) {
            (Action::Conclude { reason, .. }, _) => {
                let view = &mut self.view.containers[index];
                view.reason = view.reason.take().or(reason);
                self.containers[index].end(view, now);
                return;
            }
            (Action::Pull { .. }, _) => {
                let mut definition = definition;
                if let Some(login) = &definition.login {
                    let credentials = self.execution_role();
                    let login = Some(SecretLogin { credentials, ..login.clone() });
                    definition = Arc::new(ContainerDefinition { login, ..(*definition).clone() });
                }
                (Step::Pull, Box::pin(step::pull(host, images, definition)))
            }
            (Action::Create { .. }, _) => {
                let (definition, circumstances, labels) = self.to_make(index);
                let parts = self.parts.clone();
                self.remains = Remains::VolumesAndGroup;
                let work = step::create(parts, group, definition, circumstances, labels);
                (Step::Create, Box::pin(work))
            }
            (Action::Start { .. }, Some(id)) if !definition.port_ranges.is_empty() => {
                // Until it runs it may be made anew: nothing that is heard of this one counts.
                self.containers[index].id = None;
                let (definition, circumstances, labels) = self.to_make(index);
                let parts = self.parts.clone();
                let work =
                    step::start_in_ranges(parts, group, definition, circumstances, labels, id);
                (Step::Start, Box::pin(work))
            }
            (Action::Start { .. }, Some(id)) => {
                (Step::Start, Box::pin(step::start(host, group, id)))
            }
            (Action::Stop { grace, .. }, Some(id)) => {
                (Step::Stop, Box::pin(step::stop(host, id, grace)))
            }
            (Action::Remove { .. }, Some(id)) => (Step::Remove, Box::pin(step::remove(host, id))),
            (Action::Start { .. } | Action::Stop { .. } | Action::Remove { .. }, None) => {
                unreachable!("only a container that was made is started, stopped or removed")
            }
        };
        self.view.containers[index].doing = Some(step);
        self.launch(index, work);
    }

    fn launch(&mut self, index: usize, work: BoxFuture<'static, Outcome>) {
        let (work, abort) = abortable(work);
        if let Some(container) = self.containers.get_mut(index) {
            container.abort = Some(abort);
        }
        self.steps.push(Box::pin(async move { work.await.ok().map(|outcome| (index, outcome)) }));
    }

    fn circumstances(&self, index: usize) -> Circumstances {
        let routed = self.containers[index].definition.routed.as_ref();
        let router = routed.and_then(|routed| self.index(&routed.router));
        Circumstances {
            execution_role: self.execution_role(),
            router: router.and_then(|router| self.containers[router].id.clone()),
        }
    }

    /// The latest of its execution role's credentials; without keys if they have not come yet.
    fn execution_role(&self) -> Option<IAMRoleCredentials> {
        let given = self.task.execution_role_credentials.as_ref()?;
        let latest = self.parts.roles.of_task(&self.task.arn, &RoleType::TaskExecution);
        Some(latest.unwrap_or_else(|| given.clone()))
    }

    fn labels(&self, index: usize) -> BTreeMap<String, String> {
        let container = &self.containers[index];
        let cluster = &self.parts.host.options.cluster;
        let digest = container.image_digest.as_deref();
        let mut labels = labels::of(cluster, &self.task, &container.definition.name, digest);
        if container.definition.is_anchor {
            labels::carry_task(&mut labels, &self.task);
        }
        labels
    }

    /// Tells the container where it is, and how it may ask about it.
    fn give_access(
        &self,
        definition: &mut ContainerDefinition,
        labels: &mut BTreeMap<String, String>,
    ) {
        let environment = &mut definition.spec.environment;
        let region = self.task.arn.parse::<TaskArn>().ok().map(|arn| arn.scope.region);
        metadata::add_surroundings(environment, region.as_ref().map(Region::as_str));
        let Some(id) = self.parts.access.admit(&self.task.arn, &definition.name) else { return };
        metadata::add_endpoints(environment, &id);
        if let Some(role) = &self.task.role_credentials {
            metadata::add_credentials(environment, &role.credentials_id);
        }
        labels::carry_metadata_id(labels, id);
    }

    /// What a container is made from, and with which labels.
    fn to_make(
        &self,
        index: usize,
    ) -> (ContainerDefinition, Circumstances, BTreeMap<String, String>) {
        let mut definition = ContainerDefinition::clone(&self.containers[index].definition);
        let mut labels = self.labels(index);
        if !definition.is_internal {
            self.give_access(&mut definition, &mut labels);
        }
        (definition, self.circumstances(index), labels)
    }

    /// Finds what no event and no answer told.
    pub(super) fn compare(&mut self, index: usize, seen: &Seen) {
        let (view, container) = (&mut self.view.containers[index], &mut self.containers[index]);
        let found = seen.find(&self.task.arn, &view.name);
        match (found, view.is_stopped()) {
            (Some(found), true) if !view.exists && view.doing.is_none() => {
                // It was made although its creation failed: it has to be removed like any other.
                view.exists = true;
                container.id = Some(found.id.clone());
                self.end_for_certain(index);
            }
            (Some(found), true) if found.is_running => self.end_for_certain(index),
            (Some(found), false) if found.is_running != view.is_up() => self.look(index),
            (None, false) if view.exists => self.look(index),
            _ => {}
        }
    }

    /// Stops a container that counts as ended: the engine failed at it, and may have done it all the same.
    pub(super) fn end_for_certain(&mut self, index: usize) {
        let container = &mut self.containers[index];
        let Some(id) = container.id.clone() else { return };
        // An engine that cannot stop it is not asked more often for every sweep that finds it running.
        if std::mem::replace(&mut container.is_ending, true) {
            return;
        }
        let work = step::stop(self.parts.host.clone(), id, Duration::ZERO);
        self.steps.push(Box::pin(async move { Some((index, work.await)) }));
    }

    /// Asks the runtime how the container is; events are hints only.
    pub(super) fn look(&mut self, index: usize) {
        let host = self.parts.host.clone();
        let container = &mut self.containers[index];
        let Some(id) = container.id.clone() else { return };
        if self.view.containers[index].is_stopped() {
            return;
        }
        if container.is_looking {
            container.look_again = true;
            return;
        }
        container.is_looking = true;
        self.steps.push(Box::pin(async move { Some((index, step::look(host, id).await)) }));
    }

    fn end_all(&mut self, reason: &str, now: Timestamp) {
        for (view, container) in self.view.containers.iter_mut().zip(&mut self.containers) {
            if !view.is_stopped() {
                view.reason.get_or_insert_with(|| reason.to_owned());
                container.end(view, now);
            }
        }
    }

    /// The group goes when nothing runs in it any more, and after the last container what they shared.
    fn clear(&mut self) {
        if self.is_ended() && self.remains == Remains::VolumesAndGroup {
            self.remains = Remains::Volumes;
            let work = step::clear(self.parts.host.clone(), Vec::new(), self.group.clone());
            self.steps.push(Box::pin(async move { Some((WHOLE_TASK, work.await)) }));
        }
        let is_last = self.is_ended()
            && self.view.may_remove
            && self.view.containers.iter().all(|view| !view.exists)
            && self.steps.is_empty();
        if is_last && self.remains == Remains::Volumes {
            self.remains = Remains::Nothing;
            let volumes = Definition::volumes_to_remove(&self.task);
            // The group once more: a creation that was given up may have made it a moment too late.
            let work = step::clear(self.parts.host.clone(), volumes, self.group.clone());
            self.steps.push(Box::pin(async move { Some((WHOLE_TASK, work.await)) }));
        }
    }
}
