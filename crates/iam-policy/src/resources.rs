//! The element `Resource` or `NotResource`.

use crate::context::{Context, Key};
use crate::document::Version;
use crate::malformed::Malformed;
use crate::pattern::{Pattern, Wildcards};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resources {
    /// `NotResource`: all but these.
    negated: bool,
    written: Box<[Box<str>]>,
    patterns: Box<[Pattern]>,
}

/// The partitions that AWS knows.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

impl Resources {
    pub(crate) fn compile(
        written: Vec<String>,
        negated: bool,
        version: Version,
    ) -> Result<Self, Malformed> {
        let mut patterns = Vec::with_capacity(written.len());
        for text in &written {
            check(text)?;
            patterns.push(Pattern::compile(text, Wildcards::PerPartOrBeyond, version)?);
        }
        Ok(Self {
            negated,
            patterns: patterns.into(),
            written: written.into_iter().map(Into::into).collect(),
        })
    }

    pub(crate) fn negated(&self) -> bool {
        self.negated
    }

    pub(crate) fn written(&self) -> &[Box<str>] {
        &self.written
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.patterns.iter().flat_map(Pattern::keys)
    }

    /// AWS: with a variable that has no value, an ARN of `NotResource` excludes nothing.
    pub(crate) fn include(&self, resource: &str, context: &dyn Context) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(resource, context)) != self.negated
    }

    /// Whether it surely includes every ARN that begins so.
    pub(crate) fn include_all(&self, beginning: &str) -> bool {
        match self.negated {
            false => self.patterns.iter().any(|pattern| pattern.matches_all(beginning)),
            true => self.patterns.iter().all(|pattern| pattern.matches_none(beginning)),
        }
    }

    /// Whether it surely includes no ARN that begins so.
    pub(crate) fn include_none(&self, beginning: &str) -> bool {
        match self.negated {
            false => self.patterns.iter().all(|pattern| pattern.matches_none(beginning)),
            true => self.patterns.iter().any(|pattern| pattern.matches_all(beginning)),
        }
    }
}

/// What AWS asks of an ARN in a policy; `Pattern` looks at its variables.
///
/// DEVIATES: what IAM asks of ARNs of single services (paths of IAM begin with a known word, buckets have no
/// region) is not asked here; such a resource is accepted and matches nothing.
fn check(text: &str) -> Result<(), Malformed> {
    if text == "*" {
        return Ok(());
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        return Err(Malformed::new(format!("Resource {text} must be in ARN format or \"*\".")));
    }
    let partition = parts.next().unwrap_or_default();
    let wild = partition.contains(['*', '?']);
    if !wild && !PARTITIONS.contains(&partition) {
        let rest: Vec<&str> = parts.collect();
        let part = |number: usize| rest.get(number).copied().unwrap_or("*");
        return Err(Malformed::new(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}:{}:{}:{}\".",
            part(0),
            part(1),
            part(2),
            part(3)
        )));
    }
    let vendor = parts.next().unwrap_or_default();
    if vendor.is_empty() || vendor.contains(['*', '?']) {
        return Err(Malformed::new(
            "Resource vendor must be fully qualified and cannot contain regexes.",
        )
        .with(format!("`{text}`")));
    }
    // AWS: a short ARN is fine if a star may stand for what is missing.
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    if colons < 5 && !text.contains('*') {
        return Err(Malformed::legacy(format!("`{text}` is not a whole ARN")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Resources;
    use crate::context::{Keys, Nothing};
    use crate::document::Version;

    fn compile(text: &str, negated: bool) -> Result<Resources, crate::Malformed> {
        Resources::compile(vec![text.to_owned()], negated, Version::V2012_10_17)
    }

    #[test]
    fn what_is_no_arn_is_refused_in_the_words_of_aws() {
        let table = [
            ("bucket", r#"Resource bucket must be in ARN format or "*"."#),
            ("", r#"Resource  must be in ARN format or "*"."#),
            (
                "arn:amazon:s3:::b",
                r#"Partition "amazon" is not valid for resource "arn:amazon:s3:::b"."#,
            ),
            ("arn:a", r#"Partition "a" is not valid for resource "arn:a:*:*:*:*"."#),
            (
                "arn:aws:*:::b",
                "Resource vendor must be fully qualified and cannot contain regexes. (`arn:aws:*:::b`)",
            ),
            (
                "arn:aws:iam::1",
                "The policy failed legacy parsing (`arn:aws:iam::1` is not a whole ARN)",
            ),
        ];
        for (text, refusal) in table {
            assert_eq!(compile(text, false).unwrap_err().to_string(), refusal);
        }
        for fine in ["*", "arn:aws:s3:::b/*", "arn:aws:ec2:*", "arn:*:ecs:*:*:cluster/c"] {
            assert!(compile(fine, false).is_ok(), "{fine}");
        }
    }

    #[test]
    fn not_resource_is_all_the_others() {
        let others = compile("arn:aws:s3:::b/${aws:username}", true).unwrap();
        let keys = Keys::new().with("aws:username", "ann");
        assert!(!others.include("arn:aws:s3:::b/ann", &keys));
        assert!(others.include("arn:aws:s3:::b/bob", &keys));
        assert!(others.include("arn:aws:s3:::b/ann", &Nothing));
    }

    #[test]
    fn an_action_without_a_resource_is_for_the_star_alone() {
        assert!(compile("*", false).unwrap().include("*", &Nothing));
        assert!(!compile("arn:aws:ecs:*", false).unwrap().include("*", &Nothing));
    }
}
