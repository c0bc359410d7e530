//! All that is known at the end of an audit.

use crate::analysis::Facts;
use crate::findings::Finding;
use crate::index::{FnId, Index};
use crate::source::SourceFile;
use crate::types::Types;

/// All that a run knows, while it lasts.
pub(crate) struct Audited<'a> {
    pub files: &'a [SourceFile],
    pub index: &'a Index,
    pub types: &'a Types<'a>,
    pub facts: &'a [Facts],
    pub findings: &'a [Finding],
}

impl Audited<'_> {
    pub(crate) fn facts(&self, id: FnId) -> &Facts {
        &self.facts[id.0 as usize]
    }

    /// Returns a function's file, line and name.
    pub(crate) fn place(&self, id: FnId) -> (String, usize, String) {
        let info = self.index.function(id);
        let file = &self.files[info.file.0 as usize];
        (file.shown.clone(), file.line(info.item.name_span.lo), info.item.name.to_string())
    }
}
