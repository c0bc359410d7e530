//! `cargo shortlease fix`: rewrites functions whose statements form leases, with the functions they call.
//!
//! A function is converted with all others that share a helper with it. If some of them cannot be, the helper goes on to
//! serve those too, or all stay.

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
mod mapped;
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
use group::{Converted, Group};

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
    let files: Vec<_> = match held.is_empty() {
        true => Vec::new(),
        false => audited.files.iter().map(|file| tokens::File::read(&file.text)).collect(),
    };
    let uses = Uses::new(audited);
    let mut edits = Edits::default();
    let (mut done, mut converted) = (BTreeSet::new(), BTreeSet::new());
    for id in held.iter().copied() {
        if done.contains(&id) {
            continue;
        }
        let group = Group::of(audited, id);
        let Converted { edits: found, functions, mut stay } = group.convert(audited, &files, &uses);
        let mut all = edits.clone();
        all.extend(found);
        if all.overlap() {
            let reason = || "needs changes that overlap others".to_owned();
            stay = group.functions.iter().map(|id| (*id, (*id, reason()))).collect();
        }
        if functions.iter().any(|id| held.contains(id) && !stay.contains_key(id)) {
            converted.extend(functions);
            edits = all;
        }
        for (id, (at, reason)) in stay.into_iter().filter(|(id, _)| held.contains(id)) {
            let (file, line, function) = audited.place(id);
            let reason = match audited.place(at) {
                _ if at == id => reason,
                (shown, line, other) => {
                    format!("goes together with `{other}` ({shown}:{line}), which {reason}")
                }
            };
            fix.refused.push(Refusal { file, line, function, reason });
        }
        done.extend(group.functions);
    }
    fix.converted = converted.len();
    fix.refused.extend(other_kinds(audited, &held | &converted));
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
fn other_kinds(audited: &Audited<'_>, mut seen: BTreeSet<FnId>) -> Vec<Refusal> {
    let in_functions = |finding: &&Finding| !finding.test && finding.code != Code::Sa011;
    let findings = audited.findings.iter().filter(in_functions);
    let others = findings.filter(|finding| seen.insert(function(finding)));
    let refusal = |finding: &Finding| {
        let (file, line, function) = audited.place(function(finding));
        let reason = format!(
            "has {} (line {}), a kind that is not converted: `cargo shortlease` says what to do",
            finding.code.text(),
            finding.line
        );
        Refusal { file, line, function, reason }
    };
    others.map(refusal).collect()
}

fn is_converted(finding: &Finding) -> bool {
    !finding.test && matches!(finding.code, Code::Sa001 | Code::Sa003)
}

fn function(finding: &Finding) -> FnId {
    FnId::at(finding.function_index)
}
