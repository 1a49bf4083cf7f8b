//! Which pages of memory this process has: none that are huge, and none that only its start needed.
//!
//! The allocator asks for them, and a busy server is the quicker for it. But each holds two mebibytes, and what an
//! agent or a short command needs touches four of them to use a fraction. So they are off until a command that
//! profits turns them on: from the first allocation on, since a huge page once given is not taken back, and the
//! first allocation comes before `main`.
//!
//! Most of what an idle agent has resident are pages of the program itself, and most of these were needed once, while it
//! started: to link itself, to read its command line, to register. The kernel keeps them mapped for as long as there
//! is memory, and maps fifteen neighbours of each besides. [`forget_program`] unmaps them all, and what is used comes back.

use std::ops::Range;

use rustix::mm::{Advice, madvise};

/// The loader calls what is in this section before it enters the program.
#[expect(unsafe_code, reason = "no safe way to run before the first allocation")]
// SAFETY: the section holds pointers to functions of the C calling convention, and this is one. Nothing of the
// standard library is ready when it runs, and it uses nothing of it: it makes one system call, without allocating
// and without a way to panic.
#[unsafe(link_section = ".init_array")]
#[used]
static BEFORE_MAIN: extern "C" fn() = {
    extern "C" fn begin_without() {
        allow_huge(false);
    }
    begin_without
};

/// A kernel that cannot do it is no obstacle: the process takes some more memory, or some more time.
pub fn allow_huge(allowed: bool) {
    let _ = rustix::thread::disable_transparent_huge_pages(!allowed);
}

/// Unmaps the pages of the program and its libraries. What is needed again is mapped again, from the kernel's cache, at
/// the price of a page fault. A kernel that says too little about its mappings leaves everything as it is.
pub fn forget_program() {
    let mappings = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
    for pages in of_files(&mappings) {
        #[expect(unsafe_code, reason = "unmapping pages has no safe form")]
        // SAFETY: the mapping is one of a file, cannot be written to, and has no page that differs from the file, so the
        // kernel gives back the same bytes when they are next touched. Nothing in this process removes such mappings or
        // makes them writable: they are those of the program and its libraries, and no library is ever unloaded. A
        // mapping that is gone after all is an error without effect.
        let forgotten =
            unsafe { madvise(pages.start as *mut _, pages.len(), Advice::LinuxDontNeed) };
        if let Err(error) = forgotten {
            tracing::debug!(%error, ?pages, "pages of the program stay mapped");
        }
    }
}

/// The mappings in `/proc/<pid>/smaps` that are just what is in a file.
fn of_files(mappings: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut mapping = None;
    for line in mappings.lines() {
        if let Some(range) = file_without_writing(line) {
            mapping = Some(range);
        } else if let Some(changed) = line.strip_prefix("Anonymous:") {
            // The linker writes to some before it takes the right to write away.
            found.extend(mapping.take().filter(|_| changed.trim() == "0 kB"));
        } else if line.split(' ').next().is_some_and(|first| !first.ends_with(':')) {
            // The first line of a mapping of another kind.
            mapping = None;
        }
    }
    found
}

/// `start-end r?-p offset device inode /path`
fn file_without_writing(line: &str) -> Option<Range<usize>> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let path = words.nth(3)?;
    let is_plain = matches!(rights, "r-xp" | "r--p") && path.starts_with('/');
    let address = |text| usize::from_str_radix(text, 16).ok();
    is_plain.then_some(address(start)?..address(end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unchanged_pages_of_files_are_forgotten() {
        let mappings = "\
1000-3000 r-xp 00000000 08:01 7 /usr/bin/berth
Rss:                   8 kB
Anonymous:             0 kB
VmFlags: rd ex mr
3000-4000 r--p 00002000 08:01 7 /usr/bin/berth
Anonymous:             4 kB
4000-5000 rw-p 00003000 08:01 7 /usr/bin/berth
Anonymous:             0 kB
5000-6000 r--p 00000000 00:00 0
Anonymous:             0 kB
6000-7000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
7000-9000 r--p 00000000 08:01 9                          /usr/lib/libm.so.6
Anonymous:             0 kB
";
        assert_eq!(of_files(mappings), [0x1000..0x3000, 0x7000..0x9000]);
    }

    #[test]
    fn a_program_that_is_forgotten_still_runs() {
        let resident = || {
            let status = std::fs::read_to_string("/proc/self/status").expect("procfs is there");
            let line = status.lines().find_map(|line| line.strip_prefix("RssFile:"));
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        };
        let before = resident().expect("Linux 4.5 can tell");
        forget_program();
        let after = resident().expect("Linux 4.5 can tell");
        assert!(after < before / 2, "{after} kB of {before} kB are left");
    }

    #[test]
    fn a_process_begins_without_and_may_change_its_mind() {
        let allowed =
            || !rustix::thread::transparent_huge_pages_are_disabled().expect("Linux 3.15 can tell");
        assert!(!allowed(), "before anybody asked");
        allow_huge(true);
        assert!(allowed());
        allow_huge(false);
        assert!(!allowed());
    }
}
