//! Calls between the workspace's functions.

use super::functions;
use super::tokens::{File, Token, group, split};
use crate::analysis::{Facts, WorkKind};
use crate::audited::Audited;
use crate::index::{Def, FnId};
use crate::syntax::Span;

/// Returns the functions that may call this one, one for each call.
pub(super) fn callers(audited: &Audited<'_>, id: FnId) -> impl Iterator<Item = FnId> {
    all_calls(audited).filter(move |(_, callee, _)| *callee == id).map(|(caller, ..)| caller)
}

/// Returns the functions of the workspace that a function calls, and where.
pub(super) fn calls(facts: &Facts) -> impl Iterator<Item = (FnId, Span)> {
    let given = facts.edges.iter().map(|edge| (edge.callee, edge.span));
    let candidates = facts.candidates.iter().flat_map(|candidate| &candidate.works);
    let awaited = facts.works.iter().chain(candidates).flat_map(|work| match &work.kind {
        WorkKind::Calls(ids) => ids.iter().map(|id| (*id, work.span)).collect(),
        WorkKind::Direct(_) => Vec::new(),
    });
    given.chain(awaited)
}

/// A call as it is written.
pub(super) struct Call {
    pub caller: FnId,
    pub file: usize,
    /// The place of the function's name among the file's tokens.
    pub name: usize,
}

impl Call {
    /// Returns the argument for one of the function's parameters, `self` not counted; nothing if it cannot be told.
    pub(super) fn argument<'t>(
        &self,
        file: &'t File<'_>,
        params: usize,
        position: usize,
    ) -> &'t [Token] {
        let arguments = split(group(&file.tokens, file.past_generics(self.name)));
        // `Service::deliver(&service, ..)`
        let before = arguments.len().checked_sub(params).filter(|before| *before < 2);
        before.map_or(&[], |before| arguments[before + position])
    }
}

/// Returns the calls of a function, if nothing else names it.
///
/// # Errors
///
/// The line that may name it in another way.
pub(super) fn written(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: FnId,
) -> Result<Vec<Call>, String> {
    let name = audited.index.function(id).item.name.as_str();
    let known: Vec<(FnId, FnId, Span)> = all_calls(audited)
        .filter(|(_, callee, _)| audited.index.function(*callee).item.name == name)
        .collect();
    let mut found = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        for position in file.named(name) {
            let byte = file.tokens[position].bytes.start;
            let contains = |(caller, _, span): &&(FnId, FnId, Span)| {
                audited.index.function(*caller).file.0 as usize == at
                    && (span.lo as usize..span.hi as usize).contains(&byte)
            };
            let here: Vec<_> = known.iter().filter(contains).collect();
            match here.iter().find(|(_, callee, _)| *callee == id) {
                Some((caller, ..)) => {
                    found.push(Call { caller: *caller, file: at, name: position });
                }
                // Another function's.
                None if !here.is_empty() || names_another(audited, (at, file), position, id) => {}
                None => {
                    let (shown, line) = (&audited.files[at].shown, file.line(byte));
                    return Err(format!("may be called in another way ({shown}:{line})"));
                }
            }
        }
    }
    Ok(found)
}

/// Returns true if a name of a file cannot be that of a function.
fn names_another(
    audited: &Audited<'_>,
    (at, file): (usize, &File<'_>),
    position: usize,
    id: FnId,
) -> bool {
    let info = audited.index.function(id);
    if file.before(position, 1) == "." {
        return info.item.receiver.is_none();
    }
    let around = functions::before(audited, at, file.tokens[position].bytes.start);
    let module = around.map(|id| audited.index.function(id).module);
    match module.and_then(|module| audited.index.resolve(module, &file.path(position))) {
        Some(Def::Fn(found)) => found != id,
        _ => false,
    }
}

/// Returns all calls: by whom, of what, and where.
fn all_calls(audited: &Audited<'_>) -> impl Iterator<Item = (FnId, FnId, Span)> {
    let facts = audited.facts.iter().enumerate();
    facts.flat_map(|(at, facts)| {
        calls(facts).map(move |(callee, span)| (FnId::at(at), callee, span))
    })
}
