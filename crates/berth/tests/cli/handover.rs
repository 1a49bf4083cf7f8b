//! Processes that carry follow one another: clients do not notice.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use berth_test_server::{Home, Launch, Process, get, until};
use rustix::process::{Pid, Signal, kill_process};

use crate::BERTH;
use crate::balancer::{Balancer, PORT, Target};

const PATIENCE: Duration = Duration::from_secs(30);

/// A client that keeps its connection until it is told that it ends.
struct Visitor {
    front: SocketAddr,
    stream: TcpStream,
}

impl Visitor {
    fn come(front: SocketAddr) -> io::Result<Visitor> {
        let stream = TcpStream::connect(front)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Visitor { front, stream })
    }

    fn ask(&mut self, path: &str) -> io::Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: front\r\n\r\n");
        self.stream.write_all(request.as_bytes())?;
        let (mut heard, mut part) = (Vec::new(), [0; 1024]);
        while !heard.ends_with(b"\r\n\r\none") {
            match self.stream.read(&mut part)? {
                0 => return Err(io::Error::other(String::from_utf8_lossy(&heard).into_owned())),
                length => heard.extend_from_slice(&part[..length]),
            }
        }
        let text = String::from_utf8_lossy(&heard);
        if !text.starts_with("HTTP/1.1 200 ") {
            return Err(io::Error::other(text.into_owned()));
        }
        if text.contains("Connection: close\r\n") {
            *self = Visitor::come(self.front)?;
        }
        Ok(())
    }
}

/// What went wrong with requests while this was done, of how many.
fn under_load(front: SocketAddr, act: impl FnOnce()) -> (usize, Vec<String>) {
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    let ask = |ask: &mut dyn FnMut() -> io::Result<()>| {
        while !is_over.load(Ordering::Relaxed) {
            if let Err(error) = ask() {
                failed.lock().expect("nobody panics with it").push(error.to_string());
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| ask(&mut || Visitor::come(front)?.ask("/")));
            scope.spawn(|| {
                let mut visitor = Visitor::come(front).expect("somebody listens");
                ask(&mut || visitor.ask("/"));
            });
        }
        // Whatever ends the test ends those who ask.
        let is_over = End(&is_over);
        act();
        drop(is_over);
    });
    (count.into_inner(), failed.into_inner().expect("nobody panicked with it"))
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One that no test has started itself.
struct Grandchild(Pid);

impl Drop for Grandchild {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = kill_process(self.0, Signal::KILL);
    }
}

/// Who carries for the data directory of this home.
fn carrier(home: &Home) -> Option<u32> {
    let text = std::fs::read_to_string(home.path().join("proxy/lock")).ok()?;
    text.trim().parse().ok()
}

#[test]
fn no_request_fails_while_one_process_follows_another() {
    let home = Home::at_known_address(BERTH);
    let address = home.address().ip();
    let server = home.server();
    let endpoint = format!("https://{}", home.address());
    let proxy_home = crate::home();
    let token = home.token(&[]);
    let lb_address = address.to_string();
    let proxy = || -> Launch<'_> {
        let launch = proxy_home.balancing_at(&endpoint);
        launch.args(&["--token", &token, "--lb-address", &lb_address, "--lb-drain", "1m"])
    };
    let mut running = proxy().start();
    let target = Target::start(address, "one");
    let balancer = Balancer::new(&home, "application", "HTTP");
    balancer.register(target.address, "all");
    let front = SocketAddr::new(address, PORT);
    until("the listener is there", || get(front, "/").map_err(|error| error.to_string()));

    let mut grandchild = None;
    let (count, failed) = under_load(front, || {
        for _ in 0..3 {
            let next = proxy().args(&["--take-over"]).start();
            assert_eq!(carrier(&proxy_home), Some(next.id()));
            let old = std::mem::replace(&mut running, next);
            assert_eq!(old.ended().code(), Some(0), "it has nothing any more");
        }
        // What is under way goes on in the process that has it, while others are asked.
        let slow = thread::spawn(move || Visitor::come(front)?.ask("/slow"));
        target.wait_for_slow(1);
        running.signal(Signal::HUP);
        let next = until("another process carries", || {
            carrier(&proxy_home).filter(|pid| *pid != running.id()).ok_or_else(|| running.log())
        });
        let pid = i32::try_from(next).ok().and_then(Pid::from_raw);
        grandchild = Some(Grandchild(pid.expect("a process has a number")));
        get(front, "/").expect("it is answered");
        assert!(!slow.is_finished(), "nobody has answered it");
        target.open();
        slow.join().expect("nobody panics").expect("it is answered");
    });
    assert!(count > 100 && failed.is_empty(), "{} of {count}: {:?}", failed.len(), failed.first());
    assert_eq!(running.ended().code(), Some(0));

    // The last of them knows of no server, and carries all the same.
    server.kill();
    get(front, "/").expect("it is answered");
    drop(grandchild);
    until("nobody listens", || match TcpStream::connect(front) {
        Ok(_) => Err("somebody does"),
        Err(_) => Ok(()),
    });
}

#[test]
fn everything_on_a_host_is_succeeded_and_its_balancers_do_not_notice() {
    let home = Home::at_known_address(BERTH);
    let address = home.address().ip();
    let lb_address = address.to_string();
    let up = |more: &[&str]| -> Process {
        let arguments = ["--runtime", "fake", "--lb-address", &lb_address];
        home.serving("up").args(&arguments).args(more).start()
    };
    let mut running = up(&[]);
    let target = Target::start(address, "one");
    let balancer = Balancer::new(&home, "application", "HTTP");
    balancer.register(target.address, "all");
    let front = SocketAddr::new(address, PORT);
    until("the listener is there", || get(front, "/").map_err(|error| error.to_string()));
    let (count, failed) = under_load(front, || {
        for _ in 0..2 {
            let next = up(&["--take-over"]);
            let old = std::mem::replace(&mut running, next);
            assert_eq!(old.ended().code(), Some(0));
        }
    });
    assert!(count > 100 && failed.is_empty(), "{} of {count}: {:?}", failed.len(), failed.first());
    balancer.delete();
    assert_eq!(running.terminate().code(), Some(0));
}

#[test]
fn nobody_is_succeeded_by_accident() {
    let home = Home::at_known_address(BERTH);
    let up = home.up("none");
    let arguments = ["up", "--runtime", "none", "--listen", "127.0.0.1:0"];
    let output = home.command(&arguments).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    let expected = format!("process {} carries for", up.id());
    assert!(message.contains(&expected) && message.contains("--take-over"), "{message}");
    assert_eq!(up.terminate().code(), Some(0));
}
