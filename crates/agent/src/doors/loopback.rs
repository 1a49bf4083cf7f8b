//! Giving the loopback interface one more address, and taking it away: a single netlink message each.

use std::io;
use std::net::Ipv4Addr;

use rustix::io::Errno;
use rustix::net::netdevice::name_to_index;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};

// rtnetlink(7), netlink(7).
const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
const NLMSG_ERROR: u16 = 2;
/// A request that is to be acknowledged.
const ASK: u16 = 0x001 | 0x004;
/// Create, and fail if it is there.
const ANEW: u16 = 0x400 | 0x200;
const AF_INET: u8 = 2;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
/// An address that means this machine alone.
const RT_SCOPE_HOST: u8 = 254;
const HEADER: usize = 16;

/// Afterwards the loopback interface of this thread's network has the address. Whether it had it not before.
pub(crate) fn ensure_address(address: Ipv4Addr) -> io::Result<bool> {
    match ask(RTM_NEWADDR, ASK | ANEW, address) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(Errno::EXIST.raw_os_error()) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes it away from the loopback interface of this thread's network.
pub(crate) fn remove_address(address: Ipv4Addr) -> io::Result<()> {
    ask(RTM_DELADDR, ASK, address)
}

fn ask(kind: u16, flags: u16, address: Ipv4Addr) -> io::Result<()> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let message = message(kind, flags, address, name_to_index(&socket, "lo")?);
    sendto(&socket, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0; 256];
    let (length, _) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
    match refusal(&answer[..length]) {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::Error::other("the kernel's answer is none")),
    }
}

fn message(kind: u16, flags: u16, address: Ipv4Addr, interface: u32) -> Vec<u8> {
    let mut body = vec![AF_INET, 32, 0, RT_SCOPE_HOST];
    body.extend(interface.to_ne_bytes());
    for attribute in [IFA_LOCAL, IFA_ADDRESS] {
        body.extend(8_u16.to_ne_bytes());
        body.extend(attribute.to_ne_bytes());
        body.extend(address.octets());
    }
    let length = u32::try_from(HEADER + body.len()).expect("it has forty bytes");
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    // Number and sender: there is one question, and the kernel knows who asks.
    message.extend([0; 8]);
    message.extend(body);
    message
}

/// The code of an acknowledgement: 0, or an error's number below it.
fn refusal(answer: &[u8]) -> Option<i32> {
    let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
    let code = answer.get(HEADER..HEADER + 4)?.try_into().ok()?;
    (kind == NLMSG_ERROR).then(|| i32::from_ne_bytes(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_how_long_it_is() {
        let message = message(RTM_NEWADDR, ASK, Ipv4Addr::new(169, 254, 170, 2), 1);
        assert_eq!(message.len(), 40);
        assert_eq!(message[..4], 40_u32.to_ne_bytes());
        assert_eq!(message[28..32], [169, 254, 170, 2]);
    }

    #[test]
    fn an_acknowledgement_is_told_from_anything_else() {
        let answer = |kind: u16, code: i32| {
            let mut answer = vec![0; 20];
            answer[4..6].copy_from_slice(&kind.to_ne_bytes());
            answer[16..].copy_from_slice(&code.to_ne_bytes());
            answer
        };
        assert_eq!(refusal(&answer(NLMSG_ERROR, 0)), Some(0));
        assert_eq!(refusal(&answer(NLMSG_ERROR, -17)), Some(-17));
        assert_eq!(refusal(&answer(RTM_NEWADDR, 0)), None);
        assert_eq!(refusal(&answer(NLMSG_ERROR, 0)[..19]), None);
    }
}
