//! The element `Action` or `NotAction`.
//!
//! Actions have no case. A service is named in full, or is `*`; wildcards are for the name behind the colon.

use crate::by_service::ByService;
use crate::malformed::Malformed;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actions {
    /// `NotAction`: all but these.
    negated: bool,
    written: Box<[Box<str>]>,
    names: ByService<Name>,
}

/// What an action's name may be, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Wild(Box<str>),
}

impl Actions {
    pub(crate) fn compile(written: Vec<String>, negated: bool) -> Result<Self, Malformed> {
        let lower: Vec<String> = written.iter().map(|text| text.to_ascii_lowercase()).collect();
        let mut names = Vec::with_capacity(lower.len());
        for (text, lower) in written.iter().zip(&lower) {
            names.push(split(text, lower)?);
        }
        Ok(Self {
            negated,
            names: ByService::new(&names),
            written: written.into_iter().map(Into::into).collect(),
        })
    }

    pub(crate) fn negated(&self) -> bool {
        self.negated
    }

    pub(crate) fn written(&self) -> &[Box<str>] {
        &self.written
    }

    /// The services that these actions are of; `None` if they may be of any.
    pub(crate) fn services(&self) -> Option<Vec<String>> {
        if self.negated {
            return None;
        }
        let service = |text: &str| {
            let (service, _) = text.split_once(':')?;
            (service != "*").then(|| service.to_ascii_lowercase())
        };
        let mut services =
            self.written.iter().map(|text| service(text)).collect::<Option<Vec<_>>>()?;
        services.sort_unstable();
        services.dedup();
        Some(services)
    }

    pub(crate) fn include(&self, service: &str, name: &str) -> bool {
        self.names.get(service).iter().any(|pattern| pattern.matches(name)) != self.negated
    }
}

/// The service (`None` for all) and the name of an action in lower case; `text` is for the refusal.
fn split<'a>(text: &str, lower: &'a str) -> Result<(Option<&'a str>, Name), Malformed> {
    let mut parts = lower.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("*"), None, None) => Ok((None, Name::Any)),
        (Some(_), None, _) => Err(Malformed::new(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        )
        .with(format!("`{text}`"))),
        (Some("*"), Some(name), None) => Ok((None, Name::compile(name))),
        (Some(vendor), Some(name), None) => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
            if vendor.is_empty() || !vendor.bytes().all(allowed) {
                let vendor = &text[..vendor.len()];
                return Err(Malformed::new(format!("Vendor {vendor} is not valid")));
            }
            Ok((Some(vendor), Name::compile(name)))
        }
        _ => Err(Malformed::new("Actions/Condition can contain only one colon.")
            .with(format!("`{text}`"))),
    }
}

impl Name {
    fn compile(lower: &str) -> Self {
        match lower.find(['*', '?']) {
            None => Name::Exact(lower.into()),
            Some(0) if lower == "*" => Name::Any,
            Some(place) if place == lower.len() - 1 && lower.ends_with('*') => {
                Name::Prefix(lower[..place].into())
            }
            Some(_) => Name::Wild(lower.into()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Name::Any => true,
            Name::Exact(exact) => exact.eq_ignore_ascii_case(name),
            Name::Prefix(prefix) => name
                .as_bytes()
                .get(..prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes())),
            Name::Wild(pattern) => wild(pattern.as_bytes(), name.as_bytes()),
        }
    }
}

/// A pattern in lower case against a name in any: the latest `*` takes as little as will do.
fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), name.get(n)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((p + 1, n));
                p += 1;
            }
            (Some(&wanted), Some(byte))
                if wanted == b'?' || wanted == byte.to_ascii_lowercase() =>
            {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((after, taken)) if taken < name.len() => {
                    star = Some((after, taken + 1));
                    (p, n) = (after, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Actions;

    fn include(written: &str, action: &str) -> bool {
        let (service, name) = action.split_once(':').unwrap();
        Actions::compile(vec![written.to_owned()], false).unwrap().include(service, name)
    }

    #[test]
    fn actions_match_without_case_and_with_wildcards_in_the_name() {
        let table = [
            ("*", "ecs:RunTask", true),
            ("*:*", "ecs:RunTask", true),
            ("ecs:*", "ecs:RunTask", true),
            ("ecs:*", "ecr:RunTask", false),
            ("ECS:runtask", "ecs:RunTask", true),
            ("ecs:RunTask", "ecs:runtask", true),
            ("ecs:RunTask", "ecs:RunTasks", false),
            ("ecs:Run*", "ecs:RunTask", true),
            ("ecs:Run*", "ecs:Ru", false),
            ("ecs:*Task", "ecs:StopTask", true),
            ("ecs:*Task", "ecs:ListTasks", false),
            ("ecs:*Task*", "ecs:DescribeTaskDefinition", true),
            ("ecs:???nTask", "ecs:RunTask", false),
            ("ecs:R?nTask", "ecs:RunTask", true),
            ("ecs:*a*a", "ecs:banana", true),
            ("ecs:*a*n", "ecs:banana", false),
            ("*:Describe*", "ec2:DescribeHosts", true),
        ];
        for (written, action, expected) in table {
            assert_eq!(include(written, action), expected, "{written} of {action}");
        }
    }

    #[test]
    fn not_action_is_all_the_others() {
        let all_but = Actions::compile(vec!["iam:*".to_owned()], true).unwrap();
        assert!(all_but.include("ecs", "RunTask"));
        assert!(!all_but.include("IAM", "GetUser"));
        assert_eq!(all_but.services(), None);
    }

    #[test]
    fn an_action_needs_a_service_and_one_colon() {
        let table = [
            (
                "RunTask",
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (`RunTask`)",
            ),
            ("ecs:Run:Task", "Actions/Condition can contain only one colon. (`ecs:Run:Task`)"),
            ("e*:RunTask", "Vendor e* is not valid"),
            (":RunTask", "Vendor  is not valid"),
        ];
        for (written, refusal) in table {
            let refused = Actions::compile(vec![written.to_owned()], false).unwrap_err();
            assert_eq!(refused.to_string(), refusal);
        }
    }
}
