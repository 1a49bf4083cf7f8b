//! Whole stories of services: what is asked for, what then runs on hosts that do as they are told, what is told.

mod balanced;
mod capacity;
mod crew;
mod daemon;
mod deletion;
mod deployment_configuration;
mod failures;
mod gauges;
mod history;
mod limits;
mod refusals;
mod rolling;
mod shifting;
mod shifting_refused;
mod tags;
mod targets;
mod task_sets;
mod versions;
mod zones;
