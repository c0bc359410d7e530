//! The six libraries: which types are pools and guards, and what their methods return.

use ustr::Ustr;

/// The role of a library's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Pool,
    /// A pooled connection: held until it is dropped.
    Connection,
    /// A transaction: held until it is ended or dropped.
    Transaction,
    /// A connection of its own: held by whoever borrows it, pooled or not.
    RawConnection,
    /// A client that code often keeps for its life; a borrowed one may come from a pool.
    Client,
    /// `Executor`, `ConnectionTrait` and the like: a connection, a transaction or a pool.
    Executor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Library {
    Sqlx,
    Deadpool,
    Bb8,
    DieselAsync,
    SeaOrm,
    TokioPostgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LibType {
    pub role: Role,
    pub library: Library,
}

const fn lib(role: Role, library: Library) -> Option<LibType> {
    Some(LibType { role, library })
}

/// Classifies a type by the path it resolved to.
pub(crate) fn classify(path: &[Ustr]) -> Option<LibType> {
    use Library::{Bb8, Deadpool, DieselAsync, SeaOrm, Sqlx, TokioPostgres};
    use Role::{Client, Connection, Executor, Pool, RawConnection, Transaction};
    let name = path.last()?.as_str();
    let root = if path.len() > 1 { path[0].as_str() } else { "" };
    let through = |word: &str| path.iter().any(|segment| segment.as_str() == word);
    if matches!(root, "diesel" | "r2d2" | "std" | "core" | "rusqlite" | "r2d2_sqlite") {
        return None;
    }
    match name {
        "PgPool" | "SqlitePool" | "MySqlPool" | "AnyPool" | "MssqlPool" => return lib(Pool, Sqlx),
        "PoolConnection" => return lib(Connection, Sqlx),
        "PgTransaction" | "SqliteTransaction" | "MySqlTransaction" => {
            return lib(Transaction, Sqlx);
        }
        "PgConnection" | "SqliteConnection" | "MySqlConnection" | "AnyConnection"
            if !root.starts_with("diesel") =>
        {
            return lib(RawConnection, Sqlx);
        }
        "PgExecutor" | "SqliteExecutor" | "MySqlExecutor" | "PgAcquire" => {
            return lib(Executor, Sqlx);
        }
        "AsyncPgConnection" | "AsyncMysqlConnection" | "SyncConnectionWrapper" => {
            return lib(RawConnection, DieselAsync);
        }
        "AsyncConnection" | "AsyncConnectionCore" => return lib(Executor, DieselAsync),
        "DatabaseTransaction" => return lib(Transaction, SeaOrm),
        "ConnectionTrait" | "TransactionTrait" | "StreamTrait" if root != "sqlx" => {
            return lib(Executor, SeaOrm);
        }
        "PooledConnection" if root.starts_with("diesel_async") || through("diesel_async") => {
            return lib(Connection, DieselAsync);
        }
        "PooledConnection" => return lib(Connection, Bb8),
        _ => {}
    }
    if root.starts_with("sqlx") || through("sqlx") {
        return match name {
            "Pool" => lib(Pool, Sqlx),
            "Transaction" => lib(Transaction, Sqlx),
            "Executor" | "Acquire" | "Connection" => lib(Executor, Sqlx),
            _ => None,
        };
    }
    if root == "sea_orm" || through("sea_orm") || root == "loco_rs" {
        return match name {
            "DatabaseConnection" | "DbConn" => lib(Pool, SeaOrm),
            _ => None,
        };
    }
    if name == "DatabaseConnection" && root.is_empty() {
        return lib(Pool, SeaOrm);
    }
    if root == "diesel_async" || through("diesel_async") {
        return match name {
            "Pool" => lib(Pool, DieselAsync),
            "Object" => lib(Connection, DieselAsync),
            _ => None,
        };
    }
    if matches!(root, "deadpool_redis" | "deadpool_lapin" | "deadpool_memcached" | "bb8_redis") {
        return None;
    }
    if root.starts_with("deadpool") || through("deadpool_postgres") || through("deadpool") {
        return match name {
            "Pool" => lib(Pool, Deadpool),
            "Object" | "Client" | "Connection" | "ClientWrapper" => lib(Connection, Deadpool),
            "Transaction" => lib(Transaction, Deadpool),
            "GenericClient" => lib(Executor, Deadpool),
            _ => None,
        };
    }
    if root == "async_bb8_diesel" {
        return if name == "Connection" { lib(Connection, Bb8) } else { None };
    }
    if root.starts_with("bb8") || root == "mobc" || through("bb8") || through("mobc") {
        return match name {
            "Pool" | "RedisPool" => lib(Pool, Bb8),
            "Connection" => lib(Connection, Bb8),
            _ => None,
        };
    }
    if root == "tokio_postgres" || through("tokio_postgres") {
        return match name {
            "Client" => lib(Client, TokioPostgres),
            "Transaction" => lib(Transaction, TokioPostgres),
            "GenericClient" => lib(Executor, TokioPostgres),
            _ => None,
        };
    }
    if root == "rocket_db_pools" && name == "Connection" {
        return lib(Connection, Deadpool);
    }
    if root == "axum_sqlx_tx" && name == "Tx" {
        return lib(Transaction, Sqlx);
    }
    None
}

/// The value that a method of a pool or guard returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// A guard, once awaited.
    Guard(LibType),
    /// A stream that holds a connection of the pool.
    Stream,
    /// The receiver, borrowed anew.
    Receiver,
    /// A connection that left the pool.
    Detached,
    /// Nothing that holds a connection.
    Plain,
}

