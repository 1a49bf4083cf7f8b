//! The file, written and read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{BackupError, Summary};
use crate::{Key, Loaded, Revision};

const MAGIC: &[u8; 8] = b"BERTHBK\n";
/// Raised by a change that an older program would misread.
const FORMAT: u32 = 1;
const DIGEST: usize = 32;

/// Writes a file that was not there, for its owner only. It has its name once it is whole and on the disk.
pub fn write(path: &Path, loaded: &Loaded) -> Result<Summary, BackupError> {
    let unfinished = Unfinished::beside(path)?;
    unfinished.fill(|file| encode(loaded, BufWriter::with_capacity(1 << 20, file)))?;
    // What is on the disk now is what counts.
    match read(&unfinished.path)? == *loaded {
        true => unfinished.finish()?,
        false => return Err(damaged(path, "it was read back otherwise than it was written")),
    }
    Ok(Summary { revision: loaded.revision, records: loaded.records.len() })
}

/// Writes a file that was not there from what [`encode`] made elsewhere, if it is whole.
pub fn receive(path: &Path, mut from: impl Read) -> Result<Summary, BackupError> {
    let unfinished = Unfinished::beside(path)?;
    unfinished.fill(|mut file| io::copy(&mut from, &mut file).map(drop))?;
    let loaded = read(&unfinished.path)?;
    unfinished.finish()?;
    Ok(Summary { revision: loaded.revision, records: loaded.records.len() })
}

/// A file under another name, which goes when this does.
struct Unfinished {
    path: PathBuf,
    wanted: PathBuf,
}

impl Unfinished {
    fn beside(wanted: &Path) -> Result<Self, BackupError> {
        let mut path = wanted.as_os_str().to_owned();
        path.push(format!(".{}.unfinished", std::process::id()));
        let unfinished = Unfinished { path: path.into(), wanted: wanted.to_owned() };
        match wanted.exists() {
            true => Err(unfinished.failed(io::ErrorKind::AlreadyExists.into())),
            false => Ok(unfinished),
        }
    }

    fn failed(&self, source: io::Error) -> BackupError {
        BackupError::Io { path: self.wanted.clone(), source }
    }

    fn fill(&self, fill: impl FnOnce(&File) -> io::Result<()>) -> Result<(), BackupError> {
        let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
        let filled = open.and_then(|file| fill(&file).and_then(|()| file.sync_all()));
        filled.map_err(|source| self.failed(source))
    }

    /// One that somebody has made meanwhile is not replaced, as it would be by renaming.
    fn finish(&self) -> Result<(), BackupError> {
        let parent = self.wanted.parent().filter(|parent| !parent.as_os_str().is_empty());
        let named = fs::hard_link(&self.path, &self.wanted)
            .and_then(|()| File::open(parent.unwrap_or(Path::new(".")))?.sync_all());
        named.map_err(|source| self.failed(source))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Finished or not, this name is of no more use.
        let _ = fs::remove_file(&self.path);
    }
}

/// What a file has in it.
pub fn encode(loaded: &Loaded, out: impl Write) -> io::Result<()> {
    let mut out = Hashing { inner: out, hash: Sha256::new() };
    out.write_all(MAGIC)?;
    out.write_all(&FORMAT.to_be_bytes())?;
    out.write_all(&loaded.revision.0.to_be_bytes())?;
    out.write_all(&(loaded.records.len() as u64).to_be_bytes())?;
    for (key, value) in &loaded.records {
        out.write_all(&key.table.to_be_bytes())?;
        for bytes in [&key.key, value] {
            let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            out.write_all(&length.to_be_bytes())?;
            out.write_all(bytes)?;
        }
    }
    let Hashing { mut inner, hash } = out;
    inner.write_all(&hash.finalize())?;
    inner.flush()
}

/// Reads all of it, and believes none of it before the end has been compared.
pub fn read(path: &Path) -> Result<Loaded, BackupError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::UnexpectedEof => damaged(path, "it ends too early"),
        _ => BackupError::Io { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut input = Hashing { inner: BufReader::with_capacity(1 << 20, file), hash: Sha256::new() };
    let mut magic = [0; MAGIC.len()];
    if input.read_exact(&mut magic).is_err() || magic != *MAGIC {
        return Err(BackupError::Foreign { path: path.to_owned() });
    }
    let format = u32::from_be_bytes(input.array().map_err(failed)?);
    if format != FORMAT {
        let (path, found) = (path.to_owned(), format);
        return Err(BackupError::Format { path, found, supported: FORMAT });
    }
    let revision = Revision(u64::from_be_bytes(input.array().map_err(failed)?));
    let count = u64::from_be_bytes(input.array().map_err(failed)?);
    let mut records: Vec<(Key, Bytes)> = Vec::new();
    for _ in 0..count {
        let table = u16::from_be_bytes(input.array().map_err(failed)?);
        let key = Key { table, key: input.bytes(length).map_err(failed)? };
        if records.last().is_some_and(|(last, _)| *last >= key) {
            return Err(damaged(path, "its records are not in order"));
        }
        records.push((key, input.bytes(length).map_err(failed)?));
    }
    let Hashing { mut inner, hash } = input;
    let mut digest = [0; DIGEST];
    inner.read_exact(&mut digest).map_err(failed)?;
    if hash.finalize()[..] != digest {
        return Err(damaged(path, "its checksum is another"));
    }
    if inner.read(&mut [0]).map_err(failed)? != 0 {
        return Err(damaged(path, "something follows its end"));
    }
    Ok(Loaded { revision, records })
}

fn damaged(path: &Path, detail: &str) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), detail: detail.to_owned() }
}

/// Passes bytes on, and digests them.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<R: Read> Hashing<R> {
    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hash.update(bytes);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A length and as many bytes. None can be longer than the file: a damaged length costs no memory.
    fn bytes(&mut self, longest: u64) -> io::Result<Bytes> {
        let length = u32::from_be_bytes(self.array()?);
        if u64::from(length) > longest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length as usize];
        self.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
