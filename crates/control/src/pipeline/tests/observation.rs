//! What is told about requests, in metrics and in the log.

use std::io;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use super::world::*;

#[tokio::test]
async fn requests_are_counted_by_service_operation_and_code() {
    let world = World::enforcing();
    world.put_text("echo", "").await;
    world.put_text("echo", "").await;
    world.put_text("missing", "").await;
    world.handle(signed(json("Fixture_20260131.Everything", "{}"))).await;
    world.handle(signed(json("Fixture_20260131.MadeUpByAClient", "{}"))).await;
    let count = |operation: &str, code: &str, count: u32| {
        let service = if operation == "unknown" { "unknown" } else { "fixture" };
        format!(
            "berth_requests_total{{service=\"{service}\",operation=\"{operation}\",code=\"{code}\"}} {count}"
        )
    };
    let mut told = lines(&world.metrics, "berth_requests_total{");
    told.retain(|line| !line.ends_with(" 0"));
    told.sort_unstable();
    let mut expected = vec![
        count("PutText", "OK", 2),
        count("PutText", "ThingNotFoundException", 1),
        count("Everything", "UnsupportedOperationException", 1),
        count("unknown", "UnknownOperationException", 1),
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    let durations = lines(&world.metrics, "berth_request_duration_seconds_count{");
    assert!(
        durations.iter().any(|line| line.contains("PutText") && line.ends_with(" 3")),
        "{durations:?}"
    );
}

#[tokio::test]
async fn a_request_in_flight_is_told_and_an_abandoned_one_too() {
    let world = World::enforcing();
    let mut request = Box::pin(world.put_text("wait", ""));
    assert!(request.as_mut().now_or_never().is_none());
    assert_eq!(lines(&world.metrics, "berth_requests_in_flight "), ["berth_requests_in_flight 1"]);
    drop(request);
    assert_eq!(lines(&world.metrics, "berth_requests_in_flight "), ["berth_requests_in_flight 0"]);
    let told = lines(&world.metrics, "berth_requests_total{");
    assert!(
        told.iter().any(|line| line.contains("\"Abandoned\"") && line.ends_with(" 1")),
        "{told:?}"
    );
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
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

#[tokio::test]
async fn a_request_is_one_line_with_its_id_and_cause() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::enforcing();
    let mut ids = Vec::new();
    for name in ["echo", "missing", "broken", "panic"] {
        let response = world.put_text(name, "secret text").await;
        ids.push(response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned());
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("secret text"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{text}");
    for (line, id) in lines.iter().zip(&ids) {
        let fields = &line["fields"];
        assert_eq!(fields["request_id"], id.as_str());
        assert_eq!(
            (&fields["service"], &fields["operation"]),
            (&"fixture".into(), &"PutText".into())
        );
        assert_eq!(fields["principal"], "administrator/AKIDADMIN");
    }
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["level"].as_str().unwrap(), line["fields"]["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(told[0], ("INFO", 200));
    assert_eq!(told[1].0, "INFO");
    // Two fields of one name would hide one of them from whoever reads the log by program.
    assert_eq!(text.matches("\"message\"").count(), lines.len(), "{text}");
    assert_eq!(lines[1]["fields"]["message"], "refused");
    assert!(!lines[1]["fields"]["error"].as_str().unwrap().is_empty(), "{text}");
    assert!(lines.iter().all(|line| line["fields"]["micros"].is_u64()), "{text}");
    assert_eq!(told[2], ("ERROR", 500));
    assert!(lines[2]["fields"]["cause"].as_str().unwrap().contains("the disk is on fire"));
    assert!(lines[3]["fields"]["cause"].as_str().unwrap().contains("told to"));
}
