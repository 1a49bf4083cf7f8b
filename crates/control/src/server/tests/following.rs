//! Three servers of one cell, on real sockets: who answers what, and what the client sees of it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use berth_aws_api::fixture as api;
use berth_store::MemoryStore;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use minicbor::{Decode, Encode};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::audit::{Audit, Line};
use crate::cell::{Cell, Options, Standing};
use crate::env::{Env, SystemClock};
use crate::metrics::Metrics;
use crate::pipeline::access::AccessTable;
use crate::pipeline::authenticate::{SigV4Authenticator, StaticCredentials};
use crate::pipeline::following::{
    FollowingOptions, ForwardingKey, HttpRelay, Relay, RelayError, Tunnelled,
};
use crate::pipeline::tests::world::{KEY, NOW, body, lines, put_text, signed};
use crate::pipeline::throttle::Category;
use crate::pipeline::websocket::{Opening, Session, Socket, SocketRefusal};
use crate::pipeline::{
    AllowAll, Call, CommonError, EndpointBuilder, EndpointOptions, Failure, ServiceBuilder, query,
};
use crate::server::{Listeners, PlainHttp, Server, ServerOptions};
use crate::tables::{Record, Schema, TableId};
use crate::tls::Certificates;
use crate::tls::tests::Files;

/// A text under a name.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
struct Note {
    #[n(0)]
    name: String,
    #[n(1)]
    text: String,
}

impl Record for Note {
    const TABLE: TableId = TableId::new(1, "notes");
    type Key = String;
    type Indexes = ();

    fn key(&self) -> String {
        self.name.clone()
    }

    crate::record_codec!();
}

struct Notes {
    cell: Cell,
    begun: Semaphore,
    gate: Semaphore,
}

static RATES: &[Category] =
    &[Category::new("All", (1, 1), &["PutText", "Read", "Whereabouts", "Talk"])];

fn service(notes: &Arc<Notes>) -> ServiceBuilder<Notes> {
    let table = AccessTable::new("fixture")
        .operation::<api::ops::PutText>(|ask, _| ask.wants.nothing())
        .path("/fixture/read", "Read", |_, _| {})
        .path("/fixture/whereabouts", "Whereabouts", |_, _| {})
        .path("/fixture/ws", "Talk", |_, _| {});
    ServiceBuilder::new(notes.clone(), table)
        .rates(RATES)
        .at_leader(&["/fixture/whereabouts"])
        .operation::<api::ops::PutText, _, _>(put)
        .signed_route(Method::GET, "/fixture/read", read)
        .signed_route(Method::GET, "/fixture/whereabouts", whereabouts)
        .websocket("/fixture/ws", talk)
}

/// Says who is there, and then what it hears.
async fn talk(notes: Arc<Notes>, call: Call, _: Opening) -> Result<Session, SocketRefusal> {
    let leads = notes.cell.standing() == Standing::Leading;
    let greeting = format!("{leads} for {}", call.source);
    Ok(Session::new(move |mut socket: Socket| async move {
        let mut next = Some(greeting);
        while let Some(text) = next {
            if socket.outgoing.send(text).await.is_err() {
                return;
            }
            next = tokio::select! {
                text = socket.incoming.recv() => text,
                _ = notes.cell.failed() => None,
            };
        }
    }))
}

/// `wait` writes, and waits then.
async fn put(
    notes: Arc<Notes>,
    _: Call,
    input: api::PutTextRequest,
) -> Result<api::PutTextResponse, Failure<api::Error>> {
    let (name, text) = (input.name.unwrap_or_default(), input.text.unwrap_or_default());
    let waits = name == "wait";
    let note = Note { name, text: text.clone() };
    notes
        .cell
        .write(move |tx| {
            tx.put(note);
            Ok::<_, Failure<api::Error>>(())
        })
        .await?;
    if waits {
        notes.begun.add_permits(1);
        notes.gate.acquire().await.unwrap().forget();
    }
    Ok(api::PutTextResponse { text: Some(text) })
}

async fn read(
    notes: Arc<Notes>,
    call: Call,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let name = query::parameters(request.uri()).next().expect("a name").1.into_owned();
    if name == "who" {
        return Ok(Response::new(format!("{} {}", call.source, call.secure).into()));
    }
    let snapshot = notes.cell.snapshot();
    let text = snapshot.get::<Note>(&name).map(|note| note.text.clone());
    Ok(Response::new(text.unwrap_or_else(|| "nothing".to_owned()).into()))
}

