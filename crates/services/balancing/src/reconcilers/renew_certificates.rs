//! Renews certificates that were issued here, long before they end.

use std::sync::Arc;

use async_trait::async_trait;
use berth_aws_api::acm as api;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::pipeline::Failure;
use berth_control::reconcile::{Next, Reconciler};
use berth_control::tables::{Change, Record};
use berth_control::tls::Curve;
use berth_model::{Scope, Timestamp};

use crate::certificates::RENEWED_BEFORE;
use crate::certificates::details::Details;
use crate::service::Balancing;
use crate::tables::{Certificate, CertificateId, Origin};

pub struct RenewCertificates {
    balancing: Arc<Balancing>,
}

impl RenewCertificates {
    pub fn new(balancing: Arc<Balancing>) -> Self {
        Self { balancing }
    }
}

/// Another certificate for the same names, with a key of its own.
pub async fn renew(
    balancing: &Balancing,
    row: &Certificate,
    now: Timestamp,
) -> Result<(), Failure<api::Error>> {
    let details = Details::parse(&row.certificate)?;
    let curve = match details.key_algorithm {
        api::KeyAlgorithm::EcSecp384r1 => Curve::P384,
        _ => Curve::P256,
    };
    let issued = balancing.neighbours.issuer.issue(&details.names, curve, now)?;
    let purpose = Certificate::purpose(&row.id);
    let sealed = balancing.sealer.seal(purpose, issued.private_key.as_bytes());
    let key = row.key();
    let renew = move |tx: &mut Transaction| {
        // Looked up anew: it may have been deleted meanwhile.
        let Some(mut row) = tx.get::<Certificate>(&key).cloned() else { return Ok(()) };
        if let Origin::Issued { renewed_at, .. } = &mut row.origin {
            *renewed_at = Some(now);
        }
        tx.put(Certificate {
            certificate: issued.certificate,
            chain: Some(issued.chain),
            private_key: sealed,
            made_at: now,
            ..row
        });
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(renew).await?;
    Ok(())
}

#[async_trait]
impl Reconciler for RenewCertificates {
    type Key = (Scope, CertificateId);

    fn name(&self) -> &'static str {
        "renew-certificates"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<Self::Key> {
        snapshot.table::<Certificate>().iter().map(Record::key).collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(Self::Key)) {
        if let Some(changed) = change.of::<Certificate>() {
            wake(changed.key());
        }
    }

    async fn reconcile(&self, key: &Self::Key) -> anyhow::Result<Next> {
        let (balancing, now) = (&*self.balancing, self.balancing.env.now());
        let view = balancing.cell.snapshot();
        let Some(row) = view.get::<Certificate>(key) else { return Ok(Next::Done) };
        if row.origin == Origin::Imported {
            return Ok(Next::Done);
        }
        let due_at = Details::parse(&row.certificate)?.not_after - RENEWED_BEFORE;
        if now < due_at {
            return Ok(Next::After(due_at.since(now)));
        }
        match renew(balancing, row, now).await {
            // The change wakes it again.
            Ok(()) => Ok(Next::Done),
            Err(failure) => anyhow::bail!("{} is not renewed: {failure:?}", row.arn()),
        }
    }
}
