//! Looking at containers, and waiting until there is something true to see.

use std::time::Duration;

use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{DockerRuntime, absent_is_none, now, state};
use crate::{ContainerState, RuntimeError, RuntimeId, Verb};

/// What a container ends with that was killed by the kernel, or by anybody else.
const KILLED: i64 = 137;

/// By when the engine has heard from the kernel why.
const VERDICT: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(25);

impl DockerRuntime {
    /// The container, its end explained.
    ///
    /// The engine learns of a process's end and of its want of memory on two paths, and the second may be the slower
    /// one: whoever looks at once is told that a container was killed, and not why. So an end by SIGKILL that is fresh
    /// and was not our doing is looked at again until it has a reason or is no longer fresh.
    pub(super) async fn settled(
        &self,
        id: &RuntimeId,
    ) -> Result<Option<ContainerState>, RuntimeError> {
        loop {
            let state = self.look(id).await?;
            let unexplained = state.as_ref().and_then(ContainerState::exit).is_some_and(|exit| {
                exit.code == KILLED && !exit.oom_killed && now().since(exit.ended_at) < VERDICT
            });
            if !unexplained || self.stopped().contains(id) {
                return Ok(state);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn look(&self, id: &RuntimeId) -> Result<Option<ContainerState>, RuntimeError> {
        let inspected = self
            .ask(Verb::Inspect, self.timeouts().question, |docker| async move {
                docker.inspect_container(id.as_str(), None::<InspectContainerOptions>).await
            })
            .await;
        absent_is_none(inspected)?.map(state::container).transpose()
    }

    pub(super) async fn list_ours(&self) -> Result<Vec<ContainerState>, RuntimeError> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&self.ours()).build();
        let summaries = self
            .ask(Verb::List, self.timeouts().question, |docker| async move {
                docker.list_containers(Some(options)).await
            })
            .await?;
        // The list has no exit codes and no instants, so each one is asked for. One that went away meanwhile is no
        // longer in the list.
        let ids = summaries.into_iter().filter_map(|summary| summary.id).map(RuntimeId::new);
        let mut states: Vec<ContainerState> = stream::iter(ids)
            .map(|id| async move { self.settled(&id).await })
            .buffer_unordered(8)
            .try_filter_map(|state| async move { Ok(state) })
            .try_collect()
            .await?;
        states.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(states)
    }
}