async fn whereabouts(
    notes: Arc<Notes>,
    call: Call,
    _: Request<Bytes>,
) -> Result<Response<Bytes>, CommonError> {
    let leads = notes.cell.standing() == Standing::Leading;
    Ok(Response::new(format!("{leads} for {}", call.source).into()))
}

/// What happens to requests between servers.
#[derive(Clone, Debug)]
enum Fault {
    /// So many go to this server.
    Astray(String, usize),
    /// The leader does it, and nobody hears of it.
    Unheard,
}

struct Wire {
    real: HttpRelay,
    fault: Mutex<Option<Fault>>,
    sent: AtomicUsize,
}

#[async_trait]
impl Relay for Arc<Wire> {
    async fn relay(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, RelayError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut fault = self.fault.lock().unwrap();
            match &mut *fault {
                Some(Fault::Astray(_, 0)) => None,
                Some(Fault::Astray(to, left)) => {
                    *left -= 1;
                    Some(Fault::Astray(to.clone(), 0))
                }
                other => other.clone(),
            }
        };
        match fault {
            Some(Fault::Astray(to, _)) => self.real.relay(&to, request).await,
            Some(Fault::Unheard) => {
                self.real.relay(server, request).await?;
                Err(RelayError::Unknown(anyhow::anyhow!("the wire was cut")))
            }
            None => self.real.relay(server, request).await,
        }
    }

    async fn tunnel(&self, server: &str, request: Request<Bytes>) -> Result<Tunnelled, RelayError> {
        self.real.tunnel(server, request).await
    }
}

struct Node {
    store: MemoryStore,
    cell: Cell,
    notes: Arc<Notes>,
    server: Server,
    metrics: Metrics,
    lines: Receiver<Line>,
    wire: Arc<Wire>,
    port: u16,
}

impl Node {
    async fn start(store: MemoryStore, files: &Files, seed: u64) -> Node {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listeners = Listeners::bind(&[any]).await.unwrap();
        let port = listeners.addresses()[0].port();
        let own_address = format!("https://127.0.0.1:{port}");
        let mut schema = Schema::new();
        schema.table::<Note>();
        let options = Options { candidate: own_address.clone(), ..Options::default() };
        let cell = Cell::follow(Arc::new(store.clone()), schema, options).await.unwrap();
        let (begun, gate) = (Semaphore::new(0), Semaphore::new(0));
        let notes = Arc::new(Notes { cell: cell.clone(), begun, gate });
        let (audit, lines) = Audit::channel();
        let metrics = Metrics::new();
        let wire = Arc::new(Wire {
            real: HttpRelay::new(&files.certificate).unwrap(),
            fault: Mutex::default(),
            sent: AtomicUsize::new(0),
        });
        let keys = StaticCredentials::new().with_administrator(KEY.0, KEY.1);
        let endpoint = EndpointBuilder::new(EndpointOptions {
            env: Env::seeded(seed, NOW),
            account: "123456789012".parse().unwrap(),
            default_region: "home".parse().unwrap(),
            authenticator: Arc::new(SigV4Authenticator::new(keys)),
            authorizer: Arc::new(AllowAll),
            metrics: metrics.clone(),
        })
        .service(service(&notes))
        .audit(audit)
        .following(FollowingOptions {
            cell: cell.clone(),
            own_address,
            relay: Arc::new(wire.clone()),
            key: ForwardingKey::new(&[7; 32]),
        })
        .build()
        .unwrap();
        let certificates = Certificates::new(files.authority(), Vec::new(), Arc::new(SystemClock));
        let options = ServerOptions {
            certificates: Some(Arc::new(certificates.unwrap())),
            plain_http: PlainHttp::Always,
            ..ServerOptions::default()
        };
        let server = Server::serve(endpoint, listeners, options);
        Node { store, cell, notes, server, metrics, lines, wire, port }
    }

    fn put(&self, name: &str, text: &str) -> Request<Bytes> {
        let mut request = put_text(name, text);
        *request.uri_mut() = format!("http://127.0.0.1:{}/", self.port).parse().unwrap();
        signed(request)
    }

    fn get(&self, path: &str) -> Request<Bytes> {
        let uri = format!("http://127.0.0.1:{}{path}", self.port);
        signed(Request::get(uri).body(Bytes::new()).unwrap())
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        send(request).await
    }

    async fn write(&self, name: &str, text: &str) -> StatusCode {
        self.send(self.put(name, text)).await.status()
    }

