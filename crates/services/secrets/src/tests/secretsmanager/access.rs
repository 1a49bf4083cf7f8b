//! What calls want: about which secret, under which conditions, and with which keys of KMS.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use berth_aws_api::kms::ops as kms;
use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::cell::{Cell, Transaction};
use berth_control::pipeline::access::Wanted;
use berth_control::pipeline::{Authorizer, Call, Denied, Question};

use super::super::world::{World, some};
use super::{get, put, text, token};
use crate::tables::{Secret, SecretVersion};

/// Lets everybody pass and keeps what was asked.
#[derive(Clone, Default)]
pub struct Listening(Arc<Mutex<Vec<Wanted>>>);

impl Authorizer for Listening {
    fn authorise(&self, _: &Call, question: &Question<'_>) -> Result<(), Denied> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(question.wants().questions());
        Ok(())
    }
}

impl Listening {
    /// What was asked since: actions on resources, with the conditions' keys that are there.
    pub fn heard(&self) -> Vec<String> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |wanted: Wanted| {
            let mut keys: Vec<&str> = wanted.keys.names().collect();
            keys.sort_unstable();
            let keys = keys.join(" ");
            format!("{} on {} by [{keys}]", wanted.action, wanted.resource.arn())
        };
        heard.drain(..).map(told).collect()
    }
}

pub async fn listened() -> (World, Listening) {
    let listening = Listening::default();
    (World::new().await.judged_by(listening.clone()), listening)
}

const HOME: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

#[tokio::test(start_paused = true)]
async fn a_secret_is_judged_by_its_arn_whatever_it_is_called() {
    let (world, listening) = listened().await;
    let arn = world.secret("db", "one").await;
    let made = format!("secretsmanager:CreateSecret on {HOME}db-XXXXXX by [secretsmanager:Name]");
    assert_eq!(listening.heard(), [made]);
    for id in ["db", &arn, &arn[..arn.len() - 7]] {
        world.value(id).await;
        let read = format!(
            "secretsmanager:GetSecretValue on {arn} by [secretsmanager:SecretId secretsmanager:VersionStage]"
        );
        assert_eq!(listening.heard(), [read], "{id}");
    }
    world.refused::<ops::GetSecretValue>(get("missing")).await;
    assert!(listening.heard()[0].contains(&format!("on {HOME}missing by")));
    let input = api::DeleteSecretRequest {
        secret_id: some("db"),
        force_delete_without_recovery: Some(true),
        ..Default::default()
    };
    world.ask::<ops::DeleteSecret>(input).await;
    let deleted = "[secretsmanager:ForceDeleteWithoutRecovery secretsmanager:SecretId]";
    assert_eq!(listening.heard(), [format!("secretsmanager:DeleteSecret on {arn} by {deleted}")]);
}

