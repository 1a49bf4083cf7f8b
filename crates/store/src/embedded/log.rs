//! The log: files of frames, of which the last is written to.
//!
//! A frame at the end of a file that has room set aside costs the disk one write and one flush, wherever its
//! records belong. The state file takes them over later, many at once ([`super::folder`]).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::segment::{self, FILE_HEADER, Frame, Segment};
use crate::{Fence, Revision, StoreError};

/// Room is set aside in steps of this, so that most flushes have no length of the file to write down.
const ROOM: u64 = 4 << 20;

/// The files before the one that is written to, and where the log has got to.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) segments: Vec<Segment>,
    pub(super) revision: Revision,
    pub(super) fence: Fence,
    /// The number of the next file.
    pub(super) next: u64,
}

/// Reads what the last writer left, after what the state file has of it. An unfinished end is cut off.
pub(super) fn recover(
    dir: &Path,
    revision: Revision,
    fence: Fence,
) -> Result<Recovered, StoreError> {
    let mut recovered = Recovered { segments: Vec::new(), revision, fence, next: 1 };
    let files = files(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })?;
    let count = files.len();
    for (at, (number, path)) in files.into_iter().enumerate() {
        let is_last = at + 1 == count;
        let (segment, frames) = Segment::recover(&path, number, is_last)?;
        for frame in &frames {
            recovered.follow(frame).map_err(|detail| segment.damaged(detail))?;
        }
        recovered.next = number + 1;
        let io = |source| StoreError::Io { path: path.clone(), source };
        if !is_last {
            recovered.segments.push(segment);
        } else if frames.is_empty() {
            // It may lack even its header, which nobody forgives a file that others follow.
            fs::remove_file(&path).and_then(|()| sync_dir(dir)).map_err(io)?;
        } else {
            cut(&segment).map_err(io)?;
            recovered.segments.push(segment);
        }
    }
    Ok(recovered)
}

impl Recovered {
    /// A frame that the state file has already is nothing new. Any other makes the next revision under the same fence,
    /// or a newer fence and no revision.
    fn follow(&mut self, frame: &Frame) -> Result<(), String> {
        if frame.revision <= self.revision && frame.fence <= self.fence {
            return Ok(());
        }
        let next = if frame.fence == self.fence { self.revision.0 + 1 } else { self.revision.0 };
        if frame.revision.0 != next || frame.fence < self.fence {
            return Err(format!(
                "it goes on with revision {} after {}; a file of the log is missing",
                frame.revision, self.revision
            ));
        }
        (self.revision, self.fence) = (frame.revision, frame.fence);
        Ok(())
    }
}

/// The log's files, oldest first.
fn files(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Whatever else somebody keeps there is none of our business.
        if let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            files.push((number, entry.path()));
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn cut(segment: &Segment) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(&segment.path)?;
    if file.metadata()?.len() > segment.end {
        file.set_len(segment.end)?;
        file.sync_all()?;
    }
    Ok(())
}

/// The file that is written to.
#[derive(Debug)]
pub(super) struct Log {
    segment: Segment,
    file: File,
    room: u64,
    /// The frame that is being written: kept, so that its memory is.
    frame: Vec<u8>,
}

impl Log {
    /// Begins the file of this number, and makes its name durable.
    pub(super) fn begin(dir: &Path, number: u64) -> io::Result<Self> {
        if !dir.exists() {
            DirBuilder::new().mode(0o700).create(dir)?;
            dir.parent().map_or(Ok(()), sync_dir)?;
        }
        let path = dir.join(format!("{number:012}"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let segment = Segment { number, path, end: FILE_HEADER as u64 };
        let mut log = Log { segment, file, room: 0, frame: Vec::new() };
        log.set_room_aside(0);
        if let Err(error) = log.make_durable(dir) {
            // Whoever goes on without it must not find it later.
            let _ = fs::remove_file(&log.segment.path);
            return Err(error);
        }
        Ok(log)
    }

    fn make_durable(&self, dir: &Path) -> io::Result<()> {
        self.file.write_all_at(&segment::file_header(self.segment.number), 0)?;
        self.file.sync_all()?;
        sync_dir(dir)
    }

    /// Returns once the frame is on the disk.
    pub(super) fn append(&mut self, frame: &Frame) -> io::Result<()> {
        self.frame.clear();
        segment::encode(self.segment.number, frame, &mut self.frame);
        if u32::try_from(self.frame.len()).is_err() {
            return Err(io::Error::other("a batch has more than four gigabytes"));
        }
        let end = self.segment.end + self.frame.len() as u64;
        if end > self.room {
            self.set_room_aside(end);
        }
        self.file.write_all_at(&self.frame, self.segment.end)?;
        self.file.sync_data()?;
        self.segment.end = end;
        // A batch of many megabytes is rare, and its memory is not kept for the next.
        self.frame.shrink_to(ROOM as usize);
        Ok(())
    }

    /// Fills the file with zeros beyond here. Without it, each flush writes down the file's length too: slower, no less safe.
    fn set_room_aside(&mut self, end: u64) {
        let room = (end / ROOM + 1) * ROOM;
        let (from, length) = (self.room, room - self.room);
        let asked =
            rustix::fs::fallocate(&self.file, rustix::fs::FallocateFlags::empty(), from, length);
        match asked {
            Ok(()) => self.room = room,
            Err(error) => {
                tracing::debug!(%error, path = %self.segment.path.display(), "no room could be set aside");
                self.room = u64::MAX;
            }
        }
    }

    /// What is in it now. More may be added behind that.
    pub(super) fn so_far(&self) -> &Segment {
        &self.segment
    }

    /// Ends the file.
    pub(super) fn seal(self) -> io::Result<Segment> {
        // Not flushed: if the zeros behind its last frame come back, they are known for what they are.
        self.file.set_len(self.segment.end)?;
        Ok(self.segment)
    }
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
