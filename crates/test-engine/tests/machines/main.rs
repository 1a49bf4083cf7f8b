//! Engines, hosts and networks, started, broken and gone: one program, so that it is linked once.

mod engine;
mod killed;
mod network;
mod traces;
