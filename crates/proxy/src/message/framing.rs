//! Where a body ends, and what of it is data.
//!
//! Only what all readers of HTTP/1.1 read alike is read at all; anything else is an error, and ends the connection.

use std::io;

use bytes::{Buf, BytesMut};

/// What a chunk's size may be said with, and all that comes behind the last chunk.
const LINE_BYTES: usize = 16 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Over,
    /// So many bytes are to come.
    Length(u64),
    Chunked(Chunk),
}

/// What is expected next of a chunked body (RFC 9112, 7.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    Size {
        size: u64,
        digits: u8,
    },
    /// The rest of the line that says a size, of which there were so many bytes.
    Extension {
        size: u64,
        length: usize,
    },
    SizeEnd {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataCr,
    DataLf,
    /// The beginning of a line behind the last chunk, after so many bytes of others.
    TrailerStart {
        length: usize,
    },
    Trailer {
        length: usize,
    },
    TrailerLf {
        length: usize,
    },
    LastLf,
}

impl Framing {
    pub(crate) fn of(length: Option<u64>, is_chunked: bool) -> Framing {
        match (is_chunked, length) {
            (true, _) => Framing::Chunked(Chunk::Size { size: 0, digits: 0 }),
            (false, None | Some(0)) => Framing::Over,
            (false, Some(length)) => Framing::Length(length),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        *self == Framing::Over
    }

    /// How many of these bytes are of the body.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Framing::Over => Ok(0),
            Framing::Length(left) => {
                let taken = at_most(*left, bytes.len());
                *left -= taken as u64;
                if *left == 0 {
                    *self = Framing::Over;
                }
                Ok(taken)
            }
            Framing::Chunked(chunk) => {
                let mut at = 0;
                while at < bytes.len() {
                    if let Chunk::Data { left } = chunk {
                        let taken = at_most(*left, bytes.len() - at);
                        chunk.take(taken);
                        at += taken;
                        continue;
                    }
                    let is_over = chunk.read(bytes[at])?;
                    at += 1;
                    if is_over {
                        *self = Framing::Over;
                        break;
                    }
                }
                Ok(at)
            }
        }
    }

    /// Takes the next data off these bytes, and what it is wrapped in. None if there is none yet, or the body is over.
    /// Lines behind the last chunk are added to `trailers`, with the empty one.
    pub(crate) fn data(
        &mut self,
        bytes: &mut BytesMut,
        trailers: &mut Vec<u8>,
    ) -> io::Result<Option<BytesMut>> {
        let Framing::Chunked(chunk) = self else {
            let taken = self.take(bytes)?;
            return Ok((taken > 0).then(|| bytes.split_to(taken)));
        };
        while let Some(&byte) = bytes.first() {
            if let Chunk::Data { left } = chunk {
                let taken = at_most(*left, bytes.len());
                chunk.take(taken);
                return Ok(Some(bytes.split_to(taken)));
            }
            bytes.advance(1);
            if chunk.is_behind_data() {
                trailers.push(byte);
            }
            if chunk.read(byte)? {
                *self = Framing::Over;
                break;
            }
        }
        Ok(None)
    }
}

/// Of those that are there, those that are left.
fn at_most(left: u64, there: usize) -> usize {
    usize::try_from(left).map_or(there, |left| left.min(there))
}

impl Chunk {
    /// So much of the data is gone.
    fn take(&mut self, taken: usize) {
        if let Chunk::Data { left } = self {
            *left -= taken as u64;
            if *left == 0 {
                *self = Chunk::DataCr;
            }
        }
    }

    /// Whether this byte, which is no data, is the body's last.
    fn read(&mut self, byte: u8) -> io::Result<bool> {
        if *self == Chunk::LastLf && byte == b'\n' {
            return Ok(true);
        }
        *self = self.next(byte).ok_or(io::ErrorKind::InvalidData)?;
        Ok(false)
    }

    fn is_behind_data(&self) -> bool {
        matches!(
            self,
            Chunk::TrailerStart { .. }
                | Chunk::Trailer { .. }
                | Chunk::TrailerLf { .. }
                | Chunk::LastLf
        )
    }

