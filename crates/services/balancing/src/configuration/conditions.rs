//! What rules ask of requests.

use berth_aws_api::elbv2 as api;
use berth_proxy_protocol::{Condition, Pattern, QueryPattern};

/// `None` for what no rule has: the operations have seen to it.
pub fn condition(condition: &api::RuleCondition) -> Option<Condition> {
    Some(match condition.field.as_deref()? {
        "host-header" => {
            let config = condition.host_header_config.as_ref()?;
            Condition::HostHeader { values: patterns(&config.values, &config.regex_values) }
        }
        "path-pattern" => {
            let config = condition.path_pattern_config.as_ref()?;
            Condition::PathPattern { values: patterns(&config.values, &config.regex_values) }
        }
        "http-header" => {
            let config = condition.http_header_config.as_ref()?;
            Condition::HttpHeader {
                name: config.http_header_name.clone().unwrap_or_default(),
                values: patterns(&config.values, &config.regex_values),
            }
        }
        "http-request-method" => {
            let config = condition.http_request_method_config.as_ref()?;
            Condition::HttpRequestMethod { values: config.values.clone().unwrap_or_default() }
        }
        "query-string" => {
            let config = condition.query_string_config.as_ref()?;
            let pair = |pair: &api::QueryStringKeyValuePair| QueryPattern {
                key: pair.key.clone(),
                value: pair.value.clone().unwrap_or_default(),
            };
            Condition::QueryString { values: config.values.iter().flatten().map(pair).collect() }
        }
        "source-ip" => {
            let config = condition.source_ip_config.as_ref()?;
            Condition::SourceIp { values: config.values.clone().unwrap_or_default() }
        }
        _ => return None,
    })
}

fn patterns(values: &Option<Vec<String>>, regexes: &Option<Vec<String>>) -> Vec<Pattern> {
    let values = values.iter().flatten().cloned().map(Pattern::Wildcard);
    values.chain(regexes.iter().flatten().cloned().map(Pattern::Regex)).collect()
}
