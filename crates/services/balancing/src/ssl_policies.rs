//! ELB's security policies: which versions of TLS and which ciphers a listener takes.
//!
//! AWS: user guide, "Security policies for your Application Load Balancer". Those under FIPS 140 and those with
//! post-quantum key exchange are not here, since nothing here does either.
//!
//! DEVIATES: TLS 1.0, TLS 1.1 and ciphers without forward secrecy or authenticated encryption are shown where a policy has
//! them, and taken from nobody: a listener takes the TLS 1.2 and 1.3 of its policy.

use berth_proxy_protocol::SecurityPolicy;

/// AWS: what a listener has that asks for none.
pub const FIRST: &str = "ELBSecurityPolicy-2016-08";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Tls13,
    /// With forward secrecy and authenticated encryption.
    Forward,
    ForwardSha2,
    ForwardSha1,
    Rsa,
    RsaSha1,
    TripleDes,
}

/// ELB's name, IANA's name for those that are taken, and the class; most wanted first.
static CIPHERS: &[(&str, Option<&str>, Class)] = &[
    ("TLS_AES_128_GCM_SHA256", Some("TLS_AES_128_GCM_SHA256"), Class::Tls13),
    ("TLS_AES_256_GCM_SHA384", Some("TLS_AES_256_GCM_SHA384"), Class::Tls13),
    ("TLS_CHACHA20_POLY1305_SHA256", Some("TLS_CHACHA20_POLY1305_SHA256"), Class::Tls13),
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        Some("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        Class::Forward,
    ),
    ("ECDHE-RSA-AES128-GCM-SHA256", Some("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), Class::Forward),
    ("ECDHE-ECDSA-AES128-SHA256", None, Class::ForwardSha2),
    ("ECDHE-RSA-AES128-SHA256", None, Class::ForwardSha2),
    ("ECDHE-ECDSA-AES128-SHA", None, Class::ForwardSha1),
    ("ECDHE-RSA-AES128-SHA", None, Class::ForwardSha1),
    (
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        Some("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        Class::Forward,
    ),
    ("ECDHE-RSA-AES256-GCM-SHA384", Some("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"), Class::Forward),
    ("ECDHE-ECDSA-AES256-SHA384", None, Class::ForwardSha2),
    ("ECDHE-RSA-AES256-SHA384", None, Class::ForwardSha2),
    ("ECDHE-RSA-AES256-SHA", None, Class::ForwardSha1),
    ("ECDHE-ECDSA-AES256-SHA", None, Class::ForwardSha1),
    ("AES128-GCM-SHA256", None, Class::Rsa),
    ("AES128-SHA256", None, Class::Rsa),
    ("AES128-SHA", None, Class::RsaSha1),
    ("AES256-GCM-SHA384", None, Class::Rsa),
    ("AES256-SHA256", None, Class::Rsa),
    ("AES256-SHA", None, Class::RsaSha1),
    ("DES-CBC3-SHA", None, Class::TripleDes),
];

pub struct Policy {
    pub name: &'static str,
    pub protocols: &'static [&'static str],
    classes: &'static [Class],
}

const fn policy(
    name: &'static str,
    protocols: &'static [&'static str],
    classes: &'static [Class],
) -> Policy {
    Policy { name, protocols, classes }
}

const TO_1_2: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2"];
const FROM_1_1: &[&str] = &["TLSv1.1", "TLSv1.2"];
const ONLY_1_2: &[&str] = &["TLSv1.2"];
const ONLY_1_3: &[&str] = &["TLSv1.3"];
const FROM_1_2_TO_1_3: &[&str] = &["TLSv1.2", "TLSv1.3"];
const FROM_1_1_TO_1_3: &[&str] = &["TLSv1.1", "TLSv1.2", "TLSv1.3"];
const ALL: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

use Class::{Forward, ForwardSha1, ForwardSha2, Rsa, RsaSha1, Tls13, TripleDes};

const EVERYTHING: &[Class] = &[Forward, ForwardSha2, ForwardSha1, Rsa, RsaSha1];
const EVERYTHING_13: &[Class] = &[Tls13, Forward, ForwardSha2, ForwardSha1, Rsa, RsaSha1];
const FORWARD: &[Class] = &[Forward, ForwardSha2, ForwardSha1];

pub static POLICIES: &[Policy] = &[
    policy("ELBSecurityPolicy-2016-08", TO_1_2, EVERYTHING),
    policy("ELBSecurityPolicy-TLS13-1-2-2021-06", FROM_1_2_TO_1_3, &[Tls13, Forward, ForwardSha2]),
    policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", FROM_1_2_TO_1_3, &[Tls13, Forward]),
    policy(
        "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
        FROM_1_2_TO_1_3,
        &[Tls13, Forward, ForwardSha2, Rsa],
    ),
    policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", FROM_1_2_TO_1_3, EVERYTHING_13),
    policy("ELBSecurityPolicy-TLS13-1-1-2021-06", FROM_1_1_TO_1_3, EVERYTHING_13),
    policy("ELBSecurityPolicy-TLS13-1-0-2021-06", ALL, EVERYTHING_13),
    policy("ELBSecurityPolicy-TLS13-1-3-2021-06", ONLY_1_3, &[Tls13]),
    policy("ELBSecurityPolicy-TLS-1-2-2017-01", ONLY_1_2, &[Forward, ForwardSha2, Rsa]),
    policy("ELBSecurityPolicy-TLS-1-1-2017-01", FROM_1_1, EVERYTHING),
    policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", ONLY_1_2, EVERYTHING),
    policy("ELBSecurityPolicy-FS-2018-06", TO_1_2, FORWARD),
    policy("ELBSecurityPolicy-2015-05", TO_1_2, EVERYTHING),
    policy(
        "ELBSecurityPolicy-TLS-1-0-2015-04",
        TO_1_2,
        &[Forward, ForwardSha2, ForwardSha1, Rsa, RsaSha1, TripleDes],
    ),
    policy("ELBSecurityPolicy-FS-1-2-Res-2019-08", ONLY_1_2, &[Forward, ForwardSha2]),
    policy("ELBSecurityPolicy-FS-1-1-2019-08", FROM_1_1, FORWARD),
    policy("ELBSecurityPolicy-FS-1-2-2019-08", ONLY_1_2, FORWARD),
    policy("ELBSecurityPolicy-FS-1-2-Res-2020-10", ONLY_1_2, &[Forward]),
];

pub fn find(name: &str) -> Option<&'static Policy> {
    POLICIES.iter().find(|policy| policy.name == name)
}