#[tokio::test(start_paused = true)]
async fn whoever_uses_a_secret_under_a_key_of_ones_own_uses_the_key() {
    let (world, listening) = listened().await;
    let key = world.ask::<kms::CreateKey>(Default::default()).await.key_metadata;
    let key = key.and_then(|key| key.arn).expect("it has an ARN");
    listening.heard();
    let of_key = |heard: Vec<String>| -> Vec<String> {
        let of_key = heard.into_iter().filter(|line| line.starts_with("kms:"));
        of_key.map(|line| line.replace(&key, "KEY")).collect()
    };
    let keys = "on KEY by [kms:CallerAccount kms:EncryptionContext:secretarn kms:EncryptionContextKeys kms:ViaService]";
    let (seal, open) = (&*format!("kms:GenerateDataKey {keys}"), &*format!("kms:Decrypt {keys}"));
    let input = api::CreateSecretRequest { kms_key_id: some(&key), ..text("db", 1, "one") };
    world.ask::<ops::CreateSecret>(input).await;
    assert_eq!(of_key(listening.heard()), [seal, open]);
    world.value("db").await;
    assert_eq!(of_key(listening.heard()), [open]);
    world.ask::<ops::PutSecretValue>(put("db", 2, "two", &["AWSPENDING"])).await;
    assert_eq!(of_key(listening.heard()), [seal]);
    let input = api::UpdateSecretRequest {
        secret_id: some("db"),
        kms_key_id: some(""),
        ..Default::default()
    };
    world.ask::<ops::UpdateSecret>(input).await;
    assert_eq!(of_key(listening.heard()), [open], "what was under the key is read once more");
    world.value("db").await;
    assert_eq!(of_key(listening.heard()), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn policies_of_a_secret_and_of_its_key_are_asked_too() {
    let (world, listening) = listened().await;
    let key = world.ask::<kms::CreateKey>(Default::default()).await.key_metadata;
    let key = key.and_then(|key| key.arn);
    let input = api::CreateSecretRequest { kms_key_id: key, ..text("db", 1, "one") };
    world.ask::<ops::CreateSecret>(input).await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    let input = api::PutResourcePolicyRequest {
        secret_id: some("db"),
        resource_policy: some(policy),
        ..Default::default()
    };
    world.ask::<ops::PutResourcePolicy>(input).await;
    listening.heard();
    world.value("db").await;
    let wanted = listening.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let policies: Vec<_> = wanted.iter().map(|wanted| wanted.resource.policy()).collect();
    let [Some(of_secret), Some(of_key)] = policies[..] else { panic!("{policies:?}") };
    assert_eq!((&*of_secret.text, of_secret.alone), (policy, false));
    assert!(of_key.alone && of_key.text.contains("kms:*"), "{of_key:?}");
}

#[tokio::test(start_paused = true)]
async fn several_at_once_want_each_of_them() {
    let (world, listening) = listened().await;
    let (one, two) = (world.secret("app/1", "one").await, world.secret("app/2", "two").await);
    world.secret("other", "three").await;
    listening.heard();
    let read = |arn: &str| {
        format!(
            "secretsmanager:GetSecretValue on {arn} by [secretsmanager:SecretId secretsmanager:VersionStage]"
        )
    };
    let own = "secretsmanager:BatchGetSecretValue on * by []".to_owned();
    let ids = Some(vec!["app/2".to_owned(), "app/1".to_owned()]);
    let input = api::BatchGetSecretValueRequest { secret_id_list: ids, ..Default::default() };
    world.ask::<ops::BatchGetSecretValue>(input).await;
    assert_eq!(listening.heard(), [own.clone(), read(&two), read(&one)]);
    let values = Some(vec!["app/".to_owned()]);
    let filter = api::Filter { key: Some(api::FilterNameStringType::Name), values };
    let filters = Some(vec![filter]);
    let input = api::BatchGetSecretValueRequest { filters, ..Default::default() };
    world.ask::<ops::BatchGetSecretValue>(input).await;
    let list = "secretsmanager:ListSecrets on * by []".to_owned();
    assert_eq!(listening.heard(), [own, list, read(&one), read(&two)]);
}

#[tokio::test(start_paused = true)]
async fn tags_that_a_secret_is_made_with_want_their_own_permission() {
    let (world, listening) = listened().await;
    let tag = api::Tag { key: some("team"), value: some("web") };
    let tags = Some(vec![tag]);
    let input = api::CreateSecretRequest { tags, ..text("db", 1, "one") };
    world.ask::<ops::CreateSecret>(input).await;
    let heard = listening.heard();
    assert_eq!(heard[1], format!("secretsmanager:TagResource on {HOME}db-XXXXXX by []"));
    let input = api::GetSecretValueRequest { version_id: Some(token(1)), ..get("db") };
    world.ask::<ops::GetSecretValue>(input).await;
    let keys = "[secretsmanager:SecretId secretsmanager:VersionId]";
    assert!(listening.heard()[0].ends_with(keys), "no label was asked for");
}

/// Has another secret come between judging a search and searching.
struct Meanwhile(Cell);

impl Authorizer for Meanwhile {
    fn authorise(&self, _: &Call, question: &Question<'_>) -> Result<(), Denied> {
        assert_eq!(question.wants().questions().len(), 3, "its own action, a list, and one secret");
        let copy = self.0.write(|tx: &mut Transaction| {
            let secret = tx.table::<Secret>().iter().next().cloned().expect("there is one");
            let version = tx.table::<SecretVersion>().iter().next().cloned().expect("of it");
            let name = "app/2".to_owned();
            tx.put(SecretVersion { secret: name.clone(), ..version });
            tx.put(Secret { name, ..secret });
            Ok::<_, Infallible>(())
        });
        let wait = || tokio::runtime::Handle::current().block_on(copy);
        tokio::task::block_in_place(wait).expect("it is written");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_what_was_judged_and_nothing_that_came_since() {
    let world = World::new().await;
    world.secret("app/1", "one").await;
    let cell = world.secrets.cell.clone();
    let world = world.judged_by(Meanwhile(cell));
    let values = Some(vec!["app/".to_owned()]);
    let filter = api::Filter { key: Some(api::FilterNameStringType::Name), values };
    let input =
        api::BatchGetSecretValueRequest { filters: Some(vec![filter]), ..Default::default() };
    let answer = world.ask::<ops::BatchGetSecretValue>(input).await;
    let names = answer.secret_values.into_iter().flatten().map(|found| found.name);
    assert_eq!(names.collect::<Vec<_>>(), [some("app/1")]);
    assert_eq!(answer.errors, Some(Vec::new()));
    assert_eq!(world.secrets.cell.snapshot().table::<Secret>().len(), 2, "it did come");
}