    async fn read(&self, name: &str) -> String {
        let answer = self.send(self.get(&format!("/fixture/read?name={name}"))).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        String::from_utf8(answer.body().to_vec()).unwrap()
    }

    /// A web socket, from the client's address.
    async fn open(&self) -> WebSocketStream<TcpStream> {
        let mut request = self.get("/fixture/ws");
        let headers = request.headers_mut();
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let host = format!("127.0.0.1:{}", self.port);
        headers.insert("host", host.parse().unwrap());
        *request.uri_mut() = format!("ws://{host}/fixture/ws").parse().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((CLIENT, 0).into()).unwrap();
        let stream = socket.connect((Ipv4Addr::LOCALHOST, self.port).into()).await.unwrap();
        client_async(request.map(drop), stream).await.unwrap().0
    }

    async fn leads(&self) {
        let standing = self.cell.until(|it| !matches!(it, Standing::Following { .. })).await;
        assert_eq!(standing, Standing::Leading);
    }

    fn told(&mut self) -> Vec<serde_json::Value> {
        let mut told = Vec::new();
        while let Ok(line) = self.lines.try_recv() {
            told.push(serde_json::from_slice(&line).unwrap());
        }
        told
    }

    fn forwarded(&self) -> Vec<String> {
        lines(&self.metrics, "berth_forwarded_requests_total")
            .into_iter()
            .filter(|line| !line.ends_with(" 0"))
            .collect()
    }
}

/// From another address than the servers have.
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

