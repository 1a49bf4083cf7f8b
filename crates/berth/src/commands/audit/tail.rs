//! Whole lines of files that grow and are followed by others.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result};
use berth_control::audit::Files;

pub struct Tail {
    folder: PathBuf,
    /// How far each file has been read.
    read: BTreeMap<PathBuf, u64>,
}

impl Tail {
    pub fn from_start(folder: PathBuf) -> Self {
        Tail { folder, read: BTreeMap::new() }
    }

    /// What is there already is left out.
    pub fn from_end(folder: PathBuf) -> Result<Self> {
        let mut tail = Tail::from_start(folder);
        let _nobody_stops_it = tail.read(|_| Ok(ControlFlow::Continue(())))?;
        Ok(tail)
    }

    /// Hands out the lines that have come since. The end of a file that has no newline yet is left for later.
    pub fn read(
        &mut self,
        mut line: impl FnMut(&str) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        for path in Files::in_folder(&self.folder)? {
            let at = || format!("cannot read {}", path.display());
            // The oldest may go at any time.
            let Ok(mut file) = File::open(&path) else { continue };
            let read = self.read.entry(path.clone()).or_default();
            file.seek(SeekFrom::Start(*read)).with_context(at)?;
            let mut reader = BufReader::new(file);
            let mut text = String::new();
            while reader.read_line(&mut text).with_context(at)? > 0 && text.ends_with('\n') {
                *read += text.len() as u64;
                if line(text.trim_end())?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                text.clear();
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;

    fn lines(tail: &mut Tail) -> Vec<String> {
        let mut lines = Vec::new();
        let read = tail.read(|line| {
            lines.push(line.to_owned());
            Ok(ControlFlow::Continue(()))
        });
        assert!(read.expect("reads").is_continue());
        lines
    }

    #[test]
    fn each_whole_line_comes_once_also_from_files_that_follow() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = folder.path().join("audit-1.jsonl");
        fs::write(&first, "a\nb\nhal").expect("written");
        let mut tail = Tail::from_start(folder.path().to_owned());
        assert_eq!(lines(&mut tail), ["a", "b"]);
        assert_eq!(lines(&mut Tail::from_end(folder.path().to_owned()).expect("reads")), [""; 0]);
        let mut file = OpenOptions::new().append(true).open(&first).expect("opens");
        file.write_all(b"f\n").expect("written");
        fs::write(folder.path().join("audit-2.jsonl"), "c\n").expect("written");
        fs::write(folder.path().join("other"), "no\n").expect("written");
        assert_eq!(lines(&mut tail), ["half", "c"]);
        fs::remove_file(first).expect("removed");
        assert_eq!(lines(&mut tail), [""; 0]);
    }
}
