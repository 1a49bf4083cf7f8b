//! A one-page web server: the demo image holds this program and nothing else.
//!
//! Its other commands exist so that one image serves every test that needs a container: they end with a
//! given code, after a given time, for want of memory, or not at all; they share files. The fake runtime knows
//! those words that need neither network nor files, so a test means the same there.
//!
//!     demo-web                  serves the page on port 80, or PORT, and sends back what WebSockets say at /echo
//!     demo-web exit CODE        ends at once with this code
//!     demo-web sleep SECONDS    ends with 0 after this time
//!     demo-web print-env        prints its environment, sorted
//!     demo-web eat-memory MIB   takes this much memory, and keeps it
//!     demo-web ignore-term      does nothing, and goes on doing it when asked to end
//!     demo-web echo-udp         sends back what it receives by UDP on port 7, or PORT
//!     demo-web relay HOST:PORT  passes connections to port 80, or PORT, on to this address
//!     demo-web write FILE TEXT  writes the file
//!     demo-web route-logs       hears what Docker's fluentd driver sends, and tells it at /logs on port 80, or PORT
//!     demo-web compare FILE TEXT  ends with 0 if the file holds this text, and with 1 if not
//!
//! SIGTERM ends all but the last at once with code 0. There is a handler for that, because without one the
//! kernel lets no signal end the first process of a container.

mod command;
mod echo;
mod msgpack;
mod page;
mod relay;
mod router;
mod server;
mod task;
mod terminate;

use std::process::ExitCode;

use command::Command;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = match Command::parse(&words) {
        Ok(command) => command,
        Err(misuse) => {
            eprintln!("demo-web: {misuse}");
            return ExitCode::from(2);
        }
    };
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("demo-web: {error}");
            ExitCode::FAILURE
        }
    }
}
