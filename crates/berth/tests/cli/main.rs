//! The binary as its users meet it: flags, signals, files, exit codes, and the demo on a real engine.

mod crash;
mod demo;
mod process;
mod server;
mod up;
mod usage;
