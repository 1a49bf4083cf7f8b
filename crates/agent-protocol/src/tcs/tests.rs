use berth_model::Timestamp;

use super::*;
use crate::{EpochSeconds, FrameError};

fn golden(frame: impl Into<FromAgent>, text: &str) {
    let frame = frame.into();
    assert_eq!(frame.encode(), text);
    assert_eq!(FromAgent::decode(text).unwrap(), frame);
}

fn at(millis: i64) -> Option<EpochSeconds> {
    Some(EpochSeconds(Timestamp::from_millis(millis)))
}

#[test]
fn metrics() {
    let cpu = CWStatsSet { min: 0.5, max: 1.5, sample_count: 2, sum: 2.0 };
    golden(
        PublishMetricsRequest {
            metadata: MetricsMetadata {
                cluster: "c".into(),
                container_instance: "i".into(),
                message_id: "m".into(),
                idle: false,
                fin: true,
            },
            instance_metrics: Some(InstanceMetrics {
                storage: Some(InstanceStorageMetrics {
                    root_filesystem: Some(12.5),
                    data_filesystem: None,
                }),
            }),
            task_metrics: vec![TaskMetric {
                task_arn: "arn:t".into(),
                cluster_arn: Some("arn:c".into()),
                task_definition_family: "web".into(),
                task_definition_version: "3".into(),
                container_metrics: vec![ContainerMetric {
                    container_name: "web".into(),
                    cpu_stats_set: Some(cpu),
                    storage_stats_set: Some(Box::new(StorageStatsSet {
                        read_size_bytes: Some(ULongStatsSet {
                            min: 1,
                            max: 1,
                            sample_count: 1,
                            sum: 1,
                        }),
                        write_size_bytes: None,
                    })),
                    ..ContainerMetric::default()
                }],
                ephemeral_storage_metrics: None,
            }],
            timestamp: at(1_746_802_078_031),
        },
        concat!(
            r#"{"type":"PublishMetricsRequest","message":{"metadata":{"cluster":"c","containerInstance":"i","#,
            r#""messageId":"m","idle":false,"fin":true},"instanceMetrics":{"storage":{"rootFilesystem":12.5}},"#,
            r#""taskMetrics":[{"taskArn":"arn:t","clusterArn":"arn:c","taskDefinitionFamily":"web","#,
            r#""taskDefinitionVersion":"3","containerMetrics":[{"containerName":"web","#,
            r#""cpuStatsSet":{"min":0.5,"max":1.5,"sampleCount":2,"sum":2.0},"#,
            r#""storageStatsSet":{"readSizeBytes":{"min":1,"max":1,"sampleCount":1,"sum":1}}}]}],"#,
            r#""timestamp":1746802078.031}}"#
        ),
    );
}

#[test]
fn health() {
    golden(
        PublishHealthRequest {
            metadata: HealthMetadata {
                cluster: "c".into(),
                container_instance: "i".into(),
                message_id: "m".into(),
                fin: true,
            },
            tasks: vec![TaskHealth {
                task_arn: "arn:t".into(),
                cluster_arn: None,
                task_definition_family: "web".into(),
                task_definition_version: "3".into(),
                containers: vec![ContainerHealth {
                    container_name: "web".into(),
                    health_status: HealthStatus::NotKnown,
                    status_since: at(1_500),
                    status_message: None,
                }],
            }],
            timestamp: at(2_000),
        },
        concat!(
            r#"{"type":"PublishHealthRequest","message":{"metadata":{"cluster":"c","containerInstance":"i","#,
            r#""messageId":"m","fin":true},"tasks":[{"taskArn":"arn:t","taskDefinitionFamily":"web","#,
            r#""taskDefinitionVersion":"3","containers":[{"containerName":"web","healthStatus":"UNKNOWN","#,
            r#""statusSince":1.5}]}],"timestamp":2.0}}"#
        ),
    );
}

#[test]
fn instance_status() {
    golden(
        PublishInstanceStatusRequest {
            metadata: InstanceStatusMetadata {
                cluster: "c".into(),
                container_instance: "i".into(),
                request_id: "r".into(),
            },
            statuses: vec![InstanceStatus {
                kind: InstanceStatusType::ContainerRuntime,
                status: InstanceHealth::Ok,
                status_reason: None,
                last_updated: at(3_000),
                last_status_change: at(1_000),
            }],
            timestamp: at(3_000),
        },
        concat!(
            r#"{"type":"PublishInstanceStatusRequest","message":{"metadata":{"cluster":"c","#,
            r#""containerInstance":"i","requestId":"r"},"statuses":[{"type":"ContainerRuntime","status":"OK","#,
            r#""lastUpdated":3.0,"lastStatusChange":1.0}],"timestamp":3.0}}"#
        ),
    );
}

