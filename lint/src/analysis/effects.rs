//! The things that functions of the workspace wait for, through all that they call.

use super::facts::{Facts, Statements};
use super::pending::is_pending;
use super::value::{Work, WorkKind};
use super::words::writes_by_name;

use crate::findings::Waits;
use crate::index::{FnId, Index};

/// A set of kinds of awaits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) fn of(kind: Waits) -> Kinds {
        Kinds(1 << kind as u16)
    }

    pub(crate) fn has(self, kind: Waits) -> bool {
        self.0 & Kinds::of(kind).0 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn add(&mut self, other: Kinds) {
        self.0 |= other.0;
    }

    /// Returns true if all kinds are locks, channels, joins or sleeps.
    pub(crate) fn only_waiting(self) -> bool {
        let waiting = [Waits::Lock, Waits::Channel, Waits::Join, Waits::Sleep]
            .map(|kind| Kinds::of(kind).0)
            .into_iter()
            .fold(0, |all, kind| all | kind);
        !self.is_empty() && self.0 & !waiting == 0
    }

    /// Returns the kind that a finding is named after.
    pub(crate) fn leading(self) -> Option<Waits> {
        [
            Waits::Http,
            Waits::Service,
            Waits::Connection,
            Waits::Sleep,
            Waits::Lock,
            Waits::Channel,
            Waits::Join,
            Waits::Unknown,
        ]
        .into_iter()
        .find(|kind| self.has(*kind))
    }
}

/// The effects of all functions.
#[derive(Debug)]
pub(crate) struct Effects {
    of: Vec<Kinds>,
    /// The functions whose name alone says nothing of what they wait for.
    opaque: Vec<bool>,
    /// The functions that may write with the connection which they are given.
    writes: Vec<bool>,
}

impl Effects {
    pub(crate) fn compute(index: &Index, facts: &[Facts]) -> Effects {
        // A function that is not async makes a future, and nobody knows what of.
        let opaque = index
            .functions
            .iter()
            .zip(facts)
            .map(|(info, facts)| !is_pending(&info.item) && facts.works.is_empty())
            .collect();
        let writes = writes(index, facts);
        let mut effects = Effects { of: vec![Kinds::default(); facts.len()], opaque, writes };
        for (at, info) in index.functions.iter().enumerate() {
            let unread = info.item.has_body && info.item.body.is_none();
            if unread && is_pending(&info.item) {
                effects.of[at].add(Kinds::of(Waits::Unknown));
            }
        }
        loop {
            let mut changed = false;
            for (at, facts) in facts.iter().enumerate() {
                let mut kinds = effects.of[at];
                for work in &facts.works {
                    kinds.add(effects.work(index, work));
                }
                changed |= kinds != effects.of[at];
                effects.of[at] = kinds;
            }
            if !changed {
                return effects;
            }
        }
    }

    pub(crate) fn function(&self, id: FnId) -> Kinds {
        self.of[id.0 as usize]
    }

    pub(crate) fn work(&self, index: &Index, work: &Work) -> Kinds {
        match &work.kind {
            WorkKind::Direct(kind) => Kinds::of(*kind),
            WorkKind::Calls(ids) => {
                let mut kinds = Kinds::default();
                let mut known = ids.is_empty();
                for id in ids {
                    known |= index.function(*id).item.has_body && !self.opaque[id.0 as usize];
                    kinds.add(self.function(*id));
                }
                if !known {
                    kinds.add(Kinds::of(Waits::Unknown));
                }
                kinds
            }
        }
    }

    /// Returns true if a function may write with the connection that it is given.
    pub(crate) fn writes(&self, id: FnId) -> bool {
        self.writes[id.0 as usize]
    }

    pub(crate) fn works(&self, index: &Index, works: &[Work]) -> Kinds {
        let mut kinds = Kinds::default();
        works.iter().for_each(|work| kinds.add(self.work(index, work)));
        kinds
    }
}

/// Finds the functions that may write: by their SQL and that of the functions they give a connection to, and by their
/// name where that SQL is not known.
fn writes(index: &Index, facts: &[Facts]) -> Vec<bool> {
    let known = index.functions.iter().zip(facts).enumerate();
    let mut writes: Vec<bool> = known
        .map(|(at, (info, facts))| {
            let unknown = facts.statements == Statements::default()
                && facts.edges.is_empty()
                && !index.is_declaration(FnId::at(at));
            let by_name = unknown || facts.statements.vague;
            facts.statements.write || by_name && writes_by_name(Some(info.item.name))
        })
        .collect();
    loop {
        let mut changed = false;
        for (at, facts) in facts.iter().enumerate() {
            let given = facts.edges.iter().any(|edge| writes[edge.callee.0 as usize]);
            changed |= given && !writes[at];
            writes[at] |= given;
        }
        if !changed {
            return writes;
        }
    }
}
