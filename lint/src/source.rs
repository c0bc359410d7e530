//! A file's text, and lines in it.

use std::path::{Path, PathBuf};

use crate::syntax::Span;

/// A Rust file of a package.
#[derive(Debug)]
pub struct SourceFile {
    /// The path that findings show: relative to the workspace's.
    pub shown: String,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) package: usize,
    /// True for files of `tests/`, `benches/` and `examples/`.
    pub(crate) aside: bool,
    line_starts: Vec<u32>,
}

impl SourceFile {
    pub(crate) fn new(path: PathBuf, root: &Path, text: String, package: usize) -> SourceFile {
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let mut line_starts = vec![0];
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        line_starts.extend(ends.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        SourceFile { shown, path, text, package, aside: false, line_starts }
    }

    /// Returns the line (from 1) and the column (in characters, from 1) of a byte.
    pub(crate) fn position(&self, at: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at).max(1);
        let start = self.line_starts[line - 1] as usize;
        let before = self.text.get(start..at as usize).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    pub(crate) fn line(&self, at: u32) -> usize {
        self.position(at).0
    }

    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.lo as usize..span.hi as usize).unwrap_or_default()
    }
}
