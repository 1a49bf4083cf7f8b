//! What authenticates users: what of it is refused, and its secrets, which are shown to nobody and unreadable in the store.

use std::collections::BTreeMap;

use berth_aws_api::Operation;
use berth_aws_api::elbv2 as api;
use berth_aws_api::elbv2::ops;
use berth_aws_protocol::Protocol;
use berth_control::pipeline::Peer;
use berth_control::tables::Record;
use berth_proxy_protocol::{CONFIGURATION_PATH, Configuration};
use bytes::Bytes;
use http::{Request, Uri};

use super::world::{CERTIFICATE, PEER, World, some};
use crate::authentication_keys;
use crate::public_keys::PUBLIC_KEYS_PATH;
use crate::rules::oidc;
use crate::tables::{AuthenticationKeys, Listener};

fn authenticating(change: impl FnOnce(&mut api::AuthenticateOidcActionConfig)) -> Vec<api::Action> {
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

fn listening(balancer: &str, actions: Vec<api::Action>) -> api::CreateListenerInput {
    api::CreateListenerInput {
        load_balancer_arn: some(balancer),
        protocol: Some(api::ProtocolEnum::Https),
        port: Some(443),
        certificates: Some(vec![api::Certificate {
            certificate_arn: some(CERTIFICATE),
            is_default: None,
        }]),
        default_actions: Some(actions),
        ..Default::default()
    }
}

fn opened(world: &World) -> String {
    let listener = the_listener(world);
    let sealed = listener.actions.secret.expect("it has a secret");
    let secret = oidc::open(&world.balancing.sealer, listener.id, &sealed).expect("it opens");
    secret.to_string()
}

fn keys(world: &World) -> Vec<AuthenticationKeys> {
    let view = world.balancing.cell.snapshot();
    view.table::<AuthenticationKeys>().iter().cloned().collect()
}

/// What is stored of a record, in clear.
fn holds(record: &impl Record, text: &[u8]) -> bool {
    let mut stored = Vec::new();
    record.encode(&mut stored);
    stored.windows(text.len()).any(|window| window == text)
}

#[tokio::test(start_paused = true)]
async fn a_client_secret_is_sealed_and_outlives_changes_that_ask_for_it() {
    let world = World::new().await;
    let arn = world.balancer("web").await;
    let actions = authenticating(|config| config.client_secret = some("top-secret"));
    let made = world.ask::<ops::CreateListener>(listening(&arn, actions)).await;
    assert!(!format!("{made:?}").contains("top-secret"), "nobody is shown it");
    let listener = the_listener(&world);
    assert!(holds(&listener, b"issuer.example") && !holds(&listener, b"top-secret"));
    assert_eq!(opened(&world), "top-secret");

    let modify = |actions| api::ModifyListenerInput {
        listener_arn: Some(the_listener(&world).arn()),
        default_actions: Some(actions),
        ..Default::default()
    };
    let kept = authenticating(|config| config.use_existing_client_secret = Some(true));
    world.ask::<ops::ModifyListener>(modify(kept)).await;
    assert_eq!(opened(&world), "top-secret");
    let before = keys(&world);
    let other = authenticating(|config| config.client_secret = some("another"));
    world.ask::<ops::ModifyListener>(modify(other)).await;
    assert_eq!(opened(&world), "another");
    assert_eq!(keys(&world), before, "whoever is signed in stays so");
}

#[tokio::test(start_paused = true)]
async fn a_balancer_s_keys_are_sealed_told_to_proxies_and_public_by_half() {
    let world = World::new().await;
    let arn = world.balancer("web").await;
    assert!(keys(&world).is_empty(), "nobody is authenticated yet");
    let actions = authenticating(|config| config.client_secret = some("top-secret"));
    world.ask::<ops::CreateListener>(listening(&arn, actions)).await;
    let [row] = &keys(&world)[..] else { panic!("one balancer has keys") };
    let secrets = authentication_keys::open(&world.balancing.sealer, row).expect("it opens");
    assert!(!holds(row, &*secrets.session_key) && !holds(row, &secrets.signing_key));
    let pair = rcgen::KeyPair::try_from(&**secrets.signing_key).expect("PKCS 8");
    assert_eq!(pair.public_key_pem(), row.public_key);

    let asking = Request::get(format!("http://127.0.0.1:4566{CONFIGURATION_PATH}"));
    let asking = asking.body(Bytes::new()).expect("a request");
    let told = world.send("HOST", asking, PEER).await;
    let told: Configuration = serde_json::from_slice(told.body()).expect("a configuration");
    let told = told.balancers[0].authentication.clone().expect("it has keys");
    assert_eq!(told.signing_key_id, row.id.to_string());

    let public = async |id: &str| {
        let request = Request::get(format!("http://127.0.0.1:4566{PUBLIC_KEYS_PATH}{id}"));
        let request = request.body(Bytes::new()).expect("a request");
        let anybody = Peer::plain([192, 0, 2, 7].into());
        let answer = world.endpoint.handle(request, anybody).await;
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    };
    assert_eq!(public(&told.signing_key_id).await, (200, row.public_key.clone()));
    assert_eq!(public("00000000-0000-4000-8000-000000000000").await.0, 404);
    assert_eq!(public("").await.0, 404);

    let delete = api::DeleteLoadBalancerInput { load_balancer_arn: some(&arn) };
    world.ask::<ops::DeleteLoadBalancer>(delete).await;
    assert!(keys(&world).is_empty());
    assert_eq!(public(&told.signing_key_id).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_is_refused_by_name() {
    type Change = fn(&mut api::AuthenticateOidcActionConfig);
    let world = World::new().await;
    let arn = world.balancer("web").await;
    let url = "must be a full URL, with the HTTPS protocol, a domain and a path";
    let cases: [(&str, Change); 12] = [
        (url, |config| config.token_endpoint = some("http://issuer.example/token")),
        (url, |config| config.user_info_endpoint = some("https:///user")),
        (url, |config| config.authorization_endpoint = some("https://me@issuer.example/")),
        (url, |config| config.issuer = some("https://issuer.example/#part")),
        ("Session timeout '0' must be between '1'", |config| config.session_timeout = Some(0)),
        ("Session timeout '604801'", |config| config.session_timeout = Some(604_801)),
        ("cannot have 'state'", |config| {
            let extra = BTreeMap::from([("state".to_owned(), "mine".to_owned())]);
            config.authentication_request_extra_params = Some(extra);
        }),
        ("cannot have 'response_mode'", |config| {
            let extra = BTreeMap::from([("response_mode".to_owned(), "fragment".to_owned())]);
            config.authentication_request_extra_params = Some(extra);
        }),
        ("at most 10 parameters", |config| {
            let extra = (0..11).map(|number| (format!("p{number}"), "x".to_owned()));
            config.authentication_request_extra_params = Some(extra.collect());
        }),
        ("must be a name of a cookie", |config| config.session_cookie_name = some("my;cookie")),
        ("A client secret must be specified", |config| config.client_secret = None),
        ("cannot specify a client secret and use the existing one", |config| {
            config.use_existing_client_secret = Some(true);
        }),
    ];
    for (expected, change) in cases {
        let actions = authenticating(|config| {
            config.client_secret = some("top-secret");
            change(config);
        });
        let refused = refusal(&world, listening(&arn, actions)).await;
        assert!(refused.contains(expected), "{expected}: {refused}");
    }

    let actions = || authenticating(|config| config.client_secret = some("top-secret"));
    let plain = api::CreateListenerInput {
        protocol: Some(api::ProtocolEnum::Http),
        certificates: None,
        ..listening(&arn, actions())
    };
    let refused = refusal(&world, plain).await;
    assert!(refused.contains("'authenticate-oidc' are supported only on HTTPS"), "{refused}");
    for (of, name) in [
        (api::ActionTypeEnum::AuthenticateCognito, "authenticate-cognito"),
        (api::ActionTypeEnum::JwtValidation, "jwt-validation"),
    ] {
        let mut actions = actions();
        actions[0].r#type = Some(of);
        let refused = refusal(&world, listening(&arn, actions)).await;
        assert!(refused.contains(&format!("'{name}' are not supported")), "{refused}");
    }
    let mut twice = actions();
    twice[1].order = Some(3);
    twice.insert(1, api::Action { order: Some(2), ..twice[0].clone() });
    let refused = refusal(&world, listening(&arn, twice)).await;
    assert!(refused.contains("one action of type 'authenticate-oidc'"), "{refused}");
    assert!(keys(&world).is_empty(), "nothing was made");
}

async fn refusal(world: &World, input: api::CreateListenerInput) -> String {
    let uri = Uri::from_static("http://127.0.0.1:4566/");
    let request = Protocol::Query.encode_request(ops::CreateListener::schema(), &input, &uri);
    let answer = world.send("ADMIN", request.expect("it can be written"), PEER).await;
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(answer.status(), 400, "{body}");
    body
}
