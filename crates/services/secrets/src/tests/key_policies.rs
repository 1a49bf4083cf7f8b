//! Key policies: what is kept, and what would lock everybody out.

use berth_aws_api::kms as api;
use berth_aws_api::kms::ops;

use super::world::{World, some};

fn policy(principal: &str, action: &str) -> Option<String> {
    Some(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"}}]}}"#
    ))
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_kept_as_it_was_written() {
    let world = World::new().await;
    let key = world.key().await.key_id;
    let get = || api::GetKeyPolicyRequest { key_id: key.clone(), policy_name: None };
    let shown = world.ask::<ops::GetKeyPolicy>(get()).await.policy.unwrap();
    assert!(shown.contains("Enable IAM User Permissions"), "{shown}");
    let put = |policy, bypass| api::PutKeyPolicyRequest {
        key_id: key.clone(),
        policy_name: some("default"),
        policy,
        bypass_policy_lockout_safety_check: bypass,
    };
    let all = policy("arn:aws:iam::123456789012:root", "kms:*");
    world.ask::<ops::PutKeyPolicy>(put(all.clone(), None)).await;
    assert_eq!(world.ask::<ops::GetKeyPolicy>(get()).await.policy, all);

    let locked = policy("arn:aws:iam::123456789012:root", "kms:Decrypt");
    let refusal = world.refused::<ops::PutKeyPolicy>(put(locked.clone(), None)).await;
    let words = "The new key policy will not allow you to update the key policy in the future.";
    assert_eq!(refusal, ("MalformedPolicyDocumentException", words));
    world.ask::<ops::PutKeyPolicy>(put(locked, Some(true))).await;
    for text in ["no JSON", r#"{"Version":"2012-10-17","Statement":[]}"#] {
        let refusal = world.refused::<ops::PutKeyPolicy>(put(some(text), Some(true))).await;
        assert_eq!(refusal.code, "MalformedPolicyDocumentException", "{text}");
    }
    let other = api::GetKeyPolicyRequest { policy_name: some("other"), ..get() };
    let refusal = world.refused::<ops::GetKeyPolicy>(other).await;
    assert_eq!(refusal, ("NotFoundException", "No such policy exists"));
    let list = api::ListKeyPoliciesRequest { key_id: key.clone(), ..Default::default() };
    let names = world.ask::<ops::ListKeyPolicies>(list).await.policy_names;
    assert_eq!(names, Some(vec!["default".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn keys_of_other_kinds_are_refused_by_name() {
    let world = World::new().await;
    let ask = api::CreateKeyRequest::default;
    for (input, code) in [
        (
            api::CreateKeyRequest { key_spec: Some(api::KeySpec::Rsa2048), ..ask() },
            "UnsupportedOperationException",
        ),
        (
            api::CreateKeyRequest { origin: Some(api::OriginType::External), ..ask() },
            "UnsupportedOperationException",
        ),
        (
            api::CreateKeyRequest { multi_region: Some(true), ..ask() },
            "UnsupportedOperationException",
        ),
        (
            api::CreateKeyRequest { custom_key_store_id: some("cks-1"), ..ask() },
            "CustomKeyStoreNotFoundException",
        ),
        (
            api::CreateKeyRequest { key_usage: Some(api::KeyUsageType::SignVerify), ..ask() },
            "ValidationException",
        ),
    ] {
        assert_eq!(world.refused::<ops::CreateKey>(input).await.code, code);
    }
}
