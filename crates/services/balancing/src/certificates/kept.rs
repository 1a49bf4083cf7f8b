//! What listeners ask of ACM: a certificate with its key.

use berth_control::cell::Snapshot;
use berth_control::ports::{self, Certificates};
use berth_control::sealing::Sealer;
use berth_control::tables::{Change, Record};
use berth_model::{Scope, Timestamp};
use zeroize::Zeroizing;

use super::details::Details;
use super::find::find;
use crate::tables::Certificate;

pub struct KeptCertificates {
    sealer: Sealer,
}

impl KeptCertificates {
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    fn open(&self, row: &Certificate) -> anyhow::Result<ports::Certificate> {
        let key = self.sealer.unseal(Certificate::purpose(&row.id), &row.private_key)?;
        let details = Details::parse(&row.certificate)?;
        let mut chain = row.certificate.trim_end().to_owned();
        if let Some(issuers) = &row.chain {
            chain.push('\n');
            chain.push_str(issuers);
        }
        let names = match details.names.is_empty() {
            true => vec![details.domain],
            false => details.names,
        };
        let private_key = Zeroizing::new(std::str::from_utf8(&key)?.to_owned());
        Ok(ports::Certificate { chain, private_key, names })
    }
}

impl Certificates for KeptCertificates {
    fn good_until(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<Timestamp> {
        let details = Details::parse(&find(view, scope, arn)?.certificate);
        details.ok().map(|details| details.not_after)
    }

    fn find(&self, view: &Snapshot, scope: &Scope, arn: &str) -> Option<ports::Certificate> {
        let opened = self.open(find(view, scope, arn)?);
        opened.inspect_err(|error| tracing::error!(arn, %error, "a certificate does not open")).ok()
    }

    fn concerns(&self, change: &Change) -> bool {
        change.table() == Certificate::TABLE
    }
}
