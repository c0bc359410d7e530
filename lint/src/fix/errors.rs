//! The error type of a function that becomes a handler.

use syn::spanned::Spanned;
use syn::{GenericArgument, Item, PathArguments, ReturnType, Type};
use ustr::ustr;

use super::edits::Edits;
use super::functions::Found;
use super::tokens::File;
use crate::audited::Audited;
use crate::index::{Def, FnId, ModId, TypeId};
use crate::syntax::{Ty, TyPath, TypeKind};

/// The ways in which an error type takes `shortlease::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorType {
    /// By `From`.
    Converts,
    /// By one that is to be added.
    Lacks(TypeId),
    /// It is `sqlx::Error`, which takes the pool's errors as I/O errors. If nothing calls the function, it becomes
    /// `shortlease::Error`.
    Sqlx,
}

/// The error that a function's leases end in.
pub(super) struct Ending {
    pub takes: ErrorType,
    /// The arguments of `#[handler]`: it does not see the error of every alias.
    pub arguments: String,
    /// True if the function returns an alias of the workspace.
    is_alias: bool,
}

impl Ending {
    /// Returns true if the type may be written anew.
    pub(super) fn is_replaced(&self) -> bool {
        self.takes == ErrorType::Sqlx && !self.is_alias
    }
}

/// Returns how a function's error takes `shortlease::Error`.
///
/// # Errors
///
/// Why it does not.
pub(super) fn of(audited: &Audited<'_>, id: FnId) -> Result<Ending, String> {
    let info = audited.index.function(id);
    let Some(Ty::Path(path)) = &info.item.ret else {
        return Err("does not return a `Result`".to_owned());
    };
    let written = written(path);
    let (error, module) = error(audited, path, info.module, 4).ok_or_else(|| {
        format!(
            "returns `{written}`, which shows no error: write `Result<T, AppError>` there, or an alias of \
             that in this workspace"
        )
    })?;
    let takes = converts(audited, &error, module, 4)?;
    let is_alias = matches!(audited.index.resolve(info.module, &path.names), Some(Def::Type(_)));
    let mut arguments = String::new();
    if is_alias && !shows_error(path) {
        let name = nameable(audited, &error, module, info.module);
        let name = name.ok_or_else(|| {
            format!(
                "returns the alias `{written}`, of which `#[handler]` does not see the error: import the \
                 error's type there, or write `Result<T, AppError>`"
            )
        })?;
        arguments = format!("(error = {name})");
    }
    Ok(Ending { takes, arguments, is_alias })
}

/// Returns the error of a `Result`, also behind aliases of the workspace, and the module that it is written in.
fn error(audited: &Audited<'_>, path: &TyPath, module: ModId, depth: usize) -> Option<(Ty, ModId)> {
    match audited.index.resolve(module, &path.names)? {
        Def::Type(id) => {
            let info = audited.index.type_info(id);
            let TypeKind::Alias(Ty::Path(target)) = &info.item.kind else { return None };
            let (found, at) = error(audited, target, info.module, depth.checked_sub(1)?)?;
            let parameter = match &found {
                Ty::Path(error) if at == info.module => {
                    let mut generics = info.item.generics.iter();
                    generics.position(|generic| [generic.name] == error.names[..])
                }
                _ => None,
            };
            match parameter {
                Some(position) => match path.args.get(position) {
                    Some(given) => Some((given.clone(), module)),
                    None => Some((info.item.generics[position].default.clone()?, info.module)),
                },
                None => Some((found, at)),
            }
        }
        Def::External(full) => {
            let [root, .., name] = full.as_slice() else {
                return (full[0] == "Result")
                    .then(|| path.args.get(1))?
                    .map(|ty| (ty.clone(), module));
            };
            let known = match (name.as_str(), path.args.as_slice(), root.as_str()) {
                ("Result", [_, error], _) => return Some((error.clone(), module)),
                ("Result", [_], "anyhow" | "sqlx") => "Error",
                ("Result", [_], "eyre" | "color_eyre") => "Report",
                _ => return None,
            };
            let names = [*root, ustr(known)].into_iter().collect();
            Some((Ty::Path(TyPath { names, ..TyPath::default() }), module))
        }
        _ => None,
    }
}

/// Returns true if `#[handler]` finds the error of a return type by itself.
fn shows_error(path: &TyPath) -> bool {
    match path.last().as_str() {
        "Result" => path.args.len() < 2,
        name => (name.ends_with("Result") || name.ends_with("Res")) && !path.args.is_empty(),
    }
}

/// Returns an error type as it can be written in another module.
fn nameable(audited: &Audited<'_>, error: &Ty, from: ModId, to: ModId) -> Option<String> {
    let Ty::Path(path) = error else { return None };
    let found = audited.index.resolve(to, &path.names);
    let is_known = match (&path.names[..], &found) {
        _ if from == to => true,
        ([single], Some(_)) => audited.index.declares(to, *single),
        (names, Some(Def::External(full))) => names == full.as_slice(),
        _ => false,
    };
    let is_same = found == audited.index.resolve(from, &path.names) && path.args.is_empty();
    (is_known && is_same).then(|| written(path))
}

fn written(path: &TyPath) -> String {
    path.names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("::")
}

