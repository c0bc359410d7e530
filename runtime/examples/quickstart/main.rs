//! 400 concurrent tool calls through 4 connections, the usual way and with shortlease.
//!
//! `handler.rs` is the part to read.

mod args;
mod backend;
mod call;
mod handler;
mod holds;
mod load;
mod next;
mod progress;
mod records;
mod report;
mod usual;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use shortlease::{Db, Sqlite};
use sqlx::migrate::Migrator;

use crate::args::Args;
use crate::backend::Backend;
use crate::holds::{Longest, Watch};
use crate::report::Row;

static MIGRATIONS: Migrator = sqlx::migrate!("examples/quickstart/migrations");

const CONNECTIONS: u32 = 4;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse()?;
    // Two sockets a call: more than the default of some systems.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let directory = tempfile::tempdir()?;
    let backend = Arc::new(Backend::start().await?);
    println!("{} concurrent calls of a tool, through {CONNECTIONS} connections.", args.calls);
    println!("Each: one read, one remote call of 0.3 to 1 s, one recording transaction.");
    println!("A call that gets no connection within {} s fails.\n", args.timeout.as_secs());
    let usual = the_usual_way(&args, &directory.path().join("usual.db"), &backend).await?;
    let leased = with_shortlease(&args, &directory.path().join("leased.db"), &backend).await?;
    let recorded = leased.recorded;
    report::print(&[usual, leased]);
    if recorded != args.calls {
        return Err(format!("{recorded} of {} calls were recorded", args.calls).into());
    }
    println!("All {recorded} recordings made with shortlease are in the database.");
    next::print();
    Ok(())
}

async fn the_usual_way(
    args: &Args,
    file: &Path,
    backend: &Arc<Backend>,
) -> Result<Row, Box<dyn Error>> {
    let pool = usual::open(file, CONNECTIONS, args.timeout).await?;
    MIGRATIONS.run(&pool).await?;
    let (name, longest) = ("usual way", Arc::new(Longest::default()));
    let outcome = load::run(name, args.calls, {
        let (pool, backend, longest) = (pool.clone(), Arc::clone(backend), Arc::clone(&longest));
        move |call| {
            let (pool, backend) = (pool.clone(), Arc::clone(&backend));
            let longest = Arc::clone(&longest);
            async move { usual::call_tool(&pool, &backend, call, &longest).await }
        }
    })
    .await;
    pool.close().await;
    let recorded = records::count(file).await?;
    Ok(Row { name, outcome, longest_hold: longest.get(), recorded })
}

async fn with_shortlease(
    args: &Args,
    file: &Path,
    backend: &Arc<Backend>,
) -> Result<Row, Box<dyn Error>> {
    let db = Db::<Sqlite>::builder(format!("sqlite://{}?mode=rwc", file.display()))
        .max_connections(CONNECTIONS)
        .acquire_timeout(args.timeout)
        .connect()
        .await?;
    db.migrate(&MIGRATIONS).await?;
    let (name, watch) = ("shortlease", Watch::start(db.clone()));
    let outcome = load::run(name, args.calls, {
        let backend = Arc::clone(backend);
        move |call| {
            let (mut session, backend) = (db.session(), Arc::clone(&backend));
            async move { handler::call_tool(&mut session, &backend, call).await }
        }
    })
    .await;
    let longest_hold = watch.longest();
    let recorded = records::count(file).await?;
    Ok(Row { name, outcome, longest_hold, recorded })
}
