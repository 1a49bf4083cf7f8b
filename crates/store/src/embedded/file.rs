//! What is in the file: records by table and key, and three numbers about them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use crate::{Batch, Fence, Key, Loaded, Revision, StoreError, Write};

/// The table's number, big-endian, and the key's bytes.
const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// How records and numbers are laid out; raised by a change that an older program would misread.
const FORMAT: u32 = 1;
const FORMAT_ENTRY: &str = "format";
const FENCE_ENTRY: &str = "fence";
const REVISION_ENTRY: &str = "revision";

pub(super) struct StateFile {
    path: PathBuf,
    database: Database,
    fence: Fence,
    revision: Revision,
}

/// The three numbers.
struct Meta {
    format: u64,
    fence: Fence,
    revision: Revision,
}

impl StateFile {
    pub(super) fn open(path: &Path, cache_bytes: usize) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let file = open_durably(path).map_err(io)?;
        let reported = path.to_owned();
        let database = Database::builder()
            .set_cache_size(cache_bytes)
            .set_repair_callback(move |session| {
                if session.progress() == 0.0 {
                    tracing::info!(path = %reported.display(), "was not closed cleanly; checking it");
                }
            })
            .create_file(file)
            .map_err(|error| describe(path, error))?;
        let meta = match read_meta(&database).map_err(|error| describe(path, error))? {
            Found::Meta(meta) => meta,
            Found::Nothing => initialise(&database).map_err(|error| describe(path, error))?,
            Found::Foreign(table) => {
                let detail = format!("it has a table `{table}` that is not Berth's");
                return Err(StoreError::Corrupt { place: path.display().to_string(), detail });
            }
        };
        if meta.format != u64::from(FORMAT) {
            let found = u32::try_from(meta.format).unwrap_or(u32::MAX);
            let place = path.display().to_string();
            return Err(StoreError::Format { place, found, supported: FORMAT });
        }
        Ok(StateFile {
            path: path.to_owned(),
            database,
            fence: meta.fence,
            revision: meta.revision,
        })
    }

    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    pub(super) fn fence(&self) -> Fence {
        self.fence
    }

    pub(super) fn load(&self) -> Result<Loaded, StoreError> {
        let mut copied = Copied::default();
        let mut read = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_read()?;
            let table = transaction.open_table(RECORDS)?;
            copied.records.reserve(usize::try_from(table.len()?).unwrap_or(0));
            for entry in table.iter()? {
                let (key, value) = entry?;
                copied.push(key.value(), value.value());
            }
            Ok(())
        };
        read().map_err(|error| describe(&self.path, error))?;
        let records = copied.all().ok_or_else(|| {
            let detail = "a record has a key without a table".to_owned();
            StoreError::Corrupt { place: self.path.display().to_string(), detail }
        })?;
        Ok(Loaded { revision: self.revision, records })
    }

    pub(super) fn commit(&mut self, batch: &Batch) -> Result<Revision, StoreError> {
        let revision = Revision(self.revision.0 + 1);
        self.write(batch, REVISION_ENTRY, revision.0)
            .map_err(|error| describe(&self.path, error))?;
        self.revision = revision;
        Ok(revision)
    }

    pub(super) fn next_fence(&mut self) -> Result<Fence, StoreError> {
        let fence = Fence(self.fence.0 + 1);
        self.write(&Batch::default(), FENCE_ENTRY, fence.0)
            .map_err(|error| describe(&self.path, error))?;
        self.fence = fence;
        Ok(fence)
    }

    /// Records and one number, with one flush.
    fn write(&self, batch: &Batch, entry: &str, number: u64) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut records = transaction.open_table(RECORDS)?;
            let mut at = Vec::new();
            for write in &batch.writes {
                join(write.key(), &mut at);
                match write {
                    Write::Put { value, .. } => {
                        drop(records.insert(at.as_slice(), value.as_ref())?)
                    }
                    Write::Delete { .. } => drop(records.remove(at.as_slice())?),
                }
            }
            transaction.open_table(META)?.insert(entry, number)?;
        }
        Ok(transaction.commit()?)
    }

    /// Writes down which pages are free, so that opening after a crash need not find out.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let commit = || -> Result<(), redb::Error> {
            let mut transaction = self.database.begin_write()?;
            transaction.set_quick_repair(true);
            Ok(transaction.commit()?)
        };
        commit().map_err(|error| describe(&self.path, error))
    }
}

/// Records as they are read, many in one piece of memory: there may be millions, and they are gone soon.
#[derive(Default)]
struct Copied {
    records: Vec<(Key, Bytes)>,
    /// Those of the piece that is being filled: the table's number, where the key ends and where the value ends.
    begun: Vec<(u16, usize, usize)>,
    piece: Vec<u8>,
    is_damaged: bool,
}

