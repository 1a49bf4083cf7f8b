//! A table with secrets, under data keys that come and go.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use berth_model::Timestamp;
use berth_store::{MemoryStore, Store};
use minicbor::{Decode, Encode};

use super::{SECRET, line};
use crate::cell::{Cell, Transaction};
use crate::env::{Env, SeededIds, SystemIds, TokioClock};
use crate::reconcile::{Options, Reconcilers};
use crate::sealing::{
    DataKey, LocalRootKeys, Purpose, Rotation, RotationSettings, Sealed, Sealer, Seals, Unsealing,
    ask_for_another,
};
use crate::tables::{Record, Schema, TableId};

const EVERY: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const LONGEST: Duration = Duration::from_secs(36 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const INTERVAL: Duration = Duration::from_secs(60 * 60);
const TOKEN: Purpose<'static> = Purpose { kind: "test.token", of: b"" };

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
struct Note {
    #[n(0)]
    id: u64,
    #[n(1)]
    secret: Sealed,
}

impl Note {
    fn new(sealer: &Sealer, id: u64) -> Self {
        let mut note = Note { id, secret: Sealed::from_bytes(Vec::new()) };
        note.secret = sealer.seal(note.purpose(), SECRET);
        note
    }

    fn purpose(&self) -> Purpose<'static> {
        Purpose { kind: "test.note", of: if self.id == 1 { b"one" } else { b"another" } }
    }
}

impl Record for Note {
    const TABLE: TableId = TableId::new(3, "notes");
    type Key = u64;
    type Indexes = ();

    fn key(&self) -> u64 {
        self.id
    }

    crate::record_codec!();
}

impl Seals for Note {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.secret)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        sealer.seal_anew(self.purpose(), &mut self.secret)
    }
}

struct World {
    store: MemoryStore,
    env: Env,
    cell: Cell,
    sealer: Sealer,
    reconcilers: Reconcilers,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(TokioClock::starting_at(Timestamp::from_millis(0)));
        let env = Env { clock, ids: Arc::new(SystemIds) };
        Self::on(MemoryStore::new(), env, &line("a", 1)).await
    }

    /// After a restart, with these root keys.
    async fn restarted(self, root: &str) -> Self {
        self.reconcilers.shutdown().await;
        Self::on(self.store, self.env, root).await
    }

    async fn on(store: MemoryStore, env: Env, root: &str) -> Self {
        let mut schema = Schema::new();
        schema.table::<DataKey>();
        schema.table::<Note>();
        let cell = Cell::open(Arc::new(store.clone()), schema).await.expect("opens");
        let root = LocalRootKeys::parse(root, SeededIds::new(7)).expect("root keys");
        let sealer = Sealer::open(&cell, Arc::new(root), &env).await.expect("opens");
        let settings = RotationSettings { every: EVERY, longest: LONGEST };
        let rotation = Rotation::new(sealer.clone(), cell.clone(), env.clone(), settings);
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        let options = Options { interval: INTERVAL, ..Options::default() };
        reconcilers.start(Arc::new(rotation.of::<Note>()), options);
        World { store, env, cell, sealer, reconcilers }
    }

    async fn put(&self, note: Note) {
        let put = move |tx: &mut Transaction| {
            tx.put(note);
            Ok::<_, Infallible>(())
        };
        self.cell.write(put).await.expect("it is kept");
        self.reconcilers.settled().await;
    }

    async fn ask(&self) {
        let asked = |tx: &mut Transaction| Ok::<_, Infallible>(ask_for_another(tx));
        self.cell.write(asked).await.expect("it is asked").expect("there is a key");
        self.reconcilers.settled().await;
    }

    async fn wait(&self, time: Duration) {
        // What is due at that very moment has been begun a second later.
        tokio::time::sleep(time + Duration::from_secs(1)).await;
        self.reconcilers.settled().await;
    }

    fn keys(&self) -> Vec<u32> {
        self.cell.snapshot().table::<DataKey>().keys().copied().collect()
    }

    fn note(&self, id: u64) -> Note {
        self.cell.snapshot().get::<Note>(&id).cloned().expect("it is kept")
    }

    /// By which key a note is sealed, and that it opens.
    fn key_of(&self, id: u64) -> Option<u32> {
        let note = self.note(id);
        let opened = self.sealer.unseal(note.purpose(), &note.secret).expect("it opens");
        assert_eq!(opened.as_slice(), SECRET);
        note.secret.key()
    }
}

#[tokio::test(start_paused = true)]
async fn a_data_key_is_replaced_after_a_while_emptied_and_destroyed() {
    let world = World::new().await;
    world.put(Note::new(&world.sealer, 1)).await;
    let token = world.sealer.seal(TOKEN, SECRET);
    world.wait(EVERY - MINUTE).await;
    assert_eq!((world.keys(), world.key_of(1)), (vec![1], Some(1)));

    world.wait(MINUTE).await;
    assert_eq!((world.keys(), world.key_of(1)), (vec![1, 2], Some(2)));
    assert_eq!(Note::new(&world.sealer, 2).secret.key(), Some(2));
    world.wait(LONGEST - MINUTE).await;
    assert!(world.sealer.unseal(TOKEN, &token).is_ok(), "what is in no table lives its life");

    world.wait(MINUTE).await;
    assert_eq!(world.keys(), [2]);
    assert_eq!(world.sealer.unseal(TOKEN, &token), Err(Unsealing::UnknownKey(1)));
    let loaded = world.store.load().await.expect("it is there");
    for (key, value) in &loaded.records {
        assert!(!value.windows(SECRET.len()).any(|part| part == SECRET), "plain at {key:?}");
    }
    assert_eq!(world.restarted(&line("a", 1)).await.key_of(1), Some(2));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_asked_for_seals_at_once_and_all_rows_follow() {
    let world = World::new().await;
    for id in 1..=250 {
        world.put(Note::new(&world.sealer, id)).await;
    }
    world.ask().await;
    assert_eq!(world.keys(), [1, 2]);
    assert!((1..=250).all(|id| world.key_of(id) == Some(2)));
    world.ask().await;
    assert_eq!((world.keys(), world.key_of(1)), (vec![1, 2, 3], Some(3)));
    world.wait(LONGEST).await;
    assert_eq!(world.keys(), [3]);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_kept_as_long_as_a_row_needs_it() {
    let world = World::new().await;
    let late = Note::new(&world.sealer, 2);
    // Sealed for somebody else: nobody can seal it anew.
    let damaged = Note { id: 1, ..Note::new(&world.sealer, 3) };
    world.put(damaged.clone()).await;
    world.ask().await;
    // Made while the first key still sealed, and written only now.
    world.put(late).await;
    world.wait(LONGEST).await;
    assert_eq!((world.keys(), world.key_of(2)), (vec![1, 2], Some(2)));
    assert_eq!(world.note(1), damaged);
    world.put(Note::new(&world.sealer, 1)).await;
    world.wait(INTERVAL).await;
    assert_eq!(world.keys(), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_new_root_key_brings_a_new_data_key() {
    let world = World::new().await;
    world.put(Note::new(&world.sealer, 1)).await;
    let world = world.restarted(&(line("a", 1) + &line("new", 2))).await;
    world.reconcilers.settled().await;
    assert_eq!((world.keys(), world.key_of(1)), (vec![1, 2], Some(2)));
}
