//! What the engine's list says of a container: that it is there, and whether it runs.

use berth_model::Timestamp;
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as Status};

use crate::{ContainerState, Exit, Glimpse, Health, Run, RuntimeId};

/// `None` without an id, which no engine leaves out.
pub(super) fn glimpse(found: ContainerSummary) -> Option<Glimpse> {
    Some(Glimpse {
        id: RuntimeId::new(found.id?),
        name: name(found.names),
        labels: found.labels.unwrap_or_default().into_iter().collect(),
        is_running: is_running(found.state),
    })
}

/// As much as is certain of a container that the engine lists and cannot be brought to describe. How one ended is
/// told by the list, when is not: at the latest `now`.
pub(super) fn state(found: ContainerSummary, now: Timestamp) -> Option<ContainerState> {
    let created_at = found.created.map_or(now, |seconds| Timestamp::from_millis(seconds * 1000));
    let code = found.status.as_deref().and_then(exit_code);
    let run = match (found.state, code) {
        (Some(Status::CREATED), _) => Run::Created,
        (state, Some(code)) if !is_running(state) => Run::Ended(Exit {
            code,
            oom_killed: false,
            error: String::new(),
            started_at: Some(created_at),
            ended_at: now,
        }),
        // Not known to have ended: whoever supervises it finds out once it can be looked at.
        _ => Run::Running { started_at: created_at, pid: 0 },
    };
    Some(ContainerState {
        id: RuntimeId::new(found.id?),
        name: name(found.names),
        image: found.image.unwrap_or_default(),
        image_id: found.image_id.unwrap_or_default(),
        labels: found.labels.unwrap_or_default().into_iter().collect(),
        created_at,
        run,
        health: Health::Unchecked,
        ports: Vec::new(),
        addresses: Vec::new(),
    })
}

fn is_running(state: Option<Status>) -> bool {
    use Status::{PAUSED, RESTARTING, RUNNING, STOPPING};
    matches!(state, Some(RUNNING | PAUSED | RESTARTING | STOPPING))
}

/// A container that is linked to has a name of the form `/other/alias` for each link beside its own.
fn name(names: Option<Vec<String>>) -> String {
    let names = names.unwrap_or_default();
    let own =
        names.iter().map(|name| name.trim_start_matches('/')).find(|name| !name.contains('/'));
    own.unwrap_or_default().to_owned()
}

/// `Exited (137) 5 minutes ago`
fn exit_code(status: &str) -> Option<i64> {
    let (code, _) = status.strip_prefix("Exited (")?.split_once(')')?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(2_000_000);

    fn summary(state: &str, status: &str) -> ContainerSummary {
        let value: Value = json!({
            "Id": "0a", "Names": ["/web/db", "/db"], "Image": "busybox", "ImageID": "sha256:1",
            "Created": 1000, "Labels": { "task": "t" }, "State": state, "Status": status,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_glimpse_tells_who_it_is_and_whether_it_runs() {
        for (state, is_running) in
            [("created", false), ("running", true), ("paused", true), ("exited", false)]
        {
            let seen = glimpse(summary(state, "")).unwrap();
            assert_eq!((seen.name.as_str(), seen.is_running), ("db", is_running), "{state}");
            assert_eq!(seen.labels["task"], "t");
        }
    }

    #[test]
    fn what_cannot_be_described_is_not_gone() {
        let run =
            |state: &str, status: &str| super::state(summary(state, status), NOW).unwrap().run;
        assert_eq!(run("created", "Created"), Run::Created);
        let running = Run::Running { started_at: Timestamp::from_millis(1_000_000), pid: 0 };
        assert_eq!(run("running", "Up 5 minutes"), running);
        assert_eq!(run("exited", "in words of a later engine"), running, "unknown is not ended");
        let Run::Ended(exit) = run("exited", "Exited (137) 5 minutes ago") else {
            panic!("it ended")
        };
        assert_eq!((exit.code, exit.ended_at), (137, NOW));
    }
}
