//! Telling systemd how far this process is (`Type=notify`): a datagram to the socket that it names.
//!
//! Without `NOTIFY_SOCKET` nobody wants to know. One that cannot be reached is no reason not to serve.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Ready,
    Stopping,
    /// The service goes on in this process.
    MainProcess(i32),
}

pub fn tell(state: State) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, ?state, socket = %socket.display(), "systemd could not be told");
    }
}

fn send(socket: &OsStr, state: State) -> io::Result<()> {
    let text = match state {
        State::Ready => "READY=1".to_owned(),
        State::Stopping => "STOPPING=1".to_owned(),
        State::MainProcess(pid) => format!("MAINPID={pid}"),
    };
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(listener: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let length = listener.recv(&mut buffer).expect("something was sent");
        String::from_utf8(buffer[..length].to_vec()).expect("text")
    }

    #[test]
    fn a_socket_in_a_folder_hears_it() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("it can be made");
        send(path.as_os_str(), State::Ready).expect("somebody listens");
        send(path.as_os_str(), State::Stopping).expect("somebody listens");
        send(path.as_os_str(), State::MainProcess(77)).expect("somebody listens");
        assert_eq!([heard(&listener), heard(&listener)], ["READY=1", "STOPPING=1"]);
        assert_eq!(heard(&listener), "MAINPID=77");
        drop(listener);
        send(path.as_os_str(), State::Ready).expect_err("nobody listens");
    }

    #[test]
    fn so_does_one_without_a_file() {
        let name = format!("berth-notify-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a short name");
        let listener = UnixDatagram::bind_addr(&address).expect("it can be made");
        send(OsStr::new(&format!("@{name}")), State::Ready).expect("somebody listens");
        assert_eq!(heard(&listener), "READY=1");
    }
}
