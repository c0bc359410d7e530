//! `cargo shortlease fix`: rewrites functions whose statements form leases, with the functions they call.
//!
//! A function is converted with all others that share a helper with it, or none of them is. A helper that takes any
//! executor goes on to serve those that stay.

mod body;
mod calls;
mod code;
mod edits;
mod either;
mod errors;
mod functions;
mod group;
mod handle;
mod helper;
mod owner;
mod pool;
mod sql;
mod tokens;
mod uses;

use std::collections::BTreeSet;

use crate::audited::Audited;
use crate::findings::{Code, Finding};
use crate::index::FnId;

pub use edits::Change;
pub(crate) use uses::Uses;

use edits::Edits;
use group::Group;

/// A function with a finding that stays as it is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The file, relative to the directory.
    pub file: String,
    /// The line of the function's name.
    pub line: usize,
    /// The function.
    pub function: String,
    /// The reason.
    pub reason: String,
}

/// The conversions of a workspace.
#[derive(Debug, Default)]
pub struct Fix {
    /// The files that change.
    pub changes: Vec<Change>,
    /// The number of functions that are converted.
    pub converted: usize,
    /// The functions that are not.
    pub refused: Vec<Refusal>,
}

/// Converts what can be proven to be mechanical. Writes nothing.
pub(crate) fn plan(audited: &Audited<'_>) -> Fix {
    let mut fix = Fix::default();
    let held: BTreeSet<FnId> =
        audited.findings.iter().filter(|finding| is_converted(finding)).map(function).collect();
    fix.refused = other_kinds(audited, &held);
    if held.is_empty() {
        return fix;
    }
    let files: Vec<_> = audited.files.iter().map(|file| tokens::File::read(&file.text)).collect();
    let uses = Uses::new(audited);
    let mut edits = Edits::default();
    let mut done = BTreeSet::new();
    for id in held.iter().copied() {
        if done.contains(&id) {
            continue;
        }
        let group = Group::of(audited, id);
        done.extend(group.functions.iter().copied());
        let converted = group.convert(audited, &files, &uses).and_then(|found| {
            let mut all = edits.clone();
            all.extend(found.edits);
            let stays = |id: &FnId| found.stay.iter().any(|(stays, _)| stays == id);
            let mut wanted = group.functions.iter().filter(|id| held.contains(id));
            match found.stay.first() {
                Some(first) if wanted.all(stays) => Err(first.clone()),
                _ if all.overlap() => Err((id, "needs changes that overlap".to_owned())),
                _ => Ok((all, found.stay)),
            }
        });
        match converted {
            Ok((all, stay)) => {
                fix.converted += group.functions.len() - stay.len();
                edits = all;
                for (id, reason) in stay.into_iter().filter(|(id, _)| held.contains(id)) {
                    let (file, line, function) = audited.place(id);
                    fix.refused.push(Refusal { file, line, function, reason });
                }
            }
            Err((at, reason)) => {
                let (shown, line, other) = audited.place(at);
                let together =
                    format!("goes together with `{other}` ({shown}:{line}), which {reason}");
                for id in group.functions.iter().filter(|id| held.contains(id)) {
                    let (file, line, function) = audited.place(*id);
                    let reason = if *id == at { &reason } else { &together }.clone();
                    fix.refused.push(Refusal { file, line, function, reason });
                }
            }
        }
    }
    fix.refused.sort();
    for at in edits.by_file.keys() {
        let file = &audited.files[*at];
        fix.changes.push(Change {
            file: file.shown.clone(),
            path: file.path.clone(),
            before: file.text.clone(),
            after: edits.applied(*at, &file.text),
        });
    }
    fix
}

/// Returns the functions that have findings of other kinds only.
fn other_kinds(audited: &Audited<'_>, held: &BTreeSet<FnId>) -> Vec<Refusal> {
    let mut seen = held.clone();
    let in_functions = |finding: &&Finding| !finding.test && finding.code != Code::Sa011;
    let findings = audited.findings.iter().filter(in_functions);
    let others = findings.filter(|finding| seen.insert(function(finding)));
    others
        .map(|finding| Refusal {
            file: finding.file.clone(),
            line: finding.function_line,
            function: finding.function.clone(),
            reason: format!(
                "has {} (line {}), a kind that is not converted: `cargo shortlease` says what to do",
                finding.code.text(),
                finding.line
            ),
        })
        .collect()
}

fn is_converted(finding: &Finding) -> bool {
    !finding.test && matches!(finding.code, Code::Sa001 | Code::Sa003)
}

fn function(finding: &Finding) -> FnId {
    FnId::at(finding.function_index)
}