/// Returns what `pool.method()` gives.
pub(crate) fn pool_method(library: Library, method: &str) -> Option<Returns> {
    let guard = |role| Some(Returns::Guard(LibType { role, library }));
    match (library, method) {
        (Library::Sqlx, "acquire" | "try_acquire") => guard(Role::Connection),
        (Library::Sqlx, "begin" | "try_begin" | "begin_with" | "try_begin_with")
        | (Library::SeaOrm, "begin" | "begin_with_config" | "begin_with_options") => {
            guard(Role::Transaction)
        }
        (Library::SeaOrm, "stream" | "stream_raw") => Some(Returns::Stream),
        (
            Library::Deadpool | Library::Bb8 | Library::DieselAsync,
            "get"
            | "get_owned"
            | "timeout_get"
            | "dedicated_connection"
            | "try_get"
            | "get_timeout"
            | "get_conn",
        ) => guard(Role::Connection),
        (_, "clone" | "as_ref" | "borrow" | "to_owned" | "deref") => Some(Returns::Receiver),
        (
            _,
            "close" | "status" | "size" | "num_idle" | "is_closed" | "options" | "state" | "resize"
            | "retain" | "manager" | "connect_options" | "max_size",
        ) => Some(Returns::Plain),
        _ => None,
    }
}

/// Returns what `guard.method()` gives, for methods that give a guard or end one.
pub(crate) fn guard_method(guard: LibType, method: &str) -> Option<Returns> {
    match method {
        "begin" | "begin_with" | "begin_nested" | "savepoint" | "start" | "transaction" => {
            Some(Returns::Guard(LibType { role: Role::Transaction, library: guard.library }))
        }
        "acquire" | "as_mut" | "deref_mut" | "deref" | "as_ref" | "borrow_mut" | "borrow"
        | "by_ref" | "client" | "lock_handle" | "as_deref_mut" => Some(Returns::Receiver),
        "detach" | "leak" | "take" => Some(Returns::Detached),
        _ => None,
    }
}

/// Returns true for methods that end a guard.
pub(crate) fn ends(method: &str) -> bool {
    matches!(method, "commit" | "rollback" | "detach" | "leak" | "return_to_pool" | "close_hard")
}

/// Returns true for the libraries' ways to run a statement on what is passed to them.
pub(crate) fn runs_statement(method: &str) -> bool {
    matches!(
        method.strip_suffix("_async").unwrap_or(method),
        "fetch_one"
            | "fetch_all"
            | "fetch_optional"
            | "fetch"
            | "fetch_many"
            | "execute"
            | "execute_many"
            | "execute_unprepared"
            | "query"
            | "query_one"
            | "query_opt"
            | "query_all"
            | "query_raw"
            | "query_typed"
            | "batch_execute"
            | "simple_query"
            | "prepare"
            | "prepare_cached"
            | "prepare_typed"
            | "insert"
            | "update"
            | "delete"
            | "save"
            | "one"
            | "all"
            | "count"
            | "exec"
            | "exec_with_returning"
            | "exec_without_returning"
            | "load"
            | "get_result"
            | "get_results"
            | "first"
            | "load_stream"
            | "stream"
            | "ping"
            | "run"
            | "copy_in"
            | "copy_out"
            | "num_items"
            | "num_pages"
            | "fetch_page"
            | "interact"
            | "describe"
    )
}

/// Returns true for methods whose awaited result still reads from or writes to the connection.
pub(crate) fn gives_reader(method: &str) -> bool {
    matches!(
        method,
        "fetch"
            | "fetch_many"
            | "load_stream"
            | "stream"
            | "query_raw"
            | "query_typed_raw"
            | "copy_in"
            | "copy_out"
            | "copy_in_raw"
            | "copy_out_raw"
            | "query_portal_raw"
    )
}

/// Returns true for statements that write, as far as a method's name tells.
pub(crate) fn writes(method: &str) -> bool {
    matches!(
        method,
        "execute"
            | "execute_many"
            | "batch_execute"
            | "insert"
            | "update"
            | "delete"
            | "save"
            | "exec"
    )
}
