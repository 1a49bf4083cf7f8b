//! The page.

use std::fmt::Write;

use crate::task;

/// What the page tells, as names and values, all of them from outside and not to be trusted as HTML.
pub struct Facts(Vec<(String, String)>);

/// Only variables with these beginnings are shown: a page is no place for the others, which may be secrets.
const SHOWN: [&str; 3] = ["DEMO_", "ECS_CONTAINER_METADATA_URI_V4", "AWS_REGION"];

pub fn facts() -> Facts {
    let mut facts = Vec::new();
    if let Some(arn) = task::arn() {
        let id = arn.rsplit('/').next().unwrap_or_default().to_owned();
        facts.push(("Task".to_owned(), id));
    }
    if let Some(name) = task::hostname() {
        facts.push(("Host name".to_owned(), name));
    }
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .filter(|(name, _)| SHOWN.iter().any(|beginning| name.starts_with(beginning)))
        .collect();
    variables.sort();
    facts.extend(variables);
    Facts(facts)
}

pub fn render(facts: &Facts) -> String {
    let mut rows = String::new();
    for (name, value) in &facts.0 {
        // Writing to a string cannot fail.
        let _ = write!(rows, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    TEMPLATE.replace("{rows}", &rows)
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

const TEMPLATE: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Berth: your task is running</title>
<style>
:root { color-scheme: light dark; --ink: #12303b; --paper: #f4f8f9; --line: #c8d8dd; --sea: #0f7c8f; }
@media (prefers-color-scheme: dark) { :root { --ink: #dbe9ed; --paper: #0d1c22; --line: #27424c; --sea: #4fc3d5; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100vh; display: grid; place-items: center; padding: 2rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(38rem, 100%); }
svg { width: 4rem; display: block; margin-bottom: 1rem; color: var(--sea); }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
p { margin: .5rem 0 2rem; }
dl { border-top: 1px solid var(--line); }
dt { padding-top: .75rem; font-size: .8rem; color: var(--sea); }
dd { padding-bottom: .75rem; border-bottom: 1px solid var(--line); font-family: ui-monospace, monospace;
  overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<svg viewBox="0 0 64 48" fill="none" stroke="currentColor" stroke-width="3" stroke-linejoin="round" aria-hidden="true">
<path d="M10 26h44l-6 12H16zM18 26V14h12v12M30 26V8h14v18"/>
<path d="M4 44c5 0 5-3 9.5-3s5 3 9.5 3 5-3 9.5-3 5 3 9.5 3 5-3 9.5-3 5 3 8.5 3" stroke-linecap="round"/>
</svg>
<h1>Your task is running.</h1>
<p>This page comes from a container that Berth started.</p>
<dl>{rows}</dl>
</main>
</body>
</html>
"##;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_and_harmless() {
        let facts = Facts(vec![("DEMO_X".to_owned(), "<script>alert(\"&\")</script>".to_owned())]);
        let page = render(&facts);
        let row = "<dt>DEMO_X</dt><dd>&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</dd>";
        assert!(page.contains(row), "{page}");
        assert!(!page.contains("{rows}"));
    }
}
