//! Types. `//~` marks the line of each, and names what clippy must say it is.

struct Pools {
    pool: sqlx::Pool<sqlx::Sqlite>,                  //~ sqlx::Pool
    sqlite: sqlx::SqlitePool,                        //~ sqlx::sqlite::SqlitePool
    postgres: std::sync::Arc<sqlx::PgPool>,          //~ sqlx::postgres::PgPool
    any: sqlx::AnyPool,                              //~ sqlx::AnyPool
    options: sqlx::pool::PoolOptions<sqlx::Sqlite>,  //~ sqlx::pool::PoolOptions
    sqlite_options: sqlx::sqlite::SqlitePoolOptions, //~ sqlx::sqlite::SqlitePoolOptions
    postgres_options: sqlx::postgres::PgPoolOptions, //~ sqlx::postgres::PgPoolOptions
}

struct Connections {
    pooled: sqlx::pool::PoolConnection<sqlx::Sqlite>, //~ sqlx::pool::PoolConnection
    sqlite: sqlx::SqliteConnection,                   //~ sqlx::sqlite::SqliteConnection
    postgres: sqlx::PgConnection,                     //~ sqlx::postgres::PgConnection
    any: sqlx::AnyConnection,                         //~ sqlx::AnyConnection
    listener: sqlx::postgres::PgListener,             //~ sqlx::postgres::PgListener
}

struct Transactions {
    generic: sqlx::Transaction<'static, sqlx::Sqlite>, //~ sqlx::Transaction
    sqlite: sqlx::SqliteTransaction<'static>,          //~ sqlx::sqlite::SqliteTransaction
    postgres: sqlx::PgTransaction<'static>,            //~ sqlx::postgres::PgTransaction
}

/// A way around `#[handler]`, which reads only the names it is given.
mod renamed {
    use sqlx::SqlitePool as Store; //~ sqlx::sqlite::SqlitePool

    fn take(_: &Store) {} //~ sqlx::sqlite::SqlitePool
}
