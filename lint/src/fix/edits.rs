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

    /// Returns true if two edits change the same bytes.
    pub(super) fn overlap(&self) -> bool {
        self.by_file.values().any(|edits| {
            let mut edits: Vec<&Edit> = edits.iter().collect();
            edits.sort();
            edits.windows(2).any(|pair| pair[1].start < pair[0].end)
        })
    }

    /// Returns a file's text with its edits, none of which overlap.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(changed: &[Range<usize>]) -> bool {
        let mut edits = Edits::default();
        for (at, bytes) in changed.iter().enumerate() {
            edits.replace(0, bytes.clone(), at.to_string());
        }
        edits.overlap()
    }

    #[test]
    fn edits_overlap_if_they_change_the_same_bytes() {
        assert!(overlap(&[1..4, 3..5]) && overlap(&[3..5, 1..9]) && overlap(&[1..4, 1..4]));
        assert!(overlap(&[1..4, 2..2]));
        assert!(!overlap(&[4..5, 1..4]) && !overlap(&[1..4, 1..1, 4..4, 4..4]));
    }

    #[test]
    fn edits_of_other_files_and_the_same_edit_twice_do_not_overlap() {
        let mut edits = Edits::default();
        for file in [0, 1, 1] {
            edits.replace(file, 1..4, "a".to_owned());
        }
        assert!(!edits.overlap());
        assert_eq!(edits.applied(1, "0123456"), "0a456");
    }
}
