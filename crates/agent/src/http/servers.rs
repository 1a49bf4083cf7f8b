//! Servers that are as good as one another: any of them takes any request.
//!
//! One is kept to for as long as it answers. Who is left is not asked again before the others; where to go instead is chosen
//! at random, as is how long that takes, so that the agents of a server that was lost do not all come to one other at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Uri;
use rand::RngExt;

/// At most so long after a server could not be reached, the next is.
const JITTER: Duration = Duration::from_millis(250);

/// Cheap to clone; all clones keep to the same server.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    uris: Arc<[Uri]>,
    kept: Arc<AtomicUsize>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) uri: Uri,
    at: usize,
}

impl Servers {
    /// There is at least one. `kept` is which one to begin with.
    pub(crate) fn new(uris: Vec<Uri>, kept: Arc<AtomicUsize>) -> Self {
        Self { uris: uris.into(), kept }
    }

    pub(crate) fn count(&self) -> usize {
        self.uris.len()
    }

    pub(crate) fn current(&self) -> Server {
        let at = self.kept.load(Ordering::Relaxed) % self.uris.len();
        Server { uri: self.uris[at].clone(), at }
    }

    /// This one did not answer, or does not want to. Nothing, if somebody has left it already.
    pub(crate) fn leave(&self, server: &Server) {
        if self.uris.len() < 2 {
            return;
        }
        let other = (server.at + rand::rng().random_range(1..self.uris.len())) % self.uris.len();
        let before = self.kept.load(Ordering::Relaxed);
        if before % self.uris.len() == server.at {
            // Who loses this race has been led elsewhere by the winner.
            let _ = self.kept.compare_exchange(before, other, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(crate) async fn rest(&self) {
        let share = rand::rng().random_range(0.0..1.0);
        tokio::time::sleep(JITTER.mul_f64(share)).await;
    }
}

impl Server {
    /// Without a slash at its end.
    pub(crate) fn root(&self) -> String {
        self.uri.to_string().trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn servers(count: usize) -> Servers {
        let uri = |at| format!("http://10.0.0.{at}:4566").parse().unwrap();
        Servers::new((1..=count).map(uri).collect(), Arc::default())
    }

    #[test]
    fn who_is_left_is_left_for_any_other_and_by_all() {
        let servers = servers(3);
        let mut seen = BTreeSet::new();
        for _ in 0..100 {
            let (server, other) = (servers.current(), servers.clone());
            other.leave(&server);
            assert_ne!(servers.current().at, server.at);
            // It was left long ago: nothing is wrong with the one that is kept to now.
            let kept = servers.current().at;
            servers.leave(&server);
            assert_eq!(servers.current().at, kept);
            seen.insert(kept);
        }
        assert_eq!(seen.len(), 3);
    }

    #[test]
    fn the_only_one_is_kept_to() {
        let servers = servers(1);
        servers.leave(&servers.current());
        assert_eq!(servers.current().root(), "http://10.0.0.1:4566");
    }
}
