use berth_proxy_protocol::Stickiness;
use http::Request;

use crate::client::{Answer, Client};
use crate::target::Target;
use crate::world::{World, group, weighted};

/// The cookies that an answer sets, as a client sends them.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter();
    let pairs: Vec<&str> = set
        .map(|cookie| cookie.to_str().expect("text"))
        .map(|cookie| cookie.split(';').next().expect("a first part"))
        .collect();
    pairs.join("; ")
}

#[tokio::test]
async fn whoever_has_a_cookie_comes_to_the_same_target() {
    let targets = [Target::echo("a").await, Target::echo("b").await, Target::echo("c").await];
    let mut world = World::forwarding_to(&targets.each_ref().map(|target| target.address));
    world.group().attributes.stickiness = Some(Stickiness::LbCookie { seconds: 60 });
    world.apply();
    let mut client = Client::connect(world.address()).await;
    let first = client.get("/").await;
    let cookies = cookies(&first);
    assert!(cookies.contains("AWSALB=") && cookies.contains("AWSALBCORS="), "{cookies}");
    for _ in 0..10 {
        let again = client.send(Request::get("/").header("cookie", &cookies)).await;
        assert_eq!(again.target(), first.target());
    }
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(client.get("/").await.target().to_owned());
    }
    others.sort_unstable();
    assert_eq!(others, ["a", "b", "c"], "without a cookie all take turns");
}

#[tokio::test]
async fn a_target_that_is_being_deregistered_is_not_stuck_to() {
    let targets = [Target::echo("a").await, Target::echo("b").await];
    let mut world = World::forwarding_to(&targets.each_ref().map(|target| target.address));
    world.group().attributes.stickiness = Some(Stickiness::LbCookie { seconds: 60 });
    world.apply();
    let mut client = Client::connect(world.address()).await;
    let first = client.get("/").await;
    let own = targets.iter().position(|target| first.body.contains(&target.address.to_string()));
    assert_eq!(own, None, "targets do not say where they are");
    let place = usize::from(first.target() == "b");
    world.group().targets[place].is_draining = true;
    world.apply();
    let again = client.send(Request::get("/").header("cookie", cookies(&first))).await;
    assert_ne!(again.target(), first.target());
    assert_ne!(cookies(&again), cookies(&first));
}

#[tokio::test]
async fn a_client_keeps_its_group() {
    let (blue, green) = (Target::echo("blue").await, Target::echo("green").await);
    let groups = vec![group("blue", &[blue.address]), group("green", &[green.address])];
    let both = weighted(&[("blue", 1), ("green", 1)], Some(60));
    let world = World::new(vec![both], groups);
    world.apply();
    let mut client = Client::connect(world.address()).await;
    let first = client.get("/").await;
    let cookies = cookies(&first);
    assert!(cookies.contains("AWSALBTG="), "{cookies}");
    for _ in 0..30 {
        let again = client.send(Request::get("/").header("cookie", &cookies)).await;
        assert_eq!(again.target(), first.target());
    }
}
