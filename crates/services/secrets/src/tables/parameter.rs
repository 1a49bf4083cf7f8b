//! A parameter: what is the same for all of its versions.

use berth_control::tables::{Record, TableId};
use berth_model::{Scope, Tags};
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Parameter {
    #[n(0)]
    pub scope: Scope,
    /// As it was given: with a slash in front if it is in a hierarchy.
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub kind: ParameterKind,
    /// The number of its newest version.
    #[n(3)]
    pub latest: u64,
    #[n(4)]
    pub tags: Tags,
}

/// What AWS calls its type. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ParameterKind {
    #[n(0)]
    Text,
    #[n(1)]
    List,
    /// Under a key of KMS.
    #[n(2)]
    Secure,
}

impl Parameter {
    pub fn arn(&self) -> String {
        Self::arn_of(&self.scope, &self.name)
    }

    /// AWS: the slash of a hierarchy is the ARN's own.
    pub fn arn_of(scope: &Scope, name: &str) -> String {
        let Scope { partition, account, region } = scope;
        let name = name.trim_start_matches('/');
        format!("arn:{partition}:ssm:{region}:{account}:parameter/{name}")
    }
}

impl Record for Parameter {
    const TABLE: TableId = TableId::new(250, "ssm-parameters");
    type Key = (Scope, String);
    type Indexes = ();

    fn key(&self) -> (Scope, String) {
        (self.scope.clone(), self.name.clone())
    }

    berth_control::record_codec!();
}
