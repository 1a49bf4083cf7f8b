//! Which images may go, the one that was of no use for longest first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use berth_runtime::{HeldImage, ImageName, MemoryBytes};

use crate::images::PulledImage;

/// An image that may go, by all its names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Removal {
    pub id: String,
    pub names: Vec<String>,
    pub size: MemoryBytes,
}

/// Only what this agent brought here itself, no container was made from, and nobody else has a name for.
pub(super) fn plan(
    held: &[HeldImage],
    pulled: &BTreeMap<String, PulledImage>,
    exclude: &BTreeSet<String>,
    now: i64,
    minimum_age: Duration,
) -> Vec<Removal> {
    let minimum_age = i64::try_from(minimum_age.as_millis()).unwrap_or(i64::MAX);
    let mut idle: Vec<(i64, Removal)> = Vec::new();
    for image in held.iter().filter(|image| !image.is_used) {
        let Some(ours) = pulled.get(&image.id).filter(|pulled| pulled.is_ours) else { continue };
        let is_old = now.saturating_sub(ours.used_at.max(ours.pulled_at)) >= minimum_age;
        let is_kept = ours.names.iter().chain(&image.tags).any(|name| exclude.contains(name));
        if !is_old || is_kept || has_foreign_names(image, ours) {
            continue;
        }
        let names = ours.names.iter().cloned().collect();
        idle.push((ours.used_at, Removal { id: image.id.clone(), names, size: image.size }));
    }
    idle.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
    idle.into_iter().map(|(_, removal)| removal).collect()
}

/// Somebody has given it a tag, or pulled it from elsewhere.
fn has_foreign_names(image: &HeldImage, ours: &PulledImage) -> bool {
    let is_foreign_tag = |tag: &String| !ours.names.contains(tag);
    let is_foreign_origin = |digest: &String| {
        let origin = ImageName::parse(digest);
        // An image that lost its names to a newer one has only its origin left.
        !ours.names.is_empty()
            && !ours.names.iter().any(|name| ImageName::parse(name).is_of_same_repository(&origin))
    };
    image.tags.iter().any(is_foreign_tag) || image.digests.iter().any(is_foreign_origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: i64 = 100 * 3_600_000;

    fn held(id: &str, tags: &[&str]) -> HeldImage {
        HeldImage {
            id: id.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            digests: vec!["web@sha256:00".to_owned()],
            size: MemoryBytes::from_mib(1),
            is_used: false,
        }
    }

    fn pulled(names: &[&str], hours_ago: i64) -> PulledImage {
        PulledImage {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            pulled_at: 0,
            used_at: NOW - hours_ago * 3_600_000,
            is_ours: true,
        }
    }

    fn ids(held: &[HeldImage], all: &[(&str, PulledImage)], exclude: &[&str]) -> Vec<String> {
        let all = all.iter().map(|(id, pulled)| ((*id).to_owned(), pulled.clone())).collect();
        let exclude = exclude.iter().map(|name| (*name).to_owned()).collect();
        plan(held, &all, &exclude, NOW, HOUR).into_iter().map(|removal| removal.id).collect()
    }

    #[test]
    fn the_least_recently_used_goes_first_and_what_is_fresh_stays() {
        let images = [held("a", &["web:1"]), held("b", &["web:2"]), held("c", &["web:3"])];
        let all = [
            ("a", pulled(&["web:1"], 2)),
            ("b", pulled(&["web:2"], 9)),
            ("c", pulled(&["web:3"], 0)),
        ];
        assert_eq!(ids(&images, &all, &[]), ["b", "a"]);
        assert_eq!(ids(&images, &all, &["web:2"]), ["a"], "one is excluded");
    }

    #[test]
    fn what_others_brought_use_or_named_stays() {
        let ours = [("a", pulled(&["web:1"], 9))];
        assert_eq!(ids(&[held("a", &["web:1"])], &ours, &[]), ["a"]);
        assert_eq!(ids(&[held("other", &["web:1"])], &ours, &[]), [""; 0], "never pulled here");
        let used = HeldImage { is_used: true, ..held("a", &["web:1"]) };
        assert_eq!(ids(&[used], &ours, &[]), [""; 0]);
        assert_eq!(ids(&[held("a", &["web:1", "mine:1"])], &ours, &[]), [""; 0], "a foreign tag");
        let twice = vec!["web@sha256:00".to_owned(), "other/web@sha256:00".to_owned()];
        let elsewhere = HeldImage { digests: twice, ..held("a", &["web:1"]) };
        assert_eq!(ids(&[elsewhere], &ours, &[]), [""; 0], "pulled by somebody under another name");
        let here_before = PulledImage { is_ours: false, ..pulled(&["web:1"], 9) };
        assert_eq!(ids(&[held("a", &["web:1"])], &[("a", here_before)], &[]), [""; 0]);
    }

    #[test]
    fn an_image_that_lost_its_name_to_a_newer_one_goes_by_its_id() {
        let all = BTreeMap::from([("a".to_owned(), pulled(&[], 9))]);
        let plan = plan(&[held("a", &[])], &all, &BTreeSet::new(), NOW, HOUR);
        assert_eq!((plan[0].id.as_str(), plan[0].names.len()), ("a", 0));
    }
}
