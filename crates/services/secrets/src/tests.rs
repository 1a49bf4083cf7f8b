//! The service behind its endpoint, with signatures checked: a clock that waits to be moved, ids from a seed.

mod keys;
mod world;
