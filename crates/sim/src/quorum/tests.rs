use berth_store::conformance::Factory;
use berth_store::{Key, Write};
use bytes::Bytes;

use super::*;
use crate::dice::Dice;
use crate::network::{Place, Weather};
use crate::trace::Trace;

const LEASE: Duration = Duration::from_millis(300);

struct Wired {
    records: MemoryStore,
    network: Network,
}

impl Wired {
    fn new() -> Self {
        let network = Network::new(Dice::new(1), Trace::new(0), 2);
        Wired { records: MemoryStore::with_history(16), network }
    }

    fn server(&self, number: usize) -> Quorum {
        Quorum::new(&self.records, &self.network, (number, &Life::new()), LEASE)
    }

    /// Nothing passes between this server and the store, or everything.
    fn part(&self, number: usize, up_blocked: bool, down_blocked: bool) {
        let weather = Weather { up_blocked, down_blocked, ..Weather::default() };
        self.network.set_weather(Place::Store(number), weather);
    }
}

impl Factory for Wired {
    type Store = Quorum;

    async fn open(&self) -> Quorum {
        self.server(0)
    }

    async fn beside(&self, _: &Quorum) -> Option<Quorum> {
        Some(self.server(1))
    }

    fn history(&self) -> usize {
        16
    }
}

berth_store::conformance!(Wired::new());

fn batch(value: &'static str) -> Batch {
    let key = Key { table: 1, key: Bytes::from_static(b"k") };
    Batch { writes: vec![Write::Put { key, value: Bytes::from_static(value.as_bytes()) }] }
}

async fn value(store: &Quorum) -> Bytes {
    store.load().await.expect("it is reached").records.remove(0).1
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_gives_up_before_another_leads() {
    for (up, down) in [(true, true), (true, false), (false, true)] {
        let wired = Wired::new();
        let (first, second) = (wired.server(0), wired.server(1));
        let mut old = first.campaign("first").await.expect("leads");
        sleep(LEASE * 10).await;
        assert!(old.lease.holds() && !*old.lost.borrow(), "it is heard");
        wired.part(0, up, down);
        let waiting = tokio::spawn(async move { (second.campaign("second").await, second) });
        old.lost.wait_for(|lost| *lost).await.expect("it knows by itself");
        assert!(!old.lease.holds());
        if up {
            assert!(!waiting.is_finished(), "nobody leads yet");
            let (new, second) = waiting.await.expect("no panic");
            let new = new.expect("leads");
            assert!(new.fence > old.fence);
            second.commit(new.fence, batch("new")).await.expect("commits");
        }
        // Where the store still hears it, it goes on leading there, and nobody else does.
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_comes_late_is_fenced() {
    let wired = Wired::new();
    let (first, second) = (wired.server(0), wired.server(1));
    let old = first.campaign("first").await.expect("leads");
    first.commit(old.fence, batch("old")).await.expect("commits");
    wired.part(0, true, false);
    // Whoever sent it dies, and it goes its way.
    let late = tokio::time::timeout(Duration::from_secs(1), first.commit(old.fence, batch("late")));
    late.await.expect_err("it is held up");
    let new = second.campaign("second").await.expect("leads");
    wired.part(0, false, false);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(value(&second).await, "old");
    second.commit(new.fence, batch("new")).await.expect("commits");
    assert_eq!(value(&first).await, "new");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_held_up_too_long_is_none() {
    let wired = Wired::new();
    let store = wired.server(0);
    let fence = store.campaign("first").await.expect("leads").fence;
    wired.part(0, false, true);
    let error = store.commit(fence, batch("made")).await.expect_err("nobody answers");
    assert!(matches!(error, StoreError::Stopped(_)), "{error}");
    wired.part(0, false, false);
    assert_eq!(value(&store).await, "made");
}
