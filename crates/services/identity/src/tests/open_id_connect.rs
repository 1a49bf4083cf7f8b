//! Providers of OpenID Connect tokens.

use berth_aws_api::iam as api;
use berth_aws_api::iam::ops;

use super::world::{START, World, some};

const ARN: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

fn provider(url: &str) -> api::CreateOpenIDConnectProviderRequest {
    api::CreateOpenIDConnectProviderRequest {
        url: some(url),
        client_id_list: Some(vec!["sts.amazonaws.com".to_owned()]),
        thumbprint_list: Some(vec!["a".repeat(40)]),
        tags: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_known_by_its_url() {
    let world = World::new().await;
    let url = "https://token.actions.githubusercontent.com";
    let made = world.ask::<ops::CreateOpenIDConnectProvider>(provider(url)).await;
    assert_eq!(made.open_id_connect_provider_arn.as_deref(), Some(ARN));
    let refusal = world.refused::<ops::CreateOpenIDConnectProvider>(provider(url)).await;
    assert_eq!(refusal.code, "EntityAlreadyExists");
    let input = api::UpdateOpenIDConnectProviderThumbprintRequest {
        open_id_connect_provider_arn: some(ARN),
        thumbprint_list: Some(vec!["b".repeat(40)]),
    };
    world.ask::<ops::UpdateOpenIDConnectProviderThumbprint>(input).await;
    let world = world.restarted().await;
    let get = api::GetOpenIDConnectProviderRequest { open_id_connect_provider_arn: some(ARN) };
    let shown = world.ask::<ops::GetOpenIDConnectProvider>(get.clone()).await;
    assert_eq!(shown.url.as_deref(), Some("token.actions.githubusercontent.com"));
    assert_eq!(shown.thumbprint_list, Some(vec!["b".repeat(40)]));
    assert_eq!(shown.create_date, Some(START));
    let listed = world.ask::<ops::ListOpenIDConnectProviders>(Default::default()).await;
    assert_eq!(listed.open_id_connect_provider_list.unwrap()[0].arn.as_deref(), Some(ARN));
    let delete =
        api::DeleteOpenIDConnectProviderRequest { open_id_connect_provider_arn: some(ARN) };
    world.ask::<ops::DeleteOpenIDConnectProvider>(delete.clone()).await;
    world.ask::<ops::DeleteOpenIDConnectProvider>(delete).await;
    let refusal = world.refused::<ops::GetOpenIDConnectProvider>(get).await;
    let words = format!("OpenIDConnect Provider not found for arn {ARN}");
    assert_eq!(refusal, ("NoSuchEntity", words.as_str()));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_provider_is_refused() {
    let world = World::new().await;
    for url in [
        "http://a.example",
        "a.example",
        "https://",
        "https://a.example:8443",
        "https://a.example?x=y",
    ] {
        let refusal = world.refused::<ops::CreateOpenIDConnectProvider>(provider(url)).await;
        assert_eq!(refusal, ("ValidationError", "Invalid Open ID Connect Provider URL"));
    }
    let mut many = provider("https://a.example");
    many.thumbprint_list = Some(vec!["a".repeat(40); 6]);
    let refusal = world.refused::<ops::CreateOpenIDConnectProvider>(many).await;
    assert_eq!(refusal.code, "InvalidInput");
}

#[tokio::test(start_paused = true)]
async fn client_ids_come_and_go() {
    let world = World::new().await;
    let url = "https://token.actions.githubusercontent.com";
    world.ask::<ops::CreateOpenIDConnectProvider>(provider(url)).await;
    let add = |id: &str| api::AddClientIDToOpenIDConnectProviderRequest {
        open_id_connect_provider_arn: some(ARN),
        client_id: some(id),
    };
    for id in ["another", "another"] {
        world.ask::<ops::AddClientIDToOpenIDConnectProvider>(add(id)).await;
    }
    let remove = api::RemoveClientIDFromOpenIDConnectProviderRequest {
        open_id_connect_provider_arn: some(ARN),
        client_id: some("sts.amazonaws.com"),
    };
    for _ in 0..2 {
        world.ask::<ops::RemoveClientIDFromOpenIDConnectProvider>(remove.clone()).await;
    }
    let get = api::GetOpenIDConnectProviderRequest { open_id_connect_provider_arn: some(ARN) };
    let shown = world.ask::<ops::GetOpenIDConnectProvider>(get).await;
    assert_eq!(shown.client_id_list, Some(vec!["another".to_owned()]));
    for number in 1..100 {
        world.ask::<ops::AddClientIDToOpenIDConnectProvider>(add(&number.to_string())).await;
    }
    let refusal = world.refused::<ops::AddClientIDToOpenIDConnectProvider>(add("one more")).await;
    assert_eq!(refusal.code, "LimitExceeded");
}
