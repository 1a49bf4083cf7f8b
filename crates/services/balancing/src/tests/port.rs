//! What ECS asks and does, inside its own transactions.

use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_control::cell::Transaction;
use berth_control::ports::{LoadBalancing, NotShared, Share, Standing, TargetRef};
use berth_control::tables::View;
use berth_model::Scope;

use super::world::{World, some};
use crate::tables::{Health, HealthState, TargetHealth};

fn scope() -> Scope {
    Scope::new("123456789012".parse().expect("an account"), "us-east-1".parse().expect("a region"))
}

async fn group(world: &World, name: &str) -> String {
    let input = api::CreateTargetGroupInput {
        name: some(name),
        protocol: Some(api::ProtocolEnum::Http),
        port: Some(80),
        vpc_id: some("vpc-53a56ae99b8da85fd"),
        target_type: Some(api::TargetTypeEnum::Ip),
        ..Default::default()
    };
    let made = world.ask::<ops::CreateTargetGroup>(input).await.target_groups;
    let made = made.and_then(|mut made| made.pop()).expect("it is shown");
    made.target_group_arn.expect("it has an ARN")
}

async fn listener(world: &World, group: &str) -> String {
    let input = api::CreateListenerInput {
        load_balancer_arn: Some(world.balancer("web").await),
        protocol: Some(api::ProtocolEnum::Http),
        port: Some(80),
        default_actions: Some(vec![api::Action {
            r#type: Some(api::ActionTypeEnum::Forward),
            target_group_arn: some(group),
            ..Default::default()
        }]),
        ..Default::default()
    };
    let made = world.ask::<ops::CreateListener>(input).await.listeners;
    made.and_then(|mut made| made.pop()).and_then(|made| made.listener_arn).expect("it has an ARN")
}

/// Runs a transaction of somebody else's.
async fn write(
    world: &World,
    run: impl FnOnce(&dyn LoadBalancing, &mut Transaction) + Send + 'static,
) {
    let balancing = world.balancing.clone();
    let run = move |tx: &mut Transaction| {
        run(&*balancing, tx);
        Ok::<_, std::convert::Infallible>(())
    };
    world.balancing.cell.write(run).await.expect("it is written");
}

#[tokio::test(start_paused = true)]
async fn a_target_comes_stands_and_goes() {
    let world = World::new().await;
    let arn = group(&world, "web").await;
    let target =
        TargetRef { scope: scope(), group: arn.clone(), id: "10.0.0.1".to_owned(), port: 9 };
    let standing =
        |world: &World| world.balancing.standing(world.balancing.cell.snapshot().sight(), &target);
    assert_eq!(standing(&world), Standing::Gone);
    let (now, one) = (world.env.now(), target.clone());
    write(&world, move |elb, tx| elb.register(tx, &one, now).expect("there is such a group")).await;
    assert_eq!(standing(&world), Standing::Unused);
    let facts =
        world.balancing.target_group(world.balancing.cell.snapshot().sight(), &scope(), &arn);
    assert_eq!(facts.expect("it is there").balancer, None);

    listener(&world, &arn).await;
    assert_eq!(standing(&world), Standing::Initial);
    let id = arn.rsplit_once('/').expect("it has an id").1.parse().expect("an id");
    write(&world, move |_, tx| {
        let health = Health { state: HealthState::Healthy, reason: None, description: None };
        tx.put(TargetHealth { group: id, id: "10.0.0.1".to_owned(), port: 9, health });
    })
    .await;
    assert_eq!(standing(&world), Standing::Healthy);
    let one = target.clone();
    write(&world, move |elb, tx| elb.deregister(tx, &one, now)).await;
    assert_eq!(standing(&world), Standing::Draining);
}

#[tokio::test(start_paused = true)]
async fn requests_are_shared_out_otherwise_in_one_step() {
    let world = World::new().await;
    let (blue, green) = (group(&world, "blue").await, group(&world, "green").await);
    let listener = listener(&world, &blue).await;
    let share = |group: &str, weight| Share { group: group.to_owned(), weight };
    let shares = |rule: &str| {
        let view = world.balancing.cell.snapshot();
        world.balancing.shares(view.sight(), &scope(), rule)
    };
    assert_eq!(shares(&listener), Some(vec![share(&blue, 1)]));
    let wanted = vec![share(&blue, 90), share(&green, 10)];
    let (rule, shared) = (listener.clone(), wanted.clone());
    write(&world, move |elb, tx| {
        elb.share(tx, &scope(), &rule, &shared).expect("it forwards");
        let lost = [share(&format!("{green}0"), 1)];
        let refusal = elb.share(tx, &scope(), &rule, &lost).expect_err("there is no such group");
        assert!(matches!(refusal, NotShared::NoSuchTargetGroup(_)), "{refusal}");
    })
    .await;
    assert_eq!(shares(&listener), Some(wanted));
    assert_eq!(shares(&blue), None);
}
