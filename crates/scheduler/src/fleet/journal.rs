//! Which instances have changed, in order, so that whoever looked earlier looks at those alone.

/// A time in a journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    shape: u64,
    entry: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    /// How often instances came, went or became others: indexes before and after mean different ones.
    shape: u64,
    /// Of the first entry that is kept.
    first: u64,
    changed: Vec<u32>,
}

impl Journal {
    pub(crate) fn now(&self) -> Since {
        Since { shape: self.shape, entry: self.first + self.changed.len() as u64 }
    }

    pub(crate) fn changed(&mut self, index: usize) {
        self.changed.push(index as u32);
    }

    pub(crate) fn reshaped(&mut self) {
        self.shape += 1;
        self.forget();
    }

    /// The instances that changed after that; `None` if it is better to look at all `instances`.
    pub(crate) fn since(
        &mut self,
        since: Since,
        instances: usize,
    ) -> Option<impl Iterator<Item = usize> + '_> {
        let most = instances / 2 + 16;
        if self.changed.len() > 4 * most {
            // Nobody who is as late as the first of these would read them one by one.
            self.changed.drain(..2 * most);
            self.first += 2 * most as u64;
        }
        let skip = since.entry.checked_sub(self.first)? as usize;
        let late = &self.changed[skip.min(self.changed.len())..];
        (since.shape == self.shape && late.len() <= most)
            .then(|| late.iter().map(|&index| index as usize))
    }

    fn forget(&mut self) {
        self.first += self.changed.len() as u64;
        self.changed.clear();
    }
}
