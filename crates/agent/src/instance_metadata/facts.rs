//! What is told of the instance: the tree, made anew for each question.
//!
//! What a machine of one's own does not have is not there: no image, no user data, no zone id, no signature of the
//! identity document, which AWS alone could make.
//!
//! DEVIATES: `latest` is the only version of the metadata, and its tree has what is true of a host; the rest is 404. The
//! instance profile in `iam/info` has the role's name, and no id: there is none.

use berth_agent_protocol::hosts::SelfAnswer;
use berth_model::Timestamp;
use serde_json::json;

use super::door::Interface;
use super::role::Held;
use super::tree::Folder;

/// What the agent's own settings say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Of the host: `i-…`, `mi-…`.
    pub id: String,
    pub instance_type: Option<String>,
    pub hostname: String,
    pub region: String,
    pub availability_zone: String,
}

/// All that is known at a moment.
pub(super) struct Facts<'a> {
    pub(super) instance: &'a Instance,
    pub(super) interface: &'a Interface,
    /// `None`: the control plane has not answered yet.
    pub(super) described: Option<&'a SelfAnswer>,
    pub(super) role: Option<&'a Held>,
}

impl Facts<'_> {
    pub(super) fn tree(&self) -> Folder {
        let Instance { id, instance_type, hostname, region, availability_zone } = self.instance;
        let mut data = Folder::default();
        let mut put = |name: &str, text: Option<String>| {
            data.put_if(&format!("latest/meta-data/{name}"), text);
        };
        put("instance-id", Some(id.clone()));
        put("instance-type", instance_type.clone());
        put("hostname", Some(hostname.clone()));
        put("local-hostname", Some(hostname.clone()));
        put("local-ipv4", self.interface.ipv4.map(|address| address.to_string()));
        put("mac", self.interface.mac.clone());
        put("placement/availability-zone", Some(availability_zone.clone()));
        put("placement/region", Some(region.clone()));
        put("services/domain", Some(domain(region).to_owned()));
        put("services/partition", self.described.map(|host| host.partition.clone()));
        for (key, value) in self.tags() {
            put(&format!("tags/instance/{key}"), Some(value.to_owned()));
        }
        if let Some(held) = self.role {
            put("iam/info", Some(info(held)));
            let name = format!("iam/security-credentials/{}", held.name());
            put(&name, Some(credentials(held)));
        }
        data.put_if("latest/dynamic/instance-identity/document", self.document());
        data
    }

    /// AWS: a key with a space or a slash cannot be told by a path.
    fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.described.into_iter().flat_map(|host| &host.tags);
        let plain = |key: &str| !key.contains(['/', ' ']) && !["", ".", ".."].contains(&key);
        tags.filter(move |(key, _)| plain(key)).map(|(key, value)| (key.as_str(), value.as_str()))
    }

    fn document(&self) -> Option<String> {
        let host = self.described?;
        let Instance { id, instance_type, region, availability_zone, .. } = self.instance;
        let document = json!({
            "accountId": host.account_id,
            "architecture": architecture(),
            "availabilityZone": availability_zone,
            "billingProducts": null,
            "devpayProductCodes": null,
            "marketplaceProductCodes": null,
            "imageId": null,
            "instanceId": id,
            "instanceType": instance_type,
            "kernelId": null,
            "pendingTime": time(Timestamp::from_millis(host.registered_at)),
            "privateIp": self.interface.ipv4,
            "ramdiskId": null,
            "region": region,
            "version": "2017-09-30",
        });
        Some(format!("{document:#}"))
    }
}

/// AWS: what the names of its services end with.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

fn info(held: &Held) -> String {
    let profile = held.given.role_arn.replacen(":role/", ":instance-profile/", 1);
    let info = json!({
        "Code": "Success",
        "LastUpdated": time(held.updated_at),
        "InstanceProfileArn": profile,
    });
    format!("{info:#}")
}

fn credentials(held: &Held) -> String {
    let document = json!({
        "Code": "Success",
        "LastUpdated": time(held.updated_at),
        "Type": "AWS-HMAC",
        "AccessKeyId": held.given.access_key_id,
        "SecretAccessKey": held.given.secret_access_key,
        "Token": held.given.session_token,
        "Expiration": time(held.expires_at),
    });
    format!("{document:#}")
}

/// AWS: to the second.
fn time(at: Timestamp) -> String {
    Timestamp::from_millis(at.as_millis().div_euclid(1000) * 1000).to_string()
}
