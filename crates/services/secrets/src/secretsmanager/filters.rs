//! Which secrets a search finds.
//!
//! AWS: names and tags are compared from their beginnings, case and all; descriptions, and everything at once (`all`),
//! by words without regard to case. A value that begins with `!` finds what the rest does not.

use berth_aws_api::secretsmanager as api;

use crate::tables::Secret;

/// Every filter must hold; one does if any of its values is found, and none that is not to be.
pub fn passes(secret: &Secret, filters: &[api::Filter]) -> bool {
    filters.iter().all(|filter| {
        let Some(key) = &filter.key else { return true };
        let values = filter.values.iter().flatten();
        let (without, with): (Vec<_>, Vec<_>) = values.partition(|value| value.starts_with('!'));
        let mut unwanted = without.iter().map(|value| &value[1..]);
        let is_found = with.is_empty() || with.iter().any(|value| finds(key, value, secret));
        is_found && !unwanted.any(|value| finds(key, value, secret))
    })
}

fn finds(key: &api::FilterNameStringType, value: &str, secret: &Secret) -> bool {
    use api::FilterNameStringType as Key;
    let description = secret.description.as_deref().unwrap_or_default();
    match key {
        Key::Name => secret.name.starts_with(value),
        Key::TagKey => secret.tags.keys().any(|key| key.starts_with(value)),
        Key::TagValue => secret.tags.values().any(|tag| tag.starts_with(value)),
        Key::Description => shares_a_word(value, [description]),
        Key::All => {
            let tags = secret.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
            shares_a_word(value, [secret.name.as_str(), description].into_iter().chain(tags))
        }
        // No secret here is a replica, and no service owns any.
        Key::PrimaryRegion | Key::OwningService => false,
        // The model's validation has refused it.
        Key::Unknown(_) => false,
    }
}

fn shares_a_word<'a>(searched: &str, texts: impl IntoIterator<Item = &'a str>) -> bool {
    let searched = words(searched);
    let mut found = texts.into_iter().flat_map(words);
    found.any(|word| searched.iter().any(|searched| word.starts_with(searched)))
}

/// AWS: a word ends where letters turn into capitals, digits or something else.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            let goes_on = before.is_some_and(|before| {
                before.is_numeric() == letter.is_numeric()
                    && !(before.is_lowercase() && letter.is_uppercase())
            });
            let lower = letter.to_lowercase();
            match words.last_mut().filter(|_| goes_on) {
                Some(word) => word.extend(lower),
                None => words.push(lower.collect()),
            }
        }
        before = letter.is_alphanumeric().then_some(letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_the_kind_of_letter_changes() {
        assert_eq!(words("credsDatabase#892"), ["creds", "database", "892"]);
        assert_eq!(words("My_Secret"), ["my", "secret"]);
        assert_eq!(words("DB2 of/the=Shop"), ["db", "2", "of", "the", "shop"]);
        assert_eq!(words("-- "), [""; 0]);
    }
}
