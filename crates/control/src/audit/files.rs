//! Files of lines: the newest grows, the oldest go.
//!
//! A file is named after the instant of its first line, so that names sort by age. It is closed when it is full.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Audit, Line};
use crate::env::Clock;

/// Lines that are written at once.
const BATCH: usize = 1024;
/// How long lines gather between two writes. A line that is told meanwhile wakes nobody, which costs its call more
/// than all the rest of telling does.
const GATHER: Duration = Duration::from_millis(5);
/// How long to leave a disk alone that took nothing.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct FilesOptions {
    pub folder: PathBuf,
    /// A file that is this long is followed by another.
    pub file_bytes: u64,
    /// All of them together; the oldest go first, the newest never.
    pub kept_bytes: u64,
}

/// Writes what is told until everybody who tells is gone.
#[derive(Debug)]
pub struct Files(JoinHandle<()>);

impl Files {
    /// To be called inside a tokio runtime.
    pub fn start(options: FilesOptions, clock: Arc<dyn Clock>) -> io::Result<(Audit, Files)> {
        fs::create_dir_all(&options.folder)?;
        let writer = Writer { options, clock, newest: None };
        writer.forget_oldest()?;
        let (audit, lines) = Audit::channel();
        Ok((audit, Files(tokio::task::spawn_blocking(move || writer.run(lines)))))
    }

    /// Waits until the last line is written, once nobody tells any more.
    pub async fn finish(self) {
        if let Err(error) = self.0.await {
            tracing::error!(%error, "the audit's writer did not end well");
        }
    }

    /// The files of a folder, the oldest first.
    pub fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("audit-") && name.ends_with(".jsonl") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// When the file was begun.
fn millis(path: &Path) -> Option<i64> {
    path.file_stem()?.to_str()?.strip_prefix("audit-")?.parse().ok()
}

struct Writer {
    options: FilesOptions,
    clock: Arc<dyn Clock>,
    newest: Option<Newest>,
}

struct Newest {
    file: File,
    bytes: u64,
}

impl Writer {
    fn run(mut self, mut lines: mpsc::Receiver<Line>) {
        let mut batch = Vec::with_capacity(BATCH);
        while lines.blocking_recv_many(&mut batch, BATCH) > 0 {
            let bytes = batch.concat();
            // Whoever calls waits meanwhile: no call goes untold.
            while let Err(error) = self.write(&bytes) {
                metrics::counter!("berth_audit_write_errors_total").increment(1);
                tracing::error!(%error, folder = %self.options.folder.display(), "the audit cannot be written");
                self.newest = None;
                if lines.sender_strong_count() == 0 {
                    tracing::error!(lines = batch.len(), "the last lines of the audit are lost");
                    break;
                }
                std::thread::sleep(PAUSE);
            }
            batch.clear();
            std::thread::sleep(GATHER);
        }
    }

    /// All of it. What was written of it before an error is written again: a line twice is better than none.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let newest = match &mut self.newest {
            Some(newest) if newest.bytes < self.options.file_bytes => newest,
            _ => {
                let newest = self.next()?;
                self.forget_oldest()?;
                self.newest.insert(newest)
            }
        };
        newest.file.write_all(bytes)?;
        newest.bytes += bytes.len() as u64;
        Ok(())
    }

    /// A file that sorts after all that are there, even if the clock went back.
    fn next(&self) -> io::Result<Newest> {
        let last = Files::in_folder(&self.options.folder)?.pop();
        let after = last.as_deref().and_then(millis).map_or(i64::MIN, |millis| millis + 1);
        let millis = self.clock.now().as_millis().max(after);
        let path = self.options.folder.join(format!("audit-{millis:015}.jsonl"));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        Ok(Newest { file, bytes: 0 })
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let files = Files::in_folder(&self.options.folder)?;
        let mut kept = 0;
        for (age, path) in files.iter().rev().enumerate() {
            kept += fs::metadata(path)?.len();
            if age > 0 && kept > self.options.kept_bytes {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}
