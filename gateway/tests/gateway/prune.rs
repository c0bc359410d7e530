//! Old rows are removed, and the others are not.

use gateway::database::Database;
use gateway::prune::{kept_from, prune};
use gateway::store::old::{self, Old};
use serde_json::json;
use shortlease::{Error, Session, handler};
use shortlease_tests::wait;
use tempfile::TempDir;

use crate::backend::Backend;
use crate::fixture::{Fixture, stop};

/// Ids of the year 1970.
const CALLS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
    INSERT INTO calls (id, team, token, tool, outcome, took_ms, at) \
    SELECT '0000' || CAST(i AS TEXT), 'team', 'old', 'tools__answer', 'ok', 1, i FROM n";
const AUDIT: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
    INSERT INTO audit (id, team, actor, action, subject, outcome, at) \
    SELECT '0000' || CAST(i AS TEXT), 'team', 'old', 'call', 'tools__answer', 'ok', i FROM n";

const TOKENS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
    INSERT INTO tokens (id, team, label, salt, hash, created_at, expires_at) \
    SELECT 'old' || CAST(i AS TEXT), 'team', 'old', '', '', 0, i FROM n";

#[tokio::test]
async fn old_rows_are_removed_on_sqlite() {
    old_rows_are_removed(Fixture::new(&["--allow-private", "--keep-days", "0"]).await).await;
}

#[tokio::test]
async fn old_rows_are_removed_on_postgres() {
    let flags = ["--allow-private", "--keep-days", "0"];
    old_rows_are_removed(Fixture::on_postgres("gateway_prune", &flags).await).await;
}

async fn old_rows_are_removed<DB: Database>(first: Fixture<DB>) {
    let backend = Backend::start().await;
    first.upstream("tools", &backend.url, &["answer"]).await;
    let token = first.team("team", &["tools__*"]).await;
    let new = first.call(&token, "tools__answer", json!({})).await.good();
    let db = first.gateway.app.db.clone();
    let mut session = db.session();
    add_old(&mut session).await.unwrap();
    // The old ones are beyond the first page.
    let old = async |fixture: &Fixture<DB>| {
        let page = format!("/v1/calls?before={}", new["call_id"].as_str().unwrap());
        let calls = fixture.get(&token, &page).await.good();
        calls["calls"].as_array().unwrap().len()
    };
    assert_eq!(old(&first).await, 100);
    // A batch is bounded.
    for all in [Old::Calls("0001".into()), Old::Audit("0001".into()), Old::Tokens(10_000)] {
        assert_eq!(remove(&mut session, all).await.unwrap(), 1000);
    }
    // A gateway that keeps all calls and entries removes tokens that have ended.
    let now = gateway::ids::now_ms();
    assert_eq!(prune(&mut session, kept_from(0, now)).await.unwrap(), 1500);
    assert_eq!(old(&first).await, 100);
    // A gateway that keeps them for some time removes them at its start.
    let url = first.gateway.app.settings.database_url().to_owned();
    let flags = ["--allow-private", "--keep-days", "30"];
    let second: Fixture<DB> = Fixture::at(&url, TempDir::new().unwrap(), &flags).await;
    wait::until("no old call is listed", async || old(&second).await == 0).await;
    let calls = second.get(&token, "/v1/calls").await.good();
    assert_eq!(calls["calls"].as_array().unwrap().len(), 1);
    let audit = async || {
        let audit = second.get(&token, "/v1/audit").await.good();
        audit["audit"].as_array().unwrap().len()
    };
    // Those of this test stay.
    wait::until("no old entry is listed", async || audit().await == 4).await;
    let tokens = second.get(&token, "/v1/tokens").await.good();
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 1, "{tokens}");
    stop(second.gateway).await;
}

#[handler]
async fn add_old<DB: Database>(db: &mut Session<DB>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(CALLS).execute(tx).await?;
        sqlx::query(AUDIT).execute(tx).await?;
        sqlx::query(TOKENS).execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn remove<DB: Database>(db: &mut Session<DB>, all: Old) -> Result<usize, Error> {
    db.transaction(async |tx| old::remove(tx, all, 1000).await).await
}
