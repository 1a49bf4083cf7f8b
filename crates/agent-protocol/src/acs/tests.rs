use std::collections::BTreeMap;

use super::*;
use crate::{Exception, ExceptionKind, FrameError};

/// The frame has exactly this text, and the text is exactly this frame.
fn golden_down(frame: impl Into<FromServer>, text: &str) {
    let frame = frame.into();
    assert_eq!(frame.encode(), text);
    assert_eq!(FromServer::decode(text).unwrap(), frame);
}

fn golden_up(frame: impl Into<FromAgent>, text: &str) {
    let frame = frame.into();
    assert_eq!(frame.encode(), text);
    assert_eq!(FromAgent::decode(text).unwrap(), frame);
}

fn web() -> Container {
    Container {
        name: "web".into(),
        image: "nginx:1".into(),
        essential: true,
        cpu: Some(256),
        memory: Some(128),
        environment: BTreeMap::from([("A".into(), "1".into())]),
        mount_points: vec![MountPoint {
            source_volume: "data".into(),
            container_path: "/data".into(),
            read_only: Some(true),
        }],
        port_mappings: vec![PortMapping {
            container_port: Some(80),
            host_port: Some(0),
            protocol: Some(TransportProtocol::Tcp),
            ..PortMapping::default()
        }],
        depends_on: vec![ContainerDependency {
            container_name: "init".into(),
            condition: ContainerCondition::Success,
        }],
        docker_config: Some(DockerConfig {
            version: None,
            config: Some(r#"{"User":"nobody"}"#.into()),
            host_config: Some("{}".into()),
        }),
        ..Container::default()
    }
}

#[test]
fn a_payload() {
    golden_down(
        PayloadMessage {
            message_id: "m1".into(),
            cluster_arn: "arn:c".into(),
            container_instance_arn: "arn:i".into(),
            seq_num: Some(7),
            timeline: None,
            generated_at: Some(1_700_000_000_000),
            tasks: vec![Task {
                arn: "arn:t".into(),
                desired_status: Some(DesiredStatus::Running),
                family: "web".into(),
                version: "3".into(),
                containers: vec![web()],
                volumes: vec![Volume {
                    name: "data".into(),
                    kind: Some(VolumeType::Docker),
                    docker_volume_configuration: Some(DockerVolumeConfiguration {
                        scope: Some(VolumeScope::Shared),
                        autoprovision: Some(true),
                        driver: Some("local".into()),
                        ..DockerVolumeConfiguration::default()
                    }),
                    ..Volume::default()
                }],
                network_mode: Some("bridge".into()),
                cpu: Some(0.5),
                ..Task::default()
            }],
        },
        concat!(
            r#"{"type":"PayloadMessage","message":{"messageId":"m1","clusterArn":"arn:c","#,
            r#""containerInstanceArn":"arn:i","seqNum":7,"generatedAt":1700000000000,"tasks":[{"arn":"arn:t","#,
            r#""desiredStatus":"RUNNING","family":"web","version":"3","containers":[{"name":"web","#,
            r#""image":"nginx:1","essential":true,"cpu":256,"memory":128,"environment":{"A":"1"},"#,
            r#""mountPoints":[{"sourceVolume":"data","containerPath":"/data","readOnly":true}],"#,
            r#""portMappings":[{"containerPort":80,"hostPort":0,"protocol":"tcp"}],"#,
            r#""dependsOn":[{"containerName":"init","condition":"SUCCESS"}],"#,
            r#""dockerConfig":{"config":"{\"User\":\"nobody\"}","hostConfig":"{}"}}],"#,
            r#""volumes":[{"name":"data","type":"docker","dockerVolumeConfiguration":{"scope":"shared","#,
            r#""autoprovision":true,"driver":"local"}}],"networkMode":"bridge","cpu":0.5}]}}"#,
        ),
    );
}

#[test]
fn the_answers_to_a_payload() {
    golden_up(
        AckRequest { cluster: "c".into(), container_instance: "i".into(), message_id: "m".into() },
        r#"{"type":"AckRequest","message":{"cluster":"c","containerInstance":"i","messageId":"m"}}"#,
    );
    golden_up(
        IAMRoleCredentialsAckRequest {
            message_id: "m".into(),
            credentials_id: "id".into(),
            expiration: "2026-01-01T00:00:00Z".into(),
        },
        concat!(
            r#"{"type":"IAMRoleCredentialsAckRequest","message":{"messageId":"m","credentialsId":"id","#,
            r#""expiration":"2026-01-01T00:00:00Z"}}"#
        ),
    );
    golden_up(
        NackRequest {
            cluster: "c".into(),
            container_instance: "i".into(),
            message_id: "m".into(),
            reason: "no".into(),
        },
        r#"{"type":"NackRequest","message":{"cluster":"c","containerInstance":"i","messageId":"m","reason":"no"}}"#,
    );
}

#[test]
fn a_heartbeat_and_its_answer() {
    golden_down(
        HeartbeatMessage { healthy: true, message_id: "h1".into() },
        r#"{"type":"HeartbeatMessage","message":{"healthy":true,"messageId":"h1"}}"#,
    );
    golden_up(
        HeartbeatAckRequest { message_id: "h1".into() },
        r#"{"type":"HeartbeatAckRequest","message":{"messageId":"h1"}}"#,
    );
}

#[test]
fn credentials() {
    golden_down(
        IAMRoleCredentialsMessage {
            message_id: "m".into(),
            task_arn: "arn:t".into(),
            task_cluster_arn: None,
            role_type: Some(RoleType::TaskApplication),
            role_credentials: Some(IAMRoleCredentials {
                credentials_id: "id".into(),
                role_arn: "arn:r".into(),
                access_key_id: "AK".into(),
                secret_access_key: "SK".into(),
                session_token: "ST".into(),
                expiration: "2026-01-01T00:00:00Z".into(),
                credential_scope: None,
            }),
        },
        concat!(
            r#"{"type":"IAMRoleCredentialsMessage","message":{"messageId":"m","taskArn":"arn:t","#,
            r#""roleType":"TaskApplication","roleCredentials":{"credentialsId":"id","roleArn":"arn:r","#,
            r#""accessKeyId":"AK","secretAccessKey":"SK","sessionToken":"ST","expiration":"2026-01-01T00:00:00Z"}}}"#
        ),
    );
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let credentials = IAMRoleCredentials {
        credentials_id: "the-id".into(),
        secret_access_key: "the-key".into(),
        session_token: "the-token".into(),
        ..IAMRoleCredentials::default()
    };
    let shown = format!("{credentials:?}");
    assert!(!shown.contains("the-"), "{shown}");
}

#[test]
fn a_manifest_and_the_stop_verification() {
    let task = |status| TaskIdentifier {
        task_arn: "arn:t".into(),
        task_cluster_arn: Some("arn:c".into()),
        desired_status: Some(status),
    };
    golden_down(
        TaskManifestMessage {
            message_id: "m".into(),
            cluster_arn: "arn:c".into(),
            container_instance_arn: "arn:i".into(),
            tasks: vec![task(DesiredStatus::Running)],
            generated_at: None,
            timeline: 9,
        },
        concat!(
            r#"{"type":"TaskManifestMessage","message":{"messageId":"m","clusterArn":"arn:c","#,
            r#""containerInstanceArn":"arn:i","tasks":[{"taskArn":"arn:t","taskClusterArn":"arn:c","#,
            r#""desiredStatus":"RUNNING"}],"timeline":9}}"#
        ),
    );
    golden_up(
        TaskStopVerificationMessage {
            message_id: "m".into(),
            stop_candidates: vec![task(DesiredStatus::Stopped)],
        },
        concat!(
            r#"{"type":"TaskStopVerificationMessage","message":{"messageId":"m","stopCandidates":["#,
            r#"{"taskArn":"arn:t","taskClusterArn":"arn:c","desiredStatus":"STOPPED"}]}}"#
        ),
    );
    golden_down(
        TaskStopVerificationAck {
            message_id: "m".into(),
            generated_at: None,
            stop_tasks: vec![task(DesiredStatus::Stopped)],
        },
        concat!(
            r#"{"type":"TaskStopVerificationAck","message":{"messageId":"m","stopTasks":["#,
            r#"{"taskArn":"arn:t","taskClusterArn":"arn:c","desiredStatus":"STOPPED"}]}}"#
        ),
    );
}

#[test]
fn attachments() {
    golden_down(
        AttachTaskNetworkInterfacesMessage {
            message_id: "m".into(),
            cluster_arn: "arn:c".into(),
            container_instance_arn: "arn:i".into(),
            task_arn: "arn:t".into(),
            wait_timeout_ms: 180_000,
            elastic_network_interfaces: vec![ElasticNetworkInterface {
                attachment_arn: "arn:a".into(),
                ec2_id: "eni-1".into(),
                mac_address: "02:00:00:00:00:01".into(),
                ipv4_addresses: vec![Ipv4AddressAssignment {
                    private_address: "10.0.0.5".into(),
                    primary: true,
                }],
                subnet_gateway_ipv4_address: Some("10.0.0.1/24".into()),
                ..ElasticNetworkInterface::default()
            }],
            ..AttachTaskNetworkInterfacesMessage::default()
        },
        concat!(
            r#"{"type":"AttachTaskNetworkInterfacesMessage","message":{"messageId":"m","clusterArn":"arn:c","#,
            r#""containerInstanceArn":"arn:i","taskArn":"arn:t","waitTimeoutMs":180000,"#,
            r#""elasticNetworkInterfaces":[{"attachmentArn":"arn:a","ec2Id":"eni-1","#,
            r#""macAddress":"02:00:00:00:00:01","ipv4Addresses":[{"privateAddress":"10.0.0.5","primary":true}],"#,
            r#""subnetGatewayIpv4Address":"10.0.0.1/24"}]}}"#
        ),
    );
    golden_down(
        ConfirmAttachmentMessage {
            message_id: "m".into(),
            cluster_arn: "arn:c".into(),
            container_instance_arn: "arn:i".into(),
            attachment: Some(Attachment {
                attachment_arn: "arn:a".into(),
                attachment_type: Some("amazonebs".into()),
                attachment_properties: vec![AttachmentProperty {
                    name: "volumeId".into(),
                    value: "vol-1".into(),
                }],
            }),
            ..ConfirmAttachmentMessage::default()
        },
        concat!(
            r#"{"type":"ConfirmAttachmentMessage","message":{"messageId":"m","clusterArn":"arn:c","#,
            r#""containerInstanceArn":"arn:i","attachment":{"attachmentArn":"arn:a","attachmentType":"amazonebs","#,
            r#""attachmentProperties":[{"name":"volumeId","value":"vol-1"}]}}}"#
        ),
    );
}

#[test]
fn updates() {
    golden_down(
        StageUpdateMessage {
            message_id: "m".into(),
            cluster_arn: "arn:c".into(),
            container_instance_arn: "arn:i".into(),
            update_info: Some(UpdateInfo { location: "l".into(), signature: "s".into() }),
        },
        concat!(
            r#"{"type":"StageUpdateMessage","message":{"messageId":"m","clusterArn":"arn:c","#,
            r#""containerInstanceArn":"arn:i","updateInfo":{"location":"l","signature":"s"}}}"#
        ),
    );
}

#[test]
fn an_exception_within_a_session_and_before_it() {
    let inactive = Exception::new(ExceptionKind::InactiveInstance, "deregistered");
    golden_down(
        inactive.clone(),
        r#"{"type":"InactiveInstanceException","message":{"message":"deregistered"}}"#,
    );
    assert_eq!(inactive.encode_bare(), r#"{"InactiveInstanceException":"deregistered"}"#);
    assert_eq!(Exception::from_bare(&inactive.encode_bare()), Some(inactive.clone()));
    assert_eq!(
        FromServer::decode(&inactive.encode_bare()).unwrap(),
        FromServer::Exception(inactive)
    );
}

#[test]
fn every_exception_is_read_back() {
    for kind in ExceptionKind::ALL {
        let exception = Exception::new(kind, "why");
        let text = FromServer::Exception(exception.clone()).encode();
        assert_eq!(FromServer::decode(&text).unwrap(), FromServer::Exception(exception));
    }
}

#[test]
fn unknown_fields_are_skipped_and_absent_ones_are_empty() {
    let text = r#"{"message":{"tasks":[{"arn":"t","novelty":{"x":[1]}}],"messageId":"m"},"type":"PayloadMessage","more":1}"#;
    let FromServer::Payload(payload) = FromServer::decode(text).unwrap() else {
        panic!("not a payload")
    };
    assert_eq!(payload.tasks, [Task { arn: "t".into(), ..Task::default() }]);
    assert_eq!((payload.seq_num, payload.cluster_arn.as_str()), (None, ""));
}

#[test]
fn a_strange_word_costs_no_frame() {
    let text = r#"{"type":"PayloadMessage","message":{"tasks":[{"desiredStatus":"FROZEN"}]}}"#;
    let FromServer::Payload(payload) = FromServer::decode(text).unwrap() else {
        panic!("not a payload")
    };
    assert_eq!(payload.tasks[0].desired_status, Some(DesiredStatus::Unknown("FROZEN".into())));
}

#[test]
fn what_is_no_frame_is_named() {
    let unknown = FromServer::decode(r#"{"type":"NovelMessage","message":{}}"#).unwrap_err();
    assert!(matches!(&unknown, FrameError::UnknownType(kind) if kind == "NovelMessage"));
    // A message of the other direction is unknown here.
    let foreign = FromServer::decode(r#"{"type":"AckRequest","message":{}}"#).unwrap_err();
    assert!(matches!(foreign, FrameError::UnknownType(_)));
    let broken =
        FromServer::decode(r#"{"type":"PayloadMessage","message":{"tasks":3}}"#).unwrap_err();
    assert!(matches!(broken, FrameError::Message { kind: "PayloadMessage", .. }));
    for text in ["", "[]", "{}", "{\"NovelException\":\"x\"}", "ping"] {
        assert!(matches!(FromServer::decode(text), Err(FrameError::Envelope(_))), "{text}");
    }
}
