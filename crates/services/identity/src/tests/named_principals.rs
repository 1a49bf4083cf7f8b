//! Policies that other services keep name people by their ids.

use berth_aws_api::iam::{self as api, ops};
use berth_control::ports::{NamedPrincipals, NoSuchPrincipal};
use berth_model::Scope;

use super::world::{World, some};

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

fn naming(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{principal}","arn:aws:iam::210987654321:user/alice"]}},"Action":"kms:Decrypt","Resource":"*"}}]}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn whoever_is_made_anew_is_not_who_was_named() {
    let world = World::new().await;
    let scope =
        Scope::new("123456789012".parse().expect("an account"), "us-east-1".parse().expect("one"));
    let known = &*world.identity;
    let nobody = Err(NoSuchPrincipal(ALICE.to_owned()));
    assert_eq!(known.bound(&scope, &naming(ALICE)), nobody);
    let id = world.user("alice").await.user_id.expect("an id");
    let kept = known.bound(&scope, &naming(ALICE)).expect("she is there");
    assert_eq!(kept, naming(&id), "people of other accounts are kept as they are named");
    assert_eq!(known.written(&scope, &kept), naming(ALICE));
    let renamed = api::UpdateUserRequest {
        user_name: some("alice"),
        new_user_name: some("alicia"),
        ..Default::default()
    };
    world.ask::<ops::UpdateUser>(renamed).await;
    assert_eq!(known.written(&scope, &kept), naming(&ALICE.replace("alice", "alicia")));
    world.ask::<ops::DeleteUser>(api::DeleteUserRequest { user_name: some("alicia") }).await;
    world.user("alice").await;
    assert_eq!(known.written(&scope, &kept), kept, "the new one is somebody else");
}
