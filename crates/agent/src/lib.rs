//! The agent: keeps one host true to its assignments.
