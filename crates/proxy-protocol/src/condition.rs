//! What a rule asks of a request.

use serde::{Deserialize, Serialize};

/// All conditions of a rule have to hold; of one condition's values, any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "field")]
pub enum Condition {
    HostHeader {
        values: Vec<Pattern>,
    },
    PathPattern {
        values: Vec<Pattern>,
    },
    HttpHeader {
        name: String,
        values: Vec<Pattern>,
    },
    HttpRequestMethod {
        values: Vec<String>,
    },
    QueryString {
        values: Vec<QueryPattern>,
    },
    /// Networks in CIDR notation.
    SourceIp {
        values: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pattern {
    /// `*` stands for any characters, `?` for exactly one, a backslash before one of the three for itself.
    Wildcard(String),
    Regex(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryPattern {
    /// Without a key, the value of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub value: String,
}
