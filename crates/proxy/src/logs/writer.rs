//! Who writes the files.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::Line;
use super::name::{INTERVAL, Series};

/// Lines that are written at once.
const BATCH: usize = 1024;
/// How long lines gather between two writes: one that is told meanwhile wakes nobody.
const GATHER: Duration = Duration::from_millis(20);
/// All files together; the oldest go first.
const KEPT_BYTES: u64 = 1 << 30;
/// A file that is being written.
const UNFINISHED: &str = "part";

pub(super) struct Writer {
    folder: PathBuf,
    /// The same for this proxy's life, and another for the next one's.
    random: String,
    open: BTreeMap<Arc<Series>, Open>,
    interval: i64,
}

struct Open {
    file: File,
    path: PathBuf,
}

impl Writer {
    pub(super) fn open(folder: PathBuf) -> io::Result<Writer> {
        fs::create_dir_all(&folder)?;
        let random = format!("{:08x}", rand::random::<u32>());
        Ok(Writer { folder, random, open: BTreeMap::new(), interval: 0 })
    }

    pub(super) fn run(mut self, mut lines: mpsc::Receiver<Line>) {
        let mut batch = Vec::with_capacity(BATCH);
        while lines.blocking_recv_many(&mut batch, BATCH) > 0 {
            if let Err(error) = self.write(&batch) {
                tracing::error!(%error, lines = batch.len(), "lines of access logs are lost");
                self.open.clear();
            }
            batch.clear();
            std::thread::sleep(GATHER);
        }
        self.finish();
    }

    fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        let second =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let second = i64::try_from(second).unwrap_or_default();
        if second / INTERVAL != self.interval {
            self.finish();
            self.interval = second / INTERVAL;
            self.forget_oldest()?;
        }
        let mut texts: BTreeMap<&Arc<Series>, String> = BTreeMap::new();
        for line in lines {
            texts.entry(&line.series).or_default().push_str(&line.text);
        }
        for (series, text) in texts {
            self.file(series, second)?.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn file(&mut self, series: &Arc<Series>, second: i64) -> io::Result<&mut File> {
        if !self.open.contains_key(series) {
            let mut path = self.folder.join(series.path(second, &self.random));
            path.as_mut_os_string().push(".");
            path.as_mut_os_string().push(UNFINISHED);
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            let file = OpenOptions::new().append(true).create(true).mode(0o640).open(&path)?;
            self.open.insert(Arc::clone(series), Open { file, path });
        }
        Ok(&mut self.open.get_mut(series).expect("it was just opened").file)
    }

    /// Gives files that are whole their names.
    fn finish(&mut self) {
        for (_, open) in std::mem::take(&mut self.open) {
            if let Err(error) = fs::rename(&open.path, open.path.with_extension("")) {
                tracing::error!(%error, path = %open.path.display(), "a log keeps its first name");
            }
        }
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut files = Vec::new();
        find(&self.folder, &mut files)?;
        files.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = 0;
        for (_, bytes, path) in files {
            kept += bytes;
            if kept > KEPT_BYTES {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// All files beneath a folder, with when they were written last and how long they are.
fn find(folder: &Path, files: &mut Vec<(SystemTime, u64, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            find(&entry.path(), files)?;
        } else {
            files.push((metadata.modified()?, metadata.len(), entry.path()));
        }
    }
    Ok(())
}
