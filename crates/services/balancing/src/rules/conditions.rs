//! What a rule asks of requests: checked, and said in each of the forms that ELB shows.
//!
//! AWS: user guide, "Condition types": which fields there are, which of them once, what their values may be.

use std::net::IpAddr;

use berth_aws_api::elbv2 as api;
use regex::Regex;

use crate::Limits;

/// The longest value, of every field but a few.
const LONGEST: usize = 128;

/// How many values and wildcards there are so far.
#[derive(Default)]
struct Counted {
    values: usize,
    wildcards: usize,
}

pub fn accept(
    given: Vec<api::RuleCondition>,
    limits: &Limits,
) -> Result<Vec<api::RuleCondition>, api::Error> {
    if given.is_empty() {
        return Err(api::Error::validation("A condition must be specified"));
    }
    let mut counted = Counted::default();
    let mut accepted: Vec<api::RuleCondition> = Vec::new();
    for condition in given {
        let field = condition.field.clone().unwrap_or_default();
        let is_again = accepted.iter().any(|other| other.field.as_deref() == Some(&field));
        if is_again && !matches!(field.as_str(), "http-header" | "query-string") {
            return Err(api::Error::validation(format!(
                "Rule cannot contain multiple '{field}' conditions"
            )));
        }
        accepted.push(one(&field, condition, &mut counted)?);
    }
    let Limits { values_per_rule, wildcards_per_rule, .. } = limits;
    if counted.values > *values_per_rule {
        return Err(api::Error::validation(format!(
            "A rule can only have '{values_per_rule}' condition values"
        )));
    }
    if counted.wildcards > *wildcards_per_rule {
        return Err(api::Error::validation(format!(
            "A rule can only have '{wildcards_per_rule}' condition wildcards"
        )));
    }
    Ok(accepted)
}

fn one(
    field: &str,
    given: api::RuleCondition,
    counted: &mut Counted,
) -> Result<api::RuleCondition, api::Error> {
    only_its_own(field, &given)?;
    let mut shown = api::RuleCondition { field: Some(field.to_owned()), ..Default::default() };
    match field {
        "host-header" => {
            let config = given.host_header_config.unwrap_or_default();
            let values = either(field, given.values, config.values)?;
            let regexes = either(field, given.regex_values, config.regex_values)?;
            texts(field, &values, &regexes, counted, host)?;
            shown.values = Some(values.clone()).filter(|values| !values.is_empty());
            shown.regex_values = Some(regexes.clone()).filter(|values| !values.is_empty());
            shown.host_header_config = Some(api::HostHeaderConditionConfig {
                values: some(values),
                regex_values: some(regexes),
            });
        }
        "path-pattern" => {
            let config = given.path_pattern_config.unwrap_or_default();
            let values = either(field, given.values, config.values)?;
            let regexes = either(field, given.regex_values, config.regex_values)?;
            texts(field, &values, &regexes, counted, path)?;
            shown.values = Some(values.clone()).filter(|values| !values.is_empty());
            shown.regex_values = Some(regexes.clone()).filter(|values| !values.is_empty());
            shown.path_pattern_config = Some(api::PathPatternConditionConfig {
                values: some(values),
                regex_values: some(regexes),
            });
        }
        "http-header" => {
            let config = given.http_header_config.unwrap_or_default();
            let name = config.http_header_name.unwrap_or_default();
            header_name(&name)?;
            let values = config.values.unwrap_or_default();
            let regexes = either(field, given.regex_values, config.regex_values)?;
            texts(field, &values, &regexes, counted, printable)?;
            shown.regex_values = Some(regexes.clone()).filter(|values| !values.is_empty());
            shown.http_header_config = Some(api::HttpHeaderConditionConfig {
                http_header_name: Some(name),
                values: some(values),
                regex_values: some(regexes),
            });
        }
        "http-request-method" => {
            let values = given.http_request_method_config.and_then(|config| config.values);
            let values = values.unwrap_or_default();
            counted.values += values.len();
            let is_method = |value: &&String| {
                let is_fine = |byte: u8| byte.is_ascii_uppercase() || b"-_".contains(&byte);
                (1..=40).contains(&value.len()) && value.bytes().all(is_fine)
            };
            all(field, &values, is_method)?;
            shown.http_request_method_config =
                Some(api::HttpRequestMethodConditionConfig { values: Some(values) });
        }
        "query-string" => {
            let values = given.query_string_config.and_then(|config| config.values);
            let values = values.unwrap_or_default();
            if values.is_empty() {
                return Err(without_values(field));
            }
            for pair in &values {
                let value = pair.value.as_deref().unwrap_or_default();
                let key = pair.key.as_deref();
                if value.is_empty() {
                    return Err(without_values(field));
                }
                for text in key.into_iter().chain([value]) {
                    if text.chars().count() > LONGEST || !printable(text) {
                        return Err(invalid(field, text));
                    }
                    counted.wildcards += wildcards(text);
                }
                counted.values += 1;
            }
            shown.query_string_config =
                Some(api::QueryStringConditionConfig { values: Some(values) });
        }
        "source-ip" => {
            let config = given.source_ip_config.unwrap_or_default();
            if config.ip_address_type.is_some() {
                return Err(api::Error::validation(
                    "SourceIpConfig.IpAddressType is not supported: the values say which addresses they are",
                ));
            }
            let values = config.values.unwrap_or_default();
            counted.values += values.len();
            all(field, &values, |value| is_network(value))?;
            shown.source_ip_config =
                Some(api::SourceIpConditionConfig { values: Some(values), ip_address_type: None });
        }
        other => {
            return Err(api::Error::validation(format!(
                "Condition field '{other}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'"
            )));
        }
    }
    Ok(shown)
}

