//! AWS: every telemetry frame of the agent is an HTTP request without its first line: header lines
//! (`Authorization`, `Host`, `X-Amz-Date`), a blank line, and the JSON. The session is signed frame by frame.

use crate::FrameError;

/// A telemetry frame taken apart; the signature is for somebody else to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFrame<'a> {
    /// Names and values, as sent and in the order sent.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The frame itself.
    pub body: &'a str,
}

impl<'a> SignedFrame<'a> {
    /// Splits a frame at its blank line. A frame without any header has no headers and is all body.
    pub fn parse(text: &'a str) -> Result<Self, FrameError> {
        if text.starts_with('{') {
            return Ok(Self { headers: Vec::new(), body: text });
        }
        let mut headers = Vec::new();
        let mut rest = text;
        loop {
            let (line, after) = rest.split_once('\n').ok_or(FrameError::Header)?;
            rest = after;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                return Ok(Self { headers, body: rest });
            }
            let (name, value) = line.split_once(':').ok_or(FrameError::Header)?;
            headers.push((name.trim(), value.trim()));
        }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The text to send.
    pub fn render(&self) -> String {
        let lines =
            self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        let mut text = String::with_capacity(lines + 2 + self.body.len());
        for (name, value) in &self.headers {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text.push_str(self.body);
        text
    }
}
