//! Functions that give a future.

use crate::syntax::{Function, Ty};

/// Returns true if calling a function gives a future.
pub(super) fn is_pending(function: &Function) -> bool {
    if function.is_async {
        return true;
    }
    function.ret.as_ref().is_some_and(is_future)
}

/// Returns true for a type that is written as a future.
pub(super) fn is_future(ty: &Ty) -> bool {
    match ty {
        Ty::Path(path) => match path.last().as_str() {
            "BoxFuture" | "LocalBoxFuture" | "ScopedBoxFuture" => true,
            "Pin" | "Box" | "Result" | "Option" | "Instrumented" => path.args.iter().any(is_future),
            last => last.ends_with("Future") || last.ends_with("Fut"),
        },
        Ty::Ref(inner) => is_future(inner),
        Ty::Impl(bounds) | Ty::Dyn(bounds) => bounds.iter().any(|bound| bound.last() == "Future"),
        _ => false,
    }
}
