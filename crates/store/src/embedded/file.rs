//! The state file: records by table and key as they were at some revision, and three numbers about them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use crate::batch::Newest;
use crate::{Fence, Key, Revision, StoreError};

/// The table's number, big-endian, and the key's bytes.
const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// How records and numbers are laid out; raised by a change that an older program would misread.
const FORMAT: u32 = 2;
/// Before there was a log beside it. What is in the file is the same.
const FORMAT_WITHOUT_LOG: u32 = 1;
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
        if meta.format == u64::from(FORMAT_WITHOUT_LOG) {
            raise_format(&database).map_err(|error| describe(path, error))?;
        } else if meta.format != u64::from(FORMAT) {
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

    /// Every record, and what is newer in place of those that are older.
    pub(super) fn load(&self, newest: Newest) -> Result<Vec<(Key, Bytes)>, StoreError> {
        let mut copied = Copied::default();
        let mut newer = newest.over_older();
        let mut read = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_read()?;
            let table = transaction.open_table(RECORDS)?;
            copied.records.reserve(usize::try_from(table.len()?).unwrap_or(0));
            for entry in table.iter()? {
                let (joined, value) = entry?;
                let Some((table, key)) = joined.value().split_first_chunk::<2>() else {
                    copied.is_damaged = true;
                    continue;
                };
                let table = u16::from_be_bytes(*table);
                let is_outdated = newer.up_to(table, key, |key, value| {
                    copied.push(key.table, &key.key, &value);
                });
                if !is_outdated {
                    copied.push(table, key, value.value());
                }
            }
            Ok(())
        };
        read().map_err(|error| describe(&self.path, error))?;
        newer.rest().for_each(|(key, value)| copied.push(key.table, &key.key, &value));
        copied.all().ok_or_else(|| {
            let detail = "a record has a key without a table".to_owned();
            StoreError::Corrupt { place: self.path.display().to_string(), detail }
        })
    }

    /// Takes over what many batches left, up to this revision and this fence, all of it or nothing.
    ///
    /// With it goes which pages are free, so that opening after a crash need not walk the whole file.
    pub(super) fn fold(
        &mut self,
        newest: Newest,
        revision: Revision,
        fence: Fence,
    ) -> Result<(), StoreError> {
        let write = || -> Result<(), redb::Error> {
            let mut transaction = self.database.begin_write()?;
            transaction.set_quick_repair(true);
            {
                let mut records = transaction.open_table(RECORDS)?;
                let mut at = Vec::new();
                for (key, value) in newest.into_entries() {
                    join(&key, &mut at);
                    match value {
                        Some(value) => drop(records.insert(at.as_slice(), value.as_ref())?),
                        None => drop(records.remove(at.as_slice())?),
                    }
                }
                let mut meta = transaction.open_table(META)?;
                meta.insert(REVISION_ENTRY, revision.0)?;
                meta.insert(FENCE_ENTRY, fence.0)?;
            }
            Ok(transaction.commit()?)
        };
        write().map_err(|error| describe(&self.path, error))?;
        (self.revision, self.fence) = (revision, fence);
        Ok(())
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
    fn push(&mut self, table: u16, key: &[u8], value: &[u8]) {
        if self.piece.len() + key.len() + value.len() > PIECE_BYTES {
            self.end_piece();
        }
        self.piece.extend_from_slice(key);
        let key_end = self.piece.len();
        self.piece.extend_from_slice(value);
        self.begun.push((table, key_end, self.piece.len()));
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

fn raise_format(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert(FORMAT_ENTRY, u64::from(FORMAT))?;
    Ok(transaction.commit()?)
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
    fn opening_after_a_crash_is_quick() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut file = StateFile::open(&dir.path().join("state"), 1 << 20).expect("opens");
        let copy = dir.path().join("as after a crash");
        for revision in 1..3 {
            let key = Key { table: 1, key: Bytes::from_static(b"a") };
            let mut newest = Newest::default();
            let put = crate::Write::Put { key, value: Bytes::from_static(b"1") };
            newest.add(crate::Batch { writes: vec![put] });
            file.fold(newest, Revision(revision), Fence(1)).expect("folds");
            assert!(opens_quickly(&file, &copy));
        }
    }
}
