//! The words of Berth: ARNs, ids, units, tags, statuses, instants.
