//! What golden files do not show: who may ask what, waiting, and what is written down.

mod access;
mod authentication;
mod certificates;
mod exchange;
mod port;
mod world;
