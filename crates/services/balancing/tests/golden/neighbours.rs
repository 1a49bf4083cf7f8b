//! Those whom the service asks: a network, two certificates, one machine, and a bucket with an authority and a list.

use std::sync::Arc;

use async_trait::async_trait;
use berth_balancing::Neighbours;
use berth_control::cell::Snapshot;
use berth_control::ports::{
    Certificate, Certificates, HostAddress, HostAddresses, Networks, Objects, Subnet, Vpc,
};
use berth_control::tables::Change;
use berth_model::Scope;

pub fn neighbours() -> Neighbours {
    Neighbours {
        networks: Arc::new(Network),
        certificates: Arc::new(Two),
        hosts: Arc::new(One),
        objects: Arc::new(Bucket),
    }
}

/// A VPC with a subnet in each of three zones, and one security group.
struct Network;

impl Network {
    const VPC: &str = "vpc-0be54500000000001";
    const SECURITY_GROUP: &str = "sg-0be54500000000001";
    /// With the letters of their zones and their networks.
    const SUBNETS: [(&str, &str, &str); 3] = [
        ("subnet-0be5450000000000a", "a", "172.31.0.0/20"),
        ("subnet-0be5450000000000b", "b", "172.31.16.0/20"),
        ("subnet-0be5450000000000c", "c", "172.31.32.0/20"),
    ];
}

impl Networks for Network {
    fn subnet(&self, _: &Snapshot, scope: &Scope, id: &str) -> Option<Subnet> {
        let (id, letter, network) = Self::SUBNETS.into_iter().find(|(known, _, _)| *known == id)?;
        Some(Subnet {
            id: id.to_owned(),
            vpc: Self::VPC.to_owned(),
            zone: format!("{}{letter}", scope.region),
            network: network.to_owned(),
        })
    }

    fn vpc(&self, _: &Snapshot, _: &Scope, id: &str) -> Option<Vpc> {
        (id == Self::VPC).then(|| Vpc {
            id: id.to_owned(),
            network: "172.31.0.0/16".to_owned(),
            default_security_group: Self::SECURITY_GROUP.to_owned(),
        })
    }

    fn security_group(&self, _: &Snapshot, _: &Scope, id: &str) -> Option<String> {
        (id == Self::SECURITY_GROUP).then(|| Self::VPC.to_owned())
    }
}

struct Two;

impl Certificates for Two {
    fn contains(&self, _: &Snapshot, _: &Scope, arn: &str) -> bool {
        let known = ["certificate/one", "certificate/two"];
        known.iter().any(|known| arn == format!("arn:aws:acm:us-east-1:123456789012:{known}"))
    }

    fn find(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Certificate> {
        self.contains(view, scope, arn).then(|| Certificate {
            chain: format!("the chain of {arn}"),
            private_key: "the key".to_owned().into(),
            names: vec!["*.example.com".to_owned()],
        })
    }

    fn concerns(&self, _: &Change) -> bool {
        false
    }
}

struct One;

impl HostAddresses for One {
    fn find(&self, _: &Snapshot, _: &Scope, instance: &str) -> Option<HostAddress> {
        (instance == "i-0123456789abcdef0")
            .then(|| HostAddress { address: [10, 0, 0, 5].into(), zone: "us-east-1a".to_owned() })
    }

    fn concerns(&self, _: &Change) -> bool {
        false
    }
}

struct Bucket;

#[async_trait]
impl Objects for Bucket {
    async fn get(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        let found: &[u8] = match (bucket, key, version) {
            ("trust", "ca.pem", None) => include_bytes!("ca.pem"),
            ("trust", "list.pem", None) => include_bytes!("list.pem"),
            ("trust", "other.txt", None) => b"nothing of the kind",
            _ => return Ok(None),
        };
        Ok(Some(found.to_vec()))
    }
}
