//! The things that functions of the workspace wait for, through all that they call.

use super::facts::Facts;
use super::pending::is_pending;
use super::value::{AwaitKind, Work, WorkKind};

use crate::index::{FnId, Index};

/// A set of kinds of awaits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) fn of(kind: AwaitKind) -> Kinds {
        Kinds(1 << kind as u16)
    }

    pub(crate) fn has(self, kind: AwaitKind) -> bool {
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
        let waiting = [AwaitKind::Lock, AwaitKind::Channel, AwaitKind::Join, AwaitKind::Sleep]
            .map(|kind| Kinds::of(kind).0)
            .into_iter()
            .fold(0, |all, kind| all | kind);
        !self.is_empty() && self.0 & !waiting == 0
    }

    /// Returns the kind that a finding is named after.
    pub(crate) fn leading(self) -> Option<AwaitKind> {
        [
            AwaitKind::Connection,
            AwaitKind::Http,
            AwaitKind::Service,
            AwaitKind::Sleep,
            AwaitKind::Lock,
            AwaitKind::Channel,
            AwaitKind::Join,
            AwaitKind::Unknown,
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
        let mut effects = Effects { of: vec![Kinds::default(); facts.len()], opaque };
        for (at, info) in index.functions.iter().enumerate() {
            let unread = info.item.has_body && info.item.body.is_none();
            if unread && is_pending(&info.item) {
                effects.of[at].add(Kinds::of(AwaitKind::Unknown));
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
                    kinds.add(Kinds::of(AwaitKind::Unknown));
                }
                kinds
            }
        }
    }

    pub(crate) fn works(&self, index: &Index, works: &[Work]) -> Kinds {
        let mut kinds = Kinds::default();
        works.iter().for_each(|work| kinds.add(self.work(index, work)));
        kinds
    }
}
