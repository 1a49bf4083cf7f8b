//! Passes every connection on to another address: what can be reached from in here can then be tried from
//! outside.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

/// Serves for ever.
pub fn serve(port: u16, to: &str) -> io::Result<ExitCode> {
    let listener = TcpListener::bind(("0.0.0.0", port))?;
    println!("passing {} on to {to}", listener.local_addr()?);
    for connection in listener.incoming() {
        let (connection, to) = (connection?, to.to_owned());
        // Without room for one more thread, one client is turned away.
        let started = thread::Builder::new().spawn(move || {
            if let Err(error) = pass_on(&connection, &to) {
                eprintln!("demo-web: {to}: {error}");
            }
        });
        if let Err(error) = started {
            eprintln!("demo-web: {error}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn pass_on(client: &TcpStream, to: &str) -> io::Result<()> {
    let server = TcpStream::connect(to)?;
    thread::scope(|scope| {
        let upwards = scope.spawn(|| copy(client, &server));
        let downwards = copy(&server, client);
        upwards.join().unwrap_or(Ok(())).and(downwards)
    })
}

/// One direction, to its end, which is told to the other side.
fn copy(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to).map(drop);
    // Whoever has gone already needs no telling.
    let _ = to.shutdown(Shutdown::Write);
    copied
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn what_is_said_on_one_side_is_heard_on_the_other() {
        let (front, back) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let to = back.local_addr().unwrap().to_string();
        let mut client = TcpStream::connect(front.local_addr().unwrap()).unwrap();
        let relay = thread::spawn(move || pass_on(&front.accept().unwrap().0, &to));
        let mut server = back.accept().unwrap().0;
        client.write_all(b"question").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "question");
        server.write_all(b"answer").unwrap();
        drop(server);
        heard.clear();
        client.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "answer");
        relay.join().unwrap().unwrap();
    }
}
