//! Several hosts and one server on a network of their own: what happens to each is told truly, and leaves the others be.

mod world;

use world::World;

#[test]
fn tasks_run_on_every_host() {
    let Some(mut world) = World::start(["one", "two", "three"], &[]) else { return };
    let tasks: Vec<String> =
        world.hosts.iter().map(|host| world.start_on(host, world::lasting())).collect();
    for (host, task) in world.hosts.iter().zip(&tasks) {
        let task = world.ecs.wait(task, "RUNNING");
        assert_eq!(host.running(), [crate::host::runtime_id(&task)]);
    }
    world.restart_agent(1);
    world.ecs.stop(&tasks[1]);
    world.ecs.wait(&tasks[1], "STOPPED");
    assert_eq!(world.hosts[1].running(), [""; 0]);
}
