//! Functions that are given the connection and only talk to the database.

use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use super::code;
use super::edits::Edits;
use super::functions::Found;
use super::sql::{Does, Effect};
use super::tokens::File;

/// Makes a function a leased one.
///
/// # Errors
///
/// Why it cannot be one.
pub(super) fn convert(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    (param, serves_both): (usize, bool),
    helper: code::Helper<'_>,
    does: &Does,
    edits: &mut Edits,
) -> Result<(), String> {
    let named = function.params().nth(param).and_then(|(variable, ty)| Some((variable?, ty)));
    let (variable, ty) = named.ok_or("has a pattern for its connection")?;
    let (kind, database) = leased_type(ty).ok_or_else(|| {
        let written = &file.text[ty.span().byte_range()];
        format!("takes `{written}`: take a `&mut PgConnection` or the like there first")
    })?;
    fits(function, does, kind == "Tx")?;
    let leased = match (kind, serves_both) {
        ("Tx", true) => return Err("takes a transaction".to_owned()),
        (_, true) => either(database),
        (_, false) => format!("&mut shortlease::{kind}<shortlease::{database}>"),
    };
    lease(at, file, function, (&variable, ty), leased, helper, edits)
}

/// Returns the type of a parameter that takes a leased connection or one of sqlx.
pub(super) fn either(database: &str) -> String {
    format!("&mut impl shortlease::EitherConn<shortlease::{database}>")
}

/// Makes a function a leased one, and gives the parameter with its connection another type.
///
/// # Errors
///
/// Why it cannot be one.
pub(super) fn lease(
    at: usize,
    file: &File<'_>,
    function: &Found<'_>,
    (variable, ty): (&str, &Type),
    leased: String,
    helper: code::Helper<'_>,
    edits: &mut Edits,
) -> Result<(), String> {
    let body = function.body();
    if let Some(reason) = code::refusal(file, &body) {
        return Err(reason);
    }
    let text = code::passing(file, &body, variable, helper)?;
    if text != file.text[body.clone()] {
        edits.replace(at, body, text);
    }
    edits.replace(at, ty.span().byte_range(), leased);
    let start = function.start();
    edits.insert(at, start, format!("#[shortlease::leased]\n{}", file.indent(start)));
    Ok(())
}

/// Checks that the macro takes a helper and its statements.
///
/// # Errors
///
/// Why it refuses them.
pub(super) fn fits(function: &Found<'_>, does: &Does, in_transaction: bool) -> Result<(), String> {
    if function.sig.asyncness.is_none() {
        return Err("is not an `async fn`".to_owned());
    }
    if does.has(Effect::Stays) {
        return Err("changes the session: SL005 refuses that in a lease".to_owned());
    }
    if does.has(Effect::Lasts) && !in_transaction {
        return Err(
            "does what ends with its transaction, which SL011 refuses on a connection: take \
                    a `&mut PgTransaction<'_>` or the like there first"
                .to_owned(),
        );
    }
    Ok(())
}

/// Returns the type that a leased function takes, and its database.
pub(super) fn leased_type(ty: &Type) -> Option<(&'static str, &'static str)> {
    let Type::Reference(reference) = ty else { return None };
    let Type::Path(path) = &*reference.elem else { return None };
    if reference.mutability.is_none() || reference.lifetime.is_some() {
        return None;
    }
    let last = path.path.segments.last()?;
    Some(match last.ident.to_string().as_str() {
        "PgConnection" => ("Conn", "Postgres"),
        "SqliteConnection" => ("Conn", "Sqlite"),
        "MySqlConnection" => ("Conn", "MySql"),
        "PgTransaction" => ("Tx", "Postgres"),
        "SqliteTransaction" => ("Tx", "Sqlite"),
        "MySqlTransaction" => ("Tx", "MySql"),
        "Transaction" => ("Tx", database_of(&last.arguments)?),
        _ => return None,
    })
}

fn database_of(arguments: &PathArguments) -> Option<&'static str> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => database_named(ty),
        _ => None,
    })
}

/// Returns the database that a type is the name of.
pub(super) fn database_named(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else { return None };
    match path.path.segments.last()?.ident.to_string().as_str() {
        "Postgres" => Some("Postgres"),
        "Sqlite" => Some("Sqlite"),
        "MySql" => Some("MySql"),
        _ => None,
    }
}
