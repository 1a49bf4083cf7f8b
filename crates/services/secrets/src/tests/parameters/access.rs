//! What calls about parameters want, with the keys that values are under.

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::{secure, text};
use crate::tests::secretsmanager::access::listened;
use crate::tests::world::some;

const HOME: &str = "arn:aws:ssm:us-east-1:123456789012:parameter";

#[tokio::test(start_paused = true)]
async fn a_parameter_is_judged_by_its_arn_whatever_it_is_called() {
    let (world, listening) = listened().await;
    world.put(text("/a/b", "x")).await;
    assert_eq!(listening.heard(), [format!("ssm:PutParameter on {HOME}/a/b by [ssm:Overwrite]")]);
    for name in ["/a/b", "/a/b:1", &format!("{HOME}/a/b")] {
        world.get(name).await.expect("it is there");
        assert_eq!(listening.heard(), [format!("ssm:GetParameter on {HOME}/a/b by []")]);
    }
    world.get("none").await.expect_err("it is not");
    assert_eq!(listening.heard(), [format!("ssm:GetParameter on {HOME}/none by []")]);
}

#[tokio::test(start_paused = true)]
async fn a_value_under_a_key_of_one_s_own_wants_that_key_however_it_is_read() {
    let (world, listening) = listened().await;
    let key = world.key().await.arn;
    listening.heard();
    let about = "by [kms:CallerAccount kms:EncryptionContext:parameter_arn kms:EncryptionContextKeys kms:ViaService]";
    let opens = format!("kms:Decrypt on {} {about}", key.as_deref().unwrap());
    let seals = opens.replace("kms:Decrypt", "kms:Encrypt");
    world.put(api::PutParameterRequest { key_id: key, ..secure("/a/b", "x") }).await;
    assert_eq!(listening.heard()[1..], [seals]);
    world.put(secure("/a/c", "under the service's own key")).await;
    listening.heard();
    world.get("/a/b").await.expect("it is there");
    assert_eq!(listening.heard()[1..], [opens.as_str()]);
    let by_path = |with_decryption| api::GetParametersByPathRequest {
        path: some("/a"),
        with_decryption,
        ..Default::default()
    };
    world.ask::<ops::GetParametersByPath>(by_path(Some(true))).await;
    assert_eq!(listening.heard()[1..], [opens.as_str()]);
    world.ask::<ops::GetParametersByPath>(by_path(None)).await;
    assert_eq!(
        listening.heard(),
        [format!("ssm:GetParametersByPath on {HOME}/a by [ssm:Recursive]")]
    );
    let history = api::GetParameterHistoryRequest {
        name: some("/a/b"),
        with_decryption: Some(true),
        ..Default::default()
    };
    world.ask::<ops::GetParameterHistory>(history).await;
    assert_eq!(listening.heard()[1..], [opens]);
    world.get("/a/c").await.expect("it is there");
    assert_eq!(listening.heard().len(), 1, "the service's own key is for all who may use it");
}
