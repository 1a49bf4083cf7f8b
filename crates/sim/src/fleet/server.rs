//! What the server says of itself at `/metrics`, and what this process costs.

use std::time::Duration;

use super::wire::Wire;

/// What a process uses, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) resident_bytes: f64,
    pub(super) cpu: Duration,
    /// The limit on open files.
    pub(super) most_files: usize,
}

/// `None` of a server that does not say.
pub(super) async fn figures(wire: &Wire) -> anyhow::Result<Option<Figures>> {
    Ok(parse(&wire.get("/metrics").await?))
}

fn parse(page: &str) -> Option<Figures> {
    let value = |name: &str| -> Option<f64> {
        let mut values = page.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values.next()?.trim().parse().ok()
    };
    Some(Figures {
        resident_bytes: value("process_resident_memory_bytes")?,
        cpu: Duration::try_from_secs_f64(value("process_cpu_seconds_total")?).ok()?,
        // A limit too large for a float's whole numbers is none.
        most_files: value("process_max_fds")? as usize,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_found_among_others() {
        let page = "# TYPE process_max_fds gauge\nprocess_max_fds 20000\n\
                    process_resident_memory_bytes_peak 9\nprocess_resident_memory_bytes 1048576\n\
                    process_cpu_seconds_total 1.5\n";
        let found = Figures {
            resident_bytes: 1_048_576.0,
            cpu: Duration::from_millis(1_500),
            most_files: 20_000,
        };
        assert_eq!(parse(page), Some(found));
        assert_eq!(parse("berth_requests_total 1\n"), None);
    }
}
