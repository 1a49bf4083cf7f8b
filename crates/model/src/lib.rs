//! The words of Berth: ARNs, ids, units, tags, statuses, instants.
//!
//! Every other crate speaks in these types, so that an id is never a `String` and a megabyte is
//! never mistaken for a CPU unit. Nothing here knows a wire format, a table or a clock.
//!
//! Each type parses from text with [`FromStr`](std::str::FromStr) and renders with
//! [`Display`](std::fmt::Display); parsing what was rendered gives the same value back. What is
//! stored also has a compact, numbered encoding (`minicbor`), whose numbers are never reused.
//!
//! Start with `arn.rs` for how things are addressed and `status.rs` for what states they have.

mod arn;
mod id;
mod name;
mod schedule;
mod scope;
mod status;
mod tags;
mod timestamp;
mod unit;
mod word;

pub use arn::{
    Arn, ArnError, ArnPart, CapacityProviderArn, ClusterArn, ContainerArn, ContainerInstanceArn,
    FamilyRevision, FamilyRevisionError, ServiceArn, ServiceDeploymentArn, ServiceRevisionArn,
    TaskArn, TaskDefinitionArn, TaskSetArn,
};
pub use id::{
    AttachmentId, ClusterId, ContainerId, ContainerInstanceId, CredentialsId, Hyphenated, IdError,
    ServiceDeploymentId, ServiceId, ServiceRevisionId, TaskDefinitionId, TaskId, TaskSetId,
};
pub use name::{CapacityProviderName, ClusterName, Family, NameError, ServiceName};
pub use schedule::{Cron, Rate, RateUnit, Schedule, ScheduleError};
pub use scope::{AccountId, Partition, Region, Scope, ScopeError};
pub use status::{
    ClusterStatus, ContainerInstanceStatus, ContainerStatus, DeploymentController, DesiredStatus,
    HealthStatus, LaunchType, NetworkMode, RolloutState, SchedulingStrategy,
    ServiceDeploymentStatus, ServiceStatus, StopCode, TaskDefinitionStatus, TaskStatus,
    UnknownWord,
};
pub use tags::Tags;
pub use timestamp::{Timestamp, TimestampError};
pub use unit::{CpuUnits, MemoryMib, UnitError};
pub use word::Word;
