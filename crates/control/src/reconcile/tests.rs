//! Drivers under paused time.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use berth_model::Timestamp;
use berth_store::MemoryStore;
use tokio::time::Instant;

use super::{Backoff, Next, Options, Reconciler, Reconcilers};
use crate::cell::tests::fixture::{Item, item, open, put};
use crate::cell::{Cell, Feed, Snapshot};
use crate::env::Env;
use crate::tables::Change;

const SECOND: Duration = Duration::from_secs(1);

/// What a pass for an item does, by the item's place.
fn act(place: &str) -> fn(u32) -> Act {
    match place {
        "done" => |_| Act::Return(Next::Done),
        "later" => |_| Act::Return(Next::After(5 * SECOND)),
        "slow" => |_| Act::Sleep(10 * SECOND),
        "fails thrice" => |pass| if pass <= 3 { Act::Fail } else { Act::Return(Next::Done) },
        "always fails" => |_| Act::Fail,
        "panics once" => |pass| if pass == 1 { Act::Panic } else { Act::Return(Next::Done) },
        other => panic!("no pass for {other}"),
    }
}

enum Act {
    Return(Next),
    Sleep(Duration),
    Fail,
    Panic,
}

/// Remembers every pass: when it began, and how many ran at once.
struct Recorder {
    cell: Cell,
    begun: Instant,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    passes: BTreeMap<u64, Vec<Duration>>,
    order: Vec<u64>,
    running: Vec<u64>,
    most_at_once: usize,
}

impl Recorder {
    /// Seconds after the start at which this key's passes began, rounded down.
    fn seconds(&self, key: u64) -> Vec<u64> {
        self.log
            .lock()
            .expect("sound")
            .passes
            .get(&key)
            .into_iter()
            .flatten()
            .map(Duration::as_secs)
            .collect()
    }

    fn order(&self) -> Vec<u64> {
        self.log.lock().expect("sound").order.clone()
    }

    fn begin(&self, key: u64) -> u32 {
        let mut log = self.log.lock().expect("sound");
        assert!(!log.running.contains(&key), "two passes at once for {key}");
        log.running.push(key);
        log.order.push(key);
        log.most_at_once = log.most_at_once.max(log.running.len());
        let passes = log.passes.entry(key).or_default();
        passes.push(self.begun.elapsed());
        u32::try_from(passes.len()).expect("few")
    }

    fn end(&self, key: u64) {
        self.log.lock().expect("sound").running.retain(|other| *other != key);
    }
}

#[async_trait]
impl Reconciler for Recorder {
    type Key = u64;

    fn name(&self) -> &'static str {
        "recorder"
    }

    fn keys(&self, snapshot: &Snapshot) -> Vec<u64> {
        snapshot.table::<Item>().keys().copied().collect()
    }

    fn wakes(&self, change: &Change, wake: &mut dyn FnMut(u64)) {
        if let Some(change) = change.of::<Item>() {
            assert_ne!(change.key(), CURSED, "this key's change cannot be looked at");
            wake(change.key());
        }
    }

    async fn reconcile(&self, key: &u64) -> anyhow::Result<Next> {
        let Some(place) = self.cell.snapshot().get::<Item>(key).map(|item| item.place.clone())
        else {
            return Ok(Next::Done);
        };
        let pass = self.begin(*key);
        let act = act(&place)(pass);
        if let Act::Sleep(duration) = act {
            tokio::time::sleep(duration).await;
        }
        self.end(*key);
        match act {
            Act::Return(next) => Ok(next),
            Act::Sleep(_) => Ok(Next::Done),
            Act::Fail => bail!("pass {pass} fails"),
            Act::Panic => std::panic::resume_unwind(Box::new("on purpose")),
        }
    }
}

/// A key whose change makes `wakes` panic.
const CURSED: u64 = 13;

struct World {
    cell: Cell,
    recorder: Arc<Recorder>,
    reconcilers: Reconcilers,
}

fn options() -> Options {
    Options {
        interval: 1000 * SECOND,
        backoff: Backoff { first: SECOND, cap: 4 * SECOND },
        ..Options::default()
    }
}

