//! How a host that is not in yet may join: a token, or an activation as ECS Anywhere has them.

use berth_agent::JoinGrant;
use clap::Args;
use serde::Deserialize;

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
}

impl JoinOptions {
    /// One way to join wins as a whole: half of an activation is never put together with the other half of another.
    pub fn or(self, file: JoinOptions) -> JoinOptions {
        if self == JoinOptions::default() { file } else { self }
    }

    pub fn settle(self) -> anyhow::Result<Option<JoinGrant>> {
        match (self.token, self.activation_id, self.activation_code) {
            (None, None, None) => Ok(None),
            (Some(token), None, None) => token.parse().map(Some).map_err(Usage::error),
            (None, Some(id), Some(code)) => Ok(Some(JoinGrant::external(id, code))),
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
        JoinOptions { token: given(token), activation_id: given(id), activation_code: given(code) }
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
    fn halves_are_not_mixed() {
        let merged = options("", "a", "").or(options("", "c", "d"));
        merged.settle().expect_err("the code belongs to another activation");
    }
}
