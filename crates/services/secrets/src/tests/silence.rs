//! What is secret is marked so in the models, and in no row and no text of ours.

use berth_aws_api::{kms, ssm};
use berth_control::tables::Record;
use bytes::Bytes;

use super::world::{World, some};
use crate::tables::{Key, Parameter, ParameterVersion};

const SECRET: &str = "correct horse battery staple";

/// Audits and `Debug` hide what a model marks: nothing else does.
#[test]
fn each_secret_member_is_marked_in_its_model() {
    let secret = || Some(Bytes::from_static(SECRET.as_bytes()));
    let shown = [
        format!("{:?}", kms::EncryptRequest { plaintext: secret(), ..Default::default() }),
        format!("{:?}", kms::DecryptResponse { plaintext: secret(), ..Default::default() }),
        format!("{:?}", kms::GenerateDataKeyResponse { plaintext: secret(), ..Default::default() }),
        format!("{:?}", kms::GenerateRandomResponse { plaintext: secret(), ..Default::default() }),
        format!(
            "{:?}",
            kms::GenerateDataKeyPairResponse {
                private_key_plaintext: secret(),
                ..Default::default()
            }
        ),
        format!("{:?}", ssm::PutParameterRequest { value: some(SECRET), ..Default::default() }),
        format!("{:?}", ssm::Parameter { value: some(SECRET), ..Default::default() }),
        format!("{:?}", ssm::ParameterHistory { value: some(SECRET), ..Default::default() }),
    ];
    for shown in shown {
        assert!(!shown.contains("horse") && !shown.contains("Y29ycmVjdCBob3JzZSBi"), "{shown}");
        assert!(shown.contains("<hidden>"), "it is there, and not told: {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn rows_tell_no_secret_to_logs_and_hold_none_that_is_secure() {
    let world = World::new().await;
    for (name, kind) in
        [("plain", ssm::ParameterType::String), ("secure", ssm::ParameterType::SecureString)]
    {
        let input = ssm::PutParameterRequest {
            name: some(name),
            value: some(SECRET),
            r#type: Some(kind),
            ..Default::default()
        };
        world.ask::<ssm::ops::PutParameter>(input).await;
    }
    world.ask::<kms::ops::CreateKey>(Default::default()).await;
    let view = world.secrets.cell.snapshot();
    let versions: Vec<_> = view.table::<ParameterVersion>().iter().cloned().collect();
    assert_eq!(versions.len(), 2);
    let shown = format!(
        "{versions:?} {:?} {:?}",
        view.table::<Parameter>().iter().collect::<Vec<_>>(),
        view.table::<Key>().iter().collect::<Vec<_>>()
    );
    assert!(!shown.contains("horse"), "{shown}");
    let secure = versions.iter().find(|version| version.name == "secure").expect("it was put");
    let mut bytes = Vec::new();
    secure.encode(&mut bytes);
    assert!(!bytes.windows(5).any(|part| part == b"horse"), "the table holds no secret");
}
