//! Connects modules by their globs, and implementations with their types and traits.

use std::collections::{HashMap, HashSet};

use ustr::Ustr;

use super::{Def, FnId, FnOwner, ImplId, Index, ModId, TraitId, TypeId};
use crate::syntax::{Ty, TyPath, TypeKind};

/// How often globs are followed anew through names that other globs brought.
const MAX_ROUNDS: usize = 4;

impl Index {
    /// Marks what is in files that only tests have.
    pub(super) fn mark_tests(&mut self) {
        let mut tests: Vec<bool> = Vec::with_capacity(self.modules.len());
        for module in &self.modules {
            // A module's parent comes before it.
            let above = module.parent.is_some_and(|parent| tests[parent.0 as usize]);
            tests.push(module.test || above);
        }
        for info in &mut self.functions {
            info.item.test |= tests[info.module.0 as usize];
        }
        for info in &mut self.impls {
            info.item.test |= tests[info.module.0 as usize];
        }
    }

    /// Finds the modules that globs lead to, once for all look-ups.
    pub(super) fn link_globs(&mut self) {
        for (at, module) in self.modules.iter().enumerate() {
            for name in module.names.keys() {
                self.declarers.entry(*name).or_default().push(ModId::at(at));
            }
        }
        for _ in 0..MAX_ROUNDS {
            let direct: Vec<Vec<ModId>> =
                (0..self.modules.len()).map(|at| self.glob_targets(ModId::at(at))).collect();
            let through: Vec<Vec<(ModId, u32)>> =
                (0..direct.len()).map(|at| reachable(ModId::at(at), &direct)).collect();
            let mut changed = false;
            for (module, through) in self.modules.iter_mut().zip(through) {
                changed |= module.through != through;
                module.through = through;
            }
            if !changed {
                break;
            }
        }
        self.link_databases();
    }

    /// Finds the glob of a database library that each module sees first.
    fn link_databases(&mut self) {
        let own: Vec<Option<Box<[Ustr]>>> = self
            .modules
            .iter()
            .map(|module| {
                let roots = &self.crates[module.package].roots;
                let outside = |name: &Ustr| database_crate(name) && !roots.contains_key(name);
                let mut globs = module.globs.iter();
                globs.find(|glob| glob.first().is_some_and(outside)).cloned()
            })
            .collect();
        for (module, own_glob) in self.modules.iter_mut().zip(&own) {
            let through = module.through.iter().filter(|(from, _)| own[from.0 as usize].is_some());
            let nearest = through.min_by_key(|(_, near)| *near);
            let brought = || own[nearest?.0.0 as usize].clone();
            module.database = own_glob.clone().or_else(brought);
        }
    }

    /// Returns the modules that a module's own globs lead to.
    fn glob_targets(&self, id: ModId) -> Vec<ModId> {
        let globs = self.modules[id.0 as usize].globs.iter();
        globs
            .filter_map(|glob| match self.resolve_glob(id, glob) {
                Some(Def::Mod(target)) if target != id => Some(target),
                _ => None,
            })
            .collect()
    }

    /// Connects implementations with their types and traits.
    pub(super) fn link(&mut self, pending: Vec<(ImplId, TyPath)>) {
        let traits: HashMap<ImplId, Option<TraitId>> = pending
            .into_iter()
            .map(|(id, path)| {
                let module = self.impls[id.0 as usize].module;
                let found = match self.resolve(module, &path.names) {
                    Some(Def::Trait(found)) => Some(found),
                    _ => None,
                };
                (id, found)
            })
            .collect();
        for position in 0..self.impls.len() {
            let id = ImplId::at(position);
            let target = self.impl_target(id);
            self.impls[position].target = target;
            let methods: Vec<(Ustr, FnId)> =
                self.impls[position].methods.iter().map(|(name, id)| (*name, *id)).collect();
            if let Some(target) = target {
                self.impls_of.entry(target).or_default().push(id);
            }
            let implemented = traits.get(&id).copied().flatten();
            for (name, method) in methods {
                match target {
                    Some(target) => self.methods.entry((target, name)).or_default().push(method),
                    // `From`, `Display` and the like are no extensions.
                    None if implemented.is_some() => {
                        self.extensions.entry(name).or_default().push(method);
                    }
                    None => {}
                }
            }
            if let Some(implemented) = implemented {
                self.traits[implemented.0 as usize].impls.push(id);
            }
        }
        for position in 0..self.functions.len() {
            let function = &self.functions[position];
            if function.owner != FnOwner::Free {
                self.by_name.entry(function.item.name).or_default().push(FnId::at(position));
            }
        }
    }

    fn impl_target(&self, id: ImplId) -> Option<TypeId> {
        let info = &self.impls[id.0 as usize];
        let mut ty = &info.item.self_ty;
        while let Ty::Ref(inner) = ty {
            ty = inner;
        }
        let Ty::Path(path) = ty else { return None };
        match self.resolve(info.module, &path.names) {
            Some(Def::Type(id)) => match &self.types[id.0 as usize].item.kind {
                TypeKind::Alias(_) => None,
                _ => Some(id),
            },
            _ => None,
        }
    }
}

/// Returns the modules that are reached from one, in order, each with how near it is.
fn reachable(from: ModId, direct: &[Vec<ModId>]) -> Vec<(ModId, u32)> {
    let mut seen = HashSet::from([from]);
    let mut found: Vec<ModId> = Vec::new();
    let mut at = from;
    for position in 0.. {
        found.extend(direct[at.0 as usize].iter().filter(|next| seen.insert(**next)));
        match found.get(position) {
            Some(next) => at = *next,
            None => break,
        }
    }
    let mut ordered: Vec<(ModId, u32)> = found.into_iter().zip(0..).collect();
    ordered.sort_unstable();
    ordered
}

fn database_crate(name: &str) -> bool {
    [
        "sqlx", "sea_orm", "diesel_async", "deadpool", "deadpool_postgres", "bb8", "bb8_postgres",
        "tokio_postgres", "loco_rs", "mobc", "rocket_db_pools",
    ]
    .contains(&name)
}
