//! Sorts things by the service that they speak of, so that a request looks only at its own.

use std::cmp::Ordering;

/// For every service that is named, what bears on it, in the order given; and what bears on all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByService<T> {
    /// In the order of their names.
    named: Box<[Named<T>]>,
    others: Box<[T]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named<T> {
    /// In lower case.
    service: Box<str>,
    things: Box<[T]>,
}

impl<T: Clone> ByService<T> {
    /// Of things with their service in lower case, or `None` for what bears on every one.
    pub(crate) fn new(things: &[(Option<&str>, T)]) -> Self {
        let mut names: Vec<&str> = things.iter().filter_map(|(service, _)| *service).collect();
        names.sort_unstable();
        names.dedup();
        let about = |name: Option<&str>| -> Box<[T]> {
            let bears = |service: &Option<&str>| service.is_none() || *service == name;
            things.iter().filter(|(service, _)| bears(service)).map(|(_, t)| t.clone()).collect()
        };
        Self {
            named: names
                .iter()
                .map(|name| Named { service: (*name).into(), things: about(Some(name)) })
                .collect(),
            others: about(None),
        }
    }

    pub(crate) fn get(&self, service: &str) -> &[T] {
        match self.named.binary_search_by(|named| compare(&named.service, service)) {
            Ok(place) => &self.named[place].things,
            Err(_) => &self.others,
        }
    }
}

/// A name in lower case with one in any case.
fn compare(name: &str, service: &str) -> Ordering {
    name.bytes().cmp(service.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::ByService;

    #[test]
    fn a_service_sees_its_own_and_what_is_for_all() {
        let things =
            ByService::new(&[(Some("s3"), 1), (None, 2), (Some("ecs"), 3), (Some("s3"), 4)]);
        assert_eq!(things.get("S3"), [1, 2, 4]);
        assert_eq!(things.get("ecs"), [2, 3]);
        assert_eq!(things.get("iam"), [2]);
    }
}
