//! A directory and an address that no other living process has.
//!
//! Both are made of this process's id. Linux answers on all of 127.0.0.0/8, so addresses are plenty.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "berth-etcd-";

/// Removed when it is dropped.
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        remove_those_of_the_dead();
        let name = format!("{PREFIX}{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary directory can be written to");
        Home { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What is left is removed by the next test.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn remove_those_of_the_dead() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split_once('-'));
        if let Some((owner, _)) = owner
            && !Path::new("/proc").join(owner).exists()
        {
            // Another test may be doing the same.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// So many addresses on which nobody else listens: they are of an IP address that is this process's alone. Whoever listens on all
/// IP addresses may still come before.
pub(crate) fn addresses(count: usize) -> Vec<SocketAddrV4> {
    let id = process::id();
    let [_, high, middle, low] = (id << 2).to_be_bytes();
    // Ids of processes have 22 bits, which leaves two; 127.0.0.x is for others.
    let ip = Ipv4Addr::new(127, high | 0x80, middle, low | 1);
    // All at once, or one could be had twice.
    let bound: Vec<_> = (0..count)
        .map(|_| TcpListener::bind((ip, 0)).expect("a loopback address can be bound"))
        .collect();
    let port = |listener: &TcpListener| listener.local_addr().expect("it is bound").port();
    bound.iter().map(|listener| SocketAddrV4::new(ip, port(listener))).collect()
}
