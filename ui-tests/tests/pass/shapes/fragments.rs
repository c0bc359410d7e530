//! Handlers that a macro writes, and names that something else bears too.

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};

#[derive(Debug)]
struct ToolError;

impl From<Error> for ToolError {
    fn from(_: Error) -> Self {
        ToolError
    }
}

impl From<sqlx::Error> for ToolError {
    fn from(_: sqlx::Error) -> Self {
        ToolError
    }
}

macro_rules! handlers {
    ($name:ident, $output:ty, $of:ty) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> $output {
            db.lease(async |conn| {
                one(conn).await?;
                Ok(one(conn).await?)
            })
            .await
        }

        #[leased]
        async fn one(conn: &mut $of) -> Result<i64, sqlx::Error> {
            sqlx::query_scalar("SELECT 1").fetch_one(conn).await
        }
    };
}

handlers!(written, Result<i64, ToolError>, Conn<Sqlite>);

/// As crates have it.
trait Scope: Sized {
    fn run<T>(self, f: impl FnOnce(Self) -> T) -> T {
        f(self)
    }

    fn lend<T>(self, f: impl FnOnce(Self) -> T) -> T {
        f(self)
    }
}

impl<T> Scope for T {}

#[handler]
async fn scoped(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let two = db.lease(async |conn| Ok(one(conn).await? + one(conn).await?)).await?;
    Ok(two.run(|n| n + 1).lend(|n| n + 1))
}

struct Job(i64);

impl Job {
    #[leased]
    async fn fetch_one(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT $1").bind(self.0).fetch_one(conn).await
    }
}

struct Queue<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Queue<'_> {
    #[leased]
    async fn sum(&mut self, jobs: &[Job]) -> Result<i64, sqlx::Error> {
        let job = sqlx::query_scalar("SELECT 1");
        let mut sum: i64 = job.fetch_one(&mut *self.conn).await?;
        let job = sqlx::query_scalar::<_, i64>("SELECT 1");
        for job in jobs {
            sum += job.fetch_one(&mut *self.conn).await?;
        }
        if let Some(job) = jobs.first() {
            sum += job.fetch_one(&mut *self.conn).await?;
        }
        match jobs {
            [job, ..] => sum += job.fetch_one(&mut *self.conn).await?,
            [] => {}
        }
        let job = job.bind(1);
        sum += job.fetch_one(&mut *self.conn).await?;
        Ok(sum)
    }
}

#[handler]
async fn summed(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| Queue { conn }.sum(&[Job(10), Job(20)]).await).await
}

macro_rules! matching {
    ($name:ident, $pattern:pat, $value:expr) => {
        #[handler]
        #[deny(warnings)]
        async fn $name(db: &mut Session<Sqlite>) -> Result<i64, Error> {
            db.lease(async |conn| {
                let one: i64 = one(conn).await?;
                Ok(match (one, Some(one)) {
                    (_, Some($pattern)) if one > $value * 2 => 0,
                    ($pattern, _) => match one {
                        $pattern => $value * 2,
                        _ => -1,
                    },
                    _ => -2,
                })
            })
            .await
        }
    };
}
matching!(matched, 1 | 2, 3 + 4);

macro_rules! of_blocks {
    ($name:ident, $conn:ident, $first:block, $second:block) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<i64, Error> {
            let first = db.lease(|$conn| async move $first).await?;
            db.lease(async |$conn| {
                let second: Result<i64, Error> = async $second.await;
                Ok(first + second?)
            })
            .await
        }
    };
}
of_blocks!(in_blocks, conn, { Ok(one(conn).await?) }, { Ok(one(conn).await? + 1) });

macro_rules! with_items {
    ($($item:item)*) => {
        #[handler]
        async fn with_items(db: &mut Session<Sqlite>) -> Result<i64, Error> {
            $($item)*
            db.lease(async |conn| {
                $($item)*
                if true {
                    $($item)*
                }
                Ok(doubled(one(conn).await?) + COUNT.with(std::cell::Cell::get) + Pair(1, 2).sum())
            })
            .await
        }
    };
}
with_items! {
    thread_local!(static COUNT: std::cell::Cell<i64> = const { std::cell::Cell::new(3) });
    thread_local! { #[allow(unused)] static NAME: &'static str = "tool" }
    fn doubled(number: i64) -> i64 { number * 2 }
    #[allow(unused)] async fn later() -> i64 { std::future::ready(1).await }
    #[derive(Clone)] struct Pair(i64, i64);
    impl Pair { fn sum(self) -> i64 { self.0 + self.1 } }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(1).connect().await.unwrap();
    assert_eq!(written(&mut db.session()).await.unwrap(), 1);
    assert_eq!(scoped(&mut db.session()).await.unwrap(), 4);
    assert_eq!(summed(&mut db.session()).await.unwrap(), 52);
    assert_eq!(matched(&mut db.session()).await.unwrap(), 14);
    assert_eq!(in_blocks(&mut db.session()).await.unwrap(), 3);
    assert_eq!(with_items(&mut db.session()).await.unwrap(), 8);
}
