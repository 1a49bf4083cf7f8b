//! Task and container state machines, pure; control plane and agent share them.
