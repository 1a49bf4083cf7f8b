//! Whether a text is what its pieces stand for, in one walk that never asks for memory.

use super::{Filled, Piece};

/// Each star takes as little as will do, and more when what follows does not fit.
///
/// Two stars are enough to remember. Whatever an earlier star could take, a later one that reaches
/// everywhere can take as well. A later one that stops at colons cannot, so the latest of each sort
/// is kept; between two that stop at colons the later is enough, since what stands between them is
/// either without a colon, and then both stop at the same one, or has its colon at one place only.
pub(super) fn matches(pieces: &[Piece], filled: &Filled<'_>, text: &str) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut free: Option<Star> = None;
    let mut bound: Option<Star> = None;
    loop {
        let fits = match pieces.get(piece) {
            None => (at == text.len()).then_some(at),
            Some(Piece::Star { over_colons }) => {
                if *over_colons && piece + 1 == pieces.len() {
                    return true;
                }
                let star = Some(Star { after: piece + 1, end: at });
                if *over_colons {
                    (free, bound) = (star, None);
                } else {
                    bound = star;
                }
                Some(at)
            }
            Some(Piece::One { over_colons }) => match text[at..].chars().next() {
                Some(character) if *over_colons || character != ':' => {
                    Some(at + character.len_utf8())
                }
                _ => None,
            },
            Some(Piece::Text(part)) => text[at..].starts_with(&**part).then(|| at + part.len()),
            Some(Piece::Variable(number)) => {
                let value = &filled[*number];
                text[at..].starts_with(&**value).then(|| at + value.len())
            }
        };
        if let Some(next) = fits {
            if piece == pieces.len() {
                return true;
            }
            (piece, at) = (piece + 1, next);
            continue;
        }
        let taken = bound.as_mut().and_then(|star| star.take_one(text, false)).or_else(|| {
            bound = None;
            free.as_mut().and_then(|star| star.take_one(text, true))
        });
        match taken {
            Some(next) => (piece, at) = next,
            None => return false,
        }
    }
}

/// A star that was passed.
struct Star {
    /// The piece that follows it.
    after: usize,
    /// Where in the text it ends by now.
    end: usize,
}

impl Star {
    /// Takes one character more, if it may: where to go on.
    fn take_one(&mut self, text: &str, over_colons: bool) -> Option<(usize, usize)> {
        let character = text[self.end..].chars().next()?;
        if character == ':' && !over_colons {
            return None;
        }
        self.end += character.len_utf8();
        Some((self.after, self.end))
    }
}
