//! Limits that others have set.

use std::time::Duration;

use shortlease::{Db, Pooler, Postgres};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use shortlease_tests::scratch::PostgresDatabase;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPoolOptions;

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

#[tokio::test]
async fn so_is_that_of_the_role_or_the_database() {
    let server = Server::shared().await;
    let bouncer = PgBouncer::start(server, &[("ignore_startup_parameters", "")]).await;
    for (name, role, database, max_lease, shown) in [
        ("hasty", Some("2500ms"), "0", 10, "2500ms"),
        ("patient", Some("1h"), "2s", 10, "11s"),
        ("endless", Some("0"), "2s", 10, "11s"),
        ("of_database", None, "1min", 600, "1min"),
        ("none", None, "0", 10, "11s"),
    ] {
        let url = server.create_database(name).await;
        let mut set = format!("ALTER DATABASE {name} SET statement_timeout = '{database}'");
        if let Some(role) = role {
            set += &format!(
                "; ALTER ROLE postgres IN DATABASE {name} SET statement_timeout = '{role}'"
            );
        }
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut server.admin().await).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy(&url).unwrap();
        for builder in [
            Db::<Postgres>::builder(url),
            Db::<Postgres>::builder(bouncer.url(name)).pooler(Pooler::Transaction),
            Db::builder_from_pool(pool),
        ] {
            let db = builder.max_lease(Duration::from_secs(max_lease)).connect_lazy().unwrap();
            let ask = || sqlx::query_scalar::<_, String>("SHOW statement_timeout");
            assert_eq!(db.session().fetch_one(ask()).await.unwrap(), shown, "{name}");
            // A session may ask for more time all the same.
            let mut longer = db.session().setting("statement_timeout", "2h");
            assert_eq!(longer.fetch_one(ask()).await.unwrap(), "2h", "{name}");
            assert_eq!(db.session().fetch_one(ask()).await.unwrap(), shown, "{name}");
        }
    }
}
