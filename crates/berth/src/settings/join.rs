//! How a host that is not in yet may join: a token, or an activation as ECS Anywhere has them.

use berth_agent::{JoinGrant, Pin};
use clap::Args;
use serde::Deserialize;

use super::text::parsed;
use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct JoinOptions {
    /// What `berth token create` printed: needed once, until this host has joined
    #[arg(long, env = "BERTH_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// An activation of SSM, to join as an EXTERNAL host (ECS Anywhere)
    #[arg(long, env = "BERTH_ACTIVATION_ID", value_name = "ID")]
    pub activation_id: Option<String>,

    /// The activation's code
    #[arg(long, env = "BERTH_ACTIVATION_CODE", value_name = "CODE", hide_env_values = true)]
    pub activation_code: Option<String>,

    /// The fingerprint of the server's certificate authority; a token has it in it, an activation does not
    #[arg(long, env = "BERTH_CA_PIN", value_name = "SHA256")]
    #[serde(deserialize_with = "parsed")]
    pub ca_pin: Option<Pin>,
}

impl JoinOptions {
    /// One way to join wins as a whole: half of an activation is never put together with the other half of another.
    pub fn or(self, file: JoinOptions) -> JoinOptions {
        let ca_pin = self.ca_pin.or(file.ca_pin);
        let is_way =
            self.token.is_some() || self.activation_id.is_some() || self.activation_code.is_some();
        JoinOptions { ca_pin, ..if is_way { self } else { file } }
    }

    pub fn settle(self) -> anyhow::Result<Option<JoinGrant>> {
        let pinned = |grant: JoinGrant| match self.ca_pin {
            Some(pin) => grant.with_authority(pin),
            None => grant,
        };
        match (self.token, self.activation_id, self.activation_code) {
            (None, None, None) => Ok(None),
            (Some(token), None, None) => {
                token.parse().map(|grant| Some(pinned(grant))).map_err(Usage::error)
            }
            (None, Some(id), Some(code)) => Ok(Some(pinned(JoinGrant::external(id, code)))),
            (None, _, _) => Err(Usage::error(
                "--activation-id and --activation-code go together, and one is missing",
            )),
            (Some(_), _, _) => Err(Usage::error(
                "a host joins by --token, or by --activation-id and --activation-code; not by both",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(token: &str, id: &str, code: &str) -> JoinOptions {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (activation_id, activation_code) = (given(id), given(code));
        JoinOptions { token: given(token), activation_id, activation_code, ca_pin: None }
    }

    #[test]
    fn a_host_joins_by_a_token_or_by_an_activation() {
        assert_eq!(options("", "", "").settle().expect("nothing"), None);
        let by_token = options("a.b", "", "").settle().expect("a token").expect("a grant");
        assert_eq!(by_token.token(), "a.b");
        let external = options("", "a", "b").settle().expect("an activation");
        assert_eq!(external, Some(JoinGrant::external("a", "b")));
        for (token, id, code) in [("a", "", ""), ("", "a", ""), ("", "", "b"), ("a.b", "a", "b")] {
            options(token, id, code).settle().expect_err("it is wrong");
        }
    }

    #[test]
    fn the_servers_authority_comes_with_the_token_or_beside_an_activation() {
        let pin: Pin = "0f".repeat(32).parse().expect("a fingerprint");
        let token = format!("a.b.{pin}");
        let by_token = options(&token, "", "").settle().expect("a token").expect("a grant");
        assert_eq!((by_token.authority, by_token.token()), (Some(pin), token));
        let by_activation = JoinOptions { ca_pin: Some(pin), ..options("", "a", "b") };
        let by_activation = by_activation.settle().expect("an activation").expect("a grant");
        assert_eq!(by_activation.authority, Some(pin));
        for wrong in ["a.b.", "a.b.0f", "a.b.c.d"] {
            options(wrong, "", "").settle().expect_err(wrong);
        }
    }

    #[test]
    fn halves_are_not_mixed() {
        let merged = options("", "a", "").or(options("", "c", "d"));
        merged.settle().expect_err("the code belongs to another activation");
    }
}
