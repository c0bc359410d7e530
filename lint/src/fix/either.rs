//! Helpers that take any executor: they become ones that take a leased connection or one of sqlx. Callers that stay as they
//! are go on to call them.

use syn::{GenericArgument, Lifetime, PathArguments, Type, TypeParamBound};

use super::calls::{self, Call};
use super::code::Helper;
use super::edits::Edits;
use super::functions::{self, Found};
use super::helper::{database_named, fits, lease};
use super::sql::Does;
use super::tokens::{File, texts};
use crate::analysis::{GuardId, Origin};
use crate::audited::Audited;
use crate::index::FnId;

/// A parameter `impl PgExecutor<'_>` or the like.
pub(super) struct Executor {
    pub guard: GuardId,
    position: usize,
    pub variable: String,
    database: &'static str,
}

/// Returns the executor that a function is given a connection as, if it has one.
pub(super) fn executor(audited: &Audited<'_>, id: FnId, function: &Found<'_>) -> Option<Executor> {
    let guards = audited.facts(id).guards.iter().enumerate();
    guards.filter(|(_, guard)| !guard.certain).find_map(|(at, guard)| {
        let Origin::Param(position) = guard.origin else { return None };
        let (variable, ty) = function.params().nth(position)?;
        let (variable, database) = (variable?, database_of(ty)?);
        Some(Executor { guard: GuardId(at), position, variable, database })
    })
}

/// Makes a helper one that takes a leased connection or one of sqlx.
///
/// # Errors
///
/// Why it cannot be one.
pub(super) fn convert(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    executor: &Executor,
    helper: Helper<'_>,
    does: &Does,
    edits: &mut Edits,
) -> Result<(), String> {
    fits(function, does, false)?;
    let Executor { position, variable, database, .. } = executor;
    let body = file.within(&function.body());
    if body.iter().filter(|token| token.text == *variable).count() != 1 {
        return Err(format!("uses `{variable}` for more than one statement"));
    }
    let Some((_, ty)) = function.params().nth(*position) else { return Ok(()) };
    let either = format!("&mut impl shortlease::EitherConn<shortlease::{database}>");
    lease(at, file, function, (variable, ty), either, helper, edits)
}

/// Returns true if a function may go on as it is: it gives its connection to such helpers only, as `&mut *tx`.
pub(super) fn stays(audited: &Audited<'_>, files: &[Option<File<'_>>], id: FnId) -> bool {
    audited.facts(id).edges.iter().all(|edge| {
        let Some((_, function)) = functions::of(audited, files, edge.callee) else { return false };
        let Some(executor) = executor(audited, edge.callee, &function) else { return false };
        if audited.facts(id).guards[edge.guard.0].wrapped {
            return false;
        }
        let Ok(calls) = calls::written(audited, files, edge.callee) else { return false };
        let params = function.params().count();
        let mut own = calls.iter().filter(|call| call.caller == id);
        own.all(|call| lends(files, call, params, executor.position))
    })
}

/// Returns true if a call gives a connection by `&mut *tx`.
fn lends(files: &[Option<File<'_>>], call: &Call, params: usize, position: usize) -> bool {
    let Some(file) = &files[call.file] else { return false };
    let argument = call.argument(file, params, position);
    let texts = texts(argument);
    matches!(texts.as_slice(), ["&", "mut", "*", _] | ["&", "mut", "*", "*", _])
}

/// Returns the database of `impl PgExecutor<'_>` and the like.
fn database_of(ty: &Type) -> Option<&'static str> {
    let Type::ImplTrait(any) = ty else { return None };
    let [TypeParamBound::Trait(bound)] = any.bounds.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let anonymous = |lifetime: &Lifetime| lifetime.ident == "_";
    let mut database = None;
    for argument in &arguments.args {
        match argument {
            GenericArgument::Lifetime(lifetime) if anonymous(lifetime) => {}
            GenericArgument::AssocType(of) if of.ident == "Database" => {
                database = database_named(&of.ty);
            }
            _ => return None,
        }
    }
    match last.ident.to_string().as_str() {
        "PgExecutor" => Some("Postgres"),
        "SqliteExecutor" => Some("Sqlite"),
        "MySqlExecutor" => Some("MySql"),
        "Executor" => database,
        _ => None,
    }
}
