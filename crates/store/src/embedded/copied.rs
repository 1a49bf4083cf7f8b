//! Records copied many to one piece of memory: there may be millions of them, and they are gone soon.

use bytes::Bytes;

use crate::Key;

/// Records as they are read.
#[derive(Default)]
pub(super) struct Copied {
    records: Vec<(Key, Bytes)>,
    /// Those of the piece that is being filled: the table's number, where the key ends and where the value ends.
    begun: Vec<(u16, usize, usize)>,
    piece: Vec<u8>,
}

const PIECE_BYTES: usize = 1 << 20;

impl Copied {
    pub(super) fn reserve(&mut self, records: usize) {
        self.records.reserve(records);
    }

    pub(super) fn push(&mut self, table: u16, key: &[u8], value: &[u8]) {
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

    pub(super) fn all(mut self) -> Vec<(Key, Bytes)> {
        self.end_piece();
        self.records
    }
}
