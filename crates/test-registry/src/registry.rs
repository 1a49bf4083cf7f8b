//! One registry: filling it, breaking it, and asking what it has been asked.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use crate::access::Access;
use crate::image::{Image, digest};
use crate::serve::answer;
use crate::state::{Gate, Request, State};

/// Longer than anything that a test waits for here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A registry on a thread of its own, gone when this is dropped.
pub struct Registry {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(crate) struct Shared {
    pub port: u16,
    pub gate: Gate,
    state: Mutex<State>,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock fails its test; what others see is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Serves where this listens.
    pub fn start(listener: TcpListener) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        listener.set_nonblocking(true)?;
        let shared = Arc::new(Shared { port, gate: Gate::new(), state: Mutex::default() });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let served = shared.clone();
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = accept(listener, served) => {}
                }
            });
        });
        Ok(Self { shared, stop: Some(stop), thread: Some(thread) })
    }

    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// A reference to something in it, `repository:tag` or `repository@digest`.
    pub fn name(&self, reference: &str) -> String {
        format!("127.0.0.1:{}/{reference}", self.port())
    }

    /// Puts the image under the tag, whatever was there; gives the manifest's digest.
    pub fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        let (manifest, blobs) = image.pack();
        let digest = digest(&manifest);
        let mut state = self.shared.state();
        for reference in [tag, &digest] {
            state.manifests.insert((repository.to_owned(), reference.to_owned()), manifest.clone());
        }
        state.blobs.extend(blobs);
        digest
    }

    /// Takes the tag away; the digest still leads to the image.
    pub fn withdraw(&self, repository: &str, tag: &str) {
        self.shared.state().manifests.remove(&(repository.to_owned(), tag.to_owned()));
    }

    pub fn admit(&self, access: Access) {
        self.shared.state().access = access;
    }
}

/// Breaking.
impl Registry {
    /// The next requests for manifests are answered so.
    pub fn fail_next(&self, times: usize, status: StatusCode) {
        self.shared.state().failures.extend(std::iter::repeat_n(status, times));
    }

    /// From now on content comes in small pieces, this long apart.
    pub fn slow_down(&self, pause: Duration) {
        self.shared.state().pause = pause;
    }

    /// From now on requests for manifests wait until [`release`](Self::release).
    pub fn hold(&self) {
        self.shared.gate.is_shut.send_replace(true);
    }

    pub fn release(&self) {
        self.shared.gate.is_shut.send_replace(false);
    }

    /// Blocks until the requests that are held back, by their paths, look so.
    pub fn wait_held(&self, is_so: impl Fn(&[String]) -> bool) {
        if let Err(held) = self.shared.gate.wait(PATIENCE, is_so) {
            panic!("held back: {held:?}");
        }
    }
}

/// Looking.
impl Registry {
    /// Everything it has been asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// How often it has been asked what an image of this repository is.
    pub fn manifest_requests(&self, repository: &str) -> usize {
        self.requests().iter().filter(|request| request.is_for_manifest_of(repository)).count()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panics are those of requests, which have failed their tests by now.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    while let Ok((connection, _)) = listener.accept().await {
        let shared = shared.clone();
        let service = service_fn(move |request| answer(shared.clone(), request));
        tokio::spawn(async move {
            // A client that goes away in the middle is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}
