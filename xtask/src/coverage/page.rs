//! `docs/compatibility.md`.

use std::fmt::Write;

use super::deviations::Deviation;
use super::table::{Service, Support, Table};
use super::task_definition::{Row, Section};

const HEAD: &str = "\
# Compatibility

<!-- Written by `cargo xtask coverage` from models/coverage.toml, models/task-definition.toml and the `DEVIATES:` comments. Do not edit. -->

Berth speaks AWS's own APIs. A *supported* operation answers as AWS does, with AWS's defaults, limits and
errors, except for what its note or the last section says. A *planned* or *refused* one answers with an error
that names it: never with an empty success. The same holds for a single parameter that is not supported.
One that AWS's model does not have, such as a misspelt one in a request made by hand, is passed over, as AWS does.
";

/// The whole page.
pub fn render(table: &Table, sections: &[Section], deviations: &[Deviation]) -> String {
    let mut page = HEAD.to_owned();
    for service in table.services.values() {
        render_service(&mut page, service);
    }
    for section in sections {
        render_section(&mut page, section);
    }
    page.push_str("\n## Where Berth differs from AWS on purpose\n\n");
    if deviations.is_empty() {
        page.push_str("Nowhere that we know of.\n");
    }
    for Deviation { path, text } in deviations {
        let _ = writeln!(page, "- {text} ([source](../{path}))");
    }
    page
}

fn render_service(page: &mut String, service: &Service) {
    let supported = service.operations.values().filter(|s| matches!(s, Support::Supported { .. }));
    let _ = write!(
        page,
        "\n## {}\n\n{} of {} operations are supported.\n\n| Operation | |\n|---|---|\n",
        service.title,
        supported.count(),
        service.operations.len(),
    );
    for (operation, support) in &service.operations {
        let support = match support {
            Support::Supported { note: None } => "supported".to_owned(),
            Support::Supported { note: Some(note) } => format!("supported: {note}"),
            Support::Planned { issue: None } => "planned".to_owned(),
            Support::Planned { issue: Some(issue) } => format!("planned (issue {issue})"),
            Support::Refused { why } => format!("refused: {why}"),
        };
        let _ = writeln!(page, "| {operation} | {support} |");
    }
}

fn render_section(page: &mut String, section: &Section) {
    let works = section.fields.iter().filter(|(_, row)| matches!(row, Row::Works { .. })).count();
    let refused =
        section.fields.iter().filter(|(_, row)| matches!(row, Row::Refused { .. })).count();
    let _ = write!(
        page,
        "\n## Every field of {}\n\nOf {} fields {works} work as on ECS, {} differ, and {refused} are refused by name when a \
         task is to be started. What works names the test that proves it.\n\n| Field | | Proof |\n|---|---|---|\n",
        section.operation,
        section.fields.len(),
        section.fields.len() - works - refused,
    );
    for (field, row) in &section.fields {
        let word = match row {
            Row::Works { .. } => "works".to_owned(),
            Row::Differs { differs, .. } => format!("differs: {differs}"),
            Row::Refused { refused } => format!("refused: {refused}"),
        };
        let proofs: Vec<String> = row.proofs().iter().map(|test| format!("`{test}`")).collect();
        let _ = writeln!(page, "| `{field}` | {word} | {} |", proofs.join(", "));
    }
}
