//! Passwords by chance, every one that a request allows as likely as any other.

use berth_aws_api::secretsmanager as api;
use berth_control::env::Env;
use zeroize::Zeroizing;

use super::refusals::invalid;

/// AWS: as long as nothing is said.
const LENGTH: i64 = 32;

const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const SPACE: &str = " ";

/// What a password is made of: types of characters, none of them empty.
struct Recipe {
    length: usize,
    types: Vec<Vec<char>>,
    of_each_type: bool,
}

pub fn generate(
    env: &Env,
    request: api::GetRandomPasswordRequest,
) -> Result<Zeroizing<String>, api::Error> {
    let recipe = Recipe::of(request)?;
    let alphabet: Vec<char> = recipe.types.iter().flatten().copied().collect();
    let count = alphabet.len() as u64;
    let letter = |_| alphabet[env.ids.below(count) as usize];
    // Whoever has not every type is drawn anew as a whole: to put the missing ones in afterwards would make some
    // passwords likelier than others.
    loop {
        let password: Zeroizing<String> = Zeroizing::new((0..recipe.length).map(letter).collect());
        if recipe.accepts(&password) {
            return Ok(password);
        }
    }
}

impl Recipe {
    fn of(request: api::GetRandomPasswordRequest) -> Result<Self, api::Error> {
        let excluded = request.exclude_characters.unwrap_or_default();
        let types = [
            (LOWERCASE, !request.exclude_lowercase.unwrap_or(false)),
            (UPPERCASE, !request.exclude_uppercase.unwrap_or(false)),
            (NUMBERS, !request.exclude_numbers.unwrap_or(false)),
            (PUNCTUATION, !request.exclude_punctuation.unwrap_or(false)),
            (SPACE, request.include_space.unwrap_or(false)),
        ];
        let left = |letters: &str| letters.chars().filter(|c| !excluded.contains(*c)).collect();
        let types = types.into_iter().filter(|(_, is_in)| *is_in).map(|(letters, _)| left(letters));
        let types: Vec<Vec<char>> =
            types.filter(|letters: &Vec<char>| !letters.is_empty()).collect();
        if types.is_empty() {
            return Err(invalid(
                "No characters are left to generate a password from: every type of character is excluded.",
            ));
        }
        // The model's validation has checked it.
        let length = usize::try_from(request.password_length.unwrap_or(LENGTH)).unwrap_or(0);
        let of_each_type = request.require_each_included_type.unwrap_or(true);
        if of_each_type && length < types.len() {
            return Err(invalid("Password length is too short based on the required types."));
        }
        Ok(Self { length, types, of_each_type })
    }

    fn accepts(&self, password: &str) -> bool {
        let has = |letters: &Vec<char>| password.chars().any(|letter| letters.contains(&letter));
        !self.of_each_type || self.types.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use berth_model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn env(seed: u64) -> Env {
        let clock = std::sync::Arc::new(berth_control::env::SystemClock);
        let ids = std::sync::Arc::new(berth_control::env::SeededIds::new(seed));
        let env = Env { clock, ids };
        assert!(env.now() > Timestamp::EPOCH);
        env
    }

    fn request() -> impl Strategy<Value = api::GetRandomPasswordRequest> {
        let flag = || prop::option::of(any::<bool>());
        let length = prop::option::of(1..40_i64);
        let excluded = prop::option::of("[a-fA-Z0-8 !]{0,8}");
        (excluded, flag(), flag(), flag(), flag(), flag(), length, flag()).prop_map(
            |(characters, lower, numbers, punctuation, upper, space, length, each)| {
                api::GetRandomPasswordRequest {
                    exclude_characters: characters,
                    exclude_lowercase: lower,
                    exclude_numbers: numbers,
                    exclude_punctuation: punctuation,
                    exclude_uppercase: upper,
                    include_space: space,
                    password_length: length,
                    require_each_included_type: each,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_password_is_what_was_asked_for(request in request(), seed: u64) {
            let excluded = request.exclude_characters.clone().unwrap_or_default();
            let Ok(password) = generate(&env(seed), request.clone()) else { return Ok(()) };
            let has = |letters: &str| password.chars().any(|letter| letters.contains(letter));
            prop_assert_eq!(password.len() as i64, request.password_length.unwrap_or(32));
            prop_assert!(excluded.is_empty() || !has(&excluded));
            let each = request.require_each_included_type.unwrap_or(true);
            for (letters, excluded_type) in [
                (LOWERCASE, request.exclude_lowercase),
                (UPPERCASE, request.exclude_uppercase),
                (NUMBERS, request.exclude_numbers),
                (PUNCTUATION, request.exclude_punctuation),
                (SPACE, Some(!request.include_space.unwrap_or(false))),
            ] {
                let is_left = letters.chars().any(|letter| !excluded.contains(letter));
                match excluded_type.unwrap_or(false) {
                    true => prop_assert!(!has(letters)),
                    false => prop_assert!(!each || !is_left || has(letters)),
                }
            }
        }
    }

    /// Two digits out of ten in 4,000 draws: each is expected 800 times, give or take 25.
    #[test]
    fn no_character_is_likelier_than_another() {
        let request = || api::GetRandomPasswordRequest {
            exclude_lowercase: Some(true),
            exclude_uppercase: Some(true),
            exclude_punctuation: Some(true),
            password_length: Some(2),
            ..Default::default()
        };
        let env = env(7);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..4_000 {
            for digit in generate(&env, request()).expect("digits are left").chars() {
                *counts.entry(digit).or_insert(0_u32) += 1;
            }
        }
        assert_eq!(counts.len(), 10);
        assert!(counts.values().all(|count| (680..920).contains(count)), "{counts:?}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |request| generate(&env(1), request).expect_err("it cannot be").to_string();
        let short =
            api::GetRandomPasswordRequest { password_length: Some(3), ..Default::default() };
        assert!(refused(short).contains("too short based on the required types"));
        let nothing = api::GetRandomPasswordRequest {
            exclude_characters: Some(NUMBERS.into()),
            exclude_lowercase: Some(true),
            exclude_uppercase: Some(true),
            exclude_punctuation: Some(true),
            ..Default::default()
        };
        assert!(refused(nothing).contains("No characters are left"));
    }
}
