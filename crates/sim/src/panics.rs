//! Panics of the simulated processes. The runtime contains them, as it should; here they still count as bugs.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    /// What the first panic on this thread said; `None` where nobody watches.
    static WATCHED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Watches the thread that a simulation runs on, until dropped.
pub struct PanicWatch(());

impl PanicWatch {
    pub fn begin() -> Self {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                let is_watched = WATCHED.with_borrow_mut(|watched| {
                    watched.as_mut().map(|panics| panics.push(info.to_string())).is_some()
                });
                if !is_watched {
                    before(info);
                }
            }));
        });
        WATCHED.set(Some(Vec::new()));
        Self(())
    }

    /// The first panic since the beginning, if there was any.
    pub fn first(&self) -> Option<String> {
        WATCHED.with_borrow(|watched| watched.as_ref()?.first().cloned())
    }
}

impl Drop for PanicWatch {
    fn drop(&mut self) {
        WATCHED.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contained_panic_is_seen() {
        let watch = PanicWatch::begin();
        assert_eq!(watch.first(), None);
        drop(panic::catch_unwind(|| panic!("somebody's bug")));
        assert!(watch.first().is_some_and(|text| text.contains("somebody's bug")));
    }
}
