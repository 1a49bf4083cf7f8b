//! An image that does nothing: its container holds namespaces that others join.
//!
//! Its one program is made here, instruction by instruction, so that there is nothing to build, ship or pull.
//! It tells the kernel to forget children that end, since as the first process of a process namespace it inherits
//! those of others, and then sleeps forever. It handles no signal: as a first process it is deaf to all but SIGKILL.

use crate::image_archive::archive_of;

/// The image's name. Its tag changes when its program does.
pub const PAUSE_IMAGE: &str = "berth/pause:1";

/// What the image is loaded from; `None` on an architecture that we have no program for.
pub fn pause_image_archive() -> Option<Vec<u8>> {
    let program = program(std::env::consts::ARCH)?;
    Some(archive_of("pause", program, PAUSE_IMAGE).expect("an archive in memory can be written"))
}

/// Whether there is such an image for this machine.
pub fn has_pause_image() -> bool {
    machine(std::env::consts::ARCH).is_some()
}

/// What differs between architectures.
struct Machine {
    /// The number that ELF has for it.
    elf: u16,
    code: &'static [u8],
}

fn machine(architecture: &str) -> Option<Machine> {
    match architecture {
        "x86_64" => Some(Machine { elf: 62, code: &X86_64 }),
        "aarch64" => Some(Machine { elf: 183, code: &AARCH64 }),
        _ => None,
    }
}

/// `struct sigaction` comes after the code, at the next multiple of eight: the handler SIG_IGN, and zeroes.
const SIGACTION: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

#[rustfmt::skip]
const X86_64: [u8; 40] = [
    // rt_sigaction(SIGCHLD, &sigaction, NULL, 8)
    0xb8, 13, 0, 0, 0,                   //     mov eax, 13
    0xbf, 17, 0, 0, 0,                   //     mov edi, 17
    0x48, 0x8d, 0x35, 23, 0, 0, 0,       //     lea rsi, [rip + 23]: 40, as rip is 17 by then
    0x31, 0xd2,                          //     xor edx, edx
    0x41, 0xba, 8, 0, 0, 0,              //     mov r10d, 8
    0x0f, 0x05,                          //     syscall
    // pause(), for ever
    0xb8, 34, 0, 0, 0,                   // 27: mov eax, 34
    0x0f, 0x05,                          //     syscall
    0xeb, 0xf7,                          //     jmp 27
    0x90, 0x90, 0x90, 0x90,              //     padding
];

#[rustfmt::skip]
const AARCH64: [u8; 56] = [
    // rt_sigaction(SIGCHLD, &sigaction, NULL, 8)
    0xc8, 0x10, 0x80, 0xd2,              //     mov x8, 134
    0x20, 0x02, 0x80, 0xd2,              //     mov x0, 17
    0x81, 0x01, 0x00, 0x10,              //     adr x1, 56: 48 further on
    0x02, 0x00, 0x80, 0xd2,              //     mov x2, 0
    0x03, 0x01, 0x80, 0xd2,              //     mov x3, 8
    0x01, 0x00, 0x00, 0xd4,              //     svc 0
    // ppoll(NULL, 0, NULL, NULL, 0), for ever: there is no pause
    0x28, 0x09, 0x80, 0xd2,              // 24: mov x8, 73
    0x00, 0x00, 0x80, 0xd2,              //     mov x0, 0
    0x01, 0x00, 0x80, 0xd2,              //     mov x1, 0
    0x02, 0x00, 0x80, 0xd2,              //     mov x2, 0
    0x03, 0x00, 0x80, 0xd2,              //     mov x3, 0
    0x04, 0x00, 0x80, 0xd2,              //     mov x4, 0
    0x01, 0x00, 0x00, 0xd4,              //     svc 0
    0xf9, 0xff, 0xff, 0x17,              //     b 24: seven instructions back
];

const ELF_HEADER: u16 = 64;
const PROGRAM_HEADER: u16 = 56;
/// Where the file is mapped, and the first instruction in it.
const BASE: u64 = 0x40_0000;
const ENTRY: u64 = BASE + ELF_HEADER as u64 + PROGRAM_HEADER as u64;

/// A static executable of one segment, which is the whole file.
fn program(architecture: &str) -> Option<Vec<u8>> {
    let Machine { elf, code } = machine(architecture)?;
    let size = u64::from(ELF_HEADER + PROGRAM_HEADER) + (code.len() + SIGACTION.len()) as u64;
    let mut file = Vec::new();
    // 64 bits, little-endian, version 1, System V, and padding.
    file.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    push16(&mut file, [2, elf]); // an executable, for this machine
    push32(&mut file, [1]); // version
    push64(&mut file, [ENTRY, ELF_HEADER.into(), 0]); // program headers follow this one; there are no sections
    push32(&mut file, [0]); // flags
    push16(&mut file, [ELF_HEADER, PROGRAM_HEADER, 1, 0, 0, 0]);
    push32(&mut file, [1, 5]); // to be loaded, readable and executable
    // From the file's first byte to its last. The largest pages of either machine are of 64 KiB.
    push64(&mut file, [0, BASE, BASE, size, size, 0x1_0000]);
    file.extend(code);
    file.extend(SIGACTION);
    Some(file)
}

fn push16<const N: usize>(file: &mut Vec<u8>, values: [u16; N]) {
    values.iter().for_each(|value| file.extend(value.to_le_bytes()));
}

fn push32<const N: usize>(file: &mut Vec<u8>, values: [u32; N]) {
    values.iter().for_each(|value| file.extend(value.to_le_bytes()));
}

fn push64<const N: usize>(file: &mut Vec<u8>, values: [u64; N]) {
    values.iter().for_each(|value| file.extend(value.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_programs_are_whole_executables() {
        for (architecture, elf) in [("x86_64", 62), ("aarch64", 183)] {
            let file = program(architecture).unwrap();
            assert_eq!(&file[..4], b"\x7fELF");
            assert_eq!(u16::from_le_bytes([file[18], file[19]]), elf);
            let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
            assert_eq!(number(24), ENTRY);
            assert_eq!((number(96), number(104)), (file.len() as u64, file.len() as u64));
            let handler = file.len() - SIGACTION.len();
            assert_eq!(handler % 8, 0, "aligned as the kernel reads it");
            assert_eq!(number(handler), 1);
        }
        assert!(program("riscv64").is_none());
    }

    /// The processor's own opinion, where it is one of the two.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[test]
    fn it_sleeps_and_ignores_the_end_of_children() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pause");
        std::fs::write(&path, program(std::env::consts::ARCH).unwrap()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut child = std::process::Command::new(&path).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            assert_eq!(child.try_wait().unwrap(), None, "it never ends");
            let text = std::fs::read_to_string(&status).unwrap();
            let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let ignored = u64::from_str_radix(value("SigIgn:").trim(), 16).unwrap();
            let sleeps = value("State:").trim().starts_with('S');
            // Signal 17 is the bit 16.
            if sleeps && ignored & (1 << 16) != 0 {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "{text}");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