impl Policy {
    /// ELB's names, most wanted first.
    pub fn ciphers(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        let has = |class: &Class| self.classes.contains(class);
        CIPHERS.iter().filter(move |(_, _, class)| has(class)).map(|(name, _, _)| *name)
    }

    /// What a proxy takes of it.
    pub fn taken(&self) -> SecurityPolicy {
        let has = |class: &Class| self.classes.contains(class);
        let taken = CIPHERS.iter().filter(|(_, _, class)| has(class));
        SecurityPolicy {
            name: self.name.to_owned(),
            tls_1_2: self.protocols.contains(&"TLSv1.2"),
            tls_1_3: self.protocols.contains(&"TLSv1.3"),
            cipher_suites: taken.filter_map(|(_, iana, _)| iana.map(str::to_owned)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_leaves_something_to_agree_on() {
        for policy in POLICIES {
            let taken = policy.taken();
            assert!(taken.tls_1_2 || taken.tls_1_3, "{}", policy.name);
            let is_13 = |name: &String| !name.contains("_WITH_");
            assert_eq!(taken.cipher_suites.iter().any(is_13), taken.tls_1_3, "{}", policy.name);
            assert_eq!(!taken.cipher_suites.iter().all(is_13), taken.tls_1_2, "{}", policy.name);
        }
        assert!(find(FIRST).is_some());
    }
}
