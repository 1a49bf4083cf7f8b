//! Datagrams of one socket: those of one client go to one target, by a socket of their own, and answers come back by it.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use rustix::net::{SendFlags, send, sendto};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::activity::Activity;
use super::counts::{Counted, Kind};
use super::relay::Chunk;
use super::route::Ends;
use super::{DATAGRAM_IDLE, Flow, patience, proxy_header, transparent};
use crate::ending::Ending;
use crate::group::{Group, Picked};

/// How many flows a socket may have: each has a socket, too.
const MOST_FLOWS: usize = 32_768;
/// How many datagrams are taken in a row before others have their turn.
const BATCH: usize = 64;

type Table = Arc<Mutex<HashMap<SocketAddr, Arc<Passage>>>>;

/// One flow of datagrams.
struct Passage {
    target: UdpSocket,
    group: Arc<Group>,
    picked: Picked,
    ends: Ends,
    activity: Activity,
    counted: Counted,
}

/// Where datagrams come in.
struct Entrance {
    live: Arc<ArcSwap<Flow>>,
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    ending: Ending,
    flows: Table,
    answering: JoinSet<()>,
}

/// Until `ending`, and then until the last flow is at its end.
pub(super) async fn carry(live: Arc<ArcSwap<Flow>>, socket: Arc<UdpSocket>, ending: Ending) {
    let Ok(local) = socket.local_addr() else { return };
    let (flows, answering) = (Table::default(), JoinSet::new());
    let mut entrance = Entrance { live, socket, local, ending, flows, answering };
    loop {
        tokio::select! {
            biased;
            _ = entrance.ending.asked() => break,
            ready = entrance.socket.readable() => {
                if let Err(error) = ready {
                    tracing::warn!(%local, %error, "datagrams cannot be received");
                    break;
                }
            }
        }
        entrance.take_some();
        while entrance.answering.try_join_next().is_some() {}
        // One that is always ready would keep this thread to itself.
        tokio::task::yield_now().await;
    }
    while entrance.answering.join_next().await.is_some() {}
}

impl Entrance {
    fn take_some(&mut self) {
        let mut chunk = Chunk::take();
        for _ in 0..BATCH {
            match self.socket.try_recv_from(&mut chunk) {
                Ok((length, client)) => self.pass(client, &chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // What a client does not want to have of an earlier answer says nothing about the next datagram.
                Err(_) => {}
            }
        }
    }

    fn pass(&mut self, client: SocketAddr, datagram: &[u8]) {
        // Whoever says that they are this socket has answers sent round and round.
        if client == self.local {
            return;
        }
        let known = self.flows().get(&client).cloned();
        let passage = known.or_else(|| self.begin(client));
        match passage {
            Some(passage) => passage.send(datagram),
            None => self.live.load().counters.rejected.one(),
        }
    }

    /// None if there is no target, or no room.
    fn begin(&mut self, client: SocketAddr) -> Option<Arc<Passage>> {
        if self.flows().len() >= MOST_FLOWS {
            return None;
        }
        let flow = self.live.load();
        let ends = Ends { client, local: self.local, is_datagram: true };
        let (group, picked) = flow.route.pick(&ends, &[])?;
        let preserves = flow.preserves && group.config().attributes.preserve_client_ip;
        let target = connect(client, picked.address(), preserves)
            .inspect_err(|error| tracing::debug!(%error, "a flow of datagrams cannot begin"))
            .ok()?;
        let passage = Arc::new(Passage {
            target,
            group: group.clone(),
            picked,
            ends,
            activity: Activity::begin(),
            counted: Counted::begin(&flow.counters, Kind::Udp),
        });
        self.flows().insert(client, passage.clone());
        let (socket, flows) = (self.socket.clone(), self.flows.clone());
        let ending = self.ending.clone();
        let answered = passage.clone();
        self.answering.spawn(async move {
            answered.answer(&socket, ending).await;
            lock(&flows).remove(&client);
        });
        Some(passage)
    }

    fn flows(&self) -> MutexGuard<'_, HashMap<SocketAddr, Arc<Passage>>> {
        lock(&self.flows)
    }
}

impl Passage {
    fn send(&self, datagram: &[u8]) {
        let sent = if self.group.config().attributes.proxy_protocol_v2 {
            let header = proxy_header::of(self.ends.client, self.ends.local, true);
            let mut whole = Chunk::take();
            let length = header.len() + datagram.len();
            let Some(room) = whole.get_mut(..length) else { return };
            let (head, body) = room.split_at_mut(header.len());
            head.copy_from_slice(&header);
            body.copy_from_slice(datagram);
            send(&self.target, &whole[..length], SendFlags::DONTWAIT)
        } else {
            send(&self.target, datagram, SendFlags::DONTWAIT)
        };
        // What there is no room for is lost, as in any network. Not asked is tokio: it does not know of a new socket's room yet.
        if sent.is_ok() {
            self.carried(datagram.len());
        }
    }

    /// Passes answers on until the flow is at its end.
    async fn answer(&self, client: &UdpSocket, ending: Ending) {
        let standing = self.picked.target().standing();
        let answers = async {
            loop {
                if self.target.readable().await.is_err() {
                    return;
                }
                tokio::task::consume_budget().await;
                let mut chunk = Chunk::take();
                // A target that is not there yet, or not any more, is a matter of health checks.
                let Ok(length) = self.target.try_recv(&mut chunk) else { continue };
                let (answer, to) = (&chunk[..length], &self.ends.client);
                if sendto(client, answer, SendFlags::DONTWAIT, to).is_ok() {
                    self.carried(length);
                }
            }
        };
        tokio::select! {
            biased;
            () = answers => {}
            () = patience::runs_out(&self.group, standing, ending) => {}
            () = self.activity.silence(DATAGRAM_IDLE) => {}
        }
    }

    fn carried(&self, bytes: usize) {
        self.activity.touch();
        self.counted.bytes(bytes);
        self.counted.counters().packets.one();
    }
}

fn connect(client: SocketAddr, target: SocketAddr, preserves: bool) -> io::Result<UdpSocket> {
    let socket: std::net::UdpSocket = if preserves && transparent::suits(client, target) {
        transparent::socket(client, true)?.into()
    } else {
        let any: SocketAddr = if target.is_ipv4() {
            (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
        };
        std::net::UdpSocket::bind(any)?
    };
    socket.connect(target)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

fn lock(flows: &Table) -> MutexGuard<'_, HashMap<SocketAddr, Arc<Passage>>> {
    flows.lock().unwrap_or_else(PoisonError::into_inner)
}
