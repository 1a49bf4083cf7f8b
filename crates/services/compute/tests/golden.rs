//! Golden requests and answers: every `.txt` in `tests/golden/` is a list of calls, all of the same account and region.
//!
//! ```text
//! ### DescribeVpcs
//! Filter.1.Name=is-default
//! Filter.1.Value.1=true
//! === 200
//! <vpcSet>
//! …
//! ```
//!
//! `region=eu-west-1` behind the operation asks in another region. `UPDATE_GOLDEN=1` writes the answers; whoever runs it
//! reads every line that changed.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use berth_compute::Compute;
use berth_control::env::Env;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer};
use berth_model::Timestamp;
use bytes::Bytes;
use http::Request;

/// 2026-01-02T03:04:05Z: any instant would do.
const START: Timestamp = Timestamp::from_millis(1_767_323_045_000);

#[tokio::test(start_paused = true)]
async fn every_golden_file_holds() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let files = golden_files();
    assert!(!files.is_empty(), "there are golden files");
    let mut differences = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable golden file");
        let now = answered(&text).await;
        if update {
            std::fs::write(&file, now).expect("a golden file can be written");
        } else if now != text {
            let (line, (found, expected)) = now
                .lines()
                .chain(["<end>"])
                .zip(text.lines().chain(["<end>"]))
                .enumerate()
                .find(|(_, (found, expected))| found != expected)
                .expect("they differ");
            let file = file.display();
            differences
                .push(format!("{file}:{}\n  expected {expected}\n  found    {found}", line + 1));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(folder).expect("the folder of golden files is there");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

/// The same file with the answers of today.
async fn answered(text: &str) -> String {
    let endpoint = endpoint();
    let mut parts = text.split("### ");
    let mut now = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let lines = part.lines().take_while(|line| !line.starts_with("=== "));
        let mut lines = lines.filter(|line| !line.is_empty());
        let heading = lines.next().expect("a step has a heading");
        let parameters: Vec<&str> = lines.collect();
        let (status, body) = ask(&endpoint, heading, &parameters).await;
        now.push_str(&format!("### {heading}\n"));
        for parameter in parameters {
            now.push_str(&format!("{parameter}\n"));
        }
        now.push_str(&format!("=== {status}\n{}\n\n", shown(&body)));
    }
    now.truncate(now.trim_end().len());
    now + "\n"
}

fn endpoint() -> Endpoint {
    let options = EndpointOptions {
        env: Env::seeded(1, START),
        account: "123456789012".parse().expect("an account"),
        default_region: "us-east-1".parse().expect("a region"),
        authenticator: Arc::new(OpenAuthenticator),
        authorizer: Arc::new(AllowAll),
        metrics: Metrics::new(),
    };
    EndpointBuilder::new(options)
        .service(Compute::new().ec2())
        .build()
        .expect("each operation once, each with a row")
}

async fn ask(endpoint: &Endpoint, heading: &str, parameters: &[&str]) -> (u16, String) {
    let (operation, region) = heading.split_once(" region=").unwrap_or((heading, "us-east-1"));
    let mut body = format!("Action={operation}&Version=2016-11-15");
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').expect("a parameter is NAME=VALUE");
        body.push_str(&format!("&{name}={}", value.replace('*', "%2A").replace('/', "%2F")));
    }
    let scope = format!("Credential=GOLDEN/20260102/{region}/ec2/aws4_request");
    let request = Request::post("/")
        .header("host", "127.0.0.1:4566")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-amz-date", "20260102T030405Z")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host;x-amz-date, Signature=00"),
        )
        .body(Bytes::from(body))
        .expect("a request can be built");
    let answer = endpoint.handle(request, Peer::plain(Ipv4Addr::LOCALHOST.into())).await;
    let body = String::from_utf8(answer.body().to_vec()).expect("answers are text");
    (answer.status().as_u16(), body)
}

/// What differs by operation: without the envelope, a line for each element.
fn shown(text: &str) -> String {
    let between = |from: &str, to: &str| Some(text.split_once(from)?.1.split_once(to)?.0);
    if let (Some(code), Some(message)) =
        (between("<Code>", "</Code>"), between("<Message>", "</Message>"))
    {
        return format!("{code}: {message}");
    }
    let (_, inner) = text.split_once("</requestId>").expect("every answer has its id");
    let inner = inner.rsplit_once("</").map_or(inner, |(inner, _)| inner);
    let mut depth = 0_usize;
    let mut lines = Vec::new();
    for line in inner.replace("><", ">\n<").lines() {
        if line.starts_with("</") {
            depth = depth.saturating_sub(1);
        }
        lines.push(format!("{}{line}", "  ".repeat(depth)));
        if !line.contains("</") && !line.ends_with("/>") {
            depth += 1;
        }
    }
    lines.join("\n")
}
