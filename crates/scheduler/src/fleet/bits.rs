//! A column of yes and no.

/// One bit per instance, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

const WORD: usize = u64::BITS as usize;

impl Bits {
    pub(crate) fn get(&self, index: usize) -> bool {
        debug_assert!(index < self.len, "an instance beyond the last");
        self.words[index / WORD] >> (index % WORD) & 1 == 1
    }

    pub(crate) fn set(&mut self, index: usize, value: bool) {
        let bit = 1 << (index % WORD);
        match value {
            true => self.words[index / WORD] |= bit,
            false => self.words[index / WORD] &= !bit,
        }
    }

    /// Makes room for a bit; those from there on move up.
    pub(crate) fn insert(&mut self, index: usize, value: bool) {
        if self.len.is_multiple_of(WORD) {
            self.words.push(0);
        }
        self.len += 1;
        let (word, bit) = (index / WORD, index % WORD);
        let mut carried = self.words[word] >> (WORD - 1);
        let below = self.words[word] & low(bit);
        let above = self.words[word] & !low(bit);
        self.words[word] = below | above << 1;
        self.set(index, value);
        for word in &mut self.words[word + 1..] {
            let next = *word >> (WORD - 1);
            *word = *word << 1 | carried;
            carried = next;
        }
    }

    /// Takes a bit out; those behind it move down.
    pub(crate) fn remove(&mut self, index: usize) {
        let (first, bit) = (index / WORD, index % WORD);
        for word in first..self.words.len() {
            let carried = self.words.get(word + 1).map_or(0, |next| next << (WORD - 1));
            let kept = if word == first { low(bit) } else { 0 };
            let moved = (self.words[word] >> 1 | carried) & !kept;
            self.words[word] = self.words[word] & kept | moved;
        }
        self.len -= 1;
        self.words.truncate(self.len.div_ceil(WORD));
    }
}

/// The bits below this one.
const fn low(bit: usize) -> u64 {
    (1 << bit) - 1
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut column = Bits::default();
        for bit in bits {
            if column.len.is_multiple_of(WORD) {
                column.words.push(0);
            }
            column.len += 1;
            column.set(column.len - 1, bit);
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
           #[test]
           fn bits_move_as_the_elements_of_a_list(
               start in proptest::collection::vec(any::<bool>(), 0..200),
               changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0..3_u8), 0..60),
           ) {
               let (mut bits, mut list): (Bits, Vec<bool>) = (start.iter().copied().collect(), start);
               for (place, value, change) in changes {
                   match change {
                       0 => {
                           let at = place.index(list.len() + 1);
                           list.insert(at, value);
    bits.insert(at, value);
                       }
                       1 if !list.is_empty() => {
                           let at = place.index(list.len());
                           list.remove(at);
    bits.remove(at);
                       }
                       _ if !list.is_empty() => {
                           let at = place.index(list.len());
                           list[at] = value;
    bits.set(at, value);
                       }
                       _ => {}
                   }
                   prop_assert_eq!(&bits, &list.iter().copied().collect::<Bits>());
               }
               prop_assert!(list.iter().enumerate().all(|(index, &value)| bits.get(index) == value));
           }
       }
}