#[test]
fn the_servers_answers() {
    for (frame, text) in [
        (
            FromServer::from(AckPublishMetric::default()),
            r#"{"type":"AckPublishMetric","message":{}}"#,
        ),
        (
            AckPublishHealth { message: Some("ok".into()) }.into(),
            r#"{"type":"AckPublishHealth","message":{"message":"ok"}}"#,
        ),
        (
            AckPublishInstanceStatus::default().into(),
            r#"{"type":"AckPublishInstanceStatus","message":{}}"#,
        ),
        (
            HeartbeatMessage { healthy: true }.into(),
            r#"{"type":"HeartbeatMessage","message":{"healthy":true}}"#,
        ),
        (
            StopTelemetrySessionMessage { message: Some("bye".into()) }.into(),
            r#"{"type":"StopTelemetrySessionMessage","message":{"message":"bye"}}"#,
        ),
    ] {
        assert_eq!(frame.encode(), text);
        assert_eq!(FromServer::decode(text).unwrap(), frame);
    }
}

/// AWS: Go writes whole seconds without a fraction.
#[test]
fn whole_seconds_without_a_fraction_are_read_too() {
    let text = r#"{"type":"PublishMetricsRequest","message":{"timestamp":5}}"#;
    let FromAgent::Metrics(metrics) = FromAgent::decode(text).unwrap() else {
        panic!("not metrics")
    };
    assert_eq!(metrics.timestamp, at(5_000));
}

#[test]
fn a_signed_frame_is_header_lines_a_blank_line_and_json() {
    let text = concat!(
        "Authorization: AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ecs/aws4_request\r\n",
        "Host: localhost:4566\r\n",
        "X-Amz-Date: 20260101T000000Z\r\n",
        "\r\n",
        r#"{"type":"StartTelemetrySessionRequest","message":{"cluster":"c","containerInstance":"i"}}"#,
    );
    let frame = SignedFrame::parse(text).unwrap();
    assert_eq!(frame.headers.len(), 3);
    assert_eq!(frame.header("host"), Some("localhost:4566"));
    assert_eq!(frame.header("x-amz-security-token"), None);
    assert!(matches!(FromAgent::decode(frame.body).unwrap(), FromAgent::Start(_)));
    assert_eq!(frame.render(), text);
}

#[test]
fn a_frame_without_header_or_with_a_broken_one() {
    assert_eq!(SignedFrame::parse("{}").unwrap(), SignedFrame { headers: vec![], body: "{}" });
    for text in ["", "Host: x", "Host: x\r\n", "no colon\r\n\r\n{}"] {
        assert!(matches!(SignedFrame::parse(text), Err(FrameError::Header)), "{text:?}");
    }
}

#[test]
fn summaries_keep_extremes_and_spill_over() {
    let mut cpu = CWStatsSet::default();
    for value in [3.0, 1.0, 2.0] {
        cpu.add(value);
    }
    assert_eq!(cpu, CWStatsSet { min: 1.0, max: 3.0, sample_count: 3, sum: 6.0 });

    let mut bytes = ULongStatsSet::default();
    bytes.add(5);
    assert_eq!(bytes, ULongStatsSet { min: 5, max: 5, sample_count: 1, sum: 5 });
    bytes.add(i64::MAX as u64 + 2);
    let largest = i64::MAX;
    let written = serde_json::json!({
        "min": 5, "max": largest, "overflowMax": 2, "sampleCount": 2, "sum": largest, "overflowSum": 7,
    });
    assert_eq!(serde_json::to_value(bytes).unwrap(), written);
    assert_eq!(serde_json::from_value::<ULongStatsSet>(written).unwrap(), bytes);
}

/// What is written unlike everybody writes it is read the slow way, and means the same.
#[test]
fn the_order_and_the_spaces_of_a_frame_mean_nothing() {
    let message = r#"{"message":"m"}"#;
    let expected = FromServer::from(AckPublishMetric { message: Some("m".into()) });
    for frame in [
        format!(r#"{{"type":"AckPublishMetric","message":{message}}}"#),
        format!(r#"{{"message":{message},"type":"AckPublishMetric"}}"#),
        format!(r#" {{ "type" : "AckPublishMetric", "message" : {message} }} "#),
        format!(r#"{{"type":"AckPublishMetric","message":{message},"more":{{"type":"x"}}}}"#),
        format!(r#"{{"type":"AckPublish\u004detric","message":{message}}}"#),
    ] {
        assert_eq!(FromServer::decode(&frame).unwrap(), expected, "{frame}");
    }
    for (frame, refusal) in [
        (r#"{"type":"AckPublishMetric","message":{"message":5}}"#, "cannot be read"),
        (r#"{"type":"AckPublishMetric","message":{}"#, "not of the form"),
        (r#"{"type":"AckPublishMetric","message":{}}}"#, "not of the form"),
        (r#"{"type":"Ack","message":{}}"#, "not known"),
    ] {
        let refused = FromServer::decode(frame).unwrap_err().to_string();
        assert!(refused.contains(refusal), "{frame}: {refused}");
    }
}