const PIECE_BYTES: usize = 1 << 20;

impl Copied {
    fn push(&mut self, joined: &[u8], value: &[u8]) {
        let Some((table, key)) = joined.split_first_chunk::<2>() else {
            self.is_damaged = true;
            return;
        };
        if self.piece.len() + key.len() + value.len() > PIECE_BYTES {
            self.end_piece();
        }
        self.piece.extend_from_slice(key);
        let key_end = self.piece.len();
        self.piece.extend_from_slice(value);
        self.begun.push((u16::from_be_bytes(*table), key_end, self.piece.len()));
    }

    fn end_piece(&mut self) {
        let piece =
            Bytes::from(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES)));
        let mut from = 0;
        for (table, key_end, end) in self.begun.drain(..) {
            let key = Key { table, key: piece.slice(from..key_end) };
            self.records.push((key, piece.slice(key_end..end)));
            from = end;
        }
    }

    /// `None`: a key had no table.
    fn all(mut self) -> Option<Vec<(Key, Bytes)>> {
        self.end_piece();
        (!self.is_damaged).then_some(self.records)
    }
}

fn join(key: &Key, out: &mut Vec<u8>) {
    out.clear();
    out.extend(key.table.to_be_bytes());
    out.extend_from_slice(&key.key);
}

/// Opens or creates the file for its owner only, and makes its name durable along with its directory's.
fn open_durably(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        File::open(dir)?.sync_all()?;
    }
    Ok(file)
}

enum Found {
    Meta(Meta),
    Nothing,
    Foreign(String),
}

fn read_meta(database: &Database) -> Result<Found, redb::Error> {
    use redb::TableHandle;
    let transaction = database.begin_read()?;
    let names: Vec<String> =
        transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    if let Some(foreign) =
        names.iter().find(|name| **name != RECORDS.name() && **name != META.name())
    {
        return Ok(Found::Foreign(foreign.clone()));
    }
    if names.is_empty() {
        return Ok(Found::Nothing);
    }
    let meta = transaction.open_table(META)?;
    let number =
        |entry| Ok::<u64, redb::Error>(meta.get(entry)?.map_or(0, |number| number.value()));
    Ok(Found::Meta(Meta {
        format: number(FORMAT_ENTRY)?,
        fence: Fence(number(FENCE_ENTRY)?),
        revision: Revision(number(REVISION_ENTRY)?),
    }))
}

fn initialise(database: &Database) -> Result<Meta, redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(RECORDS)?;
    transaction.open_table(META)?.insert(FORMAT_ENTRY, u64::from(FORMAT))?;
    transaction.commit()?;
    Ok(Meta { format: FORMAT.into(), fence: Fence(0), revision: Revision(0) })
}

/// What redb says, in terms of what the operator can do about it.
fn describe(path: &Path, error: impl Into<redb::Error>) -> StoreError {
    let (place, path) = (path.display().to_string(), path.to_owned());
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => StoreError::InUse { path },
        redb::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
            StoreError::Corrupt { place, detail: source.to_string() }
        }
        redb::Error::Io(source) => StoreError::Io { path, source },
        redb::Error::UpgradeRequired(found) => StoreError::Corrupt {
            place,
            detail: format!("its pages have an unknown format, {found}"),
        },
        redb::Error::Corrupted(detail) => StoreError::Corrupt { place, detail },
        damaged @ (redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::RepairAborted) => StoreError::Corrupt { place, detail: damaged.to_string() },
        other => StoreError::Stopped(format!("{}: {other}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the file, as it is on disk now, opens without a walk over all of it.
    fn opens_quickly(file: &StateFile, copy: &Path) -> bool {
        std::fs::copy(&file.path, copy).expect("copies");
        match Database::builder().set_repair_callback(redb::RepairSession::abort).open(copy) {
            Ok(_) => true,
            Err(redb::DatabaseError::RepairAborted) => false,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_checkpoint_makes_opening_after_a_crash_quick() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut file = StateFile::open(&dir.path().join("state"), 1 << 20).expect("opens");
        let copy = dir.path().join("as after a crash");
        let key = Key { table: 1, key: Bytes::from_static(b"a") };
        let batch = Batch { writes: vec![Write::Put { key, value: Bytes::from_static(b"1") }] };
        file.commit(&batch).expect("commits");
        assert!(!opens_quickly(&file, &copy));
        file.checkpoint().expect("commits");
        assert!(opens_quickly(&file, &copy));
        file.commit(&batch).expect("commits");
        assert!(!opens_quickly(&file, &copy));
    }
}
