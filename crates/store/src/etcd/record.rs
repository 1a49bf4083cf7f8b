//! A record's value under its own key: whole, or its first piece and how many more there are.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::entry::CHUNK;

const WHOLE: u8 = 0;
const PIECES: u8 = 1;

/// What a record's key holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stored {
    Whole(Bytes),
    /// So many more pieces, and so many bytes altogether.
    Pieces {
        more: u32,
        length: u32,
        first: Bytes,
    },
}

impl Stored {
    /// A value, and the pieces that do not fit under its key.
    pub(super) fn cut(value: &Bytes) -> (Self, Vec<Bytes>) {
        if value.len() <= CHUNK {
            return (Stored::Whole(value.clone()), Vec::new());
        }
        let mut rest = value.clone();
        let first = rest.split_to(CHUNK);
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            pieces.push(rest.split_to(rest.len().min(CHUNK)));
        }
        // A record has a limit that is far below these.
        let more = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        (Stored::Pieces { more, length, first }, pieces)
    }

    pub(super) fn encode(&self) -> Bytes {
        match self {
            Stored::Whole(value) => {
                let mut out = BytesMut::with_capacity(1 + value.len());
                out.put_u8(WHOLE);
                out.put_slice(value);
                out.freeze()
            }
            Stored::Pieces { more, length, first } => {
                let mut out = BytesMut::with_capacity(9 + first.len());
                out.put_u8(PIECES);
                out.put_u32(*more);
                out.put_u32(*length);
                out.put_slice(first);
                out.freeze()
            }
        }
    }

    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, String> {
        let cut = |_| "a record is cut off".to_owned();
        match bytes.try_get_u8().map_err(cut)? {
            WHOLE => Ok(Stored::Whole(bytes)),
            PIECES => {
                let more = bytes.try_get_u32().map_err(cut)?;
                let length = bytes.try_get_u32().map_err(cut)?;
                Ok(Stored::Pieces { more, length, first: bytes })
            }
            kind => Err(format!("a record is of the unknown kind {kind}")),
        }
    }

    /// The whole value. None if pieces are missing or of another value.
    pub(super) fn join(self, pieces: &[Bytes]) -> Option<Bytes> {
        match self {
            Stored::Whole(value) => Some(value),
            Stored::Pieces { more, length, first } => {
                let mut whole = BytesMut::from(first);
                pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
                let fits = pieces.len() == more as usize && whole.len() == length as usize;
                fits.then(|| whole.freeze())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_and_joined() {
        for length in [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let value: Bytes = (0..length).map(|n| (n % 251) as u8).collect::<Vec<_>>().into();
            let (stored, pieces) = Stored::cut(&value);
            assert!(stored.encode().len() <= CHUNK + 9);
            let stored = Stored::decode(stored.encode()).expect("just encoded");
            assert_eq!(stored.clone().join(&pieces), Some(value));
            if let Some((_, fewer)) = pieces.split_last() {
                assert_eq!(stored.join(fewer), None);
            }
        }
    }
}
