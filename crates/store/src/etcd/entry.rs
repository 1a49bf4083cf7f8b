//! A batch as bytes, and bytes as chunks that etcd takes.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::{Batch, Fence, Key, Write};

/// etcd refuses requests beyond 1.5 MiB, unless told otherwise. The rest is for names.
pub(super) const CHUNK: usize = 1 << 20;

/// What a key of the log holds: which leader wrote it, how many chunks were staged before, and the last chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) fence: Fence,
    pub(super) staged: u32,
    pub(super) last: Bytes,
}

const PUT: u8 = 1;
const DELETE: u8 = 2;

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

/// The batch as one text of bytes.
pub(super) fn encode(batch: &Batch) -> Bytes {
    let size: usize = batch.writes.iter().map(|write| write.size() + 11).sum();
    let mut out = BytesMut::with_capacity(size);
    let put_bytes = |out: &mut BytesMut, bytes: &Bytes| {
        // A batch of this size would not fit into any machine that etcd runs on.
        out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        out.put_slice(bytes);
    };
    for write in &batch.writes {
        out.put_u8(if matches!(write, Write::Put { .. }) { PUT } else { DELETE });
        out.put_u16(write.key().table);
        put_bytes(&mut out, &write.key().key);
        if let Write::Put { value, .. } = write {
            put_bytes(&mut out, value);
        }
    }
    out.freeze()
}

/// All but the last, and the last, which may be empty.
pub(super) fn chunks(mut bytes: Bytes) -> (Vec<Bytes>, Bytes) {
    let mut staged = Vec::new();
    while bytes.len() > CHUNK {
        staged.push(bytes.split_to(CHUNK));
    }
    (staged, bytes)
}

pub(super) fn decode(mut bytes: Bytes) -> Result<Batch, String> {
    let mut writes = Vec::new();
    while !bytes.is_empty() {
        writes.push(decode_write(&mut bytes)?);
    }
    Ok(Batch { writes })
}

fn decode_write(bytes: &mut Bytes) -> Result<Write, String> {
    let cut = |_| "a batch of the log is cut off".to_owned();
    let kind = bytes.try_get_u8().map_err(cut)?;
    let table = bytes.try_get_u16().map_err(cut)?;
    let key = Key { table, key: take_bytes(bytes)? };
    match kind {
        PUT => Ok(Write::Put { key, value: take_bytes(bytes)? }),
        DELETE => Ok(Write::Delete { key }),
        _ => Err(format!("a batch of the log has a write of the unknown kind {kind}")),
    }
}

fn take_bytes(bytes: &mut Bytes) -> Result<Bytes, String> {
    let cut = || "a batch of the log is cut off".to_owned();
    let length = bytes.try_get_u32().map_err(|_| cut())? as usize;
    if bytes.len() < length {
        return Err(cut());
    }
    Ok(bytes.split_to(length))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn write() -> impl Strategy<Value = Write> {
        let key = (any::<u16>(), vec(any::<u8>(), 0..20))
            .prop_map(|(table, key)| Key { table, key: key.into() });
        (key, proptest::option::of(vec(any::<u8>(), 0..50))).prop_map(|(key, value)| match value {
            Some(value) => Write::Put { key, value: value.into() },
            None => Write::Delete { key },
        })
    }

    proptest! {
        #[test]
        fn a_batch_comes_back(writes in vec(write(), 0..20)) {
            let batch = Batch { writes };
            prop_assert_eq!(decode(encode(&batch)), Ok(batch));
        }

        #[test]
        fn half_a_write_is_refused(write in write(), cut in any::<prop::sample::Index>()) {
            let whole = encode(&Batch { writes: vec![write] });
            let half = whole.slice(..cut.index(whole.len()));
            prop_assert!(half.is_empty() || decode(half).is_err());
        }
    }

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
