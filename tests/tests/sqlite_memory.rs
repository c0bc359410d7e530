//! The behaviour suite on SQLite's in-memory databases.

mod behaviour;

/// SQLite, in memory: a database lives as long as its `Db`.
mod database {
    use shortlease::{Builder, Db};

    pub(crate) type Database = shortlease::Sqlite;

    pub(crate) const SHARED: bool = false;

    /// A database of a test's own.
    pub(crate) struct Scratch;

    impl Scratch {
        pub(crate) async fn new() -> Scratch {
            Scratch
        }

        /// No further away: a thread of its own has the answers.
        pub(crate) async fn distant() -> Scratch {
            Scratch::new().await
        }

        pub(crate) fn builder(&self, max_connections: usize) -> Builder<Database> {
            Db::builder(self.url()).max_connections(max_connections)
        }

        pub(crate) fn url(&self) -> String {
            "sqlite::memory:".to_owned()
        }

        /// Nobody else can look.
        pub(crate) async fn in_transaction(&self) -> bool {
            false
        }
    }
}
