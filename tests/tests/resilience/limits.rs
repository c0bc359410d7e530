//! Limits that others have set.

use std::time::Duration;

use shortlease::{Db, Postgres};
use shortlease_tests::scratch::PostgresDatabase;

#[tokio::test]
async fn a_shorter_statement_timeout_of_the_url_is_kept() {
    let database = PostgresDatabase::new().await;
    for (options, shown) in [
        ("-c statement_timeout=2s", "2s"),
        ("-c statement_timeout=1h", "11s"),
        ("-c statement_timeout=0", "11s"),
        ("-c geqo=off", "11s"),
    ] {
        let options = options.replace(' ', "%20").replace('=', "%3D");
        let url = format!("{}?options={options}", database.url());
        let db = Db::<Postgres>::builder(url).connect_lazy().unwrap();
        let ask = || sqlx::query_scalar::<_, String>("SHOW statement_timeout");
        assert_eq!(db.session().fetch_one(ask()).await.unwrap(), shown);
        // A reset keeps it too.
        let sleep = sqlx::query("SELECT pg_sleep(600)");
        let mut session = db.session();
        let dropped = tokio::time::timeout(Duration::from_millis(100), session.execute(sleep));
        assert!(dropped.await.is_err());
        shortlease_tests::wait::until("the recovery", async || db.status().recovering == 0).await;
        assert_eq!(db.session().fetch_one(ask()).await.unwrap(), shown);
    }
}
