//! One file of the log: frames, one after another, each with its checksum.
//!
//! A frame is written and flushed before the next is begun, so a crash leaves at most the last one unfinished.
//! Nobody was told that it is durable, and it is cut off. A frame that is whole but says something else than was
//! written, or one that whole ones follow, is damage: what it said had been promised, so the store is not opened.
//!
//! How the two are told apart: a file is filled with zeros before frames are written to it, and a disk writes
//! sectors whole. A frame that was not finished has sectors of zeros, or its end is not there at all.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::{Buf, BufMut, Bytes};

use crate::batch::encoding;
use crate::{Batch, Fence, Revision, StoreError};

const MAGIC: &[u8; 8] = b"berthlog";
/// How frames are laid out; raised by a change that an older program would misread.
const FORMAT: u32 = 1;
/// The magic, the format, the number.
pub(super) const FILE_HEADER: usize = 20;
/// The header's checksum, the batch's length and checksum, the revision, the fence.
const FRAME_HEADER: usize = 28;
const SECTOR: usize = 512;

/// What is written with one flush. A batch makes the next revision; an empty one under a newer fence makes only the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) revision: Revision,
    pub(super) fence: Fence,
    pub(super) batch: Batch,
}

/// A file of the log, as far as its frames are known to be whole.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Where its last frame ends.
    pub(super) end: u64,
}

pub(super) fn file_header(number: u64) -> [u8; FILE_HEADER] {
    let mut header = [0; FILE_HEADER];
    let mut out = header.as_mut_slice();
    out.put_slice(MAGIC);
    out.put_u32(FORMAT);
    out.put_u64(number);
    header
}

