//! Whether anybody carries the load balancers of this cell: one row, from the first report of a proxy on.

use berth_control::tables::{Record, TableId};
use berth_model::Timestamp;
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Carriage {
    /// The last of all proxies has been silent for too long: found out then.
    #[n(0)]
    pub silent_since: Option<Timestamp>,
}

impl Record for Carriage {
    const TABLE: TableId = TableId::new(269, "carriage");
    type Key = ();
    type Indexes = ();

    fn key(&self) {}

    berth_control::record_codec!();
}
