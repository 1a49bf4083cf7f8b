//! The commands: what the words mean, and doing it.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::{self, sleep};
use std::time::Duration;

use crate::{relay, router, server, terminate};

#[derive(Debug, PartialEq)]
pub enum Command {
    Serve,
    Exit(u8),
    Sleep(Duration),
    PrintEnv,
    EatMemory { mib: usize },
    IgnoreTerm,
    EchoUdp,
    Relay { to: String },
    RouteLogs,
    Write { file: PathBuf, text: String },
    Compare { file: PathBuf, text: String },
}

const DEFAULT_PORT: u16 = 80;
const DEFAULT_ECHO_PORT: u16 = 7;

impl Command {
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let number = |word: &str| format!("`{word}` is not a number that makes sense here");
        match words.as_slice() {
            [] => Ok(Self::Serve),
            ["exit", code] => code.parse().map(Self::Exit).map_err(|_| number(code)),
            ["sleep", seconds] => {
                let time = seconds
                    .parse()
                    .ok()
                    .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                time.map(Self::Sleep).ok_or_else(|| number(seconds))
            }
            ["print-env"] => Ok(Self::PrintEnv),
            ["eat-memory", mib] => {
                mib.parse().map(|mib| Self::EatMemory { mib }).map_err(|_| number(mib))
            }
            ["ignore-term"] => Ok(Self::IgnoreTerm),
            ["echo-udp"] => Ok(Self::EchoUdp),
            ["relay", to] => Ok(Self::Relay { to: (*to).to_owned() }),
            ["route-logs"] => Ok(Self::RouteLogs),
            ["write", file, text] => Ok(Self::Write { file: file.into(), text: text.to_string() }),
            ["compare", file, text] => {
                Ok(Self::Compare { file: file.into(), text: text.to_string() })
            }
            other => Err(format!("unknown command `{}`", other.join(" "))),
        }
    }

    pub fn run(self) -> io::Result<ExitCode> {
        if self == Self::IgnoreTerm {
            terminate::ignore();
        } else {
            terminate::exit_at_once();
        }
        match self {
            Self::Serve => serve(),
            Self::Exit(code) => Ok(ExitCode::from(code)),
            Self::Sleep(time) => {
                sleep(time);
                Ok(ExitCode::SUCCESS)
            }
            Self::PrintEnv => {
                let mut variables: Vec<_> = std::env::vars_os().collect();
                variables.sort();
                for (name, value) in variables {
                    println!("{}={}", name.to_string_lossy(), value.to_string_lossy());
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::EatMemory { mib } => eat_memory(mib),
            Self::IgnoreTerm => idle(),
            Self::EchoUdp => echo_udp(),
            Self::Relay { to } => relay::serve(port(DEFAULT_PORT)?, &to),
            Self::RouteLogs => router::route(&listen()?),
            Self::Write { file, text } => std::fs::write(file, text).map(|()| ExitCode::SUCCESS),
            Self::Compare { file, text } => {
                let same = std::fs::read_to_string(file)? == text;
                Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        }
    }
}

fn port(default: u16) -> io::Result<u16> {
    let Ok(port) = std::env::var("PORT") else { return Ok(default) };
    port.parse().map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("PORT is `{port}`, not a port"))
    })
}

fn serve() -> io::Result<ExitCode> {
    server::serve(&listen()?, |_| None)
}

fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("0.0.0.0", port(DEFAULT_PORT)?))?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

fn echo_udp() -> io::Result<ExitCode> {
    let socket = UdpSocket::bind(("0.0.0.0", port(DEFAULT_ECHO_PORT)?))?;
    println!("listening on {}", socket.local_addr()?);
    let mut packet = [0; 2048];
    loop {
        let (length, sender) = socket.recv_from(&mut packet)?;
        // Whoever asked and went away is not our concern.
        let _ = socket.send_to(&packet[..length], sender);
    }
}

/// Docker learns why a container was killed only if it has been watching it for a moment.
const BEFORE_THE_MEAL: Duration = Duration::from_millis(250);

fn eat_memory(mib: usize) -> io::Result<ExitCode> {
    sleep(BEFORE_THE_MEAL);
    // Memory counts only once it is written to, and zeroes would be had for nothing.
    let eaten = vec![1_u8; mib << 20];
    println!("ate {} MiB", std::hint::black_box(&eaten).len() >> 20);
    idle()
}

fn idle() -> io::Result<ExitCode> {
    loop {
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn words_become_commands() {
        assert_eq!(parse(""), Ok(Command::Serve));
        assert_eq!(parse("exit 7"), Ok(Command::Exit(7)));
        assert_eq!(parse("sleep 0.5"), Ok(Command::Sleep(Duration::from_millis(500))));
        assert_eq!(parse("eat-memory 64"), Ok(Command::EatMemory { mib: 64 }));
        assert_eq!(parse("ignore-term"), Ok(Command::IgnoreTerm));
        assert_eq!(
            parse("relay 192.0.2.1:80"),
            Ok(Command::Relay { to: "192.0.2.1:80".to_owned() })
        );
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(parse("dance"), Err("unknown command `dance`".to_owned()));
        for line in ["write x", "exit 256", "exit", "sleep -1", "eat-memory much", "print-env x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
