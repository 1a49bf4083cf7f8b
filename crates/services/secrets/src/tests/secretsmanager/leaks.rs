//! A whole run, after which the log, the audit and the store are searched for what was secret.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;
use berth_control::audit::Audit;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use berth_control::pipeline::{AllowAll, EndpointBuilder, EndpointOptions};
use berth_store::Store;
use bytes::Bytes;
use tracing_subscriber::fmt::MakeWriter;

use super::super::world::{World, some};
use super::{get, put, text, token};
use crate::tables::SecretVersion;

const SECRETS: [&str; 4] = ["hunter2-first", "hunter2-second", "hunter2-third", "hunter2-binary"];

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

fn says(said: &[u8], text: &str) -> bool {
    said.windows(text.len()).any(|window| window == text.as_bytes())
}

/// No secret must be there: as text, in base 64, or in hexadecimal digits.
fn check(place: &str, said: &[u8]) {
    for secret in SECRETS {
        let base64 = STANDARD_NO_PAD.encode(secret);
        // The last group of letters depends on what follows.
        let forms = [secret.to_owned(), base64[..base64.len() - 4].to_owned(), hex::encode(secret)];
        for form in forms {
            assert!(!says(said, &form), "{secret} is in the {place} as {form}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_secret_is_said_anywhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut world = World::new().await;
    let (audit, mut lines) = Audit::channel();
    let keys = StaticCredentials::new().with_administrator("ADMIN", "secret");
    let options = EndpointOptions {
        env: world.env.clone(),
        account: world.scope().account,
        default_region: world.scope().region,
        authenticator: Arc::new(SigV4Authenticator::new(keys)),
        authorizer: Arc::new(AllowAll),
        metrics: Metrics::new(),
    };
    world.endpoint = EndpointBuilder::new(options)
        .service(world.secrets.secretsmanager())
        .audit(audit)
        .build()
        .expect("one service alone");

    run(&world).await;

    let log = log.bytes();
    assert!(says(&log, "PutSecretValue"), "calls are logged");
    check("log", &log);
    let mut told = Vec::new();
    while let Ok(line) = lines.try_recv() {
        told.extend(line);
    }
    assert!(says(&told, "PutSecretValue"), "calls are in the audit");
    check("audit", &told);
    let stored = world.store.load().await.expect("it is in memory").records;
    assert!(stored.len() > 4, "there are rows of secrets");
    check("store", &stored.iter().flat_map(|(_, value)| value.to_vec()).collect::<Vec<_>>());
    let view = world.secrets.cell.snapshot();
    for version in view.table::<SecretVersion>().iter() {
        check("row as it is told", format!("{version:?}").as_bytes());
    }
}

/// Everything that takes or gives a value, well and badly.
async fn run(world: &World) {
    let [first, second, third, binary] = SECRETS;
    world.secret("db", first).await;
    world.ask::<ops::PutSecretValue>(put("db", 2, second, &["AWSPENDING"])).await;
    world.refused::<ops::PutSecretValue>(put("db", 2, third, &[])).await;
    world.refused::<ops::CreateSecret>(text("not valid", 1, third)).await;
    world.refused::<ops::PutSecretValue>(put("missing", 3, third, &[])).await;
    let update = api::UpdateSecretRequest {
        secret_id: some("db"),
        client_request_token: Some(token(3)),
        secret_string: some(third),
        ..Default::default()
    };
    world.ask::<ops::UpdateSecret>(update).await;
    let blob = api::PutSecretValueRequest {
        secret_string: None,
        secret_binary: Some(Bytes::from_static(binary.as_bytes())),
        ..put("db", 4, "", &["blob"])
    };
    world.ask::<ops::PutSecretValue>(blob).await;
    for number in 1..=4 {
        let input = api::GetSecretValueRequest { version_id: Some(token(number)), ..get("db") };
        let read = world.ask::<ops::GetSecretValue>(input).await;
        check("answer as it is told", format!("{read:?}").as_bytes());
    }
    let ids = Some(vec!["db".to_owned()]);
    let batch = api::BatchGetSecretValueRequest { secret_id_list: ids, ..Default::default() };
    world.ask::<ops::BatchGetSecretValue>(batch).await;
    world.described("db").await;
    world.ask::<ops::ListSecrets>(Default::default()).await;
}
