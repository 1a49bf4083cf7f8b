//! A virtual cluster: the real control plane and real agents on fake clock, network and runtime, from a seed.
