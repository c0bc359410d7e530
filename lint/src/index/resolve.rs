//! Resolves paths, as seen from a module.

use std::collections::HashMap;

use ustr::Ustr;

use super::{Crates, Def, Index, ModId, Module};

/// The depth to which `use` declarations are followed.
const MAX_DEPTH: usize = 12;

/// The names that were followed through `use` in one search: those of modules that bring each other's names by globs
/// would be followed anew on every way to them. A name that is being followed leads nowhere.
type Followed = HashMap<(ModId, Ustr), Option<Def>>;

impl Index {
    /// Returns what a path names, seen from a module.
    pub(crate) fn resolve(&self, module: ModId, path: &[Ustr]) -> Option<Def> {
        let mut found = self.resolve_within(module, path, MAX_DEPTH, &mut Followed::new())?;
        if let Def::External(path) = &mut found
            && let Some(first) = path.first_mut()
            && let Some(renamed) = self.crates(module).renamed.get(first)
        {
            *first = *renamed;
        }
        Some(found)
    }

    /// Returns the module of the workspace that paths with this first name go into.
    pub(crate) fn begins_in(&self, module: ModId, first: Ustr) -> Option<ModId> {
        match self.resolve(module, &[first]) {
            Some(Def::Mod(found)) => Some(found),
            _ => self.crates(module).roots.get(&first).copied(),
        }
    }

