//! Whether users and sessions may do what they ask for: by their policies, as they are right now.
//!
//! A decision is a few look-ups in a snapshot and one pass over statements that are compiled already, of which those that
//! name the action are remembered with its caller, as are the realms of which every thing may be asked for. Every question of a call has to be answered with yes; the first no is
//! what the caller is told, in AWS's words.
//!
//! The account's own key may do everything, and nobody asks what that would have been. Start with `grounds.rs`, then `standing.rs`.

mod compiled;
mod context;
mod grounds;
mod last_uses;
mod standing;

use std::sync::Arc;

use berth_control::pipeline::{Authorizer, Call, Denied, Held, PrincipalKind, Question};
use tokio_util::sync::CancellationToken;

pub use compiled::Compiled;
pub use context::CallContext;
use grounds::KnownGrounds;
use standing::{Standing, may_at_all};

use crate::Identity;

pub struct IdentityAuthorizer {
    identity: Arc<Identity>,
    compiled: Compiled,
    grounds: KnownGrounds,
}

impl IdentityAuthorizer {
    pub fn new(identity: &Arc<Identity>) -> Self {
        Self {
            identity: identity.clone(),
            compiled: Compiled::default(),
            grounds: KnownGrounds::default(),
        }
    }
}

impl Authorizer for IdentityAuthorizer {
    fn authorise(&self, call: &Call, question: &Question<'_>) -> Result<(), Denied> {
        match call.principal.kind {
            // `--auth open`, or an operation that takes requests from strangers and sees for itself.
            PrincipalKind::Administrator | PrincipalKind::Anonymous => return Ok(()),
            PrincipalKind::User(_) | PrincipalKind::Session(_) => {}
            PrincipalKind::Agent { .. } => {
                let who = call.principal_arn();
                return Err(Denied(format!("User: {who} has no policies: it is a host's agent.")));
            }
        }
        let view = call.view(&self.identity.cell);
        let grounds = self.grounds.of(view, call, &self.compiled)?;
        grounds.last_note.note(&self.identity, call, question.service.signing_name);
        may_at_all(call, question)?;
        let standing = Standing::of(view, call, &self.compiled, &grounds);
        question
            .wants_but(&|action, realm| grounds.allow_all(action, realm))
            .ask(|action, resource, keys| standing.check(question.headers, action, resource, keys))
    }

    fn keep(&self, held: Held) -> Option<CancellationToken> {
        match held.call.principal.kind {
            PrincipalKind::User(_) | PrincipalKind::Session(_) => {
                Some(self.identity.held_open.keep(&self.identity, held))
            }
            PrincipalKind::Administrator
            | PrincipalKind::Anonymous
            | PrincipalKind::Agent { .. } => None,
        }
    }
}