    /// What is expected after this byte; nothing after one that should not be there.
    fn next(&self, byte: u8) -> Option<Chunk> {
        match *self {
            Chunk::Size { size, digits } => match (byte, char::from(byte).to_digit(16)) {
                (_, Some(digit)) if digits < 16 => {
                    Some(Chunk::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
                }
                _ if digits == 0 => None,
                (b'\r', _) => Some(Chunk::SizeEnd { size }),
                (b';' | b' ' | b'\t', _) => Some(Chunk::Extension { size, length: 0 }),
                _ => None,
            },
            Chunk::Extension { size, length } => match byte {
                b'\r' => Some(Chunk::SizeEnd { size }),
                b'\n' => None,
                _ if length == LINE_BYTES => None,
                _ => Some(Chunk::Extension { size, length: length + 1 }),
            },
            Chunk::SizeEnd { size: 0 } => {
                (byte == b'\n').then_some(Chunk::TrailerStart { length: 0 })
            }
            Chunk::SizeEnd { size } => (byte == b'\n').then_some(Chunk::Data { left: size }),
            Chunk::Data { .. } => None,
            Chunk::DataCr => (byte == b'\r').then_some(Chunk::DataLf),
            Chunk::DataLf => (byte == b'\n').then_some(Chunk::Size { size: 0, digits: 0 }),
            Chunk::TrailerStart { .. } if byte == b'\r' => Some(Chunk::LastLf),
            Chunk::TrailerStart { length } | Chunk::Trailer { length } => match byte {
                b'\r' => Some(Chunk::TrailerLf { length }),
                b'\n' => None,
                _ if length == LINE_BYTES => None,
                _ => Some(Chunk::Trailer { length: length + 1 }),
            },
            Chunk::TrailerLf { length } => {
                (byte == b'\n').then_some(Chunk::TrailerStart { length })
            }
            Chunk::LastLf => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::Framing;

    /// How much is taken of this, whichever way it comes; none if it is no body.
    fn taken(length: Option<u64>, is_chunked: bool, text: &str) -> Option<(usize, bool)> {
        let mut whole = Framing::of(length, is_chunked);
        let at_once = whole.take(text.as_bytes()).ok().map(|taken| (taken, whole.is_over()));
        let mut slow = Framing::of(length, is_chunked);
        let mut one_by_one = Some(0);
        for byte in text.bytes() {
            if slow.is_over() {
                break;
            }
            let taken = slow.take(&[byte]).ok();
            one_by_one = one_by_one.zip(taken).map(|(before, taken)| before + taken);
            if one_by_one.is_none() {
                break;
            }
        }
        assert_eq!(at_once, one_by_one.map(|taken| (taken, slow.is_over())), "{text:?}");
        at_once
    }

    /// The data of a chunked body, and what is behind it, whichever way it comes.
    fn data(text: &str) -> (String, String) {
        let read = |pieces: Vec<&[u8]>| {
            let (mut framing, mut bytes) = (Framing::of(None, true), BytesMut::new());
            let (mut data, mut trailers) = (Vec::new(), Vec::new());
            for piece in pieces {
                bytes.extend_from_slice(piece);
                while let Some(some) = framing.data(&mut bytes, &mut trailers).expect("a body") {
                    data.extend_from_slice(&some);
                }
            }
            assert!(framing.is_over() && bytes == "next", "{bytes:?}");
            let text = |bytes| String::from_utf8(bytes).expect("text");
            (text(data), text(trailers))
        };
        let whole = format!("{text}next");
        let at_once = read(vec![whole.as_bytes()]);
        assert_eq!(at_once, read(whole.as_bytes().chunks(1).collect()));
        at_once
    }

    #[test]
    fn chunks_are_unwrapped() {
        let of = |data: &str, trailers: &str| (data.to_owned(), trailers.to_owned());
        assert_eq!(data("0\r\n\r\n"), of("", "\r\n"));
        assert_eq!(data("3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), of("abcd", "\r\n"));
        assert_eq!(data("1\r\na\r\n0\r\nT: 1\r\nU: 2\r\n\r\n"), of("a", "T: 1\r\nU: 2\r\n\r\n"));
    }

    #[test]
    fn lengths_are_counted() {
        assert_eq!(taken(None, false, "GET"), Some((0, true)));
        assert_eq!(taken(Some(0), false, "GET"), Some((0, true)));
        assert_eq!(taken(Some(3), false, "abcGET"), Some((3, true)));
        assert_eq!(taken(Some(9), false, "abc"), Some((3, false)));
    }

    #[test]
    fn chunks_end_where_they_say() {
        let end = |text: &str| taken(Some(1), true, text);
        assert_eq!(end("0\r\n\r\nGET"), Some((5, true)));
        assert_eq!(end("3\r\nabc\r\n0\r\n\r\nGET"), Some((13, true)));
        assert_eq!(end("A;x=\"y\"\r\n0123456789\r\n00\r\nT: 1\r\nU: 2\r\n\r\n!"), Some((39, true)));
        assert_eq!(end("5\r\nab"), Some((5, false)));
    }

    #[test]
    fn what_some_would_read_otherwise_is_not_read() {
        for text in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x1\r\n",
            "1\nabc",
            "1\r\r\n",
            "1\r\nabc",
            "1\r\na\n",
            "1;x\nabc",
            "00000000000000001\r\n",
            "0\r\nT: 1\n\r\n",
            "0\n\n",
            "1\r\na\r\r\n",
            "0\r\n\rx",
        ] {
            assert_eq!(taken(None, true, text), None, "{text:?}");
        }
    }
}
