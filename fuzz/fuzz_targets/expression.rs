//! Expressions of the cluster query language.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = berth_scheduler::Expression::parse(text);
});
