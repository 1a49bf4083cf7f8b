//! The server over real connections, with raw bytes where a client would hide what happens.

mod client;
mod following;
mod requests;
mod shutdown;
mod smuggling;
mod sockets;
mod tls;
