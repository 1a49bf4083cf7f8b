mod rotation;

use std::sync::Arc;

use berth_model::Timestamp;
use berth_store::MemoryStore;

use super::*;
use crate::env::SeededIds;
use crate::tables::Schema;

const SECRET: &[u8] = b"correct horse battery staple";
const PURPOSE: Purpose<'static> = Purpose { kind: "test.secret", of: b"one" };

async fn cell(store: &MemoryStore) -> Cell {
    let mut schema = Schema::new();
    schema.table::<DataKey>();
    Cell::open(Arc::new(store.clone()), schema).await.expect("opens")
}

fn line(name: &str, seed: u64) -> String {
    LocalRootKeys::new_line(name, &SeededIds::new(seed)).to_string()
}

async fn sealer(cell: &Cell, root: &str) -> anyhow::Result<Sealer> {
    let root = LocalRootKeys::parse(root, SeededIds::new(7)).expect("root keys");
    Sealer::open(cell, Arc::new(root), &Env::seeded(3, Timestamp::from_millis(0))).await
}

fn opened(sealer: &Sealer, sealed: &Sealed) -> Result<Vec<u8>, Unsealing> {
    sealer.unseal(PURPOSE, sealed).map(|secret| secret.to_vec())
}

#[tokio::test]
async fn what_is_sealed_opens_for_its_purpose_only_and_shows_nothing() {
    let (store, root) = (MemoryStore::new(), line("a", 1));
    let sealer = sealer(&cell(&store).await, &root).await.expect("opens");
    let sealed = sealer.seal(PURPOSE, SECRET);
    assert_eq!(opened(&sealer, &sealed).as_deref(), Ok(SECRET));
    assert_ne!(sealer.seal(PURPOSE, SECRET), sealed, "no two are alike");
    assert!(!sealed.as_bytes().windows(4).any(|window| window == &SECRET[..4]));
    for other in [Purpose { of: b"two", ..PURPOSE }, Purpose { kind: "test.other", ..PURPOSE }] {
        assert_eq!(sealer.unseal(other, &sealed), Err(Unsealing::Damaged));
    }
    for index in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[index] ^= 1;
        assert!(opened(&sealer, &Sealed::from_bytes(bytes)).is_err(), "byte {index}");
    }
    for length in 0..sealed.as_bytes().len() {
        let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
        assert_eq!(opened(&sealer, &cut), Err(Unsealing::Damaged));
    }
    assert_eq!(format!("{sealed:?}"), "Sealed(61 bytes)");
    let keys = LocalRootKeys::parse(&root, SeededIds::new(7)).expect("root keys");
    assert!(!format!("{sealer:?} {keys:?}").contains(line("a", 1).split(' ').nth(1).unwrap()));
}

#[tokio::test]
async fn a_restart_opens_what_was_sealed_and_another_root_key_does_not() {
    let store = MemoryStore::new();
    let first = cell(&store).await;
    let sealed = sealer(&first, &line("a", 1)).await.expect("opens").seal(PURPOSE, SECRET);
    first.close().await.expect("closes");
    let again = cell(&store).await;
    let same = sealer(&again, &line("a", 1)).await.expect("opens");
    assert_eq!(opened(&same, &sealed).as_deref(), Ok(SECRET));
    for (another, reason) in [(line("b", 1), "which is not among"), (line("a", 2), "does not open")]
    {
        let error = sealer(&again, &another).await.expect_err("it is another key");
        assert!(format!("{error:#}").contains(reason), "{error:#}");
    }
}

#[tokio::test]
async fn a_new_root_key_takes_over_and_the_old_one_can_go() {
    let store = MemoryStore::new();
    let cell = cell(&store).await;
    let (old, new) = (line("old", 1), line("new", 2));
    let sealed = sealer(&cell, &old).await.expect("opens").seal(PURPOSE, SECRET);
    let both = old + &new;
    let keys = LocalRootKeys::parse(&both, SeededIds::new(7)).expect("root keys");
    assert_eq!(keys.newest(), "new");
    sealer(&cell, &both).await.expect("opens with both");
    let later = sealer(&cell, &new).await.expect("the old one is needed no more");
    assert_eq!(opened(&later, &sealed).as_deref(), Ok(SECRET));
}

#[test]
fn texts_without_root_keys_are_refused_by_line() {
    use super::root_key::NoRootKeys::{Empty, Malformed, Twice};
    let good = line("a", 1);
    let short = "a c2hvcnQ=".to_owned();
    for (text, error) in [
        (String::new(), Empty),
        ("# nothing\n\n".to_owned(), Empty),
        ("a".to_owned(), Malformed(1)),
        (format!("{good}b not-base64!"), Malformed(2)),
        (short, Malformed(1)),
        (format!("{} more", good.trim()), Malformed(1)),
        (format!("{good}{good}"), Twice(2)),
    ] {
        assert_eq!(LocalRootKeys::parse(&text, SeededIds::new(1)).unwrap_err(), error, "{text}");
    }
}