fn converts(
    audited: &Audited<'_>,
    error: &Ty,
    module: ModId,
    depth: usize,
) -> Result<ErrorType, String> {
    let Ty::Path(path) = error else { return Err("has an unusual error type".to_owned()) };
    if path.last() == "Box" && matches!(path.args.first(), Some(Ty::Dyn(_))) {
        return Ok(ErrorType::Converts);
    }
    let unknown = |remedy: &str| {
        let name = path.last();
        format!("returns `{name}`, which has no `From<shortlease::Error>`: {remedy}")
    };
    let own = || unknown("add one");
    let foreign = || unknown("return an error type of your own that has one");
    match audited.index.resolve(module, &path.names) {
        Some(Def::Type(id)) => {
            let info = audited.index.type_info(id);
            match (&info.item.kind, depth.checked_sub(1)) {
                (TypeKind::Alias(ty), Some(depth)) => converts(audited, ty, info.module, depth),
                (TypeKind::Enum(variants), _)
                    if variants
                        .iter()
                        .flat_map(|(_, fields)| fields)
                        .any(|field| is_ours(audited, info.module, &field.ty)) =>
                {
                    Ok(ErrorType::Converts)
                }
                _ => {
                    let impls = audited.index.impls_of.get(&id).map_or(&[][..], Vec::as_slice);
                    let converts = impls.iter().any(|id| {
                        let info = audited.index.impl_info(*id);
                        let item = &info.item;
                        let from = item.trait_path.as_ref().filter(|path| path.last() == "From");
                        let given = from.and_then(|path| path.args.first());
                        let any = |ty: &Ty| match ty {
                            Ty::Path(TyPath { names, .. }) => {
                                item.generics.iter().any(|generic| [generic.name] == names[..])
                            }
                            _ => false,
                        };
                        given.is_some_and(|ty| is_ours(audited, info.module, ty) || any(ty))
                    });
                    match info.item.generics.is_empty() {
                        _ if converts => Ok(ErrorType::Converts),
                        true => Ok(ErrorType::Lacks(id)),
                        false => Err(own()),
                    }
                }
            }
        }
        Some(Def::External(full)) => {
            let full: Vec<&str> = full.iter().map(|name| name.as_str()).collect();
            match full.as_slice() {
                ["anyhow", "Error"]
                | ["eyre" | "color_eyre", "Report"]
                | ["shortlease", "Error"] => Ok(ErrorType::Converts),
                ["sqlx", "Error"] => Ok(ErrorType::Sqlx),
                _ => Err(foreign()),
            }
        }
        _ => Err(own()),
    }
}

/// Returns true for `shortlease::Error`, under any name.
fn is_ours(audited: &Audited<'_>, module: ModId, ty: &Ty) -> bool {
    let Ty::Path(path) = ty else { return false };
    match audited.index.resolve(module, &path.names) {
        Some(Def::External(full)) => {
            matches!(full.as_slice(), [root, name] if root == "shortlease" && name == "Error")
        }
        _ => false,
    }
}

/// Adds `From<shortlease::Error>` to an error type, which has one of sqlx's: the function had `?` behind `begin().await`.
///
/// # Errors
///
/// Why it cannot be added.
pub(super) fn implement(
    audited: &Audited<'_>,
    files: &[Option<File<'_>>],
    id: TypeId,
    edits: &mut Edits,
) -> Result<(), String> {
    let info = audited.index.type_info(id);
    let at = info.file.0 as usize;
    let name = info.item.name;
    let items = files[at].as_ref().map(|file| file.items_of(&info.item.module)).unwrap_or_default();
    let mut declared = items.into_iter().filter(|item| match item {
        Item::Enum(item) => item.ident == name,
        Item::Struct(item) => item.ident == name,
        _ => false,
    });
    let (Some(item), None) = (declared.next(), declared.next()) else {
        return Err(format!("returns `{name}`, which has no `From<shortlease::Error>`: add one"));
    };
    let text = format!(
        "\n\nimpl From<shortlease::Error> for {name} {{\n    fn from(error: shortlease::Error) -> Self {{\n        \
         shortlease::sqlx::Error::from(error).into()\n    }}\n}}"
    );
    edits.insert(at, item.span().byte_range().end, text);
    Ok(())
}

/// Writes `shortlease::Error` in place of `sqlx::Error`.
///
/// # Errors
///
/// The return type is not understood.
pub(super) fn replace(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    edits: &mut Edits,
) -> Result<(), String> {
    let ReturnType::Type(_, ty) = &function.sig.output else {
        return Err("returns nothing".to_owned());
    };
    let Type::Path(path) = &**ty else { return Err("returns no `Result`".to_owned()) };
    let last = path.path.segments.last().ok_or("returns no `Result`")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Err("returns no `Result`".to_owned());
    };
    let types: Vec<_> = arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty.span().byte_range()),
            _ => None,
        })
        .collect();
    match types.as_slice() {
        [_, error] => edits.replace(at, error.clone(), "shortlease::Error".to_owned()),
        [value] => {
            let text = format!("Result<{}, shortlease::Error>", &file.text[value.clone()]);
            edits.replace(at, ty.span().byte_range(), text);
        }
        _ => return Err("returns no `Result`".to_owned()),
    }
    Ok(())
}
