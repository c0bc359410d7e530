//! `gateway check`: is everything there that a gateway needs.

use std::fmt;

use shortlease::{Db, Session, Sqlite, handler};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::database::Database;
use crate::error::Error;
use crate::gateway::{StartError, assemble};
use crate::settings::{PoolerMode, Settings};
use crate::store::upstreams::{self, Upstream};
use crate::{first_run, open};

/// The findings, line by line.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<(bool, String)>,
}

impl Report {
    fn add(&mut self, good: bool, line: impl Into<String>) {
        self.lines.push((good, line.into()));
    }

    /// Returns `true` if nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lines.iter().all(|(good, _)| *good)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (good, line) in &self.lines {
            writeln!(f, "{}  {line}", if *good { "ok   " } else { "WRONG" })?;
        }
        Ok(())
    }
}

/// Brings the tables up to date, and verifies database, budget, Redis and upstreams.
///
/// # Errors
///
/// [`StartError`] for flags that cannot work. What is wrong elsewhere is in the report.
///
/// # Cancel safety
///
/// Dropped, a migration under way is rolled back.
pub async fn check<DB: Database>(settings: Settings) -> Result<Report, StartError> {
    let mut report = Report::default();
    let pool = settings.pool().map_err(StartError::Setting)?;
    let db: Db<DB> = match open::open(&settings, pool).await {
        Ok(db) => db,
        Err(error) => {
            report.add(false, format!("database: {error}"));
            return Ok(report);
        }
    };
    report.add(true, format!("database: {} answers, its tables are up to date", DB::NAME));
    report.add(true, budget::<DB>(&settings, pool));
    let app = assemble(settings, db, "", None, CancellationToken::new())?;
    let mut session = app.db.session();
    if app.settings.redis_url.is_some() {
        let answers = app.shared.get(&session).answers().await;
        report.add(
            answers,
            format!("redis: {}", if answers { "answers" } else { "does not answer" }),
        );
    }
    for upstream in upstreams_of(&mut session).await? {
        let (good, found) = match app.settings.has_demo() && upstream.name == first_run::NAME {
            // It is a part of each gateway, at another address after each start.
            true => (true, "starts with the gateway".to_owned()),
            false => look_at(&session, &app, &upstream).await,
        };
        report.add(good, format!("upstream {}: {found}", upstream.name));
    }
    let _ = app.db.close(app.settings.drain).await;
    Ok(report)
}

fn budget<DB: Database>(settings: &Settings, pool: u32) -> String {
    let is_sqlite = DB::NAME == <Sqlite as sqlx::Database>::NAME;
    let Some(processes) = settings.processes else {
        let sum = if is_sqlite {
            "SQLite has no limit"
        } else {
            "say --processes to have the sum checked"
        };
        return format!("budget: {pool} connections; {sum}");
    };
    let all = format!("budget: {processes} processes with {pool} connections each");
    match settings.pooler {
        _ if is_sqlite => format!("{all}; SQLite has no limit"),
        PoolerMode::None => format!("{all} fit"),
        _ => format!("{all}; what the pooler and the server permit is not checked"),
    }
}

#[handler]
async fn upstreams_of<DB: Database>(
    db: &mut Session<DB>,
) -> Result<Vec<Upstream>, shortlease::Error> {
    db.lease(async |conn| upstreams::list(conn).await).await
}

async fn look_at<DB: Database>(
    db: &Session<DB>,
    app: &App<DB>,
    upstream: &Upstream,
) -> (bool, String) {
    let client = app.upstreams.get(db);
    let found = match upstream.kind.as_str() {
        "mcp" => {
            client.discover(upstream).await.map(|tools| format!("answers, {} tools", tools.len()))
        }
        _ => client.policy().check(&upstream.url).map(|_| "its address is permitted".to_owned()),
    };
    match found {
        Ok(found) => (true, found),
        Err(error) => (false, Error::from(error).to_string()),
    }
}
