//! What a launch asks of Docker: every request is time that a task waits, and work for an engine that is busy.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use berth_test_server::json;

use super::{container, definition};
use crate::ecs::Ecs;
use crate::host::Host;

#[test]
fn a_container_is_created_and_started_and_looked_at_once_at_most() {
    let Some(host) = Host::for_test() else { return };
    let overheard = Overheard::between(&host.engine.socket(), host.home.path().join("docker.sock"));
    let _up = host.home.serving("up").env("DOCKER_HOST", &overheard.address()).start();
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);

    let plain = |name: &str| container(name, json!({}));
    let chosen_port = json!({ "portMappings": [{ "containerPort": 80, "hostPort": 0 }] });
    let containers = json!([plain("a"), plain("b"), container("c", chosen_port)]);
    let registered = ecs.register(definition("asked", containers));
    overheard.forget();
    let task = ecs.run(&registered);
    ecs.wait(&task, "RUNNING");

    let asked = overheard.requests();
    let count = |word: &str| asked.iter().filter(|request| request.contains(word)).count();
    assert_eq!((count("/containers/create"), count("/start")), (3, 3), "{asked:#?}");
    // Which port it got is known to the engine alone. Usage is read of whatever runs, every ten seconds, and the first
    // time looks where; a container that was looked at anyway is not looked at again.
    assert!(count("/json") <= 3, "{asked:#?}");
    assert_eq!(asked.len(), 6 + count("/json"), "{asked:#?}");
}

/// A socket that passes everything on to an engine, and knows what was asked.
struct Overheard {
    socket: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Overheard {
    fn between(engine: &Path, socket: PathBuf) -> Overheard {
        let listener = UnixListener::bind(&socket).expect("the home can be written to");
        let (engine, requests) = (engine.to_owned(), Arc::new(Mutex::new(Vec::new())));
        let heard = requests.clone();
        // Ends with the test's process; each connection's threads end with its client.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("the listener lives as long as the test");
                let engine = UnixStream::connect(&engine).expect("the engine listens");
                let (to_client, from_engine) = (client.try_clone(), engine.try_clone());
                let (to_client, from_engine) =
                    (to_client.expect("a descriptor"), from_engine.expect("a descriptor"));
                let heard = heard.clone();
                thread::spawn(move || carry(client, engine, |bytes| note(&heard, bytes)));
                thread::spawn(move || carry(from_engine, to_client, |_| {}));
            }
        });
        Overheard { socket, requests }
    }

    fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    fn forget(&self) {
        self.requests.lock().expect("no thread panics with it").clear();
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panics with it").clone()
    }
}

fn carry(mut from: UnixStream, mut to: UnixStream, mut hear: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        hear(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // Whoever is gone already needs no goodbye.
    let _ = to.shutdown(Shutdown::Write);
}

/// A client writes a request's head at once, so that it begins where something read begins.
fn note(heard: &Mutex<Vec<String>>, bytes: &[u8]) {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    if let Some(request) =
        std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix(" HTTP/1.1"))
    {
        heard.lock().expect("no thread panics with it").push(request.to_owned());
    }
}
