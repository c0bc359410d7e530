//! Changes of files, and how they are shown.

use std::collections::BTreeMap;
use std::ops::Range;

/// A piece of a file and its new text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    pub start: usize,
    pub end: usize,
    pub text: String,
}

/// Edits by the number of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits {
    pub by_file: BTreeMap<usize, Vec<Edit>>,
}

impl Edits {
    pub(super) fn replace(&mut self, file: usize, bytes: Range<usize>, text: String) {
        let edit = Edit { start: bytes.start, end: bytes.end, text };
        let edits = self.by_file.entry(file).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }

    pub(super) fn insert(&mut self, file: usize, at: usize, text: String) {
        self.replace(file, at..at, text);
    }

    pub(super) fn extend(&mut self, other: Edits) {
        for (file, edits) in other.by_file {
            for edit in edits {
                self.replace(file, edit.start..edit.end, edit.text);
            }
        }
    }

    /// Returns a file's text with its edits.
    pub(super) fn applied(&self, file: usize, text: &str) -> String {
        let mut edits = self.by_file.get(&file).cloned().unwrap_or_default();
        edits.sort();
        let mut result = String::new();
        let mut at = 0;
        for edit in edits {
            result.push_str(&text[at..edit.start]);
            result.push_str(&edit.text);
            at = edit.end;
        }
        result.push_str(&text[at..]);
        result
    }
}

/// A file before and after.
#[derive(Debug)]
pub struct Change {
    /// The file, relative to the directory.
    pub file: String,
    /// The file's path.
    pub path: std::path::PathBuf,
    /// Its text.
    pub before: String,
    /// Its new text.
    pub after: String,
}

impl Change {
    /// Returns the change as a unified diff.
    pub fn diff(&self) -> String {
        similar::TextDiff::from_lines(&self.before, &self.after)
            .unified_diff()
            .context_radius(3)
            .header(&self.file, &self.file)
            .to_string()
    }
}
