//! Sockets that clients come to, and who accepts at them.
//!
//! A door stays open for as long as any configuration wants one at its place: what is behind it is exchanged, and whoever
//! is inside stays. Doors know nothing of what is carried.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ending::{Ending, Why};
use crate::flow::{self, Flow};
use crate::front::{self, Front};

/// How long to leave a socket alone that gives nothing: a process without file descriptors would spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Tasks that accept at one socket.
const ACCEPTING: usize = 2;

/// Where a door is. With port 0 the listener's ARN tells doors apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) is_datagram: bool,
    pub(crate) name: Option<String>,
}

/// What a configuration wants behind a door.
#[derive(Clone)]
pub(crate) enum Wanted {
    Front(Arc<Front>),
    Flow(Arc<Flow>),
}

/// The same, for those who come while configurations do.
enum Behind {
    Front(Arc<ArcSwap<Front>>),
    Flow(Arc<ArcSwap<Flow>>),
}

enum Socket {
    Stream(Arc<TcpListener>),
    Datagram(Arc<UdpSocket>),
}

struct Door {
    socket: Socket,
    local: SocketAddr,
    behind: Behind,
    ending: Ending,
}

pub(crate) struct Doors {
    open: BTreeMap<Place, Door>,
    /// Sockets of a process that was here before, until the first configuration says which of them are wanted.
    inherited: BTreeMap<Place, OwnedFd>,
    inside: Inside,
    connections: Arc<Connections>,
}

/// Everybody who was ever let in.
#[derive(Clone)]
pub(crate) struct Inside {
    tasks: TaskTracker,
    cut: CancellationToken,
}

/// How many clients are connected, and how many may be.
pub(crate) struct Connections {
    now: AtomicUsize,
    most: usize,
}

impl Doors {
    pub(crate) fn new(most_connections: usize, inherited: Vec<(Place, OwnedFd)>) -> Doors {
        let connections = Connections { now: AtomicUsize::new(0), most: most_connections };
        Doors {
            open: BTreeMap::new(),
            inherited: inherited.into_iter().collect(),
            inside: Inside { tasks: TaskTracker::new(), cut: CancellationToken::new() },
            connections: Arc::new(connections),
        }
    }

    /// Has `wanted` behind the door at that place, which is opened if there is none; says where it is.
    pub(crate) fn open(&mut self, place: Place, wanted: Wanted) -> io::Result<SocketAddr> {
        if let Some(door) = self.open.get_mut(&place) {
            match (&door.behind, wanted) {
                (Behind::Front(live), Wanted::Front(front)) => live.store(front),
                (Behind::Flow(live), Wanted::Flow(flow)) => live.store(flow),
                // It speaks another protocol now: whoever is inside ends, the socket stays.
                (_, wanted) => {
                    door.ending.ask(Why::Closed);
                    door.ending = Ending::default();
                    door.behind = Behind::new(wanted);
                    door.attend(&self.inside, &self.connections);
                }
            }
            return Ok(door.local);
        }
        let door = match self.inherited.remove(&place) {
            Some(socket) => Door::inherited(&place, socket, wanted)?,
            None => Door::bind(&place, wanted)?,
        };
        door.attend(&self.inside, &self.connections);
        let local = door.local;
        self.open.insert(place, door);
        Ok(local)
    }

    /// Closes doors that nobody wants any more, and asks whoever is inside to end.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&Place) -> bool) {
        self.inherited.clear();
        self.open.retain(|place, door| {
            let stays = is_wanted(place);
            if !stays {
                door.ending.ask(Why::Closed);
            }
            stays
        });
    }

    /// All sockets, once more: for another process.
    pub(crate) fn sockets(&self) -> io::Result<Vec<(Place, OwnedFd)>> {
        let socket = |(place, door): (&Place, &Door)| {
            let socket = match &door.socket {
                Socket::Stream(socket) => socket.as_fd().try_clone_to_owned()?,
                Socket::Datagram(socket) => socket.as_fd().try_clone_to_owned()?,
            };
            Ok((place.clone(), socket))
        };
        self.open.iter().map(socket).collect()
    }

    /// Another process accepts at these sockets from now on. Whoever is inside may end what they have begun, and goes there for whatever is next.
    pub(crate) fn leave(&mut self) {
        for door in std::mem::take(&mut self.open).into_values() {
            door.ending.ask(Why::Succeeded);
        }
    }

    /// To wait on, after all doors are closed.
    pub(crate) fn inside(&self) -> Inside {
        self.inside.tasks.close();
        self.inside.clone()
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.retain(|_| false);
        self.inside.cut.cancel();
    }
}

impl Inside {
    fn spawn(&self, stay: impl Future<Output = ()> + Send + 'static) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = stay => {}
                () = cut.cancelled() => {}
            }
        });
    }

    /// Waits until nobody is left, and throws out whoever is there when it is enough.
    pub(crate) async fn end(self, enough: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = self.tasks.wait() => {}
            () = enough => {
                tracing::warn!(connections = self.tasks.len(), "connections are cut off");
                self.cut.cancel();
                self.tasks.wait().await;
            }
        }
    }
}