/// Adds a frame of the segment of this number.
pub(super) fn encode(number: u64, frame: &Frame, out: &mut Vec<u8>) {
    let begin = out.len();
    out.put_bytes(0, FRAME_HEADER);
    encoding::encode(&frame.batch, out);
    let (header, batch) = out[begin..].split_at_mut(FRAME_HEADER);
    let mut numbers = &mut header[4..];
    // One that does not fit is refused by `Log::append` before it is written.
    numbers.put_u32(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    numbers.put_u32(checksum(number, batch));
    numbers.put_u64(frame.revision.0);
    numbers.put_u64(frame.fence.0);
    let of_header = checksum(number, &out[begin + 4..begin + FRAME_HEADER]);
    out[begin..begin + 4].copy_from_slice(&of_header.to_be_bytes());
}

/// With the segment's number, so that what an old file left on the disk is never taken for a frame.
fn checksum(number: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

impl Segment {
    /// Every frame up to its end.
    pub(super) fn frames(&self) -> Result<Vec<Frame>, StoreError> {
        let mut bytes = self.read()?;
        let end = usize::try_from(self.end).unwrap_or(usize::MAX);
        bytes.truncate(end);
        let whole = decode(&bytes, self.number);
        match whole.end == end && whole.is_end_clean(&bytes) {
            true => Ok(whole.frames),
            false => Err(self.damaged(format!("a frame at {} cannot be read", whole.end))),
        }
    }

    /// Reads a file that was left by whoever wrote it last. Only the last file may end in an unfinished frame.
    pub(super) fn recover(
        path: &Path,
        number: u64,
        is_last: bool,
    ) -> Result<(Self, Vec<Frame>), StoreError> {
        let mut segment = Segment { number, path: path.to_owned(), end: FILE_HEADER as u64 };
        let bytes = segment.read()?;
        if bytes.len() < FILE_HEADER || bytes.iter().all(|byte| *byte == 0) {
            return match is_last {
                // Its first frame comes after its header is on the disk.
                true => Ok((segment, Vec::new())),
                false => Err(segment.damaged("it has no beginning".to_owned())),
            };
        }
        segment.check_header(&bytes)?;
        let whole = decode(&bytes, number);
        let may_end_so =
            whole.is_end_clean(&bytes) || is_last && whole.is_unfinished(&bytes, number);
        if !may_end_so {
            let at = whole.end;
            return Err(segment.damaged(format!("a frame at {at} is not what was written")));
        }
        segment.end = whole.end as u64;
        Ok((segment, whole.frames))
    }

    fn read(&self) -> Result<Bytes, StoreError> {
        let read = fs::read(&self.path);
        read.map(Bytes::from).map_err(|source| StoreError::Io { path: self.path.clone(), source })
    }

    fn check_header(&self, mut bytes: &[u8]) -> Result<(), StoreError> {
        if !bytes.starts_with(MAGIC) {
            return Err(self.damaged("it is no log of Berth's".to_owned()));
        }
        bytes.advance(MAGIC.len());
        let (format, number) = (bytes.get_u32(), bytes.get_u64());
        if format != FORMAT {
            let place = self.path.display().to_string();
            return Err(StoreError::Format { place, found: format, supported: FORMAT });
        }
        match number == self.number {
            true => Ok(()),
            false => Err(self.damaged(format!("it is number {number} under another name"))),
        }
    }

    pub(super) fn damaged(&self, detail: String) -> StoreError {
        StoreError::Corrupt { place: self.path.display().to_string(), detail }
    }
}

/// The frames of a file from its beginning, as long as they are whole.
struct Whole {
    frames: Vec<Frame>,
    end: usize,
}

fn decode(bytes: &Bytes, number: u64) -> Whole {
    let mut whole = Whole { frames: Vec::new(), end: FILE_HEADER };
    while let Some((frame, end)) = decode_frame(bytes, whole.end, number) {
        whole.frames.push(frame);
        whole.end = end;
    }
    whole
}

/// What a frame's header says.
struct Header {
    revision: Revision,
    fence: Fence,
    checksum: u32,
    batch: std::ops::Range<usize>,
}

/// The header that begins here. `None` if there is none, or another one than was written.
fn decode_header(bytes: &[u8], at: usize, number: u64) -> Option<Header> {
    let mut header = bytes.get(at..at + FRAME_HEADER)?;
    let of_header = header.get_u32();
    if checksum(number, header) != of_header {
        return None;
    }
    let (length, checksum) = (header.get_u32() as usize, header.get_u32());
    let (revision, fence) = (Revision(header.get_u64()), Fence(header.get_u64()));
    let begin = at + FRAME_HEADER;
    Some(Header { revision, fence, checksum, batch: begin..begin.checked_add(length)? })
}

/// The frame that begins here, and where it ends. `None` if there is no whole one.
fn decode_frame(bytes: &Bytes, at: usize, number: u64) -> Option<(Frame, usize)> {
    let Header { revision, fence, checksum: of_batch, batch } = decode_header(bytes, at, number)?;
    let end = batch.end;
    if checksum(number, bytes.get(batch.clone())?) != of_batch {
        return None;
    }
    let batch = encoding::decode(bytes.slice(batch)).ok()?;
    Some((Frame { revision, fence, batch }, end))
}

impl Whole {
    /// Whether nothing but zeros follows.
    fn is_end_clean(&self, bytes: &[u8]) -> bool {
        bytes.iter().skip(self.end).all(|byte| *byte == 0)
    }

    /// Whether what follows is what a crash leaves of a frame that was being written.
    fn is_unfinished(&self, bytes: &Bytes, number: u64) -> bool {
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let is_followed =
            (self.end + 1..written).any(|at| decode_header(bytes, at, number).is_some());
        if is_followed {
            return false;
        }
        match decode_header(bytes, self.end, number).map(|header| header.batch.end) {
            Some(end) => end > bytes.len() || has_gap(bytes, self.end, end),
            // How long it was to be is not known: at least up to where something was written.
            None => bytes.len() < self.end + FRAME_HEADER || has_gap(bytes, self.end, written),
        }
    }
}

/// Whether a sector in between was never written.
fn has_gap(bytes: &[u8], from: usize, to: usize) -> bool {
    let mut from = from;
    while from < to {
        let end = ((from / SECTOR + 1) * SECTOR).min(to);
        if bytes[from..end].iter().all(|byte| *byte == 0) {
            return true;
        }
        from = end;
    }
    false
}
