//! What a network balancer costs in processor time, beside the shortest proxy that tokio allows: `copy_bidirectional`.
//!
//! Each proxy has a thread of its own, whose time is counted; clients and target have others. Turns are taken one after the other, and
//! the best of each counts: whatever else the machine does makes a turn longer, never shorter. Prints ratios, asserts nothing.

#[path = "../tests/flow/setup.rs"]
#[allow(dead_code)]
mod setup;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use rustix::time::{ClockId, clock_gettime};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};

use setup::Story;

const TURNS: usize = 3;
const BULK_CONNECTIONS: usize = 2;
const BULK_PIECES: usize = 2048;
const PIECE: usize = 256 * 1024;
const TALKERS: usize = 32;
const MESSAGES: usize = 2000;
const MESSAGE: usize = 200;

/// A thread with a runtime of its own, and an address that is served there until the program ends.
struct Thread {
    address: SocketAddr,
    runtime: Handle,
}

impl Thread {
    fn new<S, F>(serve: S) -> Thread
    where
        S: FnOnce(mpsc::Sender<SocketAddr>) -> F + Send + 'static,
        F: Future<Output = ()>,
    {
        let (told, address) = mpsc::channel();
        let (begun, runtime) = mpsc::channel();
        thread::spawn(move || {
            let own = Builder::new_current_thread().enable_all().build().expect("it can be built");
            begun.send(own.handle().clone()).expect("it is waited for");
            own.block_on(serve(told));
        });
        let runtime = runtime.recv().expect("the thread begins");
        Thread { address: address.recv().expect("it listens"), runtime }
    }

    /// What this thread has used until now, in seconds.
    fn processor_time(&self) -> f64 {
        let (told, seconds) = mpsc::channel();
        self.runtime.spawn(async move {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
            told.send(seconds).expect("it is waited for");
        });
        seconds.recv().expect("the thread is there")
    }
}

async fn listen(told: &mpsc::Sender<SocketAddr>) -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a port");
    told.send(listener.local_addr().expect("it is bound")).expect("it is waited for");
    listener
}

/// Repeats messages, and takes everything else.
async fn target(told: mpsc::Sender<SocketAddr>) {
    let listener = listen(&told).await;
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            stream.set_nodelay(true)?;
            let mut buffer = vec![0; PIECE];
            loop {
                match stream.read(&mut buffer).await? {
                    0 => break stream.shutdown().await,
                    MESSAGE => stream.write_all(&buffer[..MESSAGE]).await?,
                    _ => {}
                }
            }
        });
    }
}

async fn shortest(told: mpsc::Sender<SocketAddr>, target: SocketAddr) {
    let listener = listen(&told).await;
    while let Ok((mut client, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut target = TcpStream::connect(target).await?;
            client.set_nodelay(true)?;
            target.set_nodelay(true)?;
            copy_bidirectional(&mut client, &mut target).await
        });
    }
}

async fn balancer(told: mpsc::Sender<SocketAddr>, target: SocketAddr) {
    let story = Story::tcp(&[target], |_| {});
    told.send(story.address(0)).expect("it is waited for");
    std::future::pending().await
}

async fn bulk(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let piece = vec![7; PIECE];
    for _ in 0..BULK_PIECES {
        stream.write_all(&piece).await?;
    }
    stream.shutdown().await?;
    // What happened to be as long as a message came back.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.map(drop)
}

async fn talk(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut message = [7; MESSAGE];
    for _ in 0..MESSAGES {
        stream.write_all(&message).await?;
        stream.read_exact(&mut message).await?;
    }
    Ok(())
}

/// The least processor time that either proxy took for this, in seconds.
fn compare<F>(
    proxies: [&Thread; 2],
    connections: usize,
    client: impl Fn(SocketAddr) -> F,
) -> [f64; 2]
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let clients = Builder::new_current_thread().enable_all().build().expect("it can be built");
    let mut best = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        for (best, proxy) in best.iter_mut().zip(proxies) {
            let before = proxy.processor_time();
            clients.block_on(async {
                let all: Vec<_> =
                    (0..connections).map(|_| tokio::spawn(client(proxy.address))).collect();
                for one in all {
                    one.await.expect("it does not panic").expect("nothing breaks");
                }
            });
            *best = best.min(proxy.processor_time() - before);
        }
    }
    best
}

fn main() {
    let target = Thread::new(target).address;
    let shortest = Thread::new(move |told| shortest(told, target));
    let balancer = Thread::new(move |told| balancer(told, target));
    let proxies = [&shortest, &balancer];
    let gigabytes = (BULK_CONNECTIONS * BULK_PIECES * PIECE) as f64 / 1e9;
    for (what, unit, amount, [other, own]) in [
        ("bulk", "s/GB", gigabytes, compare(proxies, BULK_CONNECTIONS, bulk)),
        ("messages", "µs each", (TALKERS * MESSAGES) as f64 / 1e6, compare(proxies, TALKERS, talk)),
    ] {
        let (other, own) = (other / amount, own / amount);
        println!(
            "{what:9} copy_bidirectional {other:.3} {unit}, berth {own:.3} {unit}: {:.2} of it",
            own / other
        );
    }
}
