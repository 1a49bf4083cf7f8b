//! The names of keys. All begin with the cell's prefix.
//!
//! ```text
//! format                        the layout's number
//! leader                        the leader's text, under its lease; created at the revision that is its fence
//! head                          the newest revision, in decimal
//! log/<revision>                a batch, or its last chunk
//! stage/<fence>/<revision>/<n>  the chunks before the last one
//! folded                        up to which revision the log is in the records
//! records/<table><key>          a value, or its first piece
//! pieces/<table><length><key><n>  the other pieces of a value that is too large for one key
//! ```
//!
//! Numbers in names of the log and the stage are decimal with leading zeros, for whoever looks with etcdctl.

use bytes::Bytes;

use crate::{Fence, Key, Revision};

/// Raised by a change that an older program would misread.
pub(super) const FORMAT: u32 = 1;

#[derive(Debug, Clone)]
pub(super) struct Layout {
    prefix: String,
}

/// From the first key to before the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Bytes,
    pub(super) to: Bytes,
}

impl Layout {
    /// Slashes around the prefix do not matter.
    pub(super) fn new(prefix: &str) -> Self {
        Layout { prefix: format!("{}/", prefix.trim_end_matches('/')) }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    fn named(&self, name: &str) -> Bytes {
        format!("{}{name}", self.prefix).into()
    }

    pub(super) fn all(&self) -> Span {
        beginning_with(self.prefix.as_bytes())
    }

    pub(super) fn format(&self) -> Bytes {
        self.named("format")
    }

    pub(super) fn leader(&self) -> Bytes {
        self.named("leader")
    }

    pub(super) fn head(&self) -> Bytes {
        self.named("head")
    }

    pub(super) fn folded(&self) -> Bytes {
        self.named("folded")
    }

    pub(super) fn log(&self, revision: Revision) -> Bytes {
        self.named(&format!("log/{:020}", revision.0))
    }

    /// The log after this revision.
    pub(super) fn log_after(&self, revision: Revision) -> Span {
        Span { from: self.log(Revision(revision.0 + 1)), to: self.whole_log().to }
    }

    /// The log up to this revision, it included.
    pub(super) fn log_until(&self, revision: Revision) -> Span {
        Span { from: self.whole_log().from, to: self.log(Revision(revision.0 + 1)) }
    }

    pub(super) fn whole_log(&self) -> Span {
        beginning_with(&self.named("log/"))
    }

    /// Which batch a key of the log has.
    pub(super) fn logged(&self, key: &[u8]) -> Option<Revision> {
        number(key.strip_prefix(self.whole_log().from.as_ref())?).map(Revision)
    }

    pub(super) fn stage(&self, fence: Fence, revision: Revision, chunk: u32) -> Bytes {
        self.named(&format!("stage/{:020}/{:020}/{chunk:010}", fence.0, revision.0))
    }

    pub(super) fn stage_of(&self, fence: Fence, revision: Revision) -> Span {
        beginning_with(&self.named(&format!("stage/{:020}/{:020}/", fence.0, revision.0)))
    }

    pub(super) fn whole_stage(&self) -> Span {
        beginning_with(&self.named("stage/"))
    }

    /// Whose and which batch a staged chunk is of.
    pub(super) fn staged(&self, key: &[u8]) -> Option<(Fence, Revision)> {
        let rest = key.strip_prefix(self.whole_stage().from.as_ref())?;
        let mut parts = rest.split(|byte| *byte == b'/');
        Some((Fence(number(parts.next()?)?), Revision(number(parts.next()?)?)))
    }

    pub(super) fn record(&self, key: &Key) -> Bytes {
        let mut name = self.named("records/").to_vec();
        name.extend(key.table.to_be_bytes());
        name.extend_from_slice(&key.key);
        name.into()
    }

    pub(super) fn records(&self) -> Span {
        beginning_with(&self.named("records/"))
    }

    pub(super) fn recorded(&self, name: &Bytes) -> Option<Key> {
        let rest = name.strip_prefix(self.records().from.as_ref())?;
        let (table, key) = rest.split_first_chunk::<2>()?;
        Some(Key { table: u16::from_be_bytes(*table), key: name.slice_ref(key) })
    }

    pub(super) fn piece(&self, key: &Key, number: u32) -> Bytes {
        let mut name = self.pieces_of(key).from.to_vec();
        name.extend(number.to_be_bytes());
        name.into()
    }

    /// The length makes sure that no key's pieces are among another's.
    pub(super) fn pieces_of(&self, key: &Key) -> Span {
        let mut name = self.pieces().from.to_vec();
        name.extend(key.table.to_be_bytes());
        // A key is shorter than a message, and a message than this.
        name.extend(u32::try_from(key.key.len()).unwrap_or(u32::MAX).to_be_bytes());
        name.extend_from_slice(&key.key);
        beginning_with(&name)
    }

    pub(super) fn pieces(&self) -> Span {
        beginning_with(&self.named("pieces/"))
    }

    /// Whose piece this is, and its number.
    pub(super) fn pieced(&self, name: &Bytes) -> Option<(Key, u32)> {
        let rest = name.strip_prefix(self.pieces().from.as_ref())?;
        let (table, rest) = rest.split_first_chunk::<2>()?;
        let (_, rest) = rest.split_first_chunk::<4>()?;
        let (key, number) = rest.split_last_chunk::<4>()?;
        let key = Key { table: u16::from_be_bytes(*table), key: name.slice_ref(key) };
        Some((key, u32::from_be_bytes(*number)))
    }
}

pub(super) fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn beginning_with(prefix: &[u8]) -> Span {
    let mut to = prefix.to_vec();
    // No prefix here is all 0xff: each has a name in it.
    while let Some(last) = to.pop() {
        if last < 0xff {
            to.push(last + 1);
            break;
        }
    }
    Span { from: Bytes::copy_from_slice(prefix), to: to.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(table: u16, key: &'static [u8]) -> Key {
        Key { table, key: Bytes::from_static(key) }
    }

    fn holds(span: &Span, name: &Bytes) -> bool {
        (&span.from..&span.to).contains(&name)
    }

    #[test]
    fn names_are_read_back() {
        let layout = Layout::new("/berth/east/");
        assert_eq!(layout.prefix(), "/berth/east/");
        assert_eq!(layout.logged(&layout.log(Revision(42))), Some(Revision(42)));
        let staged = layout.stage(Fence(7), Revision(42), 3);
        assert_eq!(layout.staged(&staged), Some((Fence(7), Revision(42))));
        for key in [key(0, b""), key(1, b"a"), key(u16::MAX, b"\xff\xff")] {
            assert_eq!(layout.recorded(&layout.record(&key)).as_ref(), Some(&key));
            assert!(holds(&layout.records(), &layout.record(&key)));
            assert_eq!(layout.pieced(&layout.piece(&key, 9)), Some((key.clone(), 9)));
            assert!(holds(&layout.pieces_of(&key), &layout.piece(&key, u32::MAX)));
        }
    }

    #[test]
    fn spans_hold_what_they_say_and_no_more() {
        let layout = Layout::new("/berth");
        let (four, five) = (layout.log(Revision(4)), layout.log(Revision(5)));
        assert!(!holds(&layout.log_after(Revision(4)), &four));
        assert!(holds(&layout.log_after(Revision(4)), &five));
        assert!(holds(&layout.log_until(Revision(4)), &four));
        assert!(!holds(&layout.log_until(Revision(4)), &five));
        assert!(!holds(&layout.all(), &Layout::new("/berth2").head()));
        let (short, long) = (key(1, b"a"), key(1, b"a\0\0\0\x01b"));
        assert!(!holds(&layout.pieces_of(&short), &layout.piece(&long, 0)));
        let other = layout.stage(Fence(7), Revision(43), 0);
        assert!(!holds(&layout.stage_of(Fence(7), Revision(42)), &other));
    }
}
