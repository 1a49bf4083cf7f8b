//! The service behind its endpoint, with signatures checked: a clock that waits to be moved, ids from a seed.

mod aliases;
mod data_keys;
mod denials;
mod encryption;
mod key_policies;
mod key_states;
mod keys;
mod pairs;
mod parameters;
mod people;
mod rotation;
mod rows;
mod secretsmanager;
mod silence;
mod world;
