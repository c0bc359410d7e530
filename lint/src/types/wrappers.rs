//! Types of other crates that hold, or stand for, their argument.

/// Returns true for types that hold what their arguments hold.
pub(super) fn container(name: &str) -> bool {
    matches!(
        name,
        "Option"
            | "Result"
            | "Box"
            | "Arc"
            | "Rc"
            | "Mutex"
            | "RwLock"
            | "RefCell"
            | "Cell"
            | "Vec"
            | "MutexGuard"
            | "OwnedMutexGuard"
            | "RwLockWriteGuard"
            | "RwLockReadGuard"
            | "RefMut"
            | "ManuallyDrop"
            | "ControlFlow"
            | "Either"
            | "Cow"
            | "Guard"
            | "AsyncMutex"
            | "TokioMutex"
            | "AppResult"
            | "ApiResult"
            | "DbResult"
    )
}

/// Returns true for types whose methods and fields are those of their argument.
pub(crate) fn transparent(name: &str) -> bool {
    container(name)
        || matches!(
            name,
            "State"
                | "Extension"
                | "Data"
                | "OnceCell"
                | "OnceLock"
                | "LazyLock"
                | "Lazy"
                | "Json"
                | "Path"
                | "Query"
                | "Inject"
                | "Depends"
                | "Dependency"
                | "ThinData"
                | "Ref"
                | "Weak"
                | "Pin"
                | "AssertUnwindSafe"
                | "ReqData"
                | "FromRef"
        )
}
