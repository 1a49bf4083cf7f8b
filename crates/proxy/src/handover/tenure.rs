//! Being the one that carries for a directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, fchmod, flock, open};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};
use tokio::net::{UnixListener, UnixStream};

/// Locked by whoever carries, with the number of its process in it.
const LOCK: &str = "lock";
const DOOR: &str = "handover.sock";
/// Those who ask while another one is being answered.
const WAITING: i32 = 16;

/// As long as this is there, or has been given to another process, nobody else begins.
pub struct Tenure {
    lock: File,
    door: UnixListener,
}

impl Tenure {
    /// How many descriptors a tenure is.
    pub(super) const DESCRIPTORS: usize = 2;

    /// None if somebody else has it.
    pub(super) fn begin(folder: &Path) -> io::Result<Option<Tenure>> {
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(LOCK))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let mut tenure = Tenure { lock, door: UnixListener::from_std(listener(folder)?.into())? };
        tenure.write_pid()?;
        Ok(Some(tenure))
    }

    pub(super) fn inherited(descriptors: Vec<OwnedFd>) -> io::Result<Tenure> {
        let [lock, door] = <[OwnedFd; Self::DESCRIPTORS]>::try_from(descriptors)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Tenure { lock: lock.into(), door: UnixListener::from_std(door.into())? })
    }

    pub(super) fn descriptors(&self) -> io::Result<Vec<OwnedFd>> {
        Ok(vec![self.lock.as_fd().try_clone_to_owned()?, self.door.as_fd().try_clone_to_owned()?])
    }

    /// For people, and for whoever finds the lock taken.
    pub(super) fn write_pid(&mut self) -> io::Result<()> {
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        writeln!(self.lock, "{}", std::process::id())
    }

    /// Somebody who asks, and the number of their process. The socket is its owner's; whoever else may open it (root) is let in.
    pub(super) async fn asked(&self) -> io::Result<(UnixStream, Option<i32>)> {
        loop {
            let (stream, _) = self.door.accept().await?;
            let peer = stream.peer_cred()?;
            if [0, rustix::process::geteuid().as_raw()].contains(&peer.uid()) {
                return Ok((stream, peer.pid()));
            }
            tracing::warn!(uid = peer.uid(), "somebody else's process asks to take over");
        }
    }
}

/// Who has the lock, as far as is known.
pub(super) fn holder(folder: &Path) -> String {
    let mut text = String::new();
    let read = File::open(folder.join(LOCK)).and_then(|mut file| file.read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "?".to_owned(),
    }
}

pub(super) async fn knock(folder: &Path) -> io::Result<UnixStream> {
    let (_folder, door) = door(folder)?;
    UnixStream::connect(door).await
}

fn listener(folder: &Path) -> io::Result<OwnedFd> {
    match std::fs::remove_file(folder.join(DOOR)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (_folder, door) = door(folder)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    // What is bound then is nobody else's from its first moment.
    fchmod(&socket, Mode::from_raw_mode(0o600))?;
    bind(&socket, &SocketAddrUnix::new(&*door)?)?;
    listen(&socket, WAITING)?;
    Ok(socket)
}

/// A short name for the socket, good for as long as the folder is open: sockets' names have room for a hundred bytes, folders' do not end there.
fn door(folder: &Path) -> io::Result<(OwnedFd, PathBuf)> {
    use std::os::fd::AsRawFd;
    let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
    let folder = open(folder, flags, Mode::empty())?;
    let door = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(DOOR);
    Ok((folder, door))
}
