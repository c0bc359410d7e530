//! The struct that a pool is a field of.

use ustr::Ustr;

use super::handle::Owner;
use crate::audited::Audited;
use crate::index::{FnId, TypeId};
use crate::syntax::{Pat, Ty, TypeKind};
use crate::types::{Type, transparent};

/// Finds the struct of a pool in a function: that of `app` for `app.pool`, that of `self.app` for `self.app.pool`.
///
/// # Errors
///
/// Why there is none.
pub(super) fn of(
    audited: &Audited<'_>,
    id: FnId,
    owner: &[&str],
    field: &str,
) -> Result<Owner, String> {
    let info = audited.index.function(id);
    let scope = audited.types.scope(id);
    let written = owner.join(".");
    let (variable, fields) = owner.split_first().ok_or("has no pool")?;
    let ty = match *variable {
        "self" => audited.types.self_type(&scope),
        _ => {
            let param = info.item.params.iter().find(|param| binds(&param.pat, variable));
            let param = param
                .ok_or_else(|| format!("has its pool in `{variable}`, which is not a parameter"))?;
            audited.types.read(&param.ty, &scope)
        }
    };
    let ty = fields.iter().fold(ty, |ty, field| audited.types.field(&ty, Ustr::from(field)));
    let id = local(&ty).ok_or_else(|| {
        format!("has its pool in `{written}`, which is not a struct of this workspace")
    })?;
    let item = &audited.index.type_info(id).item;
    let TypeKind::Struct(fields) = &item.kind else {
        return Err(format!("has its pool in `{}`, which is not a struct", item.name));
    };
    let pool = fields.iter().find(|found| found.name == field);
    let database = pool.and_then(|pool| database(&pool.ty)).ok_or_else(|| {
        format!("has its pool in `{}`, whose `{field}` is not a `PgPool` or the like", item.name)
    })?;
    Ok(Owner { id, name: item.name.to_string(), field: field.to_owned(), database })
}

fn binds(pat: &Pat, variable: &str) -> bool {
    match pat {
        Pat::Bind { name, .. } => name.as_str() == variable,
        Pat::TupleStruct { elems, .. } => elems.iter().any(|pat| binds(pat, variable)),
        Pat::Ref(inner) | Pat::Typed(inner, _) => binds(inner, variable),
        _ => false,
    }
}

fn local(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Local(id, _) => Some(*id),
        Type::Ref(inner) => local(inner),
        Type::External { name, args } if transparent(name) => local(args.first()?),
        _ => None,
    }
}

/// Returns the database of a pool's type: `PgPool`, `Pool<Postgres>`.
pub(super) fn database(ty: &Ty) -> Option<&'static str> {
    let Ty::Path(path) = ty else { return None };
    match path.last().as_str() {
        "PgPool" | "Postgres" => Some("Postgres"),
        "SqlitePool" | "Sqlite" => Some("Sqlite"),
        "MySqlPool" | "MySql" => Some("MySql"),
        "Pool" => database(path.args.first()?),
        _ => None,
    }
}
