//! ACS and TCS: the messages between control plane and agent, both directions.
