//! Several hosts and one server on a network of their own: what happens to each is told truly, and leaves the others be.

mod lines;
mod machines;
pub mod world;
