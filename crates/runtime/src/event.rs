//! What a runtime tells without being asked.

use berth_model::Timestamp;
use futures_util::stream::BoxStream;

use crate::{Health, RuntimeId};

/// See [`Runtime::events`](crate::Runtime::events).
pub type RuntimeEvents = BoxStream<'static, RuntimeEvent>;

/// Something that happened to one of the owner's containers.
///
/// Events are wake-ups with a hint in them: the truth is what
/// [`inspect`](crate::Runtime::inspect) says. After a reconnection the same event may come twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuntimeEvent {
    Started {
        id: RuntimeId,
        at: Timestamp,
    },
    /// The container ended, by itself or by `stop`.
    Ended {
        id: RuntimeId,
        at: Timestamp,
        exit_code: Option<i64>,
    },
    /// The kernel killed a process of the container for want of memory; `Ended` follows if it was the main one.
    OutOfMemory {
        id: RuntimeId,
        at: Timestamp,
    },
    HealthChanged {
        id: RuntimeId,
        at: Timestamp,
        health: Health,
    },
    Removed {
        id: RuntimeId,
        at: Timestamp,
    },
    /// Events may have been missed before this point: look at every container again.
    Lost,
}

impl RuntimeEvent {
    /// The container that this is about; `None` for [`Lost`](Self::Lost).
    pub fn id(&self) -> Option<&RuntimeId> {
        match self {
            Self::Started { id, .. }
            | Self::Ended { id, .. }
            | Self::OutOfMemory { id, .. }
            | Self::HealthChanged { id, .. }
            | Self::Removed { id, .. } => Some(id),
            Self::Lost => None,
        }
    }
}
