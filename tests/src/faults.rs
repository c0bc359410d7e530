//! What can happen between handlers and their database.

use std::time::Duration;

use futures_util::future::join_all;
use shortlease::{Db, Postgres};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::sleep;

use crate::mounts::{Disk, HOST, Mounts};
use crate::postgres::{PASSWORD, Server, USER};
use crate::proxy::Proxy;
use crate::{load, wait};

/// Connections of the pool.
pub const CONNECTIONS: usize = 8;

/// Sessions that the server has room for.
const ROOM: usize = 17;

/// Sessions that are reserved for those who watch, as theirs end a moment after they hang up.
const RESERVED: usize = 10;

/// What cuts connections does it more than once: each time, other statements are on their way.
const STROKES: usize = 20;
const BETWEEN_STROKES: Duration = Duration::from_millis(50);

const DATABASE: &str = "faults";

const TERMINATE: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";

/// In the order in which several at once are struck; they are healed in the reverse order. So what needs
/// the server comes before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Writes fail with "disk full".
    DiskFull,
    /// The role has another password.
    Password,
    /// The role may have two connections.
    RoleLimit,
    /// The host's name is not known any more.
    Unresolved,
    /// Others take all the server's connections.
    Crowded,
    /// Nothing comes through, in either direction.
    Paused,
    /// All sessions are ended by an administrator, again and again.
    Terminated,
    /// All connections are reset, again and again.
    Reset,
    /// The write-ahead log finds no space: the server panics, in the middle of a COMMIT perhaps.
    WalFull,
    /// The server is killed.
    Killed,
}

impl Fault {
    const ALL: [Fault; 10] = [
        Fault::DiskFull,
        Fault::Password,
        Fault::RoleLimit,
        Fault::Unresolved,
        Fault::Crowded,
        Fault::Paused,
        Fault::Terminated,
        Fault::Reset,
        Fault::WalFull,
        Fault::Killed,
    ];

    /// What a table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Fault::DiskFull => "disk full",
            Fault::Password => "password changed",
            Fault::RoleLimit => "role's connection limit",
            Fault::Unresolved => "host name unknown",
            Fault::Crowded => "max_connections taken",
            Fault::Paused => "no forwarding for 5 s",
            Fault::Terminated => "backends terminated",
            Fault::Reset => "connections reset",
            Fault::WalFull => "disk of the WAL full",
            Fault::Killed => "kill -9 and restart",
        }
    }

    /// How long it lasts, once struck.
    pub fn lasts(self) -> Duration {
        match self {
            Fault::Paused => Duration::from_secs(5),
            Fault::Terminated | Fault::Reset => Duration::ZERO,
            _ => Duration::from_millis(1500),
        }
    }

    /// The failures by which the load notices it; without one of these, it did not happen. A connect that
    /// may succeed later is no failure for the load, because its leases wait for it.
    pub fn signs(self) -> &'static [&'static str] {
        match self {
            Fault::DiskFull => &["53100"],
            Fault::Password => &["connect: 28P01"],
            Fault::Paused => &["lease expired"],
            // Who writes to a session that has just ended may be told that the connection is reset, and no more.
            Fault::RoleLimit | Fault::Unresolved | Fault::Crowded | Fault::Terminated => {
                &["57P01", "i/o", "commit unknown"]
            }
            Fault::Reset => &["i/o", "commit unknown"],
            Fault::WalFull => &["53100", "i/o", "commit unknown"],
            // Sessions that wait for a statement notice that their server is gone, and say so.
            Fault::Killed => &["i/o", "57P01", "commit unknown"],
        }
    }

    /// Whether both can be at once: a server ends once, and does not come back on a full disk.
    pub fn goes_with(self, other: Fault) -> bool {
        let ends = |fault| matches!(fault, Fault::WalFull | Fault::Killed);
        let (first, last) = (self.min(other), self.max(other));
        first != last && !(ends(last) && (ends(first) || first == Fault::DiskFull))
    }
}

/// A server, the network before it, and a pool behind that.
pub struct World {
    /// The pool under test.
    pub db: Db<Postgres>,
    server: Server,
    proxy: Proxy,
    mounts: Option<Mounts>,
    url: String,
    outsiders: Vec<PgConnection>,
}

