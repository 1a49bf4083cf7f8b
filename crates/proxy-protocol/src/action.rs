//! What is done with a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Pattern, Secret};

/// The last of a rule's actions answers the request; one before it may ask who sent it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Action {
    Forward(Forward),
    Redirect(Redirect),
    FixedResponse(FixedResponse),
    AuthenticateOidc(Box<OpenIdConnect>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forward {
    pub groups: Vec<WeightedGroup>,
    /// How long whoever came keeps the group that they came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticky_seconds: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WeightedGroup {
    /// ARN of the target group.
    pub group: String,
    /// 0 to 999.
    pub weight: u16,
}

/// Each part may have `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redirect {
    pub protocol: String,
    pub host: String,
    pub port: String,
    pub path: String,
    pub query: String,
    /// 301 or 302.
    pub status: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FixedResponse {
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(default)]
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenIdConnect {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub user_info_endpoint: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub session_cookie_name: String,
    pub scope: String,
    pub session_timeout_seconds: u64,
    pub extra_params: BTreeMap<String, String>,
    pub on_unauthenticated: OnUnauthenticated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnauthenticated {
    Deny,
    Allow,
    Authenticate,
}

/// Applied to a request before it is forwarded, once its rule is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Transform {
    HostHeaderRewrite { rewrites: Vec<Rewrite> },
    UrlRewrite { rewrites: Vec<Rewrite> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rewrite {
    /// A regular expression; always [`Pattern::Regex`].
    pub matches: Pattern,
    /// With `$1` and so on for what its groups matched.
    pub replace: String,
}
