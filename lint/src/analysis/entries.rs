//! Functions that a web framework calls.

use crate::syntax::{Function, Ty};

/// Returns true for an extractor or a middleware, by its name and parameters.
pub(super) fn is_middleware(function: &Function) -> bool {
    let is_next = |ty: &Ty| matches!(ty, Ty::Path(path) if path.last() == "Next");
    matches!(function.name.as_str(), "from_request" | "from_request_parts")
        || function.params.iter().any(|param| is_next(&param.ty))
}
