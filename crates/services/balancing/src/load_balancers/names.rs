//! What load balancers and target groups may be called.
//!
//! AWS: at most 32 characters: letters, digits and hyphens, none of these at an end; no balancer begins with `internal-`.

use berth_aws_api::elbv2 as api;

const LONGEST: usize = 32;

/// `what` is `load balancer` or `target group`.
pub fn check(what: &str, name: &str) -> Result<(), api::Error> {
    let refused =
        |why: &str| Err(api::Error::validation(format!("The {what} name '{name}' {why}")));
    if name.is_empty() {
        return Err(api::Error::validation(format!("A {what} name must be specified")));
    }
    if name.chars().count() > LONGEST {
        return refused("cannot be longer than '32' characters");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return refused(
            "can only contain characters that are alphanumeric characters and hyphens(-)",
        );
    }
    if name.starts_with('-') || name.ends_with('-') {
        return refused("cannot begin or end with a hyphen(-)");
    }
    if what == "load balancer" && name.starts_with("internal-") {
        return refused("cannot begin with 'internal-'");
    }
    Ok(())
}
