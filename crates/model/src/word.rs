//! Texts of which the same few are said over and over: a task's group, the name of its container, the digest of its
//! image. A million tasks say a thousand different ones.
//!
//! Equal words share one text. That saves memory and changes nothing else: who shares with whom cannot be seen.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// A text that is kept once, however many have it. Cheap to clone; making one looks it up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Arc<str>);

impl Word {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Word(shared(text))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Word(shared(&text))
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.as_str().to_owned()
    }
}

/// The same text.
impl From<Word> for Arc<str> {
    fn from(word: Word) -> Self {
        word.0
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == text
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == *text
    }
}

impl PartialEq<String> for Word {
    fn eq(&self, text: &String) -> bool {
        self.as_str() == text
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<C> minicbor::Encode<C> for Word {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Word {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str().map(Word::from)
    }
}

/// Every text that somebody has or had not long ago, in parts that are locked one by one.
static KNOWN: [Mutex<Known>; PARTS] =
    [const { Mutex::new(Known { texts: BTreeSet::new(), tidy_at: FEW }) }; PARTS];
const PARTS: usize = 16;
const FEW: usize = 64;

struct Known {
    texts: BTreeSet<Arc<str>>,
    /// Texts that nobody has any more are let go of when there are so many in all.
    tidy_at: usize,
}

/// What a thread asked for lately, found again without a lock: loading asks a million times for the same few.
const LATELY: usize = 64;
thread_local! {
    static LATEST: RefCell<[Option<Arc<str>>; LATELY]> = const { RefCell::new([const { None }; LATELY]) };
}

/// The one text that all who say the same have.
pub(crate) fn shared(text: &str) -> Arc<str> {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(text) as usize;
    LATEST.with_borrow_mut(|latest| {
        let place = &mut latest[hash / PARTS % LATELY];
        match place {
            Some(found) if **found == *text => found.clone(),
            _ => place.insert(look_up(text, hash % PARTS)).clone(),
        }
    })
}

fn look_up(text: &str, part: usize) -> Arc<str> {
    // Every change is one operation of a set: nothing is left half-way by a panic.
    let mut known = KNOWN[part].lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.texts.get(text) {
        return Arc::clone(found);
    }
    if known.texts.len() >= known.tidy_at {
        known.texts.retain(|text| Arc::strong_count(text) > 1);
        known.tidy_at = FEW.max(2 * known.texts.len());
    }
    let made: Arc<str> = text.into();
    known.texts.insert(Arc::clone(&made));
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_share_their_text() {
        let (one, other) =
            (Word::from("of a test of sharing"), Word::from("of a test of sharing".to_owned()));
        assert!(Arc::ptr_eq(&one.0, &other.0));
        let elsewhere = std::thread::spawn(|| Word::from("of a test of sharing"));
        assert!(Arc::ptr_eq(&one.0, &elsewhere.join().expect("it is made").0));
        let bytes = minicbor::to_vec(&one).expect("memory takes everything");
        let read: Word = minicbor::decode(&bytes).expect("it was written so");
        assert!(Arc::ptr_eq(&read.0, &one.0));
        assert!(one == "of a test of sharing" && one != "another");
    }

    #[test]
    fn what_nobody_says_is_let_go() {
        let kept = Word::from("kept in a test of letting go");
        for number in 0..20_000 {
            drop(Word::from(format!("of a test of letting go: {number}")));
        }
        let known: usize = KNOWN.iter().map(|part| part.lock().unwrap().texts.len()).sum();
        assert!(known < 5_000, "{known}");
        assert!(Arc::ptr_eq(&Word::from("kept in a test of letting go").0, &kept.0));
    }
}
