//! Whether this host's agent serves instance metadata (IMDS), and to whom. AWS: an instance's MetadataOptions.

use std::net::SocketAddrV4;

use berth_agent::{HttpTokens, InstanceMetadataOptions};
use clap::{Args, ValueEnum};
use serde::Deserialize;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MetadataOptions {
    /// Serve instance metadata and the credentials of the host's role to programs on this host [default: false]
    #[arg(long, env = "BERTH_INSTANCE_METADATA", value_name = "BOOL",
          num_args = 0..=1, default_missing_value = "true")]
    pub instance_metadata: Option<bool>,

    /// Where; one of 169.254.0.0/16 is added to the loopback interface if the host has it not [default: 169.254.169.254:80]
    #[arg(long, env = "BERTH_INSTANCE_METADATA_ADDRESS", value_name = "ADDR:PORT")]
    pub instance_metadata_address: Option<SocketAddrV4>,

    /// Whether session tokens are needed, as in IMDSv2 [default: required]
    #[arg(long, env = "BERTH_INSTANCE_METADATA_TOKENS", value_name = "WHEN")]
    pub instance_metadata_tokens: Option<TokenChoice>,

    /// How far answers go: 1 to the host itself, 2 also to containers in bridge networks [default: 1]
    #[arg(long, env = "BERTH_INSTANCE_METADATA_HOP_LIMIT", value_name = "HOPS",
          value_parser = clap::value_parser!(u8).range(1..=64))]
    #[serde(deserialize_with = "hop_limit")]
    pub instance_metadata_hop_limit: Option<u8>,
}

/// AWS: the values of HttpTokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenChoice {
    /// Always: IMDSv2 only
    Required,
    /// If whoever asks likes: IMDSv1 too
    Optional,
}

/// AWS: 1 to 64.
fn hop_limit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let limit = u8::deserialize(deserializer)?;
    if (1..=64).contains(&limit) {
        return Ok(Some(limit));
    }
    Err(serde::de::Error::custom(format!("`{limit}`: a number of hops from 1 to 64 expected")))
}

impl MetadataOptions {
    pub fn or(self, file: MetadataOptions) -> MetadataOptions {
        MetadataOptions {
            instance_metadata: self.instance_metadata.or(file.instance_metadata),
            instance_metadata_address: self
                .instance_metadata_address
                .or(file.instance_metadata_address),
            instance_metadata_tokens: self
                .instance_metadata_tokens
                .or(file.instance_metadata_tokens),
            instance_metadata_hop_limit: self
                .instance_metadata_hop_limit
                .or(file.instance_metadata_hop_limit),
        }
    }

    /// `None`: none is served.
    pub fn settle(self) -> Option<InstanceMetadataOptions> {
        if !self.instance_metadata.unwrap_or(false) {
            return None;
        }
        let usual = InstanceMetadataOptions::default();
        Some(InstanceMetadataOptions {
            address: self.instance_metadata_address.unwrap_or(usual.address),
            tokens: match self.instance_metadata_tokens {
                None => usual.tokens,
                Some(TokenChoice::Required) => HttpTokens::Required,
                Some(TokenChoice::Optional) => HttpTokens::Optional,
            },
            hop_limit: self.instance_metadata_hop_limit.unwrap_or(usual.hop_limit),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Arguments, Command};
    use crate::settings::ConfigFile;
    use clap::Parser;

    fn settled(line: &str, file: &str) -> Option<InstanceMetadataOptions> {
        let file = ConfigFile::parse(file).expect("the file is well formed");
        match Arguments::try_parse_from(line.split(' ')).expect("the line is well formed").command {
            Command::Agent { host, .. } => host.or(file.host).settle().instance_metadata,
            other => panic!("not an agent: {other:?}"),
        }
    }

    #[test]
    fn none_is_served_unless_it_is_asked_for() {
        assert_eq!(settled("berth agent", ""), None);
        let usual = InstanceMetadataOptions::default();
        assert_eq!(settled("berth agent --instance-metadata", ""), Some(usual.clone()));
        let file = "[host]\nmetadata = { instance-metadata = true }";
        assert_eq!(settled("berth agent", file), Some(usual));
        assert_eq!(settled("berth agent --instance-metadata false", file), None);
    }

    #[test]
    fn each_setting_may_come_from_a_flag_or_the_file() {
        let file = "[host]\nmetadata = { instance-metadata = true, instance-metadata-tokens = \"optional\", \
                    instance-metadata-address = \"127.0.0.1:0\", instance-metadata-hop-limit = 3 }";
        let options =
            settled("berth agent --instance-metadata-hop-limit 2", file).expect("it is on");
        assert_eq!(options.address.to_string(), "127.0.0.1:0");
        assert_eq!((options.tokens, options.hop_limit), (HttpTokens::Optional, 2));
        for limit in ["0", "65", "-1"] {
            let file = format!("[host]\nmetadata = {{ instance-metadata-hop-limit = {limit} }}");
            assert!(ConfigFile::parse(&file).is_err(), "{limit}");
        }
    }
}