async fn send(request: Request<Bytes>) -> Response<Bytes> {
    let mut connector = HttpConnector::new();
    connector.set_local_address(Some(IpAddr::V4(CLIENT)));
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let (head, body) = client.request(request.map(Full::new)).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// The first leads.
async fn three() -> [Node; 3] {
    let (store, files) = (MemoryStore::new(), Files::new());
    let one = Node::start(store.clone(), &files, 1).await;
    one.leads().await;
    let two = Node::start(store.peer(), &files, 2).await;
    let three = Node::start(store.peer(), &files, 3).await;
    [one, two, three]
}

#[tokio::test]
async fn whoever_writes_through_one_server_reads_it_through_any_other() {
    let nodes = three().await;
    for turn in 0..30 {
        let text = format!("turn {turn}");
        assert_eq!(nodes[turn % 3].write("note", &text).await, 200);
        for reader in [turn + 1, turn + 2] {
            assert_eq!(nodes[reader % 3].read("note").await, text);
        }
    }
    assert_eq!(nodes[0].forwarded(), Vec::<String>::new());
    for follower in &nodes[1..] {
        let counted = "berth_forwarded_requests_total{outcome=\"answered\"} 10";
        assert_eq!(follower.forwarded(), [counted], "reads are its own");
    }
}

#[tokio::test]
async fn many_clients_each_read_what_they_wrote() {
    let nodes = Arc::new(three().await);
    let clients = (0..16).map(|client: usize| {
        let nodes = nodes.clone();
        tokio::spawn(async move {
            let name = format!("note {client}").replace(' ', "-");
            for turn in 0..15 {
                let text = format!("{client} {turn}");
                assert_eq!(nodes[(client + turn) % 3].write(&name, &text).await, 200);
                assert_eq!(nodes[(client * 7 + turn * 5) % 3].read(&name).await, text);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let all = nodes.iter().map(|node| node.cell.snapshot().table::<Note>().len());
    nodes[1].cell.caught_up().await.unwrap();
    nodes[2].cell.caught_up().await.unwrap();
    assert_eq!(all.collect::<Vec<_>>(), [16, 16, 16]);
}

#[tokio::test]
async fn the_leader_tells_the_audit_of_the_client_and_not_of_its_peer() {
    let mut nodes = three().await;
    let answer = nodes[1].send(nodes[1].put("note", "text")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(body(&answer)["Text"], "text");
    assert_eq!(nodes[1].told(), Vec::<serde_json::Value>::new(), "one call is told of once");
    let told = nodes[0].told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["sourceIPAddress"], CLIENT.to_string());
    assert_eq!(told[0]["requestID"], answer.headers()["x-amzn-requestid"].to_str().unwrap());

    // What only looks like a read is the leader's, and it knows whom it answers.
    let answer = nodes[2].send(nodes[2].get("/fixture/whereabouts")).await;
    assert_eq!(answer.body(), &format!("true for {CLIENT}"));
    // Between servers there is TLS; the client came without.
    assert_eq!(nodes[2].read("who").await, format!("{CLIENT} false"));
}

#[tokio::test]
async fn a_client_that_claims_to_be_a_server_is_not_believed() {
    let mut nodes = three().await;
    for node in [0, 1] {
        for forged in ["v1 10.0.0.1 tls 00010203-0405-4607-8809-0a0b0c0d0e0f 1 00", "", "v1"] {
            let mut request = nodes[node].put("note", "text");
            request.headers_mut().insert("x-berth-forwarded", forged.parse().unwrap());
            assert_eq!(nodes[node].send(request).await.status(), 200);
            let told = nodes[0].told();
            assert_eq!(told[0]["sourceIPAddress"], CLIENT.to_string(), "{forged} to {node}");
        }
    }
}

#[tokio::test]
async fn a_request_is_passed_on_once() {
    let nodes = three().await;
    let astray = Fault::Astray(format!("https://127.0.0.1:{}", nodes[2].port), 3);
    *nodes[1].wire.fault.lock().unwrap() = Some(astray);
    assert_eq!(nodes[1].write("note", "text").await, 200, "the leader is found in the end");
    assert_eq!(nodes[1].wire.sent.load(Ordering::SeqCst), 4);
    assert_eq!(nodes[2].wire.sent.load(Ordering::SeqCst), 0, "it was told by a server");
    let counted = nodes[1].forwarded();
    assert!(counted.iter().any(|line| line.ends_with("{outcome=\"not-done\"} 3")), "{counted:?}");
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let nodes = three().await;
    *nodes[1].wire.fault.lock().unwrap() = Some(Fault::Unheard);
    let answer = nodes[1].send(nodes[1].put("note", "once")).await;
    assert_eq!(answer.status(), 503, "clients try this again by themselves");
    assert!(body(&answer)["message"].as_str().unwrap().contains("may have been done"));
    assert_eq!(nodes[1].wire.sent.load(Ordering::SeqCst), 1);
    assert_eq!(nodes[2].read("note").await, "once");
}

#[tokio::test]
async fn a_web_socket_reaches_the_leader_through_any_server() {
    let nodes = three().await;
    let mut sockets = Vec::new();
    for node in &nodes {
        let mut socket = node.open().await;
        let heard = socket.next().await.unwrap().unwrap();
        assert_eq!(heard, Message::text("true for 127.0.0.9"), "the client's own address");
        socket.send(Message::text("echo")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("echo"));
        sockets.push(socket);
    }
    // With the leader its sockets end, wherever they came in.
    nodes[0].store.crash();
    for mut socket in sockets {
        while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
    }
    let mut again = nodes[0].open().await;
    let heard = again.next().await.unwrap().unwrap();
    assert_eq!(heard, Message::text("true for 127.0.0.9"), "of whoever leads now");
}

#[tokio::test]
async fn a_leader_that_is_lost_has_a_successor_and_its_clients_go_on() {
    let nodes = three().await;
    assert_eq!(nodes[0].write("note", "before").await, 200);
    nodes[0].store.crash();
    nodes[0].cell.failed().await;
    // It serves still; but nothing of what it knew.
    assert_eq!(nodes[0].read("note").await, "before");
    for (turn, node) in nodes.iter().enumerate() {
        let text = format!("after {turn}");
        assert_eq!(node.write("note", &text).await, 200);
        assert_eq!(nodes[0].read("note").await, text);
    }
    let late = nodes[0].cell.write(|tx| {
        tx.put(Note { name: "note".to_owned(), text: "late".to_owned() });
        Ok::<_, Infallible>(())
    });
    late.await.unwrap_err();
    assert_eq!(nodes[1].read("note").await, "after 2");
}

#[tokio::test]
async fn a_leader_that_was_replaced_while_it_worked_does_not_answer_from_the_past() {
    let nodes = three().await;
    let answer = tokio::spawn(send(nodes[0].put("wait", "text")));
    nodes[0].notes.begun.acquire().await.unwrap().forget();
    nodes[0].store.crash();
    nodes[0].notes.gate.add_permits(1);
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(body(&answer)["message"].as_str().unwrap().contains("prove"), "{answer:?}");
}

#[tokio::test]
async fn a_leader_that_closes_hands_over_and_still_has_its_clients_answered() {
    let nodes = three().await;
    assert_eq!(nodes[0].write("note", "before").await, 200);
    nodes[0].cell.close().await.unwrap();
    assert_eq!(nodes[0].write("note", "after").await, 200, "by whoever leads now");
    assert_eq!(nodes[2].read("note").await, "after");
    let [one, ..] = nodes;
    one.server.shutdown().await;
}
