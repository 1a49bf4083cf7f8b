//! A key of KMS: symmetric, with every version of its material.

use std::time::Duration;

use berth_control::sealing::{Purpose, Sealed, Sealer, Seals, Unsealing};
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::{KeyId, PolicyText};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Key {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub id: KeyId,
    #[n(2)]
    pub created_at: Timestamp,
    #[n(3)]
    pub description: String,
    #[n(4)]
    pub manager: Manager,
    #[n(5)]
    pub state: KeyState,
    #[n(6)]
    pub policy: PolicyText,
    #[n(7)]
    pub tags: Tags,
    /// Oldest first, never empty; the last one encrypts, all of them decrypt.
    #[n(8)]
    pub material: Vec<Material>,
    #[n(9)]
    pub rotation: Option<Rotation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Manager {
    #[n(0)]
    Customer,
    /// Made for a service on its first use. The account can use it only through that service, and not change it.
    #[n(1)]
    Aws,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum KeyState {
    #[n(0)]
    Enabled,
    #[n(1)]
    Disabled,
    #[n(2)]
    PendingDeletion {
        #[n(0)]
        at: Timestamp,
        #[n(1)]
        window_days: u8,
    },
}

/// One version of a key: 32 bytes.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Material {
    /// Counts up from 1. In every ciphertext.
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub made_at: Timestamp,
    #[n(2)]
    pub made: Made,
    /// See [`purpose_of`](Key::purpose_of).
    #[n(3)]
    pub sealed: Sealed,
}

/// Why there is a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Made {
    #[n(0)]
    WithTheKey,
    #[n(1)]
    OnSchedule,
    #[n(2)]
    OnDemand,
}

/// New material every so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rotation {
    #[n(0)]
    pub period_days: u32,
    /// When it was enabled, or last done.
    #[n(1)]
    pub since: Timestamp,
}

impl Rotation {
    pub fn next_at(&self) -> Timestamp {
        self.since + DAY * self.period_days
    }
}

impl Key {
    pub fn arn(&self) -> String {
        let Scope { partition, account, region } = &self.scope;
        format!("arn:{partition}:kms:{region}:{account}:key/{}", self.id)
    }

    /// The version that encrypts.
    pub fn current(&self) -> &Material {
        self.material.last().expect("a key is made with material, and none is taken away")
    }

    /// What a version's material is sealed for: the bytes that a [`Purpose`] borrows.
    pub fn purpose_of(id: KeyId, number: u32) -> [u8; 20] {
        let mut of = [0; 20];
        of[..16].copy_from_slice(&id.0);
        of[16..].copy_from_slice(&number.to_be_bytes());
        of
    }

    pub fn purpose(of: &[u8; 20]) -> Purpose<'_> {
        Purpose { kind: "kms.key-material", of }
    }

    /// How KMS calls a version: it tells nothing of the material.
    pub fn material_id(&self, number: u32) -> String {
        hex::encode(Sha256::digest(Self::purpose_of(self.id, number)))
    }

    /// When something has to happen to it by itself: its deletion, or its rotation.
    ///
    /// AWS: a disabled key is not rotated. One that is enabled again when its time has passed is rotated at once.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            KeyState::PendingDeletion { at, .. } => Some(at),
            KeyState::Disabled => None,
            KeyState::Enabled => self.rotation.map(|rotation| rotation.next_at()),
        }
    }
}

impl Record for Key {
    const TABLE: TableId = TableId::new(230, "kms-keys");
    type Key = (Scope, [u8; 16]);
    type Indexes = KeyIndexes;

    fn key(&self) -> (Scope, [u8; 16]) {
        (self.scope.clone(), self.id.0)
    }

    berth_control::record_codec!();
}

impl Seals for Key {
    fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.material.iter().map(|material| &material.sealed)
    }

    fn seal_anew(&mut self, sealer: &Sealer) -> Result<(), Unsealing> {
        let id = self.id;
        self.material.iter_mut().try_for_each(|material| {
            let of = Key::purpose_of(id, material.number);
            sealer.seal_anew(Key::purpose(&of), &mut material.sealed)
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyIndexes {
    pub by_due: Index<Timestamp, (Scope, [u8; 16])>,
}

impl Indexes<Key> for KeyIndexes {
    fn insert(&mut self, row: &Key) {
        if let Some(at) = row.due_at() {
            self.by_due.insert(at, row.key());
        }
    }

    fn remove(&mut self, row: &Key) {
        if let Some(at) = row.due_at() {
            self.by_due.remove(&at, &row.key());
        }
    }
}
