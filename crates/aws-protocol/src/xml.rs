//! XML as the Query protocols answer in it: a writer for servers, a reader into a small tree for clients.

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod tree;
mod writer;

pub(crate) use writer::Writer;
