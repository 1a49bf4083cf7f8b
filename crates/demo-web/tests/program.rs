//! The program as the container engine meets it: exit codes, signals, output.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};

fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo-web"));
    command.args(words).stdout(Stdio::piped());
    command
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// The standard library can only send SIGKILL.
fn terminate(child: &Child) {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn it_serves_until_it_is_asked_to_end() {
    let mut child = program(&[]).env("PORT", "0").env("DEMO_COLOUR", "teal").spawn().unwrap();
    let line = first_line(&mut child);
    let port: u16 = line.rsplit(':').next().unwrap().parse().unwrap();
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nHost: demo\r\n\r\n").unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    assert!(page.contains("<dt>DEMO_COLOUR</dt><dd>teal</dd>"), "{page}");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_with_the_code_it_is_told() {
    assert_eq!(program(&["exit", "7"]).status().unwrap().code(), Some(7));
    assert_eq!(program(&["sleep", "0"]).status().unwrap().code(), Some(0));
    assert_eq!(program(&["dance"]).stderr(Stdio::null()).status().unwrap().code(), Some(2));
    assert_eq!(
        program(&[]).env("PORT", "x").stderr(Stdio::null()).status().unwrap().code(),
        Some(1)
    );
}

#[test]
fn the_environment_is_printed_in_order() {
    let output = program(&["print-env"]).env_clear().env("B", "2").env("A", "1").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "A=1\nB=2\n");
}

#[test]
fn what_one_writes_another_finds() {
    let file = std::env::temp_dir().join(format!("demo-web-{}", std::process::id()));
    let file = file.to_str().unwrap();
    let code = |words: &[&str]| program(words).stderr(Stdio::null()).status().unwrap().code();
    assert_eq!(code(&["compare", file, "it"]), Some(1));
    assert_eq!(code(&["write", file, "it"]), Some(0));
    assert_eq!(code(&["compare", file, "it"]), Some(0));
    assert_eq!(code(&["compare", file, "else"]), Some(1));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn packets_come_back() {
    let mut child = program(&["echo-udp"]).env("PORT", "0").spawn().unwrap();
    let line = first_line(&mut child);
    let port: u16 = line.rsplit(':').next().unwrap().parse().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"ping", ("127.0.0.1", port)).unwrap();
    let mut packet = [0; 16];
    let length = socket.recv(&mut packet).unwrap();
    assert_eq!(&packet[..length], b"ping");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn eaten_memory_is_resident() {
    let mut child = program(&["eat-memory", "40"]).spawn().unwrap();
    assert_eq!(first_line(&mut child), "ate 40 MiB");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib >= 40 * 1024, "{kib} KiB");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
