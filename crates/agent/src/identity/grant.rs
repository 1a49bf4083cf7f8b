//! What lets a host in: an activation's id and code, by themselves or as one token.

use std::fmt;
use std::str::FromStr;

use berth_agent_protocol::hosts::HostType;

use crate::trust::Pin;

/// Not `Debug` with its code: it is a secret until it is used up.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinGrant {
    pub activation_id: String,
    pub activation_code: String,
    pub host_type: HostType,
    /// The authority that the control plane's certificate is of.
    pub authority: Option<Pin>,
}

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a token: `berth token create` prints one, an activation's id and code with a dot between, and the \
     fingerprint of the server's certificate authority after another"
)]
pub struct NoToken;

impl JoinGrant {
    /// As ECS Anywhere's script takes them: the host is an external one.
    pub fn external(activation_id: impl Into<String>, activation_code: impl Into<String>) -> Self {
        let (activation_id, activation_code) = (activation_id.into(), activation_code.into());
        JoinGrant { activation_id, activation_code, host_type: HostType::External, authority: None }
    }

    #[must_use]
    pub fn with_authority(self, authority: Pin) -> Self {
        JoinGrant { authority: Some(authority), ..self }
    }

    /// All in one text, for people to pass on.
    pub fn token(&self) -> String {
        let grant = format!("{}.{}", self.activation_id, self.activation_code);
        match self.authority {
            Some(authority) => format!("{grant}.{authority}"),
            None => grant,
        }
    }
}

/// A token: the host is one of EC2 type.
impl FromStr for JoinGrant {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        let (id, rest) = text.trim().split_once('.').ok_or(NoToken)?;
        let (code, authority) = match rest.split_once('.') {
            Some((code, pin)) => (code, Some(pin.parse().map_err(|_| NoToken)?)),
            None => (rest, None),
        };
        let plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !plain(id) || !plain(code) {
            return Err(NoToken);
        }
        Ok(JoinGrant {
            activation_id: id.to_owned(),
            activation_code: code.to_owned(),
            host_type: HostType::Ec2,
            authority,
        })
    }
}

/// Never shows the code.
impl fmt::Debug for JoinGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinGrant")
            .field("activation_id", &self.activation_id)
            .field("host_type", &self.host_type)
            .finish_non_exhaustive()
    }
}
