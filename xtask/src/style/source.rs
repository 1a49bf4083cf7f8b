//! Rust sources: a module doc, a length that can be read, nothing left for later, no sleeping tests.

/// Lines of a hand-written file before its tests.
const LONGEST: usize = 800;
/// Generated files are looked up, not read, but an editor must still like them.
const LONGEST_GENERATED: usize = 2_000;

/// Written in halves, so that this file keeps its own rule.
const NEVER: [(&str, &str, &str); 2] = [
    ("todo", "!(", "finish it or leave it out"),
    ("unimplemented", "!(", "finish it or refuse the request by name"),
];
const NEVER_IN_TESTS: [(&str, &str, &str); 1] =
    [("thread::", "sleep(", "wait for a state, not for a time")];

pub fn check(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !path.ends_with(".rs") {
        return faults;
    }
    if !is_test(path) {
        if !text.starts_with("//!") {
            faults.push("begins without a module doc (`//!`): what does it decide?".to_owned());
        }
        let longest = if path.contains("/generated/") { LONGEST_GENERATED } else { LONGEST };
        let lines = lines_before_tests(text);
        if lines > longest {
            faults.push(format!(
                "{lines} lines before its tests, more than {longest}: one concept each"
            ));
        }
    }
    let before_tests = if is_test(path) { 0 } else { lines_before_tests(text) };
    for (number, line) in text.lines().enumerate() {
        let in_tests = NEVER_IN_TESTS.iter().filter(|_| number >= before_tests);
        for (head, tail, instead) in NEVER.iter().chain(in_tests) {
            if line.contains(&format!("{head}{tail}")) {
                faults.push(format!("line {}: `{head}{tail}…)`: {instead}", number + 1));
            }
        }
    }
    faults
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn lines_before_tests(text: &str) -> usize {
    text.lines().take_while(|line| *line != "#[cfg(test)]").count()
}
