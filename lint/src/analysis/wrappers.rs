//! Types inside of references, results, options, pointers and locks.

use std::sync::Arc;

use ustr::Ustr;

use crate::libraries::{LibType, Library, Role};
use crate::types::{Type, transparent};

/// Returns a type without its references.
pub(super) fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Ref(inner) => unwrapped(inner),
        ty => ty,
    }
}

/// Returns the type inside of a `Result` or an `Option`.
pub(super) fn ok_type(ty: &Type) -> Type {
    match ty {
        Type::External { name, args } if args.len() <= 2 && wraps(name) => {
            args.first().cloned().unwrap_or(Type::Unknown)
        }
        Type::Ref(inner) => match ok_type(inner) {
            Type::Ref(inner) => Type::Ref(inner),
            Type::Unknown => Type::Unknown,
            ty => Type::Ref(std::sync::Arc::new(ty)),
        },
        ty => ty.clone(),
    }
}

pub(super) fn wraps(name: &str) -> bool {
    name == "Option" || name.ends_with("Result")
}

pub(super) fn ok_inner(ty: &Type) -> Type {
    match ty {
        Type::Ref(inner) => ok_inner(inner),
        Type::External { name, args } if transparent(name) => {
            args.first().cloned().unwrap_or(Type::Unknown)
        }
        ty => ty.clone(),
    }
}

pub(super) fn is_map(name: &str) -> bool {
    matches!(name, "HashMap" | "BTreeMap" | "IndexMap" | "DashMap")
}

/// Returns the name of a list's or a map's type, and the type of its values, also behind pointers and locks.
pub(super) fn collection(ty: &Type) -> Option<(Ustr, &Type)> {
    match ty {
        Type::Ref(inner) => collection(inner),
        Type::External { name, args } => match name.as_str() {
            map if is_map(map) => Some((*name, args.get(1)?)),
            "Vec" | "VecDeque" => Some((*name, args.first()?)),
            pointer if derefs(pointer) => collection(args.first()?),
            _ => None,
        },
        _ => None,
    }
}

/// Returns true for a stream, also in a result or behind pointers.
pub(super) fn is_stream(ty: &Type) -> bool {
    match ty {
        Type::Ref(inner) => is_stream(inner),
        Type::External { name, args } => {
            let inside = transparent(name) || wraps(name);
            name.ends_with("Stream") || inside && args.first().is_some_and(is_stream)
        }
        _ => false,
    }
}

pub(super) fn output_of(ty: &Type) -> Type {
    match ty {
        Type::Ref(inner) => output_of(inner),
        Type::External { args, .. } => args.first().map_or(Type::Unknown, output_of),
        Type::Callable { output, .. } => (**output).clone(),
        _ => Type::Unknown,
    }
}

/// Returns the type inside of a mutex, also behind pointers.
pub(super) fn locked_type(ty: &Type) -> Option<Type> {
    match ty {
        Type::Ref(inner) => locked_type(inner),
        Type::External { name, args } => match name.as_str() {
            "Mutex" | "RwLock" => args.first().cloned(),
            name if transparent(name) => locked_type(args.first()?),
            _ => None,
        },
        _ => None,
    }
}

/// Returns true for pointers and extractors, whose methods are those of what they point to.
pub(super) fn derefs(name: &str) -> bool {
    matches!(
        name,
        "Arc"
            | "Rc"
            | "Box"
            | "State"
            | "Data"
            | "Extension"
            | "MutexGuard"
            | "OwnedMutexGuard"
            | "RwLockReadGuard"
            | "RwLockWriteGuard"
            | "Ref"
            | "RefMut"
            | "Pin"
            | "LazyLock"
            | "Lazy"
            | "Cow"
            | "ManuallyDrop"
            | "AssertUnwindSafe"
            | "Inject"
            | "ThinData"
            | "ReqData"
            | "Depends"
    )
}

pub(super) fn external(name: &str) -> Type {
    Type::External { name: Ustr::from(name), args: Arc::from([]) }
}

pub(super) fn wrapped(name: &str, ty: &Type) -> Type {
    Type::External { name: Ustr::from(name), args: Arc::from([ty.clone()]) }
}

/// Returns the type that `tokio_postgres::connect` gives: a client, and the future that drives it.
pub(super) fn opened_client() -> Type {
    let client = LibType { role: Role::Connection, library: Library::TokioPostgres };
    let pair = Type::Tuple(Arc::from([Type::Lib(client), external("Driver")]));
    wrapped("Result", &pair)
}