    fn resolve_within(
        &self,
        module: ModId,
        path: &[Ustr],
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Some(Def::Mod(self.root_of(module))),
            "self" => Some(Def::Mod(module)),
            "super" => Some(Def::Mod(self.module(module).parent.unwrap_or(module))),
            _ => self.lookup(module, *first, depth, followed),
        };
        let start = match start {
            Some(found) => found,
            None => match self.crates(module).roots.get(first) {
                Some(root) if !rest.is_empty() => Def::Mod(*root),
                _ => self.outside(module, *first),
            },
        };
        self.descend(start, rest, depth, followed)
    }

    fn descend(
        &self,
        start: Def,
        rest: &[Ustr],
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        let Some((next, after)) = rest.split_first() else { return Some(start) };
        match start {
            Def::Mod(module) if next.as_str() == "super" => {
                let parent = self.module(module).parent.unwrap_or(module);
                self.descend(Def::Mod(parent), after, depth, followed)
            }
            Def::Mod(module) => {
                let found = self.lookup(module, *next, depth, followed)?;
                self.descend(found, after, depth, followed)
            }
            Def::External(mut path) => {
                path.extend(rest);
                Some(Def::External(path))
            }
            // `Type::method`, `Enum::Variant`: the caller looks inside.
            Def::Type(_) | Def::Trait(_) | Def::Fn(_) | Def::Static(_) => None,
        }
    }

    /// Finds a name declared in a module or brought there by `use`.
    fn lookup(&self, id: ModId, name: Ustr, depth: usize, followed: &mut Followed) -> Option<Def> {
        let depth = depth.checked_sub(1)?;
        let module = self.module(id);
        let mut found = self.declared(id, name, depth, followed);
        if found.is_none() {
            found = self.globbed(module, name, depth, followed);
        }
        if found.is_some() {
            return found;
        }
        let above = module.parent.map(|parent| self.module(parent))?;
        let beside = above.names.get(&name).filter(|_| above.loose)?;
        beside.module.map(Def::Mod)
    }

    /// Finds a name that globs bring to a module, in the nearest module that has it.
    fn globbed(
        &self,
        module: &Module,
        name: Ustr,
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        let through = &module.through;
        let declarers = self.declarers.get(&name)?;
        let near = |from: &ModId| {
            let at = through.binary_search_by_key(from, |(reached, _)| *reached).ok()?;
            Some((through[at].1, *from))
        };
        let mut candidates: Vec<(u32, ModId)> = match through.len() < declarers.len() {
            true => through.iter().map(|(from, near)| (*near, *from)).collect(),
            false => declarers.iter().filter_map(near).collect(),
        };
        candidates.sort_unstable();
        candidates.into_iter().find_map(|(_, from)| self.declared(from, name, depth, followed))
    }

    /// Finds a name that a module declares, or imports by that name.
    fn declared(
        &self,
        id: ModId,
        name: Ustr,
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        let named = self.module(id).names.get(&name)?;
        if let Some(found) = named.ty {
            return Some(Def::Type(found));
        }
        if let Some(found) = named.r#trait {
            return Some(Def::Trait(found));
        }
        // A function beside an import of another crate: what is imported is a macro of that name.
        self.imported(id, name, &named.uses, depth, followed)
            .filter(|def| named.function.is_none() || !matches!(def, Def::External(_)))
            .or_else(|| named.function.map(Def::Fn))
            .or_else(|| named.r#static.map(Def::Static))
            .or_else(|| named.module.map(Def::Mod))
    }

    /// Finds what `use` brings to a module by a name: an item of the workspace rather than one of another crate.
    fn imported(
        &self,
        id: ModId,
        name: Ustr,
        uses: &[Box<[Ustr]>],
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        if uses.is_empty() {
            return None;
        }
        if let Some(known) = followed.get(&(id, name)) {
            return known.clone();
        }
        followed.insert((id, name), None);
        let mut found = None;
        for target in uses {
            let other = self.used(id, target, name, depth, followed);
            if other.as_ref().is_some_and(|def| !matches!(def, Def::External(_))) {
                found = other;
                break;
            }
            found = found.or(other);
        }
        followed.insert((id, name), found.clone());
        found
    }

    fn module(&self, id: ModId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// Returns the crates that a module's package knows.
    pub(super) fn crates(&self, id: ModId) -> &Crates {
        &self.crates[self.module(id).package]
    }

    fn used(
        &self,
        module: ModId,
        target: &[Ustr],
        name: Ustr,
        depth: usize,
        followed: &mut Followed,
    ) -> Option<Def> {
        let roots = &self.crates(module).roots;
        // `use x;` and `use x as y;` of a crate must not look up themselves.
        if target.len() == 1 && target[0] == name {
            return match roots.get(&name) {
                Some(root) => Some(Def::Mod(*root)),
                None => Some(Def::External(target.to_vec())),
            };
        }
        let first = *target.first()?;
        if is_relative(first) {
            return self.resolve_within(module, target, depth, followed);
        }
        let declared = self.module(module);
        let own = declared.names.get(&first);
        let child = own.and_then(|named| named.module);
        let outside = || Some(Def::External(target.to_vec()));
        if first == name {
            return match roots.get(&first).copied().or(child) {
                Some(start) => self.descend(Def::Mod(start), &target[1..], depth, followed),
                None => outside(),
            };
        }
        if child.is_none() {
            if let Some(root) = roots.get(&first) {
                return self.descend(Def::Mod(*root), &target[1..], depth, followed);
            }
            if own.is_none_or(|named| named.ty.is_none() && named.uses.is_empty()) {
                return match self.globbed(declared, first, depth, followed) {
                    Some(found) => self.descend(found, &target[1..], depth, followed),
                    None => outside(),
                };
            }
        }
        self.resolve_within(module, target, depth, followed)
    }

    /// Returns what a glob names, if it is of the workspace.
    pub(super) fn resolve_glob(&self, module: ModId, glob: &[Ustr]) -> Option<Def> {
        let first = glob.first()?;
        if is_relative(*first) || self.names_or_brings(module, *first) {
            return self.resolve(module, glob);
        }
        let root = self.crates(module).roots.get(first)?;
        self.descend(Def::Mod(*root), &glob[1..], MAX_DEPTH, &mut Followed::new())
    }

    /// Returns true if a path that begins with a name begins in the module itself.
    fn names_or_brings(&self, module: ModId, first: Ustr) -> bool {
        let named = self.module(module).names.get(&first);
        named.is_some_and(|named| named.module.is_some() || !named.uses.is_empty())
    }

    /// Returns a name that nothing in the workspace declares, with a glob of another crate it may come from.
    fn outside(&self, module: ModId, name: Ustr) -> Def {
        let mut path = self.module(module).database.as_deref().unwrap_or_default().to_vec();
        path.push(name);
        Def::External(path)
    }

    pub(crate) fn root_of(&self, module: ModId) -> ModId {
        let mut at = module;
        while let Some(parent) = self.modules[at.0 as usize].parent {
            if self.modules[parent.0 as usize].loose {
                return at;
            }
            at = parent;
        }
        at
    }
}

fn is_relative(first: Ustr) -> bool {
    matches!(first.as_str(), "crate" | "self" | "super")
}
