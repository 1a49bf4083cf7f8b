//! A batch as bytes, for whoever keeps batches in a log.

use bytes::{Buf, BufMut, Bytes};

use super::{Batch, Key, Write};

const PUT: u8 = 1;
const DELETE: u8 = 2;

pub(crate) fn encoded(batch: &Batch) -> Bytes {
    let size = batch.writes.iter().map(|write| write.size() + 11).sum();
    let mut out = Vec::with_capacity(size);
    encode(batch, &mut out);
    out.into()
}

pub(crate) fn encode(batch: &Batch, out: &mut impl BufMut) {
    for write in &batch.writes {
        out.put_u8(if matches!(write, Write::Put { .. }) { PUT } else { DELETE });
        out.put_u16(write.key().table);
        put_bytes(out, &write.key().key);
        if let Write::Put { value, .. } = write {
            put_bytes(out, value);
        }
    }
}

fn put_bytes(out: &mut impl BufMut, bytes: &Bytes) {
    // A record of this size would not fit into any store.
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.put_slice(bytes);
}

/// The batch of these bytes. Its keys and values are slices of them.
pub(crate) fn decode(mut bytes: Bytes) -> Result<Batch, String> {
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
            prop_assert_eq!(decode(encoded(&batch)), Ok(batch));
        }

        #[test]
        fn half_a_write_is_refused(write in write(), cut in any::<prop::sample::Index>()) {
            let whole = encoded(&Batch { writes: vec![write] });
            let half = whole.slice(..cut.index(whole.len()));
            prop_assert!(half.is_empty() || decode(half).is_err());
        }
    }
}
