//! What macros are given and give in a lease: in its order, coerced, and gone in time.

use std::cell::Cell;
use std::fmt::Debug;

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};

trait Tool {
    fn name(&self) -> String;
}

struct Search;
struct Fetch(Cell<i64>);

impl Tool for Search {
    fn name(&self) -> String {
        "search".to_owned()
    }
}

impl Tool for Fetch {
    fn name(&self) -> String {
        self.0.set(self.0.get() + 1);
        format!("fetch {}", self.0.get())
    }
}

#[leased]
async fn bump(conn: &mut Conn<Sqlite>, n: &mut i64) -> Result<i64, sqlx::Error> {
    let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
    *n += one;
    Ok(*n)
}

#[leased]
async fn echo(conn: &mut Conn<Sqlite>, text: String) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT $1").bind(text).fetch_one(conn).await
}

#[handler]
async fn in_order(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let mut n = 0;
        assert_eq!(vec![n, bump(conn, &mut n).await?, n], [0, 1, 1]);
        let texts = vec![format!("{n}"), bump(conn, &mut n).await?.to_string(), format!("{n}")];
        assert_eq!(texts, ["1", "2", "2"]);
        assert_eq!(vec![n; bump(conn, &mut n).await?.try_into().unwrap()], [2; 3]);
        assert_eq!(std::vec![bump(conn, &mut n).await?], [4]);
        Ok(())
    })
    .await
}

#[handler]
async fn coerced(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let tools: Vec<Box<dyn Tool + Send>> = vec![Box::new(Search), Box::new(Fetch(Cell::new(0)))];
        for tool in &tools {
            let _ = tool.name();
        }
        let shown: Vec<&(dyn Debug + Sync)> = vec![&1, &"two"];
        assert_eq!(format!("{shown:?}"), "[1, \"two\"]");
        bump(conn, &mut 0).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn gone_in_time(db: &mut Session<Sqlite>, tool: Box<dyn Tool + Send>) -> Result<(), Error> {
    let name = db.lease(async move |conn| echo(conn, format!("{}", tool.name())).await).await?;
    assert_eq!(name, "fetch 1");
    Ok(())
}

struct Stats {
    calls: i64,
    sums: [i64; 2],
}

macro_rules! sums {
    ($stats:expr) => {
        $stats.sums
    };
}

/// A place by its own name, and by a macro's that is trusted to name it.
#[handler(trust(sums))]
async fn written(db: &mut Session<Sqlite>, stats: &mut Stats) -> Result<(), Error> {
    db.lease(async |conn| {
        stats.calls += 1;
        bump(conn, &mut stats.calls).await?;
        sums!(stats)[0] += 1;
        bump(conn, &mut sums!(stats)[1]).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(1).connect().await.unwrap();
    in_order(&mut db.session()).await.unwrap();
    coerced(&mut db.session()).await.unwrap();
    let mut stats = Stats { calls: 0, sums: [0; 2] };
    written(&mut db.session(), &mut stats).await.unwrap();
    assert_eq!((stats.calls, stats.sums), (2, [1; 2]));
    tokio::spawn(async move {
        gone_in_time(&mut db.session(), Box::new(Fetch(Cell::new(0)))).await.unwrap();
    })
    .await
    .unwrap();
}
