//! What files are called.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long one file is written to, in seconds.
pub(super) const INTERVAL: i64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Access,
    Connection,
}

/// Files that differ in their time only.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Series {
    kind: Kind,
    account: String,
    region: String,
    /// `app.NAME.ID`.
    balancer: String,
}

impl Series {
    pub(super) fn new(kind: Kind, arn: &str, resource: &str) -> Series {
        let mut parts = arn.split(':').skip(3);
        let mut part = || parts.next().filter(|part| !part.is_empty()).unwrap_or("-").to_owned();
        let (region, account) = (part(), part());
        Series { kind, account, region, balancer: resource.replace('/', ".") }
    }

    /// Where lines go that are written at that time (in seconds since the epoch), beneath the logs' folder.
    pub(super) fn path(&self, second: i64, random: &str) -> PathBuf {
        let end = (second / INTERVAL + 1) * INTERVAL;
        let formatted = |format: &str| {
            let end = Timestamp::from_second(end).unwrap_or(Timestamp::UNIX_EPOCH);
            end.to_zoned(TimeZone::UTC).strftime(format).to_string()
        };
        let Series { account, region, balancer, .. } = self;
        let prefix = match self.kind {
            Kind::Access => "",
            Kind::Connection => "conn_log.",
        };
        let end = formatted("%Y%m%dT%H%MZ");
        PathBuf::from(format!("AWSLogs/{account}/elasticloadbalancing/{region}"))
            .join(formatted("%Y/%m/%d"))
            .join(format!(
                "{prefix}{account}_elasticloadbalancing_{region}_{balancer}_{end}_{random}.log"
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Series};

    #[test]
    fn files_are_named_after_the_end_of_their_interval() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc";
        let path = |kind| Series::new(kind, arn, "app/web/50dc").path(1_700_000_099, "r7");
        let folder = "AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2023/11/14";
        let name = "123456789012_elasticloadbalancing_eu-west-1_app.web.50dc_20231114T2215Z_r7.log";
        assert_eq!(path(Kind::Access).to_str(), Some(&*format!("{folder}/{name}")));
        assert_eq!(path(Kind::Connection).to_str(), Some(&*format!("{folder}/conn_log.{name}")));
        let odd = Series::new(Kind::Access, "odd", "app/x/1").path(0, "r");
        assert!(odd.starts_with("AWSLogs/-/elasticloadbalancing/-/1970/01/01"));
    }
}
