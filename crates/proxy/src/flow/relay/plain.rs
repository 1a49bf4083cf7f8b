//! Between two sockets, as it is.

use std::io;

use rustix::net::{Shutdown, shutdown};
use tokio::net::TcpStream;

use super::{Chunk, Meter, Side};

pub(in crate::flow) async fn plain(
    client: &TcpStream,
    target: &TcpStream,
    meter: Meter<'_>,
) -> Result<(), Side> {
    let up = pump(client, target, meter);
    let down = pump(target, client, meter);
    let broken = |broken, from, to| match broken {
        Broken::From => from,
        Broken::To => to,
    };
    tokio::try_join!(async { up.await.map_err(|b| broken(b, Side::Client, Side::Target)) }, async {
        down.await.map_err(|b| broken(b, Side::Target, Side::Client))
    },)
    .map(|_| ())
}

enum Broken {
    From,
    To,
}

/// One direction, until the end of what is sent, which is passed on.
async fn pump(from: &TcpStream, to: &TcpStream, meter: Meter<'_>) -> Result<(), Broken> {
    loop {
        from.readable().await.map_err(|_| Broken::From)?;
        // Two that are fast would keep this thread to themselves.
        tokio::task::consume_budget().await;
        let mut chunk = Chunk::take();
        let read = match from.try_read(&mut chunk) {
            Ok(0) => {
                // Whoever broke off already is noticed by the other direction.
                let _ = shutdown(to, Shutdown::Write);
                return Ok(());
            }
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(_) => return Err(Broken::From),
        };
        let mut rest = &chunk[..read];
        while !rest.is_empty() {
            match to.try_write(rest) {
                Ok(written) => {
                    meter.carried(written);
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    to.writable().await.map_err(|_| Broken::To)?;
                }
                Err(_) => return Err(Broken::To),
            }
        }
    }
}