async fn world(items: &[(u64, &str)], options: Options) -> World {
    let cell = open(&MemoryStore::new()).await;
    for (id, place) in items {
        put(&cell, item(*id, place)).await.expect("commits");
    }
    let recorder =
        Arc::new(Recorder { cell: cell.clone(), begun: Instant::now(), log: Mutex::default() });
    let mut reconcilers = Reconcilers::new(cell.clone(), Env::seeded(1, Timestamp::EPOCH));
    reconcilers.start(recorder.clone(), options);
    World { cell, recorder, reconcilers }
}

#[tokio::test(start_paused = true)]
async fn every_key_gets_a_pass_at_start() {
    let world = world(&[(1, "done"), (2, "done")], options()).await;
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.order(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_change_wakes_its_key_and_no_other() {
    let world = world(&[(1, "done"), (2, "done")], options()).await;
    world.reconcilers.settled().await;
    put(&world.cell, item(2, "done")).await.expect("commits");
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.order(), [1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_timer_wakes_every_key() {
    let world =
        world(&[(1, "done"), (2, "done")], Options { interval: 30 * SECOND, ..options() }).await;
    tokio::time::sleep(61 * SECOND).await;
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.seconds(1), [0, 30, 60]);
    assert_eq!(world.recorder.seconds(2), [0, 30, 60]);
}

#[tokio::test(start_paused = true)]
async fn a_pass_can_ask_to_look_again_later() {
    let world = world(&[(1, "later")], options()).await;
    tokio::time::sleep(7 * SECOND).await;
    assert_eq!(world.recorder.seconds(1), [0, 5]);
    put(&world.cell, item(1, "done")).await.expect("commits");
    tokio::time::sleep(100 * SECOND).await;
    assert_eq!(
        world.recorder.seconds(1),
        [0, 5, 7],
        "a change comes first, and the wait is then forgotten"
    );
}

#[tokio::test(start_paused = true)]
async fn one_pass_at_a_time_per_key_and_one_more_if_woken_meanwhile() {
    let world = world(&[(1, "slow")], options()).await;
    for _ in 0..5 {
        tokio::time::sleep(SECOND).await;
        put(&world.cell, item(1, "slow")).await.expect("commits");
    }
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.seconds(1), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_key_rests_after_its_pass_but_never_for_long() {
    let world = world(&[(1, "slow")], Options { rest: 4, ..options() }).await;
    for _ in 0..5 {
        tokio::time::sleep(SECOND).await;
        put(&world.cell, item(1, "slow")).await.expect("commits");
    }
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.seconds(1), [0, 11]);
}

#[tokio::test(start_paused = true)]
async fn only_so_many_keys_at_once() {
    let items: Vec<(u64, &str)> = (0..10).map(|id| (id + 20, "slow")).collect();
    let world = world(&items, Options { concurrency: 4, ..options() }).await;
    world.reconcilers.settled().await;
    let log = world.recorder.log.lock().expect("sound");
    assert_eq!((log.most_at_once, log.order.len()), (4, 10));
}

#[tokio::test(start_paused = true)]
async fn errors_back_off_up_to_the_cap_and_success_ends_that() {
    let world = world(&[(1, "always fails"), (2, "fails thrice")], options()).await;
    tokio::time::sleep(60 * SECOND).await;
    let passes = world.recorder.log.lock().expect("sound").passes.clone();
    let waits: Vec<Duration> = passes[&1].windows(2).map(|pair| pair[1] - pair[0]).collect();
    let millisecond = Duration::from_millis(1);
    for (wait, longest) in waits.iter().zip([1, 2, 4, 4, 4, 4]) {
        let longest = longest * SECOND;
        // Tokio's timers tick in milliseconds.
        assert!(longest / 2 <= *wait && *wait <= longest + millisecond, "{waits:?}");
    }
    assert!(waits.len() >= 14, "it is retried for ever: {waits:?}");
    assert_eq!(passes[&2].len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_change_does_not_shorten_a_back_off() {
    let world = world(&[(1, "always fails")], options()).await;
    world.reconcilers.settled().await;
    put(&world.cell, item(1, "done")).await.expect("commits");
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.order().len(), 1);
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(world.recorder.order().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_stays_in_its_pass_and_is_retried() {
    let world = world(&[(1, "panics once"), (2, "done")], options()).await;
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(world.recorder.order(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_looking_at_changes_wakes_every_key() {
    let world = world(&[(1, "done")], options()).await;
    world.reconcilers.settled().await;
    put(&world.cell, item(CURSED, "done")).await.expect("commits");
    world.reconcilers.settled().await;
    assert_eq!(world.recorder.order(), [1, 1, CURSED]);
}

#[tokio::test(start_paused = true)]
async fn missed_changes_wake_every_key() {
    // Nine batches without a pause for the driver to listen in, and room for one.
    let cell_options =
        crate::cell::Options { subscriber_lag: 1, batch_transactions: 1, ..Default::default() };
    let schema = crate::cell::tests::fixture::schema();
    let cell =
        Cell::open_with(Arc::new(MemoryStore::new()), schema, cell_options).await.expect("opens");
    let recorder =
        Arc::new(Recorder { cell: cell.clone(), begun: Instant::now(), log: Mutex::default() });
    let mut reconcilers = Reconcilers::new(cell.clone(), Env::seeded(1, Timestamp::EPOCH));
    reconcilers.start(recorder.clone(), options());
    reconcilers.settled().await;
    let mut changes = cell.changes();
    let answers =
        futures_util::future::join_all((1..=9).map(|id| put(&cell, item(id, "done")))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(
        matches!(changes.next().await, Some(Feed::Resync)),
        "the driver, too, must have missed some"
    );
    reconcilers.settled().await;
    let woken: std::collections::BTreeSet<u64> = recorder.order().into_iter().collect();
    assert_eq!(woken, (1..=9).collect());
}

#[tokio::test(start_paused = true)]
async fn shutdown_lets_passes_end_and_begins_no_more() {
    let world = world(
        &[(1, "slow"), (2, "slow")],
        Options { concurrency: 1, grace: 20 * SECOND, ..options() },
    )
    .await;
    tokio::time::sleep(SECOND).await;
    world.reconcilers.shutdown().await;
    let log = world.recorder.log.lock().expect("sound");
    assert_eq!((log.order.as_slice(), log.running.len()), (&[1][..], 0));
    assert_eq!(world.recorder.begun.elapsed(), 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn shutdown_drops_passes_that_outlast_the_grace() {
    let world = world(&[(1, "slow")], Options { grace: 2 * SECOND, ..options() }).await;
    tokio::time::sleep(SECOND).await;
    world.reconcilers.shutdown().await;
    assert_eq!(world.recorder.begun.elapsed(), 3 * SECOND);
    assert_eq!(
        world.recorder.log.lock().expect("sound").running,
        [1],
        "it was dropped where it waited"
    );
}

#[tokio::test(start_paused = true)]
async fn drivers_end_with_the_cell() {
    let world = world(&[(1, "later")], options()).await;
    world.reconcilers.settled().await;
    world.cell.close().await.expect("closes");
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(world.recorder.seconds(1), [0]);
    world.reconcilers.settled().await;
}

#[tokio::test(start_paused = true)]
async fn settled_waits_for_what_passes_write() {
    /// Moves item n to the next room until the fifth.
    struct Mover(Cell);

    #[async_trait]
    impl Reconciler for Mover {
        type Key = u64;

        fn name(&self) -> &'static str {
            "mover"
        }

        fn keys(&self, snapshot: &Snapshot) -> Vec<u64> {
            snapshot.table::<Item>().keys().copied().collect()
        }

        fn wakes(&self, change: &Change, wake: &mut dyn FnMut(u64)) {
            change.of::<Item>().into_iter().for_each(|change| wake(change.key()));
        }

        async fn reconcile(&self, key: &u64) -> anyhow::Result<Next> {
            let key = *key;
            let moved = self.0.write(move |tx| {
                let room = tx.get::<Item>(&key).map_or(5, |item| item.place.len());
                if room < 5 {
                    tx.put(item(key, &"x".repeat(room + 1)));
                }
                Ok::<_, Infallible>(())
            });
            moved.await?;
            Ok(Next::Done)
        }
    }

    let cell = open(&MemoryStore::new()).await;
    let mut reconcilers = Reconcilers::new(cell.clone(), Env::seeded(1, Timestamp::EPOCH));
    reconcilers.start(Arc::new(Mover(cell.clone())), options());
    reconcilers.start(Arc::new(Mover(cell.clone())), options());
    put(&cell, item(1, "x")).await.expect("commits");
    reconcilers.settled().await;
    assert_eq!(cell.snapshot().get::<Item>(&1).map(|item| item.place.len()), Some(5));
}
