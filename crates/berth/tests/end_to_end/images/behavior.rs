//! The four pull behaviors, counted at the registry.

use berth_test_registry::StatusCode;
use berth_test_server::json;

use super::Site;
use crate::ecs::text;

#[test]
fn each_behavior_asks_the_registry_when_it_should() {
    let Some(site) = Site::for_test() else { return };
    let registry = &site.registry;
    let old = registry.push("web", "1", &site.image);
    let changed = site.image.clone().labelled("edition", "2");

    let (up, ecs) = site.up(&[]);
    assert_eq!(site.digest(&ecs, "web:1"), old);
    let asked = registry.manifest_requests("web");
    let new = registry.push("web", "1", &changed);
    assert_eq!(site.digest(&ecs, "web:1"), old, "cached images are preferred by default");
    assert_eq!(registry.manifest_requests("web"), asked);
    drop(up);

    let (up, ecs) = site.up(&["--image-pull-behavior", "default"]);
    assert_eq!(site.digest(&ecs, "web:1"), new, "the tag has moved");
    let asked = registry.manifest_requests("web");
    assert_eq!(site.digest(&ecs, &format!("web@{old}")), old);
    assert_eq!(registry.manifest_requests("web"), asked, "it is here, and can be no other");
    registry.withdraw("web", "1");
    assert_eq!(site.digest(&ecs, "web:1"), new, "what is here has to do");
    assert!(registry.manifest_requests("web") > asked);
    drop(up);

    let (up, ecs) = site.up(&["--image-pull-behavior", "always"]);
    let task = ecs.run_to_its_end(site.definition("web:1"));
    assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
    let reason = text(&task["stoppedReason"]);
    assert!(
        reason.starts_with("CannotPullContainerError: Error response from daemon: "),
        "{reason}"
    );
    assert!(reason.contains("manifest unknown"), "{reason}");
    registry.push("web", "1", &changed);
    let asked = registry.manifest_requests("web");
    assert_eq!(site.digest(&ecs, "web:1"), new);
    assert!(registry.manifest_requests("web") > asked);
    drop(up);

    let (_up, ecs) = site.up(&["--image-pull-behavior", "once"]);
    let other = registry.push("other", "1", &changed);
    assert_eq!(site.digest(&ecs, "other:1"), other);
    let asked = registry.manifest_requests("other");
    assert_eq!(site.digest(&ecs, "other:1"), other);
    assert_eq!(registry.manifest_requests("other"), asked);
}

#[test]
fn a_registry_that_recovers_is_tried_again() {
    let Some(site) = Site::for_test() else { return };
    let (_up, ecs) = site.up(&[]);
    let digest = site.registry.push("web", "1", &site.image);
    site.registry.fail_next(1, StatusCode::TOO_MANY_REQUESTS);
    site.registry.fail_next(1, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.digest(&ecs, "web:1"), digest);

    let task = ecs.run_to_its_end(site.definition("web:none"));
    let reason = text(&task["containers"][0]["reason"]);
    assert!(reason.contains("manifest unknown"), "{reason}");
    let asked = |reference: &str| {
        let path = format!("/v2/web/manifests/{reference}");
        site.registry.requests().into_iter().filter(|request| request.path == path).count()
    };
    assert!(asked("none") < 5, "what is not there is not asked for again and again");
    assert_eq!(task["containers"][0]["exitCode"], json!(null));
}
