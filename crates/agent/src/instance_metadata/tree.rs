//! Metadata as folders and texts, and what a path finds among them.
//!
//! AWS: a folder is listed by its name, with a slash behind it or without. Each line is a name, a folder's with a
//! slash, except in the two uppermost lists. A text has no slash behind it.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folder(BTreeMap<String, Node>);

#[derive(Debug, PartialEq, Eq)]
enum Node {
    Folder(Folder),
    Text(String),
}

impl Folder {
    /// Puts a text at a path of plain names.
    pub(super) fn put(&mut self, path: &str, text: impl Into<String>) {
        match path.split_once('/') {
            None => {
                self.0.insert(path.to_owned(), Node::Text(text.into()));
            }
            Some((first, rest)) => self.folder(first).put(rest, text),
        }
    }

    /// The same, if there is a text.
    pub(super) fn put_if(&mut self, path: &str, text: Option<impl Into<String>>) {
        if let Some(text) = text {
            self.put(path, text);
        }
    }

    fn folder(&mut self, name: &str) -> &mut Folder {
        let node = self.0.entry(name.to_owned()).or_insert_with(|| Node::Folder(Folder::default()));
        match node {
            Node::Folder(folder) => folder,
            Node::Text(_) => unreachable!("a name is a folder's or a text's, as this crate has it"),
        }
    }

    /// What a request's path finds.
    pub(super) fn find(&self, path: &str) -> Option<String> {
        let is_folder = path.ends_with('/');
        let (mut folder, mut depth) = (self, 0);
        let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
        while let Some(name) = names.next() {
            let name = percent_decode_str(name).decode_utf8().ok()?;
            match folder.0.get(name.as_ref())? {
                Node::Folder(inner) => (folder, depth) = (inner, depth + 1),
                Node::Text(text) => {
                    return (names.peek().is_none() && !is_folder).then(|| text.clone());
                }
            }
        }
        Some(folder.list(depth))
    }

    fn list(&self, depth: usize) -> String {
        let line = |(name, node): (&String, &Node)| match node {
            Node::Folder(_) if depth > 1 => format!("{name}/"),
            _ => name.clone(),
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_and_texts_are_read() {
        let mut root = Folder::default();
        root.put("latest/meta-data/instance-id", "i-1");
        root.put("latest/meta-data/placement/region", "us-east-1");
        root.put("latest/meta-data/tags/instance/the rack", "7");
        root.put_if("latest/meta-data/mac", None::<String>);
        root.put("latest/dynamic/a/b", "");
        let found = |path: &str| root.find(path);
        let some = |text: &str| Some(text.to_owned());
        for slash in ["", "/"] {
            let at = |path: &str| found(&format!("{path}{slash}"));
            assert_eq!(at("/latest"), some("dynamic\nmeta-data"));
            assert_eq!(at("/latest/meta-data"), some("instance-id\nplacement/\ntags/"));
            assert_eq!(at("/latest/dynamic"), some("a/"));
        }
        assert_eq!(found("/"), some("latest"));
        assert_eq!(found("/latest/meta-data//instance-id"), some("i-1"));
        assert_eq!(found("/latest/meta-data/tags/instance/the%20rack"), some("7"));
        for missing in [
            "/1.0/",
            "/latest/meta-data/mac",
            "/latest/meta-data/instance-id/",
            "/latest/meta-data/instance-id/more",
            "/latest/meta-data/../meta-data/instance-id",
            "/latest/meta-data/%ff",
        ] {
            assert_eq!(found(missing), None, "{missing}");
        }
    }
}
