//! ARNs of what ELB has: written at the edge, and read there.
//!
//! AWS: `loadbalancer/app/NAME/ID`, `listener/app/NAME/ID/ID`, `listener-rule/app/NAME/ID/ID/ID`, `targetgroup/NAME/ID`,
//! `truststore/NAME/ID`.

use berth_model::Scope;

use crate::tables::{BalancerRef, ElbId, Listener, Rule};

/// What an ARN of this account and region names. Whether there is such a thing is another question; the ids say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    LoadBalancer(ElbId),
    Listener(ElbId),
    Rule(ElbId),
    TargetGroup(ElbId),
    TrustStore(ElbId),
}

/// `None`: it is of no form that ELB's ARNs have. Of another account or region there is nothing, so it names an id that
/// nothing has.
pub fn parse(arn: &str) -> Option<(Named, &str)> {
    let (prefix, resource) = split(arn)?;
    let parts: Vec<&str> = resource.split('/').collect();
    let id = |text: &str| text.parse().ok();
    let named = match *parts.as_slice() {
        ["loadbalancer", "app" | "net", _, last] => Named::LoadBalancer(id(last)?),
        ["listener", "app" | "net", _, of, last] => {
            id(of)?;
            Named::Listener(id(last)?)
        }
        ["listener-rule", "app" | "net", _, of, listener, last] => {
            id(of).and(id(listener))?;
            Named::Rule(id(last)?)
        }
        ["targetgroup", _, last] => Named::TargetGroup(id(last)?),
        ["truststore", _, last] => Named::TrustStore(id(last)?),
        _ => return None,
    };
    Some((named, prefix))
}

/// `arn:aws:elasticloadbalancing:REGION:ACCOUNT` and the rest.
fn split(arn: &str) -> Option<(&str, &str)> {
    let at = arn.match_indices(':').nth(4)?.0;
    let (prefix, resource) = (&arn[..at], &arn[at + 1..]);
    let mut parts = prefix.split(':');
    let is_ours = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("elasticloadbalancing");
    is_ours.then_some((prefix, resource))
}

/// What the ARNs of a region begin with.
pub fn prefix(scope: &Scope) -> String {
    let Scope { partition, account, region } = scope;
    format!("arn:{partition}:elasticloadbalancing:{region}:{account}")
}

impl BalancerRef {
    pub fn arn(&self) -> String {
        format!("{}:loadbalancer/{}", prefix(&self.scope), self.path())
    }

    pub fn listener_arn(&self, listener: ElbId) -> String {
        format!("{}:listener/{}/{listener}", prefix(&self.scope), self.path())
    }

    pub fn rule_arn(&self, listener: ElbId, rule: ElbId) -> String {
        format!("{}:listener-rule/{}/{listener}/{rule}", prefix(&self.scope), self.path())
    }
}

impl Listener {
    pub fn arn(&self) -> String {
        self.of.listener_arn(self.id)
    }

    pub fn default_rule_arn(&self) -> String {
        self.of.rule_arn(self.id, self.default_rule)
    }
}

impl Rule {
    pub fn arn(&self) -> String {
        self.of.rule_arn(self.listener, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_apart_by_their_form() {
        let arn = |resource: &str| {
            format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:{resource}")
        };
        let named = |resource: &str| parse(&arn(resource)).map(|(named, _)| named);
        let id = ElbId(0x0123_4567_89ab_cdef);
        for (resource, expected) in [
            ("loadbalancer/app/web/0123456789abcdef", Some(Named::LoadBalancer(id))),
            ("loadbalancer/gwy/web/0123456789abcdef", None),
            ("listener/net/web/0000000000000001/0123456789abcdef", Some(Named::Listener(id))),
            (
                "listener-rule/app/web/0000000000000001/0000000000000002/0123456789abcdef",
                Some(Named::Rule(id)),
            ),
            ("targetgroup/web/0123456789abcdef", Some(Named::TargetGroup(id))),
            ("targetgroup/web/0123456789ABCDEF", None),
            ("targetgroup/web/1", None),
            ("truststore/web/0123456789abcdef", Some(Named::TrustStore(id))),
            ("loadbalancer/web", None),
        ] {
            assert_eq!(named(resource), expected, "{resource}");
        }
        assert_eq!(
            parse("arn:aws:ecs:us-east-1:123456789012:targetgroup/web/0123456789abcdef"),
            None
        );
        assert_eq!(parse("web"), None);
    }
}
