//! What a listener or a rule does with requests.

use berth_aws_api::elbv2 as api;
use berth_control::sealing::{Purpose, Sealed, Sealer, Unsealing};
use minicbor::{Decode, Encode};

use super::{ElbId, Stored};

/// Actions in ELB's own form, in their order, without the one secret that they can have.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Actions {
    #[n(0)]
    pub shown: Vec<Stored<api::Action>>,
    /// Of the action that authenticates users: what its client and the issuer know.
    #[n(1)]
    pub secret: Option<Sealed>,
}

impl Actions {
    /// What the secret of a listener's or a rule's actions is sealed for: the bytes that a [`Purpose`] borrows.
    pub fn purpose_of(owner: ElbId) -> [u8; 8] {
        owner.0.to_be_bytes()
    }

    pub fn purpose(of: &[u8; 8]) -> Purpose<'_> {
        Purpose { kind: "elb.oidc-client-secret", of }
    }

    pub fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.secret.iter()
    }

    pub fn seal_anew(&mut self, owner: ElbId, sealer: &Sealer) -> Result<(), Unsealing> {
        let of = Self::purpose_of(owner);
        self.secret.as_mut().map_or(Ok(()), |secret| sealer.seal_anew(Self::purpose(&of), secret))
    }

    /// The target groups that requests are sent to, with their weights.
    pub fn forwards(&self) -> impl Iterator<Item = (ElbId, i32)> + use<'_> {
        self.shown.iter().flat_map(|action| {
            let groups = action.forward_config.iter().flat_map(|forward| &forward.target_groups);
            groups.flatten().filter_map(|group| {
                let arn = group.target_group_arn.as_deref()?;
                let id = arn.rsplit_once('/')?.1.parse().ok()?;
                Some((id, group.weight.unwrap_or(1)))
            })
        })
    }

    /// The target groups, each once.
    pub fn groups(&self) -> std::collections::BTreeSet<ElbId> {
        self.forwards().map(|(group, _)| group).collect()
    }
}
