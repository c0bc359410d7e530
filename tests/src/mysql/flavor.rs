//! The two servers that speak MySQL's protocol.

use std::path::{Path, PathBuf};

/// MariaDB; or MySQL, where the variable `MYSQLD` names its server.
#[derive(Clone, Debug, Hash)]
pub enum Flavor {
    /// Of the system.
    MariaDb,
    /// Of the system or from elsewhere: Debian 12 has none.
    MySql(PathBuf),
}

impl Flavor {
    /// The one that tests of this process run against.
    pub fn of_this_run() -> Flavor {
        std::env::var_os("MYSQLD").map_or(Flavor::MariaDb, |server| Flavor::MySql(server.into()))
    }

    /// Returns `true` for MySQL.
    pub fn is_mysql(&self) -> bool {
        matches!(self, Flavor::MySql(_))
    }

    pub(super) fn server(&self) -> PathBuf {
        match self {
            Flavor::MariaDb => program("mariadbd"),
            Flavor::MySql(server) => server.clone(),
        }
    }

    /// Nothing here outlives the machine, so nothing need reach a disk. Commits still reach the system: what was
    /// committed before the server is killed is there after it.
    pub(super) fn options(&self) -> Vec<&'static str> {
        let mut options = vec![
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=2",
            "--max-connections=400",
        ];
        options.extend_from_slice(match self {
            Flavor::MariaDb => &[
                "--performance-schema=0",
                "--innodb-log-file-size=4M",
                // Tells, unlike InnoDB's own tables, of this moment.
                "--plugin-load-add=metadata_lock_info",
                "--max-recursive-iterations=1000000",
            ],
            Flavor::MySql(_) => &[
                // A directory that only a package makes.
                "--secure-file-priv=NULL",
                "--innodb-redo-log-capacity=8M",
                "--cte-max-recursion-depth=1000000",
                "--disable-log-bin",
                "--mysqlx=OFF",
            ],
        });
        options
    }

    /// Makes the system tables, and the accounts by the file `statements`, one statement a line.
    pub(super) fn install(&self, data: &str, statements: &Path) -> Vec<Step> {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let mut server = words(&self.options());
        server.push(data.to_owned());
        match self {
            Flavor::MariaDb => {
                let mut tables = words(&INSTALL);
                tables.push(data.to_owned());
                server.push("--bootstrap".to_owned());
                let program = program("mariadb-install-db");
                let input = Some(statements.to_owned());
                vec![
                    Step { program, arguments: tables, input: None },
                    Step { program: self.server(), arguments: server, input },
                ]
            }
            Flavor::MySql(program) => {
                server.push("--initialize-insecure".to_owned());
                server.push(format!("--init-file={}", statements.display()));
                vec![Step { program: program.clone(), arguments: server, input: None }]
            }
        }
    }

    /// Lets the superuser in over TCP.
    pub(super) fn superuser(&self) -> &'static str {
        match self {
            Flavor::MariaDb => "",
            Flavor::MySql(_) => {
                "CREATE USER root@127.0.0.1;\nGRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n"
            }
        }
    }

    /// The table of all sessions.
    pub fn sessions(&self) -> &'static str {
        match self {
            Flavor::MariaDb => "information_schema.PROCESSLIST",
            Flavor::MySql(_) => "performance_schema.processlist",
        }
    }

    /// A query for the number of transactions that use a table of a database, at this moment: InnoDB's own tables are late.
    pub fn open_transactions(&self, database: &str) -> String {
        match self {
            Flavor::MariaDb => format!(
                // InnoDB's purge holds locks of tables too, for nobody.
                "SELECT count(*) FROM information_schema.METADATA_LOCK_INFO \
                 JOIN information_schema.PROCESSLIST ON ID = THREAD_ID \
                 WHERE TABLE_SCHEMA = '{database}' AND DB = '{database}'"
            ),
            Flavor::MySql(_) => format!(
                "SELECT count(*) FROM performance_schema.events_transactions_current \
                 JOIN performance_schema.threads USING (THREAD_ID) \
                 WHERE PROCESSLIST_DB = '{database}' AND AUTOCOMMIT = 'NO' AND STATE = 'ACTIVE'"
            ),
        }
    }
}

/// A program that is run to its end.
#[derive(Hash)]
pub(super) struct Step {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Its standard input.
    pub(super) input: Option<PathBuf>,
}

const INSTALL: [&str; 5] = [
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--innodb-log-file-size=4M",
    "--innodb-undo-tablespaces=0",
];

/// Debian keeps the server out of the path of those who are not root.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    places.map(|place| place.join(name)).find(|program| program.is_file()).unwrap_or_else(|| {
        panic!("MariaDB's `{name}`: install it with `apt-get install mariadb-server`")
    })
}
