//! The error type of a function that becomes a handler.

use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::edits::Edits;
use super::functions::Found;
use super::tokens::File;
use crate::audited::Audited;
use crate::index::{Def, FnId, ModId};
use crate::syntax::{Ty, TyPath, TypeKind};

/// The ways in which an error type takes `shortlease::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorType {
    /// By `From`.
    Converts,
    /// It is `sqlx::Error`, which takes the pool's errors as I/O errors. If nothing calls the function, it becomes
    /// `shortlease::Error`.
    Sqlx,
}

/// Returns how a function's error takes `shortlease::Error`.
///
/// # Errors
///
/// Why it does not.
pub(super) fn of(audited: &Audited<'_>, id: FnId) -> Result<ErrorType, String> {
    let info = audited.index.function(id);
    let Some(Ty::Path(path)) = &info.item.ret else {
        return Err("does not return a `Result`".to_owned());
    };
    let external = match audited.index.resolve(info.module, &path.names) {
        Some(Def::External(full)) => full.first().map_or("", |root| root.as_str()),
        _ => "",
    };
    let (error, module) = match (path.last().as_str(), path.args.as_slice()) {
        (_, [_, error]) => (error.clone(), info.module),
        ("Result", [_]) if matches!(external, "anyhow" | "eyre" | "color_eyre") => {
            return Ok(ErrorType::Converts);
        }
        ("Result", [_]) if external == "sqlx" => return Ok(ErrorType::Sqlx),
        _ => return Err("does not return a `Result` with its error written out".to_owned()),
    };
    converts(audited, &error, module, 4)
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
                    converts.then_some(ErrorType::Converts).ok_or_else(own)
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
