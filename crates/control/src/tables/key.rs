//! Keys as bytes whose order is the keys' own.

use std::fmt::Debug;

use berth_model::{
    AccountId, AttachmentId, CapacityProviderName, ClusterId, ClusterName, ContainerId,
    ContainerInstanceId, Family, Partition, Region, Scope, ServiceId, ServiceName,
    TaskDefinitionId, TaskId, TaskSetId, Timestamp,
};

/// The primary key of a table.
///
/// The bytes of two keys compare as the keys do, and no key's bytes begin with another's: so keys join
/// into tuples by joining their bytes.
pub trait TableKey: Ord + Clone + Debug + Send + Sync + 'static {
    fn write_to(&self, out: &mut Vec<u8>);

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }
}

/// Text, with an end that sorts before every continuation. A zero byte inside is written as `00 FF`.
fn write_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        out.push(byte);
        if byte == 0 {
            out.push(0xFF);
        }
    }
    out.extend([0, 0]);
}

impl TableKey for String {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
}

impl TableKey for () {
    fn write_to(&self, _: &mut Vec<u8>) {}
}

macro_rules! unsigned_keys {
    ($($type:ty),+) => {$(
        impl TableKey for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                out.extend(self.to_be_bytes());
            }
        }
    )+};
}
unsigned_keys!(u8, u16, u32, u64);

impl<const N: usize> TableKey for [u8; N] {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend(self);
    }
}

macro_rules! id_keys {
    ($($type:ty),+) => {$(
        impl TableKey for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                out.extend(self.as_bytes());
            }
        }
    )+};
}
id_keys!(
    AttachmentId,
    ClusterId,
    ContainerId,
    ContainerInstanceId,
    ServiceId,
    TaskDefinitionId,
    TaskId
);

macro_rules! text_keys {
    ($($type:ty),+) => {$(
        impl TableKey for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                write_text(self.as_str(), out);
            }
        }
    )+};
}
text_keys!(CapacityProviderName, ClusterName, Family, Region, ServiceName, Partition);

impl TableKey for TaskSetId {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.number().write_to(out);
    }
}

/// Twelve digits, always.
impl TableKey for AccountId {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend(self.to_string().into_bytes());
    }
}

impl TableKey for Scope {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.partition.write_to(out);
        self.account.write_to(out);
        self.region.write_to(out);
    }
}

impl TableKey for Timestamp {
    fn write_to(&self, out: &mut Vec<u8>) {
        // Shifted so that instants before the epoch sort before it.
        (self.as_millis() as u64 ^ (1 << 63)).write_to(out);
    }
}

macro_rules! tuple_keys {
    ($($name:ident),+) => {
        impl<$($name: TableKey),+> TableKey for ($($name,)+) {
            #[allow(non_snake_case)]
            fn write_to(&self, out: &mut Vec<u8>) {
                let ($($name,)+) = self;
                $($name.write_to(out);)+
            }
        }
    };
}
tuple_keys!(A, B);
tuple_keys!(A, B, C);
tuple_keys!(A, B, C, D);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same_order<K: TableKey>(a: &K, b: &K) -> bool {
        a.to_bytes().cmp(&b.to_bytes()) == a.cmp(b)
    }

    proptest! {
        #[test]
        fn text_and_numbers_keep_their_order(
            a in ("[\\x00ab]{0,4}", any::<u32>(), "[\\x00ab]{0,4}"),
            b in ("[\\x00ab]{0,4}", any::<u32>(), "[\\x00ab]{0,4}"),
        ) {
            prop_assert!(same_order(&a, &b));
            prop_assert!(same_order(&(a.0.clone(), a.2.clone()), &(b.0.clone(), b.2.clone())));
        }

        #[test]
        fn instants_keep_their_order(a: i64, b: i64) {
            prop_assert!(same_order(&Timestamp::from_millis(a), &Timestamp::from_millis(b)));
        }

        #[test]
        fn no_text_begins_with_another(a in "[\\x00ab]{0,4}", b in "[\\x00ab]{0,4}") {
            prop_assume!(a != b);
            prop_assert!(!a.to_bytes().starts_with(&b.to_bytes()));
        }
    }

    #[test]
    fn scopes_keep_their_order() {
        let scope = |account: &str, region: &str| {
            Scope::new(account.parse().expect("an account"), region.parse().expect("a region"))
        };
        let scopes = [
            scope("000000000001", "eu-west-1"),
            scope("000000000001", "us-east-1"),
            scope("123456789012", "eu-west-1"),
            scope("000000000001", "cn-north-1"),
            scope("000000000001", "us-gov-west-1"),
        ];
        for (a, b) in scopes.iter().flat_map(|a| scopes.iter().map(move |b| (a, b))) {
            assert!(same_order(a, b), "{a:?} {b:?}");
        }
    }
}