/// A condition of one field with the configuration of another means nothing.
fn only_its_own(field: &str, given: &api::RuleCondition) -> Result<(), api::Error> {
    let configs = [
        ("host-header", given.host_header_config.is_some()),
        ("path-pattern", given.path_pattern_config.is_some()),
        ("http-header", given.http_header_config.is_some()),
        ("http-request-method", given.http_request_method_config.is_some()),
        ("query-string", given.query_string_config.is_some()),
        ("source-ip", given.source_ip_config.is_some()),
    ];
    for (of, is_there) in configs {
        if is_there && of != field {
            return Err(api::Error::validation(format!(
                "A condition with field '{field}' cannot have the configuration of '{of}'"
            )));
        }
    }
    let takes_values = matches!(field, "host-header" | "path-pattern");
    if given.values.as_ref().is_some_and(|values| !values.is_empty()) && !takes_values {
        return Err(api::Error::validation(format!(
            "Values cannot be specified for a condition with field '{field}': use its configuration"
        )));
    }
    if given.regex_values.as_ref().is_some_and(|values| !values.is_empty())
        && !takes_values
        && field != "http-header"
    {
        return Err(api::Error::validation(format!(
            "Regex values cannot be specified for a condition with field '{field}'"
        )));
    }
    Ok(())
}

/// The values are said in one of two places, or the same in both.
fn either(
    field: &str,
    plain: Option<Vec<String>>,
    config: Option<Vec<String>>,
) -> Result<Vec<String>, api::Error> {
    let plain = plain.filter(|values| !values.is_empty());
    let config = config.filter(|values| !values.is_empty());
    match (plain, config) {
        (Some(plain), Some(config)) if plain != config => Err(api::Error::validation(format!(
            "The values of a condition with field '{field}' are specified twice"
        ))),
        (plain, config) => Ok(plain.or(config).unwrap_or_default()),
    }
}

fn texts(
    field: &str,
    values: &[String],
    regexes: &[String],
    counted: &mut Counted,
    is_fine: fn(&str) -> bool,
) -> Result<(), api::Error> {
    match (values.is_empty(), regexes.is_empty()) {
        (true, true) => return Err(without_values(field)),
        (false, false) => {
            return Err(api::Error::validation(format!(
                "A condition with field '{field}' cannot have both values and regex values"
            )));
        }
        _ => {}
    }
    counted.values += values.len() + regexes.len();
    for value in values {
        if value.is_empty() || value.chars().count() > LONGEST || !is_fine(value) {
            return Err(invalid(field, value));
        }
        counted.wildcards += wildcards(value);
    }
    for regex in regexes {
        check_regex(regex)?;
    }
    Ok(())
}

pub fn check_regex(regex: &str) -> Result<(), api::Error> {
    if regex.is_empty() || regex.chars().count() > LONGEST || Regex::new(regex).is_err() {
        return Err(api::Error::validation(format!(
            "'{regex}' is not a valid regular expression of at most {LONGEST} characters"
        )));
    }
    Ok(())
}

fn all(
    field: &str,
    values: &[String],
    is_fine: impl Fn(&&String) -> bool,
) -> Result<(), api::Error> {
    if values.is_empty() {
        return Err(without_values(field));
    }
    match values.iter().find(|value| !is_fine(value)) {
        Some(value) => Err(invalid(field, value)),
        None => Ok(()),
    }
}

/// AWS: letters, digits, hyphens, dots and wildcards; a dot at least, and no digits after the last one.
fn host(value: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-.*?".contains(&byte);
    let after_dot = value.rsplit_once('.').map(|(_, end)| end);
    let is_end =
        |end: &str| end.bytes().all(|byte| byte.is_ascii_alphabetic() || b"*?-".contains(&byte));
    value.bytes().all(is_fine) && after_dot.is_some_and(is_end)
}

fn path(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.$/~\"'@:+&*?%=,;!()\\".contains(&byte))
}

fn printable(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn header_name(name: &str) -> Result<(), api::Error> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    if !(1..=40).contains(&name.len()) || !name.bytes().all(is_fine) {
        return Err(invalid("http-header", name));
    }
    if name.eq_ignore_ascii_case("host") {
        return Err(api::Error::validation(
            "The header 'Host' cannot be a condition with field 'http-header': use 'host-header'",
        ));
    }
    Ok(())
}

fn is_network(value: &str) -> bool {
    let Some((address, bits)) = value.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>()) else {
        return false;
    };
    bits <= if address.is_ipv4() { 32 } else { 128 }
}

/// A backslash takes what is special from what follows it.
fn wildcards(text: &str) -> usize {
    let mut count = 0;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '*' | '?' => count += 1,
            _ => {}
        }
    }
    count
}

fn some(values: Vec<String>) -> Option<Vec<String>> {
    Some(values).filter(|values| !values.is_empty())
}

fn without_values(field: &str) -> api::Error {
    api::Error::validation(format!("A condition value must be specified for field '{field}'"))
}

fn invalid(field: &str, value: &str) -> api::Error {
    api::Error::validation(format!("Condition value '{value}' is not valid for field '{field}'"))
}

#[cfg(test)]
mod tests;
