//! Amounts of CPU and memory.
//!
//! AWS: a task definition tells its task's CPU as `"512"` or `"0.5 vCPU"` and its memory as
//! `"1024"` or `"1 GB"`; both forms mean whole units, and 1 GB is 1024 MiB.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use minicbor::{Decode, Encode};

/// CPU time: 1024 units are one virtual CPU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CpuUnits(#[n(0)] pub u32);

/// Memory in mebibytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct MemoryMib(#[n(0)] pub u32);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    #[error("`{text}` is not an amount of {of}: {examples} expected")]
    Malformed { of: &'static str, examples: &'static str, text: String },
    #[error("`{text}` is not a whole number of {unit}")]
    Fraction { unit: &'static str, text: String },
    #[error("`{text}` is more {of} than can be told")]
    TooLarge { of: &'static str, text: String },
}

/// How one kind of amount is written.
struct Notation {
    of: &'static str,
    unit: &'static str,
    /// 1024 units.
    large_unit: &'static str,
    examples: &'static str,
}

const CPU: Notation =
    Notation { of: "CPU", unit: "CPU units", large_unit: "vcpu", examples: "`512` or `0.5 vCPU`" };
const MEMORY: Notation =
    Notation { of: "memory", unit: "MiB", large_unit: "gb", examples: "`1024` or `1 GB`" };

impl Notation {
    fn parse(&self, text: &str) -> Result<u32, UnitError> {
        let malformed =
            || UnitError::Malformed { of: self.of, examples: self.examples, text: text.to_owned() };
        let lower = text.trim().to_ascii_lowercase();
        match lower.strip_suffix(self.large_unit) {
            Some(number) => self.parse_large(text, number.trim_end()),
            None if !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_digit()) => {
                lower.parse().map_err(|_| self.too_large(text))
            }
            None => Err(malformed()),
        }
    }

    /// `number` large units, exactly: a decimal fraction counts only if it is whole small units.
    fn parse_large(&self, text: &str, number: &str) -> Result<u32, UnitError> {
        let malformed =
            || UnitError::Malformed { of: self.of, examples: self.examples, text: text.to_owned() };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return Err(malformed());
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 10 {
            // 1/1024 has ten decimals; nothing longer is whole.
            return Err(UnitError::Fraction { unit: self.unit, text: text.to_owned() });
        }
        let value = |part: &str| if part.is_empty() { Some(0) } else { part.parse::<u64>().ok() };
        let (whole, part) =
            value(whole).zip(value(fraction)).ok_or_else(|| self.too_large(text))?;
        let one = 10_u64.pow(fraction.len() as u32);
        if part * 1024 % one != 0 {
            return Err(UnitError::Fraction { unit: self.unit, text: text.to_owned() });
        }
        whole
            .checked_mul(1024)
            .and_then(|units| units.checked_add(part * 1024 / one))
            .and_then(|units| u32::try_from(units).ok())
            .ok_or_else(|| self.too_large(text))
    }

    fn too_large(&self, text: &str) -> UnitError {
        UnitError::TooLarge { of: self.of, text: text.to_owned() }
    }
}

macro_rules! amounts {
    ($($name:ident in $notation:ident;)+) => {$(
        impl $name {
            pub const ZERO: $name = $name(0);

            pub const fn checked_add(self, other: $name) -> Option<$name> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Some($name(sum)),
                    None => None,
                }
            }

            pub const fn checked_sub(self, other: $name) -> Option<$name> {
                match self.0.checked_sub(other.0) {
                    Some(rest) => Some($name(rest)),
                    None => None,
                }
            }

            pub const fn saturating_add(self, other: $name) -> $name {
                $name(self.0.saturating_add(other.0))
            }

            pub const fn saturating_sub(self, other: $name) -> $name {
                $name(self.0.saturating_sub(other.0))
            }
        }

        /// The plain number, as the API writes it.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = UnitError;

            fn from_str(text: &str) -> Result<Self, UnitError> {
                $notation.parse(text).map($name)
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = $name>>(amounts: I) -> $name {
                amounts.fold($name::ZERO, $name::saturating_add)
            }
        }
    )+};
}

amounts! {
    CpuUnits in CPU;
    MemoryMib in MEMORY;
}

impl MemoryMib {
    pub const fn as_bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }

    /// Whole mebibytes; a rest is not counted, since a host cannot give what it has only in part.
    pub const fn from_bytes(bytes: u64) -> Self {
        let mib = bytes / (1024 * 1024);
        MemoryMib(if mib > u32::MAX as u64 { u32::MAX } else { mib as u32 })
    }
}

impl CpuUnits {
    pub const PER_VCPU: u32 = 1024;

    pub const fn from_vcpus(vcpus: u32) -> Self {
        CpuUnits(vcpus.saturating_mul(Self::PER_VCPU))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_ecs() {
        for (text, units) in [
            ("256", 256),
            ("0.25 vCPU", 256),
            (".5vcpu", 512),
            ("1 vCPU", 1024),
            ("16 VCPU", 16384),
        ] {
            assert_eq!(text.parse(), Ok(CpuUnits(units)), "{text}");
        }
        for (text, mib) in
            [("512", 512), ("0.5 GB", 512), ("1GB", 1024), ("1.5 gb", 1536), ("120 GB", 122_880)]
        {
            assert_eq!(text.parse(), Ok(MemoryMib(mib)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_the_reason() {
        for (text, message) in [
            ("", "`` is not an amount of CPU: `512` or `0.5 vCPU` expected"),
            ("-1", "`-1` is not an amount of CPU: `512` or `0.5 vCPU` expected"),
            ("1 GB", "`1 GB` is not an amount of CPU: `512` or `0.5 vCPU` expected"),
            ("vCPU", "`vCPU` is not an amount of CPU: `512` or `0.5 vCPU` expected"),
            (". vCPU", "`. vCPU` is not an amount of CPU: `512` or `0.5 vCPU` expected"),
            ("0.1 vCPU", "`0.1 vCPU` is not a whole number of CPU units"),
            ("4294967296", "`4294967296` is more CPU than can be told"),
            ("4194304 vCPU", "`4194304 vCPU` is more CPU than can be told"),
        ] {
            assert_eq!(text.parse::<CpuUnits>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(CpuUnits(1).checked_sub(CpuUnits(2)), None);
        assert_eq!(CpuUnits(1).saturating_sub(CpuUnits(2)), CpuUnits::ZERO);
        assert_eq!(MemoryMib(u32::MAX).checked_add(MemoryMib(1)), None);
        assert_eq!(
            [MemoryMib(u32::MAX), MemoryMib(1)].into_iter().sum::<MemoryMib>(),
            MemoryMib(u32::MAX)
        );
        assert_eq!(MemoryMib::from_bytes(MemoryMib(6).as_bytes() + 1), MemoryMib(6));
        assert_eq!(MemoryMib::from_bytes(u64::MAX), MemoryMib(u32::MAX));
    }

    proptest::proptest! {
        #[test]
        fn parsing_what_was_rendered_gives_it_back(units: u32) {
            proptest::prop_assert_eq!(CpuUnits(units).to_string().parse(), Ok(CpuUnits(units)));
        }

        #[test]
        fn large_units_are_exact(units in 0_u32..10_000_000) {
            let text = format!("{} GB", f64::from(units) / 1024.0);
            proptest::prop_assert_eq!(text.parse(), Ok(MemoryMib(units)));
        }

        #[test]
        fn no_text_panics(text in "[0-9. ]{0,30}(vCPU|GB)?|.*") {
            drop((text.parse::<CpuUnits>(), text.parse::<MemoryMib>()));
        }
    }
}
