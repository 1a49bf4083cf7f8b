//! The fake passes the suite that Docker passes, under paused time.

use std::sync::Arc;

use berth_runtime::conformance::{self, Site};
use berth_runtime::fake::{FakeEngine, FakeImage, FakeOptions};

#[tokio::test(start_paused = true)]
async fn conforms() {
    let engine = FakeEngine::new(FakeOptions::default());
    engine.load("demo", FakeImage::demo());
    let site = Site {
        runtime: Arc::new(engine.runtime("suite")),
        neighbour: Arc::new(engine.runtime("neighbour")),
        image: "demo".to_owned(),
    };
    conformance::run(&site).await;
    assert!(engine.containers().is_empty());
}
