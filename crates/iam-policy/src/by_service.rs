//! Sorts things by the service that they speak of, so that a request looks only at its own.

use std::cmp::Ordering;
use std::collections::BTreeMap;

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
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut everywhere = Vec::new();
        for (place, (service, _)) in things.iter().enumerate() {
            match service {
                Some(service) => places.entry(service).or_default().push(place),
                None => everywhere.push(place),
            }
        }
        let at = |places: &[usize]| places.iter().map(|place| things[*place].1.clone()).collect();
        let named = places.into_iter().map(|(service, mut places)| {
            places.extend(&everywhere);
            places.sort_unstable();
            Named { service: service.into(), things: at(&places) }
        });
        Self { named: named.collect(), others: at(&everywhere) }
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
