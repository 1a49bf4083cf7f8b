//! Values by the beginning of a key.

/// Each node may have a value; a key's walk comes by those of all its beginnings.
#[derive(Debug)]
pub(super) struct Trie<T> {
    value: Option<T>,
    /// By the first byte of their labels, which differ.
    children: Vec<Edge<T>>,
}

#[derive(Debug)]
struct Edge<T> {
    /// Never empty.
    label: Vec<u8>,
    below: Trie<T>,
}

impl<T> Default for Trie<T> {
    fn default() -> Trie<T> {
        Trie { value: None, children: Vec::new() }
    }
}

impl<T: Default> Trie<T> {
    /// The value of that key, which is made if there is none.
    pub(super) fn at(&mut self, key: &[u8]) -> &mut T {
        let Some(&first) = key.first() else {
            return self.value.get_or_insert_default();
        };
        let place = match self.children.binary_search_by_key(&first, |edge| edge.label[0]) {
            Ok(place) => place,
            Err(place) => {
                self.children.insert(place, Edge { label: key.to_vec(), below: Trie::default() });
                place
            }
        };
        let edge = &mut self.children[place];
        let shared = edge.label.iter().zip(key).take_while(|(a, b)| a == b).count();
        if shared < edge.label.len() {
            edge.split(shared);
        }
        edge.below.at(&key[shared..])
    }
}

impl<T> Trie<T> {
    /// Shows the values of all beginnings of `key`, the shortest first.
    pub(super) fn walk<'a>(
        &'a self,
        mut key: impl Iterator<Item = u8>,
        mut see: impl FnMut(&'a T),
    ) {
        let mut node = self;
        loop {
            if let Some(value) = &node.value {
                see(value);
            }
            // Most nodes are the last: their keys' rest is not even read.
            if node.children.is_empty() {
                return;
            }
            let Some(first) = key.next() else { return };
            let Ok(place) = node.children.binary_search_by_key(&first, |edge| edge.label[0]) else {
                return;
            };
            let edge = &node.children[place];
            if !edge.label[1..].iter().all(|&byte| key.next() == Some(byte)) {
                return;
            }
            node = &edge.below;
        }
    }
}

impl<T> Edge<T> {
    /// Ends after `length` bytes, in a new node that has all that was below.
    fn split(&mut self, length: usize) {
        let rest = self.label.split_off(length);
        let below = std::mem::take(&mut self.below);
        self.below.children.push(Edge { label: rest, below });
    }
}

#[cfg(test)]
mod tests {
    use super::Trie;

    #[test]
    fn a_walk_comes_by_every_beginning_of_its_key() {
        let mut trie: Trie<String> = Trie::default();
        for key in ["/api/", "", "/api/v1", "/app", "/api/", "/api/v1/users", "x"] {
            trie.at(key.as_bytes()).push_str(&format!("[{key}]"));
        }
        let seen = |key: &str| {
            let mut seen = String::new();
            trie.walk(key.bytes(), |value| seen.push_str(value));
            seen
        };
        assert_eq!(seen("/api/v1/user"), "[][/api/][/api/][/api/v1]");
        assert_eq!(seen("/api/v1/users/7"), "[][/api/][/api/][/api/v1][/api/v1/users]");
        assert_eq!(seen("/app"), "[][/app]");
        assert_eq!(seen("/ap"), "[]");
        assert_eq!(seen(""), "[]");
        assert_eq!(seen("xyz"), "[][x]");
    }
}