impl World {
    /// Starts all of it.
    ///
    /// # Panics
    /// Where PostgreSQL does not start.
    pub async fn start(mounts: Option<Mounts>) -> World {
        let mut server = Server::builder();
        if let Some(mounts) = &mounts {
            server = server.wal(mounts.path(Disk::Wal));
        }
        let server = server
            .setting("max_connections", &(ROOM + RESERVED).to_string())
            .setting("superuser_reserved_connections", &RESERVED.to_string())
            // Of all ways to ask for a password the one that costs the client nothing: with SCRAM, code that
            // is not optimised spends its time on connecting.
            .access("host all app,outsider 127.0.0.1/32 password")
            .start()
            .await;
        let proxy = Proxy::start(server.address());
        // So that there is something on the way at any time.
        proxy.delay(Duration::from_millis(1));
        let url = server.create_database(DATABASE).await;
        let its_own = proxy.url(&server.url_for(USER, PASSWORD, DATABASE));
        let its_own = match &mounts {
            Some(mounts) => {
                mounts.know_host();
                its_own.replace("127.0.0.1", HOST)
            }
            None => its_own,
        };
        let db = Db::builder(its_own)
            .max_connections(CONNECTIONS as u32)
            // More than a busy machine makes anybody wait, and less than the network is silent for.
            .acquire_timeout(Duration::from_secs(3))
            .connect_timeout(Duration::from_secs(3))
            .max_lease(Duration::from_secs(3))
            .connect_lazy()
            .expect("settings that work");
        let world = World { db, server, proxy, mounts, url, outsiders: Vec::new() };
        world.create_tables().await;
        world
    }

    async fn create_tables(&self) {
        let tablespace = match &self.mounts {
            Some(mounts) => {
                let directory = mounts.path(Disk::Tables).join("tables");
                let directory = directory.display();
                // By the server, so that it is its own.
                self.order(&format!("COPY (SELECT) TO PROGRAM 'cat; mkdir {directory}'")).await;
                self.order(&format!("CREATE TABLESPACE small LOCATION '{directory}'")).await;
                "TABLESPACE small"
            }
            None => "",
        };
        let grants = format!(
            "GRANT SELECT ON facts TO {USER}; GRANT INSERT ON entries TO {USER};
             CREATE ROLE outsider LOGIN PASSWORD '{PASSWORD}';
             CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql
                 AS 'BEGIN RAISE disk_full; END'"
        );
        self.order(&format!("{} {tablespace}; {grants}", load::SCHEMA)).await;
    }

    /// The faults that can be had here, and what stands in for those that cannot.
    pub fn faults(&self) -> (Vec<Fault>, &'static str) {
        match self.mounts {
            Some(_) => (
                Fault::ALL.to_vec(),
                "with disks that really fill and a host name that is really unknown",
            ),
            None => (
                Fault::ALL
                    .into_iter()
                    .filter(|fault| !matches!(fault, Fault::Unresolved | Fault::WalFull))
                    .collect(),
                "no mounts of our own (not root): disk full is an error raised by a trigger, that of the \
                 WAL does not fill, and the host's name stays known",
            ),
        }
    }

