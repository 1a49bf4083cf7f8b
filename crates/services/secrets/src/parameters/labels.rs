//! Labels: names for versions, which go from one version to another.

use std::collections::BTreeSet;

use berth_aws_api::ssm as api;
use berth_control::cell::Transaction;

use super::find;
use crate::tables::{Parameter, ParameterVersion};

/// AWS: no version may have more.
const MOST: usize = 10;

/// AWS: letters, digits and `.-_`; not a digit first, nor `aws` or `ssm` in any case.
pub fn is_sound(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    label.chars().all(allowed)
        && !label.starts_with(|c: char| c.is_ascii_digit())
        && !["aws", "ssm"].iter().any(|start| lower.starts_with(start))
}

/// Gives labels to a version, whichever had them before.
pub fn give(
    tx: &mut Transaction,
    parameter: &Parameter,
    number: u64,
    labels: &BTreeSet<String>,
) -> Result<(), api::Error> {
    let version = find::number(tx, parameter, number)?.clone();
    if version.labels.union(labels).count() > MOST {
        return Err(api::Error::parameter_version_label_limit_exceeded(format!(
            "A parameter version can have {MOST} labels at most. Move one or more labels to another version and try \
             again."
        )));
    }
    let others: Vec<ParameterVersion> = find::versions(tx, parameter)
        .filter(|other| other.number != number && !other.labels.is_disjoint(labels))
        .cloned()
        .collect();
    for mut other in others {
        other.labels.retain(|label| !labels.contains(label));
        tx.put(other);
    }
    let labels = version.labels.union(labels).cloned().collect();
    tx.put(ParameterVersion { labels, ..version });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_rules() {
        assert!(["prod", "v1.0-rc_2", "_x"].iter().all(|label| is_sound(label)));
        assert!(!["1st", "aws-x", "SSM", "a b", "a:b"].iter().any(|label| is_sound(label)));
    }
}
