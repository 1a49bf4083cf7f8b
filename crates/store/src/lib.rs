//! Durable, fenced batches of records: the trait, in memory, embedded, and one conformance suite.
