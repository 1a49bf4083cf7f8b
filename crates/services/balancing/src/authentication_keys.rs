//! What every proxy of a balancer has to have to authenticate users: the key of their session cookies, and the one that
//! claims for targets are signed with.

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::Failure;
use berth_control::sealing::{Sealer, Unsealing};
use rcgen::KeyPair;
use zeroize::Zeroizing;

use crate::service::Balancing;
use crate::tables::{Actions, AuthenticationKeys, ElbId, KeyId};

const SESSION_KEY: usize = 32;

/// Opened.
pub struct Secrets {
    pub session_key: Zeroizing<[u8; SESSION_KEY]>,
    /// PKCS 8.
    pub signing_key: Zeroizing<Vec<u8>>,
}

/// Makes the keys of a balancer if it has none and these actions want them.
pub fn ensure(
    tx: &mut Transaction,
    balancing: &Balancing,
    balancer: ElbId,
    actions: &Actions,
) -> Result<(), Failure<api::Error>> {
    if actions.secret.is_none() || tx.get::<AuthenticationKeys>(&balancer).is_some() {
        return Ok(());
    }
    let signing_key = KeyPair::generate().map_err(Failure::internal)?;
    let mut secret = Zeroizing::new(vec![0; SESSION_KEY]);
    balancing.env.ids.fill(&mut secret);
    secret.extend_from_slice(&Zeroizing::new(signing_key.serialize_der()));
    let mut id = [0; 16];
    balancing.env.ids.fill(&mut id);
    // Version 4, as AWS's are.
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let of = AuthenticationKeys::purpose_of(balancer);
    tx.put(AuthenticationKeys {
        balancer,
        id: KeyId(id),
        public_key: signing_key.public_key_pem(),
        secret: balancing.sealer.seal(AuthenticationKeys::purpose(&of), &secret),
    });
    Ok(())
}

pub fn open(sealer: &Sealer, keys: &AuthenticationKeys) -> Result<Secrets, Unsealing> {
    let of = AuthenticationKeys::purpose_of(keys.balancer);
    let plain = sealer.unseal(AuthenticationKeys::purpose(&of), &keys.secret)?;
    let (session_key, signing_key) =
        plain.split_first_chunk::<SESSION_KEY>().ok_or(Unsealing::Damaged)?;
    Ok(Secrets {
        session_key: Zeroizing::new(*session_key),
        signing_key: Zeroizing::new(signing_key.to_vec()),
    })
}
