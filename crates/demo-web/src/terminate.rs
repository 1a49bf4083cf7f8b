//! What SIGTERM and SIGINT do to this process.
//!
//! The standard library has no signals, but links the C library that has; two of its functions are
//! declared here rather than a crate used.
#![allow(unsafe_code)]

use std::ffi::c_int;

const SIGINT: c_int = 2;
const SIGTERM: c_int = 15;

// SAFETY: both are the C library's, on every Linux, with these types; `signal`'s result, the previous handler or an
// error, is as large as a pointer. `_exit` ends the process without touching anything of it.
unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    safe fn _exit(code: c_int) -> !;
}

/// SIGTERM and SIGINT end the process at once, with code 0.
pub fn exit_at_once() {
    extern "C" fn exit(_: c_int) {
        _exit(0)
    }
    handle(SIGTERM, exit);
    handle(SIGINT, exit);
}

/// SIGTERM does nothing.
pub fn ignore() {
    extern "C" fn nothing(_: c_int) {}
    handle(SIGTERM, nothing);
}

fn handle(number: c_int, handler: extern "C" fn(c_int)) {
    // SAFETY: the handlers above are all there are. One does nothing and one calls `_exit`, which is allowed in a
    // handler whatever was interrupted (as `std::process::exit` is not). Neither can unwind.
    unsafe { signal(number, handler) };
}
