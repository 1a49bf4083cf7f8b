//! Random policies and requests: what must always be true, and what another evaluator says.

mod agreement;
mod properties;
mod vocabulary;
