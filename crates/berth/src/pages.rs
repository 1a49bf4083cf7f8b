//! Whether the kernel may give this process its memory in huge pages.
//!
//! The allocator asks for them, and a busy server is the quicker for it. But each holds two mebibytes, and what an
//! agent or a short command needs touches four of them to use a fraction. So they are off until a command that
//! profits turns them on: from the first allocation on, since a huge page once given is not taken back, and the
//! first allocation comes before `main`.

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

#[cfg(test)]
mod tests {
    use super::*;

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
