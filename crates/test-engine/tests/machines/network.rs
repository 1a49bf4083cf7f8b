//! Hosts reach each other, until they are cut off, filled up or destroyed.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::time::Duration;

use berth_runtime::{ContainerSpec, Runtime};
use berth_test_engine::{Host, Network, demo_program, persist};

use crate::traces::Traces;

const PORT: u16 = 8080;
/// Long for an answer on one machine, short for a test.
const NO_ANSWER: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that answers, and ends with the test.
struct Serving(Child);

impl Serving {
    fn on(mut command: std::process::Command) -> Self {
        Self(command.env("PORT", PORT.to_string()).spawn().unwrap())
    }

    fn in_network(network: &Network) -> Self {
        Self::on(network.command(demo_program().unwrap().to_str().unwrap()))
    }

    fn on_host(host: &Host) -> Self {
        Self::on(host.command(demo_program().unwrap().to_str().unwrap()))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn connected(connect: impl Fn() -> std::io::Result<TcpStream>) -> TcpStream {
    persist(connect).unwrap()
}

fn ask(connection: &mut TcpStream) {
    write!(connection, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
}

/// The kind of error that came instead of an answer, if one did.
fn answer(connection: &mut TcpStream, patience: Duration) -> Result<String, ErrorKind> {
    connection.set_read_timeout(Some(patience)).unwrap();
    let mut answer = [0; 15];
    connection.read_exact(&mut answer).map_err(|error| error.kind())?;
    Ok(String::from_utf8(answer.to_vec()).unwrap())
}

#[test]
fn a_host_reaches_servers_and_other_hosts_until_it_is_cut_off() {
    let Some(network) = Network::for_test().unwrap() else { return };
    let [one, two] = network.hosts(["one", "two"]).unwrap();
    let _server = Serving::in_network(&network);
    let _on_two = Serving::on_host(&two);
    let server = SocketAddr::from((network.address(), PORT));
    let at_two = SocketAddr::from((two.address(), PORT));
    for (from, to) in [(&one, server), (&two, server), (&one, at_two)] {
        let mut connection = connected(|| from.connect(to));
        ask(&mut connection);
        assert_eq!(answer(&mut connection, PATIENCE).unwrap(), "HTTP/1.1 200 OK", "{to}");
    }
    let mut of_the_test = connected(|| network.connect(at_two));
    ask(&mut of_the_test);
    assert_eq!(answer(&mut of_the_test, PATIENCE).unwrap(), "HTTP/1.1 200 OK");
    let name = one.command("uname").arg("-n").output().unwrap();
    assert_eq!(String::from_utf8(name.stdout).unwrap(), "one\n");
    assert_eq!(one.name(), "one");

    let mut before = connected(|| one.connect(server));
    one.cut().unwrap();
    ask(&mut before);
    assert_eq!(answer(&mut before, NO_ANSWER).unwrap_err(), ErrorKind::WouldBlock);
    let mut of_the_other = connected(|| two.connect(server));
    ask(&mut of_the_other);
    assert_eq!(answer(&mut of_the_other, PATIENCE).unwrap(), "HTTP/1.1 200 OK");
    one.heal().unwrap();
    assert_eq!(answer(&mut before, PATIENCE).unwrap(), "HTTP/1.1 200 OK", "the request came late");
}

#[test]
fn a_destroyed_host_says_nothing_and_leaves_nothing() {
    let Some(network) = Network::for_test().unwrap() else { return };
    let host = network.host("doomed").unwrap();
    let _serving = Serving::on_host(&host);
    let mut connection = connected(|| network.connect((host.address(), PORT).into()));
    let (of_host, of_network) =
        (Traces::of(host.engine.directory()), Traces::of(network.directory()));
    assert!(
        of_host.found().len() > 3 && of_network.found().len() > 1,
        "they are found while they are"
    );
    host.destroy().unwrap();
    assert_eq!(of_host.found(), Vec::<String>::new());
    let silence = answer(&mut connection, NO_ANSWER).unwrap_err();
    assert_eq!(silence, ErrorKind::WouldBlock, "not even the end of the connection was told");
    // Another takes its place, in the same network.
    let next = network.host("doomed").unwrap();
    drop(network);
    assert!(of_network.found().len() > 1, "a network lives as long as a host on it");
    drop(next);
    assert_eq!(of_network.found(), Vec::<String>::new());
}

#[tokio::test]
async fn a_full_disk_is_full_until_it_is_freed() {
    let Some(network) = Network::for_test().unwrap() else { return };
    let host = network.host("small").unwrap();
    let image = host.engine.load_demo_image().await.unwrap();
    let runtime = host.engine.runtime("test");
    host.fill_disk().unwrap();
    let error = runtime.create(&ContainerSpec::new("one", image)).await.unwrap_err();
    assert!(error.to_string().contains("no space left on device"), "{error}");
    let mut write = host.command("sh");
    write.args(["-c", "echo x > \"$0\""]).arg(host.disk().join("x"));
    assert!(!write.status().unwrap().success(), "the directory is on the same disk");
    host.free_disk().unwrap();
    runtime.create(&ContainerSpec::new("one", image)).await.unwrap();
}
