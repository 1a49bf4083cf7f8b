//! `SubmitTaskStateChange`, as the agent writes it.

use berth_model::Timestamp;
use serde::{Serialize, Serializer};

/// AWS: longer texts are cut by the agent, since the API refuses them.
const MAX_REASON: usize = 1024;

/// All that is known of a task, not only what changed: a report that is lost is made good by the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskStateChange {
    pub(crate) cluster: String,
    pub(crate) task: String,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "epoch_seconds")]
    pub(crate) pull_started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "epoch_seconds")]
    pub(crate) pull_stopped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "epoch_seconds")]
    pub(crate) execution_stopped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) containers: Vec<ContainerStateChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerStateChange {
    pub(crate) container_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) runtime_id: Option<String>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) network_bindings: Vec<NetworkBinding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_digest: Option<String>,
}

impl ContainerStateChange {
    /// A container that does not run yet, and the image that it will run.
    pub(crate) fn pending(name: &str, image_digest: Option<String>) -> Self {
        Self {
            container_name: name.to_owned(),
            runtime_id: None,
            status: "PENDING",
            exit_code: None,
            reason: None,
            network_bindings: Vec::new(),
            image_digest,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkBinding {
    #[serde(rename = "bindIP")]
    pub(crate) bind_ip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_port: Option<u16>,
    /// `FIRST-LAST`, instead of single ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_port_range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_port_range: Option<String>,
    pub(crate) protocol: &'static str,
}

impl NetworkBinding {
    /// Each port of the container with the host's that leads to it.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u16, u16)> + use<> {
        fn ports(single: Option<u16>, range: Option<&String>) -> std::ops::RangeInclusive<u16> {
            let ends = range.and_then(|range| range.split_once('-'));
            let ends =
                ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
            let (first, last) = ends.or(single.map(|port| (port, port))).unwrap_or((1, 0));
            first..=last
        }
        let of_container = ports(self.container_port, self.container_port_range.as_ref());
        of_container.zip(ports(self.host_port, self.host_port_range.as_ref()))
    }
}

impl TaskStateChange {
    /// Nothing comes after it.
    pub(crate) fn is_final(&self) -> bool {
        self.status == "STOPPED"
    }
}

pub(crate) fn shorten(mut reason: String) -> String {
    if reason.len() > MAX_REASON {
        let end = (0..=MAX_REASON).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
        reason.truncate(end);
    }
    reason
}

fn epoch_seconds<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_f64(at.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_text_of_a_report() {
        let report = TaskStateChange {
            cluster: "c".into(),
            task: "arn:t".into(),
            status: "STOPPED",
            reason: Some("Essential container in task exited".into()),
            pull_started_at: Some(Timestamp::from_millis(1_500)),
            pull_stopped_at: Some(Timestamp::from_millis(2_000)),
            execution_stopped_at: None,
            containers: vec![ContainerStateChange {
                container_name: "web".into(),
                runtime_id: Some("id".into()),
                status: "STOPPED",
                exit_code: Some(1),
                reason: None,
                network_bindings: vec![NetworkBinding {
                    bind_ip: "0.0.0.0".into(),
                    container_port: Some(80),
                    host_port: Some(32768),
                    container_port_range: None,
                    host_port_range: None,
                    protocol: "tcp",
                }],
                image_digest: None,
            }],
        };
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            concat!(
                r#"{"cluster":"c","task":"arn:t","status":"STOPPED","reason":"Essential container in task exited","#,
                r#""pullStartedAt":1.5,"pullStoppedAt":2.0,"containers":[{"containerName":"web","runtimeId":"id","#,
                r#""status":"STOPPED","exitCode":1,"networkBindings":[{"bindIP":"0.0.0.0","containerPort":80,"#,
                r#""hostPort":32768,"protocol":"tcp"}]}]}"#
            )
        );
        assert!(report.is_final());
    }

    #[test]
    fn a_binding_is_pairs_of_ports() {
        let single = NetworkBinding {
            bind_ip: "0.0.0.0".into(),
            container_port: Some(80),
            host_port: Some(32768),
            container_port_range: None,
            host_port_range: None,
            protocol: "tcp",
        };
        assert_eq!(single.pairs().collect::<Vec<_>>(), [(80, 32768)]);
        let range = NetworkBinding {
            container_port: None,
            host_port: None,
            container_port_range: Some("80-82".into()),
            host_port_range: Some("90-92".into()),
            ..single
        };
        assert_eq!(range.pairs().collect::<Vec<_>>(), [(80, 90), (81, 91), (82, 92)]);
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let reason = format!("{}é", "x".repeat(MAX_REASON - 1));
        assert_eq!(shorten(reason), "x".repeat(MAX_REASON - 1));
        assert_eq!(shorten("short".into()), "short");
    }
}
