//! What a key of the log holds, and a batch's bytes as chunks that etcd takes.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::Fence;

/// etcd refuses requests beyond 1.5 MiB, unless told otherwise. The rest is for names.
pub(super) const CHUNK: usize = 1 << 20;

/// What a key of the log holds: which leader wrote it, how many chunks were staged before, and the last chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) fence: Fence,
    pub(super) staged: u32,
    pub(super) last: Bytes,
}

impl Entry {
    pub(super) fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(12 + self.last.len());
        out.put_u64(self.fence.0);
        out.put_u32(self.staged);
        out.put_slice(&self.last);
        out.freeze()
    }

    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, String> {
        let cut = |_| "an entry of the log is cut off".to_owned();
        let fence = Fence(bytes.try_get_u64().map_err(cut)?);
        let staged = bytes.try_get_u32().map_err(cut)?;
        Ok(Entry { fence, staged, last: bytes })
    }
}

/// All but the last, and the last, which may be empty.
pub(super) fn chunks(mut bytes: Bytes) -> (Vec<Bytes>, Bytes) {
    let mut staged = Vec::new();
    while bytes.len() > CHUNK {
        staged.push(bytes.split_to(CHUNK));
    }
    (staged, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_the_whole_in_order() {
        for length in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let whole: Bytes = (0..length).map(|n| (n % 251) as u8).collect::<Vec<_>>().into();
            let (staged, last) = chunks(whole.clone());
            assert!(staged.iter().all(|chunk| chunk.len() == CHUNK) && last.len() <= CHUNK);
            assert_eq!(staged.len(), length.saturating_sub(1) / CHUNK);
            assert_eq!([staged.concat(), last.to_vec()].concat(), whole);
        }
    }

    #[test]
    fn an_entry_comes_back() {
        let entry = Entry { fence: Fence(7), staged: 2, last: Bytes::from_static(b"rest") };
        assert_eq!(Entry::decode(entry.encode()), Ok(entry.clone()));
        assert!(Entry::decode(entry.encode().slice(..11)).is_err());
    }
}
