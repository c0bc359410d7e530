//! Flags and environment.

use std::net::SocketAddr;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum, value_parser};
use shortlease::Pooler;

use crate::secret::Secret;

/// The database of a first run.
pub const DEFAULT_DATABASE: &str = "sqlite://gateway.db?mode=rwc";

/// An MCP gateway: one address for the tools of many MCP servers, with teams, tokens, permissions, an audit trail and
/// metrics. It holds no database connection while a tool works.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// The task; `serve` if it is left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags and environment.
    #[command(flatten)]
    pub settings: Settings,
}

const AFTER_HELP: &str = "\
Without any flag it keeps its data in ./gateway.db, serves on http://127.0.0.1:8080, and starts one demo upstream, so
that there is something to call. Its first lines show a curl call to try.

The variable of a flag without a value, such as GATEWAY_ALLOW_PRIVATE, is `true` or `false`.

Exit codes: 0 after a stop by SIGTERM or SIGINT, after the client of `stdio` has gone, and after a check that finds
nothing wrong; 1 otherwise; 2 for flags that cannot be read.";

/// The task.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve MCP over streamable HTTP, the HTTP API, the page and the metrics (default)
    Serve,
    /// Serve MCP over stdin and stdout, for one client with one token
    Stdio,
    /// Bring the tables up to date, verify database, connection budget, Redis and upstreams, print what was found, and exit
    Check,
}

/// Flags and environment. Each flag has an environment variable.
#[derive(Clone, Debug, Parser)]
pub struct Settings {
    /// Address to serve on
    #[arg(long, global = true, env = "GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// sqlite:// or postgres:// URL [default: a file gateway.db here, and the demo upstream]
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// PostgreSQL's own address, for migrations, if DATABASE_URL leads to PgBouncer
    #[arg(long, global = true, env = "DIRECT_DATABASE_URL", hide_env_values = true)]
    pub direct_database_url: Option<Secret>,

    /// Pooler between this process and PostgreSQL
    #[arg(long, global = true, env = "GATEWAY_POOLER", value_enum, default_value = "none")]
    pub pooler: PoolerMode,

    /// Most database connections that work at a time, in this process
    #[arg(
        long,
        global = true,
        env = "GATEWAY_POOL",
        default_value_t = 8,
        value_parser = value_parser!(u32).range(1..),
        conflicts_with = "budget"
    )]
    pub pool: u32,

    /// Most database sessions of all processes together; the pool is chosen so that they fit
    #[arg(long, global = true, env = "GATEWAY_BUDGET", requires = "processes")]
    pub budget: Option<u32>,

    /// How many gateways share the database; the start fails if they do not fit the server, unless there is a pooler
    #[arg(long, global = true, env = "GATEWAY_PROCESSES")]
    pub processes: Option<u32>,

    /// How long a request waits for a database connection before it is told to come back, in seconds
    #[arg(long, global = true, env = "GATEWAY_ACQUIRE_TIMEOUT", default_value = "8", value_parser = some_seconds)]
    pub acquire_timeout: Duration,

    /// Share cache and rate limit with other gateways in this Redis [default: in memory]
    #[arg(long, global = true, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<Secret>,

    /// Calls that a team may make in a minute; 0 for any number
    #[arg(long, global = true, env = "GATEWAY_RATE_LIMIT", default_value_t = 6000)]
    pub rate_limit: u64,

    /// Days that calls and the audit trail are kept; 0 for ever
    #[arg(long, global = true, env = "GATEWAY_KEEP_DAYS", default_value_t = 90)]
    pub keep_days: u32,

    /// How long an upstream may take for a call, in seconds
    #[arg(long, global = true, env = "GATEWAY_UPSTREAM_TIMEOUT", default_value = "60", value_parser = some_seconds)]
    pub upstream_timeout: Duration,

    /// Permit upstreams on this machine and in private networks
    #[arg(long, global = true, env = "GATEWAY_ALLOW_PRIVATE")]
    pub allow_private: bool,

    /// How long a client may take to send a request, in seconds
    #[arg(long, global = true, env = "GATEWAY_READ_TIMEOUT", default_value = "30", value_parser = some_seconds)]
    pub read_timeout: Duration,

    /// Longest request body, and longest answer of an upstream, in bytes
    #[arg(long, global = true, env = "GATEWAY_MAX_BODY", default_value_t = 1024 * 1024)]
    pub max_body: usize,

    /// Host name that MCP clients may ask for, besides localhost; may be given more than once
    #[arg(long, global = true, env = "GATEWAY_ALLOWED_HOST", value_delimiter = ',')]
    pub allowed_host: Vec<String>,

    /// Token of the operator, for /v1/admin, the page and /debug [default: a new one at each start]
    #[arg(
        long,
        global = true,
        env = "GATEWAY_ADMIN_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().map(Secret::from)
    )]
    pub admin_token: Option<Secret>,

    /// Token of the client of `gateway stdio`
    #[arg(long, global = true, env = "GATEWAY_TOKEN", hide_env_values = true)]
    pub token: Option<Secret>,

    /// Start a demo upstream and a demo team also with a database of your own; `serve` alone has them
    #[arg(long, global = true, env = "GATEWAY_DEMO")]
    pub demo: bool,

    /// How long a stop of `serve` waits for requests under way, in seconds
    #[arg(long, global = true, env = "GATEWAY_DRAIN", default_value = "10", value_parser = seconds)]
    pub drain: Duration,

    /// Log filter, such as `info` or `gateway=debug,shortlease=warn`
    #[arg(long, global = true, env = "GATEWAY_LOG", default_value = "info")]
    pub log: String,

    /// Print no first screen, and log errors only
    #[arg(long, global = true, env = "GATEWAY_QUIET")]
    pub quiet: bool,
}

