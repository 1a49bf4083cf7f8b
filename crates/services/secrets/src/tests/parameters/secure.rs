//! Parameters that are under keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use berth_aws_api::kms;
use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;
use bytes::Bytes;

use super::{again, secure, text};
use crate::tests::world::{World, some};

const SECRET: &str = "correct horse battery staple";

#[tokio::test(start_paused = true)]
async fn a_secure_value_is_its_ciphertext_unless_it_is_to_be_decrypted() {
    let world = World::new().await;
    world.put(secure("/db/password", SECRET)).await;
    let world = world.restarted().await;
    assert_eq!(world.told("/db/password").await.as_deref(), Ok(SECRET));
    let input = api::GetParameterRequest { name: some("/db/password"), with_decryption: None };
    let shown = world.ask::<ops::GetParameter>(input).await.parameter.and_then(|found| found.value);
    let blob = BASE64.decode(shown.unwrap()).expect("base64");
    // It is KMS's, about the parameter.
    let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/db/password";
    let context = [("PARAMETER_ARN".to_owned(), arn.to_owned())];
    let input = kms::DecryptRequest {
        ciphertext_blob: Some(Bytes::from(blob)),
        encryption_context: Some(context.into()),
        ..Default::default()
    };
    let opened = world.ask::<kms::ops::Decrypt>(input).await;
    assert_eq!(opened.plaintext.as_deref(), Some(SECRET.as_bytes()));
    let described = world.ask::<ops::DescribeParameters>(Default::default()).await;
    assert_eq!(described.parameters.unwrap()[0].key_id.as_deref(), Some("alias/aws/ssm"));
}

#[tokio::test(start_paused = true)]
async fn a_key_of_one_s_own_protects_until_it_is_disabled() {
    let world = World::new().await;
    let key = world.key().await;
    world.put(api::PutParameterRequest { key_id: key.arn.clone(), ..secure("a", SECRET) }).await;
    world.put(again("a", "under the service's own key again")).await;
    assert_eq!(world.told("a:1").await.as_deref(), Ok(SECRET));
    let disable = kms::DisableKeyRequest { key_id: key.key_id };
    world.ask::<kms::ops::DisableKey>(disable).await;
    let refusal = world.told("a:1").await.unwrap_err();
    let words = format!("{} is disabled.", key.arn.unwrap());
    assert_eq!(refusal, ("InvalidKeyId", words.as_str()));
    assert!(world.told("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn several_are_told_at_once_and_what_is_not_there_by_name() {
    let world = World::new().await;
    world.put(secure("a", SECRET)).await;
    world.put(text("b", "plain")).await;
    let ask = |names: &[&str]| api::GetParametersRequest {
        names: Some(names.iter().map(|name| name.to_string()).collect()),
        with_decryption: Some(true),
    };
    let answer = world.ask::<ops::GetParameters>(ask(&["b:1", "none", "a", "a:7"])).await;
    let values: Vec<_> =
        answer.parameters.unwrap().into_iter().filter_map(|found| found.value).collect();
    assert_eq!(values, ["plain", SECRET]);
    assert_eq!(answer.invalid_parameters, Some(vec!["none".to_owned(), "a:7".to_owned()]));
    let refusal = world.refused::<ops::GetParameters>(ask(&["a", "a"])).await;
    assert_eq!(refusal.code, "ValidationException");
}
