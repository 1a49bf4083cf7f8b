//! Images that nobody needs any more go; nobody else's do.

use berth_test_server::until;

use super::Site;
use crate::ecs::text;

#[test]
fn an_unused_image_goes_and_what_is_used_or_foreign_stays() {
    let Some(site) = Site::for_test() else { return };
    for (edition, repository) in ["gone", "used", "tagged", "foreign", "kept"].iter().enumerate() {
        let image = site.image.clone().labelled("edition", &edition.to_string());
        site.registry.push(repository, "1", &image);
    }
    let name = |repository: &str| site.registry.name(&format!("{repository}:1"));
    let host = &site.host;
    host.docker(&["pull", "--quiet", &name("foreign")]);
    let kept = name("kept");
    let (_up, ecs) = site.up(&[
        "--image-cleanup-interval",
        "1s",
        "--image-minimum-cleanup-age",
        "1s",
        "--task-cleanup-wait",
        "1s",
        "--image-cleanup-exclude",
        &kept,
    ]);
    ecs.launch(site.definition("used:1"));
    let mut tasks = Vec::new();
    for repository in ["tagged", "foreign", "kept", "gone"] {
        tasks.push(ecs.launch(site.definition(&format!("{repository}:1"))));
    }
    host.docker(&["tag", &name("tagged"), "mine:1"]);
    for task in &tasks {
        let arn = text(&task["taskArn"]);
        ecs.stop(&arn);
        ecs.wait(&arn, "STOPPED");
    }
    let images = || host.docker(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    let has = |images: &str, name: &str| images.lines().any(|line| line == name);
    until("the unused image is gone", || {
        let images = images();
        if has(&images, &name("gone")) { Err(images) } else { Ok(()) }
    });
    // One more, later than all that could have gone: it goes when a later cycle has looked at everything again.
    let late = site.image.clone().labelled("edition", "late");
    site.registry.push("late", "1", &late);
    let task = ecs.launch(site.definition("late:1"));
    ecs.stop(&text(&task["taskArn"]));
    until("a later one is gone, too", || {
        let images = images();
        if has(&images, &name("late")) { Err(images) } else { Ok(()) }
    });
    let left = images();
    for stays in [name("used"), name("tagged"), "mine:1".to_owned(), name("foreign"), kept] {
        assert!(has(&left, &stays), "{stays} is gone from {left}");
    }
    assert!(has(&left, crate::host::IMAGE), "it was loaded by hand: {left}");
    assert_eq!(host.running().len(), 1);
}
