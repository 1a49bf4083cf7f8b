//! The three cyclic checksums of AWS's trailers. All are bit-reflected and differ in width and polynomial.

/// A cyclic checksum of up to 64 bits.
pub(super) struct Crc {
    table: [u64; 256],
    ones: u64,
}

pub(super) static CRC32: Crc = Crc::new(0xEDB8_8320, u32::MAX as u64);
pub(super) static CRC32C: Crc = Crc::new(0x82F6_3B78, u32::MAX as u64);
pub(super) static CRC64_NVME: Crc = Crc::new(0x9A6C_9329_AC4B_C9B5, u64::MAX);

impl Crc {
    const fn new(polynomial: u64, ones: u64) -> Self {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut value = byte as u64;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { (value >> 1) ^ polynomial } else { value >> 1 };
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        Crc { table, ones }
    }

    pub fn of(&self, data: &[u8]) -> u64 {
        let folded = data.iter().fold(self.ones, |crc, byte| {
            self.table[((crc ^ u64::from(*byte)) & 0xFF) as usize] ^ (crc >> 8)
        });
        folded ^ self.ones
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_values() {
        assert_eq!(CRC32.of(b"123456789"), 0xCBF4_3926);
        assert_eq!(CRC32C.of(b"123456789"), 0xE306_9283);
        assert_eq!(CRC64_NVME.of(b"123456789"), 0xAE8B_1486_0A79_9888);
    }
}
