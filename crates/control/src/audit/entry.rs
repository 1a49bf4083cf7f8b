//! One call, as it is told.

use std::net::IpAddr;

use berth_model::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Line;

/// CloudTrail's version of the form that is written here.
const VERSION: &str = "1.11";

#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub at: Timestamp,
    /// The service that was called, by its signing name.
    pub service: &'a str,
    pub name: &'a str,
    pub region: Option<&'a str>,
    pub source: IpAddr,
    pub user_agent: Option<&'a str>,
    /// `None`: nobody proved to be anybody.
    pub identity: Option<&'a Identity>,
    /// What was asked for, without what is sensitive.
    pub parameters: Option<&'a RawValue>,
    pub problem: Option<Problem<'a>>,
    pub request_id: &'a str,
}

/// Who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub arn: String,
    pub account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
}

/// Why nothing came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    pub code: &'a str,
    pub message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    event_version: &'static str,
    event_time: String,
    event_source: String,
    event_name: &'a str,
    read_only: bool,
    aws_region: Option<&'a str>,
    #[serde(rename = "sourceIPAddress")]
    source: IpAddr,
    user_agent: Option<&'a str>,
    user_identity: Option<&'a Identity>,
    request_parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
}

impl Entry<'_> {
    pub(super) fn line(&self) -> Line {
        let written = Written {
            event_version: VERSION,
            event_time: self.at.to_string(),
            event_source: format!("{}.amazonaws.com", self.service),
            event_name: self.name,
            read_only: is_read(self.name),
            aws_region: self.region,
            source: self.source,
            user_agent: self.user_agent,
            user_identity: self.identity,
            request_parameters: self.parameters,
            error_code: self.problem.map(|problem| problem.code),
            error_message: self.problem.and_then(|problem| problem.message),
            request_id: self.request_id,
        };
        let mut line = serde_json::to_vec(&written).expect("text keys only, and writing to memory");
        line.push(b'\n');
        line
    }
}

/// AWS: operations that change nothing have these names.
pub(crate) fn is_read(name: &str) -> bool {
    const READS: [&str; 8] =
        ["BatchGet", "Describe", "Discover", "Get", "List", "Lookup", "Search", "Simulate"];
    READS.iter().any(|read| name.starts_with(read))
}