impl Behind {
    fn new(wanted: Wanted) -> Behind {
        match wanted {
            Wanted::Front(front) => Behind::Front(Arc::new(ArcSwap::new(front))),
            Wanted::Flow(flow) => Behind::Flow(Arc::new(ArcSwap::new(flow))),
        }
    }
}

impl Door {
    fn bind(place: &Place, wanted: Wanted) -> io::Result<Door> {
        let (socket, local) = if place.is_datagram {
            let socket = std::net::UdpSocket::bind(place.address)?;
            socket.set_nonblocking(true)?;
            let socket = UdpSocket::from_std(socket)?;
            let local = socket.local_addr()?;
            (Socket::Datagram(Arc::new(socket)), local)
        } else {
            let socket = if place.address.is_ipv4() {
                tokio::net::TcpSocket::new_v4()?
            } else {
                tokio::net::TcpSocket::new_v6()?
            };
            // Connections of the listener before this one may still be ending.
            socket.set_reuseaddr(true)?;
            socket.bind(place.address)?;
            // Linux: those who are accepted have it from here.
            socket.set_nodelay(true)?;
            let socket = socket.listen(4096)?;
            let local = socket.local_addr()?;
            (Socket::Stream(Arc::new(socket)), local)
        };
        Ok(Door { socket, local, behind: Behind::new(wanted), ending: Ending::default() })
    }

    /// What waits at a socket waits there still, whoever accepts.
    fn inherited(place: &Place, socket: OwnedFd, wanted: Wanted) -> io::Result<Door> {
        let (socket, local) = if place.is_datagram {
            let socket = UdpSocket::from_std(socket.into())?;
            let local = socket.local_addr()?;
            (Socket::Datagram(Arc::new(socket)), local)
        } else {
            let socket = TcpListener::from_std(socket.into())?;
            SockRef::from(&socket).set_tcp_nodelay(true)?;
            let local = socket.local_addr()?;
            (Socket::Stream(Arc::new(socket)), local)
        };
        Ok(Door { socket, local, behind: Behind::new(wanted), ending: Ending::default() })
    }

    /// Starts whoever accepts.
    fn attend(&self, inside: &Inside, connections: &Arc<Connections>) {
        match &self.socket {
            Socket::Stream(socket) => {
                for _ in 0..ACCEPTING {
                    let porter = Porter {
                        socket: Arc::clone(socket),
                        inside: inside.clone(),
                        connections: Arc::clone(connections),
                        ending: self.ending.clone(),
                    };
                    match &self.behind {
                        Behind::Front(live) => {
                            let (live, full) = (Arc::clone(live), Arc::clone(live));
                            let carry = move |stream, client, ending| {
                                front::carry(Arc::clone(&live), stream, client, ending)
                            };
                            inside.spawn(porter.accept(carry, move || full.load().refuse()));
                        }
                        Behind::Flow(live) => {
                            let (live, full) = (Arc::clone(live), Arc::clone(live));
                            let carry = move |stream, client, ending| {
                                flow::carry(Arc::clone(&live), stream, client, ending)
                            };
                            inside.spawn(porter.accept(carry, move || full.load().refuse()));
                        }
                    }
                }
            }
            Socket::Datagram(socket) => {
                if let Behind::Flow(live) = &self.behind {
                    let (live, socket) = (Arc::clone(live), Arc::clone(socket));
                    inside.spawn(flow::carry_datagrams(live, socket, self.ending.clone()));
                }
            }
        }
    }
}

/// One of those who accept at a door.
struct Porter {
    socket: Arc<TcpListener>,
    inside: Inside,
    connections: Arc<Connections>,
    ending: Ending,
}

impl Porter {
    /// `refuse` is told of each client that there is no room for.
    async fn accept<F, C>(self, carry: F, refuse: impl Fn())
    where
        F: Fn(TcpStream, SocketAddr, Ending) -> C,
        C: Future<Output = ()> + Send + 'static,
    {
        loop {
            let accepted = tokio::select! {
                biased;
                _ = self.ending.asked() => return,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, client)) => {
                    let Some(seat) = Seat::take(&self.connections) else {
                        refuse();
                        continue;
                    };
                    // Boxed, since each future around it would make room for it once more.
                    let carried = Box::pin(carry(stream, client, self.ending.clone()));
                    self.inside.spawn(async move {
                        carried.await;
                        drop(seat);
                    });
                }
                // A client that left before it was let in.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Counts a connection for as long as it is.
struct Seat(Arc<Connections>);

impl Seat {
    fn take(connections: &Arc<Connections>) -> Option<Seat> {
        let seat = Seat(Arc::clone(connections));
        // Given back by `drop` if it is one too many.
        let before = connections.now.fetch_add(1, Ordering::Relaxed);
        (before < connections.most).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpSocket, TcpStream};

    #[tokio::test]
    async fn who_is_accepted_has_what_the_listener_has() {
        let listener = TcpSocket::new_v4().expect("a socket");
        listener.set_nodelay(true).expect("it can");
        listener.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let listener = listener.listen(1).expect("it can");
        let address = listener.local_addr().expect("it is bound");
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        assert!(!client.expect("it listens").nodelay().expect("it knows"));
        assert!(accepted.expect("a client").0.nodelay().expect("it knows"));
    }
}
