//! The state file: records by table and key as they were at some revision, and three numbers about them.
//!
//! Each of the cell's tables is one of redb's: most records are the newest of their table, and a tree takes what comes at
//! its end for a third of the processor time and the pages that it needs in the middle.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{
    Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, TableHandle,
};

use super::copied::Copied;
use crate::batch::Newest;
use crate::{Fence, Key, Revision, StoreError};

/// Before [`FORMAT`] 2: the table's number, big-endian, and the key's bytes.
const ALL_RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// How records and numbers are laid out; raised by a change that an older program would misread.
const FORMAT: u32 = 2;
/// All records in one table, and no log beside the file.
const FORMAT_OF_ONE_TABLE: u32 = 1;
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
        if meta.format == u64::from(FORMAT_OF_ONE_TABLE) {
            convert(&database).map_err(|error| describe(path, error))?;
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
            let tables = tables(transaction.list_tables()?)?;
            let opened: Vec<_> = tables
                .into_iter()
                .map(|number| Ok((number, transaction.open_table(definition(&name(number)))?)))
                .collect::<Result<_, redb::Error>>()?;
            let count: u64 = opened.iter().map(|(_, table)| table.len()).sum::<Result<_, _>>()?;
            copied.reserve(usize::try_from(count).unwrap_or(0));
            for (number, table) in opened {
                for entry in table.iter()? {
                    let (key, value) = entry?;
                    let is_outdated = newer.up_to(number, key.value(), |key, value| {
                        copied.push(key.table, &key.key, &value);
                    });
                    if !is_outdated {
                        copied.push(number, key.value(), value.value());
                    }
                }
            }
            Ok(())
        };
        read().map_err(|error| describe(&self.path, error))?;
        newer.rest().for_each(|(key, value)| copied.push(key.table, &key.key, &value));
        Ok(copied.all())
    }

    /// Takes over what many batches left, up to this revision and this fence, all of it or nothing.
    ///
    /// Between two records it calls `breathe`. Which pages are free is written down along with them, so that
    /// opening after a crash is no walk through the whole file.
    pub(super) fn fold(
        &mut self,
        newest: Newest,
        revision: Revision,
        fence: Fence,
        mut breathe: impl FnMut(),
    ) -> Result<(), StoreError> {
        let write = || -> Result<(), redb::Error> {
            let mut transaction = self.database.begin_write()?;
            transaction.set_quick_repair(true);
            {
                let mut entries = newest.into_entries().peekable();
                while let Some(number) = entries.peek().map(|(key, _)| key.table) {
                    let mut table = transaction.open_table(definition(&name(number)))?;
                    while let Some((key, value)) = entries.next_if(|(key, _)| key.table == number) {
                        breathe();
                        match value {
                            Some(value) => drop(table.insert(key.key.as_ref(), value.as_ref())?),
                            None => drop(table.remove(key.key.as_ref())?),
                        }
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

/// What one of the cell's tables is called in the file.
fn name(number: u16) -> String {
    format!("{NUMBERED}{number}")
}

const NUMBERED: &str = "records/";

fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

/// The cell's tables that are in the file, in the order of their numbers.
fn tables(
    handles: impl Iterator<Item = redb::UntypedTableHandle>,
) -> Result<BTreeSet<u16>, redb::Error> {
    let number = |handle: redb::UntypedTableHandle| match handle.name().strip_prefix(NUMBERED) {
        Some(number) => number.parse().map(Some).map_err(|_| {
            redb::Error::Corrupted(format!(
                "it has a table `{}` that is not Berth's",
                handle.name()
            ))
        }),
        None => Ok(None),
    };
    handles.filter_map(|handle| number(handle).transpose()).collect()
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
    let transaction = database.begin_read()?;
    let names: Vec<String> =
        transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    let is_ours = |name: &str| {
        name == ALL_RECORDS.name() || name == META.name() || name.starts_with(NUMBERED)
    };
    if let Some(foreign) = names.iter().find(|name| !is_ours(name)) {
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
    transaction.open_table(META)?.insert(FORMAT_ENTRY, u64::from(FORMAT))?;
    transaction.commit()?;
    Ok(Meta { format: FORMAT.into(), fence: Fence(0), revision: Revision(0) })
}

/// Gives each of the cell's tables one of its own.
fn convert(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let all = transaction.open_table(ALL_RECORDS)?;
        for entry in all.iter()? {
            let (joined, value) = entry?;
            let Some((number, key)) = joined.value().split_first_chunk::<2>() else {
                return Err(redb::Error::Corrupted(
                    "a record has a key without a table".to_owned(),
                ));
            };
            let name = name(u16::from_be_bytes(*number));
            transaction.open_table(definition(&name))?.insert(key, value.value())?;
        }
    }
    transaction.delete_table(ALL_RECORDS)?;
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
            file.fold(newest, Revision(revision), Fence(1), || {}).expect("folds");
            assert!(opens_quickly(&file, &copy));
        }
    }
}
