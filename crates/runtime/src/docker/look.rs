//! Looking at containers, and waiting until there is something true to see.

use std::time::Duration;

use bollard::models::ContainerSummary;
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{DockerRuntime, absent_is_none, now, state, summary};
use crate::{ContainerState, ErrorKind, Glimpse, RuntimeError, RuntimeId, Verb};

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
        // The list has no exact instants, so each one is asked for. One that went away meanwhile is no longer in the list.
        let mut states: Vec<ContainerState> = stream::iter(self.summaries().await?)
            .map(|summary| self.describe(summary))
            .buffer_unordered(8)
            .try_filter_map(|state| async move { Ok(state) })
            .try_collect()
            .await?;
        states.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(states)
    }

    /// One request, however many containers there are.
    pub(super) async fn survey_ours(&self) -> Result<Vec<Glimpse>, RuntimeError> {
        let summaries = self.summaries().await?;
        let mut seen: Vec<Glimpse> = summaries.into_iter().filter_map(summary::glimpse).collect();
        seen.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(seen)
    }

    async fn summaries(&self) -> Result<Vec<ContainerSummary>, RuntimeError> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&self.ours()).build();
        self.ask(Verb::List, self.timeouts().question, |docker| async move {
            docker.list_containers(Some(options)).await
        })
        .await
    }

    /// One container that hangs must not hide the others, nor count as gone: then the list's own word has to do.
    async fn describe(
        &self,
        summary: ContainerSummary,
    ) -> Result<Option<ContainerState>, RuntimeError> {
        let Some(id) = summary.id.clone().map(RuntimeId::new) else { return Ok(None) };
        match self.settled(&id).await {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout(_) | ErrorKind::Failed) => {
                tracing::warn!(container = %id, %error, "the engine lists a container and does not describe it");
                Ok(summary::state(summary, now()))
            }
            described => described,
        }
    }
}
