//! HTTP/1.1, as much as a page needs: one request per connection, a thread for each.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::{echo, page};

/// A client that sends or takes nothing for this long is left.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_HEAD: u64 = 16 * 1024;

struct Answer {
    status: &'static str,
    content_type: &'static str,
    body: String,
}

/// What there is beside the page, by its path: plain text.
type Texts = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Serves for ever.
pub fn serve(
    listener: &TcpListener,
    texts: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> io::Result<ExitCode> {
    let texts: Arc<Texts> = Arc::new(texts);
    for connection in listener.incoming() {
        let connection = connection?;
        let texts = texts.clone();
        let conversation = move || {
            if let Err(error) = converse(&connection, &*texts) {
                eprintln!("demo-web: {error}");
            }
        };
        // Without room for one more thread, one client is turned away.
        if let Err(error) = thread::Builder::new().spawn(conversation) {
            eprintln!("demo-web: {error}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn converse(connection: &TcpStream, texts: &Texts) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(connection.take(LONGEST_HEAD));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    // Most headers say nothing that matters, but a connection closed with unread bytes is reset.
    let mut web_socket_key = None;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        web_socket_key = echo::web_socket_key(&header).or(web_socket_key);
        header.clear();
    }
    if let Some(key) = web_socket_key
        && request.starts_with("GET /echo HTTP/1.")
    {
        let begun = reader.buffer().to_vec();
        return echo::echo(connection, &key, begun);
    }
    let (answer, with_body) = answer(request.trim_end(), texts);
    let mut writer = connection;
    let Answer { status, content_type, body } = answer;
    write!(
        writer,
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{}",
        body.len(),
        if with_body { body.as_str() } else { "" },
    )?;
    writer.flush()
}

/// What a request line gets, and whether its body is sent or only described.
fn answer(request: &str, texts: &Texts) -> (Answer, bool) {
    let plain = |status, body: &str| Answer {
        status,
        content_type: "text/plain",
        body: format!("{body}\n"),
    };
    let words: Vec<&str> = request.split(' ').collect();
    let [method, target, version] = words[..] else {
        return (plain("400 Bad Request", "not an HTTP request"), true);
    };
    if !version.starts_with("HTTP/1.") {
        return (plain("505 HTTP Version Not Supported", "HTTP/1.1 only"), true);
    }
    if method != "GET" && method != "HEAD" {
        return (plain("405 Method Not Allowed", "GET and HEAD only"), true);
    }
    let path = target.split('?').next().unwrap_or_default();
    let answer = match path {
        "/" => Answer {
            status: "200 OK",
            content_type: "text/html",
            body: page::render(&page::facts()),
        },
        "/health" => plain("200 OK", "ok"),
        _ => match texts(path) {
            Some(body) => Answer { body, ..plain("200 OK", "") },
            None if path == "/echo" => plain("426 Upgrade Required", "this is for WebSockets"),
            None => plain("404 Not Found", "there is one page, /"),
        },
    };
    (answer, method == "GET")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let texts = |path: &str| (path == "/more").then(|| "more\n".to_owned());
        let server = thread::spawn(move || converse(&listener.accept().unwrap().0, &texts));
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        server.join().unwrap().unwrap();
        answer
    }

    #[test]
    fn the_page_is_served() {
        let answer = get("GET /?x=1 HTTP/1.1\r\nHost: demo\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html"), "{answer}");
        assert!(answer.ends_with("</html>\n"), "{answer}");
    }

    #[test]
    fn head_describes_what_get_sends() {
        let length = |answer: &str| {
            let line = answer.lines().find(|line| line.starts_with("Content-Length")).unwrap();
            line.to_owned()
        };
        let head = get("HEAD /health HTTP/1.1\r\n\r\n");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        assert_eq!(length(&head), length(&get("GET /health HTTP/1.1\r\n\r\n")));
    }

    #[test]
    fn what_is_no_request_for_the_page_is_told_so() {
        assert!(get("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
        assert!(get("GET /../etc/passwd HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(get("GET / HTTP/2\r\n\r\n").starts_with("HTTP/1.1 505 "));
        assert!(get("GET /more?x HTTP/1.1\r\n\r\n").ends_with("\r\n\r\nmore\n"));
        assert!(get("GET /echo HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 426 "));
        assert!(get("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    }
}