    /// Lets it happen.
    ///
    /// # Panics
    /// Where it cannot.
    pub async fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::DiskFull => match &self.mounts {
                Some(mounts) => {
                    mounts.fill(Disk::Tables);
                    self.use_up_pages().await;
                }
                None => {
                    self.order(
                        "CREATE TRIGGER no_space BEFORE INSERT ON entries
                         EXECUTE FUNCTION no_space()",
                    )
                    .await;
                }
            },
            Fault::Password => {
                self.order(&format!("ALTER ROLE {USER} PASSWORD 'another'")).await;
                self.terminate().await;
            }
            Fault::RoleLimit => {
                self.order(&format!("ALTER ROLE {USER} CONNECTION LIMIT 2")).await;
                self.terminate().await;
            }
            Fault::Unresolved => {
                self.mounts().forget_host();
                self.terminate().await;
            }
            Fault::Crowded => self.crowd().await,
            Fault::Paused => self.proxy.pause(),
            Fault::Terminated => {
                for _ in 0..STROKES {
                    self.terminate().await;
                    sleep(BETWEEN_STROKES).await;
                }
            }
            Fault::Reset => {
                for _ in 0..STROKES {
                    self.proxy.reset().await;
                    sleep(BETWEEN_STROKES).await;
                }
            }
            Fault::WalFull => fill_wal(self.mounts(), &mut self.admin().await).await,
            Fault::Killed => self.server.kill_9().await,
        }
    }

    /// Makes all well again, as far as the database is concerned.
    ///
    /// # Panics
    /// Where it cannot.
    pub async fn heal(&mut self, fault: Fault) {
        match fault {
            Fault::DiskFull => match &self.mounts {
                Some(mounts) => mounts.free(Disk::Tables),
                None => self.order("DROP TRIGGER no_space ON entries").await,
            },
            Fault::Password => {
                self.order(&format!("ALTER ROLE {USER} PASSWORD '{PASSWORD}'")).await;
            }
            Fault::RoleLimit => {
                self.order(&format!("ALTER ROLE {USER} CONNECTION LIMIT -1")).await;
            }
            Fault::Unresolved => self.mounts().know_host(),
            Fault::Crowded => self.outsiders.clear(),
            Fault::Paused => self.proxy.resume(),
            Fault::Terminated | Fault::Reset => {}
            Fault::WalFull => {
                self.mounts().free(Disk::Wal);
                self.server.restart().await;
            }
            Fault::Killed => self.server.restart().await,
        }
    }

    /// Those that the table has in reserve: it takes several at a time where many write to it.
    async fn use_up_pages(&self) {
        let rows =
            "INSERT INTO entries SELECT 0, 0, repeat('x', 400) FROM generate_series(1, 1000000)";
        let failed = sqlx::raw_sql(rows).execute(&mut self.admin().await).await;
        let failed = failed.expect_err("the disk is full").into_database_error();
        assert_eq!(failed.expect("an answer").code().as_deref(), Some("53100"));
    }

    /// Takes all places, those of the pool's sessions too.
    async fn crowd(&mut self) {
        let url = self.server.url_for("outsider", PASSWORD, DATABASE);
        let mut outsiders = Vec::new();
        let mut admin = self.admin().await;
        wait::until("a server full of others", async || {
            sqlx::raw_sql(TERMINATE).execute(&mut admin).await.expect("the server is up");
            // The pool wants its sessions back: whoever asks more often gets more of them.
            for _ in 0..5 {
                let connects = (0..ROOM).map(|_| PgConnection::connect(&url));
                outsiders.extend(join_all(connects).await.into_iter().flatten());
            }
            let others = "SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'app'";
            sqlx::query_scalar(others).fetch_one(&mut admin).await.expect("the server is up")
        })
        .await;
        self.outsiders = outsiders;
    }

    fn mounts(&self) -> &Mounts {
        self.mounts.as_ref().expect("only where there are mounts")
    }

    async fn terminate(&self) {
        self.order(TERMINATE).await;
    }

    async fn order(&self, sql: &str) {
        let mut admin = self.admin().await;
        let ordered = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut admin).await;
        ordered.unwrap_or_else(|error| panic!("{sql}: {error}"));
        admin.close().await.expect("a clean end");
    }

    /// A connection to the load's database, past the proxy and the limits.
    ///
    /// # Panics
    /// Where the server is not up.
    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("the server is up")
    }

    /// Whether no session of the pool is in a transaction, or more of them are open than it may have.
    pub async fn is_at_rest(&self) -> bool {
        let sessions = self.server.sessions(DATABASE).await;
        let at_rest = sessions.iter().all(|session| session.state.as_deref() == Some("idle"));
        // A quarter more than connections.
        at_rest && sessions.len() <= CONNECTIONS + CONNECTIONS.div_ceil(4)
    }
}

/// Fills the disk of the write-ahead log and leaves a few pages of the log itself: whoever writes next meets
/// the end.
///
/// # Panics
/// Where the log has no disk of its own.
pub async fn fill_wal(mounts: &Mounts, admin: &mut PgConnection) {
    const PAGES: i64 = 8;
    mounts.fill(Disk::Wal);
    // The segments that are there already, then the rest of the last of them.
    let segments = "SELECT count(*) FROM pg_ls_waldir()
                    WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_lsn())";
    let segments: i64 = sqlx::query_scalar(segments).fetch_one(&mut *admin).await.expect("the log");
    for _ in 0..segments {
        // A segment without a record is not left.
        let next = "SELECT pg_logical_emit_message(false, 'ballast', 'x'); SELECT pg_switch_wal()";
        sqlx::raw_sql(next).execute(&mut *admin).await.expect("a segment");
    }
    let rest = "SELECT pg_logical_emit_message(false, 'ballast', repeat('x', greatest(0,
                    1048576 - $1 * 8192 - file_offset)::int))
                FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())";
    // The load may have been faster.
    let _ = sqlx::query(rest).bind(PAGES).execute(admin).await;
}
