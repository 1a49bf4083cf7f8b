//! The service behind its endpoint, with signatures checked: a clock that waits to be moved, ids from a seed.

mod aliases;
mod encryption;
mod key_policies;
mod key_states;
mod keys;
mod pairs;
mod rotation;
mod secretsmanager;
mod world;
