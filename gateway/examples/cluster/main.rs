//! Three gateways behind one PgBouncer, one PostgreSQL and one Redis, with one connection budget. See scripts/cluster.

#![recursion_limit = "256"]

mod load;
mod parts;
mod process;

use std::error::Error;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::{Connection, PgConnection};

use self::load::Load;
use self::parts::{BUDGET, Cluster};

const CLIENTS: usize = 60;
const PHASE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let program = std::env::current_exe()?.parent().ok_or("no directory")?.join("../gateway");
    println!("starting PostgreSQL, PgBouncer, Redis and three gateways");
    let mut cluster = Cluster::start(&program).await;
    for gateway in &cluster.gateways {
        println!("  gateway    http://{}/mcp", gateway.address);
    }
    println!("  budget     {BUDGET} sessions for all three\n");
    let load = Load::start(&cluster.urls(), &cluster.token, CLIENTS);
    watch(&cluster, &load, "all three").await;
    cluster.gateways.remove(0).signal("KILL");
    watch(&cluster, &load, "one killed").await;
    let counts = load.stop().await;
    let recorded: i64 = sqlx::query_scalar("SELECT count(*) FROM calls WHERE outcome = 'ok'")
        .fetch_one(&mut connect(&cluster).await?)
        .await?;
    let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::SeqCst);
    println!("\n{} calls answered, {recorded} recorded", count(&counts.answered));
    println!(
        "{} tries at the killed gateway, {} calls lost",
        count(&counts.moved),
        count(&counts.lost)
    );
    if std::env::args().any(|argument| argument == "--stay") {
        println!("\nThe other two serve until Ctrl-C. A token: {}", cluster.token);
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}

async fn watch(cluster: &Cluster, load: &Load, phase: &str) {
    let before = load.counts.answered.load(Ordering::SeqCst);
    tokio::time::sleep(PHASE).await;
    let answered = load.counts.answered.load(Ordering::SeqCst) - before;
    let sessions = cluster.server.sessions("gateway").await.len();
    println!(
        "{phase:<12} {:>6.0} calls/s, {sessions:>3} sessions on the server",
        answered as f64 / PHASE.as_secs_f64()
    );
}

async fn connect(cluster: &Cluster) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect(&cluster.server.url_for("postgres", "", "gateway")).await
}
