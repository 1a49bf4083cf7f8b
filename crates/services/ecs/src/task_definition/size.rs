//! A task's own CPU and memory, in the ways that ECS lets one write them.

use berth_aws_api::ecs as api;
use berth_model::{CpuUnits, MemoryMib};

use super::refuse;

const TROUBLESHOOTING: &str =
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
const FEWEST_UNITS: u32 = 128;
const MOST_UNITS: u32 = 196_608;
/// AWS: what the least container needs.
const LEAST_MIB: u32 = 6;

/// CPU units: `1024`, `1 vCPU`, `.5vcpu`.
pub fn cpu(text: &str) -> Result<CpuUnits, api::Error> {
    let units = match text.trim().to_ascii_lowercase().strip_suffix("vcpu") {
        Some(vcpus) => scaled(vcpus, 1024),
        None => text.trim().parse().ok(),
    };
    match units {
        Some(units) if (FEWEST_UNITS..=MOST_UNITS).contains(&units) => Ok(CpuUnits(units)),
        Some(units) => refuse(format!(
            "Invalid 'cpu' setting for task. `{text}` is {units} CPU units; {FEWEST_UNITS} to {MOST_UNITS} are possible. {TROUBLESHOOTING}"
        )),
        None => refuse(format!(
            "Invalid 'cpu' setting for task. `{text}` is neither a number of CPU units, such as 1024, nor of vCPUs, such as 1 vCPU. {TROUBLESHOOTING}"
        )),
    }
}

/// MiB: `512`, `1 GB`, `0.5gb`.
pub fn memory(text: &str) -> Result<MemoryMib, api::Error> {
    let mib = match text.trim().to_ascii_lowercase().strip_suffix("gb") {
        Some(gib) => scaled(gib, 1024),
        None => text.trim().parse().ok(),
    };
    // The API shows memory as a signed number of MiB.
    match mib.filter(|mib| i32::try_from(*mib).is_ok()) {
        Some(mib) if mib >= LEAST_MIB => Ok(MemoryMib(mib)),
        Some(mib) => refuse(format!(
            "Invalid 'memory' setting for task. {mib} MiB is less than the {LEAST_MIB} MiB that a container needs. {TROUBLESHOOTING}"
        )),
        None => refuse(format!(
            "Invalid 'memory' setting for task. `{text}` is neither a number of MiB, such as 512, nor of GB, such as 1 GB. {TROUBLESHOOTING}"
        )),
    }
}

/// A decimal number times `unit`, if that is whole.
fn scaled(decimal: &str, unit: u32) -> Option<u32> {
    let (whole, fraction) = decimal.trim().split_once('.').unwrap_or((decimal.trim(), ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    // More than this many digits of a fraction of 1024 are never whole.
    if !is_number(whole)
        || !is_number(fraction)
        || fraction.len() > 10
        || whole.len() + fraction.len() == 0
    {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let parts = 10_u64.pow(fraction.len() as u32);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let product = whole.checked_mul(parts)?.checked_add(fraction)?.checked_mul(u64::from(unit))?;
    (product % parts == 0).then_some(product / parts)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_size_mean_the_same() {
        for (text, units) in [
            ("256", 256),
            ("1 vCPU", 1024),
            (".5vcpu", 512),
            ("0.25 VCPU", 256),
            (" 128 ", 128),
            ("4.0 vCPU", 4096),
        ] {
            assert_eq!(cpu(text).unwrap(), CpuUnits(units), "{text}");
        }
        for (text, mib) in [("512", 512), ("1GB", 1024), ("0.5 gb", 512), ("30 GB", 30_720)] {
            assert_eq!(memory(text).unwrap(), MemoryMib(mib), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_its_text() {
        for text in [
            "",
            "vCPU",
            "1.2.3 vCPU",
            "-1",
            "1e3",
            "0.0001 vCPU",
            "99999999999999999999 vCPU",
            "200 vCPU",
        ] {
            assert!(
                cpu(text).unwrap_err().to_string().contains("Invalid 'cpu' setting for task."),
                "{text}"
            );
        }
        for text in ["", "GB", "5", "1 TB", "0", "-512", "3000000000", "99999999999999999999GB"] {
            assert!(
                memory(text)
                    .unwrap_err()
                    .to_string()
                    .contains("Invalid 'memory' setting for task."),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,24}( ?(vCPU|GB))?") {
            drop((cpu(&text), memory(&text)));
        }
    }
}
