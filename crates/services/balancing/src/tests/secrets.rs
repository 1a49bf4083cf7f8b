//! The secret that a client has with its issuer: shown to nobody, and unreadable in the store.

use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_control::tables::Record;

use super::world::{CERTIFICATE, World, some};
use crate::rules::oidc;
use crate::tables::Listener;

fn sign_in(change: impl FnOnce(&mut api::AuthenticateOidcActionConfig)) -> Vec<api::Action> {
    let url = |end: &str| Some(format!("https://issuer.example/{end}"));
    let mut config = api::AuthenticateOidcActionConfig {
        issuer: url(""),
        authorization_endpoint: url("authorize"),
        token_endpoint: url("token"),
        user_info_endpoint: url("user"),
        client_id: some("client"),
        ..Default::default()
    };
    change(&mut config);
    let answer = api::FixedResponseActionConfig { status_code: some("200"), ..Default::default() };
    vec![
        api::Action {
            r#type: Some(api::ActionTypeEnum::AuthenticateOidc),
            order: Some(1),
            authenticate_oidc_config: Some(config),
            ..Default::default()
        },
        api::Action {
            r#type: Some(api::ActionTypeEnum::FixedResponse),
            order: Some(2),
            fixed_response_config: Some(answer),
            ..Default::default()
        },
    ]
}

fn the_listener(world: &World) -> Listener {
    let view = world.balancing.cell.snapshot();
    view.table::<Listener>().iter().next().expect("there is one").clone()
}

fn opened(world: &World) -> ([u8; 32], String) {
    let listener = the_listener(world);
    let sealed = listener.actions.secret.expect("it has a secret");
    let open = oidc::open(&world.balancing.sealer, listener.id, &sealed).expect("it opens");
    (open.cookie_key, open.secret.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_client_secret_is_sealed_and_outlives_changes_that_ask_for_it() {
    let world = World::new().await;
    let arn = world.balancer("web").await;
    let create = api::CreateListenerInput {
        load_balancer_arn: Some(arn),
        protocol: Some(api::ProtocolEnum::Https),
        port: Some(443),
        certificates: Some(vec![api::Certificate {
            certificate_arn: some(CERTIFICATE),
            is_default: None,
        }]),
        default_actions: Some(sign_in(|config| config.client_secret = some("top-secret"))),
        ..Default::default()
    };
    let made = world.ask::<ops::CreateListener>(create).await;
    assert!(!format!("{made:?}").contains("top-secret"), "nobody is shown it");
    let mut stored = Vec::new();
    the_listener(&world).encode(&mut stored);
    let holds = |text: &[u8]| stored.windows(text.len()).any(|window| window == text);
    assert!(holds(b"issuer.example") && !holds(b"top-secret"));
    let (cookie_key, secret) = opened(&world);
    assert_eq!(secret, "top-secret");

    let modify = |actions| api::ModifyListenerInput {
        listener_arn: Some(the_listener(&world).arn()),
        default_actions: Some(actions),
        ..Default::default()
    };
    let kept = sign_in(|config| config.use_existing_client_secret = Some(true));
    world.ask::<ops::ModifyListener>(modify(kept)).await;
    assert_eq!(opened(&world), (cookie_key, "top-secret".to_owned()));
    // Whoever is signed in stays so.
    let other = sign_in(|config| config.client_secret = some("another"));
    world.ask::<ops::ModifyListener>(modify(other)).await;
    assert_eq!(opened(&world), (cookie_key, "another".to_owned()));
}
