//! Those whom the service asks: a network, two certificates, one machine, and a bucket with an authority and a list.

use std::sync::Arc;

use async_trait::async_trait;
use berth_balancing::{Issuer, Neighbours};
use berth_compute::Compute;
use berth_control::cell::{Sight, Snapshot};
use berth_control::ports::{Certificate, Certificates, HostAddress, HostAddresses, Objects};
use berth_control::tables::Change;
use berth_model::{Scope, Timestamp};

pub fn neighbours() -> Neighbours {
    Neighbours {
        networks: Compute::new(),
        certificates: Arc::new(Two),
        issuer: Issuer::default(),
        hosts: Arc::new(One),
        objects: Arc::new(Bucket),
        proxy_beside: false,
    }
}

struct Two;

impl Certificates for Two {
    fn good_until(&self, _: &Snapshot, _: &Scope, arn: &str) -> Option<Timestamp> {
        let known = ["certificate/one", "certificate/two"];
        let is = |known: &&str| arn == format!("arn:aws:acm:us-east-1:123456789012:{known}");
        known.iter().find(|known| is(known)).map(|_| Timestamp::from_millis(i64::MAX))
    }

    fn find(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Certificate> {
        self.good_until(view, scope, arn).map(|_| Certificate {
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
    fn find(&self, _: Sight<'_>, _: &Scope, instance: &str) -> Option<HostAddress> {
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
