//! One pull for all who need an image, and none that waits for another's.

use berth_test_server::json;

use super::Site;
use crate::ecs::text;

#[test]
fn ten_tasks_of_one_image_cost_one_pull() {
    let Some(site) = Site::for_test() else { return };
    let (_up, ecs) = site.up(&[]);
    let digest = site.registry.push("shared", "1", &site.image);
    site.registry.hold();
    let definition = ecs.register(site.definition("shared:1"));
    let answer = ecs.api.call("RunTask", json!({ "taskDefinition": definition, "count": 10 }));
    site.registry.wait_held(|held| !held.is_empty());
    site.registry.release();
    for task in answer["tasks"].as_array().expect("a list") {
        let task = ecs.wait(&text(&task["taskArn"]), "RUNNING");
        assert_eq!(task["containers"][0]["imageDigest"], digest.as_str());
    }
    let of_ten = site.registry.manifest_requests("shared");

    // Another image: of one that it has under another name, the engine asks less.
    site.registry.push("alone", "1", &site.image.clone().labelled("alone", "2"));
    ecs.launch(site.definition("alone:1"));
    assert_eq!(of_ten, site.registry.manifest_requests("alone"));
}

#[test]
fn two_images_come_at_once() {
    let Some(site) = Site::for_test() else { return };
    let (_up, ecs) = site.up(&[]);
    site.registry.push("one", "1", &site.image);
    site.registry.push("two", "1", &site.image.clone().labelled("two", "2"));
    site.registry.hold();
    let one = ecs.run(&ecs.register(site.definition("one:1")));
    let two = ecs.run(&ecs.register(site.definition("two:1")));
    site.registry.wait_held(|held| {
        ["/v2/one/", "/v2/two/"].iter().all(|of| held.iter().any(|path| path.starts_with(of)))
    });
    site.registry.release();
    ecs.wait(&one, "RUNNING");
    ecs.wait(&two, "RUNNING");
}
