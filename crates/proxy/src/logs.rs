//! Access and connection logs, in files that are named as ELB names its own.
//!
//! Lines are told in passing: whoever tells one waits for nothing, and a line that there is no room for is left out and counted, as ELB
//! does its best and no more. What a line says is known where it is told (`front/access.rs`, `front/visit.rs`).
//!
//! DEVIATES: files are written to a directory, as plain text; they have their names when their five minutes are over.

mod name;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(crate) use name::Kind;
use name::Series;
use writer::Writer;

/// Lines that may wait for the disk.
const WAITING: usize = 16 * 1024;

/// All logs of a proxy.
pub(crate) struct Logs {
    lines: mpsc::Sender<Line>,
    left_out: Arc<AtomicU64>,
    writer: JoinHandle<()>,
}

struct Line {
    series: Arc<Series>,
    text: String,
}

/// The log of one balancer.
#[derive(Clone)]
pub(crate) struct Log {
    series: Arc<Series>,
    lines: mpsc::Sender<Line>,
    left_out: Arc<AtomicU64>,
}

impl Logs {
    /// To be called inside a tokio runtime.
    pub(crate) fn start(folder: PathBuf) -> io::Result<Logs> {
        let writer = Writer::open(folder)?;
        let (lines, told) = mpsc::channel(WAITING);
        Ok(Logs {
            lines,
            left_out: Arc::default(),
            writer: tokio::task::spawn_blocking(move || writer.run(told)),
        })
    }

    /// `arn` and `resource` are the balancer's.
    pub(crate) fn log(&self, kind: Kind, arn: &str, resource: &str) -> Log {
        Log {
            series: Arc::new(Series::new(kind, arn, resource)),
            lines: self.lines.clone(),
            left_out: Arc::clone(&self.left_out),
        }
    }

    /// Waits until the last line is written, once nobody tells any more.
    pub(crate) async fn finish(self) {
        drop(self.lines);
        let left_out = self.left_out.load(Ordering::Relaxed);
        if left_out > 0 {
            tracing::warn!(lines = left_out, "the disk was too slow for all lines of access logs");
        }
        if let Err(error) = self.writer.await {
            tracing::error!(%error, "the logs' writer did not end well");
        }
    }
}

impl Log {
    /// `text` is one line, with its end.
    pub(crate) fn tell(&self, text: String) {
        let line = Line { series: Arc::clone(&self.series), text };
        if self.lines.try_send(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}
