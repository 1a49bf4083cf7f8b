//! Network interfaces and other resources that are attached to a task or to the host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::word::words;

/// Interfaces of a task; the agent reports them ATTACHED before `wait_timeout_ms` passes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachTaskNetworkInterfacesMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    pub task_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_cluster_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    pub wait_timeout_ms: i64,
    pub elastic_network_interfaces: Vec<ElasticNetworkInterface>,
}

/// Interfaces of the host itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachInstanceNetworkInterfacesMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    pub wait_timeout_ms: i64,
    pub elastic_network_interfaces: Vec<ElasticNetworkInterface>,
}

/// Any other resource, described by properties (EBS volumes, for one).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfirmAttachmentMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_cluster_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_timeout_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attachment {
    pub attachment_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_properties: Vec<AttachmentProperty>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachmentProperty {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ElasticNetworkInterface {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub attachment_arn: String,
    pub ec2_id: String,
    pub mac_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<i64>,
    pub ipv4_addresses: Vec<Ipv4AddressAssignment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ipv6_addresses: Vec<Ipv6AddressAssignment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain_name: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain_name_servers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<String>,
    /// The gateway with its prefix length, `10.0.0.1/24`: the subnet follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_gateway_ipv4_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_gateway_ipv6_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_association_protocol: Option<InterfaceAssociationProtocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_vlan_properties: Option<InterfaceVlanProperties>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_tunnel_properties: Option<InterfaceTunnelProperties>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_veth_properties: Option<InterfaceVethProperties>,
}

words! {
    pub enum InterfaceAssociationProtocol {
        Default = "default",
        Tunnel = "tunnel",
        Veth = "veth",
        Vlan = "vlan",
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ipv4AddressAssignment {
    pub private_address: String,
    pub primary: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ipv6AddressAssignment {
    pub address: String,
    pub primary: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InterfaceVlanProperties {
    pub vlan_id: String,
    pub trunk_interface_mac_address: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InterfaceTunnelProperties {
    pub tunnel_id: String,
    pub interface_ip_address: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InterfaceVethProperties {
    pub peer_interface: String,
}

/// A device or accelerator that containers of the task share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Association {
    pub name: String,
    /// `gpu` or `elastic-inference`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<EncodedString>,
    pub containers: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncodedString {
    pub value: String,
    /// `identity` or `base64`.
    pub encoding: String,
}

/// App Mesh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyConfiguration {
    #[serde(rename = "type")]
    pub kind: String,
    pub container_name: String,
    pub properties: BTreeMap<String, String>,
}
