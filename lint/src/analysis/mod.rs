//! Follows guards through every function, and decides which awaits are findings.

mod awaits;
mod chains;
mod decide;
mod effects;
mod entries;
mod facts;
mod flow;
mod names;
mod pending;
mod value;
mod walk;
mod words;
mod wrappers;

use rayon::prelude::*;

use crate::discover::Package;
use crate::findings::Finding;
use crate::index::{FnId, Index};
use crate::source::SourceFile;
use crate::types::Types;

pub(crate) use decide::Decider;
pub(crate) use effects::Effects;
pub(crate) use facts::Facts;
pub(crate) use value::{Guard, GuardId, Origin, WorkKind};

/// The facts and findings of a run.
pub(crate) struct Analysis {
    pub facts: Vec<Facts>,
    pub findings: Vec<Finding>,
}

/// Reads every function and returns what was found.
pub(crate) fn run(
    index: &Index,
    packages: &[Package],
    files: &[SourceFile],
    types: &Types<'_>,
) -> Analysis {
    let facts: Vec<Facts> = (0..index.functions.len())
        .into_par_iter()
        .map(|at| {
            let id = FnId::at(at);
            let file = &files[index.function(id).file.0 as usize];
            walk::walk(types, id, packages[file.package].old_scrutinees)
        })
        .collect();
    let effects = Effects::compute(index, &facts);
    let findings = Decider::new(index, packages, files, &facts, &effects).findings();
    Analysis { facts, findings }
}
