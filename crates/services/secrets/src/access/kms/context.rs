//! What conditions may ask about an encryption context: the names of its pairs (`kms:EncryptionContextKeys`), and the
//! value of each (`kms:EncryptionContext:…`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use berth_control::pipeline::access::KeyValue;

/// A condition key with its value.
pub type Told = (Cow<'static, str>, KeyValue);

/// Nothing for a call without a context: a key that is not there is something else than an empty one.
///
/// The case of a condition key's name does not matter, that of a pair's name does: pairs that differ by nothing else are
/// several values of one key, so that none of them hides another from a policy.
pub fn told<'a>(context: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Told> {
    let mut names = Vec::new();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in context {
        names.push(name.to_owned());
        values.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
    }
    if names.is_empty() {
        return Vec::new();
    }
    let of_pair = |(name, mut values): (String, Vec<String>)| {
        let value = match values.len() {
            1 => values.remove(0).into(),
            _ => KeyValue::Many(values),
        };
        (Cow::Owned(format!("kms:EncryptionContext:{name}")), value)
    };
    let all = (Cow::Borrowed("kms:EncryptionContextKeys"), KeyValue::Many(names));
    [all].into_iter().chain(values.into_iter().map(of_pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_hides_another() {
        assert_eq!(told([]), []);
        let pairs = [("APP", "bank"), ("App", "shop"), ("stage", "test")];
        let expected: [Told; 3] = [
            (
                "kms:EncryptionContextKeys".into(),
                pairs.map(|(name, _)| name.to_owned()).to_vec().into(),
            ),
            ("kms:EncryptionContext:app".into(), vec!["bank".to_owned(), "shop".to_owned()].into()),
            ("kms:EncryptionContext:stage".into(), "test".into()),
        ];
        assert_eq!(told(pairs), expected);
    }
}