/// The pooler between this process and PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PoolerMode {
    /// Nothing
    None,
    /// PgBouncer in transaction mode, of any version
    Transaction,
    /// PgBouncer 1.21 or later in transaction mode, with max_prepared_statements
    Prepared,
}

impl From<PoolerMode> for Option<Pooler> {
    fn from(mode: PoolerMode) -> Self {
        match mode {
            PoolerMode::None => None,
            PoolerMode::Transaction => Some(Pooler::Transaction),
            PoolerMode::Prepared => Some(Pooler::TransactionWithPreparedStatements),
        }
    }
}

impl Settings {
    /// The database.
    #[must_use]
    pub fn database_url(&self) -> &str {
        self.database_url.as_ref().map_or(DEFAULT_DATABASE, Secret::reveal)
    }

    /// Returns `true` if a demo upstream is to be started.
    #[must_use]
    pub fn has_demo(&self) -> bool {
        self.demo || self.database_url.is_none()
    }

    /// The most connections that work at a time.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice for one in each process.
    pub fn pool(&self) -> Result<u32, String> {
        let Some(budget) = self.budget else { return Ok(self.pool) };
        let processes = self.processes.unwrap_or(1).max(1);
        // Of its share, each has one session to cancel statements, one that is dedicated, and a quarter more than its
        // pool while connections are recovered.
        let share = (budget / processes).saturating_sub(2);
        match share - share.div_ceil(5) {
            0 => Err(format!(
                "a budget of {budget} is too small for {processes} processes: {} is the least",
                4 * u64::from(processes)
            )),
            pool => Ok(pool),
        }
    }
}

/// Longer than any limit. Beyond it, clocks may have no such time.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()).map(|it| it.min(YEAR))
}

fn some_seconds(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("must be more than 0: nothing would be done in time".into()),
        limit => Ok(limit),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn settings(flags: &[&str]) -> Settings {
        Cli::try_parse_from(["gateway"].iter().chain(flags)).unwrap().settings
    }

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_budget_is_shared_by_the_processes() {
        // Three processes of 8 + 2 + 2.
        assert_eq!(settings(&["--budget", "36", "--processes", "3"]).pool(), Ok(8));
        assert_eq!(settings(&["--budget", "35", "--processes", "3"]).pool(), Ok(7));
        let least = "a budget of 11 is too small for 3 processes: 12 is the least".to_owned();
        assert_eq!(settings(&["--budget", "11", "--processes", "3"]).pool(), Err(least));
        assert_eq!(settings(&["--budget", "12", "--processes", "3"]).pool(), Ok(1));
        assert_eq!(settings(&["--pool", "5"]).pool(), Ok(5));
    }

    #[test]
    fn the_pool_is_the_greatest_that_fits_a_budget_of_any_size() {
        let fits = |pool: u32, budget: u32| pool + pool.div_ceil(4) + 2 <= budget;
        for budget in (4..100).chain([1_000_000, u32::MAX / 2]) {
            let pool = settings(&["--budget", &budget.to_string(), "--processes", "1"]).pool();
            let pool = pool.unwrap();
            assert!(fits(pool, budget) && !fits(pool + 1, budget), "{pool} of {budget}");
        }
    }

    #[test]
    fn a_limit_of_any_length_can_be_waited_for() {
        let settings = settings(&["--read-timeout", "1e19", "--drain", "1e19"]);
        let now = std::time::Instant::now();
        assert!(now.checked_add(settings.read_timeout).is_some());
        assert!(now.checked_add(settings.drain).is_some());
    }

    #[test]
    fn flags_may_follow_the_command() {
        let cli = Cli::try_parse_from(["gateway", "check", "--pool", "3"]).unwrap();
        assert_eq!(cli.settings.pool, 3);
        assert!(Cli::try_parse_from(["gateway", "--pool", "3", "--budget", "9"]).is_err());
    }

    #[test]
    fn limits_that_would_fail_everything_are_refused() {
        for flag in ["--pool", "--acquire-timeout", "--upstream-timeout", "--read-timeout"] {
            let error = Cli::try_parse_from(["gateway", flag, "0"]).unwrap_err().to_string();
            assert!(error.contains(flag), "{error}");
        }
        assert_eq!(settings(&["--drain", "0"]).drain, Duration::ZERO);
    }

    #[test]
    fn an_empty_token_of_the_operator_is_refused() {
        assert!(Cli::try_parse_from(["gateway", "--admin-token", ""]).is_err());
        assert_eq!(settings(&["--admin-token", "a"]).admin_token.unwrap().reveal(), "a");
    }

    #[test]
    fn debug_shows_no_secret() {
        let secrets =
            ["--database-url", "--direct-database-url", "--redis-url", "--admin-token", "--token"];
        let flags: Vec<_> = secrets.iter().flat_map(|flag| [*flag, "hidden"]).collect();
        let shown = format!("{:?}", settings(&flags));
        assert!(shown.contains("database_url") && !shown.contains("hidden"), "{shown}");
    }
}
