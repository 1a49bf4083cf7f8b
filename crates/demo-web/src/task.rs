//! Who we are, as far as the container's surroundings tell.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The endpoint is on this host, or is not there.
const PATIENCE: Duration = Duration::from_millis(300);

pub fn hostname() -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The task's ARN, if there is a metadata endpoint and it answers in time.
pub fn arn() -> Option<String> {
    let endpoint = std::env::var("ECS_CONTAINER_METADATA_URI_V4").ok()?;
    string_field(&fetch(&format!("{endpoint}/task"))?, "TaskARN").map(str::to_owned)
}

fn fetch(url: &str) -> Option<String> {
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut connection =
        TcpStream::connect_timeout(&address.to_socket_addrs().ok()?.next()?, PATIENCE).ok()?;
    connection.set_read_timeout(Some(PATIENCE)).ok()?;
    connection.set_write_timeout(Some(PATIENCE)).ok()?;
    // In one piece: a server that answers its first part and closes would reset the connection, answer and all.
    let request = format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.take(1 << 20).read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.split(' ').nth(1).filter(|status| *status == "200")?;
    Some(body.to_owned())
}

/// A string in a JSON object; enough for an ARN, which needs no escapes.
fn string_field<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = json.split_once(&format!("\"{name}\""))?;
    let value = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    #[test]
    fn the_arn_is_found_in_the_metadata() {
        let json = r#"{"Cluster":"default", "TaskARN" : "arn:aws:ecs:r:1:task/default/abc","Family":"web"}"#;
        assert_eq!(string_field(json, "TaskARN"), Some("arn:aws:ecs:r:1:task/default/abc"));
        assert_eq!(string_field(json, "Revision"), None);
        assert_eq!(string_field(r#"{"TaskARN":null}"#, "TaskARN"), None);
    }

    #[test]
    fn metadata_is_fetched_by_http() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v4/x/task", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut lines = std::io::BufReader::new(&connection);
            while !request.ends_with("\r\n\r\n") && lines.read_line(&mut request).unwrap() > 0 {}
            connection.write_all(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{}").unwrap();
            request
        });
        assert_eq!(fetch(&url).as_deref(), Some("{}"));
        assert!(server.join().unwrap().starts_with("GET /v4/x/task HTTP/1.0\r\n"));
    }
}
