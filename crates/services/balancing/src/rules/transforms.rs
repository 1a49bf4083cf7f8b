//! What is changed about a request before it is forwarded.
//!
//! AWS: one rewrite of the host header and one of the URL at most, each with one pair of a pattern and what comes in its place.

use berth_aws_api::elbv2 as api;

use super::conditions::check_regex;

const LONGEST: usize = 1024;

pub fn accept(given: Vec<api::RuleTransform>) -> Result<Vec<api::RuleTransform>, api::Error> {
    let mut seen = Vec::new();
    for transform in &given {
        let of = transform.r#type.clone().unwrap_or_default();
        if seen.contains(&of) {
            return Err(api::Error::validation(format!(
                "A rule can only have one transform of type '{of}'"
            )));
        }
        let (host, url) = (&transform.host_header_rewrite_config, &transform.url_rewrite_config);
        let rewrites = match (&of, host, url) {
            (api::TransformTypeEnum::HostHeaderRewrite, Some(config), None) => &config.rewrites,
            (api::TransformTypeEnum::UrlRewrite, None, Some(config)) => &config.rewrites,
            _ => {
                return Err(api::Error::validation(format!(
                    "A transform of type '{of}' must have its own configuration and no other"
                )));
            }
        };
        let [rewrite] = rewrites.as_deref().unwrap_or_default() else {
            return Err(api::Error::validation(format!(
                "A transform of type '{of}' must have exactly one rewrite"
            )));
        };
        check_regex(rewrite.regex.as_deref().unwrap_or_default())?;
        let replace = rewrite.replace.as_deref().unwrap_or_default();
        if replace.chars().count() > LONGEST || replace.chars().any(char::is_control) {
            return Err(api::Error::validation(format!(
                "'{replace}' cannot be what a rewrite puts in place: at most {LONGEST} characters, none of control"
            )));
        }
        seen.push(of);
    }
    Ok(given)
}
