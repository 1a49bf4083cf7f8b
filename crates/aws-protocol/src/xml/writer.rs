//! Writes elements. Only what AWS's answers need: elements, attributes, text.

pub(crate) struct Writer {
    out: String,
}

impl Writer {
    /// Begins a document with its declaration.
    pub fn document() -> Self {
        let mut out = String::with_capacity(1024);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Writer { out }
    }

    pub fn open(&mut self, name: &str) {
        self.open_with(name, &[]);
    }

    pub fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    pub fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with text alone.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// Escaped text. What XML 1.0 has no spelling for (most control characters) becomes U+FFFD.
    pub fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                // A reader would turn these into plain spaces or line feeds.
                '\r' => self.out.push_str("&#xD;"),
                '\n' => self.out.push_str("&#xA;"),
                '\t' => self.out.push_str("&#x9;"),
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => self.out.push('\u{FFFD}'),
                letter => self.out.push(letter),
            }
        }
    }

    pub fn finish(self) -> String {
        self.out
    }
}
